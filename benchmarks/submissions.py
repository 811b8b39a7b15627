"""A class of submissions of which a fifth is hostile: broken, huge or crafted files among real sheets."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

ROWS = (
    ("conv1", "55x55x96", 34_944, 34_848),
    ("pool1", "27x27x96", 0, 0),
    ("conv2", "27x27x256", 614_656, 614_400),
    ("pool2", "13x13x256", 0, 0),
    ("conv3", "13x13x384", 885_120, 884_736),
    ("conv4", "13x13x384", 1_327_488, 1_327_104),
    ("conv5", "13x13x256", 884_992, 884_736),
    ("fc1", "4096", 37_752_832, 37_748_736),
)
"""Layers of AlexNet: the output, the parameters, and the same with the biases forgotten."""

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PARTS = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.'
    'sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-'
    'officedocument.spreadsheetml.worksheet+xml"/></Types>',
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="r1" Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{RELATIONS}">'
    '<sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="r1" Type="{RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}


def workbook(rows: str, merged: str = "", method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Write a workbook by hand, so that it can say what no spreadsheet would."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", method) as archive:
        for name, text in PARTS.items():
            archive.writestr(name, '<?xml version="1.0"?>' + text)
        sheet = f"<worksheet {MAIN}><sheetData>{rows}</sheetData>{merged}</worksheet>"
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
    return data.getvalue()


def broken_workbook(method: int) -> bytes:
    """Write a workbook whose sheet does not unpack."""
    data = bytearray(workbook("<row/>" * 200, method=method))
    at = data.index(b"sheet1.xml") + 40
    data[at : at + 60] = b"\xff\xfe\xfd" * 20
    return bytes(data)


HOSTILE: dict[str, tuple[str, Callable[[], bytes]]] = {
    "bytes": ("csv", lambda: b"\xff\xfe\x00\x00" * 5_000),
    "an open bracket": ("csv", lambda: b"(" + b"," * 300_000),
    "quotes": ("csv", lambda: b'"a""b",' * 20_000),
    "blanks": ("csv", lambda: b" " * 60_000 + b"|"),
    "pipes": ("md", lambda: b"|" * 1_000_000),
    "a rule": ("md", lambda: b"|" + b"-" * 20_000 + b" " * 20_000 + b"x"),
    "labels": ("csv", lambda: b"layer,params\n" + b"".join(b"conv" * 3_000 + b",1\n" for _ in range(90))),
    "nesting": ("yaml", lambda: b"[" * 5_000),
    "entries": ("yaml", lambda: b"".join(b"layer%d: {params: 1}\n" % n for n in range(100_000))),
    "no workbook": ("xlsx", lambda: b"PK\x03\x04" + b"\0" * 1_000),
    "a deflated one": ("xlsx", lambda: broken_workbook(zipfile.ZIP_DEFLATED)),
    "an LZMA one": ("xlsx", lambda: broken_workbook(zipfile.ZIP_LZMA)),
    "a large one": ("xlsx", lambda: workbook("<row>" + "<c><v>1</v></c>" * 200_000 + "</row>")),
    "all merged": ("xlsx", lambda: workbook("", '<mergeCells><mergeCell ref="A3:XFD1048576"/></mergeCells>')),
    "nothing": ("csv", lambda: b""),
}  # fmt: skip
"""Files that are no submission, each by its ending and a function that makes it."""


def submission(rng: random.Random) -> bytes:
    """Write what a student hands in: outputs and parameters, some with the biases forgotten, some rounded, some odd."""
    lines = ["layer,output,params"]
    for layer, output, params, weights in ROWS:
        given = rng.choices((params, weights, params + rng.randrange(1, 99_999)), (12, 3, 1))[0]
        lines.append(f"{layer},{output},{given}")
    return "\n".join(lines).encode()


def write_class(folder: Path, count: int, seed: int = 1) -> tuple[list[str], list[str]]:
    """Write a class whose every fifth submission is hostile; return the names of the files, and of those."""
    rng = random.Random(seed)
    names, hostile = [], []
    made: dict[str, bytes] = {}
    kinds = list(HOSTILE)
    for number in range(count):
        ending, data = "csv", submission(rng)
        if number % 5 == 4:
            kind = kinds[number // 5 % len(kinds)]
            ending, make = HOSTILE[kind]
            data = made.setdefault(kind, make())
        name = f"student{number:04}.{ending}"
        (folder / name).write_bytes(data)
        names.append(name)
        hostile += [name] * (number % 5 == 4)
    return names, hostile
