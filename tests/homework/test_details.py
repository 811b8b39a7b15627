"""Details of grading and quizzes that nothing else here turns up: odd files, limits of workbooks, mixed-up kinds."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from cnncalc.homework.answers import agrees, exchanged, read_answer, scaled
from cnncalc.homework.candidates import _chance, _made
from cnncalc.homework.grade import grade_homework_sheet, grade_network_sheet
from cnncalc.homework.questions import load_homework
from cnncalc.homework.sheets import workbook
from cnncalc.homework.students import free_name
from cnncalc.homework.variant import evaluate
from cnncalc.quiz import check_quiz, make_quiz
from cnncalc.quiz.choices import offered_numbers
from cnncalc.quiz.seeded_random import SeededRandom
from cnncalc.quiz.sheets import _as_right
from cnncalc.quiz.wording import _bias, _padding
from cnncalc.text.source import SpecError

from .questions import answer_key, ask, spec

# --- answers of the wrong kind ---------------------------------------------------------------------------------------


def test_a_number_is_no_shape_and_the_other_way_round() -> None:
    number, shape, blank = (
        read_answer("params", "34,944"),
        read_answer("output", "55x55x96"),
        read_answer("params", "-"),
    )
    assert agrees(number, (55, 55, 96)) is None
    assert agrees(shape, 34944) is None
    assert number.forms(3) == []
    assert shape.forms(2) == []
    assert exchanged(blank) == []
    assert scaled(shape, 3) is shape
    thousand = scaled(read_answer("params", "1"), 3).number
    assert thousand is not None
    assert thousand.value == 1000


def test_the_chance_of_another_kind_is_none() -> None:
    assert _chance((5, 5), 25) == _chance((5, 5), (5, 5, 1)) == 0
    assert _chance(1, 10**6) == 0  # more than a factor of ten


def test_a_slip_whose_numbers_do_not_go_together_makes_nothing() -> None:
    def change(variant: Any) -> Any:
        raise ValueError("not a whole number")

    assert _made(change, answer_key("lenet5").question("c1", "params").variants[0][0]) == []


def test_a_quantity_without_slips_is_worked_out_by_its_own_formula() -> None:
    """AlexNet's conv1: 34,944 parameters of 4 bytes; 55·55·96 outputs, as often as the batch has examples."""
    for batch in (1, 16):
        variants = ask("alexnet", "conv1", "params", batch=batch).variants
        assert evaluate("parameter bytes", variants) == 4 * 34944
        assert evaluate("output bytes", variants) == batch * 4 * 55 * 55 * 96
        assert evaluate("outputs", variants) == 55 * 55 * 96


def test_there_is_no_field_behind_a_layer_that_is_not_looked_into() -> None:
    net = spec("8x8x1", "relu", "unknown: {name: u, output: 8x8x1, from: [relu1, input]}")
    key = answer_key(net)
    assert key.right("u", "receptive_field") is None
    assert evaluate("receptive_field", key.variants("u", "receptive_field")) is None


def test_a_layer_with_another_s_arrays_has_none_of_its_own_and_works_as_much() -> None:
    """Filters of 3·3·4 for each of 4 maps, at 8·8 positions; a norm has a weight and a bias, a mean and a variance."""
    key = answer_key(
        spec(
            "8x8x4",
            "conv: {name: c, filters: 4, kernel: 3, pad: 1}",
            "bn: {name: n}",
            "conv: {name: c2, filters: 4, kernel: 3, pad: 1, share: c}",
            "bn: {name: n2, share: n}",
        )
    )
    of = {"c": (144, 4, 148), "n": (4, 4, 8), "c2": (0, 0, 0), "n2": (0, 0, 0)}
    for layer, counts in of.items():
        for quantity, count in zip(("weights", "biases", "params"), counts, strict=True):
            variant = key.variant(key.place(layer))._replace(buffers=False)
            assert evaluate(quantity, ((variant, 1),)) == count
            assert key.right(layer, quantity) == count
    buffered = [key.variant(key.place(layer))._replace(buffers=True) for layer in ("n", "n2")]
    assert [evaluate("params", ((variant, 1),)) for variant in buffered] == [16, 0]
    for layer in ("c", "c2"):
        assert evaluate("macs", key.variants(layer, "macs")) == 8 * 8 * 144


