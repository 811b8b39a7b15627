"""lecture: a printed table beside ours; all of them checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cnncalc.cli import options as opt
from cnncalc.cli.complete import complete_table
from cnncalc.cli.show import json_text, show_table, style_of, write

if TYPE_CHECKING:
    from cnncalc.lectures import CheckedTable

Name = Annotated[
    str | None,
    typer.Argument(
        metavar="TABLE",
        help="A table's name, or its file; none lists the tables.",
        autocompletion=complete_table,
    ),
]
Check = Annotated[
    bool,
    typer.Option("--check", help="Check every cell; exit code 1 where one is not accounted for."),
]


def lecture(
    table: Name = None,
    check: Check = False,
    lang: opt.Lang = "en",
    format: opt.Format = None,
    output: opt.Output = None,
) -> None:
    """Show a printed table beside what is computed, or list the tables, or check them all."""
    shown = opt.Shown(format, output, lang)
    failed = show_one(table, shown, check=check) if table else show_all(shown, check=check)
    if check and failed:
        raise typer.Exit(1)


def show_one(name: str, shown: opt.Shown, *, check: bool) -> bool:
    """One table in the lecture's layout; with `check` whether a cell fails, which standard error names."""
    from cnncalc import lectures
    from cnncalc.lectures import page

    checked = lectures.check(name)
    style = style_of(shown)
    if style == "json":
        write(json_text(page.table_document(checked)), shown.output)
    else:
        made = (
            page.cells_table([checked])
            if style == "csv"
            else page.lecture_table(checked, shown.lang)
        )
        show_table(made, style, shown.output)
    return check and say_failures([checked])


def show_all(shown: opt.Shown, *, check: bool) -> bool:
    """The list of tables, or how many cells of each have which status; whether a cell fails."""
    from cnncalc import lectures
    from cnncalc.lectures import page

    style = style_of(shown)
    if not check and style not in ("json", "csv"):
        show_table(
            page.list_table(map(lectures.read, lectures.names()), shown.lang), style, shown.output
        )
        return False
    checked = list(lectures.check_all())
    if style == "json":
        write(json_text(page.tables_document(checked)), shown.output)
    else:
        made = (
            page.cells_table(checked) if style == "csv" else page.summary_table(checked, shown.lang)
        )
        show_table(made, style, shown.output)
    return say_failures(checked)


def say_failures(checked: list[CheckedTable]) -> bool:
    """Name the cells that are neither reproduced nor accounted for, on standard error; whether there are any."""
    from cnncalc.cli.show import say
    from cnncalc.lectures.page import failure_lines

    lines = list(failure_lines(checked))
    for line in lines:
        say(line)
    return bool(lines)
