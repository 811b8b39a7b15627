"""What a box looks like in each style: a function from a leaf to a glyph, by sizes that suit the whole network."""

from __future__ import annotations

from collections.abc import Iterable
from math import sqrt
from typing import NamedTuple

from cnncalc.draw.font import shortened, text_width
from cnncalc.draw.outline import SCOPE, LayerBox
from cnncalc.draw.picture import Box, Circle, Label, Polygon
from cnncalc.draw.words import SYMBOLS, caption_text, word
from cnncalc.ops.shapes import Shape, format_shape

LABEL, SMALL = 11.0, 10.0
_LINE = 13.0
_MOST = 190.0
"""Pixels that a text may be wide."""


class Glyph(NamedTuple):
    """A box around (0, 0), where the flow passes: `width` of its slot, how far it goes up and down, and how far from
    the slot's left and right edges its shape starts and ends."""

    box: Box
    width: float
    up: float
    down: float
    left: float
    right: float


class DrawingScale(NamedTuple):
    """The largest sizes in a network, by which all are drawn; and the language."""

    side: int
    channels: int
    units: int
    lang: str

    @classmethod
    def of(cls, leaves: Iterable[LayerBox], lang: str) -> DrawingScale:
        """Give the scale of a network."""
        shapes = [leaf.output for leaf in leaves]
        maps = [shape for shape in shapes if len(shape) > 1]
        return cls(
            max((max(shape[:-1]) for shape in maps), default=1),
            max((shape[-1] for shape in maps), default=1),
            max((shape[-1] for shape in shapes if len(shape) == 1), default=1),
            lang,
        )

    def height(self, shape: Shape) -> float:
        """Pixels for the height of a map, or for the length of a vector."""
        if len(shape) == 1:
            return 16 + 54 * sqrt(shape[-1] / self.units)
        return 8 + 92 * sqrt(shape[-3 if len(shape) > 2 else 0] / self.side)

    def across(self, shape: Shape) -> float:
        """Pixels for the width of a map; a vector has none."""
        return 8 + 92 * sqrt(shape[-2] / self.side) if len(shape) > 2 else 8.0

    def depth(self, shape: Shape) -> float:
        """Pixels for the channels of a map."""
        return 7 + 41 * sqrt(shape[-1] / self.channels) if len(shape) > 1 else 7.0


def blocks(leaf: LayerBox, scale: DrawingScale) -> Glyph:
    """Give the lectures' boxes: as wide as the map is deep, as high as it is large, labelled `3×3 conv, 64`."""
    sign = _sign(leaf)
    if sign is not None:
        return sign
    width, height = scale.depth(leaf.output), scale.height(leaf.output)
    sizes = (width, height / 2, height / 2)
    return _below(leaf, (_rectangle(width, height),), sizes, _texts(leaf, scale), scale)


def volumes(leaf: LayerBox, scale: DrawingScale) -> Glyph:
    """Feature maps in perspective: as deep as it has channels, with height and width as sides."""
    sign = _sign(leaf)
    if sign is not None:
        return sign
    deep, high = scale.depth(leaf.output), scale.height(leaf.output)
    slant = 0.32 * scale.across(leaf.output)
    left, right = -(deep + slant) / 2, (deep + slant) / 2
    top, bottom = -(high + slant) / 2, (high + slant) / 2
    front = ((left, top + slant), (left + deep, top + slant), (left + deep, bottom), (left, bottom))
    lid = ((left, top + slant), (left + slant, top), (right, top), (left + deep, top + slant))
    face = (
        (left + deep, top + slant), (right, top), (right, bottom - slant), (left + deep, bottom)
    )  # fmt: skip
    shapes = (Polygon(front, "front"), Polygon(lid, "lid"), Polygon(face, "face"))
    texts = _texts(leaf, scale)
    sizes = [(format_shape(leaf.output), LABEL, "label")]
    captions = [(text, SMALL, "shape") for text, _, _ in texts[:-1]]
    return _below(leaf, shapes, (deep + slant, -top, bottom), [*sizes, *captions], scale)


