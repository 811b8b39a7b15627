"""The conventions of counting tools beside the tools themselves.

Each tool runs on a model of torchvision or on a small net of one kind of layer, on the CPU: on PyTorch's `meta` device
some functions take other ways, and ptflops then counts them twice. Our count is of the spec, with no framework.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import logging
import os
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import pytest

import cnncalc

from .conftest import PROMISED, require
from .test_torchvision import NAMES, OWN_INIT, require_torchvision

torch = require("torch")
torchvision = require_torchvision()
nn = torch.nn
functional = torch.nn.functional

# --- the tools -------------------------------------------------------------------------------------------------------


def torchinfo(model: Any, size: tuple[int, ...]) -> int:
    """Total mult-adds."""
    return int(
        tool("torchinfo")
        .summary(model, input_data=image(size), verbose=0, device="cpu")
        .total_mult_adds
    )


def fvcore(model: Any, size: tuple[int, ...]) -> int:
    """FlopCountAnalysis."""
    analysis = tool("fvcore.nn").FlopCountAnalysis(model, (image(size),))
    analysis.unsupported_ops_warnings(False)
    analysis.uncalled_modules_warnings(False)
    return int(analysis.total())


def ptflops(model: Any, size: tuple[int, ...], backend: str = "pytorch") -> int:
    """get_model_complexity_info, as a number of MACs."""
    info = tool("ptflops").get_model_complexity_info
    return int(info(model, size, as_strings=False, print_per_layer_stat=False, backend=backend)[0])


def ptflops_aten(model: Any, size: tuple[int, ...]) -> int:
    """The same with the aten backend."""
    return ptflops(model, size, "aten")


def thop(model: Any, size: tuple[int, ...]) -> int:
    """profile()."""
    return int(tool("thop").profile(model, (image(size),), verbose=False)[0])


def ultralytics_thop(model: Any, size: tuple[int, ...]) -> int:
    """profile() of thop's successor, which has thop's name and so a folder of its own."""
    folder = os.environ.get("CNNCALC_ULTRALYTICS_THOP", "")
    if not (Path(folder) / "thop").is_dir():
        if "ultralytics-thop" in PROMISED:
            raise ImportError("CNNCALC_ULTRALYTICS_THOP names no folder with ultralytics-thop")
        pytest.skip("ultralytics-thop is not installed")
    with mock.patch.dict(sys.modules), mock.patch.object(sys, "path", [folder, *sys.path]):
        for name in [name for name in sys.modules if name.partition(".")[0] == "thop"]:
            del sys.modules[name]
        successor = importlib.import_module("thop")
        return int(successor.profile(model, (image(size),), verbose=False)[0])


def calflops(model: Any, size: tuple[int, ...]) -> int:
    """calculate_flops: FLOPs."""
    return _calflops(model, size)[0]


def calflops_macs(model: Any, size: tuple[int, ...]) -> int:
    """calculate_flops: MACs."""
    return _calflops(model, size)[1]


def _calflops(model: Any, size: tuple[int, ...]) -> tuple[int, int]:
    for hub in HUBS:  # imported by calflops for models that it downloads, which none of these is
        sys.modules.setdefault(hub, mock.MagicMock(name=hub))
    flops, macs, _ = tool("calflops").calculate_flops(
        model, input_shape=(1, *size), output_as_string=False, print_results=False
    )
    return int(flops), int(macs)


def deepspeed(model: Any, size: tuple[int, ...]) -> int:
    """get_model_profile: FLOPs."""
    return _deepspeed(model, size)[0]


def deepspeed_macs(model: Any, size: tuple[int, ...]) -> int:
    """get_model_profile: MACs."""
    return _deepspeed(model, size)[1]


def _deepspeed(model: Any, size: tuple[int, ...]) -> tuple[int, int]:
    flops, macs, _ = tool("deepspeed.profiling.flops_profiler").get_model_profile(
        model, (1, *size), print_profile=False, as_string=False
    )
    return int(flops), int(macs)


def flop_counter(model: Any, size: tuple[int, ...]) -> int:
    """PyTorch's FlopCounterMode."""
    with (
        tool("torch.utils.flop_counter").FlopCounterMode(display=False) as counter,
        torch.no_grad(),
    ):
        model(image(size))
    return int(counter.get_total_flops())


