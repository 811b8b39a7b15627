"""What once failed under `tools/fuzz.py`, tried again, and each surface for a moment."""

from __future__ import annotations

import importlib.util
import random
import sys
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
    rng = random.Random(f"corpus {surface}")
    for _ in range(tries(5, 30)):
        words = fuzz.SURFACES[surface](rng, tmp_path)
        assert not fuzz.attempt(words).wrong, words
