"""The Python interface: loading, reports and their options, derivations, notes, claims, notebooks, docstrings."""

from __future__ import annotations

import importlib
import inspect
import io
import pkgutil
import re
import sys
from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from arithmetic import evaluate, is_calculation

import cnncalc
from cnncalc.network import layer
from cnncalc.spec.quantities import ASKED

ROOT = Path(__file__).parent.parent
TINY = "name: tiny\ninput: 4x4x1\nparams: {width: 2}\nlayers: [{conv: {filters: width, kernel: 1}}, relu, {fc: 3}]\n"


# ---- loading --------------------------------------------------------------------------------------------------------


def test_the_readme_of_the_package() -> None:
    net = cnncalc.load("vgg16", input=224)
    assert net.report().totals.params == 138_357_544
    assert cnncalc.__doc__ is not None
    assert "138357544" in cnncalc.__doc__


def test_load_takes_a_name_an_alias_a_path_and_standard_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "tiny.yml"
    path.write_text(TINY)
    assert cnncalc.load("inception_v1").name == "googlenet"
    assert cnncalc.load("VGG16").name == "vgg16"
    assert cnncalc.load(path).name == cnncalc.load(str(path)).name == "tiny"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TINY.encode())))
    assert cnncalc.load("-").name == "tiny"


def test_a_file_does_not_hide_a_network_and_a_path_is_a_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("alexnet").write_text(TINY)
    assert cnncalc.load("alexnet").name == "alexnet"
    assert cnncalc.load("./alexnet").name == "tiny"
    assert cnncalc.load(Path("alexnet")).name == "tiny"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("vgg61", "did you mean vgg1"),
        ("", "there is no network ''"),
        ("none.yaml", "no such file"),
        ("../networks/vgg16", "there is no network"),
        ("/etc/none", "there is no network"),
        ("x" * 500, "there is no network"),
        ("vgg16\0", "there is no network"),
    ],
)
def test_what_cannot_be_loaded(name: str, said: str) -> None:
    with pytest.raises(cnncalc.SpecError) as caught:
        cnncalc.load(name)
    assert said in str(caught.value)
    assert len(caught.value.problems) == 1


def test_loads_calls_the_text_what_it_is_told() -> None:
    assert cnncalc.loads(TINY).name == "tiny"
    assert cnncalc.loads(TINY.replace("name: tiny\n", ""), name="some/where.yaml").name == "where"
    with pytest.raises(cnncalc.SpecError) as caught:
        cnncalc.loads("input: 4x4x1\nlayers: [rleu]\n", name="some/where.yaml")
    (problem,) = caught.value.problems
    assert (problem.file, problem.line, problem.column) == ("some/where.yaml", 2, 10)
    assert problem.hint == "did you mean 'relu'?"
    assert str(problem) in str(caught.value)
    assert isinstance(caught.value, ValueError)


def test_networks_are_the_names_that_load() -> None:
    listed = cnncalc.networks()
    assert list(listed) == sorted(listed)
    assert {"alexnet", "vgg16", "googlenet", "lenet5", "resnet50", "densenet121"} <= set(listed)
    assert "torchvision/mobilenet_v2" in listed


def test_one_layer() -> None:
    assert layer("conv", "32x32x3", filters=10, kernel=5, pad=2).report().totals.params == 760
    assert (
        layer("conv", (32, 32, 3), filters=10, kernel=[5, 3], bias=False).report().totals.params
        == 450
    )  # 5*3*3*10
    assert layer("fc", 10, units=3).report().totals.params == 33
    assert layer("conv", "8x8x1", filters=1, kernel=2, pad=[[0, 1], [0, 1]]).report().rows[
        1
    ].output == (8, 8, 1)
    assert layer("conv", "8x8x1", filters=1, kernel=3, pad="same").report().rows[1].output == (
        8,
        8,
        1,
    )
    assert layer("relu", "8x8x1").report().rows[1].op == "relu"
    with pytest.raises(cnncalc.SpecError, match="did you mean 'kernel'"):
        layer("conv", "8x8x1", filters=1, kernal=3)


