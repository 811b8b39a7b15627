"""Caffe's networks: old and new layers, the rules of its pools, phases, and problems with their places."""

# ruff: noqa: E501  (a problem is a line)

from __future__ import annotations

from pathlib import Path

import pytest

import cnncalc
from cnncalc.text.source import SpecError

FILES = Path(__file__).parent / "files"
INPUT = 'input: "data" input_shape { dim: 1 dim: 8 dim: 14 dim: 14 }\n'


def load(tmp_path: Path, text: str) -> cnncalc.Network:
    path = tmp_path / "net.prototxt"
    path.write_text(text)
    return cnncalc.load(path)


def layer(kind: str, parameters: str = "", bottoms: str = "data", tops: str = "top") -> str:
    names = "".join(f' bottom: "{name}"' for name in bottoms.split())
    names += "".join(f' top: "{name}"' for name in tops.split())
    return f'layer {{ name: "{tops.split()[0]}" type: "{kind}"{names} {parameters} }}\n'


def output(tmp_path: Path, text: str) -> tuple[int, ...]:
    return load(tmp_path, INPUT + text).report().rows[-1].output


# ---- whole networks --------------------------------------------------------------------------------------------------


def test_lenet() -> None:
    """431,080 parameters and 2,293,000 multiply-accumulates, as Caffe's LeNet is known for."""
    report = cnncalc.load(FILES / "lenet.prototxt").report()
    assert (report.network, report.totals.params, report.totals.macs) == (
        "LeNet",
        431_080,
        2_293_000,
    )
    assert [row.name for row in report.rows[1:]] == [
        "conv1", "pool1", "conv2", "pool2", "ip1", "relu1", "ip2", "prob"
    ]  # fmt: skip


def test_the_network_of_2012_in_the_older_form() -> None:
    """The two-tower network: groups, layers in place, and what is for training alone left out."""
    ours = cnncalc.load("alexnet_two_towers").report()
    theirs = cnncalc.load(FILES / "alexnet_v1.prototxt").report()
    assert (theirs.totals.params, theirs.totals.macs) == (60_965_224, 724_406_816)
    assert [row.output for row in theirs.rows if row.macs] == [
        row.output for row in ours.rows if row.macs
    ]
    assert "loss" not in {row.name for row in theirs.rows}


def conv(name: str, bottom: str, filters: int, kernel: int, more: str = "") -> str:
    parameters = f"convolution_param {{ num_output: {filters} kernel_size: {kernel} {more} }}"
    return layer("Convolution", parameters, bottom, name) + layer("ReLU", "", name, name)


def pool(name: str, bottom: str, more: str) -> str:
    return layer("Pooling", f"pooling_param {{ {more} }}", bottom, name)


def inception(name: str, bottom: str, sizes: tuple[int, ...]) -> str:
    c1, r3, c3, r5, c5, proj = sizes
    return (
        conv(f"{name}/1x1", bottom, c1, 1)
        + conv(f"{name}/3x3_reduce", bottom, r3, 1)
        + conv(f"{name}/3x3", f"{name}/3x3_reduce", c3, 3, "pad: 1")
        + conv(f"{name}/5x5_reduce", bottom, r5, 1)
        + conv(f"{name}/5x5", f"{name}/5x5_reduce", c5, 5, "pad: 2")
        + pool(f"{name}/pool", bottom, "pool: MAX kernel_size: 3 stride: 1 pad: 1")
        + conv(f"{name}/pool_proj", f"{name}/pool", proj, 1)
        + layer(
            "Concat", "", f"{name}/1x1 {name}/3x3 {name}/5x5 {name}/pool_proj", f"{name}/output"
        )
    )


MODULES = {
    "3a": (64, 96, 128, 16, 32, 32), "3b": (128, 128, 192, 32, 96, 64), "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64), "4c": (128, 128, 256, 24, 64, 64), "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128), "5a": (256, 160, 320, 32, 128, 128), "5b": (384, 192, 384, 48, 128, 128),
}  # fmt: skip


