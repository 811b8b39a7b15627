"""A spec file: its header, parameters, blocks, layers and claims, compiled and ready to be walked."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import NamedTuple

from cnncalc.ops.fields import NAME, Names, Template, compile_value
from cnncalc.spec.blocks import BLOCKS, DEFAULTS, DEFINE, LAYERS, PARAMS, PASS, Blocks
from cnncalc.spec.bounds import BUDGET, Bound
from cnncalc.spec.claim import CLAIMS, Claim
from cnncalc.spec.compile import Compiler
from cnncalc.spec.layers import Body, SpecParameter
from cnncalc.spec.shipped import Shipped
from cnncalc.spec.variant import VARIANTS_SCHEMA, SpecVariant, read_variants
from cnncalc.spec.visible import Visible, read_parameters
from cnncalc.text.records import (
    TEXT,
    Key,
    Record,
    RecordFields,
    each,
    is_blank,
    parsed,
    whole,
    written,
)
from cnncalc.text.source import Problem, Problems, Source, Span, SpecError
from cnncalc.text.suggest import suggest
from cnncalc.text.yaml_tree import Located, Mapping, Scalar, Sequence, parse_yaml, read_source

_NAME_HINT = "use letters, digits, '_', '-', '.', and '/' between parts"


def _network_name(text: str) -> str:
    if text and not all(NAME.fullmatch(part) for part in text.split("/")):
        raise ValueError(text)
    return text


def _alias(text: str) -> str:
    if not text:
        raise ValueError(text)
    return _network_name(text)


_ALIAS = parsed(_alias, "an alias is a name: letters, digits, '_', '-' and '.'")
_YEAR = whole("year: a year such as 2014 is expected, not '{}'", 1000, 9999)


def _bounds(fields: RecordFields) -> tuple[Bound, ...]:
    return tuple(bound for bound in fields.values.values() if bound is not None)


SPEC = Record(
    "a spec",
    Key(
        "name",
        parsed(_network_name, "'{}' cannot be a network's name", _NAME_HINT),
        "the network's name",
        "",
    ),
    Key("title", TEXT, "what people call it", ""),
    Key("family", TEXT, "networks that belong together, as the list shows them", ""),
    Key("year", _YEAR, "when it was published"),
    Key("source", TEXT, "the paper or page that it is taken from", ""),
    Key("aliases", each(_ALIAS), "other names", ()),
    Key(
        "input",
        written({"type": ["string", "integer", "array", "object"]}),
        "height x width x channels; length x channels is 1-D, depth x height x width x channels 3-D; "
        "a mapping of names to shapes where there are several",
        required=True,
        example="such as input: 224x224x3",
    ),
    Key("params", PARAMS, "what --set may change, with defaults"),
    Key("pass", PASS, "parameters that every block used here gets, where it has one of that name"),
    Key("define", DEFINE, "functions of one expression: {maps(n): round_to(n * width, 8)}"),
    Key("defaults", DEFAULTS, "field values for the ops in the layers: {conv: {kernel: 3}}"),
    Key(
        "variants",
        written(VARIANTS_SCHEMA),
        "named sets of parameters; each makes a network of its own: {b0: {width: 1.0}}",
    ),
    Key("blocks", BLOCKS, "blocks of this file's own"),
    Key("layers", LAYERS, "the layers, in order", required=True, example="such as layers: [...]"),
    Key("claims", CLAIMS, "what the source prints, held to the digits printed", ()),
    Key("budget", BUDGET.form.then(_bounds), "the most that its totals may be", ()),
    aliases={
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
    },
    missing="the spec has no '{}'",
    code="missing-key",
)
_SIZES = {"depth", "height", "width", "length", "channels"}
"""Names of axes, which name no input."""


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
    parameters: tuple[SpecParameter, ...]
    body: Body
    claims: tuple[Claim, ...]
    budget: tuple[Bound, ...]
    problems: tuple[Problem, ...]
    translations: tuple[tuple[Span, str], ...] = ()
    """Layers that were written in another tool's words, in ours."""
    variants: tuple[SpecVariant, ...] = ()
    made_by: str = ""
    """The variant that makes this network, if one does."""

    def variant(self, name: str) -> Spec:
        """Give the network that a variant makes: its parameters for the defaults, and what is claimed of it."""
        variant = next(variant for variant in self.variants if variant.name == name)
        return self._replace(
            name=f"{self.name}_{name}",
            title=variant.title or f"{self.title or self.name}, {name}",
            cited=variant.source or self.cited,
            aliases=variant.aliases,
            parameters=tuple(
                parameter._replace(default=variant.values.get(parameter.name, parameter.default))
                for parameter in self.parameters
            ),
            claims=variant.claims,
            variants=(),
            made_by=name,
        )

    def networks(self) -> tuple[Spec, ...]:
        """Give the spec itself, unless a parameter has no value without a variant, and its variants."""
        open_ = any(parameter.default is None for parameter in self.parameters)
        own = () if open_ and self.variants else (self,)
        return (*own, *(self.variant(variant.name) for variant in self.variants))


