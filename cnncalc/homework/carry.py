"""Error carried forward: what is right for a layer if the student's earlier answers are taken as they stand.

The shapes that a student gave are walked through the network by the ops' own rules. An earlier answer counts only where
the rules allow it: a shape of the right number of axes, no larger than padding and stride could make it, and no map of
one position where there are several, which would leave nothing to work out behind it. And it must be plausible: a slip
explains it, or it lies within a factor of ten of the right one, and a column that says the same in every row is no
work. From an answer that no slip explains only so many others follow.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from cnncalc.homework.answers import ReadAnswer, agrees, field_forms, forms
from cnncalc.homework.candidates import KeyedQuestion, Variants
from cnncalc.homework.key import TOTAL, AnswerKey
from cnncalc.homework.variant import Value, Variant, evaluate
from cnncalc.ops.base import OpError
from cnncalc.ops.shapes import Shape, show_shape, spatial
from cnncalc.spec.quantities import BY_NAME
from cnncalc.text.exact import Exact
from cnncalc.text.messages import Phrase, message

FACTOR = 10
"""An answer that no slip explains is plausible within this factor of the right one."""
MAX_CONSTANT = 2
"""So many rows of a column may say the same where the right answers differ."""
MAX_FROM_UNEXPLAINED = 12
"""So many answers may follow from one that no slip explains."""

Source = tuple[str, str]
"""An earlier answer, by layer and quantity."""

Answers = Mapping[tuple[str, str], ReadAnswer]
"""A student's answers about one network by layer and quantity."""


_FAR = message("no slip gives it, and it is far from what is right or the same in every row")


class Blocked(NamedTuple):
    """A wrong shape that nothing can follow from: the layer, the shape as given, and why."""

    layer: str
    shape: Shape
    at: int
    why: str
    where: str


