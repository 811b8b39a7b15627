"""Two networks as a code diff: which layers were added, removed, changed or moved, by structure and not by number.

Layers are aligned by their paths where the two networks use the same, and by what they are elsewhere: kind, kernel
and filters. What follows from a change further up, such as another output size, is no change of its own; the totals
show it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import combinations, pairwise
from typing import Any, NamedTuple

from cnncalc.report.analysis import Report
from cnncalc.spec.graph import Node

Pair = tuple[int | None, int | None]


class Change(NamedTuple):
    """A change: `added`, `removed`, `changed` or `moved`; the places of the layers; fields with their two values.

    Of a layer that moved there are no fields; a field that moved has its value in the one layer and in the other.
    """

    kind: str
    a: int | None
    b: int | None
    fields: dict[str, tuple[Any, Any]]


class Difference(NamedTuple):
    """What turns the network of one report into that of another."""

    a: Report
    b: Report
    changes: tuple[Change, ...]

    def _repr_html_(self) -> str:
        """Give the table of changes that a notebook shows."""
        from cnncalc.compare.diff_page import diff_page
        from cnncalc.tables.page import render_page

        return render_page(diff_page(self), "html")


def diff(a: Report, b: Report) -> Difference:
    """Find what differs between two networks."""
    before, after = a.graph.nodes, b.graph.nodes
    pairs = list(align(before, after))
    place = {here: other for here, other in pairs if here is not None and other is not None}
    reached = frozenset(place.values())
    changes = [_change(before, after, pair, place, reached) for pair in pairs]
    changed = [change for change in changes if change is not None]
    return Difference(
        a, b, tuple(_moved_layers(before, after, _moved_fields(before, after, changed)))
    )


# --- alignment ------------------------------------------------------------------------------------------------------


def align(before: Sequence[Node], after: Sequence[Node]) -> Iterator[Pair]:
    """Pair the layers of two networks in order; a layer without a counterpart is paired with None."""
    keys: tuple[Callable[[Node], Hashable], ...] = (_likeness, _kind)
    if _share_paths(before, after):
        keys = (_path, *keys)
    yield from _aligned(before, after, 0, 0, keys)


def _path(node: Node) -> Hashable:
    return node.name, node.kind


def _likeness(node: Node) -> Hashable:
    """Say what a layer is, apart from its size: the kind, the kernel and the filters."""
    caption = node.op.caption(node.shapes[0] if node.shapes else node.output)
    return node.kind, caption.kernel, caption.amount


def _kind(node: Node) -> Hashable:
    return node.kind


def _share_paths(before: Sequence[Node], after: Sequence[Node]) -> bool:
    """Whether most of the shorter network's paths are also the other's."""
    common = {_path(node) for node in before} & {_path(node) for node in after}
    return 2 * len(common) > min(len(before), len(after))


def _aligned(
    before: Sequence[Node],
    after: Sequence[Node],
    a: int,
    b: int,
    keys: Sequence[Callable[[Node], Hashable]],
) -> Iterator[Pair]:
    """Pair two stretches that start at places `a` and `b` by the first key, what is left between by the next."""
    if not before or not after or not keys:
        yield from ((a + place, None) for place in range(len(before)))
        yield from ((None, b + place) for place in range(len(after)))
        return
    own, other = list(map(keys[0], before)), list(map(keys[0], after))
    matcher = SequenceMatcher(None, own, other, autojunk=False)
    blocks = [(0, 0, 0), *matcher.get_matching_blocks()]
    for (i, j, size), (next_i, next_j, _) in pairwise(blocks):
        yield from ((a + i + place, b + j + place) for place in range(size))
        i, j = i + size, j + size
        yield from _aligned(before[i:next_i], after[j:next_j], a + i, b + j, keys[1:])


# --- changes --------------------------------------------------------------------------------------------------------


def _change(
    before: Sequence[Node],
    after: Sequence[Node],
    pair: Pair,
    place: dict[int, int],
    reached: frozenset[int],
) -> Change | None:
    """Say what a pair of layers differs in; None where in nothing of its own.

    `place` has the counterpart of each layer that has one, `reached` all counterparts.
    """
    a, b = pair
    if a is None or b is None:
        return Change("added" if a is None else "removed", a, b, {})
    fields = _fields(before[a], after[b])
    mapped = [place[source] for source in before[a].inputs if source in place]
    known = len(mapped) == len(before[a].inputs) and reached.issuperset(after[b].inputs)
    if known and after[b].in_order(mapped) != after[b].in_order(after[b].inputs):
        names = tuple(before[source].name for source in before[a].inputs)
        fields["inputs"] = (names, tuple(after[source].name for source in after[b].inputs))
    return Change("changed", a, b, fields) if fields else None


def _fields(node: Node, other: Node) -> dict[str, tuple[Any, Any]]:
    """Give the fields of the ops that differ; of the network's input its shape."""
    differing: dict[str, tuple[Any, Any]] = {}
    if node.op.is_input and node.output != other.output:
        differing["output"] = (node.output, other.output)
    if (node.shares is None) != (other.shares is None):
        differing["shares"] = (node.shares is not None, other.shares is not None)
    for field in node.op.fields:
        values = getattr(node.op, field.name), getattr(other.op, field.name)
        if values[0] != values[1]:
            differing[field.name] = values
    return differing


