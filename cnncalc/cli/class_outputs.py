"""What `check` writes: a sheet, a class, its grades, a page for each student, an autograder."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc.cli.check_options import CLASSROOM50, GRADEBOOKS, GRADESCOPE, PAGES, VIEWS
from cnncalc.cli.options import Shown
from cnncalc.cli.show import (
    STANDARD_OUTPUT,
    echo_err,
    has_colour,
    keep_sources,
    put_file,
    show,
    terminal_width,
    to_file,
    write,
    write_file,
)
from cnncalc.spec.overrides import check_choice
from cnncalc.tables import render
from cnncalc.tables.page import Page, json_text
from cnncalc.text.messages import said
from cnncalc.text.source import SpecError, single_problem

if TYPE_CHECKING:
    from cnncalc.classroom.changes import GradeChange
    from cnncalc.classroom.gradebook import Gradebook
    from cnncalc.classroom.request import GradingRequest
    from cnncalc.homework.report import Telling
    from cnncalc.tables.table import Table


class Wanted(NamedTuple):
    """What is to be written of what is graded, and where."""

    style: str
    telling: Telling
    output: Path | None
    grades: Path | None = None
    grades_for: str | None = None
    assignment: str = ""
    earlier: str | None = None
    feedback: Path | None = None
    feedback_format: str = "html"
    view: str = "class"

    @property
    def is_of_a_class(self) -> bool:
        """Whether something is wanted that a single sheet does not have."""
        return (
            self.grades is not None
            or self.feedback is not None
            or self.earlier is not None
            or self.view != VIEWS[0]
        )

    def check(self) -> None:
        """Raise SpecError for words that there are not, and for options that need others."""
        check_choice("--show", self.view, VIEWS)
        check_choice("--feedback-format", self.feedback_format, PAGES)
        if self.grades_for is not None:
            check_choice("--grades-for", self.grades_for, GRADEBOOKS)
            if self.grades is None:
                message, hint = "--grades-for says how --grades is written", "--grades FILE"
                raise single_problem("--grades-for", self.grades_for, message, hint, "usage")
        if self.view == "changes" and self.earlier is None:
            hint = "--earlier FILE, the grades to compare with"
            raise single_problem("--show", self.view, "changes from what?", hint, "usage")

    def keep(self, sources: Iterable[str]) -> None:
        """Raise SpecError where a file that is read would be replaced."""
        sources = list(sources)
        keep_sources("--grades", self.grades, sources)
        keep_sources("-o", self.output, sources)

    def write(self, book: Gradebook) -> None:
        """Write everything, the grades first. Raises SpecError."""
        changed = self._changes(book)
        if self.grades is not None:
            self._write_grades(book, self.grades)
        if self.feedback is not None:
            self._write_feedback(book, self.feedback)
        alone = len(book.submissions) == 1 and book.plan.roster is None
        if alone and not self.is_of_a_class:
            _show_one(book, self)
        elif self.grades != STANDARD_OUTPUT or to_file(self.output):
            _show_class(book, self, changed)  # grades on standard output stand there alone

    def _changes(self, book: Gradebook) -> list[GradeChange] | None:
        if self.earlier is None:
            return None
        from cnncalc.classroom.changes import changes, read_grades

        return changes(book, read_grades(self.earlier))

    def _write_grades(self, book: Gradebook, path: Path) -> None:
        try:
            text = self._grades(book)
        except OSError as error:
            raise _cannot_write("--grades", path, error) from None
        if path == STANDARD_OUTPUT:
            write(text, path)
        else:
            _into_file("--grades", path, text)

    def _grades(self, book: Gradebook) -> str:
        """Make the grades, as a course system imports them where that is asked, and say what is odd about them."""
        if self.grades_for is None:
            return book.grades()
        from cnncalc.classroom.lms import grades_file

        made = grades_file(book, self.grades_for, self.assignment)
        for note in made.notes:
            echo_err(said(note, self.telling.lang))
        return made.text

    def _write_feedback(self, book: Gradebook, folder: Path) -> None:
        from cnncalc.classroom.feedback import feedback_files

        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _cannot_write("--feedback", folder, error) from None
        for name, text in feedback_files(book, self.telling, self.feedback_format):
            _into_file("--feedback", folder / name, text)


def _into_file(option: str, path: Path, text: str) -> None:
    """Write a file whole or not at all. Raises SpecError."""
    from cnncalc.text.files import write_whole

    try:
        write_whole(path, text + "\n")
    except OSError as error:
        raise _cannot_write(option, path, error) from None


def _cannot_write(option: str, path: Path, error: OSError) -> SpecError:
    reason = (error.strerror or str(error)).lower()
    return single_problem(option, str(path), f"cannot write {path}: {reason}", "", "file")


def _show_one(book: Gradebook, wanted: Wanted) -> None:
    """Show the cells of a single sheet; of one that cannot be read only an autograder has results."""
    from cnncalc.classroom import gradebook
    from cnncalc.homework import report

    (submission,) = book.submissions
    graded, telling, output = submission.graded, wanted.telling, wanted.output
    if wanted.style == GRADESCOPE:
        write(json_text(gradebook.gradescope_results(submission, telling)), output)
    elif wanted.style == CLASSROOM50:
        from cnncalc.classroom.classroom50 import classroom50_result

        write(json_text(classroom50_result(submission, telling, os.environ)), output)
    elif graded is not None:
        in_column = (telling.hints or telling.reveal) and wanted.style == "csv"
        page = Page(
            lambda: report.single_document(graded, telling),
            lambda: report.sheet_table(graded, telling, hints_in_column=in_column),
        )
        show(page, Shown(wanted.style, output, telling.lang))


def _is_folder(output: Path) -> bool:
    """Whether files are wanted in a folder: one that is there, or a name that is not there and has no ending."""
    is_new = not (output == STANDARD_OUTPUT or output.suffix or os.path.exists(output))
    return is_new or os.path.isdir(output)


def _show_class(book: Gradebook, wanted: Wanted, changed: list[GradeChange] | None) -> None:
    """Show a class: its documents, or its tables."""
    style, telling, output = wanted.style, wanted.telling, wanted.output
    if style == CLASSROOM50:
        message, hint = "a result.json is of one submission", "name one sheet alone"
        raise single_problem("--format", style, message, hint, "option")
    if style == GRADESCOPE and output is not None and _is_folder(output):
        put_file(output, lambda: output.mkdir(parents=True, exist_ok=True))
        for name, document in book.gradescope_files(telling):
            write(json_text(document), output / name)
    elif style == GRADESCOPE:
        write(json_text(book.gradescope(telling)), output)
    elif style == "json":
        write(json_text(_document(book, wanted, changed)), output)
    else:
        tables = _tables(book, wanted, changed)
        width, colour = terminal_width(), has_colour(output)
        shown = tables[:1] if style == "csv" else tables
        texts = (render(table, style, width=width, colour=colour) for table in shown)
        write("\n\n".join(texts), output)


def _document(book: Gradebook, wanted: Wanted, changed: list[GradeChange] | None) -> dict[str, Any]:
    """Make the JSON that is asked for; that of a class has what changed too, where that is asked."""
    from cnncalc.classroom.changes import changes_document
    from cnncalc.classroom.items import item_statistics, items_document

    if wanted.view == "questions":
        return {"questions": items_document(item_statistics(book.graded))}
    document = {} if wanted.view == "changes" else book.document(wanted.telling)
    return document if changed is None else {**document, "changes": changes_document(changed)}


def _tables(book: Gradebook, wanted: Wanted, changed: list[GradeChange] | None) -> list[Table]:
    """Make the tables that are asked for, the main one first."""
    from cnncalc.classroom.changes import changes_table
    from cnncalc.classroom.items import item_statistics, items_table

    lang = wanted.telling.lang
    if wanted.view == "questions":
        return [items_table(item_statistics(book.graded), lang)]
    tables = [] if changed is None else [changes_table(changed, lang)]
    if wanted.view == "changes":
        return tables
    slips = [book.slip_table(lang)] if book.slips else []
    return [book.table(lang), *slips, *tables]


def write_autograder(request: GradingRequest, wanted: Wanted) -> None:
    """Write an autograder for Gradescope. Raises SpecError."""
    from cnncalc.classroom.autograder import AutograderRequest, autograder

    output = wanted.output
    if output is None or output == STANDARD_OUTPUT:
        raise single_problem("-o", "", "-o names the archive", "such as -o autograder.zip", "usage")
    wanted.keep(request.reads)
    data = autograder(
        AutograderRequest(
            request.homework, request.keys, request.students, request.accept, wanted.telling
        )
    )
    write_file(data, output)
    size = f"{len(data) / 1e6:.1f} MB"
    echo_err(f"{output}: {size}; upload it to Gradescope as the assignment's autograder")


__all__ = ["Wanted", "write_autograder"]