# --- files -----------------------------------------------------------------------------------------------------------


def refused(folder: Path, data: bytes, name: str = "kim.csv") -> str:
    path = folder / name
    path.write_bytes(data)
    with pytest.raises(SpecError) as error:
        grade_network_sheet(answer_key("alexnet"), str(path))
    return error.value.problems[0].message


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("kim.csv", b"layer,params\nconv1,\xff\n", "an unknown encoding"),
        ("kim.csv", b'layer,params\nconv1,"' + (b"x" * 9_999 + b"\n") * 20, "this is not a sheet"),
        ("kim.yaml", b"- 5\n- 7\n", "no"),
    ],
)
def test_what_is_no_sheet(tmp_path: Path, name: str, data: bytes, said: str) -> None:
    assert said in refused(tmp_path, data, name)


def test_rows_of_a_list_are_named_or_left_out(tmp_path: Path) -> None:
    """A mapping of one entry is a row; two entries without a layer among them, a number, or a mapping are none."""
    path = tmp_path / "kim.yaml"
    path.write_text(
        "- conv1: {params: 34944, macs: {a: 1}}\n- {params: 1, macs: 2}\n- 5\n", encoding="utf-8"
    )
    graded = grade_network_sheet(answer_key("alexnet"), str(path))
    cells = {cell.question.quantity: cell for cell in graded.cells}
    assert cells["params"].status == "right"
    assert "not a mapping" in cells["macs"].diagnosis.note + str(cells["macs"].reading.problem)


HOMEWORK = """questions:
  - {id: q1, text: Stride, network: alexnet, layer: conv1, quantity: params}
  - {id: q2, text: Count, network: alexnet, layer: conv1, quantity: output}
"""


def test_one_sheet_of_a_class_is_no_sheet_of_one(tmp_path: Path) -> None:
    (tmp_path / "hw.yaml").write_text(HOMEWORK)
    homework = load_homework(str(tmp_path / "hw.yaml"))
    path = tmp_path / "class.csv"
    path.write_text("student,q1,q2\nkim,34944,55x55x96\nlee,1,2x2x2\n")
    with pytest.raises(SpecError, match="a student in each row"):
        grade_homework_sheet(homework, str(path))
    quoted = tmp_path / "kim.yaml"
    quoted.write_text("q1: '34,944'\nq2: \"55x55x96\n")  # not YAML: read line by line
    assert grade_homework_sheet(homework, str(quoted)).cells[0].status == "right"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("network: nonet\nrows: [conv1]\ncolumns: [params]\n", "nonet"),
        ("questions:\n  - {network: [a], layer: x, quantity: params}\n", "name or a path"),
        ("questions:\n  - 5\n", "5"),
    ],
)
def test_a_homework_that_is_none(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "hw.yaml"
    path.write_text(text)
    with pytest.raises(SpecError, match=said):
        load_homework(str(path))


@pytest.mark.parametrize(
    ("name", "most", "said"),
    [
        ("MAX_CELLS", 1, "more than 1 cells"),
        ("MAX_MERGED", 0, "more than 0 merged"),
        ("MAX_MEMBERS", 1, "more than 1 parts"),
    ],
)
def test_a_workbook_beyond_a_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, most: int, said: str
) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in (["layer", "params"], ["conv1", 34944.0], ["conv2", 614656]):
        book.active.append(row)
    book.active.merge_cells("A4:B4")
    path = tmp_path / "kim.xlsx"
    book.save(path)
    assert grade_network_sheet(answer_key("alexnet"), str(path)).cells[0].status == "right"
    monkeypatch.setattr(workbook, name, most)
    with pytest.raises(SpecError, match=said):
        grade_network_sheet(answer_key("alexnet"), str(path))


