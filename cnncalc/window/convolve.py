"""Numbers through one layer: a convolution's feature maps and a pool's, window by window, exactly.

    convolve("0 3 2 1; 2 1 0 2; 1 3 2 0; 2 0 3 3", "1 0 1; 0 1 0; 1 0 1", bias=2).text    # '8 9; 12 10'

A convolution is what networks compute, s(j, i) = Σ z(j + y, i + x)·u(y, x) + b: the kernel is not turned unless `flip`
asks for it. Sizes and windows come from `cnncalc.ops.shapes`, as everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import prod
from typing import Any, NamedTuple

from cnncalc.ops.base import OpError, Step, axis_name
from cnncalc.ops.field_types import Padding, PerAxis
from cnncalc.ops.fields import read_option
from cnncalc.ops.shapes import Shape, Window, ceil_output, conv_output, format_shape
from cnncalc.ops.windows import check_output, derive_axis, resolve_windows
from cnncalc.text.exact import Exact, ratio, whole
from cnncalc.text.limits import limit
from cnncalc.text.messages import Phrase, message
from cnncalc.text.source import single_problem
from cnncalc.text.suggest import did_you_mean, nearest
from cnncalc.window.matrices import (
    Grid,
    GridError,
    Numbers,
    WrittenGrid,
    places,
    read_numbers,
    show_number,
)

MAX_PRODUCTS = limit(300_000)
"""The most numbers that all windows together may see."""
MAX_DIGITS = 1000
"""The most digits of a sum's numerator, and of its denominator."""
MAX_BITS = MAX_DIGITS * 10 // 3

PADDINGS = ("zero", "copy")
POOLS = ("max", "average")
_CALLED = {
    "zeros": "zero",
    "constant": "zero",
    "edge": "copy",
    "replicate": "copy",
    "nearest": "copy",
    "avg": "average",
    "mean": "average",
    "maximum": "max",
}


class Product(NamedTuple):
    """A number under a window and the kernel's number that it is multiplied by; `inside` is false in the padding."""

    value: Exact
    weight: Exact
    inside: bool = True


class Sum(NamedTuple):
    """One window: which feature map and which position of it (from 0), and what it computes.

    `rows` has the products row of the kernel by row, channel after channel; of a pool the numbers alone, `weight` 1.
    `total` is before the bias, or before a mean's division by `divisor`.
    """

    map: int
    position: tuple[int, ...]
    rows: tuple[tuple[Product, ...], ...]
    total: Exact
    bias: Exact
    divisor: int
    result: Exact


class FeatureMaps(NamedTuple):
    """What a convolution or a pool computes: a map for each filter, or for each channel that is pooled.

    `input` has a grid for each channel, `filters` for each filter one for each channel (none for a pool); `windows`
    is how the kernel slides along each axis. `pool` is "max", "average" or empty.
    """

    maps: tuple[Grid, ...]
    input: tuple[Grid, ...]
    filters: tuple[tuple[Grid, ...], ...]
    biases: tuple[Exact, ...]
    windows: tuple[Window, ...]
    padding: str = "zero"
    pool: str = ""
    ceil: bool = False
    count_pad: bool = True

    @property
    def sizes(self) -> tuple[int, ...]:
        """Positions of a feature map along each axis."""
        return self.maps[0].shape

    @property
    def shape(self) -> Shape:
        """The output's shape, channels last."""
        return (*self.sizes, len(self.maps))

    @property
    def text(self) -> str:
        """The feature maps as text: `6 7; 10 8`, and `;;` between maps."""
        return ";; ".join(map(str, self.maps))

    @property
    def title(self) -> str:
        """What is computed, such as `convolution of 4×4, kernel 3×3, stride 1, bias 2: 2×2`."""
        count = f"×{len(self.maps)}" if len(self.maps) > 1 else ""
        return message("{what}: {size}", what=_what(self), size=f"{_by(self.sizes)}{count}")

    def steps(self) -> tuple[Step, ...]:
        """How the size of the feature maps comes about."""
        return tuple(
            derive_axis(
                axis_name(len(self.windows), axis), size, window, ceil=self.ceil, same=False
            )
            for axis, (size, window) in enumerate(
                zip(self.input[0].shape, self.windows, strict=True)
            )
        )

    def padded(self) -> tuple[Grid, ...]:
        """Each channel with its padding around it, as the windows see it."""
        sizes = [
            size + window.before + window.after
            for size, window in zip(self.input[0].shape, self.windows, strict=True)
        ]
        offsets = [window.before for window in self.windows]
        return tuple(
            Grid(
                tuple(sizes),
                tuple(
                    _number_at(
                        channel,
                        [index - offset for index, offset in zip(place, offsets, strict=True)],
                        self.padding,
                    )[0]
                    for place in places(sizes)
                ),
            )
            for channel in self.input
        )

    def sums(self) -> Iterator[Sum]:
        """Every window of every map in order: how its number comes about."""
        for number in range(len(self.maps)):
            for position in places(self.sizes):
                yield self.sum_at(number, position)

    def sum_at(self, number: int, position: tuple[int, ...]) -> Sum:
        """How one number of one map comes about."""
        return _pooled(self, number, position) if self.pool else _convolved(self, number, position)


