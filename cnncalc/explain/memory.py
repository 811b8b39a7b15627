"""Where memory goes: the tensors that are alive at the peak, and the parts of what training holds."""

from __future__ import annotations

from cnncalc.ops.base import Step
from cnncalc.report.analysis import Report
from cnncalc.report.memory import OPTIMIZERS, parameter_bytes
from cnncalc.text.messages import Phrase, joined, message

MAX_TENSORS = 12
"""Of more tensors alive at once than this, the smaller ones are one term."""


def peak_steps(report: Report, index: int) -> tuple[Step, ...]:
    """Add up the tensors that are alive while a layer runs, each by the layer that made it."""
    nodes = report.graph.nodes
    alive = sorted(report.totals.memory.alive(index), key=lambda moment: -moment.bytes)
    terms = [(nodes[moment.place].name, moment.bytes) for moment in alive]
    if len(terms) > MAX_TENSORS:
        rest = terms[MAX_TENSORS - 1 :]
        terms[MAX_TENSORS - 1 :] = [(f"{len(rest)} more", sum(size for _, size in rest))]
    total = sum(size for _, size in terms)
    return (
        Step(
            "alive",
            " + ".join(name for name, _ in terms),
            " + ".join(f"{size:,}" for _, size in terms),
            byte_count(total),
            message("while {layer} runs", layer=nodes[index].name),
        ),
    )


def training_steps(report: Report) -> tuple[Step, ...]:
    """Add up parameters, gradients, the optimizer's state and what the backward pass keeps."""
    totals, training = report.totals, report.totals.memory.training
    width, slots = parameter_bytes(report.dtype), OPTIMIZERS[report.optimizer]
    params = f"{totals.params:,}"
    steps = [
        _step("parameters", message("params·bytes"), f"{params}·{width}", training.parameters),
        _step(
            "copies", message("2-byte copies of what layers with MACs have"), "", training.copies
        ),
        _step("gradients", message("params·bytes"), f"{params}·{width}", training.gradients),
        _step(
            "state",
            message("params·bytes·(numbers that {optimizer} keeps)", optimizer=report.optimizer),
            f"{params}·{width}·{slots}",
            training.state,
        ),
        _step("kept", message("tensors that the backward pass needs"), "", training.kept),
    ]
    parts = [step for step in steps if step.result != "0 bytes"]
    total = Step(
        "training",
        joined([message(step.symbol) for step in parts], "{first} + {second}"),
        " + ".join(step.result.removesuffix(" bytes") for step in parts),
        byte_count(training.total),
    )
    return (*parts, total)


def _step(symbol: str, formula: str, numbers: str, result: int) -> Step:
    shown = byte_count(result)
    return Step(symbol, formula, numbers or shown, shown)


def byte_count(count: int) -> Phrase:
    """Say how many bytes: `1,024 bytes`."""
    return message("{count} bytes", count=f"{count:,}")


__all__ = ["byte_count", "peak_steps", "training_steps"]
