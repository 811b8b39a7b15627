"""What is written of a graph: a spec that reads back the same, whatever the graph came from."""

from __future__ import annotations

import ast
import os
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from extent import sample

import cnncalc
from cnncalc.cli import main
from cnncalc.models import fold as models_fold
from cnncalc.models.write_yaml import write, write_flat
from cnncalc.models.writers import WRITERS, write_graph
from cnncalc.ops.field_types import Fractional
from cnncalc.spec.file import read_spec
from cnncalc.text.source import Source, SpecError

HERE = Path(__file__).parent
FILES = (
    HERE / "files/small.pt2",
    HERE / "files/small.keras",
    HERE / "files/small.onnx",
    HERE / "files/lenet.prototxt",
    HERE / "files/alexnet_v1.prototxt",
)
SAME_NAMES = {
    "alexnet",
    "vgg16",
    "googlenet",
    "resnet18",
    "resnet50",
    "inception_v3",
    "torchvision/mobilenet_v3_small",
}
"""Networks of which a spec that is written keeps every name; in others scopes that are used once are opened."""


def told(net: cnncalc.Network, *, names: bool = True) -> list[tuple[Any, ...]]:
    """All that a report says of each row."""
    return [
        (
            row.name if names else "",
            row.op,
            row.input,
            row.output,
            row.weights,
            row.biases,
            row.buffers,
            row.macs,
            row.ops,
            row.activations,
            row.receptive_field,
            row.jump,
            row.start,
            row.side,
            node.tags,
        )
        for row, node in zip(net.report().rows, net.graph.nodes, strict=True)
    ]


@pytest.mark.parametrize("name", sample(cnncalc.networks(), 10))
def test_a_network_of_the_zoo_is_the_same_when_it_is_read_back(name: str) -> None:
    net = cnncalc.load(name)
    again = cnncalc.loads(write(net.graph, net.title).text)
    assert (again.name, again.title) == (net.name, net.title)
    assert told(again, names=name in SAME_NAMES) == told(net, names=name in SAME_NAMES)
    assert again.report().totals == net.report().totals


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_of_another_tool_is_the_same_network_as_a_spec(path: Path) -> None:
    net = cnncalc.load(path)
    for text in (write(net.graph, net.title).text, write_flat(net.graph, net.title)):
        again = cnncalc.loads(text)
        assert told(again, names=False) == told(net, names=False)
        assert list(again.graph.inputs.values()) == list(net.graph.inputs.values())


def test_blocks_of_the_library_are_found_with_the_arguments_of_the_networks_own_specs() -> None:
    """Table 1 of ResNet's paper, of GoogLeNet's and Table 2 of MobileNetV2's, line by line."""
    for name, lines in {
        "torchvision/resnet50": [
            "  - bottleneck_stage: {name: layer1, times: 3, width: 64}",
            "  - bottleneck_stage: {name: layer2, times: 4, width: 128, stride: 2}",
            "  - bottleneck_stage: {name: layer3, times: 6, width: 256, stride: 2}",
            "  - bottleneck_stage: {name: layer4, times: 3, width: 512, stride: 2}",
        ],
        "resnet50": [
            "  - bottleneck_stage: {name: conv3_x, times: 4, width: 128, stride: 2, first: true}"
        ],
        "googlenet": [
            "  - inception: {name: inception_4a, c1: 192, r3: 96, c3: 208, r5: 16, c5: 48, pool: 64}"
        ],
        "torchvision/mobilenet_v2": [
            "  - inverted_residual_stage: {name: stage6, times: 3, filters: 160, stride: 2}"
        ],
        "torchvision/efficientnet_b0": [
            "  - mbconv_stage: {name: stage6, times: 4, filters: 192, stride: 2, kernel: 5}"
        ],
    }.items():
        net = cnncalc.load(name)
        assert set(lines) <= set(write(net.graph, net.title).text.split("\n")), name


