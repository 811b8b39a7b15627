"""What is written of a class: pages for students, overrides, what a regrade changed, statistics, gradebooks."""

from __future__ import annotations

import csv
import io
import json
import re
import statistics
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from cnncalc.classroom.items import correlation
from cnncalc.cli import main

HOMEWORK = """\
title: Convolutions
partial: {no-bias: 0.5}
questions:
  - {id: q1, text: "Parameters of <conv1>?", network: alexnet, layer: conv1, quantity: params, points: 2}
  - {id: q2, network: alexnet, layer: conv1, quantity: output}
  - {id: q3, network: alexnet, layer: pool1, quantity: params}
"""
ROSTER = "id,name,email\n1,Kim Jun,kim@u.edu\n2,Lee Bo,lee@u.edu\n3,Park O,park@u.edu\n4,Choi,choi@u.edu\n"
SHEETS = {
    "1": "q1: 34944\nq2: 55x55x96\nq3: 0\n",
    "2": "q1: 34848\nq2: 54x54x96\nq3: 12345\n",
    "3": "q1: 777\nq2: <script>alert(1)</script>\nq3: 12,345\n",
}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "hw.yaml").write_text(HOMEWORK, encoding="utf-8")
    (tmp_path / "class.csv").write_text(ROSTER, encoding="utf-8")
    (tmp_path / "in").mkdir()
    for name, text in SHEETS.items():
        (tmp_path / "in" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def check(place: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*words: object) -> tuple[int, str, str]:
        line = ["check", "--homework", "hw.yaml", "--students", "class.csv", "in", *map(str, words)]
        code = main(line)
        return (code, *capsys.readouterr())

    return run


def rows(path: str | Path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


# --- a page for each student -----------------------------------------------------------------------------------------


class Text(HTMLParser):
    """The tags of a page, and what can be read on it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)
        assert not {name for name, _ in attrs} & {"src", "href", "onload"}

    def handle_data(self, data: str) -> None:
        self.text += data


KEY = ("34944", "34,944", "55x55x96", "55×55×96")


def test_a_page_for_each_student(check: Any, place: Path) -> None:
    check("--feedback", "pages")
    assert sorted(path.name for path in (place / "pages").iterdir()) == [
        "1.html", "2.html", "3.html", "4.html",
    ]  # fmt: skip
    second = Text((place / "pages" / "2.html").read_text(encoding="utf-8"))
    for text in (
        "Convolutions: Lee Bo (2)",
        "1 of 4",
        "q1",
        "1 of 2",
        "Parameters of <conv1>?",
        "34848",
        "Weights are not all that is learned here.",
        "What is the shape of the output of conv1?",  # q2 has no text of its own
    ):
        assert text in second.text
    third = Text((place / "pages" / "3.html").read_text(encoding="utf-8"))
    assert "<script>alert(1)</script>" in third.text
    assert "script" not in third.tags
    assert "nothing is handed in" in (place / "pages" / "4.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("style", ["html", "markdown"])
def test_no_key_on_a_page_unless_asked(check: Any, place: Path, style: str) -> None:
    for number in (2, 3):
        check("--feedback", "pages", "--feedback-format", style)
        ending = "html" if style == "html" else "md"
        page = place / "pages" / f"{number}.{ending}"
        assert not [text for text in KEY if text in page.read_text(encoding="utf-8")]
        check("--feedback", "pages", "--feedback-format", style, "--reveal")
        told = page.read_text(encoding="utf-8").replace("\\", "")
        assert "34,944" in told
        assert "55×55×96" in told


def test_markdown_of_a_page(check: Any, place: Path) -> None:
    markdown_it = pytest.importorskip("markdown_it")
    check("--feedback", "pages", "--feedback-format", "markdown", "--lang", "ko")
    text = (place / "pages" / "3.md").read_text(encoding="utf-8")
    tokens = markdown_it.MarkdownIt("commonmark", {"html": True}).parse(text)
    kinds = {child.type for token in tokens for child in (token, *(token.children or ()))}
    assert not kinds & {"html_block", "html_inline", "link_open", "em_open"}
    assert "오답" in text


def test_pages_replace_nothing_that_is_read(check: Any, place: Path) -> None:
    (place / "in" / "4.html").write_text("q1: 5\n")
    code, _, err = check("--feedback", "in")
    assert code == 2
    assert "4.html: it is read in this run and would be replaced" in err
    assert (place / "in" / "4.html").read_text() == "q1: 5\n"
    code, _, err = check("--feedback", "hw.yaml")
    assert code == 2
    assert "cannot write hw.yaml" in err


# --- overrides, and what a regrade changed ---------------------------------------------------------------------------


def test_overrides_and_what_they_change(check: Any, place: Path) -> None:
    check("--grades", "first.csv")
    assert [row["score"] for row in rows("first.csv")] == ["4", "1", "0", ""]
    (place / "o.csv").write_text(
        "student,question,points,reason\nLee Bo,q2,right,misprint\n3,q1,1.5,half way\n1,q3,wrong,copied\n"
        "4,q2,1,on paper\n",
        encoding="utf-8",
    )
    _, out, _ = check(
        "--overrides",
        "o.csv",
        "--earlier",
        "first.csv",
        "--grades",
        "second.csv",
        "--format",
        "json",
    )
    document = json.loads(out)
    assert [row["score"] for row in rows("second.csv")] == ["3", "2", "1.5", "1"]
    assert [row["q2"] for row in rows("second.csv")] == ["1", "1", "0", "1"]
    assert "q2: 1 decided, misprint" in rows("second.csv")[1]["notes"]
    cells = {one["student"]: one["cells"] for one in document["submissions"]}
    assert cells["2"][1]["status"] == "right"
    assert cells["2"][1]["override"] == {"points": 1, "reason": "misprint"}
    assert "override" not in cells["2"][0]
    assert cells["3"][0]["status"] == "wrong"
    changed = {(one["student"], one["question"]): one for one in document["changes"]}
    assert {key: (one["before"], one["after"], one["why"]) for key, one in changed.items()} == {
        ("1", "q3"): ("1", "0", "copied"),
        ("1", "score"): ("4", "3", ""),
        ("2", "q2"): ("0", "1", "misprint"),
        ("2", "score"): ("1", "2", ""),
        ("3", "q1"): ("0", "1.5", "half way"),
        ("3", "score"): ("0", "1.5", ""),
        ("4", "q1"): ("", "0", "blank"),
        ("4", "q2"): ("", "1", "on paper"),
        ("4", "q3"): ("", "0", "blank"),
        ("4", "score"): ("", "1", ""),
    }
    check("--overrides", "o.csv", "--feedback", "pages")
    assert (
        "Decided by your teacher: 1.5 points. half way" in (place / "pages" / "3.html").read_text()
    )


def test_a_regrade_by_another_homework(check: Any, place: Path) -> None:
    check("--grades", "first.csv")
    (place / "hw.yaml").write_text(HOMEWORK.replace("0.5", "1"), encoding="utf-8")
    (place / "in" / "1.yaml").unlink()
    (place / "in" / "4.yaml").write_text("q2: 55x55x96\n")
    code, out, _ = check("--earlier", "first.csv", "--show", "changes", "--format", "csv")
    found = [tuple(row.values()) for row in csv.DictReader(io.StringIO(out))]
    assert code == 1
    assert ("1", "score", "4", "", "nothing is handed in") in found
    assert ("2", "q1", "1", "2", "wrong: no-bias") in found
    assert ("4", "q2", "", "1", "right") in found
    _, out, _ = check("--earlier", "first.csv", "--show", "changes")
    assert out.startswith("what changed\n")
    _, out, _ = check("--earlier", "first.csv", "--show", "changes", "--lang", "ko")
    assert "오답: no-bias" in out
    check("--grades", "now.csv")
    _, out, _ = check("--earlier", "now.csv", "--show", "changes")
    assert "nothing changed" in out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "student,question,points\nKin,q1,1\n",
            "o.csv:2:1: error: there is no student 'Kin', or more than one",
        ),
        ("student,question,points\n1,q9,1\n", "o.csv:2:1: error: there is no question 'q9'"),
        (
            "student,question,points\n1,q1,lots\n",
            "o.csv:2:6: error: 'lots' is neither points nor right or wrong",
        ),
        (
            "student,question,points\n1,q1,-1\n",
            "o.csv:2:6: error: '-1' is neither points nor right or wrong",
        ),
        (
            "student,question,points\n1,q1,1\n1,q1,2\n",
            "o.csv:3:1: error: this answer is decided at 2:1 already",
        ),
        ("student,points\n1,1\n", "this table has no column 'question'"),
        ("a: b\n", "this table has no column 'student'"),
    ],
)
def test_overrides_that_make_no_sense(check: Any, place: Path, text: str, said: str) -> None:
    (place / "o.csv").write_text(text, encoding="utf-8")
    code, out, err = check("--overrides", "o.csv", "--grades", "g.csv")
    assert (code, out) == (2, "")
    assert said in err
    assert not (place / "g.csv").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--show", "changes"), "changes from what?"),
        (("--show", "nothing"), "class, questions, changes"),
        (("--earlier", "hw.yaml"), "these are no grades of cnncalc"),
        (("--earlier", "none.csv"), "no such file"),
        (("--grades-for", "moodle"), "--grades FILE"),
        (("--grades-for", "sakai", "--grades", "g.csv"), "excel, moodle, canvas"),
        (("--feedback", "x", "--feedback-format", "pdf"), "html, markdown"),
        (("--format", "classroom50"), "a result.json is of one submission"),
        (("--earlier", "first.csv", "--grades", "first.csv"), "is read in this run"),
    ],
)
def test_options_that_make_no_sense(check: Any, words: tuple[str, ...], said: str) -> None:
    check("--grades", "first.csv")
    code, _, err = check(*words)
    assert code == 2
    assert said in err


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("kim", "these are no grades of cnncalc"),  # cut off behind the name
        ('"kim,f,1,2,1,', "these are no grades of cnncalc"),  # a quotation mark that nothing closes
        ('""', "these are no grades of cnncalc"),
        ("kim,f,1,2,1,,9", "these are no grades of cnncalc"),
        (f"kim,f,1,2,1,{'n' * 140_000}", "line 2 is longer than the limit of 20,000 characters"),
        (f'kim,f,1,2,1,"{("n" * 9_999 + chr(10)) * 14}"', "these are no grades of cnncalc"),
    ],
)
def test_earlier_grades_that_are_damaged(check: Any, place: Path, rows: str, said: str) -> None:
    (place / "e.csv").write_text(f"student,file,score,max,q1,notes\n{rows}\n", encoding="utf-8")
    code, out, err = check("--earlier", "e.csv", "--show", "changes")
    assert (code, out) == (2, "")
    assert f"e.csv:1:1: error: {said}" in err


# --- statistics ------------------------------------------------------------------------------------------------------


def test_statistics_of_the_questions(check: Any) -> None:
    """By hand: q1 earns 2, 1 and 0 of 2 each; the rest of each student is 2, 0 and 0."""
    _, out, _ = check("--show", "questions", "--format", "json")
    first, second, third = json.loads(out)["questions"]
    assert (first["question"], first["asked"], first["difficulty"]) == ("q1", 3, 0.5)
    assert first["discrimination"] == pytest.approx(statistics.correlation([2, 1, 0], [2, 0, 0]))
    assert second["discrimination"] == pytest.approx(statistics.correlation([1, 0, 0], [3, 1, 0]))
    assert second["statuses"]["unreadable"] == 1
    assert first["slips"] == {"no-bias": 1}
    assert third["unexplained"] == {"12345": 2}  # written 12345 and 12,345
    _, out, _ = check("--show", "questions")
    lines = out.splitlines()
    assert [line.split()[0] for line in lines[4:7]] == ["q2", "q3", "q1"]
    assert "12345 (2)" in out
    assert "777" not in out  # one student's number is no case for a slip
    _, out, _ = check("--show", "questions", "--format", "csv")
    assert [row["question"] for row in csv.DictReader(io.StringIO(out))] == ["q2", "q3", "q1"]


def test_a_correlation_that_is_not_there() -> None:
    assert correlation([1], [2]) is None
    assert correlation([1, 1], [2, 3]) is None


# --- gradebooks ------------------------------------------------------------------------------------------------------

CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Old (9)\n    Points Possible,,,,,10\n"
    '"Kim, Jun",71,u1,kim,A,7\n"=Lee, Bo",72,u2,lee,A,\n"Park, O",73,u3,park,B,\n'
)


def test_a_gradebook_of_canvas(check: Any, place: Path) -> None:
    """Canvas' own columns, each student's as Canvas wrote them; the importer finds a student by ID."""
    (place / "class.csv").write_text(CANVAS, encoding="utf-8")
    for old, new in (("1", "71"), ("2", "lee"), ("3", "u3")):
        (place / "in" / f"{old}.yaml").rename(place / "in" / f"{new}.yaml")
    words = ("--grades", "g.csv", "--grades-for", "canvas", "--assignment", "Homework 3 (1234)")
    _, _, err = check(*words)
    data = (place / "g.csv").read_bytes()
    assert data.startswith(
        b"\xef\xbb\xbfStudent,ID,SIS User ID,SIS Login ID,Section,Homework 3 (1234)\n"
    )
    possible, *students = rows("g.csv")
    assert possible["Student"].strip() == "Points Possible"
    assert possible["Homework 3 (1234)"] == "4"
    assert [tuple(row.values()) for row in students] == [
        ("Kim, Jun", "71", "u1", "kim", "A", "4"),
        ("'=Lee, Bo", "72", "u2", "lee", "A", "1"),
        ("Park, O", "73", "u3", "park", "B", "0"),
    ]
    assert "apostrophe" not in err  # the ID says who it is


def test_a_gradebook_of_moodle(check: Any, place: Path) -> None:
    (place / "class.csv").write_text(
        "First name,Surname,ID number,Email address\n준,김,2026-1,kim@u.edu\nBo,Lee,-2+3,lee@u.edu\n",
        encoding="utf-8",
    )
    (place / "in" / "1.yaml").rename(place / "in" / "kim.yaml")
    (place / "in" / "2.yaml").rename(place / "in" / "lee@u.edu.yaml")
    code, _, err = check("--grades", "g.csv", "--grades-for", "moodle")
    assert code == 1
    assert [tuple(row.values()) for row in rows("g.csv")] == [
        ("준 김", "2026-1", "kim@u.edu", "4"),
        ("Bo Lee", "-2+3", "lee@u.edu", "1"),
    ]
    assert list(rows("g.csv")[0]) == ["Full name", "ID number", "Email address", "Convolutions"]
    assert "lee@u.edu: a spreadsheet would compute this student's id" in err
    assert "3.yaml: not in the gradebook" in re.sub(r"\S*/", "", err)


def test_grades_for_excel(check: Any, place: Path) -> None:
    (place / "class.csv").write_text("이름\n김준\n", encoding="utf-8")
    check("--grades", "g.csv", "--grades-for", "excel")
    assert (place / "g.csv").read_bytes().startswith(b"\xef\xbb\xbfstudent,file,score,max,q1")
    assert rows("g.csv")[0]["student"] == "김준"
    check("--grades", "plain.csv")
    assert (place / "plain.csv").read_bytes() == (place / "g.csv").read_bytes()[3:]


def test_a_gradebook_needs_a_roster(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(
        ["check", "--homework", "hw.yaml", "in", "--grades", "g.csv", "--grades-for", "canvas"]
    )
    assert code == 2
    assert "canvas needs to know who the class are" in capsys.readouterr().err
