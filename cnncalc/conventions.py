"""What counts as an operation, as data: a convention is a list of weighted terms over events and measures.

A term is `{ops: [...], tags: [...], measure: EXPRESSION, weight: NUMBER}`: for each layer of these ops (all of them
unless given) that carries these tags, the measure times the weight. Measures are the events of `ops.base.EVENTS` and
inputs, outputs, window, weights, biases, buffers. Adding a convention is writing a file in `specs/conventions/`.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from cnncalc.expressions import Environment, ExpressionError
from cnncalc.fields import Names, Template, compile_value, located_problem
from cnncalc.graph import Node
from cnncalc.library import data_file, data_files
from cnncalc.ops import OPS
from cnncalc.ops.base import EVENTS, element_count
from cnncalc.shapes import elements
from cnncalc.source import Problem, SpecError, nearest, single_problem
from cnncalc.yamltext import Located, Mapping, Scalar, Sequence, parse_yaml, read_source

MEASURES = (*EVENTS, "inputs", "outputs", "window", "weights", "biases", "buffers")
_KEYS = ("name", "title", "unit", "used_by", "source", "operations")


class Term(NamedTuple):
    """One term: which layers, what of them, how often."""

    ops: frozenset[str] | None
    tags: frozenset[str]
    measure: Template
    weight: Any

    def suits(self, node: Node) -> bool:
        """Whether the term counts this layer."""
        return (self.ops is None or node.kind in self.ops) and self.tags.issubset(node.tags)

    def amount(self, measures: Environment) -> Any:
        """What it counts of a layer with these measures."""
        return self.weight * self.measure.evaluate(measures)


class Convention(NamedTuple):
    """What counts as an operation, who counts so, and how the numbers are called."""

    name: str
    title: str
    unit: str
    used_by: str
    source: str
    operations: tuple[Term, ...]

    def operations_of(self, node: Node) -> int:
        """The operations of one layer under this convention, for one example."""
        values = measures(node)
        return sum(term.amount(values) for term in self.operations if term.suits(node))


def measures(node: Node) -> dict[str, int]:
    """Everything that a convention may count of a layer: its events, and sizes in elements."""
    facts = node.facts
    return {
        **dict.fromkeys(EVENTS, 0), **facts.events,
        "inputs": element_count(node.shapes), "outputs": elements(node.output), "window": facts.window,
        "weights": facts.weights, "biases": facts.biases, "buffers": facts.buffers,
    }


@cache
def load_convention(name: str) -> Convention:
    """A convention by its name. Raises SpecError where there is none, with the nearest, or its file is broken."""
    path = data_file("conventions", name)
    if path is None:
        known = data_files("conventions")
        close = nearest(name, known)
        hint = f"did you mean '{close}'?" if close else f"there are {', '.join(known)}"
        raise single_problem("--convention", name, f"there is no convention '{name}'", hint, "convention")
    source = read_source(path)
    tree, problems = parse_yaml(source)
    if not isinstance(tree, Mapping):
        raise SpecError(problems or single_problem(source.name, "", "a convention is a mapping").problems)
    for key, _ in tree.entries:
        if key.text not in _KEYS:
            problems.append(Problem(key.span, "unknown-key", f"'{key.text}' is not a key of a convention",
                                    f"the keys are {', '.join(_KEYS)}"))
    terms = tuple(_term(item, problems) for item in _items(tree.get("operations")))
    if problems:
        raise SpecError(problems)
    texts = {key.text: value.text for key, value in tree.entries if isinstance(value, Scalar)}
    return Convention(texts.get("name", name), texts.get("title", ""), texts.get("unit", "operations"),
                      texts.get("used_by", ""), texts.get("source", ""), terms)


def _items(located: Located | None) -> tuple[Located, ...]:
    return located.items if isinstance(located, Sequence) else ()


def _term(located: Located, problems: list[Problem]) -> Term:
    fields = located if isinstance(located, Mapping) else Mapping((), located.span)
    measure, weight = fields.get("measure"), fields.get("weight")
    if measure is None:
        problems.append(Problem(located.span, "missing-field", "a term needs a measure", f"such as {MEASURES[0]}"))
        measure = Scalar("0", True, located.span)
    ops = [item.text for item in _items(fields.get("ops")) if isinstance(item, Scalar)]
    for item in _items(fields.get("ops")):
        if isinstance(item, Scalar) and item.text not in OPS:
            problems.append(Problem(item.span, "unknown-op", f"there is no op '{item.text}'"))
    tags = [item.text for item in _items(fields.get("tags")) if isinstance(item, Scalar)]
    factor = compile_value(weight, Names(frozenset()), problems).constant if weight is not None else 1
    template = compile_value(measure, Names(frozenset(MEASURES)), problems)
    try:
        template.evaluate(dict.fromkeys(MEASURES, 1))
    except ExpressionError as error:
        problems.append(located_problem(template.located, error))
    return Term(frozenset(ops) if "ops" in [key.text for key, _ in fields.entries] else None, frozenset(tags), template,
                factor)
