"""How a control is told what to do: a line of JSON for each turn, and a line for what came of it.

Floor 5.
"""

import sys
import time
from collections.abc import Callable, Sequence

import msgspec


class Turn(msgspec.Struct):
    """Answer these prompts side by side, each with so many tokens at most."""

    prompts: list[str]
    output: int


class Spent(msgspec.Struct):
    """Tokens made, and what that took: seconds of the processor, and of the clock on the wall."""

    tokens: int
    cpu: float
    wall: float

    @property
    def rate(self) -> float:
        """Tokens for a second of the processor."""
        return self.tokens / self.cpu


def take_turns(answer: Callable[[Sequence[str], int], int]) -> None:
    """Take turns until standard input ends. `answer` returns how many tokens were made."""
    _say(b"{}")
    for line in sys.stdin:
        turn = msgspec.json.decode(line, type=Turn)
        cpu, wall = time.process_time(), time.perf_counter()
        tokens = answer(turn.prompts, turn.output)
        spent = Spent(tokens, time.process_time() - cpu, time.perf_counter() - wall)
        _say(msgspec.json.encode(spent))


def _say(line: bytes) -> None:
    sys.stdout.buffer.write(line + b"\n")
    sys.stdout.flush()
