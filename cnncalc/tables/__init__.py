"""Table to text: one format one file, each imported when it is asked for. A format computes nothing."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnncalc.tables.table import Table

FORMATS = ("table", "plain", "json", "csv", "markdown", "latex", "html")
"""What --format takes. `json` shows a document rather than a table: see `cnncalc.tables.documents`."""


def render(table: Table, style: str, *, width: int | None = None, colour: bool = False) -> str:
    """Render a table, made printable. `width` is the terminal's, for the one format that fits itself to it."""
    module = import_module(f"cnncalc.tables.{'rich' if style == 'table' else style}")
    safe = table.printable()
    text: str = module.render(safe, width, colour) if style == "table" else module.render(safe)
    return text
