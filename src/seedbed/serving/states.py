"""How long something was in each of its states.

Floor 4. What it costs to have an engine stand ready is counted by this, and shown.
"""

from seedbed.kit.clock import Clock


class States:
    """Adds up the time in each state."""

    def __init__(self, clock: Clock, state: str) -> None:
        self._clock = clock
        self._state = state
        self._since = clock.now()
        self._seconds: dict[str, float] = {}

    def enter(self, state: str) -> None:
        """It is in that state from now on."""
        now = self._clock.now()
        self._seconds[self._state] = self._seconds.get(self._state, 0.0) + now - self._since
        self._state, self._since = state, now

    def take(self, *states: str) -> tuple[int, ...]:
        """The microseconds in each of those states since they were last taken; all begin anew."""
        self.enter(self._state)
        seconds, self._seconds = self._seconds, {}
        return tuple(round(seconds.get(state, 0.0) * 1e6) for state in states)
