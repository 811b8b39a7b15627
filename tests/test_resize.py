"""Another size of the input without a walk, and laws that hold at every size: each against the long way round."""

from __future__ import annotations

import random
import re

import pytest
from extent import sample

import cnncalc
from cnncalc.network import Network
from cnncalc.ops import OPS
from cnncalc.ops.base import Op
from cnncalc.report.conventions import MEASURES, measures
from cnncalc.spec.graph import Node
from cnncalc.spec.instances import Instance
from cnncalc.spec.layers import BlockUse
from cnncalc.spec.shipped import network_files
from cnncalc.spec.walk import _Walk
from cnncalc.text.source import SpecError

ZOO = tuple(network_files())


def graph_of(net: Network) -> list[tuple[object, ...]]:
    """What a graph says of each layer."""
    return [
        (node.op.kind, node.op.rank, node.name, *node[2 : Node._fields.index("span")])
        for node in net.graph.nodes
    ]


def walk(net: Network, shape: tuple[int, ...]) -> tuple[Network | None, str]:
    """The network walked with an input, or why it cannot be."""
    try:
        return Network(net.spec, shape), ""
    except SpecError as error:
        return None, str(error)


@pytest.mark.parametrize("name", sample(ZOO, 12))
def test_another_size_is_what_a_walk_gives(name: str) -> None:
    net = cnncalc.load(name)
    if len(net.graph.inputs) > 1:
        pytest.skip("several inputs are walked")
    *sizes, channels = net.graph.input
    for change in (1, 13, 32, -1):
        shape = (*(size + change for size in sizes), channels)
        walked, refusal = walk(net, shape)
        if walked is None:
            with pytest.raises(SpecError, match=re.escape(refusal)):
                net.with_(shape)
            continue
        resized = net.with_(shape)
        assert graph_of(resized) == graph_of(walked)
        assert resized.report() == walked.report()
        assert resized.graph.places == walked.graph.places
        assert resized.with_().report() == net.report()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("input: 8x8x1\nlayers: [{conv: {filters: in_height, kernel: 1}}]", "a field"),
        ("input: 8x8x1\nlayers: [{maxpool: 2, when: in_width > 8}]", "a condition"),
        (
            "input: 8x8x1\nparams: {wide: in_height > 9}\nlayers: [{relu: {}, when: wide}]",
            "a parameter",
        ),
        (
            "input: 8x8x1\nlayers: [{conv: {name: a, filters: 2, kernel: 1}}, globalavgpool, "
            "{broadcast: {like: a}}]",
            "the shape of another layer",
        ),
        ("input: 8x8x1\nlayers: [{repeat: {times: in_height // 4, layers: [relu]}}]", "a count"),
        (
            "input: 8x8x1\nblocks: {b: {params: {k: in_height}, layers: [{fc: k}]}}\nlayers: [b]",
            "a default of a block",
        ),
        (
            "input: 8x8x1\nblocks: {b: {params: {k: }, layers: [{fc: k}]}}\nlayers: [b: in_height]",
            "an argument of a block",
        ),
        (
            "input: 8x8x1\nblocks: {b: {layers: [{conv: {filters: in_width, kernel: 1}}]}}\n"
            "layers: [{repeat: {times: 2, layers: [b]}}]",
            "a field in a block in a repeat",
        ),
        (
            "input: 8x8x1\nlayers: [{concat: [[relu], {when: in_height > 8, layers: [tanh]}]}]",
            "the condition of a branch",
        ),
        (
            "input: 8x8x1\nlayers: [{residual: {layers: [relu], skip: in_height > 8}}]",
            "the shortcut",
        ),
        (
            "input: 8x8x1\nlayers: [{residual: {layers: [relu], shortcut: {when: in_width > 8, layers: [tanh]}}}]",
            "the condition of a shortcut",
        ),
        (
            "input: 8x8x1\nlayers: [{side: [{maxpool: {kernel: [2, in_width - 7]}}]}, relu]",
            "an item of a list in a side",
        ),
        ("input: {a: 8x8x1, b: 8x8x1}\nlayers: [{add: {from: [a, b]}}]", "several inputs"),
    ],
)
def test_what_depends_on_the_size_is_walked_again(text: str, why: str) -> None:
    net = cnncalc.loads(text)
    assert net._resizable is not None
    assert net._resizable.graph_of(12) is None, why
    size = 12 if len(net.graph.inputs) == 1 else {"a": 12, "b": 12}
    assert graph_of(net.with_(size)) == graph_of(cnncalc.loads(text, input=size))