def tool(module: str) -> Any:
    """Import a tool's module; skip the test without the tool, or fail where CNNCALC_ORACLES promises it."""
    require(module.partition(".")[0])
    return importlib.import_module(module)


def image(size: tuple[int, ...]) -> Any:
    """One input, channels first."""
    return torch.zeros(1, *size)


HUBS = (
    "transformers",
    "accelerate",
    "accelerate.utils",
    "huggingface_hub",
    "huggingface_hub.utils",
    "timm",
)


TOOLS: dict[str, tuple[str, Callable[[Any, tuple[int, ...]], int]]] = {
    "torchinfo": ("torchinfo", torchinfo),
    "fvcore": ("fvcore", fvcore),
    "ptflops": ("ptflops", ptflops),
    "ptflops-aten": ("ptflops-aten", ptflops_aten),
    "thop": ("thop", thop),
    "ultralytics-thop": ("ultralytics-thop", ultralytics_thop),
    "calflops": ("calflops", calflops),
    "calflops MACs": ("macs", calflops_macs),
    "deepspeed": ("deepspeed", deepspeed),
    "deepspeed MACs": ("macs", deepspeed_macs),
    "FlopCounterMode": ("torch", flop_counter),
}
"""By tool: the convention that stands for it, and how it is asked."""


def counted(name: str, model: Any, size: tuple[int, ...]) -> int:
    """What a tool says of a model; what it prints is swallowed."""
    logging.disable(logging.WARNING)
    try:
        with (
            warnings.catch_warnings(),
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()),
        ):
            warnings.simplefilter("ignore")
            return TOOLS[name][1](model.eval(), size)
    finally:
        logging.disable(logging.NOTSET)


# --- torchvision -----------------------------------------------------------------------------------------------------

MODELS = tuple(
    name for name in NAMES if name not in ("resnet101", "resnet152")
)  # resnet50 over again


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("name", TOOLS)
def test_a_model_of_torchvision(name: str, model: str) -> None:
    net = cnncalc.load(f"torchvision/{model}")
    height, width, channels = net.graph.input
    fixed: dict[str, Any] = {"init_weights": False} if model in OWN_INIT else {}
    theirs = getattr(torchvision.models, model)(weights=None, **fixed)
    assert net.report(convention=TOOLS[name][0]).totals.ops == counted(
        name, theirs, (channels, height, width)
    )


# --- one kind of layer at a time -------------------------------------------------------------------------------------


class Small(NamedTuple):
    """A layer as our spec has it and as PyTorch has it, on an 8x12 map of 6 channels unless told otherwise."""

    spec: str
    module: Callable[[], Any]
    input: tuple[int, ...] = (8, 12, 6)
    wrong: tuple[str, ...] = ()
    """The tools that are known not to follow their own rule here; the convention's file says so."""


