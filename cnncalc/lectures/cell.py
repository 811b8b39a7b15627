"""What a printed cell states: a number to the digits written, a size, a text, and the arithmetic it prints beside."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from cnncalc.counts.judge import Asked, right_or_otherwise
from cnncalc.text.exact import Exact
from cnncalc.text.numbers import (
    Match,
    Reading,
    WrittenNumber,
    read_number,
    read_shape,
    without_batch,
)

_SIGNS = str.maketrans("×✕∗⋅·−[]{}", "*****-()()")
_RELATION = re.compile(r"~=|=>|[=≈→⇒]")
_AT_LEAST = re.compile(
    r"(?:(?P<more>more than|over) )?(?P<number>.*?[0-9])\s*(?:개\s*)?(?P<least>이상|or more|\+)?"
)
_ARITHMETIC = re.compile(r"[-+*/(]")
_NOUN = re.compile(r"(?<=[0-9])\s*(?:[x배]|(?:weight )?layers)$")
"""What may follow a number: times, or what is counted."""


class Statement:
    """A printed text, read as whatever it can be."""

    def __init__(self, text: str, suffix: str = "", given: Mapping[str, int] | None = None) -> None:
        self.text = text
        self.suffix = suffix
        self.given = given or {}

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """What stands between signs of equality."""
        return tuple(part.strip() for part in _RELATION.split(self.text))

    @cached_property
    def number(self) -> WrittenNumber | None:
        """The number that the cell ends in; a formula alone is the number that it makes."""
        answer = self.parts[-1]
        bound = _AT_LEAST.fullmatch(answer) if self.is_bound else None
        bare = _NOUN.sub("", answer if bound is None else bound["number"])
        try:
            return read_number(bare + self.suffix)
        except ValueError:
            value = self.evaluate(answer)
        return None if value is None else WrittenNumber(answer, value, 0)

    @property
    def is_bound(self) -> bool:
        """Whether the number is the least that it may be: "1,000 or more"."""
        bound = _AT_LEAST.fullmatch(self.parts[-1])
        return bool(bound and (bound["more"] or bound["least"]))

    @cached_property
    def shape(self) -> tuple[int, ...] | None:
        """The size that the cell ends in."""
        try:
            return read_shape(self.parts[-1])
        except ValueError:
            return None

    @cached_property
    def working(self) -> tuple[Exact, ...]:
        """What the arithmetic printed before the answer comes to; only whole numbers are held to it."""
        return tuple(self._working())

    def _working(self) -> Iterator[Exact]:
        for part in self.parts[:-1]:
            if _ARITHMETIC.search(part.translate(_SIGNS)) or part in self.given:
                value = self.evaluate(part)
                if value is not None:
                    yield value

    def evaluate(self, text: str) -> Exact | None:
        """Arithmetic with whole numbers and the given symbols; None for anything else."""
        from cnncalc.text.expressions import ExpressionError, parse_expression

        plain = text.translate(_SIGNS).removesuffix("개").strip()
        plain = re.sub(r"(?<=[0-9]) ?x ?(?=[0-9(])", "*", plain)
        plain = re.sub(r"(?<![A-Za-z0-9])([0-9]+)(?=[A-Z])", r"\1*", plain)  # 2P
        try:
            value = parse_expression(plain).evaluate(self.given)
        except ExpressionError:
            return None
        return None if isinstance(value, (bool, str, tuple)) else value

    def _is(self, value: str | tuple[int, ...]) -> bool:
        """Whether the cell prints a text or a shape."""
        if isinstance(value, str):
            return plain_text(self.text) == plain_text(value)
        if self.shape is None:
            return False
        return same_shape(self.shape, value) or same_shape(
            without_batch(self.text, self.shape), value
        )

    def agrees(self, value: Any, reading: Reading, *, is_ratio: bool = False) -> Match | None:
        """Ask the judge how a computed value gives the cell, read so; the printed arithmetic must come to it too.

        A ratio printed as a whole number is held to that digit, a count to all of them.
        """
        if isinstance(value, (str, tuple)):
            return "exact" if self._is(value) else None
        written = self.number
        if value is None or written is None or any(term != value for term in self.working):
            return None
        if self.is_bound:
            return "exact" if value >= written.value else None
        if is_ratio and not written.step:
            written = written._replace(step=1)
        asked = Asked("", "", "", "", value, digits=1, readings=(reading,))
        judgement = right_or_otherwise(asked, written._replace(unit=""))
        return (
            None if judgement is None or judgement.agreement is None else judgement.agreement.match
        )


def same_shape(written: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    """Whether two sizes are the same up to axes of 1: 4096×1 is a vector of 4,096."""
    return written == shape or [size for size in written if size != 1] == [
        size for size in shape if size != 1
    ]


def plain_text(text: str) -> str:
    """Return a text with its blanks, capitals and signs of multiplication made alike."""
    return "".join(text.split()).lower().replace("×", "x").replace("*", "x")


__all__ = ["Statement", "plain_text", "same_shape"]
