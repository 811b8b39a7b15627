"""A page for each student: every answer, what came of it, and what to think about; HTML of one file, or Markdown.

No right answer is told unless it is asked for (`Telling.reveal`). What students wrote is escaped here, at the edge.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import NamedTuple

from cnncalc.classroom.gradebook import Gradebook, Submission
from cnncalc.homework import report
from cnncalc.homework.grade import RIGHT, GradedCell
from cnncalc.homework.report import Telling
from cnncalc.homework.students import file_stem, free_name
from cnncalc.ops.shapes import format_shape
from cnncalc.quiz.wording import question_text
from cnncalc.tables.formats.markdown import escape as in_markdown
from cnncalc.text.messages import in_language, translate
from cnncalc.text.printable import printable

FORMATS = {"html": "html", "markdown": "md"}
"""The formats of a page, each with the ending of its file."""

_STYLE = """
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem; }
body { color: #1b1f24; background: #fff }
h1 { font-size: 1.4rem; margin: 0 } .score { font-size: 1.2rem; margin: .2rem 0 1.5rem }
section { border-left: .3rem solid #b42318; padding: .1rem 1rem; margin: 1rem 0; break-inside: avoid }
section.full { border-color: #1a7f37 } h2 { font-size: 1.05rem; margin: .3rem 0 } h2 small { font-weight: normal }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; margin: .4rem 0 } dt { color: #57606a }
dd { margin: 0; overflow-wrap: anywhere }
@media (prefers-color-scheme: dark) { body { color: #e6e6e6; background: #14171a } dt { color: #9aa4ae } }
@media (max-width: 30rem) { dl { grid-template-columns: 1fr } dd { margin-bottom: .4rem } }
"""


class MarkedQuestion(NamedTuple):
    """A question on the page: its heading and points, its text, whether it has full marks, and lines with labels."""

    label: str
    points: str
    text: str
    is_full: bool
    lines: tuple[tuple[str, str], ...]


class FeedbackPage(NamedTuple):
    """What a student reads."""

    heading: str
    score: str
    parts: tuple[MarkedQuestion, ...]
    lang: str = "en"


def feedback_files(
    book: Gradebook, telling: Telling, format_name: str
) -> Iterator[tuple[str, str]]:
    """Make a page for each student, by the name of its file; no two have one name."""
    taken: set[str] = set()
    for submission in book.submissions:
        name = free_name(file_stem(submission.student or submission.file), taken)
        page = feedback_page(book, submission, telling)
        render = _html if format_name == "html" else _markdown
        yield f"{name}.{FORMATS[format_name]}", render(page)


def feedback_page(book: Gradebook, submission: Submission, telling: Telling) -> FeedbackPage:
    """Make the page of a student, also of one whose work cannot be read or who handed nothing in."""
    roster = book.plan.roster
    student = None if roster is None else roster.by_key.get(submission.student or "")
    name = submission.student or submission.file
    if student is not None and student.name != name:
        name = f"{student.name} ({name})"
    heading = printable(": ".join(filter(None, (book.plan.title, name))))
    graded = submission.graded
    if graded is None:
        reason = in_language(submission.reason, telling.lang)
        return FeedbackPage(heading, printable(reason), (), telling.lang)
    parts = tuple(_marked(cell, telling) for cell in graded.cells)
    return FeedbackPage(heading, report.score_text(graded, telling.lang), parts, telling.lang)


def _marked(cell: GradedCell, telling: Telling) -> MarkedQuestion:
    lang = telling.lang
    lines = [
        (translate("your answer", lang), cell.answer.text or "-"),
        (translate("status", lang), translate(report.STATUS[cell.status], lang)),
        (translate("to think about", lang), report.hint(cell, Telling(hints=True, lang=lang))),
    ]
    right = cell.question.keyed.right if telling.reveal and cell.status != RIGHT else None
    if right is not None:
        shown = format_shape(right) if isinstance(right, tuple) else f"{right:,}"
        lines.append((translate("right answer", lang), shown))
        lines.append(
            (translate("how it comes about", lang), report.derivation(cell.question, lang))
        )
    points = report.plain_number(cell.points), report.plain_number(cell.question.points)
    return MarkedQuestion(
        printable(report.label_of(cell.question)),
        translate("{score} of {most}", lang, score=points[0], most=points[1]),
        printable(question_text(cell.question, lang)) if cell.question.id else "",
        cell.has_full_marks,
        tuple((label, printable(text)) for label, text in lines if text),
    )


def _html(page: FeedbackPage) -> str:
    """Write a page as one HTML file that loads nothing."""
    parts = "\n".join(
        f"<section{' class=full' if part.is_full else ''}>\n"
        f"<h2>{escape(part.label)} <small>{escape(part.points)}</small></h2>\n"
        + (f"<p>{escape(part.text)}</p>\n" if part.text else "")
        + "<dl>\n"
        + "\n".join(
            f"<dt>{escape(label)}</dt><dd>{escape(text)}</dd>" for label, text in part.lines
        )
        + "\n</dl>\n</section>"
        for part in page.parts
    )
    return (
        f'<!DOCTYPE html>\n<html lang="{page.lang}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(page.heading)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f'<h1>{escape(page.heading)}</h1>\n<p class="score">{escape(page.score)}</p>\n{parts}\n'
        "</body>\n</html>"
    )


def _markdown(page: FeedbackPage) -> str:
    """Write a page as Markdown."""
    lines = [f"# {in_markdown(page.heading)}", "", in_markdown(page.score)]
    for part in page.parts:
        lines += ["", f"## {in_markdown(part.label)} ({in_markdown(part.points)})", ""]
        lines += [in_markdown(part.text), ""] if part.text else []
        lines += [f"- {in_markdown(label)}: {in_markdown(text)}" for label, text in part.lines]
    return "\n".join(lines)


__all__ = ["FORMATS", "FeedbackPage", "MarkedQuestion", "feedback_files", "feedback_page"]
