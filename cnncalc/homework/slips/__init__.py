"""The slips: every way to go wrong that has a name, likeliest first within a group.

Importing a module registers its slips; the order of the imports is the order in which groups share slips.
"""

from __future__ import annotations

from functools import cache

from cnncalc.homework.slips import size  # isort: skip
from cnncalc.homework.slips import operations  # isort: skip
from cnncalc.homework.slips import parameters  # isort: skip
from cnncalc.homework.slips import memory  # isort: skip
from cnncalc.homework.slips import receptive  # isort: skip
from cnncalc.homework.slips import reading  # isort: skip
from cnncalc.homework.slips.base import GROUPS, SLIPS, Slip, Surroundings


@cache
def slips_of(group: str, quantity: str | None = None) -> tuple[Slip, ...]:
    """Give the slips of a group, likeliest first; with a quantity those that can be made with it."""
    return tuple(
        slip
        for slip in SLIPS.values()
        if group in slip.groups and (quantity is None or slip.is_about(quantity))
    )


__all__ = [
    "GROUPS",
    "SLIPS",
    "Slip",
    "Surroundings",
    "memory",
    "operations",
    "parameters",
    "reading",
    "receptive",
    "size",
    "slips_of",
]
