"""An answer's page: its document for programs, its table, and its text for people, each made when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from cnncalc.tables import FOR_PEOPLE, render
from cnncalc.tables.table import Table
from cnncalc.text.printable import escape_json, printable_lines


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

    encode = json.JSONEncoder(ensure_ascii=False).encode
    if isinstance(document, Lines):
        return "\n".join(escape_json(encode(line)) for line in document)
    return escape_json(_indented(document, encode, "\n"))


_WORDS = {None: "null", True: "true", False: "false"}


def _indented(value: Any, encode: Callable[[Any], str], line: str) -> str:
    """Write a value as json.dumps(indent=1) does, whose indenting encoder is five times as slow."""
    kind = type(value)
    if kind is int:
        return str(value)
    if kind is bool or value is None:
        return _WORDS[value]
    inner = line + " "
    if isinstance(value, dict) and value:
        pairs = [
            f"{_key(key, encode)}: {_indented(item, encode, inner)}" for key, item in value.items()
        ]
        return f"{{{inner}{f',{inner}'.join(pairs)}{line}}}"
    if isinstance(value, list | tuple) and value:
        items = [_indented(item, encode, inner) for item in value]
        return f"[{inner}{f',{inner}'.join(items)}{line}]"
    return encode(value)


@lru_cache(maxsize=1000)
def _key(key: Any, encode: Callable[[Any], str]) -> str:
    """Write a key, which JSON has as text."""
    return encode(key) if isinstance(key, str) else encode({key: 0})[1:-4]


__all__ = ["Lines", "Page", "json_text", "render_page"]