def test_googlenet(tmp_path: Path) -> None:
    """The paper's figures (Szegedy et al. 2014): pools round up, 6,998,552 parameters."""
    text = (
        'name: "GoogleNet" input: "data" input_dim: 10 input_dim: 3 input_dim: 224 input_dim: 224\n'
    )
    text += conv("conv1", "data", 64, 7, "stride: 2 pad: 3")
    text += pool("pool1", "conv1", "kernel_size: 3 stride: 2")
    text += conv("conv2/reduce", "pool1", 64, 1) + conv(
        "conv2/3x3", "conv2/reduce", 192, 3, "pad: 1"
    )
    text += pool("pool2", "conv2/3x3", "kernel_size: 3 stride: 2")
    last = "pool2"
    for module, sizes in MODULES.items():
        text += inception(f"inception_{module}", last, sizes)
        last = f"inception_{module}/output"
        if module in ("3b", "4e"):
            text += pool(f"pool{module[0]}", last, "kernel_size: 3 stride: 2")
            last = f"pool{module[0]}"
    text += pool("pool5", last, "pool: AVE global_pooling: true")
    text += layer("InnerProduct", "inner_product_param { num_output: 1000 }", "pool5", "classifier")
    network = load(tmp_path, text)
    report = network.report()
    assert (report.totals.params, report.totals.macs) == (6_998_552, 1_582_671_872)
    folded = network.report(depth=1).rows
    assert next(row for row in folded if row.name == "inception_3a").output == (28, 28, 256)


# ---- layers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameters", "size"),
    [
        ("kernel_size: 3 stride: 2", 7),  # ceil((14 - 3) / 2) + 1
        ("kernel_size: 3 stride: 2 round_mode: FLOOR", 6),
        ("kernel_size: 3", 12),  # the stride is 1, not the kernel's size
        ("kernel_size: 2 stride: 2 pad: 1", 8),
        ("kernel_h: 3 kernel_w: 3 stride_h: 2 stride_w: 2", 7),
    ],
)
def test_pools_round_as_caffe_does(tmp_path: Path, parameters: str, size: int) -> None:
    assert output(tmp_path, pool("top", "data", parameters)) == (size, size, 8)


def test_a_kernel_by_axis(tmp_path: Path) -> None:
    text = conv("top", "data", 4, 3, "kernel_size: 5 pad: 1 pad: 2 stride: 1")
    assert output(tmp_path, text) == (14, 14, 4)


@pytest.mark.parametrize(
    ("operation", "kind"), [("PROD", "multiply"), ("SUM", "add"), ("MAX", "maximum")]
)
def test_eltwise(tmp_path: Path, operation: str, kind: str) -> None:
    text = conv("a", "data", 8, 1) + conv("b", "data", 8, 1)
    text += layer("Eltwise", f"eltwise_param {{ operation: {operation} }}", "a b")
    assert load(tmp_path, INPUT + text).report().rows[-1].op == kind


def test_slice_deconvolution_reshape_permute(tmp_path: Path) -> None:
    text = layer("Slice", "slice_param { axis: 1 slice_point: 3 }", "data", "a b")
    text += layer(
        "Deconvolution",
        "convolution_param { num_output: 5 kernel_size: 4 stride: 2 pad: 1 }",
        "b",
        "up",
    )
    text += layer(
        "Reshape", "reshape_param { shape { dim: 0 dim: -1 dim: 28 dim: 14 } }", "up", "r"
    )
    text += layer("Permute", "permute_param { order: 0 order: 2 order: 3 order: 1 }", "r", "p")
    rows = load(tmp_path, INPUT + text).report().rows
    assert [row.output for row in rows[1:]] == [
        (14, 14, 3), (14, 14, 5), (28, 28, 5), (28, 14, 10), (14, 10, 28)
    ]  # fmt: skip
    assert rows[3].params == 5 * 5 * 4 * 4 + 5


def test_batch_norm_and_the_scale_behind_it(tmp_path: Path) -> None:
    """Caffe's batch norm has running statistics alone; what is learned is in a Scale layer."""
    text = layer("BatchNorm", "batch_norm_param { use_global_stats: true }", "data", "n")
    text += layer("Scale", "scale_param { bias_term: true }", "n", "n")
    rows = load(tmp_path, INPUT + text).report().rows
    assert [(row.op, row.weights, row.biases, row.buffers) for row in rows[1:]] == [
        ("bn", 0, 0, 16),
        ("affine", 8, 8, 0),
    ]


