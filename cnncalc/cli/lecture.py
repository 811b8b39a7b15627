"""lecture: a printed table beside ours; all of them checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cnncalc.cli import options as opt
from cnncalc.cli.complete import complete_table
from cnncalc.cli.show import echo_err, show, style_of

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


Search = Annotated[
    str | None,
    typer.Option("--search", metavar="TEXT", help="List only the tables with this text."),
]


def lecture(
    table: Name = None,
    check: Check = False,
    search: Search = None,
    lang: opt.Lang = "en",
    format: opt.Format = None,
    output: opt.Output = None,
) -> None:
    """Show a printed table beside what is computed, or list the tables, or check them all."""
    shown = opt.Shown(format, output, lang)
    if search is not None:
        show_matching(search, shown)
        return
    failed = show_one(table, shown, check=check) if table else show_all(shown, check=check)
    if check and failed:
        raise typer.Exit(1)


def show_matching(text: str, shown: opt.Shown) -> None:
    """List the tables with a text; exit code 1 where there is none."""
    from cnncalc import lectures
    from cnncalc.lectures.page import list_page

    listed = list(lectures.matching(text))
    show(list_page(listed, shown.lang), shown)
    if not listed:
        echo_err(f"no table has '{text}' in its name, title, lecture, section or networks")
        raise typer.Exit(1)


def show_one(name: str, shown: opt.Shown, *, check: bool) -> bool:
    """Show one table in the lecture's layout; with `check` say whether a cell fails, and name it on standard error."""
    from cnncalc import lectures
    from cnncalc.lectures.page import table_page

    checked = lectures.check(name)
    show(table_page(checked, shown.lang), shown)
    return check and say_failures([checked])


def show_all(shown: opt.Shown, *, check: bool) -> bool:
    """Show the list of tables, or how many cells of each have which status; say whether a cell fails."""
    from cnncalc import lectures
    from cnncalc.lectures.page import list_page, summary_page

    if not check and style_of(shown) not in ("json", "csv"):
        show(list_page(map(lectures.read, lectures.names()), shown.lang), shown)
        return False
    checked = list(lectures.check_all())
    show(summary_page(checked, shown.lang), shown)
    return say_failures(checked)


def say_failures(checked: list[CheckedTable]) -> bool:
    """Name the cells that are neither reproduced nor accounted for, on standard error; whether there are any."""
    from cnncalc.lectures.page import failure_lines

    lines = list(failure_lines(checked))
    for line in lines:
        echo_err(line)
    return bool(lines)
