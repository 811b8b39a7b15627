"""Ops that move values: flatten, reshape, slice, pad, shuffle, upsample, broadcast."""

from __future__ import annotations

from cnncalc.ops.base import Kept, Op, OpError, Step, Work, axis_name, per_element, shape_step
from cnncalc.ops.field_types import (
    Dimensions,
    Ends,
    LayerShape,
    Optional,
    Padding,
    PerAxis,
    Range,
    Whole,
    Word,
)
from cnncalc.ops.fields import Field
from cnncalc.ops.reach import Reach, UpsampleReach, WindowReach
from cnncalc.ops.shapes import Shape, Window, elements, show_shape, spatial


class Flatten(Op):
    """A map as a vector of its elements."""

    kind = "flatten"
    family = "reshape"
    is_view = True
    sees_all = True

    def output_shape(self, *inputs: Shape) -> Shape:
        """All elements on one axis."""
        return (elements(inputs[0]),)

    def derive_output(self, output: Shape, *inputs: Shape) -> tuple[Step, ...]:
        """The product of the sizes."""
        return (
            Step(
                "output",
                "N_h·N_w·C" if len(inputs[0]) == 3 else "all elements",
                "·".join(map(str, inputs[0])),
                str(output[0]),
            ),
        )


class Reshape(Op):
    """The same elements in another shape."""

    kind = "reshape"
    family = "reshape"
    bare = "shape"
    is_view = True
    sees_all = True
    fields = (
        Field(
            "shape", Dimensions(), help="the new shape, channels last", aliases=("target_shape",)
        ),
    )

    shape: Shape

    def output_shape(self, *inputs: Shape) -> Shape:
        """The shape asked for; it must have as many elements."""
        if elements(self.shape) != elements(inputs[0]):
            had, wanted = show_shape(inputs[0]), show_shape(self.shape)
            raise OpError(
                f"{had} has {elements(inputs[0])} elements and {wanted} has {elements(self.shape)}",
                "a reshape keeps the number of elements",
                "shape",
            )
        return self.shape

    def derive_output(self, output: Shape, *inputs: Shape) -> tuple[Step, ...]:
        """The shape asked for."""
        return (shape_step("the shape asked for", output),)


