"""Moodle XML, which Moodle's question bank imports (docs.moodle.org, "Moodle XML format").

A number is a `numerical` question, a shape a `shortanswer` one, and one with choices is `multichoice`. A wrong answer
that a slip gives has the slip's message as its feedback, and `*` says to any other that no slip gives it.
"""

from __future__ import annotations

from fractions import Fraction
from html import escape
from typing import TYPE_CHECKING

from cnncalc.exports.sheet import (
    CHOICE,
    NUMBER,
    SHAPE,
    AskedQuestion,
    QuestionSheet,
    decimal,
    spellings,
    xml_text,
)
from cnncalc.text.exact import Exact

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_TYPES = {NUMBER: "numerical", SHAPE: "shortanswer", CHOICE: "multichoice"}
ANY_OTHER = "*"
"""The answer that every other one matches; it stands last."""

_GRADES: tuple[Exact, ...] = (
    *(0, 5, 10, 20, 30, 40, 50, 60, 70, 75, 80, 90, 100),
    *(Fraction(100, parts) for parts in (3, 6, 7, 8, 9)),
    *(Fraction(200, 3), Fraction(250, 3), 25),
)
"""The grades in per cent that Moodle's importer knows (`question_bank::fraction_options`)."""


def render(sheet: QuestionSheet) -> str:
    """Return the document."""
    from xml.etree import ElementTree

    root = ElementTree.Element("quiz")
    category = ElementTree.SubElement(root, "question", type="category")
    _text(category, "category", category_of(sheet))
    for question in sheet.questions:
        _question(root, question, sheet)
    ElementTree.indent(root, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(
        root, encoding="unicode"
    )


def category_of(sheet: QuestionSheet) -> str:
    """Return where Moodle's question bank files the questions; a slash in a title is doubled."""
    return f"$course$/top/{' '.join(sheet.title.split()).replace('/', '//')}"


def grade_of(credit: Exact) -> str:
    """Return a part of the points in per cent, the nearest that Moodle knows: it refuses to import any other."""
    return decimal(min(_GRADES, key=lambda grade: abs(float(grade - 100 * credit))), 5)


def _question(root: Element, question: AskedQuestion, sheet: QuestionSheet) -> None:
    from xml.etree.ElementTree import SubElement

    kind = question.kind
    element = SubElement(root, "question", type=_TYPES[kind])
    _text(element, "name", question.id)
    _text(element, "questiontext", question_html(question), "html")
    if question.derivation:
        _text(element, "generalfeedback", f"<p>{escape(question.derivation)}</p>", "html")
    SubElement(element, "defaultgrade").text = decimal(question.points)
    SubElement(element, "penalty").text = "0.3333333"
    SubElement(element, "hidden").text = "0"
    if kind == CHOICE:
        SubElement(element, "single").text = "true"
        SubElement(element, "shuffleanswers").text = "true"
        SubElement(element, "answernumbering").text = "abc"
    elif kind == SHAPE:
        SubElement(element, "usecase").text = "0"
    for right in question.right:
        _answers(element, kind, right.text, 1, "", right.tolerance)
    for response in question.responses:
        _answers(element, kind, response.text, response.credit, response.message)
    if kind != CHOICE and sheet.unexplained:
        _answer(element, kind, ANY_OTHER, 0, sheet.unexplained, 0)


def _answers(
    question: Element, kind: str, text: str, credit: Exact, feedback: str, tolerance: Exact = 0
) -> None:
    """Add an answer in each of its spellings."""
    for spelling in spellings(text, kind):
        _answer(question, kind, spelling, credit, feedback, tolerance)


def _answer(
    question: Element, kind: str, text: str, credit: Exact, feedback: str, tolerance: Exact
) -> None:
    from xml.etree.ElementTree import SubElement

    form = "html" if kind == CHOICE else "moodle_auto_format"
    answer = SubElement(question, "answer", fraction=grade_of(credit), format=form)
    SubElement(answer, "text").text = text
    _text(answer, "feedback", escape(feedback), "html")
    if kind == NUMBER:
        SubElement(answer, "tolerance").text = decimal(tolerance)


def _text(parent: Element, tag: str, text: str, form: str = "") -> None:
    from xml.etree.ElementTree import SubElement

    element = SubElement(parent, tag, {"format": form} if form else {})
    SubElement(element, "text").text = xml_text(text)


def question_html(question: AskedQuestion) -> str:
    """Return the question in HTML: the facts as a list, then what is asked."""
    facts = "".join(f"<li>{escape(fact)}</li>" for fact in question.facts)
    listed = f"<ul>{facts}</ul>" if facts else ""
    return f"{listed}<p><b>{escape(question.asked)}</b> {escape(question.form)}</p>"
