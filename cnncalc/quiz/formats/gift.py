"""GIFT, the text format that Moodle, Canvas by way of converters, and others import (docs.moodle.org, "GIFT format").

A number is a numerical question, a shape a short answer, and one with choices is multiple choice. A wrong answer that a
slip gives has the slip's message as its feedback; in a numerical question it is worth 0 %.
"""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.quiz.formats import Style
from cnncalc.quiz.formats.moodle import question_html, spellings
from cnncalc.quiz.prove import Item, Quiz

_SPECIAL = "\\~=#{}:"


def render(quiz: Quiz, style: Style) -> str:
    """Return the category and the questions, an empty line between."""
    category = f"$CATEGORY: $course$/top/{style.titled(quiz).replace('/', '//')}"
    return "\n\n".join([category, *("\n".join(_question(item, style)) for item in quiz.items)])


def _question(item: Item, style: Style) -> Iterator[str]:
    kind = "multichoice" if style.offers(item) else "shortanswer" if item.is_shape else "numerical"
    yield f"::{escape(item.id)}::[html]{escape(question_html(item, style.lang))}{{{'#' if kind == 'numerical' else ''}"
    yield from (f"={escape(text)}{_exact(kind)}" for text in spellings(item.answer, kind))
    wrong_sign = "~" if kind == "multichoice" else "=%0%"
    for wrong in item.offered if kind == "multichoice" else item.told_apart:
        for text in spellings(wrong.text, kind):
            yield f"{wrong_sign}{escape(text)}{_exact(kind)}#{escape(wrong.message(style.lang))}"
    yield "}"


def _exact(kind: str) -> str:
    """No tolerance."""
    return ":0" if kind == "numerical" else ""


def escape(text: str) -> str:
    """Return the text with a backslash before each sign that means something."""
    return "".join(f"\\{sign}" if sign in _SPECIAL else sign for sign in text.replace("\n", " "))
