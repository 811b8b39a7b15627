"""The Python interface: load a network, ask it. The command line does nothing that is not here."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnncalc.analysis import Report, analyse
from cnncalc.collector import paused_collector
from cnncalc.conventions import load_convention
from cnncalc.expressions import show_value
from cnncalc.graph import Graph
from cnncalc.library import data_file, data_files
from cnncalc.memory import DTYPES, OPTIMIZERS
from cnncalc.settings import InputSize, Settings
from cnncalc.source import Source, SpecError, nearest, nearest_all, single_problem
from cnncalc.spec import Spec, read_spec
from cnncalc.walk import walk
from cnncalc.yamltext import read_source

if TYPE_CHECKING:
    from cnncalc.explain import Derivation
    from cnncalc.identify import Identified
    from cnncalc.reconcile import Reconciled
    from cnncalc.validate import Note, Verdict

SPEC_ENDINGS = (".yaml", ".yml")


class Network:
    """A loaded network: its spec, and the graph that it walks to with its input and parameters."""

    def __init__(self, spec: Spec, input: InputSize | None = None, set: Settings | None = None) -> None:  # noqa: A002
        self.spec = spec
        with paused_collector():
            self.graph: Graph = walk(spec, input, set)

    def __repr__(self) -> str:
        return f"<cnncalc.Network {self.name} {'x'.join(map(str, self.graph.input))}>"

    def _repr_html_(self) -> str:
        return self.report()._repr_html_()

    @property
    def name(self) -> str:
        """The network's name."""
        return self.spec.name

    @property
    def title(self) -> str:
        """What people call it."""
        return self.spec.title or self.spec.name

    def with_(self, input: InputSize | None = None, set: Settings | None = None) -> Network:  # noqa: A002
        """The same network with another input or other parameters; the spec is not read again."""
        return Network(self.spec, input, set)

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
        check_choice("--dtype", dtype, DTYPES)
        check_choice("--optimizer", optimizer, OPTIMIZERS)
        check_positive("--batch", batch)
        if depth is not None:
            check_positive("--depth", depth)
        counting = load_convention(convention)
        with paused_collector():
            return analyse(self.graph, counting, title=self.title, batch=batch, dtype=dtype, optimizer=optimizer,
                           depth=depth, with_side=with_side, no_bias=no_bias)

    @cached_property
    def layer_names(self) -> tuple[str, ...]:
        """The names of all layers and of all block instances and named repeats."""
        names = dict.fromkeys(node.name for node in self.graph.nodes)
        names.update(dict.fromkeys(self.graph.scopes))
        return tuple(names)

    def explain(self, layer: str, quantity: str | None = None, *, batch: int = 1, dtype: str = "float32",
                convention: str = "standard") -> tuple[Derivation, ...]:
        """The derivation of a layer's quantities, or of one; `layer` may be a block instance, or `total`.

        Raises SpecError for a layer or quantity that there is not, with the nearest.
        """
        from cnncalc.explain import explain

        return explain(self, layer, quantity, batch=batch, dtype=dtype, convention=convention)

    def identify(self, number: str, layer: str | None = None, *, batch: int = 1, dtype: str = "float32") -> Identified:
        """Which quantities and conventions give a number to the digits written; see `cnncalc.identify`."""
        from cnncalc.identify import identify

        check_choice("--dtype", dtype, DTYPES)
        check_positive("--batch", batch)
        return identify(self, number, layer, batch=batch, dtype=dtype)

    def reconcile(self, *given: str, layer: str = "total") -> Reconciled:
        """Why counts differ, each a convention's name or a number as printed, from the last; `cnncalc.reconcile`."""
        from cnncalc.reconcile import reconcile

        return reconcile(self, *given, place=layer)

    def notes(self) -> list[Note]:
        """What is worth knowing of the spec and is no mistake: filters that do not fit, several outputs."""
        from cnncalc.validate import notes

        return notes(self)

    def check_claims(self) -> list[Verdict]:
        """The spec's claims, each held to the digits it prints."""
        from cnncalc.validate import check_claims

        return check_claims(self)


def check_choice(option: str, value: str, known: Iterable[str]) -> None:
    """Raise SpecError where a word is not among those known, with the nearest."""
    words = tuple(known)
    if value not in words:
        close = nearest(value, words)
        hint = f"did you mean '{close}'?" if close else f"it can be {', '.join(words)}"
        raise single_problem(option, value, f"{option} cannot be '{value}'", hint, "option")


def check_positive(option: str, value: int) -> None:
    """Raise SpecError for a number below 1."""
    if value < 1:
        raise single_problem(option, str(value), f"{option} is at least 1, not {value}", "", "option")


def networks() -> tuple[str, ...]:
    """The names of the networks that cnncalc knows."""
    return tuple(data_files("networks"))


def find_source(net: str | Path) -> Source:
    """The text of a spec: a network's name or alias, a path, or `-` for standard input.

    Raises SpecError where there is none, with the nearest names.
    """
    name = str(net)
    if name == "-":
        return read_source("-")
    path = data_file("networks", name) if isinstance(net, str) else None
    if path is not None:
        return read_source(path)
    looks_like_path = name.endswith(SPEC_ENDINGS) or "/" in name or "\\" in name
    if isinstance(net, Path) or name.endswith(SPEC_ENDINGS) or (looks_like_path and os.path.exists(name)):
        return read_source(name)
    alias = _aliases().get(name.lower())
    if alias is not None:
        return read_source(data_files("networks")[alias])
    if os.path.exists(name):
        return read_source(name)
    known = [*networks(), *_aliases()]
    close = nearest_all(name, known)
    hint = f"did you mean {' or '.join(close)}?" if close else "cnncalc list shows the networks; a path ends in .yaml"
    raise single_problem("NET", name, f"there is no network '{name}'", hint, "unknown-network")


def _aliases() -> dict[str, str]:
    from cnncalc.zoo import aliases

    return aliases()


def load(net: str | Path, input: InputSize | None = None, set: Settings | None = None) -> Network:  # noqa: A002
    """Load a network by its name or alias, from a path, or from standard input (`-`).

    `input` replaces the spec's: one number for every spatial axis, one per spatial axis, or the whole shape, channels
    last, as a number, a tuple or a text such as "32x32x3". `set` gives values for the network's parameters.
    Raises SpecError with all that is wrong, with file, line and column.
    """
    return Network(read_spec(find_source(net)), input, set)


def loads(text: str, name: str = "-", input: InputSize | None = None, set: Settings | None = None) -> Network:  # noqa: A002
    """Load a network from the text of a spec; `name` is what errors call it. Otherwise as `load`."""
    return Network(read_spec(Source(name, text)), input, set)


def layer(op: str, input: InputSize, **fields: Any) -> Network:  # noqa: A002
    """A network of one layer: `layer("conv", "32x32x3", filters=10, kernel=5, pad=2)`.

    `input` is the whole shape that arrives, channels last; the fields are the op's, as a spec names them.
    Raises SpecError as `load` does.
    """
    shape = input if isinstance(input, str) else "x".join(map(str, [input] if isinstance(input, int) else input))
    shown = (f"{name}: {show_value(value) if not isinstance(value, list) else value}" for name, value in fields.items())
    text = f"input: {shape}\nlayers:\n- {op}: {{{', '.join(shown)}}}\n"
    return loads(text, name=op)


__all__ = ["Network", "SpecError", "layer", "load", "loads", "networks"]
