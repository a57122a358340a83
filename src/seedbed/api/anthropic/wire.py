"""Anthropic's words for messages, as its reference has them (November 2026).

Floor 6. Fields that are not named here are kept in `Ask.extra["anthropic"]` where they stand in the
body itself, as is its `cache_control`, and passed over where they stand deeper: a block's
`cache_control`, `eager_input_streaming`, `input_examples`, `defer_loading`, `transformations` and a
text's own `citations` among them.
"""

from typing import Annotated, Literal, TypeAlias

import msgspec

from seedbed.api.openai.wire import Name, Positive, Secret, Share, Wishes, Words


class Base64Source(msgspec.Struct, tag="base64", tag_field="type"):
    """The bytes of a medium."""

    media_type: Annotated[str, msgspec.Meta(pattern=r"^[a-z]+/[a-z0-9.+-]+$")]
    data: str


class UrlSource(msgspec.Struct, tag="url", tag_field="type"):
    """Where a medium is."""

    url: Words


class FileSource(msgspec.Struct, tag="file", tag_field="type"):
    """A file that was uploaded before."""

    file_id: str


class TextSource(msgspec.Struct, tag="text", tag_field="type"):
    """The words of a document."""

    data: str
    media_type: Literal["text/plain"] = "text/plain"


class TextBlock(msgspec.Struct, tag="text", tag_field="type"):
    """Words."""

    text: str


class ImageBlock(msgspec.Struct, tag="image", tag_field="type"):
    """A picture."""

    source: Base64Source | UrlSource | FileSource


class ContentSource(msgspec.Struct, tag="content", tag_field="type"):
    """A document in blocks."""

    content: str | list[TextBlock | ImageBlock]


class Citations(msgspec.Struct):
    """Whether the answer shall say what it quotes."""

    enabled: bool | None = None


class DocumentBlock(msgspec.Struct, tag="document", tag_field="type"):
    """A document."""

    source: Base64Source | UrlSource | FileSource | TextSource | ContentSource
    title: str | None = None
    context: str | None = None
    citations: Citations | None = None


class SearchResultBlock(msgspec.Struct, tag="search_result", tag_field="type"):
    """What a search of the caller's found."""

    content: list[TextBlock]
    source: str
    title: str
    citations: Citations | None = None


class ThinkingBlock(msgspec.Struct, tag="thinking", tag_field="type"):
    """An earlier thought of the model's, with its seal."""

    thinking: str
    signature: str


class RedactedThinkingBlock(msgspec.Struct, tag="redacted_thinking", tag_field="type"):
    """An earlier thought that only its maker can read."""

    data: str


class ToolUseBlock(msgspec.Struct, tag="tool_use", tag_field="type"):
    """An earlier call of the model's."""

    id: str
    name: str
    input: dict[str, object]


class McpToolUseBlock(msgspec.Struct, tag="mcp_tool_use", tag_field="type"):
    """An earlier call of a server's tool."""

    id: str
    name: str
    server_name: str
    input: dict[str, object]


class McpToolResultBlock(msgspec.Struct, tag="mcp_tool_result", tag_field="type"):
    """What such a call brought."""

    tool_use_id: str
    content: str | list[TextBlock] | None = None
    is_error: bool | None = None


class McpListingBlock(msgspec.Struct, tag="mcp_tool_listing", tag_field="type"):
    """The tools that a server had; it is asked for them anew."""

    mcp_server_name: str


ResultContent: TypeAlias = str | list[TextBlock | ImageBlock | DocumentBlock | SearchResultBlock]


class ToolResultBlock(msgspec.Struct, tag="tool_result", tag_field="type"):
    """What a called tool brought."""

    tool_use_id: str
    content: ResultContent | None = None
    is_error: bool | None = None


Block: TypeAlias = (
    TextBlock
    | ImageBlock
    | DocumentBlock
    | SearchResultBlock
    | ThinkingBlock
    | RedactedThinkingBlock
    | ToolUseBlock
    | ToolResultBlock
    | McpToolUseBlock
    | McpToolResultBlock
    | McpListingBlock
)


class WireMessage(msgspec.Struct):
    """One message."""

    role: Literal["user", "assistant", "system"]
    content: str | list[Block]


class ToolUse(msgspec.Struct):
    """Whether a server's tool may be called."""

    enabled: bool | None = None


class ToolSpec(msgspec.Struct):
    """A tool that may be called: one of the caller's own, where `type` says nothing else; or those
    of a server.
    """

    name: Name | None = None
    description: str | None = None
    input_schema: dict[str, object] | None = None
    strict: bool | None = None
    type: str | None = None
    mcp_server_name: str | None = None
    default_config: ToolUse | None = None
    configs: dict[str, ToolUse] | None = None
    tools: list[object] | None = None


class ToolConfiguration(msgspec.Struct):
    """Which tools of a server may be called, as it was told before there were toolsets."""

    enabled: bool | None = None
    allowed_tools: list[str] | None = None


class ServerSpec(msgspec.Struct):
    """A server of tools."""

    type: Literal["url"]
    name: Name
    url: str | None = None
    authorization_token: Secret | None = None
    tool_configuration: ToolConfiguration | None = None


class ToolChoice(msgspec.Struct):
    """Whether a tool must be called, and which."""

    type: Literal["auto", "any", "tool", "none"]
    name: str | None = None
    disable_parallel_tool_use: bool | None = None


Display: TypeAlias = Literal["summarized", "omitted"]


class Thinking(msgspec.Struct):
    """Whether to think, for how many tokens at most, and whether to tell it."""

    type: Literal["enabled", "disabled", "adaptive", "between_tools"]
    budget_tokens: Positive | None = None
    display: Display | None = None


class OutputFormat(msgspec.Struct):
    """A JSON schema that the answer must obey."""

    type: Literal["json_schema"]
    schema: dict[str, object]


class OutputConfig(msgspec.Struct):
    """How the answer is made."""

    effort: Literal["low", "medium", "high", "xhigh", "max"] | None = None
    format: OutputFormat | None = None


class Metadata(msgspec.Struct):
    """On whose behalf the caller asks."""

    user_id: str | None = None


class CountBody(msgspec.Struct, kw_only=True):
    """The body of `POST /v1/messages/count_tokens`: all that makes the prompt."""

    model: Name
    messages: Annotated[list[WireMessage], msgspec.Meta(min_length=1, max_length=100_000)]
    system: str | list[TextBlock] | None = None
    tools: list[ToolSpec] | None = None
    tool_choice: ToolChoice | None = None
    thinking: Thinking | None = None
    output_config: OutputConfig | None = None
    container: object = None
    mcp_servers: list[ServerSpec] | None = None
    inference_geo: str | None = None
    cache_control: object = None
    speed: Literal["standard", "fast"] | None = None


class MessageBody(CountBody, kw_only=True):
    """The body of `POST /v1/messages`."""

    max_tokens: Positive
    stream: bool | None = None
    stop_sequences: Annotated[list[Words], msgspec.Meta(max_length=16)] | None = None
    temperature: Share | None = None
    top_p: Share | None = None
    top_k: Annotated[int, msgspec.Meta(ge=0, le=(1 << 31) - 1)] | None = None
    metadata: Metadata | None = None
    service_tier: Literal["auto", "standard_only"] | None = None
    diagnostics: object = None
    seedbed: Wishes | None = None
