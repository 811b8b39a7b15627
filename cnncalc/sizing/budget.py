"""A gate for a build pipeline: totals held to bounds, and the layers that take most of what is over."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from cnncalc.network import Network
from cnncalc.report.analysis import Report, Row
from cnncalc.spec.bounds import BOUNDED, Bound
from cnncalc.text.source import Span, single_problem

WORST = 3
"""Layers that are named of a total that is over."""


class Share(NamedTuple):
    """A layer's part of a total, and its place in the file."""

    layer: str
    value: int
    span: Span


class CheckedBound(NamedTuple):
    """A bound and what was found; `value` is None where the total is not known, which is no pass."""

    bound: Bound
    value: int | None
    worst: tuple[Share, ...]

    @property
    def passed(self) -> bool:
        """Whether the total is known and within the bound."""
        return self.value is not None and self.value <= self.bound.limit


def total_of(report: Report, name: str) -> int | None:
    """Take the total that a bound is about; None where it is not known."""
    quantity = BOUNDED[name]
    if quantity.key in report.totals.unknown:
        return None
    value: int = report.total(quantity.name)
    return value


def hold(net: Network, report: Report, bounds: Iterable[Bound]) -> tuple[CheckedBound, ...]:
    """Hold a network's totals to bounds."""
    return tuple(
        CheckedBound(bound, total_of(report, bound.name), tuple(_worst(net, report, bound)))
        for bound in bounds
    )


def budget_of(net: Network, report: Report, bounds: Iterable[Bound]) -> tuple[CheckedBound, ...]:
    """Hold a network to the bounds given, and to its spec's own where none is given for a quantity.

    Raises SpecError where there is nothing to hold it to.
    """
    listed = {bound.name: bound for bound in (*net.spec.budget, *bounds)}
    if not listed:
        hint = "give --max-params 5M, or write budget: {params: 5M} in the spec"
        raise single_problem("NET", net.name, f"{net.name} has no budget", hint)
    return hold(net, report, listed.values())


def _worst(net: Network, report: Report, bound: Bound) -> Iterable[Share]:
    """Return the layers that take most; of a whole network's memory, those with the largest outputs."""
    quantity = BOUNDED[bound.name]
    name = quantity.name if quantity.total == "sum" else "memory"

    def value(row: Row) -> int:
        taken: int = report.value(name, row)
        return taken

    spans = {node.name: node.span for node in net.graph.nodes}
    rows = [row for row in report.rows if report.with_side or not row.side]
    largest = sorted(rows, key=value, reverse=True)[:WORST]
    return (Share(row.name, value(row), spans[row.name]) for row in largest if value(row))


__all__ = ["CheckedBound", "Share", "budget_of", "hold", "total_of"]
