"""Charts as SVG: they print, and need no script. Colours are the page's own, by class."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate, pairwise
from math import log10, sqrt
from typing import NamedTuple

from cnncalc.draw.font import FAMILIES, text_width
from cnncalc.draw.svg import escape
from cnncalc.draw.theme import THEMES, chart_rules, scoped
from cnncalc.text.numbers import format_number

WIDTH, HEIGHT = 600.0, 190.0
LEFT, RIGHT, TOP, BOTTOM = 62.0, 40.0, 22.0, 26.0
_SIZE = 10.0
_SIDE = 360.0
"""Of the picture of receptive fields."""
PLOT_HEIGHT = 344.0
_HEADING = 34.0
"""Above a plot that stands alone, for its title."""


class LayerAxis(NamedTuple):
    """What stands along the layers: the name of each stretch of layers and how many it has, and how many there are."""

    stretches: tuple[tuple[str, int], ...]
    layers: int

    def x(self, place: float) -> float:
        """Where the layer at a place stands."""
        return LEFT + (WIDTH - LEFT - RIGHT) * (place + 0.5) / max(self.layers, 1)

    def labels(self) -> str:
        """Give the names of the stretches as far as they fit, a line before each."""
        parts, start, free = [], 0, LEFT
        for name, count in self.stretches:
            left = self.x(start - 0.5)
            middle = (left + self.x(start + count - 0.5)) / 2
            half = text_width(name, _SIZE) / 2
            if name and middle - half >= free and middle + half <= WIDTH:
                parts.append(_text(middle, HEIGHT - 10, name, "middle"))
                free = middle + half + 4
                parts.append(f'<path class="grid" d="M{left:.1f},{TOP}V{HEIGHT - BOTTOM}"/>')
            start += count
        return "".join(parts)


def bars(title: str, values: Sequence[int], axis: LayerAxis, shown: Callable[[int], str]) -> str:
    """Make a bar for each layer's value, and the curve of their sum so far, in percent at the right."""
    top, total = max(values, default=0) or 1, sum(values) or 1
    floor = HEIGHT - BOTTOM
    high = floor - TOP
    tops = [floor - high * value / top for value in values]
    curve = _steps(
        [
            (axis.x(place), floor - high * part / total)
            for place, part in enumerate(accumulate(values))
        ]
    )
    body = (
        f'<path class="bars" d="{_columns(tops, axis)}"/><path class="curve" d="{curve}"/>'
        + _scale(shown(top), shown(0))
        + _text(WIDTH - RIGHT + 4, TOP + 4, "100%", "start", "curve-text")
        + _text(WIDTH - RIGHT + 4, floor, "0%", "start", "curve-text")
    )
    return _chart(title, axis.labels() + body)


def timeline(
    title: str, values: Sequence[int], axis: LayerAxis, peak: str, shown: Callable[[int], str]
) -> str:
    """Say what is alive while each layer runs, its peak marked."""
    top = max(values) or 1
    at = values.index(top) if top in values else 0
    floor = HEIGHT - BOTTOM
    points = [
        (axis.x(place), floor - (floor - TOP) * value / top) for place, value in enumerate(values)
    ]
    area = _path([(axis.x(0), floor), *points])
    x = axis.x(at)
    anchor = "start" if x < WIDTH / 2 else "end"
    mark = f'<circle class="peak" cx="{x:.1f}" cy="{TOP}" r="4"/>'
    label = _text(x + (8 if anchor == "start" else -8), TOP - 8, peak, anchor, "peak-text")
    body = f'<path class="area" d="{area}V{floor}Z"/>{mark}{label}{_scale(shown(top), shown(0))}'
    return _chart(title, axis.labels() + body)


