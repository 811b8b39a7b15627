"""The spec language, sentence by sentence. Shapes and counts are worked out by hand beside the expectation."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

import pytest

import cnncalc
from cnncalc import Network
from cnncalc.ops import OPS
from cnncalc.spec.compile import kind_called
from cnncalc.spec.layers import COMBINATORS
from cnncalc.spec.shipped import block_names
from cnncalc.text.expressions import ExpressionError, Value, parse_expression

SPECS = Path(__file__).parent / "specs"


def net(layers: str, input: str = "8x8x4", top: str = "", **options: Any) -> Network:
    """A network of these layers."""
    text = f"input: {input}\n{dedent(top)}\nlayers:\n{indent(dedent(layers).strip(), '  ')}\n"
    return cnncalc.loads(text, **options)


def names(made: Network) -> list[str]:
    """The rows' names in order, without the input."""
    return [row.name for row in made.report().rows[1:]]


def shapes(made: Network) -> list[str]:
    """The outputs in order, without the input."""
    return ["x".join(map(str, row.output)) for row in made.report().rows[1:]]


def sources(made: Network, name: str) -> tuple[str, ...]:
    """Where a layer takes its input from."""
    return made.report().row(name).inputs


def refused(layers: str, input: str = "8x8x4", top: str = "") -> str:
    """The code of the one problem for which layers are refused. The words are held in tests/errors."""
    with pytest.raises(cnncalc.SpecError) as caught:
        net(layers, input, top)
    (problem,) = caught.value.problems
    return problem.code


CONV = "- conv: {filters: 2, kernel: 1}"


# ---- the file -------------------------------------------------------------------------------------------------------


def test_every_key_of_a_file() -> None:
    made = cnncalc.loads("""
        name: tiny/one
        title: A tiny one
        family: tests
        year: 1998
        source: this test
        aliases: [tiny, smallest]
        input: 4x4x2
        params: {width: 3}
        blocks:
          unit: {params: {filters: }, layers: [{conv: {filters: filters, kernel: 1}}]}
        layers: [{unit: width}]
        claims: [{params: 9, source: hand}]
    """)
    spec = made.spec
    assert (made.name, made.title, spec.family, spec.year) == (
        "tiny/one",
        "A tiny one",
        "tests",
        1998,
    )
    assert (spec.cited, spec.aliases, made.graph.input) == (
        "this test",
        ("tiny", "smallest"),
        (4, 4, 2),
    )
    assert made.report().totals.params == 2 * 3 + 3
    assert [verdict.status for verdict in made.check_claims()] == ["met"]


@pytest.mark.parametrize(
    ("text", "axes"),
    [
        ("10x3", (10, 3)),
        ("10x9x3", (10, 9, 3)),
        ("4x10x9x3", (4, 10, 9, 3)),
        ("7", (7,)),
        ("[10, 9, 3]", (10, 9, 3)),
        ("10×9×3", (10, 9, 3)),
    ],
)
def test_the_input_is_positions_by_channels(text: str, axes: tuple[int, ...]) -> None:
    graph = net("- relu", text).graph
    assert graph.input == axes
    assert [node.op.rank for node in graph.nodes] == [len(axes) - 1] * 2


def test_a_network_is_called_by_its_name_or_its_file(tmp_path: Path) -> None:
    path = tmp_path / "some_net.yaml"
    path.write_text("input: 4x4x1\nlayers: [relu]\n")
    assert cnncalc.load(path).name == "some_net"
    assert net("- relu").name == "-"
    path.write_text("name: other\ninput: 4x4x1\nlayers: [relu]\n")
    assert cnncalc.load(str(path)).name == "other"


def test_a_key_with_nothing_behind_it_gives_nothing() -> None:
    for key in ("params", "define", "defaults", "variants"):
        assert shapes(net("- fc: 3", top=f"{key}:")) == ["3"]


def test_a_function_may_be_one_number() -> None:
    assert shapes(net("- fc: three(9)", top="define: {three(n): 3}")) == ["3"]


# ---- a layer: one word, its fields or its bare value ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("bare", "full", "input"),
    [
        ("fc: 5", "fc: {units: 5}", "8"),
        ("dropout: 0.5", "dropout: {rate: 1/2}", "8"),
        ("lrn: 3", "lrn: {size: 3}", "8x8x4"),
        ("maxpool: 2", "maxpool: {kernel: 2}", "8x8x4"),
        ("avgpool: 2", "avgpool: {kernel: 2}", "8x8x4"),
        ("maxpool: 2x4", "maxpool: {kernel: [2, 4]}", "8x8x4"),
        ("adaptiveavgpool: 3", "adaptiveavgpool: {size: 3}", "8x8x4"),
        ("adaptivemaxpool: 3", "adaptivemaxpool: {size: 3}", "8x8x4"),
        ("groupnorm: 2", "groupnorm: {groups: 2}", "8x8x4"),
        ("shuffle: 2", "shuffle: {groups: 2}", "8x8x4"),
        ("slice: [1, 3]", "slice: {channels: [1, 3]}", "8x8x4"),
        ("upsample: 2", "upsample: {scale: 2}", "8x8x4"),
        ("pad: 1", "pad: {size: 1}", "8x8x4"),
        ("broadcast: 3x3", "broadcast: {size: [3, 3]}", "4"),
        ("scale: 0.1", "scale: {factor: 1/10}", "8x8x4"),
        ("reshape: 16x16", "reshape: {shape: [16, 16]}", "8x8x4"),
        ("concat: [[], [relu]]", "concat: {branches: [[], [relu]]}", "8x8x4"),
        ("add: [[], [relu]]", "add: {branches: [[], [relu]]}", "8x8x4"),
        ("multiply: [[], [relu]]", "multiply: {branches: [[], [relu]]}", "8x8x4"),
        ("residual: [relu]", "residual: {layers: [relu]}", "8x8x4"),
        ("side: [relu]", "side: {layers: [relu]}", "8x8x4"),
        ("relu", "relu: {}", "8x8x4"),
        ("relu:", "relu: {}", "8x8x4"),
        ("fire: {squeeze: 2, expand1: 3}", "fire: {squeeze: 2, expand1: 3, expand3: 3}", "8x8x4"),
    ],
)
def test_a_bare_value_goes_to_its_field(bare: str, full: str, input: str) -> None:
    one, other = net(f"- {bare}", input).graph, net(f"- {full}", input).graph
    assert [(node.name, node.op, node.output) for node in one.nodes[1:]] == [
        (node.name, node.op, node.output) for node in other.nodes[1:]
    ]


def test_a_bare_value_of_a_block_goes_to_its_only_required_parameter_or_its_first() -> None:
    top = """
        blocks:
          only: {params: {kernel: 1, filters: }, layers: [{conv: {filters: filters, kernel: kernel}}]}
          first: {params: {filters: 1, kernel: 1}, layers: [{conv: {filters: filters, kernel: kernel}}]}
    """
    assert shapes(net("- only: 5\n- first: 6\n- first", top=top)) == ["8x8x5", "8x8x6", "8x8x1"]


