"""What writers of Python code share: layers in a framework's words, blocks as its functions or classes, the wiring.

A framework's table gives each op's `Code`. `coded` puts those in the places of a spec's fields, so that `fold` finds
blocks of one structure in the framework's arguments as it does in ours, and a `Wiring` writes the statements of one.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from keyword import iskeyword
from typing import Any, NamedTuple

from cnncalc.models.fold import REPEAT, FoundBlock, every_line, numbers_in, stem_and_number
from cnncalc.models.outline import SIDE, Line, Lines
from cnncalc.models.writers import refused
from cnncalc.spec.graph import Graph, Node
from cnncalc.text.printable import printable

SPARE = ("y", "z", "u", "v", "w")
"""What branches in branches are called; those deeper in are numbered."""

LOOPS = ("i", "j", "k")
"""What the turns of loops in loops are called; those deeper in are numbered."""


class Code(NamedTuple):
    """A layer in a framework: `module` is the class that is made (nothing for a function), `call` how it is called.

    `arguments` are texts by name: those named in `call` go there, the others to the module, by their names where they
    have a default in `defaults`. In `call`, `{0}`, `{1}`, ... are what arrives, `{all}` all of it, `{module}` is the
    module. Where `call` has several lines, each is called with what the one before it gives.
    """

    module: str
    arguments: dict[str, str]
    call: str = "{module}({0})"
    defaults: dict[str, str] = {}  # noqa: RUF012  (never changed)


class NoCounterpartError(Exception):
    """Why a layer has no counterpart."""


Table = Mapping[str, Callable[[Node], Code]]
"""A framework's code for each op, by its word. A function in it may raise NoCounterpartError."""


def layer_code(table: Table, framework: str, node: Node) -> Code:
    """Give the code of a layer. Raises SpecError where the framework has no counterpart of it."""
    make = table.get(node.kind)
    try:
        if make is None:
            raise NoCounterpartError(f"{node.op.of or node.kind} has no counterpart in {framework}")
        return make(node)
    except NoCounterpartError as error:
        raise refused(node, str(error)) from None


def text_per_axis(sizes: Sequence[Any]) -> str:
    """Write numbers per axis: one where all agree."""
    return str(sizes[0]) if len(set(sizes)) == 1 else f"({', '.join(map(str, sizes))})"


def text_tuple(sizes: Iterable[Any]) -> str:
    """Write a tuple."""
    texts = [str(size) for size in sizes]
    return f"({', '.join(texts)}{',' * (len(texts) == 1)})"


def decimal(value: Any) -> str:
    """Write a fraction as a decimal number."""
    return f"{float(value):.12g}"


def without_sides(lines: Lines) -> Lines:
    """Leave side outputs out."""
    return tuple(
        line._replace(bodies=tuple((key, without_sides(body)) for key, body in line.bodies))
        for line in lines
        if line.word != SIDE
    )


def coded(lines: Lines, graph: Graph, table: Table, framework: str) -> Lines:
    """Put a framework's arguments in the place of a spec's fields, and how it is made and called in that of tags.

    Raises SpecError for a layer that the framework has no counterpart of.
    """
    gathered = []
    for line in lines:
        bodies = tuple((key, coded(body, graph, table, framework)) for key, body in line.bodies)
        if line.scope:
            gathered.append(line._replace(bodies=bodies))
            continue
        code = layer_code(table, framework, graph.nodes[line.node])
        gathered.append(
            line._replace(
                fields=code.arguments,
                defaults=code.defaults,
                kept=(),
                tags=(code.module, code.call),
                bodies=bodies,
            )
        )
    return tuple(gathered)


def sources(lines: Lines) -> Iterator[str]:
    """Give every name that a line takes from."""
    for line in every_line(lines):
        yield from line.sources


def identifier(text: str, reserved: Iterable[str] = ()) -> str:
    """Make a name of Python's of a layer's."""
    name = re.sub(r"\W", "_", text, flags=re.ASCII)
    if name[:1].isdigit() or not name.strip("_"):
        name = f"layer{name}"
    return f"{name}_" if iskeyword(name) or name in reserved else name


