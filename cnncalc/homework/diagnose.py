"""From a wrong answer to the slips that give it, likeliest first; nothing where none does.

One slip comes before two, the quantity's own before those of any. Two common slips stand beside a rare one that gives
the same number, and before those of any, two of which one is rare after them. A search that would find something for
more than a small part of all random numbers, because the number is short or was written with few digits, is not made:
silence beats a false story.
"""

from __future__ import annotations

from typing import NamedTuple

from cnncalc.homework.answers import ReadAnswer, agrees
from cnncalc.homework.candidates import Candidates, KeyedQuestion
from cnncalc.homework.carry import Carried
from cnncalc.homework.slips import SLIPS, slips_of

CARRIED, WRONG_UNIT = "carried", "wrong-unit"


class Diagnosis(NamedTuple):
    """What is behind an answer that is neither right nor carried.

    `slips` are those that give the same number, `convention` one by which it is right; `where` says who prints the
    number for this very question; `note` is one of NOTES.
    """

    slips: tuple[str, ...] = ()
    convention: str | None = None
    where: str | None = None
    note: str = ""


NOTHING_FOUND = Diagnosis()

UNIT, DIGITS, CONTRADICTION, CUT, PLACES, BINARY, SIZE_RIGHT, DEPTH_RIGHT = NOTES = (
    "unit",
    "digits",
    "contradiction",
    "cut",
    "places",
    "binary",
    "size-right",
    "depth-right",
)
"""What can be said of a wrong answer beside its slips: another quantity's unit, too few digits, a calculation that
makes another number, the right number cut, with zeros that only hold
places or with K = 1024, one part of a shape that is right."""


def matching(candidates: Candidates, reading: ReadAnswer, rank: int) -> tuple[str, ...]:
    """Find the combos of one rank that give the number, unless chance would give one too easily."""
    number = reading.number
    step = 1.0 if number is None else max(float(number.step), 1.0)
    if candidates.chance * step > candidates.limit:
        return ()
    if number is None:
        plain = () if reading.shape is None else (reading.shape,)
        for shape in (*plain, *(shape for _, shape in reading.forms(rank))):
            if shape in candidates.by_value:
                return tuple(candidates.by_value[shape])
        return ()
    if number.full:
        return tuple(candidates.by_value.get(number.value, ()))
    return tuple(
        dict.fromkeys(
            name
            for value, names in candidates.by_value.items()
            if agrees(reading, value) is not None
            for name in names
        )
    )


def diagnose(
    keyed: KeyedQuestion, reading: ReadAnswer, carried: Carried | None = None
) -> Diagnosis:
    """Find what gives a wrong answer."""
    rank = len(keyed.right) if isinstance(keyed.right, tuple) else 0
    matched = matching(keyed.own, reading, rank)
    if matched and all(SLIPS[name].rare for name in matched):
        matched += matching(keyed.pairs, reading, rank)
        if reading.number is not None and keyed.is_likely_product(reading.number.value, "rare"):
            matched = tuple(name for name in matched if "+" in name)
    if not matched:
        matched = matching(keyed.unusual, reading, rank)
    if not matched and carried is not None:
        matched = _on_carried(keyed, reading, carried)
    if not matched:
        matched = matching(keyed.consequences, reading, rank)
    if matched:
        return Diagnosis(matched)
    convention = convention_of(keyed, reading)
    if convention is not None:
        return Diagnosis((), convention)
    return Diagnosis(
        (
            *matching(keyed.pairs, reading, rank),
            *_anything(keyed, reading, rank),
            *matching(keyed.rare_pairs, reading, rank),
        )
        or matching(keyed.sums, reading, rank)
    )


def _on_carried(keyed: KeyedQuestion, reading: ReadAnswer, carried: Carried) -> tuple[str, ...]:
    """Return a slip on top of what follows from the student's earlier answers."""
    named: list[str] = []
    for variants, right in carried.bases(keyed):
        slips = [slip for slip in keyed.own_slips if slip.change is not None]
        for combo in keyed.singles(slips, variants, right):
            name = f"{CARRIED}+{combo.name}"
            if (
                name not in named
                and combo.value != keyed.right
                and agrees(reading, combo.value) is not None
            ):
                named.append(name)
    return tuple(named)


def convention_of(keyed: KeyedQuestion, reading: ReadAnswer) -> str | None:
    """Return the simplest convention by which the answer is right."""
    for name, value in keyed.key.alternatives(keyed.layer, keyed.quantity).items():
        if value and value != keyed.right and agrees(reading, value) is not None:
            return name
    return None


def _anything(keyed: KeyedQuestion, reading: ReadAnswer, rank: int) -> tuple[str, ...]:
    """Return the slips of any quantity: another reading of the answer that is right, or another row's or column's
    number.
    """
    if _is_short(reading):
        return ()
    elsewhere = set(matching(keyed.anything, reading, rank))
    names = []
    for slip in slips_of("any"):
        if slip.name in elsewhere or (
            slip.reread is not None
            and keyed.right
            and any(agrees(other, keyed.right) is not None for other in slip.reread(reading))
        ):
            names.append(slip.name)
    number = reading.number
    if WRONG_UNIT in names and number is not None and keyed.is_own_decade(number.value):
        names.remove(WRONG_UNIT)
    return tuple(names)


def _is_short(reading: ReadAnswer) -> bool:
    """Whether an answer has so few digits that too much would agree with it by chance."""
    return len(significant_digits(reading)) < 2


def significant_digits(reading: ReadAnswer) -> str:
    """Return the digits written, without zeros before and after."""
    text = "".join(map(str, reading.shape)) if reading.shape is not None else reading.text
    return "".join(filter(str.isdigit, text.rpartition("=")[2])).strip("0")


__all__ = ["CARRIED", "NOTES", "Diagnosis", "convention_of", "diagnose", "matching"]
