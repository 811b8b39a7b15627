"""Quizzes: the same everywhere, self-checking, silent about their answers, readable by what they are written for."""

from __future__ import annotations

import csv
import json
import re
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from extent import tries

from cnncalc import SpecError, load
from cnncalc.classroom.roster import read_roster
from cnncalc.cli import main
from cnncalc.exports import ASK, FORMATS, TEXT
from cnncalc.homework.answers import read_answer
from cnncalc.homework.diagnose import diagnose
from cnncalc.homework.grade import RIGHT, WRONG, grade_homework_sheet
from cnncalc.homework.questions import Question, load_homework
from cnncalc.homework.students import file_stem
from cnncalc.ops.shapes import left_over
from cnncalc.quiz import Quiz, Style, check_quiz, homework_sheet, key, make_quiz, render
from cnncalc.quiz.draw import MAX_QUESTIONS
from cnncalc.quiz.from_network import asked_in
from cnncalc.quiz.prove import numbers_in
from cnncalc.quiz.request import QuizRequest
from cnncalc.quiz.seeded_random import SeededRandom
from cnncalc.quiz.sheets import item_choices
from cnncalc.quiz.templates import quiz_templates, read_templates
from cnncalc.text.source import Source

LEVELS = quiz_templates().levels
TEXTS = [name for name, known in FORMATS.items() if known.makes == TEXT]
STORED = Path(__file__).parent / "quiz"
NETWORKS = [
    ("alexnet", 1),
    ("alexnet", 2),
    ("alexnet", 3),
    ("vgg16", 3),
    ("googlenet", 3),
    ("resnet18", 2),
    ("nin", 1),
]


@cache
def one_of_each() -> list[Quiz]:
    """A quiz with every kind of question of each level."""
    return [make_quiz(5, len(kinds), level) for level, kinds in LEVELS.items()]


# --- the same everywhere --------------------------------------------------------------------------------------------


def test_chance_is_sha256_of_seed_and_counter() -> None:
    # printf '1:7,0' | sha256sum   03321ad88f810770cc330393cda0974188d1004c3bee92b984ead7a6959e8734
    # printf '1:7,1' | sha256sum   9c0b39d92c805cc749d410c12c1fcb6adc7088344d53f89187a43fb96d23692c
    first, second = 0x03321AD88F810770CC330393CDA09741, 0x9C0B39D92C805CC749D410C12C1FCB6A
    chance = SeededRandom(7)
    assert (chance.below(1000), chance.below(1000)) == (first % 1000, second % 1000) == (97, 482)


def test_chance_does_not_run_seeds_together() -> None:
    assert SeededRandom("ab", "c").below(2**64) != SeededRandom("a", "bc").below(2**64)


def test_chance_takes_a_name_in_either_normal_form() -> None:
    assert SeededRandom("\uac00").below(2**64) == SeededRandom("\u1100\u1161").below(
        2**64
    )  # 가, composed and not


def test_chance_shuffles_evenly() -> None:
    # 6 orders of 3; 600 draws give each 100 times, with a deviation of 9.1
    counts: dict[tuple[int, ...], int] = {}
    for seed in range(600):
        order = tuple(SeededRandom(seed).shuffled(range(3)))
        counts[order] = counts.get(order, 0) + 1
    assert len(counts) == 6
    assert all(60 < count < 140 for count in counts.values())


def test_stored_quiz_has_the_same_bytes() -> None:
    """By hand: q1 (12 - 3)/3 + 1 = 4. q2 (43 + 2*3 - 11)/1 + 1 = 39, 12 filters. q3 a pool has none.

    Slips: q1 9/3 = 3; stride 1: 9 + 1 = 10; 12. q2 38; no padding 32 + 1 = 33; one side 35 + 1 = 36; 43.
    q3 as a conv of 6 filters 2*2*6*6 + 6 = 150; + 1 = 145; 2*2*6 + 6 = 30; one filter 2*2*6 + 1 = 25.
    """
    quiz = make_quiz(7, 3, 1)
    assert [item.answer for item in quiz.items] == ["4x4x48", "39x39x12", "0"]
    assert render(quiz, "markdown", Style()) + "\n" == (STORED / "seed7.md").read_text("utf-8")
    assert key.render(quiz, Style()) + "\n" == (STORED / "seed7_key.yaml").read_text("utf-8")


