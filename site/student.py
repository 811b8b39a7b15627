"""What the student's page asks: a homework opened, its answers judged, questions drawn without end.

Runs in the browser, in Pyodide; answers are JSON text. One homework and one drawn question are open at a time. What
a student gets is decided here: no right answer leaves before it is given, or asked for of a drawn question.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from problems import as_data

import cnncalc
from cnncalc.explain.page import render
from cnncalc.homework.grade import FULL_MARKS, GradedCell, grade
from cnncalc.homework.questions import Homework, Question, load_homework, read_homework
from cnncalc.homework.report import STATUS, derived, plain_number
from cnncalc.homework.shared import judge_answers, shared_text
from cnncalc.homework.sheets.read import Answer
from cnncalc.homework.steps import steps
from cnncalc.models.writers import write_graph
from cnncalc.page.playground import A_NUMBER
from cnncalc.quiz import Item, endless
from cnncalc.quiz.wording import asked_of, question_text
from cnncalc.text.messages import translate
from cnncalc.text.source import Source

HOMEWORK = "homework.yaml"
"""What problems call the homework's text."""

_opened: dict[str, Homework] = {}
_drawn: dict[tuple[str, int], Iterator[Item]] = {}
_item: list[Item] = []


def open_text(text: str, lang: str) -> str:
    """Open the homework of a text, shared or not; answers with its questions, or with its problems."""
    return _open(lambda: read_homework(Source(HOMEWORK, text)), lang)


def open_sample(name: str, lang: str) -> str:
    """Open a homework that ships."""
    return _open(lambda: load_homework(name), lang)


def _open(read: Callable[[], Homework], lang: str) -> str:
    try:
        homework = read()
    except cnncalc.SpecError as error:
        return json.dumps({"problems": as_data(error, HOMEWORK, lang)})
    _opened["homework"] = homework
    questions = [_question(question, lang) for question in homework.questions]
    sealed = all(question.digests for question in homework.questions)
    return json.dumps(
        {"title": homework.title, "questions": questions, "sealed": sealed, "problems": []}
    )


def _question(question: Question, lang: str) -> dict[str, Any]:
    key = question.answer_key
    right = question.keyed.right
    assert right is not None, question.id
    report = key.report
    _, form = asked_of(question.layer, question.quantity, right, report.batch, report.dtype)
    return {
        "id": question.id,
        "text": question_text(question, lang),
        "form": form.text(lang) if isinstance(right, tuple) else translate(A_NUMBER, lang),
        "network": write_graph(key.graph, key.net.title, "yaml").text.rstrip("\n"),
        "points": plain_number(question.points),
    }


def share() -> str:
    """Answer with the open homework as it is shared: with digests, and no answer in clear."""
    return json.dumps({"text": shared_text(_opened["homework"])})


def judge(answers: str, lang: str) -> str:
    """Judge the answers to the open homework, JSON by the ids of questions."""
    cells = judge_answers(_opened["homework"], json.loads(answers))
    return json.dumps(
        {
            "cells": [_judged(cell, lang) for cell in cells],
            "score": plain_number(sum(cell.points for cell in cells)),
            "max": plain_number(sum(cell.question.points for cell in cells)),
        }
    )


def _judged(cell: GradedCell, lang: str) -> dict[str, Any]:
    """Give what a student gets of an answer: how it comes about only once it is right."""
    done = cell.status in FULL_MARKS
    return {
        "id": cell.question.id,
        "status": cell.status,
        "label": STATUS[cell.status].text(lang),
        "steps": list(steps(cell, lang)),
        "derivation": derivation(cell.question, lang) if cell.status == "right" else "",
        "done": done,
    }


def derivation(question: Question, lang: str) -> str:
    """Give the derivation of the right answer, as `cnncalc explain` shows it."""
    return render(question.layer, derived(question), lang)


def draw(seed: str, level: int, lang: str) -> str:
    """Draw the next question of a seed and a level."""
    if (seed, level) not in _drawn:
        _drawn.clear()
        _drawn[seed, level] = endless(seed, level)
    item = next(_drawn[seed, level])
    _item[:] = [item]
    wording = item.wording
    return json.dumps(
        {
            "facts": [fact.text(lang) for fact in wording.facts],
            "asked": wording.asked.text(lang),
            "form": wording.form.text(lang),
        }
    )


def judge_drawn(answer: str, lang: str) -> str:
    """Judge an answer to the drawn question."""
    (cell,), _ = grade([(_item[0].question, Answer(answer, ""))])
    return json.dumps(_judged(cell, lang))


def reveal_drawn(lang: str) -> str:
    """Answer with the right answer to the drawn question, and how it comes about."""
    item = _item[0]
    return json.dumps({"answer": item.answer, "derivation": derivation(item.question, lang)})
