"""What the letters of a derivation stand for: a line below it, with those that occur."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from cnncalc.text.messages import translate

if TYPE_CHECKING:
    from cnncalc.ops.base import Step

LETTERS = {
    "N": "input size",
    "O": "output size",
    "F": "kernel size",
    "S": "stride",
    "P": "pad on each side",
    "p": "pad before",
    "q": "pad after",
    "d": "dilation",
    "C": "channels",
    "K": "filters",
    "U": "units",
    "n": "values that arrive",
    "g": "groups",
    "r": "receptive field",
    "j": "jump",
}
"""The letters of the formulas; the axis stands below one (F_h, F_w), and ₀ at what holds before the layer."""

_WORD = re.compile(r"(?<!\w)[A-Za-z]+(?:_[a-z])?(?!\w)")


def legend(steps: Iterable[Step], lang: str = "en") -> str:
    """Say what each letter in the formulas stands for; empty where there is none.

    The result's own r_h×r_w needs no saying.
    """
    words = {word for step in steps for word in _WORD.findall(_letters_apart(step.formula))}
    seen = {word if word.startswith("r") else word.partition("_")[0] for word in words}
    parts = [
        f"{letter} {translate(meaning, lang)}"
        for letter, meaning in LETTERS.items()
        if letter in seen
    ]
    return ", ".join(parts)


def _letters_apart(formula: str) -> str:
    """Return the formula with `2P` as `2 P`, and subscript ₀ left out."""
    return re.sub(r"(\d)([A-Za-z])", r"\1 \2", formula.replace("₀", " "))


__all__ = ["LETTERS", "legend"]
