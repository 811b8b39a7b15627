"""A printed table's file to values: what the lecture prints, cell by cell, and what each row and column is about.

The format is described in docs/lectures.md. Nothing is computed here, and no cell is judged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

from cnncalc.text.limits import limit
from cnncalc.text.records import (
    MAPPING,
    SCALAR,
    TEXT,
    WRITTEN,
    Key,
    Record,
    RecordFields,
    Schema,
    by_name,
    each,
    items_of,
    whole,
    written,
)
from cnncalc.text.source import Problem, Source, Span, SpecError
from cnncalc.text.suggest import suggest
from cnncalc.text.yaml_tree import Located, Mapping, Scalar, Sequence

MAX_CELLS = limit(2_000)
"""Rows of a table times its columns."""
MAX_STORIES = limit(500)
"""Stories of a table's cells."""
MERGED = "<"
"""A cell that is one with the cell to its left."""
EMPTY = ("", "-", "–", "—")
"""What prints nothing."""

GRIDS = ("output", "input", "padded", "kernel", "bias")
"""The numbers of a convolution that a row may print."""
STORIES = ("erratum", "extraction", "near", "not-computable", "note")
"""What a story may say: the lecture is wrong; the text extracted from it probably is; the number is nearly right; it
cannot be told what was counted; something else."""

_TEXTS = each(TEXT)
_WORDS = by_name(TEXT)
_KO = Key("ko", TEXT, "the same in Korean", "")
_NAMED = "{name: parameters, ko: 파라미터}"
_NOTATION = Key(
    "notation", _WORDS, "how the lecture writes a layer: {conv: '{kernel}×{kernel}, {filters}'}", {}
)


LABEL = Record(
    "a label",
    Key("name", TEXT, "the header in English", "", required=True, example=_NAMED),
    _KO,
    missing="a label has a {}",
    code="missing-key",
    bare="name",
)
COLUMN = Record(
    "a column",
    Key("name", TEXT, "the header in English", "", required=True, example=_NAMED),
    _KO,
    Key("quantity", TEXT, "what its cells are; found by fitting unless given", ""),
    Key("network", _TEXTS, "the networks that it is about", ()),
    Key("only", _TEXTS, "the last parts of the layers' names that it looks at", ()),
    Key("suffix", TEXT, "the unit that the header gives to plain numbers", ""),
    Key(
        "keep",
        whole("keep is a whole number"),
        "2 and more: what a narrow terminal may leave out",
        1,
    ),
    _NOTATION,
    Key("not-computable", TEXT, "why its numbers cannot be computed", ""),
    missing="a column has a {}",
    code="missing-key",
    bare="name",
)
ROW = Record(
    "a row",
    Key("row", WRITTEN, "what is printed, label first", required=True),
    Key("name", TEXT, "what the row is called, where its label is not enough", ""),
    Key("layer", TEXT, "the layer or block that it is about, or patterns of their names", ""),
    Key("network", _TEXTS, "the network, if another than the column's", ()),
    Key("quantity", TEXT, "what its cells are, if another than the column's", ""),
    Key("per", TEXT, "layers whose quantity it is divided by, of another network: NAME:LAYERS", ""),
    Key(
        "with", by_name(whole("a symbol stands for a whole number")), "the symbols of a formula", {}
    ),
    _NOTATION,
    Key("numbers", SCALAR, "the convolution whose numbers it prints"),
    Key("of", SCALAR, f"which of them: {', '.join(GRIDS)}"),
    Key("line", whole("line is a whole number"), "the line of them, from 1; 0 is their size", 0),
)
STORY = Record(
    "a story",
    Key("row", each(SCALAR), "the rows that it is about", ()),
    Key("column", each(SCALAR), "the columns that it is about; all unless given", ()),
    Key("erratum", TEXT, "why the lecture is wrong"),
    Key("extraction", TEXT, "what the extraction of the text probably lost or broke"),
    Key("near", TEXT, "why the number is nearly right"),
    Key("not-computable", TEXT, "why it cannot be told what the number is of"),
    Key("note", TEXT, "why the number is not the computed one, without being wrong"),
    Key("instead", SCALAR, "one of the table's own networks, of which the printed number is"),
)
TABLE = Record(
    "a table",
    Key("lecture", TEXT, "the lecture's title", "", required=True),
    Key("section", TEXT, "where in the lecture", ""),
    Key("lines", TEXT, "the lines of the text extracted from its slides: FILE FIRST-LAST", ""),
    Key("title", TEXT, "what the table is, in English", "", required=True),
    _KO,
    Key("network", TEXT, "the network that the table is of", ""),
    Key(
        "networks",
        by_name(MAPPING),
        "small networks of the table's own, or variants: {name: {input: ..., layers: [...]}}",
        {},
    ),
    Key(
        "numbers",
        by_name(MAPPING),
        "convolutions of given numbers: {name: {input: ..., kernel: ...}}",
        {},
    ),
    Key("label", each(LABEL.form), "the header of the rows' labels, or a list of headers", ()),
    Key("words", _WORDS, "labels of the lecture in English", {}),
    Key("columns", each(COLUMN.form), "the columns", (), required=True),
    Key(
        "rows",
        written({"type": "array", "items": {"type": "object"}}),
        "the rows, as printed",
        required=True,
    ),
    Key(
        "cells",
        whole("cells is a whole number"),
        "how many cells the lecture prints",
        required=True,
    ),
    _NOTATION,
    Key(
        "join",
        SCALAR.then(lambda scalar: scalar.text),
        "what stands between two layers in one cell",
        " ",
    ),
    Key("not-computable", TEXT, "why none of its numbers can be computed", ""),
    Key("why", each(STORY.form), "the stories of cells that are not reproduced", ()),
    Key("remarks", _TEXTS, "slips that no arithmetic finds", ()),
    missing="the table has no '{}'",
    example="its keys are such as lecture, columns and rows",
    code="missing-key",
)


