"""Why two counts differ. Expected numbers are the tools' own, or arithmetic shown beside them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import product
from typing import Any

import pytest
from extent import SWEEP, allowed, sample

import cnncalc
from cnncalc.cli import main
from cnncalc.counts.reconcile import changes, per_layer
from cnncalc.report.conventions import load_convention
from cnncalc.spec.shipped import data_files


def parts(net: str, first: str, second: str, layer: str = "total") -> dict[str, int]:
    (equation, _) = cnncalc.load(net).reconcile(first, second, layer=layer).equations
    return {one.what: one.amount for one in equation.parts}


def test_torchinfo_and_macs() -> None:
    """1,000 biases of the fc; 26,560 channels of batch norm with γ and β."""
    assert parts("torchvision/resnet50", "torchinfo", "macs") == {
        "fc biases": 1000,
        "batch norm γ and β": 53120,
    }


def test_thop_and_macs() -> None:
    """11,113,984 elements go through batch norm; the last pool has 2048 windows of 49."""
    assert list(parts("torchvision/resnet50", "thop", "macs").values()) == [4 * 11113984, 2048 * 50]


def test_the_other_way_round_the_signs_turn() -> None:
    there, back = (
        parts("torchvision/resnet50", *pair) for pair in (("thop", "macs"), ("macs", "thop"))
    )
    assert sorted(there.values()) == sorted(-amount for amount in back.values())


def test_what_both_count_cancels() -> None:
    """ptflops counts every pool and ReLU module twice, its function and itself; calflops the functions alone."""
    found = parts("torchvision/resnet50", "ptflops", "calflops")
    relu, pools = (
        9608704,
        802816 + 100352,
    )  # elements through ReLU; inputs of the max pool and of the last pool
    assert sorted(found.values()) == [-4089184256, 1000, pools, relu]


def test_one_term_on_each_side_is_a_pair() -> None:
    """thop counts 4 an element of batch norm where fvcore counts 2; its last pool one more for each of 2048 outputs."""
    found = parts("torchvision/resnet50", "thop", "fvcore")
    assert found == {
        "batch norm, 4 an element instead of batch norm, 2 an element": 2 * 11113984,
        "adaptive average pools, window + 1 for each output instead of "
        "inputs of adaptive average pools": 2048,
    }


@pytest.mark.parametrize(
    ("net", "others"),
    [
        ("alexnet", sample(data_files("conventions"), 4)),
        ("lenet5", sample(data_files("conventions"), 3)),
        ("googlenet", ["thop"]),
        ("torchvision/mobilenet_v2", ["macs"]),
        ("se_resnet50", ["ptflops"]),
    ],
)
def test_the_parts_are_the_difference(net: str, others: Iterable[str]) -> None:
    loaded = cnncalc.load(net)
    for one, two in product(data_files("conventions"), others):
        (equation, _) = loaded.reconcile(one, two).equations
        assert (
            equation.base.total + sum(part.amount for part in equation.parts) == equation.side.total
        )
        assert equation.side.total == loaded.report(convention=one).totals.ops


def test_arrays_that_layers_share_are_a_part_once() -> None:
    """3·3·4·4 weights and 4 biases, which the second convolution uses again."""
    again = "conv: {name: again, filters: 4, kernel: 3, pad: 1, share: first}"
    net = cnncalc.loads(
        f"input: 8x8x4\nlayers: [conv: {{name: first, filters: 4, kernel: 3, pad: 1}}, {again}]"
    )
    equation = net.reconcile("148", "weights-only").equations[0]
    assert (equation.side.total, equation.base.total) == (148, 144)
    assert [(part.amount, part.layers) for part in equation.parts] == [(4, ("first",))]
    # and 8·8 positions of 4 maps have a bias added in each of the two
    equation = net.reconcile("ptflops-aten", "macs").equations[0]
    assert sum(part.amount for part in equation.parts) == 2 * 8 * 8 * 4


@pytest.mark.parametrize(
    "pair", [("torchinfo", "macs"), ("ptflops", "thop"), ("exact", "convnet-burden")]
)
def test_layers_add_up(pair: tuple[str, str]) -> None:
    done = cnncalc.load("torchvision/mobilenet_v2").reconcile(*pair)
    listed = per_layer(done)
    assert (
        sum(one.first - one.second for one in listed)
        == done.equations[0].side.total - done.sides[-1].total
    )
    assert all(one.first - one.second == sum(part.amount for part in one.parts) for one in listed)


def test_one_layer_or_block() -> None:
    """conv1 of AlexNet has 55·55·96 biases to add, 96 to hold."""
    assert parts("alexnet", "ptflops-aten", "macs", "conv1") == {"conv biases": 290400}
    block = cnncalc.load("googlenet").reconcile("exact", "macs", layer="inception_3a").equations[0]
    assert block.side.total == sum(
        row.ops
        for row in cnncalc.load("googlenet").report(convention="exact").rows
        if row.name.startswith("inception_3a/")
    )


def test_parameters_have_an_equation_of_their_own() -> None:
    done = cnncalc.load("torchvision/resnet50").reconcile("keras", "macs")
    (equation,) = done.parameters
    assert (equation.side.total, equation.base.total) == (25610152, 25557032)
    assert [(one.what, one.amount) for one in equation.parts] == [("running statistics", 53120)]


# --- numbers ---------------------------------------------------------------------------------------------------------


def test_tools_by_their_numbers() -> None:
    sides = cnncalc.load("torchvision/resnet50").reconcile("4.11G", "4.13G", "macs").sides
    assert [(side.convention.name, side.fit.reading if side.fit else None) for side in sides] == [
        ("fvcore", "rounded"),
        ("thop", "rounded"),
        ("macs", None),
    ]
    assert sides[1].also == ("ultralytics-thop", "ptflops")


def test_the_papers_number_is_of_another_network() -> None:
    """The paper's stride is in the 1x1 of the first block of three stages, torchvision's in the 3x3."""
    (side, _) = cnncalc.load("torchvision/resnet50").reconcile("3.8G", "macs").sides
    variant = side.variant
    assert variant is not None
    assert (variant.net.name, variant.total, side.total) == ("resnet50", 3857973248, 4089184256)
    assert side.fit is not None
    assert side.fit.reading == "cut"
    assert [
        (one.what, one.field, one.there, one.here, len(one.layers)) for one in variant.changes or ()
    ] == [("conv 1×1", "stride", "2", "1", 3), ("conv 3×3", "stride", "1", "2", 3)]
    assert [one.text for one in variant.printed] == ["3.8G"]


def test_a_number_of_nothing_is_held_against_the_nearest() -> None:
    done = cnncalc.load("torchvision/resnet50").reconcile("5.5G", "macs")
    assert not done.found
    assert done.sides[0].convention.name == "exact"
    assert done.sides[0].distance == pytest.approx(5.5e9 / done.sides[0].total - 1)


def test_parameters_as_numbers() -> None:
    """VGG-16: 138,357,544 parameters, 13,416 of them biases."""
    (equation, _) = cnncalc.load("vgg16").reconcile("138,357,544", "weights-only").equations
    assert (equation.side.counted, equation.base.total) == ("parameters", 138344128)
    assert [one.amount for one in equation.parts] == [13416]


def test_each_of_several_is_held_against_the_last() -> None:
    done = cnncalc.load("torchvision/resnet50").reconcile("torchinfo", "ptflops", "thop", "macs")
    assert [one.base.convention.name for one in done.equations] == ["macs"] * 4
    assert [one.base.total for one in done.equations] == [4_089_184_256] * 4  # see above
    # layer by layer the first is held against the last: torchinfo adds the biases of the fc and the norms' parameters
    assert sum(one.first - one.second for one in per_layer(done)) == 1_000 + 53_120


def test_operations_and_parameters_are_not_compared() -> None:
    done = cnncalc.load("vgg16").reconcile("138M", "15.5G")
    assert [one.counted for one in done.sides] == ["parameters", "operations"]
    assert [one.side.given for one in done.equations] == ["15.5G"]


def test_a_network_of_which_nothing_is_counted() -> None:
    net = cnncalc.loads("input: 4\nlayers: [identity]\n")
    with pytest.raises(cnncalc.SpecError, match="no convention counts anything"):
        net.reconcile("5", "macs")
    (equation, _) = net.reconcile("thop", "macs").equations
    assert equation.parts == ()


def test_networks_that_do_not_go_layer_by_layer() -> None:
    assert changes(cnncalc.load("resnet50"), cnncalc.load("resnet101")) is None


def test_where_no_field_differs_the_shape_does() -> None:
    (change,) = changes(cnncalc.load("vgg16", input=192), cnncalc.load("vgg16")) or ()
    assert (change.field, change.here, change.there, change.layers) == (
        "input",
        "192×192×3",
        "224×224×3",
        ("conv1_1",),
    )


# --- the command -----------------------------------------------------------------------------------------------------


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[str], str]:
    code = main(["reconcile", *arguments])
    out, err = capsys.readouterr()
    return code, out.splitlines(), err


def test_term_by_term(capsys: pytest.CaptureFixture[str]) -> None:
    code, lines, _ = run(capsys, "torchvision/resnet50", "torchinfo", "macs")
    assert code == 0
    assert [" ".join(line.split()) for line in lines[2:]] == [
        "torchinfo 4,089,238,376 mult-adds",
        "= MACs 4,089,184,256",
        "+ fc biases 1,000 fc",
        "+ batch norm γ and β 53,120 53 layers: bn",
    ]


@pytest.mark.parametrize("given", [("1.14G", "62.4M", "macs"), ("62.4M", "1.14G")])
def test_what_is_counted_otherwise_than_the_last_says_so(
    given: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    _, lines, _ = run(capsys, "alexnet", *given)
    (line,) = (line for line in lines if "62,378,344" in line)
    assert line.endswith("parameters, not operations")


def test_why_three_numbers_differ_in_one_screen(capsys: pytest.CaptureFixture[str]) -> None:
    code, lines, _ = run(capsys, "torchvision/resnet50", "4.11G", "4.13G", "3.8G")
    text = "\n".join(lines)
    assert code == 0
    assert len(lines) <= 24
    for piece in (
        "fvcore",
        "thop",
        "22,227,968",
        "44,455,936",
        "resnet50",
        "231,211,008",
        "conv 1×1: stride 2 there",
        "He et al. 2015",
    ):
        assert piece in text


def test_numbers_stand_in_one_column(capsys: pytest.CaptureFixture[str]) -> None:
    _, lines, _ = run(capsys, "torchvision/resnet50", "exact", "macs")
    numbers = [line for line in lines if any(mark in line for mark in ("=", "+", "exact "))]
    ends = {len(line) - len(line.lstrip()) for line in numbers}
    assert len(ends) == 2  # the count, and its terms set in


def test_per_layer(capsys: pytest.CaptureFixture[str]) -> None:
    code, lines, _ = run(capsys, "torchvision/resnet50", "torchinfo", "macs", "--per-layer")
    assert code == 0
    assert lines[-1].split()[:4] == ["total", "4,089,238,376", "4,089,184,256", "54,120"]
    assert sum(line.startswith("layer1/") for line in lines) == 10


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    code, lines, _ = run(
        capsys, "torchvision/resnet50", "torchinfo", "3.8G", "--per-layer", "--format", "json"
    )
    document = json.loads("\n".join(lines))
    assert code == 0
    assert document["equations"][0]["equation"] == (
        "torchinfo 4,089,238,376 = MACs 4,089,184,256 + fc biases 1,000 + batch norm γ and β 53,120"
    )
    assert document["sides"][1]["variant"]["network"] == "resnet50"
    assert sum(one["first"] - one["second"] for one in document["layers"]) == 54120


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("resnet50", "torchinfo"), "two counts are needed"),
        (("resnet50", "torchinf", "macs"), "did you mean 'torchinfo'"),
        (("resnet50", "thop", "macs", "--layer", "conv1_9"), "has no layer 'conv1_9'"),
        (("resnet51", "thop", "macs"), "did you mean"),
    ],
)
def test_mistakes(
    arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = run(capsys, *arguments)
    assert code == 2
    assert message in err


def test_a_number_of_nothing_exits_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    code, lines, _ = run(capsys, "torchvision/resnet50", "5.5G", "macs")
    assert code == 1
    assert "5.5G is no count of this network" in lines[2]


@pytest.mark.parametrize("style", ["table", "plain", "csv", "markdown", "latex", "html"])
def test_every_format(style: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "alexnet", "torchinfo", "thop", "--format", style)[1]
    assert run(capsys, "alexnet", "torchinfo", "thop", "--per-layer", "--format", style)[1]


# --- two networks -----------------------------------------------------------------------------------------------------


def test_two_networks_are_compared_stage_by_stage() -> None:
    """ResNet-101 has 17 more bottlenecks of three convs in conv4_x, each of
    1·1·1024·256 + 3·3·256·256 + 1·1·256·1024 weights at 14·14 positions, and nothing else."""
    done = cnncalc.load("resnet50").reconcile("resnet101", "macs")
    first, base = done.equations
    assert (first.side.label, base.side.label) == ("resnet101 MACs", "resnet50 MACs")
    weights = 1024 * 256 + 9 * 256 * 256 + 256 * 1024
    assert [(part.what, part.amount) for part in first.parts] == [
        ("conv4_x (70 convs and fcs for 19)", 17 * weights * 14 * 14)
    ]
    (params,) = done.parameters
    assert params.side.total - params.base.total == 44_549_160 - 25_557_032
    assert [part.amount for part in params.parts] == [17 * (weights + 2 * (256 + 256 + 1024))]


@pytest.mark.parametrize(
    ("net", "given"),
    [
        ("alexnet", ["torchvision/alexnet"]),
        ("vgg16", ["resnet50", "fvcore", "macs"]),
        ("googlenet", ["inception_v3", "densenet121", "torchinfo"]),
    ],
)
def test_what_networks_differ_in_adds_up(net: str, given: list[str]) -> None:
    done = cnncalc.load(net).reconcile(*given)
    for equation in (*done.equations, *done.parameters):
        amounts = [part.amount for part in equation.parts]
        assert equation.side.total == equation.base.total + sum(amounts)
        assert 0 not in amounts


def test_networks_of_other_stages_are_compared_op_by_op() -> None:
    done = cnncalc.load("vgg16").reconcile("resnet50")
    assert {part.what.split()[0] for part in done.equations[0].parts} == {"conv", "fc"}


def test_two_networks_at_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reconcile", "resnet50", "resnet101", "macs", "--format", "csv"]) == 0
    assert "conv4_x" in capsys.readouterr().out
    assert main(["reconcile", "resnet50", "resnet101", "--per-layer"]) == 2
    assert "cnncalc diff resnet50 resnet101" in capsys.readouterr().err
    assert main(["reconcile", "resnet50", "resnet102", "macs"]) == 2
    assert "did you mean" in capsys.readouterr().err


@pytest.mark.skipif(not SWEEP, reason="thousands of layers")
def test_reconciling_is_linear_in_the_layers() -> None:
    """Three thousand convs took five seconds where the list of layers was copied for each of them."""
    import time

    text = "input: 8x8x4\nlayers:\n  - repeat: {times: 3000, layers: [conv: {filters: 4, kernel: 3, pad: 1}, bn]}\n"
    net = cnncalc.loads(text)
    begin = time.process_time()
    net.reconcile("torchinfo", "macs")
    assert time.process_time() - begin < allowed(5)


def test_of_three_counts_the_last_is_the_base_of_all() -> None:
    done = cnncalc.load("vgg16").reconcile("torchinfo", "standard", "macs")
    assert {equation.base.convention.name for equation in done.equations} == {"macs"}


def test_a_number_of_another_network_is_looked_for_in_the_whole_network_alone() -> None:
    """23,296 parameters are torchvision's conv1; of a layer no other network is asked."""
    net = cnncalc.load("alexnet")
    (of_total, _) = net.reconcile("60965224", "macs").sides
    assert of_total.variant is not None
    (of_layer, _) = net.reconcile("60965224", "macs", layer="conv1").sides
    assert of_layer.variant is None


