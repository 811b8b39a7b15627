"""The submissions of a class: graded one after another, and everything that is written of them together.

Whatever goes wrong with one submission, a bug of ours too, costs that submission alone.
"""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import Any, NamedTuple

from cnncalc.classroom.handed_in import LATER_COUNTS, HandedIn
from cnncalc.classroom.keys import Ungraded
from cnncalc.classroom.overrides import Override
from cnncalc.classroom.request import GradingPlan, StudentWork
from cnncalc.classroom.roster import Roster
from cnncalc.homework import report
from cnncalc.homework.grade import STATUSES, Graded, grade, summary
from cnncalc.homework.sheets.read import Answer, Remark
from cnncalc.homework.slips import SLIPS
from cnncalc.homework.students import file_stem, free_name, readable
from cnncalc.tables.formats.csv import csv_text, guarded
from cnncalc.tables.table import Column, Table
from cnncalc.text.messages import in_language, message, translate
from cnncalc.text.source import SpecError
from cnncalc.text.suggest import suggest

SAME_ANSWERS = message("it has the same answers")
MAX_SHOWN_QUESTIONS = 5


NOTHING = message("nothing is handed in")


class Submission(NamedTuple):
    """One student's work: graded, or the reason why it is not, short and as the error with its place.

    `file` is empty where nothing is handed in; `others` are the files of a student of which none can be read.
    """

    file: str
    student: str | None
    graded: Graded | None
    reason: str = ""
    error: SpecError | None = None
    others: tuple[Submission, ...] = ()

    def details(self, lang: str = "en") -> str:
        """Say why it cannot be graded, with the place; of several files why none of them can."""
        if self.others:
            return "\n".join(other.details(lang) for other in self.others)
        if self.error is not None:
            return readable(self.error.text(lang))
        return f"{self.file}: error: {in_language(self.reason, lang)}"

    @property
    def is_missing(self) -> bool:
        """Whether nothing is handed in."""
        return not self.file


class Gradebook:
    """What has come of a class so far."""

    def __init__(self, plan: GradingPlan) -> None:
        self.plan = plan
        self.submissions: list[Submission] = []

    # -- grading -----------------------------------------------------------------------------------------------------

    def take(self, work: StudentWork) -> list[Submission]:
        """Grade a work, of one student or with many in a table, and keep what came of it."""
        by_file = [list(_graded(work, file)) for file in work.files]
        found = by_file[0] if len(by_file) == 1 else [_that_counts(by_file)]
        taken = (
            found
            if self.plan.roster is None
            else [_placed(submission, self.plan.roster) for submission in found]
        )
        self.submissions += taken
        return taken

    def close(self) -> list[Submission]:
        """Where it is known who the class are, add those who handed nothing in, and refuse two works of one student.

        Returns what was added or changed.
        """
        roster = self.plan.roster
        if roster is None:
            return []
        by_student: dict[str, list[Submission]] = {key: [] for key in roster.keys}
        nobodys: list[Submission] = []
        for submission in self.submissions:
            by_student.get(submission.student or "", nobodys).append(submission)
        kept = {key: _only(key, found) for key, found in by_student.items()}
        changed = [
            submission for key, submission in kept.items() if [submission] != by_student[key]
        ]
        self.submissions = [*kept.values(), *nobodys]
        return changed

    def decide(self, path: str, overrides: Iterable[Override]) -> None:
        """Apply what a teacher decided. Raises SpecError where there is no such student, sheet or question."""
        for override in overrides:
            place = self._place(path, override)
            graded = self.submissions[place].graded or self._blank(path, override, place)
            labels = [report.label_of(cell.question) for cell in graded.cells]
            if override.question not in labels:
                hint = suggest(override.question, labels, "the questions are {}")
                raise override.refused(path, f"there is no question '{override.question}'", hint)
            cells = tuple(
                override.applied(cell) if label == override.question else cell
                for label, cell in zip(labels, graded.cells, strict=True)
            )
            self.submissions[place] = self.submissions[place]._replace(
                graded=graded._replace(cells=cells)
            )

    def _place(self, path: str, override: Override) -> int:
        """Find the submission of a student by its place."""
        roster = self.plan.roster
        student = None if roster is None else roster.find(override.student)
        named = override.student if student is None else student.key
        names = [submission.student or submission.file for submission in self.submissions]
        if names.count(named) != 1:
            hint = suggest(named, names, "the students are called as in --grades")
            raise override.refused(path, f"there is no student '{named}', or more than one", hint)
        return names.index(named)

    def _blank(self, path: str, override: Override, place: int) -> Graded:
        """Make a sheet without an answer for a student who handed in none that can be read."""
        questions = self.plan.questions_of(self.submissions[place].student)
        if not questions:
            raise override.refused(path, f"of {override.student} nothing could be graded")
        nothing = Answer("", "")
        cells, _ = grade((question, nothing) for question in questions)
        return Graded(self.submissions[place].file, cells, (), (), self.submissions[place].student)

    @property
    def graded(self) -> list[Graded]:
        """The submissions that could be read."""
        return [
            submission.graded for submission in self.submissions if submission.graded is not None
        ]

    @property
    def exit_code(self) -> int:
        """Give 2 where a submission cannot be read, 1 where an answer is missing or has not full marks, else 0."""
        ungraded = [submission for submission in self.submissions if submission.graded is None]
        if any(not submission.is_missing for submission in ungraded):
            return 2
        return 0 if not ungraded and all(graded.passed for graded in self.graded) else 1

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
            name = free_name(file_stem(submission.student or "results"), taken)
            yield f"{name}.json", gradescope_results(submission, telling)

    def grades(self) -> str:
        """Make the grades as CSV, a row for each student: score, points of each question, notes."""
        labels = self.labels
        rows: list[list[Any]] = [["student", "file", "score", "max", *labels, "notes"]]
        rows += [_grades_row(submission, labels) for submission in self.submissions]
        return csv_text(
            [guarded(cell) if isinstance(cell, str) else cell for cell in row] for row in rows
        )

    @property
    def labels(self) -> list[str]:
        """The labels of the questions that were asked, in order: of the homework, else of every student's own."""
        asked = self.plan.questions or [
            cell.question for graded in self.graded for cell in graded.cells
        ]
        return list(dict.fromkeys(map(report.label_of, asked)))

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
        notes = [
            f"{submission.student or submission.file}: {report.CANNOT_BE_READ.text(lang)}: "
            f"{in_language(submission.reason, lang)}"
            for submission in self.submissions
            if submission.graded is None and not submission.is_missing
        ]
        missing = [
            submission.student or "" for submission in self.submissions if submission.is_missing
        ]
        if missing:
            notes.append(
                translate("nothing is handed in by {names}", lang, names=", ".join(missing))
            )
        rows = tuple(map(_class_row, self.submissions))
        return Table("", columns, rows, notes=tuple(notes), lang=lang)

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


