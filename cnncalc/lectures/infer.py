"""The convention of a column is found: what all its cells are, and how they are read.

What a number may be is `identify.kinds`, and what a table may print besides: sizes, maps, counts of layers, texts.
A group of cells is fitted together, by the simplest quantity and reading that gives most of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc.lectures.cell import Statement
from cnncalc.lectures.load import Cell, PrintedColumn, PrintedRow
from cnncalc.lectures.select import Subject
from cnncalc.ops.shapes import spatial
from cnncalc.spec.graph import Node
from cnncalc.spec.quantities import QUANTITIES
from cnncalc.text.messages import joined, phrase
from cnncalc.text.numbers import Reading

if TYPE_CHECKING:
    from cnncalc.counts.identify import QuantityKind

NUMBERS = "numbers"
"""The quantity of a convolution's own numbers."""
TEXT = "text"
"""The quantity of layers in the lecture's notation."""

FAMILIES: dict[str, tuple[str, ...]] = {
    "output": ("output", "size", "channels first"),
    **{
        family: (family, *(quantity.name for quantity in QUANTITIES if quantity.family == family))
        for family in dict.fromkeys(quantity.family for quantity in QUANTITIES if quantity.family)
    },
}
"""What may be meant by a quantity that a file names; any other is only itself."""

_BYTES_OF = {"params": "parameter bytes", "weights": "parameter bytes"}


class Measure(NamedTuple):
    """Something that a cell may print of its layers: its name, what it means, its unit, and how it is worked out."""

    quantity: str
    meaning: str
    unit: str
    of: Callable[[Subject], Any]


class CellToFit(NamedTuple):
    """A cell to be fitted: where it stands, what it states, and what it is about."""

    row: PrintedRow
    column: PrintedColumn
    cell: Cell
    statement: Statement
    subjects: tuple[Subject, ...]
    per: tuple[Subject, ...] = ()

    def value(self, measure: Measure) -> Any:
        """Return the measure of the cell's layers: one value where all its networks agree, else None."""
        if measure is NETWORKS:
            return len(self.subjects)
        values = [measure.of(subject) for subject in self.subjects]
        if not values or any(value != values[0] for value in values):
            return None
        if not self.per:
            return values[0]
        from fractions import Fraction

        divisor = measure.of(self.per[0])
        return Fraction(values[0], divisor) if divisor else None


POINTS = {"exact": 3, "rounded": 2, "cut": 1, None: 0}
"""What a cell counts for that is given so: a number that comes out to the last digit says more than one that is cut."""


class MeasureFit(NamedTuple):
    """The measure and reading found for a group of cells, and how many of them it gives."""

    measure: Measure
    reading: Reading
    cells: int


# --- what there is to measure ----------------------------------------------------------------------------------------


def _shape(subject: Subject) -> tuple[int, ...] | None:
    return None if subject.last is None else subject.last.output


def _size(subject: Subject) -> tuple[int, ...] | None:
    """Return the spatial axes; a vector is one position."""
    shape = _shape(subject)
    return None if shape is None else spatial(shape) or (1, 1)


def _side(subject: Subject) -> int | None:
    """Return the output's size along an axis, where it is the same along all."""
    size = _size(subject)
    return size[0] if size and len(set(size)) == 1 else None


def _channels_first(subject: Subject) -> tuple[int, ...] | None:
    shape = _shape(subject)
    return None if shape is None else (shape[-1], *shape[:-1])


def _maps(subject: Subject) -> int | None:
    shape = _shape(subject)
    return None if shape is None else shape[-1]


def _is_weighted(node: Node) -> bool:
    return "mac" in node.facts.events


def _depth(subject: Subject) -> int:
    """Return the layers that multiply and accumulate on the longest path through what is picked."""
    picked = set(subject.picked)
    depths: list[int] = []
    for index, node in enumerate(subject.net.graph.nodes):
        before = max((depths[source] for source in node.inputs), default=0)
        depths.append(before + (index in picked and _is_weighted(node)))
    return max((depths[index] for index in picked), default=0)


def _count(subject: Subject) -> int:
    return len(subject.names)


NETWORKS = Measure("networks", "networks", "networks", lambda subject: 1)
"""How many networks a cell is about; the only measure of more than one."""

SPECIAL = (
    Measure("output", "the output's size, channels last", "", _shape),
    Measure("size", "the output's size without channels", "", _size),
    Measure("side", "the output's size along an axis", "positions", _side),
    Measure("maps", "output maps", "maps", _maps),
    Measure("depth", "layers with weights on the longest path", "layers", _depth),
    Measure("count", "layers or blocks", "layers", _count),
    NETWORKS,
    Measure("channels first", "the output's size, channels first", "", _channels_first),
)


