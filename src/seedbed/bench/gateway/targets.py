"""What is measured, as real processes: here the upstream itself, and a relay that does nothing.

Floor 5. Each runs while its block lasts, beside the others.
"""

import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from seedbed.bench.gateway import words
from seedbed.bench.gateway.doors import DOORS, OPENAI
from seedbed.bench.gateway.programs import processor_seconds, started
from seedbed.core.errors import SetupIncomplete

_LOOK_SECONDS = 0.005
_START_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Target:
    """Something that answers, at one of its doors. `share` is the part of the requests that it is
    given, so that a slow one takes no hour.
    """

    name: str
    port: int
    pid: int
    key: str = "none"
    share: float = 1.0
    door: str = OPENAI


@dataclass(frozen=True, slots=True)
class Start:
    """How long a start took: seconds until it said that it is ready, until its first answer, and
    of the processor until then.
    """

    ready: float
    answered: float
    cpu: float


@contextmanager
def upstream(work: Path, environment: Mapping[str, str]) -> Generator[Target]:
    """The canned model."""
    with _small("upstream", work, environment) as (port, pid):
        yield Target("direct", port, pid)


@contextmanager
def relay(behind: Target, work: Path, environment: Mapping[str, str]) -> Generator[Target]:
    """The gateway that does nothing, before the upstream."""
    with _small("relay", work, environment, str(behind.port)) as (port, pid):
        yield Target("relay", port, pid)


@contextmanager
def _small(
    name: str, work: Path, environment: Mapping[str, str], *options: str
) -> Generator[tuple[int, int]]:
    argv = [sys.executable, "-m", f"seedbed.bench.gateway.{name}", *options]
    log = work / f"{name}.log"
    with started(argv, environment=environment, log=log, talks=True) as process:
        assert process.stdout  # noqa: S101 - opened as a pipe
        greeting = msgspec.json.decode(process.stdout.readline(), type=dict[str, str])
        yield int(greeting["port"]), process.pid


class Startup:
    """Watches a program that has just been started come up. `began` is by `time.perf_counter`."""

    def __init__(self, process: "subprocess.Popen[bytes]", log: Path, *, began: float) -> None:
        self._process = process
        self._log = log
        self._began = began

    def until(self, works: Callable[[], bool], target: Target) -> float:
        """Look until it works, and tell how many seconds after its beginning that was.

        Raises:
            SetupIncomplete: it ended, or two minutes went by; the reason is its last line.
        """
        while not works():
            ended = self._process.poll() is not None
            if ended or time.perf_counter() - self._began > _START_SECONDS:
                said = self._log.read_text(errors="replace").strip().splitlines()
                raise SetupIncomplete(
                    f"{target.name} did not come up: {said[-1] if said else 'it said nothing'}.",
                    hint="Nothing was measured; mend that, and begin again.",
                )
            time.sleep(_LOOK_SECONDS)
        return time.perf_counter() - self._began

    def watch(self, target: Target, *, ready: str) -> Start:
        """Wait for the path that says that it is ready, then for an answer.

        Raises:
            SetupIncomplete: either never came.
        """
        said = self.until(lambda: fetch(target, "GET", ready), target)
        answered = self.until(lambda: _answers(target), target)
        return Start(said, answered, processor_seconds(self._process.pid))


def _answers(target: Target) -> bool:
    """Whether a model call is answered."""
    _, _, body = words.request(target.door, target.key).partition(b"\r\n\r\n")
    return fetch(target, "POST", DOORS[target.door].path, body)


def fetch(target: Target, method: str, path: str, body: bytes | None = None) -> bool:
    """Whether one request is answered with 200."""
    connection = http.client.HTTPConnection("127.0.0.1", target.port, timeout=30)
    headers = {"authorization": f"Bearer {target.key}", "content-type": "application/json"}
    try:
        connection.request(method, path, body, headers)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def free_port() -> int:
    """A port that nobody has at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
