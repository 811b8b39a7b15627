"""conventions: what each counts; identify: what a number is; reconcile: why two counts differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cnncalc.api import load
from cnncalc.cli import options as opt
from cnncalc.cli.complete import complete_convention, complete_layer, complete_network
from cnncalc.cli.show import json_text, say, show_table, style_of, terminal_width, write

if TYPE_CHECKING:
    from cnncalc.counts.reconcile import Reconciled

RequiredNet = Annotated[
    str,
    typer.Argument(
        metavar="NET",
        help="A network's name, a spec file, or - for standard input.",
        autocompletion=complete_network,
    ),
]
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
    from cnncalc.counts import page as counttables
    from cnncalc.report.conventions import conventions as all_conventions
    from cnncalc.report.conventions import load_convention

    style = style_of(opt.Shown(format, output, lang))
    listed = all_conventions() if name is None else (load_convention(name),)
    if style == "json":
        write(json_text(counttables.conventions_document(listed)), output)
        return
    table = (
        counttables.conventions_table(listed, lang=lang)
        if name is None
        else counttables.convention_table(listed[0], lang=lang)
    )
    show_table(table, style, output)


def identify(
    net: RequiredNet,
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
    from cnncalc.counts import page as counttables

    style = style_of(opt.Shown(format, output, lang))
    loaded = load(net, input, opt.read_settings(set), source_format)
    found = loaded.identify(" ".join(number), layer, batch=batch, dtype=dtype)
    if style == "json":
        write(json_text(counttables.identify_document(found)), output)
    else:
        show_table(counttables.identify_table(found, lang=lang), style, output)
    if not found.found:
        if style in ("json", "csv"):  # elsewhere the title says so
            say(counttables.sentence(found))
        raise typer.Exit(1)


def reconcile(
    net: RequiredNet,
    given: Annotated[
        list[str],
        typer.Argument(
            metavar="A B...",
            help="Conventions, or numbers as printed; each is held against the last.",
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
    format: opt.Format = None,
    output: opt.Output = None,
) -> None:
    """Say why counts of one network differ; exit code 1 where a number is no count of it or of its family."""
    shown = opt.Shown(format, output)
    style_of(shown)
    done = load(net, input, opt.read_settings(set), source_format).reconcile(
        *given, layer=layer or "total"
    )
    show_reconciled(done, shown, by_layer=by_layer)
    if not done.found:
        raise typer.Exit(1)


def show_reconciled(done: Reconciled, shown: opt.Shown, *, by_layer: bool) -> None:
    """Equations, or layers, in the format asked for."""
    from cnncalc.counts import page as counttables
    from cnncalc.counts.reconcile import per_layer

    style, listed = style_of(shown), per_layer(done) if by_layer else None
    if style == "json":
        write(json_text(counttables.reconcile_document(done, listed)), shown.output)
    elif listed is not None:
        show_table(counttables.per_layer_table(done, listed), style, shown.output)
    elif style in ("table", "plain"):
        from cnncalc.counts.reckoning import render

        write(render(done, terminal_width()), shown.output)
    else:
        show_table(counttables.reconcile_table(done), style, shown.output)


__all__ = ["conventions", "identify", "reconcile"]
