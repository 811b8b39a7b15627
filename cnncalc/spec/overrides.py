"""What is given beside a spec: another input, other values for its parameters, options."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from cnncalc.ops.fields import Names, compile_value
from cnncalc.ops.shapes import AXIS_NAMES, Shape, show_shape
from cnncalc.text.expressions import MAX_NUMBER, Value, show_value
from cnncalc.text.messages import message
from cnncalc.text.source import Problem, Source, Span, SpecError, single_problem
from cnncalc.text.suggest import suggest
from cnncalc.text.yaml_tree import Scalar, Sequence

Size: TypeAlias = "str | int | tuple[int, ...] | list[int]"
"""The size of one input: a number for every spatial axis, one per spatial axis, or the whole shape."""
InputSize: TypeAlias = "Size | Mapping[str, Size]"
"""The size of the input; of several inputs a size by name, `{"image": 128}` or the text `image=128`."""
Settings = Mapping[str, Any]


def read_setting(name: str, value: Any, known: list[str]) -> Value:
    """Read a value given with --set or from Python for a parameter. Raises SpecError."""
    if name not in known:
        hint = suggest(name, known, "it has {}" if known else "this network has no parameters")
        raise SpecError(
            [
                _set_problem(name, value)._replace(
                    message=message("the network has no parameter '{name}'", name=name), hint=hint
                )
            ]
        )
    return read_value(name, value)[0]


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return value
    return show_value(tuple(value) if isinstance(value, list) else value)


def _set_problem(name: str, value: Any) -> Problem:
    """Return a problem at the name in `NAME=VALUE`, with nothing said yet."""
    source = Source("--set", f"{name}={_shown(value)}")
    return Problem(Span(source, 1, 1, max(len(name), 1)), "set", "")


def read_value(name: str, value: Any) -> tuple[Value, Problem]:
    """Read a value given with --set or from Python, and the problem to fill in at its place. Raises SpecError."""
    shown, problem = _shown(value), _set_problem(name, value)
    source = problem.span.source
    problems: list[Problem] = []
    span = Span(source, 1, len(name) + 2, max(len(shown), 1))
    template = compile_value(_as_located(shown, span), Names(frozenset(), words=True), problems)
    if problems or template.constant is None:
        raise SpecError(
            problems
            or [Problem(span, "set", f"'{shown}' is not a value", "give a number or a word")]
        )
    return template.constant, problem._replace(span=span)


def _as_located(text: str, span: Span) -> Any:
    """Read a value as written; `[1, 2]` is a list."""
    if text.startswith("[") and text.endswith("]"):
        return Sequence(
            tuple(
                _as_located(part.strip(), span) for part in text[1:-1].split(",") if part.strip()
            ),
            span,
        )
    return Scalar(text, True, span)


_SEPARATORS = re.compile(r" *[x×*,;] *| +", re.IGNORECASE)
"""What stands between the numbers of a size."""


def sizes_by_name(given: InputSize | None, names: list[str]) -> dict[str, Size]:
    """Give the size given for each input of these names; those not named keep their own.

    Raises SpecError for a name that no input has, and for one size where there are several inputs.
    """
    if given is None:
        return {}
    sizes = _named_sizes(given) if isinstance(given, (str, Mapping)) else None
    shown = given if isinstance(given, str) else show_sizes(given)
    if sizes is None:
        if len(names) == 1:
            return {names[0]: given}  # type: ignore[dict-item]
        example = ",".join(f"{name}=SIZE" for name in names)
        raise single_problem(
            "--input",
            shown,
            f"the network has {len(names)} inputs: {', '.join(names)}",
            f"name those that change: --input {example}",
            "input",
        )
    for name in sizes:
        if name not in names:
            hint = suggest(name, names, "it has {}")
            raise single_problem(
                "--input", shown, f"the network has no input '{name}'", hint, "input"
            )
    return sizes


def _named_sizes(given: str | Mapping[str, Size]) -> dict[str, Size] | None:
    """`image=128x128x3,mask=128` by name; None where nothing is named."""
    if isinstance(given, Mapping):
        return dict(given)
    if "=" not in given:
        return None
    parts = re.split(r",\s*(?=[\w.-]+\s*=)", given)
    pairs = [part.partition("=") for part in parts]
    return {name.strip(): size.strip() for name, _, size in pairs}


def show_sizes(given: InputSize) -> str:
    """Write a size as --input writes it."""
    if isinstance(given, Mapping):
        return ",".join(f"{name}={show_sizes(size)}" for name, size in given.items())
    return "x".join(map(str, given)) if isinstance(given, (tuple, list)) else str(given)


def override_input(own: Shape, given: Size) -> Shape:
    """Give the input with other sizes: one number for every spatial axis, one per spatial axis, or the whole shape.

    Raises SpecError where the numbers do not suit.
    """
    text = show_sizes(given)
    parts = _SEPARATORS.split(text.strip().removeprefix("[").removesuffix("]").strip())
    rank = len(own) - 1
    source = Source("--input", text)
    span = Span(source, 1, 1, max(len(text), 1))
    if not all(
        part.isascii() and part.isdigit() and len(part) < 20 and 0 < int(part) <= MAX_NUMBER
        for part in parts
    ):
        raise SpecError(
            [
                Problem(
                    span,
                    "input",
                    message("'{text}' is not a size", text=text),
                    message(
                        "write numbers from 1 to {most:,}, such as {example}",
                        most=MAX_NUMBER,
                        example=show_shape(own),
                    ),
                )
            ]
        )
    sizes = tuple(map(int, parts))
    if len(sizes) == 1 and rank > 0:
        return (*sizes * rank, own[-1])
    if len(sizes) == rank:
        return (*sizes, own[-1])
    if len(sizes) == rank + 1:
        return sizes
    axes = "×".join((*AXIS_NAMES[rank], "channels"))
    raise SpecError(
        [
            Problem(
                span,
                "input",
                f"{len(sizes)} numbers are given; the network takes {axes} ({show_shape(own)})",
                "give one number, one per spatial axis, or the whole shape, without a batch",
            )
        ]
    )


def check_choice(option: str, value: str, known: Iterable[str]) -> None:
    """Raise SpecError where a word is not among those known, with the nearest."""
    words = tuple(known)
    if value not in words:
        hint = suggest(value, words, "it can be {}")
        raise single_problem(
            option,
            value,
            message("{option} cannot be '{value}'", option=option, value=value),
            hint,
            "option",
        )


def read_choice(
    option: str, value: str, known: Iterable[str], synonyms: Mapping[str, str] | None = None
) -> str:
    """Read one of some words, in any case, or a synonym of one. Raises SpecError for another, with the nearest."""
    word = value.lower()
    word = (synonyms or {}).get(word, word)
    check_choice(option, word, known)
    return word


def check_positive(option: str, value: int) -> None:
    """Raise SpecError for a number below 1 or beyond MAX_NUMBER."""
    if value > MAX_NUMBER:
        message = f"{option} is beyond the limit of {MAX_NUMBER:,}"
        raise single_problem(option, str(value)[:20], message, "", "option")
    if value < 1:
        raise single_problem(
            option, str(value), f"{option} is at least 1, not {value}", "", "option"
        )
