"""The judge of a number. Expected values are printed by the sources named, or hand arithmetic."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from extent import SWEEP, allowed, sample

import cnncalc
from cnncalc import lectures
from cnncalc.counts.judge import (
    Asked,
    Judgement,
    ask,
    is_sibling,
    judge,
    printing_words,
    right_or_otherwise,
    siblings_of,
    value_of,
)
from cnncalc.counts.printed import Printing, index
from cnncalc.homework.answers import forms
from cnncalc.homework.grade import grade_one
from cnncalc.homework.key import AnswerKey
from cnncalc.lectures.ask import NOT_PRINTED, PART, RATIO, REASONS, SEVERAL, questions_of, reason_of
from cnncalc.lectures.cell import same_shape
from cnncalc.network import networks
from cnncalc.text.numbers import Agreement, Reading, read_number, read_shape, without_batch

ROOT = Path(__file__).parent.parent


def judged(net: str, place: str, quantity: str, text: str) -> Judgement:
    asked = ask(cnncalc.load(net), place, quantity)
    assert asked is not None
    return judge(asked, read_shape(text) if isinstance(asked.right, tuple) else read_number(text))


# What people copy from papers, slides and tools: network, place, quantity, number, status, words of where.
FAMOUS = [
    # Krizhevsky et al. 2012, abstract: "60 million parameters"
    ("alexnet", "total", "params", "60M", "elsewhere", "Krizhevsky et al. 2012"),
    ("alexnet", "total", "params", "60 million", "elsewhere", "two towers"),
    # torchvision's documentation: num_params 61100840
    ("alexnet", "total", "params", "61,100,840", "elsewhere", "torchvision"),
    ("alexnet", "total", "params", "61.1M", "elsewhere", "torchvision"),
    ("alexnet", "total", "params", "60965224", "elsewhere", "alexnet_two_towers"),
    # torchvision's conv1: 11·11·3·64 + 64; the paper's conv2: 5·5·48·256
    ("alexnet", "conv1", "params", "23296", "sibling", "torchvision/alexnet"),
    ("alexnet", "conv2", "weights", "307200", "sibling", "alexnet_two_towers"),
    # Simonyan and Zisserman, Table 2
    ("vgg16", "total", "params", "138M", "right", ""),
    # CS231n: "TOTAL memory: 24M * 4 bytes ~= 96MB"
    ("vgg16", "total", "memory", "96MB", "elsewhere", "an erratum"),
    ("vgg16", "total", "activations", "24M", "elsewhere", "an erratum"),
    ("vgg16", "total", "params", "138MB", "elsewhere", "an erratum"),
    # Szegedy et al. 2014: 12 times fewer than 60 million; the column of Table 1 adds up to 6,797.7k
    ("googlenet", "total", "params", "5M", "elsewhere", "12 times fewer"),
    ("googlenet", "total", "params", "6.8M", "elsewhere", "Table 1"),
    # He et al. 2015, Table 1: 3.8 × 10⁹ FLOPs, multiply-adds
    ("resnet50", "total", "macs", "3.8G", "otherwise", "He et al. 2015"),
    ("resnet50", "total", "flops", "3.8×10^9", "otherwise", "He et al. 2015"),
    ("resnet50", "total", "params", "25.5M", "otherwise", "Xie et al. 2017"),
    ("resnet50", "total", "params", "25.6M", "right", ""),
    # torchvision's documentation: 4.09 GFLOPS; fvcore prints 4.11 G for it
    ("resnet50", "total", "macs", "4.09G", "elsewhere", "torchvision/resnet50"),
    ("torchvision/resnet50", "total", "macs", "4.11G", "elsewhere", "fvcore"),
    # Sandler et al. 2018, Table 4: 3.4M; its 3,469,760 weights are cut so
    ("torchvision/mobilenet_v2", "total", "params", "3.4M", "otherwise", "Table 4"),
]


def agreed(judgement: Judgement) -> Agreement:
    """How a number agrees, which must be so."""
    assert judgement.agreement is not None
    return judgement.agreement


@pytest.mark.parametrize(("net", "place", "quantity", "text", "status", "where"), FAMOUS)
def test_it_says_of_what_a_famous_number_is(
    net: Any, place: Any, quantity: Any, text: str, status: Any, where: Any
) -> None:
    found = judged(net, place, quantity, text)
    assert found.status == status
    assert found.where == () if not where else where in found.where[0]


def test_how_a_right_value_is_read_otherwise() -> None:
    cut = judged("resnet50", "total", "macs", "3.8G")
    assert (cut.convention, agreed(cut).match, cut.value) == (None, "cut", 3857973248)
    by_macs = judged("resnet50", "total", "flops", "3.8G")
    assert (by_macs.convention, agreed(by_macs).match) == ("macs", "cut")
    few = judged("alexnet", "conv1", "params", "3e4")
    assert (few.status, few.few_digits) == ("otherwise", True)
    # GoogLeNet's table: 112k are 114,688 weights with K = 1024; VGG's 800K are 802,816 values
    binary = judged("googlenet", "conv2", "weights", "108k")
    assert (binary.status, agreed(binary).base) == ("otherwise", 1024)
    places = judged("vgg16", "pool1", "activations", "112*112*64=800K")
    assert (places.status, agreed(places).places) == ("otherwise", True)
    weights = judged("alexnet", "conv1", "params", "34848")
    assert (weights.status, weights.convention) == ("otherwise", "weights-only")


@pytest.mark.parametrize(
    "text",
    ["0T", "0M", "0e30", "100M", "1G", "1", "34944 FLOPs", "34,944 bytes", "11*11*3*95 = 34,944"],
)
def test_what_is_never_right(text: str) -> None:
    assert judged("alexnet", "conv1", "params", text).status == "nothing"


def test_a_calculation_that_makes_another_number_is_no_right_answer() -> None:
    wrong = judged("vgg16", "conv5_1", "activations", "4×14×512=100K")
    assert (wrong.status, wrong.contradiction) == ("elsewhere", True)
    assert "misprint" in wrong.where[0]
    assert judged("vgg16", "conv5_1", "activations", "14×14×512=100K").status == "right"
    assert judged("vgg16", "conv1_1", "weights", "(3*3*3)*64 = 1,728").status == "right"


def test_shapes() -> None:
    assert judged("alexnet", "conv1", "output", "55x55x96").status == "right"
    sibling = judged("alexnet", "conv1", "output", "55x55x64")
    assert sibling.status == "sibling"
    assert "torchvision" in sibling.where[0]
    assert judged("alexnet", "conv1", "output", "54x54x96").status == "nothing"


def test_a_number_of_a_spec_of_ones_own_is_judged_by_its_own_convention_and_family() -> None:
    net = cnncalc.loads(
        "name: own\nfamily: AlexNet\ninput: 8x8x3\nlayers: [conv: {name: conv1, filters: 2, kernel: 3}]\n"
    )
    asked = ask(net, "total", "params")
    assert asked is not None
    assert asked.right == 56
    assert judge(asked, read_number("54")).convention == "weights-only"
    assert "two towers" in judge(asked, read_number("60M")).where[0]
    assert judge(asked._replace(family=""), read_number("60M")).status == "nothing"


def test_numbers_that_only_look_alike_are_nothing() -> None:
    """Near a print, but not to its digits; a total that is printed says nothing about a layer."""
    for text in ("60.5M", "61.2M", "58M", "61,100,841"):
        assert judged("alexnet", "total", "params", text).status == "nothing"
    assert judged("alexnet", "conv1", "params", "60M").status == "nothing"
    for quantity in ("weights", "activations", "macs"):  # 60 million are printed of parameters
        assert judged("alexnet", "total", quantity, "60M").status == "nothing"


READ_SO = {"exact": {"exact"}, "rounded": {"exact", "rounded"}, "cut": {"cut"}}


@pytest.mark.parametrize("name", lectures.names())
def test_the_judge_says_of_each_printed_cell_what_lecture_says(name: str) -> None:
    """What a table reproduces is right, or right in the convention, K or rounding of its column; its errata are found
    elsewhere, in this very table or another that prints the same."""
    for cell in lectures.check(name).cells:
        for net, place, quantity, text in questions_of(cell):
            asked = ask(net, place, quantity)
            assert asked is not None
            if isinstance(asked.right, tuple):
                shape = without_batch(text, read_shape(text))
                written = (shape, *(form for _, form in forms(shape, len(asked.right))))
                fits = any(same_shape(one, asked.right) for one in written)
                assert fits == (cell.status == "exact")
                continue
            if text == "2048x":  # a factor, which is no number to `check`
                continue
            found = judge(asked, read_number(text))
            where = (cell.row.name, cell.column.name, quantity, text, found)
            if cell.status in READ_SO:
                assert found.status in ("right", "otherwise"), where
                assert agreed(found).match in READ_SO[cell.status], where
            elif cell.status == "erratum":
                if net.name in index():  # of a network of the table's own nobody else knows
                    assert found.status == "elsewhere", where
                    assert found.printings[0].kind == "erratum", where
                assert found.status not in ("right", "otherwise"), where
            elif cell.status == "near":
                assert found.status in ("elsewhere", "otherwise"), where


def test_check_says_of_each_printed_cell_what_lecture_says() -> None:
    """Pasted as answers: what is wrong in a table is never right; what it reproduces is right, or wrong by a slip with
    a name, such as leaving the biases out, or right by a convention, cut, with K = 1024 or zeros that hold places."""
    keys: dict[int, AnswerKey] = {}
    for table in map(lectures.check, sample(lectures.names(), 20)):
        for cell in table.cells:
            for net, place, quantity, text in questions_of(cell):
                key = keys.setdefault(id(net), AnswerKey(net))
                (graded,) = grade_one(key, place, quantity, text).cells
                where = (table.printed.name, cell.row.name, quantity, text, graded.status)
                if cell.status == "erratum":
                    is_factor, known = text == "2048x", net.name in index()
                    told = "unreadable" if is_factor else "elsewhere" if known else "wrong"
                    assert graded.status == told, where
                elif cell.status == "near":
                    assert graded.status != "right", where
                elif graded.status == "wrong":
                    explained = graded.diagnosis.note in ("size-right", "digits")
                    assert graded.diagnosis.slips or explained, where
                else:
                    assert graded.status in ("right", "convention", "elsewhere"), where


ELSEWHERE = [
    ("torchvision/resnet50", "total", "macs", "4.11G", "fvcore"),
    ("vgg16", "total", "params", "138MB", "an erratum"),
    ("vgg16", "conv5_1", "activations", "4×14×512=100K", "an erratum"),
    ("vgg16", "total", "memory", "96MB", "an erratum"),
]


@pytest.mark.parametrize(("net", "layer", "quantity", "text", "who"), ELSEWHERE)
def test_check_says_where_a_wrong_number_is_printed(
    net: str, layer: str, quantity: str, text: str, who: str
) -> None:
    (cell,) = grade_one(AnswerKey(cnncalc.load(net)), layer, quantity, text).cells
    assert (cell.status, cell.points) == ("elsewhere", 0)
    assert who in str(cell.diagnosis.where)


def test_check_knows_a_right_number_read_otherwise() -> None:
    """802,816 values are 8 times 100K; 150,528 are 150K and 62,378,344 are 62.3M where they are cut."""
    (places,) = grade_one(AnswerKey(cnncalc.load("vgg16")), "pool1", "activations", "800K").cells
    assert (places.status, places.diagnosis.note, places.points) == ("convention", "places", 0)
    for net, layer, quantity, text in (
        ("vgg16", "input", "activations", "224*224*3=150K"),
        ("alexnet", "total", "params", "62.3M"),
    ):
        (cut,) = grade_one(AnswerKey(cnncalc.load(net)), layer, quantity, text).cells
        assert "cut-not-rounded" in cut.diagnosis.slips or cut.diagnosis.note == "cut"


def test_few_cells_of_what_is_asked_are_no_question() -> None:
    """Of the cells whose quantity `check` asks for nearly all are of one layer, block or network. The others of all are
    words, texts, inputs and error rates, or depths, numbers of maps and sizes without one."""
    reasons = Counter(reason_of(cell) for table in lectures.check_all() for cell in table.cells)
    assert set(reasons) == {"", *REASONS}
    assert reasons[""] >= 407
    assert reasons[SEVERAL] + reasons[PART] + reasons[RATIO] + reasons[NOT_PRINTED] <= 15
    for table in lectures.check_all():
        for cell in table.cells:
            assert bool(list(questions_of(cell))) == (not reason_of(cell))


def test_the_index_knows_every_network() -> None:
    assert set(index()) == set(networks())


@pytest.mark.skipif(not SWEEP, reason="every network is walked, which CI's own step does too")
def test_the_index_is_current() -> None:
    run = [sys.executable, "tools/make_printed.py", "--check"]
    assert subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=False).stderr == ""


def test_a_sheet_of_a_thousand_is_judged_without_walking_the_zoo() -> None:
    import time

    asked = ask(cnncalc.load("alexnet"), "total", "params")
    assert isinstance(asked, Asked)
    judge(asked, read_number("60M"))
    begin = time.process_time()
    for value in range(60_000_000, 60_001_000):
        judge(asked, read_number(str(value)))
    assert time.process_time() - begin < allowed(3)


TEN = [
    ("alexnet", "params", "61.1M", "elsewhere", "torchvision"),
    ("alexnet", "params", "60M", "elsewhere", "two towers"),
    ("vgg16", "params", "138M", "right", ""),
    ("vgg16", "macs", "15.5G", "right", ""),
    ("resnet50", "params", "25.6M", "right", ""),
    ("resnet50", "macs", "3.8G", "elsewhere", "He et al. 2015, Table 1"),
    ("resnet50", "macs", "4.1G", "elsewhere", "ResNet-50 (torchvision)"),
    ("googlenet", "params", "6.8M", "elsewhere", "Szegedy et al. 2014, Table 1"),
    ("torchvision/mobilenet_v2", "params", "3.4M", "elsewhere", "Sandler et al. 2018, Table 4"),
    ("torchvision/mobilenet_v2", "macs", "300M", "elsewhere", "Sandler et al. 2018, Table 4"),
    ("efficientnet_b0", "params", "5.3M", "right", ""),
    ("efficientnet_b0", "macs", "0.39G", "right", ""),
    ("lenet5", "params", "60K", "right", ""),
]
"""The most famous numbers of the field as papers and tools print them, with who prints what is not right."""


@pytest.mark.parametrize(("net", "quantity", "text", "status", "where"), TEN)
def test_check_says_of_what_a_famous_number_is(
    net: str, quantity: str, text: str, status: str, where: str
) -> None:
    (cell,) = grade_one(AnswerKey(cnncalc.load(net)), "total", quantity, text).cells
    assert cell.status == status
    assert where in (cell.diagnosis.where or "")
    assert not cell.diagnosis.slips


def test_check_says_that_digits_are_cut_before_it_tells_a_slip() -> None:
    """60,950,432 bytes of VGG-16's maps are 60 MB where they are cut; without one side of the padding they would be
    rounded to that as well."""
    (cell,) = grade_one(AnswerKey(cnncalc.load("vgg16")), "total", "memory", "60MB").cells
    assert (cell.status, cell.diagnosis.slips, cell.diagnosis.note) == ("convention", (), "cut")


# --- questions made up, one rule a row -------------------------------------------------------------------------------

MACS = Asked(
    "mine",
    "",
    "total",
    "macs",
    4_089_184_256,
    {
        "macs": 4_089_184_256,
        "standard": 8_178_368_512,
        "fvcore": 4_111_512_576,
        "thop": 4_133_742_592,
    },
)
"""What torchvision's ResNet-50 has, of a network that nobody prints a number of."""
FLOPS = MACS._replace(quantity="flops", right=8_178_368_512)
PARAMS = Asked(
    "mine",
    "",
    "total",
    "params",
    25_557_032,
    {"macs": 25_557_032, "weights-only": 25_529_472, "keras": 25_610_152},
)
MEMORY = Asked("mine", "", "total", "memory", 60_950_432)
VALUES = Asked("mine", "", "pool1", "activations", 802_816)
ROUND = Asked(
    "mine",
    "",
    "total",
    "params",
    1_000_000,
    {"macs": 1_000_000, "weights-only": 899_900, "keras": 1_289_900},
)


