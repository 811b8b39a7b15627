"""A graph as an outline, as a spec is written: scopes that can be blocks, branches where they meet, sides.

A scope is a block where one tensor alone arrives in it, its layers lie together in the order of execution, and its
weights are its own or those of another such scope; any other's name becomes part of its layers' names: `a/b` is `a.b`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from cnncalc.models.library import Library, LibraryUse
from cnncalc.spec.graph import Graph, Node

Lines = tuple["Line", ...]


class Line(NamedTuple):
    """A layer as a spec writes it, all values as text.

    `label` is its name in its scope, which is written where it `is_named`. `fields` are all that have a value,
    `defaults` those that it has where nothing is written, and `kept` fields that are written all the same. `bodies`
    are the lists of layers in it, by key. A `scope` is a path whose layers, under the key `block`, are to be a block.
    """

    word: str
    label: str
    fields: dict[str, str]
    defaults: dict[str, str]
    kept: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    several: bool = False
    share: str = ""
    tags: tuple[str, ...] = ()
    bodies: tuple[tuple[str, Lines], ...] = ()
    scope: str = ""
    counted_as: str = ""
    """The word by which it is numbered where it has no name."""
    is_named: bool = True
    node: int = -1
    """The graph's node that it is, unless it is a scope."""

    @property
    def opens_scope(self) -> bool:
        """Whether the layers in it have a scope of their own."""
        return self.word == SIDE


SIDE = "side"


class _Unit(NamedTuple):
    """Layers that are written as one: `inputs` are the nodes outside that they take from, `output` is the last."""

    label: str
    inputs: tuple[int, ...]
    output: int
    scope: str = ""
    nodes: range = range(0)
    is_side: bool = False
    branches: tuple[tuple[_Unit, ...], ...] | None = None
    start: int = -1


class _Context(NamedTuple):
    """Where layers are written: the scope's prefix and those around it that can be seen, and what arrives."""

    prefixes: tuple[str, ...]
    entry: int
    is_shared: bool = False


def outline(
    graph: Graph,
    *,
    flat: bool = False,
    sealed: bool = False,
    library: Library | None = None,
    opened: Collection[str] = (),
) -> Lines:
    """Outline the layers of a graph; `flat`: with sides alone, each layer from others by name.

    `sealed`: a scope is one only where nothing outside takes from it but from its last layer. A scope that is a block
    of the `library` is written as its use, and scopes that are `opened` are none: their layers stand in what is around.
    """
    return _Outline(graph, flat, sealed, library, opened).lines()


