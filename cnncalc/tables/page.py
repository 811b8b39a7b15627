"""An answer's page: its document for programs, its table, and its text for people, each made when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from cnncalc.tables import render
from cnncalc.tables.table import Table
from cnncalc.text.printable import escape_json, printable_lines

FOR_PEOPLE = ("table", "plain")
"""The formats in which an answer that has a text of its own shows that text."""


class Lines(list[Any]):
    """A document of one JSON value a line."""


class Page(NamedTuple):
    """The faces of one answer.

    `document` is what JSON shows, `table` what every other format shows, unless there is a `text` for people, which
    gets the width of the terminal in columns, or `data`, another table for CSV.
    """

    document: Callable[[], Any]
    table: Callable[[], Table]
    text: Callable[[int], str] | None = None
    data: Callable[[], Table] | None = None


def render_page(page: Page, style: str, *, width: int = 80, colour: bool = False) -> str:
    """Render a page in one of `FORMATS`; `width` is the terminal's, in columns."""
    if style == "json":
        return json_text(page.document())
    if page.text is not None and style in FOR_PEOPLE:
        return printable_lines(page.text(width))
    table = page.data if page.data is not None and style == "csv" else page.table
    return render(table(), style, width=width, colour=colour)


def json_text(document: Any) -> str:
    """Write a document as JSON that is safe to show on a terminal."""
    import json

    if isinstance(document, Lines):
        return "\n".join(escape_json(json.dumps(line, ensure_ascii=False)) for line in document)
    return escape_json(json.dumps(document, ensure_ascii=False, indent=1))


__all__ = ["FOR_PEOPLE", "Lines", "Page", "json_text", "render_page"]
