"""The solution of an unknown size as text, as a table and as a JSON document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.explain.page import note_line, step_lines
from cnncalc.tables.page import Page
from cnncalc.tables.table import Column, Table
from cnncalc.text.messages import said, translate

if TYPE_CHECKING:
    from cnncalc.window.solve import AxisSolution, Solution


def solve_page(solution: Solution, lang: str = "en") -> Page:
    """Make the page of a solution."""
    return Page(
        lambda: document(solution),
        lambda: table(solution, lang),
        lambda _: render(solution, lang),
        lambda: table(solution),
    )


def render(solution: Solution, lang: str = "en") -> str:
    """Return the answer first; then the formulas that give it, and the check, axis by axis."""
    lines: list[str] = []
    for axis in solution.axes:
        unknown = translate(solution.unknown, lang)
        heading = f"{unknown} ({translate(axis.axis, lang)})" if axis.axis else unknown
        lines += ["", f"{heading}: {answer(axis, lang)}"]
        lines += step_lines(axis.steps, lang)
        if axis.check:
            lines += [translate("check", lang), *step_lines(axis.check, lang)]
        lines += [f"  {said(axis.reason, lang)}"] if axis.reason else []
        lines += [note_line(note, lang) for note in axis.notes]
    return "\n".join(lines[1:])


def answer(axis: AxisSolution, lang: str = "en") -> str:
    """`3`, `7 to 8`, `1 before and 2 after`, `none`."""
    if axis.found is not None:
        return str(said(axis.found.text, lang))
    if axis.pair is not None:
        before, after = axis.pair
        return translate(
            "none that is alike on both sides; {before} before and {after} after",
            lang,
            before=before,
            after=after,
        )
    return translate("none", lang)


def table(solution: Solution, lang: str = "en") -> Table:
    """Return a row for each axis."""
    columns = (
        Column("unknown", "solved for", "text"),
        Column("axis", "axis", "text"),
        Column("low", "smallest", "text"),
        Column("high", "largest", "text"),
        Column("before", "before", "text"),
        Column("after", "after", "text"),
        Column("formula", "formula", "text"),
        Column("numbers", "with numbers", "text"),
    )
    rows = []
    for axis in solution.axes:
        low, high = axis.found or ("", "")
        before, after = axis.pair or ("", "")
        step = axis.steps[0] if axis.steps else None
        rows.append(
            (
                translate(solution.unknown, lang),
                translate(axis.axis, lang),
                str(low),
                "" if high is None else str(high),
                str(before),
                str(after),
                step.formula if step else "",
                step.numbers if step else said(axis.reason, lang),
            )
        )
    unused = [] if solution.unknown == "pad" else ["before", "after"]
    notes = tuple(
        dict.fromkeys(
            said(text, lang)
            for axis in solution.axes
            for text in (*axis.notes, axis.reason)
            if text
        )
    )
    return Table("", columns, tuple(rows), notes=notes, lang=lang).without(
        [*unused, *([] if solution.axes[0].axis else ["axis"])]
    )


def document(solution: Solution) -> dict[str, Any]:
    """Every axis with what solves it; `high` null is without end, `low` null where nothing does."""
    return {
        "unknown": solution.unknown,
        "solved": solution.solved,
        "axes": [
            {
                "axis": axis.axis or None,
                "given": {
                    name: value
                    for name, value in axis.known._asdict().items()
                    if name != solution.unknown
                },
                "low": None if axis.found is None else axis.found.low,
                "high": None if axis.found is None else axis.found.high,
                "total": None if axis.total is None else list(axis.total),
                "pair": None if axis.pair is None else list(axis.pair),
                "steps": [step._asdict() for step in axis.steps],
                "check": [step._asdict() for step in axis.check],
                "notes": list(axis.notes),
                "reason": axis.reason,
            }
            for axis in solution.axes
        ],
    }
