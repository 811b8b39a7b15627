"""sweep: many variants of a network; budget: totals held to bounds; fit: the largest batch or input for a memory."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from cnncalc.cli import options as opt
from cnncalc.cli.complete import complete_setting, complete_totals, one_of
from cnncalc.cli.show import echo_err, show, style_of, with_progress, write
from cnncalc.network import load
from cnncalc.spec.overrides import check_choice, check_positive
from cnncalc.tables import FORMATS

GITHUB = "github"

Axes = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUES",
        autocompletion=complete_setting,
        help="Values a,b,c or FIRST:LAST:STEP; may be repeated.",
    ),
]
Inputs = Annotated[
    str | None, typer.Option("--input", metavar="SIZES", help="Inputs: 128,160,192 or 128:256:32.")
]
Show = Annotated[
    str,
    typer.Option(
        "--show",
        metavar="NAMES",
        autocompletion=complete_totals,
        help="Totals to show: params, macs, flops, activations, memory, peak, training.",
    ),
]
Pareto = Annotated[
    str | None,
    typer.Option(
        "--pareto",
        metavar="NAMES",
        autocompletion=complete_totals,
        help="Only those that no other beats in all of these.",
    ),
]
Workers = Annotated[
    int | None,
    typer.Option("--workers", metavar="N", help="Processes; as many as cores unless given."),
]
MaxParams = Annotated[str | None, typer.Option("--max-params", metavar="N", help="Such as 5M.")]
MaxMacs = Annotated[str | None, typer.Option("--max-macs", metavar="N", help="Such as 600M.")]
MaxFlops = Annotated[
    str | None, typer.Option("--max-flops", metavar="N", help="As the convention counts them.")
]
MaxActivations = Annotated[
    str | None, typer.Option("--max-activations", metavar="N", help="Values, for one example.")
]
MaxMemory = Annotated[
    str | None, typer.Option("--max-memory", metavar="BYTES", help="Of the activations.")
]
MaxPeak = Annotated[
    str | None, typer.Option("--max-peak", metavar="BYTES", help="Of a forward pass, such as 20MB.")
]
MaxTraining = Annotated[
    str | None, typer.Option("--max-training", metavar="BYTES", help="Such as 24GiB.")
]


def sweep(
    net: opt.RequiredNet,
    set: Axes = None,
    input: Inputs = None,
    show_totals: Show = "params,macs,activations",
    pareto: Pareto = None,
    max_params: MaxParams = None,
    max_macs: MaxMacs = None,
    max_flops: MaxFlops = None,
    max_activations: MaxActivations = None,
    max_memory: MaxMemory = None,
    max_peak: MaxPeak = None,
    max_training: MaxTraining = None,
    workers: Workers = None,
    batch: opt.Batch = 1,
    dtype: opt.Dtype = "float32",
    optimizer: opt.Optimizer = "sgd",
    convention: opt.Convention = "standard",
    lang: opt.Lang = "en",
    format: opt.Format = None,
    output: opt.Output = None,
) -> None:
    """Work out every variant, in the order of the options; exit code 1 where none is within the bounds."""
    from cnncalc.sizing.page import sweep_page
    from cnncalc.sizing.sweep import INPUT, MAX_WORKERS, Axis, Request, Sweep, read_axis, values_of
    from cnncalc.sizing.sweep import sweep as variants_of
    from cnncalc.spec.bounds import read_bounds

    shown = opt.Shown(format, output, lang)
    style_of(shown)
    bounds = read_bounds(
        {
            "params": max_params,
            "macs": max_macs,
            "flops": max_flops,
            "activations": max_activations,
            "memory": max_memory,
            "peak": max_peak,
            "training": max_training,
        }
    )
    axes = [read_axis(text) for text in set or ()]
    axes += [Axis(INPUT, values_of(INPUT, input))] if input is not None else []
    front = _names(pareto)
    names = tuple(dict.fromkeys((*_names(show_totals), *front, *(bound.name for bound in bounds))))
    loaded = load(net)
    count = min(os.cpu_count() or 1, MAX_WORKERS) if workers is None else workers
    request = Request(names, batch, dtype, optimizer, convention)
    worked = variants_of(loaded, axes, request, workers=count)
    variants = tuple(with_progress(worked, "sweeping"))
    done = Sweep(loaded.name, tuple(axes), names, variants).kept(bounds)
    done = done.pareto(front) if front else done
    show(sweep_page(done, lang), shown)
    if all(variant.problem for variant in done.variants):
        echo_err(
            "no variant is within the bounds" if not done.variants else "no variant can be built"
        )
        raise typer.Exit(1)


def _names(text: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in (text or "").split(",") if name.strip())


BudgetFormat = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="FORMAT",
        parser=opt.word,
        autocompletion=one_of(lambda: (*FORMATS, GITHUB)),
        help=f"{', '.join(FORMATS)} or {GITHUB}.",
    ),
]


def budget(
    net: opt.RequiredNet,
    max_params: MaxParams = None,
    max_macs: MaxMacs = None,
    max_flops: MaxFlops = None,
    max_activations: MaxActivations = None,
    max_memory: MaxMemory = None,
    max_peak: MaxPeak = None,
    max_training: MaxTraining = None,
    input: opt.Input = None,
    set: opt.Settings = None,
    batch: opt.Batch = 1,
    dtype: opt.Dtype = "float32",
    optimizer: opt.Optimizer = "sgd",
    convention: opt.Convention = "standard",
    with_side: opt.WithSide = False,
    source_format: opt.From = None,
    lang: opt.Lang = "en",
    format: BudgetFormat = None,
    output: opt.Output = None,
) -> None:
    """Hold a network's totals to bounds, its spec's own `budget` too; exit code 1 where one is over."""
    from cnncalc.sizing.budget import budget_of
    from cnncalc.sizing.page import budget_page, workflow_commands
    from cnncalc.spec.bounds import read_bounds

    check_choice("--format", format or GITHUB, (*FORMATS, GITHUB))
    bounds = read_bounds(
        {
            "params": max_params,
            "macs": max_macs,
            "flops": max_flops,
            "activations": max_activations,
            "memory": max_memory,
            "peak": max_peak,
            "training": max_training,
        }
    )
    loaded = load(net, input, opt.read_settings(set), source_format)
    report = loaded.report(
        batch=batch, dtype=dtype, optimizer=optimizer, convention=convention, with_side=with_side
    )
    held = budget_of(loaded, report, bounds)
    if format == GITHUB:
        write("\n".join(workflow_commands(loaded.name, loaded.spec.source.name, held)), output)
    else:
        show(budget_page(loaded.name, held, lang), opt.Shown(format, output, lang))
    if not all(limit.passed for limit in held):
        raise typer.Exit(1)


def fit(
    net: opt.RequiredNet,
    memory: Annotated[str, typer.Option("--memory", metavar="BYTES", help="Such as 24GiB.")],
    train: Annotated[bool, typer.Option("--train", help="Training rather than inference.")] = False,
    what: Annotated[
        str,
        typer.Option(
            "--what",
            metavar="batch|input",
            parser=opt.word,
            autocompletion=one_of(lambda: ("batch", "input")),
            help="What is to be as large as can be.",
        ),
    ] = "batch",
    step: Annotated[
        int, typer.Option("--step", metavar="N", help="Inputs of a multiple of N positions.")
    ] = 32,
    input: opt.Input = None,
    set: opt.Settings = None,
    batch: opt.Batch = 1,
    dtype: opt.Dtype = "float32",
    optimizer: opt.Optimizer = "sgd",
    source_format: opt.From = None,
    lang: opt.Lang = "en",
    format: opt.Format = None,
    output: opt.Output = None,
) -> None:
    """Find the largest batch or input that fits a memory; exit code 1 where none does."""
    from cnncalc.sizing.fit import assumptions, fit_batch, fit_input
    from cnncalc.sizing.page import fit_page
    from cnncalc.spec.bounds import read_bound

    check_choice("--what", what, ("batch", "input"))
    check_positive("--step", step)
    shown = opt.Shown(format, output, lang)
    style_of(shown)
    loaded = load(net, input, opt.read_settings(set), source_format)
    bound = read_bound("memory", memory, "--")
    optimized = optimizer if train else None
    if what == "batch":
        fitted = fit_batch(loaded, bound, dtype, optimized)
    else:
        fitted = fit_input(loaded, bound, dtype, optimized, batch=batch, step=step)
    assumed = assumptions(dtype, optimized, loaded.graph.input if what == "batch" else batch)
    show(fit_page(loaded.title, fitted, assumed, lang), shown)
    if not fitted.size:
        raise typer.Exit(1)


__all__ = ["budget", "fit", "sweep"]
