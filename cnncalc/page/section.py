"""The section of one network: its figures, its drawing, charts over its layers, shares, and the table.

It is made of parts, by their names in the template: those of the table, and those that are pictures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from math import ceil

from cnncalc.compare.depth import weighted_depth
from cnncalc.draw import picture, write_svg
from cnncalc.draw.svg import escape
from cnncalc.ops.shapes import format_shape
from cnncalc.page import charts, tree
from cnncalc.report.analysis import Report, Row
from cnncalc.report.conventions import Convention
from cnncalc.spec.graph import show_inputs
from cnncalc.spec.quantities import BY_NAME
from cnncalc.tables.table import COLUMNS
from cnncalc.text.messages import translate
from cnncalc.text.numbers import format_number

MAX_FIELDS = 9
"""Receptive fields that are drawn over the input."""
_PARTS = ("params", "macs", "activations")
"""What shares are shown of."""


class Section:
    """Writes the section of one network, by its number on the page, in a language."""

    def __init__(self, report: Report, number: int, lang: str) -> None:
        self.report = report
        self.graph = report.graph
        self.rows = tree.counted(report)
        self.number = number
        self.lang = lang

    def say(self, text: str, **values: object) -> str:
        """Make a text in the page's language."""
        return translate(text, self.lang, **values)

    def tables(self) -> dict[str, str]:
        """Write the parts that are texts and tables, which are quick to make."""
        return {
            "title": escape(title_of(self.report)),
            "facts": "".join(self.facts()),
            "shares": self.shares(),
            "depths": self.depths(),
            "rows": "\n".join(tree.lines(self.report)),
            "foot": tree.foot(self.report, self.say("total")),
            "notes": self.notes(),
        }

    def pictures(self) -> dict[str, str]:
        """Write the parts that are pictures."""
        shown = picture(self.report, lang=self.lang)
        return {
            "drawing": write_svg(shown, embedded=True, key=str(self.number)),
            "charts": "\n".join(self.charts()),
        }

    # -- figures -----------------------------------------------------------------------------------------------------

    def facts(self) -> Iterator[str]:
        """Say what is known of the whole network."""
        report, rows = self.report, self.rows
        operations = escape(tree.operations_header(report.convention))
        yield self.fact(self.say("input"), input_sizes(report))
        yield self.fact(
            self.say("layers with weights on the longest path"), str(weighted_depth(self.graph))
        )
        for key in ("params", "macs"):
            yield self.fact(column_header(key, self.lang), tree.total(report, rows, key), key)
        yield (
            f"<div><dt data-header=ops>{operations}</dt>"
            f"<dd data-total=ops>{tree.total(report, rows, 'ops')}</dd></div>"
        )
        peak, training = report.totals.peak_bytes, report.totals.training_bytes
        yield self.fact(self.say("peak memory of a forward pass"), format_number(peak, "MiB"))
        yield self.fact(
            self.say("memory of training with {optimizer}", optimizer=report.optimizer),
            format_number(training, "MiB"),
        )

    def fact(self, name: str, value: str, total: str = "") -> str:
        """Make a figure and its name; `total` lets the script find it."""
        mark = f" data-total={total}" if total else ""
        return f"<div><dt>{escape(name)}</dt><dd{mark}>{escape(value)}</dd></div>"

    # -- charts ------------------------------------------------------------------------------------------------------

    @cached_property
    def axis(self) -> charts.LayerAxis:
        """The layers, along which charts are drawn; those outside all blocks that change nothing are not named."""
        names = ("" if row.quiet and "/" not in row.name else row.name for row in self.rows)
        return charts.stretches(names)

    def charts(self) -> Iterator[str]:
        """Give the charts over the layers."""
        for key in _PARTS:
            values = [tree.value(self.report, row, key) for row in self.rows]
            yield charts.bars(self.header(key), values, self.axis, _short)
        sizes = [self.report.width * row.outputs for row in self.rows]
        yield charts.bars(self.say("memory of each output"), sizes, self.axis, _bytes)
        yield self.memory()
        yield from self.receptive()

    def memory(self) -> str:
        """Say what is alive while each layer runs."""
        memory = self.report.totals.memory
        values = [moment.bytes for moment in memory.moments]
        at = self.graph.nodes[memory.peak_moment.place].name
        peak = self.say("peak {size} at {layer}", size=_bytes(memory.peak), layer=_short_name(at))
        return charts.timeline(self.say("memory over time"), values, self.axis, peak, _bytes)

    def receptive(self) -> Iterator[str]:
        """How receptive fields grow, along the first axis, and what some cover of the input."""
        sizes = [_field(row) for row in self.rows]
        if all(size is None for size in sizes) or len(self.report.input) == 1:
            return
        side = self.report.input[0]
        label = self.say("input {size}", size=side)
        yield charts.growth(self.say("receptive field"), sizes, self.axis, side, label)
        fields = _largest_of_each_scope(self.rows)
        named = [(f"{_short_name(name)} {size}×{size}", size) for name, size in fields]
        yield charts.fields_over_input(self.say("receptive fields over the input"), side, named)

    # -- shares ------------------------------------------------------------------------------------------------------

    def shares(self) -> str:
        """Make a table of the shares of each kind of layer, the largest in MACs first."""
        rows = self.rows
        kinds: dict[str, list[Row]] = {}
        for row in rows:
            kinds.setdefault(row.of or row.op, []).append(row)
        whole = [sum(tree.value(self.report, row, key) for row in rows) for key in _PARTS]
        parts = []
        for kind, members in kinds.items():
            sums = [sum(tree.value(self.report, row, key) for row in members) for key in _PARTS]
            if any(sums):
                parts.append((sums[1], sums, kind, len(members)))
        lines = [
            f"<tr><th scope=row>{escape(kind)}<td>{count}{''.join(map(_share, sums, whole))}"
            for _, sums, kind, count in sorted(parts, key=lambda entry: (-entry[0], entry[2]))
        ]
        heads = [column_header("op", self.lang), self.say("layers"), *map(self.header, _PARTS)]
        head = "".join(f"<th scope=col>{escape(text)}" for text in heads)
        return f"<table><thead><tr>{head}<tbody>{''.join(lines)}</table>"

    # -- the table ---------------------------------------------------------------------------------------------------

    def header(self, key: str) -> str:
        """Make a column's header."""
        return column_header(key, self.lang)

    def depths(self) -> str:
        """How deep the table may be folded, first folded so that a reader sees the whole."""
        deepest = max(row.name.count("/") for row in self.report.layers) + 1
        options = [f"<option value={depth}>{depth}</option>" for depth in range(1, deepest)]
        return "".join([*options, f'<option value="">{escape(self.say("nothing"))}</option>'])

    def notes(self) -> str:
        """Say what stands below the table."""
        if not any(row.side for row in self.report.layers):
            return ""
        note = (
            "* a side output, counted in the total"
            if self.report.with_side
            else "* a side output, not in the total"
        )
        return f'<p class="note">{escape(self.say(note))}</p>'


