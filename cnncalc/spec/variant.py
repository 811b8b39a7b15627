"""Variants: named sets of parameters, each of which makes of one spec a network of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from cnncalc.ops.fields import NAME, Names, Template
from cnncalc.spec.claim import Claim
from cnncalc.spec.visible import read_value
from cnncalc.text.records import TEXT, Schema, each, is_blank
from cnncalc.text.source import Problem, Span
from cnncalc.text.suggest import suggest
from cnncalc.text.yaml_tree import Located
from cnncalc.text.yaml_tree import Mapping as WrittenMapping

HEADER = {"title": TEXT, "source": TEXT, "aliases": each(TEXT)}
"""What a variant may say of itself beside its parameters."""

_EXAMPLE = "such as variants: {b0: {width: 1.0}, b1: {width: 1.1}}"

VARIANTS_SCHEMA: Schema = {
    "type": "object",
    "additionalProperties": {
        "type": ["object", "null"],
        "additionalProperties": {"type": ["number", "boolean", "string", "array"]},
    },
}


class SpecVariant(NamedTuple):
    """A named set of parameters, and what is said of the network that it makes."""

    name: str
    span: Span
    values: Mapping[str, Template]
    title: str
    source: str
    aliases: tuple[str, ...]
    claims: tuple[Claim, ...] = ()


def read_variants(
    located: Located | None, parameters: frozenset[str], problems: list[Problem]
) -> tuple[SpecVariant, ...]:
    """Read `variants:`, the sets by their names."""
    if located is None or is_blank(located):
        return ()
    if not isinstance(located, WrittenMapping):
        message = "variants: names with sets of parameters are expected"
        problems.append(Problem(located.span, "variants", message, _EXAMPLE))
        return ()
    for key, _ in located.entries:
        if not NAME.fullmatch(key.text):
            message = f"'{key.text}' cannot name a variant"
            hint = "use letters, digits, '_', '-' and '.'"
            problems.append(Problem(key.span, "variants", message, hint))
    return tuple(
        variant
        for key, value in located.entries
        if (variant := _read_variant(key.text, key.span, value, parameters, problems)) is not None
    )


def _read_variant(
    name: str, span: Span, located: Located, parameters: frozenset[str], problems: list[Problem]
) -> SpecVariant | None:
    if is_blank(located):  # the defaults
        return SpecVariant(name, span, {}, "", "", ())
    if not isinstance(located, WrittenMapping):
        message = f"the variant '{name}' is a set of parameters"
        problems.append(Problem(located.span, "variants", message, _EXAMPLE))
        return None
    header = {
        key.text: HEADER[key.text].read(value, problems)
        for key, value in located.entries
        if key.text in HEADER and key.text not in parameters
    }
    return SpecVariant(
        name,
        span,
        dict(_values(located, parameters, problems)),
        header.get("title") or "",
        header.get("source") or "",
        header.get("aliases") or (),
    )


def _values(
    located: WrittenMapping, parameters: frozenset[str], problems: list[Problem]
) -> Iterator[tuple[str, Template]]:
    """Give the parameters' values, which are numbers, words, lists, or expressions of numbers."""
    for key, value in located.entries:
        if key.text in parameters:
            yield key.text, read_value(value, Names(frozenset(), words=True), problems)
        elif key.text not in HEADER:
            message = f"the network has no parameter '{key.text}'"
            hint = suggest(key.text, sorted({*parameters, *HEADER}), "it can be {}")
            problems.append(Problem(key.span, "variants", message, hint))
