"""Statuses, tolerances, conventions, and error carried forward."""

from __future__ import annotations

import pytest

import cnncalc
from cnncalc.homework.grade import GradedCell, grade, grade_one, mark_alone
from cnncalc.homework.key import AnswerKey
from cnncalc.homework.questions import Question, read_homework
from cnncalc.homework.sheets.read import Answer
from cnncalc.text.source import Source

from .questions import answer_key, spec


def graded(
    net: str, answers: dict[tuple[str, str], str], accept: tuple[str, ...] = ()
) -> dict[str, GradedCell]:
    """The cells of a sheet about one network, by layer and quantity."""
    about = answer_key(net)
    cells, _ = grade(
        (Question(None, "", about, layer, quantity, 1, accept), Answer(text, "1:1"))
        for (layer, quantity), text in answers.items()
    )
    return {f"{cell.question.layer} {cell.question.quantity}": cell for cell in cells}


def statuses(net: str, answers: dict[tuple[str, str], str]) -> dict[str, str]:
    return {name: cell.status for name, cell in graded(net, answers).items()}


def status(net: str, layer: str, quantity: str, text: str, accept: tuple[str, ...] = ()) -> str:
    return graded(net, {(layer, quantity): text}, accept)[f"{layer} {quantity}"].status


RIGHT = [
    ("conv1", "output", "55x55x96"),
    ("conv1", "output", "55×55×96"),
    ("conv1", "output", "(55, 55, 96)"),
    ("conv1", "output", "[96,55,55]"),
    ("conv1", "output", "55*55*96"),
    ("conv1", "output", "1x55x55x96"),
    ("fc1", "output", "4096"),
    ("fc1", "output", "4096×1"),
    ("fc1", "output", "1x1x4096"),
    ("conv1", "params", "34,944"),
    ("conv1", "params", "34.9K"),
    ("conv1", "params", "(11*11*3)*96+96 = 34,944"),
    ("conv1", "params", "35K"),
    ("conv1", "params", "3.4944e4"),
    ("conv1", "params", "34.1Ki"),
    ("total", "params", "62.4M"),
    ("total", "params", "62378344"),
    ("total", "macs", "1.14G"),
    ("conv1", "memory", "1.16 MB"),
    ("conv1", "memory", "1.11 MiB"),
    ("conv1", "memory", "1161600 bytes"),
    ("conv2", "receptive_field", "51"),
    ("conv2", "receptive_field", "51x51"),
    ("pool1", "params", "0"),
    ("pool1", "weights", "0개"),
]


@pytest.mark.parametrize(("layer", "quantity", "text"), RIGHT, ids=str)
def test_right_as_people_write_it(layer: str, quantity: str, text: str) -> None:
    assert status("alexnet", layer, quantity, text) == "right"


def test_digits_written_set_the_tolerance() -> None:
    one = spec("61", "fc: {name: x, units: 1000000}")  # 61,000,000 weights
    for text, expected in (
        ("61.1M", "wrong"),
        ("61.0M", "right"),
        ("61M", "right"),
        ("60.95M", "wrong"),
    ):
        assert status(one, "x", "weights", text) == expected
    # 61.1M accepts 61,050,000 to 61,150,000, both ends in
    for weights, expected in (
        (61049999, "wrong"),
        (61050000, "right"),
        (61150000, "right"),
        (61150001, "wrong"),  # cut, not rounded: a slip of its own
    ):
        net = spec("1", f"fc: {{name: x, units: {weights}, bias: false}}")
        assert status(net, "x", "params", "61.1M") == expected


def test_an_integer_in_full_is_exact_with_its_zeros_too() -> None:
    net = spec("1", "fc: {name: x, units: 61000001, bias: false}")
    assert status(net, "x", "params", "61000000") == "wrong"


@pytest.mark.parametrize("text", ["", "  ", "-", "—", "?", "..."])
def test_blank(text: str) -> None:
    assert status("alexnet", "conv1", "params", text) == "blank"


