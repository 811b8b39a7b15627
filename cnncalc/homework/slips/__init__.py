"""The slips: every way to go wrong that has a name, in the contract's order, likeliest first."""

from __future__ import annotations

from functools import cache

from cnncalc.homework.slips import memory, operations, parameters, reading, receptive, size
from cnncalc.homework.slips.base import GROUPS, Said, Slip

_AFTER_USED_INPUT = (
    next(at for at, slip in enumerate(size.SLIPS) if slip.name == "used-layer-input") + 1
)

SLIPS: dict[str, Slip] = {
    slip.name: slip
    for slip in (
        *size.SLIPS[:_AFTER_USED_INPUT],
        reading.OTHER_INPUT,
        *size.SLIPS[_AFTER_USED_INPUT:],
        *parameters.SLIPS,
        *operations.SLIPS,
        *memory.SLIPS,
        *receptive.SLIPS,
        *reading.SLIPS,
    )
}
"""Every slip by its name."""

_ORDER: dict[str, tuple[str, ...]] = {
    "operations": (
        "flops-for-macs",
        "macs-for-flops",
        "no-positions",
        "input-positions",
        "no-input-depth",
        "no-filters",
        "no-groups",
        "bias-counted",
        "conv-for-transpose",
    )
}
"""The order within a group where some of its slips stand in another group's list."""

OWN_GROUPS: dict[str, str] = {
    "output": "size",
    "weights": "parameters",
    "biases": "parameters",
    "params": "parameters",
    "macs": "operations",
    "flops": "operations",
    "activations": "size",
    "memory": "memory",
    "receptive_field": "receptive",
}
"""The group of slips that each quantity has of its own."""

CONSEQUENCES: dict[str, tuple[str, ...]] = {
    "macs": ("size",),
    "flops": ("size",),
    "memory": ("size",),
}
"""Another group whose slips show in a quantity: a wrong size makes wrong MACs."""


@cache
def slips_of(group: str) -> tuple[Slip, ...]:
    """The slips of a group, likeliest first."""
    found = [slip for slip in SLIPS.values() if group in slip.groups]
    order = _ORDER.get(group)
    return tuple(found if order is None else sorted(found, key=lambda slip: order.index(slip.name)))


__all__ = ["CONSEQUENCES", "GROUPS", "OWN_GROUPS", "SLIPS", "Said", "Slip", "slips_of"]
