"""The text of a spec of which a variant is made a network of its own: to read, to change, to start from."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.spec.file import Spec
from cnncalc.spec.variant import HEADER
from cnncalc.text.source import Source
from cnncalc.text.yaml_flow import flow
from cnncalc.text.yaml_tree import Located, Mapping, Scalar, parse_yaml


def own_text(spec: Spec) -> str:
    """Give a spec's own text; of a variant with its parameters for the defaults."""
    return variant_text(spec.source, spec.made_by) if spec.made_by else spec.source.text


def variant_text(source: Source, variant: str) -> str:
    """Give the text of the spec that a variant makes: its name, header and parameters, and no other's claims."""
    tree = parse_yaml(source).tree
    assert isinstance(tree, Mapping), source.name
    variants = tree.get("variants")
    assert isinstance(variants, Mapping), source.name
    given = dict(_entries(variants.get(variant)))
    changed = {name: [f"{name}: {flow(given[name])}"] for name in HEADER if name in given}
    changed["params"] = list(_parameters(tree.get("params"), given))
    changed["variants"] = changed["claims"] = []  # about several variants, or about others
    changed.setdefault("aliases", [])
    name = tree.get("name")
    assert isinstance(name, Scalar), source.name
    added = [line for key in changed if tree.get(key) is None for line in changed[key]]
    changed["name"] = [f"name: {name.text}_{variant}", *added]
    lines = _sections(source, tree, changed)
    return "\n".join(lines) + "\n"


def _entries(located: Located | None) -> Iterator[tuple[str, Located]]:
    if isinstance(located, Mapping):
        for key, value in located.entries:
            yield key.text, value


def _parameters(params: Located | None, given: dict[str, Located]) -> Iterator[str]:
    yield "params:"
    for name, value in _entries(params):
        yield f"  {name}: {flow(given.get(name, value))}"


def _sections(source: Source, tree: Mapping, changed: dict[str, list[str]]) -> Iterator[str]:
    """Give the lines of the top-level entries, those in `changed` as given there, with the comments between them."""
    lines = source.text.rstrip("\n").split("\n")
    starts = [key.span.line - 1 for key, _ in tree.entries]
    yield from lines[: starts[0]]
    for (key, _), start, end in zip(tree.entries, starts, [*starts[1:], len(lines)], strict=True):
        body = end
        while body > start + 1 and (not lines[body - 1] or lines[body - 1].startswith("#")):
            body -= 1
        yield from changed.get(key.text, lines[start:body])
        yield from lines[body:end]


__all__ = ["own_text", "variant_text"]
