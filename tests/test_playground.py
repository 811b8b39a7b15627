"""What the playground answers, asked without a browser: it shows of a network what the page of `report` shows."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

import cnncalc
from cnncalc.page import html_page
from cnncalc.page.live import blank_page

SITE = Path(__file__).parent.parent / "site"
SPEC = "input: 32x32x3\nlayers:\n  - conv: {filters: 8, kernel: 3, pad: 1}\n  - relu\n  - fc: 10\n"


@pytest.fixture
def playground(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The page's module, imported from the folder in which the site has it."""
    monkeypatch.syspath_prepend(str(SITE))
    monkeypatch.delitem(sys.modules, "playground", raising=False)
    return __import__("playground")


def data_of(page: str) -> Any:
    """What a page's script works with."""
    found = re.search('<script type="application/json" id="data">(.*?)</script>', page)
    assert found is not None
    return json.loads(found[1])


def derivations(data: Any, place: int) -> Any:
    """What is derived of a layer, its texts in their places."""

    def said(value: Any) -> Any:
        return data["strings"][value] if isinstance(value, int) else list(map(said, value))

    groups = data["nets"][0][place][2:]
    listed = [derivation for group in groups for derivation in data["derivations"][group]]
    return [[quantity, said(steps), said(notes)] for quantity, steps, *notes in listed]


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_parts_and_derivations_are_those_of_the_whole_page(playground: Any, lang: str) -> None:
    whole = html_page([cnncalc.loads(SPEC).report()], lang)
    answer = json.loads(playground.show_text(SPEC, lang))
    assert answer["problems"] == []
    pictures = json.loads(playground.pictures(lang))
    parts = {**answer["network"]["parts"], **pictures}
    assert set(re.findall('data-part="([a-z]+)"', blank_page(lang))) == set(parts)
    for name, part in parts.items():
        if name not in ("title", "drawing"):  # a spec's text has another name here
            assert part in whole
    data = data_of(whole)
    assert answer["network"]["data"]["kinds"] == data["kinds"]
    for place in range(len(data["nets"][0])):
        derived = json.loads(playground.derive(place, lang))
        assert derivations(derived, 0) == derivations(data, place)


def test_a_layer_that_is_no_more_has_nothing_derived(playground: Any) -> None:
    for _ in range(2):
        derived = json.loads(playground.derive(99, "en"))
        assert derivations(derived, 0) == []
        playground.show_text(SPEC, "en")


def test_there_are_no_pictures_before_a_network_and_the_last_sound_one_stays(
    playground: Any,
) -> None:
    assert json.loads(playground.pictures("en")) == {}
    playground.show_text(SPEC, "en")
    pictures = playground.pictures("en")
    assert json.loads(playground.show_text("layers: [", "en"))["network"] is None
    assert playground.pictures("en") == pictures
