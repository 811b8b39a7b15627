"""Where the steps of a PyTorch export stand: functions that are spelled out put together, and the name of each row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from cnncalc.models.builder import path
from cnncalc.models.pt2 import ExportedOp
from cnncalc.models.rows import Where

COPIES = ("contiguous", "clone", "detach", "alias", "to", "_to_copy", "lift_fresh_copy", "type_as")
MOVES = frozenset(
    f"aten.{name}"
    for name in (
        *COPIES, "permute", "transpose", "swapaxes", "t", "mT", "unsqueeze", "squeeze", "view", "reshape", "flatten",
        "unflatten", "_unsafe_view", "pad", "constant_pad_nd", "expand", "select", "slice", "chunk", "split",
        "split_with_sizes", "tensor_split", "unbind", "narrow", "movedim",
    )
)  # fmt: skip
"""Ops that only move values: a module that does one other thing beside them is called for that."""


def collapsed(steps: Iterable[ExportedOp]) -> Iterator[ExportedOp]:
    """Yield the steps, with those that a function, or a class of our own code, spells out put together to one."""
    for (_, collapse), group in groupby(steps, _spelling):
        together = list(group)
        yield from together if collapse is None else collapse(together)


def _spelling(step: ExportedOp) -> tuple[object, _Collapse | None]:
    """Return what the steps of one call of a function or a class have in common, and what puts them together."""
    function = _SPELLED_OUT.get(step.function.rpartition("_")[0])
    if function is not None:
        return step.function, function
    own = OWN_CLASSES.get(step.call.cls.rpartition(".")[2][:-2])
    return (step.call.key, own) if own is not None else (step, None)


def _lrn_step(steps: list[ExportedOp]) -> Iterator[ExportedOp]:
    """Local response norm: squares, an average pool over the channels, a power and a quotient; else as they are."""
    pools = [step for step in steps if step.op.startswith("aten.avg_pool")]
    if len(pools) != 1:
        yield from steps
        return
    size = pools[0].arguments["kernel_size"]["as_ints"][0]
    arguments = {"self": steps[0].arguments["self"], "size": {"as_int": size}}
    yield steps[-1]._replace(op="local_response_norm", arguments=arguments)


def _attention_step(steps: list[ExportedOp]) -> Iterator[ExportedOp]:
    """Multi-head attention with its projections, where PyTorch's fused kernel is among the steps; else as they are."""
    made = {output: step for step in steps for output in step.outputs}
    fused = [step for step in steps if step.op == "aten.scaled_dot_product_attention"]
    query = made.get(fused[0].arguments["query"]["as_tensor"]["name"]) if len(fused) == 1 else None
    sizes = [] if query is None else query.arguments.get("size", {}).get("as_ints", [])
    if len(sizes) != 4:
        yield from steps
        return
    names = dict.fromkeys(name for step in steps for name in tensors_of(step) if name not in made)
    arguments = {
        "tensors": {"as_tensors": [{"name": name} for name in names]},
        "heads": {"as_int": sizes[1]},
    }
    yield steps[-1]._replace(op="multi_head_attention", arguments=arguments)


def _trained_pool_step(steps: list[ExportedOp]) -> Iterator[ExportedOp]:
    """LeNet-5's pool, as the code that we write has it: a mean, a product and a sum."""
    pools = [step for step in steps if step.op.startswith("aten.avg_pool")]
    learned = [_other(step) for step in steps if step.op in ("aten.mul", "aten.add")]
    if len(pools) != 1 or len(learned) != 2 or not all(learned):
        yield from steps
        return
    arguments = {**pools[0].arguments, "weight": learned[0], "bias": learned[1]}
    yield steps[-1]._replace(op="trained_pool", arguments=arguments)


def _other(step: ExportedOp) -> Mapping[str, Any]:
    """Return the second operand, where it is a tensor."""
    other = step.arguments.get("other", {})
    return other if "as_tensor" in other else {}


def _position_bias_step(steps: list[ExportedOp]) -> Iterator[ExportedOp]:
    """Return a convolution, as the code that we write has it, with its sum as its bias."""
    conv, add = steps[0], steps[-1]
    is_sum = add.op == "aten.add" and conv.op.startswith("aten.conv")
    if len(steps) != 2 or not is_sum or not _other(add):
        yield from steps
        return
    arguments = {**conv.arguments, "bias": _other(add)}
    yield conv._replace(arguments=arguments, outputs=add.outputs)


