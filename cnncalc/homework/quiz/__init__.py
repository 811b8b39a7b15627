"""Quizzes: drawn from a seed, with a key, each question proven to tell its slips apart.

    quiz = make_quiz(7, 10, level=2)
    render(quiz, "markdown", Look())          # the sheet
    key.render(quiz, Look())                  # the key, a homework file
    check_quiz(quiz)                          # [] where all is as it should be
"""

from __future__ import annotations

from cnncalc.homework.quiz.drawing import MOST_QUESTIONS, make_quiz
from cnncalc.homework.quiz.making import Item, Quiz, Wrong, check_quiz
from cnncalc.homework.quiz.views import ASK, FORMATS, Look, key, render

__all__ = ["ASK", "FORMATS", "MOST_QUESTIONS", "Item", "Look", "Quiz", "Wrong", "check_quiz", "key", "make_quiz",
           "render"]
