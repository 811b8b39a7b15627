"""ONNX files beside what wrote them: both of PyTorch's exporters, raw and optimised, and the `onnx` package.

Models are exported on the spot. What is exported with batch norm is held to hooks on the module; where an exporter
folds it, to the `onnx` package's account of the file: its initializers and the shapes that it infers.

`CNNCALC_ALL_MODELS=1` takes every CNN of torchvision in all four forms and 1,000 random modules.
"""

from __future__ import annotations

import logging
import struct
import subprocess
import sys
import time
import warnings
from math import prod
from pathlib import Path
from typing import Any

import pytest

import cnncalc

from .conftest import require
from .random_modules import make
from .test_exports import ALL, Run, build, models, torch

onnx = require("onnx")
require("onnxscript")

LIGHT = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"
NETWORKS = sorted(path.stem.removeprefix("light_") for path in LIGHT.glob("*.onnx"))
RAW = ("legacy raw", "dynamo raw")
FORMS = ("legacy", "dynamo", *RAW) if ALL else ("legacy", "dynamo raw")
KINDS = ("Conv2d", "ConvTranspose2d", "Linear", "BatchNorm2d")


def fill(model: Any) -> Any:
    """Give every parameter and buffer numbers of its own: exporters merge equal ones and drop zeros."""
    generator = torch.Generator().manual_seed(0)
    for tensor in (*model.parameters(), *model.buffers()):
        if tensor.is_floating_point():
            tensor.data = torch.rand(tensor.shape, generator=generator) + 0.5
    return model


def export(model: Any, inputs: tuple[Any, ...], form: str, folder: Path) -> Path:
    """The file that an exporter writes; the raw forms keep batch norm."""
    path = folder / "model.onnx"
    exporter, _, raw = form.partition(" ")
    logging.disable(logging.WARNING)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if exporter == "legacy":
            keep = {"training": torch.onnx.TrainingMode.PRESERVE, "do_constant_folding": False}
            torch.onnx.export(model, inputs, path, dynamo=False, **(keep if raw else {}))
        else:
            program = torch.onnx.export(model, inputs, dynamo=True, optimize=not raw, verbose=False)
            program.save(path, external_data=False)
    return path


def held(path: Path) -> int:
    """The parameters in a file, by the `onnx` package: what is of floats and not a running statistic or a number."""
    graph = onnx.load(path).graph
    running = {
        name
        for node in graph.node
        if node.op_type == "BatchNormalization"
        for name in node.input[3:]
    }
    copies = {node.output[0]: node.input[0] for node in graph.node if node.op_type == "Identity"}
    sizes = {
        tensor.name: prod(tensor.dims)
        for tensor in graph.initializer
        if tensor.data_type == onnx.TensorProto.FLOAT and tensor.dims
    }
    sizes.update({copy: sizes[name] for copy, name in copies.items() if name in sizes})
    taken = {name for node in graph.node if node.op_type != "Identity" for name in node.input}
    return sum(size for name, size in sizes.items() if name not in running and name in taken)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", models())
def test_a_cnn_of_torchvision(name: str, form: str, tmp_path: Path) -> None:
    model, size = build(name, "cpu")
    fill(model)
    inputs = (torch.zeros(1, *size),)
    run = Run(model, inputs)
    path = export(model, inputs, form, tmp_path)
    net = cnncalc.load(path)
    totals = net.report().totals
    used = sum(
        array.numel()
        for key, array in model.named_parameters()
        if not key.startswith(("aux", "Aux"))
    )
    assert totals.macs == run.macs
    assert totals.params == (used if form in RAW else held(path))
    rows = {node.name: node.output for node in net.graph.nodes}
    assert not [node.name for node in net.graph.nodes if node.kind == "unknown"]
    for module, kind, shape in run.outputs:
        if kind in KINDS and (form in RAW or kind != "BatchNorm2d"):
            assert rows[module] in ((*shape[2:], shape[1]), shape[1:]), (module, kind)


@pytest.mark.skipif(not ALL, reason="it measures, and wants a machine of its own")
def test_a_file_is_counted_no_slower_than_onnx_loads_it(tmp_path: Path) -> None:
    model, size = build("resnet152", "cpu")
    path = export(fill(model), (torch.zeros(1, *size),), "legacy", tmp_path)
    ours = quickest("-m", "cnncalc", "params", str(path))
    assert ours <= quickest("-c", f"import onnx; onnx.load({str(path)!r})")


def quickest(*arguments: str) -> float:
    """Seconds that a process of Python takes, the least of five."""
    times = []
    for _ in range(5):
        start = time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - start)
    return min(times)


@pytest.mark.parametrize("form", RAW)
@pytest.mark.parametrize("seed", range(1000 if ALL else 60))
def test_a_random_module(seed: int, form: str, tmp_path: Path) -> None:
    model, inputs = make(seed)
    if any(tensor.is_meta for tensor in (*model.parameters(), *inputs)):
        model = model.to_empty(device="cpu")
        inputs = tuple(torch.zeros(tensor.shape) for tensor in inputs)
    fill(model).eval()
    run = Run(model, inputs)
    try:
        path = export(model, inputs, form, tmp_path)
    except Exception as error:  # each exporter has errors of its own for what it does not know
        pytest.skip(f"{form} cannot export this: {type(error).__name__}")
    totals = cnncalc.load(path).report().totals
    params = sum(array.numel() for array in model.parameters())
    assert (totals.params, totals.macs) == (params, run.macs)


