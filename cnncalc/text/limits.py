"""Limits on what a file from a stranger may cost: one environment variable makes all of them larger."""

from __future__ import annotations

import os

VARIABLE = "CNNCALC_LIMITS"
"""Environment variable with a whole number that every limit is multiplied by."""
MAX_FACTOR = 1000
RAISED = f"{VARIABLE}=10 in the environment makes every limit ten times as large"
"""The hint of an error about a limit."""


def stated() -> str:
    """Return what the environment says that limits are multiplied by: 1 where it says nothing."""
    return os.environ.get(VARIABLE) or "1"


def is_factor(text: str) -> bool:
    """Whether limits can be multiplied by it."""
    return text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= MAX_FACTOR


_FACTOR = int(stated()) if is_factor(stated()) else 1


def limit(usual: int) -> int:
    """Give a limit as it is in force."""
    return usual * _FACTOR


__all__ = ["MAX_FACTOR", "RAISED", "VARIABLE", "is_factor", "limit", "stated"]
