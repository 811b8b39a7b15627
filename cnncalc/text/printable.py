"""Text from files and command lines, made safe to show: nothing in it moves a cursor, hides or reorders what is read.

What a file holds is data. A terminal obeys escape sequences, a reader's eye obeys bidirectional controls and does not
see zero-width signs; each is shown as a symbol instead (Unicode's control pictures, and U+FFFD for the rest).
"""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

_STAND_INS = {
    "×": "x", "−": "-", "·": "*", "→": "->", "←": "<-", "↔": "<->", "⇒": "=>", "≤": "<=", "≥": ">=", "≠": "!=",
    "≈": "~", "–": "-", "—": "-", "…": "...", "²": "^2", "³": "^3", "½": "1/2", "✓": "ok", "✗": "no", "●": "*",
    "Σ": "sum", "γ": "gamma", "β": "beta", "μ": "mu", "σ": "sigma", "⌊": "floor(", "⌋": ")", "⌈": "ceil(", "⌉": ")",
    "“": '"', "”": '"', "‘": "'", "’": "'", "₀": "0", "₁": "1", "\N{REPLACEMENT CHARACTER}": "?",
}  # fmt: skip
"""ASCII for the signs that an old terminal's encoding (cp949, cp1252, ascii) may lack."""

STAND_INS = "cnncalc.stand-ins"
"""The name of the error handler that writes them."""

_CONTROL_PICTURES = 0x2400


def printable(text: str) -> str:
    """Show a text on one line, with a symbol for each control, format or surrogate character."""
    return text if text.isprintable() else "".join(map(_symbol, text))


def printable_lines(text: str) -> str:
    """Make a text of several lines printable, line feeds kept."""
    return "\n".join(map(printable, text.split("\n")))


@lru_cache(maxsize=512)
def _symbol(char: str) -> str:
    """Show one character: itself, a blank for an unusual blank, else a symbol."""
    import unicodedata

    if char.isprintable():
        return char
    if unicodedata.category(char) == "Zs":
        return " "
    code = ord(char)
    if code < 0x20:
        return chr(_CONTROL_PICTURES + code)
    return "\N{SYMBOL FOR DELETE}" if code == 0x7F else "\N{REPLACEMENT CHARACTER}"


_NOT_ASCII = re.compile(r"[^\n\x20-\x7e]")


def escape_json(text: str) -> str:
    """Escape what JSON allows raw and a terminal or a reader's eye would obey: C1, bidi, zero-width, surrogates."""
    return _NOT_ASCII.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    char = match[0]
    if char.isprintable():
        return char
    units = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))


def _replace(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    return "".join(_STAND_INS.get(char) or "?" * _columns(char) for char in text), error.end


def _columns(char: str) -> int:
    import unicodedata

    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


codecs.register_error(STAND_INS, _replace)

__all__ = ["STAND_INS", "escape_json", "printable", "printable_lines"]
