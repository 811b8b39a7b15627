"""One question worked out: the right answer, and every number that a slip gives instead.

A keyed question is worked out once for a network and asked about every student's answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import combinations
from math import log
from typing import NamedTuple, Protocol, TypeAlias

from cnncalc.counts.printed import Printing
from cnncalc.homework.slips import SLIPS, Slip, slips_of
from cnncalc.homework.slips.base import Change
from cnncalc.homework.variant import Value, Variant, evaluate
from cnncalc.spec.quantities import ASKED, BY_NAME
from cnncalc.text.exact import Exact

Variants: TypeAlias = tuple[tuple[Variant, int], ...]
"""The layers that make up an answer, each with how often it is there."""

MAX_LAYERS_IN_SLIPS = 2_000
"""A sum over more different layers than this is not searched for slips that change each of them."""

MAX_LAYERS_IN_PAIRS = 60
"""A sum over more different layers than this is searched for single slips alone."""

MAX_CHANCE = {
    "own": 0.25,
    "unusual": 0.1,
    "consequences": 0.05,
    "pairs": 0.1,
    "rare pairs": 0.01,
    "anything": 0.05,
}
"""Candidates are searched only where a random number meets one of them less often than this."""

MAX_PRODUCT = {"rare": 0.04, "unusual": 0.03, "pairs": 0.02, "rare pairs": 0.002, "anything": 0.02}
"""A story of its kind is not told of a number that a random product is more often than this."""

MIN_DOUBLED = 1000
"""Below this the right number doubled or halved is told of like any other: so many numbers are near."""

OTHER_INPUT, NEAR = "other-input-size", 3
"""That another input was taken is not told of a map so near the right one where no other slip gives it as well: most
wrong sizes are as near."""

FACTORS = (2, 3, 4, 5)
"""People who guess multiply so many of the layer's own numbers, each as often as the others."""

_CLASSES = (10, 1000)
"""How many classes data sets have: one is written for the other."""

DECADES = 2
"""Random wrong numbers are thought of as from a tenth to ten times the right one, all sizes alike."""


class SlipCombo(NamedTuple):
    """The slips that together give a number, in the contract's order, and the number."""

    slips: tuple[str, ...]
    value: Value

    @property
    def name(self) -> str:
        """The slips joined by `+`."""
        return "+".join(self.slips)

    @property
    def is_rare(self) -> bool:
        """Whether any of the slips is rare."""
        return any(SLIPS[slip].rare for slip in self.slips)


class Candidates:
    """The combos of one rank; `chance` is how likely a random wrong number is to meet one of them."""

    def __init__(self, combos: Iterable[SlipCombo], right: Value, limit: float) -> None:
        self.combos = tuple(combos)
        self.limit = limit
        self.by_value: dict[Value, list[str]] = {}
        for combo in self.combos:
            names = self.by_value.setdefault(combo.value, [])
            if combo.name not in names:
                names.append(combo.name)
        self.chance = sum(_chance(value, right) for value in self.by_value)


def _is_near(value: Value, right: Value) -> bool:
    """Whether the sizes of a map are as near the right ones as most wrong ones are, whatever was done wrong."""
    if not isinstance(value, tuple) or not isinstance(right, tuple) or len(value) != len(right):
        return False
    return all(abs(size - known) <= NEAR for size, known in zip(value, right, strict=True))


def _is_power_of_two(value: Value, right: Value) -> bool:
    """Whether a number is the right one doubled or halved, once or more often."""
    if isinstance(value, tuple) or isinstance(right, tuple) or not value or not right:
        return False
    quotient, rest = divmod(max(value, right), min(value, right))
    return not rest and not int(quotient) & (int(quotient) - 1)


def _chance(value: Value, right: Value) -> float:
    """How likely a random number, or shape of random sizes and depth, is to be this one."""
    if isinstance(value, tuple) and isinstance(right, tuple):
        if len(value) != len(right):
            return 0.0
        chance = _chance(value[0], right[0])
        return (
            chance * _chance(value[-1], right[-1])
            if len(value) > 1 and value[0] != value[-1]
            else chance
        )
    if isinstance(value, tuple) or isinstance(right, tuple):
        return 0.0
    size, usual = abs(float(value)), abs(float(right))
    if not 0 < usual / 10 <= size <= usual * 10:
        return 0.0
    return 1 / (size * DECADES * log(10))


