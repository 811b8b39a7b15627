"""A sheet of questions in the formats of paper and of course systems: one row of the table and one file for each.

    text = render(sheet, "gift")

A format's module has `render`, from a `QuestionSheet` to what is written. Answers stand only in formats that say so.
"""

from __future__ import annotations

from importlib import import_module
from typing import NamedTuple

from cnncalc.exports.sheet import QuestionSheet


class ExportFormat(NamedTuple):
    """A format: how its files end, whether they have the answers, and which questions offer choices unless told."""

    ending: str
    has_answers: bool = False
    ask: str = "open"


FORMATS: dict[str, ExportFormat] = {
    "markdown": ExportFormat("md"),
    "plain": ExportFormat("txt"),
    "latex": ExportFormat("tex"),
    "html": ExportFormat("html"),
    "moodle": ExportFormat("xml", has_answers=True, ask="mixed"),
    "gift": ExportFormat("gift", has_answers=True, ask="mixed"),
    "yaml": ExportFormat("yaml"),
    "csv": ExportFormat("csv"),
    "json": ExportFormat("json"),
}
"""Every format by its name."""

ASK = ("mixed", "open", "choice")
"""Whether wrong answers are offered to choose from: for some questions, for none, for all."""


def render(sheet: QuestionSheet, format_name: str) -> str:
    """Write a sheet in a format."""
    text: str = import_module(f"cnncalc.exports.{format_name}").render(sheet)
    return text


__all__ = ["ASK", "FORMATS", "ExportFormat", "QuestionSheet", "render"]
