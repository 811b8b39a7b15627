"""What a number is. Expected values are published, in the lectures, or arithmetic shown beside them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest

import cnncalc
from cnncalc.cli import main
from cnncalc.counts.identify import (
    Candidate,
    Fit,
    all_candidates,
    best_fits,
    candidates,
    fit,
    nearest_candidate,
    unit_fits,
)
from cnncalc.counts.measures import Sums, measures, summed_measures
from cnncalc.report.conventions import TermSum
from cnncalc.text.numbers import WrittenNumber, read_number


def quantities(fits: Iterable[Fit]) -> list[tuple[str, str, str | None]]:
    return [(one.place, one.quantity, one.convention) for found in fits for one in found.named]


# network, number, layer -> the simplest thing that gives it: place, quantity, convention, value, reading, base.
# The values are of the papers, of torchvision, of the tools (see test_conventions), or of the lectures' tables.
FOUND = [
    ("resnet50", "3.8G", None, "total", "macs", None, 3857973248, "cut", 1000),
    ("resnet50", "3.86G", None, "total", "macs", None, 3857973248, "rounded", 1000),
    ("resnet50", "25.6M", None, "total", "params", None, 25557032, "rounded", 1000),
    (
        "torchvision/resnet50",
        "4133742592",
        None,
        "total",
        "flops",
        "thop",
        4133742592,
        "exact",
        1000,
    ),
    (
        "torchvision/resnet50",
        "4.13 GFLOPs",
        None,
        "total",
        "flops",
        "thop",
        4133742592,
        "rounded",
        1000,
    ),
    (
        "torchvision/resnet50",
        "8.18G",
        None,
        "total",
        "flops",
        "standard",
        8178368512,
        "rounded",
        1000,
    ),
    ("vgg16", "138M", None, "total", "params", None, 138357544, "rounded", 1000),
    ("vgg16", "138,344,128", None, "total", "weights", None, 138344128, "exact", 1000),
    ("vgg16", "60.95MB", None, "total", "memory", None, 60950432, "rounded", 1000),
    ("vgg16", "58.1 MiB", None, "total", "memory", None, 60950432, "rounded", 1000),
    ("vgg16", "58.1MB", None, "total", "memory", None, 60950432, "rounded", 1024),
    ("vgg16", "15.2M values", None, "total", "activations", None, 15237608, "rounded", 1000),
    (
        "vgg16",
        "553.4MB",
        None,
        "total",
        "parameter bytes",
        None,
        553430176,
        "rounded",
        1000,
    ),  # 4·138,357,544
    ("vgg16", "212", None, "total", "receptive_field", None, 212, "exact", 1000),
    ("alexnet", "62,378,344", None, "total", "params", None, 62378344, "exact", 1000),
    ("alexnet", "58,631,144", None, "all fc", "params", None, 58631144, "exact", 1000),
    ("alexnet", "34,944", None, "conv1", "params", None, 34944, "exact", 1000),
    ("alexnet", "34848", "conv1", "conv1", "weights", None, 34848, "exact", 1000),
    ("alexnet", "290400", None, "conv1", "activations", None, 290400, "exact", 1000),
    ("alexnet", "105.4 MMACs", None, "conv1", "macs", None, 105415200, "rounded", 1000),
    ("alexnet", "11", "conv1", "conv1", "receptive_field", None, 11, "exact", 1000),
    # GoogLeNet's Table 1 prints inception (3a) as 159K and 128M: weights with K = 1024, and MACs.
    ("googlenet", "159k", None, "inception_3a", "weights", None, 163328, "rounded", 1024),
    (
        "googlenet",
        "128M",
        "inception_3a",
        "inception_3a",
        "macs",
        None,
        163328 * 28 * 28,
        "rounded",
        1000,
    ),
]


@pytest.mark.parametrize(
    ("net", "number", "layer", "place", "quantity", "convention", "value", "reading", "base"), FOUND
)
def test_the_simplest(
    net: str,
    number: str,
    layer: str | None,
    place: str,
    quantity: str,
    convention: str | None,
    value: int,
    reading: str,
    base: int,
) -> None:
    found = cnncalc.load(net).identify(number, layer)
    first = found.fits[0]
    assert (first.simplest.place, *first.simplest.key) == (place, quantity, convention)
    assert (first.value, first.reading, first.base) == (value, reading, base)
    assert found.found


def test_everything_that_has_a_value_is_named() -> None:
    """4.13 is what thop's 4,133,742,592 and ptflops' 4,132,436,968 round to."""
    found = cnncalc.load("torchvision/resnet50").identify("4.13 GFLOPs")
    assert quantities(found.fits) == [
        ("total", "flops", name) for name in ("thop", "ultralytics-thop", "ptflops")
    ]


def test_what_rounds_stands_before_what_is_cut() -> None:
    """25,529,472 weights round to 25.5M; the 25,557,032 parameters that Xie et al. print so are cut."""
    fits = cnncalc.load("resnet50").identify("25.5M").fits
    assert [(one.simplest.quantity, one.reading) for one in fits[:2]] == [
        ("weights", "rounded"),
        ("params", "cut"),
    ]


def test_conventions_of_one_value_are_together() -> None:
    named = quantities(cnncalc.load("resnet50").identify("3.8G").fits[:1])
    assert named[0] == ("total", "macs", None)
    assert {"macs", "papers", "torchvision"} <= {convention for _, _, convention in named}


def test_layers_of_one_value_are_together() -> None:
    """conv3_2 and conv3_3 of VGG-16: 3·3·256·256 + 256."""
    (first, *_) = cnncalc.load("vgg16").identify("590,080").fits
    assert [
        one.place for one in first.named if one.quantity == "params" and not one.convention
    ] == ["conv3_2", "conv3_3"]


def test_nothing_fits_and_how_far_off() -> None:
    """The lectures' 96MB is 57.5 % above 15,237,608 · 4 = 60,950,432: 96/60.950432 = 1.57505."""
    found = cnncalc.load("vgg16").identify("96MB")
    assert found.fits == ()
    off = {one.candidate.quantity: one.distance for one in found.near}
    assert off["memory"] == pytest.approx(0.57505, abs=1e-5)
    assert all(one.candidate.unit == "bytes" for one in found.near)


