"""What people type around a number, in plain signs: blanks, widths, LaTeX, arrows, labels, notes, comparisons.

Nothing is dropped in silence that changes what a text states: a comparison (`>= 5M`, `5M or more`, `5M 이상`) is told
apart from a relation (`3*3 = 9`, `→ 9`), and both from a note (`9 (with bias)`).
"""

from __future__ import annotations

import re

from cnncalc.text.messages import message

MAX_LENGTH = 200

_LATEX = {
    r"\times": "×",
    r"\cdot": "×",
    r"\approx": "≈",
    r"\sim": "~",
    r"\to": "→",
    r"\rightarrow": "→",
    r"\le": "≤",
    r"\leq": "≤",
    r"\ge": "≥",
    r"\geq": "≥",
    r"\lt": "<",
    r"\gt": ">",
    r"\ne": "≠",
    r"\neq": "≠",
    r"\,": " ",
}
_LATEX |= dict.fromkeys((r"\text", r"\mathrm", r"\mathbf", r"\left", r"\right"), "")
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
_SIGNS: dict[int, int | None] = {
    wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)
}  # full-width ASCII
_SIGNS |= str.maketrans("−✕✖⨯∗⋅·≃≅≒∼’ʼ′", "-××××××≈≈≈~'''", "${}\u200b\u2060\ufeff")

_ARROW = re.compile(r"[-=]+>|[→⇒⟶]")
_RELATION = re.compile(r"(==?|≈|→)")
_COMPARISON = re.compile(r"!=|=<|[<>]=?|[≠≤≥≦≧]|=/=")
_LEAST = re.compile(
    r"^(?:at least|at most|more than|less than|fewer than|over|under|up to|above|below|최소|최대)\b|"
    r"(?:이상|이하|미만|초과|or more|or less|or fewer|at least|at most)$",
    re.IGNORECASE,
)
_NOTE = re.compile(
    r"(?<=\S) ?\([^()]*[^\W\d_x×][^()]*\)$"  # a bracket with words in it
    r"| ?[#;] ?[^\W\d].*$"
    r"|, ?(?!(?:and|x)\b)[^\W\d].*$"
    r"| (?:total|in total|in all|altogether|합계|with|without|incl\.?|including|excl\.?|excluding)\b.*$",
    re.IGNORECASE,
)
_ENDING = re.compile(r"(?<=[^\W\d]|[0-9)\]]) ?(?:입니다|이다|임|이에요|예요)\.?$")
"""How a sentence ends: `34,944개입니다`."""
_WORKING = re.compile(r"(?<=\S) ?\( ?=([^()]*)\)$")
_LABEL = re.compile(r"^([^\W\d][\w .()/-]*?) ?: ?(?=.)")
_LEADING = re.compile(
    r"^(?:total|sum|result|answer|ans\.?|합계|총합|총|답|정답)(?: ?[:은는] ?| )(?=[-+.0-9(])",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"^(?:약|대략|about|approximately|approx\.?|around|ca\.?|~) ?(?=[-+.0-9])", re.IGNORECASE
)


def plain_signs(text: str) -> str:
    """Return the text with single blanks, ASCII digits, `×`, `≈` and `→`, without LaTeX's and Markdown's wrapping.

    Raises ValueError for a text longer than MAX_LENGTH.
    """
    if len(text) > MAX_LENGTH:
        raise ValueError(
            message(
                "{text} is {length} characters long; the limit is {limit}",
                text=quoted(text),
                length=len(text),
                limit=MAX_LENGTH,
            )
        )
    plain = re.sub(
        r"\\(?:[a-z]+|,)", lambda command: _LATEX.get(command[0], command[0]), text
    ).translate(_SIGNS)
    plain = re.sub("[⁰¹²³⁴-⁹⁺⁻]+", lambda power: "^" + power[0].translate(_SUPERSCRIPTS), plain)
    plain = _ARROW.sub("→", " ".join(plain.split()).replace("~=", "≈"))
    plain = re.sub(r"^(\*\*|`) ?(.*?) ?\1$", r"\2", plain)  # Markdown
    return _WORKING.sub(r" =\1", plain)


def split_relations(plain: str) -> list[str]:
    """Split at the relation signs; the parts stand at even places, the signs between them at odd ones."""
    return [piece.strip() for piece in _RELATION.split(plain)]


def comparison_in(plain: str) -> str:
    """Return the sign or word by which a text compares instead of stating a number; empty where it does not."""
    match = _COMPARISON.search(plain) or _LEAST.search(_ABOUT.sub("", plain))
    return match[0] if match else ""


def without_notes(part: str) -> tuple[str, str]:
    """Take a label, `about` and a trailing note away: what is left, and the label."""
    bare = _ENDING.sub("", _NOTE.sub("", part))
    label = _LABEL.match(bare)
    bare = bare[label.end() :] if label else bare
    return _ABOUT.sub("", _LEADING.sub("", bare)).strip(), label[1].strip() if label else ""


def quoted(text: str) -> str:
    """Return a text in quotes, cut where it is long."""
    return f"'{text}'" if len(text) <= 60 else f"'{text[:60]}...'"


__all__ = [
    "MAX_LENGTH",
    "comparison_in",
    "plain_signs",
    "quoted",
    "split_relations",
    "without_notes",
]
