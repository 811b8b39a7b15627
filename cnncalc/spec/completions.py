"""What may stand at a place of a spec that is being written: keys, layers, words, by the spec's own JSON Schema.

The text is seldom whole while it is typed. A mark is put where the cursor is, whatever makes the text YAML is added
behind it, and the way to the mark in the tree is gone in the schema.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from cnncalc.spec.schema import spec_schema
from cnncalc.text.records import Schema
from cnncalc.text.source import Source
from cnncalc.text.yaml_tree import Located, Mapping, Scalar, parse_yaml
from cnncalc.text.yaml_tree import Sequence as WrittenSequence

MOST = 200
"""So many are given at most."""

_MARK = "\N{RIGHT ANGLE}here"
_BEFORE = re.compile(r"[\w./-]*\Z")
_AFTER = re.compile(r"[\w./-]*")
_CLOSING = {"{": "}", "[": "]"}
_OF_LAYERS = ("from", "share")
"""Keys whose values are names of layers."""


class Completion(NamedTuple):
    """A word that may stand here, what it is, and what is written for it; `back` is how far the cursor goes back."""

    word: str
    help: str
    written: str
    back: int = 0


class Completions(NamedTuple):
    """What may stand between two places of a text, in characters from its start."""

    start: int
    end: int
    found: tuple[Completion, ...] = ()


class _Way(NamedTuple):
    """How the mark is reached: keys, and None for an item of a list; `siblings` are the keys beside it."""

    steps: tuple[str | None, ...]
    is_key: bool
    siblings: frozenset[str] = frozenset()


def complete(text: str, place: int, layers: Iterable[str] = ()) -> Completions:
    """Say what may stand at a place of a spec's text; `layers` are names of layers besides those written in it."""
    start = place - len(_match(_BEFORE, text[:place]))
    end = place + len(_match(_AFTER, text[place:]))
    prefix = text[start:place]
    has_value = text[end:].lstrip(" ").startswith(":")
    for tree, way in _readings(text[:start], text[end:]):
        fitting = _fitting(_possible(tree, way, layers, has_value=has_value), prefix)
        if fitting:
            return Completions(start, end, tuple(fitting[:MOST]))
    return Completions(start, end)


def _match(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text) if pattern is _BEFORE else pattern.match(text)
    return "" if match is None else match[0]


def _fitting(possible: Iterable[Completion], prefix: str) -> list[Completion]:
    """Give those that begin with what is written, then those that have it within."""
    start = prefix.lower()
    fitting = [fromkey for fromkey in dict.fromkeys(possible) if start in fromkey.word.lower()]
    return sorted(fitting, key=lambda completion: not completion.word.lower().startswith(start))


# --- where the cursor is --------------------------------------------------------------------------------------------


def _readings(before: str, after: str) -> Iterator[tuple[Located, _Way]]:
    """Find the mark in the trees of the texts that can be read, the ones with the least added first."""
    line, _, rest = after.partition("\n")
    closing = "".join(_CLOSING[sign] for sign in reversed(_open_signs(before)))
    for behind in (after, f"{closing}\n{rest}", closing, f"{line}\n", ""):
        for colon in ("", ": "):
            tree = parse_yaml(Source("", f"{before}{_MARK}{colon}{behind}"), pure=True).tree
            way = None if tree is None else _way(tree, ())
            if tree is not None and way is not None:
                yield tree, way


def _open_signs(before: str) -> list[str]:
    """Give the brackets that are open where a text ends, outside quotes and comments."""
    signs: list[str] = []
    for token in re.findall(
        r"\"[^\"\n]*\"?|(?<![\w])'[^'\n]*'?|(?:^|(?<=\s))#[^\n]*|[][{}]", before
    ):
        if token in _CLOSING:
            signs.append(token)
        elif token in _CLOSING.values() and signs:
            signs.pop()
    return signs


def _way(located: Located, steps: tuple[str | None, ...]) -> _Way | None:
    if isinstance(located, Scalar):
        return _Way(steps, False) if located.text == _MARK else None
    if isinstance(located, WrittenSequence):
        ways = (_way(item, (*steps, None)) for item in located.items)
        return next(filter(None, ways), None)
    keys = [key.text for key, _ in located.entries]
    if _MARK in keys:
        return _Way(steps, True, frozenset(keys))
    ways = (_way(value, (*steps, key.text)) for key, value in located.entries)
    return next(filter(None, ways), None)


