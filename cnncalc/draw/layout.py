"""Structure to marks: pieces that know how much room they take, put together from the inside out.

A piece has its way in at (0, 0) and its way out at (width, 0), and takes `up` above and `down` below that line. `left`
and `right` say how far inside its first and last shape lie, which is where a line from outside goes on to.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from cnncalc.draw.font import shortened, text_width
from cnncalc.draw.glyphs import Glyph
from cnncalc.draw.outline import SOURCE, Edge, LayerBox, Level, boxes_of
from cnncalc.draw.picture import Frame, Label, Mark, Point, Polyline
from cnncalc.draw.structure import Parallel, Part, Run, Series, structure
from cnncalc.draw.words import word
from cnncalc.ops.shapes import Shape

GAP = 16.0
"""Between parts in a row."""
LANE = 12.0
"""Between branches, and from a split to them."""
TRACK = 9.0
"""Between rails, and from a rail to what is below."""
PAD = 9.0
"""Between a frame and what is in it."""
TITLE = 16.0
"""For the title of a frame."""


class Piece(NamedTuple):
    """Marks and the room that they take; whether a line that leads in ends in an arrow, and whether one leads in."""

    width: float
    up: float
    down: float
    left: float
    right: float
    marks: tuple[Mark, ...]
    arrow: bool = True
    fed: bool = True

    def at(self, dx: float, dy: float) -> tuple[Mark, ...]:
        """Its marks, moved."""
        return tuple(mark.moved(dx, dy) for mark in self.marks)


class Layout:
    """Lays out one network: with a style's glyphs, in a language, wrapped at a width."""

    def __init__(self, glyph: Callable[[LayerBox], Glyph], lang: str, width: float) -> None:
        self.glyph = glyph
        self.lang = lang
        self.width = width

    # -- parts -------------------------------------------------------------------------------------------------------

    def part(self, part: Part) -> Piece:
        """Give the piece of a part."""
        if isinstance(part, LayerBox):
            return self.leaf(part)
        if isinstance(part, Level):
            return self.frame(part)
        return self.parallel(part) if isinstance(part, Parallel) else self.run(part)

    def leaf(self, leaf: LayerBox) -> Piece:
        """Make a box."""
        box, width, up, down, left, right = self.glyph(leaf)
        marks = (box.moved(width / 2, 0),)
        return Piece(width, up, down, left, right, marks, fed=bool(leaf.row.input))

    def frame(self, level: Level) -> Piece:
        """Make a scope in its frame, the flow going through."""
        inner = self.snake(structure(level))
        text = self.frame_title(level, max(inner.width, 90.0))
        width = max(inner.width, text_width(text, 10)) + 2 * PAD
        up, down = inner.up + TITLE, inner.down + PAD
        middle = PAD + text_width(text, 10) / 2
        title = Label(middle, -up + 12, text, 10, "name")
        frame = Frame(level.path, 0, -up, width, up + down, title)
        shift = (width - inner.width) / 2
        return Piece(
            width, up, down, shift + inner.left, shift + inner.right,
            (frame, *inner.at(shift, 0)), inner.arrow, inner.fed,
        )  # fmt: skip

    def frame_title(self, level: Level, room: float) -> str:
        """Make a scope's name, what opened it, and how often it is repeated."""
        name = level.path.rpartition("/")[2]
        times = f" ×{level.times}" if level.times > 1 else ""
        opened = word(level.opened_by, self.lang)
        text = name if not opened or name.startswith(level.opened_by) else f"{name} ({opened})"
        return shortened(text, 10, room) + times

    # -- a row -------------------------------------------------------------------------------------------------------

    def series(self, series: Series) -> Piece:
        """Parts in a row, what hangs from them below."""
        return self.row([self.part(part) for part in series.parts], series.hanging)

    def row(self, pieces: Sequence[Piece], hanging: Iterable[tuple[int, Series]]) -> Piece:
        """Pieces in a row, and below it what hangs from them by their place."""
        return self.hung(_row(pieces), pieces, hanging)

    def hung(
        self,
        row: Piece,
        pieces: Sequence[Piece],
        hanging: Iterable[tuple[int, Series]],
        margin: float = 0.0,
    ) -> Piece:
        """Make a row of pieces with what hangs from them below, each from the middle of the gap after its piece."""
        ends = {SOURCE: -GAP / 2}
        for place, (start, piece) in enumerate(zip(_starts(pieces, margin), pieces, strict=True)):
            ends[place] = start + piece.width
        return _hang(row, [(ends[place] + GAP / 2, self.series(part)) for place, part in hanging])

    def snake(self, series: Series, *, ends: bool = True) -> Piece:
        """Make a row; a row that is wider than the page goes back and forth. `ends` leads its end to the right edge."""
        pieces = [self.part(part) for part in series.parts]
        rows = []
        for start, end in pairwise(self.turns(series, pieces)):
            hanging = [
                (place - start, part)
                for place, part in series.hanging
                if start <= place < end or place < start == 0
            ]
            rows.append(self.row(pieces[start:end], hanging))
        return rows[0] if len(rows) == 1 else _snake(rows, ends=ends)

    def turns(self, series: Series, pieces: Sequence[Piece]) -> list[int]:
        """Where the rows start, and the end: rows are no wider than the page as far as they can be.

        A bridge that spans most of the page, as a U-Net's, stays in the row of what it leads over.
        """
        pairs = list(zip(series.parts, pieces, strict=True))
        if any(_spans(part) and piece.width > self.width / 2 for part, piece in pairs):
            return [0, len(pieces)]
        turns, width = [0], 0.0
        for place, piece in enumerate(pieces):
            own = piece.width + GAP
            if place > turns[-1] and width + own > self.width:
                turns.append(place)
                width = 0.0
            width += own
        return [*turns, len(pieces)]

    # -- side by side ------------------------------------------------------------------------------------------------

    def parallel(self, part: Parallel) -> Piece:
        """Branches: below a straight line, below an arc, or in lanes."""
        if part.straight and len(part.branches) == 1:
            branch = part.branches[0]
            inner = self.series(branch)
            return _bridge(inner) if _changes_size(branch) else _arc(inner)
        pieces = [self.series(branch) for branch in part.branches]
        return _lanes(pieces, straight=part.straight)

    def run(self, run: Run) -> Piece:
        """Items in a row, their edges on rails above."""
        pieces = [self.part(item) for item in run.items]
        fed = {(a, b) for a, b in run.edges if b == len(pieces) or pieces[b].fed}
        tracks = _tracks(fed, len(pieces))
        neighbours = {a for a, b in run.edges if b == a + 1 and a >= 0 and b < len(pieces)}
        row = _row(pieces, linked=neighbours, margin=GAP)
        return _with_rails(self.hung(row, pieces, run.hanging, GAP), pieces, tracks)


