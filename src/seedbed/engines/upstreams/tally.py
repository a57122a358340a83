"""What one answer of an upstream has used: as it tells, or a bound where it does not.

Floor 3. No use goes unpriced: until the upstream has counted, and where it never does or cannot be
believed, the prompt counts as the most that it can be, and each byte of the answer as a token,
since no tokenizer makes more tokens than there are bytes.
"""

from seedbed.core.ask import AnyAsk
from seedbed.core.event import CallDelta, ReasoningDelta
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
        self._read = min(self._bound, window), 0, 0
        self._written = 0, 0
        self._is_read = self._is_written = False
        """Whether the upstream has counted that much."""
        self._visible = self._reasoning = 0
        """Bytes since the upstream last counted what it wrote."""
        self._spoken = 0
        """Bytes in all."""

    @property
    def is_told(self) -> bool:
        """Whether the upstream has counted all that it read and wrote."""
        return self._is_read and self._is_written and not (self._visible or self._reasoning)

    @property
    def now(self) -> Usage:
        """What may have been used by the time that a few more bytes are said."""
        return self._sum(_steps(self._visible) * _STEP, _steps(self._reasoning) * _STEP)

    @property
    def end(self) -> Usage:
        """What was used, once nothing more is said."""
        return self._sum(self._visible, self._reasoning)

    def say(self, delta: Delta) -> bool:
        """Count the bytes of a delta; returns whether `now` may have grown by them."""
        if isinstance(delta, ReasoningDelta):
            before, size = self._reasoning, _bytes(delta.text)
            self._reasoning = after = before + size
        else:
            is_call = isinstance(delta, CallDelta)
            text = f"{delta.id}{delta.name}{delta.arguments}" if is_call else delta.text
            before, size = self._visible, _bytes(text)
            self._visible = after = before + size
        self._spoken += size
        return _steps(before) < _steps(after)

    def tell(self, told: Told) -> bool:
        """Take the upstream's own count; returns whether it can be believed.

        It cannot where a counter is below zero, or above what the window and the bytes allow.
        """
        fresh, cached, stored, visible, reasoning = counts = told.usage.counts()
        if (
            min(counts) < 0
            or fresh + cached + stored > max(self._window, self._bound)
            or visible + reasoning > max(self._window, self._spoken)
        ):
            return False
        self._read, self._is_read = (fresh, cached, stored), True
        if told.whole:
            self._written, self._is_written = (visible, reasoning), True
            self._visible = self._reasoning = 0
        return True

    def _sum(self, visible: int, reasoning: int) -> Usage:
        """What was told, and beside it as many of these bytes as the answer has room for."""
        told_visible, told_reasoning = self._written
        room = max(self._room - told_visible - told_reasoning, 0)
        visible = min(visible, room)
        reasoning = min(reasoning, room - visible)
        return Usage(*self._read, told_visible + visible, told_reasoning + reasoning)


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())


def _steps(count: int) -> int:
    return -(-count // _STEP)
