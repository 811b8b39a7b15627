"""Printed tables: every cell is reproduced or accounted for, and what would be wrong is found.

The tables in specs/lectures/ are specifications: they are never made from what the program says. The numbers below are
counted in the lectures by hand, published, or worked out in a comment.
"""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema
import pytest

from cnncalc import SpecError, lectures
from cnncalc.cli import main
from cnncalc.cli.complete import complete_table
from cnncalc.lectures import Checked, CheckedTable
from cnncalc.lectures.cell import Statement
from cnncalc.lectures.load import COLUMN, ROW, STORY
from cnncalc.lectures.load import TABLE as DECLARED
from cnncalc.lectures.page import MARKS, lecture_table
from cnncalc.ops import OPS
from cnncalc.ops.conv import Conv
from cnncalc.spec import walk
from cnncalc.spec.shipped import data_files
from cnncalc.text.numbers import Reading

ROOT = Path(__file__).parent.parent
SCHEMA = json.loads(
    (Path(__file__).parent / "contract" / "lecture.schema.json").read_text(encoding="utf-8")
)

# Cells that print something, counted in the lectures: rows times columns, less what is empty.
CELLS = {
    "alexnet-parameters": 13 * 4 + 1,  # the total has one number
    "vgg16-parameters": 22 * 3
    - 2
    + 2
    + 2,  # two pools print no parameters; output and total two cells each
    "vgg16-memory": 22 * 3 + 2,
    "googlenet-layers": 5
    + 7
    + 9 * 10
    + 4 * 3
    + 3
    + 2
    + 4
    + 2,  # convs, inceptions, max pools, average pool, the rest
    "resnet-layers": 2
    + 2
    + 4 * 5
    + 3
    + 2
    + 5,  # merged cells are one; the map's size stands in all rows but two
    "resnet-layers-ko": 2 + 2 + 4 * 5 + 3 + 2 + 5,
    "densenet-layers": 2 + 2 + 4 * 5 + 6 * 2 + 2 + 1,
    "senet-complexity": 8 * 6,
    "vgg-configurations": 6 + 1 + 5 * 6 + 5 + 4,
    "vgg-configurations-overall": 6 + 1 + 5 * 6 + 5 + 4,
    "vgg-configurations-cs231n": 6 + 1 + 5 * 6 + 5 + 4,
    "vgg-configurations-example": 6 + 5 * 6 + 5 + 4,  # without the input
    "vgg-table2": 5,
    "alexnet-layers": 14 + 13,
    "fc-layer-accuracy": 20 + 17 + 14,
    "convolution-edges": 6 * 6 + 9,
    "convolution-1d-padding": 4 * 8,
    "lenet5-parameters": 5,
    "bottleneck-cost": 4,
    "stacked-filters": 6,
    "zfnet-changes": 8,
}


@pytest.fixture(scope="module")
def checked() -> dict[str, CheckedTable]:
    return {table.printed.name: table for table in lectures.check_all()}


def cell(table: CheckedTable, row: str, column: str) -> Checked:
    (found,) = (
        one
        for one in table.cells
        if row in (one.row.name, one.row.key) and one.column.name == column
    )
    return found


# --- the tables -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", lectures.names())
def test_every_cell_is_reproduced_or_accounted_for(
    name: str, checked: dict[str, CheckedTable]
) -> None:
    table = checked[name]
    assert not table.failures
    left_out = sum(one.cell.text in ("", "-") for one in table.cells)
    assert len(table.cells) == table.printed.cells + left_out


def test_cells_are_as_many_as_the_lectures_print(checked: dict[str, CheckedTable]) -> None:
    assert {name: checked[name].printed.cells for name in CELLS} == CELLS


def test_names_are_distinct_and_a_folder_is_one_lecture(checked: dict[str, CheckedTable]) -> None:
    files = data_files("lectures")
    assert len(lectures.names()) == len(files)
    titles: dict[str, set[str]] = {}
    for path in files.values():
        titles.setdefault(path.parent.name, set()).add(checked[path.stem].printed.lecture)
    assert all(len(found) == 1 for found in titles.values())
    assert len({next(iter(found)) for found in titles.values()}) == len(titles) == 7


