"""Why counts differ, as text: each count under its name as the base and what is added to it, a term a line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cnncalc.counts.page import off, printed_words
from cnncalc.spec.graph import show_inputs
from cnncalc.text.source import display_width
from cnncalc.text.suggest import listing

if TYPE_CHECKING:
    from cnncalc.counts.reconcile import Change, Equation, Part, Reconciled, Side, Variant

Line = tuple[str, int | None, str]
"""What, how many, and where; or a sentence, with no number."""


def render(done: Reconciled, width: int = 80) -> str:
    """All counts below each other, their numbers in one column; sentences are folded to `width` columns."""
    where = "" if done.place == "total" else f"{done.place} of "
    lines: list[Line] = [
        (f"{where}{done.net.title}, {show_inputs(done.net.graph.inputs)}", None, "")
    ]
    equations = {id(one.side): one for one in done.equations}
    for side in done.sides:
        block = list(_side(done, side, equations.get(id(side))))
        lines += [("", None, ""), *block] if block else []
    for one in done.parameters:
        lines += [("", None, ""), *_equation(one)]
    return "\n".join(_aligned(lines, width))


def _side(done: Reconciled, side: Side, equation: Equation | None) -> Iterator[Line]:
    if side.variant is not None:
        yield from _variant(done, side, side.variant)
        return
    named = side.fit is None and side.distance is None
    if not named:
        yield f"{side.given} {_is(side)}", None, ""
    if equation is None:
        yield f"  {side.label}", side.total, f"{side.counted}, not {done.sides[-1].counted}"
    elif equation.side is not equation.base:
        yield from _equation(equation)
    elif not named or len(done.sides) == 1:
        yield f"  {side.label}", side.total, ""


def _is(side: Side) -> str:
    """What a number is."""
    if side.fit is None:
        return f"is no count of this network: it is {off(side.distance or 0)} than the nearest, {side.label}"
    also = f"; {listing(side.also, 3)} too" if side.also else ""
    whole = side.label == side.unit or (
        side.counted == "parameters" and side.convention.has_usual_parameters
    )
    whose = side.label if whole else f"the {side.unit} of {side.label}"
    return f"is {whose}, {side.fit.reading}{also}"


def _equation(equation: Equation) -> Iterator[Line]:
    side, base = equation.side, equation.base
    yield side.label, side.total, "" if side.label == side.unit else side.unit
    same = ", the same" if not equation.parts else ""
    yield f"  = {base.label}{same}", base.total, ""
    for part in equation.parts:
        yield f"  {'−' if part.amount < 0 else '+'} {part.what}", abs(part.amount), _where(part)


def _where(part: Part) -> str:
    if len(part.layers) == 1:
        return part.layers[0]
    return f"{len(part.layers)} layers: {listing(part.ops, 3)}"


def _variant(done: Reconciled, side: Side, variant: Variant) -> Iterator[Line]:
    also = f" ({listing(side.also, 3)} too)" if side.also else ""
    reading = side.fit.reading if side.fit else ""
    yield f"{side.given} is of another network: {variant.net.title}", None, ""
    yield f"{variant.net.name}", variant.total, f"{side.unit}, {reading}{also}"
    yield f"  = {done.net.name}", side.total, side.label
    changed = {layer for change in variant.changes or () for layer in change.layers}
    where = f"{len(changed)} layers that differ" if changed else "other layers"
    yield (
        f"  {'−' if variant.total < side.total else '+'} {where}",
        abs(variant.total - side.total),
        "",
    )
    for change in variant.changes or ():
        yield f"      {_change(change)}", None, ""
    for printed in variant.printed:
        yield f"  {printed_words(printed)}", None, ""


def _change(change: Change) -> str:
    return (
        f"{change.what}: {change.field} {change.there} there, {change.here} here: "
        f"{listing(change.layers, 1)}"
    )


def _aligned(lines: list[Line], width: int) -> Iterator[str]:
    left = max((display_width(what) for what, number, _ in lines if number is not None), default=0)
    right = max((len(f"{number:,}") for _, number, _ in lines if number is not None), default=0)
    for what, number, where in lines:
        if number is None:
            yield _folded(what, width)
        else:
            yield f"{what}{' ' * (left - display_width(what))}  {number:>{right},}  {where}".rstrip()


def _folded(text: str, width: int) -> str:
    """A sentence over several lines, the further ones set in."""
    from textwrap import wrap

    start = " " * (len(text) - len(text.lstrip()))
    lines = wrap(
        text.lstrip(),
        max(width, 40),
        initial_indent=start,
        subsequent_indent=f"{start}  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(lines)
