"""Prefix leading: of asks that begin alike one computes the prefix, and the others follow it.

Floor 4. No engine shares what is being computed at this moment: sixteen asks at once with one long
prefix compute it sixteen times, and sixteen in line compute it once. So whoever finds its prefix
being computed for the same owner waits aside, without a place, and begins once it is there.

A leader is registered when it has its place, in the same step in which the place was given, and
until its prompt has been read, or it has left. Whoever follows is held no longer than reading its
own prompt alone would take, over all that it waits for. There is no order of leaders to keep:
whoever is let go looks again, and the first to begin leads those who still share more with it.
Nobody waits who has a place, and nobody waits for one who waits, so nothing can lock.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeVar

from seedbed.core.prefix import Link
from seedbed.core.route import Led
from seedbed.kit.clock import Clock
from seedbed.serving.gains import Gains
from seedbed.serving.prefixes import Prefixes

LEAST_SHARED = 1024
"""Bytes, about 256 tokens: what is shorter an engine reads in a step or two."""
_LEAST_PART = 3
"""It waits for a third of its prompt or more: for less, reading side by side is as quick."""
_LONGER = 2
"""A prompt so many times as long would not be read before the follower has to go on."""
_MOMENT = 0.001
_BLOCK = 512
"""Bytes that a prompt may have behind its last link."""


class Room(Protocol):
    """What a queue gives: a place, until it is given back."""

    def give(self) -> object:
        """Give it back."""
        ...


R = TypeVar("R", bound=Room)


class Leading:
    """Who computes which prefix on one deployment."""

    def __init__(self, prefixes: Prefixes, clock: Clock) -> None:
        self.prefixes, self.clock = prefixes, clock
        self.gains = Gains()
        self._computing: dict[tuple[bytes, str], Turn] = {}
        self.aside = 0
        """How many wait for a leader, and stand in no line yet."""

    def __len__(self) -> int:
        """How many links are being computed."""
        return len(self._computing)

    def turn(
        self, chain: Sequence[Link], owner: str, *, who: str, alone: Callable[[int], float]
    ) -> "Turn":
        """The way of one ask here. `who` is its request's id.

        `alone` tells how many seconds reading so many bytes of a prompt takes that follows nobody.
        """
        return Turn(self, chain, owner, who, alone)

    def leader(self, turn: "Turn") -> "tuple[Turn, int] | None":
        """Who computes the longest prefix that is also this one's, and how many bytes that is."""
        if self._computing:
            for link in reversed(turn.chain):
                if found := self._computing.get((link.digest, turn.owner)):
                    return found, link.end
        return None

    def computing(self, chain: Sequence[Link], owner: str) -> int:
        """How many bytes of a prompt are being computed for its owner at this moment."""
        if self._computing:
            for link in reversed(chain):
                if (link.digest, owner) in self._computing:
                    return link.end
        return 0

    def register(self, turn: "Turn") -> None:
        """It computes from now on what nobody computed before it."""
        for link in turn.chain:
            if link.end >= LEAST_SHARED:
                self._computing.setdefault((link.digest, turn.owner), turn)

    def forget(self, turn: "Turn") -> None:
        """It computes no longer."""
        for link in turn.chain:
            key = link.digest, turn.owner
            if self._computing.get(key) is turn:
                del self._computing[key]


