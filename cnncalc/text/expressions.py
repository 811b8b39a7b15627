"""The small exact arithmetic of a spec: `width * 4`, `stride if first else 1`, `round_to(channels * 0.75, 8)`.

An expression is read once into nested functions and evaluated with the parameters of its block. There is no access
to attributes, no call but `min`, `max`, `round_to` and the functions that a spec defines, and no power, so that a
value is bounded by the text's length. Numbers are exact: `0.35` is 7/20 and `/` gives a fraction.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from cnncalc.text.exact import Exact, ratio, whole

if TYPE_CHECKING:
    from fractions import Fraction

MAX_LENGTH = 1000
MAX_NESTING = 20
MAX_NUMBER = 10**12
MAX_COUNT = 10**100
"""The most of an expression over counts of a layer, which are products of numbers up to MAX_NUMBER."""
MAX_STEPS = 10_000

Value: TypeAlias = "int | Fraction | bool | str | tuple[Value, ...]"
Environment: TypeAlias = Mapping[str, Value]

FUNCTIONS = ("min", "max", "round_to")
KEYWORDS = ("and", "or", "not", "if", "else", "true", "false")
SHAPE_NAMES = ("channels", "in_length", "in_height", "in_width", "in_depth")
RESERVED = frozenset((*FUNCTIONS, *KEYWORDS, *SHAPE_NAMES))


class ExpressionError(ValueError):
    """What is wrong with an expression, and which of its characters are to blame (`start` from 0)."""

    def __init__(self, message: str, start: int = 0, length: int = 1, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.length = length
        self.hint = hint


class WithheldError(ExpressionError):
    """The value cannot be known because of a mistake that has been reported where it was made."""

    def __init__(self) -> None:
        super().__init__("")


WITHHELD: Any = object()
"""Stands for the value of a parameter that has such a mistake."""


class Token(NamedTuple):
    """A piece of an expression: its kind, its text, and where it starts."""

    kind: str
    text: str
    start: int


Evaluate = Callable[[Environment], Value]


class Expression(NamedTuple):
    """A parsed expression.

    `names` must be known where it is evaluated; `words` stand beside `==` or `!=` and may be words instead.
    `lone_name` is set where the expression is one name and no more; `constant` is the value where no name is in it.
    """

    text: str
    evaluate: Evaluate
    names: frozenset[str]
    words: frozenset[str]
    lone_name: str | None
    constant: Value | None
    steps: int = 1
    """How many numbers, names and calls are worked out, those in functions too."""


class Function(NamedTuple):
    """A function that a spec defines: the names of its arguments, and the expression that it stands for."""

    name: str
    arguments: tuple[str, ...]
    body: Expression


_TOKEN = (
    r"\s*(?:(?P<number>\d[\w.]*(?:(?<=[eE])[+-]\d+)?|\.\d\w*)|(?P<name>[A-Za-z_]\w*)|(?P<string>'[^']*'|\"[^\"]*\")"
    r"|(?P<operator>//|==|!=|<=|>=|[-+*/%<>()\[\],])|(?P<wrong>\S))"
)  # compiled when first used: most fields are one number or one name
_NUMBER = r"(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?|\.[0-9]+"
_HINTS = {
    "=": "compare with '=='",
    "^": "there is no power; write the product",
    "*": "there is no power; write the product",
    ":": "a list is written [a, b]",
    ",": "a list is written [a, b]",
    "[": "a list stands without quotes around it",
    "&": "write 'and'",
    "|": "write 'or'",
    "!": "write 'not'",
    "~": "write a value",
    "if": "write A if CONDITION else B",
}
"""What to do about a sign or a word in the wrong place."""


def _tokens(text: str) -> list[Token]:
    tokens = []
    for match in re.finditer(_TOKEN, text):
        kind = match.lastgroup or "wrong"
        token = Token(kind, match.group(kind), match.start(kind))
        if kind == "wrong":
            raise _unexpected(token)
        tokens.append(token)
    tokens.append(Token("end", "", len(text.rstrip())))
    return tokens


def _unexpected(token: Token) -> ExpressionError:
    if token.kind == "end":
        return ExpressionError(
            "the expression ends too early", token.start, 1, "a number or a name is missing"
        )
    if token.text in ("'", '"'):
        return ExpressionError(
            "this quote is not closed", token.start, 1, "put the same quote at the end of the word"
        )
    return ExpressionError(
        f"'{token.text}' is not expected here",
        token.start,
        len(token.text),
        _HINTS.get(token.text, _HINTS.get(token.text[0], "")),
    )


def exact_number(text: str, start: int = 0) -> Exact:
    """Read a number as written, exactly: decimals become fractions.

    Raises ExpressionError for what only looks like one: a leading zero, underscores, a base, more than MAX_NUMBER.
    """
    if not re.fullmatch(_NUMBER, text):
        message, hint = f"'{text}' is not a number", ""
        if re.fullmatch(r"0[0-9]+", text):
            message, hint = f"'{text}' has a leading zero", f"write {text.lstrip('0') or '0'}"
        elif re.fullmatch(r"[0-9_]+", text):
            message, hint = f"'{text}' has underscores", f"write {text.replace('_', '')}"
        elif text.isdecimal():
            message, hint = (
                f"'{text}' is not written in the digits 0 to 9",
                f"write {int(text[:20])}",
            )
        raise ExpressionError(message, start, len(text), hint)
    if text.isdigit():
        return _bounded(int(text) if len(text) < 40 else MAX_NUMBER + 1, start, len(text))
    from fractions import Fraction

    _, _, exponent = text.lower().partition("e")
    if exponent and abs(int(exponent)) > 30:
        raise ExpressionError(f"'{text}' is outside the limit of {MAX_NUMBER:,}", start, len(text))
    return _bounded(whole(Fraction(text)), start, len(text))


def _bounded(value: Exact, start: int, length: int, most: int = MAX_NUMBER) -> Exact:
    if not -most <= value <= most:
        wrong = f"a number here is outside the limit of {_limit(most)}"
        raise ExpressionError(wrong, start, length)
    if not isinstance(value, int) and value.denominator > most:
        wrong = f"a fraction here is finer than the limit of 1/{_limit(most)}"
        raise ExpressionError(wrong, start, length)
    return value


def _limit(most: int) -> str:
    """Write a limit; digit by digit only where somebody would count them."""
    return f"{most:,}" if most <= MAX_NUMBER else f"10^{len(str(most)) - 1}"


def round_to(value: Exact, multiple: int) -> int:
    """Round to the multiple nearest to a value, at least one of it, and one more where that would lose over 10 %.

    r = max(m, floor(x/m + 1/2)·m), and r + m where r < 0.9·x: torchvision's `_make_divisible` (MobileNetV2).
    """
    rounded = max(multiple, int((2 * value + multiple) // (2 * multiple)) * multiple)
    return rounded + multiple if 10 * rounded < 9 * value else rounded


def kind_of(value: Value) -> str:
    """Say what a value is, in a reader's words."""
    if isinstance(value, str):
        return f"the word '{value}'"
    if isinstance(value, tuple):
        if not value:
            return "an empty list"
        return (
            f"the list {show_value(value)}" if len(value) <= 8 else f"a list of {len(value)} values"
        )
    return show_value(value)


