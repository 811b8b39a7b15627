"""A network as questions ask about it: its right answers, the layers they are made of, its twin of another input."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

from cnncalc.counts.judge import (
    Asked,
    Judgement,
    counts_by_convention,
    is_kin,
    is_sibling,
    judge,
    printing_words,
    right_or_otherwise,
    siblings_of,
)
from cnncalc.counts.printed import CLAIM, FEW_DIGITS, Printing
from cnncalc.counts.printed import index as printed_index
from cnncalc.homework.answers import ReadAnswer
from cnncalc.homework.candidates import KeyedQuestion, Variants
from cnncalc.homework.sheets.labels import LayerNames
from cnncalc.homework.variant import LayerAt, Value, Variant
from cnncalc.ops.shapes import Shape, spatial
from cnncalc.report.analysis import Report, Row, fold, folded_name
from cnncalc.report.conventions import Convention, load_convention
from cnncalc.report.memory import DTYPES
from cnncalc.spec.graph import Graph, Node
from cnncalc.spec.part import ALL, TOTAL, Parts
from cnncalc.spec.quantities import BY_NAME, asked_quantity
from cnncalc.text.numbers import WrittenNumber
from cnncalc.text.source import SpecError

if TYPE_CHECKING:
    from cnncalc.network import Network

_TWINS = {227: 224, 224: 227}
_TWINS_OF_ONE_CHANNEL = {**_TWINS, 28: 32, 32: 28}


class AnswerKey:
    """A network with all that its questions need, worked out once however many students answer them.

    `settings` are the network's parameters as they were set; the twin is walked with them too.
    """

    def __init__(
        self,
        net: Network,
        *,
        batch: int = 1,
        dtype: str = "float32",
        convention: str = "standard",
        settings: dict[str, Any] | None = None,
        has_twin: bool = True,
    ) -> None:
        self.net = net
        self.has_twin = has_twin
        self.graph: Graph = net.graph
        self.settings = settings or {}
        self.report: Report = net.report(batch=batch, dtype=dtype, convention=convention)
        self.convention: Convention = load_convention(convention)
        self._rows: dict[str, Row] = {row.name: row for row in self.report.rows}
        self.parts: Parts = net.parts
        self._folded: dict[int, dict[str, Row]] = {}
        self._questions: dict[tuple[str, str], KeyedQuestion] = {}
        self._alternatives: dict[tuple[str, str], dict[str, Value]] = {}

    # -- right answers -----------------------------------------------------------------------------------------------

    def has(self, layer: str) -> bool:
        """Whether there is such a layer, block instance or named repeat; `total` is there."""
        return layer in self.parts and not layer.startswith(ALL)

    def is_layer(self, layer: str) -> bool:
        """Whether it is one layer, not a block instance, a named repeat or the total."""
        return layer in self.parts.layers

    def question(self, layer: str, quantity: str) -> KeyedQuestion:
        """Return the question about a quantity of a layer.

        Raises SpecError where there is no such layer or quantity.
        """
        key = (layer, quantity)
        keyed = self._questions.get(key)
        if keyed is None:
            self.check(layer, quantity)
            keyed = self._questions[key] = KeyedQuestion(self, layer, quantity)
        return keyed

    def check(self, layer: str, quantity: str) -> None:
        """Raise SpecError for a layer or a quantity that there is not."""
        asked_quantity(quantity)
        if not self.has(layer):
            raise self.parts.unknown(layer)

    def row(self, layer: str) -> Row:
        """Return the row of a layer or a block instance."""
        remembered = self._rows.get(layer)
        return remembered if remembered is not None else self.folded(layer.count("/") + 1)[layer]

    def folded(self, depth: int) -> dict[str, Row]:
        """Return the rows folded to a depth, by name."""
        rows = self._folded.get(depth)
        if rows is None:
            rows = {row.name: row for row in fold(self.graph, self.report.rows, depth)}
            self._folded[depth] = rows
        return rows

    def right(self, layer: str, quantity: str) -> Value | None:
        """Return the right answer; None where there is none, as for the receptive field of a vector."""
        if layer == TOTAL:
            return self._total(quantity)
        value = self.report.value(quantity, self.row(layer))
        return _known(value) if BY_NAME[quantity].kind == "axes" else value

    def _total(self, quantity: str) -> Value | None:
        if BY_NAME[quantity].total == "sum":
            total: Value = self.report.value(quantity, self.report.totals)
            return total
        return self.right(self.graph.nodes[self.place(TOTAL, quantity)].name, quantity)

    def place(self, layer: str, quantity: str = "output") -> int:
        """Return the node whose output, or receptive field, is the layer's, the block's or the network's."""
        part = self.parts.find(layer)
        is_last_map = part.is_total and BY_NAME[quantity].total == "last map"
        return part.last_map if is_last_map else part.last

    def alternatives(self, layer: str, quantity: str) -> dict[str, Value]:
        """Return what each convention counts, the simplest first, for a quantity that conventions differ in."""
        key = (layer, quantity)
        values = self._alternatives.get(key)
        if values is None:
            nodes = [self.graph.nodes[index] for index in self.members(layer)]
            counted = counts_by_convention(nodes, quantity)
            values = self._alternatives[key] = {
                name: value for name, value in counted.items() if is_kin(name, quantity)
            }
        return values

    def printed(self, layer: str, quantity: str, reading: ReadAnswer) -> Judgement | None:
        """Say who prints a wrong answer for this very question; None where nobody does."""
        right = self.right(layer, quantity)
        known = printed_index().get(self.net.name)
        if right is None or (
            layer == TOTAL
            and known is not None
            and known.totals.get(quantity, right) != right  # another input, other parameters
        ):
            return None
        asked = self._asked(layer, quantity, right)
        for given in self._given(reading, right):
            judgement = judge(asked, given, siblings=False)
            printings = tuple(
                printing
                for printing in judgement.printings
                if printing.network != self.net.name or printing.computed == right
            )
            if (printings or judgement.tool is not None) and _is_print(judgement, right):
                return judgement._replace(printings=printings)
        return None

    def siblings(self, layer: str, quantity: str) -> tuple[Printing, ...]:
        """Return the same quantity of the same layer of each other network of the family.

        Of a total there is `printed`.
        """
        right = self.right(layer, quantity)
        if layer == TOTAL or right is None:
            return ()
        report = self.report
        return siblings_of(
            self._asked(layer, quantity, right),
            batch=report.batch,
            dtype=report.dtype,
            convention=self.convention.name,
        )

    def sibling(self, keyed: KeyedQuestion, reading: ReadAnswer) -> str | None:
        """Say whose number a wrong answer is, in words; None where it is nobody's, or anybody may have come by it."""
        number = reading.number
        if keyed.right is None or (
            number is not None
            and (number.digits < FEW_DIGITS or keyed.is_likely_product(number.value, "anything"))
        ):
            return None
        for given in self._given(reading, keyed.right):
            for printing in keyed.siblings:
                if is_sibling(printing, keyed.right, given):
                    return printing_words(printing)
        return None

    def read_as(self, layer: str, quantity: str, reading: ReadAnswer) -> Judgement | None:
        """Say how a number is right still that is not to its digits: cut, with zeros for places, or with K = 1024."""
        right, number = self.right(layer, quantity), reading.number
        if number is None or right is None or number.digits < FEW_DIGITS:
            return None
        judgement = right_or_otherwise(self._asked(layer, quantity, right), number)
        agreed = None if judgement is None else judgement.agreement
        return None if agreed is None or agreed.is_plain else judgement

    def _asked(self, layer: str, quantity: str, right: Value) -> Asked:
        """Return the question as the judge takes it, who knows which of all counts of operations are of MACs."""
        counted = self.alternatives(layer, "flops" if quantity == "macs" else quantity).items()
        by_convention = {name: value for name, value in counted if isinstance(value, int)}
        net = self.net
        return Asked(net.name, net.spec.family, layer, quantity, right, by_convention)

    @staticmethod
    def _given(reading: ReadAnswer, right: Value) -> Iterable[WrittenNumber | Shape]:
        """Yield an answer as the judge takes it."""
        if reading.number is not None:
            yield reading.number
        elif isinstance(right, tuple):
            yield from (shape for _, shape in reading.forms(len(right)))

    # -- what they are made of ---------------------------------------------------------------------------------------

    def members(self, layer: str) -> tuple[int, ...]:
        """Return the nodes of a layer, of a block instance, or all that count in the total."""
        return self.parts.find(layer).members

    def variants(self, layer: str, quantity: str) -> Variants:
        """Return the layers that make up an answer, equal ones counted together."""
        if BY_NAME[quantity].total != "sum" or self.is_layer(layer):
            return ((self._last(layer, quantity), 1),)
        nodes = self.graph.nodes
        members: Sequence[int] = self.members(layer)
        if quantity == "memory" and any(nodes[index].op.is_activation_map for index in members):
            members = [index for index in members if nodes[index].op.is_activation_map]
        counted: dict[tuple[object, ...], list[int]] = {}
        for index in members:
            node = nodes[index]
            key = (node.alike, index if node.op.sees_all else -1)
            counted.setdefault(key, [index, 0])[1] += 1
        return tuple((self.variant(index), times) for index, times in counted.values())

    def variant(
        self, index: int, inputs: tuple[Shape, ...] | None = None, arriving: Shape | None = None
    ) -> Variant:
        """One layer; with other shapes that arrive where given."""
        node: Node = self.graph.nodes[index]
        shapes = node.shapes if inputs is None else inputs
        op = (
            node.op if inputs is None else node.op.changed()
        )  # a copy, so that what is remembered of it goes with it
        if arriving is None:
            arriving = shapes[0] if shapes else ()
        report = self.report
        layer = LayerAt(self.graph, index, arriving, node.shares is None, self.convention)
        return Variant(layer, op, shapes, DTYPES[report.dtype], report.batch)

    def _last(self, layer: str, quantity: str) -> Variant:
        """Return the layer itself; of a block the last layer that a table shows, with what arrives at the block."""
        index = self.place(layer, quantity)
        if self.is_layer(layer):
            return self.variant(index)
        nodes = self.graph.nodes
        part = self.parts.find(layer)
        inside, sources = set(part.members), part.sources
        while nodes[index].op.hidden_by_default and nodes[index].inputs[0] in inside:
            index = nodes[index].inputs[0]
        return self.variant(
            index, arriving=nodes[sources[0]].output if sources else self.graph.input
        )

    def shown_rows(self, block: str = "") -> list[str]:
        """Return the rows with something to answer: of the whole network with its total, or of a block."""
        depth = block.count("/") + 2 if block else 1
        names = [
            row.name
            for row in self.folded(depth).values()
            if not row.quiet and not row.side and row.inputs
        ]
        if block:
            return [name for name in names if name.startswith(f"{block}/")]
        return [*names, TOTAL]

    def rows(self, layer: str, quantity: str) -> Iterator[tuple[str, int]]:
        """Yield the rows that an answer is the sum of, each its kind and its share.

        None of a layer, which is no sum.
        """
        depth = 1 if layer == TOTAL else layer.count("/") + 2
        inside = "" if layer == TOTAL else f"{layer}/"
        for row in self.folded(depth).values():
            share = self.right(row.name, quantity) if row.name.startswith(inside) else None
            if isinstance(share, int) and share and not row.side:
                yield row.op, share

    def neighbours(self, layer: str, quantity: str) -> list[str]:
        """Return the rows before and after, in a table of the layer's depth and in one of every layer.

        Those that have nothing of the quantity, or the same, are passed over.
        """
        if layer == TOTAL:
            return []
        right = self.right(layer, quantity)
        beside: dict[str, None] = {}
        for shown in (self._shown(layer.count("/") + 1), self._shown(None)):
            if layer in shown:
                at = shown.index(layer)
                for others in (reversed(shown[:at]), shown[at + 1 :]):
                    other = (
                        name
                        for name in others
                        if self.right(name, quantity) not in (None, 0, (), right)
                    )
                    beside.update(dict.fromkeys(islice(other, 1)))
        return list(beside)

    def _shown(self, depth: int | None) -> list[str]:
        """Return the names of the rows that a table shows, folded to a depth or not."""
        rows = (row.name for row in self.report.rows if not row.quiet)
        return list(
            dict.fromkeys(name if depth is None else folded_name(name, depth) for name in rows)
        )

    @cached_property
    def twin(self) -> AnswerKey | None:
        """The network with the other input size that is in use: 224 for 227, 28 for 32, and back."""
        shape = self.graph.input
        sizes = set(spatial(shape))
        known = _TWINS_OF_ONE_CHANNEL if shape[-1] == 1 else _TWINS
        if not self.has_twin or len(sizes) != 1 or (size := sizes.pop()) not in known:
            return None
        try:
            net = self.net.with_(known[size], self.settings)
        except SpecError:
            return None
        return AnswerKey(
            net,
            batch=self.report.batch,
            dtype=self.report.dtype,
            convention=self.convention.name,
            settings=self.settings,
            has_twin=False,
        )

    def twin_question(self, layer: str, quantity: str) -> KeyedQuestion | None:
        """Return the same question about the twin, where it has such a layer."""
        twin = self.twin
        return None if twin is None or not twin.has(layer) else twin.question(layer, quantity)

    @cached_property
    def names(self) -> LayerNames:
        """The layers by what people call them."""
        return LayerNames(self.graph)


def _known(sizes: tuple[object, ...]) -> tuple[int, ...] | None:
    """Return a receptive field, where there is one and it is known."""
    numbers = tuple(size for size in sizes if isinstance(size, int))
    return numbers if numbers and len(numbers) == len(sizes) else None


def _is_print(judgement: Judgement, right: Value) -> bool:
    """Tell a number that is printed and stands for itself from one that a convention counts to its digits.

    The second is printed because of the convention, unless whoever prints it means the right value.
    """
    if any(each.kind == CLAIM and each.computed == right for each in judgement.printings):
        return True
    read = judgement.agreement
    return judgement.convention is None or read is None or not read.is_plain


__all__ = ["TOTAL", "AnswerKey"]
