"""Sheets: which cell answers which question, whatever the format and the names in it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from cnncalc.homework.sheets.files import Rows, SheetCell, SheetFile, read_sheet_file, refuse
from cnncalc.homework.sheets.labels import (
    Ambiguous,
    ColumnHeader,
    LayerNames,
    layer_header_rank,
    plain,
    read_header,
)
from cnncalc.text.source import Problem
from cnncalc.text.suggest import nearest
from cnncalc.text.yaml_tree import Located, Mapping, Scalar, Sequence

HEADER_ROWS = 30
"""The header is looked for in so many rows at the top."""

_IDS = frozenset(
    map(
        plain,
        ("id", "question", "q", "no", "number", "문항", "문제", "번호", "문항 번호", "문제 번호"),
    )
)
_ANSWERS = frozenset(
    map(
        plain,
        (
            "answer",
            "answers",
            "your answer",
            "value",
            "response",
            "답",
            "답안",
            "정답",
            "응답",
            "해답",
            "나의 답",
        ),
    )
)
_BARE = re.compile(r"[\d.,'_ ]+")


class Answer(NamedTuple):
    """A cell that answers something: its text and place; `problem` where it cannot be an answer.

    `suffix` is what the column's header gives to a bare number, such as `M`.
    """

    text: str
    place: str
    problem: str = ""
    suffix: str = ""

    @property
    def meant(self) -> str:
        """The text with the suffix that its column gives it."""
        return (
            f"{self.text} {self.suffix}"
            if self.suffix and _BARE.fullmatch(self.text)
            else self.text
        )


class Remark(NamedTuple):
    """Something about a file that its author should know, and where."""

    place: str
    text: str

    def __str__(self) -> str:
        return f"{self.place}: note: {self.text}"


class NetworkSheet(NamedTuple):
    """Answers about one network by layer and quantity, in the order of the sheet."""

    name: str
    answers: dict[tuple[str, str], Answer]
    remarks: list[Remark]


class HomeworkSheet(NamedTuple):
    """Answers by the question's id."""

    name: str
    answers: dict[str, Answer]
    remarks: list[Remark]


# --- a sheet for one network ----------------------------------------------------------------------------------------


class _Row(NamedTuple):
    label: SheetCell
    cells: list[tuple[str, Answer]]


def read_network_sheet(path: str, names: LayerNames) -> NetworkSheet:
    """Read a sheet of layers and quantities. Raises SpecError for a file that is no sheet."""
    sheet_file, problems = read_sheet_file(path)
    remarks = [_remark_of(problem) for problem in problems]
    rows = list(
        _grid_rows(sheet_file, remarks)
        if isinstance(sheet_file, Rows)
        else _yaml_rows(path, sheet_file, remarks)
    )
    if not rows:
        raise refuse(
            path,
            "no row with a layer is found",
            "a first column has the layers, a header the quantities",
        )
    answers: dict[tuple[str, str], Answer] = {}
    seen: dict[str, str] = {}
    repeated = _in_order(rows, names)
    for number, row in enumerate(rows):
        layer = repeated.get(number) or _layer(path, row.label, names, remarks)
        if layer is None:
            continue
        if layer in seen:
            remarks.append(
                Remark(
                    f"{path}:{row.label.place}",
                    f"'{row.label.text}' is {layer}, which stands at "
                    f"{seen[layer]} too; the first counts",
                )
            )
            continue
        seen[layer] = row.label.place
        for quantity, answer in row.cells:
            answers.setdefault((layer, quantity), answer)
    return NetworkSheet(path, answers, remarks)


def _remark_of(problem: Problem) -> Remark:
    return Remark(f"{problem.file}:{problem.line}:{problem.column}", problem.message)


def _in_order(rows: list[_Row], names: LayerNames) -> dict[int, str]:
    """Rows of one bare label, such as `맥스 풀링`, that are as many as there are such layers: those, in order."""
    labels = [plain(row.label.text) for row in rows]
    found: dict[int, str] = {}
    for label, count in Counter(labels).items():
        layers = names.in_order(label, count) if count > 1 else None
        if layers is not None:
            found.update(
                zip((at for at, one in enumerate(labels) if one == label), layers, strict=True)
            )
    return found


def _layer(path: str, label: SheetCell, names: LayerNames, remarks: list[Remark]) -> str | None:
    """The layer that a label means; a remark where that cannot be told."""
    text = label.text
    found = names.find(text)
    if found is None:
        short = re.split(r"[(:\[]", text, maxsplit=1)[0]
        found = names.find(short) if short.strip() and short != text else None
    if isinstance(found, str):
        return found
    if found is None:
        message = _not_known(f"there is no layer '{text}' in this network", text, names.exact)
        remarks.append(Remark(f"{path}:{label.place}", message))
    elif isinstance(found, Ambiguous):
        shown = ", ".join(found.layers[:4]) + (", ..." if len(found.layers) > 4 else "")
        remarks.append(Remark(f"{path}:{label.place}", f"'{text}' may be any of {shown}"))
    return None


