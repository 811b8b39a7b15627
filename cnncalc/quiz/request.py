"""What a quiz is asked for by: the options of `cnncalc quiz`, checked, and what comes of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from cnncalc.quiz.draw import make_quiz
from cnncalc.quiz.formats import ASK, FORMATS, Style, key, render
from cnncalc.quiz.prove import Quiz
from cnncalc.spec.overrides import check_choice
from cnncalc.text.messages import LANGUAGES
from cnncalc.text.source import single_problem


class QuizRequest(NamedTuple):
    """A quiz as asked for; `ask` None is as the format has it."""

    seed: str
    questions: int = 10
    level: int = 1
    network: str | None = None
    input: str | None = None
    settings: dict[str, Any] = {}  # noqa: RUF012
    title: str = ""
    ask: str | None = None
    lang: str = "en"
    format: str = "markdown"

    def style(self) -> Style:
        """How it is shown. Raises SpecError for a format, a language or a way of asking that there is not."""
        check_choice("--format", self.format, FORMATS)
        check_choice("--lang", self.lang, LANGUAGES)
        if self.ask is not None:
            check_choice("--ask", self.ask, ASK)
        title = " ".join(self.title.split())
        if not title.isprintable():
            raise single_problem(
                "--title", self.title, "this title has signs that cannot be printed", "", "option"
            )
        return Style(self.lang, title, self.ask)

    def draw(self, student: str = "") -> Quiz:
        """Return the quiz, of one student where named. Raises SpecError."""
        if self.network is None and (self.input or self.settings):
            raise single_problem(
                "--input" if self.input else "--set",
                self.input or str(self.settings),
                "--input and --set change a network; --network names it",
                "",
                "option",
            )
        return make_quiz(
            self.seed,
            self.questions,
            self.level,
            network=self.network,
            input=self.input,
            set=self.settings,
            student=student,
        )

    def sheet_and_key(self, sheet_file: Path | None, key_file: Path | None) -> tuple[str, str]:
        """Return the sheet and the key; the key is JSON where its file is called so. Raises SpecError."""
        style = self.style()
        if (
            key_file is not None
            and sheet_file is not None
            and key_file.absolute() == sheet_file.absolute()
        ):
            raise single_problem(
                "--key", str(key_file), "the sheet and the key cannot be one file", "", "option"
            )
        drawn = self.draw()
        format_name = (
            "json" if key_file is not None and key_file.suffix.lower() == ".json" else "yaml"
        )
        return render(drawn, self.format, style), key.render(drawn, style, format_name)

    def for_roster(self, roster: str, folder: Path | None, keys: Path | None) -> str:
        """Write a sheet and a key for each student; says what was written. Raises SpecError."""
        from cnncalc.quiz.roster import read_roster, write_quizzes

        style = self.style()
        if folder is None:
            raise single_problem(
                "--roster",
                roster,
                "--roster writes files: -o names the folder for the sheets",
                "such as -o quiz",
                "option",
            )
        students = read_roster(roster)
        keys = keys or folder / "keys"
        write_quizzes(
            (self.draw(student) for student in students), self.format, style, folder, keys
        )
        return f"{len(students)} sheets in {folder}, their keys in {keys}"


def template_text() -> str:
    """Return a homework file to fill in, with comments."""
    return key.TEMPLATE.rstrip("\n")
