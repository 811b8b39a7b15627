"""compare: networks beside each other; diff: what turns one network into another."""

from __future__ import annotations

from typing import Annotated

import typer

from cnncalc.cli import options as opt
from cnncalc.cli.complete import complete_network, one_of
from cnncalc.cli.show import show, style_of
from cnncalc.network import load
from cnncalc.spec.overrides import check_choice

Nets = Annotated[
    list[str],
    typer.Argument(
        metavar="NET...",
        help="Networks: names, spec or model files.",
        autocompletion=complete_network,
    ),
]
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
First = Annotated[
    str, typer.Argument(metavar="A", help="The network before.", autocompletion=complete_network)
]
Second = Annotated[
    str, typer.Argument(metavar="B", help="The network after.", autocompletion=complete_network)
]


def compare(
    nets: Nets,
    by: By = "network",
    input: opt.Input = None,
    batch: opt.Batch = 1,
    dtype: opt.Dtype = "float32",
    optimizer: opt.Optimizer = "sgd",
    convention: opt.Convention = "standard",
    with_side: opt.WithSide = False,
    lang: opt.Lang = "en",
    format: opt.Format = None,
    output: opt.Output = None,
) -> None:
    """Compare networks to the first."""
    from cnncalc.counts.compare_page import BY, compare_page

    check_choice("--by", by, BY)
    shown = opt.Shown(format, output, lang)
    style_of(shown)
    reports = [
        load(name, input).report(
            batch=batch,
            dtype=dtype,
            optimizer=optimizer,
            convention=convention,
            with_side=with_side,
        )
        for name in nets
    ]
    show(compare_page(reports, lang, by), shown)


def diff(
    a: First,
    b: Second,
    input: opt.Input = None,
    batch: opt.Batch = 1,
    dtype: opt.Dtype = "float32",
    optimizer: opt.Optimizer = "sgd",
    convention: opt.Convention = "standard",
    lang: opt.Lang = "en",
    format: opt.Format = None,
    output: opt.Output = None,
) -> None:
    """Say what differs; exit code 1 where anything does."""
    from cnncalc.counts.diff import diff as find
    from cnncalc.counts.diff_page import diff_page

    shown = opt.Shown(format, output, lang)
    style_of(shown)
    one, other = (
        load(name, input).report(
            batch=batch, dtype=dtype, optimizer=optimizer, convention=convention
        )
        for name in (a, b)
    )
    difference = find(one, other)
    show(diff_page(difference, lang), shown)
    if difference.changes:
        raise typer.Exit(1)


__all__ = ["compare", "diff"]
