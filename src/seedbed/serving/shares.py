"""Who holds hardware, and what share of its time each is charged.

Floor 4.
"""

from collections.abc import Callable

from seedbed.kit.clock import Clock


class Shares:
    """A clock of fair shares: while n asks run side by side, each is charged 1/n of the time.

    So the shares add up to the time that the hardware was busy, however many asks ran at once. It
    is kept by one running sum, in one step each time an ask comes or goes.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._share = 0.0
        self._last = clock.now()
        self._busy = 0.0
        self._holders = 0

    @property
    def holders(self) -> int:
        """How many asks hold a share."""
        return self._holders

    def change(self, by: int) -> float:
        """So many more, or fewer, asks hold a share from now on; returns what is `turned`."""
        turned = self.turned()
        self._holders += by
        return turned

    def turned(self) -> float:
        """The seconds that an ask here since the beginning would have been charged by now."""
        now = self._clock.now()
        if self._holders:
            self._busy += now - self._last
            self._share += (now - self._last) / self._holders
        self._last = now
        return self._share

    def take_busy(self) -> int:
        """The microseconds in which anybody held a share, since this was last asked."""
        self.turned()
        busy, self._busy = self._busy, 0.0
        return round(busy * 1e6)


class Held:
    """One ask's hold on a deployment's hardware, until it is given back."""

    __slots__ = ("_from", "_given", "_shares", "_until")

    def __init__(self, shares: Shares, *, given: Callable[[], None] = lambda: None) -> None:
        self._shares = shares
        self._given = given
        self._from = shares.change(+1)
        self._until: float | None = None

    @property
    def microseconds(self) -> int:
        """Its share of the time so far."""
        until = self._shares.turned() if self._until is None else self._until
        return round((until - self._from) * 1e6)

    def give(self) -> None:
        """Hold no longer."""
        if self._until is None:
            self._until = self._shares.change(-1)
            self._given()
