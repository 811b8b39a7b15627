"""The promise of docs/limits.md, on every input that once broke it: whole processes, limited from outside.

Any input gets a clear message and exit code 2, in under 2 s of CPU time and 500 MB of address space, loses nothing that
is on disk, and nothing that it contains acts on the reader's terminal. Inputs that are merely large may be answered
instead, within the same limits.
"""

from __future__ import annotations

import atexit
import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from homework.test_bounds import BOMBS, DAMAGES, HEAD, ROWS, crafted
from homework.test_bounds import HOSTILE as TEXT_SHEETS
from models import onnx_files as onnx

from cnncalc.cli import main
from cnncalc.tables import FORMATS

ROOT = Path(__file__).parent.parent
PROMISED_SECONDS = 2.0
MOST_SECONDS = 4
"""Where a process is stopped: a machine that does other work meanwhile takes as much longer."""
MOST_BYTES = 500 * 2**20


class Ran(NamedTuple):
    """What a command line left: its exit code, its output and errors, and its CPU time in seconds."""

    returncode: int
    stdout: bytes
    stderr: bytes
    seconds: float = 0.0


@cache
def server() -> subprocess.Popen[str]:
    """The process that command lines are forked from."""
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).parent / "fork_server.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    atexit.register(process.kill)
    return process


@cache
def slowness() -> float:
    """How much slower this machine is at the moment than one on which the promise was measured, or 1."""
    start = time.process_time()
    for _ in range(5):
        known: dict[tuple[int, int], int] = {}
        for number in range(20_000):
            known[number % 57, number % 61] = known.get((number % 57, number % 61), 0) + number
    return max(1.0, (time.process_time() - start) / 0.035)


def run(words: Sequence[str | bytes], folder: Path) -> Ran:
    """Run a command line in a folder, within the limits."""
    process = server()
    assert process.stdin is not None
    assert process.stdout is not None
    asked = {"words": [os.fsdecode(word) for word in words], "folder": str(folder)}
    print(
        json.dumps({**asked, "seconds": MOST_SECONDS, "bytes": MOST_BYTES}),
        file=process.stdin,
        flush=True,
    )
    answer = json.loads(process.stdout.readline())
    out, err = (folder / ".out", folder / ".err")
    ran = Ran(answer["code"], out.read_bytes(), err.read_bytes(), answer["seconds"])
    out.unlink()
    err.unlink()
    return ran


