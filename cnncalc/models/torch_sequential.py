"""Blocks of PyTorch code whose layers follow one another: `nn.Sequential`, equal turns in a comprehension."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from cnncalc.models.code import fields_in, given_arguments, indented_calls
from cnncalc.models.fold import REPEAT, FoundBlock, stem_and_number, with_loops
from cnncalc.models.outline import Line, Lines

MODULES = {
    **{
        f"F.{word}({{0}})": f"nn.{name}()"
        for word, name in {
            "relu": "ReLU",
            "relu6": "ReLU6",
            "elu": "ELU",
            "gelu": "GELU",
            "silu": "SiLU",
            "hardswish": "Hardswish",
            "hardsigmoid": "Hardsigmoid",
            "leaky_relu": "LeakyReLU",
            "mish": "Mish",
            "softplus": "Softplus",
            "selu": "SELU",
            "celu": "CELU",
        }.items()
    },
    "torch.sigmoid({0})": "nn.Sigmoid()",
    "torch.tanh({0})": "nn.Tanh()",
    "{0}.flatten(1)": "nn.Flatten()",
    "F.softmax({0}, 1)": "nn.Softmax(1)",
    "F.log_softmax({0}, 1)": "nn.LogSoftmax(1)",
    "{0}": "nn.Identity()",
}
"""The module of each function of one value, by how the function is called."""
_CALL = "{module}({0})"


def with_turns(lines: Lines) -> Lines:
    """Write equal layers of a sequence as repeats."""
    return with_loops(lines, (), least=0) if is_sequence(lines) else lines


def is_sequence(lines: Lines) -> bool:
    """Say whether each layer is a module without a name that takes what the one before it gives."""
    return bool(lines) and all(map(_is_link, lines))


def _is_link(line: Line) -> bool:
    if line.word == REPEAT:
        return is_sequence(line.bodies[0][1])
    if line.bodies or line.sources or line.share or not _says_nothing(line):
        return False
    made, call = line.tags or ("", _CALL)
    is_module = call == _CALL and "{}" not in made
    return is_module or (not made and call in MODULES)


def _says_nothing(line: Line) -> bool:
    """Say whether a layer's name is a number, perhaps behind the word of its op or block."""
    stem, number = stem_and_number(line.label)
    return not line.is_named or (
        number is not None and stem in ("", re.sub(r"_\d+$", "", line.word))
    )


def sequence_class(
    block: FoundBlock, name: str, head: str, module_of: Callable[[Line], str]
) -> Iterator[str]:
    """Write a block as a class of its own; `head` are the parameters of `__init__`."""
    yield f"class {name}(nn.Sequential):"
    yield from indented_calls(f"def __init__({head}):", 4)
    items = ", ".join(_item(line, module_of) for line in block.layers)
    yield from indented_calls(f"super().__init__({items})", 8)


def _item(line: Line, module_of: Callable[[Line], str]) -> str:
    """Write a layer's module, or those of all turns of a repeat."""
    if line.word != REPEAT:
        made, call = line.tags or ("", _CALL)
        return MODULES[call] if line.tags and not made else module_of(line)
    items = [_item(each, module_of) for each in line.bodies[0][1]]
    turns = f"for _ in range({line.fields['times']})"
    if len(items) == 1 and not items[0].startswith("*"):
        return f"*[{items[0]} {turns}]"
    return f"*[layer {turns} for layer in ({', '.join(items)})]"


def module_text(line: Line, classes: dict[str, str]) -> str:
    """Write the call that makes a layer's module; nothing for a function."""
    if not line.tags:
        given = [
            f"{name}={text}"
            for name, text in line.fields.items()
            if text != line.defaults.get(name)
        ]
        return f"{classes[line.word]}({', '.join(given)})"
    made, call = line.tags
    first, given = given_arguments(line, fields_in(call))
    if "{}" in made:
        return made.format(", ".join(first))
    return made and f"{made}({', '.join([*first, *given])})"


__all__ = ["MODULES", "is_sequence", "module_text", "sequence_class", "with_turns"]
