"""How fast sheets are graded, and how often the diagnosis is right, silent or wrong.

    python benchmarks/bench_homework.py                   # both
    python benchmarks/bench_homework.py --quality --each  # the diagnosis alone, quantity by quantity

Speed: 1,000 sheets of 24 cells on one core (target 5 s), and what memory does meanwhile.

Quality, on answers made up from a fixed seed. *Slips*: a slip is made in a question that it applies to; is it named,
and first? Where two slips give the same number both are named, so that first is not always to be had. *Random numbers*
have nothing to do with any slip: from a tenth to ten times the right one, all sizes alike; of a shape the size and the
depth each on its own. How often is a slip found behind them (target under 2 %)? *Size alone*: of a shape, the depth is
left right. *One digit mistyped*: a digit of the right answer is another one. *Products* of the layer's own numbers and
the right number *times* a small one are what people's wrong numbers look like (targets: 5 % of products, 10 % of right
times 2^k outside memory, where every power of two is some slip). *Misconceptions unlisted* are wrong ideas that no
slip has (`misconceptions.py`): at most 4 % of what they give may get a story.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from math import prod
from pathlib import Path
from random import Random

import wrong_answers
from misconceptions import MISCONCEPTIONS, Misconception, layer_of

import cnncalc
from cnncalc.homework.answers import ReadAnswer, agrees, read_answer
from cnncalc.homework.candidates import KeyedQuestion
from cnncalc.homework.diagnose import diagnose
from cnncalc.homework.grade import grade_network_sheet
from cnncalc.homework.key import AnswerKey
from cnncalc.homework.slips import SLIPS, slips_of
from cnncalc.spec.quantities import ASKED

SHEETS, CELLS, SECONDS = 1000, 24, 5.0
NETWORKS = (
    "lenet5_28",
    "alexnet",
    "alexnet_two_towers",
    "vgg16",
    "googlenet",
    "resnet18",
    "resnet50",
    "dense_block_k4",
    "mnist_keras",
    "srdensenet",
    "torchvision/mobilenet_v2",
)
"""What the lectures set variants on: conv (grouped, 1x1, transposed), pool, fc, bn and the blocks."""

UNLISTED_TARGET = 4
"""Percent of answers that come of a misconception which is no slip may get a story."""

TRUE_OF_DOUBLED = frozenset({"flops-for-macs", "macs-for-flops"})
"""What a MACs answer of twice the right one, or a FLOPs answer of half of it, truly is."""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--speed", action="store_true", help="the speed alone")
    parser.add_argument("--quality", action="store_true", help="the diagnosis alone")
    parser.add_argument("--each", action="store_true", help="the quality of each quantity and slip")
    parser.add_argument("--count", type=int, default=10_000, help="made-up answers of each kind")
    chosen = parser.parse_args()
    if not chosen.quality:
        speed()
    if not chosen.speed:
        quality(chosen.count, chosen.each)


# --- speed ----------------------------------------------------------------------------------------------------------


def speed() -> None:
    """Grade sheets of 24 cells, some right, some wrong in every way, some carried forward."""
    random = Random(1)
    answer_key = AnswerKey(cnncalc.load("alexnet"))
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"student{number}.csv" for number in range(SHEETS)]
        for path in paths:
            path.write_text(sheet(answer_key, random), encoding="utf-8")
        grade_network_sheet(answer_key, str(paths[0]))
        start, peaks, statuses = time.process_time(), [], Counter[str]()
        for number, path in enumerate(paths):
            graded = grade_network_sheet(answer_key, str(path))
            statuses.update(cell.status for cell in graded.cells)
            if number in (SHEETS // 10, SHEETS - 1):
                peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
        seconds = time.process_time() - start
    assert sum(statuses.values()) == SHEETS * CELLS
    print(f"{SHEETS} sheets of {CELLS} cells: {seconds:.2f} s on one core (target {SECONDS:.0f} s)")
    print(
        f"memory: {peaks[0] / 1024:.1f} MiB after a tenth of them, {peaks[1] / 1024:.1f} MiB after all"
    )
    print("  " + ", ".join(f"{status} {count}" for status, count in statuses.most_common()))


def sheet(answer_key: AnswerKey, random: Random) -> str:
    """Return a sheet of eight layers and three columns, no two alike."""
    lines = ["layer,output,params,macs"]
    for layer in ("conv1", "pool1", "conv2", "conv3", "conv5", "fc1", "fc2", "fc3"):
        cells = [
            written(answer_key.question(layer, quantity), random)
            for quantity in ("output", "params", "macs")
        ]
        lines.append(",".join([layer, *cells]))
    return "\n".join(lines) + "\n"


def written(keyed: KeyedQuestion, random: Random) -> str:
    """Return an answer: right, a slip, another number, or nonsense."""
    kind = random.random()
    if kind < 0.6 or not keyed.right:
        return text_of(keyed.right)
    if kind < 0.8 and keyed.own.combos:
        return text_of(random.choice(keyed.own.combos).value)
    return text_of(random_value(keyed, random)) if kind < 0.98 else "abc"


# --- quality --------------------------------------------------------------------------------------------------------


def quality(count: int, each: bool) -> None:
    """Print how often the slip that was made is named, and how often one is named that was not."""
    random = Random(2)
    keyed_questions = list(questions())
    print(
        f"\ndiagnosis, over {len(keyed_questions)} questions about {len(NETWORKS)} networks, "
        f"{count} answers of each kind"
    )
    singles(keyed_questions, random, count, each)
    pairs(keyed_questions, random, count)
    pens(keyed_questions, random, count)
    explained("random numbers", random_value, keyed_questions, random, count, each)
    explained("size alone, at random", random_size, keyed_questions, random, count, each)
    explained("one digit mistyped", mistyped, keyed_questions, random, count, each)
    families(keyed_questions, random, count, each)
    unlisted(keyed_questions, each)
    wrong_answers.measure(each=each)


def questions() -> Iterator[KeyedQuestion]:
    """Every quantity of every layer and block that has any."""
    for name in NETWORKS:
        answer_key = AnswerKey(cnncalc.load(name), batch=16)
        for layer in (*answer_key.net.layer_names, "total"):
            if layer != "total" and answer_key.row(layer).quiet:
                continue
            for quantity in ASKED:
                if answer_key.right(layer, quantity):
                    yield answer_key.question(layer, quantity)


def singles(keyed_questions: list[KeyedQuestion], random: Random, count: int, each: bool) -> None:
    """Make a slip of the quantity's own group, or another input; every slip equally often, as far as it applies."""
    by_slip: dict[str, list[tuple[KeyedQuestion, object]]] = defaultdict(list)
    for keyed in keyed_questions:
        for combo in (*keyed.own.combos, *keyed.consequences.combos, *keyed.anything.combos):
            by_slip[combo.name].append((keyed, combo.value))
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for name in sorted(by_slip):
        for _ in range(count // len(by_slip)):
            keyed, value = random.choice(by_slip[name])
            named = diagnose(keyed, reading_of(keyed, value)).slips
            found[name]["made"] += 1
            found[name]["first"] += named[:1] == (name,)
            found[name]["named"] += name in named
            found[name]["told"] += bool(named)
    own = {name: counts for name, counts in found.items() if set(SLIPS[name].groups) - {"any"}}
    for label, chosen in (
        ("a slip of its own group", own),
        ("another row or column", {name: found[name] for name in found if name not in own}),
    ):
        made = sum(counts["made"] for counts in chosen.values())
        print(
            f"{label:28} named first {percent(sum(c['first'] for c in chosen.values()), made)}, "
            f"named {percent(sum(c['named'] for c in chosen.values()), made)}, "
            f"it or one of the same number {percent(sum(c['told'] for c in chosen.values()), made)}"
        )
    if each:
        for name, counts in found.items():
            print(
                f"    {name:24} first {percent(counts['first'], counts['made'])}, "
                f"named {percent(counts['named'], counts['made'])}"
            )
        missing = [
            slip.name
            for group in ("size", "parameters", "operations", "memory", "receptive")
            for slip in slips_of(group)
            if slip.name not in found
        ]
        print(f"    never applies here: {', '.join(missing) or 'none'}")


def pairs(keyed_questions: list[KeyedQuestion], random: Random, count: int) -> None:
    """Two slips together."""
    for label, kind in (
        ("two common slips together", "pairs"),
        ("two slips, one of them rare", "rare_pairs"),
    ):
        able = [
            keyed
            for keyed in keyed_questions
            if keyed.layer != "total" and getattr(keyed, kind).combos
        ]
        first = named = 0
        for _ in range(count):
            keyed = random.choice(able)
            combo = random.choice(getattr(keyed, kind).combos)
            found = diagnose(keyed, reading_of(keyed, combo.value)).slips
            first += found[:1] == (combo.name,)
            named += combo.name in found
        print(f"{label:28} named first {percent(first, count)}, named {percent(named, count)}")


def pens(keyed_questions: list[KeyedQuestion], random: Random, count: int) -> None:
    """Write the unit, the other K, two digits exchanged: answers that are right but for the way they are written."""
    made, first, named = Counter[str](), Counter[str](), Counter[str]()
    able = [
        keyed for keyed in keyed_questions if isinstance(keyed.right, int) and keyed.right >= 1000
    ]
    for _ in range(count):
        right = random.choice(able).right
        keyed = next(one for one in able if one.right == right)
        digits = str(right)
        at = random.randrange(len(digits) - 1)
        texts = {
            "wrong-unit": str(int(digits) * 1000),
            "k-is-1024": f"{int(digits) / 1024:.2f}K",
            "k-is-1000": f"{int(digits) / 1000:.2f}Ki",
            "swapped-digits": digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :],
        }
        name = random.choice(list(texts))
        reading = read_answer(keyed.quantity, texts[name])
        if agrees(reading, keyed.right or 0) is None:
            slips = diagnose(keyed, reading).slips
            made[name] += 1
            first[name] += slips[:1] == (name,)
            named[name] += name in slips
    print(
        f"{'a slip of the pen':28} named first {percent(first.total(), made.total())}, "
        f"named {percent(named.total(), made.total())}"
    )


