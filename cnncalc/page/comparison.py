"""Several networks beside each other: their totals, ratios to the first, and parameters against MACs as a plot."""

from __future__ import annotations

from collections.abc import Sequence

from cnncalc.counts.depth import weighted_depth
from cnncalc.draw.svg import escape
from cnncalc.page import charts, tree
from cnncalc.page.section import column_header, input_sizes, title_of
from cnncalc.report.analysis import Report
from cnncalc.text.messages import translate
from cnncalc.text.numbers import format_number

_COUNTS = ("params", "macs", "ops", "activations")


def comparison(reports: Sequence[Report], lang: str) -> str:
    """Give the part of the page that is about all networks."""
    first = [_sums(reports[0])[key] for key in _COUNTS]
    lines = "".join(_line(number, one, first) for number, one in enumerate(reports))
    title = escape(translate("Networks beside each other", lang))
    return (
        f'<section aria-labelledby="all"><h2 id="all">{title}</h2><div class="scroll"><table>'
        f"<thead><tr>{_head(reports[0], lang)}<tbody>{lines}</table></div>{_plot(reports, lang)}</section>"
    )


def _sums(one: Report) -> dict[str, int]:
    return {key: sum(tree.value(one, row, key) for row in tree.counted(one)) for key in _COUNTS}


def _head(one: Report, lang: str) -> str:
    """Give the headers: each count, and its ratio to the first network's."""
    ratio = escape(translate("ratio", lang))
    cells = [
        escape(translate(text, lang))
        for text in ("network", "input", "layers with weights on the longest path")
    ]
    head = "".join(f"<th scope=col>{text}" for text in cells)
    for key in _COUNTS:
        if key == "ops":
            head += f"<th scope=col data-header=ops>{escape(tree.operations_header(one))}"
        else:
            head += f"<th scope=col>{escape(column_header(key, lang))}"
        head += f"<th scope=col>{ratio}"
    return head + f"<th scope=col>{escape(translate('peak memory of a forward pass', lang))}"


def _line(number: int, one: Report, first: Sequence[int]) -> str:
    """One network."""
    sums = _sums(one)
    cells = f"<td>{escape(input_sizes(one))}<td>{weighted_depth(one.graph)}"
    for key, base in zip(_COUNTS, first, strict=True):
        ratio = f"{sums[key] / base:.2f}" if base else ""
        cells += f"<td data-of={number} data-total={key}>{tree.total(one, tree.counted(one), key)}"
        cells += f"<td data-of={number} data-ratio={key}>{ratio}"
    peak = format_number(one.totals.peak_bytes, "MiB")
    return f'<tr><th scope=row><a href="#net{number}">{escape(title_of(one))}</a>{cells}<td>{peak}'


def _plot(reports: Sequence[Report], lang: str) -> str:
    dots = []
    for one in reports:
        sums = _sums(one)
        dots.append(charts.Dot(title_of(one), sums["params"], sums["macs"], sums["activations"]))
    title = translate("parameters against MACs; the area is activations", lang)
    words = (column_header("params", lang), column_header("macs", lang))
    return charts.plot(title, dots, words, lambda count: format_number(count, "short"))


__all__ = ["comparison"]