def test_a_block_of_two_required_parameters_takes_no_bare_value() -> None:
    assert refused("- mlpconv: 5") == "bare-value"


def test_a_bare_value_goes_to_the_required_parameter_that_is_not_passed() -> None:
    top = """
        params: {kernel: 3}
        pass: kernel
        blocks: {both: {params: {kernel: , filters: }, layers: [{conv: {filters: filters, kernel: kernel}}]}}
    """
    assert shapes(net("- both: 5", top=top)) == ["6x6x5"]  # 8 - 3 + 1


def test_when_stands_beside_the_word() -> None:
    made = net(
        "- {relu: {}, when: channels == 4}\n- {tanh: {}, when: channels > 4}\n- sigmoid:\n  when: true"
    )
    assert names(made) == ["relu1", "sigmoid1"]


def test_tags_are_a_word_or_a_list() -> None:
    made = net("- relu: {tags: functional}\n- relu: {tags: [a, b-2]}\n- relu")
    assert [node.tags for node in made.graph.nodes[1:]] == [("functional",), ("a", "b-2"), ()]


def test_blocks_repeats_and_sides_hand_their_tags_down() -> None:
    made = net(
        "- b: {tags: outer}\n- repeat: {times: 2, tags: r, layers: [relu]}\n"
        "- side: {tags: [s], layers: [relu]}\n- relu",
        top="blocks: {b: {layers: [relu: {tags: inner}, tanh]}}",
    )
    assert [node.tags for node in made.graph.nodes[1:]] == [
        ("outer", "inner"),
        ("outer",),
        ("r",),
        ("r",),
        ("s",),
        (),
    ]


# ---- names and scopes -----------------------------------------------------------------------------------------------


def test_unnamed_layers_are_numbered_by_op_named_ones_counted_in() -> None:
    made = net(f"{CONV}\n- conv: {{name: mine, filters: 2, kernel: 1}}\n{CONV}\n- relu")
    assert names(made) == ["conv1", "mine", "conv3", "relu1"]


def test_dropped_layers_are_not_counted() -> None:
    made = net("- {relu: {}, when: false}\n- relu\n- {relu: {name: gone}, when: false}\n- relu")
    assert names(made) == ["relu1", "relu2"]


def test_blocks_sides_and_named_repeats_open_scopes_and_paths_join_with_a_slash() -> None:
    made = net("""
        - fire: {squeeze: 2, expand1: 3}
        - fire: {name: second, squeeze: 2, expand1: 3}
        - side: [relu]
        - side: {name: aux, layers: [relu]}
        - repeat: {name: stage2, times: 2, layers: [relu, relu]}
    """)
    fire = ["squeeze", "relu1", "expand1", "relu2", "expand3", "relu3", "concat1"]
    assert names(made) == [
        *(f"fire1/{name}" for name in fire),
        *(f"second/{name}" for name in fire),
        "side1/relu1",
        "aux/relu1",
        "stage2/1/relu1",
        "stage2/1/relu2",
        "stage2/2/relu1",
        "stage2/2/relu2",
    ]


def test_merges_branches_and_unnamed_repeats_open_none() -> None:
    made = net("""
        - concat: [[relu], [relu]]
        - add: {name: sum, branches: [[relu], []]}
        - repeat: {times: 2, layers: [relu]}
        - residual: [relu]
    """)
    assert names(made) == [
        "relu1",
        "relu2",
        "concat1",
        "relu3",
        "sum",
        "relu4",
        "relu5",
        "relu6",
        "add2",
    ]


def test_the_same_name_may_stand_in_two_scopes() -> None:
    made = net(
        "- relu: {name: a}\n- side: {name: s, layers: [{relu: {name: a}}]}\n"
        "- repeat: {name: r, times: 2, layers: [{relu: {name: a}}]}"
    )
    assert names(made) == ["a", "s/a", "r/1/a", "r/2/a"]


def test_a_name_twice_in_a_scope_is_refused() -> None:
    assert refused("- relu: {name: a}\n- relu: {name: a}") == "duplicate-name"
    assert refused("- relu: {name: a}\n- concat: [[{tanh: {name: a}}], []]") == "duplicate-name"
    assert refused("- relu: {name: s}\n- side: {name: s, layers: [relu]}") == "duplicate-name"
    assert refused("- relu: {name: relu2}\n- relu") == "duplicate-name"


def test_a_fixed_name_in_an_unnamed_repeat_is_refused() -> None:
    assert refused("- repeat: {times: 2, layers: [{relu: {name: a}}]}") == "duplicate-name"
    assert names(net("- repeat: {times: 1, layers: [{relu: {name: a}}]}")) == ["a"]


@pytest.mark.parametrize("name", ["conv1_1", "a-b.c", "3x3", "_", "010", "true"])
def test_names_are_letters_digits_and_three_signs(name: str) -> None:
    assert names(net(f"- relu: {{name: {name}}}")) == [name]


@pytest.mark.parametrize("name", ["input", "a/b", "'a b'", "'a:b'", "'계층'"])
def test_other_names_are_refused(name: str) -> None:
    assert refused(f"- relu: {{name: {name}}}") == "name"


def test_order_is_execution_order() -> None:
    made = net("""
        - residual: {layers: [{relu: {name: main}}], shortcut: [{tanh: {name: short}}]}
        - concat: {name: joined, branches: [[{relu: {name: first}}], [{relu: {name: second}}]]}
    """)
    assert names(made) == ["main", "short", "add1", "first", "second", "joined"]
    assert sources(made, "add1") == ("main", "short")
    assert sources(made, "joined") == ("first", "second")


# ---- from -----------------------------------------------------------------------------------------------------------


def test_from_takes_an_earlier_layer() -> None:
    made = net("- conv: {name: a, filters: 3, kernel: 1}\n- relu\n- tanh: {from: a}")
    assert sources(made, "tanh1") == ("a",)
    assert [node.name for index in made.graph.outputs() for node in [made.graph.nodes[index]]] == [
        "relu1",
        "tanh1",
    ]


def test_from_takes_the_output_of_a_block_a_named_repeat_and_a_merge() -> None:
    made = net("""
        - fire: {name: f, squeeze: 1, expand1: 2}
        - repeat: {name: r, times: 2, layers: [{conv: {filters: 3, kernel: 1}}]}
        - concat: {name: c, branches: [[], [relu]]}
        - relu: {name: of_block, from: f}
        - relu: {name: of_repeat, from: r}
        - relu: {name: of_merge, from: c}
        - relu: {name: of_turn, from: r/1}
    """)
    assert sources(made, "of_block") == ("f/concat1",)
    assert sources(made, "of_repeat") == ("r/2/conv1",)
    assert sources(made, "of_merge") == ("c",)
    assert sources(made, "of_turn") == ("r/1/conv1",)


