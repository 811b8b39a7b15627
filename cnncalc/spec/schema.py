"""The JSON Schema of a spec, made from the same declarations that validate one; editors' YAML plug-ins use it."""

from __future__ import annotations

from typing import Any

from cnncalc.ops import OPS
from cnncalc.ops.base import Op
from cnncalc.spec.blocks import BLOCK
from cnncalc.spec.claim import claim_schema
from cnncalc.spec.file import SPEC
from cnncalc.spec.layers import COMBINATORS, COMMON_FIELDS, Parameter
from cnncalc.spec.shipped import block_names
from cnncalc.text.records import Schema

_EXPRESSION = {"type": "string", "description": "an expression over the parameters in scope"}
_VALUE: dict[str, Any] = {"type": ["number", "boolean", "string", "array", "null"]}
_CONDITION = {"type": ["boolean", "string"]}
_NAME = {"type": ["string", "number", "boolean"]}
_LAYERS = {"$ref": "#/$defs/layers"}
_BRANCHES = {"type": "array", "items": {"$ref": "#/$defs/branch"}, "minItems": 1}


def spec_schema() -> Schema:
    """Give the schema of a whole spec file (JSON Schema 2020-12)."""
    return {
        **SPEC.document_schema("cnncalc spec"),
        "$defs": {
            "layers": {"type": ["array", "null"], "items": {"$ref": "#/$defs/layer"}},
            "branch": {
                "anyOf": [
                    _LAYERS,
                    {
                        "type": "object",
                        "required": ["layers"],
                        "additionalProperties": False,
                        "properties": {"when": _CONDITION, "layers": _LAYERS},
                    },
                ]
            },
            "layer": _layer(),
            "params": {"type": ["object", "null"], "additionalProperties": _VALUE},
            "block": {**BLOCK.schema(), "required": ["layers"]},
            "claim": claim_schema(),
        },
    }


def _layer() -> dict[str, Any]:
    """A layer: a word, or a word with its fields and perhaps a `when`; a file's own blocks are open."""
    words: dict[str, Any] = {name: _op(op) for name, op in OPS.items()}
    words.update(_combinators())
    words.update({name: _block(name) for name in block_names()})
    properties = {**words, "when": {**_CONDITION, "description": "only where this is true"}}
    return {
        "anyOf": [
            {"type": "string"},
            {"type": "object", "minProperties": 1, "maxProperties": 2, "properties": properties},
        ]
    }


def _common() -> dict[str, Any]:
    values: dict[str, Any] = {
        "name": _NAME,
        "from": {"anyOf": [_NAME, {"type": "array", "items": _NAME}]},
        "share": _NAME,
        "tags": {"anyOf": [_NAME, {"type": "array", "items": _NAME}]},
    }
    return {key: {**value, "description": COMMON_FIELDS[key]} for key, value in values.items()}


def _op(op: type[Op]) -> dict[str, Any]:
    """An op's fields; each may be an expression."""
    properties: dict[str, Any] = {
        field.name: {"description": field.help, "anyOf": [field.kind.schema(), _EXPRESSION]}
        for field in op.fields
    }
    if op.merges:
        properties["branches"] = _BRANCHES
    required = [field.name for field in op.fields if field.required]
    fields = {
        "type": "object",
        "additionalProperties": False,
        "properties": {**_common(), **properties},
        "required": required,
    }
    forms: list[dict[str, Any]] = [fields]
    if op.bare:
        forms.append(properties[op.bare])
    if not required:
        forms.append({"type": "null"})
    return {"description": op.help, "anyOf": forms}


def _combinators() -> dict[str, Any]:
    def fields(required: list[str], **properties: Any) -> dict[str, Any]:
        return {
            "type": "object",
            "additionalProperties": False,
            "required": required,
            "properties": {**_common(), **properties},
        }

    branch = {"$ref": "#/$defs/branch"}
    forms: dict[str, list[dict[str, Any]]] = {
        "repeat": [
            fields(["times", "layers"], times={"type": ["integer", "string"]}, layers=_LAYERS)
        ],
        "residual": [_LAYERS, fields(["layers"], layers=_LAYERS, shortcut=branch, skip=_CONDITION)],
        "side": [_LAYERS, fields(["layers"], layers=_LAYERS)],
    }
    return {
        name: {"description": COMBINATORS[name], "anyOf": listed} for name, listed in forms.items()
    }


def _block(name: str) -> dict[str, Any]:
    """A block of the library; a file may replace it, so that its parameters are named but not closed."""
    from cnncalc.spec.blocks import library_block

    parameters: tuple[Parameter, ...] = library_block(name).parameters
    properties = {parameter.name: _VALUE for parameter in parameters}
    return {
        "description": f"the block {name}",
        "anyOf": [_VALUE, {"type": "object", "properties": {**_common(), **properties}}],
    }
