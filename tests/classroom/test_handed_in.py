"""What a class handed in: archives and folders as Canvas, Moodle and Gradescope pack them, and whose each file is."""

from __future__ import annotations

import csv
import errno
import json
import os
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from cnncalc.classroom.handed_in import handed_in, owned
from cnncalc.classroom.roster import Roster, Student, read_roster
from cnncalc.cli import main
from cnncalc.homework.students import Sender, sender_of
from cnncalc.text import archives

RIGHT = "q1: 34944\n"
WRONG = "q1: 34848\n"
HOMEWORK = "questions: [{id: q1, network: alexnet, layer: conv1, quantity: params}]\n"
ROSTER = (
    "id,name,email\n2026-1,Kim Jun,kim@u.edu\n2026-2,Lee Bo,lee@u.edu\n2026-11,Park O,park@u.edu\n"
)


@pytest.fixture
def check(capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*words: object) -> tuple[int, str, str]:
        code = main(["check", *map(str, words)])
        return (code, *capsys.readouterr())

    return run


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "hw.yaml").write_text(HOMEWORK, encoding="utf-8")
    (tmp_path / "class.csv").write_text(ROSTER, encoding="utf-8")
    return tmp_path


def packed(path: Path, files: Mapping[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def scores(out: str) -> dict[str | None, float | str]:
    """Each student's score, or why there is none."""
    submissions = json.loads(out)["submissions"]
    return {one["student"]: one.get("problem", one["score"]) for one in submissions}


# --- what course systems make of a path ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "sender"),
    [  # the first two as Canvas' lib/content_zipper.rb writes them, the others as Moodle's mod/assign does
        ("kimjun_1001_20034_answers.csv", Sender("kimjun", "1001", "answers.csv", 20034)),
        ("kimjun_LATE_1001_20035_answers-1.csv", Sender("kimjun", "1001", "answers.csv", 20035)),
        ("Kim Jun_77_assignsubmission_file_/hw.csv", Sender("Kim Jun", "77", "hw.csv")),
        ("Kim Jun_77_assignsubmission_file/hw.csv", Sender("Kim Jun", "77", "hw.csv")),
        ("Kim Jun_77_assignsubmission_file_hw.csv", Sender("Kim Jun", "77", "hw.csv")),
        ("김준_77_assignsubmission_file_/답.csv", Sender("김준", "77", "답.csv")),
        ("kim/hw_3_2_answers.csv", None),
        ("kim.csv", None),
    ],
)
def test_senders(path: str, sender: Sender | None) -> None:
    assert sender_of(tuple(path.split("/"))) == sender


CLASS = Roster(
    Student(key, {"id": key, "name": name, "email": mail})
    for key, name, mail in (
        ("2026-1", "Kim Jun", "kim@u.edu"),
        ("2026-11", "Lee Bo Ra", "lee@u.edu"),
        ("2026-2", "이영희", "yh@u.edu"),
        ("2026-3", "Kim", "k@u.edu"),
    )
)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("2026-1", "2026-1"),
        ("20261", "2026-1"),
        ("KIM, JUN", "2026-1"),
        ("junkim", "2026-1"),
        ("borale", None),
        ("Bo Ra Lee", "2026-11"),
        ("kim@u.edu", "2026-1"),
        ("kim", None),  # the address of one, the name of another
        ("이영희", "2026-2"),
        ("", None),
    ],
)
def test_a_text_names_one_student_or_none(text: str, key: str | None) -> None:
    assert getattr(CLASS.find(text), "key", None) == key


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("hw3_2026-11", "2026-11"),
        ("Kim_Jun_hw3", "2026-1"),
        ("hw3 2026-1 2026-2", None),
        ("과제_이영희_최종", "2026-2"),
        ("hw3", None),
    ],
)
def test_a_text_names_a_student_beside_other_words(text: str, key: str | None) -> None:
    assert getattr(CLASS.find_within(text), "key", None) == key


def whose(paths: Iterable[str], roster: Roster | None = CLASS) -> dict[str, str | None]:
    return {
        file.path: one.student for one in owned(handed_in(paths), roster, {}) for file in one.files
    }


def test_who_packed_a_file_weighs_more_than_how_a_student_called_it() -> None:
    assert whose(["Kim Jun_77_assignsubmission_file_/이영희.csv", "x/2026-11/2026-2.csv"]) == {
        "Kim Jun_77_assignsubmission_file_/이영희.csv": "2026-1",
        "x/2026-11/2026-2.csv": "2026-11",
    }
    assert whose(["Choi_9_assignsubmission_file_/이영희.csv", "a.csv"]) == {
        "Choi_9_assignsubmission_file_/이영희.csv": None,
        "a.csv": None,
    }


