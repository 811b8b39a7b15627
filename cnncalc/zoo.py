"""The networks that ship with cnncalc: their headers, aliases and totals, for `cnncalc list`.

Walking all of them takes a few tenths of a second, so that an index of them ships too: `specs/index/zoo.json`, which
`tools/make_zoo.py` writes and CI checks. A network that is not in it, such as one just added in a checkout, is walked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from cnncalc.spec.file import Spec, read_shipped
from cnncalc.spec.shipped import network_files, specs_folder
from cnncalc.spec.walk import walk
from cnncalc.tables.documents import plain
from cnncalc.tables.page import Page
from cnncalc.tables.table import Column, Table
from cnncalc.text.messages import translate


class Entry(NamedTuple):
    """A network as the list shows it; the names are those of the JSON contract."""

    name: str
    title: str
    family: str
    year: int | None
    input: tuple[int, ...]
    params: int
    macs: int
    source: str
    aliases: tuple[str, ...]


def entry(spec: Spec) -> Entry:
    """Return a network's entry in the list. Raises SpecError for a broken spec."""
    graph = walk(spec)
    main = [node for node in graph.nodes if not node.side]
    params = sum(node.facts.weights + node.facts.biases for node in main if node.shares is None)
    macs = sum(node.facts.events.get("mac", 0) for node in main)
    return Entry(
        spec.name,
        spec.title,
        spec.family,
        spec.year,
        graph.input,
        params,
        macs,
        spec.cited,
        spec.aliases,
    )


@cache
def entries() -> tuple[Entry, ...]:
    """Every network of the zoo, in the order of their names."""
    indexed = {entry.name: entry for entry in read_index()}
    return tuple(
        indexed[name] if name in indexed else entry(read_shipped(shipped))
        for name, shipped in network_files().items()
    )


def index_file() -> Path:
    """Where the index is."""
    return specs_folder() / "index" / "zoo.json"


def index_text() -> str:
    """Make the index anew, a line a network."""
    made = [entry(read_shipped(shipped))._asdict() for shipped in network_files().values()]
    lines = ",\n".join(json.dumps(described, ensure_ascii=False) for described in made)
    return f"[\n{lines}\n]\n"


def read_index() -> tuple[Entry, ...]:
    """Read the index; nothing of one that is missing or not whole."""
    try:
        listed: list[dict[str, Any]] = json.loads(index_file().read_text(encoding="utf-8"))
        return tuple(
            Entry(**{**entry, "input": tuple(entry["input"]), "aliases": tuple(entry["aliases"])})
            for entry in listed
        )
    except (OSError, ValueError, TypeError, KeyError):
        return ()


@cache
def aliases() -> dict[str, str]:
    """Return the names by what people call them, as `spelled`: a network's own name first, then the aliases."""
    names = {spelled(entry.name): entry.name for entry in entries()}
    for entry in entries():
        for alias in entry.aliases:
            names.setdefault(spelled(alias), entry.name)
    return names


def spelled(name: str) -> str:
    """Write a name as it is looked up: case, hyphens, blanks and underscores are not told apart."""
    return re.sub("[-_ ]", "", name).lower()


def matching(listed: Iterable[Entry], text: str) -> tuple[Entry, ...]:
    """Return the entries that have a text in their name, title, family, source or aliases, in any letters."""
    wanted = text.lower()
    return tuple(
        entry
        for entry in listed
        if any(
            wanted in field.lower()
            for field in (entry.name, entry.title, entry.family, entry.source, *entry.aliases)
        )
    )


def list_page(listed: Sequence[Entry], lang: str = "en") -> Page:
    """Make the page that lists networks."""
    return Page(lambda: list_document(listed), lambda: list_table(listed, lang=lang))


def list_table(entries: Iterable[Entry], *, lang: str = "en") -> Table:
    """Return the zoo, by family."""
    columns = (
        Column("family", "family", "text", 3),
        Column("name", "network", "text"),
        Column("year", "year", "text", 4),
        Column("input", "input", "shape", 2),
        Column("params", "parameters"),
        Column("macs", "MACs"),
        Column("source", "source", "text", 5),
    )
    ordered = sorted(entries, key=lambda entry: (entry.family.lower(), entry.year or 0, entry.name))
    rows = tuple(
        (
            entry.family,
            entry.name,
            "" if entry.year is None else str(entry.year),
            entry.input,
            entry.params,
            entry.macs,
            entry.source,
        )
        for entry in ordered
    )
    return Table(translate("{count} networks", lang, count=len(rows)), columns, rows, lang=lang)


def list_document(entries: Iterable[Entry]) -> dict[str, Any]:
    """Return the zoo."""
    fields = ("name", "title", "family", "year", "input", "params", "macs", "source", "aliases")
    return {
        "networks": [{name: plain(getattr(entry, name)) for name in fields} for entry in entries]
    }
