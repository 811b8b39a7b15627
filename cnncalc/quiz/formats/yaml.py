"""A sheet to fill in: YAML with the questions as comments, which `cnncalc check --homework` reads."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.quiz.formats import Style
from cnncalc.quiz.prove import Item, Quiz


def render(quiz: Quiz, style: Style) -> str:
    """`id: `, each under its question."""
    return "\n".join(
        [
            f"# {style.titled(quiz)}",
            *(line for item in quiz.items for line in _question(item, style)),
        ]
    )


def _question(item: Item, style: Style) -> Iterator[str]:
    yield ""
    for said in (*item.wording.facts, item.wording.asked, item.wording.form):
        yield f"# {said.text(style.lang)}"
    if style.offers(item):
        yield f"# {' | '.join(item.choices)}"
    yield f"{item.id}: "
