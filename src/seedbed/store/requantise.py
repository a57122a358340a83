"""A GGUF file made anew with other types, for an engine that would round some of those it has.

Floor 2. The only importer of `gguf`, and imported only when a file is made. Keys and values are
copied byte for byte, but for the one that names the file's type; tensors are read and written a few
megabytes at a time.
"""

import math
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from gguf.constants import GGMLQuantizationType
from gguf.quants import dequantize, quantize

from seedbed.core.errors import PullFailed
from seedbed.kit import atomic
from seedbed.kit.gguf import BLOCKS, BadGguf, Head, Tensor, read_head
from seedbed.store import fetch

KEPT = frozenset({"F32", "F16", "Q8_0", "Q4_0", "Q6_K", "F64", "I8", "I16", "I32", "I64"})
"""Types that stay as they are: those with no minimum in their blocks, and those not quantised."""

_VALUES = 1 << 22
"""How many numbers are turned at once: 16 MB of them, as they are in between."""
_COPIED = 1 << 22
_FILE_TYPE = "general.file_type"
_FILE_TYPES = {"Q8_0": 7}


@dataclass(frozen=True, slots=True)
class _Turned:
    """A tensor, its new type, and how many bytes it takes in that."""

    tensor: Tensor
    type: str
    size: int


def requantise(
    source: Path, target: Path, *, to: str, progress: Callable[[int, int], None]
) -> None:
    """Write `target`, whole or not at all: `source`, with every type that is not kept made `to`.

    Raises:
        PullFailed: the source is no GGUF, or has a type that cannot be read.
        DiskFull: there is no room for it.
    """
    try:
        head = read_head(source)
        turned = [_turn(tensor, to) for tensor in head.tensors]
    except BadGguf as error:
        raise PullFailed(
            f"{source} cannot be requantised: {error}.", hint="Bring the file anew."
        ) from error
    beside = target.with_name(f".{target.name}.making")
    listing = _listing(source, head, turned, to)
    total = len(listing) + sum(_padded(one.size, head.alignment) for one in turned)
    fetch.require_room(target.parent, total)
    written = fetch.summed(progress, total)
    try:
        fetch.append(_chunks(source, head, listing, turned), beside, start=0, written=written)
    except NotImplementedError as error:
        beside.unlink(missing_ok=True)
        raise PullFailed(
            f"{source} cannot be requantised: {error}.",
            hint="Take `requantised` out of the card, or another file of the model.",
        ) from error
    atomic.move(beside, target)


def _turn(tensor: Tensor, to: str) -> _Turned:
    if tensor.type in KEPT:
        return _Turned(tensor, tensor.type, tensor.end - tensor.begin)
    _, values, size = BLOCKS[to]
    if tensor.shape[0] % values:
        raise BadGguf(f"tensor {tensor.name!r} has rows of {tensor.shape[0]}, which {to} has not")
    return _Turned(tensor, to, tensor.values // values * size)


def _padded(size: int, alignment: int) -> int:
    return -(-size // alignment) * alignment


def _listing(source: Path, head: Head, turned: list[_Turned], to: str) -> bytes:
    """All that stands before the tensors, in a file that has them turned."""
    with source.open("rb") as file:
        listing = bytearray(file.read(head.listed))
    place = head.places.get(_FILE_TYPE)
    if place and any(one.type != one.tensor.type for one in turned):
        struct.pack_into("<I", listing, place, _FILE_TYPES[to])
    offset = 0
    for one in turned:
        name, shape = one.tensor.name.encode(), one.tensor.shape
        listing += struct.pack("<Q", len(name)) + name
        listing += struct.pack(
            f"<I{len(shape)}QIQ", len(shape), *shape, BLOCKS[one.type][0], offset
        )
        offset += _padded(one.size, head.alignment)
    return bytes(listing.ljust(_padded(len(listing), head.alignment), b"\0"))


def _chunks(source: Path, head: Head, listing: bytes, turned: list[_Turned]) -> Iterator[bytes]:
    yield listing
    for one in turned:
        if one.type == one.tensor.type:
            yield from _copied(source, one.tensor)
        else:
            yield from _requantised(source, one)
        yield b"\0" * (_padded(one.size, head.alignment) - one.size)


def _copied(source: Path, tensor: Tensor) -> Iterator[bytes]:
    with source.open("rb") as file:
        file.seek(tensor.begin)
        for at in range(tensor.begin, tensor.end, _COPIED):
            yield file.read(min(_COPIED, tensor.end - at))


def _requantised(source: Path, one: _Turned) -> Iterator[bytes]:
    """The tensor's rows, a few at a time: a block never goes from one row to the next."""
    tensor = one.tensor
    number, values, size = BLOCKS[tensor.type]
    width = tensor.shape[0] // values * size
    rows = math.prod(tensor.shape[1:])
    step = max(1, _VALUES // tensor.shape[0])
    kind, new = GGMLQuantizationType(number), GGMLQuantizationType(BLOCKS[one.type][0])
    with source.open("rb") as file:
        file.seek(tensor.begin)
        for row in range(0, rows, step):
            raw = file.read(min(step, rows - row) * width)
            old = np.frombuffer(raw, dtype=np.uint8).reshape(-1, width)
            yield quantize(dequantize(old, kind), new).tobytes()
