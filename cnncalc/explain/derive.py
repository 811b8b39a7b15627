"""Derivations: for each quantity of a layer the formula, the formula with its numbers, and the result.

The formulas come from the same factors, arrays and reaches that the numbers are counted from, so that what is
explained is what is computed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from cnncalc.explain.memory import byte_count, peak_steps, training_steps
from cnncalc.explain.receptive import chain_steps, own_steps, path_notes
from cnncalc.ops.base import AXIS_LETTERS, Array, Step, Work, element_factors, product_text
from cnncalc.ops.shapes import format_shape
from cnncalc.report.analysis import Report, Row
from cnncalc.report.conventions import Convention, Term, load_convention, measures
from cnncalc.report.memory import DTYPES
from cnncalc.report.receptive import ReceptiveField
from cnncalc.spec.graph import Graph, Node
from cnncalc.spec.part import TOTAL, Part
from cnncalc.spec.quantities import (
    ASKED,
    BY_NAME,
    EXPLAINED,
    Quantity,
    asked_quantity,
    quantity_named,
)
from cnncalc.text.messages import Phrase, joined, message
from cnncalc.text.suggest import listing

if TYPE_CHECKING:
    from cnncalc.network import Network

MAX_BRANCHES = 8
"""Of a merge of more branches than this, a note names the first ones."""


class Derivation(NamedTuple):
    """How one quantity of one layer comes about, in steps; the last step's result is the quantity."""

    layer: str
    op: str
    quantity: str
    steps: tuple[Step, ...]
    notes: tuple[str, ...] = ()

    @property
    def result(self) -> str:
        """The quantity itself."""
        return self.steps[-1].result


def explain(
    net: Network,
    layer: str,
    quantity: str | None,
    *,
    batch: int,
    dtype: str,
    optimizer: str,
    convention: str,
) -> tuple[Derivation, ...]:
    """Derive one quantity, or all, of a layer, a block instance or the whole network (`total`).

    A quantity alone, in the place of the layer, is that of the network. Asked for by itself, a receptive field is
    derived layer by layer from the input, and a number of parameters array by array. Raises SpecError for a name that
    there is not.
    """
    if quantity is None and net.parts.like(layer) is None and quantity_named(layer, EXPLAINED):
        layer, quantity = TOTAL, layer
    wanted = ASKED if quantity is None else (asked_quantity(quantity, EXPLAINED).name,)
    report = net.report(batch=batch, dtype=dtype, optimizer=optimizer, convention=convention)
    part = net.parts.like(layer) or net.parts.find(layer)
    about = _OfLayer(
        net.graph, part.last, report, load_convention(convention), whole=quantity is not None
    )
    if part.is_layer:
        derived = [about.derive(name) for name in wanted]
        return tuple(
            derivation for derivation in derived if derivation.steps or quantity is not None
        )
    return tuple(_of_part(about, part, name) for name in wanted)


def explain_layers(report: Report) -> Iterator[tuple[Derivation, ...]]:
    """Derive every quantity of every layer, in order; the report is not folded."""
    for index in range(len(report.graph.nodes)):
        yield explain_layer(report, index)


def explain_layer(report: Report, index: int) -> tuple[Derivation, ...]:
    """Derive every quantity of the layer at a place of the graph; the report is not folded."""
    about = _OfLayer(report.graph, index, report, report.convention, whole=False)
    return tuple(map(about.derive, ASKED))


def _grouped(value: int) -> str:
    return f"{value:,}"


# --- one layer ------------------------------------------------------------------------------------------------------


