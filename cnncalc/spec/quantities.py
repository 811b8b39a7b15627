"""Quantities: what can be known of a layer or a network, one row each. Every other list of quantities is made of these.

A row says what a quantity is called (by commands, in JSON, in tables, in sheets, in a sentence), what its values are,
how it is taken from the facts of a layer, how a total comes of it, where it stands, and how people get it wrong. A new
one is a new row: it then has a JSON field and a column, and report, explain, identify, check and quiz know it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from cnncalc.text.expressions import MAX_COUNT, parse_expression
from cnncalc.text.messages import message
from cnncalc.text.source import single_problem
from cnncalc.text.suggest import suggest

if TYPE_CHECKING:
    from cnncalc.text.expressions import Expression
    from cnncalc.text.source import SpecError

Total: TypeAlias = Literal["", "sum", "last", "last map", "whole"]
"""Where a total comes from: the sum of the rows, the last layer, the last with a map, or the whole network alone."""


class Quantity(NamedTuple):
    """One quantity.

    - `name`: what commands, claims, sheets and `identify` call it; `field`: its JSON field and its column's key.
    - `english`: the column's header; `noun`: what a sentence calls it, the header unless given.
    - `kind`: `text`, `setting` (a layer's field), `count` (an integer), `shape`, `shapes`, `names`, `axes` (a number
      per axis) or `flag`.
    - `formula`: an expression over the counts of a row; without one it is the row's own `field`. `under` is the count
      that takes its place under a convention of its own parameters, `instead` the one that is asked where this is 0.
    - `scaled`: bytes, once for the network (`dtype`) or for each example (`batch`).
    - `unit`: `params`, `operations`, `values`, `bytes` or `positions`; `meaning`: the quantity in words; `rank`: its
      place among what a number is held against, the simplest first, 0 for what no number is held against.
    - `total`: how a total comes of it; `is_asked`: whether people ask for it by name; `tables`: the commands whose
      tables show it; `keep`: 1 for a column that a narrow terminal must show, more for what can be left out.
    - `family`: the quantity that a printed table may mean it by.
    - `slips`: the group of slips that it has of its own; `follows`: other groups that show in it; `earlier`: quantities
      of the same layer that it is worked out from; `of_output`: whether it is worked out from the layer's own output.
    - `words`: what columns of people's own tables call it, English and Korean, separated by `|`.
    - `beside`: what stands beside it in a table for people: its share of the total, or it in MiB.
    - `question`: the question about it, with a place for the `layer`; `quiz`: where a quiz asks it: of one layer at
      level 1 or 2 (`layer1`, `layer2`), of a `block`, of the `total`, of the way from the input to a layer (`path`).
    """

    name: str
    english: str
    kind: str = "count"
    keep: int = 1
    field: str = ""
    in_json: bool = True
    formula: str = ""
    under: str = ""
    instead: str = ""
    scaled: Literal["", "dtype", "batch"] = ""
    noun: str = ""
    unit: str = ""
    meaning: str = ""
    rank: int = 0
    total: Total = ""
    tables: str = ""
    is_asked: bool = False
    family: str = ""
    slips: str = ""
    follows: tuple[str, ...] = ()
    earlier: tuple[str, ...] = ()
    of_output: bool = False
    words: str = ""
    beside: Literal["", "share", "MiB"] = ""
    question: str = ""
    quiz: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The JSON field and the column's key."""
        return self.field or self.name

    @property
    def title(self) -> str:
        """What a sentence calls it, in English."""
        return self.noun or self.english

    @property
    def is_shape(self) -> bool:
        """Whether it has a number for each axis."""
        return self.kind in ("shape", "axes")

    @property
    def measures(self) -> tuple[str, ...]:
        """The counts of a row that it is worked out from."""
        return tuple(sorted(_expression(self.formula).names)) if self.formula else (self.key,)

    def filled(self, values: Mapping[str, object]) -> str:
        """Return the formula with something else for its names, such as a row's numbers."""
        text = (self.formula or self.key).replace("*", "·")
        return re.sub("[a-z_]+", lambda name: str(values.get(name[0], name[0])), text)

    def of(self, counts: Any) -> Any:
        """Take it from a row or from totals, whatever their convention, before `scale`."""
        if not self.formula:
            return getattr(counts, self.key)
        expression = _expression(self.formula)
        return expression.evaluate({name: getattr(counts, name) for name in expression.names})

    def counted(self, counts: Any) -> Any:
        """Return the same as the convention of the report counts it."""
        return getattr(counts, self.under) if self.under else self.of(counts)

    def asked(self, counts: Any) -> Any:
        """Return the same as somebody asks for it by itself: what stands in for it where it is 0."""
        value = self.counted(counts)
        return getattr(counts, self.instead) if self.instead and not value else value


