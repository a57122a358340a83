"""OpenAI's words, which most servers and providers speak.

Floor 3. Chat and plain completions, embeddings, and the `/rerank` that vLLM and Jina put beside
them. A pattern or a grammar goes in the words of vLLM, SGLang and llama.cpp at once: each passes
over those of the others.
"""

from collections.abc import Iterator, Mapping, Sequence

from seedbed.core.ask import Ask, EmbedAsk, Feature, Format, RerankAsk, Tool
from seedbed.core.errors import FeatureUnserved, FieldUnserved, RequestMalformed
from seedbed.core.message import (
    Call,
    Media,
    MediaKind,
    Message,
    Opaque,
    Part,
    Reasoning,
    Result,
    Role,
    Text,
)
from seedbed.engines.upstreams import chunks, pages
from seedbed.engines.upstreams.base import Request, Scores, Served, Unreadable, Vectors
from seedbed.engines.upstreams.media import Inline, located

_THOUGHTFUL = ((1024, "low"), (8192, "medium"))
"""Up to so many tokens of thought, which effort they are."""
_PATTERNS = {"regex": ("regex",), "grammar": ("grammar", "ebnf")}
"""Other fields for the same, beside `structured_outputs`."""
_SAMPLED = (
    "temperature",
    "top_p",
    "top_k",
    "min_p",
    "frequency_penalty",
    "presence_penalty",
    "seed",
)
"""Values of `Sampling` that are called the same here."""
_ONE_PIECE = {"stream": False}
BESIDE = "openai.beside"
"""Fields that are sent with an ask as they are; no door fills them in."""
_SOUNDS = {"audio/mpeg": "mp3", "audio/x-wav": "wav"}
"""Types of sound whose names here are others."""


class OpenAi:
    """OpenAI's dialect, as one upstream speaks it."""

    name = "openai"
    can = frozenset(Feature) - {
        Feature.CHOICES,
        Feature.TOKENS,
        Feature.IMAGES,
        Feature.IMAGE_EDIT,
        Feature.VIDEOS,
        Feature.SCENES,
        Feature.SPEECH,
        Feature.LISTENING,
    }

    def __init__(self, served: Served) -> None:
        self.served = served
        self.thinks = Feature.REASONING in served.serves
        self.limit = "max_tokens"
        """What the most tokens are called here, those of thought among them."""
        self._asks_usage = True

    def root(self, url: str) -> str:
        """The address as it is; it ends in its version, as in `/v1`."""
        return url

    def headers(self, secret: str | None) -> Mapping[str, str]:
        """The secret as a bearer's."""
        return {"authorization": f"Bearer {secret}"} if secret else {}

    def ask(self, ask: Ask) -> Request:
        """A chat completion, or for a raw ask a completion of its text."""
        body: dict[str, object] = {"model": self.served.theirs}
        body |= _ONE_PIECE if ask.whole else self.streaming
        if ask.limits.output is not None:
            body[self.limit] = ask.limits.output
        if ask.limits.stop:
            body["stop"] = ask.limits.stop
        for name in _SAMPLED:
            if (value := getattr(ask.sampling, name)) is not None:
                body[name] = value
        body |= _format(ask.format)
        if self.served.salts and ask.memory.owner:
            body["cache_salt"] = ask.memory.owner
        body |= ask.extra.get(BESIDE, {})
        if ask.raw:
            return self._continued(ask, body)
        return self._chat(ask, body)

    def _chat(self, ask: Ask, body: dict[str, object]) -> Request:
        said: list[dict[str, object]] = []
        for message in ask.messages:
            parts = message.parts
            if len(parts) == 1 and isinstance(parts[0], Text):  # as most are
                said.append({"role": message.role, "content": parts[0].text})
            else:
                said.extend(self._several(message))
        body["messages"] = said
        if ask.sampling.logprobs is not None:
            body |= {"logprobs": True, "top_logprobs": ask.sampling.logprobs}
        if ask.tools:
            body |= _tools(ask)
        if self.thinks:
            body |= self.reasoning(ask)
        return Request("/chat/completions", body)

    def _continued(self, ask: Ask, body: dict[str, object]) -> Request:
        body["prompt"] = "".join(message.text for message in ask.messages)
        return Request("/completions", body | _given(logprobs=ask.sampling.logprobs))

    def embed(self, ask: EmbedAsk) -> Request:
        """Vectors as lists of numbers, which every server can send."""
        body: dict[str, object] = {"input": ask.texts, "encoding_format": "float"}
        body |= {"model": self.served.theirs} | _given(dimensions=ask.dimensions)
        return Request("/embeddings", body)

    def rerank(self, ask: RerankAsk) -> Request:
        """Scores of all texts, without the texts."""
        body = {"query": ask.question, "documents": ask.texts, "top_n": len(ask.texts)}
        return Request("/rerank", {"model": self.served.theirs, "return_documents": False} | body)

    def count(self, ask: Ask) -> Request:
        """Not in this dialect."""
        raise FeatureUnserved(ask.model, Feature.TOKENS.value)

    def reader(self) -> chunks.Stream:
        """Reads chunks, or what came in one piece."""
        return chunks.Stream()

    def vectors(self, body: bytes) -> Vectors:
        """Lists of numbers, or base64 of 32-bit floats."""
        return pages.vectors(body)

    def scores(self, body: bytes) -> Scores:
        """Results in any order."""
        return pages.scores(body)

    def counted(self, body: bytes) -> int:
        """Not in this dialect."""
        raise Unreadable(f"{len(body)} bytes of a count")

    def adapt(self, said: str) -> bool:
        """Newer servers name the limit otherwise; some tell no usage in a stream."""
        if "max_completion_tokens" in said and self.limit == "max_tokens":
            self.limit = "max_completion_tokens"
            return True
        if "stream_options" in said and self._asks_usage:
            self._asks_usage = False
            return True
        return False

    def _several(self, message: Message) -> Iterator[dict[str, object]]:
        """What a message of several parts is: the results of tools are messages of their own."""
        rest: list[Part] = []
        for part in message.parts:
            if isinstance(part, Result):
                yield {"role": "tool", "tool_call_id": part.call_id, "content": _words(part)}
            else:
                rest.append(part)
        if not rest:
            return
        calls = [_call(part) for part in rest if isinstance(part, Call)]
        content = self._content([part for part in rest if not isinstance(part, Call)])
        said: dict[str, object] = {"role": message.role.value, "content": content or ""}
        if calls:
            said |= {"content": content or None, "tool_calls": calls}
        if message.role == Role.ASSISTANT:
            said |= self.thought("".join(p.text for p in rest if isinstance(p, Reasoning)))
        yield said

    def thought(self, text: str) -> dict[str, object]:
        """What an earlier thought adds to its message: nothing, since no field is agreed on."""
        del text
        return {}

    def reasoning(self, ask: Ask) -> dict[str, object]:
        """How much to think, in words for an effort; for models that think only."""
        effort = "none" if ask.reasoning.mode == "off" else effort_of(ask)
        return _given(reasoning_effort=effort)

    @property
    def streaming(self) -> dict[str, object]:
        """That a stream is wanted, and its usage with it."""
        told: dict[str, object] = {"stream": True}
        return told | ({"stream_options": {"include_usage": True}} if self._asks_usage else {})

    def _content(self, parts: Sequence[Part]) -> str | list[object]:
        """A text where there are only words, which every server takes; otherwise parts."""
        said = [part for part in parts if not isinstance(part, Reasoning)]
        if all(isinstance(part, Text) for part in said):
            return "".join(part.text for part in said if isinstance(part, Text))
        return [self._part(part) for part in said]

    def _part(self, part: Part) -> object:
        match part:
            case Text(text=text):
                return {"type": "text", "text": text}
            case Media():
                return self.medium(part)
            case Opaque(dialect=self.name, data=data):
                return data
            case other:
                raise RequestMalformed(
                    f"A part of the kind {type(other).__name__} cannot be sent to this model.",
                    hint="Leave it out.",
                    field="messages",
                )

    def medium(self, media: Media) -> dict[str, object]:
        """A picture, film, sound or file as a part."""
        found = located(media)
        match media.kind:
            case MediaKind.IMAGE | MediaKind.VIDEO:
                url = found.uri if isinstance(found, Inline) else found
                kind = f"{media.kind.value}_url"
                return {"type": kind, kind: _options(media, "media_type") | {"url": url}}
            case MediaKind.AUDIO if isinstance(found, Inline):
                form = _SOUNDS.get(found.kind, found.kind.rpartition("/")[2])
                return {"type": "input_audio", "input_audio": {"data": found.data, "format": form}}
            case MediaKind.FILE if isinstance(found, Inline):
                named = _options(media, "media_type") | {"file_data": found.uri}
                return {"type": "file", "file": {"filename": "file"} | named}
            case _:
                raise FieldUnserved(
                    "messages", value=f"a URL of {media.kind.value}", because="send its bytes"
                )