def test_the_right_digits_with_the_wrong_unit() -> None:
    """VGG-16's "138MB" is 138M parameters."""
    found = cnncalc.load("vgg16").identify("138MB")
    assert not found.found
    assert (found.fits[0].simplest.quantity, found.fits[0].unit_fits) == ("params", False)


def test_another_network_of_the_family() -> None:
    found = cnncalc.load("torchvision/resnet50").identify("3.8G")
    assert not found.found
    first = found.family[0]
    assert (first.net.name, first.fit.simplest.quantity, first.fit.reading) == (
        "resnet50",
        "macs",
        "cut",
    )
    assert found.printed[0].source == "He et al. 2015, Table 1"


def test_far_from_everything_names_the_nearest_alone() -> None:
    found = cnncalc.load("lenet5").identify("7.7T")
    assert len(found.near) == 1


@pytest.mark.parametrize("number", ["0", "-5"])
def test_no_quantity_is_not_positive(number: str) -> None:
    found = cnncalc.load("lenet5").identify(number)
    assert (found.fits, found.near) == ((), ())


@pytest.mark.parametrize(
    ("number", "value", "unit", "expected"),
    [
        ("3.8G", 3_857_973_248, "operations", ("cut", 1000)),
        ("3.8G", 4_089_184_256, "operations", None),  # 3.808 · 1024³, but nobody counts so
        ("3.8G", 4_089_184_256, "bytes", ("rounded", 1024)),
        ("159K", 163_328, "params", ("rounded", 1024)),  # 159.5, both ends in
        ("159Ki", 163_328, "params", ("rounded", 1000)),  # written so, the base is said
        ("1K", 1024, "params", ("exact", 1024)),
        ("1K", 1000, "params", ("exact", 1000)),
        ("163,328", 163_328, "params", ("exact", 1000)),
        ("163,329", 163_328, "params", None),
    ],
)
def test_readings(number: str, value: int, unit: str, expected: tuple[str, int] | None) -> None:
    assert fit(read_number(number), value, unit) == expected


