"""Where a value came from, and what was wrong with it: Source, Span, Problem, SpecError.

A user's mistake is a value: problems are gathered, sorted by place and shown together. Only `SpecError` carries
them out; any other exception that escapes is a bug of ours.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from cnncalc.text.limits import RAISED
from cnncalc.text.messages import in_language, translate

MAX_PROBLEMS = 200


class Source:
    """A named text, such as a file or a command line option. Its lines end in a line feed, however they came."""

    __slots__ = ("_lines", "name", "text")

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = _plain_line_ends(text)
        self._lines: list[str] | None = None

    def line(self, number: int) -> str:
        """Give the text of line `number`, counted from 1; empty past the end."""
        if self._lines is None:
            self._lines = self.text.split("\n")
        return self._lines[number - 1] if 0 < number <= len(self._lines) else ""


def _plain_line_ends(text: str) -> str:
    """Give the text without a byte order mark, with a line feed for all that YAML takes as the end of a line."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.isascii():
        return text
    return (
        text.removeprefix("\ufeff")
        .replace("\x85", "\n")
        .replace("\u2028", "\n")
        .replace("\u2029", "\n")
    )


class Span(NamedTuple):
    """A stretch of one line of a source; line and column count from 1, `length` in characters."""

    source: Source
    line: int
    column: int
    length: int

    def part(self, start: int, length: int) -> Span:
        """Give the stretch from `start` (from 0) within this one."""
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
        """Give the problem as `file:line:column: error: message`, the line as typed, a caret and the hint."""
        return self.text()

    def text(self, lang: str = "en") -> str:
        """Give the same in a language; the place and the line as typed are the same in every language."""
        return render_problem(self, lang)


class SpecError(ValueError):
    """A spec, a command's value or a file is wrong. `problems` has every mistake found, sorted by place."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sort_problems(map(_readable, problems))
        super().__init__("\n".join(map(str, self.problems)))

    def text(self, lang: str = "en") -> str:
        """Give all problems in a language."""
        return "\n".join(problem.text(lang) for problem in self.problems)


class Problems(list[Problem]):
    """The mistakes found so far. At the limit it raises SpecError: nobody reads more, and looking for them costs."""

    def __init__(self, problems: Iterable[Problem] = ()) -> None:
        super().__init__()
        self.different: set[Problem] = set()
        for problem in problems:
            self.append(problem)

    def append(self, problem: Problem) -> None:
        """Note a mistake. Raises SpecError at the limit; the same mistake again does not count towards it."""
        super().append(problem)
        self.different.add(problem)
        if len(self.different) >= MAX_PROBLEMS:
            message = f"that makes {MAX_PROBLEMS} problems, the limit; the rest of the file was not checked"
            raise SpecError(
                [*self, Problem(problem.span, "problems", message, "fix these first", problem.used)]
            )


def _readable(problem: Problem) -> Problem:
    """Give the problem with what it quotes from the file cut short, on one line, and without control characters."""
    return problem._replace(
        message=_printable(problem.message, 400), hint=_printable(problem.hint, 400)
    )


def _printable(text: str, most: int) -> str:
    """Cut and clean a text; a message that needs neither stays one, which can be said in another language."""
    if len(text) > most:
        text = f"{text[: most - 160]} ... {text[-150:]}"
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else " " if char.isspace() else "\N{REPLACEMENT CHARACTER}"
        for char in text
    )


def sort_problems(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Each problem once, in the order of the file; the place where a block was used counts as the place."""
    unique = dict.fromkeys(problems)

    def place(problem: Problem) -> tuple[str, int, int]:
        span = problem.used[0] if problem.used else problem.span
        return span.source.name, span.line, span.column

    return tuple(sorted(unique, key=place))


def single_problem(
    name: str, text: str, message: str, hint: str = "", code: str = "value"
) -> SpecError:
    """Make the error for a value that is not in a spec file, such as an option's: `name` says where it was given."""
    source = Source(name, text)
    return SpecError([Problem(Span(source, 1, 1, max(len(text), 1)), code, message, hint)])


def display_width(text: str) -> int:
    """Columns that `text` takes on a terminal: two for wide (Korean, Chinese, full-width) characters."""
    return len(text) if text.isascii() else sum(map(_char_width, text))


@lru_cache(maxsize=4096)
def _char_width(char: str) -> int:
    """Return the columns of one character: none of what is drawn over the one before."""
    import unicodedata

    if unicodedata.category(char) in ("Mn", "Me") or "\u1160" <= char <= "\u11ff":
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _excerpt(span: Span) -> list[str]:
    """Give the line as typed and a caret line below it, cut to a window when the line is very long."""
    start = max(0, span.column - 100) if span.column > 110 else 0
    line = span.source.line(span.line)[start : start + 160]
    if not line.strip():
        return []
    shown = "".join(
        char if char.isprintable() else " " if char.isspace() else "\N{REPLACEMENT CHARACTER}"
        for char in line
    )
    at = span.column - 1 - start
    before, marked = shown[:at], shown[at : at + span.length]
    carets = max(1, display_width(marked.rstrip()))
    return ["  " + shown.rstrip(), "  " + " " * display_width(before) + "^" * carets]


def render_problem(problem: Problem, lang: str = "en") -> str:
    """Show one problem; `file:line:column: error:` first, so that editors jump to it."""
    span = problem.span
    lines = [
        f"{span.source.name}:{span.line}:{span.column}: error: {in_language(problem.message, lang)}",
        *_excerpt(span),
    ]
    for use in reversed(problem.used):
        place = f"{use.source.name}:{use.line}:{use.column}"
        lines.append(
            f"  {translate('used at {place}', lang, place=place)}: {use.source.line(use.line).strip()[:120]}"
        )
    hints = [in_language(problem.hint, lang)] if problem.hint else []
    hints += [in_language(RAISED, lang)] if problem.code == "limit" else []
    if hints:
        lines.append(f"  {translate('hint: {hint}', lang, hint='; '.join(hints))}")
    return "\n".join(lines)
