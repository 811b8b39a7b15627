"""compare and diff: totals beside each other, and what turns one network into another."""

from __future__ import annotations

import json
from itertools import combinations
from math import log
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

import cnncalc
from cnncalc.cli import main
from cnncalc.compare.compare import compare, stages
from cnncalc.compare.diff import Difference, diff
from cnncalc.draw.font import text_width
from cnncalc.page import comparison_picture

CROWD = (
    "alexnet", "vgg16", "vgg19", "googlenet", "inception_v3", "resnet18", "resnet34", "resnet50", "resnet101",
    "densenet121", "densenet169", "densenet201", "mobilenet_v1", "lenet5",
)  # fmt: skip


def asked(capsys: pytest.CaptureFixture[str], *argv: str, code: int = 0) -> Any:
    """The JSON that a command prints."""
    assert main([*argv, "--format", "json"]) == code
    return json.loads(capsys.readouterr().out)


def difference(a: str, b: str) -> Difference:
    nets = [cnncalc.loads(text) if "\n" in text else cnncalc.load(text) for text in (a, b)]
    return diff(nets[0].report(), nets[1].report())


def changes(a: str, b: str) -> list[tuple[str, str | None, str | None, dict[str, Any]]]:
    """Every change: its kind, the names of the layers, the fields."""
    found = difference(a, b)
    return [
        (
            change.kind,
            None if change.a is None else found.a.layers[change.a].name,
            None if change.b is None else found.b.layers[change.b].name,
            change.fields,
        )
        for change in found.changes
    ]


# --- compare ---------------------------------------------------------------------------------------------------------


def test_networks_are_compared_to_the_first(capsys: pytest.CaptureFixture[str]) -> None:
    networks = asked(capsys, "compare", "alexnet", "vgg16", "resnet50")["networks"]
    assert [one["network"] for one in networks] == ["alexnet", "vgg16", "resnet50"]
    assert [one["depth"] for one in networks] == [8, 16, 50]
    assert [one["totals"]["params"] for one in networks] == [62378344, 138357544, 25557032]
    assert networks[0]["ratios"]["macs"] == 1
    assert networks[1]["ratios"]["macs"] == round(15470264320 / 1135256096, 4)
    assert networks[2]["ratios"]["params"] == round(25557032 / 62378344, 4)
    assert set(networks[0]["ratios"]) == set(networks[0]["totals"])


def test_a_ratio_to_nothing_is_null() -> None:
    lenet, resnet = (cnncalc.load(name).report() for name in ("lenet5", "resnet18"))
    assert compare([lenet, resnet])[1].ratios["buffers"] is None
    assert compare([resnet, lenet])[1].ratios["buffers"] == 0


def test_the_shares_of_the_stages_add_up_to_the_whole(capsys: pytest.CaptureFixture[str]) -> None:
    networks = asked(capsys, "compare", "googlenet", "resnet50", "--by", "layer")["networks"]
    for network in networks:
        for key in ("params", "macs"):
            assert sum(stage[key] for stage in network["stages"]) <= network["totals"][key]
        assert sum(stage["shares"]["macs"] for stage in network["stages"]) == pytest.approx(
            1, abs=0.002
        )
    report = cnncalc.load("googlenet").report()
    assert "aux1" not in [stage.row.name for stage in stages(report)]
    fc = next(stage for stage in stages(report) if stage.row.name == "fc")
    assert fc.shares["params"] == round(1025000 / 6998552, 4)


def test_a_table_of_networks_has_their_ratios(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "alexnet", "vgg16", "--format", "csv"]) == 0
    head, first, second = capsys.readouterr().out.splitlines()
    assert head.startswith("network,input,depth,params,params_ratio,macs,macs_ratio")
    assert first.startswith("alexnet,227×227×3,8,62378344,1.00,1135256096,1.00")
    assert second.startswith("vgg16,224×224×3,16,138357544,2.22,15470264320,13.63")


def test_settings_hold_for_every_network(capsys: pytest.CaptureFixture[str]) -> None:
    networks = asked(capsys, "compare", "vgg16", "vgg19", "--set", "classes=10")["networks"]
    lost = 990 * (4096 + 1)  # weights and biases of the last layer
    assert [one["totals"]["params"] for one in networks] == [138357544 - lost, 143667240 - lost]