@pytest.mark.parametrize(
    ("asked", "text", "status", "by"),
    [
        (MACS, "4.09G", "right", ""),
        (MACS, "4.1G", "right", ""),
        (MACS, "4.1 GFLOPs", "right", ""),  # as papers call them
        (MACS, "4.1G params", "nothing", ""),
        (MACS, "4G", "otherwise", "few digits"),
        (MACS._replace(digits=1), "4G", "right", ""),
        (MACS._replace(digits=4), "4.09G", "otherwise", "few digits"),
        (MACS, "4.0G", "otherwise", "cut"),
        (MACS._replace(digits=3), "4.0G", "otherwise", "cut"),  # cut is what is said of it
        # thop's are MACs as well; fvcore's FLOPs are another question, but a tool's answer to it
        (MACS, "4.13G", "otherwise", "thop"),
        (MACS, "4.11G", "elsewhere", "fvcore"),
        (MACS, "4,111,512,576", "elsewhere", "fvcore"),
        (MACS._replace(place="conv1"), "4.11G", "nothing", ""),
        (MACS, "4.11G params", "nothing", ""),
        (FLOPS, "4.11G", "otherwise", "fvcore"),
        (FLOPS, "4.1G", "otherwise", "macs"),  # the simplest that gives it
        # twice as many is no tool's count, but a slip
        (MACS, "8.18G", "nothing", ""),
        (MACS, "3.808G", "nothing", ""),  # 3.808 · 1024³: nobody counts operations so
        (PARAMS, "25.6M", "right", ""),
        (PARAMS, "25.53M", "otherwise", "weights-only"),
        (PARAMS, "25.5M", "otherwise", "weights-only"),  # rounded; of the right ones it would be cut
        (PARAMS, "25.61M", "otherwise", "keras"),
        (PARAMS, "24.37M", "otherwise", "K = 1024"),  # 25,557,032/1024² = 24.373
        (PARAMS, "24.35M", "otherwise", "weights-only"),  # 24.347
        (PARAMS, "24M", "nothing", ""),  # with two digits that is chance
        (PARAMS._replace(readings=(Reading(1024),)), "24.37M", "right", "K = 1024"),
        (PARAMS._replace(readings=(Reading(1024),)), "25.56M", "nothing", ""),
        (MEMORY, "58.1M", "otherwise", "K = 1024"),
        (MEMORY, "58M", "otherwise", "K = 1024"),  # of bytes that is the custom
        (MEMORY, "61MB", "right", ""),
        (VALUES, "800K", "otherwise", "places"),
        (VALUES._replace(right=892_500), "900K", "otherwise", "places"),  # 0.8 % too many
        (VALUES._replace(right=890_000), "900K", "nothing", ""),  # 1.1 %
        (ROUND, "1.28M", "otherwise", "keras"),  # cut to three digits
        (ROUND, "1.2M", "nothing", ""),  # to two, which is chance
        (ROUND, "0.89M", "otherwise", "weights-only"),  # but the simplest needs no more than two
        (ROUND, "0.8M", "nothing", ""),
        (ROUND, "1.29M", "otherwise", "keras"),
        (ROUND, "1.3M", "otherwise", "keras"),
        (ROUND, "3*3 = 1.0M", "nothing", ""),
    ],
)  # fmt: skip
def test_what_a_number_is_to_a_question(asked: Asked, text: str, status: str, by: str) -> None:
    found = judge(asked, read_number(text))
    assert found.status == status
    read = found.agreement
    said = [
        *filter(None, (found.convention, found.tool)),
        *(["few digits"] if found.few_digits else []),
        *(["K = 1024"] if read and read.base == 1024 and not found.convention else []),
        *(["cut"] if read and read.match == "cut" and not found.convention else []),
        *(["places"] if read and read.places and not found.convention else []),
    ]
    assert said == ([by] if by else [])
    assert found.contradiction == ("=" in text)


