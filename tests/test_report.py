"""Reports: rows, totals, folding, memory, receptive fields and the JSON contract; every number worked out by hand.

Where a number is not worked out beside the expectation it is one measured outside this project (see `MEASURED`).
"""

from __future__ import annotations

import json
from fractions import Fraction
from math import prod
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import cnncalc
from cnncalc import Report
from cnncalc.ops import OPS
from cnncalc.ops.base import Kept
from cnncalc.report.conventions import load_convention
from cnncalc.spec.quantities import BY_NAME
from cnncalc.tables.documents import report_document

CONTRACT = Path(__file__).parent / "contract" / "summary.schema.json"
SUMMED = ("weights", "biases", "params", "buffers", "macs", "ops", "activations", "outputs")


def report(layers: str, input: str = "4x4x1", **options: Any) -> Report:
    """The report of a few layers, written in flow style."""
    return cnncalc.loads(f"input: {input}\nlayers: {layers}\n").report(**options)


def conv(filters: int, kernel: int = 1, more: str = "") -> str:
    return f"{{conv: {{filters: {filters}, kernel: {kernel}{more}}}}}"


# ---- rows and totals ------------------------------------------------------------------------------------------------

MEASURED = {
    # exact parameters and MACs of conv and fc, 1000 classes, measured with the frameworks' own implementations
    "alexnet": (62_378_344, 1_135_256_096),
    "alexnet_two_towers": (60_965_224, 724_406_816),
    "vgg11": (132_863_336, 7_609_090_048),
    "vgg16": (138_357_544, 15_470_264_320),
    "googlenet": (6_998_552, 1_582_671_872),
    "resnet18": (11_689_512, 1_814_073_344),
    "resnet50": (25_557_032, 3_857_973_248),
    "torchvision/resnet50": (25_557_032, 4_089_184_256),
    "densenet121": (7_978_856, 2_834_161_664),
    "torchvision/alexnet": (61_100_840, 714_188_480),
    "torchvision/googlenet": (6_624_904, 1_498_376_192),
    "torchvision/mobilenet_v2": (3_504_872, 300_774_272),
}


@pytest.mark.parametrize("name", MEASURED)
def test_totals_of_known_networks(name: str) -> None:
    totals = cnncalc.load(name).report().totals
    assert (totals.params, totals.macs) == MEASURED[name]


@pytest.mark.parametrize("name", ["googlenet", "resnet50", "lenet5", "torchvision/mobilenet_v2"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"with_side": True},
        {"no_bias": True},
        {"depth": 1},
        {"depth": 2},
        {"depth": 1, "with_side": True},
    ],
    ids=str,
)
def test_totals_are_the_sums_of_the_rows(name: str, options: dict[str, Any]) -> None:
    made = cnncalc.load(name).report(**options)
    rows = [row for row in made.rows if made.with_side or not row.side]
    for field in SUMMED:
        assert getattr(made.totals, field) == sum(getattr(row, field) for row in rows), field


def test_the_lectures_sum_of_vgg16s_activations() -> None:
    """The lectures' table for VGG-16: its rows sum to 15,237,608 values, not to the 24M printed below them."""
    made = cnncalc.load("vgg16").report()
    assert made.totals.activations == 15_237_608
    assert made.memory(made.totals) == 60_950_432  # times 4 bytes: 60.95 MB
    assert made.totals.weights == 138_344_128


def test_memory_is_of_outputs_where_nothing_counts_as_an_activation() -> None:
    made = report(f"[{conv(2)}, relu, bn]", batch=3)
    assert made.memory(made.row("conv1")) == 4 * 4 * 2 * 4 * 3
    assert made.memory(made.row("relu1")) == 4 * 4 * 2 * 4 * 3, (
        "a relu has no activations of its own, but an output"
    )
    assert made.memory(made.totals) == (4 * 4 * 1 + 4 * 4 * 2) * 4 * 3


def test_the_contracts_example() -> None:
    document = report_document(cnncalc.load("alexnet").report())
    assert {
        key: document[key]
        for key in ("network", "input", "batch", "dtype", "optimizer", "convention")
    } == {
        "network": "alexnet",
        "input": [227, 227, 3],
        "batch": 1,
        "dtype": "float32",
        "optimizer": "sgd",
        "convention": "standard",
    }
    assert json.loads(json.dumps(document["layers"][:2])) == [
        {
            "name": "input",
            "op": "input",
            "inputs": [],
            "input": [],
            "output": [227, 227, 3],
            "weights": 0,
            "biases": 0,
            "params": 0,
            "buffers": 0,
            "macs": 0,
            "ops": 0,
            "activations": 154587,
            "outputs": 154587,
            "receptive_field": [1, 1],
            "jump": [1, 1],
            "start": ["1/2", "1/2"],
            "centred": True,
            "side": False,
            "shares": None,
        },
        {
            "name": "conv1",
            "op": "conv",
            "inputs": ["input"],
            "input": [[227, 227, 3]],
            "output": [55, 55, 96],
            "weights": 34848,
            "biases": 96,
            "params": 34944,
            "buffers": 0,
            "macs": 105415200,
            "ops": 210830400,
            "activations": 290400,
            "outputs": 290400,
            "receptive_field": [11, 11],
            "jump": [4, 4],
            "start": ["11/2", "11/2"],
            "centred": True,
            "side": False,
            "shares": None,
        },
    ]
    totals = {
        key: document["totals"][key]
        for key in ("weights", "biases", "params", "buffers", "macs", "ops")
    }
    assert totals == {
        "weights": 62367776,
        "biases": 10568,
        "params": 62378344,
        "buffers": 0,
        "macs": 1135256096,
        "ops": 2270512192,
    }


