"""What a command line asks to be graded: which files, against what, and one way to grade each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from cnncalc.homework.grade import Graded, grade_homework_sheet, grade_network_sheet, grade_one
from cnncalc.homework.key import TOTAL, Subject
from cnncalc.homework.questions import Homework, Question, load_homework
from cnncalc.homework.sheets.labels import Ambiguous, read_header
from cnncalc.spec.file import QUANTITIES
from cnncalc.text.source import single_problem


class Asked(NamedTuple):
    """What was typed: the words, and the options that say what is right."""

    words: tuple[str, ...]
    homework: str | None = None
    accept: tuple[str, ...] = ()
    input: str | None = None
    settings: dict[str, Any] | None = None
    batch: int = 1
    dtype: str = "float32"
    convention: str = "standard"


class Job(NamedTuple):
    """Files, how each is graded, and the homework's questions."""

    paths: tuple[str, ...]
    grade: Callable[[str], Graded]
    questions: tuple[Question, ...] = ()


def plan(asked: Asked) -> Job:
    """Find out what is to be graded. Raises SpecError where the words or the options make no sense."""
    if asked.homework is not None:
        return _of_homework(asked, asked.homework)
    if not asked.words:
        raise single_problem(
            "NET",
            "",
            "name a network and a sheet",
            "such as cnncalc check alexnet answers.csv",
            "usage",
        )
    net, *rest = asked.words
    subject = _subject(asked, net)
    if _is_answer(subject, rest):
        layer, quantity, text = _layer(subject, rest[0]), _quantity(subject, rest[1]), rest[2]
        return Job(("-",), lambda _: grade_one(subject, layer, quantity, text, asked.accept))
    if not rest:
        raise single_problem(
            "SHEET",
            net,
            f"name a sheet with answers for {subject.net.name}",
            "such as answers.csv, or - for standard input",
            "usage",
        )
    return Job(tuple(rest), lambda path: grade_network_sheet(subject, path, asked.accept))


def _of_homework(asked: Asked, path: str) -> Job:
    given = {
        "--input": asked.input,
        "--set": asked.settings,
        "--convention": asked.convention != "standard",
        "--batch": asked.batch != 1,
        "--dtype": asked.dtype != "float32",
    }
    for option, is_given in given.items():
        if is_given:
            raise single_problem(
                option,
                "",
                f"{option} has no place beside --homework",
                "a question says it itself, or accept: in the homework",
                "usage",
            )
    homework: Homework = load_homework(path, asked.accept)
    if not asked.words:
        raise single_problem(
            "SHEET", path, "name the sheets to grade", "such as submissions/*.yaml", "usage"
        )
    return Job(asked.words, lambda sheet: grade_homework_sheet(homework, sheet), homework.questions)


def _subject(asked: Asked, net: str) -> Subject:
    from cnncalc.api import load
    from cnncalc.report.conventions import load_convention

    for name in asked.accept:
        load_convention(name)
    return Subject(
        load(net, asked.input, asked.settings),
        batch=asked.batch,
        dtype=asked.dtype,
        convention=asked.convention,
        settings=asked.settings,
    )


def _is_answer(subject: Subject, words: list[str]) -> bool:
    """Whether it is a layer, a quantity and a value, rather than files."""
    if len(words) < 2 or any(Path(word).exists() for word in words):
        return False
    if _named_quantity(words[1]) is None:
        return len(words) == 3 and subject.names.find(words[0]) is not None
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
    if word in QUANTITIES:
        return word
    header = read_header(word)
    return None if header is None else header.quantity


def _quantity(subject: Subject, word: str) -> str:
    """The quantity that a word means. Raises SpecError."""
    found = _named_quantity(word)
    if found is None:
        subject.check(TOTAL, word)
    return found or word


def _layer(subject: Subject, word: str) -> str:
    """The layer that a word means. Raises SpecError."""
    found = subject.names.find(word)
    if isinstance(found, str):
        return found
    if isinstance(found, Ambiguous):
        raise single_problem(
            "LAYER",
            word,
            f"'{word}' may be any of {', '.join(found.layers[:4])}",
            "",
            "unknown-layer",
        )
    subject.check(word, QUANTITIES[0])
    return word


__all__ = ["Asked", "Job", "plan"]
