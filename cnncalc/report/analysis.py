"""Graph to Report: a row of facts for each layer, totals, folding by depth, memory and receptive fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import prod
from typing import Any, NamedTuple

from cnncalc.ops.base import Array
from cnncalc.ops.shapes import Shape
from cnncalc.report.conventions import Convention
from cnncalc.report.memory import DTYPES, peak_elements, training_bytes
from cnncalc.report.receptive import Field, receptive_fields
from cnncalc.spec.graph import Graph
from cnncalc.spec.quantities import BY_NAME, Quantity
from cnncalc.text.exact import Exact


class Row(NamedTuple):
    """The facts of one layer, for one example; the names are those of the JSON contract.

    γ counts as weights and β as biases; `params` is both together. `ops` follows the convention, `macs` does not.
    `activations` are the output's elements where the lectures count them, `outputs` always. A row that uses the
    weights of another (`shares`) has none of its own. `counted_params` are what the convention calls parameters.
    """

    name: str
    op: str
    inputs: tuple[str, ...]
    input: tuple[Shape, ...]
    output: Shape
    weights: int
    biases: int
    buffers: int
    macs: int
    ops: int
    activations: int
    outputs: int
    field: Field
    side: bool
    shares: str | None
    arrays: tuple[Array, ...]
    quiet: bool
    counted_params: int
    of: str = ""
    unknown: tuple[str, ...] = ()
    """The counts that are not known; the numbers here are then the least that they can be."""

    @property
    def params(self) -> int:
        """Weights and biases."""
        return self.weights + self.biases

    @property
    def receptive_field(self) -> tuple[Exact | None, ...]:
        """Input positions that one output position sees, per spatial axis; empty for a vector."""
        return self._spatial(self.field.size)

    @property
    def jump(self) -> tuple[Exact | None, ...]:
        """Input positions between neighbouring output positions, per spatial axis."""
        return self._spatial(self.field.jump)

    @property
    def start(self) -> tuple[Exact | None, ...]:
        """The centre of what the first output position sees, per spatial axis; 1/2 is the first input position's."""
        return self._spatial(self.field.start)

    @property
    def centred(self) -> bool:
        """Whether all paths from the input agree on the centre."""
        return self.field.centred

    def _spatial(self, values: tuple[Exact | None, ...]) -> tuple[Exact | None, ...]:
        if len(self.output) == 1:
            return ()
        return values or (None,) * (len(self.output) - 1)


class Totals(NamedTuple):
    """The sums of the rows, and memory in bytes; sides are left out unless the report is with them."""

    weights: int
    biases: int
    buffers: int
    macs: int
    ops: int
    activations: int
    outputs: int
    counted_params: int
    peak_bytes: int
    training_bytes: int
    unknown: tuple[str, ...] = ()
    """The sums that something unknown enters; the numbers here are then the least that they can be."""

    @property
    def params(self) -> int:
        """Weights and biases."""
        return self.weights + self.biases


class Report(NamedTuple):
    """What is known of a network: a row for each layer in execution order, the inputs first, and totals.

    `peak_bytes` and `training_bytes` are for `batch` examples of `dtype`; everything else is for one example.
    """

    network: str
    title: str
    inputs: dict[str, Shape]
    batch: int
    dtype: str
    optimizer: str
    convention: Convention
    rows: tuple[Row, ...]
    totals: Totals
    with_side: bool
    no_bias: bool

    @property
    def input(self) -> Shape:
        """The shape of the first input."""
        return next(iter(self.inputs.values()))

    def row(self, name: str) -> Row:
        """The row of a layer. Raises KeyError where there is none."""
        for row in self.rows:
            if row.name == name:
                return row
        raise KeyError(name)

    @property
    def width(self) -> int:
        """Bytes of one value of every example in the batch."""
        return DTYPES[self.dtype] * self.batch

    def scale(self, quantity: Quantity) -> int:
        """What the counts of a quantity are multiplied by: bytes of a value, and the batch, where it is in bytes."""
        return quantity.scale(DTYPES[self.dtype], self.batch)

    def fact(self, quantity: Quantity, counts: Row | Totals) -> Any:
        """A quantity of a row or of the totals, whatever the convention, in bytes where it is in bytes."""
        value = quantity.of(counts)
        return value * self.scale(quantity) if quantity.scaled else value

    def known(self, quantity: Quantity, counts: Row | Totals) -> Any:
        """The same, or None where it is not known."""
        return None if quantity.key in counts.unknown else self.fact(quantity, counts)

    def value(self, name: str, counts: Row | Totals) -> Any:
        """A quantity of a row or of the totals, as somebody asks for it by its name."""
        quantity = BY_NAME[name]
        value = quantity.asked(counts)
        return value * self.scale(quantity) if quantity.scaled else value

    def total(self, name: str) -> Any:
        """A quantity of the whole network: a sum, or that of the last layer of the main path, with a map where that
        is asked for; `()` where no layer has one."""
        quantity = BY_NAME[name]
        if not quantity.total.startswith("last"):
            return self.value(name, self.totals)
        rows = [row for row in self.rows if not row.side]
        if quantity.total == "last map":
            rows = [row for row in rows if len(row.output) > 1]
        return self.value(name, rows[-1]) if rows else ()

    def memory(self, counted: Row | Totals) -> int:
        """Bytes of the activations, or of the outputs where there are none, for the whole batch."""
        bytes_: int = self.value("memory", counted)
        return bytes_


