"""Blocks by name: a file's own first, then the library's; each compiled when it is first used."""

from __future__ import annotations

from functools import cache

from cnncalc.ops import OPS
from cnncalc.ops.fields import NAME
from cnncalc.spec.compile import Compiler
from cnncalc.spec.layers import COMBINATORS, Block
from cnncalc.spec.shipped import block_names, data_file
from cnncalc.spec.visible import read_parameters
from cnncalc.text.records import Key, Record, written
from cnncalc.text.source import Problem, Source, Span, SpecError
from cnncalc.text.yaml_tree import Located, Mapping, Scalar, parse_yaml, read_source

PARAMS = written({"$ref": "#/$defs/params"})
LAYERS = written({"$ref": "#/$defs/layers"})
PASS = written({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]})
DEFINE = written(
    {
        "type": ["object", "null"],
        "propertyNames": {"pattern": r"^\s*\w+\s*\(.*\)\s*$"},
        "additionalProperties": {"type": ["string", "number", "boolean"]},
    }
)
DEFAULTS = written({"$ref": "#/$defs/defaults"})
BLOCK = Record(
    "a block",
    Key("params", PARAMS, "its parameters, with defaults; an empty one must be given"),
    Key("pass", PASS, "parameters that every block used in it gets, where it has one of that name"),
    Key("define", DEFINE, "functions of one expression: {maps(n): round_to(n * width, 8)}"),
    Key("defaults", DEFAULTS, "field values for the ops in its layers: {conv: {kernel: 3}}"),
    Key("layers", LAYERS, "its layers, in order"),
    aliases={
        "parameters": "params",
        "args": "params",
        "arguments": "params",
        "layer": "layers",
        "body": "layers",
        "modules": "layers",
    },
)
BLOCKS = written({"type": "object", "additionalProperties": {"$ref": "#/$defs/block"}})


class Blocks:
    """The blocks that one file sees. A block of the file replaces the library's, for library blocks too."""

    def __init__(self, problems: list[Problem], own: Located | None = None) -> None:
        self.problems = problems
        self.translations: list[tuple[Span, str]] = []
        self.broken: set[str] = set()
        self.own = self.read_own(own)
        self.compiled: dict[str, Block] = {}
        self.open: list[str] = []
        self.shares_library = not any(name in block_names() for name in self.own)

    def read_own(self, located: Located | None) -> dict[str, tuple[Scalar, Mapping]]:
        """Read the file's own blocks, by name."""
        if located is None:
            return {}
        if not isinstance(located, Mapping):
            self.problems.append(
                Problem(
                    located.span,
                    "blocks",
                    "blocks: names with {params, layers} are expected",
                    "such as blocks: {stem: {layers: [...]}}",
                )
            )
            return {}
        blocks = {}
        for key, value in located.entries:
            if key.text in OPS or key.text in COMBINATORS or key.text == "when":
                self.problems.append(
                    Problem(
                        key.span,
                        "blocks",
                        f"'{key.text}' is a word of the language; a block cannot replace it",
                        "give the block another name",
                    )
                )
            elif not NAME.fullmatch(key.text):
                self.problems.append(
                    Problem(
                        key.span,
                        "blocks",
                        f"'{key.text}' cannot name a block",
                        "use letters, digits, '_', '-' and '.'",
                    )
                )
            elif not isinstance(value, Mapping):
                self.broken.add(key.text)
                self.problems.append(
                    Problem(
                        key.span,
                        "blocks",
                        f"the block '{key.text}' needs layers",
                        f"write {key.text}: {{params: {{...}}, layers: [...]}}",
                    )
                )
            else:
                blocks[key.text] = (key, value)
        return blocks

    def names(self) -> tuple[str, ...]:
        """All that can be used."""
        return (*self.own, *self.broken, *block_names())

    def find(self, name: str, span: Span, depth: int = 0) -> Block | None:
        """Find a block by name, compiled; None where there is none, or it is broken or uses itself (a problem, then).

        `depth` is how many lists of layers are around its use.
        """
        if name in self.compiled:
            return self.compiled[name]
        if name in self.broken:
            return None
        if name in self.open:
            chain = " → ".join([*self.open[self.open.index(name) :], name])
            self.problems.append(
                Problem(
                    span,
                    "recursion",
                    f"the block '{name}' uses itself ({chain})",
                    "a block can use only blocks that do not lead back to it",
                )
            )
            return None
        if name not in self.own and name not in block_names():
            return None
        if name not in self.own and self.shares_library and self is not _library():
            return self.from_library(name, span)
        self.open.append(name)
        key, located = self.own[name] if name in self.own else read_library_block(name)
        block = self.compiled[name] = self.compile(key, located, depth)
        self.open.pop()
        return block

    def from_library(self, name: str, span: Span) -> Block | None:
        """Find the library's own compiled block; a mistake in it is this file's problem too."""
        library = _library()
        block = library.find(name, span)
        self.problems.extend(
            problem for problem in library.problems if problem not in self.problems
        )
        return block

    def compile(self, key: Scalar, located: Mapping, depth: int) -> Block:
        """Compile one block's parameters and layers."""
        block = Block(key.text, key.span)
        compiler = Compiler(self.problems, self.find, self.names, self.translations, depth)
        fields = BLOCK.read(located, self.problems)
        assert fields is not None
        block.parameters = read_parameters(fields["params"], self.problems)
        visible = compiler.visible(fields, block.parameters)
        block.body = compiler.body(fields["layers"], visible, key.span, f"the block '{key.text}'")
        # a block that replaces one of the library need not take what that one would be passed
        if key.text in self.own or not self.own:
            compiler.check_passed(visible)
        return block

    def compile_all(self) -> None:
        """Compile the file's own blocks that nothing has used, for the problems in them."""
        for name, (key, _) in self.own.items():
            self.find(name, key.span)


@cache
def _library() -> Blocks:
    return Blocks([])


def library_block(name: str) -> Block:
    """Find a block of the library, compiled. Raises SpecError where its file is broken."""
    library = _library()
    block = library.find(name, _no_place())
    if block is None or library.problems:
        raise SpecError(library.problems)
    return block


def _no_place() -> Span:
    return Span(Source("blocks", ""), 1, 1, 1)


def read_library_block(name: str) -> tuple[Scalar, Mapping]:
    """Read the key and the mapping of a block in the library. Raises SpecError where its file is broken."""
    path = data_file("blocks", name)
    assert path is not None, f"no library block {name}"
    source = read_source(path)
    tree, problems = parse_yaml(source)
    blocks = tree.get("blocks") if isinstance(tree, Mapping) else None
    if problems:
        raise SpecError(problems)
    if isinstance(blocks, Mapping):
        for key, value in blocks.entries:
            if key.text == name and isinstance(value, Mapping):
                return key, value
    raise SpecError(
        [Problem(Span(source, 1, 1, 1), "blocks", f"this file must hold the block '{name}'")]
    )


def check_library() -> tuple[Problem, ...]:
    """All problems of the block library; a test asks."""
    library = _library()
    for name in block_names():
        library.find(name, _no_place())
    return tuple(library.problems)
