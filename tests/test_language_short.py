"""What the language has to say things shortly: each short spec is, row by row, the long one written out beside it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import cnncalc
from cnncalc.cli import main
from cnncalc.spec.file import read_spec
from cnncalc.spec.shipped import data_file
from cnncalc.tables.documents import report_document
from cnncalc.text.source import Source
from cnncalc.text.yaml_tree import parse_yaml


def rows(text: str, **settings: int) -> list[object]:
    """All that is known of each layer."""
    return report_document(cnncalc.loads(text, set=settings or None).report())["layers"]  # type: ignore[no-any-return]


SAME = {
    "a list in a layer's place": (
        "layers: [[conv: {filters: 8, kernel: 3}, relu], [[bn], [relu, maxpool: 2]]]",
        "layers: [conv: {filters: 8, kernel: 3}, relu, bn, relu, maxpool: 2]",
    ),
    "a list in a branch": (
        "layers: [concat: {branches: [[[relu, bn]], []]}]",
        "layers: [concat: {branches: [[relu, bn], []]}]",
    ),
    "names in a list": (
        "layers: [[conv: {name: a, filters: 8, kernel: 3}, relu], conv: {filters: 3, kernel: 1, from: a}]",
        "layers: [conv: {name: a, filters: 8, kernel: 3}, relu, conv: {filters: 3, kernel: 1, from: a}]",
    ),
    "defaults": (
        "defaults: {conv: {kernel: 3, pad: 1, filters: 8}, maxpool: 2}\nlayers: [conv, conv: {filters: 16}, conv: "
        "{pad: 0}, maxpool, maxpool: 3]",
        "layers: [conv: {filters: 8, kernel: 3, pad: 1}, conv: {filters: 16, kernel: 3, pad: 1}, "
        "conv: {filters: 8, kernel: 3, pad: 0}, maxpool: 2, maxpool: 3]",
    ),
    "defaults of an inner list": (
        "defaults: {conv: {kernel: 3, pad: 1}}\nlayers: [repeat: {times: 2, defaults: {conv: {kernel: 5}}, layers: "
        "[conv: {filters: 8}, concat: {branches: [[conv: {filters: 4}], {defaults: {conv: {pad: 2}}, layers: "
        "[conv: {filters: 4, kernel: 7}]}]}]}, conv: {filters: 2}]",
        "layers: [repeat: {times: 2, layers: [conv: {filters: 8, kernel: 5, pad: 1}, concat: {branches: [[conv: "
        "{filters: 4, kernel: 5, pad: 1}], [conv: {filters: 4, kernel: 7, pad: 2}]]}]}, "
        "conv: {filters: 2, kernel: 3, pad: 1}]",
    ),
    "defaults of residual's layers, not of its shortcut": (
        "layers: [residual: {defaults: {conv: {pad: 1, kernel: 3}}, layers: [conv: {filters: 8}], shortcut: "
        "[conv: {filters: 8, kernel: 1}]}, side: {defaults: {fc: 3}, layers: [fc]}]",
        "layers: [residual: {layers: [conv: {filters: 8, kernel: 3, pad: 1}], shortcut: "
        "[conv: {filters: 8, kernel: 1}]}, side: {layers: [fc: 3]}]",
    ),
    "defaults that are expressions": (
        "params: {width: 4}\ndefaults: {conv: {filters: channels * width, kernel: 1}}\nlayers: [conv, conv]",
        "layers: [conv: {filters: 16, kernel: 1}, conv: {filters: 64, kernel: 1}]",
    ),
    "defaults in a block": (
        "blocks: {b: {params: {k: 3}, defaults: {conv: {kernel: k}}, layers: [conv: {filters: 2}]}}\n"
        "layers: [b, b: 5]",
        "blocks: {b: {params: {k: 3}, layers: [conv: {filters: 2, kernel: k}]}}\nlayers: [b, b: 5]",
    ),
    "pass": (
        "params: {width: 8}\npass: width\nblocks: {b: {params: {width: , deep: 1}, layers: [conv: {filters: width, "
        "kernel: 1}]}, c: {layers: [relu]}}\nlayers: [b, b: {deep: 2}, b: {width: 3}, c, b: 5]",
        "params: {width: 8}\nblocks: {b: {params: {width: , deep: 1}, layers: [conv: {filters: width, kernel: 1}]}, "
        "c: {layers: [relu]}}\nlayers: [b: 8, b: {width: 8, deep: 2}, b: 3, c, b: 5]",
    ),
    "pass in a block": (
        "params: {w: 8}\nblocks: {outer: {params: {w: 2}, pass: [w], layers: [inner]}, inner: {params: {w: 3}, "
        "layers: [fc: w]}}\nlayers: [outer, outer: 4, inner]",
        "blocks: {inner: {params: {w: 3}, layers: [fc: w]}, outer: {params: {w: 2}, layers: [inner: {w: w}]}}\n"
        "layers: [outer, outer: 4, inner]",
    ),
    "fields without a value": (
        "params: {filters: 8, kernel: 3, times: 2}\nblocks: {b: {params: {filters, pad: 1}, layers: [conv: {filters, "
        "kernel: 1, pad}]}}\nlayers: [conv: {filters, kernel}, repeat: {times, layers: [b: {filters}]}]",
        "blocks: {b: {params: {filters: , pad: 1}, layers: [conv: {filters: filters, kernel: 1, pad: pad}]}}\n"
        "layers: [conv: {filters: 8, kernel: 3}, repeat: {times: 2, layers: [b: 8]}]",
    ),
    "functions": (
        "params: {width: 2, units: 3}\ndefine: {maps(n): 'round_to(n * width, 8)', twice(a): maps(a) * 2}\n"
        "layers: [conv: {filters: maps(7), kernel: 1}, fc: twice(units), fc: maps(channels)]",
        "layers: [conv: {filters: 16, kernel: 1}, fc: 16, fc: 32]",
    ),
    "functions of several values, of flags, and of lists": (
        "params: {sizes: [2, 5]}\ndefine: {'pick(n, last)': 'sizes[1] * n if last else sizes[0] * n'}\nblocks: "
        "{b: {params: {k: 1}, define: {f(n): n + k}, layers: [fc: f(10)]}}\n"
        "layers: [fc: 'pick(3, true)', fc: 'pick(3, 1 == 2)', b, b: 2]",
        "blocks: {b: {params: {u: }, layers: [fc: u]}}\nlayers: [fc: 15, fc: 6, b: 11, b: 12]",
    ),
    "a function's argument hides a parameter": (
        "params: {n: 100}\ndefine: {f(n): n + 1}\nlayers: [fc: f(3), fc: n]",
        "layers: [fc: 4, fc: 100]",
    ),
    "a function in input": (
        "params: {n: 4}\ndefine: {size(a): a * n}\ninput: [size(2), size(2), 3]\nlayers: [relu]",
        "input: 8x8x3\nlayers: [relu]",
    ),
    "when among the fields": (
        "layers: [relu: {when: channels == 4}, bn: {when: channels != 4}, conv: {filters: 3, kernel: 1, when: "
        "channels > 3}, concat: {branches: [[relu: {when: true}], []], when: channels == 3}, "
        "repeat: {times: 2, when: channels == 3, layers: [relu]}]",
        "layers: [{relu: {}, when: channels == 4}, {bn: {}, when: channels != 4}, {conv: {filters: 3, kernel: 1}, "
        "when: channels > 3}, {concat: {branches: [[relu], []]}, when: channels == 3}, {repeat: {times: 2, layers: "
        "[relu]}, when: channels == 4}]",
    ),
    "words of PyTorch": (
        "layers: [Conv2d: {out_channels: 8, kernel_size: 3, padding: 1, bias: false}, BatchNorm2d, ReLU, MaxPool2d: "
        "{kernel_size: 2, ceil_mode: true}, Dropout: {p: 0.5}, AdaptiveAvgPool2d: {output_size: 1}, Flatten]",
        "layers: [conv: {filters: 8, kernel: 3, pad: 1, bias: false}, bn, relu, maxpool: {kernel: 2, ceil: true}, "
        "dropout: 0.5, adaptiveavgpool: 1, flatten]",
    ),
    "words of Keras": (
        "layers: [Conv2D: {filters: 8, kernel_size: [3, 3], strides: 2, padding: same, use_bias: false, activation: "
        "relu}, BatchNormalization: {scale: false}, MaxPooling2D: {pool_size: [2, 2]}, fc: {units: 3, activation: "
        "softmax}, fc: {units: 2, activation: linear}]",
        "layers: [conv: {filters: 8, kernel: 3, stride: 2, pad: same, bias: false}, relu, bn: {gamma: false}, "
        "maxpool: 2, fc: 3, softmax, fc: 2]",
    ),
    "an activation with a condition": (
        "layers: [conv: {filters: 8, kernel: 1, activation: relu, when: channels == 4}, conv: {filters: 9, kernel: 1, "
        "activation: relu, when: channels == 4}, conv: {name: a, filters: 2, kernel: 1, activation: tanh}, "
        "fc: {units: 3, from: a, activation: relu, when: in_height == 9}]",
        "layers: [conv: {filters: 8, kernel: 1}, relu, conv: {name: a, filters: 2, kernel: 1}, tanh, "
        "fc: {units: 3, from: a}, relu]",
    ),
    "other words in defaults": (
        "defaults: {Conv2d: {kernel_size: 3, padding: 1}}\nlayers: [conv: {filters: 2}, Conv2D: {filters: 3}]",
        "layers: [conv: {filters: 2, kernel: 3, pad: 1}, conv: {filters: 3, kernel: 3, pad: 1}]",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SAME)
def test_what_is_said_shortly_is_what_is_written_out(case: str) -> None:
    short, long = SAME[case]
    if case == "a function in input":
        assert rows(short) == rows(long)
    else:
        assert rows(f"input: 9x9x4\n{short}") == rows(f"input: 9x9x4\n{long}")


def test_a_file_s_own_block_goes_before_another_tool_s_word() -> None:
    text = "input: 8x8x3\nblocks: {Conv2d: {layers: [relu]}}\nlayers: [Conv2d]"
    net = cnncalc.loads(text)
    assert [node.kind for node in net.graph.nodes] == ["input", "relu"]
    assert not net.notes()


def test_tags_may_be_a_default() -> None:
    net = cnncalc.loads(
        "input: 8x8x3\ndefaults: {relu: {tags: functional}}\nlayers: [relu, relu: {tags: [mine]}]"
    )
    assert [node.tags for node in net.graph.nodes] == [(), ("functional",), ("mine",)]


def test_a_default_is_the_same_in_every_sweep() -> None:
    text = "input: 8x8x3\nparams: {n: 2}\ndefaults: {conv: {filters: n, kernel: 1}}\nlayers: [conv]"
    assert cnncalc.loads(text, set={"n": 5}).report().totals.params == 3 * 5 + 5


@pytest.mark.parametrize(
    ("line", "ours"),
    [
        ("ReLU", "relu"),
        ("Conv2d: {out_channels: 8, kernel_size: 1}", "conv: {filters: 8, kernel: 1}"),
        ("MaxPooling2D: 2", "maxpool: 2"),
        ("conv: {filters: 8, kernel_size: [1, 1]}", "conv: {filters: 8, kernel: [1, 1]}"),
        ("fc: {units: 3, activation: relu}", "[fc: {units: 3}, relu]"),
        ("{ReLU: {}, when: channels == 3}", "{relu: {}, when: channels == 3}"),
        ("Concatenate: {branches: [[relu], []]}", "concat: {branches: [[relu], []]}"),
    ],
)
def test_validate_shows_the_line_in_our_words(
    line: str, ours: str, tmp_path: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    text = f"input: 8x8x3\nlayers:\n  - {line}\n"
    (note,) = cnncalc.loads(text, "net.yaml").notes()
    assert str(note).endswith(f"note: in our words: {ours}")
    assert str(note).startswith("net.yaml:3:")
    assert rows(text) == rows(f"input: 8x8x3\nlayers:\n  - {ours}\n")
    assert not cnncalc.loads(f"input: 8x8x3\nlayers:\n  - {ours}\n").notes()


def test_layers_by_the_hundred_thousand_are_refused_before_any_work(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = "input: 8x8x3\nlayers: [" + "relu, " * 200_001 + "]"
    with pytest.raises(cnncalc.SpecError, match="more than the limit of 20,000 layers"):
        cnncalc.loads(text)
    assert main(["schema", "-o", "/dev/null"]) == 0


FAMILY = """
name: family
input: [size, size, 3]
params: {width: , size: 8}
variants:
  a: {width: 3}
  b_2: {width: 4, size: 16, title: The second, source: a book, aliases: [second]}
