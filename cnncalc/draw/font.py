"""How wide a text is: the advance widths of DejaVu Sans, the widest of the common sans fonts, Korean full width.

A picture asks for Arial or Helvetica, which are narrower, so that what fits here fits wherever it is shown.
"""

from __future__ import annotations

from functools import cache

_LATIN, _HANGUL = (
    "Arial, Helvetica, 'Liberation Sans'",
    "'Noto Sans CJK KR', 'Noto Sans KR', 'Malgun Gothic'",
)
FAMILIES = {"en": f"{_LATIN}, {_HANGUL}, sans-serif", "ko": f"{_HANGUL}, {_LATIN}, sans-serif"}
"""The fonts that a picture asks for, by its language."""

_WIDTHS = {
    275: "'",
    278: "ijl",
    295: "IJ",
    318: " ,.·",
    337: "/:;\\|",
    352: "f",
    361: "-",
    390: "()[]⌈⌉",
    392: "t",
    401: "!²",
    411: "r",
    460: '"',
    500: "*_`°–",
    521: "s",
    525: "z",
    531: "?",
    550: "c",
    557: "L",
    575: "F",
    579: "k",
    592: "vxy",
    603: "P",
    611: "TY",
    612: "o",
    613: "a",
    615: "e",
    632: "E",
    636: "hnuSbdgpq$0123456789{}",
    656: "K",
    686: "AVXZB",
    698: "RC",
    732: "U",
    752: "NH",
    775: "DG",
    787: "&OQ",
    838: "w#+<=>^~×−→⊕⊗≈",
    863: "M",
    950: "%",
    989: "mW",
}
"""Thousandths of the size, and the characters that are as wide."""

_NARROW = {character: width for width, texts in _WIDTHS.items() for character in texts}
_FULL = 1000
"""Of everything else: Hangul, ideographs, and what is not in the table."""

ASCENT, DESCENT = 0.8, 0.22
"""What a line of text takes above and below its baseline, in its size."""


@cache
def text_width(text: str, size: float) -> float:
    """Give the width of a text in a size, in pixels."""
    return sum(_NARROW.get(character, _FULL) for character in text) * size / 1000


def shortened(text: str, size: float, width: float) -> str:
    """Give the text, or as much of it as goes into a width, with three dots."""
    if text_width(text, size) <= width:
        return text
    kept = text
    while kept and text_width(f"{kept}…", size) > width:
        kept = kept[: -max(1, len(kept) // 8)]
    return f"{kept}…"


__all__ = ["ASCENT", "DESCENT", "FAMILIES", "shortened", "text_width"]