# --- rows -----------------------------------------------------------------------------------------------------------


def _starts(pieces: Sequence[Piece], margin: float = 0.0) -> list[float]:
    """Where each piece of a row starts."""
    starts, x = [], margin
    for piece in pieces:
        starts.append(x)
        x += piece.width + GAP
    return starts


def _row(pieces: Sequence[Piece], linked: set[int] | None = None, margin: float = 0.0) -> Piece:
    """Pieces in a row, those that are linked joined by arrows; all of them unless it is said which."""
    marks: list[Mark] = []
    starts = _starts(pieces, margin)
    for place, (piece, x) in enumerate(zip(pieces, starts, strict=True)):
        marks += piece.at(x, 0)
        if place and piece.fed and (linked is None or place - 1 in linked):
            before = starts[place - 1] + pieces[place - 1].width - pieces[place - 1].right
            marks.append(Polyline(((before, 0), (x + piece.left, 0)), piece.arrow))
    width = sum(piece.width for piece in pieces) + GAP * (len(pieces) - 1) + 2 * margin
    return Piece(
        width,
        max(piece.up for piece in pieces),
        max(piece.down for piece in pieces),
        margin + pieces[0].left,
        margin + pieces[-1].right,
        tuple(marks),
        pieces[0].arrow,
        pieces[0].fed,
    )


def _hang(row: Piece, hung: Iterable[tuple[float, Piece]]) -> Piece:
    """Make a row with pieces below it, each from a place on its line."""
    marks = list(row.marks)
    width, down = row.width, row.down
    for x, piece in sorted(hung, key=lambda pair: -pair[0]):
        y = down + LANE + piece.up
        marks.append(
            Polyline(((x, 0), (x, y), (x + LANE + piece.left, y)), arrow=True, role="side")
        )
        marks += piece.at(x + LANE, y)
        down = y + piece.down
        width = max(width, x + LANE + piece.width)
    right = row.right + width - row.width
    return row._replace(width=width, down=down, right=right, marks=tuple(marks))


