"""A small file of every kind that cnncalc reads, with a text of the caller's in its places.

Files of records (specs, homework, conventions, lectures, convolutions) are values, of which each text and key may be
exchanged; sheets, rosters and model files are functions of the text.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from models import onnx_files as onnx

MODELS = Path(__file__).parent / "models" / "files"
Place = tuple[Any, ...]
"""The way to a text in a value: keys and indexes; a key itself behind `KEY`."""
KEY = object()

RECORDS: dict[str, Any] = {
    "spec": {
        "name": "net", "title": "a title", "family": "f", "year": 2012, "source": "a paper", "aliases": ["other"],
        "input": "32x32x3", "params": {"width": 4, "word": "same"}, "define": {"twice(n)": "n * 2"},
        "blocks": {"b": {"params": {"w": 2}, "layers": [{"conv": {"name": "inner", "filters": "w", "kernel": 1}}]}},
        "layers": [
            {"conv": {"name": "conv1", "filters": "width", "kernel": 3, "pad": "word", "tags": ["mine"]}},
            {"relu": {"when": "width > 1"}},
            {"maxpool": {"name": "pool1", "kernel": 2}},
            {"b": {"name": "stage", "w": "twice(2)"}},
            {"unknown": {"name": "strange", "of": "com.acme:Foo", "output": "16x16x4", "params": 5}},
            {"add": {"name": "sum", "from": ["stage", "strange"]}},
            {"fc": {"name": "fc1", "units": 3}},
        ],
        "claims": [{"params": "2.3K", "source": "Table 2", "erratum": "a misprint", "set": {"width": 5}}],
        "budget": {"params": "5M"},
    },
    "homework": {
        "title": "a homework", "accept": ["macs"],
        "questions": [
            {"id": "q1", "text": "How many?", "network": "alexnet", "layer": "conv1", "quantity": "params", "set": {}},
            {"id": "q2", "text": "What comes out?", "layer": "c", "quantity": "output", "accept": ["macs"],
             "spec": {"title": "t", "input": "8x8x3", "layers": [{"conv": {"name": "c", "filters": 4, "kernel": 3}}]}},
        ],
    },
    "convention": {
        "name": "mine", "version": "1", "title": "a count", "unit": "MACs", "used_by": "us", "source": "measured",
        "operations": [{"ops": ["conv"], "measure": "mac", "as": "convolutions", "tags": ["t"], "without": ["u"]}],
        "notes": ["a note"],
    },
    "lecture": {
        "lecture": "a lecture", "section": "a section", "lines": "file 1-2", "title": "a table", "ko": "표",
        "label": {"name": "what", "ko": "항목"}, "words": {"가": "a"}, "cells": 2,
        "networks": {"six": {"input": "32x32x3", "layers": [{"conv": {"name": "c", "filters": 6, "kernel": 5}}]}},
        "columns": [{"name": "value", "ko": "값"}],
        "rows": [
            {"row": ["filters", "6"], "network": "six", "layer": "c", "quantity": "maps"},
            {"row": ["cell", "odd"], "network": "six", "layer": "c", "quantity": "maps"},
        ],
        "why": [{"row": "cell", "erratum": "it is wrong"}], "remarks": ["a remark"],
    },
    "convolve": {
        "input": {"R": "0 1 2; 1 1 1; 2 0 1", "G": "0 1 2; 1 1 1; 2 0 1"}, "kernel": [["1 0; 0 1", "0 1; 1 0"]],
        "bias": "1", "padding": "zero",
    },
}  # fmt: skip
"""A file of each kind that has a schema."""


def places(value: Any, way: Place = ()) -> Iterator[Place]:
    """Every text and key of a value."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield (*way, KEY, key)
            yield from places(item, (*way, key))
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from places(item, (*way, at))
    else:
        yield way


def exchanged(value: Any, way: Place, text: str) -> Any:
    """A value with another text at a place."""
    first, *rest = way
    if first is KEY:
        return {text if key == rest[0] else key: item for key, item in value.items()}
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[first] = exchanged(value[first], tuple(rest), text) if rest else text
    return copy


def written(value: Any) -> str:
    """A value as YAML: JSON is a part of it."""
    return json.dumps(value, indent=1)


# ---- sheets and rosters ----------------------------------------------------------------------------------------------


def csv_sheet(text: str) -> bytes:
    """A text as answer, as label and as header."""
    cell = '"' + text.replace('"', '""').replace("\0", "") + '"'
    return f"layer,params,{cell}\nconv1,{cell},1\n{cell},5,6\n".encode()


