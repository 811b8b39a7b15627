"""A graph as PyTorch code: a module class for each block, its layers in `__init__`, its wiring in `forward`.

The code needs torch alone. Maps have their channels first there. Side outputs, which are for training, are left out;
a layer that PyTorch has no counterpart of is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial

from cnncalc.models.code import (
    FreeNames,
    Wiring,
    coded,
    docstring,
    fields_in,
    identifier,
    indented_calls,
    own_classes,
    without_sides,
)
from cnncalc.models.fold import FoundBlock, every_line, fold
from cnncalc.models.outline import Line, Lines, outline
from cnncalc.models.torch_layers import CLASSES, LAYERS
from cnncalc.models.torch_sequential import is_sequence, module_text, sequence_class, with_turns
from cnncalc.models.writers import Written
from cnncalc.spec.graph import Graph

WIDTH = 88
"""Columns of a line in which calls are nested."""
_MODULE_NAMES = frozenset(
    [
        "apply",
        "bfloat16",
        "buffers",
        "call_super_init",
        "children",
        "compile",
        "cpu",
        "cuda",
        "double",
        "dump_patches",
        "eval",
        "extra_repr",
        "float",
        "forward",
        "half",
        "named_parameters",
        "parameters",
        "register_buffer",
        "requires_grad_",
        "share_memory",
        "state_dict",
        "to",
        "train",
        "training",
        "type",
        "xpu",
        "zero_grad",
        "modules",
    ]
)


def write(graph: Graph, title: str) -> Written:
    """Write the code. Raises SpecError for a layer that PyTorch has no counterpart of."""
    lines = without_sides(outline(graph, sealed=True))
    shares = any("/" in line.share for line in every_line(lines))  # of layers by their attributes
    own = coded(lines, graph, LAYERS, "PyTorch")
    blocks, layers = fold(own, turned=None if shares else with_turns)
    names = _ClassNames(blocks, graph.name, is_sequential=not shares)
    body = [text for block in blocks for text in _class(block, names, ["x"])]
    inputs = [_identifier(name) for name in graph.inputs] if len(graph.inputs) > 1 else ["x"]
    top = FoundBlock("", {}, layers)
    body += _class(top, names, inputs, title)
    code = "\n".join([*own_classes(CLASSES, [*blocks, top]), *body]).rstrip()
    head = ["import torch", "import torch.nn.functional as F", "from torch import nn"]
    main = [f"model = {names.top}()", "example = " + _example(graph)]
    text = "\n".join([*head, "", "", code, "", "", 'if __name__ == "__main__":'])
    text += "\n" + "\n".join(f"    {line}" for line in [*main, "print(model(*example).shape)"])
    notes = ("side outputs are left out",) if any(node.side for node in graph.nodes) else ()
    return Written(text, notes)


def _example(graph: Graph) -> str:
    """Write a batch of one of zeros for each input."""
    shapes = [(1, shape[-1], *shape[:-1]) for shape in graph.inputs.values()]
    return "[" + ", ".join(f"torch.zeros{shape}" for shape in shapes) + "]"


class _ClassNames(FreeNames):
    """The classes' names."""

    def __init__(self, blocks: Sequence[FoundBlock], network: str, *, is_sequential: bool) -> None:
        super().__init__({"F", "None", "True", "False", *CLASSES})
        self.is_sequential = is_sequential
        self.classes = {block.name: self.class_name(block.name) for block in blocks}
        self.top = self.class_name(network.rpartition("/")[2] or "Network")

    def class_name(self, word: str) -> str:
        """Make a class's name of a block's."""
        base = "".join(part[:1].upper() + part[1:] for part in re.split(r"[\W_]+", word))
        return self.free(base if base[:1].isalpha() else f"Net{base}")


def _identifier(text: str) -> str:
    return identifier(text, {*_MODULE_NAMES, "x", "self"})


