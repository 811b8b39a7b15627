"""Sheets: which cell answers which question, whatever the format and the names in it."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from cnncalc.homework.sheets.files import SheetFile, read_sheet_file
from cnncalc.homework.sheets.labels import (
    Ambiguous,
    ColumnHeader,
    LayerNames,
    layer_header_rank,
    plain,
    read_header,
)
from cnncalc.homework.sheets.rows import HEADER_ROWS, MAX_LABEL, Rows, SheetCell, refuse
from cnncalc.text.messages import in_language, message, translate
from cnncalc.text.source import Problem
from cnncalc.text.suggest import nearest
from cnncalc.text.yaml_tree import Located, Mapping, Scalar
from cnncalc.text.yaml_tree import Sequence as YamlSequence

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
MAX_UNKNOWN = 20
"""Of so many rows that are not known it is said what may be meant."""

STUDENT_IDS = frozenset(
    map(
        plain,
        ("id", "student id", "sid", "student number", "학번", "username", "email", "email address"),
    )
)
STUDENT_NAMES = frozenset(
    map(plain, ("student", "name", "student name", "full name", "이름", "성명", "학생"))
)
"""Headers of the column that names students, in a roster and in a table of a student a row."""

_WORD = re.compile(r"[^\W\d_]+|\d+")
_QUESTION_WORDS = frozenset(
    ("q", "question", "no", "nr", "number", "문제", "문항", "질문", "문", "번")
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
        return self.said("en")

    def said(self, lang: str) -> str:
        """Say it in a language."""
        note = translate("note: {note}", lang, note=in_language(self.text, lang))
        return f"{self.place}: {note}"


class NetworkSheet(NamedTuple):
    """Answers about one network by layer and quantity, in the order of the sheet."""

    name: str
    answers: dict[tuple[str, str], Answer]
    remarks: list[Remark]


class HomeworkSheet(NamedTuple):
    """Answers by the question's id; `student` where a table has many."""

    name: str
    answers: dict[str, Answer]
    remarks: list[Remark]
    student: str | None = None


# --- a sheet for one network ----------------------------------------------------------------------------------------


class _Row(NamedTuple):
    label: SheetCell
    cells: list[tuple[str, Answer]]


def read_network_sheet(path: str, names: LayerNames) -> NetworkSheet:
    """Read a sheet of layers and quantities. Raises SpecError for a file that is no sheet."""
    sheet_file, problems = read_sheet_file(path, _network_likeness)
    remarks = [_remark_of(problem) for problem in problems]
    unknown = UnknownLabels(path, remarks)
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
        layer = repeated.get(number) or _layer(path, row.label, names, remarks, unknown)
        if layer is None:
            continue
        if layer in seen:
            remarks.append(
                Remark(
                    f"{path}:{row.label.place}",
                    message(
                        "'{label}' is {layer}, which stands at {place} too; the first counts",
                        label=row.label.text,
                        layer=layer,
                        place=seen[layer],
                    ),
                )
            )
            continue
        seen[layer] = row.label.place
        for quantity, answer in row.cells:
            answers.setdefault((layer, quantity), answer)
    unknown.close()
    return NetworkSheet(path, answers, remarks)


def _network_likeness(rows: Rows) -> int:
    """Count the known headers of the row that has most."""
    head = rows.rows[:HEADER_ROWS]
    return max((sum(read_header(cell.text) is not None for cell in row) for row in head), default=0)


class UnknownLabels:
    """Remarks about labels that are nobody's: a few with what may be meant, then how many more there are."""

    def __init__(self, path: str, remarks: list[Remark]) -> None:
        self.path = path
        self.remarks = remarks
        self.count = 0

    def add(self, label: SheetCell, text: str, known: Iterable[str]) -> None:
        """Say that a label is not known, and what is near."""
        self.count += 1
        if self.count <= MAX_UNKNOWN:
            close = nearest(label.text, known)
            if close:
                text = message("{text}; did you mean {close}?", text=text, close=close)
            self.remarks.append(Remark(f"{self.path}:{label.place}", text))

    def close(self) -> None:
        """Say how many more labels are not known."""
        if self.count > MAX_UNKNOWN:
            more = self.count - MAX_UNKNOWN
            text = message("{more:,} more rows are not known and left out", more=more)
            self.remarks.append(Remark(self.path, text))


