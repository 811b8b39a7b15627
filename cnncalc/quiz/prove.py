"""Quizzes: questions drawn by random, each proven before it is taken.

Proven is that the common slips of the quantity's own group all give numbers of their own, that every wrong answer is
diagnosed as the slip that it came from, and that the question's own words do not have the answer.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc.homework.grade import RIGHT, WRONG, grade, mark_alone
from cnncalc.homework.questions import Question
from cnncalc.homework.report import UNEXPLAINED
from cnncalc.homework.sheets.read import Answer
from cnncalc.homework.slips import SLIPS
from cnncalc.homework.variant import Value
from cnncalc.ops.field_types import quoted
from cnncalc.quiz.choices import CHOICES, offered_numbers, offered_shapes
from cnncalc.quiz.seeded_random import SeededRandom
from cnncalc.quiz.wording import Wording, show_answer, show_value

if TYPE_CHECKING:
    from cnncalc.homework.candidates import KeyedQuestion

MAX_WRONG = 4
"""Wrong answers beside the right one where choices are offered."""
MIN_WRONG = 2

_NUMBERS = re.compile(r"[0-9][0-9,]*(?:[x×][0-9]+)*")


class Wrong(NamedTuple):
    """A wrong answer as a student would write it, and the slips that give it, likeliest first; two at once with `+`."""

    text: str
    slips: tuple[str, ...]

    @property
    def slip(self) -> str:
        """The likeliest."""
        return self.slips[0]

    def message(self, lang: str) -> str:
        """Return what a student should think about; of one that no slip gives that it is to be worked out again."""
        if not self.slips:
            return UNEXPLAINED.text(lang)
        return " ".join(SLIPS[name].hint(lang) for name in self.slip.split("+"))


class Item(NamedTuple):
    """A question of a quiz.

    `told_apart` has every wrong answer that a common slip of the quantity's own group gives, each different from the
    others, from what rare slips give and from the right one; `wrong` are some of them, and `offered` those that stand
    beside the right one as choices, slips' or not; none where no choice would be fair. `about` is how a
    homework file names the network: the keys `spec`, or `network` with `input` and `set`, with their values in YAML.
    """

    question: Question
    wording: Wording
    about: Mapping[str, str]
    told_apart: tuple[Wrong, ...]
    wrong: tuple[Wrong, ...]
    prefers_choices: bool
    offered: tuple[Wrong, ...] = ()

    @property
    def id(self) -> str:
        """What its answer is filed under, in the sheet and the key."""
        return self.question.id or ""

    @property
    def right(self) -> Value:
        """The right answer."""
        value = self.question.keyed.right
        assert value is not None
        return value

    @property
    def answer(self) -> str:
        """The right answer as a student would write it."""
        return show_answer(self.question.quantity, self.right)

    @property
    def is_shape(self) -> bool:
        """Whether the answer is several numbers."""
        return "x" in self.answer

    @property
    def choices(self) -> list[str]:
        """The right answer and the wrong ones, the smallest first."""
        beside = self.offered or self.wrong
        return in_order((self.answer, *(wrong.text for wrong in beside)))


def in_order(answers: Iterable[str]) -> list[str]:
    """Sort answers, the smallest first."""
    return sorted(answers, key=_sizes)


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.replace(",", "").split("x"))


class Quiz(NamedTuple):
    """Items, and what they came from: the seed, the level, the student whose they are and the network, if any."""

    items: tuple[Item, ...]
    seed: str
    level: int
    student: str = ""
    network: str = ""


# --- proof ----------------------------------------------------------------------------------------------------------


class Proof(NamedTuple):
    """A question that is proven: what is told apart, the wrong answers to choose from, and those that are offered."""

    question: Question
    wording: Wording
    told_apart: tuple[Wrong, ...]
    known: tuple[Wrong, ...]
    offered: tuple[Wrong, ...]

    def item(self, about: Mapping[str, str], random: SeededRandom) -> Item:
        """Draw the rest of a question of a quiz."""
        taken = set(random.shuffled(range(len(self.known)))[:MAX_WRONG])
        wrong = tuple(choice for place, choice in enumerate(self.known) if place in taken)
        prefers_choices = not random.below(2)
        return Item(
            self.question,
            self.wording,
            about,
            self.told_apart,
            wrong,
            prefers_choices,
            self.offered,
        )


def prove(
    question: Question, wording: Wording, inseparable: Iterable[tuple[str, ...]] = ()
) -> Proof | None:
    """Prove a question, if it can be; `inseparable` are slips that may give one number here."""
    keyed = question.keyed
    if keyed.right is None or names_answer(wording, show_answer(question.quantity, keyed.right)):
        return None
    apart = list(_told_apart(keyed, tuple(map(set, inseparable))))
    if not apart or not all(wrong.slips and is_diagnosed(question, wrong) for wrong in apart):
        return None
    known = apart if len(apart) >= MIN_WRONG else [*apart, *_pairs(question, apart)]
    if len(known) < MIN_WRONG:
        return None
    choices = tuple(offered(question, wording.text("en"), known))
    return Proof(question, wording, tuple(apart), tuple(known), choices)


def offered(question: Question, words: str, known: Iterable[Wrong]) -> Iterator[Wrong]:
    """Choose what is offered beside the right answer, by chance that follows from the question's own words."""
    answer = show_answer(question.quantity, question.keyed.right or 0)
    right = _sizes(answer)
    random = SeededRandom("choices", words)
    slips = [_sizes(wrong.text) for wrong in known]
    diagnosed: dict[tuple[int, ...], tuple[str, ...]] = {}

    def acceptable(sizes: tuple[int, ...]) -> bool:
        cell = mark_alone(question, _text(sizes))
        diagnosed[sizes] = cell.diagnosis.slips
        return cell.status == WRONG

    if len(right) == 1:
        chosen = offered_numbers(right[0], (sizes[0] for sizes in slips), random, acceptable)
    else:
        chosen = offered_shapes(right, slips, random, acceptable)
    for sizes in chosen:
        yield Wrong(_text(sizes), diagnosed[sizes])


