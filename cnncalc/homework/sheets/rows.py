"""Rows of cells, whatever they were read from, and the limits of what is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from cnncalc.text.limits import limit
from cnncalc.text.messages import message
from cnncalc.text.source import Problem, Source, Span, SpecError, single_problem

MAX_BYTES = limit(16 * 1024 * 1024)
"""The size of a file."""
MAX_LINES = limit(50_000)
"""The lines of a text file, empty ones and text around a table counted in."""
MAX_LINE = limit(20_000)
"""The characters of a line."""
MAX_ROWS = limit(10_000)
"""The rows of a table, or the entries of a YAML sheet."""
MAX_COLUMNS = limit(200)
"""The cells of a row."""
MAX_LABEL = 200
"""The characters of a layer's name, a question's id or a header; a longer one is nobody's."""
HEADER_ROWS = 30
"""A header is looked for in so many rows at the top."""


class SheetCell(NamedTuple):
    """A cell's text, and where it stands: `3:5` for line and column, `Sheet1!C5` in a workbook.

    `problem` is set where the cell has something that cannot be an answer, such as a formula with no saved value.
    """

    text: str
    place: str
    problem: str = ""


class Rows(NamedTuple):
    """Rows of cells."""

    name: str
    rows: list[list[SheetCell]]

    @property
    def is_filled(self) -> bool:
        """Whether any cell has a text."""
        return any(cell.text for row in self.rows for cell in row)


Likeness = Callable[[Rows], int]
"""How much rows look like the sheet that is expected: 0 not at all."""


def likely_table(rows: Rows) -> int:
    """Judge rows of which nothing is known: the widest."""
    return max(map(len, rows.rows[:HEADER_ROWS]), default=0)


def refuse(path: str, text: str, hint: str = "") -> SpecError:
    """Make the error for a file that is no sheet."""
    return single_problem(path, "", text, hint, "sheet")


def refuse_at(
    path: str, cell: SheetCell, text: str, hint: str = "", code: str = "sheet"
) -> SpecError:
    """Make the error for a cell of a table: at its line and column, or said in the text for a workbook's."""
    line, _, column = cell.place.partition(":")
    if not (line.isdigit() and column.isdigit()):
        return single_problem(path, cell.text, f"{cell.place}: {text}", hint, code)
    before = "\n" * (int(line) - 1) + " " * (int(column) - 1)
    span = Span(Source(path, before + cell.text), int(line), int(column), max(len(cell.text), 1))
    return SpecError([Problem(span, code, text, hint)])


def check_size(path: str, row: int, columns: int) -> None:
    """Refuse a row past the limits. Raises SpecError."""
    if row > MAX_ROWS or columns > MAX_COLUMNS:
        text = message(
            "this sheet has more than {rows:,} rows or {columns} columns",
            rows=MAX_ROWS,
            columns=MAX_COLUMNS,
        )
        raise refuse(path, text)
