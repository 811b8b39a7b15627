"""The small models in `tests/models/files/`, and what is written of layers, beside the frameworks that are here."""

from __future__ import annotations

import os
from importlib import import_module

import pytest
from models.recorded import WRITTEN_BY, facts

from .conftest import require

os.environ.setdefault("KERAS_BACKEND", "torch")


@pytest.mark.parametrize(
    ("framework", "file"), [("torch", "modules"), ("keras", "layers"), ("onnx", "graphs")]
)
def test_a_framework_says_the_same_of_its_models(framework: str, file: str) -> None:
    require(framework)
    told, _ = import_module(f"models.make_{file}").told()
    assert told == {name: each for name, each in facts(file).items() if name != WRITTEN_BY}


def test_the_frameworks_run_what_is_written_of_layers() -> None:
    for framework in ("torch", "keras", "onnx"):
        require(framework)
    made = import_module("models.make_written")
    assert made.text() == made.FILE.read_text(encoding="utf-8")
