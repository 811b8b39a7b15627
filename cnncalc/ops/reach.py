"""Which input positions an output position depends on, along one axis: what receptive fields are made of.

Position o + `up` depends on what o depends on, `down` positions further on. `stride` is what the jump is multiplied
by and `shift` twice how far the centre of the first output lies from that of the first input, in units of the jump
before. `extent` is how many positions lie from the first to the last that an output sees, at most, less one.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from math import gcd
from typing import TypeAlias

from cnncalc.ops.shapes import Window
from cnncalc.text.exact import Exact

Line: TypeAlias = tuple[str, str]
"""A formula, and the formula with its numbers."""


class Reach:
    """A rule of the module's form."""

    __slots__ = ("down", "extent", "shift", "stride", "up")

    def __init__(self, extent: int, stride: Exact, shift: Exact, down: int, up: int) -> None:
        self.extent = extent
        self.stride = stride
        self.shift = shift
        self.down = down
        self.up = up

    def __eq__(self, other: object) -> bool:
        """Whether they are the same rule."""
        return type(self) is type(other) and self.rule == other.rule

    def __hash__(self) -> int:
        return hash(self.rule)

    @property
    def rule(self) -> tuple[object, ...]:
        """What tells it from other rules of its kind."""
        return tuple([getattr(self, slot) for slot in (*Reach.__slots__, *self.__slots__)])

    def ends(self) -> tuple[int, int]:
        """Return the first and last input position that output 0 sees."""
        positions = tuple(self.seen(0, 1))
        return min(positions), max(positions)

    def seen(self, output: int, period: int) -> Iterable[int]:
        """Return the input positions that an output sees.

        Of those that are alike modulo `period` the first and last do.
        """
        raise NotImplementedError

    def derive(self, size: Exact, jump: Exact, start: Exact) -> tuple[Line, Line, Line]:
        """How r, the jump and the start come about from those before, r₀, j₀ and start₀."""
        raise NotImplementedError


@lru_cache(maxsize=64)
def _outer_taps(kernel: int, few: int) -> tuple[int, ...]:
    """Return the first few and the last few positions of a kernel, in order, each once."""
    return tuple(sorted({*range(few), *range(kernel - few, kernel)}))


class WindowReach(Reach):
    """A window of kernel F, stride S, padding p before, dilation d: r' = r + d(F-1)·j, j' = j·S."""

    __slots__ = ("window",)

    def __init__(self, window: Window) -> None:
        extent = window.extent - 1
        super().__init__(extent, window.stride, extent - 2 * window.before, window.stride, 1)
        self.window = window

    def ends(self) -> tuple[int, int]:
        return -self.window.before, self.extent - self.window.before

    def seen(self, output: int, period: int) -> Iterable[int]:
        kernel, stride, before, _, dilation = self.window
        first = output * stride - before
        return [first + dilation * tap for tap in _outer_taps(kernel, min(kernel, period))]

    def derive(self, size: Exact, jump: Exact, start: Exact) -> tuple[Line, Line, Line]:
        kernel, stride, before, _, dilation = self.window
        span, digits = (
            ("(F − 1)", f"({kernel} − 1)")
            if dilation == 1
            else ("d·(F − 1)", f"{dilation}·({kernel} − 1)")
        )
        return (
            (f"r₀ + {span}·j₀", f"{size} + {digits}·{jump}"),
            ("j₀·S", f"{jump}·{stride}"),
            (
                f"start₀ + ({span}/2 − p)·j₀",
                f"{signed(start)} + ({digits}/2 {'+' if before < 0 else '−'} {abs(before)})·{jump}",
            ),
        )


