"""Questions in words, English and Korean: what arrives, the layers with their fields, what is asked, in which form."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from cnncalc.homework.key import TOTAL
from cnncalc.homework.messages import Message
from cnncalc.homework.variant import Value
from cnncalc.ops.shapes import Shape, format_shape, left_over
from cnncalc.spec.graph import Graph, Node
from cnncalc.spec.quantities import BY_NAME
from cnncalc.text.numbers import format_number

_KINDS: dict[str, Message] = {
    "conv": Message("convolution", "합성곱"),
    "conv_transpose": Message("transposed convolution", "전치 합성곱"),
    "maxpool": Message("max pooling", "최대 풀링"),
    "avgpool": Message("average pooling", "평균 풀링"),
    "globalavgpool": Message("global average pooling", "전역 평균 풀링"),
    "globalmaxpool": Message("global max pooling", "전역 최대 풀링"),
    "adaptiveavgpool": Message("average pooling to a given size", "정해진 크기로의 평균 풀링"),
    "adaptivemaxpool": Message("max pooling to a given size", "정해진 크기로의 최대 풀링"),
    "fc": Message(
        "fully connected layer on all values that arrive", "들어오는 모든 값에 대한 완전 연결 계층"
    ),
    "bn": Message(
        "batch normalisation with a learned scale and shift", "배치 정규화(학습되는 배율과 이동)"
    ),
    "concat": Message("concatenation along the channels", "채널 방향으로 이어 붙이기"),
    "add": Message("addition, element by element", "원소별 덧셈"),
    "multiply": Message("multiplication, element by element", "원소별 곱셈"),
}
"""What kinds of layers are called; any other by its own line of help."""

_HEIGHT_WIDTH = {
    1: Message("a vector of {} values", "값 {}개의 벡터"),
    2: Message("{} (length × channels)", "{} (길이 × 채널)"),
    3: Message("{} (height × width × channels)", "{} (높이 × 너비 × 채널)"),
    4: Message("{} (depth × height × width × channels)", "{} (깊이 × 높이 × 너비 × 채널)"),
}
_INPUT = Message("Input: {}.", "입력: {}.")
_NETWORK = Message("Network: {}, with an input of {}.", "네트워크: {}, 입력 {}.")
_ARRIVES = Message("What arrives at {}: {}.", "{}에 들어오는 것: {}.")
_BLOCK = Message("{} is made of these layers.", "{}의 계층은 다음과 같습니다.")
_ON = Message(" (on {})", " (입력: {})")
_THE_INPUT = Message("what arrives", "들어온 것")
_WHOLE = Message("the whole network", "네트워크 전체")

_A_NUMBER = Message("Answer with a whole number, in full.", "정수를 줄이지 말고 쓰세요.")
_A_SHAPE = Message("Answer with {}, such as {}.", "{}(으)로 답하세요. 예: {}.")
_A_SIDE = Message(
    "Answer with its size along one axis, a whole number.", "한 축 방향의 크기를 정수로 쓰세요."
)
_AXES = {
    1: Message("a whole number", "정수"),
    2: Message("length x channels", "길이 x 채널"),
    3: Message("height x width x channels", "높이 x 너비 x 채널"),
    4: Message("depth x height x width x channels", "깊이 x 높이 x 너비 x 채널"),
}
_SPATIAL = {
    2: Message("height x width", "높이 x 너비"),
    3: Message("depth x height x width", "깊이 x 높이 x 너비"),
}


class Wording(NamedTuple):
    """A question in words: the facts, a line each; what is asked; the form that the answer takes."""

    facts: tuple[Message, ...]
    asked: Message
    form: Message

    def text(self, lang: str) -> str:
        """All of it as one paragraph."""
        return " ".join(said.text(lang) for said in (*self.facts, self.asked, self.form))


def both(pattern: Message, *parts: Message | str, **named: object) -> Message:
    """Return a sentence with its places filled, in both languages."""
    filled = [
        [part if isinstance(part, str) else part.text(lang) for part in parts]
        for lang in ("en", "ko")
    ]
    return Message(pattern.en.format(*filled[0], **named), pattern.ko.format(*filled[1], **named))


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
) -> tuple[Message, Message]:
    """Return what is asked, and the form of the answer."""
    name: Message | str = _WHOLE if layer == TOTAL else layer
    return both(Message(*BY_NAME[quantity].question), name, batch=batch, dtype=dtype), _form(
        quantity, right
    )


def _form(quantity: str, right: Value) -> Message:
    if not isinstance(right, tuple):
        return _A_NUMBER
    if quantity == "receptive_field":
        if len(set(right)) == 1:
            return _A_SIDE
        return both(_A_SHAPE, _SPATIAL[len(right)], "x".join("987"[: len(right)]))
    return (
        _A_NUMBER
        if len(right) == 1
        else both(_A_SHAPE, _AXES[len(right)], "x".join("9876"[: len(right)]))
    )


# --- what is given --------------------------------------------------------------------------------------------------


def input_fact(shape: Shape) -> Message:
    """Return the line about what arrives at a network of no name."""
    return both(_INPUT, shape_words(shape))


def network_fact(title: str, shape: Shape) -> Message:
    """Return the line about a network that has one."""
    return both(_NETWORK, title, shape_words(shape))


def arriving_fact(layer: str, shapes: Sequence[Shape]) -> Message:
    """Return the line about what arrives at a layer or block."""
    words = [shape_words(shape) for shape in shapes]
    return both(
        _ARRIVES,
        layer,
        Message(*(", ".join(word.text(lang) for word in words) for lang in ("en", "ko"))),
    )


def block_fact(name: str) -> Message:
    """Return the line before the layers of a block."""
    return both(_BLOCK, name)


def shape_words(shape: Shape) -> Message:
    """Return a shape, and what its axes are."""
    return both(_HEIGHT_WIDTH[len(shape)], format_shape(shape))


def layer_facts(graph: Graph, members: Sequence[int], below: str = "") -> tuple[Message, ...]:
    """Return a line for each layer that is not quiet, with where it gets its input unless that is the line before.

    `below` is the path that the names stand under.
    """
    shown = [index for index in members if not graph.nodes[index].op.quiet]
    inside = set(members)
    found = []
    before = -1
    for place, index in enumerate(shown):
        node = graph.nodes[index]
        sources = [_source(graph, source, inside) for source in node.inputs]
        plain = sources == [before] if place else all(source not in inside for source in sources)
        names = [_name(graph, source, inside, below) for source in sources]
        on = (
            ""
            if plain
            else both(
                _ON,
                Message(*(", ".join(name.text(lang) for name in names) for lang in ("en", "ko"))),
            )
        )
        found.append(
            both(
                Message("{}: {}{}.", "{}: {}{}."), node.name.removeprefix(below), describe(node), on
            )
        )
        before = index
    return tuple(found)


def _source(graph: Graph, index: int, inside: set[int]) -> int:
    """Return the layer that is shown as the source: quiet ones are passed over."""
    while index in inside and graph.nodes[index].op.quiet:
        index = graph.nodes[index].inputs[0]
    return index


def _name(graph: Graph, index: int, inside: set[int], below: str) -> Message:
    if index not in inside:
        return _THE_INPUT
    name = graph.nodes[index].name.removeprefix(below)
    return Message(name, name)


def describe(node: Node) -> Message:
    """Return a layer in words: its kind and its fields."""
    kind = _KINDS.get(node.kind, Message(node.op.help or node.kind, node.op.help or node.kind))
    phrases = [kind, *_phrases(node), *_rounding(node)]
    return Message(*(", ".join(phrase.text(lang) for phrase in phrases) for lang in ("en", "ko")))


def _rounding(node: Node) -> Iterator[Message]:
    """Say the rule where a window does not fit a whole number of times; a layer that rounds up has said so."""
    shape = node.shapes[0] if node.shapes else ()
    sizes = zip(shape, node.op.windows(shape), strict=False) if shape else ()
    if (
        node.op.counts_windows
        and not getattr(node.op, "ceil", False)
        and any(left_over(size, window) for size, window in sizes)
    ):
        yield Message("the size rounded down", "크기는 내림")


def _phrases(node: Node) -> Iterator[Message]:
    for field in node.op.fields:
        value = getattr(node.op, field.name)
        say = _FIELDS.get(field.name)
        if say is not None:
            said = say(value)
            if said is not None:
                yield said
        elif field.name in _OTHER:
            yield both(_OTHER[field.name], _axes(value))


def _axes(value: Any) -> str:
    return format_shape(tuple(value))


def _padding(value: Any) -> Message:
    if isinstance(value, str):
        return Message(
            "padding 'same' (the output's size is the input's over the stride, rounded up)",
            "'same' 패딩(출력 크기는 입력을 스트라이드로 나누어 올린 값)",
        )
    numbers = {size for pair in value for size in pair}
    if numbers == {0}:
        return Message("no padding", "패딩 없음")
    if len(numbers) == 1:
        return both(Message("padding {} on every side", "모든 쪽에 패딩 {}"), str(numbers.pop()))
    pairs = ", ".join(f"{first}+{last}" for first, last in value)
    return both(
        Message("padding {} (before + after, for each axis)", "패딩 {}(축마다 앞 + 뒤)"), pairs
    )


def _bias(value: Any) -> Message:
    if value == "position":
        return Message("a bias for each output value", "출력값마다 편향 하나")
    return Message("with biases", "편향 있음") if value else Message("without biases", "편향 없음")


def _unless_one(pattern: Message) -> Callable[[Any], Message | None]:
    def say(value: Any) -> Message | None:
        sizes = value if isinstance(value, tuple) else (value,)
        if set(sizes) == {1}:
            return None
        return both(pattern, str(sizes[0]) if len(set(sizes)) == 1 else _axes(sizes))

    return say


def _stride(value: Any) -> Message:
    return both(
        Message("stride {}", "스트라이드 {}"),
        str(value[0]) if len(set(value)) == 1 else _axes(value),
    )


_FIELDS: dict[str, Callable[[Any], Message | None]] = {
    "filters": lambda value: both(Message("{} filters", "필터 {}개"), str(value)),
    "units": lambda value: both(Message("{} units", "유닛 {}개"), str(value)),
    "kernel": lambda value: both(Message("kernel {}", "커널 {}"), _axes(value)),
    "stride": _stride,
    "pad": _padding,
    "dilation": _unless_one(Message("dilation {}", "팽창 {}")),
    "groups": _unless_one(Message("in {} groups", "그룹 {}개")),
    "bias": _bias,
    "ceil": lambda value: Message("the size rounded up", "크기는 올림") if value else None,
    "output_pad": lambda value: (
        both(Message("output padding {}", "출력 패딩 {}"), _axes(value)) if any(value) else None
    ),
    "trainable": lambda value: (
        Message("a learned factor and bias for each channel", "채널마다 학습되는 계수와 편향")
        if value
        else None
    ),
}
"""How the fields of layers are said; None where nothing need be said."""

_OTHER: dict[str, Message] = {
    "size": Message("to {}", "크기 {}"),
    "scale": Message("scale {}", "배율 {}"),
}


def is_said(node: Node) -> bool:
    """Whether words can say all of a layer: none of its fields is set that they know nothing of."""
    op = node.op
    known = {field.name: getattr(op, field.name) for field in op.fields}
    return op.quiet or all(
        field.name in _FIELDS
        or field.name in _OTHER
        or field.required
        or known[field.name] == field.default_value(known, op.rank)
        for field in op.fields
    )
