"""The library's blocks found in a graph: which block, with which arguments, gives exactly the layers of a scope.

A block is walked with arguments and its layers are compared with those of the scope. The arguments are found one after
another: of the values that the scope's layers have, the one with which the most layers agree, in order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cache
from itertools import chain, combinations, product, takewhile
from operator import eq
from typing import NamedTuple

from cnncalc.ops import OPS
from cnncalc.ops.shapes import Shape
from cnncalc.spec.blocks import read_library_block
from cnncalc.spec.file import read_spec
from cnncalc.spec.graph import Graph, Node
from cnncalc.spec.shipped import block_names
from cnncalc.spec.walk import walk
from cnncalc.text.source import Source, SpecError
from cnncalc.text.yaml_tree import Located, Scalar
from cnncalc.text.yaml_tree import Mapping as WrittenMapping
from cnncalc.text.yaml_tree import Sequence as WrittenSequence

MAX_TRIED = 100
"""Arguments that are tried for one block and one scope."""
FEW = 4
"""Values of a parameter that are tried together with those of another: what one should be may depend on it."""
UNIT = 3
"""Layers, such as a convolution with its norm and activation, that are no remainder of a larger block."""

_Layer = tuple[object, ...]


class LibraryUse(NamedTuple):
    """A block of the library and its arguments, as text; those that it has where nothing is given are left out."""

    block: str
    arguments: dict[str, str]


class Library:
    """Finds the library's blocks in the scopes of one graph."""

    def __init__(self, graph: Graph) -> None:
        self.nodes = graph.nodes
        self.found: dict[object, LibraryUse | None] = {}
        used = [index for node in graph.nodes for index in (node.shares,) if index is not None]
        self.shared = frozenset(used)

    def find(self, inside: range, entry: int, children: int) -> LibraryUse | None:
        """Give the block whose layers are those of a range of nodes, on which the node `entry` arrives.

        `children` is how many scopes there are in it, next to one another.
        """
        nodes = self.nodes[inside.start : inside.stop]
        arriving = self.nodes[entry].output
        if len(nodes) < 2 or len(arriving) < 2 or not self.is_alone(inside):
            return None
        known = {source: source - inside.start for source in inside} | {entry: -1}
        if not all(source in known for node in nodes for source in node.inputs):
            return None
        places = [tuple(known[source] for source in node.inputs) for node in nodes]
        same = tuple(
            (id(node.facts), node.tags, at) for node, at in zip(nodes, places, strict=True)
        )
        key = (arriving, children, same)
        if key not in self.found:
            wanted = [_told(node, at) for node, at in zip(nodes, places, strict=True)]
            self.found[key] = _search(nodes, wanted, arriving, children)
        return self.found[key]

    def is_alone(self, inside: range) -> bool:
        """Say whether a range of nodes has no side and shares no weights."""
        nodes = self.nodes[inside.start : inside.stop]
        alone = all(node.shares is None and not node.side for node in nodes)
        return alone and not self.shared & {*inside}


def _told(node: Node, sources: Iterable[int]) -> _Layer:
    """Give all that two layers agree in that are one; what they take, by place."""
    facts, output = node.facts, node.output
    places = node.in_order(sources)
    return (node.tags, node.kind, places, output[-1], output, facts.law, facts.reaches, node.op.of)


def _search(
    nodes: Sequence[Node], wanted: list[_Layer], arriving: Shape, children: int
) -> LibraryUse | None:
    """Try every block that has such layers."""
    kinds = {node.kind for node in nodes}
    pools = _pools(nodes, arriving[-1], children)
    for name in block_names():
        block = _block(name)
        if not block.needed <= kinds <= block.kinds or (block.repeats and children < 2):
            continue
        if len(nodes) <= UNIT and not block.always_whole:
            continue
        found = _Arguments(block, pools, arriving, wanted).found()
        if found is not None:
            return LibraryUse(name, found)
    return None


# -- arguments ---------------------------------------------------------------------------------------------------------


class _Arguments:
    """The arguments of one block in the making."""

    def __init__(
        self,
        block: _LibraryBlock,
        pools: Mapping[str, list[str]],
        arriving: Shape,
        wanted: list[_Layer],
    ) -> None:
        self.block = block
        self.pools = pools
        self.wanted = wanted
        self.tried = 0
        self.head = f"input: {'x'.join(map(str, arriving))}\nlayers:\n- {block.name}"

    def found(self) -> dict[str, str] | None:
        """Give the arguments with which the block is the scope; None where there are none."""
        given = {name: self.pool(name)[0] for name in self.block.required if self.pool(name)}
        if len(given) < len(self.block.required):
            return None
        best, before = self.agreed(given), (-2, 0)
        while before < best < self.all:
            before = best
            for changes in chain(self.single(), self.pairs()):
                tried = {**given, **changes}
                agreed = self.agreed(tried) if tried != given else best
                if agreed > best:
                    given, best = tried, agreed
                if best == self.all or self.tried > MAX_TRIED:
                    break
        return self.needed(given) if best == self.all else None

    def needed(self, given: dict[str, str]) -> dict[str, str]:
        """Leave out the arguments without which the block is the same, and give them in the block's own order."""
        ordered = {name: given[name] for name in self.block.parameters if name in given}
        for name in [name for name in ordered if self.block.parameters[name]]:
            rest = {key: value for key, value in ordered.items() if key != name}
            if self.agreed(rest) == self.all:
                ordered = rest
        return ordered

    def single(self) -> Iterator[dict[str, str]]:
        """Give each value of each parameter."""
        for name in self.block.parameters:
            yield from ({name: value} for value in self.pool(name))

    def pairs(self) -> Iterator[dict[str, str]]:
        """Give the values of two parameters at once, of those that have few."""
        few = [name for name in self.block.parameters if len(self.pool(name)) <= FEW]
        for one, other in combinations(few, 2):
            for values in product(self.pool(one), self.pool(other)):
                yield dict(zip((one, other), values, strict=True))

    def pool(self, name: str) -> list[str]:
        """Give the values that a parameter may have."""
        if self.block.parameters[name] in ("true", "false"):
            return ["true", "false"]
        return self.pools.get(name, self.pools["filters"])

    def agreed(self, given: Mapping[str, str]) -> tuple[int, int]:
        """Count the layers, from the first, that are those of the scope, and what the next agrees in."""
        arguments = ", ".join(f"{name}: {value}" for name, value in given.items())
        self.tried += 1
        try:
            graph = walk(read_spec(Source("-", f"{self.head}: {{{arguments}}}\n")))
        except SpecError:
            return -1, 0
        layers = [_told(node, [at - 1 for at in node.inputs]) for node in graph.nodes[1:]]
        pairs = list(zip(layers, self.wanted, strict=False))
        count = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
        if count == len(layers) == len(self.wanted):
            return self.all
        if count == len(pairs):
            return count, 0
        (tags, kind, *_), (own_tags, own_kind, *_) = pairs[count]
        if kind == own_kind and tags != own_tags:  # which no argument changes
            self.tried += MAX_TRIED
        return count, sum(map(eq, *pairs[count]))

    @property
    def all(self) -> tuple[int, int]:
        """What is counted where all layers agree, and there are no more."""
        return len(self.wanted) + 1, 0