# -- a class ---------------------------------------------------------------------------------------------------------


def _class(
    block: FoundBlock, names: _ClassNames, inputs: list[str], title: str = ""
) -> Iterator[str]:
    """Write a module's class."""
    name = names.classes.get(block.name, names.top)
    needed = [key for key, default in block.parameters.items() if default is None]
    assumed = [
        f"{key}={default}" for key, default in block.parameters.items() if default is not None
    ]
    head = ", ".join(["self", *needed, *assumed])
    if names.is_sequential and block.name and is_sequence(block.layers):
        made = partial(module_text, classes=names.classes)
        yield from (*sequence_class(block, name, head, made), "", "")
        return
    yield f"class {name}(nn.Module):"
    if title:
        yield f"    {docstring(title)}"
        yield ""
    yield from indented_calls(f"def __init__({head}):", 4)
    yield "        super().__init__()"
    body = _Methods(block, names, inputs)
    for text in body.made():
        yield from indented_calls(text, 8)
    yield ""
    yield from (f"    {text}" for text in body.forward())
    yield ""
    yield ""


class _Methods(Wiring):
    """The two methods of one class."""

    def __init__(self, block: FoundBlock, names: _ClassNames, inputs: list[str]) -> None:
        super().__init__(block, inputs)
        self.classes = names.classes
        self.attributes: dict[str, str] = {}
        self.taken = set(block.parameters)

    # -- __init__ ----------------------------------------------------------------------------------------------------

    def made(self) -> Iterator[str]:
        """Write what `__init__` makes."""
        for name in self.stored():
            yield f"self.{name} = {name}"
        yield from self.made_of(self.block.layers)

    def stored(self) -> list[str]:
        """Give the parameters that `forward` needs."""
        called = {
            line.fields[name]
            for line in every_line(self.block.layers)
            if line.tags
            for name in fields_in(line.tags[1])
            if name in line.fields
        }
        return [name for name in self.block.parameters if name in called]

    def made_of(self, lines: Lines) -> Iterator[str]:
        for line in lines:
            for _, body in line.bodies:
                yield from self.made_of(body)
            if line.share:
                self.attributes[line.label] = ".".join(map(_identifier, line.share.split("/")))
                continue
            module = module_text(line, self.classes)
            if module:
                attribute = self.attributes[line.label] = self.free(_identifier(line.label))
                yield f"self.{attribute} = {module}"

    def free(self, name: str) -> str:
        """Make a name of an attribute that is not taken."""
        while name in self.taken:
            name += "_"
        self.taken.add(name)
        return name

    # -- forward -----------------------------------------------------------------------------------------------------

    def forward(self) -> Iterator[str]:
        """Write the method `forward`."""
        yield f"def forward({', '.join(['self', *self.inputs])}):"
        result = self.result(self.block.layers)
        yield from (f"    {text}" for text in self.statements)
        yield f"    return {result}"

    def can_nest(self, line: Line, rest: Lines, value: str) -> bool:
        """Say whether the next line calls this one's value in its own call."""
        if not rest or value.count("(") > 2 or len(value) > WIDTH - 40:
            return False
        following = rest[0]
        if following.bodies or following.sources:
            return False
        call = following.tags[1] if following.tags else "{module}({0})"
        return call.count("{0}") == 1 and call.endswith("({0})")

    def value(self, line: Line, inputs: list[str], target: str) -> str:
        """Write a layer's value."""
        call = line.tags[1] if line.tags else "{module}({0})"
        texts = {name: self.in_call(text) for name, text in line.fields.items()}
        module = f"self.{self.attributes[line.label]}" if line.label in self.attributes else ""
        return call.format(*inputs, all=", ".join(inputs), module=module, **texts)

    def in_call(self, text: str) -> str:
        """Write a value in a call: a parameter is kept by the module."""
        return f"self.{text}" if text in self.block.parameters else text


__all__ = ["write"]
