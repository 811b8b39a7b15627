"""An answer's page: its document for programs, its table, and its text for people, each made when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
    plain: dict[type, _Write] = {
        int: str,
        bool: _WORDS.__getitem__,
        type(None): _WORDS.__getitem__,
        str: json.encoder.encode_basestring,
    }
    return escape_json(_indented(document, plain, encode, "\n"))


_Write = Callable[[Any], str]
_WORDS = {None: "null", True: "true", False: "false"}


def _indented(value: Any, plain: Mapping[type, _Write], encode: _Write, line: str) -> str:
    """Write a value as json.dumps(indent=1) does, whose indenting encoder is five times as slow.

    `plain` writes the values that most are, `encode` any other that has none inside.
    """
    if not isinstance(value, (dict, list, tuple)) or not value:
        return encode(value)
    inner = line + " "
    items = [
        plain[kind](item)
        if (kind := type(item)) in plain
        else _indented(item, plain, encode, inner)
        for item in (value.values() if isinstance(value, dict) else value)
    ]
    if isinstance(value, dict):
        return _frame(tuple(value), encode, line) % tuple(items)
    return f"[{inner}{f',{inner}'.join(items)}{line}]"


@lru_cache(maxsize=100)
def _frame(keys: tuple[Any, ...], encode: _Write, line: str) -> str:
    """Write a dictionary's keys, with a place for each value: rows have the same ones again and again."""
    inner = line + " "
    written = [encode(key) if isinstance(key, str) else encode({key: 0})[1:-4] for key in keys]
    places = [f"{key.replace('%', '%%')}: %s" for key in written]
    return f"{{{inner}{f',{inner}'.join(places)}{line}}}"


__all__ = ["Lines", "Page", "json_text", "render_page"]
