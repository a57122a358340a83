"""One ask's stay at a deployment: the place that it has, and what the deployment learns from it.

Floor 4.
"""

from seedbed.core.errors import SeedbedError
from seedbed.core.usage import Usage
from seedbed.kit.clock import Clock
from seedbed.serving.admission import Place
from seedbed.serving.deployment import LiveDeployment
from seedbed.serving.leading import Turn
from seedbed.serving.load import Run
from seedbed.serving.residency import Use


class Stay:
    """From the moment that an ask is given its place until it has left.

    Its first token was `expected` after so many seconds, if it had followed nobody.
    """

    __slots__ = (
        "_clock",
        "_expected",
        "_has_begun",
        "_is_over",
        "_place",
        "_run",
        "_turn",
        "held",
        "live",
        "use",
    )

    def __init__(
        self,
        live: LiveDeployment,
        place: Place,
        run: Run,
        clock: Clock,
        *,
        turn: Turn | None = None,
        expected: float = 0.0,
    ) -> None:
        self.live, self._clock = live, clock
        self._place, self._run, self._turn = place, run, turn
        self._expected = expected
        self.held = live.hold()
        self.use: Use | None = None
        """Its right to have the deployment stay loaded, where memory is shared."""
        self._has_begun = self._is_over = False

    def first(self) -> None:
        """Its first token has come: its prompt is computed, and whoever follows may go on."""
        self._has_begun = True
        self._run.first()
        if self.live.supervisor is None:
            self.live.health.succeeded()
        if self._turn is not None:
            self._turn.computed()
            took, alone = self._clock.now() - self._run.began, self._expected + self._run.later
            self._turn.compare(took=took, alone=alone)

    def end(self, usage: Usage | None = None, error: SeedbedError | None = None) -> None:
        """It leaves, with what it used where it ended well; a second call does nothing."""
        if self._is_over:
            return
        self._is_over = True
        self.held.give()
        self._run.end(usage)
        self._tell_health(usage, error)
        if self._turn is not None:
            self._turn.end()
        self._place.give()
        if self.use is not None:
            self.use.end()

    def _tell_health(self, usage: Usage | None, error: SeedbedError | None) -> None:
        if self._has_begun or self.live.supervisor is not None:
            return
        if usage is not None:
            self.live.health.succeeded()
        elif error is not None:
            self.live.health.failed(error, self._clock.now())
        else:
            self.live.health.left()
