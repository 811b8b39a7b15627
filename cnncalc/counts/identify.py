"""Which quantity, under which convention, gives a number as written: 3.8G, 138M, 96MB, 159k, 4.13 GFLOPs.

`candidates` lists everything that a layer, a block or the whole network can be said to have, by `measures`, the
simplest first. `identify` holds a number to the digits written against all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from math import ceil, floor, inf, log
from typing import TYPE_CHECKING, NamedTuple

from cnncalc.counts import printed
from cnncalc.counts.measures import Sums, measures, summed_measures
from cnncalc.counts.printed import Printing
from cnncalc.spec.part import ALL, TOTAL, Part
from cnncalc.text.numbers import (
    Reading,
    WrittenNumber,
    agreement,
    distance,
    reach,
    read_number,
    readings_of,
)
from cnncalc.text.source import single_problem

if TYPE_CHECKING:
    from cnncalc.network import Network
    from cnncalc.report.analysis import Report

MAX_NEAR = 5
MAX_FACTOR_NEAR = 2.0
"""A near miss is within this factor; where there is none, the nearest alone is named."""


class Candidate(NamedTuple):
    """One quantity of one place: a layer's name, a block instance's, `all conv` for the layers of an op, or `total`.

    `rank` orders the candidates of one place, the simplest first.
    """

    place: str
    quantity: str
    convention: str | None
    value: int
    unit: str
    meaning: str
    rank: int

    @property
    def key(self) -> tuple[str, str | None]:
        """What is the same for every layer: the quantity and the convention."""
        return self.quantity, self.convention


# --- what there is ---------------------------------------------------------------------------------------------------


def candidates(
    net: Network, place: str = TOTAL, *, batch: int = 1, dtype: str = "float32"
) -> tuple[Candidate, ...]:
    """Everything that a layer, a block instance, the layers of an op (`all conv`) or the network (`total`) has.

    The simplest first; what is 0 is left out. The order and the keys are the same for every place. Side outputs are
    no part of the total. Raises SpecError for a place that there is not, with the nearest.
    """
    part = net.parts.find(place, "--layer")
    return tuple(_Parts(net.report(batch=batch, dtype=dtype)).candidates(part))


def all_candidates(net: Network, *, batch: int = 1, dtype: str = "float32") -> Iterator[Candidate]:
    """Yield the candidates of every place: the network, the layers of each op, block instances, layers."""
    known = _Parts(net.report(batch=batch, dtype=dtype))
    for part in net.parts.everywhere():
        yield from known.candidates(part)


class _Parts:
    """The candidates of the parts of one network; layers that are counted alike are counted once."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.sums = Sums(report.dtype, report.batch)
        self.others = measures()[len(summed_measures()) :]

    def candidates(self, part: Part, within: Sequence[Range] | None = None) -> list[Candidate]:
        """Return what a part has, the simplest first; `within` keeps what is in the range of its measure."""
        others = [measure.of(self.report, part) for measure in self.others]
        return [
            Candidate(part.name, *measure.key, value, measure.unit, measure.meaning, rank)
            for rank, (measure, value, (least, most)) in enumerate(
                zip(
                    measures(),
                    (*self.sums.of_part(part), *others),
                    within or anything(),
                    strict=True,
                )
            )
            if least <= value <= most
        ]


Range = tuple[float, float]
"""The least and the most of a value, both in."""


@cache
def anything() -> tuple[Range, ...]:
    """Return the range of each measure of which everything is wanted but what is 0."""
    return ((1, inf),) * len(measures())


def ranges_of(written: WrittenNumber) -> tuple[Range, ...]:
    """Return the range of each measure in which a value may give a number; few of those in it do."""
    units = {measure.unit: _range(written, measure.unit) for measure in measures()}
    return tuple([units[measure.unit] for measure in measures()])


def _range(written: WrittenNumber, unit: str) -> Range:
    """Return the range of a unit's values, in whole numbers."""
    least, most = reach(written, _readings(written, unit))
    return max(ceil(least), 1), floor(most)


# --- holding a number against it -------------------------------------------------------------------------------------

_READINGS = {"exact": 0, "rounded": 1, "cut": 2}
_UNITS = {
    "bytes": ("bytes",),
    "FLOPs": ("operations",),
    "MACs": ("operations",),
    "ops": ("operations",),
    "params": ("params",),
    "weights": ("params",),
    "biases": ("params",),
    "values": ("values", "params"),
}
"""The units of candidates that a written unit may stand for; without one, all of them."""


