"""Answers: one on the command line, sheets of them, workbooks, and homework files."""

from __future__ import annotations

import io
import random
import zipfile
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

from fuzzing.pieces import (
    NUMBERS,
    QUANTITIES,
    as_word,
    mostly,
    number,
    options,
    spoiled,
    spoiled_bytes,
    write,
)

# fmt: off
NETWORKS = ("lenet5",) * 6 + ("mnist_keras",) * 3 + ("alexnet", "nin_cifar10", "resnet20")
ODD_LAYERS = (
    "CONV1", "MaxPool-1", "FC-3", "total", "전체", "input", "relu1", "inception_3a", "nosuch", "conv1_1", "입력 이미지",
)
HEADERS = {
    "output": ("output", "텐서 크기", "출력 크기", "shape"),
    "params": ("params", "파라미터 수", "params (M)", "Parameters"),
    "weights": ("weights", "가중치"), "biases": ("biases", "편향"), "macs": ("macs", "MACs (G)"),
    "flops": ("flops", "연산 횟수"), "memory": ("memory", "메모리"), "activations": ("activations", "액티베이션 맵"),
    "receptive_field": ("receptive_field", "수용 영역"),
}
HOW = (("--hints",), ("--reveal",), ("--format", "json"), ("--format", "csv"), ("--lang", "ko"), ("--accept", "macs"))
LAYERS_ASKED = (
    ("alexnet", "conv1"), ("alexnet", "pool2"), ("lenet5", "c3"), ("lenet5", "total"), ("resnet20", "conv1"),
    ("lenet5", "c1"), ("lenet5", "s2"), ("alexnet", "conv2"),
)
QUANTITIES_ASKED = ("output", "params", "output", "params", "activations", "memory", "macs", "flops", "receptive_field")
"""What a question asks; not every layer has each."""
TEXTS = ("How many of them", "'<b>=1+1 $x$'", "몇 개", '"a\\tb"')
SPECS = (
    "spec: {input: 32x32x3, layers: [conv: {name: c, filters: 10, kernel: 5, pad: 2}]}, layer: c",
    "spec: {input: 7x7x1, layers: [conv: {name: c, filters: 1, kernel: 3, stride: 2}, maxpool: {kernel: 3}]}, layer: c",
    "spec: {input: 8x8x4, layers: [maxpool: {name: c, kernel: 2}, fc: {units: 5}]}, layer: c",
)
# fmt: on


@cache
def layers(net: str) -> tuple[str, ...]:
    """Return the names of a network's rows."""
    import cnncalc

    return tuple(row.name for row in cnncalc.load(net).report().rows)


@cache
def right_answer(net: str, layer: str, quantity: str) -> str:
    """Return the right answer as text, empty where there is none."""
    import cnncalc
    from cnncalc.homework import AnswerKey

    try:
        return str(AnswerKey(cnncalc.load(net)).question(layer, quantity).right)
    except Exception:
        return ""


def cell(rng: random.Random, net: str, layer: str, quantity: str) -> str:
    """Return an answer: the right one, or any number."""
    if rng.random() < 0.6:
        return right_answer(net, layer, quantity) or number(rng)
    return number(rng)


def layer_of(rng: random.Random, net: str) -> str:
    """Return one of a network's layers, now and then what may be none of them."""
    return mostly(rng, layers(net), ODD_LAYERS)


def answer(rng: random.Random, _folder: Path) -> list[str]:
    """One answer on the command line."""
    net, quantity = (
        rng.choice(NETWORKS),
        mostly(rng, QUANTITIES, ("nosuch", "", "파라미터 수", "par")),
    )
    layer = layer_of(rng, net)
    given = as_word(cell(rng, net, layer, quantity))
    how = options(rng, HOW, 0.1)
    return ["check", net, layer, quantity, *how, *(["--"] if given.startswith("-") else []), given]


def table(rng: random.Random) -> tuple[str, list[list[str]]]:
    """Return a network and a sheet of answers about it: a row of headers, then a row a layer."""
    net = rng.choice(NETWORKS)
    columns = rng.sample(QUANTITIES, rng.choice((1, 1, 2, 3)))
    head = [mostly(rng, HEADERS[name], ("nosuch", "", *HEADERS)) for name in columns]
    rows = [[mostly(rng, ("layer", "계층", "name"), ("", "x")), *head]]
    for layer in (layer_of(rng, net) for _ in range(rng.randrange(1, 5))):
        rows.append([layer, *(cell(rng, net, layer, name) for name in columns)])
    return net, rows


