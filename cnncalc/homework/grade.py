"""Grading: each cell of a sheet gets a status, its points, and what is behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from cnncalc.homework.answers import ReadAnswer, agrees, read_answer
from cnncalc.homework.carry import Carried
from cnncalc.homework.diagnose import NOTHING_FOUND, Diagnosis, diagnose
from cnncalc.homework.key import TOTAL, AnswerKey
from cnncalc.homework.questions import Homework, Question
from cnncalc.homework.sheets.read import (
    Answer,
    NetworkSheet,
    Remark,
    read_homework_sheet,
    read_network_sheet,
)
from cnncalc.spec.quantities import BY_NAME
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


class GradedCell(NamedTuple):
    """A graded answer; `form` says in which order or form a right shape was written."""

    question: Question
    answer: Answer
    reading: ReadAnswer
    status: str
    diagnosis: Diagnosis = NOTHING_FOUND
    form: str = ""

    @property
    def points(self) -> int | Fraction:
        """What it earns."""
        return self.question.points if self.status in FULL_MARKS else 0


class Graded(NamedTuple):
    """A graded sheet; `remarks` are about the file, `warnings` for the grader; `student` where the file tells it."""

    file: str
    cells: tuple[GradedCell, ...]
    remarks: tuple[Remark, ...] = ()
    warnings: tuple[str, ...] = ()
    student: str | None = None

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


def grade(
    answered: Iterable[tuple[Question, Answer]],
) -> tuple[tuple[GradedCell, ...], tuple[str, ...]]:
    """Grade answers to questions, in order; also what to tell the grader of shapes that nothing follows from."""
    listed = [(question, answer, _read(question, answer)) for question, answer in answered]
    carried = _carried(listed)
    cells = [
        mark(question, answer, reading, carried[id(question.answer_key)])
        for question, answer, reading in listed
    ]
    return tuple(cells), tuple(_warnings(carried.values(), cells))


def _read(question: Question, answer: Answer) -> ReadAnswer:
    if answer.problem:
        return ReadAnswer(answer.text, problem=answer.problem)
    return read_answer(question.quantity, answer.meant)


def _carried(listed: Iterable[tuple[Question, Answer, ReadAnswer]]) -> dict[int, Carried]:
    """What the sheet says of each network, to carry forward."""
    answers: dict[int, dict[tuple[str, str], ReadAnswer]] = {}
    answer_keys: dict[int, AnswerKey] = {}
    for question, _, reading in listed:
        answer_keys[id(question.answer_key)] = question.answer_key
        answers.setdefault(id(question.answer_key), {})[question.layer, question.quantity] = reading
    return {key: Carried(answer_key, answers[key]) for key, answer_key in answer_keys.items()}


def mark(
    question: Question, answer: Answer, reading: ReadAnswer, carried: Carried | None = None
) -> GradedCell:
    """Grade one answer; `carried` has the others of the sheet."""
    keyed = question.keyed
    if reading.problem:
        return GradedCell(question, answer, reading, UNREADABLE)
    if reading.is_blank or keyed.right is None:
        return GradedCell(question, answer, reading, BLANK)
    form = agrees(reading, keyed.right)
    if form is not None:
        return GradedCell(question, answer, reading, RIGHT, form=form)
    if question.accept:
        known = keyed.key.alternatives(question.layer, question.quantity)
        if any(
            name in known and agrees(reading, known[name]) is not None for name in question.accept
        ):
            return GradedCell(question, answer, reading, RIGHT)
    if carried is not None and any(
        agrees(reading, value) is not None for value in carried.values(keyed)
    ):
        return GradedCell(question, answer, reading, CARRIED)
    found = diagnose(keyed, reading, carried)
    return GradedCell(
        question, answer, reading, WRONG if found.convention is None else CONVENTION, found
    )


def _warnings(carried: Iterable[Carried], cells: list[GradedCell]) -> Iterator[str]:
    """Shapes that empty the rest of the sheet: what comes after them cannot follow, and is not right either."""
    for one in carried:
        told = set()
        for block in one.blocked:
            after = [
                cell
                for cell in cells
                if cell.question.answer_key is one.answer_key
                and cell.status == WRONG
                and cell.question.layer != block.layer
                and (
                    cell.question.layer == TOTAL
                    or one.answer_key.place(cell.question.layer) > block.at
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


def grade_network_sheet(answer_key: AnswerKey, path: str, accept: tuple[str, ...] = ()) -> Graded:
    """Grade a sheet of layers and quantities of one network. Raises SpecError where the file is no sheet."""
    sheet = read_network_sheet(path, answer_key.names)
    answered = list(questions_of(answer_key, sheet, accept))
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
    answer_key: AnswerKey, sheet: NetworkSheet, accept: tuple[str, ...]
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
        question = Question(None, "", answer_key, layer, quantity, 1, accept)
        blank = not answer.problem and read_answer(quantity, answer.text).is_blank
        if question.keyed.right is None:
            if not blank:
                place = f"{sheet.name}:{answer.place}"
                sheet.remarks.append(
                    Remark(place, f"{layer} has no {quantity.replace('_', ' ')}; left out")
                )
            continue
        if blank and (_asks_nothing(answer_key, layer, quantity) or (layer == TOTAL and totals)):
            continue
        yield question, answer


def _asks_nothing(answer_key: AnswerKey, layer: str, quantity: str) -> bool:
    """Whether a blank is no missing answer: in the rows of the input, and of the total's shapes."""
    if layer == TOTAL:
        return BY_NAME[quantity].is_shape
    return answer_key.is_layer(layer) and not answer_key.graph.nodes[answer_key.place(layer)].inputs


def grade_one(
    answer_key: AnswerKey, layer: str, quantity: str, text: str, accept: tuple[str, ...] = ()
) -> Graded:
    """Grade one answer. Raises SpecError for a layer or quantity that there is not."""
    answer_key.check(layer, quantity)
    question = Question(None, "", answer_key, layer, quantity, 1, accept)
    if question.keyed.right is None:
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
    "Graded",
    "GradedCell",
    "grade",
    "grade_homework_sheet",
    "grade_network_sheet",
    "grade_one",
    "mark",
    "summary",
]