@pytest.mark.parametrize(
    "name", ["alexnet", "googlenet", "lenet5", "densenet121", "torchvision/googlenet"]
)
@pytest.mark.parametrize(
    "options", [{}, {"depth": 1}, {"with_side": True, "batch": 16, "dtype": "float16"}], ids=str
)
def test_json_fits_the_contract(name: str, options: dict[str, Any]) -> None:
    document = json.loads(json.dumps(report_document(cnncalc.load(name).report(**options))))
    jsonschema.validate(document, json.loads(CONTRACT.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("input", "layers"),
    [
        ("10x2", "[{conv: {filters: 3, kernel: 2}}, flatten, {fc: 2}]"),
        ("2x4x4x1", "[{conv: {filters: 3, kernel: 2}}, globalavgpool]"),
        ("7", "[{fc: 2}, softmax]"),
        ("8x8x1", "[{upsample: 3}, {conv_transpose: {filters: 2, kernel: 2, stride: 2}}]"),
        (
            "8x8x1",
            "[{concat: [[{conv: {filters: 1, kernel: 5}}], [{conv: {filters: 1, kernel: 2, stride: 2}}]]}]",
        ),
    ],
)
def test_json_of_other_spaces_fits_too(input: str, layers: str) -> None:
    document = json.loads(json.dumps(report_document(report(layers, input))))
    jsonschema.validate(document, json.loads(CONTRACT.read_text(encoding="utf-8")))
    for layer in document["layers"]:
        axes = len(layer["output"]) - 1
        assert [len(layer[key]) for key in ("receptive_field", "jump", "start")] == [axes] * 3


def test_a_chain_of_many_layers() -> None:
    """Nothing recurses along a network."""
    made = report(
        "[{repeat: {times: 20000, layers: [{conv: {filters: 1, kernel: 3, pad: 1}}]}}]", "9x9x1"
    )
    assert made.totals.params == 20_000 * 10
    assert made.rows[-1].receptive_field == (40_001, 40_001)  # 1 + 20000*2
    assert made.totals.peak_bytes == 2 * 81 * 4


def test_which_layers_change_nothing_that_a_table_shows() -> None:
    """Activations, dropout and what else has neither parameters nor another shape; --all shows them."""
    quiet = {name for name, op in OPS.items() if op.hidden_by_default}
    assert quiet == {
        "relu",
        "relu6",
        "elu",
        "gelu",
        "silu",
        "hardswish",
        "hardsigmoid",
        "sigmoid",
        "tanh",
        "softmax",
        "leaky_relu",
        "dropout",
        "identity",
        "scale",
        "lrn",
        "unitnorm",
        "stochastic_depth",
        "log_softmax",
        *("mish", "softplus", "softsign", "selu", "celu", "hardtanh", "logsigmoid", "hardshrink"),
        *("softshrink", "tanhshrink", "threshold", "rrelu", "squareplus", "abs", "exp", "log"),
        *("sqrt", "rsqrt", "square", "power", "reciprocal", "clip", "erf", "sin", "cos"),
    }


def test_every_layer_has_a_row_quiet_ones_too() -> None:
    made = cnncalc.load("alexnet").report()
    assert [row.op for row in made.rows].count("relu") == 7
    assert made.rows[0].name == "input"
    assert made.row("pool3").inputs == ("relu5",)


def test_no_bias_leaves_biases_out_of_what_is_counted() -> None:
    made = cnncalc.load("lenet5").report(no_bias=True)
    assert made.totals.biases == 0
    # C1 25*6, S2 6, C3 25*60, S4 16, C5 25*16*120, F6 120*84
    assert [row.params for row in made.rows if row.params] == [150, 6, 1500, 16, 48_000, 10_080]
    assert made.totals.params == 59_752
    assert made.totals.macs == cnncalc.load("lenet5").report().totals.macs


# ---- batch, dtype, optimizer ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [
        {"batch": 7},
        {"dtype": "float16"},
        {"dtype": "float64"},
        {"dtype": "int8"},
        {"dtype": "bfloat16"},
        {"optimizer": "adam"},
    ],
    ids=str,
)
def test_batch_dtype_and_optimizer_enter_the_byte_figures_alone(options: dict[str, Any]) -> None:
    net = cnncalc.load("torchvision/mobilenet_v2")
    plain, other = net.report(), net.report(**options)
    assert other.rows == plain.rows
    assert plain.totals[:-1] == other.totals[:-1], "all but the memory"
    assert plain.totals != other.totals


@pytest.mark.parametrize(
    ("dtype", "width"),
    [("float64", 8), ("float32", 4), ("float16", 2), ("bfloat16", 2), ("int8", 1)],
)
def test_peak_is_values_by_bytes_by_batch(dtype: str, width: int) -> None:
    made = report(f"[{conv(2)}]", batch=5, dtype=dtype)
    assert made.totals.peak_bytes == (16 + 32) * width * 5


# ---- folding --------------------------------------------------------------------------------------------------------

NESTED = """
input: 4x4x1
blocks:
  inner: {layers: [{conv: {filters: 2, kernel: 3, pad: 1}}, relu]}
  outer:
    layers:
      - conv: {name: first, filters: 3, kernel: 1}
      - inner: {name: core}
      - repeat: {name: stage, times: 2, layers: [{conv: {filters: 4, kernel: 1}}]}
layers:
  - conv: {name: stem, filters: 1, kernel: 1}
  - outer: {name: body}
  - fc: {name: head, units: 2}
"""
# stem 1*1 + 1 = 2; first 1*3 + 3 = 6; core 9*3*2 + 2 = 56; stage 2*4 + 4 = 12 and 4*4 + 4 = 20; head 64*2 + 2 = 130


def folded(
    text: str, depth: int | None, **options: Any
) -> dict[str, tuple[str, tuple[int, ...], int]]:
    made = cnncalc.loads(text).report(depth=depth, **options)
    return {row.name: (row.op, row.output, row.params) for row in made.rows[1:]}


def test_depth_folds_longer_paths_into_their_first_parts() -> None:
    assert folded(NESTED, 1) == {
        "stem": ("conv", (4, 4, 1), 2),
        "body": ("outer", (4, 4, 4), 94),
        "head": ("fc", (2,), 130),
    }
    assert folded(NESTED, 2) == {
        "stem": ("conv", (4, 4, 1), 2),
        "body/first": ("conv", (4, 4, 3), 6),
        "body/core": ("inner", (4, 4, 2), 56),
        "body/stage": ("repeat", (4, 4, 4), 32),
        "head": ("fc", (2,), 130),
    }
    assert folded(NESTED, 3)["body/stage/1"] == ("repeat", (4, 4, 4), 12)
    assert folded(NESTED, 9) == folded(NESTED, None)


def test_a_folded_row_takes_what_arrives_and_sees_what_its_last_layer_sees() -> None:
    made = cnncalc.loads(NESTED).report(depth=1)
    body = made.row("body")
    assert (body.inputs, body.input) == (("stem",), ((4, 4, 1),))
    assert (body.receptive_field, body.jump, body.start) == (
        (3, 3),
        (1, 1),
        (Fraction(1, 2), Fraction(1, 2)),
    )
    assert made.row("head").inputs == ("body",)
    # 16*(1*3) + 16*(9*3*2) + 16*(2*4) + 16*(4*4)
    assert body.macs == 16 * (3 + 54 + 8 + 16)
    assert body.ops == 2 * body.macs
    # first 3, conv 2, stage 4 and 4 maps of 16 count as activations; relu's 2 as outputs too
    assert (body.activations, body.outputs) == (16 * 13, 16 * 15)