def growth(title: str, values: Sequence[int | None], axis: LayerAxis, size: int, label: str) -> str:
    """How a receptive field grows from layer to layer, and a line at the size of the input."""
    known = [value for value in values if value is not None]
    top = max([size, *known])
    floor = HEIGHT - BOTTOM

    def y(value: float) -> float:
        return floor - (floor - TOP) * value / top

    points = [(axis.x(place), y(value)) for place, value in enumerate(values) if value is not None]
    line = f'<path class="input-size" d="M{LEFT},{y(size):.1f}H{WIDTH - RIGHT}"/>'
    name = _text(WIDTH - RIGHT, y(size) - 4, label, "end", "peak-text")
    body = f'{line}<path class="curve" d="{_steps(points)}"/>{name}{_scale(f"{top:,}", "0")}'
    return _chart(title, axis.labels() + body)


def fields_over_input(title: str, size: int, fields: Sequence[tuple[str, int]]) -> str:
    """Give the input as a square, and over its middle the receptive fields of some layers, each named beside it."""
    largest = max([size, *(field for _, field in fields)])
    scale = (_SIDE - 40) / largest
    middle = _SIDE / 2
    parts = [_square(middle, size * scale, "input-square")]
    parts += [_square(middle, field * scale, "field") for _, field in reversed(fields)]
    for place, (name, field) in enumerate(reversed(fields)):
        y = 30.0 + place * (_SIDE - 50) / max(len(fields), 1)
        corner = (middle + field * scale / 2, middle - field * scale / 2)
        parts.append(
            f'<path class="leader" d="M{corner[0]:.1f},{corner[1]:.1f}L{_SIDE:.0f},{y - 3:.1f}"/>'
        )
        parts.append(_text(_SIDE + 6, y, name, "start"))
    width = _SIDE + 12 + max([text_width(name, _SIZE) for name, _ in fields], default=0)
    return _chart(title, "".join(parts), width, _SIDE)


class Dot(NamedTuple):
    """A network of the plot: its name, its parameters and MACs, and its activations, which are the dot's area."""

    name: str
    params: int
    macs: int
    activations: int


def plot(title: str, dots: Sequence[Dot], words: tuple[str, str]) -> str:
    """Parameters against MACs, both on scales of equal ratios, as a figure of a page; `words` names the two."""
    return _chart(title, _plot_body(dots, words), WIDTH, PLOT_HEIGHT)


def plot_picture(
    title: str, dots: Sequence[Dot], words: tuple[str, str], *, theme: str, lang: str
) -> str:
    """Make the same plot as an SVG document of its own, with its title above. `theme` is one of THEMES."""
    height = PLOT_HEIGHT + _HEADING
    size = f'viewBox="0 0 {WIDTH:.0f} {height:.0f}" width="{WIDTH:.0f}" height="{height:.0f}"'
    names = ", ".join(
        f"{dot.name}: {_short(dot.params)}, {_short(dot.macs)}, {_short(dot.activations)}"
        for dot in dots
    )
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="title desc" '
            f'lang="{lang}" class="chart" font-family="{escape(FAMILIES[lang])}">',
            f'<title id="title">{escape(title)}</title><desc id="desc">{escape(names)}</desc>',
            f"<style>{scoped(chart_rules(THEMES[theme]), 'chart')}</style>",
            f'<rect class="page" width="{WIDTH:.0f}" height="{height:.0f}"/>',
            _text(WIDTH / 2, 22, title, "middle", "heading"),
            f'<g transform="translate(0,{_HEADING:.0f})">{_plot_body(dots, words)}</g>',
            "</svg>",
        )
    )


