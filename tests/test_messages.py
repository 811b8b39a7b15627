"""What is said in two languages: every message has its Korean, and a Korean answer has no English sentence of ours."""

from __future__ import annotations

import ast
import errno
import os
import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml
from extent import sample
from test_project import MODULES

import cnncalc
from cnncalc import lectures
from cnncalc.cli import COMMANDS, main
from cnncalc.counts.printed import index
from cnncalc.report.conventions import conventions
from cnncalc.spec.quantities import QUANTITIES
from cnncalc.text.messages import CATALOGUE, Phrase, catalogue, message, said, translate
from cnncalc.zoo import entries

PACKAGE = Path(cnncalc.__file__).parent
WEB = [*(PACKAGE.parent / "site").glob("*.*"), PACKAGE.parent / "tools" / "build_site.py"]
"""The playground and its maker, which say what the catalogue has too."""
PLACE = re.compile(r"\{(\w+)[^}]*\}")


@cache
def modules() -> tuple[ast.Module, ...]:
    """The syntax of every module."""
    return tuple(MODULES.values())


def constants(node: ast.expr, assigned: dict[str, list[ast.expr]]) -> Iterator[str]:
    """The texts that an argument may be: itself, either side of a choice, what its name was given, a dict's values."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from constants(node.body, assigned)
        yield from constants(node.orelse, assigned)
    elif isinstance(node, ast.Subscript):
        yield from constants(node.value, assigned)
    elif isinstance(node, ast.Dict):
        for value in node.values:
            yield from constants(value, assigned)
    elif isinstance(node, ast.Name):
        for value in assigned.get(node.id, ()):
            yield from constants(value, {})


def assignments(tree: ast.Module) -> dict[str, list[ast.expr]]:
    """What each name of a module is given, anywhere in it."""
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if isinstance(target, ast.Name):
                    found.setdefault(target.id, []).append(node.value)
    return found


SAID = {"translate": 0, "message": 0, "in_language": 0, "joined": 1, "Column": 1}
"""What says a sentence, and which of its arguments is one."""


@cache
def messages() -> set[str]:
    """Every sentence that is said, as far as it can be read off the code; not what is places and signs alone."""
    said = set(in_code()) | {text for one in QUANTITIES for text in (one.title, one.question)}
    return {text for text in said if re.search("[^\\W\\d_]{2}", PLACE.sub("", text))}


def in_code() -> Iterator[str]:
    """The sentences that stand in calls."""
    for tree in modules():
        assigned = assignments(tree)
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            place = SAID.get(call.func.id) if isinstance(call.func, ast.Name) else None
            if place is not None and place < len(call.args):
                yield from constants(call.args[place], assigned)


def test_there_are_messages() -> None:
    assert len(messages()) > 150
    assert "{layer} makes the shape" in messages()


def test_every_message_has_its_korean() -> None:
    assert not messages() - set(catalogue()), f"give these their Korean in {CATALOGUE.name}"


def test_both_languages_have_the_same_places() -> None:
    other = {
        text
        for text, korean in catalogue().items()
        if set(PLACE.findall(text)) != set(PLACE.findall(korean))
    }
    assert not other


def test_every_entry_is_said_somewhere() -> None:
    written = {
        node.value
        for tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
    }
    made = {f"{how} pooling" for how in ("max", "average")}
    counted = (
        {one.title for one in conventions()}
        | {term.label for one in conventions() for term in (*one.parameters, *one.operations)}
        | {term.words for one in conventions() for term in (*one.parameters, *one.operations)}
        | {text.replace("{}", "{names}") for text in written if isinstance(text, str)}
        | set(told())
        | {os.strerror(code).lower() for code in errno.errorcode}
    )
    left = set(catalogue()) - written - made - counted
    pages = [path.read_text(encoding="utf-8") for path in WEB]
    assert not {text for text in left if not any(text in page for page in pages)}


def told() -> Iterator[str]:
    """What files say of numbers: stories, remarks and reasons of the lectures' tables, why claims are not met."""
    for name in lectures.names():
        printed = lectures.read(name)
        yield from (story.text for story in printed.stories)
        yield from printed.remarks
        yield from filter(None, (printed.reason, *(one.reason for one in printed.columns)))
    for known in index().values():
        yield from (one.why for one in known.printings if one.why)


