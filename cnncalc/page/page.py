"""Networks to an HTML page: the file is whole by itself, and what a reader sees is there without its script.

The script sorts, folds, searches, copies, counts by another convention, and shows derivations. The page's policy lets
nothing be loaded, and runs no script but this one.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from string import Template
from typing import Any, NamedTuple

from cnncalc.draw.svg import escape
from cnncalc.draw.theme import custom_properties, page_rules
from cnncalc.explain.derive import explain_layers
from cnncalc.page import tree
from cnncalc.page.comparison import comparison
from cnncalc.page.data import PageData
from cnncalc.page.section import Section, column_header, heads, title_of
from cnncalc.report.analysis import Report
from cnncalc.report.conventions import Convention, conventions
from cnncalc.spec.quantities import ASKED
from cnncalc.text.limits import limit
from cnncalc.text.messages import message, translate
from cnncalc.text.source import single_problem
from cnncalc.text.suggest import listing

_TEXTS = {
    "convention": "Count by",
    "theme": "Light or dark",
    "close": "Close",
    "drawing": "Drawing",
    "charts": "Over the layers",
    "shares": "Shares by kind of layer",
    "layers": "Layers",
    "search": "Search",
    "fold": "Fold below",
    "hide": "Hide what changes nothing",
    "csv": "Copy as CSV",
    "latex": "Copy as LaTeX",
}
MAX_PAGE_LAYERS = limit(3_000)
"""Layers that a page may have, of all its networks together."""
MAX_NAMES = 4
"""Networks that the page's title names."""


def html_page(reports: Sequence[Report], lang: str = "en") -> str:
    """Write the page of one network, or of several beside each other, in a language.

    The reports are all by the same convention; a depth of theirs is not looked at. Raises SpecError for more than
    MAX_PAGE_LAYERS layers, and for a picture of more boxes than one may have.
    """
    _check_size(reports)
    sections = [Section(report, number, lang) for number, report in enumerate(reports)]
    data = PageData.empty(lang)
    nets = [
        [
            data.layer(node, derived)
            for node, derived in zip(report.graph.nodes, explain_layers(report), strict=True)
        ]
        for report in reports
    ]
    content = PageContent(
        listing([title_of(report) for report in reports], MAX_NAMES),
        [{**section.tables(), **section.pictures()} for section in sections],
        data,
        nets,
        comparison(reports, lang) if len(reports) > 1 else "",
    )
    return write_page(content, reports[0].convention, lang, with_side=reports[0].with_side)


def _check_size(reports: Sequence[Report]) -> None:
    count = sum(len(report.graph.nodes) for report in reports)
    if count > MAX_PAGE_LAYERS:
        wrong = message(
            "the page would have {count} layers; the limit is {limit}",
            count=f"{count:,}",
            limit=f"{MAX_PAGE_LAYERS:,}",
        )
        hint = message("summary --format html makes a table of as many as there are")
        raise single_problem("NET", reports[0].network, wrong, hint, "limit")


class PageContent(NamedTuple):
    """What a page is about: its title, each network's parts and layers, the data, and what compares them."""

    title: str
    networks: Sequence[Mapping[str, str]]
    data: PageData
    layers: list[list[list[int]]]
    comparison: str = ""


def write_page(
    content: PageContent, convention: Convention, lang: str, *, with_side: bool = False
) -> str:
    """Put a page's content into the templates, with the style, the script and the policy."""
    words = {f"word_{name}": escape(translate(text, lang)) for name, text in _TEXTS.items()}
    used = translate("used by: {users}", lang, users="{usedBy}")
    about = f"{{title}}; {used}; {translate('source: {source}', lang, source='{source}')}"
    said: dict[str, Any] = {
        "about": about,
        "quantities": [column_header(name, lang) for name in ASKED],
        "keys": tree.KEYS,
        "copied": translate("The table, to copy", lang),
        "withSide": with_side,
    }
    sections = [
        template("network.html").substitute(
            {**words, **parts}, number=number, headers=heads(convention, lang)
        )
        for number, parts in enumerate(content.networks)
    ]
    title = translate(convention.title, lang)
    script = compact(packaged("page.js"))
    digest = b64encode(sha256(script.encode("utf-8")).digest()).decode("ascii")
    return template("page.html").substitute(
        words,
        lang=lang,
        title=escape(content.title),
        style=style_sheet(),
        conventions=_options(convention.name),
        about=escape(
            about.format(title=title, usedBy=convention.used_by, source=convention.source)
        ),
        comparison=content.comparison,
        networks="\n".join(sections),
        data=content.data.document(content.layers, said),
        script=script,
        script_hash=f"sha256-{digest}",
    )


def _options(chosen: str) -> str:
    """Give the conventions to choose from, in the order of the page's data."""
    return "".join(
        f"<option{' selected' if convention.name == chosen else ''}>{escape(convention.name)}</option>"
        for convention in conventions()
    )


def template(name: str) -> Template:
    """Make a file of this package with places for values."""
    return Template(packaged(name))


def style_sheet() -> str:
    """Write the page's style: the system's light or dark colours until the reader chooses, and the rules."""
    light, dark = custom_properties("light"), custom_properties("dark")
    return "\n".join(
        (
            f":root{{{light}}}",
            f':root[data-theme="dark"]{{{dark}}}',
            f'@media (prefers-color-scheme:dark){{:root:not([data-theme="light"]){{{dark}}}}}',
            page_rules(),
            _SPACE.sub(r"\1", compact(packaged("page.css"))),
        )
    )


_SPACE = re.compile(r"(?<=\S) *([{};:,]) +")
"""What a style sheet needs not around its signs; our selectors begin with none of them."""


def compact(text: str) -> str:
    """Make a script or style sheet without indents, empty lines and the lines that are comments."""
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith(("//", "/**")))


@cache
def packaged(name: str) -> str:
    """Make a file of this package."""
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


__all__ = ["PageContent", "html_page", "write_page"]
