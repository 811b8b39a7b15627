"""Slips with any quantity: the wrong row or column, the wrong unit, a slip of the pen, another input."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cnncalc.homework import answers
from cnncalc.homework.slips.base import Said, Slip
from cnncalc.homework.variant import Value

if TYPE_CHECKING:
    from cnncalc.homework.answers import Reading
    from cnncalc.homework.candidates import Task

_ANY = ("any",)
_POWERS = (3, -3, 6, -6, 1, -1, 2, -2, 9, -9)


def other_input_size(task: Task) -> Iterator[Value]:
    """The whole network walked from 224 for 227 or 227 for 224 (28 and 32 for one channel)."""
    if task.twin is not None and task.twin.right is not None:
        yield task.twin.right


def neighbouring_layer(task: Task) -> Iterator[Value]:
    """The row before or after in the same column."""
    yield from task.neighbours


def swapped_column(task: Task) -> Iterator[Value]:
    """Another column of the row."""
    yield from task.columns


def k_is_1024(reading: Reading) -> Iterator[Reading]:
    """The suffix as a power of 1024."""
    if (
        reading.number is not None
        and reading.number.suffix
        and not reading.number.suffix.endswith("i")
    ):
        yield answers.with_base(reading, 1024)


def k_is_1000(reading: Reading) -> Iterator[Reading]:
    """The suffix as a power of 1000."""
    if reading.number is not None and reading.number.suffix.endswith("i"):
        yield answers.with_base(reading, 1000)


def wrong_unit(reading: Reading) -> Iterator[Reading]:
    """A power of ten away: 1, 2, 3, 6 or 9."""
    if reading.number is not None:
        for power in _POWERS:
            yield answers.scaled(reading, power)


def swapped_digits(reading: Reading) -> Iterator[Reading]:
    """Two adjacent digits exchanged."""
    yield from answers.exchanged(reading)


OTHER_INPUT = Slip(
    "other-input-size",
    ("size", "any"),
    "the whole network from another input: 224 for 227, 28 for 32, and back",
    Said(
        "Check the size of the image that this network takes.",
        "이 네트워크가 받는 이미지의 크기를 확인하세요.",
    ),
    Said("the network's input size", "네트워크의 입력 크기"),
    "input",
    numbers=other_input_size,
)
"""One of a size that any quantity may have."""

SLIPS = (
    Slip(
        "k-is-1024",
        _ANY,
        "K read as 1024",
        Said(
            "K, M and G stand for powers of 1000 here; write Ki, Mi or Gi for those of 1024.",
            "여기서 K, M, G는 1000의 거듭제곱입니다. 1024의 거듭제곱은 Ki, Mi, Gi로 씁니다.",
        ),
        Said("K and Ki", "K와 Ki"),
        "unit",
        reread=k_is_1024,
    ),
    Slip(
        "k-is-1000",
        _ANY,
        "Ki read as 1000",
        Said(
            "Ki, Mi and Gi stand for powers of 1024; write K, M or G for those of 1000.",
            "Ki, Mi, Gi는 1024의 거듭제곱입니다. 1000의 거듭제곱은 K, M, G로 씁니다.",
        ),
        Said("K and Ki", "K와 Ki"),
        "unit",
        reread=k_is_1000,
    ),
    Slip(
        "wrong-unit",
        _ANY,
        "a power of ten away: 1, 2, 3, 6 or 9",
        Said(
            "Check the unit, and where the decimal point stands.",
            "단위와 소수점 자리를 확인하세요.",
        ),
        Said("thousand, million, billion (K, M, G)", "천, 백만, 십억(K, M, G)"),
        "unit",
        reread=wrong_unit,
    ),
    Slip(
        "neighbouring-layer",
        _ANY,
        "the row before or after",
        Said(
            "This belongs to a neighbouring layer: check the row.",
            "이것은 이웃한 계층의 값입니다. 행을 확인하세요.",
        ),
        Said("the order of the layers", "계층의 순서"),
        "row",
        numbers=neighbouring_layer,
    ),
    Slip(
        "swapped-column",
        _ANY,
        "another column of the row",
        Said(
            "This is another quantity of this layer: check the column.",
            "이것은 이 계층의 다른 양입니다. 열을 확인하세요.",
        ),
        Said("what is asked for", "무엇을 묻는지"),
        "column",
        numbers=swapped_column,
    ),
    Slip(
        "swapped-digits",
        _ANY,
        "two adjacent digits exchanged",
        Said(
            "Two neighbouring digits seem to be exchanged: copy the number again.",
            "이웃한 두 숫자가 바뀐 것 같습니다. 다시 옮겨 적어 보세요.",
        ),
        Said("copying a number", "숫자 옮겨 적기"),
        "digits",
        reread=swapped_digits,
    ),
)
"""The slips with any quantity, in the contract's order."""