def explained(
    label: str,
    answer: Callable[[KeyedQuestion, Random], object],
    keyed_questions: list[KeyedQuestion],
    random: Random,
    count: int,
    each: bool,
    true: frozenset[str] = frozenset(),
) -> None:
    """How often a slip is found behind a number that has none; the stories that are `true` of it counted apart."""
    tried, found, truly = Counter[str](), Counter[str](), 0
    for _ in range(count):
        keyed = random.choice(keyed_questions)
        value = answer(keyed, random)
        if value is None or value == keyed.right:
            continue
        reading = reading_of(keyed, value)
        diagnosis = diagnose(keyed, reading)
        tried[keyed.quantity] += 1
        if true.intersection(diagnosis.slips):
            truly += 1
        else:
            is_told = bool(diagnosis.slips or diagnosis.convention)
            found[keyed.quantity] += is_told or is_siblings(keyed, reading)
    beside = f", and truly {percent(truly, tried.total())}" if true else ""
    print(f'{label:28} "explained" {percent(found.total(), tried.total())}{beside}')
    if each:
        for quantity, times in tried.items():
            print(f"    {quantity:24} {percent(found[quantity], times)}")


def unlisted(keyed_questions: list[KeyedQuestion], each: bool) -> None:
    """Print how often a story is told of a misconception that is no slip, in every layer where it can be had."""
    tried, told = Counter[str](), Counter[str]()
    for keyed in keyed_questions:
        for idea in MISCONCEPTIONS:
            reading = reading_of_idea(keyed, idea)
            if reading is not None:
                diagnosis = diagnose(keyed, reading)
                tried[idea.name] += 1
                is_told = bool(diagnosis.slips or diagnosis.convention)
                told[idea.name] += is_told or is_siblings(keyed, reading)
    print(
        f"{len(MISCONCEPTIONS)} misconceptions unlisted  a false story "
        f"{percent(told.total(), tried.total())} (target {UNLISTED_TARGET} %)"
    )
    for name, times in tried.items() if each else ():
        print(f"    {name:72} {percent(told[name], times)} of {times}")


