"""Keys: a homework for each student, as `cnncalc quiz --roster` writes them, and sheets graded each by its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from cnncalc.classroom.roster import Roster, Student
from cnncalc.homework.grade import Graded, grade_homework_sheets, grade_sheet
from cnncalc.homework.questions import Homework, load_homework
from cnncalc.homework.sheets.read import read_homework_sheets
from cnncalc.homework.sheets.rows import refuse
from cnncalc.homework.students import file_stem
from cnncalc.text.source import SpecError, single_problem

_ENDINGS = (".yaml", ".yml")


class Ungraded(NamedTuple):
    """A row of a table that cannot be graded: whose it is said to be, and why."""

    student: str
    error: SpecError


class Keys:
    """The keys of a folder by student; each is read when it is needed."""

    def __init__(self, folder: str, accept: tuple[str, ...] = ()) -> None:
        self.folder = folder
        self.accept = accept
        self.paths = _key_files(folder)

    def roster(self) -> Roster:
        """Make a roster of the students who have a key."""
        return Roster(Student(path.stem, {}) for path in self.paths.values())

    def homework_of(self, student: str) -> Homework:
        """Return the homework of a student. Raises SpecError where there is no key, or it cannot be read."""
        path = self.paths.get(file_stem(student).casefold())
        if path is None:
            raise single_problem(
                "--keys", student, f"there is no key of {student} in {self.folder}", "", "key"
            )
        return load_homework(str(path), self.accept)

    def grade(self, path: str, student: str) -> list[Graded]:
        """Grade a student's sheet by the student's own key. Raises SpecError where the one or the other is none."""
        graded = grade_homework_sheets(self.homework_of(student), path)
        return [sheet._replace(student=student) for sheet in graded]

    def grade_rows(self, path: str, roster: Roster) -> Iterator[Graded | Ungraded]:
        """Grade a table with a student in each row, each by the key of its own. Raises SpecError for any other file."""
        first = self.homework_of(next(iter(self.paths.values())).stem)
        texts = [question.text for question in first.questions]
        nobodys = refuse(
            path,
            "this is nobody's: neither folder nor file has the name of one student alone",
            "--map FILE says whose it is, --students FILE who there are",
        )
        try:
            sheets = read_homework_sheets(path, first.ids, texts)
        except SpecError:
            raise nobodys from None
        for sheet in sheets:
            if sheet.student is None:
                raise nobodys
            student = roster.find(sheet.student)
            try:
                if student is None:
                    message = f"'{sheet.student}' is no student of the roster, or more than one"
                    raise refuse(path, message)
                own = sheet._replace(student=student.key)
                yield grade_sheet(self.homework_of(student.key), path, own)
            except SpecError as error:
                yield Ungraded(sheet.student, error)


def _key_files(folder: str) -> dict[str, Path]:
    """List the keys of a folder by what their students' files are called. Raises SpecError where there are none."""
    try:
        names = sorted(os.listdir(folder))
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise single_problem(
            "--keys", folder, f"cannot read this folder: {reason}", "", "key"
        ) from None
    paths = [Path(folder, name) for name in names if name.lower().endswith(_ENDINGS)]
    if not paths:
        raise single_problem(
            "--keys",
            folder,
            "there is no key in this folder",
            "cnncalc quiz --roster writes one for each student, a .yaml file each",
            "key",
        )
    return {path.stem.casefold(): path for path in paths}


__all__ = ["Keys", "Ungraded"]
