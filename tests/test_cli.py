"""The command line: every command and format, files, standard input, languages, widths, and what goes wrong.

Snapshots stand in tests/cli/*.out: the command, what it says, and how it ends. `pytest tests/test_cli.py --overwrite`
writes them anew; the columns of every table in them are added up again here.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shlex
import stat
import subprocess
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from extent import sample

import cnncalc
from cnncalc.cli import COMMANDS, main
from cnncalc.cli.complete import complete_layer, complete_network, complete_quantity
from cnncalc.spec.shipped import specs_folder

SNAPSHOTS = Path(__file__).parent / "cli"
TINY = "name: tiny\ninput: 4x4x1\nparams: {width: 2}\nlayers: [{conv: {filters: width, kernel: 1}}, relu, {fc: 3}]\n"


class Ran(NamedTuple):
    """How a command ended and what it said."""

    code: int
    out: str
    err: str


Cli = Callable[..., Ran]


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Run a command line in this process, 100 columns wide and without colour."""
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERMINAL_WIDTH", "100")

    def run(*argv: str | Path, stdin: str | bytes | None = None) -> Ran:
        if stdin is not None:
            data = stdin.encode() if isinstance(stdin, str) else stdin
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        code = main([str(word) for word in argv])
        return Ran(code, *capsys.readouterr())

    return run


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A spec file."""
    path = tmp_path / "tiny.yaml"
    path.write_text(TINY, encoding="utf-8")
    return path


# ---- snapshots ------------------------------------------------------------------------------------------------------

COMMAND_LINES = {
    "params": "params vgg16",
    "params_table": "params vgg16 --format table",
    "params_no_bias": "params vgg16 --no-bias",
    "params_set": "params alexnet --set classes=10",
    "params_ko": "params alexnet --lang ko",
    "params_markdown": "params lenet5 --format markdown",
    "params_latex": "params lenet5 --format latex",
    "params_html": "params lenet5 --format html",
    "params_csv": "params lenet5 --format csv",
    "shapes_default": "shapes --input 227",
    "shapes_small": "shapes vgg16 --input 32",
    "shapes_vanished": "shapes vgg16 --input 16",
    "flops": "flops googlenet --depth 1",
    "flops_with_side": "flops googlenet --depth 1 --with-side",
    "memory": "memory lenet5 --batch 32 --dtype float16 --optimizer adam",
    "receptive": "receptive alexnet",
    "summary": "summary lenet5",
    "summary_all": "summary lenet5 --all",
    "summary_table": "summary resnet50 --depth 1 --format table",
    "summary_ko": "summary alexnet --format table --lang ko",
    "summary_json": "summary torchvision/mobilenet_v2 --depth 1 --format json",
    "explain": "explain alexnet conv1 output",
    "list": "list --search AlexNet",
    "validate": "validate alexnet lenet5 googlenet",
    "wrong_network": "params vgg61",
    "wrong_command": "paramz vgg16",
    "wrong_layer": "explain alexnet conv9",
    "wrong_format": "params vgg16 --format markdwon",
}


@pytest.mark.parametrize("name", COMMAND_LINES)
def test_snapshot(name: str, cli: Cli, overwrite: bool) -> None:
    line = COMMAND_LINES[name]
    code, out, err = cli(*shlex.split(line))
    told = f"$ cnncalc {line}\n{out}"
    told += f"-- standard error\n{err}" if err else ""
    told += f"-- exit code {code}\n" if code else ""
    told = told.replace(str(specs_folder()), "specs")
    path = SNAPSHOTS / f"{name}.out"
    if overwrite:
        path.write_text(told, encoding="utf-8")
    assert told == path.read_text(encoding="utf-8"), (
        "if this is meant: pytest tests/test_cli.py --overwrite"
    )


def test_every_snapshot_is_of_a_command() -> None:
    assert {path.stem for path in SNAPSHOTS.glob("*.out")} == set(COMMAND_LINES)


def numbers_at_the_end(line: str) -> list[int]:
    """The whole numbers that a table's line ends with; shares and MiB stand beside what they are of."""
    found: list[int] = []
    apart = re.sub(r"\d+\.\d+ \\?%|\b[\d,]+\.\d\d\b", " ", line)
    for word in reversed(re.sub(r"[|*&\\]", " ", apart).split()):
        if not re.fullmatch(r"\d{1,3}(,\d{3})*", word):
            break
        found.insert(0, int(word.replace(",", "")))
    return found


