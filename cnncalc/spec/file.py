"""A spec file: its header, parameters, blocks, layers and claims, compiled and ready to be walked."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import NamedTuple

from cnncalc.ops.fields import NAME, Names, Template, compile_value
from cnncalc.spec.blocks import Blocks
from cnncalc.spec.compile import Compiler
from cnncalc.spec.layers import Body, Parameter
from cnncalc.spec.quantities import ASKED
from cnncalc.text.source import Problem, Source, Span, SpecError
from cnncalc.text.suggest import did_you_mean, nearest, suggest
from cnncalc.text.yaml_tree import Located, Mapping, Scalar, Sequence, parse_yaml

KEYS: dict[str, str] = {
    "name": "the network's name",
    "title": "what people call it",
    "family": "networks that belong together, as the list shows them",
    "year": "when it was published",
    "source": "the paper or page that it is taken from",
    "aliases": "other names",
    "input": "height x width x channels; length x channels is 1-D, depth x height x width x channels 3-D; "
    "a mapping of names to shapes where there are several",
    "params": "what --set may change, with defaults",
    "blocks": "blocks of this file's own",
    "layers": "the layers, in order",
    "claims": "what the source prints, held to the digits printed",
}
KEY_ALIASES = {
    "input_shape": "input",
    "input_size": "input",
    "shape": "input",
    "parameters": "params",
    "layer": "layers",
    "network": "layers",
    "model": "layers",
    "description": "title",
    "paper": "source",
    "modules": "blocks",
    "expected": "claims",
}
_SIZES = {"depth", "height", "width", "length", "channels"}
"""Names of axes, which name no input."""
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
    places: dict[str, Span] = {}  # noqa: RUF012
    """Where the value of each of its keys stands."""


class NamedInput(NamedTuple):
    """One input: its name, the place of the name, and its shape; `shape` is None where it could not be read."""

    name: str
    span: Span
    shape: Template | None


class Spec(NamedTuple):
    """A compiled spec; `problems` are the mistakes found so far."""

    source: Source
    name: str
    title: str
    family: str
    year: int | None
    cited: str
    aliases: tuple[str, ...]
    inputs: tuple[NamedInput, ...]
    parameters: tuple[Parameter, ...]
    body: Body
    claims: tuple[Claim, ...]
    problems: tuple[Problem, ...]


def header_spec(source: Source, name: str) -> Spec:
    """The spec of a network that no spec describes, such as one read from another tool's file: its name, no layers."""
    body = Body((), Span(source, 1, 1, 1), 0)
    return Spec(source, name, "", "", None, "", (), (), (), body, (), ())


def read_spec(source: Source, *, pure: bool = False) -> Spec:
    """Compile a spec's text. Raises SpecError where nothing can be made of it; other mistakes are in `problems`."""
    tree, problems = parse_yaml(source, pure=pure)
    hint = "a spec has input: 224x224x3 and layers: [...]"
    if tree is None or (isinstance(tree, Scalar) and tree.plain and not tree.text):
        raise SpecError(
            problems
            or [Problem(Span(source, 1, 1, 1), "empty", "there is no spec in this file", hint)]
        )
    if not isinstance(tree, Mapping):
        what = "a list" if isinstance(tree, Sequence) else "a text"
        raise SpecError(
            [
                *problems,
                Problem(tree.span, "top", f"{what} stands where a spec's keys are expected", hint),
            ]
        )
    return _Reader(source, tree, problems).spec()


def read_tree(source: Source, tree: Mapping) -> Spec:
    """Compile a spec that stands inside another file, such as a table's. Mistakes are in `problems`."""
    return _Reader(source, tree, []).spec()


