"""The words of model calls as Ark has them, beside those that OpenAI has, too.

Floor 6. Ark's SDK sends `null` for whatever was left out, so every field may be `null`, which means
the same. Fields that are not named here are kept in `Ask.extra["ark"]`, where there is an `Ask`,
and otherwise ignored.
"""

from typing import Annotated, Literal, TypeAlias

import msgspec

from seedbed.api.openai import wire
from seedbed.api.openai.wire import Name, Positive


class ChatBody(wire.ChatBody, kw_only=True):
    """The body of `POST /chat/completions`, and of its sisters for bots and batches."""

    repetition_penalty: float | None = None
    user: str | None = None


class ContextChatBody(ChatBody, kw_only=True):
    """The body of `POST /context/chat/completions`."""

    context_id: str


class Truncation(msgspec.Struct, omit_defaults=True):
    """What is left out of a session that grows: all but the newest tokens, or the oldest ones when
    the window is full.
    """

    type: Literal["last_history_tokens", "rolling_tokens"]
    last_history_tokens: Positive | None = None
    rolling_tokens: bool | None = None


class ContextBody(msgspec.Struct, kw_only=True):
    """The body of `POST /context/create`; `ttl` is in seconds."""

    model: Name
    messages: Annotated[list[wire.WireMessage], msgspec.Meta(min_length=1, max_length=10_000)]
    mode: Literal["session", "common_prefix"] | None = None
    ttl: Annotated[int, msgspec.Meta(ge=3_600, le=604_800)] | None = None
    truncation_strategy: Truncation | None = None


class PictureAddress(msgspec.Struct):
    """Where a picture is, or a film."""

    url: str


class PictureItem(msgspec.Struct, tag="image_url", tag_field="type"):
    """A picture that is to be turned into a vector."""

    image_url: PictureAddress


class FilmItem(msgspec.Struct, tag="video_url", tag_field="type"):
    """A film that is."""

    video_url: PictureAddress


Item: TypeAlias = wire.TextPart | PictureItem | FilmItem


class Sparse(msgspec.Struct):
    """Whether words are weighed, too."""

    type: Literal["enabled", "disabled"]


class MultimodalBody(msgspec.Struct):
    """The body of `POST /embeddings/multimodal`."""

    model: Name
    input: Annotated[list[Item], msgspec.Meta(min_length=1, max_length=2_048)]
    encoding_format: Literal["float", "base64"] | None = None
    dimensions: Positive | None = None
    instructions: str | None = None
    sparse_embedding: Sparse | None = None


class TokenizationBody(msgspec.Struct):
    """The body of `POST /tokenization`."""

    model: Name
    text: str | list[str]
    user: str | None = None
