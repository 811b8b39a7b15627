"""PyTorch exports beside the modules that they were made of.

Modules are exported on the spot, on PyTorch's `meta` device where that can be. Parameters, multiply-accumulates and the
shape after every module are held to hooks on the module and to FlopCounterMode; the counting tools' figures are
computed from the file alone, in a process without PyTorch.

`CNNCALC_ALL_MODELS=1` takes every CNN of torchvision and 1,000 random modules.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from math import prod
from pathlib import Path
from typing import Any

import pytest

import cnncalc

from .conftest import require
from .random_modules import make
from .test_tools import TOOLS, counted
from .test_torchvision import OWN_INIT, require_torchvision

torch = require("torch")
torchvision = require_torchvision()
FlopCounterMode = require("torch.utils.flop_counter").FlopCounterMode

ALL = bool(os.environ.get("CNNCALC_ALL_MODELS"))
NO_CNN = ("vit_", "swin_", "maxvit_")
LARGE = ("regnet_y_128gf", "regnet_y_32gf")
SOME = (
    "alexnet", "vgg11_bn", "squeezenet1_1", "densenet121", "googlenet", "shufflenet_v2_x1_0", "mobilenet_v2",
    "mobilenet_v3_small", "convnext_tiny",
    "resnet18", "resnext50_32x4d", "mnasnet0_5", "efficientnet_b0", "regnet_x_400mf",
)  # fmt: skip


def models() -> tuple[str, ...]:
    """The CNNs that are tested."""
    if not ALL:
        return SOME
    listed = torchvision.models.list_models(module=torchvision.models)
    return tuple(name for name in listed if not name.startswith(NO_CNN) and name not in LARGE)


NO_ROW = ("Identity", "StochasticDepth", "Permute")
"""Modules that do nothing at inference, or only to the order of axes."""


def build(name: str, device: str = "meta") -> tuple[Any, tuple[int, ...]]:
    """A model of torchvision and its input's shape."""
    size = 299 if name == "inception_v3" else 224
    fixed: dict[str, Any] = {"init_weights": False} if name in OWN_INIT else {}
    with torch.device("cpu" if name.startswith("regnet") else device):
        return torchvision.models.get_model(name, weights=None, **fixed).eval(), (3, size, size)


def export(model: Any, inputs: tuple[Any, ...], folder: Path) -> Path:
    """The file that torch.export.save writes."""
    path = folder / "model.pt2"
    torch.export.save(torch.export.export(model, inputs, strict=False), path)
    return path


class Run:
    """One forward pass with hooks: the leaf modules that ran, the shapes that came out, the parameters they hold."""

    def __init__(self, model: Any, inputs: tuple[Any, ...]) -> None:
        self.outputs: list[tuple[str, str, tuple[int, ...]]] = []
        self.times: Counter[str] = Counter()
        handles = [
            module.register_forward_hook(self.hook(name))
            for name, module in model.named_modules()
            if not list(module.children())
        ]
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            model(*inputs)
        for handle in handles:
            handle.remove()
        self.macs = counter.get_total_flops() // 2 // inputs[0].shape[0]

    def hook(self, name: str) -> Any:
        def leave(module: Any, _: Any, output: Any) -> None:
            self.times[name] += 1
            count = self.times[name]
            path = name.replace(".", "/") + (f"_{count}" if count > 1 else "")
            self.outputs.append((path, type(module).__name__, tuple(output.shape)))

        return leave


def check_shapes(net: cnncalc.Network, run: Run) -> None:
    """Every module that ran is a row of its name, whose shape is the tensor's, channels last.

    A vector that a mean over the space made is a map of one position.
    """
    rows = {node.name: node.output for node in net.graph.nodes}
    for path, kind, shape in run.outputs:
        if kind not in NO_ROW:
            forms = (*shape[2:], shape[1]), shape[1:], (*(1,) * (len(rows[path]) - 1), shape[1])
            assert rows[path] in forms, (path, kind)
    assert not [node.name for node in net.graph.nodes if node.kind in ("unknown", "opaque")]


