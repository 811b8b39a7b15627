"""A network that is found, read and walked: its spec, its graph, and the report of it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from cnncalc.models import MODEL_ENDINGS, ModelFile, find_model, read_model
from cnncalc.report.analysis import Report
from cnncalc.report.conventions import load_convention
from cnncalc.report.memory import DTYPE_SYNONYMS, DTYPES, OPTIMIZER_SYNONYMS, OPTIMIZERS
from cnncalc.spec.file import Spec, header_spec, read_shipped, read_spec
from cnncalc.spec.graph import Graph
from cnncalc.spec.overrides import InputSize, Settings, check_positive, read_choice, show_sizes
from cnncalc.spec.part import Parts
from cnncalc.spec.resize import Resizable
from cnncalc.spec.shipped import network_file, network_files, spec_file
from cnncalc.spec.walk import walk
from cnncalc.text.collector import paused_collector
from cnncalc.text.expressions import show_value
from cnncalc.text.messages import message
from cnncalc.text.source import Source, single_problem
from cnncalc.text.suggest import suggest_any
from cnncalc.text.yaml_tree import read_source

if TYPE_CHECKING:
    from cnncalc.counts.claims import Verdict
    from cnncalc.counts.identify import Identified
    from cnncalc.counts.notes import Note
    from cnncalc.counts.reconcile import Reconciled
    from cnncalc.explain.derive import Derivation
    from cnncalc.models.builder import Model

SPEC_ENDINGS = (".yaml", ".yml")


class Network:
    """A loaded network, and all that can be asked of it: its spec, and the graph that it walks to.

    One that was read from another tool's file (`model`) has a spec of its name alone, and the file's graph.
    """

    def __init__(
        self, spec: Spec | Model, input: InputSize | None = None, set: Settings | None = None
    ) -> None:
        if isinstance(spec, Spec):
            self.model: Model | None = None
            self.spec = spec
            with paused_collector():
                self.graph: Graph = walk(spec, input, set)
        else:
            _check_unchanged(spec, input, set)
            self.model = spec
            self.spec = header_spec(spec.source, spec.name)
            self.graph = spec.graph
        self._resizable = (
            Resizable(self.spec, self.graph)
            if self.model is None and input is None and not set
            else None
        )

    def __repr__(self) -> str:
        inputs = self.graph.inputs
        return f"<cnncalc.Network {self.name} {show_sizes(inputs if len(inputs) > 1 else self.graph.input)}>"

    @property
    def name(self) -> str:
        """The network's name."""
        return self.spec.name

    @property
    def title(self) -> str:
        """What people call it."""
        return self.spec.title or self.spec.name

    def with_(self, input: InputSize | None = None, set: Settings | None = None) -> Self:
        """Return the same network with another input or other parameters; the spec is not read again."""
        if input is not None and not set and self._resizable is not None:
            with paused_collector():
                graph = self._resizable.graph_of(input)
            if graph is not None:
                return self._of(graph)
        network = type(self)(self.model or self.spec, input, set)
        network._resizable = network._resizable or self._resizable
        return network

    def _of(self, graph: Graph) -> Self:
        """Return the same network with another graph."""
        network = type(self).__new__(type(self))
        network.model, network.spec, network.graph = self.model, self.spec, graph
        network._resizable = self._resizable
        return network

    def report(
        self,
        *,
        batch: int = 1,
        dtype: str = "float32",
        optimizer: str = "sgd",
        convention: str = "standard",
        depth: int | None = None,
        with_side: bool = False,
        no_bias: bool = False,
    ) -> Report:
        """Every layer's facts and the totals.

        `batch` and `dtype` enter the memory figures alone; `convention` the operations. `depth` folds rows of longer
        paths; `with_side` adds side outputs to the totals; `no_bias` leaves biases out of what is counted.
        Raises SpecError for an unknown word or a number below 1.
        """
        dtype = read_choice("--dtype", dtype, DTYPES, DTYPE_SYNONYMS)
        optimizer = read_choice("--optimizer", optimizer, OPTIMIZERS, OPTIMIZER_SYNONYMS)
        check_positive("--batch", batch)
        if depth is not None:
            check_positive("--depth", depth)
        return Report(
            self.graph,
            load_convention(convention),
            self.title,
            batch,
            dtype,
            optimizer,
            depth,
            with_side,
            no_bias,
            _notebook_html,
            _terminal_text,
        )

    @cached_property
    def parts(self) -> Parts:
        """What the names of layers, block instances and named repeats stand for."""
        return Parts(self.graph)

    @property
    def layer_names(self) -> tuple[str, ...]:
        """The names of all layers and of all block instances and named repeats."""
        return self.parts.names

    def explain(
        self,
        layer: str,
        quantity: str | None = None,
        *,
        batch: int = 1,
        dtype: str = "float32",
        optimizer: str = "sgd",
        convention: str = "standard",
    ) -> tuple[Derivation, ...]:
        """Derive a layer's quantities, or one; `layer` may be a block instance, or `total`.

        Raises SpecError for a layer or quantity that there is not, with the nearest.
        """
        from cnncalc.explain.derive import explain

        return explain(
            self,
            layer,
            quantity,
            batch=batch,
            dtype=dtype,
            optimizer=optimizer,
            convention=convention,
        )

    def identify(
        self, number: str, layer: str | None = None, *, batch: int = 1, dtype: str = "float32"
    ) -> Identified:
        """Which quantities and conventions give a number to the digits written; see `cnncalc.counts.identify`."""
        from cnncalc.counts.identify import identify

        dtype = read_choice("--dtype", dtype, DTYPES, DTYPE_SYNONYMS)
        check_positive("--batch", batch)
        return identify(self, number, layer, batch=batch, dtype=dtype)

    def reconcile(self, *given: str, layer: str = "total") -> Reconciled:
        """Why counts differ, each a convention's name or a number as printed, from the last; `counts.reconcile`."""
        from cnncalc.counts.reconcile import reconcile

        return reconcile(self, *given, place=layer)

    def notes(self) -> list[Note]:
        """Return what is worth knowing of the spec and is no mistake: filters that do not fit, several outputs."""
        from cnncalc.counts.notes import notes

        return notes(self)

    def check_claims(self) -> list[Verdict]:
        """Return the spec's claims, each held to the digits it prints."""
        from cnncalc.counts.claims import check_claims

        return check_claims(self)

    def _repr_html_(self) -> str:
        return _notebook_html(self.report())