def test_seed_student_and_level_each_make_another_quiz() -> None:
    drawn = [
        make_quiz(7, 5),
        make_quiz(8, 5),
        make_quiz(7, 5, student="kim"),
        make_quiz(7, 5, student="lee"),
        make_quiz(7, 5, 2),
    ]
    texts = {tuple(item.wording.text("en") for item in quiz.items) for quiz in drawn}
    assert len(texts) == len(drawn)


def test_fewer_questions_are_the_first_of_more() -> None:
    short, long = make_quiz("a", 4, 2), make_quiz("a", 9, 2)
    assert [item.wording for item in short.items] == [item.wording for item in long.items[:4]]


def test_many_questions_are_all_different() -> None:
    count = tries(60, MAX_QUESTIONS)
    quiz = make_quiz(1, count, 1)
    assert len({item.wording.text("en") for item in quiz.items}) == count


# --- self-check -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", LEVELS)
def test_every_seed_checks_itself(level: int) -> None:
    for seed in range(tries(6, 200)):
        assert check_quiz(make_quiz(seed, 6, level)) == []


def test_every_wrong_answer_is_diagnosed_first_as_its_slip() -> None:
    for quiz in one_of_each():
        for item in quiz.items:
            for wrong in (*item.told_apart, *item.wrong):
                found = diagnose(
                    item.question.keyed, read_answer(item.question.quantity, wrong.text)
                )
                assert found.slips[0] == wrong.slip, (item.wording.text("en"), wrong)


def test_check_quiz_finds_a_wrong_label_and_a_wrong_answer() -> None:
    quiz = make_quiz(7, 3, 1)
    first = quiz.items[0]
    mislabelled = first._replace(
        told_apart=(first.told_apart[0]._replace(slips=("no-stride",)),), wrong=()
    )
    assert check_quiz(quiz._replace(items=(mislabelled,))) == [
        "q1: 3x3x48 is not diagnosed as no-stride"
    ]
    other = quiz.items[1].question._replace(id="q1")
    assert check_quiz(quiz._replace(items=(first._replace(question=other),)))


def test_wrong_answers_differ_from_each_other_and_from_the_right_one() -> None:
    for quiz in one_of_each():
        for item in quiz.items:
            texts = [item.answer, *(wrong.text for wrong in item.told_apart)]
            assert len(set(texts)) == len(texts)
            assert 3 <= len(set(item.choices)) == len(item.choices) <= 5
            assert item.answer in item.choices


# --- the key --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_key_file_grades_its_answers_full_marks(tmp_path: Path, level: int, lang: str) -> None:
    quiz = make_quiz(11, len(LEVELS[level]), level)
    (tmp_path / "key.yaml").write_text(key.render(quiz, Style(lang)), "utf-8")
    (tmp_path / "kim.yaml").write_text(key.render_answers(quiz), "utf-8")
    graded = grade_homework_sheet(
        load_homework(str(tmp_path / "key.yaml")), str(tmp_path / "kim.yaml")
    )
    assert (graded.score, graded.max) == (len(quiz.items), len(quiz.items))
    assert {cell.status for cell in graded.cells} == {RIGHT}


def test_key_file_names_the_slip_of_each_wrong_choice(tmp_path: Path) -> None:
    quiz = make_quiz(12, 8, 2)
    (tmp_path / "key.yaml").write_text(key.render(quiz, Style()), "utf-8")
    homework = load_homework(str(tmp_path / "key.yaml"))
    for place in range(2):
        answers = {item.id: item.wrong[place] for item in quiz.items}
        sheet = "".join(f'{name}: "{wrong.text}"\n' for name, wrong in answers.items())
        (tmp_path / "kim.yaml").write_text(sheet, "utf-8")
        for cell in grade_homework_sheet(homework, str(tmp_path / "kim.yaml")).cells:
            assert (cell.status, cell.diagnosis.slips[0]) == (
                WRONG,
                answers[cell.question.id or ""].slip,
            )


