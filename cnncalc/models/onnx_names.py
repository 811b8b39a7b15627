"""What the layers of an ONNX file are called: the path of the module or layer that an op comes from.

Each exporter writes it elsewhere. PyTorch's newer exporter lists the modules beside the op; its older one and tf2onnx
write a path as the op's name (`/layer1/layer1.0/conv1/Conv`); older files name the weights alone (`conv1_w_0`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from cnncalc.models.builder import path
from cnncalc.models.onnx_fold import FoldLimitError
from cnncalc.models.onnx_messages import OnnxNode
from cnncalc.models.rows import Where
from cnncalc.spec.layers import MAX_LAYERS

MAX_PATH = 1000
"""Characters of a name that is taken for a path."""

_WEIGHTS = re.compile(
    r"[./_](weight|bias|kernel|gamma|beta|w|b|s|scale|w_0|b_0|s_0|scale_0|W|B)(:0)?(__.*)?$"
)
_MADE_UP = re.compile(r"(?i)(onnx::|node_|n\d+$|op_?\d+$|[a-z]+_?\d*$)")
"""Names that an exporter makes up: its own numbering, or the op's name and a number."""


_TF_WORDS = frozenset({"add", "addv2", "avgpool", "biasadd", "concat", "conv2d", "depthwise"}) | {
    "fusedbatchnormv",
    "maxpool",
    "mean",
}
"""Last parts of TensorFlow's names that say what the op is."""


class OnnxNames:
    """The names of a graph's ops. Raises FoldLimitError for more scopes than a graph may have layers."""

    def __init__(self, nodes: Iterable[OnnxNode]) -> None:
        self._containers: set[str] = set()
        for module in map(module_of, nodes):
            while "/" in module:
                module = module.rpartition("/")[0]
                if module in self._containers:
                    break
                self._containers.add(module)
            if len(self._containers) > MAX_LAYERS:
                raise FoldLimitError(f"the ops lie in more than {MAX_LAYERS:,} scopes, the limit")

    def where(self, node: OnnxNode, weights: str = "") -> Where:
        """Where the row of an op stands: as the module of its weights, or its own, or numbered in a scope."""
        owner = weights_owner(weights)
        if owner and owner not in self._containers:
            return Where(owner)
        module = module_of(node)
        if module and module not in self._containers:
            return Where(module)
        return Where("", module)


def weights_owner(weights: str) -> str:
    """Return the module that a parameter's name tells: `layer1.0.conv1.weight` is that of `layer1/0/conv1`."""
    stem = _WEIGHTS.sub("", weights)
    if stem == weights or weights.startswith("onnx::") or len(weights) > MAX_PATH:
        return ""
    return path(stem)


def module_of(node: OnnxNode) -> str:
    """Return the path of the module that an op belongs to; empty where that is the network itself, or is not told."""
    if max(len(node.name), *map(len, node.scopes), 0) > MAX_PATH:
        return ""
    if node.scopes:
        return path(node.scopes[-2]) if len(node.scopes) > 1 else ""
    parts = [part for part in node.name.split("/") if part]
    if node.name.startswith("/"):
        return path("/".join(_own_parts(parts[:-1])))
    if len(parts) > 1:
        return path("/".join(parts[:-1] if _is_op_word(parts[-1], node) else parts), "/")
    return (
        "" if _MADE_UP.match(node.name) and _is_op_word(node.name, node) else path(node.name, "/")
    )


def _is_op_word(part: str, node: OnnxNode) -> bool:
    """Whether the last part of a name says only what the op is, such as `Conv2D` or `Conv_12`."""
    plain = re.sub(r"[_\d:]+$", "", part).lower()
    return plain in (node.op.lower(), "node", "n", "op", "") or plain in _TF_WORDS


def _own_parts(parts: list[str]) -> list[str]:
    """Return the parts of a name of PyTorch's older exporter, whose items of a list repeat the list:
    `layer1/layer1.0`.
    """
    own = []
    before = ""
    for part in parts:
        repeats = part.startswith(f"{before}.") if before else False
        own.append(part[len(before) + 1 :] if repeats else part)
        before = part
    return own
