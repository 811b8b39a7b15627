"""What may stand at a place of a spec: `|` is the cursor; the words are those of the ops and the schema themselves."""

from __future__ import annotations

import pytest
from extent import SWEEP

import cnncalc
from cnncalc.ops import OPS
from cnncalc.spec.completions import MOST, complete
from cnncalc.spec.file import SPEC
from cnncalc.spec.layers import COMBINATORS, COMMON_FIELDS
from cnncalc.spec.shipped import block_names, network_files

HEAD = "input: 32x32x3\nparams: {width: 4}\nlayers:\n"


def found(text: str, *layers: str) -> list[str]:
    """What is written for each completion at the cursor."""
    place = text.index("|")
    return [one.written for one in complete(text.replace("|", "", 1), place, layers).found]


def taken(text: str, number: int = 0) -> str:
    """A text after a completion is taken, with the cursor."""
    place = text.index("|")
    plain = text.replace("|", "", 1)
    start, end, words = complete(plain, place)
    one = words[number]
    cursor = start + len(one.written) - one.back
    changed = plain[:start] + one.written + plain[end:]
    return changed[:cursor] + "|" + changed[cursor:]


def test_every_layer_is_offered_where_a_layer_may_stand() -> None:
    words = {word.removesuffix(": {}") for word in found(HEAD + "  - |")}
    assert words == {*OPS, *COMBINATORS, *block_names()}
    assert len(words) < MOST


def test_every_field_of_an_op_is_offered_and_none_by_another_name() -> None:
    for name, op in OPS.items():
        words = {word.removesuffix(": ") for word in found(f"{HEAD}  - {name}: {{|}}\n")}
        assert {*COMMON_FIELDS, *(field.name for field in op.fields)} <= words, name
        assert not words & {alias for field in op.fields for alias in field.aliases}, name


def test_every_key_of_a_spec_is_offered_at_its_top() -> None:
    assert {word.removesuffix(": ") for word in found("|\nlayers: [relu]\n")} == {*SPEC.keys} - {
        "layers"
    }


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("inp|", "input: "),
        ("input: 3x3x3\nla|", "layers: "),
        (HEAD + "  - con|", "conv: {}"),
        (HEAD + "  - con|\n  - relu\n", "conv: {}"),
        (HEAD + "  - rel|", "relu"),
        (HEAD + "  - bas|", "basic: {}"),
        (HEAD + "  - conv: {fil|", "filters: "),
        (HEAD + "  - conv: {fil|}\n  - relu\n", "filters: "),
        (HEAD + '  - conv: {name: "a", fil|', "filters: "),
        (HEAD + "  - relu ]\n  - con|", "conv: {}"),
        (HEAD + "  - conv: {name: 'it', fil|", "filters: "),
        (HEAD + "  - concat: [[relu], # } first\n    [con|", "conv: {}"),
        (HEAD + "  - concat: [[conv: {filters: 3, kernel: [1, 1], pa|", "pad: "),
        (HEAD + "  - conv: {filters: 3, k|ern: 3}\n", "kernel"),
        (HEAD + "  - conv:\n      filters: 3\n      k|\n  - relu\n", "kernel: "),
        (HEAD + "  - [conv: {filters: 8, kernel: 3}, rel|\n  - relu\n", "relu"),
        (HEAD + "  - residual:\n    - conv: {filters: 8, kernel: 3}\n    - rel|", "relu"),
        (HEAD + "  - repeat: {times: 3, layers: [con|", "conv: {}"),
        (HEAD + "  - conv: {filters: 3, pad: s|}\n", "same"),
        (HEAD + "  - conv: {filters: w|}\n", "width"),
        (HEAD + "  - conv: {bias: f|}\n", "false"),
        (HEAD + "  - add: {from: [fir|", "first"),
        ("input: 3x3x3\nclaims:\n  - {par|", "params: "),
        ("defaults: {conv: {k|}}\n", "kernel: "),
    ],
)  # fmt: skip
def test_what_comes_first(text: str, first: str) -> None:
    assert found(text, "first")[0] == first


def test_names_of_layers_are_offered_where_a_layer_is_named() -> None:
    text = HEAD + "  - conv: {name: stem, filters: 8, kernel: 3}\n  - conv: {from: |"
    assert found(text) == ["input", "stem"]
    assert found(text, "stem", "conv1") == ["input", "stem", "conv1"]
    assert found("input: {left: 8x8x1, right: 8x8x1}\nlayers:\n  - add: {from: [r|") == ["right"]


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "  - relu # con|",
        HEAD + "  - conv: {name: c|}\n",
        HEAD + "  - conv: {filters: 8, zzz|",
        "title: a|",
        "{{|",
        "|",
    ],
)
def test_nothing_is_offered_where_anything_may_stand(text: str) -> None:
    assert text == "|" or found(text) == []


def test_what_is_taken_leaves_the_cursor_among_the_fields() -> None:
    assert taken(HEAD + "  - con|\n  - relu\n") == HEAD + "  - conv: {|}\n  - relu\n"
    assert taken(HEAD + "  - conv: {fil|, kernel: 3}") == HEAD + "  - conv: {filters: |, kernel: 3}"


def test_a_field_that_is_given_is_not_offered_again() -> None:
    assert "filters: " not in found(HEAD + "  - conv: {filters: 3, |}")


def test_places_are_in_characters() -> None:
    text = "title: \N{GRINNING FACE}\ninput: 8x8x1\nlay"
    assert complete(text, len(text))[:2] == (len(text) - 3, len(text))


def test_a_network_written_letter_by_letter_never_fails() -> None:
    text = network_files()["lenet5"].path.read_text(encoding="utf-8")
    for place in range(0, len(text), 1 if SWEEP else 19):
        complete(text[:place], place)


def test_what_is_offered_is_sound() -> None:
    """A spec of nothing but the first completions can be read."""
    text = taken(taken("input: 8x8x1\nlayers:\n  - con|").replace("|", "fil|"))
    text = taken(text.replace("|", "2, ker|"))
    assert cnncalc.loads(text.replace("|", "3")).report().totals.params == 20