def test_a_path_reaches_in() -> None:
    made = net(
        "- inception: {name: i, c1: 1, r3: 2, c3: 3, r5: 4, c5: 5, pool: 6}\n- relu: {from: i/c3}\n"
        "- repeat: {name: r, times: 2, layers: [{tanh: {name: t}}]}\n- relu: {from: r/1/t}"
    )
    assert sources(made, "relu1") == ("i/c3",)
    assert sources(made, "relu2") == ("r/1/t",)
    assert made.report().row("relu1").output == (8, 8, 3)


def test_from_looks_outwards_from_a_side_and_a_named_repeat() -> None:
    made = net("""
        - conv: {name: a, filters: 3, kernel: 1}
        - relu
        - side: {name: s, layers: [{tanh: {from: a}}]}
        - repeat: {name: r, times: 1, layers: [{tanh: {name: a}}, {sigmoid: {from: a}}, {gelu: {from: relu1}}]}
    """)
    assert sources(made, "s/tanh1") == ("a",)
    assert sources(made, "r/1/sigmoid1") == ("r/1/a",), "the nearest scope's own comes first"
    assert sources(made, "r/1/gelu1") == ("relu1",)


def test_input_is_what_arrives_at_the_network_or_at_the_block() -> None:
    top = "blocks: {b: {layers: [{conv: {filters: 3, kernel: 1}}, {relu: {from: input}}]}}"
    made = net("- tanh\n- b\n- sigmoid: {from: input}\n- side: [{elu: {from: input}}]", top=top)
    assert sources(made, "b1/relu1") == ("tanh1",)
    assert sources(made, "sigmoid1") == ("input",)
    assert sources(made, "side1/elu1") == ("input",)


def test_a_body_sees_nothing_outside_it() -> None:
    top = "blocks: {b: {layers: [{relu: {from: a}}]}}"
    assert refused("- relu: {name: a}\n- b", top=top) == "unknown-name"


def test_a_list_stands_only_on_a_merge_without_branches() -> None:
    made = net("- relu: {name: a}\n- tanh: {name: b}\n- concat: {from: [a, b, input]}")
    assert sources(made, "concat1") == ("a", "b", "input")
    assert refused("- relu: {name: a}\n- tanh: {name: b}\n- relu: {from: [a, b]}") == "from"
    assert (
        refused(
            "- relu: {name: a}\n- tanh: {name: b}\n- add: {from: [a, b], branches: [[], [relu]]}"
        )
        == "branches"
    )
    assert refused("- relu: {name: a}\n- concat: {from: a}") == "branches"


def test_every_branch_starts_from_the_one_name() -> None:
    made = net(
        "- conv: {name: a, filters: 3, kernel: 1}\n- conv: {filters: 5, kernel: 1}\n"
        "- concat: {from: a, branches: [[], [relu], [tanh]]}"
    )
    assert sources(made, "concat1") == ("a", "relu1", "tanh1")
    assert (sources(made, "relu1"), sources(made, "tanh1")) == (("a",), ("a",))
    assert shapes(made)[-1] == "8x8x9"


@pytest.mark.parametrize(
    ("layer", "first"),
    [
        ("repeat: {from: a, times: 1, layers: [relu]}", "relu1"),
        ("repeat: {name: r, from: a, times: 1, layers: [relu]}", "r/1/relu1"),
        ("residual: {from: a, layers: [relu]}", "relu1"),
        ("side: {name: s, from: a, layers: [relu]}", "s/relu1"),
        ("mlpconv: {name: m, from: a, filters: 2, kernel: 1}", "m/conv1"),
    ],
)
def test_from_on_combinators_and_blocks(layer: str, first: str) -> None:
    assert sources(net(f"- tanh: {{name: a}}\n- sigmoid\n- {layer}"), first) == ("a",)


def test_nothing_reaches_into_a_side() -> None:
    side = "- side: {name: s, layers: [{relu: {name: r}}]}\n"
    assert refused(side + "- tanh: {from: s/r}") == "unknown-name"
    assert refused(side + "- tanh: {from: s}") == "unknown-name"


def test_from_of_what_is_not_there() -> None:
    assert refused("- relu: {name: abc}\n- tanh: {from: ab}") == "unknown-name"
    assert refused("- relu: {name: abc}\n- tanh: {from: abd}") == "unknown-name"
    assert refused("- relu: {from: b}\n- tanh: {name: b}") == "unknown-name"
    assert refused("- {relu: {name: a}, when: false}\n- tanh: {from: a}") == "unknown-name"


def test_several_outputs_are_allowed_and_noted() -> None:
    made = net(
        "- side: {name: s, layers: [relu]}\n- relu: {name: a}\n- tanh: {name: b}\n- sigmoid: {from: a}"
    )
    (note,) = made.notes()
    assert "several outputs: b, sigmoid1; sides: s/relu1" in str(note)


def test_what_the_main_path_ends_with_is_an_output_though_a_side_uses_it() -> None:
    made = net("- relu: {name: a}\n- side: {name: s, layers: [tanh]}")
    assert [made.graph.nodes[index].name for index in made.graph.outputs()] == ["a", "s/tanh1"]


# ---- repeat ---------------------------------------------------------------------------------------------------------


def test_repeat_runs_its_layers_so_many_times() -> None:
    made = net("- repeat: {times: 3, layers: [{conv: {filters: channels + 1, kernel: 1}}, relu]}")
    assert names(made) == ["conv1", "relu1", "conv2", "relu2", "conv3", "relu3"]
    assert shapes(made)[::2] == ["8x8x5", "8x8x6", "8x8x7"]


def test_times_is_an_expression() -> None:
    assert (
        len(names(net("- repeat: {times: n * 2 - 1, layers: [relu]}", top="params: {n: 3}"))) == 5
    )
    assert len(names(net("- repeat: {times: channels, layers: [relu]}"))) == 4


@pytest.mark.parametrize("name", ["", "name: r, "])
def test_repeat_of_zero_times_is_the_identity(name: str) -> None:
    made = net(
        f"- tanh\n- repeat: {{{name}times: 0, layers: [{{conv: {{filters: 9, kernel: 1}}}}]}}\n- relu"
    )
    assert names(made) == ["tanh1", "relu1"]
    assert sources(made, "relu1") == ("tanh1",)


def test_a_named_repeat_of_zero_times_still_is_what_arrived() -> None:
    made = net(
        "- tanh\n- repeat: {name: r, times: 0, layers: [relu]}\n- gelu\n- sigmoid: {from: r}"
    )
    assert sources(made, "sigmoid1") == ("tanh1",)


def test_repeats_in_repeats() -> None:
    made = net(
        "- repeat: {name: a, times: 2, layers: [{repeat: {name: b, times: 2, layers: [relu]}}]}"
    )
    assert names(made) == ["a/1/b/1/relu1", "a/1/b/2/relu1", "a/2/b/1/relu1", "a/2/b/2/relu1"]


