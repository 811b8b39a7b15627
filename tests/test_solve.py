"""solve against trying every value in turn, against the lectures' own examples, and the formulas that it shows."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import product
from typing import Any

import pytest
from arithmetic import evaluate

import cnncalc
from cnncalc.cli import main
from cnncalc.window.solve import AxisSolution, Solution, solve

MOST = 14
"""Values that are tried in turn go up to here."""


def tried(
    rule: str, *, input: int, kernel: int, stride: int, pad: tuple[int, int], dilation: int
) -> int:
    """The output by moving the window step by step: no formula. 0 where the window does not go in once."""
    if rule == "same":
        return len(range(0, input, stride))  # one window for every S-th position
    if (
        rule == "transpose"
    ):  # each input position writes a whole kernel, S apart; the pad crops both ends
        written = {
            position * stride + dilation * tap for position in range(input) for tap in range(kernel)
        }
        return max(max(written) + 1 - sum(pad), 0)
    last = input + sum(pad) - 1
    starts = 0
    while (over := starts * stride + dilation * (kernel - 1) - last) <= 0 or (
        rule == "ceil" and over < stride and starts * stride < input + pad[0]
    ):
        starts += 1
    return starts


def options(rule: str) -> dict[str, Any]:
    return {"ceil": rule == "ceil", "transpose": rule == "transpose"}


def is_pool(rule: str, kernel: int, pad: tuple[int, int]) -> bool:
    """Whether a pool may have this pad."""
    return rule != "ceil" or max(pad) <= kernel // 2


def found_values(axis: AxisSolution) -> set[int]:
    """What was found, as far as is tried here."""
    if axis.found is None:
        return set()
    high = MOST if axis.found.high is None else min(axis.found.high, MOST)
    return set(range(axis.found.low, high + 1))


CASES = [
    pytest.param(rule, dilation, id=f"{rule}-{dilation}")
    for rule, dilation in [
        ("floor", 1),
        ("floor", 2),
        ("ceil", 1),
        ("transpose", 1),
        ("transpose", 2),
    ]
]


@pytest.mark.parametrize(("rule", "dilation"), CASES)
@pytest.mark.parametrize("unknown", ["input", "kernel", "stride"])
def test_finds_exactly_the_values_that_work(unknown: str, rule: str, dilation: int) -> None:
    for first, second, pad, output in product(
        (1, 2, 3, 5), (1, 2, 4), ((0, 0), (1, 1), (0, 1)), (1, 2, 3, 6)
    ):
        names = [name for name in ("input", "kernel", "stride") if name != unknown]
        known: dict[str, Any] = dict(
            zip(names, (first + 2 * ("input" in names), second), strict=True)
        )
        if "kernel" in known and not is_pool(rule, known["kernel"], pad):
            continue
        works = {
            value
            for value in range(1, MOST + 1)
            if (numbers := {**known, unknown: value})
            and is_pool(rule, numbers["kernel"], pad)
            and tried(rule, **numbers, pad=pad, dilation=dilation) == output
        }
        (axis,) = solve(**known, pad=(pad,), output=output, dilation=dilation, **options(rule)).axes
        assert found_values(axis) == works, (known, pad, output)
        assert axis.solved or axis.reason


@pytest.mark.parametrize(("rule", "dilation"), CASES)
def test_finds_exactly_the_pads_that_work(rule: str, dilation: int) -> None:
    for size, kernel, stride, output in product((3, 5, 8), (1, 2, 3, 5), (1, 2, 3), (1, 2, 4, 7)):
        (axis,) = solve(
            input=size,
            kernel=kernel,
            stride=stride,
            output=output,
            dilation=dilation,
            **options(rule),
        ).axes
        works = {
            pad
            for pad in range(MOST + 1)
            if is_pool(rule, kernel, (pad, pad))
            and tried(
                rule, input=size, kernel=kernel, stride=stride, pad=(pad, pad), dilation=dilation
            )
            == output
        }
        assert found_values(axis) == works
        totals = {
            total
            for total in range(40)
            if is_pool(rule, kernel, (total // 2, total - total // 2))
            and tried(
                rule,
                input=size,
                kernel=kernel,
                stride=stride,
                pad=(total // 2, total - total // 2),
                dilation=dilation,
            )
            == output
        }
        assert (
            set(range(axis.total[0], (axis.total[1] or 0) + 1)) if axis.total else set()
        ) == totals
        if not works and totals:
            assert axis.pair == (min(totals) // 2, -(-min(totals) // 2))


def test_same_hides_the_kernel() -> None:
    for size, stride in product(range(1, 9), range(1, 5)):
        output = tried("same", input=size, kernel=3, stride=stride, pad=(0, 0), dilation=1)
        (axis,) = solve(input=size, stride=stride, output=output, pad="same").axes
        assert axis.found == (1, None)
        assert not solve(input=size, stride=stride, output=output + 1, pad="same").solved
        (axis,) = solve(kernel=3, stride=stride, output=output, pad="same").axes
        assert size in found_values(axis)


def test_every_formula_gives_its_result_and_every_check_its_output() -> None:
    """The numbers line is evaluated with nothing of cnncalc's; so is the check, whose value is the output."""
    for rule, unknown in product(
        ("floor", "ceil", "transpose"), ("input", "kernel", "stride", "pad")
    ):
        for numbers in product((7, 8, 20), (2, 3), (1, 2, 3), (0, 1), (1, 4, 9)):
            given: dict[str, Any] = dict(
                zip(("input", "kernel", "stride", "pad", "output"), numbers, strict=True)
            )
            del given[unknown]
            (axis,) = solve(**given, **options(rule)).axes
            for step in axis.steps:
                assert evaluate(step.numbers) == Fraction(step.result), step
                assert int(step.result) in {*(axis.found or ()), *(axis.total or ())}
            for step in axis.check:
                assert evaluate(step.numbers) == Fraction(step.result) == given["output"], step


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        # 000_029ec4e25ebe280d.txt, Padding: N = 7, P = 1, F = 3, S = 1 keeps the size at 7
        ({"input": 7, "output": 7, "kernel": 3, "stride": 1}, "1"),
        ({"input": 7, "pad": 1, "kernel": 3, "stride": 1}, "7"),
        # the same lecture, "Calculate the size of the input": N = (O - 1) S + F, the smallest;
        # AlexNet's (55 - 1) 4 + 11
        ({"output": 55, "kernel": 11, "stride": 4, "pad": 0}, "227 to 230"),
        ({"output": 3, "kernel": 3, "stride": 2, "pad": 0}, "7 to 8"),
        # 001_24b34ccf40be5578.txt: a 7x7 input, a 3x3 filter, stride 2 => 3x3
        ({"input": 7, "output": 3, "kernel": 3, "pad": 0}, "2"),
        # the same: 32x32, 5x5 filters, stride 1, pad 2; 003: (32 + 2·2 - 5)/1 + 1 = 32
        ({"input": 32, "kernel": 5, "stride": 1, "pad": 2}, "32"),
        ({"input": 32, "output": 32, "kernel": 5, "stride": 1}, "2"),
        # 002_acb82782123c1087.txt: 7x7 to 5x5 with stride 1
        ({"input": 7, "output": 5, "stride": 1, "pad": 0}, "3"),
        # 003_bb88ec1c4e3b0c95.txt: (4 + 2·1 - 3)/1 + 1 = 4
        ({"input": 4, "output": 4, "kernel": 3, "stride": 1}, "1"),
        # AlphaGo in 001: 19x19 padded to 23x23 for a 5x5 kernel: 2 on each side
        ({"input": 19, "output": 19, "kernel": 5, "stride": 1}, "2"),
    ],
)
def test_the_lectures(given: dict[str, Any], expected: str) -> None:
    (axis,) = solve(**given).axes
    assert str(axis.found) == expected