def _snake(rows: Sequence[Piece], *, ends: bool) -> Piece:
    """Rows below each other, every second one from right to left, and the line that joins them."""
    width = max(row.width for row in rows) + 2 * LANE
    marks: list[Mark] = []
    y = 0.0
    last: Point = (0.0, 0.0)
    for place, row in enumerate(rows):
        y += rows[place - 1].down + LANE + row.up if place else 0
        placed = row.at(LANE, y)
        start, end = LANE + row.left, LANE + row.width - row.right
        if place % 2:
            placed = tuple(mark.mirrored(width) for mark in placed)
            start, end = width - start, width - end
        marks += placed
        if place:
            gutter = width if place % 2 else 0.0
            marks.append(Polyline((last, (gutter, last[1]), (gutter, y), (start, y)), row.arrow))
        last = (end, y)
    down = y + rows[-1].down
    first = rows[0]
    piece = Piece(width, first.up, down, LANE + first.left, 0, tuple(marks), first.arrow, first.fed)
    return _led_out(piece, last, backwards=len(rows) % 2 == 0) if ends else piece


def _led_out(piece: Piece, last: Point, *, backwards: bool) -> Piece:
    """Make a snake whose end, at `last`, is led to the right of its turns, at the height of its way in."""
    right, y = piece.width + LANE, last[1]
    low = piece.down + LANE / 2
    around = ((0.0, y), (0.0, low), (right, low)) if backwards else ((right, y),)
    out = Polyline((last, *around, (right, 0)), arrow=False)
    down = low + LANE / 2 if backwards else piece.down
    return piece._replace(width=right, down=down, marks=(*piece.marks, out))


# --- branches -------------------------------------------------------------------------------------------------------


def _lanes(pieces: Sequence[Piece], *, straight: bool) -> Piece:
    """Branches below each other between a split and a join.

    Of two the shorter is above the line; of more the middle of all is on it.
    """
    pieces = [Piece(0, 0, 0, 0, 0, (), arrow=False), *pieces] if straight else list(pieces)
    if len(pieces) == 2:
        pieces.sort(key=lambda piece: piece.width)
    inner = max(piece.width for piece in pieces)
    offsets = [0.0]
    for above, below in pairwise(pieces):
        offsets.append(offsets[-1] + above.down + LANE + below.up)
    middle = (offsets[0] - pieces[0].up + offsets[-1] + pieces[-1].down) / 2
    axis = offsets[1] if len(pieces) == 2 else middle
    width = inner + 2 * LANE
    marks: list[Mark] = []
    for piece, offset in zip(pieces, offsets, strict=True):
        y = offset - axis
        x = LANE + (inner - piece.width) / 2
        into = ((0.0, 0.0), (0.0, y), (x + piece.left, y))
        out = ((x + piece.width - piece.right, y), (width, y), (width, 0.0))
        if not piece.marks:
            marks.append(Polyline((*into[:2], *out[1:]), arrow=False, role="skip"))
            continue
        marks += [Polyline(into, piece.arrow)] if piece.fed else []
        marks += [*piece.at(x, y), Polyline(out, arrow=False)]
    up = axis - offsets[0] + pieces[0].up
    down = offsets[-1] - axis + pieces[-1].down
    fed = any(piece.fed for piece in pieces)
    return Piece(width, max(up, 0), max(down, 0), 0, 0, tuple(marks), arrow=False, fed=fed)


def _arc(inner: Piece) -> Piece:
    """Make a residual: the branch on the line, and what arrives in an arc over it."""
    width, high = inner.width + 2 * LANE, -inner.up - TRACK
    arc = ((0.0, 0.0), (0.0, high), (width, high), (width, 0.0))
    marks = (
        Polyline(arc, arrow=False, role="skip"),
        Polyline(((0, 0), (LANE + inner.left, 0)), inner.arrow),
        *inner.at(LANE, 0),
        Polyline(((LANE + inner.width - inner.right, 0), (width, 0)), arrow=False),
    )
    return Piece(width, -high + 2, inner.down, 0, 0, marks, arrow=False)


def _bridge(inner: Piece) -> Piece:
    """Say what arrives goes straight across, and the branch, whose maps have other sizes, below it."""
    width, low = inner.width + 2 * LANE, inner.up + LANE
    marks = (
        Polyline(((0, 0), (width, 0)), arrow=False, role="skip"),
        Polyline(((0, 0), (0, low), (LANE + inner.left, low)), inner.arrow),
        *inner.at(LANE, low),
        Polyline(((LANE + inner.width - inner.right, low), (width, low), (width, 0)), arrow=False),
    )
    return Piece(width, 2, low + inner.down, 0, 0, marks, arrow=False)


