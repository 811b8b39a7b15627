"""Values as the plain dictionaries that JSON shows. The field names are a contract."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnncalc.ops.shapes import Shape
from cnncalc.report.analysis import Report, Row
from cnncalc.spec.quantities import BY_KEY, ROW_FIELDS, TOTAL_FIELDS
from cnncalc.text.exact import show


def report_document(report: Report) -> dict[str, Any]:
    """Return a report: every layer in execution order, and the totals."""
    return {
        "network": report.network,
        "input": inputs_document(report.inputs),
        "batch": report.batch,
        "dtype": report.dtype,
        "optimizer": report.optimizer,
        "convention": report.convention.name,
        "layers": [row_document(report, row) for row in report.rows],
        "totals": totals_document(report),
    }


def totals_document(report: Report) -> dict[str, Any]:
    """Return the sums; what is not known is null, and `at_least` says how much of it is."""
    totals = report.totals
    document = {key: report.known(BY_KEY[key], totals) for key in TOTAL_FIELDS}
    unknown = [key for key in TOTAL_FIELDS if key in totals.unknown]
    if unknown:
        document["at_least"] = {key: report.fact(BY_KEY[key], totals) for key in unknown}
    return document


def inputs_document(inputs: Mapping[str, Shape]) -> Any:
    """Return the shape of the one input; of several a mapping of their names to their shapes."""
    shapes = {name: list(shape) for name, shape in inputs.items()}
    return shapes if len(shapes) > 1 else next(iter(shapes.values()))


def row_document(report: Report, row: Row) -> dict[str, Any]:
    """One layer; a count that is not known is null, and `of` is what another tool calls its op."""
    document = {key: plain(report.known(BY_KEY[key], row)) for key in ROW_FIELDS}
    return {**document, "of": row.of} if row.of else document


def plain(value: Any) -> Any:
    """Tuples as lists, fractions as strings."""
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return value if value is None or isinstance(value, str) else show(value)
