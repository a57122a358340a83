"""`POST /v1/rerank`: how well each text answers a question, the best first.

Floor 6. OpenAI has no such call; the words are those that Jina, Cohere and vLLM share.
"""

import msgspec

from seedbed.api.dialect import Reading
from seedbed.api.openai import wire, write
from seedbed.api.openai.body import read_body
from seedbed.api.openai.manner import OpenAi
from seedbed.api.openai.texts import read_texts
from seedbed.core.ask import RerankAsk
from seedbed.core.event import Reply

_FIELDS = {"messages": "documents", "texts": "documents", "question": "query"}


class Rerank(OpenAi):
    """Texts are ranked."""

    fields = _FIELDS

    def read(self, body: bytes, *, request_id: str, now: int) -> Reading:
        """Understand a rerank request."""
        del now
        ask, rerank = read_rerank(body)
        id_ = "rerank-" + request_id.removeprefix("req_")
        return Reading(ask, RerankWriter(id_, ask, rerank))


def read_rerank(body: bytes) -> tuple[RerankAsk, wire.RerankBody]:
    """The ask in a body, and the body as it was typed.

    Raises:
        RequestMalformed: it is no JSON, or a field is missing, of a wrong type or out of range.
    """
    rerank, _ = read_body(body, wire.RerankBody)
    texts = [sent if isinstance(sent, str) else sent.text for sent in rerank.documents]
    return RerankAsk(rerank.model, rerank.query, read_texts(texts, field="documents")), rerank


class RerankWriter:
    """Writes scores, the best first; of equal ones that which was sent first."""

    def __init__(self, id_: str, ask: RerankAsk, rerank: wire.RerankBody) -> None:
        self._id = id_
        self._ask = ask
        self._most = rerank.top_n
        self._shows = bool(rerank.return_documents)

    def whole(self, reply: Reply) -> bytes:
        """The body of a whole answer."""
        ranked = sorted(enumerate(reply.scores), key=lambda one: -one[1])
        results = [self._result(at, score) for at, score in ranked[: self._most]]
        body: dict[str, object] = {"id": self._id, "model": self._ask.model, "results": results}
        body["usage"] = write.read_usage(reply.usage)
        return msgspec.json.encode(body | write.cost(reply.entry))

    def _result(self, at: int, score: float) -> dict[str, object]:
        result: dict[str, object] = {"index": at, "relevance_score": score}
        if self._shows:
            result["document"] = {"text": self._ask.texts[at]}
        return result
