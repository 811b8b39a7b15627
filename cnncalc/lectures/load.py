"""A printed table's file to values: what the lecture prints, cell by cell, and what each row and column is about.

The format is described in docs/lectures.md. Nothing is computed here, and no cell is judged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from cnncalc.text.source import Problem, Source, Span, SpecError
from cnncalc.text.suggest import suggest
from cnncalc.text.yaml_tree import Located, Mapping, Scalar, Sequence, parse_yaml

MERGED = "<"
"""A cell that is one with the cell to its left."""
EMPTY = ("", "-", "–", "—")
"""What prints nothing."""

KEYS: dict[str, str] = {
    "lecture": "the lecture's title",
    "section": "where in the lecture",
    "title": "what the table is, in English",
    "ko": "the same in Korean",
    "network": "the network that the table is of",
    "networks": "small networks of the table's own, or variants: {name: {input: ..., layers: [...]}}",
    "numbers": "convolutions of given numbers: {name: {input: ..., kernel: ...}}",
    "label": "the header of the rows' labels, or a list of headers",
    "words": "labels of the lecture in English",
    "columns": "the columns",
    "rows": "the rows, as printed",
    "cells": "how many cells the lecture prints",
    "notation": "how the lecture writes a layer: {conv: '{kernel}×{kernel}, {filters}'}",
    "join": "what stands between two layers in one cell",
    "not-computable": "why none of its numbers can be computed",
    "why": "the stories of cells that are not reproduced",
    "remarks": "slips that no arithmetic finds",
}
COLUMN_KEYS = (
    "name",
    "ko",
    "quantity",
    "network",
    "only",
    "suffix",
    "keep",
    "notation",
    "not-computable",
)
ROW_KEYS = (
    "row",
    "name",
    "layer",
    "network",
    "quantity",
    "per",
    "with",
    "notation",
    "numbers",
    "of",
    "line",
)
WHY_KEYS = ("row", "column", "erratum", "near", "note", "instead")
GRIDS = ("output", "input", "padded", "kernel", "bias")
"""The numbers of a convolution that a row may print."""


class Header(NamedTuple):
    """A header in English and in Korean."""

    english: str
    korean: str

    def text(self, lang: str) -> str:
        """The header in a language."""
        return (self.korean if lang == "ko" else self.english) or self.english


class Column(NamedTuple):
    """A column: its headers, what its cells are of, and why they cannot be computed, if they cannot.

    `quantity` empty is found by fitting. `networks` are those that it is about, `only` the last parts of the layers'
    names that it looks at; `suffix` is the unit that the header gives to plain numbers.
    """

    header: Header
    quantity: str
    networks: tuple[str, ...]
    only: tuple[str, ...]
    suffix: str
    keep: int
    notation: dict[str, str]
    reason: str
    span: Span

    @property
    def name(self) -> str:
        """What the column is called, in English."""
        return self.header.english


class Numbers(NamedTuple):
    """A row of a convolution's numbers: which convolution, which of its grids, which line from 1 (0: its size)."""

    name: str
    grid: str
    line: int


class Cell(NamedTuple):
    """A printed cell: its text, and the columns that it stands under, by position."""

    text: str
    columns: tuple[int, ...]
    span: Span


class Row(NamedTuple):
    """A row: the name it is known by, its printed labels and cells, and what they are about.

    `layers` are patterns of layer and block names; `per` those of what the quantity is divided by, in `per_network`
    if that is another; `given` what the lecture's symbols stand for in a formula that it prints.
    """

    name: str
    key: str
    labels: tuple[str, ...]
    cells: tuple[Cell, ...]
    layers: tuple[str, ...]
    networks: tuple[str, ...]
    quantity: str
    per: tuple[str, ...]
    per_network: tuple[str, ...]
    given: dict[str, int]
    notation: dict[str, str]
    numbers: Numbers | None
    span: Span


