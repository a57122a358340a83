"""That the server ends, told to those who must know: who asks for readiness, and answers under way.

Floor 6.
"""

from seedbed.kit.interrupt import Interrupt

STOPPED = "stopped"
"""Why an answer was cut off: the server waits for it no longer."""


class Stopping:
    """Whether the server is ending, and the answers that it may have to cut off for it."""

    def __init__(self) -> None:
        self.is_begun = False
        self.under_way: set[Interrupt] = set()

    @property
    def trouble(self) -> dict[str, str]:
        """What keeps the house from answering, for whoever asks whether it is ready."""
        return {"server": "stopping"} if self.is_begun else {}

    def cut(self) -> None:
        """End every answer that is still under way; its caller is told in band."""
        for interrupt in tuple(self.under_way):
            interrupt.stop(STOPPED)
