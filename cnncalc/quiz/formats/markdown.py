"""A sheet in Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.quiz.formats import Style
from cnncalc.quiz.prove import Item, Quiz
from cnncalc.tables.formats.markdown import escape


def render(quiz: Quiz, style: Style) -> str:
    """Return the questions, each with its id as its heading, the layers as a list, and a place for the answer."""
    return "\n".join(
        [
            f"# {_escape(style.titled(quiz))}",
            *(line for item in quiz.items for line in _question(item, style)),
        ]
    )


def _question(item: Item, style: Style) -> Iterator[str]:
    yield from ("", f"## {item.id}", "")
    yield from (f"- {_escape(fact.text(style.lang))}" for fact in item.wording.facts)
    yield from (
        "",
        f"**{_escape(item.wording.asked.text(style.lang))}** {_escape(item.wording.form.text(style.lang))}",
        "",
    )
    if style.offers(item):
        yield from (f"- [ ] {choice}" for choice in item.choices)
    else:
        yield f"{item.id}: \\_\\_\\_\\_\\_\\_\\_\\_\\_\\_"


def _escape(text: str) -> str:
    """Escape what means something, also at the beginning of a line."""
    return escape(text).replace("#", "\\#")
