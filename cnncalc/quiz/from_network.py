"""What can be asked about a given network at each level, and what must be told with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from cnncalc.quiz.wording import arriving_fact, block_fact, is_said, layer_facts, network_fact
from cnncalc.spec.graph import Graph
from cnncalc.spec.part import TOTAL, Parts
from cnncalc.spec.quantities import ASKED, BY_NAME
from cnncalc.text.messages import Phrase

if TYPE_CHECKING:
    from cnncalc.network import Network

MAX_LAYERS = 14
"""A question lists no more layers than this."""
BATCH = 32
"""For questions about memory."""

_ONE_LAYER = {1: "layer1", 2: "layer2"}
"""Where a quantity is asked of one layer, by level."""


class LayerQuestion(NamedTuple):
    """What is asked of which layer; `members` are the layers that the question describes."""

    layer: str
    quantity: str
    members: tuple[int, ...]
    batch: int = 1

    def facts(self, net: Network) -> tuple[Phrase, ...]:
        """Return what must be known: the network, what arrives where it is not the network's input, the layers."""
        graph = net.graph
        below = f"{self.layer}/" if self.layer in graph.scopes else ""
        facts = [network_fact(net.title, graph.input)]
        if "path" not in BY_NAME[self.quantity].quiz and self.layer != TOTAL:
            arriving = [graph.nodes[at].output for at in net.parts.find(self.layer).sources]
            if arriving:  # nothing arrives at the input
                facts.append(arriving_fact(self.layer, arriving))
        if below:
            facts.append(block_fact(self.layer))
        return (*facts, *layer_facts(graph, self.members, below))


def asked_in(net: Network, level: int) -> Iterator[LayerQuestion]:
    """Everything that can be asked of a network at a level, equal layers once."""
    for asked in _single(net.graph, level) if level in _ONE_LAYER else _several(net.parts):
        if all(is_said(net.graph.nodes[index]) for index in asked.members):
            yield asked


def layer_question(net: Network, layer: str, quantity: str) -> LayerQuestion | None:
    """Describe the layers that a question is about; None where they are too many, or words cannot say them."""
    graph, part = net.graph, net.parts.find(layer)
    has_path = part.is_layer and "path" in BY_NAME[quantity].quiz
    members = _before(graph, part.last) if has_path else part.members
    shown = sum(not graph.nodes[index].op.hidden_by_default for index in members)
    if not 0 < shown <= MAX_LAYERS or not all(is_said(graph.nodes[index]) for index in members):
        return None
    return LayerQuestion(layer, quantity, members)


def _asked_of(what: str) -> list[str]:
    """Return the quantities that a quiz asks of a layer, a block, a path or the total."""
    return [name for name in ASKED if what in BY_NAME[name].quiz]


def _single(graph: Graph, level: int) -> Iterator[LayerQuestion]:
    seen: set[tuple[object, ...]] = set()
    for index, node in enumerate(graph.nodes):
        alike = (node.op, node.shapes)
        if node.side or node.op.hidden_by_default or not node.inputs or alike in seen:
            continue
        seen.add(alike)
        for quantity in _asked_of(_ONE_LAYER[level]):
            yield LayerQuestion(
                node.name, quantity, (index,), BATCH if BY_NAME[quantity].scaled else 1
            )


def _several(parts: Parts) -> Iterator[LayerQuestion]:
    """Blocks, receptive fields of layers near the input, and totals, as far as they are of few layers."""
    graph = parts.graph
    for path in graph.scopes:
        members = parts.find(path).members
        if _is_short(graph, members) and not graph.nodes[members[0]].side:
            for quantity in _asked_of("block"):
                yield LayerQuestion(path, quantity, members)
    for index, node in enumerate(graph.nodes):
        if index and not node.side and not node.op.hidden_by_default and len(node.output) > 1:
            path_to = _before(graph, index)
            if _is_short(graph, path_to):
                for quantity in _asked_of("path"):
                    yield LayerQuestion(node.name, quantity, path_to)
    everything = parts.main[1:]
    if _is_short(graph, everything):
        for quantity in _asked_of("total"):
            yield LayerQuestion(TOTAL, quantity, everything)


def _is_short(graph: Graph, members: tuple[int, ...]) -> bool:
    return 1 < sum(not graph.nodes[index].op.hidden_by_default for index in members) <= MAX_LAYERS


def _before(graph: Graph, index: int) -> tuple[int, ...]:
    """Return a layer and all before it that it depends on, but the input."""
    earlier = {index}
    for place in range(index, 0, -1):
        if place in earlier:
            earlier.update(graph.nodes[place].inputs)
    return tuple(sorted(earlier - {0}))
