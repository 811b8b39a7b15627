"""validate: all problems of specs; schema: the JSON Schema of one."""

from __future__ import annotations

from typing import Annotated

import typer

from cnncalc.api import load
from cnncalc.cli import options as opt
from cnncalc.cli.complete import complete_network
from cnncalc.cli.show import say, write
from cnncalc.text.printable import printable
from cnncalc.text.source import SpecError


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
) -> None:
    """Show every problem of a spec, notes, and whether its claims are met."""
    worst = max(validate_one(name, source_format, quiet=quiet) for name in files)
    if worst:
        raise typer.Exit(worst)


def validate_one(name: str, source_format: str | None = None, *, quiet: bool) -> int:
    """Check one spec; 0 sound, 1 a claim fails, 2 a mistake."""
    try:
        net = load(name, format=source_format)
    except SpecError as error:
        say(str(error))
        return 2
    verdicts = net.check_claims()
    failed = [verdict.problem for verdict in verdicts if verdict.problem is not None]
    for problem in failed:
        say(str(problem))
    if not quiet:
        for note in net.notes():
            say(str(note))
        count = len(net.graph.nodes) - len(net.graph.inputs)
        claims = (
            f", {len(verdicts) - len(failed)} of {len(verdicts)} claims hold" if verdicts else ""
        )
        sound = "sound" if not failed else "not as claimed"
        write(printable(f"{name}: {sound}: {count} layer{'s' * (count != 1)}{claims}"), None)
    return 1 if failed else 0


def schema(output: opt.Output = None) -> None:
    """Print the JSON Schema of a spec, for editors that check YAML."""
    from cnncalc.spec.schema import spec_schema
    from cnncalc.tables.page import json_text

    write(json_text(spec_schema()), output)
