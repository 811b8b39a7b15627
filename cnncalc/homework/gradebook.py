"""The submissions of a class: graded one after another, and everything that is written of them together.

Whatever goes wrong with one submission, a bug of ours too, costs that submission alone.
"""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any, NamedTuple

from cnncalc.homework import report
from cnncalc.homework.grade import STATUSES, Graded, summary
from cnncalc.homework.request import GradingPlan
from cnncalc.homework.slips import SLIPS
from cnncalc.homework.students import file_stem, readable, student_names
from cnncalc.tables.formats.csv import csv_text, guarded
from cnncalc.tables.table import Column, Table
from cnncalc.text.messages import in_language, translate
from cnncalc.text.source import SpecError

MAX_SHOWN_QUESTIONS = 5


class Submission(NamedTuple):
    """One student's work: graded, or the reason why it cannot be read, short and as shown with its place."""

    file: str
    student: str | None
    graded: Graded | None
    reason: str = ""
    error: SpecError | None = None

    def details(self, lang: str = "en") -> str:
        """Say why it cannot be read, with the place."""
        if self.error is not None:
            return readable(self.error.text(lang))
        return f"{self.file}: error: {in_language(self.reason, lang)}"


class Gradebook:
    """What has come of a class so far."""

    def __init__(self, plan: GradingPlan) -> None:
        self.plan = plan
        self.names = student_names(plan.paths)
        self.submissions: list[Submission] = []

    # -- grading -----------------------------------------------------------------------------------------------------

    def take(self, path: str) -> list[Submission]:
        """Grade a file, of one student or of many, and keep what came of it."""
        taken = list(self._graded(path))
        self.submissions += taken
        return taken

    def _graded(self, path: str) -> Iterator[Submission]:
        student = self.names.get(path)
        try:
            for graded in self.plan.grade(path):
                named = graded._replace(file=readable(path), student=graded.student or student)
                yield Submission(named.file, named.student, named)
        except SpecError as error:
            error.__context__ = (
                None  # it and the traceback hold the file and all that was read of it
            )
            reason = error.problems[0].message
            yield Submission(readable(path), student, None, reason, error.with_traceback(None))
        except Exception as error:  # a bug of ours must not cost the others their grades
            reason = f"a bug in cnncalc ({_where(error)}); please report it"
            yield Submission(readable(path), student, None, reason)

    @property
    def graded(self) -> list[Graded]:
        """The submissions that could be read."""
        return [
            submission.graded for submission in self.submissions if submission.graded is not None
        ]

    @property
    def exit_code(self) -> int:
        """Give 2 where a submission cannot be read, 1 where an answer has not full marks, else 0."""
        if any(submission.graded is None for submission in self.submissions):
            return 2
        return 0 if all(graded.passed for graded in self.graded) else 1

    # -- documents ---------------------------------------------------------------------------------------------------

    def document(self, telling: report.Telling) -> dict[str, Any]:
        """Make the contract's JSON of a class; one that cannot be read has no cells, and a `problem`."""
        return {
            "submissions": [
                self._unread(submission)
                if submission.graded is None
                else report.submission_document(submission.graded, telling)
                for submission in self.submissions
            ],
            "slips": summary(self.slips),
        }

    def _unread(self, submission: Submission) -> dict[str, Any]:
        most = report.plain_number(sum(question.points for question in self.plan.questions))
        return {
            "file": submission.file,
            "student": submission.student,
            "score": 0,
            "max": most,
            "cells": [],
            "problem": submission.reason,
        }

    def gradescope(self, telling: report.Telling) -> dict[str, Any]:
        """Make Gradescope's results of every student, in one document."""
        return {
            "submissions": [
                {
                    "file": submission.file,
                    "student": submission.student,
                    **gradescope_results(submission, telling),
                }
                for submission in self.submissions
            ]
        }

    def gradescope_files(self, telling: report.Telling) -> Iterator[tuple[str, dict[str, Any]]]:
        """Make a results file for each student, by its name; no two have one name."""
        taken: set[str] = set()
        for submission in self.submissions:
            name = _free(file_stem(submission.student or "results"), taken)
            yield f"{name}.json", gradescope_results(submission, telling)

    def grades(self) -> str:
        """Make the grades as CSV, a row for each student: score, points of each question, notes."""
        labels = [report.label_of(question) for question in self.plan.questions]
        rows: list[list[Any]] = [["student", "file", "score", "max", *labels, "notes"]]
        rows += [_grades_row(submission, labels) for submission in self.submissions]
        return csv_text(
            [guarded(cell) if isinstance(cell, str) else cell for cell in row] for row in rows
        )

    # -- tables ------------------------------------------------------------------------------------------------------

    @property
    def slips(self) -> Counter[str]:
        """Count how often each slip is named."""
        return sum((graded.slips() for graded in self.graded), Counter[str]())

    def table(self, lang: str = "en") -> Table:
        """Make the table of the class, a line for each student; what cannot be read stands below it."""
        columns = (
            Column("student", "student", "text"),
            Column("score", "score", "text"),
            Column("max", "out of", "text"),
            *(Column(status, report.STATUS[status]) for status in STATUSES),
        )
        notes = tuple(
            f"{submission.student or submission.file}: {report.CANNOT_BE_READ.text(lang)}: "
            f"{in_language(submission.reason, lang)}"
            for submission in self.submissions
            if submission.graded is None
        )
        rows = tuple(map(_class_row, self.submissions))
        return Table("", columns, rows, notes=notes, lang=lang)

    def slip_table(self, lang: str = "en") -> Table:
        """Make the table of the slips by how often they were made, and in which questions."""
        columns = (
            Column("slip", "slip", "text"),
            Column("times", "times"),
            Column("questions", "questions", "text"),
            Column("about", "what it is", "text"),
        )
        questions: dict[str, Counter[str]] = {}
        for graded in self.graded:
            for cell in graded.cells:
                for name in cell.diagnosis.slips:
                    questions.setdefault(name, Counter())[report.label_of(cell.question)] += 1
        rows = tuple(
            (name, times, _most(questions[name]), _about(name, lang))
            for name, times in summary(self.slips).items()
        )
        return Table(translate("slips", lang), columns, rows, lang=lang)