def grade_one_student(work: StudentWork) -> Submission:
    """Grade what one student handed in: the one file that is a sheet."""
    return _that_counts([list(_graded(work, file)) for file in work.files])


def _graded(work: StudentWork, file: HandedIn) -> Iterator[Submission]:
    """Grade a file; what cannot be read says why."""
    name = readable(file.path)
    if file.problem:
        yield Submission(name, work.student, None, file.problem)
        return
    try:
        for submission in work.grade(file.path):
            if isinstance(submission, Ungraded):
                yield _refused(name, submission.student, submission.error)
            else:
                named = submission._replace(file=name, student=submission.student or work.student)
                yield Submission(name, named.student, named)
    except SpecError as error:
        yield _refused(name, work.student, error)
    except Exception as error:  # a bug of ours must not cost the others their grades
        reason = f"a bug in cnncalc ({_where(error)}); please report it"
        yield Submission(name, work.student, None, reason)


def _placed(submission: Submission, roster: Roster) -> Submission:
    """Name a student as the roster does, or say that nobody there is so called."""
    student, graded = submission.student, submission.graded
    known = None if student is None else roster.find(student)
    if known is not None:
        key = known.key
        return submission._replace(student=key, graded=graded and graded._replace(student=key))
    if graded is None:
        return submission
    named = student or submission.file
    warning = message("{name}: not on the roster, or more than one", name=named)
    return submission._replace(graded=graded._replace(warnings=(*graded.warnings, warning)))


def _refused(name: str, student: str | None, error: SpecError) -> Submission:
    error.__context__ = None  # it and the traceback hold the file and all that was read of it
    return Submission(name, student, None, error.problems[0].message, error.with_traceback(None))


def _that_counts(by_file: list[list[Submission]]) -> Submission:
    """Choose the one file of a student that is a sheet; refuse two that differ. What is left out is said."""
    every = [submission for found in by_file for submission in found]
    sheets = [submission for submission in every if submission.graded is not None]
    if not sheets:
        telling = next(
            (submission for submission in every if submission.reason != LATER_COUNTS), every[0]
        )
        return telling._replace(others=tuple(every) if len(every) > 1 else ())
    if len(set(map(_answers, sheets))) > 1:
        return _two(every[0].student, sheets)
    chosen = sheets[0].graded
    assert chosen is not None
    left_out = tuple(
        Remark(
            submission.file, message("left out: {reason}", reason=submission.reason or SAME_ANSWERS)
        )
        for submission in every
        if submission is not sheets[0]
    )
    return sheets[0]._replace(graded=chosen._replace(remarks=(*chosen.remarks, *left_out)))


def _answers(submission: Submission) -> tuple[str, ...]:
    graded = submission.graded
    return () if graded is None else tuple(cell.answer.text for cell in graded.cells)


def _two(student: str | None, sheets: list[Submission]) -> Submission:
    """Refuse two works of one student: nobody but the grader can say which counts."""
    files = ", ".join(dict.fromkeys(sheet.file for sheet in sheets))
    reason = message("{count} sheets have answers; leave the one that counts", count=len(sheets))
    return Submission(files, student, None, reason)


def _only(student: str, found: list[Submission]) -> Submission:
    """Return the one work of a student, the refusal of several, or that there is none."""
    sheets = [submission for submission in found if submission.graded is not None]
    if len(set(map(_answers, sheets))) > 1:
        return _two(student, sheets)
    if not found:
        return Submission("", student, None, NOTHING)
    return sheets[0] if sheets else found[0]


def _where(error: Exception) -> str:
    """Say which error was raised where."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {PurePath(frame.filename).name}:{frame.lineno}"


def _grades_row(submission: Submission, labels: list[str]) -> list[Any]:
    graded = submission.graded
    start = [submission.student or "", submission.file]
    if graded is None:
        reason = (
            submission.reason if submission.is_missing else f"cannot be read: {submission.reason}"
        )
        return [*start, "", "", *("" for _ in labels), reason]
    points = {
        report.label_of(cell.question): report.plain_number(cell.points) for cell in graded.cells
    }
    decided = (
        f"{report.label_of(cell.question)}: {report.plain_number(cell.points)} decided, {cell.override.reason}"
        for cell in graded.cells
        if cell.override is not None
    )
    remarks = (str(remark) for remark in graded.remarks)
    notes = "; ".join((*decided, *graded.warnings, *remarks))
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


__all__ = ["Gradebook", "Submission", "grade_one_student", "gradescope_results"]
