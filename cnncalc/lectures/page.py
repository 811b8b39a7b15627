"""Checked tables as tables for the views, and as the documents that JSON shows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from cnncalc.lectures.check import STATUSES, Checked, CheckedTable
from cnncalc.lectures.load import EMPTY, Printed, PrintedRow
from cnncalc.ops.shapes import format_shape
from cnncalc.tables.documents import plain
from cnncalc.tables.page import Page
from cnncalc.tables.table import Column, Table
from cnncalc.text.messages import in_language, translate

MARKS = {
    "exact": "✓",
    "rounded": "≈",
    "cut": "↓",
    "near": "~",
    "erratum": "✗",
    "not-computable": "?",
}
"""How a cell is marked; what is computed stands behind the mark."""

_MEANINGS = {
    "exact": "exact",
    "rounded": "rounded to the digits printed",
    "cut": "cut to the digits printed",
    "near": "near, by the distance beside",
    "erratum": "erratum: the print is wrong",
    "not-computable": "not computable",
}
_SHORT = {"not-computable": "uncomputed"}
_NUMBER = re.compile(r"[^0-9]*([0-9][0-9,]*)(?:[.]([0-9]*))?(.*)")


# --- one table -------------------------------------------------------------------------------------------------------


def table_page(checked: CheckedTable, lang: str = "en") -> Page:
    """Make the page of a checked table, in the lecture's layout; CSV has a row for each cell."""
    return Page(
        lambda: table_document(checked),
        lambda: lecture_table(checked, lang),
        data=lambda: cells_table([checked]),
    )


def summary_page(checked: Sequence[CheckedTable], lang: str = "en") -> Page:
    """Make the page of how many cells of each table have which status."""
    return Page(
        lambda: tables_document(checked),
        lambda: summary_table(checked, lang),
        data=lambda: cells_table(checked),
    )


def list_page(tables: Iterable[Printed], lang: str = "en") -> Page:
    """Make the page that lists the tables; as a document they are checked, see `summary_page`."""
    listed = tuple(tables)
    return Page(lambda: [printed.name for printed in listed], lambda: list_table(listed, lang))


def lecture_table(checked: CheckedTable, lang: str = "en") -> Table:
    """Return a table in the lecture's own layout: each cell as printed, its mark, and ours where it is another."""
    printed = checked.printed
    labels = tuple(
        Column(f"label{place}", header.text(lang), "text")
        for place, header in enumerate(printed.labels)
    )
    columns = tuple(
        Column(column.name, column.header.text(lang), "text", column.keep)
        for column in printed.columns
    )
    cells = {(cell.row.name, cell.cell.columns[0]): cell for cell in checked.cells}
    rows = tuple(
        (
            *(_translated(printed, label, lang) for label in row.labels),
            *_row(row, len(columns), cells),
        )
        for row in printed.rows
    )
    network = "" if printed.network in printed.networks else printed.network
    title = printed.title.text(lang) + (f" ({network})" if network else "")
    return Table(title, (*labels, *columns), rows, notes=tuple(_notes(checked, lang)), lang=lang)


def _row(row: PrintedRow, width: int, cells: dict[tuple[str, int], Checked]) -> list[str]:
    """Return the cells of a row; what is printed empty stays so, and a merged cell stands in its first column."""
    shown = [""] * width
    for cell in row.cells:
        printed = cells.get((row.name, cell.columns[0]))
        shown[cell.columns[0]] = cell.text if printed is None else _cell(printed)
    return shown


def _cell(checked: Checked) -> str:
    """Return a printed cell, its mark, and what is computed where that is not the same."""
    parts = ["" if checked.cell.text in EMPTY else checked.cell.text, MARKS[checked.status]]
    if checked.status not in ("exact", "not-computable") or _is_formula(checked):
        parts.append(computed_text(checked))
    if checked.status == "near" and checked.distance:
        parts.append(f"({checked.distance})")
    return " ".join(part for part in parts if part)


def _is_formula(checked: Checked) -> bool:
    """Whether a cell prints a calculation and not the number that it makes."""
    number, text = checked.question.statement.number, checked.cell.text.replace(",", "")
    is_whole = isinstance(checked.computed, int) and number is not None and number.full
    return is_whole and str(checked.computed) not in text