class _Reader:
    def __init__(self, source: Source, tree: Mapping, problems: list[Problem]) -> None:
        self.source = source
        self.tree = tree
        self.problems = problems
        self.given = self.read_keys()

    def problem(self, span: Span, code: str, message: str, hint: str = "") -> None:
        self.problems.append(Problem(span, code, message, hint))

    def spec(self) -> Spec:
        blocks = Blocks(self.problems, self.given.get("blocks"))
        compiler = Compiler(self.problems, blocks.find, blocks.names)
        parameters = compiler.parameters(self.given.get("params"))
        names = frozenset(parameter.name for parameter in parameters)
        inputs = self.inputs(names)
        layers = self.given.get("layers")
        body = Body((), self.tree.span, 0)
        if layers is not None:
            body = compiler.body(layers, names, layers.span)
            if not body.layers and not self.problems:
                self.problem(
                    body.span,
                    "layers",
                    "layers: a network has at least one layer",
                    "such as layers: [relu]",
                )
        blocks.compile_all()
        return Spec(
            self.source,
            self.name(),
            self.text("title"),
            self.text("family"),
            self.year(),
            self.text("source"),
            self.aliases(),
            inputs,
            parameters,
            body,
            self.claims(),
            tuple(self.problems),
        )

    def read_keys(self) -> dict[str, Located]:
        """What stands under the keys; one that is misspelt counts as given."""
        given = {key.text: value for key, value in self.tree.entries if key.text in KEYS}
        for key, value in self.tree.entries:
            if key.text not in KEYS:
                meant = KEY_ALIASES.get(key.text.lower()) or nearest(key.text, KEYS)
                hint = did_you_mean(meant) if meant else f"the keys are {', '.join(KEYS)}"
                self.problem(key.span, "unknown-key", f"'{key.text}' is not a key of a spec", hint)
                given.setdefault(meant or "", value)
        for needed, example in (("input", "input: 224x224x3"), ("layers", "layers: [...]")):
            if needed not in given:
                self.problem(
                    self.tree.span,
                    "missing-key",
                    f"the spec has no '{needed}'",
                    f"such as {example}",
                )
        return given

    def name(self) -> str:
        given = self.text("name")
        if given:
            located = self.given.get("name")
            if not all(NAME.fullmatch(part) for part in given.split("/")) and located is not None:
                self.problem(
                    located.span,
                    "name",
                    f"'{given}' cannot be a network's name",
                    "use letters, digits, '_', '-', '.', and '/' between parts",
                )
            return given
        return "-" if self.source.name in ("-", "") else PurePath(self.source.name).stem

    def text(self, key: str) -> str:
        located = self.given.get(key)
        if located is None:
            return ""
        if not isinstance(located, Scalar):
            self.problem(located.span, "value", f"{key}: a text is expected")
            return ""
        return located.text

    def year(self) -> int | None:
        text = self.text("year")
        located = self.given.get("year")
        if not text or located is None:
            return None
        if not (text.isascii() and text.isdigit() and len(text) == 4):
            self.problem(
                located.span, "value", f"year: a year such as 2014 is expected, not '{text}'"
            )
            return None
        return int(text)

    def aliases(self) -> tuple[str, ...]:
        located = self.given.get("aliases")
        if located is None:
            return ()
        items = located.items if isinstance(located, Sequence) else (located,)
        for item in items:
            if not isinstance(item, Scalar) or not all(
                NAME.fullmatch(part) for part in item.text.split("/")
            ):
                self.problem(
                    item.span, "name", "an alias is a name: letters, digits, '_', '-' and '.'"
                )
        return tuple(item.text for item in items if isinstance(item, Scalar))

    def inputs(self, names: frozenset[str]) -> tuple[NamedInput, ...]:
        """The one input, called `input`, or those of a mapping of names to shapes, in its order."""
        located = self.given.get("input")
        if not isinstance(located, Mapping):
            shape = None if located is None else self.shape(located, "input", names)
            return (
                NamedInput("input", self.tree.span if located is None else located.span, shape),
            )
        if {key.text for key, _ in located.entries} <= _SIZES:
            self.problem(
                located.span,
                "value",
                "input: the sizes of one input are written in one line",
                "such as input: 224x224x3; a mapping gives each of several inputs its name",
            )
            return ()
        for place, (key, _) in enumerate(located.entries):
            if not NAME.fullmatch(key.text):
                self.problem(
                    key.span,
                    "name",
                    f"'{key.text}' cannot be an input's name",
                    "use letters, digits, '_', '-' and '.'",
                )
            elif key.text == "input" and place:
                self.problem(
                    key.span,
                    "name",
                    "'input' is the first of the inputs, whatever its name",
                    "call this one otherwise, or write it first",
                )
        return tuple(
            NamedInput(key.text, key.span, self.shape(value, f"input: {key.text}", names))
            for key, value in located.entries
        )

    def shape(self, located: Located, what: str, names: frozenset[str]) -> Template | None:
        """The shape of an input; `what` is what messages call it."""
        before = len(self.problems)
        if isinstance(located, Scalar) and not located.text:
            self.problem(
                located.span, "value", f"{what}: a shape is missing", f"such as {what}: 224x224x3"
            )
            return None
        template = compile_value(located, Names(names), self.problems)
        if len(self.problems) == before:
            return template
        text = located.text if isinstance(located, Scalar) else ""
        sizes = re.findall("[0-9]+", text)
        if (
            2 <= len(sizes) <= 4
            and "x".join(sizes) != text
            and not re.search("[^0-9xX×*,;() ]", text)
        ):
            self.problems[-1] = Problem(
                located.span,
                "value",
                f"{what}: '{text}' is not a shape",
                f"write {'x'.join(sizes)}",
            )
        return None

    def claims(self) -> tuple[Claim, ...]:
        located = self.given.get("claims")
        if located is None:
            return ()
        if not isinstance(located, Sequence):
            self.problem(
                located.span,
                "claims",
                "claims: a list is expected",
                'such as claims: [{params: 138M, source: "Table 2"}]',
            )
            return ()
        return tuple(claim for item in located.items if (claim := self.claim(item)) is not None)

    def claim(self, located: Located) -> Claim | None:
        if not isinstance(located, Mapping):
            self.problem(
                located.span,
                "claims",
                "a claim has keys",
                'such as {params: 138M, source: "Table 2"}',
            )
            return None
        found = [(key, value) for key, value in located.entries if key.text in ASKED]
        unknown = [
            key
            for key, _ in located.entries
            if key.text not in ASKED and key.text not in CLAIM_KEYS
        ]
        for key in unknown:
            self.problem(
                key.span,
                "unknown-key",
                f"'{key.text}' is not a key of a claim",
                suggest(key.text, [*ASKED, *CLAIM_KEYS], f"the quantities are {', '.join(ASKED)}"),
            )
        if not found and unknown:
            return None
        if len(found) != 1:
            self.problem(
                found[1][0].span if found else located.span,
                "claims",
                f"a claim is of one quantity, not of {len(found)}"
                if found
                else "this claim has no quantity",
                f"the quantities are {', '.join(ASKED)}",
            )
            return None
        quantity, written = found[0]
        if not isinstance(written, Scalar) or not written.text:
            self.problem(
                written.span,
                "claims",
                f"{quantity.text}: what is printed is expected, as one text",
                "such as 138M or 7x7x512",
            )
            return None
        shape = located.get("input")
        settings = self.settings(located.get("set"))
        return Claim(
            quantity.text,
            written,
            self.claim_text(located, "source") or "",
            settings,
            shape if isinstance(shape, Scalar) else None,
            self.claim_text(located, "convention"),
            self.claim_text(located, "erratum"),
            quantity.span,
            {key.text: value.span for key, value in located.entries},
        )

    def claim_text(self, located: Mapping, key: str) -> str | None:
        value = located.get(key)
        if value is None:
            return None
        if not isinstance(value, Scalar):
            self.problem(value.span, "value", f"{key}: a text is expected")
            return None
        return value.text

    def settings(self, located: Located | None) -> tuple[tuple[str, Scalar], ...]:
        if located is None:
            return ()
        if not isinstance(located, Mapping):
            self.problem(
                located.span,
                "value",
                "set: parameters and their values are expected",
                "such as set: {classes: 10}",
            )
            return ()
        return tuple((key.text, self.setting(value)) for key, value in located.entries)

    def setting(self, located: Located) -> Scalar:
        """A value that a claim sets, as text; a list as `[1, 2]`."""
        if isinstance(located, Scalar):
            return located
        items = located.items if isinstance(located, Sequence) else ()
        if not items or not all(isinstance(item, Scalar) for item in items):
            self.problem(
                located.span, "value", "set: a number, a word or a list of these is expected"
            )
        text = ", ".join(item.text for item in items if isinstance(item, Scalar))
        return Scalar(f"[{text}]", True, located.span)


__all__ = ["KEYS", "Claim", "Spec", "header_spec", "read_spec", "read_tree"]