def test_what_repeats_expand_to_is_limited() -> None:
    assert refused("- repeat: {times: 1000000000, layers: [relu]}") == "limit"
    inner = "{repeat: {times: 500, layers: [relu]}}"
    assert (
        refused(f"- repeat: {{times: n, layers: [{inner}]}}", top="params: {n: 500}") == "limit"
    )  # 250,000
    assert (
        len(names(net(f"- repeat: {{times: n, layers: [{inner}]}}", top="params: {n: 3}"))) == 1500
    )


@pytest.mark.parametrize("times", ["-1", "1.5", "true", "word"])
def test_times_is_a_whole_number(times: str) -> None:
    assert refused(f"- repeat: {{times: {times}, layers: [relu]}}") in ("value", "expression")


# ---- concat, add, multiply ------------------------------------------------------------------------------------------


def test_an_empty_branch_is_the_identity() -> None:
    made = net("- relu\n- concat: [[], [{conv: {filters: 3, kernel: 1}}], []]")
    assert sources(made, "concat1") == ("relu1", "conv1", "relu1")
    assert shapes(made)[-1] == "8x8x11"  # 4 + 3 + 4


def test_a_branch_with_a_false_when_is_not_there_at_all() -> None:
    branches = "[[], {when: wide, layers: [{conv: {filters: 3, kernel: 1}}]}]"
    assert shapes(net(f"- concat: {branches}", top="params: {wide: true}"))[-1] == "8x8x7"
    made = net(f"- concat: {branches}", top="params: {wide: false}")
    assert (names(made), shapes(made)) == (["concat1"], ["8x8x4"])


def test_the_when_of_a_branch_sees_what_arrives_at_the_merge() -> None:
    made = net(
        "- conv: {filters: 3, kernel: 1}\n- concat: [[], {when: channels == 3, layers: [relu]}]"
    )
    assert shapes(made)[-1] == "8x8x6"


def test_a_branch_that_its_whens_emptied_is_refused_in_concat_alone() -> None:
    branches = "[[tanh], [{relu: {}, when: false}]]"
    assert refused(f"- concat: {branches}") == "branches"
    assert sources(net(f"- add: {branches}"), "add1") == ("tanh1", "input")
    assert sources(net(f"- multiply: {branches}"), "multiply1") == ("tanh1", "input")
    # a count of 0 says itself that nothing is there
    counted = "[[tanh], [{repeat: {times: 0, layers: [relu]}}, {relu: {}, when: false}]]"
    assert sources(net(f"- concat: {counted}"), "concat1") == ("tanh1", "input")


def test_a_merge_needs_a_branch() -> None:
    assert refused("- concat: [{when: false, layers: [relu]}]") == "branches"
    assert refused("- concat: []") == "branches"


def test_concat_takes_equal_sizes() -> None:
    assert refused("- concat: [[{maxpool: 2}], []]") == "shape"


@pytest.mark.parametrize("word", ["add", "multiply"])
def test_add_and_multiply_take_equal_shapes_or_vectors_over_a_map(word: str) -> None:
    assert (
        shapes(net(f"- {word}: [[globalavgpool, {{fc: 4}}], [], [globalmaxpool]]"))[-1] == "8x8x4"
    )
    assert refused(f"- {word}: [[{{conv: {{filters: 3, kernel: 1}}}}], []]") == "shape"
    assert refused(f"- {word}: [[{{maxpool: 2}}], []]") == "shape"


def test_broadcast_takes_the_positions_of_an_earlier_layer() -> None:
    made = net(
        "- maxpool: {name: p, kernel: 2}\n- globalavgpool\n- broadcast: {like: p}\n"
        "- broadcast: {like: input, from: globalavgpool1}"
    )
    assert shapes(made)[2:] == ["4x4x4", "8x8x4"]
    assert refused("- globalavgpool\n- broadcast: {like: p}") == "unknown-name"
    side = "- side: {name: s, layers: [{relu: {name: p}}]}\n"
    assert refused(side + "- globalavgpool\n- broadcast: {like: s/p}") == "unknown-name"


# ---- residual, side -------------------------------------------------------------------------------------------------


def test_residual_is_add_of_the_layers_and_what_arrived() -> None:
    made = net("- relu\n- residual: [{conv: {filters: 4, kernel: 1}}]")
    assert sources(made, "add1") == ("conv1", "relu1")


def test_residual_with_a_shortcut() -> None:
    made = net("""
        - residual:
            name: sum
            layers: [{conv: {filters: 6, kernel: 3, stride: 2, pad: 1}}]
            shortcut: [{conv: {filters: 6, kernel: 1, stride: 2}}]
    """)
    assert sources(made, "sum") == ("conv1", "conv2")
    assert shapes(made) == ["4x4x6"] * 3  # (8 + 2 - 3)/2 + 1 and (8 - 1)/2 + 1, rounded down


@pytest.mark.parametrize(
    "shortcut", ["[]", "[{relu: {}, when: false}]", "{when: false, layers: [relu]}"]
)
def test_a_shortcut_with_nothing_in_it_is_the_identity(shortcut: str) -> None:
    made = net(f"- tanh\n- residual: {{layers: [relu], shortcut: {shortcut}}}")
    assert sources(made, "add1") == ("relu1", "tanh1")


def test_residual_with_skip_false_is_its_layers_alone() -> None:
    text = "- residual: {layers: [{conv: {filters: 6, kernel: 1}}], skip: channels == 6}\n- relu"
    assert names(net(text)) == ["conv1", "relu1"]
    assert names(net(text, "8x8x6")) == ["conv1", "add1", "relu1"]


@pytest.mark.parametrize("skip", ["true", "false"])
def test_a_named_residual_is_known_by_its_name_skipped_or_not(skip: str) -> None:
    made = net(
        f"- residual: {{name: r, layers: [relu], skip: {skip}}}\n- tanh\n- sigmoid: {{from: r}}"
    )
    assert sources(made, "sigmoid1") == (("r",) if skip == "true" else ("relu1",))


def test_skip_false_leaves_the_shortcut_out_too() -> None:
    assert names(net("- residual: {layers: [relu], shortcut: [tanh], skip: false}")) == ["relu1"]


def test_a_side_gets_what_arrives_and_the_main_path_goes_on() -> None:
    made = net("- relu\n- side: {name: aux1, layers: [globalavgpool, {fc: 3}]}\n- tanh")
    assert names(made) == ["relu1", "aux1/globalavgpool1", "aux1/fc1", "tanh1"]
    assert (sources(made, "aux1/globalavgpool1"), sources(made, "tanh1")) == (
        ("relu1",),
        ("relu1",),
    )
    assert [row.side for row in made.report().rows] == [False, False, True, True, False]


def test_blocks_inside_a_side_belong_to_it() -> None:
    made = net("- side: [{mlpconv: {filters: 2, kernel: 1}}]\n- relu")
    assert {row.name: row.side for row in made.report().rows}["side1/mlpconv1/conv1"] is True


# ---- share ----------------------------------------------------------------------------------------------------------


