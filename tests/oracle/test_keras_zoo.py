"""The networks of the zoo that are those of keras.applications: parameters, shapes and MACs, layer by layer.

What a layer has is read off the Keras layer: its trainable arrays and its output; its MACs are the positions of the
output x the elements of the kernel. The order is not compared, for Keras lists a shortcut before what it goes around.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from math import prod
from typing import Any

import pytest

import cnncalc

from .conftest import require

os.environ.setdefault("KERAS_BACKEND", "torch")
keras = require("keras")

Layer = tuple[tuple[int, ...], int, int]  # the output without sizes of 1, parameters, MACs

CASES: tuple[tuple[str, dict[str, Any], str, dict[str, Any]], ...] = (
    ("mobilenet", {}, "MobileNet", {}),
    ("mobilenet", {"width": "0.25", "size": 160}, "MobileNet", {"alpha": 0.25, "input_shape": (160, 160, 3)}),
    ("xception", {}, "Xception", {}),
    ("keras/resnet_v2_50", {}, "ResNet50V2", {}),
    ("keras/resnet_v2_101", {}, "ResNet101V2", {}),
    ("keras/resnet_v2_152", {}, "ResNet152V2", {}),
)  # fmt: skip


def theirs(model: Any) -> Iterator[Layer]:
    """What has parameters; a separable convolution is two layers here."""
    for layer in model.layers:
        output = tuple(layer.output.shape[1:])
        if type(layer).__name__ == "SeparableConv2D":
            kernel = layer.depthwise_kernel.shape
            yield entry((*output[:-1], kernel[2]), (kernel,), kernel)
            yield entry(output, (layer.pointwise_kernel.shape,), layer.pointwise_kernel.shape)
        elif layer.trainable_weights:
            arrays = tuple(tuple(array.shape) for array in layer.trainable_weights)
            yield entry(output, arrays, getattr(layer, "kernel", None) is not None and arrays[0])


def entry(output: tuple[int, ...], arrays: Any, kernel: Any) -> Layer:
    return without_ones(output), sum(map(prod, arrays)), prod(output[:-1]) * prod(kernel or (0,))


def without_ones(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(size for size in shape if size > 1)


@pytest.mark.parametrize(("name", "settings", "model", "arguments"), CASES)
def test_every_layer_with_parameters_is_that_of_keras(
    name: str, settings: dict[str, Any], model: str, arguments: dict[str, Any]
) -> None:
    built = getattr(keras.applications, model)(weights=None, **arguments)
    report = cnncalc.load(name, set=settings).report(convention="keras")
    ours = Counter(
        (without_ones(row.output), row.params, row.macs) for row in report.rows if row.params
    )
    assert ours == Counter(theirs(built))
    assert report.totals.counted_params == built.count_params()