def test_shared_weights_are_counted_once() -> None:
    """3·3·2·2 + 2 twice, of which the second are the first's; keras counts 4 · 2 numbers of bn, we 2 · 2."""
    text = (
        "input: 8x8x2\nlayers:\n  - conv: {name: a, filters: 2, kernel: 3, pad: 1}\n"
        "  - conv: {name: b, filters: 2, kernel: 3, pad: 1, share: a}\n  - bn\n"
    )
    done = cnncalc.loads(text).reconcile("keras", "macs")
    (params,) = [one for one in done.parameters if one.side.given == "keras"]
    assert (params.base.total, params.side.total) == (38 + 4, 38 + 8)


# --- what stands in a reason -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [(), ("thop",)])
def test_one_count_is_not_compared(count: tuple[str, ...]) -> None:
    with pytest.raises(cnncalc.SpecError, match="two counts are needed to compare"):
        cnncalc.load("alexnet").reconcile(*count)


@pytest.mark.parametrize(
    ("first", "second"),
    [("ptflops", "macs"), ("exact", "macs"), ("macs", "exact"), ("thop", "ptflops"), ("keras", "fvcore")],
)  # fmt: skip
def test_reasons_come_in_the_order_of_the_terms_and_name_each_layer_once(
    first: str, second: str
) -> None:
    net = cnncalc.load("torchvision/resnet50")
    order = [term.words for name in (first, second) for term in load_convention(name).operations]
    kinds = {node.name: node.kind for node in net.graph.nodes}
    listed = net.reconcile(first, second).equations[0].parts
    places = [
        next(at for at, words in enumerate(order) if part.what.startswith(words)) for part in listed
    ]
    assert places == sorted(places)
    for part in listed:
        assert len(set(part.layers)) == len(part.layers)
        assert list(dict.fromkeys(kinds[name] for name in part.layers)) == list(part.ops)
        of_op = {op: [name for name in part.layers if kinds[name] == op] for op in part.ops}
        assert all(
            names == [name for name in kinds if name in set(names)] for names in of_op.values()
        )
    amounts = sum(part.amount for part in listed)
    assert (
        amounts
        == net.report(convention=first).totals.ops - net.report(convention=second).totals.ops
    )


