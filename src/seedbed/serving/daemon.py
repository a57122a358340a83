"""The server as a process in the background: found, started, stopped.

Floor 4. A server writes down where it listens (`announce`); whoever looks for it asks it whether it
is still the one.
"""

import json
import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx2

from seedbed.core.errors import ServerUnreachable, SetupIncomplete
from seedbed.kit import atomic

_LOOK = httpx2.Timeout(2.0)


@dataclass(frozen=True, slots=True)
class Running:
    """A server that runs: its process, its address, and the name of this one start of it."""

    pid: int
    url: str
    instance: str


class Daemon:
    """The background server of one home and port."""

    def __init__(self, home: Path, *, host: str, port: int, client: httpx2.Client) -> None:
        self._file = home / "run" / f"server-{port}.json"
        self._log = home / "logs" / "server.log"
        self._client = client
        self.url = f"http://{host}:{port}"

    def find(self) -> Running | None:
        """The server that runs, if one does."""
        try:
            running = Running(**json.loads(self._file.read_bytes()))
            answer = self._client.get(f"{running.url}/healthz", timeout=_LOOK).json()
        except (OSError, ValueError, TypeError, httpx2.HTTPError):
            return None
        return running if answer.get("instance") == running.instance else None

    def announce(self, instance: str) -> None:
        """Write down that this process is the server."""
        running = Running(os.getpid(), self.url, instance)
        atomic.write(self._file, json.dumps(asdict(running)).encode())

    def retire(self, instance: str) -> None:
        """Take back what `announce` wrote, unless another server has written since."""
        if self._file.exists() and json.loads(self._file.read_bytes())["instance"] == instance:
            self._file.unlink()

    def start(
        self, argv: Sequence[str], environment: Mapping[str, str], *, wait: Callable[[], None]
    ) -> Running:
        """Start the server and wait until it answers; `wait` is called between two looks.

        Raises:
            SetupIncomplete: it ended before it answered; the sentence is its own.
        """
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("ab") as log:
            begun = log.tell()
            process = subprocess.Popen(  # noqa: S603 - our own program
                argv,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=dict(environment),
                start_new_session=True,
            )
        while (running := self.find()) is None:
            if process.poll() is not None:
                raise self._ended(process.returncode, begun)
            wait()
        return running

    def stop(self, *, wait: Callable[[], None]) -> Running | None:
        """Ask the server to finish what it is doing and end; wait until it has."""
        running = self.find()
        if running is None:
            return None
        os.kill(running.pid, signal.SIGTERM)
        while self.find() is not None or _alive(running.pid):
            wait()
        return running

    def until_ready(self, *, wait: Callable[[str], None]) -> None:
        """Wait until model calls can be answered; `wait` is told what is waited for.

        Raises:
            ServerUnreachable: the server has gone meanwhile.
        """
        while True:
            try:
                answer = self._client.get(f"{self.url}/readyz", timeout=_LOOK)
            except httpx2.HTTPError as error:
                raise ServerUnreachable(self.url, why=str(error)) from error
            if answer.status_code == 200:
                return
            wait(", ".join(f"{part}: {state}" for part, state in answer.json()["for"].items()))

    def _ended(self, code: int, begun: int) -> SetupIncomplete:
        with self._log.open("rb") as log:
            log.seek(begun)
            said = log.read().decode(errors="replace").strip().splitlines()
        last = said[-1] if said else "it said nothing"
        try:
            error = json.loads(last)["error"]
            return SetupIncomplete(error["what"], hint=error["hint"])
        except (ValueError, TypeError, KeyError):
            return SetupIncomplete(
                f"The server ended with status {code} before it answered: {last}.",
                hint=f"Its log is {self._log}.",
            )


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