@pytest.mark.parametrize("text", ["abc", "34,94", "614.656", "138 Bx", "1e99", "x" * 300, "12%"])
def test_unreadable(text: str) -> None:
    cell = graded("alexnet", {("conv1", "params"): text})["conv1 params"]
    assert cell.status == "unreadable"
    assert cell.reading.problem


def test_the_order_of_a_shape_is_noted() -> None:
    cells = graded("alexnet", {("conv1", "output"): "96x55x55", ("fc1", "output"): "4096x1"})
    assert cells["conv1 output"].form == "channels first"
    assert cells["fc1 output"].form == "axes of one position"


# --- conventions ------------------------------------------------------------------------------------------------------


def test_a_convention_is_named_and_earns_nothing() -> None:
    # torchinfo's mult-adds of torchvision's AlexNet: 714,682,664 (facts); as FLOPs nothing else gives it
    cell = graded("torchvision/alexnet", {("total", "flops"): "714,682,664"})["total flops"]
    assert (cell.status, cell.diagnosis.convention) in (
        ("convention", "torchinfo"),
        ("convention", "ptflops-aten"),
    )
    assert cell.diagnosis.slips == ()
    assert cell.points == 0


def test_a_slip_of_the_own_group_comes_before_a_convention() -> None:
    # papers print MACs as FLOPs, but half is a slip
    cell = graded("alexnet", {("conv1", "flops"): "105,415,200"})["conv1 flops"]
    assert (cell.status, cell.diagnosis.slips) == ("wrong", ("macs-for-flops",))


def test_an_accepted_convention_is_right() -> None:
    assert status("alexnet", "conv1", "flops", "105,415,200", ("macs",)) == "right"
    assert status("alexnet", "conv1", "flops", "210,830,400", ("macs",)) == "right"
    assert status("alexnet", "conv1", "params", "34848", ("weights-only",)) == "right"
    assert status("alexnet", "conv1", "params", "34848", ("macs",)) == "wrong"


def test_the_questions_own_convention_is_what_is_right() -> None:
    about = AnswerKey(cnncalc.load("alexnet"), convention="macs")
    assert grade_one(about, "conv1", "flops", "105415200").cells[0].status == "right"
    assert grade_one(about, "conv1", "flops", "210830400").cells[0].diagnosis.slips == (
        "flops-for-macs",
    )
    weights = AnswerKey(cnncalc.load("alexnet"), convention="weights-only")
    assert grade_one(weights, "conv1", "params", "34848").cells[0].status == "right"


# --- carried ----------------------------------------------------------------------------------------------------------


def test_a_wrong_size_is_carried_through_the_network() -> None:
    # 54 for 55: pool 3 by 2: floor(51/2) + 1 = 26, conv2 keeps 26, pool2 12, conv3 to conv5 keep 12, pool3 5
    found = statuses(
        "alexnet",
        {
            ("conv1", "output"): "54x54x96",
            ("pool1", "output"): "26x26x96",
            ("conv2", "output"): "26x26x256",
            ("pool2", "output"): "12x12x256",
            ("conv5", "output"): "12x12x256",
            ("pool3", "output"): "5x5x256",
            ("fc1", "params"): str(5 * 5 * 256 * 4096 + 4096),
            ("fc2", "params"): "16781312",
        },
    )
    assert found.pop("conv1 output") == "wrong"
    assert found.pop("fc2 params") == "right"
    assert set(found.values()) == {"carried"}


def test_the_chain_goes_on_from_the_last_answer() -> None:
    # a second slip after the first: 26 from 54, then 25 for 26, which pool2 follows: floor(22/2) + 1 = 12
    found = graded(
        "alexnet",
        {
            ("conv1", "output"): "54x54x96",
            ("pool1", "output"): "25x25x96",
            ("conv2", "output"): "25x25x256",
            ("pool2", "output"): "12x12x256",
        },
    )
    assert found["pool1 output"].status == "wrong"
    assert found["pool1 output"].diagnosis.slips == ("carried+no-plus-one",)
    assert found["conv2 output"].status == "carried"
    assert found["pool2 output"].status == "carried"


