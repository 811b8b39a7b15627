"""A page whose network changes while it is looked at, as the playground's does.

It begins blank. Its script is then given a network's tables, which are there at once, later the pictures, and what is
derived of a layer when that is asked for.
"""

from __future__ import annotations

from typing import Any

from cnncalc.explain.derive import explain_layer
from cnncalc.page.data import PageData
from cnncalc.page.page import PageContent, write_page
from cnncalc.page.section import PARTS, Section, title_of
from cnncalc.report.analysis import Report
from cnncalc.report.conventions import load_convention


def blank_page(lang: str = "en") -> str:
    """Write the page of one network with nothing in its parts."""
    data = PageData.empty(lang)
    content = PageContent("cnncalc", [dict.fromkeys(PARTS, "")], data, [[]])
    return write_page(content, load_convention("standard"), lang)


def live_tables(report: Report, lang: str) -> dict[str, Any]:
    """Give a network's title, the parts that are tables, and what the script counts with."""
    data = PageData.empty(lang)
    layers = [data.layer(node, ()) for node in report.graph.nodes]
    return {
        "title": title_of(report),
        "parts": Section(report, 0, lang).tables(),
        "data": data.of([layers]),
    }


def live_pictures(report: Report, lang: str) -> dict[str, str]:
    """Give the parts that are pictures."""
    return Section(report, 0, lang).pictures()


def live_derivations(report: Report, place: int, lang: str) -> dict[str, Any]:
    """Give what is derived of the layer at a place, as a page's data has it, of a network of one layer."""
    data = PageData.empty(lang)
    return data.of([[data.layer(report.graph.nodes[place], explain_layer(report, place))]])


__all__ = ["blank_page", "live_derivations", "live_pictures", "live_tables"]