def test_with_walks_the_same_spec_again() -> None:
    net = cnncalc.loads(TINY)
    other = net.with_(input=6, set={"width": 5})
    assert other.spec is net.spec
    assert (net.graph.input, other.graph.input) == ((4, 4, 1), (6, 6, 1))
    assert net.report().totals.params == 103  # 1*2 + 2 and 32*3 + 3
    assert other.report().totals.params == 553  # 1*5 + 5 and 180*3 + 3
    assert net.with_().report() == net.report()


def test_a_network_says_what_it_is() -> None:
    net = cnncalc.loads(TINY)
    assert repr(net) == "<cnncalc.Network tiny 4x4x1>"
    assert (net.name, net.title) == ("tiny", "tiny")
    assert cnncalc.load("vgg16").title == "VGG-16 (configuration D)"
    assert net.layer_names == ("input", "conv1", "relu1", "fc1")
    assert {"inception_3a", "inception_3a/c1", "aux1"} <= set(cnncalc.load("googlenet").layer_names)


# ---- reports --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"batch": 0}, "--batch is at least 1"),
        ({"batch": -3}, "--batch is at least 1"),
        ({"depth": 0}, "--depth is at least 1"),
        ({"dtype": "float31"}, "did you mean 'float32'"),
        ({"dtype": ""}, "--dtype cannot be ''"),
        ({"optimizer": "adagrad"}, "--optimizer cannot be"),
        ({"convention": "standart"}, "did you mean 'standard'"),
        ({"convention": "../networks/vgg16"}, "there is no convention"),
    ],
)
def test_wrong_options_of_a_report(options: dict[str, Any], said: str) -> None:
    with pytest.raises(cnncalc.SpecError, match=re.escape(said)):
        cnncalc.loads(TINY).report(**options)


def test_report_takes_its_options_by_name_alone() -> None:
    with pytest.raises(TypeError):
        cnncalc.loads(TINY).report(3)  # type: ignore[call-arg]


def test_rows_are_plain_frozen_values() -> None:
    report = cnncalc.loads(TINY).report()
    row = report.row("conv1")
    assert (row.weights, row.biases, row.params, row.macs, row.ops) == (2, 2, 4, 32, 64)
    with pytest.raises(AttributeError):
        row.weights = 3  # type: ignore[misc]
    with pytest.raises(AttributeError):
        report.rows[1].field.centred = False  # type: ignore[misc]
    with pytest.raises(KeyError, match="there is no row"):
        report.row("conv9")
    assert report == cnncalc.loads(TINY).report(), "equal texts give equal reports"


def test_a_report_shows_itself_as_its_table() -> None:
    shown = repr(cnncalc.loads(TINY).report())
    assert shown.splitlines()[0] == "tiny, input 4×4×1"
    assert all(name in shown for name in ("conv1", "total"))
    long = repr(cnncalc.load("resnet50").report())
    assert all(text in long for text in ("conv2_x", "25,557,032"))
    assert "conv2_x/" not in long, "blocks are one row where there are many"


def test_a_notebook_shows_a_table_and_a_drawing() -> None:
    shown = cnncalc.load("lenet5")._repr_html_()
    assert shown == cnncalc.load("lenet5").report()._repr_html_()
    assert shown.count("<table") == shown.count("</table>") == 1
    assert shown.count('<svg xmlns="http://www.w3.org/2000/svg"') == 1
    assert "60,000" in shown
    evil = cnncalc.loads(TINY.replace("name: tiny", "name: tiny\ntitle: <script>alert(1)</script>"))
    assert "<script>" not in evil._repr_html_()


def test_a_notebook_folds_blocks_and_opens_them() -> None:
    shown = cnncalc.load("googlenet")._repr_html_()
    folded, whole = shown.split("<details>")
    assert "inception_3a/c1" not in folded
    assert "inception_3a/c1" in whole.split("</details>")[0]
    folded_page = cnncalc.load("googlenet").report(depth=1)._repr_html_()
    assert folded_page is not None
    assert folded_page.count("<table") == 1


