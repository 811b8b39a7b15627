"""What can be used where layers are written: parameters, functions, what is passed on, and defaults of fields.

All of it is lexical: it holds for the list of layers that it stands beside, and for what is written inside that list.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from cnncalc.ops.fields import Names, Template, compile_value
from cnncalc.spec.entries import entries_rejoined
from cnncalc.spec.layers import SpecParameter
from cnncalc.text.expressions import (
    RESERVED,
    SHAPE_NAMES,
    WITHHELD_EXPRESSION,
    Expression,
    ExpressionError,
    Function,
    Value,
    parse_expression,
)
from cnncalc.text.limits import limit
from cnncalc.text.records import is_blank, items_of
from cnncalc.text.source import Problem
from cnncalc.text.suggest import suggest
from cnncalc.text.yaml_tree import Located, Scalar
from cnncalc.text.yaml_tree import Mapping as WrittenMapping

MAX_PARAMETERS = limit(1000)
MAX_FUNCTIONS = limit(100)


class Defaults(NamedTuple):
    """Field values for one op, None for one that could not be read, and tags."""

    fields: Mapping[str, Template | None]
    tags: tuple[str, ...]


NO_DEFAULTS = Defaults({}, ())


class Visible(NamedTuple):
    """What a list of layers sees. `defaults` are by the op's word; `passed` are parameters that blocks get."""

    parameters: frozenset[str]
    functions: tuple[Function, ...] = ()
    passed: tuple[Scalar, ...] = ()
    defaults: Mapping[str, Defaults] = {}

    def names(self, *, words: bool = False) -> Names:
        """Say what an expression may refer to here."""
        return Names(self.parameters, words, self.functions)

    def defaults_of(self, op: str) -> Defaults:
        """Give the defaults of an op's fields here."""
        return self.defaults.get(op, NO_DEFAULTS)


def read_value(located: Located, names: Names, problems: list[Problem]) -> Template:
    """Read a value that is evaluated later; one with a mistake in it stays unknown, so as not to be told twice."""
    count = len(problems)
    template = compile_value(located, names, problems)
    return template if len(problems) == count else Template(located, None, WITHHELD_EXPRESSION)


# --- params ----------------------------------------------------------------------------------------------------------


def read_parameters(located: Located | None, problems: list[Problem]) -> tuple[SpecParameter, ...]:
    """Read `params:`; a default may use the parameters before it and the arriving shape."""
    if located is None or is_blank(located):
        return ()
    if not isinstance(located, WrittenMapping):
        problems.append(
            Problem(
                located.span,
                "params",
                "params: names with their default values are expected",
                "such as params: {width: 64}; leave the value empty where it must be given",
            )
        )
        return ()
    parameters: dict[str, SpecParameter] = {}
    later = {key.text for key, _ in located.entries}
    for key, value in _up_to(MAX_PARAMETERS, located, "parameters", problems).entries:
        later.discard(key.text)
        if not is_parameter_name(key.text):
            problems.append(_no_parameter_name(key))
            continue
        default = None
        if not is_blank(value):
            before = len(problems)
            default = read_value(value, Names(frozenset(parameters), words=True), problems)
            if len(problems) > before:
                problems[-1] = _told_of_later_name(problems[-1], {*later, key.text})
        parameters[key.text] = SpecParameter(key.text, key.span, default)
    return tuple(parameters.values())


def _up_to(
    limit: int, located: WrittenMapping, what: str, problems: list[Problem]
) -> WrittenMapping:
    """Give as many entries as a list of names may have; the first beyond them is reported."""
    for key, _ in located.entries[limit : limit + 1]:
        wrong = f"there are more than the limit of {limit:,} {what}"
        problems.append(Problem(key.span, "limit", wrong))
    return located._replace(entries=located.entries[:limit])


def _no_parameter_name(key: Scalar) -> Problem:
    hint = (
        "it is a word of the language"
        if key.text in RESERVED
        else "use letters, digits and '_', and start with a letter"
    )
    return Problem(key.span, "parameter-name", f"'{key.text}' cannot name a parameter", hint)


_NO_PARAMETER = re.compile("there is no parameter named '(.*)' here")


def _told_of_later_name(problem: Problem, later: set[str]) -> Problem:
    """Say it where the name that is not known is that of a later parameter."""
    unknown = _NO_PARAMETER.fullmatch(problem.message)
    if unknown is None or unknown[1] not in later:
        return problem
    message = f"'{unknown[1]}' is not known yet; a default uses the parameters before it"
    return problem._replace(message=message, hint="change the order")


def is_parameter_name(text: str) -> bool:
    """Whether a word can name a parameter, a function or its argument."""
    try:
        return parse_expression(text).lone_name == text and text not in RESERVED
    except ExpressionError:
        return False