def _text(sizes: tuple[int, ...]) -> str:
    return show_value(sizes[0] if len(sizes) == 1 else sizes)


def _told_apart(keyed: KeyedQuestion, inseparable: tuple[set[str], ...]) -> Iterator[Wrong]:
    """Each wrong answer of the quantity's own common slips; it has no slips where two that can be separated give it."""
    for value, names in keyed.own.by_value.items():
        if all(SLIPS[name].rare for name in names):
            continue
        separable = len(names) > 1 and not any(set(names) <= pair for pair in inseparable)
        yield Wrong(show_answer(keyed.quantity, value), () if separable else tuple(names))


def _pairs(question: Question, apart: list[Wrong]) -> Iterator[Wrong]:
    """Yield what two slips together give, where single ones give too few."""
    keyed = question.keyed
    known = {show_answer(keyed.quantity, keyed.right or 0), *(wrong.text for wrong in apart)}
    for value, names in keyed.pairs.by_value.items():
        if any(SLIPS[name].rare for pair in names for name in pair.split("+")):
            continue
        wrong = Wrong(show_answer(keyed.quantity, value), tuple(names))
        if wrong.text not in known and is_diagnosed(question, wrong):
            yield wrong


def is_diagnosed(question: Question, wrong: Wrong) -> bool:
    """Whether a student who gives the wrong answer is told exactly the slips that it came from."""
    cell = mark_alone(question, wrong.text)
    return cell.status == WRONG and cell.diagnosis.slips == wrong.slips


def names_answer(wording: Wording, answer: str) -> bool:
    """Whether the words of a question have a number or shape that is an answer."""
    return answer.replace(",", "") in numbers_in(wording.text("en"))


def numbers_in(text: str) -> set[str]:
    """Return the numbers and shapes of a text, as `34944` and `55x55x96`."""
    return {number.replace(",", "").replace("×", "x") for number in _NUMBERS.findall(text)}


def check_quiz(quiz: Quiz) -> list[str]:
    """Return what is wrong with a quiz, in sentences; nothing, unless there is a bug.

    The key must get full marks, and every wrong answer must be diagnosed as the slip that it came from, first.
    """
    cells, _ = grade((item.question, Answer(item.answer, "")) for item in quiz.items)
    wrongs = [
        f"{cell.question.id}: the key's {cell.answer.text} is {cell.status}"
        for cell in cells
        if cell.status != RIGHT
    ]
    for item in quiz.items:
        values = [item.answer, *(wrong.text for wrong in item.told_apart)]
        if len(set(values)) < len(values):
            wrongs.append(f"{item.id}: two answers are one number")
        wrongs += [
            f"{item.id}: {wrong.text} is not diagnosed as {wrong.slip}"
            for wrong in dict.fromkeys((*item.told_apart, *item.wrong))
            if not is_diagnosed(item.question, wrong)
        ]
        wrongs += _unfair(item)
    return wrongs


def _unfair(item: Item) -> Iterator[str]:
    """Say what tells the right choice without work: a shape's part that stands out, a rank that was not drawn."""
    if not item.offered:
        return
    sizes = [_sizes(choice) for choice in item.choices]
    if item.is_shape:
        for part in (lambda shape: shape[:-1], lambda shape: shape[-1]):
            if len(set(Counter(map(part, sizes)).values())) > 1:
                yield f"{item.id}: a part of the right choice stands out"
    else:
        drawn = SeededRandom("choices", item.wording.text("en")).below(CHOICES)
        if item.choices.index(item.answer) != drawn or len(sizes) != CHOICES:
            yield f"{item.id}: the right choice does not stand where it was drawn"


def about_network(network: str, given: str | None, settings: Mapping[str, Any]) -> dict[str, str]:
    """How a homework file names a network with another input and other parameters."""
    about = {"network": quoted(network)}
    if given:
        about["input"] = quoted(given)
    if settings:
        pairs = (f"{quoted(key)}: {quoted(str(value))}" for key, value in settings.items())
        about["set"] = f"{{{', '.join(pairs)}}}"
    return about
