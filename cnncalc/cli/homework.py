"""check: grade answers and sheets, and say which slip is behind a wrong one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from cnncalc.cli import check_options as check_opt
from cnncalc.cli import options as opt
from cnncalc.cli.class_outputs import Wanted, write_autograder
from cnncalc.cli.show import echo_err, style_of, with_progress
from cnncalc.spec.overrides import check_choice
from cnncalc.tables import FORMATS
from cnncalc.text.messages import in_language, translate

if TYPE_CHECKING:
    from cnncalc.classroom.gradebook import Gradebook, Submission
    from cnncalc.classroom.request import GradingRequest


def check(
    answers: check_opt.Answers = None,
    homework: check_opt.Homework = None,
    keys: check_opt.Keys = None,
    students: check_opt.Students = None,
    file_map: check_opt.Map = None,
    overrides: check_opt.Overrides = None,
    grades: check_opt.Grades = None,
    grades_for: check_opt.GradesFor = None,
    assignment: check_opt.Assignment = "",
    earlier: check_opt.Earlier = None,
    feedback: check_opt.Feedback = None,
    feedback_format: check_opt.FeedbackFormat = "html",
    view: check_opt.View = "class",
    gradescope: check_opt.Gradescope = False,
    hints: check_opt.Hints = False,
    reveal: check_opt.Reveal = False,
    accept: check_opt.Accept = None,
    rows: check_opt.Rows = None,
    input: opt.Input = None,
    set: opt.Settings = None,
    batch: opt.Batch = 1,
    dtype: opt.Dtype = "float32",
    convention: opt.Convention = "standard",
    lang: opt.Lang = "en",
    format: check_opt.Format = None,
    output: opt.Output = None,
) -> None:
    """Grade answers."""
    from cnncalc.classroom.request import GradingRequest
    from cnncalc.homework.report import Telling

    wanted = Wanted(
        _style(format, output, lang),
        Telling(hints, reveal, lang),
        output,
        grades,
        grades_for,
        assignment,
        earlier,
        feedback,
        feedback_format,
        view,
    )
    wanted.check()
    request = GradingRequest(
        tuple(answers or ()),
        homework,
        tuple(accept or ()),
        input,
        opt.read_settings(set),
        batch,
        dtype,
        convention,
        tuple(name.strip() for name in (rows or "").split(",") if name.strip()),
        keys=keys,
        students=students,
        file_map=file_map,
    )
    if gradescope:
        write_autograder(request, wanted)
        return
    book = _graded(request, overrides, wanted)
    wanted.write(book)
    if book.exit_code:
        raise typer.Exit(book.exit_code)


def _graded(request: GradingRequest, overrides: str | None, wanted: Wanted) -> Gradebook:
    """Grade everything, and apply what a teacher decided. Raises SpecError."""
    from cnncalc.classroom.gradebook import Gradebook
    from cnncalc.classroom.request import plan_grading

    plan = plan_grading(request)
    wanted.keep((*plan.paths, *request.reads, *filter(None, (overrides, wanted.earlier))))
    book = Gradebook(plan)
    for work in with_progress(plan.works, "grading", len(plan.works)):
        for submission in book.take(work):
            _say_remarks(submission, wanted.telling.lang)
    for submission in book.close():
        _say_remarks(submission, wanted.telling.lang)
    if overrides is not None:
        from cnncalc.classroom.overrides import read_overrides

        book.decide(overrides, read_overrides(overrides))
    return book


def _style(style: str | None, output: Path | None, lang: str) -> str:
    """Choose the format: one of a table's, or a course system's. Raises SpecError."""
    if style is not None:
        check_choice("--format", style, (*FORMATS, *check_opt.SYSTEMS))
    checked = style_of(opt.Shown(None if style in check_opt.SYSTEMS else style, output, lang))
    return style if style is not None and style in check_opt.SYSTEMS else checked


def _say_remarks(submission: Submission, lang: str) -> None:
    """Say on standard error what cannot be read, with its place, and whatever else was odd about the file."""
    graded = submission.graded
    if graded is None:
        if not submission.is_missing:
            echo_err(submission.details(lang))
        return
    for cell in graded.cells:
        if cell.reading.problem:
            place = "" if graded.file == "-" else f"{graded.file}:{cell.answer.place}: "
            asked = f"{cell.question.layer} {cell.question.quantity}"
            why = in_language(cell.reading.problem, lang)
            echo_err(f"{place}{translate('unreadable', lang)}: {asked}: {why}")
    for remark in graded.remarks:
        echo_err(remark.said(lang))
    for warning in graded.warnings:
        text = translate("for the grader: {warning}", lang, warning=in_language(warning, lang))
        echo_err(f"{graded.file}: {text}")


__all__ = ["check"]
