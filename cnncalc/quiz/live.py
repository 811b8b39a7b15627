"""A question that asks and grades while a course system runs it: PrairieLearn's `generate` and `grade`.

    from cnncalc.quiz.live import ask, judge

    def generate(data):
        ask(data, QUESTION)

    def grade(data):
        judge(data)

`data` is PrairieLearn's: `ask` fills `params` and `correct_answers`; `judge` reads `submitted_answers`, and fills
`score`, `partial_scores` and `feedback`. What was asked stands in `params`, so that grading needs nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import unescape
from typing import Any

from cnncalc.exports.prairielearn import ANSWER, described
from cnncalc.exports.sheet import DrawnFrom
from cnncalc.homework.grade import BLANK, UNREADABLE
from cnncalc.homework.questions import read_homework
from cnncalc.homework.report import Telling, hint
from cnncalc.homework.shared import judge_answers
from cnncalc.quiz.draw import another
from cnncalc.quiz.prove import Quiz
from cnncalc.quiz.sheets import quiz_sheet
from cnncalc.quiz.style import Style
from cnncalc.text.source import Source


def ask(data: dict[str, Any], question: Mapping[str, Any]) -> None:
    """Fill in a question: the one described or, where it was drawn, one of its kind for the variant of the student."""
    drawn = question.get("drawn")
    if drawn is not None:
        origin = DrawnFrom(**drawn)
        quiz = Quiz((another(origin, data["variant_seed"]),), origin.seed, origin.level)
        lang = question["lang"]
        (asked,) = quiz_sheet(quiz, Style(lang, ask=question["ask"])).questions
        question = described(asked, lang)
    data["params"].update(question["params"])
    data["correct_answers"].update(question["correct_answers"])


def judge(data: dict[str, Any]) -> None:
    """Grade the answer submitted: its score, and what to think about where it is not right.

    What cannot be read as an answer is a format error, which costs no attempt.
    """
    params = data["params"]
    homework = read_homework(Source("question", params["homework"]))
    (label,) = homework.ids
    (cell,) = judge_answers(homework, {label: _submitted(data)})
    message = hint(cell, Telling(hints=True, lang=params["lang"]))
    if cell.status in (BLANK, UNREADABLE):
        data["format_errors"][ANSWER] = message
        return
    points = cell.question.points
    score = float(cell.points / points) if points else 0.0
    data["partial_scores"][ANSWER] = {"score": score, "weight": 1}
    data["score"] = score
    data["feedback"]["message"] = message


def _submitted(data: Mapping[str, Any]) -> str:
    """Return the answer that was submitted; of choices, each of which has a key, the one that was chosen."""
    given = str(data["submitted_answers"].get(ANSWER) or "")
    shown = {choice["key"]: unescape(choice["html"]) for choice in data["params"].get(ANSWER, ())}
    return shown.get(given, given)


__all__ = ["ask", "judge"]
