"""Why two counts of one network differ: term by term, layer by layer; and of which other network a number is.

Two conventions are compared op by op. What both count alike cancels, and what is left is named in the words of the
convention that counts it. A number as printed or measured stands for the simplest convention that gives it; where none
does, for one that gives it of another network of the family, whose layers are then compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc.counts.identify import (
    Candidate,
    Fit,
    Relative,
    best_fits,
    candidates,
    nearest_candidate,
    prints_of,
    relatives,
)
from cnncalc.counts.printed import Printing
from cnncalc.ops.shapes import format_shape
from cnncalc.report.conventions import (
    Convention,
    Measures,
    Term,
    Terms,
    conventions,
    is_convention,
    load_convention,
)
from cnncalc.spec.graph import Node
from cnncalc.spec.part import TOTAL
from cnncalc.spec.shipped import data_files, network_file, network_files
from cnncalc.text.messages import message
from cnncalc.text.numbers import WrittenNumber, distance, read_number
from cnncalc.text.source import single_problem
from cnncalc.text.suggest import suggest

if TYPE_CHECKING:
    from cnncalc.network import Network

OPERATIONS, PARAMETERS = "operations", "parameters"
MACS = "macs"
"""The convention by which networks are compared unless another is given."""


class Reason(NamedTuple):
    """One reason: what is counted more (or, with a negative amount, less), of which ops, in which layers."""

    what: str
    ops: tuple[str, ...]
    amount: int
    layers: tuple[str, ...]


class ChangedField(NamedTuple):
    """What differs between layers of two networks: a field, or the shape that arrives; its value here and there."""

    what: str
    field: str
    here: str
    there: str
    layers: tuple[str, ...]


class FamilyMember(NamedTuple):
    """Another network of the family that a number is of: its total, and what differs in the layers with weights.

    `changes` is None where the two do not go layer by layer; `printed` are the claims that print the number.
    """

    net: Network
    total: int
    changes: tuple[ChangedField, ...] | None
    printed: tuple[Printing, ...]


class Side(NamedTuple):
    """What was given, as a count of the network under a convention; `total` is this network's, also with a variant.

    For a number, `fit` says how the convention gives it, and `also` which others do; with `variant` it is the other
    network's. Where nothing gives it, `fit` is None and `distance` is how far it is from the nearest, `total`.
    `network` is set where networks are compared.
    """

    given: str
    counted: str
    convention: Convention
    total: int
    fit: Fit | None = None
    also: tuple[str, ...] = ()
    distance: float | None = None
    variant: FamilyMember | None = None
    network: str = ""

    @property
    def label(self) -> str:
        """What a line of an equation calls it; where networks are compared, after the network."""
        return f"{self.network} {self._counted}".strip()

    @property
    def _counted(self) -> str:
        if self.counted == PARAMETERS and self.convention.has_usual_parameters:
            return self.convention.parameter_words
        return self.convention.label

    @property
    def unit(self) -> str:
        """What it counts."""
        return self.convention.unit if self.counted == OPERATIONS else PARAMETERS


class Equation(NamedTuple):
    """A side's total as the base's total and the parts."""

    side: Side
    base: Side
    parts: tuple[Reason, ...]


class LayerDifference(NamedTuple):
    """What the two sides count of one layer, and why they differ."""

    name: str
    op: str
    first: int
    second: int
    parts: tuple[Reason, ...]


class Reconciled(NamedTuple):
    """Counts of a network, or of a place in it, each against the last.

    `equations` compare what is counted alike (operations with operations); `parameters` are those of conventions that
    also differ in what a parameter is.
    """

    net: Network
    place: str
    sides: tuple[Side, ...]
    equations: tuple[Equation, ...]
    parameters: tuple[Equation, ...]

    @property
    def found(self) -> bool:
        """Whether every number given is one of the network's, or of its family's."""
        return all(side.distance is None for side in self.sides)


def reconcile(net: Network, *given: str, place: str = TOTAL) -> Reconciled:
    """Explain how counts differ from the last of them: each a convention's name, or a number such as 3.8G.

    The name of another network compares that one with this, by the conventions that are given, MACs unless any is.
    `place` is a layer, a block instance or `total`; side outputs are no part of the total. Raises SpecError for what is
    none of these, and for a place that there is not.
    """
    place = net.parts.find(place, "--layer").name
    rivals = [text for text in given if _is_network(text)]
    if rivals:
        return _of_networks(net, rivals, [text for text in given if text not in rivals], place)
    if len(given) < 2:
        raise single_problem(
            "CONVENTION",
            given[0] if given else "",
            "two counts are needed to compare",
            "such as: torchinfo macs",
            "convention",
        )
    nodes = _nodes(net, place)
    numbers = {
        text: _of_number(net, text, place, nodes) for text in given if not is_convention(text)
    }
    counted = (
        PARAMETERS if {side.counted for side in numbers.values()} == {PARAMETERS} else OPERATIONS
    )
    sides = tuple(
        numbers.get(text) or _named(load_convention(text), counted, nodes) for text in given
    )
    equations = tuple(
        _equation(side, sides[-1], nodes) for side in sides if side.counted == sides[-1].counted
    )
    return Reconciled(net, place, sides, equations, _of_parameters(sides, nodes))


def _of_parameters(sides: Sequence[Side], nodes: Sequence[Node]) -> tuple[Equation, ...]:
    """Explain how the conventions of operations that are compared differ in parameters too, where they do."""
    named = dict.fromkeys(side.convention for side in sides if side.counted == OPERATIONS)
    others = [_named(convention, PARAMETERS, nodes) for convention in named]
    if len(others) < 2:
        return ()
    equations = [_equation(side, others[-1], nodes) for side in others]
    return tuple(equation for equation in equations if equation.parts)


def per_layer(done: Reconciled) -> tuple[LayerDifference, ...]:
    """Return the layers that the first and the last side count differently.

    Raises SpecError where networks are compared.
    """
    first, second = done.equations[0].side, done.sides[-1]
    if second.network:
        message = "--per-layer compares counts of one network"
        hint = f"cnncalc diff {second.network} {first.network} compares the layers of two"
        raise single_problem("--per-layer", "", message, hint, "option")
    differences = []
    for node in _nodes(done.net, done.place):
        counts = [_total(side.convention, side.counted, [node]) for side in (first, second)]
        if counts[0] != counts[1]:
            differences.append(
                LayerDifference(
                    node.name,
                    node.kind,
                    counts[0],
                    counts[1],
                    _parts(first.convention, second.convention, first.counted, [node]),
                )
            )
    return tuple(differences)


def _nodes(net: Network, place: str) -> list[Node]:
    return list(net.parts.find(place, "--layer").nodes)


# --- networks --------------------------------------------------------------------------------------------------------


def _is_network(text: str) -> bool:
    """Whether a word is the name of a network that ships, and of no convention."""
    return not is_convention(text) and network_file(text) is not None


def _of_networks(
    net: Network, others: Sequence[str], conventions: Sequence[str], place: str
) -> Reconciled:
    """Each of the other networks against this one, by each convention, and by parameters."""
    from cnncalc.network import load

    rivals = [load(name) for name in others]
    counting = [load_convention(name) for name in conventions or (MACS,)]
    sides: list[Side] = []
    equations: list[Equation] = []
    for convention in counting:
        base = _of_network(net, convention, OPERATIONS, place)
        counts = [_of_network(rival, convention, OPERATIONS, place) for rival in rivals]
        sides += (*counts, base)
        equations += [
            _between(side, base, rival, net, place)
            for side, rival in zip(counts, rivals, strict=True)
        ]
        equations.append(Equation(base, base, ()))
    base = _of_network(net, counting[0], PARAMETERS, place)
    parameters = [
        _between(_of_network(rival, counting[0], PARAMETERS, place), base, rival, net, place)
        for rival in rivals
    ]
    return Reconciled(net, place, tuple(sides), tuple(equations), tuple(parameters))


def _of_network(net: Network, convention: Convention, counted: str, place: str) -> Side:
    side = _named(convention, counted, _nodes(net, place))
    return side._replace(given=net.name, network=net.name)


def _between(side: Side, base: Side, rival: Network, net: Network, place: str) -> Equation:
    """Return what the rival counts more than the network, stage by stage; of networks of other stages, op by op."""
    theirs, ours = _nodes(rival, place), _nodes(net, place)
    named = [{_stage(node, place) for node in nodes} for nodes in (theirs, ours)]
    alike = 2 * len(named[0] & named[1]) >= min(map(len, named))
    key = (lambda node: _stage(node, place)) if alike else (lambda node: node.kind)
    groups: dict[str, tuple[list[Node], list[Node]]] = {}
    for at, nodes in ((1, ours), (0, theirs)):
        for node in nodes:
            groups.setdefault(key(node), ([], []))[at].append(node)
    parts = []
    for name, (first, second) in groups.items():
        amount = _total(side.convention, side.counted, first) - _total(
            base.convention, base.counted, second
        )
        if amount:
            ops = tuple(dict.fromkeys(node.kind for node in (*first, *second)))
            layers = tuple(node.name for node in first or second)
            parts.append(Reason(_grown(name, first, second), ops, amount, layers))
    return Equation(side, base, tuple(parts))


def _stage(node: Node, place: str) -> str:
    """Return the first part of a layer's path, below the place that is compared."""
    inside = node.name.removeprefix(f"{place}/")
    return inside.partition("/")[0]