def graph(leaf: LayerBox, scale: DrawingScale) -> Glyph:
    """Make a box of one size with its texts inside: the layer's own name, what it is, its output."""
    texts = _texts(leaf, scale)
    if leaf.family != SCOPE:
        texts.insert(0, (leaf.path.rpartition("/")[2], LABEL, "name"))
    lines = [
        (shortened(text, size, _MOST), size, role if role == "label" else "inner")
        for text, size, role in dict.fromkeys(texts)
        if text
    ]
    width = max(text_width(text, size) for text, size, _ in lines) + 14
    height = len(lines) * _LINE + 8
    placed = _stacked(lines, -height / 2 + 4)
    box = _box(leaf, (_rectangle(width, height),), placed, width + 4, scale)
    return Glyph(box, width + 4, height / 2, height / 2, 2, 2)


STYLES = {"blocks": blocks, "volumes": volumes, "graph": graph}


def _sign(leaf: LayerBox) -> Glyph | None:
    """Make a merge that is drawn as a sign in a circle."""
    sign = SYMBOLS.get(leaf.caption.word)
    if sign is None:
        return None
    shapes = (Circle(0, 0, 9, "front"),)
    box = Box(
        leaf.path,
        leaf.rows,
        leaf.family,
        _title(leaf, "en"),
        -11,
        22,
        shapes,
        (Label(0, 4.5, sign, 13, "sign"),),
    )
    return Glyph(box, 22, 10, 10, 2, 2)


def _below(
    leaf: LayerBox,
    shapes: tuple[Polygon, ...],
    sizes: tuple[float, float, float],
    texts: list[tuple[str, float, str]],
    scale: DrawingScale,
) -> Glyph:
    """Shapes that take `sizes` (across, up, down), with texts below them."""
    wide, up, down = sizes
    lines = [(shortened(text, size, _MOST), size, role) for text, size, role in texts]
    width = max([wide, *(text_width(text, size) for text, size, _ in lines)]) + 6
    inset = (width - wide) / 2
    box = _box(leaf, shapes, _stacked(lines, down + 3), width, scale)
    return Glyph(box, width, up, down + 5 + _LINE * len(lines), inset, inset)


def _texts(leaf: LayerBox, scale: DrawingScale) -> list[tuple[str, float, str]]:
    """Make a leaf's texts: its name where it is a block, its caption, and its output's shape."""
    caption = caption_text(leaf.caption, scale.lang)
    times = f" ×{leaf.times}" if leaf.times > 1 else ""
    shape = (format_shape(leaf.output), SMALL, "shape")
    if leaf.family != SCOPE:
        return [(caption + times, LABEL, "label"), shape]
    name = leaf.path.rpartition("/")[2]
    return [(name + times, LABEL, "label"), (caption, SMALL, "shape"), shape]


def _stacked(lines: list[tuple[str, float, str]], top: float) -> tuple[Label, ...]:
    """Lines of text below each other, centred."""
    return tuple(
        Label(0, top + _LINE * place + LABEL, text, size, role)
        for place, (text, size, role) in enumerate(lines)
    )


def _rectangle(width: float, height: float) -> Polygon:
    x, y = width / 2, height / 2
    return Polygon(((-x, -y), (x, -y), (x, y), (-x, y)), "front")


def _box(
    leaf: LayerBox,
    shapes: tuple[Polygon, ...],
    texts: tuple[Label, ...],
    width: float,
    scale: DrawingScale,
) -> Box:
    title = _title(leaf, scale.lang)
    return Box(leaf.path, leaf.rows, leaf.family, title, -width / 2, width, shapes, texts)


def _title(leaf: LayerBox, lang: str) -> str:
    """Say what a box's tooltip shows: the path, what it is, what is drawn with it, and the output."""
    words = [caption_text(leaf.caption, lang), *(word(extra, lang) for extra in leaf.extras)]
    more = f" ×{leaf.times}" if leaf.times > 1 else ""
    return f"{leaf.path}{more}: {', '.join(words)} → {format_shape(leaf.output)}"


__all__ = ["STYLES", "DrawingScale", "Glyph"]
