"""A LaTeX table for a slide or a paper: a tabular with the booktabs package's rules."""

from __future__ import annotations

from collections.abc import Iterable

from cnncalc.tables.table import NUMERIC, Table, for_people

_SIGNS = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "×": r"$\times$",
    "−": "$-$",
    "·": r"$\cdot$",
    "²": "$^2$",
    "γ": r"$\gamma$",
    "β": r"$\beta$",
    "₀": "$_0$",
    "⌊": r"$\lfloor$",
    "⌋": r"$\rfloor$",
    "⌈": r"$\lceil$",
    "⌉": r"$\rceil$",
    "Σ": r"$\Sigma$",
}


def render(table: Table) -> str:
    """Return the table in LaTeX; notes are comments above it."""
    kinds = [column.kind for column in table.columns]
    lines = [f"% {text}" for text in (table.title, *table.notes) if text]
    lines += [
        "% needs \\usepackage{booktabs}",
        r"\begin{tabular}{" + "".join("r" if kind in NUMERIC else "l" for kind in kinds) + "}",
        r"\toprule",
        _line(map(escape, table.headers())),
        r"\midrule",
    ]
    lines += [
        _line(escape(for_people(kind, cell)) for kind, cell in zip(kinds, row, strict=True))
        for row in table.rows
    ]
    if table.totals is not None:
        lines += [
            r"\midrule",
            _line(
                escape(for_people(kind, cell))
                for kind, cell in zip(kinds, table.totals, strict=True)
            ),
        ]
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}"])


def _line(cells: Iterable[str]) -> str:
    return " & ".join(cells) + r" \\"


def escape(text: str) -> str:
    """Return the text with every sign that LaTeX reads otherwise as it prints it."""
    return "".join(_SIGNS.get(sign, sign) for sign in text)
