"""Pooling: with a window that slides, over the whole map, and to a given size."""

from __future__ import annotations

from math import gcd, prod

from cnncalc.ops.base import (
    AXIS_LETTERS,
    Array,
    Caption,
    Factor,
    Kept,
    Op,
    OpError,
    Sliding,
    Step,
    Work,
    axis_factors,
    axis_name,
    element_factors,
    shape_step,
)
from cnncalc.ops.conv import Conv
from cnncalc.ops.field_types import Flag, KeptAxes, Padding, PerAxis
from cnncalc.ops.fields import Field, SameAs
from cnncalc.ops.reach import AdaptiveReach, Reach, WindowReach
from cnncalc.ops.shapes import Shape, Window, ceil_output, conv_output, elements, positions, spatial
from cnncalc.ops.windows import check_output, derive_axis, fit_note, resolve_windows
from cnncalc.text.messages import message

INDEX_BYTES = 8
"""A max pool's backward pass needs where each maximum stood: one 64-bit index a value (PyTorch)."""

_KERNEL = Field("kernel", PerAxis(), help="the window's size", aliases=("kernel_size", "pool_size"))
_STRIDE = Field(
    "stride",
    PerAxis(),
    SameAs("kernel"),
    help="positions from one window to the next; the kernel's size",
    aliases=("strides",),
)
_PAD = Field(
    "pad",
    Padding(),
    0,
    help="positions around the input, at most half the kernel",
    aliases=("padding",),
)
_CEIL = Field("ceil", Flag(), False, help="round the output's size up", aliases=("ceil_mode",))


class _Pool(Op):
    """A window that slides over each channel by itself."""

    family = "pool"
    bare = "kernel"
    needs_map = True
    is_activation_map = True

    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    pad: tuple[tuple[int, int], ...] | str
    ceil: bool
    dilation: tuple[int, ...]

    def caption(self, shape: Shape) -> Caption:
        """Window and stride."""
        return Caption(self.kind, self.kernel, stride=self.stride)

    @property
    def is_uniform(self) -> bool:
        """Whatever the size of the map."""
        return True

    def windows(self, shape: Shape) -> tuple[Window, ...]:
        """Return the window along each axis, its padding in numbers."""
        return resolve_windows(self.kernel, self.stride, self.pad, self.dilation, spatial(shape))

    def output_shape(self, *inputs: Shape) -> Shape:
        """Return the conv's rule, or rounded up with `ceil`; the channels stay."""
        (shape,) = inputs
        sizes = []
        for axis, (size, window) in enumerate(zip(shape, self.windows(shape), strict=False)):
            if self.pad != "same" and max(window.before, window.after) > window.kernel // 2:
                raise OpError(
                    f"a pool's pad ({max(window.before, window.after)}) must not be above half its kernel "
                    f"({window.kernel} // 2 = {window.kernel // 2})",
                    "a window in the padding would see nothing",
                    "pad",
                )
            out = self._size(size, window, axis)
            check_output(out, size, window, shape, axis)
            sizes.append(out)
        return (*sizes, shape[-1])

    @property
    def sliding(self) -> Sliding:
        """It is taken for a convolution with one filter for each channel."""
        return Sliding(self._size, self._as_conv, per_channel=True, counts_windows=True)

    def _size(self, size: int, window: Window, axis: int) -> int:
        """Return the conv's rule, or rounded up with `ceil`."""
        return ceil_output(size, window) if self.ceil else conv_output(size, window)

    def _as_conv(self, shape: Shape) -> Op:
        return _conv(self.rank, shape[-1], self.windows(shape))

    def window(self, *inputs: Shape) -> int:
        """F_h·F_w."""
        return prod(self.kernel)

    def reaches(self, *inputs: Shape) -> tuple[Reach, ...]:
        """extent d(F-1), stride S, as a conv's."""
        return tuple(map(WindowReach, self.windows(inputs[0])))

    def derive_output(self, output: Shape, *inputs: Shape) -> tuple[Step, ...]:
        """Return the size along each axis; the depth stays."""
        (shape,) = inputs
        sizes = [
            derive_axis(
                axis_name(self.rank, axis), size, window, ceil=self.ceil, same=self.pad == "same"
            )
            for axis, (size, window) in enumerate(zip(shape, self.windows(shape), strict=False))
        ]
        return (*sizes, Step("depth", "C", str(shape[-1]), str(shape[-1])))

    def notes(self, *inputs: Shape) -> tuple[str, ...]:
        """Where the window does not fit."""
        return fit_note(inputs[0], self.windows(inputs[0]), ceil=self.ceil)

    def window_factor(self) -> Factor:
        """F_h·F_w - 1: combining a window's values takes one step less than it has values."""
        symbols = "·".join(factor.symbol for factor in axis_factors("F", self.kernel))
        return Factor(
            f"({symbols} − 1)", prod(self.kernel) - 1, f"({'·'.join(map(str, self.kernel))} − 1)"
        )