def test_key_says_which_slips_were_told_apart() -> None:
    quiz = make_quiz(12, 4, 2)
    text = key.render(quiz, Style())
    for item in quiz.items:
        assert f"# {item.id}: {item.answer}" in text
        for wrong in item.told_apart:
            assert f"#   {wrong.text}: {' or '.join(wrong.slips)}" in text


@pytest.mark.parametrize(("network", "level"), NETWORKS)
def test_network_quiz_checks_itself_and_its_key_grades(
    tmp_path: Path, network: str, level: int
) -> None:
    quiz = make_quiz(3, 5, level, network=network)
    assert check_quiz(quiz) == []
    (tmp_path / "key.yaml").write_text(key.render(quiz, Style()), "utf-8")
    (tmp_path / "kim.yaml").write_text(key.render_answers(quiz), "utf-8")
    graded = grade_homework_sheet(
        load_homework(str(tmp_path / "key.yaml")), str(tmp_path / "kim.yaml")
    )
    assert {cell.status for cell in graded.cells} == {RIGHT}


def test_network_with_another_input_and_parameters_is_in_the_key(tmp_path: Path) -> None:
    quiz = make_quiz(3, 2, 3, network="alexnet", input="224", set={"classes": "10"})
    text = key.render(quiz, Style())
    assert 'input: "224"' in text
    assert 'set: {"classes": "10"}' in text
    (tmp_path / "key.yaml").write_text(text, "utf-8")
    homework = load_homework(str(tmp_path / "key.yaml"))
    assert [question.keyed.right for question in homework.questions] == [
        item.right for item in quiz.items
    ]


# --- the sheet ------------------------------------------------------------------------------------------------------


_LAYOUT = re.compile(
    r"^\\(?:documentclass|usepackage|setlength|rule).*$|\[1ex\]|<style>[^<]*</style>|<[^>]*>",
    re.MULTILINE,
)
"""What is a number in LaTeX or in HTML and no part of a question."""


@pytest.mark.parametrize(
    "style", [name for name, known in FORMATS.items() if not known.has_answers]
)
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_no_question_has_its_answer(style: str, lang: str) -> None:
    for quiz in one_of_each():
        for item in quiz.items:
            alone = quiz._replace(
                items=(item._replace(question=item.question._replace(id="qx")),), level=0
            )
            shown = _LAYOUT.sub("", render(alone, style, Style(lang, "Quiz")))
            shown = shown.replace(r"$\times$", "×").replace("\\", "")
            assert item.answer.replace(",", "") not in numbers_in(shown), item.wording


@pytest.mark.parametrize(("network", "level"), NETWORKS)
def test_no_question_about_a_network_has_the_answer_of_another(network: str, level: int) -> None:
    quiz = make_quiz(4, 5, level, network=network)
    words = numbers_in(" ".join(item.wording.text("en") for item in quiz.items))
    for item in quiz.items:
        answer = item.answer.replace(",", "")
        assert answer not in words or (len(answer) <= 3 and not item.is_shape)


def test_sheet_has_no_seed_and_no_slip() -> None:
    quiz = make_quiz("secret-seed", 6, 2)
    for style in ("markdown", "plain", "latex", "yaml", "csv", "json"):
        for ask in ASK:
            text = render(quiz, style, Style(ask=ask))
            assert "secret" not in text
            assert not any(wrong.slip in text for item in quiz.items for wrong in item.told_apart)


def test_every_format_shows_every_question_in_both_languages() -> None:
    for quiz in one_of_each():
        for style in TEXTS:
            for lang in ("en", "ko"):
                text = render(quiz, style, Style(lang))
                assert all(item.id in text for item in quiz.items)
                assert ("한" in text or "합성곱" in text) == (lang == "ko")


