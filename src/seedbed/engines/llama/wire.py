"""What the server is told and what it tells, in its own words.

Floor 3. It speaks OpenAI's words, with some of its own added.
"""

import base64
from collections.abc import Mapping, Sequence

import msgspec

from seedbed.core.ask import Ask, EmbedAsk, RerankAsk, Tool
from seedbed.core.errors import RequestMalformed
from seedbed.core.event import Likely, Stop
from seedbed.core.message import Call, Media, MediaKind, Message, Part, Reasoning, Result, Text

Body = dict[str, object]

_SIGNATURES = {
    b"\x89PNG": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
    b"BM": "image/bmp",
    b"RIFF": "image/webp",
}


class Token(msgspec.Struct):
    """A token, how likely it was, and the likeliest in its place."""

    token: str
    logprob: float | None
    top_logprobs: list["Token"] = []

    def likely(self, top: int) -> Likely:
        """The same in our words, with that many alternatives."""
        others = tuple(each.likely(0) for each in self.top_logprobs[:top])
        return Likely(self.token, _LEAST if self.logprob is None else self.logprob, others)


_RANDOM = (1 << 32) - 1
"""The seed by which the server draws one."""
_LEAST = -9999.0
"""Infinitely unlikely, which JSON cannot say."""


class Tokens(msgspec.Struct):
    """The tokens of one chunk."""

    content: list[Token] | None = None


class Function(msgspec.Struct):
    """Some more of a call."""

    name: str | None = None
    arguments: str | None = None


class CallPiece(msgspec.Struct):
    """Some more of the call with that index."""

    index: int
    id: str | None = None
    function: Function = msgspec.field(default_factory=Function)


class Delta(msgspec.Struct):
    """Some more of an answer."""

    words: str | None = msgspec.field(name="content", default=None)
    thought: str | None = msgspec.field(name="reasoning_content", default=None)
    calls: list[CallPiece] | None = msgspec.field(name="tool_calls", default=None)


class Choice(msgspec.Struct):
    """One answer; `delta` where it chats, `text` where it continues."""

    delta: Delta = msgspec.field(default_factory=Delta)
    text: str | None = None
    ended: str | None = msgspec.field(name="finish_reason", default=None)
    logprobs: Tokens | None = None

    @property
    def words(self) -> str:
        """The words, either way."""
        return self.delta.words or self.text or ""

    @property
    def likely(self) -> list[Token]:
        """The tokens, where they were asked for."""
        return (self.logprobs.content or []) if self.logprobs else []


class Timings(msgspec.Struct):
    """What was counted so far: of the prompt from the cache, the rest of it, and of the answer."""

    cache_n: int
    prompt_n: int
    predicted_n: int
    prompt_ms: float = 0.0


class Progress(msgspec.Struct):
    """How far the prompt is read; `processed` counts what the cache held, too."""

    total: int
    cache: int
    processed: int


class Fault(msgspec.Struct):
    """What went wrong."""

    message: str
    type: str = ""
    n_prompt_tokens: int = 0
    n_ctx: int = 0


class Chunk(msgspec.Struct):
    """One event of a stream."""

    choices: list[Choice] = []
    timings: Timings | None = None
    prompt_progress: Progress | None = None
    error: Fault | None = None


class Refusal(msgspec.Struct):
    """The body of an answer that is none."""

    error: Fault


class Counted(msgspec.Struct):
    """Tokens that were read."""

    read: int = msgspec.field(name="prompt_tokens")


class Vector(msgspec.Struct):
    """One text's vector."""

    index: int
    embedding: list[float]


class Vectors(msgspec.Struct):
    """The answer to texts."""

    data: list[Vector]
    usage: Counted


class Score(msgspec.Struct):
    """One text's score."""

    index: int
    relevance_score: float


class Scores(msgspec.Struct):
    """The answer to a question and texts."""

    results: list[Score]
    usage: Counted


CHUNKS = msgspec.json.Decoder(Chunk)
REFUSALS = msgspec.json.Decoder(Refusal)
VECTORS = msgspec.json.Decoder(Vectors)
SCORES = msgspec.json.Decoder(Scores)
_STOPS = {"stop": Stop.END, "length": Stop.LENGTH, "tool_calls": Stop.CALL}


def stop(reason: str) -> Stop:
    """Why it ended.

    Raises:
        msgspec.ValidationError: the server has a reason that is not known here.
    """
    if reason not in _STOPS:
        raise msgspec.ValidationError(f"unknown finish_reason {reason!r}")
    return _STOPS[reason]


def stream(ask: Ask) -> Body:
    """What every stream is asked with, whether it chats or continues."""
    sampling = ask.sampling
    wanted: Body = {
        "max_tokens": ask.limits.output,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "top_k": sampling.top_k,
        "min_p": sampling.min_p,
        "frequency_penalty": sampling.frequency_penalty,
        "presence_penalty": sampling.presence_penalty,
        "seed": None if sampling.seed is None else sampling.seed % _RANDOM,
        "stream": True,
        "timings_per_token": True,
        "return_progress": True,
    }
    return {name: value for name, value in wanted.items() if value is not None}