layers: [conv: {filters: width, kernel: 1}]
claims:
  - {params: 12, source: "3 * 3 + 3", variant: a}
  - {params: 17, source: "3 * 4 + 4, and one too many", variant: b_2}
"""


def test_a_variant_is_a_network_of_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "family.yaml"
    path.write_text(FAMILY)
    second = cnncalc.load(tmp_path / "family_b_2.yaml")
    assert (second.name, second.title) == ("family_b_2", "The second")
    assert (second.spec.cited, second.spec.aliases) == ("a book", ("second",))
    assert second.graph.input == (16, 16, 3)
    first = cnncalc.load(tmp_path / "family_a.yaml")
    assert (first.title, first.spec.cited, first.spec.aliases) == ("family, a", "", ())
    with pytest.raises(cnncalc.SpecError, match="its variants are family_a, family_b_2"):
        cnncalc.load(path)
    with pytest.raises(cnncalc.SpecError, match="cannot read this file"):
        cnncalc.load(tmp_path / "family_c.yaml")
    assert main(["validate", str(path)]) == 1
    shown = capsys.readouterr()
    assert "has params 16, not 17" in shown.err
    assert f"{path}: sound: 1 layer, 1 of 1 claims met" in shown.out


@pytest.mark.parametrize(
    ("params", "made"),
    [
        ("{width: , size: 8}", ["family_a", "family_b_2"]),
        ("{width: 5, size: 8}", ["family", "family_a", "family_b_2"]),
    ],
)
def test_a_family_is_a_network_itself_where_each_parameter_has_a_value(
    params: str, made: list[str]
) -> None:
    text = FAMILY.replace("{width: , size: 8}", params)
    spec = read_spec(Source("family.yaml", text))
    assert [one.name for one in spec.networks()] == made


def test_the_name_of_what_ships_leads_to_no_other_file(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(FAMILY)
    found = data_file("networks", "lenet5")
    assert found is not None
    assert found.name == "lenet5.yaml"
    for name in (
        "",
        ".",
        "./lenet5",
        "../networks/lenet5",
        "torchvision/../lenet5",
        "\\lenet5",
        "lenet5\0",
        str(tmp_path / "own"),
    ):
        assert data_file("networks", name) is None, name


def test_a_variant_that_ships_is_listed_and_found(capsys: pytest.CaptureFixture[str]) -> None:
    assert {"vgg16", "vgg16_c"} <= set(cnncalc.networks())
    c, d = cnncalc.load("vgg16_c"), cnncalc.load("vgg16")
    assert (c.name, c.spec.aliases) == ("vgg16_c", ("C", "vgg_c"))
    # configuration C has 1x1 where D has 3x3 in the third layer of three stages: 8 weights a pair of maps fewer
    saved = 8 * (256 * 256 + 512 * 512 + 512 * 512)
    assert d.report().totals.params - c.report().totals.params == saved
    assert cnncalc.load("vgg_c").name == "vgg16_c"
    assert main(["list", "--format", "json"]) == 0
    listed = {one["name"]: one for one in json.loads(capsys.readouterr().out)["networks"]}
    assert listed["vgg16_c"]["title"] == "VGG-16 (configuration C)"
    assert main(["validate", "vgg16_c"]) == 0


def test_variants_are_completed() -> None:
    from cnncalc.cli.complete import complete_network

    assert set(complete_network("vgg16")) == {"vgg16", "vgg16_c"}


def test_a_shape_with_its_channels_first_is_noted() -> None:
    notes = cnncalc.loads("input: 3x224x224\nlayers: [relu]").notes()
    assert [note.message for note in notes] == [
        "3x224x224 is 3 high and 224 wide, with 224 channels; "
        "if 3 are the channels, they are written last: 224x224x3"
    ]
    assert cnncalc.loads("input: 3x300x224\nlayers: [relu]").notes()
    for shape in ("3x300x2", "4x224x224", "3x3x64"):
        assert not cnncalc.loads(f"input: {shape}\nlayers: [relu]").notes()


def test_a_residual_with_a_stride_is_told_of_it() -> None:
    text = "input: 8x8x3\nlayers: [residual: [conv: {filters: 6, kernel: 3, stride: 2, pad: 1}]]"
    with pytest.raises(cnncalc.SpecError, match="strides as the branch does"):
        cnncalc.loads(text)


@pytest.mark.parametrize(
    "line",
    [
        "- conv: {filters: 3, kernel: 1, name: !, stride: 2}",
        "- relu: {name: ! x}",
        '- relu: {name: "\\ud800"}',
        "- relu: {tags: |#c\n      x}",
        "- relu:\n      tags: |#c\n        x",
        "- relu:\n      tags: >-#c\n        x",
    ],
)
def test_both_yaml_parsers_refuse_what_one_of_them_takes(line: str) -> None:
    source = Source("net.yaml", f"input: 8x8x3\nlayers:\n  {line}\n")
    for pure in (False, True):
        assert parse_yaml(source, pure=pure).problems, pure
