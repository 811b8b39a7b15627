"""Write `files/written.txt`: what `convert` makes of layers, as PyTorch, Keras and onnx have run it.

In `tests/`: `KERAS_BACKEND=torch python -m models.make_written`, with PyTorch 2.13, Keras 3.15 and onnx 1.22.

A row of `ROWS` is a network of a few layers. What is written of it in each format is run: the framework's own figures,
the shape that comes out and the parameters that it holds, stand above the lines that it ran, or the reason for which it
was refused. A row goes into the file only where the framework agrees with the report.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from math import prod
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import keras
import onnx
import torch
from oracle.written import SAME_VALUES, run_code

import cnncalc
from cnncalc.models.writers import Written, write_graph
from cnncalc.text.source import SpecError

from .written import Ran, code_lines, op_line, show_row, spec_of

FILE = Path(__file__).parent / "files" / "written.txt"
ROWS = (
    *SAME_VALUES,
    # convolutions
    "8x8x4: [{conv: {filters: 8, kernel: 5, pad: [[0, 3], [2, 1]]}}, {bn: {gamma: false}}]",
    "8x8x4: [{conv: {filters: 8, kernel: 3, pad: [[0, 2], [1, 1]], pad_mode: reflect}}]",
    "8x8x4: [{conv: {filters: 8, kernel: 3, pad: same, stride: 2, groups: 4, bias: false}}]",
    "8x8x4: [{conv: {filters: 8, kernel: 3, pad: same, stride: 2, dilation: 2}}, {layernorm: {beta: false}}]",
    "8x8x4: [{conv: {filters: 8, kernel: 3, pad: 1, pad_mode: circular}}, {groupnorm: 4}]",
    "8x8x4: [{conv: {filters: 6, kernel: 3, dilation: 2, groups: 2}}]",
    "8x8x4: [{conv: {filters: 2, kernel: 1, bias: position}}]",
    "8x8x3: [{conv: {filters: 2, kernel: 3, connections: [[0, 1], [1, 2]]}}]",
    "8x8x3: [{conv: {filters: 2, kernel: 3, bias: false, connections: [[0, 1], [1, 2]]}}]",
    "8x8x3: [{conv: {filters: 2, kernel: 3, bias: position, connections: [[0, 1], [1, 2]]}}]",
    "8x8x3: [{conv: {filters: 2, kernel: 3, pad: 1, pad_mode: reflect, connections: [[0, 1], [1, 2]]}}]",
    "4x4x4: [{conv_transpose: {filters: 6, kernel: 3, stride: 2, pad: 1, output_pad: 1}}]",
    "4x4x4: [{conv_transpose: {filters: 6, kernel: 3, stride: 2, output_pad: 1}}]",
    "4x4x4: [{conv_transpose: {filters: 6, kernel: 5, stride: 2, pad: 1, output_pad: 1}}]",
    "4x4x4: [{conv_transpose: {filters: 6, kernel: 4, stride: 2, pad: 1, bias: false}}]",
    "4x4x4: [{conv_transpose: {filters: 6, kernel: 3, stride: 2, pad: same}}]",
    "4x4x4: [{conv_transpose: {filters: 6, kernel: 2, stride: 3, pad: same}}]",
    "4x4x4: [{conv_transpose: {filters: 6, kernel: 2, stride: 3}}]",
    "4x4x4: [{conv_transpose: {filters: 6, kernel: 3, groups: 2}}]",
    "4x4x4: [{conv_transpose: {filters: 6, kernel: 3, stride: 2, dilation: 2}}]",
    # pools
    "8x8x4: [{maxpool: {kernel: 2, stride: 1, pad: same}}]",
    "8x8x4: [{maxpool: {kernel: 2, dilation: 2}}]",
    "9x9x4: [{maxpool: {kernel: 2, stride: 3, pad: 1, ceil: true}}]",
    "5x5x4: [{maxpool: {kernel: 2, stride: 3, pad: 1, ceil: true}}]",
    "5x5x4: [{avgpool: {kernel: 2, stride: 3, pad: 1, ceil: true}}]",
    "8x8x4: [{avgpool: {kernel: 2, stride: 1, pad: same, count_pad: false}}]",
    "8x8x4: [{avgpool: {kernel: 3, stride: 1, pad: same, count_pad: false}}]",
    "8x8x4: [{avgpool: {kernel: 2, trainable: true}}]",
    "8x8x4: [{adaptiveavgpool: 4}, {adaptivemaxpool: 2}, {adaptiveavgpool: 1}]",
    "8x6x4: [{reduce: {how: sum, over: channels}}, {reduce: {how: minimum, over: height}}, {reduce: {how: maximum}}]",
    # dense layers and norms
    "6x6x4: [{linear: 7}, {fc: 3}, {linear: 2}]",
    "6x4: [{linear: {units: 5, bias: false}}, {instancenorm: {affine: true}}]",
    "8x8x4: [instancenorm, {layernorm: {gamma: false, beta: false}}]",
    "8x8x4: [{layernorm: {gamma: false}}]",
    "8x8x4: [{groupnorm: {groups: 2, beta: false}}]",
    "8x8x4: [rmsnorm]",
    "8x8x4: [{rmsnorm: {gamma: false}}]",
    "8x8x4: [unitnorm]",
    "10: [{embedding: {entries: 100, units: 16}}]",
    # element by element
    "4x4x4: [prelu, {prelu: {shared: false}}]",
    "4x4x4: [{affine: {beta: false}}]",
    "4x4x4: [{affine: {gamma: false, per: element}}, {affine: {beta: false, per: position}}]",
    "4x4x4: [affine]",
    "4x4x4: [{dropout: {rate: 0.2}}, {dropout: {rate: 0.3, maps: true}}, {stochastic_depth: 0.1}]",
    "4x4x4: [{stochastic_depth: {rate: 0.1, mode: batch}}]",
    "4x4x4: [{scale: {factor: 1}}, {scale: {factor: 2}}, {scale: {factor: 1, offset: 3}}]",
    "4x4x4: [leaky_relu, rsqrt, log, reciprocal]",
    "4x4x4: [threshold]",
    "4x4x4: [squareplus]",
    "4x4x4: [rrelu]",
    # several maps
    "4x4x4: [{add: [[relu], [tanh], []]}, {maximum: [[relu], [tanh], []]}, {minimum: [[relu], []]}]",
    "4x4x4: [{divide: [[exp], [square]]}]",
    "6x4: [{matmul: {branches: [[], [{linear: 4}]], transpose: true}}]",
    "6x4: [{matmul: {branches: [[{linear: 6}], []]}}]",
    "16x4: [{attention: {heads: 2}}]",
    "16x4: [{attention: {heads: 2, key_dim: 3, units: 5, bias: false, dropout: 0.1}}]",
    "16x4: [{linear: {name: a, units: 4}}, {linear: {name: b, units: 3}}, "
    "{attention: {from: [a, b], heads: 2, key_dim: 2}}]",
    "16x4: [{linear: {name: a, units: 4}}, {linear: {name: b, units: 3}}, {linear: {name: c, units: 2}}, "
    "{attention: {from: [a, b, c], heads: 2, key_dim: 2}}]",
    "16x4: [{attention: {heads: 2, project: false}}]",
    # order and shape
    "4x6x4: [{reshape: 8x12}, {reshape: 4x6x4}]",
    "4x6x4: [{slice: {stride: 1}}, {slice: {positions: [[0, 2], all]}}]",
    "10x4: [{pad: [[1, 2]]}, {pad: {size: 3}}, {crop: 2}, {crop: [[1, 2]]}]",
    "8x8x4: [{pad: {size: 1, mode: replicate}}]",
    "8x8x4: [{pad: {size: 1, mode: circular}}]",
    "8x8x4: [{upsample: {scale: 2, mode: bilinear, align_corners: true}}]",
    "8x8x4: [{upsample: {scale: 2, mode: bicubic}}]",
    "10x4: [{upsample: {size: 15}}]",
    "10x4: [{upsample: {scale: 2, mode: linear}}]",
    "4x4x4x2: [{upsample: {size: 8x8x8}}]",
    "8x8x6: [{pixel_shuffle: [2, 3]}]",
    "8x9x6: [{pixel_unshuffle: [2, 3]}]",
    "1x1x4: [{broadcast: 3x5}]",
    "4x3: [{concat: {axis: length, branches: [[], [{parameter: 1x3}]]}}]",
    "4x4x4: [{conv: {name: a, filters: 4, kernel: 3, pad: 1}}, {conv: {filters: 4, kernel: 3, pad: 1, share: a}}]",
    "4x4x4: [{conv: {name: a, filters: 4, kernel: 1}}, {conv: {name: 'a-b', filters: 2, kernel: 1, from: a}}]",
)


def by_torch(net: cnncalc.Network, written: Written) -> Ran:
    """Run PyTorch code."""
    module = [each for each in run_code(net, "torch").values() if isinstance(each, type)][-1]()
    shape = net.graph.input
    dtype = torch.int64 if net.graph.nodes[1].kind == "embedding" else torch.float32
    with torch.no_grad():
        output = module.eval()(torch.zeros((2, shape[-1], *shape[:-1]), dtype=dtype))
    params = sum(array.numel() for array in module.parameters())
    return Ran(tuple(output.movedim(1, -1).shape[1:]), params, code_lines(written.text))


def by_keras(net: cnncalc.Network, written: Written) -> Ran:
    """Build the model of Keras code."""
    made = [each for each in run_code(net, "keras").values() if callable(each)]
    model = [each for each in made if getattr(each, "__module__", "") == "written"][-1]()
    params = sum(prod(array.shape) for array in model.trainable_weights)
    output = model(keras.ops.zeros((1, *net.graph.input)))
    return Ran(tuple(output.shape[1:]), params, code_lines(written.text))


def by_onnx(net: cnncalc.Network, written: Written) -> Ran:
    """Check an ONNX file, and infer its shapes."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "net.onnx"
        path.write_bytes(written.data)
        (path.parent / "net.onnx.data").write_bytes(bytes(written.zeros))
        onnx.checker.check_model(str(path), full_check=True)
    model = onnx.load_from_string(written.data)
    inferred = onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
    sizes = [dim.dim_value for dim in inferred.graph.output[0].type.tensor_type.shape.dim][1:]
    arrays = [each for each in model.graph.initializer if each.external_data]
    running = {
        name
        for node in model.graph.node
        if node.op_type == "BatchNormalization"
        for name in node.input[3:]
    }
    params = sum(prod(each.dims) for each in arrays if each.name not in running)
    lines = [
        *(f"{each.name}: {list(each.dims)}" for each in arrays),
        *map(node_line, model.graph.node),
    ]
    return Ran((*sizes[1:], sizes[0]), params, tuple(lines))


