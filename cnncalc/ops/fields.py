"""An op's declared fields: each is declared once, and validation, defaults, the schema and the docs read that.

A field is read in two steps. `compile_value` turns what was written into a Template, when the spec is loaded:
a constant, or something to evaluate. `FieldType.normal` turns the value into the one form that formulas know
(`kernel: 3` becomes (3, 3)), when the number of spatial axes is known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from cnncalc.ops.field_types import YAML_BOOLEANS, FieldError, FieldType
from cnncalc.text.expressions import (
    MAX_NUMBER,
    RESERVED,
    SHAPE_NAMES,
    Environment,
    Expression,
    ExpressionError,
    Function,
    Value,
    parse_expression,
)
from cnncalc.text.source import Problem, Source, Span, SpecError, single_problem
from cnncalc.text.suggest import did_you_mean, nearest
from cnncalc.text.yaml_tree import Located, Mapping, Scalar, Sequence, parse_yaml

NAME = re.compile(r"[\w.-]+", re.ASCII)
_PER_AXIS = re.compile(r"[0-9]+(?:\s*[x×]\s*[0-9]+)+")


class Template(NamedTuple):
    """A field's value as written: `constant`, or an expression, or a list of templates."""

    located: Located
    constant: Value | None
    expression: Expression | None = None
    items: tuple[Template, ...] = ()

    def evaluate(self, env: Environment) -> Value:
        """Return the value with the parameters in `env`; raises ExpressionError."""
        if self.constant is not None:
            return self.constant
        if self.expression is not None:
            return self.expression.evaluate(env)
        return tuple(item.evaluate(env) for item in self.items)

    def span(self, path: tuple[int, ...] = ()) -> Span:
        """Where the value stands, or the item of it that `path` leads to."""
        template = self
        for index in path:
            if index >= len(template.items):
                break
            template = template.items[index]
        return template.located.span


def located_problem(
    located: Located, error: ExpressionError, code: str = "expression", prefix: str = ""
) -> Problem:
    """Return an error in an expression as a problem, with the caret under the guilty part where that can be told."""
    span = located.span
    if (
        isinstance(located, Scalar)
        and "\n" not in located.text
        and span.length >= len(located.text)
    ):
        span = span.part(error.start + (0 if located.plain else 1), error.length)
    return Problem(span, code, prefix + error.message, error.hint)


class Names(NamedTuple):
    """What an expression may refer to and call, and the most that it may come to.

    `words`: any other name is a word, as in a block's arguments.
    """

    parameters: frozenset[str]
    words: bool = False
    functions: tuple[Function, ...] = ()
    most: int = MAX_NUMBER


def compile_value(
    located: Located, names: Names, problems: list[Problem], words: tuple[str, ...] = ()
) -> Template:
    """Read a value as written into a template, adding what is wrong with it to `problems`.

    `words` are those that the field knows, such as `same`; a parameter of that name comes first.
    """
    if isinstance(located, Sequence):
        broken = broken_expression(located.items)
        if broken is not None:
            problems.append(broken)
            return Template(located, 1)
        items = tuple(compile_value(item, names, problems, words) for item in located.items)
        constant = (
            tuple(item.constant for item in items)
            if all(item.constant is not None for item in items)
            else None
        )
        return Template(located, constant, None, items)  # type: ignore[arg-type]
    if isinstance(located, Mapping):
        problems.append(
            Problem(located.span, "value", "a value is expected here, not keys and values")
        )
        return Template(located, 1)
    try:
        return _compile_scalar(located, names, words)
    except ExpressionError as error:
        problems.append(located_problem(located, error))
        return Template(located, 1)


def broken_expression(parts: Iterable[Located]) -> Problem | None:
    """Return what to say where the commas of an expression such as `min(a, b)` made it several values of a list."""
    begun: Scalar | None = None
    end: Scalar | None = None
    still_open = 0
    for part in parts:
        if not isinstance(part, Scalar) or not part.plain:
            begun = end = None
            continue
        opened = part.text.count("(") - part.text.count(")")
        if begun is None and opened > 0:
            begun, still_open = part, opened
        elif begun is not None:
            still_open += opened
            end = part if opened < 0 else end
            if still_open <= 0:
                break
    return broken_problem(begun, end) if begun and end else None


def broken_problem(begun: Scalar, end: Scalar) -> Problem:
    """Return the problem of an expression that reaches from one scalar to another, with commas between."""
    span = begun.span
    if end.span.line == span.line:
        span = span._replace(length=end.span.column + end.span.length - span.column)
    return Problem(
        span,
        "broken-expression",
        "the comma breaks this expression in two",
        "put the whole expression in quotes inside { } or [ ]",
    )


