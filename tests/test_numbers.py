"""Numbers and shapes as written. Expected values are hand arithmetic, or name their source."""

import re
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnncalc.ops.shapes import format_shape
from cnncalc.spec.quantities import ASKED
from cnncalc.text.exact import read_exact
from cnncalc.text.numbers import (
    UNIT_QUANTITIES,
    agreement,
    distance,
    format_number,
    matches,
    reach,
    read_number,
    read_shape,
    readings_of,
    without_batch,
)

MI = 1024**2

# In full: exact. text -> value, unit
FULL = [
    ("34,944", 34944, ""),
    ("34944", 34944, ""),
    ("61,000,000", 61000000, ""),  # trailing zeros are digits too
    ("1 234 567", 1234567, ""),
    ("1'234'567", 1234567, ""),
    ("1’234’567", 1234567, ""),
    ("1_234_567", 1234567, ""),
    ("1\u202f234\u00a0567", 1234567, ""),  # narrow and plain no-break space
    ("1\u2009234", 1234, ""),  # thin space
    ("３４，９４４", 34944, ""),  # full-width
    ("34{,}944", 34944, ""),  # LaTeX
    ("**34,944**", 34944, ""),  # Markdown
    ("\ufeff34944\n", 34944, ""),
    ("0", 0, ""),
    ("007", 7, ""),
    ("-3", -3, ""),
    ("−3", -3, ""),
    ("9개", 9, ""),
    ("= 760", 760, ""),
    ("25/18", Fraction(25, 18), ""),
    ("98/49", 2, ""),
    ("34944 파라미터 (편향 포함)", 34944, "params"),
    ("34,944 parameters in total", 34944, "params"),
    ("34,944 (weights and biases)", 34944, ""),
    ("34,944 (=11*11*3*96+96)", 34944, ""),
    ("34,944, with the biases", 34944, ""),
    ("34944 # conv1", 34944, ""),
    ("params: 34944", 34944, "params"),
    ("답: 34,944개", 34944, ""),
    ("파라미터 34,944개", 34944, "params"),
    ("34,944개의 파라미터", 34944, "params"),
    ("총 34,944", 34944, ""),
    ("total 34,944", 34944, ""),
    ("MACs: 34944", 34944, "MACs"),
    ("1억 3,835만 7,544", 138357544, ""),
    ("3만 4944", 34944, ""),
    ("34944 입니다", 34944, ""),
    ("34944개입니다.", 34944, ""),
    # calculations: by hand
    ("11*11*3*96 + 96", 34944, ""),
    ("11² × 3 × 96 + 96", 34944, ""),
    ("(11^2*3 + 1)*96 params", 34944, "params"),
    ("55x55x96", 290400, ""),
    ("2^20", MI, ""),
    ("3-5", -2, ""),
    ("7/2*2", 7, ""),
    ("34,848 + 96", 34944, ""),
    ("76 params", 76, "params"),
    ("1,024 B", 1024, "bytes"),
    ("1024 bytes", 1024, "bytes"),
    ("34944 파라미터", 34944, "params"),
    ("290,400 values", 290400, "values"),
]