def _table_step(steps: list[ExportedOp]) -> Iterator[ExportedOp]:
    """Return a convolution of one filter for each list of selected maps, as the code that we write has it."""
    made = {output: step for step in steps for output in step.outputs}
    convs = [step for step in steps if step.op.startswith("aten.conv")]
    maps = [
        _selected(made.get(conv.arguments["input"]["as_tensor"]["name"]), made) for conv in convs
    ]
    splits = [step for step in steps if step.op.startswith("aten.split")]
    if not maps or not all(maps) or len(splits) != 1:
        yield from steps
        return
    first = next(step for step in steps if step.op == "aten.select")
    sums = [step.arguments["self"] for step in steps if step.op in ("aten.view", "aten.reshape")]
    arguments = {
        **convs[0].arguments,
        "input": first.arguments["self"],
        "weight": splits[0].arguments["self"],
        "connections": {"maps": tuple(maps)},
        **({"bias": sums[0]} if sums else {}),
    }
    yield steps[-1]._replace(op="table_conv", arguments=arguments)


def _selected(stack: ExportedOp | None, made: Mapping[str, ExportedOp]) -> tuple[int, ...]:
    """Return which maps are stacked; none where they are not selected one by one."""
    if stack is None or stack.op != "aten.stack":
        return ()
    chosen = [made.get(name) for name in tensors_of(stack)]
    selects = [step for step in chosen if step is not None and step.op == "aten.select"]
    return tuple(step.arguments["index"]["as_int"] for step in selects)


_Collapse = Callable[[list[ExportedOp]], Iterator[ExportedOp]]

_SPELLED_OUT: dict[str, _Collapse] = {
    "local_response_norm": _lrn_step,
    "multi_head_attention_forward": _attention_step,
}
"""Functions that are several steps of the graph, and one row."""
OWN_CLASSES: dict[str, _Collapse] = {
    "TrainedPool": _trained_pool_step,
    "TableConv": _table_step,
    "PositionBiasConv": _position_bias_step,
}
"""Classes, without their number of axes, that the code brings along which `convert --to torch` writes."""


def tensors_of(step: ExportedOp) -> list[str]:
    """Return the names of the tensors among a step's arguments."""
    names: list[str] = []
    for argument in step.arguments.values():
        (kind, value), *_ = argument.items()
        if kind == "as_tensor":
            names.append(value["name"])
        elif kind == "as_tensors":
            names += [tensor["name"] for tensor in value]
        elif kind == "as_optional_tensors":
            names += [tensor["as_tensor"]["name"] for tensor in value if "as_tensor" in tensor]
    return names


class Places:
    """Which name each step's row has: its module's where it is the one thing that a leaf module does."""

    def __init__(self, steps: Sequence[ExportedOp]) -> None:
        self.inner = {call.path for step in steps for call in step.calls[:-1]}
        self.significant = Counter(step.call.key for step in steps if step.op not in MOVES)
        self.all = Counter(step.call.key for step in steps)

    def of(self, step: ExportedOp, owner: str | None = None) -> Where:
        """Where the row of a step stands; `owner` is the module that holds its weights."""
        call = step.call
        leaf = bool(call.path) and call.path not in self.inner
        tags = _tags_of(step, leaf)
        if owner and owner != call.path and owner.startswith(f"{call.path}." if call.path else ""):
            return Where(path(owner), "", tags)
        count = self.all[call.key] if step.op in MOVES else self.significant[call.key]
        if leaf and count == 1 and (step.op not in MOVES or not self.significant[call.key]):
            return Where(path(call.path), "", tags)
        if leaf and self.significant[call.key] == 1:
            return Where("", path(call.path.rpartition(".")[0]), tags)
        return Where("", path(call.path), tags)


def _tags_of(step: ExportedOp, leaf: bool) -> tuple[str, ...]:
    """Tell what tools that hook modules make of a step.

    A leaf module of somebody's own class is taken to extend PyTorch's layer whose name is in its own, as LayerNorm2d
    after LayerNorm: the file does not say what a class extends.
    """
    cls = step.call.cls
    if leaf and _is_torchs(cls):
        return ()
    own_name = cls.rpartition(".")[2].lower()
    extends = leaf and step.op.removeprefix("aten.").replace("_", "") in own_name
    return ("functional", "subclass") if extends else ("functional",)


def _is_torchs(cls: str) -> bool:
    """Whether a module's class is one of PyTorch's own layers, which tools that hook modules know."""
    return cls.startswith("torch.nn.modules.") and not cls.endswith(
        ("MultiheadAttention", "TransformerEncoderLayer")
    )
