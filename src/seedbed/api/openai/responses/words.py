"""The words of items, as they are sent, and as they are kept.

Floor 6. Fields that are not named here, such as `phase` and `namespace`, are dropped.
"""

from typing import Annotated, Literal, TypeAlias

import msgspec

from seedbed.api.openai.wire import Positive


class _Tagged(msgspec.Struct, tag_field="type", omit_defaults=True):
    pass


class InputText(_Tagged, tag="input_text"):
    """Words that were sent."""

    text: str


class OutputText(_Tagged, tag="output_text"):
    """Words that a model wrote."""

    text: str


class Refusal(_Tagged, tag="refusal"):
    """A refusal that a model wrote."""

    refusal: str


class PixelLimit(msgspec.Struct, omit_defaults=True):
    """How many pixels a picture has at least and at most, in Ark's words."""

    min_pixels: Positive | None = None
    max_pixels: Positive | None = None


class InputImage(_Tagged, tag="input_image"):
    """A picture."""

    image_url: str | None = None
    file_id: str | None = None
    detail: str | None = None
    image_pixel_limit: PixelLimit | None = None


class InputVideo(_Tagged, tag="input_video"):
    """A film, in Ark's words, and how many of its pictures are seen a second."""

    video_url: str | None = None
    file_id: str | None = None
    fps: Annotated[float, msgspec.Meta(gt=0)] | None = None


class InputAudio(_Tagged, tag="input_audio"):
    """A sound, in Ark's words."""

    audio_url: str | None = None
    file_id: str | None = None


class InputFile(_Tagged, tag="input_file"):
    """A file."""

    file_data: str | None = None
    file_url: str | None = None
    file_id: str | None = None
    filename: str | None = None


Content: TypeAlias = (
    InputText | OutputText | Refusal | InputImage | InputVideo | InputAudio | InputFile
)


class MessageItem(_Tagged, tag="message"):
    """What somebody says."""

    role: Literal["user", "assistant", "system", "developer"]
    content: str | list[Content]


class CallItem(_Tagged, tag="function_call"):
    """A call of a function."""

    call_id: str
    name: str
    arguments: str


class CallOutputItem(_Tagged, tag="function_call_output"):
    """What a called function brought."""

    call_id: str
    output: str | list[Content]


class CustomCallItem(_Tagged, tag="custom_tool_call"):
    """A call of a tool that takes any text."""

    call_id: str
    name: str
    input: str


class CustomOutputItem(_Tagged, tag="custom_tool_call_output"):
    """What such a tool brought."""

    call_id: str
    output: str | list[Content]


class ThoughtText(msgspec.Struct):
    """Some thought."""

    text: str
    type: str = "reasoning_text"


class ReasoningItem(_Tagged, tag="reasoning"):
    """What a model thought."""

    summary: list[ThoughtText] | None = None
    content: list[ThoughtText] | None = None
    encrypted_content: str | None = None


class McpToolsItem(_Tagged, tag="mcp_list_tools"):
    """The tools that a server had; it is asked for them anew."""

    server_label: str
    tools: list[dict[str, object]]


class McpCallItem(_Tagged, tag="mcp_call"):
    """A call of a server's tool, and what it brought."""

    server_label: str
    name: str
    arguments: str
    output: str | None = None
    error: object = None
    approval_request_id: str | None = None


class ApprovalRequestItem(_Tagged, tag="mcp_approval_request"):
    """A call that waits for somebody's word; it keeps its id, by which it is answered."""

    id: str
    server_label: str
    name: str
    arguments: str


class ApprovalResponseItem(_Tagged, tag="mcp_approval_response"):
    """Whether such a call is allowed."""

    approval_request_id: str
    approve: bool
    reason: str | None = None


class FoundText(msgspec.Struct, omit_defaults=True):
    """A passage that a search found."""

    file_id: str | None = None
    filename: str | None = None
    score: float | None = None
    attributes: dict[str, object] | None = None
    text: str | None = None


class FileSearchItem(_Tagged, tag="file_search_call"):
    """A search of files; what was found is known where it was told."""

    queries: list[str]
    results: list[FoundText] | None = None


class ReferenceItem(_Tagged, tag="item_reference"):
    """An item that was told before."""

    id: str


Item: TypeAlias = (
    MessageItem
    | CallItem
    | CallOutputItem
    | CustomCallItem
    | CustomOutputItem
    | ReasoningItem
    | McpToolsItem
    | McpCallItem
    | ApprovalRequestItem
    | ApprovalResponseItem
    | FileSearchItem
    | ReferenceItem
)
