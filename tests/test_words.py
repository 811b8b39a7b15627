"""Suggestions, lists of names cut short, and exact numbers."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnncalc.text.exact import half, ratio, show, whole
from cnncalc.text.suggest import listing, suggest, suggest_any

WORDS = ("conv", "maxpool", "avgpool")


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("cnv", "did you mean 'conv'?"),
        ("MAXPOL", "did you mean 'maxpool'?"),
        ("convolution2d", "did you mean 'conv'?"),
        ("zzz", "there are conv, maxpool, avgpool"),
        ("c" * 61, "there are conv, maxpool, avgpool"),
    ],
)
def test_a_suggestion_is_the_nearest_name_an_alias_or_all_names(word: str, hint: str) -> None:
    assert suggest(word, WORDS, "there are {}", {"convolution2d": "conv"}) == hint


def test_several_names_are_suggested_nearest_first() -> None:
    assert suggest_any("conv", ("fc", "conv1", "conv_22"), "") == "did you mean conv1 or conv_22?"
    assert suggest_any("zzz", ("conv1",), "look it up") == "look it up"


@pytest.mark.parametrize(
    ("names", "text"), [("", ""), ("a", "a"), ("ab", "a, b"), ("abcd", "a, b and 2 more")]
)
def test_a_list_says_how_many_it_leaves_out(names: str, text: str) -> None:
    assert listing(list(names), 2) == text


@given(st.integers(), st.integers(min_value=1))
def test_a_ratio_is_exact_and_an_int_where_it_is_whole(numerator: int, denominator: int) -> None:
    quotient = ratio(numerator, denominator)
    assert quotient * denominator == numerator
    assert isinstance(quotient, int) == (numerator % denominator == 0)
    assert half(quotient) + half(quotient) == quotient


def test_a_whole_fraction_is_an_int_and_any_other_is_shown_as_text() -> None:
    assert show(whole(Fraction(6, 3))) == 2
    assert show(whole(Fraction(1, 2))) == "1/2"
    with pytest.raises(ZeroDivisionError):
        ratio(1, 0)