def _remark_of(problem: Problem) -> Remark:
    return Remark(f"{problem.file}:{problem.line}:{problem.column}", problem.message)


def _in_order(rows: list[_Row], names: LayerNames) -> dict[int, str]:
    """Rows of one bare label, such as `맥스 풀링`, that are as many as there are such layers: those, in order."""
    labels = [plain(row.label.text) for row in rows]
    layer_at: dict[int, str] = {}
    for label, count in Counter(labels).items():
        layers = names.in_order(label, count)
        if layers is not None:
            layer_at.update(
                zip((at for at, other in enumerate(labels) if other == label), layers, strict=True)
            )
    return layer_at


def _layer(
    path: str, label: SheetCell, names: LayerNames, remarks: list[Remark], unknown: UnknownLabels
) -> str | None:
    """Find the layer that a label means; a remark where that cannot be told."""
    text = label.text
    layer = names.find(text)
    if layer is None:
        short = re.split(r"[(:\[]", text, maxsplit=1)[0]
        layer = names.find(short) if short.strip() and short != text else None
    if isinstance(layer, str):
        return layer
    if layer is None:
        unknown.add(
            label, message("there is no layer '{layer}' in this network", layer=text), names.exact
        )
    elif isinstance(layer, Ambiguous):
        shown = ", ".join(layer.layers[:4]) + (", ..." if len(layer.layers) > 4 else "")
        remark = message("'{text}' may be any of {names}", text=text, names=shown)
        remarks.append(Remark(f"{path}:{label.place}", remark))
    return None


class _Columns(NamedTuple):
    label: int
    quantities: dict[int, ColumnHeader]


def _grid_rows(grid: Rows, remarks: list[Remark]) -> Iterator[_Row]:
    """Yield the rows under the header."""
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
    """Return the cell of a column."""
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
    """Return the row of headers, and what each column is. Raises SpecError where there is none."""
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
                remark = message("the column '{text}' is not known and left out", text=cell.text)
                remarks.append(Remark(where, remark))
        elif header.quantity in {quantity.quantity for quantity in quantities.values()}:
            remark = message(
                "a second column of {quantity}, '{text}', is left out",
                quantity=header.quantity,
                text=cell.text,
            )
            remarks.append(Remark(where, remark))
        else:
            quantities[place] = header
    return at, _Columns(label, quantities)


def _yaml_rows(path: str, tree: Located, remarks: list[Remark]) -> Iterator[_Row]:
    """Yield the rows of `{conv1: {output: 55x55x96}}`, or of a list of mappings with the layer's name among them."""
    if isinstance(tree, Mapping):
        pairs: list[tuple[Scalar, Located]] = list(tree.entries)
    else:
        pairs = [
            pair
            for item in (tree.items if isinstance(tree, YamlSequence) else ())
            if (pair := _named(item)) is not None
        ]
    for label, value in pairs:
        cell = SheetCell(label.text.strip(), f"{label.span.line}:{label.span.column}")
        if not isinstance(value, Mapping):
            remarks.append(
                Remark(
                    f"{path}:{cell.place}",
                    message(
                        "'{layer}' needs quantities: {example}",
                        layer=cell.text,
                        example=f"{cell.text}: {{output: ..., params: ...}}",
                    ),
                )
            )
            continue
        rows = []
        for key, located in value.entries:
            header = read_header(key.text)
            if header is not None:
                rows.append(
                    (header.quantity, _located_answer(located)._replace(suffix=header.suffix))
                )
            elif layer_header_rank(key.text) is None:
                remarks.append(
                    Remark(
                        f"{path}:{key.span.line}:{key.span.column}",
                        message("'{text}' is not a known quantity and left out", text=key.text),
                    )
                )
        yield _Row(cell, rows)


