"""A file that a student handed in as rows of cells, or as a YAML tree: encodings, separators, formats.

Whatever is handed in is read as what it is, not as what its name says. A file that is no sheet raises SpecError with
the reason; nothing in it is run or followed.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

from cnncalc.homework.sheets.rows import (
    HEADER_ROWS,
    MAX_BYTES,
    MAX_LABEL,
    MAX_LINE,
    MAX_LINES,
    MAX_ROWS,
    Likeness,
    Rows,
    SheetCell,
    check_size,
    likely_table,
    refuse,
)
from cnncalc.text.files import read_bytes
from cnncalc.text.messages import message
from cnncalc.text.source import Problem, Source, Span, SpecError
from cnncalc.text.yaml_tree import Mapping, Sequence, parse_yaml

_SEPARATORS = ",;\t|"
ENOUGH_TO_TELL = 4096
"""Bytes of a file that tell its encoding."""
_PICTURE = "this is a picture; type the answers into a sheet"
_NOT_SHEETS = {
    b"%PDF": "this is a PDF; a sheet is CSV, Markdown, YAML or XLSX",
    b"\xd0\xcf\x11\xe0": "this is an old Excel file (.xls), or one with a password; save it as .xlsx or CSV",
    b"\x89PNG": _PICTURE,
    b"\xff\xd8\xff": _PICTURE,
    b"{\\rtf": "this is an RTF document; save it as plain text",
}
_RULE_CELL = re.compile(r":?-+:?")
_YAML_LINE = re.compile(r"^(?:---|[^\s,;|\t#][^,;|\t]*:(?:\s|$)|\{)")


SheetFile = Rows | Mapping | Sequence
"""What a file has: rows of cells, or a YAML mapping or list."""


def read_sheet_file(
    path: str, likeness: Likeness = likely_table, *, by_line: bool = False
) -> tuple[SheetFile, list[Problem]]:
    """Read a file, or standard input for `-`; also what was wrong with it that does not spoil the rest.

    `likeness` chooses among separators and worksheets. With `by_line` YAML that is broken somewhere is read as lines of
    `label: text`, so that a bad line costs that line alone. Raises SpecError where the file is no sheet: missing,
    empty, too large, or another kind of file.
    """
    data = _bytes(path)
    if data.startswith(b"PK\x03\x04"):
        from cnncalc.homework.sheets.workbook import read_workbook

        return read_workbook(path, data, likeness)
    for magic, what in _NOT_SHEETS.items():
        if data.startswith(magic):
            raise refuse(path, what)
    text = decode(path, data)
    lines = text.split("\n")
    check_lines(path, lines)
    first = next((line for line in lines if line.strip()), None)
    if first is None:
        raise refuse(path, "this file is empty")
    ending = Path(path).suffix.lower()
    if ending == ".xlsx":
        raise refuse(
            path, "this is called .xlsx but is no Excel workbook", "save it again, or hand in a CSV"
        )
    if _is_notebook(ending, text):
        raise refuse(
            path,
            "this is a notebook, not a sheet",
            "write the answers into a CSV or YAML file, a line for each",
        )
    if first.lstrip().lower().startswith(("<!doctype", "<html")):
        raise refuse(path, "this is a web page, not a sheet", "save it as CSV")
    if any(map(_is_rule, lines)):
        return _markdown(path, lines), []
    if ending in (".yaml", ".yml", ".json") or (
        ending not in (".csv", ".tsv") and _YAML_LINE.match(first)
    ):
        return _yaml(path, text, by_line)
    return _csv(path, text, likeness), []


def _is_notebook(ending: str, text: str) -> bool:
    """Whether a text is a Jupyter notebook, by its name or by what every notebook has."""
    return ending == ".ipynb" or (text.lstrip().startswith("{") and '"nbformat"' in text)


def check_lines(path: str, lines: list[str]) -> None:
    """Refuse a text of too many or too long lines, before any work on them. Raises SpecError."""
    if len(lines) > MAX_LINES:
        raise refuse(path, message("this file has more than {limit:,} lines", limit=MAX_LINES))
    for number, line in enumerate(lines, 1):
        if len(line) > MAX_LINE:
            text = message(
                "line {number} is longer than the limit of {limit:,} characters",
                number=number,
                limit=MAX_LINE,
            )
            raise refuse(path, text)


def _bytes(path: str) -> bytes:
    try:
        data = read_bytes(path, MAX_BYTES)
    except IsADirectoryError:
        raise refuse(path, "this is a folder, not a sheet", "name the files in it") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise refuse(
            path, message("cannot read this file: {reason}", reason=message(reason.lower()))
        ) from None
    if len(data) > MAX_BYTES:
        raise refuse(
            path,
            message("this file is larger than the limit of {limit} MiB", limit=MAX_BYTES // 2**20),
        )
    return data


def _encodings(data: bytes) -> tuple[str, ...]:
    """Return the encodings that a file may have: UTF-16 by its mark, or by the zeros beside its ASCII characters."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return ("utf-16",)
    zeros = data[:ENOUGH_TO_TELL].count(0)
    if zeros and not len(data) % 2:
        little = data[1:ENOUGH_TO_TELL:2].count(0) == zeros
        big = data[:ENOUGH_TO_TELL:2].count(0) == zeros
        if zeros >= min(len(data), ENOUGH_TO_TELL) // 4 and little != big:
            return ("utf-16-le",) if little else ("utf-16-be",)
    return ("utf-8-sig", "cp949")


