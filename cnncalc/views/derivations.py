"""Derivations as text: for each step the formula, the numbers and the result, a line each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnncalc.explain import Derivation
    from cnncalc.ops.base import Step


def render(title: str, derivations: Iterable[Derivation]) -> str:
    """All derivations of one layer below each other."""
    lines = [title]
    for one in derivations:
        lines += ["", one.quantity.replace("_", " ")]
        for step in _same_axes(one.steps):
            lines += _step(step)
        lines += [f"  note: {note}" for note in one.notes]
    return "\n".join(lines)


def _same_axes(steps: Iterable[Step]) -> Iterable[Step]:
    """The steps, those that differ only in the axis (`output height`, `output width`) as one."""
    merged: list[Step] = []
    for step in steps:
        last = merged[-1] if merged else None
        is_axis = step.symbol.startswith("output ")
        if last is not None and is_axis and last._replace(symbol="") == step._replace(symbol=""):
            merged[-1] = last._replace(symbol=f"{last.symbol}, {step.symbol.removeprefix('output ')}")
        else:
            merged.append(step)
    return merged


def _step(step: Step) -> list[str]:
    """`O = (N + 2P − F)/S + 1`, then its numbers, then the result; equals signs below each other."""
    formula = step.formula
    if " = " not in formula:
        symbol = step.symbol if not step.symbol.startswith("output ") else "O"
        formula = f"{symbol} = {formula}"
    left, right = formula.split(" = ", 1)
    indent = " " * len(left)
    label = f"  ({step.symbol.removeprefix('output ')})" if step.symbol.startswith("output ") else ""
    lines = [f"  {left} = {right}{label}"]
    if step.numbers != step.result:
        lines.append(f"  {indent} = {step.numbers}")
    lines.append(f"  {indent} = {step.result}")
    if step.note:
        lines.append(f"  {indent}   ({step.note})")
    return lines
