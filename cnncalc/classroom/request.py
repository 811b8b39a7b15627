"""What a command line asks to be graded: whose files, against what, and one way to grade each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from cnncalc.classroom.handed_in import HandedIn, handed_in, owned, read_map
from cnncalc.classroom.keys import Keys, Ungraded
from cnncalc.classroom.roster import Roster, read_roster
from cnncalc.homework.grade import Graded, grade_homework_sheets, grade_network_sheet, grade_one
from cnncalc.homework.key import TOTAL, AnswerKey
from cnncalc.homework.questions import Homework, Question, load_homework
from cnncalc.homework.sheets.labels import read_header, single_layer
from cnncalc.spec.quantities import ASKED
from cnncalc.text.files import is_there
from cnncalc.text.source import single_problem


class GradingRequest(NamedTuple):
    """What was typed: the words, and the options that say what is right."""

    words: tuple[str, ...]
    homework: str | None = None
    accept: tuple[str, ...] = ()
    input: str | None = None
    settings: dict[str, Any] | None = None
    batch: int = 1
    dtype: str = "float32"
    convention: str = "standard"
    rows: tuple[str, ...] = ()
    keys: str | None = None
    students: str | None = None
    file_map: str | None = None

    @property
    def reads(self) -> list[str]:
        """The files that this names beside the sheets."""
        named = (*self.words, self.homework, self.students, self.file_map)
        return [name for name in named if name is not None]


Grade = Callable[[str], Iterable[Graded | Ungraded]]
"""A way to grade a file, of one student or with one in each row."""


class StudentWork(NamedTuple):
    """What one student handed in, and how it is graded; `student` None where nobody knows whose it is."""

    student: str | None
    files: tuple[HandedIn, ...]
    grade: Grade


class GradingPlan(NamedTuple):
    """The works of a class, the questions where all have the same, and who the class are, where that is known."""

    works: tuple[StudentWork, ...]
    questions: tuple[Question, ...] = ()
    roster: Roster | None = None
    own_questions: Callable[[str], tuple[Question, ...]] | None = None
    title: str = ""

    def questions_of(self, student: str | None) -> tuple[Question, ...]:
        """Return what a student is asked; nothing where only a sheet would tell."""
        if self.own_questions is None or student is None:
            return self.questions
        return self.own_questions(student)

    @property
    def paths(self) -> list[str]:
        """The files that are graded."""
        return [file.path for work in self.works for file in work.files]


def plan_grading(request: GradingRequest) -> GradingPlan:
    """Find out what is to be graded. Raises SpecError where the words or the options make no sense."""
    if request.keys is not None:
        return _by_keys(request, request.keys)
    if request.homework is not None:
        return _of_homework(request, request.homework)
    if not request.words:
        raise single_problem(
            "NET",
            "",
            "name a network and a sheet",
            "such as cnncalc check alexnet answers.csv",
            "usage",
        )
    net, *rest = request.words
    answer_key = _answer_key(request, net)
    if _is_answer(answer_key, rest):
        word, asked, text = rest if len(rest) == 3 else (TOTAL, *rest)
        layer, quantity = _layer(answer_key, word), _quantity(answer_key, asked)
        return _one_work(lambda _: [grade_one(answer_key, layer, quantity, text, request.accept)])
    if not rest:
        raise single_problem(
            "SHEET",
            net,
            f"name a sheet with answers for {answer_key.net.name}",
            "such as answers.csv, or - for standard input",
            "usage",
        )
    files = handed_in(rest)
    rows = _rows(request, answer_key)
    return _class_of(
        request, files, lambda path: [grade_network_sheet(answer_key, path, request.accept, rows)]
    )


def _one_work(grade: Grade) -> GradingPlan:
    """Plan to grade what stands on the command line itself."""
    return GradingPlan((StudentWork(None, (HandedIn("-", ("-",)),), grade),))


def _class_of(
    request: GradingRequest,
    files: list[HandedIn],
    grade: Grade,
    questions: tuple[Question, ...] = (),
    title: str = "",
) -> GradingPlan:
    """Plan to grade all files in one way."""
    roster = None if request.students is None else read_roster(request.students)
    given = {} if request.file_map is None else read_map(request.file_map, roster)
    works = (StudentWork(student, own, grade) for student, own in owned(files, roster, given))
    return GradingPlan(tuple(works), questions, roster, title=title)


def _by_keys(request: GradingRequest, folder: str) -> GradingPlan:
    """Plan to grade each student's files by the student's own key."""
    if request.homework is not None:
        raise single_problem(
            "--keys",
            folder,
            "--keys cannot be combined with --homework",
            "each key is one",
            "usage",
        )
    _check_alone("--keys", request)
    keys = Keys(folder, request.accept)
    roster = keys.roster() if request.students is None else read_roster(request.students)
    given = {} if request.file_map is None else read_map(request.file_map, roster)

    def grade_of(student: str | None) -> Grade:
        if student is None:
            return lambda path: keys.grade_rows(path, roster)
        return lambda path: keys.grade(path, student)

    works = (
        StudentWork(student, own, grade_of(student))
        for student, own in owned(handed_in(request.words), roster, given)
    )
    return GradingPlan(
        tuple(works), (), roster, lambda student: keys.homework_of(student).questions
    )


def _rows(request: GradingRequest, answer_key: AnswerKey) -> tuple[str, ...]:
    """Find the rows that are asked: as told, else all that have something to answer, whatever a sheet has."""
    if request.rows:
        return tuple(_layer(answer_key, row) for row in request.rows)
    return tuple(answer_key.shown_rows())


def _check_alone(option: str, request: GradingRequest) -> None:
    """Refuse what a question of a homework says itself, and a command line without sheets. Raises SpecError."""
    given = {
        "--input": request.input,
        "--set": request.settings,
        "--convention": request.convention != "standard",
        "--batch": request.batch != 1,
        "--dtype": request.dtype != "float32",
        "--rows": request.rows,
    }
    for other, is_given in given.items():
        if is_given:
            raise single_problem(
                other,
                "",
                f"{other} cannot be combined with {option}",
                "a question says it itself, or accept: in the homework",
                "usage",
            )
    if not request.words:
        raise single_problem(
            "SHEET",
            request.keys or request.homework or "",
            "name the sheets to grade",
            "such as submissions/*.yaml, a folder or a zip archive",
            "usage",
        )


def _of_homework(request: GradingRequest, path: str) -> GradingPlan:
    _check_alone("--homework", request)
    homework: Homework = load_homework(path, request.accept)
    return _class_of(
        request,
        handed_in(request.words),
        lambda sheet: grade_homework_sheets(homework, sheet),
        homework.questions,
        homework.title,
    )


def _answer_key(request: GradingRequest, net: str) -> AnswerKey:
    from cnncalc.network import load
    from cnncalc.report.conventions import load_convention

    for name in request.accept:
        load_convention(name)
    return AnswerKey(
        load(net, request.input, request.settings),
        batch=request.batch,
        dtype=request.dtype,
        convention=request.convention,
        settings=request.settings,
    )


def _is_answer(answer_key: AnswerKey, words: list[str]) -> bool:
    """Whether it is a layer, a quantity and a value, or a quantity and a value of the total, rather than files."""
    if len(words) < 2 or any(map(is_there, words)):
        return False
    if len(words) == 2 and _named_quantity(words[0]) is not None:
        return answer_key.names.find(words[0]) is None
    if _named_quantity(words[1]) is None:
        return len(words) == 3 and answer_key.names.find(words[0]) is not None
    if len(words) != 3:
        raise single_problem(
            "VALUE",
            " ".join(words),
            "one answer is a layer, a quantity and a value",
            "such as cnncalc check alexnet conv1 params 34848",
            "usage",
        )
    return True


def _named_quantity(word: str) -> str | None:
    if word in ASKED:
        return word
    header = read_header(word)
    return None if header is None else header.quantity


def _quantity(answer_key: AnswerKey, word: str) -> str:
    """Return the quantity that a word means. Raises SpecError."""
    named = _named_quantity(word)
    if named is None:
        answer_key.check(TOTAL, word)
    return named or word


def _layer(answer_key: AnswerKey, word: str) -> str:
    """Return the layer that a word means. Raises SpecError."""
    name = single_layer(answer_key.names, word)
    if name is None:
        answer_key.check(word, ASKED[0])
    return name or word


__all__ = ["Grade", "GradingPlan", "GradingRequest", "StudentWork", "plan_grading"]