def decode(path: str, data: bytes) -> str:
    """Return the text of a file in UTF-8 or UTF-16 with or without its mark, or in CP949. Raises SpecError."""
    text = None
    for encoding in _encodings(data):
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


def _csv(path: str, text: str, likeness: Likeness) -> Rows:
    """Read rows of the separator by which the top looks most like a sheet."""
    separators = _separators(text)
    if len(separators) > 1:
        head = "\n".join(text.split("\n", HEADER_ROWS)[:HEADER_ROWS])
        tops = [_separated(path, head, separator) for separator in separators]
        best = max(range(len(tops)), key=lambda at: (likeness(tops[at]), likely_table(tops[at])))
        separators = [separators[best]]
    return _separated(path, text, separators[0])


def _separators(text: str) -> list[str]:
    """List the separators worth trying, the most frequent first; the comma where there is none."""
    signs = sorted((sign for sign in _SEPARATORS if sign in text), key=text.count, reverse=True)
    return signs or [","]


def _separated(path: str, text: str, separator: str) -> Rows:
    rows: list[list[SheetCell]] = []
    source = Source(path, text)
    lines = (f"{line}\n" for line in text.split("\n"))  # a cell may have several
    reader = csv.reader(lines, delimiter=separator, skipinitialspace=True)
    line = 1
    try:
        for fields in reader:
            joined = _joined(fields, separator)
            check_size(path, len(rows) + 1, len(joined))
            rows.append(_placed(joined, source, line))
            line = reader.line_num + 1
    except csv.Error as error:
        raise SpecError(
            [Problem(Span(source, line, 1, 1), "sheet", f"this is not a sheet: {error}")]
        ) from None
    return Rows(path, rows)


def _joined(fields: list[str], separator: str) -> list[str]:
    """Put fields of a shape in brackets together again: `(55, 55, 96)` has commas of its own."""
    if separator != ",":
        return fields
    joined: list[list[str]] = []
    is_open = False
    for field in fields:
        if is_open:
            joined[-1].append(field.strip())
        else:
            joined.append([field])
            is_open = field.lstrip()[:1] in ("(", "[")
        is_open = is_open and field.rstrip()[-1:] not in (")", "]")
    return [", ".join(parts) for parts in joined]


def _placed(fields: list[str], source: Source, line: int) -> list[SheetCell]:
    """Give the fields their line and column; behind one that is not written as it reads, the column is lost."""
    typed = source.line(line)
    cells = []
    after = 0
    for field in fields:
        text = field.strip()
        at = typed.find(text, after) if text and after < len(typed) else -1
        if at >= 0:
            after = at + len(text)
        elif text:
            after = len(typed)  # so that a row is searched once, not once for each field
        cells.append(SheetCell(text, f"{line}:{(at if at >= 0 else after) + 1}"))
    return cells


def _is_rule(line: str) -> bool:
    """Whether a line is the rule under the head of a Markdown table, such as `| --- | :-: |`."""
    text = line.strip()
    if "|" not in text:
        return False
    cells = text.removeprefix("|").removesuffix("|").split("|")
    return all(_RULE_CELL.fullmatch(cell.strip()) for cell in cells)


def _markdown(path: str, lines: list[str]) -> Rows:
    """Read the rows of a Markdown table; text around it is left out."""
    source = Source(path, "\n".join(lines))
    rows: list[list[SheetCell]] = []
    for number, line in enumerate(lines, 1):
        if "|" not in line or _is_rule(line):
            continue
        check_size(path, len(rows) + 1, line.count("|"))
        inner = line.strip().removeprefix("|")
        inner = inner[:-1] if inner.endswith("|") and not inner.endswith("\\|") else inner
        fields = [
            field.replace("\\|", "|").replace("\\_", "_").replace("\\*", "*").strip()
            for field in re.split(r"(?<!\\)\|", inner)
        ]
        rows.append(_placed(fields, source, number))
    return Rows(path, rows)


def _yaml(path: str, text: str, by_line: bool) -> tuple[SheetFile, list[Problem]]:
    tree, problems = parse_yaml(Source(path, text))
    if problems and by_line:
        rows = _lines_with_labels(path, text)
        if rows.rows:
            return rows, problems
    if isinstance(tree, (Mapping, Sequence)):
        if len(tree.entries if isinstance(tree, Mapping) else tree.items) > MAX_ROWS:
            raise refuse(
                path, message("this sheet has more than {limit:,} entries", limit=MAX_ROWS)
            )
        return tree, problems
    raise SpecError(
        problems
        or refuse(
            path,
            "this YAML is one text, not a sheet",
            "such as conv1: {output: 55x55x96, params: 34944}",
        ).problems
    )


def _lines_with_labels(path: str, text: str) -> Rows:
    """Read the lines that are `label: text`, each by itself."""
    rows = []
    for number, line in enumerate(text.split("\n")[:MAX_ROWS], 1):
        label, colon, answer = line.partition(":")
        if not colon or not label.strip() or label[0] in " \t#" or len(label) > MAX_LABEL:
            continue
        value = answer.split(" #")[0].strip()
        if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
            value = value[1:-1]
        at = line.find(value, len(label) + 1) + 1 if value else len(line) + 1
        rows.append([SheetCell(label.strip(), f"{number}:1"), SheetCell(value, f"{number}:{at}")])
    return Rows(path, rows)
