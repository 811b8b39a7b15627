"""What is told of graded sheets: documents, tables, hints, Gradescope's results, the grades of a class.

A right answer is told only where that is asked for (`reveal`): nothing else here looks at one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc.homework.answers import CHANNELS_FIRST, ONES
from cnncalc.homework.diagnose import (
    BINARY,
    CONTRADICTION,
    CUT,
    DEPTH_RIGHT,
    DIGITS,
    PLACES,
    SIZE_RIGHT,
    UNIT,
    Diagnosis,
)
from cnncalc.homework.diagnose import CARRIED as ON_CARRIED
from cnncalc.homework.grade import (
    BLANK,
    CARRIED,
    CONVENTION,
    ELSEWHERE,
    RIGHT,
    UNREADABLE,
    Graded,
    GradedCell,
    summary,
)
from cnncalc.homework.slips import SLIPS
from cnncalc.ops.shapes import format_shape
from cnncalc.tables.table import Column, Table
from cnncalc.text.exact import whole
from cnncalc.text.messages import in_language, message, said, translate

if TYPE_CHECKING:
    from fractions import Fraction

    from cnncalc.explain.derive import Derivation
    from cnncalc.homework.questions import Question

STATUS = {
    RIGHT: message("right"),
    CONVENTION: message("convention"),
    ELSEWHERE: message("printed elsewhere"),
    CARRIED: message("carried"),
    "wrong": message("wrong"),
    BLANK: message("blank"),
    UNREADABLE: message("unreadable"),
}
CANNOT_BE_READ = message("cannot be read")
_FORMS = {
    CHANNELS_FIRST: message(
        "Written with the channels first; the order here is height, width, channels."
    ),
    ONES: message("Axes of one position are left out of the comparison."),
}
_CARRIED = message(
    "Follows from an earlier answer of yours, which is not right itself; this one keeps its marks."
)
_ON_CARRIED = message("This goes on from an earlier answer of yours, with one more slip.")
_TIED = message("These cannot be told apart by this number:")
_CONVENTION = "Right where one counts as '{convention}' does; this question counts differently."
UNEXPLAINED = message("No usual slip gives this; work it out again step by step.")
_ELSEWHERE = "Printed elsewhere: {where}. Work it out for the network of this question."
_PRINTED_SO = "Printed so: {where}."
_NOTES = {
    UNIT: message("The unit is not one of what is asked for."),
    DIGITS: message("Near, but written with too few digits to tell."),
    CONTRADICTION: message("The calculation written beside it makes another number."),
    CUT: message("The right number, cut off and not rounded."),
    PLACES: message("The right number, but the zeros at its end only hold places."),
    BINARY: message("Right where K is 1024."),
    SIZE_RIGHT: message("The size is right; look at the depth."),
    DEPTH_RIGHT: message("The depth is right; look at the size."),
}
_BLANK = message("No answer is given.")
_AND = message("Also:")


class Telling(NamedTuple):
    """How much is told, and in which language: hints give no number, `reveal` gives the answer and its derivation."""

    hints: bool = False
    reveal: bool = False
    lang: str = "en"


# --- one cell -------------------------------------------------------------------------------------------------------


def hint(cell: GradedCell, telling: Telling) -> str:
    """Return what to think about; with `reveal` also how the right answer comes about. Empty unless asked for."""
    if not (telling.hints or telling.reveal):
        return ""
    parts = [_decided(cell, telling.lang), _advice(cell, telling.lang)]
    if telling.reveal and cell.status != RIGHT:
        parts.append(derivation(cell.question, telling.lang))
    return " ".join(filter(None, parts))


def _decided(cell: GradedCell, lang: str) -> str:
    """Say what a teacher decided of an answer."""
    if cell.override is None:
        return ""
    points = plain_number(cell.override.points)
    said = translate("Decided by your teacher: {points} points.", lang, points=points)
    return " ".join(filter(None, (said, cell.override.reason)))


def _advice(cell: GradedCell, lang: str) -> str:
    if cell.status == RIGHT:
        return _FORMS[cell.form].text(lang) if cell.form else ""
    if cell.status == CARRIED:
        return _CARRIED.text(lang)
    if cell.status == BLANK:
        return _BLANK.text(lang)
    if cell.status == UNREADABLE:
        return in_language(cell.reading.problem, lang)
    if cell.diagnosis.convention is not None:
        return translate(_CONVENTION, lang, convention=cell.diagnosis.convention)
    advice = [_slip_advice(name, cell, lang) for name in cell.diagnosis.slips]
    if len(advice) > 1:
        advice = [_TIED.text(lang), *(f"({at}) {text}" for at, text in enumerate(advice, 1))]
    return " ".join((*_remarks(cell.diagnosis, lang), *advice)) or UNEXPLAINED.text(lang)


def _remarks(diagnosis: Diagnosis, lang: str) -> Iterator[str]:
    """Say what there is to say beside the slips: which part is right, how it is written, who prints it."""
    is_of_part = diagnosis.note in (SIZE_RIGHT, DEPTH_RIGHT)
    if diagnosis.note and not (is_of_part and diagnosis.slips):
        yield _NOTES[diagnosis.note].text(lang)
    if diagnosis.where is not None:
        is_right = diagnosis.note in (CUT, PLACES, BINARY)
        yield translate(_PRINTED_SO if is_right else _ELSEWHERE, lang, where=diagnosis.where)


def _slip_advice(name: str, cell: GradedCell, lang: str) -> str:
    """Join the hints of the slips that a name joins, in words that fit the layer."""
    parts = name.split("+")
    start = [_ON_CARRIED.text(lang)] if parts[0] == ON_CARRIED else []
    flavour = cell.question.keyed.flavour
    hints = [SLIPS[part].hint(lang, flavour) for part in parts if part in SLIPS]
    return " ".join((*start, f" {_AND.text(lang)} ".join(hints)))


def derived(question: Question) -> tuple[Derivation, ...]:
    """Derive the right answer, as `explain` does."""
    answer_key = question.answer_key
    return answer_key.net.explain(
        question.layer,
        question.quantity,
        batch=answer_key.report.batch,
        dtype=answer_key.report.dtype,
        convention=answer_key.convention.name,
    )


def derivation(question: Question, lang: str = "en") -> str:
    """Say how the right answer comes about, in a line."""
    steps = [
        " = ".join(
            said(part, lang)
            for part in dict.fromkeys((step.symbol, step.formula, step.numbers, step.result))
        )
        for explained in derived(question)
        for step in explained.steps
    ]
    return "; ".join(steps)


def cell_document(cell: GradedCell, telling: Telling) -> dict[str, Any]:
    """Return a cell as the contract's JSON has it."""
    question = cell.question
    right = question.keyed.right if telling.reveal else None
    document: dict[str, Any] = {
        "layer": question.layer,
        "quantity": question.quantity,
        "given": cell.answer.text or None,
        "expected": list(right) if isinstance(right, tuple) else right,
        "status": cell.status,
        "slips": list(cell.diagnosis.slips),
        "convention": cell.diagnosis.convention,
        "where": cell.diagnosis.where,
        "hint": hint(cell, telling),
    }
    if cell.override is not None:
        points, reason = cell.override
        document["override"] = {"points": plain_number(points), "reason": reason}
    return document if question.id is None else {"id": question.id, **document}