@pytest.mark.parametrize(
    ("kind", "parameters", "size"),
    [
        ("Crop", "crop_param { axis: 2 offset: 1 }", (12, 12, 8)),
        ("Concat", "concat_param { axis: 2 }", (26, 14, 8)),
    ],
)
def test_two_blobs_of_other_sizes(
    tmp_path: Path, kind: str, parameters: str, size: tuple[int, ...]
) -> None:
    small = "kernel_size: 3" if kind == "Crop" else "kernel_h: 3 kernel_w: 1"
    text = pool("small", "data", f"pool: MAX {small}") + layer(kind, parameters, "data small")
    assert output(tmp_path, text) == size


@pytest.mark.parametrize(
    ("kind", "parameters", "size"),
    [
        ("Interp", "interp_param { zoom_factor: 2 }", (27, 27, 8)),
        ("Interp", "interp_param { height: 20 width: 30 }", (20, 30, 8)),
        ("Upsample", "upsample_param { scale: 2 }", (28, 28, 8)),
        ("ShuffleChannel", "shuffle_channel_param { group: 4 }", (14, 14, 8)),
        ("Power", "power_param { scale: 0.5 shift: 1 power: 2 }", (14, 14, 8)),
        ("MVN", "mvn_param { across_channels: true }", (14, 14, 8)),
        ("PReLU", "", (14, 14, 8)),
        ("Power", "power_param { power: 2 }", (14, 14, 8)),
        ("MVN", "", (14, 14, 8)),
        (
            "Convolution",
            "convolution_param { num_output: 4 kernel_size: 3 dilation: 2 }",
            (10, 10, 4),
        ),
        ("Convolution", "convolution_param { num_output: 4 kernel_size: [3, 5] }", (12, 10, 4)),
        ("Pooling", "pooling_param { kernel_size: 2 stride: 2 pad: 2 }", (9, 9, 8)),
        ("Reshape", "reshape_param { shape { dim: 0 dim: -1 } }", (14 * 14 * 8,)),
        ("Reshape", "reshape_param { shape { dim: [0, 4, 28, 14] } }", (28, 14, 4)),
        ("Flatten", "", (14 * 14 * 8,)),
        ("DepthwiseConvolution", "convolution_param { num_output: 8 kernel_size: 3 }", (12, 12, 8)),
    ],
)
def test_other_layers(tmp_path: Path, kind: str, parameters: str, size: tuple[int, ...]) -> None:
    assert output(tmp_path, layer(kind, parameters)) == size


def test_parts_of_the_height(tmp_path: Path) -> None:
    text = layer("Slice", "slice_param { axis: 2 slice_point: 4 }", "data", "a b")
    rows = load(tmp_path, INPUT + text).report().rows
    assert [row.output for row in rows[1:]] == [(4, 14, 8), (10, 14, 8)]


@pytest.mark.parametrize(
    ("rule", "is_there"),
    [
        ("include { phase: TEST }", True),
        ("include { phase: TRAIN }", False),
        ("include { phase: TRAIN } include { phase: TEST }", True),
        ("exclude { phase: TEST }", False),
        ("exclude { phase: TRAIN }", True),
        ('include { stage: "deploy" }', True),
        ("include: TEST", True),
        ('exclude { stage: "deploy" }', False),
        ('include { stage: "val" }', False),
    ],
)
def test_rules_say_which_layers_are_there(tmp_path: Path, rule: str, is_there: bool) -> None:
    text = layer("ReLU", "", "data", "a") + layer("Sigmoid", rule, "data", "b")
    rows = load(tmp_path, INPUT + text).report().rows
    assert ("sigmoid" in [row.op for row in rows]) is is_there


def test_weights_by_one_name_are_shared(tmp_path: Path) -> None:
    shared = (
        'convolution_param { num_output: 8 kernel_size: 1 } param { name: "w" } param { name: "b" }'
    )
    text = layer("Convolution", shared, "data", "a") + layer("Convolution", shared, "a", "b")
    report = load(tmp_path, INPUT + text).report()
    assert report.totals.params == 8 * 8 + 8
    assert report.totals.macs == 2 * 14 * 14 * 64


# ---- problems --------------------------------------------------------------------------------------------------------


MISSPELT = "convolution_param { num_output: 8 kernal_size: 3 }"


