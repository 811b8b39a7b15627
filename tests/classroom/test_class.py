"""A class: whose a file is, one bad file among good ones, nothing lost or replaced."""

from __future__ import annotations

import csv
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from cnncalc.cli import main
from cnncalc.homework.students import file_stem, readable, student_names

RIGHT = "layer,params\nconv1,34944\n"
WRONG = "layer,params\nconv1,34848\n"


@pytest.fixture
def check(capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*words: object) -> tuple[int, str, str]:
        code = main(["check", *map(str, words)])
        return (code, *capsys.readouterr())

    return run


def hand_in(folder: Path, files: dict[str, str]) -> list[Path]:
    """Write files, each in its folder."""
    paths = []
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        paths.append(path)
    return paths


# --- whose a file is ------------------------------------------------------------------------------------------------

NAMES = [
    (["kim.csv", "lee.yaml"], ["kim", "lee"]),
    (["-"], [None]),
    (["a/answers.yaml", "b/answers.yaml"], ["a", "b"]),
    (["a/1/hw.csv", "b/1/hw.csv"], ["a", "b"]),
    (["kim.csv", "kim.yaml"], ["kim.csv", "kim.yaml"]),
    (["a/kim.csv", "a/kim.yaml", "b/kim.csv"], ["a/kim.csv", "a/kim.yaml", "b/kim.csv"]),
    (
        ["Kim Jun_1001_assignsubmission_file_/hw.csv", "Lee_1002_assignsubmission_file_/hw.csv"],
        ["Kim Jun", "Lee"],
    ),
    (["Kim.csv", "kim.yaml"], ["Kim.csv", "kim.yaml"]),
    (["a/hw.csv", "b/hw.csv", "c/a.csv"], ["a/hw.csv", "b", "c/a.csv"]),
    (["1/a/hw.csv", "2/b/hw.csv"], ["a", "b"]),  # the nearest folder that differs
    (
        ["a/kim.csv", "b/a/kim.csv"],
        ["a/kim.csv", "b/a/kim.csv"],
    ),  # the first has no folder further up
    (["x/1/hw.csv", "x/2/hw.csv", "y/1/hw.csv"], ["x/1/hw.csv", "x/2/hw.csv", "y/1/hw.csv"]),
]


@pytest.mark.parametrize(("paths", "students"), NAMES)
def test_student_names(paths: list[str], students: list[str | None]) -> None:
    assert list(student_names(paths).values()) == students


def test_a_name_that_is_no_utf8_is_a_name_like_others() -> None:
    assert readable(os.fsdecode("김.csv".encode("cp949"))) == "김.csv"
    assert readable(os.fsdecode(b"\xff\xfe.csv")) == "\\xff\\xfe.csv"
    assert readable("김.csv") == "김.csv"


@pytest.mark.parametrize(
    ("student", "stem"),
    [
        ("../../evil", "_.._evil"),
        ("con", "_con"),
        ("a/b", "a_b"),
        ("x" * 300, "x" * 180),
        ("가" * 100, "가" * 60),  # three bytes each
        ("CON.txt", "_CON.txt"),
        ("console", "console"),
        ("e\u0301", "é"),
        (" ", "_"),
        ("\N{RIGHT-TO-LEFT OVERRIDE}lmth.live", "_lmth.live"),
        ("a\N{ZERO WIDTH SPACE}b\x1b[31m\x9b", "a_b_[31m_"),
        ("김\N{IDEOGRAPHIC SPACE}철수", "김 철수"),
    ],
)
def test_file_stems(student: str, stem: str) -> None:
    assert file_stem(student) == stem


