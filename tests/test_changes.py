"""`--set LAYER.FIELD=VALUE`: one field of one layer of what the walk sees."""

from __future__ import annotations

import pytest

import cnncalc

SPEC = """input: 32x32x3
params: {width: 8}
layers:
  - conv: {name: first, filters: width, kernel: 3}
  - basic_stage: {name: stage, times: 2, width: width}
  - fc: 10
"""


@pytest.mark.parametrize(
    ("change", "written"),
    [
        ({"first.stride": 2}, ("kernel: 3}", "kernel: 3, stride: 2}")),
        ({"first.kernel": "5"}, ("kernel: 3}", "kernel: 5}")),
        ({"first.pad": "same"}, ("kernel: 3}", "kernel: 3, pad: same}")),
        ({"first.kernel": [1, 7]}, ("kernel: 3}", "kernel: [1, 7]}")),
        ({"first.bias": "false", "width": 16}, ("kernel: 3}", "kernel: 3, bias: false}")),
    ],
)
def test_it_is_as_if_it_were_written_so(
    change: dict[str, object], written: tuple[str, str]
) -> None:
    settings = {name: value for name, value in change.items() if "." not in name}
    by_hand = cnncalc.loads(SPEC.replace(*written), set=settings).report()
    assert cnncalc.loads(SPEC, set=change).report().rows == by_hand.rows


def test_a_layer_within_a_block_changes_alone() -> None:
    plain = cnncalc.loads(SPEC)
    changed = plain.with_(set={"stage/basic1/conv1.groups": 2})
    names = [
        row.name
        for row, other in zip(changed.report().rows, plain.report().rows, strict=True)
        if row.weights != other.weights
    ]
    assert names == ["stage/basic1/conv1"]
    assert plain.with_().report().rows == plain.report().rows


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("first.strid", 2, "'strid' is not a field of first"),
        ("frist.stride", 2, "the network has no layer 'frist'"),
        ("first.kernel", 0, "kernel: expected a whole number"),
        ("first.kernel", 99, "larger than the height"),
        ("widht", 2, "no parameter 'widht'"),
    ],
)
def test_what_cannot_be_changed(name: str, value: object, said: str) -> None:
    with pytest.raises(cnncalc.SpecError, match=said):
        cnncalc.loads(SPEC, set={name: value})
