"""summary, params, shapes, flops, memory, receptive: the same report, other columns."""

from __future__ import annotations

from collections.abc import Callable

from cnncalc.cli import options as opt
from cnncalc.cli.networks import network_or_default
from cnncalc.cli.show import show_report
from cnncalc.network import load
from cnncalc.spec.graph import require_known


def question_command(question: str) -> Callable[..., None]:
    """Return the command that answers one question."""

    def command(
        net: opt.Net = None,
        input: opt.Input = None,
        set: opt.Settings = None,
        batch: opt.Batch = 1,
        dtype: opt.Dtype = "float32",
        optimizer: opt.Optimizer = "sgd",
        convention: opt.Convention = "standard",
        depth: opt.Depth = None,
        everything: opt.Everything = False,
        no_bias: opt.NoBias = False,
        with_side: opt.WithSide = False,
        strict: opt.Strict = False,
        source_format: opt.From = None,
        lang: opt.Lang = "en",
        format: opt.Format = None,
        output: opt.Output = None,
    ) -> None:
        loaded = load(network_or_default(net), input, opt.read_settings(set), source_format)
        if strict:
            require_known(loaded.graph)
        report = loaded.report(
            batch=batch,
            dtype=dtype,
            optimizer=optimizer,
            convention=convention,
            depth=depth,
            with_side=with_side,
            no_bias=no_bias,
        )
        show_report(report, question, opt.Shown(format, output, lang), everything=everything)

    return command


summary = question_command("summary")
params = question_command("params")
shapes = question_command("shapes")
flops = question_command("flops")
memory = question_command("memory")
receptive = question_command("receptive")
