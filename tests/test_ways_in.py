"""One hostile text through every way in of every command in every format: it is shown, and nothing obeys it.

Commands, options and formats are asked of the command line itself, so that a new one is tried too. What comes out is
read by readers that know nothing of cnncalc (`hostile.py`), and has the same skeleton as with a harmless text.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import pytest
import samples
import typer
from extent import SWEEP, sample
from hostile import HARMLESS, HOSTILE, VISIBLE, is_safe, skeleton, unpacked

from cnncalc.cli import COMMANDS, app, main
from cnncalc.cli.specs import SCHEMAS
from cnncalc.models import FORMATS as MODEL_FORMATS
from cnncalc.report import conventions as report_conventions
from cnncalc.report.conventions import load_convention
from cnncalc.spec.shipped import data_file, data_files, network_files

TEXTS = (HOSTILE, VISIBLE)
BY_ENDING = {".csv": "csv", ".yaml": "yaml"}
"""What grades and keys are, whatever the format of the rest."""
T = TypeVar("T")
OUT = "OUT"
"""What a command line writes to, put in where it runs."""


@cache
def built(command: str) -> Any:
    """A command as typer has it."""
    group: Any = typer.main.get_command(app)
    return group.get_command(None, command)


def options(command: str) -> list[Any]:
    """The options of a command that take a value, but for those that say where and how to write."""
    return [
        option
        for option in built(command).params
        if option.param_type_name == "option" and not option.is_flag and option.name != "help"
    ]


def formats(command: str) -> Iterator[tuple[str, str]]:
    """Each option that chooses a format for what is written, with each of its words."""
    context = built(command).context_class(built(command))
    for option in options(command):
        if option.name in ("format", "to", "style"):
            for item in option.shell_complete(context, ""):
                yield option.opts[-1], item.value


def example(command: str) -> list[str]:
    """The command line of a command's help."""
    words = re.findall(r'"[^"]*"|\S+', COMMANDS[command].example)[2:]
    return [command, *(word.strip('"') for word in words)]


# ---- running ---------------------------------------------------------------------------------------------------------


class Ran(NamedTuple):
    """What a command line left: its exit code, and every text that it wrote by name."""

    code: int
    texts: dict[str, str]


def run(words: Sequence[str], folder: Path, capsys: pytest.CaptureFixture[str]) -> Ran:
    """Run a command line and assert that it ended as it may and wrote nothing that a terminal obeys."""
    out = folder / OUT
    out.mkdir(exist_ok=True)
    code = main([word.replace(OUT, str(out)) for word in words])
    shown, err = capsys.readouterr()
    files = {
        name: text
        for path in sorted(out.rglob("*"))
        if path.is_file()
        for name, text in unpacked(path.name, path.read_bytes()).items()
    }
    shutil.rmtree(out)
    out.mkdir()
    assert code in (0, 1, 2), words
    assert is_safe(err), words
    assert err or code != 2
    texts = {"standard output": shown, **files}
    for name, text in texts.items():
        assert is_safe(text), (words, name)
    return Ran(code, texts)


def same_skeleton(format_name: str, hostile: Ran, harmless: Ran, words: Sequence[str]) -> None:
    """Assert that a text changed nothing but texts. An input that is refused has only its message, which is safe."""
    if hostile.code == 2 or harmless.code == 2:
        return
    for (name, text), other in zip(hostile.texts.items(), harmless.texts.values(), strict=True):
        read_as = BY_ENDING.get(Path(name).suffix, format_name)
        assert skeleton(read_as, text) == skeleton(read_as, other), (words, name)


