"""The words of model calls: OpenAI's, as its reference has them (November 2026), and others'.

Floor 6. Every field may be `null`, which means the same as leaving it out. Fields that are not
named here are kept in `Ask.extra["openai"]`, where there is an `Ask`, and otherwise ignored.
"""

from typing import Annotated, Literal, TypeAlias

import msgspec

Positive: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=(1 << 31) - 1)]
Penalty: TypeAlias = Annotated[float, msgspec.Meta(ge=-2, le=2)]
Share: TypeAlias = Annotated[float, msgspec.Meta(ge=0, le=1)]
Words: TypeAlias = Annotated[str, msgspec.Meta(min_length=1)]
Secret: TypeAlias = Annotated[str, msgspec.Meta(max_length=8192, pattern=r"^[\x20-\x7e]*\Z")]
"""What a header may hold; nothing that reads it amiss tells it."""
Effort: TypeAlias = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]
Name: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]


class TextPart(msgspec.Struct, tag="text", tag_field="type"):
    """Words."""

    text: str


class ImageUrl(msgspec.Struct):
    """Where a picture is, http(s) or a data URI, and how closely it is looked at. The bounds of its
    pixels are Ark's.
    """

    url: str
    detail: str | None = None
    min_pixels: Positive | None = None
    max_pixels: Positive | None = None


class ImagePart(msgspec.Struct, tag="image_url", tag_field="type"):
    """A picture."""

    image_url: ImageUrl


class VideoUrl(msgspec.Struct):
    """Where a film is, http(s) or a data URI, and how many of its pictures are seen a second."""

    url: str
    fps: Annotated[float, msgspec.Meta(gt=0)] | None = None


class VideoPart(msgspec.Struct, tag="video_url", tag_field="type"):
    """A film, in Ark's words and vLLM's."""

    video_url: VideoUrl


class InputAudio(msgspec.Struct):
    """A sound: its bytes in base64 and their format, or with Ark where it is."""

    data: str | None = None
    format: str | None = None
    url: str | None = None


class AudioPart(msgspec.Struct, tag="input_audio", tag_field="type"):
    """A sound."""

    input_audio: InputAudio


class SentFile(msgspec.Struct):
    """A document: a data URI, or the id of a file that was uploaded before."""

    file_data: str | None = None
    file_id: str | None = None
    filename: str | None = None


class FilePart(msgspec.Struct, tag="file", tag_field="type"):
    """A document."""

    file: SentFile


class RefusalPart(msgspec.Struct, tag="refusal", tag_field="type"):
    """An earlier refusal of the assistant's."""

    refusal: str


ContentPart: TypeAlias = TextPart | ImagePart | VideoPart | AudioPart | FilePart | RefusalPart
Content: TypeAlias = str | list[ContentPart] | None


class CalledFunction(msgspec.Struct):
    """A function that the assistant called."""

    name: str
    arguments: str


class ToolCall(msgspec.Struct):
    """An earlier call of the assistant's."""

    id: str
    function: CalledFunction
    type: Literal["function"] = "function"


class WireMessage(msgspec.Struct):
    """One message; which fields count depends on the role. `name` is read and ignored."""

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: Content = None
    name: str | None = None
    tool_calls: list[ToolCall] | None = None
    tool_call_id: str | None = None
    reasoning_content: str | None = None


class FunctionSpec(msgspec.Struct):
    """A function that may be called."""

    name: Name
    description: str | None = None
    parameters: dict[str, object] | None = None
    strict: bool | None = None


class ToolSpec(msgspec.Struct):
    """A tool that may be called."""

    function: FunctionSpec
    type: Literal["function"]


class ChosenFunction(msgspec.Struct):
    """The name of a function."""

    name: str


class ChosenTool(msgspec.Struct):
    """The one tool that must be called."""

    function: ChosenFunction
    type: Literal["function"]


class SchemaSpec(msgspec.Struct):
    """A JSON schema that the answer must obey."""

    name: Name
    schema: dict[str, object] | None = None
    description: str | None = None
    strict: bool | None = None


class ResponseFormat(msgspec.Struct):
    """The form of the answer."""

    type: Literal["text", "json_object", "json_schema"]
    json_schema: SchemaSpec | None = None


class StreamOptions(msgspec.Struct):
    """What a stream carries besides; usage in each chunk is told by Ark's door alone."""

    include_usage: bool | None = None
    include_obfuscation: bool | None = None
    chunk_include_usage: bool | None = None


