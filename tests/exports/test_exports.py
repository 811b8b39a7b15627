"""A quiz, and a homework of one's own, in the formats of paper and course systems: each read back by another reader."""

from __future__ import annotations

import csv
import json
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from cnncalc.cli import main
from cnncalc.cli.complete import complete_quiz_format
from cnncalc.exports import FORMATS, ExportFormat, answers
from cnncalc.exports import render as product
from cnncalc.exports import render_text as render
from cnncalc.exports.sheet import QuestionSheet, spellings
from cnncalc.homework.questions import Homework, load_homework
from cnncalc.quiz import Quiz, Style, homework_sheet, make_quiz, quiz_sheet
from cnncalc.quiz.templates import quiz_templates

from .readers import ReadQuestion, check_latex, plain, read_gift, read_moodle

READERS = {"moodle": read_moodle, "gift": read_gift}
PAPER = ("markdown", "plain", "latex", "html")
NUMBERED = """
title: Numbers
accept: [macs]
partial: {no-bias: 0.45, convention: 0.5}
questions:
- {id: a, text: "How many weights and biases?", network: alexnet, layer: conv1, quantity: params, points: 2}
- {id: b, network: alexnet, layer: conv1, quantity: output, points: 0.5}
- {id: c, text: "Operations?", network: alexnet, layer: conv1, quantity: flops}
- {id: d, text: "Parameters, as the paper prints them?", network: alexnet, quantity: params, accept: [Krizhevsky]}
- {id: e, network: alexnet, layer: conv2, quantity: receptive_field}
"""


@cache
def quizzes() -> tuple[Quiz, ...]:
    """Every kind of question of each level."""
    return tuple(
        make_quiz(5, len(forms), level) for level, forms in quiz_templates().levels.items()
    )


def homework_of(folder: Path, text: str) -> Homework:
    """Read a homework from its text."""
    path = folder / "hw.yaml"
    path.write_text(text, "utf-8")
    return load_homework(str(path))


@pytest.fixture
def homework(tmp_path: Path) -> Homework:
    return homework_of(tmp_path, NUMBERED)


SHOWN = pytest.mark.parametrize(
    ("lang", "ask"), [("en", "open"), ("ko", "mixed"), ("en", "choice")]
)
"""Each language, and each way of asking."""


@cache
def sheets(lang: str, ask: str) -> list[QuestionSheet]:
    """Make the sheet of a quiz of each level, and of the homeworks that ship."""
    shown = Style(lang, "A/B & <1> {x}", ask)
    own = [homework_sheet(load_homework(name), shown) for name in ("alexnet", "conv_layers")]
    return [*(quiz_sheet(quiz, shown) for quiz in quizzes()), *own]


# --- read back --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("format_name", READERS)
@SHOWN
def test_course_systems_read_every_question_with_its_answers(
    format_name: str, lang: str, ask: str
) -> None:
    for sheet in sheets(lang, ask):
        category, found = READERS[format_name](render(sheet, format_name))
        assert category == "$course$/top/A//B & <1> {x}"
        assert [one.name for one in found] == [asked.id for asked in sheet.questions]
        for one, asked in zip(found, sheet.questions, strict=True):
            assert one.text == asked.text
            assert one.general == asked.derivation
            right = [
                spelling
                for answer in asked.right
                for spelling in spellings(answer.text, asked.kind)
            ]
            assert [one.credit(text) for text in right] == [(100, "")] * len(right)
            assert [answer.text for answer in one.answers if answer.percent == 100] == right
            for response in asked.responses:
                for spelling in spellings(response.text, asked.kind):
                    assert one.credit(spelling) == (0, response.message)
            if one.kind == "multichoice":
                assert sorted(answer.text for answer in one.answers) == sorted(asked.choices)
            else:
                assert one.credit("1234567")[1] == sheet.unexplained


def by_name(questions: list[ReadQuestion]) -> dict[str, ReadQuestion]:
    return {one.name: one for one in questions}


