"""Quizzes: drawn from a seed, with a key, each question proven to tell its slips apart.

quiz = make_quiz(7, 10, level=2)
render(quiz, "markdown", Style())          # the sheet
key.render(quiz, Style())                  # the key, a homework file
check_quiz(quiz)                          # [] where all is as it should be
"""

from __future__ import annotations

from cnncalc.quiz.draw import MAX_QUESTIONS, endless, make_quiz
from cnncalc.quiz.formats import ASK, FORMATS, Style, key, render
from cnncalc.quiz.prove import Item, Quiz, Wrong, check_quiz

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
    "key",
    "make_quiz",
    "render",
]
