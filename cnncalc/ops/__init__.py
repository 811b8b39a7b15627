"""The ops, by family, and the registry: what a layer can be."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType

from cnncalc.ops import (
    activations,
    attention,
    conv,
    dense,
    merge,
    norm,
    opaque,
    pointwise,
    pool,
    reduce,
    reshape,
)
from cnncalc.ops.base import Op

MODULES = (
    conv,
    pool,
    reduce,
    dense,
    norm,
    activations,
    pointwise,
    merge,
    reshape,
    attention,
    opaque,
)
"""The families, in the order of the documents, where ops stand in the order of their file."""


def _defined_in(module: ModuleType) -> Iterator[type[Op]]:
    """Find the ops of a module: the classes of its own that say what kind of op they are."""
    for value in vars(module).values():
        is_own = isinstance(value, type) and value.__module__ == module.__name__
        if is_own and issubclass(value, Op) and "kind" in vars(value):
            yield value


OPS: dict[str, type[Op]] = {op.kind: op for module in MODULES for op in _defined_in(module)}
"""Every op by its name."""

OP_ALIASES: dict[str, str] = {
    **{alias: op.kind for op in OPS.values() for alias in op.aliases},
    "convolution": "conv",
    "conv2dtranspose": "conv_transpose",
    "convtranspose": "conv_transpose",
    "deconv": "conv_transpose",
    "deconvolution": "conv_transpose",
    "transposed_conv": "conv_transpose",
    "max_pool": "maxpool",
    "maxpooling": "maxpool",
    "avg_pool": "avgpool",
    "averagepool": "avgpool",
    "gap": "globalavgpool",
    "global_avg_pool": "globalavgpool",
    "globalaveragepooling2d": "globalavgpool",
    "globalaveragepool": "globalavgpool",
    "globalmaxpooling2d": "globalmaxpool",
    "adaptive_avg_pool": "adaptiveavgpool",
    "fully_connected": "fc",
    "fullyconnected": "fc",
    "innerproduct": "fc",
    "batchnorm": "bn",
    "batch_norm": "bn",
    "layer_norm": "layernorm",
    "group_norm": "groupnorm",
    "local_response_norm": "lrn",
    "norm": "lrn",
    "cat": "concat",
    "sum": "add",
    "plus": "add",
    "dot": "matmul",
    "self_attention": "attention",
    "mhsa": "attention",
    "sub": "subtract",
    "div": "divide",
    "mul": "multiply",
    "zeropad": "pad",
    "zeropad2d": "pad",
    "channel_shuffle": "shuffle",
    "upsampling2d": "upsample",
    "interpolate": "upsample",
    "repeat_vector": "broadcast",
    "expand": "broadcast",
    "view": "reshape",
    "skip": "residual",
    "shortcut": "residual",
    "loop": "repeat",
    "times": "repeat",
    "auxiliary": "side",
    "aux": "side",
    "parallel": "concat",
}
"""What other tools call our ops and combinators, in lower case: what means the same, and what comes near."""

SYNONYMS: dict[str, str] = {
    word.lower().replace("_", ""): op.kind for op in OPS.values() for word in (op.kind, *op.aliases)
}
"""The op by what it is called here, in PyTorch and in Keras, in lower case without `_`."""

FIELD_ALIASES: dict[str, tuple[str, ...]] = {
    "filters": (
        "out_channels",
        "channels",
        "num_output",
        "units",
        "out",
        "features",
        "k",
        "depth",
        "maps",
        "num_filters",
        "output_channels",
        "filter",
    ),
    "kernel": ("kernel_size", "filter_size", "size", "pool_size", "ksize", "window", "k", "f"),
    "stride": ("strides", "step", "s", "subsample"),
    "pad": ("padding", "pads", "border", "p"),
    "dilation": ("rate", "dilation_rate", "dilations", "atrous", "d"),
    "groups": ("group", "cardinality", "num_groups", "g"),
    "bias": ("use_bias", "biases", "bias_term"),
    "units": (
        "out_features",
        "filters",
        "neurons",
        "features",
        "size",
        "num_output",
        "channels",
        "out",
        "dim",
    ),
    "output_pad": ("output_padding", "out_pad"),
    "ceil": ("ceil_mode", "round_up"),
    "count_pad": ("count_include_pad",),
    "rate": ("p", "prob", "probability", "drop_prob", "drop"),
    "size": ("output_size", "local_size", "n", "padding", "shape", "target"),
    "scale": ("scale_factor", "factor", "times"),
    "factor": ("scale", "value", "constant"),
    "affine": ("scale", "learnable"),
    "gamma": ("scale", "weight"),
    "beta": ("center", "shift", "bias"),
    "shape": ("size", "target_shape", "to"),
    "mode": ("interpolation", "method"),
    "shared": ("num_parameters",),
    "from": ("input", "inputs", "bottom", "source", "src"),
    "name": ("id", "label", "top"),
    "times": ("count", "n", "repeat", "number"),
    "layers": ("body", "block", "modules", "sequence"),
    "branches": ("paths", "inputs", "layers"),
    "when": ("if", "condition", "only_if"),
}
"""What people who come from elsewhere write for our fields, beside the aliases that a field declares."""