@pytest.mark.parametrize("format_name", READERS)
def test_numbers_of_a_homework_are_graded_as_check_grades_them(
    homework: Homework, format_name: str
) -> None:
    """AlexNet's conv1 by hand: 11·11·3·96 = 34,848 weights and 96 biases; (227 − 11)/4 + 1 = 55.

    34,848 · 55 · 55 = 105,415,200 MACs, two operations each. Krizhevsky et al. 2012 print 60 million parameters.
    conv2 sees 5 of pool1's positions, 8 apart (conv1's stride 4, pool1's 2), of 11 + 2·4 each: 19 + 4·8 = 51.
    """
    _, found = READERS[format_name](
        render(homework_sheet(homework, Style(ask="open")), format_name)
    )
    read = by_name(found)
    assert read["a"].credit("34944")[0] == 100
    assert read["a"].credit("34848") == (
        40,
        read["a"].credit("34848")[1],
    )  # 45 %, the nearest grade
    assert "bias" in read["a"].credit("34848")[1]
    assert read["b"].credit("55x55x96")[0] == read["b"].credit("96 × 55 × 55")[0] == 100
    assert read["c"].credit("210830400")[0] == read["c"].credit("105415200")[0] == 100
    assert read["d"].credit("62378344")[0] == read["d"].credit("60400000")[0] == 100
    assert read["d"].credit("61000000")[0] == 0
    assert read["e"].credit("51")[0] == 100
    if format_name == "moodle":
        assert [one.points for one in found] == [2, 0.5, 1, 1, 1]


def test_a_question_without_a_text_is_put_in_words(homework: Homework) -> None:
    sheet = homework_sheet(homework, Style("ko"))
    assert sheet.questions[0].asked == "How many weights and biases?"
    assert "AlexNet" in sheet.questions[1].facts[0]
    assert sheet.questions[1].asked == "conv1의 출력 크기는 얼마입니까?"


def test_a_homework_of_rows_is_exported_cell_by_cell(tmp_path: Path) -> None:
    path = tmp_path / "hw.yaml"
    path.write_text("{network: lenet5, rows: [c1, total], columns: [output, params]}", "utf-8")
    sheet = homework_sheet(load_homework(str(path)), Style())
    _, found = read_moodle(render(sheet, "moodle"))
    # 28 = 32 - 5 + 1; 6 filters of 5·5·1 and a bias: 156
    assert found[0].credit("28x28x6")[0] == found[1].credit("156")[0] == 100
    assert main(["quiz", "--homework", str(path), "--format", "csv"]) == 2


def test_choices_of_a_homework_have_one_right_answer(homework: Homework) -> None:
    sheet = homework_sheet(homework, Style(ask="choice"))
    offered = [asked for asked in sheet.questions if asked.choices]
    assert len(offered) >= 4
    for asked in offered:
        assert asked.choices.count(asked.answer) == 1
        assert len(asked.responses) == len(asked.choices) - 1


# --- paper ------------------------------------------------------------------------------------------------------------


@SHOWN
def test_paper_shows_every_question_and_no_answer(lang: str, ask: str) -> None:
    for sheet in sheets(lang, ask):
        check_latex(render(sheet, "latex"))
        html = render(sheet, "html").partition("</head>")[2]
        assert html.count("<section>") == len(sheet.questions)
        for style in PAPER:
            text = render(sheet, style)
            assert sheet.unexplained not in text
            assert not any(asked.derivation in text for asked in sheet.questions)


def test_the_key_for_people_has_answers_slips_and_derivations(homework: Homework) -> None:
    sheet = homework_sheet(homework, Style())
    text = answers.render(sheet, "plain")
    assert "34,848: no-bias" in text
    assert "62,378,344 / 60,000,000" in text
    assert "params = weights + biases = 34,848 + 96 = 34,944" in text
    rows = list(csv.reader(answers.render(sheet, "csv").splitlines()))
    assert [row[:3] for row in rows[1:3]] == [
        ["a", "34,944", "2"],
        ["b", "55x55x96 / 96x55x55", "1/2"],
    ]
    assert answers.render(sheet, "html").startswith("<!DOCTYPE html>")


# --- hostile ----------------------------------------------------------------------------------------------------------

