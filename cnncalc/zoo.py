"""The networks that ship with cnncalc: their headers, aliases and totals, for `cnncalc list`."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from cnncalc.library import data_files
from cnncalc.spec import Spec, read_spec
from cnncalc.walk import walk
from cnncalc.yamltext import Mapping, Scalar, Sequence, parse_yaml, read_source


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


@cache
def aliases() -> dict[str, str]:
    """The names by lower-case alias; a network's own name in other letters too."""
    found: dict[str, str] = {}
    for name, path in data_files("networks").items():
        found.setdefault(name.lower(), name)
        tree, _ = parse_yaml(read_source(path))
        listed = tree.get("aliases") if isinstance(tree, Mapping) else None
        for item in listed.items if isinstance(listed, Sequence) else ():
            if isinstance(item, Scalar):
                found.setdefault(item.text.lower(), name)
    return found


def entry(spec: Spec) -> Entry:
    """A network's entry in the list. Raises SpecError for a broken spec."""
    graph = walk(spec)
    facts = [node.facts for node in graph.nodes if not node.side and node.shares is None]
    macs = sum(node.facts.events.get("mac", 0) for node in graph.nodes if not node.side)
    return Entry(spec.name, spec.title, spec.family, spec.year, graph.input,
                 sum(one.weights + one.biases for one in facts), macs, spec.cited, spec.aliases)


def entries() -> tuple[Entry, ...]:
    """Every network of the zoo, in the order of their names."""
    return tuple(entry(read_spec(read_source(path))) for path in data_files("networks").values())


def matching(listed: Iterable[Entry], text: str) -> tuple[Entry, ...]:
    """The entries that have a text in their name, title, family, source or aliases, in any letters."""
    wanted = text.lower()
    return tuple(
        one for one in listed
        if any(wanted in field.lower() for field in (one.name, one.title, one.family, one.source, *one.aliases))
    )
