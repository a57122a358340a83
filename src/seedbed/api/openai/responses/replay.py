"""A response that is answered in the background, as a stream to who asked for it.

Floor 6. It begins at once, and the rest follows when the answer is whole. Whoever leaves comes back
with `starting_after`: a response that is kept is always told by the same events.
"""

from seedbed.api.openai.responses.events import Events, replayed
from seedbed.api.openai.responses.items import Kept
from seedbed.core.event import Event, Started

_BEGUN = 1
"""The number of the last event that is sent at once."""
_UNENDED = frozenset({"queued", "in_progress"})


class Replay:
    """Writes the `response` as it stands at the beginning, and at the end."""

    def __init__(self, response: Kept, *, is_awaited: bool) -> None:
        self.response, self.is_awaited = response, is_awaited

    def chunk(self, event: Event) -> bytes:
        """What is sent; nothing more where the server ends before the answer is there."""
        if type(event) is Started:
            return Events().begun(self.response)
        if self.response["status"] in _UNENDED:
            return b""
        return replayed(self.response, after=_BEGUN)
