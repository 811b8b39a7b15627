"""The JSON Schema of a spec takes what the reader takes, and refuses what it refuses for its form."""

from __future__ import annotations

from functools import cache
from typing import Any

import jsonschema
import pytest
import yaml

import cnncalc
from cnncalc.ops import OPS
from cnncalc.spec.schema import spec_schema

HEAD = "input: 8x8x4\nparams: {width: 4, filters: 2}\n"

TAKEN = (
    "layers: [relu, [tanh, gelu], {relu: {}, when: width > 3}, {relu: , when: true}]",
    "layers: [conv: {filters: width * 2, kernel: [3, 1], pad: same}, fc: 10, fc: width]",
    "layers: [conv: {filters: , kernel: 1, name: a, tags: [x, y]}, conv: {out_channels: 3, kernel_size: 1, tags: x}]",
    "layers: [Conv2d: {out_channels: 3, kernel_size: 1}, conv: {filters: 4, kernel: 1, activation: relu}]",
    "layers: [relu: {name: a}, add: {from: [a, input]}, concat: [[relu], [], [[tanh, gelu]]]]",
    "layers: [[relu], concat: [[relu]], concat: {branches: [[tanh]]}]",
    "layers: [concat: {branches: [{when: true, layers: [relu]}, []]}]",
    "layers: [concat: {branches: [{layers: [conv: {filters: 4}], defaults: {conv: {kernel: 1}}}, [tanh]]}]",
    "layers: [repeat: {times: 2, layers: [relu]}, repeat: {times: width, name: r, layers: [relu], tags: x}]",
    "layers: [residual: [relu], residual: {layers: [relu], shortcut: [tanh], skip: width > 3, name: r}]",
    "layers: [residual: {layers: [relu], shortcut: {when: true, layers: [tanh]}}]",
    "layers: [side: [relu], side: {layers: [relu]}, basic: 4, basic: {width: 4}]",
    "layers: [residual: {layers: [conv: {filters: 4}], defaults: {conv: {kernel: 1, tags: [x]}, fc: 3}}]",
    "blocks: {own: {params: {n: }, layers: [fc: n]}, two: {layers: []}}\nlayers: [own: 3, own: {n: 3}, two]",
    "claims: [{params: 0, set: {width: [1, 2]}}]\nlayers: [relu]",
    "claims: [{params: 0, source: x, set: {width: 5}, input: 9}, {output: 8x8x4, near: so}]\nlayers: [relu]",
)
REFUSED = (
    "layers: 3",
    "layers: {relu: {}}",
    "layers: [3]",
    "layers: [{}]",
    "layers: [[]]",
    "layers: [[relu, {}]]",
    "layers: [{relu: {}, tanh: {}, when: true}]",
    "layers: [{relu: {}, when: [true]}]",
    "layers: [relu: 3]",
    "layers: [relu: {nam: a}]",
    "layers: [relu: {name: [a]}]",
    "layers: [relu: {tags: {a: b}}]",
    "layers: [conv: {filtres: 3, kernel: 1}]",
    "layers: [conv: {filters: {a: 3}, kernel: 1}]",
    "layers: [relu: {activation: relu}]",
    "layers: [concat: []]",
    "layers: [concat: {branches: []}]",
    "layers: [concat: {branches: [relu, []]}]",
    "layers: [concat: [{when: true}, []]]",
    "layers: [concat: [{layers: [], extra: 1}, []]]",
    "layers: [repeat: {times: 2}]",
    "layers: [repeat: {layers: [relu]}]",
    "layers: [repeat: [relu]]",
    "layers: [repeat: {times: 2.5, layers: [relu]}]",
    "layers: [repeat: {times: 2, layers: [relu], skip: true}]",
    "layers: [residual: {skip: true}]",
    "layers: [residual: {layers: [relu], skip: 3}]",
    "layers: [side: {name: a}]",
    "layers: [side: {layers: [relu], times: 2}]",
    "defaults: {conv: {kernle: 1}}\nlayers: [conv: {filters: 3}]",
    "defaults: {conv: {kernel: 1, name: a}}\nlayers: [conv: {filters: 3}]",
    "defaults: [conv]\nlayers: [relu]",
    "blocks: {own: {params: {n: 3}}}\nlayers: [relu]",
    "claims: [{source: x}]\nlayers: [relu]",
    "claims: [{params: 0, macs: 0}]\nlayers: [relu]",
)


@cache
def schema() -> dict[str, Any]:
    """The schema, checked to be one."""
    made: dict[str, Any] = spec_schema()
    jsonschema.Draft202012Validator.check_schema(made)
    return made


def is_read(text: str) -> bool:
    """Whether the reader takes a spec."""
    try:
        cnncalc.loads(text)
    except cnncalc.SpecError:
        return False
    return True


@pytest.mark.parametrize(
    ("text", "good"), [(text, True) for text in TAKEN] + [(text, False) for text in REFUSED]
)
def test_the_schema_takes_what_the_reader_takes(text: str, good: bool) -> None:
    assert is_read(HEAD + text) is good
    checker = jsonschema.Draft202012Validator(schema())
    assert checker.is_valid(yaml.safe_load(HEAD + text)) is good


def test_every_field_is_in_the_schema_and_says_what_it_is() -> None:
    words = schema()["$defs"]["layer"]["anyOf"][2]["properties"]
    for kind, op in OPS.items():
        fields = words[kind]["anyOf"][0]["properties"]
        for field in op.fields:
            assert fields[field.name]["description"] == field.help
            for alias in field.aliases:
                assert fields[alias]["deprecated"]
                assert fields[alias]["description"].endswith(f" {field.name}")
        assert ("branches" in fields) is op.merges
        assert ("activation" in fields) is any(field.name == "bias" for field in op.fields)