def test_shared_weights_count_once_and_their_work_each_time() -> None:
    made = net(
        "- conv: {name: a, filters: 4, kernel: 3, pad: 1}\n- maxpool: 2\n"
        "- conv: {name: b, filters: 4, kernel: 3, pad: 1, share: a}"
    )
    report = made.report()
    assert [(row.params, row.shares) for row in report.rows] == [
        (0, None),
        (148, None),
        (0, None),
        (0, "a"),
    ]
    assert report.totals.params == 148  # 3*3*4*4 + 4
    assert report.totals.macs == 8 * 8 * 144 + 4 * 4 * 144  # at both sizes
    assert [array.shape for array in report.row("b").arrays] == [(4, 4, 3, 3), (4,)]


def test_sharing_with_a_layer_that_shares_is_sharing_with_its_owner() -> None:
    made = net(
        "- conv: {name: a, filters: 4, kernel: 1}\n- conv: {name: b, filters: 4, kernel: 1, share: a}\n"
        "- conv: {name: c, filters: 4, kernel: 1, share: b}"
    )
    assert made.report().row("c").shares == "a"


def test_a_block_shares_with_a_block() -> None:
    made = net(
        "- mlpconv: {name: a, filters: 4, kernel: 1}\n- mlpconv: {name: b, filters: 4, kernel: 1, share: a}"
    )
    report = made.report()
    assert {row.name: row.shares for row in report.rows if row.name.startswith("b/")} == {
        "b/conv1": "a/conv1",
        "b/relu1": None,
        "b/conv2": "a/conv2",
        "b/relu2": None,
        "b/conv3": "a/conv3",
        "b/relu3": None,
    }
    assert report.totals.params == 3 * (4 * 4 + 4)
    assert report.totals.macs == 6 * 8 * 8 * 4 * 4


def test_what_is_shared_must_suit() -> None:
    first = "- conv: {name: a, filters: 4, kernel: 3, pad: 1}\n"
    assert refused(first + "- conv: {filters: 4, kernel: 1, share: a}") == "share"
    assert (
        refused(first + "- conv: {filters: 4, kernel: 3, pad: 1, bias: false, share: a}") == "share"
    )
    assert refused(first + "- conv: {filters: 4, kernel: 3, pad: 1, share: b}") == "unknown-name"
    assert refused(first + "- mlpconv: {filters: 4, kernel: 1, share: a}") == "share"
    block = "- mlpconv: {name: m, filters: 4, kernel: 1}\n"
    assert refused(block + "- conv: {filters: 4, kernel: 1, share: m}") == "share"


# ---- expressions ----------------------------------------------------------------------------------------------------

ENV: dict[str, Value] = {
    "a": 3,
    "b": 2,
    "half": Fraction(1, 2),
    "yes": True,
    "word": "pad",
    "listed": (4, 5, 6),
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", 7),
        ("0.35", Fraction(7, 20)),
        (".5", Fraction(1, 2)),
        ("1e3", 1000),
        ("2.0", 2),
        ("1.5e-1", Fraction(3, 20)),
        ("a + b * 2", 7),
        ("(a + b) * 2", 10),
        ("a - b - 1", 0),
        ("-a + 5", 2),
        ("2 - -a", 5),
        ("1 / 3", Fraction(1, 3)),
        ("6 / 3", 2),
        ("7 // 2", 3),
        ("-7 // 2", -4),
        ("7 % 4", 3),
        ("7 / 2 // 1", 3),
        ("half * 64", 32),
        ("2 * half - 1", 0),
        ("half + half", 1),
        ("a == 3", True),
        ("a != 3", False),
        ("a < b", False),
        ("a <= 3", True),
        ("a > b", True),
        ("a >= 4", False),
        ("half == 0.5", True),
        ("word == pad", True),
        ("word == 'pad'", True),
        ("word != projection", True),
        ("yes and a > b", True),
        ("not yes or a > b", True),
        ("not a > b", False),
        ("not not yes", True),
        ("yes or a", True),
        ("not yes and a", False),
        ("true or false and false", True),
        ("(true or false) and false", False),
        ("a if yes else b", 3),
        ("a if not yes else b", 2),
        ("1 if a < b else 2 if a == b else 3", 3),
        ("min(a, b)", 2),
        ("max(a, b, 7)", 7),
        ("min(a + 1, 2 * b) + 1", 5),
        ("listed[0]", 4),
        ("listed[b]", 6),
        ("listed[a - b]", 5),
        ("listed[b * half]", 5),
        ("round_to(37, 8)", 40),  # floor(37/8 + 1/2) = floor(5.125) = 5
        ("round_to(35, 8)", 32),  # floor(4.875) = 4, and 32 is not below 0.9*35 = 31.5
        ("round_to(10, 8)", 16),  # floor(1.75) = 1, but 8 is below 0.9*10 = 9
        ("round_to(3, 8)", 8),  # floor(0.875) = 0, at least one multiple
        ("round_to(36, 8)", 40),  # floor(4.5 + 0.5) = 5: halves go up
        ("round_to(32 * 0.35, 8)", 16),  # 11.2: floor(1.9) = 1, but 8 is below 10.08
        ("true", True),
        ("false", False),
        ("'a word'", "a word"),
    ],
)
def test_an_expression_has_a_value(text: str, value: Value) -> None:
    found = parse_expression(text).evaluate(ENV)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        "1 < a < 3",
        "a ** 2",
        "a ^ 2",
        "a.real",
        "abs(a)",
        "a(1)",
        "min(a)",
        "round_to(1, 2, 3)",
        "yes + 1",
        "a and b",
        "a if b else 1",
        "word + 1",
        "listed[3]",
        "listed[-1]",
        "listed[half]",
        "a[0]",
        "1 / 0",
        "a // 0",
        "a % 0",
        "1 +",
        "(1",
        "010",
        "1_000",
        "0x10",
        "",
        "a == yes",
        "a = 3",
        "a & b",
        "[1, 2]",
        "nothing",
        "min",
        "1 if a > 1",
        "not a",
        "word < 'b'",
        "a b",
        "__import__('os')",
        "1;2",
        "lambda: 1",
        "a if a",
    ],
)
def test_a_wrong_expression(text: str) -> None:
    with pytest.raises(ExpressionError):
        parse_expression(text).evaluate(ENV)


@pytest.mark.parametrize(
    "word", ["lambda", "class", "is", "in", "None", "def", "for", "while", "int", "units"]
)
def test_any_other_word_may_be_a_parameter(word: str) -> None:
    assert shapes(
        net(f"- conv: {{filters: {word} * 2, kernel: 1}}", top=f"params: {{{word}: 3}}")
    ) == ["8x8x6"]


@pytest.mark.parametrize(
    "word",
    [
        "channels",
        "in_height",
        "in_width",
        "in_length",
        "in_depth",
        "min",
        "max",
        "round_to",
        "and",
        "or",
        "not",
        "if",
        "else",
        "true",
        "false",
        "a-b",
        "2a",
        "a b",
    ],
)
def test_the_languages_own_words_may_not(word: str) -> None:
    assert refused("- relu", top=f"params: {{{word}: 3}}") == "parameter-name"


