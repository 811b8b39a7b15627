"""Keras models read with the standard library alone: a small archive made by `make_keras.py`, and broken files."""

from __future__ import annotations

import io
import json
import re
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from extent import allowed

import cnncalc
from cnncalc.text.source import Problem, SpecError

SMALL = Path(__file__).parent / "files" / "small.keras"


def document() -> Any:
    """The config of `small.keras`."""
    with zipfile.ZipFile(SMALL) as archive:
        return json.loads(archive.read("config.json"))


def layer(made: Any, name: str) -> Any:
    """A layer's entry in a config."""
    return next(item for item in made["config"]["layers"] if item["config"]["name"] == name)


def load(folder: Path, content: Any, name: str = "net.json", **given: Any) -> cnncalc.Network:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return cnncalc.load(path, **given)


@pytest.fixture(scope="module")
def small() -> cnncalc.Network:
    return cnncalc.load(SMALL)


def test_names_are_the_files_own(small: cnncalc.Network) -> None:
    inner = ["sep/depthwise", "sep/pointwise", "bn", "sum"]
    assert [node.name for node in small.graph.nodes] == [
        "image", "mask", "stem", "relu1", *(f"inner/{name}" for name in inner), *(f"inner_2/{name}" for name in inner),
        "masked", "pool", "top", "softmax1",
    ]  # fmt: skip


def test_parameters_are_those_that_keras_counts(small: cnncalc.Network) -> None:
    """By hand: stem 3·3·3·6 + 6, depthwise 3·3·6, pointwise 6·6, β and two statistics of 6, top 6·10 + 10."""
    assert small.report().totals.params == 168 + 54 + 36 + 6 + 70
    assert small.report(convention="keras").totals.counted_params == 168 + 54 + 36 + 3 * 6 + 70


def test_a_model_that_is_called_twice_shares_its_weights(small: cnncalc.Network) -> None:
    rows = {row.name: row for row in small.report().rows}
    assert rows["inner_2/bn"].shares == "inner/bn"
    assert rows["inner_2/sep/pointwise"].params == 0
    assert rows["inner_2/sep/pointwise"].macs == 8 * 8 * 6 * 6


def test_scopes_are_called_after_their_classes(small: cnncalc.Network) -> None:
    rows = {row.name: (row.op, row.params) for row in small.report(depth=1).rows}
    assert rows["inner"] == ("Functional", 54 + 36 + 6)


def test_the_json_by_itself_is_the_same_network(tmp_path: Path, small: cnncalc.Network) -> None:
    assert load(tmp_path, document()).report().totals == small.report().totals


def test_sizes_that_are_left_open_are_given(tmp_path: Path, small: cnncalc.Network) -> None:
    made = document()
    layer(made, "image")["config"]["batch_shape"] = [None, None, None, 3]
    with pytest.raises(SpecError, match=r"its shape is \?x\?x3.*\n.*--input 224"):
        load(tmp_path, made)
    assert load(tmp_path, made, input=16).report().totals == small.report().totals
    with pytest.raises(SpecError, match="--input 16x16x4 does not suit"):
        load(tmp_path, made, input="16x16x4")


def test_a_layer_of_an_unknown_class_is_a_row(tmp_path: Path) -> None:
    made = document()
    layer(made, "masked")["class_name"] = "Foo"
    report = load(tmp_path, made).report()
    assert (report.row("masked").op, report.row("masked").of, report.row("masked").output) == (
        "unknown",
        "Foo",
        (8, 8, 6),
    )
    assert "macs" in report.totals.unknown


def test_keras_2_is_read(tmp_path: Path) -> None:
    conv = {
        "name": "conv",
        "filters": 4,
        "kernel_size": [3, 3],
        "activation": "relu",
        "batch_input_shape": [None, 8, 8, 2],
    }
    dense = {"name": "dense", "units": 3, "activation": "linear"}
    sequential = {
        "class_name": "Sequential",
        "config": [
            {"class_name": "Conv2D", "config": conv},
            {"class_name": "Flatten", "config": {"name": "flatten"}},
            {"class_name": "Dense", "config": dense},
        ],
    }
    assert (
        load(tmp_path, sequential).report().totals.params == 3 * 3 * 2 * 4 + 4 + 6 * 6 * 4 * 3 + 3
    )
    functional = {
        "class_name": "Model",
        "config": {
            "name": "old",
            "layers": [
                {"class_name": "InputLayer", "name": "in", "config": {"batch_input_shape": [None, 8, 8, 2]}},
                {"class_name": "Conv2D", "name": "conv", "config": conv, "inbound_nodes": [[["in", 0, 0, {}]]]},
                {"class_name": "Add", "name": "sum", "config": {}, "inbound_nodes": [[["conv", 0, 0, {}]] * 2]},
            ],
            "input_layers": [["in", 0, 0]],
            "output_layers": [["sum", 0, 0]],
        },
    }  # fmt: skip
    net = load(tmp_path, functional)
    assert (net.name, [node.name for node in net.graph.nodes]) == (
        "old",
        ["input", "conv", "relu1", "sum"],
    )


