"""Graph to Report: a row of facts for each layer, totals, and folding by depth.

Everything is worked out when it is first asked for: totals need no rows, parameters no receptive field, and only the
byte figures need the order in which tensors live.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import chain, count
from operator import mul
from typing import Any, NamedTuple

from cnncalc.ops.base import Array
from cnncalc.ops.shapes import Shape
from cnncalc.report.conventions import Convention
from cnncalc.report.layer_counts import LayerCounts, layer_counter
from cnncalc.report.memory import DTYPES, Memory, scale
from cnncalc.report.receptive import Fields, ReceptiveField
from cnncalc.spec.graph import Graph, Node
from cnncalc.spec.quantities import BY_NAME, Quantity
from cnncalc.text.collector import paused_collector
from cnncalc.text.exact import Exact


class Row(NamedTuple):
    """The facts of one layer, for one example; the names are those of the JSON contract.

    γ counts as weights and β as biases; `params` is both together. `ops` follows the convention, `macs` does not.
    `activations` are the output's elements where the lectures count them, `outputs` always. A row that uses the
    weights of another (`shares`) has none of its own. `counted_params` are what the convention calls parameters.
    `fields` has the receptive fields of all layers, of which the one at `place` is this row's.
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
    side: bool
    shares: str | None
    arrays: tuple[Array, ...]
    quiet: bool
    counted_params: int
    of: str
    unknown: tuple[str, ...]
    """The counts that are not known; the numbers here are then the least that they can be."""
    fields: Fields
    place: int

    def __eq__(self, other: object) -> bool:
        """Whether all facts are equal, the receptive field too."""
        if not isinstance(other, Row):
            return NotImplemented
        return self[:_FACTS] == other[:_FACTS] and self.field == other.field

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self[:_FACTS])

    @property
    def params(self) -> int:
        """Weights and biases."""
        return self.weights + self.biases

    @property
    def field(self) -> ReceptiveField:
        """The receptive field; asking for it works out those of all layers."""
        return self.fields.all[self.place]

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

    @property
    def kernel(self) -> str:
        """The window's size as `3×3`, empty where nothing slides."""
        return self._setting("kernel")

    @property
    def stride(self) -> str:
        """The stride; one number where all axes agree."""
        return self._setting("stride")

    @property
    def pad(self) -> str:
        """The pad; `0+1` where it differs before and after, `same` where that is what was asked for."""
        return self._setting("pad")

    @property
    def filters(self) -> int | None:
        """The filters of a convolution."""
        shown = self._setting("filters")
        return int(shown) if shown else None

    def _setting(self, name: str) -> str:
        node = self.fields.graph.nodes[self.place]
        return node.op.setting(name) if node.name == self.name else ""

    def _spatial(self, values: tuple[Exact | None, ...]) -> tuple[Exact | None, ...]:
        if len(self.output) == 1:
            return ()
        return values or (None,) * (len(self.output) - 1)


_FACTS = Row._fields.index("fields")
"""How many facts of a row stand in the row itself."""


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
    unknown: tuple[str, ...]
    """The sums that something unknown enters; the numbers here are then the least that they can be."""
    memory: Memory

    def __eq__(self, other: object) -> bool:
        """Whether all sums are equal, and the bytes."""
        if not isinstance(other, Totals):
            return NotImplemented
        return self[:_SUMS] == other[:_SUMS] and self._bytes == other._bytes

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self[:_SUMS])

    @property
    def params(self) -> int:
        """Weights and biases."""
        return self.weights + self.biases

    @property
    def peak_bytes(self) -> int:
        """The most bytes alive at once in a forward pass, without parameters."""
        return self.memory.peak

    @property
    def training_bytes(self) -> int:
        """Bytes of training: parameters, gradients, optimizer state, what backward keeps."""
        return self.memory.training.total

    @property
    def _bytes(self) -> tuple[int, int]:
        return self.peak_bytes, self.training_bytes


_SUMS = Totals._fields.index("memory")
"""How many sums stand in the totals themselves."""


class ReportRequest(NamedTuple):
    """What a report is asked for: of which graph, counted how, and for which batch."""

    graph: Graph
    convention: Convention
    title: str = ""
    batch: int = 1
    dtype: str = "float32"
    optimizer: str = "sgd"
    depth: int | None = None
    with_side: bool = False
    no_bias: bool = False
    html: Callable[[Report], str] | None = None
    text: Callable[[Report], str] | None = None