# --- torchvision -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", models())
def test_a_cnn_of_torchvision(name: str, tmp_path: Path) -> None:
    model, size = build(name)
    inputs = (torch.zeros(1, *size, device=next(model.parameters()).device),)
    run = Run(model, inputs)
    net = cnncalc.load(export(model, inputs, tmp_path))
    totals = net.report().totals
    used = [
        array.numel()
        for key, array in model.named_parameters()
        if not key.startswith(("aux", "Aux"))
    ]
    running = [
        array.numel()
        for key, array in model.named_buffers()
        if array.dim() and not key.startswith(("aux", "Aux"))
    ]
    assert (totals.params, totals.macs) == (sum(used), run.macs)
    assert totals.buffers == sum(running)
    check_shapes(net, run)


def segmentation() -> tuple[str, ...]:
    """The networks of torchvision that label each position."""
    listed = torchvision.models.list_models(module=torchvision.models.segmentation)
    return tuple(listed) if ALL else ("lraspp_mobilenet_v3_large", "fcn_resnet50")


@pytest.mark.parametrize("name", segmentation())
def test_a_network_of_torchvision_for_segmentation(name: str, tmp_path: Path) -> None:
    """With the head beside the main one, whose labels are resized to the image too."""
    aux = {} if name.startswith("lraspp") else {"aux_loss": True}
    with torch.device("meta"):
        model = torchvision.models.get_model(name, weights=None, weights_backbone=None, **aux)
    inputs = (torch.zeros(1, 3, 224, 224, device="meta"),)
    run = Run(model.eval(), inputs)
    net = cnncalc.load(export(model, inputs, tmp_path))
    totals = net.report().totals
    params = sum(array.numel() for array in model.parameters())
    assert (totals.params, totals.macs) == (params, run.macs)
    check_shapes(net, run)


COUNT = """
import json, sys
import cnncalc
net = cnncalc.load(sys.argv[1])
print(json.dumps({name: net.report(convention=name).totals.ops for name in sys.argv[2:]}))
assert "torch" not in sys.modules
"""


def figures(path: Path) -> dict[str, int]:
    """What each convention makes of a file, in a process without PyTorch."""
    names = sorted({convention for convention, _ in TOOLS.values()})
    done = subprocess.run(
        [sys.executable, "-c", COUNT, str(path), *names], capture_output=True, text=True, check=True
    )
    counts: dict[str, int] = json.loads(done.stdout)
    return counts


@pytest.mark.parametrize("name", models())
def test_the_tools_figures_of_a_cnn_of_torchvision(name: str, tmp_path: Path) -> None:
    """On the CPU, for on the `meta` device ptflops counts some functions twice."""
    model, size = build(name)
    inputs = (torch.zeros(1, *size, device=next(model.parameters()).device),)
    ours = figures(export(model, inputs, tmp_path))
    theirs: dict[str, int] = {}
    for tool, (convention, _) in TOOLS.items():
        try:
            theirs[convention] = counted(tool, build(name, "cpu")[0], size)
        except pytest.skip.Exception:
            continue
    assert {name: ours[name] for name in theirs} == theirs


class OwnConv2d(torch.nn.Conv2d):  # type: ignore[misc, name-defined, unused-ignore]
    """A class that extends PyTorch's, as torchvision's Conv3DSimple does."""


class OwnBatchNorm2d(torch.nn.BatchNorm2d):  # type: ignore[misc, name-defined, unused-ignore]
    """Another."""


class Functions(torch.nn.Module):  # type: ignore[misc, name-defined, unused-ignore]
    """A convolution and a linear layer that are called as functions."""

    def __init__(self) -> None:
        super().__init__()
        self.first = torch.nn.Parameter(torch.zeros(8, 3, 3, 3))
        self.second = torch.nn.Parameter(torch.zeros(5, 8))

    def forward(self, x: Any) -> Any:
        x = torch.nn.functional.conv2d(x, self.first, padding=1)
        return torch.nn.functional.linear(x.mean((2, 3)), self.second)