def test_what_files_say_has_its_korean() -> None:
    assert not {text for text in told() if text not in catalogue()}


def test_no_entry_stands_twice() -> None:
    catalogued = yaml.compose(CATALOGUE.read_text(encoding="utf-8"))
    assert catalogued is not None
    keys = [key.value for key, _ in catalogued.value]
    assert len(keys) == len(set(keys))


def test_a_message_is_english_until_it_is_said_in_another_language() -> None:
    inner = message("{count} bytes", count="1,024")
    note = message("a value has {bytes} in {dtype}", bytes=inner, dtype="float32")
    assert note == "a value has 1,024 bytes in float32"
    assert isinstance(note, Phrase)
    assert said(note, "ko") == "float32의 값 하나는 1,024 바이트"
    assert said(note, "en") == note
    assert said("conv", "ko") == "conv"
    assert translate("layer", "ko") == "계층"


# ---- Korean answers -------------------------------------------------------------------------------------------------

COMMAND_LINES = [
    "list",
    "summary alexnet",
    "params googlenet --no-bias",
    "shapes resnet18",
    "flops alexnet",
    "memory lenet5 --optimizer adam",
    "receptive googlenet",
    "compare alexnet vgg16",
    "compare alexnet vgg16 --by layer",
    "explain alexnet conv1",
    "explain alexnet fc1 params",
    "explain alexnet total --batch 4 --dtype mixed",
    "explain lenet5 total training --optimizer adam",
    "explain lenet5 total peak",
    "explain googlenet pool1 output",
    "explain googlenet inception_3a receptive_field",
    "explain googlenet inception_3a/concat1",
    "explain resnet50 bn1",
    "explain resnet50 total receptive_field",
    "explain resnet50 fc receptive_field",
    "explain alexnet conv1 params --convention thop",
    "explain alexnet relu1 --convention thop",
    "conv --input 32x32x3 --filters 10 --kernel 5 --stride 2",
    "conv --input 32x32x3 --filters 10 --kernel 5 --pad same",
    "conv --input 8x8x3 --filters 4 --kernel 2 --stride 2 --transpose",
    "pool --input 112x112x64 --kernel 3 --stride 2 --ceil",
    "fc --input 7x7x512 --units 4096",
    "solve --input 7 --output 7 --kernel 3 --stride 1",
    "solve --input 8 --output 8 --kernel 4 --stride 1",
    "solve --input 7 --output 9 --stride 1 --pad 0",
    "solve --input 2 --kernel 5 --stride 1 --pad 0",
    "solve --output 4 --kernel 3 --stride 2 --pad 0",
    "solve --input 7 --output 1 --kernel 3 --pad 0",
    "solve --input 7 --output 4 --kernel 3 --pad 0",
    'convolve --input "1 2; 3 4" --kernel "1 0; 0 1" --bias 2 --pad 1 --steps',
    'convolve --input "1 2; 3 4" --pool max --kernel 2 --steps',
    "fit resnet50 --memory 24GiB --train",
    "fit resnet50 --memory 4GiB --what input",
    "budget squeezenet --max-params 1.5M --max-peak 20MB",
    "sweep lenet5 --input 32,64",
    "conventions",
    "identify resnet50 3.8G",
    "reconcile torchvision/resnet50 torchinfo macs",
    "diff vgg11 vgg13",
    "validate alexnet lenet5",
    "check alexnet conv1 params 34848 --hints --reveal",
    "check vgg16 conv1_1 output 112x112x64 --hints",
    "quiz --seed 7 --count 20 --level 2",
    "lecture alexnet-parameters",
    "lecture --check",
    "conventions thop",
    "conventions fvcore",
]
"""A line for each command that has a language, and for each kind of note."""


@cache
def quoted() -> tuple[str, ...]:
    """What is quoted as it is printed: titles, sources and what a source says; the longest first."""
    found = {text for one in conventions() for text in (one.used_by, one.source, *one.notes)}
    found |= {text for entry in entries() for text in (entry.source, entry.title)}
    found |= {
        term.formula_words for one in conventions() for term in (*one.parameters, *one.operations)
    }
    for name in lectures.names():
        table = lectures.read(name)
        found |= {table.section, table.lecture, table.cited}
        found |= {text for row in table.rows for text in row.labels}
        found |= {cell.text for row in table.rows for cell in row.cells}
        found |= {column.header.text("ko") for column in table.columns}
    claims = cnncalc.load("resnet50").spec.claims
    found |= {text for claim in claims for text in (claim.source, claim.why)}
    return tuple(sorted(filter(None, found), key=len, reverse=True))


