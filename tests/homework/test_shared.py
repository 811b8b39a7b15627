"""A homework as it is shared: no answer stands in it, and its digests say right where `check` does."""

from __future__ import annotations

import re
import zlib
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from cnncalc.cli import main
from cnncalc.homework import digests
from cnncalc.homework.answers import read_answer
from cnncalc.homework.digests import MAX_DIGITS, digest, form_of
from cnncalc.homework.grade import RIGHT, mark
from cnncalc.homework.questions import Homework, Question, load_homework, read_homework
from cnncalc.homework.shared import judge_answers, shared_text
from cnncalc.homework.sheets.read import Answer
from cnncalc.homework.steps import steps
from cnncalc.homework.variant import Value
from cnncalc.text.source import Source, SpecError

MODELS = Path(__file__).parent.parent / "models" / "files"


def shared(text: str) -> Homework:
    """A homework after it was shared."""
    homework = read_homework(Source("homework.yaml", text))
    return read_homework(Source("shared.yaml", shared_text(homework, "a: salt #")))


@pytest.fixture(autouse=True)
def few_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digests, "ROUNDS", 1)


HOMEWORK = """
accept: [macs]
questions:
  - {id: size, network: alexnet, layer: conv1, quantity: output}
  - {id: vector, network: alexnet, layer: fc1, quantity: output}
  - {id: one-position, network: resnet18, layer: globalavgpool1, quantity: output}
  - {id: field, network: alexnet, layer: conv2, quantity: receptive_field}
  - {id: none, network: alexnet, layer: pool1, quantity: params}
  - {id: params, network: alexnet, layer: conv1, quantity: params}
  - {id: total, network: alexnet, quantity: params, digits: 3}
  - {id: operations, network: alexnet, layer: conv1, quantity: flops}
  - {id: bytes, network: lenet5, layer: c1, quantity: memory, batch: 32, digits: 1}
"""


