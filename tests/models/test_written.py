"""What is written of layers, beside what PyTorch, Keras and onnx have run: `make_written.py` wrote the file.

The lines are held to those that the frameworks ran, and the shapes and parameters that they gave to the report.
"""

from __future__ import annotations

import re
from math import prod
from pathlib import Path
from typing import Any

import pytest

import cnncalc
from cnncalc.models.onnx_messages import OnnxNode, TensorData, read_onnx
from cnncalc.models.writers import write_graph
from cnncalc.text.source import SpecError

from .written import code_lines, op_line, rows_of, spec_of

FILE = Path(__file__).parent / "files" / "written.txt"
ROWS = list(rows_of(FILE.read_text(encoding="utf-8")))


def graph_lines(data: bytes) -> tuple[str, ...]:
    """The weights and the ops of an ONNX file."""
    model = read_onnx(data)
    arrays = [each for each in model.initializers.values() if each.values is None]
    return (*(f"{each.name}: {list(each.shape)}" for each in arrays), *map(node_line, model.nodes))


def node_line(node: OnnxNode) -> str:
    given: dict[str, Any] = dict(node.attributes)
    value = given.get("value")
    if isinstance(value, TensorData):
        given["value"] = value.values if value.shape else (value.values or (None,))[0]
    return op_line(node.op, node.inputs, node.outputs, given)


@pytest.mark.parametrize(("row", "format", "told"), ROWS, ids=[f"{f} {r}" for r, f, _ in ROWS])
def test_layers_are_written_as_the_framework_ran_them(
    row: str, format: str, told: list[str]
) -> None:
    net = cnncalc.loads(spec_of(row))
    head, *lines = told
    if " refuses: " in head:
        with pytest.raises(SpecError, match=re.escape(head.partition(": ")[2])):
            write_graph(net.graph, "net", format, "net.onnx")
        return
    written = write_graph(net.graph, "net", format, "net.onnx")
    made = graph_lines(written.data) if format == "onnx" else code_lines(written.text)
    assert list(made) == [line.strip() for line in lines]
    shape, params = re.findall(r"\S+(?=, )|\d+(?= param)", head)
    assert shape == "x".join(map(str, net.graph.nodes[-1].output))
    assert int(params) == net.report().totals.params


IN_ONNX = [row for row, format, (head, *_) in ROWS if format == "onnx" and "refuses" not in head]
NO_LAYERS = "4x4x4: [{stochastic_depth: {rate: 0.1, mode: batch}}]"
"""A network that does nothing at inference, of which an ONNX file has an Identity."""


@pytest.mark.parametrize("row", [row for row in IN_ONNX if row != NO_LAYERS])
def test_an_onnx_file_of_layers_reads_back(row: str, tmp_path: Path) -> None:
    net = cnncalc.loads(spec_of(row))
    path = tmp_path / "net.onnx"
    path.write_bytes(write_graph(net.graph, "net", "onnx", path.name).data)
    again = cnncalc.load(path)
    own, other = net.report().totals, again.report().totals
    assert (other.params, other.buffers, other.macs) == (own.params, own.buffers, own.macs)
    assert prod(again.graph.nodes[-1].output) == prod(net.graph.nodes[-1].output)
    assert "unknown" not in {node.kind for node in again.graph.nodes}
