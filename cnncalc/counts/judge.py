"""One judge of a number: what it is to the question that was asked. `check`, `identify`, `lecture`, `validate` ask it.

    asked = ask(net, "conv1", "params")
    judge(asked, read_number("34.9K")).status        # "right"

The order is that in which a teacher would look: right; right by another convention, rounding or K; printed elsewhere
for this very question; a sibling's number. Whoever grades puts what he alone knows between these: a number carried from
an earlier answer before `elsewhere`, a slip before `sibling`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from cnncalc.counts.printed import (
    FEW_DIGITS,
    SOME_DIGITS,
    TOTAL,
    Printing,
    Shape,
    family,
    printed_of,
)
from cnncalc.report.conventions import LayerSums, conventions, load_convention
from cnncalc.spec.graph import Node
from cnncalc.spec.quantities import BY_NAME
from cnncalc.text.exact import Exact
from cnncalc.text.messages import Phrase, message
from cnncalc.text.numbers import (
    AS_WRITTEN,
    Agreement,
    Reading,
    WrittenNumber,
    agreement,
    distance,
    format_number,
    matches,
    readings_of,
)

if TYPE_CHECKING:
    from cnncalc.network import Network
    from cnncalc.report.analysis import Report, Row

RIGHT, OTHERWISE, ELSEWHERE, SIBLING, NOTHING = STATUSES = (
    "right",
    "otherwise",
    "elsewhere",
    "sibling",
    "nothing",
)
PLACES_WITHIN = 0.01
"""How near the value a number must be whose zeros only hold places: 800K is 802,816, and 100M is not 138M."""

_KIN = {"flops": ("flops", "macs"), "macs": ("macs", "flops")}
"""The quantities whose prints answer a question of another: papers call multiply-accumulates FLOPs."""


class Asked(NamedTuple):
    """A question and what answers it: the right value, and what each convention counts instead.

    `place` is a layer, a block instance or `total`; `digits` how many significant ones an answer needs. `readings` are
    how numbers are read where that is known, as in a column of a table; else in every usual way.
    """

    network: str
    family: str
    place: str
    quantity: str
    right: Exact | Shape
    by_convention: Mapping[str, int] = {}
    digits: int = FEW_DIGITS
    readings: tuple[Reading, ...] = ()


class Judgement(NamedTuple):
    """What a number is to a question.

    `status` is one of STATUSES. `agreement` says how `value` gives the number. With `otherwise` it is what the
    `convention` counts, or, where that is None, the right value that is cut, of another K, with zeros that only hold
    places, or of too few digits (`few_digits`). `printings` say where the number is printed, or of which sibling it
    is, the nearest first; `tool` is the convention whose count of the whole network it is. A number beside a
    calculation that makes another one (`contradiction`) is neither right nor otherwise right.
    """

    status: str
    value: Exact | Shape | None = None
    agreement: Agreement | None = None
    convention: str | None = None
    few_digits: bool = False
    printings: tuple[Printing, ...] = ()
    tool: str | None = None
    contradiction: bool = False

    @property
    def where(self) -> tuple[Phrase, ...]:
        """Where the number is printed, or whose it is, in words: `60M: Krizhevsky et al. 2012, abstract (...)`."""
        said = [printing_words(printing) for printing in self.printings]
        if self.tool is not None and isinstance(self.value, int):
            unit = load_convention(self.tool).unit
            said.append(
                message(
                    "{value:,}: the {unit} that {tool} counts",
                    value=self.value,
                    unit=unit,
                    tool=self.tool,
                )
            )
        return tuple(said)


def printing_words(printing: Printing, *, brief: bool = False) -> Phrase:
    """Say who prints a number, of which network, and, unless it is to be brief, what is to be said of it."""
    of = printing.title
    if printing.variant:
        of = message("{network} with {variant}", network=of, variant=printing.variant)
    known = {"text": printing.text, "network": of, "name": printing.network}
    quantity = message(BY_NAME[printing.quantity].title)
    if printing.kind == TOTAL:
        return message("{text}: the {quantity} of {network} ({name})", quantity=quantity, **known)
    if printing.source == "":
        return message(
            "{text}: the {quantity} of {place} in {network} ({name})",
            quantity=quantity,
            place=printing.place,
            **known,
        )
    said = message(
        "{text}: an erratum, {source} ({network})"
        if printing.kind == "erratum"
        else "{text}: {source} ({network})",
        source=printing.source,
        **known,
    )
    if brief or not printing.why:
        return said
    return message("{said}; {why}", said=said, why=message(printing.why))


# --- the question ----------------------------------------------------------------------------------------------------


def counts_by_convention(nodes: Iterable[Node], quantity: str) -> dict[str, int]:
    """Return what every convention counts of layers, the simplest first, where conventions differ in the quantity."""
    if quantity not in ("macs", "flops", "params"):
        return {}
    sums = LayerSums(nodes)
    count = sums.parameters if quantity == "params" else sums.operations
    return {convention.name: count(convention) for convention in conventions()}


def ask(
    net: Network,
    place: str,
    quantity: str,
    *,
    batch: int = 1,
    dtype: str = "float32",
    convention: str = "standard",
    digits: int = FEW_DIGITS,
) -> Asked | None:
    """Work a question out; None where there is nothing to answer. Raises SpecError for a place that there is not."""
    nodes = net.parts.find(place).nodes
    right = value_of(net, place, quantity, batch=batch, dtype=dtype, convention=convention)
    if right is None:
        return None
    counted = counts_by_convention(nodes, quantity)
    return Asked(net.name, net.spec.family, place, quantity, right, counted, digits)


def value_of(
    net: Network,
    place: str,
    quantity: str,
    *,
    batch: int = 1,
    dtype: str = "float32",
    convention: str = "standard",
) -> Exact | Shape | None:
    """Return a quantity of a layer, a block instance or the whole network; None where it has none that is known."""
    depth = None if place == TOTAL else place.count("/") + 1
    report = net.report(batch=batch, dtype=dtype, convention=convention, depth=depth)
    row = next((row for row in report.rows if row.name == place), None)
    if row is None and place != TOTAL:
        return None
    return _known(report.total(quantity) if row is None else report.value(quantity, row))


def _known(value: Exact | Shape) -> Exact | Shape | None:
    """Return a value, or None for axes of which a size is not known."""
    if isinstance(value, tuple):
        sizes = tuple(size for size in value if isinstance(size, int))
        return sizes if sizes and len(sizes) == len(value) else None
    return value


# --- the judgement ---------------------------------------------------------------------------------------------------


def judge(asked: Asked, given: WrittenNumber | Shape, *, siblings: bool = True) -> Judgement:
    """Say what a number, or a shape, is to a question: see the module and `Judgement`.

    Without `siblings` the same part of other networks is not looked at: who has slips asks `siblings_of` after them.
    """
    if isinstance(given, WrittenNumber) == isinstance(asked.right, tuple):
        return Judgement(NOTHING)
    contradiction = isinstance(given, WrittenNumber) and given.contradicts_itself
    judgement = right_or_otherwise(asked, given)
    if judgement is not None and judgement.status == OTHERWISE:
        judgement = judgement._replace(printings=_printings(asked, given, of_others=False))
    judgement = judgement or _elsewhere(asked, given)
    if judgement is None and siblings:
        judgement = _sibling(asked, given)
    judgement = judgement or Judgement(NOTHING)
    return judgement._replace(contradiction=contradiction)


def right_or_otherwise(asked: Asked, given: WrittenNumber | Shape) -> Judgement | None:
    """Judge by the network alone: right, right by another convention, rounding or K, or None."""
    if isinstance(given, WrittenNumber) and given.contradicts_itself:
        return None
    return _right(asked, given) or _otherwise(asked, given)


def _right(asked: Asked, given: WrittenNumber | Shape) -> Judgement | None:
    if not isinstance(given, WrittenNumber) or isinstance(asked.right, tuple):
        return Judgement(RIGHT, asked.right) if given == asked.right else None
    if not given.is_of(asked.quantity) or not given.has_digits(asked.digits, asked.right):
        return None
    read = agreement(given, asked.right, asked.readings or AS_WRITTEN)
    return None if read is None or read.match == "cut" else Judgement(RIGHT, asked.right, read)


def _otherwise(asked: Asked, given: WrittenNumber | Shape) -> Judgement | None:
    """Return the right value read otherwise, then what a convention counts: as the digits say, with another K, cut."""
    if (
        not isinstance(given, WrittenNumber)
        or isinstance(asked.right, tuple)
        or not given.is_of(asked.quantity)
    ):
        return None
    counted: list[tuple[str | None, Exact]] = [(None, asked.right), *asked.by_convention.items()]
    judgements = [
        Judgement(OTHERWISE, value, read, name)
        for name, value in counted
        if (name is None or (value != asked.right and is_kin(name, asked.quantity)))
        and (read := _agrees(asked, given, value)) is not None
        and given.has_digits(_digits_needed(asked, name, read), value)
    ]
    best = min(judgements, key=_by_plainness, default=None)
    if best is None or best.convention is not None or best.agreement is None:
        return best
    few = best.agreement.is_plain and not given.has_digits(asked.digits, asked.right)
    return best._replace(few_digits=few)


def _digits_needed(asked: Asked, convention: str | None, read: Agreement) -> int:
    """Return the digits without which a reading that is not plain is chance: another K, or cut by a convention of
    many.
    """
    if convention is None:
        return SOME_DIGITS if read.base == 1024 and asked.quantity != "memory" else 1
    simplest = next(name for name, value in asked.by_convention.items() if value != asked.right)
    is_usual = read.is_plain or (convention == simplest and read.base == 1000)
    return 1 if read.places else FEW_DIGITS if is_usual else SOME_DIGITS


def is_kin(convention: str, quantity: str) -> bool:
    """Whether a convention counts what is asked for under another rule: MACs are asked of those that count MACs."""
    return quantity != "macs" or load_convention(convention).unit == "MACs"


def _by_plainness(judgement: Judgement) -> tuple[bool, bool, int]:
    """Order what fits: as the digits say before cut, zeros as digits before places, K = 1000 before 1024."""
    read = judgement.agreement
    assert read is not None
    return read.match == "cut", read.places, read.base


def _agrees(asked: Asked, given: WrittenNumber, value: Exact) -> Agreement | None:
    """How a value gives a number; nobody counts operations in powers of 1024."""
    usual = readings_of(given, binary=asked.quantity not in ("macs", "flops"), places=True)
    readings = asked.readings or usual
    agreed = agreement(given, value, readings)
    if agreed is None or not agreed.places or abs(distance(given, value)) <= PLACES_WITHIN:
        return agreed
    return agreement(given, value, [reading for reading in readings if not reading.places])


def _printings(
    asked: Asked, given: WrittenNumber | Shape, *, of_others: bool
) -> tuple[Printing, ...]:
    """Who prints the number for this very question, and of the whole network, for which others of the family."""
    quantities = _KIN.get(asked.quantity, (asked.quantity,))
    listed = [
        printing
        for printing in printed_of(asked.network, asked.family)
        if printing.place == asked.place
        and (printing.quantity == asked.quantity or _is_print_of_kin(printing, quantities))
        and (printing.network == asked.network or (of_others and asked.place == TOTAL))
        and printing.prints(given)
    ]
    return tuple(dict.fromkeys(listed))


def _is_print_of_kin(printing: Printing, quantities: tuple[str, ...]) -> bool:
    return printing.quantity in quantities and printing.kind != TOTAL


def _elsewhere(asked: Asked, given: WrittenNumber | Shape) -> Judgement | None:
    """Who prints the number for this very question; of the whole network also what a sibling has or a tool counts."""
    listed = _printings(asked, given, of_others=True)
    if listed:
        return Judgement(ELSEWHERE, listed[0].computed, printings=listed)
    return _tool(asked, given) if isinstance(given, WrittenNumber) else None


def _tool(asked: Asked, given: WrittenNumber) -> Judgement | None:
    """Return the tool that counts the number for the whole network, unless it is just as well twice the right one."""
    if asked.place != TOTAL or asked.quantity != "macs" or isinstance(asked.right, tuple):
        return None
    if not given.is_of(asked.quantity) or matches(given, 2 * asked.right) is not None:
        return None
    for name, value in asked.by_convention.items():
        if given.has_digits(SOME_DIGITS, value) and matches(given, value) in ("exact", "rounded"):
            return Judgement(ELSEWHERE, value, Agreement("rounded"), tool=name)
    return None


def _sibling(asked: Asked, given: WrittenNumber | Shape) -> Judgement | None:
    """Return the same part of another network of the family that has the number."""
    if asked.place == TOTAL:
        return None
    printings = tuple(
        printing for printing in siblings_of(asked) if is_sibling(printing, asked.right, given)
    )
    return Judgement(SIBLING, printings[0].computed, printings=printings) if printings else None


def is_sibling(printing: Printing, right: Exact | Shape, given: WrittenNumber | Shape) -> bool:
    """Tell whether a number, or a shape, is a sibling's and not the right one."""
    if printing.computed == right or isinstance(given, WrittenNumber) == isinstance(right, tuple):
        return False
    return printing._replace(kind=TOTAL).prints(given)  # a count of ours needs as many digits


