"""Hostile and odd sheets: bounded before the work, each refused with the reason or read for what it is."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from extent import allowed, sample

from cnncalc.homework.grade import grade_homework_sheets, grade_network_sheet
from cnncalc.homework.questions import Homework, load_homework
from cnncalc.homework.sheets.files import read_sheet_file
from cnncalc.text.source import Source, SpecError

from .questions import answer_key

SECONDS = 2.0
HOMEWORK = """questions:
  - {id: q1, text: Stride, network: alexnet, layer: conv1, quantity: output}
  - {id: q2, text: Count, network: alexnet, layer: conv1, quantity: params}
"""


@pytest.fixture
def homework(tmp_path: Path) -> Homework:
    path = tmp_path / "hw.yaml"
    path.write_text(HOMEWORK, encoding="utf-8")
    return load_homework(str(path))


def graded(homework: Homework, folder: Path, name: str, text: str) -> list[tuple[str | None, int]]:
    """The students of a file and their points."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return [
        (sheet.student, int(sheet.score)) for sheet in grade_homework_sheets(homework, str(path))
    ]


# --- text -----------------------------------------------------------------------------------------------------------

HOSTILE = {
    "blanks and a pipe": " " * 60_000 + "|",
    "a rule that is none": "|" + "-" * 9_000 + " " * 9_000 + "x",
    "an open bracket": "(" + "," * 1_000_000,
    "quotes in quotes": 'layer,params\n' + '"a""b",' * 64_000,
    "many commas": "," * 15_000_000,
    "commas in lines": (("," * 15_000) + "\n") * 1_000,
    "many lines": "a,b\n" * 3_000_000,
    "headers of blanks": "layer," + ",".join((" " * 3_000 + "(" + " " * 3_000,) * 3) + "\nconv1,1\n",
    "long labels": "layer,params\n" + "".join(f"{'conv' * 3_000}{n},1\n" for n in range(900)),
    "unknown rows": "layer,params\n" + "".join(f"nonvolution{n},1\n" for n in range(9_990)),
    "a long number": f"layer,params\nconv{'9' * 5_000},1\n",
}  # fmt: skip


@pytest.mark.parametrize("name", sample(HOSTILE, 6))
def test_hostile_text(tmp_path: Path, name: str) -> None:
    path = tmp_path / "kim.csv"
    path.write_text(HOSTILE[name], encoding="utf-8")
    key = answer_key("resnet152")
    start = time.process_time()
    with pytest.raises(SpecError):
        grade_network_sheet(key, str(path))
    assert time.process_time() - start < allowed(SECONDS)


def test_hostile_yaml(tmp_path: Path) -> None:
    path = tmp_path / "kim.yaml"
    path.write_text("".join(f"conv_{n}x: {{params: 1}}\n" for n in range(40_000)), encoding="utf-8")
    start = time.process_time()
    with pytest.raises(SpecError, match="entries"):
        grade_network_sheet(answer_key("alexnet"), str(path))
    assert time.process_time() - start < allowed(2 * SECONDS)


def test_few_of_many_unknown_rows_are_named(tmp_path: Path) -> None:
    path = tmp_path / "kim.csv"
    rows = "".join(f"nothing{number},1\n" for number in range(500))
    path.write_text(f"layer,params\nconv1,34944\n{rows}", encoding="utf-8")
    sheet = grade_network_sheet(answer_key("alexnet"), str(path))
    assert len(sheet.remarks) == 21
    assert sheet.remarks[-1].text == "480 more rows are not known and left out"


@pytest.mark.parametrize("cells", [1, 2, 4], ids=["one", "twice", "four times"])
def test_the_work_on_a_row_grows_with_its_length(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cells: int
) -> None:
    """Counted, not timed: a row is searched for its fields once, however they are quoted."""
    from cnncalc.homework.sheets import files

    searched = 0

    class Line(str):
        __slots__ = ()

        def find(self, text: str, start: int = 0, end: int | None = None) -> int:  # type: ignore[override]
            nonlocal searched
            place = str.find(self, text, start)
            searched += (len(self) if place < 0 else place + len(text)) - start
            return place

    line = '"a""b",' * 40 * cells
    source = Source("kim.csv", line)
    monkeypatch.setattr(type(source), "line", lambda self, number: Line(line))
    files._placed(['a"b'] * 40 * cells, source, 1)
    assert searched <= 2 * len(line)


# --- what people hand in --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "id\tanswer\nq1\t(55,55,96)\nq2\t34,944\n",
        "id;answer\nq1;[55, 55, 96]\nq2;34,944\n",
        "q1\t(55,55,96)\nq2\t34,944\n",
        "Q 1: 55x55x96\nq-2: 34944\n",
        "문제 1: 55x55x96\n2번: 34944\n",
        "(1): 55x55x96\n(2): 34944\n",
        "Question 1: 55x55x96\nQ.02: 34944\n",
    ],
)
def test_sheets_as_people_write_them(homework: Homework, tmp_path: Path, text: str) -> None:
    for name in ("kim.txt", "kim.tsv") if "\t" in text else ("kim.txt",):
        assert graded(homework, tmp_path, name, text) == [(None, 2)]