def _notebook_html(report: Report) -> str:
    """Return what a notebook shows of a report: its table and its drawing."""
    from cnncalc.page.notebook import notebook_html

    return notebook_html(report)


def _terminal_text(report: Report) -> str:
    """Return what a terminal shows of a report: its table, with the blocks of a long network as rows."""
    from cnncalc.tables import terminal_text

    return terminal_text(report)


def _check_unchanged(model: Model, input: InputSize | None, settings: Settings | None) -> None:
    """Refuse another input or other parameters for a file whose shapes are fixed."""
    for option, given in (("--input", None if model.is_open else input), ("--set", settings)):
        if given:
            text = _as_typed(given)
            raise single_problem(
                option,
                text,
                f"{option} cannot change {model.file.path}: its shapes are those that it was written with",
                "export the model again with another example, or turn it into a spec and change that: "
                f"cnncalc convert {model.file.path} -o net.yaml",
                "option",
            )


def _as_typed(given: object) -> str:
    """Write sizes or settings as they are typed: `224x224`, `conv1.stride=1`."""
    if isinstance(given, Mapping):
        return " ".join(f"{name}={_as_typed(value)}" for name, value in given.items())
    return "x".join(map(str, given)) if isinstance(given, tuple) else str(given)


def networks() -> tuple[str, ...]:
    """Return the names of the networks that cnncalc knows."""
    return tuple(network_files())


def find_network(
    net: str | Path, format: str | None = None, input: InputSize | None = None
) -> Spec | Model:
    """Return what a NET stands for: a spec that we ship, by its name or alias; a spec or model file, by its path; `-`.

    `format` says which tool wrote the file, where its content does not; `input` the sizes that a model file leaves
    open. Raises SpecError where there is none, with the nearest names, or the file cannot be read.
    """
    file = _model_file(net, format)
    return find_spec(net) if file is None else read_model(file._replace(input=input))


