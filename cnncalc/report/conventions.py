"""What counts as a parameter and as an operation, as data: weighted terms over events and measures.

A convention is a file in `specs/conventions/`; adding one is writing a file. Its keys are `name`, `title`, `unit` (what
it calls its operations), `used_by`, `source`, `parameters` and `operations` (lists of terms) and `notes`.

A term is `{ops: [...], tags: [...], without: [...], measure: EXPRESSION, weight: NUMBER, as: TEXT}`: for each layer of
these ops (all unless given) that carries all of `tags` and none of `without`, the measure times the weight (1 unless
given); `as` says in words what it counts, where the words made from the term would be clumsy. A bare word is the
measure alone: `parameters: [weights, biases]`, which is also what `parameters` is unless given.
"""

from __future__ import annotations

from collections import abc
from functools import cache, cached_property, partial
from math import prod
from typing import NamedTuple

from cnncalc.ops import OPS
from cnncalc.ops.base import EVENTS, element_count
from cnncalc.ops.fields import Names, Template, compile_value, located_problem
from cnncalc.ops.shapes import elements, positions
from cnncalc.spec.graph import Node
from cnncalc.spec.shipped import data_file, data_files
from cnncalc.text.expressions import MAX_COUNT, Environment, ExpressionError, parse_expression
from cnncalc.text.messages import Phrase, joined, message
from cnncalc.text.records import TEXT, Form, Key, Record, RecordFields, Schema, each, parsed, word
from cnncalc.text.source import Problem, Source, SpecError, single_problem
from cnncalc.text.suggest import suggest
from cnncalc.text.yaml_tree import Located, Scalar, Sequence, read_source

MEASURES: dict[str, str] = {
    "mac": "multiply-accumulates",
    "bias_add": "bias additions",
    "add": "additions",
    "mul": "products",
    "compare": "comparisons",
    "div": "divisions",
    "exp": "exponentials",
    "sqrt": "square roots",
    "inputs": "input elements",
    "outputs": "output elements",
    "positions": "output positions",
    "window": "window positions",
    "stride": "positions of a step",
    "groups": "groups",
    "axes": "spatial axes",
    "weights": "weights",
    "biases": "biases",
    "buffers": "running statistics",
}
"""What a term may measure of a layer, and what it is called: the events of `ops.base.EVENTS`, sizes in elements, the
window's positions, the product of the strides, the groups of a grouped layer, how many spatial axes what arrives has,
and numbers held in arrays."""

_USUAL = ("weights", "biases")


class Term(NamedTuple):
    """One term: which layers, what of them, how often, and what that is called."""

    ops: frozenset[str] | None
    tags: frozenset[str]
    without: frozenset[str]
    measure: Template
    weight: int
    label: str = ""

    def suits(self, node: Node) -> bool:
        """Whether the term counts this layer."""
        if self.ops is not None and node.op.kind not in self.ops:
            return False
        return self.tags.issubset(node.tags) and self.without.isdisjoint(node.tags)

    def measured(self, values: Environment) -> int:
        """Return the measure of a layer with these values. Raises SpecError where that is no whole number."""
        try:
            amount = self.measure.evaluate(values)
        except ExpressionError as error:
            raise SpecError([located_problem(self.measure.located, error)]) from None
        if not isinstance(amount, int) or isinstance(amount, bool):
            raise SpecError(
                [
                    Problem(
                        self.measure.located.span,
                        "measure",
                        f"the measure is {amount} of a layer",
                        "a measure is a whole number; // divides so",
                    )
                ]
            )
        return amount

    def amount(self, values: Environment) -> int:
        """Return what it counts of a layer with these values."""
        return self.weight * self.measured(values)

    @property
    def lone_measure(self) -> str | None:
        """The one of MEASURES that it measures; None where it works with several."""
        expression = self.measure.expression
        return None if expression is None else expression.lone_name

    @property
    def text(self) -> str:
        """The measure as the file writes it."""
        located = self.measure.located
        return located.text if isinstance(located, Scalar) else ""

    def filled(self, values: abc.Mapping[str, object]) -> str:
        """Return the measure with something else for its names, such as words or a layer's numbers."""
        import re

        return re.sub(
            "[a-z_]+", lambda name: str(values.get(name[0], name[0])), self.text.replace("*", "·")
        )

    @property
    def words(self) -> Phrase:
        """What the term counts, in words."""
        return message(self.label or self.formula_words)

    @property
    def formula_words(self) -> str:
        """What the term counts, in words made from its measure, ops and tags."""
        measure = self.filled(MEASURES)
        times = f"{self.weight} · " if self.weight != 1 else ""
        bracketed = f"({measure})" if times and self.text not in MEASURES else measure
        where = (
            "" if self.ops is None else f" of {', '.join(sorted(self.ops, key=list(OPS).index))}"
        )
        tags = "".join(f", tagged {tag}" for tag in sorted(self.tags))
        return f"{times}{bracketed}{where}{tags}" + "".join(
            f", not tagged {tag}" for tag in sorted(self.without)
        )