# ---- derivations ----------------------------------------------------------------------------------------------------

EXPLAINED = [
    "alexnet",
    "lenet5",
    "alexnet_two_towers",
    "torchvision/mobilenet_v2",
    "pix2pix_unet",
    "resnet50",
]


def result_of(text: str) -> Fraction:
    """A result as a number: its unit is left out."""
    return evaluate(text.removesuffix(" bytes"))


@pytest.mark.parametrize("name", EXPLAINED)
def test_every_calculation_that_is_explained_gives_its_result(name: str) -> None:
    """Each step's numbers, evaluated here, are the step's result; the last one's is the row's number."""
    net = cnncalc.load(name)
    report = net.report()
    seen: Counter[str] = Counter()
    for row in report.rows:
        for one in net.explain(row.name):
            for step in one.steps:
                if is_calculation(step.numbers) and is_calculation(
                    step.result.removesuffix(" bytes")
                ):
                    assert evaluate(step.numbers) == result_of(step.result), (row.name, step)
                    seen[one.quantity] += 1
    assert {
        "output",
        "weights",
        "params",
        "macs",
        "flops",
        "activations",
        "memory",
        "receptive_field",
    } <= set(seen)


@pytest.mark.parametrize("name", EXPLAINED)
def test_what_is_explained_is_what_the_report_has(name: str) -> None:
    net = cnncalc.load(name)
    report = net.report()
    for row in report.rows:
        found = {one.quantity: one.result for one in net.explain(row.name)}
        expected = {
            "weights": row.weights,
            "biases": row.biases,
            "params": row.params,
            "macs": row.macs,
            "flops": row.ops,
            "activations": row.activations,
            "memory": report.memory(row),
        }
        assert {key: result_of(found[key]) for key in expected} == expected, row.name
        assert found["output"] == "×".join(map(str, row.output))


@pytest.mark.parametrize(
    "quantity", ["weights", "biases", "params", "macs", "flops", "activations", "memory"]
)
@pytest.mark.parametrize("name", ["alexnet", "googlenet"])
def test_totals_are_explained_as_sums(name: str, quantity: str) -> None:
    net = cnncalc.load(name)
    totals = net.report().totals
    (one,) = net.explain("total", quantity)
    field = {"flops": "ops", "memory": "activations"}.get(quantity, quantity)
    assert result_of(one.result) == getattr(totals, field) * (4 if quantity == "memory" else 1)


def test_a_block_is_explained_as_the_sum_of_its_layers() -> None:
    net = cnncalc.load("googlenet")
    (one,) = net.explain("inception_3a", "params")
    # 192*64 + 64, 192*96 + 96, 9*96*128 + 128, 192*16 + 16, 25*16*32 + 32, 192*32 + 32
    assert evaluate(one.steps[-1].numbers) == 12_352 + 18_528 + 110_720 + 3_088 + 12_832 + 6_176
    assert result_of(one.result) == 163_696
    assert net.explain("inception_3a", "output")[0].result == "28×28×256"


def test_the_formulas_of_a_convolution() -> None:
    derived = cnncalc.load("alexnet").explain("conv1")
    steps = {(one.quantity, step.symbol): step for one in derived for step in one.steps}
    size = steps["output", "output height"]
    assert (size.formula, size.numbers, size.result) == (
        "O = (N + 2P − F)/S + 1",
        "(227 + 2·0 − 11)/4 + 1",
        "55",
    )
    assert steps["weights", "weights"].numbers == "11·11·3·96"
    assert steps["macs", "MACs"].numbers == "55·55·96·11·11·3"
    (grouped,) = cnncalc.load("alexnet_two_towers").explain("conv2", "weights")
    assert (grouped.steps[0].formula, grouped.steps[0].numbers) == (
        "F_h·F_w·(C/g)·K",
        "5·5·(96/2)·256",
    )


