"""Zip archives from strangers: members are read by name into memory, bounded, and nothing is ever unpacked to disk."""

from __future__ import annotations

import struct
import zlib
from types import TracebackType
from typing import TYPE_CHECKING, Any, NoReturn, Self

from cnncalc.text.limits import limit

if TYPE_CHECKING:
    from cnncalc.models import ModelFile

MAX_JSON_BYTES = limit(16 * 1024 * 1024)
MAX_JSON_VALUES = limit(1_000_000)
"""Values of a JSON text, by the marks between them: a list of nothing costs 20 times its two bytes."""
MAX_DIRECTORY_BYTES = limit(4 * 1024 * 1024)
"""Bytes of an archive's table of contents: some 40,000 members."""

_END = b"PK\x05\x06"
_END_BYTES = 22
_LOCATOR = struct.Struct("<4sLQL")
_END_64 = struct.Struct("<4sQ2H2L4Q")


class Archive:
    """An open zip archive. Its methods raise SpecError for whatever is wrong with it."""

    def __init__(self, file: ModelFile) -> None:
        self.file = file

    def __enter__(self) -> Self:
        from zipfile import BadZipFile, ZipFile

        try:
            self._check_directory()
            self._zip = ZipFile(self.file.open())
        except (BadZipFile, OSError, ValueError, struct.error, NotImplementedError) as error:
            self._refuse(error)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._zip.close()

    @property
    def names(self) -> list[str]:
        """The members' names, in the order of the table of contents."""
        return self._zip.namelist()

    def read(self, name: str, limit: int = MAX_JSON_BYTES) -> bytes:
        """Return the bytes of a member, at most `limit` of them, whatever its header claims."""
        from zipfile import BadZipFile

        try:
            with self._zip.open(name) as member:
                data = member.read(limit + 1)
        except KeyError:
            raise self.file.error(f"the archive has no '{name}'") from None
        except (
            BadZipFile,
            OSError,
            EOFError,
            ValueError,
            RuntimeError,
            NotImplementedError,
            zlib.error,
        ) as error:
            self._refuse(error)
        if len(data) > limit:
            raise self.file.error(
                f"'{name}' in the archive is larger than the limit of {limit // 2**20} MiB",
                code="limit",
            )
        return data

    def read_json(self, name: str) -> Any:
        """Return a JSON member as Python values."""
        return parse_json(self.file, self.read(name), name)

    def _refuse(self, error: Exception) -> NoReturn:
        reason = str(error) or type(error).__name__
        raise self.file.error(
            f"this zip archive is broken: {reason[:1].lower()}{reason[1:]}"
        ) from None

    def _check_directory(self) -> None:
        """Refuse a table of contents that is too large to be read, before `zipfile` reads it."""
        with self.file.open() as file:
            size = _directory_bytes(file)
        if size > MAX_DIRECTORY_BYTES:
            raise self.file.error(
                f"this zip archive lists too many members: its table of contents has {size:,} bytes, "
                f"the limit is {MAX_DIRECTORY_BYTES:,}",
                code="limit",
            )


def _directory_bytes(file: Any) -> int:
    """Return the length of a zip's table of contents, as its end record says; 0 where there is none."""
    file.seek(0, 2)
    length = file.tell()
    start = max(length - _END_BYTES - 0xFFFF - _LOCATOR.size, 0)
    file.seek(start)
    tail = file.read()
    end = tail.rfind(_END)
    if end < 0 or len(tail) - end < _END_BYTES:
        return 0
    (size,) = struct.unpack_from("<L", tail, end + 12)
    if size != 0xFFFFFFFF or end < _LOCATOR.size:
        return int(size)
    mark, _, offset, _ = _LOCATOR.unpack_from(tail, end - _LOCATOR.size)
    if mark != b"PK\x06\x07" or offset > length:
        return 0
    file.seek(offset)
    return int(_END_64.unpack(file.read(_END_64.size))[8])


def parse_json(file: ModelFile, data: bytes, name: str = "") -> Any:
    """JSON text as Python values. Raises SpecError for broken text, numbers that are none, and endless nesting."""
    import json

    def refuse(word: str) -> NoReturn:
        raise ValueError(f"{word} is not a number")

    where = f"'{name}' in the archive" if name else "this file"
    if sum(map(data.count, (b",", b"[", b"{"))) > MAX_JSON_VALUES:
        raise file.error(
            f"{where} has more than {MAX_JSON_VALUES:,} values, the limit", code="limit"
        )
    try:
        return json.loads(data, parse_constant=refuse)
    except RecursionError:
        raise file.error(f"{where} is nested too deep", code="limit") from None
    except ValueError as error:
        raise file.error(f"{where} is not JSON: {error}") from None
