"""`POST /tokenization`: the tokens of each text, as the model's own tokenizer numbers them.

Floor 6. Dropped by name: `user`.
"""

from collections.abc import Mapping

import msgspec

from seedbed.api.ark import wire
from seedbed.api.ark.embeddings import head_of
from seedbed.api.ark.manner import Ark
from seedbed.api.dialect import Reading
from seedbed.api.openai.body import read_body
from seedbed.api.openai.texts import read_texts
from seedbed.core.ask import TokenizeAsk
from seedbed.core.event import Reply, Tokenized


class Tokenization(Ark):
    """Texts are cut into tokens."""

    fields: Mapping[str, str] = {"messages": "text", "texts": "text"}

    def read(self, body: bytes, *, request_id: str, now: int) -> Reading:
        """Understand a request for tokens."""
        asked, _ = read_body(body, wire.TokenizationBody)
        texts = [asked.text] if isinstance(asked.text, str) else asked.text
        ask = TokenizeAsk(asked.model, read_texts(texts, field="text"))
        return Reading(ask, TokenWriter(head_of("token", ask.model, request_id, now)))


class TokenWriter:
    """Writes tokens and where they stand; `head` stands in front of them."""

    def __init__(self, head: dict[str, object]) -> None:
        self._head = head

    def whole(self, reply: Reply) -> bytes:
        """The body of a whole answer."""
        return msgspec.json.encode(self._head | {"data": [_item(one) for one in reply.tokenized]})


def _item(found: Tokenized) -> Mapping[str, object]:
    return {
        "object": "tokenization",
        "index": found.ordinal,
        "total_tokens": len(found.tokens),
        "token_ids": found.tokens,
        "offset_mapping": found.offsets,
    }
