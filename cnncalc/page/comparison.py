"""Several networks beside each other: their totals, ratios to the first, and parameters against MACs as a plot."""

from __future__ import annotations

from collections.abc import Sequence

from cnncalc.compare.depth import weighted_depth
from cnncalc.draw.svg import escape
from cnncalc.draw.theme import THEMES
from cnncalc.page import charts, tree
from cnncalc.page.section import column_header, input_sizes, title_of
from cnncalc.report.analysis import Report
from cnncalc.spec.overrides import check_choice
from cnncalc.text.messages import LANGUAGES, translate
from cnncalc.text.numbers import format_number

_COUNTS = ("params", "macs", "ops", "activations")


def comparison(reports: Sequence[Report], lang: str) -> str:
    """Give the part of the page that is about all networks."""
    first = [_sums(reports[0])[key] for key in _COUNTS]
    lines = "".join(_line(number, report, first) for number, report in enumerate(reports))
    title = escape(translate("Networks beside each other", lang))
    return (
        f'<section aria-labelledby="all"><h2 id="all">{title}</h2><div class="scroll"><table>'
        f"<thead><tr>{_head(reports[0], lang)}<tbody>{lines}</table></div>{_plot(reports, lang)}</section>"
    )


def _sums(report: Report) -> dict[str, int]:
    return {
        key: sum(tree.value(report, row, key) for row in tree.counted(report)) for key in _COUNTS
    }


def _head(report: Report, lang: str) -> str:
    """Give the headers: each count, and its ratio to the first network's."""
    ratio = escape(translate("ratio", lang))
    cells = [
        escape(translate(text, lang))
        for text in ("network", "input", "layers with weights on the longest path")
    ]
    head = "".join(f"<th scope=col>{text}" for text in cells)
    for key in _COUNTS:
        if key == "ops":
            head += (
                f"<th scope=col data-header=ops>{escape(tree.operations_header(report.convention))}"
            )
        else:
            head += f"<th scope=col>{escape(column_header(key, lang))}"
        head += f"<th scope=col>{ratio}"
    return head + f"<th scope=col>{escape(translate('peak memory of a forward pass', lang))}"


def _line(number: int, report: Report, first: Sequence[int]) -> str:
    """One network."""
    sums = _sums(report)
    cells = f"<td>{escape(input_sizes(report))}<td>{weighted_depth(report.graph)}"
    for key, base in zip(_COUNTS, first, strict=True):
        ratio = f"{sums[key] / base:.2f}" if base else ""
        cells += (
            f"<td data-of={number} data-total={key}>{tree.total(report, tree.counted(report), key)}"
        )
        cells += f"<td data-of={number} data-ratio={key}>{ratio}"
    peak = format_number(report.totals.peak_bytes, "MiB")
    return (
        f'<tr><th scope=row><a href="#net{number}">{escape(title_of(report))}</a>{cells}<td>{peak}'
    )


def comparison_picture(reports: Sequence[Report], lang: str = "en", theme: str = "light") -> str:
    """Draw networks as an SVG document: parameters against MACs, the area of a dot its activations.

    Raises SpecError for an unknown language or theme.
    """
    check_choice("--lang", lang, LANGUAGES)
    check_choice("--theme", theme, THEMES)
    title, words = _plot_words(lang)
    return charts.plot_picture(title, _dots(reports), words, theme=theme, lang=lang)


def _plot(reports: Sequence[Report], lang: str) -> str:
    title, words = _plot_words(lang)
    return charts.plot(title, _dots(reports), words)


def _plot_words(lang: str) -> tuple[str, tuple[str, str]]:
    """Give the title of the plot, and what its two axes are called."""
    title = translate("parameters against MACs; the area is activations", lang)
    return title, (column_header("params", lang), column_header("macs", lang))


def _dots(reports: Sequence[Report]) -> list[charts.Dot]:
    sums = [(report, _sums(report)) for report in reports]
    return [
        charts.Dot(title_of(network), of["params"], of["macs"], of["activations"])
        for network, of in sums
    ]


__all__ = ["comparison", "comparison_picture"]