@pytest.mark.parametrize(
    ("op", "shape", "fields"),
    [
        (
            "conv",
            "11x8x4",
            {
                "filters": 6,
                "kernel": [3, 2],
                "stride": [2, 3],
                "pad": [[1, 2], [0, 1]],
                "dilation": [2, 1],
                "groups": 2,
            },
        ),
        ("conv", "7x7x1", {"filters": 1, "kernel": 3, "stride": 2, "pad": "same"}),
        ("conv", "19x19x4", {"filters": 1, "kernel": 1, "bias": "position"}),
        ("conv", "5x3", {"filters": 2, "kernel": 2, "connections": [[0, 2], [1]]}),
        (
            "conv_transpose",
            "3x4x2",
            {
                "filters": 1,
                "kernel": [3, 2],
                "stride": [2, 3],
                "pad": [[0, 1], [1, 0]],
                "output_pad": [1, 0],
            },
        ),
        ("conv_transpose", "4x4x4", {"filters": 6, "kernel": 3, "dilation": 2, "groups": 2}),
        ("conv_transpose", "4x4x1", {"filters": 1, "kernel": 3, "stride": 2, "pad": "same"}),
        ("maxpool", "3x3x1", {"kernel": 2, "stride": 2, "pad": 1, "ceil": True}),
        ("maxpool", "8x8x1", {"kernel": 3, "stride": 2, "dilation": 2, "ceil": True}),
        ("avgpool", "28x28x6", {"kernel": 2, "trainable": True}),
        ("adaptiveavgpool", "5x5x4", {"size": [3, 2]}),
        ("fc", "2x3x4x5", {"units": 2}),
        ("slice", "7x8x3", {"channels": [1, 2], "stride": [3, 1]}),
        ("pad", "4x4x3", {"size": 1, "channels": [[1, 2]]}),
        ("upsample", "4x5x3", {"scale": [2, 3], "mode": "bilinear"}),
        ("bn", "4x4x8", {}),
        ("groupnorm", "4x4x8", {"groups": 2}),
        ("prelu", "4x4x8", {"shared": False}),
        ("flatten", "4x4x8", {}),
        ("reshape", "4x4x8", {"shape": "16x8"}),
        ("globalavgpool", "4x4x8", {}),
    ],
)
def test_every_kind_of_calculation(op: str, shape: str, fields: dict[str, Any]) -> None:
    """Every step that has numbers in its formula's place evaluates to its result, window by window."""
    net = layer(op, shape, **fields)
    row = net.report().rows[1]
    sizes = []
    for one in net.explain(row.name):
        for step in one.steps:
            if is_calculation(step.numbers) and is_calculation(step.result.removesuffix(" bytes")):
                assert evaluate(step.numbers) == result_of(step.result), step
            if step.symbol.startswith("output "):
                sizes.append(int(step.result))
    assert not sizes or set(sizes) <= set(row.output[:-1])


def test_batch_dtype_and_convention_reach_the_derivation() -> None:
    (one,) = cnncalc.load("alexnet").explain("conv1", "memory", batch=32, dtype="float16")
    assert result_of(one.result) == 290_400 * 2 * 32
    assert evaluate(one.steps[-1].numbers) == 290_400 * 2 * 32


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("conv9", None), "did you mean conv"),
        (("conv1", "parms"), "did you mean 'params'"),
        (("", None), "has no layer ''"),
        (("total", "nothing"), "there is no quantity 'nothing'"),
        (("inception", None), "has no layer"),
    ],
)
def test_what_cannot_be_explained(asked: tuple[str, str | None], said: str) -> None:
    with pytest.raises(cnncalc.SpecError, match=re.escape(said)):
        cnncalc.load("alexnet").explain(*asked)


def test_the_quantities_are_the_contracts() -> None:
    assert set(ASKED) == {
        "output",
        "weights",
        "biases",
        "params",
        "macs",
        "flops",
        "activations",
        "memory",
        "receptive_field",
    }
    net = cnncalc.load("alexnet")
    for quantity in ASKED:
        assert net.explain("conv1", quantity)[0].quantity == quantity
        assert net.explain("total", quantity)[0].layer == "total"


