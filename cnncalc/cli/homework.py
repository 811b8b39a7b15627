"""check: grade answers and sheets, and say which slip is behind a wrong one."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from cnncalc.cli import options as opt
from cnncalc.cli.complete import complete_network
from cnncalc.cli.show import has_colour, say, style_of, terminal_width, write
from cnncalc.spec.overrides import check_choice
from cnncalc.tables import FORMATS, render
from cnncalc.tables.page import json_text
from cnncalc.text.source import SpecError, single_problem

if TYPE_CHECKING:
    from cnncalc.homework.grade import Graded
    from cnncalc.homework.report import Class, Telling
    from cnncalc.homework.request import GradingPlan
    from cnncalc.tables.table import Table

GRADESCOPE = "gradescope"
SHOW_PROGRESS_FROM = 3
"""Fewer files than this are read before a bar could be seen."""

Answers = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="NET SHEET... | NET LAYER QUANTITY VALUE",
        autocompletion=complete_network,
        help="A network and sheets (CSV, TSV, Markdown, YAML, XLSX, or -), or one answer; "
        "with --homework, sheets alone.",
    ),
]
Homework = Annotated[
    str | None, typer.Option("--homework", metavar="FILE", help="A file of questions.")
]
Grades = Annotated[
    Path | None,
    typer.Option("--grades", metavar="FILE", help="Write a CSV, a row for each student."),
]
Hints = Annotated[
    bool, typer.Option("--hints", help="Say what to think about; no number is given away.")
]
Reveal = Annotated[
    bool, typer.Option("--reveal", help="Give the right answers, and how they come about.")
]
Accept = Annotated[
    list[str] | None,
    typer.Option(
        "--accept", metavar="NAME", help="A convention that is right too; may be repeated."
    ),
]
Format = Annotated[
    str | None,
    typer.Option("--format", metavar="FORMAT", help=f"{', '.join(FORMATS)} or {GRADESCOPE}."),
]


def check(
    answers: Answers = None,
    homework: Homework = None,
    grades: Grades = None,
    hints: Hints = False,
    reveal: Reveal = False,
    accept: Accept = None,
    input: opt.Input = None,
    set: opt.Settings = None,
    batch: opt.Batch = 1,
    dtype: opt.Dtype = "float32",
    convention: opt.Convention = "standard",
    lang: opt.Lang = "en",
    format: Format = None,
    output: opt.Output = None,
) -> None:
    """Grade answers."""
    from cnncalc.homework.report import Telling
    from cnncalc.homework.request import GradingRequest, plan_grading

    style = _style(format, output, lang)
    plan = plan_grading(
        GradingRequest(
            tuple(answers or ()),
            homework,
            tuple(accept or ()),
            input,
            opt.read_settings(set),
            batch,
            dtype,
            convention,
        )
    )
    desk = _Desk(plan, Telling(hints, reveal, lang), style, output)
    code = desk.one() if len(plan.paths) == 1 and grades is None else desk.many(grades)
    if code:
        raise typer.Exit(code)


def _style(style: str | None, output: Path | None, lang: str) -> str:
    """The format: one of a table's, or Gradescope's. Raises SpecError."""
    if style is not None:
        check_choice("--format", style, (*FORMATS, GRADESCOPE))
    return (
        style_of(opt.Shown(None if style == GRADESCOPE else style, output, lang))
        if style != GRADESCOPE
        else style
    )


class _Desk:
    """Grades one file after another, and shows what comes of it; no more than a line of each is kept."""

    def __init__(
        self, plan: GradingPlan, telling: Telling, style: str, output: Path | None
    ) -> None:
        self.plan = plan
        self.telling = telling
        self.style = style
        self.output = output
        self.code = 0

    def one(self) -> int:
        """Grade a single sheet or answer, and show its cells."""
        from cnncalc.homework import report

        try:
            graded = self.plan.grade(self.plan.paths[0])
        except SpecError as error:
            if self.style == GRADESCOPE:  # an autograder has a result whatever was handed in
                write(json_text(report.unread_document(error.problems[0].message)), self.output)
            raise
        _say_remarks(graded)
        if self.style == "json":
            write(json_text(report.single_document(graded, self.telling)), self.output)
        elif self.style == GRADESCOPE:
            write(json_text(report.gradescope_document(graded, self.telling)), self.output)
        else:
            hinted = (self.telling.hints or self.telling.reveal) and self.style == "csv"
            write(
                self.text(report.sheet_table(graded, self.telling, hints_in_column=hinted)),
                self.output,
            )
        return 0 if graded.passed else 1

    def many(self, grades: Path | None) -> int:
        """Grade sheets one after another; one that cannot be read stops none of the others."""
        from cnncalc.homework import report

        found = report.Class(self.telling.lang)
        with ExitStack() as stack:
            book = None
            if grades is not None:
                book = report.Grades(
                    stack.enter_context(_writing("--grades", grades)), self.plan.questions
                )
            told = stack.enter_context(self.documents(found))
            for path in _with_progress(self.plan.paths):
                try:
                    graded = self.plan.grade(path)
                except SpecError as error:
                    self.unread(error, path, book)
                    continue
                _say_remarks(graded)
                found.add(graded)
                told(graded)
                if book is not None:
                    book.add(graded)
                self.code = max(self.code, 0 if graded.passed else 1)
        if self.style not in ("json", GRADESCOPE):
            self.show_class(found)
        return self.code

    def unread(self, error: SpecError, path: str, book: Any) -> None:
        """Say why a file is no sheet."""
        from cnncalc.homework.sheets.read import student_of

        say(str(error))
        self.code = 2
        if book is not None:
            book.add_unread(path, student_of(path), error.problems[0].message)

    @contextmanager
    def documents(self, found: Class) -> Iterator[Callable[[Graded], None]]:
        """Where each sheet's document goes as soon as it is graded: one JSON text, written as it grows; or a folder."""
        if self.style not in ("json", GRADESCOPE):
            yield lambda graded: None
            return
        if self.style == GRADESCOPE and self.output is not None and self.output.is_dir():
            yield self.to_folder(self.output)
            return
        is_first = True
        with _writing("-o", self.output) as file:
            put = _until_closed(file)
            put('{"submissions": [')

            def tell(graded: Graded) -> None:
                nonlocal is_first
                put(("\n" if is_first else ",\n") + json_text(self.document(graded)))
                is_first = False

            yield tell
            slips = f', "slips": {json_text(found.document())}' if self.style == "json" else ""
            put(f"\n]{slips}}}\n")

    def document(self, graded: Graded) -> dict[str, Any]:
        """A sheet among others as JSON."""
        from cnncalc.homework import report

        if self.style == "json":
            return report.submission_document(graded, self.telling)
        return {
            "file": graded.file,
            "student": graded.student,
            **report.gradescope_document(graded, self.telling),
        }

    def to_folder(self, folder: Path) -> Callable[[Graded], None]:
        """Each student's results as a file of its own."""
        from cnncalc.homework import report

        return lambda graded: write(
            json_text(report.gradescope_document(graded, self.telling)),
            folder / f"{graded.student or 'results'}.json",
        )

    def show_class(self, found: Class) -> None:
        """The students, and the slips that they made."""
        tables = [found.table()]
        if found.slips and self.style != "csv":
            tables.append(found.slip_table())
        write("\n\n".join(map(self.text, tables)), self.output)

    def text(self, table: Table) -> str:
        """A table in the format asked for."""
        return render(table, self.style, width=terminal_width(), colour=has_colour(self.output))


