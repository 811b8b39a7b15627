"""Workbooks, streamed with openpyxl: the worksheet that looks like a sheet, its saved values, what cells are merged."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from importlib import import_module
from itertools import zip_longest
from typing import Any, NamedTuple

from cnncalc.homework.sheets.rows import MAX_COLUMNS, MAX_ROWS, Likeness, Rows, SheetCell, refuse
from cnncalc.text.limits import limit
from cnncalc.text.messages import message
from cnncalc.text.source import Problem, SpecError

MAX_CELLS_XML = limit(3 * 1024 * 1024)
"""What the worksheets and their texts may unpack to."""
MAX_CELLS = limit(50_000)
"""Cells of a worksheet, wherever they say that they stand."""
MAX_OTHER_XML = limit(1024 * 1024)
"""What all other XML of a workbook may unpack to: styles, names, themes."""
MAX_MEMBERS = limit(2000)
MAX_MERGED = limit(500)

_CELLS = re.compile(r"xl/(?:worksheets/.*|sharedStrings\.xml)", re.IGNORECASE)
_CELL = re.compile(rb"<(?:\w{1,20}:)?(?:c|si)[\s/>]")
"""A cell, or a text that cells share."""
_MERGED = re.compile(rb'<(?:\w{1,20}:)?mergeCell ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')


class Area(NamedTuple):
    """Merged cells: the first and last row and column, counted from 1, and how a spreadsheet writes them."""

    name: str
    first_row: int
    first_column: int
    last_row: int
    last_column: int


def read_workbook(path: str, data: bytes, likeness: Likeness) -> tuple[Rows, list[Problem]]:
    """Read the cells of the visible worksheet that looks most like the sheet expected.

    Raises SpecError for another kind of archive, for one that unpacks to too much or cannot be read in whatever way,
    for two worksheets that both look like the sheet, and without openpyxl.
    """
    _check_archive(path, data)
    try:
        openpyxl: Any = import_module("openpyxl")
    except ImportError:
        raise refuse(
            path,
            "reading Excel files needs openpyxl",
            "pip install 'cnncalc[xlsx]', or save the sheet as CSV",
        ) from None
    try:
        worksheets = list(_worksheets(path, data, openpyxl))
    except SpecError:
        raise
    except (
        Exception
    ):  # zipfile, the XML parser and openpyxl each have errors of many kinds for a damaged file
        raise refuse(
            path, "this Excel file is damaged", "open it, save it again, or hand in a CSV"
        ) from None
    return _chosen(path, worksheets, likeness), []


def _chosen(path: str, worksheets: list[tuple[str, Rows]], likeness: Likeness) -> Rows:
    filled = {title: rows for title, rows in worksheets if rows.is_filled}
    if not filled:
        raise refuse(path, "this workbook is empty", "hidden worksheets are not read")
    known = {title: rows for title, rows in filled.items() if likeness(rows)}
    if len({_content(rows) for rows in known.values()}) > 1:
        raise refuse(
            path,
            message(
                "{count} worksheets have answers: {names}",
                count=len(known),
                names=", ".join(list(known)[:4]),
            ),
            "leave the one that counts",
        )
    return next(iter((known or filled).values()))


def _content(rows: Rows) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(cell.text for cell in row) for row in rows.rows)


def _check_archive(path: str, data: bytes) -> None:
    """Refuse an archive that is no workbook, or that unpacks to more than the limits."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except Exception:  # as above: struct.error, OverflowError and others besides BadZipFile
        raise refuse(path, "this is a damaged zip archive, not a sheet") from None
    names = {item.filename for item in members}
    if "xl/workbook.xml" not in names:
        what = (
            "this is an OpenDocument file; save it as XLSX or CSV"
            if "mimetype" in names
            else "this is a zip archive, not a sheet"
        )
        raise refuse(path, what, "" if "mimetype" in names else "unpack it and hand in the sheet")
    cells = sum(item.file_size for item in members if _CELLS.fullmatch(item.filename))
    other = sum(
        item.file_size
        for item in members
        if item.filename.endswith((".xml", ".rels")) and not _CELLS.fullmatch(item.filename)
    )
    for size, most, what in (
        (cells, MAX_CELLS_XML, "cells"),
        (other, MAX_OTHER_XML, "styles and names"),
    ):
        if size > most:
            raise refuse(
                path,
                message(
                    "the {what} of this workbook unpack to more than the limit of {limit} MiB",
                    what=message(what),
                    limit=most // 2**20,
                ),
                "copy the answers to a new workbook, or save the sheet as CSV",
            )
    if len(members) > MAX_MEMBERS:
        raise refuse(
            path, message("this workbook has more than {limit:,} parts", limit=MAX_MEMBERS)
        )


