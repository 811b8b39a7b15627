"""A difference as a page: its document, its table, and its text, which says once what happened in several places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from cnncalc.compare.diff import Change, Difference
from cnncalc.draw.words import caption_text
from cnncalc.ops.shapes import format_shape
from cnncalc.report.analysis import Report
from cnncalc.spec.graph import Node
from cnncalc.spec.quantities import BY_KEY, TOTAL_FIELDS
from cnncalc.tables.documents import plain, row_document, totals_document
from cnncalc.tables.page import Page
from cnncalc.tables.table import COLUMNS, Column, Table
from cnncalc.text.messages import translate
from cnncalc.text.source import display_width
from cnncalc.text.suggest import listing

MAX_PLACES = 4
"""Places of one change that are named."""


def diff_page(difference: Difference, lang: str = "en") -> Page:
    """Make the page of what differs between two networks."""
    return Page(
        lambda: _document(difference),
        lambda: _table(difference, lang),
        lambda _: _text(difference, lang),
    )


# --- the document ---------------------------------------------------------------------------------------------------


def _document(difference: Difference) -> dict[str, Any]:
    a, b = difference.a, difference.b
    return {
        "a": a.network,
        "b": b.network,
        "changes": [
            {
                "kind": change.kind,
                "a": None if change.a is None else row_document(a, a.layers[change.a]),
                "b": None if change.b is None else row_document(b, b.layers[change.b]),
                "fields": {
                    name: [_plain(value) for value in values]
                    for name, values in change.fields.items()
                },
            }
            for change in difference.changes
        ],
        "totals": {
            "a": totals_document(a),
            "b": totals_document(b),
            "difference": {key: _difference(a, b, key) for key in TOTAL_FIELDS},
        },
    }


def _plain(value: Any) -> Any:
    return value if isinstance(value, bool) else plain(value)


def _difference(a: Report, b: Report, key: str) -> int | None:
    """How much more the second network has; None where either is not known."""
    own, other = (report.known(BY_KEY[key], report.totals) for report in (a, b))
    return None if own is None or other is None else other - own


# --- what happened --------------------------------------------------------------------------------------------------


class Said(NamedTuple):
    """A change in words, without its place, and the place."""

    kind: str
    what: str
    place: str


def _said(difference: Difference, lang: str) -> Iterator[Said]:
    """Every change in words; of a block that is all new, or gone, the block."""
    a, b = difference.a.graph, difference.b.graph
    whole = {
        "added": _whole_scopes([n.name for n in b.nodes], _names(difference, "added")),
        "removed": _whole_scopes([n.name for n in a.nodes], _names(difference, "removed")),
    }
    said: set[tuple[str, str]] = set()
    for change in difference.changes:
        graph = b if change.kind == "added" else a
        node = graph.nodes[change.b if change.kind == "added" else change.a]  # type: ignore[index]
        scope = whole.get(change.kind, {}).get(node.name)
        if scope is None:
            yield Said(
                change.kind, _words(difference, change, node, lang), _place(difference, change)
            )
        elif (change.kind, scope) not in said:
            said.add((change.kind, scope))
            yield Said(change.kind, graph.scopes.get(scope) or scope.rpartition("/")[2], scope)


def _names(difference: Difference, kind: str) -> set[str]:
    """Give the layers that were added, or removed."""
    nodes = (difference.b if kind == "added" else difference.a).graph.nodes
    places = (
        change.b if kind == "added" else change.a
        for change in difference.changes
        if change.kind == kind
    )
    return {nodes[place].name for place in places if place is not None}


def _whole_scopes(names: Sequence[str], gone: set[str]) -> dict[str, str]:
    """For each of these layers the outermost scope all of whose layers are among them, if there is one."""
    partly: set[str] = set()
    for name in names:
        if name not in gone:
            partly.update(_scopes(name))
    scopes: dict[str, str] = {}
    for name in gone:
        scope = next((scope for scope in _scopes(name) if scope not in partly), None)
        if scope is not None:
            scopes[name] = scope
    return scopes


def _scopes(name: str) -> list[str]:
    """Give the scopes that a layer is in, outermost first."""
    parts = name.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts))]


def _words(difference: Difference, change: Change, node: Node, lang: str) -> str:
    """Say what happened to a layer."""
    if change.kind == "changed":
        fields = ", ".join(
            f"{name} {_value(x)} → {_value(y)}" for name, (x, y) in change.fields.items()
        )
        return f"{_caption(node, lang)}: {fields}"
    if change.kind == "moved" and change.fields and change.b is not None:
        ((name, (value, _)),) = change.fields.items()
        other = difference.b.graph.nodes[change.b]
        values = {
            "name": name,
            "value": _value(value),
            "from_": _short(node, lang),
            "to": _short(other, lang),
        }
        return translate("{name} {value} from the {from_} to the {to}", lang, **values)
    return _caption(node, lang)


def _place(difference: Difference, change: Change) -> str:
    """Where it happened: the layer in the first network, and in the other where that has another name."""
    a = None if change.a is None else difference.a.graph.nodes[change.a].name
    b = None if change.b is None else difference.b.graph.nodes[change.b].name
    if change.kind == "moved" and change.fields and a is not None:
        return a.rpartition("/")[0] or a
    return a or b or "" if a == b or None in (a, b) else f"{a} → {b}"


def _caption(node: Node, lang: str) -> str:
    return caption_text(node.op.caption(node.shapes[0] if node.shapes else node.output), lang)


def _short(node: Node, lang: str) -> str:
    """Make a layer without its filters and its stride: `3×3 conv`."""
    caption = node.op.caption(node.shapes[0] if node.shapes else node.output)
    return caption_text(caption._replace(amount=None, stride=(), groups=1), lang)


def _value(value: Any) -> str:
    """Make a field's value as a person writes it; one for all axes once."""
    if isinstance(value, tuple) and value and len(set(value)) == 1:
        return _value(value[0])
    if isinstance(value, tuple):
        return format_shape(map(_value, value))
    if value is None or isinstance(value, bool):
        return str(value).lower()
    return str(value)


