"""draw: a network's picture, as SVG, PNG or PDF."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cnncalc.cli import options as opt
from cnncalc.cli.complete import complete_style, complete_theme
from cnncalc.cli.report import network_or_default
from cnncalc.cli.show import to_file, write, write_file
from cnncalc.network import load

Style = Annotated[
    str,
    typer.Option(
        "--style",
        metavar="STYLE",
        parser=opt.word,
        autocompletion=complete_style,
        help="blocks (boxes), volumes (feature maps in perspective), or graph (names in boxes).",
    ),
]
Theme = Annotated[
    str,
    typer.Option(
        "--theme",
        metavar="light|dark",
        parser=opt.word,
        autocompletion=complete_theme,
        help="The colours.",
    ),
]
Depth = Annotated[
    int | None,
    typer.Option(
        "--depth",
        metavar="N",
        help="Draw blocks of longer paths as one box; as deep as is readable unless given.",
    ),
]
File = Annotated[
    Path | None,
    typer.Option(
        "-o", "--output", metavar="FILE", help="Write to a file: .svg, .png or .pdf; - is SVG."
    ),
]


def draw_network(
    net: opt.Net = None,
    input: opt.Input = None,
    set: opt.Settings = None,
    style: Style = "blocks",
    depth: Depth = None,
    source_format: opt.From = None,
    lang: opt.Lang = "en",
    theme: Theme = "light",
    output: File = None,
) -> None:
    """Draw a network."""
    from cnncalc.draw import draw
    from cnncalc.draw.raster import converter

    loaded = load(network_or_default(net), input, opt.read_settings(set), source_format)
    convert = converter(output.suffix) if output is not None and to_file(output) else None
    svg = draw(loaded.report(), style=style, depth=depth, lang=lang, theme=theme)
    if convert is None or output is None:
        write(svg, output)
    else:
        write_file(convert(svg), output)


__all__ = ["draw_network"]
