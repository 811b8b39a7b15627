"""A graph as a spec: blocks where scopes can be blocks, branches, repeats; read back, it is the same graph.

What was written is read again before it is given out. Where it is not the same network, as where a name would stand
for another layer, each layer is written from others by name instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from cnncalc.models.fold import REPEAT, FoundBlock, fold, with_repeats, without_need
from cnncalc.models.library import Library
from cnncalc.models.outline import Line, Lines, outline
from cnncalc.models.writers import Written
from cnncalc.ops import OPS
from cnncalc.ops.field_types import quoted
from cnncalc.ops.shapes import Shape
from cnncalc.spec.file import read_spec
from cnncalc.spec.graph import Graph, Node
from cnncalc.spec.shipped import block_names
from cnncalc.spec.walk import walk
from cnncalc.text.source import Source, SpecError, single_problem

WIDTH = 100
"""Columns of a line in which layers stand together."""
_PLAIN = re.compile(r"[A-Za-z_][\w.-]*|[0-9][0-9x]*|[0-9]+\.[0-9]+", re.ASCII)
_NOT_IN_NAMES = re.compile(r"[^\w./-]+", re.ASCII)


def write(graph: Graph, title: str) -> Written:
    """Write a spec of the graph. Raises SpecError where the language cannot say what the graph has."""
    return Written(_first_same(graph, title, (_with_library, _with_blocks, _flat)))


def write_flat(graph: Graph, title: str) -> str:
    """Write a spec of one layer a line, each from others by name. Raises SpecError as `write` does."""
    return _first_same(graph, title, (_flat,))


_Form = Callable[[Graph], tuple[list[FoundBlock], Lines]]
"""Gives the blocks and the layers of a spec."""


def _with_library(graph: Graph) -> tuple[list[FoundBlock], Lines]:
    """Give the layers with the library's blocks and the file's own, those without need opened; names are short."""
    library = Library(graph)
    taken = block_names()
    lines = outline(graph, library=library)
    opened = without_need(lines, taken)
    if opened:
        lines = outline(graph, library=library, opened=opened)
    blocks, layers = fold(lines, short=True, taken=taken, turned=with_repeats)
    return blocks, with_repeats(layers)


def _with_blocks(graph: Graph) -> tuple[list[FoundBlock], Lines]:
    """Give the layers with each scope as a block of the file's own."""
    blocks, layers = fold(outline(graph))
    return blocks, with_repeats(layers)


def _flat(graph: Graph) -> tuple[list[FoundBlock], Lines]:
    """Give one layer a line."""
    return fold(outline(graph, flat=True))


def _first_same(graph: Graph, title: str, forms: Sequence[_Form]) -> str:
    """Give the first of the forms that is the same graph when it is read."""
    for form in forms:
        text = _text(graph, title, *form(graph), in_rows=form is not _flat)
        if _is_same(text, graph):
            return text
    raise single_problem(
        graph.name,
        "",
        "this network cannot be written as a spec: it is not the same when it is read again",
        code="convert",
    )


def _is_same(text: str, graph: Graph) -> bool:
    try:
        again = walk(read_spec(Source(graph.name, text)))
    except SpecError:
        return False
    return list(map(_counted, again.nodes)) == list(map(_counted, graph.nodes))


def _counted(node: Node) -> tuple[object, ...]:
    """Give all of a node that a report counts; not its name, whose scope may be no block."""
    return (
        node.kind,
        node.in_order(node.inputs),
        node.output,
        node.side,
        node.shares,
        node.tags,
        node.facts.law,
        node.facts.reaches,
        node.op.of,
    )


def _text(
    graph: Graph, title: str, blocks: list[FoundBlock], layers: Lines, *, in_rows: bool
) -> str:
    name = "/".join(filter(None, _NOT_IN_NAMES.sub("_", graph.name).split("/")))
    lines = [f"name: {_scalar(name)}"] if name else []
    if title and title != graph.name:
        lines.append(f"title: {quoted(title)}")
    lines += _inputs(graph.inputs)
    if blocks:
        lines.append("blocks:")
        lines += [f"  {line}" for block in blocks for line in _block(block)]
    lines += ["layers:", *(f"  {line}" for line in _layers(layers, in_rows=in_rows))]
    return "\n".join(lines)


def _inputs(inputs: dict[str, Shape]) -> list[str]:
    """Write the one input's shape, or each by its name."""
    shown = {name.replace("/", "."): "x".join(map(str, shape)) for name, shape in inputs.items()}
    if list(shown) == ["input"]:
        return [f"input: {shown['input']}"]
    return ["input:", *(f"  {_scalar(name)}: {shape}" for name, shape in shown.items())]