def _model_file(net: str | Path, format: str | None) -> ModelFile | None:
    """Return the model file that a NET is, or None for a name, standard input or a spec."""
    name = str(net)
    is_name = isinstance(net, str) and (name == "-" or network_file(name) is not None)
    if format is not None:
        if is_name:
            hint = "a model file has a path" if name != "-" else "a model is not read from a pipe"
            raise single_problem(
                "--from", format, f"'{name}' is no file of another tool", hint, "option"
            )
        return find_model(net, format)
    return find_model(net) if not is_name and os.path.isfile(name) else None


def find_spec(net: str | Path) -> Spec:
    """Return a spec: that of a network's name or alias, of a path, or of standard input, `-`.

    Raises SpecError where there is none, with the nearest names.
    """
    name = str(net)
    if name == "-":
        return read_spec(read_source("-"))
    shipped = network_file(name) if isinstance(net, str) else None
    if shipped is not None:
        return read_shipped(shipped)
    looks_like_path = name.endswith((*SPEC_ENDINGS, *MODEL_ENDINGS)) or "/" in name or "\\" in name
    if (
        isinstance(net, Path)
        or name.endswith((*SPEC_ENDINGS, *MODEL_ENDINGS))
        or (looks_like_path and os.path.exists(name))
    ):
        variant = None if os.path.exists(name) else spec_file(name)
        return read_spec(read_source(name)) if variant is None else read_shipped(variant)
    from cnncalc.zoo import aliases, spelled

    alias = aliases().get(spelled(name))
    if alias is not None:
        return read_shipped(network_files()[alias])
    if os.path.exists(name):
        return read_spec(read_source(name))
    otherwise = "cnncalc list shows the networks; a path ends in .yaml, .pt2, .onnx, ..."
    hint = (
        message("another input is --input {size}", size=name)
        if name.isdigit()
        else suggest_any(name, [*networks(), *aliases()], otherwise, aliases())
    )
    raise single_problem(
        "NET", name, message("there is no network '{name}'", name=name), hint, "unknown-network"
    )


def load(
    net: str | Path,
    input: InputSize | None = None,
    set: Settings | None = None,
    format: str | None = None,
) -> Network:
    """Load a network by its name or alias, from a path, or from standard input (`-`).

    `input` replaces the spec's: one number for every spatial axis, one per spatial axis, or the whole shape, channels
    last, as a number, a tuple or a text such as "32x32x3". `set` gives values for the network's parameters.
    A path may also lead to a file that another tool wrote (.pt2, .keras, .onnx, .prototxt), which takes no `set`, and
    an `input` only where it leaves sizes open; `format` says which tool, where its content does not.
    Raises SpecError with all that is wrong, with file, line and column.
    """
    with paused_collector():
        return Network(find_network(net, format, input), input, set)


def loads(
    text: str, name: str = "-", input: InputSize | None = None, set: Settings | None = None
) -> Network:
    """Load a network from the text of a spec; `name` is what errors call it. Otherwise as `load`."""
    with paused_collector():
        return Network(read_spec(Source(name, text)), input, set)


def from_torch(module: Any, example: Any) -> Network:
    """Load a PyTorch module: exported in memory with an example's inputs, and read as a `.pt2` file is.

    `example` is a tensor, its first axis the batch, or a tuple of them. Needs the extra `torch`.
    Raises SpecError where PyTorch is not installed, and what PyTorch raises where it cannot export the module.
    """
    from cnncalc.models.pt2 import from_torch as read_module

    return Network(read_module(module, example))


def layer(op: str, input: InputSize, **fields: Any) -> Network:
    """Return a network of one layer: `layer("conv", "32x32x3", filters=10, kernel=5, pad=2)`.

    `input` is the whole shape that arrives, channels last; the fields are the op's, as a spec names them.
    Raises SpecError as `load` does.
    """
    shape = (
        input
        if isinstance(input, str)
        else "x".join(map(str, [input] if isinstance(input, int) else input))
    )
    shown = (
        f"{name}: {show_value(value) if not isinstance(value, list) else value}"
        for name, value in fields.items()
    )
    text = f"input: {shape}\nlayers:\n- {op}: {{{', '.join(shown)}}}\n"
    return loads(text, name=op)


__all__ = ["Network", "from_torch", "layer", "load", "loads", "networks"]