class Header(NamedTuple):
    """A header in English and in Korean."""

    english: str
    korean: str

    def text(self, lang: str) -> str:
        """Return the header in a language."""
        return (self.korean if lang == "ko" else self.english) or self.english


class PrintedColumn(NamedTuple):
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


class PrintedRow(NamedTuple):
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
    """Why some cells are not reproduced: `kind` is one of STORIES.

    `instead` is one of the table's own networks, of which the printed number is.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    kind: str
    text: str
    instead: str
    span: Span

    def tells_of(self, row: PrintedRow, column: PrintedColumn) -> bool:
        """Whether the story is about the cell of this row and column."""
        return (row.name in self.rows or row.key in self.rows) and (
            not self.columns or column.name in self.columns
        )


class Printed(NamedTuple):
    """A table as a lecture prints it."""

    name: str
    lecture: str
    section: str
    lines: str
    title: Header
    network: str
    networks: dict[str, Mapping]
    numbers: dict[str, dict[str, Any]]
    labels: tuple[Header, ...]
    words: dict[str, str]
    columns: tuple[PrintedColumn, ...]
    rows: tuple[PrintedRow, ...]
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

    def stories_of(self, row: PrintedRow, column: PrintedColumn) -> tuple[Story, ...]:
        """Return the stories of one cell."""
        return tuple(story for story in self.stories if story.tells_of(row, column))


def schema() -> Schema:
    """Give the JSON Schema of a printed table's file."""
    return TABLE.document_schema("cnncalc lecture table")


def read_table(source: Source, name: str) -> Printed:
    """Read a table's file. Raises SpecError with every mistake, with its place."""
    fields, problems = TABLE.read_file(source)
    _check_size(fields)
    printed = _Table(source, fields, problems).printed(name)
    if problems:
        raise SpecError(problems)
    return printed


def _check_size(fields: RecordFields) -> None:
    """Refuse a table too large before any work on it. Raises SpecError."""
    cells = len(list(items_of(fields["rows"]))) * max(len(fields["columns"]), 1)
    for key, count, what, most in (
        ("rows", cells, "cells", MAX_CELLS),
        ("why", len(fields["why"]), "stories", MAX_STORIES),
    ):
        if count > most:
            wrong = f"this table has {count:,} {what}; the limit is {most:,}"
            raise SpecError([Problem(fields.span_of(key), "limit", wrong)])


