"""A quiz as JSON: the sheet without answers, and the key with all that is known of them."""

from __future__ import annotations

import json
from typing import Any

from cnncalc.quiz.formats import Style
from cnncalc.quiz.prove import Item, Quiz, Wrong


def render(quiz: Quiz, style: Style) -> str:
    """Return the sheet: nothing in it says which choice is right."""
    return _dumped(
        {
            "title": style.titled(quiz),
            "student": quiz.student or None,
            "questions": [_sheet(item, style) for item in quiz.items],
        }
    )


def render_key(quiz: Quiz, style: Style) -> str:
    """Return the key: answers, the wrong answers with their slips, and what is needed to draw the same quiz again."""
    return _dumped(
        {
            "title": style.titled(quiz),
            "student": quiz.student or None,
            "seed": quiz.seed,
            "level": quiz.level,
            "network": quiz.network or None,
            "questions": [{**_sheet(item, style), **_answers(item, style)} for item in quiz.items],
        }
    )


def _dumped(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1)


def _sheet(item: Item, style: Style) -> dict[str, Any]:
    wording = item.wording
    return {
        "id": item.id,
        "facts": [fact.text(style.lang) for fact in wording.facts],
        "asked": wording.asked.text(style.lang),
        "form": wording.form.text(style.lang),
        "choices": item.choices if style.offers(item) else None,
    }


def _answers(item: Item, style: Style) -> dict[str, Any]:
    question = item.question
    return {
        "layer": question.layer,
        "quantity": question.quantity,
        "answer": item.answer,
        "told_apart": [_wrong(wrong, style) for wrong in item.told_apart],
        "distractors": [_wrong(wrong, style) for wrong in item.wrong],
        "offered": [_wrong(wrong, style) for wrong in item.offered],
    }


def _wrong(wrong: Wrong, style: Style) -> dict[str, Any]:
    return {"answer": wrong.text, "slips": list(wrong.slips), "message": wrong.message(style.lang)}