class TermSum(NamedTuple):
    """What terms come to for layers of one kind: measures with their weights, and the terms that work with several."""

    weights: tuple[tuple[str, int], ...]
    others: tuple[Term, ...]

    def amount(self, values: abc.Mapping[str, int]) -> int:
        """Return what it comes to for a layer with these values."""
        amount = sum([weight * values[name] for name, weight in self.weights])
        return (
            amount + sum([term.amount(values) for term in self.others]) if self.others else amount
        )


class Terms(tuple[Term, ...]):
    """The terms of a convention; those that count a kind of layers are looked for once."""

    _sums: dict[tuple[str, tuple[str, ...]], TermSum]

    def __new__(cls, terms: abc.Iterable[Term] = ()) -> Terms:
        """Make them of terms, in order."""
        made = super().__new__(cls, terms)
        made._sums = {}
        return made

    @cached_property
    def are_usual(self) -> bool:
        """Whether weights and biases are what they count, and nothing else."""
        plain = [
            term.text
            for term in self
            if term.ops is None and not term.tags | term.without and term.weight == 1
        ]
        return len(self) == len(plain) and sorted(plain) == sorted(_USUAL)

    def sum_for(self, node: Node) -> TermSum:
        """Return what they come to for layers of this op and these tags."""
        key = node.op.kind, node.tags
        known = self._sums.get(key)
        if known is None:
            suiting = [(term.lone_measure, term) for term in self if term.suits(node)]
            known = self._sums[key] = TermSum(
                tuple([(name, term.weight) for name, term in suiting if name is not None]),
                tuple([term for name, term in suiting if name is None]),
            )
        return known


class Convention(NamedTuple):
    """What counts as a parameter and as an operation, who counts so, and how the operations are called."""

    name: str
    title: str
    unit: str
    used_by: str
    source: str
    parameters: Terms
    operations: Terms
    notes: tuple[str, ...] = ()
    version: str = ""

    def operations_of(self, node: Node) -> int:
        """Return the operations of one layer under this convention, for one example."""
        return self.operations.sum_for(node).amount(Measures(node))

    def parameters_of(self, node: Node, *, no_bias: bool = False) -> int:
        """Return the parameters of one layer under this convention, shared ones too.

        `no_bias` leaves the biases out.
        """
        values = Measures(node, biases=0) if no_bias else Measures(node)
        return self.parameters.sum_for(node).amount(values)

    def operations_in(self, nodes: abc.Iterable[Node]) -> int:
        """Return the operations of some layers."""
        return LayerSums(nodes).operations(self)

    def parameters_in(self, nodes: abc.Iterable[Node]) -> int:
        """Return the parameters of some layers, without those that are shared with an earlier one."""
        return LayerSums(nodes).parameters(self)

    @property
    def has_usual_parameters(self) -> bool:
        """Whether weights and biases are its parameters, and nothing else."""
        return self.parameters.are_usual

    @property
    def label(self) -> str:
        """What a sentence calls it: its name, or its unit where that is the same word."""
        return self.unit if self.unit.lower() == self.name.lower() else self.name

    @property
    def counts_macs(self) -> bool:
        """Whether it counts what MACs are asked for under another rule: its unit is a multiply-accumulate."""
        from cnncalc.text.numbers import unit_of  # few commands read numbers

        return unit_of(self.unit) == "MACs"

    @property
    def parameter_words(self) -> Phrase:
        """What its parameters are."""
        *others, last = [term.words for term in self.parameters]
        return (
            joined([joined(others, "{first}, {second}"), last], "{first} and {second}")
            if others
            else last
        )

    @property
    def simplicity(self) -> tuple[bool, int, int]:
        """Orders conventions, the simplest first: the usual parameters, fewer terms, lighter ones."""
        return (
            not self.has_usual_parameters,
            len(self.operations),
            sum(term.weight for term in self.operations),
        )


