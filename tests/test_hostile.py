"""The promise of docs/limits.md, on every input that once broke it: whole processes, limited from outside.

Any input gets a clear message and exit code 2, in under 2 s of CPU time and 500 MB of address space, loses nothing that
is on disk, and nothing that it contains acts on the reader's terminal. Inputs that are merely large may be answered
instead, within the same limits.
"""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
from homework.test_bounds import BOMBS, crafted

from cnncalc.tables import FORMATS

ROOT = Path(__file__).parent.parent
MOST_SECONDS = 4
"""Twice the promise: a machine that runs other tests meanwhile takes longer by as much."""
MOST_BYTES = 500 * 2**20


def limit() -> None:
    """Bound this process as the promise says."""
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))


def run(
    words: Sequence[str | bytes], folder: Path, **environment: str
) -> subprocess.CompletedProcess[bytes]:
    """Run a command line in a folder, within the limits."""
    return subprocess.run(
        [sys.executable, "-m", "cnncalc", *words],
        cwd=folder,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=60,
        check=False,
        preexec_fn=limit,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
    )


def keeps_promise(ran: subprocess.CompletedProcess[bytes], *codes: int) -> None:
    """Assert the exit code, a message that is no traceback, and that nothing acts on a terminal."""
    out, err = ran.stdout.decode(), ran.stderr.decode()
    assert "Traceback" not in err, err[-2000:]
    assert ran.returncode in codes, (ran.returncode, err[-2000:])
    assert err or ran.returncode != 2
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
    "a long answer": Case(["check", "alexnet", "conv1", "params", "9" * 300], codes=(1, 2)),
    "a long name": Case(["convolve", "--input", "a" * 300, "--kernel", "1"]),
    "a surrogate as title": Case(
        ["params", "x.yaml"], 'title: "\\ud800"\ninput: 4\nlayers: [relu]\n', codes=(0, 2)
    ),
    "a roster of a block mark": Case(["quiz", "--roster", "x.txt", "--seed", "a"], "|-", "x.txt"),
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


@pytest.mark.parametrize("count", [100])
def test_a_class_with_a_hostile_fifth(count: int, tmp_path: Path) -> None:
    pytest.importorskip("openpyxl")
    hostile = [
        ("csv", b"\xff\xfe\x00\x00" * 100),
        ("csv", b"(" + b"," * 300_000),
        ("md", b"|" * 100_000),
        ("yaml", b"[" * 5_000),
        ("xlsx", b"PK\x03\x04" + b"\0" * 1_000),
    ]
    for number in range(count):
        ending, data = "csv", b"layer,params\nconv1,34944\n"
        if number % 5 == 0:
            ending, data = hostile[number // 5 % len(hostile)]
        (tmp_path / f"s{number:04}.{ending}").write_bytes(data)
    names = sorted(os.listdir(tmp_path))
    ran = run(["check", "alexnet", *names, "--grades", "grades", "--rows", "conv1"], tmp_path)
    keeps_promise(ran, 2)
    rows = (tmp_path / "grades").read_text().splitlines()[1:]
    scores = {row.split(",")[1]: row.split(",")[2] for row in rows}
    assert len(scores) == count
    assert sum(score == "1" for score in scores.values()) == count * 4 // 5
    for name in names[::5]:
        assert name.encode() in ran.stderr