def node_line(node: Any) -> str:
    """Return an op as a line."""
    given = {each.name: FIELDS[each.type](each) for each in node.attribute}
    return op_line(node.op_type, node.input, node.output, given)


def numbers(tensor: Any) -> Any:
    """Return the values of a tensor of floats, or its one value."""
    values = struct.unpack(f"<{len(tensor.raw_data) // 4}f", tensor.raw_data)
    return values if tensor.dims else values[0]


FIELDS: dict[int, Callable[[Any], Any]] = {
    onnx.AttributeProto.FLOAT: lambda given: given.f,
    onnx.AttributeProto.INT: lambda given: given.i,
    onnx.AttributeProto.STRING: lambda given: given.s,
    onnx.AttributeProto.TENSOR: lambda given: numbers(given.t),
    onnx.AttributeProto.INTS: lambda given: given.ints,
}
"""Where an attribute has its value, by its type."""
FORMATS: dict[str, Callable[[cnncalc.Network, Written], Ran]] = {
    "torch": by_torch,
    "keras": by_keras,
    "onnx": by_onnx,
}


def ran(spec: str) -> Iterator[tuple[str, Ran | str]]:
    """Yield what each framework says of what is written of a network, or why nothing is."""
    net = cnncalc.loads(spec_of(spec))
    for format, run in FORMATS.items():
        keras.utils.clear_session()
        try:
            written = write_graph(net.graph, "net", format, "net.onnx")
        except SpecError as error:
            yield format, error.problems[0].message
            continue
        told = run(net, written)
        shape = net.graph.nodes[-1].output
        if (told.output, told.params) != (shape, net.report().totals.params):
            raise AssertionError(f"{spec}: {format} has {told[:2]}, not {shape}")
        yield format, told


def text() -> str:
    """Return the file's text."""
    return "\n".join(show_row(spec, ran(spec)) for spec in ROWS)


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