def _grown(name: str, first: Sequence[Node], second: Sequence[Node]) -> str:
    """Return a stage or an op, with the layers that multiply in the one and in the other, where these are not
    as many.
    """
    counts = [sum("mac" in node.facts.events for node in nodes) for nodes in (first, second)]
    if counts[0] == counts[1]:
        return name
    return message(
        "{name} ({first} convs and fcs for {second})", name=name, first=counts[0], second=counts[1]
    )


# --- what was given --------------------------------------------------------------------------------------------------


def _of_number(net: Network, text: str, place: str, nodes: Sequence[Node]) -> Side:
    """Return the side of a number. Raises SpecError where it is none, with the nearest convention."""
    try:
        written = read_number(text)
    except ValueError:
        otherwise = "cnncalc conventions lists them; a number is 3.8G or 4089184256"
        hint = suggest(text, (*data_files("conventions"), *network_files()), otherwise)
        raise single_problem(
            "CONVENTION",
            text,
            f"'{text}' is neither a convention, a number nor a network",
            hint,
            "convention",
        ) from None
    listed = _countable(candidates(net, place))
    fits = best_fits(written, listed)
    if fits and fits[0].unit_fits:
        return _fitting(text, fits, nodes)
    for relative in relatives(net, written) if place == TOTAL else ():
        if _countable(relative.fit.named):
            return _of_relative(net, text, written, relative, nodes)
    if not listed:
        raise single_problem(
            "CONVENTION", text, f"no convention counts anything of {net.name}", "", "convention"
        )
    closest = nearest_candidate(written, listed)
    side = _of_candidate(text, closest, nodes)
    return side._replace(distance=distance(written, closest.value))


