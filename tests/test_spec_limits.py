"""Limits of a spec, as docs/limits.md promises them: what reaches one is read, one more is told, at its place."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

import cnncalc
from cnncalc.spec import walk
from cnncalc.text.source import Problem

PROMISED = {
    what: int(most.replace(",", ""))
    for what, most in re.findall(
        r"^\| a spec \| (.*) \| ([\d,]+) \|$",
        (Path(__file__).parent.parent / "docs" / "limits.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
}
"""What a spec may have at most."""


def spec(layers: str, more: str = "") -> str:
    return f"input: 8x8x4\n{more}layers: {layers}\n"


def wrong(text: str) -> list[Problem]:
    """What is wrong with a spec; a refusal says something."""
    try:
        cnncalc.loads(text)
    except cnncalc.SpecError as error:
        return [*error.problems] or pytest.fail("refused without a word")
    return []


def flow(word: str, count: int) -> str:
    """So many items of a list, numbered where the word has a place for it."""
    return ", ".join(word.format(number) for number in range(count))


def grown(count: int) -> str:
    """Layers that join so many maps in all: each turn those of the one before and one more, the last what is left."""
    turns, joined = 0, 0
    while joined + turns + 2 <= count:
        joined += turns + 2
        turns += 1
    dense = "concat: {branches: [[], [conv: {filters: 1, kernel: 1}]], grow: true}"
    wide = f"relu, concat: {{branches: [{flow('[]', count - joined)}], grow: true}}"
    return f"[repeat: {{times: {turns}, layers: [{dense}]}}{', ' + wide if joined < count else ''}]"


REACHED: dict[str, Callable[[int], str]] = {
    "layers, expanded": lambda n: spec(f"[repeat: {{times: {n}, layers: [relu]}}]"),
    "layers, expanded by a parameter": lambda n: spec(
        "[repeat: {times: n, layers: [relu]}]", f"params: {{n: {n}}}\n"
    ),
    "layers, expanded by a number from none": lambda n: spec(
        f"[repeat: {{times: {n}, layers: []}}]"
    ),
    "layers, expanded by a parameter from none": lambda n: spec(
        "[relu, repeat: {times: n, layers: []}]", f"params: {{n: {n}}}\n"
    ),
    "layers, expanded by hand": lambda n: spec(f"[{flow('relu', n)}]"),
    "layers, expanded by a block": lambda n: spec(
        f"[b: {n % 100 or 100}, repeat: {{times: {(n - 1) // 100}, layers: [b: 100]}}]",
        "blocks: {b: {params: {n: }, layers: [repeat: {times: n, layers: [relu]}]}}\n",
    ),
    "maps that all concats with `grow` join": lambda n: spec(grown(n)),
    "parameters of a list": lambda n: spec(
        "[conv: {filters: p5, kernel: 1}]", f"params: {{{flow('p{}: 3', n)}}}\n"
    ),
    "functions of a list": lambda n: spec(
        "[conv: {filters: f5(2), kernel: 1}]", f"define: {{{flow('f{}(n): n * n', n)}}}\n"
    ),
    "claims": lambda n: spec("[relu]", f"claims: [{flow('{{params: 0}}', n)}]\n"),
}


@pytest.mark.parametrize("what", REACHED)
def test_what_reaches_a_limit_is_read_and_one_more_is_one_problem(what: str) -> None:
    most = PROMISED[re.sub(" by .*", "", what)]
    assert wrong(REACHED[what](most)) == []
    (problem,) = wrong(REACHED[what](most + 1))
    assert (problem.code, f"the limit of {most:,}" in problem.message) == ("limit", True)


def test_two_beyond_a_limit_are_one_problem() -> None:
    most = PROMISED["functions of a list"]
    (problem,) = wrong(REACHED["functions of a list"](most + 2))
    assert problem.code == "limit"


def test_layers_that_are_left_out_are_walked_within_a_limit_too() -> None:
    """80,000 steps, four for each layer that there may be. A use of `none` walks its repeat and n layers."""
    none = "blocks: {none: {params: {n: }, layers: [repeat: {times: n, layers: [{relu: {}, when: n < 0}]}]}}\n"
    turns = [f"repeat: {{times: {times}, layers: [none: 100]}}" for times in (195,) * 4 + (3,)]
    start = ", ".join(["none: 100", *turns])
    # seven layers at the top; 101 in the first use; 102, the use itself too, in 4 · 195 + 3 turns; 1 + 25 in the last
    assert 7 + 101 + (4 * 195 + 3) * 102 + 1 + 25 == 80_000
    assert wrong(spec(f"[{start}, none: 25]", none)) == []
    for more in ("none: 26", "none: 100"):
        (problem,) = wrong(spec(f"[{start}, {more}]", none))
        assert problem.code == "limit"


def test_what_is_joined_anew_is_taken_within_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first takes the input and a map, the second these two and another one: five."""
    grown = "concat: {branches: [[], [conv: {filters: 2, kernel: 1}]], grow: true}"
    monkeypatch.setattr(walk, "MAX_TAKEN", 5)
    assert wrong(spec(f"[{grown}, {grown}]")) == []
    monkeypatch.setattr(walk, "MAX_TAKEN", 4)
    (problem,) = wrong(spec(f"[{grown}, {grown}]"))
    assert (problem.code, "the limit of 4 maps" in problem.message) == ("limit", True)


DEEPEST = 40
"""Lists of layers inside each other, as the page says below its table; `layers` is the first."""


def nested(depth: int, last: str) -> str:
    """Lists of layers inside each other: `[residual: [residual: [relu]]]` are three."""
    return f"[{last}]" if depth == 1 else f"[residual: {nested(depth - 1, last)}]"


def in_blocks(depth: int) -> str:
    """So many lists, each but the first in a block of its own."""
    blocks = "".join(f"  b{at}: {{layers: [b{at + 1}]}}\n" for at in range(2, depth))
    return spec("[b2]", f"blocks:\n{blocks}  b{depth}: {{layers: [relu]}}\n")


def in_a_block_that_was_used_before(depth: int) -> str:
    """Half of them in a block that has been compiled where it is not as deep."""
    deep = f"blocks: {{deep: {{layers: {nested(20, 'relu')}}}}}\n"
    return spec(f"[deep, residual: {nested(depth - 21, 'deep')}]", deep)


def in_two_blocks_that_were_used_before(depth: int) -> str:
    """The same, the lists of the block being half in another."""
    inner = f"  inner: {{layers: {nested(10, 'relu')}}}\n"
    blocks = f"blocks:\n{inner}  deep: {{layers: {nested(10, 'inner')}}}\n"
    return spec(f"[deep, residual: {nested(depth - 21, 'deep')}]", blocks)


@pytest.mark.parametrize(
    "made", [in_blocks, in_a_block_that_was_used_before, in_two_blocks_that_were_used_before]
)
def test_lists_of_layers_nest_as_deep_as_the_page_says(made: Callable[[int], str]) -> None:
    assert wrong(made(DEEPEST)) == []
    (problem,) = wrong(made(DEEPEST + 1))
    assert (problem.code, f"the limit of {DEEPEST} lists" in problem.message) == ("depth", True)
