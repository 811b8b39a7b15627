"""A quiz for each student of a roster: a sheet and a key for each, in files named after them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from cnncalc.exports import FOLDER, FORMATS, render, write_product
from cnncalc.homework.sheets.files import read_sheet_file
from cnncalc.homework.sheets.labels import plain
from cnncalc.homework.sheets.read import STUDENT_IDS, STUDENT_NAMES
from cnncalc.homework.sheets.rows import Rows, SheetCell, refuse
from cnncalc.homework.students import file_stem
from cnncalc.quiz import key
from cnncalc.quiz.sheets import quiz_sheet
from cnncalc.quiz.style import Style
from cnncalc.text.files import write_whole
from cnncalc.text.limits import limit
from cnncalc.text.source import SpecError, single_problem
from cnncalc.text.yaml_tree import Scalar, Sequence

if TYPE_CHECKING:
    from cnncalc.quiz.prove import Quiz

MAX_STUDENTS = limit(2000)
MAX_NAME = 80

_TABLES = (".csv", ".tsv", ".xlsx", ".md")


def read_roster(path: str) -> list[str]:
    """Return the students of a roster: one a line, or a table's column of ids, else of names, else its first.

    Raises SpecError for a file that is no roster, and for two students whose files would be one.
    """
    sheet_file, problems = read_sheet_file(path)
    if problems:
        raise SpecError(problems)
    if isinstance(sheet_file, Rows):
        cells = list(_students(sheet_file, is_text=PurePath(path).suffix.lower() not in _TABLES))
    elif isinstance(sheet_file, Sequence):
        cells = [
            SheetCell(item.text, f"{item.span.line}:{item.span.column}")
            for item in sheet_file.items
            if isinstance(item, Scalar)
        ]
    else:
        raise refuse(path, "a roster is a list of students, not a mapping", "one name or id a line")
    cells = [cell._replace(text=" ".join(cell.text.split())) for cell in cells if cell.text.strip()]
    if not 0 < len(cells) <= MAX_STUDENTS:
        raise refuse(
            path, f"this roster has {len(cells):,} students; it may have 1 to {MAX_STUDENTS:,}"
        )
    _check(path, cells)
    return [cell.text for cell in cells]


def _students(grid: Rows, *, is_text: bool) -> Iterator[SheetCell]:
    """Yield the column that names the students, without its header; of a text with no known header whole lines."""
    heads = [plain(cell.text) for cell in grid.rows[0]]
    column = next(
        (
            place
            for known in (STUDENT_IDS, STUDENT_NAMES)
            for place, head in enumerate(heads)
            if head in known
        ),
        None,
    )
    if column is None and is_text:
        yield from (
            row[0]._replace(text=", ".join(cell.text for cell in row)) for row in grid.rows if row
        )
        return
    for row in grid.rows if column is None else grid.rows[1:]:
        if len(row) > (column or 0):
            yield row[column or 0]


def _check(path: str, cells: list[SheetCell]) -> None:
    """Refuse a name too long, one that cannot be printed, and one whose files would be another's."""
    seen: dict[str, SheetCell] = {}
    for cell in cells:
        if len(cell.text) > MAX_NAME or not cell.text.isprintable():
            raise single_problem(
                path,
                cell.text,
                f"line {cell.place}: not a valid student name or id",
                f"of at most {MAX_NAME} characters, one a line",
                "roster",
            )
        first = seen.setdefault(file_stem(cell.text).casefold(), cell)
        if first is not cell:
            raise single_problem(
                path,
                cell.text,
                f"{cell.place}: '{cell.text}' and '{first.text}' ({first.place}) "
                "would have the same file",
                "give each student an id of their own",
                "roster",
            )


def write_quizzes(
    quizzes: Iterable[Quiz], format_name: str, style: Style, sheets: Path, keys: Path
) -> None:
    """Write a sheet and a key for each student, each file whole or not at all, when all are drawn. Raises SpecError.

    The seed draws them again, so that they are not flushed to disk one by one.
    """
    texts = [
        (
            file_stem(quiz.student),
            render(quiz_sheet(quiz, style), format_name),
            key.render(quiz, style),
        )
        for quiz in quizzes
    ]
    known = FORMATS[format_name]
    ending = "" if known.makes == FOLDER else f".{known.ending}"
    try:
        for folder in (sheets, keys):
            folder.mkdir(parents=True, exist_ok=True)
        for stem, sheet, answers in texts:
            write_product(sheets / f"{stem}{ending}", sheet, flush=False)
            write_whole(keys / f"{stem}.yaml", answers + "\n", flush=False)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        place = error.filename or sheets
        raise single_problem(
            "-o", str(sheets), f"cannot write {place}: {reason}", "", "file"
        ) from None
