"""The pages of docs/: their examples run, nothing is left out of them, and what is generated is current.

A page by hand that says at its top that its examples are run has fences that say what is done with a block:

- `yaml spec` loads, and stands as `net.yaml` for the `console` blocks after it;
- `yaml layers 8x8x1 -> 10` loads on an input of 8x8x1 and ends in a vector of 10;
- `yaml error` fails with what the `text` block after it says;
- `console` has commands behind `$ ` and what they print; a line of three dots stands for lines left out, and the files
  of `tests/models/files` lie beside them; blocks that say `console class` go on where the one before left off;
- a block that names a file, such as `csv class.csv`, lies there for the commands after it;
- the `python` blocks of a page are one doctest.
"""

from __future__ import annotations

import doctest
import importlib.util
import re
import shutil
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import pytest
import typer
from extent import SWEEP

import cnncalc
from cnncalc.cli import COMMANDS, app
from cnncalc.ops import OPS
from cnncalc.ops.base import EVENTS
from cnncalc.report.conventions import MEASURES
from cnncalc.report.memory import DTYPES, OPTIMIZERS
from cnncalc.spec.claim import CLAIM
from cnncalc.spec.file import SPEC
from cnncalc.spec.layers import COMBINATORS, COMMON_FIELDS
from cnncalc.spec.quantities import ASKED, ROW_FIELDS, TOTAL_FIELDS
from cnncalc.spec.shipped import block_names, data_files

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"


