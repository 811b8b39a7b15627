"""What a sheet is asked for by: the options of `cnncalc quiz`, checked, and what comes of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from cnncalc.exports import ASK, FOLDER, FORMATS, TEXT, Product, answers, render_text
from cnncalc.exports import render as render_sheet
from cnncalc.homework.questions import load_homework
from cnncalc.quiz import key
from cnncalc.quiz.draw import make_quizzes
from cnncalc.quiz.play import Turn, turns_of
from cnncalc.quiz.prove import Quiz
from cnncalc.quiz.sheets import homework_sheet, quiz_sheet
from cnncalc.quiz.style import Style
from cnncalc.spec.overrides import check_choice
from cnncalc.text.files import is_one_file
from cnncalc.text.messages import LANGUAGES
from cnncalc.text.source import single_problem

_FILES_OF_QUIZZES = {".yaml": "yaml", ".yml": "yaml", ".json": "json"}


def render(quiz: Quiz, format_name: str, style: Style) -> str:
    """Write a quiz's sheet as a text; which questions have choices is as the style, else the format has it.

    Raises TypeError for a format that is no text.
    """
    return render_text(quiz_sheet(quiz, _styled(style, format_name)), format_name)


def _styled(style: Style, format_name: str) -> Style:
    return style if style.ask is not None else style._replace(ask=FORMATS[format_name].ask)


class QuizRequest(NamedTuple):
    """A quiz as asked for; `ask` None is as the format has it. With `homework` its questions are not drawn but read."""

    seed: str | None = None
    questions: int | None = None
    level: int | None = None
    network: str | None = None
    input: str | None = None
    settings: dict[str, Any] = {}  # noqa: RUF012
    title: str = ""
    ask: str | None = None
    lang: str = "en"
    format: str = "markdown"
    homework: str | None = None

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
        if self.seed is not None and not self.seed.isprintable():
            message = "this seed has signs that cannot be printed"
            raise single_problem("--seed", self.seed, message, "", "option")
        return _styled(Style(self.lang, title, self.ask), self.format)

    def draw(self) -> Quiz:
        """Return the quiz. Raises SpecError."""
        (quiz,) = self.draw_each([""])
        return quiz

    def draw_each(self, students: Iterable[str]) -> Iterator[Quiz]:
        """Yield the quiz of each student. Raises SpecError."""
        if self.network is None and (self.input or self.settings):
            raise single_problem(
                "--input" if self.input else "--set",
                self.input or str(self.settings),
                "--input and --set change a network; --network names it",
                "",
                "option",
            )
        return make_quizzes(
            "1" if self.seed is None else self.seed,
            students,
            10 if self.questions is None else self.questions,
            1 if self.level is None else self.level,
            network=self.network,
            input=self.input,
            set=self.settings,
        )

    def sheet_and_key(self, sheet_file: Path | None, key_file: Path | None) -> tuple[Product, str]:
        """Return the sheet, and the key in the format of its file's ending. Raises SpecError."""
        style = self.style()
        self._check_place(sheet_file)
        if key_file and sheet_file and is_one_file(key_file, sheet_file):
            raise single_problem(
                "--key", str(key_file), "the sheet and the key cannot be one file", "", "option"
            )
        ending = key_file.suffix.lower() if key_file is not None else ""
        if self.homework is not None:
            return self._of_homework(self.homework, style, key_file)
        drawn = self.draw()
        sheet = quiz_sheet(drawn, style)
        if ending in answers.STYLES:
            return render_sheet(sheet, self.format), answers.render(sheet, answers.STYLES[ending])
        format_name = _FILES_OF_QUIZZES.get(ending, "yaml")
        return render_sheet(sheet, self.format), key.render(drawn, style, format_name)

    def _check_place(self, sheet_file: Path | None) -> None:
        """Refuse to print what is no text."""
        makes = FORMATS[self.format].makes
        if makes != TEXT and (sheet_file is None or str(sheet_file) == "-"):
            place = "quiz" if makes == FOLDER else f"quiz.{FORMATS[self.format].ending}"
            message = f"{self.format} makes a {makes}: -o names it"
            raise single_problem("--format", self.format, message, f"such as -o {place}", "option")

    def _of_homework(self, path: str, style: Style, key_file: Path | None) -> tuple[Product, str]:
        """Return the sheet of a homework file, and its key for people. Raises SpecError."""
        self._check_nothing_drawn()
        homework = load_homework(path)
        if homework.by_rows and FORMATS[self.format].filled_in:
            message = f"the sheets of {path} have a row a layer, which {self.format} has not"
            raise single_problem("--format", self.format, message, "", "option")
        sheet = homework_sheet(homework, style)
        ending = key_file.suffix.lower() if key_file is not None else ".txt"
        if ending not in answers.STYLES:
            raise single_problem(
                "--key",
                str(key_file),
                f"the key of a homework is for people: its file ends in {', '.join(answers.STYLES)}",
                f"{path} itself is the key that cnncalc check --homework takes",
                "option",
            )
        return render_sheet(sheet, self.format), answers.render(sheet, answers.STYLES[ending])

    def _check_nothing_drawn(self) -> None:
        """Refuse options that say how questions are drawn, where they are read."""
        for option, given in self._drawn_by().items():
            if given is not None:
                raise single_problem(
                    option,
                    str(given),
                    f"{option} cannot be combined with --homework: nothing is drawn",
                    "",
                    "option",
                )

    def _drawn_by(self) -> dict[str, object]:
        """Return the options that say how questions are drawn."""
        return {
            "--seed": self.seed,
            "--count": self.questions,
            "--level": self.level,
            "--network": self.network,
            "--input": self.input,
            "--set": self.settings or None,
        }

    def turns(self) -> tuple[Turn, ...]:
        """Return the questions to play, of a quiz or a homework. Raises SpecError."""
        style = self.style()
        if self.homework is None:
            drawn = self.draw()
            return turns_of((item.question for item in drawn.items), quiz_sheet(drawn, style))
        self._check_nothing_drawn()
        homework = load_homework(self.homework)
        return turns_of(homework.questions, homework_sheet(homework, style))

    def for_roster(self, roster: str, folder: Path | None, keys: Path | None) -> str:
        """Write a sheet and a key for each student; says what was written. Raises SpecError."""
        from cnncalc.classroom.roster import read_roster
        from cnncalc.quiz.roster import write_quizzes

        style = self.style()
        if self.homework is not None:
            raise single_problem(
                "--roster",
                roster,
                "--roster draws a quiz for each student; a homework is one for all",
                "",
                "option",
            )
        if folder is None:
            raise single_problem(
                "--roster",
                roster,
                "--roster writes files: -o names the folder for the sheets",
                "such as -o quiz",
                "option",
            )
        students = read_roster(roster).keys
        keys = keys or folder / "keys"
        write_quizzes(self.draw_each(students), self.format, style, folder, keys)
        return f"{len(students)} sheets in {folder}, their keys in {keys}"


def template_text() -> str:
    """Return a homework file to fill in, with comments."""
    return key.TEMPLATE.rstrip("\n")


__all__ = ["QuizRequest", "render", "template_text"]