def _countable(listed: Iterable[Candidate]) -> list[Candidate]:
    """Return the candidates that are what a convention calls operations or parameters."""
    return [
        candidate
        for candidate in listed
        if candidate.convention is not None or candidate.quantity == "params"
    ]


def _named(convention: Convention, counted: str, nodes: Sequence[Node]) -> Side:
    return Side(convention.name, counted, convention, _total(convention, counted, nodes))


def _of_candidate(text: str, candidate: Candidate, nodes: Sequence[Node]) -> Side:
    """Return the side of the convention that a candidate is of; for weights and biases, of the simplest."""
    convention = (
        conventions()[0] if candidate.convention is None else load_convention(candidate.convention)
    )
    counted = PARAMETERS if candidate.quantity == "params" else OPERATIONS
    return _named(convention, counted, nodes)._replace(given=text)


def _fitting(text: str, fits: Sequence[Fit], nodes: Sequence[Node]) -> Side:
    first = fits[0]
    also = [
        candidate.convention
        for fit in fits
        if (fit.reading, fit.base) == (first.reading, first.base)
        for candidate in fit.named
        if candidate.convention and fit.unit_fits
    ]
    side = _of_candidate(text, first.simplest, nodes)
    others = tuple(name for name in dict.fromkeys(also) if name != side.convention.name)
    return side._replace(fit=first, also=others)