def sheet_text(rng: random.Random, rows: list[list[str]]) -> tuple[str, str]:
    """Return the name of a file and a sheet in the format that the name says."""
    if rng.random() < 0.3:
        lines = [
            f"{row[0]}: {{{', '.join(f'{name}: {one!r}' for name, one in zip(rows[0][1:], row[1:], strict=True))}}}"
            for row in rows[1:]
        ]
        return "a.yaml", "\n".join(lines)
    name = rng.choice(("a.csv", "a.csv", "a.tsv", "a.md", "a.txt"))
    separator = {"a.tsv": "\t", "a.md": "|"}.get(name, rng.choice((",", ";", "\t")))
    marked = [
        [one.replace(separator, " ") if rng.random() < 0.9 else one for one in row] for row in rows
    ]
    if name == "a.md":
        marked.insert(1, ["---"] * len(rows[0]))
        return name, "\n".join(f"| {' | '.join(row)} |" for row in marked)
    return name, "\n".join(separator.join(row) for row in marked)


def encoded(rng: random.Random, text: str) -> bytes:
    """Return a text in one of the encodings that sheets come in."""
    code = rng.choice(("utf-8",) * 7 + ("utf-16", "cp949", "utf-8-sig"))
    return text.encode(code, "replace")


def sheet(rng: random.Random, folder: Path) -> list[str]:
    """Return a sheet of answers in one of its formats."""
    net, rows = table(rng)
    name, text = sheet_text(rng, rows)
    path = write(folder, name, encoded(rng, spoiled(rng, text)))
    return ["check", net, path, *options(rng, HOW, 0.12)]


# ---- workbooks -------------------------------------------------------------------------------------------------------

# fmt: off
_SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
PARTS = {
    "[Content_Types].xml": (
        f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" Type="{_OFFICE}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        f'<workbook xmlns="{_SPREADSHEET}" xmlns:r="{_OFFICE}"><sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/>'
        "</sheets></workbook>"
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" Type="{_OFFICE}/worksheet" '
        'Target="worksheets/sheet1.xml"/></Relationships>'
    ),
}
"""The least that a workbook is made of, beside its worksheet (ECMA-376)."""
# fmt: on


def cell_xml(rng: random.Random, place: str, text: str) -> str:
    """Return a cell: a text, a number, a formula with what it came to, or one that says a wrong type."""
    clean = "".join(char for char in text if char.isprintable() or char in "\t\n")[:900]
    clean = escape(clean.encode("utf-8", "replace").decode())
    kind = rng.random()
    if clean.isdecimal() and kind < 0.7:
        return f'<c r="{place}"><v>{clean}</v></c>'
    if kind < 0.98:
        return f'<c r="{place}" t="inlineStr"><is><t>{clean}</t></is></c>'
    word = rng.choice(("n", "s", "b", "e", "str", "d", "x"))
    return f'<c r="{place}" t="{word}"><f>1+1</f><v>{clean}</v></c>'


def worksheet_xml(rng: random.Random, rows: list[list[str]]) -> str:
    """Return a worksheet of rows, now and then with merged cells or a range that is no true one."""
    lines = ""
    for at, row in enumerate(rows, 1):
        cells = "".join(cell_xml(rng, f"{'ABCDEFGH'[n]}{at}", text) for n, text in enumerate(row))
        lines += f'<row r="{at}">{cells}</row>'
    merged = rng.choice(("A2:A3", "B1:C1", "A1:XFD1048576", "B2:A1"))
    more = f'<mergeCells><mergeCell ref="{merged}"/></mergeCells>' if rng.random() < 0.1 else ""
    size = f'<dimension ref="{rng.choice(("A1:D9", "A1:XFD1048576", "x"))}"/>'
    head = size if rng.random() < 0.1 else ""
    return (
        f'<worksheet xmlns="{_SPREADSHEET}">{head}<sheetData>{lines}</sheetData>{more}</worksheet>'
    )