def test_a_wrong_depth_is_carried_into_parameters_and_operations() -> None:
    found = statuses(
        "alexnet",
        {
            ("conv1", "output"): "55x55x3",
            ("pool1", "output"): "27x27x3",
            ("conv2", "params"): str(25 * 3 * 256 + 256),
            ("conv2", "macs"): str(25 * 3 * 256 * 27 * 27),
        },
    )
    assert found == {
        "conv1 output": "wrong",
        "pool1 output": "carried",
        "conv2 params": "carried",
        "conv2 macs": "carried",
    }


def test_own_wrong_output_is_carried_into_operations_and_memory() -> None:
    found = statuses(
        "alexnet",
        {
            ("conv1", "output"): "54x54x96",
            ("conv1", "macs"): str(363 * 96 * 54 * 54),
            ("conv1", "flops"): str(2 * 363 * 96 * 54 * 54),
            ("conv1", "activations"): str(54 * 54 * 96),
            ("conv1", "memory"): str(54 * 54 * 96 * 4),
            ("conv1", "params"): "34944",
        },
    )
    assert [value for name, value in found.items() if name != "conv1 params"] == [
        "wrong",
        *4 * ["carried"],
    ]
    assert found["conv1 params"] == "right"


def test_a_row_is_carried_from_left_to_right() -> None:
    found = statuses(
        "alexnet",
        {
            ("conv1", "weights"): "11616",
            ("conv1", "biases"): "96",
            ("conv1", "params"): "11712",  # 11·11·96: no depth
            ("conv1", "macs"): str(11616 * 3025),
            ("conv1", "flops"): str(2 * 11616 * 3025),
        },
    )
    assert found == {
        "conv1 weights": "wrong",
        "conv1 biases": "right",
        "conv1 params": "carried",
        "conv1 macs": "carried",
        "conv1 flops": "carried",
    }


def test_the_total_is_the_sum_of_the_column_as_it_stands() -> None:
    # conv1 without biases: the total is 96 less
    found = statuses(
        "alexnet",
        {
            ("conv1", "params"): "34848",
            ("conv2", "params"): "614656",
            ("total", "params"): str(62378344 - 96),
        },
    )
    assert found == {"conv1 params": "wrong", "conv2 params": "right", "total params": "carried"}


@pytest.mark.parametrize("text", ["-", "abc"])
def test_a_row_that_says_no_number_is_taken_as_right_in_the_total(text: str) -> None:
    answers = {("conv1", "params"): "34848", ("conv2", "params"): text}
    found = statuses("alexnet", {**answers, ("total", "params"): str(62378344 - 96)})
    assert found["total params"] == "carried"


def test_a_receptive_field_is_carried() -> None:
    # conv1 12 for 11; pool1 adds 2·4, conv2 4·8
    found = statuses(
        "alexnet",
        {
            ("conv1", "receptive_field"): "12",
            ("pool1", "receptive_field"): "20",
            ("conv2", "receptive_field"): "52",
        },
    )
    assert found == {
        "conv1 receptive_field": "wrong",
        "pool1 receptive_field": "carried",
        "conv2 receptive_field": "carried",
    }


@pytest.mark.parametrize(
    ("conv1", "pool1", "status"),
    [
        ("110", "118", "carried"),
        ("111", "119", "wrong"),  # more than ten times 11 is no work, as of any number
        ("12x12x3", "20x20", "wrong"),  # nor are three axes, where there are two
        ("12x13", "20x21", "carried"),
        ("twelve", "20", "wrong"),
    ],
)
def test_a_receptive_field_is_carried_from_what_may_have_been_worked_out(
    conv1: str, pool1: str, status: str
) -> None:
    answers = {("conv1", "receptive_field"): conv1, ("pool1", "receptive_field"): pool1}
    assert statuses("alexnet", answers)["pool1 receptive_field"] == status


@pytest.mark.parametrize("weights", ["many", "-"])
def test_nothing_is_carried_from_a_cell_that_says_no_number(weights: str) -> None:
    """97 biases for AlexNet's conv1's 96, and its own 34,848 weights."""
    answers = {("conv1", "weights"): weights, ("conv1", "biases"): "97"}
    for params, status in ((34848 + 97, "carried"), (34848 + 98, "wrong")):
        found = statuses("alexnet", {**answers, ("conv1", "params"): str(params)})
        assert found["conv1 params"] == status


