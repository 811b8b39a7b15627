"""Sheets in every format and encoding, names and headers as people write them, and places of what is wrong."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

import cnncalc
from cnncalc.homework.grade import Graded, grade_network_sheet
from cnncalc.homework.questions import load_homework
from cnncalc.homework.sheets.labels import Ambiguous, LayerNames, read_header
from cnncalc.homework.sheets.read import read_homework_sheets
from cnncalc.spec.quantities import ASKED
from cnncalc.tables.table import COLUMNS
from cnncalc.text.source import SpecError

from .questions import answer_key

# The lecture's table of AlexNet (000_029ec4e25ebe280d), a row of each kind.
LECTURE = """계층\t텐서 크기\t가중치\t편향\t파라미터
입력 이미지\t$227 \\times 227 \\times 3$\t0\t0\t0
CONV1\t$55 \\times 55 \\times 96$\t34,848\t96\t34,944
MaxPool-1\t$27 \\times 27 \\times 96$\t0\t0\t0

계층\t텐서 크기\t가중치\t편향\t파라미터
FC1\t4096×1\t37,748,736\t4,096\t37,752,832
출력\t1000×1\t0\t0\t0
전체\t\t\t\t62,378,344
"""

COMMA = 'layer,output,params\nconv1,55x55x96,"34,944"\npool1,27x27x96,0\n'
SEMICOLON = "layer;output;params\nconv1;55x55x96;34,944\npool1;27x27x96;0\n"
MARKDOWN = """# Answers