def english(text: str) -> list[str]:
    """The runs of three English words or more, without what is quoted."""
    for quote in quoted():
        text = text.replace(quote, "")
    text = re.sub("et al[.]|cnncalc [a-z0-9. ]+|'[^']*'", "", text)
    return re.findall(r"(?<![\w/-])[A-Za-z]{2,}(?: [a-z]{1,}){2,}(?![\w/])", text)


WRONG = """layer,output,params,macs,memory,receptive field
conv1,55x55,>= 34944,abc,1e400,11
pool1,27x27x97,0T,-5,?,3.5
conv2,"(None, 27, 27, 256)",614.656,34.9 apples,12*,1/0
conv3,13 x 13 x 384 x 2 x 3 x 4 x 5 x 6 x7,"885120 or 5","5,5 billion",1 GB,x
conv4,,"1,2",5%,1.2.3.4,-3
conv5,13x13x0,"4,5",24M=,99999999999999999999999999999999999,163x163x3
nolayer,1,2,3,4,5
,1,2,3,4,5
conv1,55x55x96,34944,105415200,1161600,11
total,1000,60M,1.1G,3MB,
"""
"""A sheet with every kind of cell that cannot be read, and rows that cannot be found."""
FILES = {
    "wrong.csv": WRONG,
    "hw.yaml": """title: t
questions:
  - {id: q1, network: alexnet, layer: conv1, quantity: output, points: 2}
  - {id: q2, network: alexnet, layer: total, quantity: params}
  - {id: q3, network: alexnet, layer: conv2, quantity: macs}
""",
    "kim.yaml": "q1: 54x54x96\nq2: 60M\nq3: abc\nq9: 5\n",
    "lee.csv": 'id,answer\nq1,"55 x 55"\nq2,62M\nq3,\n',
    "park.pdf": "%PDF-1.4",
    "choi.ipynb": '{"cells": [], "nbformat": 4}',
    "jung.html": "<html><table></table></html>",
    "kang.csv": "\0\1",
    "empty.csv": "",
}
ON_FILES = [
    "check alexnet wrong.csv --hints",
    "check alexnet wrong.csv --hints --reveal --format json",
    "check --homework hw.yaml kim.yaml lee.csv park.pdf choi.ipynb jung.html kang.csv empty.csv none.csv --hints",
    "check --homework hw.yaml kim.yaml park.pdf --format gradescope --hints",
    "check alexnet conv1 params 60M --hints",
    "check alexnet conv1 params 23296 --hints",
    "check alexnet nolayer params 5",
    "check alexnet conv1 nothing 5",
    "check nonet conv1 params 5",
    "params alexnet --input 10",
    "params resnet50 --set foo=1",
    "params resnet50 --convention nope",
    "params resnet50 --format nope",
    "convert nonet",
    "spec nonet",
    "schema nothing",
    "lecture nope",
    "identify alexnet 60M",
    "identify vgg16 138M",
    "identify alexnet 12abc",
    "identify torchvision/resnet50 4.11G",
    "reconcile resnet50 resnet101",
    "solve --input 7",
    "quiz --seed 3 --count 4 --level 3 --network resnet18",
    *(f"lecture {name}" for name in sample(lectures.names(), 20)),
]
"""Lines about files and mistakes, and tables of the lectures."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files."""
    path = tmp_path_factory.mktemp("korean")
    for name, text in FILES.items():
        (path / name).write_text(text, "utf-8")
    return path


@pytest.mark.parametrize("line", [*COMMAND_LINES, *ON_FILES])
def test_a_korean_answer_has_no_english_sentence(
    line: str, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.chdir(folder)
    main([*shlex.split(line), "--lang", "ko"])
    shown = capsys.readouterr()
    assert re.search("[가-힣]", shown.out + shown.err)
    assert not english(shown.out + shown.err)


def test_every_command_has_a_language() -> None:
    for name in COMMANDS:
        module, function = COMMANDS[name].target.split(":")
        parameters = __import__(f"cnncalc.cli.{module}", fromlist=[function])
        code = getattr(parameters, function).__code__
        assert "lang" in code.co_varnames, name