def _likely_products(factors: Counter[int]) -> dict[int, float]:
    """How often the product of a random number of random factors is which number, where that counts."""
    chances: dict[int, float] = {}
    shares = [(factor, times / factors.total()) for factor, times in factors.items()]
    last = {1: 1.0}
    for length in range(1, FACTORS[-1] + 1):
        grown: dict[int, float] = {}
        for product, chance in last.items():
            for factor, share in shares:
                value = product * factor
                grown[value] = grown.get(value, 0.0) + chance * share
        last = grown
        if length in FACTORS:
            for value, chance in last.items():
                chances[value] = chances.get(value, 0.0) + chance / len(FACTORS)
    least = min(MAX_PRODUCT.values())
    return {value: chance for value, chance in chances.items() if chance > least}


class KeyOf(Protocol):
    """What a question asks of the answer key of its network."""

    def has(self, layer: str) -> bool:
        """Tell whether there is such a layer."""

    def right(self, layer: str, quantity: str) -> Value | None:
        """Give the right answer."""

    def variants(self, layer: str, quantity: str) -> Variants:
        """Give the layers that make up an answer."""

    def alternatives(self, layer: str, quantity: str) -> dict[str, Value]:
        """Give what each convention counts."""

    def neighbours(self, layer: str, quantity: str) -> list[str]:
        """Give the rows before and after."""

    def rows(self, layer: str, quantity: str) -> Iterator[tuple[str, int]]:
        """Give the rows that an answer is the sum of, with their kinds."""

    def siblings(self, layer: str, quantity: str) -> tuple[Printing, ...]:
        """Give the same quantity of the same layer of other networks of the family."""

    def twin_question(self, layer: str, quantity: str) -> KeyedQuestion | None:
        """Give the same question about the network of the other usual input size."""


