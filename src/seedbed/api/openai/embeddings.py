"""`POST /v1/embeddings`: a vector for each text.

Floor 6.
"""

import base64
import struct
from collections.abc import Mapping

import msgspec

from seedbed.api.dialect import Reading
from seedbed.api.openai import wire, write
from seedbed.api.openai.body import read_body
from seedbed.api.openai.manner import OpenAi
from seedbed.api.openai.texts import read_texts
from seedbed.core.ask import EmbedAsk
from seedbed.core.errors import RequestMalformed
from seedbed.core.event import Reply

_FIELDS = {"messages": "input", "texts": "input"}
_QUESTIONS = frozenset({"query", "search_query"})


class Embeddings(OpenAi):
    """Texts are turned into vectors."""

    fields = _FIELDS

    def read(self, body: bytes, *, request_id: str, now: int) -> Reading:
        """Understand an embedding request."""
        del request_id, now
        ask, embedding = read_embedding(body)
        packed = embedding.encoding_format == "base64"
        return Reading(ask, EmbeddingWriter(ask.model, packed=packed))


def read_embedding(body: bytes) -> tuple[EmbedAsk, wire.EmbeddingBody]:
    """The ask in a body, and the body as it was typed.

    Raises:
        RequestMalformed: it is no JSON, or a field is missing, of a wrong type or out of range.
    """
    embedding, _ = read_body(body, wire.EmbeddingBody)
    ask = EmbedAsk(
        model=embedding.model,
        texts=_texts(embedding.input),
        purpose="query" if embedding.input_type in _QUESTIONS else "passage",
        dimensions=embedding.dimensions,
    )
    return ask, embedding


def _texts(sent: str | list[object]) -> tuple[str, ...]:
    texts = [sent] if isinstance(sent, str) else sent
    strings = [text for text in texts if isinstance(text, str)]
    if len(strings) < len(texts):
        raise RequestMalformed(
            "Field 'input' holds what is not text; numbers of tokens differ from model to model.",
            hint="Send text: one string, or a list of strings.",
            field="input",
        )
    return read_texts(strings, field="input")


class EmbeddingWriter:
    """Writes vectors: as numbers, or `packed` in base64 of 32-bit floats, little-endian."""

    def __init__(self, model: str, *, packed: bool) -> None:
        self._model = model
        self._packed = packed

    def whole(self, reply: Reply) -> bytes:
        """The body of a whole answer."""
        data = [self._item(at, vector) for at, vector in enumerate(reply.vectors)]
        body: dict[str, object] = {"object": "list", "data": data, "model": self._model}
        body["usage"] = write.read_usage(reply.usage)
        return msgspec.json.encode(body | write.cost(reply.entry))

    def _item(self, at: int, vector: bytes) -> Mapping[str, object]:
        return {"object": "embedding", "index": at, "embedding": self.numbers(vector)}

    def numbers(self, vector: bytes) -> str | tuple[float, ...]:
        """One vector, as it was asked for."""
        return base64.b64encode(vector).decode() if self._packed else _floats(vector)


def _floats(vector: bytes) -> tuple[float, ...]:
    return struct.unpack(f"<{len(vector) // 4}f", vector)
