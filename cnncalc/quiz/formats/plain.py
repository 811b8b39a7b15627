"""A sheet as plain text."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.quiz.formats import Style
from cnncalc.quiz.prove import Item, Quiz


def render(quiz: Quiz, style: Style) -> str:
    """Return the questions, each with its id, the facts a line each, and a place for the answer."""
    return "\n".join(
        [style.titled(quiz), *(line for item in quiz.items for line in _question(item, style))]
    )


def _question(item: Item, style: Style) -> Iterator[str]:
    facts = item.wording.facts
    yield ""
    yield f"{item.id}. {facts[0].text(style.lang)}"
    yield from (f"    {fact.text(style.lang)}" for fact in facts[1:])
    yield f"    {item.wording.asked.text(style.lang)} {item.wording.form.text(style.lang)}"
    if style.offers(item):
        yield from (f"    [ ] {choice}" for choice in item.choices)
    else:
        yield f"    {item.id}: ____________________"