class Story(NamedTuple):
    """Why some cells are not reproduced: `kind` is `erratum`, `near` or `note`.

    `instead` is one of the table's own networks, of which the printed number is.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    kind: str
    text: str
    instead: str
    span: Span

    def tells_of(self, row: Row, column: Column) -> bool:
        """Whether the story is about the cell of this row and column."""
        return (row.name in self.rows or row.key in self.rows) and (
            not self.columns or column.name in self.columns
        )


class Printed(NamedTuple):
    """A table as a lecture prints it."""

    name: str
    lecture: str
    section: str
    title: Header
    network: str
    networks: dict[str, Mapping]
    numbers: dict[str, dict[str, Any]]
    labels: tuple[Header, ...]
    words: dict[str, str]
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    cells: int
    notation: dict[str, str]
    join: str
    reason: str
    stories: tuple[Story, ...]
    remarks: tuple[str, ...]
    source: Source

    @property
    def cited(self) -> str:
        """Where it is printed."""
        return f"{self.lecture}, {self.section}" if self.section else self.lecture

    def stories_of(self, row: Row, column: Column) -> tuple[Story, ...]:
        """The stories of one cell."""
        return tuple(story for story in self.stories if story.tells_of(row, column))


def read_table(source: Source, name: str) -> Printed:
    """Read a table's file. Raises SpecError with every mistake, with its place."""
    tree, problems = parse_yaml(source)
    if not isinstance(tree, Mapping):
        empty = Problem(
            Span(source, 1, 1, 1),
            "top",
            "a table is a mapping of keys such as lecture, columns and rows",
        )
        raise SpecError(problems or [empty])
    printed = _Reader(source, tree, problems).table(name)
    if problems:
        raise SpecError(problems)
    return printed


