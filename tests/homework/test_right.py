"""Right must be right: digits, units, what is printed elsewhere, plausible carrying, partial credit."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from random import Random

import pytest
from extent import tries

import cnncalc
from cnncalc import SpecError
from cnncalc.homework.candidates import MAX_PRODUCT
from cnncalc.homework.grade import Graded, GradedCell, grade, grade_homework_sheet, grade_one
from cnncalc.homework.key import AnswerKey
from cnncalc.homework.questions import Question, Scoring, load_homework
from cnncalc.homework.report import Telling, hint
from cnncalc.homework.sheets.read import Answer

from .questions import answer_key, spec
from .wrong_answers import KINDS, wrong_answers

USUAL = Scoring()


def cell(
    net: str,
    layer: str,
    quantity: str,
    text: str,
    accept: tuple[str, ...] = (),
    scoring: Scoring = USUAL,
) -> GradedCell:
    question = Question(None, "", answer_key(net), layer, quantity, 1, accept, scoring)
    (graded,), _ = grade([(question, Answer(text, "1:1"))])
    return graded


# --- digits, units, signs -------------------------------------------------------------------------------------------

ZEROS = ("0T", "0M", "0G", "0Gi", "0.0T", "000T", "-0T", "0e9", "0e30", "0")


@pytest.mark.parametrize("text", ZEROS)
@pytest.mark.parametrize(
    ("net", "layer", "quantity"),
    [("alexnet", "conv1", "params"), ("vgg16", "total", "params"), ("resnet50", "total", "macs")],
)
def test_a_written_zero_is_right_only_where_zero_is(
    net: str, layer: str, quantity: str, text: str
) -> None:
    assert cell(net, layer, quantity, text).status in ("wrong", "unreadable")


def test_zero_is_right_where_zero_is() -> None:
    assert cell("alexnet", "pool1", "params", "0").status == "right"


@pytest.mark.parametrize(
    ("text", "digits", "status"),
    [
        ("35K", 2, "right"),
        ("3e4", 2, "wrong"),  # one digit accepts up to a factor of three
        ("0.03M", 2, "wrong"),
        ("35K", 3, "wrong"),
        ("34.9K", 3, "right"),
        ("3e4", 1, "right"),
        ("34944", 9, "right"),
    ],
)
def test_the_digits_that_a_homework_asks_for(text: str, digits: int, status: str) -> None:
    graded = cell("alexnet", "conv1", "params", text, scoring=Scoring(digits=digits))
    assert graded.status == status
    assert (graded.diagnosis.note == "digits") == (status == "wrong")


@pytest.mark.parametrize(
    ("quantity", "text", "status"),
    [
        ("memory", "1161600 MACs", "wrong"),
        ("memory", "1161600 bytes", "right"),
        ("params", "34944 FLOPs", "wrong"),
        ("params", "34944 parameters", "right"),
        ("macs", "105415200 MACs", "right"),
        ("params", "<= 34944", "unreadable"),
        ("params", "~34944", "right"),
        ("params", "11*11*3*96 = 34944", "wrong"),  # the calculation makes 34,848
        ("params", "11*11*3*96 + 96 = 34944", "right"),
    ],
)
def test_units_and_signs(quantity: str, text: str, status: str) -> None:
    assert cell("alexnet", "conv1", quantity, text).status == status


@pytest.mark.parametrize(
    "text",
    [
        "(None, 55, 55, 96)", "[-1, 96, 55, 55]", "torch.Size([96, 55, 55])", "1x96x55x55",
        "H=55 W=55 C=96", "55x55x96=290400", "(227-11)/4+1=55 -> 55x55x96",
        "55x55x96 (HWC)",
    ],
)  # fmt: skip
def test_shapes_as_tools_and_people_write_them(text: str) -> None:
    assert cell("alexnet", "conv1", "output", text).status == "right"


@pytest.mark.parametrize(
    "text", ["n/a", "N/A", "모름", "없음", "해당없음", "해당 없음", "I don't know"]
)
def test_blank_in_words(text: str) -> None:
    assert cell("alexnet", "conv1", "params", text).status == "blank"


def test_no_made_up_wrong_answer_is_right() -> None:
    """A number that is further from the right one than half of its last digit is not right, however it is written."""
    random = Random(7)
    key = answer_key("alexnet")
    layers = ("conv1", "conv2", "fc1", "total")
    for _ in range(tries(500, 2000)):
        layer, quantity = random.choice(layers), random.choice(("params", "macs", "memory"))
        right = key.right(layer, quantity)
        assert isinstance(right, int)
        value = max(1, round(right * 10 ** random.uniform(-1, 1)))
        digits = random.choice((2, 3, 4))
        unit = 10 ** max(len(str(value)) - digits, 0)
        text = random.choice((str(value), f"{value // unit}e{len(str(unit)) - 1}"))
        written = value if text == str(value) else value // unit * unit
        tolerance = 0 if text == str(value) else unit / 2
        if abs(written - right) > tolerance:
            assert grade_one(key, layer, quantity, text).cells[0].status != "right"


# --- printed elsewhere ----------------------------------------------------------------------------------------------

PRINTED = [
    ("alexnet", "params", "60M", "Krizhevsky et al. 2012"),
    ("alexnet", "params", "61,100,840", "torchvision"),
    ("googlenet", "params", "6.8M", "2014"),
    ("resnet50", "macs", "3.8G", "He et al. 2015"),
    ("resnet50", "params", "25.5M", "Xie et al. 2017"),
    ("torchvision/mobilenet_v2", "params", "3.4M", "Sandler et al. 2018"),  # its weights, cut, too
]


@pytest.mark.parametrize(("net", "quantity", "text", "source"), PRINTED)
def test_a_number_printed_elsewhere_says_where(
    net: str, quantity: str, text: str, source: str
) -> None:
    graded = cell(net, "total", quantity, text)
    assert graded.status == "elsewhere"
    assert source in (graded.diagnosis.where or "")
    assert graded.points == 0


def test_a_source_can_be_accepted() -> None:
    assert (
        cell("alexnet", "total", "params", "61,100,840", ("torchvision/alexnet",)).status == "right"
    )
    assert cell("alexnet", "total", "params", "60M", ("Krizhevsky et al. 2012",)).status == "right"
    assert cell("alexnet", "total", "params", "60M", ("torchvision/alexnet",)).status == "elsewhere"


def test_another_input_is_another_question() -> None:
    key = AnswerKey(cnncalc.load("alexnet", "300"))
    assert grade_one(key, "total", "params", "61,100,840").cells[0].status != "elsewhere"


# --- carried only from what is plausible ----------------------------------------------------------------------------


def sheet(net: str, answers: dict[tuple[str, str], str]) -> Graded:
    key = answer_key(net)
    cells, warnings = grade(
        (Question(None, "", key, layer, quantity), Answer(text, "1:1"))
        for (layer, quantity), text in answers.items()
    )
    return Graded("-", cells, (), warnings)


def test_one_constant_in_every_row_earns_nothing() -> None:
    """Weights of 1 in all rows, and what follows: it was 37 of 45."""
    layers = ("conv1", "conv2", "conv3", "conv4", "conv5", "fc1", "fc2", "fc3")
    key = answer_key("alexnet")
    answers = {(layer, "weights"): "1" for layer in layers}
    for layer in layers:
        biases, positions = key.right(layer, "biases"), key.right(layer, "macs")
        assert isinstance(biases, int)
        assert isinstance(positions, int)
        answers[layer, "params"] = str(biases + 1)
        answers[layer, "macs"] = str(positions // int(str(key.right(layer, "weights"))))
    assert sheet("alexnet", answers).score == 0


def test_numbers_far_away_are_not_carried_from() -> None:
    answers = {
        ("conv1", "macs"): "1", ("conv1", "flops"): "2",
        ("conv1", "activations"): "1", ("conv1", "memory"): "4",
    }  # fmt: skip
    assert sheet("alexnet", answers).score == 0


def test_an_honest_slip_is_carried() -> None:
    graded = sheet(
        "alexnet",
        {
            ("conv1", "output"): "54x54x96",
            ("pool1", "output"): "26x26x96",
            ("conv2", "output"): "26x26x256",
            ("conv2", "macs"): str(26 * 26 * 256 * 25 * 96),
        },
    )
    assert [one.status for one in graded.cells] == ["wrong", "carried", "carried", "carried"]


def test_what_an_unexplained_answer_earns_is_bounded() -> None:
    """A shape that no slip gives, carried through the network in every column, does not pay for the whole sheet."""
    key = answer_key("vgg16")
    given = {("conv1_1", "output"): "150x150x64"}
    size, answers = 150, dict(given)
    for node in key.graph.nodes[1:]:
        if len(node.output) == 1 or node.name == "conv1_1" or node.op.hidden_by_default:
            continue
        size = size // 2 if node.op.sliding.per_channel else size
        answers[node.name, "output"] = f"{size}x{size}x{node.output[-1]}"
    assert sheet("vgg16", answers).score == 12


# --- parts and partial credit ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("55x55x96", 1),
        ("55x55x3", 0.5),
        ("54x54x96", 0.5),
        ("96x54x54", 0.5),
        ("54x54x3", 0),
        ("55x55", 0.5),
    ],
)
def test_parts_of_a_shape(text: str, points: float) -> None:
    assert cell("alexnet", "conv1", "output", text, scoring=Scoring(parts=True)).points == points
    assert cell("alexnet", "conv1", "output", text).points == (points == 1)


def test_a_homework_says_how_answers_earn_points(tmp_path: Path) -> None:
    homework = tmp_path / "hw.yaml"
    homework.write_text(
        "digits: 3\npartial: {no-bias: 0.5, convention: 0.25}\nquestions:\n"
        "  - {id: a, network: alexnet, layer: conv1, quantity: params, points: 4}\n"
        "  - {id: b, network: AlexNet, layer: conv1, quantity: params, digits: 2}\n"
        "  - {id: c, network: alex-net, layer: conv1, quantity: output, parts: true}\n",
        encoding="utf-8",
    )
    loaded = load_homework(str(homework))
    assert len({id(question.answer_key) for question in loaded.questions}) == 1
    answers = tmp_path / "kim.yaml"
    answers.write_text("a: 34848\nb: 35K\nc: 55x55x3\n", encoding="utf-8")
    graded = grade_homework_sheet(loaded, str(answers))
    assert [cell.points for cell in graded.cells] == [2, 1, 0.5]


def test_a_slip_on_top_of_a_carried_value_keeps_what_the_slip_keeps() -> None:
    """32 maps for 64 go into the next layer of 64 filters of 3x3: what follows, without its biases."""
    scoring = Scoring(partial={"no-bias": Fraction(1, 4)})
    asked = [("conv1_1", "output", "224x224x32"), ("conv1_2", "params", str(3 * 3 * 32 * 64))]
    cells, _ = grade(
        (
            Question(None, "", answer_key("vgg16"), layer, quantity, 4, (), scoring),
            Answer(text, "1:1"),
        )
        for layer, quantity, text in asked
    )
    assert cells[1].diagnosis.slips == ("carried+no-bias",)
    assert [cell.points for cell in cells] == [0, 1]


@pytest.mark.parametrize(
    ("partial", "said"),
    [
        (
            "{no-bais: 0.5}",
            "there is no slip 'no-bais' that could keep points; did you mean 'no-bias'?",
        ),
        ("{no-bias+no-gruops: 0.5}", "there is no slip 'no-gruops'"),
        ("{right: 0.5}", "there is no slip 'right'"),
        ("{no-bias: 2}", "partial credit is from 0 to 1"),
        ("{no-bias: -1}", "partial credit is from 0 to 1"),
    ],
)
def test_partial_credit_that_makes_no_sense(tmp_path: Path, partial: str, said: str) -> None:
    homework = tmp_path / "hw.yaml"
    question = "questions: [{network: alexnet, layer: conv1, quantity: params}]\n"
    homework.write_text(f"partial: {partial}\n{question}", encoding="utf-8")
    with pytest.raises(SpecError) as caught:
        load_homework(str(homework))
    (problem,) = caught.value.problems
    assert said.partition(";")[0] in problem.message
    assert said.partition("; ")[2] in problem.hint
    assert (problem.line, problem.column) == (1, 11 if "slip" in said else 20)


HINTS = [  # AlexNet: an answer, and what its hint begins with
    ("conv1", "params", "34944", ""),
    ("conv1", "params", "34944 FLOPs", "The unit is not one of what is asked for."),
    ("conv1", "params", "3e4", "Near, but written with too few digits"),
    ("conv1", "params", "11*11*3*96 = 34944", "The calculation written beside it makes another number."),
    ("conv1", "params", "31415", "No usual slip gives this"),
    ("conv1", "params", "-", "No answer is given."),
    ("conv1", "params", "abc", "'abc' is not a number"),
    ("conv1", "params", "34848", "Weights are not all that is learned here. Look up: bias."),
    ("conv1", "output", "55x55x95", "The size is right; look at the depth."),
    ("conv1", "output", "61x61x96", "The depth is right; look at the size."),
    ("conv1", "output", "55x55x3", "The depth of the output is not that of the input"),
    ("conv1", "output", "96x55x55", "Written with the channels first"),
    ("fc1", "output", "4096x1", "Axes of one position"),
    ("total", "params", "60M", "Printed elsewhere: 60M: Krizhevsky et al. 2012, abstract"),
]  # fmt: skip


@pytest.mark.parametrize(("layer", "quantity", "text", "said"), HINTS)
def test_what_a_hint_is_about(layer: str, quantity: str, text: str, said: str) -> None:
    graded = cell("alexnet", layer, quantity, text)
    assert hint(graded, Telling(hints=True)).startswith(said)
    assert (hint(graded, Telling(hints=True)) == "") == (said == "")
    assert hint(graded, Telling()) == ""
    revealed = hint(graded, Telling(reveal=True))
    assert revealed.startswith(said)
    assert ("=" in revealed) == (graded.status != "right" or "=" in said)


@pytest.mark.parametrize(
    ("text", "slip"),
    [("59.5M", "k-is-1024"), ("62.3M", "cut-not-rounded"), ("62.4G", "wrong-unit")],
)
def test_a_right_number_written_otherwise_is_a_slip_where_there_is_one(
    text: str, slip: str
) -> None:
    """AlexNet's 62,378,344 parameters: 59.49 times 1024², 62.3 and more million."""
    graded = cell("alexnet", "total", "params", text)
    assert (graded.status, graded.diagnosis.slips, graded.diagnosis.note) == ("wrong", (slip,), "")


