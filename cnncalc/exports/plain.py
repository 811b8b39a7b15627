"""A sheet as plain text."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.exports.sheet import AskedQuestion, QuestionSheet
from cnncalc.text.printable import printable


def render(sheet: QuestionSheet) -> str:
    """Return the questions, each with its id, the facts a line each, and a place for the answer."""
    lines = (line for question in sheet.questions for line in _question(question))
    return "\n".join(map(printable, [sheet.title, *lines]))


def _question(question: AskedQuestion) -> Iterator[str]:
    first, *rest = (*question.facts, " ".join(filter(None, (question.asked, question.form))))
    yield ""
    yield f"{question.id}. {first}"
    yield from (f"    {line}" for line in rest)
    if question.choices:
        yield from (f"    [ ] {choice}" for choice in question.choices)
    else:
        yield f"    {question.id}: ____________________"
