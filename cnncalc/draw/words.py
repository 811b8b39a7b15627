"""What a figure calls a layer, in English and Korean, and how its numbers are written beside the word."""

from __future__ import annotations

from cnncalc.ops.base import Caption
from cnncalc.text.messages import translate

_WORDS: dict[str, str] = {
    "depthwise_conv": "depthwise conv",
    "conv_transpose": "up-conv",
    "depthwise_conv_transpose": "depthwise up-conv",
    "maxpool": "max pool",
    "avgpool": "avg pool",
    "globalavgpool": "global avg pool",
    "globalmaxpool": "global max pool",
    "adaptiveavgpool": "adaptive avg pool",
    "adaptivemaxpool": "adaptive max pool",
    "bn": "batch norm",
    "layernorm": "layer norm",
    "groupnorm": "group norm",
    "lrn": "LRN",
    "relu": "ReLU",
    "relu6": "ReLU6",
    "leaky_relu": "leaky ReLU",
    "prelu": "PReLU",
    "elu": "ELU",
    "gelu": "GELU",
    "silu": "SiLU",
    "hardswish": "hard swish",
    "hardsigmoid": "hard sigmoid",
    "shuffle": "channel shuffle",
    "side": "side output",
    "linear": "fc",
    "instancenorm": "instance norm",
    "rmsnorm": "RMS norm",
    "unitnorm": "unit norm",
    "mish": "Mish",
    "selu": "SELU",
    "celu": "CELU",
    "rrelu": "RReLU",
    "glu": "GLU",
    "hardtanh": "hard tanh",
    "logsigmoid": "log-sigmoid",
    "log_softmax": "log-softmax",
    "hardshrink": "hard shrink",
    "softshrink": "soft shrink",
    "stochastic_depth": "stochastic depth",
    "affine": "scale and shift",
    "pixel_shuffle": "pixel shuffle",
    "pixel_unshuffle": "pixel unshuffle",
}
"""English by the op's name; what is not here, such as a function or a block, is called by its own name."""

SYMBOLS = {"add": "+", "subtract": "−", "multiply": "×", "divide": "÷"}
"""Merges that a figure draws as a sign in a circle."""


def word(name: str, lang: str) -> str:
    """Say what a figure calls an op or block."""
    return translate(_WORDS.get(name, name), lang)


def caption_text(caption: Caption, lang: str) -> str:
    """`3×3 conv, 64, /2`: the kernel, the word, filters or units, and the stride where it is not 1."""
    text = word(caption.word, lang)
    if caption.kernel:
        text = f"{_sizes(caption.kernel, repeat=True)} {text}"
    if caption.amount is not None:
        text = f"{text}, {caption.amount}"
    if any(step != 1 for step in caption.stride):
        text = f"{text}, /{_sizes(caption.stride, repeat=False)}"
    return f"{text}, g={caption.groups}" if caption.groups > 1 else text


def _sizes(sizes: tuple[int, ...], *, repeat: bool) -> str:
    """`3×3`; a stride that is the same along all axes is written once."""
    shown = sizes if repeat or len(set(sizes)) > 1 else sizes[:1]
    return "×".join(map(str, shown))


__all__ = ["SYMBOLS", "caption_text", "word"]
