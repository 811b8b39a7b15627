"""Wrong answers by the thousand, made without the project's reader: none may be graded right.

python -m tests.homework.wrong_answers 20000        # how many of them are graded right
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from fractions import Fraction
from random import Random

from cnncalc.homework.answers import read_answer
from cnncalc.homework.grade import mark
from cnncalc.homework.key import TOTAL
from cnncalc.homework.questions import Question
from cnncalc.homework.sheets.read import Answer

from .questions import answer_key

NETWORKS = ("alexnet", "vgg16", "lenet5_28", "googlenet", "resnet18", "torchvision/mobilenet_v2")
COUNTS = ("params", "weights", "biases", "macs", "flops", "activations", "memory")
SUFFIXES = {"K": 10**3, "M": 10**6, "G": 10**9}


def near(right: int, random: Random) -> str:
    """A number up to twenty off."""
    return str(right + random.choice((-1, 1)) * random.randint(1, 20))


def like(right: int, random: Random) -> str:
    """A number from a tenth to ten times the right one."""
    return str(round(right * 10 ** random.uniform(-1, 1)))


def times(right: int, random: Random) -> str:
    """The right number times a small one, or halved."""
    return str(right * random.choice((2, 3, 4, 5, 7, 8, 9, 16, 32)))


def mistyped(right: int, random: Random) -> str:
    """A digit exchanged for another."""
    digits = list(str(right))
    digits[random.randrange(len(digits))] = random.choice("0123456789")
    return "".join(digits)


def suffixed(right: int, random: Random) -> str:
    """Two to four digits with a suffix, of a number that is near."""
    near_by = right * 10 ** random.uniform(-0.5, 0.5)
    suffix = random.choice(list(SUFFIXES))
    return f"{near_by / SUFFIXES[suffix]:.{random.randint(1, 3)}f}{suffix}"


def zeros(right: int, random: Random) -> str:
    """Nothing, with a suffix that makes the last digit large."""
    return random.choice(("0T", "0.0T", "0G", "000M", "-0T", "0e12", "0"))


def negative(right: int, random: Random) -> str:
    """The right number with a sign."""
    return f"-{right}"


def bounded(right: int, random: Random) -> str:
    """A bound and no answer."""
    return random.choice(("<", ">", "<=", ">=")) + str(right + 1)


KINDS: tuple[Callable[[int, Random], str], ...] = (
    near,
    like,
    times,
    mistyped,
    suffixed,
    zeros,
    negative,
    bounded,
)


def permits(text: str, right: int) -> bool:
    """Tell whether a text is a right number, rounded to its digits: what a teacher would let pass."""
    factor = Fraction(SUFFIXES.get(text[-1], 1))
    digits = text.rstrip("KMG")
    try:
        value = Fraction(digits)
    except ValueError:
        return False
    step = factor / 10 ** len(digits.partition(".")[2])
    return abs(value * factor - right) <= (step / 2 if factor > 1 else 0)


def wrong_answers(random: Random, count: int) -> Iterator[tuple[str, str, str, str, str]]:
    """Make wrong answers: the kind, the network, the layer, the quantity and the text."""
    keys = {name: answer_key(name) for name in NETWORKS}
    while count:
        name = random.choice(NETWORKS)
        layer = random.choice((*keys[name].net.layer_names, TOTAL))
        quantity = random.choice(COUNTS)
        right = keys[name].right(layer, quantity)
        if not isinstance(right, int) or not right:
            continue
        kind = random.choice(KINDS)
        text = kind(right, random)
        if not permits(text, right):
            count -= 1
            yield kind.__name__, name, layer, quantity, text


def main(count: int) -> int:
    """Grade wrong answers and print how many are graded right, by kind."""
    made, false = Counter[str](), Counter[str]()
    for kind, name, layer, quantity, text in wrong_answers(Random(20), count):
        question = Question(None, "", answer_key(name), layer, quantity)
        cell = mark(question, Answer(text, ""), read_answer(quantity, text))
        made[kind] += 1
        false[kind] += cell.status == "right"
    for kind in made:
        print(f"{kind:12} {made[kind]:6} wrong answers, {false[kind]} graded right")
    print(f"{'all':12} {made.total():6} wrong answers, {false.total()} graded right")
    return int(false.total() > 0)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000))