class _Outline:
    def __init__(
        self,
        graph: Graph,
        flat: bool,
        sealed: bool,
        library: Library | None,
        opened: Collection[str],
    ) -> None:
        self.nodes = graph.nodes
        self.library = library
        self.opened = opened
        self.graph = graph
        self.flat = flat
        self.sealed = sealed
        self.last_use = self.last_uses() if sealed or library else []
        self.parts = [node.name.split("/") for node in graph.nodes]
        self.members = self.scope_members()
        self.labels: dict[int, str] = {}
        """Each layer's path as it is written, those of scopes that are no blocks joined by dots."""
        self.ends: dict[int, str] = {}
        """The path of the outermost block that a layer is the last of."""
        self.written: dict[str, str] = {}
        """The same of each block's path."""
        self.sharing: dict[str, str] = {}
        """Blocks all of whose weights are those of another."""
        self.blocks = self.find_blocks()
        self.name_inputs()

    def scope_members(self) -> dict[str, list[int]]:
        """Give the nodes below each scope."""
        members: dict[str, list[int]] = {}
        for index, parts in enumerate(self.parts):
            for count in range(1, len(parts)):
                members.setdefault("/".join(parts[:count]), []).append(index)
        return members

    def last_uses(self) -> list[int]:
        """Give, for each node, the last node that takes from it; itself where there is none."""
        last = list(range(len(self.nodes)))
        for index, node in enumerate(self.nodes):
            for source in node.inputs:
                last[source] = index
        return last

    def name_inputs(self) -> None:
        for index, node in enumerate(self.nodes):
            if node.op.is_input:
                self.labels[index] = node.name.replace("/", ".")

    # -- scopes ------------------------------------------------------------------------------------------------------

    def find_blocks(self) -> dict[str, range]:
        """Find the scopes that are blocks or sides, with the nodes of each."""
        return {
            path: range(members[0], members[-1] + 1)
            for path, members in self.members.items()
            if members[-1] - members[0] + 1 == len(members)
            and path not in self.opened
            and (self.is_side(path) or (not self.flat and self.is_closed(path)))
        }

    def is_closed(self, path: str) -> bool:
        """Say whether a scope can be a block: it takes one tensor and shares no single weights."""
        members = self.members[path]
        inside = range(members[0], members[-1] + 1)
        if len(self.external(inside)) > 1:
            return False
        if self.sealed and not self.is_sealed(inside):
            return False
        shared = [index for index in inside if self.shares_outside(index, inside)]
        return not shared or self.shares_whole(path, inside)

    def is_sealed(self, inside: range) -> bool:
        """Say whether nothing outside takes from a range of nodes but from the last of them."""
        return all(self.last_use[index] <= inside[-1] for index in inside[:-1])

    def is_side(self, path: str) -> bool:
        """Say whether a scope is that of a side."""
        return self.graph.scopes.get(path) == SIDE and self.nodes[self.members[path][0]].side

    def external(self, inside: range) -> tuple[int, ...]:
        """Give the nodes outside a range that those in it take from."""
        outside = {
            source
            for index in inside
            for source in self.nodes[index].inputs
            if source not in inside
        }
        return tuple(sorted(outside))

    def shares_outside(self, index: int, inside: range) -> bool:
        shares = self.nodes[index].shares
        return shares is not None and shares not in inside

    def shares_whole(self, path: str, inside: range) -> bool:
        """Note that a scope's weights are all those of another scope, by the same names there; say whether so."""
        weighted = [index for index in inside if self.nodes[index].arrays]
        others = set()
        for index in weighted:
            shares = self.nodes[index].shares
            own = self.nodes[index].name[len(path) :]
            if shares is None or not self.nodes[shares].name.endswith(own):
                return False
            others.add(self.nodes[shares].name.removesuffix(own))
        other = others.pop() if len(others) == 1 else ""
        if other in self.members:
            self.sharing[path] = other
        return other in self.members

    # -- units -------------------------------------------------------------------------------------------------------

    def lines(self) -> Lines:
        first = sum(node.op.is_input for node in self.nodes)
        return self.body(range(first, len(self.nodes)), 0, 0, _Context(("",), 0))

    def body(self, nodes: range, depth: int, arriving: int, context: _Context) -> Lines:
        """Write the nodes of a scope that has `depth` parts."""
        units = self.units(nodes, depth, arriving)
        return tuple(self.write(units, arriving, context))

    def units(self, nodes: range, depth: int, arriving: int) -> list[_Unit]:
        """Give the layers, blocks and sides of a scope, those that lie in branches put there."""
        units: list[_Unit] = []
        places: dict[int, int] = {}
        index = nodes.start
        while index < nodes.stop:
            unit = self.unit_at(index, nodes, depth)
            if len(unit.nodes) == 1 and not unit.scope and not self.flat:
                unit = self.with_branches(unit, units, places, arriving)
            if not unit.is_side:
                places[unit.output] = len(units)
            units.append(unit)
            index = unit.nodes.stop
        return units

    def unit_at(self, index: int, nodes: range, depth: int) -> _Unit:
        """Give the outermost block that begins at a node, or the node alone."""
        parts = self.parts[index]
        for count in range(depth + 1, len(parts)):
            path = "/".join(parts[:count])
            inside = self.blocks.get(path)
            if inside is not None and inside.start == index and inside.stop <= nodes.stop:
                return _Unit(
                    ".".join(parts[depth:count]),
                    self.external(inside),
                    inside[-1],
                    path,
                    inside,
                    self.is_side(path),
                )
        node = self.nodes[index]
        return _Unit(".".join(parts[depth:]), node.inputs, index, "", range(index, index + 1))

    def with_branches(
        self, unit: _Unit, before: list[_Unit], places: dict[int, int], arriving: int
    ) -> _Unit:
        """Take the branches that meet in a layer from the end of those before it, where they lie there in order.

        `places` says at which place of those before it a node's unit stands.
        """
        ends = unit.inputs
        if not self.nodes[unit.output].op.merges or len(ends) < 2:
            return unit
        for start in self.possible_starts(ends, places, before):
            first = places.get(start, -1 if start == arriving else None)
            if first is None:
                continue
            branched = _branches(ends, start, first, places, before)
            if branched is not None:
                for each in before[first + 1 :]:
                    places.pop(each.output, None)
                del before[first + 1 :]
                return unit._replace(inputs=(start,), branches=branched, start=start)
        return unit

    def possible_starts(
        self, ends: tuple[int, ...], places: dict[int, int], before: list[_Unit]
    ) -> list[int]:
        """Give the nodes at which the branches may begin: the first of the ends, or what the last branch takes."""
        starts = [min(ends)]
        place = places.get(ends[-2])
        if place is not None and place + 1 < len(before) and len(before[place + 1].inputs) == 1:
            starts.append(before[place + 1].inputs[0])
        return starts

    # -- lines -------------------------------------------------------------------------------------------------------

    def write(self, units: Sequence[_Unit], arriving: int, context: _Context) -> list[Line]:
        """Write units in a row, each from what stands before it or from what it names."""
        lines = []
        flow = arriving
        for unit in units:
            lines.append(self.line(unit, flow, context))
            if not unit.is_side:
                flow = unit.output
        return lines

    def line(self, unit: _Unit, flow: int, context: _Context) -> Line:
        """Write one unit."""
        if unit.scope:
            return self.scope_line(unit, flow, context)
        node = self.nodes[unit.output]
        bodies: tuple[tuple[str, Lines], ...] = ()
        if unit.branches is not None:
            bodies = tuple(
                ("branch", tuple(self.write(branch, unit.start, context)))
                for branch in unit.branches
            )
        label = context.prefixes[0] + unit.label
        self.labels[unit.output] = label
        fields, defaults = node.op.written(node.output), node.op.defaults()
        if unit.branches is not None:
            sources, several = self.sources(unit.inputs, flow, context), False
        elif node.op.merges and not (node.op.takes_one and node.inputs == (flow,)):
            sources, several = tuple(self.name(index, context) for index in node.inputs), True
        else:
            sources, several = self.sources(node.inputs, flow, context), False
        word = node.op.kind
        if unit.branches is not None and node.op.as_residual and fields == defaults:
            word, bodies = _as_residual(node, bodies)
        return Line(
            word,
            unit.label,
            fields,
            defaults,
            _kept(node, fields, defaults),
            sources,
            several,
            self.shared_name(node, context),
            node.tags,
            bodies,
            counted_as=node.op.kind,
            node=unit.output,
        )

    def scope_line(self, unit: _Unit, flow: int, context: _Context) -> Line:
        """Write a block's or a side's use, with its layers."""
        prefix = context.prefixes[0] + unit.label
        self.written[unit.scope] = prefix
        depth = unit.scope.count("/") + 1
        if unit.is_side:
            inside = context._replace(prefixes=(f"{prefix}/", *context.prefixes))
            body = self.body(unit.nodes, depth, flow, inside)
            return Line(SIDE, unit.label, {}, {}, bodies=(("layers", body),), counted_as=SIDE)
        entry = unit.inputs[0] if unit.inputs else flow
        use = self.library_use(unit, entry, depth)
        if use is not None:
            self.labels[unit.output] = self.ends[unit.output] = prefix
            return Line(
                use.block,
                unit.label,
                use.arguments,
                {},
                sources=self.sources(unit.inputs, flow, context),
                counted_as=use.block,
            )
        other = "" if context.is_shared else self.sharing.get(unit.scope, "")
        inside = _Context((f"{prefix}/",), entry, context.is_shared or bool(other))
        body = self.body(unit.nodes, depth, entry, inside)
        self.ends[unit.output] = prefix
        word = self.graph.scopes.get(unit.scope, "")
        return Line(
            word,
            unit.label,
            {},
            {},
            sources=self.sources(unit.inputs, flow, context),
            share=_seen(self.written.get(other, other), context) if other else "",
            bodies=(("block", body),),
            scope=unit.scope,
        )

    def library_use(self, unit: _Unit, entry: int, depth: int) -> LibraryUse | None:
        """Find the library's block that a scope is, of whose layers nothing outside takes any but the last."""
        if self.library is None or not self.is_sealed(unit.nodes):
            return None
        inner = {self.parts[at][depth] for at in unit.nodes if len(self.parts[at]) > depth + 1}
        return self.library.find(unit.nodes, entry, len(inner))

    def sources(self, inputs: tuple[int, ...], flow: int, context: _Context) -> tuple[str, ...]:
        """Name what a layer takes, unless it is what stands before it."""
        return () if not inputs or inputs[0] == flow else (self.name(inputs[0], context),)

    def name(self, index: int, context: _Context) -> str:
        """Name an earlier layer as the scope sees it."""
        path = self.ends.get(index, self.labels[index])
        return "input" if index == context.entry else _seen(path, context)

    def shared_name(self, node: Node, context: _Context) -> str:
        if node.shares is None or context.is_shared:
            return ""
        return _seen(self.labels[node.shares], context)


