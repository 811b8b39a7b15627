"""What a printed cell is about: which layers of which network, or which numbers of a convolution."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc.lectures.load import Numbers, Printed, PrintedColumn, PrintedRow
from cnncalc.network import Network, load
from cnncalc.spec.file import read_tree
from cnncalc.spec.part import TOTAL, Part
from cnncalc.text.limits import limit
from cnncalc.text.source import Problem, Span, SpecError
from cnncalc.text.yaml_tree import Mapping, Scalar

if TYPE_CHECKING:
    from cnncalc.counts.measures import Measure
    from cnncalc.text.exact import Exact
    from cnncalc.window.convolve import FeatureMaps
    from cnncalc.window.matrices import Grid

MAX_LAYERS = limit(50_000)
"""Layers of all networks of a table."""
NOTHING = "none"


class NetworkPart(NamedTuple):
    """Layers of a network, as one part under the names that the row's patterns found, with blanks between.

    `whole` is false where a column looks at some of them only.
    """

    net: Network
    layers: Part
    whole: bool

    @property
    def names(self) -> tuple[str, ...]:
        """The names that the patterns found."""
        return tuple(self.layers.name.split())

    def value(self, measure: Measure) -> Any:
        """Return a measure of the layers."""
        return measure.of(self.net.report(), self.layers)

    def instances(self) -> tuple[NetworkPart, ...]:
        """Return the blocks directly inside the one block that was found: a stage's repetitions."""
        if len(self.names) != 1:
            return ()
        depth = self.names[0].count("/") + 1
        inside = [
            name
            for name in self.net.graph.scopes
            if name.startswith(f"{self.names[0]}/") and name.count("/") == depth
        ]
        return tuple(pick(self.net, (name,)) for name in inside)


def pick(net: Network, patterns: Iterable[str], only: tuple[str, ...] = ()) -> NetworkPart:
    """Return the layers that patterns such as `conv1`, `inception_*` or `conv2_x/*/conv1` name, blocks whole.

    `total` is the network without side outputs, `none` nothing; `only` keeps the layers whose last part is listed.
    """
    parts, nodes = net.parts, net.graph.nodes
    listed = [pattern for pattern in patterns if pattern != NOTHING]
    names = dict.fromkeys(name for pattern in listed for name in parts.matching(pattern))
    picked = set(parts.main if TOTAL in listed else ())
    picked.update(index for name in names for index in parts.find(name).members)
    members = sorted(
        index for index in picked if not only or nodes[index].name.rpartition("/")[2] in only
    )
    last = members[-1] if members else 0
    if len(names) == 1 and not only:
        last = net.graph.places.get(next(iter(names)), last)
    return NetworkPart(
        net, Part(net.graph, " ".join(names), "pick", tuple(members), last), not only
    )