def plain_number(value: int | Fraction) -> int | float:
    """Points as JSON and CSV show them."""
    points = whole(value)
    return points if isinstance(points, int) else float(points)


# --- one sheet ------------------------------------------------------------------------------------------------------


def sheet_document(graded: Graded, telling: Telling) -> dict[str, Any]:
    """Return a sheet as the contract's JSON has it."""
    return {
        "score": plain_number(graded.score),
        "max": plain_number(graded.max),
        "cells": [cell_document(cell, telling) for cell in graded.cells],
    }


def submission_document(graded: Graded, telling: Telling) -> dict[str, Any]:
    """Return a sheet among others."""
    return {"file": graded.file, "student": graded.student, **sheet_document(graded, telling)}


def single_document(graded: Graded, telling: Telling) -> dict[str, Any]:
    """Return a sheet by itself: for a homework as the only one of a class."""
    if any(cell.question.id is not None for cell in graded.cells):
        return {
            "submissions": [submission_document(graded, telling)],
            "slips": summary(graded.slips()),
        }
    return sheet_document(graded, telling)


def sheet_table(graded: Graded, telling: Telling, *, hints_in_column: bool = False) -> Table:
    """Return a graded sheet, a row for each cell; hints stand below, or in a column."""
    has_ids = any(cell.question.id is not None for cell in graded.cells)
    columns = [
        Column("id", "question", "text"),
        Column("layer", "layer", "text"),
        Column("quantity", "quantity", "text"),
        Column("given", "answer", "text"),
        Column("expected", "right", "text"),
        Column("status", "status", "text"),
        Column("slips", "why", "text"),
        Column("hint", "hint", "text"),
    ]
    wanted = {"id": has_ids, "expected": telling.reveal, "hint": hints_in_column}
    kept = [place for place, column in enumerate(columns) if wanted.get(column.key, True)]
    rows = (_row(cell, telling) for cell in graded.cells)
    title = ": ".join(filter(None, (graded.student, score_text(graded, telling.lang))))
    return Table(
        title,
        tuple(columns[place] for place in kept),
        tuple(tuple(row[place] for place in kept) for row in rows),
        notes=tuple(_notes(graded, telling)),
        lang=telling.lang,
    )


