"""What llama.cpp's real server read, saved and restored: by a tiny model of random weights."""

import os
import shutil
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from seedbed.core.ask import Ask, Limits, Memory, Sampling
from seedbed.core.event import Failed
from seedbed.core.message import Message, Role, Text
from seedbed.engines.llama_cpp import LlamaCpp
from seedbed.kit.clock import SystemClock
from seedbed.store.blobs import open_bucket
from seedbed.store.far import FarPrefixes
from seedbed.store.far_store import FarStore
from seedbed.store.kv import SavedPrefixes
from tests.engines.fake_llama_server import write_program
from tests.engines.running import events_of, reply_of, served, spec
from tests.engines.tiny import write_tiny_llama
from tests.store import bucket
from tests.store.bucket import Bucket

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

RULES = " ".join(f"rule {number} is kept" for number in range(200))
WINDOW = 8192
ALL = Memory()


def asked(question: str = "which?", *, rules: str = RULES, memory: Memory = ALL) -> Ask:
    return Ask(
        "tiny",
        (Message(Role.SYSTEM, (Text(rules),)), Message(Role.USER, (Text(question),))),
        limits=Limits(output=4),
        sampling=Sampling(temperature=0.0, seed=7),
        memory=memory,
    )


def shelf(tmp_path: Path, *, most: int = 1 << 30, far: FarPrefixes | None = None) -> SavedPrefixes:
    clock = SystemClock()
    return SavedPrefixes(tmp_path / "kv", most_bytes=most, secret=b"ours", clock=clock, far=far)


@asynccontextmanager
async def started(
    tmp_path: Path, prefixes: SavedPrefixes | None, *, places: int = 1
) -> AsyncGenerator[LlamaCpp]:
    weights = tmp_path / "tiny.gguf"
    if not weights.exists():
        write_tiny_llama(weights, window=WINDOW)
    made = replace(spec(weights, window=WINDOW), prefixes=prefixes, places=places)
    async with served(made, tmp_path) as (engine, _):
        yield engine


async def cached(engine: LlamaCpp, ask: Ask) -> tuple[int, int]:
    """Tokens that were computed, and that were not."""
    usage = (await reply_of(engine, ask)).usage
    return usage.input_fresh, usage.input_cache_read


async def test_what_was_read_is_restored_after_a_restart_and_answers_the_same(
    tmp_path: Path,
) -> None:
    async with started(tmp_path, shelf(tmp_path)) as engine:
        cold = await reply_of(engine, asked())
        assert cold.usage.input_cache_read == 0
    async with started(tmp_path, shelf(tmp_path)) as engine:
        warm = await reply_of(engine, asked())
    assert warm.usage.input_fresh == 1
    assert warm.usage.input == cold.usage.input
    assert warm.parts == cold.parts


async def test_another_question_after_the_same_rules_computes_the_question_alone(
    tmp_path: Path,
) -> None:
    async with started(tmp_path, shelf(tmp_path)) as engine:
        fresh, _ = await cached(engine, asked())
    async with started(tmp_path, shelf(tmp_path)) as engine:
        more, again = await cached(engine, asked("and what else?"))
    assert more < 100 < again < fresh


async def test_two_engines_share_one_folder(tmp_path: Path) -> None:
    async with started(tmp_path, shelf(tmp_path)) as reader:
        read = await reader.read(asked())
        assert read.usage.input_fresh > 3000
        assert (await reader.read(asked())).usage.input == 0  # all of it is saved
        async with started(tmp_path, shelf(tmp_path)) as answerer:
            assert (await cached(answerer, asked()))[0] < 600


async def test_what_one_machine_read_another_restores_from_a_bucket(tmp_path: Path) -> None:
    with bucket.lent() as lent:
        one, two = (shelf(tmp_path / name, far=far(lent)) for name in ("one", "two"))
        async with started(tmp_path, one) as engine:
            cold = await reply_of(engine, asked())
        await one.share()
        await two.share()
        async with started(tmp_path, two) as engine:
            warm = await reply_of(engine, asked())
    assert (cold.usage.input_cache_read, warm.usage.input_fresh) == (0, 1)
    assert warm.usage.input_cache_read == cold.usage.input - 1
    assert warm.parts == cold.parts


