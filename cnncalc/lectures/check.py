"""A printed table against what is computed: a status for each cell, and what is wrong with the file, if anything is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from numbers import Rational
from typing import Any, NamedTuple

from cnncalc.counts.measures import Measure
from cnncalc.lectures.cell import Statement
from cnncalc.lectures.infer import (
    NUMBERS,
    TEXT,
    CellToFit,
    GroupFit,
    fit_bytes,
    fit_group,
    unknown_in,
)
from cnncalc.lectures.load import EMPTY, Cell, Printed, PrintedColumn, PrintedRow, Story
from cnncalc.lectures.notation import NotationError, describe
from cnncalc.lectures.select import PartFinder, pick
from cnncalc.spec.part import TOTAL
from cnncalc.text.messages import Phrase, joined, message, phrase
from cnncalc.text.numbers import Match, Reading
from cnncalc.text.source import Problem, SpecError
from cnncalc.text.suggest import suggest
from cnncalc.text.yaml_tree import Mapping, Scalar

STATUSES = ("exact", "rounded", "cut", "near", "erratum", "not-computable")
EXTRACTION = "extraction"
BROKEN = "probably lost or broken in the extraction of the text: {story}"
REPRODUCED = ("exact", "rounded", "cut")


class Checked(NamedTuple):
    """A cell, what was computed for it, how the two agree, and the stories of the file.

    `computed` is an exact number, a size, a text, or None. `distance` says by how much of it the printed number is
    too large (+) or too small, `found` how it was computed; `failure` is why the cell makes `--check` fail, or empty.
    Of an erratum, `is_extraction` says that the extraction of the text is probably to blame and not the lecture.
    """

    question: CellToFit
    computed: Any
    status: str
    distance: str
    stories: tuple[str, ...]
    found: GroupFit | None
    failure: str = ""
    is_extraction: bool = False

    @property
    def row(self) -> PrintedRow:
        """The row that it stands in."""
        return self.question.row

    @property
    def column(self) -> PrintedColumn:
        """The column that it stands in, of a merged cell the first."""
        return self.question.column

    @property
    def cell(self) -> Cell:
        """What is printed."""
        return self.question.cell

    @property
    def note(self) -> str:
        """The distance and the stories, in one line."""
        return "; ".join(text for text in (self.distance, *self.stories) if text)


class CheckedTable(NamedTuple):
    """A table with every cell checked; `conventions` says in words what each column's numbers are."""

    printed: Printed
    cells: tuple[Checked, ...]
    conventions: tuple[str, ...]

    @property
    def failures(self) -> tuple[Checked, ...]:
        """The cells that are neither reproduced nor accounted for."""
        return tuple(cell for cell in self.cells if cell.failure)

    def count(self, status: str) -> int:
        """How many cells have a status."""
        return sum(cell.status == status for cell in self.cells)


def check_table(printed: Printed) -> CheckedTable:
    """Check every cell. Raises SpecError where the file names a network or a layer that there is not."""
    return _Check(printed).table()


