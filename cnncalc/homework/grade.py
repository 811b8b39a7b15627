"""Grading: each cell of a sheet gets a status, its points, and what is behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from cnncalc.homework.answers import Reading, agrees, read_answer
from cnncalc.homework.carry import Carried
from cnncalc.homework.diagnose import NOTHING_FOUND, Diagnosis, diagnose
from cnncalc.homework.key import TOTAL, Subject
from cnncalc.homework.questions import Homework, Question
from cnncalc.homework.sheets.read import (
    Answer,
    NetworkSheet,
    Remark,
    read_homework_sheet,
    read_network_sheet,
    student_of,
)
from cnncalc.text.source import single_problem

if TYPE_CHECKING:
    from fractions import Fraction

RIGHT, CONVENTION, CARRIED, WRONG, BLANK, UNREADABLE = STATUSES = (
    "right",
    "convention",
    "carried",
    "wrong",
    "blank",
    "unreadable",
)
FULL_MARKS = (RIGHT, CARRIED)

_BLANK_ANSWER = Answer("", "")


class Cell(NamedTuple):
    """A graded answer; `form` says in which order or form a right shape was written."""

    question: Question
    answer: Answer
    reading: Reading
    status: str
    diagnosis: Diagnosis = NOTHING_FOUND
    form: str = ""

    @property
    def points(self) -> int | Fraction:
        """What it earns."""
        return self.question.points if self.status in FULL_MARKS else 0


class Graded(NamedTuple):
    """A graded sheet; `remarks` are about the file, `warnings` for the grader."""

    file: str
    cells: tuple[Cell, ...]
    remarks: tuple[Remark, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def student(self) -> str | None:
        """The student's name, after the file's."""
        return student_of(self.file)

    @property
    def score(self) -> int | Fraction:
        """The points of all cells."""
        return sum(cell.points for cell in self.cells)

    @property
    def max(self) -> int | Fraction:
        """The points that could be had."""
        return sum(cell.question.points for cell in self.cells)

    @property
    def passed(self) -> bool:
        """Whether every cell has full marks."""
        return all(cell.status in FULL_MARKS for cell in self.cells)

    def slips(self) -> Counter[str]:
        """How often each slip is named."""
        return Counter(name for cell in self.cells for name in cell.diagnosis.slips)


# --- one sheet ------------------------------------------------------------------------------------------------------


def grade(answered: Iterable[tuple[Question, Answer]]) -> tuple[tuple[Cell, ...], tuple[str, ...]]:
    """Grade answers to questions, in order; also what to tell the grader of shapes that nothing follows from."""
    listed = [(question, answer, _read(question, answer)) for question, answer in answered]
    carried = _carried(listed)
    cells = [
        mark(question, answer, reading, carried[id(question.subject)])
        for question, answer, reading in listed
    ]
    return tuple(cells), tuple(_warnings(carried.values(), cells))


def _read(question: Question, answer: Answer) -> Reading:
    if answer.problem:
        return Reading(answer.text, problem=answer.problem)
    return read_answer(question.quantity, answer.meant)


def _carried(listed: Iterable[tuple[Question, Answer, Reading]]) -> dict[int, Carried]:
    """What the sheet says of each network, to carry forward."""
    answers: dict[int, dict[tuple[str, str], Reading]] = {}
    subjects: dict[int, Subject] = {}
    for question, _, reading in listed:
        subjects[id(question.subject)] = question.subject
        answers.setdefault(id(question.subject), {})[question.layer, question.quantity] = reading
    return {key: Carried(subject, answers[key]) for key, subject in subjects.items()}


def mark(
    question: Question, answer: Answer, reading: Reading, carried: Carried | None = None
) -> Cell:
    """Grade one answer; `carried` has the others of the sheet."""
    task = question.task
    if reading.problem:
        return Cell(question, answer, reading, UNREADABLE)
    if reading.is_blank or task.right is None:
        return Cell(question, answer, reading, BLANK)
    form = agrees(reading, task.right)
    if form is not None:
        return Cell(question, answer, reading, RIGHT, form=form)
    if question.accept:
        known = task.subject.alternatives(question.layer, question.quantity)
        if any(
            name in known and agrees(reading, known[name]) is not None for name in question.accept
        ):
            return Cell(question, answer, reading, RIGHT)
    if carried is not None and any(
        agrees(reading, value) is not None for value in carried.values(task)
    ):
        return Cell(question, answer, reading, CARRIED)
    found = diagnose(task, reading, carried)
    return Cell(question, answer, reading, WRONG if found.convention is None else CONVENTION, found)


def _warnings(carried: Iterable[Carried], cells: list[Cell]) -> Iterator[str]:
    """Shapes that empty the rest of the sheet: what comes after them cannot follow, and is not right either."""
    for one in carried:
        told = set()
        for block in one.blocked:
            after = [
                cell
                for cell in cells
                if cell.question.subject is one.subject
                and cell.status == WRONG
                and cell.question.layer != block.layer
                and (
                    cell.question.layer == TOTAL
                    or one.subject.place(cell.question.layer) > block.at
                )
            ]
            if after and block.layer not in told:
                told.add(block.layer)
                count = f"{len(after)} wrong answer{'s' if len(after) > 1 else ''} after it"
                yield f"{one.blocked_note(block)} ({count})"


# --- files ----------------------------------------------------------------------------------------------------------


def grade_homework_sheet(homework: Homework, path: str) -> Graded:
    """Grade one student's sheet. Raises SpecError where the file is no sheet."""
    sheet = read_homework_sheet(path, homework.ids)
    cells, warnings = grade(
        (question, sheet.answers.get(question.id or "", _BLANK_ANSWER))
        for question in homework.questions
    )
    return Graded(path, cells, tuple(sheet.remarks), warnings)