class KeyedQuestion:
    """A quantity of a layer, a block instance or the whole network (`total`)."""

    def __init__(self, key: KeyOf, layer: str, quantity: str) -> None:
        self.key = key
        self.layer = layer
        self.quantity = quantity
        self.right: Value | None = key.right(layer, quantity)

    @cached_property
    def variants(self) -> Variants:
        """The layers that make up the answer."""
        return self.key.variants(self.layer, self.quantity)

    @cached_property
    def twin(self) -> KeyedQuestion | None:
        """The same question about the network with the other usual input size."""
        return self.key.twin_question(self.layer, self.quantity)

    @cached_property
    def siblings(self) -> tuple[Printing, ...]:
        """The same quantity of the same layer of other networks of the family."""
        return self.key.siblings(self.layer, self.quantity)

    @property
    def rows(self) -> Iterator[tuple[str, int]]:
        """The rows that the answer is the sum of, each its kind and its share."""
        yield from self.key.rows(self.layer, self.quantity)

    @property
    def twin_right(self) -> Value | None:
        """The answer for the network with the other usual input size."""
        return None if self.twin is None else self.twin.right

    @property
    def neighbours(self) -> Iterator[Value]:
        """The same quantity of the rows before and after."""
        for name in self.key.neighbours(self.layer, self.quantity):
            value = self.key.right(name, self.quantity)
            if value:
                yield value

    @property
    def flavour(self) -> str:
        """What the layer is like, where hints have other words for it: `units`, `transposed`, or a `trained` pool."""
        if len(self.variants) != 1:
            return ""
        variant = self.variants[0][0]
        if variant.op.sees_all:
            return "units"
        if getattr(variant.op, "trainable", False):
            return "trained"
        goes_back = not variant.op.sliding.per_channel and bool(variant.inputs)
        conv = variant.op.sliding.as_conv(variant.inputs[0]) if goes_back else None
        return "" if conv is None else "transposed"

    @property
    def columns(self) -> Iterator[Value]:
        """The other quantities of the row, as far as they are of the same kind."""
        for quantity in ASKED:
            if quantity != self.quantity:
                value = self.key.right(self.layer, quantity)
                if value and isinstance(value, tuple) == isinstance(self.right, tuple):
                    yield value

    # -- what slips give ---------------------------------------------------------------------------------------------

    @cached_property
    def counted_as(self) -> str:
        """The quantity; operations of a convention that counts one for a multiply-accumulate are MACs."""
        is_macs = self.quantity == "flops" and self.right == self.key.right(self.layer, "macs")
        return "macs" if is_macs else self.quantity

    @property
    def own_slips(self) -> tuple[Slip, ...]:
        """The usual slips of the quantity's own group, likeliest first."""
        group = slips_of(BY_NAME[self.quantity].slips, self.counted_as)
        return tuple(slip for slip in group if not slip.unusual)

    def singles(
        self, slips: Iterable[Slip], variants: Variants | None = None, right: Value | None = None
    ) -> Iterator[SlipCombo]:
        """Yield what each slip gives that is not right; of other variants and another right answer where given."""
        right = self.right if right is None else right
        for slip in slips:
            for value in dict.fromkeys(self.values((slip,), variants)):
                if value != right:
                    yield SlipCombo((slip.name,), value)

    def values(self, slips: Sequence[Slip], variants: Variants | None = None) -> Iterator[Value]:
        """Yield the numbers that some slips together give."""
        if slips[0].numbers is not None:
            yield from slips[0].numbers(self)
            return
        variants = self.variants if variants is None else variants
        if len(variants) > MAX_LAYERS_IN_SLIPS:
            return
        for changed in _changed(variants, slips):
            value = evaluate(self.quantity, changed)
            if value is not None:
                yield value

    @cached_property
    def own(self) -> Candidates:
        """What the slips of the quantity's own group give, each alone."""
        told = self._of_input(self.singles(self.own_slips))
        return Candidates(told, self._right, MAX_CHANCE["own"])

    @cached_property
    def unusual(self) -> Candidates:
        """What a slip of the own group gives that is looked for only where no usual one gives the number."""
        group = slips_of(BY_NAME[self.quantity].slips, self.counted_as)
        slips = [slip for slip in group if slip.unusual]
        combos = self._told(self.singles(slips), "unusual")
        return Candidates(combos, self._right, MAX_CHANCE["unusual"])

    @cached_property
    def sums(self) -> Candidates:
        """What a sum with a row left out, or a row twice, gives."""
        slips = [slip for slip in slips_of("any") if slip.unusual]
        combos = self._told(self.singles(slips), "unusual")
        return Candidates(combos, self._right, MAX_CHANCE["unusual"])

    # What people write that is no slip is made of the layer's own numbers, too: a story that explains such a number, or
    # the right one doubled, is told only where it is likely in itself.

    @cached_property
    def products(self) -> Mapping[int, float]:
        """How often a random product of the layer's own numbers, and of 2 and 4, is which number; the likely ones."""
        if len(self.variants) != 1:
            return {}
        variant = self.variants[0][0]
        shapes = (*variant.inputs, variant.node.output)
        own = [2, 4, *(size for shape in shapes for size in shape)]
        own += [size for window in variant.slid for size in (window.kernel, window.stride)]
        return _likely_products(Counter(own))

    def is_own_decade(self, given: Exact) -> bool:
        """Whether a power of ten that is missing, or too much, is that between usual numbers of classes.

        10 classes stand for 1000, or a side of 10 is left out, as easily as a zero is.
        """
        if not isinstance(self.right, int) or len(self.variants) != 1:
            return False
        variant = self.variants[0][0]
        sizes = {size for shape in (*variant.inputs, variant.node.output) for size in shape}
        return any(
            size * given == self.right or (other != size and size * given == self.right * other)
            for size in sizes & {*_CLASSES}
            for other in _CLASSES
        )

    def is_likely_product(self, value: Value, kind: str) -> bool:
        """Whether random products of the layer's own numbers give a count too often for a story of a kind."""
        return isinstance(value, int) and self.products.get(value, 0.0) > MAX_PRODUCT[kind]

    def _told(self, combos: Iterable[SlipCombo], kind: str) -> Iterator[SlipCombo]:
        """Leave out the combos that give a likely product, or (of bytes all do) the right number doubled or halved.

        Where nothing is right, a slip of the quantity's own counts what is not there, whatever the product.
        """
        counts_nothing = self.right == 0 and kind != "anything"
        for combo in combos:
            is_chance = self.is_likely_product(combo.value, kind) or self._is_doubled(combo.value)
            if counts_nothing or not is_chance:
                yield combo

    def _of_input(self, combos: Iterable[SlipCombo]) -> Iterator[SlipCombo]:
        """Leave another input out where it alone gives a size that is near: most wrong sizes are.

        A layer that reads the input itself is left alone.
        """
        listed = list(combos)
        known = {combo.value for combo in listed if OTHER_INPUT not in combo.slips}
        for combo in listed:
            is_plain = OTHER_INPUT not in combo.slips or combo.value in known
            if is_plain or self._reads_input or not _is_near(combo.value, self._right):
                yield combo

    @property
    def _reads_input(self) -> bool:
        """Whether the answer is about a layer that reads the network's input."""
        return all(variant.node.inputs == (0,) for variant, _ in self.variants)

    def _is_doubled(self, value: Value) -> bool:
        """Whether a count is the right one times or by a power of two, and large enough for that to say something."""
        is_large = not isinstance(value, tuple) and value >= MIN_DOUBLED
        return self.quantity != "memory" and is_large and _is_power_of_two(value, self._right)

    @cached_property
    def consequences(self) -> Candidates:
        """What a slip with something before gives: a wrong size in a count, another input."""
        slips = [
            slip
            for group in BY_NAME[self.quantity].follows
            for slip in slips_of(group, self.counted_as)
        ]
        wanted = [slip for slip in slips if slip not in self.own_slips and not slip.unusual]
        told = self._of_input(self.singles([*wanted, SLIPS[OTHER_INPUT]]))
        return Candidates(told, self._right, MAX_CHANCE["consequences"])

    @cached_property
    def pairs(self) -> Candidates:
        """What two common slips of the own group give together, and neither of them alone."""
        pairs = self._of_input(pair for pair in self._all_pairs if not pair.is_rare)
        return Candidates(self._told(pairs, "pairs"), self._right, MAX_CHANCE["pairs"])

    @cached_property
    def rare_pairs(self) -> Candidates:
        """The same of two slips of which one is rare."""
        pairs = (pair for pair in self._all_pairs if pair.is_rare)
        combos = self._told(pairs, "rare pairs")
        return Candidates(combos, self._right, MAX_CHANCE["rare pairs"])

    @cached_property
    def _all_pairs(self) -> tuple[SlipCombo, ...]:
        return tuple(self._pairs())

    @cached_property
    def anything(self) -> Candidates:
        """What the slips of any quantity give: a neighbouring row, another column."""
        slips = [
            slip
            for slip in slips_of("any")
            if slip.numbers is not None and not slip.unusual and slip.name != "other-input-size"
        ]
        combos = self._told(self.singles(slips), "anything")
        return Candidates(combos, self._right, MAX_CHANCE["anything"])

    @property
    def _right(self) -> Value:
        assert self.right is not None  # an answer to nothing is not looked into
        return self.right

    def _pairs(self) -> Iterator[SlipCombo]:
        if len(self.variants) > MAX_LAYERS_IN_PAIRS:
            return
        slips = [slip for slip in self.own_slips if slip.change is not None]
        alone = {slip.name: {combo.value for combo in self.singles([slip])} for slip in slips}
        for first, second in combinations(slips, 2):
            if first.part == second.part:
                continue
            for value in dict.fromkeys(self.values((first, second))):
                if value != self.right and value not in alone[first.name] | alone[second.name]:
                    yield SlipCombo((first.name, second.name), value)
        yield from self._at_other_size(
            slips, {value for values in alone.values() for value in values}
        )

    def _at_other_size(self, slips: list[Slip], same: set[Value]) -> Iterator[SlipCombo]:
        """Pair each slip with the input of another size, where no slip alone gives the `same` value.

        Of a count alone: of sizes, which are small, so many are near that most are something's.
        """
        if self.twin is None or isinstance(self.right, tuple):
            return
        for name, value in self.twin.singles(slips):
            if value not in (self.right, self.twin.right) and value not in same:
                yield SlipCombo((*name, "other-input-size"), value)


