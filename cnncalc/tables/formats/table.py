"""A table for a terminal, with rich; columns that do not fit are left out and named."""

from __future__ import annotations

from io import StringIO

from rich import box
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from cnncalc.tables.formats import plain
from cnncalc.tables.table import NUMERIC, Table, for_people
from cnncalc.text.messages import translate
from cnncalc.text.source import display_width

_GAP = 3
MAX_ROWS = 2000
"""Longer tables are no sight for a terminal, and take rich seconds: they are plain."""


def render(table: Table, width: int | None, colour: bool) -> str:
    """Return the table fitted to `width` columns (80 unless told), with colour where asked."""
    width = width or 80
    fitted, dropped = _fit(table, width)
    if len(fitted.rows) > MAX_ROWS:
        return plain.render(fitted)
    grid = RichTable(
        box=box.SIMPLE_HEAD,
        title=Text(table.title) if table.title else None,
        title_justify="left",
        show_footer=fitted.totals is not None,
        pad_edge=False,
        title_style="bold",
    )
    totals = fitted.totals or (None,) * len(fitted.columns)
    for column, total in zip(fitted.columns, totals, strict=True):
        right = column.kind in NUMERIC
        grid.add_column(
            Text(column.header(table.lang)),
            Text(for_people(column.kind, total)),
            justify="right" if right else "left",
            no_wrap=right,
            overflow="fold",
        )
    for row in fitted.rows:
        grid.add_row(
            *(
                Text(for_people(column.kind, cell))
                for column, cell in zip(fitted.columns, row, strict=True)
            )
        )
    out = StringIO()
    console = Console(
        file=out,
        width=width,
        force_terminal=colour,
        no_color=not colour,
        highlight=False,
        emoji=False,
        legacy_windows=False,
    )
    console.print(grid)
    for note in table.notes:
        console.print(Text(note))
    if dropped:
        left_out = "left out at {width} columns: {names}; --format plain shows all"
        names = ", ".join(dropped)
        console.print(Text(translate(left_out, table.lang, width=width, names=names)))
    return "\n".join(line.rstrip() for line in out.getvalue().split("\n")).rstrip("\n")


def _fit(table: Table, width: int) -> tuple[Table, list[str]]:
    """Return the table without the least needed columns, until it fits; and their headers."""
    dropped: list[str] = []
    widths = {column.key: _natural_width(table, at) for at, column in enumerate(table.columns)}
    while sum(widths.values()) + _GAP * (len(widths) - 1) > width:
        last = max(column.keep for column in table.columns)
        if last == 1:
            break
        column = next(column for column in reversed(table.columns) if column.keep == last)
        dropped.insert(0, column.header(table.lang))
        table = table.without([column.key])
        del widths[column.key]
    return table, dropped


def _natural_width(table: Table, at: int) -> int:
    """Return what the widest cell of a column takes, its header and total among them."""
    column = table.columns[at]
    rows = (*table.rows, *([table.totals] if table.totals else []))
    cells = {for_people(column.kind, row[at]) for row in rows}
    return max(map(display_width, (column.header(table.lang), *cells)))
