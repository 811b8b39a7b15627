"""QTI 1.2 as Canvas imports it: a zip with a manifest, the quiz's settings and its questions.

A number is a `numerical_question`, a shape a `short_answer_question`, and one with choices is a
`multiple_choice_question`, in which every wrong choice has its own response. In a question without choices Canvas takes
every answer that is named for a right one (its importer, `qti_exporter/lib/qti`), so there the responses to all slips
stand together in what is said to any wrong answer. It knows no partial credit for one answer: slips earn nothing.

The same sheet gives the same bytes, and the same identifiers, so that a second import replaces the first.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator, Mapping
from html import escape
from typing import TYPE_CHECKING

from cnncalc.exports.moodle import question_html
from cnncalc.exports.sheet import (
    CHOICE,
    NUMBER,
    SHAPE,
    AskedQuestion,
    QuestionSheet,
    RightAnswer,
    decimal,
    spellings,
    xml_text,
)
from cnncalc.text.messages import translate
from cnncalc.text.numbers import read_number

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_TYPES = {
    NUMBER: "numerical_question",
    SHAPE: "short_answer_question",
    CHOICE: "multiple_choice_question",
}
_RESPONSE = "response1"
_CORRECT, _INCORRECT = "correct_fb", "general_incorrect_fb"
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of every file of the zip, the earliest that a zip can have."""

_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_QTI = "http://www.imsglobal.org/xsd/ims_qtiasiv1p2"
_CANVAS = "http://canvas.instructure.com/xsd/cccv1p0"
_PACKAGE = "http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1"


def render(sheet: QuestionSheet) -> bytes:
    """Return the zip."""
    name = f"cnncalc_{_digest(sheet.title, *(question.text for question in sheet.questions))}"
    files = {
        "imsmanifest.xml": _manifest(name),
        f"{name}/{name}.xml": _assessment(sheet, name),
        f"{name}/assessment_meta.xml": _settings(sheet, name),
    }
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for path, root in files.items():
            entry = zipfile.ZipInfo(path, _EPOCH)
            entry.create_system, entry.external_attr = (
                3,
                0o644 << 16,
            )  # as Unix writes it, on every system
            archive.writestr(entry, _xml(root))
    return stream.getvalue()


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "backslashreplace")).hexdigest()[:32]


# --- XML --------------------------------------------------------------------------------------------------------------


def _xml(root: Element) -> bytes:
    from xml.etree import ElementTree

    ElementTree.indent(root, "  ")
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


def _root(tag: str, namespace: str, schema: str, **attributes: str) -> Element:
    from xml.etree.ElementTree import Element

    location = {
        "xmlns": namespace,
        "xmlns:xsi": _XSI,
        "xsi:schemaLocation": f"{namespace} {schema}",
    }
    return Element(tag, {**location, **attributes})


def _add(parent: Element, tag: str, text: str = "", **attributes: str) -> Element:
    from xml.etree.ElementTree import SubElement

    element = SubElement(parent, tag, {key: xml_text(value) for key, value in attributes.items()})
    if text:
        element.text = xml_text(text)
    return element


def _add_all(parent: Element, texts: Mapping[str, str]) -> None:
    for tag, text in texts.items():
        _add(parent, tag, text)


def _html(parent: Element, html: str) -> None:
    _add(_add(parent, "material"), "mattext", html, texttype="text/html")


# --- the package ------------------------------------------------------------------------------------------------------


def _manifest(name: str) -> Element:
    root = _root(
        "manifest",
        _PACKAGE,
        "http://www.imsglobal.org/xsd/imscp_v1p1.xsd",
        identifier=f"{name}_manifest",
    )
    _add_all(_add(root, "metadata"), {"schema": "IMS Content", "schemaversion": "1.1.3"})
    _add(root, "organizations")
    resources = _add(root, "resources")
    questions = _add(resources, "resource", identifier=name, type="imsqti_xmlv1p2")
    _add(questions, "file", href=f"{name}/{name}.xml")
    _add(questions, "dependency", identifierref=f"{name}_settings")
    path = f"{name}/assessment_meta.xml"
    kind = "associatedcontent/imscc_xmlv1p1/learning-application-resource"
    settings = _add(resources, "resource", identifier=f"{name}_settings", type=kind, href=path)
    _add(settings, "file", href=path)
    return root


def _settings(sheet: QuestionSheet, name: str) -> Element:
    """Return what Canvas sets of a quiz: unpublished, one attempt, choices shuffled."""
    points = decimal(sum(question.points for question in sheet.questions))
    root = _root("quiz", _CANVAS, f"{_CANVAS}.xsd".replace("http:", "https:"), identifier=name)
    _add_all(
        root,
        {
            "title": sheet.title,
            "description": "",
            "shuffle_answers": "true",
            "scoring_policy": "keep_highest",
            "hide_results": "",
            "quiz_type": "assignment",
            "points_possible": points,
            "show_correct_answers": "true",
            "allowed_attempts": "1",
            "one_question_at_a_time": "false",
            "cant_go_back": "false",
            "available": "false",
        },
    )
    assignment = _add(root, "assignment", identifier=f"{name}_assignment")
    _add_all(
        assignment,
        {
            "title": sheet.title,
            "workflow_state": "unpublished",
            "quiz_identifierref": name,
            "points_possible": points,
            "grading_type": "points",
            "submission_types": "online_quiz",
        },
    )
    return root


# --- the questions ----------------------------------------------------------------------------------------------------