def test_what_numbers_count_is_what_names_are_asked_for() -> None:
    """Beside parameters alone a name stands for its parameters, else for its operations."""
    net = cnncalc.load("vgg16")
    for given, counted in (
        (("138M", "weights-only", "138,357,544"), ["parameters"] * 3),
        (("138M", "15.5G", "thop"), ["parameters", "operations", "operations"]),
        (("15.5G", "thop"), ["operations"] * 2),
    ):
        assert [side.counted for side in net.reconcile(*given).sides] == counted
    (first, _, last) = net.reconcile("138M", "weights-only", "138,357,544").sides
    assert (first.convention.name, last.convention.name) == ("macs", "macs"), (
        "the simplest that counts so"
    )
    assert (first.given, last.given) == ("138M", "138,357,544")


def test_a_number_of_another_unit_is_no_count() -> None:
    """No convention counts bytes; nearest of what is counted are the 138,344,128 weights."""
    done = cnncalc.load("vgg16").reconcile("138MB", "macs")
    assert not done.found
    assert (done.sides[0].fit, done.sides[0].counted) == (None, "parameters")
    assert done.sides[0].distance == pytest.approx(138e6 / 138_344_128 - 1)


def test_others_that_give_the_number_give_it_as_plainly() -> None:
    """4.13G is what thop's and ptflops' counts round to; 4.13 GFLOPs is none of theirs, which are MACs."""
    net = cnncalc.load("torchvision/resnet50")
    (side, _) = net.reconcile("4133742592", "macs").sides
    assert (side.convention.name, side.also) == ("thop", ("ultralytics-thop",))
    (side, _) = net.reconcile("25.6M", "macs").sides
    assert (side.convention.name, side.also) == ("macs", ("keras",))  # 25,557,032 and 25,610,152


