"""A located list of layers to compiled layers: words known, fields read, expressions parsed, all mistakes gathered.

What can be known without shapes is checked here, once per spec; the walk then only evaluates.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from typing import NamedTuple

from cnncalc.ops import OP_ALIASES, OPS, SYNONYMS
from cnncalc.ops.base import Op
from cnncalc.ops.field_types import FieldError
from cnncalc.ops.fields import NAME, Field, Names, Template, compile_value
from cnncalc.spec.entries import Entries, FieldNames, fields_of, match_fields
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
    Repeat,
    Residual,
    SideOutput,
    SpecParameter,
    bodies,
    layer_size,
)
from cnncalc.spec.visible import Defaults, Visible, read_functions, read_passed, read_value
from cnncalc.text.expressions import Value, kind_of
from cnncalc.text.messages import message
from cnncalc.text.records import RecordFields, is_blank, items_of
from cnncalc.text.source import Problem, Span, SpecError
from cnncalc.text.suggest import did_you_mean, nearest
from cnncalc.text.yaml_tree import Located, Mapping, Scalar, Sequence

_COMBINATOR_FIELDS = {
    "repeat": FieldNames(("times", "layers", "defaults"), ("times", "layers")),
    "residual": FieldNames(("layers", "shortcut", "skip", "defaults"), ("layers",)),
    "side": FieldNames(("layers", "defaults"), ("layers",)),
}
_BRANCH_KEYS = ("when", "layers", "defaults")
ACTIVATION = "activation"
"""Keras' name for a layer that stands behind this one."""

FindBlock = Callable[[str, Span, int], "Block | None"]
"""Finds a block by its name, compiled; None where there is none. The span is that of the use, the number its depth."""


class Use(NamedTuple):
    """One layer as written: its word, what stands under it, and the `when` beside it."""

    word: Scalar
    value: Located | None
    when: Located | None = None


class _Read(NamedTuple):
    """What was read of an op's layer: None for the value of a field that is broken, the axes that its word names."""

    op: type[Op]
    common: Common
    entries: Entries
    values: dict[str, Template | None]
    axes: int | None