AS_EXPORTED = {
    "dense_block: {name: denseblock1, times: 3, growth: 2, grow: true}": "8x8x4",
    "mbconv_stage: {name: stage1, times: 2, filters: 24, stride: 2, kernel: 5, drop: 0}": "8x8x16",
    "mbconv: {name: block1, filters: 16, expand: 1}": "8x8x32",
    "fused_mbconv_stage: {name: stage1, times: 3, filters: 8, expand: 1, drop: 0}": "8x8x8",
    "bneck: {name: block4, expand: 72, filters: 40, kernel: 5, stride: 2, se: true, activation: relu}": "8x8x24",
    "regnet_stage: {name: block2, times: 3, width: 104, group: 8, se: true}": "8x8x48",
    "convnext_block: {name: block1, drop: 0}": "8x8x6",
}


@pytest.mark.parametrize("line", AS_EXPORTED)
def test_blocks_are_found_as_pytorch_exports_them(line: str) -> None:
    """Its DenseNet joins all maps anew, stochastic depth is gone, and gates come before what they multiply."""
    net = cnncalc.loads(
        f"input: {AS_EXPORTED[line]}\nlayers: [relu, {line}, conv: {{filters: 3, kernel: 1}}]"
    )
    assert f"  - {line}" in write(net.graph, net.title).text.replace("[relu, ", "").replace("]", "")


def test_a_concat_that_grows_joins_the_branches_of_the_one_before_it() -> None:
    layers = "conv: {name: %s, filters: 2, kernel: 1, bias: false}"
    grown = cnncalc.loads(
        f"input: 8x8x4\nlayers: [concat: [[], [{layers % 'a'}]], {layers % 'b'}, "
        "concat: {from: [concat1, b], grow: true}]"
    )
    joined = cnncalc.loads(
        f"input: 8x8x4\nlayers: [concat: [[], [{layers % 'a'}]], {layers % 'b'}, concat: {{from: [input, a, b]}}]"
    )
    assert told(grown) == told(joined)
    assert grown.report().rows[-1].inputs == ("input", "a", "b")
    assert grown.report().totals == joined.report().totals


def test_what_would_grow_without_end_is_refused() -> None:
    branches = "[[], [conv: {filters: 1, kernel: 1}]]"
    layers = f"[concat: {{grow: true, branches: {branches}}}]"
    with pytest.raises(SpecError, match="this joins more than the limit of 100,000 maps"):
        cnncalc.loads(f"input: 4x4x1\nlayers: [repeat: {{times: 500, layers: {layers}}}]")


BLOCKS = """
input: 8x8x4
layers:
- repeat:
    name: stage
    times: 2
    layers:
    - conv: {name: a, filters: 4, kernel: 3, pad: 1}
    - tanh
    - add: [[], [conv: {name: b, filters: 4, kernel: 1}]]
- repeat: {name: tail, times: 1, layers: [conv: {name: a, filters: 2, kernel: 1}, relu: {name: relu_7}]}
"""


def test_scopes_of_one_structure_are_one_block_and_one_that_is_used_once_is_opened() -> None:
    net = cnncalc.loads(BLOCKS)
    text = write(net.graph, net.title).text
    tree = read_spec(Source("-", text))
    assert not tree.problems
    assert text.count("kernel: 3") == 1
    assert "residual" in text  # what arrives may be added first
    assert "relu_7" not in text
    assert "tail" not in text
    assert told(cnncalc.loads(text), names=False) == told(net, names=False)


def test_equal_layers_are_a_repeat_where_their_names_are_their_numbers() -> None:
    body = "[{conv: {filters: 8, kernel: 3, pad: 1}}, bn, relu]"
    net = cnncalc.loads(f"input: 8x8x8\nlayers: [{{repeat: {{times: 4, layers: {body}}}}}]")
    text = write(net.graph, net.title).text
    assert "times: 4" in text
    assert text.count("conv") == 1
    assert told(cnncalc.loads(text)) == told(net)


