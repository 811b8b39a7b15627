"""GIFT, the text format that Moodle, Canvas by way of converters, and others import (docs.moodle.org, "GIFT format").

A number is a numerical question, a shape a short answer, and one with choices is multiple choice. A wrong answer that a
slip gives has the slip's message as its feedback, any other is told that no slip gives it.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape as escape_html

from cnncalc.exports.moodle import ANY_OTHER, category_of, grade_of, question_html
from cnncalc.exports.sheet import (
    CHOICE,
    NUMBER,
    AskedQuestion,
    QuestionSheet,
    decimal,
    spellings,
    xml_text,
)

_SPECIAL = "\\~=#{}:"


def render(sheet: QuestionSheet) -> str:
    """Return the category and the questions, an empty line between."""
    blocks = ("\n".join(_question(question, sheet)) for question in sheet.questions)
    return xml_text("\n\n".join([f"$CATEGORY: {category_of(sheet)}", *blocks]))


def _question(question: AskedQuestion, sheet: QuestionSheet) -> Iterator[str]:
    kind = question.kind
    yield f"::{escape(question.id)}::[html]{escape(question_html(question))}{{{'#' if kind == NUMBER else ''}"
    for right in question.right:
        margin = f":{decimal(right.tolerance)}" if kind == NUMBER else ""
        yield from (f"={escape(text)}{margin}" for text in spellings(right.text, kind))
    exact = ":0" if kind == NUMBER else ""
    for response in question.responses:
        sign = _wrong_sign(kind, grade_of(response.credit))
        for text in spellings(response.text, kind):
            yield f"{sign}{escape(text)}{exact}#{_feedback(response.message)}"
    if kind != CHOICE and sheet.unexplained:
        rest = "~" if kind == NUMBER else f"=%0%{ANY_OTHER}"
        yield f"{rest}#{_feedback(sheet.unexplained)}"
    if question.derivation:
        yield f"####{_feedback(question.derivation)}"
    yield "}"


def _wrong_sign(kind: str, percent: str) -> str:
    """Return what stands before a wrong answer; one among choices that earns nothing needs no weight."""
    if kind != CHOICE:
        return f"=%{percent}%"
    return "~" if percent == "0" else f"~%{percent}%"


def _feedback(message: str) -> str:
    """Return a message as HTML, which the format of the question makes of its feedback too."""
    return escape(escape_html(message, quote=False))


def escape(text: str) -> str:
    """Return the text on one line, with a backslash before each sign that means something."""
    return "".join(f"\\{sign}" if sign in _SPECIAL else sign for sign in " ".join(text.split()))