def _say_remarks(graded: Graded) -> None:
    """To standard error: cells that cannot be read, with their places, and whatever else was odd about the file."""
    for cell in graded.cells:
        if cell.reading.problem:
            place = "" if graded.file == "-" else f"{graded.file}:{cell.answer.place}: "
            say(
                f"{place}unreadable: {cell.question.layer} {cell.question.quantity}: {cell.reading.problem}"
            )
    for remark in graded.remarks:
        say(str(remark))
    for warning in graded.warnings:
        say(f"{graded.file}: for the grader: {warning}")


@contextmanager
def _writing(option: str, path: Path | None) -> Iterator[TextIO]:
    """Standard output, or a file that is written whole or not at all. Raises SpecError where it cannot be written."""
    from cnncalc.text.files import whole_file

    if path is None:
        yield sys.stdout
        return
    try:
        with whole_file(path) as file:
            yield file
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise single_problem(
            option, str(path), f"cannot write {path}: {reason}", "", "file"
        ) from None


def _until_closed(file: TextIO) -> Callable[[str], None]:
    """Writes until the reader of a pipe has seen enough; the grades, which go elsewhere, do not end with that."""
    is_open = True

    def put(text: str) -> None:
        nonlocal is_open
        if is_open:
            try:
                file.write(text)
            except BrokenPipeError:
                is_open = False

    return put


def _with_progress(paths: tuple[str, ...]) -> Iterable[str]:
    """The paths, with a bar on standard error where that is a terminal and there are several."""
    if len(paths) < SHOW_PROGRESS_FROM or not sys.stderr.isatty():
        return paths
    from rich.console import Console
    from rich.progress import track

    return track(paths, "grading", console=Console(stderr=True), transient=True)


__all__ = ["check"]
