"""validate: all problems of specs; schema: the JSON Schemas of our files."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Annotated

import typer

from cnncalc.cli import options as opt
from cnncalc.cli.complete import complete_network
from cnncalc.cli.show import echo_err, write
from cnncalc.network import Network, find_network
from cnncalc.spec.file import Spec
from cnncalc.spec.graph import require_known
from cnncalc.spec.overrides import check_choice
from cnncalc.tables.page import json_text
from cnncalc.text.messages import LANGUAGES, Phrase, message, said
from cnncalc.text.printable import printable
from cnncalc.text.source import SpecError

if TYPE_CHECKING:
    from cnncalc.counts.claims import Verdict
    from cnncalc.models.builder import Model


def validate(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...",
            help="Spec or model files, names of networks, or -.",
            autocompletion=complete_network,
        ),
    ],
    source_format: opt.From = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Say nothing of specs that are sound.")
    ] = False,
    strict: opt.Strict = False,
    lang: opt.Lang = "en",
) -> None:
    """Show every problem of a spec, notes, and whether its claims are met."""
    check_choice("--lang", lang, LANGUAGES)
    worst = max(
        validate_one(name, source_format, quiet=quiet, strict=strict, lang=lang) for name in files
    )
    if worst:
        raise typer.Exit(worst)


def validate_one(
    name: str,
    source_format: str | None = None,
    *,
    quiet: bool,
    strict: bool = False,
    lang: str = "en",
) -> int:
    """Check one spec and its variants; 0 sound, 1 a claim fails, 2 a mistake. `strict` makes what is unknown one."""
    try:
        spec = find_network(name, source_format)
        is_path = isinstance(spec, Spec) and spec.source.name == name
        nets = [Network(variant) for variant in _with_variants(spec, asked=is_path)]
        for net in nets if strict else ():
            require_known(net.graph)
    except SpecError as error:
        echo_err(error.text(lang))
        return 2
    return max(
        _validate_network(net, f"{name}, {net.name}" if place else name, quiet=quiet, lang=lang)
        for place, net in enumerate(nets)
    )


def _with_variants(spec: Spec | Model, *, asked: bool) -> tuple[Spec | Model, ...]:
    """Return a network, and the variants of it that its file has where they are asked for too."""
    return spec.networks() if asked and isinstance(spec, Spec) else (spec,)


def _validate_network(net: Network, name: str, *, quiet: bool, lang: str) -> int:
    """Tell the notes on a sound network, and whether its claims are met: 0 if so, 1 where one fails."""
    verdicts = net.check_claims()
    failed = [verdict.problem for verdict in verdicts if verdict.problem is not None]
    for problem in failed:
        echo_err(str(problem))
    if not quiet:
        for note in net.notes():
            echo_err(note.text(lang))
        write(printable(f"{name}: {said(_verdict(net, verdicts, len(failed)), lang)}"), None)
    return 1 if failed else 0


def _verdict(net: Network, verdicts: list[Verdict], failed: int) -> Phrase:
    """How many layers and claims there are, and whether the claims are met."""
    count = len(net.graph.nodes) - len(net.graph.inputs)
    layers = message("1 layer") if count == 1 else message("{count} layers", count=count)
    text = message("not as claimed: {layers}" if failed else "sound: {layers}", layers=layers)
    if not verdicts:
        return text
    met = sum(verdict.status in ("met", "cut") for verdict in verdicts)
    text = message("{text}, {met} of {all} claims met", text=text, met=met, all=len(verdicts))
    explained = len(verdicts) - met - failed
    return message("{text}, {count} explained", text=text, count=explained) if explained else text


SCHEMAS = {
    "spec": "spec.schema:spec_schema",
    "homework": "homework.questions:schema",
    "convention": "report.conventions:schema",
    "lecture": "lectures.load:schema",
    "quiz": "quiz.templates:schema",
    "convolve": "window.convolve_file:schema",
}
"""The kinds of file that have a JSON Schema, and the function that makes it; imported when asked for."""


def schema(
    kind: Annotated[
        str,
        typer.Argument(
            metavar="KIND",
            help=f"What kind of file: {', '.join(SCHEMAS)}.",
            autocompletion=lambda: list(SCHEMAS),
        ),
    ] = "spec",
    output: opt.Output = None,
    lang: opt.MessageLang = "en",
) -> None:
    """Print the JSON Schema of a file of ours, for editors that check YAML."""
    check_choice("--lang", lang, LANGUAGES)
    check_choice("KIND", kind, SCHEMAS)
    module, function = SCHEMAS[kind].split(":")
    write(json_text(getattr(import_module(f"cnncalc.{module}"), function)()), output)