def header_spec(source: Source, name: str) -> Spec:
    """Give a spec of a name alone to a network that no spec describes, such as one of another tool's file."""
    body = Body((), Span(source, 1, 1, 1), 0)
    return Spec(source, name, "", "", None, "", (), (), (), body, (), (), ())


def read_spec(source: Source, *, pure: bool = False) -> Spec:
    """Compile a spec's text. Raises SpecError where nothing can be made of it; other mistakes are in `problems`."""
    tree, problems = parse_yaml(source, pure=pure)
    hint = "a spec has input: 224x224x3 and layers: [...]"
    if tree is None or is_blank(tree):
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


def read_shipped(shipped: Shipped) -> Spec:
    """Compile the spec of a network that ships; raises SpecError as `read_spec` does."""
    spec = read_spec(read_source(shipped.path))
    return spec.variant(shipped.variant) if shipped.variant else spec


def read_tree(source: Source, tree: Mapping) -> Spec:
    """Compile a spec that stands inside another file, such as a table's. Mistakes are in `problems`."""
    return _Reader(source, tree, Problems()).spec()


class _Reader:
    def __init__(self, source: Source, tree: Mapping, problems: list[Problem]) -> None:
        self.source = source
        self.problems = problems
        fields = SPEC.read(tree, problems)
        assert fields is not None
        self.fields = fields

    def problem(self, span: Span, code: str, message: str, hint: str = "") -> None:
        self.problems.append(Problem(span, code, message, hint))

    def spec(self) -> Spec:
        fields = self.fields
        blocks = Blocks(self.problems, fields["blocks"])
        compiler = Compiler(self.problems, blocks.find, blocks.names, blocks.translations)
        parameters = read_parameters(fields["params"], self.problems)
        visible = compiler.visible(fields, parameters)
        inputs = self.inputs(visible.names())
        body = self.body(compiler, visible)
        compiler.check_passed(visible)
        blocks.compile_all()
        variants = self.variants(visible.parameters)
        return Spec(
            self.source,
            fields["name"] or self.file_name(),
            fields["title"],
            fields["family"],
            fields["year"],
            fields["source"],
            fields["aliases"],
            inputs,
            parameters,
            body,
            tuple(claim for claim in fields["claims"] if claim.variant is None),
            fields["budget"],
            tuple(self.problems),
            tuple(blocks.translations),
            variants,
        )

    def variants(self, parameters: frozenset[str]) -> tuple[SpecVariant, ...]:
        """Read the variants, each with what is claimed of it."""
        variants = read_variants(self.fields["variants"], parameters, self.problems)
        claims: dict[str, list[Claim]] = {variant.name: [] for variant in variants}
        for claim in self.fields["claims"]:
            if claim.variant is not None and claim.variant.text in claims:
                claims[claim.variant.text].append(claim)
            elif claim.variant is not None:
                message = f"there is no variant '{claim.variant.text}'"
                hint = suggest(claim.variant.text, claims, "the variants are {}" if claims else "")
                self.problem(claim.variant.span, "claims", message, hint)
        return tuple(variant._replace(claims=tuple(claims[variant.name])) for variant in variants)

    def file_name(self) -> str:
        """Say what a network is called whose spec has no name."""
        return "-" if self.source.name in ("-", "") else PurePath(self.source.name).stem

    def body(self, compiler: Compiler, visible: Visible) -> Body:
        layers = self.fields["layers"]
        if layers is None:
            return Body((), self.fields.span, 0)
        body = compiler.body(layers, visible, layers.span)
        if not body.layers and not self.problems:
            message = "layers: a network has at least one layer"
            self.problem(body.span, "layers", message, "such as layers: [relu]")
        return body

    def inputs(self, names: Names) -> tuple[NamedInput, ...]:
        """Read the one input, called `input`, or those of a mapping of names to shapes, in its order."""
        located = self.fields["input"]
        if not isinstance(located, Mapping):
            shape = None if located is None else self.shape(located, "input", names)
            return (
                NamedInput("input", self.fields.span if located is None else located.span, shape),
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

    def shape(self, located: Located, what: str, names: Names) -> Template | None:
        """Read the shape of an input; `what` is what messages call it."""
        before = len(self.problems)
        if isinstance(located, Scalar) and not located.text:
            self.problem(
                located.span, "value", f"{what}: a shape is missing", f"such as {what}: 224x224x3"
            )
            return None
        template = compile_value(located, names, self.problems)
        if len(self.problems) == before:
            return template
        text = located.text if isinstance(located, Scalar) else ""
        sizes = re.findall("[0-9]+", text)
        if (
            1 <= len(sizes) <= 4
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


__all__ = ["SPEC", "Claim", "Spec", "header_spec", "read_spec", "read_tree"]
