"""Text that goes out: nothing that a file holds acts on a terminal, a page, a spreadsheet or TeX; outputs that fail."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from html.parser import HTMLParser
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from extent import sample

from cnncalc import cli
from cnncalc.cli import main
from cnncalc.tables.formats.csv import guarded
from cnncalc.text.printable import STAND_INS, escape_json, printable

HOSTILE = (
    "x\x1b]8;;http://evil\x07\x1b[2J\x9b31m\x00\u202e\u200b\ufeff\r\n"
    "\\input{/etc/passwd}\n<script>alert(1)</script>&amp;[a](javascript:b)|`$%"
)
"""Escapes, C1, NUL, bidi, zero-width, line ends, TeX, HTML and Markdown, in one name."""

SPEC = f"name: n\ntitle: {json.dumps(HOSTILE)}\ninput: 8x8x3\nlayers: [conv: {{filters: 4, kernel: 3}}]\n"
FORMATS = ("plain", "table", "json", "csv", "markdown", "latex", "html")
LINES = (
    "summary {}",
    "params {}",
    "explain {} conv1",
    "identify {} 112",
    "reconcile {} thop macs",
    "validate {}",
)


def is_safe(text: str) -> bool:
    """Whether a terminal shows every character of a text and obeys none but the line feed."""
    return all(char == "\n" or char.isprintable() for char in text)


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A spec with a hostile title and, where the file system takes it, a hostile name."""
    path = tmp_path / "x\x1b[31m\u202e.yaml"
    path.write_text(SPEC)
    return path


@pytest.mark.parametrize("style", FORMATS)
@pytest.mark.parametrize("line", LINES)
def test_what_a_spec_holds_does_not_act_on_the_reader(
    line: str, style: str, hostile: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [str(hostile) if word == "{}" else word for word in line.split()]
    main([*words, *(["--format", style] if words[0] != "validate" else [])])
    out, err = capsys.readouterr()
    assert out
    assert is_safe(out)
    assert is_safe(err)
    if style == "json" and words[0] != "validate":
        json.loads(out)
    if style == "csv":
        list(csv.reader(io.StringIO(out), strict=True))
    if style == "latex":
        assert not [row for row in out.split("\n") if row.startswith("\\input")]
    if style == "html":
        assert "script" not in tags(out)
    if style == "markdown":
        assert "<script" not in out.replace("\\<", "")
        assert "](" not in out.replace("\\]", "")


def tags(text: str) -> set[str]:
    """The elements of a page."""
    seen = set()

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            seen.add(tag)

    Reader().feed(text)
    return seen


def test_control_and_format_characters_are_shown_as_symbols() -> None:
    assert printable("a\x00\x1b\n\x7f\x9b\u202e\u200bb") == "a␀␛␊␡\ufffd\ufffd\ufffdb"
    assert printable("한글 × γ") == "한글 × γ"
    assert printable("a\u00a0b\u3000c") == "a b c"


def test_no_character_passes_that_is_not_printable() -> None:
    unsafe = [chr(code) for code in range(0x11000) if unicodedata.category(chr(code))[0] in "CZ"]
    shown = printable("".join(unsafe))
    assert is_safe(shown)
    assert "\n" not in shown


def test_json_stays_the_same_value() -> None:
    document = {"a": HOSTILE, "b": "\ud800"}
    text = escape_json(json.dumps(document, ensure_ascii=False))
    assert json.loads(text) == document
    assert is_safe(text)
    text.encode()


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1+1",
        "@SUM(A1)",
        "-2+3",
        "＝1+1",
        "\t=1",
        " =1",
        "\u200b=1",
        "\ufeff=1",
        "\r=1",
        "\u202e+x",
    ],
)
def test_a_spreadsheet_computes_no_cell(text: str) -> None:
    assert guarded(text).startswith("'")


@pytest.mark.parametrize("text", ["-3", "+1.5", "-", "conv1", "1-2", "", "한글"])
def test_numbers_and_names_stay_as_they_are(text: str) -> None:
    assert guarded(text) == text


# ---- outputs that fail ----------------------------------------------------------------------------------------------


def process(line: str, **given: Any) -> subprocess.CompletedProcess[bytes]:
    """A whole process, through a shell that redirects."""
    command = f"{sys.executable} -m cnncalc {line}"
    done: subprocess.CompletedProcess[bytes] = subprocess.run(
        ["bash", "-c", command], capture_output=True, timeout=60, check=False, **given
    )
    return done


