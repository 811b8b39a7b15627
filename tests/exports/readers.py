"""Readers of what is exported, written from the formats' documentation and sharing nothing with what writes them.

Each gives the questions of a file as `ReadQuestion`, in order, and fails where the file breaks a rule of its format.
"""

from __future__ import annotations

import io
import re
import zipfile
from html.parser import HTMLParser
from typing import NamedTuple
from xml.etree import ElementTree


class ReadAnswer(NamedTuple):
    """An answer as a course system has it: its text, per cent, tolerance (None where it has none) and feedback."""

    text: str
    percent: float
    tolerance: float | None = None
    feedback: str = ""


class ReadQuestion(NamedTuple):
    """A question as a course system has it."""

    name: str
    kind: str
    text: str
    answers: tuple[ReadAnswer, ...]
    points: float = 1.0
    general: str = ""

    def credit(self, typed: str) -> tuple[float, str]:
        """What an answer earns, in per cent, and what is said: the first that it matches, as Moodle grades."""
        for answer in self.answers:
            if answer.text == "*" or self._is(typed, answer):
                return answer.percent, answer.feedback
        return 0.0, ""

    def _is(self, typed: str, answer: ReadAnswer) -> bool:
        if answer.tolerance is None:
            return typed.casefold() == answer.text.casefold()
        return abs(float(typed) - float(answer.text)) <= answer.tolerance