def convolve(
    input: Numbers,
    kernel: Numbers,
    *,
    bias: Numbers = 0,
    stride: Any = 1,
    pad: Any = 0,
    dilation: Any = 1,
    padding: str = "zero",
    flip: bool = False,
    axes: int | None = None,
) -> FeatureMaps:
    """Return the feature maps of an input under one or several filters.

    Numbers are text (`"6 7; 10 8"`, a blank row or `;;` between channels) or nested lists, also of such texts; there a
    text of one number is that number. Lists one deeper than the `axes` are channels first, a kernel's two deeper are
    filters first; without `axes` one and two levels are one and two spatial axes, three are channels of two, four
    channels of three. Over an input of one channel several kernels are several filters.

    `bias` is one number, or one for each filter; stride, pad and dilation are as a spec's (`pad="same"`,
    `pad=[[0, 1], [1, 1]]`). `padding` "copy" repeats the number at the edge; `flip` turns the kernel by 180 degrees
    first. Raises SpecError.
    """
    given, kernels = _read("input", input), _read("kernel", kernel)
    rank = _axes(given, kernels, axes)
    channels = _channels(_as_axes(given, rank), rank)
    filters = tuple(
        tuple(grid.turned() for grid in filter_) if flip else filter_
        for filter_ in _filters(_as_axes(kernels, rank), len(channels), rank)
    )
    biases = _biases(bias, len(filters))
    windows = _windows(channels[0].shape, filters[0][0].shape, stride, pad, dilation)
    job = FeatureMaps((), channels, filters, biases, windows, _word("padding", padding, PADDINGS))
    return _computed(job, len(filters), len(channels))


def pool(
    input: Numbers,
    kernel: Any,
    how: str = "max",
    *,
    stride: Any = None,
    pad: Any = 0,
    dilation: Any = 1,
    padding: str = "zero",
    ceil: bool = False,
    count_pad: bool = True,
    axes: int | None = None,
) -> FeatureMaps:
    """Return the input pooled, each channel by itself; `how` is "max" or "average", `kernel` the window's size.

    The stride is the kernel unless given; the pad is at most half of it. A maximum does not see padding; an average
    counts its zeros, unless `count_pad` is false. `ceil` rounds the size up. Otherwise as `convolve`. Raises SpecError.
    """
    given = _read("input", input)
    rank = _axes(given, None, axes)
    channels = _channels(_as_axes(given, rank), rank)
    size = read_option("--kernel", kernel, PerAxis(), rank)
    windows = _windows(
        channels[0].shape, size, size if stride is None else stride, pad, dilation, ceil=ceil
    )
    for window in windows:
        if pad != "same" and max(window.before, window.after) > window.kernel // 2:
            raise single_problem(
                "--pad",
                str(pad),
                f"a pool's pad must not be above half its kernel "
                f"({window.kernel} // 2 = {window.kernel // 2})",
                "a window in the padding would see nothing",
            )
    job = FeatureMaps(
        (),
        channels,
        (),
        (),
        windows,
        _word("padding", padding, PADDINGS),
        _word("pool", how, POOLS),
        ceil,
        count_pad,
    )
    return _computed(job, len(channels), 1)