def test_slips_that_give_the_same_are_counted() -> None:
    """7 - 1 without the plus one, and 8 - 3 + 1 with half the padding: both are 6."""
    net = spec("7x7x3", "conv: {name: x, filters: 10, kernel: 3, pad: 1}")
    said = hint(cell(net, "x", "output", "6x6x10"), Telling(hints=True))
    assert said.startswith("These cannot be told apart by this number: (1) ")
    assert " (2) " in said
    assert " (3) " not in said


@pytest.mark.parametrize(
    ("key", "fits"),
    [
        ("digits: 1", True),
        ("digits: 30", True),
        ("digits: 0", False),
        ("digits: 31", False),
        ("points: 0", True),
        ("points: -1", False),
        ("partial: {no-bias: 0}", True),
        ("partial: {no-bias: 1}", True),
        ("partial: {elsewhere: 0.5}", True),
        ("partial: {no-bias+no-groups: 1/2}", True),
        ("batch: 1", True),
        ("batch: 0", False),
        ("accept: He et al. 2015", True),
        ("accept: he e", True),  # a part of a source's name, of four letters at least
        ("accept: al.", False),
        ("accept: torchvision/alexnet", True),
        ("accept: macs", True),
    ],
)
def test_what_a_question_may_say(tmp_path: Path, key: str, fits: bool) -> None:
    homework = tmp_path / "hw.yaml"
    homework.write_text(
        f"questions: [{{network: alexnet, layer: conv1, quantity: params, {key}}}]\n",
        encoding="utf-8",
    )
    if fits:
        (question,) = load_homework(str(homework)).questions
        assert question.keyed.right == 34944
        assert question.points == (0 if key == "points: 0" else 1)
    else:
        with pytest.raises(SpecError) as caught:
            load_homework(str(homework))
        assert {problem.line for problem in caught.value.problems} == {1}