class _Check:
    def __init__(self, printed: Printed) -> None:
        self.printed = printed
        self.finder = PartFinder(printed)

    def table(self) -> CheckedTable:
        if not self.printed.reason:
            self.check_quantities()
            self.finder.check()
        groups: dict[tuple[str, str], list[CellToFit]] = {}
        checked: dict[tuple[str, tuple[int, ...]], Checked] = {}
        for row in self.printed.rows:
            for question in self.questions(row):
                column = question.column
                if self.printed.reason or column.reason:
                    checked[_place(question)] = self.not_computable(question)
                else:
                    key = ("", row.quantity) if row.quantity else (column.name, column.quantity)
                    groups.setdefault(key if row.numbers is None else ("", NUMBERS), []).append(
                        question
                    )
        words: dict[str, list[Phrase]] = {}
        for (of_column, quantity), questions in groups.items():
            parts = tuple(self.fitted(quantity, questions))
            for part in parts:
                checked[_place(part.question)] = part
                text = _words(part, parts)
                if text is not None:
                    if not of_column:
                        text = message("{quantity}: {text}", quantity=quantity, text=text)
                    words.setdefault(part.column.name, []).append(text)
        ordered = [
            checked[row.name, cell.columns]
            for row in self.printed.rows
            for cell in row.cells
            if (row.name, cell.columns) in checked
        ]
        conventions = tuple(
            _all_of((*words.get(column.name, ()), *self.varied(column)))
            for column in self.printed.columns
        )
        return CheckedTable(self.printed, tuple(ordered), conventions)

    def varied(self, column: PrintedColumn) -> Iterator[Phrase]:
        """Yield the settings of the column's networks, where they are variants of a network that ships."""
        for own in filter(None, map(self.printed.networks.get, column.networks)):
            base, given = own.get("network"), own.get("set")
            if isinstance(base, Scalar) and isinstance(given, Mapping):
                settings = ", ".join(
                    f"{key.text}={value.text}"
                    for key, value in given.entries
                    if isinstance(value, Scalar)
                )
                yield message("of {network} with {settings}", network=base.text, settings=settings)

    def check_quantities(self) -> None:
        """Raise SpecError where a column or a row names a quantity that there is not."""
        named = [(column.span, column.quantity) for column in self.printed.columns]
        named += [(row.span, row.quantity) for row in self.printed.rows]
        problems = [
            Problem(span, "quantity", wrong)
            for span, quantity in named
            if (wrong := unknown_in(quantity))
        ]
        if problems:
            raise SpecError(problems)

    def questions(self, row: PrintedRow) -> Iterator[CellToFit]:
        """Yield the cells of a row that print something, or that a story says should."""
        for cell in row.cells:
            column = self.printed.columns[cell.columns[0]]
            if cell.text in EMPTY and not self.is_missed(row, column):
                continue
            statement = Statement("" if cell.text in EMPTY else cell.text, column.suffix, row.given)
            if self.printed.reason or column.reason or row.numbers is not None:
                yield CellToFit(row, column, cell, statement, ())
                continue
            parts, divisors = self.finder.of(row, cell.columns), self.finder.divisors(row)
            yield CellToFit(row, column, cell, statement, parts, divisors)

    def is_missed(self, row: PrintedRow, column: PrintedColumn) -> bool:
        """Whether an erratum says of this very cell that something should be printed in it."""
        return any(
            story.kind in ("erratum", EXTRACTION)
            and (story.columns or len(self.printed.columns) == 1)
            for story in self.printed.stories_of(row, column)
        )

    def not_computable(self, question: CellToFit) -> Checked:
        reason = self.printed.reason or question.column.reason
        notes = [story.text for story in self.stories(question) if story.kind == "note"]
        return Checked(question, None, "not-computable", "", (reason, *notes), None)

    def stories(self, question: CellToFit) -> tuple[Any, ...]:
        return self.printed.stories_of(question.row, question.column)

    # -- the values of a group -----------------------------------------------------------------------------------------

    def fitted(self, quantity: str, questions: list[CellToFit]) -> Iterator[Checked]:
        """Yield the cells of one column or of one quantity, fitted together."""
        if quantity == NUMBERS:
            yield from self.of_numbers(questions)
            return
        if quantity == TEXT:
            for question in questions:
                yield self.judged(question, self.text(question), None)
            return
        in_bytes = [asked for asked in questions if _is_in_bytes(asked)]
        others = [asked for asked in questions if not _is_in_bytes(asked)]
        if quantity == "memory" or not others:
            in_bytes, others = [], questions
        measured = fit_group(others, quantity)
        for question in others:
            yield self.judged(question, question.value(measured.measure), measured)
        if in_bytes:
            measured = fit_bytes(in_bytes, measured.measure)
            for question in in_bytes:
                yield self.judged(question, question.value(measured.measure), measured)

    def of_numbers(self, questions: list[CellToFit]) -> Iterator[Checked]:
        """Cells that print numbers of a convolution: the cells of a line, from left to right."""
        lines: dict[str, list[CellToFit]] = {}
        for question in questions:
            lines.setdefault(question.row.name, []).append(question)
        for line in lines.values():
            wanted = line[0].row.numbers
            assert wanted is not None
            values = self.finder.numbers(wanted, line[0].row.span)
            for place, question in enumerate(line):
                value: Any = (
                    values if not wanted.line else values[place] if place < len(values) else None
                )
                yield self.judged(question, value, None)

    def text(self, question: CellToFit) -> str | None:
        """Return the layers in the lecture's notation, the same in all networks of the cell. Raises SpecError."""
        notation = {**self.printed.notation, **question.column.notation, **question.row.notation}
        try:
            texts = {describe(part, notation, self.printed.join) for part in question.parts}
        except NotationError as error:
            wrong = f"a layer here has no '{error.word}' that a notation could write"
            hint = suggest(error.word, error.known, "there are {}")
            raise SpecError([Problem(question.cell.span, "notation", wrong, hint)]) from None
        return texts.pop() if len(texts) == 1 else None

    def instead(
        self, question: CellToFit, story: Story, fitted: GroupFit | None
    ) -> tuple[Phrase, str]:
        """Return what another network has that the printed number is of, and what is wrong where it is not.

        Raises SpecError where the cell is of no number that a network has.
        """
        name = story.instead
        network = self.finder.network(name, question.row.span)
        other = question._replace(parts=(pick(network, (TOTAL,)),))
        value = None if fitted is None else other.value(fitted.measure)
        if fitted is None or not isinstance(value, Rational):
            wrong = f"'{name}' has no number that this cell could be of"
            raise SpecError([Problem(story.span, "instead", wrong)])
        for reading in (fitted.reading, Reading(), Reading(1024)):
            if question.statement.agrees(value, reading) is not None:
                if reading == fitted.reading:
                    return message("'{name}' has {value:,}", name=name, value=value), ""
                number = question.statement.number
                return message(
                    "'{name}' has {value:,}, with {suffix} = {base} unlike the rest of the column",
                    name=name,
                    value=value,
                    suffix=number.suffix.upper() if number else "",
                    base=reading.base,
                ), ""
        failure = f"is not that of '{name}' either, which has {value:,}"
        return message("'{name}' has {value:,}", name=name, value=value), failure

    # -- a cell --------------------------------------------------------------------------------------------------------

    def judged(self, question: CellToFit, value: Any, fitted: GroupFit | None) -> Checked:
        """Return the status of a cell, from how the value agrees and what the file says of it."""
        reading = fitted.reading if fitted is not None else Reading()
        agrees = question.statement.agrees(value, reading, is_ratio=bool(question.per))
        if not question.statement.text:
            agrees = None
        stories = self.stories(question)
        story = next((story for story in stories if story.kind != "note"), None)
        is_extraction = story is not None and story.kind == EXTRACTION
        status: str = agrees or "near"
        if story is not None and not agrees:
            status = "erratum" if is_extraction else story.kind
        first, failure = self._explained(question, agrees, story, fitted)
        notes = (*first, *(story.text for story in stories if story.kind == "note"))
        if status == "not-computable":
            return Checked(question, None, status, "", notes, None, failure)
        is_apart = status in ("near", "erratum") and fitted is not None
        apart = _distance(question, value, reading) if is_apart else ""
        return Checked(question, value, status, apart, notes, fitted, failure, is_extraction)

    def _explained(
        self,
        question: CellToFit,
        agrees: Match | None,
        story: Story | None,
        fitted: GroupFit | None,
    ) -> tuple[list[str], str]:
        """Return the notes on how a cell agrees or why it does not, and what fails, if anything does."""
        notes = ["at least"] if question.statement.is_bound else []
        if agrees == "cut":
            notes.append("cut, not rounded")
        if agrees:
            failure = f"is reproduced, but the file calls it {story.kind}" if story else ""
            return notes, failure
        if story is None:
            notes.append("the file does not say why")
            return notes, "is not reproduced, and the file does not say why"
        is_broken = story.kind == EXTRACTION
        note = message(story.text)
        notes.append(message(BROKEN, story=note) if is_broken else note)
        if not story.instead:
            return notes, ""
        other, failure = self.instead(question, story, fitted)
        return [*notes, other], failure


