"""One row a quantity: a made-up one, added in one row, is known everywhere; and what the shipped rows say."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import cnncalc
from cnncalc.homework.slips import GROUPS, slips_of
from cnncalc.report.analysis import Row, Totals
from cnncalc.spec.quantities import ASKED, BY_NAME, QUANTITIES, SUMMED, held_against, shown_in

ROOT = Path(__file__).parent.parent

MADE_UP = """\
    Quantity(
        "touched", "values touched", formula="weights + 2 * outputs", unit="values", rank=99,
        meaning="weights once and outputs twice", total="sum", tables="summary", is_asked=True, slips="size",
        words="touched|values touched|접근 값", quiz=("layer1",),
        question="How many values does {layer} touch?",
    ),
"""
"""A quantity that nobody has heard of. Of AlexNet's conv1 it is 34,848 + 2 · 290,400 = 615,648."""

ASK = """
import json, sys
import cnncalc
from cnncalc.homework.grade import grade_one
from cnncalc.homework.key import AnswerKey
from cnncalc.homework.sheets.labels import read_header
from cnncalc.quiz.from_network import asked_in
from cnncalc.quiz.wording import asked_of
from cnncalc.tables.documents import report_document
from cnncalc.tables.table import table

CLAIM = "input: 4x4x1\\nlayers: [flatten]\\nclaims: [{touched: 64, source: us}]"
net = cnncalc.load("alexnet")
report = net.report()
shown = table(report, "summary")
key = AnswerKey(net)
column = [c.key for c in shown.columns].index("touched")
(derived,) = net.explain("conv1", "touched")
(whole,) = net.explain("total", "touched")
print(json.dumps({
    "report": [report.value("touched", report.row("conv1")), report.total("touched")],
    "table": [shown.headers()[column], shown.rows[1][column], shown.totals[column]],
    "json": [report_document(report)["layers"][1]["touched"], report_document(report)["totals"]["touched"]],
    "explain": [derived.steps[-1].formula, derived.steps[-1].numbers, derived.result],
    "explain total": whole.result,
    "identify": net.identify("615648").fits[0].simplest[:2],
    "check": [grade_one(key, "conv1", "touched", text).cells[0].status for text in ("615648", "615649")],
    "sheet": read_header("Values touched").quantity,
    "quiz": "touched" in {asked.quantity for asked in asked_in(net, 1)},
    "question": asked_of("conv1", "touched", 615648, 1, "float32")[0],
    "claim": cnncalc.loads(CLAIM).check_claims()[0].status,
    "gap": key.question("conv1", "touched").own.combos[0].name,
}))
"""


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a copy of cnncalc, with one more row in its table of quantities, says of it."""
    top = tmp_path_factory.mktemp("copy")
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "cnncalc", top / "cnncalc", ignore=ignore)
    (top / "specs").symlink_to(ROOT / "specs")
    path = top / "cnncalc" / "spec" / "quantities.py"
    text = path.read_text(encoding="utf-8")
    before = '    Quantity(\n        "receptive_field",'
    assert text.count(before) == 1
    path.write_text(text.replace(before, MADE_UP + before), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", ASK], cwd=top, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    answers: dict[str, Any] = json.loads(done.stdout)
    return answers


CONV1 = 34_848 + 2 * 55 * 55 * 96
OUTPUTS = sum(row.outputs for row in cnncalc.load("alexnet").report().rows)
TOTAL = 62_367_776 + 2 * OUTPUTS


def test_a_made_up_quantity_is_reported(answers: dict[str, Any]) -> None:
    assert answers["report"] == [CONV1, TOTAL]
    assert answers["json"] == [CONV1, TOTAL]


def test_a_made_up_quantity_has_a_column_and_a_total(answers: dict[str, Any]) -> None:
    assert answers["table"] == ["values touched", CONV1, TOTAL]


def test_a_made_up_quantity_is_explained(answers: dict[str, Any]) -> None:
    assert answers["explain"] == ["weights + 2 · outputs", "34,848 + 2 · 290,400", "615,648"]
    assert answers["explain total"] == f"{TOTAL:,}"


def test_a_made_up_quantity_is_identified(answers: dict[str, Any]) -> None:
    assert answers["identify"] == ["conv1", "touched"]


def test_a_made_up_quantity_is_checked_and_its_slips_are_found(answers: dict[str, Any]) -> None:
    assert answers["check"] == ["right", "wrong"]
    assert answers["sheet"] == "touched"
    assert answers["gap"] == "no-plus-one"
    assert answers["claim"] == "met"


def test_a_made_up_quantity_is_asked_in_a_quiz(answers: dict[str, Any]) -> None:
    assert answers["quiz"]
    assert answers["question"] == "How many values does conv1 touch?"


# ---- the rows that ship ---------------------------------------------------------------------------------------------


def test_the_contract_lists_the_quantities() -> None:
    wanted = "output weights biases params macs flops activations memory receptive_field"
    assert tuple(wanted.split()) == ASKED


def test_names_and_keys_are_unique() -> None:
    assert len({one.name for one in QUANTITIES}) == len(QUANTITIES)
    assert len({one.key for one in QUANTITIES}) == len(QUANTITIES)


@pytest.mark.parametrize("name", ASKED)
def test_what_is_asked_can_be_asked_in_words_and_got_wrong(name: str) -> None:
    quantity = BY_NAME[name]
    assert "{layer}" in quantity.question
    assert quantity.words.split("|")[0]
    assert quantity.slips in GROUPS
    assert slips_of(quantity.slips)
    assert set(quantity.follows) <= set(GROUPS)
    assert set(quantity.earlier) <= set(ASKED)
    assert quantity.total


def test_every_formula_is_over_counts_of_rows_and_totals() -> None:
    for quantity in SUMMED:
        for name in quantity.measures:
            assert name in Row._fields, quantity.name
            assert name in Totals._fields, quantity.name


def test_params_are_weights_and_biases_in_rows_too() -> None:
    for row in cnncalc.load("lenet5").report().rows:
        assert BY_NAME["params"].of(row) == row.params


def test_the_simplest_quantities_come_first() -> None:
    ranks = [quantity.rank for quantity in held_against()]
    assert ranks == list(range(1, len(ranks) + 1))
    assert all(quantity.unit and quantity.meaning for quantity in held_against())


def test_a_bytes_column_is_not_in_the_contract_of_json() -> None:
    assert shown_in("memory") == (
        "name",
        "output",
        "activations",
        "activation_bytes",
        "outputs",
        "output_bytes",
    )
    assert [one.key for one in QUANTITIES if one.scaled and not one.in_json] == [
        "activation_bytes",
        "output_bytes",
        "parameter_bytes",
    ]