# ---- notes and claims -----------------------------------------------------------------------------------------------


def noted(layers: str, input: str = "7x7x1") -> list[str]:
    return [note.message for note in cnncalc.loads(f"input: {input}\nlayers: {layers}\n").notes()]


def test_notes_say_where_a_filter_does_not_fit() -> None:
    (note,) = noted("[{conv: {filters: 1, kernel: 3, stride: 3}}]")
    assert note.startswith("conv1: the filter does not fit: 4/3")
    assert "rounded down" in note
    (note,) = noted("[{maxpool: {kernel: 2, ceil: true}}]")
    assert "rounded up" in note
    assert noted("[{conv: {filters: 1, kernel: 3, stride: 2}}]") == [], "(7 - 3)/2 is whole"
    assert noted("[{conv: {filters: 1, kernel: 3, stride: 2, pad: same}}]", "8x8x1") == [], (
        "same makes it fit"
    )
    uneven = "[{conv: {filters: 1, kernel: 3, stride: 2, pad: [[0, 1], [0, 1]]}}]"
    assert noted(uneven, "4x4x1") == [], "(4 + 0 + 1 - 3)/2 is whole"
    (note,) = noted(uneven, "5x5x1")
    assert "3/2" in note


def test_one_note_for_one_place_of_the_spec() -> None:
    notes = noted(
        "[{repeat: {times: 4, layers: [{maxpool: {kernel: 3, stride: 2}}]}}]", "128x128x1"
    )
    # (128 - 3)/2 + 1 = 63 does not fit; (63 - 3)/2 + 1 = 31 and 15 and 7 do
    assert len(notes) == 1
    assert notes[0].startswith("maxpool1:")


def test_a_note_has_a_place() -> None:
    (note,) = cnncalc.loads("input: 7x7x1\nlayers:\n  - maxpool: 2\n", name="net.yaml").notes()
    assert str(note).startswith("net.yaml:3:5: note: maxpool1: ")


@pytest.mark.parametrize(
    ("claim", "status"),
    [
        # TINY has 103 parameters, 98 weights, 5 biases; macs 16*2 + 32*3 = 128; values 16 + 32 + 3
        ("{params: 103}", "met"),
        ("{params: 104}", "missed"),
        ("{params: 0.1K}", "met"),
        ("{params: 0.10K}", "met"),
        ("{params: 0.103K}", "met"),
        ("{params: 0.104K}", "missed"),
        ("{weights: 98}", "met"),
        ("{biases: 5}", "met"),
        ("{macs: 128}", "met"),
        ("{flops: 256}", "met"),
        ("{activations: 51}", "met"),
        ("{memory: 204}", "met"),
        ("{output: 3}", "met"),
        ("{output: 4}", "missed"),
        ("{receptive_field: 1x1}", "met"),
        ("{params: 104, erratum: misprinted}", "erratum"),
        ("{params: 103, erratum: misprinted}", "missed"),
        ("{params: 203, set: {width: 4}}", "met"),  # 1*4 + 4 + 64*3 + 3
        ("{params: 13, input: 1x1x1}", "met"),  # 1*2 + 2 + 2*3 + 3
        ("{flops: 256, convention: standard}", "met"),
        ("{params: some}", "missed"),
        ("{params: 103, set: {deep: 1}}", "missed"),
    ],
)
def test_a_claim_is_held_to_the_digits_it_prints(claim: str, status: str) -> None:
    (verdict,) = cnncalc.loads(f"{TINY}claims: [{claim[:-1]}, source: hand}}]\n").check_claims()
    assert verdict.status == status
    assert (verdict.problem is not None) == (status == "missed")


