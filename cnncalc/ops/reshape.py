"""Ops that move values: flatten, reshape, slice, crop, pad, shuffles, upsample, permute, broadcast."""

from __future__ import annotations

from math import prod

from cnncalc.ops.base import Kept, Op, OpError, Step, Work, axis_name, per_element, shape_step
from cnncalc.ops.field_types import (
    AxisOrder,
    Dimensions,
    Ends,
    Flag,
    LayerShape,
    Optional,
    Padding,
    PerAxis,
    Range,
    Ranges,
    Whole,
    Word,
)
from cnncalc.ops.fields import Field
from cnncalc.ops.reach import Reach, ResizeReach, WindowReach
from cnncalc.ops.shapes import (
    AXIS_NAMES,
    Shape,
    Window,
    elements,
    format_shape,
    show_shape,
    spatial,
)
from cnncalc.ops.windows import PAD_MODE, check_pad_mode
from cnncalc.text.messages import message


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
        """Return the product of the sizes."""
        return (
            Step(
                "output",
                "N_h·N_w·C" if len(inputs[0]) == 3 else message("all elements"),
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
        """Return the shape asked for; it must have as many elements."""
        if elements(self.shape) != elements(inputs[0]):
            had, wanted = show_shape(inputs[0]), show_shape(self.shape)
            raise OpError(
                f"{had} has {elements(inputs[0])} elements and {wanted} has {elements(self.shape)}",
                "a reshape keeps the number of elements",
                "shape",
            )
        return self.shape

    def derive_output(self, output: Shape, *inputs: Shape) -> tuple[Step, ...]:
        """Return the shape asked for."""
        return (shape_step(message("the shape asked for"), output),)


class Slice(Op):
    """Some channels, some positions, or every S-th position."""

    kind = "slice"
    family = "reshape"
    bare = "channels"
    needs_one_of = ("channels", "stride", "positions")
    is_view = True
    fields = (
        Field(
            "channels",
            Range(),
            "all",
            help="[first, end]: the channels from first up to but without end",
        ),
        Field("stride", PerAxis(), 1, help="every S-th position, from the first"),
        Field("positions", Ranges(), "all", help="[first, end] for each axis, or all of it"),
    )

    channels: tuple[int, int] | None
    stride: tuple[int, ...]
    positions: tuple[tuple[int, int] | str, ...] | None

    def output_shape(self, *inputs: Shape) -> Shape:
        """ceil((end - first)/S) positions, end - first channels."""
        (shape,) = inputs
        if self.channels is not None and self.channels[1] > shape[-1]:
            raise OpError(
                f"channels {self.channels[0]} to {self.channels[1]} are asked for, but {shape[-1]} arrive",
                "",
                "channels",
            )
        for axis, (size, (start, stop)) in enumerate(
            zip(spatial(shape), self.parts(shape), strict=True)
        ):
            if stop > size:
                raise OpError(
                    f"positions {start} to {stop} are asked for, but the "
                    f"{axis_name(self.rank, axis)} is {size}",
                    "",
                    "positions",
                )
        first, end = self.channels or (0, shape[-1])
        return (
            *(
                -(-(end - first) // step)
                for (first, end), step in zip(self.parts(shape), self.stride, strict=True)
            ),
            end - first,
        )

    def parts(self, shape: Shape) -> list[tuple[int, int]]:
        """[first, end] of each axis."""
        positions = self.positions or ("all",) * self.rank
        return [
            (0, size) if isinstance(part, str) else part
            for size, part in zip(spatial(shape), positions, strict=True)
        ]

    def is_cut(self, axis: int) -> bool:
        """Whether some positions of an axis are asked for."""
        return self.positions is not None and self.positions[axis] != "all"

    def reaches(self, *inputs: Shape) -> tuple[Reach, ...] | None:
        """Return a window of one position with stride S, which begins at the first position taken."""
        parts = self.parts(inputs[0])
        if all(
            step == 1 and not first for step, (first, _) in zip(self.stride, parts, strict=True)
        ):
            return None
        return tuple(
            WindowReach(Window(1, step, -first, 0))
            for step, (first, _) in zip(self.stride, parts, strict=True)
        )

    def derive_output(self, output: Shape, *inputs: Shape) -> tuple[Step, ...]:
        """⌈(end − first)/S⌉ and the channels."""
        parts = self.parts(inputs[0])
        steps = [
            self.axis_step(axis, *part, step, output[axis])
            for axis, (part, step) in enumerate(zip(parts, self.stride, strict=True))
            if step > 1 or self.is_cut(axis)
        ]
        if self.channels is None:
            return (*steps, Step("depth", "C", str(output[-1]), str(output[-1])))
        first, end = self.channels
        return (*steps, Step("depth", "end − first", f"{end} − {first}", str(end - first)))

    def axis_step(self, axis: int, first: int, end: int, step: int, out: int) -> Step:
        """How many positions are taken along an axis."""
        what, numbers = (
            ("end − first", f"{end} − {first}") if self.is_cut(axis) else ("N", str(end))
        )
        if step > 1:
            bracketed = (f"({what})", f"({numbers})") if " " in what else (what, numbers)
            what, numbers = f"⌈{bracketed[0]}/S⌉", f"⌈{bracketed[1]}/{step}⌉"
        return Step(f"output {axis_name(self.rank, axis)}", f"O = {what}", numbers, str(out))


class Crop(Op):
    """Positions taken off at the ends of each axis: so many, or down to a size around the centre."""

    kind = "crop"
    aliases = ("cropping1d", "cropping2d", "cropping3d")
    family = "reshape"
    bare = "size"
    needs_one_of = ("size", "to", "like")
    like_states = "to"
    needs_map = True
    is_view = True
    fields = (
        Field(
            "size",
            Optional(Padding()),
            None,
            help="positions taken off around each axis",
            aliases=("cropping",),
        ),
        Field("to", Optional(PerAxis()), None, help="the size that is left, around the centre"),
        Field("like", Optional(LayerShape()), None, help="an earlier layer whose size is left"),
    )

    size: tuple[tuple[int, int], ...] | str | None
    to: tuple[int, ...] | None
    like: Shape | None

    def ends(self, shape: Shape) -> tuple[tuple[int, int], ...]:
        """How many positions are taken off before and after, along each axis. Raises OpError."""
        given = [name for name in self.needs_one_of if getattr(self, name) is not None]
        if len(given) > 1:
            raise OpError(
                f"crop takes {given[0]} or {given[1]}, not both", "leave one of them out", given[1]
            )
        if isinstance(self.size, str):
            raise OpError(f"crop takes numbers, not '{self.size}'", "", "size")
        if self.size is not None:
            return self.size
        wanted = self.to if self.like is None else spatial(self.like)
        if wanted is None or len(wanted) != self.rank:
            raise OpError("that layer has other axes than what arrives", "name a map", "like")
        spare = [size - left for size, left in zip(spatial(shape), wanted, strict=True)]
        return tuple((more // 2, more - more // 2) for more in spare)

    def output_shape(self, *inputs: Shape) -> Shape:
        """N - before - after on each axis."""
        (shape,) = inputs
        sizes = []
        for axis, (size, (before, after)) in enumerate(zip(shape, self.ends(shape), strict=False)):
            if before < 0 or size - before - after < 1:
                raise OpError(
                    f"the {axis_name(self.rank, axis)} of what arrives, {size}, cannot be cropped to "
                    f"{size - before - after}",
                    "the size that is left is from 1 to what arrives",
                    next(name for name in self.needs_one_of if getattr(self, name) is not None),
                )
            sizes.append(size - before - after)
        return (*sizes, shape[-1])

    def reaches(self, *inputs: Shape) -> tuple[Reach, ...]:
        """Return a window of one position, which begins behind those taken off."""
        return tuple(
            WindowReach(Window(1, 1, -before, -after)) for before, after in self.ends(inputs[0])
        )

    def derive_output(self, output: Shape, *inputs: Shape) -> tuple[Step, ...]:
        """N − before − after."""
        steps = [
            Step(
                f"output {axis_name(self.rank, axis)}",
                "O = N − before − after",
                f"{size} − {before} − {after}",
                str(output[axis]),
            )
            for axis, (size, (before, after)) in enumerate(
                zip(inputs[0], self.ends(inputs[0]), strict=False)
            )
        ]
        return (*steps, Step("depth", "C", str(output[-1]), str(output[-1])))


class Pad(Op):
    """Zeros around the map, or zero channels, before and after (as ResNet's option A shortcut).

    Other modes repeat what is there: `reflect` mirrors at the edge, `replicate` repeats it, `circular` wraps around.
    """

    kind = "pad"
    aliases = ("zeropadding1d", "zeropadding2d", "zeropadding3d")
    family = "reshape"
    bare = "size"
    needs_one_of = ("size", "channels")
    fields = (
        Field("size", Padding(), 0, help="zeros around each axis", aliases=("padding",)),
        Field("channels", Ends(), 0, help="zero channels before and after"),
        Field("mode", PAD_MODE, "zeros", help="what stands there"),
    )

    size: tuple[tuple[int, int], ...] | str
    channels: tuple[int, int]
    mode: str

    def output_shape(self, *inputs: Shape) -> Shape:
        """N + before + after on each axis."""
        (shape,) = inputs
        if isinstance(self.size, str):
            raise OpError(f"pad takes numbers, not '{self.size}'", "", "size")
        check_pad_mode(self.mode, spatial(shape), self.size, "size")
        more = sum(self.channels)
        sizes = (
            size + before + after for size, (before, after) in zip(shape, self.size, strict=False)
        )
        return (*sizes, shape[-1] + more)

    def reaches(self, *inputs: Shape) -> tuple[Reach, ...] | None:
        """Return the centre moves by the padding before."""
        if isinstance(self.size, str) or not any(map(sum, self.size)):
            return None
        return tuple(WindowReach(Window(1, 1, before, after)) for before, after in self.size)

    def kept(self, output: Shape, *inputs: Shape) -> Kept:
        """Return the input where it is mirrored or its edge repeated, as PyTorch keeps it; else nothing."""
        return Kept(inputs=(0,) if self.mode in ("reflect", "replicate") else ())

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
        """Return the same shape; the groups must divide the channels."""
        if inputs[0][-1] % self.groups:
            raise OpError(
                f"{inputs[0][-1]} channels cannot be divided into {self.groups} groups",
                "",
                "groups",
            )
        return inputs[0]


class Upsample(Op):
    """A map made larger, or of another size, by repetition or interpolation.

    `linear`, `bilinear` and `trilinear` are one mode; centres are half-pixel ones unless the corners are aligned.
    """

    kind = "upsample"
    family = "reshape"
    bare = "scale"
    needs_map = True
    needs_one_of = ("scale", "size", "like")
    fields = (
        Field(
            "scale",
            Optional(PerAxis()),
            None,
            help="how many times as large",
            aliases=("scale_factor",),
        ),
        Field("size", Optional(PerAxis()), None, help="the output's size"),
        Field("like", Optional(LayerShape()), None, help="an earlier layer whose size is taken"),
        Field(
            "mode",
            Word("nearest", "bilinear", "bicubic", "linear", "trilinear"),
            "nearest",
            help="repeat a value, or interpolate",
            aliases=("interpolation",),
        ),
        Field(
            "align_corners",
            Flag(),
            False,
            help="the first and last positions stand on those of the input",
        ),
    )

    scale: tuple[int, ...] | None
    size: tuple[int, ...] | None
    like: Shape | None
    mode: str
    align_corners: bool

    @property
    def taps(self) -> int:
        """Positions along an axis that are interpolated between."""
        return {"nearest": 1, "bicubic": 4}.get(self.mode, 2)

    def output_shape(self, *inputs: Shape) -> Shape:
        """N·s on each axis, or the size asked for."""
        (shape,) = inputs
        given = [name for name in self.needs_one_of if getattr(self, name) is not None]
        if len(given) > 1:
            raise OpError(
                f"upsample takes {given[0]} or {given[1]}, not both",
                "leave one of them out",
                given[1],
            )
        if self.align_corners and self.mode == "nearest":
            raise OpError(
                "align_corners does not go with nearest",
                "choose bilinear or bicubic",
                "align_corners",
            )
        if self.scale is not None:
            sizes = tuple(size * scale for size, scale in zip(shape, self.scale, strict=False))
        else:
            sizes = self.size if self.like is None else spatial(self.like)  # type: ignore[assignment]
        if len(sizes) != self.rank:
            raise OpError("that layer has other axes than what arrives", "name a map", "like")
        return (*sizes, shape[-1])

    def work(self, output: Shape, *inputs: Shape) -> tuple[Work, ...]:
        """Nothing to repeat a value; else a weighted sum of t^a neighbours: t^a products and t^a - 1 additions."""
        if self.taps == 1:
            return ()
        neighbours = self.taps**self.rank
        return per_element("mul", output, neighbours), per_element("add", output, neighbours - 1)

    def reaches(self, *inputs: Shape) -> tuple[Reach, ...]:
        """Return the jump times N/O; interpolation sees one position more, or three."""
        return tuple(
            ResizeReach(size, out, self.taps, corners=self.align_corners)
            for size, out in zip(spatial(inputs[0]), self.output_of(inputs), strict=False)
        )

    def derive_output(self, output: Shape, *inputs: Shape) -> tuple[Step, ...]:
        """N·s, or the size asked for."""
        depth = Step("depth", "C", str(output[-1]), str(output[-1]))
        if self.scale is None:
            asked = shape_step(message("the size asked for"), spatial(output))._replace(
                symbol="positions"
            )
            return (asked, depth)
        steps = [
            Step(
                f"output {axis_name(self.rank, axis)}",
                "O = N·s",
                f"{size}·{scale}",
                str(size * scale),
            )
            for axis, (size, scale) in enumerate(zip(inputs[0], self.scale, strict=False))
        ]
        return (*steps, depth)


class PixelShuffle(Op):
    """Channels laid out as r·r positions of a map r times as large (Shi et al. 2016)."""

    kind = "pixel_shuffle"
    aliases = ("pixelshuffle",)
    family = "reshape"
    bare = "scale"
    needs_map = True
    fields = (
        Field("scale", PerAxis(), help="how many times as large", aliases=("upscale_factor",)),
    )

    scale: tuple[int, ...]

    def output_shape(self, *inputs: Shape) -> Shape:
        """N·r positions, C/r² channels."""
        (shape,) = inputs
        block = prod(self.scale)
        if shape[-1] % block:
            raise OpError(
                f"{shape[-1]} channels cannot be divided by {format_shape(self.scale)} = {block}",
                "the channels are laid out as that many positions",
                "scale",
            )
        return (
            *(size * scale for size, scale in zip(shape, self.scale, strict=False)),
            shape[-1] // block,
        )

    def reaches(self, *inputs: Shape) -> tuple[Reach, ...]:
        """As up-sampling to the nearest."""
        return tuple(
            ResizeReach(size, size * scale)
            for size, scale in zip(inputs[0], self.scale, strict=False)
        )

    def derive_output(self, output: Shape, *inputs: Shape) -> tuple[Step, ...]:
        """N·r, and C over the product of r."""
        return _block_steps(self.rank, inputs[0], self.scale, output, up=True)


class PixelUnshuffle(Op):
    """r·r positions laid out as channels of a map r times as small; the inverse of pixel_shuffle."""

    kind = "pixel_unshuffle"
    aliases = ("pixelunshuffle",)
    family = "reshape"
    bare = "scale"
    needs_map = True
    fields = (
        Field("scale", PerAxis(), help="how many times as small", aliases=("downscale_factor",)),
    )

    scale: tuple[int, ...]

    def output_shape(self, *inputs: Shape) -> Shape:
        """N/r positions, C·r² channels."""
        (shape,) = inputs
        for axis, (size, scale) in enumerate(zip(shape, self.scale, strict=False)):
            if size % scale:
                raise OpError(
                    f"the {axis_name(self.rank, axis)}, {size}, cannot be divided by {scale}",
                    "pad or crop the map before it",
                    "scale",
                )
        return (
            *(size // scale for size, scale in zip(shape, self.scale, strict=False)),
            shape[-1] * prod(self.scale),
        )

    def reaches(self, *inputs: Shape) -> tuple[Reach, ...]:
        """Return a window of r with stride r."""
        return tuple(WindowReach(Window(scale, scale, 0, 0)) for scale in self.scale)

    def derive_output(self, output: Shape, *inputs: Shape) -> tuple[Step, ...]:
        """N/r, and C times the product of r."""
        return _block_steps(self.rank, inputs[0], self.scale, output, up=False)


def _block_steps(
    rank: int, shape: Shape, scale: tuple[int, ...], output: Shape, *, up: bool
) -> tuple[Step, ...]:
    """Return the size along each axis, and the channels that go the other way."""
    there, back = ("·", "/") if up else ("/", "·")
    steps = [
        Step(f"output {axis_name(rank, axis)}", f"O = N{there}r", f"{size}{there}{r}", str(out))
        for axis, (size, r, out) in enumerate(zip(shape, scale, output, strict=False))
    ]
    block = "·".join(map(str, scale))
    block = f"({block})" if len(scale) > 1 and up else block
    formula = f"C{back}" + ("r" if rank == 1 else f"r{'²³'[rank - 2]}")
    return (*steps, Step("depth", formula, f"{shape[-1]}{back}{block}", str(output[-1])))


class Permute(Op):
    """The axes in another order."""

    kind = "permute"
    family = "reshape"
    bare = "order"
    needs_map = True
    is_view = True
    fields = (
        Field(
            "order", AxisOrder(), help="every axis by its name, such as [width, height, channels]"
        ),
    )

    order: tuple[str, ...]

    @property
    def places(self) -> tuple[int, ...]:
        """Where each axis of the output stands in the input."""
        return tuple(map((*AXIS_NAMES[self.rank], "channels").index, self.order))

    def output_shape(self, *inputs: Shape) -> Shape:
        """Return the sizes in that order."""
        return tuple(inputs[0][place] for place in self.places)

    def is_global(self, *inputs: Shape) -> bool:
        """Where axes change places, no position of the input lies under one of the output."""
        return self.places != tuple(range(self.rank + 1))

    def derive_output(self, output: Shape, *inputs: Shape) -> tuple[Step, ...]:
        """Return the sizes in that order."""
        return (shape_step(message("the sizes in that order"), output),)


class Broadcast(Op):
    """A vector broadcast over the positions of a map: each position gets the same values."""

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
        """Return the positions asked for, the vector's channels."""
        (shape,) = inputs
        if self.size is not None and self.like is not None:
            raise OpError("broadcast takes size or like, not both", "leave one of them out", "like")
        if any(size != 1 for size in spatial(shape)):
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

    def derive_output(self, output: Shape, *inputs: Shape) -> tuple[Step, ...]:
        """Return the positions asked for."""
        return (shape_step(message("the positions asked for, C channels"), output),)