def _conv(rank: int, filters: int, windows: tuple[Window, ...]) -> Op:
    """Return the convolution with these windows."""
    return Conv.read(
        rank,
        {
            "filters": filters,
            "kernel": tuple(window.kernel for window in windows),
            "stride": tuple(window.stride for window in windows),
            "dilation": tuple(window.dilation for window in windows),
            "pad": tuple((window.before, window.after) for window in windows),
        },
    )


class MaxPool(_Pool):
    """Maximum over a window."""

    kind = "maxpool"
    aliases = (
        "maxpool1d",
        "maxpool2d",
        "maxpool3d",
        "maxpooling1d",
        "maxpooling2d",
        "maxpooling3d",
    )
    fields = (
        _KERNEL,
        _STRIDE,
        _PAD,
        _CEIL,
        Field("dilation", PerAxis(), 1, help="distance between the positions"),
    )

    def work(self, output: Shape, *inputs: Shape) -> tuple[Work, ...]:
        """F_h·F_w - 1 comparisons for each output element."""
        return (Work("compare", (*element_factors(output), self.window_factor())),)

    def kept(self, output: Shape, *inputs: Shape) -> Kept:
        """Return the input, and where the maxima stood."""
        return Kept(inputs=(0,), index_bytes=INDEX_BYTES * elements(output))


class AvgPool(_Pool):
    """Mean over a window.

    `trainable` as in LeNet-5: the sum times one weight a map, plus one bias.

    `count_pad` says whether the divisor is the kernel's area or the real positions alone; shapes do not depend on it.
    Source of `trainable`: LeCun et al. 1998, S2 and S4.
    """

    kind = "avgpool"
    aliases = (
        "avgpool1d",
        "avgpool2d",
        "avgpool3d",
        "averagepooling1d",
        "averagepooling2d",
        "averagepooling3d",
    )
    fields = (
        _KERNEL,
        _STRIDE,
        _PAD,
        _CEIL,
        Field(
            "count_pad",
            Flag(),
            True,
            help="divide by the whole window, padding too",
            aliases=("count_include_pad",),
        ),
        Field("trainable", Flag(), False, help="a weight and a bias for each map (LeNet-5)"),
    )

    trainable: bool

    @property
    def dilation(self) -> tuple[int, ...]:  # type: ignore[override]
        """An average pool has none."""
        return (1,) * self.rank

    def arrays(self, *inputs: Shape) -> tuple[Array, ...]:
        """weight (C) and bias (C) where trainable."""
        if not self.trainable:
            return ()
        depth = inputs[0][-1]
        return Array("weight", "weights", (depth,), ("C",)), Array(
            "bias", "biases", (depth,), ("C",)
        )

    def work(self, output: Shape, *inputs: Shape) -> tuple[Work, ...]:
        """F_h·F_w - 1 additions and one division for each output element; trainable: one product and one bias."""
        factors = element_factors(output)
        total = Work("add", (*factors, self.window_factor()))
        if self.trainable:
            return total, Work("mul", factors), Work("bias_add", factors)
        return total, Work("div", factors)

    def kept(self, output: Shape, *inputs: Shape) -> Kept:
        """Return the input, as PyTorch keeps it; a trainable pool also keeps the means that its weights multiply."""
        return Kept(inputs=(0,), values=elements(output) if self.trainable else 0)


class _GlobalPool(Op):
    """A window as large as the map."""

    family = "pool"
    needs_map = True
    is_activation_map = True

    def output_shape(self, *inputs: Shape) -> Shape:
        """1×1×C."""
        return (*((1,) * self.rank), inputs[0][-1])

    @property
    def sliding(self) -> Sliding:
        """It is taken for a convolution as large as the map, with one filter for each channel."""
        return Sliding(as_conv=self._as_conv, per_channel=True)

    def _as_conv(self, shape: Shape) -> Op:
        return _conv(
            self.rank, shape[-1], tuple(Window(size, size, 0, 0) for size in spatial(shape))
        )

    def window(self, *inputs: Shape) -> int:
        """N_h·N_w."""
        return positions(inputs[0])

    def reaches(self, *inputs: Shape) -> tuple[Reach, ...]:
        """Return a window of N."""
        return tuple(WindowReach(Window(size, size, 0, 0)) for size in spatial(inputs[0]))

    def derive_output(self, output: Shape, *inputs: Shape) -> tuple[Step, ...]:
        """One position for each channel."""
        return (shape_step(message("×").join((*"1" * self.rank, "C")), output),)

    def window_factor(self, shape: Shape) -> Factor:
        """N_h·N_w - 1."""
        symbols = "·".join(factor.symbol for factor in axis_factors("N", spatial(shape)))
        return Factor(
            f"({symbols} − 1)", positions(shape) - 1, f"({'·'.join(map(str, spatial(shape)))} − 1)"
        )


