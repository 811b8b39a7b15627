"""What is said of bad specs. `tests/errors/*.yaml` say it themselves, at the end of the guilty line:

    - conv: {filters: 8, kernel: 3, strid: 2}  # error col=33: 'strid' is not a field of conv; did you mean 'stride'?
    - cnv: {filters: 8}  # error col=5: there is no op or block 'cnv'; hint: did you mean 'conv'?

`# error col=COLUMN: MESSAGE` and, where there is a hint, `; hint: HINT`; several on a line stand one after another. The
whole set of (line, column, message, hint) is compared, so a line without a comment must be clean. A spec that loads is
held to its claims. Where no comment can stand, as in a file of junk, the case is in TEXTS or BYTES below.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path

import pytest
from extent import sample

import cnncalc
from cnncalc.cli import main
from cnncalc.spec.file import read_spec
from cnncalc.spec.graph import require_known
from cnncalc.text.source import Problem, Source
from cnncalc.text.yaml_tree import parse_yaml

HERE = Path(__file__).parent
ROOT = HERE.parent
FILES = sorted((HERE / "errors").glob("*.yaml"))
SPECS = sorted((ROOT / "specs").rglob("*.yaml"))
COMMENT = re.compile(r"# error col=(\d+): (.*?)(?:; hint: (.*?))?(?=  # error |$)")

Said = tuple[int, int, str, str]
"""Line, column, message, hint."""


def problems_of(load: Callable[[], cnncalc.Network]) -> tuple[Problem, ...]:
    """What is wrong with a spec: with its text, or with its claims."""
    try:
        net = load()
    except cnncalc.SpecError as error:
        return error.problems
    return tuple(verdict.problem for verdict in net.check_claims() if verdict.problem is not None)


def said(problems: tuple[Problem, ...]) -> list[Said]:
    return sorted((one.line, one.column, one.message, one.hint) for one in problems)


def expected(text: str) -> list[Said]:
    """What the comments of a file expect."""
    return sorted(
        (number, int(match[1]), match[2], match[3] or "")
        for number, line in enumerate(text.split("\n"), 1)
        for match in COMMENT.finditer(line)
    )


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_bad_spec_is_told_what_its_comments_say(path: Path) -> None:
    problems = problems_of(lambda: cnncalc.load(path))
    assert said(problems) == expected(path.read_text(encoding="utf-8"))
    assert {one.file for one in problems} == {str(path)}


def test_every_bad_spec_expects_something() -> None:
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        assert len(expected(text)) == text.count("# error col=") > 0, path


CHAIN = "".join(f"  b{number}: {{layers: [b{number + 1}]}}\n" for number in range(50))
NESTED = "".join(
    f"  b{number}: {{layers: [b{number - 1}, b{number - 1}]}}\n" for number in range(1, 30)
)

TEXTS: dict[str, tuple[str, list[Said]]] = {
    "nothing": (
        "",
        [(1, 1, "there is no spec in this file", "a spec has input: 224x224x3 and layers: [...]")],
    ),
    "only a marker": (
        "---\n",
        [(1, 1, "there is no spec in this file", "a spec has input: 224x224x3 and layers: [...]")],
    ),
    "a brace that is still open at the end": (
        "input: 5x5x4\nlayers:\n  - conv: {filters: 8, kernel: 3",
        [(3, 11, "this is not valid YAML: this '{' is not closed", "a '}' is missing")],
    ),
    "a bracket that is still open at the end": (
        "input: 5x5x4\nlayers: [\n",
        [
            (
                3,
                1,
                "this is not valid YAML: the file ends where a value is expected",
                "close the brackets and the quotes",
            )
        ],
    ),
    "a quote that is not closed": (
        "title: 'abc\ninput: 5x5x4\nlayers: [relu]\n",
        [
            (
                1,
                8,
                "this is not valid YAML: this quote is not closed",
                "put the same quote at the end of the text",
            )
        ],
    ),
    "no key on the line above": (
        "input 5x5x4\nlayers: [relu]\n",
        [
            (
                1,
                1,
                "this is not valid YAML: this line has no key",
                "write key: value, with a space after the ':'",
            )
        ],
    ),
    "no space after the dash above": (
        "input: 5x5x4\nlayers:\n  -relu\n  -conv: {filters: 3, kernel: 3}\n",
        [(3, 3, "this is not valid YAML: a space is missing after this '-'", "write - relu")],
    ),
    "two layers that YAML reads as one text": (
        "input: 5x5x4\nlayers:\n  - relu\n   - relu\n",
        [
            (
                3,
                5,
                "there is no op or block 'relu - relu'",
                "a layer stands on a line of its own: - relu: {...}, with a space after '-' and ':'",
            )
        ],
    ),
    "a block text that is none": (
        "title: |x\n  abc\n",
        [
            (
                1,
                9,
                "this is not valid YAML: expected chomping or indentation indicators, but found 'x'",
                "check the indentation, the quotes and the brackets here",
            )
        ],
    ),
    "a comma between lines": (
        "params: {a: 1\n         b: 2}\ninput: 5x5x4\nlayers: [relu]\n",
        [
            (
                1,
                9,
                "this is not valid YAML: this '{' is not closed before line 2",
                "a '}' or a ',' is missing",
            )
        ],
    ),
    "a control character": (
        "input: 5x5x4\nlayers: [re\x07lu]\n",
        [
            (
                2,
                12,
                "this is not a text file (a control character, 0x07)",
                "save the spec as UTF-8 text",
            )
        ],
    ),
    "an invisible character": (
        "input: 5x5x4\nlayers: [re\ufefflu]\n",
        [(2, 12, "unexpected invisible character here (U+FEFF)", "delete it")],
    ),
    "a lone surrogate": (
        "input: 5x5x4\nlayers: [\ud800]\n",
        [(2, 10, "unexpected invisible character here (U+D800)", "delete it")],
    ),
    "a very long word": (
        f"input: 5x5x4\nlayers: [{'x' * 5000}]\n",
        [
            (
                2,
                10,
                f"there is no op or block '{'x' * 215} ... {'x' * 149}'",
                "it may be an op, a block of the library, or one that you define under 'blocks:'",
            )
        ],
    ),
    "a word with control characters": (
        'input: 5x5x4\nlayers: ["re\\e[31m\\nlu"]\n',
        [
            (
                2,
                10,
                "there is no op or block 're\N{REPLACEMENT CHARACTER}[31m lu'",
                "it may be an op, a block of the library, or one that you define under 'blocks:'",
            )
        ],
    ),
    "fifty blocks, each in the one before": (
        f"blocks:\n{CHAIN}  b50: {{layers: []}}\ninput: 5x5x4\nlayers: [b0]\n",
        [
            (
                41,
                17,
                "layers are nested deeper than the limit of 40 lists, those in blocks counted",
                "",
            )
        ],
    ),
    "thirty blocks that double": (
        f"blocks:\n  b0: {{layers: []}}\n{NESTED}input: 5x5x4\nlayers: [b29]\n",
        [(17, 23, "this expands to more than the limit of 20,000 layers", "")],
    ),
    "two thousand problems": (
        "input: 5x5x4\nlayers:\n" + "- rleu\n" * 2000,
        [
            *(
                (number, 3, "there is no op or block 'rleu'", "did you mean 'relu'?")
                for number in range(3, 203)
            ),
            (
                202,
                3,
                "that makes 200 problems, the limit; the rest of the file was not checked",
                "fix these first",
            ),
        ],
    ),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_that_cannot_have_comments(name: str) -> None:
    text, wanted = TEXTS[name]
    assert said(problems_of(lambda: cnncalc.loads(text, name="net.yaml"))) == sorted(wanted)


def test_a_text_of_more_values_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cnncalc.text.yaml_tree.MAX_VALUES", 10)
    # The keys and the size are three values, so item number 11 - 3 of the list is one too many.
    assert said(
        problems_of(lambda: cnncalc.loads("input: 5x5x4\nlayers: [" + "1, " * 20 + "]\n"))
    ) == [
        (2, 10 + 3 * 7, "this file has more than the limit of 10 values", "use blocks and repeat")
    ]


NOT_UTF_8 = "save the spec as UTF-8 text"
BYTES: dict[str, tuple[bytes, list[Said]]] = {
    "junk": (
        b"\xc8\x13\xff\x00junk",
        [(1, 1, "this is not a UTF-8 text file (byte 0 is 0xc8)", NOT_UTF_8)],
    ),
    "zeros": (
        b"\0" * 100,
        [(1, 1, "this is not a text file (a control character, 0x00)", NOT_UTF_8)],
    ),
    "Korean in EUC-KR": (
        "# 신경망\n".encode("euc-kr") + b"input: 5x5x4\n",
        [(1, 3, "this is not a UTF-8 text file (byte 2 is 0xbd)", NOT_UTF_8)],
    ),
    "Latin 1": (
        b"input: 5x5x4\ntitle: r\xe9seau\n",
        [(2, 9, "this is not a UTF-8 text file (byte 21 is 0xe9)", NOT_UTF_8)],
    ),
    "UTF-16 without its mark": (
        "input: 5x5x4\n".encode("utf-16-le"),
        [(1, 2, "this is not a text file (a control character, 0x00)", NOT_UTF_8)],
    ),
    "half a character of UTF-16": (
        "layers: [relu]\n".encode("utf-16") + b"x",
        [(2, 1, "this is not a UTF-8 text file (byte 32 is 0x78)", NOT_UTF_8)],
    ),
    "17 MiB": (b"#" * (17 * 2**20), [(1, 1, "this file is larger than the limit of 16 MiB", "")]),
}


@pytest.mark.parametrize("name", BYTES)
def test_bytes_that_are_no_spec(name: str, tmp_path: Path) -> None:
    data, wanted = BYTES[name]
    path = tmp_path / "net.yaml"
    path.write_bytes(data)
    assert said(problems_of(lambda: cnncalc.load(path))) == wanted


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r", "\x85", "\u2028"])
def test_marks_and_line_ends_change_no_place(encoding: str, line_end: str, tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_bytes(
        line_end.join(["input: 5x5x4", "# 주석", "layers: [rleu]", ""]).encode(encoding)
    )
    wanted = [(3, 10, "there is no op or block 'rleu'", "did you mean 'relu'?")]
    assert said(problems_of(lambda: cnncalc.load(path))) == wanted
    text = path.read_bytes().decode(encoding)
    assert said(problems_of(lambda: cnncalc.loads("\ufeff" + text))) == wanted


# --- how a problem is shown -----------------------------------------------------------------------------------------


def shown(text: str) -> str:
    with pytest.raises(cnncalc.SpecError) as caught:
        cnncalc.loads(text, name="net.yaml")
    return str(caught.value)


def test_the_first_line_is_for_editors_then_the_line_as_typed_a_caret_and_a_hint() -> None:
    assert shown("input: 5x5x4\nlayers:\n  - cnv: {filters: 64}\n") == (
        "net.yaml:3:5: error: there is no op or block 'cnv'\n"
        "    - cnv: {filters: 64}\n"
        "      ^^^\n"
        "  hint: did you mean 'conv'?"
    )


def test_a_misspelt_field_is_shown_as_the_design_has_it() -> None:
    assert shown("input: 5x5x4\nlayers:\n- conv: {kernal: 3, filters: 64}\n") == (
        "net.yaml:3:10: error: 'kernal' is not a field of conv; did you mean 'kernel'?\n"
        "  - conv: {kernal: 3, filters: 64}\n"
        "           ^^^^^^"
    )


def test_the_caret_stands_under_what_is_meant_behind_wide_characters() -> None:
    # 39 characters stand before the word; five of them are Hangul syllables, which take two columns of a terminal each.
    assert shown("{title: 작은 신경망, input: 5x5x4, layers: [rleu]}\n").split("\n")[:3] == [
        "net.yaml:1:40: error: there is no op or block 'rleu'",
        "  {title: 작은 신경망, input: 5x5x4, layers: [rleu]}",
        "  " + " " * 44 + "^^^^",
    ]


@pytest.mark.parametrize(
    ("before", "columns"),
    [
        ("가나", 4),
        ("\u1100\u1161", 2),
        ("é", 1),
        ("e\u0301", 1),
        ("ｆ", 2),
        ("😀", 2),
        ("\t", 1),
        ("\u00a0", 1),
        ("漢字", 4),
    ],
    ids=ascii,
)
def test_the_width_of_what_stands_before_the_caret(before: str, columns: int) -> None:
    line, caret = shown(f"title: a\nlayers: []\n'{before}x': 3\ninput: 5x5x4\n").split("\n")[1:3]
    assert line.startswith("  '")
    assert caret == "  " + "^" * (2 + columns + 1)


def test_a_problem_in_a_block_shows_where_it_was_used_the_nearest_first() -> None:
    text = (
        "blocks:\n"
        "  outer: {layers: [inner]}\n"
        "  inner: {layers: [conv: {filters: 8, kernel: 7}]}\n"
        "input: 5x5x4\n"
        "layers:\n"
        "  - outer\n"
        "  - outer: {from: input}\n"
    )
    assert shown(text) == (
        "net.yaml:3:47: error: outer1/inner1/conv1: the map vanishes: the kernel (7) is larger than the height of the "
        "input, 5 (the input is 5x5x4)\n"
        "    inner: {layers: [conv: {filters: 8, kernel: 7}]}\n"
        "                                                ^\n"
        "  used at net.yaml:2:20: outer: {layers: [inner]}\n"
        "  used at net.yaml:6:5: - outer\n"
        "  hint: use a larger input, more padding, or a smaller kernel"
    )


def test_a_problem_in_a_library_block_shows_the_line_there_and_the_use() -> None:
    lines = shown(
        "input: 1x1x4\nlayers:\n  - inception: {c1: 0, r3: 1, c3: 1, r5: 1, c5: 1, pool: 1}\n"
    ).split("\n")
    path = ROOT / "specs" / "blocks" / "inception.yaml"
    number = next(
        n for n, line in enumerate(path.read_text().split("\n"), 1) if "filters: c1" in line
    )
    assert re.match(
        rf"{re.escape(str(path))}:{number}:\d+: error: inception1/c1: filters: expected a whole number of "
        r"at least 1, not 0 \(from 'c1'\)",
        lines[0],
    )
    assert lines[3] == (
        "  used at net.yaml:3:5: - inception: {c1: 0, r3: 1, c3: 1, r5: 1, c5: 1, pool: 1}"
    )


def test_the_problems_stand_in_the_order_of_the_file() -> None:
    problems = problems_of(lambda: cnncalc.load(HERE / "errors" / "several_at_once.yaml"))
    places = [one.used[0].line if one.used else one.line for one in problems]
    assert places == sorted(places)
    assert len(places) == 11


def test_a_long_line_is_cut_to_a_window_around_the_caret() -> None:
    first, line, caret, *_ = shown("input: 5x5x4\nlayers: [" + "relu, " * 500 + "rleu]\n").split(
        "\n"
    )
    assert first.startswith("net.yaml:2:3010: error:")
    assert len(line) < 165
    assert line[caret.index("^") : caret.rindex("^") + 1] == "rleu"


def test_the_same_problem_is_told_once() -> None:
    text = "input: 5x5x4\nlayers:\n- &bad {rleu: }\n" + "- *bad\n" * 300
    assert said(problems_of(lambda: cnncalc.loads(text))) == [
        (3, 9, "there is no op or block 'rleu'", "did you mean 'relu'?")
    ]


# --- the two parsers ------------------------------------------------------------------------------------------------


def test_both_yaml_parsers_give_the_same_tree_and_the_same_problems() -> None:
    for path in sample([*FILES, *SPECS], 100):
        source = Source(str(path), path.read_text(encoding="utf-8"))
        assert parse_yaml(source) == parse_yaml(source, pure=True), path


def _network(source: Source, pure: bool) -> cnncalc.Network:
    return cnncalc.Network(read_spec(source, pure=pure))


@pytest.mark.parametrize("name", [name for name, (text, _) in TEXTS.items() if len(text) < 50_000])
def test_both_yaml_parsers_say_the_same_of_texts(name: str) -> None:
    source = Source("net.yaml", TEXTS[name][0])
    assert parse_yaml(source) == parse_yaml(source, pure=True)
    both = [problems_of(partial(_network, source, pure)) for pure in (False, True)]
    assert both[0] == both[1]


# --- the command line -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sample(FILES, 40), ids=lambda path: path.stem)
def test_the_command_refuses_with_code_2_on_standard_error(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["validate", "--quiet", str(path)])
    out, err = capsys.readouterr()
    assert code == (1 if path.stem in ("claims_missed", "claims_of_a_vector") else 2)
    assert not out
    assert f"{path}:" in err
    assert ": error: " in err
    assert "Traceback" not in err


REFUSED: dict[str, tuple[str, str]] = {
    "a folder": (
        "params {here}",
        "{here}:1:1: error: this is a folder, not a spec file\n  hint: name a .yaml file in it",
    ),
    "no file": (
        "params {here}/none.yaml",
        "{here}/none.yaml:1:1: error: cannot read this file: no such file or directory",
    ),
    "a file for a folder": (
        "params {here}/empty.yaml/net.yaml",
        "{here}/empty.yaml/net.yaml:1:1: error: cannot read this file: not a directory",
    ),
    "an empty file": (
        "params {here}/empty.yaml",
        "{here}/empty.yaml:1:1: error: there is no spec in this file\n"
        "  hint: a spec has input: 224x224x3 and layers: [...]",
    ),
    "no network": (
        "params vgg61",
        "NET:1:1: error: there is no network 'vgg61'\n  vgg61\n  ^^^^^\n  hint: did you mean",
    ),
    "a very long name": (f"params {'x' * 5000}", "NET:1:1: error: there is no network 'xxx"),
    "no size": (
        "shapes vgg16 --input 0",
        "--input:1:1: error: '0' is not a size\n  0\n  ^\n  hint: write numbers",
    ),
    "too many sizes": (
        "shapes vgg16 --input 1x2x3x4",
        "--input:1:1: error: 4 numbers are given; the network takes "
        "height×width×channels (224x224x3)",
    ),
    "no parameter": (
        "params vgg16 --set clases=10",
        "--set:1:1: error: the network has no parameter 'clases'\n"
        "  clases=10\n  ^^^^^^\n  hint: did you mean 'classes'?",
    ),
    "no value": ("params vgg16 --set classes=", "--set:1:9: error: a value is missing here"),
    "no assignment": (
        "params vgg16 --set classes",
        "--set:1:1: error: 'classes' is not NAME=VALUE",
    ),
    "a name for a value": (
        "params vgg16 --set classes=channels",
        "--set:1:9: error: 'channels' is not a value",
    ),
    "set twice": (
        "params vgg16 --set classes=1 --set classes=2",
        "--set:1:1: error: 'classes' is set twice",
    ),
    "no convention": (
        "flops vgg16 --convention paper",
        "--convention:1:1: error: there is no convention 'paper'",
    ),
    "no format": ("params vgg16 --format jsn", "--format:1:1: error: --format cannot be 'jsn'"),
    "a huge batch": (
        "memory vgg16 --batch " + "9" * 4290,
        "--batch:1:1: error: --batch is beyond the limit of 1,000,000,000,000",
    ),
    "no batch": ("memory vgg16 --batch 0", "--batch:1:1: error: --batch is at least 1, not 0"),
    "no place to write": (
        "params vgg16 -o {here}/none/x.txt",
        "-o:1:1: error: cannot write {here}/none/x.txt: no such file or directory",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_command_that_is_given_no_spec(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty.yaml").touch()
    command, wanted = REFUSED[name]
    assert main([word.format(here=tmp_path) for word in command.split()]) == 2
    out, err = capsys.readouterr()
    assert not out
    assert err.startswith(wanted.format(here=tmp_path))
    assert "Traceback" not in err


@pytest.mark.skipif(
    sys.platform in ("win32", "emscripten") or os.geteuid() == 0, reason="root may read every file"
)
def test_a_file_that_may_not_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "net.yaml"
    path.write_text("input: 5x5x4\nlayers: [relu]\n")
    path.chmod(0)
    assert main(["params", str(path)]) == 2
    assert (
        capsys.readouterr().err == f"{path}:1:1: error: cannot read this file: permission denied\n"
    )


@pytest.mark.skipif(sys.platform == "emscripten", reason="there are no processes")
def test_a_process_ends_with_code_2_and_no_traceback() -> None:
    text = "input: 5x5x4\nlayers:\n  - conv: {filters: 8, kernel: 7}\n  - rleu\n"
    done = subprocess.run(
        [sys.executable, "-m", "cnncalc", "params", "-"],
        input=text,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "-:3:32: error: conv1: the map vanishes: the kernel (7) is larger than the height of the input, 5 (the input "
        "is 5x5x4)\n"
        "    - conv: {filters: 8, kernel: 7}\n"
        "                                 ^\n"
        "  hint: use a larger input, more padding, or a smaller kernel\n"
        "-:4:5: error: there is no op or block 'rleu'\n"
        "    - rleu\n"
        "      ^^^^\n"
        "  hint: did you mean 'relu'?\n"
    )


# --- every kind of problem has a case -------------------------------------------------------------------------------

READERS = (
    "counts/claims",
    *(
        f"{path.parent.name}/{path.stem}"
        for room in ("text", "ops", "spec")
        for path in sorted((ROOT / "cnncalc" / room).glob("*.py"))
        if path.stem not in ("graph", "numbers", "overrides", "part", "quantities", "schema")
    ),
)
"""The modules that read and walk specs."""

WITH_CODE = {"Problem": 1, "problem": 1, "report": 1, "fail": 1, "single_problem": 4}
"""What makes a problem, and where the code stands among its arguments."""
WITH_MESSAGE = {
    **dict.fromkeys(("Problem", "problem", "report", "fail", "report_share", "single_problem"), 2),
    **dict.fromkeys(("ExpressionError", "FieldError", "OpError"), 0),
}
"""The same of the message."""

OUR_BUGS = {"this file must hold the block '…'"}
"""Messages that nobody sees unless a file that ships with cnncalc is broken."""


def messages(node: ast.expr) -> Iterator[str]:
    """The texts that an expression may give, with … for what is put in."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(
            str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values
        )
    elif isinstance(node, ast.IfExp):
        yield from messages(node.body)
        yield from messages(node.orelse)
    elif isinstance(node, ast.BinOp):
        yield from (
            left + right
            for left in messages(node.left)
            for right in (list(messages(node.right)) or ["…"])
        )


