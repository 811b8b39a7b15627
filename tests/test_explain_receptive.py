"""Derivations of every quantity: each calculation comes to its result, each result is the report's, and chains of
receptive fields lead from the input to what the literature gives.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from arithmetic import evaluate
from extent import sample

import cnncalc
from cnncalc.explain.page import render
from cnncalc.spec.quantities import ASKED

EVERY_OP = """\
title: every op
input: 32x32x4
layers:
  - conv: {name: stem, filters: 16, kernel: 3, stride: 2, pad: 1, groups: 2, dilation: 2}
  - bn
  - relu
  - conv: {name: same, filters: 8, kernel: 4, pad: same}
  - prelu: {shared: false}
  - conv_transpose: {filters: 8, kernel: 3, stride: 2, pad: 1, output_pad: 1, groups: 2}
  - conv_transpose: {name: wide, filters: 8, kernel: 2, stride: 2, dilation: 3, pad: 1}
  - maxpool: {kernel: 3, stride: 3, ceil: true}
  - avgpool: {kernel: 2, trainable: true, pad: 1}
  - lrn
  - layernorm
  - groupnorm: 2
  - upsample: 3
  - upsample: {scale: 2, mode: bilinear}
  - conv: {name: uneven, filters: 8, kernel: 2, pad: [[0, 1], [1, 0]]}
  - adaptiveavgpool: 7
  - shuffle: 2
  - slice: {channels: [0, 6], stride: 2}
  - pad: {size: 1, channels: 2}
  - scale: 0.5
  - residual: {layers: [{conv: {filters: 10, kernel: 3, pad: 1, bias: false}}]}
  - concat: {branches: [[], [{conv: {filters: 4, kernel: 5, pad: 2}}], [{maxpool: {kernel: 2, stride: 1, pad: 1}}, {slice: {stride: 1, channels: [0, 2]}}, {conv: {filters: 2, kernel: 2}}]]}
  - se: {reduction: 4}
  - conv: {name: after, filters: 8, kernel: 3, pad: 1}
  - side: {name: aux, layers: [globalavgpool, {fc: 3}]}
  - dropout: 0.5
  - globalmaxpool
  - broadcast: 4x4
  - flatten
  - reshape: 4x4x8
  - fc: 10
  - softmax