def test_a_slip_on_top_of_what_is_carried() -> None:
    found = graded(
        "alexnet", {("pool1", "output"): "27x27x64", ("conv2", "params"): str(25 * 64 * 256)}
    )
    assert found["conv2 params"].status == "wrong"
    assert found["conv2 params"].diagnosis.slips == ("carried+no-bias",)


def test_another_input_is_no_slip_on_top_of_what_is_carried() -> None:
    """From 227 for 224 VGG-16's conv1_2 makes 227, which is too near to be told; after a wrong answer as without it."""
    answers = {("conv1_1", "output"): "222x222x64", ("conv1_2", "output"): "227x227x64"}
    assert graded("vgg16", answers)["conv1_2 output"].diagnosis.slips == ()


def test_carried_through_branches_and_blocks() -> None:
    # pool2 of GoogLeNet with 180 channels: 3a's 1x1 convs see 180, its output has 256 all the same
    params = (
        180 * 64
        + 64
        + 180 * 96
        + 96
        + 9 * 96 * 128
        + 128
        + 180 * 16
        + 16
        + 25 * 16 * 32
        + 32
        + 180 * 32
        + 32
    )
    found = statuses(
        "googlenet",
        {
            ("pool2", "output"): "28x28x180",
            ("inception_3a", "params"): str(params),
            ("inception_3a", "output"): "28x28x256",
        },
    )
    assert found == {
        "pool2 output": "wrong",
        "inception_3a params": "carried",
        "inception_3a output": "right",
    }
    # a size runs through the block to its concat
    found = statuses(
        "googlenet", {("pool2", "output"): "27x27x192", ("inception_3a", "output"): "27x27x256"}
    )
    assert found["inception_3a output"] == "carried"


def warnings(net: str, answers: dict[tuple[str, str], str]) -> list[str]:
    about = answer_key(net)
    return list(
        grade(
            (Question(None, "", about, layer, quantity), Answer(text, ""))
            for (layer, quantity), text in answers.items()
        )[1]
    )


TRIVIAL = [
    ("alexnet", "conv1", "1x1x96"),  # nothing is left to work out
    ("alexnet", "conv1", "500x500x96"),  # larger than the input
    ("resnet18", "conv1", "1x1x64"),  # every layer behind it would keep 1x1
    ("vgg16", "conv1_1", "1x1x64"),
    ("alexnet", "pool1", "56x56x96"),  # larger than the 55 that arrive
    ("alexnet", "conv1", "55x55x96x2"),
]


@pytest.mark.parametrize(("net", "layer", "shape"), TRIVIAL)
def test_a_trivial_start_does_not_make_the_rest_free(net: str, layer: str, shape: str) -> None:
    about = answer_key(net)
    nodes = about.graph.nodes
    start = about.place(layer)
    answers = {(layer, "output"): shape}
    for node in nodes[start + 1 : start + 8]:
        if not node.op.hidden_by_default:
            answers[node.name, "output"] = shape.rsplit("x", 1)[0] + f"x{node.output[-1]}"
    found = statuses(net, answers)
    assert "carried" not in found.values()
    assert any(text.startswith(f"{layer}: {shape}") for text in warnings(net, answers))


TRANSPOSED = spec(
    "8x8x4",
    "conv_transpose: {name: x, filters: 6, kernel: 5, stride: 3, pad: 1}",
    "conv: {name: y, filters: 6, kernel: 3}",
)
ADAPTIVE = spec(
    "9x9x4", "adaptiveavgpool: {name: x, size: 3}", "conv: {name: y, filters: 6, kernel: 2}"
)
LARGEST = [  # a layer, the largest size of it that something follows from, the next layer and what follows
    (
        "alexnet",
        "conv1",
        "227x227x96",
        "pool1",
        "113x113x96",
    ),  # one step each, of the 227 that arrive
    ("alexnet", "conv2", "31x31x256", "pool2", "15x15x256"),  # 27 + 2·2
    ("alexnet", "pool1", "55x55x96", "conv2", "55x55x256"),  # 55 arrive, no padding
    (TRANSPOSED, "x", "26x26x6", "y", "24x24x6"),  # 7·3 + 5, nothing cropped
    (ADAPTIVE, "x", "9x9x4", "y", "8x8x6"),  # what arrives, or the right 3
]


