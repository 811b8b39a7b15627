"""Moodle XML, which Moodle's question bank imports (docs.moodle.org, "Moodle XML format").

A number is a `numerical` question, a shape a `shortanswer` one, and one with choices is `multichoice`. A wrong answer
that a slip gives has the slip's message as its feedback.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from cnncalc.quiz.formats import Style
from cnncalc.quiz.prove import Item, Quiz

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


def render(quiz: Quiz, style: Style) -> str:
    """Return the document."""
    from xml.etree import ElementTree

    root = ElementTree.Element("quiz")
    category = ElementTree.SubElement(root, "question", type="category")
    _text(category, "category", f"$course$/top/{style.titled(quiz).replace('/', '//')}")
    for item in quiz.items:
        _question(root, item, style)
    ElementTree.indent(root, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(
        root, encoding="unicode"
    )


def _question(root: Element, item: Item, style: Style) -> None:
    from xml.etree.ElementTree import SubElement

    kind = "multichoice" if style.offers(item) else "shortanswer" if item.is_shape else "numerical"
    question = SubElement(root, "question", type=kind)
    _text(question, "name", item.id)
    _text(question, "questiontext", question_html(item, style.lang), "html")
    SubElement(question, "defaultgrade").text = str(item.question.points)
    SubElement(question, "penalty").text = "0.3333333"
    SubElement(question, "hidden").text = "0"
    if kind == "multichoice":
        SubElement(question, "single").text = "true"
        SubElement(question, "shuffleanswers").text = "true"
        SubElement(question, "answernumbering").text = "abc"
    elif kind == "shortanswer":
        SubElement(question, "usecase").text = "0"
    for text in spellings(item.answer, kind):
        _answer(question, kind, text, 100, "")
    for wrong in item.offered if kind == "multichoice" else item.told_apart:
        for text in spellings(wrong.text, kind):
            _answer(question, kind, text, 0, wrong.message(style.lang))


def _answer(question: Element, kind: str, text: str, fraction: int, feedback: str) -> None:
    from xml.etree.ElementTree import SubElement

    form = "html" if kind == "multichoice" else "moodle_auto_format"
    answer = SubElement(question, "answer", fraction=str(fraction), format=form)
    SubElement(answer, "text").text = text
    _text(answer, "feedback", escape(feedback), "html")
    if kind == "numerical":
        SubElement(answer, "tolerance").text = "0"


def _text(parent: Element, tag: str, text: str, form: str = "") -> None:
    from xml.etree.ElementTree import SubElement

    element = SubElement(parent, tag, {"format": form} if form else {})
    SubElement(element, "text").text = text


def question_html(item: Item, lang: str) -> str:
    """Return the question in HTML: the facts as a list, then what is asked."""
    facts = "".join(f"<li>{escape(fact.text(lang))}</li>" for fact in item.wording.facts)
    asked, form = escape(item.wording.asked.text(lang)), escape(item.wording.form.text(lang))
    return f"<ul>{facts}</ul><p><b>{asked}</b> {form}</p>"


def spellings(text: str, kind: str) -> list[str]:
    """How an answer may be typed: a number without commas, a shape with either sign and with spaces."""
    if kind == "multichoice":
        return [text]
    if kind == "numerical":
        return [text.replace(",", "")]
    return [text, text.replace("x", "×"), text.replace("x", " x "), text.replace("x", " × ")]
