"""What is added in one place is known everywhere: a made-up quantity, op, slip, format, convention and command.

They are added to a copy of cnncalc, each by one edit of one file, and the copy is asked about them in a process.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import cnncalc

ROOT = Path(__file__).parent.parent


class Addition(NamedTuple):
    """A text that is put before another in one file of the package, or at its end."""

    file: str
    text: str
    before: str = ""

    def put(self, top: Path) -> None:
        """Add it to a copy."""
        path = top / self.file
        old = path.read_text(encoding="utf-8") if path.exists() else ""
        assert not self.before or old.count(self.before) == 1
        place = old.index(self.before) if self.before else len(old)
        path.write_text(old[:place] + self.text + old[place:], encoding="utf-8")


QUANTITY = Addition(
    "cnncalc/spec/quantities.py",
    """\
    Quantity(
        "touched", "values touched", formula="weights + 2 * outputs", unit="values", rank=99,
        meaning="weights once and outputs twice", total="sum", tables="summary", is_asked=True, slips="size",
        words="touched|values touched|접근 값", quiz=("layer1",),
        question="How many values does {layer} touch?",
    ),
""",
    before='    Quantity(\n        "receptive_field",',
)
"""A quantity that nobody has heard of. Of AlexNet's conv1 it is 34,848 + 2 · 290,400 = 615,648."""

OP = Addition(
    "cnncalc/ops/pointwise.py",
    '''

class Gain(Op):
    """Learned factor for each channel, made up."""

    kind = "gain"
    family = "pointwise"
    aliases = ("channelgain",)
    fields = (Field("twice", Flag(), False, help="whether each value is multiplied twice"),)

    twice: bool

    def arrays(self, *inputs: Shape) -> tuple[Array, ...]:
        return (Array("gain", "weights", (inputs[0][-1],), ("C",)),)

    def work(self, output: Shape, *inputs: Shape) -> tuple[Work, ...]:
        return (per_element("mul", output, 2 if self.twice else 1),)
''',
)
"""An op of C weights, and of one or two products for each element: of 4x4x3 they are 3 and 48 or 96."""

SLIP = Addition(
    "cnncalc/homework/slips/parameters.py",
    '''

@slip(
    "weights-sevenfold",
    "parameters",
    part="scale",
    formula="7·(W + B)",
    message=message("Nobody counts a weight seven times."),
    concept=message("counting"),
)
def weights_sevenfold(variant: Variant) -> Iterator[Variant]:
    """7·(W + B)."""
    yield variant._replace(times=7)
''',
)
"""A slip that nobody makes. Of AlexNet's conv1 it gives 7 · 34,944 = 244,608."""

FORMAT = Addition(
    "cnncalc/tables/formats/stars.py",
    '''"""A table with a star between its cells."""

from cnncalc.tables.table import Table, for_people


def render(table: Table) -> str:
    """Return the rows, a line each."""
    kinds = [column.kind for column in table.columns]
    rows = [[for_people(kind, cell) for kind, cell in zip(kinds, row)] for row in table.rows]
    return "\\n".join("*".join(cells) for cells in (table.headers(), *rows))
''',
)

CONVENTION = Addition(
    "specs/conventions/products.yaml",
    """\
name: products
title: multiplications alone
unit: products
parameters: [weights]
operations: [mul]
""",
)

COMMAND = Addition(
    "cnncalc/cli/__init__.py",
    """\
    "nets": Command("zoo:list_networks", "The networks, made up.", _LOOK, "cnncalc nets --search lenet"),
""",
    before='    "summary": Command(',
)

