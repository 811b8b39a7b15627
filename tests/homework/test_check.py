"""The command `cnncalc check`: its forms, exit codes, documents, a messy folder, and what must never be told."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import resource
import subprocess
import sys
import zipfile
from itertools import product
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from extent import sample

import cnncalc
from cnncalc.classroom.gradebook import Gradebook
from cnncalc.cli import main
from cnncalc.tables import FORMATS
from cnncalc.tables.formats.csv import FORMULA_SIGNS

from .questions import answer_key

SCHEMA = json.loads((Path(__file__).parent.parent / "contract" / "check.schema.json").read_text())
SHEET = 'layer,output,params,macs\nconv1,54x54x96,34848,"105,415,200"\npool1,26x26x96,0,\nfc1,4096,abc,\n'
ROWS = ("--rows", "conv1,pool1,fc1")
ANSWERS = "conv1-size: 54x54x96\nconv1-params: 34848\npool1-size: 26x26x96\npool1-params: x\nconv2-size: 26x26x256\n"


class Ran:
    """A command's exit code, output and errors."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def json(self) -> Any:
        document = json.loads(self.out)
        jsonschema.validate(document, SCHEMA)
        return document


@pytest.fixture
def check(capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*words: object) -> Ran:
        code = main(["check", *map(str, words)])
        out, err = capsys.readouterr()
        return Ran(code, out, err)

    return run