def reading_of_idea(keyed: KeyedQuestion, idea: Misconception) -> ReadAnswer | None:
    """Return what somebody with a wrong idea would hand in; None where it gives nothing, or what is right."""
    layer = layer_of(keyed) if keyed.quantity == idea.quantity else None
    value = None if layer is None or layer.kind not in idea.kinds else idea.value(layer)
    if value is None or value == keyed.right:
        return None
    return reading_of(keyed, value)


def is_siblings(keyed: KeyedQuestion, reading: ReadAnswer) -> bool:
    """Whether a number is told to be that of another network of the family."""
    assert isinstance(keyed.key, AnswerKey)
    return keyed.key.sibling(keyed, reading) is not None


def families(keyed_questions: list[KeyedQuestion], random: Random, count: int, each: bool) -> None:
    """Make what people's wrong numbers look like: made of the layer's own numbers, or of the right one."""
    counts = [keyed for keyed in keyed_questions if is_count(keyed)]
    memory = [keyed for keyed in counts if keyed.quantity == "memory"]
    others = [keyed for keyed in counts if keyed.quantity != "memory"]
    explained("products of own numbers", product, counts, random, count, each)
    explained("right times 2^k, no memory", doubled, others, random, count, each, TRUE_OF_DOUBLED)
    explained("right times 2^k, memory", doubled, memory, random, count, each)
    explained("right times 3, 5, 7, 9", multiplied, counts, random, count, each)
    unusual(keyed_questions, random, count)


