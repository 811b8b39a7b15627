"""Files of many small models: what the framework that wrote them said of each, and the models, compressed together."""

from __future__ import annotations

import json
import lzma
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

FILES = Path(__file__).parent / "files"
WRITTEN_BY = "(written by)"


@cache
def facts(name: str) -> Any:
    """Return what the framework said of each model of a file."""
    return json.loads((FILES / f"{name}.json").read_text(encoding="utf-8"))


def cases(name: str) -> list[str]:
    """Return the names of the models of a file."""
    return [case for case in facts(name) if case != WRITTEN_BY]


@cache
def models(name: str) -> Any:
    """Return the models of a file as JSON values."""
    return json.loads(lzma.decompress((FILES / f"{name}.json.xz").read_bytes()))


def write(name: str, by: str, told: Mapping[str, Any], made: Mapping[str, Any]) -> None:
    """Write both files of some models: a line for each, and the models."""
    lines = [f" {json.dumps(key)}: {json.dumps(value)}" for key, value in told.items()]
    head = f" {json.dumps(WRITTEN_BY)}: {json.dumps(by)}"
    text = "{\n" + ",\n".join([head, *lines]) + "\n}\n"
    (FILES / f"{name}.json").write_text(text, encoding="utf-8")
    data = json.dumps(made, separators=(",", ":")).encode()
    (FILES / f"{name}.json.xz").write_bytes(lzma.compress(data, preset=9 | lzma.PRESET_EXTREME))
