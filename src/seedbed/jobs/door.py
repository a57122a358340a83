"""Our own door, as a step goes through it: every model call of a job passes the gateway.

Floor 4. A step shows the token of its run and its idempotency key, so that the call is the owner's,
and is answered and paid once. While no server answers, or it has no room, the step waits.
"""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass

import httpx2
import msgspec
import structlog

from seedbed.core.errors import ServerUnreachable
from seedbed.kit.clock import Clock
from seedbed.kit.sse import Parser

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
        said, pause = msgspec.json.encode(body), _SHORTEST
        while True:
            told, wait = await self._try(path, said, _headers(token, key))
            if told is not None and told.status not in _BUSY:
                return told
            await self._clock.sleep(max(pause, wait))
            pause = min(_LONGEST, pause * 2)

    async def follow(
        self, path: str, body: object, *, token: str, key: str
    ) -> AsyncGenerator[Told]:
        """Ask for a stream, and yield each of its events; a problem is all there is.

        One that breaks off is asked for again, and told from its beginning.
        """
        said, pause = msgspec.json.encode(body), _SHORTEST
        headers = _headers(token, key)
        while True:
            wait = 0.0
            try:
                async with self._client.stream(
                    "POST", self._url(path), content=said, headers=headers, timeout=_TIMEOUT
                ) as response:
                    if response.status_code not in _BUSY:
                        async with aclosing(_events(response)) as events:
                            async for told in events:
                                yield told
                        return
                    wait = _wait(response)
            except (httpx2.HTTPError, msgspec.DecodeError, ServerUnreachable) as error:
                log.info("door.closed", why=str(error) or type(error).__name__)
            await self._clock.sleep(max(pause, wait))
            pause = min(_LONGEST, pause * 2)

    async def _try(
        self, path: str, body: bytes, headers: dict[str, str]
    ) -> tuple[Told | None, float]:
        """One try: what was answered, if anything, and how long to wait where that helps."""
        try:
            response = await self._client.post(
                self._url(path), content=body, headers=headers, timeout=_TIMEOUT
            )
            said: object = msgspec.json.decode(response.content)
        except (httpx2.HTTPError, msgspec.DecodeError, ServerUnreachable) as error:
            log.info("door.closed", why=str(error) or type(error).__name__)
            return None, 0.0
        return _told(response, said), _wait(response)

    def _url(self, path: str) -> str:
        url = self._find()
        if url is None:
            raise ServerUnreachable("here", why="none runs")
        return url + path


def _headers(token: str, key: str) -> dict[str, str]:
    return {
        "authorization": f"Bearer {token}",
        "content-type": "application/json",
        "idempotency-key": key,
        "x-seedbed-priority": "batch",
    }


async def _events(response: httpx2.Response) -> AsyncGenerator[Told]:
    """What a response tells: the data of each event, or a problem."""
    if response.status_code != 200:
        yield _told(response, msgspec.json.decode(await response.aread()))
        return
    parser = Parser()
    async for piece in response.aiter_bytes():
        for data in parser.feed(piece):
            yield _told(response, msgspec.json.decode(data))


def _told(response: httpx2.Response, said: object) -> Told:
    return Told(response.status_code, said, response.headers.get("x-request-id", ""))


def _wait(response: httpx2.Response) -> float:
    """How many seconds it asks to be left alone for."""
    asked = response.headers.get("retry-after", "")
    return min(_LONGEST, float(asked) if asked.isdigit() else 0.0)