class Fit(NamedTuple):
    """A value that gives the number as written, with everything that has that value.

    `reading` is `exact`, `rounded` or `cut`; `base` is 1024 where the suffix stands for powers of it, else 1000.
    `named` are the candidates, the simplest first; `unit_fits` is false where the number's unit says something else.
    """

    value: int
    unit: str
    reading: str
    base: int
    named: tuple[Candidate, ...]
    unit_fits: bool

    @property
    def simplest(self) -> Candidate:
        """The simplest of what has the value."""
        return self.named[0]


class Near(NamedTuple):
    """A value that does not give the number: how far the number is from it, 0.01 for one percent too much."""

    candidate: Candidate
    distance: float


class Relative(NamedTuple):
    """Another network of the family, of which the number is."""

    net: Network
    fit: Fit


class Identified(NamedTuple):
    """What a number may be: what fits, the simplest first; where nothing of the whole network does, near misses, and
    other networks of the family that it fits; and who prints it."""

    net: Network
    written: WrittenNumber
    place: str | None
    fits: tuple[Fit, ...]
    near: tuple[Near, ...]
    family: tuple[Relative, ...]
    printed: tuple[Printing, ...]

    @property
    def found(self) -> bool:
        """Whether something of this network gives the number, of the unit that it is written with."""
        return any(fit.unit_fits for fit in self.fits)


def identify(
    net: Network, number: str, place: str | None = None, *, batch: int = 1, dtype: str = "float32"
) -> Identified:
    """Say which quantities of a network, or of one layer or block, give a number to the digits written.

    Raises SpecError for a number that cannot be read or a place that there is not.
    """
    written = read(number)
    known = _Parts(net.report(batch=batch, dtype=dtype))
    parts = list(net.parts.everywhere()) if place is None else [net.parts.find(place, "--layer")]
    place = None if place is None else parts[0].name
    within = ranges_of(written)
    listed = [candidate for part in parts for candidate in known.candidates(part, within)]
    order = {part.name: index for index, part in enumerate(parts)}
    fits = _ordered(_fits(written, listed), _depths(net, order), order)
    near: tuple[Near, ...] = ()
    others: tuple[Relative, ...] = ()
    whole = place in (None, TOTAL)
    if not any(named.unit_fits and named.simplest.place in (TOTAL, place) for named in fits):
        near = _near(written, _worth_naming(known, parts, place))
        others = relatives(net, written) if whole else ()
    prints = prints_of(net, written) if whole else ()
    return Identified(net, written, place, fits, near, others, prints)


def read(number: str) -> WrittenNumber:
    """Read a number. Raises SpecError with the reason where it is none."""
    try:
        return read_number(number)
    except ValueError as error:
        raise single_problem("NUMBER", number, error.args[0], "", "number") from None


def fit(written: WrittenNumber, value: int, unit: str = "") -> tuple[str, int] | None:
    """How a value gives a number: the reading and the base of its suffix; None where it does not.

    A suffix without an i is tried as a power of 1000 and then of 1024; exact before rounded before cut. `unit` is the
    candidate's: nobody counts operations in powers of 1024.
    """
    agreed = agreement(written, value, _readings(written, unit))
    return None if agreed is None else (agreed.match, agreed.base)


def _readings(written: WrittenNumber, unit: str) -> tuple[Reading, ...]:
    return readings_of(written, binary=unit != "operations")


def unit_fits(written: WrittenNumber, candidate: Candidate) -> bool:
    """Whether a candidate is of the unit that the number is written with, if it is written with one."""
    return not written.unit or candidate.unit in _UNITS.get(written.unit, ())


def _fits(written: WrittenNumber, listed: Iterable[Candidate]) -> list[Fit]:
    """Return what fits, with everything of the same unit and value at the same kind of place together."""
    groups: dict[tuple[int, str], list[Candidate]] = {}
    for candidate in listed:
        groups.setdefault((candidate.value, candidate.unit), []).append(candidate)
    gathered = []
    for (value, unit), named in groups.items():
        read_as = fit(written, value, unit)
        if read_as is not None:
            gathered.append(Fit(value, unit, *read_as, tuple(named), unit_fits(written, named[0])))
    return gathered


def _depths(net: Network, places: Iterable[str]) -> dict[str, int]:
    """How simple a place is: the network, the layers of an op, a block, a layer."""
    return {
        place: 0
        if place == TOTAL
        else 1
        if place.startswith(ALL)
        else 2
        if place in net.graph.scopes
        else 3
        for place in places
    }


