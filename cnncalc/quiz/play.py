"""A quiz played: question by question, a hint for the first wrong answer, the slip explained after the second.

The game speaks and listens through two functions and prints nothing itself, so that a terminal, a pipe or a test can
play it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, TypeAlias

from cnncalc.exports.sheet import AskedQuestion, QuestionSheet
from cnncalc.homework.grade import BLANK, FULL_MARKS, UNREADABLE, GradedCell, mark_alone
from cnncalc.homework.questions import Question
from cnncalc.homework.report import Telling, hint
from cnncalc.homework.slips import SLIPS
from cnncalc.homework.steps import formula, steps
from cnncalc.text.messages import translate

TITLE, ASKED, RIGHT, WRONG, NOTE = TONES = ("title", "asked", "right", "wrong", "note")
"""What a line is, for those who colour it."""

SKIP = ("skip", "s", "넘기기")
QUIT = ("quit", "q", "exit", "끝")
HELP = ("hint", "h", "?", "힌트")
ATTEMPTS = 2

Tell: TypeAlias = Callable[[str, str], None]
"""Says a line in a tone."""
Hear: TypeAlias = Callable[[str], "str | None"]
"""Asks with a prompt, and gives what is typed; None at the end of what there is."""


class Turn(NamedTuple):
    """A question to play: as it is graded, and as it is shown."""

    question: Question
    shown: AskedQuestion


class Tally(NamedTuple):
    """How a game went: turns by the attempt at which they were right, missed, skipped, and topics to look up again."""

    right: tuple[int, ...] = (0,) * ATTEMPTS
    missed: int = 0
    skipped: int = 0
    topics: tuple[str, ...] = ()

    @property
    def played(self) -> int:
        """The turns that came to an end."""
        return sum(self.right) + self.missed + self.skipped


def turns_of(questions: Iterable[Question], sheet: QuestionSheet) -> tuple[Turn, ...]:
    """Pair the questions of a quiz or a homework with its sheet."""
    return tuple(Turn(*pair) for pair in zip(questions, sheet.questions, strict=True))


class Game:
    """A game over turns, in a language; `tally` is how it went so far."""

    def __init__(self, turns: Sequence[Turn], lang: str, tell: Tell, hear: Hear) -> None:
        self.turns = turns
        self.lang = lang
        self.tell = tell
        self.hear = hear
        self.tally = Tally()
        self.topics: Counter[str] = Counter()

    def play(self) -> None:
        """Play until the last question, `quit`, or the end of what is heard."""
        self.say("Type an answer, or: hint, skip, quit.", NOTE)
        for number, turn in enumerate(self.turns, 1):
            if not self._turn(turn, number):
                break

    def say(self, message: str, tone: str, /, **values: object) -> None:
        """Say a message of the catalogue."""
        self.tell(translate(message, self.lang, **values), tone)

    def _turn(self, turn: Turn, number: int) -> bool:
        """Play one question; False where the player has quit."""
        self._show(turn.shown, number)
        attempts = 0
        while attempts < ATTEMPTS:
            text = self.hear(f"{turn.shown.id}> ")
            word = "quit" if text is None else text.strip().casefold()
            if word in QUIT:
                return False
            if word in SKIP:
                self.tally = self.tally._replace(skipped=self.tally.skipped + 1)
                self._reveal(turn)
                return True
            if word in HELP:
                self.tell(formula(turn.question, self.lang) or turn.shown.form, NOTE)
                continue
            attempts += self._try(turn, text or "", attempts)
        return True

    def _show(self, shown: AskedQuestion, number: int) -> None:
        count = len(self.turns)
        self.tell("", NOTE)
        self.say("Question {number} of {count}", TITLE, number=number, count=count)
        for fact in shown.facts:
            self.tell(fact, NOTE)
        self.tell(f"{shown.asked} {shown.form}", ASKED)
        if shown.choices:
            self.tell("    ".join(shown.choices), ASKED)

    def _try(self, turn: Turn, text: str, attempts: int) -> int:
        """Judge an answer; how many attempts it takes: all where it is right, none where it is no answer."""
        cell = mark_alone(turn.question, text)
        if cell.status in (BLANK, UNREADABLE):
            self.tell(hint(cell, Telling(hints=True, lang=self.lang)), NOTE)
            return 0
        if cell.status in FULL_MARKS:
            right = [count + (at == attempts) for at, count in enumerate(self.tally.right)]
            self.tally = self.tally._replace(right=tuple(right))
            self.say("Right: {answer}", RIGHT, answer=turn.shown.answer)
            self.tell(turn.shown.derivation, NOTE)
            return ATTEMPTS
        self._wrong(turn, cell, attempts)
        return 1

    def _wrong(self, turn: Turn, cell: GradedCell, attempts: int) -> None:
        """Hint at the first wrong answer; explain the last."""
        self._remember(cell)
        if attempts + 1 < ATTEMPTS:
            self.say("Not yet. {hint}", WRONG, hint=steps(cell, self.lang)[0])
            return
        self.tally = self.tally._replace(missed=self.tally.missed + 1)
        self.tell(hint(cell, Telling(hints=True, lang=self.lang)), WRONG)
        self._reveal(turn)

    def _remember(self, cell: GradedCell) -> None:
        names = {part for name in cell.diagnosis.slips[:1] for part in name.split("+")}
        self.topics.update(
            SLIPS[name].concept.text(self.lang) for name in sorted(names & set(SLIPS))
        )
        topics = tuple(topic for topic, _ in self.topics.most_common())
        self.tally = self.tally._replace(topics=topics)

    def _reveal(self, turn: Turn) -> None:
        self.say("The answer is {answer}.", NOTE, answer=turn.shown.answer)
        self.tell(turn.shown.derivation, NOTE)

    def sum_up(self) -> None:
        """Say how it went."""
        tally = self.tally
        self.tell("", NOTE)
        self.say(
            "{first} of {count} right at once, {second} after a hint, {skipped} skipped.",
            TITLE,
            first=tally.right[0],
            second=sum(tally.right[1:]),
            count=tally.played,
            skipped=tally.skipped,
        )
        if tally.topics:
            self.say("Look up: {topics}.", NOTE, topics="; ".join(tally.topics))


__all__ = ["TONES", "Game", "Tally", "Turn", "turns_of"]
