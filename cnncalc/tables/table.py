"""Report to Table: the columns of each question, as one list."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any, NamedTuple

from cnncalc.ops.shapes import format_shape
from cnncalc.report.analysis import Report, Row
from cnncalc.report.memory import Training
from cnncalc.spec.graph import show_inputs
from cnncalc.spec.quantities import BY_KEY, QUANTITIES, ROW_FIELDS, SUMMED, shown_in
from cnncalc.text.messages import in_language, message, said, translate
from cnncalc.text.printable import printable
from cnncalc.text.suggest import listing


class Column(NamedTuple):
    """A column: the JSON field's name, the header, what its cells are, and which columns go first when all do not fit.

    `english` is the header, a sentence of the catalogue or a name that is the same in every language; `kind` is
    `text`, `setting` (a layer's field), `count` (an integer), `shape`, `shapes`, `names`, `axes` (a number per axis) or
    `flag`; `keep` is 1 for what a narrow terminal must show and more for what can be left out.
    """

    key: str
    english: str
    kind: str = "count"
    keep: int = 1

    def header(self, lang: str) -> str:
        """Return the header in a language."""
        return in_language(self.english, lang)

    def printable(self, lang: str) -> Column:
        """Return the column with its header in a language, safe to show."""
        return self._replace(english=printable(self.header(lang)))


def _printable(cell: Any, lang: str) -> Any:
    """Say a text in a language, on one line and free of control characters."""
    if isinstance(cell, tuple):
        return tuple(_printable(part, lang) for part in cell)
    return cell if cell is None else printable(said(cell, lang))


_WITH_TEXT = ("text", "names")
"""The kinds of cells that hold what people wrote."""


class AtLeast(int):
    """A count of which only the least that it can be is known."""


class Table(NamedTuple):
    """What every view shows: typed cells in columns, a line of totals, and notes to stand below."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    totals: tuple[Any, ...] | None = None
    notes: tuple[str, ...] = ()
    lang: str = "en"

    def headers(self) -> list[str]:
        """Return the headers in the table's language."""
        return [column.header(self.lang) for column in self.columns]

    def printable(self) -> Table:
        """Return the table with every text on one line and free of control characters: the one edge of all formats."""
        texts = [place for place, column in enumerate(self.columns) if column.kind in _WITH_TEXT]

        def shown(cells: tuple[Any, ...]) -> tuple[Any, ...]:
            safe = list(cells)
            for place in texts:
                safe[place] = _printable(safe[place], self.lang)
            return tuple(safe)

        return self._replace(
            title=_printable(self.title, self.lang),
            columns=tuple(column.printable(self.lang) for column in self.columns),
            rows=tuple(map(shown, self.rows)),
            totals=None if self.totals is None else shown(self.totals),
            notes=_printable(self.notes, self.lang),
        )

    def without(self, keys: Iterable[str]) -> Table:
        """Return the table without some columns."""
        dropped = set(keys)
        kept = [place for place, column in enumerate(self.columns) if column.key not in dropped]

        def pick(cells: tuple[Any, ...]) -> tuple[Any, ...]:
            return tuple(cells[place] for place in kept)

        return self._replace(
            columns=pick(self.columns),
            rows=tuple(map(pick, self.rows)),
            totals=None if self.totals is None else pick(self.totals),
        )


COLUMNS: dict[str, Column] = {
    quantity.key: Column(quantity.key, quantity.english, quantity.kind, quantity.keep)
    for quantity in QUANTITIES
}
"""Every column by its key: the JSON fields, and bytes."""

QUESTIONS: dict[str, tuple[str, ...]] = {
    question: shown_in(question)
    for question in ("summary", "params", "shapes", "flops", "memory", "receptive")
}
"""The columns of each question that a command answers."""

_SUMMED = frozenset(quantity.key for quantity in SUMMED)


def table(report: Report, question: str, *, lang: str = "en", everything: bool = False) -> Table:
    """Tabulate one question. `everything` also shows the layers that change nothing: activations, dropout."""
    keys = _keys(report, question)
    columns = tuple(_named(COLUMNS[key], report) for key in keys)
    rows = [row for row in report.rows if everything or not row.quiet]
    cells = [tuple(_cell(report, row, key) for key in keys) for row in rows]
    summed = [row for row in report.rows if report.with_side or not row.side]
    if not everything:
        cells += _hidden_sums(report, [row for row in summed if row.quiet], keys, lang)
    totals = None
    if _is_summed(keys):
        totals = _sums(report, summed, keys, translate("total", lang))
    title = f"{report.title}, {show_inputs(report.inputs, lang)}"
    notes = tuple(_notes(report, keys, rows, lang))
    made = Table(title, columns, tuple(cells), totals, notes, lang)
    apart = {place for place, row in enumerate(rows) if row.side and not report.with_side}
    return made if question == "summary" else with_companions(made, apart)


def _is_summed(keys: Iterable[str]) -> bool:
    return any(key in _SUMMED for key in keys)


def _hidden_sums(
    report: Report, hidden: list[Row], keys: tuple[str, ...], lang: str
) -> list[tuple[Any, ...]]:
    """Sum the rows that are not shown into a row of their own; none where they count nothing."""
    if any(_counted(report, row, key) for row in hidden for key in keys if key in _SUMMED):
        label = translate("{count} not shown", lang, count=len(hidden))
        return [_sums(report, hidden, keys, label)]
    return []


def _keys(report: Report, question: str) -> tuple[str, ...]:
    """Return the columns of a question, as far as the report has them."""
    keys = QUESTIONS[question]
    if report.no_bias:
        return tuple(key for key in keys if key not in ("biases", "weights"))
    return _with_counted(keys, report) if "params" in keys else keys


COMPANIONS: dict[str, Callable[[int, int], float]] = {
    "share": lambda value, total: value / total if total else 0.0,
    "MiB": lambda value, total: value / 2**20,
}
"""What may stand beside a quantity, from its value and its total."""


def with_companions(table: Table, apart: Collection[int]) -> Table:
    """Put beside a quantity what a person wants to see with it: its share of the total, or it in MiB.

    The rows at the places `apart` are not in the total and have no share of it.
    """
    if table.totals is None:
        return table
    columns: list[Column] = []
    picks: list[Pick] = []
    for place, column in enumerate(table.columns):
        columns.append(column)
        picks.append(_at(place))
        beside = BY_KEY[column.key].beside
        if beside:
            columns.append(Column(f"{column.key}:{beside}", beside, beside, 4))
            picks.append(_companion(beside, place, table.totals[place]))
    return table._replace(
        columns=tuple(columns),
        rows=tuple(
            tuple(pick(row, place in apart) for pick in picks)
            for place, row in enumerate(table.rows)
        ),
        totals=tuple(pick(table.totals, False) for pick in picks),
    )


Pick = Callable[[tuple[Any, ...], bool], Any]


def _at(place: int) -> Pick:
    return lambda cells, _: cells[place]


def _companion(beside: str, place: int, total: int) -> Pick:
    compute = COMPANIONS[beside]

    def pick(cells: tuple[Any, ...], is_apart: bool) -> float | None:
        value = cells[place]
        if isinstance(value, AtLeast) or (is_apart and beside == "share"):
            return None
        return compute(value, total)

    return pick


def data_table(report: Report, question: str) -> Table:
    """Tabulate for programs: every layer, the contract's field names, no totals; `side` says what no total counts."""
    keys = ROW_FIELDS
    if question != "summary":
        asked = (key for key in QUESTIONS[question] if key not in ("name", "op"))
        keys = ("name", "op", *asked, "side")
    columns = tuple(COLUMNS[key] for key in keys)
    rows = tuple(tuple(report.known(BY_KEY[key], row) for key in keys) for row in report.rows)
    return Table("", columns, rows)


def _named(column: Column, report: Report) -> Column:
    """Head the operations' column as the convention calls them, and with its name where they are not MACs."""
    if column.key != "ops":
        return column
    unit, name = report.convention.unit, report.convention.name
    return column._replace(english=f"{unit} ({name})" if unit == COLUMNS["macs"].english else unit)


def _with_counted(keys: tuple[str, ...], report: Report) -> tuple[str, ...]:
    """Return the columns, and before the parameters those that the convention counts among them."""
    more = [
        term.text
        for term in report.convention.parameters
        if term.text in COLUMNS and term.text not in keys
    ]
    at = keys.index("params")
    return (*keys[:at], *more, *keys[at:])


def _counted(report: Report, row: Row, key: str) -> Any:
    """Return a row's value for people, as the convention counts it."""
    quantity = BY_KEY[key]
    return quantity.counted(row) if quantity.under else report.fact(quantity, row)


def _cell(report: Report, row: Row, key: str) -> Any:
    value = _counted(report, row, key)
    if key == "name" and row.side:
        return f"{value} *"
    return AtLeast(value) if key in row.unknown else value


def _sums(report: Report, rows: list[Row], keys: tuple[str, ...], label: str) -> tuple[Any, ...]:
    """Return a line of sums: of the columns that can be summed, under a label."""
    return tuple(
        label if key == "name" else _sum(report, rows, key) if key in _SUMMED else None
        for key in keys
    )


def _sum(report: Report, rows: list[Row], key: str) -> int:
    total = sum(_counted(report, row, key) for row in rows)
    return AtLeast(total) if any(key in row.unknown for row in rows) else total


def _notes(report: Report, keys: tuple[str, ...], rows: list[Row], lang: str) -> Iterator[str]:
    yield from _convention_notes(report, keys, lang)
    if any(row.side for row in rows) and _is_summed(keys):
        yield translate(_IN_TOTAL if report.with_side else _NOT_IN_TOTAL, lang)
    if "params" in keys:
        yield from _shared_note(rows, lang)
    if "activation_bytes" in keys:
        yield from _memory_notes(report, lang)
    if "receptive_field" in keys:
        yield from _unknown_fields(rows, lang)
    unknown = [_with_origin(row) for row in rows if set(row.unknown) & set(keys)]
    if unknown:
        layers = listing(unknown, 4)
        yield translate("≥: at least that many; not known of {layers}", lang, layers=layers)


def _convention_notes(report: Report, keys: tuple[str, ...], lang: str) -> Iterator[str]:
    """Say by which convention operations and parameters are counted."""
    convention = report.convention
    if "ops" in keys:
        yield translate(
            "{unit} by the convention '{name}': {title}",
            lang,
            unit=convention.unit,
            name=convention.name,
            title=message(convention.title),
        )
    if "params" in keys and not convention.has_usual_parameters:
        yield translate(
            "parameters by the convention '{name}': {terms}",
            lang,
            name=convention.name,
            terms=convention.parameter_words,
        )
    if report.no_bias and "params" in keys:
        yield translate("biases are left out (--no-bias)", lang)


_IN_TOTAL = "* a side output, counted in the total"
_NOT_IN_TOTAL = "* a side output, not in the total; --with-side adds it"


def _unknown_fields(rows: Iterable[Row], lang: str) -> Iterator[str]:
    """Say why receptive fields are not known, where some are not."""
    unseen = [row for row in rows if None in row.receptive_field]
    reasons = dict.fromkeys(row.field.why or "the input has no such axes" for row in unseen)
    if reasons:
        said = translate(" and ", lang).join(translate(reason, lang) for reason in reasons)
        yield translate("?: unknown, since {reasons}", lang, reasons=said)


def _shared_note(rows: Iterable[Row], lang: str) -> Iterator[str]:
    pairs = [
        translate("{layer} uses those of {owner}", lang, layer=row.name, owner=row.shares)
        for row in rows
        if row.shares is not None
    ]
    if pairs:
        yield translate("weights counted once: {pairs}", lang, pairs=listing(pairs, 4))


def _with_origin(row: Row) -> str:
    """Return a row's name, and what its op is called in the file of another tool."""
    return f"{row.name} ({row.of})" if row.of else row.name


def _memory_notes(report: Report, lang: str) -> Iterator[str]:
    example = translate("one example", lang)
    batch = translate("{count} examples", lang, count=report.batch) if report.batch > 1 else example
    yield translate(
        "{dtype}, {batch}; activations are what the lectures count: input, conv, pool and fc outputs",
        lang,
        dtype=report.dtype,
        batch=batch,
    )
    memory = report.totals.memory
    peak = memory.peak_moment
    yield translate(
        "peak of a forward pass, without parameters: {bytes}, while {layer} runs",
        lang,
        bytes=show_bytes(peak.bytes),
        layer=report.graph.nodes[peak.place].name,
    )
    training = memory.training
    parts = ", ".join(
        f"{translate(what, lang)} {count:,}" for what, count in _training_parts(training)
    )
    known = "training_bytes" not in report.totals.unknown
    yield translate(
        "training with {optimizer}: {bytes}: {parts}"
        if known
        else "training with {optimizer}: at least {bytes}: {parts}",
        lang,
        optimizer=report.optimizer,
        bytes=show_bytes(training.total),
        parts=parts,
    )
    if report.dtype == "int8":
        yield translate("nothing is trained in int8; this is as if it were", lang)


def _training_parts(training: Training) -> Iterable[tuple[str, int]]:
    """Return the parts of what training holds, those that are none left out."""
    parts = (
        ("parameters", training.parameters),
        ("their 2-byte copies", training.copies),
        ("gradients", training.gradients),
        ("optimizer state", training.state),
        ("kept for backward", training.kept),
    )
    return [part for part in parts if part[1]]


def show_bytes(count: int) -> str:
    """Show bytes exactly, and in the unit that people would use."""
    for power, unit in ((3, "GiB"), (2, "MiB"), (1, "KiB")):
        if count >= 1024**power:
            return f"{count:,} bytes ({count / 1024**power:,.1f} {unit})"
    return f"{count:,} bytes"


def for_people(kind: str, value: Any) -> str:
    """Return a cell as a person reads it."""
    if value is None:
        return ""
    return _SHOWN[kind](value)


def for_programs(kind: str, value: Any) -> str:
    """Return a cell as a program reads it: digits without separators, shapes as 55x55x96."""
    if value is None:
        return ""
    return _RAW[kind](value)


def _count(value: int) -> str:
    if isinstance(value, AtLeast):
        return f"≥ {value:,}" if value else "?"
    return f"{value:,}"


def _axes(value: tuple[Any, ...], sign: str) -> str:
    texts = ["?" if item is None else str(item) for item in value]
    return sign.join(texts)


_SHOWN: dict[str, Callable[[Any], str]] = {
    "text": str,
    "setting": str,
    "count": _count,
    "shape": lambda value: format_shape(value),
    "shapes": lambda value: ", ".join(format_shape(shape) for shape in value),
    "names": ", ".join,
    "axes": lambda value: _axes(value, "×"),
    "flag": lambda value: "yes" if value else "no",
    "share": lambda value: f"{100 * value:.1f} %",
    "MiB": lambda value: f"{value:,.2f}",
}
_RAW: dict[str, Callable[[Any], str]] = {
    "text": str,
    "setting": lambda value: value.replace("×", "x"),
    "count": lambda value: "" if isinstance(value, AtLeast) else str(value),
    "shape": lambda value: "x".join(map(str, value)),
    "shapes": lambda value: " ".join("x".join(map(str, shape)) for shape in value),
    "names": " ".join,
    "axes": lambda value: _axes(value, "x"),
    "flag": lambda value: "true" if value else "false",
    "share": lambda value: f"{value:.6f}",
    "MiB": lambda value: f"{value:.6f}",
}

NUMERIC = ("count", "share", "MiB")
"""The kinds that stand flush right."""