def test_files_of_one_name_in_many_folders(check: Any, tmp_path: Path) -> None:
    """As every course system hands them out; no student's results are another's."""
    paths = hand_in(tmp_path, {"a/hw.csv": RIGHT, "b/hw.csv": WRONG, "c/hw.csv": "%PDF-1.4"})
    code, out, _ = check("alexnet", "--rows", "conv1", *paths, "--format", "json")
    assert code == 2
    submissions = json.loads(out)["submissions"]
    assert [(one["student"], one["score"]) for one in submissions] == [("a", 1), ("b", 0), ("c", 0)]
    assert "PDF" in submissions[2]["problem"]
    folder = tmp_path / "results"
    folder.mkdir()
    check("alexnet", "--rows", "conv1", *paths, "--format", "gradescope", "-o", folder)
    results = {path.stem: json.loads(path.read_text())["score"] for path in folder.iterdir()}
    assert results == {"a": 1, "b": 0, "c": 0}
    _, out, _ = check("alexnet", "--rows", "conv1", *paths)
    assert "c: cannot be read: this is a PDF" in out


# --- one file costs that file alone ---------------------------------------------------------------------------------


def test_a_bug_of_ours_costs_one_submission(
    check: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    grading = sys.modules["cnncalc.homework.grade"]
    mark = grading.mark

    def fail(question: Any, answer: Any, *rest: Any) -> Any:
        if answer.text == "13":
            raise ZeroDivisionError
        return mark(question, answer, *rest)

    monkeypatch.setattr(grading, "mark", fail)
    paths = hand_in(tmp_path, {"a.csv": RIGHT, "b.csv": "layer,params\nconv1,13\n", "c.csv": RIGHT})
    grades = tmp_path / "grades.csv"
    code, _, err = check("alexnet", "--rows", "conv1", *paths, "--grades", grades)
    assert code == 2
    assert "b.csv: error: a bug in cnncalc (ZeroDivisionError at test_class.py:" in err
    with grades.open(encoding="utf-8") as file:
        assert [(row["student"], row["score"]) for row in csv.DictReader(file)] == [
            ("a", "1"),
            ("b", ""),
            ("c", "1"),
        ]


def test_a_file_name_that_is_no_utf8(check: Any, tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/\xb1\xe8.csv"  # 김 in CP949, as a Korean Windows zips it
    Path(os.fsdecode(path)).write_text(RIGHT, encoding="utf-8")
    grades = tmp_path / "grades.csv"
    code, out, _ = check(
        "alexnet", "--rows", "conv1", os.fsdecode(path), "--grades", grades, "--format", "json"
    )
    assert code == 0
    assert json.loads(out)["submissions"][0]["student"] == "김"
    assert "김," in grades.read_text(encoding="utf-8")


def test_a_label_with_a_very_long_number(check: Any, tmp_path: Path) -> None:
    paths = hand_in(tmp_path, {"a.csv": f"layer,params\nconv{'9' * 5000},1\n", "b.csv": RIGHT})
    code, _, _ = check("alexnet", "--rows", "conv1", *paths)
    assert code == 2


def test_a_named_pipe_among_submissions(check: Any, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    (good,) = hand_in(tmp_path, {"b.csv": RIGHT})
    code, _, err = check("alexnet", pipe, good)
    assert code == 2
    assert "named pipe" in err


# --- nothing replaced -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("option", ["--grades", "-o"])
def test_a_submission_is_not_replaced(check: Any, tmp_path: Path, option: str) -> None:
    first, second = hand_in(tmp_path, {"a.csv": RIGHT, "b.csv": WRONG})
    link = tmp_path / "link.csv"
    link.symlink_to(second)
    for target in (second, link):
        code, _, err = check("alexnet", first, second, option, target)
        assert code == 2
        assert "is read in this run and would be replaced" in err
        assert second.read_text() == WRONG
    code, _, _ = check("alexnet", first, second, option, second, "--force")
    assert code == 1
    assert second.read_text() != WRONG


def test_a_homework_is_not_replaced(check: Any, tmp_path: Path) -> None:
    text = "questions: [{id: q1, network: alexnet, quantity: params}]\n"
    homework, sheet = hand_in(tmp_path, {"hw.yaml": text, "kim.yaml": "q1: 5\n"})
    code, _, _ = check("--homework", homework, sheet, "--grades", homework)
    assert code == 2
    assert homework.read_text() == text


def test_a_file_named_twice_is_one_submission(check: Any, tmp_path: Path) -> None:
    (path,) = hand_in(tmp_path, {"a.csv": RIGHT})
    _, out, _ = check("alexnet", path, path, "--format", "json", "--grades", tmp_path / "g.csv")
    assert len(json.loads(out)["submissions"]) == 1


# --- what is asked --------------------------------------------------------------------------------------------------

HONEST = "layer,params\nconv1,34944\nconv2,614656\nfc3,1\n"
LAZY = "layer,params\nconv1,34944\n"
PADDED = "layer,params\nconv1,34944\nconv2,614656\nfc3,4097000\ninput,0\nrelu1,0\n"


@pytest.mark.parametrize(
    ("options", "scores"),
    [
        (("--rows", "conv1,CONV2,fc-3"), [(2, 3), (1, 3), (3, 3)]),
        (("--rows", "conv1"), [(1, 1), (1, 1), (1, 1)]),
        ((), [(2, 12), (1, 12), (3, 12)]),  # 5 convs, 3 pools, 3 fcs, the total
    ],
)
def test_a_student_does_not_choose_what_is_asked(
    check: Any, tmp_path: Path, options: tuple[str, ...], scores: list[tuple[int, int]]
) -> None:
    paths = hand_in(tmp_path, {"honest.csv": HONEST, "lazy.csv": LAZY, "padded.csv": PADDED})
    _, out, err = check("alexnet", *options, *paths, "--format", "json")
    submissions = json.loads(out)["submissions"]
    assert [(one["score"], one["max"]) for one in submissions] == scores
    assert "padded.csv: note: not asked, and left out:" in err


def test_a_block_is_asked_by_its_layers_where_those_are_answered(
    check: Any, tmp_path: Path
) -> None:
    sheets = {
        "a.csv": "layer,output\ninception_3a,28x28x256\n",
        "b.csv": "layer,output\ninception_3a/c1,28x28x64\n",
    }
    _, out, _ = check(
        "googlenet", "--rows", "inception_3a", *hand_in(tmp_path, sheets), "--format", "json"
    )
    scores = [(one["score"], one["max"]) for one in json.loads(out)["submissions"]]
    assert scores == [(1, 1), (1, 8)]  # six convs, a pool, a concat


def test_rows_of_no_network_are_refused(check: Any, tmp_path: Path) -> None:
    code, _, err = check("alexnet", "--rows", "conv9", *hand_in(tmp_path, {"a.csv": RIGHT}))
    assert code == 2
    assert "no layer 'conv9'" in err


def test_rows_of_a_homework(check: Any, tmp_path: Path) -> None:
    homework = tmp_path / "hw.yaml"
    homework.write_text(
        "network: alexnet\nrows: [conv1, CONV2, total]\ncolumns: [params]\ndigits: 3\n",
        encoding="utf-8",
    )
    sheets = hand_in(
        tmp_path, {"a.csv": LAZY, "b.csv": "layer,params,output\nconv2,614656\ntotal,62M\nfc3,1\n"}
    )
    _, out, _ = check("--homework", homework, *sheets, "--format", "json")
    submissions = json.loads(out)["submissions"]
    assert [(one["score"], one["max"]) for one in submissions] == [(1, 3), (1, 3)]
    assert [cell["id"] for cell in submissions[0]["cells"]] == [
        "conv1 params",
        "conv2 params",
        "total params",
    ]


def test_rows_of_a_homework_that_make_no_sense(check: Any, tmp_path: Path) -> None:
    (sheet,) = hand_in(tmp_path, {"a.csv": LAZY})
    homework = tmp_path / "hw.yaml"
    for text, message in (
        ("rows: [conv1]\n", "rows are of one network"),
        ("network: alexnet\nrows: [conv9]\n", "there is no layer 'conv9'"),
        ("network: alexnet\nrows: [conv1]\ncolumns: [prams]\n", "there is no quantity 'prams'"),
    ):
        homework.write_text(text, encoding="utf-8")
        code, _, err = check("--homework", homework, sheet)
        assert code == 2
        assert message in err