@cache
def _expression(text: str) -> Expression:
    return parse_expression(text, most=MAX_COUNT)


QUANTITIES: tuple[Quantity, ...] = (
    Quantity("name", "layer", "text", tables="summary params shapes flops memory receptive"),
    Quantity("op", "op", "text", 3, tables="summary shapes receptive"),
    Quantity("inputs", "from", "names", 5),
    Quantity("input", "input size", "shapes", 4, tables="shapes"),
    Quantity("kernel", "kernel", "setting", 2, in_json=False, tables="summary shapes"),
    Quantity("stride", "stride", "setting", 3, in_json=False, tables="summary shapes"),
    Quantity("pad", "pad", "setting", 3, in_json=False, tables="summary shapes"),
    Quantity("filters", "filters", keep=2, in_json=False, tables="summary shapes"),
    Quantity(
        "output",
        "output size",
        "shape",
        total="last",
        tables="summary params shapes flops memory receptive",
        is_asked=True,
        slips="size",
        words="output|output size|output shape|output tensor|shape|size|dimensions|dims|tensor size|tensor shape"
        "|tensor|feature map|feature map size|출력 크기|출력 형태|출력 모양|출력 텐서|출력 shape|출력"
        "|텐서 크기|텐서|크기|형상|특징 맵|특징맵 크기|피처맵 크기",
        question="What is the shape of the output of {layer}?",
        quiz=("layer1", "block"),
    ),
    Quantity(
        "weights",
        "weights",
        keep=2,
        unit="params",
        meaning="weights without biases",
        rank=5,
        total="sum",
        tables="summary params",
        is_asked=True,
        family="params",
        slips="parameters",
        words="weights|weight|number of weights|가중치|가중치 수|가중치 개수|가중치 갯수",
        question="How many weights does {layer} have?",
    ),
    Quantity(
        "biases",
        "biases",
        keep=2,
        unit="params",
        meaning="biases without weights",
        rank=9,
        total="sum",
        tables="summary params",
        is_asked=True,
        slips="parameters",
        words="biases|bias|number of biases|편향|편향 수|편향 개수|바이어스|바이어스 수",
        question="How many biases does {layer} have?",
    ),
    Quantity(
        "params",
        "parameters",
        formula="weights + biases",
        under="counted_params",
        unit="params",
        meaning="weights and biases",
        rank=1,
        total="sum",
        tables="summary params",
        is_asked=True,
        slips="parameters",
        earlier=("weights", "biases"),
        beside="share",
        words="params|param|parameters|parameter|number of parameters|of parameters|no of parameters"
        "|parameter count|total params|learnable parameters|파라미터|파라미터 수|파라미터 개수"
        "|파라미터 갯수|매개변수|매개변수 수|매개변수 개수|모수",
        question="How many learned parameters does {layer} have in all?",
        quiz=("layer1", "block", "total"),
    ),
    Quantity(
        "buffers",
        "buffers",
        keep=6,
        unit="params",
        meaning="running statistics of batch norm",
        rank=10,
        total="sum",
        tables="summary",
        words="buffer|running statistics|non-trainable params|버퍼",
    ),
    Quantity(
        "macs",
        "MACs",
        unit="operations",
        meaning="multiply-accumulates of conv and fc",
        rank=2,
        total="sum",
        tables="summary flops",
        is_asked=True,
        family="flops",
        beside="share",
        slips="operations",
        follows=("size",),
        earlier=("weights",),
        of_output=True,
        words="macs|mac|multiply accumulates|multiply adds|mult adds|madds|mac 연산|mac 수|곱셈 누적|곱셈 덧셈 연산",
        question="How many multiply-accumulates (MACs) does {layer} take for one example? "
        "Padding is counted as any value.",
        quiz=("layer2", "block", "total"),
    ),
    Quantity(
        "flops",
        "FLOPs",
        keep=2,
        field="ops",
        noun="operations",
        unit="operations",
        total="sum",
        tables="summary flops",
        is_asked=True,
        slips="operations",
        follows=("size",),
        earlier=("macs", "weights"),
        of_output=True,
        words="flops|flop|ops|operations|number of operations|연산 횟수|연산횟수|연산량|연산 수|연산",
        question="How many floating-point operations does {layer} take for one example?",
    ),
    Quantity(
        "activations",
        "activations",
        keep=3,
        unit="values",
        meaning="outputs of input, conv, pool and fc, as the lectures count them",
        rank=3,
        total="sum",
        tables="summary memory",
        is_asked=True,
        slips="size",
        of_output=True,
        words="activations|activation|activation map|activation maps|activation size|nodes|neurons"
        "|액티베이션|액티베이션 맵|액티베이션 수|활성화 맵|활성화|활성값|노드 수|뉴런 수",
        question="How many values does the output of {layer} hold?",
    ),
    Quantity(
        "memory",
        "activation bytes",
        field="activation_bytes",
        in_json=False,
        formula="activations",
        instead="outputs",
        scaled="batch",
        beside="MiB",
        unit="bytes",
        meaning="bytes of the activations",
        rank=4,
        total="sum",
        tables="memory",
        is_asked=True,
        slips="memory",
        follows=("size",),
        earlier=("activations",),
        of_output=True,
        words="memory|bytes|activation bytes|memory size|메모리|메모리 크기|바이트|바이트 수",
        question="How many bytes does the output of {layer} take, for a batch of {batch} in {dtype}?",
        quiz=("layer2",),
    ),
    Quantity(
        "outputs",
        "output values",
        keep=6,
        noun="outputs",
        unit="values",
        meaning="outputs of every layer",
        rank=6,
        total="sum",
        tables="memory",
        family="activations",
    ),
    Quantity(
        "output bytes",
        "output bytes",
        keep=5,
        field="output_bytes",
        in_json=False,
        formula="outputs",
        scaled="batch",
        unit="bytes",
        meaning="bytes of the outputs of every layer",
        rank=7,
        total="sum",
        tables="memory",
        family="memory",
    ),
    Quantity(
        "parameter bytes",
        "parameter bytes",
        keep=5,
        field="parameter_bytes",
        in_json=False,
        formula="weights + biases",
        scaled="dtype",
        unit="bytes",
        meaning="bytes of weights and biases",
        rank=8,
        total="sum",
        family="memory",
    ),
    Quantity(
        "receptive_field",
        "receptive field",
        "axes",
        2,
        unit="positions",
        meaning="input positions along an axis that one output position sees",
        rank=13,
        total="last map",
        tables="summary receptive",
        is_asked=True,
        slips="receptive",
        words="receptive field|receptive fields|receptive field size|rf|field"
        "|수용 영역|수용영역|수용장|수용 영역 크기",
        question="How large is the receptive field of one position of the output of {layer}, in the input?",
        quiz=("path",),
    ),
    Quantity(
        "jump",
        "jump",
        "axes",
        4,
        unit="positions",
        meaning="input positions between neighbouring output positions",
        rank=14,
        total="last map",
        tables="summary receptive",
    ),
    Quantity("start", "start", "axes", 5, tables="receptive"),
    Quantity("centred", "centred", "flag", 6, tables="receptive"),
    Quantity("side", "side", "flag", 7),
    Quantity("shares", "weights of", "text", 7),
    Quantity(
        "peak bytes",
        "peak bytes",
        field="peak_bytes",
        unit="bytes",
        meaning="most bytes alive at once in a forward pass, without parameters",
        rank=11,
        total="whole",
        words="peak|peak memory|최대 메모리",
    ),
    Quantity(
        "training bytes",
        "training bytes",
        field="training_bytes",
        unit="bytes",
        meaning="bytes of training: parameters, gradients, optimizer state, what backward keeps",
        rank=12,
        total="whole",
        words="training|training memory|학습 메모리",
    ),
)
"""Every quantity, in the order of the JSON contract; what a row says of itself (its name, its op) stands among them."""