def test_a_folder_around_all_files_is_looked_at_last() -> None:
    assert whose(["/home/2026-1/2026-2.csv", "/home/2026-1/x.csv"]) == {
        "/home/2026-1/2026-2.csv": "2026-2",
        "/home/2026-1/x.csv": "2026-1",
    }


def test_two_students_of_one_name_are_two() -> None:
    paths = ["Kim_1_assignsubmission_file_/a.csv", "Kim_2_assignsubmission_file_/a.csv"]
    assert list(whose(paths, None).values()) == ["Kim (1)", "Kim (2)"]
    assert list(whose(["kimjun_1001_20034_a.csv", "x.csv"], None).values()) == ["kimjun", "x"]


# --- whole downloads -------------------------------------------------------------------------------------------------

CANVAS = {
    "kimjun_1001_20034_answers.csv": "id,answer\nq1,34848\n",
    "kimjun_1001_20099_answers-1.csv": "id,answer\nq1,34944\n",
    "leebo_LATE_1002_20035_answers.yaml": WRONG,
}
MOODLE = {
    "Kim Jun_77_assignsubmission_file_/answers.yaml": RIGHT,
    "Kim Jun_77_assignsubmission_file_/.DS_Store": "x",
    "Lee Bo_78_assignsubmission_file_/이영희.yaml": WRONG,
    "Lee Bo_78_assignsubmission_file_/photo.png": b"\x89PNG",
    "__MACOSX/Lee Bo_78_assignsubmission_file_/._answers.yaml": "x",
}
GRADESCOPE = {
    "assignment_9_export/submission_metadata.yml": (
        "submission_5:\n  :submitters:\n  - :name: Jun Kim\n    :sid: 2026-1\n    :email: kim@u.edu\n"
        "submission_6:\n  :submitters:\n  - :name: Bo Lee\n    :sid: ''\n    :email: lee@u.edu\n"
    ),
    "assignment_9_export/submission_5/answers.yaml": RIGHT,
    "assignment_9_export/submission_6/answers.yaml": WRONG,
}


@pytest.mark.parametrize(
    "files", [CANVAS, MOODLE, GRADESCOPE], ids=["Canvas", "Moodle", "Gradescope"]
)
@pytest.mark.parametrize("unpacked", [False, True])
def test_a_download(
    check: Any, place: Path, files: Mapping[str, str | bytes], unpacked: bool
) -> None:
    download = packed(place / "download.zip", files)
    if unpacked:
        with zipfile.ZipFile(download) as archive:
            archive.extractall(place / "download")
        download = place / "download"
    code, out, err = check(
        "--homework",
        place / "hw.yaml",
        "--students",
        place / "class.csv",
        download,
        "--format",
        "json",
    )
    assert scores(out) == {"2026-1": 1, "2026-2": 0, "2026-11": "nothing is handed in"}, err
    assert code == 1
    code, out, _ = check("--homework", place / "hw.yaml", download, "--format", "json")
    assert sorted(map(str, scores(out).values())) == ["0", "1"]
    _, out, _ = check("--homework", place / "hw.yaml", "--students", place / "class.csv", download)
    assert "nothing is handed in by 2026-11" in out


def test_two_sheets_of_one_student_are_neither_chosen_nor_graded_twice(
    check: Any, place: Path
) -> None:
    download = packed(
        place / "a.zip",
        {
            "2026-1/a.yaml": RIGHT,
            "2026-1/b.yaml": WRONG,
            "2026-2/a.yaml": WRONG,
            "2026-2/b.yaml": WRONG,
            "2026-11/a.yaml": "%PDF",
            "2026-11/b.yaml": RIGHT,
        },
    )
    code, out, err = check(
        "--homework",
        place / "hw.yaml",
        "--students",
        place / "class.csv",
        download,
        "--format",
        "json",
    )
    assert code == 2
    assert scores(out) == {
        "2026-1": "2 sheets have answers; leave the one that counts",
        "2026-2": 0,
        "2026-11": 1,
    }
    assert "a.zip/2026-1/a.yaml" in err
    assert "b.yaml: note: left out: it has the same answers" in err
    assert "a.yaml: note: left out: this is a PDF" in err