@pytest.fixture
def conventions_in_files(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let a convention's name be a path: those that ship are files too, but cannot be written to."""
    known = data_file
    monkeypatch.setattr(
        report_conventions,
        "data_file",
        lambda kind, name: Path(name) if name.endswith(".yaml") else known(kind, name),
    )
    load_convention.cache_clear()
    yield
    load_convention.cache_clear()


# ---- options and arguments -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", COMMANDS)
def test_a_hostile_word_of_a_command_line(
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Every argument of the example, and every option, has the text as its value once."""
    monkeypatch.chdir(tmp_path)
    lines = list(spoiled_lines(command, HOSTILE.replace("\0", "")))
    for words in lines if SWEEP else sample(lines, 6):
        run(words, tmp_path, capsys)


def spoiled_lines(command: str, text: str) -> Iterator[list[str]]:
    """The example's line with the text in place of each word, behind each option, and as a layer's field."""
    words = example(command)
    for at, word in enumerate(words):
        if at and not word.startswith("-"):
            yield [*words[:at], text, *words[at + 1 :]]
    for option in options(command):
        for value in (text, f"{text}=1", f"width={text}") if option.name == "set" else (text,):
            yield [*words, option.opts[-1], value]
    yield [text]


def test_titles_of_a_quiz_in_every_format(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for option, word in formats("quiz"):
        line = [
            "quiz",
            "--count",
            "4",
            option,
            word,
            "--ask",
            "mixed",
            "-o",
            f"{OUT}/a",
            "--key",
            f"{OUT}/k",
        ]
        other = run([*line, "--title", HARMLESS, "--seed", HARMLESS], tmp_path, capsys)
        ran = run([*line, "--title", VISIBLE, "--seed", HARMLESS], tmp_path, capsys)
        assert ran.code == 0
        same_skeleton(word, Ran(0, sheet(ran)), Ran(0, sheet(other)), line)
        run([*line, "--seed", VISIBLE], tmp_path, capsys)


def sheet(ran: Ran) -> dict[str, str]:
    """The sheet alone, without its key."""
    return {name: text for name, text in ran.texts.items() if name == "a"}


# ---- files of ours ---------------------------------------------------------------------------------------------------


SHIPPED_ALONE = {"quiz"}
"""Kinds of files that no command line can name."""


def test_there_is_a_sample_of_every_kind_of_file() -> None:
    assert set(samples.RECORDS) == set(SCHEMAS) - SHIPPED_ALONE
    assert set(samples.NETWORKS) == set(MODEL_FORMATS)


PROBES = {
    "spec": ["summary", "FILE"],
    "homework": ["check", "--homework", "FILE", "sheet.yaml"],
    "convention": ["flops", "lenet5", "--convention", "FILE"],
    "lecture": ["lecture", "FILE", "--check"],
    "convolve": ["convolve", "--input", "FILE"],
}
"""A command that reads a kind of file."""


@pytest.mark.usefixtures("conventions_in_files")
@pytest.mark.parametrize("kind", samples.RECORDS)
@pytest.mark.parametrize("text", TEXTS, ids=["hostile", "visible"])
def test_a_hostile_text_in_each_place_of_a_file(
    kind: str,
    text: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sheet.yaml").write_text("q1: 156\nq2: 6x6x4\n")
    words = [word.replace("FILE", "x.yaml") for word in PROBES[kind]]
    (tmp_path / "x.yaml").write_text(samples.written(samples.RECORDS[kind]))
    assert run(words, tmp_path, capsys).code in (0, 1)
    places = list(samples.places(samples.RECORDS[kind]))
    for way in places if SWEEP else places[TEXTS.index(text) :: len(TEXTS)]:
        (tmp_path / "x.yaml").write_text(
            samples.written(samples.exchanged(samples.RECORDS[kind], way, text))
        )
        load_convention.cache_clear()
        run(words, tmp_path, capsys)


def filled(kind: str, text: str) -> str:
    """A file with the text in every place that takes it, harmless or not."""
    value = samples.RECORDS[kind]
    for way in TAKEN[kind]:
        value = samples.exchanged(value, way, text)
    return samples.written(value)


TAKEN: dict[str, list[samples.Place]] = {
    "spec": [
        ("title",), ("family",), ("source",), ("layers", 4, "unknown", "of"),
        ("claims", 0, "source"), ("claims", 0, "erratum"),
    ],
    "homework": [
        ("title",), ("questions", 0, "id"), ("questions", 0, "text"), ("questions", 1, "text"),
        ("questions", 1, "spec", "title"),
    ],
    "convention": [
        ("name",), ("version",), ("title",), ("unit",), ("used_by",), ("source",), ("operations", 0, "as"),
        ("operations", 0, "without", 0), ("notes", 0),
    ],
    "lecture": [
        ("lecture",), ("section",), ("lines",), ("title",), ("ko",), ("label", "name"), ("label", "ko"),
        ("columns", 0, "name"), ("columns", 0, "ko"), ("rows", 0, "row", 0), ("rows", 1, "row", 1),
        ("why", 0, "erratum"), ("remarks", 0),
    ],
    "convolve": [("input", samples.KEY, "R")],
}  # fmt: skip
"""The places of each kind of file that are shown, so that what they hold comes out somewhere."""


def lines_of(kind: str, path: str) -> Iterator[list[str]]:
    """Every command line that reads a kind of file, without a format."""
    if kind == "homework":
        yield ["check", "--homework", path, "sheet.yaml"]
        yield [
            "check",
            "--homework",
            path,
            "sheet.yaml",
            "sheet2.yaml",
            "--grades",
            f"{OUT}/grades.csv",
        ]
    elif kind == "convolve":
        yield ["convolve", "--input", path, "--steps"]
    else:
        yield from of_examples(kind, path)
        if kind == "spec":
            yield ["quiz", "--network", path, "--count", "1"]
            yield ["check", path, "sheet.csv", "--reveal"]


def of_examples(kind: str, path: str) -> Iterator[list[str]]:
    """The examples' lines with a file in place of a name of its kind; of conventions also behind --convention."""
    names = {
        "spec": list(network_files()),
        "convention": list(data_files("conventions")),
        "lecture": [file.stem for file in data_files("lectures").values()],
    }[kind]
    for command in COMMANDS:
        words = example(command)
        for at, word in enumerate(words):
            if word in names:
                yield own_layer([*words[:at], path, *words[at + 1 :]])
                break
        if kind == "convention" and any(option.name == "convention" for option in options(command)):
            yield [*words, "--convention", path]


def own_layer(words: list[str]) -> list[str]:
    """A line whose settings suit the sample."""
    return ["width=2:4:1" if word.startswith("width=") else word for word in words]


def some(lines: list[T], at: int, part: int) -> list[T]:
    """One in so many, others for each place, so that all are tried in one place or another; in a sweep all."""
    return lines if SWEEP else lines[at % min(part, len(lines)) :: part]


def in_every_format(words: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """A line in each of its command's formats; a picture or page is written as itself."""
    found = list(formats(words[0]))
    for option, word in found:
        shown = [*words, option, word]
        yield word, shown if "-o" in words else [*shown, "-o", f"{OUT}/out"]
    if not found:
        yield "", list(words)


@pytest.mark.usefixtures("conventions_in_files")
@pytest.mark.parametrize("kind", samples.RECORDS)
def test_what_a_file_holds_in_every_command_and_format(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("sheet.yaml", "sheet2.yaml"):
        (tmp_path / name).write_text("q1: 156\nq2: 6x6x4\n")
    (tmp_path / "sheet.csv").write_text("layer,params\nconv1,112\nfc1,5\n")
    for name, text in (("harmless", HARMLESS), ("hostile", HOSTILE)):
        (tmp_path / f"{name}.yaml").write_text(filled(kind, text))
    assert (
        run([word.replace("FILE", "hostile.yaml") for word in PROBES[kind]], tmp_path, capsys).code
        < 2
    )
    for at, words in enumerate(lines_of(kind, "FILE")):
        chosen = list(in_every_format(words))
        for format_name, line in some(chosen, at, 3):
            harmless, hostile = (
                run([word.replace("FILE", f"{name}.yaml") for word in line], tmp_path, capsys)
                for name in ("harmless", "hostile")
            )
            assert hostile.code == harmless.code, line
            same_skeleton(format_name, hostile, harmless, line)


# ---- sheets, rosters, file names, files of other tools ---------------------------------------------------------------


@pytest.mark.parametrize("name", samples.SHEETS)
def test_what_a_sheet_holds(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    if name.endswith("xlsx"):
        pytest.importorskip("openpyxl")
    hostile_name = f"x{VISIBLE.replace('/', '')[:60]}\x1b[2J\u202e\r\n{name}"
    for folder, text, file in (("a", HARMLESS, name), ("b", HOSTILE, hostile_name)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / file).write_bytes(samples.SHEETS[name](text))
        (tmp_path / folder / "good.csv").write_text("layer,params\nconv1,156\n")
    for more in (["--reveal"], ["good.csv", "--grades", f"{OUT}/grades.csv"]):
        chosen = list(in_every_format(["check", "lenet5", "FILE", *more]))
        for format_name, line in some(chosen, list(samples.SHEETS).index(name), 2):
            harmless, hostile = (
                run(
                    [
                        word.replace("FILE", f"{folder}/{file}").replace("good", f"{folder}/good")
                        for word in line
                    ],
                    tmp_path,
                    capsys,
                )
                for folder, file in (("a", name), ("b", hostile_name))
            )
            same_skeleton(format_name, hostile, harmless, line)


@pytest.mark.parametrize("name", samples.rosters(""))
def test_the_names_of_a_roster(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    chosen = list(in_every_format(["quiz", "--count", "1", "--roster", name]))
    for format_name, line in some(chosen, list(samples.rosters("")).index(name), 3):
        found = []
        for text in (HARMLESS, HOSTILE, VISIBLE):
            (tmp_path / name).write_bytes(samples.rosters(text)[name])
            found.append(run([*line, "--key", f"{OUT}/out"], tmp_path, capsys))
        assert found[0].code == 0
        for ran in found[1:]:
            for file, text in ran.texts.items():
                skeleton(BY_ENDING.get(Path(file).suffix, format_name), text)
    assert {path.name for path in tmp_path.iterdir()} == {OUT, name}


@pytest.mark.parametrize(
    "command", [name for name in COMMANDS if set(example(name)) & set(network_files())]
)
def test_what_a_model_file_holds(
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (line,) = [words for words in of_examples("spec", "FILE") if words[0] == command]
    line = [word for word in line if word not in ("pool1", "conv1")]
    if "--set" in line:
        del line[line.index("--set") : line.index("--set") + 2]
    made = [(kind, make) for kind, makes in samples.NETWORKS.items() for make in makes]
    first = list(COMMANDS).index(command)
    for at, (kind, make) in list(enumerate(made))[:: 1 if SWEEP else 2]:
        ending = ".json" if make is samples.keras_json else MODEL_FORMATS[kind].endings[0]
        for name, text in (("a", HARMLESS), ("b", HOSTILE), ("c", VISIBLE)):
            (tmp_path / f"{name}{ending}").write_bytes(make(text.replace("/", "")))
        chosen = list(in_every_format(line))
        for format_name, words in some(chosen, at + first, 4):
            other, *ran = (
                run([word.replace("FILE", f"{name}{ending}") for word in words], tmp_path, capsys)
                for name in "abc"
            )
            for one in ran:
                same_skeleton(format_name, one, other, (*words, kind))


def test_a_skeleton_is_changed_by_what_acts() -> None:
    """The readers can fail."""
    assert skeleton("html", "<div>a</div>") != skeleton("html", "<div><script>a</script></div>")
    assert skeleton("markdown", "a") != skeleton("markdown", "[a](b)")
    assert skeleton("latex", "a") != skeleton("latex", "\\input{a}")
    assert skeleton("csv", "a,b") != skeleton("csv", "a,b\nc,d")
    assert skeleton("gift", "::a::b{#=3:0\n}") != skeleton("gift", "::a::b{#=3:0\n=4\n}")
    assert skeleton("yaml", "a: b") != skeleton("yaml", "a: b\nc: d")
    assert skeleton("torch", "a = 'b'") != skeleton("torch", "a = 'b'\nc()")
    with pytest.raises(AssertionError, match="a formula"):
        skeleton("csv", "a,\u200b＝1+1")
    with pytest.raises(AssertionError, match="braces"):
        skeleton("latex", "a}")