class _OfLayer:
    def __init__(
        self, graph: Graph, index: int, report: Report, convention: Convention, *, whole: bool
    ) -> None:
        self.graph = graph
        self.index = index
        self.node: Node = graph.nodes[index]
        self.row = report.rows[index]
        self.report = report
        self.convention = convention
        self.whole = whole  # asked for by itself: a receptive field is derived from the input on
        self.factors = {
            factor.symbol: factor
            for work in self.node.op.work(self.node.output, *self.node.shapes)
            for factor in work.factors
        }

    def derive(self, quantity: str) -> Derivation:
        methods: dict[str, Callable[[], tuple[Step, ...]]] = {
            "output": self.output,
            "weights": self.weights,
            "biases": self.biases,
            "params": self.params,
            "macs": self.macs,
            "flops": self.flops,
            "activations": self.activations,
            "memory": self.memory,
            "receptive_field": self.receptive_field,
            "buffers": lambda: self.arrays("buffers"),
            "outputs": lambda: self.elements("outputs", self.row.outputs),
            "output bytes": self.output_bytes,
            "peak bytes": lambda: peak_steps(self.report, self.index),
            "training bytes": lambda: training_steps(self.report),
        }
        notes: dict[str, Callable[[], tuple[str, ...]]] = {
            "output": self.output_notes,
            "params": self.params_notes,
            "receptive_field": self.receptive_notes,
        }
        if BY_NAME[quantity].key in self.row.unknown:
            return Derivation(self.node.name, self.node.kind, quantity, (self.unknown(quantity),))
        return Derivation(
            self.node.name,
            self.node.kind,
            quantity,
            methods[quantity]() if quantity in methods else self.by_formula(BY_NAME[quantity]),
            notes[quantity]() if quantity in notes else (),
        )

    def unknown(self, quantity: str) -> Step:
        """Return a count that nobody has stated of a layer that is not looked into."""
        who, unknown = self.row.of or self.node.kind, message("unknown")
        return Step(quantity, unknown, message("{op} does not say", op=who), unknown)

    def at(self, index: int) -> _OfLayer:
        """Return the same of another layer."""
        return _OfLayer(self.graph, index, self.report, self.convention, whole=self.whole)

    def output(self) -> tuple[Step, ...]:
        steps = self.node.op.derive_output(self.node.output, *self.node.shapes)
        shape = format_shape(self.node.output)
        if len(self.node.output) == 1 or steps[-1].symbol == "output":
            return (*steps[:-1], steps[-1]._replace(result=shape))
        symbols = "×".join(
            (
                *(f"O_{axis}" for axis in AXIS_LETTERS[len(self.node.output) - 1]),
                self.node.op.depth_letter,
            )
        )
        return (*steps, Step("output", symbols, shape, shape))

    def output_notes(self) -> tuple[str, ...]:
        """Return what the op has to say, and the branches that a merge joins."""
        notes = self.node.op.notes(*self.node.shapes)
        if len(self.node.inputs) < 2:
            return notes
        joined = [
            f"{self.graph.nodes[place].name} {format_shape(shape)}"
            for place, shape in zip(self.node.inputs, self.node.shapes, strict=True)
        ]
        return (*notes, message("the branches: {shapes}", shapes=listing(joined, MAX_BRANCHES)))

    def arrays(self, role: str) -> tuple[Step, ...]:
        arrays = [array for array in self.node.arrays if array.role == role]
        if self.node.shares is not None and arrays:
            owner = self.graph.nodes[self.node.shares].name
            shared = message("shared with {owner}, which counts them", owner=owner)
            return (Step(role, message("none"), shared, "0"),)
        if not arrays:
            has_none = message("{op} has no {what} here", op=self.node.kind, what=message(role))
            return (Step(role, message("none"), has_none, "0"),)
        formulas, numbers = zip(*map(self.array_product, arrays), strict=True)
        total = sum(array.size for array in arrays)
        notes = [_ARRAY_NOTES[array.name] for array in arrays if array.name in _ARRAY_NOTES]
        return (
            Step(
                role,
                " + ".join(formulas),
                " + ".join(numbers),
                _grouped(total),
                joined(notes, "{first}, {second}") if notes else "",
            ),
        )

    def array_product(self, array: Array) -> tuple[str, str]:
        """Return an array's size as a formula: the kernel or the map first, then what goes in, then what comes out."""
        axes = list(zip(array.symbols, array.shape, strict=True))
        places = [axis for axis in axes if axis[0].startswith(("F_", "O_"))]
        ordered = places + [axis for axis in axes if axis not in places][::-1]
        return "·".join(symbol for symbol, _ in ordered), "·".join(
            self.factors[symbol].numbers or str(size) if symbol in self.factors else str(size)
            for symbol, size in ordered
        )

    def weights(self) -> tuple[Step, ...]:
        return self.arrays("weights")

    def biases(self) -> tuple[Step, ...]:
        return self.arrays("biases")

    def params(self) -> tuple[Step, ...]:
        row = self.row
        if not self.convention.has_usual_parameters:
            return self.counted_params()
        if not row.params:
            return (Step("params", message("none"), message("no weights and no biases"), "0"),)
        both = tuple(step._replace(symbol="params") for step in self.by_formula(BY_NAME["params"]))
        return (*self.weights(), *self.biases(), *both) if self.whole else both

    def params_notes(self) -> tuple[str, ...]:
        """Return what is stored beside the parameters."""
        arrays = [array for array in self.node.arrays if array.role == "buffers"]
        if not arrays:
            return ()
        names = [_ARRAY_NOTES.get(array.name) or message(array.name) for array in arrays]
        return (
            message(
                "the running {names} ({count} values) are not learned: buffers, not parameters",
                names=joined(names, "{first} and {second}"),
                count=_grouped(self.row.buffers),
            ),
        )

    def counted_params(self) -> tuple[Step, ...]:
        """Return what the convention calls parameters."""
        convention, note = self.convention, self.by_convention
        if self.node.shares is not None:
            owner = self.graph.nodes[self.node.shares].name
            shared = message("shared with {owner}, which counts them", owner=owner)
            return (Step("params", message("none"), shared, "0", note),)
        formula, numbers = _terms_text(
            [term for term in convention.parameters if term.suits(self.node)], measures(self.node)
        )
        return (
            Step(
                "params",
                formula or message("none"),
                numbers or "0",
                _grouped(self.row.counted_params),
                note,
            ),
        )

    def macs(self) -> tuple[Step, ...]:
        works = [
            work
            for work in self.node.op.work(self.node.output, *self.node.shapes)
            if work.event == "mac"
        ]
        if not works:
            nothing = message("{op} multiplies and accumulates nothing", op=self.node.kind)
            return (Step("MACs", message("none"), nothing, "0"),)
        return (_work_step("MACs", works),)

    def flops(self) -> tuple[Step, ...]:
        values = measures(self.node)
        terms = [
            term
            for term in self.convention.operations
            if term.suits(self.node) and term.amount(values)
        ]
        unit = self.convention.unit
        if not terms:
            nothing = message(
                "{convention} counts nothing of {op}",
                convention=self.convention.name,
                op=self.node.kind,
            )
            return (Step(unit, message("none"), nothing, "0"),)
        formula, numbers = _terms_text(terms, values)
        return (Step(unit, formula, numbers, _grouped(self.row.ops), self.by_convention),)

    @property
    def by_convention(self) -> Phrase:
        """Which convention counts it."""
        return message("convention {name}", name=self.convention.name)

    def activations(self) -> tuple[Step, ...]:
        if not self.row.activations:
            nothing = message("the lectures do not count the output of {op}", op=self.node.kind)
            return (Step("activations", message("none"), nothing, "0"),)
        return self.elements("activations", self.row.activations)

    def elements(self, symbol: str, count: int) -> tuple[Step, ...]:
        """Multiply the sizes of the output."""
        formula, numbers = product_text(
            element_factors(self.node.output, channels=self.node.op.depth_letter)
        )
        return (Step(symbol, formula, numbers, _grouped(count)),)

    def memory(self) -> tuple[Step, ...]:
        return (_memory_step(self.report, self.row, self.report.memory(self.row)),)

    def output_bytes(self) -> tuple[Step, ...]:
        total = self.report.value("output bytes", self.row)
        return (_bytes_step(self.report, "outputs", self.row.outputs, total),)

    def by_formula(self, quantity: Quantity) -> tuple[Step, ...]:
        """Return what a quantity's own formula says."""
        value = self.report.value(quantity.name, self.row)
        counts = {name: _grouped(getattr(self.row, name)) for name in quantity.measures}
        formula, numbers = message(quantity.filled({})), quantity.filled(counts)
        if scale := quantity.scaled and self.report.scale(quantity):
            formula = message("({formula})·bytes", formula=formula)
            numbers = f"({numbers})·{_grouped(scale)}"
        return (Step(quantity.title, formula, numbers, _grouped(value)),)

    @property
    def fields(self) -> tuple[ReceptiveField, ...]:
        """The receptive field of every layer."""
        return self.row.fields.all

    def receptive_field(self) -> tuple[Step, ...]:
        return (chain_steps if self.whole else own_steps)(self.graph, self.fields, self.index)

    def receptive_notes(self) -> tuple[str, ...]:
        return path_notes(self.graph, self.fields, self.index, whole=self.whole)