def test_filled_in_templates_are_graded(tmp_path: Path) -> None:
    quiz = make_quiz(9, 7, 1)
    (tmp_path / "key.yaml").write_text(key.render(quiz, Style()), "utf-8")
    homework = load_homework(str(tmp_path / "key.yaml"))
    answers = {item.id: item.answer for item in quiz.items}
    blank = render(quiz, "yaml", Style())
    filled = re.sub(
        r"^(q\d+): $", lambda line: f"{line[1]}: {answers[line[1]]}", blank, flags=re.MULTILINE
    )
    (tmp_path / "kim.yaml").write_text(filled, "utf-8")
    rows = list(csv.reader(render(quiz, "csv", Style()).splitlines()))
    with (tmp_path / "lee.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([rows[0], *([*row[:2], answers[row[0]]] for row in rows[1:])])
    for name in ("kim.yaml", "lee.csv"):
        graded = grade_homework_sheet(homework, str(tmp_path / name))
        assert {cell.status for cell in graded.cells} == {RIGHT}, name


def test_latex_is_balanced_and_escaped() -> None:
    text = render(make_quiz(2, 5, 2, student="a_b & c%"), "latex", Style("en", "50% #1 {x}"))
    assert r"50\% \#1 \{x\} (a\_b \& c\%)" in text
    assert text.count(r"\begin{") == text.count(r"\end{") == 2
    assert "kotex" not in text
    assert text.isascii()
    assert "kotex" in render(make_quiz(2, 2, 1), "latex", Style("ko"))


def test_json_sheet_and_key() -> None:
    quiz = make_quiz(2, 5, 2)
    sheet = json.loads(render(quiz, "json", Style(ask="choice")))
    full = json.loads(key.render(quiz, Style(), "json"))
    assert set(sheet["questions"][0]) == {"id", "facts", "asked", "form", "choices"}
    assert [question["answer"] for question in full["questions"]] == [
        item.answer for item in quiz.items
    ]
    assert full["questions"][0]["distractors"][0]["slips"] == list(quiz.items[0].wrong[0].slips)


# --- the command ----------------------------------------------------------------------------------------------------


def test_command_writes_a_sheet_and_a_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet, answers = tmp_path / "sheet.md", tmp_path / "key.yaml"
    assert (
        main(["quiz", "--seed", "7", "--count", "3", "-o", str(sheet), "--key", str(answers)]) == 0
    )
    assert sheet.read_bytes() == (STORED / "seed7.md").read_bytes()
    assert answers.read_bytes() == (STORED / "seed7_key.yaml").read_bytes()
    assert capsys.readouterr().out == ""


def test_template_is_a_homework(tmp_path: Path) -> None:
    path = tmp_path / "homework.yaml"
    assert main(["quiz", "--template", "-o", str(path)]) == 0
    homework = load_homework(str(path))
    # AlexNet's conv1 (227 - 11)/4 + 1 = 55. ResNet-18: 11,689,512 for 1000 classes (torchvision), less 990 of 513 each.
    # conv1_2: 224*224*64*64*9 MACs, twice. 32*32*10 values of 4 bytes, 32 times.
    assert [question.keyed.right for question in homework.questions] == [
        (55, 55, 96),
        11_689_512 - 990 * 513,
        2 * 224 * 224 * 64 * 64 * 9,
        32 * 32 * 10 * 4 * 32,
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--count", "0"], "--count is from 1 to 200, not 0"),
        (["--count", "201"], "--count is from 1 to 200, not 201"),
        (["--level", "4"], "--level is from 1 to 3, not 4"),
        (["--network", "alexnt"], "did you mean alexnet"),
        (["--network", "-"], "standard input has no name"),
        (["--network", "lenet5", "--count", "200"], "ask for fewer"),
        (["--format", "mooodle"], "did you mean 'moodle'?"),
        (["--lang", "kr"], "--lang cannot be 'kr'"),
        (["--ask", "never"], "--ask cannot be 'never'"),
        (["--input", "32"], "--network names it"),
        (["--title", "a\x1bb"], "cannot be printed"),
        (["-o", "same", "--key", "./same"], "cannot be one file"),
        (["--roster", "class.csv"], "-o names the folder"),
        (["--roster", "missing.csv", "-o", "out"], "no such file"),
    ],
)
def test_usage_errors(
    arguments: list[str],
    said: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["quiz", *arguments]) == 2
    shown = capsys.readouterr()
    assert said in shown.err
    assert shown.out == ""
    assert not list(tmp_path.iterdir())