TABLES = [
    name
    for name, line in COMMAND_LINES.items()
    if line.split()[0] in ("params", "flops", "memory")
    and "csv" not in name
    and "html" not in name
    and not name.startswith("wrong")
]


@pytest.mark.parametrize("name", TABLES)
def test_the_columns_of_a_snapshot_add_up_to_its_totals(name: str) -> None:
    lines = (SNAPSHOTS / f"{name}.out").read_text(encoding="utf-8").splitlines()[1:]
    (last,) = [place for place, line in enumerate(lines) if re.match(r"[|* ]*(total|전체)\b", line)]
    totals = numbers_at_the_end(lines[last])
    counted = "with_side" in name
    rows = [
        numbers_at_the_end(line)[-len(totals) :]
        for line in lines[:last]
        if counted or " * " not in line or line.startswith("|")
    ]
    rows = [row for row in rows if len(row) == len(totals)]
    assert len(rows) > 5
    assert len(totals) >= (1 if "no_bias" in name else 2)
    assert [sum(column) for column in zip(*rows, strict=True)] == totals


@pytest.mark.parametrize("question", ["summary", "params", "flops", "memory"])
@pytest.mark.parametrize("name", ["googlenet", "resnet50"])
def test_csv_adds_up_to_the_totals_of_json(question: str, name: str, cli: Cli) -> None:
    rows = list(
        csv.DictReader(io.StringIO(cli(question, name, "--format", "csv", "--with-side").out))
    )
    totals = json.loads(cli(question, name, "--format", "json", "--with-side").out)["totals"]
    for field in set(totals) & set(rows[0]):
        assert sum(int(row[field]) for row in rows) == totals[field], field


# ---- every command in every format ----------------------------------------------------------------------------------

FORMATTED = {
    "list": "list --search vgg",
    "summary": "summary lenet5",
    "params": "params lenet5",
    "shapes": "shapes lenet5",
    "flops": "flops lenet5",
    "memory": "memory lenet5",
    "receptive": "receptive lenet5",
    "explain": "explain lenet5 c3",
    "conv": "conv --input 9x9x2 --filters 4 --kernel 3",
    "pool": "pool --input 9x9x2 --kernel 3",
    "fc": "fc --input 9x9x2 --units 4",
}


