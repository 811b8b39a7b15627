"""Questions in words: what arrives, the layers with their fields, what is asked, in which form."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from cnncalc.homework.key import TOTAL
from cnncalc.homework.questions import Question
from cnncalc.homework.variant import Value
from cnncalc.ops.shapes import Shape, format_shape, left_over
from cnncalc.spec.graph import Graph, Node
from cnncalc.spec.quantities import BY_NAME
from cnncalc.text.messages import Phrase, listed, message
from cnncalc.text.numbers import format_number
from cnncalc.text.printable import printable

_KINDS: dict[str, Phrase] = {
    "conv": message("convolution"),
    "conv_transpose": message("transposed convolution"),
    "maxpool": message("max pooling"),
    "avgpool": message("average pooling"),
    "globalavgpool": message("global average pooling"),
    "globalmaxpool": message("global max pooling"),
    "adaptiveavgpool": message("average pooling to a given size"),
    "adaptivemaxpool": message("max pooling to a given size"),
    "fc": message("fully connected layer on all values that arrive"),
    "bn": message("batch normalisation with a learned scale and shift"),
    "concat": message("concatenation along the channels"),
    "add": message("addition, element by element"),
    "multiply": message("multiplication, element by element"),
}
"""What kinds of layers are called; any other by its own line of help."""

_SHAPES = {
    1: "a vector of {size} values",
    2: "{size} (length × channels)",
    3: "{size} (height × width × channels)",
    4: "{size} (depth × height × width × channels)",
}
_A_NUMBER = message("Answer with a whole number, in full.")
_A_SIDE = message("Answer with its size along one axis, a whole number.")
_AXES = {
    2: message("length x channels"),
    3: message("height x width x channels"),
    4: message("depth x height x width x channels"),
}
_SPATIAL = {2: message("height x width"), 3: message("depth x height x width")}


class Wording(NamedTuple):
    """A question in words: the facts, a line each; what is asked; the form that the answer takes."""

    facts: tuple[Phrase, ...]
    asked: Phrase
    form: Phrase

    def text(self, lang: str) -> str:
        """All of it as one paragraph."""
        return " ".join(said.text(lang) for said in (*self.facts, self.asked, self.form))


def show_value(value: Value) -> str:
    """Return an answer as a sheet or key shows it: 55x55x96, or 34,944; of a square receptive field the side."""
    if isinstance(value, tuple):
        return format_shape(value, "x")
    return format_number(value)


def show_answer(quantity: str, value: Value) -> str:
    """Return an answer as a student is asked to write it."""
    if quantity == "receptive_field" and isinstance(value, tuple) and len(set(value)) == 1:
        return str(value[0])
    return show_value(value)


def asked_of(
    layer: str, quantity: str, right: Value, batch: int, dtype: str
) -> tuple[Phrase, Phrase]:
    """Return what is asked, and the form of the answer."""
    return _asked(layer, quantity, batch, dtype), _form(quantity, right)


def _asked(layer: str, quantity: str, batch: int, dtype: str) -> Phrase:
    name = message("the whole network") if layer == TOTAL else layer
    return message(BY_NAME[quantity].question, layer=name, batch=batch, dtype=dtype)


def question_text(question: Question, lang: str) -> str:
    """Return a homework's question in its own words, or else its network and what is asked of it."""
    key = question.answer_key
    asked = _asked(question.layer, question.quantity, key.report.batch, key.report.dtype)
    return question.text or f"{key.net.title}: {asked.text(lang)}"


def _form(quantity: str, right: Value) -> Phrase:
    if not isinstance(right, tuple):
        return _A_NUMBER
    if quantity == "receptive_field":
        if len(set(right)) == 1:
            return _A_SIDE
        return _a_shape(_SPATIAL[len(right)], "987"[: len(right)])
    return _A_NUMBER if len(right) == 1 else _a_shape(_AXES[len(right)], "9876"[: len(right)])


def _a_shape(axes: Phrase, example: str) -> Phrase:
    return message("Answer with {axes}, such as {example}.", axes=axes, example="x".join(example))


# --- what is given --------------------------------------------------------------------------------------------------


def input_fact(shape: Shape) -> Phrase:
    """Return the line about what arrives at a network of no name."""
    return message("Input: {shape}.", shape=shape_words(shape))


def network_fact(title: str, shape: Shape) -> Phrase:
    """Return the line about a network that has one."""
    return message(
        "Network: {network}, with an input of {shape}.",
        network=printable(title),
        shape=shape_words(shape),
    )


def arriving_fact(layer: str, shapes: Sequence[Shape]) -> Phrase:
    """Return the line about what arrives at a layer or block."""
    words = listed([shape_words(shape) for shape in shapes])
    return message("What arrives at {layer}: {shapes}.", layer=layer, shapes=words)


def block_fact(name: str) -> Phrase:
    """Return the line before the layers of a block."""
    return message("{block} is made of these layers.", block=name)


