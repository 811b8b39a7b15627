"""PrairieLearn's questions: what stands in their files, and `generate` and `grade` run as its caller runs them."""

from __future__ import annotations

import copy
import json
import re
from html import escape
from pathlib import Path
from typing import Any

import pytest

from cnncalc.cli import main
from cnncalc.exports import render
from cnncalc.homework.questions import load_homework
from cnncalc.quiz import Style, check_quiz, homework_sheet, make_quiz, quiz_sheet

from .readers import Plain
from .test_exports import HOSTILE, NUMBERED, homework_of

EDITS = {
    "generate": {"params", "correct_answers"},
    "grade": {"params", "correct_answers", "submitted_answers", "format_errors", "partial_scores", "score", "feedback"},
}  # fmt: skip
"""What a phase may change of the data (prairielearn/internal/check_data.py)."""


def files_of(sheet: Any) -> dict[str, str]:
    product = render(sheet, "prairielearn")
    assert isinstance(product, dict)
    return product


class Course:
    """Runs a question's server.py as PrairieLearn does: the code anew for each phase, the data kept as JSON."""

    def __init__(self, server: str, seed: int = 1) -> None:
        self.code = compile(server, "server.py", "exec")
        self.data: dict[str, Any] = {
            **{key: {} for key in ("params", "correct_answers", "submitted_answers", "feedback")},
            **{key: {} for key in ("format_errors", "partial_scores", "options")},
            "variant_seed": seed,
            "score": 0,
        }
        self.run("generate")

    def run(self, phase: str) -> None:
        before = copy.deepcopy(self.data)
        module: dict[str, Any] = {}
        exec(self.code, module)
        module[phase](self.data)
        self.data = json.loads(json.dumps(self.data))
        assert self.data.keys() == before.keys()
        assert {key for key in before if self.data[key] != before[key]} <= EDITS[phase]

    def answer(self, text: str) -> tuple[float, str]:
        """Submit an answer; the score and what is said."""
        self.data["submitted_answers"] = {"answer": text}
        self.data.update(feedback={}, partial_scores={}, format_errors={}, score=0)
        self.run("grade")
        return self.data["score"], self.data["feedback"].get("message", "")


def test_a_homework_is_graded_live_with_partial_credit(tmp_path: Path) -> None:
    """AlexNet's conv1: 11·11·3·96 = 34,848 weights, of which the homework leaves 0.45 of the points, and 96 biases."""
    files = files_of(homework_sheet(homework_of(tmp_path, NUMBERED), Style()))
    course = Course(files["a/server.py"])
    assert course.data["correct_answers"]["answer"] == "34,944"
    assert course.answer("34944") == (1, "")
    assert course.answer("11*11*3*96 + 96")[0] == 1
    score, said = course.answer("34848")
    assert score == 0.45
    assert "bias" in said
    assert course.data["partial_scores"] == {"answer": {"score": 0.45, "weight": 1}}
    assert course.answer("35,000")[0] == 0
    assert Course(files["b/server.py"]).answer("96x55x55")[0] == 1
    assert Course(files["c/server.py"]).answer("105415200")[0] == 1  # macs are accepted


@pytest.mark.parametrize("text", ["", "many", "<3"])
def test_what_is_no_answer_is_a_format_error(tmp_path: Path, text: str) -> None:
    course = Course(
        files_of(homework_sheet(homework_of(tmp_path, NUMBERED), Style()))["a/server.py"]
    )
    assert course.answer(text) == (0, "")
    assert course.data["format_errors"]["answer"]


def test_a_drawn_question_gives_every_variant_one_of_its_kind() -> None:
    quiz = make_quiz("pl", 3, 2)
    files = files_of(quiz_sheet(quiz, Style("ko")))
    for item in quiz.items:
        seen = set()
        for seed in range(3):
            course = Course(files[f"{item.id}/server.py"], seed)
            params = course.data["params"]
            assert "hangul" in params["lang"] or params["lang"] == "ko"
            asked = load_homework_text(params["homework"])
            assert asked.quantity == item.question.quantity
            assert course.answer(course.data["correct_answers"]["answer"]) == (1, "")
            seen.add(params["homework"])
        assert len(seen) == 3
    again = Course(files["q1/server.py"], 2)
    assert again.data == Course(files["q1/server.py"], 2).data
    assert check_quiz(quiz) == []


def load_homework_text(text: str) -> Any:
    from cnncalc.homework.questions import read_homework
    from cnncalc.text.source import Source

    (question,) = read_homework(Source("question", text)).questions
    return question