# --- the table and the text -----------------------------------------------------------------------------------------


def _grouped(difference: Difference, lang: str) -> dict[tuple[str, str], list[str]]:
    """Give the places of each change that is said in the same words."""
    groups: dict[tuple[str, str], list[str]] = {}
    for said in _said(difference, lang):
        groups.setdefault((said.kind, said.what), []).append(said.place)
    return groups


def _table(difference: Difference, lang: str) -> Table:
    columns = (
        Column("kind", "change", "text"),
        Column("what", "what", "text"),
        Column("places", "places"),
        Column("where", "where", "text"),
    )
    rows = tuple(
        (translate(kind, lang), what, len(places), listing(places, MAX_PLACES))
        for (kind, what), places in _grouped(difference, lang).items()
    )
    notes = tuple(
        f"{name}: {total} → {other} ({more})"
        for name, total, other, more in _totals(difference, lang)
    )
    title = f"{difference.a.network} → {difference.b.network}"
    return Table(title, columns, rows, notes=notes, lang=lang)


def _text(difference: Difference, lang: str) -> str:
    lines = [f"{difference.a.network} → {difference.b.network}", ""]
    for (kind, what), places in _grouped(difference, lang).items():
        count = translate("in {count} places: ", lang, count=len(places)) if len(places) > 1 else ""
        lines.append(f"  {translate(kind, lang)}  {what}")
        lines.append(f"    {count}{listing(places, MAX_PLACES)}")
    if not difference.changes:
        lines.append(f"  {translate('the layers are the same', lang)}")
    table = [("", difference.a.network, difference.b.network, translate("difference", lang))]
    table += _totals(difference, lang)
    widths = [max(map(display_width, column)) for column in zip(*table, strict=True)]
    lines.append("")
    lines += ["  " + "  ".join(map(_pad, row, widths, range(4))).rstrip() for row in table]
    return "\n".join(lines)


def _pad(text: str, width: int, place: int) -> str:
    blanks = " " * (width - display_width(text))
    return f"{text}{blanks}" if place == 0 else f"{blanks}{text}"


def _totals(difference: Difference, lang: str) -> list[tuple[str, str, str, str]]:
    """Each total of both networks and the difference."""
    lines = []
    for key in TOTAL_FIELDS:
        column, more = COLUMNS[key], _difference(difference.a, difference.b, key)
        values = [
            report.known(BY_KEY[key], report.totals) for report in (difference.a, difference.b)
        ]
        shown = ["?" if value is None else f"{value:,}" for value in values]
        lines.append(
            (column.header(lang), *shown, "?" if more is None else f"{more:+,}" if more else "=")
        )
    return [(name, line, other, change) for name, line, other, change in lines]


__all__ = ["diff_page"]
