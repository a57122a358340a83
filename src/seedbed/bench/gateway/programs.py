"""Programs beside this one: started, measured from outside, ended.

Floor 5. Linux tells of its processes in /proc; other systems do not, so this measures on Linux.
"""

import subprocess
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

_CLOCK_OF_PROCESS = 2
_END_SECONDS = 40.0


@contextmanager
def started(
    argv: Sequence[str], *, environment: Mapping[str, str], log: Path, talks: bool = False
) -> Generator["subprocess.Popen[bytes]"]:
    """A program that runs while the block lasts. What it says goes to `log`; of one that `talks`
    with us only its errors do, and its two other streams are pipes.
    """
    with log.open("ab") as said:
        process = subprocess.Popen(  # noqa: S603 - programs that this package names
            argv,
            stdin=subprocess.PIPE if talks else subprocess.DEVNULL,
            stdout=subprocess.PIPE if talks else said,  # a pipe that nobody reads fills up
            stderr=said,
            env=dict(environment),
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.communicate(timeout=_END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def compiled(environment: Mapping[str, str]) -> dict[str, str]:
    """An environment in which Python keeps its compiled files: without them a program starts more
    slowly, and that is nothing of its own.
    """
    return {name: text for name, text in environment.items() if name != "PYTHONDONTWRITEBYTECODE"}


def processor_seconds(pid: int) -> float:
    """Seconds of the processor that a process and those below it have used, in all their threads,
    those that have ended among them.
    """
    clocks = ((~one << 3) | _CLOCK_OF_PROCESS for one in family(pid))  # as clock_getcpuclockid(3)
    return sum(time.clock_gettime(clock) for clock in clocks)


def memory_mb(pid: int, *, peak: bool = False) -> float:
    """Memory that a process and those below it hold now, or held at most, in MB of 10^6 bytes."""
    field = "VmHWM:" if peak else "VmRSS:"
    return sum(_status(one, field) for one in family(pid)) * 1024 / 1e6


def family(pid: int) -> list[int]:
    """A process and all that it has started, and they, as far as they live."""
    below: dict[int, list[int]] = {}
    for child, parent in _parents():
        below.setdefault(parent, []).append(child)
    found = [pid]
    for one in found:
        found += below.get(one, [])
    return found


def _parents() -> Iterator[tuple[int, int]]:
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended since
        yield int(stat.parent.name), int(fields[1])


def _status(pid: int, field: str) -> int:
    """A line of a process's status, in KiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1])
    return 0
