"""QTI 1.2: read as Canvas reads it, and held element by element to what text2qti 0.8.0 makes of the same questions.

`text2qti/quiz.txt` is the source that text2qti was given, and the files beside it are what it wrote.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree

import pytest

from cnncalc.cli import main
from cnncalc.exports import render
from cnncalc.exports.sheet import AskedQuestion, QuestionSheet, Response, RightAnswer, spellings
from cnncalc.homework.questions import load_homework
from cnncalc.quiz import Style, homework_sheet

from .readers import plain, read_qti
from .test_exports import HOSTILE, SHOWN, homework_of, sheets

THEIRS = Path(__file__).parent / "text2qti"


def qti(sheet: QuestionSheet) -> bytes:
    product = render(sheet, "qti")
    assert isinstance(product, bytes)
    return product


@SHOWN
def test_canvas_reads_every_question_with_its_responses(lang: str, ask: str) -> None:
    for sheet in sheets(lang, ask):
        title, found = read_qti(qti(sheet))
        assert title == sheet.title
        for one, asked in zip(found, sheet.questions, strict=True):
            assert (one.name, one.text, one.general) == (asked.id, asked.text, asked.derivation)
            right = [text for answer in asked.right for text in spellings(answer.text, asked.kind)]
            assert [answer.text for answer in one.answers if answer.percent] == right
            for response in asked.responses:
                (typed, *_) = spellings(response.text, asked.kind)
                percent, said = one.credit(typed)
                assert percent == 0
                assert said == response.message if asked.choices else response.message in said


def test_numbers_have_their_tolerance_and_questions_their_points(tmp_path: Path) -> None:
    """Krizhevsky et al. 2012 print 60 million parameters, to the million."""
    asked = "{id: d, network: alexnet, quantity: params, points: 0.5, accept: [Krizhevsky]}"
    sheet = homework_sheet(homework_of(tmp_path, f"questions: [{asked}]"), Style(ask="open"))
    _, (found,) = read_qti(qti(sheet))
    assert found.points == 0.5
    assert [found.credit(text)[0] for text in ("62378344", "60400000", "61000000")] == [100, 100, 0]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_stay_what_they_are(tmp_path: Path, text: str) -> None:
    asked = AskedQuestion(text, (text,), text, text, (RightAnswer("1"),), (Response("2", text),))
    _, (found,) = read_qti(qti(QuestionSheet(text, (asked,), unexplained=text)))
    clean = " ".join(
        "".join("\ufffd" if sign in "\x01\x1b\ufffe" else sign for sign in text).split()
    )
    assert found.text == f"{clean} {clean} {clean}"
    assert clean in found.credit("2")[1]


def test_the_same_sheet_gives_the_same_bytes() -> None:
    sheet = homework_sheet(load_homework("conv_layers"), Style())
    content = qti(sheet)
    assert content == qti(homework_sheet(load_homework("conv_layers"), Style()))
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert archive.testzip() is None


def test_command_writes_a_file_and_prints_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["quiz", "--seed", "7", "--count", "4", "--format", "qti"]
    assert main([*words, "-o", str(tmp_path / "quiz.zip")]) == 0
    _, found = read_qti((tmp_path / "quiz.zip").read_bytes())
    assert [one.name for one in found] == ["q1", "q2", "q3", "q4"]
    assert main(words) == 2
    assert "such as -o quiz.zip" in capsys.readouterr().err
    (tmp_path / "class.txt").write_text("Kim\nLee\n", "utf-8")
    roster = ["--roster", str(tmp_path / "class.txt"), "-o", str(tmp_path / "all")]
    assert main([*words, *roster]) == 0
    assert read_qti((tmp_path / "all" / "Kim.zip").read_bytes())[0].endswith("(Kim)")


# --- beside text2qti --------------------------------------------------------------------------------------------------

SAME = QuestionSheet(
    "Three of a kind",
    (
        AskedQuestion(
            "weights",
            (),
            "How many parameters?",
            "",
            (RightAnswer("760"),),
            (),
            points=2,
            derivation="5·5·3·10 + 10 = 760",
        ),
        AskedQuestion(
            "size",
            (),
            "What comes out?",
            "",
            (RightAnswer("32x32x10"),),
            (
                Response("31x31x10", "One more position."),
                Response("32x32x3", "Each filter makes one map."),
            ),
            ("31x31x10", "32x32x10", "32x32x3"),
            derivation="(32 + 2·2 − 5)/1 + 1 = 32",
        ),
        AskedQuestion(
            "shape",
            (),
            "What comes out of it?",
            "",
            (RightAnswer("16x16x10"),),
            (),
            points=Fraction(1, 2),
            derivation="32/2 = 16",
        ),
    ),
    unexplained="Work it out again.",
)
INCORRECT = ("Weights are not all that is learned here.", "Each channel by itself.")
"""What text2qti's source says to any wrong answer, where ours says `unexplained`."""