def _named(item: Located) -> tuple[Scalar, Located] | None:
    """Return a row of a list, by the entry that names its layer."""
    if not isinstance(item, Mapping):
        return None
    for key, value in item.entries:
        if layer_header_rank(key.text) is not None and isinstance(value, Scalar):
            return value, item
    if len(item.entries) == 1:
        return item.entries[0]
    return None


def _located_answer(located: Located) -> Answer:
    """Return a YAML value as the text that a person means: a list is a shape, an empty value and `null` are blank."""
    place = f"{located.span.line}:{located.span.column}"
    if isinstance(located, Scalar):
        return Answer(
            "" if located.plain and located.text in ("~", "null") else located.text.strip(), place
        )
    if isinstance(located, YamlSequence):
        sizes = [item.text for item in located.items if isinstance(item, Scalar)]
        if len(sizes) == len(located.items):
            return Answer(f"[{', '.join(sizes)}]", place)
    return Answer("", place, "an answer is a number or a shape, not a mapping")


# --- a sheet for a homework -----------------------------------------------------------------------------------------


def read_homework_sheets(
    path: str, ids: Sequence[str], texts: Sequence[str] = ()
) -> list[HomeworkSheet]:
    """Read a sheet of `id: answer`, or a table with a student in each row and a question in each column.

    `texts` are the questions' texts, by which a form names its columns. Raises SpecError for a file that is no sheet.
    """
    names = QuestionIds(ids, texts)
    sheet_file, problems = read_sheet_file(path, names.likeness, by_line=True)
    if isinstance(sheet_file, Rows):
        header = names.wide_header(sheet_file)
        if header is not None:
            students = list(_students(sheet_file, header))
            if not students:
                raise refuse(path, "no student has a row below the questions")
            return students
    remarks = [_remark_of(problem) for problem in problems]
    return [_homework_sheet(path, sheet_file, names, remarks)]


def _homework_sheet(
    path: str, sheet_file: SheetFile, names: QuestionIds, remarks: list[Remark]
) -> HomeworkSheet:
    answers: dict[str, Answer] = {}
    unknown = UnknownLabels(path, remarks)
    for label, answer in _pairs(sheet_file, names):
        question = names.find(label.text)
        if question is None:
            unknown.add(label, message("there is no question '{id}'", id=label.text), names.ids)
        elif question in answers:
            where = f"{path}:{label.place}"
            remark = message("'{text}' is answered twice; the first counts", text=label.text)
            remarks.append(Remark(where, remark))
        else:
            answers[question] = answer
    unknown.close()
    if not answers:
        raise refuse(
            path,
            "none of the homework's questions is answered here",
            message("a sheet has a line for each question, such as {id}: ...", id=names.ids[0])
            if names.ids
            else "",
        )
    return HomeworkSheet(path, answers, remarks)


class QuestionIds:
    """The questions of a homework by what people call them: `Q 2`, `문제 2`, `(2)` or `02` for q2."""

    def __init__(self, ids: Sequence[str], texts: Sequence[str] = ()) -> None:
        self.ids = list(ids)
        self.plain = {plain(each): each for each in reversed(self.ids)}
        self.texts = {plain(text): each for each, text in zip(ids, texts, strict=False) if text}
        words = Counter(map(_id_words, self.ids))
        self.words = {_id_words(each): each for each in self.ids if words[_id_words(each)] == 1}
        self.words.pop((), None)

    def find(self, label: str) -> str | None:
        """Find the question that a label names."""
        if len(label) > MAX_LABEL:
            return None
        if label in self.ids:
            return label
        return self.plain.get(plain(label)) or self.words.get(_id_words(label))

    def find_column(self, header: str) -> str | None:
        """Find the question that a column's header names: its id, its text, or its text behind its id."""
        start = re.split(r"[.:)\]]", header, maxsplit=1)[0]
        return self.texts.get(plain(header)) or self.find(header) or self.find(start)

    def likeness(self, rows: Rows) -> int:
        """Count the headers and the ids at the top."""
        count = 0
        for row in rows.rows[:HEADER_ROWS]:
            texts = {plain(cell.text[:MAX_LABEL]) for cell in row}
            count += 2 * bool(texts & _IDS and texts & _ANSWERS)
            count += sum(self.find(cell.text) is not None for cell in row if cell.text)
        return count

    def wide_header(self, rows: Rows) -> WideHeader | None:
        """Find the row that names a question in each column; none below a header of ids and answers."""
        tall = _by_headers(rows)
        for at, row in enumerate(rows.rows[: HEADER_ROWS if tall is None else tall[2]]):
            columns = self._columns(row)
            named = any(not cell.text[:1].isdigit() for cell in row if cell.text)
            if named and len(columns) > 1 and len(columns) * 2 > len(self.ids):
                return WideHeader(at, columns, _student_column(row))
        return None

    def _columns(self, row: list[SheetCell]) -> dict[int, str]:
        """Return the questions that a row names, by column; bare numbers beside other names are answers."""
        named = {
            place: question
            for place, cell in enumerate(row)
            if cell.text and (question := self.find_column(cell.text)) is not None
        }
        other = {place for place in named if not _BARE.fullmatch(row[place].text)}
        columns: dict[int, str] = {}
        for place, question in named.items():
            if question not in columns.values() and (place in other or not other):
                columns[place] = question
        return columns


