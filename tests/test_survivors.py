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
from cnncalc.lectures.infer import measures_meant
from cnncalc.lectures.notation import describe
from cnncalc.lectures.select import NetworkPart
from cnncalc.ops.reach import AdaptiveReach, ResizeReach
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
    for text in ("너비", "너비 + 1"):
        with pytest.raises(ExpressionError):
            parse_expression(text)


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


OUTPUTS = "layer,output"
NO_PAD = "conv2,23x23x256\npool2,11x11x256"
ONE_BLOCK = (
    "input: 8x8x3\nlayers:\n  - conv: {filters: 4, kernel: 3, pad: 1}\n"
    "  - repeat: {times: 1, name: b, layers: [conv: {filters: 4, kernel: 3, pad: 1}, relu]}\n"
)
TWO_WAYS = (
    "input: 12x12x4\nlayers:\n  - maxpool: {name: pool, kernel: 2}\n"
    "  - conv: {name: big, filters: 4, kernel: 5}\n  - repeat: {times: 1, name: part, layers: ["
    "conv: {name: a, from: pool, filters: 8, kernel: 1}, conv: {name: c, from: big, filters: 8, kernel: 1}]}\n"
)
ONE_SIDE = (
    "input: 8x8x3\nlayers:\n  - conv: {filters: 4, kernel: 3, pad: 1}\n"
    "  - side: {name: aux, layers: [globalavgpool, fc: 3]}\n  - fc: 2\n"
)


@pytest.mark.parametrize(
    ("spec", "sheet", "layer", "quantity", "status"),
    [
        # conv2 forgets its pad, 27 - 5 + 1 = 23, behind a pool that is right again: (23 - 3)/2 + 1 = 11 follows
        ("", f"{OUTPUTS}\nconv1,54x54x96\npool1,27x27x96\n{NO_PAD}", "pool2", "output", "carried"),
        # the same where no pool makes 27 of the 25 before it: what is right is right
        ("", f"{OUTPUTS}\nconv1,25x25x96\npool1,27x27x96\n{NO_PAD}", "pool2", "output", "carried"),
        # no pool makes 60 of 54: conv2 follows from the pool of 54, (54 - 3)/2 + 1 = 26, which its pad keeps
        ("", "layer,output\nconv1,54x54x96\npool1,60x60x96\nconv2,26x26x256", "conv2", "output", "carried"),
        # the largest that a pool makes of 55, with a kernel and a stride of 1, is 55
        ("", "layer,output\npool1,55x55x96\nconv2,55x55x256", "conv2", "output", "carried"),
        ("", "layer,output\npool1,56x56x96\nconv2,56x56x256", "conv2", "output", "wrong"),
        # 6·6·4 values of 4 bytes: a relu has no memory of its own
        (ONE_BLOCK, "layer,output,memory\nconv1,6x6x4,\nb,,576", "b", "memory", "carried"),
        (ONE_BLOCK, "layer,output,memory\nconv1,6x6x4,\nb,,1152", "b", "memory", "wrong"),
        # of a pool of 5x5 the large kernel leaves 1x1: 25·4·8 + 1·4·8; into 3x3 it does not go, and then nothing
        # follows for c, so that 9·4·8 + 2·2·4·8 with its own map is no answer that follows
        (TWO_WAYS, "layer,output,macs\npool,5x5x4,\npart,,832", "part", "macs", "carried"),
        (TWO_WAYS, "layer,output,macs\npool,3x3x4,\npart,,416", "part", "macs", "wrong"),
        # a sum with the biases that were left out the row before
        ("", "layer,weights,biases,params\nconv1,34848,0,34848", "conv1", "params", "carried"),
        # a blank beside an answer is a blank, also where the totals have an answer
        ("", "layer,params,macs\nconv1,34944,\ntotal,62378344,", "conv1", "macs", "blank"),
    ],
)  # fmt: skip
def test_what_follows_is_carried(
    spec: str,
    sheet: str,
    layer: str,
    quantity: str,
    status: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "x.yaml").write_text(spec)
    (tmp_path / "x.csv").write_text(sheet)
    net = str(tmp_path / "x.yaml") if spec else "alexnet"
    cells = told(capsys, "check", net, str(tmp_path / "x.csv"))["cells"]
    found = {(each["layer"], each["quantity"]): each["status"] for each in cells}
    assert found[layer, quantity] == status