# Known errata: the number that the lecture's own layers make, worked out by hand.
ERRATA = [
    ("vgg16-parameters", "Conv5-1", "activation map", 14 * 14 * 512),
    (
        "vgg16-parameters",
        "전체",
        "activation map",
        4 * 15237608,
    ),  # the table's rows add up to 15,237,608 values
    ("vgg16-memory", "TOTAL memory", "memory", 4 * 15237608),
    ("vgg16-parameters", "전체", "parameters", 4 * 138357544),
    ("alexnet-structure", "nodes of conv4", "value", 13 * 13 * 384),
    ("alexnet-structure", '"parameters for FC layer"', "value", 58631144),
    ("alexnet-structure", '"Data augmentation": growth', "value", 2 * (256 - 224 + 1) ** 2),
    ("convolution-2d-bias", "without bias 2", "second", 1 + 2 + 2 + 0 + 3),
    ("googlenet-layers", "conv1", "params", 7 * 7 * 3 * 64),
    ("googlenet-layers", "conv1", "ops", 7 * 7 * 3 * 64 * 112 * 112),
    (
        "googlenet-layers",
        "인셉션(5a)",
        "params",
        832 * (256 + 160 + 32 + 128) + 9 * 160 * 320 + 25 * 32 * 128,
    ),
    # (5·5·3 + 1)·8, (5·5·8 + 1)·16, 400·120 + 120, 120·84 + 84, 84·10 + 10: the course's own corrections
    ("lenet5-coursera", "CONV1 (f=5, s=1)", "parameters", 608),
    ("lenet5-coursera", "CONV2 (f=5, s=1)", "parameters", 3216),
    ("lenet5-coursera", "FC3", "parameters", 48120),
    ("lenet5-coursera", "FC4", "parameters", 10164),
    ("lenet5-coursera", "Softmax", "parameters", 850),
    ("one-by-one-kernels", "one kernel", "value", "8×1×1"),
    ("dense-block", '"5개의 모델": columns of the table', "value", 4),
]


@pytest.mark.parametrize(("table", "row", "column", "right"), ERRATA)
def test_known_errata(
    checked: dict[str, CheckedTable], table: str, row: str, column: str, right: int | str
) -> None:
    found = cell(checked[table], row, column)
    assert (found.status, found.computed) == ("erratum", right)
    assert found.note


def test_what_is_withdrawn_or_cannot_be_told(checked: dict[str, CheckedTable]) -> None:
    """The two towers' convs: 11·11·3·96 + 96, 5·5·48·256 + 256, 9·256·384 + 384, 9·192·384 + 384, 9·192·256 + 256."""
    conv = cell(checked["alexnet-structure"], '"parameters for convolution layer"', "value")
    two_towers = 34944 + 307456 + 885120 + 663936 + 442624
    assert (conv.status, conv.computed) == ("rounded", two_towers)
    for column in ("GFLOPs", "SENet GFLOPs"):
        found = cell(checked["senet-complexity"], "Inception-ResNet-v2 [21]", column)
        assert (found.status, found.computed) == ("not-computable", None)
        assert "neither which" in found.note


def test_what_the_extraction_of_the_text_broke_is_told_apart(
    checked: dict[str, CheckedTable],
) -> None:
    broken: dict[str, int] = {}
    for name, table in checked.items():
        for one in table.cells:
            if one.is_extraction:
                broken[name] = broken.get(name, 0) + 1
                assert one.status == "erratum"
                assert one.note.startswith("probably lost or broken in the extraction of the text")
    assert broken == {
        "alexnet-figure": 2,
        "convolution-edges": 8,
        "vgg-configurations": 3,
        "vgg-configurations-example": 9,
        "mnist-keras": 1,
    }
    assert sum(table.count("erratum") for table in checked.values()) == 46 + 5


def test_each_table_cites_the_lines_of_the_text(checked: dict[str, CheckedTable]) -> None:
    for table in checked.values():
        is_of_a_text = table.printed.source.name.split("/")[-2] not in ("coursera", "d2l")
        cited = re.fullmatch(r"00[0-4]_\w+\.txt \d+-\d+(, \d+-\d+)*", table.printed.lines)
        assert bool(cited) == is_of_a_text


def test_a_cell_that_needs_another_k_or_shortcut_says_so(checked: dict[str, CheckedTable]) -> None:
    assert "with K = 1000 unlike" in cell(checked["googlenet-layers"], "conv1", "params").note
    assert "unlike" not in cell(checked["googlenet-layers"], "conv1", "ops").note
    assert "of resnet34 with shortcut=pad" in conventions_of(checked["resnet-layers"])["34-layer"]