@pytest.mark.parametrize(
    ("value", "text", "tool"),
    [
        (1_480_000, "1.48M", True),
        (1_480_000, "1.5M", False),  # two digits
        (1_479_900, "1.47M", False),  # cut
    ],
)
def test_a_tools_count_needs_three_digits_that_are_not_cut(
    value: int, text: str, tool: bool
) -> None:
    counted = {"macs": 1_000_000, "standard": 2_000_000, "fvcore": value}
    found = judge(Asked("mine", "", "total", "macs", 1_000_000, counted), read_number(text))
    assert (found.status, found.tool) == (("elsewhere", "fvcore") if tool else ("nothing", None))
    assert list(found.where) == ([f"{value:,}: the FLOPs that fvcore counts"] if tool else [])


def test_a_shape_answers_a_shape_and_a_number_a_number() -> None:
    shape = Asked("mine", "", "conv1", "output", (55, 55, 96))
    assert judge(shape, (55, 55, 96)).status == "right"
    assert judge(shape, (96, 55, 55)).status == "nothing"
    assert judge(shape, read_number("55")).status == "nothing"
    assert right_or_otherwise(shape, read_number("55")) is None
    assert right_or_otherwise(PARAMS, (5, 5)) is None
    assert judge(PARAMS, (5, 5)).status == "nothing"


