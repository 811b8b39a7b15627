"""The one way in which every reader makes a Graph.

A reader walks the file in execution order and calls a Builder:

    builder = Builder(file, "resnet18")
    image = builder.input("x", (224, 224, 3))
    conv = builder.add("conv", [image], {"filters": 64, "kernel": 7, "bias": False}, name="conv1", weights="conv1")
    relu = builder.add("relu", [conv], scope="layer1/0", tags=("functional",))
    builder.note("6,379,984 parameters in the file are used by nothing: aux1, aux2")
    return builder.model()

- **Shapes** have their channels last and no batch. What `input`, `add` and `unknown` give back are node numbers;
  `builder.shape(node)` is its output.
- **Ops** are named as in a spec, fields too, with the values that a spec would give: `{"kernel": (3, 3), "pad": 1}`.
  They are made by the same `make_op` as those of a spec.
- **Names.** `name` is the file's own path, scopes joined by `/` (`path("layer1.0.conv1")` is `layer1/0/conv1`). A layer
  without one is numbered by its op in `scope`: `layer1/0/add1`. A path that is taken gets `_2`, `_3`, ...
  `open_scope("layer1/0", "BasicBlock")` says what a scope is, for folded tables.
- **Shared weights.** `weights` is what the file calls the layer's weights; a layer that names the same ones again
  shares them, and counts no parameters of its own.
- **Errors.** What does not suit raises SpecError with the file's name and the layer's; `builder.error(...)` makes one
  for the reader to raise. **Unknown ops** are rows too: `builder.unknown("com.acme:Foo", [conv], (14, 14, 256))`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from cnncalc.models import ModelFile
from cnncalc.ops import OPS
from cnncalc.ops.base import Input, OpError, OpFieldError
from cnncalc.ops.shapes import Shape, show_shape
from cnncalc.spec.graph import Graph, Node
from cnncalc.spec.layers import MAX_LAYERS, MAX_NESTING
from cnncalc.spec.overrides import override_input, show_sizes
from cnncalc.spec.walk import make_op
from cnncalc.text.expressions import MAX_NUMBER
from cnncalc.text.source import Source, Span, SpecError

MAX_NAME = 200
"""Characters of a layer's name; a longer one is cut."""
MAX_INPUTS = 4096
"""Tensors that arrive at one layer."""
MAX_TAKEN = 5 * MAX_LAYERS
"""Tensors that arrive at all layers."""

_NOT_IN_NAMES = re.compile(r"[^\w.-]+", re.ASCII)


class Model(NamedTuple):
    """What a file of another tool says: its graph, and notes for whoever reads the numbers."""

    file: ModelFile
    source: Source
    name: str
    graph: Graph
    notes: tuple[str, ...]
    is_open: bool = False
    """Whether the file leaves sizes of its input open, which --input gives."""

    @property
    def span(self) -> Span:
        """Where notes on the whole file stand."""
        return Span(self.source, 1, 1, 1)


def path(dotted: str, separator: str = ".") -> str:
    """Return a name of another tool as a path of ours: `layer1.0.conv1` is `layer1/0/conv1`.

    Empty parts are left out.
    """
    return "/".join(filter(None, map(clean, re.split(f"[{re.escape(separator)}/]", dotted))))


@lru_cache(maxsize=10_000)
def clean(word: str) -> str:
    """One part of a path, with what names cannot have replaced by `_`."""
    return _NOT_IN_NAMES.sub("_", word).strip("_")[:MAX_NAME] or ("_" if word else "")


