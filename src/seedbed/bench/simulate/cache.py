"""What the prefix cache of a simulated deployment holds: texts, by name, and so many tokens.

Floor 5.
"""

from collections import OrderedDict


class Cache:
    """Forgets first what was used longest ago."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._held: OrderedDict[str | int, int] = OrderedDict()
        self._tokens = 0

    def known(self, name: str, tokens: int) -> int:
        """How many of the first tokens of a text it holds."""
        return min(self._held.get(name, 0), tokens)

    def put(self, name: str | int, tokens: int) -> None:
        """Hold the first tokens of a text; what it holds of that already is used once more."""
        held = self._held.pop(name, 0)
        now = max(held, tokens)
        self._held[name] = now
        self._tokens += now - held
        while self._tokens > self._capacity:
            self._tokens -= self._held.popitem(last=False)[1]
