"""What the student's page answers, asked without a browser: what a student gets to see, and when."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from cnncalc.homework.questions import load_homework
from cnncalc.homework.shared import shared_text
from cnncalc.quiz import make_quiz

SITE = Path(__file__).parent.parent / "site"


@pytest.fixture
def student(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The page's module, imported from the folder in which the site has it."""
    monkeypatch.syspath_prepend(str(SITE))
    monkeypatch.delitem(sys.modules, "student", raising=False)
    return __import__("student")


def judged(student: Any, lang: str = "en", **answers: str) -> dict[str, Any]:
    """What came of each answer that was given."""
    cells = json.loads(student.judge(json.dumps(answers), lang))["cells"]
    return {cell["id"]: cell for cell in cells if cell["id"] in answers}


def test_a_shared_homework_is_known_by_its_digests(student: Any) -> None:
    text = shared_text(load_homework("conv_layers"), "s")
    assert json.loads(student.open_text(text, "en"))["sealed"]
    assert not json.loads(student.open_sample("conv_layers", "en"))["sealed"]


def test_how_an_answer_comes_about_is_told_once_it_is_right(student: Any) -> None:
    student.open_sample("conv_layers", "en")
    cells = judged(student, stride1="5x5x1", volume="32x32x30")
    assert "= 5" in cells["stride1"]["derivation"]
    assert cells["volume"]["derivation"] == ""
    assert not any("32x32x10" in step or "32×32×10" in step for step in cells["volume"]["steps"])


def test_what_opens_holds_no_answer(student: Any) -> None:
    opened = student.open_text(shared_text(load_homework("alexnet"), "s"), "en")
    for question in load_homework("alexnet").questions:
        right = question.keyed.right
        shown = "x".join(map(str, right)) if isinstance(right, tuple) else str(right)
        assert len(shown) < 3 or shown not in opened.replace(",", "").replace("×", "x")


def test_a_homework_without_words_asks_in_the_pages_language(student: Any) -> None:
    text = "questions: [{network: lenet5, layer: c1, quantity: params}]"
    (question,) = json.loads(student.open_text(text, "ko"))["questions"]
    assert question["text"].startswith("LeNet-5: ")
    assert "c1" in question["text"]
    assert "filters: 6" in question["network"]
    assert "#" not in question["network"]  # its comments tell the parameters


def test_carried_answers_are_right_and_hints_are_korean(student: Any) -> None:
    rows = "network: alexnet\nrows: [conv1, pool1]\ncolumns: [output]\n"
    student.open_text(rows, "ko")
    cells = judged(student, "ko", **{"conv1 output": "57x57x96", "pool1 output": "28x28x96"})
    assert cells["pool1 output"]["status"] == "carried"
    assert cells["pool1 output"]["label"] == "이월 정답"


def test_what_is_shared_from_the_page_is_what_the_command_writes(student: Any) -> None:
    student.open_sample("conv_layers", "en")
    text = json.loads(student.share())["text"]
    salt = json.loads(text.partition("salt: ")[2].split("\n", 1)[0])
    assert text == shared_text(load_homework("conv_layers"), salt)


def test_questions_are_those_of_the_quiz_in_its_order(student: Any) -> None:
    drawn = [json.loads(student.draw("7", 2, "en")) for _ in range(4)]
    items = make_quiz("7", 4, 2).items
    assert [one["asked"] for one in drawn] == [item.wording.asked.text("en") for item in items]
    assert json.loads(student.judge_drawn(items[3].answer, "en"))["status"] == "right"
    assert json.loads(student.reveal_drawn("en"))["answer"] == items[3].answer


def test_a_mistake_is_told_with_its_place(student: Any) -> None:
    (problem,) = json.loads(
        student.open_text("questions: [{network: alexnett, quantity: params}]", "en")
    )["problems"]
    assert (problem["line"], problem["inText"]) == (1, True)
    assert "alexnett" in problem["message"]