def _compile_scalar(scalar: Scalar, names: Names, words: tuple[str, ...]) -> Template:
    text = scalar.text.strip()
    if not text:
        raise ExpressionError("a value is missing here")
    if text in words and text not in names.parameters:  # a word may be called as a function is: max
        return Template(scalar, text)
    if _PER_AXIS.fullmatch(text):
        return Template(scalar, tuple(map(_short_int, re.split(r"\s*[x×]\s*", text))))
    expression = parse_expression(text, names.functions, names.most)
    if expression.constant is not None:
        return Template(scalar, expression.constant)
    if expression.lone_name is not None and _is_word(expression.lone_name, names, words):
        return Template(scalar, expression.lone_name)
    for name in sorted(expression.names):
        if name not in names.parameters and name not in SHAPE_NAMES:
            raise _unknown(name, text, names, words)
    return Template(scalar, None, expression)


def _is_word(name: str, names: Names, words: tuple[str, ...]) -> bool:
    """Whether a name by itself is a word, which stands for no parameter."""
    if name in names.parameters:
        return False
    is_free = names.words and name not in RESERVED and name.lower() not in YAML_BOOLEANS
    return name in words or is_free


def _short_int(text: str) -> int:
    if len(text) > 13 or int(text) > MAX_NUMBER:
        raise ExpressionError(f"a number here is outside the limit of {MAX_NUMBER:,}")
    if text[0] == "0" and text != "0":
        raise ExpressionError(f"'{text}' has a leading zero", 0, 1, f"write {int(text)}")
    return int(text)


def read_option(name: str, value: Any, kind: FieldType, rank: int | None) -> Any:
    """Return a field's value that stands outside a spec, in its one form: as text such as `1x2` or `[[0, 1]]`, or from
    Python.

    Raises SpecError; `name` says where the value was given, such as `--pad`.
    """
    if not isinstance(value, str):
        return _normal_option(name, str(value), _tuples(value), kind, rank)
    problems: list[Problem] = []
    located, syntax = parse_yaml(Source(name, value))
    if located is None or syntax:
        raise SpecError(syntax) if syntax else single_problem(name, value, f"{name} needs a value")
    template = compile_value(located, Names(frozenset()), problems, kind.words)
    if problems or template.constant is None:
        raise single_problem(name, value, f"expected {kind.expected}, not '{value}'")
    return _normal_option(name, value, template.constant, kind, rank)


def _normal_option(name: str, text: str, value: Value, kind: FieldType, rank: int | None) -> Any:
    try:
        return kind.normal(value, rank)
    except FieldError as error:
        raise single_problem(name, text, error.message, error.hint) from None


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, (list, tuple)) else value


def _unknown(name: str, text: str, names: Names, words: tuple[str, ...]) -> ExpressionError:
    from cnncalc.text.expressions import unknown_name

    place = re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text)
    error = unknown_name(name, place.start() if place else 0)
    if error.hint:
        return error
    if words and text == name:
        error.message = f"there is no word or parameter '{name}' here"
    if name in words:
        error.hint = f"a word inside an expression stands in quotes: '{name}'"
        return error
    close = nearest(name, [*names.parameters, *words]) or nearest(name, SHAPE_NAMES, cutoff=0.8)
    if close:
        error.hint = did_you_mean(close)
    elif words and text == name:
        error.hint = f"it can be {' or '.join(words)}"
    elif names.parameters:
        error.hint = f"the parameters here are {', '.join(sorted(names.parameters))}"
    else:
        error.hint = (
            "names are given under 'params:', of the network or of the block that uses them"
        )
    return error


REQUIRED: Any = object()


class Field(NamedTuple):
    """One field of an op: its name, what it takes, its default (REQUIRED: none), a line of help, and its aliases.

    A default is a value, an expression (such as "1/2"), or `SameAs` a field before it, as a pool's stride its kernel.
    Aliases are what PyTorch and Keras call the same field of the same op.
    """

    name: str
    kind: FieldType
    default: Any = REQUIRED
    help: str = ""
    aliases: tuple[str, ...] = ()

    @property
    def required(self) -> bool:
        """Whether it must be given."""
        return self.default is REQUIRED

    def default_value(self, before: dict[str, Any], rank: int) -> Any:
        """Return the default in its one form, given the values of the fields before it."""
        if isinstance(self.default, SameAs):
            return before[self.default.field]
        return _plain_default(self.kind, self.default, rank)


@lru_cache(typed=True)
def _plain_default(kind: FieldType, default: Any, rank: int) -> Any:
    """Return a default that depends on no other field in its one form."""
    if isinstance(default, str) and not (kind.is_text or default in kind.words):
        return kind.normal(parse_expression(default).evaluate({}), rank)
    return kind.normal(default, rank)


class SameAs(NamedTuple):
    """A default: the value of another field of the same op."""

    field: str
