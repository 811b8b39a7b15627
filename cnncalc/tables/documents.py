"""Values as the plain dictionaries that JSON shows. The field names are a contract."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any

from cnncalc.ops.shapes import Shape
from cnncalc.report.analysis import Report, Row
from cnncalc.spec.quantities import BY_KEY, ROW_FIELDS, TOTAL_FIELDS
from cnncalc.text.exact import show


def report_document(report: Report) -> dict[str, Any]:
    """Return a report: every layer in execution order, and the totals."""
    columns = _columns(report)
    return {
        "network": report.network,
        "input": inputs_document(report.inputs),
        "batch": report.batch,
        "dtype": report.dtype,
        "optimizer": report.optimizer,
        "convention": report.convention.name,
        "layers": [_row(columns, row) for row in report.rows],
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
    return _row(_columns(report), row)


_Column = tuple[str, Callable[[Row], Any], int]
"""A field, how it is taken from a row, and what it is multiplied by."""


def _columns(report: Report) -> list[_Column]:
    quantities = [BY_KEY[key] for key in ROW_FIELDS]
    return [
        (
            quantity.key,
            quantity.of if quantity.formula else attrgetter(quantity.key),
            report.scale(quantity) if quantity.scaled else 1,
        )
        for quantity in quantities
    ]


def _row(columns: list[_Column], row: Row) -> dict[str, Any]:
    document = {
        key: plain(take(row) if times == 1 else take(row) * times) for key, take, times in columns
    }
    document.update((key, None) for key in row.unknown if key in document)
    return {**document, "of": row.of} if row.of else document


def plain(value: Any) -> Any:
    """Tuples as lists, fractions as strings."""
    if value is None or isinstance(value, (int, str)):
        return value
    return [plain(item) for item in value] if isinstance(value, tuple) else show(value)
