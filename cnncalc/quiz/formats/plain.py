"""A sheet as plain text."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.quiz.formats import Look
from cnncalc.quiz.prove import Item, Quiz


def render(quiz: Quiz, look: Look) -> str:
    """The questions, each with its id, the facts a line each, and a place for the answer."""
    return "\n".join(
        [look.titled(quiz), *(line for item in quiz.items for line in _question(item, look))]
    )


def _question(item: Item, look: Look) -> Iterator[str]:
    facts = item.wording.facts
    yield ""
    yield f"{item.id}. {facts[0].in_(look.lang)}"
    yield from (f"    {fact.in_(look.lang)}" for fact in facts[1:])
    yield f"    {item.wording.asked.in_(look.lang)} {item.wording.form.in_(look.lang)}"
    if look.offers(item):
        yield from (f"    [ ] {choice}" for choice in item.choices)
    else:
        yield f"    {item.id}: ____________________"