def _changed(variants: Variants, slips: Sequence[Slip]) -> Iterator[Variants]:
    """Yield the variants with slips made in all of them; a single one in every way that the slips have."""
    ordered = sorted(slips, key=lambda slip: not slip.swaps_op)
    if len(variants) == 1:
        variant, times = variants[0]
        for changed in _ways(variant, ordered):
            yield ((changed, times),)
        return
    altered = tuple([(_first_way(variant, ordered), times) for variant, times in variants])
    if any(new is not old for (new, _), (old, _) in zip(altered, variants, strict=True)):
        yield altered


def _made(change: Change, variant: Variant) -> list[Variant]:
    """Make a slip in a layer; nowhere where the layer's integers do not go together for it."""
    try:
        return list(change(variant))
    except ValueError:
        return []


def _ways(variant: Variant, slips: Sequence[Slip]) -> Iterator[Variant]:
    """Every way to make all the slips in turn."""
    if not slips:
        yield variant
        return
    change = slips[0].change
    assert change is not None
    for changed in _made(change, variant):
        yield from _ways(changed, slips[1:])


def _first_way(variant: Variant, slips: Sequence[Slip]) -> Variant:
    """Make all the slips in turn, each in its first way; one that finds nothing to get wrong is passed over."""
    for slip in slips:
        assert slip.change is not None
        variant = next(iter(_made(slip.change, variant)), variant)
    return variant
