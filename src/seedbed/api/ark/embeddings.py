"""`POST /embeddings`, and the same for batches: a vector for each text.

Floor 6. The words are OpenAI's; the answer has an id and a time besides.
"""

import msgspec

from seedbed.api.ark.manner import Ark, Patient
from seedbed.api.dialect import Reading
from seedbed.api.openai import write
from seedbed.api.openai.embeddings import EmbeddingWriter, read_embedding
from seedbed.core.ask import Priority
from seedbed.core.event import Reply
from seedbed.core.value import changed

FIELDS = {"messages": "input", "texts": "input"}


class VectorWriter(EmbeddingWriter):
    """Writes vectors as Ark does; `head` stands in front of them."""

    def __init__(self, head: dict[str, object], *, packed: bool) -> None:
        super().__init__(str(head["model"]), packed=packed)
        self.head = head

    def whole(self, reply: Reply) -> bytes:
        """The body of a whole answer."""
        data = [self._item(at, vector) for at, vector in enumerate(reply.vectors)]
        body = self.head | {"data": data, "usage": write.read_usage(reply.usage)}
        return msgspec.json.encode(body | write.cost(reply.entry))


class Embeddings(Ark):
    """Texts are turned into vectors."""

    fields = FIELDS

    def read(self, body: bytes, *, request_id: str, now: int) -> Reading:
        """Understand an embedding request."""
        ask, embedding = read_embedding(body)
        packed = embedding.encoding_format == "base64"
        head = head_of("embd", ask.model, request_id, now)
        return Reading(ask, VectorWriter(head, packed=packed))


class BatchEmbeddings(Embeddings, Patient):
    """The same, when there is time for it."""

    def read(self, body: bytes, *, request_id: str, now: int) -> Reading:
        """Understand an embedding request that waits for others."""
        reading = super().read(body, request_id=request_id, now=now)
        return Reading(changed(reading.ask, priority=Priority.BATCH), reading.writer)


def head_of(kind: str, model: str, request_id: str, now: int) -> dict[str, object]:
    """What stands in front of a list; `kind` begins its id."""
    id_ = f"{kind}-{request_id.removeprefix('req_')}"
    return {"id": id_, "created": now, "model": model, "object": "list"}
