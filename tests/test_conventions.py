"""Conventions as data. Expected numbers are tools' own figures, published ones, or arithmetic shown beside them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import cnncalc
from cnncalc.cli import main
from cnncalc.report.conventions import (
    MEASURES,
    Convention,
    conventions,
    is_convention,
    load_convention,
    read_convention,
)
from cnncalc.spec.shipped import data_files
from cnncalc.text.source import Source

# What the tools give on torchvision's models at 224x224 in eval mode, measured with the tools (torchinfo 1.8.0, fvcore
# 0.1.5, ptflops 0.7.5 with both backends, thop 0.1.1, calflops 0.3.2, PyTorch 2.13).
TOOLS = ("torchinfo", "fvcore", "ptflops", "ptflops-aten", "thop", "calflops", "torch")
MEASURED = {
    "torchvision/alexnet": (
        714682664,
        714197696,
        716441128,
        714682664,
        714206912,
        1429741184,
        1428376960,
    ),
    "torchvision/googlenet": (
        1498391752,
        1504878688,
        1513907448,
        1498377192,
        1511332032,
        3009356752,
        2996752384,
    ),
    "torchvision/mobilenet_v2": (
        300809384,
        314193216,
        320300008,
        300775272,
        327486720,
        614967488,
        601548544,
    ),
    "torchvision/resnet50": (
        4089238376,
        4111512576,
        4132436968,
        4089185256,
        4133742592,
        8211108352,
        8178368512,
    ),
}


@pytest.mark.parametrize(
    ("net", "tool", "expected"),
    [
        (net, tool, value)
        for net, values in MEASURED.items()
        for tool, value in zip(TOOLS, values, strict=True)
    ],
)
def test_tools_come_out_exactly(net: str, tool: str, expected: int) -> None:
    assert cnncalc.load(net).report(convention=tool).totals.ops == expected


# Multiply-accumulates of conv and fc, published or in the lectures.
MACS = {
    "alexnet": 1135256096,
    "vgg16": 15470264320,
    "resnet50": 3857973248,
    "torchvision/googlenet": 1498376192,
}


@pytest.mark.parametrize(("net", "macs"), MACS.items())
def test_macs_under_their_names(net: str, macs: int) -> None:
    loaded = cnncalc.load(net)
    by = {name: loaded.report(convention=name).totals.ops for name in data_files("conventions")}
    assert {by[name] for name in ("macs", "papers", "torchvision", "weights-only")} == {macs}
    assert {by[name] for name in ("standard", "torch", "keras")} == {2 * macs}


def test_convnet_burden_prints_837_million_for_squeezenet() -> None:
    """Its README: squeezenet1-0 at 224 x 224, 837 MFLOPs."""
    assert (
        round(
            cnncalc.load("torchvision/squeezenet1_0")
            .report(convention="convnet-burden")
            .totals.ops,
            -6,
        )
        == 837e6
    )


# torchvision's documentation, GFLOPS to three decimals.
GFLOPS = {
    "alexnet": 714,
    "vgg16": 15470,
    "resnet18": 1814,
    "resnet50": 4089,
    "mobilenet_v2": 301,
    "densenet161": 7728,
}


@pytest.mark.parametrize(("net", "printed"), GFLOPS.items())
def test_torchvision_prints_macs(net: str, printed: int) -> None:
    ops = cnncalc.load(f"torchvision/{net}").report(convention="torchvision").totals.ops
    assert (ops + 500_000) // 1_000_000 == printed


def test_every_event_once() -> None:
    """conv 3x3, 2 -> 4 on 5x5, pad 1: 5·5·4·9·2 = 1,800 MACs and 100 biases; relu 100 comparisons; a 2x2 max pool to
    2x2x4, 3 comparisons each: 48; fc 16 -> 3: 48 MACs and 3 biases."""
    text = "input: 5x5x2\nlayers:\n- conv: {filters: 4, kernel: 3, pad: 1}\n- relu\n- maxpool: 2\n- fc: 3\n"
    assert (
        cnncalc.loads(text).report(convention="exact").totals.ops == 1800 + 100 + 100 + 48 + 48 + 3
    )


# --- parameters ------------------------------------------------------------------------------------------------------


def test_keras_counts_moving_statistics() -> None:
    """ResNet-50's 26,560 batch norm channels have 53,120; Keras prints 25,636,712 for its own, which has 26,560 biases
    in the convolutions besides: 25,557,032 + 53,120 + 26,560."""
    totals = cnncalc.load("torchvision/resnet50").report(convention="keras").totals
    assert (totals.params, totals.counted_params) == (25557032, 25636712 - 26560)


def test_weights_only() -> None:
    """VGG-16 has 138,357,544 parameters and 13,416 biases."""
    report = cnncalc.load("vgg16").report(convention="weights-only")
    assert (report.totals.params, report.totals.counted_params) == (138357544, 138344128)
    assert report.row("fc1").counted_params == 25088 * 4096


def test_no_bias_leaves_them_out_of_what_a_convention_counts() -> None:
    totals = cnncalc.load("vgg16").report(convention="keras", no_bias=True).totals
    assert totals.params == totals.counted_params == 138344128


def test_shared_weights_count_once() -> None:
    text = (
        "input: 4x4x2\nlayers:\n- conv: {name: a, filters: 2, kernel: 3, pad: 1}\n"
        "- conv: {name: b, filters: 2, kernel: 3, pad: 1, share: a}\n"
    )
    assert (
        cnncalc.loads(text).report(convention="weights-only").totals.counted_params == 3 * 3 * 2 * 2
    )
    nodes = cnncalc.loads(text).graph.nodes
    assert load_convention("weights-only").parameters_in(nodes) == 3 * 3 * 2 * 2
    assert load_convention("weights-only").parameters_in((*nodes, nodes[1])) == 2 * 3 * 3 * 2 * 2


def test_the_table_follows_and_the_document_does_not(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["params", "torchvision/resnet50", "--depth", "1", "--convention", "keras"]
    assert main(arguments) == 0
    shown = capsys.readouterr().out
    assert "25,610,152" in shown
    assert "buffers" in shown
    assert "parameters by the convention 'keras': weights, biases and running statistics" in shown
    assert main([*arguments, "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["totals"]["params"], document["convention"]) == (25557032, "keras")
    assert document["totals"]["ops"] == 2 * 4089184256


def test_a_column_says_whose_macs_it_has(capsys: pytest.CaptureFixture[str]) -> None:
    main(["flops", "torchvision/resnet50", "--convention", "thop"])
    shown = capsys.readouterr().out
    assert "MACs (thop)" in shown
    assert "MACs by the convention 'thop'" in shown


@pytest.mark.parametrize(
    ("layer", "quantity", "convention", "expected"),
    [
        ("bn1", "params", "keras", "256"),  # 4·64
        ("bn1", "flops", "thop", "3,211,264"),  # 112·112·64·4
        ("fc", "params", "weights-only", "2,048,000"),
        ("total", "params", "keras", "25,610,152"),
    ],
)
def test_explain_follows(layer: str, quantity: str, convention: str, expected: str) -> None:
    (derived,) = cnncalc.load("torchvision/resnet50").explain(
        layer, quantity, convention=convention
    )
    assert derived.result == expected


def test_explain_shows_the_measure_with_numbers() -> None:
    (derived,) = cnncalc.load("torchvision/resnet50").explain("bn1", "flops", convention="thop")
    assert derived.steps[0].numbers == "802,816 · (4 if 64 > 0 else 2)"


# --- the files -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", data_files("conventions"))
def test_a_file_says_what_it_is(name: str) -> None:
    one = load_convention(name)
    assert one.name == name
    assert all((one.title, one.unit, one.used_by, one.source))
    assert all(term.words and term.formula_words for term in (*one.parameters, *one.operations))


def test_no_code_knows_a_convention() -> None:
    """But the default, and the quantity of that name."""
    names = set(data_files("conventions")) - {
        "standard",
        "macs",
        "torch",
        "keras",
        "torchvision",
        "exact",
    }
    package = Path(cnncalc.__file__).parent
    texts = {path: path.read_text(encoding="utf-8") for path in package.rglob("*.py")}
    found = [
        (path.name, name)
        for path, text in texts.items()
        for name in names
        if f'"{name}"' in text or f"'{name}'" in text
    ]
    assert found == []


def test_the_simplest_come_first() -> None:
    names = [one.name for one in conventions()]
    assert names[:2] == ["macs", "papers"]
    assert (
        names.index("standard")
        < names.index("fvcore")
        < names.index("ptflops")
        < names.index("keras")
    )


HEAD = "name: mine\ntitle: t\nunit: u\nused_by: we\nsource: s\n"


def read(text: str) -> Convention:
    return read_convention(Source("mine.yaml", HEAD + text), "mine")


NET = """
input: 4x4x2
layers:
- conv: {filters: 3, kernel: 3, pad: 1, stride: 2}
- relu: {tags: [loud, late]}
- relu: {tags: loud}
- relu
"""


@pytest.mark.parametrize(
    ("terms", "expected"),
    [  # the conv gives 2x2x3 = 12 elements
        ("[mac]", 12 * 9 * 2),
        ("[{measure: outputs, ops: [relu]}]", 36),
        ("[{measure: outputs, ops: relu, tags: loud}]", 24),
        ("[{measure: outputs, ops: [relu], tags: [loud], without: [late]}]", 12),
        ("[{measure: outputs, ops: [relu], without: [loud]}]", 12),
        ("[{measure: outputs, ops: [relu], weight: -2}, mac]", 216 - 72),
        ("[{measure: 'positions * stride + groups', ops: [conv]}]", 4 * 4 + 1),
        ("[{measure: 'inputs * (2 if biases > 0 else 1)', ops: [conv]}]", 64),
        ("[bias_add]", 12),
        ("[{measure: 5, ops: [relu]}]", 15),  # a number for each layer
        (
            "[{measure: groups + stride, ops: [relu]}]",
            3 * (1 + 1),
        ),  # no groups are one, no steps are steps of one
        ("[{measure: axes}]", 5 * 2),
    ],
)
def test_terms(terms: str, expected: int) -> None:
    one = read(f"operations: {terms}\n")
    nodes = cnncalc.loads(NET).graph.nodes
    assert sum(one.operations_of(node) for node in nodes) == expected
    assert one.operations_in(nodes) == expected
    assert one.operations_in((*nodes, *nodes)) == 2 * expected


@pytest.mark.parametrize(
    ("terms", "usual"),
    [
        ("[weights, biases]", True),
        ("[biases, weights]", True),
        ("[weights]", False),
        ("[weights, biases, buffers]", False),
        ("[weights, weights]", False),
        ("[weights, {measure: biases, ops: [conv]}]", False),
        ("[weights, {measure: biases, tags: [loud]}]", False),
        ("[weights, {measure: biases, without: [loud]}]", False),
        ("[weights, {measure: biases, weight: 2}]", False),
        ("[weights, biases, {measure: buffers, ops: [bn]}]", False),
    ],
)
def test_usual_parameters_are_weights_and_biases_of_all_layers(terms: str, usual: bool) -> None:
    one = read(f"parameters: {terms}\noperations: [mac]\n")
    assert one.has_usual_parameters == usual
    # 3·3·2·3 weights and 3 biases
    node = cnncalc.loads(NET).graph.nodes[1]
    assert not usual or one.parameters_of(node) == 54 + 3


@pytest.mark.parametrize(
    ("term", "words"),
    [
        (
            "{measure: inputs + outputs, weight: 2, ops: [relu]}",
            "2 · (input elements + output elements) of relu",
        ),
        ("{measure: inputs + outputs}", "input elements + output elements"),
        ("{measure: mac, weight: 2}", "2 · multiply-accumulates"),
    ],
)
def test_a_term_in_words(term: str, words: str) -> None:
    assert read(f"operations: [{term}]\n").operations[0].formula_words == words
    assert read(f"operations: [{term}]\n").operations[0].words == words
    (named,) = read(f"operations: [{term[:-1]}, as: what we say}}]\n").operations
    assert (named.words, named.formula_words) == ("what we say", words)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("operations: [{measure: macs}]", "there is no measure named 'macs'", "did you mean 'mac'"),
        ("operations: [{ops: [relu], weight: 2}]", "a term needs a measure", ""),
        ("operations: [{measure: mac, op: [relu]}]", "'op' is not a key of a term", "ops"),
        ("operations: [{measure: mac, ops: [rulu]}]", "there is no op 'rulu'", "relu"),
        ("operations: [{measure: mac, weight: 1/2}]", "a weight is a whole number", ""),
        ("operations: [{measure: mac, weight: 2 > 1}]", "a weight is a whole number", ""),
        ("operation: [mac]", "'operation' is not a key of a convention", "operations"),
        ("operations: []", "a convention needs parameters and operations", ""),
        ("operations: [{measure: mac +}]", "ends too early", ""),
    ],
)
def test_mistakes_in_a_file(text: str, message: str, hint: str) -> None:
    with pytest.raises(cnncalc.SpecError) as caught:
        read(text + "\n")
    assert message in str(caught.value)
    assert hint in str(caught.value)
    assert [problem.file for problem in caught.value.problems] == ["mine.yaml"]


@pytest.mark.parametrize(
    ("measure", "message"),
    [
        ("inputs / 5", "the measure is 32/5 of a layer"),
        ("mac > 0", "the measure is True of a layer"),
        ("outputs // buffers", "zero"),
    ],
)
def test_a_measure_that_a_layer_does_not_have(measure: str, message: str) -> None:
    one = read(f"operations: [{{measure: '{measure}', ops: [conv]}}]\n")
    with pytest.raises(cnncalc.SpecError, match=message):
        one.operations_of(cnncalc.loads(NET).graph.nodes[1])


@pytest.mark.parametrize(
    ("name", "nearest"), [("thopp", "'thop'"), ("fvcor", "'fvcore'"), ("zzzz", "there are")]
)
def test_an_unknown_convention(name: str, nearest: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["flops", "alexnet", "--convention", name]) == 2
    error = capsys.readouterr().err
    assert f"there is no convention '{name}'" in error
    assert nearest in error


# --- the command -----------------------------------------------------------------------------------------------------


def test_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["conventions"]) == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in data_files("conventions"))
    assert main(["conventions", "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert {one["name"] for one in document["conventions"]} == set(data_files("conventions"))


def test_one_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["conventions", "thop"]) == 0
    shown = capsys.readouterr().out
    assert "input elements · (4 if weights > 0 else 2) of bn" in shown
    assert "not tagged functional" in shown
    assert "used by: thop 0.1.1" in shown
    assert main(["conventions", "thop", "--format", "json"]) == 0
    (one,) = json.loads(capsys.readouterr().out)["conventions"]
    assert one["operations"][0] == {
        "what": "multiply-accumulates of conv, fc, linear, not tagged functional",
        "ops": ["conv", "fc", "linear"],
        "tags": [],
        "without": ["functional"],
        "measure": "mac",
        "weight": 1,
    }


@pytest.mark.parametrize("style", ["table", "plain", "csv", "markdown", "latex", "html"])
def test_every_format(style: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["conventions", "--format", style]) == 0
    assert main(["conventions", "fvcore", "--format", style]) == 0
    assert capsys.readouterr().out


def test_measures_have_words() -> None:
    assert all(MEASURES.values())


def test_the_page_lists_every_convention() -> None:
    page = (Path(__file__).parent.parent / "docs" / "conventions.md").read_text(encoding="utf-8")
    for one in conventions():
        assert f"| `{one.name}` | {one.title} | {one.used_by} |" in page


def test_the_page_names_every_measure() -> None:
    page = (Path(__file__).parent.parent / "docs" / "conventions.md").read_text(encoding="utf-8")
    assert [name for name in MEASURES if f"`{name}`" not in page] == []


# --- versions ---------------------------------------------------------------------------------------------------------


def test_a_version_names_the_same_convention_as_the_bare_name() -> None:
    assert load_convention("thop@0.1.1") is load_convention("thop")
    assert load_convention("ultralytics-thop@2.2.3").version == "2.2.3"
    measured = [name for name in data_files("conventions") if load_convention(name).version]
    for name in measured:
        version = load_convention(name).version
        assert version in f"{load_convention(name).used_by} {load_convention(name).source}"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("thop@9", "there is thop@0.1.1"),
        ("macs@1", "macs has no versions"),
        ("macs@", "macs has no versions"),
        ("thpo@0.1.1", "did you mean 'thop'?"),
    ],
)
def test_a_version_that_there_is_not(name: str, hint: str) -> None:
    with pytest.raises(cnncalc.SpecError) as caught:
        cnncalc.load("lenet5").report(convention=name)
    assert hint in str(caught.value)


# What the two print of the same module: layer, input, thop 0.1.1, ultralytics-thop 2.2.3.
TWO_THOPS = [
    (
        "conv_transpose: {filters: 32, kernel: 4, stride: 2, pad: 1}",
        "28x28x16",
        25_690_112,
        6_422_528,
    ),
    ("avgpool: 2", "28x28x16", 3_136, 15_680),
]


def test_thop_and_its_successor_on_densenet121() -> None:
    """torchvision's DenseNet-121 is its 161 with a growth of 32 and blocks of 6, 12, 24 and 16."""
    text = data_files("networks")["torchvision/densenet161"].read_text(encoding="utf-8")
    text = text.replace("times: 24", "times: 16").replace("times: 36", "times: 24")
    net = cnncalc.loads(text, set={"growth": 32})
    assert net.report().totals.params == 7_978_856
    assert net.report(convention="thop").totals.ops == 2_897_007_104
    assert net.report(convention="ultralytics-thop").totals.ops == 2_897_709_568