@pytest.mark.parametrize(
    ("aux", "conv1", "status"), [(15, 117, "carried"), (20, 112, "wrong")], ids=["main", "side"]
)
def test_a_side_output_is_no_part_of_a_carried_total(
    aux: int, conv1: int, status: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Right are 112 + 514 = 626 and 4·3 + 3 = 15 aside: 5 too many in conv1 make 631, 5 too many aside do not."""
    (tmp_path / "x.yaml").write_text(ONE_SIDE)
    asked = {"a": "aux/fc1", "b": "conv1", "c": "total"}
    (tmp_path / "hw.yaml").write_text(
        "questions:\n"
        + "".join(
            f"- {{id: {label}, network: x.yaml, layer: {layer}, quantity: params}}\n"
            for label, layer in asked.items()
        )
    )
    (tmp_path / "s.csv").write_text(f"id,answer\na,{aux}\nb,{conv1}\nc,631\n")
    words = ("check", "--homework", str(tmp_path / "hw.yaml"), str(tmp_path / "s.csv"))
    cells = told(capsys, *words)["submissions"][0]["cells"]
    assert cells[2]["status"] == status


@pytest.mark.parametrize(
    ("quantity", "answer", "slip"),
    [
        ("macs", "105K", "wrong-unit"),  # 105,415,200: a thousand times as many, with three digits
        ("params", "12K", "no-input-depth"),  # 11·11·96 + 96 = 11,712
        ("params", "0.01M", ""),  # one digit is near too many numbers to tell a slip
    ],
)
def test_the_digits_written_bound_what_a_slip_is_told_for(
    quantity: str, answer: str, slip: str, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = cell(capsys, "alexnet", "conv1", quantity, answer)
    assert (wrong["status"], wrong["slips"]) == ("wrong", [slip] if slip else [])


def test_an_fc_behind_a_line_sees_all_its_channels(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of 50 positions and 8 channels, one channel alone gives 50·10 + 10."""
    path = tmp_path / "x.yaml"
    path.write_text("input: 52x3\nlayers: [conv: {filters: 8, kernel: 3}, fc: 10]")
    assert "no-input-depth" in cell(capsys, str(path), "fc1", "params", "510")["slips"]


def test_a_field_behind_an_adaptive_pool_is_judged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A pool left out leaves 3 + 1 = 4; other slips find no stride to change in bins that differ."""
    path = tmp_path / "x.yaml"
    path.write_text(
        "input: 9x9x1\nlayers: [conv: {filters: 2, kernel: 3, pad: 1}, adaptiveavgpool: 4, "
        "conv: {filters: 2, kernel: 2}]"
    )
    assert cell(capsys, str(path), "conv2", "receptive_field", "4")["slips"] == ["pools-left-out"]
    assert cell(capsys, str(path), "conv2", "receptive_field", "9")["status"] == "wrong"


def test_all_layers_of_an_op_are_named_before_a_block(tmp_path: Path) -> None:
    """3·3·3·4 + 4 + 3·3·4·4 + 4 = 260 parameters in both convolutions, which are the block."""
    net = cnncalc.loads(
        "input: 8x8x3\nlayers:\n  - repeat: {times: 1, name: b, layers: "
        "[conv: {filters: 4, kernel: 3, pad: 1}, conv: {filters: 4, kernel: 3, pad: 1}]}\n  - fc: 10\n"
    )
    places = [named.place for named in net.identify("260").fits[0].named]
    assert places.index("all conv") < places.index("b") < places.index("b/1")


def test_a_view_keeps_no_copy_for_training() -> None:
    """Like PyTorch's: what is reshaped on the way to a convolution costs no more than what is not."""
    costs = [
        cnncalc.loads(f"input: 32x32x8\nlayers: [{text}]").report().totals.training_bytes
        for text in (
            "relu, reshape: 16x64x8, conv: {filters: 1, kernel: 1}",
            "relu, conv: {filters: 1, kernel: 1}",
        )
    ]
    assert costs[0] == costs[1]


def test_kernels_that_are_added_leave_a_transposed_one_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With strides of 1: 3, then ⌈4/2⌉ − 1 = 1 more, then (3 − 1)/2 = 1 more; right are 3, 3 + 2, 5 + 2."""
    path = tmp_path / "x.yaml"
    path.write_text(
        "input: 16x16x1\nlayers: [conv: {filters: 2, kernel: 3, stride: 2, pad: 1}, "
        "conv_transpose: {filters: 2, kernel: 4, stride: 2, pad: 1}, conv: {filters: 2, kernel: 3}]"
    )
    assert cell(capsys, str(path), "conv2", "receptive_field", "7")["status"] == "right"
    assert cell(capsys, str(path), "conv2", "receptive_field", "5")["slips"] == ["kernels-added"]
    assert cell(capsys, str(path), "conv2", "receptive_field", "8")["slips"] == []


def test_a_condition_without_shapes_asks_for_no_layer() -> None:
    """`c` is left out before anybody looks for `b`, which is left out as well."""
    text = (
        "input: 8x8x3\nparams: {w: 2}\nlayers:\n  - conv: {name: a, filters: 4, kernel: 3, pad: 1}\n"
        "  - relu: {name: b, when: w > 3}\n  - relu: {name: c, from: b, when: w > 3}\n"
    )
    assert [node.name for node in cnncalc.loads(text).graph.nodes] == ["input", "a"]


def test_a_measure_is_worked_out_when_it_is_read() -> None:
    text = "parameters: [weights, biases]\noperations: [{measure: mac // (stride - 1)}]"
    with pytest.raises(cnncalc.SpecError, match="division by zero"):
        read_convention(Source("x.yaml", text), "x")


@pytest.mark.parametrize(
    ("size", "warned"), [("32x32x4", True), ("32x32x5", False), ("4x4x4", False)]
)
def test_a_third_number_as_small_as_4_may_be_channels(
    size: str, warned: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("solve", "--input", size, "--kernel", "3", "--stride", "1", "--pad", "1")
    notes = told(capsys, *words)["axes"][2]["notes"]
    assert ("three numbers are three axes; channels are not written" in notes) is warned


def test_how_often_is_no_truth() -> None:
    text = "input: 8x8x3\nparams: {n: N}\nlayers: [repeat: {times: n, layers: [relu]}]"
    assert len(cnncalc.loads(text.replace("N", "1")).graph.nodes) == 2
    with pytest.raises(cnncalc.SpecError, match="expected a whole number of at least 0, not true"):
        cnncalc.loads(text.replace("N", "true"))


@pytest.mark.parametrize(
    ("given", "formula", "endless"),
    [
        ("--input 4 --kernel 3 --output 1 --pad 0", "S = (N + 2P − F)/O + 1", True),
        ("--input 8 --kernel 4 --output 8 --stride 1", "p + q = (O − 1)·S + F − N", False),
        ("--input 8 --kernel 4 --output 8 --stride 1 --ceil", "p + q = (O − 1)·S + F − N", False),
        ("--input 4 --kernel 3 --output 8 --stride 2 --transpose", "p + q = (N − 1)·S + F − O", False),
        ("--output 8x8 --kernel 4 --stride 1 --pad [[1,2]]", "N = (O − 1)·S + F − p − q", False),
        ("--input 8 --output 4 --stride 2 --pad 1", "F = N + 2P − O·S + 1", False),
    ],
)  # fmt: skip
def test_a_solution_has_its_formula(
    given: str, formula: str, endless: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    axis = told(capsys, "solve", *given.split())["axes"][0]
    assert axis["steps"][0]["formula"] == formula
    assert axis["axis"] == ("height" if "x" in given else None)
    assert ("any stride from there on leaves one window" in axis["notes"]) is endless


def test_what_a_column_may_print_comes_with_the_simplest_first() -> None:
    """A column that fits sizes and parameters is of sizes, one that fits parameters and maps is of parameters."""
    listed = [measure.quantity for measure in measures_meant("")]
    assert listed.index("size") < listed.index("params") < listed.index("maps")
    assert "networks" not in listed
    assert [measure.quantity for measure in measures_meant("networks")] == ["networks"]


def test_layers_that_are_none_have_no_side() -> None:
    net = cnncalc.load("lenet5")
    (side,) = measures_meant("side")
    part = net.parts.find("c1")
    assert side.of(net.report(), part) == 28
    assert side.of(net.report(), part._replace(members=())) is None


@pytest.mark.parametrize(("size", "said"), [(227, "fits"), (224, "doesn't fit")])
def test_whether_a_filter_fits_is_said_in_a_lecture(size: int, said: str) -> None:
    """(227 − 11)/4 = 54 is whole, (224 − 11)/4 is not."""
    net = cnncalc.load("alexnet", input=str(size))
    subject = NetworkPart(net, net.parts.find("conv1"), whole=True)
    assert describe(subject, {"conv": "{fit}"}, " ") == said


def test_the_widest_bin_of_an_adaptive_pool() -> None:
    """Of 5 positions 3 bins take 2, 3 and 2: from floor(5i/3) to ceil(5(i + 1)/3)."""
    assert AdaptiveReach(5, 3).extent == 3 - 1
    assert AdaptiveReach(6, 3).extent == 2 - 1


def test_a_number_of_another_network_is_taken_apart(capsys: pytest.CaptureFixture[str]) -> None:
    """Keras's ResNet-50 has a bias in each of its 1 + 16·3 + 4 convolutions, torchvision's has none."""
    assert main(["reconcile", "torchvision/resnet50", "7.8G", "4.1G"]) == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.split("\n")]
    assert "keras/resnet_50 7,757,693,928 FLOPs, rounded (calflops too)" in lines
    assert "− 53 layers that differ 453,414,424" in lines
    assert any(line.startswith("conv 7×7: bias yes there, no here") for line in lines)
    assert "MACs 4,089,184,256" in lines


def test_a_number_of_a_deeper_network_has_other_layers(capsys: pytest.CaptureFixture[str]) -> None:
    """The papers print 11.5 G for ResNet-152 and 4.1 G for ResNet-50, whose layers do not pair."""
    assert main(["reconcile", "torchvision/resnet50", "11.51G", "4.1G"]) == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.split("\n")]
    assert f"+ other layers {11_513_626_624 - 4_089_184_256:,}" in lines


def test_a_number_of_another_network_that_one_convention_counts(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """ResNet-101's 44.5 M are weights and biases alone: no other convention's parameters round to them."""
    assert main(["reconcile", "resnet50", "44.5M", "macs"]) == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.split("\n")]
    assert "resnet101 44,549,160 parameters, rounded" in lines


def test_an_axis_along_which_a_pool_does_not_fit_is_named() -> None:
    """(9 − 2)/2 is not whole, (8 − 2)/2 is; where both axes agree neither is named."""
    notes = []
    for size in ("8x9x3", "9x9x3"):
        node = cnncalc.loads(f"input: {size}\nlayers: [maxpool: 2]").graph.nodes[1]
        notes.append([str(note) for note in node.op.notes(*node.shapes)])
    assert len(notes[0]) == len(notes[1]) == 1
    assert notes[0][0] == f"{notes[1][0]} (width)"


def test_a_global_pool_is_a_pool_that_may_be_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It sees the whole map, 8; what is before it sees 3."""
    path = tmp_path / "x.yaml"
    path.write_text("input: 8x8x3\nlayers: [conv: {filters: 2, kernel: 3}, globalavgpool]")
    assert cell(capsys, str(path), "globalavgpool1", "receptive_field", "8")["status"] == "right"
    wrong = cell(capsys, str(path), "globalavgpool1", "receptive_field", "3")
    assert wrong["slips"] == ["pools-left-out"]


def test_positions_of_a_broadcast_all_see_what_its_vector_sees() -> None:
    """A global pool over 9 positions that see 3 each sees 9 + 2, and so does each window over copies of it."""
    net = cnncalc.loads(
        "input: 9x9x2\nlayers: [conv: {filters: 4, kernel: 3, pad: 1}, globalavgpool, broadcast: 5x5, "
        "conv: {filters: 3, kernel: 3}]"
    )
    fields = [row.receptive_field for row in net.report().rows]
    assert fields[1:] == [(3, 3), (11, 11), (11, 11), (11, 11)]


@pytest.mark.parametrize(
    ("order", "field"), [("height, width, channels", (3, 3)), ("width, height, channels", (11, 11))]
)
def test_axes_that_change_places_alone_part_a_position_from_its_field(
    order: str, field: tuple[int, int]
) -> None:
    """Where the order stays each position is the one that it was; a transposed map's lies anywhere in the 9 + 2."""
    net = cnncalc.loads(
        f"input: 9x9x2\nlayers: [conv: {{filters: 4, kernel: 3, pad: 1}}, permute: [{order}]]"
    )
    assert net.report().rows[-1].receptive_field == field


@pytest.mark.parametrize(
    ("over", "keep", "output", "words"),
    [
        ("channels", "true", "5x6x1", ("the channels", "")),
        ("channels", "false", "5x6x1", ("the channels", "")),
        ("height", "true", "1x6x4", ("the height", ", 1")),
        ("height", "false", "6x4", ("the height", ", gone")),
        ("positions", "true", "1x1x4", ("the positions", ", 1")),
    ],
)
def test_what_is_reduced_is_said_beside_the_shape_that_is_left(
    over: str, keep: str, output: str, words: tuple[str, str]
) -> None:
    net = cnncalc.loads(
        f"input: 5x6x4\nlayers: [reduce: {{name: x, how: mean, over: {over}, keep: {keep}}}]"
    )
    (step,) = net.explain("x", "output")[0].steps
    assert step.result == output.replace("x", "×")
    assert step.formula == f"reduced: {words[0]}{words[1]}"


def test_a_position_that_sees_a_whole_map_sees_what_its_own_window_adds() -> None:
    """All 9 positions, and 2 more below the last, or left of the first: the first has its centre at 9/2, or at 7/2."""
    shifted = "conv: {filters: 2, kernel: 3, pad: [[0, 2], [2, 0]]}"
    net = cnncalc.loads(
        f"input: 9x9x2\nlayers: [add: [[{shifted}], [globalavgpool, broadcast: 9x9]]]"
    )
    row = net.report().rows[-1]
    assert row.receptive_field == (9 + 2, 2 + 9)
    assert [*row.start] == [4.5, 3.5]


def test_a_block_of_one_layer_is_no_layer() -> None:
    net = cnncalc.loads(
        "blocks: {one: {layers: [relu]}}\ninput: 9x9x2\nlayers: [one: {name: x}, relu: {name: y}]"
    )
    assert [net.parts.find(name).is_layer for name in ("x", "y")] == [False, True]


def test_a_map_may_be_too_long_along_one_axis_alone() -> None:
    """9·10^6·10^6 rows of 9 columns; 10^12 are the most."""
    longer = "upsample: {scale: [1000000, 1]}"
    with pytest.raises(cnncalc.SpecError) as caught:
        cnncalc.loads(f"input: 9x9x2\nlayers: [{longer}, {longer}]")
    assert "larger than the limit of 1,000,000,000,000" in str(caught.value)


@pytest.mark.parametrize("text", ["8;3", "8;8;3", "8;8;8;3"])
def test_a_shape_of_up_to_four_sizes_is_shown_as_it_is_written(text: str) -> None:
    with pytest.raises(cnncalc.SpecError) as caught:
        cnncalc.loads(f"input: {text}\nlayers: [relu]")
    assert [problem.hint for problem in caught.value.problems] == [
        f"write {text.replace(';', 'x')}"
    ]


@pytest.mark.parametrize("value", ["foo + 1", "'1 +'"])
def test_a_mistake_in_a_parameter_is_told_once(value: str) -> None:
    with pytest.raises(cnncalc.SpecError) as caught:
        cnncalc.loads(
            f"input: 8x8x4\nparams: {{n: {value}}}\nlayers: [conv: {{filters: n - 1, kernel: n}}]"
        )
    assert [problem.line for problem in caught.value.problems] == [2]


def test_a_doubled_map_stands_between_the_positions_of_the_one_before() -> None:
    """Output o stands at (o + 1/2)/2 − 1/2: at −1/4, 1/4, 3/4, 5/4, each between two positions."""
    reach = ResizeReach(4, 8, taps=2)
    assert [list(reach.seen(place, 2)) for place in range(4)] == [[-1, 0], [0, 1], [0, 1], [1, 2]]


def test_a_network_sees_what_its_last_map_sees_and_gives_its_last_vector() -> None:
    """VGG-16's last pool sees 212 positions, as Araujo et al. (2019) print; its last layer gives 1,000 scores."""
    report = cnncalc.load("vgg16").report()
    assert report.total("receptive_field") == (212, 212)
    assert report.total("output") == (1000,)


@pytest.mark.parametrize("size", range(1, 8))
@pytest.mark.parametrize("depth", [1, 2, 5, 9])
def test_the_channels_that_a_local_normalization_adds_up(size: int, depth: int) -> None:
    """Channel c adds those of n // 2 below to (n − 1) // 2 above, as PyTorch pads before it pools."""
    node = cnncalc.loads(f"input: 4x4x{depth}\nlayers: [lrn: {{size: {size}}}]").graph.nodes[1]
    seen = [
        other
        for channel in range(depth)
        for other in range(channel - size // 2, channel + (size - 1) // 2 + 1)
        if 0 <= other < depth
    ]
    assert node.op.summed(depth) == len(seen)  # type: ignore[attr-defined]


def test_what_a_convention_alone_calls_parameters_is_known(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """PyTorch's 25,557,032 of ResNet-50, and a moving mean and variance for each of its 26,560 normalized channels."""
    (match,) = told(capsys, "identify", "resnet50", "25610152")["matches"]
    assert [(one["quantity"], one["convention"]) for one in match["named"]] == [("params", "keras")]


def test_claims_with_other_parameters_are_walked_and_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = "params: {n: 2}\ninput: 8\nlayers: [fc: n]\nclaims: [{params: 27, set: {n: 3}}]\n"  # 3·8 + 3
    net = cnncalc.loads(text)
    assert [verdict.status for verdict in net.check_claims()] == ["met"]
    monkeypatch.setattr("cnncalc.counts.claims.MAX_CLAIMED", 1)
    with pytest.raises(cnncalc.SpecError, match="of more than 1 layers"):
        net.check_claims()


def test_a_layer_that_states_no_counts_has_none() -> None:
    totals = cnncalc.loads("input: 4x4x2\nlayers: [opaque: {output: 5}]").report().totals
    assert (totals.macs, totals.params) == (0, 0)
