"""Derivations as text and as a table: for each step the formula, the numbers and the result, a line each.

A long sum has a line for each of its terms, and a chain of layers is a table with a line for each layer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from cnncalc.explain.legend import legend
from cnncalc.tables.page import Page
from cnncalc.tables.table import Column, Table
from cnncalc.text.source import display_width
from cnncalc.text.suggest import listing

if TYPE_CHECKING:
    from cnncalc.explain.derive import Derivation
    from cnncalc.ops.base import Step

MOST_TERMS = 4
"""A sum of more terms than this has a line for each."""


def explain_page(network: str, title: str, derivations: Iterable[Derivation], lang: str) -> Page:
    """Make the page of derivations."""
    listed = tuple(derivations)
    return Page(
        lambda: explain_document(network, listed),
        lambda: derivation_table(title, listed),
        lambda _: render(title, listed, lang),
    )


def derivation_table(title: str, derivations: Iterable[Derivation]) -> Table:
    """Tabulate derivations, a row for each step."""
    columns = (
        Column("layer", "layer", "계층", "text"),
        Column("quantity", "quantity", "물리량", "text"),
        Column("symbol", "of", "대상", "text"),
        Column("formula", "formula", "식", "text"),
        Column("numbers", "with numbers", "대입", "text"),
        Column("result", "result", "결과", "text"),
    )
    rows = tuple(
        (
            step.layer or one.layer,
            one.quantity,
            step.symbol,
            step.formula,
            step.numbers,
            step.result,
        )
        for one in derivations
        for step in one.steps
    )
    notes = tuple(
        dict.fromkeys(f"{one.layer}: {note}" for one in derivations for note in one.notes)
    )
    return Table(title, columns, rows, notes=notes)


def explain_document(network: str, derivations: Iterable[Derivation]) -> dict[str, Any]:
    """Show derivations, step by step."""
    return {
        "network": network,
        "derivations": [
            {
                "layer": one.layer,
                "op": one.op,
                "quantity": one.quantity,
                "result": one.result,
                "value": value_of(one.result),
                "steps": [step._asdict() for step in one.steps],
                "notes": list(one.notes),
            }
            for one in derivations
        ],
    }


def value_of(result: str) -> int | list[int] | None:
    """Read a result as a program does: an integer, a list of a shape's sizes, or None for what is neither."""
    text = result.removesuffix(" bytes").replace(",", "")
    if re.fullmatch(r"\d+", text):
        return int(text)
    sizes = text.split("×")
    return [int(size) for size in sizes] if all(map(str.isdigit, sizes)) else None


def render(title: str, derivations: Iterable[Derivation], lang: str = "en") -> str:
    """Show all derivations of one layer below each other; of several, those of nothing on one line at the end."""
    listed = list(derivations)
    nothing = (
        [one for one in listed if [step.formula for step in one.steps] == ["none"]]
        if len(listed) > 1
        else []
    )
    lines = [title]
    for one in listed:
        if one not in nothing:
            lines += ["", one.quantity.replace("_", " "), *_derivation(one)]
    if nothing:
        lines += ["", "none: " + ", ".join(one.quantity.replace("_", " ") for one in nothing)]
    letters = legend((step for one in listed for step in one.steps), lang)
    lines += ["", letters] if letters else []
    return "\n".join(lines)


def step_lines(steps: Iterable[Step]) -> list[str]:
    """Show steps, each as its formula, its numbers and its result below each other; axes that agree once."""
    return [line for step in _same_axes(steps) for line in _step(step)]


def _derivation(one: Derivation) -> list[str]:
    chain = [step for step in one.steps if step.layer]
    said = {step.note for step in one.steps}
    return [
        *(_chain(chain) if chain else ()),
        *step_lines(step for step in one.steps if not step.layer),
        *(f"  note: {note}" for note in one.notes if note not in said),
    ]


