"""What a class hands in and a teacher keeps: rosters, keys, archives, maps, decisions, grades; quizzes, exports."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

from fuzzing.pieces import NASTY, as_word, mostly, number, options, spoiled, spoiled_bytes, write
from fuzzing.sheets import answers_text, encoded, homework_text, sheet_text, table, workbook_bytes

# fmt: off
STUDENTS = (("1", "Kim Jun", "kim@u.edu"), ("2", "Lee, Min", "lee@u.edu"), ("3", "박지성", "park@u.edu"), ("4",
    "O'Neil", ""))
EXPORTS = ("markdown", "plain", "latex", "html", "moodle", "gift", "qti", "prairielearn", "csv", "json", "yaml")
VIEWS = (
    ("--show", "questions"), ("--show", "class"), ("--feedback", "pages"), ("--feedback-format", "markdown"),
    ("--hints",),
    ("--reveal",), ("--lang", "ko"), ("--format", "json"), ("--format", "csv"), ("--format", "gradescope", "-o", "out"),
    ("--format", "classroom50"), ("--format", "html"),
)
# fmt: on


def csv_text(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as CSV, with quotes where they are needed."""
    quoted = (
        ['"' + one.replace('"', '""') + '"' if set(one) & set('",\n\r') else one for one in row]
        for row in rows
    )
    return "\n".join(",".join(row) for row in quoted)


def roster_text(rng: random.Random) -> str:
    """Return a list of students: a table, a line each, or YAML."""
    style = rng.random()
    known = [*rng.sample(STUDENTS, rng.choice((1, 1, 2, 3)))]
    if style < 0.5:
        rows: list[tuple[str, ...]] = [("id", "name", "email"), *known]
        if rng.random() < 0.15:
            rows.append((number(rng), rng.choice(NASTY), ""))
        text = csv_text(rows)
    elif style < 0.6:
        rows = [("Student", "ID", "SIS User ID", "SIS Login ID", "Section")]
        rows += [(name, f"{9}{at}", at, email, "1") for at, name, email in known]
        text = csv_text(rows)
    elif style < 0.9:
        text = "\n".join(
            (*rng.choice(((), ("name",))), *(name.replace(",", "") for _, name, _ in known))
        )
    else:
        text = rng.choice(("", "\n", "|-", "- |", "{}", "[]", "- Kim\n- Lee", number(rng)))
    return spoiled(rng, text, 0.2)


def roster(rng: random.Random, folder: Path) -> list[str]:
    """Return a list of students, and a quiz for each."""
    path = write(folder, "roster.csv", encoded(rng, roster_text(rng)))
    seed = mostly(rng, (str(rng.randrange(9)),), (as_word(number(rng)), "\udcff"))
    words = ["quiz", "--seed", seed, "--roster", path, "-o", str(folder / "quiz")]
    return [*words, "--count", "1", *options(rng, (("--format", mostly(rng, EXPORTS)),), 0.3)]


def straight_roster(rng: random.Random, folder: Path) -> list[str]:
    """Return a list of students for its reader."""
    return ["'roster'", write(folder, "roster.csv", encoded(rng, roster_text(rng)))]


def member_name(rng: random.Random, student: tuple[str, str, str]) -> str:
    """Return the path of a student's file as course systems, or students, name it."""
    at, name, _ = student
    joined = name.lower().replace(" ", "")
    names = (
        f"{name}_100{at}_assignsubmission_file_/answers.yaml", f"{joined}_LATE_9{at}_20034_a-1.yaml",
        f"{name}/hw3.yaml", f"hw3_{name}.yaml", f"submission_{at}/answers.yaml", f"{at}.yaml", f"{name}.yaml",
    )  # fmt: skip
    odd = (
        f"../{name}.yaml", f"/{name}.yaml", f"{name}.png", f"{name}.yaml/", "a" * 300 + ".yaml", f"{name}\x1b[31m.yaml",
        f"C:\\{name}.yaml", "submission_metadata.yml", f"{name}.zip", f"__MACOSX/._{name}.yaml", f"\u202e{name}.yaml",
    )  # fmt: skip
    return mostly(rng, names, odd, 0.03)


