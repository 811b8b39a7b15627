"""Write `files/layers.json` and `layers.json.xz`, with Keras 3.15; in `tests/`:
`KERAS_BACKEND=torch python -m models.make_layers`.

Each is a Keras model of a few layers, in the form that a reader has to know. The first file has what Keras says of it:
the parameters that it counts and the shape of its outputs, and FlopCounterMode's multiply-accumulates of one example as
Keras runs it on PyTorch, beside the rows that stand for it, which are written here by hand. The other has the models.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import keras
import torch
from keras import layers, ops
from keras.src.applications.convnext import LayerScale
from keras.src.applications.inception_resnet_v2 import CustomScaleLayer
from torch.utils.flop_counter import FlopCounterMode

import cnncalc
from cnncalc.models.writers import write_graph

from .recorded import write

MAP, LINE, VOLUME, SEQUENCE, VECTOR = (8, 12, 6), (10, 6), (4, 6, 4, 2), (10, 8), (6,)
FIRST: dict[str, Any] = {"data_format": "channels_first"}
Case = tuple[str, Callable[[], Any]]


def of(rows: str, function: Callable[..., Any], *shapes: tuple[int | None, ...]) -> Case:
    """Return the case of a function of what arrives, a map where no shape is given; it is built when it is asked for.

    A file has the shape of what arrives at another layer, which a row of which nothing else is known needs.
    """
    is_stated = "unknown" in rows or "opaque" in rows

    def build() -> Any:
        arriving = [keras.Input(shape) for shape in shapes or (MAP,)]
        output = function(*arriving)
        return keras.Model(arriving, layers.Identity()(output) if is_stated else output)

    return f"{rows} identity" if is_stated else rows, build


def written(rows: str, layer: str) -> Case:
    """Return the case of a layer that Keras has not, as the code that `convert --to keras` writes brings it along."""

    def build() -> Any:
        net = cnncalc.loads(f"input: 8x12x8\nlayers: [{layer}]")
        space: dict[str, Any] = {"__name__": "written"}
        exec(write_graph(net.graph, "net", "keras").text, space)
        made = [each for each in space.values() if getattr(each, "__module__", "") == "written"]
        return [each for each in made if not isinstance(each, type)][-1]()

    return rows, build


def twice(x: Any) -> Any:
    """Stand for an activation of somebody's own."""
    return 2 * x


keras.saving.register_keras_serializable()(twice)


