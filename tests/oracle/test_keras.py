"""Keras models beside our reading of what Keras writes: count_params and the shape that every layer gives.

Keras runs on PyTorch here (`KERAS_BACKEND=torch`); its models are built with `weights=None`. `CNNCALC_ALL_MODELS=1`
takes all of keras.applications.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import cnncalc

from .conftest import require

os.environ.setdefault("KERAS_BACKEND", "torch")
keras = require("keras")
layers = keras.layers

ALL = bool(os.environ.get("CNNCALC_ALL_MODELS"))
SOME = (
    "VGG16", "ResNet50", "MobileNet", "MobileNetV2", "EfficientNetB0", "EfficientNetV2B0", "DenseNet121", "Xception",
    "InceptionResNetV2", "NASNetMobile", "MobileNetV3Small", "ConvNeXtTiny",
)  # fmt: skip
EVERY = tuple(name for name in dir(keras.applications) if name[0].isupper())


def build(name: str) -> Any:
    """A model of keras.applications; NASNet's check of the backend, which concerns its numbers, is left out."""
    from keras.src import backend
    from keras.src.applications import nasnet

    nasnet.backend = SimpleNamespace(**{**vars(backend), "backend": lambda: "jax"})
    size = {"input_shape": (224, 224, 3)} if name.startswith("MobileNetV3") else {}
    return getattr(keras.applications, name)(weights=None, **size)


def written(model: Any, folder: Path, ending: str = ".json") -> Path:
    """The file that Keras writes."""
    path = folder / f"model{ending}"
    if ending == ".json":
        path.write_text(model.to_json(), encoding="utf-8")
    else:
        model.save(path)
    return path


def counts_of_examples(model: Any) -> int:
    """The number of examples that each Normalization layer keeps, which we do not count."""
    return sum(
        type(layer).__name__ == "Normalization" and layer.input_mean is None
        for layer in model._flatten_layers()
    )


def check(net: cnncalc.Network, model: Any) -> None:
    """Equal parameters, and a row or a scope of each layer's name and shape."""
    totals = net.report(convention="keras").totals
    assert totals.counted_params == model.count_params() - counts_of_examples(model)
    assert not [node.name for node in net.graph.nodes if node.kind in ("unknown", "opaque")]
    nodes, places = net.graph.nodes, net.graph.places
    for layer in model.layers:
        if isinstance(layer, layers.InputLayer):
            continue
        shape = tuple(
            layer.get_output_at(0).shape
            if hasattr(layer, "get_output_at")
            else layer._inbound_nodes[0].outputs[0].shape
        )
        if layer.name in places:  # a permutation has no row
            assert without_ones(nodes[places[layer.name]].output) == without_ones(shape[1:]), (
                layer.name
            )
        else:
            assert isinstance(layer, layers.Permute), layer.name


