"""What a slip is, and the decorators that make one of a function: `@slip("no-bias", "parameters", ...)`.

The slips are tried in the order in which they are written down, module by module as `slips/__init__.py` imports them.
What a student reads of one stands beside it, its Korean in the catalogue.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple, Protocol, Required, TypeAlias, TypedDict, Unpack

from cnncalc.homework.answers import ReadAnswer
from cnncalc.homework.variant import Value, Variant
from cnncalc.text.messages import Phrase, translate

Change: TypeAlias = Callable[[Variant], Iterable[Variant]]


class Surroundings(Protocol):
    """What a slip may look at around a question: other rows, other columns, the network of another input."""

    @property
    def right(self) -> Value | None:
        """Give the right answer."""

    @property
    def rows(self) -> Iterator[tuple[str, int]]:
        """Give the rows that an answer is the sum of, each its kind and its share; none where it is no sum."""

    @property
    def twin_right(self) -> Value | None:
        """Give the answer for the network with the other usual input size; None where there is none."""

    @property
    def neighbours(self) -> Iterator[Value]:
        """Give the same quantity of the rows before and after."""

    @property
    def columns(self) -> Iterator[Value]:
        """Give the other quantities of the row, as far as they are of the same kind."""


Numbers: TypeAlias = Callable[[Surroundings], Iterable[Value]]
Rereading: TypeAlias = Callable[[ReadAnswer], Iterable[ReadAnswer]]

GROUPS = ("size", "parameters", "operations", "memory", "receptive", "any")

NO_FLAVOURS: Mapping[str, Phrase] = {}

SLIPS: dict[str, Slip] = {}
"""Every slip by its name, in the order in which they are tried."""


class Slip(NamedTuple):
    """One way to go wrong.

    `message` is what a student should think about, and gives no number away; `concept` is what to look up; `flavours`
    and `concepts` have other words for layers of one kind, `transposed` or `units`. `formula` says what comes out, in
    the letters of the table in `docs/homework.md`. It is one of three: `change` gives the variants as the slip has them
    (none where there is nothing to get wrong); `numbers` gives the wrong answers to a question outright; `reread` gives
    an answer as it would stand without the slip. `part` names what is changed: two slips of the same part do not come
    together. One that takes the layer for another (`swaps_op`) is made before the others. A `rare` one is less likely
    than two of the others together; an `unusual` one is looked for only where none of the others gives the number.
    `only` has the quantities of its groups that it is about, where these are not all.
    """

    name: str
    groups: tuple[str, ...]
    formula: str
    part: str
    message: Phrase
    concept: Phrase
    flavours: Mapping[str, Phrase] = NO_FLAVOURS
    change: Change | None = None
    numbers: Numbers | None = None
    reread: Rereading | None = None
    swaps_op: bool = False
    rare: bool = False
    unusual: bool = False
    only: tuple[str, ...] = ()
    concepts: Mapping[str, Phrase] = NO_FLAVOURS

    def is_about(self, quantity: str) -> bool:
        """Whether it can be made with a quantity of its group."""
        return not self.only or quantity in self.only

    def hint(self, lang: str = "en", flavour: str = "") -> str:
        """Join the message and what to look up, in a language; in words for a flavour of layers where there are."""
        text, concept = self.flavours.get(flavour, self.message), self.topic(flavour)
        return translate("{message} Look up: {concept}.", lang, message=text, concept=concept)

    def topic(self, flavour: str = "") -> Phrase:
        """Say what to look up; in words for a flavour of layers where there are."""
        return self.concepts.get(flavour, self.concept)


def _register(slip: Slip) -> None:
    assert slip.name not in SLIPS, slip.name
    assert set(slip.groups) <= set(GROUPS), slip.groups
    SLIPS[slip.name] = slip


class Declared(TypedDict, total=False):
    """What a decorator says of a slip; see `Slip`."""

    part: Required[str]
    formula: Required[str]
    message: Required[Phrase]
    concept: Required[Phrase]
    flavours: Mapping[str, Phrase]
    swaps_op: bool
    rare: bool
    unusual: bool
    only: tuple[str, ...]
    concepts: Mapping[str, Phrase]


def slip(name: str, *groups: str, **declared: Unpack[Declared]) -> Callable[[Change], Change]:
    """Make a slip of a function that changes a variant of a layer."""

    def decorate(change: Change) -> Change:
        _register(Slip(name, groups, change=change, **declared))
        return change

    return decorate


def numbers_slip(
    name: str, *groups: str, **declared: Unpack[Declared]
) -> Callable[[Numbers], Numbers]:
    """Make a slip of a function that gives the wrong numbers from what surrounds a question."""

    def decorate(numbers: Numbers) -> Numbers:
        _register(Slip(name, groups, numbers=numbers, **declared))
        return numbers

    return decorate


def reading_slip(
    name: str, *groups: str, **declared: Unpack[Declared]
) -> Callable[[Rereading], Rereading]:
    """Make a slip of a function that reads an answer as it would stand without the slip."""

    def decorate(reread: Rereading) -> Rereading:
        _register(Slip(name, groups, reread=reread, **declared))
        return reread

    return decorate
