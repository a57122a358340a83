"""Protocol Buffers, written: a message is its fields, one after the other.

Floor 1. For messages that are sent and never read, which takes no schema and no library.

>>> text(2, "testing").hex()
'120774657374696e67'
"""

import struct

_VARINT, _FIXED64, _LENGTH = 0, 1, 2


def whole(number: int, value: int) -> bytes:
    """A field of a whole number, a truth value or a word of an enumeration.

    >>> whole(1, 150).hex()
    '089601'
    """
    return _varint(number << 3 | _VARINT) + _varint(value & 0xFFFF_FFFF_FFFF_FFFF)


def fixed(number: int, value: int) -> bytes:
    """A field of eight bytes that hold a whole number without a sign."""
    return _varint(number << 3 | _FIXED64) + struct.pack("<Q", value)


def double(number: int, value: float) -> bytes:
    """A field of eight bytes that hold a number with a fraction."""
    return _varint(number << 3 | _FIXED64) + struct.pack("<d", value)


def text(number: int, value: str) -> bytes:
    """A field of text; what is no Unicode is replaced."""
    return data(number, value.encode(errors="replace"))


def data(number: int, value: bytes) -> bytes:
    """A field of bytes, or of a message."""
    return _varint(number << 3 | _LENGTH) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    if value < 0x80:
        return value.to_bytes(1, "big")
    septets = bytearray()
    while value >= 0x80:
        septets.append(value & 0x7F | 0x80)
        value >>= 7
    septets.append(value)
    return bytes(septets)