ASK = """
import contextlib, io, json, sys
import cnncalc, make_docs
from cnncalc.cli import main
from cnncalc.cli.complete import complete_convention, complete_format
from cnncalc.homework.grade import grade_one
from cnncalc.homework.key import AnswerKey
from cnncalc.homework.sheets.labels import read_header
from cnncalc.quiz.from_network import asked_in
from cnncalc.quiz.wording import asked_of
from cnncalc.spec.schema import spec_schema
from cnncalc.tables.documents import report_document
from cnncalc.tables.table import table

SPEC = "name: n\\ninput: 4x4x3\\nlayers: [{}: {{name: g, twice: true}}]\\n"
CLAIM = "input: 4x4x1\\nlayers: [flatten]\\nclaims: [{touched: 64, source: us}]"


def run(line, spec=""):
    with open("net.yaml", "w") as file:
        file.write(spec)
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        main(line.split())
    return out.getvalue()


net = cnncalc.load("alexnet")
report = net.report()
shown = table(report, "summary")
key = AnswerKey(net)
column = [c.key for c in shown.columns].index("touched")
(derived,) = net.explain("conv1", "touched")
(whole,) = net.explain("total", "touched")
own = cnncalc.loads(SPEC.format("ChannelGain"))
own_key = AnswerKey(own)
(multiplied,) = own.explain("g", "weights")
group = make_docs.typer.main.get_command(make_docs.app)
slipped = grade_one(key, "conv1", "params", "244608").cells[0].diagnosis
print(json.dumps({
    "quantity": {
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
    },
    "op": {
        "report": [own.report().totals.params, own.graph.nodes[1].facts.events["mul"]],
        "params": run("params net.yaml --format csv", SPEC.format("gain")).splitlines()[-1],
        "validate": run("validate net.yaml", SPEC.format("gian")),
        "schema": "gain" in json.dumps(spec_schema()),
        "docs": [line for line in make_docs.ops_part() if "gain" in line or "twice" in line],
        "explain": [multiplied.steps[-1].formula, multiplied.result],
        "check": [grade_one(own_key, "g", "params", text).cells[0].status for text in ("3", "4")],
        "convert": run("convert net.yaml --to yaml", SPEC.format("gain")),
        "torch": run("convert net.yaml --to torch", SPEC.format("gain")),
        "draw": run("draw net.yaml -o -", SPEC.format("gain")).count("gain"),
    },
    "slip": {
        "check": slipped.slips,
        "hint": run("check alexnet conv1 params 244608 --hints --format json"),
        "korean": run("check alexnet conv1 params 244608 --hints --format json --lang ko"),
        "own": [slip.name for slip in key.question("conv1", "params").own_slips],
    },
    "format": {
        "params": run("params lenet5 --format stars").splitlines()[1],
        "check": run("check alexnet conv1 params 5 --format stars").splitlines()[0],
        "help": run("params --help"),
        "wrong": run("params lenet5 --format star"),
        "completion": list(complete_format("st")),
        "docs": make_docs.COMMANDS_INTRODUCTION,
    },
    "convention": {
        "flops": own.report(convention="products").total("flops"),
        "conventions": run("conventions"),
        "wrong": run("flops lenet5 --convention product"),
        "completion": complete_convention("prod"),
        "identify": run("identify net.yaml 96", SPEC.format("gain")),
    },
    "command": {
        "run": run("nets --search lenet").splitlines()[-1],
        "help": run("--help"),
        "own help": run("nets --help"),
        "docs": "### cnncalc nets" in "\\n".join(make_docs.command_section(group, "nets")),
    },
}))
"""


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What a copy of cnncalc with all additions says of each."""
    top = tmp_path_factory.mktemp("copy")
    shutil.copytree(ROOT / "cnncalc", top / "cnncalc")
    (top / "specs").mkdir()
    for path in (ROOT / "specs").iterdir():
        if path.name != "conventions":
            (top / "specs" / path.name).symlink_to(path)
    shutil.copytree(ROOT / "specs" / "conventions", top / "specs" / "conventions")
    for addition in (QUANTITY, OP, SLIP, FORMAT, CONVENTION, COMMAND):
        addition.put(top)
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        cwd=top,
        env={**os.environ, "PYTHONPATH": f"{top}{os.pathsep}{ROOT / 'tools'}", "COLUMNS": "100"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answers: dict[str, dict[str, Any]] = json.loads(done.stdout)
    return answers


@pytest.fixture(scope="module")
def quantity(answers: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """What is said of the quantity."""
    return answers["quantity"]


@pytest.fixture(scope="module")
def op(answers: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """What is said of the op."""
    return answers["op"]


CONV1 = 34_848 + 2 * 55 * 55 * 96
OUTPUTS = sum(row.outputs for row in cnncalc.load("alexnet").report().rows)
TOTAL = 62_367_776 + 2 * OUTPUTS


def test_a_made_up_quantity_is_reported(quantity: dict[str, Any]) -> None:
    assert quantity["report"] == [CONV1, TOTAL]
    assert quantity["json"] == [CONV1, TOTAL]


def test_a_made_up_quantity_has_a_column_and_a_total(quantity: dict[str, Any]) -> None:
    assert quantity["table"] == ["values touched", CONV1, TOTAL]


def test_a_made_up_quantity_is_explained(quantity: dict[str, Any]) -> None:
    assert quantity["explain"] == ["weights + 2 · outputs", "34,848 + 2 · 290,400", "615,648"]
    assert quantity["explain total"] == f"{TOTAL:,}"


def test_a_made_up_quantity_is_identified(quantity: dict[str, Any]) -> None:
    assert quantity["identify"] == ["conv1", "touched"]


def test_a_made_up_quantity_is_checked_and_its_slips_are_found(quantity: dict[str, Any]) -> None:
    assert quantity["check"] == ["right", "wrong"]
    assert quantity["sheet"] == "touched"
    assert quantity["gap"] == "no-plus-one"
    assert quantity["claim"] == "met"


def test_a_made_up_quantity_is_asked_in_a_quiz(quantity: dict[str, Any]) -> None:
    assert quantity["quiz"]
    assert quantity["question"] == "How many values does conv1 touch?"


# ---- an op ----------------------------------------------------------------------------------------------------------


def test_a_made_up_op_is_counted(op: dict[str, Any]) -> None:
    assert op["report"] == [3, 96]
    assert op["params"] == "g,gain,4x4x3,3,0,3,false"


def test_a_made_up_op_is_explained_and_graded(op: dict[str, Any]) -> None:
    assert op["explain"] == ["C", "3"]
    assert op["check"] == ["right", "wrong"]


def test_a_made_up_op_is_known_to_the_language(op: dict[str, Any]) -> None:
    assert "did you mean 'gain'?" in op["validate"]
    assert op["schema"]
    assert op["docs"] == [
        "| `gain` |  |  |  | learned factor for each channel, made up |",
        "|  | `twice` | true or false | `false` | whether each value is multiplied twice |",
    ]


def test_a_made_up_op_is_drawn_and_written_where_it_can_be(op: dict[str, Any]) -> None:
    assert op["draw"]
    assert "- gain: {name: g, twice: true}" in op["convert"]
    assert "gain" in op["torch"]
    assert "error" in op["torch"]


# ---- the others -----------------------------------------------------------------------------------------------------


def test_a_made_up_slip_is_found_and_said(answers: dict[str, dict[str, Any]]) -> None:
    slip = answers["slip"]
    assert slip["check"] == ["weights-sevenfold"]
    assert "Nobody counts a weight seven times. Look up: counting." in slip["hint"]
    assert "Nobody counts a weight seven times." in slip["korean"]  # until it has its Korean
    assert "weights-sevenfold" in slip["own"]


def test_a_made_up_format_is_offered_by_every_answer(answers: dict[str, dict[str, Any]]) -> None:
    format_ = answers["format"]
    assert format_["params"].split("*")[:2] == ["input", "32×32×1"]
    assert "*" in format_["check"]
    assert "stars" in format_["help"]
    assert "did you mean 'stars'?" in format_["wrong"]
    assert format_["completion"] == ["stars"]
    assert "`stars`" in format_["docs"]


def test_a_made_up_convention_counts(answers: dict[str, dict[str, Any]]) -> None:
    convention = answers["convention"]
    assert convention["flops"] == 96
    assert "multiplications alone" in convention["conventions"]
    assert "did you mean 'products'?" in convention["wrong"]
    assert convention["completion"] == ["products"]
    assert "products" in convention["identify"]


def test_a_made_up_command_is_run_and_helped(answers: dict[str, dict[str, Any]]) -> None:
    command = answers["command"]
    assert "lenet" in command["run"]
    assert "The networks, made up." in command["help"]
    assert "cnncalc nets --search lenet" in command["own help"]
    assert command["docs"]
