"""The formats that a graph is written in: which module writes each, imported when it is asked for.

A writer is a module with `write(graph: Graph, title: str) -> Written`, which raises SpecError, with the reason, for
what has no counterpart in its format. One whose format is no text takes a third argument, the file's name.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from cnncalc.spec.graph import Graph, Node
from cnncalc.spec.overrides import check_choice
from cnncalc.text.source import Problem, SpecError, single_problem


class Written(NamedTuple):
    """What a writer wrote, as text or as data, and what its reader should know of it.

    Data may need `zeros` bytes of zeros in a file beside it, which has its name with `.data` behind it.
    """

    text: str
    notes: tuple[str, ...] = ()
    data: bytes = b""
    zeros: int = 0


class Writer(NamedTuple):
    """A format: the module that writes it, what it is, and how its files' names end."""

    module: str
    title: str
    endings: tuple[str, ...]
    is_text: bool = True


WRITERS: dict[str, Writer] = {
    "yaml": Writer("write_yaml", "a spec", (".yaml", ".yml")),
    "torch": Writer("write_torch", "PyTorch code", (".py",)),
    "keras": Writer("write_keras", "Keras 3 code", ()),
    "onnx": Writer("write_onnx", "an ONNX model", (".onnx",), is_text=False),
    "mermaid": Writer("write_mermaid", "a Mermaid flowchart", (".mmd", ".mermaid")),
    "scalesim": Writer("write_scalesim", "SCALE-Sim's table of layers", (".csv",)),
}
"""The formats, by the word that `--to` takes."""


def format_of(path: Path) -> str:
    """Tell the format from how a file's name ends. Raises SpecError for an ending of none."""
    for word, writer in WRITERS.items():
        if path.suffix.lower() in writer.endings:
            return word
    endings = ", ".join(ending for writer in WRITERS.values() for ending in writer.endings)
    raise single_problem(
        "-o",
        str(path),
        f"'{path.name}' does not say which format to write",
        f"end the name in {endings}, or give --to {'|'.join(WRITERS)}",
        "option",
    )


def write_graph(graph: Graph, title: str, format: str, name: str = "") -> Written:
    """Write a graph in a format, as a file of that name.

    Raises SpecError for an unknown format, for what it cannot say, and for data that would go to no file.
    """
    check_choice("--to", format, WRITERS)
    wanted = WRITERS[format]
    if not wanted.is_text and not name:
        hint = f"name a file: -o FILE{wanted.endings[0]}"
        raise single_problem("-o", "", f"{wanted.title} is no text to print", hint, "option")
    writer = import_module(f"cnncalc.models.{wanted.module}")
    given = (graph, title) if wanted.is_text else (graph, title, name)
    written: Written = writer.write(*given)
    return written


def refused(node: Node, reason: str, hint: str = "") -> SpecError:
    """Make the error for a layer that a format has no counterpart of, at the layer's place in its file."""
    return SpecError([Problem(node.span, "convert", f"{node.name}: {reason}", hint)])


__all__ = ["WRITERS", "Writer", "Written", "format_of", "refused", "write_graph"]