def test_errata_of_texts(checked: dict[str, CheckedTable]) -> None:
    """As Simonyan and Zisserman's Table 1 has them."""
    example = checked["vgg-configurations-example"]
    assert cell(example, "block 3", "C").computed == "conv3-256 conv3-256 conv1-256"
    assert cell(example, "block 3", "D").computed == "conv3-256 conv3-256 conv3-256"
    assert checked["vgg-configurations-cs231n"].count("exact") == 46
    assert {
        one.column.name for one in checked["vgg-configurations"].cells if one.status == "erratum"
    } == {"E"}


def test_the_separable_convolution_that_googlenet_prints(checked: dict[str, CheckedTable]) -> None:
    """7·7·3·8 + 24·64 = 2,712 weights, 112² times as many operations: 2.7k and 34M."""
    assert "2,712" in cell(checked["googlenet-layers"], "conv1", "params").note
    assert "34,019,328" in cell(checked["googlenet-layers"], "conv1", "ops").note


# --- conventions ------------------------------------------------------------------------------------------------------


def conventions_of(table: CheckedTable) -> dict[str, str]:
    return {
        column.name: words
        for column, words in zip(table.printed.columns, table.conventions, strict=True)
    }


def test_conventions_are_found(checked: dict[str, CheckedTable]) -> None:
    googlenet = conventions_of(checked["googlenet-layers"])
    assert googlenet["params"] == "weights without biases; K = 1024"
    assert googlenet["ops"].startswith("multiply-accumulates")
    assert googlenet["ops"].endswith("M = 10⁶")
    assert conventions_of(checked["alexnet-parameters"])["parameters"] == "weights and biases"
    assert conventions_of(checked["vgg16-memory"])["params"].startswith("weights without biases")
    assert "weights and biases" in conventions_of(checked["vgg-table2"])["D"]


def test_resnet50_is_cut_and_the_others_are_rounded(checked: dict[str, CheckedTable]) -> None:
    flops = {
        one.column.name: one for one in checked["resnet-layers"].cells if one.row.name == "FLOPs"
    }
    assert {name: one.status for name, one in flops.items()} == {
        "18-layer": "rounded",
        "34-layer": "rounded",
        "50-layer": "cut",
        "101-layer": "rounded",
        "152-layer": "rounded",
    }
    assert flops["50-layer"].computed == 3857973248


def test_bottleneck(checked: dict[str, CheckedTable]) -> None:
    """14·14·48·25·480 = 112,896,000; 14·14·16·480 + 14·14·48·25·16 = 5,268,480; the memory as the lecture adds it."""
    computed = [one.computed for one in checked["bottleneck-cost"].cells]
    assert computed == [12001 * 48 + 9408, 112896000, 481 * 16 + 401 * 48 + 3136 + 9408, 5268480]


# --- what a printed cell states ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value", "agrees"),
    [
        ("34,848", 34848, "exact"),
        ("34,848", 34849, None),
        ("3.2M", 3211264, "rounded"),
        ("3.8×10^9", 3857973248, "cut"),
        ("3.8×10^9", 3763000000, "rounded"),
        ("(3×3×3)×64 = 1,728", 1728, "exact"),
        ("(3×3×3)×63 = 1,728", 1728, None),
        ("14×14×512=100K", 100352, "rounded"),
        ("4×14×512=100K", 100352, None),
        ("약 112.9M", 112896000, "rounded"),
        ("18개", 18, "exact"),
        ("= 6", 6, "exact"),
        ("[(5×5×480)+1]×48 + (14×14×48)", 585456, "exact"),
        ("[(5×5×480)+1]×48 + (14×14×48)", 585455, None),
        ("1,000개 이상", 1040, "exact"),
        ("1,000개 이상", 999, None),
        ("more than 1,000", 1040, "exact"),
        ("16 weight layers", 16, "exact"),
        ("none", 3, None),
        ("conv3-64", 64, None),
        ("[55x55x96]", (55, 55, 96), "exact"),
        ("4096×1", (4096,), "exact"),
        ("55×55", (55, 55, 96), None),
        ("7×7, 64", "7x7,  64", "exact"),
        ("7×7, 64", "7×7, 63", None),
        ("3", None, None),
    ],
)
def test_statements(text: str, value: Any, agrees: str | None) -> None:
    assert Statement(text).agrees(value, Reading()) == agrees


