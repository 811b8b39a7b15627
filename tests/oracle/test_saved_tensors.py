"""What cnncalc says is kept for the backward pass of a training step, beside the tensors that PyTorch saves.

The gradients of a network's own input are not wanted, those of its parameters are; storages count once, parameters and
buffers not. Every network begins with a convolution: before the first parameter PyTorch saves nothing, since no
gradient goes further back, and cnncalc makes no such exception.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

import cnncalc

from .conftest import require
from .generate import Grower
from .plans import Layer, Merge, Network, Step, in_order
from .proposals import ACTIVATIONS, FUNCTIONS, PAD_MODES
from .spec_text import SpecText

torch = require("torch")

from .torch_layers import Run, TorchJudge, uneven  # noqa: E402  (it needs PyTorch, which the line above may miss)

BYTES = 4  # of a float32; sgd keeps parameters and gradients, and nothing more
BATCHES = (2, 5)  # at one position, a batch norm refuses to train on a batch of one


def saved_by_torch(network: Network, batch: int) -> int:
    """Bytes of the distinct storages that autograd saves in a forward pass, without those of parameters and buffers."""
    saved: list[Any] = []  # holds them too, so that no storage is freed and its place used again

    def pack(tensor: Any) -> Any:
        saved.append(tensor)
        return tensor

    run = Run(batch, train=True)
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        output = run.network(network)
    storages = {
        tensor.untyped_storage().data_ptr(): tensor.untyped_storage().nbytes() for tensor in saved
    }
    for module in (ran.module for ran in run.ran if isinstance(ran.module, torch.nn.Module)):
        for array in (*module.parameters(), *module.buffers()):
            storages.pop(array.untyped_storage().data_ptr(), None)
    assert output.shape[0] == batch
    return sum(storages.values())


def kept_by_cnncalc(text: str, batch: int) -> int:
    totals = cnncalc.loads(text).report(batch=batch, optimizer="sgd").totals
    return int(totals.training_bytes) - 2 * BYTES * int(totals.params)


def assert_same(network: Network, seed: int = 0) -> None:
    text = SpecText(network, seed).text
    ours = {batch: kept_by_cnncalc(text, batch) for batch in BATCHES}
    theirs = {batch: saved_by_torch(network, batch) for batch in BATCHES}
    assert ours == theirs, f"batch: bytes\n{text}"


# ---- one op ---------------------------------------------------------------------------------------------------------


def op(name: str, **fields: Any) -> Layer:
    return Layer(name, fields)


def conv(filters: int, kernel: int = 1, axes: int = 2, **fields: Any) -> Layer:
    return Layer("conv", {"filters": filters, "kernel": (kernel,) * axes, **fields})


def keep(filters: int) -> Layer:
    return conv(filters, 3, pad=(1, 1))


def label(layer: Layer) -> str:
    return SpecText(Network((1,), (layer,)), 0).rows[-1].strip(" -")


RELU, BN, FC, GLOBAL, HALF = (
    op("relu"),
    op("bn"),
    op("fc", units=5),
    op("globalavgpool"),
    op("maxpool", kernel=(2, 2)),
)
ALONE = (
    conv(3), conv(2, 3, stride=(2, 2)), conv(8, 3, groups=4, bias=False), conv(2, 3, pad="same"),
    op("conv_transpose", filters=3, kernel=(3, 3), stride=(2, 2)), FC, op("fc", units=5, bias=False),
    BN, op("bn", affine=False), op("bn", beta=False),
    op("groupnorm", groups=1), op("groupnorm", groups=2, affine=False), op("layernorm"),
    op("lrn"), op("lrn", size=1), op("lrn", size=4),
    *(op(name) for name in ACTIVATIONS), op("prelu", shared=False),
    HALF, op("maxpool", kernel=(3, 2), stride=(2, 1), pad=(1, 1), ceil=True), op("avgpool", kernel=(2, 2)),
    op("avgpool", kernel=(3, 3), pad=(1, 1), count_pad=False), GLOBAL, op("globalmaxpool"),
    op("adaptiveavgpool", size=(1, 1)), op("adaptiveavgpool", size=(2, 1)), op("adaptiveavgpool", size=(3, 2)),
    op("adaptivemaxpool", size=(1, 1)), op("adaptivemaxpool", size=(3, 2)),
    op("flatten"), op("scale", factor="0.5"), op("slice", channels=(1, 3)), op("slice", stride=(2, 2)),
    op("pad", size=(1, 2)), op("pad", channels=2), op("shuffle", groups=2), op("upsample", scale=(2, 2)),
    op("upsample", scale=(2, 2), mode="bilinear"), op("reshape", shape=(2, 3, 24)),
    *(op(name) for name in FUNCTIONS), op("instancenorm"), op("instancenorm", affine=True), op("unitnorm"),
    op("affine", beta=False), op("affine", beta=False, per="position"), op("affine", gamma=False),
    op("dropout", rate="0.5", maps=True), op("stochastic_depth", rate="0.5"),
    op("stochastic_depth", rate="0.5", mode="batch"), *(op("pad", size=(1, 2), mode=mode) for mode in PAD_MODES),
    *(conv(2, 3, pad=(size, size), pad_mode=mode) for mode in PAD_MODES for size in (0, 1)), op("crop", size=(1, 2)),
    op("upsample", size=(9, 7)), op("upsample", size=(9, 7), mode="bicubic"),
    op("upsample", size=(9, 7), mode="bilinear", align_corners=True), op("pixel_shuffle", scale=(2, 2)),
    op("pixel_unshuffle", scale=(3, 3)), op("reduce", how="mean"), op("reduce", how="sum", over="channels"),
    op("reduce", how="maximum", over="channels"), op("reduce", how="maximum"),
)  # fmt: skip


@pytest.mark.parametrize("layer", ALONE, ids=label)
def test_an_op_alone(layer: Layer) -> None:
    assert_same(Network((3, 6, 6), (conv(4), layer)))


@pytest.mark.parametrize("layer", ALONE, ids=label)
def test_an_op_whose_output_the_next_layer_keeps(layer: Layer) -> None:
    """A tensor that both save counts once; a view of one that is saved is not another one."""
    after = Layer("fc", {"units": 3}) if layer.op in ("fc", "flatten") else conv(3)
    assert_same(Network((3, 6, 6), (conv(4), RELU, layer, after)))


@pytest.mark.parametrize(
    ("spec", "make"),
    [
        ("linear: 5", lambda: torch.nn.Linear(6, 5)),
        ("layernorm", lambda: torch.nn.LayerNorm(6)),
        ("rmsnorm", lambda: torch.nn.RMSNorm(6)),
        ("rmsnorm: {gamma: false}", lambda: torch.nn.RMSNorm(6, elementwise_affine=False)),
    ],
)
def test_a_layer_over_the_last_axis(spec: str, make: Any) -> None:
    """With the channels last, as our shapes have them: a layer of PyTorch's on (batch, positions, channels)."""
    text = f"input: 10x6\nlayers:\n- linear: 6\n- {spec}\n"
    model = torch.nn.Sequential(torch.nn.Linear(6, 6), make())
    ours = {batch: kept_by_cnncalc(text, batch) for batch in BATCHES}
    assert ours == {batch: saved_bytes(model, torch.zeros(batch, 10, 6)) for batch in BATCHES}


