"""What `identify` and `reconcile` print: what stands in a row, and that rows add up. Facts are worked out beside."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

import cnncalc
from cnncalc.cli import main
from cnncalc.counts.page import (
    MAX_FITS,
    MAX_MEANINGS,
    identify_table,
    per_layer_table,
    relative_error,
    render,
)
from cnncalc.counts.reconcile import per_layer


def told(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What a command line prints."""
    main([*words])
    return capsys.readouterr().out


def lines(capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    """The lines that it prints, with one space between words."""
    return [" ".join(line.split()) for line in told(capsys, *words).splitlines()]


def rows(capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(told(capsys, *words, "--format", "csv"))))


# --- identify --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("distance", "said"),
    [
        (0.57505, "57.5 % more"),  # 96/60.950432
        (-0.5, "50.0 % less"),
        (4.388, "438.8 % more"),
        (0.0123, "1.2 % more"),
        (-0.0005, "0.05 % less"),  # to two digits where one place would show none
        (0.000123, "0.012 % more"),
        (0.0, "the same"),
    ],
)
def test_how_far_off_a_number_is(distance: float, said: str) -> None:
    assert relative_error(distance) == said


@pytest.mark.parametrize(
    ("number", "reading"),
    [
        # 60,950,432 bytes are 59,521.9 · 1024, 58.127 · 1024², 0.056765 · 1024³ and 0.000055434 · 1024⁴
        ("60,950,432 bytes", "exact"),
        ("60.95MB", "rounded"),
        ("59522KB", "rounded, K = 1024"),
        ("58.13MB", "rounded, M = 1024²"),
        ("0.05676GB", "rounded, G = 1024³"),
        ("0.00005543TB", "rounded, T = 1024⁴"),
        ("58.12MB", "cut, M = 1024²"),
        ("58.13MiB", "rounded"),  # which says itself what it is a power of
    ],
)
def test_a_reading_says_what_the_suffix_is_a_power_of(number: str, reading: str) -> None:
    (row,) = identify_table(cnncalc.load("vgg16").identify(number, "total")).rows
    assert (row[0], row[2], row[4]) == ("activation bytes", 60_950_432, reading)
    assert row[3] == "60.95 MB (58.1 MiB)"


def test_a_number_of_another_unit_says_which_it_has_not() -> None:
    """138M are VGG-16's parameters, and no bytes."""
    made = identify_table(cnncalc.load("vgg16").identify("138MB", "total"))
    assert made.rows[0][:3] == ("parameters", "total", 138_357_544)
    assert made.rows[0][4] == "rounded, but no bytes"
    assert made.title.endswith(
        "no bytes of VGG-16 (configuration D), input 224×224×3 give 138MB; something else does"
    )


def test_many_fits_are_cut_to_20_and_the_rest_is_counted() -> None:
    """1M is written with one digit, so that it stands for much in 150 layers."""
    found = cnncalc.load("resnet152").identify("1M")
    made = identify_table(found)
    assert len(found.fits) > len(made.rows) == MAX_FITS == 20
    assert [row[2] for row in made.rows] == [fit.value for fit in found.fits[:20]]
    assert made.notes[0] == f"{len(found.fits) - 20} more are left out; --layer LAYER asks for one"
    meanings = [note for note in made.notes[1:] if not note.startswith("another network")]
    assert len(set(meanings)) == len(meanings) <= MAX_MEANINGS


def test_nothing_is_left_out_of_20_or_fewer() -> None:
    made = identify_table(cnncalc.load("googlenet").identify("159k"))
    assert 1 < len(made.rows) <= 20
    assert not any("left out" in note for note in made.notes)


def test_a_row_names_what_has_the_value() -> None:
    """The 64 biases, and the 64 weights, of each of the batch norms with 64 channels, which no convention counts."""
    (row,) = identify_table(cnncalc.load("resnet50").identify("64")).rows
    assert row[0] == "weights, biases"
    assert (
        row[1] == "bn1 and 6 more"
    )  # bn1, and two in each of the three bottlenecks of the first stage
    (params,) = identify_table(cnncalc.load("vgg16").identify("138,357,544")).rows
    assert (params[0], params[1], params[5]) == ("parameters", "total", "")
    (macs,) = identify_table(cnncalc.load("resnet50").identify("3857973248")).rows
    assert (macs[0], macs[1], macs[5]) == (
        "MACs",
        "total",
        "macs, papers, torchvision, weights-only",
    )


