"""How a quiz or a homework is shown: language, title, and which questions have choices."""

from __future__ import annotations

from typing import NamedTuple

from cnncalc.text.messages import translate


class Style(NamedTuple):
    """How questions are shown; `ask` is one of `exports.ASK`, or None: as the format has it."""

    lang: str = "en"
    title: str = ""
    ask: str | None = None

    def quiz_title(self, student: str) -> str:
        """Return the title of a quiz, with the student's name where it is one student's."""
        title = self.title or translate("Convolutional networks: quiz", self.lang)
        return f"{title} ({student})" if student else title

    def homework_title(self, own: str) -> str:
        """Return the title of a homework: as told, else its own."""
        own = " ".join(own.split())
        return self.title or own or translate("Convolutional networks: homework", self.lang)

    def offers(self, *, prefers_choices: bool, is_shape: bool) -> bool:
        """Whether a question is shown with choices, where there are fair ones."""
        return self.ask == "choice" or (self.ask == "mixed" and (prefers_choices or is_shape))


__all__ = ["Style"]