def _assessment(sheet: QuestionSheet, name: str) -> Element:
    schema = "http://www.imsglobal.org/xsd/ims_qtiasiv1p2p1.xsd"
    root = _root("questestinterop", _QTI, schema)
    assessment = _add(root, "assessment", ident=name, title=sheet.title)
    _fields(assessment, {"cc_maxattempts": "1"})
    section = _add(assessment, "section", ident="root_section")
    for question in sheet.questions:
        _item(section, question, sheet)
    return root


def _fields(parent: Element, fields: Mapping[str, str]) -> None:
    metadata = _add(parent, "qtimetadata")
    for label, entry in fields.items():
        field = _add(metadata, "qtimetadatafield")
        _add_all(field, {"fieldlabel": label, "fieldentry": entry})


def _item(section: Element, question: AskedQuestion, sheet: QuestionSheet) -> None:
    own = _digest(sheet.title, question.id, question.text)
    choices = {text: f"choice_{_digest(own, text)}" for text in question.choices}
    right = [
        spelling
        for right_answer in question.right
        for spelling in spellings(right_answer.text, question.kind)
    ]
    answers = list(choices.values()) or [f"answer_{_digest(own, text)}" for text in right]
    item = _add(section, "item", ident=f"question_{own}", title=question.id)
    _fields(
        _add(item, "itemmetadata"),
        {
            "question_type": _TYPES[question.kind],
            "points_possible": decimal(question.points),
            "original_answer_ids": ",".join(answers),
            "assessment_question_identifierref": f"reference_{own}",
        },
    )
    _presentation(item, question, choices)
    _processing(item, question, choices)
    for ident, message in _feedback(question, choices, sheet):
        _html(_add(_add(item, "itemfeedback", ident=ident), "flow_mat"), message)


def _presentation(item: Element, question: AskedQuestion, choices: Mapping[str, str]) -> None:
    presentation = _add(item, "presentation")
    _html(presentation, question_html(question))
    response = {"ident": _RESPONSE, "rcardinality": "Single"}
    if question.kind == CHOICE:
        rendered = _add(_add(presentation, "response_lid", **response), "render_choice")
        for text, ident in choices.items():
            _html(_add(rendered, "response_label", ident=ident), f"<p>{escape(text)}</p>")
        return
    written = {"fibtype": "Decimal"} if question.kind == NUMBER else {}
    rendered = _add(_add(presentation, "response_str", **response), "render_fib", **written)
    label = {"rshuffle": "No"} if question.kind == SHAPE else {}
    _add(rendered, "response_label", ident="answer1", **label)


def _processing(item: Element, question: AskedQuestion, choices: Mapping[str, str]) -> None:
    """Say which answers are right, and which response each gets."""
    processing = _add(item, "resprocessing")
    score = {"maxvalue": "100", "minvalue": "0", "varname": "SCORE", "vartype": "Decimal"}
    _add(_add(processing, "outcomes"), "decvar", **score)
    for response in question.responses if choices else ():
        condition = _add(processing, "respcondition", **{"continue": "Yes"})
        _equal(_add(condition, "conditionvar"), choices[response.text])
        _respond(condition, f"{choices[response.text]}_fb")
    if question.kind == NUMBER:
        for right in question.right:
            _number(_right(processing, question), right)
    else:
        conditions = _right(processing, question)
        for right in question.right:
            for text in [choices[right.text]] if choices else spellings(right.text, SHAPE):
                _equal(conditions, text)
    if not choices:
        condition = _add(processing, "respcondition", **{"continue": "Yes"})
        _add(_add(condition, "conditionvar"), "other")
        _respond(condition, _INCORRECT)


def _right(processing: Element, question: AskedQuestion) -> Element:
    """Add a condition that gives full marks, and return where its terms stand."""
    condition = _add(processing, "respcondition", **{"continue": "No"})
    terms = _add(condition, "conditionvar")
    _add(condition, "setvar", "100", action="Set", varname="SCORE")
    if question.derivation:
        _respond(condition, _CORRECT)
    return terms


def _respond(condition: Element, ident: str) -> None:
    _add(condition, "displayfeedback", feedbacktype="Response", linkrefid=ident)


def _equal(parent: Element, text: str) -> None:
    _add(parent, "varequal", text, respident=_RESPONSE)


def _number(conditions: Element, right: RightAnswer) -> None:
    """Add a number with its tolerance, as Canvas exports an exact answer with a margin."""
    value = read_number(right.text).value
    either = _add(conditions, "or")
    _equal(either, decimal(value))
    within = _add(either, "and")
    _add(within, "vargte", decimal(value - right.tolerance), respident=_RESPONSE)
    _add(within, "varlte", decimal(value + right.tolerance), respident=_RESPONSE)


def _feedback(
    question: AskedQuestion, choices: Mapping[str, str], sheet: QuestionSheet
) -> Iterator[tuple[str, str]]:
    """Yield the responses by their identifiers, in HTML."""
    if question.derivation:
        yield _CORRECT, f"<p>{escape(question.derivation)}</p>"
    if choices:
        for response in question.responses:
            yield f"{choices[response.text]}_fb", f"<p>{escape(response.message)}</p>"
    else:
        yield _INCORRECT, _to_any_wrong_answer(question, sheet)


def _to_any_wrong_answer(question: AskedQuestion, sheet: QuestionSheet) -> str:
    """Return what is said to every wrong answer: what each slip is told, or that none is known."""
    messages = dict.fromkeys(response.message for response in question.responses)
    if not messages:
        return f"<p>{escape(sheet.unexplained)}</p>"
    head = escape(translate("Not right. Look whether it is one of these:", sheet.lang))
    return f"<p>{head}</p><ul>{''.join(f'<li>{escape(message)}</li>' for message in messages)}</ul>"