def test_siblings_are_looked_at_unless_the_asker_does() -> None:
    asked = ask(cnncalc.load("alexnet"), "conv1", "params")
    assert asked is not None
    given = read_number("23296")  # torchvision's 11·11·3·64 + 64
    assert judge(asked, given).status == "sibling"
    assert judge(asked, given, siblings=False).status == "nothing"
    assert judge(asked._replace(place="total"), given).status == "nothing"


SIBLING_S = Printing("b", "B", "conv1", "params", "23,296", 23_296, "", "sibling")


@pytest.mark.parametrize(
    ("right", "given", "tells"),
    [
        (34_944, read_number("23,296"), True),
        (34_944, read_number("23.3K"), True),
        (34_944, read_number("23K"), False),  # two digits are near too much
        (34_944, read_number("23,297"), False),
        (23_296, read_number("23,296"), False),  # right, and no other network's alone
        (34_944, (23, 296), False),
    ],
)
def test_when_a_number_is_a_siblings(right: int, given: Any, tells: bool) -> None:
    assert is_sibling(SIBLING_S, right, given) is tells


@pytest.mark.parametrize(
    ("printing", "words"),
    [
        (SIBLING_S, "23,296: the parameters of conv1 in B (b)"),
        (SIBLING_S._replace(kind="total", place="total"), "23,296: the parameters of B (b)"),
        (SIBLING_S._replace(source="Table 1", kind="claim"), "23,296: Table 1 (B)"),
        (SIBLING_S._replace(source="Table 1", kind="claim", why="a slip"), "23,296: Table 1 (B); a slip"),
        (SIBLING_S._replace(source="Table 1", kind="erratum"), "23,296: an erratum, Table 1 (B)"),
        (SIBLING_S._replace(source="Table 1", kind="claim", variant="width 2"), "23,296: Table 1 (B with width 2)"),
    ],
)  # fmt: skip
def test_who_prints_a_number_in_words(printing: Printing, words: str) -> None:
    assert printing_words(printing) == words
    assert printing_words(printing, brief=True) == words.removesuffix("; a slip")


