"""Quizzes: drawn from a seed, with a key, each question proven to tell its slips apart.

quiz = make_quiz(7, 10, level=2)
render(quiz, "markdown", Style())          # the sheet
key.render(quiz, Style())                  # the key, a homework file
check_quiz(quiz)                          # [] where all is as it should be

A homework of one's own is written in the same formats: `exports.render(homework_sheet(homework, Style()), "moodle")`.
"""

from __future__ import annotations

from cnncalc.exports import ASK, FORMATS
from cnncalc.quiz import key
from cnncalc.quiz.draw import MAX_QUESTIONS, endless, make_quiz
from cnncalc.quiz.prove import Item, Quiz, Wrong, check_quiz
from cnncalc.quiz.request import render
from cnncalc.quiz.sheets import homework_sheet, quiz_sheet
from cnncalc.quiz.style import Style

__all__ = [
    "ASK",
    "FORMATS",
    "MAX_QUESTIONS",
    "Item",
    "Quiz",
    "Style",
    "Wrong",
    "check_quiz",
    "endless",
    "homework_sheet",
    "key",
    "make_quiz",
    "quiz_sheet",
    "render",
]
