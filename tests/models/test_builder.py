"""The way in which every reader makes a graph: names, notes, shared weights and limits; and archives and modules."""

from __future__ import annotations

import json
import struct
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import cnncalc
from cnncalc.models import ModelFile, archive, builder, find_model, keras
from cnncalc.models.builder import Builder
from cnncalc.text.source import SpecError

from .recorded import models
from .test_pt2 import SMALL
from .test_pt2 import archive as zipped

CONV = {"filters": 2, "kernel": 1}


@pytest.fixture
def made() -> Builder:
    """A builder with an input."""
    started = Builder(ModelFile("net", "keras"), "net")
    started.input("x", (8, 8, 4))
    return started


def names(made: Builder) -> list[str]:
    return [node.name for node in made.nodes[1:]]


def test_a_number_that_a_name_has_already_is_passed_over(made: Builder) -> None:
    for name in ("relu2", "", "", "a", "a", "a_3", "a"):
        made.add("relu", [0], name=name)
    assert names(made) == ["relu2", "relu3", "relu4", "a", "a_2", "a_3", "a_4"]


def test_a_note_is_made_once(made: Builder) -> None:
    made.note("one")
    made.note("one")
    made.add("relu", [0])
    assert made.model().notes == ("one",)


def many(kind: str, count: int, **given: Any) -> Callable[[Builder], None]:
    """Add layers of one kind."""

    def change(made: Builder) -> None:
        for at in range(count):
            made.add(kind, [0], name=f"{given.get('scope', '')}{at}/{given.get('name', at)}")
        made.model()

    return change


def other_weights(made: Builder) -> None:
    """Two layers of one array, of other shapes."""
    made.add("conv", [0], CONV, name="a", weights="w")
    made.add("conv", [0], {**CONV, "filters": 3}, name="b", weights="w")


LIMITS: dict[str, tuple[dict[str, int], Callable[[Builder], Any]]] = {
    "0 tensors arrive here": ({}, lambda made: made.add("relu", [])),
    "its weights 'w' are those of a, whose shapes differ": ({}, other_weights),
    "the file has more than 3 layers, the limit": ({"MAX_LAYERS": 3}, many("relu", 4)),
    "the file has more than 5 scopes, the limit": ({"MAX_LAYERS": 5}, many("relu", 3, scope="s/t/u/")),
    "it lies in more than 2 scopes, the limit": ({"MAX_NESTING": 2}, many("relu", 1, scope="s/t/")),
    "the layers take more than 2 tensors in all, the limit": ({"MAX_TAKEN": 2}, many("relu", 3)),
    "3 tensors arrive here": ({"MAX_INPUTS": 2}, lambda made: made.add("add", [0, 0, 0])),
}  # fmt: skip


@pytest.mark.parametrize("message", LIMITS)
def test_what_is_no_layer(message: str, made: Builder, monkeypatch: pytest.MonkeyPatch) -> None:
    limits, change = LIMITS[message]
    for name, value in limits.items():
        monkeypatch.setattr(builder, name, value)
    with pytest.raises(SpecError) as caught:
        change(made)
    assert message in caught.value.problems[0].message


# ---- archives and texts ----


def large_archive(directory: int, mark: bytes = b"PK\x06\x07") -> bytes:
    """An archive in the form of those above 4 GiB, whose table of contents is said to have so many bytes."""
    head = b"PK\x03\x04" + bytes(20)
    whole = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, directory, 0)
    locator = struct.pack("<4sLQL", mark, 0, len(head), 1)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return head + whole + locator + end


