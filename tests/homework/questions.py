"""Small questions for the tests of slips: a layer or a few, and what is asked of the last."""

from __future__ import annotations

from functools import cache
from typing import Any

import cnncalc
from cnncalc.homework.answers import read_answer
from cnncalc.homework.candidates import KeyedQuestion
from cnncalc.homework.diagnose import diagnose
from cnncalc.homework.grade import mark
from cnncalc.homework.key import AnswerKey
from cnncalc.homework.questions import Question


@cache
def answer_key(text: str, batch: int = 1, dtype: str = "float32") -> AnswerKey:
    """A network by its name, or a spec's text."""
    net = cnncalc.loads(text) if "\n" in text else cnncalc.load(text)
    return AnswerKey(net, batch=batch, dtype=dtype)


def spec(shape: str, *layers: str) -> str:
    """A spec of some layers, each as YAML."""
    return f"input: {shape}\nlayers:\n" + "".join(f"  - {layer}\n" for layer in layers)


def ask(text: str, layer: str, quantity: str, **settings: Any) -> KeyedQuestion:
    """A question about a layer."""
    return answer_key(text, **settings).question(layer, quantity)


def one(
    op: str, shape: str, quantity: str, batch: Any = 1, dtype: Any = "float32", **fields: object
) -> KeyedQuestion:
    """A question about a network of one layer, named `x`."""
    shown = "".join(f", {name}: {value}" for name, value in fields.items())
    return ask(spec(shape, f"{op}: {{name: x{shown}}}"), "x", quantity, batch=batch, dtype=dtype)


def slips(keyed: KeyedQuestion, given: str) -> tuple[str, ...]:
    """The slips named for an answer, which must be a wrong one."""
    reading = read_answer(keyed.quantity, given)
    assert not reading.problem
    assert isinstance(keyed.key, AnswerKey)
    question = Question(None, "", keyed.key, keyed.layer, keyed.quantity)
    from cnncalc.homework.sheets.read import Answer

    assert mark(question, Answer(given, ""), reading).status in ("wrong", "convention")
    return diagnose(keyed, reading).slips
