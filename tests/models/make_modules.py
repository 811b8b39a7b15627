"""Write `files/modules.json` and `modules.json.xz`: with PyTorch 2.13, in `tests/`:
`python -m models.make_modules`.

Each is a module of a few lines in the form that a reader has to know. The first file has what PyTorch says of it: the
parameters that are used, FlopCounterMode's multiply-accumulates of one example, and the shape of every output, beside
the rows that stand for it, which are written here by hand. The other has the graphs, without what is not read.
"""

# ruff: noqa: E501  (what is one expression stays on one line)

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812
from torch.utils.flop_counter import FlopCounterMode

import cnncalc
from cnncalc.models.writers import write_graph

from .recorded import write

BATCH = 2
MAP, SEQUENCE, VECTOR = (BATCH, 4, 6, 8), (BATCH, 5, 8), (BATCH, 6)
LINE, VOLUME = (BATCH, 4, 10), (BATCH, 2, 4, 6, 4)
Tensor: TypeAlias = Any


class Call(nn.Module):
    """A function of what arrives, with the layers and arrays that it needs."""

    def __init__(self, function: Callable[..., Any], **held: Any) -> None:
        super().__init__()
        self.function = function
        for name, value in held.items():
            setattr(self, name, value)

    def forward(self, *arriving: Tensor) -> Any:
        return self.function(self, *arriving)


class Case(NamedTuple):
    """A module: the rows that stand for it, but for the inputs; the shapes that arrive, batch first; its graph's form."""

    rows: str
    module: nn.Module
    shapes: tuple[tuple[int, ...], ...]
    core: bool = False


def array(*shape: int) -> nn.Parameter:
    """Return a learned array."""
    return nn.Parameter(torch.ones(shape))


def call(rows: str, function: Callable[..., Any], *shapes: tuple[int, ...], **held: Any) -> Case:
    """Return the case of a function, of a map where no shapes are given."""
    return Case(rows, Call(function, **held), shapes or (MAP,))


def layer(rows: str, module: nn.Module, *shapes: tuple[int, ...]) -> Case:
    """Return the case of a layer by itself, of a map where no shapes are given."""
    return Case(rows, module, shapes or (MAP,))


def written(rows: str, size: str, layer: str) -> Case:
    """Return the case of a layer that PyTorch has not, as the code that `convert --to torch` writes brings it along."""
    net = cnncalc.loads(f"input: {size}\nlayers: [{layer}]")
    space: dict[str, Any] = {"__name__": "written"}
    exec(write_graph(net.graph, "net", "torch").text, space)
    module = [each for each in space.values() if isinstance(each, type)][-1]()
    *places, channels = net.graph.input
    return Case(rows, module, ((BATCH, channels, *places),))


class TwoPaths(nn.Module):
    """Cross attention: what is asked for comes from one input, what is looked through from another."""

    def __init__(self, **options: Any) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True, **options)

    def forward(self, query: Tensor, key: Tensor) -> Any:
        return self.attention(query, key, key, need_weights=False)[0]


class SelfAttention(nn.Module):
    """Attention of a sequence to itself."""

    def __init__(self, weights: bool = False, **options: Any) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True, **options)
        self.weights = weights

    def forward(self, x: Tensor, *mask: Tensor) -> Any:
        given = {"attn_mask": mask[0]} if mask else {}
        result = self.attention(x, x, x, need_weights=self.weights, **given)
        return result if self.weights else result[0]


def heads(x: Tensor) -> Tensor:
    """Turn (batch, positions, channels) to (batch, 2 heads, positions, channels of a head)."""
    return x.view(x.shape[0], x.shape[1], 2, -1).transpose(1, 2)


