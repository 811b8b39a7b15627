"""compare: networks beside each other; diff: what turns one network into another."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cnncalc.cli import options as opt
from cnncalc.cli.complete import complete_network, one_of
from cnncalc.cli.networks import load_each
from cnncalc.cli.show import show, style_of, write_picture
from cnncalc.spec.overrides import check_choice
from cnncalc.text.source import single_problem

By = Annotated[
    str,
    typer.Option(
        "--by",
        metavar="network|layer",
        parser=opt.word,
        autocompletion=one_of(lambda: ("network", "layer")),
        help="A row for each network, or stage.",
    ),
]
Compared = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--output",
        metavar="FILE",
        help="Write to a file; .svg, .png or .pdf is a plot of parameters against MACs.",
    ),
]
First = Annotated[
    str, typer.Argument(metavar="A", help="The network before.", autocompletion=complete_network)
]
Second = Annotated[
    str | None,
    typer.Argument(
        metavar="B",
        help="The network after; A with --set unless given.",
        autocompletion=complete_network,
    ),
]


def compare(
    nets: opt.Nets,
    by: By = "network",
    input: opt.Input = None,
    set: opt.Settings = None,
    batch: opt.Batch = 1,
    dtype: opt.Dtype = "float32",
    optimizer: opt.Optimizer = "sgd",
    convention: opt.Convention = "standard",
    with_side: opt.WithSide = False,
    source_format: opt.From = None,
    lang: opt.Lang = "en",
    theme: opt.Theme = "light",
    format: opt.Format = None,
    output: Compared = None,
) -> None:
    """Compare networks to the first."""
    from cnncalc.compare.compare_page import BY, compare_page
    from cnncalc.draw.raster import PICTURES

    check_choice("--by", by, BY)
    shown = opt.Shown(format, output, lang)
    style_of(shown)
    reports = [
        network.report(
            batch=batch,
            dtype=dtype,
            optimizer=optimizer,
            convention=convention,
            with_side=with_side,
        )
        for network in load_each(nets, input, set, source_format)
    ]
    if format is None and output is not None and output.suffix.lower() in PICTURES:
        from cnncalc.page import comparison_picture

        write_picture(lambda: comparison_picture(reports, lang, theme), output)
    else:
        show(compare_page(reports, lang, by), shown)


def diff(
    a: First,
    b: Second = None,
    input: opt.Input = None,
    set: opt.Settings = None,
    batch: opt.Batch = 1,
    dtype: opt.Dtype = "float32",
    optimizer: opt.Optimizer = "sgd",
    convention: opt.Convention = "standard",
    source_format: opt.From = None,
    lang: opt.Lang = "en",
    format: opt.Format = None,
    output: opt.Output = None,
) -> None:
    """Say what differs; exit code 1 where anything does."""
    from cnncalc.compare.diff import diff as find
    from cnncalc.compare.diff_page import diff_page

    shown = opt.Shown(format, output, lang)
    style_of(shown)
    if b is None and not set:
        hint = "name another network, or change this one: --set conv1.stride=1"
        raise single_problem("B", a, "there is nothing to compare with", hint, "option")
    before = load_each([a], input, None, source_format)
    after = load_each([a if b is None else b], input, set, source_format)
    first, other = (
        network.report(batch=batch, dtype=dtype, optimizer=optimizer, convention=convention)
        for network in (*before, *after)
    )
    difference = find(first, other)
    show(diff_page(difference, lang), shown)
    if difference.changes:
        raise typer.Exit(1)


__all__ = ["compare", "diff"]
