"""Where results go: standard output or a file, in the format asked for."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnncalc.cli.options import Shown
from cnncalc.spec.overrides import check_choice
from cnncalc.tables import FORMATS, render
from cnncalc.text.files import write_whole
from cnncalc.text.source import single_problem

if TYPE_CHECKING:
    from cnncalc.report.analysis import Report
    from cnncalc.tables.table import Table


def say(text: str) -> None:
    """Something to read that is no result: to standard error."""
    print(text, file=sys.stderr)


def style_of(shown: Shown) -> str:
    """The format: as asked, else a table on a terminal and plain text elsewhere. Raises SpecError."""
    from cnncalc.tables.table import LANGUAGES

    check_choice("--lang", shown.lang, LANGUAGES)
    if shown.format is None:
        return "table" if shown.output is None and sys.stdout.isatty() else "plain"
    check_choice("--format", shown.format, FORMATS)
    return shown.format


def show_report(report: Report, question: str, shown: Shown, *, everything: bool) -> None:
    """A report's answer to one question."""
    style = style_of(shown)
    if style == "json":
        from cnncalc.tables.documents import report_document

        write(json_text(report_document(report)), shown.output)
        return
    from cnncalc.tables.table import data_table, table

    made = (
        data_table(report, question)
        if style == "csv"
        else table(report, question, lang=shown.lang, everything=everything)
    )
    show_table(made, style, shown.output)


def show_table(table: Table, style: str, output: Path | None) -> None:
    """A table in a format that shows tables."""
    write(render(table, style, width=terminal_width(), colour=has_colour(output)), output)


def json_text(document: Any) -> str:
    """A document as JSON."""
    import json

    return json.dumps(document, ensure_ascii=False, indent=1)


def terminal_width() -> int:
    """Columns of the terminal, or of COLUMNS; 80 in a pipe."""
    import shutil

    return shutil.get_terminal_size((80, 24)).columns


def has_colour(output: Path | None) -> bool:
    """Whether colour is wanted: on a terminal that takes it, unless NO_COLOR is set."""
    on_terminal = output is None and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    return on_terminal and not os.environ.get("NO_COLOR")


def write(text: str, output: Path | None) -> None:
    """Print a result, or write it beside the file and rename, so that a failure leaves the old file whole."""
    if output is None:
        sys.stdout.write(text + "\n")
        return
    try:
        write_whole(output, text + "\n")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise single_problem(
            "-o", str(output), f"cannot write {output}: {reason}", "", "file"
        ) from None