def score_text(graded: Graded, lang: str = "en") -> str:
    """`3 of 4`."""
    score, most = plain_number(graded.score), plain_number(graded.max)
    return translate("{score} of {most}", lang, score=score, most=most)


def _row(cell: GradedCell, telling: Telling) -> tuple[str, ...]:
    question = cell.question
    right = question.keyed.right if telling.reveal else None
    shown = (
        format_shape(right) if isinstance(right, tuple) else "" if right is None else f"{right:,}"
    )
    diagnosis = cell.diagnosis
    where = in_language(diagnosis.where or "", telling.lang)
    slips = " | ".join(diagnosis.slips) or diagnosis.convention or where
    return (
        question.id or "",
        question.layer,
        question.quantity,
        cell.answer.text,
        shown,
        STATUS[cell.status].text(telling.lang),
        slips,
        hint(cell, telling),
    )


def _notes(graded: Graded, telling: Telling) -> Iterable[str]:
    """Where a right shape was written in another order or form; and the hints, where they are asked for."""
    for form, phrase in _FORMS.items():
        layers = [cell.question.layer for cell in graded.cells if cell.form == form]
        if layers:
            yield f"{', '.join(layers)}: {phrase.text(telling.lang)}"
    for cell in graded.cells:
        text = hint(cell, telling) if cell.status != RIGHT else ""
        if text:
            yield f"{label_of(cell.question)}: {text}"


def gradescope_document(graded: Graded, telling: Telling) -> dict[str, Any]:
    """Return the `results.json` of a Gradescope autograder, a test for each question."""
    return {
        "score": plain_number(graded.score),
        "output": score_text(graded, telling.lang),
        "tests": [_test(cell, telling) for cell in graded.cells],
    }


def unread_document(reason: str, lang: str = "en") -> dict[str, Any]:
    """Gradescope's results for a file that is no sheet."""
    output = f"{CANNOT_BE_READ.text(lang)}: {in_language(reason, lang)}"
    return {"score": 0, "output": output, "tests": []}


def _test(cell: GradedCell, telling: Telling) -> dict[str, Any]:
    question = cell.question
    name = (
        f"{question.layer} {question.quantity}"
        if question.id is None
        else ": ".join(filter(None, (question.id, question.text)))
    )
    lines = [STATUS[cell.status].text(telling.lang), hint(cell, telling)]
    return {
        "name": name,
        "score": plain_number(cell.points),
        "max_score": plain_number(question.points),
        "output": "\n".join(filter(None, lines)),
        "visibility": "visible",
    }


def label_of(question: Question) -> str:
    """Return a question's id, or the layer and the quantity."""
    return question.id or f"{question.layer} {question.quantity}"
