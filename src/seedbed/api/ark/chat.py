"""`POST /chat/completions`, and the same for bots and for batches.

Floor 6. A bot is a model with a name of its own; it looks nothing up, so its answers have no
`references`. What an answer has no words for here is dropped by name: the seal of a thought, the
stop text that was met.
"""

import msgspec

from seedbed.api.ark import wire, write
from seedbed.api.ark.manner import Ark, Patient
from seedbed.api.ark.read import read_chat
from seedbed.api.dialect import Reading
from seedbed.api.openai.chat import ChatWriter
from seedbed.api.openai.sampling import wants_usage
from seedbed.api.openai.write import usage as told_usage
from seedbed.core.ask import Priority
from seedbed.core.event import (
    CallDelta,
    Event,
    Failed,
    Finished,
    ReasoningDelta,
    TextDelta,
    UsageNow,
)
from seedbed.core.money import Entry
from seedbed.core.usage import Usage
from seedbed.core.value import changed
from seedbed.kit import sse


class ArkWriter(ChatWriter):
    """Writes one chat completion as Ark does; `in_each` tells the usage so far in each piece."""

    def __init__(
        self, head: dict[str, object], request_id: str, *, include_usage: bool, in_each: bool
    ) -> None:
        super().__init__(head, include_usage=include_usage)
        self._request_id, self._in_each = request_id, in_each
        self._used = Usage()

    def chunk(self, event: Event) -> bytes:
        """What a stream sends for one event."""
        if type(event) is Failed:
            return sse.frame(write.error_body(event.error, self._request_id))
        if self._in_each:
            self._count(event)
        return super().chunk(event)

    def _count(self, event: Event) -> None:
        """Add what an event used to what every piece tells from here on."""
        if isinstance(event, UsageNow | Finished):
            self._used = event.usage
        elif isinstance(event, ReasoningDelta):
            self._used += Usage(output_reasoning=event.tokens)
        elif isinstance(event, TextDelta | CallDelta):
            self._used += Usage(output_visible=event.tokens)
        self._ends = b',"usage":%b}\n\n' % msgspec.json.encode(told_usage(self._used))


class BotWriter(ArkWriter):
    """Writes what a bot answers, with what each of its models used."""

    def _spent(self, usage: Usage, entry: Entry | None) -> dict[str, object]:
        used: dict[str, object] = {"name": self._head["model"]}
        used |= {name: count for name, count in told_usage(usage).items() if name in _COUNTS}
        bot: dict[str, object] = {"model_usage": [used], "action_usage": []}
        return super()._spent(usage, entry) | {"bot_usage": bot}


_COUNTS = frozenset({"prompt_tokens", "completion_tokens", "total_tokens"})


class Chat(Ark):
    """A conversation is answered."""

    writer: type[ArkWriter] = ArkWriter

    def read(self, body: bytes, *, request_id: str, now: int) -> Reading:
        """Understand a chat completion request."""
        ask, chat = read_chat(body, wire.ChatBody)
        writer = writer_of(chat, request_id, now, self.writer)
        return Reading(ask, writer, writer if chat.stream else None)


class BotChat(Chat):
    """The same, by a bot."""

    writer = BotWriter


class BatchChat(Chat, Patient):
    """The same, when there is time for it; it is told whole."""

    def read(self, body: bytes, *, request_id: str, now: int) -> Reading:
        """Understand a chat completion request that waits for others."""
        reading = super().read(body, request_id=request_id, now=now)
        return Reading(changed(reading.ask, priority=Priority.BATCH), reading.writer)


def writer_of(
    chat: wire.ChatBody, request_id: str, now: int, kind: type[ArkWriter] = ArkWriter
) -> ArkWriter:
    """Who writes the answer to a chat."""
    id_ = "chatcmpl-" + request_id.removeprefix("req_")
    head: dict[str, object] = {"id": id_, "created": now, "model": chat.model}
    head["service_tier"] = "default"  # there is one tier
    options = chat.stream_options
    in_each = bool(options and options.chunk_include_usage)
    return kind(head, request_id, include_usage=wants_usage(chat), in_each=in_each)
