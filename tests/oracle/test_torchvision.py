"""The `torchvision/` specs beside the models that torchvision builds, layer by layer.

The models are built on PyTorch's `meta` device, which has shapes and no numbers, and run once in training mode, so that
the side outputs run too. What a layer does is read off the module that ran: the shapes of its arrays, its output's
shape, and its multiplications as output elements x the weights that enter one of them.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import prod
from typing import Any, NamedTuple

import pytest

import cnncalc

from .conftest import require

torch = require("torch")
FlopCounterMode = require("torch.utils.flop_counter").FlopCounterMode


def require_torchvision() -> Any:
    """Import torchvision; beside a PyTorch that its compiled operators do not fit, with their signatures declared."""
    try:
        return require("torchvision")
    except RuntimeError:  # "operator torchvision::nms does not exist"
        for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
            del sys.modules[name]
    library = torch.library.Library("torchvision", "DEF")
    for operator in ("nms", "qnms"):
        library.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    return require("torchvision")


torchvision = require_torchvision()


def with_numbers(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function on tensors that have numbers: RegNet works its widths out with them."""

    def call(*arguments: Any, **named: Any) -> Any:
        with torch.device("cpu"):
            return function(*arguments, **named)

    return call


BlockParams = importlib.import_module("torchvision.models.regnet").BlockParams
BlockParams.from_init_params = staticmethod(with_numbers(BlockParams.from_init_params))

BATCH = 2  # batch norm does not train on one example of one position
MODULES = {
    "Conv2d": "conv", "Linear": "fc", "BatchNorm2d": "bn", "ReLU": "relu", "ReLU6": "relu6", "MaxPool2d": "maxpool",
    "AvgPool2d": "avgpool", "AdaptiveAvgPool2d": "adaptiveavgpool", "Dropout": "dropout", "SiLU": "silu",
    "Sigmoid": "sigmoid", "Hardswish": "hardswish", "Hardsigmoid": "hardsigmoid", "GELU": "gelu",
    "LayerNorm": "layernorm", "LayerNorm2d": "layernorm", "StochasticDepth": "stochastic_depth",
}  # fmt: skip
ROWS = {*MODULES.values(), "linear"}
RELAID = {"Permute", "Flatten"}  # the same elements in another order, which our maps do not have
FUNCTIONS = {
    "relu": "relu", "max_pool2d": "maxpool", "avg_pool2d": "avgpool", "adaptive_avg_pool2d": "adaptiveavgpool",
}  # fmt: skip
SIDES = ("aux1.", "aux2.", "AuxLogits.")

NAMES = (
    "alexnet", "squeezenet1_0", "squeezenet1_1", "densenet121", "densenet161", "densenet169", "densenet201",
    "inception_v3", "googlenet", "mobilenet_v2", "resnet18", "resnet34", "resnet50", "resnet101", "resnet152",
    "resnext50_32x4d", "wide_resnet50_2", "wide_resnet101_2", "vgg11", "vgg13", "vgg16", "vgg19",
)  # fmt: skip
VARIANTS = {
    "convnext": ("tiny", "small", "base", "large"),
    "efficientnet": ("b0", "b1", "b2", "b3", "b4", "b5", "b6", "b7"),
    "efficientnet_v2": ("s", "m", "l"),
    "mobilenet_v3": ("large", "small"),
    "regnet_x": ("400mf", "800mf", "1_6gf", "3_2gf", "8gf", "16gf", "32gf"),
    "regnet_y": ("400mf", "800mf", "1_6gf", "3_2gf", "8gf", "16gf", "32gf", "128gf"),
    "resnext101": ("32x8d", "64x4d"),
    "shufflenet_v2": ("x0_5", "x1_0", "x1_5", "x2_0"),
    "vgg11": ("bn",),
    "vgg13": ("bn",),
    "vgg16": ("bn",),
    "vgg19": ("bn",),
}
FAMILIES = tuple(f"{family}_{variant}" for family, those in VARIANTS.items() for variant in those)
MNASNETS = ("mnasnet_0_5", "mnasnet_0_75", "mnasnet_1_0", "mnasnet_1_3")
OWN_INIT = ("googlenet", "inception_v3")