def _pools(nodes: Sequence[Node], channels: int, children: int) -> dict[str, list[str]]:
    """Give the values that parameters may have, by what they are called; all others are numbers of filters."""
    fields = [node.op.written(node.output) for node in nodes]

    def having(*names: str) -> list[str]:
        return list(dict.fromkeys(f[name] for f in fields for name in names if name in f))

    depths = [str(node.output[-1]) for node in nodes]
    filters = list(dict.fromkeys([*having("filters", "units"), *depths]))
    maps = [int(text) for text in filters if text.isdigit()] + [channels]
    ratios = {Fraction(a, b) for a in maps for b in maps if a > b and a % b == 0}
    activations = list(dict.fromkeys(node.kind for node in nodes if node.op.family == "pointwise"))
    groups = [text for text in having("groups") if text.isdigit()]
    shares = [str(most // int(text)) for text in groups for most in maps if most % int(text) == 0]
    return {
        "filters": filters,
        "times": [str(children)],
        "stride": having("stride"),
        "kernel": having("kernel"),
        "pad": having("pad"),
        "groups": groups,
        "group": list(dict.fromkeys(shares)),
        **{name: [*sorted(map(str, ratios)), "1", *filters] for name in ("expand", "expansion")},
        "reduction": sorted(map(str, ratios)),
        "drop": [*having("rate"), "0"],
        "scale": having("factor"),
        **dict.fromkeys(("activation", "gate"), activations),
        "shortcut": ["projection", "pad", "identity"],
    }


# -- the library -------------------------------------------------------------------------------------------------------


class _LibraryBlock(NamedTuple):
    """A block of the library: its parameters with their defaults as text, the ops that it may have, and always has.

    `always_whole` says that no `when` leaves a part of it out.
    """

    name: str
    parameters: dict[str, str]
    kinds: frozenset[str]
    needed: frozenset[str]
    repeats: bool
    always_whole: bool

    @property
    def required(self) -> list[str]:
        """The parameters that have no default."""
        return [name for name, default in self.parameters.items() if not default]


@cache
def _block(name: str) -> _LibraryBlock:
    """Read a block: parameters that follow from others are left out."""
    _, mapping = read_library_block(name)
    params = mapping.get("params")
    given = params.entries if isinstance(params, WrittenMapping) else ()
    parameters = {
        key.text: value.text
        for key, value in given
        if isinstance(value, Scalar) and not _follows(value.text)
    }
    layers = mapping.get("layers")
    words = set(_words(layers))
    needed = frozenset(word for word in _always(layers) if word in OPS)
    kinds = {word for word in words if word in OPS}
    kinds |= {"add"} if "residual" in words else set()
    for inner in words & set(block_names()) - {name}:
        kinds |= _block(inner).kinds
    if {"activation", "gate"} & set(parameters):
        kinds |= {kind for kind, op in OPS.items() if op.family == "pointwise"}
    return _LibraryBlock(
        name, parameters, frozenset(kinds), needed, "times" in parameters, "when" not in words
    )


def _follows(default: str) -> bool:
    """Say whether a default is worked out from what arrives, and so is not for a caller to give."""
    return "channels" in default or " " in default.strip()


def _words(located: Located | None) -> Iterable[str]:
    """Give every word in a block's layers."""
    if isinstance(located, Scalar):
        yield located.text
    elif isinstance(located, WrittenMapping):
        for key, value in located.entries:
            yield key.text
            yield from _words(value)
    elif isinstance(located, WrittenSequence):
        for item in located.items:
            yield from _words(item)


def _always(located: Located | None) -> Iterable[str]:
    """Give the words of the layers in a list, and in those inside it, that have no `when`."""
    for item in located.items if isinstance(located, WrittenSequence) else ():
        if isinstance(item, Scalar):
            yield item.text
        elif isinstance(item, WrittenSequence):
            yield from _always(item)
        else:
            for key, value in item.entries:
                fields = value.entries if isinstance(value, WrittenMapping) else ()
                if "when" not in {key.text for key, _ in (*item.entries, *fields)}:
                    yield key.text
                    yield from _always(value)
                    yield from (word for _, inner in fields for word in _always(inner))


__all__ = ["Library", "LibraryUse"]