def choose(course: Course, wanted: str) -> tuple[float, str]:
    """Submit a choice as pl-multiple-choice does, which gives every choice a key and submits that."""
    choices = course.data["params"]["choices"]
    keyed = [
        {"key": key, "html": escape(choice["text"])}
        for key, choice in zip("abcdefghi", choices, strict=False)
    ]
    course.data["params"]["answer"] = keyed
    (key,) = [one["key"] for one in keyed if one["html"] == wanted]
    return course.answer(key)


def test_choices_are_graded_by_their_keys_and_slips_named() -> None:
    """conv_layers asks what 10 filters of 5·5·3 have: 750 weights and 10 biases."""
    sheet = homework_sheet(load_homework("conv_layers"), Style(ask="choice"))
    (asked,) = [one for one in sheet.questions if one.answer == "760"]
    course = Course(files_of(sheet)[f"{asked.id}/server.py"])
    assert "answer" not in course.data["correct_answers"]  # whose place is the element's
    right = [one["text"] for one in course.data["params"]["choices"] if one["correct"]]
    assert right == ["760"]
    assert choose(course, "760") == (1, "")
    slips = [response for response in asked.responses if response.slips]
    assert slips
    for response in slips:
        assert choose(course, response.text) == (0, response.message)


def test_a_drawn_question_with_choices_gives_every_variant_its_own() -> None:
    files = files_of(quiz_sheet(make_quiz("pl", 2, 1), Style("ko", ask="choice")))
    courses = [Course(files["q1/server.py"], seed) for seed in (1, 2)]
    offered = [[one["text"] for one in course.data["params"]["choices"]] for course in courses]
    assert offered[0] != offered[1]
    for course in courses:
        assert course.data["params"]["has_choices"]
        (right,) = [one["text"] for one in course.data["params"]["choices"] if one["correct"]]
        assert choose(course, right) == (1, "")


def test_a_slip_in_a_variant_is_named() -> None:
    quiz = make_quiz(7, 1)  # a pool's output
    course = Course(files_of(quiz_sheet(quiz, Style()))["q1/server.py"], 5)
    asked = load_homework_text(course.data["params"]["homework"])
    (wrong, *_) = asked.keyed.own.by_value
    score, said = course.answer("x".join(map(str, wrong)))
    assert score == 0
    assert "Look up:" in said


def test_files_are_what_prairielearn_reads(tmp_path: Path) -> None:
    sheet = homework_sheet(load_homework("conv_layers"), Style())
    files = files_of(sheet)
    assert files == files_of(sheet)
    uuids = set()
    for asked in sheet.questions:
        info = json.loads(files[f"{asked.id}/info.json"])
        # infoQuestion.json: what is required, what there is, and how a UUID is written
        assert {"uuid", "type", "title", "topic"} <= set(info)
        assert set(info) <= {"uuid", "type", "title", "topic", "tags", "singleVariant"}
        assert info["type"] == "v3"
        assert re.fullmatch(
            "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", info["uuid"]
        )
        uuids.add(info["uuid"])
        reader = Plain()
        reader.feed(files[f"{asked.id}/question.html"])
        assert not reader.open
        assert {"pl-question-panel", "pl-string-input", "pl-submission-panel"} <= set(reader.tags)
    assert len(uuids) == len(sheet.questions)
    assert main(["quiz", "--homework", "conv_layers", "--format", "prairielearn"]) == 2
    folder = tmp_path / "questions"
    words = ["quiz", "--homework", "conv_layers", "--format", "prairielearn", "-o", str(folder)]
    assert main(words) == 0
    written = {path.relative_to(folder).as_posix() for path in folder.rglob("*.*")}
    assert written == set(files)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_stay_data(tmp_path: Path, text: str) -> None:
    asked = {
        "id": f"{text}{{{{params}}}}",
        "text": f"{text} {{{{correct_answers.answer}}}}",
        "network": "lenet5",
    }
    document = {"title": text, "questions": [{**asked, "layer": "c1", "quantity": "params"}]}
    ascii_only = "\x01" in text
    homework = homework_of(tmp_path, json.dumps(document, ensure_ascii=ascii_only))
    files = files_of(homework_sheet(homework, Style()))
    assert not any(name.startswith(("/", ".")) or ".." in name for name in files)
    (server,) = [files[name] for name in files if name.endswith("server.py")]
    course = Course(server)
    assert course.data["params"]["asked"].endswith("{{correct_answers.answer}}")
    assert course.answer("156")[0] == 1  # 6 filters of 5·5·1 and a bias
    (html,) = [files[name] for name in files if name.endswith("question.html")]
    assert "{{{" not in html
    assert text not in html
