"""What the page's script works with, as JSON: measures of the layers, the rules of the conventions, derivations.

Equal layers are one entry: a deep network has many rows and few kinds of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from cnncalc.explain.derive import Derivation
from cnncalc.explain.page import symbol_in
from cnncalc.report.conventions import MEASURES, Convention, Term, conventions, measures
from cnncalc.spec.graph import Node
from cnncalc.spec.quantities import ASKED
from cnncalc.text.messages import said, translate

HERE = "\N{START OF HEADING}"
"""Stands in a text for the scope of the layer that it is about."""


class Pool:
    """Values by number, equal ones once."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._places: dict[str, int] = {}

    def place(self, value: Any) -> int:
        """Give the number of a value that JSON can hold; a pool is of texts or of others, never of both."""
        key = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        known = self._places.get(key)
        if known is None:
            known = self._places[key] = len(self.values)
            self.values.append(value)
        return known


class PageData(NamedTuple):
    """What all networks of a page share: kinds of layers, what is derived of them, and the texts in that."""

    kinds: Pool
    derivations: Pool
    strings: Pool
    lang: str

    @classmethod
    def empty(cls, lang: str) -> PageData:
        """Hold nothing yet, and say in a language what comes."""
        return cls(Pool(), Pool(), Pool(), lang)

    def layer(self, node: Node, derived: Iterable[Derivation]) -> list[int]:
        """Make a layer's row: its kind, 1 where it uses the weights of another, and what is derived of it.

        A receptive field, which hangs on what came before, is by itself, so that the rest is that of equal layers.
        """
        scope = node.name[: node.name.rfind("/") + 1]
        values = measures(node)
        counts = [values[name] for name in MEASURES]
        kind = [node.kind, list(node.tags), counts, list(node.op.unknown_counts())]
        own, equal = [], []
        for derivation in filter(_worth, derived):
            if derivation.quantity == "receptive_field":
                own.append(
                    self._derivation(_shortened(derivation, joins=len(node.inputs) > 1), scope)
                )
            else:
                equal.append(self._derivation(derivation, scope))
        places = [self.derivations.place(group) for group in (equal, own) if group]
        return [self.kinds.place(kind), int(node.shares is not None), *places]

    def _derivation(self, derivation: Derivation, scope: str) -> list[Any]:
        """Make a derivation in which the layer's own scope is HERE, so that those of equal blocks are equal."""

        def place(text: str) -> int:
            shown = said(text, self.lang)
            return self.strings.place(shown.replace(scope, HERE) if scope else shown)

        steps = [
            [
                place(symbol_in(step.symbol, self.lang)),
                *map(place, (step.formula, step.numbers, step.result, step.note)),
            ]
            for step in derivation.steps
        ]
        return [ASKED.index(derivation.quantity), steps, *map(place, derivation.notes)]

    def of(self, nets: list[list[list[int]]]) -> dict[str, Any]:
        """Give what is said of networks, each of them its layers' rows."""
        return {
            "kinds": self.kinds.values,
            "derivations": self.derivations.values,
            "strings": self.strings.values,
            "nets": nets,
        }

    def document(self, nets: list[list[list[int]]], words: dict[str, Any]) -> str:
        """Everything, as JSON that may stand in HTML."""
        document = {
            "words": words,
            "measures": list(MEASURES),
            "conventions": [
                convention_document(convention, self.lang) for convention in conventions()
            ],
            **self.of(nets),
        }
        text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
        return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _worth(derivation: Derivation) -> bool:
    """Whether a derivation calculates something; the script derives the operations itself."""
    if derivation.quantity == "flops" or [step.formula for step in derivation.steps] == ["none"]:
        return False
    return derivation.quantity != "receptive_field" or any(
        step.numbers != step.result for step in derivation.steps
    )


def _shortened(derivation: Derivation, *, joins: bool) -> Derivation:
    """Leave out of a receptive field's derivation the line that puts the axes together, and where it goes on from.

    Where paths join, the notes say which.
    """
    return derivation._replace(
        steps=derivation.steps[:-1] or derivation.steps, notes=derivation.notes if joins else ()
    )


def convention_document(convention: Convention, lang: str) -> dict[str, Any]:
    """Make a convention's rules, the same that Python counts by; without `parameters` they are weights and biases."""
    document: dict[str, Any] = {
        "name": convention.name,
        "title": translate(convention.title, lang),
        "unit": convention.unit,
        "usedBy": convention.used_by,
        "source": convention.source,
        "operations": list(map(_term, convention.operations)),
    }
    if not convention.has_usual_parameters:
        document["parameters"] = list(map(_term, convention.parameters))
    return document


def _term(term: Term) -> dict[str, Any]:
    """Make a term; what selects nothing is left out."""
    chosen = {"ops": term.ops or (), "tags": term.tags, "without": term.without}
    return {
        "measure": term.text,
        **({"weight": term.weight} if term.weight != 1 else {}),
        **{name: sorted(words) for name, words in chosen.items() if words},
        **({"words": term.label} if term.label else {}),
    }


__all__ = ["PageData", "convention_document"]
