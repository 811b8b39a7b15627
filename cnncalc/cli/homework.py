"""check: grade answers and sheets, and say which slip is behind a wrong one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cnncalc.cli import options as opt
from cnncalc.cli.complete import complete_answer, complete_convention, complete_file, one_of
from cnncalc.cli.show import (
    STANDARD_OUTPUT,
    has_colour,
    keep_sources,
    say,
    show,
    style_of,
    terminal_width,
    to_file,
    with_progress,
    write,
)
from cnncalc.spec.overrides import check_choice
from cnncalc.tables import FORMATS, render
from cnncalc.tables.page import Page, json_text
from cnncalc.text.messages import in_language, translate
from cnncalc.text.source import single_problem

if TYPE_CHECKING:
    from cnncalc.homework.gradebook import Gradebook, Submission
    from cnncalc.homework.report import Telling

GRADESCOPE = "gradescope"

Answers = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="NET SHEET... | NET LAYER QUANTITY VALUE",
        autocompletion=complete_answer,
        help="A network and sheets (CSV, TSV, Markdown, YAML, XLSX, or -), or one answer; "
        "with --homework, sheets alone.",
    ),
]
Homework = Annotated[
    str | None,
    typer.Option(
        "--homework", metavar="FILE", autocompletion=complete_file, help="A file of questions."
    ),
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
        "--accept",
        metavar="NAME",
        autocompletion=complete_convention,
        help="A convention that is right too; may be repeated.",
    ),
]
Rows = Annotated[
    str | None,
    typer.Option(
        "--rows",
        metavar="LAYER,...",
        help="The rows that are asked, whatever a sheet leaves out or adds; for a class every row "
        "with something to answer, unless given.",
    ),
]
Format = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="FORMAT",
        parser=opt.word,
        autocompletion=one_of(lambda: (*FORMATS, GRADESCOPE)),
        help=f"{', '.join(FORMATS)} or {GRADESCOPE}.",
    ),
]


def check(
    answers: Answers = None,
    homework: Homework = None,
    grades: Grades = None,
    hints: Hints = False,
    reveal: Reveal = False,
    accept: Accept = None,
    rows: Rows = None,
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
    from cnncalc.homework.gradebook import Gradebook
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
            tuple(name.strip() for name in (rows or "").split(",") if name.strip()),
            is_class=grades is not None,
        )
    )
    sources = [*plan.paths, *(answers or ())[:1], *([homework] if homework else [])]
    keep_sources("--grades", grades, sources)
    keep_sources("-o", output, sources)
    book = Gradebook(plan)
    for path in with_progress(plan.paths, "grading", len(plan.paths)):
        for submission in book.take(path):
            _say_remarks(submission, lang)
    telling = Telling(hints, reveal, lang)
    if grades is not None:
        _write_grades(book, grades)
    if len(book.submissions) == 1 and grades is None:
        _show_one(book, telling, style, output)
    elif grades != STANDARD_OUTPUT or to_file(
        output
    ):  # grades on standard output stand there alone
        _show_class(book, telling, style, output)
    if book.exit_code:
        raise typer.Exit(book.exit_code)


def _style(style: str | None, output: Path | None, lang: str) -> str:
    """Choose the format: one of a table's, or Gradescope's. Raises SpecError."""
    if style is not None:
        check_choice("--format", style, (*FORMATS, GRADESCOPE))
    return (
        style_of(opt.Shown(None if style == GRADESCOPE else style, output, lang))
        if style != GRADESCOPE
        else style
    )


def _show_one(book: Gradebook, telling: Telling, style: str, output: Path | None) -> None:
    """Show the cells of a single sheet; of one that cannot be read only an autograder has results."""
    from cnncalc.homework import gradebook, report

    (submission,) = book.submissions
    graded = submission.graded
    if style == GRADESCOPE:
        write(json_text(gradebook.gradescope_results(submission, telling)), output)
    elif graded is not None:
        in_column = (telling.hints or telling.reveal) and style == "csv"
        page = Page(
            lambda: report.single_document(graded, telling),
            lambda: report.sheet_table(graded, telling, hints_in_column=in_column),
        )
        show(page, opt.Shown(style, output, telling.lang))


def _show_class(book: Gradebook, telling: Telling, style: str, output: Path | None) -> None:
    """Show a class: its documents, or the students and the slips that they made."""
    if style == GRADESCOPE and output is not None and output.is_dir():
        for name, document in book.gradescope_files(telling):
            write(json_text(document), output / name)
    elif style == GRADESCOPE:
        write(json_text(book.gradescope(telling)), output)
    elif style == "json":
        write(json_text(book.document(telling)), output)
    else:
        tables = [book.table(telling.lang)]
        if book.slips and style != "csv":
            tables.append(book.slip_table(telling.lang))
        width, colour = terminal_width(), has_colour(output)
        texts = (render(table, style, width=width, colour=colour) for table in tables)
        write("\n\n".join(texts), output)


def _write_grades(book: Gradebook, path: Path) -> None:
    """Write the grades before anything else. Raises SpecError."""
    from cnncalc.text.files import write_whole

    if path == STANDARD_OUTPUT:
        write(book.grades(), path)
        return
    try:
        write_whole(path, book.grades() + "\n")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise single_problem(
            "--grades", str(path), f"cannot write {path}: {reason}", "", "file"
        ) from None


def _say_remarks(submission: Submission, lang: str) -> None:
    """Say on standard error what cannot be read, with its place, and whatever else was odd about the file."""
    graded = submission.graded
    if graded is None:
        say(submission.details(lang))
        return
    for cell in graded.cells:
        if cell.reading.problem:
            place = "" if graded.file == "-" else f"{graded.file}:{cell.answer.place}: "
            asked = f"{cell.question.layer} {cell.question.quantity}"
            why = in_language(cell.reading.problem, lang)
            say(f"{place}{translate('unreadable', lang)}: {asked}: {why}")
    for remark in graded.remarks:
        say(remark.said(lang))
    for warning in graded.warnings:
        text = translate("for the grader: {warning}", lang, warning=in_language(warning, lang))
        say(f"{graded.file}: {text}")


__all__ = ["check"]
