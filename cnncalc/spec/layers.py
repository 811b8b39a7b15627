"""Compiled layers: what a list of layers in a spec becomes once its words, fields and expressions are read."""

from __future__ import annotations

from collections.abc import Container
from typing import TYPE_CHECKING, NamedTuple

from cnncalc.ops.base import Op
from cnncalc.ops.fields import Template
from cnncalc.text.limits import limit
from cnncalc.text.source import Span
from cnncalc.text.yaml_tree import Scalar

if TYPE_CHECKING:
    from cnncalc.spec.instances import Instance

COMMON_FIELDS = {
    "name": "the layer's name in its scope",
    "from": "the earlier layer that it starts from, instead of the one before it",
    "share": "the earlier layer or block whose weights it uses",
    "tags": "words of the author's own, which conventions may select by",
    "when": "a condition; the layer is left out where it is false",
}
COMBINATORS = {
    "repeat": "its layers several times over; a name opens a scope",
    "residual": "layers and a shortcut, added",
    "side": "layers to a side output; the main path goes on with what arrived",
}

MAX_LAYERS = limit(20_000)
MAX_NESTING = 40
"""Lists of layers within one another, through blocks too."""


class Common(NamedTuple):
    """What every layer may carry. `span` is where its word stands."""

    word: str
    span: Span
    name: Scalar | None = None
    sources: tuple[Scalar, ...] = ()
    several: bool = False
    share: Scalar | None = None
    tags: tuple[str, ...] = ()
    when: Template | None = None


class Body(NamedTuple):
    """A list of layers; `size` is how many layers it expands to at most, as far as that can be told unwalked."""

    layers: tuple[Layer, ...]
    span: Span
    size: int
    when: Template | None = None


class OpLayer:
    """An op with its fields as templates. `ops` remembers the ops made of it.

    `rank` is the number of spatial axes that its word names, as Conv2d does; None for words that name none.
    `defaulted` are the fields that `defaults` gave, `layer_names` those that name another layer.
    """

    __slots__ = ("common", "defaulted", "dynamic", "layer_names", "op", "ops", "rank", "templates")

    def __init__(
        self,
        common: Common,
        op: type[Op],
        templates: dict[str, Template],
        rank: int | None = None,
        defaulted: frozenset[str] = frozenset(),
    ) -> None:
        self.rank = rank
        self.defaulted = defaulted
        self.common = common
        self.op = op
        self.templates = templates
        self.layer_names = tuple([name for name in op.layer_names if name in templates])
        self.dynamic = bool(self.layer_names) or None in [
            template.constant for template in templates.values()
        ]
        self.ops: dict[object, Op] = {}

    def span_of(self, field: str, path: tuple[int, ...] = ()) -> Span:
        """Where the value of a field stands, or an item of it; the layer's word where it is a default."""
        template = self.templates.get(field)
        if template is None or field in self.defaulted:
            return self.common.span
        return template.span(path)


class Merge(NamedTuple):
    """An op that takes branches, or the layers that `from` lists; `layer` has its fields."""

    common: Common
    layer: OpLayer
    branches: tuple[Body, ...] | None


class BlockUse(NamedTuple):
    """An instance of a block with its arguments."""

    common: Common
    block: Block
    arguments: dict[str, Template]


class Repeat(NamedTuple):
    """A body several times over."""

    common: Common
    times: Template
    body: Body


class Residual(NamedTuple):
    """Layers and a shortcut, added by `layer`; with `skip` false the layers alone."""

    common: Common
    body: Body
    shortcut: Body | None
    skip: Template | None
    layer: OpLayer


class SideOutput(NamedTuple):
    """Layers to a side output."""

    common: Common
    body: Body


class Broken(NamedTuple):
    """A layer that could not be read; what comes after it is not checked against shapes."""

    common: Common


Layer = OpLayer | Merge | BlockUse | Repeat | Residual | SideOutput | Broken


class SpecParameter(NamedTuple):
    """A parameter of a block or a network; without a default it must be given."""

    name: str
    span: Span
    default: Template | None


class Block:
    """A named list of layers with parameters; `instances` remembers those that were walked."""

    __slots__ = ("body", "help", "instances", "name", "parameters", "span")

    def __init__(self, name: str, span: Span) -> None:
        self.name = name
        self.span = span
        self.parameters: tuple[SpecParameter, ...] = ()
        self.body = Body((), span, 0)
        self.instances: dict[object, Instance] = {}

    def required(self) -> tuple[str, ...]:
        """Give the parameters that have no default."""
        return tuple(parameter.name for parameter in self.parameters if parameter.default is None)

    def bare_parameter(self, passed: Container[str] = ()) -> str | None:
        """Where a bare value goes: the only required parameter that is not passed, or the first where none is."""
        required = [name for name in self.required() if name not in passed]
        if len(required) == 1:
            return required[0]
        return self.parameters[0].name if self.parameters and not required else None


def bodies(layer: Layer) -> tuple[Body, ...]:
    """Give the lists of layers in this one."""
    if isinstance(layer, Merge):
        return layer.branches or ()
    if isinstance(layer, BlockUse):
        return (layer.block.body,)
    if isinstance(layer, Residual):
        return (layer.body, layer.shortcut) if layer.shortcut else (layer.body,)
    return (layer.body,) if isinstance(layer, (Repeat, SideOutput)) else ()


def layer_size(layer: Layer) -> int:
    """How many layers this one expands to at most, itself being one; a count that is not known yet is taken as 1."""
    if isinstance(layer, OpLayer):
        return 1
    inner = sum(body.size for body in bodies(layer))
    if isinstance(layer, Repeat):
        times = layer.times.constant
        return max(inner, 1) * max(times if isinstance(times, int) else 1, 1)
    return max(inner + isinstance(layer, (Merge, Residual)), 1)
