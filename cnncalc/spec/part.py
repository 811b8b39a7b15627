"""Part: the layers that a name stands for: a layer, a block instance, a repeat, a side, `all conv` or `total`."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cached_property
from typing import NamedTuple

from cnncalc.spec.graph import Graph, Node
from cnncalc.text.messages import message
from cnncalc.text.source import SpecError, single_problem
from cnncalc.text.suggest import suggest_any

TOTAL = "total"
"""The layers that count in the total: all that are in no side."""
ALL = "all "
"""`all conv` are the layers of an op, those of sides left out."""


class NamedLayers(NamedTuple):
    """Layers of a graph by position, in execution order, under one name.

    `op` is the layer's op, the word that opened the scope (a block's name, `repeat`, `side`), or `network`. `last` is
    the node whose output is the part's; of a block that is empty or gives on what arrived it is no member.
    """

    graph: Graph
    name: str
    op: str
    members: tuple[int, ...]
    last: int


class Part(NamedLayers):
    """What a name stands for, and what follows from it."""

    @property
    def is_layer(self) -> bool:
        """Whether the name stands for one layer."""
        return self.members == (self.last,) and self.graph.nodes[self.last].name == self.name

    @property
    def is_total(self) -> bool:
        """Whether it is the whole network."""
        return self.name == TOTAL

    @property
    def depth(self) -> int:
        """How many parts its layers' paths have before those that it is made of."""
        return self.name.count("/") + 1 if self.name in self.graph.scopes else 0

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The layers."""
        return tuple([self.graph.nodes[index] for index in self.members])

    @property
    def last_map(self) -> int:
        """The last member whose output has spatial axes; where none has, the node whose output is the part's."""
        nodes = self.graph.nodes
        maps = (index for index in reversed(self.members) if len(nodes[index].output) > 1)
        return next(maps, self.last)

    @property
    def sources(self) -> tuple[int, ...]:
        """The nodes outside that its layers take from, in the order in which they do."""
        inside = set(self.members)
        nodes = self.graph.nodes
        arriving = (source for index in self.members for source in nodes[index].inputs)
        return tuple(dict.fromkeys(source for source in arriving if source not in inside))

    @cached_property
    def alike(self) -> dict[int, int]:
        """The first of each kind of layers of which everything that is counted is the same, and how many there are."""
        firsts: dict[tuple[object, ...], int] = {}
        times: dict[int, int] = {}
        for index in self.members:
            first = firsts.setdefault(self.graph.nodes[index].alike, index)
            times[first] = times.get(first, 0) + 1
        return times


class Parts:
    """The parts of a graph by name, worked out once in one pass."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    @cached_property
    def layers(self) -> dict[str, int]:
        """The position of each layer by its name."""
        return {node.name: index for index, node in enumerate(self.graph.nodes)}

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of all layers, and of all block instances, named repeats and sides."""
        return tuple(dict.fromkeys((*self.layers, *self.graph.scopes)))

    @cached_property
    def main(self) -> tuple[int, ...]:
        """The layers that count in the total."""
        return tuple([index for index, node in enumerate(self.graph.nodes) if not node.side])

    @cached_property
    def _inside(self) -> dict[str, list[int]]:
        """The members of each scope."""
        inside: dict[str, list[int]] = {name: [] for name in self.graph.scopes}
        for index, node in enumerate(self.graph.nodes):
            end = node.name.rfind("/")
            while end > 0:
                members = inside.get(node.name[:end])
                if members is not None:
                    members.append(index)
                end = node.name.rfind("/", 0, end)
        return inside

    @cached_property
    def _of_op(self) -> dict[str, list[int]]:
        """The layers of each op outside sides."""
        places: dict[str, list[int]] = {}
        for index in self.main:
            places.setdefault(self.graph.nodes[index].kind, []).append(index)
        return places

    def __contains__(self, name: str) -> bool:
        return self.get(name) is not None

    def get(self, name: str) -> Part | None:
        """Return the part of a name, None where there is none."""
        graph = self.graph
        if name == TOTAL:
            return Part(graph, name, "network", self.main, self.main[-1])
        index = self.layers.get(name)
        if index is not None:
            return Part(graph, name, graph.nodes[index].kind, (index,), index)
        members = self._inside.get(name)
        if members is not None:
            return Part(graph, name, graph.scopes[name], tuple(members), self._end(name, members))
        of_op = self._of_op.get(name.removeprefix(ALL)) if name.startswith(ALL) else None
        return None if of_op is None else Part(graph, name, name, tuple(of_op), of_op[-1])

    def _end(self, name: str, members: list[int]) -> int:
        """Return the node whose output is a scope's; nothing goes on from a side, whose output is its last layer's."""
        place = self.graph.places.get(name)
        return place if place is not None else members[-1] if members else 0

    def find(self, name: str, option: str = "LAYER") -> Part:
        """Return the part of a name, in any letters. Raises SpecError where there is none, with the nearest names."""
        part = self.like(name)
        if part is None:
            raise self.unknown(name, option)
        return part

    def like(self, name: str) -> Part | None:
        """Return the part of a name in any letters, as people write it (`CONV1`, `Conv1_1`).

        None of none, or of several.
        """
        part = self.get(name)
        if part is not None:
            return part
        alike = [known for known in (*self.names, TOTAL) if known.casefold() == name.casefold()]
        return self.get(alike[0]) if len(alike) == 1 else None

    def unknown(self, name: str, option: str = "LAYER") -> SpecError:
        """Return the error about a name that stands for nothing, given as a command's `option`."""
        network = self.graph.name
        otherwise = message("cnncalc shapes {network} --all lists the layers", network=network)
        hint = suggest_any(name, (*self.names, TOTAL), otherwise)
        wrong = message("{network} has no layer '{name}'", network=network, name=name)
        return single_problem(option, name, wrong, hint, "unknown-layer")

    def everywhere(self) -> Iterator[Part]:
        """Every part: the network, the ops that occur more than once, the scopes, the layers."""
        names = [TOTAL, *(f"{ALL}{op}" for op, places in self._of_op.items() if len(places) > 1)]
        for name in (*names, *self.names):
            part = self.get(name)
            if part is not None:
                yield part

    def matching(self, pattern: str) -> Iterator[str]:
        """Yield the names that a pattern such as `conv2_x/*/conv1` is of; `*` stays within one part of a path."""
        if "*" not in pattern:
            yield from (pattern,) if pattern in self.names_with_parts else ()
            return
        wanted = pattern.split("/")
        for name, parts in self.names_with_parts.items():
            if len(parts) == len(wanted) and all(map(fnmatchcase, parts, wanted)):
                yield name

    @cached_property
    def names_with_parts(self) -> dict[str, list[str]]:
        """The names, each with the parts of its path."""
        return {name: name.split("/") for name in self.names}


__all__ = ["ALL", "TOTAL", "Part", "Parts"]
