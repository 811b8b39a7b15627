"""Table to text, in any of the formats of `tables/formats/`, each imported when it is asked for."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from cnncalc.tables import formats

if TYPE_CHECKING:
    from cnncalc.report.analysis import Report
    from cnncalc.tables.table import Table

FOR_PEOPLE = ("table", "plain")
"""The formats in which an answer that has a text of its own shows that text."""

_FILES = sorted(path.stem for path in Path(formats.__file__).parent.glob("[!_]*.py"))

FORMATS = (*FOR_PEOPLE, "json", *(name for name in _FILES if name not in FOR_PEOPLE))
"""What --format takes: every file of `formats/`, and `json`, which shows a document rather than a table."""


MAX_ROWS = 60
"""Of a network with more rows than this a terminal shows blocks as one row, unless a depth was asked for."""


def terminal_text(report: Report) -> str:
    """Render the table of a report as wide as the terminal is."""
    import shutil

    from cnncalc.tables.table import table

    is_long = report.depth is None and len(report.rows) > MAX_ROWS
    shown = report._replace(depth=1) if is_long else report
    return render(table(shown, "summary"), "table", width=shutil.get_terminal_size().columns)


def render(table: Table, style: str, *, width: int | None = None, colour: bool = False) -> str:
    """Render a table, made printable. `width` is the terminal's, for the one format that fits itself to it."""
    module = import_module(f"{formats.__name__}.{style}")
    safe = table.printable()
    text: str = module.render(safe, width, colour) if style == "table" else module.render(safe)
    return text
