"""Wrong ideas that are no slip: of what they give hardly anything may be told to be one."""

from __future__ import annotations

import importlib.util
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest
from extent import SWEEP

from cnncalc.homework.answers import read_answer
from cnncalc.homework.diagnose import diagnose
from cnncalc.homework.variant import Value
from cnncalc.spec.quantities import ASKED

from .questions import answer_key

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
NETWORKS = ("alexnet",)


@pytest.fixture(scope="module")
def ideas() -> ModuleType:
    """The misconceptions that the benchmark measures over eleven networks."""
    return benchmark("misconceptions")


def benchmark(name: str) -> ModuleType:
    """Load a module of the benchmarks."""
    spec = importlib.util.spec_from_file_location(name, BENCHMARKS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def text_of(value: Value) -> str:
    """A shape as 55x55x96."""
    return "x".join(map(str, value)) if isinstance(value, tuple) else str(value)


def test_few_false_stories_are_told_of_misconceptions_that_are_no_slip(ideas: ModuleType) -> None:
    assert len(ideas.MISCONCEPTIONS) >= 30
    tried = told = 0
    for name in NETWORKS:
        key = answer_key(name, batch=16)
        for layer in key.net.layer_names:
            for quantity in ASKED if not key.row(layer).quiet else ():
                keyed = key.question(layer, quantity)
                integers = ideas.layer_of(keyed) if keyed.right else None
                if integers is None:
                    continue
                for idea in ideas.MISCONCEPTIONS:
                    if idea.quantity != quantity or integers.kind not in idea.kinds:
                        continue
                    value = idea.value(integers)
                    if value not in (None, keyed.right):
                        found = diagnose(keyed, read_answer(quantity, text_of(value)))
                        tried += 1
                        told += bool(found.slips or found.convention)
    assert tried > 100
    assert told <= 0.04 * tried


def test_the_integers_are_those_of_the_layer(ideas: ModuleType) -> None:
    """AlexNet's conv2: 27×27×96 in, 256 filters of 5×5, padding 2."""
    layer = ideas.layer_of(answer_key("alexnet").question("conv2", "params"))
    assert layer[:8] == ("conv", 27, 5, 1, 2, 96, 256, 27)
    assert (layer.weights, layer.colours) == (614400, 3)
    assert layer.path == ((11, 4), (3, 2), (5, 1))


def test_wrong_answers_made_up_without_the_slips_are_told_the_truth_or_nothing() -> None:
    """Of ideas that are slips four fifths are told truly, and few of any a false story; no answer has full marks."""
    told: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    for idea, kind in benchmark("wrong_answers").graded(every=1 if SWEEP else 7):
        told[bool(idea.slips)][kind] += 1
    for counts in told.values():
        assert counts["full marks"] == 0
        assert counts["false story"] <= 0.04 * counts.total()
    assert told[True]["truly"] >= 0.8 * told[True].total()
