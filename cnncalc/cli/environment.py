"""The environment of a run: what in it cannot be used is refused, or forgotten where it says how wide a terminal is."""

from __future__ import annotations

import os

from cnncalc.text import limits
from cnncalc.text.messages import message
from cnncalc.text.source import single_problem

_WIDTHS = ("COLUMNS", "TERMINAL_WIDTH")
_NARROWEST, _WIDEST = 20, 10_000
"""Columns: in fewer no table can be read, and more are no screen's."""


def check_environment() -> None:
    """Forget widths that are none, for which help and errors would not be shown; SpecError for a factor of limits."""
    for name in _WIDTHS:
        if not _is_width(os.environ.get(name, "80")):
            del os.environ[name]
    if not limits.is_factor(text := limits.stated()):
        most = limits.MAX_FACTOR
        raise single_problem(
            limits.VARIABLE,
            text,
            message("limits are multiplied by a whole number from 1 to {most}", most=most),
        )


def _is_width(text: str) -> bool:
    return (
        text.isascii() and text.isdigit() and len(text) <= 5 and _NARROWEST <= int(text) <= _WIDEST
    )


__all__ = ["check_environment"]