class _Table:
    """Reads what is written in a table's rows and stories, which depends on its columns and networks."""

    def __init__(self, source: Source, fields: RecordFields, problems: list[Problem]) -> None:
        self.source = source
        self.fields = fields
        self.problems = problems
        self.columns = tuple(map(_column, fields["columns"]))

    def printed(self, name: str) -> Printed:
        fields = self.fields
        rows = self.named(tuple(map(self.row, items_of(fields["rows"]))))
        return Printed(
            name,
            fields["lecture"],
            fields["section"],
            fields["lines"],
            Header(fields["title"], fields["ko"]),
            fields["network"],
            fields["networks"],
            {key: self.settings(written) for key, written in fields["numbers"].items()},
            tuple(map(_header, fields["label"])),
            fields["words"],
            self.columns,
            rows,
            self.count(rows),
            fields["notation"],
            fields["join"],
            fields["not-computable"],
            tuple(self.story(story, rows) for story in fields["why"]),
            fields["remarks"],
            self.source,
        )

    def problem(self, span: Span, code: str, message: str, hint: str = "") -> None:
        self.problems.append(Problem(span, code, message, hint))

    def row(self, located: Located) -> PrintedRow:
        """Return a row: `layer: [label, cell, ...]`, or a mapping with the list under `row`."""
        layer = ""
        if (
            isinstance(located, Mapping)
            and len(located.entries) == 1
            and located.get("row") is None
        ):
            (key, value), layer = located.entries[0], located.entries[0][0].text
            located = Mapping(((key._replace(text="row"), value),), located.span)
        fields = ROW.read(located, self.problems) if isinstance(located, Mapping) else None
        printed = None if fields is None else fields["row"]
        if fields is None or not isinstance(printed, Sequence):
            return self.no_row(located)
        texts = [
            SCALAR.read(item, self.problems) or Scalar("", True, item.span)
            for item in printed.items
        ]
        labels = len(self.fields["label"])
        wanted = labels + len(self.columns)
        if len(texts) != wanted:
            self.problem(
                printed.span,
                "row",
                f"this row has {len(texts)} items; the table has {wanted} columns",
                "an empty cell is '', one that is merged with the cell to its left '<'",
            )
        layer = fields["layer"] or layer
        other, _, per = fields["per"].rpartition(":")
        return PrintedRow(
            fields["name"],
            layer,
            tuple(text.text for text in texts[:labels]),
            tuple(_cells(texts[labels:wanted])),
            tuple(layer.split()) or ("total",),
            fields["network"],
            fields["quantity"],
            tuple(per.split()),
            tuple(other.split()),
            fields["with"],
            fields["notation"],
            self.numbers(fields),
            located.span,
        )

    def no_row(self, located: Located) -> PrintedRow:
        self.problem(
            located.span,
            "row",
            "a row is a layer and the list of what is printed, label first",
            "conv1: [CONV1, 55×55×96, '34,944'], or {row: [...], layer: conv1}",
        )
        return PrintedRow("", "", (), (), ("total",), (), "", (), (), {}, {}, None, located.span)

    def settings(self, written: Mapping) -> dict[str, Any]:
        """Return the settings of a convolution that the table works out."""
        from cnncalc.window.convolve_file import LAYER, settings_of

        fields = LAYER.read(written, self.problems)
        return {} if fields is None else settings_of(fields, self.problems)

    def numbers(self, fields: RecordFields) -> Numbers | None:
        """Return the numbers of a convolution that a row prints, if it does."""
        name, grid = fields["numbers"], fields["of"]
        if name is None:
            return None
        self.known(name, self.fields["numbers"], "the table's numbers are")
        if grid is not None:
            self.known(grid, GRIDS, "numbers of a convolution are of its")
        return Numbers(name.text, "output" if grid is None else grid.text, fields["line"])

    def story(self, fields: RecordFields, rows: tuple[PrintedRow, ...]) -> Story:
        stories = [(kind, fields[kind]) for kind in STORIES if kind in fields.given]
        if len(stories) != 1:
            said = f"a story says one of {', '.join(STORIES[:-1])} and {STORIES[-1]}"
            self.problem(fields.span, "why", said, "erratum: why")
        names = [name for row in rows for name in (row.name, row.key)]
        for row in fields["row"]:
            self.known(row, names, "the rows are")
        for column in fields["column"]:
            self.known(column, [known.name for known in self.columns], "the columns are")
        instead = fields["instead"]
        if instead is not None:
            self.known(instead, self.fields["networks"], "the table's own networks are")
        kind, text = stories[0] if stories else ("note", "")
        return Story(
            tuple(row.text for row in fields["row"]),
            tuple(column.text for column in fields["column"]),
            kind,
            text or "",
            "" if instead is None else instead.text,
            fields.span,
        )

    def known(self, scalar: Scalar, words: Iterable[str], said: str) -> None:
        """Tell a name that stands for nothing in this table."""
        names = [text for text in dict.fromkeys(words) if text]
        if scalar.text not in names:
            hint = suggest(scalar.text, names, f"{said} {{}}")
            self.problem(scalar.span, "unknown", f"there is no '{scalar.text}' here", hint)

    def named(self, rows: tuple[PrintedRow, ...]) -> tuple[PrintedRow, ...]:
        """Return the rows with names that are distinct: the label, the label above where there is none, the layer
        beside.
        """
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
        counts = Counter(names)
        for name, row in zip(names, rows, strict=True):
            if counts[name] > 1 and row.cells:
                self.problem(
                    row.span,
                    "row",
                    f"two rows are called '{name}'",
                    "give this row a name: {name: ..., row: ...}",
                )
        return tuple(row._replace(name=name) for name, row in zip(names, rows, strict=True))

    def count(self, rows: tuple[PrintedRow, ...]) -> int:
        """Return the number of printed cells, as the file states it; the rows must have as many."""
        printed = sum(cell.text not in EMPTY for row in rows for cell in row.cells)
        stated: int = printed if self.fields["cells"] is None else self.fields["cells"]
        if stated != printed and not self.problems:
            self.problem(
                self.fields.span_of("cells"),
                "cells",
                f"the lecture prints {stated} cells, but the rows have {printed}",
                "a cell is missing or there is one too many",
            )
        return stated


def _header(fields: RecordFields) -> Header:
    return Header(fields["name"], fields["ko"])


def _column(fields: RecordFields) -> PrintedColumn:
    return PrintedColumn(
        _header(fields),
        fields["quantity"],
        fields["network"],
        fields["only"],
        fields["suffix"],
        fields["keep"],
        fields["notation"],
        fields["not-computable"],
        fields.span,
    )


def _cells(texts: list[Scalar]) -> Iterable[Cell]:
    """Yield the cells of a row; a merged one belongs to the cell at its left."""
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


__all__ = [
    "EMPTY",
    "Cell",
    "Header",
    "Numbers",
    "Printed",
    "PrintedColumn",
    "PrintedRow",
    "Story",
    "read_table",
]