CASES: dict[str, Case] = {
    # activations
    "an_activation_that_is_a_layer": of(
        "conv relu", lambda x: layers.Conv2D(4, 3, activation=layers.ReLU())(x)
    ),
    "an_activation_of_ones_own": of("unknown", lambda x: layers.Activation(twice)(x)),
    "activations": of(
        "gelu identity silu hardswish",
        lambda x: layers.Activation("hard_swish")(
            layers.Activation("swish")(layers.Activation("linear")(layers.Activation("gelu")(x)))
        ),
    ),
    "activations_over_the_channels": of(
        "softmax log_softmax",
        lambda x: layers.Activation("log_softmax")(layers.Activation("softmax")(x)),
    ),
    "relu_in_its_forms": of(
        "relu relu6 leaky_relu unknown unknown",
        lambda x: layers.ReLU(threshold=1.0)(
            layers.ReLU(4.0)(layers.ReLU(negative_slope=0.1)(layers.ReLU(6.0)(layers.ReLU()(x))))
        ),
    ),
    "functions_of_one_element": of(
        "elu leaky_relu unitnorm identity",
        lambda x: layers.GaussianNoise(0.1)(
            layers.UnitNormalization()(layers.LeakyReLU()(layers.ELU()(x)))
        ),
    ),
    "a_slope_a_channel": of("prelu", lambda x: layers.PReLU(shared_axes=[1, 2])(x)),
    "one_slope": of("prelu", lambda x: layers.PReLU(shared_axes=[1, 2, 3])(x)),
    "a_slope_an_element": of("unknown", lambda x: layers.PReLU()(x)),
    "softmax_over_an_axis": of("reshape softmax", lambda x: layers.Softmax(1)(x)),
    "softmax_over_two_axes": of("unknown", lambda x: layers.Softmax([1, 2])(x)),
    "dropouts": of(
        "dropout dropout stochastic_depth stochastic_depth",
        lambda x: layers.Dropout(0.1, noise_shape=(1, 1, 1, 1))(
            layers.Dropout(0.1, noise_shape=(None, 1, 1, 1))(
                layers.SpatialDropout2D(0.5)(layers.Dropout(0.2)(x))
            )
        ),
    ),
    "a_constant_factor": of(
        "scale scale", lambda x: layers.Rescaling([0.5], 1.0)(layers.Rescaling(1 / 255)(x))
    ),
    "numbers": of("scale scale", lambda x: x * 2 + 1),
    "a_scale_a_channel": of("affine", lambda x: LayerScale(1e-6, 6)(x)),
    "a_scaled_sum": of(
        "conv scale add", lambda x: CustomScaleLayer(0.2)([x, layers.Conv2D(6, 1)(x)])
    ),
    # layers with weights
    "a_causal_convolution": of(
        "conv", lambda x: layers.Conv1D(4, 3, dilation_rate=2, padding="causal")(x), LINE
    ),
    "channels_first": of(
        "reshape conv maxpool globalavgpool",
        lambda x: layers.GlobalAveragePooling2D(**FIRST)(
            layers.MaxPooling2D(2, **FIRST)(layers.Conv2D(4, 3, **FIRST)(x))
        ),
    ),
    "a_depthwise_convolution": of(
        "conv",
        lambda x: layers.DepthwiseConv2D(3, depth_multiplier=2, padding="same", strides=2)(x),
    ),
    "a_separable_convolution": of(
        "conv conv relu",
        lambda x: layers.SeparableConv1D(4, 3, depth_multiplier=2, activation="relu")(x),
        LINE,
    ),
    "a_convolution_of_a_volume": of(
        "conv", lambda x: layers.Conv3D(4, (1, 3, 3), use_bias=False)(x), VOLUME
    ),
    "a_convolution_of_groups": of("conv", lambda x: layers.Conv2D(4, 3, groups=2)(x)),
    "transposed_convolutions": of(
        "conv_transpose conv_transpose conv_transpose conv_transpose",
        lambda x: layers.Conv2DTranspose(4, 2, 3)(
            layers.Conv2DTranspose(4, 3, 2, "same", output_padding=1)(
                layers.Conv2DTranspose(4, 3, 2, "same")(layers.Conv2DTranspose(3, 3, 2)(x))
            )
        ),
    ),
    "a_dense_layer_of_a_map": of(
        "linear tanh", lambda x: layers.Dense(3, activation="tanh", use_bias=False)(x)
    ),
    "norms": of(
        "bn layernorm groupnorm groupnorm rmsnorm",
        lambda x: layers.RMSNormalization()(
            layers.GroupNormalization(-1)(
                layers.GroupNormalization(3)(
                    layers.LayerNormalization([3])(layers.BatchNormalization(scale=False)(x))
                )
            )
        ),
    ),
    "a_norm_over_two_axes": of("unknown", lambda x: layers.LayerNormalization([2, 3])(x)),
    "rms_norm_over_two_axes": of("unknown", lambda x: layers.RMSNormalization(axis=[2, 3])(x)),
    "an_embedding": of("embedding", lambda x: layers.Embedding(100, 16)(x), (10,)),
    "attention_to_itself": of(
        "attention", lambda x: layers.MultiHeadAttention(2, 4, dropout=0.1)(x, x), SEQUENCE
    ),
    "attention_to_another": of(
        "attention",
        lambda x, y: layers.MultiHeadAttention(2, 3, value_dim=5, output_shape=7)(x, y),
        SEQUENCE,
        (7, 5),
    ),
    "attention_with_keys_of_their_own": of(
        "attention",
        lambda x, y, z: layers.MultiHeadAttention(2, 3, use_bias=False, dropout=0.1)(x, y, z),
        SEQUENCE,
        (7, 5),
        (7, 4),
    ),
    "attention_in_a_map": of("unknown", lambda x: layers.MultiHeadAttention(2, 4)(x, x)),
    "statistics_that_are_given": of(
        "scale", lambda x: layers.Normalization(mean=0.5, variance=4.0)(x)
    ),
    # pools
    "pools": of(
        "maxpool avgpool",
        lambda x: layers.AveragePooling2D(3, 1, "same")(layers.MaxPooling2D((2, 3))(x)),
    ),
    "pools_of_a_line": of(
        "maxpool avgpool", lambda x: layers.AveragePooling1D(2)(layers.MaxPooling1D(3, 2)(x)), LINE
    ),
    "adaptive_pools": of(
        "adaptiveavgpool adaptivemaxpool",
        lambda x: layers.AdaptiveMaxPooling2D(2)(layers.AdaptiveAveragePooling2D((4, 3))(x)),
    ),
    "a_global_pool_that_keeps_its_axes": of(
        "globalmaxpool conv",
        lambda x: layers.Conv2D(3, 1)(layers.GlobalMaxPooling2D(keepdims=True)(x)),
    ),
    # several tensors
    "sums_of_two": of(
        "subtract average maximum minimum",
        lambda x, y: layers.Minimum()(
            [layers.Maximum()([layers.Average()([layers.Subtract()([x, y]), y]), y]), y]
        ),
        MAP,
        MAP,
    ),
    "a_sum_with_fewer_axes": of("reshape add", lambda x, y: layers.Add()([x, y]), MAP, (12, 6)),
    "a_map_times_a_gate": of(
        "globalavgpool multiply",
        lambda x: layers.Multiply()([x, layers.GlobalAveragePooling2D(keepdims=True)(x)]),
    ),
    "channels_on_channels": of(
        "relu concat", lambda x: layers.Concatenate()([x, layers.ReLU()(x)])
    ),
    "rows_on_rows": of("relu concat", lambda x: layers.Concatenate(1)([x, layers.ReLU()(x)])),
    "a_vector_behind_a_vector": of(
        "concat", lambda x, y: layers.Concatenate()([x, y]), VECTOR, (3,)
    ),
    "rows_on_rows_of_an_open_order": of(
        "reshape concat",
        lambda x: layers.Concatenate(1)(
            [layers.Permute((2, 1, 3))(x), layers.Permute((2, 1, 3))(x)]
        ),
    ),
    # order and shape
    "what_is_stated": of("opaque", lambda x: layers.CenterCrop(5, 7)(x)),
    "vectors": of("fc fc", lambda x: layers.Dense(3)(layers.Flatten()(layers.Dense(4)(x))), VECTOR),
    "another_shape": of(
        "reshape reshape", lambda x: layers.Reshape((24, 24))(layers.Reshape((-1, 12, 2))(x))
    ),
    "axes_turned": of("reshape conv", lambda x: layers.Conv2D(3, 1)(layers.Permute((2, 1, 3))(x))),
    "a_vector_repeated": of("broadcast", lambda x: layers.RepeatVector(5)(x), VECTOR),
    "zeros_around": of(
        "pad crop",
        lambda x: layers.Cropping2D(((1, 2), (3, 0)))(layers.ZeroPadding2D(((1, 2), (3, 0)))(x)),
    ),
    "zeros_around_a_line": of(
        "pad crop", lambda x: layers.Cropping1D(2)(layers.ZeroPadding1D((1, 3))(x)), LINE
    ),
    "every_other_row": of("slice", lambda x: x[:, ::2, 1:5]),
    "one_row": of("unknown", lambda x: x[:, 0]),
    "every_other_channel": of("unknown", lambda x: x[..., ::2]),
    "every_other_channel_of_all_axes": of("unknown", lambda x: x[:, :, :, ::2]),
    "zeros_behind_the_channels": of("pad", lambda x: ops.pad(x, ((0, 0), (1, 1), (0, 0), (0, 2)))),
    "a_border_that_is_reflected": of(
        "pad", lambda x: ops.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)), "reflect")
    ),
    "a_border_that_goes_round": of(
        "unknown", lambda x: ops.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)), "symmetric")
    ),
    "another_size": of("upsample", lambda x: layers.Resizing(5, 7)(x)),
    "another_size_of_the_same_ratio": of(
        "opaque", lambda x: layers.Resizing(5, 7, crop_to_aspect_ratio=True)(x)
    ),
    "twice_as_large": of(
        "upsample upsample",
        lambda x: layers.UpSampling2D((2, 3), interpolation="bilinear")(layers.UpSampling2D()(x)),
    ),
    "a_longer_line": of("upsample", lambda x: layers.UpSampling1D(3)(x), LINE),
    # whole models
    "outputs_by_name": of(
        "conv globalavgpool fc",
        lambda x: (
            lambda y: {"map": y, "top": layers.Dense(3)(layers.GlobalAveragePooling2D()(y))}
        )(layers.Conv2D(4, 1)(x)),
    ),
    "a_sequence_of_layers": (
        "conv flatten fc",
        lambda: keras.Sequential(
            [keras.Input(MAP), layers.Conv2D(4, 3), layers.Flatten(), layers.Dense(3)]
        ),
    ),
    "a_sequence_that_is_built_later": (
        "conv flatten fc",
        lambda: (lambda made: (made.build((None, *MAP)), made)[1])(
            keras.Sequential([layers.Conv2D(4, 3), layers.Flatten(), layers.Dense(3)])
        ),
    ),
    # classes that written code brings along
    "channels_shuffled": written("shuffle", "{shuffle: 2}"),
    "pixels_of_channels": written(
        "pixel_shuffle pixel_unshuffle", "{pixel_shuffle: 2}, {pixel_unshuffle: 4}"
    ),
    "a_trained_pool": written("avgpool", "{avgpool: {kernel: 2, trainable: true}}"),
    "a_table_of_maps": written(
        "conv", "{conv: {filters: 2, kernel: 3, connections: [[0, 1], [1, 2, 7]]}}"
    ),
    "a_bias_of_each_element": written("conv", "{conv: {filters: 2, kernel: 1, bias: position}}"),
    "two_tensors_for_one": of(
        "unknown", lambda x, y: layers.Dot(axes=-1)([x, y]), SEQUENCE, SEQUENCE
    ),
    "local_response_norm": written("lrn", "{lrn: 3}"),
}


def macs(model: Any) -> int:
    """Return FlopCounterMode's multiply-accumulates of one example."""
    arriving = [torch.zeros((1, *tensor.shape[1:])) for tensor in model.inputs]
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(arriving if len(arriving) > 1 else arriving[0])
    return int(counter.get_total_flops()) // 2


def told() -> tuple[dict[str, Any], dict[str, Any]]:
    """Build every model; what Keras says of each, and its JSON."""
    facts: dict[str, Any] = {}
    models: dict[str, Any] = {}
    for name, (rows, build) in CASES.items():
        keras.utils.clear_session()
        model = build()
        facts[name] = {
            "rows": rows,
            "params": model.count_params(),
            "macs": macs(model),
            "outputs": [list(tensor.shape) for tensor in model.outputs],
        }
        models[name] = json.loads(model.to_json())
    return facts, models


if __name__ == "__main__":
    write("layers", f"keras {keras.__version__}", *told())
