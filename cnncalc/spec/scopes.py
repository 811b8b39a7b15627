"""Names and scopes of a walk: which path a layer has, and which earlier layer a name stands for."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from cnncalc.spec.layers import Common
from cnncalc.text.source import Span
from cnncalc.text.suggest import suggest as suggest_name
from cnncalc.text.yaml_tree import Scalar

UNKNOWN = -1
"""Stands for the node of a layer that could not be worked out."""
_MOST_SUGGESTIONS = 20
"""Names that stand for nothing, for which the nearest is looked for."""


class Scope:
    """Where names live: a block instance, a side, an iteration of a named repeat, or the whole network."""

    __slots__ = ("counts", "entry", "in_repeat", "parent", "prefix")

    def __init__(self, prefix: str, entry: int, parent: Scope | None) -> None:
        self.prefix = prefix
        self.entry = entry
        self.parent = parent
        self.counts: dict[str, int] = {}
        self.in_repeat = 0


class _Unresolved(NamedTuple):
    """A name that stood for nothing: where it was used, by which layer, and through which blocks."""

    scope: Scope
    label: Scalar
    common: Common
    used: tuple[Span, ...]


class NameTable:
    """The names given so far, by path.

    `scopes` says what opened a scope; `dropped` are the names that a `when` left out.
    """

    def __init__(self) -> None:
        self.places: dict[str, int] = {}
        self.named_at: dict[str, Span] = {}
        self.scopes: dict[str, str] = {}
        self.sides: set[str] = set()
        self.dropped: dict[str, None] = {}
        self.unresolved: list[_Unresolved] = []

    def path(self, scope: Scope, common: Common, kind: str) -> str:
        """Name the layer's path; an unnamed one is numbered by its kind in its scope, named ones counted in."""
        count = scope.counts.get(kind, 0) + 1
        scope.counts[kind] = count
        return scope.prefix + (common.name.text if common.name is not None else f"{kind}{count}")

    def place(self, path: str, index: int, span: Span, scope: Scope) -> tuple[str, str] | None:
        """Make a path known; where it is taken in its scope, the message and the hint of that mistake."""
        first = self.named_at.setdefault(path, span)
        if path not in self.places and path not in self.sides:
            self.places[path] = index
            return None
        name = path[len(scope.prefix) :]
        if scope.in_repeat and first == span:
            hint = "name the repeat: each turn is then a scope of its own"
        else:
            hint = "give one of the two another name"
        at = f"; the first is on line {first.line}" if first != span else ""
        return f"the name '{name}' is given twice in one scope{at}", hint

    def resolve(
        self, used: tuple[Span, ...], scope: Scope, label: Scalar, common: Common
    ) -> tuple[str, int] | None:
        """Find the path and the node that a name in the layer `common` stands for, outwards up to the block's body."""
        if label.text == "input":
            return "input", scope.entry
        here: Scope | None = scope
        while here is not None:
            path = here.prefix + label.text
            if path in self.places and not self.reaches_into_side(here.prefix, path):
                return path, self.places[path]
            here = here.parent
        self.unresolved.append(_Unresolved(scope, label, common, used))
        return None

    def reaches_into_side(self, prefix: str, path: str) -> bool:
        """Whether a path leads into a side from outside it."""
        parts = path[len(prefix) :].split("/")
        return any(
            prefix + "/".join(parts[:count]) in self.sides for count in range(1, len(parts) + 1)
        )

    def unresolved_names(self) -> Iterator[tuple[Scalar, tuple[Span, ...], str, str]]:
        """Each name that stood for nothing once: the name, the blocks it was used through, a message and a hint."""
        reported: set[Span] = set()
        for reference in self.unresolved:
            if reference.label.span not in reported:
                reported.add(reference.label.span)
                yield (
                    reference.label,
                    reference.used,
                    *self.reason(reference, suggest=len(reported) <= _MOST_SUGGESTIONS),
                )

    def reason(self, reference: _Unresolved, *, suggest: bool) -> tuple[str, str]:
        """Say what is wrong with a name that stands for no earlier layer, and what to do."""
        name, scope = reference.label.text, reference.scope
        prefixes = [scope.prefix]
        while scope.parent is not None:
            scope = scope.parent
            prefixes.append(scope.prefix)
        given = reference.common.name
        if given is not None and given.text == name:
            return f"'{name}' is this layer itself", "name an earlier one"
        for prefix in prefixes:
            path = prefix + name
            if path in self.sides:
                return (
                    f"'{name}' is a side output; nothing takes from it",
                    "take from a layer of the main path",
                )
            if self.reaches_into_side(prefix, path):
                return (
                    f"'{name}' is in a side; nothing reaches into a side",
                    "take from a layer of the main path",
                )
            if path in self.places:
                return f"'{name}' comes later; a layer takes from an earlier one", "move it up"
            if path in self.dropped:
                return (
                    f"'{name}' is left out here by its 'when'",
                    "take from a layer that is always there",
                )
        if name in self.places and prefixes[-1]:
            return (
                f"there is no earlier layer '{name}' in this block",
                "a block's body sees nothing outside it; 'input' is what arrives",
            )
        hint = suggest_name(name, self.names_in(prefixes)) if suggest else ""
        return f"there is no earlier layer '{name}'", hint

    def names_in(self, prefixes: list[str]) -> list[str]:
        """Give some of the names that can be used in a scope and those around it."""
        known = (
            path[len(prefix) :]
            for prefix in prefixes
            for path in self.places
            if path.startswith(prefix)
        )
        return list(islice(known, 1000))