BY_NAME: dict[str, Quantity] = {quantity.name: quantity for quantity in QUANTITIES}
BY_KEY: dict[str, Quantity] = {quantity.key: quantity for quantity in QUANTITIES}
ASKED: tuple[str, ...] = tuple(quantity.name for quantity in QUANTITIES if quantity.is_asked)
"""What can be asked of a layer or a network, everywhere by these names."""
SUMMED: tuple[Quantity, ...] = tuple(quantity for quantity in QUANTITIES if quantity.total == "sum")
"""The quantities whose total is the sum of the rows."""
ROW_FIELDS: tuple[str, ...] = tuple(
    quantity.key for quantity in QUANTITIES if quantity.in_json and quantity.total != "whole"
)
"""The JSON fields of a layer."""
TOTAL_FIELDS: tuple[str, ...] = tuple(
    quantity.key
    for quantity in QUANTITIES
    if quantity.in_json and quantity.total in ("sum", "whole")
)
"""The JSON fields of the totals."""


def shown_in(table: str) -> tuple[str, ...]:
    """Return the keys of the columns that a command's table shows, such as those of `params`."""
    return tuple(quantity.key for quantity in QUANTITIES if table in quantity.tables.split())


def held_against() -> tuple[Quantity, ...]:
    """Return the quantities that a number is held against, the simplest first."""
    ranked = (quantity for quantity in QUANTITIES if quantity.rank)
    return tuple(sorted(ranked, key=lambda quantity: quantity.rank))