def calls(places: dict[str, int]) -> Iterator[tuple[str, ast.expr]]:
    """Of each call of these functions in READERS, where it is and the argument asked for."""
    for name in READERS:
        for node in ast.walk(
            ast.parse((ROOT / "cnncalc" / f"{name}.py").read_text(encoding="utf-8"))
        ):
            if isinstance(node, ast.Call):
                function = (
                    node.func.attr
                    if isinstance(node.func, ast.Attribute)
                    else getattr(node.func, "id", "")
                )
                given = node.args[places[function] :][:1] if function in places else []
                given += [
                    key.value for key in node.keywords if key.arg == "code" and places is WITH_CODE
                ]
                yield from ((f"{name}:{node.lineno}", one) for one in given)


def strict(net: cnncalc.Network) -> cnncalc.Network:
    """A network as `--strict` takes it."""
    require_known(net.graph)
    return net


@cache
def all_problems() -> tuple[Problem, ...]:
    """What is said of all bad specs."""
    loads: list[Callable[[], cnncalc.Network]] = [partial(cnncalc.load, path) for path in FILES]
    loads += [partial(cnncalc.loads, text) for text, _ in TEXTS.values() if len(text) < 50_000]
    unknown = "input: 4x4x3\nlayers: [unknown: {of: acme, output: 4x4x8}]"
    loads.append(lambda: strict(cnncalc.loads(unknown)))
    return tuple(problem for load in loads for problem in problems_of(load))


