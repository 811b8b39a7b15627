"""A sheet in LaTeX: a document of its own, of packages that every distribution has."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.quiz.formats import Style
from cnncalc.quiz.prove import Item, Quiz
from cnncalc.tables.formats.latex import escape

_HEAD = (
    r"\documentclass[11pt,a4paper]{article}",
    r"\usepackage[margin=25mm]{geometry}",
    r"\usepackage{amssymb}",
)
_ENCODING = (r"\usepackage[T1]{fontenc}", r"\usepackage[utf8]{inputenc}")
_KOREAN = r"\usepackage{kotex}"


def render(quiz: Quiz, style: Style) -> str:
    """Return the document; one that has Korean in it, be it a name, needs the kotex package."""
    title = style.titled(quiz)
    body = [line for item in quiz.items for line in _question(item, style)]
    korean = not all(
        char < "\u1100" or "\u2000" <= char <= "\u22ff" for line in (title, *body) for char in line
    )
    return "\n".join(
        [
            *_HEAD,
            *((_KOREAN,) if korean else _ENCODING),
            r"\setlength{\parindent}{0pt}",
            r"\begin{document}",
            rf"\section*{{{escape(title)}}}",
            r"\begin{description}",
            *body,
            r"\end{description}",
            r"\end{document}",
        ]
    )


def _question(item: Item, style: Style) -> Iterator[str]:
    yield rf"\item[{item.id}]"
    yield from (rf"{escape(fact.text(style.lang))}\\" for fact in item.wording.facts)
    asked, form = (
        escape(message.text(style.lang)) for message in (item.wording.asked, item.wording.form)
    )
    yield rf"\textbf{{{asked}}} {form}\\[1ex]"
    if style.offers(item):
        yield r"\quad".join(rf"$\square$ {escape(choice)}" for choice in item.choices)
    else:
        yield r"\rule{60mm}{0.4pt}"
    yield ""