# --- moves ----------------------------------------------------------------------------------------------------------


def _moved_fields(
    before: Sequence[Node], after: Sequence[Node], changes: Sequence[Change]
) -> list[Change]:
    """Give the changes in which a value that left a layer, and came to another of the same scope, is one that moved.

    Both layers are otherwise what they were; of layers that are merely in the same place nothing moved.
    """
    rest = list(changes)
    moved: dict[int, list[Change]] = {}
    scopes: dict[str, list[int]] = {}
    for at, change in enumerate(rest):
        if change.a is None or change.b is None:
            continue
        if _likeness(before[change.a]) == _likeness(after[change.b]):
            scopes.setdefault(before[change.a].name.rpartition("/")[0], []).append(at)
    for places in scopes.values():
        for at, later in combinations(places, 2):
            for name in _exchanged(rest[at], rest[later]):
                moved.setdefault(at, []).append(_move(before, rest[at], rest[later], name))
                rest[at], rest[later] = _without(rest[at], name), _without(rest[later], name)
    moves: list[Change] = []
    for at, change in enumerate(rest):
        if change.fields or change.kind != "changed":
            moves.append(change)
        moves += moved.get(at, ())
    return moves


def _exchanged(first: Change, second: Change) -> list[str]:
    """Give the fields whose values two layers exchanged."""
    return [
        name
        for name, values in first.fields.items()
        if second.fields.get(name) == values[::-1] and name != "inputs"
    ]


def _move(before: Sequence[Node], first: Change, second: Change, name: str) -> Change:
    """Make a value that went from the layer that had it, other than by default, to another."""
    assert first.a is not None
    default = next(field for field in before[first.a].op.fields if field.name == name).default
    value, other = first.fields[name]
    if _is_default(value, default) and not _is_default(other, default):
        return Change("moved", second.a, first.b, {name: (other, other)})
    return Change("moved", first.a, second.b, {name: (value, value)})


def _is_default(value: Any, default: Any) -> bool:
    """Whether a value, which may be one for each axis, is the field's default."""
    values = value if isinstance(value, tuple) else (value,)
    return all(item == default for item in values)


def _without(change: Change, name: str) -> Change:
    return change._replace(
        fields={other: values for other, values in change.fields.items() if other != name}
    )


def _moved_layers(
    before: Sequence[Node], after: Sequence[Node], changes: Sequence[Change]
) -> list[Change]:
    """Give the changes in which a layer that was removed, and the same added elsewhere, is one that moved."""
    added: dict[Hashable, list[Change]] = {}
    for change in changes:
        if change.kind == "added" and change.b is not None:
            added.setdefault(_identity(after[change.b]), []).append(change)
    moved: list[Change] = []
    taken: set[int | None] = set()
    for change in changes:
        matches = [] if change.a is None else added.get(_identity(before[change.a]), [])
        if change.kind == "removed" and matches:
            match = matches.pop(0)
            taken.add(match.b)
            moved.append(Change("moved", change.a, match.b, {}))
        else:
            moved.append(change)
    return [change for change in moved if change.kind != "added" or change.b not in taken]


def _identity(node: Node) -> Hashable:
    """Say what makes a layer the same elsewhere: its own name and its fields; nothing does for one without weights."""
    if node.op.depth_field is None:
        return object()
    fields = tuple((field.name, getattr(node.op, field.name)) for field in node.op.fields)
    return node.name.rpartition("/")[2], node.kind, fields


__all__ = ["Change", "Difference", "align", "diff"]
