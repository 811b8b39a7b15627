"""The Python interface: load a network, ask it. The command line does nothing that is not here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from cnncalc.network import LoadedNetwork, find_network, networks
from cnncalc.report.analysis import Report
from cnncalc.report.memory import DTYPES
from cnncalc.spec.file import read_spec
from cnncalc.spec.overrides import InputSize, Settings, check_choice, check_positive
from cnncalc.text.expressions import show_value
from cnncalc.text.source import Source, SpecError

if TYPE_CHECKING:
    from cnncalc.counts.claims import Note, Verdict
    from cnncalc.counts.identify import Identified
    from cnncalc.counts.reconcile import Reconciled
    from cnncalc.explain.derive import Derivation


class NotebookReport(Report):
    """A report that a notebook shows as its summary table."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        from cnncalc.tables import render
        from cnncalc.tables.table import table

        return render(table(self, "summary"), "html")


class Network(LoadedNetwork):
    """A loaded network and all that can be asked of it."""

    _report_type: ClassVar[type[Report]] = NotebookReport

    def _repr_html_(self) -> str:
        return NotebookReport(*self.report())._repr_html_()

    def explain(
        self,
        layer: str,
        quantity: str | None = None,
        *,
        batch: int = 1,
        dtype: str = "float32",
        convention: str = "standard",
    ) -> tuple[Derivation, ...]:
        """The derivation of a layer's quantities, or of one; `layer` may be a block instance, or `total`.

        Raises SpecError for a layer or quantity that there is not, with the nearest.
        """
        from cnncalc.explain.derive import explain

        return explain(self, layer, quantity, batch=batch, dtype=dtype, convention=convention)

    def identify(
        self, number: str, layer: str | None = None, *, batch: int = 1, dtype: str = "float32"
    ) -> Identified:
        """Which quantities and conventions give a number to the digits written; see `cnncalc.counts.identify`."""
        from cnncalc.counts.identify import identify

        check_choice("--dtype", dtype, DTYPES)
        check_positive("--batch", batch)
        return identify(self, number, layer, batch=batch, dtype=dtype)

    def reconcile(self, *given: str, layer: str = "total") -> Reconciled:
        """Why counts differ, each a convention's name or a number as printed, from the last; `counts.reconcile`."""
        from cnncalc.counts.reconcile import reconcile

        return reconcile(self, *given, place=layer)

    def notes(self) -> list[Note]:
        """What is worth knowing of the spec and is no mistake: filters that do not fit, several outputs."""
        from cnncalc.counts.claims import notes

        return notes(self)

    def check_claims(self) -> list[Verdict]:
        """The spec's claims, each held to the digits it prints."""
        from cnncalc.counts.claims import check_claims

        return check_claims(self)


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
    return Network(find_network(net, format, input), input, set)


def loads(
    text: str, name: str = "-", input: InputSize | None = None, set: Settings | None = None
) -> Network:
    """Load a network from the text of a spec; `name` is what errors call it. Otherwise as `load`."""
    return Network(read_spec(Source(name, text)), input, set)


def layer(op: str, input: InputSize, **fields: Any) -> Network:
    """A network of one layer: `layer("conv", "32x32x3", filters=10, kernel=5, pad=2)`.

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


__all__ = ["Network", "SpecError", "layer", "load", "loads", "networks"]
