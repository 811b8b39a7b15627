"""A network's picture: its rows at a depth, outlined, taken apart, laid out."""

from __future__ import annotations

from functools import partial

from cnncalc.draw.font import shortened, text_width
from cnncalc.draw.glyphs import STYLES, DrawingScale
from cnncalc.draw.layout import Layout, Piece
from cnncalc.draw.outline import LayerBox, Level, boxes_of, outline
from cnncalc.draw.picture import Label, Picture
from cnncalc.draw.structure import Parallel, Series, structure
from cnncalc.draw.svg import write_svg
from cnncalc.draw.theme import THEMES
from cnncalc.ops.shapes import format_shape
from cnncalc.report.analysis import Report, Totals, fold
from cnncalc.spec.overrides import check_choice, check_positive
from cnncalc.text.limits import limit
from cnncalc.text.messages import LANGUAGES, message, translate
from cnncalc.text.source import SpecError, single_problem

MAX_DEFAULT_BOXES = 48
"""Boxes of a picture for which nobody asked for a depth: the deepest that has no more is drawn."""
PAGE = 1200.0
"""The width at which a row turns back, in pixels."""
MAX_BOXES = limit(2000)
"""Boxes that a picture may have."""
_MARGIN = 14.0
_HEADING = 46.0
_ABOUT = "{boxes} boxes for {rows} layers, input {input}, {params} parameters, {macs} multiply-accumulates"


def draw(
    report: Report,
    *,
    style: str = "blocks",
    depth: int | None = None,
    lang: str = "en",
    theme: str = "light",
) -> str:
    """Make a network as an SVG document. Raises SpecError for an unknown word or a depth below 1."""
    check_choice("--theme", theme, THEMES)
    return write_svg(picture(report, style=style, depth=depth, lang=lang), theme)


def picture(
    report: Report, *, style: str = "blocks", depth: int | None = None, lang: str = "en"
) -> Picture:
    """Make a network's picture from its report; without `depth` as deep as is readable, whatever the report's own.

    Raises SpecError for an unknown style or language, a depth below 1, or more than MAX_BOXES boxes.
    """
    check_choice("--style", style, STYLES)
    check_choice("--lang", lang, LANGUAGES)
    level = _readable(report) if depth is None else _at_depth(report, depth)
    series = structure(level)
    leaves = boxes_of(level)
    if len(leaves) > MAX_BOXES:
        raise _too_many(report, len(leaves), depth)
    layout = Layout(partial(STYLES[style], scale=DrawingScale.of(leaves, lang)), lang, PAGE)
    return _framed(layout.snake(series, ends=False), report, leaves, lang)


def _too_many(report: Report, count: int, depth: int | None) -> SpecError:
    """Make the error about a picture of so many boxes, at the depth that was asked for."""
    wrong = message(
        "the picture would have {count} boxes; the limit is {limit}",
        count=f"{count:,}",
        limit=f"{MAX_BOXES:,}",
    )
    if depth is not None:
        hint = message("a smaller --depth folds blocks")
        return single_problem("--depth", str(depth), wrong, hint, "limit")
    hint = message("a block, or a repeat with a name, is one box")
    return single_problem("NET", report.network, wrong, hint, "limit")


def _at_depth(report: Report, depth: int) -> Level:
    check_positive("--depth", depth)
    return outline(report.graph, fold(report.graph, report.layers, depth))


def _readable(report: Report) -> Level:
    """Give the deepest outline drawn with no more than MAX_DEFAULT_BOXES boxes, equal scopes once, and of no more than
    MAX_BOXES; the flattest where none is.
    """
    deepest = max(row.name.count("/") for row in report.layers) + 1
    level = _at_depth(report, 1)
    for depth in range(2, deepest + 1):
        deeper = _at_depth(report, depth)
        if len(boxes_of(deeper)) > MAX_BOXES or _drawn(structure(deeper)) > MAX_DEFAULT_BOXES:
            break
        level = deeper
    return level


def _drawn(series: Series) -> int:
    """How many boxes a series is drawn with, equal scopes once."""
    count = sum(_drawn(part) for _, part in series.hanging)
    for part in series.parts:
        if isinstance(part, LayerBox):
            count += 1
        elif isinstance(part, Level):
            count += _drawn(structure(part))
        elif isinstance(part, Parallel):
            count += sum(map(_drawn, part.branches))
        else:
            count += _drawn(Series(part.items, part.hanging))
    return count


def _framed(piece: Piece, report: Report, leaves: list[LayerBox], lang: str) -> Picture:
    """Make a laid out network with its heading, on a page."""
    title = shortened(report.title or report.network, 16, PAGE - 100)
    about = _description(report, len(leaves), lang)
    widest = max(text_width(title, 16), text_width(about, 11))
    width = max(piece.width, widest) + 2 * _MARGIN
    heading = (
        Label(width / 2, 22, title, 16, "title"),
        Label(width / 2, 38, about, 11, "subtitle"),
    )
    top = _HEADING + piece.up + 4
    height = top + piece.down + _MARGIN
    marks = piece.at((width - piece.width) / 2, top)
    return Picture(width, height, title, about, heading, marks, lang)


def _description(report: Report, boxes: int, lang: str) -> str:
    """Say what the picture shows, for its heading and for who cannot see it."""
    totals = report.totals
    return translate(
        _ABOUT,
        lang,
        boxes=boxes,
        rows=len(report.layers),
        input=", ".join(map(format_shape, report.inputs.values())),
        params=_count(totals, "params"),
        macs=_count(totals, "macs"),
    )


def _count(totals: Totals, name: str) -> str:
    """Make a total; of one that something unknown enters the least that it can be."""
    least = "≥ " if name in totals.unknown else ""
    return f"{least}{getattr(totals, name):,}"


__all__ = ["MAX_BOXES", "MAX_DEFAULT_BOXES", "draw", "picture"]
