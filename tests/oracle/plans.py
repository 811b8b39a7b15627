"""Plans of networks, in the words of the spec language, and the oracle's part of them.

A plan knows no arithmetic. Shapes here are channels first, without a batch: (C, *space), or (U,) for a vector.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

Shape: TypeAlias = tuple[int, ...]
PerAxis: TypeAlias = tuple[int, ...]


@dataclass(frozen=True)
class Layer:
    """One layer: its op, and its fields as the spec has them (`from` and `share` among them)."""

    op: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""


@dataclass(frozen=True)
class Merge:
    """`concat`, `add`, `multiply` or `residual`: of its branches (all from `start`, if given) or of earlier layers."""

    op: str
    branches: tuple[tuple[Step, ...], ...] = ()
    sources: tuple[str, ...] = ()
    start: str = ""
    name: str = ""


Step: TypeAlias = Layer | Merge


@dataclass(frozen=True)
class Network:
    """An input shape, channels first, and what follows."""

    input: Shape
    steps: tuple[Step, ...]


def in_order(steps: Sequence[Step]) -> Iterator[Step]:
    """Layers and merges in the order of execution: a merge after its branches."""
    for step in steps:
        if isinstance(step, Merge):
            for branch in step.branches:
                yield from in_order(branch)
        yield step


def product(numbers: Sequence[int]) -> int:
    result = 1
    for number in numbers:
        result *= number
    return result


class RefusedError(Exception):
    """The oracle does not take a layer. `index` is its place in the order of execution, where a whole plan was run."""

    def __init__(self, why: str, index: int = -1) -> None:
        super().__init__(why)
        self.index = index


class Judge(Protocol):
    """What grows a network asks of an oracle; values are its own (tensors)."""

    def start(self, shape: Shape) -> Any: ...
    def layer(self, layer: Layer, value: Any) -> Any: ...
    def merge(self, op: str, values: Sequence[Any]) -> Any: ...
    def shape(self, value: Any) -> Shape: ...
