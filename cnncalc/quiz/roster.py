"""A quiz for each student of a roster: a sheet and a key for each, in files named after them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from cnncalc.exports import FOLDER, FORMATS, render, write_product
from cnncalc.homework.students import file_stem
from cnncalc.quiz import key
from cnncalc.quiz.sheets import quiz_sheet
from cnncalc.quiz.style import Style
from cnncalc.text.files import write_whole
from cnncalc.text.source import single_problem

if TYPE_CHECKING:
    from cnncalc.quiz.prove import Quiz


def write_quizzes(
    quizzes: Iterable[Quiz], format_name: str, style: Style, sheets: Path, keys: Path
) -> None:
    """Write a sheet and a key for each student, each file whole or not at all, when all are drawn. Raises SpecError.

    The seed draws them again, so that they are not flushed to disk one by one.
    """
    known = FORMATS[format_name]
    texts = [
        (
            file_stem(quiz.student),
            render(quiz_sheet(quiz, style, has_answers=known.has_answers), format_name),
            key.render(quiz, style),
        )
        for quiz in quizzes
    ]
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
