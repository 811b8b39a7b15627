"""Model files of other tools: recorded ones with values exchanged, and graphs that are put together."""

from __future__ import annotations

import io
import json
import random
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from models import onnx_files
from models.recorded import cases
from models.recorded import models as recorded

from fuzzing.pieces import NUMBERS, ROOT, mostly, spoiled, spoiled_bytes, write

FILES = ROOT / "tests" / "models" / "files"
COMMANDS = (
    ("params",), ("summary",), ("shapes",), ("flops",), ("receptive",), ("memory",), ("validate",), ("spec",),
    ("explain",), ("convert",), ("convert", "--to", "torch"), ("convert", "--to", "keras"),
    ("convert", "--to", "onnx", "-o", "out.onnx"),
)  # fmt: skip
LEAVES: tuple[Any, ...] = (
    0, 1, 2, 3, 7, -1, 64, 2**31, 2**63, 1.5, 1e308, 1e-300, 10**4000, True, None, "", "same", "valid", "x",
    "1e999999999", "1/0", "\u202e", [], {}, [1, 2],
)  # fmt: skip
"""What a value of a file is exchanged for."""


def command(rng: random.Random, path: str) -> list[str]:
    """Return a command line about a model file."""
    first, *more = rng.choice(COMMANDS)
    return [first, path, *more]


