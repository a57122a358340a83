"""The tool `file_search`: a model searches the vector stores that its caller named for an answer.

Floor 5. A source of one tool, made for one ask. Each search is paid by who asks, in an entry of its
own.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Annotated

import msgspec

from seedbed.core.access import Principal
from seedbed.core.ask import Tool
from seedbed.core.errors import SeedbedError
from seedbed.core.event import Found
from seedbed.core.message import Text
from seedbed.core.object import Object
from seedbed.core.value import changed
from seedbed.knowledge.search import Search, Searching
from seedbed.tools.arguments import read, schema_of
from seedbed.tools.tool import Progress, Said

NAME = "file_search"
NOTHING = "Nothing was found."
_DESCRIPTION = (
    "Search the files of the user for passages. Each stands below the name of its file; where the "
    "answer rests on one, name that file."
)


class _Arguments(msgspec.Struct, forbid_unknown_fields=True):
    queries: Annotated[
        list[Annotated[str, msgspec.Meta(min_length=1, max_length=4096)]],
        msgspec.Meta(min_length=1, max_length=16, description="What is looked for, in words."),
    ]


_SCHEMA = schema_of(_Arguments)


class FileSearch:
    """Searches the `stores`, as `wish` says but for its queries. Entries are named after the
    request.
    """

    label = ""
    fault = ""
    tools: Sequence[Tool] = (Tool(NAME, _DESCRIPTION, _SCHEMA),)

    def __init__(
        self, searching: Searching, stores: Sequence[Object], wish: Search, request_id: str
    ) -> None:
        self._searching, self._stores = searching, stores
        self._wish, self._request_id = wish, request_id
        self._searches = 0

    def open(self, principal: Principal) -> "AbstractAsyncContextManager[FileSearch]":
        """Itself: what it searches is there."""
        del principal  # each call tells it
        return nullcontext(self)

    async def call(
        self,
        name: str,
        arguments: Mapping[str, object],
        principal: Principal,
        progress: Progress,
    ) -> Said:
        """Search; the best passages of all stores together."""
        del name, progress
        try:
            wish = changed(self._wish, queries=tuple(read(arguments, _Arguments).queries))
            found = [
                one
                for store in self._stores
                for one in await self._searching.search(store, wish, principal, self._id())
            ]
        except SeedbedError as error:
            return Said.wrong(error)
        best = tuple(sorted(found, key=lambda one: -one.score)[: wish.most])
        return Said((Text(told(best)),), found=best)

    def _id(self) -> str:
        self._searches += 1
        return f"{self._request_id}-search-{self._searches}"


def told(found: Sequence[Found]) -> str:
    """Passages as a model reads them, each below the name of its file."""
    return "\n\n".join(f"[{one.name}]\n{one.text}" for one in found) or NOTHING


def queries_in(arguments: str) -> list[str]:
    """What a call looked for; nothing, where a model wrote no sound call."""
    try:
        return msgspec.json.decode(arguments, type=_Arguments).queries
    except msgspec.MsgspecError:
        return []
