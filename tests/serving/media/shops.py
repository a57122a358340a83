"""What media are prepared with in tests: a shelf in memory, and a workshop without processes."""

from seedbed.core.artifact import is_kept
from seedbed.core.errors import ArtifactUnknown
from seedbed.kit.media.fetching import Fetcher, Reach
from seedbed.kit.media.orders import Film, Order, Pages, Picture, Piece, Probe
from seedbed.kit.media.workers.film import sampled
from seedbed.kit.media.workers.pages import read
from seedbed.kit.media.workers.picture import made_plain
from seedbed.kit.media.workers.probe import probed
from seedbed.kit.media.workshop import Workshop

HASH = "ab" * 32


class Kept:
    """One artifact of one project's, and the file that it is of."""

    def __init__(self, data: bytes = b"", project: str = "default") -> None:
        self.data, self.project = data, project

    async def read(self, name: str, project: str, *, most: int) -> bytes:
        assert is_kept(name)
        if project != self.project or name not in {HASH, "file-ab12", "file_ab12"}:
            raise ArtifactUnknown(name)
        assert len(self.data) <= most
        return self.data


class AtHand(Workshop):
    """Does the same in this process, and counts."""

    def __init__(self) -> None:
        super().__init__()
        self.orders = list[Order]()

    async def make(self, given: bytes, order: Order) -> list[Piece]:
        self.orders.append(order)
        match order:
            case Picture():
                return made_plain(given, order)
            case Film():
                return sampled(given, order)
            case Pages():
                return read(given, order)
            case Probe():
                return probed(given, order)
            case _:
                raise AssertionError(f"nobody orders {order} here")


WITHIN = Fetcher(Reach(inward=True, silence_seconds=5))
"""Fetches from servers of tests, too."""