def test_a_table_and_a_file_of_one_student(check: Any, place: Path) -> None:
    form = place / "form.csv"
    form.write_text("name,q1\nKim Jun,34944\nLee Bo,1\nLee Bo,34944\n", encoding="utf-8")
    homework = place / "hw.yaml"
    homework.write_text(
        "questions: [{id: q1, network: alexnet, layer: conv1, quantity: params}, "
        "{id: q2, network: alexnet, layer: conv2, quantity: params}]\n"
    )
    form.write_text(
        "name,q1,q2\nKim Jun,34944,1\nLee Bo,1,2\nLee Bo,34944,3\nX,1,1\n", encoding="utf-8"
    )
    code, out, err = check(
        "--homework", homework, "--students", place / "class.csv", form, "--format", "json"
    )
    assert code == 2
    found = scores(out)
    assert found.pop("X") == 0
    assert found == {
        "2026-1": 1,
        "2026-2": "2 sheets have answers; leave the one that counts",
        "2026-11": "nothing is handed in",
    }
    assert "X: not on the roster" in err


def test_a_map_says_whose_a_file_is(check: Any, place: Path) -> None:
    download = packed(place / "a.zip", {"one/a.yaml": RIGHT, "two/a.yaml": WRONG})
    mapped = place / "map.csv"
    mapped.write_text("folder,student\none,kim@u.edu\ntwo,Lee Bo\n", encoding="utf-8")
    options = ("--homework", place / "hw.yaml", "--students", place / "class.csv", "--map", mapped)
    _, out, _ = check(*options, download, "--format", "json")
    assert scores(out) == {"2026-1": 1, "2026-2": 0, "2026-11": "nothing is handed in"}
    for text, said in (
        ("one,Choi\n", "'Choi' is no student of the roster"),
        ("one,Kim Jun\none,Lee Bo\n", "'one' is given to two students"),
        ("one\n", "a map is a table of two columns"),
    ):
        mapped.write_text(text, encoding="utf-8")
        code, _, err = check(*options, download)
        assert code == 2
        assert said in err


# --- each by a key of one's own --------------------------------------------------------------------------------------


@pytest.fixture
def quiz(place: Path) -> Path:
    assert (
        main(
            [
                "quiz",
                "--seed",
                "s",
                "--count",
                "3",
                "--roster",
                str(place / "class.csv"),
                "--format",
                "yaml",
                "-o",
                str(place / "quiz"),
            ]
        )
        == 0
    )
    return place / "quiz"


def answers(key: Path) -> str:
    """The right answers of a key, from its comments."""
    pairs = (line.removeprefix("  # ") for line in key.read_text().splitlines())
    return "".join(f"{pair}\n" for pair in pairs if pair[:1] == "q" and pair[1:2].isdigit())


def test_a_class_with_a_quiz_each(check: Any, place: Path, quiz: Path) -> None:
    keys = quiz / "keys"
    first, second = answers(keys / "2026-1.yaml"), answers(keys / "2026-2.yaml")
    assert first != second
    download = packed(
        place / "a.zip",
        {
            "Kim Jun_77_assignsubmission_file_/a.yaml": first,
            "2026-2.yaml": first,
            "who.yaml": second,
        },
    )
    grades = place / "grades.csv"
    options = ("--keys", keys, "--students", place / "class.csv")
    code, out, err = check(*options, download, "--grades", grades, "--format", "json")
    found = scores(out)
    assert code == 2
    assert found["2026-1"] == 3
    assert isinstance(found["2026-2"], int)
    assert found["2026-2"] < 3
    assert found["2026-11"] == "nothing is handed in"
    assert str(found[None]).startswith("this is nobody's")
    assert "--map FILE says whose it is" in err
    with grades.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["student"] for row in rows] == ["2026-1", "2026-2", "2026-11", ""]
    assert rows[0]["q1"] == "1"
    assert rows[2]["notes"] == "nothing is handed in"


def test_a_form_with_a_quiz_each(check: Any, place: Path, quiz: Path) -> None:
    lines = ["email,q1,q2,q3"]
    for key, mail in (("2026-1", "kim@u.edu"), ("2026-2", "lee@u.edu")):
        given = [
            line.partition(": ")[2] for line in answers(quiz / "keys" / f"{key}.yaml").splitlines()
        ]
        lines.append(",".join([mail, *(text.replace(",", "") for text in given)]))
    (place / "form.csv").write_text("\n".join([*lines, "who@u.edu,1,2,3"]), encoding="utf-8")
    options = ("--keys", quiz / "keys", "--students", place / "class.csv")
    code, out, _ = check(*options, place / "form.csv", "--format", "json")
    assert code == 2
    assert scores(out) == {
        "2026-1": 3,
        "2026-2": 3,
        "2026-11": "nothing is handed in",
        "who@u.edu": "'who@u.edu' is no student of the roster, or more than one",
    }


