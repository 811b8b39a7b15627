"""Zip archives as folders: a path may lead into one, as in `handed-in.zip/Kim/answers.csv`. Nothing is unpacked.

An archive comes from a stranger. Its members are read one at a time, each within the limit of whoever asks, and what
looks like a bomb or like a way out of the archive is a problem of that member alone.
"""

from __future__ import annotations

import os
import zipfile
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from pathlib import PurePath, PurePosixPath
from typing import NamedTuple

from cnncalc.text.limits import limit
from cnncalc.text.messages import message

MAX_MEMBERS = limit(20_000)
"""The members of an archive."""
MAX_RATIO = 200
"""How many times its packed size a member may unpack to, from `FREE_BYTES` on; text reaches 10 to 50."""
FREE_BYTES = 1024 * 1024
"""Below this size nobody asks how well a member is packed."""
ENDING = ".zip"
"""What an archive is called: a workbook is one too, and is no folder."""
_UTF8_NAME = 0x800
_ENCRYPTED = 0x1


class Member(NamedTuple):
    """A file in an archive: the parts of its path there, and why it is not to be read, if so."""

    parts: tuple[str, ...]
    problem: str = ""


def is_archive(path: str) -> bool:
    """Tell whether a file is called `.zip` and is one, and no document: a workbook and its like are archives too."""
    if PurePath(path).suffix.lower() != ENDING:
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except Exception:  # struct.error, OverflowError and others besides BadZipFile and OSError
        return False
    return not names & {"[Content_Types].xml", "mimetype"}


def members(path: str) -> list[Member]:
    """List the files of an archive in the order of their paths. Raises ValueError for one with too many, or damaged."""
    return [Member(parts, problem) for parts, problem, _ in _opened(*_version(path)).files]


def archive_of(name: str) -> str | None:
    """Find the file on a path that leads into it, as the archive of `handed-in.zip/Kim/answers.csv`; or None."""
    above = next((above for above in PurePath(name).parents if os.path.isfile(above)), None)
    return None if above is None or above.suffix.lower() != ENDING else str(above)


def read_member(name: str, most: int) -> bytes:
    """Read a file in an archive, up to one byte over the limit.

    Raises OSError where there is no such archive or file in it, or where it is not to be read.
    """
    path = archive_of(name)
    if path is None:
        raise FileNotFoundError(f"{name} is in no archive")
    inside = PurePath(name).relative_to(path).parts
    try:
        opened = _opened(*_version(path))
    except ValueError as error:
        raise OSError(str(error)) from None
    for parts, problem, info in opened.files:
        if parts == inside:
            if problem:
                raise OSError(problem)
            return _unpacked(opened.archive, info, most)
    raise FileNotFoundError(f"there is no such file in {path}")


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> bytes:
    try:
        with archive.open(info) as file:
            return file.read(most + 1)
    except Exception:  # zipfile and its decompressors have errors of many kinds for damaged data
        raise OSError("it is damaged in the archive") from None


def _version(path: str) -> tuple[str, int, int]:
    status = os.stat(path)
    return path, status.st_mtime_ns, status.st_size


class _Opened(NamedTuple):
    archive: zipfile.ZipFile
    files: list[tuple[tuple[str, ...], str, zipfile.ZipInfo]]


@lru_cache(maxsize=1)
def _opened(path: str, _changed: int, size: int) -> _Opened:
    """Open an archive and list its files; the last one stays open, as its members are read one after another."""
    try:
        archive = zipfile.ZipFile(path)
        infos = [info for info in archive.infolist() if not info.is_dir()]
    except Exception:  # struct.error, OverflowError and others besides BadZipFile
        raise ValueError("this is a damaged zip archive") from None
    if len(infos) > MAX_MEMBERS:
        raise ValueError(f"this archive has more than {MAX_MEMBERS:,} files")
    if sum(info.compress_size for info in infos) > size:
        raise ValueError(
            "the files of this archive overlap; it is made to unpack to more than it is"
        )
    named = [(_parts(info), info) for info in infos]
    times = Counter(parts for parts, _ in named)
    files = [(parts, _problem(parts, info, times[parts]), info) for parts, info in named]
    return _Opened(archive, sorted(files, key=lambda file: file[0]))


def _parts(info: zipfile.ZipInfo) -> tuple[str, ...]:
    """Take a member's path apart, however its system wrote it."""
    return tuple(
        part for part in _name(info).replace("\\", "/").split("/") if part not in ("", ".")
    )


def _name(info: zipfile.ZipInfo) -> str:
    """Read a member's name: where nothing says that it is UTF-8 it may be so still, or what a Korean Windows writes."""
    if info.flag_bits & _UTF8_NAME:
        return info.filename
    try:
        raw = info.filename.encode("cp437")
    except UnicodeEncodeError:
        return info.filename
    for encoding in ("utf-8", "cp949"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.filename


def _problem(parts: tuple[str, ...], info: zipfile.ZipInfo, times: int) -> str:
    written = info.filename.replace("\\", "/")
    if ".." in parts or PurePosixPath(written).is_absolute() or ":" in written[:2]:
        return message("its path leads out of the archive")
    if times > 1:
        return message("the archive has {count} files of this name", count=times)
    if info.flag_bits & _ENCRYPTED:
        return message("it is locked by a password")
    if info.file_size > FREE_BYTES and info.file_size > MAX_RATIO * info.compress_size:
        return message("it unpacks to more than {count} times its size", count=MAX_RATIO)
    return ""


def hidden(parts: tuple[str, ...]) -> bool:
    """Tell whether a path is one that a system makes for itself: `.DS_Store`, `__MACOSX/`, `Thumbs.db`."""
    return any(part.startswith((".", "__MACOSX")) and part != ".." for part in parts) or (
        parts[-1].lower() in ("thumbs.db", "desktop.ini")
    )


def walk(path: str) -> Iterator[Member]:
    """List the files below a folder in the order of their paths.

    A link that leads out of it is a problem, and so are a device or a pipe, and a folder below it that cannot be
    listed. Raises OSError where it cannot be listed itself.
    """
    base = os.path.realpath(path)
    found = []

    def unlisted(error: OSError) -> None:
        if error.filename == path:
            raise error
        reason = message((error.strerror or str(error)).lower())
        problem = message("this folder cannot be listed: {reason}", reason=reason)
        found.append(Member(PurePath(os.path.relpath(error.filename, path)).parts, problem))

    for folder, folders, names in os.walk(path, onerror=unlisted):
        linked = [name for name in folders if os.path.islink(os.path.join(folder, name))]
        for name in (*names, *linked):
            full = os.path.join(folder, name)
            problem = ""
            if os.path.commonpath((base, os.path.realpath(full))) != base:
                problem = message("its link leads out of the folder")
            elif not (os.path.isfile(full) or os.path.isdir(full)):
                problem = message("this is no file to read: a device, a pipe, or a link to nothing")
            found.append(Member(PurePath(os.path.relpath(full, path)).parts, problem))
            if len(found) > MAX_MEMBERS:
                raise OSError(f"this folder has more than {MAX_MEMBERS:,} files")
    yield from sorted(found)


__all__ = [
    "MAX_MEMBERS",
    "Member",
    "archive_of",
    "hidden",
    "is_archive",
    "members",
    "read_member",
    "walk",
]
