"""What a command line asks to be graded: which files, against what, and one way to grade each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

from cnncalc.homework.grade import Graded, grade_homework_sheets, grade_network_sheet, grade_one
from cnncalc.homework.key import TOTAL, AnswerKey
from cnncalc.homework.questions import Homework, Question, load_homework
from cnncalc.homework.sheets.labels import Ambiguous, read_header
from cnncalc.spec.quantities import ASKED
from cnncalc.text.messages import message
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
    is_class: bool = False


class GradingPlan(NamedTuple):
    """Files, how each is graded, and the homework's questions."""

    paths: tuple[str, ...]
    grade: Callable[[str], Iterable[Graded]]
    questions: tuple[Question, ...] = ()


def plan_grading(request: GradingRequest) -> GradingPlan:
    """Find out what is to be graded. Raises SpecError where the words or the options make no sense."""
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
        layer, quantity, text = _layer(answer_key, rest[0]), _quantity(answer_key, rest[1]), rest[2]
        return GradingPlan(
            ("-",), lambda _: [grade_one(answer_key, layer, quantity, text, request.accept)]
        )
    if not rest:
        raise single_problem(
            "SHEET",
            net,
            f"name a sheet with answers for {answer_key.net.name}",
            "such as answers.csv, or - for standard input",
            "usage",
        )
    paths = tuple(dict.fromkeys(rest))
    rows = _rows(request, answer_key, is_class=request.is_class or len(paths) > 1)
    return GradingPlan(
        paths, lambda path: [grade_network_sheet(answer_key, path, request.accept, rows)]
    )


def _rows(
    request: GradingRequest, answer_key: AnswerKey, *, is_class: bool
) -> tuple[str, ...] | None:
    """Find the rows that are asked: as told, of a class all that have something to answer, else those of the sheet."""
    if request.rows:
        return tuple(_layer(answer_key, row) for row in request.rows)
    return tuple(answer_key.shown_rows()) if is_class else None


def _of_homework(request: GradingRequest, path: str) -> GradingPlan:
    given = {
        "--input": request.input,
        "--set": request.settings,
        "--convention": request.convention != "standard",
        "--batch": request.batch != 1,
        "--dtype": request.dtype != "float32",
        "--rows": request.rows,
    }
    for option, is_given in given.items():
        if is_given:
            raise single_problem(
                option,
                "",
                f"{option} cannot be combined with --homework",
                "a question says it itself, or accept: in the homework",
                "usage",
            )
    homework: Homework = load_homework(path, request.accept)
    if not request.words:
        raise single_problem(
            "SHEET", path, "name the sheets to grade", "such as submissions/*.yaml", "usage"
        )
    return GradingPlan(
        tuple(dict.fromkeys(request.words)),
        lambda sheet: grade_homework_sheets(homework, sheet),
        homework.questions,
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
    """Whether it is a layer, a quantity and a value, rather than files."""
    if len(words) < 2 or any(Path(word).exists() for word in words):
        return False
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
    name = answer_key.names.find(word)
    if isinstance(name, str):
        return name
    if isinstance(name, Ambiguous):
        raise single_problem(
            "LAYER",
            word,
            message("'{text}' may be any of {names}", text=word, names=", ".join(name.layers[:4])),
            "",
            "unknown-layer",
        )
    answer_key.check(word, ASKED[0])
    return word


__all__ = ["GradingPlan", "GradingRequest", "plan_grading"]
