"""A sheet as JSON: the questions without their answers."""

from __future__ import annotations

import json
from typing import Any

from cnncalc.exports.sheet import AskedQuestion, QuestionSheet


def render(sheet: QuestionSheet) -> str:
    """Return the sheet: nothing in it says which choice is right."""
    return json.dumps(document(sheet), ensure_ascii=False, indent=1)


def document(sheet: QuestionSheet) -> dict[str, Any]:
    """Return the sheet as data."""
    return {
        "title": sheet.title,
        "student": sheet.student or None,
        "questions": [_question(question) for question in sheet.questions],
    }


def _question(question: AskedQuestion) -> dict[str, Any]:
    return {
        "id": question.id,
        "facts": list(question.facts),
        "asked": question.asked,
        "form": question.form,
        "choices": list(question.choices) or None,
    }
