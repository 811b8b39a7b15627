"""The structure of a scope: what stands in a row, what side by side, what has neither form, and what hangs below.

A layer that everything passes through is a cut. Between two cuts the layers fall into branches, and what goes from
cut to cut directly is a straight line beside them; each branch is taken apart in the same way. What has no cut inside
and does not fall apart, such as a dense block whose layers read all earlier ones, is a Run. What leads nowhere, a side
output, hangs below the layer that it starts from.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from cnncalc.draw.outline import SCOPE, SOURCE, Edge, Item, LayerBox, Level, repeated, signature

MAX_NESTING = 12
"""Branches within branches that are taken apart; what is deeper is drawn as a Run."""


class Series(NamedTuple):
    """Parts one after another, and what hangs below each by its place; place -1 is the start."""

    parts: tuple[Part, ...]
    hanging: tuple[tuple[int, Series], ...] = ()


class Parallel(NamedTuple):
    """Branches side by side; `straight` where what arrives also goes on untouched."""

    branches: tuple[Series, ...]
    straight: bool


class Run(NamedTuple):
    """Items in a row whose edges are drawn above them; edges by place, from -1 and to the number of items."""

    items: tuple[Item, ...]
    edges: frozenset[Edge]
    hanging: tuple[tuple[int, Series], ...] = ()


Part = LayerBox | Level | Parallel | Run


def structure(level: Level) -> Series:
    """Take a scope apart."""
    return _Structure(level).whole()


class _Structure:
    """The items of a scope and its edges; positions below are places among the items."""

    def __init__(self, level: Level) -> None:
        self.items = level.items
        self.end = len(level.items)
        self.hanging: dict[int, list[Series]] = {}
        self.edges = set(level.edges)

    def whole(self) -> Series:
        self.feed_all()
        kept = self.split_hanging()
        places = {*kept, SOURCE, self.end}
        edges = {edge for edge in self.edges if places.issuperset(edge)}
        return self.series(kept, edges, 0)

    def feed_all(self) -> None:
        """Let what nothing feeds start at the source, and where nothing leads out, what nothing reads be the end."""
        fed = {target for _, target in self.edges}
        self.edges |= {(SOURCE, at) for at in range(self.end) if at not in fed}
        if self.end not in fed:
            read = {start for start, _ in self.edges}
            self.edges |= {(at, self.end) for at in range(self.end) if at not in read}

    def split_hanging(self) -> list[int]:
        """Take apart what does not lead to the end and starts from one item; returns the rest."""
        leading = _leading(self.edges, self.end)
        loose = [at for at in range(self.end) if at not in leading]
        feeding = _by_target(self.edges)
        read = {start for start, _ in self.edges}
        for group in _components(loose, self.edges):
            inside = set(group)
            own = {(a, b) for b in group for a in feeding.get(b, ())}
            starts = {a for a, _ in own} - inside
            if len(starts) != 1:
                leading |= inside
                self.edges |= {(at, self.end) for at in group if at not in read}
                continue
            start = starts.pop()
            edges = {(SOURCE if a == start else a, b) for a, b in own}
            outputs = {(at, self.end) for at in inside - {a for a, _ in edges}}
            self.hanging.setdefault(start, []).append(self.series(group, edges | outputs, 0))
        return [at for at in range(self.end) if at in leading]

    def series(self, inside: Sequence[int], edges: set[Edge], depth: int) -> Series:
        """Parts one after another: the cuts, and what stands between them."""
        cuts = [*_cuts(inside, edges, self.end), self.end]
        between: list[list[int]] = [[] for _ in cuts]
        for at in inside:
            between[bisect_left(cuts, at)].append(at)
        within: list[set[Edge]] = [set() for _ in cuts]
        for a, b in edges:
            at = bisect_left(cuts, b)
            start = cuts[at - 1] if at else SOURCE
            within[at].add((SOURCE if a == start else a, self.end if b == cuts[at] else b))
        parts: list[Part] = []
        places: list[int] = []
        for cut, items, own in zip(cuts, between, within, strict=True):
            region = [at for at in items if at != cut]
            if region:
                parts.append(self.region(region, own, depth))
                places.append(self.end)
            if cut != self.end:
                parts.append(self.items[cut])
                places.append(cut)
        return _merged_repeats(parts, places, self.hanging)

    def region(self, inside: Sequence[int], edges: set[Edge], depth: int) -> Part:
        """Say what stands between two cuts."""
        straight = (SOURCE, self.end) in edges
        groups = _components(inside, edges)
        if depth > MAX_NESTING or (len(groups) == 1 and not straight):
            return self.run(inside, edges)
        number = {at: place for place, group in enumerate(groups) for at in group}
        own: list[set[Edge]] = [set() for _ in groups]
        for edge in edges:
            for at in edge:
                if at in number:
                    own[number[at]].add(edge)
        branches = [
            self.series(group, inner, depth + 1) for group, inner in zip(groups, own, strict=True)
        ]
        return Parallel(tuple(branches), straight)

    def run(self, inside: Sequence[int], edges: Iterable[Edge]) -> Run:
        place = {at: number for number, at in enumerate(inside)}
        place[SOURCE], place[self.end] = SOURCE, len(inside)
        return Run(
            tuple(self.items[at] for at in inside),
            frozenset((place[a], place[b]) for a, b in edges),
            tuple((place[at], part) for at in inside for part in self.hanging.get(at, ())),
        )


def _by_target(edges: Iterable[Edge]) -> dict[int, list[int]]:
    """Give what leads to each place."""
    sources: dict[int, list[int]] = {}
    for a, b in edges:
        sources.setdefault(b, []).append(a)
    return sources


def _leading(edges: Iterable[Edge], end: int) -> set[int]:
    """Give the places from which a path leads to the end."""
    sources = _by_target(edges)
    leading: set[int] = set()
    waiting = [end]
    while waiting:
        for a in sources.get(waiting.pop(), ()):
            if a not in leading:
                leading.add(a)
                waiting.append(a)
    return leading


def _cuts(inside: Sequence[int], edges: Iterable[Edge], end: int) -> list[int]:
    """Give the places that every path from the source to the end passes."""
    furthest: dict[int, int] = {}
    for a, b in edges:
        furthest[a] = max(furthest.get(a, SOURCE), b)
    reach = furthest.get(SOURCE, SOURCE)
    cuts = []
    for at in inside:
        if reach <= at:
            cuts.append(at)
        reach = max(reach, furthest.get(at, end))
    return cuts


def _components(inside: Sequence[int], edges: Iterable[Edge]) -> list[list[int]]:
    """Group the places that edges between them connect, each in order."""
    root = {at: at for at in inside}

    def find(at: int) -> int:
        while root[at] != at:
            root[at] = root[root[at]]
            at = root[at]
        return at

    for a, b in edges:
        if a in root and b in root:
            root[find(b)] = find(a)
    groups: dict[int, list[int]] = {}
    for at in inside:
        groups.setdefault(find(at), []).append(at)
    return list(groups.values())


def _merged_repeats(
    parts: Sequence[Part], places: Sequence[int], hanging: Mapping[int, Sequence[Series]]
) -> Series:
    """Make a series in which equal scopes that follow each other are one, ×N."""
    merged: list[Part] = []
    below: list[tuple[int, Series]] = [(SOURCE, part) for part in hanging.get(SOURCE, ())]
    alike: list[Item] = []
    for part, at in zip(parts, places, strict=True):
        scope = None if hanging.get(at) else _scope(part)
        if scope is not None and alike and signature(scope) == signature(alike[0]):
            alike.append(scope)
            merged[-1] = repeated(alike)
            continue
        merged.append(part)
        alike = [] if scope is None else [scope]
        below += [(len(merged) - 1, inner) for inner in hanging.get(at, ())]
    return Series(tuple(merged), tuple(below))


def _scope(part: Part) -> Item | None:
    """Give the part, if it is a block or a turn of a repeat, which may be drawn once for several."""
    if isinstance(part, Level) or (isinstance(part, LayerBox) and part.family == SCOPE):
        return part
    return None


__all__ = ["Parallel", "Part", "Run", "Series", "structure"]
