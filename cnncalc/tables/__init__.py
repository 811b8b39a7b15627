"""Views: a Table to text, one format one file, each imported when it is asked for. A view computes nothing."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnncalc.tables.table import Table

FORMATS = ("table", "plain", "json", "csv", "markdown", "latex", "html")
"""What --format takes. `json` shows a document rather than a table: see `cnncalc.tables.documents`."""


def render(table: Table, style: str, *, width: int | None = None, colour: bool = False) -> str:
    """A table as text. `width` is the terminal's, for the one format that fits itself to it."""
    module = import_module(f"cnncalc.tables.{'rich' if style == 'table' else style}")
    text: str = module.render(table, width, colour) if style == "table" else module.render(table)
    return text
