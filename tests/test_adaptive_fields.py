"""Receptive fields behind adaptive pools whose bins differ, held to what positions really see, one by one."""

from __future__ import annotations

import itertools

import pytest

import cnncalc
from cnncalc.tables.table import table

Seen = list[set[int]]
"""The input positions that each position of a map sees."""


def adaptive(seen: Seen, out: int) -> Seen:
    """Bins from floor(i N / O) to ceil((i + 1) N / O), as PyTorch's adaptive pools have them."""
    size = len(seen)
    return [
        set().union(*seen[index * size // out : -(-(index + 1) * size // out)])
        for index in range(out)
    ]


def window(seen: Seen, kernel: int, stride: int, dilation: int = 1) -> Seen:
    """A window without padding."""
    extent = dilation * (kernel - 1) + 1
    return [
        set().union(*(seen[first + dilation * tap] for tap in range(kernel)))
        for first in range(0, len(seen) - extent + 1, stride)
    ]


def widest(seen: Seen) -> int:
    """The most positions, from the first to the last, that a position sees."""
    return max(max(positions) - min(positions) + 1 for positions in seen)


def said(size: int, *layers: str) -> int:
    """What the tool says of the last layer of a chain."""
    text = f"input: {size}x1\nlayers: [{', '.join(layers)}]"
    (field,) = cnncalc.loads(text).report().rows[-1].receptive_field
    assert isinstance(field, int)
    return field


def test_the_case_that_was_found() -> None:
    # bins [0, 2) and [1, 3): together the whole input, 3 positions and no more
    assert said(3, "adaptiveavgpool: 2", "conv: {filters: 1, kernel: 2}") == 3


@pytest.mark.parametrize("size", range(1, 15))
def test_a_window_behind_an_adaptive_pool(size: int) -> None:
    plain = [{position} for position in range(size)]
    for out in range(1, size + 1):
        pooled = adaptive(plain, out)
        assert said(size, f"adaptivemaxpool: {out}") == widest(pooled)
        for kernel, stride in itertools.product(range(1, min(out, 4) + 1), (1, 2)):
            conv = f"conv: {{filters: 1, kernel: {kernel}, stride: {stride}}}"
            seen = window(pooled, kernel, stride)
            assert said(size, f"adaptiveavgpool: {out}", conv) == widest(seen), (out, conv)


@pytest.mark.parametrize("size", [9, 12, 17])
def test_two_adaptive_pools_between_windows(size: int) -> None:
    first = window([{position} for position in range(size)], 3, 1)
    for out, then in itertools.product(range(2, len(first)), (2, 3)):
        pooled = window(adaptive(first, out), 2, 1)
        if len(pooled) < then:
            continue
        layers = (
            "conv: {filters: 1, kernel: 3}",
            f"adaptiveavgpool: {out}",
            "conv: {filters: 1, kernel: 2}",
            f"adaptiveavgpool: {then}",
        )
        assert said(size, *layers) == widest(adaptive(pooled, then)), layers


def test_a_map_smaller_than_a_period_of_an_up_sampling() -> None:
    # nearest x4 of 2 positions: a window of 3 sees at most both
    text = "input: 2x1\nlayers: [{upsample: 4}, {conv: {filters: 1, kernel: 3}}]"
    assert cnncalc.loads(text).report().rows[-1].receptive_field == (2,)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "input: 9\nlayers: [{reshape: 3x3}, {conv: {filters: 1, kernel: 1}}]",
            "the input has no such axes",
        ),
        (
            "input: 8x1\nlayers: [{concat: {branches: [[{maxpool: 2}], "
            "[{slice: {channels: [0, 1]}}, {conv: {filters: 1, kernel: 5}}]]}}]",
            "paths of different jumps meet",
        ),
        (
            "input: 8x8x1\nlayers: [{opaque: {output: 8x8x1}}, {conv: {filters: 1, kernel: 3}}]",
            "a layer on the way is not looked into",
        ),
        (
            "input: 8x8x1\nlayers: [relu, {unknown: {output: 8x8x1, from: [relu1, input]}}]",
            "a layer on the way is not looked into",
        ),
        (
            "input: 8x8x1\nlayers: [{concat: [[{opaque: {output: 8x8x1}}], []]}, relu]",
            "a layer on the way is not looked into",
        ),
        (
            "input: 8x8x1\nlayers: [{concat: [[], [{opaque: {output: 8x8x1}}]]}, relu]",
            "a layer on the way is not looked into",
        ),
        (
            "input: 999x1\nlayers: [{repeat: {times: 3, layers: "
            "[upsample: 97, maxpool: {kernel: 1, stride: 101}]}}]",
            "what is seen repeats too slowly to be followed",
        ),
        (  # three branches of the jump 1, which repeat after 29, 31 and 37 positions: together after 33,263
            "input: 9120x1\nlayers: [{concat: {branches: ["
            "[upsample: 29, maxpool: {kernel: 1, stride: 30}, upsample: 30, maxpool: {kernel: 1, stride: 29}], "
            "[upsample: 31, maxpool: {kernel: 1, stride: 32}, upsample: 32, maxpool: {kernel: 1, stride: 31}], "
            "[upsample: 37, maxpool: {kernel: 1, stride: 38}, upsample: 38, maxpool: {kernel: 1, stride: 37}]]}}]",
            "what is seen repeats too slowly to be followed",
        ),
    ],
)
def test_an_unknown_field_says_why(text: str, reason: str) -> None:
    report = cnncalc.loads(text).report()
    assert report.rows[-1].centred == ("no such axes" in reason), "nor is there a centre"
    notes = table(report, "receptive").notes
    assert [note for note in notes if note.startswith("?")] == [f"?: unknown, since {reason}"]