class Balance(HTMLParser):
    """Checks that elements are closed, and gathers the text of cells."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.cells: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("td", "th"):
            self.cells.append(data)


@pytest.mark.parametrize(
    "style", [None, "table", "plain", "json", "csv", "markdown", "latex", "html"]
)
@pytest.mark.parametrize("command", FORMATTED)
def test_every_command_in_every_format(command: str, style: str | None, cli: Cli) -> None:
    code, out, err = cli(*shlex.split(FORMATTED[command]), *(["--format", style] if style else []))
    assert (code, err) == (0, "")
    assert out.endswith("\n")
    assert not out.endswith("\n\n")
    if style == "json":
        assert json.loads(out)
    elif style == "csv":
        header, *rows = csv.reader(io.StringIO(out))
        assert rows
        assert {len(row) for row in rows} == {len(header)}
    elif style == "markdown":
        table = [line for line in out.splitlines() if line.startswith("|")]
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table}) == 1
        assert set(table[1]) <= set("|-: ")
    elif style == "latex":
        assert out.count(r"\begin{tabular}") == out.count(r"\end{tabular}") == 1
        body = [line for line in out.splitlines() if line.endswith(r"\\")]
        assert len({len(re.findall(r"(?<!\\)&", line)) for line in body}) == 1
    elif style == "html":
        page = Balance(out)
        assert not page.open
        assert len(page.cells) > 4
    else:
        assert "\t" not in out
        assert not any(line != line.rstrip() for line in out.splitlines())


def test_plain_is_what_a_pipe_gets(cli: Cli) -> None:
    assert cli("params", "lenet5").out == cli("params", "lenet5", "--format", "plain").out


@pytest.mark.parametrize(
    "question", ["summary", "params", "shapes", "flops", "memory", "receptive"]
)
def test_the_questions_share_one_json_document(question: str, cli: Cli) -> None:
    assert (
        cli(question, "lenet5", "--format", "json").out
        == cli("summary", "lenet5", "--format", "json").out
    )


def test_csv_has_the_contracts_field_names(cli: Cli) -> None:
    rows = list(csv.DictReader(io.StringIO(cli("summary", "alexnet", "--format", "csv").out)))
    assert list(rows[0]) == [
        "name",
        "op",
        "inputs",
        "input",
        "output",
        "weights",
        "biases",
        "params",
        "buffers",
        "macs",
        "ops",
        "activations",
        "outputs",
        "receptive_field",
        "jump",
        "start",
        "centred",
        "side",
        "shares",
    ]
    assert {
        key: rows[1][key]
        for key in ("name", "input", "output", "params", "receptive_field", "start", "side")
    } == {
        "name": "conv1",
        "input": "227x227x3",
        "output": "55x55x96",
        "params": "34944",
        "receptive_field": "11x11",
        "start": "11/2x11/2",
        "side": "false",
    }
    assert "relu1" in [row["name"] for row in rows], "programs get every layer"


def test_list_as_the_contract_has_it(cli: Cli) -> None:
    listed = json.loads(cli("list", "--format", "json").out)["networks"]
    assert {frozenset(entry) for entry in listed} == {
        frozenset(
            ("name", "title", "family", "year", "input", "params", "macs", "source", "aliases")
        )
    }
    assert {entry["name"] for entry in listed} == set(cnncalc.networks())
    vgg = next(entry for entry in listed if entry["name"] == "vgg16")
    assert (vgg["params"], vgg["macs"], vgg["input"]) == (
        138_357_544,
        15_470_264_320,
        [224, 224, 3],
    )


def test_explain_prints_formula_numbers_and_result(cli: Cli) -> None:
    """Issue: O = (N + 2P − F)/S + 1 = (227 + 2·0 − 11)/4 + 1 = 55, in three lines; likewise the others."""
    lines = [line.strip() for line in cli("explain", "alexnet", "conv1").out.splitlines()]
    for expected in (
        ["O = (N + 2P − F)/S + 1  (height, width)", "= (227 + 2·0 − 11)/4 + 1", "= 55"],
        ["weights = F_h·F_w·C·K", "= 11·11·3·96", "= 34,848"],
        ["= 34,848 + 96", "= 34,944"],
        ["= 55·55·96·11·11·3", "= 105,415,200"],
        ["= 290,400·4", "= 1,161,600 bytes"],
    ):
        at = lines.index(expected[0])
        assert lines[at : at + len(expected)] == expected


def test_explain_says_where_a_filter_does_not_fit(cli: Cli) -> None:
    out = cli("conv", "--input", "7x7x3", "--filters", "4", "--kernel", "3", "--stride", "3").out
    assert "⌊(7 + 2·0 − 3)/3⌋ + 1" in out
    assert "the filter does not fit: 4/3" in out


def test_explain_of_a_block_and_of_the_whole_network(cli: Cli) -> None:
    """3a: 192·64 + 64, 192·96 + 96, 9·96·128 + 128, 192·16 + 16, 25·16·32 + 32 and 192·32 + 32 sum to 163,696."""
    out = cli("explain", "googlenet", "inception_3a", "params").out
    parts = re.findall(r"\d{1,3}(?:,\d{3})+", out)
    assert parts == ["12,352", "18,528", "110,720", "3,088", "12,832", "6,176", "163,696"]
    for name, total in (
        ("alexnet", "62,378,344"),
        ("vgg16", "138,357,544"),
        ("googlenet", "6,998,552"),
    ):
        assert total in cli("explain", name, "total", "params").out
        assert total in cli("explain", name, "total").out


@pytest.mark.parametrize(
    ("line", "shape", "params"),
    [
        ("conv --input 32x32x3 --filters 10 --kernel 5 --stride 1 --pad 2", "32×32×10", "760"),
        ("conv --input 32x32x3 --filters 10 --kernel 5 --pad same --no-bias", "32×32×10", "750"),
        (
            "conv --input 100x16 --filters 32 --kernel 5 --stride 2 --pad 2 --groups 4",
            "50×32",
            "672",
        ),  # 5*4*32 + 32
        ("conv --input 7x9x1 --filters 1 --kernel 3 --dilation 2", "3×5×1", "10"),
        (
            "conv --input 4x4x8 --filters 4 --kernel 3 --stride 2 --pad 1 --transpose --output-pad 1",
            "8×8×4",
            "292",
        ),
        ("pool --input 112x112x64 --kernel 3 --stride 2 --ceil", "56×56×64", "0"),
        ("pool --input 8x8x6 --kernel 2 --average", "4×4×6", "0"),
        ("fc --input 7x7x512 --units 4096", "4096", "102,764,544"),  # 25088*4096 + 4096
    ],
)
def test_one_layer_with_no_spec(line: str, shape: str, params: str, cli: Cli) -> None:
    first = cli(*line.split()).out.splitlines()[0]
    assert shape in first
    assert f"{params} parameters" in first
    document = json.loads(cli(*line.split(), "--format", "json").out)
    assert (document["batch"], document["dtype"], document["convention"]) == (
        1,
        "float32",
        "standard",
    )
    row = document["layers"][1]
    assert "×".join(map(str, row["output"])) == shape
    assert f"{row['params']:,}" == params


def test_the_list_is_read_from_the_index_and_made_where_that_cannot_be(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cnncalc import zoo

    index = tmp_path / "zoo.json"
    whole = zoo.index_file().read_text(encoding="utf-8")
    fresh = cli("list").out

    def listed(text: str) -> str:
        index.write_text(text, encoding="utf-8")
        zoo.entries.cache_clear()
        return cli("list").out

    monkeypatch.setattr(zoo, "index_file", lambda: index)
    try:
        assert listed(whole) == fresh
        assert listed(whole.replace("138357544", "123")) != fresh, "it is read"
        for broken in sample(("", "[{}]", "nonsense", '[{"name": "vgg16"}]'), 2):
            assert listed(broken) == fresh
        without = json.dumps([one for one in json.loads(whole) if one["name"] != "vgg16"])
        assert listed(without) == fresh, "a network that is not in it is walked"
    finally:
        zoo.entries.cache_clear()


def test_the_index_of_networks_is_current() -> None:
    from cnncalc import zoo

    assert zoo.index_file().read_text(encoding="utf-8") == zoo.index_text(), (
        "run python tools/make_zoo.py"
    )


# ---- options --------------------------------------------------------------------------------------------------------


def names_in(out: str) -> list[str]:
    """The first word of each row of a plain table."""
    body = out.split("\n\n")[1].splitlines()
    return [line.split()[0] for line in body if not line.startswith("-")][1:]


def test_no_network_is_alexnet_and_standard_error_says_so(cli: Cli) -> None:
    ran = cli("shapes", "--input", "227")
    assert (ran.code, ran.out) == (0, cli("shapes", "alexnet").out)
    assert ran.err.count("\n") == 1
    assert "alexnet" in ran.err


ODD_INPUTS = [
    (("params", "resnet18", "--input", "3x224x224"), "if 3 are the channels, they are written last: 224x224x3"),
    (("params", "resnet18", "--input", "3x224x320"), "if 3 are the channels, they are written last: 224x320x3"),
    (("params", "resnet18", "--input", "224x224x1"), "the depth of 224x224x1 is 1; that of the spec's own input"),
    (("conv", "--input", "32x32", "--filters", "10", "--kernel", "5"), "a picture of one channel is written 32x32x1"),
    (("explain", "lenet5", "c1", "--input", "32x32x3"), "is 3; that of the spec's own input, 32x32x1, is 1"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "note"), ODD_INPUTS, ids=[note for _, note in ODD_INPUTS])
def test_an_input_that_looks_wrong_gets_one_line(
    words: tuple[str, ...], note: str, cli: Cli
) -> None:
    ran = cli(*words)
    assert (ran.code, ran.err.count("\n")) == (0, 1)
    assert note in ran.err


def test_an_fc_that_flattens_another_map_is_said_to_have_other_weights(cli: Cli) -> None:
    """VGG-16 at 320: 10·10·512·4096 weights in fc1 for 7·7·512·4096."""
    ran = cli("params", "vgg16", "--input", "320")
    assert "fc1 flattens another map" in ran.err
    assert "209,715,200 weights, not 102,760,448" in ran.err
    assert cli("params", "vgg16", "--input", "230").err == "", "230 gives a map of 7×7 too"


@pytest.mark.parametrize("size", ["224", "320x240", "224x224x3"])
def test_another_picture_of_the_same_depth_gets_no_line(size: str, cli: Cli) -> None:
    assert cli("params", "resnet18", "--input", size).err == ""


@pytest.mark.parametrize("size", ["224 224 3", "[224, 224, 3]", "224*224*3", "224,224", "224X224"])
def test_a_size_as_people_write_it(size: str, cli: Cli) -> None:
    assert cli("shapes", "resnet18", "--input", size).out == cli("shapes", "resnet18").out


IDLE = [
    ("shapes", "--batch=4"),
    ("params", "--dtype=float16"),
    ("flops", "--optimizer=adam"),
    ("receptive", "--convention=keras"),
    ("flops", "--no-bias"),
    ("summary", "--batch=4"),
]


@pytest.mark.parametrize(("command", "option"), IDLE)
def test_an_option_that_changes_nothing_says_so(command: str, option: str, cli: Cli) -> None:
    ran = cli(command, "alexnet", option)
    assert ran.out == cli(command, "alexnet").out
    name = option.partition("=")[0]
    assert ran.err.startswith(f"note: {name} changes nothing in {command};")
    assert cli(command, "alexnet", option, "--format", "json").err == ""


def test_an_option_that_acts_says_nothing(cli: Cli) -> None:
    assert cli("memory", "alexnet", "--batch", "4", "--optimizer", "AdamW").err == ""
    assert cli("params", "resnet18", "--convention", "keras").err == ""
    in_csv = cli("params", "resnet18", "--convention", "keras", "--format", "csv").err
    assert in_csv.startswith("note: --convention changes nothing")


def test_a_size_behind_a_network_is_told_where_it_belongs(cli: Cli) -> None:
    assert "another input is --input 227" in cli("shapes", "alexnet", "227").err
    assert "--input" not in cli("shapes", "alexnet", "vgg16").err


def test_training_in_int8_is_said_to_be_none(cli: Cli) -> None:
    assert "nothing is trained in int8" in cli("memory", "alexnet", "--dtype", "int8").out
    assert "int8;" not in cli("memory", "alexnet").out


LAYER_WORDS = [
    ("alexnet", "전체"),
    ("alexnet", "Conv-1"),
    ("vgg16", "Conv1-1"),
    ("alexnet", "params"),
]


@pytest.mark.parametrize(("net", "word"), LAYER_WORDS)
def test_explain_takes_the_words_that_check_takes(net: str, word: str, cli: Cli) -> None:
    assert cli("explain", net, word).code == 0


def test_a_word_of_several_layers_names_them_in_order(cli: Cli) -> None:
    assert "'conv1' may be any of conv1_1, conv1_2" in cli("explain", "vgg16", "conv1").err
    asked = cli("explain", "resnet50", "bottleneck1").err
    assert "did you mean conv2_x/bottleneck1 or conv3_x/bottleneck1" in asked
    assert "did you mean vgg11 or vgg13 or vgg16?" in cli("params", "vgg").err
    assert "another input is --input 227" in cli("shapes", "227").err


@pytest.mark.parametrize(
    "name",
    [
        *("alexnet", "inception_v1", "INCEPTION_V1", "Vgg16", "torchvision/mobilenet_v2"),
        *("VGG-16", "resnet 50", "ResNet-50", "le net_5", "Inception V1"),
    ],
)
def test_names_and_aliases_in_any_letters(name: str, cli: Cli) -> None:
    assert cli("params", name).code == 0


def test_a_path_works_everywhere_a_name_does(cli: Cli, tiny: Path) -> None:
    for command in (
        "summary",
        "params",
        "shapes",
        "flops",
        "memory",
        "receptive",
        "explain",
        "validate",
    ):
        assert cli(command, tiny).code == 0, command
    assert json.loads(cli("params", tiny, "--format", "json").out)["network"] == "tiny"


def test_standard_input_works_everywhere_a_name_does(cli: Cli) -> None:
    for command in (
        "summary",
        "params",
        "shapes",
        "flops",
        "memory",
        "receptive",
        "explain",
        "validate",
    ):
        assert cli(command, "-", stdin=TINY).code == 0, command
    unnamed = json.loads(
        cli("params", "-", "--format", "json", stdin="input: 4x4x1\nlayers: [relu]\n").out
    )
    assert unnamed["network"] == "-"
    wrong = cli("params", "-", stdin="input: 4x4x1\nlayers: [rleu]\n")
    assert (wrong.code, wrong.out) == (2, "")
    assert wrong.err.startswith("-:2:10: error: there is no op or block 'rleu'")


def test_input_set_batch_dtype_optimizer(cli: Cli, tiny: Path) -> None:
    options = "--input 6x5 --set width=3 --batch 2 --dtype float16 --optimizer adam --format json"
    document = json.loads(cli("summary", tiny, *options.split()).out)
    assert [document[key] for key in ("input", "batch", "dtype", "optimizer")] == [
        [6, 5, 1],
        2,
        "float16",
        "adam",
    ]
    assert document["layers"][1]["output"] == [6, 5, 3]
    # conv 1*3 + 3, fc 90*3 + 3 parameters four times over; conv keeps 30, relu's output of 90 is the fc's input too
    assert document["totals"]["training_bytes"] == 279 * 2 * 4 + 2 * (30 + 90) * 2


def test_all_also_shows_what_changes_nothing(cli: Cli) -> None:
    assert "relu1" not in names_in(cli("params", "alexnet").out)
    assert {"relu1", "lrn1", "dropout2", "softmax1"} <= set(
        names_in(cli("params", "alexnet", "--all").out)
    )


def test_what_is_hidden_is_in_the_totals_all_the_same(cli: Cli) -> None:
    """Hidden layers that count have a line of their own."""
    out = cli("memory", "lenet5").out
    assert "6 not shown" in out


def test_depth_folds(cli: Cli) -> None:
    rows = names_in(cli("params", "googlenet", "--depth", "1").out)
    assert "inception_3a" in rows
    assert not any("/" in name for name in rows)


def test_with_side_counts_sides(cli: Cli) -> None:
    without, with_side = (
        json.loads(cli("params", "torchvision/googlenet", "--format", "json", *more).out)["totals"]
        for more in ([], ["--with-side"])
    )
    assert (without["params"], with_side["params"]) == (6_624_904, 13_004_888)
    assert "aux1" in cli("params", "googlenet", "--depth", "1").out, "the row is there, and marked"


def test_no_bias(cli: Cli) -> None:
    out = cli("params", "vgg16", "--no-bias").out
    assert "138,344,128" in out
    assert "138,357,544" not in out
    assert "--no-bias" in out


@pytest.mark.parametrize(("times", "more"), [(4, ""), (5, " and 1 more"), (9, " and 5 more")])
def test_a_note_says_whose_weights_are_shared(times: int, more: str, cli: Cli) -> None:
    text = (
        "input: 4x4x1\nlayers:\n- conv: {name: a, filters: 1, kernel: 1}\n"
        f"- repeat: {{times: {times}, layers: [{{conv: {{filters: 1, kernel: 1, share: a}}}}]}}\n"
    )
    (note,) = [
        line for line in cli("params", "-", stdin=text).out.splitlines() if "counted once" in line
    ]
    assert note.startswith("weights counted once: conv2 uses those of a, conv3 uses those of a")
    assert note.count("uses those of") == 4
    assert note.endswith("conv5 uses those of a" + more)


def test_korean_headers(cli: Cli) -> None:
    out = cli("params", "alexnet", "--lang", "ko").out
    assert out.splitlines()[2].split() == [
        *("계층", "출력", "크기", "가중치", "편향", "파라미터"),
        "비중",
    ]
    assert "전체" in out
    assert "parameters" not in out


# ---- the terminal ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [80, 200])
@pytest.mark.parametrize(
    "command",
    [
        "summary googlenet",
        "memory resnet50 --depth 1",
        "list",
        "receptive googlenet --all",
        "summary alexnet --lang ko",
    ],
)
def test_a_table_fits_the_terminal(
    width: int, command: str, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cnncalc.text.source import display_width

    monkeypatch.setenv("COLUMNS", str(width))
    out = cli(*command.split(), "--format", "table").out
    assert max(map(display_width, out.splitlines())) <= width


def test_a_narrow_terminal_says_what_it_leaves_out(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    narrow = cli("summary", "googlenet", "--format", "table").out
    assert "left out at 80 columns" in " ".join(narrow.split())
    monkeypatch.setenv("COLUMNS", "200")
    assert "left out" not in cli("summary", "alexnet", "--format", "table").out


def test_colour_is_for_terminals_that_want_it(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert "\x1b[" not in cli("params", "lenet5").out, "NO_COLOR is set"
    monkeypatch.delenv("NO_COLOR")
    assert "\x1b[" in cli("params", "lenet5").out
    assert "─" in cli("params", "lenet5").out, "a terminal gets the table"
    monkeypatch.setenv("TERM", "dumb")
    assert "\x1b[" not in cli("params", "lenet5").out
    monkeypatch.setattr(sys.stdout, "isatty", lambda: False, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert "\x1b[" not in cli("params", "lenet5", "--format", "table").out


# ---- -o FILE --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [*FORMATTED.values(), "schema"])
def test_output_goes_to_the_file_as_it_would_to_the_screen(
    command: str, cli: Cli, tmp_path: Path
) -> None:
    path = tmp_path / "out.txt"
    assert cli(*shlex.split(command), "-o", path) == Ran(0, "", "")
    assert path.read_text(encoding="utf-8") == cli(*shlex.split(command)).out
    assert [entry.name for entry in tmp_path.iterdir()] == ["out.txt"], "nothing is left beside it"


def test_an_existing_file_keeps_its_permissions_and_a_new_one_has_the_usual(
    cli: Cli, tmp_path: Path
) -> None:
    old, new = tmp_path / "old.txt", tmp_path / "new.txt"
    old.write_text("before")
    old.chmod(0o640)
    mask = os.umask(0o027)
    try:
        cli("params", "lenet5", "-o", old)
        cli("params", "lenet5", "-o", new)
    finally:
        os.umask(mask)
    assert stat.S_IMODE(old.stat().st_mode) == 0o640
    assert stat.S_IMODE(new.stat().st_mode) == 0o640
    assert old.read_text(encoding="utf-8") == new.read_text(encoding="utf-8")


def test_a_device_is_written_to_and_not_replaced(cli: Cli) -> None:
    assert cli("params", "lenet5", "-o", os.devnull) == Ran(0, "", "")
    assert not Path(os.devnull).is_file()


def test_a_link_stays_a_link(cli: Cli, tmp_path: Path) -> None:
    target, link = tmp_path / "target.txt", tmp_path / "link.txt"
    target.write_text("before")
    link.symlink_to(target)
    assert cli("params", "lenet5", "-o", link).code == 0
    assert link.is_symlink()
    assert "60,000" in target.read_text(encoding="utf-8")


@pytest.mark.parametrize("step", ["replace", "chmod"])
def test_a_failure_leaves_the_old_file_whole(
    step: str, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "old.txt"
    path.write_text("before")

    def full(*_args: Any, **_options: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, step, full)
    ran = cli("params", "lenet5", "-o", path)
    assert (ran.code, ran.out) == (2, "")
    assert "no space left on device" in ran.err
    assert path.read_text() == "before"
    assert [entry.name for entry in tmp_path.iterdir()] == ["old.txt"]


def test_a_wrong_spec_leaves_the_old_file_whole(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "old.txt"
    path.write_text("before")
    assert cli("params", "vgg61", "-o", path).code == 2
    assert cli("shapes", "vgg16", "--input", "8", "-o", path).code == 2
    assert path.read_text() == "before"


def test_a_place_that_cannot_be_written(cli: Cli, tmp_path: Path) -> None:
    for place in (tmp_path / "none" / "out.txt", tmp_path):
        ran = cli("params", "lenet5", "-o", place)
        assert (ran.code, ran.out) == (2, "")
        assert "cannot write" in ran.err


# ---- what goes wrong ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("params vgg61", "did you mean vgg1"),
        ("params gogglenet", "did you mean googlenet"),
        ("params nothing_like_it_at_all", "cnncalc list shows the networks"),
        ("params none.yaml", "cannot read this file: no such file"),
        ("parms vgg16", "did you mean 'params'"),
        ("explain alexnet conv9", "did you mean conv"),
        ("explain alexnet conv1 parms", "did you mean 'params'"),
        ("params vgg16 --format jsno", "did you mean 'json'"),
        ("params vgg16 --dtype float31", "did you mean 'float32'"),
        ("params vgg16 --optimizer adma", "did you mean 'adam'"),
        ("params vgg16 --convention standart", "did you mean 'standard'"),
        ("params vgg16 --lang kr", "--lang cannot be 'kr'"),
        ("params vgg16 --set clases=10", "did you mean 'classes'"),
        ("params vgg16 --set classes", "is not NAME=VALUE"),
        ("params vgg16 --set classes=1 --set classes=2", "is set twice"),
        ("params vgg16 --set classes=0", "expected a whole number of at least 1"),
        ("params vgg16 --batch 0", "--batch is at least 1"),
        ("params vgg16 --depth 0", "--depth is at least 1"),
        ("params vgg16 --depth two", "not a valid int"),
        ("params vgg16 --input 1x2x3x4", "4 numbers are given"),
        ("params vgg16 --inptu 32", "--input"),
        ("params vgg16 resnet50", "unexpected extra argument"),
        ("shapes vgg16 --input 16", "pool5: the map vanishes"),
        ("conv --input 32x32x3 --filters 10", "--kernel"),
        ("conv --input 4x4x3 --filters 10 --kernel 5", "the map vanishes"),
        ("conv --input 4x4x3 --filters ten --kernel 3", "'ten'"),
        (
            "pool --input 4x4x3 --kernel 2 --average --dilation 2",
            "'dilation' is not a field of avgpool",
        ),
        ("fc --units 10", "--input"),
        ("validate", "FILE"),
    ],
)
def test_bad_usage_is_exit_code_2_and_says_what_to_do(line: str, said: str, cli: Cli) -> None:
    ran = cli(*shlex.split(line))
    assert (ran.code, ran.out) == (2, "")
    assert said.lower() in " ".join(re.sub("[│╭╮╰╯─]", " ", ran.err).split()).lower()
    assert "Traceback" not in ran.err


def test_all_problems_of_a_spec_are_shown_in_order(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(
        "input: 8x8x3\nlayers:\n- conv: {kernal: 3, filters: 4}\n- relu\n- cnov: {filters: 4}\n- fc: no\n"
    )
    ran = cli("params", path)
    assert ran.code == 2
    assert [
        line.split(": error:")[0].rsplit("/", 1)[1]
        for line in ran.err.splitlines()
        if ": error:" in line
    ] == ["wrong.yaml:3:10", "wrong.yaml:5:3", "wrong.yaml:6:7"]


def test_validate_ends_with_the_worst(cli: Cli, tmp_path: Path) -> None:
    sound, claims, broken = (tmp_path / f"{name}.yaml" for name in ("sound", "claims", "broken"))
    sound.write_text(TINY)
    claims.write_text(TINY + "claims: [{params: 104, source: hand}]\n")
    broken.write_text("input: 4x4x1\nlayers: [rleu]\n")
    # conv 1*2 + 2 and fc 32*3 + 3: 103 parameters
    assert cli("validate", sound).code == 0
    ran = cli("validate", sound, claims)
    assert ran.code == 1
    assert "tiny has params 103, not 104" in ran.err
    assert cli("validate", broken, claims, sound).code == 2
    quiet = cli("validate", "-q", sound)
    assert quiet == Ran(0, "", "")


def test_notes_are_no_mistakes(cli: Cli) -> None:
    ran = cli(
        "validate",
        "-",
        stdin="input: 7x7x1\nlayers: [{conv: {filters: 1, kernel: 3, stride: 3}}]\n",
    )
    assert ran.code == 0
    assert "the filter does not fit: 4/3" in ran.err


def test_a_search_that_finds_nothing_is_exit_code_1(cli: Cli) -> None:
    ran = cli("list", "--search", "no network has this")
    assert ran.code == 1
    assert "no network has" in ran.err


# ---- help, version, completion --------------------------------------------------------------------------------------


def test_help_groups_every_command_by_what_it_is_for(cli: Cli) -> None:
    out = cli("--help").out
    for name, command in COMMANDS.items():
        assert re.search(rf"\b{name}\b", out), name
        assert command.group in out
        assert command.help[:30] in out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str, cli: Cli) -> None:
    ran = cli(name, "--help")
    assert ran.code == 0
    assert "Usage: cnncalc " + name in ran.out


def test_version(cli: Cli) -> None:
    assert cli("--version") == Ran(0, f"cnncalc {cnncalc.__version__}\n", "")


def test_no_command_shows_the_help(cli: Cli) -> None:
    ran = cli()
    assert "Look at a network" in ran.out + ran.err


class Context:
    """What a shell has typed so far."""

    def __init__(self, **params: Any) -> None:
        self.params = params


def test_completion_of_names(tmp_path: Path) -> None:
    assert complete_network("vgg1") == ["vgg11", "vgg11_lrn", "vgg13", "vgg16", "vgg16_c", "vgg19"]
    assert "torchvision/alexnet" in complete_network("torch")
    assert complete_network("none such") == []
    assert complete_layer(Context(net="alexnet"), "conv") == [
        "conv1",
        "conv2",
        "conv3",
        "conv4",
        "conv5",
    ]
    assert complete_layer(Context(net="alexnet"), "tot") == ["total"]
    assert {"inception_3a", "inception_3a/c3"} <= set(
        complete_layer(Context(net="googlenet"), "inception_3a")
    )
    assert complete_layer(Context(net="no such"), "c") == []
    assert complete_layer(Context(net="-"), "c") == []
    assert complete_layer(Context(net=None), "c") == []
    assert complete_quantity("m") == ["macs", "memory"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("cnncalc params vgg16_", "vgg16_c"),
        ("cnncalc explain lenet5 f", "f6"),
        ("cnncalc explain lenet5 f6 bi", "biases"),
        ("cnncalc rece", "receptive"),
    ],
)
def test_completion_as_a_shell_asks_for_it(
    line: str, expected: str, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_CNNCALC_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", line)
    monkeypatch.setenv("COMP_CWORD", str(len(line.split()) - 1))
    assert cli().out.split() == [expected]


# ---- as a process ---------------------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "emscripten", reason="there are no processes")
def test_a_whole_process_whose_reader_goes_away() -> None:
    """One process for all that this one cannot show: the console script's exit, and a pipe that is closed early."""
    process = subprocess.Popen(
        [sys.executable, "-m", "cnncalc", "summary", "densenet121", "--format", "json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"{\n"
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == b""
    assert process.wait() == 0