def docstring(text: str) -> str:
    """Write a line of text as a docstring, whatever is in it."""
    plain = printable(text).replace("\\", "/").replace('"', "'")
    return f'"""{" ".join(plain.split())}."""'


WIDTH = 100
"""Columns of a line above which a call's arguments are on lines of their own."""

_TURNS = re.compile(r"\*\[(.+) (for _ in range\(\w+\))(?: (for layer in .+))?\]")
"""A list of what a call makes, several times over."""


def indented_calls(text: str, indent: int) -> Iterator[str]:
    """Write a statement that ends in a call; where it is too long, each argument on a line of its own, and so on."""
    place = " " * indent
    is_long = indent + len(text) > WIDTH
    turns = _TURNS.fullmatch(text) if is_long else None
    if turns:
        item, times, several = turns.groups(default="")
        parts = [item, times, several] if several else [item, times]
        yield f"{place}*["
        for part in parts:
            yield from indented_calls(part, indent + 4)
        yield f"{place}]"
        return
    call = _call_parts(text) if is_long else None
    if call is None:
        yield place + text
        return
    start, arguments, end = call
    yield place + start
    inner = f"{place}    {', '.join(arguments)}"
    if len(inner) <= WIDTH and not any("(" in argument for argument in arguments):
        yield inner
    else:
        for argument in arguments:
            *lines, last = indented_calls(argument, indent + 4)
            yield from (*lines, f"{last},")
    yield place + end


def _call_parts(text: str) -> tuple[str, list[str], str] | None:
    """Split a statement that ends in a call or a tuple at the brackets around its arguments; None where it does not."""
    end = "):" if text.endswith("):") else ")"
    if not text.endswith(end):
        return None
    depth, commas, last = 0, [], len(text) - len(end)
    for place in range(last, -1, -1):
        depth += (text[place] in ")]}") - (text[place] in "([{")
        if depth == 1 and text[place] == ",":
            commas.append(place)
        if depth == 0:
            cuts = [place, *commas[::-1], last]
            arguments = [text[a + 1 : b].strip() for a, b in pairwise(cuts)]
            return text[: place + 1], [each for each in arguments if each], end
    return None


class FreeNames:
    """Names that are given once each."""

    def __init__(self, taken: Iterable[str]) -> None:
        self.taken = set(taken)

    def free(self, base: str, separator: str = "") -> str:
        """Give a name that is not taken, numbered where it has to be."""
        name, count = base, 1
        while name in self.taken:
            count += 1
            name = f"{base}{separator}{count}"
        self.taken.add(name)
        return name