_ARRAY_NOTES = {
    "gamma": message("γ, one for each channel"),
    "beta": message("β, one for each channel"),
    "var": message("variance"),
}


def _work_step(symbol: str, works: Iterable[Work]) -> Step:
    works = list(works)
    texts = [product_text(work.factors) for work in works]
    return Step(
        symbol,
        " + ".join(text[0] for text in texts),
        " + ".join(text[1] for text in texts),
        _grouped(sum(work.times for work in works)),
    )


def _memory_step(report: Report, row: Row, total: int) -> Step:
    """Return the bytes of what is counted: activations, or outputs where there are none."""
    if row.activations:
        return _bytes_step(report, "activations", row.activations, total)
    return _bytes_step(report, "outputs", row.outputs, total)


def _bytes_step(report: Report, counted: str, count: int, total: int) -> Step:
    """Return the bytes of so many values, of every example in the batch."""
    formula = message("{counted}·bytes", counted=message(counted))
    numbers = f"{_grouped(count)}·{DTYPES[report.dtype]}"
    if report.batch != 1:
        formula = message("{formula}·batch", formula=formula)
        numbers = f"{numbers}·{report.batch}"
    return Step(
        "memory",
        formula,
        numbers,
        byte_count(total),
        message("a value has {bytes} in {dtype}", bytes=_bytes(report.dtype), dtype=report.dtype),
    )


