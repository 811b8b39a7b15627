"""Where the shipped data is: networks, blocks, conventions, in a checkout and in an installed package alike."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

from cnncalc.text.records import is_blank
from cnncalc.text.source import Source
from cnncalc.text.yaml_tree import Mapping, parse_yaml, read_source


@cache
def specs_folder() -> Path:
    """Find the folder that holds `networks/`, `blocks/` and the other data: inside the package, or beside it."""
    inside = Path(__file__).parent.parent / "specs"
    return inside if inside.is_dir() else inside.parent.parent / "specs"


def data_files(kind: str) -> dict[str, Path]:
    """Find the files of `networks`, `blocks` or another folder by name, such as `torchvision/resnet50`, in order."""
    folder = specs_folder() / kind
    files = {
        path.relative_to(folder).with_suffix("").as_posix(): path for path in folder.rglob("*.yaml")
    }
    return dict(sorted(files.items()))


class Shipped(NamedTuple):
    """A network that ships: its file, and which of the file's variants it is, if any."""

    path: Path
    variant: str = ""


@cache
def network_files() -> dict[str, Shipped]:
    """Every network that ships by its name, variants too, in order."""
    networks = {}
    for name, path in data_files("networks").items():
        makes_network, variants = _variants_of(path)
        if makes_network:
            networks[name] = Shipped(path)
        networks.update({f"{name}_{variant}": Shipped(path, variant) for variant in variants})
    return dict(sorted(networks.items()))


def network_file(name: str) -> Shipped | None:
    """Find the file of one network or variant, or None; reads no file that cannot be it."""
    return _find(name, lambda base: data_file("networks", base))


def spec_file(path: str) -> Shipped | None:
    """Find the file at a path, or the one whose variant it is called after, as net_b0.yaml after net.yaml; or None."""
    stem, ending = os.path.splitext(path)
    return _find(stem, lambda base: Path(base + ending) if os.path.isfile(base + ending) else None)


def _find(name: str, file_of: Callable[[str], Path | None]) -> Shipped | None:
    """Find the file of a name, or of what the name is without the variant that it ends with."""
    path = file_of(name)
    if path is not None:
        return Shipped(path)
    for place in (place for place, char in enumerate(name) if char == "_"):
        path = file_of(name[:place])
        if path is not None and name[place + 1 :] in _variants_of(path)[1]:
            return Shipped(path, name[place + 1 :])
    return None


@cache
def _variants_of(path: Path) -> tuple[bool, tuple[str, ...]]:
    """Whether a file makes a network without a variant, and the names of its variants."""
    source = read_source(path)
    if "\nvariants:" not in source.text:
        return True, ()
    head, _, rest = source.text.partition("\nlayers:")  # the layers need not be parsed for it
    whole = "\nvariants:" in rest or "\nparams:" in rest
    tree = parse_yaml(source if whole else Source(source.name, head)).tree
    variants = tree.get("variants") if isinstance(tree, Mapping) else None
    parameters = tree.get("params") if isinstance(tree, Mapping) else None
    values = parameters.entries if isinstance(parameters, Mapping) else ()
    names = variants.entries if isinstance(variants, Mapping) else ()
    return not any(is_blank(value) for _, value in values), tuple(key.text for key, _ in names)


@cache
def block_names() -> tuple[str, ...]:
    """Give the names of the blocks in the library."""
    return tuple(data_files("blocks"))


def data_file(kind: str, name: str) -> Path | None:
    """Find the file of one network, block or convention, or None; looks at no other file."""
    if name.startswith(("/", ".")) or ".." in name or "\\" in name:
        return None
    path = specs_folder() / kind / f"{name}.yaml"
    return path if os.path.isfile(path) else None  # False, too, for a name that no file can have