# --- rosters --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "data", "students"),
    [
        ("class.txt", "Kim\nLee, Bo\n\nPark\n", ["Kim", "Lee, Bo", "Park"]),
        ("class.csv", "이름,학번\n김철수,2024-1\n이영희,2024-2\n", ["2024-1", "2024-2"]),
        ("class.csv", "name,group\nKim,1\nLee,2\n", ["Kim", "Lee"]),
        ("class.csv", "Kim,1\nLee,2\n", ["Kim", "Lee"]),
        ("class.yaml", "- Kim\n- Lee\n", ["Kim", "Lee"]),
    ],
)
def test_rosters(tmp_path: Path, name: str, data: str, students: list[str]) -> None:
    path = tmp_path / name
    path.write_text(data, "utf-8")
    assert list(read_roster(str(path)).keys) == students
    path.write_bytes(data.encode("cp949"))
    assert list(read_roster(str(path)).keys) == students


@pytest.mark.parametrize("data", ["Kim\nkim\n", "a/b\na:b\n", "\n", "x" * 81])
def test_bad_rosters(tmp_path: Path, data: str) -> None:
    path = tmp_path / "class.txt"
    path.write_text(data, "utf-8")
    with pytest.raises(SpecError):
        read_roster(str(path))


def test_file_stems_stay_in_their_folder() -> None:
    stems = {"../../x": "_.._x", "CON": "_CON", "..": "_", "김철수": "김철수", 'a"b': "a_b"}
    assert {name: file_stem(name) for name in stems} == stems


def test_roster_gives_each_student_a_sheet_and_a_key(tmp_path: Path) -> None:
    roster, folder = tmp_path / "class.txt", tmp_path / "quiz"
    roster.write_text("Kim\n이영희\n", "utf-8")
    assert (
        main(["quiz", "--roster", str(roster), "--seed", "s", "--count", "4", "-o", str(folder)])
        == 0
    )
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*"))
    assert names == ["Kim.md", "keys/Kim.yaml", "keys/이영희.yaml", "이영희.md"]
    assert (folder / "Kim.md").read_text("utf-8") != (folder / "이영희.md").read_text("utf-8")
    for student in ("Kim", "이영희"):
        (drawn,) = QuizRequest("s", 4).draw_each([student])
        (tmp_path / "answers.yaml").write_text(key.render_answers(drawn), "utf-8")
        homework = load_homework(str(folder / "keys" / f"{student}.yaml"))
        assert grade_homework_sheet(homework, str(tmp_path / "answers.yaml")).passed


def test_a_folder_that_cannot_be_made_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    roster = tmp_path / "class.txt"
    roster.write_text("Kim\n", "utf-8")
    assert main(["quiz", "--roster", str(roster), "-o", str(roster)]) == 2
    assert "cannot write" in capsys.readouterr().err


def test_nothing_is_written_where_a_student_cannot_have_a_quiz(tmp_path: Path) -> None:
    roster, folder = tmp_path / "class.txt", tmp_path / "quiz"
    roster.write_text("Kim\nLee\n", "utf-8")
    assert (
        main(
            [
                "quiz",
                "--roster",
                str(roster),
                "--network",
                "lenet5",
                "--count",
                "99",
                "-o",
                str(folder),
            ]
        )
        == 2
    )
    assert not folder.exists()


def test_fields_without_words_are_not_asked_about() -> None:
    # each map of LeNet-5's c3 sees some of the maps before it (LeCun et al. 1998, Table I), which a line cannot say
    for level in LEVELS:
        for asked in asked_in(load("lenet5"), level):
            assert asked.layer != "c3"


