"""Files that other tools wrote, read to a Graph: which format a file is in, and which module reads it.

What a file is is told from its content. A reader is a module with `read(file: ModelFile) -> Model`, imported when a
file of its format is met. Nothing in a file is executed, no pickle is opened, and nothing outside the file is read.
"""

from __future__ import annotations

import os
import re
import stat
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from cnncalc.text.files import remember_read
from cnncalc.text.source import Source, SpecError, single_problem
from cnncalc.text.suggest import suggest

if TYPE_CHECKING:
    from cnncalc.models.builder import Model
    from cnncalc.spec.overrides import InputSize

HEAD_BYTES = 64 * 1024
"""What is read of a file to tell its format."""


class Format(NamedTuple):
    """A format: the module that reads it, what it is called, and how its files' names end."""

    module: str
    title: str
    endings: tuple[str, ...]


FORMATS: dict[str, Format] = {
    "pt2": Format("pt2", "a PyTorch export (torch.export.save)", (".pt2",)),
    "keras": Format("keras", "a Keras model, or its JSON", (".keras", ".json")),
    "onnx": Format("onnx", "an ONNX model", (".onnx",)),
    "caffe": Format("caffe", "a Caffe prototxt", (".prototxt",)),
}
"""The formats, by the word that `--from` takes."""

MODEL_ENDINGS = tuple(ending for known in FORMATS.values() for ending in known.endings)
"""How the names of model files end; such a name is never that of a network of ours."""

_PROTOTXT = re.compile(rb"^\s*(layers?|input_shape|input_param)\s*\{", re.MULTILINE)
_JSON = re.compile(rb"""^\s*\{.*"class_name"\s*:""", re.DOTALL)
_ONNX_TAGS = frozenset({0x08})
"""The first byte of an ONNX file: the tag of `ir_version`, which every exporter writes first."""


class ModelFile(NamedTuple):
    """A file that some tool wrote: its path, as given, its format, and a size for what it leaves open.

    `data` is what it holds, where it was never written to disk.
    """

    path: str
    format: str
    input: InputSize | None = None
    data: bytes | None = None

    @property
    def source(self) -> Source:
        """The file as problems name it; there is no line of it to show."""
        return Source(self.path, "")

    def open(self) -> BinaryIO:
        """Open it to read. Raises OSError."""
        from io import BytesIO

        return open(self.path, "rb") if self.data is None else BytesIO(self.data)

    def error(self, message: str, hint: str = "", code: str = "model") -> SpecError:
        """Return the error for a file that is not what it should be."""
        return single_problem(self.path, "", message, hint, code)


def read_model(file: ModelFile) -> Model:
    """Read a file with the reader of its format. Raises SpecError with all that is wrong with it."""
    from cnncalc.text.collector import paused_collector

    reader = import_module(f"cnncalc.models.{FORMATS[file.format].module}")
    with paused_collector():
        model: Model = reader.read(file)
    return model


def find_model(path: str | Path, format: str | None = None) -> ModelFile | None:
    """Return the model file that a path leads to, of the format given or told from its content; None for anything else.

    Raises SpecError for an unknown format, a file that cannot be read, and an archive that holds no model.
    """
    name = str(path)
    if format is not None:
        _check_format(format)
        _head(name)
        return ModelFile(name, format)
    format_name = _format_of(name, _head(name))
    if format_name is None and name.endswith(MODEL_ENDINGS):
        listed = "; ".join(f"{word}: {known.title}" for word, known in FORMATS.items())
        raise single_problem(
            name,
            "",
            "this is not a model file of a format that cnncalc reads, whatever its name says",
            f"the formats are {listed}",
            "model",
        )
    return None if format_name is None else ModelFile(name, format_name)


def _check_format(format: str) -> None:
    if format not in FORMATS:
        hint = suggest(format, FORMATS, "it can be {}")
        raise single_problem("--from", format, f"--from cannot be '{format}'", hint, "option")


def _head(name: str) -> bytes:
    """Return the beginning of a regular file. Raises SpecError where it cannot be read."""
    try:
        if not stat.S_ISREG(os.stat(name).st_mode):
            return b""
        remember_read(name)
        with open(name, "rb") as file:
            return file.read(HEAD_BYTES)
    except (OSError, ValueError) as error:  # a ValueError for a name with a NUL
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise single_problem(name, "", f"cannot read this file: {reason}", code="file") from None


def _format_of(name: str, head: bytes) -> str | None:
    """Return the format that the content is in, or None."""
    if head.startswith(b"PK\x03\x04"):
        return _archive_format(name)
    if head[:1] and head[0] in _ONNX_TAGS:
        return "onnx"
    if b"\0" in head:
        return None
    if _JSON.match(head):
        return "keras"
    is_yaml = name.endswith(
        (".yaml", ".yml")
    )  # in which `layers: {` is a mistake of a spec's author
    return "caffe" if _PROTOTXT.search(head) and not is_yaml else None


def _archive_format(name: str) -> str:
    """Return what a zip archive holds, by the names in it."""
    from cnncalc.models.archive import Archive

    with Archive(ModelFile(name, "")) as archive:
        members = archive.names
    if any(is_pt2_graph(member) for member in members):
        return "pt2"
    if "config.json" in members:
        return "keras"
    hint = "torch.export.save writes a .pt2, model.save a .keras"
    if any(member.endswith("data.pkl") for member in members):
        hint = (
            "this looks like torch.save, a pickle of weights or of a module, which is never opened; "
            "write the model with torch.export.save(torch.export.export(module, (example,)), FILE)"
        )
    raise single_problem(name, "", "this zip archive holds no model's graph", hint, "model")


def is_pt2_graph(member: str) -> bool:
    """Whether an archive's member is the graph of a PyTorch export: `*/models/*.json`."""
    return re.fullmatch(r"(?:[^/]+/)?models/[^/]+\.json", member) is not None


__all__ = [
    "FORMATS",
    "MODEL_ENDINGS",
    "Format",
    "ModelFile",
    "find_model",
    "is_pt2_graph",
    "read_model",
]