class Case(NamedTuple):
    """One of our specs with its parameters, and the torchvision model that it must equal."""

    spec: str
    settings: dict[str, Any]
    model: str
    arguments: dict[str, Any]
    input: tuple[int, ...] | None = None

    def __str__(self) -> str:
        settings = ",".join(f"{name}={value}" for name, value in self.settings.items())
        return "-".join(filter(None, (self.spec, settings, "x".join(map(str, self.input or ())))))

    def ours(self) -> Any:
        """Our network."""
        return cnncalc.load(f"torchvision/{self.spec}", input=self.input, set=self.settings)

    def theirs(self) -> Any:
        """Torchvision's, without numbers."""
        fixed = {"init_weights": False} if self.spec in OWN_INIT else {}
        with torch.device("meta"):
            return getattr(torchvision.models, self.model)(weights=None, **fixed, **self.arguments)


CASES = (
    *(Case(name, {}, name, {}) for name in (*NAMES, *FAMILIES)),
    *(
        Case(name, {"classes": 10}, name, {"num_classes": 10})
        for name in ("squeezenet1_0", "googlenet", "resnet18")
    ),
    *(
        Case("mobilenet_v2", {"width": width}, "mobilenet_v2", {"width_mult": float(width)})
        for width in ("0.35", "0.5", "0.75", "1.3", "1.4")
    ),
    *(Case(name, {}, name.replace("mnasnet_", "mnasnet"), {}) for name in MNASNETS),
    Case("alexnet", {}, "alexnet", {}, (193, 260, 3)),
    Case("vgg16", {}, "vgg16", {}, (250, 199, 3)),
    Case("googlenet", {}, "googlenet", {}, (257, 230, 3)),
    Case("densenet161", {}, "densenet161", {}, (203, 300, 3)),
    Case("resnext50_32x4d", {}, "resnext50_32x4d", {}, (177, 255, 3)),
)


class Layer(NamedTuple):
    """What ran or what a row says, in the same words: the op, its output, its arrays' shapes and its MACs."""

    op: str
    output: tuple[int, ...]
    arrays: tuple[tuple[int, ...], ...]
    macs: int


def layer(
    op: str, output: tuple[int, ...], arrays: tuple[tuple[int, ...], ...], macs: int
) -> Layer:
    """A layer; dropout's output as elements, for torchvision flattens some maps before it, which changes nothing."""
    return Layer(op, (prod(output),) if op == "dropout" else output, arrays, macs)


