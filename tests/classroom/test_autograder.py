"""The autograder for Gradescope: unpacked into a bare root without a network, and run on what students hand in."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from extent import SWEEP

from cnncalc.classroom import autograde
from cnncalc.cli import main

HOMEWORK = """\
title: Convolutions
questions:
  - {id: q1, text: "How many?", network: alexnet, layer: conv1, quantity: params, points: 2}
  - {id: q2, network: nets/mine.yaml, layer: c1, quantity: output}
"""
MINE = "input: 8x8x1\nlayers: [conv: {name: c1, filters: 2, kernel: 3}]\n"

TEST = {
    "type": "object",
    "required": ["name", "score", "max_score", "output", "visibility"],
    "properties": {
        "name": {"type": "string"},
        "score": {"type": "number"},
        "max_score": {"type": "number"},
        "output": {"type": "string"},
        "visibility": {"enum": ["hidden", "after_due_date", "after_published", "visible"]},
    },
    "additionalProperties": False,
}
RESULTS = {
    "type": "object",
    "required": ["score", "output", "tests"],
    "properties": {
        "score": {"type": "number"},
        "output": {"type": "string"},
        "tests": {"type": "array", "items": TEST},
    },
    "additionalProperties": False,
}
"""Gradescope's "Output format", as far as it is used here."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("made")
    (place / "nets").mkdir()
    (place / "nets" / "mine.yaml").write_text(MINE)
    (place / "hw.yaml").write_text(HOMEWORK)
    path = place / "autograder.zip"
    assert (
        main(
            [
                "check",
                "--homework",
                str(place / "hw.yaml"),
                "--gradescope",
                "--hints",
                "-o",
                str(path),
            ]
        )
        == 0
    )
    return path


def unpacked(archive: Path, root: Path, files: Mapping[str, str]) -> Path:
    """Make `/autograder` of an archive and a submission, as Gradescope does."""
    place = root / "autograder"
    (place / "submission").mkdir(parents=True)
    for name, text in files.items():
        (place / "submission" / name).write_text(text, encoding="utf-8")
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(place / "source")
        for info in packed.infolist():
            (place / "source" / info.filename).chmod(info.external_attr >> 16 & 0o777)
    shutil.copy(place / "source" / "run_autograder", place)
    return place


def results(place: Path) -> Any:
    document = json.loads((place / "results" / "results.json").read_text(encoding="utf-8"))
    jsonschema.validate(document, RESULTS)
    return document


