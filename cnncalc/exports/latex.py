"""A sheet in LaTeX: a document of its own, of packages that every distribution has."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.exports.sheet import AskedQuestion, QuestionSheet
from cnncalc.tables.formats.latex import escape as escape_signs
from cnncalc.text.printable import printable

_HEAD = (
    r"\documentclass[11pt,a4paper]{article}",
    r"\usepackage[margin=25mm]{geometry}",
    r"\usepackage{amssymb}",
)
_ENCODING = (r"\usepackage[T1]{fontenc}", r"\usepackage[utf8]{inputenc}")
_KOREAN = r"\usepackage{kotex}"


def render(sheet: QuestionSheet) -> str:
    """Return the document; one that has Korean in it, be it a name, needs the kotex package."""
    body = [line for question in sheet.questions for line in _question(question)]
    korean = not all(
        char < "\u1100" or "\u2000" <= char <= "\u22ff"
        for line in (sheet.title, *body)
        for char in line
    )
    return "\n".join(
        [
            *_HEAD,
            *((_KOREAN,) if korean else _ENCODING),
            r"\setlength{\parindent}{0pt}",
            r"\begin{document}",
            rf"\section*{{{_escape(sheet.title)}}}",
            r"\begin{description}",
            *body,
            r"\end{description}",
            r"\end{document}",
        ]
    )


def _question(question: AskedQuestion) -> Iterator[str]:
    yield rf"\item[{{{_escape(question.id)}}}]"
    yield from (rf"{_escape(fact)}\\" for fact in question.facts)
    yield rf"\textbf{{{_escape(question.asked)}}} {_escape(question.form)}\\[1ex]"
    if question.choices:
        yield r"\quad".join(rf"$\square$ {_escape(choice)}" for choice in question.choices)
    else:
        yield r"\rule{60mm}{0.4pt}"
    yield ""


def _escape(text: str) -> str:
    """Return the text on one line as LaTeX prints it."""
    return escape_signs(printable(" ".join(text.split())))
