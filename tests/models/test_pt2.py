"""PyTorch exports read with the standard library alone: small files made by `make_exports.py`, and broken ones."""

from __future__ import annotations

import copy
import io
import json
import re
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from extent import sample

import cnncalc
from cnncalc.cli import main
from cnncalc.text.source import Problem, SpecError

FILES = Path(__file__).parent / "files"
SMALL = FILES / "small.pt2"


def document() -> Any:
    """The JSON of `small.pt2`."""
    with zipfile.ZipFile(SMALL) as archive:
        return json.loads(archive.read("small/models/model.json"))


def archive(content: bytes, member: str = "net/models/model.json") -> bytes:
    """A zip of one member."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(member, content)
    return whole.getvalue()


def load(folder: Path, content: bytes, name: str = "net.pt2", **given: Any) -> cnncalc.Network:
    path = folder / name
    path.write_bytes(content)
    return cnncalc.load(path, **given)


@pytest.fixture(scope="module")
def small() -> cnncalc.Network:
    return cnncalc.load(SMALL)


# ---- names, shapes and numbers --------------------------------------------------------------------------------------


def test_names_are_the_modules_own_and_functions_are_numbered(small: cnncalc.Network) -> None:
    names = [node.name for node in small.graph.nodes]
    assert names[:5] == ["image", "mask", "conv1", "bn1", "relu"]
    unit = ["slice1", "slice2", "conv/0", "conv/1", "conv/2", "concat1", "shuffle1"]
    assert names[5:12] == [f"units/0/{name}" for name in unit]
    assert names[12:19] == [f"units/1/{name}" for name in unit]
    assert names[19:] == [
        "same", "relu_2", "same_2", "add1", "globalavgpool1", "gate", "sigmoid1", "multiply1", "multiply2", "relu3",
        "maxpool1", "flatten1", "drop", "fc",
    ]  # fmt: skip


def test_parameters_are_those_of_the_modules(small: cnncalc.Network) -> None:
    """Added up by hand from `make_exports.py`; `same` is called twice and counts once, `unused` not at all."""
    conv1, bn1 = 8 * 3 * 9 + 8, 2 * 8
    unit = 4 * 9 + 2 * 4
    same, gate, fc = 8 * 8 * 9 + 8, 8 * 8 + 8, 128 * 10 + 10
    totals = small.report().totals
    assert totals.params == conv1 + bn1 + 2 * unit + same + gate + fc
    assert totals.buffers == 2 * 8 + 2 * 2 * 4
    macs = 64 * 8 * 3 * 9 + 2 * 64 * 4 * 9 + 2 * 64 * 8 * 8 * 9 + 8 * 8 + 128 * 10
    assert totals.macs == macs


def test_a_module_that_is_called_twice_shares_its_weights(small: cnncalc.Network) -> None:
    row = small.report().row("same_2")
    assert (row.shares, row.params) == ("same", 0)


def test_functions_are_tagged_and_modules_are_not(small: cnncalc.Network) -> None:
    tags = {node.name: node.tags for node in small.graph.nodes}
    assert tags["relu"] == tags["units/0/conv/2"] == tags["drop"] == ()
    assert tags["relu3"] == tags["maxpool1"] == ("functional",)
    assert tags["globalavgpool1"] == ("functional", "mean")


def test_scopes_fold_and_are_called_after_their_classes(small: cnncalc.Network) -> None:
    rows = small.report(depth=2).rows
    (unit,) = [row for row in rows if row.name == "units/1"]
    assert (unit.op, unit.output, unit.params) == ("Block", (8, 8, 8), 44)


def test_what_nothing_uses_is_one_note(small: cnncalc.Network) -> None:
    texts = [note.message for note in small.notes()]
    assert "72 parameters in the file are used by nothing: unused" in texts


def test_the_file_takes_no_other_input_or_parameters() -> None:
    with pytest.raises(SpecError, match=r"cannot change .*small\.pt2"):
        cnncalc.load(SMALL, input=32)
    with pytest.raises(SpecError, match=r"cannot change .*small\.pt2"):
        cnncalc.load(SMALL, set={"classes": 10})


def test_a_renamed_file_is_read_by_its_content(tmp_path: Path, small: cnncalc.Network) -> None:
    again = load(tmp_path, SMALL.read_bytes(), "net.bin")
    assert again.report().totals == small.report().totals
    assert load(tmp_path, SMALL.read_bytes(), "net.bin", format="pt2").name == "net"


def test_every_command_takes_the_file() -> None:

    small = str(SMALL)
    assert main(["explain", small, "units/0", "macs", "--format", "json"]) == 0
    assert main(["identify", small, "2274", "--format", "json"]) == 0
    assert main(["reconcile", small, "torchinfo", "thop", "--format", "json"]) == 0
    assert main(["validate", small]) == 0
    assert main(["receptive", small, "--format", "csv"]) == 0
    assert main(["memory", small, "--format", "csv"]) == 0
    assert main(["quiz", "--network", small, "--count", "3"]) == 0


# ---- schema versions ------------------------------------------------------------------------------------------------


def changed(tmp_path: Path, change: Callable[[Any], None]) -> cnncalc.Network:
    """The network of `small.pt2` with something else in its JSON."""
    made = document()
    change(made)
    return load(tmp_path, archive(json.dumps(made).encode()))


def test_a_newer_minor_version_is_a_note(tmp_path: Path) -> None:
    newer = changed(tmp_path, lambda made: made["schema_version"].update(minor=99))
    assert any("version 8.99, newer than" in note.message for note in newer.notes())


@pytest.mark.parametrize("major", [7, 9, None, "8"])
def test_another_major_version_is_refused(tmp_path: Path, major: Any) -> None:
    with pytest.raises(SpecError, match="version 8 is read"):
        changed(tmp_path, lambda made: made["schema_version"].update(major=major))


def test_sizes_that_may_vary_are_those_of_the_example(
    tmp_path: Path, small: cnncalc.Network
) -> None:
    def vary(made: Any) -> None:
        for meta in made["graph_module"]["graph"]["tensor_values"].values():
            if meta["sizes"] and meta["sizes"][0] == {"as_int": 2}:
                meta["sizes"][0] = {"as_expr": {"expr_str": "s0", "hint": {"as_int": 2}}}

    assert changed(tmp_path, vary).report().totals == small.report().totals


# ---- hostile files --------------------------------------------------------------------------------------------------


def graph_of(made: Any) -> Any:
    return made["graph_module"]["graph"]


def cyclic(made: Any) -> None:
    graph_of(made)["nodes"][0]["inputs"][0]["arg"] = {
        "as_tensor": {"name": graph_of(made)["nodes"][-1]["name"]}
    }


def sizes(*given: int) -> Callable[[Any], None]:
    def change(made: Any) -> None:
        graph_of(made)["tensor_values"]["image"]["sizes"] = [{"as_int": size} for size in given]

    return change


def many_nodes(made: Any) -> None:
    graph_of(made)["nodes"] = graph_of(made)["nodes"][:1] * 20_001


def without(*keys: str) -> Callable[[Any], None]:
    def change(made: Any) -> None:
        *path, last = keys
        for key in path:
            made = made[key]
        del made[last]

    return change


def json_of(change: Callable[[Any], None]) -> bytes:
    made = copy.deepcopy(document())
    change(made)
    return archive(json.dumps(made).encode())


def many_members() -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as made:
        for number in range(45_000):
            made.writestr(f"net/data/weights/weight_{number:040}", b"")
    return whole.getvalue()


def bomb() -> bytes:
    """A member that claims a few bytes and unpacks to 200 MB of one JSON text."""
    whole = io.BytesIO()
    with (
        zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as made,
        made.open("net/models/model.json", "w") as member,
    ):
        for _ in range(200):
            member.write(b" " * 1_000_000)
    return whole.getvalue().replace(struct.pack("<L", 200_000_000), struct.pack("<L", 9))


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "truncated": (lambda: SMALL.read_bytes()[:2000], "zip archive is broken"),
    "only the magic": (lambda: b"PK\x03\x04", "zip archive is broken"),
    "wrong magic": (lambda: b"\x80\x02" + SMALL.read_bytes(), "not a model file of a format"),
    "an empty archive": (lambda: archive(b"", "readme.txt"), "holds no model's graph"),
    "a pickle": (
        lambda: archive(b"\x80\x02cos\nsystem\n.", "net/data.pkl"),
        "a pickle of weights or of a module",
    ),
    "a pickle for the graph": (lambda: archive(b"\x80\x02cos\nsystem\n."), "is not JSON"),
    "another path": (lambda: archive(b"{}", "../../models/model.json"), "holds no model's graph"),
    "no document": (lambda: archive(b"[]"), "version 8 is read"),
    "deep": (lambda: archive(b"[" * 900_000), "nested too deep"),
    "not a number": (lambda: archive(b'{"schema_version": {"major": NaN}}'), "is not JSON"),
    "larger than the limit": (
        lambda: archive(b" " * 20_000_000),
        "larger than the limit of 16 MiB",
    ),
    "a bomb": (bomb, "larger than the limit|broken"),
    "many members": (many_members, "lists too many members"),
    "no graph": (lambda: json_of(without("graph_module", "graph")), "not as PyTorch writes it"),
    "no signature": (
        lambda: json_of(without("graph_module", "signature")),
        "not as PyTorch writes it",
    ),
    "a cycle": (lambda: json_of(cyclic), "before that is made"),
    "a size of 2^63": (lambda: json_of(sizes(1, 3, 2**63, 16)), "not between 1 and"),
    "a size below 0": (lambda: json_of(sizes(1, 3, -1, 16)), "not between 1 and"),
    "a size that is no number": (lambda: json_of(sizes("a", 3, 16, 16)), "a is no size"),  # type: ignore[arg-type]
    "no batch": (lambda: json_of(sizes(3)), "its first is taken for the batch"),
    "another shape": (lambda: json_of(sizes(2, 3, 32, 32)), "by its fields, but"),
    "many nodes": (lambda: json_of(many_nodes), "limit"),
}

RUN = """
import sys, time
from cnncalc.cli import main
start = time.process_time()
code = main(["params", sys.argv[1]])
peak = int(open("/proc/self/status").read().partition("VmHWM:")[2].split()[0])
print(code, time.process_time() - start, peak / 1024)
"""


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_an_error(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make, message = HOSTILE[name]
    path = tmp_path / "net.pt2"
    path.write_bytes(make())
    assert main(["params", str(path)]) == 2
    told = capsys.readouterr().err
    assert re.search(message, told), told
    assert told.startswith(f"{path}:1:1: error: ")


@pytest.mark.parametrize("name", sample(HOSTILE, 2, always=("deep",)))
def test_a_hostile_file_is_an_error_within_two_seconds_and_200_mb(
    name: str, tmp_path: Path
) -> None:
    """A process each, whose memory is its own."""
    make, message = HOSTILE[name]
    path = tmp_path / "net.pt2"
    path.write_bytes(make())
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(path)], capture_output=True, text=True, check=True
    )
    code, seconds, megabytes = map(float, done.stdout.split()[-3:])
    assert code == 2, done.stdout
    assert "Traceback" not in done.stderr
    assert re.search(message, done.stderr), done.stderr
    assert done.stderr.startswith(f"{path}:1:1: error: ")
    assert seconds < 2
    assert megabytes < 200


def test_bytes_changed_at_random_are_an_error_or_a_network(tmp_path: Path) -> None:
    """Whatever stands in the file, there is no traceback."""
    import random

    text = json.dumps(document())
    chance = random.Random(1)
    for _ in range(150):
        at = chance.randrange(len(text))
        cut = (
            text[:at]
            + chance.choice(["", "0", "null", '"', "x", "-1", "[]"])
            + text[at + chance.randrange(3) :]
        )
        problems = problems_of(tmp_path, archive(cut.encode()))
        assert all(problem.file.startswith(str(tmp_path)) for problem in problems)


def problems_of(folder: Path, content: bytes) -> tuple[Problem, ...]:
    """What is wrong with a file."""
    try:
        load(folder, content).report()
    except SpecError as error:
        return error.problems
    return ()


def test_what_cannot_be_changed_says_how_to_make_it_a_spec(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["params", str(SMALL), "--set", "conv1.stride=1"]) == 2
    told = capsys.readouterr().err.splitlines()
    assert told[1:3] == ["  conv1.stride=1", "  ^^^^^^^^^^^^^^"]
    assert told[3].endswith(f"cnncalc convert {SMALL} -o net.yaml")
