"""Several networks beside each other: totals, ratios to the first, depth; or their stages, with shares of the whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from cnncalc.compare.depth import weighted_depth
from cnncalc.report.analysis import Report, Row, fold
from cnncalc.spec.quantities import BY_KEY, TOTAL_FIELDS

SHARED = ("params", "macs", "activations")
"""What shares are worked out of."""


class Compared(NamedTuple):
    """One network: its report, its depth as papers count it, and the ratio of each of its totals to the first's."""

    report: Report
    depth: int
    ratios: dict[str, float | None]


class Stage(NamedTuple):
    """What lies below one name at the top of a network, and its share of the network's totals."""

    report: Report
    row: Row
    shares: dict[str, float | None]


def compare(reports: Sequence[Report]) -> tuple[Compared, ...]:
    """Compare networks to the first of them. A ratio to nothing, or of something unknown, is None."""
    first = reports[0]
    return tuple(
        Compared(
            report,
            weighted_depth(report.graph),
            {key: ratio(_total(report, key), _total(first, key)) for key in TOTAL_FIELDS},
        )
        for report in reports
    )


def stages(report: Report) -> tuple[Stage, ...]:
    """Give the stages of a network that the totals count, in order."""
    rows = fold(report.graph, report.layers, 1)
    return tuple(
        Stage(
            report,
            row,
            {key: ratio(_part(report, row, key), _total(report, key)) for key in SHARED},
        )
        for row in rows
        if (report.with_side or not row.side) and not row.quiet
    )


def ratio(part: int | None, whole: int | None) -> float | None:
    """One count over another, to four decimals; None where either is not known or the other is 0."""
    return None if part is None or not whole else round(part / whole, 4)


def _total(report: Report, key: str) -> int | None:
    amount: int | None = report.known(BY_KEY[key], report.totals)
    return amount


def _part(report: Report, row: Row, key: str) -> int | None:
    amount: int | None = report.known(BY_KEY[key], row)
    return amount


__all__ = ["SHARED", "Compared", "Stage", "compare", "ratio", "stages"]
