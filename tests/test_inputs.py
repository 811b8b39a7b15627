"""Networks of several inputs, and layers whose counts the engine cannot work out."""

from __future__ import annotations

import json
from typing import Any

import pytest

import cnncalc
from cnncalc.cli import main
from cnncalc.models import ModelFile
from cnncalc.models.builder import Builder
from cnncalc.tables.documents import report_document

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


def test_a_vector_before_a_map_is_counted_for_each_size_of_the_map() -> None:
    text = """
input: {v: 8, m: 4x4x8}
layers:
  - multiply: {name: large, from: [v, m]}
  - maxpool: {name: p, kernel: 2, from: m}
  - multiply: {name: small, from: [v, p]}
  - multiply: {name: vectors, from: [v, v]}
"""
    nodes = {node.name: node for node in cnncalc.loads(text).graph.nodes}
    counts = {"large": 4 * 4 * 8, "small": 2 * 2 * 8, "vectors": 8}
    assert {name: nodes[name].facts.events["mul"] for name in counts} == counts


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


# --- layers that are not looked into ----------------------------------------------------------------------------------

OPAQUE = """
input: 14x14x8
layers:
  - conv: {filters: 4, kernel: 1, bias: false}
  - opaque: {name: stated, output: 14x14x16, params: 1000, macs: 2000}
  - unknown: {name: strange, of: "com.acme:Foo", output: 7x7x3, from: [conv1, stated]}
  - fc: {units: 2, bias: false}
"""
LEAST = {
    "weights": 4 * 8 + 1000 + 2 * 147,
    "biases": 0,
    "params": 4 * 8 + 1000 + 2 * 147,
    "macs": 14 * 14 * 4 * 8 + 2000 + 2 * 147,
}


def document(text: str) -> dict[str, Any]:
    return report_document(cnncalc.loads(text).report())


def test_what_is_not_known_is_null_and_totals_say_at_least_how_much() -> None:
    found = document(OPAQUE)
    strange = found["layers"][3]
    assert (strange["op"], strange["of"]) == ("unknown", "com.acme:Foo")
    assert [strange[name] for name in ("weights", "params", "macs", "ops")] == [None] * 4
    assert (strange["output"], strange["outputs"], strange["buffers"]) == ([7, 7, 3], 147, 0)
    assert "of" not in found["layers"][2]
    totals = found["totals"]
    assert [totals[name] for name in (*LEAST, "ops", "training_bytes")] == [None] * 6
    assert {name: totals["at_least"][name] for name in LEAST} == LEAST
    assert totals["at_least"]["ops"] == 2 * LEAST["macs"]
    assert totals["outputs"] == 14 * 14 * (8 + 4 + 16) + 147 + 2


def test_parameters_that_are_known_stay_known() -> None:
    found = document(OPAQUE.replace("output: 7x7x3", "output: 7x7x3, params: 5"))
    assert found["layers"][3]["params"] == 5
    assert found["totals"]["params"] == LEAST["params"] + 5
    assert set(found["totals"]["at_least"]) == {"macs", "ops", "training_bytes"}


def test_without_anything_unknown_nothing_is_null() -> None:
    found = document(OPAQUE.replace("unknown", "opaque"))
    assert "at_least" not in found["totals"]
    assert found["totals"]["macs"] == LEAST["macs"]


def test_a_side_that_is_unknown_leaves_the_totals_known() -> None:
    text = "input: 8\nlayers: [{side: [{unknown: {output: 3}}]}, relu]"
    assert cnncalc.loads(text).report().totals.unknown == ()
    assert "macs" in cnncalc.loads(text).report(with_side=True).totals.unknown


def test_a_folded_row_is_unknown_where_a_part_of_it_is() -> None:
    text = (
        "input: 8\nlayers: [{repeat: {name: r, times: 1, layers: [{unknown: {output: 3}}, fc: 2]}}]"
    )
    row = cnncalc.loads(text).report(depth=1).rows[1]
    assert (row.name, row.macs, "macs" in row.unknown) == ("r", 6, True)


def test_nothing_is_known_of_what_is_seen_behind_it() -> None:
    found = rows(OPAQUE.replace("fc", "relu: {name: last}\n  - fc"))
    assert found["conv1"].receptive_field == (1, 1)
    assert found["stated"].receptive_field == found["last"].receptive_field == (None, None)


def test_tables_say_at_least_and_csv_leaves_the_cell_empty(
    capsys: pytest.CaptureFixture[str], tmp_path: Any
) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(OPAQUE, encoding="utf-8")
    assert main(["flops", str(path), "--format", "plain"]) == 0
    shown = capsys.readouterr().out
    assert f"≥ {LEAST['macs']:,}" in shown
    assert "not known of strange (com.acme:Foo)" in shown
    assert main(["flops", str(path), "--format", "csv"]) == 0
    assert "strange,unknown,7x7x3,,," in capsys.readouterr().out
    assert main(["explain", str(path), "total", "macs"]) == 0
    assert f"at least {LEAST['macs']:,}" in capsys.readouterr().out
    assert main(["explain", str(path), "strange", "macs"]) == 0
    assert "macs = unknown" in capsys.readouterr().out


def test_a_claim_of_what_is_not_known_is_missed() -> None:
    text = OPAQUE + "claims: [{macs: 8k, source: a page}, {activations: 2401, source: a page}]"
    verdicts = cnncalc.loads(text).check_claims()
    assert verdicts[0].problem is not None
    assert "the MACs of com.acme:Foo are not known" in str(verdicts[0].problem)
    assert verdicts[1].problem is not None
    assert "not 2401" in str(verdicts[1].problem)


def test_strict_refuses_what_is_not_known(
    capsys: pytest.CaptureFixture[str], tmp_path: Any
) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(OPAQUE, encoding="utf-8")
    assert main(["params", str(path), "--strict"]) == 2
    assert (
        f"{path}:6:5: error: strange: the MACs of com.acme:Foo are not known"
        in capsys.readouterr().err
    )
    assert main(["validate", str(path)]) == 0
    assert "note: strange: what com.acme:Foo costs is not known" in capsys.readouterr().err
    assert main(["validate", str(path), "--strict"]) == 2
    assert "error: strange: the MACs of com.acme:Foo are not known" in capsys.readouterr().err
    path.write_text(OPAQUE.replace("unknown", "opaque"), encoding="utf-8")
    assert main(["params", str(path), "--strict"]) == 0
    assert main(["validate", str(path), "--strict"]) == 0


def test_a_model_files_unknown_op_is_such_a_row() -> None:
    builder = Builder(ModelFile("net.onnx", "onnx"), "net")
    arriving = builder.input("x", (4, 4, 3))
    builder.unknown("com.acme:Foo", [arriving], (2, 2, 3), params=7, name="odd")
    node = builder.model().graph.nodes[-1]
    assert (node.kind, node.op.of, node.output, node.facts.weights) == (
        "unknown",
        "com.acme:Foo",
        (2, 2, 3),
        7,
    )
    with pytest.raises(cnncalc.SpecError, match="no shape for it"):
        builder.unknown("com.acme:Foo", [arriving], None)
