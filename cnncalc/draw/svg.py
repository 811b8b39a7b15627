"""Picture to SVG: real text, a title and a description, one group a box with the rows that it stands for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape as escape_markup

from cnncalc.draw.font import FAMILIES
from cnncalc.draw.picture import Box, Circle, Frame, Label, Mark, Picture, Polygon, Polyline
from cnncalc.draw.theme import style_sheet
from cnncalc.text.printable import printable

_SPACES = re.compile(r"\s+")


def escape(text: str) -> str:
    """Make a text for content or an attribute: printable, on one line, its markup escaped."""
    return escape_markup(printable(_SPACES.sub(" ", text)))


def write_svg(
    picture: Picture, theme: str = "light", *, embedded: bool = False, key: str = ""
) -> str:
    """Write a picture as SVG; `embedded` leaves colours and the rows to the page, `key` keeps its ids apart."""
    width, height = _number(picture.width), _number(picture.height)
    look = "cnncalc" if embedded else f"cnncalc {theme}"
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-labelledby="title{key} desc{key}" lang="{picture.lang}" class="{look}" '
        f'font-family="{escape(FAMILIES[picture.lang])}" text-anchor="middle">'
    )
    body = [
        f'<title id="title{key}">{escape(picture.title)}</title>',
        f'<desc id="desc{key}">{escape(picture.description)}</desc>',
    ]
    if not embedded:
        body.append(f"<style>{style_sheet(theme)}</style>")
        body.append(f'<rect class="page" width="{width}" height="{height}"/>')
    body += map(_text, picture.heading)
    marks = sorted(picture.marks, key=_layer)
    body += [
        _mark(mark._replace(rows=()) if embedded and isinstance(mark, Box) else mark)
        for mark in marks
    ]
    return "\n".join([head, *body, "</svg>"])


def _layer(mark: Mark) -> int:
    """Frames lie below lines, lines below boxes."""
    return 0 if isinstance(mark, Frame) else 1 if isinstance(mark, Polyline) else 2


def _mark(mark: Mark) -> str:
    if isinstance(mark, Box):
        return _box(mark)
    return _frame(mark) if isinstance(mark, Frame) else _line(mark)


def _box(box: Box) -> str:
    rows = " ".join(_SPACES.sub("%20", row) for row in box.rows)
    stands_for = f' data-rows="{escape(rows)}"' if rows else ""
    parts = [
        f"<title>{escape(box.title)}</title>",
        *map(_shape, box.shapes),
        *map(_text, box.texts),
    ]
    return (
        f'<g class="box {escape(box.family)}" data-path="{escape(box.path)}"{stands_for}>'
        f"{''.join(parts)}</g>"
    )


def _shape(shape: Polygon | Circle) -> str:
    if isinstance(shape, Circle):
        x, y, radius = map(_number, (shape.x, shape.y, shape.radius))
        return f'<circle class="{shape.role}" cx="{x}" cy="{y}" r="{radius}"/>'
    return f'<path class="{shape.role}" d="M{_points(shape.points)}Z"/>'


def _frame(frame: Frame) -> str:
    x, y, width, height = map(_number, (frame.x, frame.y, frame.width, frame.height))
    return (
        f'<g class="frame" data-scope="{escape(frame.path)}">'
        f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="4"/>{_text(frame.text)}</g>'
    )


def _line(line: Polyline) -> str:
    parts = [f'<path class="{line.role}" d="M{_points(line.points)}"/>']
    if line.arrow:
        parts.append(f'<path class="head" d="M{_points(_head(line))}Z"/>')
    return "".join(parts)


def _head(line: Polyline) -> tuple[tuple[float, float], ...]:
    """Give the head of an arrow, a triangle that ends where the line ends; lines are upright or level."""
    (x0, y0), (x, y) = line.points[-2:]
    dx, dy = (x > x0) - (x < x0), (y > y0) - (y < y0)
    long, half = 5, 2.5
    back, side = (x - long * dx, y - long * dy), (half * dy, half * dx)
    return (x, y), (back[0] - side[0], back[1] - side[1]), (back[0] + side[0], back[1] + side[1])


def _text(text: Label) -> str:
    x, y = _number(text.x), _number(text.y)
    return f'<text class="{text.role}" x="{x}" y="{y}" font-size="{_number(text.size)}">{escape(text.text)}</text>'


def _points(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{_number(x)},{_number(y)}" for x, y in points)


def _number(value: float) -> str:
    """Make a coordinate to a tenth of a pixel."""
    text = f"{value:.1f}"
    return text[:-2] if text.endswith(".0") else text


__all__ = ["escape", "write_svg"]
