"""A cell as a student wrote it, read; and whether it agrees with a number or a shape."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from cnncalc.homework.variant import Value
from cnncalc.spec.quantities import ASKED, BY_NAME
from cnncalc.text.numbers import WrittenNumber, matches, read_number, read_shape, without_batch

SHAPES = tuple(name for name in ASKED if BY_NAME[name].is_shape)
"""The quantities whose answers are shapes."""

_NOTHING = re.compile(
    r"[\s\-–—_.?·※]*|n/?a\.?|tbd|(?:i )?do(?:n'?t| not) know|idk|모름|모르겠음|모르겠습니다|없음|해당\s?없음|미정",
    re.IGNORECASE,
)
_REMEMBERED = 4096

CHANNELS_FIRST = "channels first"
ONES = "axes of one position"


class ReadAnswer(NamedTuple):
    """A cell read: a number with its written precision, or a shape; `problem` says why there is neither.

    `along_axes` is set for a receptive field, of which one number stands for every axis.
    """

    text: str
    number: WrittenNumber | None = None
    shape: tuple[int, ...] | None = None
    problem: str = ""
    along_axes: bool = False

    @property
    def is_blank(self) -> bool:
        """Whether nothing is answered: an empty cell, or a dash."""
        return self.number is None and self.shape is None and not self.problem

    @property
    def value(self) -> Value | None:
        """The number or the shape."""
        return self.shape if self.number is None else self.number.value

    def forms(self, rank: int) -> list[tuple[str, tuple[int, ...]]]:
        """Return what a shape as written may stand for among shapes of `rank` numbers, the plain reading first."""
        if self.shape is None:
            return []
        if self.along_axes:
            return [("", field_forms(self.shape, rank))]
        own = without_batch(self.text, self.shape)
        return forms(own if len(own) == rank else self.shape, rank)


@lru_cache(_REMEMBERED)
def read_answer(quantity: str, text: str) -> ReadAnswer:
    """Read a cell of a quantity's column."""
    if _NOTHING.fullmatch(text):
        return ReadAnswer(text)
    try:
        if quantity in SHAPES:
            return ReadAnswer(
                text, shape=read_shape(text), along_axes=quantity == "receptive_field"
            )
        return ReadAnswer(text, number=read_number(text))
    except ValueError as error:
        return ReadAnswer(text, problem=error.args[0])


def agrees(reading: ReadAnswer, value: Value) -> str | None:
    """How an answer agrees with a value: "" plainly, else in which order or form; None where it does not."""
    if reading.number is not None:
        if isinstance(value, tuple):
            return None
        return "" if matches(reading.number, value) in ("exact", "rounded") else None
    if not isinstance(value, tuple):
        return None
    for form, shape in reading.forms(len(value)):
        if shape == value:
            return form
    return None


def forms(shape: tuple[int, ...], rank: int) -> list[tuple[str, tuple[int, ...]]]:
    """Return what a shape as written may stand for, the plain reading first, among shapes of `rank` numbers.

    `[96, 55, 55]` may have its channels first; `4096×1` and `1×1×4096` are vectors, `4096` a map of one position.
    """
    if len(shape) == rank:
        shapes = [("", shape)]
        if rank > 1:
            shapes.append((CHANNELS_FIRST, (*shape[1:], shape[0])))
        return shapes
    real = tuple(size for size in shape if size != 1) or (1,)
    if rank == 1 and len(real) == 1:
        return [(ONES, real)]
    if len(real) == 1 and len(shape) < rank:
        return [(ONES, (*(1,) * (rank - 1), *real))]
    if len(shape) == rank + 1 and shape[0] == 1:  # a batch of one
        return [(ONES, shape[1:]), (CHANNELS_FIRST, (*shape[2:], shape[1]))]
    return []


def field_forms(shape: tuple[int, ...], rank: int) -> tuple[int, ...]:
    """Return a receptive field as written along every axis: one number stands for all of them."""
    return shape * rank if len(shape) == 1 else shape


def exchanged(reading: ReadAnswer) -> list[ReadAnswer]:
    """Return the answers that two adjacent digits exchanged give; of a shape, in one of its different numbers."""
    if reading.shape is not None:
        return [
            reading._replace(shape=tuple(new if size == old else size for size in reading.shape))
            for old in dict.fromkeys(reading.shape)
            for new in _swaps(str(old))
        ]
    if reading.number is None:
        return []
    text = reading.number.text.rpartition("=")[2]
    answers = []
    for place in range(len(text) - 1):
        end = place + 2 if text[place + 1].isdigit() else place + 3  # across a comma or a point
        left, right = text[place], text[end - 1 : end]
        leads = not any(map(str.isdigit, text[:place])) and right == "0"
        if left.isdigit() and right.isdigit() and left != right and not leads:
            changed = text[:place] + right + text[place + 1 : end - 1] + left + text[end:]
            answers.append(_read_quietly(changed))
    return [answer for answer in answers if answer is not None]


def _swaps(digits: str) -> list[int]:
    swaps = []
    for place in range(len(digits) - 1):
        left, right = digits[place], digits[place + 1]
        if left != right and (place or right != "0"):
            swaps.append(int(digits[:place] + right + left + digits[place + 2 :]))
    return swaps


def _read_quietly(text: str) -> ReadAnswer | None:
    try:
        return ReadAnswer(text, number=read_number(text))
    except ValueError:
        return None


def scaled(reading: ReadAnswer, power: int) -> ReadAnswer:
    """Return the answer times a power of ten, with its digits."""
    number = reading.number
    if number is None:
        return reading
    from fractions import Fraction

    factor = Fraction(10) ** power
    return reading._replace(
        number=number._replace(value=number.value * factor, step=number.step * factor)
    )
