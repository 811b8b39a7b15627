"""Grading: each cell of a sheet gets a status, its points, and what is behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from cnncalc.counts.judge import OTHERWISE, Judgement
from cnncalc.counts.printed import ERRATUM
from cnncalc.homework.answers import ReadAnswer, agrees, read_answer
from cnncalc.homework.carry import Carried
from cnncalc.homework.diagnose import (
    BINARY,
    CONTRADICTION,
    CUT,
    DEPTH_RIGHT,
    DIGITS,
    NOTHING_FOUND,
    PLACES,
    SIZE_RIGHT,
    UNIT,
    Diagnosis,
    diagnose,
)
from cnncalc.homework.key import TOTAL, AnswerKey
from cnncalc.homework.questions import Homework, Question, is_accepted
from cnncalc.homework.sheets.read import (
    Answer,
    HomeworkSheet,
    NetworkSheet,
    Remark,
    read_homework_sheets,
    read_network_sheet,
)
from cnncalc.homework.variant import Value
from cnncalc.spec.quantities import BY_NAME
from cnncalc.text.exact import Exact, whole
from cnncalc.text.messages import joined, message
from cnncalc.text.numbers import Agreement
from cnncalc.text.source import single_problem
from cnncalc.text.suggest import listing

RIGHT, CONVENTION, ELSEWHERE, CARRIED, WRONG, BLANK, UNREADABLE = STATUSES = (
    "right",
    "convention",
    "elsewhere",
    "carried",
    "wrong",
    "blank",
    "unreadable",
)
FULL_MARKS = (RIGHT, CARRIED)
HALF = Fraction(1, 2)
MAX_LISTED = 6
"""So many rows that are not asked are named."""
MAX_SOURCES = 2
"""So many of those who print a number are named."""

_BLANK_ANSWER = Answer("", "")


class Overriding(NamedTuple):
    """Points that a teacher decided, and why."""

    points: Exact
    reason: str = ""


class GradedCell(NamedTuple):
    """A graded answer; `form` says in which order or form a right shape was written.

    What a teacher decided (`override`) stands above all that is found here.
    """

    question: Question
    answer: Answer
    reading: ReadAnswer
    status: str
    diagnosis: Diagnosis = NOTHING_FOUND
    form: str = ""
    override: Overriding | None = None

    @property
    def points(self) -> Exact:
        """What it earns: all, nothing, or the part that the homework leaves for its slip, its status or its parts."""
        if self.override is not None:
            return self.override.points
        if self.status in FULL_MARKS:
            return self.question.points
        return whole(self.question.points * self.credit)

    @property
    def has_full_marks(self) -> bool:
        """Whether it is right, follows from what is not, or was decided to be worth all its points."""
        if self.override is not None:
            return self.override.points >= self.question.points
        return self.status in FULL_MARKS

    @property
    def credit(self) -> Exact:
        """The part of the points that an answer without full marks keeps."""
        scoring = self.question.scoring
        slips = [name.removeprefix(f"{CARRIED}+") for name in self.diagnosis.slips]
        kept = [scoring.partial.get(name, 0) for name in (self.status, *slips)]
        if scoring.parts and self.diagnosis.note in (SIZE_RIGHT, DEPTH_RIGHT):
            kept.append(HALF)
        return max(kept)


class Graded(NamedTuple):
    """A graded sheet; `remarks` are about the file, `warnings` for the grader; `student` where the file tells it."""

    file: str
    cells: tuple[GradedCell, ...]
    remarks: tuple[Remark, ...] = ()
    warnings: tuple[str, ...] = ()
    student: str | None = None

    @property
    def score(self) -> Exact:
        """The points of all cells."""
        return sum(cell.points for cell in self.cells)

    @property
    def max(self) -> Exact:
        """The points that could be had."""
        return sum(cell.question.points for cell in self.cells)

    @property
    def passed(self) -> bool:
        """Whether every cell has full marks."""
        return all(cell.has_full_marks for cell in self.cells)

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
    """Return what the sheet says of each network, to carry forward; only memory depends on the batch and the type."""
    listed = list(listed)
    answer_keys = {id(question.answer_key): question.answer_key for question, _, _ in listed}
    answers: dict[int, dict[tuple[str, str], ReadAnswer]] = {key: {} for key in answer_keys}
    for question, _, reading in listed:
        for key, answer_key in answer_keys.items():
            same_graph = answer_key.graph is question.answer_key.graph
            if key == id(question.answer_key) or (same_graph and question.quantity != "memory"):
                answers[key][question.layer, question.quantity] = reading
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
    note = shortfall(question, reading, keyed.right)
    if form is not None and not note:
        return GradedCell(question, answer, reading, RIGHT, form=form)
    if note in (UNIT, CONTRADICTION):
        cell = _known_erratum(question, answer, reading)
    else:
        cell = None if form is not None else _otherwise_right(question, answer, reading, carried)
    if cell is not None:
        return cell
    if form is not None:
        return GradedCell(question, answer, reading, WRONG, Diagnosis(note=note), form)
    return _not_right(question, answer, reading, carried, note)


def mark_alone(question: Question, text: str) -> GradedCell:
    """Grade one answer as a student writes it, with no others on the sheet that it could follow from."""
    answer = Answer(text, "")
    return mark(question, answer, _read(question, answer))


def _not_right(
    question: Question, answer: Answer, reading: ReadAnswer, carried: Carried | None, note: str
) -> GradedCell:
    """Diagnose an answer that is not right as it stands; `note` is what it falls short in."""
    keyed = question.keyed
    diagnosis = diagnose(keyed, reading, carried)
    status = WRONG if diagnosis.convention is None else CONVENTION
    if note not in (UNIT, CONTRADICTION) and keyed.right is not None:
        note = part_right(reading, keyed.right)
        read = question.answer_key.read_as(question.layer, question.quantity, reading)
        if (
            status == WRONG
            and read is not None
            and (not diagnosis.slips or _is_only_cut(read, diagnosis))
        ):
            status, note = CONVENTION, _note(read)
            diagnosis = Diagnosis(convention=read.convention)
        if status == WRONG and not diagnosis.slips:
            where = question.answer_key.sibling(keyed, reading)
            status = WRONG if where is None else ELSEWHERE
            diagnosis = diagnosis._replace(where=where)
    return GradedCell(question, answer, reading, status, diagnosis._replace(note=note))


def _is_only_cut(read: Judgement, diagnosis: Diagnosis) -> bool:
    """Whether a number is the right one with its digits cut, which is likelier than any slip but that one itself."""
    is_cut = read.convention is None and read.agreement == Agreement("cut")
    return is_cut and "cut-not-rounded" not in diagnosis.slips


def _note(read: Judgement) -> str:
    """Say what is to be said of a number that is right when it is read otherwise."""
    agreed = read.agreement
    if agreed is not None and agreed.base == 1024:
        return BINARY
    return PLACES if agreed is not None and agreed.places else CUT


def _otherwise_right(
    question: Question, answer: Answer, reading: ReadAnswer, carried: Carried | None
) -> GradedCell | None:
    """Grade an answer that is accepted beside the right one, carried, or printed elsewhere; None where it is none."""
    keyed = question.keyed
    known = keyed.key.alternatives(question.layer, question.quantity) if question.accept else {}
    if any(_gives(question, reading, known[name]) for name in question.accept if name in known):
        return GradedCell(question, answer, reading, RIGHT)
    if carried is not None and carried.credits(
        keyed, lambda value: _gives(question, reading, value)
    ):
        return GradedCell(question, answer, reading, CARRIED)
    printed = question.answer_key.printed(question.layer, question.quantity, reading)
    if printed is None:
        return None
    if any(is_accepted(printing, question.accept) for printing in printed.printings):
        return GradedCell(question, answer, reading, RIGHT)
    rounded = reading.number is not None and not reading.number.full
    slips = () if rounded else diagnose(keyed, reading, carried).slips
    is_right = printed.status == OTHERWISE and printed.convention is None
    note = _note(printed) if is_right and not printed.few_digits else ""
    diagnosis = Diagnosis(slips, where=_sources(printed), note=note)
    return GradedCell(question, answer, reading, ELSEWHERE, diagnosis)


def _known_erratum(question: Question, answer: Answer, reading: ReadAnswer) -> GradedCell | None:
    """Say where an answer that contradicts itself is printed so, which only an erratum is: `138MB` of parameters."""
    printed = question.answer_key.printed(question.layer, question.quantity, reading)
    if printed is None or not all(each.kind == ERRATUM for each in printed.printings):
        return None
    diagnosis = Diagnosis(where=_sources(printed))
    return GradedCell(question, answer, reading, ELSEWHERE, diagnosis)


def _sources(printed: Judgement) -> str:
    """Say who prints a number. What is to be said of it (`why`) may have the right answer, and is left out."""
    silent = printed._replace(printings=tuple(each._replace(why="") for each in printed.printings))
    return joined(silent.where[:MAX_SOURCES], "{first}; {second}")


def _gives(question: Question, reading: ReadAnswer, value: Value) -> bool:
    """Tell whether an answer is a value, with digits enough."""
    return agrees(reading, value) is not None and not shortfall(question, reading, value)


def shortfall(question: Question, reading: ReadAnswer, value: Value) -> str:
    """Say what keeps a number from being a value that it agrees with: its unit, what it is worked out from, digits."""
    number = reading.number
    if number is None or isinstance(value, tuple):
        return ""
    if not number.is_of(question.quantity):
        return UNIT
    if number.contradicts_itself:
        return CONTRADICTION
    return "" if number.has_digits(question.scoring.digits, value) else DIGITS


def part_right(reading: ReadAnswer, right: Value) -> str:
    """Say which part of a wrong shape is right: all of its size, or its depth."""
    if not isinstance(right, tuple) or len(right) < 2 or reading.along_axes:
        return ""
    shapes = [shape for _, shape in reading.forms(len(right))]
    if any(shape[:-1] == right[:-1] for shape in shapes) or reading.shape == right[:-1]:
        return SIZE_RIGHT
    return DEPTH_RIGHT if any(shape[-1] == right[-1] for shape in shapes) else ""


def _warnings(carried: Iterable[Carried], cells: list[GradedCell]) -> Iterator[str]:
    """Shapes that empty the rest of the sheet: what comes after them cannot follow, and is not right either."""
    for sheet in carried:
        warned = set()
        for block in sheet.blocked:
            after = [
                cell
                for cell in cells
                if cell.question.answer_key is sheet.answer_key
                and cell.status == WRONG
                and cell.question.layer != block.layer
                and (
                    cell.question.layer == TOTAL
                    or sheet.answer_key.place(cell.question.layer) > block.at
                )
            ]
            if after and block.layer not in warned:
                warned.add(block.layer)
                yield message(
                    "{note} ({count} wrong answers after it)"
                    if len(after) > 1
                    else "{note} (1 wrong answer after it)",
                    note=sheet.blocked_note(block),
                    count=len(after),
                )


# --- files ----------------------------------------------------------------------------------------------------------


def grade_homework_sheet(homework: Homework, path: str) -> Graded:
    """Grade one student's sheet. Raises SpecError where the file is no sheet of one student."""
    graded = grade_homework_sheets(homework, path)
    if len(graded) > 1:
        raise single_problem(path, "", "this sheet has a student in each row", "", "sheet")
    return graded[0]