def siblings_of(
    asked: Asked, *, batch: int = 1, dtype: str = "float32", convention: str = "standard"
) -> tuple[Printing, ...]:
    """Give the quantity of the same part of each other network of the family that has such a part."""
    depth = asked.place.count("/") + 1
    printings = []
    for known in family(asked.network, asked.family):
        report, rows = _sibling_rows(known.name, depth, batch, dtype, convention)
        row = rows.get(asked.place)
        value = None if row is None else _known(report.value(asked.quantity, row))
        if value is not None and isinstance(value, tuple) == isinstance(asked.right, tuple):
            text = "×".join(map(str, value)) if isinstance(value, tuple) else format_number(value)
            where = (known.name, known.title, asked.place, asked.quantity)
            printings.append(Printing(*where, text, value, "", SIBLING))
    return tuple(printings)


@lru_cache(maxsize=128)
def _sibling_rows(
    name: str, depth: int, batch: int, dtype: str, convention: str
) -> tuple[Report, dict[str, Row]]:
    """Index the rows of another network at a depth: each network of a family is walked once."""
    from cnncalc.network import load

    report = load(name).report(batch=batch, dtype=dtype, convention=convention, depth=depth)
    return report, {row.name: row for row in report.rows}


__all__ = [
    "ELSEWHERE",
    "NOTHING",
    "OTHERWISE",
    "RIGHT",
    "SIBLING",
    "STATUSES",
    "Asked",
    "Judgement",
    "ask",
    "counts_by_convention",
    "is_kin",
    "is_sibling",
    "judge",
    "printing_words",
    "right_or_otherwise",
    "siblings_of",
    "value_of",
]
