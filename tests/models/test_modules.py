"""Small models, one for each form that a reader has to know, beside what the framework that wrote them said of them.

`make_modules.py`, `make_layers.py` and `make_graphs.py` wrote them, with the rows that stand for each set down by hand;
`oracle/test_modules.py` holds the figures to the frameworks that are installed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from math import prod
from pathlib import Path
from typing import Any

import pytest

import cnncalc

from .recorded import cases, facts, models
from .test_pt2 import archive

CONVENTIONS = {"modules": "standard", "layers": "keras", "graphs": "standard"}
"""The files of models, and by which convention their parameters are counted as the framework counts them."""


ENDINGS = {"modules": ".pt2", "layers": ".json", "graphs": ".onnx"}
WRAPPED: dict[str, Callable[[Any], bytes]] = {
    "modules": lambda graph: archive(json.dumps(graph).encode()),
    "layers": lambda model: json.dumps(model).encode(),
    "graphs": lambda text: text.encode("latin-1"),
}
"""How a model that stands in a file of several is a file of its own."""


def load(file: str, name: str, folder: Path) -> cnncalc.Network:
    path = folder / f"model{ENDINGS[file]}"
    path.write_bytes(WRAPPED[file](models(file)[name]))
    return cnncalc.load(path)


NOTED = {
    "weights_that_are_computed": "1 parameters are used, but are no layer's that is counted: g",
    "weights_that_two_layers_share": (
        "36 parameters are shared in part by several layers, and count in each"
    ),
}
"""Modules whose own count is another, and the note that says by how much."""


REGROUPED = {
    "batches_on_batches",
    "windows",
    "channels_of_an_open_order",
    "more_axes_laid_over",
    "means_of_the_batch",
    "positions_as_examples",
    "part_of_a_shape",
    "a_shape_of_a_constant",
}
"""Models whose output has axes that run over several of the last row's, or over the batch of 2 too."""


@pytest.mark.parametrize(
    ("file", "name"), [(file, name) for file in CONVENTIONS for name in cases(file)]
)
def test_a_small_model(file: str, name: str, tmp_path: Path) -> None:
    told = facts(file)[name]
    net = load(file, name, tmp_path)
    nodes = net.graph.nodes[len(net.graph.inputs) :]
    assert [node.kind for node in nodes] == told["rows"].split()
    totals = net.report(convention=CONVENTIONS[file]).totals
    if "macs" in totals.unknown:
        assert totals.macs <= told["macs"]
    else:
        assert totals.macs == told["macs"]
    if name in NOTED:
        assert NOTED[name] in [note.message for note in net.notes()]
    elif "unknown" not in told["rows"] or file == "modules":
        assert totals.counted_params == told["params"]
    *_, output = told["outputs"]
    if name in REGROUPED:
        elements = prod(without_ones(output))
        assert elements in (prod(nodes[-1].output), 2 * prod(nodes[-1].output))
    else:
        assert without_ones(nodes[-1].output) in (without_ones(output[1:]), without_ones(output))


def without_ones(sizes: Sequence[int | None]) -> list[int]:
    """The sizes of a shape in order of size; channels stand first in some files and last in others."""
    return sorted(size for size in sizes if size is not None and size != 1)


@pytest.mark.parametrize(
    ("name", "op", "row"),
    [
        ("local_response_norm", "avg_pool3d", "relu1"),
        ("a_trained_pool", "avg_pool2d", "avgpool1/relu1"),
        ("a_table_of_maps", "conv2d", "conv1/relu1"),
        ("a_bias_of_each_element", "conv2d", "conv1/relu1"),
    ],
)
def test_what_has_a_known_name_and_does_something_else_is_read_as_it_is(
    name: str, op: str, row: str, tmp_path: Path
) -> None:
    """A ReLU in the place of what changes the size is the row that does not fit."""
    graph = json.dumps(models("modules")[name])
    path = tmp_path / "model.pt2"
    path.write_bytes(archive(graph.replace(f"aten.{op}.default", "aten.relu.default").encode()))
    with pytest.raises(cnncalc.SpecError, match=f"error: {row}: its output is .* by its fields"):
        cnncalc.load(path)
