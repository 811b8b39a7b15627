"""Sweeps, fits and budgets as pages: documents, tables, and what a build pipeline prints beside a changed line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from cnncalc.sizing.budget import CheckedBound
from cnncalc.sizing.fit import LargestFit
from cnncalc.sizing.sweep import INPUT, Combination, Sweep
from cnncalc.spec.bounds import BOUNDED
from cnncalc.tables.page import Lines, Page
from cnncalc.tables.table import Column, Table
from cnncalc.text.exact import Exact
from cnncalc.text.messages import Phrase, said, translate
from cnncalc.text.printable import printable
from cnncalc.text.source import display_width

# --- sweep -----------------------------------------------------------------------------------------------------------


def sweep_page(done: Sweep, lang: str = "en") -> Page:
    """Make the page of a sweep: a row, and a JSON line, for each variant."""
    return Page(
        lambda: Lines(_variant_document(done, variant) for variant in done.variants),
        lambda: sweep_table(done, lang),
    )


def _variant_document(done: Sweep, variant: Combination) -> dict[str, Any]:
    settings = dict(zip((axis.name for axis in done.axes), variant.values, strict=True))
    size = settings.pop(INPUT, None)
    document: dict[str, Any] = {"network": done.network, "set": settings}
    if variant.problem:
        return {**document, "input": size, "error": variant.problem}
    totals = dict(zip(done.names, variant.totals, strict=True))
    return {**document, "input": list(variant.input), **totals}


def sweep_table(done: Sweep, lang: str = "en") -> Table:
    """Tabulate the variants: the values that vary, the totals, and why there are none where that is so."""
    columns = [
        Column("input" if axis.name == INPUT else axis.name, axis.name.lstrip("-"), "text")
        for axis in done.axes
    ]
    columns += [_total_column(name) for name in done.names]
    failed = [variant for variant in done.variants if variant.problem]
    if failed:
        columns.append(Column("error", "error", "text"))
    empty = (None,) * len(done.names)
    rows = tuple(
        (*variant.values, *(variant.totals or empty), *([variant.problem] if failed else []))
        for variant in done.variants
    )
    title = translate("{network}, variants: {count}", lang, network=done.network, count=len(rows))
    return Table(title, tuple(columns), rows, lang=lang)


def _total_column(name: str) -> Column:
    quantity = BOUNDED[name]
    return Column(name, quantity.english)


# --- fit -------------------------------------------------------------------------------------------------------------


def fit_page(network: str, fit: LargestFit, assumed: Phrase, lang: str = "en") -> Page:
    """Make the page of what fits; `assumed` says under which assumptions."""
    return Page(
        lambda: {"network": network, **fit._asdict()},
        lambda: _fit_table(network, fit, said(assumed, lang), lang),
        lambda _: _fit_text(network, fit, said(assumed, lang), lang),
        lambda: _fit_table(network, fit, assumed, "en"),
    )


def _fit_text(network: str, fit: LargestFit, assumed: str, lang: str) -> str:
    what = translate(fit.what, lang)
    lines = [
        f"{network}: {translate('the largest {what} that fits', lang, what=what)}: {fit.size:,}"
    ]
    indent = " " * display_width(what)
    formula = said(fit.formula, lang)
    lines += ["", f"  {what} = {formula}", f"  {indent} = {said(fit.numbers, lang)}"]
    lines += [f"  {indent} = {fit.size:,}", "", assumed]
    return "\n".join(lines)


def _fit_table(network: str, fit: LargestFit, assumed: str, lang: str) -> Table:
    columns = (
        Column("what", "what", "text"),
        Column("size", "largest"),
        Column("memory", "memory (bytes)"),
        Column("fixed", "fixed bytes"),
        Column("each", "bytes an example"),
        Column("used", "used bytes"),
    )
    row = (translate(fit.what, lang), fit.size, fit.memory, fit.fixed, fit.each, fit.used)
    return Table(network, columns, (row,), notes=(assumed,), lang=lang)


# --- budget ----------------------------------------------------------------------------------------------------------


def budget_page(network: str, held: tuple[CheckedBound, ...], lang: str = "en") -> Page:
    """Make the page of totals held to bounds."""
    return Page(
        lambda: {
            "network": network,
            "passed": all(limit.passed for limit in held),
            "budget": [_held_document(limit) for limit in held],
        },
        lambda: _budget_table(network, held, lang),
        data=lambda: _budget_table(network, held, "en"),
    )


def _held_document(held: CheckedBound) -> dict[str, Any]:
    return {
        "quantity": held.bound.name,
        "limit": _plain(held.bound.limit),
        "value": held.value,
        "passed": held.passed,
        "worst": [{"layer": share.layer, "value": share.value} for share in held.worst],
    }


def _plain(value: Exact) -> int | str:
    return value if isinstance(value, int) else str(value)


def _budget_table(network: str, held: tuple[CheckedBound, ...], lang: str) -> Table:
    columns = (
        Column("quantity", "quantity", "text"),
        Column("value", "total"),
        Column("limit", "at most", "text"),
        Column("passed", "within", "flag"),
        Column("used", "used", "text", 2),
        Column("worst", "largest layers", "text", 3),
    )
    rows = tuple(
        (
            translate(BOUNDED[limit.bound.name].english, lang)
            if lang == "ko"
            else limit.bound.name,
            limit.value,
            limit.bound.written,
            limit.passed,
            _used(limit),
            _largest(limit),
        )
        for limit in held
    )
    return Table(network, columns, rows, lang=lang)


def _used(held: CheckedBound) -> str:
    if held.value is None:
        return "?"
    if not held.bound.limit:
        return ""
    return f"{float(100 * held.value / held.bound.limit):.1f} %"


def _largest(held: CheckedBound) -> str:
    return ", ".join(f"{share.layer} {share.value:,}" for share in held.worst)


def workflow_commands(network: str, file: str, held: Iterable[CheckedBound]) -> Iterator[str]:
    """Say it as GitHub's workflow commands, at the line of the layer that takes most where it stands in `file`.

    Source: GitHub's documentation, "Workflow commands for GitHub Actions".
    """
    for limit in held:
        level = "notice" if limit.passed else "error"
        value = "unknown" if limit.value is None else f"{limit.value:,}"
        text = f"{network}: {limit.bound.name} {value}, at most {limit.bound.written}"
        place = ""
        if limit.worst and not limit.passed:
            text += f"; largest layers: {_largest(limit)}"
            span = limit.worst[0].span
            line = f",line={span.line},col={span.column}" if span.source.name == file else ""
            place = f" file={_property(file)}{line}"
        yield f"::{level}{place}::{_escaped(text)}"


def _escaped(text: str) -> str:
    return printable(text).replace("%", "%25")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")


__all__ = ["budget_page", "fit_page", "sweep_page", "sweep_table", "workflow_commands"]
