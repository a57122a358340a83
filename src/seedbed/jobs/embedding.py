"""Texts as vectors, asked for at our own door by a step of a job.

Floor 4. Each ask has a key that is made of the step's, so that a step that is done again is given
the same answers at no cost. Of a text that is longer than the model reads, the vector is the mean
of those of its parts.
"""

import base64
import math
import struct
from collections.abc import Sequence
from typing import cast

from seedbed.jobs.door import Door, Told
from seedbed.kit.chunks import cut

PATH = "/v1/embeddings"
_TOO_LONG = "context_length_exceeded"
_SHORTEST = 16
"""Bytes of a text that is not cut any further."""
_TRIES = 3
"""How often it is asked what fails on our side."""


class Refused(Exception):
    """The door gave no vectors."""

    def __init__(self, told: Told) -> None:
        super().__init__(told.status)
        self.told = told

    @property
    def message(self) -> str:
        """Why, in the door's words."""
        error = _error(self.told)
        return str(error.get("message") or f"The door answered {self.told.status}.")


class Embedding:
    """The asks of one step, which come in the same order whenever it is done."""

    def __init__(self, door: Door, model: str, token: str, key: str) -> None:
        self._door, self._model, self._token, self._key = door, model, token, key
        self._asks = 0

    async def vectors(self, texts: Sequence[str], *, most: int, at_once: int) -> list[bytes]:
        """A vector for each text; none is read in parts longer than `most` bytes, and no ask has
        more than `at_once` of them.

        Raises:
            Refused: the door gave none.
        """
        parts = [cut(text, max(most, _SHORTEST)) for text in texts]
        flat = [part for these in parts for part in these]
        found = list[bytes]()
        for begin in range(0, len(flat), at_once):
            found += await self._read(flat[begin : begin + at_once])
        rest = iter(found)
        return [mean([next(rest) for _ in these]) for these in parts]

    async def _read(self, texts: Sequence[str]) -> list[bytes]:
        """A vector for each text; what is too long is halved until it is not."""
        told = await self._ask(texts)
        if told.is_sound:
            data = cast("dict[str, list[dict[str, str]]]", told.body)["data"]
            return [base64.b64decode(one["embedding"]) for one in data]
        if _error(told).get("code") != _TOO_LONG:
            raise Refused(told)
        if len(texts) > 1:
            half = len(texts) // 2
            return [*await self._read(texts[:half]), *await self._read(texts[half:])]
        length = len(texts[0].encode())
        if length < 2 * _SHORTEST:
            raise Refused(told)
        return [mean(await self._read(cut(texts[0], length // 2 + 1)))]

    async def _ask(self, texts: Sequence[str]) -> Told:
        self._asks += 1
        body = {"model": self._model, "input": texts, "encoding_format": "base64"}
        key = f"{self._key}.{self._asks}"
        for _ in range(_TRIES - 1):
            told = await self._door.post(PATH, body, token=self._token, key=key)
            if told.status < 500:
                return told
        return await self._door.post(PATH, body, token=self._token, key=key)


def mean(vectors: Sequence[bytes]) -> bytes:
    """The vector in the middle, of length one."""
    if len(vectors) == 1:
        return vectors[0]
    read = [struct.unpack(f"<{len(vector) // 4}f", vector) for vector in vectors]
    sums = [sum(numbers) for numbers in zip(*read, strict=True)]
    length = math.hypot(*sums) or 1.0
    return struct.pack(f"<{len(sums)}f", *(number / length for number in sums))


def _error(told: Told) -> dict[str, object]:
    body = cast("dict[str, dict[str, object]]", told.body)
    return body.get("error", {})