# --- reading --------------------------------------------------------------------------------------------------------


def _read(name: str, numbers: Numbers) -> WrittenGrid:
    try:
        return read_numbers(numbers)
    except GridError as error:
        raise error.located(f"--{name}", numbers if isinstance(numbers, str) else "") from None


def _word(name: str, word: str, known: tuple[str, ...]) -> str:
    if word in known:
        return word
    meant = _CALLED.get(word.lower()) or nearest(word, known)
    hint = did_you_mean(meant) if meant in known else f"it can be {' or '.join(known)}"
    raise single_problem(f"--{name}", word, f"{name} cannot be '{word}'", hint, "option")


def _axes(given: WrittenGrid, kernel: WrittenGrid | None, axes: int | None) -> int:
    """How many spatial axes there are: as asked, as the texts say, or by how deep the input is nested."""
    if axes is None:
        texts = [
            side.axes for side in (given, kernel) if side is not None and side.axes is not None
        ]
        nested = min(max(len(given.grid.shape), 1), 2) if len(given.grid.shape) < 4 else 3
        return max(texts) if given.axes is not None else max([nested, *texts])
    if axes not in (1, 2, 3):
        raise single_problem("--axes", str(axes), f"there are 1, 2 or 3 spatial axes, not {axes}")
    return axes


def _as_axes(given: WrittenGrid, rank: int) -> Grid:
    """Return the grid with its single rows as matrices of one row, where there are two spatial axes."""
    grid = given.grid
    if rank != 2 or given.axes != 1:
        return grid
    return Grid((*grid.shape[:-1], 1, grid.shape[-1]), grid.values)


def _channels(grid: Grid, rank: int) -> tuple[Grid, ...]:
    """Return the input's channels."""
    lifted = grid.lifted(rank + 1)
    if len(lifted.shape) > rank + 1:
        raise single_problem(
            "--input",
            "",
            f"the input has {len(grid.shape)} axes: channels and {rank} spatial ones "
            "are the most here",
            "axes=3 for an input of three spatial axes",
        )
    return lifted.parts()


def _filters(grid: Grid, channels: int, rank: int) -> tuple[tuple[Grid, ...], ...]:
    """Return the filters, each a grid for each channel."""
    if len(grid.shape) > rank + 2:
        raise single_problem(
            "--kernel",
            "",
            f"the kernel has {len(grid.shape)} axes: filters, channels and {rank} "
            "spatial ones are the most here",
        )
    if len(grid.shape) == rank + 2:
        filters = tuple(part.parts() for part in grid.parts())
    elif len(grid.shape) == rank + 1 and channels == 1:
        filters = tuple((part,) for part in grid.parts())
    else:
        filters = (grid.lifted(rank + 1).parts(),)
    if len(filters[0]) != channels:
        seen = "1 channel" if len(filters[0]) == 1 else f"{len(filters[0])} channels"
        raise single_problem(
            "--kernel",
            "",
            f"the kernel is for {seen}, but the input has {channels}",
            "a filter has one kernel for each channel of the input",
        )
    return filters


def _biases(bias: Numbers, filters: int) -> tuple[Exact, ...]:
    biases = _read("bias", bias).grid.values
    if len(biases) not in (1, filters):
        many = "s" * (filters > 1)
        raise single_problem(
            "--bias",
            str(bias),
            f"there are {len(biases)} biases for {filters} filter{many}",
            "one for all filters, or one for each",
        )
    return biases * filters if len(biases) == 1 else biases


