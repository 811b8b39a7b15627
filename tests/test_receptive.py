"""Receptive fields held to an executed loop: which positions of the input each position of a line sees.

The loop knows no periods, no hulls and no shortcuts: it follows one position back through the layers, tap by tap, on
lines without ends. Starts and jumps follow the formulas of Araujo et al. (2019), layer by layer.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import NamedTuple

import pytest

import cnncalc
from cnncalc.tables.documents import report_document

Taps = Callable[[int], Iterable[int]]
"""The positions of the line before that a position sees."""


class Layer(NamedTuple):
    """A layer of a line: as a spec writes it, what it sees, and how the jump and the start come about."""

    text: str
    taps: Taps
    stride: Fraction
    shift: Fraction
    """How far the first output's centre lies from the first input's, in jumps before."""


def window(kernel: int, stride: int = 1, pad: int = 0, dilation: int = 1) -> Layer:
    text = f"conv: {{filters: 1, kernel: {kernel}, stride: {stride}, pad: {pad}, dilation: {dilation}}}"
    return Layer(
        text,
        lambda o: [o * stride - pad + dilation * tap for tap in range(kernel)],
        Fraction(stride),
        Fraction(dilation * (kernel - 1), 2) - pad,
    )


def transposed(kernel: int, stride: int, pad: int = 0) -> Layer:
    text = f"conv_transpose: {{filters: 1, kernel: {kernel}, stride: {stride}, pad: {pad}}}"
    return Layer(
        text,
        lambda o: [(o + pad - tap) // stride for tap in range(kernel) if (o + pad - tap) % stride == 0],
        Fraction(1, stride),
        (pad - Fraction(kernel - 1, 2)) / stride,
    )  # fmt: skip


def nearest(times: int) -> Layer:
    shift = Fraction(1, 2 * times) - Fraction(1, 2)
    return Layer(f"upsample: {times}", lambda o: [o // times], Fraction(1, times), shift)


def crop(size: int) -> Layer:
    return Layer(f"crop: {size}", lambda o: [o + size], Fraction(1), Fraction(size))


def pad(size: int) -> Layer:
    return Layer(f"pad: {size}", lambda o: [o - size], Fraction(1), Fraction(-size))


class Line(NamedTuple):
    """What is known of the positions of a line."""

    sees: Callable[[int], set[int]]
    start: Fraction = Fraction(1, 2)
    jump: Fraction = Fraction(1)

    def behind(self, layers: Sequence[Layer]) -> Line:
        """The line behind some layers."""
        line = self
        for layer in layers:
            line = line._behind(layer)
        return line

    def _behind(self, layer: Layer) -> Line:
        def sees(position: int) -> set[int]:
            return set().union(*map(self.sees, layer.taps(position)))

        return Line(sees, self.start + layer.shift * self.jump, self.jump * layer.stride)

    def size(self, positions: int) -> int:
        """The most positions, from the first to the last, that one of so many sees."""
        return max(extent(self.sees(position)) for position in range(positions))

    def all(self, positions: int) -> set[int]:
        """All that so many positions see."""
        return set().union(*map(self.sees, range(positions)))


def extent(seen: set[int]) -> int:
    """How many positions lie from the first to the last."""
    return max(seen) - min(seen) + 1 if seen else 0


INPUT = Line(lambda position: {position})
KINDS = (
    *(window(kernel, stride, pad) for kernel in (1, 2, 3) for stride in (1, 2, 3) for pad in (0, 1) if pad < kernel),
    window(3, 1, 2, 2),
    window(2, 2, 0, 3),
    *(transposed(kernel, stride, pad) for kernel in (1, 2, 3, 4) for stride in (2, 3) for pad in (0, 1)),
    nearest(2),
    nearest(3),
    crop(1),
    pad(2),
)  # fmt: skip


def shown(layers: Sequence[Layer]) -> str:
    return ", ".join(f"{{{layer.text}}}" for layer in layers)


def rows(size: int, layers: str) -> tuple[cnncalc.Row, ...]:
    """The layers of a line; none where they do not go together."""
    try:
        return cnncalc.loads(f"input: {size}x1\nlayers: [{layers}]").report().rows
    except cnncalc.SpecError:
        return ()


def test_chains_of_windows_and_up_samplings_see_what_a_loop_sees() -> None:
    draw = random.Random(1)
    held = 0
    for _ in range(60):
        layers = draw.choices(KINDS, k=draw.randint(1, 5))
        made = rows(draw.randint(3, 30), f"{shown(layers)}, {{fc: 1}}, {{broadcast: 2}}")
        if not made:
            continue
        *_, row, _, whole = made
        line = INPUT.behind(layers)
        held += 1
        assert row.receptive_field == (line.size(row.output[0]),), shown(layers)
        assert (row.jump, row.start, row.centred) == ((line.jump,), (line.start,), True), shown(
            layers
        )
        seen = line.all(row.output[0])
        assert whole.receptive_field == (extent(seen),), shown(layers)
        assert whole.jump == (0,)
        assert not seen or whole.start == (Fraction(min(seen) + max(seen) + 1, 2),), shown(layers)
    assert held > 30


def test_inputs_of_the_first_ones_positions_are_seen_and_no_others() -> None:
    """A mask lies under its image; what lies under no position of it, or is learned, is nothing that is seen."""
    net = cnncalc.loads(
        "input: {image: 8x1, mask: 8x2, other: 4x1}\nlayers:\n"
        "  - conv: {name: a, filters: 1, kernel: 3, from: mask}\n"
        "  - conv: {name: b, filters: 1, kernel: 3, from: other}\n"
        "  - parameter: {name: p, shape: 8x1}\n"
        "  - conv: {name: c, filters: 1, kernel: 3, from: p}\n"
        "  - add: {name: d, from: [image, p]}\n"
    )
    made = net.report()
    seen = {row.name: row.receptive_field for row in made.rows}
    assert [seen[name] for name in ("image", "mask", "a")] == [(1,), (1,), (3,)]
    assert [seen[name] for name in ("other", "b", "p", "c")] == [(0,)] * 4
    document = {
        layer["name"]: layer["receptive_field"] for layer in report_document(made)["layers"]
    }
    assert document["p"] == [0]
    # what sees nothing has no centre that others could differ from
    assert (seen["d"], made.row("d").start, made.row("d").centred) == (
        (1,),
        (Fraction(1, 2),),
        True,
    )


@pytest.mark.parametrize("behind", [[], [window(3)], [nearest(2)], [transposed(2, 2)]])
def test_positions_that_see_nothing(behind: list[Layer]) -> None:
    """Behind a transposed kernel of 1 and a stride of 2 every other position is 0, and the rest is cut away."""
    layers = [transposed(1, 2), crop(1), window(1, 2), *behind]
    row = rows(9, shown(layers))[-1]
    assert row.receptive_field == (0,) == (INPUT.behind(layers).size(row.output[0]),)


@pytest.mark.parametrize(
    ("times", "behind", "jump"),
    [
        # 2^199 is less than 10^60, and 2^200 more; a window of 1 over a line of 1 position gives 1 position
        (199, "", 2**199),
        (200, "", None),
        # 2^183 is 1.2 · 10^55: a padding of 10^4 puts the centre 1.2 · 10^59 outside, one of 10^5 more than 10^60
        (183, ", pad: 10000", 2**183),
        (183, ", pad: 100000", None),
    ],
)
def test_jumps_and_centres_have_at_most_60_digits(
    times: int, behind: str, jump: int | None
) -> None:
    step = "conv: {filters: 1, kernel: 1, stride: 2}"
    made = rows(1, f"repeat: {{times: {times}, layers: [{step}]}}{behind}")
    assert made[-1].jump == (jump,)


@pytest.mark.parametrize(
    ("layers", "size"),
    [
        # 9 to 4: jumps of (9 - 3)/3 = 2 and of 2, but 9 positions in 4 are not 8
        ("[adaptiveavgpool: 4], [conv: {filters: 1, kernel: 3, stride: 2}]", None),
        # both go 9 positions in 4, but bins of 5/2 are (9 - 5/2)/3 apart and bins of 3 are (9 - 3)/3
        ("[adaptiveavgpool: 4], [upsample: 2, adaptiveavgpool: 4]", None),
        # the same bins twice: 3 positions each
        ("[adaptiveavgpool: 4], [adaptivemaxpool: 4]", 3),
    ],
)
def test_bins_meet_where_they_move_together(layers: str, size: int | None) -> None:
    row = rows(9, f"concat: [{layers}]")[-1]
    assert row.receptive_field == (size,)


@pytest.mark.parametrize(("other", "size"), [(64, 2), (65, None)])
def test_patterns_that_meet_repeat_after_their_common_multiple(
    other: int, size: int | None
) -> None:
    """Made 61 times as long, 64 times shorter, 64 times longer, 61 times shorter, a line repeats after 64 positions;
    with one by 65 after 64 · 65 = 4,160, which is more than is followed."""
    branches = ", ".join(
        f"[upsample: 61, maxpool: {{kernel: {kernel}, stride: {by}}}, "
        f"upsample: {by}, maxpool: {{kernel: 1, stride: 61}}]"
        for kernel, by in ((1, 64), (2, other))
    )
    row = rows(64 * 65, f"concat: [{branches}]")[-1]
    assert row.receptive_field == (size,)


def test_a_part_of_a_pattern_sees_no_more_than_the_whole_input() -> None:
    """4 bins of 9 positions repeat after 4: of the 3 windows of 2 over them there is no fourth."""
    for pool in ("globalavgpool", "fc: 1, broadcast: 1"):
        made = rows(9, f"adaptiveavgpool: 4, conv: {{filters: 1, kernel: 2}}, {pool}")
        assert [row.receptive_field for row in (*made[:3], made[-1])] == [(1,), (3,), (5,), (9,)]


KEEPING = [
    [],
    [window(1)],
    [window(3, 1, 1)],
    [window(5, 1, 2)],
    [window(3, 1, 2, 2)],
    [crop(1), pad(1)],
    [window(2, 2), nearest(2)],
    [window(4, 2, 1), transposed(4, 2, 1)],
    [nearest(2), window(2, 2)],
    [transposed(4, 2, 1), window(3, 1, 1), window(2, 2)],
    [nearest(3), window(3, 3)],
    [transposed(3, 3), window(3, 3)],
]
"""Layers behind which a line of an even length is as long as before."""


@pytest.mark.parametrize("before", [[], [window(3, 2, 1)], [nearest(2), window(3, 1, 1)]])
def test_branches_that_meet_see_what_any_of_them_sees(before: list[Layer]) -> None:
    """Their centre is the common one; where they have none, the middle of all that is seen."""
    draw = random.Random(2)
    for _ in range(20):
        branches = draw.sample(KEEPING, 2)
        behind = draw.choice([[], [window(3, 2)], [nearest(2)]])
        inside = ", ".join(f"[{shown(branch)}]" for branch in branches)
        parts = [*filter(None, (shown(before), f"{{concat: [{inside}]}}", shown(behind)))]
        row = rows(24, ", ".join(parts))[-1]
        lines = [INPUT.behind([*before, *branch]) for branch in branches]

        def sees(position: int, lines: list[Line] = lines) -> set[int]:
            return set().union(*(line.sees(position) for line in lines))

        line = Line(sees, lines[0].start, lines[0].jump).behind(behind)
        assert row.receptive_field == (line.size(row.output[0]),), parts
        assert row.jump == (line.jump,), parts
        assert row.centred == (lines[0].start == lines[1].start), parts
        if row.centred:
            assert row.start == (line.start,), parts