def grade_homework_sheets(homework: Homework, path: str) -> list[Graded]:
    """Grade a file of one student, or of many, a row each. Raises SpecError where the file is no sheet."""
    if homework.by_rows:
        return [grade_sheet(homework, path, _by_rows(homework, path))]
    texts = [question.text for question in homework.questions]
    return [
        grade_sheet(homework, path, sheet)
        for sheet in read_homework_sheets(path, homework.ids, texts)
    ]


def _by_rows(homework: Homework, path: str) -> HomeworkSheet:
    """Read a sheet with a row a layer as answers to the questions about those rows."""
    asked = {(question.layer, question.quantity): question for question in homework.questions}
    sheet = read_network_sheet(path, homework.questions[0].answer_key.names)
    answers = {
        asked[place].id or "": answer for place, answer in sheet.answers.items() if place in asked
    }
    return HomeworkSheet(sheet.name, answers, sheet.remarks)


def grade_sheet(homework: Homework, path: str, sheet: HomeworkSheet) -> Graded:
    """Grade answers that are read already; a question that they leave out is blank."""
    cells, warnings = grade(
        (question, sheet.answers.get(question.id or "", _BLANK_ANSWER))
        for question in homework.questions
    )
    return Graded(path, cells, tuple(sheet.remarks), warnings, sheet.student)