def _is_in_bytes(question: CellToFit) -> bool:
    number = question.statement.number
    return number is not None and number.unit == "bytes"


def _place(question: CellToFit) -> tuple[str, tuple[int, ...]]:
    return question.row.name, question.cell.columns


def _distance(question: CellToFit, value: Any, reading: Reading) -> str:
    """How far the printed number is from ours, where both are numbers that can be compared."""
    from cnncalc.text.numbers import distance

    written = question.statement.number
    if (
        not question.statement.text
        or written is None
        or isinstance(value, (str, tuple))
        or not value
    ):
        return ""
    if written.suffix:
        written = written.with_base(reading.base)
    apart = 100 * distance(written, value)
    return f"{apart:+,.{2 if abs(apart) < 1 else 1 if abs(apart) < 10 else 0}f} %"


def _all_of(said: Iterable[Phrase]) -> Phrase | str:
    """Join what is said of a column, each once; an empty text where nothing is."""
    unique = list(dict.fromkeys(said))
    return joined(unique, "{first}; {second}") if unique else ""


def _words(checked: Checked, group: Iterable[Checked]) -> Phrase | None:
    """Return what a column's numbers are, in words; nothing where none of them was fitted."""
    fitted_as = checked.found
    if fitted_as is None or not fitted_as.cells:
        return None
    numbers = [fitting.question.statement.number for fitting in group if fitting.found is fitted_as]
    return measure_words(
        fitted_as.measure,
        fitted_as.reading,
        [number.suffix[:1] for number in numbers if number is not None],
    )


def measure_words(measure: Measure, reading: Reading, suffixes: Iterable[str]) -> Phrase:
    """Return a measure and a reading in words: "weights without biases; K = 1024"."""
    powers = {1000: ("1000", "10⁶", "10⁹", "10¹²"), 1024: ("1024", "1024²", "1024³", "1024⁴")}[
        reading.base
    ]
    used = set(suffixes)
    units = ", ".join(
        f"{suffix} = {power}"
        for suffix, power in zip("KMGT", powers, strict=True)
        if suffix in used
    )
    parts = [phrase(measure.meaning)]
    if units:
        parts.append(message("{units}", units=units))
    if reading.places:
        parts.append(message("zeros at the end only hold places"))
    return joined(parts, "{first}; {second}")


__all__ = ["REPRODUCED", "STATUSES", "Checked", "CheckedTable", "check_table"]
