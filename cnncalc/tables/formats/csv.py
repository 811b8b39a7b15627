"""CSV: the contract's field names as headers, cells as programs read them and spreadsheets do not compute."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from io import StringIO
from typing import Any

from cnncalc.tables.table import Table, for_programs
from cnncalc.text.printable import printable

FORMULA_SIGNS = "=+-@\t\r\n＝＋－＠"
"""What a spreadsheet takes for the beginning of a formula, in East Asian full width too."""

_UNSEEN = " \N{REPLACEMENT CHARACTER}" + "".join(map(chr, range(0x2400, 0x2422)))
"""Blanks, and the symbols that stand for signs that nobody sees."""

_TEXTS = ("text", "names")


def render(table: Table) -> str:
    """Render the table as CSV, without title, totals and notes."""
    kinds = [column.kind for column in table.columns]
    rows = [[column.key for column in table.columns]]
    rows += [
        [
            guarded(for_programs(kind, cell)) if kind in _TEXTS else for_programs(kind, cell)
            for kind, cell in zip(kinds, row, strict=True)
        ]
        for row in table.rows
    ]
    return csv_text(rows)


def csv_text(rows: Iterable[Iterable[Any]]) -> str:
    """Write rows as CSV lines that end in a line feed, the last one excepted."""
    out = StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().rstrip("\n")


def guarded(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would compute; a number stays as it is.

    Blanks and signs that nobody sees do not hide a formula's beginning: they are made visible, or looked behind.
    """
    shown = printable(text)
    inner = shown.lstrip(_UNSEEN)
    begins_formula = len(inner) > 1 and inner[0] in FORMULA_SIGNS and not _is_number(inner)
    return f"'{shown}" if begins_formula else shown


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return text.isascii()


__all__ = ["FORMULA_SIGNS", "csv_text", "guarded", "render"]
