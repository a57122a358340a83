"""`POST /context/create` and `POST /context/chat/completions`.

Floor 6. To create a context has the model read it, so that it is in the engine's cache: that is an
ask of one token, which is charged. Dropped by name: what was thought is not remembered.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing

import msgspec

from seedbed.api.ark import wire
from seedbed.api.ark.chat import writer_of
from seedbed.api.ark.contexts import (
    HISTORY_TOKENS,
    LIFE_SECONDS,
    SESSION,
    Contexts,
    Held,
)
from seedbed.api.ark.manner import Ark
from seedbed.api.ark.read import read_chat
from seedbed.api.ark.session import Conversing
from seedbed.api.dialect import Reading
from seedbed.api.openai.body import read_body
from seedbed.api.openai.read import read_messages
from seedbed.api.openai.write import cost, usage
from seedbed.core.ask import Ask, Limits
from seedbed.core.errors import RequestMalformed, SeedbedError
from seedbed.core.event import Event, Failed, Finished, Reply
from seedbed.core.message import Message, Role, Text
from seedbed.serving.account import Order
from seedbed.serving.once import Generate

_NOTHING = Message(Role.USER, (Text(""),))
"""What is asked where nothing is asked yet: most templates want a user to have spoken last."""
_DEFAULT = wire.Truncation("last_history_tokens", HISTORY_TOKENS)


class CreateContext(Ark):
    """A context is kept, and read."""

    def __init__(self, contexts: Contexts) -> None:
        self._contexts = contexts

    def read(self, body: bytes, *, request_id: str, now: int) -> Reading:
        """Understand a request for a context."""
        del now
        asked, _ = read_body(body, wire.ContextBody)
        messages = read_messages(asked.messages)
        if messages[-1].role is not Role.USER:
            messages = (*messages, _NOTHING)
        id_ = "ctx-" + request_id.removeprefix("req_")
        held = Held(
            model=asked.model,
            mode=asked.mode or SESSION,
            ttl=asked.ttl or LIFE_SECONDS,
            truncation_strategy=_strategy(asked),
            messages=asked.messages,
            tokens=0,
        )
        ask = Ask(asked.model, messages, limits=Limits(1), whole=True)
        return Reading(ask, ContextWriter(id_, held), way=_Keeping(self._contexts, id_, held))


class ContextChat(Ark):
    """A conversation that goes on from a context is answered."""

    def __init__(self, contexts: Contexts) -> None:
        self._contexts = contexts

    def read(self, body: bytes, *, request_id: str, now: int) -> Reading:
        """Understand a chat completion request that names a context."""
        ask, chat = read_chat(body, wire.ContextChatBody)
        writer = writer_of(chat, request_id, now)
        way = Conversing(self._contexts, chat.context_id, chat.messages)
        return Reading(ask, writer, writer if chat.stream else None, way)


class ContextWriter:
    """Writes what a context is."""

    def __init__(self, id_: str, held: Held) -> None:
        self._id, self._held = id_, held

    def whole(self, reply: Reply) -> bytes:
        """The body of a whole answer."""
        held = self._held
        body: dict[str, object] = {"id": self._id, "model": held.model, "mode": held.mode}
        body |= {"ttl": held.ttl, "usage": usage(reply.usage)}
        if held.mode == SESSION:
            body["truncation_strategy"] = held.truncation_strategy
        return msgspec.json.encode(body | cost(reply.entry))


class _Keeping:
    """The way of a new context: it is kept once it was read."""

    def __init__(self, contexts: Contexts, id_: str, held: Held) -> None:
        self._contexts, self._id, self._held = contexts, id_, held

    async def generate(self, order: Order, generate: Generate) -> AsyncGenerator[Event]:
        """The answer."""
        async with aclosing(generate(order)) as events:
            async for event in events:
                yield await self._kept(event, order) if type(event) is Finished else event

    async def _kept(self, end: Finished, order: Order) -> Event:
        self._held.tokens = end.usage.input
        try:
            await self._contexts.keep(self._id, order.principal.project, self._held)
        except SeedbedError as error:
            return Failed(error, end.entry)
        return end


def _strategy(asked: wire.ContextBody) -> dict[str, object]:
    """How a session is cut, in full.

    Raises:
        RequestMalformed: what never grows should be cut.
    """
    strategy = asked.truncation_strategy
    if asked.mode == "common_prefix":
        if strategy is not None:
            raise RequestMalformed(
                "Field 'truncation_strategy' is given, and a 'common_prefix' never grows.",
                hint="Leave it out, or create a 'session'.",
                field="truncation_strategy",
            )
        return {}
    told = strategy or _DEFAULT
    if told.type == "rolling_tokens":
        return {"type": told.type, "rolling_tokens": told.rolling_tokens is not False}
    most = told.last_history_tokens or HISTORY_TOKENS
    return {"type": told.type, "last_history_tokens": most}