class _Columns(NamedTuple):
    label: int
    quantities: dict[int, ColumnHeader]


def _grid_rows(grid: Rows, remarks: list[Remark]) -> Iterator[_Row]:
    """The rows under the header."""
    at, columns = _find_header(grid, remarks)
    width = len(grid.rows[at])
    for row in grid.rows[at + 1 :]:
        if not any(cell.text or cell.problem for cell in row) or _is_header(row):
            continue
        label = row[columns.label] if columns.label < len(row) else SheetCell("", row[0].place)
        if not label.text:
            remarks.append(
                Remark(f"{grid.name}:{label.place}", "a row with no layer's name is left out")
            )
            continue
        too_long = (
            ""
            if not any(cell.text for cell in row[width:])
            else ("this row has more cells than the header; a cell with commas in it needs quotes")
        )
        yield _Row(
            label,
            [
                (header.quantity, _answer(row, place, header, too_long))
                for place, header in columns.quantities.items()
            ],
        )


def _answer(row: list[SheetCell], place: int, header: ColumnHeader, problem: str) -> Answer:
    """The cell of a column."""
    if place >= len(row):
        return Answer("", row[-1].place)
    cell = row[place]
    return Answer(cell.text, cell.place, cell.problem or problem, header.suffix)


def _is_header(row: list[SheetCell]) -> bool:
    """Whether every cell of a row is a header, as where a table goes on on another page."""
    filled = [cell.text for cell in row if cell.text]
    known = [
        read_header(text) is not None or layer_header_rank(text) is not None for text in filled
    ]
    return len(filled) > 1 and all(known) and any(read_header(text) is not None for text in filled)


def _find_header(grid: Rows, remarks: list[Remark]) -> tuple[int, _Columns]:
    """The row of headers, and what each column is. Raises SpecError where there is none."""
    counts = [
        sum(read_header(cell.text) is not None for cell in row[1:])
        for row in grid.rows[:HEADER_ROWS]
    ]
    if not counts or not max(counts):
        raise refuse(
            grid.name,
            "no column of this sheet is known",
            "the first row has headers such as layer, output, params, or 계층, 출력 크기, 파라미터 수",
        )
    at = counts.index(max(counts))
    ranks = {
        place: rank
        for place, cell in enumerate(grid.rows[at])
        if (rank := layer_header_rank(cell.text)) is not None
    }
    label = min(ranks, key=lambda place: ranks[place]) if ranks else 0
    quantities: dict[int, ColumnHeader] = {}
    for place, cell in enumerate(grid.rows[at]):
        header = read_header(cell.text) if place != label else None
        where = f"{grid.name}:{cell.place}"
        if header is None:
            if place != label and place not in ranks and cell.text:
                remarks.append(Remark(where, f"the column '{cell.text}' is not known and left out"))
        elif header.quantity in {one.quantity for one in quantities.values()}:
            remarks.append(
                Remark(where, f"a second column of {header.quantity}, '{cell.text}', is left out")
            )
        else:
            quantities[place] = header
    return at, _Columns(label, quantities)


def _yaml_rows(path: str, tree: Located, remarks: list[Remark]) -> Iterator[_Row]:
    """The rows of `{conv1: {output: 55x55x96}}`, or of a list of mappings with the layer's name among them."""
    if isinstance(tree, Mapping):
        pairs: list[tuple[Scalar, Located]] = list(tree.entries)
    else:
        pairs = [
            pair
            for item in (tree.items if isinstance(tree, Sequence) else ())
            if (pair := _named(item)) is not None
        ]
    for label, value in pairs:
        cell = SheetCell(label.text.strip(), f"{label.span.line}:{label.span.column}")
        if not isinstance(value, Mapping):
            remarks.append(
                Remark(
                    f"{path}:{cell.place}",
                    f"'{cell.text}' needs quantities: {cell.text}: {{output: ..., params: ...}}",
                )
            )
            continue
        found = []
        for key, located in value.entries:
            header = read_header(key.text)
            if header is not None:
                found.append(
                    (header.quantity, _located_answer(located)._replace(suffix=header.suffix))
                )
            elif layer_header_rank(key.text) is None:
                remarks.append(
                    Remark(
                        f"{path}:{key.span.line}:{key.span.column}",
                        f"'{key.text}' is not a known quantity and left out",
                    )
                )
        yield _Row(cell, found)