def write(folder: Path, text: str | bytes, name: str = "kim.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


# --- one answer -------------------------------------------------------------------------------------------------------


def test_one_answer(check: Any) -> None:
    ran = check("alexnet", "conv1", "params", "34848", "--format", "json")
    assert ran.code == 1
    assert ran.json == {
        "score": 0,
        "max": 1,
        "cells": [
            {
                "layer": "conv1",
                "quantity": "params",
                "given": "34848",
                "expected": None,
                "status": "wrong",
                "slips": ["no-bias"],
                "convention": None,
                "where": None,
                "hint": "",
            }
        ],
    }
    assert check("alexnet", "conv1", "params", "34,944").code == 0


def test_one_answer_in_other_words(check: Any) -> None:
    assert check("alexnet", "CONV1", "파라미터", "34944").code == 0
    assert check("alexnet", "total", "params", "62.4M").code == 0
    assert check("alexnet", "conv1", "output", "[96, 55, 55]").code == 0
    assert check("alexnet", "conv1", "flops", "105415200", "--accept", "macs").code == 0
    assert check("alexnet", "conv1", "flops", "105415200", "--convention", "macs").code == 0
    assert check("alexnet", "conv1", "output", "54x54x96", "--input", "224").code == 0
    assert check("alexnet", "fc3", "output", "10", "--set", "classes=10").code == 0
    assert (
        check(
            "alexnet", "conv1", "memory", str(290400 * 2 * 8), "--batch", 8, "--dtype", "float16"
        ).code
        == 0
    )


USAGE = [
    ((), "name a network and a sheet"),
    (("alexnet",), "name a sheet with answers for alexnet"),
    (("alexnet", "conv1", "params"), "one answer is a layer, a quantity and a value"),
    (("alexnet", "conv1", "prams", "3"), "did you mean 'params'?"),
    (("alexnet", "conv11", "params", "3"), "alexnet has no layer 'conv11'"),
    (("alexnet", "pool", "params", "3"), "'pool' may be any of pool1, pool2, pool3"),
    (("alexnet", "fc1", "receptive_field", "3"), "fc1 has no receptive field"),
    (("alexnt", "conv1", "params", "3"), "there is no network 'alexnt'"),
    (("alexnet", "no.csv"), "no.csv:1:1: error: cannot read this file"),
    (("alexnet", "conv1", "params", "3", "--accept", "maccs"), "there is no convention 'maccs'"),
    (("alexnet", "conv1", "params", "3", "--format", "gradescop"), "did you mean 'gradescope'?"),
    (("alexnet", "conv1", "params", "3", "--lang", "kr"), "--lang cannot be 'kr'"),
    (("--homework", "alexnet"), "name the sheets to grade"),
    (("--homework", "no.yaml", "a.csv"), "cannot read this file"),
    (
        ("--homework", "alexnet", "a.csv", "--input", "224"),
        "--input cannot be combined with --homework",
    ),
]


@pytest.mark.parametrize(("words", "message"), USAGE, ids=[message for _, message in USAGE])
def test_bad_usage(check: Any, words: tuple[str, ...], message: str) -> None:
    ran = check(*words)
    assert ran.code == 2
    assert message in ran.err
    assert ran.out == ""


# --- one sheet --------------------------------------------------------------------------------------------------------


def test_one_sheet(check: Any, tmp_path: Path) -> None:
    path = write(tmp_path, SHEET)
    ran = check("alexnet", path, *ROWS, "--format", "json")
    assert ran.code == 1
    assert [cell["status"] for cell in ran.json["cells"]] == [
        "wrong",
        "wrong",
        "right",
        "carried",
        "right",
        "blank",
        "right",
        "unreadable",
        "blank",
    ]
    assert f"{path}:4:10: unreadable: fc1 params: 'abc' is not a number" in ran.err
    assert (ran.json["score"], ran.json["max"]) == (4, 9)


def test_a_sheet_from_standard_input(check: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    class Standard:
        buffer = io.BytesIO(SHEET.encode())

    monkeypatch.setattr("sys.stdin", Standard())
    assert len(check("alexnet", "-", *ROWS, "--format", "json").json["cells"]) == 9


def test_a_sheet_does_not_choose_out_of_how_many_it_is_graded(check: Any, tmp_path: Path) -> None:
    """AlexNet has five convs, three pools, three fcs and the total; an input and a ReLU of 0 add nothing."""
    lazy = check("alexnet", write(tmp_path, "layer,params\nconv1,34944\n"), "--format", "json")
    assert (lazy.json["score"], lazy.json["max"]) == (1, 5 + 3 + 3 + 1)
    padded = "layer,params\nconv1,34944\ninput,0\nrelu1,0\n"
    ran = check("alexnet", write(tmp_path, padded), "--format", "json")
    assert (ran.json["score"], ran.json["max"]) == (1, 12)
    assert "not asked, and left out: input, relu1" in ran.err
    two = check("alexnet", write(tmp_path, padded), "--rows", "conv1,conv2", "--format", "json")
    assert (two.json["score"], two.json["max"]) == (1, 2)


@pytest.mark.parametrize("name", ["results", "results/", "new/results"])
def test_results_of_several_go_into_a_folder_that_is_made(
    check: Any, tmp_path: Path, name: str
) -> None:
    sheets = [write(tmp_path, ANSWERS, f"{student}.yaml") for student in ("kim", "lee")]
    style = ("--format", "gradescope", "-o", f"{tmp_path}/{name}")
    assert check("--homework", "alexnet", *sheets, *style).out == ""
    assert {path.name for path in (tmp_path / name).iterdir()} == {"kim.json", "lee.json"}


def test_a_file_that_is_no_sheet_is_refused_in_korean(check: Any, tmp_path: Path) -> None:
    ran = check("alexnet", write(tmp_path, "a,b\n1,2\n"), "--lang", "ko")
    assert "알 수 있는 열이 없습니다" in ran.err


def test_a_quantity_and_a_value_alone_are_of_the_total(check: Any) -> None:
    ran = check("vgg16", "params", "138M", "--format", "json")
    assert (ran.code, ran.json["cells"][0]["layer"]) == (0, "total")


@pytest.mark.parametrize("style", ["plain", "table", "csv", "markdown", "latex", "html"])
def test_every_format_shows_every_cell(check: Any, tmp_path: Path, style: str) -> None:
    ran = check("alexnet", write(tmp_path, SHEET), "--format", style)
    for text in ("54x54x96", "34848", "no-bias", "carried", "blank"):
        assert text in ran.out.replace("\\", "")


def test_korean(check: Any, tmp_path: Path) -> None:
    ran = check("alexnet", write(tmp_path, SHEET), *ROWS, "--lang", "ko", "--hints")
    for text in (
        "오답",
        "이월 정답",
        "빈칸",
        "읽을 수 없음",
        "9점 만점에 4점",
        "여기서 학습되는 것은 가중치만이 아닙니다.",
    ):
        assert text in ran.out


def test_hints_and_ties(check: Any) -> None:
    ran = check("alexnet", "conv1", "output", "54x54x96", "--hints", "--format", "json")
    (cell,) = ran.json["cells"]
    assert cell["slips"] == ["no-plus-one", "other-input-size"]
    assert cell["hint"].startswith("These cannot be told apart by this number: (1)")
    pair = check("alexnet", "conv1", "params", "11616", "--hints", "--format", "json").json[
        "cells"
    ][0]
    assert pair["slips"] == ["no-bias+no-input-depth"]
    assert "Also:" in pair["hint"]


def test_reveal_gives_the_derivation(check: Any) -> None:
    cell = check("alexnet", "conv1", "params", "34848", "--reveal", "--format", "json").json[
        "cells"
    ][0]
    assert cell["expected"] == 34944
    assert "34,848 + 96 = 34,944" in cell["hint"]
    cell = check("alexnet", "conv1", "output", "54x54x96", "--reveal", "--format", "json").json[
        "cells"
    ][0]
    assert cell["expected"] == [55, 55, 96]


# --- a homework -------------------------------------------------------------------------------------------------------


def test_a_homework(check: Any, tmp_path: Path) -> None:
    first, second = (
        write(tmp_path, ANSWERS, "kim.yaml"),
        write(tmp_path, "conv1-params: 34848\n", "이.yaml"),
    )
    ran = check("--homework", "alexnet", first, second, "--format", "json")
    assert ran.code == 1
    assert [(one["student"], one["score"], one["max"]) for one in ran.json["submissions"]] == [
        ("kim", 2, 13),
        ("이", 0, 13),
    ]
    assert ran.json["slips"] == {"no-bias": 2, "no-plus-one": 1, "other-input-size": 1}
    assert [cell["status"] for cell in ran.json["submissions"][0]["cells"]][:5] == [
        "wrong",
        "wrong",
        "carried",
        "unreadable",
        "carried",
    ]
    assert ran.json["submissions"][0]["cells"][0]["id"] == "conv1-size"


def test_one_sheet_of_a_homework_is_a_class_of_one(check: Any, tmp_path: Path) -> None:
    ran = check("--homework", "alexnet", write(tmp_path, ANSWERS, "kim.yaml"), "--format", "json")
    assert [one["student"] for one in ran.json["submissions"]] == ["kim"]


def test_several_sheets_of_one_network(check: Any, tmp_path: Path) -> None:
    ran = check(
        "alexnet",
        write(tmp_path, SHEET, "a.csv"),
        write(tmp_path, SHEET, "b.csv"),
        "--format",
        "json",
    )
    assert [one["student"] for one in ran.json["submissions"]] == ["a", "b"]
    assert "id" not in ran.json["submissions"][0]["cells"][0]


def test_the_class_summary(check: Any, tmp_path: Path) -> None:
    paths = [write(tmp_path, ANSWERS, f"{name}.yaml") for name in ("a", "b", "c")]
    ran = check("--homework", "alexnet", *paths)
    assert re.search(r"no-bias +3 +conv1-params \(3\)", ran.out)
    assert re.search(r"^a +2 +13 ", ran.out, re.MULTILINE)


def test_gradescope(check: Any, tmp_path: Path) -> None:
    ran = check(
        "--homework", "alexnet", write(tmp_path, ANSWERS, "kim.yaml"), "--format", "gradescope"
    )
    results = json.loads(ran.out)
    assert results["score"] == sum(test["score"] for test in results["tests"]) == 2
    assert len(results["tests"]) == 10
    for test in results["tests"]:
        assert set(test) == {"name", "score", "max_score", "output", "visibility"}
        assert 0 <= test["score"] <= test["max_score"]
        assert test["visibility"] == "visible"
    assert results["tests"][1] == {
        "name": "conv1-params: CONV1의 파라미터 수는?",
        "score": 0,
        "max_score": 1,
        "output": "wrong",
        "visibility": "visible",
    }


def test_gradescope_for_a_class(check: Any, tmp_path: Path) -> None:
    paths = [write(tmp_path, ANSWERS, f"{name}.yaml") for name in ("a", "b")]
    ran = check("--homework", "alexnet", *paths, "--format", "gradescope")
    assert [one["student"] for one in json.loads(ran.out)["submissions"]] == ["a", "b"]
    folder = tmp_path / "results"
    folder.mkdir()
    check("--homework", "alexnet", *paths, "--format", "gradescope", "-o", folder)
    assert [
        len(json.loads((folder / f"{name}.json").read_text())["tests"]) for name in ("a", "b")
    ] == [10, 10]


def test_gradescope_has_a_result_whatever_is_handed_in(check: Any, tmp_path: Path) -> None:
    ran = check(
        "--homework", "alexnet", write(tmp_path, b"%PDF-1.7", "kim.pdf"), "--format", "gradescope"
    )
    assert ran.code == 2
    assert json.loads(ran.out) == {
        "score": 0,
        "output": "cannot be read: this is a PDF; a sheet is CSV, Markdown, YAML or XLSX",
        "tests": [],
    }


# --- what must never be told ------------------------------------------------------------------------------------------

LEAKS = [
    ("alexnet", ("conv1", "pool1", "conv2", "fc1", "total")),
    ("googlenet", ("conv1", "inception_3a", "fc")),
    ("resnet18", ("bn1", "conv3_x", "total")),
]


@pytest.mark.parametrize(
    ("lang", "style"),
    sample(product(("en", "ko"), (*FORMATS, "gradescope")), 4, always=[("ko", "json")]),
)
def test_the_key_is_never_told(check: Any, tmp_path: Path, style: str, lang: str) -> None:
    """Wrong answers of every kind, with hints: no right number is in the output, in whatever form it is written."""
    for net, layers in LEAKS:
        about = answer_key(net)
        lines, secrets = ["layer,output,params,macs,flops,memory"], set()
        for layer in layers:
            cells = []
            for at, quantity in enumerate(("output", "params", "macs", "flops", "memory")):
                keyed = about.question(layer, quantity)
                if isinstance(keyed.right, int) and keyed.right > 1000:
                    secrets |= {str(keyed.right), f"{keyed.right:,}"}
                if isinstance(keyed.right, tuple) and len(keyed.right) > 1:
                    secrets |= {
                        "x".join(map(str, keyed.right)),
                        "×".join(map(str, keyed.right)),
                        ", ".join(map(str, keyed.right)),
                    }
                wrong = [one.value for one in (*keyed.own.combos, *keyed.pairs.combos)]
                value = wrong[(len(lines) * 7 + at) % len(wrong)] if wrong else 7
                cells.append("x".join(map(str, value)) if isinstance(value, tuple) else str(value))
            lines.append(",".join([layer, *cells]))
        text = "\n".join([*lines, "conv2,abc,-5,x,1e99,", ""])
        secrets = {secret for secret in secrets if secret not in text}
        ran = check(net, write(tmp_path, text), "--hints", "--format", style, "--lang", lang)
        assert ran.code == 1
        assert not [secret for secret in secrets if secret in ran.out + ran.err]
        assert len(secrets) > 5


def test_expected_and_hint_are_empty_unless_asked_for(check: Any, tmp_path: Path) -> None:
    path = write(tmp_path, SHEET)
    for cell in check("alexnet", path, "--format", "json").json["cells"]:
        assert cell["expected"] is None
        assert cell["hint"] == ""
    for cell in check("alexnet", path, "--format", "json", "--hints").json["cells"]:
        assert cell["expected"] is None
        assert bool(cell["hint"]) == (cell["status"] != "right")
    for cell in check("alexnet", path, "--format", "json", "--reveal").json["cells"]:
        assert cell["expected"] is not None


# --- a messy folder ---------------------------------------------------------------------------------------------------

IDS = (
    "conv1-size",
    "conv1-params",
    "pool1-size",
    "pool1-params",
    "conv2-size",
    "conv2-weights",
    "fc1-params",
    "conv1-operations",
    "conv2-field",
    "total-params",
)
GOOD = (
    "55x55x96",
    "34,944",
    "27x27x96",
    "0",
    "27x27x256",
    "614,400",
    "37,752,832",
    "210,830,400",
    "51",
    "62,378,344",
)


def rows(answers: tuple[str, ...] = GOOD, ids: tuple[str, ...] = IDS) -> list[tuple[str, str]]:
    return list(zip(ids, answers, strict=True))


def table(
    separator: str = ",", header: str = "id,answer", answers: tuple[str, ...] = GOOD, more: str = ""
) -> str:
    quoted = [f'"{text}"' if separator in text else text for text in answers]
    lines = [
        header.replace(",", separator),
        *(separator.join([one, text]) + more for one, text in zip(IDS, quoted, strict=True)),
    ]
    return "\n".join(lines) + "\n"


def yaml(answers: tuple[str, ...] = GOOD) -> str:
    return "".join(f"{one}: {text}\n" for one, text in rows(answers))


def markdown() -> str:
    return (
        "# HW\n\n| 문항 | 답 |\n|---|---|\n"
        + "".join(f"| {one} | {text} |\n" for one, text in rows())
        + "\n끝\n"
    )


def workbook(path: Path, listed: list[tuple[str, object]], merged: str = "") -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["id", "answer"])
    for row in listed:
        book.active.append(list(row))
    if merged:
        book.active.merge_cells(merged)
    book.save(path)


def messy(folder: Path) -> dict[str, int | None]:
    """30 submissions with every kind of mess; the score of each, None for one that is no sheet."""
    texts: dict[str, tuple[str | bytes, int | None]] = {
        "01_utf8.csv": (table(), 13),
        "02_bom.csv": (table().encode("utf-8-sig"), 13),
        "03_cp949.csv": (table(header="문항,답").encode("cp949"), 13),
        "04_utf16.csv": (table(header="문항,답").encode("utf-16"), 13),
        "05_semicolon.csv": (table(";"), 13),
        "06_tabs.tsv": (table("\t"), 13),
        "07_windows.csv": (table().replace("\n", "\r\n"), 13),
        "08_markdown.md": (markdown(), 13),
        "09_yaml.yaml": (yaml(), 13),
        "10_json.json": (json.dumps(dict(rows())), 13),
        "11_missing_rows.csv": ("\n".join(table().split("\n")[:4]) + "\n", 3),
        "12_extra_columns.csv": (table(header="id,answer,note,time", more=",see page 3,12:00"), 13),
        "13_extra_rows.csv": (table() + "bonus,42\nname,Kim\n", 13),
        "14_blank_cells.csv": (table(answers=("", "34,944", *[""] * 8)), 1),
        "15_unquoted_commas.csv": (
            table().replace('"', ""),
            6,
        ),  # 1 + 1 + 2 + 1 + 2 points have commas in their cells
        "16_nonsense.csv": (table(answers=("xx", "34,944", "?", "zero", *GOOD[4:])), 10),
        "17_upper_case.csv": (table().upper().replace("X", "x"), 13),
        "18_spaces.csv": (
            table().replace("-", " - ").replace(",", " , ").replace(" , 944", ",944"),
            None,
        ),
        "19_twice.csv": (table() + "conv1-size,1x1x1\n", 13),
        "20_no_header.csv": ("\n".join(table().split("\n")[1:]), 13),
        "21_channels_first.yaml": (yaml(("[96, 55, 55]", *GOOD[1:])), 13),
        "22_rounded.yaml": (
            yaml(
                (
                    "55×55×96",
                    "34.9K",
                    "27*27*96",
                    "0",
                    "(27, 27, 256)",
                    "614.4K",
                    "37.8M",
                    "211M",
                    "51x51",
                    "62.4M",
                )
            ),
            13,
        ),
        "23_=HYPERLINK(evil).csv": (table(), 13),
        "24_empty.csv": ("", None),
        "25_zip.csv": (archive(), None),
        "26_binary.csv": (bytes(range(256)), None),
        "27_pdf.csv": (b"%PDF-1.4\n", None),
    }
    texts.pop("18_spaces.csv")
    texts["18_quotes.csv"] = (table().replace("conv1-size", '"conv1-size"'), 13)
    for name, (text, _) in texts.items():
        write(folder, text, name)
    scores = {name: score for name, (_, score) in texts.items()}
    workbook(
        folder / "28_book.xlsx",
        [(one, int(text.replace(",", "")) if "x" not in text else text) for one, text in rows()],
    )
    workbook(
        folder / "29_formula.xlsx",
        [(one, "=1+1" if one == "conv2-field" else text) for one, text in rows()],
    )
    workbook(folder / "30_merged.xlsx", [(one, text) for one, text in rows()], merged="B2:B3")
    return scores | {"28_book.xlsx": 13, "29_formula.xlsx": 11, "30_merged.xlsx": 12}


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("answers.csv", table())
    return out.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> tuple[Path, dict[str, int | None]]:
    pytest.importorskip("openpyxl")
    found = tmp_path / "submissions"
    found.mkdir()
    scores = messy(found)
    assert len(scores) == len(list(found.iterdir())) == 30
    return found, scores


def test_a_messy_folder(
    check: Any, folder: tuple[Path, dict[str, int | None]], tmp_path: Path
) -> None:
    submissions, scores = folder
    paths = sorted(submissions.iterdir())
    grades = tmp_path / "grades.csv"
    ran = check("--homework", "alexnet", *paths, "--grades", grades, "--format", "json")
    assert ran.code == 2  # some are no sheets
    found = {Path(one["file"]).name: one["score"] for one in ran.json["submissions"]}
    assert found == {name: score or 0 for name, score in scores.items()}
    assert {Path(one["file"]).name for one in ran.json["submissions"] if "problem" in one} == {
        name for name, score in scores.items() if score is None
    }
    for name, score in scores.items():
        if score is None:
            assert f"{submissions / name}:1:1: error: " in ran.err
    for place in (
        "29_formula.xlsx:Sheet!B10: unreadable: conv2 receptive_field: a formula with no saved value",
        "30_merged.xlsx:Sheet!B3: unreadable: conv1 params: covered by a merged cell (B2:B3)",
        "15_unquoted_commas.csv:3:14: unreadable: conv1 params: this row has more cells",
        "16_nonsense.csv:2:12: unreadable: conv1 output: 'xx' is not a shape",
        "13_extra_rows.csv:12:1: note: there is no question 'bonus'",
    ):
        assert place in ran.err
    with grades.open(encoding="utf-8", newline="") as file:
        listed = list(csv.DictReader(file))
    assert len(listed) == 30
    assert {Path(row["file"]).name: row["score"] for row in listed} == {
        name: "" if score is None else str(score) for name, score in scores.items()
    }
    assert {row["notes"].split(":")[0] for row in listed if not row["score"]} == {"cannot be read"}


def test_no_cell_of_the_grades_is_a_formula(
    check: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["=1+1.yaml", "+x.yaml", "-x.yaml", "@x.yaml", "\tx.yaml", " =x.yaml"]
    paths = [write(tmp_path, "conv1-params: 34944\n", name) for name in names]
    odd = write(
        tmp_path,
        "title: x\nquestions: [{id: '=cmd', network: alexnet, quantity: params}]\n",
        "hw.yaml",
    )
    answers = [write(tmp_path, "=cmd: 5\n", name) for name in names]
    assert answers == paths
    monkeypatch.chdir(tmp_path)
    check("--homework", odd, "--grades", "grades.csv", "--", *names)
    with open("grades.csv", encoding="utf-8", newline="") as file:
        listed = list(csv.reader(file))
    assert len(listed) == 7
    assert listed[0] == ["student", "file", "score", "max", "'=cmd", "notes"]
    for cell in (cell for row in listed for cell in row):
        assert not cell.lstrip(" ").startswith(tuple(FORMULA_SIGNS))


# --- nothing half-written ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "code"),
    [(KeyboardInterrupt(), 130), (OSError(28, "No space left on device"), 2)],
    ids=["ctrl-c", "disk full"],
)
def test_what_stops_in_the_middle_leaves_the_old_grades(
    check: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int
) -> None:
    paths = [write(tmp_path, ANSWERS, f"{number}.yaml") for number in range(5)]
    grades = write(tmp_path, "old\n", "grades.csv")
    results = write(tmp_path, "old\n", "results.json")
    before = sorted(tmp_path.iterdir())

    def fail(self: Gradebook) -> str:
        raise error

    monkeypatch.setattr(Gradebook, "grades", fail)
    words = ("--homework", "alexnet", *paths, "--grades", grades, "--format", "json", "-o", results)
    assert check(*words).code == code
    assert grades.read_text() == results.read_text() == "old\n"
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.skipif(sys.platform == "win32", reason="needs RLIMIT_FSIZE")
def test_a_full_disk(tmp_path: Path) -> None:
    """A real write that fails: no file of this process may be larger than a few hundred bytes."""
    homework = write(
        tmp_path, "questions: [{id: a, network: alexnet, quantity: params}]\n", "hw.yaml"
    )
    paths = [write(tmp_path, "a: 62378344\n", f"student{number}.yaml") for number in range(40)]
    grades = write(tmp_path, "old\n", "grades.csv")
    before = sorted(tmp_path.iterdir())

    def small_files() -> None:
        import signal

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (300, 300))

    ran = subprocess.run(
        [
            sys.executable,
            "-m",
            "cnncalc",
            "check",
            "--homework",
            str(homework),
            *map(str, paths),
            "--grades",
            str(grades),
        ],
        preexec_fn=small_files,
        capture_output=True,
        text=True,
        check=False,
        env={
            **os.environ,
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": str(Path(cnncalc.__file__).parent.parent),
        },
    )
    assert ran.returncode == 2
    assert "cannot write" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert grades.read_text() == "old\n"
    assert sorted(tmp_path.iterdir()) == before


