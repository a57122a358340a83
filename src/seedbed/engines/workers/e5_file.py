"""Reads multilingual E5 from one packed file: its tokenizer, and its weights of 4 bits.

Floor 3. The file begins with `E5S1`, then its sizes, the tokenizer's pieces and their scores, the
table that makes letters plain, and a directory of tensors. A matrix is rows of blocks: a scale of
16 bits, and 32 numbers of 4 bits. Whatever the file claims is checked before it is believed.
"""

import struct
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seedbed.engines.workers.bert import BadWeights, Bert, Floats, Layer, Linear, Norm
from seedbed.engines.workers.unigram import Unigram

MAGIC = b"E5S1"
_VERSION = 1
_IN_BLOCK = 32
_BLOCK = np.dtype([("scale", "<f2"), ("halves", "u1", (_IN_BLOCK // 2,))])
_MOST = 1 << 20
"""Rows, columns, pieces or tensors: no file of this kind has more."""


class E5Tokenizer:
    """Says what a text is for, as the model was trained to read it, and cuts it into pieces."""

    def __init__(self, unigram: Unigram, *, first: int, last: int) -> None:
        self._unigram, self._first, self._last = unigram, first, last
        self._prefix = {True: unigram.encode("query:"), False: unigram.encode("passage:")}

    def encode(self, text: str, *, question: bool) -> list[int]:
        """The tokens between their signs; empty where nothing is left to read."""
        ids = self.tokens(text)
        return [self._first, *self._prefix[question], *ids, self._last] if ids else []

    def tokens(self, text: str) -> list[int]:
        """The tokens of a text alone."""
        return self._unigram.encode(text)


def read(path: Path) -> tuple[Bert, E5Tokenizer]:
    """Read the file; its tensors stay in it until they are wanted.

    Raises:
        BadWeights: it is not such a file, or not a whole one.
    """
    if path.stat().st_size < len(MAGIC):
        raise BadWeights("it is shorter than its head")
    file = _File(np.memmap(path, np.uint8, mode="r"))
    if file.take(len(MAGIC)) != MAGIC:
        raise BadWeights(f"it does not begin with {MAGIC!r}")
    version, width, layers, heads, inner, words, places, kinds = file.numbers("8i")
    epsilon, in_block = file.numbers("fi")
    if version != _VERSION or in_block != _IN_BLOCK:
        raise BadWeights(f"it is of version {version} with blocks of {in_block}")
    for size in (width, layers, heads, inner, words, places, kinds):
        if not 0 < size <= _MOST:
            raise BadWeights(f"it claims a size of {size:,}")
    if width % heads or width % _IN_BLOCK or inner % _IN_BLOCK:
        raise BadWeights(f"{width} and {inner} columns do not fit {heads} heads and its blocks")
    tokenizer = _tokenizer(file, most=int(words))
    file.read_directory()
    shape = _Shape(int(width), int(layers), int(inner))
    table = file.blocks("emb.word", int(words), shape.width)
    bert = Bert(
        heads=int(heads),
        epsilon=float(epsilon),
        words=lambda ids: _open(table[list(ids)]),
        places=file.floats("emb.pos", int(places), shape.width)
        + file.floats("emb.type", int(kinds), shape.width)[0],
        first=file.norm("emb.ln", shape.width),
        layers=_layers(file, shape),
    )
    file.check(_names(shape))
    return bert, tokenizer


class _Shape:
    def __init__(self, width: int, layers: int, inner: int) -> None:
        self.width, self.layers, self.inner = width, layers, inner


class _File:
    """A place in the file, which moves on as it is read, and the tensors that it names."""

    def __init__(self, data: NDArray[np.uint8]) -> None:
        self._data, self._at = data, 0
        self._tensors: dict[str, tuple[int, int, int]] = {}

    def take(self, length: int) -> bytes:
        """The next bytes."""
        begin, self._at = self._at, self._at + length
        if self._at > len(self._data):
            raise BadWeights(f"it ends at byte {len(self._data):,}, within its head")
        return self._data[begin : self._at].tobytes()

    def numbers(self, code: str) -> tuple[int | float, ...]:
        """The next numbers, little-endian."""
        return struct.unpack(f"<{code}", self.take(struct.calcsize(f"<{code}")))

    def count(self, code: str, what: str, *, most: int = _MOST) -> int:
        """The next number, which says how many there are of something."""
        (found,) = self.numbers(code)
        if not 0 <= found <= most:
            raise BadWeights(f"it claims {found:,} {what}")
        return int(found)

    def read_directory(self) -> None:
        """Where each tensor lies: its type, its first byte and how many bytes it takes."""
        for _ in range(self.count("i", "tensors")):
            name = self.take(self.count("H", "letters of a name")).decode(errors="replace")
            kind, _, begin, size = self.numbers("BIQQ")
            if begin + size > len(self._data):
                raise BadWeights(
                    f"it ends at byte {len(self._data):,}, and tensor {name!r} at {begin + size:,}"
                )
            self._tensors[name] = int(kind), int(begin), int(size)

    def check(self, names: Iterator[tuple[str, int, int, bool]]) -> None:
        """See that each tensor is there with its size, before any is wanted."""
        for name, rows, columns, packed in names:
            self._raw(name, packed=packed, size=_size(rows, columns, packed=packed))

    def blocks(self, name: str, rows: int, columns: int) -> NDArray[np.void]:
        """A packed matrix as it lies in the file, shape (rows, blocks)."""
        raw = self._raw(name, packed=True, size=_size(rows, columns, packed=True))
        return raw.view(_BLOCK).reshape(rows, columns // _IN_BLOCK)

    def floats(self, name: str, rows: int, columns: int) -> Floats:
        """A matrix of plain numbers."""
        raw = self._raw(name, packed=False, size=_size(rows, columns, packed=False))
        return np.frombuffer(raw.tobytes(), "<f4").reshape(rows, columns)

    def norm(self, name: str, width: int) -> Norm:
        """A layer norm."""
        scale, shift = (self.floats(f"{name}.{part}", 1, width)[0] for part in "wb")
        return Norm(scale, shift)

    def linear(self, name: str, rows: int, columns: int) -> Linear:
        """A matrix, opened, and its bias."""
        weight = _open(self.blocks(f"{name}.w", rows, columns))
        return Linear(weight, self.floats(f"{name}.b", 1, rows)[0])

    def _raw(self, name: str, *, packed: bool, size: int) -> NDArray[np.uint8]:
        if name not in self._tensors:
            raise BadWeights(f"it has no tensor {name!r}")
        kind, begin, found = self._tensors[name]
        if kind != packed or found != size:
            raise BadWeights(f"its tensor {name!r} takes {found:,} bytes and not {size:,}")
        return self._data[begin : begin + size]


def _size(rows: int, columns: int, *, packed: bool) -> int:
    return rows * columns // _IN_BLOCK * _BLOCK.itemsize if packed else rows * columns * 4


def _open(blocks: NDArray[np.void]) -> Floats:
    """The numbers of packed rows: the lower halves of the bytes first, each 8 too high."""
    halves: NDArray[np.uint8] = blocks["halves"]
    both = np.concatenate([halves & 15, halves >> 4], axis=-1).astype(np.float32) - 8
    scale: Floats = blocks["scale"].astype(np.float32)
    return (both * scale[..., None]).reshape(len(blocks), -1)


def _tokenizer(file: _File, *, most: int) -> E5Tokenizer:
    count = file.count("i", "pieces", most=most)
    first, last, _, unknown = (int(sign) for sign in file.numbers("4i"))
    for sign in (first, last, unknown):
        if not 0 <= sign < count:
            raise BadWeights(f"its sign {sign} is none of its {count:,} pieces")
    length = file.count("Q", "bytes of pieces", most=_MOST * _IN_BLOCK)
    ends = np.frombuffer(file.take(4 * (count + 1)), "<u4").tolist()
    scores = np.frombuffer(file.take(4 * count), "<f4").tolist()
    text = file.take(length)
    if ends[0] or ends[-1] > length or sorted(ends) != ends:
        raise BadWeights("its pieces overlap")
    pieces = [text[a:b].decode(errors="replace") for a, b in pairwise(ends)]
    unigram = Unigram(pieces, scores, plain=_plain(file), unknown=unknown)
    return E5Tokenizer(unigram, first=first, last=last)


def _plain(file: _File) -> dict[int, str]:
    """What each letter is replaced by."""
    count = file.count("i", "letters to make plain")
    file.count("I", "bytes of them", most=_MOST * _IN_BLOCK)
    plain: dict[int, str] = {}
    for _ in range(count):
        letter, length = file.numbers("IB")
        letters = file.numbers(f"{length}I")
        if max(letter, *letters, 0) > 0x10FFFF:
            raise BadWeights("it makes plain what is no letter")
        plain[int(letter)] = "".join(chr(int(one)) for one in letters)
    return plain


def _layers(file: _File, shape: _Shape) -> Iterator[Layer]:
    width, inner = shape.width, shape.inner
    for at in range(shape.layers):
        yield Layer(
            query=file.linear(f"l{at}.q", width, width),
            key=file.linear(f"l{at}.k", width, width),
            value=file.linear(f"l{at}.v", width, width),
            attended=file.linear(f"l{at}.ao", width, width),
            attended_norm=file.norm(f"l{at}.aln", width),
            up=file.linear(f"l{at}.fi", inner, width),
            down=file.linear(f"l{at}.fo", width, inner),
            down_norm=file.norm(f"l{at}.oln", width),
        )


def _names(shape: _Shape) -> Iterator[tuple[str, int, int, bool]]:
    """Each tensor of the layers: its name, rows, columns and whether it is packed."""
    width, inner = shape.width, shape.inner
    sides: Sequence[tuple[str, int, int]] = (
        *((name, width, width) for name in ("q", "k", "v", "ao")),
        ("fi", inner, width),
        ("fo", width, inner),
    )
    for at in range(shape.layers):
        for name, rows, columns in sides:
            yield f"l{at}.{name}.w", rows, columns, True
            yield f"l{at}.{name}.b", 1, rows, False
        for name in ("aln", "oln"):
            yield f"l{at}.{name}.w", 1, width, False
            yield f"l{at}.{name}.b", 1, width, False
