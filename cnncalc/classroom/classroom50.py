"""The `result.json` of Classroom 50, CS50's successor of GitHub Classroom.

Its form is `classroom50/result/v1` (github.com/foundation50/classroom50: `schemas/result-v1.schema.json`, and "Advanced
Autograding" in its wiki): scores are whole numbers, and what was graded is told by the runner in the environment.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from fractions import Fraction
from math import lcm
from typing import Any

from cnncalc.classroom.gradebook import Submission
from cnncalc.homework import report
from cnncalc.text.source import single_problem

SCHEMA = "classroom50/result/v1"
_TOLD = {
    "classroom": ("CLASSROOM",),
    "assignment": ("ASSIGNMENT",),
    "owner": ("OWNER", "USERNAME"),
    "submission": ("SUBMISSION_TAG",),
    "commit": ("COMMIT_URL",),
    "release": ("RELEASE_URL",),
}
"""What the runner tells, by the variables in which it does."""


def classroom50_result(
    submission: Submission, telling: report.Telling, environment: Mapping[str, str]
) -> dict[str, Any]:
    """Make the result of one submission. Raises SpecError outside Classroom 50's runner."""
    told = {key: _told(environment, names) for key, names in _TOLD.items()}
    tests = _tests(submission, telling)
    return {
        "schema": SCHEMA,
        **told,
        "assignment_type": environment.get("ASSIGNMENT_TYPE") or "individual",
        "review": environment.get("REVIEW_URL") or told["commit"],
        "datetime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "score": sum(test["score"] for test in tests),
        "max-score": sum(test["max-score"] for test in tests),
        "tests": tests,
    }


def _told(environment: Mapping[str, str], names: tuple[str, ...]) -> str:
    found = next((environment[name] for name in names if environment.get(name)), None)
    if found is None:
        raise single_problem(
            "--format",
            "classroom50",
            f"{names[0]} is not in the environment",
            "Classroom 50's runner sets it; this format is for its autograder.py",
            "option",
        )
    return found


def _tests(submission: Submission, telling: report.Telling) -> list[dict[str, Any]]:
    """Make a test of each question; what cannot be read is a test by itself, as none of it passes."""
    graded = submission.graded
    if graded is None:
        output = report.unread_document(submission.reason, telling.lang)["output"]
        return [
            {"test-name": "sheet", "passed": False, "score": 0, "max-score": 1, "output": output}
        ]
    unit = lcm(
        *(
            Fraction(points).denominator
            for cell in graded.cells
            for points in (cell.points, cell.question.points)
        )
    )
    return [
        {
            "test-name": test["name"],
            "passed": cell.points == cell.question.points,
            "score": int(cell.points * unit),
            "max-score": int(cell.question.points * unit),
            "output": test["output"],
        }
        for cell, test in zip(
            graded.cells, report.gradescope_document(graded, telling)["tests"], strict=True
        )
    ]


__all__ = ["SCHEMA", "classroom50_result"]
