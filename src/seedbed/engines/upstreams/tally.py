"""What one answer of an upstream has used: as it tells, or a bound where it does not.

Floor 3. No use goes unpriced: until the upstream has counted, and where it never does or cannot be
believed, the prompt counts as the most that it can be, and each byte of the answer as a token,
since no tokenizer makes more tokens than there are bytes.
"""

from seedbed.core.ask import AnyAsk
from seedbed.core.event import CallDelta, ReasoningDelta, TextDelta
from seedbed.core.usage import Usage
from seedbed.engines.upstreams.base import Delta, Told

_STEP = 64
"""Bytes of an answer that are counted ahead, so that not each delta needs a count of its own."""


class Tally:
    """Counts for one ask of a model with that window."""

    def __init__(self, ask: AnyAsk, *, window: int) -> None:
        self._window = window
        self._bound = ask.most_input or window
        self._room = window if ask.most_output is None else min(ask.most_output, window)
        self._read: Usage | None = None
        self._written: Usage | None = None
        self._said = Usage()
        """Bytes since the upstream last counted what it wrote."""
        self._spoken = 0
        """Bytes in all."""

    @property
    def is_told(self) -> bool:
        """Whether the upstream has counted all that it read and wrote."""
        return self._read is not None and self._written is not None and not self._said.output

    @property
    def now(self) -> Usage:
        """What may have been used by the time that a few more bytes are said."""
        ahead = Usage(*(-(-count // _STEP) * _STEP for count in self._said.counts()))
        return self._sum(ahead)

    @property
    def end(self) -> Usage:
        """What was used, once nothing more is said."""
        return self._sum(self._said)

    def say(self, delta: Delta) -> None:
        """Count the bytes of a delta."""
        match delta:
            case ReasoningDelta(text=text):
                said = Usage(output_reasoning=len(text.encode()))
            case TextDelta(text=text):
                said = Usage(output_visible=len(text.encode()))
            case CallDelta():  # pragma: no branch - the last of the kinds
                whole = f"{delta.id}{delta.name}{delta.arguments}"
                said = Usage(output_visible=len(whole.encode()))
        self._said += said
        self._spoken += said.output

    def tell(self, told: Told) -> bool:
        """Take the upstream's own count; returns whether it can be believed."""
        if not self._can_be(told.usage):
            return False
        counts = told.usage
        self._read = Usage(counts.input_fresh, counts.input_cache_read, counts.input_cache_write)
        if told.whole:
            self._written = Usage(
                output_visible=counts.output_visible, output_reasoning=counts.output_reasoning
            )
            self._said = Usage()
        return True

    def _can_be(self, usage: Usage) -> bool:
        """Whether no counter is below zero or above what the window and the bytes allow."""
        return (
            min(usage.counts()) >= 0
            and usage.input <= max(self._window, self._bound)
            and usage.output <= max(self._window, self._spoken)
        )

    def _sum(self, said: Usage) -> Usage:
        read = (
            Usage(input_fresh=min(self._bound, self._window)) if self._read is None else self._read
        )
        written = self._written or Usage()
        room = max(self._room - written.output, 0)
        visible = min(said.output_visible, room)
        thought = min(said.output_reasoning, room - visible)
        return read + written + Usage(output_visible=visible, output_reasoning=thought)