def test_the_arriving_shape_by_rank() -> None:
    assert shapes(net("- conv: {filters: channels + in_length, kernel: 1}", "9x4")) == ["9x13"]
    assert shapes(
        net("- conv: {filters: channels + 100 * in_height + 10 * in_width, kernel: 1}", "3x2x4")
    ) == ["3x2x324"]
    assert shapes(
        net("- conv: {filters: in_depth * in_height * in_width, kernel: 1}", "2x3x5x1")
    ) == ["2x3x5x30"]
    assert shapes(net("- fc: channels * 2", "7")) == ["14"]
    assert refused("- conv: {filters: in_depth, kernel: 1}") == "expression"
    assert refused("- fc: in_height", "7") == "expression"


def test_a_layer_sees_what_arrives_at_it_also_by_from() -> None:
    made = net(
        "- conv: {name: a, filters: 3, kernel: 1}\n- conv: {filters: 9, kernel: 1}\n"
        "- conv: {from: a, filters: channels * 2, kernel: 1}\n- {relu: {from: a}, when: channels == 3}"
    )
    assert shapes(made) == ["8x8x3", "8x8x9", "8x8x6", "8x8x3"]


def test_the_condition_of_a_merge_of_named_layers_sees_what_arrives_at_it() -> None:
    """Of two in `from` neither is the one that the layer starts from: it is the layer before."""
    two = "- conv: {name: a, filters: 2, kernel: 1}\n- conv: {name: b, filters: 2, kernel: 1, from: input}\n"
    made = net(
        f"{two}- conv: {{filters: 9, kernel: 1}}\n"
        "- {add: {from: [a, b]}, when: channels == 9}\n- {multiply: {from: [a, b]}, when: channels == 9}"
    )
    assert names(made)[3:] == ["add1"]


@pytest.mark.parametrize(
    "layer",
    [
        "relu: {name: gone}",
        "conv: {name: gone, filters: 3, kernel: 1}",
        "concat: {name: gone, branches: [[relu], []]}",
        "add: {name: gone, from: [a, input]}",
        "residual: {name: gone, layers: [relu]}",
        "repeat: {name: gone, times: 2, layers: [relu]}",
        "side: {name: gone, layers: [relu]}",
        "mlpconv: {name: gone, filters: 2, kernel: 1}",
    ],
)
def test_any_layer_may_be_left_out(layer: str) -> None:
    start = "- tanh: {name: a}\n"
    made = net(f"{start}- {{{layer}, when: channels != 4}}\n- sigmoid")
    assert names(made) == ["a", "sigmoid1"]
    assert sources(made, "sigmoid1") == ("a",)
    gone = f"{start}- {{{layer}, when: false}}\n- relu: {{from: gone}}"
    assert refused(gone) == "unknown-name"
    assert len(names(net(f"{start}- {{{layer}, when: channels == 4}}"))) > 1


def test_what_is_left_out_may_take_from_what_is_left_out() -> None:
    made = net("- {relu: {name: a}, when: false}\n- {tanh: {from: a}, when: false}\n- sigmoid")
    assert names(made) == ["sigmoid1"]


def test_defaults_see_what_arrives_at_the_block_and_arguments_what_arrives_at_the_instance() -> (
    None
):
    top = """
        blocks:
          twice:
            params: {given: 1, seen: channels}
            layers:
              - conv: {filters: 5, kernel: 1}
              - conv: {filters: given * 100 + seen, kernel: 1}
    """
    made = net(
        "- conv: {name: a, filters: 3, kernel: 1}\n- twice\n- twice: {given: channels // 103, from: a}",
        top=top,
    )
    assert shapes(made)[2] == "8x8x103"  # 1*100 + 3
    assert shapes(made)[4] == "8x8x3"  # given = 3 // 103 = 0 from a's 3 channels, seen = 3


def test_a_whole_number_field_shows_the_expression_that_gave_something_else() -> None:
    with pytest.raises(cnncalc.SpecError, match=r"not 31\.5 .*'width \* 0\.5'"):
        net("- conv: {filters: width * 0.5, kernel: 1}", top="params: {width: 63}")
    assert shapes(net("- conv: {filters: width * 0.5, kernel: 1}", top="params: {width: 64}")) == [
        "8x8x32"
    ]
    assert refused("- conv: {filters: wide, kernel: 1}", top="params: {wide: true}") == "value"


def test_true_is_not_1_whatever_was_read_before() -> None:
    conv = "- conv: {filters: n, kernel: 1, bias: b}"
    assert shapes(net(conv, top="params: {n: 1, b: true}")) == ["8x8x1"]
    assert refused(conv, top="params: {n: true, b: true}") == "value"
    assert refused(conv, top="params: {n: 1, b: 1}") == "value"
    padded = "- conv: {filters: 1, kernel: 3, pad: p}"
    assert shapes(net(padded, top="params: {p: [[1, 0], [1, 1]]}")) == ["7x8x1"]
    assert refused(padded, top="params: {p: [[true, 0], [1, 1]]}") == "value"


def test_an_expression_with_a_comma_is_quoted_inside_brackets() -> None:
    assert shapes(net('- conv: {filters: "min(channels, 3)", kernel: 1}')) == ["8x8x3"]
    assert shapes(net("- conv:\n    filters: min(channels, 3)\n    kernel: 1")) == ["8x8x3"]
    assert refused("- conv: {filters: min(channels, 3), kernel: 1}") == "broken-expression"


@pytest.mark.parametrize(
    "written", ["010", "no", "yes", "1:30", "1_000", "0o17", "0x1F", "~", "null", ".inf", "1e400"]
)
def test_scalars_never_become_something_else(written: str) -> None:
    assert refused(f"- fc: {written}") in ("expression", "value")


def test_a_number_may_have_an_exponent() -> None:
    assert shapes(net("- fc: 1e3")) == ["1000"]


# ---- parameters and blocks ------------------------------------------------------------------------------------------

UNIT = (
    "blocks: {unit: {params: {filters: , kernel: 1, pad: kernel // 2, double: filters * 2}, layers: "
    "[{conv: {filters: double, kernel: kernel, pad: pad}}]}}"
)


def test_parameters_are_required_or_default_to_those_before_them() -> None:
    assert shapes(
        net("- unit: 3\n- unit: {filters: 3, kernel: 3}\n- unit: {filters: 3, double: 7}", top=UNIT)
    ) == ["8x8x6", "8x8x6", "8x8x7"]
    assert refused("- unit", top=UNIT) == "missing-field"
    assert refused("- unit: {filtres: 3}", top=UNIT) == "unknown-field"


def test_a_default_cannot_use_a_later_parameter() -> None:
    top = "blocks: {u: {params: {a: b * 2, b: 1}, layers: [relu]}}"
    assert refused("- u", top=top) == "expression"


