"""A limit of a sheet is exact: as much as it says is read, and one more is refused."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from cnncalc.homework.grade import grade_network_sheet
from cnncalc.homework.sheets import files, labels, read, rows, workbook
from cnncalc.homework.sheets.files import read_sheet_file
from cnncalc.homework.sheets.read import read_homework_sheets
from cnncalc.text.limits import limit
from cnncalc.text.source import SpecError

from .questions import answer_key
from .test_bounds import HEAD, PARTS, ROWS, crafted

TEXTS = [  # limit, how much of it the text has, and the text
    ((files, "MAX_BYTES"), 22, "kim.csv", "layer,params\nconv1,34\n"),
    ((files, "MAX_LINES"), 3, "kim.csv", "layer,params\nconv1,34\nconv2,1"),
    ((files, "MAX_LINE"), 12, "kim.csv", "layer,params\nconv1,34\n"),
    ((rows, "MAX_ROWS"), 3, "kim.csv", "layer,params\nconv1,34\nconv2,1"),
    ((rows, "MAX_ROWS"), 2, "kim.md", "| layer | params |\n| --- | --- |\n| conv1 | 34 |\n"),
    ((files, "MAX_ROWS"), 2, "kim.yaml", "conv1: {params: 34}\nconv2: {params: 1}\n"),
    ((files, "MAX_ROWS"), 2, "kim.yaml", "- conv1: {params: 34}\n- conv2: {params: 1}\n"),
    ((rows, "MAX_COLUMNS"), 3, "kim.csv", "layer,params,macs\nconv1,34\n"),
    ((rows, "MAX_COLUMNS"), 3, "kim.md", "| layer | params |\n| --- | --- |\n"),  # three signs
]


@pytest.mark.parametrize(("limit", "size", "name", "text"), TEXTS)
def test_a_text(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    limit: tuple[object, str],
    size: int,
    name: str,
    text: str,
) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    monkeypatch.setattr(*limit, size)
    read_sheet_file(str(path))
    monkeypatch.setattr(*limit, size - 1)
    with pytest.raises(SpecError, match=r"more than|larger than|longer than"):
        read_sheet_file(str(path))


SHEET = f"{HEAD}{ROWS}</sheetData></worksheet>"
MERGED = (
    f"{HEAD}{ROWS}</sheetData><mergeCells count='2'>"
    '<mergeCell ref="A3:B3"/><mergeCell ref="A4:B4"/></mergeCells></worksheet>'
)
WORKBOOKS = [
    ("MAX_CELLS_XML", len(SHEET), SHEET),
    ("MAX_OTHER_XML", sum(map(len, PARTS.values())), SHEET),
    ("MAX_MEMBERS", len(PARTS) + 1, SHEET),
    ("MAX_CELLS", 4, SHEET),
    ("MAX_MERGED", 2, MERGED),
]


@pytest.mark.parametrize(("limit", "size", "sheet"), WORKBOOKS)
def test_a_workbook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, size: int, sheet: str
) -> None:
    pytest.importorskip("openpyxl")
    path = crafted(tmp_path / "kim.xlsx", sheet)
    monkeypatch.setattr(workbook, limit, size)
    read_sheet_file(str(path))
    monkeypatch.setattr(workbook, limit, size - 1)
    with pytest.raises(SpecError, match="more than"):
        read_sheet_file(str(path))


def test_pictures_of_a_workbook_are_not_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only XML is read: a photograph in a workbook is no reason to refuse it."""
    pytest.importorskip("openpyxl")
    path = crafted(tmp_path / "kim.xlsx", SHEET)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/media/photo.jpeg", b"0" * 10_000)
    monkeypatch.setattr(workbook, "MAX_OTHER_XML", sum(map(len, PARTS.values())))
    read_sheet_file(str(path))