def _worksheets(path: str, data: bytes, openpyxl: Any) -> Iterator[tuple[str, Rows]]:
    """Read the visible worksheets, each with its title."""
    _check_cells(path, data)
    values = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    formulas = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=False)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for sheet in values.worksheets:
            if sheet.sheet_state == "visible":
                areas = _merged(path, archive.read(sheet._worksheet_path))
                rows = list(_rows(sheet, formulas[sheet.title], areas))
                yield sheet.title, Rows(path, rows)


def _check_cells(path: str, data: bytes) -> None:
    """Refuse worksheets of more cells, or texts, than anyone answers: each is an object of openpyxl's, twice."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            if _CELLS.fullmatch(name) and len(_CELL.findall(archive.read(name))) > MAX_CELLS:
                raise refuse(
                    path,
                    message("this workbook has more than {count} cells", count=f"{MAX_CELLS:,}"),
                    "copy the answers to a new workbook, or save the sheet as CSV",
                )


def _merged(path: str, xml: bytes) -> list[Area]:
    """Find what cells are merged; a streamed worksheet does not say."""
    areas = []
    for match in _MERGED.finditer(xml):
        first, top, last, bottom = (
            match[1].decode(),
            match[2].decode(),
            match[3].decode(),
            match[4].decode(),
        )
        name = f"{first}{top}:{last}{bottom}"
        areas.append(Area(name, int(top), _column(first), int(bottom), _column(last)))
        if len(areas) > MAX_MERGED:
            raise refuse(
                path, message("this workbook has more than {limit} merged areas", limit=MAX_MERGED)
            )
    return areas


def _column(letters: str) -> int:
    """Count a column from its letters: A is 1."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _letters(column: int) -> str:
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _rows(values: Any, formulas: Any, areas: list[Area]) -> Iterator[list[SheetCell]]:
    """Stream the rows; a cell that a merged area covers has the text of its first cell, and says so."""
    limits = {"max_row": MAX_ROWS, "max_col": MAX_COLUMNS, "values_only": True}
    saved, written = values.iter_rows(**limits), formulas.iter_rows(**limits)
    firsts: dict[str, str] = {}
    width = 0
    for number, (row, formula_row) in enumerate(zip_longest(saved, written, fillvalue=()), 1):
        cells = [
            _cell(f"{values.title}!{_letters(column)}{number}", value, formula)
            for column, (value, formula) in enumerate(
                zip_longest(_trimmed(row), _trimmed(formula_row)), 1
            )
        ]
        width = max(width, len(cells))
        for area in areas:
            if area.first_row <= number <= area.last_row:
                _cover(cells, area, number, width, firsts, values.title)
        yield cells


def _trimmed(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Take the empty cells off a row's end."""
    end = len(row)
    while end and row[end - 1] is None:
        end -= 1
    return row[:end]


def _cover(
    cells: list[SheetCell], area: Area, number: int, width: int, firsts: dict[str, str], title: str
) -> None:
    """Fill the cells of a row that a merged area covers."""
    if number == area.first_row and area.first_column <= len(cells):
        firsts[area.name] = cells[area.first_column - 1].text
    text = firsts.get(area.name, "")
    problem = message(
        "covered by a merged cell ({name}); each answer needs a cell of its own", name=area.name
    )
    for column in range(area.first_column, min(area.last_column, width) + 1):
        while len(cells) < column:
            cells.append(SheetCell("", f"{title}!{_letters(len(cells) + 1)}{number}"))
        if (number, column) != (area.first_row, area.first_column) and text:
            cells[column - 1] = cells[column - 1]._replace(text=text, problem=problem)


def _cell(place: str, value: Any, formula: Any) -> SheetCell:
    """Read a cell, and say why it cannot be an answer."""
    problem = ""
    if value is None and _is_formula(formula):
        problem = (
            "a formula with no saved value; open the file in Excel and save it, or write the number"
        )
    elif (
        isinstance(value, str)
        and value.startswith("#")
        and value.rstrip("!?").isupper()
        and _is_formula(formula)
    ):
        problem = message("a formula that gives {value}", value=value)
    elif value is not None and not isinstance(value, (str, int, float)):
        problem = (
            "a date: the spreadsheet has taken what was typed for one; format the cell as text"
        )
    return SheetCell(_text(value), place, problem)


def _is_formula(value: Any) -> bool:
    return (isinstance(value, str) and value.startswith("=")) or (
        value is not None
        and not isinstance(value, (str, int, float, bool))
        and hasattr(value, "text")
    )


def _text(value: Any) -> str:
    """Write a value as a person would: whole numbers without a point."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value).strip()