def test_what_a_cell_of_a_workbook_says() -> None:
    assert workbook._cell("A1", 34944.0, None).text == "34944"
    assert workbook._cell("A1", 0.5, None).text == "0.5"
    # Excel keeps 15 digits: a whole number of more is not written as one whose last digits are known
    assert workbook._cell("A1", 999_999_999_999_999.0, None).text == "9" * 15
    assert workbook._cell("A1", 1e15, None).text != "1" + "0" * 15
    assert workbook._cell("A1", -1e15, None).text != "-1" + "0" * 15
    assert "a formula that gives #DIV/0!" in workbook._cell("A1", "#DIV/0!", "=1/0").problem


class ArrayFormula(NamedTuple):
    """A formula over cells, as openpyxl holds it."""

    text: str


@pytest.mark.parametrize(
    ("value", "formula", "text", "problem"),
    [
        (34944, "=34848+96", "34944", ""),
        (None, "=34848+96", "", "a formula with no saved value"),
        (None, ArrayFormula("=A1:A3"), "", "a formula with no saved value"),
        (None, None, "", ""),
        (None, 5, "", ""),
        (None, "text", "", ""),
        ("#N/A", "=1/0", "#N/A", "a formula that gives #N/A"),
        ("#REF!", "=1/0", "#REF!", "a formula that gives #REF!"),
        ("#NAME?", ArrayFormula("=x"), "#NAME?", "a formula that gives #NAME?"),
        ("#REF!", "#REF!", "#REF!", ""),  # typed
        ("#one", "=A1", "#one", ""),  # a text with a sign in front
        ("ONE", "=A1", "ONE", ""),
        (" 5 ", " 5 ", "5", ""),
        (date(2024, 3, 3), date(2024, 3, 3), "2024-03-03", "a date"),
    ],
)
def test_what_a_cell_of_a_workbook_may_be(
    value: object, formula: object, text: str, problem: str
) -> None:
    cell = workbook._cell("A1", value, formula)
    assert cell.text == text
    assert cell.problem.startswith(problem)
    assert bool(cell.problem) == bool(problem)


def test_two_students_of_one_name_have_two_files() -> None:
    taken: set[str] = set()
    assert [free_name(stem, taken) for stem in ("Kim", "kim", "KIM")] == ["Kim", "kim_2", "KIM_3"]


# --- quizzes ---------------------------------------------------------------------------------------------------------


def test_a_quiz_that_is_tampered_with_is_found_out() -> None:
    quiz = make_quiz(7, 3, 1)
    first = quiz.items[0]
    twice = first._replace(told_apart=(*first.told_apart[:1], first.told_apart[0]))
    (said, *_) = check_quiz(quiz._replace(items=(twice,)))
    assert said == "q1: two answers are one number"
    item = next(
        item
        for seed in range(40)
        for item in make_quiz(seed, 3, 1).items
        if item.offered and not item.is_shape
    )
    moved = check_quiz(quiz._replace(items=(item._replace(offered=item.offered[:1]),)))
    assert any("does not stand where it was drawn" in text for text in moved)


def test_words_of_fields() -> None:
    assert _padding("same").startswith("padding 'same'")
    assert _padding(((0, 1), (1, 0))) == "padding 0+1, 1+0 (before + after, for each axis)"
    assert _bias("position") == "a bias for each output value"


def test_choices_that_cannot_be_made() -> None:
    random = SeededRandom("a")
    assert offered_numbers(0, [1], random, lambda numbers: True) == []
    assert offered_numbers(5, [1], random, lambda numbers: False) == []


def test_a_print_is_right_within_half_of_its_last_digit() -> None:
    assert _as_right("61.1M") == ("61,100,000", Fraction(50_000))
    assert _as_right("55x55x96").text == "55x55x96"