def handed_in(rng: random.Random) -> tuple[str, bytes]:
    """Return the ending of a sheet that a student hands in, and what is in it."""
    roll = rng.random()
    if roll < 0.87:
        return ".yaml", encoded(rng, answers_text(rng, 0.05))
    if roll < 0.9:
        return ".xlsx", workbook_bytes(
            rng, [["question", "answer"], ["q1", "760"], ["q2", number(rng)]]
        )
    if roll < 0.98:
        return ".csv", encoded(
            rng, csv_text([["question", "answer"], ["q1", "760"], ["q2", number(rng)]])
        )
    return ".yaml", spoiled_bytes(rng, b"q1: 5\nq2: 6\n" * 9, 1.0)


def submissions(
    rng: random.Random, folder: Path, hand_in: Callable[[random.Random], tuple[str, bytes]]
) -> list[str]:
    """Write what students hand in as an archive or as files; return the paths to grade."""
    made: dict[str, bytes] = {}
    for student in rng.sample(STUDENTS, rng.choice((1, 1, 2, 3))):
        ending, data = hand_in(rng)
        made[member_name(rng, student).replace(".yaml", ending)] = data
    if rng.random() < 0.6:
        out = io.BytesIO()
        with zipfile.ZipFile(
            out, "w", rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
        ) as archive:
            for name, data in made.items():
                archive.writestr(name.encode("utf-8", "replace").decode(), data)
        return [write(folder, "in.zip", spoiled_bytes(rng, out.getvalue(), 0.05))]
    paths = []
    for at, (name, data) in enumerate(made.items()):
        plain = f"{name.replace('/', '_').replace(chr(0), '')[-60:]}"
        (folder / "in").mkdir(exist_ok=True)
        paths.append(write(folder / "in", f"{plain}" if plain.strip(". ") else str(at), data))
    return rng.choice(([str(folder / "in")], paths))


def table_of(rng: random.Random, head: Sequence[str], columns: Sequence[Sequence[str]]) -> str:
    """Return a CSV of a few rows, of one of the values in each column."""
    rows = [[mostly(rng, values) for values in columns] for _ in range(rng.randrange(1, 4))]
    return spoiled(rng, csv_text([head, *rows]), 0.1)


def decisions(rng: random.Random) -> str:
    """Return a table of what a teacher decides otherwise."""
    values = (
        ("Kim Jun", "1", "lee@u.edu", "3"),
        ("q1",),
        ("0.5", "right", "wrong", "1"),
        ("almost", ""),
    )
    return table_of(rng, ("student", "question", "points", "reason"), values)


def earlier_grades(rng: random.Random) -> str:
    """Return a table of grades as an earlier run wrote it."""
    head = ("student", "file", "score", "max", "q1", "q2", "notes")
    points = ("0", "1", "0.5", "")
    return table_of(
        rng,
        head,
        (("1", "2", "3", ""), ("in/1.yaml",), points, ("2", "3"), points, points, ("", "a note")),
    )


def whose(rng: random.Random) -> str:
    """Return a map of files to students."""
    values = (
        ("submission_1", "hw3_Kim Jun.yaml", "4.yaml", "1001"),
        ("Kim Jun", "박지성", "park@u.edu"),
    )
    return table_of(rng, ("file", "student"), values)


def keys(rng: random.Random, folder: Path) -> str:
    """Write a folder of keys, a homework for each student; return its path."""
    (folder / "keys").mkdir()
    for at, _, _ in STUDENTS if rng.random() < 0.9 else STUDENTS[1:]:
        write(folder / "keys", f"{at}.yaml", homework_text(rng, 0.01))
    return str(folder / "keys")


