"""A graph as PyTorch code: a module class for each block, its layers in `__init__`, its wiring in `forward`.

The code needs torch alone. Maps have their channels first there. Side outputs, which are for training, are left out;
a layer that PyTorch has no counterpart of is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from keyword import iskeyword

from cnncalc.models.fold import FoundBlock, fold
from cnncalc.models.outline import SIDE, Line, Lines, outline
from cnncalc.models.torch_layers import layer_code
from cnncalc.models.writers import Written
from cnncalc.spec.graph import Graph
from cnncalc.text.printable import printable

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
_SPARE = ("y", "z", "u", "v", "w")
"""What branches in branches are called; those deeper in are numbered."""


def write(graph: Graph, title: str) -> Written:
    """Write the code. Raises SpecError for a layer that PyTorch has no counterpart of."""
    lines = _without_sides(outline(graph, sealed=True))
    blocks, layers = fold(_coded(lines, graph))
    names = _Names(blocks, graph.name)
    body = [text for block in blocks for text in _class(block, names, ["x"])]
    inputs = [_identifier(name) for name in graph.inputs] if len(graph.inputs) > 1 else ["x"]
    top = FoundBlock("", {}, layers)
    body += _class(top, names, inputs, title)
    code = "\n".join(body).rstrip()
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


def _without_sides(lines: Lines) -> Lines:
    return tuple(
        line._replace(bodies=tuple((key, _without_sides(body)) for key, body in line.bodies))
        for line in lines
        if line.word != SIDE
    )


def _coded(lines: Lines, graph: Graph) -> Lines:
    """Put PyTorch's arguments in the place of a spec's fields, and how it is made and called in that of tags."""
    found = []
    for line in lines:
        bodies = tuple((key, _coded(body, graph)) for key, body in line.bodies)
        if line.scope:
            found.append(line._replace(bodies=bodies))
            continue
        code = layer_code(graph.nodes[line.node], graph.name)
        found.append(
            line._replace(
                fields=code.arguments,
                defaults=code.defaults,
                kept=(),
                tags=(code.module, code.call),
                bodies=bodies,
            )
        )
    return tuple(found)


class _Names:
    """The classes' names."""

    def __init__(self, blocks: Sequence[FoundBlock], network: str) -> None:
        self.taken = {"F", "None", "True", "False"}
        self.classes = {block.name: self.free(block.name) for block in blocks}
        self.top = self.free(network.rpartition("/")[2] or "Network")

    def free(self, word: str) -> str:
        base = "".join(part[:1].upper() + part[1:] for part in re.split(r"[\W_]+", word))
        base = base if base[:1].isalpha() else f"Net{base}"
        name, count = base, 1
        while name in self.taken:
            count += 1
            name = f"{base}{count}"
        self.taken.add(name)
        return name


def _identifier(text: str) -> str:
    """Make a name of Python's of a layer's."""
    name = re.sub(r"\W", "_", text, flags=re.ASCII)
    if name[:1].isdigit() or not name.strip("_"):
        name = f"layer{name}"
    return f"{name}_" if iskeyword(name) or name in _MODULE_NAMES or name in ("x", "self") else name


# -- a class ---------------------------------------------------------------------------------------------------------


def _class(block: FoundBlock, names: _Names, inputs: list[str], title: str = "") -> Iterator[str]:
    """Write a module's class."""
    name = names.classes.get(block.name, names.top)
    yield f"class {name}(nn.Module):"
    if title:
        yield f'    """{_plain(title)}."""'
        yield ""
    needed = [key for key, default in block.parameters.items() if default is None]
    assumed = [
        f"{key}={default}" for key, default in block.parameters.items() if default is not None
    ]
    yield f"    def __init__({', '.join(['self', *needed, *assumed])}):"
    yield "        super().__init__()"
    body = _Body(block, names, inputs)
    yield from (f"        {text}" for text in body.made())
    yield ""
    yield from (f"    {text}" for text in body.forward())
    yield ""
    yield ""


def _plain(text: str) -> str:
    """Return a text as it may stand in a docstring."""
    return printable(text).replace("\\", "/").replace('"', "'")


