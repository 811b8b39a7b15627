"""The options of `check`, which no other command has."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cnncalc.cli import options as opt
from cnncalc.cli.complete import (
    complete_answer,
    complete_convention,
    complete_file,
    complete_rows,
    one_of,
)
from cnncalc.tables import FORMATS

GRADESCOPE, CLASSROOM50 = "gradescope", "classroom50"
SYSTEMS = (GRADESCOPE, CLASSROOM50)
"""Formats that course systems read, beside those of tables."""

Answers = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="NET SHEET... | NET LAYER QUANTITY VALUE",
        autocompletion=complete_answer,
        help="A network and sheets (CSV, TSV, Markdown, YAML, XLSX, or -; folders and zip archives "
        "of them), or one answer; with --homework or --keys, sheets alone.",
    ),
]
Homework = Annotated[
    str | None,
    typer.Option(
        "--homework", metavar="FILE", autocompletion=complete_file, help="A file of questions."
    ),
]
Grades = Annotated[
    Path | None,
    typer.Option("--grades", metavar="FILE", help="Write a CSV, a row for each student."),
]
Keys = Annotated[
    str | None,
    typer.Option(
        "--keys",
        metavar="FOLDER",
        autocompletion=complete_file,
        help="A key for each student, as quiz --roster writes them; each sheet is graded by its own.",
    ),
]
Students = Annotated[
    str | None,
    typer.Option(
        "--students",
        metavar="FILE",
        autocompletion=complete_file,
        help="The class: who there is, and who handed nothing in. A list, or a gradebook's CSV.",
    ),
]
Map = Annotated[
    str | None,
    typer.Option(
        "--map",
        metavar="FILE",
        autocompletion=complete_file,
        help="Whose a file is that its name and folders do not tell: a CSV of file,student.",
    ),
]
Gradescope = Annotated[
    bool,
    typer.Option(
        "--gradescope",
        help="Make an autograder for Gradescope of --homework or --keys: a zip archive with cnncalc "
        "inside, which grades with the network cut. -o names it.",
    ),
]
Hints = Annotated[
    bool, typer.Option("--hints", help="Say what to think about; no number is given away.")
]
Reveal = Annotated[
    bool, typer.Option("--reveal", help="Give the right answers, and how they come about.")
]
Accept = Annotated[
    list[str] | None,
    typer.Option(
        "--accept",
        metavar="NAME",
        autocompletion=complete_convention,
        help="A convention that is right too; may be repeated.",
    ),
]
Rows = Annotated[
    str | None,
    typer.Option(
        "--rows",
        autocompletion=complete_rows,
        metavar="LAYER,...",
        help="The rows that are asked, whatever a sheet leaves out or adds; unless given, every row "
        "with something to answer.",
    ),
]
Format = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="FORMAT",
        parser=opt.word,
        autocompletion=one_of(lambda: (*FORMATS, *SYSTEMS)),
        help=f"{', '.join(FORMATS)}, {GRADESCOPE} or {CLASSROOM50}.",
    ),
]
Feedback = Annotated[
    Path | None,
    typer.Option(
        "--feedback",
        metavar="FOLDER",
        help="Write a page for each student: every answer, and what to think about. --reveal adds "
        "the right answers.",
    ),
]
PAGES = ("html", "markdown")
FeedbackFormat = Annotated[
    str,
    typer.Option(
        "--feedback-format",
        metavar="FORMAT",
        parser=opt.word,
        autocompletion=one_of(lambda: PAGES),
        help="html or markdown.",
    ),
]
GRADEBOOKS = ("excel", "moodle", "canvas")
GradesFor = Annotated[
    str | None,
    typer.Option(
        "--grades-for",
        metavar="SYSTEM",
        parser=opt.word,
        autocompletion=one_of(lambda: GRADEBOOKS),
        help="Write --grades as excel, moodle or canvas imports it.",
    ),
]
Assignment = Annotated[
    str,
    typer.Option(
        "--assignment",
        metavar="NAME",
        help="What the gradebook calls it: the homework's title, unless given. In Canvas with its "
        "number: 'Homework 3 (1234)'.",
    ),
]
Overrides = Annotated[
    str | None,
    typer.Option(
        "--overrides",
        metavar="FILE",
        autocompletion=complete_file,
        help="What you decide otherwise: a CSV of student,question,points,reason; points may be "
        "right or wrong.",
    ),
]
Earlier = Annotated[
    str | None,
    typer.Option(
        "--earlier",
        metavar="FILE",
        autocompletion=complete_file,
        help="An earlier --grades file: say what changed, for whom and why.",
    ),
]
VIEWS = ("class", "questions", "changes")
View = Annotated[
    str,
    typer.Option(
        "--show",
        metavar="WHAT",
        parser=opt.word,
        autocompletion=one_of(lambda: VIEWS),
        help="Of a class: class, questions (how hard each was, which wrong numbers have no story) or "
        "changes (with --earlier).",
    ),
]