@pytest.mark.parametrize(("net", "layer", "shape", "after", "follows"), LARGEST)
def test_an_answer_may_be_as_large_as_some_stride_and_padding_make_it(
    net: str, layer: str, shape: str, after: str, follows: str
) -> None:
    found = statuses(net, {(layer, "output"): shape, (after, "output"): follows})
    assert found == {f"{layer} output": "wrong", f"{after} output": "carried"}
    size, _, depth = shape.split("x")
    larger = int(size) + 1
    about = answer_key(net)
    node = about.graph.nodes[about.place(after)]
    (next_size, *_) = node.op.output_shape((larger, larger, int(depth)))
    answers = {
        (layer, "output"): f"{larger}x{larger}x{depth}",
        (after, "output"): f"{next_size}x{next_size}x{node.output[-1]}",
    }
    found = statuses(net, answers)
    assert found == {f"{layer} output": "wrong", f"{after} output": "wrong"}
    (warning,) = warnings(net, answers)
    assert warning.endswith("nothing is carried forward from it (1 wrong answer after it)")


def test_a_size_that_a_layer_cannot_make_is_not_carried() -> None:
    """A relu changes no size; after a flatten any number of values may stand."""
    net = spec(
        "8x8x4",
        "conv: {name: x, filters: 6, kernel: 3, pad: 1}",
        "relu: {name: r}",
        "flatten: {name: f}",
        "fc: {name: y, units: 5}",
    )
    found = statuses(net, {("r", "output"): "7x7x6", ("y", "params"): str(7 * 7 * 6 * 5 + 5)})
    assert found == {"r output": "wrong", "y params": "wrong"}
    found = statuses(net, {("f", "output"): "300", ("y", "params"): str(300 * 5 + 5)})
    assert found == {"f output": "wrong", "y params": "carried"}


@pytest.mark.parametrize(
    ("weights", "status"),
    [("348480", "carried"), ("348481", "wrong"), ("3485", "carried"), ("3484", "wrong")],
)
def test_an_unexplained_answer_is_carried_from_within_a_factor_of_ten(
    weights: str, status: str
) -> None:
    """34,848 weights of AlexNet's conv1; its parameters are those and 96 biases."""
    answers = {("conv1", "weights"): weights, ("conv1", "params"): str(int(weights) + 96)}
    assert statuses("alexnet", answers)["conv1 params"] == status


@pytest.mark.parametrize(("rows", "status"), [(2, "carried"), (3, "wrong")])
def test_two_rows_may_say_the_same(rows: int, status: str) -> None:
    """300,000 weights in so many rows, of which the first is conv2's of 27x27 positions."""
    answers = {(f"conv{at}", "weights"): "300000" for at in range(2, 2 + rows)}
    answers["conv2", "macs"] = str(300_000 * 27 * 27)
    assert statuses("alexnet", answers)["conv2 macs"] == status


@pytest.mark.parametrize(
    ("digits", "right"), [("", "35K"), ("digits: 3", "34.9K"), ("digits: 1", "3e4")]
)
def test_an_answer_needs_two_digits_unless_a_homework_says_otherwise(
    digits: str, right: str
) -> None:
    """34,944 parameters, as docs/homework.md says it."""
    asked = f"{digits}\nquestions: [{{id: q1, network: alexnet, layer: conv1, quantity: params}}]\n"
    (question,) = read_homework(Source("homework.yaml", asked)).questions
    order = ["3e4", "35K", "34.9K"]
    for text in order:
        passes = order.index(text) >= order.index(right)
        assert (mark_alone(question, text).status == "right") == passes


def test_a_total_of_one_is_carried() -> None:
    """A filter of one weight and one bias, which is left out."""
    net = spec("3x3x1", "conv: {name: x, filters: 1, kernel: 1}")
    found = statuses(net, {("x", "params"): "1", ("total", "params"): "1"})
    assert found == {"x params": "wrong", "total params": "carried"}