def _of_relative(
    net: Network, text: str, written: WrittenNumber, relative: Relative, nodes: Sequence[Node]
) -> Side:
    fit = relative.fit._replace(named=tuple(_countable(relative.fit.named)))
    side = _of_candidate(text, fit.simplest, nodes)
    also = tuple(
        candidate.convention
        for candidate in fit.named
        if candidate.convention and candidate.convention != side.convention.name
    )
    name = relative.net.name
    prints = tuple(
        printing for printing in prints_of(relative.net, written) if printing.network == name
    )
    variant = FamilyMember(relative.net, fit.value, changes(net, relative.net), prints)
    return side._replace(fit=fit, also=also, variant=variant)


# --- term by term ----------------------------------------------------------------------------------------------------


class _Counted(NamedTuple):
    """What one convention counts of the layers of one op by one measure."""

    words: tuple[str, ...]
    amount: int
    layers: tuple[str, ...]


def _terms(convention: Convention, counted: str) -> Terms:
    return convention.operations if counted == OPERATIONS else convention.parameters


def _total(convention: Convention, counted: str, nodes: Iterable[Node]) -> int:
    if counted == OPERATIONS:
        return convention.operations_in(nodes)
    return convention.parameters_in(nodes)


def _equation(side: Side, base: Side, nodes: Sequence[Node]) -> Equation:
    return Equation(side, base, _parts(side.convention, base.convention, side.counted, nodes))


def _parts(
    first: Convention, second: Convention, counted: str, nodes: Sequence[Node]
) -> tuple[Reason, ...]:
    """Return what the first counts more than the second, in the order of the first's terms."""
    own_terms, other_terms = _terms(first, counted), _terms(second, counted)
    if own_terms == other_terms:  # as where a count is held against itself
        return ()
    own, other = _by_op(own_terms, nodes, counted), _by_op(other_terms, nodes, counted)
    grouped: dict[str, list[tuple[str, int, tuple[str, ...]]]] = {}
    for op in {**own, **other}:
        for own_part, two in _left(own.get(op, {}), other.get(op, {})):
            grouped.setdefault(_words(own_part, two), []).append(
                (
                    op,
                    own_part.amount - two.amount,
                    tuple(dict.fromkeys((*own_part.layers, *two.layers))),
                )
            )
    order = [term.words for term in (*own_terms, *other_terms)]

    def place(what: str) -> int:
        return next(
            (index for index, words in enumerate(order) if what.startswith(words)), len(order)
        )

    return tuple(
        Reason(
            what,
            tuple(op for op, _, _ in grouped[what]),
            sum(amount for _, amount, _ in grouped[what]),
            tuple(layer for _, _, layers in grouped[what] for layer in layers),
        )
        for what in sorted(grouped, key=place)
    )


def _by_op(
    terms: Iterable[Term], nodes: Iterable[Node], counted: str
) -> dict[str, dict[str, _Counted]]:
    """Return what the terms count, by op and then by measure; terms of one measure together."""
    listed = [(term, term.text, term.words) for term in terms]
    counts: dict[str, dict[str, list[tuple[str, int, str]]]] = {}
    known: dict[tuple[object, ...], list[tuple[str, str, int]]] = {}
    for node in nodes:
        if counted == PARAMETERS and node.shares is not None:
            continue
        key = node.alike
        parts = known.get(key)
        if parts is None:
            values = Measures(node)
            parts = known[key] = [
                (text, words, amount)
                for term, text, words in listed
                if term.suits(node) and (amount := term.amount(values))
            ]
        of_op = counts.setdefault(node.kind, {})
        for text, words, amount in parts:
            of_op.setdefault(text, []).append((words, amount, node.name))
    return {
        op: {text: _counted(entries) for text, entries in of_op.items()}
        for op, of_op in counts.items()
    }