def computed_text(checked: Checked) -> str:
    """Return what is computed, as people write it: a number in the unit that is printed, with two digits more."""
    value = checked.computed
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, tuple):
        return format_shape(value)
    number = checked.question.statement.number
    if number is not None and number.step and number.value and checked.found is not None:
        written = number.with_base(checked.found.reading.base) if number.suffix else number
        return _in_unit(checked.question.statement.parts[-1], float(value / written.value))
    return full_text(value)


def full_text(value: Any) -> str:
    """Return a number in full; four digits of a fraction."""
    return f"{value:,}" if isinstance(value, int) else f"{float(value):.4g}"


def _in_unit(text: str, factor: float) -> str:
    """Return a printed number times a factor, written as it is: 3.2M times 1.0035 is 3.211M."""
    match = _NUMBER.fullmatch(text)
    assert match is not None
    whole, decimals, unit = match.groups()
    number = float(f"{whole.replace(',', '')}.{decimals or 0}") * factor
    return f"{number:,.{len(decimals or '') + 2}f}{unit}"


def _notes(checked: CheckedTable, lang: str) -> Iterator[str]:
    used = [status for status in STATUSES if checked.count(status)]
    lines = checked.printed.lines
    where = translate(" (in the extracted text {lines})", lang, lines=lines) if lines else ""
    yield translate("printed in {source}", lang, source=checked.printed.cited) + where
    legend = ", ".join(f"{MARKS[status]} {translate(_MEANINGS[status], lang)}" for status in used)
    message = "each cell as printed, its mark, and what is computed: {legend}"
    yield translate(message, lang, legend=legend)
    yield from _convention_notes(checked, lang)
    yield from _story_notes(checked, lang)


def _convention_notes(checked: CheckedTable, lang: str) -> Iterator[str]:
    """Yield what the numbers of each column are; columns of which the same is said stand together."""
    columns: dict[str, list[str]] = {}
    for column, convention in zip(checked.printed.columns, checked.conventions, strict=True):
        if convention:
            columns.setdefault(in_language(convention, lang), []).append(column.header.text(lang))
    for convention, names in columns.items():
        yield f"{', '.join(names)} = {convention}"


def _story_notes(checked: CheckedTable, lang: str) -> Iterator[str]:
    """Yield what there is to say of cells, once for all of which the same is said."""
    groups: dict[tuple[str, tuple[str, ...]], list[Checked]] = {}
    for cell in checked.cells:
        if cell.stories:
            groups.setdefault((cell.status, cell.stories), []).append(cell)
    for (status, stories), cells in groups.items():
        texts = "; ".join(in_language(story, lang) for story in stories)
        yield f"{MARKS[status]} {', '.join(places_of(checked, cells, lang))}: {texts}"
    yield from (translate(remark, lang) for remark in checked.printed.remarks)


def places_of(checked: CheckedTable, cells: Iterable[Checked], lang: str = "en") -> Iterator[str]:
    """Where cells stand: a row and its columns; of a whole column the header, in a table of one column the row."""
    listed = list(cells)
    columns = checked.printed.columns
    whole = [
        column for column in columns if 1 < _count(listed, column) == _count(checked.cells, column)
    ]
    yield from (column.header.text(lang) for column in whole)
    rows: dict[str, list[str]] = {}
    for cell in listed:
        if cell.column not in whole:
            rows.setdefault(row_name(checked.printed, cell.row, lang), []).append(
                cell.column.header.text(lang)
            )
    for row, headers in rows.items():
        yield row if len(columns) == 1 else f"{row} ({', '.join(headers)})"


def _count(cells: Iterable[Checked], column: Any) -> int:
    return len([cell for cell in cells if cell.column is column])


def row_name(printed: Printed, row: PrintedRow, lang: str = "en") -> str:
    """Return what a row is called, in English where the file has English words for its label."""
    for label, word in printed.words.items():
        if lang == "en" and row.name.startswith(label):
            return word + row.name.removeprefix(label)
    return row.name