@pytest.mark.parametrize(("what", "size", "old", "new"), TWO_THOPS)
def test_thop_and_its_successor(what: str, size: str, old: int, new: int) -> None:
    net = cnncalc.loads(f"input: {size}\nlayers:\n  - {what}\n")
    assert net.report(convention="thop").totals.ops == old
    assert net.report(convention="ultralytics-thop").totals.ops == new


@pytest.mark.parametrize(
    "name",
    [
        "torchvision/alexnet",
        "torchvision/googlenet",
        "torchvision/mobilenet_v2",
        "torchvision/resnet50",
    ],
)
def test_the_two_agree_where_no_average_pool_is_fixed(name: str) -> None:
    net = cnncalc.load(name)
    assert (
        net.report(convention="thop").totals.ops
        == net.report(convention="ultralytics-thop").totals.ops
    )


def test_what_a_convention_is_called() -> None:
    """By its name, or its unit where that is the same word; the file's name where the file has none."""
    names = ("macs", "thop", "fvcore")
    assert [load_convention(name).label for name in names] == ["MACs", "thop", "fvcore"]
    assert [load_convention(name).counts_macs for name in names] == [True, True, False]
    assert read_convention(Source("x.yaml", HEAD + "operations: [mac]\n"), "other").name == "mine"
    assert read_convention(Source("x.yaml", "operations: [mac]\n"), "other").name == "other"
    assert [is_convention(name) for name in ("thop", "thop@9", "resnet50")] == [True, True, False]


def test_what_a_conventions_parameters_are_in_words() -> None:
    said = [
        str(load_convention(name).parameter_words) for name in ("weights-only", "macs", "keras")
    ]
    assert said == ["weights", "weights and biases", "weights, biases and running statistics"]