# --- candidates ------------------------------------------------------------------------------------------------------


def test_candidates_of_a_layer() -> None:
    """conv1 of AlexNet: 11·11·3·96 weights, 55·55·96 outputs, 4 bytes each."""
    found = {one.key: one.value for one in candidates(cnncalc.load("alexnet"), "conv1")}
    assert found["params", None] == 34848 + 96
    assert found["macs", None] == 34848 * 55 * 55
    assert found["flops", "ptflops"] == 34848 * 55 * 55 + 290400
    assert found["memory", None] == 4 * 290400
    assert ("buffers", None) not in found  # 0


def test_candidates_are_ordered_alike_everywhere() -> None:
    order = [measure.key for measure in measures()]
    for one in ("total", "conv1", "inception_3a", "all conv"):
        keys = [candidate.key for candidate in candidates(cnncalc.load("googlenet"), one)]
        assert keys == [key for key in order if key in keys]


def test_one_is_a_number_of_something_and_zero_is_not() -> None:
    """One filter of one weight, which keeps 3·3 values in 36 bytes."""
    net = cnncalc.loads(
        "input: 3x3x1\nlayers: [conv: {name: x, filters: 1, kernel: 1, bias: false}]"
    )
    of_one = [fit.simplest.key for fit in net.identify("1", "x").fits]
    assert ("params", None) in of_one
    assert not net.identify("0", "x").fits
    found = {one.key: one.value for one in all_candidates(net) if one.place == "x"}
    assert (found["params", None], found["output bytes", None]) == (1, 36)


def test_a_number_below_all_that_there_is_has_the_least_of_it_as_the_nearest() -> None:
    net = cnncalc.load("alexnet")
    least = min(one.value for one in candidates(net, "pool1"))
    assert least > 2
    assert [one.candidate.value for one in net.identify("1", "pool1").near] == [least]
    assert net.identify("0", "pool1").near == ()


def test_a_total_is_the_sum_of_its_layers() -> None:
    net = cnncalc.load("torchvision/googlenet")  # its sides count in no total
    listed = list(all_candidates(net))
    main_path = {node.name for node in net.graph.nodes if not node.side}
    for key in (
        ("params", None),
        ("flops", "ptflops"),
        ("params", "keras"),
        ("output bytes", None),
    ):
        total = next(one.value for one in listed if one.place == "total" and one.key == key)
        assert total == sum(
            one.value for one in listed if one.place in main_path and one.key == key
        )


@pytest.mark.parametrize("name", ["torchvision/googlenet", "unet", "alphago"])
def test_what_is_counted_at_once_is_what_each_convention_counts(name: str) -> None:
    net = cnncalc.load(name)
    report, sums = net.report(batch=2, dtype="float16"), Sums("float16", 2)
    for part in net.parts.everywhere():
        each = [measure.of(report, part) for measure in summed_measures()]
        assert list(sums.of_part(part)) == each, part.name


