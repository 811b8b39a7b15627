"""A comparison as a page: its document and its tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cnncalc.compare.compare import SHARED, Compared, Stage, compare, stages
from cnncalc.report.analysis import Report
from cnncalc.spec.graph import show_inputs
from cnncalc.spec.quantities import BY_KEY
from cnncalc.tables.documents import plain, totals_document
from cnncalc.tables.page import Page
from cnncalc.tables.table import COLUMNS, AtLeast, Column, Table
from cnncalc.text.messages import translate

BY = ("network", "layer")
"""What the rows of a comparison may be."""
_SHOWN = ("params", "macs", "ops", "activations", "peak_bytes", "training_bytes")


def compare_page(reports: Sequence[Report], lang: str = "en", by: str = "network") -> Page:
    """Make the page of several networks: a row for each, or for each of their stages."""
    compared = compare(reports)
    if by == "layer":
        return Page(lambda: _document(compared, staged=True), lambda: _stage_table(reports, lang))
    return Page(lambda: _document(compared, staged=False), lambda: _table(compared, lang))


def _document(compared: Sequence[Compared], *, staged: bool) -> dict[str, Any]:
    return {"networks": [_network_document(network, staged=staged) for network in compared]}


def _network_document(network: Compared, *, staged: bool) -> dict[str, Any]:
    document = {
        "network": network.report.network,
        "totals": totals_document(network.report),
        "depth": network.depth,
        "ratios": network.ratios,
    }
    return (
        {**document, "stages": list(map(_stage_document, stages(network.report)))}
        if staged
        else document
    )


def _stage_document(stage: Stage) -> dict[str, Any]:
    row = stage.row
    counts = {key: stage.report.known(BY_KEY[key], row) for key in SHARED}
    return {
        "name": row.name,
        "op": row.op,
        "output": plain(row.output),
        **counts,
        "shares": stage.shares,
    }


def _table(compared: Sequence[Compared], lang: str) -> Table:
    """Make a row for each network; a count, and below its name how it compares to the first."""
    columns = [
        Column("network", "network", "text"),
        Column("input", "input", "text", 4),
        Column("depth", "depth", keep=3),
    ]
    for key in _SHOWN:
        columns.append(_counted(key, compared[0].report))
        columns.append(Column(f"{key}_ratio", "ratio", "text", 5 if key in _SHOWN[3:] else 2))
    rows = tuple(_row(network) for network in compared)
    notes = (
        translate("depth: layers with weights on the longest path; ratios to {network}", lang,
                  network=compared[0].report.network),
    )  # fmt: skip
    return Table(
        translate("Networks beside each other", lang), tuple(columns), rows, notes=notes, lang=lang
    )


def _counted(key: str, report: Report) -> Column:
    """Give the column of a count; operations are called what the convention calls them."""
    column = COLUMNS[key]._replace(keep=1 if key in ("params", "macs") else 3)
    return column._replace(english=report.convention.unit) if key == "ops" else column


def _row(network: Compared) -> tuple[Any, ...]:
    cells: list[Any] = [
        network.report.network,
        show_inputs(network.report.inputs).removeprefix("input "),
        network.depth,
    ]
    for key in _SHOWN:
        cells += [_value(network.report, key, network.report.totals), _ratio(network.ratios[key])]
    return tuple(cells)


def _value(report: Report, key: str, counted: Any) -> Any:
    """Make a count, of which perhaps only the least is known."""
    fact = report.fact(BY_KEY[key], counted)
    return AtLeast(fact) if key in counted.unknown else fact


def _ratio(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _percent(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.1f}%"


def _stage_table(reports: Sequence[Report], lang: str) -> Table:
    """Make a row for each stage of each network, with its shares of the network's totals."""
    columns = [
        Column("network", "network", "text"),
        Column("name", "layer", "text"),
        Column("op", "op", "text", 3),
        COLUMNS["output"],
    ]
    for key in SHARED:
        columns += [COLUMNS[key], Column(f"{key}_share", "share", "text", 2)]
    rows = []
    for stage in (stage for report in reports for stage in stages(report)):
        cells: list[Any] = [stage.report.network, stage.row.name, stage.row.op, stage.row.output]
        for key in SHARED:
            cells += [_value(stage.report, key, stage.row), _percent(stage.shares[key])]
        rows.append(tuple(cells))
    return Table(
        translate("Networks, stage by stage", lang), tuple(columns), tuple(rows), lang=lang
    )


__all__ = ["BY", "compare_page"]