def run(place: Path, script: str) -> None:
    """Run a script with a bare interpreter on the path and nothing else in the environment."""
    tools = place.parent / "bin"
    tools.mkdir(exist_ok=True)
    python = Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}"
    if not (tools / "python3").exists():
        (tools / "python3").symlink_to(python)
    bare = {"PATH": f"{tools}:/usr/bin:/bin", "AUTOGRADER": str(place)}
    done = subprocess.run(
        [place / script], env=bare, cwd=place, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def ready(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`/autograder`, set up as Gradescope does it once for a class."""
    place = unpacked(made, tmp_path_factory.mktemp("root"), {})
    run(place, "source/setup.sh")
    return place


def graded(place: Path, files: Mapping[str, str]) -> Any:
    """What comes of a submission."""
    shutil.rmtree(place / "submission")
    (place / "submission").mkdir()
    for name, text in files.items():
        (place / "submission" / name).write_text(text, encoding="utf-8")
    run(place, "run_autograder")
    return results(place)


def test_a_submission_is_graded(ready: Path) -> None:
    document = graded(ready, {"answers.yaml": "q1: 34848\nq2: 6x6x2\n"})
    assert (document["score"], document["output"]) == (1, "1 of 3")
    first, second = document["tests"]
    assert (first["score"], first["max_score"]) == (0, 2)
    assert first["output"].startswith("wrong\nWeights are not all that is learned here.")
    assert (second["score"], second["output"]) == (1, "right")
    assert "34944" not in json.dumps(document)
    assert "34,944" not in json.dumps(document)


ROOT = """
set -e
for folder in usr dev proc tmp autograder; do mkdir -p "$1/$folder"; done
for link in bin lib lib64 sbin; do [ -e "$1/$link" ] || ln -s "usr/$link" "$1/$link"; done
mount --bind /usr "$1/usr"
PATH="$PATH:/usr/sbin:/sbin"
exec chroot "$1" /usr/bin/env -i PATH=/usr/bin:/bin sh -c \\
  'cd /autograder && source/setup.sh && ./run_autograder && ls /sys/class/net 2>/dev/null; cat results/results.json'
"""


def test_it_runs_in_a_bare_root_without_a_network(made: Path, tmp_path: Path) -> None:
    python = shutil.which("python3", path="/usr/bin")
    if (
        python is None
        or subprocess.run(
            [python, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]
        ).returncode
    ):
        pytest.skip("needs a Python 3.11 in /usr/bin")
    unshare = ["unshare", "--mount", "--net", *([] if os.geteuid() == 0 else ["--map-root-user"])]
    if shutil.which("unshare") is None or subprocess.run([*unshare, "true"]).returncode:
        pytest.skip("needs a kernel that lets one unshare")
    unpacked(made, tmp_path, {"answers.csv": "id,answer\nq1,34944\nq2,6x6x2\n", "notes.txt": "x"})
    done = subprocess.run(
        [*unshare, "sh", "-c", ROOT, "sh", tmp_path], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    document = json.loads(done.stdout)
    jsonschema.validate(document, RESULTS)
    assert (document["score"], [one["score"] for one in document["tests"]]) == (3, [2, 1])


@pytest.mark.parametrize(
    ("files", "output"),
    [
        ({}, "cannot be read: there is no file in it"),
        (
            {"a.pdf": "%PDF-1.4"},
            "cannot be read: this is a PDF; a sheet is CSV, Markdown, YAML or XLSX",
        ),
        (
            {"a.yaml": "q1: 1\n", "b.yaml": "q1: 2\n"},
            "cannot be read: 2 sheets have answers; leave the one that counts",
        ),
    ],
)
def test_what_cannot_be_graded_says_why(ready: Path, files: Mapping[str, str], output: str) -> None:
    document = graded(ready, files)
    assert (document["score"], document["output"], document["tests"]) == (0, output, [])


def test_a_quiz_each(ready: Path, tmp_path: Path) -> None:
    (tmp_path / "class.csv").write_text("id,email\n2026-1,kim@u.edu\n2026-2,lee@u.edu\n")
    quiz = tmp_path / "quiz"
    assert (
        main(
            [
                "quiz",
                "--seed",
                "s",
                "--count",
                "2",
                "--roster",
                str(tmp_path / "class.csv"),
                "-o",
                str(quiz),
            ]
        )
        == 0
    )
    path = tmp_path / "autograder.zip"
    words = [
        "--keys",
        quiz / "keys",
        "--students",
        tmp_path / "class.csv",
        "--gradescope",
        "-o",
        path,
    ]
    assert main(["check", *map(str, words)]) == 0
    lines = (quiz / "keys" / "2026-2.yaml").read_text().splitlines()
    answers = "\n".join(line[4:] for line in lines if line.startswith("  # q"))
    place = unpacked(path, tmp_path, {})
    for name in ("lib", "python"):  # which setup.sh makes, the same for all
        (place / "source" / name).symlink_to(ready / "source" / name)
    users = [{"email": "lee@u.edu", "id": 7, "name": "Bo Lee"}]
    (place / "submission_metadata.json").write_text(json.dumps({"id": 5, "users": users}))
    assert graded(place, {"a.yaml": answers})["score"] == 2
    (place / "submission_metadata.json").write_text(json.dumps({"users": [{"email": "x@u.edu"}]}))
    assert graded(place, {"a.yaml": answers})["output"].startswith(
        "cannot be read: there is no quiz of your own"
    )


@pytest.mark.parametrize(
    ("files", "score", "output"),
    [
        ({"answers.yaml": "q1: 34944\nq2: 6x6x2\n"}, 3, "3 of 3"),
        ({"answers.yaml": "q1: 34848\n"}, 0, "0 of 3"),
        ({}, 0, "cannot be read: there is no file in it"),
        (None, 0, "cannot be read: no file is handed in"),
    ],
)
def test_a_submission_is_graded_in_this_process(
    made: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    files: Mapping[str, str] | None,
    score: int,
    output: str,
) -> None:
    place = unpacked(made, tmp_path, files or {})
    if files is None:
        (place / "submission").rmdir()
    monkeypatch.chdir(place / "source")
    autograde.main(str(place))
    document = results(place)
    assert (document["score"], document["output"]) == (score, output)


def test_the_key_is_that_of_the_first_user_who_is_in_the_class(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found by number, address or name; by whom nobody knows there is no key."""
    roster = tmp_path / "class.csv"
    roster.write_text("id,name,email\n2026-1,Ann Kim,kim@u.edu\n2026-2,Bo Lee,lee@u.edu\n")
    quiz, path = tmp_path / "quiz", tmp_path / "autograder.zip"
    words = ["--seed", "s", "--count", "1", "--roster", str(roster), "-o", str(quiz)]
    assert main(["quiz", *words]) == 0
    words = ["--keys", str(quiz / "keys"), "--students", str(roster), "--gradescope"]
    assert main(["check", *words, "-o", str(path)]) == 0
    place = unpacked(path, tmp_path, {})
    lines = (quiz / "keys" / "2026-2.yaml").read_text().splitlines()
    answers = "\n".join(line[4:] for line in lines if line.startswith("  # q"))
    (place / "submission" / "a.yaml").write_text(answers)
    monkeypatch.chdir(place / "source")
    for users, score in (
        ([{"name": "Nobody"}, {"name": "Bo Lee"}], 1),
        ([{"sid": "2026-2"}], 1),
        ([{"email": "lee@u.edu"}], 1),
        ([{"name": "Nobody"}], 0),
        (None, 0),
    ):
        metadata = place / "submission_metadata.json"
        metadata.unlink(missing_ok=True)
        if users is not None:
            metadata.write_text(json.dumps({"users": users}))
        autograde.main(str(place))
        assert results(place)["score"] == score, users


@pytest.mark.skipif(not SWEEP, reason="installs every wheel")
def test_the_wheels_are_wheels(made: Path, tmp_path: Path) -> None:
    """Each has a record of the right digests; the installer that comes with Python takes them all."""
    with zipfile.ZipFile(made) as packed:
        packed.extractall(tmp_path)
    found = sorted((tmp_path / "wheels").iterdir())
    assert {path.name.split("-")[0].lower() for path in found} >= {
        "cnncalc",
        "pyyaml",
        "typer",
        "rich",
    }
    for path in found:
        with zipfile.ZipFile(path) as wheel:
            (record,) = (name for name in wheel.namelist() if name.endswith(".dist-info/RECORD"))
            listed = [line.rsplit(",", 2) for line in wheel.read(record).decode().splitlines()]
            assert {name for name, _, _ in listed} == set(wheel.namelist())
            for name, digest, size in listed:
                if name != record:
                    data = wheel.read(name)
                    assert (
                        digest
                        == "sha256="
                        + urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
                    )
                    assert int(size) == len(data)
                    assert not name.endswith((".so", ".pyc"))
    target = tmp_path / "site"
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-index",
        "--find-links",
        str(tmp_path / "wheels"),
    ]
    done = subprocess.run(
        [*pip, "--target", str(target), "cnncalc"], capture_output=True, text=True
    )
    if "No module named pip" in done.stderr:
        pytest.skip("needs pip")
    assert done.returncode == 0, done.stderr
    assert (target / "cnncalc" / "specs" / "networks").is_dir()


def test_the_same_each_time(made: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.zip"
    homework = made.parent / "hw.yaml"
    assert (
        main(["check", "--homework", str(homework), "--gradescope", "--hints", "-o", str(again)])
        == 0
    )
    assert again.read_bytes() == made.read_bytes()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--gradescope", "-o", "a.zip"], "an autograder needs what it grades by"),
        (["--gradescope", "--homework", "hw.yaml"], "-o names the archive"),
        (["--gradescope", "--homework", "none.yaml", "-o", "a.zip"], "no such file"),
        (["--gradescope", "--homework", "hw.yaml", "-o", "hw.yaml"], "would be replaced"),
    ],
)
def test_what_makes_no_sense(
    made: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    said: str,
) -> None:
    monkeypatch.chdir(made.parent)
    assert main(["check", *words]) == 2
    assert said in capsys.readouterr().err
    assert (made.parent / "hw.yaml").read_text() == HOMEWORK