def test_identify_counts_each_layer_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice as many layers are twice as much work, and no layer is held closely to a number that is far from it."""
    done = {"counted": 0, "held": 0}

    def counting(what: str, function: Any) -> Any:
        def count(*arguments: Any) -> Any:
            done[what] += 1
            return function(*arguments)

        return count

    monkeypatch.setattr(TermSum, "amount", counting("counted", TermSum.amount))
    held = WrittenNumber.with_base
    monkeypatch.setattr(WrittenNumber, "with_base", counting("held", held))
    works = []
    for layers in (100, 200):
        done.update(counted=0, held=0)
        lines = "".join(f"- conv: {{filters: {one}, kernel: 1}}\n" for one in range(1, layers + 1))
        cnncalc.loads(f"input: 3x3x1\nlayers:\n{lines}").identify("1e15")
        works.append(dict(done))
    assert works[1]["counted"] < 2 * works[0]["counted"]
    assert works[0]["counted"] <= 101 * 2 * len(summed_measures())
    assert works[1]["held"] == works[0]["held"]


def test_batch_and_dtype_scale_bytes() -> None:
    """8 images of 2-byte values: 15,237,608 · 16; parameters do not grow with the batch."""
    found = {
        one.key: one.value for one in candidates(cnncalc.load("vgg16"), batch=8, dtype="float16")
    }
    assert found["memory", None] == 15237608 * 16
    assert found["parameter bytes", None] == 138357544 * 2
    assert found["params", None] == 138357544


# --- the command -----------------------------------------------------------------------------------------------------


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["identify", *arguments])
    out, err = capsys.readouterr()
    return code, out, err


def test_the_papers_number(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "resnet50", "3.8G")
    assert code == 0
    assert "MACs" in out.splitlines()[4]
    assert "cut" in out.splitlines()[4]
    assert "papers" in out.splitlines()[4]
    assert "He et al. 2015" in out


def test_thop(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "torchvision/resnet50", "4133742592")
    assert code == 0
    assert "thop" in out


def test_what_it_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "vgg16", "96MB")
    assert code == 1
    assert "nothing of VGG-16" in out
    assert "60,950,432" in out
    assert "57.5 % more" in out
    assert err == ""


def test_words_of_a_number_may_stand_apart(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "torchvision/resnet50", "4.13", "GFLOPs")[0] == 0


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "vgg16", "138M", "--format", "json")
    document = json.loads(out)
    assert code == 0
    assert (document["network"], document["low"], document["high"]) == (
        "vgg16",
        137500000,
        138500000,
    )
    first = document["matches"][0]
    assert (first["value"], first["reading"], first["base"], first["unit_fits"]) == (
        138357544,
        "rounded",
        1000,
        True,
    )
    assert first["named"][0] == {
        "layer": "total",
        "quantity": "params",
        "convention": None,
        "meaning": "weights and biases",
    }
    assert document["printed"][:1] == [
        {
            "network": "vgg16",
            "layer": "total",
            "quantity": "params",
            "text": "138M",
            "source": "Simonyan and Zisserman 2014, Table 2",
            "erratum": None,
        }
    ]


def test_json_of_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "vgg16", "96MB", "--format", "json")
    document = json.loads(out)
    assert code == 1
    assert document["matches"] == []
    assert {one["quantity"] for one in document["near"]} == {"memory", "output bytes"}
    assert "nothing of VGG-16" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("vgg16", "a lot"), "'a lot' is not a number"),
        (("vgg16", "138Mb"), "138Mb"),
        (("vgg16", "138M", "--layer", "conv1_9"), "vgg16 has no layer 'conv1_9'"),
        (("vgg16", "138M", "--dtype", "float31"), "did you mean 'float32'"),
        (("vgg61", "138M"), "there is no network 'vgg61'"),
    ],
)
def test_mistakes(
    arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = run(capsys, *arguments)
    assert code == 2
    assert message in err


@pytest.mark.parametrize("style", ["table", "plain", "csv", "markdown", "latex", "html"])
@pytest.mark.parametrize("number", ["138M", "96MB"])
def test_every_format(style: str, number: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "vgg16", number, "--format", style)
    assert out
    assert code == (number == "96MB")
    assert ("nothing of VGG-16" in err) == (style == "csv" and code == 1)


def test_a_long_list_is_cut(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "resnet50", "64")
    assert "--layer LAYER asks for one" in out or len(out.splitlines()) < 35


SHARED = (
    "name: shared\ninput: 8x8x2\nlayers:\n  - conv: {name: a, filters: 2, kernel: 3, pad: 1}\n"
    "  - conv: {name: b, filters: 2, kernel: 3, pad: 1, share: a}\n"
)


def test_shared_weights_are_one_count_and_two_operations() -> None:
    """3·3·2·2 weights and 2 biases once; 36 · 64 multiply-accumulates twice."""
    net = cnncalc.loads(SHARED)
    assert [net.identify("38").fits[0].simplest.place, net.identify("76").found] == ["total", False]
    macs = net.identify("4,608 MACs").fits[0]
    assert (macs.simplest.place, macs.simplest.quantity) == ("total", "macs")


def test_bytes_of_the_whole_network() -> None:
    """The tiny network's peak: input and output of the second conv, 2 · 128 values of 4 bytes."""
    net = cnncalc.loads(SHARED)
    quantities = {one.quantity for fit in net.identify("1,024 bytes").fits for one in fit.named}
    assert "peak bytes" in quantities


