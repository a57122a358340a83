"""The words of `POST /v1/responses`, as OpenAI's reference has them (November 2026).

Floor 6. Every field may be `null`, which means the same as leaving it out. The items of `input` are
in `items.py`, and tools in `tools.py`.
"""

from typing import Annotated, Literal, TypeAlias

import msgspec

from seedbed.api.openai.wire import Effort, Name, Positive, SchemaSpec, Share, StreamOptions, Wishes

Told: TypeAlias = Literal["auto", "concise", "detailed"]
Metadata: TypeAlias = Annotated[
    dict[Annotated[str, msgspec.Meta(max_length=64)], Annotated[str, msgspec.Meta(max_length=512)]],
    msgspec.Meta(max_length=16),
]


class TextFormat(msgspec.Struct):
    """The form of the answer; a schema's fields stand beside its type or, as in Ark, below it."""

    type: Literal["text", "json_object", "json_schema"]
    name: Name | None = None
    schema: dict[str, object] | None = None
    description: str | None = None
    strict: bool | None = None
    json_schema: SchemaSpec | None = None


class TextSpec(msgspec.Struct):
    """What is wanted of the words of an answer."""

    format: TextFormat | None = None
    verbosity: Literal["low", "medium", "high"] | None = None


class ReasoningSpec(msgspec.Struct):
    """How much to think, and whether the thought is told as a summary."""

    effort: Effort | None = None
    summary: Told | None = None
    generate_summary: Told | None = None
    context: str | None = None
    mode: str | None = None


class NamedTool(msgspec.Struct, omit_defaults=True):
    """A tool by its name."""

    type: str
    name: str | None = None


class ChosenTools(msgspec.Struct, omit_defaults=True):
    """The one tool that must be called, or those that may be."""

    type: str
    name: str | None = None
    mode: Literal["auto", "required"] | None = None
    tools: list[NamedTool] | None = None


class ConversationId(msgspec.Struct):
    """A conversation by its id."""

    id: str


class AskBody(msgspec.Struct, kw_only=True):
    """What tells a prompt: all that counting its tokens needs."""

    model: Name | None = None
    input: str | list[dict[str, object]] | None = None
    instructions: str | None = None
    previous_response_id: str | None = None
    conversation: str | ConversationId | None = None
    tools: list[dict[str, object]] | None = None
    tool_choice: Literal["none", "auto", "required"] | ChosenTools | None = None
    parallel_tool_calls: bool | None = None
    text: TextSpec | None = None
    reasoning: ReasoningSpec | None = None
    truncation: Literal["auto", "disabled"] | None = None


class ResponseBody(AskBody, kw_only=True):
    """The body of `POST /v1/responses`."""

    stream: bool | None = None
    stream_options: StreamOptions | None = None
    background: bool | None = None
    store: bool | None = None
    include: list[str] | None = None
    metadata: Metadata | None = None
    max_output_tokens: Positive | None = None
    max_tool_calls: Positive | None = None
    temperature: Annotated[float, msgspec.Meta(ge=0, le=2)] | None = None
    top_p: Share | None = None
    top_logprobs: Annotated[int, msgspec.Meta(ge=0, le=20)] | None = None
    service_tier: str | None = None
    user: str | None = None
    safety_identifier: str | None = None
    prompt_cache_key: str | None = None
    prompt_cache_retention: str | None = None
    prompt_cache_options: dict[str, object] | None = None
    context_management: object = None
    prompt: dict[str, object] | None = None
    moderation: object = None
    multi_agent: object = None
    seedbed: Wishes | None = None