def show_value(value: Value) -> str:
    """Write a value as a spec writes it; a fraction as a decimal where that is exact."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return "[" + ", ".join(map(show_value, value)) + "]"
    if isinstance(value, int) or not hasattr(
        value, "denominator"
    ):  # a float, or a mistake, may come from Python
        return str(value)
    decimal = f"{float(value):.12g}"
    return decimal if type(value)(decimal) == value else str(value)


def _as_number(value: Value, token: Token) -> Exact:
    if isinstance(value, (bool, str, tuple)):
        raise ExpressionError(f"{kind_of(value)} is not a number", token.start, len(token.text))
    return value


def _as_boolean(value: Value, token: Token) -> bool:
    if not isinstance(value, bool):
        raise ExpressionError(
            f"{kind_of(value)} is neither true nor false", token.start, len(token.text)
        )
    return value


_ARITHMETIC: dict[str, Callable[[Any, Any], Exact]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": lambda left, right: (
        left // right
        if type(left) is type(right) is int and left % right == 0
        else ratio(left, right)
    ),
    "//": lambda left, right: left // right,
    "%": lambda left, right: left % right,
}
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "==": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


class _Operand(NamedTuple):
    """A parsed part and the token it starts with; `name` where it is one name and no more."""

    evaluate: Evaluate
    token: Token
    name: str | None = None


_CHOICE, _OR, _AND, _NOT, _COMPARISON, _SUM, _PRODUCT, _SIGN = range(1, 9)
_POWERS = {
    "if": _CHOICE,
    "or": _OR,
    "and": _AND,
    **dict.fromkeys(_COMPARISONS, _COMPARISON),
    **dict.fromkeys(("+", "-"), _SUM),
    **dict.fromkeys(("*", "/", "//", "%"), _PRODUCT),
}
"""How tightly an operator binds what stands on both of its sides."""
_PREFIXES = {"not": _NOT, "-": _SIGN, "+": _SIGN}
"""How tightly an operator binds what stands behind it alone."""


class _ExpressionParser:
    """Reads by binding powers: an operand, then the operators that bind tighter than what stands before it.

    Operators of one power in a row are read and evaluated in a loop, so that a long chain is not a deep one.
    """

    def __init__(self, text: str, functions: tuple[Function, ...], most: int) -> None:
        self.tokens = _tokens(text)
        self.functions = {function.name: function for function in functions}
        self.most = most
        self.at = 0
        self.depth = 0
        self.steps = 0
        self.names: set[str] = set()
        self.words: set[str] = set()

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def take(self, *texts: str) -> Token | None:
        """Take the next token if it is one of these words or operators."""
        token = self.token
        if token.text in texts and token.kind in ("name", "operator"):
            self.at += 1
            return token
        return None

    def expect(self, text: str) -> None:
        if self.take(text) is None:
            raise (
                _unexpected(self.token)
                if self.token.kind != "end"
                else ExpressionError(f"'{text}' is missing here", self.token.start)
            )

    def whole(self) -> _Operand:
        operand = self.nested()
        if self.token.kind != "end":
            raise _unexpected(self.token)
        return operand

    def nested(self) -> _Operand:
        """Read a whole expression: all there is, or what stands between brackets."""
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise ExpressionError(
                f"the expression is nested deeper than the limit of {MAX_NESTING}", self.token.start
            )
        operand = self.bound(0)
        self.depth -= 1
        return operand

    def power(self) -> int:
        """How tightly the next token binds; 0 where it is no operator between operands."""
        token = self.token
        return _POWERS.get(token.text, 0) if token.kind in ("name", "operator") else 0

    def bound(self, least: int) -> _Operand:
        """Read an operand, with all the operators behind it that bind tighter than `least`."""
        left = self.prefixed(least)
        while (power := self.power()) > least:
            rest: list[tuple[Token, _Operand, _Operand | None]] = []
            while self.power() == power:
                if rest and power == _COMPARISON:
                    raise ExpressionError(
                        "comparisons are not chained",
                        self.token.start,
                        len(self.token.text),
                        "use 'and'",
                    )
                rest.append(self.pair(power))
            left = self.build(power, left, rest)
        return left

    def pair(self, power: int) -> tuple[Token, _Operand, _Operand | None]:
        """Read an operator and the operand behind it; of an `if` also its condition, last."""
        operator = self.tokens[self.at]
        self.at += 1
        if power != _CHOICE:
            return operator, self.bound(power), None
        condition = self.bound(power)
        self.expect("else")
        return operator, self.bound(power), condition

    def build(
        self, power: int, first: _Operand, rest: list[tuple[Token, _Operand, _Operand | None]]
    ) -> _Operand:
        """One operand of a chain of operators of one power."""
        operands = [first, *(operand for _, operand, _ in rest)]
        conditions = [condition for _, _, condition in rest if condition is not None]
        if power == _COMPARISON:
            operator, right, _ = rest[0]
            self.use(*operands, either=operator.text in ("==", "!="))
            return _compare(first, operator, right)
        self.use(*operands, *conditions)
        if power == _CHOICE:
            return _choose(list(zip(conditions, operands, strict=False)), operands[-1])
        if power in (_OR, _AND):
            return _shortcut(operands, stop_at=power == _OR)
        steps = [(operator, operand) for operator, operand, _ in rest]
        return _calculate(first, steps, self.most)

    def use(self, *operands: _Operand, either: bool = False) -> None:
        """Note names whose values are needed; beside `==` either a parameter or a word will do."""
        names = {operand.name for operand in operands if operand.name is not None}
        (self.words if either else self.names).update(names)

    def prefixed(self, least: int) -> _Operand:
        """Read an operand with the signs or `not`s before it."""
        token = self.token
        power = _PREFIXES.get(token.text, 0) if token.kind in ("name", "operator") else 0
        if power <= least:
            return self.indexed()
        self.at += 1
        if power == _SIGN:
            operand = self.indexed()
            self.use(operand)
            return _signed(token, operand)
        negations = 1
        while self.take("not"):
            negations += 1
        operand = self.bound(power)
        self.use(operand)
        evaluate, inner = operand.evaluate, operand.token
        return _Operand(lambda env: _as_boolean(evaluate(env), inner) ^ bool(negations % 2), token)

    def indexed(self) -> _Operand:
        operand = self.primary()
        turns = 0
        while bracket := self.take("["):
            turns += 1
            if turns > MAX_NESTING:
                raise ExpressionError(
                    f"a list is indexed deeper than the limit of {MAX_NESTING}", bracket.start
                )
            index = self.nested()
            self.use(operand, index)
            self.expect("]")
            operand = _index(operand, index)
        return operand

    def primary(self) -> _Operand:
        token = self.token
        self.at += 1
        self.steps += 1
        if token.kind == "number":
            number = exact_number(token.text, token.start)
            return _Operand(lambda env: number, token)
        if token.kind == "string":
            word = token.text[1:-1]
            return _Operand(lambda env: word, token)
        if token.text == "(":
            inner = self.nested()
            self.use(inner)
            self.expect(")")
            return _Operand(inner.evaluate, token)
        if token.kind == "name" and token.text not in KEYWORDS:
            return self.call(token) if self.token.text == "(" else self.name(token)
        if token.text in ("true", "false"):
            truth = token.text == "true"
            return _Operand(lambda env: truth, token)
        raise _unexpected(token)

    def name(self, token: Token) -> _Operand:
        if token.text in FUNCTIONS or token.text in self.functions:
            values = "..., ..." if token.text in FUNCTIONS else "..."
            raise ExpressionError(
                f"'{token.text}' is a function",
                token.start,
                len(token.text),
                f"write {token.text}({values})",
            )
        return _Operand(_look_up(token.text, token.start), token, token.text)

    def call(self, token: Token) -> _Operand:
        function = self.functions.get(token.text)
        if function is None and token.text not in FUNCTIONS:
            raise self.no_function(token)
        self.expect("(")
        arguments = [self.nested()]
        while self.take(","):
            arguments.append(self.nested())
        self.expect(")")
        self.use(*arguments)
        if function is not None:
            return self.call_defined(token, function, arguments)
        if len(arguments) < 2 or (token.text == "round_to" and len(arguments) != 2):
            raise ExpressionError(f"'{token.text}' takes two values", token.start, len(token.text))
        return _call(token, arguments)

    def no_function(self, token: Token) -> ExpressionError:
        names = (*FUNCTIONS, *self.functions)
        hint = f"the functions are {', '.join(names[:-1])} and {names[-1]}"
        return ExpressionError(
            f"there is no function '{token.text}'", token.start, len(token.text), hint
        )

    def call_defined(self, token: Token, function: Function, arguments: list[_Operand]) -> _Operand:
        """Build a call of a function that the spec defines: its body with the arguments for its own names."""
        count = len(function.arguments)
        if len(arguments) != count:
            raise ExpressionError(
                f"'{token.text}' takes {count} value{'s' * (count != 1)}, not {len(arguments)}",
                token.start,
                len(token.text),
            )
        own = frozenset(function.arguments)
        self.names |= function.body.names - own
        self.words |= function.body.words - own
        self.steps += function.body.steps
        if self.steps > MAX_STEPS:
            raise ExpressionError(
                f"functions that call functions take more than the limit of {MAX_STEPS:,} steps here",
                token.start,
                len(token.text),
            )
        return _call_defined(token, function, arguments)


def _look_up(name: str, start: int) -> Evaluate:
    def look_up(env: Environment) -> Value:
        try:
            value = env[name]
        except KeyError:
            raise unknown_name(name, start) from None
        if value is WITHHELD:
            raise WithheldError
        return value

    return look_up


def _withhold(env: Environment) -> Value:
    raise WithheldError


WITHHELD_EXPRESSION = Expression("", _withhold, frozenset(), frozenset(), None, None)
"""Stands for an expression that cannot be read."""


def unknown_name(name: str, start: int = 0) -> ExpressionError:
    """Make the error for a name that means nothing here."""
    if name in SHAPE_NAMES:
        return ExpressionError(
            f"what arrives here has no '{name}'",
            start,
            len(name),
            "in_height and in_width are of 2-D maps, in_length of 1-D, in_depth of 3-D",
        )
    hints = {
        "no": "write false",
        "yes": "write true",
        "on": "write true",
        "off": "write false",
        "true": "write true",
        "false": "write false",
        "null": "write a value",
        "none": "write a value",
    }
    hint = hints.get(name.lower(), "")
    message = (
        f"'{name}' means nothing here" if hint else f"there is no parameter named '{name}' here"
    )
    return ExpressionError(message, start, len(name), hint)


def _choose(arms: list[tuple[_Operand, _Operand]], otherwise: _Operand) -> _Operand:
    def evaluate(env: Environment) -> Value:
        for condition, result in arms:
            if _as_boolean(condition.evaluate(env), condition.token):
                return result.evaluate(env)
        return otherwise.evaluate(env)

    return _Operand(evaluate, arms[0][1].token)


def _signed(sign: Token, operand: _Operand) -> _Operand:
    evaluate, factor = operand.evaluate, -1 if sign.text == "-" else 1
    return _Operand(lambda env: factor * _as_number(evaluate(env), operand.token), sign)


def _shortcut(operands: list[_Operand], *, stop_at: bool) -> _Operand:
    def evaluate(env: Environment) -> Value:
        return (
            any(
                _as_boolean(operand.evaluate(env), operand.token) is stop_at for operand in operands
            )
            is stop_at
        )

    return _Operand(evaluate, operands[0].token)


def _calculate(first: _Operand, rest: list[tuple[Token, _Operand]], most: int) -> _Operand:
    steps = [(_ARITHMETIC[operator.text], operator, operand) for operator, operand in rest]

    def evaluate(env: Environment) -> Value:
        value = _as_number(first.evaluate(env), first.token)
        for compute, operator, operand in steps:
            other = _as_number(operand.evaluate(env), operand.token)
            try:
                result = compute(value, other)
                value = whole(_bounded(result, operator.start, len(operator.text), most))
            except ZeroDivisionError:
                raise ExpressionError(
                    "division by zero", operator.start, len(operator.text)
                ) from None
        return value

    return _Operand(evaluate, first.token)


def _compare(left: _Operand, operator: Token, right: _Operand) -> _Operand:
    compute = _COMPARISONS[operator.text]
    is_equality = operator.text in ("==", "!=")

    def side(operand: _Operand, env: Environment) -> Value:
        if is_equality and operand.name is not None and operand.name not in env:
            return operand.name
        return operand.evaluate(env)

    def evaluate(env: Environment) -> Value:
        first, second = side(left, env), side(right, env)
        if not is_equality:
            return compute(_as_number(first, left.token), _as_number(second, right.token))
        if _class_of(first) is not _class_of(second):
            for operand, value in ((left, first), (right, second)):
                if operand.name is not None and operand.name == value and operand.name not in env:
                    raise _misspelt_name(operand, env)
            raise ExpressionError(
                f"{kind_of(first)} and {kind_of(second)} cannot be compared",
                operator.start,
                len(operator.text),
            )
        return compute(first, second)

    return _Operand(evaluate, left.token)


def _misspelt_name(operand: _Operand, env: Environment) -> ExpressionError:
    from cnncalc.text.suggest import suggest

    error = unknown_name(operand.name or "", operand.token.start)
    error.hint = error.hint or suggest(operand.name or "", env)
    return error


def _class_of(value: Value) -> type:
    return type(value) if isinstance(value, (bool, str, tuple)) else int


def _index(operand: _Operand, index: _Operand) -> _Operand:
    listed, position = operand.evaluate, index.evaluate

    def evaluate(env: Environment) -> Value:
        values, at = listed(env), position(env)
        if not isinstance(values, tuple):
            raise ExpressionError(
                f"{kind_of(values)} is not a list", operand.token.start, len(operand.token.text)
            )
        if isinstance(at, bool) or not isinstance(at, int) or not 0 <= at < len(values):
            raise ExpressionError(
                f"the list has no item {show_value(at)}; its items are 0 to {len(values) - 1}",
                index.token.start,
                len(index.token.text),
            )
        return values[at]

    return _Operand(evaluate, operand.token)


def _call(token: Token, arguments: list[_Operand]) -> _Operand:
    def evaluate(env: Environment) -> Value:
        values = [_as_number(argument.evaluate(env), argument.token) for argument in arguments]
        if token.text != "round_to":
            return (min if token.text == "min" else max)(values)
        value, multiple = values
        if not isinstance(multiple, int) or multiple < 1:
            raise ExpressionError(
                f"round_to needs a whole multiple of at least 1, not {multiple}",
                token.start,
                len(token.text),
            )
        return round_to(value, multiple)

    return _Operand(evaluate, token)


def _call_defined(token: Token, function: Function, arguments: list[_Operand]) -> _Operand:
    def evaluate(env: Environment) -> Value:
        values = [argument.evaluate(env) for argument in arguments]
        try:
            return function.body.evaluate(
                {**env, **dict(zip(function.arguments, values, strict=True))}
            )
        except WithheldError:
            raise
        except ExpressionError as error:
            message = f"{function.name}: {error.message}"
            raise ExpressionError(message, token.start, len(token.text), error.hint) from None

    return _Operand(evaluate, token)


@lru_cache(maxsize=4096)
def parse_expression(
    text: str, functions: tuple[Function, ...] = (), most: int = MAX_NUMBER
) -> Expression:
    """Read an expression, which may call `functions`; no result on the way may be beyond `most`.

    Raises ExpressionError with the place of what is wrong.
    """
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"an expression is longer than the limit of {MAX_LENGTH} characters")
    is_whole = text.isdigit() and text.isascii() and (text[0] != "0" or text == "0")
    if is_whole:  # as most fields are
        number = _bounded(int(text), 0, len(text))
        return Expression(text, lambda env: number, frozenset(), frozenset(), None, number)
    if not functions and _is_name(text):
        return Expression(text, _look_up(text, 0), frozenset((text,)), frozenset(), text, None)
    parser = _ExpressionParser(text, functions, most)
    operand = parser.whole()
    names, words = frozenset(parser.names), frozenset(parser.words)
    if operand.name is not None:
        names |= {operand.name}
    constant = operand.evaluate({}) if not names and not words else None
    return Expression(
        text, operand.evaluate, names, words - names, operand.name, constant, parser.steps
    )


def _is_name(text: str) -> bool:
    return text.isascii() and text.isidentifier() and text not in FUNCTIONS and text not in KEYWORDS