@pytest.mark.parametrize(
    "layers",
    [
        "[{opaque: {output: 4x4x3, params: 7, macs: 9, of: 'com.acme:Foo'}}]",
        "[{unknown: {output: 4x4x3, of: 'a \"b\", c: {d}'}}]",
        "[{conv: {name: a, filters: 4, kernel: 3, pad: [[0, 3], [2, 0]]}}, {crop: {like: input}}]",
        "[{slice: {stride: 1}}, {slice: {positions: [[0, 2], all]}}]",
        "[{conv: {filters: 3, kernel: 1x3, pad: 0x1, tags: [x, y]}}, {permute: [width, height, channels]}]",
        "[{conv: {name: a, filters: 4, kernel: 1}}, {upsample: 2}, {upsample: {size: 4x4}}]",
        "[{side: [{conv: {filters: 2, kernel: 1}}, {side: {name: deep, layers: [relu]}}]}, relu]",
        "[{conv: {name: a, filters: 4, kernel: 1}}, {conv: {filters: 4, kernel: 1, from: input, share: a}}]",
        "[{fire: {squeeze: 1, expand1: 2, expand3: 2}}, {dropout: 1/3}]",
        "[{concat: [[], []]}, {add: [[relu], []]}, {add: [[], [relu]]}]",
    ],
)
def test_every_field_reads_back(layers: str) -> None:
    net = cnncalc.loads(f"input: 4x4x3\nlayers: {layers}")
    assert told(cnncalc.loads(write(net.graph, net.title).text)) == told(net)


def test_a_number_of_more_digits_than_a_spec_takes_is_rounded() -> None:
    assert Fractional().written(Fraction(1767766952966369, 10**16)) == "0.176776695297"
    assert Fractional().written(Fraction(1, 3)) == "1/3"


def test_a_block_that_shares_all_its_weights_says_so() -> None:
    text = """
input: 8x8x4
blocks: {tower: {params: {filters: }, layers: [{conv: {filters, kernel: 3, pad: 1}}, bn]}}
layers:
- tower: {name: a, filters: 4}
- tower: {name: b, filters: 4, share: a}
"""
    net = cnncalc.loads(text)
    written = write(net.graph, net.title).text
    assert "share: a" in written
    assert told(cnncalc.loads(written)) == told(net)


# ---- the commands ---------------------------------------------------------------------------------------------------


def test_convert_takes_the_format_from_the_ending(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "net.yaml"
    assert main(["convert", "lenet5", "-o", str(out)]) == 0
    assert told(cnncalc.load(out)) == told(cnncalc.load("lenet5"))
    assert main(["convert", "lenet5", "-o", str(tmp_path / "net.txt")]) == 2
    assert "--to" in capsys.readouterr().err


def test_convert_takes_another_input_and_other_fields(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["convert", "lenet5", "--set", "c1.filters=7"]) == 0
    net = cnncalc.loads(capsys.readouterr().out)
    assert net.graph.nodes[1].output[-1] == 7


def test_convert_does_not_write_over_what_it_reads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "net.yaml"
    path.write_text("input: 4x4x1\nlayers: [relu]\n")
    assert main(["convert", str(path), "-o", str(path)]) == 2
    assert main(["convert", str(path), "-o", str(path), "--force"]) == 0


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(SpecError, match="--to cannot be 'png'"):
        write_graph(cnncalc.load("lenet5").graph, "", "png")


def test_spec_prints_a_networks_own_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["spec", "resnet18"]) == 0
    assert capsys.readouterr().out == cnncalc.load("resnet18").spec.source.text
    assert main(["spec", "resnet18", "--expand"]) == 0
    assert "conv5_x.basic2.conv2" in capsys.readouterr().out
    assert main(["spec", str(FILES[0])]) == 0
    assert "Block:" in capsys.readouterr().out


def test_the_help_names_every_format(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["convert", "--help"]) == 0
    said = capsys.readouterr().out
    assert all(word in said for word in WRITERS)