def _plot_body(dots: Sequence[Dot], words: tuple[str, str]) -> str:
    across = _Log([dot.params for dot in dots], 90.0, WIDTH - 60)
    up = _Log([dot.macs for dot in dots], 282.0, 48.0)
    parts = [
        f'<path class="grid" d="M{across.at(value):.1f},30V300"/>'
        + _text(across.at(value), 316, _tick(value), "middle")
        for value in across.ticks
    ]
    parts += [
        f'<path class="grid" d="M70,{up.at(value):.1f}H{WIDTH - 40:.0f}"/>'
        + _text(64, up.at(value) + 3, _tick(value), "end")
        for value in up.ticks
    ]
    parts.append(_text(WIDTH / 2, 334, words[0], "middle"))
    parts.append(_text(8, 18, words[1], "start"))
    largest = max((dot.activations for dot in dots), default=1) or 1
    circles = [
        _Circle(across.at(dot.params), up.at(dot.macs), _radius(dot.activations / largest))
        for dot in dots
    ]
    by_area = sorted(circles, key=lambda circle: -circle.radius)  # a small one lies on a large one
    parts += [
        f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}"/>'
        for x, y, radius in by_area
    ]
    return "".join([*parts, *_dot_labels([dot.name for dot in dots], circles)])


def _radius(share: float) -> float:
    """Return the radius of a dot by its area's share of the largest one's; the smallest dots are made visible."""
    return max(18 * sqrt(share), 2.5)


def _short(count: int) -> str:
    return format_number(count, "short")


def _tick(count: int) -> str:
    """Write a round number without the zeros behind its point: 10M."""
    text = _short(count)
    number = text.rstrip("KMGTP")
    return f"{float(number):g}{text[len(number) :]}"


class _Log:
    """A scale of equal ratios between two pixels, from 1, 2 or 5 times a power of ten to another around the values."""

    def __init__(self, values: Sequence[int], start: float, end: float) -> None:
        known = [value for value in values if value > 0] or [1]
        steps = [step * 10**power for power in range(20) for step in (1, 2, 5)]
        first = max([place for place, step in enumerate(steps) if step < min(known)], default=0)
        last = next(place for place, step in enumerate(steps) if step > max(known))
        self.low, self.high = log10(steps[first]), log10(steps[last])
        self.start, self.end = start, end
        between = steps[first : last + 1]
        powers = [step for step in between if str(step)[0] == "1"]
        self.ticks = between if len(between) <= _MOST_TICKS else powers

    def at(self, value: int) -> float:
        """Return the pixel of a value; one below the scale, such as 0, stands at its start."""
        share = (log10(max(value, 1)) - self.low) / (self.high - self.low)
        return self.start + (self.end - self.start) * max(share, 0)


_MOST_TICKS = 9


class _Circle(NamedTuple):
    x: float
    y: float
    radius: float

    def is_under(self, box: _TextBox) -> bool:
        """Whether a text would lie on it."""
        x = min(max(self.x, box.left), box.right)
        y = min(max(self.y, box.top), box.bottom)
        return (x - self.x) ** 2 + (y - self.y) ** 2 < (self.radius + 1) ** 2


class _TextBox(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: _TextBox) -> bool:
        """Whether two texts would touch."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


def _dot_labels(names: Sequence[str], circles: Sequence[_Circle]) -> Iterator[str]:
    """Give each dot its name where it lies on no dot and no other name: beside it, else further off with a line."""
    taken: list[_TextBox] = []
    for name, circle in zip(names, circles, strict=True):
        width = text_width(name, _SIZE)
        boxes = list(_places(circle, width))
        free = [box for box in boxes if not any(map(box.overlaps, taken))]
        clear = [box for box in free if not any(other.is_under(box) for other in circles)]
        box = (clear or free or boxes)[0]
        taken.append(box)
        middle = (box.left + box.right) / 2
        if boxes.index(box) >= _BESIDE:
            end = box.bottom if box.bottom < circle.y else box.top
            yield f'<path class="leader" d="M{circle.x:.1f},{circle.y:.1f}L{middle:.1f},{end:.1f}"/>'
        yield _text(middle, box.bottom - 3, name, "middle", "dot-text")


_BESIDE = 4
"""How many of the places for a dot's name are beside the dot."""