def test_one_answer_is_worth_a_point() -> None:
    for text, score in (("34944", 1), ("34848", 0), ("-", 0)):
        graded_one = grade_one(answer_key("alexnet"), "conv1", "params", text)
        assert (graded_one.score, graded_one.max, graded_one.passed) == (score, 1, score == 1)


def test_no_biases_at_all_are_carried() -> None:
    """Biases may be left out, weights not: 34,848 are AlexNet's conv1's without its 96 biases."""
    found = statuses("alexnet", {("conv1", "biases"): "0", ("conv1", "params"): "34848"})
    assert found == {"conv1 biases": "wrong", "conv1 params": "carried"}


def test_a_row_in_a_row_is_no_part_of_the_total_again() -> None:
    """ResNet-18's first stage without its norms, 512 fewer, and the first of its blocks, 256 fewer."""
    answers = {("conv2_x", "params"): "147456", ("conv2_x/basic1", "params"): "73728"}
    found = statuses("resnet18", {**answers, ("total", "params"): str(11_689_512 - 512)})
    assert found["total params"] == "carried"
    found = statuses("resnet18", {**answers, ("total", "params"): str(11_689_512 - 768)})
    assert found["total params"] == "wrong"


def test_the_total_s_memory_follows_from_a_shape() -> None:
    """The input, convolutions, pools and fully connected layers of AlexNet are kept, in four bytes a value."""

    def total(conv1: int, pool1: int, pool2: int, pool3: int) -> int:
        maps = conv1**2 * 96 + pool1**2 * (96 + 256) + pool2**2 * (256 + 384 + 384 + 256)
        return 4 * (227 * 227 * 3 + maps + pool3**2 * 256 + 4096 + 4096 + 1000)

    assert answer_key("alexnet").right("total", "memory") == total(55, 27, 13, 6)
    answers = {("conv1", "output"): "54x54x96", ("total", "memory"): str(total(54, 26, 12, 5))}
    assert statuses("alexnet", answers)["total memory"] == "carried"
    # the last map of a network is the last shape that anything follows from: 5 for 6, and as many values in fc1
    answers = {("pool3", "output"): "5x5x256", ("total", "memory"): str(total(55, 27, 13, 5))}
    assert statuses("alexnet", answers)["total memory"] == "carried"
    macs = 1135256096  # the lectures'
    assert answer_key("alexnet").right("total", "macs") == macs
    fewer = 11 * 256 * 4096  # 36 - 25 positions of pool3 go into fc1
    answers = {("pool3", "output"): "5x5x256", ("total", "macs"): str(macs - fewer)}
    assert statuses("alexnet", answers)["total macs"] == "carried"


def test_an_output_that_nothing_comes_after_is_part_of_the_total_s() -> None:
    """A wrong size of the last layer alone: 3x3x10 for 5x5x10, of 7·7·3 values before it."""
    net = spec("7x7x3", "conv: {name: x, filters: 10, kernel: 3}")
    answers = {("x", "output"): "3x3x10"}
    found = statuses(net, {**answers, ("total", "macs"): str(27 * 10 * 9)})
    assert found["total macs"] == "carried"
    found = statuses(net, {**answers, ("total", "memory"): str(4 * (147 + 90))})
    assert found["total memory"] == "carried"


def test_only_maps_that_are_kept_are_part_of_the_total_s_memory() -> None:
    """A relu works in place: its 55·55·96 values, wrongly taken for bytes, are not in the sum; conv1's are."""
    total = answer_key("alexnet").right("total", "memory")
    assert isinstance(total, int)
    values = 55 * 55 * 96
    answers = {(layer, "memory"): str(values) for layer in ("conv1", "relu1")}
    found = statuses("alexnet", {**answers, ("total", "memory"): str(total - 3 * values)})
    assert found["total memory"] == "carried"
    found = statuses("alexnet", {**answers, ("total", "memory"): str(total - 6 * values)})
    assert found["total memory"] == "wrong"