class PartFinder:
    """Finds what cells are about; networks are loaded once, and convolutions computed once."""

    def __init__(self, printed: Printed) -> None:
        self.printed = printed
        self.networks: dict[str, Network] = {}
        self.layers = 0
        self.convolutions: dict[str, FeatureMaps] = {}

    @cached_property
    def all_networks(self) -> tuple[str, ...]:
        """The networks of all columns: what a column that names none is about."""
        return tuple(
            dict.fromkeys(name for column in self.printed.columns for name in column.networks)
        )

    def network(self, name: str, asked: Span) -> Network:
        """One of the table's own networks, or one that cnncalc knows; `asked` is where. Raises SpecError."""
        if name not in self.networks:
            own = self.printed.networks.get(name)
            try:
                self.networks[name] = load(name) if own is None else self.own(own)
            except SpecError as error:
                raise SpecError(
                    problem._replace(used=(asked, *problem.used)) for problem in error.problems
                ) from None
            self.layers += len(self.networks[name].graph.nodes)
            if self.layers > MAX_LAYERS:
                wrong = (
                    f"the networks of this table have more than the limit of {MAX_LAYERS:,} layers"
                )
                raise SpecError([Problem(asked, "limit", wrong)])
        return self.networks[name]

    def own(self, tree: Mapping) -> Network:
        """Return a network written in the table's file: a spec, or another one's `network` with `set` or `input`."""
        base, size, settings = tree.get("network"), tree.get("input"), tree.get("set")
        if not isinstance(base, Scalar):
            return Network(read_tree(self.printed.source, tree))
        entries = settings.entries if isinstance(settings, Mapping) else ()
        return load(
            base.text,
            size.text if isinstance(size, Scalar) else None,
            {key.text: value.text for key, value in entries if isinstance(value, Scalar)},
        )

    def of(self, row: PrintedRow, columns: tuple[int, ...]) -> tuple[NetworkPart, ...]:
        """Return what the cell of a row is about under these columns: one part for each network."""
        parts: dict[tuple[str, tuple[str, ...]], NetworkPart] = {}
        for place in columns:
            column = self.printed.columns[place]
            for name in self.names_of(row, column):
                parts[name, column.only] = pick(
                    self.network(name, row.span), row.layers, column.only
                )
        return tuple(parts.values())

    def divisors(self, row: PrintedRow) -> tuple[NetworkPart, ...]:
        """Return what the cells of a row are divided by: nothing, or layers of its network or of another."""
        names = row.per_network or row.networks or (self.printed.network,)
        return (
            tuple(pick(self.network(name, row.span), row.per) for name in names[:1])
            if row.per
            else ()
        )

    def check(self) -> None:
        """Raise SpecError where a row names a layer that none of its networks has."""
        problems = []
        for row in self.printed.rows:
            networks = dict.fromkeys(
                name for column in self.printed.columns for name in self.names_of(row, column)
            )
            if row.numbers is not None or not networks:
                continue
            for pattern in row.layers:
                if pattern not in (TOTAL, NOTHING) and not any(
                    pick(self.network(name, row.span), (pattern,)).layers.members
                    for name in networks
                ):
                    problems.append(
                        Problem(
                            row.span,
                            "unknown-layer",
                            f"there is no layer '{pattern}' in {' or '.join(networks)}",
                        )
                    )
        if problems:
            raise SpecError(problems)

    def names_of(self, row: PrintedRow, column: PrintedColumn) -> tuple[str, ...]:
        """Return the networks of a cell: those of its row, of its column, of the table, of all columns.

        A column's `se_{network}` is made from its row's.
        """
        if any("{network}" in name for name in column.networks):
            return tuple(
                name.replace("{network}", network)
                for name in column.networks
                for network in row.networks
            )
        own = (self.printed.network,) if self.printed.network else self.all_networks
        return row.networks or column.networks or own

    def numbers(self, wanted: Numbers, asked: Span) -> tuple[Exact, ...]:
        """Return the numbers of a line of a convolution's grid; of line 0 the size of the grid.

        `asked` is where. Raises SpecError.
        """
        from cnncalc.window.convolve_file import compute

        maps = self.convolutions.get(wanted.name)
        if maps is None:
            maps = self.convolutions[wanted.name] = compute(**self.printed.numbers[wanted.name])
        if wanted.grid == "bias":
            return maps.biases if wanted.line else (len(maps.biases),)
        if wanted.grid == "kernel" and not maps.filters:
            wrong = f"{wanted.name} is a pool, which has no numbers in its kernel"
            raise SpecError([Problem(asked, "numbers", wrong)])
        grid = _grid(maps, wanted.grid, asked)
        if not wanted.line:
            return grid.shape
        width = grid.shape[-1]
        return grid.values[(wanted.line - 1) * width : wanted.line * width]


def _grid(maps: FeatureMaps, which: str, asked: Span) -> Grid:
    """Return the first map of a convolution, or of what it is computed from. Raises SpecError."""
    if which == "output":
        return maps.maps[0]
    if which == "kernel":
        return maps.filters[0][0]
    return maps.input[0] if which == "input" else _padded(maps, asked)


def _padded(maps: FeatureMaps, asked: Span) -> Grid:
    """Return the first channel of the input with its padding around it. Raises SpecError where that is too much."""
    from cnncalc.window.convolve import MAX_PRODUCTS
    from cnncalc.window.matrices import Grid, places

    inner = maps.input[0]
    shape = tuple(
        size + window.before + window.after
        for size, window in zip(inner.shape, maps.windows, strict=True)
    )
    if prod(shape) > MAX_PRODUCTS:
        wrong = f"the padded input has {prod(shape):,} numbers; the limit is {MAX_PRODUCTS:,}"
        raise SpecError([Problem(asked, "limit", wrong)])
    values: list[Exact] = []
    for place in places(shape):
        at = [index - window.before for index, window in zip(place, maps.windows, strict=True)]
        near = [min(max(index, 0), size - 1) for index, size in zip(at, inner.shape, strict=True)]
        values.append(inner.at(near) if at == near or maps.padding == "copy" else 0)
    return Grid(shape, tuple(values))


__all__ = ["NetworkPart", "PartFinder", "pick"]
