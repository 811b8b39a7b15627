"""report: an HTML page of one network, or of several beside each other."""

from __future__ import annotations

from cnncalc.cli import options as opt
from cnncalc.cli.networks import load_each
from cnncalc.cli.show import write
from cnncalc.spec.overrides import check_choice
from cnncalc.text.messages import LANGUAGES


def report(
    nets: opt.Nets,
    input: opt.Input = None,
    set: opt.Settings = None,
    batch: opt.Batch = 1,
    dtype: opt.Dtype = "float32",
    optimizer: opt.Optimizer = "sgd",
    convention: opt.Convention = "standard",
    with_side: opt.WithSide = False,
    source_format: opt.From = None,
    lang: opt.Lang = "en",
    output: opt.Output = None,
) -> None:
    """Write the page."""
    from cnncalc.page import html_page

    check_choice("--lang", lang, LANGUAGES)
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
    write(html_page(reports, lang), output)


__all__ = ["report"]
