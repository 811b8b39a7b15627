"""What once failed under `tools/fuzz.py`, tried again, and each surface for a moment."""

from __future__ import annotations

import importlib.util
import os
import random
import sys
import time
from pathlib import Path

import pytest
from extent import tries

TOOL = Path(__file__).parent.parent / "tools" / "fuzz.py"
_spec = importlib.util.spec_from_file_location("fuzz", TOOL)
assert _spec is not None
assert _spec.loader is not None
fuzz = importlib.util.module_from_spec(_spec)
sys.modules["fuzz"] = fuzz
_spec.loader.exec_module(fuzz)
engine = sys.modules["fuzzing.engine"]


@pytest.mark.parametrize(
    "words", list(fuzz.corpus()), ids=lambda words: Path(words[-1]).parent.name
)
def test_what_failed_once(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert not fuzz.attempt(words).wrong


@pytest.mark.parametrize("surface", fuzz.SURFACES)
def test_a_few_inputs_of_each_surface(
    surface: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    trial = engine.Trial(surface, fuzz.SURFACES[surface].make, "corpus", tmp_path)
    for index in range(tries(4, 30)):
        words = trial.words(index)
        assert not fuzz.attempt(words).wrong, words


# ---- the tool itself -------------------------------------------------------------------------------------------------


def reader(text: str) -> None:
    """What may go wrong: nothing, a refusal, a bug, a loop without end, too much memory, an end of the process."""
    if text == "refused":
        raise ValueError("no such thing")
    if text == "bug":
        raise KeyError(text)
    if text == "endless":
        while True:
            time.process_time()
    if text == "large":
        bytearray(2**30)
    if text == "gone":
        os._exit(3)


FATES = ("fine", "refused", "bug", "endless", "large", "gone", "fine")


def fated(rng: random.Random, _folder: Path) -> list[str]:
    """Any of the fates."""
    return ["'fate'", rng.choice(FATES)]


def test_a_worker_that_ends_costs_its_input_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(engine.READERS, "'fate'", reader)
    monkeypatch.setattr(engine, "MAX_SECONDS", 0.1)
    count = 24
    fates = [fated(random.Random(f"fates 1 {index}"), tmp_path)[1] for index in range(count)]
    assert set(fates) == set(FATES)
    tally = engine.tried("fates", fated, 1, count=count, keep=tmp_path)
    wrong = [fate for fate in fates if fate not in ("fine", "refused")]
    assert (tally.inputs, tally.failed) == (count, len(wrong))
    assert tally.accepted == fates.count("fine")
    said = " ".join(tally.failures)
    for words in ("KeyError: 'bug'", "MemoryError", "was ended: 3", "was ended: -27"):
        assert words in said
    assert len(list(tmp_path.glob("fates-1-*/command.txt"))) >= len(set(wrong))
