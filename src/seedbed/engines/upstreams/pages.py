"""Vectors and scores in OpenAI's words, which come whole.

Floor 3.
"""

import base64
import binascii
import struct
from collections.abc import Sequence

import msgspec

from seedbed.engines.upstreams.base import Scores, Unreadable, Vectors, decode
from seedbed.engines.upstreams.counted import Counted


class _Vector(msgspec.Struct):
    embedding: list[float] | str
    index: int


class _Vectors(msgspec.Struct):
    data: list[_Vector]
    usage: Counted | None = None
    model: str | None = None


class _Score(msgspec.Struct):
    index: int
    relevance_score: float


class _Scores(msgspec.Struct):
    results: list[_Score]
    usage: Counted | None = None
    model: str | None = None


_VECTORS = msgspec.json.Decoder(_Vectors)
_SCORES = msgspec.json.Decoder(_Scores)


def vectors(body: bytes) -> Vectors:
    """Lists of numbers, or base64 of 32-bit floats.

    Raises:
        Unreadable: it is neither, or two are of the same text.
    """
    page = decode(_VECTORS, body)
    found = {item.index: _floats(item.embedding) for item in page.data}
    if len(found) < len(page.data):
        raise Unreadable("two vectors are of the same text")
    return Vectors(found, page.usage.counts if page.usage else None, page.model or "")


def scores(body: bytes) -> Scores:
    """Results in any order.

    Raises:
        Unreadable: they are none, or two are of the same text.
    """
    page = decode(_SCORES, body)
    found = {item.index: item.relevance_score for item in page.results}
    if len(found) < len(page.results):
        raise Unreadable("two scores are of the same text")
    return Scores(found, page.usage.counts if page.usage else None, page.model or "")


def _floats(vector: list[float] | str) -> Sequence[float]:
    if isinstance(vector, list):
        return vector
    try:
        data = base64.b64decode(vector, validate=True)
        return struct.unpack(f"<{len(data) // 4}f", data)
    except (binascii.Error, struct.error) as error:
        raise Unreadable(f"a vector is no base64 of 32-bit floats ({error})") from error
