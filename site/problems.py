"""Problems as the pages show them: each with its place from 1 and in characters, or without where it is elsewhere."""

from __future__ import annotations

from typing import Any

import cnncalc
from cnncalc.text.messages import in_language


def as_data(error: cnncalc.SpecError, shown: str, lang: str) -> list[dict[str, Any]]:
    """Give the problems of an error, in a language where they have one.

    `shown` is what the text that stands on the page is called in them.
    """
    return [
        {
            "line": problem.line,
            "column": problem.column,
            "length": problem.span.length,
            "message": in_language(problem.message, lang),
            "hint": in_language(problem.hint, lang),
            "inText": problem.file == shown,
        }
        for problem in error.problems
    ]