def test_what_is_not_named_is_not_explained() -> None:
    """9 + 3 weights in all; 9 + 3 parameters of `a` have the same value, and stand behind them."""
    net = cnncalc.loads(
        "input: 4x4x3\nlayers:\n  - conv: {name: a, filters: 3, kernel: 1}\n"
        "  - conv: {name: b, filters: 1, kernel: 1, bias: false}\n"
    )
    made = identify_table(net.identify("12 params"))
    assert [row[:3] for row in made.rows] == [("weights", "total and 2 more", 12)]
    assert made.notes == ("weights: weights without biases",)


def test_a_quantity_of_a_convention_is_named_after_it(capsys: pytest.CaptureFixture[str]) -> None:
    """Nearest to 25.7M are Keras's 25,610,152, and the 25,557,032 with which torchvision's has the same."""
    made = identify_table(cnncalc.load("resnet50").identify("25.7M params", "total"))
    assert [row[:3] for row in made.rows[:2]] == [
        ("parameters by keras", "total", 25_610_152),
        ("parameters", "total", 25_557_032),
    ]
    assert [row[4] for row in made.rows[:2]] == ["0.4 % more", "0.6 % more"]
    assert "parameters: weights and biases" in made.notes
    assert "parameters by keras: weights, biases and running statistics" in made.notes


def test_a_layer_is_named_in_the_title() -> None:
    net = cnncalc.load("alexnet")
    where = "AlexNet, one tower, input 227×227×3"
    assert (
        identify_table(net.identify("34,944", "conv1")).title
        == f"what is 34,944 in conv1 of {where}"
    )
    assert (
        identify_table(net.identify("62,378,344", "total")).title
        == f"what is 62,378,344 in {where}"
    )
    assert identify_table(net.identify("62,378,344")).title == f"what is 62,378,344 in {where}"
    # no quantity is negative, so that none is near
    assert identify_table(net.identify("-5")).title == f"nothing of {where} gives -5"
    assert identify_table(net.identify("35,000", "conv1")).title == (
        f"nothing of conv1 of {where} gives 35,000; the nearest"
    )


def test_another_network_of_the_family_says_what_of_it() -> None:
    notes = identify_table(cnncalc.load("torchvision/resnet50").identify("3857973248")).notes
    assert notes[0] == (
        "another network of the family fits: resnet50 (ResNet-50), MACs 3,857,973,248, exact"
    )


# --- reconcile -------------------------------------------------------------------------------------------------------


