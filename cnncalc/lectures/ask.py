"""The question that a printed cell answers, as `check` would ask it: which quantity of which part of which network."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from cnncalc.lectures.check import Checked
from cnncalc.network import Network
from cnncalc.spec.part import TOTAL

QUANTITIES: dict[str, tuple[str, ...]] = {
    "weights": ("params", "weights"),
    "parameter bytes": ("params",),
    "memory": ("memory", "activations"),
    "output bytes": ("memory", "activations"),
    "outputs": ("activations",),
    **{name: (name,) for name in ("params", "biases", "macs", "flops", "activations", "output")},
}
"""The quantities that somebody who copies a cell may be asked for, by what the cell's numbers were found to be."""

_VALUES = re.compile(r"([0-9.]+[KMG]) ?[×*] ?4 bytes")


class CellQuestion(NamedTuple):
    """A question that a cell answers: the network, the part's name, the quantity, and the text that answers it."""

    net: Network
    place: str
    quantity: str
    text: str


def questions_of(cell: Checked) -> Iterator[CellQuestion]:
    """Ask what a cell answers; nothing where it is about several networks or parts, or about some layers of one."""
    place = _place(cell)
    if place is None or cell.found is None or not cell.question.statement.text:
        return
    net = cell.question.subjects[0].net
    for quantity in QUANTITIES.get(cell.found.measure.quantity, ()):
        for text in _texts(cell, quantity):
            yield CellQuestion(net, place, quantity, text)


def _place(cell: Checked) -> str | None:
    """Return the layer, the block or `total` that a cell is about."""
    question = cell.question
    if len(question.subjects) != 1 or question.per or question.row.numbers is not None:
        return None
    subject = question.subjects[0]
    if not subject.whole:
        return None
    if not subject.names:
        return TOTAL if question.row.layers == (TOTAL,) else None
    return subject.names[0] if len(subject.names) == 1 else None


def _texts(cell: Checked, quantity: str) -> Iterator[str]:
    """Yield the numbers of a cell: `24M × 4 bytes ≈ 96MB` has the number of values too."""
    yield cell.cell.text + cell.column.suffix
    values = _VALUES.match(cell.cell.text)
    if values and quantity == "activations":
        yield values[1]


__all__ = ["QUANTITIES", "CellQuestion", "questions_of"]