def test_a_missed_claim_says_by_how_much_and_where() -> None:
    (verdict,) = cnncalc.loads(f"{TINY}claims: [{{params: 206, source: hand}}]\n").check_claims()
    assert verdict.problem is not None
    assert "tiny has params 103, not 206 (-50 %)" in str(verdict.problem)
    assert "erratum: WHY" in verdict.problem.hint
    assert (verdict.problem.line, verdict.problem.column) == (5, 19)


def test_an_erratum_that_is_met_is_none() -> None:
    (verdict,) = cnncalc.loads(
        f"{TINY}claims: [{{params: 103, erratum: misprinted, source: hand}}]\n"
    ).check_claims()
    assert verdict.problem is not None
    assert "params 103 meets 103, which the claim calls an erratum" in str(verdict.problem)
    assert "remove 'erratum'" in verdict.problem.hint


@pytest.mark.parametrize(
    ("claim", "status", "message"),
    [
        (
            "{params: 0.1K, near: a round number}",
            "missed",
            "meets 0.1K, which the claim calls near",
        ),
        ("{params: 90, near: a budget}", "near", ""),
        ("{params: 90, not-computable: who knows}", "not-computable", ""),
        ("{params: 90, erratum: misprinted}", "erratum", ""),
        ("{macs: 0.12K, near: not rounded}", "cut", ""),  # 8·8·2 = 128
        ("{macs: 0.12K, erratum: misprinted}", "missed", "cut and not rounded"),
        ("{params: 103 bytes}", "missed", "tiny has params 103, not 103 bytes"),
        ("{params: 90, near: a, erratum: b}", "", "a claim says one of erratum, near"),
    ],
)
def test_a_claim_that_is_not_met_says_why(claim: str, status: str, message: str) -> None:
    text = f"{TINY}claims: [{claim[:-1]}, source: hand}}]\n"
    if not status:
        with pytest.raises(cnncalc.SpecError, match=message):
            cnncalc.loads(text)
        return
    (verdict,) = cnncalc.loads(text).check_claims()
    assert verdict.status == status
    assert message in str(verdict.problem or "")


@pytest.mark.parametrize(
    ("claim", "message", "hint", "column"),
    [
        # 103 is 9.57 % more than 94, 10.8 % more than 93, 8.8 % less than 113; of 0 nothing is a part
        ("{params: 94}", "tiny has params 103, not 94 (+9.6 %)", "fix the spec, or say why", 19),
        ("{params: 93}", "tiny has params 103, not 93 (+11 %)", "fix the spec, or say why", 19),
        ("{params: 113}", "tiny has params 103, not 113 (-8.8 %)", "fix the spec, or say why", 19),
        ("{params: 1M}", "tiny has params 103, not 1M (-100 %)", "fix the spec, or say why", 19),
        ("{params: 0}", "tiny has params 103, not 0", "fix the spec, or say why", 19),
        # 120 is what 128 is cut to, which the claim does not say
        ("{macs: 0.12K}", "tiny has macs 128, not 0.12K (+6.7 %)", "fix the spec, or say why", 17),
        # with the 32 + 3 bias additions; MACs are what macs means, so that no convention is asked for
        ("{macs: 163}", "tiny has macs 128, not 163 (-21 %)", "that is what ptflops-aten counts; fix the spec", 17),
        ("{flops: 128}", "tiny has flops 256, not 128 (+100 %)", "that is what macs counts: add convention: macs", 18),
        ("{output: 4}", "tiny has output 3, not 4", "fix the spec, or say why", 19),
        ("{receptive_field: 2x2}", "tiny has receptive_field 1x1, not 2x2", "fix the spec, or say why", 28),
        # a mistake in what a claim asks for is shown where that stands
        ("{params: 103, input: 0x1x1}", "'0x1x1' is not a size", "write numbers from 1", 31),
        ("{params: 103, set: {width: x}}", "conv1: filters: expected a whole number", "", 19),
    ],
)  # fmt: skip
def test_what_is_said_of_a_claim_that_is_missed(
    claim: str, message: str, hint: str, column: int
) -> None:
    (verdict,) = cnncalc.loads(f"{TINY}claims: [{claim[:-1]}, source: hand}}]\n").check_claims()
    problem = verdict.problem
    assert problem is not None
    assert problem.message.startswith(message)
    assert problem.hint.startswith(hint)
    assert (problem.line, problem.column) == (5, column)


