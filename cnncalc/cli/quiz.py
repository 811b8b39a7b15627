"""quiz: a sheet of questions and its key, drawn from a seed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cnncalc.cli import options as opt
from cnncalc.cli.complete import complete_file, complete_network, complete_quiz_format, one_of
from cnncalc.cli.show import echo_err, put_file, write
from cnncalc.exports import FORMATS, write_product
from cnncalc.text.source import single_problem

if TYPE_CHECKING:
    from cnncalc.exports import Product

Seed = Annotated[
    str | None,
    typer.Option(
        "--seed",
        metavar="TEXT",
        help="What it is drawn from: a number or any text; 1 unless given.",
    ),
]
Count = Annotated[
    int | None,
    typer.Option("--count", metavar="N", help="How many questions, 1 to 200; 10 unless given."),
]
Level = Annotated[
    int | None,
    typer.Option(
        "--level",
        metavar="1|2|3",
        autocompletion=one_of(lambda: ("1", "2", "3")),
        help="One layer (unless given); more to it; blocks and chains.",
    ),
]
Network = Annotated[
    str | None,
    typer.Option(
        "--network",
        metavar="NET",
        help="Ask about a network's layers.",
        autocompletion=complete_network,
    ),
]
Homework = Annotated[
    str | None,
    typer.Option(
        "--homework",
        metavar="FILE",
        autocompletion=complete_file,
        help="Write the questions of a homework file instead: nothing is drawn.",
    ),
]
Roster = Annotated[
    str | None,
    typer.Option(
        "--roster",
        metavar="FILE",
        help="A sheet and a key for each student of a list, in the folder of -o.",
    ),
]
Key = Annotated[
    Path | None,
    typer.Option(
        "--key",
        metavar="FILE",
        help="Write the key: a homework file for check, or by its ending .json, or for people "
        ".html, .md, .tex, .txt, .csv. With --roster a folder.",
    ),
]
Format = Annotated[
    str,
    typer.Option(
        "--format",
        metavar="FORMAT",
        parser=opt.word,
        autocompletion=complete_quiz_format,
        help=f"{', '.join(FORMATS)}; qti is Canvas's.",
    ),
]
Ask = Annotated[
    str | None,
    typer.Option(
        "--ask",
        metavar="open|choice|mixed",
        parser=opt.word,
        autocompletion=one_of(lambda: ("open", "choice", "mixed")),
        help="Offer choices: for no question, for all, for some.",
    ),
]


def quiz(
    seed: Seed = None,
    count: Count = None,
    level: Level = None,
    network: Network = None,
    input: opt.Input = None,
    set: opt.Settings = None,
    homework: Homework = None,
    roster: Roster = None,
    title: Annotated[str, typer.Option("--title", metavar="TEXT", help="The sheet's title.")] = "",
    ask: Ask = None,
    lang: opt.Lang = "en",
    format: Format = "markdown",
    output: opt.Output = None,
    key: Key = None,
    template: Annotated[
        bool, typer.Option("--template", help="A homework file with comments, to fill in.")
    ] = False,
    play: Annotated[
        bool, typer.Option("--play", help="Ask here, question by question, with hints and a score.")
    ] = False,
) -> None:
    """Write a sheet and its key, or play."""
    from cnncalc.cli.play import play as play_quiz
    from cnncalc.quiz.request import QuizRequest, template_text

    if template:
        write(template_text(), output)
        return
    order = QuizRequest(
        seed,
        count,
        level,
        network,
        input,
        opt.read_settings(set),
        title,
        ask,
        lang,
        format,
        homework,
    )
    if play:
        _check_alone(output, key, roster)
        play_quiz(order)
    elif roster is None:
        sheet, answers = order.sheet_and_key(output, key)
        _write_product(sheet, output)
        if key is not None:
            write(answers, key)
    else:
        echo_err(order.for_roster(roster, output, key))


def _check_alone(output: Path | None, key: Path | None, roster: str | None) -> None:
    """Refuse options that write, beside --play. Raises SpecError."""
    for option, given in {"-o": output, "--key": key, "--roster": roster}.items():
        if given is not None:
            message = f"{option} cannot be combined with --play: nothing is written"
            raise single_problem(option, str(given), message, "", "usage")


def _write_product(product: Product, output: Path | None) -> None:
    """Print a text, or write what a format makes. Raises SpecError where it cannot be written."""
    if isinstance(product, str):
        write(product, output)
    elif output is not None:  # the request has seen to that
        put_file(output, lambda: write_product(output, product))


__all__ = ["quiz"]