class LayerSums:
    """Layers that any number of conventions count: each is looked at once, and of those that are alike one is.

    A convention does not tell layers of one op, with the same tags, from each other: a measure's sum over them is what
    it weighs.
    """

    def __init__(self, nodes: abc.Iterable[Node]) -> None:
        alike: dict[tuple[object, ...], tuple[Node, int]] = {}
        for node in nodes:
            first, times = alike.get(node.alike, (node, 0))
            alike[node.alike] = first, times + 1
        groups: dict[tuple[object, ...], _Group] = {}
        for node, times in alike.values():
            key = node.op.kind, node.tags, node.shares is None
            groups.setdefault(key, _Group(node)).layers.append((node, times))
        self._groups = tuple(groups.values())

    def operations(self, convention: Convention) -> int:
        """Return the operations that a convention counts."""
        return sum([group.amount(convention.operations) for group in self._groups])

    def parameters(self, convention: Convention) -> int:
        """Return the parameters that it counts, without those that are shared with an earlier layer."""
        own = [group for group in self._groups if group.first.shares is None]
        return sum([group.amount(convention.parameters) for group in own])


class _Group:
    """Layers that the same terms count, each with how often it is there, and the sums of their measures."""

    def __init__(self, first: Node) -> None:
        self.first = first
        self.layers: list[tuple[Node, int]] = []
        self._sums: dict[str, int] = {}

    def amount(self, terms: Terms) -> int:
        """Return what terms come to; those that work with several measures do it layer by layer."""
        suiting = terms.sum_for(self.first)
        amount = sum([weight * self._sum(name) for name, weight in suiting.weights])
        for term in suiting.others:
            amount += sum([times * term.amount(Measures(node)) for node, times in self.layers])
        return amount

    def _sum(self, name: str) -> int:
        known = self._sums.get(name)
        if known is None:
            measured = _MEASURED[name]
            known = self._sums[name] = sum([times * measured(node) for node, times in self.layers])
        return known


def _events_of(event: str, node: Node) -> int:
    return node.facts.events.get(event, 0)


_MEASURED: dict[str, abc.Callable[[Node], int]] = {
    **{event: partial(_events_of, event) for event in EVENTS},
    "mac": lambda node: node.facts.macs,
    "inputs": lambda node: element_count(node.shapes),
    "outputs": lambda node: elements(node.output),
    "positions": lambda node: positions(node.output),
    "window": lambda node: node.facts.window,
    "stride": lambda node: prod(getattr(node.op, "stride", ())),
    "groups": lambda node: getattr(node.op, "groups", 1),
    "axes": lambda node: node.op.rank,
    "weights": lambda node: node.facts.weights,
    "biases": lambda node: node.facts.biases,
    "buffers": lambda node: node.facts.buffers,
}


class Measures(dict[str, int]):
    """The measures of a layer, each taken when it is first looked up; `given` are taken as they are."""

    __slots__ = ("node",)

    def __init__(self, node: Node, **given: int) -> None:
        super().__init__(given)
        self.node = node

    def __missing__(self, name: str) -> int:
        value = self[name] = _MEASURED[name](self.node)
        return value

    def __contains__(self, name: object) -> bool:
        return name in _MEASURED


def measures(node: Node) -> dict[str, int]:
    """Everything that a convention may count of a layer: see MEASURES."""
    return {name: measured(node) for name, measured in _MEASURED.items()}


@cache
def conventions() -> tuple[Convention, ...]:
    """Every convention, the simplest first. Raises SpecError for a broken file."""
    return tuple(
        sorted(
            map(load_convention, data_files("conventions")),
            key=lambda convention: (convention.simplicity, convention.name),
        )
    )