PAGE = Path(__file__).parents[2] / "docs" / "limits.md"
DOCUMENTED = {
    "bytes of a file": rows.MAX_BYTES,
    "lines": rows.MAX_LINES,
    "characters of a line": rows.MAX_LINE,
    "rows": rows.MAX_ROWS,
    "columns": rows.MAX_COLUMNS,
    "bytes of a worksheet, unpacked": workbook.MAX_CELLS_XML,
    "cells of a worksheet": workbook.MAX_CELLS,
    "members of a workbook": workbook.MAX_MEMBERS,
    "merged ranges": workbook.MAX_MERGED,
}


def test_the_limits_are_those_of_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for what, most in DOCUMENTED.items():
        assert f"| a sheet | {what} | {most // limit(1):,} |" in text


COLUMNS = {
    1: "A", 2: "B", 26: "Z", 27: "AA", 52: "AZ", 53: "BA", 702: "ZZ", 703: "AAA", 16384: "XFD",
}  # fmt: skip
"""Columns as Excel names them; its last is XFD, 2^14."""


@pytest.mark.parametrize(("number", "letters"), COLUMNS.items())
def test_columns_of_a_workbook(number: int, letters: str) -> None:
    assert workbook._letters(number) == letters
    assert workbook._column(letters) == number


HEADS = ("name,q1,q2\nkim,1,2\n", "q,answer\nq1,1\nq2,2\n")


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize(("above", "found"), [(29, True), (30, False)])
def test_a_header_is_looked_for_in_thirty_rows(
    tmp_path: Path, head: str, above: int, found: bool
) -> None:
    path = tmp_path / "kim.csv"
    path.write_text("my homework,of today\n" * above + head, encoding="utf-8")
    (sheet,) = read_homework_sheets(str(path), ["q1", "q2"])
    answers = {name: answer.text for name, answer in sheet.answers.items()}
    assert (answers == {"q1": "1", "q2": "2"} and not sheet.remarks) == found


@pytest.mark.parametrize(("above", "found"), [(29, True), (30, False)])
def test_a_header_of_layers_is_looked_for_in_thirty_rows(
    tmp_path: Path, above: int, found: bool
) -> None:
    path = tmp_path / "kim.csv"
    path.write_text("my homework,of today\n" * above + "layer,params\nconv1,34944\n")
    if found:
        assert grade_network_sheet(answer_key("alexnet"), str(path)).passed
    else:
        with pytest.raises(SpecError, match="no column of this sheet is known"):
            grade_network_sheet(answer_key("alexnet"), str(path))


def test_a_label_is_nobodys_beyond_its_limit() -> None:
    blanks = rows.MAX_LABEL - len("params")
    assert labels.read_header("params" + " " * blanks) is not None
    assert labels.read_header("params" + " " * (blanks + 1)) is None
    blanks = rows.MAX_LABEL - len("layer")
    assert labels.layer_header_rank("layer" + " " * blanks) is not None
    assert labels.layer_header_rank("layer" + " " * (blanks + 1)) is None
    names = read.QuestionIds(["q1"])
    assert names.find("q" + "0" * (rows.MAX_LABEL - 2) + "1") == "q1"
    assert names.find("q" + "0" * (rows.MAX_LABEL - 1) + "1") is None


def test_an_error_is_shown_where_the_cell_stands() -> None:
    (problem,) = rows.refuse_at("kim.csv", rows.SheetCell("abc", "2:5"), "this is wrong").problems
    assert (problem.line, problem.column, problem.span.length) == (2, 5, 3)
    assert problem.span.source.line(2) == "    abc"
    (problem,) = rows.refuse_at("kim.csv", rows.SheetCell("", "1:1"), "this is wrong").problems
    assert problem.span.length == 1
    cell = rows.SheetCell("abc", "Sheet1!C5")
    (problem,) = rows.refuse_at("kim.xlsx", cell, "this is wrong").problems
    assert problem.message == "Sheet1!C5: this is wrong"