def run_alone(words: Sequence[str], folder: Path, **environment: str) -> Ran:
    """Run a command line in a new process with an environment of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "cnncalc", *words],
        cwd=folder,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def keeps_promise(ran: Ran, *codes: int) -> None:
    """Assert the exit code, the time, a message that is no traceback, and that nothing acts on a terminal."""
    out, err = ran.stdout.decode(), ran.stderr.decode()
    assert "Traceback" not in err, err[-2000:]
    assert ran.seconds <= PROMISED_SECONDS * slowness()
    assert ran.returncode in codes, (ran.returncode, err[-2000:])
    assert err or ran.returncode != 2
    assert not err.startswith(
        ("cannot write standard output", "cannot use ")
    )  # an OSError got away
    assert all(char == "\n" or char.isprintable() for char in out + err)


class Case(NamedTuple):
    """A hostile input: the file and its text or bytes, the command line, and the exit codes that keep the promise."""

    words: list[str]
    text: str | bytes = ""
    file: str = "x.yaml"
    codes: tuple[int, ...] = (2,)


ANSWERED = (0, 1, 2)
HUGE = "9" * 4290
CHAIN = (
    "input: 8x8x3\nlayers:\n"
    "  - repeat: {times: TIMES, name: r, layers: [conv: {filters: 3, kernel: 3, pad: same}]}\n"
)
FRACTIONS = "\n".join(
    " ".join(f"1/{10**17 + 60 * row + column}" for column in range(60)) for row in range(60)
)


def chain(times: int, more: str = "") -> str:
    """A spec of so many layers."""
    return CHAIN.replace("TIMES", str(times)) + more


def claims(count: int) -> str:
    """Claims, each for an input of its own."""
    return "claims:\n" + "".join(f"  - {{input: {8 + n}x8x3, params: 5}}\n" for n in range(count))


CASES = {
    # specs and options that took long
    "a list of relus": Case(["params", "x.yaml"], "input: 4\nlayers:\n" + "- relu\n" * 900_000),
    "unknown fields": Case(
        ["params", "x.yaml"],
        "input: 4\nlayers:\n- fc: {" + ", ".join(f"f{n}: 1" for n in range(450_000)) + "}\n",
    ),
    "many keys": Case(["params", "x.yaml"], "".join(f"k{n}: 1\n" for n in range(490_000))),
    "unknown from": Case(
        ["params", "x.yaml"],
        "input: 4\nlayers:\n" + "".join(f"- fc: {{units: 1, from: a{n}}}\n" for n in range(100_000)),
    ),
    "many params": Case(
        ["params", "x.yaml"],
        "params:\n" + "".join(f"  p{n}: {n}\n" for n in range(20_000)) + "input: 4\nlayers: [relu]\n",
    ),
    "claims with own input": Case(["validate", "x.yaml"], chain(9_000, claims(50))),
    "3,000 claims with own input": Case(["validate", "x.yaml"], chain(9_000, claims(3_000))),
    "100,000 claims": Case(["validate", "x.yaml"], chain(2, claims(100_000))),
    "identify in 9,000 layers": Case(["identify", "x.yaml", "3.8G"], chain(9_000), codes=ANSWERED),
    "reconcile 3,000 layers": Case(["reconcile", "x.yaml", "thop", "macs"], chain(3_000), codes=ANSWERED),
    "a quiz on 15,000 layers": Case(["quiz", "--network", "x.yaml"], chain(15_000), codes=ANSWERED),
    "9,000 layers against themselves": Case(["diff", "x.yaml", "x.yaml"], chain(9_000), codes=(0,)),
    "1,990 skip connections, drawn": Case(
        ["draw", "x.yaml", "-o", "x.svg"],
        "input: 8x8x3\nlayers:\n  - relu: {name: a}\n  - concat: {name: c0, from: [a, a]}\n"
        + "".join(f"  - concat: {{name: c{n}, from: [a, c{n - 1}]}}\n" for n in range(1, 1_990)),
        codes=(0,),
    ),
    "1,990 sides, drawn": Case(
        ["draw", "x.yaml", "-o", "x.svg"],
        "input: 8x8x3\nlayers:\n"
        + "".join(f"  - side: {{name: s{n}, layers: [relu]}}\n" for n in range(1_990))
        + "  - relu\n",
        codes=(0,),
    ),
    "90,000 rows": Case(["params", "x.yaml"], chain(90_000)),
    **{
        f"20,000 rows as {style}": Case(["params", "x.yaml", "--format", style], chain(19_990), codes=(0,))
        for style in FORMATS
    },
    "fractions": Case(["convolve", "--input", "x.txt", "--kernel", "x.txt"], FRACTIONS, "x.txt"),
    "many digits": Case(["convolve", "--input", "1/3 1", "--kernel", "1", "--digits", "1000000000"]),
    "5,000 digits": Case(["convolve", "--input", "1/3 1", "--kernel", "1", "--digits", "5000"]),
    "a sum of fractions": Case(
        ["convolve", "--input", "x.txt", "--kernel", "y.txt"],
        " ".join(f"1/{10**18 + 2 * n + 1}" for n in range(600)),
        "x.txt",
    ),
    # explain behind a reshape, and pads
    "explain behind a reshape": Case(
        ["explain", "x.yaml", "conv1"],
        "input: 4x4x2\nlayers: [reshape: 4x8, conv: {filters: 1, kernel: 3}]\n",
        codes=(0,),
    ),
    "a pad with a blank": Case(
        ["solve", "--input", "4", "--kernel", "5", "--stride", "2", "--pad", " same"], codes=(0, 2)
    ),
    # huge numbers
    "a huge batch": Case(["memory", "alexnet", "--batch", HUGE]),
    "a batch of 400 digits": Case(["check", "alexnet", "conv1", "memory", "5", "--batch", "9" * 400]),
    "an input behind zeros": Case(["params", "alexnet", "--input", "0" * 20 + "1" + "9" * 5000]),
    "a homework's batch": Case(
        ["check", "--homework", "x.yaml", "y.csv"],
        "questions:\n- {id: a, text: t, network: alexnet, layer: conv1, quantity: memory, batch: "
        + "9" * 5000 + "}\n",
    ),
    "a long answer": Case(["check", "alexnet", "conv1", "params", "9" * 300], codes=(1,)),
    "a long name": Case(["convolve", "--input", "a" * 300, "--kernel", "1"]),
    "a surrogate as title": Case(
        ["params", "x.yaml"], 'title: "\\ud800"\ninput: 4\nlayers: [relu]\n', codes=(0, 2)
    ),
    "a roster of a block mark": Case(
        ["quiz", "--roster", "x.txt", "-o", "sheets", "--key", "keys"], "|-", "x.txt"
    ),
    "an empty roster": Case(["quiz", "--roster", "x.csv", "-o", "sheets", "--key", "keys"], "\n\n", "x.csv"),
    "a seed that is no text": Case(["quiz", "--seed", "\udcff"]),
    "a homework's network of a long name": Case(
        ["check", "--homework", "x.yaml", "y.csv"],
        "questions:\n- {id: a, text: t, network: " + "n" * 300 + ".yaml, layer: conv1, quantity: params}\n",
    ),
    # text sheets and YAML sheets
    "100,000 unknown layers in YAML": Case(
        ["check", "alexnet", "x.yaml"], "".join(f"layer{n}: {{params: 1}}\n" for n in range(100_000))
    ),
    "unknown rows against resnet152": Case(
        ["check", "torchvision/resnet152", "x.csv"],
        "layer,params\n" + "".join(f"nonvolution{n},1\n" for n in range(9_990)),
        "x.csv",
        (1, 2),
    ),
    "15 MB of pipes": Case(["check", "alexnet", "x.md"], "|" * 15_000_000, "x.md"),
    "a surrogate as answer": Case(["check", "alexnet", "x.yaml"], 'conv1: {params: "\\ud800"}\n', codes=(1, 2)),
    # a cut corner of YAML
    "a bang": Case(["params", "x.yaml"], "input: 4x4x1\nlayers: [fc: {name: !, units: 2}]\n", codes=(0, 2)),
    "64 deep": Case(["params", "x.yaml"], "[" * 5000),
    "an archive of another kind": Case(["params", "x.yaml"], b"PK\x03\x04" + b"\0" * 1000),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_input_keeps_the_promise(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    data = case.text.encode() if isinstance(case.text, str) else case.text
    (tmp_path / case.file).write_bytes(data)
    (tmp_path / "y.txt").write_text(" ".join(["1"] * 600))
    (tmp_path / "y.csv").write_text("id,answer\na,1\n")
    keeps_promise(run(list(case.words), tmp_path), *case.codes)
    assert (tmp_path / case.file).read_bytes() == data


def styles(count: int) -> dict[str, str]:
    """A workbook with many styles, or many shared strings, as its further parts."""
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    return {
        "xl/styles.xml": f"<styleSheet {main}><cellXfs>{'<xf/>' * count}</cellXfs></styleSheet>",
        "xl/sharedStrings.xml": f"<sst {main}>{'<si><t>a</t></si>' * count}</sst>",
    }


@pytest.mark.parametrize("sheet", BOMBS.values(), ids=BOMBS)
def test_a_workbook_bomb_costs_itself_alone(sheet: str, tmp_path: Path) -> None:
    pytest.importorskip("openpyxl")
    crafted(tmp_path / "b.xlsx", sheet)
    with zipfile.ZipFile(tmp_path / "b.xlsx", "a", zipfile.ZIP_DEFLATED) as archive:
        for name, text in styles(1_000_000).items():
            archive.writestr(name, text)
    good = "layer,params\nconv1,34944\n"
    (tmp_path / "a.csv").write_text(good)
    (tmp_path / "c.csv").write_text(good)
    ran = run(["check", "alexnet", "a.csv", "b.xlsx", "c.csv", "--grades", "g.csv"], tmp_path)
    keeps_promise(ran, 2)
    grades = (tmp_path / "g.csv").read_text()
    assert [row.split(",")[0] for row in grades.split("\n")[1:4]] == ["a", "b", "c"]
    assert b"b.xlsx" in ran.stderr


GOOD_SHEET = "layer,params\nconv1,34944\n"


def graded_beside(folder: Path, files: Sequence[bytes]) -> Ran:
    """Grade sheets with a good one before and one behind them, and assert that these have their points."""
    for name in ("a.csv", "z.csv"):
        (folder / name).write_text(GOOD_SHEET)
    words = [b"a.csv", *files, b"z.csv", b"--grades", b"g.csv", b"--rows", b"conv1"]
    ran = run(["check", "alexnet", *words], folder)
    lines = (folder / "g.csv").read_text().splitlines()
    assert len(lines) == len(files) + 3
    assert [line.split(",")[2] for line in (lines[1], lines[-1])] == ["1", "1"]
    return ran


QUADRATIC = {
    "a line of blanks and a pipe": ("x.csv", " " * 20_000 + "|"),
    "60,000 blanks and a pipe": ("x.csv", " " * 60_000 + "|"),
    "a rule that ends in x": ("x.md", "|" + "-" * 20_000 + " " * 20_000 + "x"),
    "an open bracket and commas": ("x.csv", "(" + "," * 300_000),
    "quotes in quotes": ("x.csv", '"a""b",' * 20_000),
    "15 MB of pipes": ("x.md", "|" * 15_000_000),
    "headers of blanks": ("x.csv", ",".join([" " * 3_000 + "(" + " " * 3_000] * 190) + "\n"),
    "labels of 12 KB": ("x.csv", "layer,params\n" + "".join(f"{'conv' * 3_000}{n},1\n" for n in range(900))),
    "100,000 unknown layers": ("x.yaml", "".join(f"layer{n}: {{params: 1}}\n" for n in range(100_000))),
    "a label of 5,000 digits": ("x.csv", f"layer,params\nconv{'9' * 5_000},1\n"),
    **{name: ("x.csv", text) for name, text in TEXT_SHEETS.items()},
}  # fmt: skip


@pytest.mark.parametrize("name", QUADRATIC)
def test_a_text_sheet_costs_itself_alone(name: str, tmp_path: Path) -> None:
    file, text = QUADRATIC[name]
    (tmp_path / file).write_text(text)
    ran = graded_beside(tmp_path, [file.encode()])
    keeps_promise(ran, 2)
    assert file.encode() in ran.stderr


def test_damaged_workbooks_cost_themselves_alone(tmp_path: Path) -> None:
    pytest.importorskip("openpyxl")
    files = []
    for method in (zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2):
        for damage in DAMAGES:
            path = tmp_path / f"m{method}{damage.__name__}.xlsx"
            crafted(path, HEAD + ROWS + "</sheetData></worksheet>", method)
            path.write_bytes(damage(path.read_bytes()))
            files.append(path.name.encode())
    ran = graded_beside(tmp_path, files)
    keeps_promise(ran, 2)
    for file in files:
        assert file in ran.stderr


@pytest.mark.parametrize("option", ["--grades", "-o"])
def test_a_name_that_is_not_utf_8_is_a_name(option: str, tmp_path: Path) -> None:
    name = b"\xb1\xe8.csv"  # what a Korean Windows zip unpacks to
    try:
        (tmp_path / os.fsdecode(name)).write_text(GOOD_SHEET)
    except OSError:
        pytest.skip("the file system takes no such name")
    keeps_promise(graded_beside(tmp_path, [name]), 1, 0)
    ran = run(["check", "alexnet", "a.csv", name, option, "out", "--format", "csv"], tmp_path)
    keeps_promise(ran, 0, 1)
    assert "김" in (tmp_path / "out").read_text()


PIPES = [
    "params pipe",
    "validate pipe",
    "check alexnet pipe",
    "check alexnet a.csv pipe z.csv",
    "check --homework pipe a.csv",
    "quiz --roster pipe -o out",
    "quiz --network pipe",
    "convolve --input pipe.txt --kernel 1",
    "params alexnet -o pipe",
    "lecture pipe.yaml",
]


@pytest.mark.parametrize("line", PIPES)
def test_a_named_pipe_stops_nothing(line: str, tmp_path: Path) -> None:
    for name in ("pipe", "pipe.txt", "pipe.yaml"):
        os.mkfifo(tmp_path / name)
    for name in ("a.csv", "z.csv"):
        (tmp_path / name).write_text(GOOD_SHEET)
    keeps_promise(run(line.split(), tmp_path), 2)


def pool_of(count: int) -> bytes:
    """An ONNX file of so many convolutions."""
    nodes = [
        onnx.node("Conv", f"t{n} w", f"t{n + 1}", {"kernel_shape": (3, 3), "pads": (1, 1, 1, 1)})
        for n in range(count)
    ]
    return onnx.model(
        nodes, [onnx.weights("w", 3, 3, 3, 3)], {"t0": (1, 3, 32, 32)}, (f"t{count}",)
    )


@pytest.mark.parametrize(("count", "code"), [(19_990, 0), (49_990, 2)])
def test_an_onnx_file_at_its_limits(count: int, code: int, tmp_path: Path) -> None:
    (tmp_path / "x.onnx").write_bytes(pool_of(count))
    keeps_promise(run(["params", "x.onnx"], tmp_path), code)


@pytest.mark.parametrize(("side", "code"), [(182, 0), (400, 2), (2_800, 2)])
def test_convolve_at_its_limits(side: int, code: int, tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("\n".join([" ".join(["1"] * side)] * side))
    keeps_promise(
        run(["convolve", "--input", "x.txt", "--kernel", "1 0 1; 0 1 0; 1 0 1"], tmp_path), code
    )


@pytest.mark.parametrize("home", ["missing/folder", "locked"])
def test_a_home_that_cannot_be_written_is_done_without(home: str, tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir(mode=0o500)
    ran = run_alone(["list", "--search", "lenet5"], tmp_path, HOME=str(tmp_path / home))
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert b"lenet5" in ran.stdout
    assert os.listdir(tmp_path) == ["locked"]
    assert not os.listdir(tmp_path / "locked")


# ---- files that are there --------------------------------------------------------------------------------------------

SPEC = "input: 8x8x3\nlayers: [conv: {filters: 4, kernel: 3}]\n"
READERS = [
    "params x.yaml -o OUT",
    "summary x.yaml --format json -o OUT",
    "explain x.yaml conv1 -o OUT",
    "compare x.yaml lenet5 -o OUT",
    "diff x.yaml lenet5 -o OUT",
    "report x.yaml -o OUT",
    "identify x.yaml 112 -o OUT",
    "sweep x.yaml --input 8,9 -o OUT",
    "quiz --network x.yaml --count 1 -o OUT",
    "quiz --network x.yaml --count 1 --key OUT",
    "check x.yaml s.csv -o OUT",
    "check x.yaml s.csv --grades OUT",
]


@pytest.mark.parametrize("line", READERS)
@pytest.mark.parametrize("output", ["x.yaml", "d/../x.yaml", "link.yaml", "hard.yaml"])
def test_no_output_replaces_what_was_read(line: str, output: str, tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "x.yaml").write_text(SPEC)
    (tmp_path / "s.csv").write_text("layer,params\nconv1,112\n")
    (tmp_path / "link.yaml").symlink_to("x.yaml")
    (tmp_path / "hard.yaml").hardlink_to(tmp_path / "x.yaml")
    ran = run(line.replace("OUT", output).split(), tmp_path)
    keeps_promise(ran, 2)
    assert b"--force" in ran.stderr
    assert (tmp_path / "x.yaml").read_text() == SPEC


@pytest.mark.parametrize("key", ["folder/quiz.md", "link/quiz.md", "link/../folder/quiz.md"])
def test_a_key_does_not_replace_its_sheet(key: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("folder")
    ran = run(["quiz", "-o", "folder/quiz.md", "--key", key], tmp_path)
    keeps_promise(ran, 2)
    assert b"the sheet and the key cannot be one file" in ran.stderr


def test_a_read_only_file_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever may write everything, as in a container, is told by nobody: who may not is stood in for here."""
    path = tmp_path / "grades.csv"
    path.write_text("kept")
    monkeypatch.setattr(os, "access", lambda name, mode: mode != os.W_OK or Path(name) != path)
    assert main(["params", "alexnet", "-o", str(path)]) == 2
    assert "it is read-only; --force replaces it" in capsys.readouterr().err
    assert path.read_text() == "kept"
    assert main(["params", "alexnet", "-o", str(path), "--force"]) == 0