# With a precision. text -> value, low, high, suffix, unit
ROUNDED = [
    ("61.1M", 61_100_000, 61_050_000, 61_150_000, "M", ""),
    ("34.9K", 34_900, 34_850, 34_950, "K", ""),
    ("2.7k", 2_700, 2_650, 2_750, "K", ""),
    ("1072k", 1_072_000, 1_071_500, 1_072_500, "K", ""),
    ("3.2M", 3_200_000, 3_150_000, 3_250_000, "M", ""),
    ("138M", 138_000_000, 137_500_000, 138_500_000, "M", ""),
    ("400K", 400_000, 399_500, 400_500, "K", ""),
    ("1,388k", 1_388_000, 1_387_500, 1_388_500, "K", ""),
    ("2 million", 2_000_000, 1_500_000, 2_500_000, "M", ""),
    ("65 million parameters", 65_000_000, 64_500_000, 65_500_000, "M", "params"),
    ("61.1 M params", 61_100_000, 61_050_000, 61_150_000, "M", "params"),
    ("1.5e8", 150_000_000, 145_000_000, 155_000_000, "", ""),
    ("1.5E+8", 150_000_000, 145_000_000, 155_000_000, "", ""),
    ("3.8×10^9", 3_800_000_000, 3_750_000_000, 3_850_000_000, "", ""),
    ("3.8×10⁹", 3_800_000_000, 3_750_000_000, 3_850_000_000, "", ""),
    ("1.8x10^9", 1_800_000_000, 1_750_000_000, 1_850_000_000, "", ""),
    ("1.8 * 10**9", 1_800_000_000, 1_750_000_000, 1_850_000_000, "", ""),
    (r"$11.3 \times 10^{9}$", 11_300_000_000, 11_250_000_000, 11_350_000_000, "", ""),
    ("25e-1", Fraction(5, 2), Fraction(49, 20), Fraction(51, 20), "", ""),
    ("528 MiB", 528 * MI, 528 * MI - MI // 2, 528 * MI + MI // 2, "Mi", "bytes"),
    ("96MB", 96_000_000, 95_500_000, 96_500_000, "M", "bytes"),
    ("96mb", 96_000_000, 95_500_000, 96_500_000, "M", "bytes"),
    ("4Ki", 4096, 3584, 4608, "Ki", ""),
    ("4.13 GFLOPs", 4_130_000_000, 4_125_000_000, 4_135_000_000, "G", "FLOPs"),
    ("2.03 GMACs", 2_030_000_000, 2_025_000_000, 2_035_000_000, "G", "MACs"),
    ("300M mult-adds", 300_000_000, 299_500_000, 300_500_000, "M", "MACs"),
    ("2.03", Fraction(203, 100), Fraction(405, 200), Fraction(407, 200), "", ""),
    (".5M", 500_000, 450_000, 550_000, "M", ""),
    ("61.100K", 61_100, Fraction(122_199, 2), Fraction(122_201, 2), "K", ""),
    ("-1.5K", -1_500, -1_550, -1_450, "K", ""),
    ("0.0M", 0, -50_000, 50_000, "M", ""),
    ("6200만", 62_000_000, 61_995_000, 62_005_000, "", ""),
    ("1.4억", 140_000_000, 135_000_000, 145_000_000, "", ""),
    ("6천2백만 개", 62_000_000, 61_500_000, 62_500_000, "", ""),
    ("138백만", 138_000_000, 137_500_000, 138_500_000, "", ""),
    ("3만5천", 35_000, 34_500, 35_500, "", ""),
    ("1조 2000억 회", 1_200_000_000_000, 1_199_950_000_000, 1_200_050_000_000, "", ""),
    ("6200만 파라미터", 62_000_000, 61_995_000, 62_005_000, "", "params"),
]

# text -> value, working
WITH_WORKING = [
    ("(3*3*3)*64 = 1,728", 1728, "(3*3*3)*64"),
    ("34,944 (34,848 + 96)", 34944, "34,848 + 96"),
    ("34944 params (11*11*3*96+96)", 34944, "11*11*3*96+96"),
    ("$(3 \\times 3 \\times 64) \\times 64 = 36,864$", 36864, "(3 × 3 × 64) × 64"),
    ("224×224×64=3.2M", 3_200_000, "224×224×64"),
    ("5*5*3 + 1 = 76 params => 76*10 = 760", 760, "5*5*3 + 1 = 76 params → 76*10"),
    ("24M × 4 bytes ≈ 96MB", 96_000_000, "24M × 4 bytes"),
    ("24M * 4 bytes ~= 96MB", 96_000_000, "24M * 4 bytes"),
    ("≈ 96MB", 96_000_000, ""),
    ("~5.3M", 5_300_000, ""),
    ("약 112.9M", 112_900_000, ""),
    (r"$(14 \times 14 \times 48) = \text{약 } 112.9\text{M}$", 112_900_000, "(14 × 14 × 48)"),
    ("about 34,944", 34944, ""),
    ("34944 = 11*11*3*96+96", 34944, "11*11*3*96+96"),
    ("34,944 params = 11*11*3*96 + 96", 34944, "11*11*3*96 + 96"),
    ("11*11*3*96 = 34,848 -> 34,848 + 96 = 34,944", 34944, "11*11*3*96 = 34,848 → 34,848 + 96"),
    ("(11*11*3+1)*96 -> 34944", 34944, "(11*11*3+1)*96"),
    ("3x3x64 = 3*3*64", 576, "3x3x64"),
    ("params = 34944", 34944, "params"),
    ("96MB = 24M × 4 bytes", 96_000_000, "24M × 4 bytes"),
]

# text -> a part of the message
NOT_NUMBERS = [
    ("", "a number is missing"),
    ("   ", "a number is missing"),
    ("3*3*3 =", "missing after the last '='"),
    ("24M * 4 bytes", "'24M * 4 bytes' is a shape or a calculation"),
    ("(55, 55, 96)", "a shape or a calculation"),
    ("1.8×109", "a shape or a calculation"),  # the superscript was lost
    ("3/0", "a shape or a calculation"),
    ("100 %", "is a percentage"),
    ("34,9K", "write the digits without it, or '34.9K' for a decimal"),
    ("0,944", "groups of three digits"),
    ("1234,567", "groups of three digits"),
    ("1,23,456", "groups of three digits"),
    ("34,944,5", "groups of three digits"),
    ("1.234.567", "may be 1,234,567 or a decimal: write 1234567"),
    ("34.944", "may be 34,944 or a decimal: write 34944 or 34.94"),
    ("1.2345.6", "more than one decimal point"),
    ("!= 34944", "'!=' in '!= 34944' compares"),
    (">= 34944", "'>=' in '>= 34944' compares"),
    ("<34944", "'<' in '<34944' compares"),
    ("≤ 5M", "'≤' in '≤ 5M' compares"),
    (r"$\\leq 5M$", "compares"),
    ("3*3 > 8", "compares"),
    ("1000개 이상", "'이상' in '1000개 이상' compares"),
    ("at most 5M", "'at most' in 'at most 5M' compares"),
    ("5M or more", "compares"),
    ("1억만", "is not known here"),
    ("3만 5억", "is not known here"),
    ("1e99999999999", "beyond the limit of 10^30"),
    ("99^99", "a calculation that cannot be worked out"),
    ("1/(2-2)", "a calculation that cannot be worked out"),
    ("abs(3)", "a calculation that cannot be worked out"),
    ("1 2345", "'1 2345' is not a number"),
    ("1;234", "'1;234' is not a number"),
    ("1.5B", "for a billion write G"),
    ("11.3B FLOPs", "for a billion write G"),
    ("96 b", "b may be bits"),
    ("96 Mb", "b may be bits"),
    ("5 kg", "'kg' in '5 kg' is not known here"),
    ("5 FLOPs/s", "'FLOPs/s' in '5 FLOPs/s' is not known here"),
    ("M", "'M' is not a number"),
    ("inf", "'inf' is not a number"),
    ("nan", "'nan' is not a number"),
    ("-", "'-' is not a number"),
    (".", "'.' is not a number"),
    ("٣٤", "'٣٤' is not a number"),
    ("1e31", "beyond the limit of 10^30"),
    ("1e-31", "beyond the limit of 10^30"),
    ("1e999999999", "beyond the limit of 10^30"),
    ("2e29 T", "beyond the limit of 10^30"),
    ("9" * 100, "beyond the limit of 10^30"),
    ("0." + "0" * 40 + "1", "finer than 10^-30"),
    ("1" * 201, "201 characters long; the limit is 200"),
]

SHAPES = [
    *[
        (text, (55, 55, 96))
        for text in ("55x55x96", "55×55×96", "55*55*96", "55X55X96", "(55, 55, 96)", "55,55,96")
    ],
    *[
        (text, (55, 55, 96))
        for text in ("[55,55,96]", "55 55 96", "[55x55x96]", " 55 x 55 ×96 ", "**55x55x96**")
    ],
    *[
        (text, (55, 55, 96))
        for text in (r"$55 \times 55 \times 96$", "５５×５５×９６", "(227-11)/4+1 = 55 → 55x55x96")
    ],
    ("[96,55,55]", (96, 55, 55)),
    ("6@28x28", (6, 28, 28)),
    ("112 112 128", (112, 112, 128)),
    ("112,112,128", (112, 112, 128)),
    ("4096×1", (4096, 1)),
    ("1,000×1", (1000, 1)),
    ("(9, 216)", (9, 216)),
    ("4096", (4096,)),
    ("4,096", (4096,)),
    ("(4096,)", (4096,)),
    ("16x112x112x3", (16, 112, 112, 3)),
    ("torch.Size([96, 55, 55])", (96, 55, 55)),
    ("(None, 55, 55, 96)", (55, 55, 96)),
    ("[-1, 96, 55, 55]", (96, 55, 55)),
    ("(batch, 55, 55, 96)", (55, 55, 96)),
    ("[1, 64, 224, 224]", (1, 64, 224, 224)),
    ("H=55 W=55 C=96", (55, 55, 96)),
    ("C=96, H=55, W=56", (55, 56, 96)),
    ("높이 55, 너비 55, 채널 96", (55, 55, 96)),
    ("W=55,H=56,D=96", (56, 55, 96)),
    ("깊이 96, 높이 55, 너비 56", (55, 56, 96)),
    ("D=16 H=112 W=112 C=3", (16, 112, 112, 3)),
    ("H=55, W=56", (55, 56)),
    ("55x55x96 channels", (55, 55, 96)),
    ("55 px x 55 px x 96", (55, 55, 96)),
    ("55x55x96개", (55, 55, 96)),
    ("4096 units", (4096,)),
    ("4096 뉴런", (4096,)),
    ("19 px", (19,)),
    ("55²×96", (55, 55, 96)),
    ("96 feature maps of 55x55", (96, 55, 55)),
    ("55x55x96 입니다", (55, 55, 96)),
    ("55x55x96=290400", (55, 55, 96)),
    ("(227-11)/4+1 = 55 -> 55x55x96 = 290,400", (55, 55, 96)),
    ("55 by 55 by 96", (55, 55, 96)),
    ("55x55x96 (channels last)", (55, 55, 96)),
    ("output: 55x55x96", (55, 55, 96)),
    ("(227-11)/4+1 = 55", (55,)),
]

NOT_SHAPES = [
    ("", "a shape such as 55x55x96 is missing"),
    ("55x55x", "an axis is missing"),
    ("()", "an axis is missing"),
    ("55x0x96", "'0' is not a positive whole number"),
    ("55x-5x96", "'-5' is not a positive whole number"),
    ("55x055", "'055' is not a positive whole number"),
    ("27.5x27.5", "'27.5' is not a positive whole number"),
    ("3.8x10^9", "'3.8' is not a positive whole number"),
    ("!= 55x55x96", "compares"),
    ("(55, 55", "'(55' is not a positive whole number"),
    ("55x55x96 apples", "'96 apples' is not a positive whole number"),
    ("55;55;96", "'55;55;96' is not a positive whole number"),
    ("9,216", "write 9216 or 9x216"),
    ("1x" * 8 + "1", "has 9 axes; the limit is 8"),
    ("1" + "0" * 31 + "x1", "beyond the limit of 10^30"),
    ("1x" * 101, "202 characters long; the limit is 200"),
]


@pytest.mark.parametrize(
    ("text", "shape"),
    [("torch.Size([4, 96, 55, 55])", (96, 55, 55)), ("[4, 96, 55, 55]", (4, 96, 55, 55))],
)
def test_pytorch_prints_the_batch_first(text: str, shape: tuple[int, ...]) -> None:
    assert without_batch(text, read_shape(text)) == shape


# written, exact, base -> how it matches
MATCHES = [
    ("34,944", 34944, None, "exact"),
    ("34,944", 34943, None, None),
    ("61,000,000", 61_000_001, None, None),
    ("4M", 4_000_000, None, "exact"),
    ("61.1M", 61_050_000, None, "rounded"),
    ("61.1M", 61_150_000, None, "rounded"),
    ("61.1M", 61_049_999, None, None),
    ("61.1M", 61_150_001, None, "cut"),
    ("61.1M", 61_199_999, None, "cut"),
    ("61.1M", 61_200_000, None, None),
    ("-1.5K", -1_599, None, "cut"),
    ("-1.5K", -1_401, None, None),
    ("0.0M", -99_999, None, None),
    ("138M", 138_357_544, None, "rounded"),  # VGG-16's parameters: facts.md
    ("3.8×10^9", 3_857_973_248, None, "cut"),  # ResNet-50's MACs as in the paper: facts.md, errata
    (
        "112.9M",
        14 * 14 * 48 * 5 * 5 * 480,
        None,
        "rounded",
    ),  # the bottleneck example of 001_24b34ccf40be5578.txt
    ("5.3M", 14 * 14 * 16 * 480 + 14 * 14 * 48 * 5 * 5 * 16, None, "rounded"),  # the same
    ("150K", 224 * 224 * 3, None, "cut"),  # VGG-16's table in 004_2c2c08c153d7bb01.txt
    ("400K", 56 * 56 * 128, None, None),  # the same: 401,408
    ("96MB", 60_950_432, None, None),  # 15,237,608 values of 4 bytes: facts.md, errata
    # GoogLeNet 3a, weights of its six convolutions: 163,328 = 159.5 × 1024, which is just in
    (
        "159k",
        64 * 192 + 96 * 192 + 128 * 9 * 96 + 16 * 192 + 32 * 25 * 16 + 32 * 192,
        1024,
        "rounded",
    ),
    ("159k", 163_328, None, None),
    ("58.1 MiB", 60_950_432, None, "rounded"),
    ("60.95 MiB", 60_950_432, 1000, "rounded"),
    ("1.39", Fraction(25, 18), None, "rounded"),
    ("25/18", Fraction(25, 18), None, "exact"),
]

FORMATTED = [
    (61_100_840, "full", 3, "61,100,840"),
    (Fraction(1, 2), "full", 3, "1/2"),
    (Fraction(4, 2), "full", 3, "2"),
    (-1234, "full", 3, "-1,234"),
    (61_100_840, "short", 3, "61.1M"),
    (4_133_742_592, "short", 3, "4.13G"),
    (61_050_000, "short", 3, "61.1M"),  # halves up
    (999_999, "short", 3, "1.00M"),
    (123_456, "short", 2, "123K"),  # not 120K, which would claim a 0
    (999, "short", 2, "999"),
    (0, "short", 3, "0"),
    (-1_500, "short", 2, "-1.5K"),
    (1_234 * 10**12, "short", 3, "1,234T"),
    (Fraction(25, 18), "short", 3, "1.39"),
    (Fraction(2000, 7), "short", 3, "285.7"),
    (60_950_432, "MB", 4, "60.95 MB"),  # facts.md, errata
    (60_950_432, "MiB", 3, "58.1 MiB"),
    (1024 * 1024 - 1, "MiB", 3, "1.00 MiB"),
    (512, "MB", 3, "512 bytes"),
]


@pytest.mark.parametrize(("text", "value", "unit"), FULL)
def test_a_number_in_full_is_exact(text: str, value: Any, unit: Any) -> None:
    written = read_number(text)
    assert (written.value, written.low, written.high, written.half) == (value, value, value, 0)
    assert (written.full, written.suffix, written.unit, written.text) == (True, "", unit, text)


@pytest.mark.parametrize(("text", "value", "low", "high", "suffix", "unit"), ROUNDED)
def test_digits_written_set_the_precision(
    text: str, value: Any, low: Any, high: Any, suffix: Any, unit: Any
) -> None:
    written = read_number(text)
    assert (written.value, written.low, written.high) == (value, low, high)
    assert (written.full, written.suffix, written.unit, written.half) == (
        False,
        suffix,
        unit,
        high - value,
    )


def test_whole_values_are_ints() -> None:
    written = read_number("2.50K")
    assert [type(part) for part in (written.value, written.low, written.high)] == [int, int, int]


def test_what_truncation_accepts() -> None:
    assert (read_number("61.1M").cut_low, read_number("61.1M").cut_high) == (61_100_000, 61_200_000)
    assert (read_number("-1.5K").cut_low, read_number("-1.5K").cut_high) == (-1_600, -1_500)
    assert (read_number("61").cut_low, read_number("61").cut_high) == (61, 61)


def test_another_base() -> None:
    assert read_number("2.7k").with_base(1024).value == Fraction(27 * 1024, 10)
    assert read_number("528 MiB").with_base(1000)[1:5] == (528_000_000, 1_000_000, "M", "bytes")
    assert read_number("34,944").with_base(1024) == read_number("34,944")


@pytest.mark.parametrize(("text", "value", "working"), WITH_WORKING)
def test_the_answer_stands_beside_its_working(text: str, value: Any, working: Any) -> None:
    written = read_number(text)
    assert (written.value, written.working) == (value, working)


DIGITS = [
    ("34,944", 5),
    ("61.1M", 3),
    ("61.10M", 4),
    ("0.0612M", 3),
    ("3e4", 1),
    ("1G", 1),
    ("800K", 3),
    ("6200만", 4),
    ("0T", 0),
    ("0.0M", 0),
    ("0", 0),
    ("-1.5K", 2),
]


@pytest.mark.parametrize(("text", "digits"), DIGITS)
def test_the_significant_digits_written(text: str, digits: Any) -> None:
    assert read_number(text).digits == digits


@pytest.mark.parametrize(
    "zero", ["0T", "0M", "0G", "0Gi", "0.0T", "000T", "-0T", "0e9", "0e30", "0억"]
)
def test_a_zero_is_right_only_where_zero_is(zero: Any) -> None:
    assert [matches(read_number(zero), exact) for exact in (1, 34944, -5)] == [None] * 3
    assert matches(read_number(zero), 0) == "exact"


def test_enough_digits_are_two_or_all_that_there_are() -> None:
    assert not read_number("3e4").has_digits(2, 34944)
    assert read_number("35K").has_digits(2, 34944)
    assert read_number("34,944").has_digits(3, 34944)
    assert read_number("5M").has_digits(3, 5_000_000)
    assert not read_number("5M").has_digits(3, 5_000_001)


def test_a_unit_knows_its_quantities() -> None:
    assert not read_number("1161600 MACs").is_of("memory")
    assert not read_number("34944 FLOPs").is_of("params")
    assert read_number("105M FLOPs").is_of("macs")
    assert read_number("34,848 weights").is_of("params")
    assert not read_number("34,848 weights").is_of("biases")
    assert all(read_number("34,944").is_of(quantity) for quantity in ASKED)
    named = {quantity for quantities in UNIT_QUANTITIES.values() for quantity in quantities}
    assert named <= set(ASKED)


def test_zeros_that_only_hold_places() -> None:
    """VGG-16's table prints 800K for 802,816 values: 8 times 100K."""
    assert matches(read_number("800K").with_zeros_as_places(), 802_816) == "rounded"
    assert matches(read_number("8.00M").with_zeros_as_places(), 8_028_160) is None
    assert read_number("34,900").with_zeros_as_places() == read_number("34,900")


@pytest.mark.parametrize(("text", "message"), NOT_NUMBERS)
def test_a_number_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 (its whole text is looked at)
        read_number(text)
    assert message in str(refusal.value)


@pytest.mark.parametrize(("text", "shape"), SHAPES)
def test_a_shape(text: str, shape: Any) -> None:
    assert read_shape(text) == shape


@pytest.mark.parametrize(("text", "message"), NOT_SHAPES)
def test_a_shape_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 (its whole text is looked at)
        read_shape(text)
    assert message in str(refusal.value)


@pytest.mark.parametrize(("text", "exact", "base", "how"), MATCHES)
def test_matches(text: str, exact: Any, base: Any, how: Any) -> None:
    assert matches(read_number(text), exact, base) == how


def test_distance() -> None:
    assert distance(read_number("101"), 100) == 0.01
    assert distance(read_number("99"), 100) == -0.01
    assert distance(read_number("-99"), -100) == 0.01
    assert distance(read_number("0"), 0) == 0.0
    assert distance(read_number("5"), 0) == float("inf")
    assert distance(read_number("-1/2"), 0) == float("-inf")


@pytest.mark.parametrize(("value", "style", "digits", "text"), FORMATTED)
def test_format_number(value: Any, style: Any, digits: Any, text: str) -> None:
    assert format_number(value, style, digits) == text


def test_format_refuses_another_style() -> None:
    with pytest.raises(ValueError, match="'long' is not a style"):
        format_number(1, "long")  # type: ignore[arg-type]


def test_format_shape() -> None:
    assert format_shape((55, 55, 96)) == "55×55×96"
    assert format_shape((4096,), "x") == "4096"


values = st.integers(-(10**18), 10**18) | st.fractions(-(10**9), 10**9, max_denominator=1000)


@given(values, st.sampled_from(["full", "short", "MB", "MiB"]), st.integers(1, 8))
def test_what_is_printed_reads_back_within_its_precision(
    value: Any, style: Any, digits: Any
) -> None:
    written = read_number(format_number(value, style, digits))
    assert written.low <= value <= written.high
    assert matches(written, value) in ("exact", "rounded")


@given(st.integers(1, 10**9), st.integers(1, 9), st.sampled_from("KMGT"))
def test_the_ends_of_what_is_accepted(coefficient: Any, decimals: Any, suffix: Any) -> None:
    whole, part = divmod(coefficient, 10**decimals)
    written = read_number(f"{whole}.{part:0{decimals}d}{suffix}")
    worth = Fraction(1000 ** ("KMGT".index(suffix) + 1), 10**decimals)
    hair = worth / 1000
    assert written.value == coefficient * worth
    assert (
        matches(written, written.value - worth / 2)
        == matches(written, written.value + worth / 2)
        == "rounded"
    )
    assert matches(written, written.value - worth / 2 - hair) is None
    assert matches(written, written.value + worth / 2 + hair) == "cut"
    assert matches(written, written.value + worth) is None


@given(
    st.lists(st.integers(1, 10**6), min_size=1, max_size=8),
    st.sampled_from(["×", "x", "*", " x ", ", ", " "]),
)
def test_a_shape_printed_reads_back(axes: Any, sep: Any) -> None:
    shape = tuple(axes)
    assert (
        read_shape(format_shape(shape, sep))
        == read_shape(str(shape))
        == read_shape(str(axes))
        == shape
    )


@given(st.text(max_size=30) | st.text("0123456789.,'()[]x×*=~≈-+^eKMGiB %약\\{}$ ", max_size=30))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    for read in (read_number, read_shape):
        assert re.search("^$| (is|has|may|separates|compares)", refusal_of(read, text))


def refusal_of(read: Any, text: str) -> Any:
    try:
        read(text)
    except ValueError as refusal:
        return str(refusal)
    return ""


@given(
    st.integers(-(10**6), 10**6),
    st.sampled_from([0, 1, 2, 4]),  # three may be thousands
    st.sampled_from(["", "K", "M", "Gi", "T"]),
    st.integers(-2000, 2000),
)
def test_what_agrees_is_within_reach(digits: int, decimals: int, suffix: str, off: int) -> None:
    written = read_number(f"{Decimal(digits).scaleb(-decimals):f}{suffix}")
    readings = readings_of(written, places=True)
    least, most = reach(written, readings)
    unit = Fraction(written.step or 1, 1000)
    for base in (1000, 1024):
        value = written.with_base(base).value + off * unit if written.suffix else written.value
        if agreement(written, value, readings) is not None:
            assert least <= value <= most


@pytest.mark.parametrize(
    ("text", "value"),
    [("0.1", Fraction(1, 10)), ("1/4", Fraction(1, 4)), ("25e-2", Fraction(1, 4)), ("-3", Fraction(-3)), ("2E3", 2000)],
)  # fmt: skip
def test_a_number_of_a_file_is_exact(text: str, value: Fraction) -> None:
    assert read_exact(text) == value


@pytest.mark.parametrize(
    "text",
    ["", "x", "nan", "inf", "1/0", "1e261", "1e-261", "1e999999999", "1e" + "9" * 30, "9" * 41, "1e1e9", "1e"],
)  # fmt: skip
def test_a_number_that_is_none_or_would_fill_the_memory(text: str) -> None:
    with pytest.raises(ValueError, match=r"(?i)number|divides|invalid"):
        read_exact(text)


@pytest.mark.parametrize("text", ["9" * 40, "9" * 35 + "e260", "1/" + "9" * 38, "1e-260"])
def test_what_is_read_is_a_float_too(text: str) -> None:
    assert float(read_exact(text)) > 0
