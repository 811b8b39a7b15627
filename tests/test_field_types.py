"""What a field takes: the reader and the JSON Schema say the same, and what is refused is said with its place."""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import product
from typing import Any

import jsonschema
import pytest

import cnncalc
from cnncalc.ops import OPS
from cnncalc.ops.field_types import (
    Dimensions,
    Ends,
    FieldError,
    FieldType,
    Fractional,
    KeptAxes,
    Padding,
    PerAxis,
    Range,
)
from cnncalc.ops.fields import read_option

NUMBERS = (-1, 0, 1, True)
PAIRS = [list(pair) for pair in product(NUMBERS, (0, 1, True))]
WORDS = ("same", "valid", "position", "keep", "all", "zeros", "nearest", "width", "other")
VALUES: list[Any] = [
    *NUMBERS,
    *WORDS,
    [],
    *([one] for one in NUMBERS),
    *PAIRS,
    *([one] * count for one, count in product((0, 1), (3, 4, 5))),
    *([pair] for pair in PAIRS),
    *([pair, [1, 2]] for pair in PAIRS),
    *([[0, 1]] * count for count in (3, 4)),
    [[0], [0, 1]],
    [[0, 1, 2], [1]],
    [[0, 1, 2]],
    [[]],
]
"""Numbers, words, and lists of numbers, some of which each field takes."""

KINDS = {
    (type(field.kind).__name__, field.kind.expected): field.kind
    for op in OPS.values()
    for field in op.fields
    if not field.kind.is_layer_name
}
ORDERED = ("[first, end]", "input maps")
"""Fields in which numbers must go together, which no schema says."""


def frozen(value: Any) -> Any:
    return tuple(map(frozen, value)) if isinstance(value, list) else value


def is_taken(kind: FieldType, value: Any) -> bool:
    """Whether the field takes it on a line, a map or a cube."""
    for rank in (1, 2, 3):
        try:
            kind.normal(frozen(value), rank)
        except FieldError:
            continue
        return True
    return False


@pytest.mark.parametrize("kind", KINDS.values(), ids=[" ".join(name)[:40] for name in KINDS])
def test_the_schema_of_a_field_takes_what_the_field_takes(kind: FieldType) -> None:
    schema = jsonschema.Draft202012Validator(kind.schema())
    for value in VALUES:
        if schema.is_valid(value) != is_taken(kind, value):
            assert any(word in kind.expected for word in ORDERED), value
            assert schema.is_valid(value), value
            assert re.search("[0-9]", str(value)), value
            assert "-" not in str(value), value


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        ("slice: {channels: [-1, 2]}", "channels: expected [first, end] with 0 <= first < end, or all, not [-1, 2]"),
        ("slice: {channels: [2, 2]}", "channels: expected [first, end] with 0 <= first < end, or all, not [2, 2]"),
        ("pad: {channels: [[-1, 2]]}", "channels: expected a whole number of at least 0, or [[before, after]], "
         "not the list [[-1, 2]]"),
        ("conv: {filters: 1, kernel: 2, connections: [[0, 0]]}",
         "connections: an input map is listed twice for one filter"),
        ("conv: {filters: 1, kernel: 2, connections: [[-1]]}",
         "connections: an input map is a whole number from 0, not -1"),
        ("conv: {filters: 1, kernel: [channels // 0, 2]}", "division by zero"),
        ("conv: {filters: 1, kernel: 1x1000000000001}", "a number here is outside the limit of 1,000,000,000,000"),
        ("conv: {filters: 1, kernel: 1x1000000000000}", "the map vanishes: the kernel (1000000000000) is larger than "
         "the width of the input, 4 (the input is 4x4x3)"),
        ("conv: {filters: 1, kernel: 7, pad: [[2, 0], [3, 3]]}", "the map vanishes: the kernel (7) is larger than "
         "the height of the padded input, 4 + 2 + 0 = 6 (the input is 4x4x3)"),
    ],
)  # fmt: skip
def test_a_value_that_is_refused(layer: str, said: str) -> None:
    with pytest.raises(cnncalc.SpecError) as refusal:
        cnncalc.loads(f"input: 4x4x3\nlayers:\n- {layer}\n")
    (problem,) = refusal.value.problems
    assert problem.message.removeprefix("conv1: ") == said
    assert problem.span.line == 3