class WideHeader(NamedTuple):
    """Where a table of a student a row has what: the header's row, questions by column, the students' column."""

    row: int
    columns: dict[int, str]
    student: int | None


def _id_words(label: str) -> tuple[str, ...]:
    """Take an id apart into letters and numbers, without words such as `question` and zeros before a number."""
    words = _WORD.findall(unicodedata.normalize("NFKC", label[:MAX_LABEL]).casefold())
    return tuple(
        (word.lstrip("0") or "0") if word.isdigit() else word
        for word in words
        if word not in _QUESTION_WORDS
    )


def _student_column(row: list[SheetCell]) -> int | None:
    """Find the column that names the students: by their ids, else by their names."""
    texts = [plain(cell.text[:MAX_LABEL]) for cell in row]
    for known in (STUDENT_IDS, STUDENT_NAMES):
        for place, text in enumerate(texts):
            if text in known:
                return place
    return None


def _students(rows: Rows, header: WideHeader) -> Iterator[HomeworkSheet]:
    """Read a sheet for each row under the header."""
    for row in rows.rows[header.row + 1 :]:
        if not any(cell.text for cell in row):
            continue
        answers = {
            question: Answer(row[place].text, row[place].place, row[place].problem)
            for place, question in header.columns.items()
            if place < len(row)
        }
        named = header.student is not None and header.student < len(row)
        student = row[header.student or 0].text if named else ""
        number = row[0].place.partition(":")[0]
        yield HomeworkSheet(rows.name, answers, [], student or f"row {number}")


def _pairs(sheet_file: SheetFile, names: QuestionIds) -> Iterator[tuple[SheetCell, Answer]]:
    """Ids with their answers."""
    if isinstance(sheet_file, Rows):
        yield from _grid_pairs(sheet_file, names)
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


def _by_headers(grid: Rows) -> tuple[int, int, int, int] | None:
    """Find the columns of ids and answers by their headers, the first row below, and how many columns there are."""
    for at, row in enumerate(grid.rows[:HEADER_ROWS]):
        texts = [plain(cell.text) for cell in row]
        ids = [place for place, text in enumerate(texts) if text in _IDS]
        answers = [place for place, text in enumerate(texts) if text in _ANSWERS]
        if ids and answers:
            return ids[0], answers[0], at + 1, len(row)
    return None


def _by_ids(grid: Rows, names: QuestionIds) -> tuple[int, int, int, int]:
    """Take the column with the most ids, the first of several, and the one after it; without ids the first two."""
    counts = Counter(
        place
        for row in grid.rows
        for place, cell in enumerate(row)
        if cell.text and names.find(cell.text) is not None
    )
    label = counts.most_common(1)[0][0] if counts else 0
    return label, label + 1, 0, label + 2


def _grid_pairs(grid: Rows, names: QuestionIds) -> Iterator[tuple[SheetCell, Answer]]:
    """Yield the ids with their answers, cell by cell."""
    label, answer, start, width = _by_headers(grid) or _by_ids(grid, names)
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