def test_what_is_known_of_one_network_is_carried_between_its_questions(tmp_path: Path) -> None:
    """An inline spec that is repeated, another batch: the same network for all that."""
    spec = "spec: {input: 32x32x3, layers: [conv: {name: c, filters: 10, kernel: 5}]}, layer: c"
    homework = tmp_path / "hw.yaml"
    homework.write_text(
        f"questions:\n  - {{id: a, {spec}, quantity: output}}\n"
        f"  - {{id: b, {spec}, quantity: memory, batch: 32}}\n",
        encoding="utf-8",
    )
    answers = tmp_path / "kim.yaml"
    answers.write_text(f"a: 27x27x10\nb: {27 * 27 * 10 * 4 * 32}\n", encoding="utf-8")
    graded = grade_homework_sheet(load_homework(str(homework)), str(answers))
    assert [cell.status for cell in graded.cells] == ["wrong", "carried"]


@pytest.mark.parametrize(
    ("network", "layer", "quantity", "given", "sibling"),
    [
        ("alexnet", "conv1", "params", "23296", "torchvision/alexnet"),  # (11·11·3 + 1)·64
        ("alexnet", "conv2", "weights", "307200", "alexnet_two_towers"),  # 5·5·48·256
        ("alexnet", "conv1", "output", "55x55x64", "torchvision/alexnet"),
    ],
)
def test_a_layer_of_a_sibling_is_elsewhere(
    network: str, layer: str, quantity: str, given: str, sibling: str
) -> None:
    """A number that nothing else explains, and that the same layer of another network of the family has."""
    graded = cell(network, layer, quantity, given)
    assert graded.status == "elsewhere"
    assert sibling in (graded.diagnosis.where or "")
    assert not graded.points


def test_a_number_that_anybody_may_multiply_is_no_sibling_s(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """(11·11·3 + 1)·64 is torchvision's; were products as likely as that told of nobody, it would be nobody's."""
    assert cell("alexnet", "conv1", "params", "23296").status == "elsewhere"
    monkeypatch.setitem(MAX_PRODUCT, "anything", -1.0)
    assert cell("alexnet", "conv1", "params", "23296").status == "wrong"


def test_a_slip_goes_before_a_sibling() -> None:
    """AlexNet's conv2 with the groups of the two towers: 5·5·48·256 + 256 is printed, a bias left out is a slip."""
    assert cell("alexnet", "conv1", "params", "34848").status == "wrong"
    assert cell("alexnet", "conv1", "params", "23297").status == "wrong"


def test_no_wrong_answer_is_right() -> None:
    """Wrong numbers of every kind, made from a seed: none is graded right. The benchmark makes 20,000."""
    made = list(wrong_answers(Random(3), tries(250, 2000)))
    assert len({kind for kind, *_ in made}) == len(KINDS)
    false = [each for each in made if cell(*each[1:]).status in ("right", "carried")]
    assert not false
