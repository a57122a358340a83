"""Links that open one artifact to whoever has them, for a while, without a key.

Floor 6. A link is signed with a secret of the house, HMAC-SHA256 over all that it says; so nothing
of it can be changed, and none is written down. It cannot be taken back, but ends by itself, and
with its artifact.
"""

import hmac
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from seedbed.core.errors import LinkExpired, LinkForged
from seedbed.kit.clock import Clock

PATH = "/seedbed/artifacts"


@dataclass(frozen=True, slots=True)
class Link:
    """What a link opens, under which media type and name, and until when in epoch seconds."""

    hash: str
    until: int
    media: str
    name: str


class Links:
    """Signs links, and checks those that come back."""

    def __init__(self, secret: Callable[[], Awaitable[bytes]], *, clock: Clock) -> None:
        self._secret = secret
        self._clock = clock
        self._known: bytes | None = None

    async def write(self, link: Link) -> str:
        """The link as a path with its query."""
        told = {"until": link.until, "media": link.media, "name": link.name}
        query = urlencode(told | {"signature": await self._sign(link)})
        return f"{PATH}/{link.hash}?{query}"

    async def read(self, hash_: str, query: Mapping[str, str]) -> Link:
        """The link that somebody came with.

        Raises:
            LinkForged: it is not ours, or was changed.
            LinkExpired: its time is over.
        """
        until = query.get("until", "")
        if not (until.isascii() and until.isdigit() and len(until) < 16):
            raise LinkForged
        link = Link(hash_, int(until), query.get("media", ""), query.get("name", ""))
        given = query.get("signature", "").encode()
        if not hmac.compare_digest(given, (await self._sign(link)).encode()):
            raise LinkForged
        if self._clock.wall() >= link.until:
            ended = datetime.fromtimestamp(link.until, tz=UTC)
            raise LinkExpired(until=f"{ended:%Y-%m-%d %H:%M:%SZ}")
        return link

    async def _sign(self, link: Link) -> str:
        if self._known is None:
            self._known = await self._secret()
        said = json.dumps([link.hash, link.until, link.media, link.name]).encode()
        return hmac.digest(self._known, said, "sha256").hex()
