"""Statistics of the questions: how hard each was, who left it blank, and which wrong numbers have no story yet.

Difficulty is the share of its points that a question earned (p of classical test theory: 1 is easy), discrimination the
correlation of its points with those of all other questions (the item-rest correlation).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from math import sqrt
from typing import Any, NamedTuple

from cnncalc.homework import report
from cnncalc.homework.grade import BLANK, STATUSES, UNREADABLE, WRONG, Graded, GradedCell, summary
from cnncalc.tables.table import Column, Table
from cnncalc.text.messages import translate

MAX_NUMBERS = 3
"""So many numbers without a story are shown of a question; data has all."""
FEWEST = 2
"""A wrong number is worth a slip when so many students gave it."""


class ItemStatistics(NamedTuple):
    """A question over the class. `unexplained` are wrong answers that no slip gives, by how often they were given."""

    question: str
    asked: int
    difficulty: float
    discrimination: float | None
    statuses: Counter[str]
    slips: Counter[str]
    unexplained: Counter[str]


def item_statistics(class_: Sequence[Graded]) -> list[ItemStatistics]:
    """Sum up each question over the sheets that could be read, in the order of the questions."""
    answers: dict[str, list[tuple[GradedCell, float]]] = {}
    for graded in class_:
        for cell in graded.cells:
            rest = float(graded.score - cell.points)
            answers.setdefault(report.label_of(cell.question), []).append((cell, rest))
    return [_item(label, found) for label, found in answers.items()]


def _item(label: str, answers: list[tuple[GradedCell, float]]) -> ItemStatistics:
    cells = [cell for cell, _ in answers]
    most = sum(float(cell.question.points) for cell in cells)
    points = [float(cell.points) for cell in cells]
    silent = (cell for cell in cells if cell.status == WRONG and not cell.diagnosis.slips)
    return ItemStatistics(
        label,
        len(cells),
        sum(points) / most if most else 0.0,
        correlation(points, [rest for _, rest in answers]),
        Counter(cell.status for cell in cells),
        Counter(name for cell in cells for name in cell.diagnosis.slips),
        Counter(_as_number(cell) for cell in silent),
    )


def _as_number(cell: GradedCell) -> str:
    """Write a wrong answer as the number that it is, so that `34,000` and `34000` are one."""
    value = cell.reading.value
    if isinstance(value, tuple):
        return "x".join(map(str, value))
    return cell.answer.text if value is None else str(value)


def correlation(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Pearson's r; None where fewer than two values, or values that do not vary, leave it open."""
    if len(first) < 2:
        return None
    means = sum(first) / len(first), sum(second) / len(second)
    apart = [
        (score - means[0], other - means[1]) for score, other in zip(first, second, strict=True)
    ]
    spread = sqrt(sum(score**2 for score, _ in apart)), sqrt(sum(other**2 for _, other in apart))
    if min(spread) < 1e-9:
        return None
    return sum(score * other for score, other in apart) / (spread[0] * spread[1])


def items_table(items: Iterable[ItemStatistics], lang: str = "en") -> Table:
    """Make the table of the questions, the hardest first."""
    columns = (
        Column("question", "question", "text"),
        Column("asked", "asked"),
        Column("difficulty", "difficulty", "text"),
        Column("discrimination", "discrimination", "text"),
        *(Column(status, report.STATUS[status]) for status in (BLANK, UNREADABLE)),
        Column("slips", "slips", "text"),
        Column("unexplained", "numbers without a story", "text", 2),
    )
    rows = tuple(
        (
            item.question,
            item.asked,
            f"{item.difficulty:.2f}",
            "" if item.discrimination is None else f"{item.discrimination:.2f}",
            item.statuses[BLANK],
            item.statuses[UNREADABLE],
            _most(item.slips),
            _most(item.unexplained, FEWEST),
        )
        for item in sorted(items, key=lambda item: item.difficulty)
    )
    note = translate(
        "difficulty: the share of the points earned, 1 is easy; discrimination: the correlation with the others",
        lang,
    )
    return Table(translate("questions", lang), columns, rows, notes=(note,), lang=lang)


def _most(counted: Counter[str], fewest: int = 1) -> str:
    """List the most frequent, each with how often."""
    often = [(name, times) for name, times in summary(counted).items() if times >= fewest]
    return ", ".join(f"{name} ({times})" for name, times in often[:MAX_NUMBERS])


def items_document(items: Iterable[ItemStatistics]) -> list[dict[str, Any]]:
    """Make the JSON of the questions, in their order."""
    return [
        {
            "question": item.question,
            "asked": item.asked,
            "difficulty": round(item.difficulty, 6),
            "discrimination": None
            if item.discrimination is None
            else round(item.discrimination, 6),
            "statuses": {status: item.statuses[status] for status in STATUSES},
            "slips": summary(item.slips),
            "unexplained": summary(item.unexplained),
        }
        for item in items
    ]


__all__ = ["ItemStatistics", "correlation", "item_statistics", "items_document", "items_table"]