# --- pass ------------------------------------------------------------------------------------------------------------


def read_passed(
    located: Located | None, parameters: frozenset[str], problems: list[Problem]
) -> tuple[Scalar, ...]:
    """Read `pass:`, the parameters that every block used here gets where it has one of that name."""
    passed: dict[str, Scalar] = {}
    for item in items_of(located):
        if not isinstance(item, Scalar) or not item.text:
            message = "pass: a list of parameters' names is expected"
            problems.append(Problem(item.span, "pass", message, "such as pass: [width]"))
        elif item.text not in parameters:
            message = f"pass: there is no parameter named '{item.text}' here"
            otherwise = (
                "the parameters here are {}" if parameters else "they are given under 'params:'"
            )
            hint = suggest(item.text, sorted(parameters), otherwise)
            problems.append(Problem(item.span, "pass", message, hint))
        elif passed.setdefault(item.text, item) is not item:
            problems.append(
                Problem(item.span, "pass", f"'{item.text}' is passed already", "remove it")
            )
    return tuple(passed.values())


# --- define ----------------------------------------------------------------------------------------------------------

_EXAMPLE = 'such as define: {maps(n): "round_to(n * width, 8)"}'
_HEAD = re.compile(r"\s*(\w+)\s*\(\s*(\w+(?:\s*,\s*\w+)*)?\s*\)\s*")


def read_functions(
    located: Located | None, parameters: frozenset[str], problems: list[Problem]
) -> tuple[Function, ...]:
    """Read `define:`, functions of one expression over the parameters here; one may call those before it."""
    if located is None or is_blank(located):
        return ()
    if not isinstance(located, WrittenMapping):
        message = "define: functions and what they stand for are expected"
        problems.append(Problem(located.span, "define", message, _EXAMPLE))
        return ()
    functions: dict[str, Function] = {}
    within = _up_to(MAX_FUNCTIONS, located, "functions", problems)
    for key, value in entries_rejoined(within, problems):
        if value is None or (head := _read_head(key, parameters, functions, problems)) is None:
            continue
        name, arguments = head
        body = _read_body(value, parameters.union(arguments), functions, problems)
        if body is not None:
            functions[name] = Function(name, arguments, body)
    return tuple(functions.values())


def _read_head(
    key: Scalar, parameters: frozenset[str], before: Iterable[str], problems: list[Problem]
) -> tuple[str, tuple[str, ...]] | None:
    """Read a function's name and its arguments' names: `maps(n)`."""
    match = _HEAD.fullmatch(key.text)
    message, hint = "", ""
    if match is None:
        message, hint = f"'{key.text}' is not a function's name with its arguments", _EXAMPLE
        if "(" in key.text and ")" not in key.text:
            hint = "a name with a comma in it stands in quotes inside { }"
    else:
        name, arguments = match[1], tuple(re.findall(r"\w+", match[2] or ""))
        wrong = [word for word in (name, *arguments) if not is_parameter_name(word)]
        if wrong:
            message = f"'{wrong[0]}' cannot name a function or its argument"
            hint = "use letters, digits and '_', and no word of the language"
        elif not arguments:
            message, hint = f"'{name}' takes no value", "a value without one is a parameter"
        elif len(set(arguments)) < len(arguments):
            message = f"two arguments of '{name}' have one name"
        elif name in parameters or name in before:
            message = f"'{name}' is {'a parameter' if name in parameters else 'defined'} already"
            hint = "give the function another name"
        else:
            return name, arguments
    problems.append(Problem(key.span, "define", message, hint))
    return None


def _read_body(
    located: Located, names: frozenset[str], before: Mapping[str, Function], problems: list[Problem]
) -> Expression | None:
    """Read what a function stands for: one expression over its arguments and the parameters."""
    if not isinstance(located, Scalar) or is_blank(located):
        message = "define: a function is one expression"
        problems.append(Problem(located.span, "define", message, _EXAMPLE))
        return None
    count = len(problems)
    template = compile_value(located, Names(names, False, tuple(before.values())), problems)
    if len(problems) > count:
        return None
    expression = template.expression or _constant(located.text, template.constant)
    of_shape = sorted((expression.names | expression.words).intersection(SHAPE_NAMES))
    if of_shape:
        message = (
            f"define: a function does not know '{of_shape[0]}', what arrives where it is called"
        )
        problems.append(Problem(located.span, "define", message, "make it an argument"))
        return None
    return expression


def _constant(text: str, value: Value | None) -> Expression:
    """Give an expression without names."""
    assert value is not None
    return Expression(text, lambda env: value, frozenset(), frozenset(), None, value)
