"""share: a homework as students get it, with digests of the right answers."""

from __future__ import annotations

from typing import Annotated

import typer

from cnncalc.cli import options as opt
from cnncalc.cli.complete import complete_file
from cnncalc.cli.show import keep_sources, write
from cnncalc.spec.overrides import check_choice
from cnncalc.text.messages import LANGUAGES


def share(
    homework: Annotated[
        str,
        typer.Argument(
            metavar="HOMEWORK",
            help="A file of questions, or the name of one that ships.",
            autocompletion=complete_file,
        ),
    ],
    link: Annotated[
        str | None,
        typer.Option(
            "--link",
            metavar="ADDRESS",
            help="Give a link that holds the homework: the address of a practice page.",
        ),
    ] = None,
    salt: Annotated[
        str,
        typer.Option(
            "--salt", metavar="TEXT", help="What digests are salted with; drawn unless given."
        ),
    ] = "",
    output: opt.Output = None,
    lang: opt.MessageLang = "en",
) -> None:
    """Write a homework to share: digests say that an answer is right, and none can be read."""
    check_choice("--lang", lang, LANGUAGES)
    from cnncalc.homework.questions import load_homework
    from cnncalc.homework.shared import address, shared_text

    keep_sources("-o", output, [homework])
    text = shared_text(load_homework(homework), salt)
    write(text.rstrip("\n") if link is None else address(link, text), output)


__all__ = ["share"]
