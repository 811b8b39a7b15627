"""What papers, lectures and tools print of the networks that ship, and their totals: one index, read once.

The index is `specs/index/printed.json`, made by `tools/make_printed.py` from the claims of the specs, the cells of the
lectures' tables and a walk of the zoo, so that a number is looked up and no network is walked for it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from cnncalc.spec.shipped import specs_folder
from cnncalc.text.exact import Exact
from cnncalc.text.numbers import WrittenNumber, matches, read_number, read_shape

CLAIM, ERRATUM, TOTAL = "claim", "erratum", "total"
FEW_DIGITS, SOME_DIGITS = 2, 3
"""The digits that an answer needs to be told from chance: beside a number that is printed, and beside one computed."""

Shape = tuple[int, ...]


class Printing(NamedTuple):
    """A number that somebody prints of a network: of which part and quantity, and who says what of it.

    `computed` is what this project computes for the very question; `why` what is to be said of the print, and `kind`
    is `claim`, `lecture`, `erratum` (the print is wrong) or `total` (nobody's print: the total of another network).
    `variant` are the settings of a claim that is of another network than the spec's.
    """

    network: str
    title: str
    place: str
    quantity: str
    text: str
    computed: Exact | Shape
    source: str
    kind: str
    why: str = ""
    variant: str = ""

    def prints(self, given: WrittenNumber | Shape) -> bool:
        """Whether it is the number given: the same value, or to enough of its digits."""
        printed = _read(self.text, is_shape=not isinstance(given, WrittenNumber))
        if not isinstance(given, WrittenNumber) or not isinstance(printed, WrittenNumber):
            return given == printed
        other_unit = given.unit not in ("", printed.unit)
        if other_unit and (printed.unit or not given.is_of(self.quantity)):
            return False
        if given.value == printed.value:
            return True
        least = SOME_DIGITS if self.kind == TOTAL else FEW_DIGITS
        return (
            printed.full
            and given.has_digits(least, printed.value)
            and matches(given, printed.value) in ("exact", "rounded")
        )


@cache
def _read(text: str, *, is_shape: bool) -> WrittenNumber | Shape | None:
    try:
        return read_shape(text) if is_shape else read_number(text)
    except ValueError:
        return None


class IndexedNetwork(NamedTuple):
    """What the index has of one network: its totals by quantity, and what is printed of it."""

    name: str
    title: str
    family: str
    totals: Mapping[str, int]
    printings: tuple[Printing, ...]


@cache
def index() -> Mapping[str, IndexedNetwork]:
    """Read the index: every network that ships, by its name."""
    path = specs_folder() / "index" / "printed.json"
    document: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return {name: _known(name, entry) for name, entry in document.items()}


def _known(name: str, entry: dict[str, Any]) -> IndexedNetwork:
    title = entry["title"]
    printings = tuple(
        Printing(name, title, **{**each, "computed": _value(each["computed"])})
        for each in entry["printed"]
    )
    return IndexedNetwork(name, title, entry["family"], entry["totals"], printings)


def _value(data: Any) -> Exact | Shape:
    return tuple(data) if isinstance(data, list) else data


def family(name: str, called: str) -> Iterator[IndexedNetwork]:
    """Name the other networks of a family that ship, in the order of their names."""
    yield from (
        known
        for known in index().values()
        if called and known.family == called and known.name != name
    )


def printed_of(name: str, called: str) -> Iterator[Printing]:
    """Yield what is printed of a network, and then of the others of its family, and the others' totals."""
    own = index().get(name)
    yield from () if own is None else own.printings
    others = tuple(family(name, called))
    for other in others:
        yield from other.printings
    for other in others:
        for quantity, value in other.totals.items():
            text = f"{value:,}"
            yield Printing(other.name, other.title, TOTAL, quantity, text, value, "", TOTAL)


def short_source(cited: str, source: str) -> str:
    """Say who prints a claim: the source itself, or the paper's authors and year and the place in it."""
    if re.search(r"\b[12][0-9]{3}\b", source) or not cited or source in cited.split(",")[0]:
        return source
    authors = re.match(r".*?\b[12][0-9]{3}\b", cited)
    return f"{authors[0] if authors else cited}, {source}"


__all__ = [
    "CLAIM",
    "ERRATUM",
    "FEW_DIGITS",
    "SOME_DIGITS",
    "TOTAL",
    "IndexedNetwork",
    "Printing",
    "Shape",
    "family",
    "index",
    "printed_of",
    "short_source",
]