# --- the networks in the onnx package --------------------------------------------------------------------------------


def integers(tensor: Any) -> tuple[int, ...]:
    """The values of a tensor of 64-bit integers, from whichever field holds them."""
    raw = tensor.raw_data
    return tuple(tensor.int64_data) or struct.unpack(f"<{len(raw) // 8}q", raw[: len(raw) // 8 * 8])


class Inferred:
    """A file as the `onnx` package sees it: every tensor's shape, and which tensors are filled in as weights."""

    def __init__(self, path: Path) -> None:
        model = onnx.shape_inference.infer_shapes(onnx.load(path), data_prop=True)
        graph = model.graph
        self.nodes = list(graph.node)
        self.shapes = {
            value.name: tuple(dim.dim_value for dim in value.type.tensor_type.shape.dim)
            for value in (*graph.value_info, *graph.output, *graph.input)
        }
        self.shapes.update({tensor.name: tuple(tensor.dims) for tensor in graph.initializer})
        self.weights = {
            tensor.name: prod(tensor.dims)
            for tensor in graph.initializer
            if tensor.data_type == onnx.TensorProto.FLOAT
        }
        rows = {tensor.name: integers(tensor) for tensor in graph.initializer}
        for node in self.nodes:
            if node.op_type == "ConstantOfShape":
                self.shapes[node.output[0]] = rows[node.input[0]]
                self.weights[node.output[0]] = prod(rows[node.input[0]])

    def params(self) -> int:
        """Weights that an op takes, running statistics left out."""
        taken = {
            name
            for node in self.nodes
            for name in (node.input[:3] if node.op_type == "BatchNormalization" else node.input)
        }
        return sum(size for name, size in self.weights.items() if name in taken)

    def layers(self) -> list[tuple[int, ...]]:
        """The output of every convolution and matrix product, in order, channels last."""
        outputs = [
            self.shapes[node.output[0]] for node in self.nodes if node.op_type in ("Conv", "Gemm")
        ]
        return [(*shape[2:], shape[1]) for shape in outputs]

    def macs(self) -> int:
        """Output elements times what enters one of them."""
        total = 0
        for node in self.nodes:
            if node.op_type in ("Conv", "Gemm"):
                output, weights = self.shapes[node.output[0]], self.shapes[node.input[1]]
                total += prod(output) * (prod(weights) // output[1])
        return total


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_of_the_onnx_package(name: str) -> None:
    path = LIGHT / f"light_{name}.onnx"
    inferred = Inferred(path)
    net = cnncalc.load(path)
    report = net.report()
    assert report.totals.params == inferred.params()
    assert report.totals.macs == inferred.macs()
    assert [row.output for row in report.rows if row.macs] == inferred.layers()
    assert not [node.name for node in net.graph.nodes if node.kind == "unknown"]


@pytest.mark.parametrize(
    ("name", "params", "macs"),
    [
        ("resnet50", 25_557_032, 4_089_184_256),
        ("squeezenet", 1_235_496, 349_151_936),
        ("inception_v1", 6_998_552, None),
        ("bvlc_alexnet", 60_965_224, None),
        ("vgg19", 143_667_240, 19_632_062_464),
    ],
)
def test_what_is_known_of_them(name: str, params: int, macs: int | None) -> None:
    """Figures that do not come from the files: torchvision's, the papers'."""
    totals = cnncalc.load(LIGHT / f"light_{name}.onnx").report().totals
    assert totals.params == params
    assert macs in (None, totals.macs)


CONV = """
<ir_version: 8, opset_import: ["" : 18]>
g (float[1, 3, {size}, {size}] x) => (float[n, c, h, w] y)
<float[2, 3, {kernel}, {kernel}] weights = {{ {zeros} }}>
{{ y = Conv <strides = [{stride}, {stride}], dilations = [{dilation}, {dilation}], {padding}> (x, weights) }}
"""


@pytest.mark.parametrize("size", [7, 8, 13])
@pytest.mark.parametrize(
    ("kernel", "stride", "dilation"), [(1, 2, 1), (2, 3, 1), (3, 2, 1), (3, 1, 2), (4, 2, 1)]
)
@pytest.mark.parametrize(
    "padding", ['auto_pad = "SAME_UPPER"', 'auto_pad = "SAME_LOWER"', "pads = [1, 0, 0, 2]"]
)
def test_the_shape_of_a_convolution_is_what_onnx_infers(
    size: int, kernel: int, stride: int, dilation: int, padding: str, tmp_path: Path
) -> None:
    zeros = ", ".join(["0"] * 6 * kernel**2)
    model = onnx.parser.parse_model(
        CONV.format(
            size=size, kernel=kernel, stride=stride, dilation=dilation, padding=padding, zeros=zeros
        )
    )
    path = tmp_path / "conv.onnx"
    onnx.save(model, path)
    (inferred,) = onnx.shape_inference.infer_shapes(model).graph.output
    shape = tuple(dim.dim_value for dim in inferred.type.tensor_type.shape.dim)
    assert cnncalc.load(path).report().rows[-1].output == (*shape[2:], shape[1])
