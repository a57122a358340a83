"""What this machine is: its processor's kind, what that can do, its cores.

Floor 1.
"""

import os
import platform
from dataclasses import dataclass
from pathlib import Path

_ALIKE = {"amd64": "x86_64", "aarch64": "arm64"}


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine, as far as programs built for one must know it.

    `flags` are the processor's own words, such as `avx2`; empty where the system does not tell.
    `memory` is in bytes; 0 where the system does not tell.
    """

    system: str
    architecture: str
    flags: frozenset[str]
    cores: int
    memory: int = 0


def this_machine(cpuinfo: Path = Path("/proc/cpuinfo")) -> Machine:
    """Look at the machine that this runs on."""
    told = platform.machine().lower()
    return Machine(
        system=platform.system().lower(),
        architecture=_ALIKE.get(told, told),
        flags=_flags(cpuinfo),
        cores=os.cpu_count() or 1,
        memory=_memory(),
    )


def _memory() -> int:
    names = {"SC_PHYS_PAGES", "SC_PAGE_SIZE"}
    if not names <= os.sysconf_names.keys():
        return 0
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _flags(cpuinfo: Path) -> frozenset[str]:
    if not cpuinfo.exists():
        return frozenset()
    for line in cpuinfo.read_text().splitlines():
        name, _, words = line.partition(":")
        if name.strip() in {"flags", "Features"}:
            return frozenset(words.split())
    return frozenset()
