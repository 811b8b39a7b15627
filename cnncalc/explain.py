"""Derivations: for each quantity of a layer the formula, the formula with its numbers, and the result.

The formulas come from the same factors, arrays and reaches that the numbers are counted from, so that what is
explained is what is computed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple

from cnncalc.analysis import Report, Row
from cnncalc.conventions import Convention, load_convention, measures
from cnncalc.graph import Graph, Node
from cnncalc.memory import DTYPES
from cnncalc.ops.base import AXIS_LETTERS, Array, Step, Work, axis_name, element_factors, product_text
from cnncalc.ops.reach import Reach
from cnncalc.receptive import AxisField, Exact, Field, receptive_fields
from cnncalc.shapes import elements
from cnncalc.source import nearest_all, single_problem
from cnncalc.spec import QUANTITIES

if TYPE_CHECKING:
    from cnncalc.api import Network

MOST_TERMS = 12
"""A sum of more rows than this is shown by its first rows and its last."""


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


def explain(net: Network, layer: str, quantity: str | None, *, batch: int, dtype: str, convention: str,
            ) -> tuple[Derivation, ...]:
    """Derive one quantity, or all, of a layer, a block instance or the whole network (`total`).

    Raises SpecError for a name that there is not.
    """
    if quantity is not None and quantity not in QUANTITIES:
        close = nearest_all(quantity, QUANTITIES, 1)
        hint = f"did you mean '{close[0]}'?" if close else f"it can be {', '.join(QUANTITIES)}"
        raise single_problem("QUANTITY", quantity, f"there is no quantity '{quantity}'", hint, "quantity")
    wanted = QUANTITIES if quantity is None else (quantity,)
    report = net.report(batch=batch, dtype=dtype, convention=convention)
    names = [node.name for node in net.graph.nodes]
    if layer in names:
        about = _OfLayer(net.graph, names.index(layer), report, load_convention(convention))
        derived = [about.derive(one) for one in wanted]
        return tuple(one for one in derived if one.steps or quantity is not None)
    rows = _rows_below(net, report, layer)
    op = net.graph.scopes.get(layer, "network")
    place = net.graph.places.get(layer, len(net.graph.nodes) - 1)
    return tuple(_of_rows(net.graph, report, layer, op, rows, place, one) for one in wanted)


def _rows_below(net: Network, report: Report, layer: str) -> list[Row]:
    """The rows of a block instance or scope, or all that count in the total."""
    if layer == "total":
        return [row for row in report.rows if not row.side]
    if layer in net.graph.scopes:
        return [row for row in report.rows if row.name.startswith(f"{layer}/")]
    close = nearest_all(layer, net.layer_names)
    hint = f"did you mean {' or '.join(close)}?" if close else f"cnncalc shapes {net.name} --all lists the layers"
    raise single_problem("LAYER", layer, f"{net.name} has no layer '{layer}'", hint, "unknown-layer")


def _grouped(value: int) -> str:
    return f"{value:,}"


# --- one layer ------------------------------------------------------------------------------------------------------


class _OfLayer:
    def __init__(self, graph: Graph, index: int, report: Report, convention: Convention) -> None:
        self.graph = graph
        self.index = index
        self.node: Node = graph.nodes[index]
        self.row = report.rows[index]
        self.report = report
        self.convention = convention

    def derive(self, quantity: str) -> Derivation:
        methods: dict[str, Callable[[], tuple[Step, ...]]] = {
            "output": self.output, "weights": self.weights, "biases": self.biases, "params": self.params,
            "macs": self.macs, "flops": self.flops, "activations": self.activations, "memory": self.memory,
            "receptive_field": self.receptive_field,
        }
        notes = self.node.op.notes(*self.node.shapes) if quantity == "output" else ()
        if quantity == "receptive_field":
            notes = self.paths()
        return Derivation(self.node.name, self.node.kind, quantity, methods[quantity](), notes)

    def output(self) -> tuple[Step, ...]:
        steps = self.node.op.derive_output(self.node.output, *self.node.shapes)
        shape = "×".join(map(str, self.node.output))
        if len(steps) == 1 and steps[0].symbol == "output":
            return (steps[0]._replace(result=shape),)
        symbols = "×".join((*(f"O_{axis}" for axis in AXIS_LETTERS[len(self.node.output) - 1]), "K"))
        return (*steps, Step("output", symbols, shape, shape)) if len(self.node.output) > 1 else steps

    def arrays(self, role: str) -> tuple[Step, ...]:
        arrays = [array for array in self.node.arrays if array.role == role]
        if self.node.shares is not None and arrays:
            owner = self.graph.nodes[self.node.shares].name
            return (Step(role, f"shared with {owner}", f"counted there: {owner}", "0"),)
        if not arrays:
            return (Step(role, "none", f"{self.node.kind} has no {role} here", "0"),)
        formulas, numbers = zip(*map(_array_product, arrays), strict=True)
        total = sum(array.size for array in arrays)
        return (Step(role, " + ".join(formulas), " + ".join(numbers), _grouped(total)),)

    def weights(self) -> tuple[Step, ...]:
        return self.arrays("weights")

    def biases(self) -> tuple[Step, ...]:
        return self.arrays("biases")

    def params(self) -> tuple[Step, ...]:
        row = self.row
        return (Step("params", "weights + biases", f"{_grouped(row.weights)} + {_grouped(row.biases)}",
                     _grouped(row.params)),)

    def macs(self) -> tuple[Step, ...]:
        works = [work for work in self.node.op.work(self.node.output, *self.node.shapes) if work.event == "mac"]
        if not works:
            return (Step("MACs", "none", f"{self.node.kind} multiplies and accumulates nothing", "0"),)
        return (_work_step("MACs", works),)

    def flops(self) -> tuple[Step, ...]:
        values = measures(self.node)
        terms = [term for term in self.convention.operations if term.suits(self.node) and term.amount(values)]
        unit = self.convention.unit
        if not terms:
            return (Step(unit, "none", f"{self.convention.name} counts nothing of {self.node.kind}", "0"),)
        formula = " + ".join(_weighted(term.weight, term.measure.located.text) for term in terms)  # type: ignore[union-attr]
        numbers = " + ".join(_weighted(term.weight, f"{term.measure.evaluate(values):,}") for term in terms)
        return (Step(unit, formula, numbers, _grouped(self.row.ops), f"convention {self.convention.name}"),)

    def activations(self) -> tuple[Step, ...]:
        if not self.row.activations:
            return (Step("activations", "none", f"the lectures do not count the output of {self.node.kind}", "0"),)
        return (_product_step("activations", self.node),)

    def memory(self) -> tuple[Step, ...]:
        return (_memory_step(self.report, elements(self.node.output), self.report.memory(self.row)),)

    def receptive_field(self) -> tuple[Step, ...]:
        fields = receptive_fields(self.graph)
        field = fields[self.index]
        if not self.node.inputs:
            return (Step("r", "one input position", "1", "1"),) if len(self.graph.input) > 1 else ()
        if field.axes is None:
            return (Step("r", "unknown", "paths of different jumps meet before or in this layer", "unknown"),)
        if len(self.node.output) == 1:
            size = "×".join(map(str, field.size))
            return (Step("r", "a vector has no positions", "every value sees all that arrives", size or "the input"),)
        before = fields[self.node.inputs[0]]
        if len(self.node.inputs) > 1:
            return self.union(fields)
        reaches = self.node.facts.reaches
        if reaches is None or before.axes is None:
            return (Step("r", "r₀", "×".join(map(str, before.size)), "×".join(map(str, field.size)),
                         f"{self.node.kind} sees one position"),)
        return tuple(_both_axes(
            _reach_steps(axis_name(len(field.axes), place), old, new, reach)
            for place, (old, new, reach) in enumerate(zip(before.axes, field.axes, reaches, strict=True))
        ))

    def union(self, fields: tuple[Field, ...]) -> tuple[Step, ...]:
        names = [self.graph.nodes[index].name for index in self.node.inputs]
        sizes = ["×".join(map(str, fields[index].size)) or "all" for index in self.node.inputs]
        result = "×".join(map(str, fields[self.index].size))
        return (Step("r", f"the union over {', '.join(names)}", ", ".join(sizes), result),)

    def paths(self) -> tuple[str, ...]:
        """Where paths disagree on the centre: which, and their centres."""
        fields = receptive_fields(self.graph)
        if fields[self.index].centred or len(self.node.output) == 1:
            return ()
        index = self.index
        while len(self.graph.nodes[index].inputs) == 1:
            index = self.graph.nodes[index].inputs[0]
        node = self.graph.nodes[index]
        starts = {self.graph.nodes[source].name: "×".join(map(str, fields[source].start)) for source in node.inputs}
        if len(set(starts.values())) == 1:
            return (f"not centred: a merge before {node.name} has paths that disagree on the centre",)
        listed = ", ".join(f"{name} at {start}" for name, start in starts.items())
        return (f"not centred: in {node.name} the paths disagree on the centre of the first position: {listed}",)


def _array_product(array: Array) -> tuple[str, str]:
    """An array's size as a formula: the kernel first, then what goes in, then what comes out."""
    order = sorted(range(len(array.shape)), key=lambda at: (not array.symbols[at].startswith("F_"),
                                                          at if array.symbols[at].startswith("F_") else -at))
    return "·".join(array.symbols[at] for at in order), "·".join(str(array.shape[at]) for at in order)


