"""A target that is a server: asked over HTTP, in OpenAI's words, for streams.

Floor 5.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import anyio
import msgspec

from seedbed.bench.serving.chats import Chat, Got
from seedbed.kit import sse
from seedbed.kit.http.client import Bounds, Client
from seedbed.kit.http.errors import HttpFault

_BOUNDS = Bounds(silence_seconds=1800.0, kept_seconds=1.0)
"""A slow one may read long prompts for many minutes before its first word."""
_LONGEST_REFUSAL = 1 << 20
PATH = "/v1/chat/completions"


class _Delta(msgspec.Struct):
    content: str | None = None


class _Choice(msgspec.Struct):
    delta: _Delta = msgspec.field(default_factory=_Delta)


class _Usage(msgspec.Struct):
    prompt_tokens: int
    completion_tokens: int


class _Chunk(msgspec.Struct):
    choices: list[_Choice] = []
    usage: _Usage | None = None
    error: dict[str, object] | str | None = None


_CHUNKS = msgspec.json.Decoder(_Chunk)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server listens and what it wants to be told: a URL, a key, and its model's name."""

    url: str
    model: str
    key: str = "none"


class Served:
    """A server that speaks OpenAI's words. `extra` are fields of its own, for chats that want all
    their tokens.
    """

    def __init__(
        self, name: str, pid: int, address: Address, extra: Mapping[str, object] | None = None
    ) -> None:
        self.name, self.pid, self.url = name, pid, address.url
        self._model, self._extra = address.model, extra or {}
        headers = {"authorization": f"Bearer {address.key}", "content-type": "application/json"}
        self._client = Client(address.url, headers.items(), _BOUNDS)

    async def together(self, chats: Sequence[Chat]) -> list[Got]:
        """Answer these side by side."""
        got = [Got() for _ in chats]

        async def answer(at: int) -> None:
            got[at] = await self.one(chats[at])

        async with anyio.create_task_group() as tasks:
            for at in range(len(chats)):
                tasks.start_soon(answer, at)
        return got

    async def one(self, chat: Chat) -> Got:
        """Answer one chat."""
        got = Got(at=time.perf_counter(), wanted=chat.wanted, opening=chat.opening)
        got.has_form = chat.schema is not None
        headers = {"x-seedbed-priority": chat.priority} if chat.priority else {}
        try:
            with await self._client.send("POST", PATH, headers.items(), self._body(chat)) as answer:
                if answer.status_code != 200:
                    why = await answer.read(_LONGEST_REFUSAL)
                    got.lost = f"{answer.status_code}: {why[:200].decode(errors='replace')}"
                    return got
                parser = sse.Parser()
                async for data in answer:
                    for line in parser.feed(data):
                        _take(got, line)
        except (HttpFault, msgspec.MsgspecError) as error:
            got.lost = f"{type(error).__name__}: {error}"
        got.took = time.perf_counter() - got.at
        if not got.tokens and not got.lost:
            got.lost = "it told no tokens"
        return got

    def _body(self, chat: Chat) -> bytes:
        body: dict[str, object] = {
            "model": self._model,
            "messages": [{"role": role, "content": text} for role, text in chat.messages],
            "max_tokens": chat.output,
            "temperature": 0,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if chat.schema:
            form = {"name": "form", "schema": chat.schema, "strict": True}
            body["response_format"] = {"type": "json_schema", "json_schema": form}
        return msgspec.json.encode(body | (dict(self._extra) if chat.whole else {}))


def _take(got: Got, line: bytes) -> None:
    """Add one piece of a stream to its answer."""
    if line == b"[DONE]":
        return
    chunk = _CHUNKS.decode(line)
    if chunk.error:
        got.lost = str(chunk.error)[:200]
    for choice in chunk.choices:
        if choice.delta.content:
            got.first = got.first or time.perf_counter() - got.at
            got.text += choice.delta.content
    if chunk.usage:
        got.prompt, got.tokens = chunk.usage.prompt_tokens, chunk.usage.completion_tokens
