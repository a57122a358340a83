"""The engine that draws, in the process of a test: what it asks its own process is drawn here."""

from collections.abc import AsyncGenerator

import anyio
from anyio.to_thread import run_sync

from seedbed.core.errors import SeedbedError
from seedbed.engines.draft import Draft
from seedbed.engines.drafting.draftsman import Draftsman
from seedbed.engines.drafting.wire import Line, Order, Wrong


class Here(Draft):
    """Draws in a thread."""

    def __init__(self, draftsman: Draftsman) -> None:
        super().__init__("draft", window=1_000, program=None, key="k")
        self._draftsman, self._place_ = draftsman, anyio.CapacityLimiter(1)

    async def _lines(self, order: Order) -> AsyncGenerator[Line | SeedbedError]:
        said: list[Line] = []
        try:
            await run_sync(self._draftsman.draw, order, said.append, limiter=self._place_)
        except SeedbedError as error:
            wrong = Wrong("", error.what, error.hint, str(error.facts.get("field")))
            yield self._error(wrong) or wrong
        for line in said:
            yield line