class StructuredOutputs(msgspec.Struct, forbid_unknown_fields=True):
    """The form of the answer in vLLM's words: one of these. `json` is a schema, or its text."""

    json: dict[str, object] | str | None = None
    json_object: bool | None = None
    regex: Words | None = None
    choice: Annotated[list[Words], msgspec.Meta(min_length=1)] | None = None
    grammar: Words | None = None


class Thinking(msgspec.Struct):
    """Whether to think, in Ark's words, and for how many tokens at most."""

    type: Literal["enabled", "disabled", "auto"]
    budget_tokens: Annotated[int, msgspec.Meta(ge=0, le=(1 << 31) - 1)] | None = None


class TemplateWords(msgspec.Struct, forbid_unknown_fields=True):
    """What vLLM hands to a chat template; of that, whether to think."""

    enable_thinking: bool | None = None


class QuoteCheck(msgspec.Struct, tag="quote", forbid_unknown_fields=True):
    """What the answer quotes must occur word for word in what was sent."""

    paths: list[str] = []
    least: Annotated[int, msgspec.Meta(ge=0, le=1000)] = 1


class ProgramCheck(msgspec.Struct, tag="program", forbid_unknown_fields=True):
    """A program of the operator's must pass the answer."""

    name: str


class Wishes(msgspec.Struct, forbid_unknown_fields=True):
    """What no vendor's words say: checks of the answer, and in how many seconds it is wanted."""

    checks: list[QuoteCheck | ProgramCheck] = []
    deadline: Annotated[float, msgspec.Meta(gt=0, le=86_400)] | None = None


class SampledBody(msgspec.Struct, kw_only=True):
    """What every call that draws tokens takes."""

    model: Name
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    max_tokens: Positive | None = None
    stop: str | list[str] | None = None
    temperature: Annotated[float, msgspec.Meta(ge=0, le=2)] | None = None
    top_p: Share | None = None
    top_k: Annotated[int, msgspec.Meta(ge=0, le=(1 << 31) - 1)] | None = None
    min_p: Share | None = None
    frequency_penalty: Penalty | None = None
    presence_penalty: Penalty | None = None
    seed: Annotated[int, msgspec.Meta(ge=-(1 << 63), le=(1 << 63) - 1)] | None = None
    n: Annotated[int, msgspec.Meta(ge=1, le=128)] | None = None
    response_format: ResponseFormat | None = None
    structured_outputs: StructuredOutputs | None = None
    grammar: str | None = None
    metadata: dict[str, str] | None = None
    seedbed: Wishes | None = None
    logit_bias: dict[str, float] | None = None
    guided_json: object = None
    guided_regex: object = None
    guided_choice: object = None
    guided_grammar: object = None


class ChatBody(SampledBody, kw_only=True):
    """The body of `POST /v1/chat/completions`."""

    messages: Annotated[list[WireMessage], msgspec.Meta(min_length=1, max_length=10_000)]
    max_completion_tokens: Positive | None = None
    logprobs: bool | None = None
    top_logprobs: Annotated[int, msgspec.Meta(ge=0, le=20)] | None = None
    tools: list[ToolSpec] | None = None
    tool_choice: Literal["none", "auto", "required"] | ChosenTool | None = None
    parallel_tool_calls: bool | None = None
    reasoning_effort: Effort | None = None
    thinking: Thinking | None = None
    chat_template_kwargs: TemplateWords | None = None
    store: bool | None = None
    service_tier: str | None = None
    modalities: list[str] | None = None
    audio: object = None
    prediction: object = None
    web_search_options: object = None
    functions: object = None
    function_call: object = None
    verbosity: Literal["low", "medium", "high"] | None = None


class CompletionBody(SampledBody, kw_only=True):
    """The body of `POST /v1/completions`."""

    prompt: str | list[object]
    logprobs: Annotated[int, msgspec.Meta(ge=0, le=20)] | None = None
    suffix: str | None = None
    echo: bool | None = None
    best_of: Annotated[int, msgspec.Meta(ge=1, le=128)] | None = None


class EmbeddingBody(msgspec.Struct):
    """The body of `POST /v1/embeddings`; `input_type` is Cohere's word, and Voyage's."""

    model: Name
    input: str | list[object]
    encoding_format: Literal["float", "base64"] | None = None
    dimensions: Positive | None = None
    input_type: Literal["query", "passage", "search_query", "search_document"] | None = None


class Document(msgspec.Struct):
    """A text that is to be ranked."""

    text: str


class RerankBody(msgspec.Struct):
    """The body of `POST /v1/rerank`, as Jina, Cohere and vLLM have it."""

    model: Name
    query: Words
    documents: list[str | Document]
    top_n: Positive | None = None
    return_documents: bool | None = None
