"""What the doors of batches share: lines of answers, and that they are written once."""

import json
from collections.abc import Mapping
from contextlib import aclosing
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.api.files.batches import Batch, split
from seedbed.core.errors import ObjectUnknown
from seedbed.core.job import State
from seedbed.store.database import execute
from tests.api.files.doors import Doors, answer, asks, pieces

pytestmark = pytest.mark.anyio


@given(
    lines=st.lists(st.sampled_from([b"", b"a", b"bc", b" "])),
    cuts=st.lists(st.integers(0, 30)),
    ends=st.booleans(),
)
async def test_lines_are_told_wherever_the_pieces_end(
    lines: list[bytes], cuts: list[int], *, ends: bool
) -> None:
    whole = b"\n".join(lines) + b"\n" * ends
    edges = sorted({0, len(whole), *(cut for cut in cuts if cut < len(whole))})
    told = [line async for line in split(pieces(*(whole[a:b] for a, b in pairwise(edges))))]
    assert told == [line for line in lines if line.strip()]


class Late:
    """A door that is overtaken while it writes the answers."""

    def __init__(self, room: Doors, *, by: bool = True) -> None:
        self.undone: list[object] = []
        self._room, self._by = room, by

    async def close(self, batch: Batch) -> Mapping[str, object]:
        """Have another write them first."""
        if self._by:
            await self._room.batches.closed(batch, Late(self._room, by=False))
        return {"writer": "late" if self._by else "first"}

    async def undo(self, batch: Batch, made: Mapping[str, object]) -> None:
        """Remember what was taken back."""
        assert batch.job.state.is_end
        self.undone.append(made["writer"])


async def begun(room: Doors) -> Batch:
    file = await room.artifacts.put(pieces(asks("a")), holder="x", project="p")
    principal = await room.files.guard.admit(f"Bearer {room.key('p')}")
    url = {"url": "/v1/chat/completions"}
    return await room.batches.begin("batch_1", principal, file, url, until=room.files.now + 10**9)


async def test_who_writes_the_answers_second_takes_his_back(room: Doors) -> None:
    batch, door = await begun(room), Late(room)
    assert await room.batches.closed(batch, door) is batch
    batch = await room.batches.cancel(batch)
    assert batch.job.state is State.CANCELLED
    told = await room.batches.closed(batch, door)
    assert (told.object.body["writer"], door.undone) == ("first", ["late"])
    assert await room.batches.closed(told, door) is told


async def test_a_batch_is_deleted_with_what_it_holds(room: Doors) -> None:
    batch = await begun(room)
    assert await room.held() == {"x", "batch_1"}
    await room.batches.remove(batch)
    assert await room.held() == {"x"}
    with pytest.raises(ObjectUnknown):
        await room.batches.remove(batch)


_DONE = "INSERT INTO steps (job, number, name, result, at) VALUES (?, ?, ?, ?, 1)"


@pytest.mark.parametrize("forgotten", [False, True])
async def test_what_a_stopped_job_did_is_told_whole_and_read_a_few_steps_at_a_time(
    room: Doors, *, forgotten: bool
) -> None:
    """Steps that are forgotten while it is told are told only so far as they were in memory."""
    batch = await room.batches.cancel(await begun(room))
    job, made = batch.job.id, [json.dumps(answer(str(n), 200, {})) for n in range(1000)]
    steps = [(job, number, str(number), said) for number, said in enumerate(made)]
    await room.database.write(lambda c: [execute(c, _DONE, step) for step in steps])
    told: list[str] = []
    async with aclosing(room.batches.answers(batch)) as answers:
        async for _, one in answers:
            told.append(one.custom_id)
            if forgotten and len(told) == 1:
                await room.database.write(lambda c: execute(c, "DELETE FROM steps"))
    assert told == [str(n) for n in range(len(told))]
    assert len(told) == 1000 if not forgotten else 0 < len(told) <= 100
