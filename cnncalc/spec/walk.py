"""The walk from a compiled spec to a Graph: blocks expanded, names given, shapes known.

A layer that does not work out is reported, and what depends on it is walked without shapes, so that one mistake is
one problem and independent ones are all found.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from cnncalc.ops.base import Input, Op, OpError, OpFieldError
from cnncalc.ops.field_types import Dimensions, FieldError
from cnncalc.ops.fields import Template, located_problem
from cnncalc.ops.shapes import AXIS_NAMES, Shape, show_shape
from cnncalc.spec.changes import Changes, FieldChange, read_change
from cnncalc.spec.file import NamedInput, Spec
from cnncalc.spec.graph import Graph, Node
from cnncalc.spec.instances import MAX_INSTANCES, Instance, mark, record
from cnncalc.spec.layers import (
    MAX_LAYERS,
    MAX_NESTING,
    Block,
    BlockUse,
    Body,
    Broken,
    Common,
    Merge,
    OpLayer,
    Repeat,
    Residual,
    SideOutput,
    SpecParameter,
)
from cnncalc.spec.overrides import (
    InputSize,
    Settings,
    Size,
    override_input,
    read_setting,
    sizes_by_name,
)
from cnncalc.spec.scopes import UNKNOWN, NameTable, Scope
from cnncalc.text.expressions import (
    MAX_NUMBER,
    SHAPE_NAMES,
    WITHHELD,
    Environment,
    ExpressionError,
    Value,
    WithheldError,
    kind_of,
)
from cnncalc.text.messages import message
from cnncalc.text.source import Problem, Problems, Span, SpecError
from cnncalc.text.suggest import listing
from cnncalc.text.yaml_tree import Scalar

MAX_STEPS = 4 * MAX_LAYERS
"""Layers that are walked, also those that add none, such as one that is left out by its `when`."""

MAX_TAKEN = 5 * MAX_LAYERS
"""Tensors that arrive at the layers which take apart what arrives."""

MAX_OPS = 50_000
"""Ops that are kept to be one object each; of more, a sweep has made most, and they do not come back."""

_made: dict[object, Op] = {}


def walk(spec: Spec, input: InputSize | None = None, settings: Settings | None = None) -> Graph:
    """Walk a spec to a graph, with another input or other parameters where given.

    Raises SpecError with every problem of the spec, those found before the walk too.
    """
    return _Walk(spec).graph(input, settings or {})


def make_op(op: type[Op], rank: int, values: Mapping[str, Any]) -> Op:
    """Return an op of evaluated values; equal ones are one object, so that what it knows is worked out once."""
    key = (op, rank, tuple(values), tuple(map(_as_key, values.values())))
    made = _made.get(key)
    if made is None:
        made = op.read(rank, values)
        if len(_made) >= MAX_OPS:
            _made.clear()
        _made[key] = made
    return made


def make_changed(
    op: type[Op], rank: int, values: Mapping[str, Any], changes: Mapping[str, FieldChange]
) -> Op:
    """Make the op of a layer some of whose fields are changed. Raises SpecError for a value that does not do."""
    given = {name: change.value for name, change in changes.items()}
    try:
        return make_op(op, rank, {**values, **given})
    except OpFieldError as problem:
        change = changes.get(problem.field) or next(iter(changes.values()))
        raise change.error(
            f"{problem.field}: {problem.error.message}", problem.error.hint
        ) from None


def _as_key(value: Any) -> object:
    """Return a value to look an op up by: true is not 1 there, as it is to Python."""
    if isinstance(value, tuple):
        return tuple(map(_as_key, value))
    return (bool, value) if isinstance(value, bool) else value


class Shared(NamedTuple):
    """Below `own`, layers use the weights of those below `other`, as `label` asks, used through some blocks."""

    own: str
    other: str
    label: Scalar
    used: tuple[Span, ...]


class Context(NamedTuple):
    """What holds for all layers of a list: their scope, the parameters that they see, and what is handed down to them.

    `repeats` is how often they are walked because of the repeats around them, `depth` how many lists they stand in.
    """

    scope: Scope
    env: Environment
    tags: tuple[str, ...] = ()
    in_side: bool = False
    shared: Shared | None = None
    repeats: int = 1
    depth: int = 0


class _Walk:
    """One walk: what it has made so far, and the mistakes; where it is, is handed down as a Context."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.problems: list[Problem] = Problems(spec.problems)
        self.reported: set[tuple[Span, str]] = set()
        self.steps = 0
        self.taken = 0
        self.deepest = 0
        self.nodes: list[Node] = []
        self.names = NameTable()
        self.used: tuple[Span, ...] = ()
        self.changes = Changes()

    # -- the whole network -------------------------------------------------------------------------------------------

    def graph(self, given: InputSize | None, settings: Settings) -> Graph:
        """Walk the network."""
        spec = self.spec
        if spec.body.size > MAX_LAYERS:  # the compiler has told at which layer
            raise SpecError(self.problems)
        shapes, env = self.start(given, settings)
        top = Scope("", UNKNOWN, None)
        for named, shape in zip(spec.inputs, shapes, strict=True):
            index = self.add_input(named, shape)
            self.names.place(named.name, index, named.span, top)
        top.entry = self.names.places[spec.inputs[0].name] if spec.inputs else UNKNOWN
        self.names.places["input"] = top.entry
        self.body(spec.body, top.entry, Context(top, env))
        self.report_unresolved()
        self.changes.check_used(self.names.places)
        if self.problems:
            raise SpecError(self.problems)
        return Graph(spec.name, tuple(self.nodes), self.names.scopes, self.names.places)

    def add_input(self, named: NamedInput, shape: Shape | None) -> int:
        """Return the node of an input."""
        if shape is None:
            return UNKNOWN
        op = Input(len(shape) - 1, {"shape": shape})
        self.nodes.append(
            Node(named.name, op, (), (), shape, False, None, (), named.span, op.facts(()))
        )
        return len(self.nodes) - 1

    def start(
        self, given: InputSize | None, settings: Settings
    ) -> tuple[list[Shape | None], Environment]:
        """Return the shape of each input and the network's parameters; either may depend on the other."""
        inputs = self.spec.inputs
        sizes = sizes_by_name(given, [named.name for named in inputs])
        constant = [
            self.input_shape(named, sizes.get(named.name), {})
            if named.shape is not None and named.shape.constant is not None
            else None
            for named in inputs
        ]
        first = constant[0] if constant else None
        env = self.parameters(
            self.spec.parameters,
            self.given_settings(settings),
            {} if first is None else shape_names(first),
        )
        shapes = [
            self.input_shape(named, sizes.get(named.name), env)
            if named.shape is not None and named.shape.constant is None
            else known
            for named, known in zip(inputs, constant, strict=True)
        ]
        return shapes, env

    def input_shape(self, named: NamedInput, size: Size | None, env: Environment) -> Shape | None:
        """Return an input's own shape, or with another size; None after a problem."""
        template = named.shape
        assert template is not None
        value = self.evaluate(template, env, None)
        if value is None:
            return None
        try:
            own: Shape = Dimensions().normal(value, None)
        except FieldError as error:
            self.report(template.span(error.path), "value", f"input: {error.message}", error.hint)
            return None
        return own if size is None else override_input(own, size)

    def given_settings(self, settings: Settings) -> dict[str, Value]:
        """Return what --set gives, as values. Raises SpecError for a name that the network does not have."""
        known = [parameter.name for parameter in self.spec.parameters]
        of_layers = {name for name in settings if "." in str(name) and name not in known}
        self.changes = Changes(read_change(name, settings[name]) for name in of_layers)
        return {
            name: read_setting(str(name), value, known)
            for name, value in settings.items()
            if name not in of_layers
        }

    def parameters(
        self, parameters: tuple[SpecParameter, ...], given: dict[str, Value], shape: Environment
    ) -> dict[str, Value]:
        """Return a closed environment: each parameter's value, or its default over those before it."""
        env: dict[str, Value] = {}
        for parameter in parameters:
            if parameter.name in given:
                env[parameter.name] = given[parameter.name]
            elif parameter.default is not None:
                env[parameter.name] = self.evaluate(parameter.default, {**shape, **env}, WITHHELD)
            else:
                variants = [f"{self.spec.name}_{variant.name}" for variant in self.spec.variants]
                self.report(
                    parameter.span,
                    "missing-field",
                    f"the network needs a value for '{parameter.name}'",
                    f"give it with --set {parameter.name}=..., or write a default"
                    if not variants
                    else f"its variants are {listing(variants, 4)}",
                )
                env[parameter.name] = WITHHELD
        return env

    # -- problems ----------------------------------------------------------------------------------------------------

    def add(self, problem: Problem) -> None:
        """Note a problem once, whatever number of uses lead to it: in each the message may name another layer."""
        key = (problem.span, problem.code)
        if key not in self.reported:
            self.reported.add(key)
            self.problems.append(problem._replace(used=self.used))

    def report(self, span: Span, code: str, message: str, hint: str = "") -> None:
        self.add(Problem(span, code, message, hint))

    def too_many(self, span: Span) -> None:
        self.report(span, "limit", f"this expands to more than the limit of {MAX_LAYERS:,} layers")
        raise SpecError(self.problems)

    # -- values ------------------------------------------------------------------------------------------------------

    def evaluate(self, template: Template, env: Environment, failed: Any) -> Any:
        """Return a template's value; a problem and `failed` where it has none."""
        try:
            return template.evaluate(env)
        except WithheldError:
            return failed
        except ExpressionError as error:
            self.add(located_problem(template.located, error))
            return failed

    def env_at(self, env: Environment, index: int) -> Environment:
        """Return the parameters, and the names of what arrives."""
        return {**env, **shape_names(self.nodes[index].output)} if index != UNKNOWN else env

    def condition(
        self, template: Template | None, env: Environment, index: int, default: bool
    ) -> bool:
        """Return a `when` or `skip`. With an unknown shape its default stands, unless it can be told without."""
        if template is None:
            return default
        if index == UNKNOWN and uses_shape(template):
            return default
        value = self.evaluate(template, self.env_at(env, index), default)
        if not isinstance(value, bool):
            self.report(
                template.span(), "value", f"a condition is true or false, not {kind_of(value)}"
            )
            return default
        return value

    # -- names -------------------------------------------------------------------------------------------------------

    def place(self, path: str, index: int, common: Common, at: Context) -> None:
        """Make a layer's path known. A name twice in a scope is an error."""
        span = common.name.span if common.name is not None else common.span
        clash = self.names.place(path, index, span, at.scope)
        if clash is not None:
            self.report(span, "duplicate-name", *clash)

    def report_unresolved(self) -> None:
        """Report the names that stood for nothing, now that all names are known."""
        for label, used, wrong, hint in self.names.unresolved_names():
            self.used = used
            self.report(label.span, "unknown-name", wrong, hint)

    # -- walking -----------------------------------------------------------------------------------------------------

    def body(self, body: Body, arriving: int, at: Context) -> int:
        """Walk a list of layers from a node; returns the node at its end."""
        index = arriving
        inner = at._replace(depth=at.depth + 1)
        if inner.depth > self.deepest:
            self.deepest = inner.depth
        self.steps += len(body.layers)
        if inner.depth > MAX_NESTING or self.steps > MAX_STEPS:
            self.too_much(body)
        for layer in body.layers:
            index = _STEPS[type(layer)](self, layer, index, inner)
        return index

    def too_much(self, body: Body) -> None:
        if self.steps > MAX_STEPS:
            self.too_many(body.span)
        message = f"layers are nested deeper than the limit of {MAX_NESTING} lists, those in blocks counted"
        self.report(body.span, "depth", message)
        raise SpecError(self.problems)

    def is_dropped(self, common: Common, arriving: int, at: Context) -> bool:
        """Whether the layer's `when` is false; its shape names are of what arrives at the layer, by `from` too."""
        if common.when is None:
            return False
        is_from_one = uses_shape(common.when) and not common.several
        start = self.source(common, arriving, at) if is_from_one else arriving
        if self.condition(common.when, at.env, start, True):
            return False
        if common.name is not None:
            self.names.dropped[at.scope.prefix + common.name.text] = None
        return True

    def source(self, common: Common, arriving: int, at: Context) -> int:
        """Return the node that the layer starts from: what arrives, or what `from` names."""
        if not common.sources:
            return arriving
        if common.several:
            self.report(
                common.sources[0].span,
                "from",
                f"'from' of {common.word} is one name, not a list",
                "a list stands only where branches do, as on concat and add",
            )
            return UNKNOWN
        resolved = self.names.resolve(self.used, at.scope, common.sources[0], common)
        return UNKNOWN if resolved is None else resolved[1]

    def broken(self, layer: Broken, arriving: int, at: Context) -> int:
        """Return a layer that could not be read: its name is known, its shape is not."""
        if layer.common.word and not self.is_dropped(layer.common, arriving, at):
            self.place(
                self.names.path(at.scope, layer.common, layer.common.word),
                UNKNOWN,
                layer.common,
                at,
            )
        return UNKNOWN

    def op_layer(self, layer: OpLayer, arriving: int, at: Context) -> int:
        """One op."""
        common = layer.common
        if self.is_dropped(common, arriving, at):
            return arriving
        return self.join(layer, [self.source(common, arriving, at)], at)

    def make(self, layer: OpLayer, start: int, at: Context, path: str) -> Op | None:
        """Return the op with its fields evaluated."""
        rank = len(self.nodes[start].output) - 1
        if not self.suits(layer, self.nodes[start].output, path):
            return None
        values = self.evaluated(layer, start, at) if layer.dynamic else {}
        if values is None:
            return None
        key = (rank, tuple(map(_as_key, values.values())))
        changes = self.changes.take(path, layer.op) if self.changes.any else {}
        remembered = None if changes else layer.ops.get(key)
        if remembered is not None:
            return remembered
        if not layer.dynamic:
            values = {name: template.constant for name, template in layer.templates.items()}
        if changes:
            return make_changed(layer.op, rank, values, changes)
        try:
            op = make_op(layer.op, rank, values)
        except OpFieldError as problem:
            template = layer.templates[problem.field]
            text = template.located.text if isinstance(template.located, Scalar) else ""
            shown = f" (from '{text}')" if template.expression is not None else ""
            self.report(
                layer.span_of(problem.field, problem.error.path),
                "value",
                f"{path}: {problem.field}: {problem.error.message}{shown}",
                problem.error.hint,
            )
            return None
        if len(layer.ops) < 10_000:
            layer.ops[key] = op
        return op

    def evaluated(self, layer: OpLayer, start: int, at: Context) -> dict[str, Any] | None:
        """Evaluate the fields with what arrives; None after a problem."""
        env = self.env_at(at.env, start)
        try:
            values = {name: template.evaluate(env) for name, template in layer.templates.items()}
        except ExpressionError:
            for template in layer.templates.values():
                self.evaluate(template, env, None)
            return None
        for name in layer.layer_names:
            if not self.take_shape(values, name, layer, at):
                return None
        return values

    def suits(self, layer: OpLayer, shape: Shape, path: str) -> bool:
        """Say whether what arrives has the axes that the layer is written for; report it where it has not."""
        rank = len(shape) - 1
        if rank == 0 and layer.op.needs_map:
            self.report(
                layer.common.span,
                "shape",
                f"{path}: {layer.op.kind} needs a map, but a vector of {shape[0]} arrives",
                "reshape brings a map back: reshape: 7x7x256",
            )
            return False
        if rank and layer.rank not in (None, rank):
            self.report(
                layer.common.span,
                "shape",
                f"{path}: this is written for {layer.rank} spatial ax{'is' if layer.rank == 1 else 'es'}, "
                f"but {show_shape(shape)} arrives, which has {rank}",
                f"write {layer.op.kind}, or the word for {rank}-D maps",
            )
            return False
        return True

    def take_shape(self, values: dict[str, Any], name: str, layer: OpLayer, at: Context) -> bool:
        """Put the output shape of the layer that a field names in the name's place."""
        label = layer.templates[name].located
        assert isinstance(label, Scalar)
        resolved = self.names.resolve(self.used, at.scope, label, layer.common)
        if resolved is None or resolved[1] == UNKNOWN:
            return False
        values[name] = self.nodes[resolved[1]].output
        return True

    def add_node(
        self,
        path: str,
        op: Op,
        inputs: tuple[int, ...],
        common: Common,
        at: Context,
        layer: OpLayer,
    ) -> int:
        """Work out the output and append the node; UNKNOWN where what arrives does not suit."""
        nodes = self.nodes
        shapes = tuple([nodes[index].output for index in inputs])
        try:
            facts = op.facts(shapes)
        except OpError as error:
            wrong = message("{layer}: {what}", layer=path, what=error.message)
            self.report(layer.span_of(error.field), "shape", wrong, error.hint)
            return UNKNOWN
        output = facts.output
        index = len(nodes)
        if index > MAX_LAYERS:
            self.too_many(common.span)
        if max(output) > MAX_NUMBER:
            self.report(
                common.span,
                "size",
                f"{path}: the output is larger than the limit of {MAX_NUMBER:,} along an axis",
            )
            return UNKNOWN
        shares = None
        if common.share is not None or at.shared is not None:
            shares = self.sharing(path, op, shapes, common, at)
        tags = (*at.tags, *common.tags) if at.tags else common.tags
        nodes.append(
            Node(path, op, inputs, shapes, output, at.in_side, shares, tags, common.span, facts)
        )
        return index

    def merge(self, layer: Merge, arriving: int, at: Context) -> int:
        """Branches, and the row that they meet in."""
        common = layer.common
        if self.is_dropped(common, arriving, at):
            return arriving
        if layer.branches is None:
            branches = [
                self.names.resolve(self.used, at.scope, label, common) for label in common.sources
            ]
            ends = [UNKNOWN if end is None else end[1] for end in branches]
        else:
            start = self.source(common, arriving, at)
            present = [
                branch
                for branch in layer.branches
                if self.condition(branch.when, at.env, start, True)
            ]
            op = layer.layer.op
            ends = [self.branch(op, branch, start, at) for branch in present]
            if not present:
                self.report(
                    common.span,
                    "branches",
                    f"every branch of this {common.word} is left out by its 'when'",
                )
                ends = [UNKNOWN]
        return self.join(layer.layer, ends, at)

    def branch(self, op: type[Op], branch: Body, start: int, at: Context) -> int:
        """Walk one branch; one that its `when`s emptied is refused where it would double what arrives."""
        before = len(self.nodes)
        end = self.body(branch, start, at)
        if (
            op.rejects_empty_branch
            and branch.layers
            and end == start
            and len(self.nodes) == before
            and start != UNKNOWN
            and all(layer.common.when is not None for layer in branch.layers)
        ):
            self.report(
                branch.span,
                "branches",
                f"this branch of a {op.kind} is emptied by the 'when's in it",
                "put the condition on the branch: {when: ..., layers: [...]}",
            )
            return UNKNOWN
        return end

    def join(self, layer: OpLayer, ends: list[int], at: Context) -> int:
        """Return the row of an op; its first input says how many axes there are."""
        common = layer.common
        path = self.names.path(at.scope, common, layer.op.kind)
        index = UNKNOWN
        if UNKNOWN not in ends:
            op = self.make(layer, ends[0], at, path)
            if op is not None and op.joined_anew:
                ends = self.parts(op, ends, common)
                op = make_op(type(op), op.rank, op.joined_anew)
            if op is not None:
                inputs = () if op.takes_none else tuple(ends)
                index = self.add_node(path, op, inputs, common, at, layer)
        self.place(path, index, common, at)
        return index

    def parts(self, op: Op, ends: list[int], common: Common) -> list[int]:
        """Give what an op takes that takes apart what arrives: its branches, or those of the ops like it."""
        parts: list[int] = []
        for end in ends:
            node = self.nodes[end]
            parts += node.inputs if op.takes_apart(node.op) else (end,)
        self.taken += len(parts)
        if self.taken > MAX_TAKEN:
            wrong = (
                f"this joins more than the limit of {MAX_TAKEN:,} maps, those joined anew counted"
            )
            self.report(common.span, "limit", wrong)
            raise SpecError(self.problems)
        return parts

    def residual(self, layer: Residual, arriving: int, at: Context) -> int:
        """Layers and a shortcut, added."""
        common = layer.common
        if self.is_dropped(common, arriving, at):
            return arriving
        start = self.source(common, arriving, at)
        wanted = self.condition(layer.skip, at.env, start, True)
        end = self.body(layer.body, start, at)
        if not wanted:
            if common.name is not None:
                self.place(at.scope.prefix + common.name.text, end, common, at)
            return end
        shortcut = start
        if layer.shortcut is not None and self.condition(layer.shortcut.when, at.env, start, True):
            shortcut = self.body(layer.shortcut, start, at)
        return self.join(layer.layer, [end, shortcut], at)

    def repeat(self, layer: Repeat, arriving: int, at: Context) -> int:
        """Return a body several times over; a named repeat opens a scope for each turn."""
        common = layer.common
        if self.is_dropped(common, arriving, at):
            return arriving
        start = self.source(common, arriving, at)
        times = self.times(layer.times, at.env, start)
        if times * at.repeats * max(layer.body.size, 1) > MAX_LAYERS:
            self.too_many(layer.times.span())
        inner = at._replace(tags=(*at.tags, *common.tags), repeats=at.repeats * times)
        index = start
        if common.name is None:
            at.scope.in_repeat += times > 1
            for _ in range(times):
                index = self.body(layer.body, index, inner)
            at.scope.in_repeat -= times > 1
        else:
            path = self.open_scope(at.scope.prefix + common.name.text, common, at)
            self.names.scopes[path] = "repeat"
            for turn in range(1, times + 1):
                scope = Scope(f"{path}/{turn}/", at.scope.entry, at.scope)
                self.names.scopes[f"{path}/{turn}"] = "repeat"
                index = self.body(layer.body, index, inner._replace(scope=scope))
                self.names.places[f"{path}/{turn}"] = index
            self.place(path, index, common, at)
        return index

    def times(self, template: Template, env: Environment, start: int) -> int:
        """How often a repeat repeats."""
        if start == UNKNOWN and uses_shape(template):
            return 1
        value = self.evaluate(template, self.env_at(env, start), 1)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            self.report(
                template.span(),
                "value",
                f"times: expected a whole number of at least 0, not {kind_of(value)}",
            )
            return 1
        return value

    def side(self, layer: SideOutput, arriving: int, at: Context) -> int:
        """Layers to a side output; the main path goes on with what arrived."""
        common = layer.common
        if self.is_dropped(common, arriving, at):
            return arriving
        start = self.source(common, arriving, at)
        path = self.open_scope(self.names.path(at.scope, common, "side"), common, at)
        self.names.scopes[path] = "side"
        self.names.sides.add(path)
        self.names.named_at.setdefault(
            path, common.name.span if common.name is not None else common.span
        )
        scope = Scope(f"{path}/", at.scope.entry, at.scope)
        inner = at._replace(scope=scope, tags=(*at.tags, *common.tags), in_side=True)
        self.body(layer.body, start, inner)
        return arriving

    def block_use(self, layer: BlockUse, arriving: int, at: Context) -> int:
        """Return an instance of a block: its parameters alone are seen inside."""
        common = layer.common
        if self.is_dropped(common, arriving, at):
            return arriving
        start = self.source(common, arriving, at)
        path = self.open_scope(self.names.path(at.scope, common, layer.block.name), common, at)
        env = self.env_at(at.env, start)
        given: dict[str, Value] = {}
        for name, template in layer.arguments.items():
            unknown = start == UNKNOWN and uses_shape(template)
            given[name] = WITHHELD if unknown else self.evaluate(template, env, WITHHELD)
        index = UNKNOWN
        if start != UNKNOWN:
            shared = at.shared
            if common.share is not None:
                shared = self.share_block(path, common.share, common, at) or shared
            self.used = (*self.used, common.span)
            inner = at._replace(
                scope=Scope(f"{path}/", start, None),
                env=self.parameters(
                    layer.block.parameters, given, shape_names(self.nodes[start].output)
                ),
                tags=(*at.tags, *common.tags),
                shared=shared,
            )
            self.names.scopes[path] = layer.block.name
            index = self.instance(layer.block, path, start, inner)
            self.used = self.used[:-1]
        self.place(path, index, common, at)
        return index

    def instance(self, block: Block, path: str, start: int, at: Context) -> int:
        """Return the layers of an instance: walked, or those of an equal one that was walked before."""
        if at.shared is not None or self.changes.any:
            return self.body(block.body, start, at)
        nodes, names = self.nodes, self.names
        arriving = nodes[start].output
        key = (_as_key(tuple(at.env.values())), arriving, at.in_side, at.tags, at.repeats)
        known = block.instances.get(key)
        if known is not None and self.has_room(known, at.depth):
            self.steps += known.steps
            self.deepest = max(self.deepest, at.depth + known.depth)
            return known.replay(path, start, nodes, names)
        before = mark(nodes, names, len(self.problems), self.steps)
        outer, self.deepest = self.deepest, at.depth
        index = self.body(block.body, start, at)
        depth = self.deepest - at.depth
        self.deepest = max(outer, self.deepest)
        now = mark(nodes, names, len(self.problems), self.steps)
        made = record(path, start, index, before, now, depth, nodes, names)
        if made is not None:
            if len(block.instances) >= MAX_INSTANCES:
                block.instances.clear()
            block.instances[key] = made
        return index

    def has_room(self, instance: Instance, depth: int) -> bool:
        """Whether an instance stays within the limits; one that does not is walked, which says where it does not."""
        return (
            len(self.nodes) + len(instance.nodes) <= MAX_LAYERS
            and self.steps + instance.steps <= MAX_STEPS
            and depth + instance.depth <= MAX_NESTING
        )

    def open_scope(self, path: str, common: Common, at: Context) -> str:
        """Return the path of a layer that opens a scope; another where it is taken, so that this alone is a problem."""
        if path not in self.names.places and path not in self.names.scopes:
            return path
        self.place(path, self.names.places.setdefault(path, UNKNOWN), common, at)
        return f"{path}#{len(self.names.scopes)}"

    # -- sharing -----------------------------------------------------------------------------------------------------

    def share_block(self, path: str, label: Scalar, common: Common, at: Context) -> Shared | None:
        """Whose weights layers below `path` use: of those below the instance that `share` names."""
        resolved = self.names.resolve(self.used, at.scope, label, common)
        if resolved is None:
            return None
        if resolved[0] not in self.names.scopes:
            self.report(
                label.span, "share", f"'{label.text}' is a layer; a block shares with a block"
            )
            return None
        return Shared(f"{path}/", f"{resolved[0]}/", label, self.used)

    def sharing(
        self, path: str, op: Op, shapes: tuple[Shape, ...], common: Common, at: Context
    ) -> int | None:
        """Return the node whose weights this one uses; the shapes of the arrays must agree."""
        if common.share is not None:
            resolved = self.names.resolve(self.used, at.scope, common.share, common)
            label, used, target = common.share, self.used, None if resolved is None else resolved[1]
            if resolved is not None and resolved[0] in self.names.scopes:
                self.report(
                    label.span, "share", f"'{label.text}' is a block; a layer shares with a layer"
                )
                return None
        else:
            assert at.shared is not None
            own, other, label, used = at.shared
            target = self.names.places.get(other + path[len(own) :])
            if target is None and op.facts(shapes).arrays:
                self.report_share(
                    label,
                    used,
                    f"{path}: '{label.text}' has no layer '{path[len(own) :]}'",
                    "both instances need the same layers",
                )
        if target is None or target == UNKNOWN:
            return None
        node = self.nodes[target]
        mine, theirs = op.facts(shapes).arrays, node.arrays
        if not mine and not theirs:
            return None
        if mine != theirs:
            self.report_share(
                label,
                used,
                f"{path}: its arrays ({_show_arrays(mine)}) are not those of {node.name} "
                f"({_show_arrays(theirs)})",
                "shared weights need the same shapes",
            )
            return None
        return target if node.shares is None else node.shares

    def report_share(self, label: Scalar, used: tuple[Span, ...], message: str, hint: str) -> None:
        """Report a mistake in sharing where the share is asked for, once."""
        was, self.used = self.used, used
        self.report(label.span, "share", message, hint)
        self.used = was