def _summed(kind: QuantityKind) -> Measure:
    """Return a kind of number that adds up over layers."""
    from cnncalc.counts.identify import amount

    return Measure(
        kind.quantity,
        kind.meaning,
        kind.unit,
        lambda subject: sum([amount(kind, node) * count for node, count in subject.kinds_of_layer]),
    )


def _measures() -> tuple[Measure, ...]:
    """Everything that a cell may print, the simplest first."""
    from cnncalc.counts.identify import summed_kinds

    return (*SPECIAL[:2], *map(_summed, summed_kinds()), *SPECIAL[2:])


def candidates(quantity: str) -> Iterator[Measure]:
    """Yield what a quantity that a file names may mean, the simplest first; of none, everything."""
    allowed = FAMILIES.get(quantity, (quantity,))
    measures = [
        measure
        for measure in _measures()
        if measure.quantity in allowed or not (quantity or measure is NETWORKS)
    ]
    yield from measures if measures else [_combined(quantity)]


def unknown_in(quantity: str) -> str | None:
    """Return what is wrong with a quantity that a file names, or None: it is a name, or arithmetic of names."""
    from cnncalc.text.expressions import ExpressionError, parse_expression
    from cnncalc.text.suggest import suggest

    names = dict.fromkeys((TEXT, *FAMILIES, *(measure.quantity for measure in _measures())))
    if not quantity or quantity in names:
        return None
    try:
        unknown = sorted(parse_expression(quantity).names.difference(names))
    except ExpressionError as error:
        return error.message
    if not unknown:
        return None
    hint = suggest(unknown[0], names, "there are {}")
    return f"there is no quantity '{unknown[0]}'; {hint}"


def _combined(text: str) -> Measure:
    """Return a sum or product of quantities, such as `params + activations`. Raises ExpressionError."""
    from cnncalc.text.expressions import parse_expression

    expression = parse_expression(text)
    named: dict[str, Measure] = {}
    for measure in _measures():
        if measure.quantity in expression.names:
            named.setdefault(measure.quantity, measure)

    def value(subject: Subject) -> Any:
        return expression.evaluate(
            {name: measure.of(subject) or 0 for name, measure in named.items()}
        )

    meaning = joined(
        [phrase(measure.meaning) for measure in named.values()], "{first} and {second}"
    )
    return Measure(text, meaning, "values", value)


# --- fitting ---------------------------------------------------------------------------------------------------------


def fit(questions: Sequence[CellToFit], quantity: str) -> MeasureFit:
    """Return the simplest measure and reading that give most of the cells.

    A reading that is less plain must give more.
    """
    readings = _readings(questions)
    best: tuple[int, MeasureFit] | None = None
    for measure in candidates(quantity):
        values = [question.value(measure) for question in questions]
        for reading in readings:
            agreed = [
                question.statement.agrees(value, reading, is_ratio=bool(question.per))
                for question, value in zip(questions, values, strict=True)
            ]
            score = sum(POINTS[digits] for digits in agreed) - _penalty(reading)
            if best is None or score > best[0]:
                best = score, MeasureFit(measure, reading, len(agreed) - agreed.count(None))
        if best is not None and best[0] == POINTS["exact"] * len(questions):
            break
    assert best is not None
    return best[1]


def fit_bytes(questions: Sequence[CellToFit], values: Measure) -> MeasureFit:
    """Return the same for cells in bytes: where none fits, the bytes of what the rest of the column counts."""
    listed = list(candidates("memory"))
    fitted = fit(questions, "memory")
    if not fitted.cells:
        wanted = _BYTES_OF.get(values.quantity, "memory")
        return fitted._replace(
            measure=next(measure for measure in listed if measure.quantity == wanted)
        )
    return fitted


def _penalty(reading: Reading) -> int:
    """Return the POINTS by which a reading must be better than a plainer one."""
    return (reading.base == 1024) + 4 * reading.places


def _readings(questions: Iterable[CellToFit]) -> tuple[Reading, ...]:
    """Return the readings that make a difference: K is of 1000 or 1024 where a K is written."""
    suffixes = [
        question.statement.number.suffix
        for question in questions
        if question.statement.number is not None
    ]
    if not any(suffixes):
        return (Reading(),)
    return (Reading(), Reading(1024), Reading(1000, True), Reading(1024, True))


__all__ = [
    "FAMILIES",
    "NUMBERS",
    "TEXT",
    "CellToFit",
    "Measure",
    "MeasureFit",
    "candidates",
    "fit",
    "fit_bytes",
    "unknown_in",
]