def test_what_does_not_depend_on_it_is_not_walked_again() -> None:
    """Values that do not change with the size: of channels, of parameters, and of numbers alone."""
    text = """
        input: 8x8x3
        params: {width: channels * 2, deep: true}
        blocks: {b: {params: {k: 1 + 2}, layers: [{conv: {filters: channels, kernel: k, pad: [[1, 1], [1, 1]]}}]}}
        layers:
          - conv: {filters: width, kernel: [1, 1]}
          - {b: {}, when: deep}
          - repeat: {times: width, layers: [relu]}
          - residual: {skip: deep, shortcut: {when: deep, layers: [tanh]}, layers: [b]}
          - upsample: 2
          - concat: [[b: 3], {when: channels == 6, layers: []}]
    """
    net = cnncalc.loads(text)
    assert net._resizable is not None
    assert net._resizable.graph_of(12) is not None
    assert graph_of(net.with_(12)) == graph_of(cnncalc.loads(text, input=12))


def test_weights_that_are_shared_must_suit_at_the_other_size_too() -> None:
    """Both fc see 4 x 4 at 8 x 8; at 12 x 12 the second sees 6 x 6, and what is not as large is no shared weight."""
    text = """
        input: 8x8x2
        layers:
          - adaptiveavgpool: 4
          - fc: {name: a, units: 3}
          - maxpool: {kernel: 2, from: input}
          - fc: {units: 3, share: a}
    """
    with pytest.raises(SpecError, match=r"weight 3x72.*weight 3x32"):
        cnncalc.loads(text).with_(12)


def test_other_channels_are_walked_again() -> None:
    net = cnncalc.loads("input: 8x8x1\nlayers: [{conv: {filters: channels, kernel: 1}}]")
    assert net.with_("8x8x5").graph.nodes[1].output == (8, 8, 5)
    # from there back: one number is a size, and the channels are those that the spec says
    assert net.with_("8x8x5").with_(9).graph.nodes[1].output == (9, 9, 1)


def test_a_size_that_does_not_suit_says_where() -> None:
    net = cnncalc.loads("input: 8x8x1\nlayers:\n- conv: {filters: 1, kernel: 5}\n", "net.yaml")
    with pytest.raises(SpecError, match=r"net\.yaml:3:\d+: error: conv1: the map vanishes"):
        net.with_(3)


