"""conventions: what each counts; identify: what a number is; reconcile: why two counts differ."""

from __future__ import annotations

from typing import Annotated

import typer

from cnncalc.cli import options as opt
from cnncalc.cli.complete import complete_convention, complete_layer
from cnncalc.cli.show import echo_err, show, style_of
from cnncalc.network import load

LayerOption = Annotated[
    str | None,
    typer.Option(
        "--layer",
        metavar="LAYER",
        help="Only this layer, block instance, or total.",
        autocompletion=complete_layer,
    ),
]


def conventions(
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help="One of them.", autocompletion=complete_convention),
    ] = None,
    lang: opt.Lang = "en",
    format: opt.Format = None,
    output: opt.Output = None,
) -> None:
    """List the counting conventions, or show one term by term."""
    from cnncalc.counts.page import conventions_page
    from cnncalc.report.conventions import conventions as all_conventions
    from cnncalc.report.conventions import load_convention

    listed = all_conventions() if name is None else (load_convention(name),)
    shown = opt.Shown(format, output, lang)
    show(conventions_page(listed, alone=name is not None, lang=lang), shown)


def identify(
    net: opt.RequiredNet,
    number: Annotated[
        list[str],
        typer.Argument(metavar="NUMBER", help="As written: 3.8G, 138M, 96MB, 4.13 GFLOPs."),
    ],
    layer: LayerOption = None,
    input: opt.Input = None,
    set: opt.Settings = None,
    batch: opt.Batch = 1,
    dtype: opt.Dtype = "float32",
    source_format: opt.From = None,
    lang: opt.Lang = "en",
    format: opt.Format = None,
    output: opt.Output = None,
) -> None:
    """Say which quantities and conventions give a number as written; exit code 1 where none does."""
    from cnncalc.counts.page import identify_page, sentence

    shown = opt.Shown(format, output, lang)
    style = style_of(shown)
    loaded = load(net, input, opt.read_settings(set), source_format)
    identified = loaded.identify(" ".join(number), layer, batch=batch, dtype=dtype)
    show(identify_page(identified, lang=lang), shown)
    if not identified.found:
        if style in ("json", "csv"):  # elsewhere the title says so
            echo_err(sentence(identified, lang))
        raise typer.Exit(1)


def reconcile(
    net: opt.RequiredNet,
    given: Annotated[
        list[str],
        typer.Argument(
            metavar="A B...",
            help="Conventions, numbers as printed, each held against the last; or other networks.",
            autocompletion=complete_convention,
        ),
    ],
    layer: LayerOption = None,
    by_layer: Annotated[
        bool, typer.Option("--per-layer", help="Layer by layer, where the counts differ.")
    ] = False,
    input: opt.Input = None,
    set: opt.Settings = None,
    source_format: opt.From = None,
    lang: opt.Lang = "en",
    format: opt.Format = None,
    output: opt.Output = None,
) -> None:
    """Say why counts of a network, or of two, differ; exit code 1 where a number is of neither it nor its family."""
    from cnncalc.counts.page import reconcile_page

    shown = opt.Shown(format, output, lang)
    style_of(shown)
    loaded = load(net, input, opt.read_settings(set), source_format)
    done = loaded.reconcile(*given, layer=layer or "total")
    show(reconcile_page(done, by_layer=by_layer, lang=lang), shown)
    if not done.found:
        raise typer.Exit(1)


__all__ = ["conventions", "identify", "reconcile"]
