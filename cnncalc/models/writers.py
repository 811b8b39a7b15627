"""The formats that a graph is written in: which module writes each, imported when it is asked for.

A writer is a module with `write(graph: Graph, title: str) -> Written`, which raises SpecError, with the reason, for
what has no counterpart in its format.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from cnncalc.spec.graph import Graph
from cnncalc.spec.overrides import check_choice
from cnncalc.text.source import SpecError, single_problem


class Written(NamedTuple):
    """What a writer wrote, and what its reader should know of it."""

    text: str
    notes: tuple[str, ...] = ()


class Writer(NamedTuple):
    """A format: the module that writes it, what it is, and how its files' names end."""

    module: str
    title: str
    endings: tuple[str, ...]


WRITERS: dict[str, Writer] = {
    "yaml": Writer("write_yaml", "a spec", (".yaml", ".yml")),
    "torch": Writer("write_torch", "PyTorch code", (".py",)),
    "keras": Writer("write_keras", "Keras 3 code", ()),
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


def write_graph(graph: Graph, title: str, format: str) -> Written:
    """Write a graph in a format. Raises SpecError for an unknown format, and for what it cannot say."""
    check_choice("--to", format, WRITERS)
    writer = import_module(f"cnncalc.models.{WRITERS[format].module}")
    written: Written = writer.write(graph, title)
    return written


def refused(network: str, layer: str, reason: str, hint: str = "") -> SpecError:
    """Make the error for a layer that a format has no counterpart of."""
    return single_problem(network, "", f"{layer}: {reason}", hint, "convert")


__all__ = ["WRITERS", "Writer", "Written", "format_of", "refused", "write_graph"]