def workbook_bytes(rng: random.Random, rows: list[list[str]]) -> bytes:
    """Return a workbook of one worksheet; one part in twenty is spoilt, and one archive in ten."""
    parts = {**PARTS, "xl/worksheets/sheet1.xml": worksheet_xml(rng, rows)}
    data = io.BytesIO()
    method = rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
    with zipfile.ZipFile(data, "w", method) as archive:
        for name, text in parts.items():
            archive.writestr(name, spoiled(rng, text, 0.05).encode("utf-8", "replace"))
    return spoiled_bytes(rng, data.getvalue(), 0.1)


def workbook(rng: random.Random, folder: Path) -> list[str]:
    """Return a workbook of answers."""
    net, rows = table(rng)
    path = write(folder, "a.xlsx", workbook_bytes(rng, rows))
    return ["check", net, path, *options(rng, HOW, 0.08)]


# ---- homework --------------------------------------------------------------------------------------------------------


def question(rng: random.Random, place: int) -> str:
    """One question of a homework, in flow style."""
    if rng.random() < 0.3:
        about = rng.choice(SPECS)
    else:
        network, asked = rng.choice(LAYERS_ASKED)
        about = f"network: {network}, layer: {mostly(rng, (asked,), ODD_LAYERS)}"
    fields = (
        f"points: {mostly(rng, ('1', '2', '0.5'))}", f"text: {rng.choice(TEXTS)}", "accept: [macs]", "digits: 3",
        "batch: 4",
        "partial: {no-bias: 0.5}", "parts: true", f"dtype: {mostly(rng, ('float16', 'int8'))}",
    )  # fmt: skip
    more = "".join(f", {one}" for one in fields if rng.random() < 0.12)
    return f"  - {{id: q{place}, {about}, quantity: {mostly(rng, QUANTITIES_ASKED)}{more}}}\n"


def homework_text(rng: random.Random, chance: float = 0.25) -> str:
    """Return a homework file, most of them sound."""
    if rng.random() < 0.12:
        text = (
            "title: rows\nnetwork: lenet5\nrows: [c1, s2, c3, total]\ncolumns: [output, params]\n"
        )
        return spoiled(rng, text, chance)
    head = f"title: {mostly(rng, ('t', '숙제', 'Home work'), NUMBERS)}\n"
    head += "".join(
        f"{line}\n"
        for line in (
            "accept: [macs]",
            "digits: 3",
            "partial: {no-bias: 0.5, convention: 0.5}",
            "parts: true",
        )
        if rng.random() < 0.15
    )
    questions = "".join(question(rng, place) for place in range(1, rng.choice((2, 2, 3, 4))))
    return spoiled(rng, f"{head}questions:\n{questions}", chance)


def answers_text(rng: random.Random, chance: float = 0.2) -> str:
    """Return a sheet for a homework: an answer for each question, of which there may be others."""
    names = ("q1", "q2", "q3", "Q 2", "문제 1", "(3)", "q9")
    values = ("760", "32x32x10", "1,516", f"'{number(rng)}'")
    lines = (
        f"{mostly(rng, (f'q{n}',), names)}: {mostly(rng, values)}"
        for n in range(1, rng.randrange(3, 6))
    )
    return spoiled(rng, "\n".join(lines), chance)


def homework(rng: random.Random, folder: Path) -> list[str]:
    """Return a homework of questions, most of them sound, and a sheet for it."""
    path = write(folder, "hw.yaml", homework_text(rng))
    words = ["check", "--homework", path, write(folder, "a.yaml", answers_text(rng))]
    return [*words, *options(rng, HOW, 0.12)]


# ---- the same, straight for their readers ----------------------------------------------------------------------------


def straight_sheet(rng: random.Random, folder: Path) -> list[str]:
    """Return a sheet for its reader, one time in ten a workbook."""
    _, rows = table(rng)
    if rng.random() < 0.1:
        return ["'sheet'", write(folder, "a.xlsx", workbook_bytes(rng, rows))]
    name, text = sheet_text(rng, rows)
    return ["'sheet'", write(folder, name, encoded(rng, spoiled(rng, text)))]


def straight_homework(rng: random.Random, folder: Path) -> list[str]:
    """Return a homework for its reader."""
    return ["'homework'", write(folder, "hw.yaml", homework_text(rng))]
