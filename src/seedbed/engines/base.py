"""What an engine is.

Floor 3. An engine turns an ask into events for one model. It does not queue, retry, price or choose
among deployments, and it starts no process: `seedbed.serving` does all five. It knows one
implementation and no door.

To add one, write `seedbed/engines/<kind>.py` with `make(spec)`, and `lacks(machine)`, which says in
a few words what a machine lacks to run it, or `None`; the contract suite in
`tests/engines/test_contract.py` finds it by its file.
"""

import sys
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from seedbed.core.ask import Ask, Feature
from seedbed.core.event import Event
from seedbed.core.model import Model


@dataclass(frozen=True, slots=True)
class Spec:
    """What an engine is made from: the card, the weights (where it has any), and its share here."""

    model: Model
    weights: Path | None
    places: int
    threads: int


@dataclass(frozen=True, slots=True)
class Program:
    """A process that an engine needs beside it.

    The process prints one line of JSON, an object of strings, on its standard output when it is
    ready, and ends by itself when its standard input is closed: so it never outlives the server,
    however that dies. Secrets go in `environment`, which is added to a nearly empty one.
    """

    argv: tuple[str, ...]
    environment: Mapping[str, str]


def worker(name: str, *, key: str, **options: object) -> Program:
    """A program of ours from `engines/workers`, with its options, and its key kept off the line."""
    argv = [sys.executable, "-m", f"seedbed.engines.workers.{name}"]
    for option, value in options.items():
        argv += [f"--{option}", str(value)]
    return Program(tuple(argv), {"SEEDBED_ENGINE_KEY": key})


class Engine(Protocol):
    """Serves one model."""

    @property
    def features(self) -> frozenset[Feature]:
        """What it serves beyond text."""
        ...

    @property
    def program(self) -> Program | None:
        """The process that must run before it is asked, or none."""
        ...

    def attach(self, greeting: Mapping[str, str]) -> None:
        """Take what the program said when it was ready. Called again after each restart.

        Raises:
            EngineFailed: the greeting is not one of this engine's program.
        """
        ...

    def generate(self, ask: Ask) -> AsyncGenerator[Event]:
        """Yield one stream as `seedbed.core.event` describes it.

        Every fault ends in `Failed`, never in an exception: `PromptTooLong` before anything else;
        `EngineUnreachable` only where nothing was begun, so that asking again is safe;
        `EngineFailed` for the rest, a stream that is cut off included.

        Closing the generator early stops the work after at most one further step of the engine.
        """
        ...

    async def aclose(self) -> None:
        """Let go of connections."""
        ...
