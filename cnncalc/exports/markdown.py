"""A sheet in Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.exports.sheet import AskedQuestion, QuestionSheet
from cnncalc.tables.formats.markdown import escape as escape_signs
from cnncalc.text.printable import printable


def render(sheet: QuestionSheet) -> str:
    """Return the questions, each with its id as its heading, the layers as a list, and a place for the answer."""
    lines = (line for question in sheet.questions for line in _question(question))
    return "\n".join([f"# {escape(sheet.title)}", *lines])


def _question(question: AskedQuestion) -> Iterator[str]:
    yield from ("", f"## {escape(question.id)}", "")
    if question.facts:
        yield from (f"- {escape(fact)}" for fact in question.facts)
        yield ""
    yield f"**{escape(question.asked)}** {escape(question.form)}".rstrip()
    yield ""
    if question.choices:
        yield from (f"- [ ] {choice}" for choice in question.choices)
    else:
        yield f"{escape(question.id)}: \\_\\_\\_\\_\\_\\_\\_\\_\\_\\_"


def escape(text: str) -> str:
    """Return the text on one line, with a backslash before what means something, also at a line's beginning."""
    return escape_signs(printable(" ".join(text.split()))).replace("#", "\\#")