def _translated(printed: Printed, label: str, lang: str) -> str:
    return printed.words.get(label, label) if lang == "en" else label


def cells_table(tables: Iterable[CheckedTable]) -> Table:
    """Every cell on a line of its own, for programs that read CSV."""
    columns = tuple(
        Column(key, key, "text")
        for key in ("table", "row", "column", "printed", "computed", "status", "note")
    )
    rows = tuple(
        (table.printed.name, *map(_plain, cell.values()))
        for table in tables
        for cell in _cells(table)
    )
    return Table("", columns, rows)


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return "x".join(map(str, value))
    return "" if value is None else str(value)


# --- all tables ------------------------------------------------------------------------------------------------------


def list_table(tables: Iterable[Printed], lang: str = "en") -> Table:
    """Return the tables that cnncalc knows, lecture by lecture."""
    columns = (
        Column("table", "table", "text"),
        Column("title", "what it is", "text"),
        Column("cells", "cells"),
        Column("lecture", "lecture", "text", 3),
        Column("section", "section", "text", 4),
    )
    rows: tuple[tuple[Any, ...], ...] = tuple(
        (table.name, table.title.text(lang), table.cells, table.lecture, table.section)
        for table in tables
    )
    total = (f"{len(rows)}", None, sum(row[2] for row in rows), None, None)
    return Table("", columns, rows, total, lang=lang)


def summary_table(tables: Iterable[CheckedTable], lang: str = "en") -> Table:
    """How many cells of each table have which status."""
    listed = list(tables)
    columns = (
        Column("table", "table", "text"),
        Column("cells", "cells", keep=2),
        *(Column(status, _SHORT.get(status, status)) for status in STATUSES),
    )
    rows: tuple[tuple[Any, ...], ...] = tuple(
        (table.printed.name, table.printed.cells, *(table.count(status) for status in STATUSES))
        for table in listed
    )
    totals = (None, *(sum(row[place] for row in rows) for place in range(1, len(columns))))
    return Table("", columns, rows, totals, lang=lang)


def failure_lines(tables: Iterable[CheckedTable]) -> Iterator[str]:
    """Yield the cells that are neither reproduced nor accounted for, each on a line with its place in the file."""
    for table in tables:
        for cell in table.failures:
            span = cell.cell.span
            ours = computed_text(cell)
            yield (
                f"{span.source.name}:{span.line}:{span.column}: error: {row_name(table.printed, cell.row)}, "
                f"{cell.column.name}: '{cell.cell.text}' {cell.failure}"
                + (f"; ours is {ours}" if ours else "")
            )


# --- documents -------------------------------------------------------------------------------------------------------


def table_document(checked: CheckedTable) -> dict[str, Any]:
    """One table: its columns with the convention found for each, and every cell."""
    printed = checked.printed
    return {
        "table": printed.name,
        "network": None if printed.network in printed.networks else printed.network or None,
        "source": printed.cited,
        "columns": [
            {"name": column.name, "convention": convention or None}
            for column, convention in zip(printed.columns, checked.conventions, strict=True)
        ],
        "cells": list(_cells(checked)),
    }


def tables_document(tables: Iterable[CheckedTable]) -> dict[str, Any]:
    """All tables."""
    return {"tables": [table_document(table) for table in tables]}


def _cells(table: CheckedTable) -> Iterator[dict[str, Any]]:
    """Yield the cells; of one that is merged the note says which columns it stands under."""
    columns = table.printed.columns
    for cell in table.cells:
        first, last = columns[cell.cell.columns[0]].name, columns[cell.cell.columns[-1]].name
        merged = f"one cell for {first} to {last}" if first != last else ""
        yield {
            "row": cell.row.name,
            "column": first,
            "printed": "" if cell.cell.text in EMPTY else cell.cell.text,
            "computed": plain(cell.computed),
            "status": cell.status,
            "note": "; ".join(text for text in (merged, cell.note) if text),
        }


__all__ = [
    "MARKS",
    "cells_table",
    "computed_text",
    "failure_lines",
    "lecture_table",
    "list_table",
    "row_name",
    "table_document",
    "tables_document",
]
