"""Convolution and transposed convolution, in one, two or three spatial axes."""

from __future__ import annotations

from math import prod

from cnncalc.ops.base import (
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
    axis_symbols,
    element_factors,
)
from cnncalc.ops.field_types import Connections, Flag, Padding, PerAxis, Whole
from cnncalc.ops.fields import Field
from cnncalc.ops.reach import Reach, TransposedReach, WindowReach
from cnncalc.ops.shapes import (
    Shape,
    Window,
    conv_output,
    elements,
    padded_size,
    same_transposed_window,
    show_shape,
    spatial,
    transposed_output,
)
from cnncalc.ops.windows import (
    PAD_MODE,
    check_output,
    check_pad_mode,
    derive_axis,
    derive_transposed,
    fit_note,
    resolve_windows,
)

_COMMON = (
    Field("filters", Whole(), help="how many filters (output channels)", aliases=("out_channels",)),
    Field("kernel", PerAxis(), help="the kernel's size", aliases=("kernel_size",)),
    Field(
        "stride", PerAxis(), 1, help="positions from one window to the next", aliases=("strides",)
    ),
    Field("pad", Padding(), 0, help="zeros around the input", aliases=("padding",)),
)
_DILATION = Field(
    "dilation",
    PerAxis(),
    1,
    help="distance between the kernel's positions",
    aliases=("dilation_rate",),
)
_GROUPS = Field("groups", Whole(), 1, help="groups of channels that do not see each other")


class _Filters(Op):
    """What both convolutions share: filters in groups, each with a kernel and perhaps a bias."""

    family = "conv"
    needs_map = True
    is_activation_map = True
    depth_field = "filters"
    depth_letter = "K"

    filters: int
    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    pad: tuple[tuple[int, int], ...] | str
    dilation: tuple[int, ...]
    groups: int
    bias: bool | str

    def check_groups(self, channels: int) -> None:
        """Refuse channels or filters that the groups do not divide."""
        if channels % self.groups:
            raise OpError(
                f"{channels} input channels cannot be divided into {self.groups} groups",
                "the groups divide the input channels and the filters",
                "groups",
            )
        if self.filters % self.groups:
            raise OpError(
                f"{self.filters} filters cannot be divided into {self.groups} groups",
                "the groups divide the input channels and the filters",
                "groups",
            )

    def caption(self, shape: Shape) -> Caption:
        """Kernel, filters, stride and groups; as many groups as channels are `depthwise`."""
        depthwise = 1 < self.groups == shape[-1]
        word = f"depthwise_{self.kind}" if depthwise else self.kind
        groups = 1 if depthwise else self.groups
        return Caption(word, self.kernel, self.filters, self.stride, groups)

    def kernel_factors(self) -> tuple[Factor, ...]:
        """F_h·F_w."""
        return axis_factors("F", self.kernel)

    def kept(self, output: Shape, *inputs: Shape) -> Kept:
        """Return the input, which the gradient of the weights needs."""
        return Kept(inputs=(0,))

    def window(self, *inputs: Shape) -> int:
        """F_h·F_w."""
        return prod(self.kernel)