def leaves(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every place of a JSON value: what holds it, and its key or index there."""
    entries: Any = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in entries:
        yield value, key
        if isinstance(item, dict | list):
            yield from leaves(item)


def exchanged(rng: random.Random, text: str) -> str:
    """Return JSON with a few of its values exchanged, for other ones of it or for any; most stay as they are."""
    value = json.loads(text)
    places = list(leaves(value))
    numbers = [one for one in places if isinstance(one[0][one[1]], int | float)] or places
    for _ in range(rng.choice((0, 1, 1, 1, 1, 2))):
        holder, key = rng.choice(numbers if rng.random() < 0.6 else places)
        other, where = rng.choice(places)
        try:
            old = holder[key]
            if isinstance(old, int | float) and rng.random() < 0.8:
                holder[key] = rng.choice((1, 2, 3, 4, 6, 8, 12))
            elif rng.random() < 0.4:
                holder[key] = json.loads(json.dumps(other[where]))
            elif rng.random() < 0.3:
                del holder[key]
            else:
                holder[key] = rng.choice(LEAVES)
        except (KeyError, IndexError):  # an earlier exchange took the place away
            continue
    return json.dumps(value)


def zipped(rng: random.Random, members: dict[str, bytes]) -> bytes:
    """Return an archive of the members; one in ten is spoilt."""
    out = io.BytesIO()
    with zipfile.ZipFile(
        out, "w", rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
    ) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return spoiled_bytes(rng, out.getvalue(), 0.1)


@cache
def texts(name: str) -> tuple[str, ...]:
    """Return the JSON of recorded models, and of the small files beside them."""
    found = [json.dumps(recorded(name)[case]) for case in cases(name)]
    small = {"modules": ("small.pt2", "mine.pt2"), "layers": ("small.keras",)}[name]
    for file in small:
        with zipfile.ZipFile(FILES / file) as archive:
            inner = [
                one for one in archive.namelist() if one.endswith(("model.json", "config.json"))
            ]
            found.append(archive.read(inner[0]).decode())
    return tuple(found)


def pt2(rng: random.Random, folder: Path) -> list[str]:
    """Return a PyTorch export with values of its graph exchanged."""
    text = exchanged(rng, rng.choice(texts("modules")))
    members = {"net/models/model.json": spoiled(rng, text, 0.03).encode("utf-8", "replace")}
    if rng.random() < 0.2:
        members["net/version"] = mostly(rng, ("0",)).encode()
    return command(rng, write(folder, "m.pt2", zipped(rng, members)))


def keras(rng: random.Random, folder: Path) -> list[str]:
    """Return a Keras model, as an archive or its JSON, with values exchanged."""
    text = spoiled(rng, exchanged(rng, rng.choice(texts("layers"))), 0.03).encode(
        "utf-8", "replace"
    )
    if rng.random() < 0.5:
        return command(rng, write(folder, "m.json", text))
    return command(
        rng, write(folder, "m.keras", zipped(rng, {"config.json": text, "metadata.json": b"{}"}))
    )


def onnx_nodes(rng: random.Random) -> tuple[list[bytes], list[bytes]]:
    """Return the nodes of a chain with branches, and the tensors that they take."""
    nodes, tensors, channels, last = [], [], 3, "x"
    for at in range(rng.randrange(1, 6)):
        out = f"v{at}"
        kind = rng.randrange(9)
        if kind < 3:
            filters, kernel = rng.choice((2, 4, 6)), rng.choice((1, 3))
            tensors.append(
                onnx_files.weights(
                    f"w{at}", filters, rng.choice((channels,) * 9 + (5,)), kernel, kernel
                )
            )
            given = {
                "kernel_shape": (kernel, kernel),
                "pads": (1, 1, 1, 1),
                "strides": (rng.choice((1, 2)),) * 2,
            }
            kept = {name: value for name, value in given.items() if rng.random() < 0.9}
            nodes.append(onnx_files.node("Conv", f"{last} w{at}", out, kept))
            channels = filters
        elif kind == 3:
            pool = {"kernel_shape": (2, 2), "strides": (1, 1)}
            rounded = {"ceil_mode": rng.randrange(2)}
            nodes.append(
                onnx_files.node(
                    rng.choice(("MaxPool", "AveragePool")), last, out, {**pool, **rounded}
                )
            )
        elif kind == 4:
            tensors += [onnx_files.weights(f"{name}{at}", channels) for name in "smvb"]
            nodes.append(
                onnx_files.node(
                    "BatchNormalization", f"{last} s{at} b{at} m{at} v{at}_", out.replace("v", "n")
                )
            )
            tensors.append(onnx_files.weights(f"v{at}_", channels))
            out = f"n{at}"
        elif kind == 5:
            nodes.append(onnx_files.node("Add", f"{last} {last}", out))
        elif kind == 6:
            nodes.append(
                onnx_files.node("Concat", f"{last} {last}", out, {"axis": mostly_int(rng, 1)})
            )
            channels *= 2
        elif kind == 7:
            nodes.append(
                onnx_files.node(
                    rng.choice(("Relu", "Sigmoid", "Elu", "Identity", "Nosuch")), last, out
                )
            )
        else:
            sizes = (1, 1, 1, 1)
            tensors.append(onnx_files.integers(f"p{at}", (0, 0, *sizes[:2], 0, 0, *sizes[:2])))
            nodes.append(onnx_files.node("Pad", f"{last} p{at}", out))
        last = out
    nodes.append(onnx_files.node(rng.choice(("GlobalAveragePool", "Flatten", "Relu")), last, "y"))
    return nodes, tensors


def mostly_int(rng: random.Random, usual: int) -> int:
    """Return the usual value, one time in eight one that is near or far."""
    return usual if rng.random() < 7 / 8 else rng.choice((-1, 0, 2, 3, 9, 2**31, -(2**63)))


def onnx(rng: random.Random, folder: Path) -> list[str]:
    """Return an ONNX model: one that is put together, or a recorded one with bytes changed."""
    if rng.random() < 0.6:
        nodes, tensors = onnx_nodes(rng)
        size = mostly_int(rng, rng.choice((8, 9, 32)))
        data = onnx_files.model(
            nodes, tensors, {"x": (1, 3, size, size)}, opset=mostly_int(rng, 18)
        )
        return command(rng, write(folder, "m.onnx", spoiled_bytes(rng, data, 0.15)))
    data = rng.choice(
        (small_onnx(), recorded("graphs")[rng.choice(cases("graphs"))].encode("latin-1"))
    )
    return command(rng, write(folder, "m.onnx", spoiled_bytes(rng, data, 0.4)))


@cache
def small_onnx() -> bytes:
    """Return the small ONNX file of the tests."""
    return (FILES / "small.onnx").read_bytes()


# fmt: off
CAFFE = (
    ("Convolution", "convolution_param { num_output: %s kernel_size: %s pad: 1 }", ("4", "8"), ("1", "3")),
    ("Pooling", "pooling_param { pool: %s kernel_size: 2 stride: %s }", ("MAX", "AVE"), ("1", "2")),
    ("InnerProduct", "inner_product_param { num_output: %s bias_term: %s }", ("5", "10"), ("true", "false")),
    ("LRN", "lrn_param { local_size: %s alpha: %s }", ("5", "3"), ("0.1", "1")),
    ("ReLU", "relu_param { negative_slope: %s } # %s", ("0", "0.1"), ("", "x")),
    ("Dropout", "dropout_param { dropout_ratio: %s } # %s", ("0.5", "0"), ("",)),
    ("Concat", "bottom: %s concat_param { axis: %s }", ('"data"', '"l0"'), ("1",)),
    ("BatchNorm", "batch_norm_param { use_global_stats: %s } # %s", ("true",), ("",)),
    ("Scale", "scale_param { bias_term: %s } # %s", ("true", "false"), ("",)),
)
# fmt: on


def prototxt(rng: random.Random, folder: Path) -> list[str]:
    """Return a Caffe network: a shipped one, or layers one behind the other."""
    if rng.random() < 0.4:
        files = sorted(FILES.glob("*.prototxt"))
        text = spoiled(rng, rng.choice(files).read_text(), 0.5)
        return command(rng, write(folder, "net.prototxt", text))
    size = mostly(rng, ("9", "8"))
    text = f'name: "n"\ninput: "data"\ninput_shape {{ dim: 1 dim: 3 dim: {size} dim: 9 }}\n'
    last = "data"
    for at in range(rng.randrange(1, 7)):
        kind, param, one, other = rng.choice(CAFFE)
        param %= (mostly(rng, one, NUMBERS), mostly(rng, other, NUMBERS))
        text += (
            f'layer {{ name: "l{at}" type: "{kind}" bottom: "{last}" top: "l{at}"\n  {param}\n}}\n'
        )
        last = f"l{at}"
    return command(rng, write(folder, "net.prototxt", spoiled(rng, text, 0.1)))
