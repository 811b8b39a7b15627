"""Reading files within a limit, and writing them so that nothing on disk is lost."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from errno import ENXIO
from io import FileIO, TextIOWrapper
from pathlib import Path

CHUNK = 2**20
"""Bytes that are looked at together."""
_read: set[tuple[int, int]] = set()
"""Device and inode of every file that was read in this run."""
_forced = False


def begin_run() -> None:
    """Forget what an earlier command line of this process read, and what it was allowed."""
    global _forced
    _read.clear()
    _forced = False


def force_outputs() -> None:
    """Let outputs replace files that are read in the same run."""
    global _forced
    _forced = True


def is_forced() -> bool:
    """Say whether outputs may replace files that are read in the same run."""
    return _forced


def remember_read(name: str) -> None:
    """Remember that a file is read, so that no output replaces it. Raises OSError where there is no such file."""
    status = os.stat(name)
    if stat.S_ISREG(status.st_mode):
        _read.add((status.st_dev, status.st_ino))


def is_there(name: str | Path) -> bool:
    """Whether there is a file or folder of a name; there is none of a name that is too long for one."""
    return os.path.exists(name)


OPEN_PIPES = ("/dev/fd/", "/proc/self/fd/", "/dev/stdin")
"""Where a shell puts the pipes that it has opened itself, such as those of `<(command)`."""


_used_up: object = None
"""The standard input that was read, of which nothing is left."""


def read_bytes(name: str, limit: int) -> bytes:
    """Read a file, also one in a zip archive, or standard input for `-`, up to one byte over the limit.

    Raises OSError where there is nothing to read: no file, a folder, a pipe that nobody may ever write to.
    """
    if name == "-":
        return _read_standard_input(limit)
    try:
        mode = os.stat(name).st_mode
    except (NotADirectoryError, FileNotFoundError):
        data = _read_in_archive(name, limit)
        if data is None:
            raise
        return data
    if stat.S_ISDIR(mode):
        raise IsADirectoryError("this is a folder")
    if stat.S_ISFIFO(mode) and not name.startswith(OPEN_PIPES):
        raise OSError("this is a named pipe; use - to read standard input")
    remember_read(name)
    with open(name, "rb") as file:
        return file.read(limit + 1)


def _read_standard_input(limit: int) -> bytes:
    global _used_up
    if sys.stdin is None:
        raise OSError("standard input is closed")
    if sys.stdin is _used_up:
        raise OSError("standard input can be read once; save it to a file")
    _used_up = sys.stdin
    return sys.stdin.buffer.read(limit + 1)


def _read_in_archive(name: str, limit: int) -> bytes | None:
    """Read a file whose path leads into an archive; None where it leads into none. Raises OSError."""
    from cnncalc.text.archives import archive_of, read_member

    archive = archive_of(name)
    if archive is None:
        return None
    remember_read(archive)
    return read_member(name, limit)


def is_one_file(first: Path, second: Path) -> bool:
    """Whether two paths, also of files that are still to be written, lead to one file."""
    return os.path.realpath(first) == os.path.realpath(second)


def replaced_source(target: Path, sources: Iterable[str]) -> str | None:
    """Find the file among those read that writing a target would replace, through links too."""
    for source in sources:
        try:
            if target.is_file() and os.path.samefile(target, source):
                return source
        except (OSError, ValueError):  # a source that is no file, such as a network's name
            continue
    return None


def write_whole(path: Path, content: str | bytes, *, flush: bool = True) -> None:
    """Write a text or bytes to a file, whole or not at all. Raises OSError.

    Without `flush` a power failure soon after may lose it: for many files that can be made again.
    """
    with whole_file(path, flush=flush) as file:
        if isinstance(content, bytes):
            file.buffer.write(content)
        else:
            file.write(content)


def write_zeros(path: Path, size: int) -> None:
    """Write a file of so many bytes of zeros, which takes no room on most disks.

    Raises OSError, also where a file is there that holds anything else, unless outputs are forced.
    """
    if path.is_file() and not _forced and not _is_zeros(path):
        raise OSError("a file of other data is there; --force replaces it")
    with whole_file(path) as file:
        file.truncate(size)


def _is_zeros(path: Path) -> bool:
    """Say whether a file holds zeros alone; its holes, which take no room, are zeros that need not be read."""
    with path.open("rb", buffering=0) as file:
        while _is_at_data(file) and (chunk := file.read(CHUNK)):
            if chunk != bytes(len(chunk)):
                return False
    return True


def _is_at_data(file: FileIO) -> bool:
    """Go on to where a file is no hole; say whether there is such a place, or the system cannot tell."""
    try:
        os.lseek(file.fileno(), file.tell(), os.SEEK_DATA)
    except AttributeError:  # Windows
        return True
    except OSError as error:
        return error.errno != ENXIO
    return True


@contextmanager
def whole_file(path: Path, *, flush: bool = True) -> Iterator[TextIOWrapper]:
    """Open a file that takes its name when all is written; whatever stops that leaves the old file as it was.

    Raises OSError.
    """
    import tempfile

    target = _target(path)
    if target.is_fifo() and not target.is_symlink():
        raise OSError("this is a named pipe, which nobody may ever read; -o - is standard output")
    if target.exists() and not target.is_file():  # a device such as /dev/stdout is not replaced
        with target.open("w", encoding="utf-8", newline="\n") as device:
            yield device
        return
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".cnncalc.", suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            yield file
            file.flush()
            if flush:
                os.fsync(file.fileno())
        mode = target.stat().st_mode & 0o7777 if target.exists() else 0o666 & ~_umask()
        Path(name).chmod(mode)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _target(path: Path) -> Path:
    """Find the file that a path leads to; the path itself where that has no name, as standard output in a pipe.

    Raises OSError for links in a circle, and unless forced for a file that is read-only or read in this run.
    """
    try:
        target = path.resolve() if path.is_symlink() else path
    except RuntimeError:  # Python 3.13 leaves what leads in a circle as it is
        target = path
    if target.is_symlink():
        raise OSError("its links lead in a circle")
    if path.exists() and not target.exists():
        return path
    if target.is_file() and not _forced:
        if not os.access(target, os.W_OK):
            raise OSError("it is read-only; --force replaces it")
        status = target.stat()
        if (status.st_dev, status.st_ino) in _read:
            raise OSError("it is read in this run and would be replaced; --force replaces it")
    return target


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