class SelfAttention(torch.nn.Module):  # type: ignore[misc, name-defined]
    """Multi-head attention of all positions, by the fused function."""

    def __init__(self, dropout: float) -> None:
        super().__init__()
        self.inner = torch.nn.MultiheadAttention(6, 2, dropout, batch_first=True)

    def forward(self, x: Any) -> Any:
        """Query, key and value are one."""
        return self.inner(x, x, x, need_weights=False)[0]


@pytest.mark.parametrize("dropout", [0.0, 0.1])
def test_attention(dropout: float) -> None:
    """The input counts once more for the module: it copies it to put the positions first."""
    text = f"input: 10x6\nlayers:\n- linear: 6\n- attention: {{heads: 2, dropout: {dropout}}}\n"
    model = torch.nn.Sequential(torch.nn.Linear(6, 6), SelfAttention(dropout))
    ours = {batch: kept_by_cnncalc(text, batch) for batch in BATCHES}
    assert ours == {batch: saved_bytes(model, torch.zeros(batch, 10, 6)) for batch in BATCHES}


def test_a_product_of_two_maps() -> None:
    text = """
input: 10x6
layers:
  - linear: {name: a, units: 6}
  - linear: {name: b, units: 4, from: input}
  - matmul: {from: [a, b], transpose: false}
"""
    text = text.replace("units: 4", "units: 6").replace("transpose: false", "transpose: true")

    class Product(torch.nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b = torch.nn.Linear(6, 6), torch.nn.Linear(6, 6)

        def forward(self, x: Any) -> Any:
            return self.a(x) @ self.b(x).transpose(1, 2)

    ours = {batch: kept_by_cnncalc(text, batch) for batch in BATCHES}
    assert ours == {batch: saved_bytes(Product(), torch.zeros(batch, 10, 6)) for batch in BATCHES}


def saved_bytes(model: Any, given: Any) -> int:
    """Bytes of the distinct storages that autograd saves in a forward pass, without parameters."""
    saved: list[Any] = []

    def pack(tensor: Any) -> Any:
        saved.append(tensor)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        model(given)
    storages = {
        tensor.untyped_storage().data_ptr(): tensor.untyped_storage().nbytes() for tensor in saved
    }
    for array in model.parameters():
        storages.pop(array.untyped_storage().data_ptr(), None)
    return sum(storages.values())


@pytest.mark.parametrize("axes", [1, 3])
@pytest.mark.parametrize("name", ["maxpool", "avgpool", "globalavgpool", "globalmaxpool"])
def test_a_pool_of_one_and_three_axes(name: str, axes: int) -> None:
    fields = {} if name.startswith("global") else {"kernel": (2,) * axes}
    assert_same(Network((3, *(4,) * axes), (conv(4, axes=axes), Layer(name, fields))))


@pytest.mark.parametrize("axes", [1, 3])
@pytest.mark.parametrize("size", [1, 2])
@pytest.mark.parametrize("name", ["adaptiveavgpool", "adaptivemaxpool"])
def test_an_adaptive_pool_of_one_and_three_axes(name: str, size: int, axes: int) -> None:
    assert_same(
        Network((3, *(4,) * axes), (conv(4, axes=axes), Layer(name, {"size": (size,) * axes})))
    )


# ---- small networks -------------------------------------------------------------------------------------------------


def basic(filters: int, stride: int) -> tuple[Step, ...]:
    """A basic block of a ResNet."""
    pair = (stride, stride)
    main = (conv(filters, 3, stride=pair, pad=(1, 1), bias=False), BN, RELU, keep(filters), BN)
    shortcut = (conv(filters, stride=pair, bias=False), BN)
    return Merge("residual", (main, shortcut) if stride > 1 else (main,)), RELU


def excited(channels: int, hidden: int, dense: bool) -> Merge:
    """Squeeze and excite, of fully connected layers or of 1x1 convolutions."""

    def to(units: int) -> Layer:
        return op("fc", units=units) if dense else conv(units)

    return Merge("multiply", ((), (GLOBAL, to(hidden), RELU, to(channels), op("sigmoid"))))


def grown(filters: int) -> Merge:
    """A layer of a DenseNet: its maps beside those that arrive."""
    return Merge("concat", ((), (BN, RELU, keep(filters))))


def inception() -> Merge:
    pool = op("maxpool", kernel=(3, 3), stride=(1, 1), pad=(1, 1))
    return Merge("concat", ((conv(2), RELU), (conv(2), RELU, keep(3), RELU), (pool, conv(2))))


def u_net() -> tuple[Step, ...]:
    up = Layer("conv_transpose", {"filters": 4, "kernel": (2, 2), "stride": (2, 2)}, "up")
    down = (keep(4), Layer("relu", name="skip"), HALF, keep(8), RELU)
    return *down, up, Merge("concat", sources=("skip", "up")), keep(4), RELU, conv(1), op("sigmoid")


def shuffled() -> tuple[Step, ...]:
    """A unit of ShuffleNet v2: one half of the channels goes past."""
    left = Layer("slice", {"channels": (0, 4)}, "left")
    right = (
        Layer("slice", {"channels": (4, 8), "from": "all"}),
        conv(4, 3, pad=(1, 1), groups=4),
        Layer("bn", {}, "right"),
    )
    merge = Merge("concat", sources=("left", "right"))
    return keep(8), Layer("relu", name="all"), left, *right, merge, op("shuffle", groups=2), keep(4)


def shared() -> tuple[Step, ...]:
    return keep(3), RELU, Layer("conv", conv(3).fields, "own"), RELU, conv(3, share="own")


NETWORKS: dict[str, tuple[Step, ...]] = {
    "pool and flatten": (keep(4), RELU, HALF, op("flatten"), FC),
    "batch norm": (keep(4), BN, RELU, keep(6), BN, op("relu6"), GLOBAL, FC),
    "dropout": (keep(2), op("fc", units=9), RELU, op("dropout"), FC, op("softmax")),
    "resnet": (keep(4), BN, RELU, HALF, *basic(4, 1), *basic(8, 2), GLOBAL, FC),
    "se, dense": (keep(8), BN, RELU, excited(8, 2, dense=True), keep(4)),
    "se, conv": (keep(8), op("silu"), excited(8, 2, dense=False), RELU, GLOBAL, FC),
    "densenet": (keep(4), grown(3), grown(3), BN, RELU, conv(4), op("avgpool", kernel=(2, 2))),
    "inception": (keep(4), RELU, inception(), op("lrn"), keep(4)),
    "u-net": u_net(),
    "shufflenet": shuffled(),
    "a square": (keep(4), Merge("multiply", ((), ())), conv(2)),
    "a product": (
        keep(4),
        Merge("multiply", ((keep(4),), (keep(4), op("tanh")))),
        Merge("add", ((), (conv(4),))),
    ),
    "a product of three": (keep(4), Merge("multiply", ((keep(4),), (keep(4),), ()))),
    "shared weights": shared(),
}


@pytest.mark.parametrize("steps", NETWORKS.values(), ids=NETWORKS)
def test_a_small_network(steps: tuple[Step, ...]) -> None:
    assert_same(Network((3, 12, 12), steps))


# ---- random networks ------------------------------------------------------------------------------------------------


def copies(steps: Sequence[Step]) -> bool:
    """Whether PyTorch makes a copy where cnncalc speaks of a tensor and its views.

    It copies for an uneven pad (which `same` may be), and to reshape or group what `layernorm` moved, `broadcast`
    spread or `slice` and `crop` cut; a product of three keeps one of two in between (it has a test of its own). A
    transposed convolution of kernel 1 leaves its output in a longer storage.
    """
    every = list(in_order(steps))
    pads = [step.fields.get("pad") for step in every if isinstance(step, Layer)]
    products = any(
        isinstance(step, Merge) and step.op == "multiply" and len(step.branches) > 2
        for step in every
    )
    point = any(
        isinstance(step, Layer)
        and step.op == "conv_transpose"
        and set(step.fields["kernel"]) == {1}
        for step in every
    )
    moved = {"layernorm", "broadcast", "slice", "crop"} & {step.op for step in every}
    return any(pad == "same" or uneven(pad) for pad in pads) or bool(moved) or products or point


def random_network(seed: int) -> Network:
    """A random network behind a convolution, without what `copies` finds."""
    while True:
        grower = Grower(seed, TorchJudge())
        channels, *space = grower.input
        first = conv(channels, axes=len(space))
        with torch.no_grad():
            network = grower.network(grower.rng.randint(2, 9))
        if not copies(network.steps):
            return Network(network.input, (first, *network.steps))
        seed += 10_000


@pytest.mark.parametrize("group", range(10))
def test_random_networks(group: int) -> None:
    for seed in range(group * 25, (group + 1) * 25):
        assert_same(random_network(seed), seed)
