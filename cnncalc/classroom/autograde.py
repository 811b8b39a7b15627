"""What an autograder runs for each submission: one student's files to Gradescope's `results.json`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cnncalc.classroom.autograder import HOMEWORK, KEYS, SETTINGS, STUDENTS
from cnncalc.classroom.gradebook import Submission, grade_one_student, gradescope_results
from cnncalc.classroom.handed_in import handed_in
from cnncalc.classroom.keys import Keys
from cnncalc.classroom.request import Grade, StudentWork
from cnncalc.classroom.roster import Roster, Student, read_roster
from cnncalc.homework.grade import grade_homework_sheets
from cnncalc.homework.questions import load_homework
from cnncalc.homework.report import Telling
from cnncalc.tables.page import json_text
from cnncalc.text.files import write_whole
from cnncalc.text.messages import message

METADATA = "submission_metadata.json"
"""What Gradescope says of a submission, its users among it."""
NOTHING = message("no file is handed in")
NO_QUIZ = message("there is no quiz of your own for this account; tell your instructor")


def main(root: str) -> None:
    """Grade the files in `root/submission` and write `root/results/results.json`."""
    place = Path(root)
    results = place / "results"
    results.mkdir(parents=True, exist_ok=True)
    write_whole(results / "results.json", json_text(results_of(place)) + "\n")


def results_of(place: Path) -> dict[str, Any]:
    """Grade a submission by what lies in `place/source`, the working directory. Raises SpecError for a broken one."""
    settings = json.loads(Path(SETTINGS).read_text(encoding="utf-8"))
    telling = Telling(settings["hints"], settings["reveal"], settings["lang"])
    files = tuple(handed_in([str(place / "submission")]))
    grade = _grade(tuple(settings["accept"]), place / METADATA)
    if grade is None:
        return gradescope_results(Submission("", None, None, NO_QUIZ), telling)
    if not (place / "submission").is_dir():
        return gradescope_results(Submission("", None, None, NOTHING), telling)
    work = StudentWork("submission", files, grade)
    return gradescope_results(grade_one_student(work), telling)


def _grade(accept: tuple[str, ...], metadata: Path) -> Grade | None:
    """Choose what is graded by: the homework, or the student's own key; None where there is none."""
    if Path(HOMEWORK).exists():
        homework = load_homework(HOMEWORK, accept)
        return lambda path: grade_homework_sheets(homework, path)
    keys = Keys(KEYS, accept)
    roster = next((read_roster(str(path)) for path in Path().glob(f"{STUDENTS}.*")), keys.roster())
    student = next(_submitters(metadata, roster), None)
    return None if student is None else lambda path: keys.grade(path, student.key)


def _submitters(metadata: Path, roster: Roster) -> Iterator[Student]:
    """Find who handed in, by number, address or name, among the class."""
    users = (
        json.loads(metadata.read_text(encoding="utf-8")).get("users", [])
        if metadata.exists()
        else []
    )
    for user in users:
        for text in (user.get("sid"), user.get("email"), user.get("name")):
            student = roster.find(text) if text else None
            if student is not None:
                yield student


__all__ = ["main", "results_of"]
