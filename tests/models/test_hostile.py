"""Files from strangers, of every format: whatever stands in them is read or refused within 2 s of CPU and 200 MB.

All variants of a file are loaded one after another in a process of their own, so that its peak is theirs.
"""

from __future__ import annotations

import io
import json
import random
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from extent import sample

from . import onnx_files as onnx

FILES = Path(__file__).parent / "files"
SOURCES = {
    "pt2": FILES / "small.pt2",
    "keras": FILES / "small.keras",
    "onnx": FILES / "small.onnx",
    "caffe": FILES / "lenet.prototxt",
}
MEMBERS = {"pt2": "small/models/model.json", "keras": "config.json"}
PICKLE = b"\x80\x02cos\nsystem\n(S'touch stolen'\ntR."

LOAD = """
import sys, time
from pathlib import Path
import cnncalc
slowest = 0.0
for path in sorted(Path(sys.argv[2]).iterdir()):
    start = time.process_time()
    try:
        cnncalc.load(path, format=sys.argv[1]).report()
    except cnncalc.SpecError as error:
        assert all(problem.message for problem in error.problems), path
    took = time.process_time() - start
    if took > slowest:
        slowest, worst = took, path.name
peak = int(open("/proc/self/status").read().partition("VmHWM:")[2].split()[0])
print(worst, slowest, peak / 1024)
"""


def truncated(data: bytes) -> Iterator[bytes]:
    """The file cut off at every fiftieth of its length."""
    for part in range(50):
        yield data[: len(data) * part // 50]


def changed(data: bytes) -> Iterator[bytes]:
    """Some bytes changed, at places drawn."""
    chance = random.Random(len(data))
    for _ in range(40):
        variant = bytearray(data)
        for _ in range(chance.choice((1, 1, 3, 20))):
            variant[chance.randrange(len(data))] = chance.randrange(256)
        yield bytes(variant)


def zipped(content: bytes, member: str) -> bytes:
    """An archive of one member."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made:
        made.writestr(member, content)
    return whole.getvalue()


def texts() -> Iterator[bytes]:
    """JSON that is deep, wide, long or no JSON."""
    yield PICKLE
    yield b"[" * 900_000
    yield b'{"a":' * 300_000
    yield b"[" + b"[]," * 5_000_000
    yield b"[" + b"1.5," * 4_000_000
    yield b"[" + b'"ab",' * 3_000_000
    yield '["\U0001f600'.encode() + b"x" * 15_000_000 + b'"]'
    yield b"9" * 1_000_000
    yield json.dumps(
        {"config": {"layers": [{}] * 200_000}, "schema_version": {"major": 8}}
    ).encode()


def archives(member: str) -> Iterator[bytes]:
    """Archives whose graph is one of those texts, a bomb, or outside the archive."""
    yield from (zipped(text, member) for text in texts())
    yield zipped(b" " * 60_000_000, member)
    yield zipped(b"{}", f"../../{member}")
    yield zipped(b"{}", f"/etc/{member}")
    nested = zipped(b" " * 20_000_000, member)
    yield zipped(nested, member)


def graphs() -> Iterator[bytes]:
    """ONNX graphs that are too large, too deep, of impossible sizes, or no graph in order."""
    ops = onnx.MAX_OPS

    def chain(op: str, count: int, more: str = "", name: str = "") -> list[bytes]:
        names = ["x", *(f"t{at}" for at in range(count - 1)), "y"]
        return [
            onnx.node(op, f"{names[at]}{more}", names[at + 1], name=name.format(at=at))
            for at in range(count)
        ]

    yield onnx.model(chain("Relu", ops + 1))
    yield onnx.model(chain("Mul", ops, " half"), [onnx.scalar("half", 0.5)])[:-2]
    yield onnx.model(
        chain("Relu", ops, name="/" + "/".join(f"b{{at}}_{n}" for n in range(30)) + "/R")
    )
    yield onnx.model(chain("Relu", 3000, name="/" + "a/" * 80 + "l{at}/Relu"))
    yield onnx.model([onnx.node("Relu", f"t{(at - 1) % ops}", f"t{at}") for at in range(ops)])
    many = [onnx.node("Relu", "x", f"t{at}") for at in range(4096)]
    every = " ".join(f"t{at}" for at in range(4096))
    yield onnx.model([*many, *(onnx.node("Sum", every, f"y{at}") for at in range(200))])
    yield onnx.model([onnx.node("Split", "x", " ".join(f"y{at}" for at in range(300_000)))])
    yield onnx.model(
        [onnx.node("Relu", "x", "y")], [onnx.tensor(f"w{at}", (1,)) for at in range(90_000)]
    )
    yield onnx.model([onnx.node("Relu", "x", "y")]) + onnx.number(1, 8) * 600_000
    for sizes in ((2**63 - 1, 3, 3, 3), (2**64 - 5, 3, 3, 3), (10**6,) * 60):
        yield onnx.model([onnx.node("Conv", "x w", "y")], [onnx.tensor("w", sizes)])
    yield onnx.model([onnx.node("Relu", "x", "y")], inputs={"x": (1, 2**62, 2**62, 2**62)})
    yield PICKLE


def prototxts() -> Iterator[bytes]:
    """Texts that are deep, long, or of impossible sizes."""
    head = b'layer { name: "data" type: "Input" top: "x" input_param { shape { dim: 1 dim: 3 dim: %d dim: %d } } }\n'
    layer = b'layer { name: "a" type: "ReLU" bottom: "x" top: "x" }\n'
    yield head % (8, 8) + layer * 30_000
    yield head % (2**63, 2**63) + layer
    yield head % (-1, 8) + layer
    yield head % (8, 8) + b"layer { a " + b"{ a " * 100_000
    yield b"layer { " * 200_000
    yield b'layer { name: "' + b"x" * 20_000_000
    yield b"a: [" + b"1," * 400_000
    yield b"\n" * 10_000_000 + head % (8, 8)
    yield b"#\n" * 8_000_000
    yield PICKLE


HOSTILE = {
    "pt2": lambda: archives(MEMBERS["pt2"]),
    "keras": lambda: (*texts(), *archives(MEMBERS["keras"])),
    "onnx": graphs,
    "caffe": prototxts,
}


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read from /proc")
@pytest.mark.parametrize("format", SOURCES)
def test_a_strangers_file_is_read_or_refused_in_bounds(format: str, tmp_path: Path) -> None:
    data = SOURCES[format].read_bytes()
    variants = [*truncated(data), *changed(data), b"GIF89a" + data, *sample(HOSTILE[format](), 7)]
    for at, variant in enumerate(variants):
        (tmp_path / f"{at:03}").write_bytes(variant)
    done = subprocess.run(
        [sys.executable, "-c", LOAD, format, str(tmp_path)], capture_output=True, text=True
    )
    assert not done.returncode, done.stderr[-2000:]
    worst, seconds, megabytes = done.stdout.split()
    assert float(seconds) < 2, worst
    assert float(megabytes) < 200
    assert len(list(tmp_path.iterdir())) == len(variants)
