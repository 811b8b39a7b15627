"""Ops beside Keras' layers of the same meaning: the output's shape and `count_params()`, with its buffers."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

import cnncalc

from .conftest import require

os.environ.setdefault("KERAS_BACKEND", "torch")
keras = require("keras")
layers = keras.layers


class Pair(NamedTuple):
    """A layer as our spec has it and as Keras has it; several inputs go to a merge."""

    spec: str
    make: Callable[[], Any]
    inputs: tuple[tuple[int, ...], ...] = ((8, 12, 6),)


SEQUENCE = ((10, 8),)
TWO = ((8, 12, 6), (8, 12, 6))
PAIRS = (
    Pair("attention: {heads: 2, key_dim: 4}", lambda: Self(2, 4), SEQUENCE),
    Pair("attention: {heads: 3, key_dim: 4, value_dim: 2, bias: false}",
         lambda: Self(3, 4, value_dim=2, use_bias=False), SEQUENCE),
    Pair("attention: {heads: 3, key_dim: 4, units: 5}", lambda: Self(3, 4, output_shape=5), SEQUENCE),
    Pair("attention: {heads: 2, key_dim: 3}", lambda: layers.MultiHeadAttention(2, 3), ((10, 8), (7, 5))),
    Pair("linear: 5", lambda: layers.Dense(5)),
    Pair("linear: {units: 5, bias: false}", lambda: layers.Dense(5, use_bias=False), ((6,),)),
    Pair("embedding: {entries: 100, units: 16}", lambda: layers.Embedding(100, 16), ((10,),)),
    Pair("rmsnorm", layers.RMSNormalization),
    Pair("unitnorm", layers.UnitNormalization),
    Pair("groupnorm: 3", lambda: layers.GroupNormalization(3)),
    Pair("scale: {factor: 1/127.5, offset: 0 - 1}", lambda: layers.Rescaling(1 / 127.5, -1)),
    Pair("crop: [[1, 2], [3, 0]]", lambda: layers.Cropping2D(((1, 2), (3, 0)))),
    Pair("crop: 2", lambda: layers.Cropping1D(2), SEQUENCE),
    Pair("crop: {to: [5, 7]}", lambda: layers.CenterCrop(5, 7)),
    Pair("pad: [[1, 2], [3, 0]]", lambda: layers.ZeroPadding2D(((1, 2), (3, 0)))),
    Pair("permute: [width, height, channels]", lambda: layers.Permute((2, 1, 3))),
    Pair("permute: [channels, length]", lambda: layers.Permute((2, 1)), SEQUENCE),
    Pair("upsample: {scale: [2, 3], mode: bilinear}", lambda: layers.UpSampling2D((2, 3), interpolation="bilinear")),
    Pair("upsample: 2", lambda: layers.UpSampling1D(2), SEQUENCE),
    Pair("dropout: {rate: 0.5, maps: true}", lambda: layers.SpatialDropout2D(0.5)),
    Pair("adaptiveavgpool: [4, 3]", lambda: layers.AdaptiveAveragePooling2D((4, 3))),
    Pair("reduce: {how: mean, keep: false}", layers.GlobalAveragePooling2D),
    Pair("reduce: {how: maximum, keep: false}", layers.GlobalMaxPooling1D, SEQUENCE),
    Pair("subtract", layers.Subtract, TWO),
    Pair("maximum", layers.Maximum, TWO),
    Pair("minimum", layers.Minimum, TWO),
    Pair("average", layers.Average, TWO),
    Pair("multiply: {broadcast: true}", layers.Multiply, ((8, 12, 6), (8, 12, 1))),
    Pair("concat: {axis: height}", lambda: layers.Concatenate(1), ((8, 12, 6), (3, 12, 6))),
    *(Pair(kind, lambda name=name: layers.Activation(name)) for kind, name in {
        "mish": "mish", "softplus": "softplus", "softsign": "softsign", "selu": "selu", "celu": "celu",
        "hardtanh": "hard_tanh", "logsigmoid": "log_sigmoid", "hardshrink": "hard_shrink", "softshrink": "soft_shrink",
        "tanhshrink": "tanh_shrink", "squareplus": "squareplus", "exp": "exponential", "log_softmax": "log_softmax",
    }.items()),
)  # fmt: skip


def Self(*sizes: int, **options: Any) -> Any:  # noqa: N802  (it stands for a layer)
    """Attention of what arrives to itself."""
    attention = layers.MultiHeadAttention(*sizes, **options)
    given = keras.Input(SEQUENCE[0])
    return keras.Model(given, attention(given, given))


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.spec)
def test_shapes_and_parameters(pair: Pair) -> None:
    inputs = {f"x{number}": "x".join(map(str, shape)) for number, shape in enumerate(pair.inputs)}
    word, _, fields = pair.spec.partition(": ")
    if len(inputs) > 1:
        inside = fields.strip("{}")
        fields = f"{{from: [{', '.join(inputs)}]{', ' if inside else ''}{inside}}}"
    text = f"input: {inputs}\nlayers:\n- {word}: {fields}\n"
    report = cnncalc.loads(text).report(convention="keras")
    given = [keras.Input(shape) for shape in pair.inputs]
    made = pair.make()
    several = isinstance(made, layers.MultiHeadAttention) or len(given) == 1
    output = made(*given) if several else made(given)
    model = keras.Model(given, output)
    assert report.rows[-1].output == tuple(model.output_shape[1:])
    assert report.rows[-1].counted_params == model.count_params()
