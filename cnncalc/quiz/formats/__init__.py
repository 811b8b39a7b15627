"""Views of a quiz, each from quiz to text; answers stand in a key alone, and in what a course system imports."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cnncalc.text.messages import translate

if TYPE_CHECKING:
    from cnncalc.quiz.prove import Item, Quiz

FORMATS: dict[str, str] = {
    "markdown": "md",
    "plain": "txt",
    "latex": "tex",
    "moodle": "xml",
    "gift": "gift",
    "yaml": "yaml",
    "csv": "csv",
    "json": "json",
}
"""Every format and the ending of its files. Moodle XML and GIFT have the answers, as what imports them needs."""
ASK = ("mixed", "open", "choice")
"""Whether wrong answers are offered to choose from: for some questions, for none, for all."""

_IMPORTED = ("moodle", "gift")


class Style(NamedTuple):
    """How a quiz is shown: language, title, and which questions have choices (None: as the format has it)."""

    lang: str = "en"
    title: str = ""
    ask: str | None = None

    def titled(self, quiz: Quiz) -> str:
        """Return the title, with the student's name where the quiz is one student's."""
        title = self.title or translate("Convolutional networks: quiz", self.lang)
        return f"{title} ({quiz.student})" if quiz.student else title

    def offers(self, item: Item) -> bool:
        """Whether a question is shown with choices."""
        return bool(item.offered) and (
            self.ask == "choice"
            or (self.ask == "mixed" and (item.prefers_choices or item.is_shape))
        )


def render(quiz: Quiz, format_name: str, style: Style) -> str:
    """Return the sheet in a format."""
    from importlib import import_module

    if style.ask is None:
        style = style._replace(ask="mixed" if format_name in _IMPORTED else "open")
    text: str = import_module(f"cnncalc.quiz.formats.{format_name}").render(quiz, style)
    return text
