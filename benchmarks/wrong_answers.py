"""1,036 wrong answers of students, made up from 219 wrong ideas by somebody who had not seen the slips.

`wrong_answers.csv` has the answers, each with its idea; `ideas.csv` the ideas in words. The slips that tell an idea
truly (`slips`) were written beside it before a single answer was graded, from the words alone; those of the same number
by algebra that say something true as well (`same`) after the first run. An idea with no slip had better get no story.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import cnncalc
from cnncalc.homework import AnswerKey, GradedCell, grade_one

HERE = Path(__file__).parent
FULL_MARKS = ("right", "carried")


class Idea(NamedTuple):
    """A wrong idea in words, the slips that tell it, and those that give the same number."""

    name: str
    words: str
    slips: frozenset[str]
    same: frozenset[str]

    def told(self, cell: GradedCell) -> str:
        """Say what a graded answer with this idea was told."""
        if cell.status in FULL_MARKS:
            return "full marks"
        if cell.status in ("unreadable", "elsewhere", "convention"):
            return "truly" if cell.status in self.slips else cell.status
        named = set(cell.diagnosis.slips)
        if not named:
            return "silence"
        return (
            "truly" if named & self.slips else "same number" if named & self.same else "false story"
        )


@cache
def ideas() -> dict[str, Idea]:
    """Read the ideas, by name."""
    return {
        name: Idea(name, words, frozenset(slips.split()), frozenset(same.split()))
        for name, words, slips, same in _rows("ideas.csv")
    }


def graded(every: int = 1) -> Iterator[tuple[Idea, str]]:
    """Grade each answer, or every so many-th, and yield its idea and what it was told."""
    for network, layer, quantity, answer, name in _rows("wrong_answers.csv")[::every]:
        (cell,) = grade_one(_key(network), layer, quantity, answer).cells
        yield ideas()[name], ideas()[name].told(cell)


def measure(*, each: bool = False) -> None:
    """Print what ideas were told: those that are slips, and the others."""
    told: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    by_idea: dict[str, Counter[str]] = defaultdict(Counter)
    for idea, kind in graded():
        told[bool(idea.slips)][kind] += 1
        by_idea[idea.name][kind] += 1
    for is_slip, counts in told.items():
        what = "ideas that are slips" if is_slip else "ideas that are no slip"
        shares = (f"{kind} {100 * n / counts.total():.1f} %" for kind, n in counts.most_common())
        print(f"{counts.total()} answers with {what}: {', '.join(shares)}")
    for name, counts in by_idea.items() if each else ():
        print(f"    {name:28} {dict(counts)}  {ideas()[name].words}")


@cache
def _key(network: str) -> AnswerKey:
    return AnswerKey(cnncalc.load(network))


def _rows(name: str) -> list[list[str]]:
    """Read a table without its header."""
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]


if __name__ == "__main__":
    measure(each=True)