def test_parameters_of_conventions_that_count_them_alike_are_not_compared() -> None:
    net = cnncalc.load("torchvision/resnet50")
    assert net.reconcile("thop", "macs").parameters == ()
    assert net.reconcile("keras", "keras").parameters == ()
    assert len(net.reconcile("keras", "thop", "macs").parameters) == 1
    assert net.reconcile("25.6M", "25,610,152").parameters == ()


# --- stages of two networks ------------------------------------------------------------------------------------------


def staged(*names: str) -> cnncalc.Network:
    """A network of 1x1 convs with these names, on VGG-11's input."""
    layers = "".join(f"  - conv: {{name: {name}, filters: 3, kernel: 1}}\n" for name in names)
    return cnncalc.loads(f"name: mine\ninput: 224x224x3\nlayers:\n{layers}")


@pytest.mark.parametrize(
    ("names", "by_stage"),
    [
        # of the input and 3 convs two stages are VGG's, which is half of them
        (("conv1_1", "x", "y"), True),
        # of 5 two are less than half
        (("conv1_1", "x", "y", "z"), False),
        (("conv1_1", "conv2_1", "y", "z"), True),
    ],
)
def test_half_of_the_stages_in_common_are_compared_by_stage(
    names: tuple[str, ...], by_stage: bool
) -> None:
    """Each conv of ours has 3·3 weights at 224·224 positions."""
    (equation, _) = staged(*names).reconcile("vgg16").equations
    found = {part.what.partition(" ")[0]: part for part in equation.parts}
    assert ("x" in found or "y" in found) == by_stage
    assert ("conv" in found) != by_stage
    if by_stage:
        ours = found["y"]
        assert (ours.amount, ours.layers, ours.ops) == (-9 * 224 * 224, ("y",), ("conv",))
        theirs = found["conv3_1"]
        assert theirs.layers == ("conv3_1",)
        assert theirs.what == "conv3_1 (1 convs and fcs for 0)"
    else:
        assert found["conv"].what == "conv (13 convs and fcs for 4)"
        assert found["fc"].layers == ("fc1", "fc2", "fc3")