# --- what may stand there -------------------------------------------------------------------------------------------


def _possible(
    tree: Located, way: _Way, layers: Iterable[str], *, has_value: bool
) -> Iterator[Completion]:
    nodes = _nodes(way.steps)
    if way.is_key:
        ending = "" if has_value else ": "
        for name, help_ in _keys(nodes):
            if name not in way.siblings:
                yield Completion(name, help_, name + ending)
        return
    last = [step for step in way.steps if step is not None][-1:]
    if last and last[0] in _OF_LAYERS:
        yield from (Completion(name, "", name) for name in dict.fromkeys((*_names(tree), *layers)))
        return
    yield from _words(nodes)
    if any(
        node.get("type") == "string" and "expression" in node.get("description", "")
        for node in nodes
    ):
        yield from (Completion(name, "", name) for name in _parameters(tree))


def _nodes(steps: Sequence[str | None]) -> list[Schema]:
    """Give the schemas that a value may have at the end of a way."""
    nodes = list(_alternatives(_schema()))
    for step in steps:
        following = [_after(node, step) for node in nodes]
        nodes = [
            alternative
            for node in following
            if node is not None
            for alternative in _alternatives(node)
        ]
    return nodes


def _after(node: Schema, step: str | None) -> Schema | None:
    if step is None:
        items = node.get("items")
    else:
        items = node.get("properties", {}).get(step, node.get("additionalProperties"))
    return items if isinstance(items, dict) else None


def _alternatives(node: Schema) -> Iterator[Schema]:
    """Give a schema, and all that it says a value may be instead."""
    while "$ref" in node:
        node = _schema()["$defs"][node["$ref"].rpartition("/")[2]]
    yield node
    for other in node.get("anyOf", ()):
        yield from _alternatives(other)


@cache
def _schema() -> Schema:
    return spec_schema()


def _keys(nodes: Iterable[Schema]) -> Iterator[tuple[str, str]]:
    """Give the keys that a mapping may have here, and what each is; other names of a field are left out."""
    for node in nodes:
        for name, schema in node.get("properties", {}).items():
            if not schema.get("deprecated"):
                yield name, schema.get("description", "")


def _words(nodes: Sequence[Schema]) -> Iterator[Completion]:
    """Give the words that may stand here; one that is also a key, as a layer's, with room for its fields."""
    helps = dict(_keys(nodes))
    words = [word for node in nodes for word in node.get("enum", ())]
    is_boolean = any("boolean" in _types(node) and "string" not in _types(node) for node in nodes)
    booleans = ("true", "false") if is_boolean else ()
    for word in (*words, *booleans):
        if not isinstance(word, str):
            continue
        if word in helps and not _stands_alone(word):
            yield Completion(word, helps[word], f"{word}: {{}}", 1)
        else:
            yield Completion(word, helps.get(word, ""), word)


def _types(node: Schema) -> frozenset[str]:
    types = node.get("type", ())
    return frozenset((types,) if isinstance(types, str) else types)


def _stands_alone(word: str) -> bool:
    """Tell whether a layer may be the bare word: none of its fields, or parameters, must be given."""
    from cnncalc.ops import OPS
    from cnncalc.spec.blocks import library_block
    from cnncalc.spec.layers import COMBINATORS

    if word in OPS:
        return not any(field.required for field in OPS[word].fields)
    if word in COMBINATORS:
        return False
    return all(parameter.default is not None for parameter in library_block(word).parameters)


# --- names that the spec has ----------------------------------------------------------------------------------------


def _names(tree: Located) -> Iterator[str]:
    """Give the names of inputs and layers that are written."""
    if isinstance(tree, Mapping):
        written = tree.get("input")
        yield "input"
        if isinstance(written, Mapping):
            yield from (key.text for key, _ in written.entries)
        yield from _named(tree.get("layers"))


def _named(located: Located | None) -> Iterator[str]:
    if isinstance(located, WrittenSequence):
        for item in located.items:
            yield from _named(item)
    elif isinstance(located, Mapping):
        for key, value in located.entries:
            if key.text == "name" and isinstance(value, Scalar) and value.text:
                yield value.text
            else:
                yield from _named(value)


def _parameters(tree: Located) -> Iterator[str]:
    params = tree.get("params") if isinstance(tree, Mapping) else None
    if isinstance(params, Mapping):
        yield from (key.text for key, _ in params.entries)


__all__ = ["Completion", "Completions", "complete"]