class Conv(_Filters):
    """Convolution.

    Weights F_h·F_w·(C/g)·K, biases K, MACs one per output element and weight of its filter.

    Sources: LeCun et al. 1998 for `connections`; Krizhevsky et al. 2012 for `groups`; Silver et al. 2016 for a bias
    at each position.
    """

    kind = "conv"
    aliases = ("conv1d", "conv2d", "conv3d", "convolution1d", "convolution2d", "convolution3d")
    fields = (
        *_COMMON,
        _DILATION,
        _GROUPS,
        Field(
            "bias",
            Flag("position"),
            True,
            help="a bias for each filter; 'position': for each output element",
            aliases=("use_bias",),
        ),
        Field(
            "connections",
            Connections(),
            "all",
            help="for each filter the input maps that it sees, from 0",
        ),
        Field(
            "pad_mode",
            PAD_MODE,
            "zeros",
            help="what stands in the padding",
            aliases=("padding_mode",),
        ),
    )

    connections: tuple[tuple[int, ...], ...] | None
    pad_mode: str

    @property
    def is_uniform(self) -> bool:
        """Unless each output element has a bias of its own."""
        return self.bias != "position"

    def windows(self, shape: Shape) -> tuple[Window, ...]:
        """Return the window along each axis, its padding in numbers."""
        return resolve_windows(self.kernel, self.stride, self.pad, self.dilation, spatial(shape))

    @property
    def sliding(self) -> Sliding:
        """It is a convolution itself."""
        return Sliding(counts_windows=True)

    def output_shape(self, *inputs: Shape) -> Shape:
        """floor((N + p + q - d(F-1) - 1)/S) + 1 per axis, K channels."""
        (shape,) = inputs
        self.check_groups(shape[-1])
        self.check_connections(shape[-1])
        windows = self.windows(shape)
        pads = ((window.before, window.after) for window in windows)
        check_pad_mode(self.pad_mode, spatial(shape), pads, "pad")
        sizes = []
        for axis, (size, window) in enumerate(zip(shape, windows, strict=False)):
            out = conv_output(size, window)
            check_output(out, size, window, shape, axis)
            sizes.append(out)
        return (*sizes, self.filters)

    def kept(self, output: Shape, *inputs: Shape) -> Kept:
        """Return the input.

        Where the padding is no zeros, the padded map, and beside it the input unless it wraps around.
        """
        if self.pad_mode == "zeros":
            return super().kept(output, *inputs)
        (shape,) = inputs
        padded = [padded_size(*each) for each in zip(shape, self.windows(shape), strict=False)]
        own = () if self.pad_mode == "circular" else (0,)
        return Kept(inputs=own, values=elements((*padded, shape[-1])))

    def check_connections(self, channels: int) -> None:
        """Refuse connections that do not go with the filters, the groups or the channels that arrive."""
        if self.connections is None:
            return
        if self.groups != 1:
            raise OpError(
                "connections and groups do not go together", "leave one of them out", "connections"
            )
        if len(self.connections) != self.filters:
            raise OpError(
                f"connections list {len(self.connections)} filters, but there are {self.filters}",
                "give one list of input maps for each filter",
                "connections",
            )
        largest = max(map(max, self.connections))
        if largest >= channels:
            raise OpError(
                f"connections name input map {largest}, but the maps are 0 to {channels - 1}",
                "maps are counted from 0",
                "connections",
            )

    def arrays(self, *inputs: Shape) -> tuple[Array, ...]:
        """weight (K, C/g, F_h, F_w), or one kernel a connection; bias (K), or one an output element."""
        (shape,) = inputs
        letters = axis_symbols("F", self.rank)
        if self.connections is None:
            weight = Array(
                "weight",
                "weights",
                (self.filters, shape[-1] // self.groups, *self.kernel),
                ("K", self.depth_symbol, *letters),
            )
        else:
            links = sum(map(len, self.connections))
            weight = Array("weight", "weights", (links, *self.kernel), ("Σ|maps|", *letters))
        if not self.bias:
            return (weight,)
        if self.bias == "position":
            sizes = spatial(self.output_of(inputs))
            symbols = ("K", *axis_symbols("O", self.rank))
            return weight, Array("bias", "biases", (self.filters, *sizes), symbols)
        return weight, Array("bias", "biases", (self.filters,), ("K",))

    @property
    def depth_symbol(self) -> str:
        """How formulas write the channels that one filter sees."""
        return "C" if self.groups == 1 else "(C/g)"

    def work(self, output: Shape, *inputs: Shape) -> tuple[Work, ...]:
        """MACs O_h·O_w·K·F_h·F_w·(C/g), padding counted; a bias is added to every output element."""
        (shape,) = inputs
        each = element_factors(output, channels="K")
        if self.connections is None:
            depth = Factor(
                self.depth_symbol,
                shape[-1] // self.groups,
                "" if self.groups == 1 else f"({shape[-1]}/{self.groups})",
            )
            macs = Work("mac", (*each, *self.kernel_factors(), depth))
        else:
            links = Factor(
                "Σ|maps|", sum(map(len, self.connections)), _links_text(self.connections)
            )
            macs = Work("mac", (*axis_factors("O", spatial(output)), *self.kernel_factors(), links))
        return (macs, Work("bias_add", each)) if self.bias else (macs,)

    def reaches(self, *inputs: Shape) -> tuple[Reach, ...]:
        """extent d(F-1), stride S, centre moved by d(F-1)/2 - p."""
        return tuple(map(WindowReach, self.windows(inputs[0])))

    def derive_output(self, output: Shape, *inputs: Shape) -> tuple[Step, ...]:
        """Return the size along each axis, and the filters as the depth."""
        (shape,) = inputs
        sizes = [
            derive_axis(
                axis_name(self.rank, axis), size, window, ceil=False, same=self.pad == "same"
            )
            for axis, (size, window) in enumerate(zip(shape, self.windows(shape), strict=False))
        ]
        return (*sizes, Step("depth", "K", str(self.filters), str(self.filters)))

    def notes(self, *inputs: Shape) -> tuple[str, ...]:
        """Where the filter does not fit."""
        return fit_note(inputs[0], self.windows(inputs[0]), ceil=False)


def _links_text(connections: tuple[tuple[int, ...], ...]) -> str:
    """Return the connections added up: (6·3 + 9·4 + 1·6) where 6 filters see 3 maps each, 9 see 4 and 1 sees 6."""
    filters: dict[int, int] = {}
    for maps in connections:
        filters[len(maps)] = filters.get(len(maps), 0) + 1
    return f"({' + '.join(f'{count}·{maps}' for maps, count in filters.items())})"


class ConvTranspose(_Filters):
    """Transposed convolution.

    The conv of the same fields, run backwards; F_h·F_w·C·K/g weights.

    MACs are one per input element and weight that it meets: no work is done on the zeros between.
    """

    kind = "conv_transpose"
    aliases = ("convtranspose1d", "convtranspose2d", "convtranspose3d")
    fields = (
        *_COMMON,
        Field(
            "output_pad",
            PerAxis(0),
            0,
            help="positions added at the end of the output",
            aliases=("output_padding",),
        ),
        _DILATION,
        _GROUPS,
        Field("bias", Flag(), True, help="a bias for each filter", aliases=("use_bias",)),
    )

    output_pad: tuple[int, ...]

    def windows(self, shape: Shape) -> tuple[Window, ...]:
        """Return the window along each axis, its cropping in numbers."""
        windows = resolve_windows(self.kernel, self.stride, self.pad, self.dilation, spatial(shape))
        return tuple(map(same_transposed_window, windows)) if self.pad == "same" else windows

    def output_shape(self, *inputs: Shape) -> Shape:
        """(N-1)S - p - q + d(F-1) + 1 + output_pad per axis; N·S with `same`."""
        (shape,) = inputs
        self.check_groups(shape[-1])
        sizes = []
        for axis, (size, window) in enumerate(zip(shape, self.windows(shape), strict=False)):
            extra = self.output_pad[axis]
            if extra and self.pad == "same":
                raise OpError(
                    "output_pad cannot be combined with pad: same, whose output is N·S",
                    "",
                    "output_pad",
                )
            if extra >= max(window.stride, window.dilation):
                raise OpError(
                    f"output_pad {extra} must be below the stride {window.stride} or the dilation "
                    f"{window.dilation}",
                    "",
                    "output_pad",
                )
            out = self._size(size, window, axis)
            if out < 1:
                raise OpError(
                    f"the output's {axis_name(self.rank, axis)} would be {out}: the padding crops it away",
                    "use a smaller pad",
                    "pad",
                )
            sizes.append(out)
        return (*sizes, self.filters)

    @property
    def sliding(self) -> Sliding:
        """It is taken for the convolution of the same fields, which goes the other way."""
        return Sliding(self._size, self._as_conv)

    def _size(self, size: int, window: Window, axis: int) -> int:
        """(N-1)S - p - q + d(F-1) + 1 + output_pad; with `same` what is missing of N·S where the kernel is short."""
        extra = (
            max(window.stride - window.extent, 0) if self.pad == "same" else self.output_pad[axis]
        )
        return transposed_output(size, window, extra)

    def _as_conv(self, shape: Shape) -> Conv:
        values = {
            field.name: getattr(self, field.name)
            for field in self.fields
            if field.name != "output_pad"
        }
        return Conv(self.rank, {**values, "connections": None, "pad_mode": "zeros"})

    def arrays(self, *inputs: Shape) -> tuple[Array, ...]:
        """weight (C, K/g, F_h, F_w); bias (K)."""
        letters = axis_symbols("F", self.rank)
        share = "K" if self.groups == 1 else "(K/g)"
        weight = Array(
            "weight",
            "weights",
            (inputs[0][-1], self.filters // self.groups, *self.kernel),
            ("C", share, *letters),
        )
        return (
            (weight, Array("bias", "biases", (self.filters,), ("K",))) if self.bias else (weight,)
        )

    def work(self, output: Shape, *inputs: Shape) -> tuple[Work, ...]:
        """MACs N_h·N_w·C·F_h·F_w·K/g: each input element meets each weight of its channel once."""
        share = (
            Factor("K", self.filters)
            if self.groups == 1
            else Factor("(K/g)", self.filters // self.groups, f"({self.filters}/{self.groups})")
        )
        macs = Work("mac", (*element_factors(inputs[0], "N"), *self.kernel_factors(), share))
        return (
            (macs, Work("bias_add", element_factors(output, channels="K")))
            if self.bias
            else (macs,)
        )

    def reaches(self, *inputs: Shape) -> tuple[Reach, ...]:
        """Return the most input positions that one output sees, ceil(F / (S/gcd(S, d))), d/gcd apart.

        The jump over S.
        """
        return tuple(map(TransposedReach, self.windows(inputs[0])))

    def derive_output(self, output: Shape, *inputs: Shape) -> tuple[Step, ...]:
        """Return the size along each axis, and the filters as the depth."""
        (shape,) = inputs
        steps = []
        for axis, (size, window) in enumerate(zip(shape, self.windows(shape), strict=False)):
            symbol = f"output {axis_name(self.rank, axis)}"
            if self.pad == "same":
                steps.append(Step(symbol, "O = N·S", f"{size}·{window.stride}", str(output[axis])))
                continue
            steps.append(
                derive_transposed(axis_name(self.rank, axis), size, window, self.output_pad[axis])
            )
        return (*steps, Step("depth", "K", str(self.filters), show_shape(output[-1:])))