def _bytes(dtype: str) -> Phrase:
    return message("1 byte") if DTYPES[dtype] == 1 else byte_count(DTYPES[dtype])


def _terms_text(terms: Iterable[Term], values: dict[str, int]) -> tuple[str, str]:
    """Return a convention's terms of one layer as a formula, and with numbers."""
    listed, shown = list(terms), {name: _grouped(value) for name, value in values.items()}
    return (
        " + ".join(_weighted(term, term.filled({})) for term in listed),
        " + ".join(_weighted(term, term.filled(shown)) for term in listed),
    )


def _weighted(term: Term, text: str) -> str:
    if term.weight == 1:
        return text
    return f"{term.weight}·({text})" if " " in text else f"{term.weight}·{text}"


# --- sums over rows -------------------------------------------------------------------------------------------------


def _of_part(about: _OfLayer, part: Part, quantity: str) -> Derivation:
    """Return a block instance's or the whole network's quantity: a sum over its parts, or that of its last layer."""
    if BY_NAME[quantity].total == "whole":
        about = about.at(_busiest(about.report, part))
        return Derivation(part.name, part.op, quantity, about.derive(quantity).steps)
    if quantity == "output":
        inside = set(part.members)
        while (source := _unchanged(about)) is not None and source in inside:
            about = about.at(source)
        derived = about.derive("output")
        last = message("{layer} makes the shape", layer=about.node.name)
        return Derivation(part.name, part.op, quantity, derived.steps, (last, *derived.notes))
    if quantity == "receptive_field":
        if part.is_total:
            about = about.at(part.last_map)
        while (
            len(inputs := about.node.inputs) == 1
            and about.fields[inputs[0]] == about.fields[about.index]
        ):
            about = about.at(inputs[0])
        derived = about.derive(quantity)
        return Derivation(
            part.name,
            part.op,
            quantity,
            derived.steps,
            (message("it is that of {layer}", layer=about.node.name), *derived.notes),
        )
    return Derivation(part.name, part.op, quantity, (_sum_step(about.report, part, quantity),))


def _busiest(report: Report, part: Part) -> int:
    """Return the layer of a part while which most bytes are alive."""
    inside = set(part.members)
    moments = [moment for moment in report.totals.memory.moments if moment.place in inside]
    return max(moments, key=lambda moment: moment.bytes).place if moments else part.last


def _unchanged(about: _OfLayer) -> int | None:
    """Return the layer before this one, where this one keeps its shape."""
    node = about.node
    return node.inputs[0] if len(node.inputs) == 1 and node.shapes[0] == node.output else None


def _sum_step(report: Report, part: Part, quantity: str) -> Step:
    """Return a sum over the layers and block instances right below."""
    rows = [report.rows[index] for index in part.members]
    summed = BY_NAME[quantity]
    times = report.scale(summed)
    is_least = any(summed.key in row.unknown for row in rows)
    count = (
        summed.counted if any(map(summed.counted, rows)) else summed.asked
    )  # what stands in for it does so for all of them or for none
    depth = part.depth
    parts: dict[str, int] = {}
    for row in rows:
        name = "/".join(row.name.split("/")[: depth + 1])
        parts[name] = parts.get(name, 0) + count(row) * times
    terms = {name.split("/")[depth]: value for name, value in parts.items() if value}
    symbol = {"macs": "MACs", "flops": report.convention.unit}.get(quantity, quantity)
    if not terms:
        nothing = message("none of its layers has any")
        return Step(symbol, message("none"), nothing, _total(summed, 0, is_least=is_least))
    return Step(
        symbol,
        " + ".join(terms),
        " + ".join(map(_grouped, terms.values())),
        _total(summed, sum(terms.values()), is_least=is_least),
    )


def _total(quantity: Quantity, value: int, *, is_least: bool) -> str:
    """Return a sum with its unit, or the least that it is."""
    shown = byte_count(value) if quantity.scaled else _grouped(value)
    return message("at least {count}", count=shown) if is_least else shown


__all__ = ["Derivation", "explain", "explain_layer", "explain_layers"]