@pytest.mark.parametrize(
    ("spec", "answer", "form"),
    [
        # (100 + 2 - 5)//2 + 1 = 49 and the pool's jump of 2: 5 + 2*2 = 9
        (
            "{input: 100x16, layers: [conv: {filters: 8, kernel: 5, stride: 2, pad: 1}, "
            "maxpool: {kernel: 3, stride: 2}]}",
            "9",
            "its size along one axis",
        ),
        # 5 + 2*2 = 9 and 3 + 2*2 = 7
        (
            "{input: 99x98x3, layers: [conv: {filters: 8, kernel: 5x3, stride: 2, pad: 1}, "
            "maxpool: {kernel: 3, stride: 2}]}",
            "9x7",
            "height x width, such as 9x8",
        ),
    ],
)
def test_receptive_fields_of_every_rank(tmp_path: Path, spec: str, answer: str, form: str) -> None:
    (tmp_path / "net.yaml").write_text(spec, "utf-8")
    quiz = next(
        quiz
        for seed in range(99)
        if (quiz := make_quiz(seed, 1, 3, network=str(tmp_path / "net.yaml")))
        .items[0]
        .question.quantity
        == "receptive_field"
    )
    assert quiz.items[0].answer == answer
    assert form in quiz.items[0].wording.form


# --- choices that nothing but the work decides ------------------------------------------------------------------------


def _parts(choice: str) -> list[str]:
    return choice.split("x")


def _shares_most(choices: list[str]) -> str:
    """The choice that has most parts in common with the others."""
    return max(
        choices,
        key=lambda choice: sum(
            part == other
            for rival in choices
            if rival != choice
            for part, other in zip(_parts(choice), _parts(rival), strict=False)
        ),
    )


RULES = {
    "largest": lambda choices: choices[-1],
    "second largest": lambda choices: choices[-2],
    "middle": lambda choices: choices[len(choices) // 2],
    "smallest": lambda choices: choices[0],
    "0, else the largest": lambda choices: "0" if "0" in choices else choices[-1],
    "shares most parts": _shares_most,
}


def test_no_rule_over_the_choices_beats_chance() -> None:
    """By kind of question: not 10 points better than guessing, and five standard errors."""
    tried: dict[tuple[str, str], list[float]] = {}
    for seed in range(tries(40, 500)):
        for level in (1, 2, 3) if seed % 10 == 0 else (1,):
            for item in make_quiz(f"choices {seed}", 5, level).items:
                if not item.offered:
                    continue
                for name, rule in RULES.items():
                    hit = rule(item.choices) == item.answer
                    kinds = (name, f"{level} {item.question.quantity}"), (name, f"{level}")
                    for kind in kinds:
                        tried.setdefault(kind, []).append(hit - 1 / len(item.choices))
    assert len(tried) > 20
    for kind, hits in tried.items():
        gain = sum(hits) / len(hits)
        assert gain < 0.1 + 2.5 * 0.4 / len(hits) ** 0.5, (kind, gain, len(hits))


def test_a_question_whose_answer_is_nothing_is_asked_open() -> None:
    items = [item for seed in range(20) for item in make_quiz(seed, 7).items]
    nothing = [item for item in items if item.answer == "0"]
    assert nothing
    assert not any(item_choices(item, Style(ask="choice")) for item in nothing)


def test_the_rounding_rule_is_said_where_a_filter_does_not_fit() -> None:
    for seed in range(tries(8, 30)):
        for item in make_quiz(seed, 12, 2).items:
            text = item.wording.text("en")
            if item.question.quantity == "output" and "rounded" not in text:
                graph = item.question.answer_key.graph
                for node in graph.nodes[1:]:
                    for size, window in zip(
                        node.shapes[0], node.op.windows(node.shapes[0]), strict=False
                    ):
                        assert not left_over(size, window), text


# --- templates as data -----------------------------------------------------------------------------------------------


def test_what_a_template_draws_is_what_its_file_says() -> None:
    text = """
lists: {odd: [3, 5, 7]}
levels: [[params of net]]
templates:
  net:
    draw:
      kernel: odd
      pad: {from: 0..6, where: 2 * pad + 1 == kernel}
      size: 10 * kernel
      word: {from: [relu, tanh], unless: kernel == 7, otherwise: "'silu'"}
    spec: "$word $kernel $pad $size"
    layer: total
"""
    (template,) = read_templates(Source("t.yaml", text)).levels[1]
    drawn = {template.draw(SeededRandom(seed)).spec for seed in range(99)}
    assert drawn == {"relu 3 1 30", "tanh 3 1 30", "relu 5 2 50", "tanh 5 2 50", "silu 7 3 70"}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[3, 5]", "9..3", "9..3 has no numbers"),
        ("[3, 5]", "n + 1", "there is no parameter named 'n'"),
        ("[3, 5]", "{where: k < 4}", "a draw needs from"),
        ("[3, 5]", "{from: 1..3, unless: true}", "unless and otherwise go together"),
        ("$k}", "$kk}", "$kk is not drawn"),
        ("$k}", "$}", "a $ without a name"),
        ("true", "maybe", "fits is true or false"),
        ("params", "prams", "there is no quantity 'prams'"),
        ("of net", "of nett", "there is no template 'nett'"),
        ("[no-bias]", "[no-bais]", "there is no slip 'no-bais'"),
        ("alike}", "alik}", "no inseparable slips are called 'alik'"),
        ("[params of net]", "params of net", "a level is a list of questions"),
        ("layer: conv1, ", "", "a template needs layer"),
    ],
)
def test_a_wrong_template_is_told_at_its_place(old: str, new: str, message: str) -> None:
    text = (
        "inseparable: {alike: [no-bias]}\n"
        "levels: [[params of net]]\n"
        "templates: {net: {draw: {k: [3, 5]}, spec: 'conv: {kernel: $k}', layer: conv1, "
        "fits: true, inseparable: alike}}\n"
    )
    read_templates(Source("t.yaml", text))
    with pytest.raises(SpecError) as error:
        read_templates(Source("t.yaml", text.replace(old, new, 1)))
    (problem,) = error.value.problems
    assert problem.message.startswith(message)
    assert problem.span.line == text[: text.index(old)].count("\n") + 1