def _windows(
    sizes: tuple[int, ...],
    kernel: tuple[int, ...],
    stride: Any,
    pad: Any,
    dilation: Any,
    *,
    ceil: bool = False,
) -> tuple[Window, ...]:
    """How the kernel slides along each axis. Raises SpecError where it does not go in."""
    rank = len(sizes)
    shape = (*sizes, 1)
    windows = resolve_windows(
        kernel,
        read_option("--stride", stride, PerAxis(), rank),
        read_option("--pad", pad, Padding(), rank),
        read_option("--dilation", dilation, PerAxis(), rank),
        sizes,
    )
    for axis, (size, window) in enumerate(zip(sizes, windows, strict=True)):
        out = ceil_output(size, window) if ceil else conv_output(size, window)
        try:
            check_output(out, size, window, shape, axis)
        except OpError as error:
            raise single_problem(
                "--kernel", "x".join(map(str, kernel)), error.message, error.hint
            ) from None
    return windows


# --- computing ------------------------------------------------------------------------------------------------------


def _computed(job: FeatureMaps, maps: int, depth: int) -> FeatureMaps:
    """Return the job with its maps. Raises SpecError where there is too much to compute."""
    measure = ceil_output if job.ceil else conv_output
    sizes = tuple(
        measure(size, window) for size, window in zip(job.input[0].shape, job.windows, strict=True)
    )
    products = prod(sizes) * maps * depth * prod(window.kernel for window in job.windows)
    if products > MAX_PRODUCTS:
        raise single_problem(
            "--input",
            "x".join(map(str, job.input[0].shape)),
            f"the windows see {products:,} numbers; the limit is {MAX_PRODUCTS:,}",
            "",
            "limit",
        )
    grids = (
        Grid(sizes, tuple(job.sum_at(number, place).result for place in places(sizes)))
        for number in range(maps)
    )
    return job._replace(maps=tuple(grids))


def _convolved(job: FeatureMaps, number: int, position: tuple[int, ...]) -> Sum:
    """Return the products of one window of one filter, their sum, and the bias."""
    rows = tuple(
        row
        for channel, kernel in zip(job.input, job.filters[number], strict=True)
        for row in _products(job, channel, kernel, position)
    )
    total = _sum(value * weight for row in rows for value, weight, _ in row if value and weight)
    bias = job.biases[number]
    return Sum(number, position, rows, total, bias, 1, whole(total + bias))


def _sum(values: Iterable[Exact]) -> Exact:
    """Add numbers exactly. Raises SpecError where that takes more digits than anyone would read."""
    total: Exact = 0
    for value in values:
        total += value
        if max(total.numerator.bit_length(), total.denominator.bit_length()) > MAX_BITS:
            message = (
                f"a sum has more than the limit of {MAX_DIGITS:,} digits above or below its line"
            )
            raise single_problem("--input", "", message, "write decimals", "limit")
    return whole(total)


def _products(
    job: FeatureMaps, channel: Grid, kernel: Grid, position: tuple[int, ...]
) -> Iterator[tuple[Product, ...]]:
    """Yield a channel under one window, a kernel's row at a time."""
    length = kernel.shape[-1]
    row: list[Product] = []
    for place, weight in zip(places(kernel.shape), kernel.values, strict=True):
        value, inside = _seen(job, channel, position, place)
        row.append(Product(value, weight, inside))
        if len(row) == length:
            yield tuple(row)
            row = []


def _seen(
    job: FeatureMaps, channel: Grid, position: tuple[int, ...], place: tuple[int, ...]
) -> tuple[Exact, bool]:
    """Return the number under a place of the kernel, and whether it is the input's own rather than padding."""
    at = [
        window.stride * step + window.dilation * offset - window.before
        for window, step, offset in zip(job.windows, position, place, strict=True)
    ]
    return _number_at(channel, at, job.padding)


