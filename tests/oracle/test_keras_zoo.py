"""The networks of the zoo that are those of keras.applications: parameters, shapes and MACs, layer by layer.

What a layer has is read off the Keras layer: its trainable arrays and its output; its MACs are the positions of the
output x the elements of the kernel. The order is not compared, for Keras lists a shortcut before what it goes around.
"""

from __future__ import annotations

import importlib
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
    ("keras/resnet_50", {}, "ResNet50", {}),
    ("keras/resnet_101", {}, "ResNet101", {}),
    ("keras/resnet_152", {}, "ResNet152", {}),
    ("keras/resnet_v2_50", {}, "ResNet50V2", {}),
    ("keras/resnet_v2_101", {}, "ResNet101V2", {}),
    ("keras/resnet_v2_152", {}, "ResNet152V2", {}),
    ("keras/nasnet_mobile", {}, "NASNetMobile", {}),
)  # fmt: skip
if os.environ.get("CNNCALC_ALL_MODELS"):  # Keras takes half a minute to build it
    CASES = (*CASES, ("keras/nasnet_large", {}, "NASNetLarge", {}))
NASNET_MOBILE = {
    "input_shape": (224, 224, 3),
    "penultimate_filters": 1056,
    "num_blocks": 4,
    "stem_block_filters": 32,
    "skip_reduction": False,
    "filter_multiplier": 2,
    "default_size": 224,
}
"""What keras.applications.NASNetMobile asks for, which refuses the backend of PyTorch; it builds there all the same."""


def model_of_keras(name: str, arguments: dict[str, Any]) -> Any:
    """A model without weights."""
    if name == "NASNetMobile":
        nasnet = importlib.import_module("keras.src.applications.nasnet")
        return nasnet.NASNet(weights=None, **NASNET_MOBILE)
    return getattr(keras.applications, name)(weights=None, **arguments)


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
    built = model_of_keras(model, arguments)
    report = cnncalc.load(name, set=settings).report(convention="keras")
    ours = Counter(
        (without_ones(row.output), row.params, row.macs) for row in report.rows if row.params
    )
    assert ours == Counter(theirs(built))
    assert report.totals.counted_params == built.count_params()
