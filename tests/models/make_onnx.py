"""Write files/small.onnx, which the documents show: a stem, an SE block and a classifier, as PyTorch writes them.

Its weights lie in another file, which is not there and is not needed. In `tests/`: `python -m models.make_onnx`
"""

from __future__ import annotations

from pathlib import Path

from .onnx_files import integers, model, node, tensor

STEM = {"kernel_shape": (3, 3), "pads": (1, 1, 1, 1), "strides": (2, 2)}
NODES = [
    node("Conv", "image onnx::Conv_31 onnx::Conv_32", "c", STEM, "/stem/stem.0/Conv"),
    node("Sigmoid", "c", "s", {}, "/stem/stem.2/Sigmoid"),
    node("Mul", "c s", "a", {}, "/stem/stem.2/Mul"),
    node("ReduceMean", "a axes", "p", {"keepdims": 1}, "/se/pool/ReduceMean"),
    node("Conv", "p se.fc1.weight se.fc1.bias", "f1", {}, "/se/fc1/Conv"),
    node("Relu", "f1", "r", {}, "/se/relu/Relu"),
    node("Conv", "r se.fc2.weight se.fc2.bias", "f2", {}, "/se/fc2/Conv"),
    node("Sigmoid", "f2", "g", {}, "/se/gate/Sigmoid"),
    node("Mul", "g a", "m", {}, "/se/Mul"),
    node("GlobalAveragePool", "m", "v", {}, "/pool/GlobalAveragePool"),
    node("Flatten", "v", "f", {}, "/Flatten"),
    node("Gemm", "f head.weight head.bias", "logits", {"transB": 1}, "/head/Gemm"),
]
WEIGHTS = {
    "onnx::Conv_31": (16, 3, 3, 3),
    "onnx::Conv_32": (16,),
    "se.fc1.weight": (4, 16, 1, 1),
    "se.fc1.bias": (4,),
    "se.fc2.weight": (16, 4, 1, 1),
    "se.fc2.bias": (16,),
    "head.weight": (10, 16),
    "head.bias": (10,),
    "aux.head.weight": (10, 16),
}


def small() -> bytes:
    """The file's bytes."""
    tensors = [tensor(name, shape) for name, shape in WEIGHTS.items()]
    tensors.append(integers("axes", (-1, -2)))
    return model(NODES, tensors, {"image": ("batch", 3, 32, 32)}, ("logits",))


if __name__ == "__main__":
    (Path(__file__).parent / "files" / "small.onnx").write_bytes(small())
