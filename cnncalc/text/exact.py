"""Exact numbers: an int, or a fraction where the value is not whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:  # imported late: most commands meet no fraction
    from fractions import Fraction

Exact: TypeAlias = "int | Fraction"

MAX_EXPONENT, MAX_LENGTH = 260, 40
"""The power of ten and the characters of a number that is read: what they make is soon worked out, and a float."""


def whole(value: Exact) -> Exact:
    """Make a fraction that is whole an int."""
    if isinstance(value, int):
        return value
    return value.numerator if value.denominator == 1 else value


def ratio(numerator: Exact, denominator: Exact) -> Exact:
    """Divide exactly. Raises ZeroDivisionError."""
    if isinstance(numerator, int) and isinstance(denominator, int):
        quotient, rest = divmod(numerator, denominator)
        if not rest:
            return quotient
        from fractions import Fraction

        return Fraction(numerator, denominator)
    from fractions import Fraction

    return whole(Fraction(numerator) / denominator)


def read_exact(text: str) -> Fraction:
    """Read `3`, `0.25`, `1/4` or `25e-2` as it is typed: 0.1 is 1/10.

    Raises ValueError for anything else, for a number divided by zero, and for one past the limits.
    """
    from fractions import Fraction

    _, sign, exponent = text.lower().partition("e")
    if len(text) > MAX_LENGTH or (sign and abs(int(exponent)) > MAX_EXPONENT):
        raise ValueError(f"{text[:MAX_LENGTH]} is too long a number")
    try:
        return Fraction(text)
    except ZeroDivisionError:
        raise ValueError(f"{text} divides by zero") from None


def half(value: Exact) -> Exact:
    """Halve a number."""
    return ratio(value, 2)


def show(value: Exact) -> int | str:
    """Show a number as data: an int as it is, a fraction as the text `1/2`."""
    return value if isinstance(value, int) else str(value)