def test_a_pad_that_only_works_uneven() -> None:
    # 4 + P - 4 + 1 = 4 asks for P = 3 in all, which two equal sides cannot make
    (axis,) = solve(input=4, output=4, kernel=4, stride=1).axes
    assert (axis.found, axis.total, axis.pair) == (None, (3, 3), (1, 2))
    assert axis.solved


def test_an_even_pad_where_an_uneven_one_would_fit() -> None:
    # ResNet's conv1: (224 + 2·3 - 7)/2 = 111.5 is floored; 5 in all, 2 and 3, fits: (224 + 5 - 7)/2 + 1 = 112
    (axis,) = solve(input=224, output=112, kernel=7, stride=2).axes
    assert (axis.found, axis.total) == ((3, 3), (5, 6))
    assert axis.notes == ("2 before and 3 after give it too",)


def test_axes_of_their_own() -> None:
    # 7 + 2·1 - 3 + 1 = 7 and 9 + 2·2 - 5 + 1 = 9
    solution = solve(input="7x9", output=(7, 9), kernel="3x5", stride=1)
    assert [(axis.axis, str(axis.found)) for axis in solution.axes] == [
        ("height", "1"),
        ("width", "2"),
    ]


def test_where_all_are_given_the_output_is_held_to_the_others() -> None:
    """AlexNet's conv1: (227 - 11)/4 + 1 = 55, and 54 is what people write who forget the + 1."""
    assert solve(input=227, kernel=11, stride=4, pad=0, output=55).solved
    wrong = solve(input=227, kernel=11, stride=4, pad=0, output=54)
    assert not wrong.solved
    assert wrong.axes[0].reason == "the output is 55, not 54"
    sides = solve(input="7x9", kernel=3, stride=1, pad=0, output="5x6")
    assert [axis.solved for axis in sides.axes] == [True, False]
    assert not solve(input=2, kernel=3, stride=1, pad=0, output=1).solved


