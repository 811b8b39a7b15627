"""The convention of a column is found: what all its cells are, and how they are read.

A cell may print what `identify` holds a number against, and what a table may print besides: sizes, maps, counts of
layers, texts.
A group of cells is fitted together, by the simplest quantity and reading that gives most of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from numbers import Rational
from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc.counts.measures import Measure, summed_measures
from cnncalc.lectures.cell import Statement
from cnncalc.lectures.load import Cell, PrintedColumn, PrintedRow
from cnncalc.lectures.select import NetworkPart
from cnncalc.ops.shapes import spatial
from cnncalc.spec.part import Part
from cnncalc.spec.quantities import QUANTITIES
from cnncalc.text.expressions import ExpressionError
from cnncalc.text.messages import joined, phrase
from cnncalc.text.numbers import Reading
from cnncalc.text.source import Problem, SpecError

if TYPE_CHECKING:
    from cnncalc.report.analysis import Report

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


class CellToFit(NamedTuple):
    """A cell to be fitted: where it stands, what it states, and what it is about."""

    row: PrintedRow
    column: PrintedColumn
    cell: Cell
    statement: Statement
    parts: tuple[NetworkPart, ...]
    per: tuple[NetworkPart, ...] = ()

    def value(self, measure: Measure) -> Any:
        """Return the measure of the cell's layers: one value where all its networks agree, else None.

        Raises SpecError for arithmetic of a quantity that has no value here.
        """
        if measure is NETWORKS:
            return len(self.parts)
        values = [self._value_of(part, measure) for part in self.parts]
        if not values or any(value != values[0] for value in values):
            return None
        if not self.per:
            return values[0]
        from fractions import Fraction

        divisor = self._value_of(self.per[0], measure)
        is_ratio = isinstance(values[0], Rational) and isinstance(divisor, Rational)
        return Fraction(values[0], divisor) if is_ratio and divisor else None

    def _value_of(self, part: NetworkPart, measure: Measure) -> Any:
        try:
            return part.value(measure)
        except ExpressionError as error:
            wrong = f"{measure.quantity}: {error.message}"
            raise SpecError([Problem(self.cell.span, "quantity", wrong, error.hint)]) from None


POINTS = {"exact": 3, "rounded": 2, "cut": 1, None: 0}
"""What a cell counts for that is given so: a number that comes out to the last digit says more than one that is cut."""


class GroupFit(NamedTuple):
    """The measure and reading found for a group of cells, and how many of them it gives."""

    measure: Measure
    reading: Reading
    cells: int


# --- what there is to measure ----------------------------------------------------------------------------------------


def _shape(report: Report, part: Part) -> tuple[int, ...] | None:
    return part.graph.nodes[part.last].output if part.members else None


def _size(report: Report, part: Part) -> tuple[int, ...] | None:
    """Return the spatial axes; a vector is one position."""
    shape = _shape(report, part)
    return None if shape is None else spatial(shape) or (1, 1)


def _side(report: Report, part: Part) -> int | None:
    """Return the output's size along an axis, where it is the same along all."""
    size = _size(report, part)
    return size[0] if size and len(set(size)) == 1 else None


def _channels_first(report: Report, part: Part) -> tuple[int, ...] | None:
    shape = _shape(report, part)
    return None if shape is None else (shape[-1], *shape[:-1])


def _maps(report: Report, part: Part) -> int | None:
    shape = _shape(report, part)
    return None if shape is None else shape[-1]


def _depth(report: Report, part: Part) -> int:
    """Return the layers that multiply and accumulate on the longest path through what is picked."""
    picked = set(part.members)
    depths: list[int] = []
    for index, node in enumerate(part.graph.nodes):
        before = max((depths[source] for source in node.inputs), default=0)
        depths.append(before + (index in picked and "mac" in node.facts.events))
    return max((depths[index] for index in picked), default=0)


def _special(name: str, meaning: str, unit: str, of: Callable[[Report, Part], Any]) -> Measure:
    """Return a measure that no convention counts, and that no number is held against."""
    return Measure(name, None, unit, meaning, of)


NETWORKS = _special("networks", "networks", "networks", lambda report, part: 1)
"""How many networks a cell is about; the only measure of more than one."""

SPECIAL = (
    _special("output", "the output's size, channels last", "", _shape),
    _special("size", "the output's size without channels", "", _size),
    _special("side", "the output's size along an axis", "positions", _side),
    _special("maps", "output maps", "maps", _maps),
    _special("depth", "layers with weights on the longest path", "layers", _depth),
    _special("count", "layers or blocks", "layers", lambda report, part: len(part.name.split())),
    NETWORKS,
    _special("channels first", "the output's size, channels first", "", _channels_first),
)


def _measures() -> tuple[Measure, ...]:
    """Everything that a cell may print, the simplest first."""
    return (*SPECIAL[:2], *summed_measures(), *SPECIAL[2:])


def measures_meant(quantity: str) -> Iterator[Measure]:
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
    from cnncalc.text.expressions import parse_expression
    from cnncalc.text.suggest import suggest

    names = dict.fromkeys((TEXT, *FAMILIES, *(measure.quantity for measure in _measures())))
    if not quantity or quantity in names:
        return None
    try:
        named = parse_expression(quantity).names
    except ExpressionError as error:
        return error.message
    unknown = sorted(named.difference(names))
    if named and not unknown:
        return None
    wrong = unknown[0] if unknown else quantity
    return f"there is no quantity '{wrong}'; {suggest(wrong, names, 'there are {}')}"


def _combined(text: str) -> Measure:
    """Return a sum or product of quantities, such as `params + activations`. Raises ExpressionError."""
    from cnncalc.text.expressions import parse_expression

    expression = parse_expression(text)
    named: dict[str, Measure] = {}
    for measure in _measures():
        if measure.quantity in expression.names:
            named.setdefault(measure.quantity, measure)

    def value(report: Report, part: Part) -> Any:
        return expression.evaluate(
            {name: measure.of(report, part) or 0 for name, measure in named.items()}
        )

    meaning = joined(
        [phrase(measure.meaning) for measure in named.values()], "{first} and {second}"
    )
    return _special(text, meaning, "values", value)


# --- fitting ---------------------------------------------------------------------------------------------------------


def fit_group(questions: Sequence[CellToFit], quantity: str) -> GroupFit:
    """Return the simplest measure and reading that give most of the cells.

    A reading that is less plain must give more.
    """
    readings = _readings(questions)
    best: tuple[int, GroupFit] | None = None
    for measure in measures_meant(quantity):
        values = [question.value(measure) for question in questions]
        for reading in readings:
            agreed = [
                question.statement.agrees(value, reading, is_ratio=bool(question.per))
                for question, value in zip(questions, values, strict=True)
            ]
            score = sum(POINTS[digits] for digits in agreed) - _penalty(reading)
            if best is None or score > best[0]:
                best = score, GroupFit(measure, reading, len(agreed) - agreed.count(None))
        if best is not None and best[0] == POINTS["exact"] * len(questions):
            break
    assert best is not None
    return best[1]


def fit_bytes(questions: Sequence[CellToFit], values: Measure) -> GroupFit:
    """Return the same for cells in bytes: where none fits, the bytes of what the rest of the column counts."""
    listed = list(measures_meant("memory"))
    fitted = fit_group(questions, "memory")
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
    "GroupFit",
    "fit_bytes",
    "fit_group",
    "measures_meant",
    "unknown_in",
]
