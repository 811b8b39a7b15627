"""Where a value came from, and what was wrong with it: Source, Span, Problem, SpecError.

A user's mistake is a value: problems are gathered, sorted by place and shown together. Only `SpecError` carries
them out; any other exception that escapes is a bug of ours.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Source:
    """A named text, such as a file or a command line option."""

    __slots__ = ("_lines", "name", "text")

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        self._lines: list[str] | None = None

    def line(self, number: int) -> str:
        """The text of line `number`, counted from 1; empty past the end."""
        if self._lines is None:
            self._lines = self.text.split("\n")
        return self._lines[number - 1].rstrip("\r") if 0 < number <= len(self._lines) else ""


class Span(NamedTuple):
    """A stretch of one line of a source; line and column count from 1, `length` in characters."""

    source: Source
    line: int
    column: int
    length: int

    def part(self, start: int, length: int) -> Span:
        """The stretch from `start` (from 0) within this one."""
        return Span(self.source, self.line, self.column + start, max(length, 1))


class Problem(NamedTuple):
    """One mistake: what `code` of mistake, where, what is wrong, and at most one hint on what to do.

    `used` are the places through which the guilty line was reached, outermost first: where a block was used.
    """

    span: Span
    code: str
    message: str
    hint: str = ""
    used: tuple[Span, ...] = ()

    @property
    def file(self) -> str:
        """The name of the file, or `-` for standard input."""
        return self.span.source.name

    @property
    def line(self) -> int:
        """The line, from 1."""
        return self.span.line

    @property
    def column(self) -> int:
        """The column, from 1, in characters."""
        return self.span.column

    def __str__(self) -> str:
        """The problem as `file:line:column: error: message`, the line as typed, a caret and the hint."""
        return render_problem(self)


class SpecError(ValueError):
    """A spec, a command's value or a file is wrong. `problems` has every mistake found, sorted by place."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sort_problems(problems)
        super().__init__("\n".join(map(str, self.problems)))


def sort_problems(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Each problem once, in the order of the file; the place where a block was used counts as the place."""
    unique = dict.fromkeys(problems)

    def place(problem: Problem) -> tuple[str, int, int]:
        span = problem.used[0] if problem.used else problem.span
        return span.source.name, span.line, span.column

    return tuple(sorted(unique, key=place))


def single_problem(name: str, text: str, message: str, hint: str = "", code: str = "value") -> SpecError:
    """The error for a value that is not in a spec file, such as an option's: `name` says where it was given."""
    source = Source(name, text)
    return SpecError([Problem(Span(source, 1, 1, max(len(text), 1)), code, message, hint)])


def display_width(text: str) -> int:
    """Columns that `text` takes on a terminal: two for wide (Korean, Chinese, full-width) characters."""
    if text.isascii():
        return len(text)
    import unicodedata

    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def _excerpt(span: Span) -> list[str]:
    """The line as typed and a caret line below it, cut to a window when the line is very long."""
    line = "".join(char if char == "\t" or char.isprintable() else "\N{REPLACEMENT CHARACTER}"
                   for char in span.source.line(span.line)[: span.column + 200]).replace("\t", " ")
    if not line.strip():
        return []
    start = max(0, span.column - 100) if span.column > 110 else 0
    shown = line[start : start + 160]
    before = line[start : span.column - 1]
    marked = line[span.column - 1 : span.column - 1 + span.length]
    carets = max(1, min(display_width(marked.rstrip()) or 1, display_width(shown) - display_width(before)))
    return ["  " + shown.rstrip(), "  " + " " * display_width(before) + "^" * carets]


def render_problem(problem: Problem) -> str:
    """Show one problem; `file:line:column` first, so that editors jump to it."""
    span = problem.span
    lines = [f"{span.source.name}:{span.line}:{span.column}: error: {problem.message}", *_excerpt(span)]
    for use in reversed(problem.used):
        lines.append(f"  used at {use.source.name}:{use.line}:{use.column}: {use.source.line(use.line).strip()[:120]}")
    if problem.hint:
        lines.append(f"  hint: {problem.hint}")
    return "\n".join(lines)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known name closest to `word` in spelling, or None."""
    found = nearest_all(word, known, 1)
    return found[0] if found else None


def nearest_all(word: str, known: Iterable[str], most: int = 3) -> list[str]:
    """Up to `most` known names close to `word` in spelling, the closest first."""
    import difflib

    if len(word) > 60:
        return []
    by_fold = {name.lower(): name for name in known}
    return [by_fold[name] for name in difflib.get_close_matches(word.lower(), list(by_fold), most, cutoff=0.6)]
