"""Our own door, as a step goes through it: every model call of a job passes the gateway.

Floor 4. A step shows the token of its run and its idempotency key, so that the call is the owner's,
and is answered and paid once. While no server answers, or it has no room, the step waits.
"""

from collections.abc import Callable
from dataclasses import dataclass

import httpx2
import msgspec
import structlog

from seedbed.core.errors import ServerUnreachable
from seedbed.kit.clock import Clock

log: structlog.stdlib.BoundLogger = structlog.get_logger()

_SHORTEST, _LONGEST = 0.25, 15.0
"""Seconds between two tries: the first pause, and what it doubles to."""
_BUSY = frozenset({429, 503, 529})
"""Statuses of a door that has no room; the last is Anthropic's."""
_TIMEOUT = httpx2.Timeout(None, connect=5.0)
"""How long an answer may take is the server's to say."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the door answered: a status, and a JSON body."""

    status: int
    body: object
    request_id: str

    @property
    def is_sound(self) -> bool:
        """Whether it is an answer and no problem."""
        return self.status == 200


class Door:
    """Posts requests to a server of this house, wherever it listens at the moment."""

    def __init__(
        self, find: Callable[[], str | None], client: httpx2.AsyncClient, *, clock: Clock
    ) -> None:
        self._find, self._client, self._clock = find, client, clock

    async def post(self, path: str, body: object, *, token: str, key: str) -> Told:
        """Ask, and wait for the answer, however long no server has room for it."""
        headers = {
            "authorization": f"Bearer {token}",
            "content-type": "application/json",
            "idempotency-key": key,
            "x-seedbed-priority": "batch",
        }
        said, pause = msgspec.json.encode(body), _SHORTEST
        while True:
            told, wait = await self._try(path, said, headers)
            if told is not None and told.status not in _BUSY:
                return told
            await self._clock.sleep(max(pause, wait))
            pause = min(_LONGEST, pause * 2)

    async def _try(
        self, path: str, body: bytes, headers: dict[str, str]
    ) -> tuple[Told | None, float]:
        """One try: what was answered, if anything, and how long to wait where that helps."""
        try:
            url = self._find()
            if url is None:
                raise ServerUnreachable("here", why="none runs")
            response = await self._client.post(
                url + path, content=body, headers=headers, timeout=_TIMEOUT
            )
            said: object = msgspec.json.decode(response.content)
        except (httpx2.HTTPError, msgspec.DecodeError, ServerUnreachable) as error:
            log.info("door.closed", why=str(error) or type(error).__name__)
            return None, 0.0
        asked = response.headers.get("retry-after", "")
        told = Told(response.status_code, said, response.headers.get("x-request-id", ""))
        return told, min(_LONGEST, float(asked) if asked.isdigit() else 0.0)