def continuation(ask: Ask) -> Body:
    """What is added for words that are continued as they are.

    Raises:
        RequestMalformed: the message has more than words.
    """
    parts = [part for message in ask.messages for part in message.parts]
    foreign = [part for part in parts if not isinstance(part, Text)]
    if foreign:
        raise _unshown(f"It has a part of kind {type(foreign[0]).__name__!r}")
    body: Body = {"prompt": "".join(part.text for part in parts if isinstance(part, Text))}
    if ask.sampling.logprobs is not None:
        body["logprobs"] = max(ask.sampling.logprobs, 1)
    return body


def conversation(messages: Sequence[Message], ask: Ask) -> Body:
    """What is added for a conversation.

    Raises:
        RequestMalformed: a part of it cannot be shown to the model.
    """
    body: Body = {"messages": [each for message in messages for each in _said(message)]}
    if ask.sampling.logprobs is not None:
        body |= {"logprobs": True, "top_logprobs": max(ask.sampling.logprobs, 1)}
    return body


def offer(tools: Sequence[Tool], *, required: bool, parallel: bool) -> Body:
    """What is added for tools that the model's own template tells of."""
    return {
        "tools": [
            {
                "type": "function",
                "function": {
                    "name": tool.name,
                    "description": tool.description,
                    "parameters": tool.schema or {"type": "object"},
                },
            }
            for tool in tools
        ],
        "tool_choice": "required" if required else "auto",
        "parallel_tool_calls": parallel,
    }


def schema(schema: Mapping[str, object]) -> Body:
    """What is added for an answer that comes after thought, in JSON of that schema."""
    return {"response_format": {"type": "json_schema", "json_schema": {"schema": schema}}}


def lora(names: Sequence[str], chosen: str) -> list[Body]:
    """All adapters of a server as each request names them: the chosen one in full, the others not
    at all. One that is left out would be as the server was started, and with an empty list all.
    """
    return [{"id": at, "scale": float(name == chosen)} for at, name in enumerate(names)]


def placed(body: bytes, place: int, *, again: bool) -> bytes:
    """A request that is written already, for that place; `again` uses what lies there."""
    added = msgspec.json.encode({"id_slot": place, "cache_prompt": again})
    return body[:-1] + b"," + added[1:]


def texts(ask: EmbedAsk) -> Body:
    """What is asked for vectors."""
    return {"input": list(ask.texts), "encoding_format": "float"}


def pairs(ask: RerankAsk) -> Body:
    """What is asked for scores."""
    return {"query": ask.question, "documents": list(ask.texts)}


def _said(message: Message) -> list[Body]:
    """The one message that it is there, or one for each result that it brings."""
    results = [part for part in message.parts if isinstance(part, Result)]
    said: list[Body] = [
        {"role": "tool", "tool_call_id": each.call_id, "content": content(each.parts)}
        for each in results
    ]
    rest = [part for part in message.parts if not isinstance(part, Result | Reasoning)]
    if rest or not results:
        calls = [part for part in rest if isinstance(part, Call)]
        one: Body = {"role": message.role}
        words = [part for part in rest if not isinstance(part, Call)]
        one["content"] = content(words) if words or not calls else None
        if calls:
            one["tool_calls"] = [_call(each) for each in calls]
        said.append(one)
    return said


def _call(call: Call) -> Body:
    function = {"name": call.name, "arguments": call.arguments}
    return {"id": call.id, "type": "function", "function": function}


def content(parts: Sequence[Part]) -> str | list[Body]:
    """Words alone as text; words and pictures as a list.

    Raises:
        RequestMalformed: a part is neither.
    """
    if all(isinstance(part, Text | Reasoning) for part in parts):
        return "".join(part.text for part in parts if isinstance(part, Text))
    return [_shown(part) for part in parts]


def _shown(part: Part) -> Body:
    match part:
        case Text(text=text):
            return {"type": "text", "text": text}
        case Media(kind=MediaKind.IMAGE, source=source):
            return {"type": "image_url", "image_url": {"url": _data(source)}}
        case Media(kind=kind):
            raise _unshown(f"It has a part of kind {kind.value!r}")
        case _:
            raise _unshown(f"It has a part of kind {type(part).__name__!r}")


def _data(source: str | bytes) -> str:
    if isinstance(source, bytes):
        kind = next((k for mark, k in _SIGNATURES.items() if source.startswith(mark)), "image/*")
        return f"data:{kind};base64,{base64.b64encode(source).decode()}"
    if not source.startswith("data:image/"):
        raise RequestMalformed(
            f"The picture at {source[:60]!r} is not read: nothing is fetched here.",
            hint="Send the picture itself, as a data URI.",
            field="messages",
        )
    return source


def _unshown(what: str) -> RequestMalformed:
    return RequestMalformed(
        f"{what}, which the engine cannot show to the model.",
        hint="Send words, and pictures where the model reads them.",
        field="messages",
    )