def test_what_sizes_say_in_a_question(tmp_path: Path) -> None:
    layers = "[{upsample: 2}, {pad: 1}, {pad: [[0, 1], [1, 0]]}, {adaptiveavgpool: {size: 2}}]"
    names = ("upsample1", "pad1", "pad2", "adaptiveavgpool1")
    (tmp_path / "net.yaml").write_text(f"input: 8x8x4\nlayers: {layers}\n")
    asked = "".join(f"- {{network: net.yaml, layer: {name}, quantity: output}}\n" for name in names)
    (tmp_path / "hw.yaml").write_text(f"questions:\n{asked}")
    questions = homework_sheet(load_homework(str(tmp_path / "hw.yaml")), Style()).questions
    said = [question.facts[-1].rpartition(", ")[2] for question in questions]
    assert said[0] == "scale 2×2."
    assert said[1] == "padding 1 on every side."
    assert questions[2].facts[-1].endswith("padding 0+1, 1+0 (before + after, for each axis).")
    assert said[3] == "to 2×2."


def test_a_question_about_the_input_tells_of_nothing_that_arrives(tmp_path: Path) -> None:
    path = tmp_path / "hw.yaml"
    path.write_text("questions: [{network: lenet5, layer: input, quantity: output}]\n")
    (asked,) = homework_sheet(load_homework(str(path)), Style()).questions
    assert asked.answer == "32x32x1"
    assert "Network: LeNet-5, with an input of 32×32×1 (height × width × channels)." in asked.facts
    assert not any("What arrives at" in str(fact) for fact in asked.facts)


def test_a_question_about_a_network_is_proven_once_for_all_students(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And each student has the questions that are drawn for nobody else."""
    drawing = sys.modules["cnncalc.quiz.draw"]
    proven: list[object] = []
    prove = drawing.prove

    def proving(question: Question, *rest: Any) -> Any:
        proven.append((question.layer, question.quantity, question.answer_key.report.batch))
        return prove(question, *rest)

    monkeypatch.setattr(drawing, "prove", proving)
    students = [f"s{number}" for number in range(20)]
    quizzes = list(drawing.make_quizzes(7, students, 4, network="alexnet"))
    assert len(proven) == len(set(proven))
    monkeypatch.undo()
    for student, quiz in zip(students, quizzes, strict=True):
        alone = make_quiz(7, 4, network="alexnet", student=student)
        assert [item.wording for item in alone.items] == [item.wording for item in quiz.items]
        assert [item[3:] for item in alone.items] == [item[3:] for item in quiz.items]
