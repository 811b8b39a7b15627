"""What a shell completes: names of networks, of their layers, of quantities, and the values of options."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any


def starting(names: Iterable[str], incomplete: str) -> list[str]:
    """Those of some names that go on from what is typed."""
    return [name for name in names if name.startswith(incomplete)]


def one_of(names: Callable[[], Iterable[str]]) -> Callable[[str], list[str]]:
    """Make the completion of an option that takes one of some words, which are asked for when a shell completes."""

    def complete(incomplete: str) -> list[str]:
        """Those of the words that start so."""
        return starting(names(), incomplete)

    return complete


def some_of(names: Callable[[], Iterable[str]]) -> Callable[[str], list[str]]:
    """Make the completion of an option that takes several of some words, with commas between them."""

    def complete(incomplete: str) -> list[str]:
        """Return what is typed, with those of the words that may come next."""
        before, comma, last = incomplete.rpartition(",")
        given = before.split(",")
        return [before + comma + name for name in starting(names(), last) if name not in given]

    return complete


def complete_network(incomplete: str) -> list[str]:
    """Networks that start so."""
    from cnncalc.network import networks

    return starting(networks(), incomplete)


def complete_layer(ctx: Any, incomplete: str) -> list[str]:
    """Layers of the network already typed that start so."""
    return starting(_parts_of(_network_typed(ctx)), incomplete)


def _network_typed(ctx: Any) -> str | None:
    """Return the network of a line; behind an option that still lacks its value, arguments are not yet sorted out."""
    left = getattr(ctx, "args", None) or (None,)
    return ctx.params.get("net") or ctx.params.get("network") or left[0]


def _parts_of(net: str | None) -> tuple[str, ...]:
    """Return the layers of a network, and `total`; nothing where there is no such network."""
    from cnncalc.network import load
    from cnncalc.text.source import SpecError

    if not net or net == "-":
        return ()
    try:
        return ("total", *load(net).layer_names)
    except SpecError:
        return ()


def complete_quantity(incomplete: str) -> list[str]:
    """Quantities that start so."""
    return starting(_asked(), incomplete)


def _asked() -> tuple[str, ...]:
    from cnncalc.spec.quantities import ASKED

    return ASKED


def complete_answer(ctx: Any, incomplete: str) -> list[str]:
    """Return what `check` takes next: a network, its layer, a quantity; nothing where sheets or numbers come."""
    typed = ctx.params.get("answers") or ()
    if ctx.params.get("homework") or len(typed) > 2:
        return []
    if not typed:
        return complete_network(incomplete)
    names = _parts_of(typed[0]) if len(typed) == 1 else _asked()
    return starting(names, incomplete)


def complete_rows(ctx: Any, incomplete: str) -> list[str]:
    """Layers of the network that `check` grades, with commas between them."""
    typed = (*(ctx.params.get("answers") or ()), *(getattr(ctx, "args", None) or ()))
    return some_of(lambda: _parts_of(typed[0] if typed else None))(incomplete)


def complete_setting(ctx: Any, incomplete: str) -> list[str]:
    """`NAME=` for each parameter of the network already typed."""
    from cnncalc.network import find_network
    from cnncalc.spec.file import Spec
    from cnncalc.text.source import SpecError

    net = _network_typed(ctx)
    if not net or net == "-":
        return []
    try:
        spec = find_network(net)
    except SpecError:
        return []
    parameters = spec.parameters if isinstance(spec, Spec) else ()
    return starting((f"{parameter.name}=" for parameter in parameters), incomplete)


def complete_convention(incomplete: str) -> list[str]:
    """Conventions that start so."""
    from cnncalc.spec.shipped import data_files

    return starting(data_files("conventions"), incomplete)


def complete_table(incomplete: str) -> list[str]:
    """List printed tables that start so."""
    from cnncalc.spec.shipped import data_files

    return starting((path.stem for path in data_files("lectures").values()), incomplete)


def complete_file(incomplete: str) -> list[str]:
    """YAML files, and the folders on the way to them, that start so."""
    from pathlib import Path

    folder = Path(incomplete).parent if not incomplete.endswith("/") else Path(incomplete)
    if not folder.is_dir():
        return []
    listed = sorted(folder.iterdir())
    files = [str(path) for path in listed if path.suffix in (".yaml", ".yml")]
    return starting(files + [f"{path}/" for path in listed if path.is_dir()], incomplete)


def _dtypes() -> Iterable[str]:
    from cnncalc.report.memory import DTYPES

    return DTYPES


def _optimizers() -> Iterable[str]:
    from cnncalc.report.memory import OPTIMIZERS

    return OPTIMIZERS


def _languages() -> Iterable[str]:
    from cnncalc.text.messages import LANGUAGES

    return LANGUAGES


def _formats() -> Iterable[str]:
    from cnncalc.tables import FORMATS

    return FORMATS


def _tools() -> Iterable[str]:
    from cnncalc.models import FORMATS

    return FORMATS


def _written() -> Iterable[str]:
    from cnncalc.models.writers import WRITERS

    return WRITERS


def _bounded() -> Iterable[str]:
    from cnncalc.spec.bounds import BOUNDED

    return BOUNDED


def _styles() -> Iterable[str]:
    from cnncalc.draw.glyphs import STYLES

    return STYLES


def _themes() -> Iterable[str]:
    from cnncalc.draw.theme import THEMES

    return THEMES


def _quiz_formats() -> Iterable[str]:
    from cnncalc.exports import FORMATS

    return FORMATS


complete_dtype = one_of(_dtypes)
complete_optimizer = one_of(_optimizers)
complete_language = one_of(_languages)
complete_format = one_of(_formats)
complete_tool = one_of(_tools)
complete_written = one_of(_written)
complete_style = one_of(_styles)
complete_theme = one_of(_themes)
complete_quiz_format = one_of(_quiz_formats)
complete_totals = some_of(_bounded)