def test_large_numbers_cost_nothing() -> None:
    (axis,) = solve(output=10**9, kernel=3, stride=10**3, pad=0).axes
    # (10^9 - 1)·10^3 + 3 is the smallest
    assert axis.found == (999_999_999_003, 1_000_000_000_002)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"input": 7, "kernel": 3}, "3 are unknown: stride, pad and output"),
        ({"input": 7, "kernel": 0, "stride": 1, "pad": 0}, "expected a whole number of at least 1"),
        (
            {"input": "7x9", "kernel": "3x3x3", "stride": 1, "pad": 0},
            "the lists have different lengths: input 2, kernel 3",
        ),
        ({"input": 7, "kernel": 3, "stride": 1, "pad": "wide"}, "not 'wide'"),
        (
            {"input": 7, "kernel": 3, "stride": 1, "pad": 2, "ceil": True},
            "must not be above half its kernel",
        ),
        (
            {"input": 7, "kernel": 3, "stride": 1, "pad": 2, "output_pad": 1},
            "only a transposed convolution",
        ),
        (
            {"input": 7, "kernel": 3, "stride": 2, "pad": 1, "output_pad": 2, "transpose": True},
            "below the stride 2",
        ),
        (
            {"input": 7, "kernel": 3, "stride": 2, "pad": 1, "ceil": True, "transpose": True},
            "not rounded",
        ),
        (
            {"input": 7, "kernel": 3, "stride": 2, "pad": "same", "transpose": True},
            "input times stride",
        ),
    ],
)
def test_what_cannot_be_asked(given: dict[str, Any], message: str) -> None:
    with pytest.raises(cnncalc.SpecError, match=message):
        solve(**given)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        # strides 1, 2, 3 give 5, 3, 2 from a span of 4
        (
            {"input": 7, "output": 4, "kernel": 3, "pad": 0},
            "a stride of 1 gives 5 and one of 2 gives 3; nothing between",
        ),
        (
            {"input": 7, "output": 8, "kernel": 3, "pad": 0},
            "even a stride of 1, the smallest, gives 5, not 8",
        ),
        ({"input": 7, "output": 3, "kernel": 3, "stride": 1}, "even no padding gives 5, not 3"),
        (
            {"input": 5, "kernel": 9, "stride": 1, "pad": 0},
            "the kernel (9) is larger than the input (5)",
        ),
        (
            {"input": 5, "kernel": 9, "stride": 1, "pad": 1},
            "the kernel (9) is larger than the input (5 + 1 + 1)",
        ),
        ({"input": 7, "output": 5, "kernel": 9, "pad": 0}, "however large the stride"),
        (
            {"input": 8, "output": 9, "kernel": 2, "stride": 2, "ceil": True},
            "the most that a pool may have",
        ),
        ({"input": 7, "output": 5, "stride": 1, "pad": "same"}, "whatever the kernel"),
        (
            {"input": 1, "kernel": 3, "stride": 1, "pad": 2, "transpose": True},
            "the pad crops it away",
        ),
    ],
)
def test_none_says_why(given: dict[str, Any], reason: str) -> None:
    (axis,) = solve(**given).axes
    assert not axis.solved
    assert reason in axis.reason