def test_the_plot_puts_parameters_against_macs_and_activations_are_areas(tmp_path: Path) -> None:
    names = ("alexnet", "vgg16", "resnet50", "lenet5")
    file = tmp_path / "plot.svg"
    assert main(["compare", *names, "-o", str(file)]) == 0
    root = ElementTree.parse(file).getroot()
    totals = {name: cnncalc.load(name).report().totals for name in names}
    circles = [
        tuple(float(circle.attrib[key]) for key in ("cx", "cy", "r"))
        for circle in root.iter("{http://www.w3.org/2000/svg}circle")
    ]
    by_area = sorted(names, key=lambda name: -totals[name].activations)
    across = [x for x, _, _ in circles]
    for (one, (x, y, r)), (other, (v, w, s)) in combinations(zip(by_area, circles, strict=True), 2):
        a, b = totals[one], totals[other]
        assert (x < v) == (a.params < b.params)
        assert (y > w) == (a.macs < b.macs)
        if other != "lenet5":  # which would be too small to see
            assert (r / s) ** 2 == pytest.approx(a.activations / b.activations, rel=0.05)
    ratio = log(totals["vgg16"].params / totals["lenet5"].params)
    shown = (max(across) - min(across)) / log(10)
    ticks = [
        (text.text, float(text.attrib["x"]))
        for text in root.iter("{http://www.w3.org/2000/svg}text")
        if text.text in ("1M", "10M") and text.attrib["text-anchor"] == "middle"
    ]
    decade = abs(ticks[0][1] - ticks[1][1])
    assert shown * log(10) / decade == pytest.approx(ratio / log(10), rel=0.01)
    texts = {text.text for text in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {"AlexNet, one tower", "VGG-16 (configuration D)", "ResNet-50", "LeNet-5"} <= texts


def test_no_names_of_a_plot_overlap() -> None:
    reports = [cnncalc.load(name).report() for name in CROWD]
    root = ElementTree.fromstring(comparison_picture(reports, "ko", "dark"))
    boxes = []
    for text in root.iter("{http://www.w3.org/2000/svg}text"):
        if text.get("class") == "dot-text" and text.text is not None:
            half = text_width(text.text, 10) / 2
            boxes.append((float(text.attrib["x"]), float(text.attrib["y"]), half))
    assert len(boxes) == len(CROWD)
    for (x, y, a), (v, w, b) in combinations(boxes, 2):
        assert abs(y - w) >= 10 or abs(x - v) >= a + b


def test_a_picture_of_unknown_kind_is_a_table(tmp_path: Path) -> None:
    file = tmp_path / "networks.csv"
    assert main(["compare", "alexnet", "vgg16", "-o", str(file)]) == 0
    assert file.read_text(encoding="utf-8").startswith("network,")


# --- diff ------------------------------------------------------------------------------------------------------------


def test_the_stride_of_resnet50_moved_in_three_places() -> None:
    """He et al. 2015 have it in the first 1×1; torchvision in the 3×3, 231 million MACs more (facts: 4,089,184,256)."""
    moved = [
        change for change in changes("resnet50", "torchvision/resnet50") if change[0] == "moved"
    ]
    scopes = [f"conv{stage}_x/bottleneck1" for stage in (3, 4, 5)]
    assert [change[1] for change in moved] == [f"{scope}/conv1" for scope in scopes]
    assert all((change[2] or "").endswith("/conv2") for change in moved)
    assert [change[3] for change in moved] == [{"stride": ((2, 2), (2, 2))}] * 3


def test_the_effect_on_every_total_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    document = asked(capsys, "diff", "resnet50", "torchvision/resnet50", code=1)
    assert (document["a"], document["b"]) == ("resnet50", "torchvision/resnet50")
    assert document["totals"]["difference"]["macs"] == 4089184256 - 3857973248
    assert document["totals"]["difference"]["params"] == 0
    assert document["totals"]["a"]["macs"] == 3857973248
    kinds = {change["kind"] for change in document["changes"]}
    assert kinds <= {"added", "removed", "changed", "moved"}
    for change in document["changes"]:
        assert (change["a"] is None) == (change["kind"] == "added")
        assert (change["b"] is None) == (change["kind"] == "removed")
    row = next(change["b"] for change in document["changes"] if change["kind"] == "moved")
    assert row["op"] == "conv"


def test_the_text_says_once_what_happened_in_several_places(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["diff", "resnet50", "torchvision/resnet50"]) == 1
    text = capsys.readouterr().out
    assert (
        "moved  stride 2 from the 1×1 conv to the 3×3 conv\n    in 3 places: conv3_x/bottleneck1"
        in text
    )
    assert main(["diff", "resnet50", "resnet101", "--lang", "ko"]) == 1
    text = capsys.readouterr().out
    assert "추가  bottleneck\n    17곳: conv4_x/bottleneck7" in text


@pytest.mark.parametrize(
    "name", ["alexnet", "googlenet", "densenet121", "torchvision/shufflenet_v2_x1_0"]
)
def test_a_network_does_not_differ_from_itself(name: str) -> None:
    assert changes(name, name) == []
    assert main(["diff", name, name]) == 0


BASE = """
input: 16x16x3
layers:
  - conv: {name: a, filters: 8, kernel: 3, pad: 1}
  - relu
  - conv: {name: b, filters: 8, kernel: 3, pad: 1}
  - add: {name: sum, from: [a, b]}
  - fc: {name: out, units: 10}
"""


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param("filters: 8, kernel: 3, pad: 1}\n  - relu", "filters: 8, kernel: 5, pad: 2}\n  - relu",
            [("changed", "a", "a", {"kernel": ((3, 3), (5, 5)), "pad": (((1, 1), (1, 1)), ((2, 2), (2, 2)))})],
            id="fields of one layer"),
        pytest.param("  - relu\n", "", [("removed", "relu1", None, {})], id="a layer less"),
        pytest.param("  - fc", "  - dropout: 0.5\n  - fc", [("added", None, "dropout1", {})], id="a layer more"),
        pytest.param("[a, b]", "[relu1, b]", [("changed", "sum", "sum", {"inputs": (("a", "b"), ("relu1", "b"))})],
            id="another source"),
        pytest.param("16x16x3", "32x32x3",
            [("changed", "input", "input", {"output": ((16, 16, 3), (32, 32, 3))})],
            id="sizes that follow from the input are no changes of their own"),
        pytest.param("units: 10", "units: 100", [("changed", "out", "out", {"units": (10, 100)})], id="units"),

        pytest.param("  - relu\n", "  - gelu\n", [("removed", "relu1", None, {}), ("added", None, "gelu1", {})],
            id="another kind"),
    ],
)  # fmt: skip
def test_a_change_is_found(old: str, new: str, expected: list[Any]) -> None:
    assert old in BASE
    assert changes(BASE, BASE.replace(old, new, 1)) == expected