def test_readings() -> None:
    """163,328 / 1024 = 159.5; 802,816 is 8 times 100,000 to the nearest."""
    assert Statement("159k").agrees(163328, Reading(1024)) == "rounded"
    assert Statement("159k").agrees(163328, Reading(1000)) is None
    assert Statement("800K").agrees(802816, Reading()) is None
    assert Statement("800K").agrees(802816, Reading(places=True)) == "rounded"
    assert Statement("7.60G").agrees(7640000000, Reading(places=True)) is None
    assert Statement("133", "M").agrees(132863336, Reading()) == "rounded"


def test_a_formula_is_held_to_its_symbols() -> None:
    given = {"N": 7, "P": 1, "F": 3, "S": 1}
    assert Statement("O = ((N+2×P)-F)/S+1 = 7", given=given).agrees(7, Reading()) == "exact"
    assert Statement("O = ((N+P)-F)/S+1 = 7", given=given).agrees(7, Reading()) is None
    assert Statement("(N - F + 2P)/S + 1", given=given).agrees(7, Reading()) == "exact"


def test_a_ratio_in_whole_numbers_is_held_to_that_digit() -> None:
    from fractions import Fraction

    assert Statement("2").agrees(Fraction(8, 5), Reading(), is_ratio=True) == "rounded"
    assert Statement("30x").agrees(Fraction(58631144, 3747200), Reading(), is_ratio=True) is None


# --- what fails -------------------------------------------------------------------------------------------------------

TABLE = """\
lecture: A lecture
title: A table
network: alexnet
cells: 4
label: layer
columns: [size, weights]
rows:
  - conv1: [CONV1, 55×55×96, '34,848']
  - conv2: [CONV2, 27×27×256, '614,400']
"""


def check_text(tmp_path: Path, text: str) -> CheckedTable:
    path = tmp_path / "table.yaml"
    path.write_text(text, encoding="utf-8")
    return lectures.check(path)


def test_a_sound_table(tmp_path: Path) -> None:
    table = check_text(tmp_path, TABLE)
    assert table.count("exact") == 4
    assert not table.failures


def test_a_wrong_cell_without_a_story_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "table.yaml"
    path.write_text(TABLE.replace("614,400", "614,401"), encoding="utf-8")
    assert main(["lecture", str(path), "--check"]) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"{path}:9:31: error: CONV2, weights: '614,401' is not reproduced")
    assert "614,400" in said
    assert main(["lecture", str(path)]) == 0, "shown without --check, it is only marked"


@pytest.mark.parametrize("kind", ["erratum", "near"])
def test_a_wrong_cell_with_a_story_passes(tmp_path: Path, kind: str) -> None:
    text = (
        TABLE.replace("614,400", "614,401")
        + f"why: [{{row: CONV2, column: weights, {kind}: a misprint}}]\n"
    )
    table = check_text(tmp_path, text)
    assert not table.failures
    assert cell(table, "CONV2", "weights").status == kind


def test_an_erratum_that_is_right_fails(tmp_path: Path) -> None:
    (failed,) = check_text(
        tmp_path, TABLE + "why: [{row: CONV2, column: weights, erratum: no}]\n"
    ).failures
    assert failed.failure == "is reproduced, but the file calls it erratum"