def markdown_sheet(text: str) -> bytes:
    """A text as answer, and as label."""
    cell = text.replace("\n", " ").replace("\r", " ").replace("\0", "").replace("|", "\\|")
    return f"| layer | params |\n|---|---|\n| conv1 | {cell} |\n| {cell} | 5 |\n".encode()


def yaml_sheet(text: str) -> bytes:
    """A text as answer, as label and as quantity."""
    cell = json.dumps(text)
    return f"conv1: {{params: {cell}, {cell}: 5}}\n{cell}: {{params: 6}}\nq1: {cell}\n".encode()


def workbook(text: str) -> bytes:
    """A text as answer, as label and as the worksheet's name, as far as a workbook takes it."""
    import openpyxl

    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = "".join(char for char in text if char.isprintable() and char not in "\\*?:/[]'")[
        :30
    ]
    cell = "".join(char for char in text if char >= " " or char in "\n\t\r")
    page.append(["layer", "params", cell])
    page.append(["conv1", "x" + cell, 1])
    page.append([cell, 5, 6])
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


SHEETS: dict[str, Callable[[str], bytes]] = {
    "a.csv": csv_sheet, "a.md": markdown_sheet, "a.yaml": yaml_sheet, "a.xlsx": workbook,
}  # fmt: skip


def rosters(text: str) -> dict[str, bytes]:
    """A text as students' names, in pieces that are not too long for a name."""
    names = [f"{at} {text[at : at + 60]}"[2 * (at == 0) :] for at in range(0, len(text), 60)] + [
        "Lee"
    ]
    plain = [" ".join(name.replace("\0", "").split()) for name in names]
    quoted = ['"' + name.replace('"', '""').replace("\0", "") + '"' for name in names]
    return {
        "roster.csv": "\n".join(("name", *quoted)).encode(),
        "roster.txt": "\n".join(plain).encode(),
        "roster.yaml": "\n".join(f"- {json.dumps(name)}" for name in names).encode(),
    }


# ---- files of other tools --------------------------------------------------------------------------------------------


def pt2(text: str) -> bytes:
    """A text as a module's name and in a class; the file's own signs between names left out."""
    inner = json.dumps(text.replace(",", "").replace(";", ""))[1:-1]
    with zipfile.ZipFile(MODELS / "small.pt2") as archive:
        model = archive.read("small/models/model.json").decode()
    model = model.replace("conv1,conv1,torch.nn.modules.conv", f"{inner},{inner},{inner}.conv")
    return packed({"small/models/model.json": model.replace("aten.relu_", f"aten.{inner}", 1)})


def keras(text: str) -> bytes:
    """A text as a layer's name, and as a class that nobody knows."""
    with zipfile.ZipFile(MODELS / "small.keras") as archive:
        config = archive.read("config.json").decode()
    config = config.replace('"stem"', json.dumps(text))
    return packed({"config.json": config.replace('"Multiply"', json.dumps(text))})


def keras_json(text: str) -> bytes:
    """The same with no archive."""
    with zipfile.ZipFile(io.BytesIO(keras(text))) as archive:
        return archive.read("config.json")


def packed(members: dict[str, str]) -> bytes:
    """An archive."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, member in members.items():
            archive.writestr(name, member)
    return data.getvalue()


def onnx_model(text: str) -> bytes:
    """A text as a node's name, as an operator that nobody knows, and as its domain."""
    nodes = [
        onnx.node("Conv", "x w b", "c", {"kernel_shape": (3, 3)}, name=text),
        onnx.node("Relu", "c", "r", name=f"/{text}/act"),
        onnx.node(text, "r", "u", domain=text),
        onnx.node("GlobalAveragePool", "r", "y"),
    ]
    return onnx.model(nodes, [onnx.weights("w", 4, 3, 3, 3), onnx.weights("b", 4)])


def prototxt(text: str) -> bytes:
    """A text as the network's and a layer's name."""
    signs = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\0": ""}
    quoted = "".join(signs.get(char, char) for char in text)
    net = (MODELS / "lenet.prototxt").read_text().replace('"LeNet"', f'"{quoted}"')
    return net.replace('name: "conv1"', f'name: "{quoted}"').encode()


NETWORKS: dict[str, Sequence[Callable[[str], bytes]]] = {
    "pt2": (pt2,),
    "keras": (keras, keras_json),
    "onnx": (onnx_model,),
    "caffe": (prototxt,),
}
"""A model file of each format that is read."""