def test_a_column_that_says_the_same_may_be_right_to() -> None:
    """VGG-16's conv3_1 to conv3_3 have one shape: 57 for 56 in all of them is one wrong answer, carried."""
    answers = {(f"conv3_{at}", "output"): "57x57x256" for at in (1, 2, 3)}
    assert list(statuses("vgg16", answers).values()) == ["wrong", "carried", "carried"]


def test_a_shape_that_empties_the_rest_of_the_sheet_is_reported() -> None:
    # 6x6 into a 3x3 pool by 2 gives 2x2; the next pool finds nothing to slide over
    answers = {
        ("conv1", "output"): "6x6x96",
        ("pool1", "output"): "2x2x96",
        ("conv2", "output"): "2x2x256",
        ("pool2", "output"): "2x2x256",
        ("conv3", "output"): "2x2x384",
    }
    found = statuses("alexnet", answers)
    assert found["pool1 output"] == "carried"
    assert found["pool2 output"] == found["conv3 output"] == "wrong"
    (warning,) = warnings("alexnet", answers)
    assert warning.startswith(
        "conv1: from 6x6x96 nothing can follow at pool2 or after it: the map vanishes"
    )
    assert warning.endswith("(2 wrong answers after it)")


def test_nothing_is_carried_from_no_weights_at_all() -> None:
    found = statuses(
        "alexnet", {("conv1", "weights"): "0", ("conv1", "macs"): "0", ("conv1", "flops"): "0"}
    )
    assert set(found.values()) == {"wrong"}


def test_a_right_answer_after_a_wrong_one_is_right() -> None:
    found = statuses("alexnet", {("conv1", "output"): "54x54x96", ("pool1", "output"): "27x27x96"})
    assert found["pool1 output"] == "right"


def test_nothing_is_carried_past_a_right_answer() -> None:
    # 26 for conv2 would follow from 54 for conv1, but not from the 27 that stands between them
    found = graded(
        "alexnet",
        {
            ("conv1", "output"): "54x54x96",
            ("pool1", "output"): "27x27x96",
            ("conv2", "output"): "26x26x256",
        },
    )
    assert found["conv2 output"].status == "wrong"
    assert found["conv2 output"].diagnosis.slips[0] == "no-plus-one"


def test_networks_are_carried_each_by_itself() -> None:
    # the same question about two networks: a wrong size in one is nothing to the other
    vgg, alexnet = answer_key("vgg16"), answer_key("alexnet")
    cells, _ = grade(
        [
            (Question("a", "", vgg, "conv1_1", "output"), Answer("222x222x64", "")),
            (Question("b", "", alexnet, "conv1", "output"), Answer("54x54x96", "")),
            (Question("c", "", alexnet, "pool1", "output"), Answer("26x26x96", "")),
            (Question("d", "", vgg, "conv1_2", "output"), Answer("222x222x64", "")),
        ]
    )
    assert [cell.status for cell in cells] == ["wrong", "wrong", "carried", "carried"]


def test_points_are_the_question_s() -> None:
    cells, _ = grade(
        [
            (Question("a", "", answer_key("alexnet"), "conv1", "params", 3), Answer("34944", "")),
            (Question("b", "", answer_key("alexnet"), "conv2", "params", 2), Answer("614400", "")),
        ]
    )
    assert [cell.points for cell in cells] == [3, 0]


def test_memory_does_not_grow_with_wrong_answers() -> None:
    """What an op remembers of shapes must not include the shapes that students make up."""
    about = answer_key("alexnet")
    ops = [node.op for node in about.graph.nodes]

    def remembered() -> int:
        return sum(len(op.__dict__["_laws"]) + len(op.__dict__["_facts"]) for op in ops)

    def sheet(size: int) -> None:
        grade(
            (Question(None, "", about, layer, quantity), Answer(text, ""))
            for layer, quantity, text in (
                ("conv1", "output", f"{size}x{size}x96"),
                ("pool1", "output", f"{size // 2}x{size // 2}x96"),
                ("conv2", "macs", str(size)),
                ("conv2", "flops", str(size * 7)),
                ("conv2", "params", str(size)),
            )
        )

    sheet(60)
    before = remembered()
    for size in range(61, 160):
        sheet(size)
    assert remembered() == before