def load_generator() -> ModuleType:
    place = ROOT / "tools" / "make_docs.py"
    spec = importlib.util.spec_from_file_location("make_docs", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["make_docs"] = module  # a NamedTuple looks its annotations up there
    spec.loader.exec_module(module)
    return module


make_docs = load_generator()
GENERATED = tuple(make_docs.WHOLE)
BY_HAND = sorted(path.name for path in DOCS.glob("*.md") if path.name not in GENERATED)


class Fence(NamedTuple):
    """A fenced block: what stands behind the fence, the text, and its line in the page."""

    info: str
    text: str
    line: int

    @property
    def file(self) -> str:
        """The file that a block names, such as `class.csv`; nothing for any other block."""
        _, _, name = self.info.partition(" ")
        return name if re.fullmatch(r"[^<>]+\.(?:csv|yaml|txt)", name) else ""

    def runs(self) -> list[tuple[str, str]]:
        """The commands of a console, each with what it shows."""
        parts = re.split(r"^\$ ", self.text, flags=re.MULTILINE)[1:]
        return [(command, shown) for command, _, shown in (part.partition("\n") for part in parts)]


def page_text(page: str) -> str:
    return (DOCS / page).read_text(encoding="utf-8")


def fences(page: str) -> list[Fence]:
    text = page_text(page)
    return [
        Fence(found[1].strip(), found[2], text.count("\n", 0, found.start()) + 2)
        for found in re.finditer(r"^```(.*)\n((?:.*\n)*?)```$", text, re.MULTILINE)
    ]


def is_run(page: str) -> bool:
    """Whether a page says at its top that its examples are run."""
    return "run by tests/test_docs.py" in page_text(page)


def fences_of(*starts: str) -> list[Any]:
    found = []
    for page in filter(is_run, BY_HAND):
        for place, fence in enumerate(fences(page)):
            if fence.info.startswith(starts):
                found.append(pytest.param(page, place, id=f"{page}:{fence.line}"))
    return found


def matches(shown: str, real: str) -> bool:
    """Whether an output is as shown; a line of three dots stands for any lines."""
    parts = re.split(r"^\.\.\.\n", shown.rstrip() + "\n", flags=re.MULTILINE)
    return re.fullmatch(r"(?:.*\n)*?".join(map(re.escape, parts)), real.rstrip() + "\n") is not None


# --- the examples run -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("page", "place"), fences_of("yaml spec"))
def test_specs_load(page: str, place: int) -> None:
    cnncalc.loads(fences(page)[place].text, "net.yaml").report()


@pytest.mark.parametrize(("page", "place"), fences_of("yaml layers"))
def test_layers_load(page: str, place: int) -> None:
    fence = fences(page)[place]
    arriving, output = fence.info.removeprefix("yaml layers").split("->")
    net = cnncalc.loads(f"input: {arriving}\nlayers:\n{fence.text}", "net.yaml")
    assert "x".join(map(str, net.report().rows[-1].output)) == output.strip()


@pytest.mark.parametrize(("page", "place"), fences_of("yaml error"))
def test_errors_are_shown(page: str, place: int) -> None:
    fence, said = fences(page)[place : place + 2]
    assert said.info == "text", "the error stands in the next block"
    with pytest.raises(cnncalc.SpecError) as caught:
        cnncalc.loads(fence.text, "net.yaml")
    assert str(caught.value) == said.text.rstrip()


@pytest.mark.parametrize(("page", "place"), fences_of("console"))
def test_commands_print_what_is_shown(page: str, place: int, tmp_path: Path) -> None:
    found = fences(page)
    for file in (ROOT / "tests" / "models" / "files").iterdir():
        shutil.copy(file, tmp_path)
    for before in found[:place]:
        name = "net.yaml" if before.info == "yaml spec" else before.file
        if name:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(before.text, encoding="utf-8")
        elif before.info == found[place].info != "console":
            for command, _ in before.runs():
                make_docs.shell(command, tmp_path)
    runs = found[place].runs()
    for command, shown in runs:
        real = make_docs.shell(command, tmp_path)
        assert matches(shown, real), f"$ {command}\n{real}"
    assert runs


@pytest.mark.parametrize(
    "page", [page for page in BY_HAND if is_run(page) and ">>> " in page_text(page)]
)
def test_python_examples(page: str) -> None:
    lines = page_text(page).split("\n")
    kept = [""] * len(lines)
    for fence in fences(page):
        if fence.info == "python" and ">>> " in fence.text:
            kept[fence.line - 1 : fence.line - 1 + fence.text.count("\n")] = fence.text.rstrip(
                "\n"
            ).split("\n")
    test = doctest.DocTestParser().get_doctest("\n".join(kept), {}, page, page, 0)
    said: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    runner.run(test, out=said.append)
    assert test.examples
    assert not runner.failures, "".join(said)


def test_the_readmes_python_runs() -> None:
    """What README shows of the Python interface: every line, and no attribute that there is not."""
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    for block in blocks:
        exec(compile(block, "README.md", "exec"), {})
    assert blocks


# --- nothing is left out --------------------------------------------------------------------------------------------


def code_words(page: str) -> set[str]:
    """The words of a page that stand as code."""
    return set(re.findall(r"[\w./-]+", " ".join(re.findall(r"`([^`\n]+)`", page_text(page)))))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_its_section_and_a_real_run(name: str) -> None:
    text = page_text("commands.md")
    assert f"### cnncalc {name}\n" in text
    assert name in make_docs.EXAMPLES, "give it an example in tools/make_docs.py"
    assert re.search(rf"^\$ cnncalc {name}\b", text, re.MULTILINE)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_in_its_commands_section(name: str) -> None:
    group = typer.main.get_command(app)
    command = group.get_command(typer.Context(group), name)  # type: ignore[attr-defined]
    section = page_text("commands.md").split(f"### cnncalc {name}\n")[1].split("\n### ")[0]
    for param in command.params:
        options = [
            option for option in (*param.opts, *param.secondary_opts) if option.startswith("-")
        ]
        for option in options or [
            param.make_metavar(typer.Context(command)).strip("[]").rstrip(".")
        ]:
            assert option in section


def test_no_example_is_of_a_command_that_there_is_not_and_works() -> None:
    text = page_text("commands.md")
    assert "Traceback" not in text
    assert not re.findall(r"^\$ .*\nUsage:", text, re.MULTILINE), "an example has wrong usage"


def test_spec_page_has_every_word_of_the_language() -> None:
    words = code_words("spec.md")
    fields = {field.name for op in OPS.values() for field in op.fields}
    combined = {"times", "layers", "shortcut", "skip", "branches", "when", "params", "blocks"}
    for kind in (
        OPS,
        COMBINATORS,
        COMMON_FIELDS,
        block_names(),
        SPEC.keys,
        ASKED,
        CLAIM.keys,
        fields,
        combined,
    ):
        assert not set(kind) - words


def test_arithmetic_page_has_every_op_and_event() -> None:
    words = code_words("arithmetic.md")
    for kind in (OPS, EVENTS, DTYPES, OPTIMIZERS):
        assert not set(kind) - words


def test_some_page_has_every_convention_and_measure() -> None:
    words = set().union(*map(code_words, BY_HAND))
    for kind in (data_files("conventions"), MEASURES):
        assert not set(kind) - words


def test_api_page_has_every_public_name_and_field() -> None:
    words = code_words("api.md") | set(
        re.findall(r"\w+", " ".join(fence.text for fence in fences("api.md")))
    )
    public = {name for name in dir(cnncalc.Network) if not name.startswith("_")} - {"spec", "graph"}
    for kind in (cnncalc.__all__, public, ROW_FIELDS, TOTAL_FIELDS):
        assert not set(kind) - words - {"Problem"}


def test_zoo_page_has_every_network() -> None:
    assert not set(cnncalc.networks()) - code_words("zoo.md")


def test_index_links_every_page_and_links_lead_somewhere() -> None:
    assert {path.name for path in DOCS.glob("*.md")} - {"index.md"} <= set(
        re.findall(r"\((\S+\.md)\)", page_text("index.md"))
    )
    for page in (*BY_HAND, *GENERATED):
        for link, anchor in re.findall(r"\]\(([^)#:\s]*)(?:#([\w-]+))?\)", page_text(page)):
            assert (DOCS / link).exists(), f"{page}: {link}"
            assert not anchor or anchor in anchors(link or page), f"{page}: #{anchor}"


def anchors(page: str) -> set[str]:
    """The headings of a page as links name them."""
    headings = re.findall(r"^#+ (.+)$", page_text(page), re.MULTILINE)
    return {
        re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings
    }


def test_what_the_pages_import_is_what_is_said_to_be_public() -> None:
    pages = "\n".join(path.read_text(encoding="utf-8") for path in DOCS.glob("*.md"))
    imported = set(re.findall(r"^(?:>>> |    )?from (cnncalc[\w.]*) import", pages, re.MULTILINE))
    table = (DOCS / "api.md").read_text(encoding="utf-8").split("## What is public")[1]
    assert set(re.findall(r"`(cnncalc[\w.]*)`", table)) == imported | {"cnncalc"}


# --- what is generated is current -----------------------------------------------------------------------------------


@pytest.mark.skipif(not SWEEP, reason="CI's own step makes the pages too")
def test_generated_parts_are_current(capsys: pytest.CaptureFixture[str]) -> None:
    assert make_docs.run(["--check"]) == 0, capsys.readouterr().err


def test_a_stale_page_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in DOCS.glob("*.md"):
        text = path.read_text(encoding="utf-8")
        (tmp_path / path.name).write_text(
            text.replace("`conv_transpose`", "`deconv`"), encoding="utf-8"
        )
    monkeypatch.setattr(make_docs, "DOCS", tmp_path)
    monkeypatch.setattr(make_docs, "WHOLE", {})
    assert make_docs.run(["--check"]) == 1
    assert "docs/spec.md is stale" in capsys.readouterr().err


def test_wrong_usage_of_the_generator_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert make_docs.run(["--chek"]) == 2
    assert "--check" in capsys.readouterr().err


@pytest.mark.parametrize("page", GENERATED)
def test_generated_pages_name_their_generator_and_no_machine(page: str) -> None:
    text = page_text(page)
    assert text.startswith("<!-- Made by tools/make_docs.py")
    assert str(ROOT) not in text
    assert not re.search(r"(?m)(?:^|[\s(`])/(?:home|tmp|usr|work|root)/", text)
