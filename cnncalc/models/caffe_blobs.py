"""The blobs of a Caffe network, by name, and how a row is made of a layer."""

from __future__ import annotations

from collections.abc import Mapping as Dictionary
from collections.abc import Sequence
from typing import Any, NamedTuple

from cnncalc.models.builder import Builder, path
from cnncalc.ops.shapes import Shape
from cnncalc.text.records import Record, RecordFields, items_of
from cnncalc.text.source import Problem, Span, SpecError
from cnncalc.text.suggest import suggest_any
from cnncalc.text.yaml_tree import Mapping, Scalar


class LayerError(ValueError):
    """A layer does not work out; `problem` says why, at its place."""

    def __init__(self, message: str, span: Span, hint: str = "") -> None:
        super().__init__(message)
        self.problem = Problem(span, "model", message, hint)


class CaffeLayer(NamedTuple):
    """A layer as written: `kind` is its type in one form for old and new files."""

    name: str
    kind: str
    type: Scalar
    bottoms: tuple[Scalar, ...]
    tops: tuple[Scalar, ...]
    fields: Mapping

    @property
    def span(self) -> Span:
        """Where the layer is written."""
        return self.type.span

    def read(self, parameters: str, record: Record) -> RecordFields:
        """Read a message of parameters, such as `convolution_param`. Raises LayerError for what is wrong in it."""
        written = self.fields.get(parameters) or Mapping((), self.span)
        problems: list[Problem] = []
        fields = record.read(written, problems)
        if problems or fields is None:
            first = problems[0]
            raise LayerError(first.message, first.span, first.hint)
        return fields

    @property
    def weights(self) -> str:
        """What the file calls the layer's weights; its own name where it calls them nothing."""
        names = []
        for item in items_of(self.fields.get("param")):
            name = item.get("name") if isinstance(item, Mapping) else item
            if isinstance(name, Scalar) and name.text:
                names.append(name.text)
        return "+".join(names) or (f"{self.name}:{self.kind}" if self.name else "")


class Blobs:
    """Blobs by name; a blob made anew under its old name is the newer one from there on."""

    def __init__(self, builder: Builder) -> None:
        self.builder = builder
        self.rows: dict[str, int] = {}
        self.absent: set[str] = set()
        """Blobs that are there in training alone, such as labels, or whose layer is in error."""

    def find(self, name: Scalar) -> int | None:
        """Return the row of a blob; None for one that is left out. Raises LayerError for one that nothing makes."""
        if name.text in self.rows:
            return self.rows[name.text]
        if name.text in self.absent:
            return None
        hint = suggest_any(
            name.text, [*self.rows, *self.absent], "a layer takes what a layer above it makes"
        )
        raise LayerError(f"no layer above makes '{name.text}'", name.span, hint)

    def set(self, name: Scalar, row: int) -> None:
        """Say which row a blob is."""
        self.absent.discard(name.text)
        self.rows[name.text] = row

    def leave_out(self, tops: Sequence[Scalar]) -> None:
        """Say that blobs are not there."""
        for top in tops:
            self.rows.pop(top.text, None)
            self.absent.add(top.text)

    def shape(self, row: int) -> Shape:
        """Return the shape of a row."""
        return self.builder.shape(row)

    def add(
        self,
        kind: str,
        layer: CaffeLayer,
        rows: Sequence[int],
        fields: Dictionary[str, Any] | None = None,
        suffix: str = "",
    ) -> int:
        """Add a row for a layer. Raises LayerError where what arrives does not suit it."""
        name = path(layer.name, "/") + suffix
        try:
            row = self.builder.add(kind, rows, fields, name=name, weights=layer.weights)
        except SpecError as error:
            problem = error.problems[0]
            raise LayerError(problem.message, layer.span, problem.hint) from None
        node = self.builder.nodes[row]
        self.builder.nodes[row] = node._replace(span=layer.span)
        return row