class Carried:
    """What follows from one student's answers about one network."""

    def __init__(self, answer_key: AnswerKey, answers: Answers) -> None:
        self.answer_key = answer_key
        self.answers = answers
        self.blocked: list[Blocked] = []
        self.culprits: dict[int, int] = {}
        self._credited: Counter[Source] = Counter()
        self._explained: dict[Source, bool] = {}

    @cached_property
    def answered(self) -> dict[int, ReadAnswer]:
        """The outputs that the student has given, by the node that they are of."""
        return {
            self.answer_key.place(layer): reading
            for (layer, quantity), reading in self.answers.items()
            if quantity == "output" and reading.shape is not None and layer != TOTAL
        }

    @cached_property
    def _layers(self) -> dict[int, str]:
        """The layer or block whose output the student has given, by the node that it is of."""
        return {
            self.answer_key.place(layer): layer
            for layer, quantity in self.answers
            if quantity == "output" and layer != TOTAL
        }

    @cached_property
    def given(self) -> dict[int, ReadAnswer]:
        """Those that are wrong."""
        nodes = self.answer_key.graph.nodes
        return {
            index: reading
            for index, reading in self.answered.items()
            if agrees(reading, nodes[index].output) is None
        }

    @cached_property
    def shapes(self) -> list[Shape | None]:
        """The output of every node as it follows from the student's; None where nothing follows."""
        nodes = self.answer_key.graph.nodes
        shapes: list[Shape | None] = [node.output for node in nodes]
        if not self.given:
            return shapes
        culprit = self.culprits
        for index in range(min(self.given), len(nodes)):
            node = nodes[index]
            if index in self.answered and index not in self.given:
                continue  # right again, whatever came before
            known = [shape for source in node.inputs if (shape := shapes[source]) is not None]
            blame = next((culprit[source] for source in node.inputs if source in culprit), None)
            if blame is not None:
                culprit[index] = blame
                shapes[index] = self._output(index, known, blame)
            follows, given = shapes[index], self.given.get(index)
            if given is not None and follows is not None and agrees(given, follows) is None:
                taken = self._taken(index, known)
                if taken is not None:
                    shapes[index] = taken
                    culprit[index] = index
        return shapes

    def _output(self, index: int, known: list[Shape], blame: int) -> Shape | None:
        """Return what comes out of a layer of the student's shapes; None where they do not go into it."""
        node = self.answer_key.graph.nodes[index]
        if len(known) < len(node.inputs):
            return None
        try:
            return node.op.output_shape(*known)
        except OpError as error:
            shape = self.shape_of(blame)
            self.blocked.append(
                Blocked(
                    self.answer_key.graph.nodes[blame].name, shape, blame, error.message, node.name
                )
            )
            return None

    def shape_of(self, index: int) -> Shape:
        """Return the shape that the student gave for a node, as read."""
        return self.given[index].shape or ()

    def _taken(self, index: int, inputs: list[Shape]) -> Shape | None:
        """Return the student's shape for a node, where the rules allow it."""
        node = self.answer_key.graph.nodes[index]
        if not self._is_plausible((self._layers[index], "output")):
            self.blocked.append(Blocked(node.name, self.shape_of(index), index, _FAR, node.name))
            return None
        why: str = message("it has another number of axes")
        shapes = [shape for _, shape in forms(self.shape_of(index), len(node.output))]
        for shape in sorted(shapes, key=lambda shape: shape[-1] != node.output[-1]):
            problem = self._refusal(index, inputs, shape)
            if problem is None:
                return shape
            why = problem
        self.blocked.append(Blocked(node.name, self.shape_of(index), index, why, node.name))
        return None

    def _refusal(self, index: int, inputs: list[Shape], shape: Shape) -> str | None:
        """Why a shape cannot come out of a layer, whatever the student did; None where it could."""
        node = self.answer_key.graph.nodes[index]
        if any(
            size == 1 and right > 1
            for size, right in zip(shape[:-1], spatial(node.output), strict=True)
        ):
            return message("a map of one position leaves nothing to work out")
        if not inputs:
            return None
        windows = node.op.windows(inputs[0])
        for axis, (size, right) in enumerate(zip(shape[:-1], spatial(node.output), strict=True)):
            if not windows:
                if size not in (right, _size(inputs[0], axis)):
                    return "this layer does not change the size in that way"
                continue
            window = windows[axis]
            plain = window._replace(
                kernel=1, stride=1 if node.op.sliding.counts_windows else window.stride
            )
            bare = window._replace(before=0, after=0)
            most = max(
                node.op.sliding.positions(inputs[0][axis], tried, axis) for tried in (plain, bare)
            )
            if size > most:
                return "no stride and no padding of this layer makes it so large"
        return None

    # -- what is plausible -------------------------------------------------------------------------------------------

    def _is_plausible(self, source: Source) -> bool:
        """Whether an answer may have been worked out."""
        layer, quantity = source
        right, reading = self.answer_key.right(layer, quantity), self.answers[source]
        if right is None or self._is_constant(quantity):
            return False
        return self._is_explained(source) or _is_near(reading, right)

    def _is_explained(self, source: Source) -> bool:
        """Whether slips of the quantity's own give an answer."""
        explained = self._explained.get(source)
        if explained is None:
            keyed, reading = self.answer_key.question(*source), self.answers[source]
            explained = self._explained[source] = any(
                agrees(reading, value) is not None
                for candidates in (keyed.own, keyed.consequences, keyed.pairs)
                for value in candidates.by_value
            )
        return explained

    def _is_constant(self, quantity: str) -> bool:
        """Whether a column says the same in every row, though the right answers differ."""
        rows = [
            (layer, reading)
            for (layer, column), reading in self.answers.items()
            if column == quantity and layer != TOTAL and not (reading.is_blank or reading.problem)
        ]
        if len(rows) <= MAX_CONSTANT or len({reading.value for _, reading in rows}) > 1:
            return False
        return len({self.answer_key.right(layer, quantity) for layer, _ in rows}) > 1

    def credits(self, keyed: KeyedQuestion, gives: Callable[[Value], bool]) -> bool:
        """Whether an answer follows from earlier ones; what an unexplained one earns others is bounded."""
        for value, source in self.following(keyed):
            if gives(value):
                self._credited[source] += 1
                return (
                    self._credited[source] <= MAX_FROM_UNEXPLAINED
                    or source not in self.answers
                    or self._is_explained(source)
                )
        return False

    # -- what follows ------------------------------------------------------------------------------------------------

    def following(self, keyed: KeyedQuestion) -> Iterator[tuple[Value, Source]]:
        """Yield the answers that follow exactly from earlier ones by the right formula, and are not right, each with
        the earlier one that it follows from.
        """
        for _, value, source in self._bases(keyed):
            yield value, source
        others: Iterator[tuple[Value, Source]] = iter(())
        if keyed.quantity == "receptive_field":
            others = self._fields(keyed)
        elif keyed.layer == TOTAL:
            others = self._total(keyed)
        yield from ((value, source) for value, source in others if value != keyed.right)

    def bases(self, keyed: KeyedQuestion) -> list[tuple[Variants, Value]]:
        """Return the variants as the student's earlier answers have them, and what is right for each."""
        return [(variants, value) for variants, value, _ in self._bases(keyed)]

    def _bases(self, keyed: KeyedQuestion) -> Iterator[tuple[Variants, Value, Source]]:
        for variants, source in self._variants(keyed):
            value = evaluate(keyed.quantity, variants)
            if value is not None and value != keyed.right:
                yield variants, value, source

    def _variants(self, keyed: KeyedQuestion) -> Iterator[tuple[Variants, Source]]:
        if keyed.quantity == "receptive_field":
            return
        nodes = self.answer_key.graph.nodes
        if keyed.quantity == "output" or not self.answer_key.is_layer(keyed.layer):
            yield from self._of_block(keyed)
            return
        index = self.answer_key.place(keyed.layer)
        inputs = self._inputs(index)
        changed = inputs is not None and inputs != nodes[index].shapes
        variant = self.answer_key.variant(index, inputs if changed else None)
        if changed:
            yield ((variant, 1),), self._culprit(nodes[index].inputs)
        if (
            BY_NAME[keyed.quantity].of_output
            and index in self.given
            and self.shapes[index] is not None
        ):
            variant = variant._replace(shape=self.shapes[index])
            yield ((variant, 1),), (keyed.layer, "output")
        known = self._known(keyed)
        if known:
            yield ((variant._replace(known=known), 1),), (keyed.layer, next(iter(known)))

    def _culprit(self, sources: Iterable[int]) -> Source:
        """Return the answer that the shapes of some nodes follow from, one of which is not as it should be."""
        blamed = next(self.culprits[source] for source in sources if source in self.culprits)
        return self._layers[blamed], "output"

    def _of_block(self, keyed: KeyedQuestion) -> Iterator[tuple[Variants, Source]]:
        """Yield a block's or the network's layers, as far as any sees another shape; for an output the last of them."""
        if not self.given:
            return
        nodes = self.answer_key.graph.nodes
        if keyed.quantity == "output":
            index = self.answer_key.place(keyed.layer)
            inputs = self._inputs(index)
            if inputs is not None and inputs != nodes[index].shapes:
                variants: Variants = ((self.answer_key.variant(index, inputs), 1),)
                yield variants, self._culprit(nodes[index].inputs)
            return
        of_output = BY_NAME[keyed.quantity].of_output
        members = [(index, self._inputs(index)) for index in self.answer_key.members(keyed.layer)]
        changed = [
            index
            for index, inputs in members
            if inputs != nodes[index].shapes
            or (of_output and self.shapes[index] != nodes[index].output)
        ]
        if all(inputs is not None for _, inputs in members) and changed:
            variants = tuple(
                (self._layer(index, inputs, of_output=of_output), 1)
                for index, inputs in members
                if keyed.quantity != "memory" or nodes[index].op.is_activation_map
            )
            yield variants, self._culprit((*nodes[changed[0]].inputs, changed[0]))

    def _layer(self, index: int, inputs: tuple[Shape, ...] | None, *, of_output: bool) -> Variant:
        """Return a layer that the student's shapes go into; with the output that they gave, where that counts."""
        variant = self.answer_key.variant(index, inputs)
        return (
            variant._replace(shape=self.shapes[index])
            if of_output and index in self.given
            else variant
        )

    def _inputs(self, index: int) -> tuple[Shape, ...] | None:
        """Return what arrives at a node; None where nothing follows."""
        shapes = [self.shapes[source] for source in self.answer_key.graph.nodes[index].inputs]
        known = tuple(shape for shape in shapes if shape is not None)
        return known if len(known) == len(shapes) else None

    def _known(self, keyed: KeyedQuestion) -> dict[str, Exact]:
        """Return the row's earlier answers that are not right, and plausible."""
        values: dict[str, Exact] = {}
        for quantity in BY_NAME[keyed.quantity].earlier:
            reading = self.answers.get((keyed.layer, quantity))
            if reading is None or reading.number is None:
                continue
            right = self.answer_key.right(keyed.layer, quantity)
            free = (
                reading.number.value <= 0 and quantity != "biases"
            )  # nothing times anything is no answer
            if (
                right is not None
                and not free
                and agrees(reading, right) is None
                and self._is_plausible((keyed.layer, quantity))
            ):
                values[quantity] = reading.number.value
        return values

    def _total(self, keyed: KeyedQuestion) -> Iterator[tuple[Value, Source]]:
        """Yield the sum of the column as the student has it, where every row of it is plausible."""
        if BY_NAME[keyed.quantity].total != "sum" or not isinstance(keyed.right, int):
            return
        answered = [
            layer
            for layer, quantity in self.answers
            if quantity == keyed.quantity and layer != TOTAL
        ]
        inside = set(answered)
        total: Exact = keyed.right
        for layer in answered:
            reading = self.answers[layer, keyed.quantity]
            parts = layer.split("/")
            nested = any("/".join(parts[:count]) in inside for count in range(1, len(parts)))
            right = self._share(layer, keyed.quantity)
            if reading.number is None or nested or not isinstance(right, int):
                continue
            if agrees(reading, right) is None and not self._is_plausible((layer, keyed.quantity)):
                return
            total += reading.number.value - right
        if total > 0:
            yield total, ("", keyed.quantity)

    def _share(self, layer: str, quantity: str) -> Value | None:
        """Return what a row adds to the total; None where it is no part of it."""
        row = self.answer_key.row(layer)
        if row.side or (quantity == "memory" and not row.activations):
            return None
        return self.answer_key.right(layer, quantity)

    def _fields(self, keyed: KeyedQuestion) -> Iterator[tuple[Value, Source]]:
        """Yield the receptive field by r + (F − 1)·j from the nearest answer before it, along layers of one input."""
        nodes, right = self.answer_key.graph.nodes, keyed.right
        if keyed.layer == TOTAL or not isinstance(right, tuple):
            return
        index = self.answer_key.place(keyed.layer)
        while len(nodes[index].inputs) == 1 and not nodes[index].op.sees_all:
            index = nodes[index].inputs[0]
            source = (nodes[index].name, "receptive_field")
            before = self.answer_key.right(*source)
            reading = self.answers.get(source)
            if not isinstance(before, tuple):
                return
            if reading is not None and reading.shape is not None:
                if self._is_plausible(source):  # as a field of as many axes alone is
                    given = field_forms(reading.shape, len(right))
                    field = tuple(
                        size + after - was
                        for size, after, was in zip(given, right, before, strict=True)
                    )
                    yield field, source
                return

    def blocked_note(self, block: Blocked) -> Phrase:
        """Return what to tell the grader of a shape that the rest of the sheet cannot follow from."""
        shape = show_shape(block.shape)
        if block.where == block.layer:
            return message(
                "{layer}: {shape}: {why}; nothing is carried forward from it",
                layer=block.layer,
                shape=shape,
                why=block.why,
            )
        return message(
            "{layer}: from {shape} nothing can follow at {where} or after it: {why}",
            layer=block.layer,
            shape=shape,
            where=block.where,
            why=block.why,
        )


def _size(shape: Shape, axis: int) -> int:
    return shape[axis] if axis < len(shape) - 1 else 1


def _is_near(reading: ReadAnswer, right: Value) -> bool:
    """Whether an answer lies within a factor of ten of the right one, a shape in each of its sizes."""
    if reading.number is not None and not isinstance(right, tuple):
        return _within_factor(reading.number.value, right)
    if reading.shape is None or not isinstance(right, tuple):
        return False
    return any(
        all(map(_within_factor, shape, right))
        for _, shape in reading.forms(len(right))
        if len(shape) == len(right)
    )


def _within_factor(given: Exact, right: Exact) -> bool:
    return bool(right) and 1 / FACTOR <= abs(float(given / right)) <= FACTOR
