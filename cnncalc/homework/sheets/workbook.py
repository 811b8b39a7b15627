"""Workbooks, with openpyxl: the first worksheet that looks like a sheet, its saved values, what cells are merged."""

from __future__ import annotations

import io
import zipfile
from importlib import import_module
from typing import Any

from cnncalc.homework.sheets.files import MAX_COLUMNS, MAX_ROWS, Rows, SheetCell, refuse
from cnncalc.homework.sheets.labels import read_header

MAX_UNPACKED = 64 * 1024 * 1024


def read_workbook(path: str, data: bytes) -> Rows:
    """The cells of a workbook. Raises SpecError for another kind of archive, or without openpyxl."""
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
        values = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
        formulas = openpyxl.load_workbook(io.BytesIO(data), data_only=False)
    except (
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        IndexError,
        OSError,
        zipfile.BadZipFile,
        SyntaxError,
    ):
        raise refuse(
            path, "this Excel file is damaged", "open it, save it again, or hand in a CSV"
        ) from None
    grids = [_grid(path, sheet, formulas[sheet.title]) for sheet in values.worksheets]
    known = [grid for grid in grids if _looks_like_sheet(grid)]
    filled = [grid for grid in grids if any(cell.text for row in grid.rows for cell in row)]
    if not filled:
        raise refuse(path, "this workbook is empty")
    return (known or filled)[0]


def _check_archive(path: str, data: bytes) -> None:
    """Refuse an archive that is no workbook, or that unpacks to more than the limit."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            listed = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        raise refuse(path, "this is a damaged zip archive, not a sheet") from None
    names = {item.filename for item in listed}
    if "xl/workbook.xml" not in names:
        what = (
            "an OpenDocument file; save it as XLSX or CSV"
            if "mimetype" in names
            else "a zip archive, not a sheet"
        )
        raise refuse(
            path,
            f"this is {what}",
            "" if "mimetype" in names else "unpack it and hand in the sheet",
        )
    if sum(item.file_size for item in listed) > MAX_UNPACKED:
        raise refuse(
            path, f"this workbook unpacks to more than the limit of {MAX_UNPACKED // 2**20} MiB"
        )


def _looks_like_sheet(grid: Rows) -> bool:
    return any(read_header(cell.text) is not None for row in grid.rows[:30] for cell in row)


def _grid(path: str, values: Any, formulas: Any) -> Rows:
    merged: dict[tuple[int, int], Any] = {}
    for area in values.merged_cells.ranges:
        for row in range(area.min_row, min(area.max_row, MAX_ROWS) + 1):
            for column in range(area.min_col, min(area.max_col, MAX_COLUMNS) + 1):
                merged[row, column] = area
    rows = []
    for row in range(1, min(values.max_row, MAX_ROWS) + 1):
        rows.append(
            [
                _cell(values, formulas, row, column, merged.get((row, column)))
                for column in range(1, min(values.max_column, MAX_COLUMNS) + 1)
            ]
        )
    return Rows(path, rows)


def _cell(values: Any, formulas: Any, row: int, column: int, area: Any) -> SheetCell:
    """A cell; one that a merged cell covers has that cell's text, and says so."""
    problem = ""
    covered = area is not None and (row, column) != (area.min_row, area.min_col)
    at_row, at_column = (area.min_row, area.min_col) if covered else (row, column)
    place = f"{values.title}!{values.cell(row, column).coordinate}"
    value = values.cell(at_row, at_column).value
    formula = formulas.cell(at_row, at_column).value
    if value is None and (_is_formula(formula)):
        problem = (
            "a formula with no saved value; open the file in Excel and save it, or write the number"
        )
    elif (
        isinstance(value, str)
        and value.startswith("#")
        and value.rstrip("!?").isupper()
        and _is_formula(formula)
    ):
        problem = f"a formula that gives {value}"
    elif value is not None and not isinstance(value, (str, int, float)):
        problem = (
            "a date: the spreadsheet has taken what was typed for one; format the cell as text"
        )
    text = _text(value)
    if covered and text:
        problem = (
            problem
            or f"covered by a merged cell ({area.coord}); each answer needs a cell of its own"
        )
    return SheetCell(text, place, problem)


def _is_formula(value: Any) -> bool:
    return (isinstance(value, str) and value.startswith("=")) or (
        value is not None
        and not isinstance(value, (str, int, float, bool))
        and hasattr(value, "text")
    )


def _text(value: Any) -> str:
    """A value as a person would write it: whole numbers without a point."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value).strip()
