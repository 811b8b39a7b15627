"""Exports and programs of others: text2qti makes the same quiz; parsers of Moodle XML, GIFT, HTML and LaTeX read ours.

What is held to our own readers, whatever is installed, stands in `tests/exports`.
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from exports.readers import plain, read_gift
from exports.test_exports import sheets
from exports.test_qti import SAME, THEIRS, lines, named, qti

from cnncalc.exports import render_text
from cnncalc.exports.sheet import CHOICE, NUMBER, AskedQuestion, QuestionSheet, spellings

from .conftest import require

SHOWN = pytest.mark.parametrize(
    ("lang", "ask"), [("en", "open"), ("ko", "mixed"), ("en", "choice")]
)

# --- QTI: text2qti, which writes it for Canvas ------------------------------------------------------------------------


def made_by_text2qti(source: str) -> dict[str, ElementTree.Element]:
    """Let text2qti write a quiz; its documents by their kind."""
    require("text2qti")
    from text2qti.config import Config
    from text2qti.qti import QTI
    from text2qti.quiz import Quiz

    config = Config()
    quiz = Quiz(source, config=config, source_name="quiz.txt")
    archive = zipfile.ZipFile(io.BytesIO(QTI(quiz).zip_bytes()))
    return by_kind(archive)


def by_kind(archive: zipfile.ZipFile) -> dict[str, ElementTree.Element]:
    """Give the manifest, the settings and the questions of a package."""
    found = {}
    for name in archive.namelist():
        if name.endswith(".xml"):
            known = {"imsmanifest.xml", "assessment_meta.xml"} & {name.rpartition("/")[2]}
            found[known.pop() if known else "assessment.xml"] = ElementTree.fromstring(
                archive.read(name)
            )
    return found


def structure(root: ElementTree.Element) -> str:
    """Give a document without its own identifiers, HTML as its text."""
    for field in root.iter():
        text = field.text or ""
        if field.tag.endswith("fieldentry") and re.match(
            "(answer|choice|reference|text2qti)_", text
        ):
            field.text = "ids"
    return "\n".join(lines(root, named(root)))


def test_the_stored_files_are_what_text2qti_writes() -> None:
    made = made_by_text2qti((THEIRS / "quiz.txt").read_text(encoding="utf-8"))
    for name, root in made.items():
        assert structure(root) == structure(ElementTree.parse(THEIRS / name).getroot()), name


def written_for_text2qti(sheet: QuestionSheet) -> str:
    """Write a sheet as text2qti's own text format."""
    heads = [f"Quiz title: {sheet.title}", ""]
    return "\n".join([*heads, *(line for one in sheet.questions for line in _question(one, sheet))])


def _question(question: AskedQuestion, sheet: QuestionSheet) -> Iterator[str]:
    yield f"Title: {question.id}"
    if question.points != 1:
        yield f"Points: {float(question.points):g}"
    yield f"1.  {marked(question.text)}"
    if question.derivation:
        yield f"+   {marked(question.derivation)}"
    said = {response.text: response.message for response in question.responses}
    if question.kind == CHOICE:
        for letter, text in zip("abcdefgh", question.choices, strict=False):
            yield f"{'*' if text == question.answer else ''}{letter})  {marked(text)}"
            if text in said:
                yield f"...  {marked(said[text])}"
    else:
        messages = dict.fromkeys(said.values())
        head = "Not right. Look whether it is one of these:"
        yield f"-   {marked(' '.join([head, *messages]) if messages else sheet.unexplained)}"
        for right in question.right:
            for text in spellings(right.text, question.kind):
                off = f" +- {right.tolerance}" if right.tolerance else ""
                yield f"=   {text}{off}" if question.kind == NUMBER else f"*   {text}"
    yield ""


def is_known_to_text2qti(question: AskedQuestion) -> bool:
    """Whether it has one right answer, which is no number 0, as text2qti wants it."""
    return len(question.right) == 1 and (question.kind != NUMBER or question.answer != "0")


def marked(text: str) -> str:
    """Write a text so that Markdown leaves it as it is."""
    return re.sub(r"([\\`*_{}\[\]()#+.!~^$<>|'\"-])", r"\\\1", text)


@pytest.mark.parametrize("ask", ["choice", "open"])
def test_text2qti_makes_the_same_questions_of_every_sheet(ask: str) -> None:
    for sheet in [SAME, *sheets("en", ask)]:
        known = tuple(one for one in sheet.questions if is_known_to_text2qti(one))
        simple = sheet._replace(questions=known)
        ours = by_kind(zipfile.ZipFile(io.BytesIO(qti(simple))))
        theirs = made_by_text2qti(written_for_text2qti(simple))
        assert structure(ours["assessment.xml"]) == structure(theirs["assessment.xml"])
        assert ours.keys() == theirs.keys()


# --- Moodle XML: moodle-xml-parser, which knows choices ---------------------------------------------------------------