HOSTILE = [
    "</text>]]><script>alert(1)</script><!--",
    "a {=5 ~%100%6 #yes} :: b : c \\ d",
    r"\end{document} \input{/etc/passwd} $x$ #1 50% a_b ^ ~ \\",
    "one\ntwo\n\n::three::four{=1}",
    "$CATEGORY: other",
    "// not a comment",
    "\x01\x1b[31m \ufffe \ud7ff \u202e reversed",
    "한글 & 이름 「」 😀",
    "[x](http://example.com) `code` |a|b| *bold*",
    "=cmd|' /C calc'!A1",
    "- [ ] : {a: b} # c",
    "<b>bold</b>",
    "&&058; &amp; &#60;",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_titles_ids_and_questions_stay_what_they_are(tmp_path: Path, text: str) -> None:
    path = tmp_path / "hw.yaml"
    question = {
        "id": text,
        "text": f"q {text}",
        "network": "lenet5",
        "layer": "c1",
        "quantity": "params",
    }
    document = json.dumps(
        {"title": f"t {text}", "questions": [question]}, ensure_ascii="\x01" in text
    )
    path.write_text(document, "utf-8")
    sheet = homework_sheet(load_homework(str(path)), Style())
    (asked,) = sheet.questions
    one_line = " ".join(
        asked.text.replace("\x01", "\ufffd")
        .replace("\x1b", "\ufffd")
        .replace("\ufffe", "\ufffd")
        .split()
    )
    for name, read in READERS.items():
        _, (found,) = read(render(sheet, name))
        assert found.text == one_line, name
        assert " ".join(found.name.split()) == " ".join(
            one_line.removeprefix("q ").split()[: len(found.name.split())]
        )
        assert found.credit("156")[0] == 100
    check_latex(render(sheet, "latex"))
    body = render(sheet, "html").partition("<body>")[2]
    assert "<script" not in body
    assert "alert" not in text or "&lt;script&gt;" in body
    assert list(yaml.safe_load(render(sheet, "yaml"))) == [asked.id]
    assert list(csv.reader(render(sheet, "csv").splitlines(keepends=True)))[1][0] == asked.id
    assert json.loads(render(sheet, "json"))["questions"][0]["id"] == asked.id
    for style in ("plain", "markdown", "html"):
        assert all(line.isprintable() for line in render(sheet, style).splitlines()), style


# --- the command ------------------------------------------------------------------------------------------------------


def test_command_writes_a_homework_in_every_format_with_a_key(tmp_path: Path) -> None:
    for name, known in FORMATS.items():
        sheet, key = tmp_path / f"sheet.{known.ending}", tmp_path / "key.html"
        words = ["quiz", "--homework", "conv_layers", "--format", name]
        assert main([*words, "-o", str(sheet), "--key", str(key)]) == 0
        assert sheet.stat().st_size
        assert "no-plus-one" in key.read_text("utf-8")


def test_a_drawn_quiz_has_a_key_for_people_too(tmp_path: Path) -> None:
    key = tmp_path / "key.md"
    assert (
        main(["quiz", "--seed", "7", "--count", "2", "--key", str(key), "-o", str(tmp_path / "s")])
        == 0
    )
    assert "10x10x48: no-stride" in key.read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--seed", "3"], "--seed cannot be combined with --homework"),
        (["--level", "3"], "--level cannot be combined with --homework"),
        (["--network", "alexnet"], "--network cannot be combined with"),
        (["--roster", "class.csv"], "a homework is one for all"),
        (["--key", "key.yaml"], "itself is the key"),
        (["--format", "qtj"], "--format cannot be 'qtj'"),
    ],
)
def test_usage_errors(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["quiz", "--homework", "conv_layers", *words]) == 2
    assert said in capsys.readouterr().err


def test_a_new_format_is_a_row_and_a_module(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    module = ModuleType("cnncalc.exports.stars")
    monkeypatch.setattr(
        module,
        "render",
        lambda sheet: "*".join(asked.id for asked in sheet.questions),
        raising=False,
    )
    monkeypatch.setitem(sys.modules, "cnncalc.exports.stars", module)
    monkeypatch.setitem(FORMATS, "stars", ExportFormat("stars"))
    assert main(["quiz", "--seed", "7", "--count", "2", "--format", "stars"]) == 0
    assert capsys.readouterr().out == "q1*q2\n"
    assert list(complete_quiz_format("sta")) == ["stars"]


def test_a_question_without_a_derivation_has_no_feedback_of_it(homework: Homework) -> None:
    """Feedback to all answers: GIFT writes `####` before it, Moodle `generalfeedback`."""
    sheet = homework_sheet(homework, Style("en", "T", "open"))
    bare = sheet._replace(questions=tuple(q._replace(derivation="") for q in sheet.questions))
    for format_name, mark in (("gift", "####"), ("moodle", "<generalfeedback")):
        assert render(sheet, format_name).count(mark) == len(sheet.questions)
        assert mark not in render(bare, format_name)
        _, questions = READERS[format_name](render(bare, format_name))
        assert len(questions) == len(sheet.questions)


def test_what_is_a_file_is_no_text(homework: Homework) -> None:
    with pytest.raises(TypeError, match="qti is no text"):
        render(homework_sheet(homework, Style("en", "T", "choice")), "qti")


def test_ids_that_are_one_folders_name_have_folders_of_their_own(homework: Homework) -> None:
    """As PrairieLearn has a folder a question."""
    sheet = homework_sheet(homework, Style("en", "T", "open"))
    first, second, *_ = sheet.questions
    same = sheet._replace(questions=(first._replace(id="a b"), second._replace(id="a-b")))
    files = product(same, "prairielearn")
    assert isinstance(files, dict)
    assert {name.partition("/")[0] for name in files} == {"a-b", "a-b-2"}


def test_the_words_of_a_page_are_plain() -> None:
    assert plain("<p>a &lt; b</p>") == "a < b"