def test_force_replaces_what_was_read(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(SPEC)
    keeps_promise(run(["params", "x.yaml", "-o", "x.yaml", "--force"], tmp_path), 0)
    assert (tmp_path / "x.yaml").read_text() != SPEC


def test_links_in_a_circle_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    ran = run(["params", "alexnet", "-o", "a"], tmp_path)
    keeps_promise(ran, 2)
    assert b"circle" in ran.stderr


@pytest.mark.parametrize("length", [240, 251, 255])
def test_names_as_long_as_a_file_system_takes(length: int, tmp_path: Path) -> None:
    keeps_promise(run(["params", "alexnet", "-o", "n" * length], tmp_path), 0)
    assert os.listdir(tmp_path) == ["n" * length]


@pytest.mark.parametrize(
    "words",
    [
        ["params", "alexnet", "-o", "-"],
        ["draw", "lenet5", "-o", "-"],
        ["quiz", "-o", "-"],
        ["check", "alexnet", "a.csv", "--grades", "-"],
    ],
)
def test_a_dash_is_no_file(words: list[str], tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("layer,params\nconv1,34944\n")
    ran = run(list(words), tmp_path)
    keeps_promise(ran, 0, 1)
    assert ran.stdout
    assert os.listdir(tmp_path) == ["a.csv"]


def test_no_home_leaves_no_folder_behind(tmp_path: Path) -> None:
    code = "import os; os.environ.pop('HOME', None); from cnncalc.cli import main; main(['list'])"
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        capture_output=True,
        check=True,
        env={"PYTHONPATH": str(ROOT)},
    )
    assert ran.stdout
    assert not os.listdir(tmp_path)


def test_a_key_is_not_written_where_the_sheet_fails(tmp_path: Path) -> None:
    keeps_promise(run(["quiz", "-o", "no/such/sheet.md", "--key", "key.yaml"], tmp_path), 2)
    assert not os.listdir(tmp_path)


def test_a_terminated_run_leaves_no_part_of_a_file(tmp_path: Path) -> None:
    code = """
import time
from pathlib import Path
import cnncalc.__main__ as script
from cnncalc.text.files import whole_file

def slow():
    with whole_file(Path("out.csv")) as file:
        file.write("half")
        print("ready", flush=True)
        time.sleep(30)

script.main = slow
raise SystemExit(script.run())
"""
    (tmp_path / "out.csv").write_text("old")
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        assert len(os.listdir(tmp_path)) == 2
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 128 + signal.SIGTERM
    assert os.listdir(tmp_path) == ["out.csv"]
    assert (tmp_path / "out.csv").read_text() == "old"


def test_a_class_with_a_hostile_fifth(tmp_path: Path) -> None:
    """As benchmarks/ grades 1,000 of."""
    pytest.importorskip("openpyxl")
    path = ROOT / "benchmarks" / "submissions.py"
    spec = importlib.util.spec_from_file_location("submissions", path)
    assert spec is not None
    assert spec.loader is not None
    submissions = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(submissions)
    names, hostile = submissions.write_class(tmp_path, 100)
    ran = run(["check", "alexnet", *names, "--grades", "grades", "--rows", "conv1"], tmp_path)
    keeps_promise(ran, 2)
    rows = (tmp_path / "grades").read_text().splitlines()[1:]
    scores = {row.split(",")[1]: row.split(",")[2] for row in rows}
    assert len(scores) == 100
    assert {name for name, score in scores.items() if not score} == set(hostile)
    for name in hostile:
        assert f"{name}:" in ran.stderr.decode()
