"""What all who are measured have in common: the model, the machine, and where programs run.

Floor 5.
"""

import http.client
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from seedbed.bench.gateway.programs import started


@dataclass(frozen=True, slots=True)
class Subject:
    """The model that all answer with: its name, its file, the tokens that a place may hold, and
    what each gets of the machine. Of the file the house may have `made` one for its own engine.
    """

    name: str
    weights: Path
    window: int
    places: int
    threads: int
    made: Path | None = None


@dataclass(frozen=True, slots=True)
class Ground:
    """Where programs run: a folder for what they say and need, and their environment."""

    work: Path
    environment: Mapping[str, str]

    def run(
        self, name: str, argv: Sequence[object], **more: str
    ) -> AbstractContextManager["subprocess.Popen[bytes]"]:
        """A program that talks with us, while a block lasts."""
        return started(
            [str(word) for word in argv],
            environment={**self.environment, **more},
            log=self.work / f"{name}.log",
            talks=True,
        )


def is_well(port: int, path: str) -> bool:
    """Whether a server answers that path with 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