class _Reader:
    """Reads a located tree; mistakes are gathered in `problems`."""

    def __init__(self, source: Source, tree: Mapping, problems: list[Problem]) -> None:
        self.source = source
        self.tree = tree
        self.problems = problems

    def table(self, name: str) -> Printed:
        tree = self.tree
        self.check_keys(tree, KEYS, "a table")
        for needed in ("lecture", "title", "columns", "rows", "cells"):
            if tree.get(needed) is None:
                self.problem(tree.span, "missing-key", f"the table has no '{needed}'", KEYS[needed])
        labels = tuple(self.header(item, "a label") for item in _items(tree.get("label")))
        own = self.mapping(tree.get("networks"), Mapping)
        columns = tuple(self.column(item) for item in _items(tree.get("columns")))
        title = Header(self.text(tree, "title"), self.text(tree, "ko"))
        rows = self.named(
            tuple(self.row(item, len(labels), columns) for item in _items(tree.get("rows")))
        )
        stories = tuple(self.story(item, rows, columns) for item in _items(tree.get("why")))
        return Printed(
            name,
            self.text(tree, "lecture"),
            self.text(tree, "section"),
            title,
            self.text(tree, "network"),
            own,
            {
                key: _texts_by_key(value)
                for key, value in self.mapping(tree.get("numbers"), Mapping).items()
            },
            labels,
            self.words(tree.get("words")),
            columns,
            rows,
            self.count(rows),
            self.words(tree.get("notation")),
            self.text(tree, "join") or " ",
            self.text(tree, "not-computable"),
            stories,
            self.texts(tree.get("remarks")),
            self.source,
        )

    # -- parts ------------------------------------------------------------------------------------------------------

    def column(self, located: Located) -> Column:
        fields = self.fields(located, COLUMN_KEYS, "a column")
        return Column(
            self.header(located, "a column"),
            self.text(fields, "quantity"),
            self.texts(fields.get("network")),
            self.texts(fields.get("only")),
            self.text(fields, "suffix"),
            self.whole(fields, "keep", 1),
            self.words(fields.get("notation")),
            self.text(fields, "not-computable"),
            located.span,
        )

    def header(self, located: Located, what: str) -> Header:
        if isinstance(located, Scalar):
            return Header(located.text, "")
        name = self.text(located, "name") if isinstance(located, Mapping) else ""
        if not name:
            self.problem(
                located.span,
                "missing-key",
                f"{what} has a name",
                "{name: parameters, ko: 파라미터}",
            )
        return Header(name, self.text(located, "ko") if isinstance(located, Mapping) else "")

    def row(self, located: Located, labels: int, columns: tuple[Column, ...]) -> Row:
        """A row: `layer: [label, cell, ...]`, or a mapping with the list under `row`."""
        fields, key = Mapping((), located.span), ""
        printed: Located | None = None
        if isinstance(located, Mapping) and located.get("row") is not None:
            fields = self.fields(located, ROW_KEYS, "a row")
            key, printed = self.text(fields, "layer"), fields.get("row")
        elif isinstance(located, Mapping) and len(located.entries) == 1:
            key, printed = located.entries[0][0].text, located.entries[0][1]
        if not isinstance(printed, Sequence):
            self.problem(
                located.span,
                "row",
                "a row is a layer and the list of what is printed, label first",
                "conv1: [CONV1, 55×55×96, '34,944'], or {row: [...], layer: conv1}",
            )
            printed = Sequence((), located.span)
        texts = [self.scalar(item) for item in printed.items]
        wanted = labels + len(columns)
        if len(texts) != wanted:
            self.problem(
                printed.span,
                "row",
                f"this row has {len(texts)} items; the table has {wanted} columns",
                "an empty cell is '', one that is merged with the cell to its left '<'",
            )
        cells = tuple(_cells(texts[labels:wanted]))
        shown = tuple(text.text for text in texts[:labels])
        other, _, per = self.text(fields, "per").rpartition(":")
        return Row(
            self.text(fields, "name"),
            key,
            shown,
            cells,
            tuple(key.split()) or ("total",),
            self.texts(fields.get("network")),
            self.text(fields, "quantity"),
            tuple(per.split()),
            tuple(other.split()),
            self.given(fields.get("with")),
            self.words(fields.get("notation")),
            self.numbers(fields),
            located.span,
        )

    def numbers(self, fields: Mapping) -> Numbers | None:
        name = self.text(fields, "numbers")
        if not name:
            return None
        grid = self.text(fields, "of") or "output"
        self.known(fields.get("of"), grid, GRIDS, "numbers of a convolution are of its")
        own = self.tree.get("numbers")
        names = [key.text for key, _ in own.entries] if isinstance(own, Mapping) else []
        self.known(fields.get("numbers"), name, names, "the table's numbers are")
        return Numbers(name, grid, self.whole(fields, "line", 0))

    def given(self, located: Located | None) -> dict[str, int]:
        found: dict[str, int] = {}
        for key, text in self.words(located).items():
            if not text.isdigit():
                self.problem(
                    located.span if located else self.tree.span,
                    "value",
                    f"{key} is a whole number here",
                )
            else:
                found[key] = int(text)
        return found

    def story(self, located: Located, rows: tuple[Row, ...], columns: tuple[Column, ...]) -> Story:
        fields = self.fields(located, WHY_KEYS, "a story")
        kinds = [
            (key.text, value)
            for key, value in fields.entries
            if key.text in ("erratum", "near", "note")
        ]
        if len(kinds) != 1 or not isinstance(kinds[0][1], Scalar):
            self.problem(
                located.span, "why", "a story says one of erratum, near and note", "erratum: why"
            )
            kinds = [("note", Scalar("", True, located.span))]
        names = [name for row in rows for name in (row.name, row.key)]
        for item in _items(fields.get("row")):
            self.known(item, self.scalar(item).text, names, "the rows are")
        for item in _items(fields.get("column")):
            self.known(
                item, self.scalar(item).text, [column.name for column in columns], "the columns are"
            )
        if fields.get("instead") is not None:
            own = self.mapping(self.tree.get("networks"), Mapping)
            self.known(
                fields.get("instead"),
                self.text(fields, "instead"),
                own,
                "the table's own networks are",
            )
        kind, text = kinds[0]
        return Story(
            self.texts(fields.get("row")),
            self.texts(fields.get("column")),
            kind,
            self.scalar(text).text,
            self.text(fields, "instead"),
            located.span,
        )

    def named(self, rows: tuple[Row, ...]) -> tuple[Row, ...]:
        """The rows with names that are distinct: the label, the label above where there is none, the layer beside."""
        wanted, above = [], ""
        for row in rows:
            above = (
                row.name or next((label for label in reversed(row.labels) if label), "") or above
            )
            wanted.append(row.name or above or row.key)
        counts = Counter(wanted)
        names = [
            name if counts[name] == 1 else f"{name} ({row.key})"
            for name, row in zip(wanted, rows, strict=True)
        ]
        for name, row in zip(names, rows, strict=True):
            if names.count(name) > 1 and row.cells:
                self.problem(
                    row.span,
                    "row",
                    f"two rows are called '{name}'",
                    "give this row a name: {name: ..., row: ...}",
                )
        return tuple(row._replace(name=name) for name, row in zip(names, rows, strict=True))

    def count(self, rows: tuple[Row, ...]) -> int:
        """The number of printed cells, as the file states it; the rows must have as many."""
        printed = sum(cell.text not in EMPTY for row in rows for cell in row.cells)
        stated = self.whole(self.tree, "cells", printed)
        if stated != printed and not self.problems:
            self.problem(
                _span(self.tree.get("cells"), self.tree),
                "cells",
                f"the lecture prints {stated} cells, but the rows have {printed}",
                "a cell is missing or there is one too many",
            )
        return stated

    # -- values ------------------------------------------------------------------------------------------------------

    def problem(self, span: Span, code: str, message: str, hint: str = "") -> None:
        self.problems.append(Problem(span, code, message, hint))

    def check_keys(self, fields: Mapping, known: Iterable[str], what: str) -> None:
        names = tuple(known)
        for key, _ in fields.entries:
            if key.text not in names:
                self.problem(
                    key.span,
                    "unknown-key",
                    f"'{key.text}' is not a key of {what}",
                    suggest(key.text, names, "the keys are {}"),
                )

    def known(self, located: Located | None, word: str, words: Iterable[str], said: str) -> None:
        listed = [text for text in dict.fromkeys(words) if text]
        if word not in listed:
            self.problem(
                _span(located, self.tree),
                "unknown",
                f"there is no '{word}' here",
                suggest(word, listed, f"{said} {{}}"),
            )

    def fields(self, located: Located, known: tuple[str, ...], what: str) -> Mapping:
        if not isinstance(located, Mapping):
            if not (what == "a column" and isinstance(located, Scalar)):
                self.problem(
                    located.span,
                    "value",
                    f"{what} is a mapping",
                    f"its keys are {', '.join(known)}",
                )
            return Mapping((), located.span)
        self.check_keys(located, known, what)
        return located

    def scalar(self, located: Located) -> Scalar:
        if isinstance(located, Scalar):
            return located
        self.problem(
            located.span,
            "value",
            "a text stands here, not a list or a mapping",
            "put a text with brackets or braces in quotes",
        )
        return Scalar("", True, located.span)

    def text(self, fields: Mapping, key: str) -> str:
        located = fields.get(key)
        return "" if located is None else self.scalar(located).text

    def texts(self, located: Located | None) -> tuple[str, ...]:
        return tuple(self.scalar(item).text for item in _items(located))

    def whole(self, fields: Mapping, key: str, default: int) -> int:
        text = self.text(fields, key)
        if not text:
            return default
        if not (text.isascii() and text.isdigit()):
            self.problem(
                _span(fields.get(key), fields), "value", f"{key} is a whole number, not '{text}'"
            )
            return default
        return int(text)

    def words(self, located: Located | None) -> dict[str, str]:
        return {key: value.text for key, value in self.mapping(located, Scalar).items()}

    def mapping(self, located: Located | None, of: Callable[..., Any]) -> dict[str, Any]:
        if located is None:
            return {}
        if not isinstance(located, Mapping):
            self.problem(located.span, "value", "a mapping stands here", "{name: ...}")
            return {}
        for _, value in located.entries:
            if not isinstance(value, of):  # type: ignore[arg-type]
                self.problem(
                    value.span,
                    "value",
                    "a text stands here" if of is Scalar else "a mapping stands here",
                )
        return {key.text: value for key, value in located.entries if isinstance(value, of)}  # type: ignore[arg-type]