def gradescope_results(submission: Submission, telling: report.Telling) -> dict[str, Any]:
    """Make the `results.json` of one student, whatever was handed in."""
    if submission.graded is None:
        return report.unread_document(submission.reason, telling.lang)
    return report.gradescope_document(submission.graded, telling)


def _where(error: Exception) -> str:
    """Say which error was raised where."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {PurePath(frame.filename).name}:{frame.lineno}"


def _free(stem: str, taken: set[str]) -> str:
    """Give a name that no other file has, on systems too that do not tell case apart."""
    name, number = stem, 1
    while name.casefold() in taken:
        number += 1
        name = f"{stem}_{number}"
    taken.add(name.casefold())
    return name


def _grades_row(submission: Submission, labels: list[str]) -> list[Any]:
    graded = submission.graded
    start = [submission.student or "", submission.file]
    if graded is None:
        return [*start, "", "", *("" for _ in labels), f"cannot be read: {submission.reason}"]
    points = {
        report.label_of(cell.question): report.plain_number(cell.points) for cell in graded.cells
    }
    notes = "; ".join((*graded.warnings, *(str(remark) for remark in graded.remarks)))
    return [
        *start,
        report.plain_number(graded.score),
        report.plain_number(graded.max),
        *(points.get(label, "") for label in labels),
        notes,
    ]


def _class_row(submission: Submission) -> tuple[Any, ...]:
    graded = submission.graded
    name = submission.student or submission.file
    if graded is None:
        return (name, "", "", *(0 for _ in STATUSES))
    counts = Counter(cell.status for cell in graded.cells)
    score, most = report.plain_number(graded.score), report.plain_number(graded.max)
    return (name, str(score), str(most), *(counts[status] for status in STATUSES))


def _most(questions: Counter[str]) -> str:
    """List the questions that a slip was made in, the most frequent first."""
    shown = [f"{label} ({times})" for label, times in questions.most_common(MAX_SHOWN_QUESTIONS)]
    return ", ".join(shown) + (", ..." if len(questions) > MAX_SHOWN_QUESTIONS else "")


def _about(name: str, lang: str) -> str:
    return "; ".join(SLIPS[part].concept.text(lang) for part in name.split("+") if part in SLIPS)


__all__ = ["Gradebook", "Submission", "gradescope_results"]
