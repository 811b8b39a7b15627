"""Bounds on a network's totals: `--max-params 5M`, `--max-peak 20MB`, `budget: {macs: 600M}` in a spec."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from cnncalc.spec.quantities import BY_NAME, Quantity
from cnncalc.text.exact import Exact
from cnncalc.text.numbers import read_number
from cnncalc.text.source import single_problem
from cnncalc.text.suggest import suggest

if TYPE_CHECKING:
    from cnncalc.report.analysis import Report

BOUNDED: dict[str, Quantity] = {
    "params": BY_NAME["params"],
    "macs": BY_NAME["macs"],
    "flops": BY_NAME["flops"],
    "activations": BY_NAME["activations"],
    "memory": BY_NAME["memory"],
    "peak": BY_NAME["peak bytes"],
    "training": BY_NAME["training bytes"],
}
"""What can be bounded, shown and compared of a whole network, by the word that options use."""


class Bound(NamedTuple):
    """The most that a quantity's total may be, and how it was written."""

    name: str
    limit: Exact
    written: str


def read_bounds(given: Mapping[str, str | None], option: str = "--max-") -> tuple[Bound, ...]:
    """Read the bounds that are given, each a number as people write it: 5M, 600 MMACs, 20MB, 24GiB.

    Raises SpecError for what is no number, is negative, or has the unit of something else.
    """
    return tuple(
        read_bound(name, text, option) for name, text in given.items() if text is not None
    )


def read_bound(name: str, text: str, option: str = "--max-") -> Bound:
    """Read one bound. Raises SpecError."""
    place = f"{option}{name}"
    if name not in BOUNDED:
        hint = suggest(name, BOUNDED, "there are {}")
        raise single_problem(place, name, f"'{name}' cannot be bounded", hint)
    try:
        written = read_number(text.strip().removeprefix("<=").removeprefix("≤"))
    except ValueError as error:
        raise single_problem(place, text, f"{place}: {error}", f"such as {place} 5M") from None
    in_bytes = BOUNDED[name].unit == "bytes"
    if written.unit and in_bytes != (written.unit == "bytes"):
        wanted = "bytes, such as 20MB or 24GiB" if in_bytes else "a count, such as 5M"
        raise single_problem(place, text, f"{place} is in {written.unit}", f"it is {wanted}")
    if written.value < 0:
        raise single_problem(place, text, f"{place} is at least 0")
    return Bound(name, written.value, text.strip())


def total_of(report: Report, name: str) -> int | None:
    """The total that a bound is about; None where it is not known."""
    quantity = BOUNDED[name]
    if quantity.key in report.totals.unknown:
        return None
    value: int = report.total(quantity.name)
    return value


__all__ = ["BOUNDED", "Bound", "read_bound", "read_bounds", "total_of"]
