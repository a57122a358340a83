"""Who answers, and what that takes.

Floor 5. Of each, all that its processes take is counted; what asks runs in our own and is not.
"""

import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import anyio.to_thread
import msgspec

from seedbed.bench.gateway.programs import processor_seconds
from seedbed.bench.serving.chats import Chat, Got


class Target(Protocol):
    """Who is measured. `pid` is the process whose family is counted."""

    name: str
    pid: int

    async def together(self, chats: Sequence[Chat]) -> list[Got]:
        """Answer these side by side."""
        ...


@dataclass(frozen=True, slots=True)
class Spent:
    """What a target did: its answers, seconds of the processor, and of the clock on the wall."""

    got: Sequence[Got]
    cpu: float
    wall: float

    @property
    def tokens(self) -> int:
        """Tokens of all answers."""
        return sum(one.tokens for one in self.got)

    @property
    def rate(self) -> float:
        """Tokens for a second of the processor."""
        return self.tokens / self.cpu if self.cpu else 0.0

    @property
    def short(self) -> int:
        """Answers that have fewer tokens than was wanted."""
        return sum(0 < one.tokens < one.wanted for one in self.got)

    @property
    def lost(self) -> list[str]:
        """Why each answer that did not come did not."""
        return [one.lost for one in self.got if one.lost]


class Stopwatch:
    """Counts what a target takes from here on."""

    def __init__(self, target: Target) -> None:
        self._pid = target.pid
        self._cpu, self._wall = processor_seconds(self._pid), time.perf_counter()

    def spent(self, got: Sequence[Got]) -> Spent:
        """What it took until now, for those answers."""
        wall = time.perf_counter() - self._wall
        return Spent(got, processor_seconds(self._pid) - self._cpu, wall)


class Bare:
    """A library in a program that has greeted, and answers each line with one.

    When each of its answers began and had its first token is not told: it answers all at once.
    """

    def __init__(self, name: str, process: "subprocess.Popen[bytes]") -> None:
        self.name, self.pid, self._process = name, process.pid, process

    async def together(self, chats: Sequence[Chat]) -> list[Got]:
        """Answer these side by side."""
        began = time.perf_counter()
        asked = [{"messages": chat.messages, "output": chat.output} for chat in chats]
        line = msgspec.json.encode(asked) + b"\n"
        answer = await anyio.to_thread.run_sync(partial(self._told, line))
        if not answer:
            return [Got(lost="its program ended", at=began) for _ in chats]
        got = msgspec.json.decode(answer, type=list[Got])
        took = time.perf_counter() - began
        for one, chat in zip(got, chats, strict=True):
            one.at, one.first, one.took, one.wanted = began, took, took, chat.wanted
            one.opening = chat.opening
        return got

    def _told(self, line: bytes) -> bytes:
        assert self._process.stdin  # noqa: S101 - opened as pipes
        assert self._process.stdout  # noqa: S101
        try:
            self._process.stdin.write(line)
            self._process.stdin.flush()
        except BrokenPipeError:
            return b""
        return self._process.stdout.readline()
