"""Read the head of a GGUF file: what the model is, and whether the file is whole.

Floor 1. After the format's description in the ggml repository, versions 2 and 3. Nothing of the
tensors is read, and no count in the file is believed before it is seen to fit in it, so that a
damaged or hostile file is refused at the cost of a few megabytes.
"""

import math
import mmap
import struct
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

_SCALARS = {
    0: "B",
    1: "b",
    2: "H",
    3: "h",
    4: "I",
    5: "i",
    6: "f",
    7: "?",
    10: "Q",
    11: "q",
    12: "d",
}
_STRING, _ARRAY = 8, 9
_KEPT = 512
"""Longer arrays (the vocabulary) are passed over."""
_MOST_ENTRIES = 1 << 17
_MOST_VALUES = 1 << 24
_LONGEST_KEY = 0xFFFF
_LONGEST_TEXT = 1 << 24
_MOST_RANKS = 4
_ALIGNMENT = 32
_SHORTEST = 24

BLOCKS = {
    "F32": (0, 1, 4), "F16": (1, 1, 2), "Q4_0": (2, 32, 18), "Q4_1": (3, 32, 20),
    "Q5_0": (6, 32, 22), "Q5_1": (7, 32, 24), "Q8_0": (8, 32, 34),
    "Q2_K": (10, 256, 84), "Q3_K": (11, 256, 110), "Q4_K": (12, 256, 144), "Q5_K": (13, 256, 176),
    "Q6_K": (14, 256, 210), "Q8_K": (15, 256, 292), "IQ2_XXS": (16, 256, 66),
    "IQ2_XS": (17, 256, 74), "IQ3_XXS": (18, 256, 98), "IQ1_S": (19, 256, 50),
    "IQ4_NL": (20, 32, 18), "IQ3_S": (21, 256, 110), "IQ2_S": (22, 256, 82),
    "IQ4_XS": (23, 256, 136), "I8": (24, 1, 1), "I16": (25, 1, 2), "I32": (26, 1, 4),
    "I64": (27, 1, 8), "F64": (28, 1, 8), "IQ1_M": (29, 256, 56), "BF16": (30, 1, 2),
    "TQ1_0": (34, 256, 54), "TQ2_0": (35, 256, 66), "MXFP4": (39, 32, 17), "NVFP4": (40, 64, 36),
    "Q1_0": (41, 128, 18),
}  # fmt: skip
"""Types of tensors: their number, how many values make a block, and how many bytes that takes."""
_TYPES = {number: (name, values, size) for name, (number, values, size) in BLOCKS.items()}


class BadGguf(ValueError):
    """The file is no GGUF, or not a whole one; the sentence says where."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """One tensor's name, shape (innermost first), type and place in the file."""

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
    """What stands before the tensors, and where each of those lies."""

    words: Mapping[str, object]
    """Keys and values; arrays of more than 512 are left out."""
    tensors: tuple[Tensor, ...]
    lengths: Mapping[str, int]
    """How long each array is, those that are left out included."""
    places: Mapping[str, int]
    """At which byte of the file each value stands that is a single number."""
    listed: int
    """At which byte the keys and values end and the list of the tensors begins."""
    alignment: int = _ALIGNMENT
    """Each tensor begins at a multiple of so many bytes, counted from the end of the list."""

    @property
    def architecture(self) -> str:
        """Such as `llama`; empty where the file does not say."""
        return self.text("general.architecture")

    @property
    def template(self) -> str:
        """The chat template, in Jinja; empty where there is none."""
        return self.text("tokenizer.chat_template")

    @property
    def parameters(self) -> int:
        """How many numbers all tensors hold."""
        return sum(tensor.values for tensor in self.tensors)

    @property
    def active(self) -> int:
        """How many of them take part in each token: of the experts, those that are used at once."""
        experts, used = self.number("expert_count"), self.number("expert_used_count")
        if not 0 < used < experts:
            return self.parameters
        routed = sum(
            t.values for t in self.tensors if "_exps." in t.name and t.shape[-1] == experts
        )
        return self.parameters - routed + routed * used // experts

    @property
    def cache(self) -> int:
        """How many bytes a token takes in a cache of keys and values at 16 bits each.

        Every layer that has heads of its own for them is counted in full; one with a sliding window
        or a compressed cache takes less. 0 where the file does not say enough.
        """
        heads = self._each("attention.head_count_kv") or self._each("attention.head_count")
        layers, most = self.number("block_count"), self.number("attention.head_count")
        width = self.number("embedding_length") // most if most else 0
        keys = self.number("attention.key_length") or width
        values = self.number("attention.value_length") or width
        total = sum(heads[:layers]) if len(heads) > 1 else sum(heads) * layers
        return total * (keys + values) * 2

    @property
    def types(self) -> frozenset[str]:
        """The types of the tensors."""
        return frozenset(tensor.type for tensor in self.tensors)

    def text(self, key: str) -> str:
        """A value that is text; empty where there is none."""
        value = self.words.get(key)
        return value if isinstance(value, str) else ""

    def number(self, name: str) -> int:
        """A whole number under the architecture's own prefix, or 0: `context_length`.

        Of a list, which has one for each layer, the largest.
        """
        return max(self._each(name), default=0)

    def _each(self, name: str) -> list[int]:
        value = self.words.get(f"{self.architecture}.{name}")
        values = cast(list[object], value) if isinstance(value, list) else [value]
        return [v for v in values if isinstance(v, int) and not isinstance(v, bool) and v >= 0]


