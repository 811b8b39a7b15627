"""Arithmetic as people write it, `⌊(227 + 2·0 − 11)/4⌋ + 1`, evaluated exactly and with nothing of cnncalc's."""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

_SIGNS = {"·": "*", "×": "*", "−": "-", "⌊": "floor(", "⌋": ")", "⌈": "ceil(", "⌉": ")"}
_OPERATORS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "floor": math.floor,
    "ceil": math.ceil,
    "max": max,
    "min": min,
}
_SIDE = r"[\d(⌊⌈][\d ()+−·/⌊⌋⌈⌉]*"
_EQUALITIES = re.compile(rf"{_SIDE}(?: = {_SIDE})+")


def evaluate(text: str) -> Fraction:
    """The value of a calculation. Raises ValueError for a text that is none."""
    plain = re.sub(r"(?<=\d),(?=\d{3})", "", text)
    plain = "".join(_SIGNS.get(sign, sign) for sign in plain)
    try:
        return _value(ast.parse(plain.strip(), mode="eval").body)
    except (SyntaxError, KeyError, AttributeError) as error:
        raise ValueError(f"{text!r} is no calculation: {error!r}") from None


def is_calculation(text: str) -> bool:
    """Whether a text can be evaluated."""
    try:
        evaluate(text)
    except ValueError:
        return False
    return True


def _value(node: Any) -> Fraction:
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return Fraction(node.value)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(node.operand)
    if isinstance(node, ast.Call):
        return Fraction(_FUNCTIONS[node.func.id](*map(_value, node.args)))  # type: ignore[attr-defined]
    return Fraction(_OPERATORS[type(node.op)](_value(node.left), _value(node.right)))


def equalities(text: str) -> Iterator[tuple[str, list[Fraction]]]:
    """Each `a = b = c` of numbers in a sentence, and the values of its sides."""
    for found in _EQUALITIES.finditer(text):
        sides = [side.strip() for side in found.group().split(" = ")]
        balanced = [side[:-1] if side.count("(") < side.count(")") else side for side in sides]
        yield found.group(), [evaluate(side) for side in balanced]


def whole_numbers(text: str) -> set[int]:
    """Every whole number that a text names."""
    return set(map(int, re.findall(r"\d+", text)))