def test_depth_one_gives_googlenets_printed_rows() -> None:
    """Szegedy et al. 2014, Table 1: the output size column."""
    made = cnncalc.load("googlenet").report(depth=1)
    table = {
        "conv1": (112, 112, 64),
        "pool1": (56, 56, 64),
        "conv2": (56, 56, 192),
        "pool2": (28, 28, 192),
        "inception_3a": (28, 28, 256),
        "inception_3b": (28, 28, 480),
        "pool3": (14, 14, 480),
        "inception_4a": (14, 14, 512),
        "inception_4b": (14, 14, 512),
        "inception_4c": (14, 14, 512),
        "inception_4d": (14, 14, 528),
        "inception_4e": (14, 14, 832),
        "pool4": (7, 7, 832),
        "inception_5a": (7, 7, 832),
        "inception_5b": (7, 7, 1024),
        "fc": (1000,),
    }
    assert {name: made.row(name).output for name in table} == table
    assert {made.row(name).op for name in table if name.startswith("inception")} == {"inception"}
    # 3a by hand: 192*64 + 192*96 + 9*96*128 + 192*16 + 25*16*32 + 192*32, and a bias a filter
    assert made.row("inception_3a").weights == 163_328
    assert made.row("inception_3a").biases == 64 + 96 + 128 + 16 + 32 + 32
    assert made.row("inception_3a").inputs == ("pool2",)
    assert (made.row("aux1").op, made.row("aux1").side, made.row("aux1").inputs) == (
        "side",
        True,
        ("inception_4a",),
    )


def test_a_block_with_several_sources() -> None:
    text = """
input: 4x4x1
blocks:
  two: {layers: [{conv: {filters: 2, kernel: 1}}, {add: {from: [conv1, input]}}]}
layers: [{conv: {name: a, filters: 2, kernel: 1}}, {two: {name: b}}, {concat: {name: c, from: [a, b]}}]
"""
    made = cnncalc.loads(text).report(depth=1)
    assert made.row("b").inputs == ("a",)
    assert made.row("c").inputs == ("a", "b")
    assert made.row("c").input == ((4, 4, 2), (4, 4, 2))


def test_a_side_in_a_block_folds_to_a_row_of_its_own() -> None:
    """Its counts are not those of the main path, and totals are the sums of the rows at every depth."""
    text = """
input: 4x4x1
blocks:
  deep:
    layers: [{conv: {filters: 2, kernel: 1}}, {side: {name: aux, layers: [{fc: 3}, {fc: 1}]}}, relu]
layers: [{deep: {name: b}}]
"""
    # conv 1*2 + 2 = 4; fc 32*3 + 3 = 99 and 3*1 + 1 = 4
    assert folded(text, 1) == {"b": ("deep", (4, 4, 2), 4), "b/aux": ("side", (1,), 103)}
    for depth in (None, 1, 2):
        for with_side, params in ((False, 4), (True, 107)):
            made = cnncalc.loads(text).report(depth=depth, with_side=with_side)
            assert made.totals.params == params
            assert sum(row.params for row in made.rows if with_side or not row.side) == params


def test_a_block_that_ends_in_a_side_has_the_output_of_its_main_path() -> None:
    block = "{layers: [{conv: {filters: 2, kernel: 1}}, {side: [{fc: 3}]}]}"
    text = f"input: 4x4x1\nblocks: {{b: {block}}}\nlayers: [b, relu]\n"
    assert folded(text, 1)["b1"] == ("b", (4, 4, 2), 4)


def test_a_block_gives_on_what_its_end_does() -> None:
    """It ends in a block of no layers behind the input, so that its convolution is an output of its own."""
    text = """
input: 4x4x1
blocks:
  none: {layers: [{repeat: {times: 0, layers: [relu]}}]}
  b: {layers: [{conv: {filters: 2, kernel: 1}}, {none: {from: input}}]}
layers: [b, relu]
"""
    assert folded(text, 1) == {"b1": ("b", (4, 4, 1), 4), "relu1": ("relu", (4, 4, 1), 0)}


def test_a_block_of_one_layer_is_a_block() -> None:
    """It has a layer's counts, and none of its settings: 2·2·2 + 2 = 10 parameters."""
    text = (
        "input: 4x4x2\nblocks: {one: {layers: [{conv: {filters: 2, kernel: 2x1, stride: 2}}]}}\n"
        "layers: [{one: {name: b}}]\n"
    )
    net = cnncalc.loads(text)
    whole, inside = net.report(depth=1).row("b"), net.report().row("b/conv1")
    assert (whole.name, whole.op, whole.params, inside.params) == ("b", "one", 10, 10)
    assert (inside.kernel, inside.stride, inside.pad, inside.filters) == ("2×1", "2", "0", 2)
    assert (whole.kernel, whole.stride, whole.pad, whole.filters) == ("", "", "", None)
    quiet = cnncalc.loads("input: 4\nblocks: {one: {layers: [relu]}}\nlayers: [one]")
    assert [report.rows[1].quiet for report in (quiet.report(), quiet.report(depth=1))] == [
        True,
        False,
    ]


def test_a_folded_row_shares_what_all_of_it_shares() -> None:
    """A layer with one in a block, a block with another, and a block with two at once."""
    pair = "layers: [{{conv: {{name: x, filters: 2, kernel: 1{}}}}}, {{conv: {{name: y, filters: 2, kernel: 1{}}}}}]"
    repeats = [
        ("a", "", ""),
        ("b", ", share: a/1/x", ", share: a/1/y"),
        ("c", ", share: a/1/x", ", share: single"),
    ]
    text = "input: 4x4x2\nlayers:\n  - conv: {name: single, filters: 2, kernel: 1}\n" + "".join(
        f"  - repeat: {{name: {name}, times: 1, {pair.format(*shares)}}}\n"
        for name, *shares in repeats
    )
    made = cnncalc.loads(
        f"{text}  - conv: {{name: d, filters: 2, kernel: 1, share: a/1/x}}\n"
    ).report(depth=1)
    assert [(row.name, row.shares) for row in made.rows[1:]] == [
        ("single", None),
        ("a", None),
        ("b", "a"),
        ("c", None),
        ("d", "a"),
    ]
    held = [sum(prod(array.shape) for array in row.arrays) for row in made.rows]
    assert held[:5] == [0, 6, 12, 0, 0] == [row.params for row in made.rows[:5]]


# ---- sides and sharing ----------------------------------------------------------------------------------------------


def test_a_window_of_two_sizes_sees_two_sizes() -> None:
    made = report("[{conv: {filters: 1, kernel: 3x1, pad: [1, 0]}}]", "9x9x1")
    assert fields(made, "conv1") == ((3, 1), (1, 1), (HALF, HALF), True)


def test_what_is_not_known_is_not_zero() -> None:
    strange = cnncalc.loads(
        "input: 4x4x2\nlayers: [unknown: {output: 4x4x2}, conv: {filters: 1, kernel: 1}]"
    )
    made = strange.report()
    assert made.known(BY_NAME["macs"], made.rows[1]) is None
    assert made.known(BY_NAME["macs"], made.totals) is None
    assert made.known(BY_NAME["macs"], made.rows[2]) == 4 * 4 * 2
    assert made.totals.macs == 32  # at least
    assert made.known(BY_NAME["training bytes"], made.totals) is None  # what it keeps is not known
    assert cnncalc.load("lenet5").report().totals.unknown == ()


