"""A spec file: its header, parameters, blocks, layers and claims, compiled and ready to be walked."""

from __future__ import annotations

from pathlib import PurePath
from typing import NamedTuple

from cnncalc.blocks import Blocks
from cnncalc.fields import NAME, Names, Template, compile_value
from cnncalc.layers import Body, Compiler, Parameter
from cnncalc.source import Problem, Source, Span, SpecError, nearest
from cnncalc.yamltext import Located, Mapping, Scalar, Sequence, parse_yaml

KEYS: dict[str, str] = {
    "name": "the network's name",
    "title": "what people call it",
    "family": "networks that belong together, as the list shows them",
    "year": "when it was published",
    "source": "the paper or page that it is taken from",
    "aliases": "other names",
    "input": "height x width x channels; length x channels is 1-D, depth x height x width x channels 3-D",
    "params": "what --set may change, with defaults",
    "blocks": "blocks of this file's own",
    "layers": "the layers, in order",
    "claims": "what the source prints, held to the digits printed",
}
KEY_ALIASES = {"input_shape": "input", "input_size": "input", "shape": "input", "parameters": "params",
               "layer": "layers", "network": "layers", "model": "layers", "description": "title", "paper": "source",
               "modules": "blocks", "expected": "claims"}
QUANTITIES = ("output", "weights", "biases", "params", "macs", "flops", "activations", "memory", "receptive_field")
"""What can be asked of a layer or a network, everywhere by these names."""
CLAIM_KEYS = ("source", "set", "input", "convention", "erratum")


class Claim(NamedTuple):
    """What a source prints of the network: one quantity as written; with `erratum` it must not be met."""

    quantity: str
    written: Scalar
    source: str
    settings: tuple[tuple[str, Scalar], ...]
    input: Scalar | None
    convention: str | None
    erratum: str | None
    span: Span


class Spec(NamedTuple):
    """A compiled spec; `problems` are the mistakes found so far."""

    source: Source
    name: str
    title: str
    family: str
    year: int | None
    cited: str
    aliases: tuple[str, ...]
    input: Template | None
    parameters: tuple[Parameter, ...]
    body: Body
    claims: tuple[Claim, ...]
    problems: tuple[Problem, ...]


def read_spec(source: Source, *, pure: bool = False) -> Spec:
    """Compile a spec's text. Raises SpecError where nothing can be made of it; other mistakes are in `problems`."""
    tree, problems = parse_yaml(source, pure=pure)
    start = Span(source, 1, 1, 1)
    if tree is None:
        empty = Problem(start, "empty", "the file is empty", "a spec has input: 224x224x3 and layers: [...]")
        raise SpecError(problems or [empty])
    if not isinstance(tree, Mapping):
        if isinstance(tree, Scalar) and tree.plain and not tree.text:
            raise SpecError([Problem(start, "empty", "the file is empty",
                                     "a spec has input: 224x224x3 and layers: [...]")])
        raise SpecError([*problems, Problem(tree.span, "top", "a spec is a mapping of keys such as input and layers")])
    return _Reader(source, tree, problems).spec()