class TransposedReach(Reach):
    """A transposed window: output o sees the inputs (o + p - d·k)/S that are whole; the jump goes down by S."""

    __slots__ = ("window",)

    def __init__(self, window: Window) -> None:
        from fractions import Fraction

        common = gcd(window.stride, window.dilation)
        most = -(-window.kernel * common // window.stride)
        shift = Fraction(2 * window.before - window.extent + 1, window.stride)
        super().__init__(
            (most - 1) * window.dilation // common,
            Fraction(1, window.stride),
            shift,
            1,
            window.stride,
        )
        self.window = window

    def seen(self, output: int, period: int) -> Iterable[int]:
        kernel, stride, before, _, dilation = self.window
        for tap in _outer_taps(kernel, min(kernel, period * stride)):
            position, rest = divmod(output + before - dilation * tap, stride)
            if not rest:
                yield position

    def derive(self, size: Exact, jump: Exact, start: Exact) -> tuple[Line, Line, Line]:
        kernel, stride, before, _, dilation = self.window
        seen, seen_digits = "(⌈F/S⌉ − 1)", f"(⌈{kernel}/{stride}⌉ − 1)"
        span, span_digits = "(F − 1)", f"({kernel} − 1)"
        if dilation > 1:
            seen, seen_digits = "extent", str(self.extent)
            span, span_digits = f"d·{span}", f"{dilation}·{span_digits}"
        return (
            (f"r₀ + {seen}·j₀", f"{size} + {seen_digits}·{jump}"),
            ("j₀/S", f"{jump}/{stride}"),
            (
                f"start₀ + (p − {span}/2)/S·j₀",
                f"{signed(start)} + ({before} − {span_digits}/2)/{stride}·{jump}",
            ),
        )


class ResizeReach(Reach):
    """A map of N positions made O long; `taps` positions are interpolated between, 1 for the nearest alone.

    Output o stands at (o + 1/2)·N/O − 1/2, or with `corners` at o·(N − 1)/(O − 1) so that the first and the last stand
    on those of the input (PyTorch's `align_corners`). Where it stands on a position, that alone is seen.
    """

    __slots__ = ("corners", "out", "size", "taps")

    def __init__(self, size: int, out: int, taps: int = 1, *, corners: bool = False) -> None:
        from fractions import Fraction

        self.size = size
        self.out = out
        self.taps = taps
        self.corners = corners and taps > 1
        ratio = Fraction(size, out)
        if self.corners:
            ratio = Fraction(size - 1, out - 1) if out > 1 else Fraction(0)
        down, up = ratio.numerator, ratio.denominator
        lattice = 0 if self.corners else ratio - 1
        whole = up == 1 and (self.corners or down % 2 == 1)
        super().__init__(0 if whole else taps - 1, ratio, lattice, down, up)

    def seen(self, output: int, period: int) -> Iterable[int]:
        if self.taps == 1:
            return (output * self.down // self.up,)
        twice = 2 * output * self.down
        if not self.corners:
            twice += self.down - self.up
        position, rest = divmod(twice, 2 * self.up)
        return (
            range(position + 1 - self.taps // 2, position + 1 + self.taps // 2)
            if rest
            else (position,)
        )

    def derive(self, size: Exact, jump: Exact, start: Exact) -> tuple[Line, Line, Line]:
        more = f"{self.extent}·j₀" if self.extent > 1 else "j₀"
        grown, numbers = f"r₀ + {more}", f"{size} + {more.replace('j₀', str(jump))}"
        if not self.extent:
            grown, numbers = "r₀", str(size)
        if self.corners:
            apart = ("j₀·(N − 1)/(O − 1)", f"{jump}·({self.size} − 1)/({self.out} − 1)")
            return (
                (grown, numbers),
                apart if self.out > 1 else ("j₀·0", f"{jump}·0"),
                ("start₀", signed(start)),
            )
        if self.down > 1:
            return (
                (grown, numbers),
                ("j₀·N/O", f"{jump}·{self.size}/{self.out}"),
                (
                    "start₀ + (N/O − 1)/2·j₀",
                    f"{signed(start)} + ({self.size}/{self.out} − 1)/2·{jump}",
                ),
            )
        return (
            (grown, numbers),
            ("j₀/s", f"{jump}/{self.up}"),
            ("start₀ − (s − 1)/(2s)·j₀", f"{signed(start)} − ({self.up} − 1)/(2·{self.up})·{jump}"),
        )


class BlockReach(Reach):
    """Blocks of `size` positions of which each sees all of its own, the first beginning `offset` before the map."""

    __slots__ = ("offset", "size")

    def __init__(self, size: int, offset: int = 0) -> None:
        super().__init__(size - 1, 1, 0, size, size)
        self.size = size
        self.offset = offset

    def seen(self, output: int, period: int) -> Iterable[int]:
        first = (output + self.offset) // self.size * self.size - self.offset
        few = min(self.size, period)
        return (*range(first, first + few), *range(first + self.size - few, first + self.size))

    def derive(self, size: Exact, jump: Exact, start: Exact) -> tuple[Line, Line, Line]:
        return (
            ("r₀ + (w − 1)·j₀", f"{size} + ({self.size} − 1)·{jump}"),
            ("j₀", str(jump)),
            ("start₀", signed(start)),
        )


class AdaptiveReach(Reach):
    """Bins from floor(i·N/O) to ceil((i+1)·N/O); the jump is the mean distance of their centres, (N - w)/(O - 1)."""

    __slots__ = ("out", "size")

    def __init__(self, size: int, out: int) -> None:
        from fractions import Fraction

        common = gcd(size, out)
        first = -(-size // out)
        stride = Fraction(size - first, out - 1) if out > 1 else Fraction(size)
        down, up = size // common, out // common
        # bins begin i/O into a position, for each i: where N exceeds a multiple of O by 2, one reaches into one more
        super().__init__(first - 1 + (down % up > 1), stride, first - 1, down, up)
        self.size = size
        self.out = out

    def seen(self, output: int, period: int) -> Iterable[int]:
        first, end = output * self.size // self.out, -(-(output + 1) * self.size // self.out)
        if end - first <= 2 * period:
            return range(first, end)
        return (*range(first, first + period), *range(end - period, end))

    def derive(self, size: Exact, jump: Exact, start: Exact) -> tuple[Line, Line, Line]:
        first = -(-self.size // self.out)
        more = (
            ("j₀·(N − w)/(O − 1)", f"{jump}·({self.size} − {first})/({self.out} − 1)")
            if self.out > 1
            else ("j₀·N", f"{jump}·{self.size}")
        )
        return (
            ("r₀ + (w − 1)·j₀", f"{size} + ({self.extent + 1} − 1)·{jump}"),
            more,
            ("start₀ + (w − 1)/2·j₀", f"{signed(start)} + ({first} − 1)/2·{jump}"),
        )


def signed(value: Exact) -> str:
    """Return a number with the sign that formulas use."""
    return str(value).replace("-", "−")