def grade_network_sheet(
    answer_key: AnswerKey,
    path: str,
    accept: tuple[str, ...] = (),
    rows: Sequence[str] | None = None,
) -> Graded:
    """Grade a sheet of layers and quantities of one network. Raises SpecError where the file is no sheet.

    `rows` are asked, whatever the sheet leaves out or adds; without them what the sheet has is asked.
    """
    sheet = read_network_sheet(path, answer_key.names)
    if rows is not None:
        sheet = _of_rows(answer_key, sheet, rows)
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


def _of_rows(answer_key: AnswerKey, sheet: NetworkSheet, rows: Sequence[str]) -> NetworkSheet:
    """Make a sheet of the rows asked: those missing are blank, others are left out.

    A block whose inner layers are answered is asked by those.
    """
    answered = {layer for layer, _ in sheet.answers}
    asked = dict.fromkeys(
        inner for row in rows for inner in _rows_within(answer_key, row, answered)
    )
    columns = dict.fromkeys(quantity for _, quantity in sheet.answers)
    missing = Answer("", "")
    answers = {
        (layer, quantity): sheet.answers.get((layer, quantity), missing)
        for layer in asked
        for quantity in columns
    }
    extra = [
        layer for layer in dict.fromkeys(layer for layer, _ in sheet.answers) if layer not in asked
    ]
    if extra:
        text = message("not asked, and left out: {layers}", layers=listing(extra, MAX_LISTED))
        sheet.remarks.append(Remark(sheet.name, text))
    return sheet._replace(answers=answers)


def _rows_within(answer_key: AnswerKey, row: str, answered: set[str]) -> list[str]:
    """Ask a block as a whole, or layer by layer where a sheet answers its layers."""
    if row in answered or not any(layer.startswith(f"{row}/") for layer in answered):
        return [row]
    return [
        inner
        for name in answer_key.shown_rows(row)
        for inner in _rows_within(answer_key, name, answered)
    ]


def questions_of(
    answer_key: AnswerKey, sheet: NetworkSheet, accept: tuple[str, ...]
) -> Iterator[tuple[Question, Answer]]:
    """Yield the cells of a sheet as questions. A blank one is a question too, unless there is nothing to answer.

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
                text = message(
                    "{layer} has no {quantity}; left out",
                    layer=layer,
                    quantity=message(BY_NAME[quantity].title),
                )
                sheet.remarks.append(Remark(place, text))
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
    "Overriding",
    "grade",
    "grade_homework_sheet",
    "grade_homework_sheets",
    "grade_network_sheet",
    "grade_one",
    "grade_sheet",
    "mark",
    "mark_alone",
    "summary",
]
