"""Functions that an ONNX file defines, entered: each call is replaced by the function's own ops.

A function's tensors get the call's number before their names, so that two calls do not meet; its attributes are those
of the call, or their defaults. (https://onnx.ai/onnx/repo-docs/IR.html#functions)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from cnncalc.models.onnx_messages import (
    MAX_DEPTH,
    AttributeReference,
    AttributeValue,
    FunctionKey,
    OnnxFunction,
    OnnxNode,
    Subgraph,
)
from cnncalc.models.wire import WireError
from cnncalc.spec.layers import MAX_LAYERS


def inline(nodes: list[OnnxNode], functions: Mapping[FunctionKey, OnnxFunction]) -> list[OnnxNode]:
    """Return the ops with those of the functions in place of their calls.

    Raises WireError for functions that call one another deeper, or have more ops, than the limits.
    """
    return list(_Inliner(functions).entered(nodes, 0)) if functions else nodes


class _Call(NamedTuple):
    """What stands for a function's names in a call: of its tensors, of all others the prefix, and its attributes."""

    tensors: Mapping[str, str]
    prefix: str
    attributes: Mapping[str, AttributeValue]
    node: OnnxNode

    def tensor(self, name: str) -> str:
        """Return the name of a tensor; one that is left out stays so."""
        return self.tensors.get(name, f"{self.prefix}{name}") if name else ""

    def applied(self, inner: OnnxNode) -> OnnxNode:
        """Return an op of the function as the call has it."""
        given = {
            name: self.attributes.get(value.name)
            if isinstance(value, AttributeReference)
            else self.subgraph(value)
            if isinstance(value, Subgraph)
            else value
            for name, value in inner.attributes.items()
        }
        return inner._replace(
            name="/".join(filter(None, (self.node.name, inner.name))),
            inputs=tuple(map(self.tensor, inner.inputs)),
            outputs=tuple(map(self.tensor, inner.outputs)),
            attributes={name: value for name, value in given.items() if value is not None},
            scopes=self.node.scopes or inner.scopes,
        )

    def subgraph(self, graph: Subgraph) -> Subgraph:
        """Return a branch of the function as the call has it."""
        return Subgraph(
            tuple(map(self.applied, graph.nodes)),
            tuple(tensor._replace(name=self.tensor(tensor.name)) for tensor in graph.tensors),
            tuple(map(self.tensor, graph.outputs)),
        )


class _Inliner:
    def __init__(self, functions: Mapping[FunctionKey, OnnxFunction]) -> None:
        self.functions = functions
        self.calls = 0
        self.ops = 0

    def entered(self, nodes: list[OnnxNode], depth: int) -> Iterator[OnnxNode]:
        """Yield the ops, those of the functions that they call in their places."""
        if depth > MAX_DEPTH:
            raise WireError(f"functions call one another deeper than the limit of {MAX_DEPTH}")
        for node in nodes:
            self.ops += 1
            if self.ops > MAX_LAYERS:
                raise WireError(
                    f"the graph has more than {MAX_LAYERS:,} ops, the limit, those of its functions counted"
                )
            function = self.functions.get((node.domain, node.op))
            if function is None:
                yield self.with_branches(node, depth)
            else:
                yield from self.entered(self.body(function, node), depth + 1)

    def with_branches(self, node: OnnxNode, depth: int) -> OnnxNode:
        """Return an op with the functions entered that its branches call."""
        entered = {
            name: value._replace(nodes=tuple(self.entered([*value.nodes], depth + 1)))
            for name, value in node.attributes.items()
            if isinstance(value, Subgraph)
        }
        return node._replace(attributes={**node.attributes, **entered}) if entered else node

    def body(self, function: OnnxFunction, node: OnnxNode) -> list[OnnxNode]:
        """Return a function's ops as one call has them; an input that it gives back is copied."""
        self.calls += 1
        given = dict(zip(function.inputs, node.inputs, strict=False))
        given = {name: given.get(name, "") for name in function.inputs}
        made = dict(zip(function.outputs, node.outputs, strict=False))
        call = _Call(
            {**made, **given}, f"{self.calls}:", {**function.defaults, **node.attributes}, node
        )
        copies = [
            OnnxNode("Identity", "", node.name, (given[name],), (output,), {}, node.scopes)
            for name, output in made.items()
            if name in given
        ]
        return [*map(call.applied, function.nodes), *copies]


__all__ = ["inline"]
