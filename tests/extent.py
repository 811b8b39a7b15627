"""How much is tried: a sample by default; everything, at each size and of each seed, where CNNCALC_SWEEP is set."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from typing import TypeVar

T = TypeVar("T")

SWEEP = os.environ.get("CNNCALC_SWEEP", "") not in ("", "0")


def sample(values: Iterable[T], count: int, always: Sequence[T] = ()) -> list[T]:
    """So many of the values, evenly spaced from first to last, and the `always`; all of them in a sweep."""
    listed = list(values)
    if SWEEP or count >= len(listed):
        return listed
    places = {round(at * (len(listed) - 1) / (count - 1)) for at in range(count)}
    places |= {listed.index(value) for value in always}
    return [listed[place] for place in sorted(places)]


def tries(count: int, sweep: int) -> int:
    """How often something drawn is tried: `sweep` times in a sweep."""
    return sweep if SWEEP else count


def allowed(seconds: float) -> float:
    """The CPU time that something may take; where every line is traced, as for coverage, four times as much."""
    return seconds * (4 if sys.gettrace() else 1)