def _places(circle: _Circle, width: float) -> Iterator[_TextBox]:
    """Yield the places for a dot's name on the plot, the best first: right, left, above, below, then ever further."""
    x, y, radius = circle
    high, gap = _SIZE + 2, radius + 4
    corners = [(x + gap, y - high / 2), (x - gap - width, y - high / 2)]
    corners += [(x - width / 2, y - gap - high), (x - width / 2, y + gap)]
    for step in range(1, 40):
        further = gap + 7 * step
        for side in (x - width / 2, x + gap, x - gap - width):
            corners += [(side, y - further - high), (side, y + further)]
    for left, top in corners:
        inside = min(max(left, 2.0), WIDTH - 2 - width)
        yield _TextBox(
            inside, min(max(top, 20.0), 290.0), inside + width, min(max(top, 20.0), 290.0) + high
        )


def _steps(points: Sequence[tuple[float, float]]) -> str:
    """Make a line through points, level stretches drawn once."""
    if not points:
        return ""
    ends = [None, *points[:-1]], points, [*points[1:], None]
    kept = [
        point
        for before, point, after in zip(*ends, strict=True)
        if before is None or after is None or not before[1] == point[1] == after[1]
    ]
    return _path(kept)


def _columns(tops: Sequence[float], axis: LayerAxis) -> str:
    """Columns side by side from the ground up to these heights, as one outline."""
    ground = round(10 * (HEIGHT - BOTTOM))
    x, y = round(10 * axis.x(-0.5)), ground
    path = f"M{x / 10:g},{y / 10:g}"
    for place, top in enumerate([round(10 * top) for top in tops]):
        if top != y:
            path += f"V{top / 10:g}" if top == ground else f"v{(top - y) / 10:g}"
            y = top
        end = round(10 * axis.x(place + 0.5))
        path += f"h{(end - x) / 10:g}"
        x = end
    return f"{path}V{ground / 10:g}Z"


def _path(points: Sequence[tuple[float, float]]) -> str:
    """Make a line through points to a tenth of a pixel, each written by its distance from the one before."""
    tenths = [(round(10 * x), round(10 * y)) for x, y in points]
    start = f"M{points[0][0]:.1f},{points[0][1]:.1f}l"
    return start + " ".join(
        f"{(x - a) / 10:g},{(y - b) / 10:g}" for (a, b), (x, y) in pairwise(tenths)
    )


def _square(middle: float, side: float, role: str) -> str:
    start = middle - side / 2
    return f'<rect class="{role}" x="{start:.1f}" y="{start:.1f}" width="{side:.1f}" height="{side:.1f}"/>'


def _scale(top: str, bottom: str) -> str:
    """Give the ends of the scale at the left, and the line of the ground."""
    floor = HEIGHT - BOTTOM
    return (
        f'<path class="ground" d="M{LEFT},{TOP}V{floor}H{WIDTH - RIGHT}"/>'
        + _text(LEFT - 4, TOP + 4, top, "end")
        + _text(LEFT - 4, floor, bottom, "end")
    )


def _text(x: float, y: float, text: str, anchor: str, role: str = "") -> str:
    mark = f' class="{role}"' if role else ""
    return f'<text{mark} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _chart(title: str, body: str, width: float = WIDTH, height: float = HEIGHT) -> str:
    return (
        f'<figure><figcaption>{escape(title)}</figcaption><svg class="chart" role="img" aria-label="{escape(title)}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}">{body}</svg></figure>'
    )


def stretches(names: Iterable[str]) -> LayerAxis:
    """Give the axis of layers with these paths: the layers of one scope at the top are a stretch."""
    stretches: list[tuple[str, int]] = []
    for name in names:
        first = name.split("/")[0]
        if stretches and stretches[-1][0] == first:
            stretches[-1] = (first, stretches[-1][1] + 1)
        else:
            stretches.append((first, 1))
    return LayerAxis(tuple(stretches), sum(count for _, count in stretches))


__all__ = [
    "Dot",
    "LayerAxis",
    "bars",
    "fields_over_input",
    "growth",
    "plot",
    "plot_picture",
    "stretches",
    "timeline",
]