class Run:
    """One forward pass: the leaf modules in the order they ran, and the functions called outside them."""

    def __init__(self, model: Any, size: tuple[int, ...]) -> None:
        self.layers: list[Layer] = []
        self.functions: list[tuple[str, int]] = []
        self.inside = False
        self.channels_are_last = False
        for module in model.modules():
            if not list(module.children()):
                module.register_forward_pre_hook(self.enter)
                module.register_forward_hook(self.leave)
        height, width, channels = size
        with self.watching_functions(), torch.no_grad():
            model.train()(torch.empty(BATCH, channels, height, width, device="meta"))

    def enter(self, module: Any, _: Any) -> None:
        self.inside = True

    def leave(self, module: Any, _: Any, output: Any) -> None:
        self.inside = False
        kind = type(module).__name__
        if kind == "Permute":
            self.channels_are_last = module.dims == [0, 2, 3, 1]
        if kind in RELAID:
            return
        shape = tuple(output.shape[1:]) if self.channels_are_last else channels_last(output)
        macs = prod(shape) * prod(module.weight.shape[1:]) if kind in ("Conv2d", "Linear") else 0
        arrays = tuple(tuple(array.shape) for array in module.state_dict().values() if array.dim())
        op = "linear" if kind == "Linear" and self.channels_are_last else MODULES[kind]
        self.layers.append(layer(op, shape, arrays, macs))

    @contextmanager
    def watching_functions(self) -> Iterator[None]:
        """Note the calls of torch.nn.functional that no module makes, with their input's elements."""
        functional = torch.nn.functional
        originals = {name: getattr(functional, name) for name in FUNCTIONS}
        for name, original in originals.items():
            setattr(functional, name, self.watched(FUNCTIONS[name], original))
        try:
            yield
        finally:
            for name, original in originals.items():
                setattr(functional, name, original)

    def watched(self, op: str, original: Any) -> Any:
        def call(tensor: Any, *arguments: Any, **named: Any) -> Any:
            if not self.inside:
                self.functions.append((op, tensor.numel() // BATCH))
            return original(tensor, *arguments, **named)

        return call


def channels_last(tensor: Any) -> tuple[int, ...]:
    """(batch, C, H, W) or (batch, C) as our shapes are written."""
    return (*tensor.shape[2:], tensor.shape[1])


@pytest.fixture(scope="module", params=CASES, ids=str)
def case(request: pytest.FixtureRequest) -> Case:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def model(case: Case) -> Any:
    return case.theirs()


@pytest.fixture(scope="module")
def network(case: Case) -> Any:
    return case.ours()


@pytest.fixture(scope="module")
def run(model: Any, network: Any) -> Run:
    return Run(model, network.graph.input)


def test_arrays_are_those_of_the_state_dict_in_its_order(model: Any, network: Any) -> None:
    arrays = theirs_arrays(model)
    assert [array for key, array in arrays.items() if not key.startswith(SIDES)] == ours_arrays(
        network, side=False
    )
    assert [array for key, array in arrays.items() if key.startswith(SIDES)] == ours_arrays(
        network, side=True
    )


def theirs_arrays(model: Any) -> dict[str, tuple[int, ...]]:
    """The arrays by their keys; ConvNeXt's layer scales, (C, 1, 1) before the block, as (C,) behind its last bias."""
    state = {key: tuple(array.shape) for key, array in model.state_dict().items() if array.dim()}
    arrays = {}
    for key in (key for key in state if not key.endswith("layer_scale")):
        arrays[key] = state[key]
        scale = key.replace("block.5.bias", "layer_scale")
        if scale != key and scale in state:
            arrays[scale] = state[scale][:1]
    return arrays


def ours_arrays(network: Any, *, side: bool) -> list[tuple[int, ...]]:
    return [
        array.shape for row in network.report().rows if row.side is side for array in row.arrays
    ]


def test_every_module_is_a_layer_in_the_order_it_runs(run: Run, network: Any) -> None:
    nodes = {node.name: node for node in network.graph.nodes}
    ours = [
        layer(row.op, row.output, tuple(array.shape for array in row.arrays), row.macs)
        for row in network.report().rows
        if row.op in ROWS and "functional" not in nodes[row.name].tags
    ]
    assert ours == run.layers


def test_every_function_that_is_called_is_tagged(run: Run, network: Any) -> None:
    tagged = [node for node in network.graph.nodes if "functional" in node.tags]
    assert [(node.kind, prod(node.shapes[0])) for node in tagged] == run.functions


def test_totals_with_and_without_sides(model: Any, network: Any) -> None:
    sizes = {key: array.numel() for key, array in model.named_parameters()}
    buffers = {key: array.numel() for key, array in model.named_buffers() if array.dim()}
    main, whole = network.report().totals, network.report(with_side=True).totals
    assert (whole.params, whole.buffers) == (sum(sizes.values()), sum(buffers.values()))
    assert main.params == sum(size for key, size in sizes.items() if not key.startswith(SIDES))
    assert main.buffers == sum(size for key, size in buffers.items() if not key.startswith(SIDES))


def test_macs_are_half_of_what_pytorch_counts(case: Case, network: Any) -> None:
    """FlopCounterMode counts two operations for each multiplication of a conv or fc, and does not train: no sides."""
    height, width, channels = network.graph.input
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        case.theirs().eval()(torch.empty(1, channels, height, width, device="meta"))
    assert 2 * network.report().totals.macs == counter.get_total_flops()


def test_all_of_torchvision_is_covered() -> None:
    """Every spec under `torchvision/` is built here."""
    specs = {name for name in cnncalc.networks() if name.startswith("torchvision/")}
    assert specs == {f"torchvision/{name}" for name in (*NAMES, *FAMILIES, *MNASNETS)}