@pytest.mark.parametrize(
    ("value", "part"),
    [
        ("[min(channels, 2, 3), 1]", "min(channels, 2, 3)"),
        ("[1, max(1, (2), min(3, 4)), 2]", "max(1, (2), min(3, 4))"),
        ("[max(1, min(3, 4), 2]", "max(1, min(3, 4)"),  # and not closed
        ("[min(1, 2), max(3, 4)]", "min(1, 2)"),
    ],
)
def test_an_expression_that_commas_break_is_marked_whole(value: str, part: str) -> None:
    line = f"- conv: {{filters: 1, kernel: {value}}}"
    with pytest.raises(cnncalc.SpecError) as refusal:
        cnncalc.loads(f"input: 4x4x3\nlayers:\n{line}\n")
    (problem,) = refusal.value.problems
    assert problem.code == "broken-expression"
    start = problem.span.column - 1
    assert line[start : start + problem.span.length] == part


@pytest.mark.parametrize("value", ["{a: 3}", "3 +", "[min(3, 3)]", "channels", "3 3"])
def test_an_option_is_refused_as_a_field_of_a_spec_is(value: str) -> None:
    with pytest.raises(cnncalc.SpecError) as refusal:
        read_option("--kernel", value, PerAxis(), 2)
    (problem,) = refusal.value.problems
    assert problem.message == f"expected {PerAxis().expected}, not '{value}'"


@pytest.mark.parametrize("kind", [kind for kind in KINDS.values() if not kind.is_text])
def test_what_is_written_is_read_again(kind: FieldType) -> None:
    for value, rank in product(VALUES, (1, 2, 3)):
        try:
            normal = kind.normal(frozen(value), rank)
        except FieldError:
            continue
        assert read_option("it", kind.written(normal), kind, rank) == normal, (value, rank)


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        (PerAxis(), (3, 3), "3"),
        (PerAxis(), (1, 7), "1x7"),
        (KeptAxes(), ("keep", 4), "[keep, 4]"),
        (Padding(), ((1, 1), (1, 1)), "1"),
        (Padding(), ((0, 0), (1, 1)), "[0, 1]"),
        (Padding(), ((0, 1), (0, 1)), "[[0, 1], [0, 1]]"),
        (Padding(), ((0, 1), (2, 2)), "[[0, 1], 2]"),
        (Padding(), "same", "same"),
        (Ends(), (2, 2), "2"),
        (Ends(), (0, 2), "[[0, 2]]"),
        (Range(), (0, 4), "[0, 4]"),
        (Range(), None, "all"),
        (Dimensions(), (7, 7, 256), "7x7x256"),
        (Fractional(), Fraction(7, 20), "0.35"),
        (Fractional(), Fraction(-1, 3), "-1/3"),
        (Fractional(), Fraction(1, 10**5), "0.00001"),
        (Fractional(), 2, "2"),
        (Fractional(), Fraction(10**12, 7), "1000000000000/7"),  # the largest number of a spec
    ],
)
def test_a_value_is_written_as_short_as_it_may_be(kind: FieldType, value: Any, text: str) -> None:
    assert kind.written(value) == text


def test_a_fraction_of_larger_numbers_than_a_spec_has_is_written_as_near_as_it_may_be() -> None:
    text = Fractional().written(Fraction(10**12 + 1, 7))
    assert "/" not in text
    assert float(text) == float(Fraction(10**12 + 1, 7))


@pytest.mark.parametrize(
    ("layer", "part"),
    [
        ("conv: {filters: 1, kernel: [3, 0]}", "0"),
        ("conv: {filters: 1, kernel: 3x0}", "3x0"),
        ("conv: {filters: 1, kernel: 2, pad: [[0, -1], 1]}", "-1"),
        ("conv: {filters: 1, kernel: 2, pad: [1, -1]}", "-1"),
        ("conv: {filters: 2, kernel: 2, connections: [[0], [1, -2]]}", "-2"),
        ("conv: {filters: 2, kernel: 2, connections: [[0], [1, 1]]}", "[1, 1]"),
        ("conv: {filters: 1, kernel: [1, 2, 3]}", "[1, 2, 3]"),
        ("conv: {filters: 1 + kernels, kernel: 1}", "kernels"),
        ('conv: {filters: "1 + kernels", kernel: 1}', "kernels"),
        ("conv: {filters: 1, kernel: 07}", "07"),
        ("conv: {filters: 1, kernel: 1x07}", "1"),
        ("conv: {filters: channels // 0, kernel: 1}", "//"),
        ('conv: {filters: "channels // 0", kernel: 1}', "//"),
    ],
)
def test_the_part_of_a_value_that_is_marked(layer: str, part: str) -> None:
    with pytest.raises(cnncalc.SpecError) as refusal:
        cnncalc.loads(f"input: 4x4x3\nlayers:\n- {layer}\n")
    (problem,) = refusal.value.problems
    start = problem.span.column - 3
    assert layer[start:].startswith(part)
    marked = part[:1] if part.startswith("[") else part  # a list by its bracket
    assert problem.span.length == len(marked)