def written(value: Value, random: Random) -> Iterator[str]:
    """A value, and others near it, in the forms that people write."""
    if isinstance(value, tuple):
        shapes = [value, (value[-1], *value[:-1]), (1, *value), value[:1], value[:-1], value[::-1]]
        shapes += [(value[0] + 1, *value[1:]), (*value[:-1], value[-1] * 2)]
        for shape in shapes:
            text = random.choice("x× ,").join(map(str, shape))
            yield from (text, f"[{text}]", f"(None, {', '.join(map(str, shape))})")
        return
    assert isinstance(value, int)
    for number in (value, 2 * value, value // 2, value + 1, value * 1.004, value * 0.996):
        yield from (
            f"{int(number)}",
            f"{int(number):,}",
            f"{int(number)} params",
            f"{int(number)} bytes",
        )
        yield from (
            f"2*{int(number)}/2",
            f"{int(number)} = 3*4",
            f"{number:.{random.randint(0, 8)}e}",
        )
        for power, suffix in enumerate(("K", "M", "G"), 1):
            yield f"{number / 1000**power:.{random.randint(0, 9)}f}{suffix}"
            yield f"{number / 1024**power:.{random.randint(0, 5)}f}{suffix}i"
        yield f"{number / 10**4:.{random.randint(0, 4)}f}만"


def judged(question: Question, answer: str, salt: str) -> tuple[str | None, str | None]:
    """The form in which an answer is right by the digests, and by the number; None where it is not."""
    reading = read_answer(question.quantity, answer)
    cell = mark(question, Answer(answer, ""), reading)
    by_digest = None if reading.problem or reading.is_blank else form_of(question, reading, salt)
    return by_digest, cell.form if cell.status == RIGHT else None


def test_digests_say_right_where_check_does_and_nowhere_else() -> None:
    homework, random, right = shared(HOMEWORK), Random(1), 0
    for question in homework.questions:
        assert question.keyed.right is not None
        for answer in written(question.keyed.right, random):
            by_digest, by_number = judged(question, answer, homework.salt)
            longer = answer.endswith("i") and sum(map(str.isdigit, answer)) > MAX_DIGITS
            assert by_digest == by_number or (by_digest is None and longer), (question.id, answer)
            right += by_digest is not None
    assert right > 100


def test_no_answer_stands_in_what_is_shared() -> None:
    homework = read_homework(Source("homework.yaml", HOMEWORK))
    text = re.sub(r"digests: \[.*\]", "", shared_text(homework, "a salt"))
    for question in homework.questions:
        right = question.keyed.right
        shown = "x".join(map(str, right)) if isinstance(right, tuple) else str(right)
        assert len(shown) < 3 or shown not in text.replace(",", ""), question.id


def test_how_many_digests_there_are_does_not_tell_a_number() -> None:
    counts = {len(question.digests) for question in shared(HOMEWORK).questions[4:7]}
    assert counts == {48}


def test_a_salt_and_a_question_have_digests_of_their_own() -> None:
    assert len({digest(salt, label, "9") for salt in ("a", "b") for label in ("q1", "q2")}) == 4
    first, second = (shared_text(load_homework("conv_layers")) for _ in range(2))
    assert first != second


def test_the_network_of_a_file_is_written_down_without_its_claims(tmp_path: Path) -> None:
    net = "name: mine\ninput: 8x8x1\nlayers: [conv: {name: c, filters: 2, kernel: 3}]\nclaims: [{params: 20}]\n"
    (tmp_path / "mine.yaml").write_text(f"# 20 parameters\n{net}")
    path = tmp_path / "homework.yaml"
    path.write_text("questions: [{id: a, network: mine.yaml, layer: c, quantity: params}]\n")
    text = shared_text(load_homework(str(path)), "x")
    assert "claims" not in text
    assert "20" not in re.sub(r"digests: \[.*\]", "", text)
    (question,) = read_homework(Source("elsewhere.yaml", text)).questions
    assert question.keyed.right == 20
    assert question.answer_key.net.name == "mine"


def test_a_model_file_is_written_down_as_a_spec() -> None:
    text = f"questions: [{{id: a, network: {MODELS / 'lenet.prototxt'}, quantity: params}}]"
    original = read_homework(Source("homework.yaml", text)).questions[0].keyed.right
    assert shared(text).questions[0].keyed.right == original


def test_rows_become_questions() -> None:
    homework = shared("network: alexnet\nrows: [conv1, total]\ncolumns: [output, params]\n")
    assert homework.ids[:2] == ["conv1 output", "conv1 params"]
    (cell, *_) = judge_answers(homework, {"conv1 output": "55x55x96"})
    assert cell.status == RIGHT


@pytest.mark.parametrize("keys", ["partial: {no-bias: 0.25}\nparts: true\ndigits: 3\n", ""])
def test_scoring_is_kept(keys: str) -> None:
    text = f"{keys}questions: [{{network: alexnet, layer: conv1, quantity: params, points: 2}}]"
    before = read_homework(Source("homework.yaml", text)).questions[0]
    after = shared(text).questions[0]
    assert (after.scoring, after.points) == (before.scoring, before.points)


def test_an_answer_that_is_among_the_digests_needs_no_network(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    homework = shared(HOMEWORK)
    monkeypatch.setattr("cnncalc.homework.shared.grade", lambda _: pytest.fail("worked out"))
    cells = judge_answers(homework, {"size": "[96, 55, 55]", "total": "62.4M"})
    assert [cell.status for cell in cells if cell.answer.text] == [RIGHT, RIGHT]
    assert cells[0].form == "channels first"


def test_a_wrong_answer_is_told_its_slip_as_check_tells_it() -> None:
    cells = judge_answers(shared(HOMEWORK), {"params": "34848", "size": "55x55x96"})
    told = {cell.question.id: cell.diagnosis.slips for cell in cells}
    assert told["params"] == ("no-bias",)


def test_hints_come_a_step_at_a_time_and_name_no_number() -> None:
    cells = judge_answers(shared(HOMEWORK), {"params": "34848"})
    (cell,) = (cell for cell in cells if cell.question.id == "params")
    assert steps(cell) == (
        "Look up: bias.",
        "Weights are not all that is learned here. Look up: bias.",
        "weights: F_h·F_w·C·K; params: weights + biases",
    )
    assert steps(cell, "ko")[0] == "찾아볼 것: 편향."


def test_the_command_writes_a_file_that_check_grades_by_and_a_link(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, sheet = tmp_path / "shared.yaml", tmp_path / "kim.yaml"
    sheet.write_text("stride1: 5x5x1\n")
    assert main(["share", "conv_layers", "-o", str(file)]) == 0
    assert main(["check", "--homework", str(file), str(sheet)]) == 1
    assert "1 of 7" in capsys.readouterr().out
    assert main(["share", "conv_layers", "--salt", "s", "--link", "https://a.b/practice.html"]) == 0
    page, _, code = capsys.readouterr().out.strip().partition("#homework=")
    text = zlib.decompress(urlsafe_b64decode(code + "=" * (-len(code) % 4)), -15).decode("utf-8")
    assert page == "https://a.b/practice.html"
    assert text == shared_text(load_homework("conv_layers"), "s")


def test_a_homework_that_cannot_be_read_is_not_shared() -> None:
    with pytest.raises(SpecError, match="a question needs a quantity"):
        shared("questions: [{network: alexnet, layer: conv1}]")
