"""Messages of protocol buffers, written: each function gives a field's bytes, and a message is its fields in a row.

(https://protobuf.dev/programming-guides/encoding/)
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

from cnncalc.models.wire import FIXED32, STRETCH, VARINT


def integer_field(number: int, value: int) -> bytes:
    """Give an integer as a field; a negative one takes ten bytes, as 64 bits in two's complement."""
    return _varint(number << 3 | VARINT) + _varint(value & 0xFFFF_FFFF_FFFF_FFFF)


def float_field(number: int, value: float) -> bytes:
    """Give a number of four bytes as a field."""
    return _varint(number << 3 | FIXED32) + struct.pack("<f", value)


def bytes_field(number: int, value: str | bytes) -> bytes:
    """Give a text, bytes or a message as a field."""
    data = value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | STRETCH) + _varint(len(data)) + data


def integers_field(number: int, values: Iterable[int]) -> bytes:
    """Give integers as one packed field."""
    return bytes_field(number, b"".join(_varint(v & 0xFFFF_FFFF_FFFF_FFFF) for v in values))


def _varint(value: int) -> bytes:
    """Write an integer in seven bits a byte, the lowest first."""
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    written.append(value)
    return bytes(written)


__all__ = ["bytes_field", "float_field", "integer_field", "integers_field"]