def _changes_size(branch: Series) -> bool:
    """Whether a branch makes maps of another size or depth than arrives, so that it does not stand in the line."""
    arriving = _first(branch.parts[0]).row.input[:1] or ((),)
    shapes = [shape for part in branch.parts for shape in _output(part)]
    smallest = min(shape[:-1] for shape in shapes)
    return shapes[-1] != arriving[0] or smallest < arriving[0][:-1]


def _spans(part: Part) -> bool:
    """Whether a part is a straight line over one branch."""
    return isinstance(part, Parallel) and part.straight and len(part.branches) == 1


def _first(part: Part) -> LayerBox:
    """Give the first box of a part."""
    if isinstance(part, Parallel):
        return _first(part.branches[0].parts[0])
    return part if isinstance(part, LayerBox) else boxes_of(part.items[0])[0]


def _output(part: Part) -> tuple[Shape, ...]:
    """Say what a part makes as a whole; branches make what the merge after them says."""
    if isinstance(part, Parallel):
        return ()
    return (part.output if isinstance(part, LayerBox) else boxes_of(part.items[-1])[-1].output,)


# --- rails ----------------------------------------------------------------------------------------------------------


Rail = Sequence[Edge]
"""Edges that are drawn along one level line."""


def _tracks(edges: Iterable[Edge], count: int) -> list[list[Rail]]:
    """Give the edges that do not lead to the next item, as rails, and those that do not meet at one height.

    There is one rail for all where each item reads all before it, as in a dense block; else one for each source.
    """
    long = sorted((a, b) for a, b in edges if b != a + 1 or a < 0 or b == count)
    if _is_dense(long):
        return [[long]]
    tracks: list[list[Rail]] = []
    for source in sorted({a for a, _ in long}):
        own = [edge for edge in long if edge[0] == source]
        free = next((track for track in tracks if track[-1][-1][1] <= source), None)
        if free is None:
            tracks.append([own])
        else:
            free.append(own)
    return tracks


def _is_dense(edges: Iterable[Edge]) -> bool:
    """Whether each target reads all that those before it read; what arrives may have a line of its own."""
    readers: dict[int, set[int]] = {}
    for a, b in edges:
        readers.setdefault(b, set()).add(a)
    seen: set[int] = set()
    for b in sorted(readers):
        if not seen <= readers[b] | {b - 1, SOURCE}:
            return False
        seen |= readers[b]
    return len(readers) > 2


def _rail_lines(up: Collection[float], down: Collection[float], y: float) -> Iterator[Polyline]:
    """Draw a rail at a height: a line at each x where something leaves or enters it, and the rail itself."""
    for x in sorted({*up, *down}):
        yield Polyline(((x, 0.0), (x, y)), arrow=False, role="skip")
    yield Polyline(((min(up), y), (max(down), y)), arrow=False, role="skip")


def _with_rails(row: Piece, pieces: Sequence[Piece], tracks: Sequence[Sequence[Rail]]) -> Piece:
    """Make a row with rails above it: a line up after each source, one down before each target."""
    starts = _starts(pieces, GAP)
    ends = [start + piece.width for start, piece in zip(starts, pieces, strict=True)]
    after = {place: end + GAP / 4 for place, end in enumerate(ends)}
    before = {place: start - GAP / 4 for place, start in enumerate(starts)}
    after[SOURCE], before[len(pieces)] = 0.0, row.width
    marks = list(row.marks)
    for height, track in enumerate(tracks, 1):
        y = -row.up - TRACK * height
        for rail in track:
            marks += _rail_lines({after[a] for a, _ in rail}, {before[b] for _, b in rail}, y)
    edges = [edge for track in tracks for rail in track for edge in rail]
    for place in sorted({b for _, b in edges if b < len(pieces)}):
        end = starts[place] + pieces[place].left
        marks.append(Polyline(((before[place], 0), (end, 0)), pieces[place].arrow))
    for place in sorted({a for a, _ in edges if a >= 0}):
        marks.append(
            Polyline(((ends[place] - pieces[place].right, 0), (after[place], 0)), arrow=False)
        )
    up_to = row.up + TRACK * len(tracks) + 2
    return Piece(row.width, up_to, row.down, 0, 0, tuple(marks), arrow=False)


__all__ = ["Layout", "Piece"]