def test_grades_that_cannot_be_written(check: Any, tmp_path: Path) -> None:
    path = write(tmp_path, ANSWERS, "kim.yaml")
    ran = check("--homework", "alexnet", path, "--grades", tmp_path / "no" / "grades.csv")
    assert ran.code == 2
    assert "cannot write" in ran.err


def test_grades_of_one_sheet_that_cannot_be_read(check: Any, tmp_path: Path) -> None:
    path, grades = write(tmp_path, b"%PDF", "kim.csv"), tmp_path / "grades.csv"
    assert check("--homework", "alexnet", path, "--grades", grades).code == 2
    assert "cannot be read: this is a PDF" in grades.read_text()


def test_a_progress_bar_on_a_terminal(
    check: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    paths = [write(tmp_path, ANSWERS, f"{number}.yaml") for number in range(4)]
    screen = Terminal()
    monkeypatch.setattr("sys.stderr", screen)
    ran = check("--homework", "alexnet", *paths, "--format", "json")
    assert "grading" in screen.getvalue()
    assert len(ran.json["submissions"]) == 4


def test_imports_are_late() -> None:
    """A sheet of text needs neither openpyxl nor, in a pipe, rich."""
    ran = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from cnncalc.cli import main; main(['check', 'alexnet', 'conv1', 'params', "
            "'34944']); print([name for name in ('openpyxl', 'rich', 'zipfile') if name in sys.modules])",
        ],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(Path(cnncalc.__file__).parent.parent)},
    )
    assert ran.stdout.splitlines()[-1] == "[]"


def test_a_reader_that_has_seen_enough_does_not_cost_the_grades(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Closed(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    sheets = []
    for student in ("kim", "lee"):
        sheets.append(tmp_path / f"{student}.csv")
        sheets[-1].write_text("layer,params\nconv1,34944\n", encoding="utf-8")
    monkeypatch.setattr("sys.stdout", Closed())
    grades = tmp_path / "grades.csv"
    main(["check", "alexnet", *map(str, sheets), "--format", "json", "--grades", str(grades)])
    assert [line.split(",")[0] for line in grades.read_text(encoding="utf-8").splitlines()] == [
        "student",
        "kim",
        "lee",
    ]
