"""What a slip is: a name, a changed formula, a message for a student, and what to look up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from cnncalc.homework.variant import Exercise, Value

if TYPE_CHECKING:
    from cnncalc.homework.answers import Reading
    from cnncalc.homework.candidates import Task

Change: TypeAlias = Callable[[Exercise], Iterable[Exercise]]
Numbers: TypeAlias = "Callable[[Task], Iterable[Value]]"
Rereading: TypeAlias = "Callable[[Reading], Iterable[Reading]]"

GROUPS = ("size", "parameters", "operations", "memory", "receptive", "any")


class Said(NamedTuple):
    """A sentence in English and in Korean."""

    en: str
    ko: str

    def in_(self, lang: str) -> str:
        """The sentence in a language, `en` or `ko`."""
        return self.ko if lang == "ko" else self.en


class Slip(NamedTuple):
    """One way to go wrong.

    `formula` says what comes out, in the letters of the table in `docs/homework.md`; `message` says what to think
    about and gives no number; `concept` is what to look up. It is one of three: `change` gives the exercises as the
    slip has them (none where there is nothing to get wrong); `numbers` gives the wrong answers to a task outright;
    `reread` gives an answer as it would stand without the slip. `part` names what is changed: two slips of the same
    part do not come together. One that takes the layer for another (`swaps_op`) is made before the others. A `rare`
    one is less likely than two of the others together.
    """

    name: str
    groups: tuple[str, ...]
    formula: str
    message: Said
    concept: Said
    part: str
    change: Change | None = None
    numbers: Numbers | None = None
    reread: Rereading | None = None
    swaps_op: bool = False
    rare: bool = False

    def hint(self, lang: str = "en") -> str:
        """The message and what to look up, in a language."""
        look = "찾아볼 것" if lang == "ko" else "Look up"
        return f"{self.message.in_(lang)} {look}: {self.concept.in_(lang)}."


def when(condition: bool, exercise: Callable[[], Exercise]) -> Iterator[Exercise]:
    """The exercise, where the condition holds."""
    if condition:
        yield exercise()
