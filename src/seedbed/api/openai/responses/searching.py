"""The tool `file_search` of a response: which vector stores a model may search, and how it is told.

Floor 6. What was found is told with `include` of `file_search_call.results`, and only then kept. A
file is cited wherever the answer names it, by a name that a search of this answer brought.
"""

import re
from collections.abc import Sequence
from typing import Annotated

import msgspec

from seedbed.api.files.naming import checked
from seedbed.api.openai.responses.items import Kept
from seedbed.api.openai.vector_stores.read import bounded
from seedbed.api.openai.vector_stores.wire import Bounded
from seedbed.core.event import Found, ToolPhase, ToolRan
from seedbed.jobs.index_file import STORE
from seedbed.knowledge.search import Searching
from seedbed.tools.file_search import FileSearch, queries_in

RESULTS = "file_search_call.results"
"""What an `include` says of whoever wants to see what was found."""
_MENTION = r"(?<![\w.-])(?:{}|{})(?![\w-]|\.\w)"
"""An id or a name that is no part of another name."""


class SearchTool(Bounded, kw_only=True):
    """The stores that may be searched."""

    vector_store_ids: Annotated[list[str], msgspec.Meta(min_length=1, max_length=10)]


def check(tool: SearchTool, where: str) -> None:
    """See that stores can be searched so; `where` names the tool's field.

    Raises:
        RequestMalformed: a filter cannot be understood, or nothing counts.
    """
    bounded(tool, where=f"{where}.")


async def source_of(
    tool: SearchTool, searching: Searching, project: str, request_id: str
) -> FileSearch:
    """The tool, for one answer.

    Raises:
        ObjectUnknown: the project has no such store.
    """
    named = dict.fromkeys(checked(STORE, id_) for id_ in tool.vector_store_ids)
    stores = [await searching.stores.find(id_, project) for id_ in named]
    return FileSearch(searching, stores, bounded(tool), request_id)


def told(event: ToolRan, status: str, *, shows: bool) -> Kept:
    """All of an item but its id and its type; with `shows` what was found is in it."""
    is_done = event.phase is ToolPhase.DONE
    return {
        "status": "failed" if event.phase is ToolPhase.FAILED else status,
        "queries": [] if status == "in_progress" else queries_in(event.arguments),
        "results": [_result(one) for one in event.found] if shows and is_done else None,
    }


def cited(text: str, found: Sequence[Found]) -> list[Kept]:
    """The annotations of an answer: each mention of a file that was found, by its name or its id,
    in the order of the text.
    """
    files = {one.file: one.name for one in found}
    mentions = sorted(
        (mention.end(), id_, name)
        for id_, name in files.items()
        for mention in re.finditer(_MENTION.format(*map(re.escape, (id_, name))), text, re.ASCII)
    )
    return [
        {"type": "file_citation", "file_id": id_, "filename": name, "index": end}
        for end, id_, name in mentions
    ]


def _result(one: Found) -> Kept:
    return {
        "file_id": one.file,
        "filename": one.name,
        "score": one.score,
        "attributes": one.attributes,
        "text": one.text,
    }