def test_the_same_part_of_other_networks() -> None:
    """Shapes for a shape; a part that a sibling has not, or of which it knows nothing, is left out."""
    asked = ask(cnncalc.load("alexnet"), "conv1", "output")
    assert asked is not None
    found = {one.network: one for one in siblings_of(asked)}
    assert found["torchvision/alexnet"].text == "55×55×64"
    assert found["torchvision/alexnet"].computed == (55, 55, 64)
    assert "alexnet" not in found
    params = {
        one.network: one.text for one in siblings_of(asked._replace(quantity="params", right=1))
    }
    assert params["torchvision/alexnet"] == "23,296"
    memory = {
        one.network: one.computed for one in siblings_of(asked._replace(quantity="memory", right=1))
    }
    assert memory["torchvision/alexnet"] == 55 * 55 * 64 * 4
    assert siblings_of(asked._replace(quantity="params")) == ()
    assert siblings_of(asked._replace(place="conv9")) == ()


def test_a_quantity_of_a_part_or_of_the_whole() -> None:
    net = cnncalc.load("googlenet")
    # 3a by hand: 192·64 + 192·96 + 9·96·128 + 192·16 + 25·16·32 + 192·32
    assert value_of(net, "inception_3a", "weights") == 163_328
    assert value_of(net, "inception_3a/c1", "weights") == 192 * 64
    assert value_of(net, "total", "params") == 6_998_552
    assert value_of(net, "inception_3a", "output") == (28, 28, 256)
    assert value_of(net, "inception_9z", "weights") is None
    unknown = cnncalc.loads("input: 8x8x1\nlayers: [opaque: {output: 8x8x1}]")
    assert value_of(unknown, "opaque1", "receptive_field") is None
    assert value_of(unknown, "input", "receptive_field") == (1, 1)
    assert value_of(cnncalc.loads("input: 4\nlayers: [fc: 2]"), "total", "receptive_field") is None
