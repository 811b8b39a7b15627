"""CSV: the contract's field names as headers, cells as programs read them."""

from __future__ import annotations

import csv
from io import StringIO

from cnncalc.tables.table import Table, raw


def render(table: Table) -> str:
    """The table as CSV, without title, totals and notes."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([column.key for column in table.columns])
    for row in table.rows:
        writer.writerow(
            [raw(column.kind, cell) for column, cell in zip(table.columns, row, strict=True)]
        )
    return out.getvalue().rstrip("\n")
