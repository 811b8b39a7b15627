"""An HTML table, as a notebook shows it."""

from __future__ import annotations

from html import escape

from cnncalc.tables.table import NUMERIC, Table, for_people


def render(table: Table) -> str:
    """Return the table as one HTML element with its title and notes."""
    kinds = [column.kind for column in table.columns]
    listed = [
        [for_people(kind, cell) for kind, cell in zip(kinds, row, strict=True)]
        for row in table.rows
    ]
    body = [_row("td", cells, kinds) for cells in listed]
    foot = []
    if table.totals is not None:
        cells = [for_people(kind, cell) for kind, cell in zip(kinds, table.totals, strict=True)]
        foot = ["<tfoot>", _row("th", cells, kinds), "</tfoot>"]
    notes = [f"<p>{escape(note)}</p>" for note in table.notes]
    return "\n".join(
        [
            "<div>",
            '<table class="cnncalc" style="border-collapse: collapse">',
            f'<caption style="text-align: left; font-weight: bold">{escape(table.title)}</caption>',
            "<thead>",
            _row("th", table.headers(), kinds),
            "</thead>",
            "<tbody>",
            *body,
            "</tbody>",
            *foot,
            "</table>",
            *notes,
            "</div>",
        ]
    )


def _row(tag: str, cells: list[str], kinds: list[str]) -> str:
    style = "padding: 0.1em 0.7em; border-bottom: 1px solid #ddd; text-align"
    shown = (
        f'<{tag} style="{style}: {"right" if kind in NUMERIC else "left"}">{escape(cell)}</{tag}>'
        for cell, kind in zip(cells, kinds, strict=True)
    )
    return f"<tr>{''.join(shown)}</tr>"