def class_(rng: random.Random, folder: Path) -> list[str]:
    """Return a class to grade: by a homework or by keys, with what a teacher may give beside it."""
    if rng.random() < 0.35:
        words = ["--keys", keys(rng, folder)]
    else:
        words = ["--homework", write(folder, "hw.yaml", homework_text(rng, 0.02))]
    if "--keys" in words or rng.random() < 0.6:
        words += [
            "--students",
            write(folder, "class.csv", roster_text(rng) if rng.random() < 0.15 else WHOLE_CLASS),
        ]
    files = (("--overrides", decisions), ("--map", whose), ("--earlier", earlier_grades))
    for option, make in files:
        if rng.random() < 0.25 and "--students" in words:
            words += [option, write(folder, f"{option[2:]}.csv", encoded(rng, make(rng)))]
            words += ["--show", "changes"] if option == "--earlier" and rng.random() < 0.5 else []
    if rng.random() < 0.4:
        systems = ("excel", "moodle", "canvas") if "--students" in words else ("excel",)
        words += [
            "--grades",
            "grades.csv",
            *options(rng, (("--grades-for", mostly(rng, systems)),)),
        ]
    view = list(rng.choice(VIEWS)) if "--show" not in words and rng.random() < 0.5 else []
    return ["check", *words, *view, *submissions(rng, folder, handed_in)]


WHOLE_CLASS = csv_text([("id", "name", "email"), *STUDENTS])


def export(rng: random.Random, folder: Path) -> list[str]:
    """Return a homework or a drawn quiz, written for a course system."""
    how = [
        "--format",
        mostly(rng, EXPORTS),
        *options(rng, (("--ask", rng.choice(("open", "choice", "mixed"))),)),
    ]
    how += options(
        rng,
        (("--lang", "ko"), ("--key", rng.choice(("key.txt", "key.json", "key.yaml", "key.html")))),
        0.25,
    )
    how += options(rng, (("--title", as_word(rng.choice((*NASTY, "A title")))),), 0.2)
    if "qti" in how or "prairielearn" in how or rng.random() < 0.3:
        how += ["-o", "out.zip" if "qti" in how else "out"]
    if rng.random() < 0.85:
        return ["quiz", "--homework", write(folder, "hw.yaml", homework_text(rng, 0.15)), *how]
    return [
        "quiz",
        "--seed",
        str(rng.randrange(5)),
        "--count",
        "1",
        "--level",
        rng.choice("12"),
        *how,
    ]


SHARED = """# For students, made by cnncalc share: digests say that an answer is right, and none stands here to be read.
title: "t"
salt: "5"
questions:
  - id: "q1"
    text: "What comes out?"
    spec: {input: 7x7x1, layers: [{conv: {name: filter, filters: 1, kernel: 3}}]}
    layer: "filter"
    quantity: output
    digits: 2
    digests: [f49db763dae42226]
  - id: "q2"
    text: "How many?"
    network: lenet5
    layer: "c3"
    quantity: params
    digits: 2
    digests: [0123456789abcdef]
"""


def share(rng: random.Random, folder: Path) -> list[str]:
    """Return a homework to share, or one that was shared and is graded by."""
    if rng.random() < 0.25:
        words = [
            "share",
            write(folder, "hw.yaml", homework_text(rng, 0.15)),
            "--salt",
            mostly(rng, ("5", "2026")),
        ]
        links = ("https://example.org/practice.html", "practice.html", as_word(rng.choice(NASTY)))
        return [as_word(word) for word in (*words, *options(rng, (("--link", rng.choice(links)),)))]
    path = write(folder, "shared.yaml", spoiled(rng, SHARED, 0.4))
    return ["check", "--homework", path, write(folder, "a.yaml", answers_text(rng))]


def archive(rng: random.Random, folder: Path) -> list[str]:
    """Return an archive or a folder of sheets about one network."""
    net, rows = table(rng)
    name, text = sheet_text(rng, rows)

    def hand_in(rng: random.Random) -> tuple[str, bytes]:
        return Path(name).suffix, encoded(rng, spoiled(rng, text, 0.15))

    words = options(rng, (*VIEWS[4:9], ("--grades", "grades.csv")), 0.1)
    return ["check", net, *words, *submissions(rng, folder, hand_in)]
