"""Write the small Keras models in `files/`: `KERAS_BACKEND=torch python tests/models/make_keras.py`, with Keras 3.15.

The weights are left out of the archive, so that a file has a few kilobytes.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import keras
from keras import layers

FILES = Path(__file__).parent / "files"


def block(x: Any, filters: int) -> Any:
    """A separable convolution with a normalisation that has no scale, added to what arrived."""
    made = layers.SeparableConv2D(filters, 3, padding="same", use_bias=False, name="sep")(x)
    made = layers.BatchNormalization(scale=False, name="bn")(made)
    return layers.Add(name="sum")([x, made])


def small() -> Any:
    """A model within a model, called twice; two inputs; a layer with its activation."""
    inner_input = keras.Input((8, 8, 6), name="map")
    inner = keras.Model(inner_input, block(inner_input, 6), name="inner")
    image, mask = keras.Input((16, 16, 3), name="image"), keras.Input((8, 8, 6), name="mask")
    x = layers.Conv2D(6, 3, strides=2, padding="same", activation="relu", name="stem")(image)
    x = inner(inner(x))
    x = layers.Multiply(name="masked")([x, mask])
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    return keras.Model(
        [image, mask], layers.Dense(10, activation="softmax", name="top")(x), name="small"
    )


def save(model: Any, path: Path) -> None:
    """Write an archive without its weights, and the JSON beside it."""
    whole = io.BytesIO()
    model.save(whole_path := path.with_suffix(".whole.keras"))
    whole.write(whole_path.read_bytes())
    whole_path.unlink()
    with (
        zipfile.ZipFile(whole) as archive,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        for name in ("metadata.json", "config.json"):
            made.writestr(zipfile.ZipInfo(name), archive.read(name), zipfile.ZIP_DEFLATED, 9)


if __name__ == "__main__":
    save(small(), FILES / "small.keras")