class Compiler:
    """Compiles lists of layers; `problems` gathers what is wrong. `depth` is how many lists of layers are around.

    `translations` gathers the layers that were written in another tool's words, in ours.
    """

    def __init__(
        self,
        problems: list[Problem],
        find_block: FindBlock,
        block_names: Callable[[], Iterable[str]],
        translations: list[tuple[Span, str]],
        depth: int = 0,
    ) -> None:
        self.problems = problems
        self.find_block = find_block
        self.block_names = block_names
        self.translations = translations
        self.depth = depth
        self.suiting: set[tuple[int, type, Value | None]] = set()
        """Whole numbers that a type of field, by its identity, takes: few others are written again and again."""
        self.taken: set[str] = set()
        """The parameters that a block was passed."""

    def problem(self, span: Span, code: str, message: str, hint: str = "") -> None:
        """Note a mistake."""
        self.problems.append(Problem(span, code, message, hint))

    def visible(self, fields: RecordFields, parameters: tuple[SpecParameter, ...]) -> Visible:
        """Read what stands beside `params` and `layers`, in a file or a block: `define`, `pass` and `defaults`."""
        names = frozenset(parameter.name for parameter in parameters)
        functions = read_functions(fields["define"], names, self.problems)
        passed = read_passed(fields["pass"], names, self.problems)
        return self.with_defaults(fields["defaults"], Visible(names, functions, passed))

    def check_passed(self, visible: Visible) -> None:
        """Report a parameter that is passed to no block, once the layers are compiled."""
        for label in visible.passed:
            if label.text not in self.taken and not self.problems:
                message = f"pass: no block used here has a parameter named '{label.text}'"
                self.problem(label.span, "pass", message, "remove it")

    # -- lists of layers ---------------------------------------------------------------------------------------------

    def body(
        self, located: Located | None, visible: Visible, where: Span, what: str = "layers"
    ) -> Body:
        """Compile a list of layers."""
        if located is None or is_blank(located):
            hint = "a list of layers: '- conv: {...}' lines"
            self.problem(where, "layers", f"{what}: no layers are given", hint)
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
            raise SpecError([*self.problems, Problem(located.span, "depth", message)])
        if len(located.items) > MAX_LAYERS:
            message = f"this list has more than the limit of {MAX_LAYERS:,} layers"
            raise SpecError([*self.problems, Problem(located.span, "limit", message)])
        self.depth += 1
        layers = tuple([layer for item in located.items for layer in self.sequence(item, visible)])
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

    def sequence(self, located: Located, visible: Visible) -> tuple[Layer, ...]:
        """Compile a layer, or the layers of a list that stands in a layer's place."""
        if isinstance(located, Sequence) and located.items:
            return tuple(
                [layer for item in located.items for layer in self.sequence(item, visible)]
            )
        use = self.layer(located)
        if use is None:
            return (Broken(Common("", located.span)),)
        return self.compile_keyword(use, visible)

    # -- a layer and its word ----------------------------------------------------------------------------------------

    def layer(self, located: Located) -> Use | None:
        """Tell the word of a layer: a bare word, a word with a value, or a word with fields. None after a problem."""
        if isinstance(located, Scalar) and not is_blank(located):
            return Use(located, None)
        if not isinstance(located, Mapping) or not located.entries:
            self.problem(
                located.span,
                "layer",
                "a layer is a word such as relu, or a word with its fields",
                "such as - conv: {filters: 64, kernel: 3}",
            )
            return None
        if len(located.entries) == 1 and located.entries[0][0].text != "when":
            return Use(*located.entries[0])
        when = located.get("when")
        keys = [entry for entry in located.entries if entry[0].text != "when"]
        if not keys:
            self.problem(
                located.span, "layer", "'when' stands beside a layer, and there is none here"
            )
            return None
        word, value = next((entry for entry in keys if self.is_known(entry[0].text)), keys[0])
        beside = [(key, value) for key, value in keys if key is not word]
        return Use(word, self.with_fields_beside(word, value, beside), when)

    def with_fields_beside(
        self, word: Scalar, value: Located, beside: list[tuple[Scalar, Located]]
    ) -> Located:
        """Read the value under a word; what stands beside the word, though it should not, is taken for fields."""
        for key, _ in beside:
            if self.is_known(key.text):
                self.problem(
                    key.span,
                    "layer",
                    f"'{key.text}' stands beside '{word.text}'; a layer has one word",
                    "start a new layer with '- '",
                )
        fields = tuple(entry for entry in beside if not self.is_known(entry[0].text))
        if not fields or not self.is_known(word.text):
            return value
        named = " and ".join(f"'{key.text}'" for key, _ in fields)
        self.problem(
            fields[0][0].span,
            "layer",
            f"{named} stand{'s' if len(fields) == 1 else ''} beside '{word.text}', not among its fields",
            f"indent further than '{word.text}', or write {word.text}: {{{fields[0][0].text}: ...}}",
        )
        inside = value.entries if isinstance(value, Mapping) else ()
        return Mapping((*inside, *fields), word.span) if inside or is_blank(value) else value

    def is_known(self, word: str) -> bool:
        """Whether a layer may start with this word."""
        return kind_called(word) is not None or word in COMBINATORS or word in self.block_names()

    def compile_keyword(self, use: Use, visible: Visible) -> tuple[Layer, ...]:
        """Compile what stands under an op's, a combinator's or a block's word."""
        word = use.word
        if word.text in COMBINATORS:
            return (self.combinator(use, visible),)
        block = self.find_block(word.text, word.span, self.depth)
        if block is not None:
            return (self.block_use(use, block, visible),)
        kind = kind_called(word.text)
        if kind is not None and word.text not in self.block_names():
            return self.op_layers(use, OPS[kind], visible)
        if word.text not in self.block_names():  # one that is broken has been reported
            wrong = message("there is no op or block '{word}'", word=word.text)
            self.problem(word.span, "unknown-op", wrong, self.suggest_word(word.text))
        fields = use.value if isinstance(use.value, Mapping) else None
        return (Broken(self.read_common_fields(use, fields, visible)),)

    def suggest_word(self, word: str) -> str:
        """Name the nearest op or block, or what it is called here."""
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

    def read_common_fields(self, use: Use, fields: Mapping | None, visible: Visible) -> Common:
        """Read name, from, share, tags and when."""
        word = use.word
        entries = () if fields is None else fields.entries
        given = {key.text: value for key, value in entries if key.text in COMMON_FIELDS}
        if not given and use.when is None:
            return Common(word.text, word.span)
        source = given.get("from")
        items = items_of(source)
        if source is not None and not items and not (word.text in OPS and OPS[word.text].merges):
            self.problem(
                source.span, "from", "'from' names no layer", "write from: NAME, or leave it out"
            )
        return Common(
            word.text,
            word.span,
            self.name(given.get("name")),
            tuple(label for item in items if (label := self.label(item, "from")) is not None),
            isinstance(source, Sequence),
            self.label(given.get("share"), "share"),
            self.tags(given.get("tags")),
            self.when(use.when, given.get("when"), visible),
        )

    def when(
        self, beside: Located | None, inside: Located | None, visible: Visible
    ) -> Template | None:
        """Read the condition of a layer, which stands beside its word or among its fields."""
        if beside is not None and inside is not None:
            message = "'when' is given twice, beside the word and among its fields"
            self.problem(inside.span, "when", message, "remove one of the two")
        condition = inside if beside is None else beside
        return None if condition is None else self.value(condition, visible)

    def name(self, located: Located | None) -> Scalar | None:
        """Read a layer's own name."""
        name = self.label(located, "name")
        if name is None or (NAME.fullmatch(name.text) and name.text != "input"):
            return name
        hint = (
            "'input' is what arrives"
            if name.text == "input"
            else "use letters, digits, '_', '-' and '.'"
        )
        self.problem(name.span, "name", f"'{name.text}' cannot be a layer's name", hint)
        return None

    def label(self, located: Located | None, field: str) -> Scalar | None:
        """Read a name or a path as written."""
        if located is None:
            return None
        if not isinstance(located, Scalar) or not located.text.strip():
            self.problem(located.span, "name", f"'{field}' takes a name")
            return None
        return located

    def value(self, located: Located, visible: Visible, *, words: bool = False) -> Template:
        """Read a value that is evaluated later."""
        return read_value(located, visible.names(words=words), self.problems)

    def tags(self, located: Located | None) -> tuple[str, ...]:
        """One word, or a list of words."""
        tags = []
        for item in items_of(located):
            if isinstance(item, Scalar) and NAME.fullmatch(item.text):
                tags.append(item.text)
            else:
                self.problem(
                    item.span, "tags", "tags are words of letters, digits, '_', '-' and '.'"
                )
        return tuple(tags)

    # -- ops ---------------------------------------------------------------------------------------------------------

    def op_layers(self, use: Use, op: type[Op], visible: Visible) -> tuple[Layer, ...]:
        """Compile an op, and the layer that its `activation` puts behind it."""
        word = use.word
        fields = fields_of(word, use.value, op.bare, field_names(op.kind), self.problems)
        common = self.read_common_fields(use, fields, visible)
        if fields is None:
            return (Broken(common),)
        behind = fields.get(ACTIVATION) if has_activation(op.kind) else None
        if behind is not None:
            rest = tuple(entry for entry in fields.entries if entry[0].text != ACTIVATION)
            fields = Mapping(rest, fields.span)
        entries, templates = self.templates(word, op, fields, visible)
        axes = None if word.text == op.kind else axes_of(word.text)
        layer = self.op_layer(_Read(op, common, entries, templates, axes), visible)
        activation = None if behind is None else self.activation(behind, visible)
        if word.text != op.kind or entries.synonyms or behind is not None:
            self.translate(use, op, fields, activation)
        return (layer,) if activation is None else self.followed(layer, activation)

    def templates(
        self, word: Scalar, op: type[Op], fields: Mapping, visible: Visible
    ) -> tuple[Entries, dict[str, Template | None]]:
        """Read the entries under an op's word, and the values of its fields, defaults put in; None for a broken one."""
        defaults = visible.defaults_of(op.kind).fields
        names = field_names(op.kind)
        if defaults:
            names = names._replace(
                required=tuple(name for name in names.required if name not in defaults)
            )
        entries = match_fields(word, fields, names, visible.parameters, self.problems)
        given, in_sight = entries.given, visible.names()
        values: dict[str, Template | None] = {}
        for field in op.fields:
            name = field.name
            if name in given:
                values[name] = self.field_value(field, given[name], in_sight)
            elif name in defaults:
                values[name] = defaults[name]
        return entries, values

    def op_layer(self, read: _Read, visible: Visible) -> Layer:
        """One op with its fields, and its branches where it takes several inputs."""
        op, common, given = read.op, read.common, read.entries.given
        complete = read.entries.complete
        if op.needs_one_of and not any(name in read.values for name in op.needs_one_of):
            complete = False
            self.problem(
                common.span,
                "missing-field",
                f"{op.kind} needs {' or '.join(map(repr, op.needs_one_of))}",
                f"write {op.kind}: {{{op.needs_one_of[0]}: ...}}",
            )
        templates = {name: value for name, value in read.values.items() if value is not None}
        if common.word != op.kind or visible.defaults:
            tags = common.tags or visible.defaults_of(op.kind).tags
            common = common._replace(word=op.kind, tags=tags)
        defaulted = frozenset(templates).difference(given) if visible.defaults else frozenset[str]()
        layer = OpLayer(common, op, templates, read.axes, defaulted)
        whole: Layer = layer
        if op.merges and not (op.takes_one and "branches" not in given and not common.several):
            whole = self.merge(layer, given.get("branches"), visible)
        return whole if complete and len(templates) == len(read.values) else Broken(common)

    def field_value(self, field: Field, located: Located, names: Names) -> Template | None:
        """Compile one field's value; a constant is checked at once, as far as that goes without the axes."""
        if field.kind.is_layer_name or field.kind.is_text:
            label = self.label(located, field.name)
            return None if label is None else Template(label, label.text)
        count = len(self.problems)
        template = compile_value(located, names, self.problems, field.kind.words)
        if len(self.problems) > count:
            return None
        constant = template.constant
        known = (id(field.kind), type(constant), constant)  # True is 1, to a set
        if constant is not None and known not in self.suiting:
            try:
                field.kind.normal(constant, None)
            except FieldError as error:
                self.problem(
                    template.span(error.path), "value", f"{field.name}: {error.message}", error.hint
                )
                return None
            if isinstance(constant, int):
                self.suiting.add(known)
        return template

    def activation(self, located: Located, visible: Visible) -> Layer | None:
        """Compile the layer that Keras' `activation` puts behind another; None for the identity, or after a problem."""
        word = located if isinstance(located, Scalar) else Scalar("", True, located.span)
        if word.text.lower() in ("linear", "none", "null"):
            return None
        kind = kind_called(word.text)
        if kind is None or field_names(kind).required or OPS[kind].merges:
            close = nearest(word.text, OPS)
            hint = did_you_mean(close) if close else "such as activation: relu"
            message = "activation: a word such as relu is expected"
            self.problem(located.span, "activation", message, hint)
            return None
        common = Common(kind, located.span, tags=visible.defaults_of(kind).tags)
        values = visible.defaults_of(kind).fields
        templates = {name: value for name, value in values.items() if value is not None}
        return OpLayer(common, OPS[kind], templates)

    def followed(self, layer: Layer, activation: Layer) -> tuple[Layer, ...]:
        """Give a layer and its activation; a condition holds for both."""
        common = layer.common
        if common.when is None:
            return layer, activation
        both = (_without_when(layer), activation)
        times = Template(Scalar("1", True, common.span), 1)
        outer = Common(common.word, common.span, when=common.when)
        return (Repeat(outer, times, Body(both, common.span, 2)),)

    def translate(self, use: Use, op: type[Op], fields: Mapping, activation: Layer | None) -> None:
        """Note a layer in our words."""
        names = field_names(op.kind).synonyms
        shown = ", ".join(
            f"{names.get(key.text.lower(), key.text)}: {in_one_line(value)}"
            for key, value in fields.entries
        )
        written = f"{{{shown}}}" if isinstance(use.value, Mapping) and shown else ""
        if use.value is not None and not isinstance(use.value, Mapping):
            written = in_one_line(use.value)
        text = f"{op.kind}: {written}" if written else op.kind
        if use.when is not None:
            text = f"{{{op.kind}: {written or '{}'}, when: {in_one_line(use.when)}}}"
        if activation is not None:
            text = f"[{text}, {activation.common.word}]"
        self.translations.append((use.word.span, message("in our words: {text}", text=text)))

    # -- defaults ----------------------------------------------------------------------------------------------------

    def with_defaults(self, located: Located | None, visible: Visible) -> Visible:
        """Read `defaults:`, field values for the ops in the list of layers that it stands beside."""
        if located is None or is_blank(located):
            return visible
        if not isinstance(located, Mapping):
            message = "defaults: ops with field values are expected"
            self.problem(located.span, "defaults", message, _DEFAULTS_EXAMPLE)
            return visible
        defaults = dict(visible.defaults)
        for word, value in located.entries:
            op = self.op_with_defaults(word)
            if op is not None:
                outer = visible.defaults_of(op.kind)
                own = self.defaults_of(word, op, value, visible)
                defaults[op.kind] = Defaults({**outer.fields, **own.fields}, own.tags or outer.tags)
        return visible._replace(defaults=defaults)

    def op_with_defaults(self, word: Scalar) -> type[Op] | None:
        """Find the op of an entry of `defaults`; None after a problem."""
        kind = kind_called(word.text)
        if kind is not None and not OPS[kind].merges:
            return OPS[kind]
        if word.text in self.block_names():
            message = f"defaults: '{word.text}' is a block; defaults are of ops"
            hint = "pass: [...] gives a parameter to every block that has it"
        elif word.text in COMBINATORS or kind is not None:
            message, hint = f"defaults: '{word.text}' takes layers; defaults are of ops", ""
        else:
            message, hint = f"defaults: there is no op '{word.text}'", self.suggest_word(word.text)
        self.problem(word.span, "defaults", message, hint)
        return None

    def defaults_of(self, word: Scalar, op: type[Op], value: Located, visible: Visible) -> Defaults:
        """Read the defaults of one op, which may have tags beside its fields."""
        fields = fields_of(word, value, op.bare, field_names(op.kind), self.problems)
        if fields is None:
            return Defaults({}, ())
        for key, _ in fields.entries:
            if key.text in ("name", "from", "share", "when"):
                message = f"defaults: '{key.text}' is of one layer"
                self.problem(key.span, "defaults", message, "write it on that layer")
        if not fields.entries:
            message = f"defaults: no field of {word.text} is given"
            self.problem(word.span, "defaults", message, _DEFAULTS_EXAMPLE)
        names = field_names(op.kind)._replace(required=())
        entries = match_fields(word, fields, names, visible.parameters, self.problems)
        values = {
            field.name: self.field_value(field, entries.given[field.name], visible.names())
            for field in op.fields
            if field.name in entries.given
        }
        return Defaults(values, self.tags(fields.get("tags")))

    # -- merges, combinators, blocks ---------------------------------------------------------------------------------

    def merge(self, layer: OpLayer, located: Located | None, visible: Visible) -> Layer:
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
        branches = self.branches(located, visible)
        return Broken(common) if branches is None else Merge(common, layer, branches)

    def branches(self, located: Located, visible: Visible) -> tuple[Body, ...] | None:
        """Compile branches: each a list of layers, or {when, layers}."""
        if not isinstance(located, Sequence) or not located.items:
            self.problem(
                located.span,
                "branches",
                "branches is a list of branches, each a list of layers",
                "such as branches: [[conv: {...}], []]; [] is the identity",
            )
            return None
        return tuple(self.branch(item, visible) for item in located.items)

    def branch(self, located: Located, visible: Visible) -> Body:
        """Compile one branch; `[]` is the identity."""
        when = None
        listed: Located | None = located
        if isinstance(located, Mapping):
            condition, listed = located.get("when"), located.get("layers")
            stray = [key for key, _ in located.entries if key.text not in _BRANCH_KEYS]
            if stray or listed is None:
                self.problem(
                    (stray[0] if stray else located).span,
                    "branches",
                    "a branch is a list of layers, or {when: ..., layers: [...]}",
                    "put the layer in a list: [conv: {...}]",
                )
                return Body((), located.span, 0)
            if condition is not None:
                when = self.value(condition, visible)
            visible = self.with_defaults(located.get("defaults"), visible)
        if isinstance(listed, Sequence) and not listed.items:
            return Body((), listed.span, 0, when)
        return self.body(listed, visible, located.span, "a branch")._replace(when=when)

    def combinator(self, use: Use, visible: Visible) -> Layer:
        """Compile repeat, residual or side."""
        word = use.word
        names = _COMBINATOR_FIELDS[word.text]
        bare = None if "times" in names.required else "layers"
        fields = fields_of(word, use.value, bare, names, self.problems)
        common = self.read_common_fields(use, fields, visible)
        if fields is None:
            return Broken(common)
        given, complete, _ = match_fields(word, fields, names, visible.parameters, self.problems)
        if not complete:
            return Broken(common)
        if common.share is not None and word.text != "residual":
            self.problem(
                common.share.span,
                "share",
                f"{word.text} shares no weights; a layer or a block does",
                "put 'share' on the layers inside",
            )
        inner = self.with_defaults(given.get("defaults"), visible)
        body = self.body(given["layers"], inner, word.span, f"{word.text}'s layers")
        if word.text == "repeat":
            return Repeat(common, self.times(given["times"], visible), body)
        if word.text == "side":
            return SideOutput(common, body)
        shortcut = self.branch(given["shortcut"], visible) if "shortcut" in given else None
        skip = self.value(given["skip"], visible) if "skip" in given else None
        return Residual(common, body, shortcut, skip, OpLayer(common, OPS["add"], {}))

    def times(self, located: Located, visible: Visible) -> Template:
        """Compile a repeat's count."""
        template = self.value(located, visible)
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

    def block_use(self, use: Use, block: Block, visible: Visible) -> Layer:
        """Compile an instance of a block; it is passed the parameters that it has and was not given."""
        word = use.word
        known = tuple(parameter.name for parameter in block.parameters)
        passed = {label.text: label for label in visible.passed if label.text in known}
        self.taken.update(passed)
        required = tuple(name for name in block.required() if name not in passed)
        names = FieldNames(known, required)
        fields = fields_of(word, use.value, block.bare_parameter(passed), names, self.problems)
        common = self.read_common_fields(use, fields, visible)
        if fields is None:
            return Broken(common)
        given, complete, _ = match_fields(word, fields, names, visible.parameters, self.problems)
        written = {**passed, **given}
        arguments = {
            name: self.value(written[name], visible, words=True)
            for name in known
            if name in written
        }
        return BlockUse(common, block, arguments) if complete else Broken(common)


