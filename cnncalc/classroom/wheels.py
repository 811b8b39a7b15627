"""cnncalc and what it needs as wheels, made from what is installed here: nothing is downloaded.

A wheel is an archive of a package's files (Python's packaging guide, "Binary distribution format"). Compiled parts are
left out, so that one wheel serves every system and version of Python: PyYAML, the one dependency with such parts, has
the same in Python.
"""

from __future__ import annotations

import base64
import hashlib
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path

import cnncalc
from cnncalc.spec.shipped import specs_folder
from cnncalc.text.source import single_problem

OURS = "cnncalc"
PYTHON = "3.11"
"""The oldest Python that these run with."""
OPTIONAL = ("openpyxl",)
"""What is packed where it is installed: the reader of Excel's sheets."""

_COMPILED = (".so", ".pyd", ".dylib", ".pyc")
_NOT_PACKED = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "WHEEL", "METADATA")
_REQUIREMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_INFO = re.compile(r"^[^/]+\.dist-info(?=/)")
_EPOCH = (1980, 1, 1, 0, 0, 0)

Files = dict[str, bytes]
"""What is in an archive, by its path there."""


def wheels() -> Files:
    """Make a wheel of cnncalc and of everything that it needs, by their files' names. Raises SpecError."""
    needed = list(_needed())
    found = [_wheel(OURS, cnncalc.__version__, _our_files(), _our_metadata())]
    for distribution in needed:
        files = _installed_files(distribution)
        about = (distribution.read_text("METADATA") or "").encode()
        found.append(_wheel(distribution.metadata["Name"], distribution.version, files, about))
    return dict(found)


def archive(files: Files, executable: Iterable[str] = ()) -> bytes:
    """Pack files into a zip archive, the same bytes each time."""
    out = io.BytesIO()
    runs = set(executable)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in files.items():
            info = zipfile.ZipInfo(name, _EPOCH)
            info.create_system = 3  # Unix, whose permissions the next line gives
            info.external_attr = (0o100755 if name in runs else 0o100644) << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(info, data)
    return out.getvalue()


def _needed() -> Iterator[metadata.Distribution]:
    """Find what cnncalc needs, and what that needs, as far as it is installed. Raises SpecError."""
    waiting = [*_requirements(OURS), *OPTIONAL]
    seen = {OURS}
    for name in waiting:
        plain = re.sub(r"[-_.]+", "-", name).lower()
        if plain in seen:
            continue
        seen.add(plain)
        try:
            yield metadata.distribution(name)
        except metadata.PackageNotFoundError:  # for another system or Python, or not asked for
            continue
        waiting += _requirements(name)


def _requirements(name: str) -> list[str]:
    """List what a distribution requires without extras. Raises SpecError where cnncalc itself is not installed."""
    try:
        listed = metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        raise single_problem(
            "--gradescope", name, f"{name} is not installed here", "pip install cnncalc", "option"
        ) from None
    plain = (line for line in listed if "extra ==" not in line)
    return [match[0] for line in plain if (match := _REQUIREMENT.match(line))]


def _installed_files(distribution: metadata.Distribution) -> Files:
    """Read the files of a distribution that go into a wheel: no scripts, nothing compiled."""
    return {
        path.as_posix(): Path(str(path.locate())).read_bytes()
        for path in distribution.files or ()
        if ".." not in path.parts
        and not path.name.endswith(_COMPILED)
        and path.name not in _NOT_PACKED
    }


def _our_files() -> Files:
    """Read this package and the specs that ship with it, from a checkout and from an installed package alike."""
    package = Path(cnncalc.__file__).parent
    files = {f"{OURS}/{path.relative_to(package).as_posix()}": path for path in _all(package)}
    specs = specs_folder()
    files |= {f"{OURS}/specs/{path.relative_to(specs).as_posix()}": path for path in _all(specs)}
    return {name: path.read_bytes() for name, path in sorted(files.items())}


def _all(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith("."):
            yield path


def _our_metadata() -> bytes:
    lines = [
        "Metadata-Version: 2.1",
        f"Name: {OURS}",
        f"Version: {cnncalc.__version__}",
        f"Requires-Python: >={PYTHON}",
        *(f"Requires-Dist: {line}" for line in metadata.requires(OURS) or []),
    ]
    return "\n".join((*lines, "")).encode()


def _wheel(name: str, version: str, files: Files, about: bytes) -> tuple[str, bytes]:
    """Pack a wheel for every system; returns the name of its file too."""
    stem = f"{re.sub(r'[-_.]+', '_', name)}-{version}"
    info = f"{stem}.dist-info"
    files = {
        **{_INFO.sub(info, path): data for path, data in files.items()},
        f"{info}/METADATA": about,
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: {OURS} {cnncalc.__version__}\n"
        "Root-Is-Purelib: true\nTag: py3-none-any\n".encode(),
    }
    record = "".join(f"{path},{_digest(data)},{len(data)}\n" for path, data in files.items())
    files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    return f"{stem}-py3-none-any.whl", archive(files)


def _digest(data: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=")
    return f"sha256={digest.decode()}"


__all__ = ["PYTHON", "Files", "archive", "wheels"]