# ---- Mermaid and SCALE-Sim ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["alexnet", "resnet50", "googlenet", "torchvision/mobilenet_v2"])
def test_scalesims_own_rule_gives_our_outputs_and_macs(name: str) -> None:
    """SCALE-Sim's output is ceil((N - F + S)/S) along each axis, and a row's MACs are O·O·F·F·C·K."""
    net = cnncalc.load(name)
    table = write_graph(net.graph, net.title, "scalesim")
    macs = 0
    for line in table.text.split("\n")[1:]:
        _, *cells = line.rstrip(",").split(", ")
        high, wide, tall, broad, channels, filters, stride = map(int, cells)
        out = -(-(high - tall + stride) // stride) * -(-(wide - broad + stride) // stride)
        macs += out * tall * broad * channels * filters
    assert macs == net.report(with_side=True).totals.macs
    assert "relu" in table.notes[0]


def test_scalesim_has_a_row_for_each_group() -> None:
    net = cnncalc.loads("input: 8x8x8\nlayers: [{conv: {filters: 4, kernel: 3, groups: 2}}, relu]")
    rows = write_graph(net.graph, "", "scalesim").text.split("\n")[1:]
    assert rows == ["conv1_g1, 8, 8, 3, 3, 4, 2, 1,", "conv1_g2, 8, 8, 3, 3, 4, 2, 1,"]


@pytest.mark.parametrize(
    ("input", "layer", "rows"),
    [
        ("8x8x4", "conv: {filters: 4, kernel: 3, dilation: 2}", []),
        ("8x8x4", "conv: {filters: 4, kernel: 3, stride: [1, 2]}", []),
        ("4x4x4x2", "conv: {filters: 4, kernel: 3}", []),
        ("9x4", "conv: {filters: 2, kernel: 3}", ["conv1, 1, 9, 1, 3, 4, 2, 1,"]),
        ("3x5x8", "linear: 6", ["linear1, 15, 1, 1, 1, 8, 6, 1,"]),
        ("8", "fc: 6", ["fc1, 1, 1, 1, 1, 8, 6, 1,"]),
    ],
)
def test_what_scalesim_has_a_row_for(input: str, layer: str, rows: list[str]) -> None:
    """A layer's rows: height, width, the filter's, channels, filters, stride; a dense layer is 1x1."""
    net = cnncalc.loads(f"input: {input}\nlayers: [{{{layer}}}]")
    assert write_graph(net.graph, "", "scalesim").text.split("\n")[1:] == rows


@pytest.mark.parametrize("name", ["googlenet", "resnet18", "colorization"])
def test_a_flowchart_has_every_layer_and_every_arrow(name: str) -> None:
    net = cnncalc.load(name)
    lines = [line.strip() for line in write_graph(net.graph, net.title, "mermaid").text.split("\n")]
    nodes = net.graph.nodes
    assert sum(line.startswith("n") and "[" in line for line in lines) == len(nodes)
    arrows = {tuple(line.split()) for line in lines if "-" in line and line.startswith("n")}
    assert {(f"n{s}", f"n{i}") for i, node in enumerate(nodes) for s in node.inputs} == {
        (source, target) for source, _, target in arrows
    }
    assert sum(line.startswith("subgraph") for line in lines) == lines.count("end")


def test_a_flowchart_says_when_mermaid_would_not_draw_it() -> None:
    net = cnncalc.load("resnet152")
    assert "maxEdges" in write_graph(net.graph, net.title, "mermaid").notes[0]


# ---- PyTorch code; that it runs is tested beside PyTorch itself -----------------------------------------------------


@pytest.mark.parametrize("name", sample(cnncalc.networks(), 12))
def test_pytorch_code_is_sound_python(name: str) -> None:
    net = cnncalc.load(name)
    tree = ast.parse(write_graph(net.graph, net.title, "torch").text)
    classes = [part.name for part in tree.body if isinstance(part, ast.ClassDef)]
    assert len(classes) == len(set(classes)) > 0


def test_blocks_are_classes_and_what_differs_is_passed() -> None:
    text = write_graph((net := cnncalc.load("resnet18")).graph, net.title, "torch").text
    assert text.count("nn.Conv2d") == 1 + 2 + 3  # the stem, and the two forms of the block
    assert "self.conv5_x = BasicStage2(in_channels=256, out_channels=512)" in text
    assert "y = F.relu(self.bn1(self.conv1(x)))" in text


def test_layers_in_a_row_are_a_sequential_and_equal_turns_a_comprehension() -> None:
    text = write_graph((net := cnncalc.load("resnet50")).graph, net.title, "torch").text
    assert text.count("class BottleneckStage(nn.Sequential):") == text.count("Stage(nn.") == 1
    assert "for _ in range(times)" in text
    calls = [line for line in text.split("\n") if "= BottleneckStage(" in line]
    assert len(calls) == 4
    assert max(map(len, text.split("\n"))) <= 101


@pytest.mark.parametrize("format", ["torch", "keras"])
def test_a_layer_that_a_framework_has_not_is_refused_at_its_place(format: str) -> None:
    net = cnncalc.loads(
        "input: 5x5x4\n"
        "layers:\n"
        "- relu\n"
        "- conv: {filters: 2, kernel: 3, bias: position, connections: [[0, 1], [2, 3]]}"
    )
    with pytest.raises(SpecError, match="maps of their own, with no usual bias") as told:
        write_graph(net.graph, net.title, format)
    assert [(each.line, each.column) for each in told.value.problems] == [(4, 3)]


@pytest.mark.parametrize(
    ("name", "torch", "keras"),
    [
        ("lenet5", ["TrainedPool2d(6, 2)", "TableConv2d("], ["TrainedPooling2D(2,", "TableConv2D("]),
        ("alphago_policy", ["PositionBiasConv2d(192, 1, 1, positions=(19, 19))"], ["PositionBiasConv2D(1, 1,"]),
    ],
)  # fmt: skip
def test_layers_of_old_papers_are_classes_that_the_code_brings_along(
    name: str, torch: list[str], keras: list[str]
) -> None:
    net = cnncalc.load(name)
    for format, calls in (("torch", torch), ("keras", keras)):
        text = write_graph(net.graph, net.title, format).text
        assert [call for call in calls if call not in text] == []


# ---- Keras code; that it runs is tested beside Keras itself ---------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["resnet50", "googlenet", "densenet121", "unet", "torchvision/mobilenet_v2"]
)
def test_keras_code_is_sound_python_with_a_call_for_each_layer(name: str) -> None:
    net = cnncalc.load(name)
    tree = ast.parse(text := write_graph(net.graph, net.title, "keras").text)
    functions = [part.name for part in tree.body if isinstance(part, ast.FunctionDef)]
    assert len(functions) == len(set(functions)) > 0
    assert max(map(len, text.split("\n"))) <= 110


