"""A walked network with an input of another size, without the walk: the same layers, their shapes worked out again.

That holds where no `when`, no parameter and no field depends on the size of what arrives, and where every layer takes
the new shapes; where it does not hold, the spec is walked.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from cnncalc.ops.base import Input, OpError
from cnncalc.ops.fields import Template
from cnncalc.ops.shapes import Shape
from cnncalc.spec.file import Spec
from cnncalc.spec.graph import Graph, Node
from cnncalc.spec.layers import BlockUse, Body, Layer, Merge, OpLayer, Repeat, Residual, bodies
from cnncalc.spec.overrides import InputSize, override_input, sizes_by_name
from cnncalc.text.expressions import MAX_NUMBER, SHAPE_NAMES

_SIZES = frozenset(SHAPE_NAMES) - {"channels"}
"""The names in expressions that depend on the size of what arrives."""


class Resizable:
    """The graph of a spec, as walked with its own input, to be had with other sizes of the input."""

    def __init__(self, spec: Spec, graph: Graph) -> None:
        self.spec = spec
        self.graph = graph

    @cached_property
    def is_fixed(self) -> bool:
        """Whether another size may need another walk."""
        spec, graph = self.spec, self.graph
        return (
            len(graph.inputs) > 1
            or any(node.shares is not None for node in graph.nodes)
            or any(map(_depends_on_size, _templates(spec)))
            or any(layer.layer_names for layer in _layers(spec.body) if isinstance(layer, OpLayer))
        )

    def graph_of(self, given: InputSize) -> Graph | None:
        """Return the graph with another input, or None where the spec has to be walked for it. Raises SpecError."""
        if self.is_fixed:
            return None
        name, own = next(iter(self.graph.inputs.items()))
        shape = override_input(own, sizes_by_name(given, [name])[name])
        if shape[-1] != own[-1]:
            return None
        try:
            nodes = tuple(self._nodes(shape))
        except OpError:
            return None  # the walk says where
        if any(max(output) > MAX_NUMBER for output in {node.output for node in nodes}):
            return None
        return self.graph._replace(nodes=nodes)

    def _nodes(self, shape: Shape) -> Iterator[Node]:
        """Yield the nodes with their new shapes. Raises OpError."""
        first, *others = self.graph.nodes
        arriving = Input(len(shape) - 1, {"shape": shape})
        yield first._replace(op=arriving, output=shape, facts=arriving.facts(()))
        outputs = [shape]
        for name, op, inputs, _, _, side, shares, tags, span, _ in others:
            shapes = tuple([outputs[index] for index in inputs])
            facts = op.facts(shapes)
            output = facts.output
            outputs.append(output)
            yield Node(name, op, inputs, shapes, output, side, shares, tags, span, facts)


def _layers(body: Body) -> Iterator[Layer]:
    """All layers of a list, those within blocks and branches too."""
    for layer in body.layers:
        yield layer
        if isinstance(layer, (Merge, Residual)):
            yield layer.layer
        for inner in bodies(layer):
            yield from _layers(inner)


def _templates(spec: Spec) -> Iterator[Template | None]:
    """Every value of a spec that may depend on the size of what arrives."""
    yield from (parameter.default for parameter in spec.parameters)
    for layer in _layers(spec.body):
        yield layer.common.when
        yield from (body.when for body in bodies(layer))
        if isinstance(layer, OpLayer):
            yield from layer.templates.values()
        elif isinstance(layer, BlockUse):
            yield from layer.arguments.values()
            yield from (parameter.default for parameter in layer.block.parameters)
        elif isinstance(layer, Repeat):
            yield layer.times
        elif isinstance(layer, Residual):
            yield layer.skip


def _depends_on_size(template: Template | None) -> bool:
    if template is None:
        return False
    if template.expression is not None:
        return not (template.expression.names | template.expression.words).isdisjoint(_SIZES)
    return any(map(_depends_on_size, template.items))


__all__ = ["Resizable"]
