"""Slips with any quantity: the wrong row or column, the wrong unit, a slip of the pen, another input."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.homework import answers
from cnncalc.homework.answers import ReadAnswer
from cnncalc.homework.slips.base import Surroundings, numbers_slip, reading_slip
from cnncalc.homework.variant import Value
from cnncalc.text.messages import message

_POWERS = (3, -3, 6, -6, 1, -1, 2, -2, 9, -9)


@reading_slip(
    "k-is-1024",
    "any",
    part="unit",
    formula="K read as 1024",
    message=message(
        "K, M and G stand for powers of 1000 here; write Ki, Mi or Gi for those of 1024."
    ),
    concept=message("K and Ki"),
)
def k_is_1024(reading: ReadAnswer) -> Iterator[ReadAnswer]:
    """Yield the suffix as a power of 1024."""
    if reading.number is not None:
        yield reading._replace(number=reading.number.with_base(1024))


@reading_slip(
    "k-is-1000",
    "any",
    part="unit",
    formula="Ki read as 1000",
    message=message("Ki, Mi and Gi stand for powers of 1024; write K, M or G for those of 1000."),
    concept=message("K and Ki"),
)
def k_is_1000(reading: ReadAnswer) -> Iterator[ReadAnswer]:
    """Yield the suffix as a power of 1000."""
    if reading.number is not None:
        yield reading._replace(number=reading.number.with_base(1000))


@reading_slip(
    "wrong-unit",
    "any",
    part="unit",
    formula="a power of ten away: 1, 2, 3, 6 or 9",
    message=message("Check the unit, and where the decimal point stands."),
    concept=message("thousand, million, billion (K, M, G)"),
)
def wrong_unit(reading: ReadAnswer) -> Iterator[ReadAnswer]:
    """Yield a power of ten away: 1, 2, 3, 6 or 9."""
    if reading.number is not None:
        for power in _POWERS:
            yield answers.scaled(reading, power)


@numbers_slip(
    "neighbouring-layer",
    "any",
    part="row",
    formula="the row before or after",
    message=message("This belongs to a neighbouring layer: check the row."),
    concept=message("the order of the layers"),
)
def neighbouring_layer(question: Surroundings) -> Iterator[Value]:
    """Yield the row before or after in the same column."""
    yield from question.neighbours


@numbers_slip(
    "swapped-column",
    "any",
    part="column",
    formula="another column of the row",
    message=message("This is another quantity of this layer: check the column."),
    concept=message("what is asked for"),
)
def swapped_column(question: Surroundings) -> Iterator[Value]:
    """Another column of the row."""
    yield from question.columns


@numbers_slip(
    "row-left-out",
    "any",
    part="rows",
    formula="the sum without one row",
    unusual=True,
    message=message("A row of the sum is missing."),
    concept=message("adding up the layers"),
)
def row_left_out(question: Surroundings) -> Iterator[Value]:
    """Leave one row out of a sum, or all rows of one kind."""
    if isinstance(question.right, int):
        kinds: dict[str, int] = {}
        for kind, share in question.rows:
            kinds[kind] = kinds.get(kind, 0) + share
            yield question.right - share
        for share in kinds.values():
            yield question.right - share


@numbers_slip(
    "row-twice",
    "any",
    part="rows",
    formula="the sum with one row twice",
    unusual=True,
    message=message("A row is added twice."),
    concept=message("adding up the layers"),
)
def row_twice(question: Surroundings) -> Iterator[Value]:
    """Add one row of a sum twice."""
    if isinstance(question.right, int):
        for _, share in question.rows:
            yield question.right + share


@reading_slip(
    "cut-not-rounded",
    "any",
    part="digits",
    formula="the digits cut, not rounded",
    message=message("The digits behind are cut; round the last one that you write."),
    concept=message("rounding"),
)
def cut_not_rounded(reading: ReadAnswer) -> Iterator[ReadAnswer]:
    """Read a number as cut to its digits: up to a whole unit of the last one is missing."""
    number = reading.number
    if number is not None and not number.full and number.value > 0:
        yield reading._replace(number=number._replace(value=number.value + number.half))


@reading_slip(
    "swapped-digits",
    "any",
    part="digits",
    formula="two adjacent digits exchanged",
    message=message("Two neighbouring digits seem to be exchanged: copy the number again."),
    concept=message("copying a number"),
)
def swapped_digits(reading: ReadAnswer) -> Iterator[ReadAnswer]:
    """Two adjacent digits exchanged."""
    yield from answers.exchanged(reading)