def _work_step(symbol: str, works: Iterable[Work]) -> Step:
    works = list(works)
    texts = [product_text(work.factors) for work in works]
    return Step(symbol, " + ".join(text[0] for text in texts), " + ".join(text[1] for text in texts),
                _grouped(sum(work.times for work in works)))


def _product_step(symbol: str, node: Node) -> Step:
    formula, numbers = product_text(element_factors(node.output))
    return Step(symbol, formula, numbers, _grouped(elements(node.output)))


def _memory_step(report: Report, count: int, total: int) -> Step:
    width = DTYPES[report.dtype]
    formula, numbers = "values·bytes", f"{_grouped(count)}·{width}"
    if report.batch != 1:
        formula, numbers = f"{formula}·batch", f"{numbers}·{report.batch}"
    return Step("memory", formula, numbers, f"{_grouped(total)} bytes", report.dtype)


def _weighted(weight: object, text: str) -> str:
    return text if weight == 1 else f"{weight}·{text}"


def _reach_steps(name: str, before: AxisField, after: AxisField, reach: Reach) -> list[Step]:
    """r, jump and start along one axis."""
    old, new = before.moving, after.moving
    if old is None or new is None:
        return [Step(f"r ({name})", "r₀", str(before.size), str(after.size), "every position sees the same")]
    if len(old.seen) == 1 and reach.up == 1:
        first = Step(f"r ({name})", "r₀ + (F − 1)·j₀", f"{old.size} + ({reach.extent + 1} − 1)·{old.jump}",
                     str(new.size))
    else:
        sizes = ", ".join(str(part[1] - part[0] + 1) for part in new.seen if part)
        first = Step(f"r ({name})", "the most input positions that one output sees", f"max({sizes})", str(new.size),
                     "behind an up-sampling neighbouring positions see fields of different sizes")
    steps = [first]
    if reach.stride != 1:
        steps.append(Step(f"jump ({name})", "j₀·S", f"{old.jump}·{reach.stride}", str(new.jump)))
    shift = _show_half(reach.shift)
    steps.append(Step(f"start ({name})", "start₀ + ((F − 1)/2 − p)·j₀",
                      f"{_show_half(old.centre2)} + {shift}·{old.jump}", _show_half(new.centre2)))
    return steps