def test_rows_of_no_block_are_folded_into_themselves() -> None:
    net = cnncalc.load("alexnet")
    assert net.report(depth=1).rows == net.report().rows


def test_rows_differ_where_one_fact_does_or_the_field_alone() -> None:
    """Behind a kernel of 3 with and without a dilation of 2 a relu has the same counts: it sees 3 and 5."""
    near, far = (
        report(f"[{conv(1, 3, more)}, relu]", "9x9x1").row("relu1")
        for more in (", pad: 1", ", pad: 2, dilation: 2")
    )
    assert (near.receptive_field, far.receptive_field) == ((3, 3), (5, 5))
    assert near != far
    assert near == far._replace(fields=near.fields)
    assert near != near._replace(outputs=near.outputs + 1)


def test_a_line_of_positions_is_a_map() -> None:
    assert report(f"[{conv(1, 3)}, {{fc: 2}}]", "9x1").total("receptive_field") == (3,)


def test_reports_are_equal_where_they_say_the_same() -> None:
    net = cnncalc.load("lenet5")
    made = net.report(batch=3, dtype="float16")
    assert made.width == 3 * 2
    assert made == cnncalc.load("lenet5").report(batch=3, dtype="float16")
    for other in (
        net.report(batch=2, dtype="float16"),
        net.report(batch=3),
        net.report(batch=3, dtype="float16", convention="thop"),
        net.report(batch=3, dtype="float16", depth=1, with_side=True),
        net.with_("36x36x1").report(batch=3, dtype="float16"),
    ):
        assert made != other
        assert not (made == other)  # noqa: SIM201


def test_a_report_that_nobody_shows_says_of_what_it_is() -> None:
    net = cnncalc.loads("name: own\ninput: 4\nlayers: [fc: 3, side: [fc: 9]]")
    made = Report(net.graph, load_convention("standard"))
    assert repr(made) == "<cnncalc.Report own>"
    assert made._repr_html_() is None
    assert (made.rows, made.totals) == (net.report().rows, net.report().totals)
    assert made.totals.params == 4 * 3 + 3


def test_a_row_that_there_is_not() -> None:
    made = cnncalc.load("alexnet").report()
    for name, said in (
        ("conv11", "\"there is no row 'conv11'; did you mean conv1 or conv2 or conv3?\""),
        ("zzz", "\"there is no row 'zzz'\""),
    ):
        with pytest.raises(KeyError) as caught:
            made.row(name)
        assert str(caught.value) == said


def test_what_no_layer_has_in_all() -> None:
    """Of vectors alone none has a map; what a side ends with is not the network's."""
    made = report("[{fc: 3}, {side: [{fc: 9}]}]", "4")
    assert made.total("receptive_field") == ()
    assert made.total("output") == (3,)
    assert report(f"[{conv(1, 3)}, {{fc: 2}}]").total("receptive_field") == (3, 3), (
        "of the last map"
    )


def test_totals_differ_where_one_of_them_does() -> None:
    totals = cnncalc.load("lenet5").report().totals
    assert totals == cnncalc.load("lenet5").report().totals
    for field in ("weights", "biases", "macs", "ops", "activations", "outputs"):
        assert totals != totals._replace(**{field: getattr(totals, field) + 1})


def test_totals_leave_sides_out_unless_asked() -> None:
    net = cnncalc.load("torchvision/googlenet")
    assert net.report().totals.params == 6_624_904
    assert net.report(with_side=True).totals.params == 13_004_888  # measured
    assert net.report().rows == net.report(with_side=True).rows, (
        "the rows are there whether they are counted or not"
    )
    assert any(row.side for row in net.report().rows)
    assert not any(row.side for row in cnncalc.load("vgg16").report().rows)


def test_shared_weights_are_counted_once_everywhere() -> None:
    layers = "[{conv: {name: a, filters: 1, kernel: 3, pad: 1}}, {conv: {filters: 1, kernel: 3, pad: 1, share: a}}]"
    made = report(layers)
    assert (made.totals.weights, made.totals.biases) == (9, 1)
    assert made.totals.macs == 2 * 16 * 9
    # sgd keeps 10 parameters and their gradients; both convs keep their input of 16
    assert made.totals.training_bytes == 10 * 4 * 2 + (16 + 16) * 4
    assert made.row("conv2").shares == "a"


def test_a_folded_block_that_shares_says_with_what() -> None:
    text = """
input: 4x4x2
layers:
  - mlpconv: {name: a, filters: 2, kernel: 1}
  - mlpconv: {name: b, filters: 2, kernel: 1, share: a}
"""
    made = cnncalc.loads(text).report(depth=1)
    assert [(row.name, row.params, row.shares) for row in made.rows[1:]] == [
        ("a", 18, None),
        ("b", 0, "a"),
    ]


# ---- peak memory: in values, by hand --------------------------------------------------------------------------------

