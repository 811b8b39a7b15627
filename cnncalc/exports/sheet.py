"""A sheet of questions as one value, whatever it was drawn from: each format is a function of it.

All that a format says stands here in words of one language; a format computes nothing and asks nobody.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from cnncalc.text.exact import Exact

NUMBER, SHAPE, CHOICE = KINDS = ("number", "shape", "choice")
"""What is answered: a whole number, several such as `55x55x96`, or one of the choices offered."""


class RightAnswer(NamedTuple):
    """A right answer as a student would write it (`34,944` or `55x55x96`); a number may be off by the tolerance."""

    text: str
    tolerance: Exact = 0


class Response(NamedTuple):
    """What is said to a wrong answer, with the part of the points that it keeps; no `slips` where none gives it."""

    text: str
    message: str
    slips: tuple[str, ...] = ()
    credit: Exact = 0


class DrawnFrom(NamedTuple):
    """Where a question was drawn: its number (from 0) in the quiz of a seed, a level and a student."""

    seed: str
    level: int
    number: int
    student: str = ""


class AskedQuestion(NamedTuple):
    """A question in words: facts a line each, what is asked, the form of the answer; and all that is said to answers.

    `choices` stand in the order in which they are shown, and are none where the answer is written. `responses` are to
    the wrong choices, or to the wrong answers that slips give. `derivation` is how the answer comes about, `homework`
    the text of a homework file of this question alone; `drawn` says where others of its kind come from.
    """

    id: str
    facts: tuple[str, ...]
    asked: str
    form: str
    right: tuple[RightAnswer, ...]
    responses: tuple[Response, ...] = ()
    choices: tuple[str, ...] = ()
    points: Exact = 1
    derivation: str = ""
    homework: str = ""
    drawn: DrawnFrom | None = None

    @property
    def answer(self) -> str:
        """The right answer, where several are the first."""
        return self.right[0].text

    @property
    def kind(self) -> str:
        """What is answered, of KINDS."""
        if self.choices:
            return CHOICE
        return SHAPE if "x" in self.answer else NUMBER

    @property
    def text(self) -> str:
        """All of it as one paragraph."""
        return " ".join(filter(None, (*self.facts, self.asked, self.form)))


class QuestionSheet(NamedTuple):
    """A title and questions, in one language; `unexplained` is said to a wrong answer that no slip gives."""

    title: str
    questions: tuple[AskedQuestion, ...]
    lang: str = "en"
    student: str = ""
    unexplained: str = ""


def spellings(text: str, kind: str) -> list[str]:
    """List how an answer may be typed: a number without commas, a shape with either sign and with blanks."""
    if kind == CHOICE:
        return [text]
    if kind == NUMBER:
        return [text.replace(",", "")]
    return list(dict.fromkeys(text.replace("x", sign) for sign in ("x", "×", " x ", " × ")))


_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml_text(text: str) -> str:
    """Replace what XML 1.0 cannot hold (section 2.2, Char) by U+FFFD."""
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def decimal(value: Exact, places: int = 7) -> str:
    """Write a number in decimals, as course systems read points: 2, 0.5, 0.3333333."""
    return f"{float(value):.{places}f}".rstrip("0").rstrip(".") if value % 1 else str(value)


__all__ = [
    "CHOICE",
    "KINDS",
    "NUMBER",
    "SHAPE",
    "AskedQuestion",
    "DrawnFrom",
    "QuestionSheet",
    "Response",
    "RightAnswer",
    "decimal",
    "spellings",
    "xml_text",
]