# ---- remembered instances -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sample(ZOO, 12))
def test_a_remembered_instance_is_what_a_walk_gives(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cnncalc.load(name)
    copied = cnncalc.load(name)
    monkeypatch.setattr(Instance, "replay", None)
    monkeypatch.setattr(_Walk, "has_room", lambda walk, instance, depth: False)
    walked = cnncalc.load(name)
    assert graph_of(copied) == graph_of(walked)
    assert dict(copied.graph.places) == dict(walked.graph.places)
    assert list(copied.graph.scopes.items()) == list(walked.graph.scopes.items())
    assert copied.report() == walked.report()
    assert (copied.report() != walked.report()) is False


BLOCK = """
input: 8x8x4
blocks:
  pair:
    params: {wide: }
    layers:
      - conv: {name: a, filters: wide, kernel: 1}
      - side: {name: out, layers: [{fc: {name: head, units: 2}}]}
      - {relu: {}, when: wide > 4}
      - {add: {from: [input, a]}, when: wide == 4}
layers:
  - pair: {name: one, wide: 4}
  - pair: {name: two, wide: 4}
  - pair: {name: three, wide: 4, tags: seen}
  - pair: {name: four, wide: 5}
  - conv: {name: last, filters: 1, kernel: 1, from: two/a}
"""


def test_instances_differ_where_arguments_shapes_or_tags_do() -> None:
    net = cnncalc.loads(BLOCK)
    nodes = {node.name: node for node in net.graph.nodes}
    assert [name for name in nodes if name.startswith("two/")] == [
        "two/a",
        "two/out/head",
        "two/add1",
    ]
    assert net.graph.nodes[nodes["two/add1"].inputs[0]].name == "one/add1"
    assert nodes["two/out/head"].side
    assert nodes["three/a"].tags == ("seen",)
    assert nodes["two/a"].tags == ()
    assert "four/relu1" in nodes
    assert net.graph.nodes[nodes["last"].inputs[0]].name == "two/a"
    assert net.graph.scopes["two/out"] == "side"
    (pair,) = {layer.block for layer in net.spec.body.layers if isinstance(layer, BlockUse)}
    assert len(pair.instances) == 3, "of four uses two are equal"


def test_an_instance_that_starts_elsewhere_is_copied_from_there() -> None:
    """What arrives has one shape in all three uses, and is another node each time, not the one just before."""
    text = """
        input: 8x8x4
        blocks:
          inner: {layers: [tanh: {name: t}]}
          outer: {layers: [inner: {name: i}, add: {from: [i, input]}]}
        layers:
          - relu: {name: a}
          - relu: {name: b}
          - outer: {name: one, from: a}
          - relu
          - relu
          - outer: {name: two, from: b}
          - gelu
          - outer: {name: three, from: input}
          - relu: {name: last, from: two/i/t}
    """
    report = cnncalc.loads(text).report()
    for name, source in (("one", "a"), ("two", "b"), ("three", "input")):
        assert report.row(f"{name}/i/t").inputs == (source,)
        assert report.row(f"{name}/add1").inputs == (f"{name}/i/t", source)
    assert report.row("last").inputs == ("two/i/t",)


def test_a_mistake_in_a_block_is_told_for_the_use_that_makes_it() -> None:
    text = BLOCK.replace("wide: 5", "wide: 0")
    with pytest.raises(SpecError, match="filters"):
        cnncalc.loads(text)
    with pytest.raises(SpecError, match="is given twice"):
        cnncalc.loads(BLOCK.replace("name: two", "name: one"))


def test_a_mistake_in_a_block_of_the_library_is_told_each_time() -> None:
    """What the library's blocks remember outlives a spec; a use with a mistake in it is not remembered."""
    for _ in range(2):
        with pytest.raises(SpecError, match="the map vanishes"):
            cnncalc.loads("input: 5x5x4\nlayers: [mlpconv: {filters: 4, kernel: 9}]")


def test_what_a_copied_instance_leaves_out_and_puts_aside_is_known_by_name() -> None:
    text = BLOCK.replace("wide: 5", "wide: 4").replace("relu: {}", "relu: {name: gone}")
    for number in ("one", "two", "four"):
        for name, why in (("gone", "left out here by its 'when'"), ("out/head", "in a side")):
            with pytest.raises(SpecError, match=why):
                cnncalc.loads(f"{text}  - relu: {{from: {number}/{name}}}\n")


def test_what_is_shared_is_walked_for_each_use() -> None:
    text = BLOCK.replace("- pair: {name: two, wide: 4}", "- pair: {name: two, wide: 4, share: one}")
    report = cnncalc.loads(text).report()
    assert report.row("two/a").shares == "one/a"
    assert report.row("three/a").shares is None


def test_a_block_that_shares_within_itself_shares_with_its_own_layer_in_each_use() -> None:
    conv = "conv: {name: %s, filters: 4, kernel: 1%s}"
    pair = ", ".join([conv % ("a", ""), conv % ("b", ", share: a")])
    text = f"input: 8x8x4\nblocks: {{pair: {{layers: [{pair}]}}}}\nlayers: [pair, pair, pair]"
    report = cnncalc.loads(text).report()
    assert [row.shares for row in report.rows[1:]] == [
        None, "pair1/a", None, "pair2/a", None, "pair3/a"
    ]  # fmt: skip
    assert report.totals.params == 3 * (4 * 4 + 4)


def test_every_measure_can_be_measured() -> None:
    assert set(measures(cnncalc.load("lenet5").graph.nodes[1])) == set(MEASURES)


# ---- laws -----------------------------------------------------------------------------------------------------------

UNIFORM = sorted(
    {
        (node.op, tuple(shape[-1] for shape in node.shapes), len(node.shapes[0]) - 1)
        for name in ZOO[::3]
        for node in cnncalc.load(name).graph.nodes
        if node.inputs and node.op.is_uniform
    },
    key=lambda case: (case[0].kind, str(vars(case[0]).get("kernel")), case[1]),
)


def counted(op: Op, *shapes: tuple[int, ...]) -> tuple[dict[str, int], dict[str, int]]:
    """What a layer holds and does, added up from its arrays and its work."""
    held = {"weights": 0, "biases": 0, "buffers": 0}
    for array in op.arrays(*shapes):
        held[array.role] += array.size
    events: dict[str, int] = {}
    for work in op.work(op.output_shape(*shapes), *shapes):
        events[work.event] = events.get(work.event, 0) + work.times
    return held, events


@pytest.mark.parametrize("kind", sorted({op.kind for op, _, _ in UNIFORM}))
def test_a_uniform_op_counts_by_its_law_what_it_counts_by_itself(kind: str) -> None:
    chosen = random.Random(kind)
    cases = [case for case in UNIFORM if case[0].kind == kind]
    for op, channels, rank in chosen.sample(cases, min(len(cases), 12)):
        for _ in range(4):
            size = tuple(chosen.randint(11, 40) for _ in range(rank))
            shapes = tuple((*size, depth) for depth in channels)
            facts = op.facts(shapes)
            held, events = counted(op, *shapes)
            assert (facts.weights, facts.biases, facts.buffers) == tuple(held.values())
            assert dict(facts.events) == events
            assert facts.macs == events.get("mac", 0)


def test_the_ops_that_are_uniform_are_those_that_networks_are_made_of() -> None:
    kinds = {op.kind for op, _, _ in UNIFORM}
    assert {"conv", "bn", "relu", "maxpool", "avgpool", "add"} <= kinds <= set(OPS)


def test_a_bias_at_each_position_is_no_law_for_all_sizes() -> None:
    net = cnncalc.loads("input: 8x8x1\nlayers: [{conv: {filters: 2, kernel: 1, bias: position}}]")
    assert [net.with_(size).report().totals.biases for size in (8, 9)] == [128, 162]
