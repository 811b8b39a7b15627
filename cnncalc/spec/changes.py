"""Fields of single layers that are changed from outside: `--set conv1.stride=2`, of what the walk sees."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from cnncalc.ops.base import Op
from cnncalc.spec.overrides import read_value
from cnncalc.text.expressions import Value
from cnncalc.text.source import Problem, SpecError
from cnncalc.text.suggest import suggest, suggest_any


class FieldChange(NamedTuple):
    """Another value for one field of one layer, and where it was given."""

    layer: str
    field: str
    value: Value
    problem: Problem

    def error(self, message: str, hint: str = "") -> SpecError:
        """Make the error that this change leads to."""
        return SpecError([self.problem._replace(message=message, hint=hint)])


class Changes:
    """The changes of a walk, by layer; each is to be used."""

    def __init__(self, changes: Iterable[FieldChange] = ()) -> None:
        self.waiting: dict[str, list[FieldChange]] = {}
        for change in changes:
            self.waiting.setdefault(change.layer, []).append(change)
        self.any = bool(self.waiting)

    def take(self, layer: str, op: type[Op]) -> dict[str, FieldChange]:
        """Take the changes of a layer, by field. Raises SpecError for a field that its op does not have."""
        taken = {change.field: change for change in self.waiting.pop(layer, ())}
        known = [field.name for field in op.fields]
        for field, change in taken.items():
            if field not in known:
                hint = suggest(field, known, "it has {}") if known else f"{op.kind} has no fields"
                raise change.error(f"'{field}' is not a field of {layer} ({op.kind})", hint)
        return taken

    def check_used(self, names: Iterable[str]) -> None:
        """Raise SpecError for a change of a layer that there is not."""
        for changes in self.waiting.values():
            change = changes[0]
            hint = suggest_any(change.layer, tuple(names), "cnncalc shapes NET --all lists them")
            raise change.error(f"the network has no layer '{change.layer}'", hint)


def read_change(name: str, value: Any) -> FieldChange:
    """Read `LAYER.FIELD` and a value. Raises SpecError for what is no value."""
    layer, _, field = name.rpartition(".")
    read, problem = read_value(name, value)
    return FieldChange(layer, field, read, problem)


__all__ = ["Changes", "FieldChange", "read_change"]
