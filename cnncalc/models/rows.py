"""Rows for tensors that are views of maps: what readers of tools with other orders of axes share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import prod
from typing import Any, NamedTuple

from cnncalc.models.builder import Builder
from cnncalc.models.layout import MAX_AXES, Form, View, plan, whole
from cnncalc.ops.shapes import Shape


class UnsupportedError(Exception):
    """An op in a form that no row of ours stands for; a reader adds an unknown row in its place."""


class Where(NamedTuple):
    """Where a row stands: its name if it has one, its scope if not, and its tags."""

    name: str = ""
    scope: str = ""
    tags: tuple[str, ...] = ()

    @property
    def beside(self) -> Where:
        """Where a row stands that this one needs before or after it, and that has no name."""
        return Where("", self.scope or self.name.rpartition("/")[0])


class RowAdder:
    """Adds rows to a builder for layers that take views, each with its channels where the tool has them."""

    def __init__(self, builder: Builder) -> None:
        self.builder = builder
        self.batch = 1
        self.moved: dict[View, Where] = {}
        self.arranged: dict[tuple[View, int], tuple[int, Form]] = {}

    def arrange(
        self, view: View, channel: int, where: Where, *, flat: bool = False
    ) -> tuple[int, Form]:
        """Return the node whose map has the tensor's axis `channel` last, a row added where needed; and its form.

        With `flat` a map that is to be a vector is left to the layer, which flattens it. Raises UnsupportedError for
        more axes than a map has.
        """
        key = (view, channel % len(view.dims))
        if key in self.arranged:
            return self.arranged[key]
        planned = plan(view, self.builder.shape(view.node), key[1])
        if planned is None:
            raise UnsupportedError(f"it is of more than {MAX_AXES} axes beside the batch")
        if not planned.needed or (flat and planned.needed == "flatten"):
            return view.node, planned.form
        place = self.moved.get(view, where.beside)
        node = self.builder.add(planned.needed, [view.node], planned.fields, **place._asdict())
        self.arranged[key] = node, planned.form
        return node, planned.form

    def align(self, views: Sequence[View], where: Where) -> tuple[list[int], Form]:
        """Nodes of several tensors with their axes in one order, and the form of the tensor with the most.

        A tensor of fewer axes than another gets axes of one position before its own. Raises UnsupportedError.
        """
        rank = max(len(view.dims) for view in views)
        raised = [_raised(view, rank) for view in views]
        channel = self.channel_of(raised)
        arranged = [self.arrange(view, channel, where) for view in raised]
        return [node for node, _ in arranged], max((form for _, form in arranged), key=len)

    def channel_of(self, views: Sequence[View]) -> int:
        """Return the axis that is the channels of most tensors' maps; the last where none says."""
        channels = [view.channel(len(self.builder.shape(view.node))) for view in views]
        known = Counter(axis for axis in channels if axis is not None)
        return known.most_common(1)[0][0] if known else len(views[0].dims) - 1

    def row(
        self,
        kind: str,
        nodes: Sequence[int],
        where: Where,
        fields: dict[str, Any] | None = None,
        weights: str = "",
    ) -> int:
        """Add a row. Layers of the same weights share them."""
        return self.builder.add(kind, nodes, fields, **where._asdict(), weights=weights)

    def whole(self, node: int, form: Form) -> View:
        """Return a node's whole map in a form."""
        return whole(node, self.builder.shape(node), form, self.batch)


def laid_over(shapes: Sequence[Shape]) -> dict[str, Any]:
    """Return the field that a merge of maps needs where one is laid over the largest along some axes of it."""
    largest = max(shapes, key=lambda shape: (len(shape), prod(shape)))
    over_all = (*(1,) * (len(largest) - 1), largest[-1])
    return {} if all(shape in (largest, over_all) for shape in shapes) else {"broadcast": True}


def _raised(view: View, rank: int) -> View:
    """With axes of one position put before it, as is done where a tensor has fewer axes than another."""
    while len(view.dims) < rank:
        view = view.unsqueezed(0)
    return view


__all__ = ["RowAdder", "UnsupportedError", "Where", "laid_over"]
