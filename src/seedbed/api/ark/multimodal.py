"""`POST /embeddings/multimodal`: one vector for all parts together.

Floor 6. Only texts are served: a picture or a film is refused by name. Several texts are joined by
line breaks. It is a route of the site, since its answer depends on whose SDK asks: Volcengine's
reads one object, BytePlus's a list of one.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import TypeAlias

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from seedbed.api.ark import wire
from seedbed.api.ark.embeddings import VectorWriter, head_of
from seedbed.api.edge import REQUEST_ID
from seedbed.api.guard import Guard
from seedbed.api.intake import LONGEST_BODY, Left, body
from seedbed.api.openai import write
from seedbed.api.openai.body import Refused, read_body, refuse
from seedbed.api.openai.texts import read_texts
from seedbed.api.openai.wire import TextPart
from seedbed.core.ask import EmbedAsk, Priority
from seedbed.core.errors import FieldUnserved
from seedbed.core.event import Fold, Reply
from seedbed.kit.clock import Clock
from seedbed.serving.account import Order
from seedbed.serving.once import Generate

Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]
"""What answers a request at a route of the site."""
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


def multimodal(generate: Generate, guard: Guard, clock: Clock, priority: Priority) -> Endpoint:
    """What answers such a call."""

    async def answer(request: Request) -> Response:
        principal = await guard.admit(request.headers.get("authorization"))
        headers = dict(request.scope["headers"])
        try:
            sent = await body(request.receive, headers, limit=LONGEST_BODY)
        except Left:
            return Response(status_code=400)  # nobody reads it
        ask, packed = read_multimodal(sent, priority)
        order = Order(ask, principal, request.scope[REQUEST_ID])
        head = head_of("embd", ask.model, order.request_id, int(clock.wall()))
        listed = headers.get(b"user-agent", b"").lower().startswith(b"byteplus")
        writer = MultimodalWriter(head, packed=packed, listed=listed)
        told = writer.whole(await _reply(generate, order))
        return Response(told, media_type="application/json")

    return answer


async def _reply(generate: Generate, order: Order) -> Reply:
    fold = Fold()
    async with aclosing(generate(order)) as events:
        async for event in events:
            fold.take(event)
    return fold.reply()


def read_multimodal(sent: bytes, priority: Priority) -> tuple[EmbedAsk, bool]:
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
    ask = EmbedAsk(asked.model, (text,), dimensions=asked.dimensions, priority=priority)
    return ask, asked.encoding_format == "base64"


def _texts(items: Sequence[wire.Item]) -> list[str]:
    texts: list[str] = []
    for at, item in enumerate(items):
        if not isinstance(item, TextPart):
            kind = "a picture" if isinstance(item, wire.PictureItem) else "a film"
            raise FieldUnserved(f"input[{at}]", value=kind, because="engines read texts alone.")
        texts.append(item.text)
    return texts
