"""The key of a sheet for people: each answer, its points, what slips give instead, and how it comes about."""

from __future__ import annotations

from cnncalc.exports.html import page
from cnncalc.exports.sheet import AskedQuestion, QuestionSheet
from cnncalc.tables import render as render_table
from cnncalc.tables.table import Column, Table
from cnncalc.text.exact import show
from cnncalc.text.messages import translate

_COLUMNS = (
    Column("id", "question", "text"),
    Column("answer", "right", "text"),
    Column("points", "points", "text"),
    Column("slips", "what slips give", "text"),
)

STYLES = {".html": "html", ".md": "markdown", ".tex": "latex", ".txt": "plain", ".csv": "csv"}
"""The formats of a key for people, by how its file's name ends."""


def answers_table(sheet: QuestionSheet) -> Table:
    """Tabulate the answers, a row each; how they come about stands below."""
    title = translate("{title}: answers", sheet.lang, title=sheet.title)
    notes = tuple(
        f"{question.id}: {question.derivation}"
        for question in sheet.questions
        if question.derivation
    )
    return Table(title, _COLUMNS, tuple(map(_row, sheet.questions)), notes=notes, lang=sheet.lang)


def _row(question: AskedQuestion) -> tuple[str, str, str, str]:
    right = " / ".join(spelling.text for spelling in question.right)
    slips = (
        f"{response.text}: {' or '.join(response.slips)}"
        for response in question.responses
        if response.slips
    )
    return question.id, right, str(show(question.points)), "; ".join(slips)


def render(sheet: QuestionSheet, style: str) -> str:
    """Write the key in one of STYLES."""
    text = render_table(answers_table(sheet), style)
    return page(answers_table(sheet).title, sheet.lang, text) if style == "html" else text