def test_a_number_of_another_network_must_be_its(tmp_path: Path) -> None:
    text = TABLE.replace("614,400", "614,401") + (
        "networks: {other: {input: 3x3x1, layers: [conv: {filters: 1, kernel: 1}]}}\n"
        "why: [{row: CONV2, column: weights, erratum: of another, instead: other}]\n"
    )
    (failed,) = check_text(tmp_path, text).failures
    assert "not that of 'other' either" in failed.failure


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("cells: 4", "cells: 5", "the lecture prints 5 cells, but the rows have 4"),
        ("cells: 4", "cels: 4", "'cels' is not a key of a table"),
        ("CONV1, 55", "55", "this row has 2 items; the table has 3 columns"),
        ("conv2:", "conv9:", "there is no layer 'conv9' in alexnet"),
        ("network: alexnet", "network: alexnett", "there is no network 'alexnett'"),
        (
            "weights]",
            "{name: weights, quantity: wieghts}]",
            "there is no quantity 'wieghts'; did you mean 'weights'?",
        ),
        (
            "weights]",
            "{name: weights, quantity: params + biasses}]",
            "there is no quantity 'biasses'",
        ),
        ("weights]", "{name: weights, quantity: 1 +}]", "the expression ends too early"),
        ("weights]", "{name: weights, quantity: 3 * 4}]", "there is no quantity '3 * 4'"),
        ("weights]", "{name: weights, quantity: params // 0}]", "params // 0: division by zero"),
        (
            "weights]",
            "{name: weights, quantity: output + 1}]",
            "output + 1: the list [55, 55, 96] is not a number",
        ),
        *(
            (
                "weights]",
                f"{{name: weights, quantity: text, notation: {{conv: '{{{word}}}'}}}}]",
                f"a layer here has no '{word}' that a notation could write",
            )
            for word in ("kernal", "", "0", "kernel.__class__", "kernel:>9999999999", "kernel!r")
        ),
        ("CONV2", "CONV1", None),
        ("title: A table\n", "", "the table has no 'title'"),
        ("rows:", "why: [{row: CONV7, erratum: no}]\nrows:", "there is no 'CONV7' here"),
        (
            "rows:",
            "why: [{row: CONV2, erratum: no, near: no}]\nrows:",
            "a story says one of erratum, extraction, near, not-computable and note",
        ),
        (
            "rows:",
            "rows: [1]\nold:",
            "a row is a layer and the list of what is printed, label first",
        ),
        ("rows:", "rows: [{numbers: a, row: [x, 1, 2]}]\nold:", "there is no 'a' here"),
        ("'34,848'", "[1]", "a text is expected here, not a list"),
    ],
)
def test_a_broken_file_says_what_is_wrong(
    tmp_path: Path, old: str, new: str, message: str | None
) -> None:
    text = TABLE.replace(old, new, 1)
    if message is None:  # two rows of one label are told apart by their layers
        assert {one.row.name for one in check_text(tmp_path, text).cells} == {
            "CONV1 (conv1)",
            "CONV1 (conv2)",
        }
        return
    with pytest.raises(SpecError) as caught:
        check_text(tmp_path, text)
    assert message in str(caught.value)
    assert "table.yaml:" in str(caught.value)


def test_a_broken_formula_of_the_engine_is_noticed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A conv that forgets its input's depth."""
    right = Conv.arrays

    def forgetful(self: Conv, *inputs: tuple[int, ...]) -> Any:
        return tuple(
            array._replace(shape=(array.shape[0], 1, *array.shape[2:]))
            if array.role == "weights"
            else array
            for array in right(self, *inputs)
        )

    monkeypatch.setattr(walk, "_made", {})  # ops remember what they know
    monkeypatch.setattr(Conv, "arrays", forgetful)
    assert main(["lecture", "lenet5-parameters", "--check"]) == 1
    assert "C5, parameters" in capsys.readouterr().err
    assert main(["lecture", "--check"]) == 1


# --- the command ------------------------------------------------------------------------------------------------------