def test_a_claim_that_others_print_is_said_to_be_of_the_nearest_of_them() -> None:
    """torchvision prints num_params 61100840 of its AlexNet, which is also what that network has here."""
    text = TINY.replace("name: tiny", "name: tiny\nfamily: AlexNet")
    (verdict,) = cnncalc.loads(f"{text}claims: [{{params: 61.1M, source: hand}}]\n").check_claims()
    assert verdict.problem is not None
    printed, *stories = verdict.problem.hint.split("; ")
    assert printed.startswith("61100840: Krizhevsky 2014, torchvision")
    assert "".join(stories).startswith("fix the spec, or say why")


def test_a_claim_of_what_there_is_none_of() -> None:
    text = "name: v\ninput: 4\nlayers: [fc: 2]\nclaims: [{receptive_field: 3x3, source: hand}]\n"
    (verdict,) = cnncalc.loads(text).check_claims()
    assert verdict.problem is not None
    assert verdict.problem.message == "v has receptive_field none, not 3x3"


def test_a_claim_is_of_one_quantity() -> None:
    for claim in ("{source: hand}", "{params: 1, macs: 2}", "params", "{prams: 3}"):
        with pytest.raises(cnncalc.SpecError):
            cnncalc.loads(f"{TINY}claims: [{claim}]\n")


# ---- what is public -------------------------------------------------------------------------------------------------


def modules() -> list[str]:
    """Every module of the package that imports without an extra."""
    found = [
        module.name
        for module in pkgutil.walk_packages(cnncalc.__path__, "cnncalc.")
        if not module.name.endswith("__main__")
    ]
    return ["cnncalc", *found]


def test_public_things_have_docstrings() -> None:
    without = []
    for name in modules():
        module = importlib.import_module(name)
        assert module.__doc__, name
        for thing in vars(module).values():
            is_thing = inspect.isfunction(thing) or inspect.isclass(thing)
            is_ours = is_thing and thing.__module__ == name and not thing.__name__.startswith("_")
            is_made = name == "cnncalc.cli.report"  # its commands have their help in a table
            if is_ours and not is_made and not inspect.getdoc(thing):
                without.append(thing)
    assert not without


def test_everything_exported_is_there() -> None:
    for name in modules():
        module = importlib.import_module(name)
        for word in getattr(module, "__all__", ()):
            assert hasattr(module, word), (name, word)


def test_the_package_is_typed() -> None:
    assert (ROOT / "cnncalc" / "py.typed").is_file()


@pytest.mark.parametrize("digits", [13, 400, 4290])
def test_a_huge_batch_or_input_is_refused_by_its_limit(digits: int) -> None:
    net = cnncalc.load("lenet5")
    with pytest.raises(cnncalc.SpecError, match="beyond the limit of 1,000,000,000,000"):
        net.report(batch=10**digits)
    with pytest.raises(cnncalc.SpecError, match="numbers from 1 to 1,000,000,000,000"):
        net.with_(input="00000000000000000001" + "0" * digits)


def test_a_missed_claim_is_judged_as_an_answer_would_be() -> None:
    """98 = 1·2 + 32·3 are the weights alone; the conv has 2 biases and the fc 3."""
    (verdict,) = cnncalc.loads(f"{TINY}claims: [{{params: 98, source: hand}}]\n").check_claims()
    assert verdict.problem is not None
    assert "that is what weights-only counts: add convention: weights-only" in verdict.problem.hint
    net = cnncalc.loads(
        "name: own\nfamily: AlexNet\ninput: 8x8x1\nlayers: [fc: 2]\nclaims: [{params: 60M, source: hand}]\n"
    )
    problem = net.check_claims()[0].problem
    assert problem is not None
    assert "Krizhevsky et al. 2012" in problem.hint