PEAKS = [
    # why, input, layers, values
    ("16 in, 32 out: 48; then 32 and 48", "4x4x1", f"[{conv(2)}, {conv(3)}]", 80),
    (
        "a relu overwrites: 16 + 32 = 48, then 32 and 10",
        "4x4x1",
        f"[{conv(2)}, relu, {{fc: 10}}]",
        48,
    ),
    ("the network's input is not overwritten: 16 + 16", "4x4x1", "[relu]", 32),
    ("but what follows is: 16 + 16, then in place", "4x4x1", "[relu, tanh, sigmoid]", 32),
    ("a bn is not in place: 16 + 32, then 32 + 32", "4x4x1", f"[{conv(2)}, bn, relu]", 64),
    (
        "prelu is not in place, its gradient needs the input: 32 + 32",
        "4x4x1",
        f"[{conv(2)}, prelu]",
        64,
    ),
    ("softmax is not: 16 + 32, then 32 + 32", "4x4x1", f"[{conv(2)}, softmax]", 64),
    (
        "the relu's input is still needed: 32 + 32, then the sum: 32 + 32 + 32",
        "4x4x1",
        "[{conv: {name: a, filters: 2, kernel: 1}}, relu, {add: {from: [a, relu1]}}]",
        96,
    ),
    (
        "the last of two readers overwrites: a 32, relu 32, tanh over a; then the sum: 96",
        "4x4x1",
        "[{conv: {name: a, filters: 2, kernel: 1}}, relu, {tanh: {from: a}}, {add: {from: [relu1, tanh1]}}]",
        96,
    ),
    (
        "a residual keeps what arrived: 32, conv 32, sum 32",
        "4x4x2",
        f"[{{residual: [{conv(2)}, relu]}}]",
        96,
    ),
    (
        "and its shortcut lies beside its layers: 16, 32, then 32 + 32 + 32",
        "4x4x1",
        f"[{{residual: {{layers: [{conv(2)}], shortcut: [{conv(2)}]}}}}]",
        96,
    ),
    (
        "a concat copies: branches 32 and 48, output 80; the input is gone",
        "4x4x1",
        f"[{{concat: [[{conv(2)}], [{conv(3)}]]}}]",
        160,
    ),
    ("a concat with what arrived: 16 + 32 + 48", "4x4x1", f"[{{concat: [[], [{conv(2)}]]}}]", 96),
    (
        "a flatten is the same memory: 16 + 64, then 64 + 3",
        "4x4x1",
        f"[{conv(4)}, flatten, {{fc: 3}}]",
        80,
    ),
    (
        "a relu over a flattened map overwrites the map: 16 + 64",
        "4x4x1",
        f"[{conv(4)}, flatten, relu, {{fc: 3}}]",
        80,
    ),
    (
        "reshape, identity, dropout at inference too: 16 + 64",
        "4x4x1",
        f"[{conv(4)}, identity, dropout, {{reshape: 2x8x4}}, {{fc: 3}}]",
        80,
    ),
    (
        "a slice keeps the whole map alive: 16 + 64 = 80, then 64 + 48",
        "4x4x1",
        f"[{conv(4)}, {{slice: [0, 1]}}, {conv(3)}]",
        112,
    ),
    (
        "a vector laid out is no memory: 2 + 4, pooled over 3x3 to 4: 4 + 4",
        "2",
        "[{fc: 4}, {broadcast: 3x3}, globalavgpool]",
        8,
    ),
    (
        "but a relu over it is 36 values, and cannot be in the 4: 4 + 36",
        "2",
        "[{fc: 4}, {broadcast: 3x3}, relu]",
        40,
    ),
    ("an upsampled map is new: 16 + 64", "4x4x1", "[{upsample: 2}]", 80),
    ("a pad is new: 16 + 36", "4x4x1", "[{pad: 1}]", 52),
    (
        "outputs stay alive: a 32, b 48, then 64 beside them",
        "4x4x1",
        f"[{conv(2)}, {conv(3, more=', from: input')}, {conv(4)}]",
        144,
    ),
    (
        "the input stays for its last reader: 16 + 32, 16 + 32 + 64, then the sum of 64s",
        "4x4x1",
        f"[{conv(4)}, {conv(4, 3, ', pad: 1, from: input')}, {{add: {{from: [conv1, conv2]}}}}]",
        192,
    ),
    ("pools: 64 + 16, then 16 + 4", "8x8x1", "[{maxpool: 2}, {maxpool: 2}]", 80),
    (
        "a learned array is among the parameters: 16 + 32, then the sum: 32 + 32",
        "4x4x1",
        f"[{conv(2)}, {{parameter: 4x4x2}}, {{add: {{from: [conv1, parameter1]}}}}]",
        64,
    ),
    (
        "a repeat of zero times is nothing",
        "4x4x1",
        f"[{{repeat: {{times: 0, layers: [{conv(9)}]}}}}, {conv(2)}]",
        48,
    ),
]


@pytest.mark.parametrize(
    ("why", "input", "layers", "values"), PEAKS, ids=[case[0] for case in PEAKS]
)
def test_peak_by_hand(why: str, input: str, layers: str, values: int) -> None:
    assert report(layers, input).totals.peak_bytes == 4 * values, why


def test_a_side_is_in_the_peak_only_when_it_is_counted() -> None:
    layers = f"[{conv(2)}, {{side: [{conv(4)}]}}, {conv(1)}]"
    assert report(layers).totals.peak_bytes == 4 * (16 + 32)
    assert report(layers, with_side=True).totals.peak_bytes == 4 * (32 + 64 + 16), (
        "the side's output stays"
    )


def test_what_the_main_path_ends_with_stays_though_a_side_reads_it() -> None:
    layers = f"[{conv(2)}, {{side: [{conv(4)}, {conv(5)}]}}]"
    assert report(layers, with_side=True).totals.peak_bytes == 4 * (32 + 64 + 80)


# ---- training memory: parameters, gradients, state, and what the backward pass keeps --------------------------------

SMALL = f"[{conv(2, 3, ', pad: 1')}, relu, {{fc: 5}}]"
# 9*1*2 + 2 = 20 and 32*5 + 5 = 165 parameters; kept: the conv's input 16, the relu's output 32, which is the fc's input


@pytest.mark.parametrize(("optimizer", "copies"), [("sgd", 2), ("momentum", 3), ("adam", 4)])
@pytest.mark.parametrize("batch", [1, 8])
@pytest.mark.parametrize(("dtype", "width"), [("float32", 4), ("float16", 2)])
def test_training_by_hand(optimizer: str, copies: int, batch: int, dtype: str, width: int) -> None:
    made = report(SMALL, optimizer=optimizer, batch=batch, dtype=dtype)
    assert made.totals.training_bytes == 185 * width * copies + batch * 48 * width
    assert made.totals.counted_params == made.totals.params == 185


KEPT = [
    # why, layers, bytes for one example of 4x4x1 behind a conv of 2 (input 16, output 32), parameters apart
    (
        "a max pool: its input 32, and 8 bytes for each of 8 outputs",
        "{maxpool: 2}",
        (16 + 32) * 4 + 8 * 8,
    ),
    ("an average pool: its input 32", "{avgpool: 2}", (16 + 32) * 4),
    ("a bn: its input 32, and mean and 1/σ of 2 channels", "bn", (16 + 32 + 2 * 2) * 4),
    ("a dropout: a mask of 32", "dropout", (16 + 32) * 4),
    (
        "a flatten copies nothing: the relu's output 32 is the fc's input",
        "relu, flatten, {fc: {units: 3}}",
        (16 + 32) * 4,
    ),
    (
        "a dropout copies: the relu's output 32, a mask of 32, and the fc's input 32",
        "relu, dropout, {fc: {units: 3}}",
        (16 + 32 + 32 + 32) * 4,
    ),
    ("an add: nothing", "{residual: [identity]}", 16 * 4),
    (
        "a product: both factors, 32 and the sigmoid's output 32",
        "{multiply: [[], [sigmoid]]}",
        (16 + 32 + 32) * 4,
    ),
    ("flatten, slice, pad: nothing", "flatten, {slice: [0, 9]}", 16 * 4),
    ("an fc: its input 32", "{fc: {units: 3}}", (16 + 32) * 4),
    ("a softmax: its output 32", "softmax", (16 + 32) * 4),
]


@pytest.mark.parametrize(("why", "layers", "kept"), KEPT, ids=[case[0] for case in KEPT])
def test_kept_for_the_backward_pass_by_hand(why: str, layers: str, kept: int) -> None:
    totals = report(f"[{conv(2)}, {layers}]").totals
    assert totals.training_bytes - 2 * 4 * totals.params == kept, why


