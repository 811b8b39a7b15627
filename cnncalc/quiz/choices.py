"""What is offered beside the right answer, so that nothing but the work tells which is right.

Slips give numbers on known sides of the right one: without a bias there are fewer parameters, never more. Of numbers
the right one's rank is therefore drawn first, each as likely, and wrong ones are put below and above it: those that
slips give, else others of like size. Of shapes the choices are all pairs of two sizes and two depths, so that no part
stands out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from itertools import product

from cnncalc.quiz.seeded_random import SeededRandom

CHOICES = 5
"""Choices of a number, the right one among them."""

_FACTORS = tuple(
    Fraction(*pair)
    for pair in ((3, 2), (5, 4), (2, 1), (7, 4), (4, 3), (5, 2), (3, 1), (9, 8), (6, 5), (10, 3))
)
_STEPS = (1, 2, 3, 4, 5, 6)

Numbers = tuple[int, ...]
Acceptable = Callable[[Numbers], bool]
"""Whether a wrong answer may be offered: it is not right in any way."""


def offered_numbers(
    right: int, slips: Iterable[int], random: SeededRandom, acceptable: Acceptable
) -> list[Numbers]:
    """Choose wrong numbers so that the right one's rank among all is uniform; none where that cannot be."""
    if right <= 0:
        return []
    below = random.below(CHOICES)
    known = random.shuffled(sorted(set(slips) - {right}))
    chosen: list[int] = []
    for is_above, count in ((False, below), (True, CHOICES - 1 - below)):
        side = [value for value in known if (value > right) == is_above and value > 0]
        pool = (value for value in (*side, *_near(right, is_above, random)) if value > 0)
        taken: list[int] = []
        for value in pool:
            if len(taken) < count and value not in taken and acceptable((value,)):
                taken.append(value)
        if len(taken) < count:
            return []
        chosen += taken
    return [(value,) for value in chosen]


def _near(right: int, is_above: bool, random: SeededRandom) -> Iterator[int]:
    """Numbers on one side of the right one, of like size."""
    for factor in random.shuffled(_FACTORS):
        yield int(right * factor if is_above else right / factor)
    for step in _STEPS:
        yield right + step if is_above else right - step


def offered_shapes(
    right: Numbers, slips: Iterable[Numbers], random: SeededRandom, acceptable: Acceptable
) -> list[Numbers]:
    """Choose another size and another depth, each on a side drawn by chance, and offer every pair of them."""
    known = random.shuffled(sorted(set(slips)))
    size = _other(
        right[0],
        [shape[0] for shape in known if shape[-1] == right[-1] and len(set(shape[:-1])) == 1],
        [right[0] + step for step in (-3, -2, -1, 1, 2, 3)],
        random,
    )
    depth = _other(
        right[-1],
        [shape[-1] for shape in known if shape[:-1] == right[:-1]],
        [2 * right[-1], right[-1] // 2, 3 * right[-1], right[-1] // 4],
        random,
    )
    sizes = ((right[0]), size)
    shapes = [
        (*(side,) * (len(right) - 1), channels)
        for side, channels in product(sizes, (right[-1], depth))
    ]
    wrong = [shape for shape in shapes if shape != right]
    is_square = len(set(right[:-1])) == 1
    return wrong if is_square and size > 0 < depth and all(map(acceptable, wrong)) else []


def _other(right: int, known: list[int], others: list[int], random: SeededRandom) -> int:
    """Another value on a side drawn by chance: one of a slip's where there is one, else one near; 0 where none is."""
    is_above = bool(random.below(2))
    side = [
        value
        for value in (*known, *random.shuffled(others))
        if value > 0 and value != right and (value > right) == is_above
    ]
    return side[0] if side else 0
