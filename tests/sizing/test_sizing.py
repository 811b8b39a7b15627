"""sweep, budget and fit, each against the same question asked one network at a time."""

from __future__ import annotations

import json
import multiprocessing
from itertools import product
from pathlib import Path

import pytest

import cnncalc
from cnncalc.cli import main
from cnncalc.sizing.budget import budget_of
from cnncalc.sizing.fit import bytes_taken, fit_batch, fit_input
from cnncalc.sizing.page import workflow_commands
from cnncalc.sizing.sweep import (
    INPUT,
    Axis,
    Request,
    Sweep,
    pareto_front,
    read_axis,
    sweep,
    values_of,
)
from cnncalc.spec.bounds import bound_of, read_bound

SPEC = """name: small
input: 32x32x3
params: {width: 8}
budget: {params: 1K, macs: <= 1M}
layers:
  - conv: {name: first, filters: width, kernel: 3, pad: 1}
  - maxpool: 2
  - fc: {name: last, units: 10}
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(SPEC)
    return path


# ---- sweep ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("0.25:1.5:0.25", ("0.25", "0.5", "0.75", "1", "1.25", "1.5")),
        ("1:4", ("1", "2", "3", "4")),
        ("0.1:0.35:0.1", ("0.1", "0.2", "0.3")),
        ("10,100, 5:6", ("10", "100", "5", "6")),
        ("128,160x320", ("128", "160x320")),
        ("-1:1:1/2", ("-1", "-0.5", "0", "0.5", "1")),
    ],
)
def test_values(text: str, values: tuple[str, ...]) -> None:
    assert values_of("--set", text) == values


@pytest.mark.parametrize(
    "text",
    [
        "",
        "3:1",
        "1:2:0",
        "1:2:-1",
        "a:b",
        "0:1:1/9999999",
        "1:2:3:4",
        "1e999999999:2",
        "1:1e400",
        "1/0:2",
    ],
)
def test_ranges_that_are_none(text: str) -> None:
    with pytest.raises(cnncalc.SpecError, match="--set"):
        values_of("--set", text)


def test_every_variant_is_what_loading_it_gives(small: Path) -> None:
    axes = (read_axis("width=4,8,16"), Axis(INPUT, ("16", "32x48")))
    variants = list(sweep(cnncalc.load(small), axes, Request(("params", "macs", "peak"))))
    assert [variant.values for variant in variants] == list(
        product(("4", "8", "16"), ("16", "32x48"))
    )
    for variant in variants:
        totals = (
            cnncalc.load(small, variant.values[1], {"width": variant.values[0]}).report().totals
        )
        assert variant.totals == (totals.params, totals.macs, totals.peak_bytes)


def test_the_order_does_not_depend_on_the_workers(small: Path) -> None:
    axes = (read_axis("width=1:500"),)
    net = cnncalc.load(small)
    request = Request(("params",))
    alone = list(sweep(net, axes, request))
    assert alone == list(sweep(net, axes, request, workers=2))
    # (3*3*3 + 1) w + (16*16 w + 1) 10
    assert [variant.totals[0] for variant in alone] == [
        28 * w + 2560 * w + 10 for w in range(1, 501)
    ]


def test_a_worker_that_is_ended_is_an_error_and_no_worker_is_left(small: Path) -> None:
    axes = (read_axis("width=1:5000"),)
    worked = sweep(cnncalc.load(small), axes, Request(("params",)), workers=2)
    assert next(worked).totals == (2598,)
    for worker in multiprocessing.active_children():
        worker.kill()
    with pytest.raises(cnncalc.SpecError, match="ended from outside, perhaps for want of memory"):
        list(worked)
    stopped = sweep(cnncalc.load(small), axes, Request(("params",)), workers=2)
    assert next(stopped).totals == (2598,)
    stopped.close()  # type: ignore[attr-defined]
    assert not multiprocessing.active_children()


@pytest.mark.parametrize("workers", [0, 62])
def test_so_many_workers_are_none(small: Path, workers: int) -> None:
    with pytest.raises(cnncalc.SpecError, match=f"--workers is from 1 to 61, not {workers}"):
        list(sweep(cnncalc.load(small), (), Request(("params",)), workers=workers))


def test_a_variant_that_cannot_be_says_why(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", str(small), "--input", "1,32", "--format", "json"]) == 0
    wrong, right = map(json.loads, capsys.readouterr().out.splitlines())
    assert "vanishes" in wrong["error"]
    assert right["input"] == [32, 32, 3]


def test_pareto_is_what_comparing_all_pairs_gives() -> None:
    points = [(x * 7 % 11, x * 5 % 13, x * 3 % 7) for x in range(60)]
    beaten = {
        a
        for a in points
        for b in points
        if a != b and all(q <= p for p, q in zip(a, b, strict=True))
    }
    assert pareto_front(points) == set(points) - beaten


def test_bounds_and_pareto_of_a_sweep(small: Path) -> None:
    net = cnncalc.load(small)
    axes = (read_axis("width=1:9"),)
    done = Sweep(net.name, axes, ("params",), tuple(sweep(net, axes, Request(("params",)))))
    assert len(done.kept([bound_of("params", "10K")]).variants) == 3  # 2588 w + 10 <= 10,000
    assert [variant.values for variant in done.pareto(["params"]).variants] == [("1",)]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("sweep alexnet --set width=1,2", "has no parameter 'width'"),
        ("sweep alexnet --set classes", "is not NAME=VALUES"),
        ("sweep alexnet --input 227 --show parms", "there is no total 'parms'"),
        ("sweep alexnet --set classes=1:2000 --input 200:1200", "the limit is 200,000"),
        ("sweep alexnet --input 227 --max-params 5MB", "is in bytes"),
        ("budget alexnet", "has no budget"),
        ("budget alexnet --max-params -1", "is negative"),
        ("budget alexnet --max-peak 5 MACs", "unexpected"),
        ("budget alexnet --max-params many", "--max-params"),
        ("fit alexnet --memory 24GiB --what depth", "--what"),
    ],
)
def test_bad_usage(line: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(line.split()) == 2
    assert said in capsys.readouterr().err


def test_nothing_within_the_bounds_is_exit_code_1(small: Path) -> None:
    assert main(["sweep", str(small), "--set", "width=4,8", "--max-params", "1"]) == 1


# ---- budget ---------------------------------------------------------------------------------------------------------


def test_the_specs_own_budget_and_the_options(small: Path) -> None:
    net = cnncalc.load(small)
    held = {one.bound.name: one for one in budget_of(net, net.report(), ())}
    # (27 + 1) 8 + (16*16*8 + 1) 10 = 20,714; 32*32*8*27 + 20,480 = 241,664
    assert (held["params"].value, held["params"].passed) == (20_714, False)
    assert (held["macs"].value, held["macs"].passed) == (241_664, True)
    assert held["params"].worst[0][:2] == ("last", 20_490)
    raised = budget_of(net, net.report(), [bound_of("params", "21K")])
    assert all(one.passed for one in raised)


def test_the_exit_code_is_the_gate(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["budget", str(small)]) == 1
    assert main(["budget", str(small), "--max-params", "20714"]) == 0
    document = capsys.readouterr()
    assert "20,490" in document.out


def test_annotations_stand_at_the_layer_that_takes_most(small: Path) -> None:
    net = cnncalc.load(small)
    lines = list(workflow_commands("small", str(small), budget_of(net, net.report(), ())))
    assert lines[0].startswith(
        f"::error file={small},line=8,col=5::small: params 20,714, at most 1K"
    )
    assert lines[1].startswith("::notice::small: macs 241,664")


def test_a_wrong_budget_is_told_at_its_place(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("input: 4x4x1\nlayers: [relu]\nbudget: {params: many, mac: 5}\n")
    with pytest.raises(cnncalc.SpecError) as raised:
        cnncalc.load(path)
    assert [(problem.line, problem.column) for problem in raised.value.problems] == [
        (3, 18),
        (3, 24),
    ]


# ---- fit ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("optimizer", [None, "sgd", "adam"])
@pytest.mark.parametrize("dtype", ["float32", "float16"])
@pytest.mark.parametrize("name", ["lenet5", "resnet50"])
def test_one_more_example_does_not_fit(name: str, dtype: str, optimizer: str | None) -> None:
    net = cnncalc.load(name)
    memory = read_bound("memory", "2GiB", "--")
    fit = fit_batch(net, memory, dtype, optimizer)
    assert bytes_taken(net, fit.size, dtype, optimizer)[1] == fit.used <= 2**31
    assert bytes_taken(net, fit.size + 1, dtype, optimizer)[1] > 2**31
    if optimizer:
        report = net.report(batch=fit.size, dtype=dtype, optimizer=optimizer)
        assert report.totals.training_bytes == fit.used


def test_the_largest_input() -> None:
    net = cnncalc.load("resnet50")
    memory = read_bound("memory", "4GiB", "--")
    fit = fit_input(net, memory, "float32", "sgd", batch=8, step=32)
    assert fit.size % 32 == 0
    assert net.with_(fit.size).report(batch=8).totals.training_bytes == fit.used <= 2**32
    assert net.with_(fit.size + 32).report(batch=8).totals.training_bytes > 2**32


def test_nothing_fits_in_a_byte(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fit", "lenet5", "--memory", "1B"]) == 1
    assert "0" in capsys.readouterr().out