BY_OP = {
    # of a 4x4x8 input of 128 values: which tensors, further values, bytes of indices, values once for a whole batch;
    # as PyTorch's autograd formulas for a CPU have it
    "conv: {filters: 4, kernel: 3}": Kept(inputs=(0,)),
    "conv_transpose: {filters: 4, kernel: 3}": Kept(inputs=(0,)),
    "fc: 3": Kept(inputs=(0,)),
    "maxpool: 2": Kept(inputs=(0,), index_bytes=8 * 32),  # a 64-bit index for each of 2*2*8 maxima
    "avgpool: 2": Kept(inputs=(0,)),
    "avgpool: {kernel: 2, trainable: true}": Kept(
        inputs=(0,), values=32
    ),  # and the means that the weights multiply
    "globalavgpool": Kept(),  # a mean spreads the gradient evenly
    "globalmaxpool": Kept(inputs=(0,), index_bytes=8 * 8),
    "adaptiveavgpool: 2": Kept(inputs=(0,)),
    "adaptiveavgpool: 1": Kept(),
    "adaptiveavgpool: [1, 2]": Kept(inputs=(0,)),
    "adaptivemaxpool: 2": Kept(inputs=(0,), index_bytes=8 * 32),
    "bn": Kept(inputs=(0,), batch_values=2 * 8),  # mean and 1/σ of each channel, over the batch
    "layernorm": Kept(inputs=(0,), values=2 * 16),  # of each position
    "groupnorm: 4": Kept(inputs=(0,), values=2 * 4),  # of each group
    "lrn: 3": Kept(
        inputs=(0,), values=16 * (8 + 2) + 2 * 128
    ),  # padded squares, the sum, the power
    "relu": Kept(output=True),
    "sigmoid": Kept(output=True),
    "tanh": Kept(output=True),
    "softmax": Kept(output=True),
    "relu6": Kept(inputs=(0,)),
    "elu": Kept(inputs=(0,)),
    "gelu": Kept(inputs=(0,)),
    "silu": Kept(inputs=(0,)),
    "hardswish": Kept(inputs=(0,)),
    "hardsigmoid": Kept(inputs=(0,)),
    "leaky_relu": Kept(inputs=(0,)),
    "prelu": Kept(inputs=(0,)),
    "dropout": Kept(values=128),  # the mask
    "identity": Kept(),
    "scale: 0.5": Kept(),
    "flatten": Kept(),
    "reshape: 128": Kept(),
    "slice: [0, 4]": Kept(),
    "pad: 1": Kept(),
    "shuffle: 2": Kept(),
    "upsample: 2": Kept(),
    "upsample: {scale: 2, mode: bilinear}": Kept(),
    "concat: [[], []]": Kept(),
    "add: [[], []]": Kept(),
    "multiply: [[], []]": Kept(inputs=(0, 1)),
    "multiply: [[], [], []]": Kept(inputs=(0, 1, 2), values=128),  # a·b is kept for c
    "multiply: [[], [], [], []]": Kept(inputs=(0, 1, 2, 3), values=2 * 128),
    **dict.fromkeys(
        (
            "mish",
            "softplus",
            "selu",
            "celu",
            "hardtanh",
            "hardshrink",
            "softshrink",
            "threshold",
            "abs",
            "log",
            "square",
            "power",
            "clip",
            "erf",
            "sin",
            "cos",
            "glu",
        ),
        Kept(inputs=(0,)),
    ),
    **dict.fromkeys(
        ("softsign", "logsigmoid", "rrelu", "squareplus"), Kept(inputs=(0,), values=128)
    ),  # 1 + |x|, e^-|x|, the factor drawn, the root
    "tanhshrink": Kept(values=128),  # tanh(x)
    **dict.fromkeys(("exp", "sqrt", "rsqrt", "reciprocal", "log_softmax"), Kept(output=True)),
    "linear: 3": Kept(inputs=(0,)),
    "instancenorm": Kept(inputs=(0,), values=2 * 8),  # mean and 1/σ of each channel
    "instancenorm: {affine: true}": Kept(inputs=(0,), values=3 * 8),  # and γ, repeated
    "rmsnorm": Kept(inputs=(0,), values=16 + 128),  # 1/rms of each position, what γ multiplies
    "rmsnorm: {gamma: false}": Kept(inputs=(0,), values=16),
    "unitnorm": Kept(inputs=(0,), values=2 * 16),  # the length, also kept from 0
    "dropout: {maps: true}": Kept(values=8),
    "stochastic_depth: 0.5": Kept(values=1),
    "stochastic_depth: {rate: 0.5, mode: batch}": Kept(batch_values=1),
    "affine": Kept(inputs=(0,)),
    "affine: {gamma: false}": Kept(),
    "multiply: [[]]": Kept(),
    "scale: {offset: 1}": Kept(),
    "subtract: [[], []]": Kept(),
    "average: [[], []]": Kept(),
    "divide: [[], []]": Kept(inputs=(0, 1)),
    "maximum: [[], []]": Kept(inputs=(0, 1)),
    "minimum: [[], [], []]": Kept(inputs=(0, 1, 2), values=128),
    "reduce: mean": Kept(),
    "reduce: {how: maximum, over: channels}": Kept(inputs=(0,), output=True),
    "crop: 1": Kept(),
    "slice: {positions: [[0, 1], all]}": Kept(),
    "pad: {size: 1, mode: reflect}": Kept(inputs=(0,)),
    "pad: {size: 1, mode: replicate}": Kept(inputs=(0,)),
    "pad: {size: 1, mode: circular}": Kept(),
    "conv: {filters: 4, kernel: 3, pad: 1, pad_mode: reflect}": Kept(inputs=(0,), values=6 * 6 * 8),
    "conv: {filters: 4, kernel: 3, pad: 1, pad_mode: circular}": Kept(values=6 * 6 * 8),
    # with nothing to pad PyTorch makes a copy all the same (measured)
    "conv: {filters: 4, kernel: 3, pad_mode: reflect}": Kept(inputs=(0,), values=4 * 4 * 8),
    "conv: {filters: 4, kernel: 3, pad_mode: circular}": Kept(values=4 * 4 * 8),
    "upsample: {size: 7, mode: bicubic}": Kept(),
    "pixel_shuffle: 2": Kept(),
    "pixel_unshuffle: 2": Kept(),
    "permute: [width, height, channels]": Kept(),
    "parameter: 1x8": Kept(),
    "matmul: {from: [input, input], transpose: true}": Kept(inputs=(0, 1)),
    # queries, keys and values of 16 positions and 8 channels, one number for each of 2 heads and 16 queries, the heads
    "attention: {heads: 2}": Kept(inputs=(0,), values=3 * 128 + 2 * 16 + 128),
    "attention: {heads: 2, project: false}": Kept(inputs=(0,), output=True, values=2 * 16),
    # and scaled queries and keys, the weights of 2*16*16 pairs, their mask and what is left of them
    "attention: {heads: 2, dropout: 0.1}": Kept(
        inputs=(0,), values=3 * 128 + 2 * 128 + 3 * 512 + 128
    ),
    # 16 queries, 4 keys, 2 heads of 3 and 5 channels: 2·16·3 + 2·4·(3 + 5), one number a head and query, 2·16·5
    "attention: {heads: 2, key_dim: 3, value_dim: 5, branches: [[], [maxpool: 2]]}": Kept(
        inputs=(0, 1), values=96 + 64 + 32 + 160
    ),
    # and scaled queries and keys, 2·16·3 + 2·4·3, and three of 2·16·4 pairs for the number
    "attention: {heads: 2, key_dim: 3, value_dim: 5, dropout: 0.1, branches: [[], [maxpool: 2]]}": Kept(
        inputs=(0, 1), values=96 + 64 + 96 + 24 + 3 * 128 + 160
    ),
    "opaque: {output: 3}": Kept(inputs=(0,)),
    "unknown: {output: 3}": Kept(inputs=(0,)),
}


