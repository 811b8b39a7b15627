"""What a regrade changed: the grades of now against an earlier `--grades` file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from cnncalc.classroom.gradebook import Gradebook, Submission
from cnncalc.homework import report
from cnncalc.homework.grade import GradedCell
from cnncalc.homework.sheets.files import check_lines, decode
from cnncalc.homework.sheets.rows import MAX_BYTES, refuse
from cnncalc.tables.formats.csv import guarded
from cnncalc.tables.table import Column, Table
from cnncalc.text.files import read_bytes
from cnncalc.text.messages import in_language, message, translate

_START = ["student", "file", "score", "max"]
_END = "notes"
SCORE = "score"
"""What stands for the question where the sum changed."""
ABSENT = message("not among the grades of now")
NEW = message("not among the earlier grades")


class GradeChange(NamedTuple):
    """A changed grade: whose, of which question or the score, from what to what (empty where there was none), why."""

    student: str
    question: str
    before: str
    after: str
    why: str


class EarlierGrades(NamedTuple):
    """An earlier file: the points of each student by column."""

    labels: tuple[str, ...]
    rows: dict[str, dict[str, str]]


def read_grades(path: str) -> EarlierGrades:
    """Read a file that `--grades` wrote. Raises SpecError for any other, and for one past the limits of a sheet."""
    try:
        data = read_bytes(path, MAX_BYTES)
    except OSError as error:
        raise refuse(
            path, f"cannot read this file: {(error.strerror or str(error)).lower()}"
        ) from None
    text = decode(path, data)
    check_lines(path, text.split("\n"))
    try:
        rows = [row for row in csv.reader(io.StringIO(text)) if row]
    except csv.Error:
        rows = []
    head = rows[0] if rows else []
    if head[:4] != _START or head[-1] != _END or any(len(row) != len(head) for row in rows):
        raise refuse(path, "these are no grades of cnncalc", "a CSV that check --grades wrote")
    found = {(row[0] or row[1]): dict(zip(head, row, strict=True)) for row in rows[1:]}
    return EarlierGrades(tuple(head[4:-1]), found)


def changes(book: Gradebook, earlier: EarlierGrades) -> list[GradeChange]:
    """Compare the grades of now with earlier ones, student by student, the questions before the score."""
    now = {
        guarded(submission.student or submission.file): submission
        for submission in book.submissions
    }
    found = [
        change
        for name, submission in now.items()
        for change in _of_student(submission, earlier.rows.get(name))
    ]
    gone = (name for name in earlier.rows if name not in now)
    return [
        *found,
        *(GradeChange(name, SCORE, earlier.rows[name][SCORE], "", ABSENT) for name in gone),
    ]


def _of_student(submission: Submission, before: dict[str, str] | None) -> Iterator[GradeChange]:
    name = submission.student or submission.file
    graded = submission.graded
    score = "" if graded is None else str(report.plain_number(graded.score))
    if before is None:
        yield GradeChange(name, SCORE, "", score, NEW)
        return
    for cell in () if graded is None else graded.cells:
        label, points = report.label_of(cell.question), str(report.plain_number(cell.points))
        if before.get(guarded(label), "") != points:
            yield GradeChange(name, label, before.get(guarded(label), ""), points, _why(cell))
    if before[SCORE] != score:
        yield GradeChange(name, SCORE, before[SCORE], score, "" if graded else submission.reason)


def _why(cell: GradedCell) -> str:
    """Say what the points of now are for: the teacher's reason, else the status and the slips."""
    if cell.override is not None and cell.override.reason:
        return cell.override.reason
    slips = " | ".join(cell.diagnosis.slips)
    status = report.STATUS[cell.status]
    return message("{status}: {slips}", status=status, slips=slips) if slips else status


def changes_table(found: Iterable[GradeChange], lang: str = "en") -> Table:
    """Make the table of what changed."""
    columns = (
        Column("student", "student", "text"),
        Column("question", "question", "text"),
        Column("before", "earlier", "text"),
        Column("after", "now", "text"),
        Column("why", "why", "text"),
    )
    rows = tuple((*change[:-1], in_language(change.why, lang)) for change in found)
    notes = () if rows else (translate("nothing changed", lang),)
    return Table(translate("what changed", lang), columns, rows, notes=notes, lang=lang)


def changes_document(found: Iterable[GradeChange]) -> list[dict[str, Any]]:
    """Make the JSON of what changed."""
    return [change._asdict() for change in found]


__all__ = [
    "EarlierGrades",
    "GradeChange",
    "changes",
    "changes_document",
    "changes_table",
    "read_grades",
]