def _items(located: Located | None) -> tuple[Located, ...]:
    """The items of a list; another value stands for a list of one."""
    return () if located is None else located.items if isinstance(located, Sequence) else (located,)


def _span(located: Located | None, other: Mapping) -> Span:
    return other.span if located is None else located.span


def _texts_by_key(located: Mapping) -> dict[str, Any]:
    """A convolution's settings, as texts and lists of texts."""

    def plain(value: Located) -> Any:
        if isinstance(value, Scalar):
            return value.text
        items = value.items if isinstance(value, Sequence) else [item for _, item in value.entries]
        return [plain(item) for item in items]

    return {key.text: plain(value) for key, value in located.entries}


def _cells(texts: list[Scalar]) -> Iterable[Cell]:
    """The cells of a row; a merged one belongs to the cell at its left."""
    cell: Cell | None = None
    for place, text in enumerate(texts):
        if text.text == MERGED and text.plain and cell is not None:
            cell = cell._replace(columns=(*cell.columns, place))
            continue
        if cell is not None:
            yield cell
        cell = Cell(" ".join(text.text.split()), (place,), text.span)
    if cell is not None:
        yield cell


__all__ = ["EMPTY", "Cell", "Column", "Header", "Numbers", "Printed", "Row", "Story", "read_table"]