@pytest.mark.parametrize(
    ("module", "left_out"),
    [
        (lambda: torch.nn.Sequential(OwnConv2d(3, 8, 3), torch.nn.Conv2d(8, 4, 1)), ()),
        (lambda: torch.nn.Sequential(torch.nn.Conv2d(3, 4, 1), OwnBatchNorm2d(4)), ()),
        (Functions, ("torchinfo",)),  # which goes by the names of parameters
    ],
)
def test_the_tools_figures_of_functions_and_of_classes_that_extend(
    module: Any, left_out: tuple[str, ...]
) -> None:
    net = cnncalc.from_torch(module(), torch.zeros(1, 3, 8, 8))
    for tool, (convention, _) in TOOLS.items():
        try:
            theirs = counted(tool, module(), (3, 8, 8))
        except pytest.skip.Exception:
            continue
        ours = net.report(convention=convention).totals.ops
        assert ours == theirs or tool in left_out, tool


@pytest.mark.parametrize("name", ["r3d_18", "mc3_18"])
def test_the_tools_figures_of_a_network_for_videos(name: str) -> None:
    """Their convolutions are of a class that extends PyTorch's."""
    net = cnncalc.from_torch(build(name, "cpu")[0], torch.zeros(1, 3, 4, 32, 32))
    for tool, (convention, _) in TOOLS.items():
        try:
            theirs = counted(tool, build(name, "cpu")[0], (3, 4, 32, 32))
        except pytest.skip.Exception:
            continue
        assert net.report(convention=convention).totals.ops == theirs, tool


def test_a_convolution_whose_batch_has_the_heads_of_attention_in_it_is_counted(
    tmp_path: Path,
) -> None:
    """MViT pools its keys by one."""
    with torch.device("meta"):
        model = torchvision.models.get_model("mvit_v2_s", weights=None).eval()
        inputs = (torch.zeros(1, 3, 16, 224, 224),)
    with FlopCounterMode(display=False) as counter:
        model(*inputs)
    totals = cnncalc.load(export(model, inputs, tmp_path)).report().totals
    assert totals.macs == counter.get_total_flops() // 2
    assert not totals.unknown


def test_a_module_in_memory_is_what_its_file_is(tmp_path: Path) -> None:
    model, size = build("mobilenet_v2")
    example = torch.zeros(1, *size, device="meta")
    model.train()
    net = cnncalc.from_torch(model, example)
    assert model.training
    assert net.name == "MobileNetV2"
    again = cnncalc.load(export(model.eval(), (example,), tmp_path))
    assert net.report().rows == again.report().rows


class Tied(torch.nn.Module):  # type: ignore[misc]
    """Two layers of one weight, each with a bias of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = torch.nn.Linear(6, 6), torch.nn.Linear(6, 6)
        self.second.weight = self.first.weight

    def forward(self, x: Any) -> Any:
        """One after the other."""
        return self.second(self.first(x))


def test_a_weight_that_is_shared_without_its_bias_is_noted() -> None:
    net = cnncalc.from_torch(Tied(), torch.zeros(2, 6))
    assert net.report().totals.params == 2 * (36 + 6)
    assert "36 parameters are shared in part by several layers, and count in each" in [
        note.message for note in net.notes()
    ]


TRANSFORMERS = ("vit_b_32", "swin_t", "maxvit_t")


@pytest.mark.parametrize("name", TRANSFORMERS if ALL else TRANSFORMERS[:2])
def test_a_transformer_of_torchvision(name: str, tmp_path: Path) -> None:
    """Attention, windows, tokens and positions: every parameter and multiply-accumulate, and no row that is unknown."""
    model, size = build(name)
    inputs = (torch.zeros(1, *size, device="meta"),)
    net = cnncalc.load(export(model, inputs, tmp_path))
    totals = net.report().totals
    params = sum(array.numel() for array in model.parameters())
    assert (totals.params, totals.macs) == (params, Run(model, inputs).macs)
    assert not totals.unknown


# --- random modules --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(1000 if ALL else 200))
def test_a_random_module(seed: int, tmp_path: Path) -> None:
    model, inputs = make(seed)
    run = Run(model, inputs)
    net = cnncalc.load(export(model, inputs, tmp_path))
    totals = net.report().totals
    params = sum(array.numel() for array in model.parameters())
    assert (totals.params, totals.macs) == (params, run.macs)
    shape = tuple(inputs[0].shape)
    assert net.graph.input == (*shape[2:], shape[1])
    assert len(net.graph.inputs) == len(inputs)
    check_shapes(net, run)
    assert prod(net.graph.nodes[-1].output) == 3
