"""The table of a network as a tree: a line for each scope with the sums of its layers, and one for each layer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape as escape_markup
from itertools import groupby

from cnncalc.draw.svg import escape
from cnncalc.report.analysis import Report, Row
from cnncalc.report.conventions import Convention
from cnncalc.spec.graph import Graph
from cnncalc.tables.table import COLUMNS, for_people

KEYS = (
    "name",
    "op",
    "output",
    "params",
    "macs",
    "ops",
    "activations",
    "activation_bytes",
    "receptive_field",
)
"""The columns."""
COUNTS = ("params", "macs", "ops", "activations", "activation_bytes")
"""Those that are summed."""


def headers(convention: Convention, lang: str) -> dict[str, str]:
    """Give the columns' headers."""
    headers = {key: COLUMNS[key].header(lang) for key in KEYS}
    return {**headers, "ops": operations_header(convention)}


def operations_header(convention: Convention) -> str:
    """Say what the convention calls its operations, and by which one they are not MACs."""
    unit, name = convention.unit, convention.name
    return f"{unit} ({name})" if unit == COLUMNS["macs"].english else unit


def lines(report: Report) -> Iterator[str]:
    """Give the lines of the table's body: the scopes and layers in execution order."""
    yield from _below(report.graph, report, report.layers, "")


def _below(graph: Graph, report: Report, rows: Sequence[Row], path: str) -> Iterator[str]:
    """Give the lines of what lies right below a path."""
    start = len(path) + 1 if path else 0
    level = path.count("/") + 2 if path else 1

    def first(row: Row) -> str:
        end = row.name.find("/", start)
        return row.name if end < 0 else row.name[:end] + "/"

    for name, group in groupby(rows, first):
        members = list(group)
        if name.endswith("/") and len(name) > start + 1:
            yield _scope_line(graph, report, name[:-1], members, level)
            yield from _below(graph, report, members, name[:-1])
        else:
            for row in members:
                yield _layer_line(report, row, level, row.name[start:])


def _scope_line(graph: Graph, report: Report, path: str, rows: Sequence[Row], level: int) -> str:
    opened_by = graph.scopes.get(path, "")
    is_side = all(row.side for row in rows)
    members = [row for row in rows if row.side == is_side]
    place = graph.places.get(path)
    last = members[-1].name if place is None else graph.nodes[place].name
    shown = next((row for row in rows if row.name == last), members[-1])
    sums = [total(report, members, key) for key in COUNTS]
    attributes = f" data-l={level}" + (' class="scope s"' if is_side else ' class="scope"')
    return _line(attributes, path.rpartition("/")[2], opened_by, shown, sums)


def _layer_line(report: Report, row: Row, level: int, name: str) -> str:
    classes = " ".join(["q"] * row.quiet + ["s"] * row.side)
    attributes = f" data-l={level}" + (f' class="{classes}"' if classes else "")
    return _line(
        attributes, name, row.of or row.op, row, [total(report, [row], key) for key in COUNTS]
    )


def _line(attributes: str, name: str, op: str, row: Row, counts: Iterable[str]) -> str:
    """Make a line; HTML lets the ends of cells and lines be left out."""
    field = for_people("axes", row.receptive_field)
    cells = (escape(op), for_people("shape", row.output), *counts, field)
    return f"<tr{attributes}><th>{escape(name)}" + "".join(f"<td>{cell}" for cell in cells)


def value(report: Report, row: Row, key: str) -> int:
    """Make a row's count: its parameters are those of the convention, its bytes those of the batch."""
    if key == "activation_bytes":
        return row.activations * report.width
    amount: int = getattr(row, "counted_params" if key == "params" else key)
    return amount


def total(report: Report, rows: Iterable[Row], key: str) -> str:
    """Make a sum for people; what is not known of some row makes it the least that it can be."""
    listed = list(rows)
    text = f"{sum(value(report, row, key) for row in listed):,}"
    return f"≥ {text}" if any(key in row.unknown for row in listed) else text


def counted(report: Report) -> tuple[Row, ...]:
    """Give the layers that the totals count."""
    return tuple(row for row in report.layers if report.with_side or not row.side)


def foot(report: Report, label: str) -> str:
    """Give the line of totals; sides are left out unless the report is with them."""
    rows = counted(report)
    cells = "".join(f"<td data-total={key}>{total(report, rows, key)}" for key in COUNTS)
    return f"<tr><th scope=row>{escape_markup(label)}<td><td>{cells}<td>"


__all__ = [
    "COUNTS",
    "KEYS",
    "counted",
    "foot",
    "headers",
    "lines",
    "operations_header",
    "total",
    "value",
]
