"""A file that a student handed in as rows of cells, or as a YAML tree: encodings, separators, formats.

Whatever is handed in is read as what it is, not as what its name says. A file that is no sheet raises SpecError with
the reason; nothing in it is run or followed.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import NamedTuple

from cnncalc.text.files import read_bytes
from cnncalc.text.source import Problem, Source, Span, SpecError, single_problem
from cnncalc.text.yaml_tree import Mapping, Sequence, parse_yaml

MAX_BYTES = 16 * 1024 * 1024
MAX_ROWS = 10_000
MAX_COLUMNS = 200

_SEPARATORS = ",;\t|"
_NOT_SHEETS = {
    b"%PDF": "a PDF; a sheet is CSV, Markdown, YAML or XLSX",
    b"\xd0\xcf\x11\xe0": "an old Excel file (.xls), or one with a password; save it as .xlsx or CSV",
    b"\x89PNG": "a picture; type the answers into a sheet",
    b"\xff\xd8\xff": "a picture; type the answers into a sheet",
    b"{\\rtf": "an RTF document; save it as plain text",
}
_RULE = re.compile(r"(?=.*\|)\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*")
_YAML_LINE = re.compile(r"^(?:---|[^\s,;|\t#][^,;|\t]*:(?:\s|$)|\{)")


class SheetCell(NamedTuple):
    """A cell's text, and where it stands: `3:5` for line and column, `Sheet1!C5` in a workbook.

    `problem` is set where the cell has something that cannot be an answer, such as a formula with no saved value.
    """

    text: str
    place: str
    problem: str = ""


class Rows(NamedTuple):
    """Rows of cells."""

    name: str
    rows: list[list[SheetCell]]


SheetFile = Rows | Mapping | Sequence
"""What a file has: rows of cells, or a YAML mapping or list."""


def read_sheet_file(path: str) -> tuple[SheetFile, list[Problem]]:
    """Read a file, or standard input for `-`; also what was wrong with it that does not spoil the rest.

    Raises SpecError where it is no sheet: missing, empty, too large, or another kind of file.
    """
    data = _bytes(path)
    if data.startswith(b"PK\x03\x04"):
        from cnncalc.homework.sheets.workbook import read_workbook

        return read_workbook(path, data), []
    for magic, what in _NOT_SHEETS.items():
        if data.startswith(magic):
            raise refuse(path, f"this is {what}")
    text = decode(path, data)
    if not text.strip():
        raise refuse(path, "this file is empty")
    ending = Path(path).suffix.lower()
    if ending == ".xlsx":
        raise refuse(
            path, "this is called .xlsx but is no Excel workbook", "save it again, or hand in a CSV"
        )
    lines = text.split("\n")
    if any(map(_RULE.fullmatch, lines)):
        return _markdown(path, lines), []
    first = next(line for line in lines if line.strip())
    if ending in (".yaml", ".yml", ".json") or (
        ending not in (".csv", ".tsv") and _YAML_LINE.match(first)
    ):
        return _yaml(path, text)
    return _csv(path, text), []


def refuse(path: str, message: str, hint: str = "") -> SpecError:
    """The error for a file that is no sheet."""
    return single_problem(path, "", message, hint, "sheet")


def _bytes(path: str) -> bytes:
    try:
        data = read_bytes(path, MAX_BYTES)
    except IsADirectoryError:
        raise refuse(path, "this is a folder, not a sheet", "name the files in it") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise refuse(path, f"cannot read this file: {reason.lower()}") from None
    if len(data) > MAX_BYTES:
        raise refuse(path, f"this file is larger than the limit of {MAX_BYTES // 2**20} MiB")
    return data


def decode(path: str, data: bytes) -> str:
    """The text of a file in UTF-8 or UTF-16 with or without its mark, or in CP949. Raises SpecError."""
    encodings = ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp949")
    text = None
    for encoding in encodings:
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    if text is None and b"\0" not in data:
        raise refuse(path, "this is text in an unknown encoding", "save it as UTF-8")
    if text is None or any(char < " " and char not in "\n\r\t\f\v" for char in text):
        raise refuse(path, "this is not a text file", "a sheet is CSV, TSV, Markdown, YAML or XLSX")
    return text.replace("\r\n", "\n").replace("\r", "\n")


# --- tables ---------------------------------------------------------------------------------------------------------


def _csv(path: str, text: str) -> Rows:
    """Rows of the separator that the file uses."""
    best: Rows | None = None
    for separator in _separators(text):
        grid = _separated(path, text, separator)
        if best is None or _width(grid) > _width(best):
            best = grid
    assert best is not None
    return best


def _separators(text: str) -> list[str]:
    """The separators worth trying, the most frequent first; the comma where there is none."""
    head = text[:20_000]
    found = sorted((sign for sign in _SEPARATORS if sign in head), key=head.count, reverse=True)
    return found or [","]


def _width(grid: Rows) -> tuple[int, int]:
    """How much a grid looks like a sheet: known headers in one row, then columns."""
    from cnncalc.homework.sheets.labels import read_header

    head = grid.rows[:30]
    return (
        max((sum(read_header(cell.text) is not None for cell in row) for row in head), default=0),
        max(map(len, head), default=0),
    )


def _separated(path: str, text: str, separator: str) -> Rows:
    rows: list[list[SheetCell]] = []
    source = Source(path, text)
    reader = csv.reader(text.split("\n"), delimiter=separator, skipinitialspace=True)
    line = 1
    try:
        for fields in reader:
            rows.append(_placed(_joined(fields, separator), source, line))
            line = reader.line_num + 1
            _bounded(path, rows)
    except csv.Error as error:
        raise SpecError(
            [Problem(Span(source, line, 1, 1), "sheet", f"this is not a sheet: {error}")]
        ) from None
    return Rows(path, rows)


def _joined(fields: list[str], separator: str) -> list[str]:
    """The fields, with those of a shape in brackets put together again: `(55, 55, 96)` has commas of its own."""
    if separator != "," or not any(field.lstrip()[:1] in ("(", "[") for field in fields):
        return fields
    found: list[str] = []
    for field in fields:
        if (
            found
            and found[-1].lstrip()[:1] in ("(", "[")
            and found[-1].rstrip()[-1:] not in (")", "]")
        ):
            found[-1] += f", {field.strip()}"
        else:
            found.append(field)
    return found


def _placed(fields: list[str], source: Source, line: int) -> list[SheetCell]:
    """The fields with their line and column."""
    typed = source.line(line)
    found = []
    after = 0
    for field in fields:
        text = field.strip()
        at = typed.find(text, after) if text else -1
        if at >= 0:
            after = at + len(text)
        found.append(SheetCell(text, f"{line}:{(at if at >= 0 else after) + 1}"))
    return found


def _bounded(path: str, rows: list[list[SheetCell]]) -> None:
    if len(rows) > MAX_ROWS or len(rows[-1]) > MAX_COLUMNS:
        raise refuse(path, f"this sheet has more than {MAX_ROWS:,} rows or {MAX_COLUMNS} columns")


def _markdown(path: str, lines: list[str]) -> Rows:
    """The rows of a Markdown table; text around it is left out."""
    source = Source(path, "\n".join(lines))
    rows: list[list[SheetCell]] = []
    for number, line in enumerate(lines, 1):
        if "|" not in line or _RULE.fullmatch(line):
            continue
        inner = re.sub(r"^\s*\|", "", line)
        inner = re.sub(r"(?<!\\)\|\s*$", "", inner)
        fields = [
            field.replace("\\|", "|").replace("\\_", "_").replace("\\*", "*").strip()
            for field in re.split(r"(?<!\\)\|", inner)
        ]
        rows.append(_placed(fields, source, number))
        _bounded(path, rows)
    return Rows(path, rows)


def _yaml(path: str, text: str) -> tuple[SheetFile, list[Problem]]:
    tree, problems = parse_yaml(Source(path, text))
    if isinstance(tree, (Mapping, Sequence)):
        return tree, problems
    raise SpecError(
        problems
        or refuse(
            path,
            "this YAML is one text, not a sheet",
            "such as conv1: {output: 55x55x96, params: 34944}",
        ).problems
    )