_STEPS: dict[type, Callable[[_Walk, Any, int, Context], int]] = {
    OpLayer: _Walk.op_layer,
    Merge: _Walk.merge,
    BlockUse: _Walk.block_use,
    Repeat: _Walk.repeat,
    Residual: _Walk.residual,
    SideOutput: _Walk.side,
    Broken: _Walk.broken,
}
"""How each kind of layer is walked: outside the walk, which would else refer to itself and wait for the collector."""


def _show_arrays(arrays: tuple[Any, ...]) -> str:
    return ", ".join(f"{array.name} {show_shape(array.shape)}" for array in arrays) or "none"


def uses_shape(template: Template) -> bool:
    """Whether a value depends on the shape that arrives."""
    if template.expression is not None:
        return not (template.expression.names | template.expression.words).isdisjoint(SHAPE_NAMES)
    return any(map(uses_shape, template.items))


@lru_cache(10_000)
def shape_names(shape: Shape) -> Mapping[str, Value]:
    """Return what expressions call the sizes of what arrives: channels, in_height, ..."""
    names = {"channels": shape[-1]}
    for name, size in zip(AXIS_NAMES[len(shape) - 1], shape, strict=False):
        names[f"in_{name}"] = size
    return names


__all__ = ["make_op", "walk"]
