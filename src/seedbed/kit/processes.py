"""Processes by a name that no other will ever have: the machine, the number, the moment of birth.

Floor 1. A number alone is given again after a while.
"""

import os
import platform
from contextlib import suppress
from pathlib import Path


def this_host(proc: Path = Path("/proc")) -> str:
    """Where process numbers are ours: this machine since it was started, and in a container that.

    Where the system does not tell, it is the machine's name.
    """
    try:
        boot = (proc / "sys/kernel/random/boot_id").read_text().strip()
        space = (proc / "self/ns/pid").readlink().name
    except OSError:
        return platform.node()[:100]
    return f"{platform.node()[:40]}/{boot}/{space}"[:100]


def this_process(proc: Path = Path("/proc")) -> str:
    """The process that asks, by its number and its birth."""
    return _named(os.getpid(), proc)


def is_gone(process: str, proc: Path = Path("/proc")) -> bool:
    """Whether a process of this host has ended for certain."""
    number = int(process.partition(":")[0])
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    if not (proc / "self").exists():
        return False
    return _named(number, proc) != process or _state(number, proc) == "Z"


def _named(number: int, proc: Path) -> str:
    return f"{number}:{_fields(number, proc)[19] if _fields(number, proc) else ''}"


def _state(number: int, proc: Path) -> str:
    fields = _fields(number, proc)
    return fields[0] if fields else ""


def _fields(number: int, proc: Path) -> list[str]:
    """What the system tells of a process, from its state on; nothing where it does not tell."""
    with suppress(OSError):
        return (proc / str(number) / "stat").read_text().rpartition(")")[2].split()
    return []
