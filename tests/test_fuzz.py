"""Broken specs at random: shipped ones with something deleted, repeated or replaced, and specs that never were.

Whatever stands in a file, loading and reporting it either works or raises SpecError, whose problems can be shown and
lie inside the file. The seeds are fixed, so that a failure comes again.
"""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

import cnncalc
from cnncalc.ops import OPS
from cnncalc.spec.file import read_spec
from cnncalc.text.source import Problem, Source
from cnncalc.text.yaml_tree import parse_yaml

SPECS = Path(__file__).parent.parent / "specs"
NETWORKS = (
    "alexnet",
    "lenet5",
    "googlenet",
    "densenet121",
    "resnet50",
    "pix2pix_unet",
    "torchvision/mobilenet_v2",
    "torchvision/shufflenet_v2",
)
LIBRARY = "".join(
    path.read_text().partition("blocks:\n")[2] for path in sorted((SPECS / "blocks").glob("*.yaml"))
)

TOKENS = re.compile(r"[\w.]+|\s+|[^\w\s]")
PLAIN = """
    0 -1 1 2 3 7 64 1.5 010 1e6 1e30 0x10 1:30 99999999999999 1000000000000 true false no null ~ '' [] {} same valid all
    position input channels in_height in_depth width if not min 1x3 5x5x4 224x224x3 3x224x224 100x16 1x8x8x4 10 conv fc
    concat add multiply residual repeat side basic relu maxpool globalavgpool flatten reshape broadcast upsample slice
    pad shuffle bn when from share name tags params layers blocks branches shortcut skip times kernel stride filters
    groups connections like size conv1 pool1 한글 😀
"""
WORDS = (
    *PLAIN.split(),
    "[1, 2]",
    "[[0, 1], [1, 0]]",
    "[true, x]",
    "{a: 1}",
    '"min(1, 2)"',
    '"round_to(3, 0)"',
    "1 // 0",
    "1 % 0",
    '"a[0]"',
    "1 / 3",
    "channels * 2",
    "channels > 1",
    "in_height // 2",
)
SIGNS = (
    *"\"'[]{},:#|>%@?()x×+\\\t\r\n\0\x7f\xa0\u200b\u2028\u0300\ufeff",
    "",
    "- ",
    "<<",
    "==",
    "&a",
    "*a",
    "!!int",
    "\n  ",
    "\n- ",
)
VALUES = (
    "0",
    "1",
    "2",
    "3",
    "4",
    "5",
    "64",
    "1x3",
    "[1, 2]",
    "[[0, 1], [1, 0]]",
    "same",
    "true",
    "false",
    "channels",
    "channels // 2",
    "in_height",
    "n",
    "n / 2",
    "w",
    "flag",
    "list",
    "a",
    "b1",
    "input",
    "3x3x4",
    "[0, 2]",
    "0.5",
)


def mutated(text: str, chance: random.Random) -> str:
    """The text with up to four of its tokens deleted, repeated, replaced or swapped; in half of them only words."""
    tokens = TOKENS.findall(text)
    words = [place for place, token in enumerate(tokens) if token[0].isalnum()]
    if chance.random() < 0.5:
        for _ in range(chance.randint(1, 4)):
            tokens[chance.choice(words)] = chance.choice([*WORDS, tokens[chance.choice(words)]])
        return "".join(tokens)
    for _ in range(chance.randint(1, 4)):
        at, other = chance.randrange(len(tokens)), chance.randrange(len(tokens))
        match chance.randrange(5):
            case 0:
                del tokens[at : at + chance.randint(1, 3)]
            case 1:
                tokens.insert(at, tokens[at])
            case 2:
                tokens[at] = chance.choice([*WORDS, *SIGNS])
            case 3:
                tokens[at], tokens[other] = tokens[other], tokens[at]
            case _:
                tokens.insert(at, chance.choice([*WORDS, *SIGNS]))
        tokens = tokens or ["x"]
    return "".join(tokens)


def invented(chance: random.Random) -> str:
    """Layers of words of the language, in no order."""
    lines = ["input: 8x8x4", "layers:"]
    for _ in range(chance.randint(1, 8)):
        known = [*WORDS, *SIGNS] if chance.random() < 0.2 else WORDS
        fields = ", ".join(
            f"{chance.choice(known)}: {chance.choice(known)}" for _ in range(chance.randint(0, 3))
        )
        indent = "  " * (chance.randint(0, 3) if chance.random() < 0.2 else 1)
        lines.append(
            f"{indent}- {chance.choice(known)}"
            + (f": {{{fields}}}" if chance.random() < 0.8 else "")
        )
    return "\n".join(lines)