def _named(item: Located) -> tuple[Scalar, Located] | None:
    """A row of a list, by the entry that names its layer."""
    if not isinstance(item, Mapping):
        return None
    for key, value in item.entries:
        if layer_header_rank(key.text) is not None and isinstance(value, Scalar):
            return value, item
    if len(item.entries) == 1:
        return item.entries[0]
    return None


def _located_answer(located: Located) -> Answer:
    """A YAML value as the text that a person means: a list is a shape, an empty value and `null` are blank."""
    place = f"{located.span.line}:{located.span.column}"
    if isinstance(located, Scalar):
        return Answer(
            "" if located.plain and located.text in ("~", "null") else located.text.strip(), place
        )
    if isinstance(located, Sequence) and all(isinstance(item, Scalar) for item in located.items):
        return Answer(
            f"[{', '.join(item.text for item in located.items if isinstance(item, Scalar))}]", place
        )
    return Answer("", place, "an answer is a number or a shape, not a mapping")


# --- a sheet for a homework -----------------------------------------------------------------------------------------


def read_homework_sheet(path: str, ids: list[str]) -> HomeworkSheet:
    """Read a sheet of `id: answer`. Raises SpecError for a file that is no sheet."""
    sheet_file, problems = read_sheet_file(path)
    remarks = [_remark_of(problem) for problem in problems]
    known = {plain(one): one for one in reversed(ids)}
    answers: dict[str, Answer] = {}
    found = False
    for label, answer in _pairs(sheet_file, known):
        one = label.text if label.text in ids else known.get(plain(label.text))
        where = f"{path}:{label.place}"
        if one is None:
            message = _not_known(f"there is no question '{label.text}'", label.text, ids)
            remarks.append(Remark(where, message))
        elif one in answers:
            remarks.append(Remark(where, f"'{label.text}' is answered twice; the first counts"))
        else:
            found = True
            answers[one] = answer
    if not found:
        raise refuse(
            path,
            "none of the homework's questions is answered here",
            f"a sheet has a line for each question, such as {ids[0]}: ..." if ids else "",
        )
    return HomeworkSheet(path, answers, remarks)


def _pairs(sheet_file: SheetFile, known: dict[str, str]) -> Iterator[tuple[SheetCell, Answer]]:
    """Ids with their answers."""
    if isinstance(sheet_file, Rows):
        yield from _grid_pairs(sheet_file, known)
        return
    entries = (
        sheet_file.entries
        if isinstance(sheet_file, Mapping)
        else [
            entry
            for item in sheet_file.items
            if isinstance(item, Mapping)
            for entry in _listed(item)
        ]
    )
    for key, value in entries:
        yield (
            SheetCell(key.text.strip(), f"{key.span.line}:{key.span.column}"),
            _located_answer(value),
        )


def _listed(item: Mapping) -> list[tuple[Scalar, Located]]:
    """`{id: q1, answer: 5}` as q1: 5; any other mapping as its entries."""
    by_key = {plain(key.text): value for key, value in item.entries}
    label = next((by_key[key] for key in by_key if key in _IDS), None)
    answer = next((by_key[key] for key in by_key if key in _ANSWERS), None)
    if isinstance(label, Scalar) and answer is not None:
        return [(label, answer)]
    return list(item.entries)


def _grid_pairs(grid: Rows, known: dict[str, str]) -> Iterator[tuple[SheetCell, Answer]]:
    """The columns of ids and answers: by their headers, else the first that has ids and the one after it."""
    label, answer, start, width = 0, 1, 0, 2
    for at, row in enumerate(grid.rows[:HEADER_ROWS]):
        texts = [plain(cell.text) for cell in row]
        ids = [place for place, text in enumerate(texts) if text in _IDS]
        given = [place for place, text in enumerate(texts) if text in _ANSWERS]
        if ids and given:
            label, answer, start, width = ids[0], given[0], at + 1, len(row)
            break
    else:
        counts = Counter(
            place
            for row in grid.rows
            for place, cell in enumerate(row)
            if plain(cell.text) in known
        )
        if counts:
            label = counts.most_common(1)[0][0]
            answer, width = label + 1, label + 2
    for row in grid.rows[start:]:
        if label >= len(row) or not row[label].text:
            continue
        cell = row[answer] if answer < len(row) else SheetCell("", row[-1].place)
        problem = cell.problem
        if any(extra.text for extra in row[width:]):
            problem = (
                problem
                or "this row has more cells than there are columns; one with commas in it needs quotes"
            )
        yield row[label], Answer(cell.text, cell.place, problem)


def _not_known(message: str, name: str, known: Iterable[str]) -> str:
    """The message with the name that was meant."""
    close = nearest(name, known)
    return f"{message}; did you mean {close}?" if close else message