def test_a_parser_of_moodle_xml_reads_every_choice() -> None:
    require("moodle_xml_parser")
    from moodle_xml_parser import parser

    for lang in ("en", "ko"):
        for sheet in sheets(lang, "choice"):
            found = parser.parse_string(render_text(sheet, "moodle").encode("utf-8"))["multichoice"]
            choices = [asked for asked in sheet.questions if asked.kind == CHOICE]
            assert [one.name for one in found] == [asked.id for asked in choices]
            for one, asked in zip(found, choices, strict=True):
                said = {response.text: response.message for response in asked.responses}
                assert plain(one.text_pre_parse) == asked.text
                assert plain(one.general_feedback) == asked.derivation
                assert (one.single, one.default_grade) == (True, float(asked.points))
                marks = {option.answer: option.score_fraction for option in one.options}
                assert marks == {text: 100 * (text == asked.answer) for text in asked.choices}
                feedback = {option.answer: plain(option.feedback or "") for option in one.options}
                assert feedback == {text: said.get(text, "") for text in asked.choices}


# --- GIFT: gift-pegjs, a grammar of it --------------------------------------------------------------------------------

NODE = os.environ.get("CNNCALC_NODE", "")
"""A folder in which `npm install gift-pegjs` was run."""
PARSE = """
const {parse} = require("gift-pegjs");
const texts = JSON.parse(require("fs").readFileSync(0, "utf8"));
console.log(JSON.stringify(texts.map(text => parse(text))));
"""
KINDS = {"Numerical": "numerical", "MC": "multichoice", "Short": "shortanswer"}


@pytest.mark.skipif(not NODE, reason="CNNCALC_NODE names no folder with gift-pegjs")
def test_a_grammar_of_gift_reads_what_ours_reads() -> None:
    texts = [
        render_text(sheet, "gift")
        for lang, ask in (("en", "open"), ("ko", "mixed"), ("en", "choice"))
        for sheet in sheets(lang, ask)
    ]
    done = subprocess.run(
        ["node", "-e", PARSE], input=json.dumps(texts), cwd=NODE, capture_output=True, text=True, check=True
    )  # fmt: skip
    for text, (head, *questions) in zip(texts, json.loads(done.stdout), strict=True):
        category, known = read_gift(text)
        assert (head["type"], head["title"]) == ("Category", category)
        for found, one in zip(questions, known, strict=True):
            assert (found["title"], KINDS[found["type"]]) == (one.name, one.kind)
            assert plain(found["stem"]["text"]) == one.text
            assert plain((found["globalFeedback"] or {"text": ""})["text"]) == one.general
            assert [_answer(choice) for choice in found["choices"]] == [
                (answer.text, answer.percent, answer.feedback) for answer in one.answers
            ]


def _answer(choice: dict[str, Any]) -> tuple[str, float, str]:
    """Give an answer that the grammar read: its text, or number; its per cent; what is said to it."""
    value = choice["text"]
    text = value["text"] if "text" in value else f"{value['number']:.15g}"
    weight = choice["weight"]
    percent = 100.0 * choice["isCorrect"] if weight is None else weight
    return text, percent, plain((choice["feedback"] or {"text": ""})["text"])


# --- paper: html5lib, pylatexenc, TeX ---------------------------------------------------------------------------------


@SHOWN
def test_html5lib_finds_no_mistake_and_every_question(lang: str, ask: str) -> None:
    html5lib = require("html5lib")
    for sheet in sheets(lang, ask):
        parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
        page = parser.parse(render_text(sheet, "html"))
        text = " ".join("".join(page.itertext()).split())
        assert page.find("head/title").text == sheet.title
        for asked in sheet.questions:
            assert asked.asked in text
            for choice in asked.choices:
                assert choice in text


@SHOWN
def test_pylatexenc_reads_every_question(lang: str, ask: str) -> None:
    require("pylatexenc")
    from pylatexenc.latex2text import LatexNodes2Text
    from pylatexenc.latexwalker import LatexWalker

    to_text = LatexNodes2Text()
    for sheet in sheets(lang, ask):
        source = render_text(sheet, "latex")
        nodes, _, _ = LatexWalker(source, tolerant_parsing=False).get_latex_nodes()
        text = re.sub(r"\s", "", unescape(to_text.nodelist_to_text(nodes)))
        for asked in sheet.questions:
            assert re.sub(r"\s", "", asked.asked) in text


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="there is no pdflatex")
def test_tex_makes_pages_of_it(tmp_path: Path) -> None:
    for number, sheet in enumerate(sheets("en", "choice")):
        source = tmp_path / f"{number}.tex"
        source.write_text(render_text(sheet, "latex"), encoding="utf-8")
        subprocess.run(
            ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", source.name],
            cwd=tmp_path, check=True, capture_output=True, timeout=120,
        )  # fmt: skip
        assert source.with_suffix(".pdf").read_bytes().startswith(b"%PDF")
