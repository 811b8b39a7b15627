"""A sheet to fill in: YAML with the questions as comments, which `cnncalc check --homework` reads."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.quiz.formats import Look
from cnncalc.quiz.prove import Item, Quiz


def render(quiz: Quiz, look: Look) -> str:
    """`id: `, each under its question."""
    return "\n".join(
        [f"# {look.titled(quiz)}", *(line for item in quiz.items for line in _question(item, look))]
    )


def _question(item: Item, look: Look) -> Iterator[str]:
    yield ""
    for said in (*item.wording.facts, item.wording.asked, item.wording.form):
        yield f"# {said.in_(look.lang)}"
    if look.offers(item):
        yield f"# {' | '.join(item.choices)}"
    yield f"{item.id}: "