class Slice(Op):
    """Some channels, or every S-th position, or both."""

    kind = "slice"
    family = "reshape"
    bare = "channels"
    needs_one_of = ("channels", "stride")
    is_view = True
    fields = (
        Field(
            "channels",
            Range(),
            "all",
            help="[first, end]: the channels from first up to but without end",
        ),
        Field("stride", PerAxis(), 1, help="every S-th position, from 0"),
    )

    channels: tuple[int, int] | None
    stride: tuple[int, ...]

    def output_shape(self, *inputs: Shape) -> Shape:
        """ceil(N/S) positions, end - first channels."""
        (shape,) = inputs
        if self.channels is not None and self.channels[1] > shape[-1]:
            raise OpError(
                f"channels {self.channels[0]} to {self.channels[1]} are asked for, but {shape[-1]} arrive",
                "",
                "channels",
            )
        first, end = self.channels or (0, shape[-1])
        return (
            *(-(-size // step) for size, step in zip(shape, self.stride, strict=False)),
            end - first,
        )

    def reaches(self, *inputs: Shape) -> tuple[Reach, ...] | None:
        """A window of one position with stride S."""
        if all(step == 1 for step in self.stride):
            return None
        return tuple(WindowReach(Window(1, step, 0, 0)) for step in self.stride)

    def derive_output(self, output: Shape, *inputs: Shape) -> tuple[Step, ...]:
        """⌈N/S⌉ and the channels."""
        steps = [
            Step(
                f"output {axis_name(self.rank, axis)}",
                "O = ⌈N/S⌉",
                f"⌈{size}/{step}⌉",
                str(output[axis]),
            )
            for axis, (size, step) in enumerate(zip(inputs[0], self.stride, strict=False))
            if step > 1
        ]
        if self.channels is None:
            return (*steps, Step("depth", "C", str(output[-1]), str(output[-1])))
        first, end = self.channels
        return (*steps, Step("depth", "end − first", f"{end} − {first}", str(end - first)))


class Pad(Op):
    """Zeros around the map, or zero channels, before and after (as ResNet's option A shortcut)."""

    kind = "pad"
    aliases = ("zeropadding1d", "zeropadding2d", "zeropadding3d")
    family = "reshape"
    bare = "size"
    needs_one_of = ("size", "channels")
    fields = (
        Field("size", Padding(), 0, help="zeros around each axis", aliases=("padding",)),
        Field("channels", Ends(), 0, help="zero channels before and after"),
    )

    size: tuple[tuple[int, int], ...] | str
    channels: tuple[int, int]

    def output_shape(self, *inputs: Shape) -> Shape:
        """N + before + after on each axis."""
        (shape,) = inputs
        if isinstance(self.size, str):
            raise OpError(f"pad takes numbers, not '{self.size}'", "", "size")
        more = sum(self.channels)
        sizes = (
            size + before + after for size, (before, after) in zip(shape, self.size, strict=False)
        )
        return (*sizes, shape[-1] + more)

    def reaches(self, *inputs: Shape) -> tuple[Reach, ...] | None:
        """The centre moves by the padding before."""
        if isinstance(self.size, str) or not any(map(sum, self.size)):
            return None
        return tuple(WindowReach(Window(1, 1, before, after)) for before, after in self.size)

    def derive_output(self, output: Shape, *inputs: Shape) -> tuple[Step, ...]:
        """N + before + after."""
        assert not isinstance(self.size, str)  # output has refused it
        steps = [
            Step(
                f"output {axis_name(self.rank, axis)}",
                "O = N + p + q",
                f"{size} + {before} + {after}",
                str(output[axis]),
            )
            for axis, (size, (before, after)) in enumerate(zip(inputs[0], self.size, strict=False))
        ]
        before, after = self.channels
        if not before and not after:
            return (*steps, Step("depth", "C", str(output[-1]), str(output[-1])))
        return (
            *steps,
            Step(
                "depth",
                "C + before + after",
                f"{inputs[0][-1]} + {before} + {after}",
                str(output[-1]),
            ),
        )


class Shuffle(Op):
    """Channels of g groups taken in turn (Zhang et al. 2017)."""

    kind = "shuffle"
    aliases = ("channelshuffle",)
    family = "reshape"
    bare = "groups"
    needs_map = True
    fields = (Field("groups", Whole(), help="how many groups"),)

    groups: int

    def output_shape(self, *inputs: Shape) -> Shape:
        """The same shape; the groups must divide the channels."""
        if inputs[0][-1] % self.groups:
            raise OpError(
                f"{inputs[0][-1]} channels cannot be divided into {self.groups} groups",
                "",
                "groups",
            )
        return inputs[0]


class Upsample(Op):
    """A map made larger, by repetition or bilinear interpolation (half-pixel centres)."""

    kind = "upsample"
    family = "reshape"
    bare = "scale"
    needs_map = True
    fields = (
        Field("scale", PerAxis(), help="how many times as large", aliases=("scale_factor",)),
        Field(
            "mode",
            Word("nearest", "bilinear"),
            "nearest",
            help="repeat a value, or interpolate",
            aliases=("interpolation",),
        ),
    )

    scale: tuple[int, ...]
    mode: str

    def output_shape(self, *inputs: Shape) -> Shape:
        """N·s on each axis."""
        return (
            *(size * scale for size, scale in zip(inputs[0], self.scale, strict=False)),
            inputs[0][-1],
        )

    def work(self, output: Shape, *inputs: Shape) -> tuple[Work, ...]:
        """Nothing to repeat a value; else a weighted sum of 2^a neighbours: 2^a products and 2^a - 1 additions."""
        if self.mode == "nearest":
            return ()
        pairs = 2**self.rank
        return per_element("mul", output, pairs), per_element("add", output, pairs - 1)

    def reaches(self, *inputs: Shape) -> tuple[Reach, ...]:
        """The jump over s; interpolation sees one position more."""
        bilinear = self.mode == "bilinear"
        return tuple(UpsampleReach(scale, bilinear=bilinear) for scale in self.scale)

    def derive_output(self, output: Shape, *inputs: Shape) -> tuple[Step, ...]:
        """N·s."""
        steps = [
            Step(
                f"output {axis_name(self.rank, axis)}",
                "O = N·s",
                f"{size}·{scale}",
                str(size * scale),
            )
            for axis, (size, scale) in enumerate(zip(inputs[0], self.scale, strict=False))
        ]
        return (*steps, Step("depth", "C", str(output[-1]), str(output[-1])))


class Broadcast(Op):
    """A vector laid over the positions of a map: each position gets the same values."""

    kind = "broadcast"
    family = "reshape"
    bare = "size"
    needs_one_of = ("size", "like")
    is_view = True
    sees_all = True
    fields = (
        Field("size", Optional(Dimensions()), None, help="the positions, such as 28x28"),
        Field(
            "like", Optional(LayerShape()), None, help="an earlier layer whose positions are taken"
        ),
    )

    size: tuple[int, ...] | None
    like: Shape | None

    def output_shape(self, *inputs: Shape) -> Shape:
        """The positions asked for, the vector's channels."""
        (shape,) = inputs
        if self.size is not None and self.like is not None:
            raise OpError("broadcast takes size or like, not both", "leave one of them out", "like")
        if len(shape) > 1 and any(size != 1 for size in spatial(shape)):
            raise OpError(
                f"broadcast lays a vector over a map, but the map {show_shape(shape)} arrives",
                "use globalavgpool before it",
            )
        sizes = self.size if self.like is None else spatial(self.like)
        if self.size is not None and len(self.size) == 1 and len(shape) > 2:
            sizes = self.size * (len(shape) - 1)
        if not sizes:
            raise OpError("that layer is a vector and has no positions", "name a map", "like")
        if len(sizes) > 3:
            raise OpError(
                f"broadcast takes 1 to 3 sizes, not {len(sizes)}", "such as size: 28x28", "size"
            )
        return (*sizes, shape[-1])

    def kept(self, output: Shape, *inputs: Shape) -> Kept:
        """Nothing: the gradient is a sum."""
        return Kept()

    def derive_output(self, output: Shape, *inputs: Shape) -> tuple[Step, ...]:
        """The positions asked for."""
        return (shape_step("the positions asked for, C channels", output),)
