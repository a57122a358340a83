"""A response that is answered in the background, as a stream to who asked for it or comes back.

Floor 6. It begins at once, and the rest follows when the answer is whole; until then there are
signs of life. Whoever leaves comes back with `starting_after`: a response that is kept is always
told by the same events, but for the first two. These tell whoever asked for it that it is queued,
and whoever comes back that it is in progress.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from seedbed.api.openai.responses.events import UNENDED, Events, replayed
from seedbed.api.openai.responses.items import Kept
from seedbed.api.openai.responses.state import Past
from seedbed.api.openai.responses.writer import error_of
from seedbed.core.errors import SeedbedError
from seedbed.core.event import Event, Failed, Started, UsageNow

_BEGUN = 1
"""The number of the last event that is sent at once."""
_SIGN = b": the answer is not there yet\n\n"


class Replay:
    """Writes the `response` as it stands at the beginning, and at the end."""

    def __init__(self, response: Kept, *, is_awaited: bool) -> None:
        self.response, self.is_awaited = response, is_awaited

    def chunk(self, event: Event) -> bytes:
        """What is sent; nothing more where the server ends before the answer is there."""
        if type(event) is Started:
            return Events().begun(self.response)
        if type(event) is UsageNow:
            return _SIGN
        if type(event) is Failed:
            return _broken(event.error)
        return replayed(self.response, after=_BEGUN)


async def followed(
    past: Past, response: Kept, project: str, *, after: int
) -> AsyncGenerator[bytes]:
    """The events of a response of a project, but for the first `after` + 1: those that are there
    at once, the others when it has its end. Who waits for one that is deleted is told.
    """
    yield replayed(response, after=after)
    if response["status"] not in UNENDED:
        return
    try:
        async with aclosing(past.followed(str(response["id"]), project)) as turns:
            async for turn in turns:
                yield replayed(turn.response, after=max(after, _BEGUN)) if turn else _SIGN
    except SeedbedError as error:
        yield _broken(error)


def _broken(error: SeedbedError) -> bytes:
    """What is told in the place of an answer that cannot be waited for; the response itself has
    not failed by that, and has no end here.
    """
    events = Events(after=_BEGUN)
    events.begun({})
    return events.failed(error_of(error))
