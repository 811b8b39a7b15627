"""A sheet as one HTML page to print: black on white, no question broken across pages, a line for each answer."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape as escape_html

from cnncalc.exports.sheet import AskedQuestion, QuestionSheet
from cnncalc.text.messages import translate
from cnncalc.text.printable import printable

_STYLE = """\
@page { margin: 20mm }
body { max-width: 46em; margin: 2em auto; padding: 0 1em; color: #000; background: #fff;
       font: 16px/1.45 system-ui, "Noto Sans", "Noto Sans KR", sans-serif }
h1 { font-size: 1.4em; margin: 0 0 .3em }
.name { margin: 0 0 1.5em }
section { display: flex; gap: 1em; break-inside: avoid; margin: 0 0 1.6em; padding-top: .8em;
          border-top: 1px solid #999 }
h2 { font-size: 1em; margin: 0; min-width: 2.5em; max-width: 9em; overflow-wrap: anywhere }
.said { flex: 1 }
ul { margin: 0 0 .4em; padding-left: 1.2em }
p { margin: 0 0 .6em }
.points { color: #444; white-space: nowrap }
.line { display: inline-block; width: 16em; border-bottom: 1px solid #000; height: 1.6em }
.choice { display: inline-block; margin-right: 1.6em; white-space: nowrap }
.choice::before { content: ""; display: inline-block; width: .8em; height: .8em;
                  margin-right: .4em; border: 1px solid #000 }
table { border-collapse: collapse; width: 100% }
@media print { body { margin: 0; padding: 0; max-width: none; font-size: 11pt } }
"""


def render(sheet: QuestionSheet) -> str:
    """Return the page."""
    name = translate("Name", sheet.lang)
    body = [
        f"<h1>{escape(sheet.title)}</h1>",
        f'<p class="name">{name}: <span class="line"></span></p>',
        *(line for question in sheet.questions for line in _question(question, sheet.lang)),
    ]
    return page(sheet.title, sheet.lang, "\n".join(body))


def page(title: str, lang: str, body: str) -> str:
    """Return a whole document around a body."""
    return "\n".join(
        [
            "<!DOCTYPE html>",
            f'<html lang="{lang}">',
            '<head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width">',
            f"<title>{escape(title)}</title>",
            f"<style>\n{_STYLE}</style></head>",
            f"<body>\n{body}\n</body></html>",
        ]
    )


def _question(question: AskedQuestion, lang: str) -> Iterator[str]:
    yield f"<section><h2>{escape(question.id)}</h2>"
    yield '<div class="said">'
    if question.facts:
        yield f"<ul>{''.join(f'<li>{escape(fact)}</li>' for fact in question.facts)}</ul>"
    yield f"<p><b>{escape(question.asked)}</b> {escape(question.form)}</p>"
    if question.choices:
        choices = (f'<span class="choice">{choice}</span>' for choice in question.choices)
        yield f"<p>{''.join(choices)}</p>"
    else:
        yield '<p><span class="line"></span></p>'
    yield "</div>"
    if question.points != 1:
        points = translate("{count} points", lang, count=question.points)
        yield f'<div class="points">{points}</div>'
    yield "</section>"


def escape(text: str) -> str:
    """Return the text on one line as HTML shows it."""
    return escape_html(printable(" ".join(text.split())))
