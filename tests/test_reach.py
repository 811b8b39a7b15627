"""Which positions an output sees along an axis: each rule beside a map whose positions are followed one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import product
from math import floor
from typing import NamedTuple

import pytest
from arithmetic import evaluate

from cnncalc.ops.reach import (
    AdaptiveReach,
    BlockReach,
    Reach,
    ResizeReach,
    TransposedReach,
    WindowReach,
)
from cnncalc.ops.shapes import Window


class Case(NamedTuple):
    """A rule, and by its definition what an output sees, the distance of two outputs and where output 0 stands."""

    name: str
    reach: Reach
    seen: Callable[[int], set[int]]
    stride: Fraction
    centre: Fraction | None


def windows() -> Iterator[Case]:
    for kernel, stride, before, dilation in product(
        (1, 2, 3, 5), (1, 2, 3), (-2, 0, 1, 3), (1, 2, 3)
    ):
        window = Window(kernel, stride, before, 7, dilation)

        def slid(output: int, window: Window = window) -> set[int]:
            """Its taps, `dilation` apart, from the place to which it slid."""
            return {
                output * window.stride + tap * window.dilation - window.before
                for tap in range(window.kernel)
            }

        middle = Fraction(dilation * (kernel - 1), 2) - before
        yield Case(f"window {window}", WindowReach(window), slid, Fraction(stride), middle)

        def spread(output: int, window: Window = window) -> set[int]:
            """The inputs that one of the taps brings there, where each input i is spread from i·S − p on."""
            inputs = range(output - 40, output + 40)
            taps = range(window.kernel)
            return {
                i for i in inputs for tap in taps
                if i * window.stride + tap * window.dilation - window.before == output
            }  # fmt: skip

        yield Case(
            f"transposed {window}",
            TransposedReach(window),
            spread,
            Fraction(1, stride),
            -middle / stride,
        )


def resized() -> Iterator[Case]:
    for size, out, corners in product((1, 3, 4, 6, 9), (1, 2, 3, 5, 8, 9), (False, True)):
        for taps in (1, 2, 4) if not corners else (2, 4):

            def place(
                output: int, size: int = size, out: int = out, corners: bool = corners
            ) -> Fraction:
                """Where an output stands among the inputs: PyTorch's half-pixel centres, or its align_corners."""
                if corners:
                    return Fraction(output * (size - 1), out - 1) if out > 1 else Fraction(0)
                return Fraction(2 * output + 1, 2) * size / out - Fraction(1, 2)

            def near(
                output: int,
                taps: int = taps,
                size: int = size,
                out: int = out,
                place: Callable[[int], Fraction] = place,
            ) -> set[int]:
                """The nearest, or as many neighbours as there are taps; on a position that one alone."""
                if taps == 1:
                    return {floor(Fraction(output * size, out))}
                at = place(output)
                if at == floor(at):
                    return {floor(at)}
                return {floor(at) + step for step in range(1 - taps // 2, taps // 2 + 1)}

            stride = place(1) - place(0)
            reach = ResizeReach(size, out, taps, corners=corners)
            yield Case(f"resized {size, out, taps, corners}", reach, near, stride, place(0))


def others() -> Iterator[Case]:
    for size, offset in product((1, 2, 4), (-1, 0, 1, 3)):

        def block(output: int, size: int = size, offset: int = offset) -> set[int]:
            """All positions of the block that it is in; a block begins wherever offset and position add up to one."""
            first = next(p for p in range(output, output - size, -1) if (p + offset) % size == 0)
            return set(range(first, first + size))

        yield Case(f"blocks {size, offset}", BlockReach(size, offset), block, Fraction(1), None)
    for size, out in product(range(1, 10), range(1, 10)):

        def bin_(output: int, size: int = size, out: int = out) -> set[int]:
            """The positions that share some of the output's part of the map."""
            start, end = Fraction(output * size, out), Fraction((output + 1) * size, out)
            return {p for p in range(-1, 30 * size) if p + 1 > start and p < end}

        last, first = bin_(out - 1), bin_(0)
        stride = Fraction(min(last), max(out - 1, 1)) if out > 1 else Fraction(size)
        middle = Fraction(min(first) + max(first), 2)
        yield Case(f"bins {size, out}", AdaptiveReach(size, out), bin_, stride, middle)


def ends(positions: list[int]) -> list[int]:
    """The first and the last, if there are any."""
    return sorted(positions)[:: max(len(positions) - 1, 1)]


CASES = [*windows(), *resized(), *others()]


@pytest.mark.parametrize("kind", ["window", "transposed", "resized", "blocks", "bins"])
def test_a_rule_sees_what_is_seen(kind: str) -> None:
    for name, reach, seen, stride, centre in CASES:
        if name.partition(" ")[0] != kind:
            continue
        positions = [seen(output) for output in range(2 * reach.up + 3)]
        assert reach.stride == stride, name
        assert centre is None or reach.shift == 2 * centre, name
        spans = [max(each) - min(each) for each in positions if each]
        assert reach.extent == max(spans, default=0), name
        assert [set(reach.seen(output, 100)) for output in range(len(positions))] == positions, name
        for output in range(3):
            assert positions[output + reach.up] == {p + reach.down for p in positions[output]}, name
        if positions[0]:
            assert reach.ends() == (min(positions[0]), max(positions[0])), name


@pytest.mark.parametrize("kind", ["window", "transposed", "resized", "blocks", "bins"])
def test_of_positions_that_are_alike_the_first_and_the_last_are_enough(kind: str) -> None:
    """Modulo a period the few that are listed are of the same kinds, and reach as far, as all that are seen."""
    for (name, reach, seen, _, _), period in product(CASES, (1, 2, 3)):
        if name.partition(" ")[0] == kind:
            few, every = set(reach.seen(1, period)), seen(1)
            assert few <= every, name
            for kept in range(period):
                alike = [p for p in every if p % period == kept]
                listed = [p for p in few if p % period == kept]
                assert ends(alike) == ends(listed), (name, period)


def test_the_widest_of_many_bins() -> None:
    """Only one in the middle begins so late in a position that it reaches into a seventh."""
    size, out = 5 * 9001 + 2, 9001
    widths = [-(-(i + 1) * size // out) - i * size // out for i in range(out)]
    assert AdaptiveReach(size, out).extent == max(widths) - 1 == 6
    assert widths.count(7) == 1


def test_a_map_that_is_enlarged_by_a_whole_factor_is_derived_by_it() -> None:
    """By s, as in `upsample: 2`; any other size by the sizes of both maps, such as 3/2 for 6 of 4."""
    for size, out in product(range(1, 7), range(1, 13)):
        _, (jump, numbers), _ = ResizeReach(size, out, 2).derive(7, 3, 0)
        whole = out % size == 0
        assert jump == ("j₀/s" if whole else "j₀·N/O")
        assert numbers == (f"3/{out // size}" if whole else f"3·{size}/{out}")


@pytest.mark.parametrize("kind", ["window", "transposed", "resized", "blocks", "bins"])
def test_a_derivation_comes_to_what_the_rule_makes_of_the_field_before(kind: str) -> None:
    """Of a field of 7 positions, 3 apart, of which the first has its centre at −5/2."""
    size, jump, begin = 7, 3, Fraction(-5, 2)
    for name, reach, _, stride, centre in CASES:
        if name.partition(" ")[0] == kind:
            found = [evaluate(numbers) for _, numbers in reach.derive(size, jump, begin)]
            wanted = [size + reach.extent * jump, jump * stride]
            if centre is not None:  # a block's lies elsewhere at each position
                wanted.append(begin + centre * jump)
            assert found[: len(wanted)] == wanted, (name, found)


def test_rules_that_are_equal_are_derived_alike() -> None:
    """A window of one position sees what a transposed one does, and is another rule: its jump is j₀·S, not j₀/S."""
    known: dict[Reach, Reach] = {}
    for case in CASES:
        other = known.setdefault(case.reach, case.reach)
        assert other.derive(7, 3, 0) == case.reach.derive(7, 3, 0), case.name
    assert WindowReach(Window(3, 1, 0, 0)) == WindowReach(Window(3, 1, 0, 0))
    assert WindowReach(Window(3, 1, 0, 0)) != WindowReach(Window(3, 2, 0, 0))
