"""What the prefix cache of a simulated deployment holds: texts, by name, and so many tokens.

Floor 5.
"""

from collections import OrderedDict


class Cache:
    """Forgets first what was used longest ago. What it finds are blocks of so many tokens."""

    def __init__(self, capacity: int, *, block: int = 1) -> None:
        self._capacity, self._block = capacity, block
        self._held: OrderedDict[str | int, int] = OrderedDict()
        self._tokens = 0

    def known(self, name: str, tokens: int) -> int:
        """How many of the first tokens of a text it holds, in whole blocks."""
        return min(self._held.get(name, 0), tokens) // self._block * self._block

    def put(self, name: str | int, tokens: int) -> None:
        """Hold the first tokens of a text; what it holds of that already is used once more."""
        held = self._held.pop(name, 0)
        now = max(held, tokens)
        self._held[name] = now
        self._tokens += now - held
        while self._tokens > self._capacity:
            self._tokens -= self._held.popitem(last=False)[1]
