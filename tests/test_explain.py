"""Derivations of memory and buffers, in the words that people use, behind a change of rank, and their letters."""

from __future__ import annotations

import json

import pytest

import cnncalc
from cnncalc.cli import main
from cnncalc.explain.legend import legend
from cnncalc.ops.base import Step
from cnncalc.text.exact import whole

NETWORKS = ("lenet5", "alexnet", "googlenet", "resnet18")


def added(step: Step) -> int:
    """The sum of a step's terms."""
    return sum(int(term.replace(",", "")) for term in step.numbers.split(" + "))


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam"])
def test_the_parts_of_training_add_up(name: str, optimizer: str) -> None:
    net = cnncalc.load(name)
    (derived,) = net.explain("total", "training", optimizer=optimizer, batch=4)
    totals = net.report(optimizer=optimizer, batch=4).totals
    assert derived.result == f"{totals.training_bytes:,} bytes"
    assert added(derived.steps[-1]) == totals.training_bytes
    slots = {"sgd": 0, "momentum": 1, "adam": 2}[optimizer]
    kept = next(step for step in derived.steps if step.symbol == "kept")
    assert totals.training_bytes == totals.params * 4 * (2 + slots) + int(
        kept.result.removesuffix(" bytes").replace(",", "")
    )


@pytest.mark.parametrize("name", NETWORKS)
def test_the_tensors_at_the_peak_add_up(name: str) -> None:
    net = cnncalc.load(name)
    (derived,) = net.explain("total", "peak")
    assert added(derived.steps[0]) == net.report().totals.peak_bytes


def test_the_peak_of_vgg16_is_its_first_two_maps() -> None:
    (derived,) = cnncalc.load("vgg16").explain("total", "peak")
    assert derived.steps[0].formula == "conv1_1 + conv1_2"
    assert derived.result == f"{2 * 224 * 224 * 64 * 4:,} bytes"


def test_buffers_are_a_mean_and_a_variance_a_channel() -> None:
    (derived,) = cnncalc.load("resnet50").explain("bn1", "buffers")
    assert (derived.steps[0].formula, derived.result) == ("C + C", "128")


@pytest.mark.parametrize(
    ("asked", "quantity"),
    [
        (("CONV1", "rf"), "receptive_field"),
        (("conv1", "shape"), "output"),
        (("Conv1", "Parameters"), "params"),
        (("conv1", "파라미터"), "params"),
        (("params",), "params"),
        (("training",), "training bytes"),
        (("TOTAL", "macs"), "macs"),
    ],
)
def test_the_words_that_people_use(asked: tuple[str, ...], quantity: str) -> None:
    (derived,) = cnncalc.load("alexnet").explain(*asked)
    assert derived.quantity == quantity


@pytest.mark.parametrize(
    ("spec", "layer"),
    [
        (
            "input: 100\nlayers: [fc: 16, reshape: 2x2x4, conv_transpose: "
            "{filters: 3, kernel: 5, stride: 2, pad: same}]",
            "conv_transpose1",
        ),
        ("input: 4x4x3\nlayers: [reshape: 8x6, conv: {filters: 2, kernel: 3}]", "conv1"),
        (
            "input: 8x1\nlayers: [conv_transpose: {filters: 1, kernel: 1, stride: 2, pad: [[1, 0]]}, "
            "slice: {stride: 2}]",
            "slice1",
        ),
        ("input: 100\nlayers: [broadcast: 3x3, conv: {filters: 2, kernel: 3}]", "conv1"),
    ],
)
def test_a_change_of_rank_and_a_field_that_sees_nothing(spec: str, layer: str) -> None:
    net = cnncalc.loads(spec)
    assert net.explain(layer)
    assert net.explain(layer, "receptive_field")


def test_the_result_is_a_number_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "alexnet", "conv1", "--format", "json"]) == 0
    values = {
        one["quantity"]: one["value"] for one in json.loads(capsys.readouterr().out)["derivations"]
    }
    assert values["params"] == 34944
    assert values["output"] == [55, 55, 96]
    assert values["memory"] == 1161600


def test_an_fcs_parameters_are_derived_whole() -> None:
    (derived,) = cnncalc.load("alexnet").explain("fc1", "params")
    assert [step.numbers for step in derived.steps] == [
        "6·6·256·4096",
        "4096",
        "37,748,736 + 4,096",
    ]
    assert whole(6 * 6 * 256 * 4096 + 4096) == 37_752_832


def test_letters_are_those_of_the_formulas() -> None:
    said = legend([Step("O", "(N + 2P − F)/S + 1", "", ""), Step("x", "c1 + r3 + pool", "", "")])
    assert said == "N input size, F kernel size, S stride, P pad on each side"
    assert "커널" in legend([Step("x", "F_h·F_w", "", "")], "ko")


@pytest.mark.parametrize(
    ("asked", "result"),
    [("outputs", "290,400"), ("output values", "290,400"), ("output_bytes", "1,161,600 bytes")],
)
def test_what_a_layer_puts_out_is_derived_though_nobody_counts_it(asked: str, result: str) -> None:
    """55·55·96 values of relu1, of 4 bytes; the lectures count conv1's and not these."""
    (derived,) = cnncalc.load("alexnet").explain("relu1", asked)
    assert derived.result == result
    total = cnncalc.load("alexnet").explain("total", asked)[0].result
    convs = 154587 + 2 * (290400 + 69984 + 186624 + 2 * 43264) + 4 * 64896 + 9216
    outputs = convs + 6 * 4096 + 2 * 1000  # beside each fc a ReLU and a dropout, or the softmax
    assert total.split()[0] == f"{outputs if asked != 'output_bytes' else 4 * outputs:,}"


@pytest.mark.parametrize(
    ("net", "layer", "quantity", "words", "said"),
    [
        ("alexnet_two_towers", "conv2", "weights", "(C/g)", True),
        ("alexnet", "conv2", "weights", "(C/g)", False),
        ("alexnet", "fc1", "output", "flattened", True),
        ("alexnet", "fc2", "output", "flattened", False),
    ],
)
def test_groups_and_flattening_are_said_where_they_are(
    net: str, layer: str, quantity: str, words: str, said: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", net, layer, quantity]) == 0
    assert (words in capsys.readouterr().out) == said