class Report(ReportRequest):
    """What is known of a network: a row for each layer in execution order, the inputs first, and totals.

    `peak_bytes` and `training_bytes` are for `batch` examples of `dtype`; everything else is for one example. `depth`
    folds rows; `with_side` adds side outputs to the totals; `no_bias` leaves biases out of what is counted. `html`
    makes the table that a notebook shows, `text` the one that a terminal does.
    """

    def __eq__(self, other: object) -> bool:
        """Whether they say the same, of graphs that may be two."""
        if not isinstance(other, Report):
            return NotImplemented
        said = (self.network, self.inputs, self[1:-2], self.rows, self.totals)
        return said == (other.network, other.inputs, other[1:-2], other.rows, other.totals)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<cnncalc.Report {self.network}>" if self.text is None else self.text(self)

    def _repr_html_(self) -> str | None:
        """Return the table that a notebook shows."""
        return None if self.html is None else self.html(self)

    @property
    def network(self) -> str:
        """The network's name."""
        return self.graph.name

    @property
    def inputs(self) -> dict[str, Shape]:
        """The shape of each input by its name."""
        return self.graph.inputs

    @property
    def input(self) -> Shape:
        """The shape of the first input."""
        return self.graph.input

    # -- rows and totals ---------------------------------------------------------------------------------------------

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """The facts of every layer, or folded to the depth."""
        return self.layers if self.depth is None else fold(self.graph, self.layers, self.depth)

    @cached_property
    def layers(self) -> tuple[Row, ...]:
        """The facts of every layer, whatever the depth."""
        with paused_collector():
            return tuple(self._rows())

    @cached_property
    def totals(self) -> Totals:
        """The sums over all layers that count."""
        with paused_collector():
            return self._totals()

    def _totals(self) -> Totals:
        times: dict[tuple[object, ...], int] = {}
        firsts: list[Node] = []
        for node in self.graph.nodes:
            if node.side and not self.with_side:
                continue
            key = node.alike
            if key in times:
                times[key] += 1
            else:
                times[key] = 1
                firsts.append(node)
        often = tuple(times.values())
        counts = list(map(layer_counter(self.convention, self.no_bias).counts, firsts))
        sums = LayerCounts(*[sum(map(mul, often, column)) for column in zip(*counts, strict=True)])
        multiplied = sum(
            [
                times * (each.weights + each.biases)
                for times, each in zip(often, counts, strict=True)
                if each.macs
            ]
        )
        unknown = _unknown((node.op.unknown_counts() for node in firsts), "training_bytes")
        memory = Memory(
            self.graph,
            batch=self.batch,
            dtype=self.dtype,
            optimizer=self.optimizer,
            with_side=self.with_side,
            params=sums.weights + sums.biases,
            multiplied=multiplied,
        )
        return Totals(*sums, unknown=unknown, memory=memory)

    def _rows(self) -> Iterator[Row]:
        nodes = self.graph.nodes
        fields = Fields(self.graph)
        counts = layer_counter(self.convention, self.no_bias).counts
        for place, node in enumerate(nodes):
            weights, biases, buffers, macs, ops, activations, outputs, params = counts(node)
            op = node.op
            yield Row(
                node.name,
                op.kind,
                tuple([nodes[index].name for index in node.inputs]),
                node.shapes,
                node.output,
                weights,
                biases,
                buffers,
                macs,
                ops,
                activations,
                outputs,
                node.side,
                None if node.shares is None else nodes[node.shares].name,
                node.arrays,
                op.hidden_by_default,
                params,
                op.of,
                op.unknown_counts(),
                fields,
                place,
            )

    def row(self, name: str) -> Row:
        """Return the row of a layer. Raises KeyError where there is none, with the nearest names."""
        for row in self.rows:
            if row.name == name:
                return row
        from cnncalc.text.suggest import suggest_any

        hint = suggest_any(name, (row.name for row in self.rows), "")
        raise KeyError(f"there is no row {name!r}{hint and f'; {hint}'}")

    # -- quantities --------------------------------------------------------------------------------------------------

    @property
    def width(self) -> int:
        """Bytes of one value of every example in the batch."""
        return DTYPES[self.dtype] * self.batch

    def scale(self, quantity: Quantity) -> int:
        """Return what the counts of a quantity are multiplied by: bytes of a value, and the batch, where it is in
        bytes.
        """
        return scale(quantity, self.dtype, self.batch)

    def fact(self, quantity: Quantity, counts: Row | Totals) -> Any:
        """Return a quantity of a row or of the totals, whatever the convention, in bytes where it is in bytes."""
        return self._scaled(quantity, quantity.of(counts))

    def known(self, quantity: Quantity, counts: Row | Totals) -> Any:
        """Return the same, or None where it is not known."""
        return None if quantity.key in counts.unknown else self.fact(quantity, counts)

    def value(self, name: str, counts: Row | Totals) -> Any:
        """Return a quantity of a row or of the totals, as somebody asks for it by its name."""
        quantity = BY_NAME[name]
        return self._scaled(quantity, quantity.asked(counts))

    def _scaled(self, quantity: Quantity, value: Any) -> Any:
        return value * self.scale(quantity) if quantity.scaled else value

    def total(self, name: str) -> Any:
        """Return a quantity of the whole network: a sum, or that of the last layer of the main path, with a map where
        that is asked for; `()` where no layer has one.
        """
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


