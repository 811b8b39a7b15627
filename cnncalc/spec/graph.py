"""The network as a flat, named, ordered graph: what the walk gives and the analysis reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import takewhile
from typing import NamedTuple

from cnncalc.ops.base import Array, Facts, Op
from cnncalc.ops.shapes import Shape, format_shape
from cnncalc.text.messages import translate
from cnncalc.text.source import Problem, Span, SpecError


class Node(NamedTuple):
    """One layer. `inputs` and `shares` are positions of earlier nodes; `shares` has the weights that it uses."""

    name: str
    op: Op
    inputs: tuple[int, ...]
    shapes: tuple[Shape, ...]
    output: Shape
    side: bool
    shares: int | None
    tags: tuple[str, ...]
    span: Span
    facts: Facts
    """All that the op knows for these input shapes."""

    @property
    def kind(self) -> str:
        """The op's name, as a spec writes it."""
        return self.op.kind

    @property
    def alike(self) -> tuple[object, ...]:
        """What everything that is counted of it depends on."""
        return id(self.facts), self.tags, self.shares is None

    @property
    def arrays(self) -> tuple[Array, ...]:
        """Its weights, biases and buffers, shared ones too."""
        return self.facts.arrays

    def in_order(self, sources: Iterable[int]) -> tuple[int, ...]:
        """Give what it takes, sorted where the order is of no account, as in a sum of maps of one shape."""
        given = tuple(sources)
        is_sum = self.op.as_residual and len(set(self.shapes)) == 1
        return tuple(sorted(given)) if is_sum else given


class Graph(NamedTuple):
    """A network in execution order; the first nodes are the inputs, most often one.

    `scopes` says what opened each scope: the block's name, `repeat` or `side`, by path. `places` says which node a
    path stands for, block instances and named repeats included.
    """

    name: str
    nodes: tuple[Node, ...]
    scopes: Mapping[str, str]
    places: Mapping[str, int]

    @property
    def input(self) -> Shape:
        """The shape of the first input, which is what arrives at the first layer."""
        return self.nodes[0].output

    @property
    def inputs(self) -> dict[str, Shape]:
        """The shape of each input by its name."""
        return {
            node.name: node.output for node in takewhile(lambda node: node.op.is_input, self.nodes)
        }

    def outputs(self) -> tuple[int, ...]:
        """Return the nodes that no other uses, a side's too, and what the main path ends with, which a side may use."""
        used = {index for node in self.nodes for index in node.inputs}
        last = max(index for index, node in enumerate(self.nodes) if not node.side)
        return tuple(
            index
            for index, node in enumerate(self.nodes)
            if index == last or (index not in used and not node.op.is_input)
        )


def require_known(graph: Graph) -> None:
    """Raise SpecError where a count of some layer is not known, with every such layer."""
    problems = [
        Problem(
            node.span,
            "unknown",
            f"{node.name}: the MACs of {node.op.of or 'this layer'} are not known",
            "opaque states what a layer costs; without --strict the totals say 'at least'",
        )
        for node in graph.nodes
        if node.op.unknown_counts()
    ]
    if problems:
        raise SpecError(problems)


def show_inputs(inputs: Mapping[str, Shape], lang: str = "en") -> str:
    """Show the inputs as a title has them: `input 224×224×3`, or `image 224×224×3, mask 224×224×1`."""
    return ", ".join(
        f"{translate('input', lang) if name == 'input' else name} {format_shape(shape)}"
        for name, shape in inputs.items()
    )
