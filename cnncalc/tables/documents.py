"""Values as the plain dictionaries that JSON shows. The field names are a contract."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnncalc.ops.shapes import Shape
from cnncalc.report.analysis import Report, Row
from cnncalc.text.exact import show

ROW_FIELDS = (
    "name",
    "op",
    "inputs",
    "input",
    "output",
    "weights",
    "biases",
    "params",
    "buffers",
    "macs",
    "ops",
    "activations",
    "outputs",
    "receptive_field",
    "jump",
    "start",
    "centred",
    "side",
    "shares",
)
TOTAL_FIELDS = (
    "weights",
    "biases",
    "params",
    "buffers",
    "macs",
    "ops",
    "activations",
    "outputs",
    "peak_bytes",
    "training_bytes",
)


def report_document(report: Report) -> dict[str, Any]:
    """A report: every layer in execution order, and the totals."""
    return {
        "network": report.network,
        "input": inputs_document(report.inputs),
        "batch": report.batch,
        "dtype": report.dtype,
        "optimizer": report.optimizer,
        "convention": report.convention.name,
        "layers": [row_document(row) for row in report.rows],
        "totals": {name: getattr(report.totals, name) for name in TOTAL_FIELDS},
    }


def inputs_document(inputs: Mapping[str, Shape]) -> Any:
    """The shape of the one input; of several a mapping of their names to their shapes."""
    shapes = {name: list(shape) for name, shape in inputs.items()}
    return shapes if len(shapes) > 1 else next(iter(shapes.values()))


def row_document(row: Row) -> dict[str, Any]:
    """One layer."""
    return {name: plain(getattr(row, name)) for name in ROW_FIELDS}


def plain(value: Any) -> Any:
    """Tuples as lists, fractions as strings."""
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return value if value is None or isinstance(value, str) else show(value)
