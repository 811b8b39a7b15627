"""What a shell completes, as it asks for it; words of options in any case; an example in every help."""

from __future__ import annotations

import shlex
from typing import Any

import pytest
import typer

from cnncalc.cli import COMMANDS, app, main


@pytest.fixture
def completed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):  # type: ignore[no-untyped-def]
    """What bash is offered behind a line; the line's last word is what is typed of the next."""

    def ask(line: str) -> list[str]:
        words = shlex.split(line) + [""] * line.endswith(" ")
        monkeypatch.setenv("_CNNCALC_COMPLETE", "complete_bash")
        monkeypatch.setenv("COMP_WORDS", line)
        monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
        main([])
        return capsys.readouterr().out.split()

    return ask


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("cnncalc params lenet5 --format j", ["json"]),
        ("cnncalc memory lenet5 --dtype b", ["bfloat16"]),
        ("cnncalc memory lenet5 --optimizer ", ["sgd", "momentum", "adam"]),
        ("cnncalc conv --lang ", ["en", "ko"]),
        ("cnncalc quiz --level ", ["1", "2", "3"]),
        ("cnncalc quiz --format m", ["markdown", "moodle"]),
        ("cnncalc quiz --ask o", ["open"]),
        ("cnncalc params torchvision/mobilenet_v2 --set w", ["width="]),
        ("cnncalc identify lenet5 156 --layer c", ["c1", "c3", "c5"]),
        ("cnncalc params no_such --set w", []),
        ("cnncalc params - --set w", []),
        ("cnncalc no_such lenet5 --set w", []),
        ("cnncalc check lenet", ["lenet5", "lenet5_28"]),
        ("cnncalc check lenet5 c", ["c1", "c3", "c5"]),
        ("cnncalc check lenet5 c1 we", ["weights"]),
        ("cnncalc check lenet5 c1 weights 1", []),
        ("cnncalc check --homework h.yaml s", []),
        ("cnncalc check lenet5 a.csv --rows c1,c", ["c1,c3", "c1,c5"]),
        ("cnncalc check --rows c", []),
        ("cnncalc check --accept tho", ["thop"]),
        ("cnncalc params lenet5 --from o", ["onnx"]),
        ("cnncalc draw lenet5 --style v", ["volumes"]),
        ("cnncalc draw lenet5 --theme d", ["dark"]),
        ("cnncalc compare lenet5 --by l", ["layer"]),
        ("cnncalc budget lenet5 --format g", ["github"]),
        ("cnncalc check lenet5 --format g", ["gradescope"]),
        ("cnncalc sweep lenet5 --show params,m", ["params,macs", "params,memory"]),
        ("cnncalc convert lenet5 --to y", ["yaml"]),
        ("cnncalc fit lenet5 --what b", ["batch"]),
        ("cnncalc convolve --pool m", ["max"]),
        ("cnncalc convolve --padding c", ["copy"]),
    ],
)
def test_the_values_of_options_are_completed(completed, line: str, offered: list[str]) -> None:  # type: ignore[no-untyped-def]
    assert completed(line) == offered


NUMBERS = [
    "N",
    "K",
    "F",
    "S",
    "P",
    "D",
    "G",
    "B",
    "U",
    "O",
    "BYTES",
    "SIZE",
    "SIZES",
    "NUMBERS|FILE",
]
TEXTS = ["NAME", "TEXT", "ADDRESS", "FILE", "FOLDER", "NUMBER"]
OF_A_NETWORK = ["LAYER", "LAYER,...", "NAME=VALUE", "NAME=VALUES"]
"""What only the network of the line can complete; the lines above have each."""


def test_every_option_of_words_completes_them() -> None:
    """What is no number, no text of one's own and no file has values that a shell offers."""
    group: Any = typer.main.get_command(app)
    for name in COMMANDS:
        command = group.get_command(None, name)
        for option in command.params:
            if getattr(option, "is_flag", False) or option.name == "help":
                continue
            if option.metavar not in (*NUMBERS, *TEXTS, *OF_A_NETWORK):
                offered = option.shell_complete(command.context_class(command), "")
                assert offered, (name, option.name, option.metavar)


def test_files_are_completed(completed, tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "homework.yaml").touch()
    (tmp_path / "house").mkdir()
    (tmp_path / "house" / "h.yml").touch()
    (tmp_path / "home.txt").touch()
    monkeypatch.chdir(tmp_path)
    assert completed("cnncalc check --homework ho") == ["homework.yaml", "house/"]
    assert completed("cnncalc check --homework house/") == ["house/h.yml"]
    assert completed("cnncalc check --homework none/h") == []


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("memory lenet5 --dtype fp16", "memory lenet5 --dtype float16"),
        ("memory lenet5 --dtype Half", "memory lenet5 --dtype float16"),
        ("memory lenet5 --optimizer Adam", "memory lenet5 --optimizer adam"),
        ("params lenet5 --lang KO", "params lenet5 --lang ko"),
        ("params lenet5 --format CSV", "params lenet5 --format csv"),
        (
            "fit lenet5 --memory 1GiB --train --dtype BF16 --optimizer SGD",
            "fit lenet5 --memory 1GiB --train --dtype bfloat16 --optimizer sgd",
        ),
    ],
)
def test_words_are_read_in_any_case(
    written: str, meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(written.split()) == 0
    shown = capsys.readouterr().out
    assert main(meant.split()) == 0
    assert shown == capsys.readouterr().out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_help_has_an_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name, "--help"]) == 0
    assert f"Example:\n    {COMMANDS[name].example}\n" in capsys.readouterr().out
    assert COMMANDS[name].example.startswith(f"cnncalc {name}")
