"""The `result.json` of Classroom 50, held to what its schema `result-v1` requires."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from cnncalc.cli import main

TEXT = {"type": "string", "minLength": 1}
COUNT = {"type": "integer", "minimum": 0}
SCHEMA = {  # the rules of github.com/foundation50/classroom50, schemas/result-v1.schema.json
    "type": "object",
    "additionalProperties": False,
    "required": [
        "schema", "classroom", "assignment", "assignment_type", "owner", "submission", "commit", "release",
        "review", "datetime", "score", "max-score", "tests",
    ],
    "properties": {
        "schema": {"const": "classroom50/result/v1"},
        **dict.fromkeys(("classroom", "assignment", "owner", "commit", "release", "review"), TEXT),
        "assignment_type": {"enum": ["individual", "group"]},
        "submission": {"type": "string", "pattern": "^submit/"},
        "datetime": {
            "type": "string",
            "pattern": r"^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$",
        },
        "score": COUNT,
        "max-score": COUNT,
        "tests": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["test-name", "passed", "score", "max-score"],
                "properties": {
                    "test-name": TEXT,
                    "passed": {"type": "boolean"},
                    "score": COUNT,
                    "max-score": COUNT,
                },
            },
        },
    },
}  # fmt: skip
RUNNER = {
    "CLASSROOM": "cnn",
    "ASSIGNMENT": "hw1",
    "OWNER": "kim",
    "SUBMISSION_TAG": "submit/2026-06-01T14-32-05Z-a1b2c3d",
    "COMMIT_URL": "https://example.org/commit/1",
    "RELEASE_URL": "https://example.org/releases/1",
}
HOMEWORK = (
    "partial: {no-bias: 0.5}\nquestions:\n"
    "- {id: q1, network: alexnet, layer: conv1, quantity: params, points: 3}\n"
    "- {id: q2, network: alexnet, layer: conv1, quantity: output, points: 1.5}\n"
)


@pytest.fixture
def result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Any:
    def run(text: str, told: dict[str, str] = RUNNER) -> Any:
        for name in (*RUNNER, "USERNAME", "REVIEW_URL", "ASSIGNMENT_TYPE"):
            monkeypatch.delenv(name, raising=False)
        for name, value in told.items():
            monkeypatch.setenv(name, value)
        (tmp_path / "hw.yaml").write_text(HOMEWORK)
        (tmp_path / "a.yaml").write_text(text)
        words = ["--homework", str(tmp_path / "hw.yaml"), str(tmp_path / "a.yaml")]
        code = main(["check", *words, "--format", "classroom50"])
        out, err = capsys.readouterr()
        return code, json.loads(out) if out else None, err

    return run


def test_points_are_whole_numbers(result: Any) -> None:
    code, document, _ = result("q1: 34848\nq2: 55x55x96\n")
    jsonschema.validate(document, SCHEMA)
    assert code == 1
    assert (document["score"], document["max-score"]) == (
        6,
        9,
    )  # halves of a point: 1.5 and 1.5 of 3 and 1.5
    assert [(one["score"], one["max-score"], one["passed"]) for one in document["tests"]] == [
        (3, 6, False),
        (3, 3, True),
    ]
    assert document["review"] == document["commit"]


def test_what_cannot_be_read(result: Any) -> None:
    code, document, _ = result("%PDF-1.4")
    jsonschema.validate(document, SCHEMA)
    assert code == 2
    assert (document["score"], document["max-score"]) == (0, 1)
    assert "PDF" in document["tests"][0]["output"]


def test_the_runners_words_are_taken_as_they_are(result: Any) -> None:
    told = {**RUNNER, "ASSIGNMENT_TYPE": "group", "REVIEW_URL": "https://example.org/compare"}
    _, document, _ = result("q1: 1\n", told)
    assert (document["assignment_type"], document["review"]) == ("group", told["REVIEW_URL"])


def test_outside_the_runner(result: Any) -> None:
    code, document, err = result("q1: 1\n", {})
    assert (code, document) == (2, None)
    assert "CLASSROOM is not in the environment" in err