class _Body:
    """The two methods of one class."""

    def __init__(self, block: FoundBlock, names: _Names, inputs: list[str]) -> None:
        self.block = block
        self.names = names
        self.inputs = inputs
        self.attributes: dict[str, str] = {}
        self.taken = set(block.parameters)
        self.named = set(_sources(block.layers))
        self.variables: dict[str, str] = {}
        self.statements: list[str] = []
        if "input" in self.named and len(inputs) == 1:
            self.inputs = ["start"]
        self.variables["input"] = self.inputs[0]
        self.variables |= {name: name for name in self.inputs}

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
            for line in _all(self.block.layers)
            if line.tags
            for name in re.findall(r"{([a-z]\w*)}", line.tags[1])
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
            module = self.module_of(line)
            if module:
                attribute = self.attributes[line.label] = self.free(_identifier(line.label))
                yield f"self.{attribute} = {module}"

    def free(self, name: str) -> str:
        """Make a name of an attribute that is not taken."""
        while name in self.taken:
            name += "_"
        self.taken.add(name)
        return name

    def module_of(self, line: Line) -> str:
        """Write the call that makes a layer's module; nothing for a function."""
        if not line.tags:
            given = [
                f"{name}={text}"
                for name, text in line.fields.items()
                if text != line.defaults.get(name)
            ]
            return f"{self.names.classes[line.word]}({', '.join(given)})"
        made, call = line.tags
        in_call = set(re.findall(r"{([a-z]\w*)}", call))
        first = [
            text
            for name, text in line.fields.items()
            if name not in in_call and name not in line.defaults
        ]
        given = [
            f"{name}={text}"
            for name, text in line.fields.items()
            if name not in in_call
            and name in line.defaults
            and (text != line.defaults[name] or name in line.kept)
        ]
        if not made:
            return ""
        if "{}" in made:
            return made.format(", ".join(first))
        return f"{made}({', '.join([*first, *given])})"

    # -- forward -----------------------------------------------------------------------------------------------------

    def forward(self) -> Iterator[str]:
        yield f"def forward({', '.join(['self', *self.inputs])}):"
        result = self.run(self.block.layers, self.inputs[0], "x", 0)
        if self.statements and self.statements[-1].startswith(f"{result} = "):
            result = self.statements.pop().partition(" = ")[2]
        yield from (f"    {text}" for text in self.statements)
        yield f"    return {result}"

    def run(self, lines: Lines, arriving: str, target: str, depth: int) -> str:
        """Write the statements of lines; what holds the result."""
        flow = arriving
        for place, line in enumerate(lines):
            value = self.value(line, flow, depth)
            if line.label in self.named:
                variable = self.variables[line.label] = self.variable(line.label)
                self.statements.append(f"{variable} = {value}")
                flow = variable
            elif self.can_nest(line, lines[place + 1 :], value):
                flow = value
            else:
                self.statements.append(f"{target} = {value}")
                flow = target
        return flow

    def variable(self, label: str) -> str:
        name = _identifier(label)
        return f"{name}_" if name in _SPARE or name in self.inputs else name

    def can_nest(self, line: Line, rest: Lines, value: str) -> bool:
        """Say whether the next line calls this one's value in its own call."""
        if not rest or value.count("(") > 2 or len(value) > WIDTH - 40:
            return False
        following = rest[0]
        if following.bodies or following.sources or line.bodies:
            return False
        call = following.tags[1] if following.tags else "{module}({0})"
        return call.count("{0}") == 1 and call.endswith("({0})")

    def value(self, line: Line, flow: str, depth: int) -> str:
        """Write a layer's value."""
        inputs = [self.variables[source] for source in line.sources] or [flow]
        if line.bodies:
            start = inputs[0]
            inputs = [
                self.run(body, start, self.spare(depth + place), depth + place + 1)
                if body
                else start
                for place, (_, body) in enumerate(line.bodies)
            ]
            if len(inputs) == 1:
                inputs.append(start)
        call = line.tags[1] if line.tags else "{module}({0})"
        texts = {name: self.in_call(text) for name, text in line.fields.items()}
        module = f"self.{self.attributes[line.label]}" if line.label in self.attributes else ""
        return call.format(*inputs, all=", ".join(inputs), module=module, **texts)

    def in_call(self, text: str) -> str:
        return f"self.{text}" if text in self.block.parameters else text

    def spare(self, depth: int) -> str:
        return _SPARE[depth] if depth < len(_SPARE) else f"y{depth}"


def _all(lines: Lines) -> Iterator[Line]:
    for line in lines:
        for _, body in line.bodies:
            yield from _all(body)
        yield line


def _sources(lines: Lines) -> Iterator[str]:
    for line in _all(lines):
        yield from line.sources


__all__ = ["write"]