def is_count(keyed: KeyedQuestion) -> bool:
    """Whether the answer is a number of some size."""
    return isinstance(keyed.right, int) and keyed.right >= 100


def product(keyed: KeyedQuestion, random: Random) -> object:
    """Return a product of two to five of the layer's own numbers, of 2 and 4."""
    variant = keyed.variants[0][0]
    own = [2, 4, *(size for shape in (*variant.inputs, variant.node.output) for size in shape)]
    own += [size for window in variant.slid for size in (window.kernel, window.stride)]
    return prod(random.choice(own) for _ in range(random.randint(2, 5)))


def doubled(keyed: KeyedQuestion, random: Random) -> object:
    """Return the right answer times or by 2, 4, 8, 16 or 32."""
    factor = 2 ** random.randint(1, 5)
    right = keyed.right
    assert isinstance(right, int)
    return right * factor if random.random() < 0.5 or right % factor else right // factor


def multiplied(keyed: KeyedQuestion, random: Random) -> object:
    """Return the right answer times a small odd number."""
    assert isinstance(keyed.right, int)
    return keyed.right * random.choice((3, 5, 7, 9))


def unusual(keyed_questions: list[KeyedQuestion], random: Random, count: int) -> None:
    """Make an unusual slip of the quantity's own group."""
    able = [keyed for keyed in keyed_questions if keyed.unusual.combos]
    first = named = 0
    for _ in range(count):
        keyed = random.choice(able)
        combo = random.choice(keyed.unusual.combos)
        found = diagnose(keyed, reading_of(keyed, combo.value)).slips
        first += found[:1] == (combo.name,)
        named += combo.name in found
    print(
        f"{'an unusual slip':28} named first {percent(first, count)}, named {percent(named, count)}"
    )


def random_value(keyed: KeyedQuestion, random: Random) -> object:
    """Return a number of a like size; a shape with square maps."""

    def near(size: int) -> int:
        return max(1, round(size * 10 ** random.uniform(-1, 1)))

    right = keyed.right
    if not isinstance(right, tuple):
        return near(int(right or 1))
    size = near(right[0])
    if keyed.quantity == "receptive_field" or len(right) == 1:
        return (size,) * len(right)
    return (*(size,) * (len(right) - 1), near(right[-1]))


def random_size(keyed: KeyedQuestion, random: Random) -> object:
    """Return a random size with the right depth; nothing for what is no map."""
    if keyed.quantity != "output" or not isinstance(keyed.right, tuple) or len(keyed.right) == 1:
        return None
    found = random_value(keyed, random)
    assert isinstance(found, tuple)
    return (*found[:-1], keyed.right[-1])


def mistyped(keyed: KeyedQuestion, random: Random) -> object:
    """Return the right answer with one digit exchanged for another."""
    right = keyed.right
    place = random.randrange(len(right)) if isinstance(right, tuple) else 0
    digits = list(str(right[place] if isinstance(right, tuple) else right))
    at = random.randrange(len(digits))
    digits[at] = random.choice([digit for digit in "0123456789" if digit != digits[at]])
    number = int("".join(digits))
    if not number:
        return None
    if not isinstance(right, tuple):
        return number
    return tuple(number if size == right[place] else size for size in right)


def reading_of(keyed: KeyedQuestion, value: object) -> ReadAnswer:
    """Return an answer as a student writes it down."""
    reading = read_answer(keyed.quantity, text_of(value))
    assert not reading.problem, (keyed.layer, keyed.quantity, value)
    assert agrees(reading, value) is not None  # type: ignore[arg-type]
    return reading


def text_of(value: object) -> str:
    """Return a count in full, a shape as 55x55x96."""
    return "x".join(map(str, value)) if isinstance(value, tuple) else str(value)


def percent(part: int, whole: int) -> str:
    """Return a share of answers."""
    return f"{100 * part / max(whole, 1):5.1f} %"


if __name__ == "__main__":
    main()
