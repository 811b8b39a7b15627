"""Printed tables against what is computed: `cnncalc lecture`.

    from cnncalc import lectures
    checked = lectures.check("alexnet-parameters")
    checked.count("exact")                          # 53
    lectures.names()                                # every table, lecture by lecture

A table is a file in `specs/lectures/`: see docs/lectures.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cnncalc.lectures.check import STATUSES, Checked, CheckedTable, check_table
from cnncalc.lectures.load import Printed, read_table
from cnncalc.spec.shipped import data_files
from cnncalc.text.messages import message
from cnncalc.text.source import single_problem
from cnncalc.text.suggest import did_you_mean_any, nearest_all
from cnncalc.text.yaml_tree import read_source

ENDINGS = (".yaml", ".yml")


def files() -> dict[str, Path]:
    """Return the tables' files by the table's name, lecture by lecture."""
    return {path.stem: path for path in data_files("lectures").values()}


def names() -> tuple[str, ...]:
    """Return the names of all tables."""
    return tuple(files())


def read(table: str | Path) -> Printed:
    """Return a table as printed: by its name, or from a file that ends in .yaml.

    Raises SpecError with all that is wrong.
    """
    name = str(table)
    path = files().get(name)
    if path is None and name.endswith(ENDINGS):
        path = Path(name)
    if path is None:
        close = [known for known in files() if name.lower() in known][:6] or nearest_all(
            name, files()
        )
        hint = did_you_mean_any(close) if close else message("cnncalc lecture lists the tables")
        wrong = message("there is no table '{name}'", name=name)
        raise single_problem("TABLE", name, wrong, hint, "unknown-table")
    return read_table(read_source(path), path.stem)


def matching(text: str) -> Iterator[Printed]:
    """Yield the tables that have a text in their name, title, lecture, section or networks, in any letters."""
    wanted = text.lower()
    for table in map(read, names()):
        networks = [table.network, *(name for column in table.columns for name in column.networks)]
        words = (table.name, *table.title, table.lecture, table.section, *networks)
        if any(wanted in word.lower() for word in words):
            yield table


def check(table: str | Path) -> CheckedTable:
    """Return a table with every cell checked. Raises SpecError as `read` does."""
    return check_table(read(table))


def check_all() -> Iterator[CheckedTable]:
    """All tables, checked, lecture by lecture."""
    return map(check, names())


__all__ = [
    "STATUSES",
    "Checked",
    "CheckedTable",
    "Printed",
    "check",
    "check_all",
    "files",
    "matching",
    "names",
    "read",
]
