"""Homework: answers about networks are graded, and the slip behind a wrong one is named.

    from cnncalc.homework import AnswerKey, grade_one, load_homework, grade_homework_sheet

    about = AnswerKey(cnncalc.load("alexnet"))
    grade_one(about, "conv1", "params", "34848").cells[0].diagnosis.slips    # ("no-bias",)

An `AnswerKey` is a network that questions are about. Its `question(layer, quantity)` has the right answer and every
number that a slip gives instead. `SLIPS` are all slips by name. Sheets are graded by `grade_network_sheet` and, for a
file of questions, `grade_homework_sheet`; `cnncalc.homework.report` shows the result.
"""

from __future__ import annotations

from cnncalc.homework.candidates import KeyedQuestion, SlipCombo
from cnncalc.homework.diagnose import Diagnosis, diagnose
from cnncalc.homework.grade import (
    STATUSES,
    Graded,
    GradedCell,
    grade,
    grade_homework_sheet,
    grade_network_sheet,
    grade_one,
)
from cnncalc.homework.key import AnswerKey
from cnncalc.homework.questions import Homework, Question, load_homework
from cnncalc.homework.slips import SLIPS, Slip, slips_of

__all__ = [
    "SLIPS",
    "STATUSES",
    "AnswerKey",
    "Diagnosis",
    "Graded",
    "GradedCell",
    "Homework",
    "KeyedQuestion",
    "Question",
    "Slip",
    "SlipCombo",
    "diagnose",
    "grade",
    "grade_homework_sheet",
    "grade_network_sheet",
    "grade_one",
    "load_homework",
    "slips_of",
]