@pytest.mark.parametrize(
    ("line", "where"),
    sample(
        product(
            ("params alexnet", "--help", "list", "validate alexnet", "explain alexnet conv1"),
            (">/dev/full", ">&-"),
        ),
        4,
    ),
)
def test_an_output_that_cannot_be_written_is_one_line_and_exit_code_2(
    line: str, where: str
) -> None:
    ran = process(f"{line} {where}")
    assert ran.returncode == 2
    assert ran.stderr.decode().startswith("cannot write standard output: ")
    assert ran.stderr.count(b"\n") == 1


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_an_output_that_is_written_in_part_is_an_error(tmp_path: Path, unbuffered: str) -> None:
    """A file may have 1,024 bytes here, as on a disk that is nearly full; Python itself would not tell."""
    limited = f"ulimit -f 1; PYTHONUNBUFFERED={unbuffered} {sys.executable} -m cnncalc"
    command = f"{limited} params resnet50 > {tmp_path / 'out.txt'}"
    ran = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (2, "cannot write standard output: file too large\n")


def test_a_want_of_memory_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(argv: list[str] | None) -> int:
        raise MemoryError

    monkeypatch.setattr(cli, "run", run)
    assert main(["params", "lenet5"]) == 2
    assert capsys.readouterr().err == "there is not enough memory for this\n"


def test_errors_with_nowhere_to_go_do_not_go_to_standard_output() -> None:
    ran = process("params nosuch 2>&-")
    assert (ran.returncode, ran.stdout) == (2, b"")


def test_a_closed_standard_input_is_an_error() -> None:
    ran = process("params - <&-")
    assert ran.returncode == 2
    assert b"standard input is closed" in ran.stderr


def test_standard_input_is_not_read_twice() -> None:
    ran = process("diff - - < specs/networks/lenet5.yaml", cwd=Path(__file__).parent.parent)
    assert ran.returncode == 2
    assert b"standard input can be read once" in ran.stderr


def test_a_named_pipe_is_refused(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.yaml"
    os.mkfifo(pipe)
    ran = process(f"params {pipe}")
    assert ran.returncode == 2
    assert b"named pipe" in ran.stderr


@pytest.mark.skipif(not Path("/dev/stdout").exists(), reason="standard output has no path here")
def test_standard_output_by_its_path_is_a_pipe_that_somebody_reads() -> None:
    ran = process("params lenet5 --format csv -o /dev/stdout | cat")
    assert b"\nf6,fc," in ran.stdout


def test_a_pipe_that_the_shell_opened_is_read() -> None:
    ran = process("params <(cat specs/networks/lenet5.yaml)", cwd=Path(__file__).parent.parent)
    assert ran.returncode == 0


@pytest.mark.parametrize(
    ("encoding", "line"),
    sample(
        product(
            ("cp949", "cp1252", "ascii", "latin-1", "cp437"),
            (
                "explain alexnet conv1",
                "params alexnet --lang ko",
                "lecture",
                "solve --input 7 --kernel 3",
            ),
        ),
        6,
    ),
)
def test_what_an_encoding_lacks_has_a_stand_in(encoding: str, line: str) -> None:
    ran = process(
        line + " --pad 0 --stride 2" * line.startswith("solve"),
        env={**os.environ, "PYTHONIOENCODING": encoding},
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.decode(encoding)


def test_stand_ins_are_what_people_write() -> None:
    assert "55×55 − 1 → 2·3".encode("ascii", STAND_INS) == b"55x55 - 1 -> 2*3"


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("a.csv", "name,op,"),
        ("a.json", "{"),
        ("a.md", "**"),
        ("a.html", "<div>"),
        ("a.tex", "% "),
        ("a.txt", "AlexNet"),
    ],
)
def test_the_ending_of_a_file_says_its_format(name: str, begins: str, tmp_path: Path) -> None:
    assert main(["params", "alexnet", "-o", str(tmp_path / name)]) == 0
    assert (tmp_path / name).read_text().startswith(begins)


def test_a_dash_is_standard_output(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    call: Callable[[list[str]], int] = main
    assert call(["params", "alexnet", "-o", "-"]) == 0
    assert capsys.readouterr().out.startswith("AlexNet")
    assert not list(tmp_path.iterdir())
