"""What stands under a layer's word, sorted into the fields that the op or block has.

A field may go by the name that PyTorch or Keras gives it, where that means the same. A field without a value takes the
parameter of its name: `{filters, kernel: 3}` is `{filters: filters, kernel: 3}` where `filters` is a parameter. A field
that is misspelt is reported and counts as given, so that one slip is one problem and later layers are still checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from cnncalc.ops import FIELD_ALIASES
from cnncalc.ops.fields import broken_problem
from cnncalc.spec.layers import COMMON_FIELDS
from cnncalc.text.records import is_blank
from cnncalc.text.source import Problem
from cnncalc.text.suggest import did_you_mean, nearest
from cnncalc.text.yaml_tree import Located, Mapping, Scalar

LEFT_OUT = {
    **dict.fromkeys(
        ("in_channels", "in_features", "num_features", "normalized_shape", "input_shape"),
        "what arrives says it",
    ),
    **dict.fromkeys(
        ("inplace", "eps", "epsilon", "momentum", "padding_mode", "data_format"),
        "it changes no shape and no count",
    ),
    **dict.fromkeys(
        ("kernel_initializer", "bias_initializer", "kernel_regularizer", "bias_regularizer"),
        "it changes no shape and no count",
    ),
}
"""Fields of PyTorch and Keras that have no counterpart here, and why none is needed."""


class Entries(NamedTuple):
    """The fields that were given, by their names here, and whether nothing is missing or wrong.

    `synonyms` are those that went by another tool's name.
    """

    given: dict[str, Located]
    complete: bool
    synonyms: tuple[str, ...] = ()


class FieldNames(NamedTuple):
    """The fields that a word has, those that must be given, and the names that other tools have for them."""

    known: tuple[str, ...]
    required: tuple[str, ...] = ()
    synonyms: dict[str, str] = {}  # noqa: RUF012


def fields_of(
    word: Scalar,
    value: Located | None,
    bare: str | None,
    names: FieldNames,
    problems: list[Problem],
) -> Mapping | None:
    """Give the fields as a mapping; a bare value becomes the field that it stands for. None after a problem."""
    if isinstance(value, Mapping):
        return value
    if value is None or is_blank(value):
        return Mapping((), word.span)
    if bare is not None:
        return Mapping(((Scalar(bare, True, value.span), value),), value.span)
    shown = ", ".join(f"{name}: ..." for name in names.required[:2])
    hint = f"write its fields: {word.text}: {{{shown}}}"
    if not shown:
        hint = f"write just {word.text}; its sizes are those of what arrives"
    message = f"{word.text} takes no bare value"
    problems.append(Problem(value.span, "bare-value", message, hint))
    return None


def match_fields(
    word: Scalar,
    fields: Mapping,
    names: FieldNames,
    parameters: frozenset[str],
    problems: list[Problem],
) -> Entries:
    """Sort what was written into the known fields; an unknown one is reported with what it may stand for."""
    if not fields.entries and not names.required:
        return Entries({}, True)
    given = _plainly_given(fields, names)
    if given is not None and all(name in given for name in names.required):
        return Entries(given, True)
    return _Matching(word, names, parameters, problems).entries(fields)


def _plainly_given(fields: Mapping, names: FieldNames) -> dict[str, Located] | None:
    """Give the fields where each goes by its name here and has a value in one piece, as nearly all do; else None."""
    given: dict[str, Located] = {}
    for key, value in fields.entries:
        if isinstance(value, Scalar) and (not value.text or "(" in value.text):
            return None
        if key.text in names.known:
            given[key.text] = value
        elif key.text not in COMMON_FIELDS:
            return None
    return given


class _Matching:
    def __init__(
        self, word: Scalar, names: FieldNames, parameters: frozenset[str], problems: list[Problem]
    ) -> None:
        self.word = word
        self.names = names
        self.parameters = parameters
        self.problems = problems
        self.given: dict[str, Located] = {}
        self.broken: set[str] = set()

    def entries(self, fields: Mapping) -> Entries:
        others: list[tuple[Scalar, Located]] = []
        for key, value in entries_rejoined(fields, self.problems):
            if value is None:
                self.broken.add(key.text)
            elif key.text in self.names.known:
                takes_parameter = key.text in self.parameters and is_blank(value)
                self.given[key.text] = key if takes_parameter else value
            elif key.text not in COMMON_FIELDS:
                others.append((key, value))
        synonyms = []
        for key, value in others:
            name = self.names.synonyms.get(key.text.lower(), "")
            if name in self.free():
                synonyms.append(name)
            else:
                name = self.unknown(key, value) or ""
            if name:
                self.given[name] = _after_sign(key, value) or value
        return Entries(self.given, self.is_complete(fields), tuple(synonyms))

    def free(self) -> list[str]:
        """Give the fields that are not given yet."""
        return [
            name for name in self.names.known if name not in self.given and name not in self.broken
        ]

    def is_complete(self, fields: Mapping) -> bool:
        gone = [name for name in self.names.required if name not in self.given]
        missing = [name for name in gone if name not in self.broken]
        if missing:
            word, shown = self.word, ", ".join(f"{name}: ..." for name in missing)
            self.problems.append(
                Problem(
                    word.span,
                    "missing-field",
                    f"{word.text} needs {' and '.join(map(repr, missing))}",
                    f"add {shown}" if fields.entries else f"write {word.text}: {{{shown}}}",
                )
            )
        return not missing and not self.broken

    def unknown(self, key: Scalar, value: Located) -> str | None:
        """Report an unknown field; returns the field that it most likely stands for."""
        after = _after_sign(key, value)
        if after is not None:
            name = key.text[: after.span.column - key.span.column].rstrip(":= ")
            hint = f"write {name}: {after.text}, with a space after the ':'"
            return self.told(key, f"a ': ' is missing in '{key.text}'", hint, name)
        message = f"'{key.text}' is not a field of {self.word.text}"
        alias = self.alias(key.text.lower())
        if alias is not None:
            free = alias in COMMON_FIELDS or alias in self.free()
            end = "" if free else ", which is given too"
            return self.told(key, f"{message}; here it is called '{alias}'{end}", "", alias)
        if key.text in LEFT_OUT:
            return self.told(key, message, f"leave it out: {LEFT_OUT[key.text]}", "")
        synonyms = self.names.synonyms
        close = nearest(key.text, [*self.free(), *COMMON_FIELDS])
        close = close or nearest(key.text, [*self.names.known, *synonyms])
        if close:
            meant = synonyms.get(close, close)
            return self.told(key, f"{message}; {did_you_mean(meant)}", "", meant)
        has = ", ".join([*self.names.known, *COMMON_FIELDS])
        return self.told(key, message, f"it has {has}", "")

    def told(self, key: Scalar, message: str, hint: str, meant: str) -> str | None:
        """Report an unknown field; gives back what it stands for, where that is not given yet."""
        self.problems.append(Problem(key.span, "unknown-field", message, hint))
        return meant if meant in self.free() else None

    def alias(self, word: str) -> str | None:
        """Find the field that goes by another name elsewhere, those that are not given first."""
        if word in self.names.synonyms:
            return self.names.synonyms[word]
        candidates = [*self.free(), *self.names.known, *COMMON_FIELDS]
        return next((name for name in candidates if word in FIELD_ALIASES.get(name, ())), None)


def entries_rejoined(
    fields: Mapping, problems: list[Problem]
) -> Iterator[tuple[Scalar, Located | None]]:
    """Give the entries; None for the value of one that a comma broke: `{filters: min(8, 4)}` has a key `4)`."""
    begun = False
    for index, (key, value) in enumerate(fields.entries):
        if begun and is_blank(value):
            begun = key.text.count(")") <= key.text.count("(")
            continue
        begun = index + 1 < len(fields.entries) and _is_cut(value, fields.entries[index + 1][1])
        if begun:
            rest = [entry[0] for entry in fields.entries[index + 1 :]]
            problems.append(_broken(value, rest))
        yield key, None if begun else value


def _is_cut(value: Located, following: Located) -> bool:
    """Whether a comma ended a value early: a bracket is open, and the next key has no value."""
    return (
        isinstance(value, Scalar)
        and "(" in value.text
        and value.plain
        and value.text.count("(") > value.text.count(")")
        and is_blank(following)
    )


def _broken(begun: Located, rest: list[Scalar]) -> Problem:
    """Make the problem of a value that commas broke: a list in round brackets, or an expression."""
    assert isinstance(begun, Scalar)
    ends = [key.text.count(")") > key.text.count("(") for key in rest]
    end = ends.index(True) if True in ends else 0
    whole = ", ".join([begun.text, *(key.text for key in rest[: end + 1])])
    problem = broken_problem(begun, rest[end])
    if not re.fullmatch(r"\(\s*\w+(\s*,\s*\w+)*\s*,?\s*\)", whole):
        return problem
    hint = f"write [{whole.strip('( ,)')}]"
    return problem._replace(message="a list is written in square brackets", hint=hint)


def _after_sign(key: Scalar, value: Located) -> Scalar | None:
    """Find what stands after the sign in a key that swallowed its value: the 3 of `filters:3` and `filters=3`."""
    match = re.fullmatch(r"\w+ ?[:=] ?(\S.*)", key.text) if is_blank(value) else None
    if match is None:
        return None
    return key._replace(text=match[1], span=key.span.part(match.start(1), len(match[1])))