def test_equal_turns_are_a_loop_in_keras_code() -> None:
    text = write_graph((net := cnncalc.load("resnet152")).graph, net.title, "keras").text
    assert "for i in range(35):" in text
    assert 'name=f"{name}_bottleneck{i + 2}"' in text


def test_names_that_python_or_keras_cannot_have_are_replaced_and_stay_apart() -> None:
    names = ["class", "x", "name", "keras", "a-b", "a.b", "a_b", "__", "input_", "0"]
    layers = ", ".join(
        f"{{conv: {{name: '{name}', filters: 4, kernel: 1, from: input}}}}" for name in names
    )
    merged = ", ".join(f"'{name}'" for name in names)
    net = cnncalc.loads(f"input: 8x8x4\nlayers: [{layers}, {{add: {{from: [{merged}]}}}}]")
    for format in ("keras", "torch"):
        tree = ast.parse(write_graph(net.graph, 'a """ b \\ \'\n c', format).text)
        assigned = [
            target.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name) and target.id not in ("x", "model", "example", "inputs")
        ]
        assert len(assigned) == len(set(assigned)) == len(names)


# ---- ONNX; that onnx accepts and runs it is tested beside onnx itself -----------------------------------------------

WITH_VIEWS = {"flatten", "reshape"}


def counts_of(net: cnncalc.Network) -> list[tuple[Any, ...]]:
    """The names and what is counted of the rows that are no views."""
    rows = zip(net.report().rows, net.graph.nodes, strict=True)
    return [
        (
            row.name,
            row.op,
            row.output,
            row.weights,
            row.biases,
            row.buffers,
            row.macs,
            row.receptive_field,
        )
        for row, node in rows
        if row.op not in WITH_VIEWS and not node.side
    ]


