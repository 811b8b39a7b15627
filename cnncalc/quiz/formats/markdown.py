"""A sheet in Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.quiz.formats import Look
from cnncalc.quiz.prove import Item, Quiz


def render(quiz: Quiz, look: Look) -> str:
    """The questions, each with its id as its heading, the layers as a list, and a place for the answer."""
    return "\n".join(
        [
            f"# {_escape(look.titled(quiz))}",
            *(line for item in quiz.items for line in _question(item, look)),
        ]
    )


def _question(item: Item, look: Look) -> Iterator[str]:
    yield from ("", f"## {item.id}", "")
    yield from (f"- {_escape(fact.in_(look.lang))}" for fact in item.wording.facts)
    yield from (
        "",
        f"**{_escape(item.wording.asked.in_(look.lang))}** {_escape(item.wording.form.in_(look.lang))}",
        "",
    )
    if look.offers(item):
        yield from (f"- [ ] {choice}" for choice in item.choices)
    else:
        yield f"{item.id}: \\_\\_\\_\\_\\_\\_\\_\\_\\_\\_"


def _escape(text: str) -> str:
    for sign in "\\|*_<`[]#":
        text = text.replace(sign, "\\" + sign)
    return text
