"""When what a server read is saved and restored, with an act in the server's place."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import pytest
from structlog.testing import capture_logs

from seedbed.core.ask import Ask
from seedbed.core.message import Message, Role, Text
from seedbed.core.prefix import Link, chain
from seedbed.core.usage import Usage
from seedbed.engines.llama.slots import Slot
from seedbed.engines.llama.tier import Tier, Told
from seedbed.kit.clock import FakeClock
from seedbed.kit.http.errors import HungUp
from seedbed.store.kv import SavedPrefixes

pytestmark = pytest.mark.anyio

READ = Usage(input_fresh=700, output_visible=10)
SECONDS = 7.0


class Acts:
    """A server that saves 710 tokens in no time, or in so many seconds."""

    def __init__(self, folder: Path, clock: FakeClock) -> None:
        self.did, self.takes, self.breaks = list[tuple[int, str]](), 0.0, False
        self.restores = 710
        self._folder, self._clock = folder, clock

    async def __call__(self, place: int, action: str, file: str) -> bytes:
        self.did.append((place, action))
        await self._clock.advance(self.takes)
        if self.breaks:
            if action == "save":
                (self._folder / file).write_bytes(b"ha")
            raise HungUp("it died")
        if action == "restore":
            return b'{"n_restored":%d}' % self.restores
        (self._folder / file).write_bytes(b"k" * 710)
        return b'{"n_saved":710,"n_written":710}'


def links(text: str) -> tuple[Link, ...]:
    return chain(Ask("m", (Message(Role.USER, (Text(text),)),)))


def told(text: str = "a" * 4000, *, owner: str = "", adapter: str = "") -> Told:
    return Told(owner, adapter, links(text))


@pytest.fixture
def prefixes(tmp_path: Path, clock: FakeClock) -> SavedPrefixes:
    return SavedPrefixes(tmp_path / "kv", most_bytes=100_000, secret=b"s", clock=clock)


@pytest.fixture
def acts(prefixes: SavedPrefixes, clock: FakeClock) -> Acts:
    return Acts(prefixes.folder, clock)


@pytest.fixture
def tier(prefixes: SavedPrefixes, tmp_path: Path) -> Tier:
    return made(prefixes, tmp_path)


def made(
    prefixes: SavedPrefixes,
    tmp_path: Path,
    *,
    weights: bytes = b"w",
    build: str = "1",
    places: int = 1,
) -> Tier:
    file = tmp_path / "weights"
    file.write_bytes(weights)
    tier = Tier(prefixes, [file], places=places)
    tier.build = build
    tier.learn(READ, SECONDS)
    return tier


async def saved(tier: Tier, acts: Acts, one: Told, *, always: bool = False) -> bool:
    before = len(acts.did)
    await tier.save(Slot(0), one, READ, acts, always=always)
    return acts.did[before:] == [(0, "save")]


async def brought(tier: Tier, acts: Acts, one: Told, slot: Slot | None = None) -> Slot:
    slot = slot or Slot(3)
    await tier.bring(slot, one, acts)
    return slot


async def test_what_was_saved_is_brought_to_whichever_place_wants_it(
    tier: Tier, acts: Acts
) -> None:
    assert await saved(tier, acts, told())
    more = told("a" * 4000 + "b" * 3000)
    slot = await brought(tier, acts, more)
    assert acts.did[-1] == (3, "restore")
    assert slot.held(more.key, more.links) == told().links[-1].end


@pytest.mark.parametrize("other", [told(owner="x"), told(adapter="x"), told("b" * 4000)])
async def test_what_another_owner_adapter_or_prompt_saved_is_not_brought(
    tier: Tier, acts: Acts, other: Told
) -> None:
    await saved(tier, acts, told())
    await brought(tier, acts, other)
    assert [action for _, action in acts.did] == ["save"]


@pytest.mark.parametrize("other", [{"weights": b"v"}, {"build": "2"}, {"places": 2}])
async def test_what_a_server_of_another_model_build_or_places_saved_is_not_brought(
    prefixes: SavedPrefixes, tmp_path: Path, acts: Acts, other: dict[str, Any]
) -> None:
    await saved(made(prefixes, tmp_path), acts, told())
    await brought(made(prefixes, tmp_path, **other), acts, told())
    assert [action for _, action in acts.did] == ["save"]


def holding(of: Sequence[Link]) -> Slot:
    slot = Slot(3)
    slot.hold(":", of)
    return slot


async def test_nothing_is_brought_that_gains_little(tier: Tier, acts: Acts) -> None:
    await saved(tier, acts, told())
    await brought(tier, acts, told(), holding(told("a" * 3000).links))
    await brought(tier, acts, told("a" * 1000))
    await brought(tier, acts, Told("", "", ()))
    assert [action for _, action in acts.did] == ["save"]


async def test_what_the_server_refuses_is_taken_away_and_the_place_is_nobodys(
    tier: Tier, acts: Acts
) -> None:
    await saved(tier, acts, told())
    acts.breaks = True
    slot = await brought(tier, acts, told(), holding(told("c" * 4000).links))
    assert slot.owner is None
    acts.breaks = False
    await brought(tier, acts, told())
    assert [action for _, action in acts.did] == ["save", "restore"]


async def test_a_place_that_was_filled_with_something_else_is_nobodys(
    tier: Tier, acts: Acts
) -> None:
    await saved(tier, acts, told())
    acts.restores = 3
    assert (await brought(tier, acts, told())).owner is None


async def test_the_same_is_saved_once_and_what_is_long_enough(tier: Tier, acts: Acts) -> None:
    assert await saved(tier, acts, told())
    assert not await saved(tier, acts, told())
    assert not await saved(tier, acts, told(), always=True)
    assert not await saved(tier, acts, told("b" * 1000), always=True)
    assert not await saved(tier, acts, Told("", "", ()))


async def test_what_is_as_fast_to_read_as_to_save_is_saved_for_another_reader_alone(
    tier: Tier, acts: Acts
) -> None:
    acts.takes = SECONDS / 2
    assert await saved(tier, acts, told())
    assert not await saved(tier, acts, told("b" * 4000))
    assert await saved(tier, acts, told("b" * 4000), always=True)


async def test_a_little_more_than_what_is_saved_is_not_worth_to_save_all_again(
    tier: Tier, acts: Acts
) -> None:
    acts.takes = SECONDS / 10
    assert await saved(tier, acts, told())
    assert not await saved(tier, acts, told("a" * 5000))
    assert await saved(tier, acts, told("a" * 12_000))


async def test_a_few_tokens_tell_nothing_of_how_fast_a_server_reads(
    prefixes: SavedPrefixes, tmp_path: Path, acts: Acts
) -> None:
    tier = made(prefixes, tmp_path)
    tier.learn(Usage(input_fresh=1, input_cache_read=699), 0.0)
    assert await saved(tier, acts, told())


async def test_a_server_that_cannot_save_is_told_of_once_and_tried_again_after_a_while(
    tier: Tier, acts: Acts, clock: FakeClock, prefixes: SavedPrefixes
) -> None:
    acts.breaks = True
    with capture_logs() as said:
        assert await saved(tier, acts, told())
        assert not await saved(tier, acts, told())
        await clock.advance(61)
        assert await saved(tier, acts, told())
    assert [event["event"] for event in said] == ["kv.not_saved"]
    assert list(prefixes.folder.iterdir()) == []
    acts.breaks = False
    await clock.advance(61)
    assert await saved(tier, acts, told())
    assert await saved(tier, acts, told("b" * 4000))


async def test_who_leaves_while_his_prompt_is_saved_leaves_no_half_file_behind(
    tier: Tier, prefixes: SavedPrefixes
) -> None:
    writes = anyio.Event()

    async def act(_place: int, _action: str, file: str) -> bytes:
        (prefixes.folder / file).write_bytes(b"ha")
        writes.set()
        await anyio.sleep_forever()
        raise AssertionError("nobody wakes it")

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(partial(tier.save, Slot(0), told(), READ, act, always=True))
        await writes.wait()
        tasks.cancel_scope.cancel()
    assert [*prefixes.folder.iterdir()] == []


async def test_it_knows_whether_all_of_a_prompt_is_saved(tier: Tier, acts: Acts) -> None:
    await saved(tier, acts, told())
    assert await tier.has_all(told())
    assert not await tier.has_all(told("a" * 5000))
    assert not await tier.has_all(Told("", "", ()))


async def test_where_nothing_restored_was_of_use_nothing_more_is_saved_or_brought(
    tier: Tier, acts: Acts
) -> None:
    await saved(tier, acts, told())
    tier.learn(READ, SECONDS, held=4000)
    await brought(tier, acts, told())
    assert not await saved(tier, acts, told("b" * 4000))
    assert [action for _, action in acts.did] == ["save"]


async def test_a_model_whose_files_are_gone_shares_with_none(
    prefixes: SavedPrefixes, tmp_path: Path, acts: Acts
) -> None:
    for _ in range(2):
        tier = made(prefixes, tmp_path)
        (tmp_path / "weights").unlink()
        assert await saved(tier, acts, told())