def test_none_of_a_transposed_convolution_tells_of_the_output_pad() -> None:
    # (N - 1)·2 + 4 - 2 is even; 13 = (6 - 1)·2 + 4 - 2 + 1
    (axis,) = solve(output=13, kernel=4, stride=2, pad=1, transpose=True).axes
    assert axis.notes == ("with an output pad of 1, input 6 would do",)
    assert (
        str(solve(output=13, kernel=4, stride=2, pad=1, output_pad=1, transpose=True).axes[0].found)
        == "6"
    )


def test_the_output_pad_bounds_the_stride() -> None:
    # (2 - 1)·S + 3 + 1 = 7 with S = 3; an output pad of 1 asks for a stride above 1 (or a dilation)
    assert (
        str(solve(input=2, output=7, kernel=3, pad=0, output_pad=1, transpose=True).axes[0].found)
        == "3"
    )
    assert not solve(
        input=2, output=5, kernel=3, pad=0, output_pad=1, transpose=True
    ).solved  # S = 1


def test_uneven_pads_show_as_such(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(
        capsys, "solve", "--input", "4", "--output", "4", "--kernel", "4", "--stride", "1"
    )
    assert code == 0
    assert out.startswith("pad: none that is alike on both sides; 1 before and 2 after\n")
    code, out, _ = run(
        capsys, "solve", "--input", "7", "--output", "1", "--kernel", "3", "--pad", "0"
    )
    assert out.startswith("stride: 5 and more\n")
    assert "note: any stride from there on leaves one window" in out


def test_channels_have_no_place() -> None:
    solution: Solution = solve(input="32x32x3", kernel=5, stride=1, pad=0)
    assert not solution.solved
    assert "channels" in solution.axes[2].notes[0]


# ---- the command ---------------------------------------------------------------------------------------------------


def run(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, str, str]:
    code = main(list(argv))
    shown = capsys.readouterr()
    return code, shown.out, shown.err


def test_command(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(
        capsys, "solve", "--input", "7", "--output", "7", "--kernel", "3", "--stride", "1"
    )
    assert code == 0
    assert out.splitlines() == [
        "pad: 1",
        "  P = ((O − 1)·S + F − N)/2",
        "    = ((7 − 1)·1 + 3 − 7)/2",
        "    = 1",
        "check",
        "  O = (N + 2P − F)/S + 1  (P = 1)",
        "    = (7 + 2·1 − 3)/1 + 1",
        "    = 7",
    ]


def test_command_without_an_answer(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(
        capsys, "solve", "--input", "7", "--output", "8", "--kernel", "3", "--pad", "0"
    )
    assert code == 1
    assert out.startswith("stride: none\n")


def test_command_of_too_little(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "solve", "--input", "7", "--kernel", "3", "--output", "5")
    assert (code, out) == (2, "")
    assert "2 are unknown: stride and pad" in err


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(
        capsys,
        "solve",
        "--output",
        "3",
        "--kernel",
        "3",
        "--stride",
        "2",
        "--pad",
        "0",
        "--format",
        "json",
    )
    document = json.loads(out)
    (axis,) = document["axes"]
    assert (document["unknown"], document["solved"], axis["low"], axis["high"]) == (
        "input",
        True,
        7,
        8,
    )
    assert "input" not in axis["given"]


@pytest.mark.parametrize("style", ["csv", "markdown", "latex", "html"])
def test_tables(capsys: pytest.CaptureFixture[str], style: str) -> None:
    code, out, _ = run(
        capsys,
        "solve",
        "--input",
        "7x9",
        "--output",
        "7x9",
        "--kernel",
        "3",
        "--stride",
        "1",
        "--format",
        style,
    )
    assert code == 0
    assert "width" in out
