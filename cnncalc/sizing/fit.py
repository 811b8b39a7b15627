"""What fits a memory: the largest batch, or the largest input, for inference or for training.

Inference holds the parameters and the most activations alive at once, for each example of the batch. Training holds
parameters, gradients, the optimizer's state, and what the backward pass keeps. Both are a fixed part and a part for
each example, so that the largest batch is one division. What a framework takes for itself (its context, workspaces,
fragmentation) is not counted.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from cnncalc.network import Network
from cnncalc.ops.shapes import format_shape
from cnncalc.report.memory import DTYPES
from cnncalc.spec.bounds import Bound
from cnncalc.text.messages import Phrase, message
from cnncalc.text.source import SpecError

MAX_INPUT = 1 << 20
"""Sizes of an input that are tried, in positions along an axis."""


class LargestFit(NamedTuple):
    """The largest batch or input that fits; `size` is 0 where none does.

    `fixed` bytes are taken whatever the size, `each` more for every example; `used` are taken at the largest size.
    """

    what: str
    memory: int
    size: int
    fixed: int
    each: int
    used: int
    formula: str
    numbers: str


def bytes_taken(net: Network, batch: int, dtype: str, optimizer: str | None) -> tuple[int, int]:
    """Bytes that a pass takes: the part that does not depend on the batch, and all of it.

    `optimizer` None is inference.
    """
    first, second = (_bytes(net, size, dtype, optimizer) for size in (1, 2))
    fixed = 2 * first - second
    return fixed, fixed + (second - first) * batch


def _bytes(net: Network, batch: int, dtype: str, optimizer: str | None) -> int:
    report = net.report(batch=batch, dtype=dtype, optimizer=optimizer or "sgd")
    if optimizer is not None:
        return report.totals.training_bytes
    return report.totals.params * DTYPES[report.dtype] + report.totals.peak_bytes


def fit_batch(net: Network, memory: Bound, dtype: str, optimizer: str | None) -> LargestFit:
    """Find the largest batch: (memory − fixed) // each."""
    limit = int(memory.limit)
    fixed, single = bytes_taken(net, 1, dtype, optimizer)
    each = single - fixed
    size = max((limit - fixed) // each, 0)
    return LargestFit(
        "batch",
        limit,
        size,
        fixed,
        each,
        fixed + each * size,
        message("⌊(memory − fixed) / bytes an example⌋"),
        f"⌊({limit:,} − {fixed:,}) / {each:,}⌋",
    )


def fit_input(
    net: Network, memory: Bound, dtype: str, optimizer: str | None, *, batch: int, step: int
) -> LargestFit:
    """Find the largest square input of a multiple of `step` positions, by bisection; larger ones take more.

    Raises SpecError where the network takes no other input.
    """
    limit = int(memory.limit)

    def taken(positions: int) -> int:
        return bytes_taken(net.with_(positions), batch, dtype, optimizer)[1]

    own = max(net.graph.input[:-1]) // step * step or step
    taken(own)
    low, high = 0, own
    while high <= MAX_INPUT and _fits(taken, high, limit):
        low, high = high, high * 2
    while high - low > step:
        middle = (low + high) // 2 // step * step
        low, high = (middle, high) if _fits(taken, middle, limit) else (low, middle)
    used = taken(low) if low else 0  # raises where what fits is too small for the network
    return LargestFit(
        "input",
        limit,
        low,
        0,
        0,
        used,
        message("the largest multiple of {step} that fits", step=step),
        message("{used} of {limit} bytes", used=f"{used:,}", limit=f"{limit:,}"),
    )


def _fits(taken: Callable[[int], int], positions: int, limit: int) -> bool:
    try:
        return taken(positions) <= limit
    except SpecError:  # too small for its kernels: a larger one may do
        return True


def assumptions(dtype: str, optimizer: str | None, given: int | tuple[int, ...]) -> Phrase:
    """Say what a fit counts: of which pass, in which values, and what it leaves out."""
    counted = (
        message("inference: parameters, and the most activations alive at once")
        if optimizer is None
        else message(
            "training with {optimizer}: parameters, gradients, state, what backward keeps",
            optimizer=optimizer,
        )
    )
    what = (
        message("batch {size}", size=given)
        if isinstance(given, int)
        else message("input {size}", size=format_shape(given))
    )
    return message(
        "{counted}; {dtype}, {what}; what a framework takes for itself is not counted",
        counted=counted,
        dtype=dtype,
        what=what,
    )


__all__ = ["LargestFit", "assumptions", "bytes_taken", "fit_batch", "fit_input"]
