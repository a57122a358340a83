"""Read the head of a safetensors file: which tensors it has, and whether it is whole.

Floor 1. The format is eight bytes of length, so much JSON, and the tensors without a gap. Nothing
of the tensors is read, and no number in the head is believed before it is seen to fit.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

TYPES = {
    "BOOL": 1, "U8": 1, "I8": 1, "F8_E5M2": 1, "F8_E4M3": 1, "F8_E8M0": 1, "I16": 2, "U16": 2,
    "F16": 2, "BF16": 2, "I32": 4, "U32": 4, "F32": 4, "F64": 8, "I64": 8, "U64": 8, "C64": 8,
}  # fmt: skip
"""Types of tensors, and how many bytes a value takes."""
_LONGEST_HEAD = 100_000_000
_ABOUT = "__metadata__"
_MOST_RANKS = 32


class BadSafetensors(ValueError):
    """The file is no safetensors, or not a whole one; the sentence says where."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """One tensor's name, shape (outermost first), type and place in the file."""

    name: str
    shape: tuple[int, ...]
    type: str
    begin: int
    end: int

    @property
    def values(self) -> int:
        """How many numbers it holds."""
        return math.prod(self.shape)


@dataclass(frozen=True, slots=True)
class Head:
    """What stands before the tensors, and where each of those lies, in their order in the file."""

    tensors: tuple[Tensor, ...]
    words: Mapping[str, str] = field(default_factory=dict[str, str])
    """What the file says of itself."""

    @property
    def parameters(self) -> int:
        """How many numbers all tensors hold."""
        return sum(tensor.values for tensor in self.tensors)


def read_head(path: Path) -> Head:
    """Read a file's head.

    Raises:
        BadSafetensors: it is no safetensors, is cut off, or says what cannot be.
        OSError: it cannot be opened.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if size < 8 or 8 + length > size:
            raise BadSafetensors(f"it has {size:,} bytes, and its head claims {length:,}")
        if length > _LONGEST_HEAD:
            raise BadSafetensors(f"its head claims {length:,} bytes")
        entries = _entries(file.read(length))
    base = 8 + length
    words = _words(entries.pop(_ABOUT, {}))
    tensors = [_tensor(name, entry, base) for name, entry in entries.items()]
    tensors.sort(key=lambda tensor: (tensor.begin, tensor.end))
    at = base
    for tensor in tensors:
        if tensor.begin != at:
            raise BadSafetensors(
                f"tensor {tensor.name!r} begins at byte {tensor.begin:,}, and should at {at:,}"
            )
        at = tensor.end
    if at != size:
        raise BadSafetensors(f"its tensors end at byte {at:,}, and the file at {size:,}")
    return Head(tuple(tensors), words)


def _entries(raw: bytes) -> dict[str, object]:
    try:
        found: object = json.loads(raw.decode(), object_pairs_hook=_once)
    except BadSafetensors:
        raise
    except RecursionError as error:
        raise BadSafetensors("its head is nested too deep") from error
    except ValueError as error:
        raise BadSafetensors(f"its head is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise BadSafetensors("its head is no JSON object")
    return cast(dict[str, object], found)


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise BadSafetensors("its head has a name twice")
    return found


def _words(found: object) -> Mapping[str, str]:
    words = cast(dict[str, object], found) if isinstance(found, dict) else {"": None}
    if not all(isinstance(value, str) for value in words.values()):
        raise BadSafetensors(f"its {_ABOUT} is not text by name")
    return cast(Mapping[str, str], words)


def _tensor(name: str, found: object, base: int) -> Tensor:
    entry = cast(dict[str, object], found) if isinstance(found, dict) else {}
    type_ = entry.get("dtype")
    shape, place = _wholes(entry.get("shape")), _wholes(entry.get("data_offsets"))
    if shape is None or len(shape) > _MOST_RANKS or place is None or len(place) != 2:
        raise BadSafetensors(f"tensor {name!r} has no sound shape and place")
    if not isinstance(type_, str) or type_ not in TYPES:
        raise BadSafetensors(f"tensor {name!r} is of the unknown type {type_!r}")
    begin, end = place
    if end - begin != math.prod(shape) * TYPES[type_]:
        raise BadSafetensors(
            f"tensor {name!r} takes {end - begin:,} bytes, which {type_} of shape "
            f"{list(shape)} does not"
        )
    return Tensor(name, shape, type_, base + begin, base + end)


def _wholes(found: object) -> tuple[int, ...] | None:
    values = cast(list[object], found) if isinstance(found, list) else [None]
    whole = [v for v in values if isinstance(v, int) and not isinstance(v, bool) and v >= 0]
    return tuple(whole) if len(whole) == len(values) else None
