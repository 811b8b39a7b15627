"""Layers in a lecture's own words: `conv3-64 conv3-64`, `[3×3, 64; 3×3, 64] × 2`, `96 11x11 filters at stride 4`.

A table's `notation` has a template for each op that it names; other layers are left out. A template may use the op's
fields (`{kernel}`, `{filters}`, `{units}`, `{rate}`) and what arrives and leaves: `{input}`,
`{channels}`, `{output}`, `{maps}`, `{padded}` (the
size with padding), `{fit}` (whether the filter fits). The template of `block` writes a stage: `{layers}`, `{times}`.
A template is a stranger's text: nothing but a word in braces is put in, and braces around anything else are refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from cnncalc.lectures.select import NetworkPart
from cnncalc.ops.shapes import format_shape, spatial
from cnncalc.spec.graph import Node

BLOCK = "block"
_PLACE = re.compile(r"\{([^{}]*)\}")


class NotationError(ValueError):
    """Braces around what is no word of a layer; `known` are the words."""

    def __init__(self, word: str, known: Mapping[str, str]) -> None:
        super().__init__(word)
        self.word = word
        self.known = tuple(known)


def describe(part: NetworkPart, notation: Mapping[str, str], join: str) -> str:
    """Return the layers as the lecture writes them; of a stage, its last block and how often it comes.

    Raises NotationError.
    """
    template = notation.get(BLOCK)
    instances = part.instances() if template else ()
    if template is None or not instances:
        return _layers(part, notation, join)
    layers = _layers(instances[-1], notation, "; ")
    return _filled(template, {"layers": layers, "times": str(len(instances))})


def _layers(part: NetworkPart, notation: Mapping[str, str], join: str) -> str:
    return join.join(
        _filled(notation[node.kind], _words(node))
        for node in part.layers.nodes
        if node.kind in notation
    )


def _filled(template: str, words: Mapping[str, str]) -> str:
    """Put words into a template where it names them in braces. Raises NotationError."""

    def put(place: re.Match[str]) -> str:
        if place[1] not in words:
            raise NotationError(place[1], words)
        return words[place[1]]

    return _PLACE.sub(put, template)


def _words(node: Node) -> dict[str, str]:
    """Return what a template may name of a layer."""
    words = {
        name: _short(value) for name, value in vars(node.op).items() if not name.startswith("_")
    }
    arrives = node.shapes[0] if node.shapes else node.output
    words |= {
        "input": _size(spatial(arrives)),
        "channels": str(arrives[-1]),
        "output": _size(node.output),
        "maps": str(node.output[-1]),
        "fit": "doesn't fit" if node.op.notes(*node.shapes) else "fits",
    }
    pads = vars(node.op).get("pad")
    if isinstance(pads, tuple):
        words["padded"] = _size(
            size + before + after
            for size, (before, after) in zip(spatial(arrives), pads, strict=True)
        )
    return words


def _size(shape: Any) -> str:
    return format_shape(shape)


def _short(value: Any) -> str:
    """Return a field: one number where all axes agree, a decimal for a fraction."""
    if isinstance(value, tuple):
        texts = [_short(item) for item in value]
        return texts[0] if len(set(texts)) == 1 else _size(texts)
    if hasattr(value, "denominator") and value.denominator != 1:
        return f"{float(value):g}"
    return str(value)
