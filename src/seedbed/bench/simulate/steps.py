"""Steps of an engine: what they have to do, and many of them that are alike at once.

Floor 5. In a step an engine writes a token of each answer and reads a piece of a prompt, or of
several. What a step takes grows in a straight line with five counts, so that the time of a thousand
steps is known from their sums.
"""

from bisect import bisect_left
from collections.abc import Callable

from seedbed.core.value import value


@value
class Steps:
    """What some steps had to do.

    They were so many, `read` tokens of prompts and `wrote` tokens of answers. The last two sum up
    how many tokens stood before each token that was read, and before each that was written.
    """

    count: float = 0.0
    read: float = 0.0
    wrote: float = 0.0
    read_behind: float = 0.0
    wrote_behind: float = 0.0

    def plus(self, other: "Steps", sign: int = 1) -> "Steps":
        """These and others; with a `sign` of -1 these without others."""
        return Steps(
            self.count + sign * other.count,
            self.read + sign * other.read,
            self.wrote + sign * other.wrote,
            self.read_behind + sign * other.read_behind,
            self.wrote_behind + sign * other.wrote_behind,
        )

    def times(self, steps: int) -> "Steps":
        """So many steps that begin with this one: each reads and writes behind the one before."""
        further = steps * (steps - 1) / 2
        return Steps(
            self.count * steps,
            self.read * steps,
            self.wrote * steps,
            self.read_behind * steps + self.read * self.read * further,
            self.wrote_behind * steps + self.wrote * further,
        )


NONE = Steps()


class Stretch:
    """So many steps that are alike, one after the other, which began at a moment.

    `pace` tells what steps take, in seconds.
    """

    __slots__ = ("_pace", "began", "one", "steps")

    def __init__(
        self, one: Steps, steps: int, *, began: float, pace: Callable[[Steps], float]
    ) -> None:
        self.one, self.steps, self.began = one, steps, began
        self._pace = pace

    @property
    def work(self) -> Steps:
        """What all of them have to do."""
        return self.one.times(self.steps)

    @property
    def seconds(self) -> float:
        """What all of them take."""
        return self._seconds(self.steps)

    def before(self, moment: float) -> int:
        """How many of them were over before the one that was under way at a moment."""
        return bisect_left(range(1, self.steps), moment - self.began, key=self._seconds)

    def cut(self, moment: float) -> bool:
        """Let it end with the step that is under way; returns whether it is shorter for that."""
        steps, self.steps = self.steps, 1 + self.before(moment)
        return self.steps < steps

    def _seconds(self, steps: int) -> float:
        return self._pace(self.one.times(steps))
