"""`POST /v1/messages/count_tokens`.

Floor 6.
"""

import msgspec

from seedbed.api.anthropic.blocks import Blocks
from seedbed.api.anthropic.manner import Anthropic
from seedbed.api.anthropic.read import read_prompt
from seedbed.api.anthropic.seal import Sealer
from seedbed.api.dialect import Reading
from seedbed.core.ask import CountAsk
from seedbed.core.event import Reply


class Counting(Anthropic):
    """A prompt is counted."""

    def __init__(self, sealer: Sealer) -> None:
        self._blocks = Blocks(sealer)

    def read(self, body: bytes, *, request_id: str, now: int) -> Reading:
        """Understand a request to count."""
        del request_id, now
        return Reading(CountAsk(read_prompt(body, self._blocks)), CountWriter())


class CountWriter:
    """Writes how many tokens there are."""

    def whole(self, reply: Reply) -> bytes:
        """The body of a whole answer."""
        return msgspec.json.encode({"input_tokens": reply.counted})
