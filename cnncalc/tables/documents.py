"""Values as the plain dictionaries that JSON shows. The field names are a contract."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnncalc.ops.shapes import Shape
from cnncalc.report.analysis import Report, Row
from cnncalc.spec.quantities import BY_KEY, ROW_FIELDS, TOTAL_FIELDS
from cnncalc.text.exact import show


def report_document(report: Report) -> dict[str, Any]:
    """A report: every layer in execution order, and the totals."""
    return {
        "network": report.network,
        "input": inputs_document(report.inputs),
        "batch": report.batch,
        "dtype": report.dtype,
        "optimizer": report.optimizer,
        "convention": report.convention.name,
        "layers": [row_document(report, row) for row in report.rows],
        "totals": {key: report.fact(BY_KEY[key], report.totals) for key in TOTAL_FIELDS},
    }


def inputs_document(inputs: Mapping[str, Shape]) -> Any:
    """The shape of the one input; of several a mapping of their names to their shapes."""
    shapes = {name: list(shape) for name, shape in inputs.items()}
    return shapes if len(shapes) > 1 else next(iter(shapes.values()))


def row_document(report: Report, row: Row) -> dict[str, Any]:
    """One layer."""
    return {key: plain(report.fact(BY_KEY[key], row)) for key in ROW_FIELDS}


def plain(value: Any) -> Any:
    """Tuples as lists, fractions as strings."""
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return value if value is None or isinstance(value, str) else show(value)