def _show_half(doubled: Exact) -> str:
    from fractions import Fraction

    return str(Fraction(doubled) / 2)


def _both_axes(axes: Iterable[list[Step]]) -> list[Step]:
    """The steps of each axis; where all axes agree, once without the axis' name."""
    listed = list(axes)
    bare = [[step._replace(symbol=step.symbol.split(" (")[0]) for step in steps] for steps in listed]
    if all(steps == bare[0] for steps in bare):
        return bare[0]
    return [step for steps in listed for step in steps]


# --- sums over rows -------------------------------------------------------------------------------------------------


def _of_rows(graph: Graph, report: Report, layer: str, op: str, rows: list[Row], place: int, quantity: str,
             ) -> Derivation:
    """A block instance's or the whole network's quantity: a sum over its rows, or that of its last layer."""
    last = report.rows[place]
    if quantity == "output":
        shape = "×".join(map(str, last.output))
        return Derivation(layer, op, quantity, (Step("output", f"the output of {last.name}", shape, shape),))
    if quantity == "receptive_field":
        end = last
        if layer == "total":
            end = next((row for row in reversed(rows) if len(row.output) > 1), last)
        size = "×".join(map(str, end.receptive_field)) or "none"
        return Derivation(layer, op, quantity, (Step("r", f"that of {end.name}", size, size),))
    return Derivation(layer, op, quantity, (_sum_step(report, rows, quantity),))


def _sum_step(report: Report, rows: list[Row], quantity: str) -> Step:
    field, times = {"flops": ("ops", 1), "memory": ("activations", report.width)}.get(quantity, (quantity, 1))
    terms: list[tuple[str, int | None]] = [
        (row.name, value * times) for row in rows if (value := getattr(row, field))
    ]
    total = _grouped(sum(value or 0 for _, value in terms)) + (" bytes" if quantity == "memory" else "")
    symbol = {"macs": "MACs", "flops": report.convention.unit}.get(quantity, quantity)
    if not terms:
        return Step(symbol, "none of its layers has any", "0", total)
    if len(terms) > MOST_TERMS:
        left_out = len(terms) - MOST_TERMS + 1
        shown = [*terms[: MOST_TERMS - 2], (f"... {left_out} more ...", None), terms[-1]]
    else:
        shown = [*terms]
    return Step(symbol, " + ".join(name for name, _ in shown),
                " + ".join("..." if value is None else _grouped(value) for _, value in shown), total)


__all__ = ["Derivation", "explain"]
