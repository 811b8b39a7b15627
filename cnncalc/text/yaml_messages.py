"""A YAML parser's complaint in the words of somebody who writes a spec. Imported when there is something to say."""

from __future__ import annotations

import re
from typing import Any

from cnncalc.text.source import Problem, Source, Span

_COLUMN = "what belongs together starts in the same column"
_OPENERS = {"[": "]", "{": "}"}


def syntax_problem(source: Source, error: Any) -> Problem:
    """Put a YAML parser's complaint in the words of somebody who writes a spec, at the place to fix."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    what = " ".join((getattr(error, "problem", None) or str(error)).split())
    at = (
        Span(source, mark.line + 1, mark.column + 1, 1)
        if mark is not None
        else Span(source, 1, 1, 1)
    )
    opened = getattr(error, "context_mark", None)
    start = Span(source, opened.line + 1, opened.column + 1, 1) if opened is not None else at
    span, message, hint = _explain_syntax(what, at, start)
    return Problem(span, "yaml", f"this is not valid YAML: {message}", hint)


def _explain_syntax(what: str, at: Span, start: Span) -> tuple[Span, str, str]:
    """Where the mistake is, what it is and what to do; `start` is where the construct began that holds it."""
    line, char = at.source.line(at.line), at.source.line(at.line)[at.column - 1 : at.column]
    indent = line[: len(line) - len(line.lstrip())]
    if "\t" in indent:
        return (
            Span(at.source, at.line, indent.index("\t") + 1, 1),
            "a tab stands in the indentation",
            "indent with spaces",
        )
    for number in (at.line, start.line):
        column = at.source.line(number).find("\xa0") + 1
        if column:
            return (
                Span(at.source, number, column, 1),
                "unexpected non-breaking space here",
                "type an ordinary space",
            )
    bracket = start.source.line(start.line)[start.column - 1 : start.column]
    if "expected ',' or" in what and bracket in _OPENERS:
        return _explain_bracket(bracket, char, at, start)
    for words, account in _ACCOUNTS:
        if re.search(words, what):
            return account(at, start, char)
    return at, what, "check the indentation, the quotes and the brackets here"


def _explain_bracket(bracket: str, char: str, at: Span, start: Span) -> tuple[Span, str, str]:
    closer = _OPENERS[bracket]
    rest = "".join(
        (
            at.source.line(at.line)[at.column - 1 :],
            *map(at.source.line, range(at.line + 1, at.line + 9)),
        )
    )
    if not rest.strip():
        return start, f"this '{bracket}' is not closed", f"a '{closer}' is missing"
    if char in ("[", "{"):
        return (
            at,
            f"a '{char}' is not expected here",
            "put an expression with a comma or a bracket in quotes inside { } or [ ]",
        )
    if char == "?":
        return at, "a '?' is not expected here", "put a text with a '?' in quotes inside { } or [ ]"
    if at.line > start.line:
        return (
            start,
            f"this '{bracket}' is not closed before line {at.line}",
            f"a '{closer}' or a ',' is missing",
        )
    return at, f"a ',' or the closing '{closer}' is missing before this", ""


def _explain_block(at: Span, start: Span, char: str) -> tuple[Span, str, str]:
    line = at.source.line(at.line)
    if not line[: at.column - 1].strip():
        above = _line_above(at)
        lined_up = above is not None and above.column == at.column
        return (_without_key(above) if above and lined_up else None) or (
            at,
            "this line does not line up with those above",
            _COLUMN,
        )
    word = line[at.column - 1 :].split(" ")[0][:30]
    closes = char in ("]", "}")
    hint = (
        "there is no open bracket for it"
        if closes
        else "start a new line, or put the whole text in quotes"
    )
    return (
        at._replace(length=len(word)),
        f"'{word}' is not expected after what stands before it",
        hint,
    )


def _explain_colon(at: Span, start: Span, char: str) -> tuple[Span, str, str]:
    """Explain a ':' too many: a second one on the line, one without its space, or a line that runs on."""
    line = at.source.line(at.line)
    tight = re.search(r":[\[{]", line[: at.column])
    if tight:
        return (
            at._replace(column=tight.start() + 1),
            "a space is missing after this ':'",
            "write key: value",
        )
    above = _line_above(at)
    if ": " in line[: at.column - 1].lstrip("- ") or above is None:
        return (
            at,
            "a ':' is not expected here",
            "put a text with ': ' in it in quotes, and fields in { }",
        )
    span = at._replace(column=len(line) - len(line.lstrip()) + 1)
    return _without_key(above) or (span, "this line is indented deeper than the one above", _COLUMN)


def _line_above(at: Span) -> Span | None:
    """Give the text of the line above, without empty ones and comments."""
    for number in range(at.line - 1, 0, -1):
        line = re.sub(r"(^|\s)#.*", "", at.source.line(number)).rstrip()
        if line:
            text = line.lstrip()
            return Span(at.source, number, len(line) - len(text) + 1, len(text))
    return None


def _without_key(line: Span) -> tuple[Span, str, str] | None:
    """Say what to say of a line with neither a key nor a '- '; None for another."""
    text = line.source.line(line.line)[line.column - 1 :][: line.length]
    if ": " in text or text.endswith(":") or text.startswith("- "):
        return None
    if text.startswith("-"):
        return line, "a space is missing after this '-'", "write - relu"
    return line, "this line has no key", "write key: value, with a space after the ':'"


def _explain_dash(at: Span, start: Span, char: str) -> tuple[Span, str, str]:
    return at, "a '- ' is not expected here", "start a list on a line of its own"


def _explain_key(at: Span, start: Span, char: str) -> tuple[Span, str, str]:
    return start, "a ':' is missing after this", "a key and its value are written key: value"


def _explain_token(at: Span, start: Span, char: str) -> tuple[Span, str, str]:
    if char == "\t":
        return at, "unexpected tab here", "write a space"
    return at, f"'{char}' cannot stand at the start of a value", "put the text in quotes"


def _explain_quote(at: Span, start: Span, char: str) -> tuple[Span, str, str]:
    return start, "this quote is not closed", "put the same quote at the end of the text"


def _explain_escape(at: Span, start: Span, char: str) -> tuple[Span, str, str]:
    return (
        at,
        f"'\\{char}' means nothing within double quotes",
        "use single quotes, or write \\\\ for a backslash",
    )


def _explain_anchor(at: Span, start: Span, char: str) -> tuple[Span, str, str]:
    return _explain_token(
        start, start, start.source.line(start.line)[start.column - 1 : start.column]
    )


def _explain_content(at: Span, start: Span, char: str) -> tuple[Span, str, str]:
    if not char:
        return at, "the file ends where a value is expected", "close the brackets and the quotes"
    return (
        at,
        f"a value is expected here, not '{char}'",
        "remove a ',', or close the brackets in their order",
    )


_ACCOUNTS = (
    (r"<block end>|expected key$|'-' indicator|<document start>", _explain_block),
    (r"mapping values are not allowed", _explain_colon),
    (r"sequence entries are not allowed", _explain_dash),
    (r"could not find expected ':'", _explain_key),
    (r"cannot start any token", _explain_token),
    (r"unexpected (end of stream|document)", _explain_quote),
    (r"escape", _explain_escape),
    (r"alphabetic or numeric", _explain_anchor),
    (r"node content", _explain_content),
)
"""What the words of both parsers mean, each with the function that says it."""
