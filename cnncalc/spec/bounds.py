"""Bounds on a network's totals: `--max-params 5M`, `--max-peak 20MB`, `budget: {macs: 600M}` in a spec."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

from cnncalc.spec.quantities import BY_NAME, Quantity
from cnncalc.text.exact import Exact
from cnncalc.text.records import Key, Record, parsed
from cnncalc.text.source import single_problem

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


def bound_of(name: str, text: str) -> Bound:
    """Read a bound as people write numbers: `5M`, `<= 600 MMACs`, `20MB`, `24GiB`.

    Raises ValueError for what is no number, is negative, or has the unit of something else.
    """
    from cnncalc.text.numbers import read_number  # few specs have a budget

    number = text.strip().removeprefix("<=").removeprefix("≤").strip()
    written = read_number(number)
    in_bytes = BOUNDED[name].unit == "bytes"
    if written.unit and not (written.unit == "bytes" if in_bytes else written.is_of(name)):
        wanted = "bytes, such as 20MB or 24GiB" if in_bytes else "a count, such as 5M"
        raise ValueError(f"'{number}' is in {written.unit}; {name} is {wanted}")
    if written.value < 0:
        raise ValueError(f"'{number}' is negative")
    return Bound(name, written.value, number)


def read_bounds(given: Mapping[str, str | None], option: str = "--max-") -> tuple[Bound, ...]:
    """Read the bounds that options give; None is one that is not given. Raises SpecError."""
    return tuple(read_bound(name, text, option) for name, text in given.items() if text is not None)


def read_bound(name: str, text: str, option: str = "--max-") -> Bound:
    """Read the bound that an option gives. Raises SpecError."""
    place = f"{option}{name}"
    try:
        return bound_of(name, text)
    except ValueError as error:
        raise single_problem(place, text, f"{place}: {error}", f"such as {place} 5M") from None


BUDGET = Record(
    "a budget",
    *(
        Key(
            name,
            parsed(partial(bound_of, name), f"'{{}}' is no bound of {name}; write the most, <= 5M"),
            f"the most {quantity.title} that the network may have",
        )
        for name, quantity in BOUNDED.items()
    ),
    example="budget: {params: 5M, macs: 600M}",
)
"""The `budget` of a spec, which `cnncalc budget` holds it to."""

__all__ = ["BOUNDED", "BUDGET", "Bound", "bound_of", "read_bound", "read_bounds"]