@pytest.mark.parametrize(
    ("number", "unit"),
    [("138M params", "params"), ("138M parameters", "params"), ("15.5G ops", "operations")],
)
def test_a_unit_keeps_what_is_of_it(number: str, unit: str) -> None:
    found = cnncalc.load("vgg16").identify(number)
    assert {fit.unit for fit in found.fits if fit.unit_fits} == {unit}


def test_what_only_a_layer_has_is_found_and_the_nearest_of_the_network_named() -> None:
    """1,792 = 3·3·3·64 + 64: conv1_1 alone."""
    found = cnncalc.load("vgg16").identify("1,792")
    assert found.found
    assert {one.place for fit in found.fits for one in fit.named} == {"conv1_1"}
    assert all(
        near.candidate.place == "total" or near.candidate.place.startswith("all ")
        for near in found.near
    )
    assert found.near


def test_the_simplest_place_comes_first() -> None:
    """The layers of an op before a block, a block before a layer: all convs are those of the one block here."""
    net = cnncalc.loads(
        "input: 8x8x2\nlayers:\n  - repeat: {name: stage, times: 1, layers: [{conv: {filters: 2, kernel: 1}}, "
        "{conv: {filters: 2, kernel: 1}}]}\n  - fc: 2\n"
    )
    (fit,) = [one for one in net.identify("8 weights").fits if one.value == 8 and one.unit_fits]
    assert list(dict.fromkeys(one.place for one in fit.named))[:2] == ["all conv", "stage"]


def test_the_answer_comes_first_where_it_is_another_networks(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["identify", "alexnet", "60M", "--format", "plain"]) == 1
    first = capsys.readouterr().out.splitlines()[0]
    assert first.startswith("60M: Krizhevsky et al. 2012, abstract (AlexNet, two towers)")