CASES: dict[str, Case] = {
    # numbers
    "times_a_half": call("scale", lambda m, x: x * 0.5),
    "plus_one": call("scale", lambda m, x: x + 1),
    "minus_two": call("scale", lambda m, x: x - 2),
    "a_quarter": call("scale", lambda m, x: x / 4),
    "over_nothing": call("opaque", lambda m, x: x / 0.0),
    "a_number_too_large": call("opaque", lambda m, x: x * 1e13),
    # learned arrays by themselves
    "a_scale_a_channel": call("affine", lambda m, x: x * m.scale, scale=array(4, 1, 1)),
    "a_shift_a_position": call("affine", lambda m, x: m.shift + x, shift=array(6, 8)),
    "a_shift_an_element": call("affine", lambda m, x: x + m.shift, shift=array(4, 6, 8)),
    "a_scale_a_column": call("opaque", lambda m, x: x * m.scale, scale=array(4, 1, 8)),
    "a_learned_array_subtracted": call("opaque", lambda m, x: x - m.shift, shift=array(4, 1, 1)),
    "one_learned_number": call("opaque", lambda m, x: x * m.scale, scale=array(1)),
    "positions_of_a_sequence": call(
        "linear affine",
        lambda m, x: m.dense(x) + m.places,
        SEQUENCE,
        dense=nn.Linear(8, 8),
        places=array(1, 5, 8),
    ),
    "a_scale_after_a_move": call(
        "reshape affine", lambda m, x: x.flatten(1, 2) * m.scale, MAP, scale=array(24, 1)
    ),
    # concatenations
    "a_class_token": call(
        "conv parameter reshape concat linear",
        lambda m, x: m.dense(
            torch.cat((m.token.expand(x.shape[0], -1, -1), m.conv(x).flatten(2).transpose(1, 2)), 1)
        ),
        (BATCH, 3, 8, 8),
        conv=nn.Conv2d(3, 8, 4, 4),
        token=array(1, 1, 8),
        dense=nn.Linear(8, 4),
    ),
    "a_token_of_two_arrays": call(
        "linear opaque",
        lambda m, x: torch.cat(((m.a + m.b).expand(x.shape[0], 1, 8), m.dense(x)), 1),
        SEQUENCE,
        dense=nn.Linear(8, 8),
        a=array(1, 1, 8),
        b=array(1, 1, 8),
    ),
    "rows_on_rows": call("relu concat", lambda m, x: torch.cat((x, x.relu()), 2)),
    "batches_on_batches": call(
        "conv opaque", lambda m, x: torch.cat((m.c(x), x), 0), c=nn.Conv2d(4, 4, 1)
    ),
    "positions_on_positions": call(
        "linear concat", lambda m, x: torch.cat((m.dense(x), x), 1), SEQUENCE, dense=nn.Linear(8, 8)
    ),
    # products
    "a_score_of_positions": call(
        "linear linear matmul",
        lambda m, x: m.q(x) @ m.k(x).transpose(1, 2),
        SEQUENCE,
        q=nn.Linear(8, 4),
        k=nn.Linear(8, 4),
    ),
    "scores_times_values": call(
        "linear matmul softmax matmul",
        lambda m, x: torch.bmm((m.q(x) @ x.mT).softmax(-1), x),
        SEQUENCE,
        q=nn.Linear(8, 8),
    ),
    "scores_of_heads": call(
        "linear opaque",
        lambda m, x: heads(m.q(x)) @ heads(x).transpose(-1, -2),
        SEQUENCE,
        q=nn.Linear(8, 8),
    ),
    "a_dense_layer_by_hand": call("opaque", lambda m, x: x @ m.w, SEQUENCE, w=array(8, 3)),
    "a_learned_mix_of_positions": call("opaque", lambda m, x: m.w @ x, SEQUENCE, w=array(3, 5)),
    "a_product_to_one_number": call("unknown", lambda m, x: x @ m.w, VECTOR, w=array(6)),
    "indices_of_two": call(
        "linear opaque",
        lambda m, x: torch.einsum("bic,bjc->bij", m.q(x), x),
        SEQUENCE,
        q=nn.Linear(8, 8),
    ),
    "indices_of_a_learned_array": call(
        "opaque", lambda m, x: torch.einsum("bchw, cd -> bdhw", x, m.w), w=array(4, 3)
    ),
    "indices_of_one": call("unknown", lambda m, x: torch.einsum("bchw->bhwc", x)),
    "indices_left_open": call(
        "unknown", lambda m, x: torch.einsum("...c,cd->...d", x, m.w), SEQUENCE, w=array(8, 3)
    ),
    # attention
    "attention_of_heads": call(
        "linear linear linear attention linear",
        lambda m, x: m.out(
            F.scaled_dot_product_attention(heads(m.q(x)), heads(m.k(x)), heads(m.v(x)))
            .transpose(1, 2)
            .flatten(2)
        ),
        SEQUENCE,
        q=nn.Linear(8, 8),
        k=nn.Linear(8, 8),
        v=nn.Linear(8, 8),
        out=nn.Linear(8, 8),
    ),
    "attention_of_one_head": call(
        "linear opaque",
        lambda m, x: F.scaled_dot_product_attention(m.q(x), x, x),
        SEQUENCE,
        q=nn.Linear(8, 8),
    ),
    "attention_with_a_learned_mask": call(
        "linear opaque",
        lambda m, x: F.scaled_dot_product_attention(heads(m.q(x)), heads(x), heads(x), m.mask),
        SEQUENCE,
        q=nn.Linear(8, 8),
        mask=array(5, 5),
    ),
    "attention_through_a_mask": call(
        "linear attention",
        lambda m, x, mask: (
            F.scaled_dot_product_attention(heads(m.q(x)), heads(x), heads(x), mask)
            .transpose(1, 2)
            .flatten(2)
        ),
        SEQUENCE,
        (BATCH, 1, 5, 5),
        q=nn.Linear(8, 8),
    ),
    "a_layer_of_attention_that_gives_its_weights": layer(
        "linear slice slice slice scale opaque softmax opaque reshape linear reduce",
        SelfAttention(weights=True),
        SEQUENCE,
    ),
    "a_layer_of_attention_with_a_mask_that_arrives": layer(
        "unknown", SelfAttention(), SEQUENCE, (BATCH * 2, 5, 5)
    ),
    "a_layer_of_attention": layer("attention", SelfAttention(), SEQUENCE),
    "a_layer_of_attention_without_biases": layer("attention", SelfAttention(bias=False), SEQUENCE),
    "a_layer_of_cross_attention": layer(
        "attention", TwoPaths(kdim=6, vdim=6), SEQUENCE, (BATCH, 7, 6)
    ),
    "a_layer_of_attention_with_more_biases": layer(
        "unknown", SelfAttention(add_bias_kv=True), SEQUENCE
    ),
    # order and shape
    "copies": call(
        "conv", lambda m, x: m.c(x).contiguous().clone().to(torch.float32), c=nn.Conv2d(4, 4, 1)
    ),
    "channels_put_last_and_back": call(
        "layernorm conv",
        lambda m, x: m.c(m.n(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)),
        n=nn.LayerNorm(4),
        c=nn.Conv2d(4, 4, 1),
    ),
    "axes_by_their_names": call(
        "layernorm conv",
        lambda m, x: m.c(m.n(x.movedim(1, -1)).movedim(-1, 1)),
        n=nn.LayerNorm(4),
        c=nn.Conv2d(4, 4, 1),
    ),
    "several_axes_moved": call(
        "conv opaque", lambda m, x: m.c(x).movedim((1, 2), (2, 1)), c=nn.Conv2d(4, 4, 1)
    ),
    "axes_turned_first": call(
        "relu reshape linear", lambda m, x: m.dense(x.relu().transpose(1, 3)), dense=nn.Linear(4, 3)
    ),
    "an_axis_put_in_and_taken_out": call(
        "reshape conv reshape conv",
        lambda m, x: m.flat(m.c(x.unsqueeze(2)).squeeze(2)),
        LINE,
        c=nn.Conv2d(4, 3, (1, 3)),
        flat=nn.Conv1d(3, 2, 1),
    ),
    "all_axes_of_one_taken_out": call(
        "adaptiveavgpool fc",
        lambda m, x: m.dense(m.p(x).squeeze()),
        p=nn.AdaptiveAvgPool2d(1),
        dense=nn.Linear(4, 3),
    ),
    "axes_that_are_cut": call(
        "conv reshape reshape conv",
        lambda m, x: m.b(m.a(x).reshape(BATCH, 3, 8, 8)),
        a=nn.Conv2d(4, 4, 1),
        b=nn.Conv2d(3, 2, 1),
    ),
    "a_batch_that_is_cut": call(
        "conv opaque", lambda m, x: m.a(x).reshape(3, -1), a=nn.Conv2d(4, 4, 1)
    ),
    "columns_before_rows": call(
        "conv reshape linear",
        lambda m, x: m.dense(m.a(x).transpose(2, 3).flatten(2).transpose(1, 2)),
        a=nn.Conv2d(4, 4, 1),
        dense=nn.Linear(4, 2),
    ),
    "windows": call(
        "conv reshape linear",
        lambda m, x: m.dense(
            m.a(x).view(BATCH, 4, 3, 2, 4, 2).permute(0, 2, 4, 3, 5, 1).reshape(BATCH * 12, 4, 4)
        ),
        a=nn.Conv2d(4, 4, 1),
        dense=nn.Linear(4, 2),
    ),
    # parts
    "one_chunk": call("conv", lambda m, x: m.a(x).chunk(1, 1)[0], a=nn.Conv2d(4, 4, 1)),
    "a_border_taken_off": call("conv crop", lambda m, x: m.a(x)[:, :, 1:-1], a=nn.Conv2d(4, 4, 1)),
    "one_of_the_batch": call("conv opaque", lambda m, x: m.a(x)[:1], a=nn.Conv2d(4, 4, 1)),
    "every_other_row": call("conv slice", lambda m, x: m.a(x)[:, :, ::2], a=nn.Conv2d(4, 4, 1)),
    "every_other_channel": call("conv opaque", lambda m, x: m.a(x)[:, ::2], a=nn.Conv2d(4, 4, 1)),
    "every_other_row_of_some": call(
        "conv opaque", lambda m, x: m.a(x)[:, :, 1::2], a=nn.Conv2d(4, 4, 1)
    ),
    "a_narrow_part": call("conv slice", lambda m, x: m.a(x).narrow(1, 1, 2), a=nn.Conv2d(4, 4, 1)),
    "the_first_position": call(
        "linear crop fc",
        lambda m, x: m.b(m.a(x)[:, 0]),
        SEQUENCE,
        a=nn.Linear(8, 8),
        b=nn.Linear(8, 3),
    ),
    "each_position": call(
        "linear crop crop crop crop crop add",
        lambda m, x: (lambda a, b, *_: a + b)(*m.a(x).unbind(1)),
        SEQUENCE,
        a=nn.Linear(8, 8),
    ),
    "channels_of_an_open_order": call(
        "slice slice add", lambda m, x: (lambda a, b: a + b)(*x.flatten(2).split(2, 1))
    ),
    "a_vector_laid_over_a_map": call(
        "globalavgpool broadcast concat",
        lambda m, x: torch.cat((x, x.mean((2, 3), keepdim=True).expand(-1, -1, 6, 8)), 1),
    ),
    "nothing_laid_over": call(
        "conv", lambda m, x: m.a(x).expand(BATCH, 4, 6, 8), a=nn.Conv2d(4, 4, 1)
    ),
    "more_axes_laid_over": call(
        "conv opaque", lambda m, x: m.a(x).expand(3, BATCH, 4, 6, 8), a=nn.Conv2d(4, 4, 1)
    ),
    "a_value_at_an_index": call(
        "conv opaque",
        lambda m, x: m.a(x)[:, :, m.at],
        a=nn.Conv2d(4, 4, 1),
        at=torch.tensor([0, 2]),
    ),
    # padding, resizing
    "zeros_around": call("pad", lambda m, x: F.pad(x, (1, 2, 0, 3))),
    "channels_of_zeros": call("pad", lambda m, x: F.pad(x, (0, 0, 0, 0, 1, 2))),
    "padding_taken_off": call("crop", lambda m, x: F.pad(x, (-1, -2))),
    "both": call("pad crop", lambda m, x: F.pad(x, (-1, 2))),
    "channels_taken_off": call("opaque", lambda m, x: F.pad(x, (0, 0, 0, 0, -1, 0))),
    "examples_of_zeros": call("opaque", lambda m, x: F.pad(x, (0, 0, 0, 0, 0, 0, 1, 0))),
    "what_is_reflected": layer("pad", nn.ReflectionPad2d(1)),
    "what_is_repeated": layer("pad", nn.ReplicationPad1d(2), LINE),
    "what_goes_round": layer("pad conv", nn.Conv2d(4, 3, 3, padding=1, padding_mode="circular")),
    "twice_as_large": layer("upsample", nn.Upsample(scale_factor=2)),
    "another_size": call(
        "upsample", lambda m, x: F.interpolate(x, (9, 10), mode="bilinear", align_corners=True)
    ),
    "by_cubes": call("upsample", lambda m, x: F.interpolate(x, scale_factor=2, mode="bicubic")),
    "a_longer_line": layer("upsample", nn.Upsample(scale_factor=2, mode="linear"), LINE),
    "a_larger_volume": layer("upsample", nn.Upsample(scale_factor=2, mode="trilinear"), VOLUME),
    "pixels_of_channels": layer("pixel_shuffle", nn.PixelShuffle(2)),
    "channels_of_pixels": layer("pixel_unshuffle", nn.PixelUnshuffle(2)),
    "pixels_of_a_clip": layer("opaque", nn.PixelShuffle(2), (BATCH, 3, 4, 6, 6)),
    "channels_shuffled": layer("shuffle", nn.ChannelShuffle(2)),
    # layers
    "a_transposed_convolution": layer(
        "conv_transpose", nn.ConvTranspose2d(4, 6, 3, 2, 1, output_padding=1, groups=2)
    ),
    "a_convolution_of_a_line": layer("conv", nn.Conv1d(4, 6, 3, padding="same", dilation=2), LINE),
    "a_convolution_of_a_volume": layer("conv", nn.Conv3d(2, 4, (1, 3, 3), bias=False), VOLUME),
    "an_image_without_a_batch": layer("unknown", nn.Conv2d(4, 3, 3), (4, 6, 8)),
    "kernels_that_arrive": call("unknown", lambda m, x, w: F.conv2d(x, w), MAP, (3, 4, 1, 1)),
    "a_dense_layer_to_one_number": call(
        "unknown", lambda m, x: F.linear(x, m.w), VECTOR, w=array(6)
    ),
    "batch_norm_of_the_batch": layer("opaque", nn.BatchNorm2d(4, track_running_stats=False)),
    "instance_norm": layer("instancenorm", nn.InstanceNorm2d(4, affine=True)),
    "instance_norm_that_runs": layer("opaque", nn.InstanceNorm2d(4, track_running_stats=True)),
    "group_norm": layer("groupnorm", nn.GroupNorm(2, 4)),
    "layer_norm_of_two_axes": layer("opaque", nn.LayerNorm((6, 8))),
    "local_response_norm": layer("lrn", nn.LocalResponseNorm(3)),
    "a_slope_a_channel": layer("prelu", nn.PReLU(4)),
    "one_slope": layer("prelu", nn.PReLU()),
    "means": layer("avgpool", nn.AvgPool2d(3, 2, 1, ceil_mode=True, count_include_pad=False)),
    "sums_of_positions": call("reduce", lambda m, x: x.sum((2, 3))),
    "the_least_of_channels": call("reduce", lambda m, x: x.amin(1, keepdim=True)),
    "the_largest_position": call("globalmaxpool", lambda m, x: x.amax((2, 3))),
    "means_of_rows_and_channels": call("opaque", lambda m, x: x.mean((1, 2))),
    "means_of_all": call("opaque", lambda m, x: x.mean((1, 2, 3)), (BATCH, 4, 1, 1)),
    "means_of_the_batch": call("opaque", lambda m, x: x.mean(0)),
    "softmax_of_channels": call("softmax", lambda m, x: x.softmax(1)),
    "logarithms_of_softmax": call("log_softmax", lambda m, x: F.log_softmax(x, -1), VECTOR),
    "clamps": call(
        "relu relu6 clip hardtanh", lambda m, x: F.hardtanh(x.clamp(min=0).clamp(0, 6).clamp(1, 2))
    ),
    "vectors_for_numbers": layer("embedding", nn.Embedding(10, 3), SEQUENCE[:2]),
    "vectors_that_arrive": call(
        "unknown", lambda m, at, table: F.embedding(at, table), (BATCH, 5), (10, 3)
    ),
    "a_trained_pool": written("avgpool", "8x8x4", "{avgpool: {kernel: 2, trainable: true}}"),
    "a_table_of_maps": written(
        "conv", "8x8x3", "{conv: {filters: 2, kernel: 3, connections: [[0, 1], [1, 2]]}}"
    ),
    "a_table_of_maps_without_biases": written(
        "conv", "8x8x3", "{conv: {filters: 2, kernel: 3, bias: false, connections: [[0], [1, 2]]}}"
    ),
    "a_bias_of_each_element": written(
        "conv", "8x8x4", "{conv: {filters: 2, kernel: 1, bias: position}}"
    ),
    "positions_as_examples": call(
        "linear linear",
        lambda m, x: m.b(m.a(x).reshape(-1, 8)),
        SEQUENCE,
        a=nn.Linear(8, 8),
        b=nn.Linear(8, 3),
    ),
    "half_as_large": call("upsample", lambda m, x: F.interpolate(x, scale_factor=0.5)),
    "biases_that_arrive": call(
        "opaque unknown", lambda m, x: F.conv2d(x, m.w, x.mean((0, 2, 3))), w=array(4, 4, 1, 1)
    ),
    "core_ops": Case(
        "conv bn relu maxpool conv_transpose softmax",
        nn.Sequential(
            nn.Conv2d(4, 6, 3, padding=1),
            nn.BatchNorm2d(6),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.ConvTranspose2d(6, 2, 2, 2),
            nn.Softmax(1),
        ),
        (MAP,),
        core=True,
    ),
    "weights_that_are_computed": call(
        "conv", lambda m, x: F.conv2d(x, m.w * m.g.exp()), w=array(3, 4, 1, 1), g=array(1)
    ),
    "a_constant_like_what_arrives": call(
        "conv opaque", lambda m, x: m.a(x) + torch.zeros_like(x), a=nn.Conv2d(4, 4, 1)
    ),
    "weights_that_two_layers_share": call(
        "fc fc",
        lambda m, x: F.linear(m.a(x), m.a.weight, m.b),
        VECTOR,
        a=nn.Linear(6, 6),
        b=array(6),
    ),
}


