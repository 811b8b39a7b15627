"""The JSON Schema of a spec, made from the same declarations that validate one; editors' YAML plug-ins use it."""

from __future__ import annotations

from typing import Any

from cnncalc.ops import OPS
from cnncalc.ops.base import Op
from cnncalc.spec.blocks import BLOCK
from cnncalc.spec.claim import claim_schema
from cnncalc.spec.compile import ACTIVATION, has_activation
from cnncalc.spec.file import SPEC
from cnncalc.spec.layers import COMBINATORS, COMMON_FIELDS, SpecParameter
from cnncalc.spec.shipped import block_names
from cnncalc.text.records import Schema

_EXPRESSION = {"type": "string", "description": "an expression over the parameters in scope"}
_OWN = {"type": "null", "description": "the parameter of this name"}
_VALUE: dict[str, Any] = {"type": ["number", "boolean", "string", "array", "null"]}
_CONDITION = {"type": ["boolean", "string"]}
_NAME = {"type": ["string", "number", "boolean"]}
_LAYERS = {"$ref": "#/$defs/layers"}
_SEQUENCE = {"type": "array", "items": {"$ref": "#/$defs/step"}, "minItems": 1}
_DEFAULTS = {"defaults": {"$ref": "#/$defs/defaults"}}
_TAGS: dict[str, Any] = {"anyOf": [_NAME, {"type": "array", "items": _NAME}]}
_BRANCHES = {"type": "array", "items": {"$ref": "#/$defs/branch"}, "minItems": 1}


def spec_schema() -> Schema:
    """Give the schema of a whole spec file (JSON Schema 2020-12)."""
    return {
        **SPEC.document_schema("cnncalc spec"),
        "$defs": {
            "layers": {"type": ["array", "null"], "items": {"$ref": "#/$defs/step"}},
            "step": {"anyOf": [{"$ref": "#/$defs/layer"}, _SEQUENCE]},
            "branch": {
                "anyOf": [
                    _LAYERS,
                    {
                        "type": "object",
                        "required": ["layers"],
                        "additionalProperties": False,
                        "properties": {"when": _CONDITION, "layers": _LAYERS, **_DEFAULTS},
                    },
                ]
            },
            "layer": _layer(),
            "defaults": _defaults(),
            "params": {"type": ["object", "null"], "additionalProperties": _VALUE},
            "block": {**BLOCK.schema(), "required": ["layers"]},
            "claim": claim_schema(),
        },
    }


def _layer() -> dict[str, Any]:
    """Make the schema of a layer: a word, alone or with its fields and a `when`; a file's own blocks are open."""
    words: dict[str, Any] = {name: _op(op) for name, op in OPS.items()}
    words.update(_combinators())
    words.update({name: _block(name) for name in block_names()})
    properties = {**words, "when": {**_CONDITION, "description": COMMON_FIELDS["when"]}}
    return {
        "anyOf": [
            {"enum": list(words), "description": "a word alone"},
            {"type": "string"},
            {"type": "object", "minProperties": 1, "maxProperties": 2, "properties": properties},
        ]
    }


def _common() -> dict[str, Any]:
    values: dict[str, Any] = {
        "name": _NAME,
        "from": {"anyOf": [_NAME, {"type": "array", "items": _NAME}]},
        "share": _NAME,
        "tags": _TAGS,
        "when": _CONDITION,
    }
    return {key: {**value, "description": COMMON_FIELDS[key]} for key, value in values.items()}


def _fields(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": properties,
    }


def _field_schemas(op: type[Op]) -> dict[str, Any]:
    """Make the schemas of an op's fields, by the names that other tools give them too; each may be an expression."""
    schemas: dict[str, Any] = {}
    for field in op.fields:
        schema = {"description": field.help, "anyOf": [field.kind.schema(), _EXPRESSION, _OWN]}
        schemas[field.name] = schema
        for alias in field.aliases:
            schemas[alias] = {
                **schema,
                "description": f"here it is called {field.name}",
                "deprecated": True,
            }
    return schemas


def _op(op: type[Op]) -> dict[str, Any]:
    """Make the schema of an op's forms. No field is required, as `defaults` may give it."""
    properties = _field_schemas(op)
    own = dict(properties)
    if op.merges:
        own["branches"] = _BRANCHES
    if has_activation(op.kind):
        own[ACTIVATION] = {"type": "string", "description": "a layer behind this one"}
    forms: list[dict[str, Any]] = [_fields({**_common(), **own}), {"type": "null"}]
    if op.bare:
        forms.append(own[op.bare])
    return {"description": op.help, "anyOf": forms}


def _defaults() -> dict[str, Any]:
    """Field values, and tags, by the op that they are for."""
    properties: dict[str, Any] = {}
    for name, op in OPS.items():
        if not op.merges:
            schemas = _field_schemas(op)
            forms = [_fields({**schemas, "tags": _TAGS})]
            properties[name] = {"anyOf": [*forms, schemas[op.bare]] if op.bare else forms}
    return {"type": ["object", "null"], "properties": properties}


def _combinators() -> dict[str, Any]:
    branch = {"$ref": "#/$defs/branch"}
    inside = {**_common(), "layers": _LAYERS, **_DEFAULTS}
    repeat = _fields({**inside, "times": {"type": ["integer", "string"]}}, "times", "layers")
    residual = _fields({**inside, "shortcut": branch, "skip": _CONDITION}, "layers")
    forms: dict[str, list[dict[str, Any]]] = {
        "repeat": [repeat],
        "residual": [_LAYERS, residual],
        "side": [_LAYERS, _fields(inside, "layers")],
    }
    return {name: {"description": COMBINATORS[name], "anyOf": forms[name]} for name in COMBINATORS}


def _block(name: str) -> dict[str, Any]:
    """Make the schema of a block of the library; as a file may replace it, it takes other parameters too."""
    from cnncalc.spec.blocks import library_block

    parameters: tuple[SpecParameter, ...] = library_block(name).parameters
    properties = {parameter.name: _VALUE for parameter in parameters}
    return {
        "description": f"the block {name}",
        "anyOf": [_VALUE, {"type": "object", "properties": {**_common(), **properties}}],
    }