def _block(block: FoundBlock) -> Iterator[str]:
    yield f"{_scalar(block.name)}:"
    if block.parameters:
        shown = [
            f"{name}: {'' if default is None else default}"
            for name, default in block.parameters.items()
        ]
        yield f"  params: {{{', '.join(shown)}}}"
    yield "  layers:"
    for line in _layers(with_repeats(block.layers)):
        yield f"    {line}"


# -- layers ----------------------------------------------------------------------------------------------------------


def _layers(lines: Lines, *, in_rows: bool = True) -> Iterator[str]:
    """Write a list of layers; `in_rows`: those without values behind the one before them."""
    row: list[str] = []
    for line in lines:
        text = _on_one_line(line) if line.bodies else _leaf(line)
        if not text:
            yield from _row(row)
            row = []
            yield from _with_bodies(line)
            continue
        joins = in_rows and row and ":" not in text and len(", ".join([*row, text])) < WIDTH - 10
        if not joins:
            yield from _row(row)
            row = []
        row.append(text)
    yield from _row(row)


def _row(row: Sequence[str]) -> Iterator[str]:
    if row:
        yield f"- {row[0]}" if len(row) == 1 else f"- [{', '.join(row)}]"


def _leaf(line: Line) -> str:
    """Write a layer that holds no others, as `conv: {filters: 64, kernel: 3}`, `fc: 10` or `relu`."""
    entries = _entries(line)
    word = _scalar(line.word)
    if not entries:
        return word
    bare = OPS[line.word].bare if line.word in OPS else None
    if bare is not None and list(entries) == [bare] and _PLAIN.fullmatch(entries[bare]):
        return f"{word}: {entries[bare]}"
    shown = [key if key == text else f"{key}: {text}" for key, text in entries.items()]
    return f"{word}: {{{', '.join(shown)}}}"


def _on_one_line(line: Line) -> str:
    """Write a repeat of a few layers as one line; nothing where it is too long, or no repeat."""
    ((_, body),) = line.bodies if line.word == REPEAT else ((REPEAT, ()),)
    if not body or any(each.bodies for each in body):
        return ""
    entries = [f"{key}: {text}" for key, text in _entries(line).items()]
    layers = ", ".join(map(_leaf, body))
    text = f"{REPEAT}: {{{', '.join([*entries, f'layers: [{layers}]'])}}}"
    return text if len(text) < WIDTH - 10 else ""


def _entries(line: Line) -> dict[str, str]:
    """Give the keys and values that are written of a layer."""
    entries = {"name": _scalar(line.label)} if line.is_named else {}
    sources = [_scalar(source) for source in line.sources]
    if sources:
        entries["from"] = f"[{', '.join(sources)}]" if line.several else sources[0]
    if line.share:
        entries["share"] = _scalar(line.share)
    for field, text in line.fields.items():
        if text != line.defaults.get(field) or field in line.kept:
            entries[field] = text
    if line.tags:
        tags = [_scalar(tag) for tag in line.tags]
        entries["tags"] = tags[0] if len(tags) == 1 else f"[{', '.join(tags)}]"
    return entries


def _with_bodies(line: Line) -> Iterator[str]:
    """Write a layer that holds lists of layers."""
    entries = _entries(line)
    branches = [body for key, body in line.bodies if key == "branch"]
    named = [(key, body) for key, body in line.bodies if key != "branch"]
    yield f"- {line.word}:"
    if not entries and len(named) < 2:
        indent = "    "
    else:
        indent = "        "
        yield from (f"    {key}: {text}" for key, text in entries.items())
    if branches:
        if entries:
            yield "    branches:"
        for branch in branches:
            yield from (f"{indent[2:]}{text}" for text in _branch(branch))
    for key, body in named:
        if entries or len(named) > 1:
            yield f"    {key}:"
        yield from (f"{indent[2:]}{text}" for text in _layers(with_repeats(body)))


def _branch(lines: Lines) -> Iterator[str]:
    """Write one branch as an item of a list."""
    if not lines:
        yield "- []"
        return
    for place, text in enumerate(_layers(lines)):
        yield ("  " if place else "- ") + text


def _scalar(text: str) -> str:
    """Write a name, in quotes where YAML may take it for something else."""
    return text if _PLAIN.fullmatch(text) or re.fullmatch(r"[\w./]+", text) else quoted(text)


__all__ = ["write", "write_flat"]
