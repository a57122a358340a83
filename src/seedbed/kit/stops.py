"""End a text before the first of some stop texts, however it is cut into pieces.

Floor 1.
"""

from collections.abc import Sequence


class Stops:
    """Passes text on as soon as it cannot be the beginning of a stop text any more.

    >>> stops = Stops(["END"])
    >>> stops.feed("one E"), stops.feed("N"), stops.feed("T two EN"), stops.feed("D three")
    ('one ', '', 'ENT two ', '')
    >>> stops.met
    'END'
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = tuple(text for text in texts if text)
        self._held = ""
        self.met: str | None = None
        """Which of them was met."""

    def feed(self, text: str) -> str:
        """What may be passed on now. Once a stop text is met, nothing more."""
        if self.met is not None:
            return ""
        self._held += text
        found = [(at + len(s), at, s) for s in self._texts if (at := self._held.find(s)) >= 0]
        if found:
            # the one that is whole first, so that the cutting does not count
            _, first, self.met = min(found)
            passed, self._held = self._held[:first], ""
            return passed
        keep = max((self._overlap(stop) for stop in self._texts), default=0)
        passed = self._held[: len(self._held) - keep]
        self._held = self._held[len(self._held) - keep :]
        return passed

    def rest(self) -> str:
        """What was held back and is no stop text after all; called at the end."""
        rest, self._held = self._held, ""
        return rest

    def _overlap(self, stop: str) -> int:
        """How much of the held text's end is a beginning of `stop`."""
        longest = min(len(stop) - 1, len(self._held))
        return next((n for n in range(longest, 0, -1) if self._held.endswith(stop[:n])), 0)