def _number_at(channel: Grid, at: list[int], padding: str) -> tuple[Exact, bool]:
    """Return the number at a place that may lie in the padding, and whether it is the input's own."""
    inside = all(0 <= index < size for index, size in zip(at, channel.shape, strict=True))
    if not inside:
        if padding == "zero":
            return 0, False
        at = [min(max(index, 0), size - 1) for index, size in zip(at, channel.shape, strict=True)]
    return channel.at(at), inside


def _pooled(job: FeatureMaps, number: int, position: tuple[int, ...]) -> Sum:
    """Return the numbers of one window of one channel, and their maximum or mean."""
    rows = tuple(
        row
        for offset in places([window.kernel for window in job.windows[:-1]])
        if (row := tuple(_pool_row(job, number, position, offset)))
    )
    values = [seen.value for row in rows for seen in row]
    if job.pool == "max":
        total = max(values)
        return Sum(number, position, rows, total, 0, 1, total)
    total = _sum(values)
    return Sum(number, position, rows, total, 0, len(values), ratio(total, len(values)))


def _pool_row(
    job: FeatureMaps, number: int, position: tuple[int, ...], offset: tuple[int, ...]
) -> Iterator[Product]:
    """Yield what a pool's window sees along the last axis, at one place of the axes before it."""
    for last in range(job.windows[-1].kernel):
        value, inside = _seen(job, job.input[number], position, (*offset, last))
        counted = job.padding == "copy" or (job.pool == "average" and job.count_pad)
        if inside or (counted and _in_padding(job, position, (*offset, last))):
            yield Product(value, 1, inside)


def _in_padding(job: FeatureMaps, position: tuple[int, ...], place: tuple[int, ...]) -> bool:
    """Whether the padding reaches there: a last window of a size rounded up hangs over it."""
    return all(
        window.stride * step + window.dilation * offset - window.before < size + window.after
        for window, step, offset, size in zip(
            job.windows, position, place, job.input[0].shape, strict=True
        )
    )


def _what(job: FeatureMaps) -> Phrase:
    """Return the title but for the output."""
    windows = job.windows
    what = message(f"{job.pool} pooling" if job.pool else "convolution")
    source: Phrase | str = _map(job.input[0].shape)
    if len(job.input) > 1:
        source = message("{map} with {count} channels", map=source, count=len(job.input))
    text = message("{what} of {map}", what=what, map=source)
    sizes = _by([window.kernel for window in windows])
    with_size = "{text}, window {size}" if job.pool else "{text}, kernel {size}"
    text = message(with_size, text=text, size=sizes)
    stride = _alike([window.stride for window in windows])
    text = message("{text}, stride {stride}", text=text, stride=stride)
    if any(window.before or window.after for window in windows):
        pads = _alike([_pad(window.before, window.after) for window in windows])
        filling = message("copies" if job.padding == "copy" else "zeros")
        text = message("{text}, pad {pad} ({filling})", text=text, pad=pads, filling=filling)
    if any(window.dilation > 1 for window in windows):
        dilation = _alike([window.dilation for window in windows])
        text = message("{text}, dilation {dilation}", text=text, dilation=dilation)
    if any(job.biases):
        biases = ", ".join(map(show_number, job.biases))
        text = message("{text}, bias {bias}", text=text, bias=biases)
    return text


def _pad(before: int, after: int) -> str:
    return str(before) if before == after else f"{before}+{after}"


def _map(sizes: Sequence[int]) -> Phrase | str:
    return message("a row of {count}", count=sizes[0]) if len(sizes) == 1 else _by(sizes)


def _by(sizes: Sequence[object]) -> str:
    return format_shape(sizes)


def _alike(sizes: Sequence[object]) -> str:
    return str(sizes[0]) if len(set(sizes)) == 1 else _by(sizes)


__all__ = ["PADDINGS", "POOLS", "FeatureMaps", "Product", "Sum", "convolve", "pool"]
