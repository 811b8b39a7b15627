"""Answers do not depend on where they are asked: hash seeds, locales, homes, widths, and Python's own switches."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from extent import sample

ROOT = Path(__file__).parent.parent

LINES = """\
params vgg16
summary resnet50 --format json
memory unet --format csv
receptive googlenet
explain inception_v3 total params
check alexnet conv1 params 34848 --hints
identify resnet50 3.8G
reconcile resnet50 25557032 25.6M
compare alexnet vgg16 --format markdown
diff resnet50 resnet101
lecture vgg16-memory
quiz --seed 7 --level 3
solve --input 224 --kernel 7 --stride 2 --output 112
convert lenet5 --to keras
draw lenet5 -o -
sweep resnet50 --input 128,160 --format csv
report lenet5 -o -
params vgg61
check --nonsense
params --help
"""
SCRIPT = f"""
import sys
from cnncalc.cli import main
for line in {LINES.splitlines()!r}:
    code = main(line.split())
    sys.stderr.flush()
    print("exit code", code, flush=True)
"""
HASH_SEEDS = [{"PYTHONHASHSEED": str(seed)} for seed in sample(range(1, 9), 2)]
LOCALES = [
    {"LC_ALL": name, "LANG": name, "LANGUAGE": name}
    for name in ("C", "POSIX", "ko_KR.eucKR", "tr_TR.UTF-8", "de_DE")
]
OTHERS = [
    {"HOME": "/nowhere", "USER": ""},
    {"HOME": "/proc", "XDG_CACHE_HOME": "/proc", "XDG_CONFIG_HOME": "/proc", "TMPDIR": "/proc"},
    {"PYTHONWARNINGS": "error", "PYTHONDEVMODE": "1"},
    {"TERM": "dumb", "NO_COLOR": "1", "TZ": "no/where", "LINES": "abc"},
    {"TERMINAL_WIDTH": "abc", "COLUMNS": "0"},
    {"TERMINAL_WIDTH": "0", "COLUMNS": "9" * 30},
    {"TERMINAL_WIDTH": "-5", "COLUMNS": "\N{ARABIC-INDIC DIGIT THREE}"},
]


def said(*switches: str, **environment: str) -> str:
    """Run all lines in one process that has this environment and no other; give what it says, errors in place."""
    done = subprocess.run(
        [sys.executable, *switches, "-c", SCRIPT],
        cwd="/",
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=True,
    )
    return done.stdout.decode(environment.get("PYTHONIOENCODING", "utf-8"))


@cache
def usual() -> str:
    return said(HOME="/root", LC_ALL="C.UTF-8", COLUMNS="80")


def test_the_usual_answers_are_answers() -> None:
    """Of the lines a wrong answer and a difference end with 1, a wrong name and a wrong option with 2."""
    codes = [line for line in usual().splitlines() if line.startswith("exit code")]
    assert codes == [
        f"exit code {code}" for code in (0,) * 5 + (1,) + (0,) * 3 + (1,) + (0,) * 7 + (2, 2, 0)
    ]
    for fact in ("138,357,544", "did you mean vgg11", "No such option: --nonsense", "no-bias"):
        assert fact in usual()


@pytest.mark.parametrize(
    "environment",
    [*HASH_SEEDS, *sample(LOCALES, 2), *sample(OTHERS, 4)],
    ids=lambda environment: " ".join(f"{k}={v[:9]}" for k, v in environment.items()),
)
def test_the_environment_changes_nothing(environment: dict[str, str]) -> None:
    assert said(**environment) == usual()


def test_a_terminal_of_ascii_alone_gets_the_same_with_stand_ins() -> None:
    ascii_alone = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    plain = said(**ascii_alone, PYTHONIOENCODING="ascii")
    assert plain.isascii()
    assert len(plain.splitlines()) == len(usual().splitlines())
    assert "138,357,544" in plain


def test_python_without_assertions_says_the_same() -> None:
    assert said("-O") == usual()


@pytest.mark.parametrize(
    "factor", ["abc", "0", "-3", "1.5", "1001", "9" * 40, "\N{SUPERSCRIPT TWO}"]
)
def test_a_factor_of_limits_that_cannot_be_used_is_refused(
    factor: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from cnncalc.cli import main

    monkeypatch.setenv("CNNCALC_LIMITS", factor)
    assert main(["list"]) == 2
    assert capsys.readouterr().err.startswith(
        "CNNCALC_LIMITS:1:1: error: limits are multiplied by a whole number from 1 to 1000"
    )
