"""draw: a network's picture, as SVG, PNG or PDF."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cnncalc.cli import options as opt
from cnncalc.cli.complete import complete_style
from cnncalc.cli.networks import network_or_default
from cnncalc.cli.show import write_picture
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
    theme: opt.Theme = "light",
    output: File = None,
) -> None:
    """Draw a network."""
    from cnncalc.draw import draw

    loaded = load(network_or_default(net), input, opt.read_settings(set), source_format)
    write_picture(
        lambda: draw(loaded.report(), style=style, depth=depth, lang=lang, theme=theme), output
    )


__all__ = ["draw_network"]
