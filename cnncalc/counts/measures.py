"""What a number may be of: the measures that `identify` holds it to, and that the columns of printed tables print."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from operator import mul
from typing import Any, NamedTuple

from cnncalc.report.analysis import Report
from cnncalc.report.conventions import (
    Convention,
    Measures,
    Terms,
    TermSum,
    conventions,
    load_convention,
)
from cnncalc.report.layer_counts import LayerCounts, layer_counter
from cnncalc.report.memory import scale
from cnncalc.spec.graph import Node
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


# --- all that add up, at once ----------------------------------------------------------------------------------------


class _Kind(NamedTuple):
    """How the conventions count layers of one op and tags: the different ways, and the place of each measure's."""

    sums: tuple[TermSum, ...]
    places: tuple[int, ...]


class Sums:
    """The values of `summed_measures()`, of a layer or of several together.

    Layers that are counted alike are counted once, and a layer in each way once, however many conventions count so.
    """

    def __init__(self, dtype: str, batch: int) -> None:
        self._quantities = [
            (quantity, scale(quantity, dtype, batch))
            for quantity in held_against()
            if quantity.total == "sum"
        ]
        self._terms = _terms_of_measures()
        self._counter = layer_counter(load_convention(PLAIN), False)
        self._kinds: dict[tuple[str, tuple[str, ...], bool], _Kind] = {}
        self._known: dict[tuple[object, ...], Sequence[int]] = {}

    def of_part(self, part: Part) -> Sequence[int]:
        """Return the values of a part of a graph, in the order of the measures."""
        nodes, alike = part.graph.nodes, part.alike
        if len(part.members) == 1:
            return self.of_layer(nodes[part.members[0]])
        columns = zip(*[self.of_layer(nodes[index]) for index in alike], strict=True)
        sums = [sum(map(mul, alike.values(), column)) for column in columns]
        return sums or [0] * len(summed_measures())

    def of_layer(self, node: Node) -> Sequence[int]:
        """Return the values of one layer. Weights that it shares with an earlier one are not its own."""
        values = self._known.get(node.alike)
        if values is None:
            values = self._known[node.alike] = self._count(node)
        return values

    def _count(self, node: Node) -> Sequence[int]:
        counts = self._counter.counts(node)
        sums, places = self._kind(node)
        measured = Measures(node)
        amounts = [each.amount(measured) for each in sums]
        plain = [quantity.of(counts) * times for quantity, times in self._quantities]
        return (*plain, *[amounts[place] for place in places])

    def _kind(self, node: Node) -> _Kind:
        key = node.op.kind, node.tags, node.shares is None
        kind = self._kinds.get(key)
        if kind is None:
            sums = [
                terms.sum_for(node) if node.shares is None or not own else _NOTHING
                for terms, own in self._terms
            ]
            different = list(dict.fromkeys(sums))
            places = tuple(map(different.index, sums))
            kind = self._kinds[key] = _Kind(tuple(different), places)
        return kind


_NOTHING = TermSum((), ())
"""What comes of the parameters of a layer that has none of its own."""


def _terms_of_measures() -> list[tuple[Terms, bool]]:
    """Return the terms of each measure that is a convention's, and whether they count what is a layer's own alone."""
    listed = []
    for measure in summed_measures():
        if measure.convention is not None:
            convention = load_convention(measure.convention)
            own = measure.quantity == "params"
            listed.append((convention.parameters if own else convention.operations, own))
    return listed


# --- how each is worked out ------------------------------------------------------------------------------------------


def _over(part: Part, convention: str, count: Callable[[LayerCounts], int]) -> int:
    """Sum counts over layers. Weights that a layer shares with an earlier one are not its own."""
    counter = layer_counter(load_convention(convention), False)
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


__all__ = ["Measure", "Sums", "measures", "summed_measures"]
