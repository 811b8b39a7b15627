"""The networks that a command line asks for: one, several, or AlexNet where none is named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress

from cnncalc.cli import options as opt
from cnncalc.cli.show import echo_err
from cnncalc.network import Network, load
from cnncalc.text.messages import translate
from cnncalc.text.source import SpecError

DEFAULT_NETWORK = "alexnet"


def network_or_default(net: str | None) -> str:
    """Return the network asked for; AlexNet where none is, which standard error says."""
    if net is None:
        echo_err(f"no network is named; this is {DEFAULT_NETWORK} (cnncalc list shows the others)")
        return DEFAULT_NETWORK
    return net


def load_noted(
    net: str | None,
    input: str | None,
    set: list[str] | None = None,
    source_format: str | None = None,
    lang: str = "en",
) -> Network:
    """Load a network, AlexNet where none is named, and say on standard error what is odd about its input.

    Raises SpecError as `load` does.
    """
    name, settings = network_or_default(net), opt.read_settings(set)
    loaded = load(name, input, settings, source_format)
    own = None
    if input is not None and name != "-":
        with suppress(SpecError):  # a model file may leave its sizes open, and have none of its own
            own = load(name, None, settings, source_format)
    say_input_notes(loaded, own, lang)
    return loaded


def say_input_notes(net: Network, own: Network | None = None, lang: str = "en") -> None:
    """Say on standard error what is odd about an input; `own` has the spec's, where another is asked for."""
    from cnncalc.counts.notes import input_notes

    for note in input_notes(net, own):
        echo_err(f"{net.name}: {translate('note: {note}', lang, note=note.message)}")


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


__all__ = ["load_each", "load_noted", "network_or_default", "say_input_notes"]