@pytest.mark.parametrize(
    ("text", "word", "message"),
    [
        (layer("Convolution", MISSPELT), "kernal_size", "'kernal_size' is not a key of convolution_param"),
        (layer("Convolution", "convolution_param { num_output: 8 }"), "convolution_param", "it has no kernel_size"),
        (layer("Convolution", "convolution_param { group: 2 }"), "convolution_param", "needs num_output"),
        (layer("ReLU", "", "dada"), '"dada"', "no layer above makes 'dada'"),
        (layer("Relo"), '"Relo"', "cnncalc does not know the layer type 'Relo'"),
        ("layer { name: 'a }", "'a }", "this text has no closing quote"),
        ("layer { } }", "} }", "a field's name is expected here, not '}'"),
        ("layer { name 3 }", "3 }", "'name' needs ':'"),
        ('layer { name: "a" }', "layer", "a layer needs a type"),
        ('layer: "a"\n' + layer("ReLU"), '"a"', "a layer is written in braces"),
        ("layers { layer { } }", "layers", "this is the oldest form of Caffe's files"),
        ("layer { type: }", "}", "a value is expected here, not '}'"),
        (layer("Convolution", "convolution_param { num_output: 8 kernel_h: 3 }"), "convolution_param", "kernel_w is missing"),
        (layer("Pooling", "pooling_param { kernel_w: 3 }"), "pooling_param", "kernel_h is missing"),
        (layer("Convolution", "convolution_param { num_output: 8 kernel_size: [3, 3, 3] }"), "3, 3", "3 sizes are given for 2 axes"),
        (layer("InnerProduct", "inner_product_param { num_output: 3 bias_term: maybe }"), "maybe", "true or false is expected here, not 'maybe'"),
        *(
            (layer("Dropout", f"dropout_param {{ dropout_ratio: {number} }}"), number, "a number is expected here")
            for number in ("1e999999999", "1e400", '"1/0"', "9" * 400, "nan")
        ),
        (layer("LRN", "lrn_param { norm_region: WITHIN_CHANNEL }"), "WITHIN", "a normalisation within channels has no counterpart here"),
        (layer("Scale", "scale_param { axis: 2 }"), "2 }", "numbers over these axes have no counterpart here"),
        (layer("Softmax", "softmax_param { axis: 2 }"), "2 }", "a softmax over another axis than the channels"),
        (layer("Concat", "concat_param { axis: 7 }", "data data"), "7 }", "there is no axis 7 of 4"),
        (layer("Concat", "concat_param { axis: 0 }", "data data"), "0 }", "the axis of the batch is not one of a network's"),
        (layer("Slice", "slice_param { slice_point: 9 }", tops="a b"), "9 }", "8 cannot be cut at 9 into 2 parts"),
        (layer("Reshape", "reshape_param { shape { dim: 0 dim: 5 } }"), "shape {", "these sizes do not have as many elements as arrive"),
        (layer("Permute", "permute_param { order: [1, 0, 2, 3] }"), "1, 0", "order is not one of the blob's axes"),
        (layer("Crop", "crop_param { axis: 2 }"), '"Crop"', "it takes two blobs, the second for its size"),
        (layer("Crop", "crop_param { axis: 1 }", "data data"), "1 }", "a crop of channels has no counterpart here"),
        (layer("Crop", "crop_param { offset: 1 }", "data data"), '"Crop"', "the map is smaller than what is to be cut out of it"),
        (layer("Axpy", "", "data data"), '"Axpy"', "it takes a, x and y, but 2 blobs arrive"),
        (layer("Pooling", "pooling_param { kernel_size: 99 }"), '"Pooling"', "99"),
        (layer("ReLU", "", ""), '"ReLU"', "a layer of type 'ReLU' needs a bottom"),
    ],
)  # fmt: skip
def test_problems_have_places(tmp_path: Path, text: str, word: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        load(tmp_path, INPUT + text)
    problem = caught.value.problems[0]
    assert message in problem.message
    column = text.index(word) + (3 if word == "} }" else 1)
    assert (problem.line, problem.column) == (2, column)


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ('input: "da" "ta" input_dim: [1, 3, 8, 9]', (8, 9, 3)),
        ('layer { type: "MemoryData" top: "data" memory_data_param { channels: 3 height: 8 width: 9 } }', (8, 9, 3)),
        ('layer { type: "DummyData" top: "data" dummy_data_param { num: 1 channels: 3 height: 8 width: 9 } }', (8, 9, 3)),
        ('layer { type: "ImageData" top: "data" top: "label" transform_param { crop_size: 8 } }', (8, 8, 3)),
        ('layer { type: "Data" top: "data" data_param { crop_size: 8 } include { phase: TRAIN } }', (8, 8, 3)),
    ],
)  # fmt: skip
def test_inputs_in_all_their_forms(tmp_path: Path, text: str, shape: tuple[int, ...]) -> None:
    assert load(tmp_path, f"{text}\n" + layer("ReLU")).graph.input == shape


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('input: "data"', "the network has no input of a known size"),
        ('layer { type: "Data" top: "data" }', "the network has no input of a known size"),
        ('layer { type: "DummyData" top: "data" dummy_data_param { num: 1 } }', "the network has no input of a known size"),
        ('layer { type: "MemoryData" top: "data" memory_data_param { channels: 3 } }', "the network has no input of a known size"),
        ('input: "data" input_shape { }', "a shape has its sizes one by one"),
        ('input: "data" input_shape { dim: 1 dim: 0 }', "'0' is not a size"),
        ('input: "data" input_shape { dim: 1 }', "an input has 2 to 5 sizes, the batch first, not 1"),
        (f'input: "{"a/" * 99}a" input_dim: [1, 3, 8, 9]', "it lies in more than"),
    ],
)  # fmt: skip
def test_an_input_that_is_no_such_thing(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        load(tmp_path, f"{text}\n" + layer("ReLU"))
    assert message in caught.value.problems[0].message


def test_layers_in_a_list(tmp_path: Path) -> None:
    one, two = (
        layer("ReLU", "", *names).strip().removeprefix("layer ")
        for names in (("data", "a"), ("a", "b"))
    )
    rows = (
        load(tmp_path, f"{INPUT}layer: [{one}, {two}]\n" + layer("TanH", "", "b", "c"))
        .report()
        .rows
    )
    assert [row.name for row in rows[1:]] == ["a", "b", "c"]


def test_a_file_of_too_many_words_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cnncalc.models.prototxt.MAX_VALUES", 20)
    with pytest.raises(
        SpecError, match="this file has more than the limit of 20 words and comments"
    ):
        load(tmp_path, INPUT + layer("ReLU"))


def test_layers_of_several_blobs(tmp_path: Path) -> None:
    """Scale and Bias of two blobs multiply and add them; Axpy is both; Split is the same blob twice."""
    text = layer("Split", "", "data", "a b") + layer("Scale", "", "a b", "c")
    text += layer("Bias", "", "c b", "d") + pool("g", "d", "pool: AVE global_pooling: true")
    text += layer("Axpy", "", "g d a", "e")
    rows = load(tmp_path, INPUT + text).report().rows
    assert [(row.op, row.params) for row in rows[1:]] == [
        ("multiply", 0), ("add", 0), ("globalavgpool", 0), ("multiply", 0), ("add", 0)
    ]  # fmt: skip


def test_an_end_too_soon_has_its_place(tmp_path: Path) -> None:
    with pytest.raises(
        SpecError, match="a field's name or '}' is expected here, not 'the end'"
    ) as caught:
        load(tmp_path, INPUT + 'layer { name: "a" ')
    assert (caught.value.problems[0].line, caught.value.problems[0].column) == (2, 19)


def test_each_layer_in_error_is_told(tmp_path: Path) -> None:
    with pytest.raises(SpecError) as caught:
        load(
            tmp_path,
            INPUT + layer("Relo", tops="a") + layer("ReLU", "", "a", "b") + layer("Pool", tops="c"),
        )
    assert [problem.line for problem in caught.value.problems] == [2, 4]


def test_a_network_without_an_input_says_what_to_write(tmp_path: Path) -> None:
    with pytest.raises(SpecError) as caught:
        load(tmp_path, layer("ReLU"))
    assert "input_param" in caught.value.problems[0].hint


def test_deep_nesting_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="deeper than the limit of 64"):
        load(tmp_path, INPUT + "layer { a " + "{ a " * 10_000)