class GlobalAvgPool(_GlobalPool):
    """Mean of each channel over the whole map (Lin et al. 2013)."""

    kind = "globalavgpool"

    def work(self, output: Shape, *inputs: Shape) -> tuple[Work, ...]:
        """N_h·N_w - 1 additions and one division a channel."""
        depth = Factor("C", output[-1])
        return Work("add", (depth, self.window_factor(inputs[0]))), Work("div", (depth,))


class GlobalMaxPool(_GlobalPool):
    """Maximum of each channel over the whole map."""

    kind = "globalmaxpool"

    def work(self, output: Shape, *inputs: Shape) -> tuple[Work, ...]:
        """N_h·N_w - 1 comparisons a channel."""
        return (Work("compare", (Factor("C", output[-1]), self.window_factor(inputs[0]))),)

    def kept(self, output: Shape, *inputs: Shape) -> Kept:
        """Return the input, and where the maxima stood."""
        return Kept(inputs=(0,), index_bytes=INDEX_BYTES * elements(output))


class _AdaptivePool(Op):
    """Bins that cover the map: bin i of O goes from floor(i·N/O) to ceil((i+1)·N/O) (PyTorch)."""

    family = "pool"
    bare = "size"
    needs_map = True
    is_activation_map = True
    fields = (
        Field(
            "size",
            KeptAxes(),
            help="the output's size; keep for an axis that stays",
            aliases=("output_size",),
        ),
    )

    size: tuple[int | str, ...]

    @property
    def sliding(self) -> Sliding:
        """Its bins see one channel at a time."""
        return Sliding(per_channel=True)

    def sizes(self, shape: Shape) -> tuple[int, ...]:
        """Return the output's size along each axis; that of the input where it stays."""
        return tuple(
            size if isinstance(out, str) else out
            for size, out in zip(spatial(shape), self.size, strict=True)
        )

    def output_shape(self, *inputs: Shape) -> Shape:
        """Return the size that was asked for; the channels stay."""
        return (*self.sizes(inputs[0]), inputs[0][-1])

    def window(self, *inputs: Shape) -> int:
        """floor(N_h/O_h · N_w/O_w): positions in an average bin."""
        return positions(inputs[0]) // prod(self.sizes(inputs[0]))

    def reaches(self, *inputs: Shape) -> tuple[Reach, ...]:
        """Return the bins, which overlap where O does not divide N."""
        (shape,) = inputs
        return tuple(map(AdaptiveReach, spatial(shape), self.sizes(shape)))

    def binned(self, shape: Shape) -> Factor:
        """Positions in all bins together: per axis N + O - gcd(N, O), since bins overlap where O does not divide N."""
        outs = self.sizes(shape)
        sizes = [size + out - gcd(size, out) for size, out in zip(shape, outs, strict=False)]
        letters = AXIS_LETTERS[self.rank]
        symbols = "·".join(f"(N_{axis} + O_{axis} − gcd)" for axis in letters)
        return Factor(
            f"({symbols} − {'·'.join(f'O_{axis}' for axis in letters)})",
            prod(sizes) - prod(outs),
            f"({'·'.join(map(str, sizes))} − {prod(outs)})",
        )

    def derive_output(self, output: Shape, *inputs: Shape) -> tuple[Step, ...]:
        """Return the size that was asked for."""
        return (shape_step(message("the size asked for, C channels"), output),)


class AdaptiveAvgPool(_AdaptivePool):
    """Mean over bins, to a given size."""

    kind = "adaptiveavgpool"
    aliases = ("adaptiveavgpool1d", "adaptiveavgpool2d", "adaptiveavgpool3d")

    def work(self, output: Shape, *inputs: Shape) -> tuple[Work, ...]:
        """One addition less than a bin has positions, and one division, for each output element."""
        return (
            Work("add", (Factor("C", output[-1]), self.binned(inputs[0]))),
            Work("div", element_factors(output)),
        )

    def kept(self, output: Shape, *inputs: Shape) -> Kept:
        """Return the input; nothing where the output has one position, which PyTorch computes as a mean."""
        return Kept() if prod(self.sizes(inputs[0])) == 1 else Kept(inputs=(0,))


class AdaptiveMaxPool(_AdaptivePool):
    """Maximum over bins, to a given size."""

    kind = "adaptivemaxpool"
    aliases = ("adaptivemaxpool1d", "adaptivemaxpool2d", "adaptivemaxpool3d")

    def work(self, output: Shape, *inputs: Shape) -> tuple[Work, ...]:
        """One comparison less than a bin has positions for each output element."""
        return (Work("compare", (Factor("C", output[-1]), self.binned(inputs[0]))),)

    def kept(self, output: Shape, *inputs: Shape) -> Kept:
        """Return the input, and where the maxima stood."""
        return Kept(inputs=(0,), index_bytes=INDEX_BYTES * elements(output))
