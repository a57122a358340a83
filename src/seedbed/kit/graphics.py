"""How much memory of NVIDIA's graphics processors processes hold, as `nvidia-smi` tells it.

Floor 1. All processors of a machine count as one. In many containers, and where Windows lies below,
the tool names no processes, or not what each holds. Then a process counts by the difference that it
made: what more was taken on the processors once it had been loaded, if it came alone. Whatever
strangers took in the same time counts with it.
"""

import subprocess
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress

from seedbed.kit.memory import parents_in, tree

_MEBI = 1 << 20
_PATIENCE_SECONDS = 10.0
_PROCESSES = "--query-compute-apps=pid,used_memory"
_ALL = "--query-gpu=memory.used,memory.total"


class NvidiaGauge:
    """Memory of all graphics processors that the tool sees. It remembers its last look."""

    def __init__(
        self,
        program: str = "nvidia-smi",
        *,
        parents: Callable[[], Mapping[int, int]] = parents_in,
        patience: float = _PATIENCE_SECONDS,
    ) -> None:
        self._program, self._parents, self._patience = program, parents, patience
        self._there: frozenset[int] | None = None
        self._taken: int | None = None
        self._known: dict[int, int] = {}

    @property
    def total(self) -> int | None:
        """Bytes that all processors have; `None` where the tool tells of none."""
        sizes = self._all()
        return sizes and sizes[1]

    def held(self, pids: Collection[int], *, calm: bool) -> Mapping[int, int]:
        """Bytes on graphics processors. The first look should come before anything is loaded."""
        there = frozenset(pids)
        if not there and there == self._there:
            return {}  # to look wakes a processor up that nobody uses
        told = self._told(there)
        if calm:
            self._learn(there, told)
        return {pid: self._known[pid] for pid in there & self._known.keys()} | told

    def _learn(self, there: frozenset[int], told: dict[int, int]) -> None:
        """Find out by difference what came alone; what is told is known anyway."""
        sizes, before, known = self._all(), self._there, self._known
        taken = sizes and sizes[0]
        if before is not None and self._taken is not None and taken is not None:
            come, gone = there - before, before - there
            if len(come) == 1 and gone <= known.keys():
                grown = taken - self._taken + sum(known[pid] for pid in gone)
                known[min(come)] = max(0, grown)
        self._known = {pid: held for pid, held in (known | told).items() if pid in there}
        self._there, self._taken = there, taken

    def _told(self, pids: Collection[int]) -> dict[int, int]:
        """What the tool itself says of processes, those apart of which it does not know all."""
        rows = self._rows(_PROCESSES) if pids else []
        parents, found = self._parents(), dict[int, int]()
        for pid in pids:
            ours = tree(pid, parents)
            sizes = [size for one, size in rows if one in ours]
            if sizes and None not in sizes:
                found[pid] = sum(filter(None, sizes)) * _MEBI
        return found

    def _all(self) -> tuple[int, int] | None:
        """Bytes taken, and bytes in all."""
        sizes = [(used, total) for used, total in self._rows(_ALL) if used is not None and total]
        if not sizes:
            return None
        return sum(used for used, _ in sizes) * _MEBI, sum(total for _, total in sizes) * _MEBI

    def _rows(self, query: str) -> list[tuple[int | None, int | None]]:
        """Pairs of numbers; where the tool says `[N/A]`, or why not, there is `None`."""
        line = [self._program, query, "--format=csv,noheader,nounits"]
        try:
            told = subprocess.run(  # noqa: S603 - a program of the system's
                line, capture_output=True, check=True, text=True, timeout=self._patience
            )
        except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
            return []
        rows = [row.split(",") for row in told.stdout.splitlines()]
        return [(_number(row[0]), _number(row[1])) for row in rows if len(row) == 2]


def _number(word: str) -> int | None:
    with suppress(ValueError):
        return int(word)
    return None
