"""Salted digests of right answers: enough to say that an answer is right, and no answer to read in them.

What is digested is not the number alone but each way to write it that counts as right: 61,100,840 in full, and rounded
to a step of 10, 100, ... 1K, 0.1K, ... 1Mi, as far as the digits asked for go. An answer is right where a digest of how
it is written is among them; `homework.grade` judges it the same, by the number itself.

Somebody who tries all numbers finds the right one: each costs ROUNDS of SHA-256, a millisecond or so, and there are
not many numbers of a size. What this keeps is the key out of sight, not a secret.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

from cnncalc.homework.answers import ReadAnswer
from cnncalc.homework.diagnose import CONTRADICTION, UNIT
from cnncalc.homework.grade import shortfall
from cnncalc.homework.questions import Question
from cnncalc.homework.variant import Value
from cnncalc.ops.shapes import format_shape
from cnncalc.text.exact import Exact, ratio
from cnncalc.text.numbers import MAX_POWER

ROUNDS = 1000
"""How often a digest is digested again."""
LENGTH = 16
"""The hexadecimal digits of a digest that are kept."""
MAX_DIGITS = 9
"""Answers rounded to more digits than this, in K, M, Ki, ... are not digested; the network judges those."""
PAD = 48
"""Digests of a number are filled up to a multiple of so many, so that how many there are does not tell its size.

The others are made from the right answer too: whoever does not know it cannot tell them from the rest."""
MAX_AXES = 4
_NOT_ITS_DIGITS = (UNIT, CONTRADICTION)

_STEPS = tuple(
    dict.fromkeys(
        ratio(unit * 10 ** max(power, 0), 10 ** max(-power, 0))
        for unit in (1, *(1024**power for power in range(1, 5)))
        for power in range(-MAX_POWER, MAX_POWER + 1)
    )
)
"""The worth of the last digit of a number that is written rounded: 0.1K is 100, 0.1Ki is 102.4."""


def digest(salt: str, label: str, written: str) -> str:
    """Digest an answer to a question as it is written; the salt is the homework's, the label the question's."""
    hashed = sha256(f"{len(salt)}:{salt}{len(label)}:{label}{written}".encode()).digest()
    for _ in range(ROUNDS):
        hashed = sha256(hashed).digest()
    return hashed.hex()[:LENGTH]


def digests(question: Question, salt: str) -> tuple[str, ...]:
    """Digest every way to write an answer that is right, sorted; those of numbers are filled up with others."""
    right = question.keyed.right
    label = question.id or ""
    values = [] if right is None else [right, *_accepted(question)]
    written = {form for value in values for form in _ways(value, question.scoring.digits)}
    hashes = {digest(salt, label, form) for form in written}
    if not isinstance(right, tuple):
        while len(hashes) % PAD:
            hashes.add(digest(salt, label, f"{right} filled to {len(hashes)}"))
    return tuple(sorted(hashes))


def form_of(question: Question, reading: ReadAnswer, salt: str) -> str | None:
    """Say in which form an answer is among the question's digests, "" plainly; None where it is not.

    The right answer itself is not looked at; what `agrees` says of it is the same.
    """
    for form, written in _forms(question, reading):
        if digest(salt, question.id or "", written) in question.digests:
            return form
    return None


def _forms(question: Question, reading: ReadAnswer) -> Iterator[tuple[str, str]]:
    """Give what an answer may be digested as, each with the form that it then is in."""
    number = reading.number
    if reading.shape is not None:
        ranks = (reading.forms(rank) for rank in range(1, MAX_AXES + 1))
        forms = {format_shape(shape, "x"): form for rank in ranks for form, shape in reversed(rank)}
        yield from ((form, written) for written, form in forms.items())
    elif number is not None and shortfall(question, reading, number.value) not in _NOT_ITS_DIGITS:
        digits = min(number.digits, question.scoring.digits) if number.step else MAX_POWER
        yield "", _exactly(number.value, digits)
        if number.step:
            yield "", _rounded(number.value, number.step)


def _accepted(question: Question) -> Iterator[Value]:
    """Give what the conventions count that a question accepts."""
    if question.accept:
        counted = question.keyed.key.alternatives(question.layer, question.quantity)
        yield from (counted[name] for name in question.accept if name in counted)


def _ways(value: Value, least: int) -> Iterator[str]:
    """Give every way to write a value that has `least` significant digits, or all where it has fewer."""
    if isinstance(value, tuple):
        yield format_shape(value, "x")
        return
    needed = min(least, len(str(abs(value)).rstrip("0")) if isinstance(value, int) else MAX_POWER)
    yield _exactly(value, MAX_POWER)
    yield from (_exactly(value, digits) for digits in range(needed, least + 1))
    for step in _STEPS:
        for count in _nearest(value, step):
            if count and needed <= len(str(abs(count))) <= MAX_DIGITS:
                yield _rounded(ratio(count * step.numerator, step.denominator), step)


def _nearest(value: Exact, step: Exact) -> tuple[int, ...]:
    """Give the number of steps that a value rounds to; both where it lies halfway."""
    steps = ratio(value.numerator * step.denominator, value.denominator * step.numerator)
    low = int(steps // 1)
    twice = 2 * (steps - low)
    return (low, low + 1) if twice == 1 else (low,) if twice < 1 else (low + 1,)


def _exactly(value: Exact, digits: int) -> str:
    """Write a number that is exact, with how many digits it is written in, as far as that is asked for."""
    return f"{value} in {digits}"


def _rounded(value: Exact, step: Exact) -> str:
    return f"{value} by {step}"


__all__ = ["digest", "digests", "form_of"]
