"""A question as a homework file has it."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.ops.field_types import quoted
from cnncalc.quiz.prove import Item, Wrong
from cnncalc.spec.quantities import BY_NAME


def question_lines(item: Item, lang: str) -> Iterator[str]:
    """Yield a question of a quiz as a homework file has it, below what its answers are."""
    question = item.question
    yield f"  # {item.id}: {item.answer}"
    offered = set(item.offered)
    for wrong in dict.fromkeys((*item.told_apart, *item.offered)):
        yield f"  #   {wrong.text}: {_slips(wrong)}{' (offered)' if wrong in offered else ''}"
    yield f"  - id: {item.id}"
    yield f"    text: {quoted(item.wording.text(lang))}"
    yield from (f"    {key}: {value}" for key, value in item.about.items())
    yield f"    layer: {quoted(question.layer)}"
    yield f"    quantity: {question.quantity}"
    report = question.answer_key.report
    if BY_NAME[question.quantity].scaled:
        yield f"    batch: {report.batch}"
        yield f"    dtype: {report.dtype}"


def _slips(wrong: Wrong) -> str:
    return " or ".join(wrong.slips) or "no slip"
