"""The solution of an unknown size as text, as a table and as a JSON document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.explain.page import step_lines
from cnncalc.tables.page import Page
from cnncalc.tables.table import Column, Table

if TYPE_CHECKING:
    from cnncalc.window.solve import AxisSolution, Solution


def solve_page(solution: Solution, lang: str = "en") -> Page:
    """Make the page of a solution."""
    return Page(
        lambda: document(solution),
        lambda: table(solution)._replace(lang=lang),
        lambda _: render(solution),
    )


def render(solution: Solution) -> str:
    """Return the answer first; then the formulas that give it, and the check, axis by axis."""
    lines: list[str] = []
    for axis in solution.axes:
        heading = f"{solution.unknown} ({axis.axis})" if axis.axis else solution.unknown
        lines += ["", f"{heading}: {answer(axis)}"]
        lines += step_lines(axis.steps)
        if axis.check:
            lines += ["check", *step_lines(axis.check)]
        lines += [f"  {axis.reason}"] if axis.reason else []
        lines += [f"  note: {note}" for note in axis.notes]
    return "\n".join(lines[1:])


def answer(axis: AxisSolution) -> str:
    """`3`, `7 to 8`, `1 before and 2 after`, `none`."""
    if axis.found is not None:
        return str(axis.found)
    if axis.pair is not None:
        return f"none that is alike on both sides; {axis.pair[0]} before and {axis.pair[1]} after"
    return "none"


def table(solution: Solution) -> Table:
    """Return a row for each axis."""
    columns = (
        Column("unknown", "unknown", "미지수", "text"),
        Column("axis", "axis", "축", "text"),
        Column("low", "smallest", "최소", "text"),
        Column("high", "largest", "최대", "text"),
        Column("before", "before", "앞", "text"),
        Column("after", "after", "뒤", "text"),
        Column("formula", "formula", "식", "text"),
        Column("numbers", "with numbers", "대입", "text"),
    )
    rows = []
    for axis in solution.axes:
        low, high = axis.found or ("", "")
        before, after = axis.pair or ("", "")
        step = axis.steps[0] if axis.steps else None
        rows.append(
            (
                solution.unknown,
                axis.axis,
                str(low),
                "" if high is None else str(high),
                str(before),
                str(after),
                step.formula if step else "",
                step.numbers if step else axis.reason,
            )
        )
    unused = [] if solution.unknown == "pad" else ["before", "after"]
    notes = tuple(
        dict.fromkeys(text for axis in solution.axes for text in (*axis.notes, axis.reason) if text)
    )
    return Table("", columns, tuple(rows), notes=notes).without(
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
