"""Which rows are asked, whatever a sheet has, and what a shape that empties the sheet is counted to cost."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnncalc.homework.grade import Graded, grade, grade_network_sheet, summary
from cnncalc.homework.questions import Question
from cnncalc.homework.sheets.read import Answer
from cnncalc.text.source import SpecError

from .questions import answer_key
from .test_grading import warnings


def asked(folder: Path, net: str, text: str, rows: tuple[str, ...] | None) -> Graded:
    path = folder / "kim.csv"
    path.write_text(text, encoding="utf-8")
    return grade_network_sheet(answer_key(net), str(path), rows=rows)


def cells(graded: Graded) -> list[str]:
    return [
        f"{cell.question.layer} {cell.question.quantity} {cell.status}" for cell in graded.cells
    ]


def test_rows_that_are_asked_are_all_there_and_no_others(tmp_path: Path) -> None:
    text = "layer,params\nconv2,614656\nconv1,34944\n"
    graded = asked(tmp_path, "alexnet", text, ("conv1", "pool1", "total"))
    assert cells(graded) == ["conv1 params right", "pool1 params blank", "total params blank"]
    assert [remark.text for remark in graded.remarks] == ["not asked, and left out: conv2"]
    graded = asked(tmp_path, "alexnet", text, None)
    assert cells(graded) == ["conv2 params right", "conv1 params right"]
    assert graded.remarks == ()


def test_few_of_many_rows_that_are_not_asked_are_named(tmp_path: Path) -> None:
    layers = ("conv2", "conv3", "conv4", "conv5", "fc1", "fc2", "fc3")
    text = "layer,params\nconv1,34944\n" + "".join(f"{layer},1\n" for layer in layers)
    (remark,) = asked(tmp_path, "alexnet", text, ("conv1",)).remarks
    named = [layer for layer in layers if layer in remark.text]
    assert len(named) == 6
    (remark,) = asked(tmp_path, "alexnet", text, ("conv1", "fc3")).remarks
    assert remark.text == "not asked, and left out: conv2, conv3, conv4, conv5, fc1, fc2"


def test_a_block_is_asked_by_its_layers_where_they_are_answered(tmp_path: Path) -> None:
    """3·3·64·64 weights of a conv of ResNet-18's first stage; a basic block has two, and 4·64 in its norms."""
    inner = "layer,params\nconv2_x/basic1/conv1,36864\nconv2_x/basic2,73984\n"
    assert cells(asked(tmp_path, "resnet18", inner, ("conv2_x",))) == [
        "conv2_x/basic1/conv1 params right",
        "conv2_x/basic1/bn1 params blank",
        "conv2_x/basic1/conv2 params blank",
        "conv2_x/basic1/bn2 params blank",
        "conv2_x/basic1/add1 params blank",
        "conv2_x/basic2 params right",
    ]
    whole = "layer,params\nconv2_x,147968\nconv2_x/basic1/conv1,36864\n"
    graded = asked(tmp_path, "resnet18", whole, ("conv2_x",))
    assert cells(graded) == ["conv2_x params right"]
    assert [remark.text for remark in graded.remarks] == [
        "not asked, and left out: conv2_x/basic1/conv1"
    ]


def test_a_total_is_asked_what_it_has(tmp_path: Path) -> None:
    """A blank in the line of totals is no missing answer where another cell of it is filled; a shape never is."""
    text = "layer,output,params,macs\nconv1,55x55x96,34944,105415200\ntotal,,62378344,\n"
    assert cells(asked(tmp_path, "alexnet", text, None))[3:] == ["total params right"]
    text = "layer,output,params,macs\nconv1,55x55x96,34944,105415200\ntotal,,,\n"
    assert cells(asked(tmp_path, "alexnet", text, None))[3:] == [
        "total params blank",
        "total macs blank",
    ]


def test_a_sheet_with_nothing_to_answer(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="no layer of this sheet is one of the network's"):
        asked(tmp_path, "alexnet", "layer,params\ninput,\n", None)
    with pytest.raises(SpecError, match=r"no layer of this sheet[^$]*there is no layer 'x1'"):
        asked(tmp_path, "alexnet", "layer,params\nx1,5\n", None)


def test_wrong_answers_after_a_shape_that_empties_the_sheet_are_counted() -> None:
    """conv2 makes at most 31 of 27: from 32 nothing follows. What is wrong before it, or right, is not its fault."""
    answers = {
        ("pool1", "output"): "26x26x96",
        ("conv2", "output"): "32x32x256",
        ("conv2", "params"): "5",
        ("pool2", "output"): "15x15x256",
        ("conv3", "output"): "13x13x384",
        ("total", "params"): "7",
    }
    (warning,) = warnings("alexnet", answers)
    assert warning.endswith("(2 wrong answers after it)")
    del answers["pool2", "output"]
    (warning,) = warnings("alexnet", answers)
    assert warning.endswith("(1 wrong answer after it)")
    del answers["total", "params"]
    assert warnings("alexnet", answers) == []


def test_wrong_answers_about_another_network_are_not_its_fault() -> None:
    keys = (answer_key("alexnet"), answer_key("torchvision/alexnet"))
    asked_of = [
        (Question(None, "", keys[0], "conv1", "output"), Answer("500x500x96", "")),
        (Question(None, "", keys[1], "conv2", "output"), Answer("5x5x5", "")),
    ]
    assert grade(asked_of)[1] == ()
    asked_of.append((Question(None, "", keys[0], "conv2", "output"), Answer("5x5x5", "")))
    (warning,) = grade(asked_of)[1]
    assert warning.endswith("(1 wrong answer after it)")


def test_slips_are_listed_the_most_frequent_first() -> None:
    counts = {"no-bias": 2, "one-bias": 5, "no-stride": 2, "no-padding": 1}
    assert list(summary(counts).items()) == [
        ("one-bias", 5), ("no-bias", 2), ("no-stride", 2), ("no-padding", 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "suffix", "meant"),
    [
        ("34.9", "K", "34.9 K"),
        ("34,944", "K", "34,944 K"),
        ("34.9K", "K", "34.9K"),
        ("34.9 MB", "K", "34.9 MB"),
        ("34.9", "", "34.9"),
        ("", "K", ""),
    ],
)
def test_a_bare_number_stands_in_the_unit_of_its_column(text: str, suffix: str, meant: str) -> None:
    assert Answer(text, "1:1", suffix=suffix).meant == meant
