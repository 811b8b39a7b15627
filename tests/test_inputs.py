"""Networks of several inputs, and layers whose counts the engine cannot work out."""

from __future__ import annotations

import json
from typing import Any

import pytest

import cnncalc
from cnncalc.__main__ import main

TWO = """
input: {image: 32x32x3, mask: 32x32x1, age: 4}
params: {width: channels * 2}
layers:
  - conv: {name: stem, filters: width, kernel: 3, pad: 1}
  - conv: {name: seen, from: mask, filters: width, kernel: 5, pad: 2}
  - add: {from: [stem, seen]}
  - globalavgpool
  - flatten: {name: flat}
  - fc: {name: told, from: age, units: 8}
  - concat: {name: both, from: [flat, told]}
  - fc: 10
"""


def rows(text: str, **options: Any) -> dict[str, Any]:
    return {row.name: row for row in cnncalc.loads(text, **options).report().rows}


def test_the_first_rows_are_the_inputs_in_order() -> None:
    report = cnncalc.loads(TWO).report()
    assert [(row.name, row.op, row.output, row.inputs) for row in report.rows[:4]] == [
        ("image", "input", (32, 32, 3), ()),
        ("mask", "input", (32, 32, 1), ()),
        ("age", "input", (4,), ()),
        ("stem", "conv", (32, 32, 6), ("image",)),
    ]
    assert report.input == (32, 32, 3)


def test_what_arrives_first_is_the_first_input_and_from_takes_the_others() -> None:
    found = rows(TWO)
    assert found["seen"].inputs == ("mask",)
    assert found["told"].inputs == ("age",)
    assert found["seen"].weights == 5 * 5 * 1 * 6
    assert found["told"].params == 4 * 8 + 8
    assert found["both"].output == (6 + 8,)


def test_activations_and_peak_count_every_input() -> None:
    pair = "input: {a: 4x4x1, b: 4x4x1}\nlayers: [add: {from: [a, b]}]"
    totals = cnncalc.loads(pair).report().totals
    assert totals.outputs == 3 * 16
    assert totals.activations == 2 * 16
    assert totals.peak_bytes == 3 * 16 * 4


def test_an_input_that_an_activation_reads_is_not_overwritten() -> None:
    text = "input: {a: 10, b: 10}\nlayers: [relu: {from: b}]"
    assert cnncalc.loads(text).report().totals.peak_bytes == (10 + 10 + 10) * 4


def test_an_unused_input_is_no_output() -> None:
    net = cnncalc.loads("input: {a: 10, b: 10}\nlayers: [relu]")
    assert net.graph.outputs() == (2,)


def test_an_input_of_the_same_positions_shares_the_first_ones_coordinates() -> None:
    found = rows(TWO)
    assert found["mask"].receptive_field == (1, 1)
    assert found["add1"].receptive_field == (5, 5)
    assert found["add1"].centred


def test_of_an_input_with_other_positions_nothing_is_seen() -> None:
    text = """
input: {image: 32x32x3, small: 8x8x3, vector: 6}
layers:
  - conv: {name: deep, filters: 6, kernel: 4, stride: 4}
  - conv: {name: own, from: small, filters: 6, kernel: 3, pad: 1}
  - add: {name: both, from: [deep, own]}
  - add: {name: gated, from: [both, vector]}
  - globalavgpool: {name: pooled, from: own}
"""
    found = rows(text)
    assert found["small"].receptive_field == found["own"].receptive_field == (0, 0)
    assert found["pooled"].receptive_field == (0, 0)
    assert found["both"].receptive_field == found["gated"].receptive_field == (4, 4)
    assert found["both"].jump == (4, 4)
    assert found["gated"].centred


@pytest.mark.parametrize(
    "given",
    ["image=16,mask=16x16", {"image": 16, "mask": (16, 16)}, {"image": "16", "mask": [16, 16, 1]}],
)
def test_sizes_are_given_by_name(given: Any) -> None:
    found = rows(TWO, input=given)
    assert found["image"].output == (16, 16, 3)
    assert found["mask"].output == (16, 16, 1)
    assert found["age"].output == (4,)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (64, "the network has 3 inputs: image, mask, age"),
        ("64x64", "the network has 3 inputs: image, mask, age"),
        ("maks=64", "the network has no input 'maks'"),
        ("mask=x", "'x' is not a size"),
    ],
)
def test_sizes_that_do_not_suit(given: Any, message: str) -> None:
    with pytest.raises(cnncalc.SpecError) as refusal:
        cnncalc.loads(TWO, input=given)
    (problem,) = refusal.value.problems
    assert problem.message == message


def test_a_parameter_may_give_the_size_of_any_input() -> None:
    text = (
        "input: {a: [size, 2], b: [size, 3]}\nparams: {size: 5}\nlayers: [concat: {from: [a, b]}]"
    )
    assert rows(text, set={"size": 7})["concat1"].output == (7, 5)


def test_a_mapping_of_one_names_the_one_input() -> None:
    net = cnncalc.loads(
        "input: {picture: 4x4x1}\nlayers: [relu, relu: {from: picture}, relu: {from: input}]"
    )
    assert [row.inputs for row in net.report().rows[1:]] == [("picture",)] * 3


def test_json_and_titles_name_every_input(
    capsys: pytest.CaptureFixture[str], tmp_path: Any
) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(TWO, encoding="utf-8")
    assert main(["summary", str(path), "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["input"] == {"image": [32, 32, 3], "mask": [32, 32, 1], "age": [4]}
    assert main(["shapes", str(path), "--format", "plain"]) == 0
    assert capsys.readouterr().out.startswith("net, image 32×32×3, mask 32×32×1, age 4\n")
    assert main(["validate", str(path)]) == 0
    assert capsys.readouterr().out.endswith("sound: 8 layers\n")


def test_the_pages_that_name_conventions_read_it_too(
    capsys: pytest.CaptureFixture[str], tmp_path: Any
) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(TWO, encoding="utf-8")
    assert main(["identify", str(path), "642", "--format", "json"]) in (0, 1)
    assert json.loads(capsys.readouterr().out)["input"]["age"] == [4]
    assert main(["reconcile", str(path), "standard", "torch"]) == 0
    assert "mask 32×32×1" in capsys.readouterr().out
