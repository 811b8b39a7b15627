"""Misconceptions that are not among the slips: what a diagnosis had better be silent about.

Each is a wrong idea of one layer, written down as its formula, and gives the number that somebody with the idea would
hand in. Ideas that give the number of a listed slip, or of the next row, were taken out after a first run, in which
12.8 % got a story: what is left measures a change of the slips or the judge, and flatters the product.

The letters are those of `docs/homework.md`: N the input's side, F the kernel's, S the stride, P the padding of a side,
C the channels that arrive, K the filters, O the output's side.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, prod
from typing import NamedTuple

from cnncalc.homework.candidates import KeyedQuestion

Sizes = tuple[int, ...]


class Layer(NamedTuple):
    """The integers of a layer with a square window; of a vector N, F, S and O are 1 and P is 0."""

    kind: str
    N: int
    F: int
    S: int
    P: int
    C: int
    K: int
    O: int  # noqa: E741  (the letter of the formulas)
    weights: int
    colours: int
    batch: int
    path: tuple[tuple[int, int], ...]
    """The kernels and strides from the input to the layer."""


class Misconception(NamedTuple):
    """A wrong idea: of which quantity and kinds of layers, what it is, and the number that it gives, if it has one."""

    quantity: str
    kinds: tuple[str, ...]
    idea: str
    value: Callable[[Layer], int | Sizes | None]

    @property
    def name(self) -> str:
        """What it is called in a list."""
        return f"{self.quantity}: {self.idea}"


def layer_of(keyed: KeyedQuestion) -> Layer | None:
    """Return the integers of the layer that is asked about; None for a block, a total, or no square window."""
    if len(keyed.variants) != 1 or not keyed.variants[0][0].inputs:
        return None
    variant = keyed.variants[0][0]
    node, shape = variant.node, variant.inputs[0]
    windows = set(variant.slid) if len(shape) > 1 else set()
    if len(shape) not in (1, 3) or len(windows) > 1 or len(set(shape[:-1])) > 1:
        return None
    square = next(((one.kernel, one.stride, one.before) for one in windows), (1, 1, 0))
    sides = shape[0] if len(shape) == 3 else 1, node.output[0] if len(node.output) == 3 else 1
    facts = node.facts
    path = tuple(
        (window[0].kernel, window[0].stride)
        for one in variant.layer.graph.nodes[1 : variant.layer.place + 1]
        if one.shapes and len(one.shapes[0]) == 3 and (window := one.op.windows(one.shapes[0]))
    )
    return Layer(
        node.kind, sides[0], *square, shape[-1], node.output[-1], sides[1], facts.weights,
        variant.layer.graph.input[-1], variant.batch, path,
    )  # fmt: skip


def _map(side: int, layer: Layer, depth: int | None = None) -> Sizes | None:
    return (side, side, layer.K if depth is None else depth) if side > 0 else None


def _square(side: int) -> Sizes | None:
    return (side, side) if side < LARGEST else None


LARGEST = 10**9
"""A receptive field that nobody would hand in."""

CONV, POOL, FC, BN = ("conv",), ("maxpool", "avgpool"), ("fc",), ("bn",)
MAPS = (*CONV, *POOL)

MISCONCEPTIONS: tuple[Misconception, ...] = (
    # --- sizes
    Misconception("output", CONV, "the padding is as wide as the kernel",
                  lambda a: _map((a.N + 2 * a.F - a.F) // a.S + 1, a)),
    Misconception("output", MAPS, "the stride is subtracted",
                  lambda a: _map(a.N + 2 * a.P - a.F - a.S + 1, a) if a.S > 1 else None),
    Misconception("output", MAPS, "half a kernel is lost, not a whole one",
                  lambda a: _map((a.N + 2 * a.P - a.F // 2) // a.S + 1, a)),
    Misconception("output", MAPS, "the input alone is divided by the stride",
                  lambda a: _map(a.N // a.S + 2 * a.P - a.F + 1, a) if a.S != a.F else None),
    Misconception("output", CONV, "the channels are taken off the filters",
                  lambda a: _map(a.O, a, a.K - a.C) if a.K > a.C and a.K != 2 * a.C else None),
    Misconception("output", CONV, "as deep as the kernel is wide",
                  lambda a: _map(a.O, a, a.F)),
    Misconception("output", POOL, "a pool doubles the depth as it halves the size",
                  lambda a: _map(a.O, a, 2 * a.C)),
    # --- parameters
    Misconception("params", CONV, "the padding has weights too",
                  lambda a: (a.F + 2 * a.P) ** 2 * a.C * a.K + a.K if a.P else None),
    Misconception("params", CONV, "what arrives and the filters are all there is",
                  lambda a: a.N * a.N * a.C + a.K),
    Misconception("params", CONV, "a kernel is a cube",
                  lambda a: a.F**3 * a.K + a.K if a.F not in (1, a.colours) else None),
    Misconception("params", CONV, "a filter is as large as the input",
                  lambda a: a.N * a.N * a.C * a.K + a.K),
    Misconception("params", CONV, "a bias for each position of the input",
                  lambda a: a.weights + a.N * a.N),
    Misconception("params", CONV, "a stride leaves weights out",
                  lambda a: a.weights // (a.S * a.S) + a.K if a.S > 1 else None),
    Misconception("params", CONV, "every filter meets every other",
                  lambda a: a.F * a.F * a.K * a.K * a.C + a.K),
    Misconception("params", FC, "inputs and units are added",
                  lambda a: a.N * a.N * a.C + a.K),
    Misconception("params", FC, "inputs have a bias too, as a further unit",
                  lambda a: (a.N * a.N * a.C + 1) * (a.K + 1)),
    Misconception("params", FC, "units are connected with units",
                  lambda a: a.K * a.K + a.K),
    Misconception("params", BN, "every channel with every other",
                  lambda a: a.C * a.C),
    Misconception("params", BN, "a mean and a variance for each position",
                  lambda a: a.N * a.N * 2 if a.N > 1 else None),
    # --- operations
    Misconception("macs", CONV, "once for each value of the input",
                  lambda a: a.N * a.N * a.C * a.K if a.F > 1 else None),
    Misconception("macs", CONV, "along one axis alone",
                  lambda a: a.F * a.F * a.C * a.K * a.O),
    Misconception("macs", CONV, "a kernel without its middle",
                  lambda a: (a.F * a.F - 1) * a.C * a.K * a.O**2 if a.F > 1 else None),
    Misconception("macs", CONV, "at each position of the padded input",
                  lambda a: a.weights * (a.N + 2 * a.P) ** 2 if a.P else None),
    Misconception("macs", FC, "each unit adds its bias and each input one",
                  lambda a: a.N * a.N * a.C * a.K + a.N * a.N * a.C + a.K),
    # --- memory
    Misconception("memory", MAPS, "the weights lie beside the map for each example",
                  lambda a: (a.O * a.O * a.K + a.weights) * 4 * a.batch if a.weights else None),
    Misconception("memory", MAPS, "the padded input is kept",
                  lambda a: (a.N + 2 * a.P) ** 2 * a.C * 4 * a.batch if a.P else None),
    Misconception("memory", CONV, "an image has three colours, whatever the layer",
                  lambda a: a.O * a.O * 3 * 4 * a.batch if a.C != 3 else None),
    Misconception("memory", MAPS, "the windows are kept, not the values",
                  lambda a: a.O * a.O * a.F * a.F * a.C * 4 * a.batch if a.F > a.S else None),
    # --- receptive fields
    Misconception("receptive_field", MAPS, "the kernels are multiplied",
                  lambda a: _square(prod(kernel for kernel, _ in a.path))),
    Misconception("receptive_field", MAPS, "the kernel times the layer's own stride",
                  lambda a: _square(a.F * a.S) if a.S > 1 else None),
    Misconception("receptive_field", MAPS, "the strides are multiplied, and the kernel added",
                  lambda a: _square(a.F + prod(stride for _, stride in a.path))),
    Misconception("receptive_field", MAPS, "the input over the output",
                  lambda a: _square(ceil(a.N / a.O)) if ceil(a.N / a.O) != a.F else None),
)  # fmt: skip
