"""Claims: what a source prints of a network, as a spec states it."""

from __future__ import annotations

from typing import Any, NamedTuple

from cnncalc.spec.quantities import ASKED
from cnncalc.text.limits import limit
from cnncalc.text.records import (
    SCALAR,
    TEXT,
    Form,
    Key,
    Record,
    Schema,
    by_name,
    is_blank,
    listed,
    refuse,
)
from cnncalc.text.source import Problem, Span
from cnncalc.text.yaml_tree import Located, Mapping, Scalar, Sequence

STORIES = ("erratum", "near", "not-computable")
"""Why a claim is not met: the source is wrong; it says the number roughly, cut, or as a budget; nothing says what it
counted."""


class Claim(NamedTuple):
    """What a source prints of the network: one quantity as written.

    `story` says of a number that is not met why that is so, and is one of STORIES; `why` tells it. `variant` is the
    variant of the network that the claim is of.
    """

    quantity: str
    written: Scalar
    source: str
    settings: tuple[tuple[str, Scalar], ...]
    input: Scalar | None
    convention: str | None
    story: str | None
    why: str
    places: dict[str, Span] = {}  # noqa: RUF012
    """Where the value of each of its keys stands."""
    variant: Scalar | None = None


def _read_printed(located: Located, problems: list[Problem]) -> Any:
    if isinstance(located, Scalar) and not is_blank(located):
        return located
    message = "what is printed is expected here, as one text"
    return refuse(located, problems, message, "such as 138M or 7x7x512", "claims")


def _read_setting(located: Located, problems: list[Problem]) -> Any:
    """Read a value that a claim sets as text; a list as `[1, 2]`."""
    if isinstance(located, Scalar):
        return located
    items = located.items if isinstance(located, Sequence) else ()
    if not items or not all(isinstance(item, Scalar) for item in items):
        return refuse(located, problems, "a number, a word or a list of these is expected here")
    text = ", ".join(item.text for item in items if isinstance(item, Scalar))
    return Scalar(f"[{text}]", True, located.span)


_PRINTED: Schema = {"type": ["string", "number"]}
_VALUE: Schema = {"type": ["number", "boolean", "string", "array"]}

CLAIM = Record(
    "a claim",
    *(
        Key(quantity, Form(_read_printed, _PRINTED), f"the {quantity.replace('_', ' ')} printed")
        for quantity in ASKED
    ),
    Key("source", TEXT, "where it is printed, such as a table of the paper", ""),
    Key("set", by_name(Form(_read_setting, _VALUE)), "other values for the parameters", {}),
    Key("input", SCALAR, "another input"),
    Key("variant", SCALAR, "the variant of the network that it is of"),
    Key("convention", TEXT, "the convention that counts as the source does"),
    Key("erratum", TEXT, "why the source is wrong: the claim must not be met"),
    Key("near", TEXT, "why it is not met without being wrong: cut, said roughly, a budget"),
    Key("not-computable", TEXT, "why it cannot be told what the source counted"),
    example='such as {params: 138M, source: "Table 2"}',
    code="claims",
)


def claim_schema() -> Schema:
    """Give the JSON Schema of a claim."""
    return {**CLAIM.schema(), "oneOf": [{"required": [quantity]} for quantity in ASKED]}


def _read_claim(located: Located, problems: list[Problem]) -> Any:
    fields = CLAIM.read(located, problems)
    if fields is None:
        return None
    quantities = [quantity for quantity in ASKED if quantity in fields.given]
    if len(quantities) != 1:
        if quantities or fields.complete:
            problems.append(_not_one(located, quantities))
        return None
    quantity = quantities[0]
    stories = [story for story in STORIES if fields[story] is not None]
    if len(stories) > 1:
        message = f"a claim says one of {', '.join(STORIES)}, not {len(stories)}"
        problems.append(Problem(fields.given[stories[1]].span, "claims", message))
    if fields[quantity] is None:
        return None
    story = stories[0] if stories else None
    return Claim(
        quantity,
        fields[quantity],
        fields["source"],
        tuple(fields["set"].items()),
        fields["input"],
        fields["convention"],
        story,
        "" if story is None else fields[story],
        {name: value.span for name, value in fields.given.items()},
        fields["variant"],
    )


def _not_one(located: Located, quantities: list[str]) -> Problem:
    message = (
        f"a claim is of one quantity, not of {len(quantities)}"
        if quantities
        else "this claim has no quantity"
    )
    keys = [key for key, _ in located.entries] if isinstance(located, Mapping) else []
    others = [key.span for key in keys if key.text in ASKED][1:]
    hint = f"the quantities are {', '.join(ASKED)}"
    return Problem((others or [located.span])[0], "claims", message, hint)


MAX_CLAIMS = limit(1000)


def _read_claims(located: Located, problems: list[Problem]) -> Any:
    claims = _LISTED.read(located, problems)
    if claims is not None and len(claims) > MAX_CLAIMS:
        message = f"there are more than the limit of {MAX_CLAIMS:,} claims"
        return refuse(located, problems, message, code="limit")
    return claims


_LISTED = listed(
    Form(_read_claim, {"$ref": "#/$defs/claim"}),
    "claims: a list is expected",
    'such as claims: [{params: 138M, source: "Table 2"}]',
)
CLAIMS = Form(_read_claims, _LISTED.schema)
"""The claims of a spec; the schema's definitions have `claim`."""


__all__ = ["CLAIM", "CLAIMS", "STORIES", "Claim", "claim_schema"]
