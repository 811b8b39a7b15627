"""Grades as a spreadsheet or a course system imports them: CSV in UTF-8 with a mark, by which Excel knows it.

- Canvas: the columns of its own export (lib/gradebook_exporter.rb of canvas-lms), `Student, ID, SIS User ID, SIS Login
  ID, Section, <assignment>`, with the row of points possible; its importer finds a student by ID, else SIS User ID, SIS
  Login ID or name. `<assignment>` ends in Canvas' number, `Homework 3 (1234)`; without it a new one is made.
- Moodle: "Grade import": ID number, address and name, one of which the importer is told to map users by, and the grade.

A name that a spreadsheet would compute gets an apostrophe, where an id says who the student is all the same. An id is
what the course system has, and stays as it is; one that would be computed is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from cnncalc.classroom.gradebook import Gradebook, Submission
from cnncalc.classroom.roster import Student
from cnncalc.homework import report
from cnncalc.tables.formats.csv import csv_text, guarded
from cnncalc.text.messages import message
from cnncalc.text.source import single_problem

BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
"""By which Excel knows a CSV as UTF-8; Canvas and Moodle both take it."""
USUAL_ASSIGNMENT = "Homework"

_ID_NUMBERS = ("ID number", "idnumber", "SIS User ID", "student id", "student number", "학번", "id")
_ADDRESSES = ("Email address", "email", "E-mail")
_LOGINS = ("SIS Login ID", "login id", "login", "username")


class GradesFile(NamedTuple):
    """The text of a gradebook, and what is to be said of it."""

    text: str
    notes: tuple[str, ...] = ()


def grades_file(book: Gradebook, system: str, assignment: str = "") -> GradesFile:
    """Write the grades for Excel, Moodle or Canvas. Raises SpecError for a course system without a roster."""
    if system == "excel":
        return GradesFile(BYTE_ORDER_MARK + book.grades())
    roster = book.plan.roster
    if roster is None:
        raise single_problem(
            "--grades-for",
            system,
            f"{system} needs to know who the class are",
            "--students FILE, best the gradebook that it exports",
            "option",
        )
    title = assignment or book.plan.title or USUAL_ASSIGNMENT
    by_student = {
        submission.student: submission
        for submission in book.submissions
        if submission.student in roster.by_key
    }
    pairs = [(roster.by_key[key], by_student[key]) for key in roster.keys if key in by_student]
    most = max((_most(submission) for _, submission in pairs), default=0)
    head, identity = SYSTEMS[system]
    rows: list[list[Any]] = [[*head, guarded(title)]]
    if system == "canvas":
        rows.append(["    Points Possible", *("" for _ in head[1:]), most])
    rows += [[*_safe(identity(student)), _score(submission)] for student, submission in pairs]
    return GradesFile(BYTE_ORDER_MARK + csv_text(rows), tuple(_notes(book, pairs, identity)))


def _canvas(student: Student) -> list[str]:
    """Say who a student is in Canvas' columns, the name first; of another roster's id as the SIS User ID."""
    is_canvas = "SIS Login ID" in student.row
    return [
        student.name,
        student.field("ID") if is_canvas else "",
        student.field("SIS User ID") if is_canvas else _id_number(student),
        student.field(*_LOGINS) or ("" if is_canvas else student.field(*_ADDRESSES)),
        student.field("Section"),
    ]


def _moodle(student: Student) -> list[str]:
    return [student.name, _id_number(student), student.field(*_ADDRESSES)]


def _id_number(student: Student) -> str:
    return student.field(*_ID_NUMBERS) or ("" if "@" in student.key else student.key)


SYSTEMS: dict[str, tuple[tuple[str, ...], Callable[[Student], list[str]]]] = {
    "canvas": (("Student", "ID", "SIS User ID", "SIS Login ID", "Section"), _canvas),
    "moodle": (("Full name", "ID number", "Email address"), _moodle),
}
"""What each course system calls the columns that say who a student is, the name first, and what goes into them."""


def _safe(identity: list[str]) -> list[str]:
    """Guard the name; ids are what the course system has, and stay."""
    name, *ids = identity
    return [guarded(name), *ids]


def _notes(
    book: Gradebook,
    pairs: list[tuple[Student, Submission]],
    identity: Callable[[Student], list[str]],
) -> Iterator[str]:
    for student, _ in pairs:
        name, *ids = identity(student)
        if any(guarded(text) != text for text in ids):
            yield message("{name}: a spreadsheet would compute this student's id", name=student.key)
        elif guarded(name) != name and not any(ids):
            yield message(
                "{name}: no id, and the name is written with an apostrophe", name=student.key
            )
    known = {student.key for student, _ in pairs}
    for submission in book.submissions:
        if submission.student not in known:
            name = submission.student or submission.file
            yield message("{name}: not in the gradebook, as not on the roster", name=name)


def _score(submission: Submission) -> Any:
    return "" if submission.graded is None else report.plain_number(submission.graded.score)


def _most(submission: Submission) -> Any:
    return 0 if submission.graded is None else report.plain_number(submission.graded.max)


__all__ = ["BYTE_ORDER_MARK", "SYSTEMS", "GradesFile", "grades_file"]
