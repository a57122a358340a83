"""Anthropic's words: its Messages.

Floor 3. It has no words for vectors, scores, patterns or plain completions, and none for a form
that is any JSON. A thought goes back to it only with its maker's seal, and unread where only its
maker can read it.

Of a request that came in the same words it is told what is told of every other, and `CARRIED`
besides. Dropped by name: `metadata`, which names the caller's own people; `service_tier` and
`speed`, which have prices that no card knows; `diagnostics`; `context_management` and
`anthropic-beta`, which would change the words of the answer; the `cache_control` of single blocks,
and any field that the reference does not know.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated

import msgspec

from seedbed.core.ask import Ask, EmbedAsk, Feature, RerankAsk, Tool
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
    hidden,
)
from seedbed.engines.upstreams import blocks
from seedbed.engines.upstreams.base import Request, Scores, Served, Unreadable, Vectors, decode
from seedbed.engines.upstreams.media import Inline, located

_VERSION = "2023-06-01"
"""The oldest that has all that is said here, so that servers of others take it, too."""
_MOST_OUTPUT = 32_000
"""Tokens where an ask sets no limit: the dialect wants one, and models refuse a larger one."""
_LEAST_THOUGHT = 1024
"""The smallest budget of thought that is taken."""
_EFFORTS = {"minimal": "low"}
_UNSAID = ("min_p", "frequency_penalty", "presence_penalty")
"""Sampling values that change an answer and have no words here; a seed only repeats one."""


CARRIED = "cache_control"
"""Of a whole request: its prompt shall be kept for the next. That is always for five minutes, for
an hour has another price.
"""


class _Count(msgspec.Struct):
    input_tokens: Annotated[int, msgspec.Meta(ge=0)]


_COUNTS = msgspec.json.Decoder(_Count)


class Anthropic:
    """Anthropic's dialect, as one upstream speaks it."""

    name = "anthropic"
    can = frozenset(
        {
            Feature.CHAT,
            Feature.TOOLS,
            Feature.SCHEMA,
            Feature.REASONING,
            Feature.MEDIA,
            Feature.TOKENS,
        }
    )

    def __init__(self, served: Served) -> None:
        self.served = served

    def root(self, url: str) -> str:
        """The address with its version, which a card may leave out."""
        return f"{url.removesuffix('/v1')}/v1"

    def headers(self, secret: str | None) -> Mapping[str, str]:
        """The secret in the header that all servers of the dialect take, and the version."""
        key = {"x-api-key": secret} if secret else {}
        return {"anthropic-version": _VERSION} | key

    def ask(self, ask: Ask) -> Request:
        """A message."""
        most = self._most(ask)
        body: dict[str, object] = {"model": self.served.theirs, "max_tokens": most}
        body["stream"] = not ask.whole
        body |= self._conversation(ask.messages) | _sampling(ask) | _tools(ask) | _carried(ask)
        return Request("/messages", body | self._thinking(ask, most))

    def embed(self, ask: EmbedAsk) -> Request:
        """Not in this dialect."""
        raise FeatureUnserved(ask.model, Feature.EMBEDDING.value)

    def rerank(self, ask: RerankAsk) -> Request:
        """Not in this dialect."""
        raise FeatureUnserved(ask.model, Feature.RERANK.value)

    def count(self, ask: Ask) -> Request:
        """The same message, without what only its answer needs."""
        body: dict[str, object] = {"model": self.served.theirs}
        body |= self._conversation(ask.messages) | _tools(ask)
        return Request("/messages/count_tokens", body | self._thinking(ask, self._most(ask)))

    def reader(self) -> blocks.Stream:
        """Reads a message."""
        return blocks.Stream()

    def vectors(self, body: bytes) -> Vectors:
        """Not in this dialect."""
        raise Unreadable(f"{len(body)} bytes of vectors")

    def scores(self, body: bytes) -> Scores:
        """Not in this dialect."""
        raise Unreadable(f"{len(body)} bytes of scores")

    def counted(self, body: bytes) -> int:
        """One number."""
        return decode(_COUNTS, body).input_tokens

    def adapt(self, said: str) -> bool:
        """There is one word for each thing."""
        del said
        return False

    def _most(self, ask: Ask) -> int:
        return ask.limits.output or min(_MOST_OUTPUT, self.served.window)

    def _conversation(self, messages: Sequence[Message]) -> dict[str, object]:
        """The system's words before all else, and turns of alternate speakers."""
        opening = 0
        while opening < len(messages) and messages[opening].role == Role.SYSTEM:
            opening += 1
        turns: list[tuple[str, list[object]]] = []
        for message in messages[opening:]:
            role = "user" if message.role == Role.TOOL else message.role.value
            if not turns or turns[-1][0] != role:
                turns.append((role, []))
            turns[-1][1].extend(self._blocks(message.parts))
        told: dict[str, object] = {
            "messages": [{"role": role, "content": said} for role, said in turns if said]
        }
        system = "\n\n".join(message.text for message in messages[:opening])
        return told | ({"system": system} if system else {})

    def _blocks(self, parts: Sequence[Part]) -> Iterator[object]:
        """Blocks, without empty words and thoughts that have no seal: neither is taken."""
        for part in parts:
            match part:
                case Text(text=text):
                    if text:
                        yield {"type": "text", "text": text}
                case Reasoning(text=text, seal=seal):
                    if seal is not None:
                        yield _thought(text, seal)
                case Call():
                    call = {"id": part.id, "name": part.name, "input": _object(part.arguments)}
                    yield {"type": "tool_use"} | call
                case Result():
                    content = list(self._blocks(part.parts))
                    told = {"tool_use_id": part.call_id, "content": content}
                    yield {"type": "tool_result", "is_error": part.is_error} | told
                case Media():
                    yield _medium(part)
                case Opaque(
                    dialect=dialect, data=data
                ):  # pragma: no branch - the last of the kinds
                    yield self._opaque(dialect, data)

    def _opaque(self, dialect: str, data: object) -> object:
        if dialect == self.name:
            return data
        raise RequestMalformed(
            f"A part in the words of {dialect!r} cannot be sent to this model.",
            hint="Leave it out.",
            field="messages",
        )

    def _thinking(self, ask: Ask, most: int) -> dict[str, object]:
        """The form, and a budget of thought where one was given that fits, else an effort."""
        policy = ask.reasoning
        told: dict[str, object] = {}
        config = _format(ask)
        if Feature.REASONING not in self.served.serves:
            pass
        elif policy.mode == "off" or policy.effort == "none":
            told["thinking"] = {"type": "disabled"}
        else:
            if policy.budget is not None and most > _LEAST_THOUGHT:
                budget = min(max(policy.budget, _LEAST_THOUGHT), most - 1)
                told["thinking"] = {"type": "enabled", "budget_tokens": budget}
            elif policy.mode == "on" or policy.effort:
                told["thinking"] = {"type": "adaptive"}
            if policy.effort:
                config["effort"] = _EFFORTS.get(policy.effort, policy.effort)
        return told | ({"output_config": config} if config else {})