@pytest.mark.parametrize("layer", BY_OP)
def test_what_each_op_keeps_for_the_backward_pass(layer: str) -> None:
    node = cnncalc.loads(f"input: 4x4x8\nlayers:\n- {layer}\n").graph.nodes[-1]
    assert node.facts.kept == BY_OP[layer]


def test_every_op_is_in_that_list() -> None:
    assert {layer.split(":")[0] for layer in BY_OP} == set(OPS) - {"broadcast", "embedding"}
    assert (
        cnncalc.loads("input: 8\nlayers: [{broadcast: 3x3}]\n").graph.nodes[-1].facts.kept == Kept()
    )
    words = cnncalc.loads("input: 8\nlayers: [{embedding: {entries: 9, units: 2}}]\n")
    assert words.graph.nodes[-1].facts.kept == Kept(index_bytes=8 * 8)


def test_no_bias_takes_them_out_of_training_too() -> None:
    assert report(SMALL, no_bias=True).totals.training_bytes == (18 + 160) * 4 * 2 + 48 * 4


# ---- receptive fields by hand ---------------------------------------------------------------------------------------


def fields(
    made: Report, name: str
) -> tuple[tuple[Any, ...], tuple[Any, ...], tuple[Any, ...], bool]:
    row = made.row(name)
    return row.receptive_field, row.jump, row.start, row.centred


HALF = Fraction(1, 2)


def test_alexnets_receptive_fields() -> None:
    """r + (F - 1)·j, j·S, start + ((F - 1)/2 - p)·j, layer by layer."""
    made = cnncalc.load("alexnet").report()
    expected = {
        "input": (1, 1, HALF),
        "conv1": (11, 4, HALF + 5),  # 1 + 10*1; 1/2 + 5*1
        "pool1": (19, 8, HALF + 9),  # 11 + 2*4; + 1*4
        "conv2": (51, 8, HALF + 9),  # 19 + 4*8; + (2 - 2)*8
        "pool2": (67, 16, HALF + 17),  # 51 + 2*8; + 1*8
        "conv3": (99, 16, HALF + 17),  # 67 + 2*16
        "conv4": (131, 16, HALF + 17),
        "conv5": (163, 16, HALF + 17),
        "pool3": (195, 32, HALF + 33),  # 163 + 2*16; + 1*16
    }
    for name, (size, jump, start) in expected.items():
        assert fields(made, name) == ((size, size), (jump, jump), (start, start), True), name
    assert fields(made, "fc1") == ((), (), (), True), "a vector has no positions"


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("torchvision/alexnet", 195),
        ("vgg16", 212),
        ("torchvision/inception_v3", 1311),
        ("resnet50", 483),
    ],
)
def test_known_receptive_fields(name: str, size: int) -> None:
    """Araujo et al. 2019 give these, at the last layer before the map is pooled away; the stride of each is 32."""
    net = cnncalc.load(name)
    rows = [
        row
        for row in net.report().rows
        if len(row.output) > 1 and row.output[0] > 1 and not row.side
    ]
    row = [row for row in rows if "adaptive" not in row.op and "global" not in row.op][-1]
    assert (row.receptive_field, row.jump) == ((size, size), (32, 32))


def test_a_union_over_paths() -> None:
    pool = "{maxpool: {kernel: 3, stride: 1, pad: 1}}"
    made = report(f"[{{concat: [[{conv(1)}], [{conv(1, 5, ', pad: 2')}], [{pool}]]}}]", "9x9x1")
    assert fields(made, "concat1") == ((5, 5), (1, 1), (HALF, HALF), True)
    made = report(f"[{{residual: [{conv(1, 3, ', pad: 1')}, {conv(1, 3, ', pad: 1')}]}}]", "9x9x1")
    assert fields(made, "add1") == ((5, 5), (1, 1), (HALF, HALF), True)


def test_paths_that_disagree_on_the_centre() -> None:
    """A 3x3 with all its padding behind sees positions 0 to 2, its centre at 3/2; with the identity 0 to 2 as well."""
    late = "[{conv: {filters: 1, kernel: 3, pad: [[0, 2], [0, 2]]}}]"
    for branches in (f"{late}, []", f"[], {late}"):
        made = report(f"[{{concat: [{branches}]}}, relu]", "9x9x1")
        assert fields(made, "conv1") == ((3, 3), (1, 1), (Fraction(3, 2), Fraction(3, 2)), True)
        assert fields(made, "concat1") == ((3, 3), (1, 1), (Fraction(3, 2), Fraction(3, 2)), False)
        assert made.row("relu1").centred is False
    made = report(
        "[{concat: [[{conv: {filters: 1, kernel: 3, pad: [[0, 2], [1, 1]]}}], []]}]", "9x9x1"
    )
    assert made.row("concat1").centred is False  # along the height alone is enough
    # -2 to 2, and 0 to 2: together -2 to 2, whose centre is 1/2
    made = report(f"[{{concat: [[{conv(1, 5, ', pad: 2')}], {late}]}}]", "9x9x1")
    assert fields(made, "concat1") == ((5, 5), (1, 1), (HALF, HALF), False)
    made = report(f"[{{concat: [[{{concat: [{late}, []]}}], {late}]}}]", "9x9x1")
    assert made.row("concat2").start == (Fraction(3, 2), Fraction(3, 2)), "that of both"
    assert made.row("concat2").centred is False  # behind paths that disagree nobody agrees


def test_axes_of_branches_go_their_own_ways() -> None:
    """A window of 3x1 beside nothing; a column of the map beside all of it, which each position of a row then sees."""
    made = report("[{concat: [[], [{conv: {filters: 1, kernel: 3x1, pad: [1, 0]}}]]}]", "9x9x1")
    assert fields(made, "concat1")[:2] == ((3, 1), (1, 1))
    column = "{slice: {positions: [all, [0, 1]]}}, {add: {from: [slice1, input], broadcast: true}}"
    assert fields(report(f"[{column}]", "9x8x1"), "add1")[:2] == ((1, 8), (1, 1))
    assert fields(report(f"[{column}]", "8x8x1"), "add1")[:2] == ((1, 8), (1, 1))
    made = report(f"[{{residual: [{conv(1, 3, ', pad: 1')}]}}]", "2x2x1")
    assert fields(made, "add1") == ((3, 3), (1, 1), (HALF, HALF), True)


