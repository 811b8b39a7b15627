"""Aligned text with no colour: what a pipe gets."""

from __future__ import annotations

from cnncalc.tables.table import NUMERIC, Table, for_people
from cnncalc.text.source import display_width


def render(table: Table) -> str:
    """Return the table as text, as wide as its widest cells."""
    kinds = [column.kind for column in table.columns]
    body = [
        [for_people(kind, cell) for kind, cell in zip(kinds, row, strict=True)]
        for row in table.rows
    ]
    lines = [table.headers(), *body]
    if table.totals is not None:
        lines.append(
            [for_people(kind, cell) for kind, cell in zip(kinds, table.totals, strict=True)]
        )
    widths = [max(map(display_width, cells)) for cells in zip(*lines, strict=True)]
    rule = "  ".join("-" * width for width in widths)
    shown = [_line(cells, widths, kinds) for cells in lines]
    shown.insert(1, rule)
    if table.totals is not None:
        shown.insert(-1, rule)
    head = [table.title, ""] if table.title else []
    notes = ["", *table.notes] if table.notes else []
    return "\n".join([*head, *shown, *notes])


def _line(cells: list[str], widths: list[int], kinds: list[str]) -> str:
    padded = [
        " " * (width - display_width(cell)) + cell
        if kind in NUMERIC
        else cell + " " * (width - display_width(cell))
        for cell, width, kind in zip(cells, widths, kinds, strict=True)
    ]
    return "  ".join(padded).rstrip()
