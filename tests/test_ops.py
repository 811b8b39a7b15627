"""Truth tables of the ops: tests/ops/*.yaml, one file a family; what a row says, the op must say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from math import prod
from pathlib import Path
from typing import Any

import pytest
import yaml
from arithmetic import equalities, evaluate, is_calculation, whole_numbers

import cnncalc
from cnncalc.ops import OPS
from cnncalc.ops.field_types import Ends

FOLDER = Path(__file__).parent / "ops"
ROLES = {
    "weight": "weights",
    "gamma": "weights",
    "bias": "biases",
    "beta": "biases",
    "mean": "buffers",
    "var": "buffers",
    **dict.fromkeys(("query", "key", "value", "output", "relative"), "weights"),
    **dict.fromkeys(("query_bias", "key_bias", "value_bias", "output_bias"), "biases"),
}
KEYS = {
    "why",
    "input",
    "inputs",
    "before",
    "layer",
    "output",
    "arrays",
    "events",
    "window",
    "refused",
}


def read_rows() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every row of every family, with an id."""
    for path in sorted(FOLDER.glob("*.yaml")):
        table = yaml.safe_load(path.read_text(encoding="utf-8"))
        for number, row in enumerate(table["rows"], 1):
            yield f"{path.stem}-{number}-{word_of(row)}", {"counted": table["counted"], **row}


def word_of(row: dict[str, Any]) -> str:
    """The op's word."""
    layer = row["layer"]
    return layer if isinstance(layer, str) else str(next(iter(layer)))


def fields_of(row: dict[str, Any], bare: str | None) -> dict[str, Any]:
    """What the row gives each field; a bare value under its field's name."""
    layer = row["layer"]
    value = {} if isinstance(layer, str) else layer[word_of(row)]
    return value if isinstance(value, dict) else {str(bare): value}


def shape(text: str | int) -> tuple[int, ...]:
    return tuple(map(int, str(text).split("x")))


def spec(row: dict[str, Any]) -> str:
    """The row as a spec. Several inputs are those of the network, and taken by name."""
    if "input" in row:
        layers = [*row.get("before", []), row["layer"]]
        return f"input: {row['input']}\nlayers: {json.dumps(layers)}\n"
    inputs = {f"input{number}": text for number, text in enumerate(row["inputs"], 1)}
    layer = {word_of(row): {**fields_of(row, None), "from": list(inputs)}}
    return f"input: {json.dumps(inputs)}\nlayers: {json.dumps([layer])}\n"


def kernel_of(row: dict[str, Any], axes: int) -> int:
    """What a kernel covers, and 1 without one; a row says itself what else is seen at once, such as a whole map."""
    kernel = fields_of(row, OPS[word_of(row)].bare).get("kernel", 1)
    if isinstance(kernel, int):
        return int(kernel**axes)
    return prod(shape(kernel) if isinstance(kernel, str) else kernel)


ROWS = list(read_rows())
FAMILIES = sorted({name.partition("-")[0] for name, _ in ROWS})
SOUND = [pytest.param(row, id=name) for name, row in ROWS if "refused" not in row]
REFUSED = [pytest.param(row, id=name) for name, row in ROWS if "refused" in row]


def sound_rows(family: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The rows of a family that are not refused."""
    for name, row in ROWS:
        if name.partition("-")[0] == family and "refused" not in row:
            yield name, row


@cache
def network(text: str) -> cnncalc.Network:
    return cnncalc.loads(text)


@pytest.mark.parametrize("row", SOUND)
def test_row(row: dict[str, Any]) -> None:
    net = network(spec(row))
    told, facts = net.report().rows[-1], net.graph.nodes[-1].facts
    wanted = shape(row["output"])
    arrays = {name: tuple(size) for name, size in row.get("arrays", {}).items()}
    sizes = {
        role: sum(prod(arrays[name]) for name in arrays if ROLES[name] == role)
        for role in ("weights", "biases", "buffers")
    }
    assert told.output == wanted
    assert {array.name: array.shape for array in told.arrays} == arrays
    assert {array.name: array.role for array in told.arrays} == {
        name: ROLES[name] for name in arrays
    }
    assert (told.weights, told.biases, told.buffers) == (
        sizes["weights"],
        sizes["biases"],
        sizes["buffers"],
    )
    assert told.params == sizes["weights"] + sizes["biases"]
    assert {name: times for name, times in facts.events.items() if times} == row.get("events", {})
    assert told.macs == row.get("events", {}).get("mac", 0)
    assert told.outputs == prod(wanted)
    assert told.activations == (prod(wanted) if row["counted"] else 0)
    assert facts.window == row.get("window", kernel_of(row, len(wanted) - 1))


@pytest.mark.parametrize("family", FAMILIES)
def test_every_step_that_is_explained_comes_to_its_result(family: str) -> None:
    for name, row in sound_rows(family):
        net = network(spec(row))
        for step in (step for part in net.explain(net.graph.nodes[-1].name) for step in part.steps):
            result = step.result.replace(",", "").replace(" bytes", "")
            if is_calculation(step.numbers) and is_calculation(result):
                assert evaluate(step.numbers) == evaluate(result), (name, step.numbers, result)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_one_form_of_a_field_is_one_that_may_be_written(family: str) -> None:
    """What an op holds, given to its fields again, makes the same op: so a network can be written out."""
    for name, row in sound_rows(family):
        op = network(spec(row)).graph.nodes[-1].op
        for field in op.fields:
            value = getattr(op, field.name)
            if value is not None and not field.kind.is_layer_name:
                written = (value,) if isinstance(field.kind, Ends) else value
                assert field.kind.normal(written, op.rank) == value, (name, field.name)


@pytest.mark.parametrize("family", FAMILIES)
def test_why_is_true_and_gives_every_number(family: str) -> None:
    """The derivation in a row is checked too, and no expectation stands in a row that its derivation does not name."""
    for name, row in sound_rows(family):
        found = list(equalities(row["why"]))
        assert found, f"{name}: no calculation"
        for text, values in found:
            assert len(set(values)) == 1, (name, text)
        expected = {*shape(row["output"]), *row.get("events", {}).values()} - {1}
        assert expected <= whole_numbers(row["why"]), name
        assert set(row) <= KEYS | {"counted"}, name


@pytest.mark.parametrize("row", REFUSED)
def test_refused(row: dict[str, Any]) -> None:
    with pytest.raises(cnncalc.SpecError) as refusal:
        cnncalc.loads(spec(row))
    (problem,) = refusal.value.problems
    assert row["refused"] in problem.message
