"""A quiz in the terminal: colours where there are some, plain lines in a pipe, tidy at Ctrl-C and the end of input."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

from cnncalc.cli.show import has_colour
from cnncalc.text.printable import printable_lines

if TYPE_CHECKING:
    from cnncalc.quiz.request import QuizRequest

MAX_LINE = 10_000
"""An answer is no longer than this; what is behind it is another line."""

_STYLES = {"title": "bold", "asked": "bold", "right": "green", "wrong": "yellow", "note": ""}


def play(request: QuizRequest) -> None:
    """Play a quiz; Ctrl-C ends it as `quit` does, with 130. Raises SpecError for options that make no quiz."""
    from cnncalc.quiz.play import Game

    game = Game(request.turns(), request.lang, _tell, _hear)
    try:
        game.play()
    except KeyboardInterrupt:
        _tell("", "note")
        game.sum_up()
        raise typer.Exit(130) from None
    game.sum_up()


def _tell(text: str, tone: str) -> None:
    """Print a line: wrapped and in colour on a terminal, as it is elsewhere."""
    if not has_colour(None):
        print(printable_lines(text), flush=True)
        return
    from rich.console import Console
    from rich.text import Text

    Console(highlight=False).print(Text(printable_lines(text), style=_STYLES[tone]))


def _hear(prompt: str) -> str | None:
    """Read a line; None at the end of the input."""
    if sys.stdin is None:
        return None
    if sys.stdin.isatty() and sys.stdout.isatty():
        try:
            return input(prompt)
        except EOFError:
            print()
            return None
        except UnicodeDecodeError:
            return ""
    print(prompt.rstrip(), flush=True)
    line = sys.stdin.buffer.readline(MAX_LINE)
    return line.decode("utf-8", "replace").rstrip("\r\n") if line else None


__all__ = ["play"]