def test_as_many_channels_as_positions_are_no_axis() -> None:
    made = report(f"[{{residual: [{conv(4, 3, ', pad: 1')}]}}]", "4x4x4")
    assert fields(made, "add1") == ((3, 3), (1, 1), (HALF, HALF), True)


def test_a_global_pool_is_a_window_of_n() -> None:
    made = report(f"[{conv(1, 3, ', pad: 1')}, globalavgpool]", "8x6x1")
    assert made.row("globalavgpool1").receptive_field == (3 + 7, 3 + 5)
    assert made.row("globalavgpool1").start == (HALF + Fraction(7, 2), HALF + Fraction(5, 2))


def test_dilation_strides_and_axes() -> None:
    made = report(
        "[{conv: {filters: 1, kernel: 1x7, dilation: [1, 2], stride: [2, 1]}}, {maxpool: 2}]",
        "20x20x1",
    )
    assert fields(made, "conv1") == ((1, 13), (2, 1), (HALF, HALF + 6), True)  # 2*(7 - 1) + 1
    assert fields(made, "maxpool1") == (
        (3, 14),
        (4, 2),
        (HALF + 1, HALF + Fraction(13, 2)),
        True,
    )  # + 1*j


def test_one_and_three_axes() -> None:
    made = report(
        "[{conv: {filters: 1, kernel: 3, stride: 2}}, {conv: {filters: 1, kernel: 3}}]", "20x1"
    )
    assert fields(made, "conv2") == ((7,), (2,), (HALF + 3,), True)  # 3 + 2*2; 1/2 + 1 + 1*2
    made = report("[{conv: {filters: 1, kernel: [1, 3, 5]}}]", "9x9x9x1")
    assert fields(made, "conv1") == ((1, 3, 5), (1, 1, 1), (HALF, HALF + 1, HALF + 2), True)
    for size in ("9x9x9x1", "9x9x8x1", "8x9x9x1"):
        whole = tuple(int(n) + 2 for n in size.split("x")[:3])
        for pool in ("globalavgpool", "{fc: 1}, {broadcast: 1x1x1}"):
            made = report(f"[{{residual: [{conv(1, 3, ', pad: 1')}]}}, {pool}]", size)
            assert fields(made, "add1") == ((3, 3, 3), (1, 1, 1), (HALF, HALF, HALF), True)
            assert made.rows[-1].receptive_field == whole


def test_up_again() -> None:
    """Two outputs of the transposed conv see each pooled position, which saw two."""
    made = report("[{maxpool: 2}, {conv_transpose: {filters: 1, kernel: 2, stride: 2}}]", "8x8x1")
    assert made.row("conv_transpose1").receptive_field == (2, 2)
    assert made.row("conv_transpose1").jump == (1, 1)
    made = report("[{maxpool: 2}, {upsample: 2}]", "8x8x1")
    assert (made.row("upsample1").receptive_field, made.row("upsample1").jump) == ((2, 2), (1, 1))
    made = report("[{upsample: 2}]", "8x8x1")
    assert (made.row("upsample1").receptive_field, made.row("upsample1").jump) == (
        (1, 1),
        (HALF, HALF),
    )


def test_down_again_behind_an_up_sampling() -> None:
    """1-D: position p of the pool sees 2p and 2p + 1 of the conv, these 2p to 2p + 2 of the doubled map: p, p + 1."""
    layers = "[{concat: [[{upsample: 2}, {conv: {filters: 1, kernel: 2, pad: [[0, 1]]}}, {maxpool: 2}], []]}]"
    made = report(layers, "8x1")
    assert (made.row("conv1").receptive_field, made.row("conv1").jump) == ((2,), (HALF,))
    assert (made.row("maxpool1").receptive_field, made.row("maxpool1").jump) == ((2,), (1,))
    assert (made.row("concat1").receptive_field, made.row("concat1").jump) == ((2,), (1,))


def test_a_vector_laid_out_sees_everything_everywhere() -> None:
    made = report("[{fc: 3}, {broadcast: 4x4}, {conv: {filters: 1, kernel: 3}}]", "8x6x1")
    assert (made.row("broadcast1").receptive_field, made.row("broadcast1").jump) == ((8, 6), (0, 0))
    assert (made.row("conv1").receptive_field, made.row("conv1").jump) == ((8, 6), (0, 0))


def test_nothing_is_clipped_to_the_input() -> None:
    made = report(
        f"[{conv(1, 3, ', pad: 1')}, {conv(1, 3, ', pad: 1')}, {conv(1, 3, ', pad: 1')}]", "4x4x1"
    )
    assert made.rows[-1].receptive_field == (7, 7)


def test_gates_see_everything() -> None:
    """SE on an 8x8 map behind a 3x3: the gates see all, -1 to 8, so each position does: 10."""
    made = report(f"[{conv(16, 3, ', pad: 1')}, se]", "8x8x1")
    assert made.rows[-1].receptive_field == (10, 10)


def test_a_map_of_one_position_is_seen_by_all() -> None:
    """What a global pool over 8x6 gives is a factor at each position; alone, its steps are those of a window of 8x6."""
    made = report("[{multiply: [[], [globalavgpool]]}]", "8x6x2")
    middle = (HALF + Fraction(7, 2), HALF + Fraction(5, 2))
    assert fields(made, "multiply1") == ((8, 6), (1, 1), middle, False)  # a position's own is 1/2
    made = report("[{add: [[globalavgpool], [globalmaxpool]]}]", "8x6x2")
    assert fields(made, "add1") == ((8, 6), (8, 6), middle, True)


def test_maps_one_below_the_other_are_seen_whole() -> None:
    """Position 9 of the height is the first of the second branch, which sees other rows than its own."""
    made = report(
        "[{concat: {axis: height, branches: [[], [{conv: {filters: 1, kernel: 3x1}}]]}}]", "9x8x1"
    )
    assert made.rows[-1].output == (9 + 7, 8, 1)
    assert fields(made, "concat1") == ((9, 8), (0, 0), (HALF + 4, HALF + Fraction(7, 2)), True)


def test_where_jumps_differ_the_field_is_unknown() -> None:
    made = report(f"[{{concat: [[{conv(1, 5)}], [{conv(1, 2, ', stride: 2')}]]}}]", "8x8x1")
    assert fields(made, "concat1") == ((None, None), (None, None), (None, None), False)
    assert report_document(made)["layers"][-1]["receptive_field"] == [None, None]
    branches = f"concat: [[{conv(1, 5)}], [{conv(1, 2, ', stride: 2')}]]"
    behind = report(
        f"[{{{branches}}}, {conv(1, 3)}, relu, globalavgpool, {{broadcast: 2x2}}]", "8x8x1"
    )
    assert [row.receptive_field for row in behind.rows[-5:]] == [(None, None)] * 5
