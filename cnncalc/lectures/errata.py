"""The page of errata: every printed cell that is wrong, with what it should be and how that comes about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from cnncalc.lectures.check import Checked, CheckedTable
from cnncalc.lectures.load import EMPTY
from cnncalc.lectures.page import computed_text, full_text, places_of
from cnncalc.lectures.select import Subject

MOST_TERMS = 6
"""A sum of more terms than this is only said to be one."""


def errata_page(tables: Iterable[CheckedTable]) -> str:
    """The page in Markdown: one line for each erratum, sorted by lecture."""
    listed = sorted(tables, key=lambda one: one.printed.lecture)
    wrong = sum(one.count("erratum") for one in listed)
    lines = [
        "# Errata in the lectures",
        "",
        f"The lectures print {sum(one.printed.cells for one in listed):,} cells in {len(listed)} tables and lists of "
        f"numbers; {wrong} are wrong or left out. Each line names the table, the cell, what is printed and what it "
        "should be. `cnncalc lecture TABLE` shows the whole table; [Printed tables](lectures.md) says how it is read.",
    ]
    for lecture, group in groupby(listed, key=lambda one: one.printed.lecture):
        lines += ["", f"## {lecture}", *_section(list(group))]
    return "\n".join(lines) + "\n"


def _section(tables: list[CheckedTable]) -> Iterator[str]:
    """A lecture's errata, what is near what is printed and no more, and what only reading finds."""
    parts = {
        "": [_line(table, cells) for table in tables for cells in _groups(table, "erratum")],
        "Near, and no more": [
            _line(table, cells) for table in tables for cells in _groups(table, "near")
        ],
        "Beside the numbers": [
            f"{remark} (`{table.printed.name}`)"
            for table in tables
            for remark in table.printed.remarks
        ],
    }
    for title, lines in parts.items():
        if lines:
            yield from ["", f"### {title}"] if title else []
            yield from ["", *(f"- {_sentence(line)}" for line in lines)]


def _groups(table: CheckedTable, status: str) -> Iterable[list[Checked]]:
    """Cells of which the same is to be said: printed alike with the same right value, or numbers of one grid."""
    groups: dict[tuple[Any, ...], list[Checked]] = {}
    for cell in table.cells:
        if cell.status != status:
            continue
        numbers = cell.row.numbers
        key = (
            (numbers.name, numbers.grid) if numbers is not None else (cell.cell.text, cell.computed)
        )
        groups.setdefault((cell.stories, key), []).append(cell)
    return groups.values()


def _line(table: CheckedTable, cells: list[Checked]) -> str:
    first = cells[0]
    where = f"**{table.printed.title.english}** (`{table.printed.name}`), {', '.join(places_of(table, cells))}"
    story = _sentence("; ".join(first.stories))
    if first.row.numbers is not None:
        return f"{where}: {_grid(table, cells)}. {story}"
    said = "nothing is printed" if first.cell.text in EMPTY else f"printed `{first.cell.text}`"
    if first.computed not in (None, ""):
        said = f"{said}, ours {_right(first)}"
    near = f", {first.distance}" if first.status == "near" else ""
    return f"{where}: {said}{near}. {story}"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}".removesuffix(".") + "."


def _grid(table: CheckedTable, cells: list[Checked]) -> str:
    """The numbers of the rows that have an erratum, as printed and as computed, row by row."""
    rows = dict.fromkeys(cell.row.name for cell in cells)
    lines = [[cell for cell in table.cells if cell.row.name == name] for name in rows]
    printed = "; ".join(" ".join(cell.cell.text for cell in line) for line in lines)
    ours = "; ".join(" ".join(computed_text(cell) for cell in line) for line in lines)
    return f"printed `{printed}`, ours **{ours}**"


# --- derivations -----------------------------------------------------------------------------------------------------


def _right(checked: Checked) -> str:
    """The right value, and the arithmetic that makes it."""
    value, shown = checked.computed, computed_text(checked)
    if isinstance(value, (str, tuple)):
        return f"**{shown}**"
    full = full_text(value)
    arithmetic = _arithmetic(checked)
    result = f"**{full}**" if full == shown else f"**{full}** ({shown})"
    return f"{arithmetic} = {result}" if arithmetic else result


def _arithmetic(checked: Checked) -> str:
    """How a number comes about: a formula with numbers, a sum over layers, a quotient."""
    question, found = checked.question, checked.found
    if found is None or not question.subjects:
        return ""
    subject, measure = question.subjects[0], found.measure
    if question.per:
        return f"{full_text(measure.of(subject))} / {full_text(measure.of(question.per[0]))}"
    if measure.unit == "bytes":
        return f"{full_text(checked.computed // 4)} values · 4 bytes"
    terms = [
        (index, value)
        for index in subject.picked
        if (value := measure.of(Subject(subject.net, (index,), (), whole=False)))
    ]
    if len(terms) == 1:
        return _formula(subject, terms[0][0], measure.quantity)
    values = [value for _, value in terms]
    if not all(isinstance(value, int) for value in values) or sum(values) != checked.computed:
        return ""
    return (
        " + ".join(map(full_text, values))
        if len(values) <= MOST_TERMS
        else f"the sum over {len(values)} layers"
    )


def _formula(subject: Subject, index: int, quantity: str) -> str:
    """The formula of one layer's quantity with its numbers, as `explain` gives it."""
    from cnncalc.spec.quantities import ASKED

    if quantity not in ASKED:
        return ""
    (derived,) = subject.net.explain(subject.net.graph.nodes[index].name, quantity)
    return derived.steps[-1].numbers


__all__ = ["errata_page"]
