"""The server as a process in the background: found, started, stopped.

Floor 4. A server writes down where it listens (`announce`); whoever looks for it asks it whether it
is still the one.
"""

import os
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx2
import msgspec

from seedbed.core.errors import ServerUnreachable, SetupIncomplete
from seedbed.kit import atomic
from seedbed.serving.background import LOOKS, begin

_LOOK = httpx2.Timeout(2.0)
_HERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - how they are asked, not listened on
"""Where this machine asks a server that listens everywhere."""


@dataclass(frozen=True, slots=True)
class Running:
    """A server that runs: its process, its address, and the name of this one start of it."""

    pid: int
    url: str
    instance: str


class _Health(msgspec.Struct):
    instance: str


class _Waiting(msgspec.Struct, rename={"parts": "for"}):
    parts: dict[str, str]


class Daemon:
    """The background server of one home and port."""

    def __init__(
        self,
        home: Path,
        *,
        host: str,
        port: int,
        client: httpx2.Client,
        speaks_tls: bool = False,
    ) -> None:
        self._file = home / "run" / f"server-{port}.json"
        self._log = home / "logs" / "server.log"
        self._client = client
        host = _HERE.get(host, host)
        scheme = "https" if speaks_tls else "http"
        self.url = f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"

    def announced(self) -> Running | None:
        """The server that last wrote down where it listens; it may be gone."""
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=Running)
        except (OSError, msgspec.MsgspecError):
            return None

    def find(self) -> Running | None:
        """The server that runs, if one does."""
        running = self.announced()
        if running is None:
            return None
        try:
            answer = self._client.get(f"{running.url}/healthz", timeout=_LOOK)
            health = msgspec.json.decode(answer.content, type=_Health)
        except (httpx2.HTTPError, msgspec.MsgspecError):
            return None
        return running if health.instance == running.instance else None

    def announce(self, instance: str) -> None:
        """Write down that this process is the server."""
        running = Running(os.getpid(), self.url, instance)
        atomic.write(self._file, msgspec.json.encode(running))

    def retire(self, instance: str) -> None:
        """Take back what `announce` wrote, unless another server has written since."""
        if self._file.exists():
            announced = msgspec.json.decode(self._file.read_bytes(), type=Running)
            if announced.instance == instance:
                self._file.unlink()

    def start(
        self, argv: Sequence[str], environment: Mapping[str, str], *, wait: Callable[[], None]
    ) -> Running:
        """Start the server and wait until it answers; `wait` is called between two looks.

        Raises:
            SetupIncomplete: it ended before it answered; the sentence is its own.
            ServerUnreachable: it lives and does not answer.
        """
        begun = begin(argv, environment, self._log)
        for _ in range(LOOKS):
            running = self.find()
            if running is not None:
                break
            if begun.process.poll() is not None:
                raise begun.why("The server ended with status {status} before it answered")
            wait()
        else:
            begun.end()
            raise ServerUnreachable(self.url, why="it was started and never answered")
        if running.pid != begun.process.pid:
            begun.end()  # another was quicker
        return running

    def stop(self, *, wait: Callable[[], None]) -> Running | None:
        """Ask the server to finish what it is doing and end; wait until it has.

        Raises:
            SetupIncomplete: it does not end.
        """
        running = self.find()
        if running is None:
            return None
        os.kill(running.pid, signal.SIGTERM)
        for _ in range(LOOKS):
            if self.find() is None and not alive(running.pid):
                return running
            wait()
        raise SetupIncomplete(
            f"The server at {running.url} was told to end and has not.",
            hint=f"End it with `kill -9 {running.pid}`; its books are put right by the next one.",
        )

    def until_ready(self, *, wait: Callable[[str], None]) -> None:
        """Wait until model calls can be answered; `wait` is told what is waited for.

        Raises:
            ServerUnreachable: the server has gone meanwhile.
            SetupIncomplete: something keeps it from answering for good.
        """
        states = ""
        for _ in range(LOOKS):
            try:
                answer = self._client.get(f"{self.url}/readyz", timeout=_LOOK)
            except httpx2.HTTPError as error:
                raise ServerUnreachable(self.url, why=str(error)) from error
            if answer.status_code == 200:
                return
            parts = msgspec.json.decode(answer.content, type=_Waiting).parts
            states = ", ".join(f"{part}: {state}" for part, state in parts.items())
            wait(states)
        raise SetupIncomplete(
            f"The server at {self.url} runs and cannot answer model calls ({states}).",
            hint=f"See the logs in {self._log.parent}; it goes on trying until `seedbed down`.",
        )


def alive(pid: int) -> bool:
    """Whether the process still runs; one that has ended and was not waited for does not."""
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except ProcessLookupError:
        return False
    except OSError:
        return True  # no /proc here, so a signal is all that tells
    return state != "Z"
