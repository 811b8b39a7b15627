"""Quizzes: drawn from a seed, with a key, each question proven to tell its slips apart.

quiz = make_quiz(7, 10, level=2)
render(quiz, "markdown", Look())          # the sheet
key.render(quiz, Look())                  # the key, a homework file
check_quiz(quiz)                          # [] where all is as it should be
"""

from __future__ import annotations

from cnncalc.quiz.draw import MOST_QUESTIONS, make_quiz
from cnncalc.quiz.formats import ASK, FORMATS, Look, key, render
from cnncalc.quiz.prove import Item, Quiz, Wrong, check_quiz

__all__ = [
    "ASK",
    "FORMATS",
    "MOST_QUESTIONS",
    "Item",
    "Look",
    "Quiz",
    "Wrong",
    "check_quiz",
    "key",
    "make_quiz",
    "render",
]