class Plain(HTMLParser):
    """The text of an HTML fragment; every element must be closed in its turn."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[str] = []
        self.data: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.data.append(data)


def plain(html: str) -> str:
    """The text of a fragment that has no elements but those of a question."""
    reader = Plain()
    reader.feed(html)
    reader.close()
    assert not reader.open
    assert set(reader.tags) <= {"ul", "li", "p", "b"}, reader.tags
    return " ".join("".join(f" {part}" for part in reader.data).split())


# --- Moodle XML: docs.moodle.org/en/Moodle_XML_format ----------------------------------------------

MOODLE_GRADES = "100 90 83.33333 80 75 70 66.66667 60 50 40 33.33333 30 25 20 16.66667 14.28571 12.5 11.11111 10 5 0"
"""The grades that its importer takes: any other ends the import, unless the teacher asks for the nearest."""


def read_moodle(text: str) -> tuple[str, list[ReadQuestion]]:
    """The category, and the questions."""
    root = ElementTree.fromstring(text.encode("utf-8"))
    assert root.tag == "quiz"
    category, *questions = root.findall("question")
    assert category.get("type") == "category"
    return category.findtext("category/text") or "", [_moodle(one) for one in questions]


def _moodle(question: ElementTree.Element) -> ReadQuestion:
    kind = question.get("type") or ""
    assert kind in ("numerical", "shortanswer", "multichoice")
    assert [len(question.findall(tag)) for tag in ("name", "questiontext", "defaultgrade")] == [
        1
    ] * 3
    answers = []
    for answer in question.findall("answer"):
        assert answer.get("fraction") in MOODLE_GRADES.split()
        tolerance = answer.findtext("tolerance")
        assert (tolerance is not None) == (kind == "numerical")
        feedback = plain(answer.findtext("feedback/text") or "")
        numeric = None if tolerance is None else float(tolerance)
        written = answer.findtext("text") or ""
        answers.append(ReadAnswer(written, float(answer.get("fraction") or ""), numeric, feedback))
    if kind == "multichoice":
        assert question.findtext("single") == "true"
        assert [one.percent for one in answers].count(100) == 1
    return ReadQuestion(
        question.findtext("name/text") or "",
        kind,
        plain(question.findtext("questiontext/text") or ""),
        tuple(answers),
        float(question.findtext("defaultgrade") or ""),
        plain(question.findtext("generalfeedback/text") or ""),
    )


# --- GIFT: docs.moodle.org/en/GIFT_format ----------------------------------------------------------

_TEXT = r"(?:[^\\~=#{}:\n]|\\[\\~=#{}:])*"
_QUESTION = re.compile(rf"::({_TEXT})::\[html\]({_TEXT})\{{(#?)\n((?:.+\n)+)\}}")
_ANSWER = re.compile(rf"([=~])(?:%(-?[\d.]+)%)?({_TEXT})(?::([\d.]+))?(?:#({_TEXT}))?")


def read_gift(text: str) -> tuple[str, list[ReadQuestion]]:
    """The category, and the questions; they stand apart by an empty line."""
    category, *blocks = text.split("\n\n")
    assert category.startswith("$CATEGORY: ")
    return category.removeprefix("$CATEGORY: "), [_gift(block) for block in blocks]


def _gift(block: str) -> ReadQuestion:
    found = _QUESTION.fullmatch(block)
    assert found is not None, block
    name, text, numeric, body = found.groups()
    lines = body.splitlines()
    general = plain(_bare(lines.pop().removeprefix("####"))) if lines[-1].startswith("####") else ""
    answers = tuple(_gift_answer(line, numeric) for line in lines)
    signs = {line[0] for line in lines}
    kind = "numerical" if numeric else "multichoice" if "~" in signs else "shortanswer"
    assert lines[0][0] == "="
    return ReadQuestion(_bare(name), kind, plain(_bare(text)), answers, 1.0, general)


def _gift_answer(line: str, numeric: str) -> ReadAnswer:
    found = _ANSWER.fullmatch(line)
    assert found is not None, line
    sign, percent, text, tolerance, feedback = found.groups()
    full = 100.0 if sign == "=" else 0.0
    said = plain(_bare(feedback or ""))
    if numeric and sign == "~":  # what is said to every other number
        return ReadAnswer("*", 0.0, 0.0, said)
    off = float(tolerance) if numeric else None
    return ReadAnswer(_bare(text), float(percent) if percent else full, off, said)


def _bare(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


# --- LaTeX -----------------------------------------------------------------------------------------

_COMMAND = re.compile(r"\\(?:[a-zA-Z]+\*?|.)", re.DOTALL)
LATEX_COMMANDS = {
    *(r"\documentclass", r"\usepackage", r"\setlength", r"\parindent", r"\begin", r"\end"),
    *(r"\section*", r"\item", r"\textbf", r"\rule", r"\quad", r"\square", r"\\"),
    *(r"\textbackslash", r"\textasciitilde", r"\textasciicircum", r"\times", r"\cdot"),
    *(r"\&", r"\%", r"\$", r"\#", r"\_", r"\{", r"\}"),
}
"""All that a sheet is made of."""


def check_latex(text: str) -> None:
    """Braces and environments close in their turn, and no command is there that a sheet is not made of."""
    assert set(_COMMAND.findall(text)) <= LATEX_COMMANDS, (
        set(_COMMAND.findall(text)) - LATEX_COMMANDS
    )
    bare = re.sub(r"\\.", "", text)
    depth = 0
    for sign in bare:
        depth += (sign == "{") - (sign == "}")
        assert depth >= 0
    assert depth == 0
    assert bare.count("$") % 2 == 0
    open_: list[str] = []
    for what, name in re.findall(r"\\(begin|end)\{(\w+)\}", text):
        if what == "begin":
            open_.append(name)
        else:
            assert open_.pop() == name
    assert not open_


# --- QTI 1.2 as Canvas imports it: instructure/QTIMigrationTool, canvas-lms/gems/plugins/qti_exporter -----------------

QTI = "{http://www.imsglobal.org/xsd/ims_qtiasiv1p2}"
PACKAGE = "{http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1}"
CANVAS_TYPES = {
    "numerical_question": "numerical",
    "short_answer_question": "shortanswer",
    "multiple_choice_question": "multichoice",
}


def read_qti(content: bytes) -> tuple[str, list[ReadQuestion]]:
    """The title, and the questions as Canvas takes them: but for choices, every answer that is named is right."""
    archive = zipfile.ZipFile(io.BytesIO(content))
    manifest = ElementTree.fromstring(archive.read("imsmanifest.xml"))
    resources = {one.get("type"): one for one in manifest.iter(f"{PACKAGE}resource")}
    questions = resources["imsqti_xmlv1p2"]
    names = [file.get("href") or "" for file in manifest.iter(f"{PACKAGE}file")]
    assert {*names, "imsmanifest.xml"} == set(archive.namelist())
    root = ElementTree.fromstring(archive.read(questions[0].get("href") or ""))
    for element in root.iter():
        element.tag = element.tag.removeprefix(QTI)
    identifiers = [one.get("ident") for one in root.iter() if one.tag in ("item", "assessment")]
    assert len(set(identifiers)) == len(identifiers)
    assessment = root.find("assessment")
    assert assessment is not None
    return assessment.get("title") or "", [_canvas(item) for item in root.iter("item")]


def _canvas(item: ElementTree.Element) -> ReadQuestion:
    fields = {
        field.findtext("fieldlabel"): field.findtext("fieldentry") or ""
        for field in item.iter("qtimetadatafield")
    }
    kind = CANVAS_TYPES[fields["question_type"]]
    said = {
        one.get("ident"): plain(one.findtext(".//mattext") or "")
        for one in item.iter("itemfeedback")
    }
    shown = {one.get("linkrefid") for one in item.iter("displayfeedback")}
    assert shown == set(said)
    conditions = item.findall("resprocessing/respcondition")
    answers = (
        _choices(item, conditions, said) if kind == "multichoice" else _written(kind, conditions)
    )
    other = said.get("general_incorrect_fb", "")
    if other:
        answers = (*answers, ReadAnswer("*", 0.0, 0.0, other))
    assert len(fields["original_answer_ids"].split(",")) == len(
        [one for one in answers if one.text != "*"]
    )
    return ReadQuestion(
        item.get("title") or "",
        kind,
        plain(item.findtext("presentation/material/mattext") or ""),
        answers,
        float(fields["points_possible"]),
        said.get("correct_fb", ""),
    )


def _choices(
    item: ElementTree.Element, conditions: list[ElementTree.Element], said: dict[str | None, str]
) -> tuple[ReadAnswer, ...]:
    marks: dict[str | None, float] = {}
    feedback: dict[str | None, str] = {}
    for condition in conditions:
        (ident,) = [one.text for one in condition.iter("varequal")]
        if condition.find("setvar") is not None:
            marks[ident] = float(condition.findtext("setvar") or "")
        else:
            (shown,) = condition.iter("displayfeedback")
            feedback[ident] = said[shown.get("linkrefid")]
    return tuple(
        ReadAnswer(
            plain(label.findtext("material/mattext") or ""),
            marks.get(label.get("ident"), 0.0),
            None,
            feedback.get(label.get("ident"), ""),
        )
        for label in item.iter("response_label")
    )


def _written(kind: str, conditions: list[ElementTree.Element]) -> tuple[ReadAnswer, ...]:
    """Read right answers; a condition that names an answer and sets no score would make it right all the same."""
    found = []
    for condition in conditions:
        texts = [one.text or "" for one in condition.iter("varequal")]
        assert not texts or condition.findtext("setvar") == "100"
        for text in texts:
            low, high = (condition.findtext(f".//{tag}") for tag in ("vargte", "varlte"))
            off = float(high or text) - float(text) if kind == "numerical" else None
            assert kind != "numerical" or float(low or text) == float(text) - (off or 0)
            found.append(ReadAnswer(text, 100.0, off))
    return tuple(found)
