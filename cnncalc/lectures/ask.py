"""The question that a printed cell answers, as `check` would ask it: which quantity of which part of which network."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from cnncalc.lectures.check import Checked
from cnncalc.lectures.select import NetworkPart
from cnncalc.network import Network
from cnncalc.spec.part import TOTAL

QUANTITIES: dict[str, tuple[str, ...]] = {
    "weights": ("params", "weights"),
    "parameter bytes": ("params",),
    "memory": ("memory", "activations"),
    "output bytes": ("memory", "activations"),
    "outputs": ("activations",),
    "channels first": ("output",),
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
    """Ask what a cell answers, of each network that it is about; nothing where `reason_of` has a reason."""
    if reason_of(cell) or cell.found is None:
        return
    for part in cell.question.parts:
        for quantity in QUANTITIES[cell.found.measure.quantity]:
            for text in _texts(cell, quantity):
                yield CellQuestion(part.net, _place(cell, part) or TOTAL, quantity, text)


NO_NUMBER, NOT_PRINTED, NOT_ASKED, SEVERAL, RATIO, PART = REASONS = (
    "a word, a text, an input or a number that no network gives",
    "nothing is printed",
    "a quantity that is not asked for: a depth, maps, a size without its depth, several in one",
    "several layers, which have no name together",
    "a ratio",
    "some of a layer's numbers",
)
"""Why a cell answers no question of one layer, block or network."""


def reason_of(cell: Checked) -> str:
    """Say why a cell answers no question that `check` asks; empty where it does."""
    question = cell.question
    if not question.statement.text:
        return NOT_PRINTED
    if cell.found is None:
        return NO_NUMBER
    if cell.found.measure.quantity not in QUANTITIES:
        return NOT_ASKED
    if question.per:
        return RATIO
    if question.row.numbers is not None or not all(each.whole for each in question.parts):
        return PART
    return "" if all(_place(cell, each) for each in question.parts) else SEVERAL


def _place(cell: Checked, part: NetworkPart) -> str | None:
    """Return the layer, the block or `total` of a network that a cell is about."""
    if not part.names:
        return TOTAL if cell.question.row.layers == (TOTAL,) else None
    return part.names[0] if len(part.names) == 1 else None


def _texts(cell: Checked, quantity: str) -> Iterator[str]:
    """Yield the numbers of a cell: `24M × 4 bytes ≈ 96MB` has the number of values too."""
    yield cell.cell.text + cell.column.suffix
    values = _VALUES.match(cell.cell.text)
    if values and quantity == "activations":
        yield values[1]


__all__ = ["QUANTITIES", "CellQuestion", "questions_of"]