def plausible(chance: random.Random) -> str:
    """Layers of real ops with their own fields, whose values may suit or not."""
    inputs = ("8x8x4", "9x5x3", "16x4", "4x6x6x2", "100", "[n * 2, 8, 4]", "1x1x1")
    lines = [
        "blocks: {b: {params: {p: 2}, layers: [conv: {filters: p, kernel: p}, relu: {name: r}]}}",
        "params: {n: 2, w: same, flag: true, list: [1, 2]}",
        f"input: {chance.choice(inputs)}",
        "layers:",
    ]
    return "\n".join([*lines, *(f"- {layer(chance, 2)}" for _ in range(chance.randint(1, 7)))])


def layer(chance: random.Random, depth: int) -> str:
    """One layer in one line; `depth` is how many layers may be around another."""
    kind = (
        chance.choice(("op", "op", "op", "op", "block", "merge", "repeat", "residual", "side"))
        if depth
        else "op"
    )
    if kind == "op":
        op = chance.choice([one for one in OPS.values() if not one.merges])
        given = [field.name for field in op.fields if field.required or chance.random() < 0.4]
        word, fields = op.kind, [f"{name}: {chance.choice(VALUES)}" for name in given]
    elif kind == "block":
        word, fields = "b", [f"p: {chance.choice(VALUES)}"]
    elif kind == "merge":
        word = chance.choice(("concat", "add", "multiply"))
        fields = [f"branches: [{listed(chance, depth)}, {listed(chance, depth)}]"]
    elif kind == "repeat":
        word, fields = (
            "repeat",
            [f"times: {chance.choice(VALUES)}", f"layers: {listed(chance, depth)}"],
        )
    else:
        word, fields = kind, [f"layers: {listed(chance, depth)}"]
    if chance.random() < 0.6:
        fields.append(
            chance.choice(("name: a", "name: b1", "from: a", "from: input", "share: a", "from: b1"))
        )
    when = chance.choice(("", "", "", ", when: flag", ", when: channels > 3", ", when: n == 3"))
    return f"{{{word}: {{{', '.join(fields)}}}{when}}}"


def listed(chance: random.Random, depth: int) -> str:
    return f"[{', '.join(layer(chance, depth - 1) for _ in range(chance.randint(0, 3)))}]"


def cases(count: int, seed: int) -> list[str]:
    """Texts to try: half of them are shipped specs with something wrong."""
    chance = random.Random(seed)
    texts = [(SPECS / "networks" / f"{name}.yaml").read_text() for name in NETWORKS]
    texts.append(f"input: 8x8x4\nlayers: [relu]\nblocks:\n{LIBRARY}")
    made = (invented, plausible, lambda chance: mutated(chance.choice(texts), chance))
    return [made[min(index % 4, 2)](chance) for index in range(count)]


def check_problem(problem: Problem) -> None:
    """A problem has something to say, and lies inside the file."""
    lines = problem.span.source.text.split("\n")
    assert problem.message.isprintable()
    assert 1 <= problem.line <= len(lines)
    assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1
    assert str(problem).startswith(f"{problem.file}:{problem.line}:{problem.column}: error: ")


def said_of(text: str) -> str:
    """All that loading and reporting a spec says: a result, or what is wrong."""
    try:
        net = cnncalc.loads(text, name="net.yaml")
        return f"{net.report().totals} {net.notes()} {[verdict.status for verdict in net.check_claims()]}"
    except cnncalc.SpecError as error:
        for problem in error.problems:
            check_problem(problem)
        return str(error)


@pytest.mark.parametrize("seed", range(10))
def test_a_broken_spec_is_refused_or_works_but_never_crashes(seed: int) -> None:
    for text in cases(40, seed):
        try:
            assert said_of(text)
        except Exception:
            print(f"the spec was:\n{text}")
            raise


def both_ways(source: Source, *, pure: bool) -> object:
    """The problems of a spec before it is walked."""
    try:
        return read_spec(source, pure=pure).problems
    except cnncalc.SpecError as error:
        return error.problems


@pytest.mark.parametrize("seed", range(5))
def test_the_pure_parser_says_the_same_of_broken_specs(seed: int) -> None:
    for text in cases(16, 1000 + seed):
        source = Source("net.yaml", text)
        assert parse_yaml(source) == parse_yaml(source, pure=True), text
        assert both_ways(source, pure=False) == both_ways(source, pure=True), text


@pytest.mark.parametrize("length", [0, 1, 2, 3, 10, 1000])
def test_bytes_of_any_kind_are_refused(length: int, tmp_path: Path) -> None:
    chance = random.Random(length)
    file = tmp_path / "net.yaml"
    for _ in range(20):
        file.write_bytes(chance.randbytes(length))
        with pytest.raises(cnncalc.SpecError) as caught:
            cnncalc.load(file)
        assert str(caught.value).startswith(f"{file}:")
