"""What a picture is made of: boxes, lines, frames and texts, each frozen and at its place, in pixels.

y grows downwards. Every mark can be moved, and mirrored about a vertical line, which a snake's way back needs: places
are mirrored, texts and shapes are not.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from cnncalc.draw.font import ASCENT, DESCENT, text_width

Point = tuple[float, float]


class Label(NamedTuple):
    """A line of text, its middle at x and its baseline at y; `role` is what styles it."""

    x: float
    y: float
    text: str
    size: float
    role: str

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom."""
        half = text_width(self.text, self.size) / 2
        top, bottom = self.y - ASCENT * self.size, self.y + DESCENT * self.size
        return self.x - half, top, self.x + half, bottom

    def moved(self, dx: float, dy: float) -> Label:
        """Move to another place."""
        return self._replace(x=self.x + dx, y=self.y + dy)


class Polygon(NamedTuple):
    """A filled shape; `role` says which of a box's tones it has."""

    points: tuple[Point, ...]
    role: str

    def moved(self, dx: float, dy: float) -> Polygon:
        """Move to another place."""
        return self._replace(points=tuple((x + dx, y + dy) for x, y in self.points))


class Circle(NamedTuple):
    """A filled circle."""

    x: float
    y: float
    radius: float
    role: str

    def moved(self, dx: float, dy: float) -> Circle:
        """Move to another place."""
        return self._replace(x=self.x + dx, y=self.y + dy)


class Box(NamedTuple):
    """A box of the picture: the row that it shows, the rows that it stands for, and what it looks like.

    `x` and `width` are those of its slot, which holds the shapes and the texts.
    """

    path: str
    rows: tuple[str, ...]
    family: str
    title: str
    x: float
    width: float
    shapes: tuple[Polygon | Circle, ...]
    texts: tuple[Label, ...]

    def moved(self, dx: float, dy: float) -> Box:
        """Move to another place."""
        return self._replace(
            x=self.x + dx,
            shapes=tuple(shape.moved(dx, dy) for shape in self.shapes),
            texts=tuple(text.moved(dx, dy) for text in self.texts),
        )

    def mirrored(self, width: float) -> Box:
        """At the mirrored place, looking the same."""
        return self.moved(width - 2 * self.x - self.width, 0)


class Frame(NamedTuple):
    """What surrounds a scope, with its title at the top."""

    path: str
    x: float
    y: float
    width: float
    height: float
    text: Label

    def moved(self, dx: float, dy: float) -> Frame:
        """Move to another place."""
        return self._replace(x=self.x + dx, y=self.y + dy, text=self.text.moved(dx, dy))

    def mirrored(self, width: float) -> Frame:
        """At the mirrored place, its title again at the left."""
        x = width - self.x - self.width
        return self._replace(x=x, text=self.text.moved(x - self.x, 0))


class Polyline(NamedTuple):
    """A line through points, with an arrow at its end or without; `role` is `flow` or `skip`."""

    points: tuple[Point, ...]
    arrow: bool
    role: str = "flow"

    def moved(self, dx: float, dy: float) -> Polyline:
        """Move to another place."""
        return self._replace(points=tuple((x + dx, y + dy) for x, y in self.points))

    def mirrored(self, width: float) -> Polyline:
        """Mirrored."""
        return self._replace(points=tuple((width - x, y) for x, y in self.points))


Mark = Box | Frame | Polyline


class Picture(NamedTuple):
    """A picture: its size, a title and a description for who cannot see it, the heading's texts, and the marks."""

    width: float
    height: float
    title: str
    description: str
    heading: tuple[Label, ...]
    marks: tuple[Mark, ...]
    lang: str

    @property
    def boxes(self) -> tuple[Box, ...]:
        """The boxes, in order."""
        return tuple(mark for mark in self.marks if isinstance(mark, Box))

    @property
    def texts(self) -> tuple[Label, ...]:
        """Every text."""
        inner = (text for mark in self.marks for text in texts_of(mark))
        return (*self.heading, *inner)


def texts_of(mark: Mark) -> Iterable[Label]:
    """Give the texts of a mark."""
    if isinstance(mark, Box):
        return mark.texts
    return (mark.text,) if isinstance(mark, Frame) else ()


__all__ = ["Box", "Circle", "Frame", "Label", "Mark", "Picture", "Point", "Polygon", "Polyline"]