@cache
def load_convention(name: str) -> Convention:
    """Return a convention by its name, `thop`, or by its name and the tool's version, `thop@0.1.1`.

    The name is the newest.

    Raises SpecError where there is none, with the nearest, or its file is broken.
    """
    path = data_file("conventions", name)
    if path is not None:
        return read_convention(read_source(path), name)
    tool, _, version = name.partition("@")
    newest = load_convention(tool) if data_file("conventions", tool) else None
    if newest is not None and version and newest.version == version:
        return newest
    known = data_files("conventions")
    wrong = message("there is no convention '{name}'", name=name)
    hint = suggest(tool, known, "there are {}")
    if newest is not None:
        hint = (
            f"there is {newest.name}@{newest.version}"
            if newest.version
            else f"{tool} has no versions"
        )
    raise single_problem("--convention", name, wrong, hint, "convention")


def is_convention(name: str) -> bool:
    """Whether a convention is called so; a version that there is not is still a convention's."""
    return data_file("conventions", name.partition("@")[0]) is not None


def read_convention(source: Source, name: str) -> Convention:
    """Read a convention's file; `name` is what it is called where the file does not say. Raises SpecError."""
    fields, problems = CONVENTION.read_file(source)
    usual = Sequence(tuple(Scalar(word, True, fields.span) for word in _USUAL), fields.span)
    if fields.complete and not fields["operations"]:
        message = "a convention needs parameters and operations"
        problems.append(Problem(fields.span, "missing-key", message, "such as operations: [mac]"))
    if problems:
        raise SpecError(problems)
    return Convention(
        fields["name"] or name,
        fields["title"],
        fields["unit"],
        fields["used_by"],
        fields["source"],
        Terms(fields["parameters"] or _TERMS.read(usual, problems)),
        Terms(fields["operations"]),
        fields["notes"],
        fields["version"],
    )


def _read_measure(located: Located, problems: list[Problem]) -> Template:
    wrong: list[Problem] = []
    template = compile_value(located, Names(frozenset(MEASURES), most=MAX_COUNT), wrong)
    problems += [
        problem._replace(message=problem.message.replace("no parameter named", "no measure named"))
        for problem in wrong
    ]
    try:
        template.evaluate(dict.fromkeys(MEASURES, 1))
    except ExpressionError as error:
        problems.append(located_problem(located, error))
    return template


def _weight(text: str) -> int:
    value = parse_expression(text).constant
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(text)
    return value


def _term(fields: RecordFields) -> Term | None:
    ops = None if fields["ops"] is None else frozenset(fields["ops"])
    tags, without = frozenset(fields["tags"]), frozenset(fields["without"])
    if fields["measure"] is None:
        return None
    return Term(ops, tags, without, fields["measure"], fields["weight"], fields["as"])


_TEXTS = each(TEXT)
TERM = Record(
    "a term",
    Key(
        "ops",
        each(word(OPS, "there is no op '{}'", "")),
        "the ops that it counts; all unless given",
    ),
    Key("tags", _TEXTS, "tags that a layer has, all of them", ()),
    Key("without", _TEXTS, "tags that a layer has not", ()),
    Key(
        "measure",
        Form(_read_measure, {"type": ["string", "integer"]}),
        f"an expression over {', '.join(MEASURES)}",
        required=True,
        example="such as measure: mac",
    ),
    Key(
        "weight",
        parsed(_weight, "a weight is a whole number", "such as weight: 2", type="integer"),
        "how often it counts",
        1,
    ),
    Key("as", TEXT, "what it counts, in words", ""),
    missing="a term needs a {}",
    code="missing-field",
    bare="measure",
)
_TERMS = each(TERM.form.then(_term))
CONVENTION = Record(
    "a convention",
    Key("name", TEXT, "what it is called; the file's name unless given", ""),
    Key("version", TEXT, "the version of the tool that it was measured with", ""),
    Key("title", TEXT, "what it counts, in a line", ""),
    Key("unit", TEXT, "what it calls its operations", "operations"),
    Key("used_by", TEXT, "who counts so", ""),
    Key("source", TEXT, "where that is known from", ""),
    Key("parameters", _TERMS, "terms of what counts as a parameter; weights and biases", ()),
    Key("operations", _TERMS, "terms of what counts as an operation", ()),
    Key("notes", _TEXTS, "what to know about it", ()),
)


def schema() -> Schema:
    """Give the JSON Schema of a convention's file."""
    return CONVENTION.document_schema("cnncalc convention")
