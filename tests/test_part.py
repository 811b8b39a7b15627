"""What names stand for. Members are counted by hand from the specs; errors come with the nearest names."""

from __future__ import annotations

import pytest

import cnncalc
from cnncalc.spec.graph import show_inputs
from cnncalc.spec.part import Part, Parts
from cnncalc.text.source import SpecError

TEXT = """
input: 8x8x3
blocks:
  pair:
    params: {width: }
    layers:
      - conv: {name: a, filters: width, kernel: 3, pad: 1}
      - relu
      - side: {name: out, layers: [{fc: {name: head, units: 2}}]}
  nothing:
    layers: []
layers:
  - conv: {name: stem, filters: 4, kernel: 1}
  - pair: {name: one, width: 4}
  - nothing: {name: empty}
  - repeat: {name: stage, times: 2, layers: [{pair: {width: 4}}]}
  - globalavgpool
  - fc: 10
"""


@pytest.fixture(scope="module")
def parts() -> Parts:
    """The parts of a network with a block, an empty one, a repeat, and sides in them."""
    return cnncalc.loads(TEXT, "net").parts


def names(part: Part) -> list[str]:
    """The members' names."""
    return [node.name for node in part.nodes]


def test_a_layer_is_itself(parts: Parts) -> None:
    part = parts.find("one/a")
    assert (names(part), part.op, part.is_layer, part.depth) == (["one/a"], "conv", True, 0)
    assert [parts.graph.nodes[index].name for index in part.sources] == ["stem"]


def test_a_block_is_all_below_it_and_ends_with_its_output(parts: Parts) -> None:
    part = parts.find("one")
    assert names(part) == ["one/a", "one/relu1", "one/out/head"]
    assert (part.op, part.is_layer, part.depth) == ("pair", False, 1)
    assert parts.graph.nodes[part.last].name == "one/relu1"  # the side is not its output


def test_a_side_ends_with_its_last_layer(parts: Parts) -> None:
    part = parts.find("one/out")
    assert part.op == "side"
    assert parts.graph.nodes[part.last].name == "one/out/head"


def test_an_empty_block_gives_on_what_arrives(parts: Parts) -> None:
    part = parts.find("empty")
    assert part.members == ()
    assert parts.graph.nodes[part.last].name == "one/relu1"


def test_a_repeat_and_its_turns(parts: Parts) -> None:
    assert len(parts.find("stage").members) == 6
    assert names(parts.find("stage/2/pair1"))[0] == "stage/2/pair1/a"
    assert [parts.graph.nodes[at].name for at in parts.find("stage/2").sources] == [
        "stage/1/pair1/relu1"
    ]


def test_the_total_leaves_sides_out(parts: Parts) -> None:
    part = parts.find("total")
    assert "one/out/head" not in names(part)
    assert len(part.members) == 1 + 1 + 3 * 2 + 2
    assert parts.graph.nodes[part.last].name == "fc1"
    assert parts.graph.nodes[part.last_map].name == "globalavgpool1"


def test_a_layer_called_total_does_not_make_a_layer_of_the_total() -> None:
    made = cnncalc.loads("input: 8x8x3\nlayers: [relu, relu: {name: total}]").parts
    total = made.get("total")
    assert total is not None
    assert (total.is_total, total.is_layer, len(total.members)) == (True, False, 3)


def test_the_layers_of_an_op(parts: Parts) -> None:
    assert names(parts.find("all conv")) == ["stem", "one/a", "stage/1/pair1/a", "stage/2/pair1/a"]
    assert names(parts.find("all fc")) == ["fc1"]


def test_equal_layers_are_counted_together(parts: Parts) -> None:
    times = parts.find("all conv").alike
    assert sorted(times.values()) == [1, 3]  # the stem, and three of 3x3x4x4


@pytest.mark.parametrize("name", ["on", "one/b", "all lstm", "stage/3"])
def test_what_there_is_not_is_an_error_with_the_nearest(parts: Parts, name: str) -> None:
    assert name not in parts
    with pytest.raises(SpecError, match="has no layer") as raised:
        parts.find(name, "--layer")
    assert raised.value.problems[0].span.source.name == "--layer"


def test_the_nearest_is_named(parts: Parts) -> None:
    with pytest.raises(SpecError, match="did you mean"):
        parts.find("stam")


@pytest.mark.parametrize(
    ("pattern", "count"),
    [("stem", 1), ("*", 7), ("stage/*", 2), ("stage/*/pair1/a", 2), ("*/a", 1), ("no", 0)],
)
def test_patterns_stay_within_one_part_of_a_path(parts: Parts, pattern: str, count: int) -> None:
    # at the top: input, stem, one, empty, stage, globalavgpool1, fc1
    assert len(list(parts.matching(pattern))) == count


def test_everything_is_found_once(parts: Parts) -> None:
    listed = [part.name for part in parts.everywhere()]
    assert len(listed) == len(set(listed))
    assert listed[:2] == ["total", "all conv"]
    assert set(parts.names) <= set(listed)


def test_a_name_in_other_letters_is_found_where_it_is_the_only_one() -> None:
    parts = cnncalc.load("vgg16").parts
    assert [parts.find(name).name for name in ("CONV1_1", "Conv1_1", "TOTAL")] == [
        "conv1_1",
        "conv1_1",
        "total",
    ]
    text = "input: 8x8x1\nlayers: [conv: {name: aB, filters: 1, kernel: 1}, conv: {name: ab, filters: 1, kernel: 1}]\n"
    twins = cnncalc.loads(text).parts
    assert twins.find("ab").name == "ab"
    with pytest.raises(cnncalc.SpecError):
        twins.find("AB")


def test_a_quantity_is_asked_for_by_peoples_words() -> None:
    net = cnncalc.load("alexnet")
    for word, name in (("rf", "receptive_field"), ("shape", "output"), ("파라미터 수", "params")):
        assert [one.quantity for one in net.explain("CONV1", word)] == [name]
    assert net.identify("34,944", "CONV1").place == "conv1"


def test_inputs_are_shown_by_name_and_the_only_one_in_the_readers_language() -> None:
    assert show_inputs({"input": (8, 8, 3)}) == "input 8×8×3"
    assert show_inputs({"input": (8, 8, 3)}, "ko") == "입력 8×8×3"
    assert show_inputs({"image": (8, 8, 3), "mask": (4,)}, "ko") == "image 8×8×3, mask 4"
