"""`tools/mutate.py` finds what tests miss: mutants are what they are said to be, and die where a test looks."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import mutants  # noqa: E402


@pytest.mark.parametrize(
    ("code", "changed"),
    [
        ("a < b", ["a <= b"]),
        ("a < b == c", ["a <= b == c", "a < b != c"]),
        ("a & b", []),
        ("a * b", ["a // b"]),
        ("a and b and c", ["b and c", "a and c", "a and b"]),
        ("a or b", ["b", "a"]),
        ("not a", ["a"]),
        ("a if b else c", ["a", "c"]),
        ("True", ["False"]),
        ("7", ["8", "6"]),
        ("'text'", []),
        ("any", ["all"]),
    ],
)
def test_what_an_expression_is_changed_to(code: str, changed: list[str]) -> None:
    expression = ast.parse(code, mode="eval").body
    assert [ast.unparse(made) for _, made in mutants.changes(expression)] == changed


def test_every_change_has_the_line_that_it_is_on(tmp_path: Path) -> None:
    """By its line it is known which tests reach it."""
    path = tmp_path / "x.py"
    path.write_text(
        "x = (\n    1,\n    [\n        y\n        for y in z\n        if y < 2\n    ],\n)\n"
    )
    assert {(place.line, place.change) for place in mutants.places(path)} == {
        (2, 0),  # 1 is 2,
        (2, 1),  # or 0
        (5, 0),  # without the if
        (6, 0),  # <= for <, and 3 for 2
        (6, 1),  # 1 for 2
    }


def test_a_number_is_known_by_what_it_is_in() -> None:
    path = ROOT / "cnncalc/ops/reduce.py"
    made = filter(None, map(mutants.mutant_of, mutants.places(path)))
    one = next(mutant for mutant in made if mutant.within == "inputs[0]")
    assert str(one).endswith(": number: 0  ->  1  in  inputs[0]")
    short = "cnncalc/ops/reduce.py: `0` -> `1`"
    assert one.is_in({short})
    assert one.is_in({f"{short} in `inputs[0]`"})
    assert not one.is_in({f"{short} in `outputs[0]`"})


def test_a_mutant_dies_where_a_test_looks_and_survives_where_none_can_see_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A third is no half; that whole fractions are divided as ints are changes no result.

    Options of pytest that stand in the environment, as CI's for coverage do, are no matter.
    """
    monkeypatch.setenv("PYTEST_ADDOPTS", "--cov --cov-report=term")

    def tried(code: str) -> subprocess.CompletedProcess[str]:
        lines = (ROOT / "cnncalc/text/exact.py").read_text(encoding="utf-8").splitlines()
        (line,) = (at for at, text in enumerate(lines, 1) if text.strip() == code)
        one = f"--only=cnncalc/text/exact.py:{line}"
        command = [sys.executable, "tools/mutate.py", "--tests", "tests/test_words.py", one]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    half = tried("return ratio(value, 2)")
    assert (half.returncode, half.stdout.split()[-5:]) == (0, ["all", "2", "2", "0", "100.0%"])
    both = tried("if isinstance(numerator, int) and isinstance(denominator, int):")
    assert both.returncode == 1
    assert (
        "part left out: isinstance(numerator, int) and isinstance(denominator, int)" in both.stdout
    )