class Call(nn.Module):  # type: ignore[misc]
    """A function called by a module of ours."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Any) -> Any:
        """Call it."""
        return self.function(x)


SMALL = (
    Small("conv: {filters: 4, kernel: 3}", lambda: nn.Conv2d(6, 4, 3)),
    Small(
        "conv: {filters: 4, kernel: 3, stride: 2, pad: 1, groups: 2, bias: false}",
        lambda: nn.Conv2d(6, 4, 3, 2, 1, groups=2, bias=False),
    ),
    Small("conv: {filters: 4, kernel: 3, dilation: 2}", lambda: nn.Conv2d(6, 4, 3, dilation=2)),
    Small("conv: {filters: 4, kernel: 3}", lambda: nn.Conv1d(6, 4, 3), (11, 6)),
    Small(
        "conv: {filters: 4, kernel: [1, 2, 3]}", lambda: nn.Conv3d(6, 4, (1, 2, 3)), (4, 5, 7, 6)
    ),
    Small("fc: 5", lambda: nn.Linear(6, 5), (6,)),
    Small("fc: {units: 5, bias: false}", lambda: nn.Linear(6, 5, bias=False), (6,)),
    Small(
        "conv_transpose: {filters: 4, kernel: 4, stride: 2, pad: 1, bias: false}",
        lambda: nn.ConvTranspose2d(6, 4, 4, 2, 1, bias=False),
    ),
    Small(
        "conv_transpose: {filters: 4, kernel: 4, stride: 2, pad: 1}",
        lambda: nn.ConvTranspose2d(6, 4, 4, 2, 1),
        wrong=("calflops",),
    ),
    Small(
        "conv_transpose: {filters: 4, kernel: 3, groups: 2, bias: false}",
        lambda: nn.ConvTranspose2d(6, 4, 3, groups=2, bias=False),
        wrong=("calflops MACs",),
    ),
    Small("bn", lambda: nn.BatchNorm2d(6)),
    Small("bn: {affine: false}", lambda: nn.BatchNorm2d(6, affine=False)),
    Small("layernorm", lambda: nn.LayerNorm(6), (6,)),
    Small("layernorm: {affine: false}", lambda: nn.LayerNorm(6, elementwise_affine=False), (6,)),
    Small("groupnorm: 3", lambda: nn.GroupNorm(3, 6)),
    Small("groupnorm: {groups: 2, affine: false}", lambda: nn.GroupNorm(2, 6, affine=False)),
    Small("lrn: 5", lambda: nn.LocalResponseNorm(5)),
    Small("lrn: 4", lambda: nn.LocalResponseNorm(4)),
    Small("relu", nn.ReLU),
    Small("relu6", nn.ReLU6),
    Small("elu", nn.ELU),
    Small("gelu", nn.GELU),
    Small("silu", nn.SiLU),
    Small("hardswish", nn.Hardswish),
    Small("hardsigmoid", nn.Hardsigmoid),
    Small("sigmoid", nn.Sigmoid),
    Small("tanh", nn.Tanh),
    Small("leaky_relu", nn.LeakyReLU),
    Small("prelu", nn.PReLU),
    Small("prelu: {shared: false}", lambda: nn.PReLU(6)),
    Small("softmax", lambda: nn.Softmax(1)),
    Small("softmax", lambda: nn.Softmax(1), (6,)),
    Small("dropout", nn.Dropout),
    Small("maxpool: {kernel: 3, stride: 2, pad: 1}", lambda: nn.MaxPool2d(3, 2, 1)),
    Small("avgpool: {kernel: 3, stride: 2}", lambda: nn.AvgPool2d(3, 2)),
    Small("avgpool: 2", lambda: nn.AvgPool1d(2), (10, 6)),
    Small("adaptiveavgpool: [4, 3]", lambda: nn.AdaptiveAvgPool2d((4, 3))),
    Small("adaptivemaxpool: [4, 3]", lambda: nn.AdaptiveMaxPool2d((4, 3))),
    Small("globalavgpool", lambda: nn.AdaptiveAvgPool2d(1)),
    Small("globalmaxpool", lambda: nn.AdaptiveMaxPool2d(1)),
    Small("globalavgpool: {tags: mean}", lambda: Call(lambda x: x.mean([2, 3]))),
    Small("relu: {tags: functional}", lambda: Call(lambda x: functional.relu(x))),
    Small("upsample: {scale: 2}", lambda: nn.Upsample(scale_factor=2)),
    Small(
        "upsample: {scale: 2, mode: bilinear}", lambda: nn.Upsample(scale_factor=2, mode="bilinear")
    ),
    Small("linear: 5", lambda: nn.Linear(6, 5), (6,)),
    Small("instancenorm", lambda: nn.InstanceNorm2d(6)),
    Small("instancenorm: {affine: true}", lambda: nn.InstanceNorm2d(6, affine=True)),
    Small("instancenorm: {affine: true}", lambda: nn.InstanceNorm1d(6, affine=True), (10, 6)),
    *(
        Small(spec, getattr(nn, name))
        for spec, name in {
            **{name.lower(): name for name in ("Mish", "Softplus", "Softsign", "SELU", "CELU")},
            **{name.lower(): name for name in ("Hardtanh", "LogSigmoid", "Tanhshrink", "RReLU")},
        }.items()
    ),
    Small("log_softmax", lambda: nn.LogSoftmax(1)),
    Small(
        "upsample: {scale: 2, mode: bicubic}", lambda: nn.Upsample(scale_factor=2, mode="bicubic")
    ),
    Small(
        "upsample: {size: [9, 13]}", lambda: nn.Upsample((9, 13)), wrong=("calflops", "deepspeed")
    ),
    Small("pixel_unshuffle: 2", lambda: nn.PixelUnshuffle(2)),
    Small("pad: {size: 1, mode: reflect}", lambda: nn.ReflectionPad2d(1)),
    Small(
        "conv: {filters: 4, kernel: 3, pad: 1, pad_mode: circular}",
        lambda: nn.Conv2d(6, 4, 3, padding=1, padding_mode="circular"),
    ),
    Small("maximum: {branches: [[], []]}", lambda: Call(lambda x: torch.maximum(x, x))),
    Small("subtract: {branches: [[], []]}", lambda: Call(lambda x: x - x)),
    Small("reduce: {how: mean, over: channels}", lambda: Call(lambda x: x.mean(1, keepdim=True))),
    Small("reduce: maximum", lambda: Call(lambda x: x.amax((2, 3), keepdim=True))),
    Small("glu", lambda: nn.GLU(1)),
    Small("globalavgpool", lambda: nn.AdaptiveAvgPool1d(1), (10, 6)),
    Small("adaptiveavgpool: 2", lambda: nn.AdaptiveAvgPool3d(2), (4, 4, 8, 6)),
    Small("upsample: 2", lambda: nn.Upsample(scale_factor=2), (10, 6)),
    Small("upsample: 2", lambda: nn.Upsample(scale_factor=2), (4, 5, 7, 6)),
    Small(
        "upsample: {scale: 2, mode: bilinear}",
        lambda: nn.Upsample(scale_factor=2, mode="linear"),
        (10, 6),
    ),
    Small(
        "upsample: {scale: 2, mode: bilinear}",
        lambda: nn.Upsample(scale_factor=2, mode="trilinear"),
        (4, 5, 7, 6),
    ),
    Small("add: {branches: [[], []]}", lambda: Call(lambda x: x + x)),
    Small("multiply: {branches: [[], []]}", lambda: Call(lambda x: x * x)),
    Small("concat: {branches: [[], []]}", lambda: Call(lambda x: torch.cat([x, x], 1))),
    Small("scale: 0.5", lambda: Call(lambda x: x * 0.5)),
)


class Late(nn.Module):  # type: ignore[misc]
    """Calls of functional relu, pools and interpolation, looked up when they run, as a model's source does."""

    def forward(self, x: Any) -> Any:
        """One of each."""
        x = functional.relu6(functional.relu(x))
        x = functional.max_pool2d(x, 2)
        x = functional.avg_pool2d(x, 2)
        return functional.adaptive_avg_pool2d(x, (1, 1))