def grade_network_sheet(subject: Subject, path: str, accept: tuple[str, ...] = ()) -> Graded:
    """Grade a sheet of layers and quantities of one network. Raises SpecError where the file is no sheet."""
    sheet = read_network_sheet(path, subject.names)
    answered = list(questions_of(subject, sheet, accept))
    if not answered:
        raise single_problem(
            path,
            "",
            "no layer of this sheet is one of the network's",
            str(sheet.remarks[0].text) if sheet.remarks else "",
            "sheet",
        )
    cells, warnings = grade(answered)
    return Graded(path, cells, tuple(sheet.remarks), warnings)


def questions_of(
    subject: Subject, sheet: NetworkSheet, accept: tuple[str, ...]
) -> Iterator[tuple[Question, Answer]]:
    """The cells of a sheet as questions. A blank one is a question too, unless there is nothing to answer.

    The row of the input needs no answer, and a line of totals only what it has, if it has anything.
    """
    totals = {
        quantity
        for (layer, quantity), answer in sheet.answers.items()
        if layer == TOTAL and answer.text
    }
    for (layer, quantity), answer in sheet.answers.items():
        question = Question(None, "", subject, layer, quantity, 1, accept)
        blank = not answer.problem and read_answer(quantity, answer.text).is_blank
        if question.task.right is None:
            if not blank:
                place = f"{sheet.name}:{answer.place}"
                sheet.remarks.append(
                    Remark(place, f"{layer} has no {quantity.replace('_', ' ')}; left out")
                )
            continue
        if blank and (_asks_nothing(subject, layer, quantity) or (layer == TOTAL and totals)):
            continue
        yield question, answer


def _asks_nothing(subject: Subject, layer: str, quantity: str) -> bool:
    """Whether a blank is no missing answer: in the rows of the input, and of the total's shapes."""
    if layer == TOTAL:
        return quantity in ("output", "receptive_field")
    return subject.is_layer(layer) and not subject.graph.nodes[subject.place(layer)].inputs


def grade_one(
    subject: Subject, layer: str, quantity: str, text: str, accept: tuple[str, ...] = ()
) -> Graded:
    """Grade one answer. Raises SpecError for a layer or quantity that there is not."""
    subject.check(layer, quantity)
    question = Question(None, "", subject, layer, quantity, 1, accept)
    if question.task.right is None:
        raise single_problem(
            "QUANTITY", quantity, f"{layer} has no {quantity.replace('_', ' ')}", "", "quantity"
        )
    cells, warnings = grade([(question, Answer(text, "1:1"))])
    return Graded("-", cells, (), warnings)


def summary(slips: Mapping[str, int]) -> dict[str, int]:
    """Slips by how often they are named, the most frequent first."""
    return dict(sorted(slips.items(), key=lambda item: (-item[1], item[0])))


__all__ = [
    "STATUSES",
    "Cell",
    "Graded",
    "grade",
    "grade_homework_sheet",
    "grade_network_sheet",
    "grade_one",
    "mark",
    "summary",
]
