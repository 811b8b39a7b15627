"""What a number may be of: the measures that `identify` holds it to, and that the columns of printed tables print."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any, NamedTuple

from cnncalc.report.analysis import Report
from cnncalc.report.conventions import Convention, conventions, load_convention
from cnncalc.report.layer_counts import LayerCounts, layer_counter
from cnncalc.report.memory import scale
from cnncalc.spec.part import ALL, Part
from cnncalc.spec.quantities import Quantity, held_against
from cnncalc.text.messages import message

PLAIN = "standard"
"""The convention of what every convention counts alike."""


class Measure(NamedTuple):
    """A quantity, its convention if it has one, its unit, what it means, and how it is worked out of a part.

    `unit` is `params`, `operations`, `values`, `bytes` or `positions`, or what else a table counts. `of` takes a report
    with a row a layer and a part of its graph; it returns 0 or None of a part that has none.
    """

    quantity: str
    convention: str | None
    unit: str
    meaning: str
    of: Callable[[Report, Part], Any]

    @property
    def key(self) -> tuple[str, str | None]:
        """What is the same for every part: the quantity and the convention."""
        return self.quantity, self.convention


@cache
def summed_measures() -> tuple[Measure, ...]:
    """Return the measures that add up over layers, the simplest first. Raises SpecError for a broken convention."""
    return (
        *(_measure(quantity, _summed) for quantity in held_against() if quantity.total == "sum"),
        *(measure for convention in conventions() for measure in _of_convention(convention)),
    )


@cache
def measures() -> tuple[Measure, ...]:
    """Return every measure that a number is held against, the simplest first; those that add up come first."""
    others = {"whole": _of_network, "last map": _of_last_map}
    return (
        *summed_measures(),
        *(
            _measure(quantity, others[quantity.total])
            for quantity in held_against()
            if quantity.total in others
        ),
    )


def _measure(quantity: Quantity, of: Callable[[Quantity, Report, Part], int]) -> Measure:
    """Return the measure of a quantity that every convention counts alike."""
    return Measure(quantity.name, None, quantity.unit, quantity.meaning, partial(of, quantity))


def _of_convention(convention: Convention) -> tuple[Measure, ...]:
    """Return what a convention calls operations, and what it calls parameters where that is its own."""
    name = convention.name
    meaning = message("{unit}: {title}", unit=convention.unit, title=message(convention.title))
    operations = Measure("flops", name, "operations", meaning, partial(_counted, "ops", name))
    if convention.has_usual_parameters:
        return (operations,)
    words = convention.parameter_words
    own = partial(_counted, "counted_params", name)
    return operations, Measure("params", name, "params", words, own)


# --- how each is worked out ------------------------------------------------------------------------------------------


def _over(part: Part, convention: str, count: Callable[[LayerCounts], int]) -> int:
    """Sum counts over layers. Weights that a layer shares with an earlier one are not its own."""
    counter = layer_counter(load_convention(convention))
    nodes = part.graph.nodes
    return sum([count(counter.counts(nodes[index])) * n for index, n in part.alike.items()])


def _summed(quantity: Quantity, report: Report, part: Part) -> int:
    return _over(part, PLAIN, quantity.of) * scale(quantity, report.dtype, report.batch)


def _counted(field: str, convention: str, report: Report, part: Part) -> int:
    return _over(part, convention, lambda counts: int(getattr(counts, field)))


def _of_network(quantity: Quantity, report: Report, part: Part) -> int:
    """Return what only the whole network has, such as the most bytes alive at once."""
    return int(quantity.of(report.totals)) if part.is_total else 0


def _of_last_map(quantity: Quantity, report: Report, part: Part) -> int:
    """Return the largest size of the last output that is a map; the layers of an op have no output together."""
    row = report.layers[part.last_map]
    if not part.members or len(row.output) < 2 or part.name.startswith(ALL):
        return 0
    return max((size for size in quantity.of(row) if isinstance(size, int)), default=0)


__all__ = ["Measure", "measures", "summed_measures"]
