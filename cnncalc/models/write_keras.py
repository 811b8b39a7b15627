"""A graph as Keras code: a function for each block, which calls its layers; equal turns are loops.

The code needs Keras alone, with any backend. A layer's name is its path with `_` for `/`. Side outputs, which are for
training, are left out; a layer that Keras has no counterpart of is refused.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterable, Iterator, Sequence

from cnncalc.models.code import (
    LOOPS,
    SPARE,
    FreeNames,
    Wiring,
    coded,
    docstring,
    fields_in,
    given_arguments,
    identifier,
    own_classes,
    without_sides,
)
from cnncalc.models.fold import FoundBlock, every_line, fold, stem_and_number, with_loops
from cnncalc.models.outline import Line, Lines, outline
from cnncalc.models.write_keras_layers import CLASSES, layers_of
from cnncalc.models.writers import Written
from cnncalc.spec.graph import Graph

WIDTH = 96
"""Columns of a line above which a call's arguments are on a line of their own."""
_RESERVED = frozenset({"keras", "layers", "inputs", "name", "x", *LOOPS, *dir(builtins)})
_CALLS = (
    re.compile(r"(\s*(?:\w+ = |return )?[\w.]+\()(.+)(\)\([^()]*\))"),
    re.compile(r"(\s*(?:\w+ = |return )?[\w.]+\()(.+)(\))"),
)
"""A statement's beginning up to its call's arguments, those, and its end: a layer that is called, or a call alone."""
_BESIDE = ("pad", "crop", "flatten", "reshape")
"""What stands behind a layer's name in those of the layers that pad, crop, flatten and reshape for it."""


def write(graph: Graph, title: str) -> Written:
    """Write the code. Raises SpecError for a layer that Keras has no counterpart of."""
    graph = _with_names_apart(graph)
    ends = [index for index in graph.outputs() if not graph.nodes[index].side]
    lines = _lines(graph, ends)
    blocks, layers = fold(coded(lines, graph, layers_of(graph), "Keras"))
    names = _FunctionNames(blocks, graph.name)
    labels = {line.node: line.label for line in lines}
    outputs = [labels.get(index, "") for index in ends]
    inputs = {
        name: identifier(name, _RESERVED) if len(graph.inputs) > 1 else "inputs"
        for name in graph.inputs
    }
    top = _Function(FoundBlock("", {}, layers), names, list(inputs.values()), outputs[:-1])
    parts = ["import keras\nfrom keras import layers\n"]
    parts += [f"\n{text.rstrip()}\n" for text in own_classes(CLASSES, [*blocks, top.block])]
    parts += ["\n".join(["", *_block(block, names), ""]) for block in blocks]
    parts.append("\n".join(["", *_model(graph, title, top, names, inputs, outputs), ""]))
    parts.append(f'\nif __name__ == "__main__":\n    {names.top}().summary()')
    notes = ("side outputs are left out",) if any(node.side for node in graph.nodes) else ()
    return Written("\n".join(parts), notes)


def _with_names_apart(graph: Graph) -> Graph:
    """Name nodes so that their names are still apart where `_` stands for all that Keras has not in names."""
    taken: set[str] = set()
    nodes = []
    for node in graph.nodes:
        name, count = node.name, 1
        while taken & (own := _all_names(name)):
            count += 1
            name = f"{node.name}_{count}"
        taken |= own
        nodes.append(node._replace(name=name))
    return graph._replace(nodes=tuple(nodes))


def _all_names(path: str) -> set[str]:
    """Give a layer's name in Keras, and those of the layers that may stand beside it."""
    name = _word(path)
    return {name, *(f"{name}_{word}" for word in _BESIDE)}


def _word(text: str) -> str:
    return re.sub(r"\W", "_", text, flags=re.ASCII)


def _lines(graph: Graph, ends: Sequence[int]) -> Lines:
    """Outline the network: without blocks where weights of one are used outside, or a network's output is in one."""
    lines = without_sides(outline(graph, sealed=True))
    shares = [line for line in every_line(lines) if line.share]
    hidden = set(ends[:-1]) - {line.node for line in lines if not line.scope}
    if hidden or any(line.scope or "/" in line.share for line in shares):
        return without_sides(outline(graph, flat=True))
    return lines