LATE = """
input: 8x12x6
layers:
  - conv: {filters: 6, kernel: 1}
  - relu: {tags: functional}
  - relu6: {tags: functional}
  - maxpool: {kernel: 2, tags: functional}
  - avgpool: {kernel: 2, tags: functional}
  - adaptiveavgpool: {size: 1, tags: functional}
"""


@pytest.mark.parametrize("small", SMALL, ids=lambda small: f"{small.spec}, {len(small.input)} axes")
@pytest.mark.parametrize("name", TOOLS)
def test_one_layer_after_a_conv_or_fc(name: str, small: Small) -> None:
    """The first layer is there because some tools refuse a model with no parameters."""
    *axes, channels = small.input
    first = f"conv: {{filters: {channels}, kernel: 1}}" if axes else f"fc: {channels}"
    shape = "x".join(map(str, small.input))
    net = cnncalc.loads(f"input: {shape}\nlayers:\n- {first}\n- {small.spec}\n")
    lead = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d)[len(axes)]
    model = nn.Sequential(lead(channels, channels, *((1,) if axes else ())), small.module())
    ours, theirs = (
        net.report(convention=TOOLS[name][0]).totals.ops,
        counted(name, model, (channels, *axes)),
    )
    assert (ours == theirs) is (name not in small.wrong), (ours, theirs)


