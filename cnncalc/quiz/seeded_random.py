"""SeededRandom that is the same everywhere: whole numbers from SHA-256 of a seed and a counter.

Python's `random` promises the same floats for a seed, but not the same choices or shuffles from version to version.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import TypeVar

T = TypeVar("T")


class SeededRandom:
    """A stream of choices that follows from what it is seeded with, in whatever system and Python version.

    Draw number n is the first 16 bytes of SHA-256 of the seeds, each with its length before it, and n, as a whole
    number; its remainder is even among k to one part in 2^128 / k.
    """

    def __init__(self, *seeds: object) -> None:
        texts = (unicodedata.normalize("NFC", str(seed)) for seed in seeds)
        self._start = sha256("".join(f"{len(text)}:{text}," for text in texts).encode())
        self._drawn = 0

    def below(self, count: int) -> int:
        """Return a whole number from 0 to count - 1."""
        state = self._start.copy()
        state.update(str(self._drawn).encode())
        self._drawn += 1
        return int.from_bytes(state.digest()[:16], "big") % count

    def pick(self, values: Sequence[T]) -> T:
        """One of the values."""
        return values[self.below(len(values))]

    def shuffled(self, values: Iterable[T]) -> list[T]:
        """Return the values in another order."""
        order = list(values)
        for last in range(len(order) - 1, 0, -1):
            other = self.below(last + 1)
            order[last], order[other] = order[other], order[last]
        return order
