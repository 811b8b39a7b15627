"""summary, params, shapes, flops, memory, receptive: the same report, other columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from cnncalc.cli import options as opt
from cnncalc.cli.networks import load_noted
from cnncalc.cli.show import echo_err, report_page, show, style_of
from cnncalc.spec.graph import require_known
from cnncalc.text.messages import translate

if TYPE_CHECKING:
    from cnncalc.tables.page import Page


class Counting(NamedTuple):
    """The options that say how is counted; what is not asked for is the default."""

    batch: int = 1
    dtype: str = "float32"
    optimizer: str = "sgd"
    convention: str = "standard"
    no_bias: bool = False

    def idle(self, rendered: Callable[[Counting], str]) -> Iterator[str]:
        """Yield the options asked for without which the very same is shown."""
        given = {
            name: value
            for name, value in self._asdict().items()
            if value != self._field_defaults[name]
        }
        for name in given:
            without = self._replace(**{name: self._field_defaults[name]})
            if rendered(without) == rendered(self):
                yield f"--{name.replace('_', '-')}"


def _idle(option: str, question: str, lang: str) -> str:
    """Say that an option changes nothing of what is shown, and where it does."""
    return translate(
        "note: {option} changes nothing in {command}; --format json has every number",
        lang,
        option=option,
        command=question,
    )


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
        loaded = load_noted(net, input, set, source_format, lang)
        if strict:
            require_known(loaded.graph)
        counting = Counting(batch, dtype, optimizer, convention, no_bias)
        shown = opt.Shown(format, output, lang)

        def page(counting: Counting) -> Page:
            report = loaded.report(depth=depth, with_side=with_side, **counting._asdict())
            return report_page(report, question, lang, everything=everything)

        def rendered(counting: Counting) -> str:
            from cnncalc.tables.page import render_page

            return render_page(page(counting), style)

        style = style_of(shown)
        show(page(counting), shown)
        for option in counting.idle(rendered) if style != "json" else ():
            echo_err(_idle(option, question, lang))

    return command


summary = question_command("summary")
params = question_command("params")
shapes = question_command("shapes")
flops = question_command("flops")
memory = question_command("memory")
receptive = question_command("receptive")
