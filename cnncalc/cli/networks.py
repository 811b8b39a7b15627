"""The networks that a command line asks for: one, several, or AlexNet where none is named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cnncalc.cli import options as opt
from cnncalc.cli.show import say
from cnncalc.network import Network, load

DEFAULT_NETWORK = "alexnet"


def network_or_default(net: str | None) -> str:
    """Return the network asked for; AlexNet where none is, which standard error says."""
    if net is None:
        say(f"no network is named; this is {DEFAULT_NETWORK} (cnncalc list shows the others)")
        return DEFAULT_NETWORK
    return net


def load_each(
    names: Iterable[str],
    input: str | None,
    set: list[str] | None = None,
    source_format: str | None = None,
) -> Iterator[Network]:
    """Load networks, all with the same input and settings; `source_format` is that of those that are files.

    Raises SpecError as `load` does.
    """
    from cnncalc.spec.shipped import network_file

    settings = opt.read_settings(set)
    for name in names:
        of_file = None if network_file(name) is not None else source_format
        yield load(name, input, settings, of_file)


__all__ = ["load_each", "network_or_default"]
