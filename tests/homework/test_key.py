"""What an answer key knows around a question: rows before and after, rows of a sum, what a block is made of."""

from __future__ import annotations

import pytest

from cnncalc.homework.slips.parameters import has_filters

from .questions import answer_key, ask, spec

NEIGHBOURS = [  # the rows before and after in a table of the layer's depth and in one of all layers, each once
    ("alexnet", "conv2", "output", ["pool1", "pool2"]),  # its relu has the same shape
    ("alexnet", "conv2", "params", ["conv1", "conv3"]),  # pools have none
    ("alexnet", "fc1", "params", ["conv5", "fc2"]),
    ("alexnet", "fc3", "params", ["fc2"]),
    ("alexnet", "conv1", "params", ["conv2"]),
    ("alexnet", "total", "params", []),
    ("resnet18", "bn1", "params", ["conv1", "conv2_x", "conv2_x/basic1/conv1"]),
    ("resnet18", "conv2_x/basic1", "params", ["bn1", "conv3_x/basic1"]),  # basic2 has as many
    ("resnet18", "conv3_x", "params", ["conv2_x", "conv4_x"]),
]


@pytest.mark.parametrize(("net", "layer", "quantity", "expected"), NEIGHBOURS)
def test_rows_before_and_after(net: str, layer: str, quantity: str, expected: list[str]) -> None:
    assert answer_key(net).neighbours(layer, quantity) == expected


ROWS = [
    ("lenet5_28", "total", {156, 2416, 48120, 10164, 850}),
    ("resnet50", "conv2_x", {75008, 70400}),  # two of the three are alike
    ("resnet50", "conv2_x/bottleneck2", {256 * 64, 9 * 64 * 64, 64 * 256, 128, 512}),
    ("googlenet", "inception_3a", {192 * 64 + 64, 192 * 96 + 96, 9 * 96 * 128 + 128, 192 * 16 + 16, 25 * 16 * 32 + 32,
                                   192 * 32 + 32}),
    ("alexnet", "conv1", set()),
]  # fmt: skip


@pytest.mark.parametrize(("net", "layer", "shares"), ROWS)
def test_rows_of_a_sum(net: str, layer: str, shares: set[int]) -> None:
    rows = list(answer_key(net).rows(layer, "params"))
    assert {share for _, share in rows} == shares
    right = answer_key(net).right(layer, "params")
    assert sum(share for _, share in rows) == (right if shares else 0)


def test_no_rows_of_what_is_no_sum() -> None:
    assert list(answer_key("alexnet").rows("total", "output")) == []
    assert list(answer_key("resnet50").rows("conv2_x", "receptive_field")) == []


def test_equal_layers_are_counted_together() -> None:
    """VGG-16's conv3_2 and conv3_3 are alike, as conv4_2, conv4_3; conv5_1 to conv5_3 see a smaller map."""
    variants = ask("vgg16", "total", "weights").variants
    times = {
        variant.node.name: count
        for variant, count in variants
        if variant.op.depth_field is not None
    }
    assert times == {
        "conv1_1": 1, "conv1_2": 1, "conv2_1": 1, "conv2_2": 1, "conv3_1": 1, "conv3_2": 2, "conv4_1": 1,
        "conv4_2": 2, "conv5_1": 3, "fc1": 1, "fc2": 1, "fc3": 1,
    }  # fmt: skip


def test_memory_is_of_activation_maps() -> None:
    """Of a block the outputs of its convolutions are kept, what is normalised in place is not."""
    for net in ("alexnet", "vgg16"):
        key = answer_key(net)
        total = sum(
            variant.op.is_activation_map * count * 4 * _elements(variant.node.output)
            for variant, count in key.variants("total", "memory")
        )
        assert total == key.right("total", "memory")
        assert all(variant.op.is_activation_map for variant, _ in key.variants("total", "memory"))


def _elements(shape: tuple[int, ...]) -> int:
    count = 1
    for size in shape:
        count *= size
    return count


def test_layers_of_the_network_s_own_words() -> None:
    key = answer_key("alexnet")
    assert key.has("conv1")
    assert key.has("total")
    assert not key.has("conv9")
    assert not key.is_layer("total")
    assert answer_key("resnet18").has("conv2_x/basic1")
    assert not answer_key("resnet18").is_layer("conv2_x/basic1")
    assert key.shown_rows()[-1] == "total"
    assert answer_key("resnet50").shown_rows("conv2_x") == [
        "conv2_x/bottleneck1",
        "conv2_x/bottleneck2",
        "conv2_x/bottleneck3",
    ]


def test_a_question_s_flavour() -> None:
    transposed = spec("8x8x3", "conv_transpose: {name: x, filters: 4, kernel: 2, stride: 2}")
    for net, layer, flavour in (
        ("alexnet", "fc1", "units"),
        ("alexnet", "conv1", ""),
        ("alexnet", "pool1", ""),
        ("lenet5", "s2", "trained"),
        (transposed, "x", "transposed"),
    ):
        assert ask(net, layer, "params").flavour == flavour
    assert ask("alexnet", "total", "params").flavour == ""
    dense = "input: 10\nblocks: {two: {layers: [fc: 5, fc: 3]}}\nlayers: [two: {name: t}]\n"
    assert ask(dense, "t", "params").flavour == ""


@pytest.mark.parametrize(("layer", "filters"), [("conv1", True), ("pool1", False), ("fc1", False)])
def test_a_layer_of_filters_with_windows(layer: str, filters: bool) -> None:
    key = answer_key("alexnet")
    assert has_filters(key.variant(key.place(layer))) == filters
