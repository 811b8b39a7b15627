"""report: an HTML page of one network, or of several beside each other."""

from __future__ import annotations

from typing import Annotated

import typer

from cnncalc.cli import options as opt
from cnncalc.cli.complete import complete_network
from cnncalc.cli.show import write
from cnncalc.network import load
from cnncalc.spec.overrides import check_choice
from cnncalc.text.messages import LANGUAGES

Nets = Annotated[
    list[str],
    typer.Argument(
        metavar="NET...",
        help="Networks: names, spec or model files.",
        autocompletion=complete_network,
    ),
]


def report(
    nets: Nets,
    input: opt.Input = None,
    batch: opt.Batch = 1,
    dtype: opt.Dtype = "float32",
    optimizer: opt.Optimizer = "sgd",
    convention: opt.Convention = "standard",
    with_side: opt.WithSide = False,
    lang: opt.Lang = "en",
    output: opt.Output = None,
) -> None:
    """Write the page."""
    from cnncalc.page import html_page

    check_choice("--lang", lang, LANGUAGES)
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
    write(html_page(reports, lang), output)


__all__ = ["report"]
