"""Exact numbers: an int, or a fraction where the value is not whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:  # imported late: most commands meet no fraction
    from fractions import Fraction

Exact: TypeAlias = "int | Fraction"


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

    return whole(Fraction(numerator) / denominator)


def half(value: Exact) -> Exact:
    """Halve a number."""
    return ratio(value, 2)


def show(value: Exact) -> int | str:
    """Show a number as data: an int as it is, a fraction as the text `1/2`."""
    return value if isinstance(value, int) else str(value)
