"""Derivations as text and as a table: for each step the formula, the numbers and the result, a line each.

A long sum has a line for each of its terms, and a chain of layers is a table with a line for each layer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from cnncalc.explain.legend import legend
from cnncalc.spec.quantities import BY_NAME
from cnncalc.tables.page import Page
from cnncalc.tables.table import Column, Table
from cnncalc.text.messages import catalogue, said, translate
from cnncalc.text.source import display_width
from cnncalc.text.suggest import listing

if TYPE_CHECKING:
    from cnncalc.explain.derive import Derivation
    from cnncalc.ops.base import Step

MAX_TERMS = 4
"""A sum of more terms than this has a line for each."""


def explain_page(network: str, title: str, derivations: Iterable[Derivation], lang: str) -> Page:
    """Make the page of derivations."""
    listed = tuple(derivations)
    return Page(
        lambda: explain_document(network, listed),
        lambda: derivation_table(title, listed, lang),
        lambda _: render(title, listed, lang),
        lambda: derivation_table(title, listed),
    )


def derivation_table(title: str, derivations: Iterable[Derivation], lang: str = "en") -> Table:
    """Tabulate derivations, a row for each step."""
    columns = (
        Column("layer", "layer", "text"),
        Column("quantity", "quantity", "text"),
        Column("symbol", "of", "text"),
        Column("formula", "formula", "text"),
        Column("numbers", "with numbers", "text"),
        Column("result", "result", "text"),
    )
    rows = tuple(
        (
            step.layer or derivation.layer,
            derivation.quantity if lang == "en" else _quantity(derivation.quantity, lang),
            symbol_in(step.symbol, lang),
            said(step.formula, lang),
            said(step.numbers, lang),
            said(step.result, lang),
        )
        for derivation in derivations
        for step in derivation.steps
    )
    notes = tuple(
        dict.fromkeys(
            f"{derivation.layer}: {said(note, lang)}"
            for derivation in derivations
            for note in derivation.notes
        )
    )
    return Table(title, columns, rows, notes=notes, lang=lang)


def _quantity(name: str, lang: str) -> str:
    """Return what a heading calls a quantity."""
    known = BY_NAME.get(name)
    if known is not None and lang != "en":
        return translate(known.english, lang)
    return name.replace("_", " ")


def symbol_in(symbol: str, lang: str) -> str:
    """Return what a step derives: `output height`, `r (width)`; letters are the same in every language."""
    if lang == "en" or symbol in catalogue():
        return translate(symbol, lang)
    return re.sub("[a-z]{3,}", lambda word: translate(word[0], lang), symbol)


def explain_document(network: str, derivations: Iterable[Derivation]) -> dict[str, Any]:
    """Show derivations, step by step."""
    return {
        "network": network,
        "derivations": [
            {
                "layer": derivation.layer,
                "op": derivation.op,
                "quantity": derivation.quantity,
                "result": derivation.result,
                "value": value_of(derivation.result),
                "steps": [step._asdict() for step in derivation.steps],
                "notes": list(derivation.notes),
            }
            for derivation in derivations
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
        [
            derivation
            for derivation in listed
            if [step.formula for step in derivation.steps] == ["none"]
        ]
        if len(listed) > 1
        else []
    )
    lines = [title]
    for derivation in listed:
        if derivation not in nothing:
            lines += ["", _quantity(derivation.quantity, lang), *_derivation(derivation, lang)]
    if nothing:
        names = ", ".join(_quantity(derivation.quantity, lang) for derivation in nothing)
        lines += ["", f"{translate('none', lang)}: {names}"]
    letters = legend((step for derivation in listed for step in derivation.steps), lang)
    lines += ["", letters] if letters else []
    return "\n".join(lines)


def step_lines(steps: Iterable[Step], lang: str = "en") -> list[str]:
    """Show steps, each as its formula, its numbers and its result below each other; axes that agree once."""
    return [line for step in _same_axes(steps) for line in _step(_said(step, lang), lang)]


def _said(step: Step, lang: str) -> Step:
    """Return a step with its words in a language."""
    formula, numbers, result, note = (
        said(text, lang) for text in (step.formula, step.numbers, step.result, step.note)
    )
    return step._replace(formula=formula, numbers=numbers, result=result, note=note)


def note_line(note: str, lang: str = "en") -> str:
    """Return a note below a derivation."""
    return f"  {translate('note: {note}', lang, note=note)}"


def _derivation(derivation: Derivation, lang: str) -> list[str]:
    chain = [_said(step, lang) for step in derivation.steps if step.layer]
    below = {step.note for step in derivation.steps}
    return [
        *(_chain(chain, lang) if chain else ()),
        *step_lines((step for step in derivation.steps if not step.layer), lang),
        *(note_line(note, lang) for note in derivation.notes if note not in below),
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


def _step(step: Step, lang: str) -> list[str]:
    """`O = (N + 2P − F)/S + 1`, then its numbers, then the result; equals signs below each other."""
    terms = list(zip(step.formula.split(" + "), step.numbers.split(" + "), strict=False))
    if (
        len(terms) > MAX_TERMS
        and step.formula.count(" + ") == step.numbers.count(" + ")
        and "(" not in step.numbers
    ):
        return _sum(step, terms, lang)
    formula, axes = step.formula, step.symbol.removeprefix("output ")
    if " = " not in formula:
        symbol = symbol_in(step.symbol, lang) if axes == step.symbol else "O"
        formula = f"{symbol} = {formula}"
    left, right = formula.split(" = ", 1)
    indent = " " * display_width(left)
    label = f"  ({symbol_in(axes, lang)})" if axes != step.symbol else ""
    lines = [f"  {left} = {right}{label}"]
    if step.numbers not in (step.result.replace(",", ""), step.result, right):
        lines.append(f"  {indent} = {step.numbers}")
    if step.result != right:
        lines.append(f"  {indent} = {step.result}")
    if step.note:
        lines.append(f"  {indent}   ({step.note})")
    return lines


def _sum(step: Step, terms: list[tuple[str, str]], lang: str) -> list[str]:
    """Return the terms below each other, and their sum below them."""
    rows = [*terms, (symbol_in(step.symbol, lang), step.result.split(" ")[0])]
    names, numbers = (max(map(display_width, column)) for column in zip(*rows, strict=True))
    unit = step.result.partition(" ")[2]
    lines = [f"  {_pad(name, names)}  {number.rjust(numbers)}" for name, number in rows]
    lines.insert(-1, f"  {'-' * (names + 2 + numbers)}")
    lines[-1] += f" {unit}" * bool(unit)
    return lines + [f"  ({step.note})"] * bool(step.note)


def _chain(steps: list[Step], lang: str) -> list[str]:
    """Return a line for each layer, a column for each symbol; a formula other than the column's is told below."""
    rows: dict[str, dict[str, Step]] = {}
    for step in steps:
        symbol, _, axis = step.symbol.partition(" ")
        rows.setdefault(f"{step.layer} {symbol_in(axis, lang)}".strip(), {})[symbol] = step
    symbols = list(dict.fromkeys(symbol for row in rows.values() for symbol in row))
    usual = {
        symbol: next((row[symbol].formula for row in list(rows.values())[1:] if symbol in row), "")
        for symbol in symbols
    }
    table = [
        [
            translate("layer", lang),
            *(
                f"{symbol_in(symbol, lang)} = {usual[symbol]}"
                if usual[symbol]
                else symbol_in(symbol, lang)
                for symbol in symbols
            ),
        ]
    ]
    table += [
        [name, *(_cell(row[symbol]) if symbol in row else "" for symbol in symbols)]
        for name, row in rows.items()
    ]
    widths = [max(map(display_width, column)) for column in zip(*table, strict=True)]
    lines = ["  " + "  ".join(map(_pad, row, widths)).rstrip() for row in table]
    lines.insert(1, "  " + "  ".join("-" * width for width in widths))
    return [*lines, *_others(rows, usual, lang), ""]


def _cell(step: Step) -> str:
    return step.result if step.numbers == step.result else f"{step.numbers} = {step.result}"


def _others(rows: dict[str, dict[str, Step]], usual: dict[str, str], lang: str) -> list[str]:
    """Return the lines whose formulas are not their columns', by those formulas."""
    others: dict[str, list[str]] = {}
    for name, row in list(rows.items())[1:]:
        other = [
            f"{symbol_in(symbol, lang)} = {step.formula}"
            for symbol, step in row.items()
            if step.formula != usual[symbol]
        ]
        if other:
            others.setdefault(", ".join(other), []).append(name)
    return [f"  {said(listing(names, 3), lang)}: {formulas}" for formulas, names in others.items()]


def _pad(text: str, width: int) -> str:
    return text + " " * (width - display_width(text))
