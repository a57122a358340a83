"""What one answer of an upstream has used: as it tells, or a bound where it does not.

Floor 3. No use goes unpriced: until the upstream has counted, and where it never does or cannot be
believed, the prompt counts as the most that it can be, and each byte of the answer as a token,
since no tokenizer makes more tokens than there are bytes.
"""

from seedbed.core.ask import AnyAsk, Ask
from seedbed.core.event import CallDelta, ReasoningDelta
from seedbed.core.message import hidden
from seedbed.core.usage import Usage
from seedbed.engines.upstreams.base import Delta, Told

_STEP = 64
"""Bytes of an answer that are counted ahead, so that not each delta needs a count of its own."""
_LONGEST_TOKEN = 512
"""Bytes that no vocabulary has a longer token of."""


class Tally:
    """Counts for one ask of a model with that window."""

    __slots__ = (
        "_bound",
        "_is_written",
        "_reasoning",
        "_reasoning_ahead",
        "_room",
        "_spoken",
        "_told",
        "_visible",
        "_visible_ahead",
        "_window",
        "has_grown",
    )

    def __init__(self, ask: AnyAsk, *, window: int) -> None:
        most = ask.most_output
        self._window = window
        self._bound = ask.most_input or window
        self._room = window if most is None else min(most, window)
        within = window if isinstance(ask, Ask) else self._bound  # of texts each has a window
        self._told = Usage(min(self._bound, within))
        """What the upstream has counted, and the bound of the prompt where it has not."""
        self._is_written = False
        """Whether it has counted what it wrote, and so all."""
        self._visible = self._reasoning = 0
        """Bytes since the upstream last counted what it wrote."""
        self._visible_ahead = self._reasoning_ahead = 0
        """As many of them as `ahead` has made room for."""
        self._spoken = 0
        """Bytes in all."""
        self.has_grown = True
        """Whether there is more than `ahead` has told."""

    @property
    def is_told(self) -> bool:
        """Whether the upstream has counted all that it read and wrote."""
        return self._is_written and not (self._visible or self._reasoning)

    @property
    def end(self) -> Usage:
        """What was used, once nothing more is said."""
        return self._sum(self._visible, self._reasoning)

    @property
    def is_endless(self) -> bool:
        """Whether more was said than the window can hold."""
        return self._spoken > self._window * _LONGEST_TOKEN

    def ahead(self) -> Usage:
        """What may have been used by the time that a few more bytes are said."""
        self.has_grown = False
        self._visible_ahead = -(-self._visible // _STEP) * _STEP
        self._reasoning_ahead = -(-self._reasoning // _STEP) * _STEP
        return self._sum(self._visible_ahead, self._reasoning_ahead)

    def say(self, delta: Delta) -> None:
        """Count the bytes of a delta."""
        text = _called(delta) if isinstance(delta, CallDelta) else delta.text
        size = len(text) if text.isascii() else len(text.encode())
        if isinstance(delta, ReasoningDelta):
            size += len(hidden(delta.seal) or "")
            self._reasoning += size
        else:
            self._visible += size
        self._spoken += size
        if self._visible > self._visible_ahead or self._reasoning > self._reasoning_ahead:
            self.has_grown = True

    def tell(self, told: Told) -> None:
        """Take the upstream's own count, if it can be believed.

        It cannot where a counter is below zero, or above what the window and the bytes allow; nor
        where nothing is said to be read, or nothing written in spite of the words that came.
        """
        usage = told.usage
        fresh, cached, stored, visible, reasoning = counts = usage.counts()
        least = 1 if told.whole and self._spoken else 0
        if (
            min(counts) < 0
            or not 0 < fresh + cached + stored <= max(self._window, self._bound)
            or not least <= visible + reasoning <= max(self._window, self._spoken)
        ):
            return
        if told.whole:
            self._told, self._is_written = usage, True
            self._visible = self._reasoning = 0
        else:
            before = self._told
            written = before.output_visible, before.output_reasoning
            self._told = Usage(fresh, cached, stored, *written)
        self.has_grown = True

    def _sum(self, visible: int, reasoning: int) -> Usage:
        """What was told, and beside it as many of these bytes as the answer has room for."""
        told = self._told
        if not (visible or reasoning):
            return told
        room = max(self._room - told.output, 0)
        visible = min(visible, room)
        reasoning = min(reasoning, room - visible)
        return told + Usage(output_visible=visible, output_reasoning=reasoning)


def _called(delta: CallDelta) -> str:
    return f"{delta.id}{delta.name}{delta.arguments}"