"""  # noqa: E501

NETWORKS = [
    "alexnet",
    "lenet5",
    "googlenet",
    "resnet18",
    "pix2pix_unet",
    "colorization",
    "dense_block_k4",
    "alphago_policy",
    "mnist_keras",
    "vdsr",
]


def nets() -> list[Any]:
    loaded = [pytest.param(cnncalc.load(name), id=name) for name in sample(NETWORKS, 4)]
    return [pytest.param(cnncalc.loads(EVERY_OP), id="every-op"), *loaded]


def value(text: str) -> Fraction | None:
    """What a calculation comes to; None for words and shapes."""
    try:
        return evaluate(text.removesuffix(" bytes"))
    except (ValueError, TypeError):
        return None


@pytest.mark.parametrize("net", nets())
def test_every_derivation_ends_in_what_the_report_says(net: cnncalc.Network) -> None:
    report = net.report()
    for row in report.rows:
        said = {one.quantity: one.result for one in net.explain(row.name)}
        wanted = {
            "output": "×".join(map(str, row.output)),
            "memory": f"{report.memory(row):,} bytes",
            "receptive_field": "×".join(map(str, row.receptive_field)) or "none",
            "flops": f"{row.ops:,}",
            **{
                name: f"{getattr(row, name):,}"
                for name in ASKED
                if name in ("weights", "biases", "params", "macs", "activations")
            },
        }
        assert said == wanted, row.name
    totals = {one.quantity: one.result for one in net.explain("total")}
    for name in ("weights", "biases", "params", "macs", "activations"):
        assert totals[name] == f"{getattr(report.totals, name):,}"
    assert totals["flops"] == f"{report.totals.ops:,}"


@pytest.mark.parametrize("net", nets())
def test_every_calculation_comes_to_its_result(net: cnncalc.Network) -> None:
    told = 0
    for layer in ("total", *net.layer_names):
        for quantity in ASKED:
            (one,) = net.explain(layer, quantity)
            for step in one.steps:
                found, wanted = value(step.numbers), value(step.result)
                if wanted is not None and step.formula != "none":
                    assert found == wanted, (layer, step)
                    told += 1
    assert told


@pytest.mark.parametrize("net", nets())
def test_every_link_of_a_chain_is_that_layers_own_field(net: cnncalc.Network) -> None:
    """r, jump and start of each layer on the way are what the report says of it."""
    rows = {row.name: row for row in net.report().rows}
    for name in rows:
        (one,) = net.explain(name, "receptive_field")
        for step in one.steps:
            if not step.layer:
                continue
            symbol, _, axis = step.symbol.partition(" ")
            field = {"r": "receptive_field", "jump": "jump", "start": "start"}[symbol]
            found = getattr(rows[step.layer], field)
            place = {"": slice(None), "(height)": slice(0, 1), "(width)": slice(1, 2)}[axis]
            if len(rows[step.layer].output) > 1:
                assert {str(part) for part in found[place]} == {step.result.replace("−", "-")}, (
                    name,
                    step,
                )


@pytest.mark.parametrize(
    ("net", "layer", "size", "jump"),
    [
        # by hand, r + (F - 1) j: 1, 11, 19, 51, 67, 99, 131, 163, 195; jumps 4, 8, 8, 16, 16, 16, 16, 32
        ("alexnet", "pool3", "195×195", "32"),
        # VGG-16's features: 212 and 32 (Araujo et al. 2019, table 1)
        ("vgg16", "pool5", "212×212", "32"),
        # ResNet-50 with the stride in the first 1x1: 483 and 32 (the same)
        ("resnet50", "conv5_x", "483×483", "32"),
        # Inception v3: 1311 and 32 (the same)
        ("inception_v3", "mixed_7c", "1311×1311", "32"),
    ],
)
def test_chains_of_the_literature(net: str, layer: str, size: str, jump: str) -> None:
    (one,) = cnncalc.load(net).explain(layer, "receptive_field")
    assert one.result == size
    assert [step.result for step in one.steps if step.symbol == "jump"][-1] == jump
    assert (one.steps[0].layer, one.steps[0].result) == ("input", "1")


def test_alexnets_first_layer_reads_as_in_the_lecture() -> None:
    (one,) = cnncalc.load("alexnet").explain("conv1", "output")
    assert render("", [one]).splitlines()[3:6] == [
        "  O = (N + 2P − F)/S + 1  (height, width)",
        "    = (227 + 2·0 − 11)/4 + 1",
        "    = 55",
    ]


def test_a_filter_that_does_not_fit_is_said_once() -> None:
    # (224 - 11)/4 = 53.25
    net = cnncalc.load("alexnet", input=224)
    text = render("", net.explain("conv1", "output"))
    assert "⌊(224 + 2·0 − 11)/4⌋ + 1" in text
    assert (
        text.count("the filter does not fit: 213/4 = 53.25 is not whole and is rounded down") == 1
    )


def test_paths_of_a_merge_are_named() -> None:
    (one,) = cnncalc.load("googlenet").explain("inception_3a", "receptive_field")
    # from pool2's 27 and jump 8: 1x1 27, 3x3 27 + 2·8 = 43, 5x5 27 + 4·8 = 59, pool and 1x1 43
    assert (
        "inception_3a/concat1 joins relu1 27×27, relu3 43×43, relu5 59×59, relu6 43×43" in one.notes
    )
    merge = next(step for step in one.steps if step.layer == "inception_3a/concat1")
    assert (merge.numbers, merge.result) == ("max(27, 43, 59)", "59")


def test_what_a_layer_has_nothing_of_stands_on_one_line() -> None:
    text = render("", cnncalc.load("alexnet").explain("relu1"))
    assert text.endswith("\n\nnone: weights, biases, params, macs, flops, activations")


def test_a_long_sum_has_a_line_for_each_term() -> None:
    lines = render("", cnncalc.load("googlenet").explain("inception_3a", "params")).splitlines()
    assert lines[3] == "  c1          12,352"  # (192 + 1)·64
    assert lines[-1] == "  params     163,696"


def test_a_stage_is_a_sum_of_its_blocks() -> None:
    (one,) = cnncalc.load("resnet18").explain("conv2_x", "params")
    # two basic blocks of two 3x3 convs of 64 and their batch norms: 2·(36,864 + 128) each
    assert (one.steps[0].formula, one.steps[0].numbers) == ("basic1 + basic2", "73,984 + 73,984")


def test_paths_of_different_jumps_are_unknown() -> None:
    net = cnncalc.loads("""\
        input: 8x8x1
        layers:
          - concat:
              branches:
                - [{conv: {filters: 1, kernel: 3, pad: 1}}]
                - [{maxpool: 2}, {conv_transpose: {filters: 1, kernel: 5}}]
          - conv: {filters: 1, kernel: 3}
        """)
    for name in net.layer_names:
        (one,) = net.explain(name, "receptive_field")
        assert one.steps


def test_an_unknown_quantity_or_layer_is_refused_with_the_nearest() -> None:
    net = cnncalc.load("alexnet")
    with pytest.raises(cnncalc.SpecError, match="did you mean 'params'"):
        net.explain("conv1", "parms")
    with pytest.raises(cnncalc.SpecError, match="did you mean conv1"):
        net.explain("conv11")


def test_shared_weights_are_counted_where_they_are() -> None:
    net = cnncalc.loads(
        "input: 8x8x1\nlayers:\n- conv: {name: one, filters: 1, kernel: 3, pad: 1}\n"
        "- conv: {name: two, filters: 1, kernel: 3, pad: 1, share: one}\n"
    )
    (one,) = net.explain("two", "weights")
    assert (one.result, one.steps[0].numbers) == ("0", "shared with one, which counts them")


def test_every_derivation_is_shown() -> None:
    for net in (cnncalc.loads(EVERY_OP), cnncalc.load("colorization")):
        for layer in ("total", *net.layer_names):
            for derived in (net.explain(layer), net.explain(layer, "receptive_field")):
                assert render(layer, derived).startswith(f"{layer}\n\n")