def _same_axes(steps: Iterable[Step]) -> Iterable[Step]:
    """Return the steps, those that differ only in the axis (`output height`, `output width`) as one."""
    merged: list[Step] = []
    for step in steps:
        last = merged[-1] if merged else None
        is_axis = step.symbol.startswith("output ")
        if last is not None and is_axis and last._replace(symbol="") == step._replace(symbol=""):
            merged[-1] = last._replace(
                symbol=f"{last.symbol}, {step.symbol.removeprefix('output ')}"
            )
        else:
            merged.append(step)
    return merged


def _step(step: Step) -> list[str]:
    """`O = (N + 2P − F)/S + 1`, then its numbers, then the result; equals signs below each other."""
    terms = list(zip(step.formula.split(" + "), step.numbers.split(" + "), strict=False))
    if (
        len(terms) > MOST_TERMS
        and step.formula.count(" + ") == step.numbers.count(" + ")
        and "(" not in step.numbers
    ):
        return _sum(step, terms)
    formula = step.formula
    if " = " not in formula:
        symbol = step.symbol if not step.symbol.startswith("output ") else "O"
        formula = f"{symbol} = {formula}"
    left, right = formula.split(" = ", 1)
    indent = " " * len(left)
    label = (
        f"  ({step.symbol.removeprefix('output ')})" if step.symbol.startswith("output ") else ""
    )
    lines = [f"  {left} = {right}{label}"]
    if step.numbers not in (step.result.replace(",", ""), step.result, right):
        lines.append(f"  {indent} = {step.numbers}")
    if step.result != right:
        lines.append(f"  {indent} = {step.result}")
    if step.note:
        lines.append(f"  {indent}   ({step.note})")
    return lines


def _sum(step: Step, terms: list[tuple[str, str]]) -> list[str]:
    """Return the terms below each other, and their sum below them."""
    rows = [*terms, (step.symbol, step.result.split(" ")[0])]
    names, numbers = (max(map(display_width, column)) for column in zip(*rows, strict=True))
    unit = step.result.partition(" ")[2]
    lines = [f"  {_pad(name, names)}  {number.rjust(numbers)}" for name, number in rows]
    lines.insert(-1, f"  {'-' * (names + 2 + numbers)}")
    lines[-1] += f" {unit}" * bool(unit)
    return lines + [f"  ({step.note})"] * bool(step.note)


def _chain(steps: list[Step]) -> list[str]:
    """Return a line for each layer, a column for each symbol; a formula other than the column's is told below."""
    rows: dict[str, dict[str, Step]] = {}
    for step in steps:
        symbol, _, axis = step.symbol.partition(" ")
        rows.setdefault(f"{step.layer} {axis}".strip(), {})[symbol] = step
    symbols = list(dict.fromkeys(symbol for row in rows.values() for symbol in row))
    usual = {
        symbol: next((row[symbol].formula for row in list(rows.values())[1:] if symbol in row), "")
        for symbol in symbols
    }
    table = [
        [
            "layer",
            *(f"{symbol} = {usual[symbol]}" if usual[symbol] else symbol for symbol in symbols),
        ]
    ]
    table += [
        [name, *(_cell(row[symbol]) if symbol in row else "" for symbol in symbols)]
        for name, row in rows.items()
    ]
    widths = [max(map(display_width, column)) for column in zip(*table, strict=True)]
    lines = ["  " + "  ".join(map(_pad, row, widths)).rstrip() for row in table]
    lines.insert(1, "  " + "  ".join("-" * width for width in widths))
    return [*lines, *_others(rows, usual), ""]


def _cell(step: Step) -> str:
    return step.result if step.numbers == step.result else f"{step.numbers} = {step.result}"


def _others(rows: dict[str, dict[str, Step]], usual: dict[str, str]) -> list[str]:
    """Return the lines whose formulas are not their columns', by those formulas."""
    found: dict[str, list[str]] = {}
    for name, row in list(rows.items())[1:]:
        other = [
            f"{symbol} = {step.formula}"
            for symbol, step in row.items()
            if step.formula != usual[symbol]
        ]
        if other:
            found.setdefault(", ".join(other), []).append(name)
    return [f"  {listing(names, 3)}: {formulas}" for formulas, names in found.items()]


def _pad(text: str, width: int) -> str:
    return text + " " * (width - display_width(text))
