"""A sheet to fill in: YAML with the questions as comments, which `cnncalc check --homework` reads."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cnncalc.exports.sheet import AskedQuestion, QuestionSheet
from cnncalc.ops.field_types import quoted
from cnncalc.text.printable import printable

_BARE = re.compile(r"[^\W\d][\w.-]*")
_NO_TEXT = ("yes", "no", "on", "off", "true", "false", "null")
"""Words that YAML takes for something else than text."""


def render(sheet: QuestionSheet) -> str:
    """`id: `, each under its question."""
    lines = (line for question in sheet.questions for line in _question(question))
    return "\n".join([f"# {_line(sheet.title)}", *lines])


def _question(question: AskedQuestion) -> Iterator[str]:
    yield ""
    for said in filter(None, (*question.facts, question.asked, question.form)):
        yield f"# {_line(said)}"
    if question.choices:
        yield f"# {' | '.join(question.choices)}"
    yield f"{_key(question.id)}: "


def _key(label: str) -> str:
    """Return an id as YAML takes it for a key."""
    plain = _BARE.fullmatch(label) and label.lower() not in _NO_TEXT
    return label if plain else quoted(label)


def _line(text: str) -> str:
    """Return a text as it may stand in a comment."""
    return printable(" ".join(text.split()))
