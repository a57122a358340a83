"""`POST /embeddings/multimodal`, and the same for batches: one vector for all parts together.

Floor 6. Only texts are served: a picture or a film is refused by name. Several texts are joined by
line breaks. Volcengine's SDK reads one object, BytePlus's a list of one.
"""

from collections.abc import Mapping, Sequence

import msgspec
from starlette.types import Scope

from seedbed.api.ark import wire
from seedbed.api.ark.embeddings import FIELDS, VectorWriter, head_of
from seedbed.api.ark.manner import BASES, Ark, Patient
from seedbed.api.dialect import ByRequest, Reading
from seedbed.api.openai import write
from seedbed.api.openai.body import Refused, read_body, refuse
from seedbed.api.openai.texts import read_texts
from seedbed.api.openai.wire import TextPart
from seedbed.core.ask import EmbedAsk, Priority
from seedbed.core.errors import FieldUnserved
from seedbed.core.event import Reply
from seedbed.core.value import changed

_PATH = "embeddings/multimodal"
_UNSERVED: Refused = {"instructions": (("",), "no engine takes it")}


class MultimodalWriter(VectorWriter):
    """Writes the one vector: as it is, or in a list."""

    def __init__(self, head: dict[str, object], *, packed: bool, listed: bool) -> None:
        super().__init__(head, packed=packed)
        self._listed = listed

    def whole(self, reply: Reply) -> bytes:
        """The body of a whole answer."""
        item = {"object": "embedding", "embedding": self.numbers(reply.vectors[0])}
        details = {"text_tokens": reply.usage.input, "image_tokens": 0}
        used = write.read_usage(reply.usage) | {"prompt_tokens_details": details}
        body = self.head | {"data": [item] if self._listed else item, "usage": used}
        return msgspec.json.encode(body | write.cost(reply.entry))


class Multimodal(Ark):
    """Parts are turned into one vector, which is told in a list where that is `listed`."""

    fields = FIELDS

    def __init__(self, *, listed: bool) -> None:
        self._listed = listed

    def read(self, body: bytes, *, request_id: str, now: int) -> Reading:
        """Understand a request for the vector of several parts."""
        ask, packed = read_multimodal(body)
        head = head_of("embd", ask.model, request_id, now)
        return Reading(ask, MultimodalWriter(head, packed=packed, listed=self._listed))


class BatchMultimodal(Multimodal, Patient):
    """The same, when there is time for it."""

    def read(self, body: bytes, *, request_id: str, now: int) -> Reading:
        """Understand such a request that waits for others."""
        reading = super().read(body, request_id=request_id, now=now)
        return Reading(changed(reading.ask, priority=Priority.BATCH), reading.writer)


def calls() -> Mapping[tuple[str, str], ByRequest]:
    """The model calls, by method and path: who asks decides how they are answered."""
    told: dict[tuple[str, str], ByRequest] = {}
    for base in BASES:
        told["POST", f"{base}/{_PATH}"] = ByRequest(lambda scope: Multimodal(listed=_lists(scope)))
        told["POST", f"{base}/batch/{_PATH}"] = ByRequest(
            lambda scope: BatchMultimodal(listed=_lists(scope))
        )
    return told


def _lists(scope: Scope) -> bool:
    """Whether BytePlus's SDK asks."""
    return dict(scope["headers"]).get(b"user-agent", b"").lower().startswith(b"byteplus")


def read_multimodal(sent: bytes) -> tuple[EmbedAsk, bool]:
    """The ask in a body, and whether its vector is wanted in base64.

    Raises:
        RequestMalformed: it is no JSON, or a field is missing, of a wrong type or out of range.
        FieldUnserved: there is a picture, or words are to be weighed.
    """
    asked, _ = read_body(sent, wire.MultimodalBody)
    refuse(asked, _UNSERVED)
    if asked.sparse_embedding and asked.sparse_embedding.type == "enabled":
        raise FieldUnserved("sparse_embedding", value="enabled", because="vectors are dense.")
    text = "\n".join(read_texts(_texts(asked.input), field="input"))
    ask = EmbedAsk(asked.model, (text,), dimensions=asked.dimensions)
    return ask, asked.encoding_format == "base64"


def _texts(items: Sequence[wire.Item]) -> list[str]:
    texts: list[str] = []
    for at, item in enumerate(items):
        if not isinstance(item, TextPart):
            kind = "a picture" if isinstance(item, wire.PictureItem) else "a film"
            raise FieldUnserved(f"input[{at}]", value=kind, because="engines read texts alone.")
        texts.append(item.text)
    return texts
