"""Vector stores as OpenAI's clients read them.

Floor 6.
"""

from collections.abc import Sequence
from typing import cast

from seedbed.core.event import Found
from seedbed.core.job import State
from seedbed.core.object import Object
from seedbed.jobs.index_file import BATCH, FILE, STORE

STATES = ("in_progress", "completed", "failed", "cancelled")
"""How far a file may be."""


def store(one: Object, files: Sequence[Object]) -> dict[str, object]:
    """A store, with its files as they stand."""
    body, counts = one.body, counted(files)
    days = body["days"]
    return {
        "id": one.id,
        "object": STORE,
        "created_at": one.at // 10**6,
        "name": body["name"],
        "description": body["description"],
        "usage_bytes": sum(cast(int, file.body["bytes"]) for file in files),
        "file_counts": counts,
        "status": "in_progress" if counts["in_progress"] else "completed",
        "expires_after": days and {"anchor": "last_active_at", "days": days},
        "expires_at": None if one.until is None else one.until // 10**6,
        "last_active_at": cast(int, body["active"]) // 10**6,
        "metadata": body["metadata"],
    }


def file(one: Object) -> dict[str, object]:
    """A file of a store."""
    body = one.body
    static = {"max_chunk_size_tokens": body["size"], "chunk_overlap_tokens": body["overlap"]}
    return {
        "id": body["file"],
        "object": FILE,
        "usage_bytes": body["bytes"],
        "created_at": one.at // 10**6,
        "vector_store_id": one.parent,
        "status": body["status"],
        "last_error": body["error"],
        "chunking_strategy": {"type": "static", "static": static},
        "attributes": body["attributes"],
    }


def batch(one: Object, files: Sequence[Object], state: State) -> dict[str, object]:
    """Files that were put in together; `state` is that of their job."""
    counts = counted(files)
    status = {State.FAILED: "failed", State.EXPIRED: "failed", State.CANCELLED: "cancelled"}
    return {
        "id": one.id,
        "object": BATCH,
        "created_at": one.at // 10**6,
        "vector_store_id": one.parent,
        "status": "in_progress" if counts["in_progress"] else status.get(state, "completed"),
        "file_counts": counts,
    }


def counted(files: Sequence[Object]) -> dict[str, int]:
    """How many files are how far."""
    states = [file.body["status"] for file in files]
    return {state: states.count(state) for state in STATES} | {"total": len(files)}


def results(queries: Sequence[str], found: Sequence[Found]) -> dict[str, object]:
    """What a search found."""
    data = [
        {
            "file_id": one.file,
            "filename": one.name,
            "score": one.score,
            "attributes": one.attributes,
            "content": [{"type": "text", "text": one.text}],
        }
        for one in found
    ]
    return {
        "object": "vector_store.search_results.page",
        "search_query": queries,
        "data": data,
        "has_more": False,
        "next_page": None,
    }


def content(texts: Sequence[str]) -> dict[str, object]:
    """What a file says, piece by piece."""
    data = [{"type": "text", "text": text} for text in texts]
    return {
        "object": "vector_store.file_content.page",
        "data": data,
        "has_more": False,
        "next_page": None,
    }