def example(shape: tuple[int, ...]) -> Tensor:
    """Return an input; whole numbers, to be looked up, where it is one row of positions an example."""
    return torch.zeros(shape, dtype=torch.int64 if shape == SEQUENCE[:2] else torch.float32)


def counted(module: nn.Module, arriving: tuple[Tensor, ...]) -> tuple[Any, int]:
    """Run a module without numbers: what comes out, and FlopCounterMode's multiply-accumulates.

    On the CPU it does not see what the fused kernels of attention do.
    """
    there = tuple(tensor.to("meta") for tensor in arriving)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        output = module.to("meta")(*there)
    return output, counter.get_total_flops() // 2


def used_parameters(program: Any) -> int:
    """Return how many parameters an exported program uses, each once."""
    nodes = {node.name: node for node in program.graph.nodes}
    specs = [spec for spec in program.graph_signature.input_specs if spec.kind.name == "PARAMETER"]
    names = {spec.target for spec in specs if nodes[spec.arg.name].users}
    return sum(program.state_dict[name].numel() for name in names)


def graph(program: Any) -> Any:
    """Return the JSON that `torch.export.save` writes of a program, without what says nothing of the network."""
    whole = io.BytesIO()
    torch.export.save(program, whole)
    with zipfile.ZipFile(whole) as archive:
        (member,) = (name for name in archive.namelist() if "/models/" in name)
        document = json.loads(archive.read(member))
    made = document["graph_module"]["graph"]
    for node in made["nodes"]:
        kept = ("nn_module_stack", "torch_fn")
        node["metadata"] = {key: value for key, value in node["metadata"].items() if key in kept}
    made["tensor_values"] = {
        name: {"sizes": meta["sizes"]} for name, meta in made["tensor_values"].items()
    }
    document["graph_module"].pop("module_call_graph", None)
    return {key: document[key] for key in ("graph_module", "schema_version")}


def sizes(output: Any) -> list[list[int]]:
    """Return the shape of each tensor of an output."""
    return [list(each.shape) for each in (output if isinstance(output, tuple) else (output,))]


def told() -> tuple[dict[str, Any], dict[str, Any]]:
    """Export every module; what PyTorch says of each, and its graph."""
    facts: dict[str, Any] = {}
    graphs: dict[str, Any] = {}
    for name, case in CASES.items():
        module = case.module.eval()
        arriving = tuple(map(example, case.shapes))
        program = torch.export.export(module, arriving, strict=False)
        graphs[name] = graph(program.run_decompositions() if case.core else program)
        params = used_parameters(program)
        output, macs = counted(module, arriving)
        facts[name] = {
            "rows": case.rows,
            "params": params,
            "macs": macs // arriving[0].shape[0],
            "outputs": sizes(output),
        }
    return facts, graphs


if __name__ == "__main__":
    write("modules", f"torch {torch.__version__.partition('+')[0]}", *told())