def _sums(rows: Sequence[Row]) -> dict[str, int]:
    return {name: sum([getattr(row, name) for row in rows]) for name in LayerCounts._fields}


def _unknown(counts: Iterable[tuple[str, ...]], *more: str) -> tuple[str, ...]:
    """Return the counts that are not known of some layers, and `more` that depend on them, where there are any."""
    names = dict.fromkeys(chain.from_iterable(counts))
    return (*names, *more) if names else ()


def folded_name(name: str, depth: int) -> str:
    """Return the first `depth` parts of a path."""
    return "/".join(name.split("/")[:depth])


def fold(graph: Graph, rows: Sequence[Row], depth: int) -> tuple[Row, ...]:
    """Fold the rows of all layers whose path has more than `depth` parts into those of their first `depth` parts.

    `op` is what opened the scope, such as the block's name; the output is that of the scope's last layer; counts are
    sums. A side within a block is not folded into it, so that totals stay the sums of the rows.
    """
    groups: dict[str, list[Row]] = {}
    for row in rows:
        name = _side_name(graph, row.name, depth) if row.side else folded_name(row.name, depth)
        groups.setdefault(name, []).append(row)
    return tuple(
        _unfolded(first, depth)
        if first.name == name
        else _folded(graph, name, [first, *others], rows, depth)
        for name, (first, *others) in groups.items()
    )


def _side_name(graph: Graph, name: str, depth: int) -> str:
    """Return what a row of a side folds into: the first `depth` parts of its path, or as many more as lead to the
    side.
    """
    side = next(parts for parts in count(1) if graph.scopes[folded_name(name, parts)] == "side")
    return folded_name(name, max(depth, side))


def _sources(members: list[Row], depth: int) -> dict[str, Shape]:
    """Map what arrives at rows from outside them, folded to a depth, to its shape."""
    inside = {row.name for row in members}
    sources: dict[str, Shape] = {}
    for row in members:
        for source, shape in zip(row.inputs, row.input, strict=True):
            if source not in inside:
                sources.setdefault(folded_name(source, depth), shape)
    return sources


def _unfolded(row: Row, depth: int) -> Row:
    """Return the row of a layer that is in no scope so deep."""
    return row._replace(
        inputs=tuple(folded_name(source, depth) for source in row.inputs),
        shares=None if row.shares is None else folded_name(row.shares, depth),
    )


def _folded(graph: Graph, name: str, members: list[Row], rows: Sequence[Row], depth: int) -> Row:
    """Return one row for the members of a scope."""
    sources = _sources(members, depth)
    place = graph.places.get(name)
    last = members[-1] if place is None else rows[place]
    shares = {folded_name(row.shares, depth) for row in members if row.shares is not None}
    return Row(
        name=name,
        op=graph.scopes.get(name, members[0].op),
        inputs=tuple(sources),
        input=tuple(sources.values()),
        output=last.output,
        side=members[0].side,
        shares=shares.pop() if len(shares) == 1 else None,
        arrays=tuple(array for row in members for array in row.arrays if row.shares is None),
        quiet=False,
        of="",
        unknown=_unknown(row.unknown for row in members),
        fields=last.fields,
        place=last.place,
        **_sums(members),
    )


__all__ = ["Report", "Row", "Totals", "fold", "folded_name"]
