"""A quiz as JSON: the sheet without answers, and the key with all that is known of them."""

from __future__ import annotations

import json
from typing import Any

from cnncalc.quiz.formats import Look
from cnncalc.quiz.prove import Item, Quiz, Wrong


def render(quiz: Quiz, look: Look) -> str:
    """The sheet: nothing in it says which choice is right."""
    return _dumped(
        {
            "title": look.titled(quiz),
            "student": quiz.student or None,
            "questions": [_sheet(item, look) for item in quiz.items],
        }
    )


def render_key(quiz: Quiz, look: Look) -> str:
    """The key: answers, the wrong answers with their slips, and what is needed to draw the same quiz again."""
    return _dumped(
        {
            "title": look.titled(quiz),
            "student": quiz.student or None,
            "seed": quiz.seed,
            "level": quiz.level,
            "network": quiz.network or None,
            "questions": [{**_sheet(item, look), **_answers(item, look)} for item in quiz.items],
        }
    )


def _dumped(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1)


def _sheet(item: Item, look: Look) -> dict[str, Any]:
    wording = item.wording
    return {
        "id": item.id,
        "facts": [fact.in_(look.lang) for fact in wording.facts],
        "asked": wording.asked.in_(look.lang),
        "form": wording.form.in_(look.lang),
        "choices": item.choices if look.offers(item) else None,
    }


def _answers(item: Item, look: Look) -> dict[str, Any]:
    question = item.question
    return {
        "layer": question.layer,
        "quantity": question.quantity,
        "answer": item.answer,
        "told_apart": [_wrong(wrong, look) for wrong in item.told_apart],
        "distractors": [_wrong(wrong, look) for wrong in item.wrong],
    }


def _wrong(wrong: Wrong, look: Look) -> dict[str, Any]:
    return {"answer": wrong.text, "slips": list(wrong.slips), "message": wrong.message(look.lang)}