def test_numbers_and_names_side_by_side(capsys: pytest.CaptureFixture[str]) -> None:
    """138/25.610152 is 5.388; ResNet-50's MACs are what six other conventions count."""
    said = lines(capsys, "reconcile", "resnet50", "138M", "15.4G", "3.86G")
    assert "138M is no count of this network: it is 438.8 % more than the nearest, keras" in said
    assert "keras 25,610,152 parameters, not operations" in said
    assert "3.86G is MACs, rounded; papers, torchvision, weights-only and 3 more too" in said
    assert said[-1] == "MACs 3,857,973,248"
    assert "= MACs 3,857,973,248" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        # 13 convolutions and 3 fc have 13,416 biases together
        ("vgg16 weights-only 138,357,544", "weights-only 138,344,128 parameters"),
        ("vgg16 weights-only 138,357,544", "= weights and biases 138,357,544"),
        ("vgg16 weights-only 138,357,544", "− biases 13,416 16 layers: conv, fc"),
        ("vgg16 138357544 138357544", "138357544 is weights and biases, exact; keras too"),
        ("vgg16 138357544 138357544", "weights and biases 138,357,544"),
        ("vgg16 138357544_bytes macs", "138357544 bytes is no count of this network: the nearest, weights and biases,"),
        ("vgg16 138357544_bytes macs", "has another unit"),
        ("alexnet macs macs", "= MACs, the same 1,135,256,096"),
        ("torchvision/resnet50 torchinfo macs", "+ fc biases 1,000 fc"),
        ("torchvision/resnet50 torchinfo macs", "+ batch norm γ and β 53,120 53 layers: bn"),
        ("torchvision/resnet50 4.11G macs", "4.11G is the FLOPs of fvcore, rounded"),
        ("torchvision/resnet50 4.11G macs", "fvcore 4,111,512,576 FLOPs"),
        # of a layer: 96 biases for each of 55·55 positions
        ("alexnet ptflops-aten macs --layer conv1", "conv1 of AlexNet, one tower, input 227×227×3"),
        ("alexnet ptflops-aten macs --layer conv1", "+ conv biases 290,400 conv1"),
    ],
)  # fmt: skip
def test_an_equation_line_by_line(
    words: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [word.replace("_", " ") for word in words.split()]
    assert said in lines(capsys, "reconcile", *given)


def test_numbers_end_in_one_column_and_sentences_keep_to_the_width() -> None:
    done = cnncalc.load("torchvision/resnet50").reconcile("5.5G", "thop", "3.8G", "macs")
    for width in (40, 60, 200):
        shown = render(done, width).splitlines()
        numbers = [re.search(r"  ([0-9][0-9,]+)(?:  |$)", line) for line in shown]
        assert len({found.end(1) for found in numbers if found}) == 1
        assert all(
            len(line) <= width for line, found in zip(shown, numbers, strict=True) if not found
        )
    assert render(done, 10) == render(done, 40), "no sentence is folded narrower"
    (first, more) = render(done, 60).splitlines()[2:4]
    assert (first[0], more[:2], more[2] != " ") == ("5", "  ", True)


def test_rows_of_an_equation_add_up(capsys: pytest.CaptureFixture[str]) -> None:
    listed = rows(capsys, "reconcile", "torchvision/resnet50", "keras", "thop", "macs")
    equations: dict[tuple[str, str], list[dict[str, str]]] = {}
    for row in listed:
        equations.setdefault((row["side"], row["of"]), []).append(row)
    assert set(equations) == {(name, "operations") for name in ("keras", "thop", "macs")} | {
        ("keras", "parameters")
    }
    for base, *parts, total in equations.values():
        assert int(base["amount"]) + sum(int(part["amount"]) for part in parts) == int(
            total["amount"]
        )
        assert (base["layers"], total["layers"]) == ("", "")
        assert total["what"].lstrip("'").startswith("= ")
        assert all(int(part["layers"]) > 0 for part in parts)
    # 53 batch norms have running statistics, a mean and a variance of each of 26,560 channels
    assert [
        (part["layers"], part["amount"]) for part in equations["keras", "parameters"][1:-1]
    ] == [("53", "53120")]


@pytest.mark.parametrize("layer", ["total", "layer1", "layer1/bottleneck1/conv1"])
def test_rows_of_layers_add_up_to_the_totals(layer: str) -> None:
    """Layers that both count alike stand in one row."""
    done = cnncalc.load("torchvision/resnet50").reconcile("torchinfo", "macs", layer=layer)
    made = per_layer_table(done, per_layer(done))
    first, second = (side.total for side in done.sides)
    assert made.totals is not None
    assert made.totals[2:5] == (first, second, first - second)
    assert tuple(sum(row[at] for row in made.rows) for at in (2, 3, 4)) == made.totals[2:5]
    assert [row[0] for row in made.rows].count("the others") == 1


def test_no_row_stands_for_layers_that_are_all_counted_otherwise() -> None:
    """A batch norm alone: torchinfo counts its 2 · 4 learned numbers, nobody's MACs are any of it."""
    done = cnncalc.loads("input: 8x8x4\nlayers: [bn]").reconcile("torchinfo", "macs")
    assert [row[:5] for row in per_layer_table(done, per_layer(done)).rows] == [
        ("bn1", "bn", 8, 0, 8)
    ]


# --- as JSON ---------------------------------------------------------------------------------------------------------


def document(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    return json.loads(told(capsys, *words, "--format", "json"))


def test_sides_as_json_say_how_a_number_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    sides = document(
        capsys, "reconcile", "torchvision/resnet50", "thop", "4.11G", "5.5G", "3.8G", "macs"
    )["sides"]
    told_of = ("given", "convention", "reading", "base", "also")
    assert [tuple(side[key] for key in told_of) for side in sides] == [
        ("thop", "thop", None, None, []),
        ("4.11G", "fvcore", "rounded", 1000, []),
        ("5.5G", "exact", None, None, []),
        ("3.8G", "macs", "cut", 1000, ["papers", "torchvision", "weights-only"]),
        ("macs", "macs", None, None, []),
    ]
    assert [side["distance"] is None for side in sides] == [True, True, False, True, True]
    assert [side["variant"] is None for side in sides] == [True, True, True, False, True]
    variant = sides[3]["variant"]
    assert (variant["network"], variant["title"], variant["total"]) == (
        "resnet50",
        "ResNet-50",
        3_857_973_248,
    )
    assert [
        (change["field"], change["there"], change["here"]) for change in variant["changes"]
    ] == [("stride", "2", "1"), ("stride", "1", "2")]
    assert all(len(change["layers"]) == 3 for change in variant["changes"])
    assert [(one["network"], one["source"], one["erratum"]) for one in variant["printed"]] == [
        ("resnet50", "He et al. 2015, Table 1", None)
    ]


def test_a_variant_that_does_not_go_layer_by_layer_has_no_changes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """11.51 G are ResNet-152's, as its paper's 11.3 are not."""
    (side, _) = document(capsys, "reconcile", "torchvision/resnet50", "11.51G", "macs")["sides"]
    assert side["variant"]["changes"] is None


def test_an_equation_in_one_line_has_its_signs(capsys: pytest.CaptureFixture[str]) -> None:
    (equation, base) = document(capsys, "reconcile", "vgg16", "weights-only", "138,357,544")[
        "equations"
    ]
    assert (
        equation["equation"]
        == "weights-only 138,344,128 = weights and biases 138,357,544 − biases 13,416"
    )
    assert equation["parts"][0]["ops"] == ["conv", "fc"]
    assert len(equation["parts"][0]["layers"]) == 13 + 3
    assert base["equation"] == "weights and biases 138,357,544 = weights and biases 138,357,544"


def test_layers_as_json_where_they_are_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("reconcile", "vgg16", "torchinfo", "macs")
    assert "layers" not in document(capsys, *words)
    layers = document(capsys, *words, "--per-layer")["layers"]
    # of the fc alone torchinfo counts the biases: 4,096 of the first
    (fc1,) = [layer for layer in layers if layer["layer"] == "fc1"]
    assert (fc1["op"], fc1["first"] - fc1["second"]) == ("fc", 4096)
    assert fc1["parts"] == [{"what": "fc biases", "amount": 4096}]


def test_an_erratum_as_json_says_what_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    printed = document(capsys, "identify", "vgg16", "96MB")["printed"]
    assert all("24 million" in one["erratum"] for one in printed)


def test_conventions_as_json_have_their_versions(capsys: pytest.CaptureFixture[str]) -> None:
    listed = {one["name"]: one for one in document(capsys, "conventions")["conventions"]}
    assert (listed["thop"]["version"], listed["macs"]["version"]) == ("0.1.1", None)
    (weights, *_) = listed["weights-only"]["parameters"]
    assert (weights["measure"], weights["ops"], weights["weight"]) == ("weights", None, 1)


def test_a_convention_is_shown_term_by_term(capsys: pytest.CaptureFixture[str]) -> None:
    shown = lines(capsys, "conventions", "keras", "--format", "plain")
    assert shown[0].startswith("keras: ")
    counted = [line for line in shown if line.startswith("parameters ")]
    assert counted == ["parameters weights", "parameters biases", "parameters running statistics"]
    assert any(line.startswith("FLOPs ") for line in shown)
    assert len([line for line in shown if line.startswith(("used by: ", "source: "))]) == 2


def test_a_difference_of_one_has_its_sign(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """An fc of one unit adds one bias."""
    path = tmp_path / "x.yaml"
    path.write_text("input: 4\nlayers: [fc: 1]\n")
    assert "− bias additions 1 fc1" in lines(capsys, "reconcile", str(path), "macs", "exact")
    assert "+ bias additions 1 fc1" in lines(capsys, "reconcile", str(path), "exact", "macs")
    (first, _) = document(capsys, "reconcile", str(path), "macs", "exact")["equations"]
    assert first["equation"] == "MACs 4 = exact 5 − bias additions 1"


def test_layers_are_compared_of_the_first_and_the_last() -> None:
    done = cnncalc.load("vgg16").reconcile("torchinfo", "standard", "macs")
    made = per_layer_table(done, per_layer(done))
    assert made.totals is not None
    assert made.totals[2:4] == (done.sides[0].total, done.sides[2].total)
    assert [column.english for column in made.columns[2:4]] == ["torchinfo", "MACs"]