def test_parameters_are_closed() -> None:
    top = "params: {width: 3}\nblocks: {u: {layers: [{conv: {filters: width, kernel: 1}}]}}"
    assert refused("- u", top=top) == "expression"


def test_the_project_default_of_the_contract() -> None:
    """`project: stride != 1 or channels != width * 4`: over parameters before it and the arriving shape."""
    convs = [
        len(
            [name for name in names(net(f"- bottleneck: {{{fields}}}", "8x8x16")) if "conv" in name]
        )
        for fields in ("width: 4", "width: 4, stride: 2", "width: 8", "width: 8, project: true")
    ]
    assert convs == [3, 4, 4, 4]


@pytest.mark.parametrize(
    ("value", "field", "out"),
    [
        ("same", "pad: p", "8x8x2"),
        ("[1, 0]", "pad: p", "8x6x2"),
        ("[[0, 1], [1, 1]]", "pad: p", "7x8x2"),
        ("1", "pad: p", "8x8x2"),
        ("true", "bias: p", "6x6x2"),
        ("2x1", "stride: p", "3x6x2"),
    ],
)
def test_a_field_that_is_only_a_parameters_name_passes_it_on_unchanged(
    value: str, field: str, out: str
) -> None:
    top = f"blocks: {{u: {{params: {{p: }}, layers: [{{conv: {{filters: 2, kernel: 3, {field}}}}}]}}}}"
    assert shapes(net(f"- u: {{p: {value}}}", top=top)) == [out]


def test_a_word_goes_through_two_blocks() -> None:
    made = net("- basic_stage: {times: 1, width: 8, stride: 2, shortcut: pad}", "8x8x4")
    assert [row.op for row in made.report().rows if row.op in ("slice", "pad")] == ["slice", "pad"]


def test_a_files_own_block_replaces_a_library_block() -> None:
    top = "blocks: {se: {params: {reduction: 16}, layers: [{fc: reduction}]}}"
    assert shapes(net("- se: 3", top=top)) == ["3"]
    own = "params: {growth: , width: 4}, layers: [{conv: {filters: growth, kernel: 1}}]"
    stage = f"blocks: {{dense_layer: {{{own}}}}}"
    assert shapes(net("- dense_block: {times: 2, growth: 5}", top=stage)) == ["8x8x5", "8x8x5"]
    assert (
        shapes(net("- dense_block: {times: 2, growth: 5}"))[-1] == "8x8x14"
    )  # 4 + 2*5: the library is as it was


@pytest.mark.parametrize("word", ["conv", "relu", "concat"])
def test_but_never_an_op(word: str) -> None:
    assert refused("- tanh", top=f"blocks: {{{word}: {{layers: [relu]}}}}") == "blocks"


def test_the_word_of_an_op_is_never_that_of_another_or_of_a_block() -> None:
    for kind in OPS:
        assert kind_called(kind) == kind_called(kind.upper()) == kind
    assert not {*OPS, *COMBINATORS} & set(block_names())


def test_blocks_use_blocks_and_not_themselves() -> None:
    top = "blocks: {a: {layers: [b]}, b: {layers: [relu]}}"
    assert names(net("- a", top=top)) == ["a1/b1/relu1"]
    assert refused("- a", top="blocks: {a: {layers: [b]}, b: {layers: [a]}}") == "recursion"


LIBRARY: dict[str, dict[str, str | None]] = {
    "inception": {"c1": None, "r3": None, "c3": None, "r5": None, "c5": None, "pool": None},
    "basic": {"width": None, "stride": "1", "shortcut": "projection"},
    "bottleneck": {
        "width": None,
        "stride": "1",
        "expansion": "4",
        "groups": "1",
        "first": "false",
        "reduction": "0",
        "project": "stride != 1 or channels != width * expansion",
    },
    "basic_stage": {"times": None, "width": None, "stride": "1", "shortcut": "projection"},
    "bottleneck_stage": {
        "times": None,
        "width": None,
        "stride": "1",
        "expansion": "4",
        "groups": "1",
        "first": "false",
        "reduction": "0",
        "project": "stride != 1 or channels != width * expansion",
    },
    "dense_layer": {"growth": None, "width": "4"},
    "dense_block": {"times": None, "growth": "32", "width": "4"},
    "transition": {"compression": "0.5"},
    "se": {"reduction": "16"},
    "fire": {"squeeze": None, "expand1": None, "expand3": "expand1"},
    "mlpconv": {
        "filters": None,
        "kernel": None,
        "stride": "1",
        "pad": "0",
        "mlp1": "filters",
        "mlp2": "mlp1",
    },
    "inverted_residual": {"filters": None, "expand": "6", "stride": "1", "kernel": "3"},
    "shuffle_unit": {"filters": None, "stride": "1"},
}
"""The block library's parameters and defaults, as the contract lists them; None is required."""


@pytest.mark.parametrize("name", LIBRARY)
def test_the_block_library_has_the_contracts_parameters(name: str) -> None:
    from cnncalc.spec.blocks import library_block

    has = {
        parameter.name: None
        if parameter.default is None
        else getattr(parameter.default.located, "text", "")
        for parameter in library_block(name).parameters
    }
    assert {key: has.get(key, "not there") for key in LIBRARY[name]} == LIBRARY[name]
    assert all(default is not None for key, default in has.items() if key not in LIBRARY[name])


def test_inceptions_layers_are_called_as_the_contract_says() -> None:
    made = net("- inception: {name: i, c1: 1, r3: 2, c3: 3, r5: 4, c5: 5, pool: 6}")
    assert [row.name for row in made.report().rows if row.op in ("conv", "maxpool", "concat")] == [
        f"i/{name}" for name in ("c1", "r3", "c3", "r5", "c5", "maxpool", "pool_proj", "concat1")
    ]
    assert [row.op for row in made.report().rows].count("relu") == 6
    assert shapes(made)[-1] == "8x8x15"  # 1 + 3 + 5 + 6


# ---- another input, other parameters --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("own", "given", "becomes"),
    [
        ("100x16", 50, (50, 16)),
        ("100x16", "50x3", (50, 3)),
        ("100x16", (50,), (50, 16)),
        ("224x224x3", 32, (32, 32, 3)),
        ("224x224x3", "32", (32, 32, 3)),
        ("224x224x3", "320x240", (320, 240, 3)),
        ("224x224x3", (320, 240), (320, 240, 3)),
        ("224x224x3", "32x32x1", (32, 32, 1)),
        ("224x224x3", [8, 9, 2], (8, 9, 2)),
        ("224x224x3", "32×32×1", (32, 32, 1)),
        ("16x112x112x3", 8, (8, 8, 8, 3)),
        ("16x112x112x3", "8x56x56", (8, 56, 56, 3)),
        ("16x112x112x3", "8x56x56x1", (8, 56, 56, 1)),
        ("100", 7, (7,)),
        ("224x224x3", "[8, 9, 2]", (8, 9, 2)),
        ("224x224x3", " 8 9 2 ", (8, 9, 2)),
        ("224x224x3", "8X9; 2", (8, 9, 2)),
        ("224x224x3", "1x1000000000000", (1, 10**12, 3)),
    ],
)
def test_input_as_many_numbers_as_axes_one_more_or_one(
    own: str, given: Any, becomes: tuple[int, ...]
) -> None:
    text = f"input: {own}\nlayers: [relu]\n"
    assert cnncalc.loads(text, input=given).graph.input == becomes
    assert cnncalc.loads(text).with_(input=given).graph.input == becomes


