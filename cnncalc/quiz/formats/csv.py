"""A sheet to fill in: CSV with a column for the answers, which `cnncalc check --homework` reads."""

from __future__ import annotations

import csv
import io

from cnncalc.quiz.formats import Style
from cnncalc.quiz.prove import Quiz


def render(quiz: Quiz, style: Style) -> str:
    """Return a row for each question: id, text, an empty answer."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["id", "question", "answer"])
    for item in quiz.items:
        choices = f" {' | '.join(item.choices)}" if style.offers(item) else ""
        writer.writerow([item.id, item.wording.text(style.lang) + choices, ""])
    return text.getvalue().rstrip("\n")
