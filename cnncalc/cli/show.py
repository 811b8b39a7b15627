"""Where results go: standard output or a file, in the format asked for."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from cnncalc.cli.options import Shown
from cnncalc.spec.overrides import check_choice
from cnncalc.tables import FORMATS, render
from cnncalc.text.files import write_whole, write_zeros
from cnncalc.text.messages import LANGUAGES
from cnncalc.text.printable import printable_lines
from cnncalc.text.source import single_problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cnncalc.report.analysis import Report
    from cnncalc.tables.page import Page
    from cnncalc.tables.table import Table

T = TypeVar("T")
SHOW_PROGRESS_FROM = 3
"""Fewer items than this are done before a bar could be seen."""

STANDARD_OUTPUT = Path("-")
"""What `-o` takes for standard output."""

BY_ENDING = {
    ".json": "json",
    ".csv": "csv",
    ".md": "markdown",
    ".tex": "latex",
    ".html": "html",
    ".htm": "html",
    ".txt": "plain",
}
"""The format of a file that is written, by how its name ends."""


def echo_err(text: str) -> None:
    """Print something to read that is no result to standard error, safe to show."""
    print(printable_lines(text), file=sys.stderr)


def style_of(shown: Shown) -> str:
    """Choose the format: as asked, else by the file's ending, else a table on a terminal and plain text elsewhere.

    Raises SpecError for a format or a language that there is not.
    """
    check_choice("--lang", shown.lang, LANGUAGES)
    if shown.format is not None:
        check_choice("--format", shown.format, FORMATS)
        return shown.format
    if to_file(shown.output) and shown.output is not None:
        return BY_ENDING.get(shown.output.suffix.lower(), "plain")
    return "table" if sys.stdout.isatty() else "plain"


def to_file(output: Path | None) -> bool:
    """Say whether a result goes to a file."""
    return output is not None and output != STANDARD_OUTPUT


def show(page: Page, shown: Shown) -> None:
    """Show an answer's page in the format asked for."""
    from cnncalc.tables.page import render_page

    colour = has_colour(shown.output)
    write(render_page(page, style_of(shown), width=terminal_width(), colour=colour), shown.output)


def show_report(report: Report, question: str, shown: Shown, *, everything: bool) -> None:
    """Show a report's answer to one question."""
    style_of(shown)
    show(report_page(report, question, shown.lang, everything=everything), shown)


def report_page(report: Report, question: str, lang: str, *, everything: bool) -> Page:
    """Make the page of a report's answer to one question."""
    from cnncalc.tables.documents import report_document
    from cnncalc.tables.page import Page
    from cnncalc.tables.table import data_table, table

    return Page(
        lambda: report_document(report),
        lambda: table(report, question, lang=lang, everything=everything),
        data=lambda: data_table(report, question),
    )


def show_table(table: Table, style: str, output: Path | None) -> None:
    """Show a table in a format that shows tables."""
    write(render(table, style, width=terminal_width(), colour=has_colour(output)), output)


def with_progress(items: Iterable[T], what: str, count: int | None = None) -> Iterable[T]:
    """Go through items, with a bar on standard error where that is a terminal and they are not known to be few."""
    if (count is not None and count < SHOW_PROGRESS_FROM) or not sys.stderr.isatty():
        return items
    from rich.console import Console
    from rich.progress import track

    return track(items, what, total=count, console=Console(stderr=True), transient=True)


def terminal_width() -> int:
    """Columns of the terminal, or of COLUMNS; 80 in a pipe."""
    import shutil

    return shutil.get_terminal_size((80, 24)).columns


def has_colour(output: Path | None) -> bool:
    """Say whether colour is wanted: on a terminal that takes it, unless NO_COLOR is set."""
    if to_file(output) or os.environ.get("NO_COLOR"):
        return False
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def keep_sources(option: str, target: Path | None, sources: Iterable[str]) -> None:
    """Raise SpecError for an output that would replace a file read in the same run, unless that is forced."""
    from cnncalc.text.files import is_forced, replaced_source

    if target is None or is_forced():
        return
    source = replaced_source(target, sources)
    if source is not None:
        message = f"{target} is read in this run and would be replaced"
        raise single_problem(
            option, str(target), message, "name another file, or --force replaces it", "file"
        )


def write(text: str, output: Path | None) -> None:
    """Print a result, or write it beside the file and rename, so that a failure leaves the old file whole.

    Raises SpecError where the file cannot be written, and OSError where standard output cannot.
    """
    if output is None or output == STANDARD_OUTPUT:
        sys.stdout.write(text + "\n")
    else:
        write_file(text + "\n", output)


def write_picture(make: Callable[[], str], output: Path | None) -> None:
    """Write an SVG, or the PNG or PDF of it, by the file's ending; standard output gets the SVG.

    Raises SpecError for another ending, or where the extra `draw` is not installed, before the picture is made.
    """
    from cnncalc.draw.raster import converter

    convert = converter(output.suffix) if output is not None and to_file(output) else None
    if convert is None or output is None:
        write(make(), output)
    else:
        write_file(convert(make()), output)


def write_file(content: str | bytes, output: Path) -> None:
    """Write a text or bytes beside the file and rename. Raises SpecError where the file cannot be written."""
    put_file(output, lambda: write_whole(output, content))


def write_zeros_file(size: int, output: Path) -> None:
    """Write a file of zeros as `write_file` does. Raises SpecError, also where other data is there."""
    put_file(output, lambda: write_zeros(output, size))


def put_file(output: Path, write: Callable[[], None]) -> None:
    """Write a file, or a folder, by a function. Raises SpecError where it cannot be written."""
    try:
        write()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise single_problem(
            "-o", str(output), f"cannot write {output}: {reason}", "", "file"
        ) from None
