"""Limits on what a file from a stranger may cost: one environment variable makes all of them larger."""

from __future__ import annotations

import os

VARIABLE = "CNNCALC_LIMITS"
"""Environment variable with a whole number that every limit is multiplied by."""
MAX_FACTOR = 1000
RAISED = f"{VARIABLE}=10 in the environment makes every limit ten times as large"
"""The hint of an error about a limit."""


def factor() -> int:
    """Read what limits are multiplied by: 1 where the variable says nothing that can be used."""
    text = os.environ.get(VARIABLE, "1")
    return min(int(text), MAX_FACTOR) if text.isascii() and text.isdigit() and int(text[:6]) else 1


_FACTOR = factor()


def limit(usual: int) -> int:
    """Give a limit as it is in force."""
    return usual * _FACTOR


__all__ = ["RAISED", "VARIABLE", "factor", "limit"]
