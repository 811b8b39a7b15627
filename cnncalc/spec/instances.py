"""Block instances remembered: one that meets the same arguments and the same shape again is copied, not walked."""

from __future__ import annotations

from itertools import islice
from typing import NamedTuple, TypeVar

from cnncalc.spec.graph import Node
from cnncalc.spec.scopes import NameTable

Value = TypeVar("Value")

MAX_INSTANCES = 256
"""Instances that a block remembers; more are those of a sweep, which does not come back."""
ARRIVING = -1
"""Stands for the node that arrives at the instance, among positions counted from its first node."""


class Mark(NamedTuple):
    """How far a walk was when an instance began: counts of nodes, of names, and of what went wrong."""

    nodes: int
    scopes: int
    places: int
    dropped: int
    wrong: int
    steps: int


def mark(nodes: list[Node], names: NameTable, problems: int, steps: int) -> Mark:
    """Note how far a walk is."""
    wrong = problems + len(names.unresolved)
    return Mark(len(nodes), len(names.scopes), len(names.places), len(names.dropped), wrong, steps)


class Instance(NamedTuple):
    """What an instance adds to a walk: nodes and names from its path on, and positions from its first node on.

    `end` is the position of its output; `steps` and `depth` are how many layers it walks and how deep they nest.
    """

    nodes: tuple[Node, ...]
    end: int
    scopes: tuple[tuple[str, str], ...]
    places: tuple[tuple[str, int], ...]
    dropped: tuple[str, ...]
    steps: int
    depth: int

    def replay(self, path: str, start: int, nodes: list[Node], names: NameTable) -> int:
        """Add the same again at a path, for the node `start` that arrives; returns the node at its end."""
        prefix = f"{path}/"
        base = len(nodes)

        def at(position: int) -> int:
            return start if position == ARRIVING else base + position

        add = nodes.append
        for name, op, inputs, shapes, output, side, _, tags, span, facts in self.nodes:
            sources = tuple([at(index) for index in inputs])
            add(Node(prefix + name, op, sources, shapes, output, side, None, tags, span, facts))
        for name, opened in self.scopes:
            names.scopes[prefix + name] = opened
            if opened == "side":
                names.sides.add(prefix + name)
        names.places.update([(prefix + name, at(position)) for name, position in self.places])
        names.dropped.update(dict.fromkeys([prefix + name for name in self.dropped]))
        return at(self.end)


def record(
    path: str,
    start: int,
    end: int,
    before: Mark,
    now: Mark,
    depth: int,
    nodes: list[Node],
    names: NameTable,
) -> Instance | None:
    """Return what an instance has added since it began.

    None where it is no copy that would do: of a mistake, or shared.
    """
    if now.wrong != before.wrong:
        return None
    added = nodes[before.nodes :]
    if any(node.shares is not None for node in added):
        return None
    cut = len(path) + 1
    base = before.nodes

    def position(index: int) -> int:
        return ARRIVING if index == start else index - base

    return Instance(
        tuple(
            [
                node._replace(name=node.name[cut:], inputs=tuple(map(position, node.inputs)))
                for node in added
            ]
        ),
        position(end),
        tuple([(name[cut:], opened) for name, opened in _last(names.scopes, before.scopes)]),
        tuple([(name[cut:], position(at)) for name, at in _last(names.places, before.places)]),
        tuple([name[cut:] for name, _ in _last(names.dropped, before.dropped)]),
        now.steps - before.steps,
        depth,
    )


def _last(entries: dict[str, Value], before: int) -> list[tuple[str, Value]]:
    """Return the entries that were added since there were so many."""
    return list(islice(reversed(entries.items()), len(entries) - before))[::-1]


__all__ = ["MAX_INSTANCES", "Instance", "Mark", "mark", "record"]
