"""Marked areas of pictures that callers send: made plain in the workshop, looked at in the studio.

Floor 5. So the studio opens no file of a stranger's, but a PNG that was written here. Of a project
one picture is looked at at a time, so that projects take turns; whoever leaves ends its process.
"""

import asyncio
from collections.abc import Mapping
from importlib.util import find_spec
from weakref import WeakValueDictionary

import anyio

from seedbed.core.errors import MediumRefused, PathUnserved
from seedbed.core.message import Media, MediaKind
from seedbed.kit.media.errors import MediumFault
from seedbed.kit.media.orders import Picture
from seedbed.media.studio.orders import Find
from seedbed.media.studio.studio import Studio
from seedbed.serving.media.references import Table
from seedbed.serving.media.sources import Sources, called

_PLAIN = Picture(side=4_096, pixels=4_096 * 4_096, clear=True)
_SECONDS = 60.0
_READER = "rapidocr"
_PATH = "/seedbed/regions"
_LACKING = "marked areas are found where `seedbed[films]` is installed, and it is not."


class Finding:
    """Finds them; a look takes `seconds` at most."""

    def __init__(
        self, table: Table, studio: Studio | None = None, *, seconds: float = _SECONDS
    ) -> None:
        self._table, self._seconds = table, seconds
        self._studio = studio or Studio()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._places = anyio.CapacityLimiter(1)

    async def find(self, source: str | bytes, project: str) -> Mapping[str, object]:
        """The marked areas as JSON has them. A picture is its bytes, an address, a data URI, or
        what the project has here: a file's id or an artifact's hash.

        Raises:
            PathUnserved: nothing here reads what stands at them.
            MediumRefused: it cannot be had or read, or takes too long.
            ArtifactUnknown, ObjectUnknown: the project has none of that name.
            EngineFailed: what looks at it broke.
        """
        if find_spec(_READER) is None:
            raise PathUnserved(_PATH, because=_LACKING)
        turn = self._turns.setdefault(project, asyncio.Lock())
        shown = Media(MediaKind.IMAGE, source)
        async with turn:
            try:
                plain = await self._plain(shown, project)
                # Its time begins with its turn, and does not run out while another is looked at.
                async with self._places, asyncio.timeout(self._seconds):
                    return await self._studio.do(Find(picture=plain), _silent)
            except (MediumFault, TimeoutError) as fault:
                why = str(fault) or f"it was not read within {self._seconds:g} s"
                raise MediumRefused("picture", called(shown), why=why, field="image") from fault

    async def _plain(self, shown: Media, project: str) -> bytes:
        """The picture as it is looked at.

        Raises:
            MediumFault: it cannot be had or read.
        """
        table = self._table
        sources = Sources(table.fetcher, table.shelf, project, table.limits.most_bytes)
        (piece,) = await table.workshop.make(await sources.bytes_of(shown), _PLAIN)
        return piece.picture


async def _silent(share: float, what: str) -> None:
    del share, what  # it takes seconds