class LastAxis(nn.Module):  # type: ignore[misc]
    """A layer over the last axis, where our maps have their channels."""

    def __init__(self, module: Any) -> None:
        super().__init__()
        self.module = module

    def forward(self, x: Any) -> Any:
        """The layer, on (batch, positions, channels)."""
        return self.module(x)


@pytest.mark.parametrize(
    ("spec", "module"),
    [
        ("linear: 5", lambda: nn.Linear(6, 5)),
        ("linear: {units: 5, bias: false}", lambda: nn.Linear(6, 5, bias=False)),
        ("layernorm", lambda: nn.LayerNorm(6)),
        ("rmsnorm", lambda: nn.RMSNorm(6)),
    ],
)
@pytest.mark.parametrize("name", TOOLS)
def test_a_layer_over_the_last_axis(name: str, spec: str, module: Callable[[], Any]) -> None:
    net = cnncalc.loads(f"input: 10x6\nlayers:\n- linear: 6\n- {spec}\n")
    model = nn.Sequential(nn.Linear(6, 6), LastAxis(module()))
    assert net.report(convention=TOOLS[name][0]).totals.ops == counted(name, model, (10, 6))


class Heads(nn.Module):  # type: ignore[misc]
    """Multi-head attention of all positions, with its weights."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.MultiheadAttention(6, 2, batch_first=True)

    def forward(self, x: Any) -> Any:
        """Query, key and value are one."""
        return self.inner(x, x, x)[0]


@pytest.mark.parametrize("name", sorted(set(TOOLS) - {"ptflops", "calflops MACs"}))
def test_attention(name: str) -> None:
    """PyTorch's counter does not see the fused way that evaluation takes, so it counts a training step."""
    net = cnncalc.loads("input: 10x6\nlayers:\n- linear: 6\n- attention: {heads: 2}\n")
    model = nn.Sequential(nn.Linear(6, 6), Heads())
    ours = net.report(convention=TOOLS[name][0]).totals.ops
    if name == "FlopCounterMode":
        with tool("torch.utils.flop_counter").FlopCounterMode(display=False) as counter:
            model(torch.zeros(1, 10, 6))
        assert ours == counter.get_total_flops()
    else:
        assert ours == counted(name, model, (10, 6))
    assert net.report().totals.params == sum(array.numel() for array in model.parameters())


@pytest.mark.parametrize(
    "name",
    [
        "fvcore",
        "ptflops",
        "ptflops-aten",
        "FlopCounterMode",
        "torchinfo",
        "calflops",
        "calflops MACs",
    ],
)
def test_a_product_of_two_maps(name: str) -> None:
    text = "input: 10x6\nlayers:\n- linear: {name: a, units: 6}\n- matmul: {from: [a, a], transpose: true}\n"
    model = nn.Sequential(nn.Linear(6, 6), Call(lambda x: torch.matmul(x, x.transpose(1, 2))))
    ours = cnncalc.loads(text).report(convention=TOOLS[name][0]).totals.ops
    assert ours == counted(name, model, (10, 6))


@pytest.mark.parametrize("name", TOOLS)
def test_functions_called_by_a_model(name: str) -> None:
    model = nn.Sequential(nn.Conv2d(6, 6, 1), Late())
    ours = cnncalc.loads(LATE).report(convention=TOOLS[name][0]).totals.ops
    assert ours == counted(name, model, (6, 8, 12))


def test_where_an_adaptive_pool_does_not_divide_thop_rounds() -> None:
    """13 to 6: 36·2·(13²/6² + 1) = 410 as a fraction; the tool's floating point makes it 409."""
    model = nn.Sequential(nn.Conv2d(2, 2, 1), nn.AdaptiveAvgPool2d(6))
    net = cnncalc.loads(
        "input: 13x13x2\nlayers:\n- conv: {filters: 2, kernel: 1}\n- adaptiveavgpool: 6\n"
    )
    assert 0 <= net.report(convention="thop").totals.ops - counted("thop", model, (2, 13, 13)) <= 1