def _ordered(fits: Iterable[Fit], depths: dict[str, int], order: dict[str, int]) -> tuple[Fit, ...]:
    """Fits with the simplest first, and the candidates in each."""
    sorted_inside = [
        fit._replace(
            named=tuple(
                sorted(
                    fit.named,
                    key=lambda named: (depths[named.place], named.rank, order[named.place]),
                )
            )
        )
        for fit in fits
    ]
    return tuple(
        sorted(
            sorted_inside,
            key=lambda fit: (
                not fit.unit_fits,
                depths[fit.simplest.place],
                _READINGS[fit.reading],
                fit.base,
                fit.simplest.rank,
                order[fit.simplest.place],
            ),
        )
    )


def _worth_naming(known: _Parts, parts: Iterable[Part], place: str | None) -> Iterator[Candidate]:
    """Yield what a near miss may be of: anything of the place that is asked about, else of the network, and of an op's
    layers what people say of them: "65 million in the fc layers" is said of parameters.
    """
    for part in parts:
        if place or part.is_total:
            yield from known.candidates(part)
        elif part.name.startswith(ALL):
            for candidate in known.candidates(part):
                if candidate.unit in ("params", "operations"):
                    yield candidate


def _near(written: WrittenNumber, listed: Iterable[Candidate]) -> tuple[Near, ...]:
    """Return the values nearest to a number, each once under its simplest name."""
    if written.value <= 0:
        return ()
    unique: dict[tuple[int, str], Candidate] = {}
    for candidate in listed:
        if unit_fits(written, candidate):
            unique.setdefault((candidate.value, candidate.unit), candidate)
    nearest = sorted(
        unique.values(), key=lambda candidate: (_apart(written, candidate), candidate.rank)
    )
    close = [
        candidate for candidate in nearest if _apart(written, candidate) <= log(MAX_FACTOR_NEAR)
    ]
    return tuple(
        Near(candidate, distance(written, candidate.value))
        for candidate in (close or nearest[:1])[:MAX_NEAR]
    )


def nearest_candidate(written: WrittenNumber, listed: Iterable[Candidate]) -> Candidate:
    """Return the candidate nearest to a number, by ratio; of equals the simplest. The list is not empty."""
    return min(listed, key=lambda candidate: (_apart(written, candidate), candidate.rank))


def _apart(written: WrittenNumber, candidate: Candidate) -> float:
    """Return the logarithm of the ratio of a number and a candidate, without its sign."""
    if written.value <= 0:
        return float("inf")
    return abs(log(candidate.value) - log(written.value.numerator) + log(written.value.denominator))


# --- the family ------------------------------------------------------------------------------------------------------


def family(net: Network) -> Iterator[Network]:
    """Yield the other networks of the same family that cnncalc knows, in the order of their names."""
    from cnncalc.network import load

    for known in printed.family(net.name, net.spec.family):
        yield load(known.name)


def relatives(net: Network, written: WrittenNumber) -> tuple[Relative, ...]:
    """Return the networks of the family whose totals give the number, by their parameters or operations.

    The most alike first: those whose parameters differ least.
    """
    own = net.report().totals.params
    near = []
    for other in family(net):
        fits = best_fits(
            written, [one for one in candidates(other) if one.unit in ("params", "operations")]
        )
        apart = abs(other.report().totals.params - own)
        near += [(apart, Relative(other, fit)) for fit in fits[:1] if fit.unit_fits]
    return tuple(
        relative for _, relative in sorted(near, key=lambda pair: (pair[0], pair[1].net.name))
    )


def best_fits(written: WrittenNumber, listed: Iterable[Candidate]) -> tuple[Fit, ...]:
    """Return what fits of the candidates of one place, the simplest first."""
    named = list(listed)
    return _ordered(
        _fits(written, named),
        {candidate.place: 0 for candidate in named},
        {candidate.place: 0 for candidate in named},
    )


def prints_of(net: Network, written: WrittenNumber) -> tuple[Printing, ...]:
    """Who prints this very number of the network, or of another of its family: claims, and cells of lectures."""
    known = list(printed.printed_of(net.name, net.spec.family))
    if net.name not in printed.index():
        known = [*_own_claims(net), *known]
    return tuple(
        dict.fromkeys(
            printing
            for printing in known
            if printing.kind != printed.TOTAL and printing.prints(written)
        )
    )


def _own_claims(net: Network) -> Iterator[Printing]:
    """Yield the claims of a spec that does not ship, as prints."""
    for claim in net.spec.claims:
        yield Printing(
            net.name,
            net.title,
            TOTAL,
            claim.quantity,
            claim.written.text,
            0,
            printed.short_source(net.spec.cited, claim.source),
            claim.story or "claim",
            claim.why,
        )


__all__ = [
    "Candidate",
    "Fit",
    "Identified",
    "Near",
    "Relative",
    "all_candidates",
    "best_fits",
    "candidates",
    "family",
    "fit",
    "identify",
    "nearest_candidate",
    "prints_of",
    "relatives",
]