class Wiring(ABC):
    """The statements of one function that runs a block's layers."""

    reserved: frozenset[str] = frozenset({"x", "self"})
    """Names that none of its variables may have."""

    def __init__(self, block: FoundBlock, inputs: Sequence[str], kept: Iterable[str] = ()) -> None:
        self.block = block
        self.named = {*sources(block.layers), *kept}
        self.statements: list[str] = []
        self.loops: list[_Loop] = []
        is_kept = "input" in self.named and list(inputs) == ["x"]
        self.inputs = ["start"] if is_kept else [*inputs]
        self.names = FreeNames({*SPARE, *self.inputs, *self.reserved})
        self.variables = {"input": self.inputs[0], **{name: name for name in self.inputs}}

    @abstractmethod
    def value(self, line: Line, inputs: list[str], target: str) -> str:
        """Write a layer's value, of what arrives; statements before it may use the name that it will have."""

    def can_nest(self, line: Line, rest: Lines, value: str) -> bool:
        """Say whether the next line calls this one's value in its own call."""
        return False

    def result(self, layers: Lines) -> str:
        """Write all statements; the expression that they end in."""
        result = self.run(layers, self.inputs[0], "x", 0)
        if self.statements and self.statements[-1].startswith(f"{result} = "):
            result = self.statements.pop().partition(" = ")[2]
        return result

    def run(self, lines: Lines, arriving: str, target: str, depth: int) -> str:
        """Write the statements of lines; what holds the result."""
        flow = arriving
        for place, line in enumerate(lines):
            if line.word == REPEAT:
                flow = self.turns(line, flow, target, depth)
                continue
            inputs = self.arrived(line, flow, depth)
            if line.label in self.named:
                flow = self.variables[line.label] = self.variable(line.label)
                self.statements.append(f"{flow} = {self.value(line, inputs, flow)}")
                continue
            value = self.value(line, inputs, target)
            if self.can_nest(line, lines[place + 1 :], value):
                flow = value
            else:
                self.statements.append(f"{target} = {value}")
                flow = target
        return flow

    def turns(self, line: Line, flow: str, target: str, depth: int) -> str:
        """Write a loop over the turns of a repeat; what holds the result."""
        if flow != target:
            self.statements.append(f"{target} = {flow}")
        (_, body), (_, following) = line.bodies
        pairs = zip(every_line(body), numbers_in(body), numbers_in(following), strict=True)
        loop = _Loop(self.loop_variable(), {each.label: b - a for each, a, b in pairs})
        before, self.statements = self.statements, []
        self.loops.append(loop)
        self.run(body, target, target, depth)
        self.loops.pop()
        before.append(f"for {loop.variable} in range({line.fields['times']}):")
        self.statements = [*before, *(f"    {text}" for text in self.statements)]
        return target

    def loop_variable(self) -> str:
        """Name the turns of the next loop in those that are being written."""
        depth = len(self.loops)
        return LOOPS[depth] if depth < len(LOOPS) else f"_{depth}"

    def number(self, label: str) -> str:
        """Write the number at the end of a label: in a loop it grows with the turns."""
        steps = [(loop.variable, loop.steps[label]) for loop in self.loops]
        terms = [name if step == 1 else f"{step} * {name}" for name, step in steps]
        first = stem_and_number(label)[1]
        return " + ".join([*terms, str(first)] if first else terms)

    def arrived(self, line: Line, flow: str, depth: int) -> list[str]:
        """Give what arrives at a line, and write the statements of its branches."""
        inputs = [self.variables[source] for source in line.sources] or [flow]
        if not line.bodies:
            return inputs
        start = inputs[0]
        inputs = [
            self.run(body, start, self.spare(depth + place), depth + place + 1) if body else start
            for place, (_, body) in enumerate(line.bodies)
        ]
        return [*inputs, start] if len(inputs) == 1 else inputs

    def variable(self, label: str) -> str:
        """Name what a layer gives, where others take it by name."""
        return self.names.free(identifier(label, self.names.taken))

    def spare(self, depth: int) -> str:
        """Name what a branch gives."""
        return SPARE[depth] if depth < len(SPARE) else f"y{depth}"


class _Loop(NamedTuple):
    """A loop that is being written: its variable, and by how much the number of each label grows in a turn."""

    variable: str
    steps: dict[str, int]


def given_arguments(line: Line, in_call: Iterable[str] = ()) -> tuple[list[str], list[str]]:
    """Give a line's values: those that have no default, and those that are not their default, by name."""
    fields = {name: text for name, text in line.fields.items() if name not in in_call}
    first = [text for name, text in fields.items() if name not in line.defaults]
    others = [
        f"{name}={text}"
        for name, text in fields.items()
        if name in line.defaults and (text != line.defaults[name] or name in line.kept)
    ]
    return first, others


def own_classes(classes: Mapping[str, str], blocks: Sequence[FoundBlock]) -> list[str]:
    """Give the code of those of a framework's own classes that some layer is."""
    lines = [line for block in blocks for line in every_line(block.layers)]
    used = {line.tags[0] for line in lines if line.tags}
    return [f"{code.strip()}\n\n" for name, code in classes.items() if name in used]


def fields_in(call: str) -> set[str]:
    """Give the names that a call has places for."""
    return set(re.findall(r"{([a-z]\w*)}", call))


__all__ = [
    "LOOPS",
    "SPARE",
    "Code",
    "FreeNames",
    "NoCounterpartError",
    "Table",
    "Wiring",
    "coded",
    "decimal",
    "docstring",
    "fields_in",
    "given_arguments",
    "identifier",
    "indented_calls",
    "layer_code",
    "own_classes",
    "sources",
    "text_per_axis",
    "text_tuple",
    "without_sides",
]