class Turn:
    """One ask's way: `enter`, `computed` and perhaps `compare`, and in any case `end`."""

    def __init__(
        self,
        leading: Leading,
        chain: Sequence[Link],
        owner: str,
        who: str,
        alone: Callable[[int], float],
    ) -> None:
        self.chain, self.owner, self.who = chain, owner, who
        self.fresh = False
        """Whether it must use nothing of the cache, as what is there of it is others'."""
        self.held = 0.0
        """Seconds that it has waited aside."""
        self.shared = 0
        """Bytes that the last whom it followed has likely had computed for it, or most of them."""
        self.gave_up = False
        """Whether it went on before that one had computed it."""
        self._leading, self._prefixes = leading, leading.prefixes
        self._known = self._prefixes.known(chain, owner)
        self.bytes = chain[-1].end + _BLOCK - self._known if chain else 0
        """Of its prompt that were not in the cache when it came, or a few more."""
        self.read: asyncio.Future[bool] | None = None
        """While it computes; set to whether its prompt was read to its end."""
        self._alone = alone
        self._own = self._most_held = alone(self.bytes) if self.bytes > LEAST_SHARED else 0.0
        self._began = 0.0
        self.pace = 1.0
        """How many times as long as was thought its prompt took, or that of whom it followed."""
        self._led_by = ""

    @property
    def led(self) -> Led | None:
        """Whom it waited for, how long, and what of it came of it; `None` where it did not wait."""
        held = round(self.held * 1e6)
        return Led(self._led_by, held, self.shared, self.gave_up) if self._led_by else None

    async def enter(self, room: Callable[[], Awaitable[R]]) -> R:
        """Wait until its prefix is there, and then for room; returns that, with the turn begun.

        It has no room while it is held. If its prefix has come to be computed by another while it
        stood in line, the room goes to the next at once, and it is held and stands in line again.
        """
        while True:
            while ahead := self._ahead():
                await self._follow(*ahead)
            given = await room()
            if self.begin():
                return given
            given.give()

    def begin(self) -> bool:
        """It has room: begin to compute, unless it has to wait; in that case nothing happens."""
        if self._ahead():
            return False
        self.fresh = self._prefixes.foreign(self.chain, self.owner) > 0
        self._prefixes.begin(self.chain, self.owner)
        self.read = asyncio.get_running_loop().create_future()
        self._began = self._leading.clock.now()
        self._leading.register(self)
        return True

    def computed(self) -> None:
        """Its prompt has been read, as its first word, thought or call tells, and not `Started`.

        Who follows goes on: openvino shares what was read from then on, with the answer under way.
        """
        if self._own and not self._led_by:
            self.pace = max((self._leading.clock.now() - self._began) / self._own, 1.0)
        if self._stop(read=True):
            self._prefixes.put(self.chain, self.owner)

    def compare(self, *, took: float, alone: float) -> None:
        """Tell what following was worth: the seconds from its beginning to the first of its answer,
        and what these would have been under the same load, had it followed nobody. Where whom it
        followed took longer than was thought, so would it have, and those beside it.
        """
        if self.shared:
            part = (self.shared - self._known) / self.bytes
            own, alone = self._own * self.pace, alone * self.pace
            self._leading.gains.note(took=took, alone=alone, own=own, part=part)

    def end(self) -> None:
        """It is over, in whatever way; whoever still follows goes on. A second time is nothing."""
        self._stop(read=False)

    def _ahead(self) -> "tuple[Turn, int] | None":
        """Whom it has to wait for now, and how many bytes they share."""
        if self._most_held <= self.held:
            return None
        ahead = self._leading.leader(self)
        if ahead is None or not self._is_worth(*ahead):
            return None
        return ahead if self._leading.gains.follows(self.who) else None

    def _is_worth(self, leader: "Turn", shared: int) -> bool:
        new = shared - self._prefixes.known(self.chain, self.owner)
        is_long = new >= LEAST_SHARED and new * _LEAST_PART >= self.bytes
        return is_long and leader.bytes <= self.bytes * _LONGER

    async def _follow(self, leader: "Turn", shared: int) -> None:
        """Wait until a leader's prompt is read, it leaves, or it has taken too long."""
        reading = leader.read
        assert reading is not None  # noqa: S101 - it was registered when it began
        self._led_by, self.shared = leader.who, 0
        self._leading.aside += 1
        try:
            await self._hold(reading)
        finally:
            self._leading.aside -= 1
        self.gave_up = not reading.done()
        if self.gave_up or reading.result():
            self.shared, self.pace = shared, leader.pace

    async def _hold(self, reading: asyncio.Future[bool]) -> None:
        clock, before = self._leading.clock, self.held
        since = clock.now()
        while not reading.done() and self.held < self._most_held:
            bound = asyncio.ensure_future(clock.sleep(self._most_held - self.held))
            try:
                await asyncio.wait({reading, bound}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                bound.cancel()
                self.held = before + clock.now() - since
            if not reading.done():
                self._see_bound()

    def _see_bound(self) -> None:
        """Look whether reading takes longer than was thought; if not, it was held enough."""
        longer = self._alone(self.bytes)
        if longer > self.held + _MOMENT:
            self._most_held = longer
        else:
            self.held = max(self.held, self._most_held)

    def _stop(self, *, read: bool) -> bool:
        reading, self.read = self.read, None
        if reading is None:
            return False
        self._leading.forget(self)
        reading.set_result(read)
        return True