EXPLAINED: tuple[str, ...] = (
    *ASKED,
    *("buffers", "outputs", "output bytes", "peak bytes", "training bytes"),
)
"""What `explain` derives: what people ask for, and what the tables say beside."""


def asked_quantity(name: str, known: tuple[str, ...] = ASKED) -> Quantity:
    """Find a quantity by its name, or by another word that people use for it: `shape`, `rf`, `Parameters`.

    Raises SpecError where there is none of `known`, with the nearest.
    """
    quantity = quantity_named(name, known)
    if quantity is None:
        raise unknown_quantity(name, known)
    return quantity


def quantity_named(name: str, known: tuple[str, ...] = ASKED) -> Quantity | None:
    """Find a quantity by its name or by one of its words, in any letters; None where there is none."""
    if name in known:
        return BY_NAME[name]
    word = name.replace("_", " ").strip().casefold()
    if not word:
        return None
    listed = map(BY_NAME.__getitem__, known)
    return next(
        (
            quantity
            for quantity in listed
            if word in (quantity.name, quantity.english, *quantity.words.split("|"))
        ),
        None,
    )


def unknown_quantity(name: str, known: Iterable[str] = ASKED) -> SpecError:
    """Return the error about a name that is no quantity's."""
    hint = suggest(name, known, "it can be {}")
    wrong = message("there is no quantity '{name}'", name=name)
    return single_problem("QUANTITY", name, wrong, hint, "quantity")


__all__ = [
    "ASKED",
    "BY_KEY",
    "BY_NAME",
    "EXPLAINED",
    "QUANTITIES",
    "ROW_FIELDS",
    "SUMMED",
    "TOTAL_FIELDS",
    "Quantity",
    "asked_quantity",
    "held_against",
    "quantity_named",
    "shown_in",
    "unknown_quantity",
]
