"""A located list of layers to compiled layers: words known, fields read, expressions parsed, all mistakes gathered.

What can be known without shapes is checked here, once per spec; the walk then only evaluates.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from cnncalc.ops import FIELD_ALIASES, OP_ALIASES, OPS
from cnncalc.ops.base import Op
from cnncalc.ops.field_types import FieldError
from cnncalc.ops.fields import NAME, Field, Names, Template, broken_problem, compile_value
from cnncalc.spec.layers import (
    COMBINATORS,
    COMMON_FIELDS,
    MAX_LAYERS,
    MAX_NESTING,
    Block,
    BlockUse,
    Body,
    Broken,
    Common,
    Layer,
    Merge,
    OpLayer,
    Parameter,
    Repeat,
    Residual,
    Side,
    bodies,
    layer_size,
)
from cnncalc.text.expressions import (
    RESERVED,
    WITHHELD_EXPRESSION,
    ExpressionError,
    kind_of,
    parse_expression,
)
from cnncalc.text.source import Problem, Span, SpecError
from cnncalc.text.suggest import did_you_mean, nearest
from cnncalc.text.yaml_tree import Located, Mapping, Scalar, Sequence

_COMBINATOR_FIELDS = {
    "repeat": ("times", "layers"),
    "residual": ("layers", "shortcut", "skip"),
    "side": ("layers",),
}

FindBlock = Callable[[str, Span, int], "Block | None"]
"""Finds a block by its name, compiled; None where there is none. The span is that of the use, the number its depth."""


class Compiler:
    """Compiles lists of layers; `problems` gathers what is wrong. `depth` is how many lists of layers are around."""

    def __init__(
        self,
        problems: list[Problem],
        find_block: FindBlock,
        block_names: Callable[[], Iterable[str]],
        depth: int = 0,
    ) -> None:
        self.problems = problems
        self.find_block = find_block
        self.block_names = block_names
        self.depth = depth

    def problem(self, span: Span, code: str, message: str, hint: str = "") -> None:
        """Note a mistake."""
        self.problems.append(Problem(span, code, message, hint))

    # -- parameters --------------------------------------------------------------------------------------------------

    def parameters(self, located: Located | None) -> tuple[Parameter, ...]:
        """Read `params:`; a default may use the parameters before it and the arriving shape."""
        if located is None or _is_empty(located):
            return ()
        if not isinstance(located, Mapping):
            self.problem(
                located.span,
                "params",
                "params: names with their default values are expected",
                "such as params: {width: 64}; leave the value empty where it must be given",
            )
            return ()
        found: list[Parameter] = []
        for key, value in located.entries:
            if not _is_parameter_name(key.text):
                hint = (
                    "it is a word of the language"
                    if key.text in RESERVED
                    else "use letters, digits and '_', and start with a letter"
                )
                self.problem(
                    key.span, "parameter-name", f"'{key.text}' cannot name a parameter", hint
                )
                continue
            default = None
            if not _is_empty(value):
                names = Names(frozenset(parameter.name for parameter in found), words=True)
                default = self.value(value, names)
                self.tell_later_names([name.text for name, _ in located.entries[len(found) :]])
            found.append(Parameter(key.text, key.span, default))
        return tuple(found)

    def tell_later_names(self, later: list[str]) -> None:
        """Say it where the name that the last problem does not find is that of a later parameter."""
        problem = self.problems[-1] if self.problems else None
        for name in later:
            if (
                problem is not None
                and problem.message == f"there is no parameter named '{name}' here"
            ):
                message = f"'{name}' is not known yet; a default uses the parameters before it"
                self.problems[-1] = problem._replace(message=message, hint="change the order")

    # -- lists of layers ---------------------------------------------------------------------------------------------

    def body(
        self, located: Located | None, names: frozenset[str], where: Span, what: str = "layers"
    ) -> Body:
        """Compile a list of layers."""
        if located is None or _is_empty(located):
            self.problem(
                where,
                "layers",
                f"{what}: no layers are given",
                "a list of layers: '- conv: {...}' lines",
            )
            return Body((), where, 0)
        if not isinstance(located, Sequence):
            self.problem(
                located.span,
                "layers",
                f"{what}: a list of layers is expected here",
                "start each layer with '- ', the space too, or write [ ] around them",
            )
            return Body((), located.span, 0)
        if self.depth >= MAX_NESTING:
            message = f"layers are nested deeper than the limit of {MAX_NESTING} lists, those in blocks counted"
            raise SpecError([*self.problems, Problem(located.span, "limit", message)])
        self.depth += 1
        layers = tuple([self.layer(item, names) for item in located.items])
        self.depth -= 1
        return Body(layers, located.span, self.sum_of_sizes(layers))

    def sum_of_sizes(self, layers: tuple[Layer, ...]) -> int:
        """How many layers these expand to; where that goes beyond the limit, the layer with which it does is told."""
        total = 0
        for layer in layers:
            size = layer_size(layer)
            if total <= MAX_LAYERS < total + size and all(
                body.size <= MAX_LAYERS for body in bodies(layer)
            ):
                span = layer.times.span() if isinstance(layer, Repeat) else layer.common.span
                self.problem(
                    span, "limit", f"this expands to more than the limit of {MAX_LAYERS:,} layers"
                )
            total += size
        return total

    def layer(self, located: Located, names: frozenset[str]) -> Layer:
        """Compile one layer: a bare word, a word with a value, or a word with fields."""
        if isinstance(located, Scalar) and not _is_empty(located):
            return self.worded(located, None, None, names)
        if isinstance(located, (Scalar, Sequence)) or not located.entries:
            self.problem(
                located.span,
                "layer",
                "a layer is a word such as relu, or a word with its fields",
                "such as - conv: {filters: 64, kernel: 3}",
            )
            return Broken(Common("", located.span))
        when = None
        keys = []
        for key, value in located.entries:
            if key.text == "when":
                when = self.value(value, Names(names))
            else:
                keys.append((key, value))
        if not keys:
            self.problem(
                located.span, "layer", "'when' stands beside a layer, and there is none here"
            )
            return Broken(Common("", located.span))
        known = [entry for entry in keys if self.is_known(entry[0].text)] or keys[:1]
        word, value = known[0]
        beside = [(key, value) for key, value in keys if key is not word]
        fields = tuple(entry for entry in beside if not self.is_known(entry[0].text))
        for key, _ in beside:
            if self.is_known(key.text):
                self.problem(
                    key.span,
                    "layer",
                    f"'{key.text}' stands beside '{word.text}'; a layer has one word",
                    "start a new layer with '- '",
                )
        if fields and self.is_known(word.text):
            named = " and ".join(f"'{key.text}'" for key, _ in fields[:2])
            self.problem(
                fields[0][0].span,
                "layer",
                f"{named} stand{'s' if len(fields) == 1 else ''} beside '{word.text}', not among its fields",
                f"indent further than '{word.text}', or write {word.text}: {{{fields[0][0].text}: ...}}",
            )
            inside = value.entries if isinstance(value, Mapping) else ()
            if inside or _is_empty(value):
                value = Mapping((*inside, *fields), word.span)
        return self.worded(word, value, when, names)

    def is_known(self, word: str) -> bool:
        """Whether a layer may start with this word."""
        return word in OPS or word in COMBINATORS or word in self.block_names()

    def worded(
        self, word: Scalar, value: Located | None, when: Template | None, names: frozenset[str]
    ) -> Layer:
        """Compile what stands under an op's, a combinator's or a block's word."""
        text = word.text
        if text in OPS:
            return self.op_layer(word, value, when, names)
        if text in COMBINATORS:
            return self.combinator(word, value, when, names)
        block = self.find_block(text, word.span, self.depth)
        if block is not None:
            return self.block_use(word, block, value, when, names)
        if (
            text not in self.block_names()
        ):  # a block that is broken or uses itself has been reported
            self.problem(
                word.span,
                "unknown-op",
                f"there is no op or block '{text}'",
                self.suggest_word(text),
            )
        common = self.common(word, value if isinstance(value, Mapping) else None, when)
        return Broken(common)

    def suggest_word(self, word: str) -> str:
        """The nearest op or block, or what it is called here."""
        alias = OP_ALIASES.get(word.lower().replace("-", "_"))
        if alias:
            return f"here it is called '{alias}'"
        close = nearest(word, [*OPS, *COMBINATORS, *self.block_names()])
        if close:
            return did_you_mean(close)
        begins = re.match(r"[\s-]*(\w+)\W", word)
        if begins and self.is_known(begins[1]):
            return f"a layer stands on a line of its own: - {begins[1]}: {{...}}, with a space after '-' and ':'"
        return "it may be an op, a block of the library, or one that you define under 'blocks:'"

    # -- the fields that every layer may carry -----------------------------------------------------------------------

    def common(self, word: Scalar, fields: Mapping | None, when: Template | None) -> Common:
        """Read name, from, share and tags."""
        if fields is None:
            return Common(word.text, word.span, when=when)
        name = self.label(fields.get("name"), "name")
        if name is not None and (not NAME.fullmatch(name.text) or name.text == "input"):
            hint = (
                "'input' is what arrives"
                if name.text == "input"
                else "use letters, digits, '_', '-' and '.'"
            )
            self.problem(name.span, "name", f"'{name.text}' cannot be a layer's name", hint)
            name = None
        source = fields.get("from")
        several = isinstance(source, Sequence)
        items = (
            source.items if isinstance(source, Sequence) else () if source is None else (source,)
        )
        if source is not None and not items and not (word.text in OPS and OPS[word.text].merges):
            self.problem(
                source.span, "from", "'from' names no layer", "write from: NAME, or leave it out"
            )
        sources = tuple(label for item in items if (label := self.label(item, "from")) is not None)
        share = self.label(fields.get("share"), "share")
        return Common(
            word.text, word.span, name, sources, several, share, self.tags(fields.get("tags")), when
        )

    def label(self, located: Located | None, field: str) -> Scalar | None:
        """A name or a path as written."""
        if located is None:
            return None
        if not isinstance(located, Scalar) or not located.text.strip():
            self.problem(located.span, "name", f"'{field}' takes a name")
            return None
        return located

    def value(self, located: Located, names: Names) -> Template:
        """Read a value that is evaluated later; one with a mistake in it stays unknown, so as not to be told twice."""
        count = len(self.problems)
        template = compile_value(located, names, self.problems)
        return (
            template
            if len(self.problems) == count
            else Template(located, None, WITHHELD_EXPRESSION)
        )

    def tags(self, located: Located | None) -> tuple[str, ...]:
        """One word, or a list of words."""
        if located is None:
            return ()
        items = located.items if isinstance(located, Sequence) else (located,)
        found = []
        for item in items:
            if isinstance(item, Scalar) and NAME.fullmatch(item.text):
                found.append(item.text)
            else:
                self.problem(
                    item.span, "tags", "tags are words of letters, digits, '_', '-' and '.'"
                )
        return tuple(found)

    # -- ops ---------------------------------------------------------------------------------------------------------

    def op_layer(
        self, word: Scalar, value: Located | None, when: Template | None, names: frozenset[str]
    ) -> Layer:
        """Compile an op."""
        op = OPS[word.text]
        declared = {field.name: field for field in op.fields}
        inputs = ("branches", "from") if op.merges else ()
        fields = self.fields_of(word, value, op.bare, [*inputs, *declared])
        common = self.common(word, fields, when)
        if fields is None:
            return Broken(common)
        known = [*inputs[:1], *declared]
        given, complete = self.match_fields(word, fields, known, _required(op.fields))
        templates = {
            name: template
            for name in declared
            if name in given
            and (template := self.field_value(declared[name], given[name], names)) is not None
        }
        if op.needs_one_of and not any(name in given for name in op.needs_one_of):
            complete = False
            self.problem(
                word.span,
                "missing-field",
                f"{word.text} needs {' or '.join(map(repr, op.needs_one_of))}",
                f"write {word.text}: {{{op.needs_one_of[0]}: ...}}",
            )
        written = len(given) - ("branches" in given)
        layer = OpLayer(common, op, templates)
        if op.merges and not self.takes_what_arrives(op, common, given):
            merge = self.merge(layer, given.get("branches"), names)
            return merge if complete and len(templates) == written else Broken(common)
        return layer if complete and len(templates) == written else Broken(common)

    def takes_what_arrives(self, op: type[Op], common: Common, given: dict[str, Located]) -> bool:
        """Whether an op that may take several inputs takes one here, as any other."""
        return op.takes_one and "branches" not in given and not common.several

    def field_value(self, field: Field, located: Located, names: frozenset[str]) -> Template | None:
        """Compile one field's value; a constant is checked at once, as far as that goes without the axes."""
        if field.kind.is_layer_name or field.kind.is_text:
            label = self.label(located, field.name)
            return None if label is None else Template(label, label.text)
        count = len(self.problems)
        template = compile_value(located, Names(names), self.problems, field.kind.words)
        if len(self.problems) > count:
            return None
        if template.constant is not None:
            try:
                field.kind.normal(template.constant, None)
            except FieldError as error:
                self.problem(
                    template.span(error.path), "value", f"{field.name}: {error.message}", error.hint
                )
                return None
        return template

    def fields_of(
        self, word: Scalar, value: Located | None, bare: str | None, known: list[str]
    ) -> Mapping | None:
        """The fields as a mapping; a bare value becomes the field that it stands for. None after a problem."""
        if isinstance(value, Mapping):
            return value
        if value is None or _is_empty(value):
            return Mapping((), word.span)
        if bare is None:
            shown = ", ".join(f"{name}: ..." for name in known[:2])
            self.problem(
                value.span,
                "bare-value",
                f"{word.text} takes no bare value",
                f"write its fields: {word.text}: {{{shown}}}"
                if known
                else f"write just {word.text}",
            )
            return None
        return Mapping(((Scalar(bare, True, value.span), value),), value.span)

    def match_fields(
        self, word: Scalar, fields: Mapping, known: Iterable[str], required: Iterable[str]
    ) -> tuple[dict[str, Located], bool]:
        """Sort what was written into the known fields; an unknown one is reported with what it may stand for.

        Returns the fields given, and whether all is there. A misspelt field counts as given, so that one slip is
        one problem and later layers are still checked.
        """
        names = [*known]
        given: dict[str, Located] = {}
        unknown, broken = [], []
        for key, value in self.whole_entries(fields):
            if value is None:
                broken.append(key.text)
            elif key.text in names:
                given[key.text] = value
            elif key.text not in COMMON_FIELDS:
                unknown.append((key, value))
        for key, value in unknown:
            free = [name for name in names if name not in given and name not in broken]
            meant = self.unknown_field(word, key, value, free, names)
            if meant is not None:
                given[meant] = _after_sign(key, value) or value
        missing = [name for name in required if name not in given and name not in broken]
        if missing:
            shown = ", ".join(f"{name}: ..." for name in missing)
            self.problem(
                word.span,
                "missing-field",
                f"{word.text} needs {' and '.join(map(repr, missing))}",
                f"add {shown}" if fields.entries else f"write {word.text}: {{{shown}}}",
            )
        return given, not missing and not broken

    def whole_entries(self, fields: Mapping) -> Iterable[tuple[Scalar, Located | None]]:
        """The fields; None for the value of one that a comma broke: `{filters: min(8, 4)}` has a field `4)`."""
        begun: Scalar | None = None
        for index, (key, value) in enumerate(fields.entries):
            if begun is not None and _is_empty(value):
                if key.text.count(")") > key.text.count("("):
                    begun = None
                continue
            begun = None
            following = fields.entries[index + 1] if index + 1 < len(fields.entries) else None
            if (
                isinstance(value, Scalar)
                and value.plain
                and value.text.count("(") > value.text.count(")")
                and following is not None
                and _is_empty(following[1])
            ):
                begun = value
                rest = [entry[0] for entry in fields.entries[index + 1 :]]
                end = next(
                    (one for one in rest if one.text.count(")") > one.text.count("(")), rest[0]
                )
                self.problems.append(broken_problem(value, end))
                yield key, None
            else:
                yield key, value

    def unknown_field(
        self, word: Scalar, key: Scalar, value: Located, open_names: list[str], names: list[str]
    ) -> str | None:
        """Report an unknown field; returns the field that it most likely stands for."""
        if key.text == "when" or (
            key.text not in names and key.text.lower() in FIELD_ALIASES["when"]
        ):
            self.problem(
                key.span,
                "unknown-field",
                f"'{key.text}' stands beside the layer's word, not among its fields",
                f"write {{{word.text}: {{...}}, when: ...}}",
            )
            return None
        after = _after_sign(key, value)
        if after is not None:
            name = key.text[: after.span.column - key.span.column].rstrip(":= ")
            self.problem(
                key.span,
                "unknown-field",
                f"a ': ' is missing in '{key.text}'",
                f"write {name}: {after.text}, with a space after the ':'",
            )
            return name if name in open_names else None
        lowered = key.text.lower()
        alias = next(
            (
                name
                for name in [*open_names, *names, *COMMON_FIELDS]
                if lowered in FIELD_ALIASES.get(name, ())
            ),
            None,
        )
        if alias:
            free = alias in open_names or alias in COMMON_FIELDS
            self.problem(
                key.span,
                "unknown-field",
                f"'{key.text}' is not a field of {word.text}; "
                f"here it is called '{alias}'" + ("" if free else ", which is given too"),
            )
            return alias if alias in open_names else None
        meant = nearest(key.text, [*open_names, *COMMON_FIELDS]) or nearest(key.text, names)
        if meant:
            self.problem(
                key.span,
                "unknown-field",
                f"'{key.text}' is not a field of {word.text}; {did_you_mean(meant)}",
            )
            return meant if meant in open_names else None
        listed = ", ".join([*names, *COMMON_FIELDS])
        self.problem(
            key.span,
            "unknown-field",
            f"'{key.text}' is not a field of {word.text}",
            f"it has {listed}",
        )
        return None

    # -- merges, combinators, blocks ---------------------------------------------------------------------------------

    def merge(self, layer: OpLayer, located: Located | None, names: frozenset[str]) -> Layer:
        """Compile what an op of several inputs takes: its branches, or the list in `from`."""
        common = layer.common
        word = common.word
        if located is None:
            if common.several and common.sources:
                return Merge(common, layer, None)
            self.problem(
                common.span,
                "branches",
                f"{word} needs branches, or a list of layers in 'from'",
                f"such as {word}: {{branches: [[...], []]}} or {word}: {{from: [a, b]}}",
            )
            return Broken(common)
        if common.several:
            self.problem(
                common.sources[0].span if common.sources else common.span,
                "branches",
                "'from' with branches is one name, which every branch starts from",
            )
            return Broken(common)
        branches = self.branches(located, names)
        return Broken(common) if branches is None else Merge(common, layer, branches)

    def branches(self, located: Located, names: frozenset[str]) -> tuple[Body, ...] | None:
        """Compile branches: each a list of layers, or {when, layers}."""
        if not isinstance(located, Sequence) or not located.items:
            self.problem(
                located.span,
                "branches",
                "branches is a list of branches, each a list of layers",
                "such as branches: [[conv: {...}], []]; [] is the identity",
            )
            return None
        return tuple(self.branch(item, names) for item in located.items)

    def branch(self, located: Located, names: frozenset[str]) -> Body:
        """Compile one branch; `[]` is the identity."""
        when = None
        listed: Located | None = located
        if isinstance(located, Mapping):
            condition, listed = located.get("when"), located.get("layers")
            stray = [key for key, _ in located.entries if key.text not in ("when", "layers")]
            if stray or listed is None:
                self.problem(
                    (stray[0] if stray else located).span,
                    "branches",
                    "a branch is a list of layers, or {when: ..., layers: [...]}",
                    "put the layer in a list: [conv: {...}]",
                )
                return Body((), located.span, 0)
            if condition is not None:
                when = self.value(condition, Names(names))
        if isinstance(listed, Sequence) and not listed.items:
            return Body((), listed.span, 0, when)
        return self.body(listed, names, located.span, "a branch")._replace(when=when)

    def combinator(
        self, word: Scalar, value: Located | None, when: Template | None, names: frozenset[str]
    ) -> Layer:
        """Compile repeat, residual or side."""
        known = _COMBINATOR_FIELDS[word.text]
        bare = None if word.text == "repeat" else "layers"
        fields = self.fields_of(word, value, bare, list(known))
        common = self.common(word, fields, when)
        if fields is None:
            return Broken(common)
        required = ("times", "layers") if word.text == "repeat" else ("layers",)
        given, complete = self.match_fields(word, fields, known, required)
        if not complete:
            return Broken(common)
        if common.share is not None and word.text != "residual":
            self.problem(
                common.share.span,
                "share",
                f"{word.text} shares no weights; a layer or a block does",
                "put 'share' on the layers inside",
            )
        body = self.body(given["layers"], names, word.span, f"{word.text}'s layers")
        if word.text == "repeat":
            return Repeat(common, self.times(given["times"], names), body)
        if word.text == "side":
            return Side(common, body)
        shortcut = self.branch(given["shortcut"], names) if "shortcut" in given else None
        skip = self.value(given["skip"], Names(names)) if "skip" in given else None
        return Residual(common, body, shortcut, skip, OpLayer(common, OPS["add"], {}))

    def times(self, located: Located, names: frozenset[str]) -> Template:
        """Compile a repeat's count."""
        template = self.value(located, Names(names))
        constant = template.constant
        if constant is not None and (
            isinstance(constant, bool) or not isinstance(constant, int) or constant < 0
        ):
            self.problem(
                located.span,
                "value",
                f"times: expected a whole number of at least 0, not {kind_of(constant)}",
            )
            return template._replace(constant=0)
        return template

    def block_use(
        self,
        word: Scalar,
        block: Block,
        value: Located | None,
        when: Template | None,
        names: frozenset[str],
    ) -> Layer:
        """Compile an instance of a block."""
        known = [parameter.name for parameter in block.parameters]
        fields = self.fields_of(word, value, block.bare_parameter(), known)
        common = self.common(word, fields, when)
        if fields is None:
            return Broken(common)
        required = [parameter.name for parameter in block.parameters if parameter.default is None]
        given, complete = self.match_fields(word, fields, known, required)
        arguments = {
            name: self.value(given[name], Names(names, words=True))
            for name in known
            if name in given
        }
        return BlockUse(common, block, arguments) if complete else Broken(common)


def _required(fields: Iterable[Field]) -> list[str]:
    return [field.name for field in fields if field.required]


def _after_sign(key: Scalar, value: Located) -> Scalar | None:
    """What stands after the sign in a key that swallowed its value: the 3 of `filters:3` and `filters=3`."""
    match = re.fullmatch(r"\w+ ?[:=] ?(\S.*)", key.text) if key.plain and _is_empty(value) else None
    return Scalar(match[1], True, key.span.part(match.start(1), len(match[1]))) if match else None


def _is_empty(located: Located) -> bool:
    """Whether nothing was written: `stride: ` or a bare `- relu:`."""
    return isinstance(located, Scalar) and located.plain and not located.text


def _is_parameter_name(text: str) -> bool:
    try:
        return parse_expression(text).lone_name == text and text not in RESERVED
    except ExpressionError:
        return False
