"""Workloads and arrivals, run on a target that remembers what it was asked."""

import os
from collections.abc import Sequence

import anyio
import pytest

from seedbed.bench.serving.chats import Chat, Got
from seedbed.bench.serving.ours import OURS
from seedbed.bench.serving.peers import LLAMA, TRANSFORMERS, VLLM
from seedbed.bench.serving.run import take_turns
from seedbed.bench.serving.workloads import FULL, QUICK, Workload, workloads

pytestmark = pytest.mark.anyio


class Rememberer:
    """Answers at once, and fails from one answer on."""

    def __init__(self, name: str = OURS, *, fails_at: int = 1 << 30) -> None:
        self.name, self.pid = name, os.getpid()
        self.asked: list[Sequence[Chat]] = []
        self._fails_at = fails_at

    async def together(self, chats: Sequence[Chat]) -> list[Got]:
        self.asked.append(chats)
        await anyio.lowlevel.checkpoint()
        lost = "no" if len(self.asked) >= self._fails_at else ""
        return [Got(tokens=chat.output, text="said", lost=lost) for chat in chats]


def load(name: str) -> Workload:
    return next(one for one in workloads(QUICK) if one.name == name)


async def test_one_stream_and_sixteen() -> None:
    target = Rememberer()
    await load("A").run(target, "1")
    await load("B").run(target, "1")
    assert [len(chats) for chats in target.asked] == [1, 16]


async def test_the_warm_turn_has_the_cold_ones_prefix_and_other_questions() -> None:
    target = Rememberer()
    for name in ("C cold", "C warm"):
        await load(name).run(target, "1")
    cold, warm = target.asked
    assert {chat.messages[0] for chat in cold} == {chat.messages[0] for chat in warm}
    assert not {chat.messages[1] for chat in cold} & {chat.messages[1] for chat in warm}


async def test_an_agent_goes_on_behind_each_answer_until_one_is_lost() -> None:
    target = Rememberer()
    got = await load("E").run(target, "1")
    assert [len(chats[0].messages) for chats in target.asked] == [1, 3, 5, 7, 9, 11]
    assert target.asked[1][0].messages[1] == ("assistant", "said")
    assert len(got) == QUICK.turns
    assert len(await load("E").run(Rememberer(fails_at=3), "1")) == 3


async def test_all_of_a_mixed_trace_is_asked() -> None:
    target = Rememberer()
    got = await load("mixed").run(target, "1")
    assert len(got) == len(target.asked) == QUICK.trace


@pytest.mark.slow
async def test_everyone_takes_their_turn_at_what_they_take_part_in() -> None:
    names = (OURS, LLAMA, VLLM, TRANSFORMERS)
    loads = [one for one in workloads(FULL) if one.name != "mixed"]
    rows = await take_turns([Rememberer(name) for name in names], loads, 2, lambda _: None)
    counted = {name: [r.workload for r in rows if r.target == name] for name in names}
    assert counted[TRANSFORMERS] == ["A", "B"] * 2
    assert counted[LLAMA] == counted[OURS]
    assert counted[VLLM].count("C cold") == 2
    assert counted[VLLM].count("C4000 cold") == 1, "the longer prefix is measured once"
    assert [row.target for row in rows[:4]] == list(names), "in turns"