| layer | output | params |
|:--|:-:|--:|
| **conv1** | 55×55×96 | `34,944` |
| pool1 | 27x27x96 | 0 |
"""
YAML = "conv1: {output: 55x55x96, params: 34944}\npool1:\n  output: [27, 27, 96]\n  params: 0\n"
LISTED = (
    "- {layer: conv1, output: 55x55x96, params: 34944}\n- pool1: {output: 27x27x96, params: 0}\n"
)
JSON = '{"conv1": {"output": [55, 55, 96], "params": 34944}, "pool1": {"output": "27x27x96", "params": 0}}'


def sheet(folder: Path, text: str | bytes, name: str = "kim.csv", net: str = "alexnet") -> Graded:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return grade_network_sheet(answer_key(net), str(path))


def error(folder: Path, text: str | bytes, name: str = "kim.csv") -> str:
    with pytest.raises(SpecError) as caught:
        sheet(folder, text, name)
    return str(caught.value)


FORMATS: dict[str, str | bytes] = {
    "comma.csv": COMMA,
    "semicolon.csv": SEMICOLON,
    "tab.tsv": COMMA.replace('"34,944"', "34944").replace(",", "\t"),
    "markdown.md": MARKDOWN,
    "mapping.yaml": YAML,
    "list.yml": LISTED,
    "json.json": JSON,
    "text.txt": SEMICOLON,
    "bar.csv": SEMICOLON.replace(";", "|"),
    "yaml.txt": YAML,
    "utf16le.csv": COMMA.encode("utf-16-le"),
    "utf16be.csv": COMMA.encode("utf-16-be"),
}


@pytest.mark.parametrize("name", FORMATS)
def test_formats(tmp_path: Path, name: str) -> None:
    found = sheet(tmp_path, FORMATS[name], name)
    assert [(cell.question.layer, cell.question.quantity, cell.status) for cell in found.cells] == [
        ("conv1", "output", "right"),
        ("conv1", "params", "right"),
        ("pool1", "output", "right"),
        ("pool1", "params", "right"),
    ]
    assert found.remarks == ()


def test_the_lecture_s_own_table(tmp_path: Path) -> None:
    found = sheet(tmp_path, LECTURE, "lecture.tsv")
    assert found.passed
    assert len(found.cells) == 5 * 4 + 1
    assert found.remarks == ()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp949"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    text = LECTURE.replace("×", "x")  # CP949 has it, but as people type
    assert sheet(tmp_path, text.encode(encoding), "kim.tsv").passed


def test_line_ends_of_other_systems(tmp_path: Path) -> None:
    for end in ("\r\n", "\r"):
        assert sheet(tmp_path, COMMA.replace("\n", end)).passed


def test_our_own_csv_is_a_sheet(tmp_path: Path) -> None:
    import csv

    report = cnncalc.load("googlenet").report(depth=1)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["name", "output", "params", "macs", "ops", "activations", "receptive_field"])
    for row in report.rows:
        writer.writerow(
            [
                row.name,
                "x".join(map(str, row.output)),
                row.params,
                row.macs,
                row.ops,
                row.activations,
                "x".join(map(str, row.receptive_field)),
            ]
        )
    found = sheet(tmp_path, out.getvalue(), net="googlenet")
    assert found.passed
    assert len(found.cells) > 120


def test_a_shape_with_commas_of_its_own(tmp_path: Path) -> None:
    found = sheet(tmp_path, "layer,output,params\nconv1,(55, 55, 96),34944\npool1,[27,27,96],0\n")
    assert found.passed


def test_a_row_with_too_many_cells_costs_that_row(tmp_path: Path) -> None:
    found = sheet(tmp_path, "layer,output,params\nconv1,55x55x96,34,944\npool1,27x27x96,0\n")
    assert [cell.status for cell in found.cells] == ["unreadable", "unreadable", "right", "right"]
    assert "commas" in found.cells[0].reading.problem


def test_places_of_cells(tmp_path: Path) -> None:
    found = sheet(tmp_path, 'layer,output,params\nconv1,55x55x96,abc\npool1,"27x27x96",x y\n')
    assert [cell.answer.place for cell in found.cells if cell.status == "unreadable"] == [
        "2:16",
        "3:18",
    ]
    found = sheet(tmp_path, "conv1: {output: 55x55x96, params: abc}\n", "kim.yaml")
    assert [cell.answer.place for cell in found.cells] == ["1:17", "1:35"]


def test_a_header_s_unit(tmp_path: Path) -> None:
    found = sheet(tmp_path, "layer,params (K),memory (MB)\nconv1,34.9,1.16\nconv2,615,0.746496\n")
    assert [cell.answer.text for cell in found.cells] == ["34.9", "1.16", "615", "0.746496"]
    assert [cell.reading.text for cell in found.cells] == [
        "34.9 K",
        "1.16 MB",
        "615 K",
        "0.746496 MB",
    ]
    assert found.passed


def test_what_is_not_known_is_named(tmp_path: Path) -> None:
    found = sheet(
        tmp_path, "layer,params,colour,parameters\nconv1,34944,red,5\nconv11,3,,\nConv1,7,,\n,5,,\n"
    )
    assert found.passed
    assert [str(remark).removeprefix(str(tmp_path)) for remark in found.remarks] == [
        "/kim.csv:1:14: note: the column 'colour' is not known and left out",
        "/kim.csv:1:21: note: a second column of params, 'parameters', is left out",
        "/kim.csv:5:1: note: a row with no layer's name is left out",
        "/kim.csv:3:1: note: there is no layer 'conv11' in this network; did you mean conv1?",
        "/kim.csv:4:1: note: 'Conv1' is conv1, which stands at 2:1 too; the first counts",
    ]


def test_ambiguous_names_are_named(tmp_path: Path) -> None:
    found = sheet(tmp_path, "layer,params\nconv1,5\nconv1_1,1792\n", net="vgg16")
    assert [cell.question.layer for cell in found.cells] == ["conv1_1"]
    assert "'conv1' may be any of conv1_1, conv1_2" in str(found.remarks[0])


def test_four_layers_that_may_be_meant_are_all_there_are(tmp_path: Path) -> None:
    found = sheet(tmp_path, "layer,params\nconv3,5\nconv1_1,1792\n", net="vgg19")
    assert found.remarks[0].text == "'conv3' may be any of conv3_1, conv3_2, conv3_3, conv3_4"


def test_the_row_of_the_output_is_no_header(tmp_path: Path) -> None:
    assert "no column of this sheet is known" in error(tmp_path, "layer,answer\n출력,5\nconv1,6\n")


def test_rows_of_one_label_are_taken_in_order(tmp_path: Path) -> None:
    # GoogLeNet's table in the lecture calls every pool 맥스 풀링
    text = "type,출력 크기\n맥스 풀링,56x56x64\n맥스 풀링,28x28x192\n맥스 풀링,14x14x480\n맥스 풀링,7x7x832\n"
    found = sheet(tmp_path, text, net="googlenet")
    assert [cell.question.layer for cell in found.cells] == ["pool1", "pool2", "pool3", "pool4"]
    assert found.passed


def test_blank_cells(tmp_path: Path) -> None:
    text = "layer,output,params\ninput,,\nconv1,,-\npool1,27x27x96\ntotal,,\n"
    found = sheet(tmp_path, text)
    assert [(cell.question.layer, cell.question.quantity, cell.status) for cell in found.cells] == [
        ("conv1", "output", "blank"),
        ("conv1", "params", "blank"),
        ("pool1", "output", "right"),
        ("pool1", "params", "blank"),
        ("total", "params", "blank"),
    ]


def test_a_vector_has_no_receptive_field(tmp_path: Path) -> None:
    found = sheet(tmp_path, "layer,receptive field\nconv1,11\nfc1,\nfc2,355\n")
    assert [cell.question.layer for cell in found.cells] == ["conv1"]
    assert "fc2 has no receptive field" in str(found.remarks[0])


# --- names ------------------------------------------------------------------------------------------------------------

NAMES = [
    (
        "alexnet",
        "conv1",
        "CONV1 conv_1 Conv-1 conv-1 합성곱1 콘벌루션1 CONVOLUTION1 **conv1** ＣＯＮＶ1",
    ),
    ("alexnet", "pool2", "MaxPool-2 POOL2 maxpooling2 풀링2 최대풀링2 pool_2"),
    ("alexnet", "fc3", "FC3 FC-3 dense3 linear3 완전연결3 fc_3"),
    ("alexnet", "total", "total TOTAL Total: 전체 합계 총계 sum"),
    ("alexnet", "input", "INPUT 입력 이미지 Image"),
    ("alexnet", "softmax1", "출력 output softmax 소프트맥스 Softmax-1"),
    ("vgg16", "conv1_1", "Conv1-1 conv1.1 CONV1_1 conv1-1"),
    ("vgg16", "conv3_3", "Conv3-3 conv7"),
    ("googlenet", "inception_3a", "inception(3a) 인셉션(3a) Inception3a 3a inception-3A"),
    ("googlenet", "globalavgpool1", "GAP avgpool 평균풀링 averagepooling globalavgpool"),
    ("googlenet", "inception_3a/c3", "inception_3a/c3 3a/c3"),
    ("lenet5", "c1", "C1 conv1 c1"),
    ("lenet5", "s2", "S2 pool1 subsampling1"),
    ("resnet18", "conv2_x", "conv2_x Conv2_X"),
    ("mnist_keras", "flatten1", "flatten Flatten 평탄화"),
]


@pytest.mark.parametrize(("net", "layer", "labels"), NAMES, ids=lambda value: str(value)[:20])
def test_names(net: str, layer: str, labels: str) -> None:
    names = LayerNames(cnncalc.load(net).graph)
    assert {label: names.find(label) for label in labels.split()} == dict.fromkeys(
        labels.split(), layer
    )


@pytest.mark.parametrize(
    "label",
    [
        "입력 이미지",
        "input image",
        "Max Pooling 2",
        "맥스 풀링 2",
        "Conv layer 1",
        "합성곱 계층 1",
        "Fully connected 1",
        "완전 연결 1",
    ],
)
def test_names_of_several_words(label: str) -> None:
    assert isinstance(LayerNames(cnncalc.load("alexnet").graph).find(label), str)


def test_every_layer_of_the_zoo_has_its_own_name() -> None:
    for net in ("vgg16", "googlenet", "densenet121", "torchvision/mobilenet_v2"):
        graph = cnncalc.load(net).graph
        names = LayerNames(graph)
        for name in (*(node.name for node in graph.nodes), *graph.scopes):
            assert names.find(name) == name
            assert names.find(name.upper()) in (name, names.folded[name.casefold()])


def test_ambiguous_and_unknown_names() -> None:
    names = LayerNames(cnncalc.load("alexnet").graph)
    assert names.find("pool") == Ambiguous("pool", ("pool1", "pool2", "pool3"))
    assert names.find("conv9") is None
    assert names.find("...") is None


HEADERS = {
    "output": "output, Output Size, Tensor Shape, 텐서 크기, 출력 크기, 출력크기, 출력 형태, Feature map",
    "weights": "weights, 가중치, # weights, 가중치 수",
    "biases": "biases, bias, 편향, 바이어스",
    "params": "params, # of parameters, Number of Parameters, 파라미터, 파라미터 수, 매개변수 개수, Params:",
    "macs": "MACs, mult-adds, MAC 연산, Multiply-Adds",
    "flops": "FLOPs, operations, 연산 횟수, 연산량, ops",
    "activations": "activations, 액티베이션 맵, 노드 수, Activation map",
    "memory": "memory, bytes, 메모리, memory (MB), activations (bytes)",
    "receptive_field": "receptive field, receptive_field, 수용 영역, 수용영역, RF",
}


@pytest.mark.parametrize("quantity", ASKED)
def test_headers(quantity: str) -> None:
    for text in HEADERS[quantity].split(", "):
        header = read_header(text)
        assert header is not None, text
        assert header.quantity == quantity


def test_our_own_headers_are_known() -> None:
    keys = {
        "output": "output",
        "weights": "weights",
        "biases": "biases",
        "params": "params",
        "macs": "macs",
        "ops": "flops",
        "activations": "activations",
        "activation_bytes": "memory",
        "receptive_field": "receptive_field",
    }
    for key, quantity in keys.items():
        for text in (key, COLUMNS[key].header("en"), COLUMNS[key].header("ko")):
            header = read_header(text)
            assert header is not None, text
            assert header.quantity == quantity


@pytest.mark.parametrize(
    ("text", "quantity", "suffix"),
    [
        ("params", "params", ""),
        ("params (k)", "params", "K"),
        ("params [million]", "params", "M"),
        ("파라미터 (천)", "params", "K"),
        ("FLOPs(g)", "flops", "G"),
        ("memory (kib)", "memory", "Kib"),
        ("memory (bytes)", "memory", ""),
        ("activations (MB)", "memory", "MB"),  # in bytes they are memory
        ("activations (바이트)", "memory", ""),
        ("activations (M)", "activations", "M"),
    ],
)
def test_units_of_headers(text: str, quantity: str, suffix: str) -> None:
    assert read_header(text) == (quantity, suffix)


NUMBERED = [  # VGG-16 has thirteen convolutions in five groups, and three fully connected layers
    ("conv13", "conv5_3"),
    ("conv14", None),
    ("conv0", None),
    ("conv 1 2", "conv1_2"),
    ("maxpool5", "pool5"),
    ("maxpool6", None),
    ("dense3", "fc3"),
    ("conv1", Ambiguous("conv1", ("conv1_1", "conv1_2"))),
    ("fc", Ambiguous("fc", ("fc1", "fc2", "fc3"))),
    ("softmax", "softmax1"),
    ("4 4", None),
    ("", None),
    ("layer", None),
]


@pytest.mark.parametrize(("label", "layer"), NUMBERED)
def test_a_number_counts_the_layers_of_a_kind(label: str, layer: object) -> None:
    assert LayerNames(cnncalc.load("vgg16").graph).find(label) == layer


def test_rows_of_a_bare_label_are_as_many_as_its_layers() -> None:
    names = LayerNames(cnncalc.load("alexnet").graph)
    assert names.in_order("pooling", 3) == ["pool1", "pool2", "pool3"]
    assert names.in_order("pooling", 2) is None
    assert names.in_order("pool 1", 3) is None
    assert names.in_order("softmax", 1) is None  # one label of one layer is that
    assert LayerNames(cnncalc.load("lenet5").graph).in_order("pooling", 2) == ["s2", "s4"]


def test_a_kind_is_of_the_layers_outside_blocks_where_there_are_any() -> None:
    """ResNet-18 has one convolution outside its blocks; GoogLeNet has nine inception modules with a `c3` each."""
    names = LayerNames(cnncalc.load("resnet18").graph)
    assert names.find("convolution") == "conv1"
    assert names.find("conv2_x/basic1") == "conv2_x/basic1"
    found = LayerNames(cnncalc.load("resnet50").graph).find("conv3")
    assert isinstance(found, Ambiguous)  # the last of 3 + 4 + 6 + 3 bottlenecks
    assert len(found.layers) == 16
    assert all(layer.endswith("/conv3") for layer in found.layers)
    names = LayerNames(cnncalc.load("googlenet").graph)
    assert names.find("3a/c3") == "inception_3a/c3"
    blocks = [f"inception_{at}" for at in ("3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b")]
    assert names.find("inception") == Ambiguous("inception", tuple(blocks))
    assert names.find("c3") == Ambiguous("c3", tuple(f"{block}/c3" for block in blocks))


def test_unknown_headers() -> None:
    for text in ("", "colour", "input", "비고", "layer"):
        assert read_header(text) is None


# --- what is no sheet -------------------------------------------------------------------------------------------------


def archive(**files: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, text in files.items():
            made.writestr(name.replace("__", "/"), text)
    return out.getvalue()


NO_SHEETS = {
    "empty": (b"", "this file is empty"),
    "blank": (b" \n\n\t\n", "this file is empty"),
    "zip": (archive(answers="layer,params\n"), "this is a zip archive, not a sheet"),
    "broken zip": (archive(answers="x")[:40], "damaged zip archive"),
    "opendocument": (
        archive(mimetype="application/vnd.oasis.opendocument.spreadsheet"),
        "an OpenDocument file",
    ),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3", "this is a PDF"),
    "old excel": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "an old Excel file"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(50), "this is a picture"),
    "binary": (bytes(range(256)) * 4, "not a text file"),
    "utf-16 broken off": ("layer,params\nconv1,3\n".encode("utf-16-le")[:-1], "not a text file"),
    "notebook": (b'{"cells": [], "nbformat": 4}', "this is a notebook"),
    "no header": (b"conv1,34944\nconv2,614656\n", "no column of this sheet is known"),
    "no rows": (b"layer,params\n", "no row with a layer is found"),
    "no layer": (b"layer,params\nfoo,3\nbar,4\n", "no layer of this sheet is one of the network's"),
    "prose": ("저는 숙제를 못 했습니다.\n".encode(), "no column of this sheet is known"),
}


@pytest.mark.parametrize("kind", NO_SHEETS)
def test_what_is_no_sheet(tmp_path: Path, kind: str) -> None:
    data, message = NO_SHEETS[kind]
    assert message in error(tmp_path, data)


def test_yaml_that_cannot_be_read(tmp_path: Path) -> None:
    assert "not valid YAML" in error(tmp_path, "conv1: {output: 5", "kim.yaml")
    assert "one text, not a sheet" in error(tmp_path, "hello", "kim.yaml")


def test_a_key_given_twice_costs_the_second(tmp_path: Path) -> None:
    found = sheet(tmp_path, "conv1: {params: 34944, params: 3}\n", "kim.yaml")
    assert found.passed
    assert "given twice" in str(found.remarks[0])


def test_missing_files_and_folders(tmp_path: Path) -> None:
    for path, message in ((tmp_path, "a folder"), (tmp_path / "no.csv", "no such file")):
        with pytest.raises(SpecError, match=message):
            grade_network_sheet(answer_key("alexnet"), str(path))


def test_a_file_beyond_the_limit(tmp_path: Path) -> None:
    assert "limit of 16 MiB" in error(tmp_path, b"a," * (8 * 2**20 + 1))
    assert "10,000 rows" in error(tmp_path, "layer,params\n" + "conv1,3\n" * 10_001)


# --- workbooks --------------------------------------------------------------------------------------------------------


def workbook(
    tmp_path: Path, rows: list[list[object]], name: str = "kim.xlsx", **more: object
) -> Path:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    active = book.active
    active.title = "답안"
    for row in rows:
        active.append(row)
    for area in more.get("merged", ()):  # type: ignore[attr-defined]
        active.merge_cells(area)
    path = tmp_path / name
    book.save(path)
    return path


ROWS: list[list[object]] = [
    ["계층", "출력 크기", "파라미터"],
    ["CONV1", "55x55x96", 34944],
    ["MaxPool-1", "27×27×96", 0.0],
    ["전체", None, 62378344.0],
]


def test_a_workbook(tmp_path: Path) -> None:
    found = grade_network_sheet(answer_key("alexnet"), str(workbook(tmp_path, ROWS)))
    assert found.passed
    assert [cell.answer.place for cell in found.cells] == [
        "답안!B2",
        "답안!C2",
        "답안!B3",
        "답안!C3",
        "답안!C4",
    ]


def test_a_workbook_under_another_name(tmp_path: Path) -> None:
    assert grade_network_sheet(
        answer_key("alexnet"), str(workbook(tmp_path, ROWS, "kim.csv"))
    ).passed


def test_formulas_and_merged_cells(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        *ROWS[:2],
        ["pool1", "27x27x96", "=1-1"],
        ["conv2", "27x27x256", 614656],
        ["conv3", "13x13x384", None],
    ]
    path = workbook(tmp_path, rows, merged=["C4:C5"])
    cells = {
        (cell.question.layer, cell.question.quantity): cell
        for cell in grade_network_sheet(answer_key("alexnet"), str(path)).cells
    }
    assert "a formula with no saved value" in cells["pool1", "params"].reading.problem
    assert cells["conv2", "params"].status == "right"
    assert "covered by a merged cell (C4:C5)" in cells["conv3", "params"].reading.problem
    assert cells["conv3", "output"].status == "right"


def test_empty_cells_that_are_merged_are_blank(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        *ROWS[:2],
        ["conv2", "27x27x256", None],
        ["conv3", "13x13x384", None],
    ]
    path = workbook(tmp_path, rows, merged=["C3:C4", "B6:D7"])
    cells = grade_network_sheet(answer_key("alexnet"), str(path)).cells
    assert [cell.status for cell in cells[2:]] == ["right", "blank", "right", "blank"]


def test_merged_cells_across_columns_cover_all_but_the_first(tmp_path: Path) -> None:
    """B2:C2 has the output's answer in its first cell; what it covers is no answer."""
    rows: list[list[object]] = [
        ROWS[0],
        ["conv1", "55x55x96", None],
        ["conv2", "27x27x256", 614656],
    ]
    path = workbook(tmp_path, rows, merged=["B2:C2"])
    cells = grade_network_sheet(answer_key("alexnet"), str(path)).cells
    assert [cell.status for cell in cells] == ["right", "unreadable", "right", "right"]
    assert "covered by a merged cell (B2:C2)" in cells[1].reading.problem