class _FunctionNames(FreeNames):
    """The functions' names."""

    def __init__(self, blocks: Sequence[FoundBlock], network: str) -> None:
        parameters = [name for block in blocks for name in block.parameters]
        super().__init__({*_RESERVED, *SPARE, *CLASSES, *parameters, "start"})
        self.functions = {block.name: self.function(block.name) for block in blocks}
        self.model = _word(network.rpartition("/")[2]) or "network"
        self.top = self.function(self.model)

    def function(self, word: str) -> str:
        """Make a function's name of a block's."""
        return self.free(identifier(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", word).lower()), "_")


def _block(block: FoundBlock, names: _FunctionNames) -> Iterator[str]:
    """Write a block's function."""
    body = _Function(block, names, ["x"])
    result = body.result(body.layers)
    needed = [key for key, default in block.parameters.items() if default is None]
    assumed = [f"{key}={text}" for key, text in block.parameters.items() if text is not None]
    yield f"def {names.functions[block.name]}({', '.join([*body.inputs, *needed, 'name', *assumed])}):"
    yield from _indented([*body.statements, f"return {result}"])


def _model(
    graph: Graph,
    title: str,
    body: _Function,
    names: _FunctionNames,
    inputs: dict[str, str],
    outputs: Sequence[str],
) -> Iterator[str]:
    """Write the function that makes the model."""
    flow = body.run(body.layers, body.inputs[0], "x", 0)
    ends = [*(body.variables[label] for label in outputs[:-1]), flow]
    made = [
        f'{variable} = keras.Input({graph.inputs[name]}, name="{_word(name)}")'
        for name, variable in inputs.items()
    ]
    shown = [
        f"[{', '.join(each)}]" if len(each) > 1 else each[0]
        for each in (list(inputs.values()), ends)
    ]
    yield f"def {names.top}():"
    yield from _indented(
        [
            docstring(title or names.model),
            *made,
            *body.statements,
            f'return keras.Model({", ".join(shown)}, name="{names.model}")',
        ]
    )


def _indented(statements: Iterable[str]) -> Iterator[str]:
    """Write statements in a function, the arguments of a long call on a line of their own."""
    for text in statements:
        line = f"    {text}"
        matches = (call.fullmatch(line) for call in _CALLS if len(line) > WIDTH)
        match = next(filter(None, matches), None)
        if match is None:
            yield line
            continue
        indent = " " * (len(line) - len(line.lstrip()))
        yield match[1]
        yield from _folded(f"{indent}    ", match[2])
        yield f"{indent}{match[3]}"


def _folded(indent: str, arguments: str) -> Iterator[str]:
    """Write a call's arguments on one line, or where that is too long each that is named on its own."""
    if len(indent + arguments) <= WIDTH:
        yield indent + arguments
        return
    yield from (f"{indent}{part}," for part in re.split(r", (?=\w+=)", arguments))


class _Function(Wiring):
    """The statements of one function, in which every layer is made and called."""

    def __init__(
        self, block: FoundBlock, names: _FunctionNames, inputs: list[str], kept: Sequence[str] = ()
    ) -> None:
        self.functions = names.functions
        self.reserved = frozenset({*_RESERVED, *names.functions.values(), *block.parameters})
        super().__init__(block, inputs, kept)
        self.shared = {line.share for line in every_line(block.layers) if line.share}
        self.objects: dict[str, str] = {}
        self.prefix = "{name}_" if block.name else ""
        self.layers = with_loops(block.layers, {*self.named, *self.shared})

    def value(self, line: Line, inputs: list[str], target: str) -> str:
        """Write a layer's value; what pads or flattens before it, or crops behind it, is a statement of its own."""
        if not line.tags:
            given = [
                f"{name}={text}"
                for name, text in [*line.fields.items(), ("name", self.name(line))]
                if text != line.defaults.get(name)
            ]
            return f"{self.functions[line.word]}({', '.join([*inputs, *given])})"
        *steps, last = line.tags[1].split("\n")
        for step in steps:
            self.statements.append(f"{target} = {self.step(step, line, inputs)}")
            inputs = [target]
        return self.step(last, line, inputs)

    def step(self, call: str, line: Line, inputs: list[str]) -> str:
        """Write one of a layer's calls."""
        texts = {f"{word}_name": self.name(line, f"_{word}") for word in _BESIDE}
        module = self.module(line) if "{module}" in call else ""
        return call.format(*inputs, all=", ".join(inputs), module=module, **texts, **line.fields)

    def module(self, line: Line) -> str:
        """Write the call that makes a layer, or the name of one that was made."""
        if line.share:
            return self.objects[line.share]
        first, given = given_arguments(line, fields_in(line.tags[1]))
        made = f"{line.tags[0]}({', '.join([*first, *given, f'name={self.name(line)}'])})"
        if line.label not in self.shared:
            return made
        name = self.objects[line.label] = self.variable(f"{line.label}_layer")
        self.statements.append(f"{name} = {made}")
        return name

    def name(self, line: Line, suffix: str = "") -> str:
        """Write a layer's name: a string, or an f-string where a part of it is only known when it is called."""
        label = _word(line.label)
        if self.loops:
            label = f"{_word(stem_and_number(line.label)[0])}{{{self.number(line.label)}}}"
        text = f"{self.prefix}{label}{suffix}"
        return f'f"{text}"' if "{" in text else f'"{text}"'


__all__ = ["write"]
