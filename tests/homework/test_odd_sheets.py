"""Which cell answers what in sheets that are not plain: places counted by hand, remarks and students among them."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnncalc.homework.sheets.files import decode, read_sheet_file
from cnncalc.homework.sheets.read import read_homework_sheets, read_network_sheet
from cnncalc.homework.sheets.rows import Rows
from cnncalc.text.source import SpecError
from cnncalc.text.yaml_tree import Mapping, Sequence

from .questions import answer_key

NETWORK = {  # a sheet about AlexNet; its cells as layer, quantity: text at place; and what is remarked
    "two columns of names": (
        "type,layer,params\nconvolution,conv1,1\npooling,pool1,2\n",
        ["conv1 params 1 2:19", "pool1 params 2 3:15"],
        [],
    ),
    "the surest header has the names": (
        "name,type,params\nconv1,conv2,1\n",
        ["conv1 params 1 2:13"],
        [],
    ),
    "no header of names": (
        "my answers,params\nconv1,1\n",
        ["conv1 params 1 2:7"],
        [],
    ),
    "a header once more": (
        "layer,params\nconv1,1\nlayer,params\nconv2,2\n",
        ["conv1 params 1 2:7", "conv2 params 2 4:7"],
        [],
    ),
    "a row that looks like a header in part": (
        "layer,params\nconv1,params\n",
        ["conv1 params params 2:7"],
        [],
    ),
    "one word of a header is a row": (
        "layer,params\ninput,\nlayer,\nconv1,1\n",
        ["input params  2:6", "conv1 params 1 4:7"],
        ["3:1 there is no layer 'layer' in this network"],
    ),
    "the row with most headers": (
        "params of AlexNet,kim\nlayer,output,params\nconv1,2x2x2,1\n",
        ["conv1 output 2x2x2 3:7", "conv1 params 1 3:13"],
        [],
    ),
    "short rows": (
        "layer,output,params\nconv1\nconv2,2x2x2\n",
        ["conv1 output  2:1", "conv1 params  2:1", "conv2 output 2x2x2 3:7", "conv2 params  3:7"],
        [],
    ),
    "empty rows and cells behind": (
        "layer,params,\n\nconv1,1,,\n,,\nconv2,2\n",
        ["conv1 params 1 3:7", "conv2 params 2 5:7"],
        [],
    ),
    "a row without a name": (
        "output,layer,params\n1,,3\n2\n1x1x3,conv1,4\n",
        ["conv1 output 1x1x3 4:1", "conv1 params 4 4:13"],
        ["2:2 a row with no layer's name is left out", "3:1 a row with no layer's name is left out"],
    ),
    "a name in brackets behind": (
        "layer,params\nconv1 (96 filters),1\npool1: 3x3,2\nconv2 [5x5],3\n",
        ["conv1 params 1 2:20", "pool1 params 2 3:12", "conv2 params 3 4:13"],
        [],
    ),
    "as many pools as there are": (
        "layer,params\npooling,1\npooling,2\npooling,3\n",
        ["pool1 params 1 2:9", "pool2 params 2 3:9", "pool3 params 3 4:9"],
        [],
    ),
    "not as many": (
        "layer,params\npooling,1\npooling,2\nconv1,3\n",
        ["conv1 params 3 4:7"],
        ["2:1 'pooling' may be any of pool1, pool2, pool3", "3:1 'pooling' may be any of pool1, pool2, pool3"],
    ),
    "more than four that may be meant": (
        "layer,params\nconv,1\nconv1,3\n",
        ["conv1 params 3 3:7"],
        ["2:1 'conv' may be any of conv1, conv2, conv3, conv4, ..."],
    ),
    "text around a Markdown table": (
        "answers | of kim\n\n| layer | params |\n|---|---:|\n| conv1 | 1 |\n| conv2 | 2 |\n| conv\\_3 | 3 |\n",
        ["conv1 params 1 5:11", "conv2 params 2 6:11", "conv3 params 3 7:16"],  # behind what was escaped: the end
        [],
    ),
}  # fmt: skip


def said(path: Path, remark: object) -> str:
    """A remark without the path and the word before it."""
    return str(remark).removeprefix(f"{path}:").replace(": note:", "")


def holds(path: Path, text: str, cells: list[str], remarks: list[str]) -> None:
    """Assert the answers that a sheet about AlexNet has, with their places, and what is remarked."""
    path.write_text(text, encoding="utf-8")
    sheet = read_network_sheet(str(path), answer_key("alexnet").names)
    found = [
        f"{layer} {quantity} {answer.text} {answer.place}"
        for (layer, quantity), answer in sheet.answers.items()
    ]
    assert found == cells
    assert [said(path, remark) for remark in sheet.remarks] == remarks


@pytest.mark.parametrize("name", NETWORK)
def test_a_sheet_of_layers(tmp_path: Path, name: str) -> None:
    holds(tmp_path / "kim.csv", *NETWORK[name])


YAML = {
    "a list, names under several keys": (
        "- {name: conv1, params: 1}\n- {layer: conv2, type: conv, params: 2}\n- {params: 3, macs: 4}\n"
        "- conv3: {params: 5}\n",
        ["conv1 params 1 1:25", "conv2 params 2 2:38", "conv3 params 5 4:19"],
        [],
    ),
    "what is no mapping": (
        "conv1: 5\nconv2: {params: 2}\n",
        ["conv2 params 2 2:17"],
        ["1:1 'conv1' needs quantities: conv1: {output: ..., params: ...}"],
    ),
    "what is not known": (
        "conv1: {params: 1, colour: red, type: conv}\n",
        ["conv1 params 1 1:17"],
        ["1:20 'colour' is not a known quantity and left out"],
    ),
    "nothing, in several ways": (
        "conv1: {params: ~, macs: null, biases: 'null', weights: [1, [2]], output: [1, 2, 3], flops: ' 5 '}\n",
        ["conv1 params  1:17", "conv1 macs  1:26", "conv1 biases null 1:40", "conv1 weights  1:57",
         "conv1 output [1, 2, 3] 1:75", "conv1 flops 5 1:93"],
        [],
    ),
    "a unit of the key": ("conv1: {params (K): 35}\n", ["conv1 params 35 1:21"], []),
}  # fmt: skip


@pytest.mark.parametrize("name", YAML)
def test_a_yaml_sheet_of_layers(tmp_path: Path, name: str) -> None:
    holds(tmp_path / "kim.yaml", *YAML[name])


IDS = ("q1", "q2", "q3")
TEXTS = ("Stride of conv1", "", "How many?")
HOMEWORK = {  # a sheet of three questions; students with their answers by id: text at place; and what is remarked
    "ids in a column in the middle": (
        "kim,q1,5\nkim,q2,6\nkim,q3,7\n",
        [(None, ["q1 5 1:8", "q2 6 2:8", "q3 7 3:8"])],
        [],
    ),
    "more columns than the header": (
        "id,answer\nq1,5\nq2,6,7\n",
        [(None, ["q1 5 2:4", "q2 6 3:4 !"])],
        [],
    ),
    "a column between": (
        "points,id,topic,answer\n1,q1,conv,5\n1,q2,pool,6\n",
        [(None, ["q1 5 2:11", "q2 6 3:11"])],
        [],
    ),
    "rows before the header": (
        "homework 3\nq1,no answer\nid,answer\nq1,5\n",
        [(None, ["q1 5 4:4"])],
        [],
    ),
    "a row without an answer": (
        "id,answer\nq1\nq2,6\n,7\n",
        [(None, ["q1  2:1", "q2 6 3:4"])],
        [],
    ),
    "zeros and words before numbers": (
        "Question 01: 5\nQ.2: 6\n문제 3번: 7\n",
        [(None, ["q1 5 1:14", "q2 6 2:6", "q3 7 3:8"])],
        [],
    ),
    "a question that is not there": (
        "q1: 5\nq4: 6\nQ 1: 8\n",
        [(None, ["q1 5 1:5"])],
        ["2:1 there is no question 'q4'", "3:1 'Q 1' is answered twice; the first counts"],
    ),
    "a student in each row": (
        "name,student id,q1,q2\nKim,1001,5,6\n\nLee,1002,7,8\n,,9,\n",
        [
            ("1001", ["q1 5 2:10", "q2 6 2:12"]),
            ("1002", ["q1 7 4:10", "q2 8 4:12"]),
            ("row 5", ["q1 9 5:3", "q2  5:4"]),
        ],
        [],
    ),
    "questions by their text": (
        "student,Stride of conv1,q2. Depth,How many?\nKim,5,6,7\n",
        [("Kim", ["q1 5 2:5", "q2 6 2:7", "q3 7 2:9"])],
        [],
    ),
    "a question twice": (
        "student,q1,q2,Q1\nKim,5,6,7\n",
        [("Kim", ["q1 5 2:5", "q2 6 2:7"])],
        [],
    ),
    "nobody is named": (
        "q1,q2\n5,6\n7\n",
        [("row 2", ["q1 5 2:1", "q2 6 2:3"]), ("row 3", ["q1 7 3:1"])],
        [],
    ),
    "answers that are numbers of questions": (
        "id,points,answer\nq1,1,3\nq2,1,1\nq3,1,2\n",
        [(None, ["q1 3 2:6", "q2 1 3:6", "q3 2 4:6"])],
        [],
    ),
    "the same without a header": (
        "q1,2\nq2,1\nq3,3\n",
        [(None, ["q1 2 1:4", "q2 1 2:4", "q3 3 3:4"])],
        [],
    ),
    "the same below a header of numbers": (
        "question,answer\n1 a,2\n2,1\n",
        [(None, ["q2 1 3:3"])],
        ["2:1 there is no question '1 a'"],
    ),
    "questions by bare numbers": (
        "name,1,2,3\nKim,5,6,7\n",
        [("Kim", ["q1 5 2:5", "q2 6 2:7", "q3 7 2:9"])],
        [],
    ),
    "one question is no table": (
        "q1,5\nq2,6\n",
        [(None, ["q1 5 1:4", "q2 6 2:4"])],
        [],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HOMEWORK)
def test_a_sheet_of_questions(tmp_path: Path, name: str) -> None:
    text, students, remarks = HOMEWORK[name]
    path = tmp_path / "kim.txt"
    path.write_text(text, encoding="utf-8")
    sheets = read_homework_sheets(str(path), IDS, TEXTS)
    found = [
        (
            sheet.student,
            [
                f"{label} {answer.text} {answer.place}{' !' if answer.problem else ''}"
                for label, answer in sheet.answers.items()
            ],
        )
        for sheet in sheets
    ]
    assert found == students
    assert [said(path, remark) for remark in sheets[0].remarks] == remarks


CELLS = {  # a file, and its rows, each cell with its line and column
    "a shape in brackets": ("a.csv", "a,(1, 2),b\n", ["a 1:1|(1, 2) 1:3|b 1:10"]),
    "two shapes": ("a.csv", "(1,2),[3,4]\n", ["(1, 2) 1:12|[3, 4] 1:12"]),  # not as they are written: at the end
    "a bracket left open": ("a.csv", "a,(1, 2,b\n", ["a 1:1|(1, 2, b 1:10"]),
    "a bracket in quotes": ("a.csv", 'a,"(1, 2)",b\n', ["a 1:1|(1, 2) 1:4|b 1:12"]),
    "a bracket closed at once": ("a.csv", "(1),2\n", ["(1) 1:1|2 1:5"]),
    "brackets with semicolons": ("a.csv", "a;(1;2\n", ["a 1:1|(1 1:3|2 1:6"]),
    "spaces around": ("a.csv", " a , b ,\n", ["a 1:2|b 1:6| 1:7"]),
    "a line end in quotes": ("a.csv", '"a\nb",c\nd,e\n', ["a\nb 1:3|c 1:3", "d 3:1|e 3:3"]),
    "the sign that is there most often": ("a.csv", "a;1,5;2,5;3\nb;1;2;3\n", ["a 1:1|1,5 1:3|2,5 1:7|3 1:11",
                                          "b 2:1|1 2:3|2 2:5|3 2:7"]),
    "one sign as often as another": ("a.csv", "a;1,5;2,5\n", ["a;1 1:1|5;2 1:5|5 1:9"]),
    "the sign of the widest row": ("a.csv", "x;y\n" * 4 + "a,b,c\n", ["x;y 1:1", "x;y 2:1", "x;y 3:1", "x;y 4:1",
                                   "a 5:1|b 5:3|c 5:5"]),
    "no sign": ("a.csv", "a\nb\n", ["a 1:1", "b 2:1"]),
    "Markdown": ("a.md", "x\n| a | b |\n|:-:|---|\n|c|d\\|e|\n| f | g\n",
                 ["a 2:3|b 2:7", "c 4:2|d|e 4:9", "f 5:3|g 5:7"]),  # d|e, not as it is written, is at the end
    "Markdown in a CSV's name": ("a.csv", "a | b\n--|--\nc | d\n", ["a 1:1|b 1:5", "c 3:1|d 3:5"]),
    "no rule": ("a.csv", "a|b\n--|-x\n", ["a 1:1|b 1:3", "-- 2:1|-x 2:4"]),
}  # fmt: skip


@pytest.mark.parametrize("name", CELLS)
def test_cells_of_a_file(tmp_path: Path, name: str) -> None:
    file, text, expected = CELLS[name]
    (tmp_path / file).write_text(text, encoding="utf-8")
    rows, problems = read_sheet_file(str(tmp_path / file))
    assert isinstance(rows, Rows)
    assert problems == []
    found = ["|".join(f"{cell.text} {cell.place}" for cell in row) for row in rows.rows if row]
    assert found == expected


def test_broken_yaml_is_read_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "kim.yaml"
    path.write_text(
        "q1: [5\nq2: 'six'\n q3: 7\n# q4: 8\n: 9\nq5: \"10\" # sure\nq6:\nq7: 'a\nq8: #9\n",
        encoding="utf-8",
    )
    rows, problems = read_sheet_file(str(path), by_line=True)
    assert problems
    assert isinstance(rows, Rows)
    assert [[(cell.text, cell.place) for cell in row] for row in rows.rows] == [
        [("q1", "1:1"), ("[5", "1:5")],
        [("q2", "2:1"), ("six", "2:6")],
        [("q5", "6:1"), ("10", "6:6")],
        [("q6", "7:1"), ("", "7:4")],
        [("q7", "8:1"), ("'a", "8:5")],
        [("q8", "9:1"), ("", "9:7")],
    ]


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("a.yaml", "a: 1", Mapping),
        ("a.json", '{"a": 1}', Mapping),
        ("a.yml", "- a", Sequence),
        ("a.txt", "a: 1", Mapping),
        ("a", "---\na: 1", Mapping),
        ("a", "{a: 1}", Mapping),
        ("a", "a:\n  b: 1", Mapping),
        ("a.csv", "a: 1", Rows),
        ("a.tsv", "a: 1", Rows),
        ("a.csv", 'a,"nbformat"', Rows),  # a word of notebooks, in no notebook
        ("a", "a,b: 1", Rows),
        ("a", "# a: 1", Rows),
        ("a", "a:1", Rows),
    ],
)
def test_what_a_text_is(tmp_path: Path, name: str, text: str, kind: type) -> None:
    (tmp_path / name).write_text(text)
    found, _ = read_sheet_file(str(tmp_path / name))
    assert isinstance(found, kind)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("a,é\n".encode("utf-16"), "a,é\n"),
        ("a,b\n".encode("utf-16-le"), "a,b\n"),
        ("a,b\n".encode("utf-16-be"), "a,b\n"),
        (("a,b\n" * 3000).encode("utf-16-le"), "a,b\n" * 3000),
        ("가,b\n".encode("cp949"), "가,b\n"),
        (b"a\r\nb\rc\td\x0b\x0c", "a\nb\nc\td\x0b\x0c"),
        (b"\xef\xbb\xbfa", "a"),
    ],
)
def test_what_bytes_say(data: bytes, text: str) -> None:
    assert decode("kim.csv", data) == text


def test_a_table_without_students_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "kim.csv"
    path.write_text("name,q1,q2,q3\n\n,,,\n", encoding="utf-8")
    with pytest.raises(SpecError, match="no student has a row below the questions"):
        read_homework_sheets(str(path), IDS)
