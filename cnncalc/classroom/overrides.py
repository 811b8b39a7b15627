"""What a teacher decides otherwise: points for a student's answer, with a reason, from a table."""

from __future__ import annotations

from typing import NamedTuple

from cnncalc.homework.grade import RIGHT, WRONG, GradedCell, Overriding
from cnncalc.homework.sheets.files import read_sheet_file
from cnncalc.homework.sheets.labels import plain
from cnncalc.homework.sheets.read import STUDENT_NAMES
from cnncalc.homework.sheets.rows import Rows, SheetCell, refuse, refuse_at
from cnncalc.text.exact import Exact
from cnncalc.text.numbers import read_number
from cnncalc.text.source import SpecError

_HEADERS = {
    "student": frozenset({*STUDENT_NAMES, *map(plain, ("id", "student id", "학번"))}),
    "question": frozenset(map(plain, ("question", "q", "문항", "문제"))),
    "points": frozenset(map(plain, ("points", "score", "grade", "verdict", "점수", "채점"))),
    "reason": frozenset(map(plain, ("reason", "why", "note", "이유", "사유"))),
}
_VERDICTS = {"right": RIGHT, "correct": RIGHT, "정답": RIGHT, "wrong": WRONG, "오답": WRONG}
_EXAMPLE = "student,question,points,reason"


class Override(NamedTuple):
    """A row of the table: whose answer to what, the points (None for a verdict alone), why, and its first cell."""

    student: str
    question: str
    points: Exact | None
    verdict: str
    reason: str
    row: SheetCell

    def applied(self, cell: GradedCell) -> GradedCell:
        """Return an answer with the points that are decided for it."""
        points = self.points
        if points is None:
            points = cell.question.points if self.verdict == RIGHT else 0
        changed = cell._replace(override=Overriding(points, self.reason))
        return changed._replace(status=self.verdict) if self.verdict else changed

    def refused(self, path: str, message: str, hint: str = "") -> SpecError:
        """Make the error for a row that cannot be applied."""
        return refuse_at(path, self.row, message, hint, "override")


def read_overrides(path: str) -> list[Override]:
    """Read a table with the columns student, question, points (a number, right or wrong) and reason.

    Raises SpecError for a file that is no such table, and for an answer that is decided twice.
    """
    rows, _ = read_sheet_file(path)
    if not isinstance(rows, Rows):
        raise refuse(path, "overrides are a table", _EXAMPLE)
    columns = _columns(path, rows.rows[0])
    found: dict[tuple[str, str], Override] = {}
    for row in rows.rows[1:]:
        if not any(cell.text for cell in row):
            continue
        override = _override(path, columns, row)
        first = found.setdefault((override.student, override.question), override)
        if first is not override:
            raise override.refused(path, f"this answer is decided at {first.row.place} already")
    return list(found.values())


def _columns(path: str, head: list[SheetCell]) -> dict[str, int]:
    """Find the columns by their headers. Raises SpecError where one but the reason is missing."""
    columns = {
        name: place
        for name, known in _HEADERS.items()
        for place, cell in reversed(list(enumerate(head)))
        if plain(cell.text) in known
    }
    missing = [name for name in ("student", "question", "points") if name not in columns]
    if missing:
        raise refuse(path, f"this table has no column '{missing[0]}'", _EXAMPLE)
    return columns


def _override(path: str, columns: dict[str, int], row: list[SheetCell]) -> Override:
    def cell(name: str) -> SheetCell:
        place = columns.get(name, len(row))
        return row[place] if place < len(row) else SheetCell("", row[-1].place)

    given = cell("points")
    verdict = _VERDICTS.get(given.text.casefold(), "")
    override = Override(
        cell("student").text, cell("question").text, None, verdict, cell("reason").text, row[0]
    )
    if verdict:
        return override
    try:
        points = read_number(given.text).value
    except ValueError:
        points = None
    if points is None or points < 0:
        wrong = f"'{given.text}' is neither points nor right or wrong"
        hint = "a number of at least 0; a name with a comma stands in quotes"
        raise refuse_at(path, given, wrong, hint, "override")
    return override._replace(points=points)


__all__ = ["Override", "read_overrides"]
