"""The page docs/engineer.md: its Python, run, exports the file that its commands read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import cnncalc

from .conftest import require

require("torch")

ROOT = Path(__file__).parents[2]


def test_the_pages_code_exports_the_file_of_its_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (ROOT / "docs" / "engineer.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"^```py\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    monkeypatch.chdir(tmp_path)
    exec(code, {"__name__": "page"})
    ours, kept = (
        cnncalc.load(str(folder / "mine.pt2")).report()
        for folder in (tmp_path, ROOT / "tests" / "models" / "files")
    )
    assert ours.rows == kept.rows
    assert ours.totals.params == 2426  # 896 + 64 + 264 + 584 + 288 + 330