def test_saved_values_of_formulas_are_read(tmp_path: Path) -> None:
    """A workbook as Excel saves it: the formula and its value side by side."""
    path = workbook(tmp_path, [*ROWS[:1], ["conv1", "55x55x96", "=34848+96"]])
    with zipfile.ZipFile(path) as made:
        files = {name: made.read(name) for name in made.namelist()}
    name = "xl/worksheets/sheet1.xml"
    assert b"<v></v>" in files[name] or b"<v />" in files[name]
    files[name] = (
        files[name].replace(b"<v></v>", b"<v>34944</v>").replace(b"<v />", b"<v>34944</v>")
    )
    with zipfile.ZipFile(path, "w") as made:
        for name, data in files.items():
            made.writestr(name, data)
    assert grade_network_sheet(answer_key("alexnet"), str(path)).passed


def test_a_date_that_a_spreadsheet_made(tmp_path: Path) -> None:
    from datetime import datetime

    path = workbook(tmp_path, [*ROWS[:2], ["pool1", datetime(2024, 3, 3), 0]])
    found = grade_network_sheet(answer_key("alexnet"), str(path))
    assert [cell.status for cell in found.cells] == ["right", "right", "unreadable", "right"]
    assert "a date" in found.cells[2].reading.problem


def test_workbooks_that_cannot_be_read(tmp_path: Path) -> None:
    assert "this workbook is empty" in _workbook_error(workbook(tmp_path, []))
    damaged = workbook(tmp_path, ROWS)
    damaged.write_bytes(damaged.read_bytes()[:-900])
    assert "damaged" in _workbook_error(damaged)
    (tmp_path / "no.xlsx").write_text("layer,params\nconv1,3\n")
    assert "is no Excel workbook" in _workbook_error(tmp_path / "no.xlsx")
    (tmp_path / "bad.xlsx").write_bytes(archive(xl__workbook="x") + b"")
    assert "zip archive" in _workbook_error(tmp_path / "bad.xlsx")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("xl/workbook.xml", "<broken")
    (tmp_path / "broken.xlsx").write_bytes(out.getvalue())
    assert "this Excel file is damaged" in _workbook_error(tmp_path / "broken.xlsx")


