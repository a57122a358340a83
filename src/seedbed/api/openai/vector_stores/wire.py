"""The words of `/v1/vector_stores`, as OpenAI's reference has them (November 2026).

Floor 6. Every field may be `null`, which means the same as leaving it out.
"""

from typing import Annotated, Literal, TypeAlias

import msgspec

from seedbed.api.openai.responses.wire import Metadata

Name: TypeAlias = Annotated[str, msgspec.Meta(max_length=512)]
_Key: TypeAlias = Annotated[str, msgspec.Meta(max_length=64)]
Attributes: TypeAlias = Annotated[
    dict[_Key, Annotated[str, msgspec.Meta(max_length=512)] | int | float | bool],
    msgspec.Meta(max_length=16),
]
Query: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=4096)]
Queries: TypeAlias = Annotated[list[Query], msgspec.Meta(min_length=1, max_length=16)]
_Weight: TypeAlias = Annotated[float, msgspec.Meta(ge=0, le=1_000)]


class Static(msgspec.Struct):
    """How long pieces are, and by how much they overlap, in tokens."""

    max_chunk_size_tokens: Annotated[int, msgspec.Meta(ge=100, le=4096)]
    chunk_overlap_tokens: Annotated[int, msgspec.Meta(ge=0, le=2048)]


class Chunking(msgspec.Struct):
    """How files are cut; `auto` is 800 and 400 tokens."""

    type: Literal["auto", "static"]
    static: Static | None = None


class ExpiresAfter(msgspec.Struct):
    """How many days after its last use a store is gone."""

    anchor: Literal["last_active_at"]
    days: Annotated[int, msgspec.Meta(ge=1, le=365)]


class VectorStoreChange(msgspec.Struct):
    """What may be changed of a store."""

    name: Name | None = None
    expires_after: ExpiresAfter | None = None
    metadata: Metadata | None = None


class VectorStoreBody(VectorStoreChange):
    """A store that is to be made."""

    description: Name | None = None
    file_ids: list[str] | None = None
    chunking_strategy: Chunking | None = None


class VectorStoreFileBody(msgspec.Struct):
    """A file that is to be put in."""

    file_id: str
    attributes: Attributes | None = None
    chunking_strategy: Chunking | None = None


class FileBatchBody(msgspec.Struct):
    """Files that are to be put in together: by their ids, or each with words of its own."""

    file_ids: list[str] | None = None
    files: list[VectorStoreFileBody] | None = None
    attributes: Attributes | None = None
    chunking_strategy: Chunking | None = None


class AttributesBody(msgspec.Struct):
    """Other attributes for a file."""

    attributes: Attributes | None = None


class Filter(msgspec.Struct):
    """Bounds a search to some files, by an attribute, or joins such filters."""

    type: Literal["eq", "ne", "gt", "gte", "lt", "lte", "in", "nin", "and", "or"]
    key: str | None = None
    value: str | int | float | bool | list[str | int | float | bool] | None = None
    filters: list["Filter"] | None = None


class Hybrid(msgspec.Struct):
    """What the ranks by meaning and by words count."""

    embedding_weight: _Weight
    text_weight: _Weight


class Ranking(msgspec.Struct):
    """How passages are ranked; there is one ranker, whatever its name."""

    ranker: Literal["none", "auto", "default-2024-11-15"] | None = None
    score_threshold: Annotated[float, msgspec.Meta(ge=0, le=1)] | None = None
    hybrid_search: Hybrid | None = None


class Bounded(msgspec.Struct, kw_only=True):
    """What bounds a search, besides its words."""

    filters: Filter | None = None
    max_num_results: Annotated[int, msgspec.Meta(ge=1, le=50)] | None = None
    ranking_options: Ranking | None = None


class SearchBody(Bounded, kw_only=True):
    """A search; `rewrite_query` does nothing."""

    query: Query | Queries
    rewrite_query: bool | None = None