class Builder:
    """A graph in the making; see the module's account."""

    def __init__(self, file: ModelFile, name: str) -> None:
        self.file = file
        self.name = name
        self.source = file.source
        self.span = Span(self.source, 1, 1, 1)
        self.nodes: list[Node] = []
        self.scopes: dict[str, str] = {}
        self.notes: list[str] = []
        self._taken: set[str] = {"input"}
        self._counts: dict[tuple[str, str], int] = {}
        self._owners: dict[str, int] = {}
        self._inputs: list[int] = []
        self._taken_tensors = 0
        self._is_open = False

    # -- making ------------------------------------------------------------------------------------------------------

    def input(self, name: str, shape: Shape) -> int:
        """Add an input of the network. All come before the first layer."""
        self._check_shape(name, shape)
        op = Input(len(shape) - 1, {"shape": shape})
        self._inputs.append(len(self.nodes))
        return self._append(
            Node(path(name), op, (), (), shape, False, None, (), self.span, op.facts(()))
        )

    def open_input(self, name: str, shape: Sequence[int | None]) -> Shape:
        """Return the shape of an input whose sizes the file leaves open where None stands: those that --input gives.

        Raises SpecError where none are given, or others than the file has.
        """
        self._is_open = True
        shown = show_sizes(tuple("?" if size is None else size for size in shape))  # type: ignore[misc]
        if self.file.input is None or isinstance(self.file.input, Mapping):
            raise self.error(
                f"its shape is {shown or 'not given'}, and cnncalc needs every size",
                name,
                "give the sizes that are open, such as --input 224",
            )
        filled = override_input(tuple(size or 1 for size in shape), self.file.input)
        if len(filled) != len(shape) or any(
            own not in (None, size) for own, size in zip(shape, filled, strict=True)
        ):
            raise self.error(
                f"--input {show_sizes(self.file.input)} does not suit its shape, {shown}", name
            )
        return filled

    def add(
        self,
        kind: str,
        inputs: Sequence[int],
        fields: Mapping[str, Any] | None = None,
        *,
        name: str = "",
        scope: str = "",
        weights: str = "",
        tags: tuple[str, ...] = (),
        side: bool = False,
    ) -> int:
        """Add a layer; its number. Raises SpecError where what arrives does not suit it."""
        label = name or "/".join(filter(None, (scope, kind)))
        shapes = () if OPS[kind].takes_none else self._shapes(label, inputs)
        try:
            op = make_op(OPS[kind], len(shapes[0]) - 1 if shapes else 0, fields or {})
            facts = op.facts(shapes)
        except OpFieldError as error:
            hint = error.error.hint
            raise self.error(f"{error.field}: {error.error.message}", label, hint) from None
        except OpError as error:
            raise self.error(error.message, label, error.hint) from None
        output = facts.output
        name = self._name(kind, name, scope)
        self._check_shape(name, output)
        node = Node(name, op, tuple(inputs), shapes, output, side, None, tags, self.span, facts)
        return self._append(node._replace(shares=self._shares(node, weights)))

    def unknown(
        self,
        of: str,
        inputs: Sequence[int],
        shape: Shape | None,
        *,
        params: int | None = None,
        name: str = "",
        scope: str = "",
        tags: tuple[str, ...] = (),
        side: bool = False,
    ) -> int:
        """Add a layer of an op that cnncalc does not know, `of` in the file; `params` are its parameters, if known.

        Raises SpecError where the file has no shape for it.
        """
        if shape is None:
            raise self.error(
                f"cnncalc does not know the op '{of}', and the file has no shape for it",
                name or scope,
            )
        fields = {"of": of, "output": shape, "params": params}
        return self.add("unknown", inputs, fields, name=name, scope=scope, tags=tags, side=side)

    def open_scope(self, scope: str, word: str) -> None:
        """Say what a scope is, such as its module's class; the first word counts."""
        if scope:
            self.scopes.setdefault(scope, clean(word))

    def note(self, text: str) -> None:
        """Say something of the whole file, once."""
        if text not in self.notes:
            self.notes.append(text)

    def model(self) -> Model:
        """Return what was built. Raises SpecError where there is no input or no layer."""
        if not self._inputs or len(self.nodes) == len(self._inputs):
            raise self.error("the file holds no layers", hint="it may hold weights alone")
        if len(self._inputs) == 1:
            self.nodes[0] = self.nodes[0]._replace(name="input")
        ends = self._scope_ends()
        places = ends | {node.name: index for index, node in enumerate(self.nodes)}
        scopes = {scope: self.scopes.get(scope, "scope") for scope in ends}
        graph = Graph(self.name, tuple(self.nodes), scopes, places)
        return Model(self.file, self.source, self.name, graph, tuple(self.notes), self._is_open)

    # -- asking ------------------------------------------------------------------------------------------------------

    def shape(self, node: int) -> Shape:
        """Return the output's shape of a node."""
        return self.nodes[node].output

    def error(
        self, message: str, layer: str = "", hint: str = "", code: str = "model"
    ) -> SpecError:
        """Return the error for something in the file, at a layer where that is known."""
        return self.file.error(f"{layer}: {message}" if layer else message, hint, code)

    # -- names -------------------------------------------------------------------------------------------------------

    def _name(self, kind: str, name: str, scope: str) -> str:
        """Return the layer's path: its own, or numbered by its op in its scope, named ones of that op counted in."""
        key = (name.rpartition("/")[0] if name else scope, kind)
        count = self._counts[key] = self._counts.get(key, 0) + 1
        if name:
            return self._free(name)
        prefix = f"{scope}/" if scope else ""
        while f"{prefix}{kind}{count}" in self._taken:
            count += 1
        self._counts[key] = count
        return f"{prefix}{kind}{count}"

    def _free(self, name: str) -> str:
        """Return the name, or with `_2`, `_3`, ... behind it where it is taken, as a module's that is called again."""
        if name not in self._taken:
            return name
        count = self._counts.get((name, "_"), 1) + 1
        while f"{name}_{count}" in self._taken:
            count += 1
        self._counts[name, "_"] = count
        return f"{name}_{count}"

    def _scope_ends(self) -> dict[str, int]:
        """Every path that leads to a layer is a scope; the last layer in it, which it stands for."""
        ends: dict[str, int] = {}
        for index, node in enumerate(self.nodes):
            scope = node.name.rpartition("/")[0]
            while scope:
                ends[scope] = index
                scope = scope.rpartition("/")[0]
            if len(ends) > MAX_LAYERS:
                raise self.error(
                    f"the file has more than {MAX_LAYERS:,} scopes, the limit", code="limit"
                )
        return ends

    # -- checks ------------------------------------------------------------------------------------------------------

    def _append(self, node: Node) -> int:
        index = len(self.nodes)
        if index > MAX_LAYERS:
            raise self.error(
                f"the file has more than {MAX_LAYERS:,} layers, the limit", code="limit"
            )
        if node.name.count("/") > MAX_NESTING:
            raise self.error(
                f"it lies in more than {MAX_NESTING} scopes, the limit",
                node.name[:MAX_NAME],
                code="limit",
            )
        self._taken.add(node.name)
        self.nodes.append(node)
        return index

    def _shapes(self, name: str, inputs: Sequence[int]) -> tuple[Shape, ...]:
        if not 0 < len(inputs) <= MAX_INPUTS:
            raise self.error(f"{len(inputs)} tensors arrive here", name)
        self._taken_tensors += len(inputs)
        if self._taken_tensors > MAX_TAKEN:
            raise self.error(
                f"the layers take more than {MAX_TAKEN:,} tensors in all, the limit", code="limit"
            )
        return tuple([self.nodes[index].output for index in inputs])

    def _check_shape(self, name: str, shape: Shape) -> None:
        """Refuse a shape with no axis, or with sizes that are none or beyond what numbers may be."""
        if not shape or not all(type(size) is int and 0 < size <= MAX_NUMBER for size in shape):
            raise self.error(
                f"the shape {show_shape(shape) or 'of no axis'} has a size that is not between 1 and {MAX_NUMBER:,}",
                name,
                "a graph needs every size as a number; export it with an example of fixed size",
            )

    def _shares(self, node: Node, weights: str) -> int | None:
        """Return the node that brought in the weights first; None for the first.

        Raises SpecError where shapes differ.
        """
        if not weights or not node.arrays:
            return None
        owner = self._owners.setdefault(weights, len(self.nodes))
        if owner == len(self.nodes):
            return None
        first = self.nodes[owner]
        if first.arrays != node.arrays:
            raise self.error(
                f"its weights '{weights}' are those of {first.name}, whose shapes differ", node.name
            )
        return owner


__all__ = ["Builder", "Model", "clean", "path"]