def analyse(
    graph: Graph,
    convention: Convention,
    *,
    title: str = "",
    batch: int = 1,
    dtype: str = "float32",
    optimizer: str = "sgd",
    depth: int | None = None,
    with_side: bool = False,
    no_bias: bool = False,
) -> Report:
    """Work out the report of a graph. `depth` folds rows; `no_bias` leaves biases out of what is counted."""
    rows = tuple(_rows(graph, convention, no_bias))
    counted = rows if with_side else tuple(row for row in rows if not row.side)
    params = sum(row.params for row in counted)
    width = DTYPES[dtype]
    totals = Totals(
        **_sums(counted),
        peak_bytes=peak_elements(graph, with_side=with_side) * batch * width,
        training_bytes=training_bytes(
            graph, params, batch=batch, width=width, optimizer=optimizer, with_side=with_side
        ),
        unknown=_unknown(counted, "training_bytes"),
    )
    if depth is not None:
        rows = fold(graph, rows, depth)
    return Report(
        graph.name,
        title,
        graph.inputs,
        batch,
        dtype,
        optimizer,
        convention,
        rows,
        totals,
        with_side,
        no_bias,
    )


COUNTED = (
    "weights",
    "biases",
    "buffers",
    "macs",
    "ops",
    "activations",
    "outputs",
    "counted_params",
)
"""The fields of a row that a total sums."""


def _sums(rows: Iterable[Row]) -> dict[str, int]:
    listed = list(rows)
    return {name: sum([getattr(row, name) for row in listed]) for name in COUNTED}


def _unknown(rows: Iterable[Row], *more: str) -> tuple[str, ...]:
    """The counts that are not known of some of the rows, and `more` that depend on them, where there are any."""
    names = dict.fromkeys(name for row in rows for name in row.unknown)
    return (*names, *more) if names else ()


def _rows(graph: Graph, convention: Convention, no_bias: bool) -> Iterator[Row]:
    nodes = graph.nodes
    usual = convention.has_usual_parameters
    operations: dict[tuple[object, ...], int] = {}
    for node, field in zip(nodes, receptive_fields(graph), strict=True):
        facts = node.facts
        key = (node.op, node.shapes, node.tags)
        ops = operations.get(key)
        if ops is None:
            ops = operations[key] = convention.operations_of(node)
        outputs = prod(node.output)
        own = node.shares is None
        weights, biases = (facts.weights, 0 if no_bias else facts.biases) if own else (0, 0)
        params = (
            weights + biases
            if usual or not own
            else convention.parameters_of(node, no_bias=no_bias)
        )
        yield Row(
            node.name,
            node.op.kind,
            tuple([nodes[index].name for index in node.inputs]),
            node.shapes,
            node.output,
            weights,
            biases,
            facts.buffers if own else 0,
            facts.events.get("mac", 0),
            ops,
            outputs if node.op.is_activation_map else 0,
            outputs,
            field,
            node.side,
            None if node.shares is None else nodes[node.shares].name,
            facts.arrays,
            node.op.quiet,
            params,
            node.op.of,
            node.op.unknown_counts(),
        )


def folded_name(name: str, depth: int) -> str:
    """The first `depth` parts of a path."""
    return "/".join(name.split("/")[:depth])


def fold(graph: Graph, rows: Iterable[Row], depth: int) -> tuple[Row, ...]:
    """Fold the rows whose path has more than `depth` parts into those of their first `depth` parts.

    `op` is what opened the scope, such as the block's name; the output is that of the scope's last layer; counts are
    sums. A side within a block is not folded into it, so that totals stay the sums of the rows.
    """
    groups: dict[str, list[Row]] = {}
    for row in rows:
        name = _side_name(graph, row.name, depth) if row.side else folded_name(row.name, depth)
        groups.setdefault(name, []).append(row)
    by_name = {row.name: row for members in groups.values() for row in members}
    return tuple(_folded(graph, name, members, by_name, depth) for name, members in groups.items())


def _side_name(graph: Graph, name: str, depth: int) -> str:
    """What a row of a side folds into: the first `depth` parts of its path, or as many more as lead to the side."""
    side = next(
        count
        for count in range(1, name.count("/") + 1)
        if graph.scopes[folded_name(name, count)] == "side"
    )
    return folded_name(name, max(depth, side))


def _folded(
    graph: Graph, name: str, members: list[Row], by_name: dict[str, Row], depth: int
) -> Row:
    if len(members) == 1 and members[0].name == name:
        row = members[0]
        return row._replace(
            inputs=tuple(folded_name(source, depth) for source in row.inputs),
            shares=None if row.shares is None else folded_name(row.shares, depth),
        )
    inside = {row.name for row in members}
    sources: dict[str, Shape] = {}
    for row in members:
        for source, shape in zip(row.inputs, row.input, strict=True):
            if source not in inside:
                sources.setdefault(folded_name(source, depth), shape)
    place = graph.places.get(name)
    last = members[-1] if place is None else by_name.get(graph.nodes[place].name, members[-1])
    shared = {row.shares for row in members if row.shares is not None}
    shares = {folded_name(one, depth) for one in shared}
    return Row(
        name=name,
        op=graph.scopes.get(name, members[0].op),
        inputs=tuple(sources),
        input=tuple(sources.values()),
        output=last.output,
        field=last.field,
        side=all(row.side for row in members),
        shares=shares.pop() if len(shares) == 1 else None,
        arrays=tuple(array for row in members for array in row.arrays if row.shares is None),
        quiet=False,
        of="",
        unknown=_unknown(members),
        **_sums(members),
    )


__all__ = ["Report", "Row", "Totals", "analyse", "fold", "folded_name"]
