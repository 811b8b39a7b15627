"""list: the networks that cnncalc knows."""

from __future__ import annotations

from typing import Annotated

import typer

from cnncalc.cli import options as opt
from cnncalc.cli.show import json_text, say, show_table, style_of, write


def list_networks(
    search: Annotated[
        str | None, typer.Option("--search", metavar="TEXT", help="Only those with this text.")
    ] = None,
    lang: opt.Lang = "en",
    format: opt.Format = None,
    output: opt.Output = None,
) -> None:
    """List the networks, with parameters and MACs."""
    from cnncalc.zoo import entries, matching

    shown = opt.Shown(format, output, lang)
    style = style_of(shown)
    found = matching(entries(), search or "")
    if style == "json":
        from cnncalc.zoo import list_document

        write(json_text(list_document(found)), output)
    else:
        from cnncalc.zoo import list_table

        show_table(list_table(found, lang=lang), style, output)
    if not found:
        say(f"no network has '{search}' in its name, title, family, source or aliases")
        raise typer.Exit(1)
