"""Records: mappings with declared keys, such as a question of a homework or a term of a convention.

A key is declared once: its name, the form of its value, its default, a line of help. Reading, the problems with their
places, and the JSON Schema come from that. Reading goes on after a mistake, so that all of a file's are told.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from cnncalc.text.source import Problem, Source, Span, SpecError
from cnncalc.text.suggest import did_you_mean, nearest, suggest
from cnncalc.text.yaml_tree import Located, Mapping, Scalar, Sequence, parse_yaml

Schema = dict[str, Any]
Read = Callable[[Located, list[Problem]], Any]

NONE_GIVEN: dict[str, str] = {}


class Form(NamedTuple):
    """What may be written somewhere.

    `read` gives the value of a located one, or None after it has added a problem; `schema` is the JSON Schema.
    """

    read: Read
    schema: Schema

    def then(self, convert: Callable[[Any], Any]) -> Form:
        """Read in the same form, and convert what is read."""

        def read(located: Located, problems: list[Problem]) -> Any:
            value = self.read(located, problems)
            return None if value is None else convert(value)

        return Form(read, self.schema)


class Key(NamedTuple):
    """A key of a record; `example` is shown where a required one is missing."""

    name: str
    form: Form
    help: str
    default: Any = None
    required: bool = False
    example: str = ""


class RecordFields:
    """What was read of a record: each key's value, or its default where it is not given or is wrong."""

    __slots__ = ("complete", "given", "span", "values")

    def __init__(
        self, values: dict[str, Any], given: dict[str, Located], span: Span, complete: bool
    ) -> None:
        self.values = values
        self.given = given
        self.span = span
        self.complete = complete
        """Whether nothing is missing or wrong."""

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def span_of(self, *names: str) -> Span:
        """Where the value of the first of these keys that is given stands; the record's place where none is."""
        return next((self.given[name].span for name in names if name in self.given), self.span)


class Record:
    """A mapping with declared keys.

    `what` names it in messages ("a question"). `aliases` are words in lower case that people use for its keys;
    `missing` is the message for a required key, with `{}` for its name; `code` that of its problems. `bare` is the key
    that a value alone stands for.
    """

    def __init__(
        self,
        what: str,
        *keys: Key,
        example: str = "",
        aliases: dict[str, str] = NONE_GIVEN,
        missing: str = "",
        code: str = "value",
        bare: str = "",
    ) -> None:
        self.what = what
        self.keys = {key.name: key for key in keys}
        self.example = example
        self.aliases = aliases
        self.missing = missing or f"{what} needs {{}}"
        self.code = code
        self.bare = bare

    @property
    def help(self) -> dict[str, str]:
        """What each key is, for documentation."""
        return {name: key.help for name, key in self.keys.items()}

    @property
    def form(self) -> Form:
        """The form of a value that is such a mapping; it is read to `RecordFields`."""
        if not self.bare:
            return Form(self.read, self.schema())
        return Form(self.read, {"anyOf": [self.keys[self.bare].form.schema, self.schema()]})

    def read(self, located: Located, problems: list[Problem]) -> RecordFields | None:
        """Read a mapping; None where it is none."""
        if self.bare and not isinstance(located, Mapping):
            key = Scalar(self.bare, True, located.span)
            located = Mapping(((key, located),), located.span)
        if not isinstance(located, Mapping):
            hint = self.example or f"its keys are {', '.join(self.keys)}"
            problems.append(Problem(located.span, self.code, f"{self.what} is a mapping", hint))
            return None
        before = len(problems)
        given = self._match(located, problems)
        values = {
            name: self._value(key, given.get(name), located.span, problems)
            for name, key in self.keys.items()
        }
        return RecordFields(values, given, located.span, len(problems) == before)

    def read_file(self, source: Source) -> tuple[RecordFields, list[Problem]]:
        """Read a whole file. Raises SpecError where there is no such mapping in it."""
        tree, problems = parse_yaml(source)
        if tree is None or is_blank(tree):
            nothing = Problem(
                Span(source, 1, 1, 1), self.code, f"{self.what} is a mapping", self.example
            )
            raise SpecError(problems or [nothing])
        fields = self.read(tree, problems)
        if fields is None:
            raise SpecError(problems)
        return fields, problems

    def _match(self, located: Mapping, problems: list[Problem]) -> dict[str, Located]:
        """Match what is written with the keys; one that is misspelt counts as given."""
        given = {key.text: value for key, value in located.entries if key.text in self.keys}
        for key, value in located.entries:
            if key.text in self.keys:
                continue
            meant = self.aliases.get(key.text.lower()) or nearest(key.text, self.keys)
            hint = did_you_mean(meant) if meant else f"the keys are {', '.join(self.keys)}"
            message = f"'{key.text}' is not a key of {self.what}"
            problems.append(Problem(key.span, "unknown-key", message, hint))
            if meant:
                given.setdefault(meant, value)
        return given

    def _value(self, key: Key, located: Located | None, span: Span, problems: list[Problem]) -> Any:
        if located is None:
            if key.required:
                message = self.missing.format(key.name)
                problems.append(Problem(span, self.code, message, key.example or key.help))
            return key.default
        value = key.form.read(located, problems)
        return key.default if value is None else value

    def schema(self) -> Schema:
        """Make the JSON Schema of such a mapping."""
        return {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                name: {**key.form.schema, "description": key.help}
                for name, key in self.keys.items()
            },
            "required": [name for name, key in self.keys.items() if key.required],
        }

    def document_schema(self, title: str) -> Schema:
        """Make the JSON Schema of a whole file (2020-12)."""
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": title,
            **self.schema(),
        }


# --- forms -----------------------------------------------------------------------------------------------------------

