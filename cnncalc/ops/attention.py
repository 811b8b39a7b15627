"""What transformers are made of: learned arrays by themselves, products of two maps, attention."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import Any, NamedTuple

from cnncalc.ops.base import (
    Array,
    Factor,
    Kept,
    Op,
    OpError,
    Step,
    Work,
    element_factors,
    shape_step,
)
from cnncalc.ops.field_types import Dimensions, Flag, Fractional, Optional, PerAxis, Whole
from cnncalc.ops.fields import Field
from cnncalc.ops.reach import BlockReach, Reach
from cnncalc.ops.shapes import (
    Shape,
    broadcast_shape,
    elements,
    format_shape,
    positions,
    show_shape,
    spatial,
)
from cnncalc.text.messages import message


class Parameter(Op):
    """A learned array by itself, such as a class token or the positions that are added to a map.

    It takes nothing of what arrives, whose sizes its shape may use.
    """

    kind = "parameter"
    family = "attention"
    bare = "shape"
    takes_none = True
    is_learned = True
    fields = (Field("shape", Dimensions(), help="its shape, channels last"),)

    shape: Shape

    def __init__(self, rank: int, values: Any) -> None:
        super().__init__(len(values["shape"]) - 1, values)

    def output_shape(self, *inputs: Shape) -> Shape:
        """Return the shape that is given."""
        return self.shape

    def arrays(self, *inputs: Shape) -> tuple[Array, ...]:
        """weight, of that shape."""
        symbols = tuple(factor.symbol for factor in element_factors(self.shape))
        return (Array("weight", "weights", self.shape, symbols),)

    def derive_output(self, output: Shape, *inputs: Shape) -> tuple[Step, ...]:
        """Given."""
        return (shape_step(message("the shape that is given"), output),)


class MatMul(Op):
    """The matrix product of two maps: positions of the first by channels of the second; what is before, by itself."""

    kind = "matmul"
    family = "attention"
    merges = True
    fields = (
        Field("transpose", Flag(), False, help="the second map's last two axes change places"),
    )

    transpose: bool

    def output_shape(self, *inputs: Shape) -> Shape:
        """(..., n, k) and (..., k, m) give (..., n, m)."""
        if len(inputs) != 2 or min(map(len, inputs)) < 2:
            shapes = ", ".join(map(show_shape, inputs))
            raise OpError(
                f"matmul needs two maps, but these arrive: {shapes}", "reshape the vectors"
            )
        first, second = inputs[0], self.turned(inputs[1])
        lead = broadcast_shape([(*shape[:-2], 1) for shape in (first, second)])
        if first[-1] != second[-2] or lead is None:
            raise OpError(
                f"matmul needs as many channels in {show_shape(first)} as positions in {show_shape(second)}",
                "transpose: true turns the second map",
            )
        return (*lead[:-1], first[-2], second[-1])

    def turned(self, shape: Shape) -> Shape:
        """Return the second map as it is multiplied."""
        return (*shape[:-2], shape[-1], shape[-2]) if self.transpose else shape

    def is_global(self, *inputs: Shape) -> bool:
        """Each output depends on a row and a column."""
        return True

    def work(self, output: Shape, *inputs: Shape) -> tuple[Work, ...]:
        """k MACs for each output element."""
        return (Work("mac", (*element_factors(output), Factor("k", inputs[0][-1]))),)

    def kept(self, output: Shape, *inputs: Shape) -> Kept:
        """Both maps, whose gradients need each other."""
        return Kept(inputs=(0, 1))

    def derive_output(self, output: Shape, *inputs: Shape) -> tuple[Step, ...]:
        """Return the rows of the first, the columns of the second."""
        first, second = format_shape(inputs[0]), format_shape(self.turned(inputs[1]))
        shapes = message("{first} by {second}", first=first, second=second)
        return (Step("output", "n×k by k×m", shapes, format_shape(output)),)


class _AttentionSizes(NamedTuple):
    """Attention in numbers: queries n, keys m (of one window), groups of them w, heads h, and their dimensions."""

    queries: int
    keys: int
    seen: int
    heads: int
    key_dim: int
    value_dim: int

    @property
    def scores(self) -> int:
        """How many pairs of a query and a key there are, in every head."""
        return self.heads * self.queries * self.seen


class Attention(Op):
    """Multi-head attention with its projections (Vaswani et al. 2017), of all positions or within windows.

    What arrives is query, key and value at once; of two layers the first is the query, of three each is one. Windows
    are those of Swin (Liu et al. 2021): a map is padded to a multiple of them, and each is counted whole.
    """

    kind = "attention"
    aliases = ("multiheadattention", "multi_head_attention")
    family = "attention"
    merges = True
    takes_one = True
    needs_map = True
    fields = (
        Field("heads", Whole(), help="how many heads", aliases=("num_heads",)),
        Field(
            "key_dim",
            Optional(Whole()),
            None,
            help="channels of a head's queries and keys; C/heads",
        ),
        Field("value_dim", Optional(Whole()), None, help="channels of a head's values; as key_dim"),
        Field("units", Optional(Whole()), None, help="channels of the output; as the query's"),
        Field("bias", Flag(), True, help="biases of the projections", aliases=("use_bias",)),
        Field(
            "project", Flag(), True, help="learned projections; false: what arrives is projected"
        ),
        Field("dropout", Fractional(0, 1), 0, help="the share of the weights dropped in training"),
        Field(
            "window_size", Optional(PerAxis()), None, help="positions of a window along each axis"
        ),
        Field("shift", PerAxis(0), 0, help="how far the windows are moved"),
        Field(
            "relative",
            Flag(),
            False,
            help="a learned bias for each relative position in a window, in each head",
        ),
    )

    heads: int
    key_dim: int | None
    value_dim: int | None
    units: int | None
    bias: bool
    project: bool
    dropout: Any
    window_size: tuple[int, ...] | None
    shift: tuple[int, ...]
    relative: bool

    # -- shapes ------------------------------------------------------------------------------------------------------

    def roles(self, inputs: tuple[Shape, ...]) -> tuple[Shape, Shape, Shape]:
        """Return the shapes of query, key and value. Raises OpError where they do not go together."""
        query, key, value = (*inputs, inputs[-1], inputs[-1])[:3]
        if len(inputs) > 3 or min(map(len, inputs)) < 2:
            shapes = ", ".join(map(show_shape, inputs))
            raise OpError(
                f"attention needs a query, a key and a value, each a map, but these arrive: {shapes}",
                "one map is all three; reshape brings a map back",
            )
        if positions(key) != positions(value):
            raise OpError(
                f"attention needs as many keys as values, but {show_shape(key)} and {show_shape(value)} arrive",
                "keys and values are of the same positions",
            )
        if self.window_size is not None and not query == key == value:
            raise OpError("windows go with one map", "leave window_size out", "window_size")
        return query, key, value

    def head_dim(self, given: int | None, channels: int, default: int | None = None) -> int:
        """Return a head's channels: those given, or its share.

        Raises OpError where the heads do not divide the channels.
        """
        wanted = given or default
        if self.project and wanted:
            return wanted
        if channels % self.heads:
            raise OpError(
                f"{channels} channels cannot be divided among {self.heads} heads",
                "key_dim gives the channels of a head" if self.project else "",
                "heads",
            )
        return channels // self.heads

    def sizes(self, inputs: tuple[Shape, ...]) -> _AttentionSizes:
        """Return what is counted. Raises OpError."""
        query, key, value = self.roles(inputs)
        depth = self.head_dim(self.key_dim, query[-1])
        if not self.project and self.head_dim(None, key[-1]) != depth:
            raise OpError(
                f"queries of {query[-1]} channels and keys of {key[-1]} have no product",
                "project: true projects them to as many",
                "project",
            )
        width = self.head_dim(self.value_dim, value[-1], depth)
        if self.window_size is None:
            return _AttentionSizes(
                positions(query), positions(key), positions(key), self.heads, depth, width
            )
        padded = prod(
            -(-size // side) * side
            for size, side in zip(spatial(query), self.window_size, strict=True)
        )
        return _AttentionSizes(padded, padded, prod(self.window_size), self.heads, depth, width)

    def output_shape(self, *inputs: Shape) -> Shape:
        """Return the query's positions; its channels, those asked for, or those of all heads."""
        sizes = self.sizes(inputs)
        if self.relative and self.window_size is None:
            raise OpError(
                "relative positions are those in a window", "give window_size", "relative"
            )
        own = (self.units or inputs[0][-1]) if self.project else sizes.heads * sizes.value_dim
        return (*spatial(inputs[0]), own)

    def is_global(self, *inputs: Shape) -> bool:
        """Without windows every position sees every other."""
        return self.window_size is None

    def reaches(self, *inputs: Shape) -> tuple[Reach, ...] | None:
        """Return the window that a position is in."""
        if self.window_size is None:
            return None
        return tuple(
            BlockReach(side, -moved)
            for side, moved in zip(self.window_size, self.shift, strict=True)
        )

    # -- arrays and work ---------------------------------------------------------------------------------------------

    def projections(self, inputs: tuple[Shape, ...]) -> list[tuple[str, int, int, int]]:
        """Of each projection its name, the positions that it is for, and how many channels go in and come out."""
        if not self.project:
            return []
        query, key, value = self.roles(inputs)
        sizes = self.sizes(inputs)
        inner, mixed = sizes.heads * sizes.key_dim, sizes.heads * sizes.value_dim
        units = self.output_shape(*inputs)[-1]
        return [
            ("query", sizes.queries, query[-1], inner),
            ("key", sizes.keys, key[-1], inner),
            ("value", sizes.keys, value[-1], mixed),
            ("output", sizes.queries, mixed, units),
        ]

    def arrays(self, *inputs: Shape) -> tuple[Array, ...]:
        """For each projection its weight (out, in) and bias (out), and the biases of relative positions."""
        arrays = []
        for name, _, before, after in self.projections(inputs):
            letter = name[0]
            symbols = (f"U_{letter}", f"C_{letter}")
            arrays.append(Array(name, "weights", (after, before), symbols))
            if self.bias:
                arrays.append(Array(f"{name}_bias", "biases", (after,), symbols[:1]))
        if self.relative and self.window_size is not None:
            places = prod(2 * side - 1 for side in self.window_size)
            arrays.append(Array("relative", "weights", (places, self.heads), ("Π(2w − 1)", "h")))
        return tuple(arrays)

    def work(self, output: Shape, *inputs: Shape) -> tuple[Work, ...]:
        """Return the projections, the product of queries and keys, its softmax, and the sum of the values weighted by
        it.
        """
        sizes = self.sizes(inputs)
        heads, queries = Factor("h", sizes.heads), Factor("n", sizes.queries)
        seen = Factor("m", sizes.seen)
        less = Factor("(m − 1)", sizes.seen - 1, f"({sizes.seen} − 1)")
        key_dim, value_dim = Factor("d", sizes.key_dim), Factor("e", sizes.value_dim)
        pairs = (heads, queries, seen)
        relative = (Work("add", pairs, "relative position"),) * self.relative
        return (
            *self._projected(inputs),
            Work("mul", (heads, queries, key_dim), "q/√d"),
            Work("mac", (*pairs, key_dim), "q·k"),
            *relative,
            Work("compare", (heads, queries, less), "max"),
            Work("add", pairs, "− max"),
            Work("exp", pairs),
            Work("add", (heads, queries, less), "Σ"),
            Work("div", pairs),
            Work("mac", (*pairs, value_dim), "softmax·v"),
        )

    def _projected(self, inputs: tuple[Shape, ...]) -> Iterable[Work]:
        # in windows m are the positions of one of them, and all n are projected
        in_windows = self.window_size is not None
        for name, places, before, after in self.projections(inputs):
            letter = name[0]
            at = Factor("n" if letter in "qo" or in_windows else "m", places)
            outs = Factor(f"U_{letter}", after)
            yield Work("mac", (at, Factor(f"C_{letter}", before), outs), name)
            if self.bias:
                yield Work("bias_add", (at, outs), name)

    def kept(self, output: Shape, *inputs: Shape) -> Kept:
        """As PyTorch's fused kernel keeps it: what arrives, the projections, one number a query and head, the heads.

        With dropout that kernel does not serve: scaled queries and keys, the weights, their mask and what is left of
        them are kept too.
        """
        sizes = self.sizes(inputs)
        rows = sizes.heads * sizes.queries
        projected = elements(
            (sizes.heads, sizes.queries, sizes.key_dim)
        ) + sizes.heads * sizes.keys * (sizes.key_dim + sizes.value_dim)
        mixed = rows * sizes.value_dim
        if self.dropout:
            scaled = rows * sizes.key_dim + sizes.heads * sizes.keys * sizes.key_dim
            more = scaled + 3 * sizes.scores
        else:
            more = rows
        own = tuple(range(len(inputs)))
        if not self.project:
            return Kept(own, output=True, values=more)
        return Kept(own, values=projected + more + mixed)

    def derive_output(self, output: Shape, *inputs: Shape) -> tuple[Step, ...]:
        """Return the query's positions, and U."""
        places = shape_step(message("those of the query"), spatial(output))._replace(
            symbol="positions"
        )
        return (places, Step("depth", "U", str(output[-1]), str(output[-1])))
