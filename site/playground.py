"""What the playground's worker asks: the report of a spec's text or of a model file, or all that is wrong.

Runs in the browser, in Pyodide. An answer is JSON text, so that nothing of Python's outlives a question.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from problems import as_data

import cnncalc
from cnncalc.network import find_spec
from cnncalc.page.live import live_derivations, live_pictures, live_tables
from cnncalc.report.analysis import Report
from cnncalc.spec import completions
from cnncalc.spec.variant_text import own_text

SPEC_NAME = "spec.yaml"
"""What problems call the editor's text."""

_typed: list[cnncalc.Network] = []
"""The last spec that was sound, if there was one."""
_shown: list[Report] = []
"""The last report, if there was one: what is clicked is a layer of it."""
_NOTHING = {"nets": [[[0, 0]]], "derivations": [], "strings": []}
"""What is derived of a layer that is no more, as when a page is older than the last report."""


def show_text(text: str, lang: str, input: str = "") -> str:
    """Answer with the tables of a spec's text, with another input where one is given, or with its problems."""
    return _answer(lambda: _load(text, input), lang)


def _load(text: str, input: str) -> cnncalc.Network:
    _typed[:] = [cnncalc.loads(text, SPEC_NAME, input or None)]
    return _typed[0]


def show_file(name: str, data: bytes, lang: str) -> str:
    """Answer with the tables of a model file that `data` holds, or with its problems."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, re.sub(r"[^\w.+-]", "_", name)[-100:].lstrip(".") or "model")
        path.write_bytes(data)
        return _answer(lambda: cnncalc.load(path), lang)


def complete(text: str, place: int) -> str:
    """Answer with what may stand at a place of a spec's text, which is counted in characters."""
    names = _typed[0].layer_names if _typed else ()
    found = completions.complete(text, place, names)
    return json.dumps(
        {"start": found.start, "end": found.end, "found": [one._asdict() for one in found.found]}
    )


def spec_text(name: str, lang: str) -> str:
    """Answer with the text of a spec that ships, by its name or alias, a variant's too; or with what is wrong."""
    try:
        spec = find_spec(name)
        return json.dumps({"network": spec.name, "text": own_text(spec), "problems": []})
    except cnncalc.SpecError as error:
        return json.dumps({"problems": as_data(error, SPEC_NAME, lang)})


def pictures(lang: str) -> str:
    """Answer with the pictures of the last report."""
    return json.dumps(live_pictures(_shown[0], lang) if _shown else {})


def derive(place: int, lang: str) -> str:
    """Answer with what is derived of a layer of the last report, by its place; with nothing where it has none there."""
    is_there = bool(_shown) and place < len(_shown[0].graph.nodes)
    return json.dumps(live_derivations(_shown[0], place, lang) if is_there else _NOTHING)


def _answer(load: Callable[[], cnncalc.Network], lang: str) -> str:
    """Give the tables of what is loaded, or the problems."""
    try:
        network = load()
        report = network.report()
        answer: dict[str, Any] = {
            "network": live_tables(report, lang),
            "notes": list(network.model.notes) if network.model else [],
            "problems": [],
        }
        _shown[:] = [report]
    except cnncalc.SpecError as error:
        answer = {"network": None, "problems": as_data(error, SPEC_NAME, lang)}
    return json.dumps(answer)
