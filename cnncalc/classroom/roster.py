"""The students of a class: a roster as the registrar, Moodle or Canvas writes it, and who of them a text names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import NamedTuple

from cnncalc.homework.sheets.files import read_sheet_file
from cnncalc.homework.sheets.labels import plain
from cnncalc.homework.sheets.read import STUDENT_IDS, STUDENT_NAMES
from cnncalc.homework.sheets.rows import Rows, SheetCell, refuse, refuse_at
from cnncalc.homework.students import file_stem
from cnncalc.text.limits import limit
from cnncalc.text.source import SpecError
from cnncalc.text.yaml_tree import Scalar, Sequence

MAX_STUDENTS = limit(2000)
MAX_NAME = 80
MAX_WORDS = 12
"""So many words of a file's name are looked at for a student's."""

_TABLES = (".csv", ".tsv", ".xlsx", ".md")
_WORD = re.compile(r"[^\W_]+")
_POINTS_ROW = "points possible"

FIRST_NAMES = frozenset(map(plain, ("first name", "firstname", "given name")))
LAST_NAMES = frozenset(map(plain, ("last name", "lastname", "surname", "family name", "성")))
FURTHER = frozenset(
    map(
        plain,
        ("id number", "idnumber", "sis user id", "sis login id", "login", "login id", "user id"),
    )
)
"""Headers of further columns that say who a student is, beside ids and names."""


class Student(NamedTuple):
    """A student: the text that stands for them (`key`), and their row of the roster by its headers."""

    key: str
    row: dict[str, str]

    def field(self, *headers: str) -> str:
        """Return what the row has under the first of these headers that it has; nothing where it has none."""
        known = {plain(header): text for header, text in self.row.items()}
        return next((known[plain(header)] for header in headers if known.get(plain(header))), "")

    @property
    def name(self) -> str:
        """What the student is called; the key where the roster has no names."""
        known = {plain(header): text for header, text in self.row.items() if text}
        whole = next((known[head] for head in known if head in STUDENT_NAMES), "")
        first = next((known[head] for head in known if head in FIRST_NAMES), "")
        last = next((known[head] for head in known if head in LAST_NAMES), "")
        return whole or " ".join(filter(None, (first, last))) or self.key

    def known_as(self) -> Iterator[str]:
        """Yield everything that this student may be called by: the key, ids, addresses, names in either order."""
        yield self.key
        for header, text in self.row.items():
            head = plain(header)
            if head in STUDENT_IDS or head in STUDENT_NAMES or head in FURTHER:
                yield text
                yield text.partition("@")[0]
        words = _WORD.findall(self.name)
        if len(words) > 1:
            yield self.name
            yield " ".join((*words[1:], words[0]))
            yield " ".join((words[-1], *words[:-1]))


class Roster:
    """The students in order; `find` says whom a text names."""

    def __init__(self, students: Iterable[Student]) -> None:
        self.students = tuple(students)
        self.by_key = {student.key: student for student in self.students}
        self._by_text: dict[str, set[str]] = {}
        for student in self.students:
            for text in student.known_as():
                if squeezed(text):
                    self._by_text.setdefault(squeezed(text), set()).add(student.key)

    @property
    def keys(self) -> tuple[str, ...]:
        """The texts that stand for the students, in order."""
        return tuple(self.by_key)

    def find(self, text: str) -> Student | None:
        """Find the one student whom a whole text names, whatever its case and signs; None for none or several."""
        if text in self.by_key:
            return self.by_key[text]
        found = self._by_text.get(squeezed(text), ())
        return self.by_key[next(iter(found))] if len(found) == 1 else None

    def find_within(self, text: str) -> Student | None:
        """Find the one student whom a text names beside other words: `hw3_2026-17.yaml`; None for none or several."""
        words = [squeezed(word) for word in _WORD.findall(text)][:MAX_WORDS]
        found: set[str] = set()
        taken: set[int] = set()
        for length in range(len(words), 0, -1):
            for start in range(len(words) - length + 1):
                places = set(range(start, start + length))
                named = self._by_text.get("".join(words[start : start + length]))
                if named and not taken & places:
                    found |= named
                    taken |= places
        return self.by_key[found.pop()] if len(found) == 1 else None


def squeezed(text: str) -> str:
    """Give a text without case, spaces and signs, as course systems write names into those of files."""
    return "".join(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


def read_roster(path: str) -> Roster:
    """Return the students of a roster: one a line, or a table with a column of ids, else of names, else its first.

    Raises SpecError for a file that is no roster, and for two students whose files would be one.
    """
    sheet_file, problems = read_sheet_file(path)
    if problems:
        raise SpecError(problems)
    if isinstance(sheet_file, Rows):
        found = list(_students(sheet_file, is_text=PurePath(path).suffix.lower() not in _TABLES))
    elif isinstance(sheet_file, Sequence):
        found = [
            (SheetCell(item.text, f"{item.span.line}:{item.span.column}"), {})
            for item in sheet_file.items
            if isinstance(item, Scalar)
        ]
    else:
        raise refuse(path, "a roster is a list of students, not a mapping", "one name or id a line")
    named = [
        (cell._replace(text=" ".join(cell.text.split())), row)
        for cell, row in found
        if cell.text.strip()
    ]
    if not 0 < len(named) <= MAX_STUDENTS:
        raise refuse(
            path, f"this roster has {len(named):,} students; it may have 1 to {MAX_STUDENTS:,}"
        )
    _check(path, [cell for cell, _ in named])
    return Roster(Student(cell.text, row) for cell, row in named)


def _students(grid: Rows, *, is_text: bool) -> Iterator[tuple[SheetCell, dict[str, str]]]:
    """Yield the cell that names each student, and the row by its headers; of a text without headers whole lines."""
    if not grid.rows:
        return
    headers = [cell.text for cell in grid.rows[0]]
    column = _key_column([plain(text) for text in headers])
    if column is not None:
        for row in grid.rows[1:]:
            if len(row) > column and not plain(row[0].text).startswith(_POINTS_ROW):
                fields = {head: cell.text for head, cell in zip(headers, row, strict=False)}
                yield row[column], fields
        return
    for row in filter(None, grid.rows):
        whole = ", ".join(cell.text for cell in row) if is_text else row[0].text
        yield row[0]._replace(text=whole), {}


def _key_column(heads: list[str]) -> int | None:
    """Find the column that students are called by: of ids, else of names; None where no header is known."""
    for known in (STUDENT_IDS, STUDENT_NAMES, FURTHER):
        for place, head in enumerate(heads):
            if head in known:
                return place
    return None


def _check(path: str, cells: list[SheetCell]) -> None:
    """Refuse a name too long, one that cannot be printed, and one whose files would be another's."""
    seen: dict[str, SheetCell] = {}
    for cell in cells:
        if len(cell.text) > MAX_NAME or not cell.text.isprintable():
            raise refuse_at(
                path,
                cell,
                "not a valid student name or id",
                f"of at most {MAX_NAME} characters, one a line",
                "roster",
            )
        first = seen.setdefault(file_stem(cell.text).casefold(), cell)
        if first is not cell:
            raise refuse_at(
                path,
                cell,
                f"'{cell.text}' and '{first.text}' ({first.place}) would have the same file",
                "give each student an id of their own",
                "roster",
            )


__all__ = ["MAX_STUDENTS", "Roster", "Student", "read_roster", "squeezed"]
