"""docs/errata.md: every cell of the lectures' printed tables that is wrong, made from specs/lectures/.

python tools/make_errata.py            # write it
python tools/make_errata.py --check    # exit code 1 where it is stale
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from cnncalc import lectures
from cnncalc.lectures.check import BROKEN, Checked, CheckedTable
from cnncalc.lectures.load import EMPTY
from cnncalc.lectures.page import computed_text, full_text, places_of
from cnncalc.lectures.select import NetworkPart
from cnncalc.spec.part import Part

PAGE = Path(__file__).parent.parent / "docs" / "errata.md"
HEAD = "<!-- Made by tools/make_errata.py from specs/lectures/; change those. -->\n\n"
MAX_TERMS = 6
"""A sum of more terms than this is only said to be one."""
INTRODUCTION = """\
*Printed* here means: in the text that was extracted from the lectures' slides, in which pictures are dropped and tables
can break; Coursera's table is given as the course showed it first. Of its numbers cnncalc records {cells:,} cells in
{tables} tables and lists. {wrong} of them are wrong or left out in the lecture itself. {broken} more are probably only
lost or broken in the text; look at the slide before you tell anybody of these. Each line names the table, the lines of
the text, the cell, what is printed and what it should be. `cnncalc lecture TABLE` shows the whole table;
[Printed tables](lectures.md) says how it is read."""


def errata_page(tables: Iterable[CheckedTable]) -> str:
    """Write the page in Markdown: one line for each erratum, sorted by lecture."""
    listed = sorted(tables, key=lambda one: one.printed.lecture)
    cells = [cell for table in listed for cell in table.cells if cell.status == "erratum"]
    broken = sum(cell.is_extraction for cell in cells)
    lines = [
        "# Errata in the lectures",
        "",
        INTRODUCTION.format(
            cells=sum(table.printed.cells for table in listed),
            tables=len(listed),
            wrong=len(cells) - broken,
            broken=broken,
        ),
    ]
    for lecture, group in groupby(listed, key=lambda one: one.printed.lecture):
        lines += ["", f"## {lecture}", *_section(list(group))]
    return "\n".join(lines) + "\n"


def _section(tables: list[CheckedTable]) -> Iterator[str]:
    """Yield a lecture's errata, what the text is to blame for, what is not quite reproduced, and what only reading
    finds.
    """
    parts = {
        "Wrong in the lecture": _lines(tables, lambda cell: _is_wrong(cell, broken=False)),
        "Probably broken in the text: look at the slide first": _lines(
            tables, lambda cell: _is_wrong(cell, broken=True)
        ),
        "Near, and no more": _lines(tables, lambda cell: cell.status == "near"),
        "Not reproduced": _lines(tables, _is_open),
        "Beside the numbers": [
            f"{remark} ({_place(table)})" for table in tables for remark in table.printed.remarks
        ],
    }
    for title, lines in parts.items():
        if lines:
            yield from ["", f"### {title}", "", *(f"- {_sentence(line)}" for line in lines)]


def _is_wrong(cell: Checked, *, broken: bool) -> bool:
    return cell.status == "erratum" and cell.is_extraction == broken


def _is_open(cell: Checked) -> bool:
    """Whether a story of the cell itself, not of its column, says why nothing was computed."""
    return cell.status == "not-computable" and bool(cell.question.parts)


def _lines(tables: Iterable[CheckedTable], wanted: Callable[[Checked], bool]) -> list[str]:
    return [_line(table, cells) for table in tables for cells in _groups(table, wanted)]


def _place(table: CheckedTable) -> str:
    """Return the table's name, and the lines of the text that it is from."""
    lines = table.printed.lines.partition(" ")[2]
    return f"`{table.printed.name}`" + (f", lines {lines}" if lines else "")


def _groups(table: CheckedTable, wanted: Callable[[Checked], bool]) -> Iterable[list[Checked]]:
    """Cells of which the same is to be said: printed alike with the same right value, or numbers of one grid."""
    groups: dict[tuple[Any, ...], list[Checked]] = {}
    for cell in filter(wanted, table.cells):
        numbers = cell.row.numbers
        key = (
            (numbers.name, numbers.grid) if numbers is not None else (cell.cell.text, cell.computed)
        )
        groups.setdefault((cell.stories, key), []).append(cell)
    return groups.values()


def _line(table: CheckedTable, cells: list[Checked]) -> str:
    first = cells[0]
    where = (
        f"**{table.printed.title.english}** ({_place(table)}), {', '.join(places_of(table, cells))}"
    )
    story = _sentence("; ".join(first.stories).removeprefix(BROKEN.format(story="")))
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
    """Return the numbers of the rows that have an erratum, as printed and as computed, row by row."""
    rows = dict.fromkeys(cell.row.name for cell in cells)
    lines = [[cell for cell in table.cells if cell.row.name == name] for name in rows]
    printed = "; ".join(" ".join(cell.cell.text for cell in line) for line in lines)
    ours = "; ".join(" ".join(computed_text(cell) for cell in line) for line in lines)
    return f"printed `{printed}`, ours **{ours}**"


# --- derivations -----------------------------------------------------------------------------------------------------


def _right(checked: Checked) -> str:
    """Return the right value, and the arithmetic that makes it."""
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
    if found is None or not question.parts:
        return ""
    part, measure = question.parts[0], found.measure
    if question.per:
        return f"{full_text(part.value(measure))} / {full_text(question.per[0].value(measure))}"
    if measure.unit == "bytes":
        return f"{full_text(checked.computed // 4)} values · 4 bytes"
    terms = [
        (index, value)
        for index in part.layers.members
        if (value := _layer(part, index).value(measure))
    ]
    if len(terms) == 1:
        return _formula(part, terms[0][0], measure.quantity)
    values = [value for _, value in terms]
    if not all(isinstance(value, int) for value in values) or sum(values) != checked.computed:
        return ""
    return (
        " + ".join(map(full_text, values))
        if len(values) <= MAX_TERMS
        else f"the sum over {len(values)} layers"
    )


def _layer(part: NetworkPart, index: int) -> NetworkPart:
    """Return one layer of a part by itself."""
    return part._replace(layers=Part(part.layers.graph, "", "", (index,), index), whole=False)


def _formula(part: NetworkPart, index: int, quantity: str) -> str:
    """Return the formula of one layer's quantity with its numbers, as `explain` gives it."""
    from cnncalc.spec.quantities import ASKED

    if quantity not in ASKED:
        return ""
    (derived,) = part.net.explain(part.net.graph.nodes[index].name, quantity)
    return derived.steps[-1].numbers


def run(arguments: list[str]) -> int:
    """Write the page, or with `--check` say whether it is current; 2 for anything else."""
    if arguments not in ([], ["--check"]):
        print("usage: python tools/make_errata.py [--check]", file=sys.stderr)
        return 2
    text = HEAD + errata_page(lectures.check_all())
    if not arguments:
        PAGE.write_text(text, encoding="utf-8")
        return 0
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == text:
        return 0
    print(f"docs/{PAGE.name} is stale; run python tools/make_errata.py", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