_DEFAULTS_EXAMPLE = "such as defaults: {conv: {kernel: 3, pad: 1}}"


@lru_cache(1000)
def kind_called(word: str) -> str | None:
    """Find the op that is called so here, in PyTorch or in Keras, in any letters; None where there is none."""
    return SYNONYMS.get(word.lower().replace("_", ""))


@cache
def has_activation(kind: str) -> bool:
    """Whether Keras gives the op an `activation`: it has weights and a bias."""
    return any(field.name == "bias" for field in OPS[kind].fields)


@cache
def field_names(kind: str) -> FieldNames:
    """Give the names of an op's fields."""
    op = OPS[kind]
    return FieldNames(
        (*(("branches",) if op.merges else ()), *(field.name for field in op.fields)),
        tuple(field.name for field in op.fields if field.required),
        {alias: field.name for field in op.fields for alias in field.aliases},
    )


def axes_of(word: str) -> int | None:
    """Give the number of spatial axes that a word of another tool names: 2 for Conv2d and MaxPooling2D."""
    named = re.search("([123])[dD]", word)
    return int(named[1]) if named else None


def in_one_line(located: Located) -> str:
    """Write a value as a spec writes it in one line."""
    if isinstance(located, Scalar):
        return located.text if located.plain else f'"{located.text}"'
    if isinstance(located, Sequence):
        return f"[{', '.join(map(in_one_line, located.items))}]"
    return f"{{{', '.join(f'{key.text}: {in_one_line(value)}' for key, value in located.entries)}}}"


def _without_when(layer: Layer) -> Layer:
    """Give a layer without its condition; of one op or a broken one."""
    common = layer.common._replace(when=None)
    return (
        OpLayer(common, layer.op, layer.templates) if isinstance(layer, OpLayer) else Broken(common)
    )