def test_a_bad_line_of_yaml_costs_that_line(homework: Homework, tmp_path: Path) -> None:
    text = "q1: [55, 55\nq2: 34944  # sure\n"
    path = tmp_path / "kim.yaml"
    path.write_text(text, encoding="utf-8")
    (sheet,) = grade_homework_sheets(homework, str(path))
    assert [cell.status for cell in sheet.cells] == ["unreadable", "right"]
    assert sheet.remarks
    assert graded(homework, tmp_path, "lee.txt", "q1: (227-11)/4+1: 55\nq2: *34944\n") == [
        (None, 0)
    ]


def test_a_student_in_each_row(homework: Homework, tmp_path: Path) -> None:
    text = "Timestamp,Name,q1. Stride,Count\n1,kim,55x55x96,34944\n2,lee,54x54x96,34944\n"
    assert graded(homework, tmp_path, "responses.csv", text) == [("kim", 2), ("lee", 1)]
    text = "q1,q2\n55x55x96,1\n"
    assert graded(homework, tmp_path, "anonymous.csv", text) == [("row 2", 1)]


# --- workbooks ------------------------------------------------------------------------------------------------------


def book(path: Path, sheets: dict[str, list[list[object]]], hidden: tuple[str, ...] = ()) -> Path:
    openpyxl = pytest.importorskip("openpyxl")
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for title, rows in sheets.items():
        sheet = workbook.create_sheet(title)
        for row in rows:
            sheet.append(row)
        if title in hidden:
            sheet.sheet_state = "hidden"
    workbook.save(path)
    return path


GOOD: list[list[object]] = [["id", "answer"], ["q1", "55x55x96"], ["q2", 34944]]
BAD: list[list[object]] = [["id", "answer"], ["q1", "1x1x1"], ["q2", 1]]


def test_a_cover_sheet(homework: Homework, tmp_path: Path) -> None:
    path = book(tmp_path / "kim.xlsx", {"Cover": [["Homework 3"], ["Kim"]], "Answers": GOOD})
    assert [sheet.score for sheet in grade_homework_sheets(homework, str(path))] == [2]


def test_a_hidden_worksheet_is_not_graded(homework: Homework, tmp_path: Path) -> None:
    path = book(tmp_path / "kim.xlsx", {"Old": BAD, "Answers": GOOD}, hidden=("Old",))
    assert [sheet.score for sheet in grade_homework_sheets(homework, str(path))] == [2]


def test_two_answer_sheets_are_refused(homework: Homework, tmp_path: Path) -> None:
    path = book(tmp_path / "kim.xlsx", {"Draft": BAD, "Final": GOOD})
    with pytest.raises(SpecError, match="2 worksheets have answers: Draft, Final"):
        grade_homework_sheets(homework, str(path))


def test_a_sheet_that_is_there_twice_is_one(homework: Homework, tmp_path: Path) -> None:
    path = book(tmp_path / "kim.xlsx", {"Draft": GOOD, "Final": GOOD, "Empty": []})
    assert [sheet.score for sheet in grade_homework_sheets(homework, str(path))] == [2]


def test_four_of_many_answer_sheets_are_named(homework: Homework, tmp_path: Path) -> None:
    sheets: dict[str, list[list[object]]] = {title: [*GOOD[:1], ["q1", title]] for title in "ABCDE"}
    path = book(tmp_path / "kim.xlsx", sheets)
    with pytest.raises(SpecError, match="5 worksheets have answers: A, B, C, D\n") as refused:
        grade_homework_sheets(homework, str(path))
    assert refused


PARTS = {
    "[Content_Types].xml": '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/'
    'content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName='
    '"/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.'
    'worksheet+xml"/></Types>',
    "_rels/.rels": '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
    'relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
    'officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": '<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/'
    'main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="S" '
    'sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/'
    'package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}  # fmt: skip
HEAD = '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
ROWS = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c><c r="B1" t="inlineStr"><is><t>answer</t></is></c></row>'
    '<row r="2"><c r="A2" t="inlineStr"><is><t>q2</t></is></c><c r="B2"><v>34944</v></c></row>'
)


