"""A sheet of questions in the formats of paper and of course systems: one row of the table and one file for each.

    text = render(sheet, "gift")

A format's module has `render`, from a `QuestionSheet` to what is written. Answers stand only in formats that say so.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import NamedTuple, TypeAlias

from cnncalc.exports.sheet import QuestionSheet
from cnncalc.text.files import write_whole

TEXT, FILE, FOLDER = "text", "file", "folder"
Product: TypeAlias = "str | bytes | dict[str, str]"
"""What a format makes: a text, the bytes of a file, or the texts of a folder by their paths in it."""


class ExportFormat(NamedTuple):
    """A format: how its files end, whether they have the answers, and which questions offer choices unless told.

    `makes` is TEXT, FILE or FOLDER; what is no text is written to a place that is named. What is `filled_in` has a
    place for each answer, which `cnncalc check` reads by the questions' ids.
    """

    ending: str
    has_answers: bool = False
    ask: str = "open"
    makes: str = TEXT
    filled_in: bool = False


FORMATS: dict[str, ExportFormat] = {
    "markdown": ExportFormat("md"),
    "plain": ExportFormat("txt"),
    "latex": ExportFormat("tex"),
    "html": ExportFormat("html"),
    "moodle": ExportFormat("xml", has_answers=True, ask="mixed"),
    "gift": ExportFormat("gift", has_answers=True, ask="mixed"),
    "qti": ExportFormat("zip", has_answers=True, ask="choice", makes=FILE),
    "prairielearn": ExportFormat("", has_answers=True, makes=FOLDER),
    "yaml": ExportFormat("yaml", filled_in=True),
    "csv": ExportFormat("csv", filled_in=True),
    "json": ExportFormat("json"),
}
"""Every format by its name."""

ASK = ("mixed", "open", "choice")
"""Whether wrong answers are offered to choose from: for some questions, for none, for all."""


def render(sheet: QuestionSheet, format_name: str) -> Product:
    """Write a sheet in a format."""
    product: Product = import_module(f"cnncalc.exports.{format_name}").render(sheet)
    return product


def render_text(sheet: QuestionSheet, format_name: str) -> str:
    """Write a sheet in a format that is a text. Raises TypeError for any other."""
    product = render(sheet, format_name)
    if not isinstance(product, str):
        raise TypeError(f"{format_name} is no text")
    return product


def write_product(path: Path, product: Product, *, flush: bool = True) -> None:
    """Write what a format makes: a file, or a folder's files, each whole or not at all. Raises OSError."""
    if isinstance(product, bytes):
        write_whole(path, product, flush=flush)
    elif isinstance(product, str):
        write_whole(path, product + "\n", flush=flush)
    else:
        for name, text in product.items():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            write_whole(path / name, text, flush=flush)


__all__ = [
    "ASK",
    "FILE",
    "FOLDER",
    "FORMATS",
    "TEXT",
    "ExportFormat",
    "Product",
    "QuestionSheet",
    "render",
    "render_text",
    "write_product",
]