def run(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    assert main(["lecture", *argv]) == 0
    return capsys.readouterr().out


def test_json_of_all_tables(capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads(run(capsys, "--check", "--format", "json"))
    jsonschema.validate(document, SCHEMA)
    assert [table["table"] for table in document["tables"]] == list(lectures.names())
    assert sum(len(table["cells"]) for table in document["tables"]) > 1000


def test_json_of_one_table(capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads(run(capsys, "alexnet-parameters", "--format", "json"))
    jsonschema.validate(document, SCHEMA)
    assert document["network"] == "alexnet"
    assert document["columns"][1] == {"name": "weights", "convention": "weights without biases"}
    assert document["cells"][0] == {
        "row": "입력 이미지",
        "column": "tensor size",
        "printed": "227×227×3",
        "computed": [227, 227, 3],
        "status": "exact",
        "note": "",
    }


def test_a_merged_cell_says_what_it_stands_for(capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads(run(capsys, "resnet-layers", "--format", "json"))
    (stem,) = (one for one in document["cells"] if one["printed"] == "7×7, 64, stride 2")
    assert (stem["column"], stem["note"]) == ("18-layer", "one cell for 18-layer to 152-layer")


def test_plain_text_in_both_languages(capsys: pytest.CaptureFixture[str]) -> None:
    english, korean = (
        run(capsys, "alexnet-parameters"),
        run(capsys, "alexnet-parameters", "--lang", "ko"),
    )
    assert re.search(r"^layer +tensor size +weights +biases +parameters$", english, re.MULTILINE)
    assert re.search(r"^계층 +텐서 크기 +가중치 +편향 +파라미터$", korean, re.MULTILINE)
    assert "input image  227×227×3 ✓" in english
    assert "입력 이미지  227×227×3 ✓" in korean
    assert "parameters = weights and biases" in english


def test_marks_are_explained_where_they_stand(capsys: pytest.CaptureFixture[str]) -> None:
    shown = run(capsys, "googlenet-layers")
    assert "380k ~ 379.00k (+0.26 %)" in shown  # 388,096 / 1024 = 379.0
    assert "73M ↓ 73.61M" in shown
    legend = next(line for line in shown.split("\n") if line.startswith("each cell as printed"))
    assert all(mark in legend for status, mark in MARKS.items() if status != "not-computable")
    assert "?" not in legend


def test_the_layout_is_the_lectures(checked: dict[str, CheckedTable]) -> None:
    table = lecture_table(checked["resnet-layers-ko"], "ko")
    assert table.headers() == [
        "계층 이름",
        "출력 크기",
        "18계층",
        "34계층",
        "50계층",
        "101계층",
        "152계층",
    ]
    assert len(table.rows) == 8
    assert table.rows[0][2:] == (
        "7×7, 64, stride 2 ✓",
        "",
        "",
        "",
        "",
    )  # a merged cell stands in its first column


def test_list_and_csv(capsys: pytest.CaptureFixture[str]) -> None:
    listed = run(capsys)
    assert all(name in listed for name in lectures.names())
    lines = run(capsys, "alexnet-parameters", "--format", "csv").split("\n")
    assert lines[0] == "table,row,column,printed,computed,status,note"
    assert lines[1] == "alexnet-parameters,입력 이미지,tensor size,227×227×3,227x227x3,exact,"


def test_an_unknown_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lecture", "alexnet-parms"]) == 2
    assert "alexnet-parameters" in capsys.readouterr().err
    assert main(["lecture", "vgg"]) == 2
    assert "vgg16-memory" in capsys.readouterr().err
    assert main(["lecture", "--search", "vgg16", "--format", "csv"]) == 0
    listed = capsys.readouterr().out
    assert "vgg16-parameters" in listed
    assert "alexnet-parameters" not in listed
    assert main(["lecture", "--search", "no such table"]) == 1
    assert "no table has 'no such table'" in capsys.readouterr().err


def test_completion() -> None:
    assert complete_table("vgg16-p") == ["vgg16-parameters"]


# --- pages ------------------------------------------------------------------------------------------------------------


def load_generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_errata", ROOT / "tools" / "make_errata.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_of_errata_is_current(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, checked: dict[str, CheckedTable]
) -> None:
    monkeypatch.setattr(lectures, "check_all", checked.values)
    generator = load_generator()
    assert generator.run(["--check"]) == 0
    assert generator.run(["--chek"]) == 2
    monkeypatch.setattr(generator, "PAGE", tmp_path / "errata.md")
    assert generator.run(["--check"]) == 1
    assert generator.run([]) == 0
    assert generator.run(["--check"]) == 0


def test_the_page_has_every_erratum_once(checked: dict[str, CheckedTable]) -> None:
    page = load_generator().errata_page(checked.values())
    for table in checked.values():
        assert page.count(f"(`{table.printed.name}`") >= bool(table.count("erratum"))
        for story in table.printed.stories:
            assert story.kind == "note" or story.text[1:] in page
        assert all(remark[1:].removesuffix(".") in page for remark in table.printed.remarks)
    assert "14·14·512 = **100,352**" in page
    assert "58,631,144 / 2,334,080 = **25.12**" in page
    lectures_in_page = re.findall("^## (.*)$", page, re.MULTILINE)
    assert lectures_in_page == sorted(lectures_in_page)


def test_the_page_about_tables_has_every_key_and_a_sound_example(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "lectures.md").read_text(encoding="utf-8")
    for key in (*DECLARED.keys, *COLUMN.keys, *ROW.keys, *STORY.keys):
        assert re.search(rf"`{key}`|^{key}:|\b{key}:", page, re.MULTILINE), key
    (example,) = re.findall(r"```yaml\n(lecture:.*?)```", page, re.DOTALL)
    table = check_text(tmp_path, example)
    assert not table.failures
    assert [table.count(status) for status in ("exact", "erratum")] == [8, 1]


@pytest.mark.parametrize(
    "more", ["quantity: text, notation: {conv: '{kernel}'}", "quantity: output", "quantity: size"]
)
def test_another_network_for_what_is_no_number(tmp_path: Path, more: str) -> None:
    text = TABLE.replace("columns: [size, weights]", f"columns: [size, {{name: weights, {more}}}]")
    text += (
        "networks: {other: {input: 3x3x1, layers: [conv: {filters: 1, kernel: 1}]}}\n"
        "why: [{row: CONV2, column: weights, erratum: of another, instead: other}]\n"
    )
    with pytest.raises(SpecError, match="'other' has no number that this cell could be of"):
        check_text(tmp_path, text)


def test_a_size_divided_by_a_size_is_no_number(tmp_path: Path) -> None:
    row = "{row: [CONV1, 55×55×96, '34,848'], layer: conv1, quantity: output, per: conv2}"
    text = TABLE.replace("conv1: [CONV1, 55×55×96, '34,848']", row)
    assert {one.row.name for one in check_text(tmp_path, text).failures} == {"CONV1"}


NUMBERS = """\
lecture: A lecture
title: A table
numbers: {a: {input: "1 2; 3 4", kernel: 2, pool: max, MORE}}
cells: 1
label: layer
columns: [value]
rows: [{row: [largest, 4], numbers: a, of: output, line: 1}]
"""


def test_a_table_of_numbers_that_are_pooled(tmp_path: Path) -> None:
    assert not check_text(tmp_path, NUMBERS.replace(", MORE", "")).failures


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("MORE", "foo: 1", "'foo' is not a key of a layer with numbers"),
        (", MORE", "", "a is a pool, which has no numbers in its kernel"),
        (
            "kernel: 2, pool: max, MORE",
            "kernel: 1, pad: 100000, stride: 1000000",
            "the padded input has 40,000,800,004 numbers; the limit is 300,000",
        ),
        ("rows: [", f"rows: [{'{row: [x, 4]}, ' * 2000}", "this table has 2,001 cells; the limit is 2,000"),
        ("cells: 1", f"cells: 1\nwhy: [{'{row: x, note: y}, ' * 501}]", "this table has 501 stories; the limit is 500"),
    ],
)  # fmt: skip
def test_numbers_and_tables_past_their_limits(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    text = NUMBERS.replace(old, new).replace(
        "of: output", "of: kernel" if not new else "of: padded"
    )
    with pytest.raises(SpecError, match=re.escape(message)):
        check_text(tmp_path, text)


def test_the_layers_of_all_networks_of_a_table_are_bounded(tmp_path: Path) -> None:
    networks = ", ".join(
        f"n{at}: {{input: 8x8x3, layers: [repeat: {{times: 19000, layers: [relu]}}]}}"
        for at in range(3)
    )
    rows = ", ".join(f"{{row: [x{at}, 4], network: n{at}}}" for at in range(3))
    text = f"lecture: A\ntitle: A\nlabel: l\ncolumns: [value]\ncells: 3\nnetworks: {{{networks}}}\nrows: [{rows}]\n"
    with pytest.raises(
        SpecError, match="the networks of this table have more than the limit of 50,000 layers"
    ):
        check_text(tmp_path, text)


def test_a_brace_that_closes_nothing_is_itself(tmp_path: Path) -> None:
    column = "{name: weights, quantity: text, notation: {conv: 'a } {kernel} }{'}}"
    text = TABLE.replace("weights]", f"{column}]", 1).replace("34,848", "a } 11 }{", 1)
    assert [one.row.name for one in check_text(tmp_path, text).failures] == ["CONV2"]


def test_notation_names_ops(checked: dict[str, CheckedTable]) -> None:
    for table in checked.values():
        parts = [
            table.printed.notation,
            *(column.notation for column in table.printed.columns),
            *(row.notation for row in table.printed.rows),
        ]
        assert {op for notation in parts for op in notation} <= {*OPS, "block", "input"}