@pytest.mark.parametrize(
    ("data", "format", "message"),
    [
        (large_archive(10**9), None, "its table of contents has 1,000,000,000 bytes, the limit is"),
        (large_archive(10**9, b"PK\x06\x08"), None, "this zip archive is broken"),
        (zipped(b"{}", "readme.txt"), "pt2", r"the archive has no models/\*.json"),
        (zipped(b"{}", "readme.txt"), "keras", "the archive has no 'config.json'"),
        (b"{}", "keras", "this JSON is no Keras model"),
    ],
)
def test_an_archive_that_holds_no_model(
    data: bytes, format: str | None, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "net.zip"
    path.write_bytes(data)
    with pytest.raises(SpecError, match=message):
        cnncalc.load(path, format=format)


@pytest.mark.parametrize(
    ("module", "limit", "message"),
    [
        (archive, "MAX_JSON_VALUES", "this file has more than 10 values, the limit"),
        (keras, "MAX_JSON_BYTES", "this file is larger than the limit of 0 MiB"),
    ],
)
def test_a_text_of_too_much(
    module: Any, limit: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, limit, 10)
    path = tmp_path / "net.json"
    path.write_text(json.dumps(models("layers")["numbers"]))
    with pytest.raises(SpecError, match=message):
        cnncalc.load(path)


def test_what_is_no_file_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="cannot read this file: no such file or directory"):
        cnncalc.load(tmp_path / "none.onnx", format="onnx")
    assert find_model(tmp_path) is None


def test_the_first_of_several_models_is_read_with_a_note(tmp_path: Path) -> None:
    path = tmp_path / "net.pt2"
    path.write_bytes(SMALL.read_bytes())
    with zipfile.ZipFile(path, "a") as added:
        added.writestr("small/models/other.json", b"{}")
    net = cnncalc.load(path)
    note = "the file holds 2 models; this is small/models/model.json"
    assert note in [each.message for each in net.notes()]
    assert net.report().totals == cnncalc.load(SMALL).report().totals


# ---- a Keras model that another version wrote ------------------------------------------------------------------------


def layer_of(model: Any, name: str) -> Any:
    return next(each for each in model["config"]["layers"] if each["config"]["name"] == name)[
        "config"
    ]


def load_changed(folder: Path, case: str, layer: str, **fields: Any) -> cnncalc.Network:
    """The network of a small Keras model of which a layer has other fields."""
    model = json.loads(json.dumps(models("layers")[case]))
    layer_of(model, layer).update(fields)
    path = folder / "net.json"
    path.write_text(json.dumps(model))
    return cnncalc.load(path)


def test_a_field_that_our_op_does_not_take_makes_a_row_unknown(tmp_path: Path) -> None:
    """The file has the shape of what arrives at the second layer."""
    net = load_changed(tmp_path, "twice_as_large", "up_sampling2d_1", interpolation="lanczos3")
    assert [node.kind for node in net.graph.nodes[1:]] == ["unknown", "upsample"]
    with pytest.raises(SpecError, match="lanczos3"):  # of the last there is none
        load_changed(tmp_path, "twice_as_large", "up_sampling2d", interpolation="lanczos3")


def test_a_shape_of_more_axes_than_a_map_has_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="cnncalc does not know the op 'Reshape'"):
        load_changed(tmp_path, "another_shape", "reshape", target_shape=[2, 4, 4, 3, 6])


# ---- a module in memory, with what stands for PyTorch ----------------------------------------------------------------


class Module:
    """A module as far as an export asks: whether it is being trained."""

    training = True

    def eval(self) -> Module:
        self.training = False
        return self

    def train(self, mode: bool) -> None:
        self.training = mode


def test_a_module_is_exported_as_it_is_used_and_trained_on_as_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    exported: list[Any] = []

    def export(module: Module, inputs: Any) -> str:
        exported.append((module.training, inputs))
        return "program"

    def save(program: str, to: Any) -> None:
        to.write(SMALL.read_bytes())

    torch = SimpleNamespace(export=SimpleNamespace(export=export, save=save))
    monkeypatch.setitem(sys.modules, "torch", torch)
    module = Module()
    net = cnncalc.from_torch(module, "an image")
    assert (net.name, exported, module.training) == ("Module", [(False, ("an image",))], True)
    assert net.report().totals == cnncalc.load(SMALL).report().totals
    cnncalc.from_torch(module, ("an image", "a mask"))
    assert exported[-1] == (False, ("an image", "a mask"))


def test_without_pytorch_it_is_said_how_to_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(SpecError, match=r"PyTorch is not installed[\s\S]*cnncalc\[torch\]"):
        cnncalc.from_torch(Module(), None)
