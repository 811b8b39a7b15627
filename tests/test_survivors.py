"""What no test held when mutants were tried: each change of the code that once passed everything fails here."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

import cnncalc
from cnncalc.cli import main
from cnncalc.report.conventions import read_convention
from cnncalc.text.expressions import ExpressionError, parse_expression
from cnncalc.text.source import Source


def told(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    """The JSON that a command line prints."""
    main([*words, "--format", "json"])
    return json.loads(capsys.readouterr().out)


def cell(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    """The one cell that `check` grades."""
    return told(capsys, "check", *words)["cells"][0]


def test_a_plus_changes_nothing() -> None:
    assert parse_expression("+x - +3").evaluate({"x": 7}) == 4


def test_a_name_of_another_script_is_no_name() -> None:
    with pytest.raises(ExpressionError):
        parse_expression("너비 + 1")


def test_a_rounded_wrong_answer_has_its_slip(capsys: pytest.CaptureFixture[str]) -> None:
    """34.8K is 34,848, the weights alone; right is 34,944, which is 34.9K."""
    wrong = cell(capsys, "alexnet", "conv1", "params", "34.8K")
    assert (wrong["status"], wrong["slips"][0]) == ("wrong", "no-bias")
    assert cell(capsys, "alexnet", "conv1", "params", "34.9K")["status"] == "right"


def test_a_shape_of_a_line_may_have_its_channels_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("input: 52x3\nlayers: [conv: {filters: 8, kernel: 3}]")
    for answer in ("50x8", "8x50"):
        assert cell(capsys, str(path), "conv1", "output", answer)["status"] == "right"
    assert cell(capsys, str(path), "conv1", "output", "8x49")["status"] == "wrong"


def test_a_sheet_may_begin_with_a_blank_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.txt"
    path.write_text("\n\nconv1: {params: 34944}\n")
    assert cell(capsys, "alexnet", str(path))["status"] == "right"


def test_a_line_of_a_markdown_sheet_is_counted_from_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.md"
    path.write_text("# Kim\n\n| layer | params |\n|---|---|\n| conv1 | yes |\n")
    main(["check", "alexnet", str(path)])
    assert f"{path}:5:" in capsys.readouterr().err


def test_bilinear_up_sampling_weighs_8_neighbours_in_a_cube() -> None:
    """2 on a line, 4 on a map, 8 in a cube: so many products an output."""
    counted = []
    for rank in (1, 2, 3):
        size = "x".join(["4"] * rank)
        text = f"input: {size}x2\nlayers: [upsample: {{scale: 2, mode: bilinear}}]"
        node = cnncalc.loads(text).graph.nodes[-1]
        counted.append(node.facts.events["mul"] / (8**rank * 2))
    assert counted == [2, 4, 8]


def test_an_output_of_exactly_one_position_is_possible(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["solve", "--input", "7", "--kernel", "7", "--stride", "1", "--pad", "0"]) == 0
    assert "1" in capsys.readouterr().out


def test_solutions_as_csv(capsys: pytest.CaptureFixture[str]) -> None:
    line = ["solve", "--input", "7", "--output", "3", "--kernel", "3", "--pad", "0"]
    assert main([*line, "--format", "csv"]) == 0
    head, *rows = csv.reader(io.StringIO(capsys.readouterr().out))
    assert rows
    assert all(len(row) == len(head) for row in rows)
    assert any("2" in row for row in rows)
    assert main([*line[:4], "9", *line[5:], "--format", "csv"]) == 1


def test_of_three_counts_the_last_is_held_against(capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys, "reconcile", "torchvision/resnet50", "thop", "fvcore", "macs")
    macs = cnncalc.load("torchvision/resnet50").report().totals.macs
    assert json.dumps(found).count(str(macs)) >= 1


@pytest.mark.parametrize("number", ["25.6M params", "8.2 G ops"])
def test_a_number_may_say_what_it_counts(number: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["identify", "torchvision/resnet50", number])
    assert number.split()[-1][:3] in capsys.readouterr().out


def test_memory_of_a_block_counts_activation_maps_alone() -> None:
    """The lectures count input, conv, pool and fc outputs: no relu, no batch norm, no sum."""
    text = "input: 8x8x4\nlayers: [residual: [{conv: {filters: 4, kernel: 3, pad: 1}}, bn, relu]]"
    totals = cnncalc.loads(text).report().totals
    assert totals.activations == 2 * 8 * 8 * 4


def test_a_convention_may_count_weights_twice() -> None:
    text = "parameters: [{measure: weights, weight: 2}, biases]\noperations: [mac]"
    convention = read_convention(Source("twice.yaml", text), "twice")
    node = cnncalc.loads("input: 8x8x3\nlayers: [conv: {filters: 4, kernel: 3}]").graph.nodes[1]
    assert convention.parameters_of(node) == 2 * 4 * 27 + 4
    assert not convention.has_usual_parameters


def test_a_map_of_one_position_may_be_written_as_its_channels(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("input: 8x8x4\nlayers: [globalavgpool, fc: 6]")
    assert cell(capsys, str(path), "globalavgpool1", "output", "4")["status"] == "right"
    assert cell(capsys, str(path), "globalavgpool1", "output", "5")["status"] == "wrong"
    assert cell(capsys, str(path), "fc1", "output", "1x1x6")["status"] == "right"
    assert cell(capsys, str(path), "fc1", "output", "2x1x6")["status"] == "wrong"