def far(lent: Bucket) -> FarPrefixes:
    where, clock = f"s3://{bucket.NAME}/machines", SystemClock()
    blobs = open_bucket(where, lent.environment, setting="prefix_store")
    store = FarStore(blobs, secret=b"ours", clock=clock)
    return FarPrefixes(store, where=where, most_bytes=1 << 30, clock=clock)


async def test_nothing_is_shared_between_owners_neither_in_places_nor_in_the_folder(
    tmp_path: Path,
) -> None:
    async with started(tmp_path, shelf(tmp_path)) as engine:
        for owner in ("one", "two", "one", ""):
            fresh, again = await cached(engine, asked(memory=Memory(owner)))
            if owner == "one" and again:
                assert fresh == 1  # its own, from the folder
            else:
                assert again == 0
        assert (await cached(engine, asked("x", rules="short", memory=Memory("one"))))[1] == 0
        assert (await cached(engine, asked("x", rules="short", memory=Memory("two"))))[1] == 0
        assert (await cached(engine, asked("x", rules="short", memory=Memory("two"))))[1] > 0


async def test_what_shall_be_fresh_is_computed_whatever_is_there(tmp_path: Path) -> None:
    async with started(tmp_path, shelf(tmp_path)) as engine:
        await cached(engine, asked())
        assert (await cached(engine, asked(memory=Memory(fresh=True))))[1] == 0
        assert (await cached(engine, asked()))[0] == 1


async def test_a_free_place_is_filled_from_the_folder(tmp_path: Path) -> None:
    async with started(tmp_path, shelf(tmp_path), places=2) as engine:
        await cached(engine, asked())
        short = asked("x", rules="something else")
        async for _ in engine.generate(replace(short, limits=Limits(output=1))):
            assert (await cached(engine, asked()))[0] == 1


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


@pytest.mark.parametrize("harm", [flip, cut, Path.unlink])
async def test_a_damaged_prefix_is_computed_anew_and_saved_again(
    tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    async with started(tmp_path, shelf(tmp_path)) as engine:
        await cached(engine, asked())
        (body,) = (tmp_path / "kv").rglob("*.kv")
        harm(body)
    async with started(tmp_path, shelf(tmp_path)) as engine:
        assert (await cached(engine, asked()))[1] == 0
    async with started(tmp_path, shelf(tmp_path)) as engine:
        assert (await cached(engine, asked()))[0] == 1


async def test_another_models_prefix_is_none_of_ours(tmp_path: Path) -> None:
    async with started(tmp_path, shelf(tmp_path)) as engine:
        await cached(engine, asked())
    write_tiny_llama(tmp_path / "tiny.gguf", window=WINDOW, feed=64)
    async with started(tmp_path, shelf(tmp_path)) as engine:
        assert (await cached(engine, asked()))[1] == 0


async def test_a_folder_that_goes_away_costs_no_answer(tmp_path: Path) -> None:
    prefixes = shelf(tmp_path)
    async with started(tmp_path, prefixes) as engine:
        shutil.rmtree(tmp_path / "kv")
        assert (await cached(engine, asked()))[1] == 0
        assert not [e for e in await events_of(engine, asked("again")) if isinstance(e, Failed)]


async def test_a_server_of_the_operators_own_saves_and_restores_too(tmp_path: Path) -> None:
    weights = write_tiny_llama(tmp_path / "tiny.gguf", window=WINDOW)
    program = write_program(tmp_path / "llama-server")
    for at in range(2):
        made = replace(spec(weights, window=WINDOW), prefixes=shelf(tmp_path), server=program)
        async with served(made, tmp_path) as (engine, _):
            assert ((await cached(engine, asked()))[0] == 1) == bool(at)
