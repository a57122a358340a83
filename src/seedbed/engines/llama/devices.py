"""Which graphics processors a build of llama.cpp finds on this machine.

Floor 3. The program is asked, since it alone knows what it was built for; the library is asked in a
process of its own, in the program's words.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

_PATIENCE_SECONDS = 60.0
"""A driver that wakes its processors up takes some seconds."""
_DEVICE = re.compile(r"^  (\S+: .+) \(([1-9]\d*) MiB, \d+ MiB free\)$", re.MULTILINE)
"""One with memory of its own: what only reckons for the processor, such as a BLAS, has none."""


def graphics_of(server: Path | None) -> tuple[str, ...]:
    """The names of the graphics processors that layers can be put on: by that program, or by the
    library that comes along.

    Raises:
        ValueError: it cannot be asked.
    """
    asked = [str(server)] if server else [sys.executable, "-m", _OURS]
    environment = {"PATH": os.defpath, "LANG": "C.UTF-8"}
    try:
        told = subprocess.run(  # noqa: S603 - ours, or the operator's choice
            [*asked, "--list-devices"],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=True,
            timeout=_PATIENCE_SECONDS,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise ValueError(f"llama.cpp cannot be asked for its devices: {error}") from error
    return tuple(name for name, _ in _DEVICE.findall(told.stdout.decode(errors="replace")))


_OURS = "seedbed.engines.workers.llama_devices"
