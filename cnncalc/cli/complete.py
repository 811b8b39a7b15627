"""What a shell completes: names of networks, of their layers, of quantities."""

from __future__ import annotations

from typing import Any


def complete_network(incomplete: str) -> list[str]:
    """Networks that start so."""
    from cnncalc.network import networks

    return [name for name in networks() if name.startswith(incomplete)]


def complete_layer(ctx: Any, incomplete: str) -> list[str]:
    """Layers of the network already typed that start so."""
    from cnncalc.network import load
    from cnncalc.text.source import SpecError

    net = ctx.params.get("net")
    if not net or net == "-":
        return []
    try:
        names = ("total", *load(net).layer_names)
    except SpecError:
        return []
    return [name for name in names if name.startswith(incomplete)]


def complete_quantity(incomplete: str) -> list[str]:
    """Quantities that start so."""
    from cnncalc.spec.quantities import ASKED

    return [name for name in ASKED if name.startswith(incomplete)]


def complete_convention(incomplete: str) -> list[str]:
    """Conventions that start so."""
    from cnncalc.spec.shipped import data_files

    return [name for name in data_files("conventions") if name.startswith(incomplete)]


def complete_table(incomplete: str) -> list[str]:
    """List printed tables that start so."""
    from cnncalc.spec.shipped import data_files

    return [
        path.stem for path in data_files("lectures").values() if path.stem.startswith(incomplete)
    ]