def test_keys_alone_say_who_the_class_are(check: Any, place: Path, quiz: Path) -> None:
    sheet = place / "hw1_2026-11.yaml"
    sheet.write_text(answers(quiz / "keys" / "2026-11.yaml"))
    (quiz / "keys" / "2026-2.yaml").write_text("questions: nothing\n")
    (place / "2026-2.yaml").write_text("q1: 5\n")
    code, out, err = check(
        "--keys", quiz / "keys", sheet, place / "2026-2.yaml", "--format", "json"
    )
    found = scores(out)
    assert code == 2
    assert (found["2026-11"], found["2026-1"]) == (3, "nothing is handed in")
    assert "a homework has a list of questions" in str(found["2026-2"])
    assert "keys/2026-2.yaml:1:" in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--keys", "none", "a.yaml"), "cannot read this folder"),
        (("--keys", ".", "a.yaml"), "there is no key in this folder"),
        (("--keys", "quiz/keys"), "name the sheets to grade"),
        (
            ("--keys", "quiz/keys", "--homework", "hw.yaml", "a.yaml"),
            "--keys cannot be combined with --homework",
        ),
        (
            ("--keys", "quiz/keys", "--input", "224", "a.yaml"),
            "--input cannot be combined with --keys",
        ),
        (("--keys", "quiz/keys", "--students", "none.csv", "a.yaml"), "no such file"),
    ],
)
def test_what_makes_no_sense(
    check: Any, quiz: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], said: str
) -> None:
    (quiz.parent / "empty").mkdir()
    monkeypatch.chdir(quiz.parent if words[1] != "." else quiz.parent / "empty")
    code, _, err = check(*words)
    assert code == 2
    assert said in err


def test_a_student_without_a_key(check: Any, place: Path, quiz: Path) -> None:
    (quiz / "keys" / "2026-1.yaml").unlink()
    (place / "2026-1.yaml").write_text("q1: 5\n")
    _, out, _ = check(
        "--keys",
        quiz / "keys",
        "--students",
        place / "class.csv",
        place / "2026-1.yaml",
        "--format",
        "json",
    )
    assert str(scores(out)["2026-1"]).startswith("there is no key of 2026-1 in ")


# --- archives from strangers -----------------------------------------------------------------------------------------


def test_one_member_costs_that_member_alone(
    check: Any, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "FREE_BYTES", 10_000)
    bomb = place / "a.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../2026-1.yaml", RIGHT)
        archive.writestr("2026-2.yaml", "q1: 5\n" + " " * 3_000_000)
        archive.writestr("2026-11.yaml", RIGHT)
        archive.writestr("twice.yaml", RIGHT)
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("twice.yaml", WRONG)
    code, out, err = check(
        "--homework", place / "hw.yaml", "--students", place / "class.csv", bomb, "--format", "json"
    )
    assert code == 2
    assert scores(out) == {
        "2026-1": "its path leads out of the archive",
        "2026-2": "it unpacks to more than 200 times its size",
        "2026-11": 1,
        None: "the archive has 2 files of this name",
    }
    assert not (place.parent / "2026-1.yaml").exists()
    assert "Traceback" not in err


def test_archives_that_are_damaged_overlap_or_are_empty(check: Any, place: Path) -> None:
    whole = packed(place / "whole.zip", {"2026-1.yaml": RIGHT}).read_bytes()
    at = whole.index(b"PK\x01\x02")
    huge = whole[: at + 20] + b"\xff\xff\xff\x7f" + whole[at + 24 :]
    for name, data, said in (
        ("huge", huge, "overlap"),
        ("cut", whole[:-9], "zip archive"),
        ("empty", packed(place / "e.zip", {}).read_bytes(), "there is no file in it"),
    ):
        bad = place / f"{name}.zip"
        bad.write_bytes(data)
        code, _, err = check("--homework", place / "hw.yaml", bad, "--format", "json")
        assert code == 2
        assert said in err


