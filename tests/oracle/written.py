"""What the oracle tests of written code share: which networks are tried, and what a report says of them."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

import cnncalc
from cnncalc.models.writers import write_graph

REFUSED = {"torch": {"lenet5", "alphago_policy"}, "keras": {"lenet5", "alphago_policy"}}
"""Networks with a layer that a framework has no counterpart of."""
DOZEN = (
    "alexnet",
    "vgg16",
    "googlenet",
    "resnet50",
    "densenet121",
    "inception_v3",
    "se_resnet50",
    "colorization",
    "openpose",
    "resnet20",
    "torchvision/shufflenet_v2_x1_0",
    "torchvision/mobilenet_v2",
    "torchvision/efficientnet_b0",
    "torchvision/convnext_tiny",
)


def networks_for(format: str) -> tuple[str, ...]:
    """The networks that are tried: in CI a dozen, outside all, as CNNCALC_ALL_MODELS=1 asks for anywhere."""
    few = os.environ.get("CI") and not os.environ.get("CNNCALC_ALL_MODELS")
    names = DOZEN if few else cnncalc.networks()
    return tuple(name for name in names if name not in REFUSED[format])


def run_code(net: cnncalc.Network, format: str) -> dict[str, Any]:
    """Run the code that is written of a network; what it defines."""
    space: dict[str, Any] = {"__name__": "written"}
    exec(write_graph(net.graph, net.title, format).text, space)
    return space


def word(name: str) -> str:
    """A name as Keras may have it."""
    return re.sub(r"\W", "_", name)


def main_rows(net: cnncalc.Network) -> dict[str, cnncalc.Row]:
    """The rows of the report but for sides, which no code has, by their names."""
    rows = zip(net.report().rows, net.graph.nodes, strict=True)
    return {word(row.name): row for row, node in rows if not node.side}


def facts(rows: Iterable[cnncalc.Row]) -> Counter[tuple[Any, ...]]:
    """What a report counts of each row, how often each."""
    return Counter(
        (
            row.op,
            row.output,
            row.weights,
            row.biases,
            row.buffers,
            row.macs,
            row.ops,
            row.receptive_field,
            row.jump,
            row.start,
        )
        for row in rows
    )