def crafted(path: Path, sheet: str, method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, text in PARTS.items():
            archive.writestr(name, text)
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
    return path


def merged(ref: str) -> str:
    return f'{HEAD}{ROWS}</sheetData><mergeCells count="1"><mergeCell ref="{ref}"/></mergeCells></worksheet>'


BOMBS = {
    "a stray cell at the end": HEAD + ROWS
    + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>',
    "a stray cell far right": HEAD + ROWS + '<row r="3"><c r="XFD3"><v>1</v></c></row></sheetData></worksheet>',
    "everything merged": merged("A3:XFD1048576"),
    "a large area merged": merged("A3:GR10000"),
    "many rows": HEAD + ROWS + "".join(f'<row r="{n}"/>' for n in range(3, 100_000)) + "</sheetData></worksheet>",
}  # fmt: skip


@pytest.mark.parametrize("sheet", BOMBS.values(), ids=BOMBS)
def test_workbooks_that_claim_to_be_large(homework: Homework, tmp_path: Path, sheet: str) -> None:
    pytest.importorskip("openpyxl")
    path = crafted(tmp_path / "kim.xlsx", sheet)
    start = time.process_time()
    assert [sheet.score for sheet in grade_homework_sheets(homework, str(path))] == [1]
    assert time.process_time() - start < allowed(SECONDS)


def test_dense_cells_are_refused(tmp_path: Path) -> None:
    pytest.importorskip("openpyxl")
    row = "".join("<c><v>1</v></c>" for _ in range(200))
    sheet = HEAD + f"<row>{row}</row>" * 10_000 + "</sheetData></worksheet>"
    with pytest.raises(SpecError, match="unpack to more than the limit of 3 MiB"):
        read_sheet_file(str(crafted(tmp_path / "kim.xlsx", sheet)))


def _corrupt(data: bytes) -> bytes:
    place = data.index(b"sheet1.xml") + 40
    return data[:place] + b"\xff\xfe\xfd" * 20 + data[place + 60 :]


def _encrypted(data: bytes) -> bytes:
    broken = bytearray(data)
    for place in range(len(data) - 4):
        if data[place : place + 4] == b"PK\x03\x04":
            broken[place + 6] |= 1
        elif data[place : place + 4] == b"PK\x01\x02":
            broken[place + 8] |= 1
    return bytes(broken)


def _unknown_method(data: bytes) -> bytes:
    broken = bytearray(data)
    for place in range(len(data) - 4):
        if data[place : place + 4] == b"PK\x03\x04":
            broken[place + 8] = 99
        elif data[place : place + 4] == b"PK\x01\x02":
            broken[place + 10] = 99
    return bytes(broken)


def _cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


DAMAGES = (_corrupt, _encrypted, _unknown_method, _cut)


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_damaged_workbooks(tmp_path: Path, damage: Callable[[bytes], bytes], method: int) -> None:
    pytest.importorskip("openpyxl")
    path = crafted(tmp_path / "kim.xlsx", HEAD + ROWS + "</sheetData></worksheet>", method)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(SpecError, match="damaged"):
        read_sheet_file(str(path))


def test_broken_xml_in_a_workbook(tmp_path: Path) -> None:
    pytest.importorskip("openpyxl")
    path = crafted(tmp_path / "kim.xlsx", HEAD + ROWS)
    with pytest.raises(SpecError, match="damaged"):
        read_sheet_file(str(path))


def test_a_zip_of_something_else(tmp_path: Path) -> None:
    path = tmp_path / "kim.csv"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("answers.csv", "q1: 1")
    path.write_bytes(out.getvalue())
    with pytest.raises(SpecError, match="a zip archive, not a sheet"):
        read_sheet_file(str(path))


def test_a_likely_product_gets_no_story_of_two_slips() -> None:
    """Depth and filters left out of AlexNet's conv2, 2·27·27, is what anyone may multiply."""
    keyed = answer_key("alexnet").question("conv2", "flops")
    assert keyed.is_likely_product(27 * 27, "pairs")
    assert not keyed.is_likely_product(27 * 27 * 5 * 5 * 96, "pairs")


QUESTION = "{network: lenet5, layer: c3, quantity: params}, "
LONG = "{spec: {input: 8x8xAT, layers: [repeat: {times: 9000, layers: [relu]}]}, layer: total, quantity: activations}, "


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"questions: [{QUESTION * 501}]", "this homework asks 501 questions; the limit is 500"),
        (
            f"network: lenet5\nrows: [{'c1, ' * 51}]\ncolumns: [{'params, ' * 10}]",
            "this homework asks 510 questions; the limit is 500",
        ),
        (
            f"questions: [{''.join(LONG.replace('AT', str(at)) for at in range(1, 4))}]",
            "the networks of this homework have more than the limit of 20,000 layers",
        ),
    ],
)
def test_a_homework_past_its_limits(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "hw.yaml"
    path.write_text(text)
    with pytest.raises(SpecError) as caught:
        load_homework(str(path))
    (problem, *_) = caught.value.problems
    assert problem.message == message
    assert "CNNCALC_LIMITS" in str(caught.value)
