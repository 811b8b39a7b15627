"""A sheet to fill in: CSV with a column for the answers, which `cnncalc check --homework` reads."""

from __future__ import annotations

import csv
import io

from cnncalc.exports.sheet import QuestionSheet


def render(sheet: QuestionSheet) -> str:
    """Return a row for each question: id, text, an empty answer."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["id", "question", "answer"])
    for question in sheet.questions:
        choices = f" {' | '.join(question.choices)}" if question.choices else ""
        writer.writerow([question.id, question.text + choices, ""])
    return text.getvalue().rstrip("\n")