def _seen(path: str, context: _Context) -> str:
    """Give a path as a scope sees it: without the longest prefix of those around."""
    for prefix in context.prefixes:
        if path.startswith(prefix):
            return path[len(prefix) :]
    return path


def _branches(
    ends: tuple[int, ...], start: int, first: int, places: dict[int, int], before: list[_Unit]
) -> tuple[tuple[_Unit, ...], ...] | None:
    """Give the branches from `start` that end in these nodes, if they lie one after the other up to the end."""
    branches: list[tuple[_Unit, ...]] = []
    place = first
    for end in ends:
        if end == start:
            branches.append(())
            continue
        last = places.get(end, -1)
        branch = tuple(before[place + 1 : last + 1])
        if not branch or not _is_branch(branch, start):
            return None
        branches.append(branch)
        place = last
    return tuple(branches) if place == len(before) - 1 and place > first else None


def _is_branch(branch: tuple[_Unit, ...], start: int) -> bool:
    """Say whether layers take from one another and from the start alone, and begin there."""
    inside = range(branch[0].nodes.start, branch[-1].nodes.stop)
    for unit in branch:
        if unit.branches is not None:
            inside = range(min(inside.start, _begin(unit)), inside.stop)
    known = {*inside, start}
    return all(source in known for unit in branch for source in unit.inputs) and (
        not branch[0].inputs or branch[0].inputs == (start,)
    )


def _begin(unit: _Unit) -> int:
    """Give the first node of a unit, its branches' too."""
    inner = [_begin(each) for branch in unit.branches or () for each in branch]
    return min([unit.nodes.start, *inner])


def _as_residual(
    node: Node, bodies: tuple[tuple[str, Lines], ...]
) -> tuple[str, tuple[tuple[str, Lines], ...]]:
    """Write two branches that are added as a residual, where one has layers; what arrives may come first."""
    texts = [body for _, body in bodies]
    if len(texts) == 2 and not texts[0] and len(set(node.shapes)) == 1:
        texts.reverse()
    if len(texts) != 2 or not texts[0]:
        return node.op.kind, bodies
    shortcut = (("shortcut", texts[1]),) if texts[1] else ()
    return node.op.as_residual, (("layers", texts[0]), *shortcut)


def _kept(node: Node, fields: dict[str, str], defaults: dict[str, str]) -> tuple[str, ...]:
    """Give a field that must be written though it has its default, where one of several is asked for."""
    wanted = [name for name in node.op.needs_one_of if name in fields]
    if not wanted or any(fields[name] != defaults.get(name) for name in wanted):
        return ()
    return (wanted[0],)


__all__ = ["SIDE", "Line", "Lines", "outline"]