def test_a_workbook_that_unpacks_to_too_much(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("xl/workbook.xml", b"0" * (65 * 2**20))
    assert "unpack to more than the limit" in _workbook_error(tmp_path / "bomb.xlsx")


def _workbook_error(path: Path) -> str:
    pytest.importorskip("openpyxl")
    with pytest.raises(SpecError) as caught:
        grade_network_sheet(answer_key("alexnet"), str(path))
    return str(caught.value)


def test_without_openpyxl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = workbook(tmp_path, ROWS)
    monkeypatch.setitem(__import__("sys").modules, "openpyxl", None)
    with pytest.raises(SpecError, match=r"pip install 'cnncalc\[xlsx\]'"):
        grade_network_sheet(answer_key("alexnet"), str(path))


# --- sheets of a homework ---------------------------------------------------------------------------------------------

IDS = ["q1", "conv1-size", "3"]
ANSWERED = {"q1": "5", "conv1-size": "55x55x96", "3": "34,944"}


@pytest.mark.parametrize(
    "text",
    [
        "q1: 5\nconv1-size: 55x55x96\n3: 34,944\n",
        'id,answer\nq1,5\nconv1-size,55x55x96\n3,"34,944"\n',
        "q1;5\nconv1-size;55x55x96\n3;34,944\n",
        "문항\t학번\t답\nQ1\tx\t5\nConv1 size\ty\t55x55x96\n3\tz\t34,944\n",
        "| question | answer |\n|---|---|\n| q1 | 5 |\n| conv1-size | 55x55x96 |\n| 3 | 34,944 |\n",
        "- {id: q1, answer: 5}\n- {id: conv1-size, answer: 55x55x96}\n- {id: 3, answer: '34,944'}\n",
        "- q1: 5\n- conv1-size: 55x55x96\n- 3: 34,944\n",
    ],
    ids=["yaml", "csv", "no header", "tsv", "markdown", "list", "list of pairs"],
)
def test_homework_sheets(tmp_path: Path, text: str) -> None:
    path = tmp_path / ("kim.yaml" if text.startswith(("q1:", "- ")) else "kim.txt")
    path.write_text(text)
    found = read_homework_sheets(str(path), IDS)[0]
    assert {one: answer.text for one, answer in found.answers.items()} == ANSWERED


def test_homework_sheets_name_what_they_do_not_know(tmp_path: Path) -> None:
    (tmp_path / "kim.yaml").write_text("q1: 5\nq2: 6\nQ1: 7\n3: null\n")
    found = read_homework_sheets(str(tmp_path / "kim.yaml"), IDS)[0]
    assert found.answers["3"].text == ""
    assert [remark.text for remark in found.remarks] == [
        "there is no question 'q2'",
        "'Q1' is answered twice; the first counts",
    ]


def test_a_homework_sheet_with_no_question(tmp_path: Path) -> None:
    (tmp_path / "kim.yaml").write_text("a: 5\n")
    with pytest.raises(SpecError, match="none of the homework's questions"):
        read_homework_sheets(str(tmp_path / "kim.yaml"), IDS)[0]


# --- homework files ---------------------------------------------------------------------------------------------------

HOMEWORK = """title: Test
accept: [macs]
questions:
  - {id: a, network: alexnet, layer: conv1, quantity: params, points: 2.5}
  - id: b
    text: How many?
    spec:
      input: 8x8x3
      layers: [conv: {name: c, filters: 4, kernel: 3}]
    layer: c
    quantity: weights
  - {id: c, network: alexnet, input: 224, set: {classes: 10}, quantity: params, accept: weights-only}
  - {network: vgg16, layer: conv1_1, quantity: memory, batch: 16, dtype: float16}
"""


def test_a_homework_file(tmp_path: Path) -> None:
    (tmp_path / "hw.yaml").write_text(HOMEWORK)
    homework = load_homework(str(tmp_path / "hw.yaml"))
    assert homework.title == "Test"
    assert homework.ids == ["a", "b", "c", "4"]
    assert [float(question.points) for question in homework.questions] == [2.5, 1, 1, 1]
    assert homework.questions[2].accept == ("macs", "weights-only")
    assert homework.questions[2].layer == "total"
    right = [question.keyed.right for question in homework.questions]
    # 9·3·4; AlexNet from 224 has 25·256 inputs in fc1, and 10 classes; 224·224·64 values of 2 bytes, 16 times
    assert right == [34944, 108, 62378344 - 11 * 256 * 4096 - 990 * 4097, 224 * 224 * 64 * 2 * 16]


def test_a_network_beside_the_homework(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "hw").mkdir()
    (tmp_path / "hw" / "net.yaml").write_text(
        "input: 8x8x3\nlayers: [conv: {name: c, filters: 4, kernel: 3}]\n"
    )
    (tmp_path / "hw" / "hw.yaml").write_text(
        "questions:\n- {network: net.yaml, layer: c, quantity: weights}\n"
        "- {spec: net.yaml, layer: c, quantity: biases}\n"
    )
    monkeypatch.chdir(tmp_path)
    found = load_homework("hw/hw.yaml").questions
    assert [question.keyed.right for question in found] == [9 * 3 * 4, 4]


def test_what_is_wrong_in_another_file_stands_where_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("input: 8x8x3\nlayers: [conv: {name: c, filters: 4}]\n")
    for key, column in (("spec", 10), ("network", 13)):
        text = f"questions:\n- {{{key}: bad.yaml, layer: c, quantity: biases}}\n"
        (tmp_path / "hw.yaml").write_text(text)
        with pytest.raises(SpecError) as caught:
            load_homework(str(tmp_path / "hw.yaml"))
        (problem,) = caught.value.problems
        assert "conv needs 'kernel'" in problem.message
        assert (problem.file, problem.line, problem.column) == (
            str(tmp_path / "hw.yaml"),
            2,
            column,
        )


def test_files_of_like_names_are_two_networks(tmp_path: Path) -> None:
    """Networks that ship are known however they are written, `alex-net`; a file is the one that it is."""
    for name, filters in (("net_1.yaml", 4), ("net-1.yaml", 5)):
        conv = f"conv: {{name: c, filters: {filters}, kernel: 3}}"
        (tmp_path / name).write_text(f"input: 8x8x3\nlayers: [{conv}]\n")
    (tmp_path / "hw.yaml").write_text(
        "questions:\n- {network: net_1.yaml, layer: c, quantity: biases}\n"
        "- {network: net-1.yaml, layer: c, quantity: biases}\n"
    )
    found = load_homework(str(tmp_path / "hw.yaml")).questions
    assert [question.keyed.right for question in found] == [4, 5]


def test_questions_share_their_networks(tmp_path: Path) -> None:
    first, *rest = load_homework("alexnet").questions
    assert all(question.answer_key is first.answer_key for question in rest)


WRONG = [
    ("questions: []", "a homework has a list of questions"),
    ("title: x", "a homework has a list of questions"),
    ("- a", "a homework is a mapping"),
    ("questions: [{id: a, network: alexnet}]", "a question needs a quantity"),
    ("questions: [{id: a, quantity: params}]", "one of network and spec"),
    ("questions: [{id: a, network: alexnt, quantity: params}]", "did you mean alexnet"),
    ("questions: [{id: a, network: alexnet, quantity: prams}]", "did you mean 'params'"),
    (
        "questions: [{id: a, network: alexnet, layer: conv9, quantity: params}]",
        "alexnet has no layer 'conv9'",
    ),
    (
        "questions: [{id: a, network: alexnet, layer: fc1, quantity: receptive_field}]",
        "fc1 has no receptive field",
    ),
    ("questions: [{id: a, network: alexnet, quantity: params, points: x}]", "points are a number"),
    (
        "questions: [{id: a, network: alexnet, input: {a: 3}, quantity: params}]",
        "1:46: error: '?' is not a size",
    ),
    (
        "questions: [{id: a, network: alexnet, set: {clases: 3}, quantity: params}]",
        "did you mean 'classes'",
    ),
    (
        "questions: [{id: a, network: alexnet, quantity: params, accept: [thopp]}]",
        "did you mean 'thop'",
    ),
    (
        "questions: [{id: a, network: alexnet, quantity: params, worth: 3}]",
        "'worth' is not a key of a question",
    ),
    (
        "questions: [{id: a, network: alexnet, quantity: memory, dtype: float3}]",
        "did you mean 'float32'",
    ),
    ("questions: [{id: a, network: alexnet, quantity: memory, batch: 0}]", "at least 1"),
    (
        "questions: [{id: a, spec: {input: 8x8x3, layers: [conv: {filters: 3}]}, quantity: params}]",
        "conv needs 'kernel'",
    ),
    (
        "questions:\n- {id: a, network: alexnet, quantity: params}\n- {id: a, network: alexnet, quantity: macs}",
        "the id 'a' is given twice; the first is on line 2",
    ),
]


@pytest.mark.parametrize(("text", "message"), WRONG, ids=[message[:30] for _, message in WRONG])
def test_what_is_wrong_with_a_homework(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "hw.yaml").write_text(text)
    with pytest.raises(SpecError) as caught:
        load_homework(str(tmp_path / "hw.yaml"))
    assert message in str(caught.value)
    assert str(caught.value).startswith(f"{tmp_path}/hw.yaml:")


# The slides of CS231n lecture 7 print 5x5, 3x3, 7x7, 32x32x10 and 760; 16x16 is half of 32.
KEYS = {
    "conv_layers": {
        "stride1": "5x5x1",
        "stride2": "3x3x1",
        "padded": "7x7x1",
        "volume": "32x32x10",
        "parameters": "760",
        "pool": "16x16x10",
    },
    # The Korean lecture's table; 55·55·96·363 MACs; 11 + 2·4 + 4·8 = 51
    "alexnet": {
        "conv1-size": "55x55x96",
        "conv1-params": "34,944",
        "pool1-size": "27x27x96",
        "pool1-params": "0",
        "conv2-size": "27x27x256",
        "conv2-weights": "614,400",
        "fc1-params": "37,752,832",
        "conv1-operations": "105,415,200",
        "conv2-field": "51",
        "total-params": "62,378,344",
    },
}


@pytest.mark.parametrize("name", KEYS)
def test_the_homework_that_ships(tmp_path: Path, name: str) -> None:
    from cnncalc.homework.grade import grade_homework_sheet

    homework = load_homework(name)
    (tmp_path / "key.yaml").write_text(
        "".join(f"{one}: {text}\n" for one, text in KEYS[name].items())
    )
    found = grade_homework_sheet(homework, str(tmp_path / "key.yaml"))
    assert found.passed
    assert found.score == found.max == sum(question.points for question in homework.questions)


def test_all_homework_that_ships_is_tested() -> None:
    from cnncalc.spec.shipped import data_files

    assert set(data_files("homework")) == set(KEYS)