def test_stages_are_those_below_the_place_that_is_compared() -> None:
    """In ResNet-101's conv4_x stand 23 bottlenecks, in ResNet-50's the first six of them."""
    done = cnncalc.load("resnet50").reconcile("resnet101", "macs", layer="conv4_x")
    (equation, _) = done.equations
    assert [part.what for part in equation.parts] == [
        f"bottleneck{at} (3 convs and fcs for 0)" for at in range(7, 24)
    ]
    assert {name.split("/")[1] for name in equation.parts[0].layers} == {"bottleneck7"}


def test_networks_are_compared_by_the_conventions_that_are_given() -> None:
    ours, theirs = cnncalc.load("vgg11"), cnncalc.load("vgg16")
    for given, names in (
        ((), ["macs"]),
        (("thop",), ["thop"]),
        (("thop", "torch"), ["thop", "torch"]),
    ):
        sides = ours.reconcile("vgg16", *given).sides
        assert [side.convention.name for side in sides] == [
            name for name in names for _ in range(2)
        ]
        for side, net in zip(sides, (theirs, ours) * len(names), strict=True):
            assert side.total == net.report(convention=side.convention.name).totals.ops
    # parameters are those of the first: Keras counts 25,610,152 of ResNet-50
    (params,) = cnncalc.load("resnet18").reconcile("resnet50", "keras", "macs").parameters
    assert (params.side.convention.name, params.side.total) == ("keras", 25_610_152)


