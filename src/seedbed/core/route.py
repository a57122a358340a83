"""The way of one request: where it could have gone, where it went, what it waited for and shared.

Floor 1. Kept beside the request's entry, so that any past request can be explained.
"""

from seedbed.core.value import value

CASCADE = "cascade"
"""The policy of a request that was asked of one after another, until an answer held."""
CANCELLED = "cancelled"
"""The code of a request whose caller left."""


@value
class Option:
    """A deployment that a request could have gone to, in the order in which they were preferred.

    `micros` is what it was expected to cost, in millionths; `first` and `total` how many seconds to
    its first token and to its end, `waiting` how many of those in line; `cached` how many bytes of
    the prompt were likely computed there already. `why` says in words what decided.
    """

    deployment: str
    why: str
    micros: int | None = None
    first: float | None = None
    total: float | None = None
    waiting: float = 0.0
    cached: int = 0


@value
class Attempt:
    """A deployment that was asked, and the code of what it failed with; none where it answered.

    With `begun` it failed after it had begun to answer.
    """

    deployment: str
    code: str = ""
    why: str = ""
    begun: bool = False


@value
class Led:
    """A request that was followed, since it was computing the same prefix.

    `held` is for how many microseconds, `shared` how many bytes both prompts have in common. Who
    `gave_up` went on before the other had computed all of them, as that took too long.
    """

    by: str
    held: int
    shared: int
    gave_up: bool = False


@value
class Spared:
    """What an answer was spared, as so many `tokens` of its prompt were in the cache already.

    To read them anew would have taken `time` more, in microseconds, and cost `micros` more, by the
    speed that was learned of its deployment.
    """

    tokens: int
    time: int
    micros: int

    def __add__(self, other: "Spared") -> "Spared":
        tokens, micros = self.tokens + other.tokens, self.micros + other.micros
        return Spared(tokens, self.time + other.time, micros)


@value
class Saved:
    """What a cascade saved: what its dearest deployment would have taken, and what was spent.

    Both are in micros; `checks` tells each attempt that failed, and why.
    """

    dearest: int
    spent: int
    failures: tuple[str, ...] = ()


@value
class Route:
    """The way of one request. `at` is in epoch microseconds, `waited` in microseconds in line.

    `position` is how many were before it when it came into line; `code` and `why` are what it
    failed with, if it did. Of one that was `refused` nothing was used, so that there is no entry.
    """

    request_id: str
    project: str
    model: str
    at: int
    policy: str = ""
    options: tuple[Option, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    waited: int = 0
    position: int = 0
    led: Led | None = None
    saved: Saved | None = None
    code: str = ""
    spared: Spared | None = None
    why: str = ""
    refused: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether there is nothing to tell: one deployment, which answered at once."""
        return (
            len(self.options) <= 1
            and len(self.attempts) <= 1
            and not (self.waited or self.led or self.saved or self.code or self.spared)
        )
