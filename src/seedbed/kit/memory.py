"""How much memory processes and all that they started hold, as the system tells it.

Floor 1. On Linux pages that several processes hold are counted in parts (PSS), so that the sum over
all is what is really taken, and a file that is mapped counts as far as it lies in memory. On other
systems `ps` tells what is resident. What lies on graphics processors `seedbed.kit.graphics` tells.
"""

import subprocess
import sys
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Protocol

_KIBI = 1 << 10
_PATIENCE_SECONDS = 20.0


class Gauge(Protocol):
    """Measures one kind of memory."""

    def held(self, pids: Collection[int], *, calm: bool) -> Mapping[int, int]:
        """Bytes that each of these processes holds with its descendants; one that is gone, or of
        which the system does not tell, is left out.

        `calm` says that none of them takes more memory at this moment, or lets go of some. May take
        a while, as it reads what the system keeps of every process.
        """
        ...


def main_memory() -> Gauge:
    """What measures this machine's main memory."""
    return LinuxGauge() if sys.platform == "linux" else PsGauge()


class LinuxGauge:
    """Main memory, from `/proc`."""

    def __init__(self, proc: Path = Path("/proc")) -> None:
        self._proc = proc

    def held(self, pids: Collection[int], *, calm: bool = True) -> Mapping[int, int]:
        """Bytes of main memory."""
        parents = parents_in(self._proc)
        sums = {pid: sum(map(self._part, tree(pid, parents))) for pid in pids}
        return {pid: held for pid, held in sums.items() if held}

    def _part(self, pid: int) -> int:
        """What the process holds; of one that has just ended, nothing."""
        for file, word in (("smaps_rollup", "Pss:"), ("status", "VmRSS:")):
            with suppress(OSError):
                for line in (self._proc / str(pid) / file).read_text().splitlines():
                    if line.startswith(word):
                        return int(line.split()[1]) * _KIBI
        return 0


class PsGauge:
    """Main memory, from `ps`, which every Unix has."""

    def __init__(self, program: str = "ps") -> None:
        self._program = program

    def held(self, pids: Collection[int], *, calm: bool = True) -> Mapping[int, int]:
        """Bytes of main memory."""
        line = [self._program, "-A", "-o", "pid=,ppid=,rss="]
        try:
            told = subprocess.run(  # noqa: S603 - a program of the system's
                line, capture_output=True, check=True, text=True, timeout=_PATIENCE_SECONDS
            )
        except (OSError, subprocess.SubprocessError):
            return {}
        rows = [[int(word) for word in row.split()] for row in told.stdout.splitlines()]
        sizes = {one: size for one, _, size in rows}
        parents = {one: parent for one, parent, _ in rows}
        sums = {pid: sum(sizes[one] for one in tree(pid, parents)) * _KIBI for pid in pids}
        return {pid: held for pid, held in sums.items() if held}


def tree(pid: int, parents: Mapping[int, int]) -> set[int]:
    """The process and its descendants, of those whose parents are known; none where it is not.

    >>> sorted(tree(2, {1: 0, 2: 1, 3: 2, 4: 3, 5: 1})), tree(9, {1: 0})
    ([2, 3, 4], set())
    """
    found = {pid} & parents.keys()
    grown = True
    while grown:
        more = {child for child, parent in parents.items() if parent in found} - found
        grown = bool(more)
        found |= more
    return found


def parents_in(proc: Path = Path("/proc")) -> Mapping[int, int]:
    """The parent of every process, on Linux."""
    return {int(entry.name): _parent(entry) for entry in proc.glob("[0-9]*")}


def _parent(entry: Path) -> int:
    """The parent's number; 0 of a process that has just ended."""
    with suppress(OSError, IndexError):
        return int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    return 0
