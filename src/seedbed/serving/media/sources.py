"""Where a medium's bytes are had from: itself, an address that holds it, the net, or an artifact.

Floor 4.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

from seedbed.core.artifact import is_hash, is_kept
from seedbed.core.message import Media
from seedbed.kit.http.address import shown
from seedbed.kit.media.data_uri import read_data_uri
from seedbed.kit.media.errors import MediumFault
from seedbed.kit.media.fetching import Fetcher
from seedbed.store.artifacts import Artifacts

_LONGEST_SHOWN = 80


class Shelf(Protocol):
    """Gives the bytes of what a project has here, by an artifact's hash or a file's id."""

    async def read(self, name: str, project: str, *, most: int) -> bytes:
        """All of them.

        Raises:
            ArtifactUnknown, ObjectUnknown: the project has none of that name.
            MediumFault: there are more than `most`.
        """
        ...


class ArtifactShelf:
    """The shelf of a house; `hash_of` knows the bytes of a project's file."""

    def __init__(self, artifacts: Artifacts, hash_of: Callable[[str, str], Awaitable[str]]) -> None:
        self._artifacts, self._hash_of = artifacts, hash_of

    async def read(self, name: str, project: str, *, most: int) -> bytes:
        """All of them, checked against their hash."""
        hash_ = name if is_hash(name) else await self._hash_of(name, project)
        artifact = await self._artifacts.find(hash_, project)
        if artifact.size > most:
            raise MediumFault(f"it has {artifact.size:,} bytes, and {most:,} is the most")
        return b"".join([piece async for piece in self._artifacts.open(artifact)])


@dataclass(slots=True)
class Sources:
    """What the media of one ask are made of; the same address is fetched once."""

    fetcher: Fetcher
    shelf: Shelf
    project: str
    most_bytes: int
    _had: dict[str, bytes] = field(default_factory=dict[str, bytes])

    async def bytes_of(self, media: Media) -> bytes:
        """The bytes, none of which have been looked at.

        Raises:
            MediumFault: they cannot be had.
            ArtifactUnknown, ObjectUnknown: they are not the project's.
        """
        source = media.source
        if isinstance(source, bytes):
            if len(source) > self.most_bytes:
                raise MediumFault(f"it has more than {self.most_bytes:,} bytes")
            return source
        if source not in self._had:
            self._had[source] = await self._bring(source)
        return self._had[source]

    async def _bring(self, source: str) -> bytes:
        if source[:5].lower() == "data:":
            return read_data_uri(source, most=self.most_bytes)[1]
        if source[:8].lower().startswith(("http://", "https://")):
            return await self.fetcher.fetch(source)
        if is_kept(source):
            return await self.shelf.read(source, self.project, most=self.most_bytes)
        raise MediumFault("that is neither an http or https address nor a data URI")


def called(media: Media) -> str:
    """What a medium is called in a sentence, without what would be secret in its address."""
    source = media.source
    if isinstance(source, bytes) or source[:5].lower() == "data:":
        return "that was sent along"
    return f"at {shown(source[:_LONGEST_SHOWN])}"