@pytest.mark.parametrize(
    "name",
    ["alexnet", "googlenet", "resnet50", "densenet121", "pix2pix_unet", "lenet5", "alphago_policy"],
)
def test_an_onnx_file_reads_back_with_the_same_names_and_counts(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"{name.replace('/', '_')}.onnx"
    assert main(["convert", name, "-o", str(path)]) == 0
    assert counts_of(cnncalc.load(path)) == counts_of(cnncalc.load(name))
    assert path.stat().st_size < 200_000


def test_the_weights_of_an_onnx_file_are_one_stretch_of_zeros(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, beside = tmp_path / "net.onnx", tmp_path / "net.onnx.data"
    assert main(["convert", "vgg16", "-o", str(path)]) == 0
    assert beside.stat().st_size == 4 * 25088 * 4096  # fc1, the largest array of the paper's table
    assert "net.onnx.data" in capsys.readouterr().err
    beside.write_bytes(b"weights of somebody")
    assert main(["convert", "vgg16", "-o", str(path)]) == 2
    assert "a file of other data is there" in capsys.readouterr().err
    assert beside.read_bytes() == b"weights of somebody"
    assert main(["convert", "vgg16", "-o", str(path), "--force"]) == 0


def test_zeros_of_another_network_are_replaced_unread(tmp_path: Path) -> None:
    """A terabyte of holes: whoever reads them byte by byte does not come back."""
    path, beside = tmp_path / "net.onnx", tmp_path / "net.onnx.data"
    beside.touch()
    os.truncate(beside, 2**40)
    assert main(["convert", "lenet5", "-o", str(path)]) == 0
    assert beside.stat().st_size < 2**20
    os.truncate(beside, 2**40)
    with beside.open("r+b") as file:
        file.seek(2**39)
        file.write(b"1")
    assert main(["convert", "lenet5", "-o", str(path)]) == 2
    assert beside.stat().st_size == 2**40


def test_turns_are_counted_in_one_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names whose numbers grow by another step each time: no turn goes on, and none is looked for twice."""
    asked: list[object] = []
    numbers = models_fold.numbers_in

    def numbers_in(lines: Any) -> list[int]:
        asked.append(lines)
        return numbers(lines)

    def work(layers: int) -> int:
        asked.clear()
        names = [f"a{number * number}" for number in range(1, layers + 1)]
        text = "".join(f"- conv: {{name: {name}, filters: 4, kernel: 1}}\n" for name in names)
        write_graph(cnncalc.loads(f"input: 8x8x4\nlayers:\n{text}").graph, "", "keras")
        return len(asked)

    monkeypatch.setattr(models_fold, "numbers_in", numbers_in)
    assert work(200) < 2.1 * work(100)


@pytest.mark.parametrize("output", [[], ["-o", "-"]])
def test_onnx_is_not_printed(output: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["convert", "lenet5_28", "--to", "onnx", *output]) == 2
    assert "-o FILE.onnx" in capsys.readouterr().err


def test_an_unknown_layer_is_refused_by_its_name() -> None:
    net = cnncalc.loads("input: 4x4x3\nlayers: [{unknown: {output: 4x4x3, of: 'com.acme:Foo'}}]")
    with pytest.raises(SpecError, match=r"unknown1: com\.acme:Foo has no counterpart in PyTorch"):
        write_graph(net.graph, net.title, "torch")
    with pytest.raises(SpecError, match=r"unknown1: com\.acme:Foo has no counterpart in Keras"):
        write_graph(net.graph, net.title, "keras")
