"""A Markdown table."""

from __future__ import annotations

from cnncalc.tables.table import NUMERIC, Table, for_people

_ESCAPED = str.maketrans({sign: "\\" + sign for sign in "\\|*_<`[]&~"})
"""Signs that begin a link, a picture, an entity, emphasis, code or a tag."""


def render(table: Table) -> str:
    """Return the table in Markdown, totals in bold."""
    kinds = [column.kind for column in table.columns]
    lines = [
        _line([escape(header) for header in table.headers()]),
        _line(["---:" if kind in NUMERIC else "---" for kind in kinds]),
    ]
    for row in table.rows:
        lines.append(
            _line([escape(for_people(kind, cell)) for kind, cell in zip(kinds, row, strict=True)])
        )
    if table.totals is not None:
        cells = [
            escape(for_people(kind, cell)) for kind, cell in zip(kinds, table.totals, strict=True)
        ]
        lines.append(_line([f"**{cell}**" if cell else "" for cell in cells]))
    head = [f"**{escape(table.title)}**", ""] if table.title else []
    notes = ["", *(escape(note) + "  " for note in table.notes)] if table.notes else []
    return "\n".join([*head, *lines, *notes]).rstrip()


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def escape(text: str) -> str:
    """Return the text with a backslash before every sign that Markdown reads otherwise as it prints it."""
    return text.translate(_ESCAPED)