@pytest.mark.parametrize(
    ("own", "given"),
    [
        ("100x16", "1x2x3"),
        ("224x224x3", "1x2x3x4"),
        ("16x112x112x3", "8x8"),
        ("224x224x3", "0"),
        ("224x224x3", "-3"),
        ("224x224x3", "ten"),
        ("224x224x3", "1.5"),
        ("224x224x3", ""),
        ("7", "2x3"),
        ("224x224x3", "32x"),
        ("224x224x3", "1x1000000000001"),
        ("224x224x3", "9" * 5000),
        ("224x224x3", "\N{ARABIC-INDIC DIGIT THREE}"),
        ("224x224x3", "\N{SUPERSCRIPT TWO}"),
    ],
)
def test_other_inputs_are_refused(own: str, given: str) -> None:
    with pytest.raises(cnncalc.SpecError, match="--input"):
        cnncalc.loads(f"input: {own}\nlayers: [relu]\n", input=given)


def test_set_changes_the_networks_parameters() -> None:
    text = (
        "input: 4x4x2\nparams: {width: 3, double: width * 2, wide: false, how: same}\nlayers:\n"
        "- conv: {filters: double, kernel: 3, pad: how}\n- {relu: {}, when: wide}\n"
    )
    assert shapes(cnncalc.loads(text)) == ["4x4x6"]
    assert shapes(cnncalc.loads(text, set={"width": 5})) == ["4x4x10"]
    assert shapes(cnncalc.loads(text, set={"width": "5"})) == ["4x4x10"]
    assert shapes(cnncalc.loads(text, set={"double": 1, "wide": True, "how": "valid"})) == [
        "2x2x1",
        "2x2x1",
    ]
    with pytest.raises(cnncalc.SpecError, match="did you mean 'width'"):
        cnncalc.loads(text, set={"widht": 5})


def test_a_networks_parameter_may_be_required() -> None:
    text = "input: 4x4x2\nparams: {width: }\nlayers: [{conv: {filters: width, kernel: 1}}]\n"
    with pytest.raises(cnncalc.SpecError, match="--set width="):
        cnncalc.loads(text)
    assert shapes(cnncalc.loads(text, set={"width": 2})) == ["4x4x2"]


def test_set_takes_a_list() -> None:
    text = "input: 4x4x2\nparams: {widths: [1, 2]}\nlayers: [{conv: {filters: 'widths[1]', kernel: 1}}]\n"
    assert shapes(cnncalc.loads(text, set={"widths": "[3, 4]"})) == ["4x4x4"]
    assert shapes(cnncalc.loads(text, set={"widths": [5, 6]})) == ["4x4x6"]


# ---- YAML's own means -----------------------------------------------------------------------------------------------


def test_anchors_and_merge_keys() -> None:
    made = cnncalc.loads("""
        input: 8x8x4
        layers:
          - conv: &base {filters: 2, kernel: 3, pad: 1}
          - conv: {<<: *base, filters: 5}
          - conv:
              <<: [{kernel: 1}, *base]
              filters: 6
          - side: {name: a, layers: &head [globalavgpool, {fc: 2}]}
          - side: {name: b, layers: *head}
    """)
    assert shapes(made)[:3] == [
        "8x8x2",
        "8x8x5",
        "10x10x6",
    ]  # kernel 1 of the first merged, pad 1 of the second
    assert names(made)[3:] == ["a/globalavgpool1", "a/fc1", "b/globalavgpool1", "b/fc1"]


def test_both_yaml_parsers_read_the_same() -> None:
    from cnncalc.text.source import Source
    from cnncalc.text.yaml_tree import parse_yaml

    for path in [
        SPECS / "unet.yaml",
        *sorted(SPECS.parent.parent.glob("specs/networks/*.yaml"))[:12],
    ]:
        source = Source(path.name, path.read_text(encoding="utf-8"))
        assert parse_yaml(source) == parse_yaml(source, pure=True)


# ---- all together: a U-Net ------------------------------------------------------------------------------------------

UNET = {
    # output, params: 3*3*C*K + K for each conv of a double, macs: positions * weights
    "down1": ("32x32x8", (9 * 1 * 8 + 8) + (9 * 8 * 8 + 8), 32 * 32 * (72 + 576)),
    "pool1": ("16x16x8", 0, 0),
    "down2": ("16x16x16", (9 * 8 * 16 + 16) + (9 * 16 * 16 + 16), 16 * 16 * (1152 + 2304)),
    "pool2": ("8x8x16", 0, 0),
    "bottom": ("8x8x32", (9 * 16 * 32 + 32) + (9 * 32 * 32 + 32), 8 * 8 * (4608 + 9216)),
    "up2": (
        "16x16x16",
        2 * 2 * 32 * 16 + 16,
        8 * 8 * 2048,
    ),  # (8 - 1)*2 + 2; one mac an input element and weight
    "skip2": ("16x16x32", 0, 0),
    "merge2": ("16x16x16", (9 * 32 * 16 + 16) + (9 * 16 * 16 + 16), 16 * 16 * (4608 + 2304)),
    "up1": ("32x32x16", 0, 0),
    "skip1": ("32x32x24", 0, 0),
    "merge1": ("32x32x8", (9 * 24 * 8 + 8) + (9 * 8 * 8 + 8), 32 * 32 * (1728 + 576)),
    "classify": ("32x32x2", 8 * 2 + 2, 32 * 32 * 16),
}


def test_the_unet_row_by_row() -> None:
    report = cnncalc.load(SPECS / "unet.yaml").report(depth=1)
    assert {
        row.name: ("x".join(map(str, row.output)), row.params, row.macs) for row in report.rows[1:]
    } == UNET
    assert report.totals.params == 29_386
    assert report.totals.macs == 6_709_248
    assert [report.row(name).inputs for name in ("skip2", "skip1")] == [
        ("down2", "up2"),
        ("down1", "up1"),
    ]


def test_the_unet_with_other_parameters_and_input() -> None:
    made = cnncalc.load(SPECS / "unet.yaml", input="64x48", set={"width": 4, "classes": 5})
    assert made.report().rows[-1].output == (64, 48, 5)
    assert made.report().row("bottom/conv2").output == (16, 12, 16)
    with pytest.raises(cnncalc.SpecError, match="equal height and width"):
        cnncalc.load(SPECS / "unet.yaml", input=30)  # 30 -> 15 -> 7, up to 14
