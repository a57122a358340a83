"""Traces: spans are sent to a collector by OTLP over HTTP, in groups, beside the requests.

Floor 4. Spans are made and sent in a thread. A collector that is down, slow or refuses costs spans,
and nothing else: those that wait are bounded, and one warning a minute counts the lost.
"""

import math
from collections.abc import Sequence
from urllib.parse import unquote

import anyio
import httpx2
import structlog

from seedbed.core.errors import SettingRefused
from seedbed.kit import traceparent
from seedbed.kit.clock import Clock
from seedbed.serving.observing import Record, Refusal
from seedbed.serving.spans import Spans

log: structlog.stdlib.BoundLogger = structlog.get_logger()

EVERY_SECONDS = 1.0
CLOSING_SECONDS = 5.0
WARNING_SECONDS = 60.0
GROUP = 256
"""Spans that are sent in one request."""
WAITING = 4096
"""Spans that may wait; those that come after are lost."""
_UNREACHABLE = (httpx2.HTTPError, httpx2.InvalidURL, UnicodeError)
"""What sending may raise; the last two where the address cannot be one."""
_COMES_BACK = frozenset({429, 502, 503, 504})
"""Answers after which the same may be sent again."""


def read_headers(text: str) -> dict[str, str]:
    """Headers, written as OpenTelemetry writes them: `name=value,name=value`, percent-encoded.

    >>> read_headers("authorization=Basic%20QQ==,x-project=7")
    {'authorization': 'Basic QQ==', 'x-project': '7'}

    Raises:
        SettingRefused: it is written otherwise.
    """
    pairs = [pair.partition("=") for pair in text.split(",") if pair.strip()]
    headers = {name.strip(): unquote(value.strip()) for name, _, value in pairs}
    words = [*headers, *headers.values()]
    whole = all(headers) and all(equals for _, equals, _ in pairs)
    if not whole or not all(word.isascii() and word.isprintable() for word in words):
        raise SettingRefused(
            "What the setting 'otlp_headers' stands for is no list of headers.",
            hint="Write name=value, with commas between: authorization=Basic%20...",
        )
    return headers


class Tracing:
    """Keeps records until they are sent as spans to `url`, the collector's address for traces."""

    def __init__(
        self, url: str, spans: Spans, *, models: frozenset[str], client: httpx2.Client, clock: Clock
    ) -> None:
        self._url, self._spans, self._models = url, spans, models
        self._client, self._clock = client, clock
        self._waiting: list[Record] = []
        self._why = ""
        self._lost, self._told = 0, 0
        self._warned = -math.inf

    def take(self, records: Sequence[Record]) -> None:
        """Keep what becomes a span, as far as there is room."""
        wanted = [record for record in records if self._is_wanted(record)]
        room = WAITING - len(self._waiting)
        self._waiting += wanted[:room]
        self._lost += len(wanted[room:])

    async def run(self) -> None:
        """Send what waits, for ever."""
        while True:
            await self._clock.sleep(EVERY_SECONDS)
            await self.flush()

    async def flush(self) -> None:
        """Send until nothing waits, or the collector takes no more for now."""
        await self._send_all()
        if self._clock.now() - self._warned >= WARNING_SECONDS:
            self._warn()

    async def close(self) -> None:
        """Try once more to send what waits; what cannot be sent is lost."""
        with anyio.move_on_after(CLOSING_SECONDS):
            await self._send_all()
        self._lost += len(self._waiting)
        self._waiting.clear()
        self._warn()
        self._client.close()

    def _is_wanted(self, record: Record) -> bool:
        if isinstance(record, Refusal) and record.model not in self._models:
            return False
        parent = traceparent.read(record.trace)
        return parent is None or parent.sampled

    async def _send_all(self) -> None:
        while self._waiting and await self._send():
            pass

    async def _send(self) -> bool:
        """Send one group; whether the next may follow."""
        group = self._waiting[:GROUP]
        try:
            status = await anyio.to_thread.run_sync(self._post, group, abandon_on_cancel=True)
        except _UNREACHABLE as error:
            self._why = str(error) or type(error).__name__
            return False
        self._why = "" if status < 300 else f"it answered {status}"
        if status in _COMES_BACK:
            return False
        del self._waiting[: len(group)]
        if self._why:
            self._lost += len(group)
        return True

    def _post(self, group: Sequence[Record]) -> int:
        body = self._spans.request(group)
        headers = {"content-type": "application/x-protobuf"}
        return self._client.post(self._url, content=body, headers=headers).status_code

    def _warn(self) -> None:
        """Tell what was lost since the last warning, and why nothing goes on, if so."""
        if self._why or self._lost > self._told:
            log.warning(
                "spans.unsent",
                why=self._why or "more came than may wait",
                waiting=len(self._waiting),
                lost=self._lost,
            )
            self._told, self._warned = self._lost, self._clock.now()
