"""The tool `search_knowledge`: passages of a vector store, by what they say.

Floor 5.
"""

from collections.abc import Mapping
from typing import Annotated

import msgspec

from seedbed.core.access import Principal
from seedbed.core.message import Text
from seedbed.kit import ids
from seedbed.knowledge.search import Search, Searching
from seedbed.tools.arguments import read, schema_of
from seedbed.tools.file_search import told
from seedbed.tools.tool import Progress, Said


class _Arguments(msgspec.Struct, forbid_unknown_fields=True):
    store: Annotated[
        str, msgspec.Meta(pattern=r"^[\w-]{1,80}$", description="The id of a vector store.")
    ]
    query: Annotated[str, msgspec.Meta(min_length=1, max_length=4096)]
    max_results: Annotated[int, msgspec.Meta(ge=1, le=50)] = 10


class SearchKnowledge:
    """Searches a store of the caller's project."""

    name = "search_knowledge"
    description = "Find passages in a vector store, each below the name of its file."
    schema = schema_of(_Arguments)

    def __init__(self, searching: Searching) -> None:
        self._searching = searching

    async def call(
        self, arguments: Mapping[str, object], principal: Principal, progress: Progress
    ) -> Said:
        """Search.

        Raises:
            SeedbedError: the arguments cannot be read, there is no such store for the caller, or
                the question could not be turned into a vector.
        """
        del progress
        wish = read(arguments, _Arguments)
        store = await self._searching.stores.find(wish.store, principal.project)
        search = Search((wish.query,), wish.max_results)
        found = await self._searching.search(store, search, principal, ids.fresh("req"))
        return Said((Text(told(found)),), found=tuple(found))