# --- what differs, field by field ------------------------------------------------------------------------------------

HERE = "conv: {name: a, filters: 4, kernel: 3, pad: 1}, conv: {name: b, filters: 4, kernel: 3, pad: 1}, relu, fc: 3"


@pytest.mark.parametrize(
    ("there", "changed"),
    [
        (HERE, []),
        (
            HERE.replace("pad: 1}", "pad: 1, stride: 2}"),
            [("conv 3×3", "stride", "1", "2", ("a", "b"))],
        ),
        (
            HERE.replace("pad: 1}", "pad: 1, bias: false}", 1),
            [("conv 3×3", "bias", "yes", "no", ("a",))],
        ),
        (HERE.replace("kernel: 3", "kernel: 3x1", 1), [("conv", "kernel", "3", "3×1", ("a",))]),
        (HERE.replace("fc: 3", "fc: 5"), [("fc", "units", "3", "5", ("fc1",))]),
        # layers without weights, and those aside, are not looked at
        (HERE.replace("relu", "tanh, dropout"), []),
        (HERE.replace("relu", "relu, side: [fc: 9]"), []),
        (HERE.replace(", fc: 3", ""), None),
        (HERE.replace("fc: 3", "conv: {filters: 3, kernel: 8}"), None),
    ],
)
def test_what_differs_between_layers(there: str, changed: list[tuple[Any, ...]] | None) -> None:
    ours, theirs = (cnncalc.loads(f"input: 8x8x3\nlayers: [{layers}]") for layers in (HERE, there))
    found = changes(ours, theirs)
    assert (None if found is None else [tuple(one) for one in found]) == changed