def read_head(path: Path) -> Head:
    """Read a file's head.

    Raises:
        BadGguf: it is no GGUF, is cut off, or says what cannot be.
        OSError: it cannot be opened.
    """
    size = path.stat().st_size
    if size < _SHORTEST:
        raise BadGguf(f"it has {size} bytes, and the head alone takes {_SHORTEST}")
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return _Reader(data).head()


class _Reader:
    """A place in the file, which moves on as it is read."""

    def __init__(self, data: mmap.mmap) -> None:
        self._data, self._size, self._at = data, len(data), 0
        self._words: dict[str, object] = {}
        self._lengths: dict[str, int] = {}
        self._places: dict[str, int] = {}

    def head(self) -> Head:
        if self._data[:4] != b"GGUF":
            raise BadGguf(f"it begins with {bytes(self._data[:4])!r} and not with b'GGUF'")
        self._at = 4
        version = self._whole("I")
        if version not in {2, 3}:
            raise BadGguf(f"it is of version {version}; 2 and 3 can be read")
        tensors, keys = self._whole("Q"), self._whole("Q")
        if tensors > _MOST_ENTRIES or keys > _MOST_ENTRIES:
            raise BadGguf(f"it claims {tensors:,} tensors and {keys:,} keys")
        for _ in range(keys):
            self._pair()
        listed, alignment = self._at, self._alignment()
        found = [self._tensor(alignment) for _ in range(tensors)]
        return Head(
            words=self._words,
            tensors=self._placed(found, alignment),
            lengths=self._lengths,
            places=self._places,
            listed=listed,
            alignment=alignment,
        )

    def _pass(self, length: int) -> int:
        """Move on by so many bytes; where they began."""
        begin, self._at = self._at, self._at + length
        if self._at > self._size:
            raise BadGguf(f"it ends at byte {self._size:,}, within its head")
        return begin

    def _scalar(self, code: str) -> int | float | bool:
        form = f"<{code}"
        (value,) = struct.unpack_from(form, self._data, self._pass(struct.calcsize(form)))
        return value

    def _whole(self, code: str) -> int:
        return int(self._scalar(code))

    def _string(self, most: int) -> str:
        length = self._whole("Q")
        begin = self._pass(length)
        if length > most:
            raise BadGguf(f"it has a text of {length:,} bytes in its head")
        return self._data[begin : self._at].decode(errors="replace")

    def _pair(self) -> None:
        key = self._string(_LONGEST_KEY)
        if key in self._words or key in self._lengths:
            raise BadGguf(f"it has two values under {key!r}")
        kind = self._whole("I")
        if kind == _ARRAY:
            self._array(key)
        elif kind == _STRING:
            self._words[key] = self._string(_LONGEST_TEXT)
        else:
            code = self._code(kind, key)
            self._places[key] = self._at
            self._words[key] = self._scalar(code)

    def _array(self, key: str) -> None:
        inner, length = self._whole("I"), self._whole("Q")
        if length > _MOST_VALUES:
            raise BadGguf(f"it claims {length:,} values under {key!r}")
        self._lengths[key] = length
        if inner == _STRING and length <= _KEPT:
            self._words[key] = [self._string(_LONGEST_TEXT) for _ in range(length)]
        elif inner == _STRING:
            for _ in range(length):
                self._pass(self._whole("Q"))
        else:
            form = f"<{length}{self._code(inner, key)}"
            begin = self._pass(struct.calcsize(form))
            if length <= _KEPT:
                self._words[key] = list(struct.unpack_from(form, self._data, begin))

    def _code(self, kind: int, key: str) -> str:
        if kind not in _SCALARS:
            raise BadGguf(f"its value under {key!r} is of the unknown type {kind}")
        return _SCALARS[kind]

    def _alignment(self) -> int:
        given = self._words.get("general.alignment", _ALIGNMENT)
        if not isinstance(given, int) or given <= 0 or given & (given - 1):
            raise BadGguf(f"its alignment is {given!r}, which is no power of two")
        return given

    def _tensor(self, alignment: int) -> Tensor:
        name, ranks = self._string(_LONGEST_KEY), self._whole("I")
        if not 1 <= ranks <= _MOST_RANKS:
            raise BadGguf(f"tensor {name!r} has {ranks} dimensions")
        shape = tuple(self._whole("Q") for _ in range(ranks))
        kind, offset = self._whole("I"), self._whole("Q")
        if kind not in _TYPES:
            raise BadGguf(f"tensor {name!r} is of the unknown type {kind}")
        type_, values, size = _TYPES[kind]
        if not all(shape) or shape[0] % values:
            raise BadGguf(f"tensor {name!r} has the shape {shape}, which {type_} cannot have")
        if offset % alignment:
            raise BadGguf(f"tensor {name!r} begins at {offset:,}, no multiple of {alignment}")
        return Tensor(name, shape, type_, offset, offset + math.prod(shape) // values * size)

    def _placed(self, tensors: list[Tensor], alignment: int) -> tuple[Tensor, ...]:
        """The tensors with their places counted from the file's beginning, each within the file."""
        base = -(-self._at // alignment) * alignment
        placed = [replace(t, begin=base + t.begin, end=base + t.end) for t in tensors]
        if len({tensor.name for tensor in placed}) < len(placed):
            raise BadGguf("it has two tensors of one name")
        last = Tensor("", (), "", base, base)
        for tensor in sorted(placed, key=lambda t: t.begin):
            if tensor.end > self._size:
                raise BadGguf(
                    f"it ends at byte {self._size:,}, and tensor {tensor.name!r} at {tensor.end:,}"
                )
            if tensor.begin < last.end:
                raise BadGguf(f"tensors {last.name!r} and {tensor.name!r} lie over one another")
            last = tensor
        return tuple(placed)