def test_a_layer_that_stands_elsewhere_moved() -> None:
    text = (
        "input: 8x8x4\nlayers:\n- conv: {name: first, filters: 4, kernel: 5, pad: 2}\n"
        "- conv: {filters: 4, kernel: 3, pad: 1}\n- maxpool: 2\n- lrn\n- fc: 3\n"
    )
    line = "- conv: {name: first, filters: 4, kernel: 5, pad: 2}\n"
    other = text.replace(line, "").replace("- lrn\n", f"- lrn\n{line}")
    assert [change[:3] for change in changes(text, other)] == [("moved", "first", "first")]


def test_the_names_of_layers_do_not_matter_where_they_differ_throughout() -> None:
    """The same layers under other names: nothing changed."""
    lines = "".join(
        f"- conv: {{name: {{prefix}}{at}, filters: {8 * at}, kernel: 3}}\n" for at in range(1, 6)
    )
    one, other = (
        f"input: 32x32x3\nlayers:\n{lines.replace('{prefix}', prefix)}" for prefix in "ab"
    )
    assert changes(one, other) == []


def test_a_notebook_shows_what_differs() -> None:
    shown = difference("resnet50", "torchvision/resnet50")._repr_html_()
    assert "stride 2 from the 1×1 conv to the 3×3 conv" in shown
    assert "+231,211,008" in shown


def test_a_network_is_compared_with_itself_changed(capsys: pytest.CaptureFixture[str]) -> None:
    found = asked(capsys, "diff", "vgg16", "--set", "conv1_1.filters=32", code=1)
    (change,) = [one for one in found["changes"] if "filters" in one["fields"]]
    assert change["fields"]["filters"] == [64, 32]
    lost = 32 * (3 * 9 + 1) + 64 * 32 * 9  # its own filters, and the next one's channels
    assert found["totals"]["difference"]["params"] == -lost


def test_one_network_without_a_change_is_no_question(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "vgg16"]) == 2
    assert "there is nothing to compare with" in capsys.readouterr().err


def test_unknown_networks_and_words_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "resnet50", "resnet5"]) == 2
    assert main(["compare", "alexnet", "--by", "layers"]) == 2
    assert "did you mean 'layer'?" in capsys.readouterr().err