# ---- broken files ---------------------------------------------------------------------------------------------------


def circle(made: Any) -> None:
    """The stem takes what comes of it."""
    (node,) = layer(made, "stem")["inbound_nodes"]
    node["args"][0]["config"]["keras_history"] = ["masked", 0, 0]


def nested(made: Any) -> None:
    """Models within models."""
    inner = {"class_name": "Sequential", "config": {"name": "s", "layers": []}}
    for _ in range(60):
        inner = {
            "class_name": "Sequential",
            "config": {"name": "s", "layers": [inner], "build_input_shape": [None, 3]},
        }
    made.clear()
    made.update(inner)


def many_layers(made: Any) -> None:
    item = {"class_name": "Activation", "config": {"name": "a", "activation": "relu"}}
    first = {"class_name": "InputLayer", "config": {"name": "in", "batch_shape": [None, 3]}}
    made.clear()
    made.update({"class_name": "Sequential", "config": {"layers": [first, *[item] * 110_000]}})


def another_shape(made: Any) -> None:
    layer(made, "stem")["config"]["strides"] = [1, 1]


def without(*names: str) -> Callable[[Any], None]:
    def change(made: Any) -> None:
        for name in names:
            del layer(made, "stem")[name]

    return change


def sized(*sizes: Any) -> Callable[[Any], None]:
    def change(made: Any) -> None:
        layer(made, "image")["config"]["batch_shape"] = [None, *sizes]

    return change


def ending_in(outputs: Any) -> Callable[[Any], None]:
    def change(made: Any) -> None:
        made["config"]["output_layers"] = outputs

    return change


BROKEN: dict[str, tuple[Callable[[Any], None], str]] = {
    "a circle": (circle, "is never made"),
    "nested": (nested, "nested deeper than the limit of 32"),
    "many layers": (many_layers, "more than 20,000 calls"),
    "another shape": (another_shape, "by its config, but 8x8x6 in the file"),
    "no config": (without("config"), "not as Keras writes it|next"),
    "an output that is a word": (
        ending_in("x"),
        "not as Keras writes it .ValueError: 'x' is no tensor",
    ),
    "an output that is a word among others": (ending_in([["stem", 0, 0], "é"]), "'é' is no tensor"),
    "a size of 2^63": (sized(2**63, 16, 3), "not between 1 and"),
    "a size below 0": (sized(-1, 16, 3), "not between 1 and"),
    "a size that is a word": (sized("a", 16, 3), "not between 1 and|not as Keras writes it"),
}


def problems_of(folder: Path, content: Any, name: str = "net.json") -> tuple[Problem, ...]:
    """What is wrong with a file."""
    try:
        load(folder, content, name).report()
    except SpecError as error:
        return error.problems
    return ()


@pytest.mark.parametrize("depth", [100, 500, 900, 5000])
def test_outputs_within_lists_are_read_or_refused(depth: int, tmp_path: Path) -> None:
    text = json.dumps(document())
    deep = f"{'[' * depth}{json.dumps(document()['config']['output_layers'])}{']' * depth}"
    text = text.replace(json.dumps(document()["config"]["output_layers"]), deep)
    assert deep in text
    problems = problems_of(tmp_path, text.encode())
    assert all("nested too deep" in problem.message for problem in problems)
    assert depth > 100 or not problems


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_model_is_an_error_with_the_files_name(name: str, tmp_path: Path) -> None:
    change, message = BROKEN[name]
    made = document()
    change(made)
    start = time.process_time()
    (problem,) = problems_of(tmp_path, made)
    assert time.process_time() - start < allowed(2)
    assert problem.file == str(tmp_path / "net.json")
    assert re.search(message, problem.message), problem.message


def test_other_json_and_broken_archives_are_errors(tmp_path: Path) -> None:
    for content in (
        b"{}",
        b'{"class_name": "Model"}',
        b'{"class_name": ',
        b"[" * 1_000_000,
        SMALL.read_bytes()[:700],
    ):
        assert problems_of(tmp_path, content, "net.keras")


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
        problems = problems_of(tmp_path, cut.encode())
        assert all(problem.file.startswith(str(tmp_path)) for problem in problems)


def test_a_deep_file_costs_little(tmp_path: Path) -> None:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("config.json", b"[" * 900_000)
    (problem,) = problems_of(tmp_path, whole.getvalue(), "net.keras")
    assert "nested too deep" in problem.message