def _thought(text: str, seal: bytes) -> object:
    data = hidden(seal)
    if data is not None:
        return {"type": "redacted_thinking", "data": data}
    return {"type": "thinking", "thinking": text, "signature": seal.decode(errors="replace")}


def _sampling(ask: Ask) -> dict[str, object]:
    sampling = ask.sampling
    for field in _UNSAID:
        if value := getattr(sampling, field):
            raise FieldUnserved(field, value=f"{value:g}", because="this model's provider has none")
    wanted = {
        "stop_sequences": list(ask.limits.stop) or None,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "top_k": sampling.top_k,
    }
    return {name: value for name, value in wanted.items() if value is not None}


def _carried(ask: Ask) -> dict[str, object]:
    is_marked = ask.extra.get(Anthropic.name, {}).get(CARRIED)
    return {CARRIED: {"type": "ephemeral"}} if is_marked else {}


def _format(ask: Ask) -> dict[str, object]:
    if ask.format.kind != "schema":
        return {}
    return {"format": {"type": "json_schema", "schema": ask.format.schema}}


def _tools(ask: Ask) -> dict[str, object]:
    """The tools that may be called: those that may not are left out."""
    policy = ask.tool_policy
    offered = [tool for tool in ask.tools if not policy.only or tool.name in policy.only]
    if not offered:
        return {}
    choice: dict[str, object] = {"type": {"required": "any"}.get(policy.mode, policy.mode)}
    if policy.mode == "required" and len(offered) == 1:
        choice = {"type": "tool", "name": offered[0].name}
    if not policy.parallel and policy.mode != "none":
        choice["disable_parallel_tool_use"] = True
    return {"tools": [_tool(tool) for tool in offered], "tool_choice": choice}


def _tool(tool: Tool) -> dict[str, object]:
    schema = tool.schema or {"type": "object", "properties": {}}
    told: dict[str, object] = {"name": tool.name, "description": tool.description}
    return told | {"input_schema": schema} | ({"strict": True} if tool.strict else {})


def _object(arguments: str) -> object:
    """Arguments as the object that is wanted here; what a model wrote amiss is kept in one."""
    try:
        return msgspec.json.decode(arguments or "{}", type=dict[str, object])
    except (ValueError, RecursionError):
        return {"arguments": arguments}


def _medium(media: Media) -> dict[str, object]:
    kinds = {MediaKind.IMAGE: "image", MediaKind.FILE: "document"}
    if media.kind not in kinds:
        raise FieldUnserved(
            "messages", value=media.kind.value, because="this model's provider takes none"
        )
    found = located(media)
    if isinstance(found, Inline):
        source = {"type": "base64", "media_type": found.kind, "data": found.data}
    else:
        source = {"type": "url", "url": found}
    return {"type": kinds[media.kind], "source": source}
