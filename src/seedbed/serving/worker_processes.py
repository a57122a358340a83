"""The workers of a house on this machine, as processes in the background: started, found, stopped.

Floor 4. Who lives is told by the store, where each worker gives its signs of life; whether a
process is still there, by the system.
"""

import os
import signal
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from seedbed.core.errors import SetupIncomplete
from seedbed.kit import processes
from seedbed.serving.background import LOOKS, Begun, begin
from seedbed.store.workers import Worker, Workers


class WorkerProcesses:
    """The workers of one house that run on this machine."""

    def __init__(self, home: Path, workers: Workers) -> None:
        self._workers = workers
        self._log = home / "logs" / "worker.log"

    def living(self) -> list[Worker]:
        """Those that live, the eldest first."""
        host = processes.this_host()
        mine = [worker for worker in self._workers.living_now() if worker.host == host]
        return [worker for worker in mine if not processes.is_gone(worker.process)]

    def start(
        self, argv: Sequence[str], environment: Mapping[str, str], *, wait: Callable[[], None]
    ) -> Worker:
        """Start one, and wait until it gives its first sign; `wait` is called between two looks.

        Raises:
            SetupIncomplete: it ended before, or gives none.
        """
        begun = begin(argv, environment, self._log)
        for _ in range(LOOKS):
            found = next((worker for worker in self.living() if _is(worker, begun)), None)
            if found is not None:
                return found
            if begun.process.poll() is not None:
                raise begun.why("The worker ended with status {status} before it was ready")
            wait()
        begun.end()
        raise SetupIncomplete(
            "A worker was started, and gave no sign of life.", hint=f"Its log is {self._log}."
        )

    def stop(self, *, wait: Callable[[], None]) -> list[Worker]:
        """Ask them to end, and wait until they have; their jobs go back to the queue.

        Raises:
            SetupIncomplete: one does not end, or is another user's.
        """
        found = self.living()
        for worker in found:
            _ask_to_end(worker)
        for _ in range(LOOKS):
            if all(processes.is_gone(worker.process) for worker in found):
                return found
            wait()
        numbers = " ".join(str(number(one)) for one in found if not processes.is_gone(one.process))
        raise SetupIncomplete(
            f"Workers were told to end and have not: {numbers}.",
            hint=f"End them with `kill -9 {numbers}`; their jobs go to others.",
        )


def number(worker: Worker) -> int:
    """The number of its process, on its own machine."""
    return int(worker.process.partition(":")[0])


def _is(worker: Worker, begun: Begun) -> bool:
    return number(worker) == begun.process.pid


def _ask_to_end(worker: Worker) -> None:
    try:
        os.kill(number(worker), signal.SIGTERM)
        os.kill(number(worker), signal.SIGCONT)  # by which one that is frozen hears of it, too
    except ProcessLookupError:
        return  # it has ended meanwhile
    except PermissionError as error:
        raise SetupIncomplete(
            f"The worker in process {number(worker)} is another user's.",
            hint="Run the command as that user.",
        ) from error