def _counted(entries: Iterable[tuple[str, int, str]]) -> _Counted:
    """Return what terms of one measure count together: their words, the sum, the layers, each once."""
    words, amounts, layers = zip(*entries, strict=True)
    return _Counted(tuple(dict.fromkeys(words)), sum(amounts), tuple(dict.fromkeys(layers)))


def _left(own: dict[str, _Counted], other: dict[str, _Counted]) -> list[tuple[_Counted, _Counted]]:
    """Return what does not cancel, of one op: pairs of what the first and the second count.

    The same measure belongs together; equal amounts cancel, whatever they are called; one left on each side is a pair.
    """
    nothing = _Counted((), 0, ())
    pairs = [(own[text], other[text]) for text in own if text in other]
    firsts = [own[text] for text in own if text not in other]
    seconds = [other[text] for text in other if text not in own]
    for first in list(firsts):
        equal = next((second for second in seconds if second.amount == first.amount), None)
        if equal is not None:
            firsts.remove(first)
            seconds.remove(equal)
    if len(firsts) == len(seconds) == 1:
        pairs += [(firsts[0], seconds[0])]
    else:
        pairs += [(first, nothing) for first in firsts] + [(nothing, second) for second in seconds]
    return [(pair, second) for pair, second in pairs if pair.amount != second.amount]


def _words(own: _Counted, two: _Counted) -> str:
    first, second = " and ".join(own.words), " and ".join(two.words)
    return f"{first} instead of {second}" if first and second else first or second


# --- layer by layer --------------------------------------------------------------------------------------------------


def changes(net: Network, other: Network) -> tuple[ChangedField, ...] | None:
    """Return what differs in the layers with weights of two networks that go layer by layer; None where they do not.

    Where no field differs, the shape that arrives at the first layer where it does.
    """
    here, there = _weighted(net), _weighted(other)
    if [node.kind for node in here] != [node.kind for node in there]:
        return None
    fields: dict[tuple[str, str, str, str], list[str]] = {}
    for ours, theirs in zip(here, there, strict=True):
        for field in ours.op.fields:
            old, new = (_shown(getattr(node.op, field.name)) for node in (ours, theirs))
            if old != new:
                fields.setdefault((_describe(ours, field.name), field.name, old, new), []).append(
                    ours.name
                )
    if not fields:
        moved = [
            (ours, theirs)
            for ours, theirs in zip(here, there, strict=True)
            if ours.shapes != theirs.shapes
        ]
        for ours, theirs in moved[:1]:
            fields[
                _describe(ours, ""), "input", _shown(ours.shapes[0]), _shown(theirs.shapes[0])
            ] = [ours.name]
    return tuple(ChangedField(*key, tuple(layers)) for key, layers in fields.items())


def _weighted(net: Network) -> list[Node]:
    return [node for node in net.graph.nodes if node.arrays and not node.side]


def _describe(node: Node, field: str) -> str:
    """Return the op, and its kernel where it has one."""
    kernel = getattr(node.op, "kernel", None)
    return (
        node.kind if kernel is None or field == "kernel" else f"{node.kind} {format_shape(kernel)}"
    )


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        parts = [_shown(item) for item in value]
        return parts[0] if parts and len(set(parts)) == 1 else format_shape(parts)
    return str(value)


__all__ = [
    "ChangedField",
    "Equation",
    "FamilyMember",
    "LayerDifference",
    "Reason",
    "Reconciled",
    "Side",
    "changes",
    "per_layer",
    "reconcile",
]
