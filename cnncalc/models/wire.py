"""The wire format of protocol buffers, read field by field from bytes or from a file mapped into memory.

A message is a row of fields; each is a number, and a value whose kind the tag says: an integer, four or eight bytes,
or a stretch of the data, which is only skipped over. Nothing is copied that is not asked for, so that a file of
gigabytes costs what its graph costs.
(https://protobuf.dev/programming-guides/encoding/)
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator

Data = bytes | mmap.mmap

VARINT, FIXED64, STRETCH, FIXED32 = 0, 1, 2, 5
"""The kinds of a field's value that protocol buffers still write; 3 and 4 are groups, which nothing here has."""

RELEASE_AFTER = 16 * 2**20
"""Bytes of a mapped file after which what was touched of it is given back; a system may map 2 MB for one byte."""

MAX_TEXT = 4096
"""The longest name that is read, in bytes."""
MAX_FIELDS = 500_000
"""Fields of one message."""

WireField = tuple[int, int, int, int]
"""A field's number, its kind, and its integer and 0; for the other kinds where its bytes begin and end."""


class WireError(ValueError):
    """The bytes are not a message."""


def wire_fields(data: Data, start: int, end: int) -> Iterator[WireField]:
    """Yield the fields of the message between two positions. Raises WireError where they are cut off or no message."""
    at, count = start, 0
    while at < end:
        count += 1
        if count > MAX_FIELDS:
            raise WireError(
                f"there are more than {MAX_FIELDS:,} fields behind byte {start}, the limit"
            )
        tag, at = _varint(data, at, end)
        kind = tag & 7
        if kind == VARINT:
            value, at = _varint(data, at, end)
            yield tag >> 3, kind, value, 0
            continue
        if kind == STRETCH:
            size, at = _varint(data, at, end)
        elif kind in (FIXED32, FIXED64):
            size = 4 if kind == FIXED32 else 8
        else:
            raise WireError(f"there is no field at byte {at - 1}")
        if size > end - at:
            raise WireError(
                f"the file is cut off: a field at byte {at} has {size:,} bytes, of which {end - at:,} are there"
            )
        yield tag >> 3, kind, at, at + size
        at += size


def release(data: Data) -> None:
    """Give back the memory of what was touched of a mapped file; it is read again where it is touched again."""
    if isinstance(data, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        data.madvise(mmap.MADV_DONTNEED)


def _varint(data: Data, at: int, end: int) -> tuple[int, int]:
    """Return an integer of seven bits a byte, the lowest first, and the position after it."""
    if at >= end:
        raise WireError(f"the file is cut off at byte {at}")
    byte = data[at]
    if byte < 0x80:
        return byte, at + 1
    value, shift = byte & 0x7F, 7
    for position in range(at + 1, min(at + 10, end)):
        byte = data[position]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFF_FFFF_FFFF_FFFF, position + 1
        shift += 7
    raise WireError(f"the file is cut off, or damaged, at byte {at}")


def signed(value: int) -> int:
    """Return a varint as the signed integer of 64 bits that it stands for."""
    return value - (1 << 64) if value >> 63 else value


def text(data: Data, start: int, end: int) -> str:
    """Return a string. Raises WireError where it is longer than MAX_TEXT bytes."""
    if end - start > MAX_TEXT:
        raise WireError(f"a name at byte {start} is longer than the limit of {MAX_TEXT:,} bytes")
    return data[start:end].decode("utf-8", "replace")


def float32(data: Data, start: int, end: int) -> float:
    """Return a number of four bytes."""
    value: float = struct.unpack("<f", data[start:end])[0]
    return value


def integers(data: Data, field: WireField, most: int) -> list[int]:
    """Return a repeated integer, which may be packed: one field with them all. Raises WireError above `most`."""
    _, kind, start, end = field
    if kind == VARINT:
        return [signed(start)]
    values: list[int] = []
    while start < end:
        value, start = _varint(data, start, end)
        values.append(signed(value))
        if len(values) > most:
            raise WireError(f"there are more than {most:,} numbers at byte {start}")
    return values


def numbers(data: Data, field: WireField, code: str, most: int) -> list[float]:
    """Return a repeated number of fixed size, by its `struct` code; packed or not. Raises WireError above `most`."""
    _, kind, start, end = field
    count, rest = divmod(end - start, struct.calcsize(code))
    if kind == VARINT or rest or count > most:
        raise WireError(f"there are more than {most:,} numbers, or a part of one, at byte {start}")
    return list(struct.unpack(f"<{count}{code}", data[start:end]))