class _Reader:
    def __init__(self, source: Source, tree: Mapping, problems: list[Problem]) -> None:
        self.source = source
        self.tree = tree
        self.problems = problems

    def problem(self, span: Span, code: str, message: str, hint: str = "") -> None:
        self.problems.append(Problem(span, code, message, hint))

    def spec(self) -> Spec:
        self.check_keys()
        blocks = Blocks(self.problems, self.tree.get("blocks"))
        compiler = Compiler(self.problems, blocks.find, blocks.names)
        parameters = compiler.parameters(self.tree.get("params"))
        names = frozenset(parameter.name for parameter in parameters)
        shape = self.input(names)
        layers = self.tree.get("layers")
        body = Body((), self.tree.span, 0)
        if layers is not None:
            body = compiler.body(layers, names, layers.span)
            if not body.layers and not self.problems:
                self.problem(body.span, "layers", "layers is empty")
        blocks.compile_all()
        return Spec(self.source, self.name(), self.text("title"), self.text("family"), self.year(), self.text("source"),
                    self.aliases(), shape, parameters, body, self.claims(), tuple(self.problems))

    def check_keys(self) -> None:
        known = {key.text for key, _ in self.tree.entries}
        taken = set()
        for key, _ in self.tree.entries:
            if key.text in KEYS:
                continue
            meant = KEY_ALIASES.get(key.text.lower()) or nearest(key.text, KEYS)
            hint = f"did you mean '{meant}'?" if meant else f"the keys are {', '.join(KEYS)}"
            self.problem(key.span, "unknown-key", f"'{key.text}' is not a key of a spec", hint)
            taken.add(meant)
        for needed, example in (("input", "input: 224x224x3"), ("layers", "layers: [...]")):
            if needed not in known and needed not in taken:
                self.problem(self.tree.span, "missing-key", f"the spec has no '{needed}'", f"such as {example}")

    def name(self) -> str:
        given = self.text("name")
        if given:
            located = self.tree.get("name")
            if not all(NAME.fullmatch(part) for part in given.split("/")) and located is not None:
                self.problem(located.span, "name", f"'{given}' cannot be a network's name",
                             "use letters, digits, '_', '-', '.', and '/' between parts")
            return given
        return "-" if self.source.name in ("-", "") else PurePath(self.source.name).stem

    def text(self, key: str) -> str:
        located = self.tree.get(key)
        if located is None:
            return ""
        if not isinstance(located, Scalar):
            self.problem(located.span, "value", f"{key} is a text")
            return ""
        return located.text

    def year(self) -> int | None:
        text = self.text("year")
        located = self.tree.get("year")
        if not text or located is None:
            return None
        if not (text.isascii() and text.isdigit() and len(text) == 4):
            self.problem(located.span, "value", f"year is a year such as 2014, not '{text}'")
            return None
        return int(text)

    def aliases(self) -> tuple[str, ...]:
        located = self.tree.get("aliases")
        if located is None:
            return ()
        items = located.items if isinstance(located, Sequence) else (located,)
        for item in items:
            if not isinstance(item, Scalar) or not all(NAME.fullmatch(part) for part in item.text.split("/")):
                self.problem(item.span, "name", "an alias is a name: letters, digits, '_', '-' and '.'")
        return tuple(item.text for item in items if isinstance(item, Scalar))

    def input(self, names: frozenset[str]) -> Template | None:
        located = self.tree.get("input")
        if located is None:
            return None
        before = len(self.problems)
        template = compile_value(located, Names(names), self.problems)
        return template if len(self.problems) == before else None

    def claims(self) -> tuple[Claim, ...]:
        located = self.tree.get("claims")
        if located is None:
            return ()
        if not isinstance(located, Sequence):
            self.problem(located.span, "claims", "claims is a list",
                         'such as claims: [{params: 138M, source: "Table 2"}]')
            return ()
        return tuple(claim for item in located.items if (claim := self.claim(item)) is not None)

    def claim(self, located: Located) -> Claim | None:
        if not isinstance(located, Mapping):
            self.problem(located.span, "claims", "a claim is a mapping", 'such as {params: 138M, source: "Table 2"}')
            return None
        found = [(key, value) for key, value in located.entries if key.text in QUANTITIES]
        for key, _ in located.entries:
            if key.text not in QUANTITIES and key.text not in CLAIM_KEYS:
                meant = nearest(key.text, [*QUANTITIES, *CLAIM_KEYS])
                self.problem(key.span, "unknown-key", f"'{key.text}' is not a key of a claim",
                             f"did you mean '{meant}'?" if meant else f"the quantities are {', '.join(QUANTITIES)}")
        if len(found) != 1 or not isinstance(found[0][1], Scalar):
            self.problem(located.span, "claims", "a claim is of one quantity",
                         f"one of {', '.join(QUANTITIES)}, such as params: 138M")
            return None
        shape = located.get("input")
        settings = self.settings(located.get("set"))
        return Claim(found[0][0].text, found[0][1], self.claim_text(located, "source") or "", settings,
                     shape if isinstance(shape, Scalar) else None, self.claim_text(located, "convention"),
                     self.claim_text(located, "erratum"), found[0][0].span)

    def claim_text(self, located: Mapping, key: str) -> str | None:
        value = located.get(key)
        if value is None:
            return None
        if not isinstance(value, Scalar):
            self.problem(value.span, "value", f"{key} is a text")
            return None
        return value.text

    def settings(self, located: Located | None) -> tuple[tuple[str, Scalar], ...]:
        if located is None:
            return ()
        if not isinstance(located, Mapping):
            self.problem(located.span, "value", "set is a mapping of parameters to values")
            return ()
        return tuple((key.text, value) for key, value in located.entries if isinstance(value, Scalar))


__all__ = ["KEYS", "QUANTITIES", "Claim", "Spec", "read_spec"]