def shape_words(shape: Shape) -> Phrase:
    """Return a shape, and what its axes are."""
    return message(_SHAPES[len(shape)], size=format_shape(shape))


def layer_facts(graph: Graph, members: Sequence[int], below: str = "") -> tuple[Phrase, ...]:
    """Return a line for each layer that is not quiet, with where it gets its input unless that is the line before.

    `below` is the path that the names stand under.
    """
    shown = [index for index in members if not graph.nodes[index].op.hidden_by_default]
    inside = set(members)
    facts = []
    before = -1
    for place, index in enumerate(shown):
        node = graph.nodes[index]
        sources = [_source(graph, source, inside) for source in node.inputs]
        plain = sources == [before] if place else all(source not in inside for source in sources)
        names = [_name(graph, source, inside, below) for source in sources]
        on = "" if plain else message(" (on {sources})", sources=listed(names))
        name = node.name.removeprefix(below)
        facts.append(message("{layer}: {words}{on}.", layer=name, words=describe(node), on=on))
        before = index
    return tuple(facts)


def _source(graph: Graph, index: int, inside: set[int]) -> int:
    """Return the layer that is shown as the source: quiet ones are passed over."""
    while index in inside and graph.nodes[index].op.hidden_by_default:
        index = graph.nodes[index].inputs[0]
    return index


def _name(graph: Graph, index: int, inside: set[int], below: str) -> str:
    if index not in inside:
        return message("what arrives")
    return graph.nodes[index].name.removeprefix(below)


def describe(node: Node) -> Phrase:
    """Return a layer in words: its kind and its fields."""
    kind = _KINDS.get(node.kind) or message(node.op.help or node.kind)
    return listed([kind, *_phrases(node), *_rounding(node)])


def _rounding(node: Node) -> Iterator[Phrase]:
    """Say the rule where a window does not fit a whole number of times; a layer that rounds up has said so."""
    shape = node.shapes[0] if node.shapes else ()
    sizes = zip(shape, node.op.windows(shape), strict=False) if shape else ()
    if (
        node.op.sliding.counts_windows
        and not getattr(node.op, "ceil", False)
        and any(left_over(size, window) for size, window in sizes)
    ):
        yield message("the size rounded down")


def _phrases(node: Node) -> Iterator[Phrase]:
    for field in node.op.fields:
        value = getattr(node.op, field.name)
        say = _FIELDS.get(field.name)
        if say is not None and value is not None:  # else another says it, as an upsample's scale
            said = say(value)
            if said is not None:
                yield said


def _axes(value: Any) -> str:
    return format_shape(tuple(value))


def _padding(value: Any) -> Phrase:
    if isinstance(value, str):
        return message(
            "padding 'same' (the output's size is the input's over the stride, rounded up)"
        )
    numbers = {size for pair in value for size in pair}
    if numbers == {0}:
        return message("no padding")
    if len(numbers) == 1:
        return message("padding {size} on every side", size=numbers.pop())
    pairs = ", ".join(f"{first}+{last}" for first, last in value)
    return message("padding {pairs} (before + after, for each axis)", pairs=pairs)


def _bias(value: Any) -> Phrase:
    if value == "position":
        return message("a bias for each output value")
    return message("with biases") if value else message("without biases")


def _side(value: Any) -> str:
    """Return a size along each axis as one number where it is the same along all."""
    sizes = value if isinstance(value, tuple) else (value,)
    return str(sizes[0]) if len(set(sizes)) == 1 else _axes(sizes)


_FIELDS: dict[str, Callable[[Any], Phrase | None]] = {
    "filters": lambda value: message("{value} filters", value=value),
    "units": lambda value: message("{value} units", value=value),
    "kernel": lambda value: message("kernel {value}", value=_axes(value)),
    "stride": lambda value: message("stride {value}", value=_side(value)),
    "pad": _padding,
    "dilation": lambda value: (
        None if _side(value) == "1" else message("dilation {value}", value=_side(value))
    ),
    "groups": lambda value: message("in {value} groups", value=value) if value != 1 else None,
    "bias": _bias,
    "ceil": lambda value: message("the size rounded up") if value else None,
    "output_pad": lambda value: (
        message("output padding {value}", value=_axes(value)) if any(value) else None
    ),
    "trainable": lambda value: (
        message("a learned factor and bias for each channel") if value else None
    ),
    "size": lambda value: (
        _padding(value)
        if isinstance(value[0], tuple)
        else message("to {value}", value=_axes(value))
    ),
    "scale": lambda value: message("scale {value}", value=_axes(value)),
}
"""How the fields of layers are said; None where nothing need be said."""


def is_said(node: Node) -> bool:
    """Whether words can say all of a layer: none of its fields is set that they know nothing of."""
    op = node.op
    known = {field.name: getattr(op, field.name) for field in op.fields}
    return op.hidden_by_default or all(
        field.name in _FIELDS
        or field.required
        or known[field.name] == field.default_value(known, op.rank)
        for field in op.fields
    )
