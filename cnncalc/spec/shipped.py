"""Where the shipped data is: networks, blocks, conventions, in a checkout and in an installed package alike."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path


@cache
def specs_folder() -> Path:
    """The folder that holds `networks/`, `blocks/` and the other data: inside the package, or beside it."""
    inside = Path(__file__).parent.parent / "specs"
    return inside if inside.is_dir() else inside.parent.parent / "specs"


def data_files(kind: str) -> dict[str, Path]:
    """The files of `networks`, `blocks` or another folder by name, such as `torchvision/resnet50`, in order."""
    folder = specs_folder() / kind
    found = {
        path.relative_to(folder).with_suffix("").as_posix(): path for path in folder.rglob("*.yaml")
    }
    return dict(sorted(found.items()))


@cache
def block_names() -> tuple[str, ...]:
    """The names of the blocks in the library."""
    return tuple(data_files("blocks"))


def data_file(kind: str, name: str) -> Path | None:
    """The file of one network, block or convention, or None; looks at no other file."""
    if not name or name.startswith(("/", ".")) or ".." in name or "\\" in name or "\0" in name:
        return None
    path = specs_folder() / kind / f"{name}.yaml"
    return path if os.path.isfile(path) else None  # False, too, for a name that no file can have
