"""The workloads: what is asked of whom, and in which order.

Floor 5. All are asked the same, with marks that no other turn has.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

import anyio

from seedbed.bench.serving.chats import Chat, Got, alone, mixed, question, sharing
from seedbed.bench.serving.ours import OURS
from seedbed.bench.serving.peers import LLAMA, OPENVINO, PLAIN, VLLM
from seedbed.bench.serving.targets import Target

STREAMS = 16
IN_FLIGHT = 8
"""Talks of the mixed trace that are held side by side."""
_BOTH = frozenset({OURS, LLAMA})
_SHARERS = frozenset({OURS, LLAMA, OPENVINO, PLAIN, VLLM})
_EACH_TURN = 300
"""Tokens that an agent's turn appends."""


@dataclass(frozen=True, slots=True)
class Workload:
    """One workload: what it is called, what it is, how it is run with a mark, and by whom. With
    `once`, it is measured in one round alone.
    """

    name: str
    said: str
    run: Callable[[Target, str], Awaitable[list[Got]]]
    beside: frozenset[str] | None = None
    once: bool = False

    def asks(self, target: Target) -> bool:
        """Whether that target takes part."""
        return self.beside is None or target.name in self.beside


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured: rounds; tokens of the longer shared prefix, or none; an agent's turns;
    requests of the mixed trace; questions on the specification; interactive arrivals, and the
    seconds between them; long prompts beside answers, for the split; and whether the library is
    measured with its defaults, too.
    """

    rounds: int
    longer: int
    turns: int
    trace: int
    questions: int
    arrivals: int
    every: float
    prompts: int
    defaults: bool


FULL = Plan(
    rounds=3,
    longer=4000,
    turns=20,
    trace=60,
    questions=30,
    arrivals=40,
    every=2.0,
    prompts=4,
    defaults=True,
)
QUICK = Plan(
    rounds=1,
    longer=0,
    turns=6,
    trace=20,
    questions=2,
    arrivals=8,
    every=1.2,
    prompts=1,
    defaults=False,
)


def workloads(plan: Plan) -> list[Workload]:
    """All that is measured in turns."""
    shared = [_shared("C", 1500, once=False)]
    if plan.longer:
        shared.append(_shared(f"C{plan.longer}", plan.longer, once=True))
    agent = partial(_agent, turns=plan.turns)
    trace = partial(_trace, requests=plan.trace)
    return [
        Workload("A", "1 stream, 128 in, 64 out", partial(_alone, streams=1)),
        Workload("B", f"{STREAMS} at once, 128 in, 64 out", partial(_alone, streams=STREAMS)),
        *(each for pair in shared for each in pair),
        Workload("E", f"an agent's {plan.turns} turns of {_EACH_TURN} tokens", agent, _BOTH),
        Workload("mixed", f"a mixed trace of {plan.trace} requests", trace, _BOTH),
    ]


def _shared(name: str, tokens: int, *, once: bool) -> tuple[Workload, Workload]:
    """A prefix that nobody has read yet, and the same with other questions."""
    said = f"{STREAMS} at once sharing {tokens} tokens, 32 out"
    cold, warm = (partial(_sharing, tokens=tokens, tails=tails) for tails in ("first", "second"))
    return (
        Workload(f"{name} cold", f"{said}, cold", cold, _SHARERS, once),
        Workload(f"{name} warm", f"{said}, warm", warm, _SHARERS, once),
    )


async def _alone(target: Target, mark: str, *, streams: int) -> list[Got]:
    return await target.together(alone(f"{mark} alone of {streams}", streams))


async def _sharing(target: Target, mark: str, *, tokens: int, tails: str) -> list[Got]:
    prefix = f"{mark} {tokens} shared"
    chats = sharing(prefix, f"{mark} {tails}", STREAMS, shared=tokens)
    return await target.together(chats)


async def _agent(target: Target, mark: str, *, turns: int) -> list[Got]:
    first, *rest = (question(f"{mark} turn {turn}", _EACH_TURN) for turn in range(turns))
    return await _talk(target, Chat((("user", first),), 32), rest)


async def _talk(target: Target, chat: Chat, rest: Sequence[str]) -> list[Got]:
    """A chat and its further turns, each behind the answer to the one before."""
    got = await target.together([chat])
    for asked in rest:
        if got[-1].lost:
            break
        chat = chat.then(got[-1].text, asked)
        got += await target.together([chat])
    for one in got:
        one.goes_on = bool(rest)
    return got


async def _trace(target: Target, mark: str, *, requests: int) -> list[Got]:
    waiting = mixed(f"{mark} mixed", requests, shared=1500)
    got: list[Got] = []

    async def take_the_next() -> None:
        for chat, rest in waiting:
            got.extend(await _talk(target, chat, rest))

    async with anyio.create_task_group() as tasks:
        for _ in range(IN_FLIGHT):
            tasks.start_soon(take_the_next)
    return sorted(got, key=lambda one: one.at)
