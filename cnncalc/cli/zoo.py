"""list: the networks that cnncalc knows."""

from __future__ import annotations

from typing import Annotated

import typer

from cnncalc.cli import options as opt
from cnncalc.cli.show import echo_err, show


def list_networks(
    search: Annotated[
        str | None, typer.Option("--search", metavar="TEXT", help="Only those with this text.")
    ] = None,
    lang: opt.Lang = "en",
    format: opt.Format = None,
    output: opt.Output = None,
) -> None:
    """List the networks, with parameters and MACs."""
    from cnncalc.zoo import entries, list_page, matching

    listed = matching(entries(), search or "")
    show(list_page(listed, lang), opt.Shown(format, output, lang))
    if not listed:
        echo_err(f"no network has '{search}' in its name, title, family, source or aliases")
        raise typer.Exit(1)