def named(root: ElementTree.Element) -> dict[str, str]:
    """Names for the identifiers of a document, by the order in which they are declared."""
    found: dict[str, str] = {}
    for element in root.iter():
        for key in ("ident", "identifier", "linkrefid"):
            ident = element.get(key, "")
            if any(sign.isdigit() for sign in ident) and ident not in ("response1", "answer1"):
                found.setdefault(ident.removesuffix("_fb"), f"#{len(found)}")
    return found


def lines(element: ElementTree.Element, names: dict[str, str], depth: int = 0) -> Iterator[str]:
    """An element and all within it, a line each, with identifiers by their names and HTML as its text."""
    attributes = " ".join(
        f"{key}={names.get(value.removesuffix('_fb'), value)}"
        for key, value in sorted(element.attrib.items())
    )
    text = (element.text or "").strip()
    if element.tag.endswith("mattext"):
        text = plain(text)
    yield f"{'  ' * depth}{element.tag} {attributes} {names.get(text, text)}"
    for child in element:
        yield from lines(child, names, depth + 1)


def theirs(name: str) -> ElementTree.Element:
    return ElementTree.parse(THEIRS / name).getroot()


def ours(ending: str) -> ElementTree.Element:
    archive = zipfile.ZipFile(io.BytesIO(qti(SAME)))
    (name,) = [name for name in archive.namelist() if name.endswith(ending)]
    return ElementTree.fromstring(archive.read(name))


def test_the_questions_are_built_as_text2qti_builds_them() -> None:
    (name,) = [
        one
        for one in zipfile.ZipFile(io.BytesIO(qti(SAME))).namelist()
        if one.count("cnncalc_") == 2
    ]
    made, known = ours(name), theirs("assessment.xml")
    for root in (made, known):  # the ids of answers stand in a text of their own
        for field in root.iter():
            if (field.text or "").startswith(
                ("answer_", "choice_", "reference_", "text2qti_")
            ) and field.tag.endswith("fieldentry"):
                field.text = "ids"
    shown = "\n".join(lines(known, named(known)))
    for said in INCORRECT:
        shown = shown.replace(said, SAME.unexplained)
    assert "\n".join(lines(made, named(made))) == shown


def test_the_package_has_the_resources_of_text2qti() -> None:
    made, known = ours("imsmanifest.xml"), theirs("imsmanifest.xml")
    shapes = []
    for root in (made, known):
        resources = root.find(f"{{{root.tag[1:].partition('}')[0]}}}resources")
        assert resources is not None
        shapes.append(
            [[one.tag, one.get("type"), *(child.tag for child in one)] for one in resources]
        )
    assert shapes[0] == shapes[1]


def test_the_settings_are_among_those_of_text2qti_in_their_order() -> None:
    made, known = ours("assessment_meta.xml"), theirs("assessment_meta.xml")
    tags = [element.tag for element in known.iter()]
    places = [tags.index(element.tag) for element in made]
    assert places == sorted(places)
    assert {element.tag for element in made.iter()} <= set(tags)