def test_eighty_columns_keep_what_differs(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert main(["identify", "resnet50", "3.8G", "--format", "table"]) == 0
    out = capsys.readouterr().out
    assert all(name in out for name in ("ptflops-aten", "senet", "fvcore", "torchinfo"))


def test_identify_and_reconcile_speak_korean(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["identify", "resnet50", "3.8G", "--lang", "ko"]) == 0
    said = capsys.readouterr().out
    assert "무엇인가" in said
    assert "버림" in said
    assert main(["reconcile", "alexnet", "60M", "62.4M", "--lang", "ko"]) == 0
    assert "다른 네트워크의 값입니다" in capsys.readouterr().out
    assert main(["conventions", "--lang", "ko"]) == 0
    assert "계산 방식" in capsys.readouterr().out


# --- the order of things, and what is near --------------------------------------------------------------------------


def candidate(value: int, unit: str = "params", rank: int = 0) -> Candidate:
    return Candidate("total", f"{unit} {value}", None, value, unit, "", rank)


@pytest.mark.parametrize(
    ("number", "listed", "values"),
    [
        # exact, then rounded, then cut; K = 1000 before 1024; then the simpler: 1,530 is 1.49 · 1024, 1,600 is cut
        (
            "1K",
            [
                *map(candidate, (1600, 1530, 1024)),
                candidate(1010, rank=5),
                candidate(1011, rank=4),
                candidate(1000, rank=9),
            ],
            [1000, 1024, 1011, 1010, 1530, 1600],
        ),
        # what is not of the unit comes last, however well it fits
        ("1K params", [candidate(1000, "operations"), candidate(1600), candidate(1499)], [1499, 1600, 1000]),
        ("1K", [candidate(2100), candidate(400), candidate(0)], []),
    ],
)  # fmt: skip
def test_the_plainest_reading_comes_first(
    number: str, listed: list[Candidate], values: list[int]
) -> None:
    assert [found.value for found in best_fits(read_number(number), listed)] == values


def test_places_of_one_value_from_the_whole_network_to_the_layer() -> None:
    """3·3 + 3 = 12, in the second convolution the same ones: of the network, both convs, the block, its turn, one."""
    net = cnncalc.loads(
        "input: 4x4x3\nlayers:\n  - repeat: {name: s, times: 1, layers: [conv: {name: a, filters: 3, kernel: 1}, "
        "conv: {name: b, filters: 3, kernel: 1, share: s/1/a}]}\n"
    )
    (found,) = net.identify("12").fits
    assert [(one.place, one.convention) for one in found.named] == [
        ("total", None),
        ("total", "keras"),
        ("all conv", None),
        ("all conv", "keras"),
        ("s", None),
        ("s/1", None),
        ("s", "keras"),
        ("s/1", "keras"),
        ("s/1/a", None),
        ("s/1/a", "keras"),
    ]


def test_layers_of_one_value_come_in_their_order() -> None:
    """5·5·6·16 and 5·5·16·16: places of one depth and one quantity stand as they stand in the network."""
    net = cnncalc.loads(
        "input: 4x4x2\nlayers:\n  - conv: {name: z, filters: 2, kernel: 1}\n  - relu\n"
        "  - conv: {name: a, filters: 2, kernel: 1}\n"
    )
    (found,) = net.identify("6 params").fits  # 2·2 + 2
    assert [one.place for one in found.named if one.convention is None] == ["z", "a"]


@pytest.mark.parametrize(
    ("name", "number", "place"),
    [
        ("alexnet", "35,000", "conv1"),
        ("alexnet", "62M bytes", "total"),
        ("vgg16", "96MB", "total"),
        ("resnet50", "25.7M params", "total"),
        ("torchvision/resnet50", "3.7 GFLOPs", "total"),
    ],
)
def test_near_are_the_nearest_by_ratio_within_a_factor_of_2(
    name: str, number: str, place: str
) -> None:
    net, written = cnncalc.load(name), read_number(number)
    given = float(written.value)

    def factor(value: int) -> float:
        return max(value / given, given / value)

    listed = [one for one in candidates(net, place) if unit_fits(written, one)]
    known = {(one.value, one.unit): factor(one.value) for one in reversed(listed)}
    nearest = sorted(known.values())
    close = [found for found in nearest if found <= 2] or nearest[:1]
    near = net.identify(number, place).near
    assert [factor(one.candidate.value) for one in near] == pytest.approx(close[:5])
    for one in near:
        first = next(each for each in listed if each.value == one.candidate.value)
        assert one.candidate == first, "under its simplest name"
        assert one.distance == pytest.approx(given / one.candidate.value - 1)


def test_of_the_nearest_as_near_the_simplest_is_taken() -> None:
    listed = [candidate(50, rank=3), candidate(200, rank=1), candidate(201)]
    assert nearest_candidate(read_number("100"), listed).value == 200
    assert nearest_candidate(read_number("0"), listed).value == 201


@pytest.mark.parametrize(
    ("unit", "units"),
    [
        ("", {"params", "operations", "values", "bytes", "positions"}),
        ("bytes", {"bytes"}),
        ("FLOPs", {"operations"}),
        ("MACs", {"operations"}),
        ("ops", {"operations"}),
        ("params", {"params"}),
        ("weights", {"params"}),
        ("biases", {"params"}),
        ("values", {"values", "params"}),
    ],
)
def test_what_a_unit_may_stand_for(unit: str, units: set[str]) -> None:
    every = ("params", "operations", "values", "bytes", "positions")
    number = read_number(f"5M {unit}")
    assert {one for one in every if unit_fits(number, candidate(1, one))} == units


def test_relatives_are_each_once_and_the_most_alike_first() -> None:
    """1.8 G are the MACs of ResNet-18, whose 11.7 million parameters are nearer to 25.6 than 60 are."""
    net = cnncalc.load("resnet50")
    own = net.report().totals.params
    found = [relative.net for relative in net.identify("1.8G").family]
    assert [other.name for other in found][:1] == ["resnet18"]
    apart = [abs(other.report().totals.params - own) for other in found]
    assert apart == sorted(apart)
    assert len({other.name for other in found}) == len(found)
    # 3.6 G are the MACs of ResNet-34 (He et al. 2015, Table 1) and twice the 1.8 G of ResNet-18: of ResNet-50's 25.6
    # million parameters 21.8 are nearer than 11.7
    names = [relative.net.name for relative in net.identify("3.6G").family]
    assert [name for name in names if "/" not in name] == ["resnet34", "resnet18"]


def test_a_part_is_asked_in_any_letters_and_has_no_family() -> None:
    net = cnncalc.load("alexnet")
    found = net.identify("34,944", "CONV1")
    assert (found.place, found.found) == ("conv1", True)
    # 60 million are printed of AlexNet, and are what two towers have; of conv1 nobody says so
    assert net.identify("60M", "total").printed
    assert net.identify("60,965,224", "total").family
    assert not net.identify("60M", "conv1").printed
    assert not net.identify("60,965,224", "conv1").family
    # where the number is the network's own, no other is asked
    assert not net.identify("62,378,344").family
    assert not net.identify("62,378,344").near
    assert not net.identify("34,944", "conv1").near


def test_near_a_number_that_a_layer_has_stand_the_network_and_its_ops() -> None:
    """34,944 are conv1's. All convs have 3,747,200 parameters, all fc 58,631,144: no values of theirs are named."""
    net = cnncalc.load("alexnet")
    for number in ("3.7M params", "58M"):
        for near in net.identify(number).near:
            of_op = near.candidate.place.startswith("all ")
            assert near.candidate.place == "total" or of_op
            assert not of_op or near.candidate.unit in ("params", "operations")
    assert ("all conv", "params") in [
        (near.candidate.place, near.candidate.quantity) for near in net.identify("3.7M params").near
    ]


def test_claims_of_a_spec_of_ones_own_are_prints() -> None:
    """3·3·3·2 + 2 = 56; a spec that ships has its claims in the index, once."""
    net = cnncalc.loads(
        "name: own\nsource: Ho and Lu 2016, Title\ninput: 8x8x3\n"
        "layers: [conv: {name: conv1, filters: 2, kernel: 3}]\n"
        "claims: [{params: 56, source: Table 9}, {params: 57, erratum: a slip, source: Table 10}]\n"
    )
    prints = [net.identify(number).printed for number in ("56", "57")]
    assert [[(one.kind, one.text, one.why, one.source) for one in listed] for listed in prints] == [
        [("claim", "56", "", "Ho and Lu 2016, Table 9")],
        [("erratum", "57", "a slip", "Ho and Lu 2016, Table 10")],
    ]
    own = [one for one in cnncalc.load("vgg16").identify("138M").printed if one.network == "vgg16"]
    assert len(own) == len({(one.place, one.source) for one in own})


# --- measures --------------------------------------------------------------------------------------------------------


def values_of(net: cnncalc.Network, place: str) -> dict[str, int]:
    """The quantities of a part that every convention counts alike."""
    return {one.quantity: one.value for one in candidates(net, place) if one.convention is None}


def test_what_only_the_whole_network_or_a_map_has() -> None:
    net = cnncalc.load("alexnet")
    totals = net.report().totals
    whole, layer, vector, convs = (
        values_of(net, place) for place in ("total", "conv1", "fc1", "all conv")
    )
    assert (whole["peak bytes"], whole["training bytes"]) == (
        totals.peak_bytes,
        totals.training_bytes,
    )
    assert (whole["receptive_field"], layer["receptive_field"]) == (195, 11)
    for part in (layer, vector, convs):
        assert not {"peak bytes", "training bytes"} & set(part)
    for part in (vector, convs):
        assert "receptive_field" not in part


def test_the_longer_axis_of_a_window_is_what_it_sees() -> None:
    net = cnncalc.loads(
        "input: 9x9x1\nlayers: [conv: {filters: 1, kernel: 3x5}, conv: {filters: 1, kernel: 1}]"
    )
    assert values_of(net, "total")["receptive_field"] == 5
    line = cnncalc.loads("input: 9x1\nlayers: [conv: {filters: 1, kernel: 3}]")
    assert values_of(line, "conv1")["receptive_field"] == 3
    unknown = cnncalc.loads("input: 9x9x1\nlayers: [opaque: {output: 9x9x1}]")
    assert "receptive_field" not in values_of(unknown, "total")