PARTS = ("title", "facts", "shares", "depths", "rows", "foot", "notes", "drawing", "charts")
"""What a section is made of."""


def heads(convention: Convention, lang: str) -> str:
    """Give the heads of the table's columns, which sort."""
    cells = []
    for key, text in tree.headers(convention, lang).items():
        mark = " data-header=ops" if key == "ops" else ""
        cells.append(f'<th scope=col><button type="button"{mark}>{escape(text)}</button></th>')
    return "".join(cells)


def column_header(name: str, lang: str) -> str:
    """Say what a quantity, or a column, is called."""
    quantity = BY_NAME.get(name)
    return COLUMNS[quantity.key if quantity is not None and name not in COLUMNS else name].header(
        lang
    )


def title_of(report: Report) -> str:
    """Say what a network is called."""
    return report.title or report.network


def input_sizes(report: Report) -> str:
    """Give the size of the input, or of each input with its name."""
    inputs = report.inputs
    return show_inputs(inputs) if len(inputs) > 1 else format_shape(report.input)


def _share(part: int, whole: int) -> str:
    """Make a cell with a share of the whole, as a bar and in percent."""
    if not whole:
        return "<td>"
    percent = f"{100 * part / whole:.1f}"
    return f"<td><progress max=100 value={percent}></progress> {percent}%"


def _field(row: Row) -> int | None:
    """Make a map's receptive field along its first axis, rounded up; None where it is a vector's or not known."""
    size = row.receptive_field[0] if row.receptive_field else None
    return None if size is None else ceil(size)


def _largest_of_each_scope(rows: Sequence[Row]) -> list[tuple[str, int]]:
    """Give the last field of each scope at the top, of equal ones the first; at most MAX_FIELDS, spread evenly."""
    last: dict[str, int] = {}
    for row in rows:
        size = _field(row)
        if size is not None and row.inputs:
            last[row.name.split("/")[0]] = size
    distinct = {size: name for name, size in reversed(last.items())}
    largest = sorted((size, name) for size, name in distinct.items())
    step = max(1, -(-len(largest) // MAX_FIELDS))
    return [(name, size) for size, name in largest[::-1][::step][::-1]]


def _short_name(name: str) -> str:
    return name if len(name) <= 40 else f"…{name[-39:]}"


def _short(count: int) -> str:
    return format_number(count, "short")


def _bytes(count: int) -> str:
    return format_number(count, "MiB")


__all__ = ["PARTS", "Section", "column_header", "heads", "input_sizes", "title_of"]