def effort_of(ask: Ask) -> str | None:
    """The effort that was asked for, or the one that a budget amounts to."""
    policy = ask.reasoning
    if policy.effort is not None or policy.budget is None:
        return policy.effort or ("medium" if policy.mode == "on" else None)
    return next((effort for most, effort in _THOUGHTFUL if policy.budget <= most), "high")


def _given(**fields: object) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value is not None}


def _options(media: Media, *besides: str) -> dict[str, object]:
    return {name: value for name, value in media.options.items() if name not in besides}


def _words(result: Result) -> str:
    for part in result.parts:
        if not isinstance(part, Text):
            raise FieldUnserved(
                "messages",
                value=f"{type(part).__name__} in a tool's result",
                because="this model's provider takes words there",
            )
    return "".join(part.text for part in result.parts if isinstance(part, Text))


def _call(call: Call) -> dict[str, object]:
    function = {"name": call.name, "arguments": call.arguments}
    return {"id": call.id, "type": "function", "function": function}


def _format(form: Format) -> dict[str, object]:
    match form.kind:
        case "text":
            return {}
        case "json":
            return {"response_format": {"type": "json_object"}}
        case "schema":
            shape = {"name": form.name or "answer", "schema": form.schema, "strict": form.strict}
            return {"response_format": {"type": "json_schema", "json_schema": shape}}
        case "regex" | "grammar":  # pragma: no branch - the last of the kinds
            told: dict[str, object] = {"structured_outputs": {form.kind: form.pattern}}
            return told | dict.fromkeys(_PATTERNS[form.kind], form.pattern)


def _tools(ask: Ask) -> dict[str, object]:
    """The tools that may be called: those that may not are left out, which every server knows."""
    policy = ask.tool_policy
    offered = [tool for tool in ask.tools if not policy.only or tool.name in policy.only]
    if not offered:
        return {}
    choice: object = policy.mode
    if policy.mode == "required" and len(offered) == 1:
        choice = {"type": "function", "function": {"name": offered[0].name}}
    told: dict[str, object] = {"tools": [_tool(tool) for tool in offered], "tool_choice": choice}
    return told if policy.parallel else told | {"parallel_tool_calls": False}


def _tool(tool: Tool) -> dict[str, object]:
    schema = tool.schema or {"type": "object", "properties": {}}
    function = {"name": tool.name, "description": tool.description, "parameters": schema}
    return {"type": "function", "function": function | ({"strict": True} if tool.strict else {})}
