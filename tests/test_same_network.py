"""The same network written otherwise has the same report: renamed, reordered, unrolled, written to a file and back.

Over generated networks of one to three spatial axes, with strides, groups, shortcuts, `from`, shared weights and blocks
in repeats, and over some of the zoo. What is compared is every figure of every row.
"""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from extent import tries
from hypothesis import given, settings
from hypothesis import strategies as st
from test_properties import counted, flat

import cnncalc
from cnncalc.models.write_yaml import write

few = settings(max_examples=tries(15, 40))
Spec = dict[str, Any]
ZOO = ("googlenet", "resnet18", "pix2pix_unet", "torchvision/shufflenet_v2_x1_0", "unet", "nin")


def conv(draw: st.DrawFn, filters: int, channels: int, stride: int) -> Spec:
    """A convolution that divides every size by its stride, rounding up."""
    kernel = draw(st.sampled_from([1, 3, 5]))
    groups = draw(
        st.sampled_from([one for one in (1, 2, 3) if filters % one == 0 == channels % one])
    )
    fields = {"filters": filters, "kernel": kernel, "stride": stride, "pad": kernel // 2}
    return {"conv": {**fields, "groups": groups, "bias": draw(st.booleans())}}


@st.composite
def specs(draw: st.DrawFn) -> Spec:
    """A network of stages: each has a shortcut, a merge of several, a repeat or layers by name."""
    rank = draw(st.integers(1, 3))
    channels = draw(st.sampled_from([2, 3, 4, 6]))
    shape = [draw(st.integers(4, 9)) for _ in range(rank)] + [channels]
    layers: list[Any] = []
    for stage in range(draw(st.integers(1, 4))):
        filters, stride = draw(st.sampled_from([2, 4, 6])), draw(st.integers(1, 2))
        body: list[Any] = [
            conv(draw, filters, channels, stride),
            "bn",
            draw(st.sampled_from(["relu", "tanh"])),
        ]
        shortcut = [conv(draw, filters, channels, stride)]
        kind = draw(st.sampled_from(["residual", "add", "concat", "repeat", "named", "shared"]))
        if kind == "residual":
            layers.append({"residual": {"layers": body, "shortcut": shortcut}})
        elif kind in ("add", "concat"):
            layers.append({kind: [body, shortcut, [conv(draw, filters, channels, stride), "relu"]]})
        elif kind == "repeat":
            again = [conv(draw, filters, filters, 1), {"add": [["relu"], []]}]
            layers += [*body, {"repeat": {"times": draw(st.integers(0, 3)), "layers": again}}]
        elif kind == "named":
            names = [f"left{stage}", f"right{stage}"]
            layers += [
                named(body[0], names[0]),
                {"relu": {"name": names[1]}},
                {"add": {"from": names}},
            ]
        else:
            first = named(conv(draw, filters, filters, 1), f"own{stage}")
            second = {"conv": {**first["conv"], "share": f"own{stage}", "name": f"other{stage}"}}
            layers += [*body, first, "relu", second]
        channels = filters * (3 if kind == "concat" else 1)
    return {"input": shape, "layers": layers}


def named(layer: Spec, name: str) -> Spec:
    """A layer with a name."""
    ((op, fields),) = layer.items()
    return {op: {**fields, "name": name}}


def load(spec: Spec) -> cnncalc.Network:
    return cnncalc.loads(json.dumps(spec))


def as_spec(network: cnncalc.Network) -> Spec:
    """A network written out, one layer a line, as a value."""
    spec: Spec = yaml.safe_load(flat(network))
    return spec


def layers_of(spec: Spec) -> Iterator[tuple[str, Any]]:
    """The layers of a spec that is written out, with their fields; a bare word or value has none to exchange."""
    for layer in spec["layers"]:
        ((op, fields),) = layer.items() if isinstance(layer, dict) else ((layer, {}),)
        yield op, fields


def exchanged(key: str, value: Any, new: dict[str, str]) -> Any:
    """A field's value, with other names where it is one."""
    if key not in ("name", "from", "share", "like"):
        return value
    return (
        [new.get(item, item) for item in value]
        if isinstance(value, list)
        else new.get(value, value)
    )


def renamed(spec: Spec, new: dict[str, str]) -> Spec:
    """A spec that is written out, with other names."""
    layers = []
    for op, fields in layers_of(spec):
        if isinstance(fields, dict):
            fields = {key: exchanged(key, value, new) for key, value in fields.items()}
        layers.append({op: fields})
    return {**spec, "layers": layers}


def totals(network: cnncalc.Network) -> dict[str, Any]:
    """The totals of a network without what names its rows."""
    report = network.report(with_side=True)
    return {
        name: getattr(report.totals, name)
        for name in (
            "weights",
            "biases",
            "params",
            "buffers",
            "macs",
            "ops",
            "activations",
            "peak_bytes",
        )
    }


@given(specs())
@few
def test_renamed(spec: Spec) -> None:
    is_renamed(load(spec))


@pytest.mark.parametrize("name", ZOO)
def test_renamed_in_the_zoo(name: str) -> None:
    is_renamed(cnncalc.load(name))


def is_renamed(network: cnncalc.Network) -> None:
    """Assert that names change nothing else."""
    spec = as_spec(network)
    names = [
        fields["name"]
        for _, fields in layers_of(spec)
        if isinstance(fields, dict) and "name" in fields
    ]
    new = {name: f"layer-{at}" for at, name in enumerate(reversed(names))}
    other = load(renamed(spec, new))
    assert counted(other.report()) == counted(load(spec).report())
    assert set(other.layer_names) >= set(new.values())


@given(specs(), st.randoms(use_true_random=False))
@few
def test_reordered(spec: Spec, random: Any) -> None:
    """The branches of a merge stand in any order: the same rows, but for what is laid end to end."""
    is_reordered(load(spec), load(json.loads(json.dumps(spec), object_hook=shuffled(random))))


def shuffled(random: Any) -> Any:
    """What puts the branches of every sum in another order."""

    def hook(value: Spec) -> Spec:
        branches = value.get("add")
        if isinstance(branches, list):
            return {"add": random.sample(branches, len(branches))}
        return value

    return hook


@pytest.mark.parametrize("name", ZOO)
def test_reordered_in_the_zoo(name: str) -> None:
    spec = as_spec(cnncalc.load(name))
    other = {**spec, "layers": []}
    for op, fields in layers_of(spec):
        sources = fields.get("from") if isinstance(fields, dict) else None
        if op in ("add", "multiply") and isinstance(sources, list):
            fields = {**fields, "from": sources[::-1]}
        other["layers"].append({op: fields})
    is_reordered(load(spec), load(other))


def is_reordered(network: cnncalc.Network, other: cnncalc.Network) -> None:
    """Assert that two networks have the same rows in some order, and the same of them last."""
    sums = [{**totals(one), "peak_bytes": 0} for one in (network, other)]
    assert sums[0] == sums[1]
    rows, others = counted(network.report()), counted(other.report())
    unordered = [
        Counter(repr((row[0], sorted(map(repr, row[1] or ())), row[2:])) for row in one)
        for one in (rows, others)
    ]
    assert unordered[0] == unordered[1]
    assert rows[-1][2:] == others[-1][2:]


@given(specs())
@few
def test_unrolled(spec: Spec) -> None:
    """A repeat is its body so many times."""
    layers = list(
        itertools.chain.from_iterable(
            layer["repeat"]["layers"] * layer["repeat"]["times"]
            if isinstance(layer, dict) and "repeat" in layer
            else [layer]
            for layer in spec["layers"]
        )
    )
    network, other = load(spec), load({**spec, "layers": layers})
    assert counted(network.report()) == counted(other.report())
    assert totals(network) == totals(other)


@given(specs())
@few
def test_written_and_read_back(spec: Spec) -> None:
    """With its blocks and repeats, and taken apart, one layer a line."""
    network = load(spec)
    again = cnncalc.loads(write(network.graph, network.title).text)
    assert counted(again.report()) == counted(network.report())
    assert again.layer_names == network.layer_names
    assert totals(again) == totals(network)
    apart = cnncalc.loads(flat(network))
    assert counted(apart.report()) == counted(network.report())
    assert totals(apart) == totals(network)