def test_a_link_out_of_a_folder_is_not_followed(check: Any, place: Path) -> None:
    (place / "in").mkdir()
    (place / "secret.yaml").write_text(RIGHT)
    (place / "in" / "2026-1.yaml").symlink_to(place / "secret.yaml")
    (place / "in" / "2026-2.yaml").write_text(RIGHT)
    code, out, _ = check(
        "--homework",
        place / "hw.yaml",
        "--students",
        place / "class.csv",
        place / "in",
        "--format",
        "json",
    )
    assert code == 2
    assert scores(out)["2026-1"] == "its link leads out of the folder"
    assert scores(out)["2026-2"] == 1


def test_what_is_no_file_in_a_folder_is_not_opened(check: Any, place: Path) -> None:
    """A pipe stands for a device too: both may wait for ever."""
    (place / "in").mkdir()
    os.mkfifo(place / "in" / "2026-1.yaml")
    (place / "in" / "2026-2.yaml").symlink_to(place / "in" / "nothing.yaml")
    words = ("--homework", place / "hw.yaml", "--students", place / "class.csv", place / "in")
    code, out, _ = check(*words, "--format", "json")
    assert code == 2
    no_file = "this is no file to read: a device, a pipe, or a link to nothing"
    assert [scores(out)[name] for name in ("2026-1", "2026-2")] == [no_file, no_file]


def test_results_in_a_folder_that_cannot_be_made(check: Any, place: Path) -> None:
    words = ("--homework", place / "hw.yaml", "--students", place / "class.csv", place / "in.yaml")
    (place / "in.yaml").write_text(RIGHT)
    for output in (place / "in.yaml" / "results", place / ("a" * 5000)):
        code, _, err = check(*words, "--format", "gradescope", "-o", output)
        assert code == 2
        assert "error: cannot write" in err


def test_names_in_an_archive_of_a_korean_windows(check: Any, place: Path) -> None:
    (place / "class.csv").write_text("이름\n김준\n", encoding="utf-8")
    path = place / "a.zip"
    info = zipfile.ZipInfo("X" * 4 + ".yaml")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(info, RIGHT)
    path.write_bytes(path.read_bytes().replace(b"XXXX", "김준".encode("cp949")))
    code, out, _ = check(
        "--homework", place / "hw.yaml", "--students", place / "class.csv", path, "--format", "json"
    )
    assert (code, scores(out)) == (0, {"김준": 1})


def test_the_archive_is_not_replaced(check: Any, place: Path) -> None:
    download = packed(place / "a.zip", CANVAS)
    data = download.read_bytes()
    for option in ("--grades", "-o"):
        code, _, err = check("--homework", place / "hw.yaml", download, option, download)
        assert code == 2
        assert "is read in this run" in err
        assert download.read_bytes() == data


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        (
            'Student,ID,SIS User ID,SIS Login ID,Section\n    Points Possible,,,,\n"Kim, Jun",7,u7,kim,A\n',
            ["7"],
        ),
        ("First name,Surname,ID number,Email address\nJun,Kim,2026-1,kim@u.edu\n", ["kim@u.edu"]),
        ("First name,Surname,ID number\nJun,Kim,2026-1\n", ["2026-1"]),
    ],
)
def test_rosters_that_course_systems_export(tmp_path: Path, text: str, keys: list[str]) -> None:
    path = tmp_path / "class.csv"
    path.write_text(text, encoding="utf-8")
    roster = read_roster(str(path))
    assert list(roster.keys) == keys
    assert roster.find("Jun Kim") == roster.find("kimjun") == roster.students[0]


def test_a_folder_that_cannot_be_listed_is_a_submission_that_cannot_be_read(
    check: Any, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("2026-1", "2026-2"):
        (place / "in" / name).mkdir(parents=True)
        (place / "in" / name / "answers.yaml").write_text(RIGHT)
    listed = os.scandir

    def scandir(path: str) -> Any:
        if path.endswith("2026-2"):
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return listed(path)

    monkeypatch.setattr(os, "scandir", scandir)
    words = ("--homework", place / "hw.yaml", "--students", place / "class.csv", "--format", "json")
    code, out, _ = check(*words, place / "in")
    assert code == 2
    assert scores(out) == {
        "2026-1": 1,
        "2026-2": "this folder cannot be listed: permission denied",
        "2026-11": "nothing is handed in",
    }
    code, _, err = check(*words, place / "in" / "2026-2")
    assert code == 2
    assert "Permission denied" in err
