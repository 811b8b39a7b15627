"""What a figure calls a layer, in English and Korean, and how its numbers are written beside the word."""

from __future__ import annotations

from cnncalc.ops.base import Caption

LANGUAGES = ("en", "ko")

_WORDS: dict[str, tuple[str, str]] = {
    "input": ("input", "입력"),
    "conv": ("conv", "합성곱"),
    "depthwise_conv": ("depthwise conv", "깊이별 합성곱"),
    "conv_transpose": ("up-conv", "전치 합성곱"),
    "depthwise_conv_transpose": ("depthwise up-conv", "깊이별 전치 합성곱"),
    "maxpool": ("max pool", "최대 풀링"),
    "avgpool": ("avg pool", "평균 풀링"),
    "globalavgpool": ("global avg pool", "전역 평균 풀링"),
    "globalmaxpool": ("global max pool", "전역 최대 풀링"),
    "adaptiveavgpool": ("adaptive avg pool", "적응 평균 풀링"),
    "adaptivemaxpool": ("adaptive max pool", "적응 최대 풀링"),
    "fc": ("fc", "완전 연결"),
    "bn": ("batch norm", "배치 정규화"),
    "layernorm": ("layer norm", "계층 정규화"),
    "groupnorm": ("group norm", "그룹 정규화"),
    "lrn": ("LRN", "국소 응답 정규화"),
    "relu": ("ReLU", "ReLU"),
    "relu6": ("ReLU6", "ReLU6"),
    "leaky_relu": ("leaky ReLU", "leaky ReLU"),
    "prelu": ("PReLU", "PReLU"),
    "elu": ("ELU", "ELU"),
    "gelu": ("GELU", "GELU"),
    "silu": ("SiLU", "SiLU"),
    "hardswish": ("hard swish", "hard swish"),
    "hardsigmoid": ("hard sigmoid", "hard sigmoid"),
    "sigmoid": ("sigmoid", "시그모이드"),
    "softmax": ("softmax", "소프트맥스"),
    "dropout": ("dropout", "드롭아웃"),
    "concat": ("concat", "이어 붙이기"),
    "add": ("add", "더하기"),
    "multiply": ("multiply", "곱하기"),
    "flatten": ("flatten", "펼치기"),
    "reshape": ("reshape", "모양 바꾸기"),
    "slice": ("slice", "자르기"),
    "pad": ("pad", "채우기"),
    "shuffle": ("channel shuffle", "채널 섞기"),
    "upsample": ("upsample", "업샘플링"),
    "broadcast": ("broadcast", "펼쳐 복사"),
    "repeat": ("repeat", "반복"),
    "side": ("side output", "보조 출력"),
}
"""English and Korean by the op's name; what is not here, such as a block, is called by its own name."""

SYMBOLS = {"add": "+", "multiply": "×"}
"""Merges that a figure draws as a sign in a circle."""


def word(name: str, lang: str) -> str:
    """What a figure calls an op or block."""
    return _WORDS.get(name, (name, name))[LANGUAGES.index(lang)]


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


__all__ = ["LANGUAGES", "SYMBOLS", "caption_text", "word"]