def test_every_code_of_a_problem_has_a_case(tmp_path: Path) -> None:
    known = {one.code for one in all_problems()}
    for name, (data, _) in BYTES.items():
        path = tmp_path / f"{name}.yaml"
        path.write_bytes(data)
        known |= {one.code for one in problems_of(partial(cnncalc.load, path))}
    known |= {one.code for one in problems_of(lambda: cnncalc.load(tmp_path))}
    written = {one.value for _, one in calls(WITH_CODE) if isinstance(one, ast.Constant)}
    assert {"yaml", "limit", "shape"} < written
    assert written - known == set()


def test_every_message_has_a_case() -> None:
    told = {one.message for one in all_problems()}
    told |= {message for _, wanted in BYTES.values() for _, _, message, _ in wanted}
    told |= {
        line.split(": error: ")[-1] for _, wanted in REFUSED.values() for line in wanted.split("\n")
    }
    told.add("this file has more than the limit of 10 values")
    told |= {message for _, wanted in TEXTS.values() for _, _, message, _ in wanted}

    def is_told(message: str) -> bool:
        pattern = re.compile(".*".join(map(re.escape, message.split("…"))), re.DOTALL)
        return message in OUR_BUGS or not message.strip("…") or any(map(pattern.search, told))

    assert [
        (place, one)
        for place, node in calls(WITH_MESSAGE)
        for one in messages(node)
        if not is_told(one)
    ] == []
