"""Films on their road: they are paid by their length, and they are kept."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest

from seedbed.core.errors import DiskFull, EngineFailed
from seedbed.core.event import Event, Failed, Filmed, FilmProgress, Reply
from seedbed.core.film import VideoAsk
from seedbed.core.money import Modality
from seedbed.core.prices import Tariff, Unit
from seedbed.core.usage import Usage
from seedbed.engines.scripted_filmmaker import ScriptedFilmmaker
from seedbed.kit.clock import FakeClock
from seedbed.serving.account import Order
from seedbed.serving.media.filming import Filming
from seedbed.store.artifacts import Artifacts
from seedbed.store.blobs import open_blobs
from seedbed.store.database import Database
from tests.serving.houses import PRINCIPAL, house, live, price

pytestmark = pytest.mark.anyio

TARIFF = Tariff((price(Unit.OUTPUT_VISIBLE, 1, 1), price(Unit.FILM_MILLISECONDS, 10, 1)), "USD")
"""Ten micros for a millisecond, and one for each token that the film is counted as."""
ASK = VideoAsk("m", "a red barn", seconds=1, size=(64, 32), fps=24)
ORDER = Order(ASK, PRINCIPAL, "req_1")


@pytest.fixture
def artifacts(database: Database, clock: FakeClock, home: Path) -> Artifacts:
    return Artifacts(database, lambda: open_blobs("", home, {}), clock=clock)


async def events_of(filming: Filming, order: Order) -> list[Event]:
    async with aclosing(filming.generate(order)) as events:
        return [event async for event in events]


async def test_a_film_is_paid_by_its_length_and_kept(
    database: Database, clock: FakeClock, artifacts: Artifacts
) -> None:
    engine = ScriptedFilmmaker("m", window=64)
    async with house(database, clock, lives=[live(engine, clock, tariff=TARIFF)]) as h:
        reply = Reply.of(
            await events_of(Filming(h.gateway.generate, artifacts, clock=clock), ORDER)
        )
        (written,) = [*h.ledger.entries(last=9)] or [reply.entry]
    entry, film = reply.entry, reply.film
    assert entry
    assert film
    used = Usage(3, output_visible=50, film_milliseconds=1_042)
    assert (entry.modality, entry.usage) == (Modality.VIDEO, used)
    assert entry.spent.micros == 50 + 10_420 <= entry.reserved.micros <= entry.spent.micros + 3
    assert written
    assert (written.usage, entry.first is not None) == (used, True)
    artifact = await artifacts.find(film.hash, PRINCIPAL.project)
    assert (film.data, artifact.media, artifact.name) == (b"", "video/mp4", "req_1.mp4")
    (hold,) = artifact.holds
    assert (hold.holder, hold.until) == ("req_1", round((clock.wall() + 86_400) * 1e6))


async def test_who_leaves_pays_what_was_used(
    database: Database, clock: FakeClock, artifacts: Artifacts
) -> None:
    engine = ScriptedFilmmaker("m", window=64)
    async with (
        house(database, clock, lives=[live(engine, clock, tariff=TARIFF)]) as h,
        aclosing(Filming(h.gateway.generate, artifacts, clock=clock).generate(ORDER)) as events,
    ):
        async for event in events:
            if isinstance(event, FilmProgress):
                break
    (entry,) = h.ledger.entries(last=9)
    assert (entry.stop, entry.usage, engine.steps) == ("cancelled", Usage(3), 1)


async def test_an_upstream_that_told_nothing_is_paid_the_most(
    database: Database, clock: FakeClock, artifacts: Artifacts
) -> None:
    gone = EngineFailed("m", why="it broke", begun=True)
    there = live(ScriptedFilmmaker("m", window=64, error=gone), clock, tariff=TARIFF)
    there.deployment = replace(there.deployment, own_hardware=False)
    async with house(database, clock, lives=[there]) as h:
        (only,) = await events_of(Filming(h.gateway.generate, artifacts, clock=clock), ORDER)
    assert isinstance(only, Failed)
    assert only.entry
    assert (only.entry.usage.film_milliseconds, only.entry.usage.output) == (1_042, 50)


async def test_a_film_that_cannot_be_kept_ends_the_answer(
    artifacts: Artifacts, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = DiskFull("/home", needed=3, free=0)

    async def refuse(*_: object, **__: object) -> None:
        raise full

    async def films(_: Order) -> AsyncGenerator[Event]:
        yield Filmed(b"film", "video/mp4", 1, 1, 1.0, 24)

    monkeypatch.setattr(artifacts, "put", refuse)
    filming = Filming(films, artifacts, clock=clock)
    assert await events_of(filming, ORDER) == [Failed(full)]