def without_ones(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The sizes in order of size, without those of one position, which a global pool keeps and a vector has not."""
    return tuple(sorted(size for size in shape if size != 1))


@pytest.mark.parametrize("name", EVERY if ALL else SOME)
def test_an_application(name: str, tmp_path: Path) -> None:
    model = build(name)
    check(cnncalc.load(written(model, tmp_path)), model)


# --- one thing at a time ---------------------------------------------------------------------------------------------


def sequence(shape: tuple[int, ...], *made: Any) -> Callable[[], Any]:
    return lambda: keras.Sequential([keras.Input(shape), *(layer() for layer in made)])


def shared() -> Any:
    """A model that is called twice in another, and a layer too."""
    small = keras.Input((8, 8, 4))
    inner = keras.Model(
        small, layers.BatchNormalization()(layers.Conv2D(4, 3, padding="same")(small)), name="inner"
    )
    conv = layers.Conv2D(4, 1, name="again")
    first, second = keras.Input((8, 8, 4), name="first"), keras.Input((8, 8, 4), name="second")
    joined = layers.Add()([inner(first), inner(second)])
    return keras.Model([first, second], layers.Concatenate()([conv(joined), conv(first)]))


def nested() -> Any:
    head = keras.Sequential([layers.Flatten(), layers.Dense(5, activation="softmax")], name="head")
    body = keras.Sequential(
        [keras.Input((8, 8, 3)), layers.Conv2D(4, 3, activation="relu")], name="body"
    )
    image = keras.Input((8, 8, 3))
    return keras.Model(image, head(body(image)))


def gated() -> Any:
    image = keras.Input((8, 8, 6))
    gate = layers.GlobalAveragePooling2D(keepdims=True)(image)
    gate = layers.Conv2D(6, 1, activation="sigmoid")(layers.Conv2D(3, 1, activation="silu")(gate))
    return keras.Model(image, layers.Multiply()([image, gate]))


def first(**given: Any) -> dict[str, Any]:
    return {"data_format": "channels_first", **given}


WORDS = (
    "relu", "relu6", "elu", "gelu", "silu", "sigmoid", "tanh", "softmax", "hard_sigmoid", "hard_silu", "linear",
)  # fmt: skip


def attention() -> Any:
    tokens, memory = keras.Input((7, 6), name="tokens"), keras.Input((5, 4), name="memory")
    x = layers.MultiHeadAttention(2, 3)(tokens, tokens)
    x = layers.MultiHeadAttention(3, 4, value_dim=5, use_bias=False)(x, memory)
    return keras.Model([tokens, memory], layers.LayerNormalization()(x + tokens) * 2.0 + 1.0)


def merges() -> Any:
    first, second = keras.Input((6, 5, 4), name="first"), keras.Input((6, 5, 4), name="second")
    made = [
        kind()([first, second])
        for kind in (layers.Subtract, layers.Average, layers.Maximum, layers.Minimum)
    ]
    high = layers.Concatenate(axis=1)([made[0], made[1]])
    wide = layers.Concatenate(axis=2)([made[2], made[3]])
    wide = layers.Resizing(12, 5, interpolation="bicubic")(wide)
    return keras.Model([first, second], layers.Add()([high, wide]))


MADE: dict[str, Callable[[], Any]] = {
    "paddings": sequence(
        (11, 13, 3),
        lambda: layers.Conv2D(4, 3, padding="same", strides=2),
        lambda: layers.Conv2D(4, (1, 3), dilation_rate=2, padding="same"),
        lambda: layers.Conv2D(4, 2, padding="valid", use_bias=False),
    ),
    "causal": sequence(
        (12, 3),
        lambda: layers.Conv1D(4, 3, padding="causal", dilation_rate=2),
        lambda: layers.Conv1D(2, 2, strides=2),
    ),
    "three axes": sequence(
        (6, 7, 8, 2),
        lambda: layers.Conv3D(4, 3, padding="same"),
        lambda: layers.MaxPooling3D(2, padding="same"),
        lambda: layers.ZeroPadding3D(((1, 0), (0, 1), (1, 1))),
        lambda: layers.AveragePooling3D(2, strides=1),
        lambda: layers.GlobalMaxPooling3D(),
    ),
    "grouped": sequence(
        (8, 8, 4),
        lambda: layers.Conv2D(8, 3, groups=2),
        lambda: layers.GroupNormalization(4),
        lambda: layers.PReLU(shared_axes=[1, 2]),
    ),
    "depthwise": sequence(
        (8, 8, 4),
        lambda: layers.DepthwiseConv2D(3, depth_multiplier=2, padding="same", activation="relu6"),
        lambda: layers.SeparableConv2D(6, 3, strides=2, depth_multiplier=2, use_bias=False),
    ),
    "separable in one axis": sequence(
        (9, 4), lambda: layers.SeparableConv1D(6, 3), lambda: layers.DepthwiseConv1D(2)
    ),
    "transposed": sequence(
        (5, 6, 3),
        lambda: layers.Conv2DTranspose(4, 3, strides=2, padding="same"),
        lambda: layers.Conv2DTranspose(4, 2, strides=3, padding="valid"),
        lambda: layers.Conv2DTranspose(4, 4, strides=2, padding="valid"),
        lambda: layers.Conv2DTranspose(2, 3, strides=2, padding="same", output_padding=1),
    ),
    "norms": sequence(
        (8, 8, 4),
        lambda: layers.BatchNormalization(scale=False),
        lambda: layers.BatchNormalization(center=False),
        lambda: layers.BatchNormalization(center=False, scale=False),
        lambda: layers.LayerNormalization(),
        lambda: layers.LayerNormalization(center=False),
        lambda: layers.Normalization(),
    ),
    "pools": sequence(
        (13, 9, 4),
        lambda: layers.MaxPooling2D(3, strides=2, padding="same"),
        lambda: layers.AveragePooling2D((2, 1), strides=1, padding="same"),
        lambda: layers.MaxPooling2D(2),
        lambda: layers.GlobalAveragePooling2D(keepdims=True),
        lambda: layers.Flatten(),
    ),
    "shapes": sequence(
        (6, 4, 2),
        lambda: layers.ZeroPadding2D(((1, 2), (0, 3))),
        lambda: layers.UpSampling2D((2, 3)),
        lambda: layers.UpSampling2D(2, interpolation="bilinear"),
        lambda: layers.Reshape((-1, 7)),
        lambda: layers.Flatten(),
        lambda: layers.Dense(12),
        lambda: layers.Reshape((3, 2, 2)),
        lambda: layers.Permute((3, 1, 2)),
        lambda: layers.Conv2D(4, 1),
    ),
    "in training alone": sequence(
        (8, 8, 4),
        lambda: layers.Rescaling(1 / 255),
        lambda: layers.RandomFlip(),
        lambda: layers.RandomRotation(0.1),
        lambda: layers.GaussianNoise(0.1),
        lambda: layers.SpatialDropout2D(0.2),
        lambda: layers.Dropout(0.3),
    ),
    "activations": sequence(
        (8, 8, 4),
        *(partial(layers.Activation, word) for word in WORDS),
        lambda: layers.ReLU(6.0),
        lambda: layers.ReLU(negative_slope=0.1),
        lambda: layers.LeakyReLU(),
        lambda: layers.ELU(),
        lambda: layers.Softmax(),
    ),
    "channels first": sequence(
        (3, 11, 9),
        lambda: layers.Conv2D(4, 3, **first(padding="same")),
        lambda: layers.BatchNormalization(axis=1),
        lambda: layers.MaxPooling2D(2, **first()),
        lambda: layers.SeparableConv2D(6, 3, **first()),
        lambda: layers.ZeroPadding2D(1, **first()),
        lambda: layers.UpSampling2D(2, **first()),
        lambda: layers.GlobalAveragePooling2D(**first()),
        lambda: layers.Dense(2),
    ),
    "on the last axis": sequence(
        (6, 5, 4),
        lambda: layers.Dense(3, activation="mish"),
        lambda: layers.Cropping2D(((1, 0), (0, 2))),
        lambda: layers.Dense(2, use_bias=False),
        lambda: layers.UnitNormalization(),
        lambda: layers.RMSNormalization(),
    ),
    "words": sequence(
        (7,), lambda: layers.Embedding(50, 6), lambda: layers.Conv1D(3, 2), lambda: layers.Dense(2)
    ),
    "attention": attention,
    "merges": merges,
    "cropped": sequence(
        (9, 3), lambda: layers.Cropping1D((1, 2)), lambda: layers.ZeroPadding1D((3, 0))
    ),
    "repeated": sequence((5,), lambda: layers.RepeatVector(7), lambda: layers.Conv1D(3, 2)),
    "shared": shared,
    "nested": nested,
    "gated": gated,
}


@pytest.mark.parametrize("ending", [".json", ".keras"])
@pytest.mark.parametrize("name", MADE)
def test_a_made_model(name: str, ending: str, tmp_path: Path) -> None:
    model = MADE[name]()
    check(cnncalc.load(written(model, tmp_path, ending)), model)
