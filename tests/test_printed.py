"""Who prints a number: when a print and a number are the same, and how a source is cited. Rows are worked by hand."""

from __future__ import annotations

import pytest

from cnncalc.counts.printed import (
    CLAIM,
    ERRATUM,
    TOTAL,
    Printing,
    family,
    index,
    printed_of,
    short_source,
)
from cnncalc.spec.quantities import BY_NAME
from cnncalc.text.numbers import read_number


def printing(text: str, quantity: str = "params", kind: str = CLAIM) -> Printing:
    return Printing("net", "Net", "total", quantity, text, 0, "Table 1", kind)


@pytest.mark.parametrize(
    ("text", "quantity", "kind", "given", "prints"),
    [
        # the same value, however it is written
        ("5M", "params", CLAIM, "5M", True),
        ("5M", "params", CLAIM, "5,000,000", True),
        ("5M", "params", CLAIM, "5.0 million", True),
        ("5M", "params", CLAIM, "6M", False),
        ("60M", "params", ERRATUM, "60,000,000", True),
        # a unit of the number must be the print's; where the print has none, one of the quantity
        ("5M", "params", CLAIM, "5M params", True),
        ("5M", "params", CLAIM, "5M weights", True),
        ("5M", "params", CLAIM, "5M FLOPs", False),
        ("96MB", "memory", CLAIM, "96MB", True),
        ("96MB", "memory", CLAIM, "96M", True),
        ("96MB", "memory", CLAIM, "96M values", False),
        ("3.8 GFLOPs", "macs", CLAIM, "3.8 GMACs", False),
        ("3.8G", "macs", CLAIM, "3.8 GMACs", True),
        # a print in full, of which the number has two digits, or three of a total that nobody prints
        ("61,100,840", "params", CLAIM, "61.1M", True),
        ("61,100,840", "params", CLAIM, "61M", True),
        ("61,100,840", "params", TOTAL, "61.1M", True),
        ("61,100,840", "params", TOTAL, "61M", False),
        ("6,100,840", "params", CLAIM, "6M", False),
        ("61,100,840", "params", CLAIM, "61.2M", False),
        # 61,160,000 is 61.1M where it is cut, which is another number
        ("61,160,000", "params", CLAIM, "61.1M", False),
        ("61,160,000", "params", CLAIM, "61.2M", True),
        # a print that is rounded stands for itself: nobody prints what rounds to it
        ("61.1M", "params", CLAIM, "61,100,840", False),
        ("61.12M", "params", CLAIM, "61.1M", False),
        ("?", "params", CLAIM, "5M", False),
    ],
)  # fmt: skip
def test_when_a_number_is_a_print(
    text: str, quantity: str, kind: str, given: str, prints: bool
) -> None:
    assert printing(text, quantity, kind).prints(read_number(given)) is prints


def test_a_shape_is_a_print_axis_by_axis() -> None:
    shape = printing("55x55x96", "output")
    assert shape.prints((55, 55, 96))
    assert not shape.prints((55, 96, 55))
    assert not shape.prints(read_number("55"))
    assert not printing("5M").prints((5_000_000, 1))
    assert not printing("?").prints((1, 1))


@pytest.mark.parametrize(
    ("cited", "source", "short"),
    [
        ("He et al. 2015, Deep residual learning", "Table 1", "He et al. 2015, Table 1"),
        ("He et al. 2015, Deep residual learning", "Xie et al. 2017, Table 2", "Xie et al. 2017, Table 2"),
        ("He et al. 2015, The year 2015 in residues", "Table 1", "He et al. 2015, Table 1"),
        ("", "Table 1", "Table 1"),
        # the source is who is cited, so that it is not said twice
        ("torchvision, documentation of its models", "torchvision", "torchvision"),
        # the title is no author
        ("Ho and Lu 2016, torchvision reviewed", "torchvision", "Ho and Lu 2016, torchvision"),
        ("Ho and Lu, Title", "Table 2", "Ho and Lu, Title, Table 2"),
        # 12016 and 3016 are no years
        ("Ho and Lu 2016, Title", "page 12016", "Ho and Lu 2016, page 12016"),
        ("Ho and Lu 2016, Title", "page 3016", "Ho and Lu 2016, page 3016"),
    ],
)  # fmt: skip
def test_a_source_is_cited_with_its_authors_once(cited: str, source: str, short: str) -> None:
    assert short_source(cited, source) == short


def test_a_family_is_the_others_of_it() -> None:
    names = [known.name for known in family("alexnet", index()["alexnet"].family)]
    assert {"alexnet_two_towers", "torchvision/alexnet"} <= set(names)
    assert "alexnet" not in names
    assert names == sorted(names)
    assert list(family("alexnet", "")) == []
    assert list(family("mine", "no such family")) == []


def test_a_shape_that_is_printed_is_a_shape() -> None:
    every = [each for known in index().values() for each in known.printings]
    shapes = {each.quantity for each in every if isinstance(each.computed, tuple)}
    assert shapes
    assert all(BY_NAME[quantity].is_shape for quantity in shapes)
    assert not any(isinstance(each.computed, list) for each in every)


def test_prints_of_a_network_come_first_and_totals_of_its_family_last() -> None:
    """Krizhevsky et al. print 60M of two towers; torchvision's has 61,100,840 parameters."""
    listed = list(printed_of("alexnet_two_towers", index()["alexnet"].family))
    own = [each.network == "alexnet_two_towers" for each in listed]
    assert own == sorted(own, reverse=True)
    totals = [each.kind == TOTAL for each in listed]
    assert totals == sorted(totals)
    assert ("torchvision/alexnet", "params", "61,100,840") in [
        (each.network, each.quantity, each.text) for each in listed if each.kind == TOTAL
    ]
    assert {each.place for each in listed if each.kind == TOTAL} == {"total"}
    assert list(printed_of("mine", "")) == []
    # of a spec of one's own the family's prints are known all the same
    assert any(each.text == "60M" for each in printed_of("mine", index()["alexnet"].family))