_TEXT: Schema = {"type": ["string", "number", "boolean"]}


def is_blank(located: Located) -> bool:
    """Whether nothing was written: `stride: `, or an empty file."""
    return isinstance(located, Scalar) and located.plain and not located.text


def items_of(located: Located | None) -> tuple[Located, ...]:
    """Give the items of a list; a value alone stands for a list of one, and nothing for none."""
    return () if located is None else located.items if isinstance(located, Sequence) else (located,)


def refuse(
    located: Located, problems: list[Problem], message: str, hint: str = "", code: str = "value"
) -> Any:
    """Add a problem with a value, at its place, and give what stands for no value."""
    problems.append(Problem(located.span, code, message, hint))
    return None


def _read_scalar(located: Located, problems: list[Problem]) -> Any:
    if isinstance(located, Scalar):
        return located
    what = "a list" if isinstance(located, Sequence) else "a mapping"
    hint = "put a text with brackets or braces in quotes"
    return refuse(located, problems, f"a text is expected here, not {what}", hint)


def _read_mapping(located: Located, problems: list[Problem]) -> Any:
    if isinstance(located, Mapping):
        return located
    return refuse(located, problems, "a mapping is expected here", "{name: ...}")


SCALAR = Form(_read_scalar, _TEXT)
"""A text as written, with its place."""

TEXT = SCALAR.then(lambda scalar: scalar.text.strip())
"""A word, a number or a sentence, as written."""

MAPPING = Form(_read_mapping, {"type": "object"})
"""A mapping as written, for what is read later."""

WRITTEN = Form(lambda located, problems: located, {})
"""Anything; the located value itself, for what is read later."""


def written(schema: Schema) -> Form:
    """Accept anything, as WRITTEN does; the schema says what whoever reads it accepts."""
    return WRITTEN._replace(schema=schema)


def parsed(convert: Callable[[str], Any], message: str, hint: str = "", **schema: Any) -> Form:
    """Accept a text that `convert` takes; `message` says what is expected where it raises ValueError.

    `{}` in the message stands for the text. What `convert` may raise with a SpecError is told at the value's place.
    """

    def read(located: Located, problems: list[Problem]) -> Any:
        scalar = _read_scalar(located, problems)
        if scalar is None:
            return None
        text = scalar.text.strip()
        try:
            return convert(text)
        except SpecError as error:
            problem = error.problems[0]
            return refuse(located, problems, problem.message, problem.hint, problem.code)
        except ValueError:
            return refuse(located, problems, message.replace("{}", text), hint)

    return Form(read, schema or _TEXT)


def whole(expected: str, minimum: int = 0, maximum: int = 10**9) -> Form:
    """Accept a whole number in the digits 0 to 9; `expected` is the message where there is none."""

    def convert(text: str) -> int:
        if not re.fullmatch("[0-9]{1,18}", text) or not minimum <= int(text) <= maximum:
            raise ValueError
        return int(text)

    return parsed(convert, expected, type="integer", minimum=minimum, maximum=maximum)


def _is_true(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError(text)
    return text == "true"


def yes_or_no(expected: str) -> Form:
    """Accept true or false; `expected` is the message where there is neither."""
    return parsed(_is_true, expected, type="boolean")


def word(known: Iterable[str], message: str, otherwise: str = "it can be {}") -> Form:
    """Accept a word of a list; `{}` in the message stands for the word that is none."""
    words = tuple(known)

    def read(located: Located, problems: list[Problem]) -> Any:
        text = located.text.strip() if isinstance(located, Scalar) else ""
        if text in words:
            return text
        hint = suggest(text, words, otherwise)
        return refuse(located, problems, message.replace("{}", text), hint)

    return Form(read, {"enum": list(words)})


def each(form: Form) -> Form:
    """Accept a list, or a value alone for a list of one; items with problems are left out."""

    def read(located: Located, problems: list[Problem]) -> tuple[Any, ...]:
        return tuple(
            value for item in items_of(located) if (value := form.read(item, problems)) is not None
        )

    return Form(read, {"anyOf": [{"type": "array", "items": form.schema}, form.schema]})


def listed(form: Form, message: str, hint: str = "") -> Form:
    """Accept a list alone; items with problems are left out."""
    items = each(form)

    def read(located: Located, problems: list[Problem]) -> Any:
        if isinstance(located, Sequence):
            return items.read(located, problems)
        return refuse(located, problems, message, hint)

    return Form(read, {"type": "array", "items": form.schema})


def by_name(form: Form) -> Form:
    """Accept a mapping of names to values of one form; values with problems are left out."""

    def entries(located: Mapping, problems: list[Problem]) -> Iterator[tuple[str, Any]]:
        for key, item in located.entries:
            value = form.read(item, problems)
            if value is not None:
                yield key.text, value

    def read(located: Located, problems: list[Problem]) -> Any:
        mapping = _read_mapping(located, problems)
        return None if mapping is None else dict(entries(mapping, problems))

    return Form(read, {"type": "object", "additionalProperties": form.schema})


def either(scalar: Form, mapping: Form) -> Form:
    """Accept a mapping of one form, or anything else of another."""

    def read(located: Located, problems: list[Problem]) -> Any:
        return (mapping if isinstance(located, Mapping) else scalar).read(located, problems)

    return Form(read, {"anyOf": [scalar.schema, mapping.schema]})


__all__ = [
    "MAPPING",
    "SCALAR",
    "TEXT",
    "WRITTEN",
    "Form",
    "Key",
    "Record",
    "RecordFields",
    "by_name",
    "each",
    "either",
    "is_blank",
    "items_of",
    "listed",
    "parsed",
    "refuse",
    "whole",
    "word",
    "written",
    "yes_or_no",
]
