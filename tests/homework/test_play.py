"""A quiz played in the terminal: by functions, through a pipe, and in a terminal of its own."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from cnncalc.cli import main
from cnncalc.cli import play as in_terminal
from cnncalc.quiz.play import Game, Tally
from cnncalc.quiz.request import QuizRequest

COMMAND = [sys.executable, "-m", "cnncalc", "quiz", "--play", "--seed", "7"]
"""Seed 7, worked out by hand in test_quiz.py: 4x4x48, 39x39x12, 0."""


def play(*typed: str, lang: str = "en", count: int = 3) -> tuple[list[str], Tally]:
    """Play seed 7, with what is typed; what is said, and how it went."""
    answers: Iterator[str] = iter(typed)
    said: list[str] = []
    game = Game(
        QuizRequest("7", count, lang=lang).turns(),
        lang,
        lambda text, _: said.append(text),
        lambda _: next(answers, None),
    )
    game.play()
    game.sum_up()
    return said, game.tally


def test_right_answers_count_at_the_attempt_they_come_at() -> None:
    said, tally = play("4x4x48", "33x33x12", "39×39×12", "0")
    assert tally == Tally((2, 1), 0, 0, ("zero padding",))
    assert [line for line in said if line.startswith("Right")] == [
        "Right: 4x4x48",
        "Right: 39x39x12",
        "Right: 0",
    ]
    assert said[-2:] == [
        "2 of 3 right at once, 1 after a hint, 0 skipped.",
        "Look up: zero padding.",
    ]


def test_the_first_wrong_answer_gets_a_hint_and_the_second_its_slip() -> None:
    said, tally = play("10x10x48", "3x3x48", count=1)
    # stride 1: (12 - 3)/1 + 1 = 10; without the + 1: 9/3 = 3
    first, second = (
        next(place for place, line in enumerate(said) if line.startswith(start))
        for start in ("Not yet. Look up: stride", "The filter also stands at its first position")
    )
    assert first < second
    assert not any("4x4x48" in line for line in said[: second + 1])
    assert said[second + 1] == "The answer is 4x4x48."
    assert tally.missed == 1
    assert said[-1] == "Look up: stride; output size, the + 1."


def test_no_answer_costs_no_attempt() -> None:
    said, tally = play("", "many", "hint", "?", "4x4x48", count=1)
    assert tally == Tally((1, 0))
    assert "No answer is given." in said
    assert (
        sum("(N + 2P − F)/S + 1" in line for line in said) == 3
    )  # the formula twice, then the derivation


@pytest.mark.parametrize("word", ["skip", " S ", "넘기기"])
def test_skip_tells_the_answer(word: str) -> None:
    said, tally = play(word, count=1)
    assert tally == Tally(skipped=1)
    assert "The answer is 4x4x48." in said


@pytest.mark.parametrize(
    "typed", [("4x4x48", "quit"), ("4x4x48", "Q"), ("4x4x48",), ("4x4x48", "끝")]
)
def test_quit_and_the_end_of_input_end_with_the_score(typed: tuple[str, ...]) -> None:
    said, tally = play(*typed)
    assert tally == Tally((1, 0))
    assert said[-1] == "1 of 1 right at once, 0 after a hint, 0 skipped."


def test_korean() -> None:
    said, _ = play("3x3x48", "4x4x48", lang="ko", count=1)
    assert "문제 1/1" in said
    assert "아직 아닙니다. 찾아볼 것: 출력 크기 공식의 + 1." in said
    assert "정답: 4x4x48" in said


def test_a_homework_is_played_too() -> None:
    said: list[str] = []
    answers = iter(["5x5x1", "3x3x1"])
    turns = QuizRequest(homework="conv_layers").turns()
    game = Game(turns, "en", lambda text, _: said.append(text), lambda _: next(answers, None))
    game.play()
    assert game.tally.right == (2, 0)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-o", "sheet.md"], "-o cannot be combined with --play"),
        (["--key", "key.yaml"], "--key cannot be combined with --play"),
        (["--roster", "class.csv"], "--roster cannot be combined with --play"),
        (["--level", "9"], "--level is from 1 to 3"),
        (["--homework", "conv_layers", "--seed", "3"], "nothing is drawn"),
    ],
)
def test_usage_errors(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["quiz", "--play", *words]) == 2
    assert said in capsys.readouterr().err


# --- as a process -----------------------------------------------------------------------------------------------------


def test_a_pipe_gets_plain_lines() -> None:
    typed = "10x10x48\n4x4x48\n\udcff".encode("utf-8", "surrogateescape")
    done = subprocess.run([*COMMAND, "--count", "2"], input=typed, capture_output=True, timeout=60)
    lines = done.stdout.decode().splitlines()
    assert (done.returncode, done.stderr) == (0, b"")
    assert lines[-2] == "0 of 1 right at once, 1 after a hint, 0 skipped."
    assert "\x1b" not in done.stdout.decode()


class Terminal:
    """A terminal in which a command runs."""

    def __init__(self, *words: str) -> None:
        self.master, slave = pty.openpty()
        env = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "80"}
        env.pop("NO_COLOR", None)
        self.process = subprocess.Popen(
            [*COMMAND, *words],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=env,
            preexec_fn=lambda: _controlling(slave),
        )
        os.close(slave)
        self.seen = ""

    def expect(self, text: str, key: str = "") -> None:
        """Read until a text is there, and press a key every few seconds until then.

        Ctrl-C between the prompt and the read of a slow machine is not heard before the next key.
        """
        pressed = time.monotonic()
        end = pressed + 30
        while text not in self.seen:
            assert time.monotonic() < end, self.seen
            if key and time.monotonic() > pressed + 5:
                self.type(key)
                pressed = time.monotonic()
            ready, _, _ = select.select([self.master], [], [], 0.2)
            if ready:
                try:
                    self.seen += os.read(self.master, 4096).decode("utf-8", "replace")
                except OSError:  # the other side is closed
                    break
        assert text in self.seen, self.seen
        self.seen = self.seen.partition(text)[2]

    def type(self, text: str) -> None:
        os.write(self.master, text.encode())

    def code(self) -> int:
        return self.process.wait(30)


def _controlling(slave: int) -> None:
    import fcntl
    import termios

    signal.signal(signal.SIGINT, signal.SIG_DFL)  # which a shell's background jobs ignore
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)


def test_a_terminal_gets_colours_and_a_score() -> None:
    terminal = Terminal("--count", "2")
    terminal.expect("q1> ")
    terminal.type("10x10x48\n")
    terminal.expect("Not yet.")
    terminal.expect("q1> ")
    terminal.type("4x4x48\n")
    terminal.expect("\x1b[32mRight")
    terminal.expect("q2> ")
    terminal.type("\x04")  # the end of input
    terminal.expect("1 after a hint")
    assert terminal.code() == 0


def test_ctrl_c_ends_with_the_score_and_no_traceback() -> None:
    terminal = Terminal("--count", "2")
    terminal.expect("q1> ")
    terminal.type("4x4x48\n")
    terminal.expect("q2> ")
    terminal.type("\x03")
    terminal.expect("1 of 1 right at once", key="\x03")
    assert terminal.code() == 130
    assert "Traceback" not in re.sub(r"\x1b\[[\d;]*m", "", terminal.seen)


# ---- a terminal's corners, without one ------------------------------------------------------------------------------


class Screen:
    """What stands for an end of a terminal: it says so, and takes nothing else."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("typed", "heard", "printed"),
    [
        (lambda prompt: f"{prompt}55x55x96", "> 55x55x96", ""),
        (EOFError(), None, "\n"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"), "", ""),
    ],
)
def test_a_line_of_a_terminal(
    typed: Any,
    heard: str | None,
    printed: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The end of the input ends its line; what is no text is an empty answer."""

    def take(prompt: str) -> str:
        if isinstance(typed, Exception):
            raise typed
        return str(typed(prompt))

    monkeypatch.setattr("sys.stdin", Screen())
    monkeypatch.setattr("builtins.input", take)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    assert in_terminal._hear("> ") == heard
    assert capsys.readouterr().out == printed


def test_no_input_at_all_is_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)
    assert in_terminal._hear("> ") is None


def test_a_line_in_colour_shows_what_it_says(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With no escape of its own where what it is written to has no colours, and none of the answer's."""
    monkeypatch.setattr(in_terminal, "has_colour", lambda chosen: True)
    in_terminal._tell("[bold] is\x1b[31m no mark", "right")
    assert capsys.readouterr().out == "[bold] is␛[31m no mark\n"


def test_ctrl_c_sums_up_and_ends_with_130(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(prompt: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(in_terminal, "_hear", interrupted)
    assert main(["quiz", "--play", "--seed", "7", "--count", "2"]) == 130
    assert "0" in capsys.readouterr().out.rstrip().split("\n")[-1]
