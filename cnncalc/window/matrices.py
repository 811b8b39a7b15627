"""Numbers on a grid: read as people write matrices, exact, and shown as people write numbers.

A matrix is rows at line ends or `;`, numbers between blanks, commas or tabs, and a blank row (`;;`) before the next
matrix. Lists in brackets, as Python and NumPy print them, are read too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import product
from math import prod
from typing import NamedTuple, TypeAlias

from cnncalc.ops.shapes import format_shape
from cnncalc.text.exact import Exact, whole
from cnncalc.text.limits import RAISED, limit
from cnncalc.text.source import Problem, Source, Span, SpecError

Numbers: TypeAlias = str | int | float | Decimal | Fraction | Sequence["Numbers"]
"""A matrix as text, a number, or nested lists of either. A float is taken by its shortest decimal: 0.3 is 3/10.

A Grid or a WrittenGrid, already read, stands for itself.
"""

MAX_NUMBER_LENGTH = 60
MAX_EXPONENT = 30
MAX_AXES = 6

MAX_TEXT = limit(500_000)
"""Characters of a matrix as it is written."""

_SIGNS: dict[int, int | str] = {
    wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)
}  # full-width ASCII
_SIGNS |= str.maketrans("−–、│┃\u200b\ufeff", "--,||  ")
_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?(?:/\d+)?"
_CELL = re.compile(r"[^\s,|]+")
_RULE = re.compile(r"[\s|:+-]*--[\s|:+-]*")
_TOKEN = re.compile(
    rf"(?P<number>{_NUMBER})(?![\w./])|(?P<bracket>[\[\]()])|[\s,]+|(?P<wrong>[^\[\](),\s]+)"
)


class GridError(ValueError):
    """What is wrong with a matrix, and which of the text's characters are to blame (`start` from 0)."""

    def __init__(self, message: str, hint: str = "", start: int = 0, length: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.start = start
        self.length = length

    def located(self, name: str, text: str) -> SpecError:
        """Return the error for whoever wrote the text; `name` says where it was given."""
        source = Source(name, text)
        line = text.count("\n", 0, self.start) + 1
        column = self.start - (text.rfind("\n", 0, self.start) + 1) + 1
        return SpecError(
            [Problem(Span(source, line, column, self.length), "numbers", self.message, self.hint)]
        )


class Grid(NamedTuple):
    """Exact numbers on a grid of any number of axes; `values` has the last axis fastest."""

    shape: tuple[int, ...]
    values: tuple[Exact, ...]

    def __str__(self) -> str:
        """Return the numbers as text that can be read back: `6 7; 10 8`, and `;;` between matrices."""
        return self.text()

    def text(self, digits: int | None = None) -> str:
        """Return the numbers as text; `digits` is the most decimals shown."""
        return ";; ".join(
            "; ".join(" ".join(row) for row in matrix) for matrix in self.matrices(digits)
        )

    def matrices(self, digits: int | None = None) -> list[list[list[str]]]:
        """Return the numbers as text, as rows of each matrix of the last two axes."""
        width = self.shape[-1] if self.shape else 1
        height = self.shape[-2] if len(self.shape) > 1 else 1
        shown = [show_number(value, digits) for value in self.values]
        rows = [shown[start : start + width] for start in range(0, len(shown), width)]
        return [rows[start : start + height] for start in range(0, len(rows), height)]

    def parts(self) -> tuple[Grid, ...]:
        """Return the grids along the first axis."""
        size = prod(self.shape[1:])
        return tuple(
            Grid(self.shape[1:], self.values[start : start + size])
            for start in range(0, len(self.values), size)
        )

    def at(self, place: Sequence[int]) -> Exact:
        """Return the number at a place, from 0 along each axis."""
        index = 0
        for size, position in zip(self.shape, place, strict=True):
            index = index * size + position
        return self.values[index]

    def lifted(self, axes: int) -> Grid:
        """Return the same numbers with axes of size 1 before them, so that there are at least `axes`."""
        return Grid((1,) * (axes - len(self.shape)) + self.shape, self.values)

    def turned(self) -> Grid:
        """Return the numbers in the opposite order along every axis: a kernel turned by 180 degrees."""
        return Grid(self.shape, self.values[::-1])


class WrittenGrid(NamedTuple):
    """A grid as written, and how many of its last axes are spatial, where the writing says so."""

    grid: Grid
    axes: int | None


def places(shape: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """All places of a grid of this shape, the last axis fastest."""
    return product(*map(range, shape))


def stack(grids: Iterable[Grid]) -> Grid:
    """Grids of one shape, along a new first axis. Raises GridError where their shapes differ."""
    listed = list(grids)
    for number, grid in enumerate(listed, 1):
        if grid.shape != listed[0].shape:
            raise GridError(
                f"number {number} is {_size(grid.shape)}, but number 1 is {_size(listed[0].shape)}",
                "all of them have one size",
            )
    return Grid(
        (len(listed), *listed[0].shape), tuple(value for grid in listed for value in grid.values)
    )


def read_numbers(numbers: Numbers) -> WrittenGrid:
    """Read a grid as people write it: text, a number, or nested lists of either. Raises GridError."""
    if isinstance(numbers, (WrittenGrid, Grid)):
        return numbers if isinstance(numbers, WrittenGrid) else WrittenGrid(numbers, None)
    if isinstance(numbers, str):
        return read_text(numbers)
    if isinstance(numbers, bool) or not isinstance(
        numbers, (int, float, Decimal, Fraction, Sequence)
    ):
        raise GridError(f"expected numbers, not {type(numbers).__name__}")
    if not isinstance(numbers, Sequence):
        return WrittenGrid(Grid((), (_exact(numbers),)), None)
    if not numbers:
        raise GridError("there are no numbers in an empty list")
    items = [_item(item) for item in numbers]
    texts = [item.axes for item in items if item.axes is not None]
    axes = max(texts) if texts else None
    if axes is not None:  # a row among matrices is a matrix of one row
        items = [item._replace(grid=item.grid.lifted(axes)) for item in items]
    grid = stack(item.grid for item in items)
    if len(grid.shape) > MAX_AXES:
        raise GridError(f"numbers are nested {len(grid.shape)} deep; the limit is {MAX_AXES}")
    return WrittenGrid(grid, axes)


def _item(item: Numbers) -> WrittenGrid:
    """Return an item of a list; a text that is one number is that number rather than a row of one."""
    if isinstance(item, str) and len(item.split()) == 1 and not re.search(r"[\[(,;|]", item):
        return WrittenGrid(Grid((), (read_number(item),)), None)
    return read_numbers(item)


def read_text(text: str) -> WrittenGrid:
    """Read rows of numbers, or nested lists in brackets. Raises GridError with the place."""
    if len(text) > MAX_TEXT:
        raise GridError(
            f"there are {len(text):,} characters of numbers; the limit is {MAX_TEXT:,}", RAISED
        )
    plain = text.translate(_SIGNS)
    if thousand := re.search(r"(?<!\d)(\d{1,3}),(0\d\d)(?!\d)", plain):
        raise GridError(
            f"'{thousand[0]}' may be one number or two",
            f"write {thousand[1]}{thousand[2]}, or {thousand[1]} {int(thousand[2])}",
            thousand.start(),
            len(thousand[0]),
        )
    if re.search(r"[\[(]", plain):
        inner = re.fullmatch(r"\s*[\[(]([^\[\]()]*)[\])]\s*", plain)
        if inner is None or not re.search("[;\n]", inner[1]):
            return WrittenGrid(_bracketed(plain), None)
        plain = f"{' ' * inner.start(1)}{inner[1]}"  # as MATLAB writes it: [1 0; 0 1]
    blocks = [_matrix(rows) for rows in _blocks(plain)]
    if not blocks:
        raise GridError(
            "there are no numbers here",
            "such as '1 0 1; 0 1 0; 1 0 1': rows end at ';' or a line end",
        )
    axes = len(blocks[0].shape)
    if len(blocks) == 1:
        return WrittenGrid(blocks[0], axes)
    for number, block in enumerate(blocks, 1):
        if block.shape != blocks[0].shape:
            raise GridError(
                f"matrix {number} is {_size(block.shape)}, but matrix 1 is {_size(blocks[0].shape)}",
                "a blank row (;;) starts another matrix: a channel",
            )
    return WrittenGrid(stack(blocks), axes)


def read_number(text: str) -> Exact:
    """One number: `3`, `-0.3`, `1e-3`, `1/3`. Raises GridError."""
    return _number(text.strip().translate(_SIGNS), 0)


def show_number(value: Exact, digits: int | None = None) -> str:
    """Return a number as people write it: `2.9`.

    `1/3` where decimals do not end; rounded (halves away from zero) if asked.
    """
    if isinstance(value, int) or value.denominator == 1:
        return str(value.numerator)
    if digits is not None and (value * 10**digits).denominator != 1:
        scaled = int(abs(value) * 10**digits + Fraction(1, 2))
        return _decimal(-scaled if value < 0 else scaled, digits)
    places = _decimals(value.denominator)
    if places is None:
        return f"{value.numerator}/{value.denominator}"
    return _decimal(value.numerator * 10**places // value.denominator, places)


def _decimals(denominator: int) -> int | None:
    """How many decimals a fraction of this denominator has; None where they do not end."""
    count = 0
    for prime in (2, 5):
        power = 0
        while denominator % prime == 0:
            denominator //= prime
            power += 1
        count = max(count, power)
    return count if denominator == 1 else None


def _decimal(scaled: int, places: int) -> str:
    """Return an integer number of 10^-places as a decimal with no zeros at its end."""
    digits = str(abs(scaled)).rjust(places + 1, "0")
    whole, part = (digits[:-places], digits[-places:].rstrip("0")) if places else (digits, "")
    sign = "-" if scaled < 0 else ""
    return f"{sign}{whole}.{part}" if part else f"{sign}{whole}"


def _exact(number: int | float | Decimal | Fraction) -> Exact:
    if isinstance(number, int):
        return number
    try:
        return whole(Fraction(str(number)) if isinstance(number, float) else Fraction(number))
    except (ValueError, OverflowError):
        raise GridError(f"{number} is not a number to calculate with") from None


def _number(text: str, start: int) -> Exact:
    if len(text) > MAX_NUMBER_LENGTH:
        raise GridError(
            f"a number of {len(text)} characters; the limit is {MAX_NUMBER_LENGTH}",
            "",
            start,
            len(text),
        )
    if not re.fullmatch(_NUMBER, text, re.ASCII):
        raise GridError(f"'{text}' is not a number", _why_not(text), start, len(text))
    number, _, divisor = text.partition("/")
    exponent = re.search("[eE](.*)", number)
    if exponent and abs(int(exponent[1])) > MAX_EXPONENT:
        raise GridError(
            f"'{text}': the limit of an exponent is {MAX_EXPONENT}", "", start, len(text)
        )
    if divisor and not int(divisor):
        raise GridError(f"'{text}' divides by zero", "", start, len(text))
    return whole(Fraction(number) / int(divisor or 1))


def _why_not(text: str) -> str:
    if re.fullmatch(r"\d+(?:[x×]\d+)+", text):
        return "this is a size; its numbers are needed, such as '1 0 1; 0 1 0; 1 0 1'"
    return "numbers are written 3, -0.3, 1e-3 or 1/3, with blanks, commas or tabs between them"


def _blocks(text: str) -> Iterator[list[list[tuple[str, int]]]]:
    """Yield the cells of each row of each matrix, with their place; lines drawn below a header (`---`) are skipped."""
    rows: list[list[tuple[str, int]]] = []
    for line in re.finditer(r"[^;\n]*(?:[;\n]|$)", text):
        content = line[0].rstrip(";\n")
        if _RULE.fullmatch(content):
            continue
        cells = [(cell[0], line.start() + cell.start()) for cell in _CELL.finditer(content)]
        if cells:
            rows.append(cells)
        elif rows:
            yield rows
            rows = []
    if rows:
        yield rows


def _matrix(rows: list[list[tuple[str, int]]]) -> Grid:
    """Rows of cells as a matrix; a single row as a row of numbers."""
    values = tuple(_number(text, start) for row in rows for text, start in row)
    width = len(rows[0])
    for number, row in enumerate(rows, 1):
        if len(row) != width:
            first, last = row[0], row[-1]
            raise GridError(
                f"row {number} has {len(row)} numbers, but row 1 has {width}",
                "all rows have one length",
                first[1],
                last[1] + len(last[0]) - first[1],
            )
    return Grid((width,) if len(rows) == 1 else (len(rows), width), values)


def _bracketed(text: str) -> Grid:
    """Nested lists in brackets, as Python, JSON and NumPy write them."""
    stack_: list[list[Grid]] = [[]]
    for token in _TOKEN.finditer(text.replace(";", ",")):
        sign = token[0]
        if token["wrong"]:
            raise GridError(f"'{sign}' is not a number", _why_not(sign), token.start(), len(sign))
        if token["number"]:
            stack_[-1].append(Grid((), (_number(sign, token.start()),)))
        elif sign in "[(":
            if len(stack_) > MAX_AXES:
                raise GridError(
                    f"brackets nest deeper than the limit of {MAX_AXES}", "", token.start()
                )
            stack_.append([])
        elif sign in "])":
            closed = stack_.pop()
            if not stack_ or not closed:
                reason = (
                    "there is nothing in this bracket"
                    if stack_
                    else "this bracket was never opened"
                )
                raise GridError(reason, "", token.start())
            stack_[-1].append(_stacked(closed, token.start()))
    if len(stack_) > 1:
        raise GridError("a bracket is not closed", "", len(text.rstrip()) - 1)
    outer = stack_[0]
    return outer[0] if len(outer) == 1 else _stacked(outer, 0)


def _stacked(grids: list[Grid], start: int) -> Grid:
    try:
        return stack(grids)
    except GridError as error:
        raise GridError(f"in the list that ends here, {error.message}", error.hint, start) from None


def _size(shape: tuple[int, ...]) -> str:
    if not shape:
        return "one number"
    return f"a row of {shape[0]}" if len(shape) == 1 else format_shape(shape)


__all__ = [
    "Grid",
    "GridError",
    "Numbers",
    "WrittenGrid",
    "places",
    "read_number",
    "read_numbers",
    "read_text",
    "show_number",
    "stack",
]
