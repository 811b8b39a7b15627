"""What a student gets of a wrong answer, a step at a time: first what to look up, then what to think about, then the
formula without its numbers. No step tells the right answer."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.explain.page import symbol_in
from cnncalc.homework.grade import WRONG, GradedCell
from cnncalc.homework.questions import Question
from cnncalc.homework.report import Telling, derived, hint
from cnncalc.homework.slips import SLIPS
from cnncalc.text.messages import said, translate

_OPERATORS = frozenset("·+−/Σ")


def steps(cell: GradedCell, lang: str = "en") -> tuple[str, ...]:
    """Give the hints to an answer, the one that tells least first; of a right answer how it was read, if it is odd."""
    return tuple(dict.fromkeys(filter(None, _steps(cell, lang))))


def _steps(cell: GradedCell, lang: str) -> Iterator[str]:
    topics = tuple(_topics(cell, lang))
    if topics:
        yield translate("Look up: {topics}.", lang, topics="; ".join(dict.fromkeys(topics)))
    yield hint(cell, Telling(hints=True, lang=lang))
    if cell.status == WRONG:
        yield formula(cell.question, lang)


def _topics(cell: GradedCell, lang: str) -> Iterator[str]:
    flavour = cell.question.keyed.flavour
    for name in cell.diagnosis.slips:
        parts = (SLIPS[part] for part in name.split("+") if part in SLIPS)
        yield from (part.topic(flavour).text(lang) for part in parts)


def formula(question: Question, lang: str = "en") -> str:
    """Give the formulas of an answer without numbers, in a line; empty where they are no more than words."""
    formulas = (
        f"{symbol_in(step.symbol, lang)}: {said(step.formula, lang)}"
        for derivation in derived(question)
        for step in derivation.steps
        if _OPERATORS & set(step.formula)
    )
    return "; ".join(dict.fromkeys(formulas))


__all__ = ["formula", "steps"]
