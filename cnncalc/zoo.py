"""The networks that ship with cnncalc: their headers, aliases and totals, for `cnncalc list`.

Walking all of them takes a few tenths of a second, so that the entries are kept in the user's cache folder, under a
fingerprint of every file that they depend on: a changed spec or engine has another fingerprint, and nothing is stale.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from cnncalc.spec.file import Spec, read_shipped
from cnncalc.spec.shipped import data_files, network_files
from cnncalc.spec.walk import walk
from cnncalc.tables.documents import plain
from cnncalc.tables.page import Page
from cnncalc.tables.table import Column, Table
from cnncalc.text.files import write_whole

CACHE_VARIABLE = "CNNCALC_CACHE"
"""Environment variable with the cache folder; empty to keep nothing."""


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
    """A network's entry in the list. Raises SpecError for a broken spec."""
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
    kept = _kept_file()
    found = _read_kept(kept) if kept else None
    if found is None:
        found = tuple(entry(read_shipped(shipped)) for shipped in network_files().values())
        if kept:
            _keep(kept, found)
    return found


@cache
def aliases() -> dict[str, str]:
    """The names by lower-case alias; a network's own name in other letters too."""
    found = {one.name.lower(): one.name for one in entries()}
    for one in entries():
        for alias in one.aliases:
            found.setdefault(alias.lower(), one.name)
    return found


def matching(listed: Iterable[Entry], text: str) -> tuple[Entry, ...]:
    """The entries that have a text in their name, title, family, source or aliases, in any letters."""
    wanted = text.lower()
    return tuple(
        one
        for one in listed
        if any(
            wanted in field.lower()
            for field in (one.name, one.title, one.family, one.source, *one.aliases)
        )
    )


def _kept_file() -> Path | None:
    """Where the entries of just these files are kept; None where there is no such folder."""
    folder = os.environ.get(CACHE_VARIABLE)
    if folder is None:
        base = os.environ.get("LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME")
        folder = os.path.join(base or os.path.expanduser("~/.cache"), "cnncalc")
    return Path(folder) / f"zoo-{_fingerprint()}.json" if folder else None


def _fingerprint() -> str:
    """A digest of all that the entries depend on: the specs, the blocks, and this package's own code."""
    from hashlib import blake2b

    package = Path(__file__).parent
    files = [
        *data_files("networks").values(),
        *data_files("blocks").values(),
        *sorted(package.glob("**/*.py")),
    ]
    digest = blake2b(digest_size=16)
    for path in files:
        content = path.read_bytes()
        digest.update(f"{path.name} {len(content)} ".encode())
        digest.update(content)
    return digest.hexdigest()


def _read_kept(path: Path) -> tuple[Entry, ...] | None:
    import json

    try:
        listed: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
        return tuple(
            Entry(**{**one, "input": tuple(one["input"]), "aliases": tuple(one["aliases"])})
            for one in listed
        )
    except (OSError, ValueError, TypeError, KeyError):  # not there, or not whole: it is made anew
        return None


def _keep(path: Path, listed: tuple[Entry, ...]) -> None:
    """Keep the entries, and drop those of other fingerprints. A cache that cannot be written is done without."""
    import json

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, json.dumps([one._asdict() for one in listed], ensure_ascii=False))
        for old in path.parent.glob("zoo-*.json"):
            if old != path:
                old.unlink(missing_ok=True)
    except OSError:
        return


def list_page(listed: Sequence[Entry], lang: str = "en") -> Page:
    """Make the page that lists networks."""
    return Page(lambda: list_document(listed), lambda: list_table(listed, lang=lang))


def list_table(entries: Iterable[Entry], *, lang: str = "en") -> Table:
    """The zoo, by family."""
    columns = (
        Column("family", "family", "계열", "text", 3),
        Column("name", "network", "네트워크", "text"),
        Column("year", "year", "연도", "text", 4),
        Column("input", "input", "입력", "shape", 2),
        Column("params", "parameters", "파라미터"),
        Column("macs", "MACs", "MAC 연산"),
        Column("source", "source", "출처", "text", 5),
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
    return Table(f"{len(rows)} networks", columns, rows, lang=lang)


def list_document(entries: Iterable[Entry]) -> dict[str, Any]:
    """The zoo."""
    fields = ("name", "title", "family", "year", "input", "params", "macs", "source", "aliases")
    return {
        "networks": [{name: plain(getattr(entry, name)) for name in fields} for entry in entries]
    }
