"""What a caller is given in the place of a picture."""

import base64
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import anyio
import pytest

from seedbed.api.images.delivery import LINK_SECONDS, Delivery, Gallery
from seedbed.api.links import Links
from seedbed.core.access import Principal
from seedbed.core.ask import ImageAsk
from seedbed.core.errors import DiskFull, LinkExpired
from seedbed.core.event import (
    Event,
    Failed,
    Finished,
    Painted,
    PaintFailed,
    Previewed,
    Started,
    Stop,
)
from seedbed.core.usage import Usage
from seedbed.kit.clock import FakeClock
from seedbed.serving.account import Order
from seedbed.store.artifacts import Artifacts
from seedbed.store.blobs import Blobs, open_blobs
from seedbed.store.database import Database

pytestmark = pytest.mark.anyio

ORDER = Order(ImageAsk("m", "a"), Principal("u", "p", "key_1", frozenset()), "req_1")
END = Finished(Stop.END, Usage())


@pytest.fixture
def gallery(database: Database, home: Path, clock: FakeClock) -> Gallery:
    return made(database, open_blobs("", home, {}), clock)


def made(database: Database, blobs: Blobs, clock: FakeClock) -> Gallery:
    async def secret() -> bytes:
        return b"s" * 32

    artifacts = Artifacts(database, lambda: blobs, clock=clock)
    return Gallery(artifacts, Links(secret, clock=clock), clock)


async def through(delivery: Delivery, sent: Sequence[Event]) -> list[Event]:
    async def generate(_: Order) -> AsyncGenerator[Event]:
        for event in sent:
            yield event

    return [event async for event in delivery.generate(ORDER, generate)]


@pytest.mark.parametrize("size", [3, 1 << 19])
async def test_a_picture_is_told_in_base64(gallery: Gallery, size: int) -> None:
    data = bytes(range(256)) * (size // 256 + 1)
    sent = [Started("m"), Previewed(0, 0, data), Painted(0, data, 1, 1), END]
    told = base64.b64encode(data)
    delivery = Delivery(gallery, "http://house", by_link=False)
    wanted = [Started("m"), Previewed(0, 0, told), Painted(0, told, 1, 1), END]
    assert await through(delivery, sent) == wanted


async def test_a_large_picture_holds_up_nobody(gallery: Gallery) -> None:
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await anyio.lowlevel.checkpoint()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(count)
        await anyio.lowlevel.checkpoint()
        before = turns
        picture = Painted(0, bytes(4_096 * 4_096), 4_096, 4_096)
        await through(Delivery(gallery, "http://house", by_link=False), [picture])
        assert turns > before + 1, "others had turns while it was packed"
        tasks.cancel_scope.cancel()


async def test_a_link_opens_the_picture_for_a_day(gallery: Gallery, clock: FakeClock) -> None:
    sent = [Previewed(0, 0, b"half"), Painted(0, b"png", 1, 1), PaintFailed(1, "code", "why"), END]
    delivery = Delivery(gallery, "http://house", by_link=True)
    preview, painted, *rest = await through(delivery, sent)
    assert preview == Previewed(0, 0, base64.b64encode(b"half"))
    assert rest == sent[2:]
    assert isinstance(painted, Painted)
    url = urlsplit(painted.data.decode())
    assert (url.scheme, url.netloc) == ("http", "house")
    link = await gallery.links.read(url.path.rpartition("/")[2], dict(parse_qsl(url.query)))
    assert (link.media, link.name) == ("image/png", "req_1-0.png")
    assert link.until == int(clock.wall()) + LINK_SECONDS
    artifact = await gallery.artifacts.find(link.hash, "p")
    (hold,) = artifact.holds
    assert (hold.holder, hold.until) == ("req_1", link.until * 1_000_000)
    assert b"".join([piece async for piece in gallery.artifacts.open(artifact)]) == b"png"
    await clock.advance(LINK_SECONDS)
    with pytest.raises(LinkExpired):
        await gallery.links.read(link.hash, dict(parse_qsl(url.query)))


async def test_a_picture_that_cannot_be_kept_ends_the_answer(
    gallery: Gallery, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = DiskFull("/home", needed=3, free=0)

    async def refuse(*_: object, **__: object) -> None:
        raise full

    monkeypatch.setattr(gallery.artifacts, "put", refuse)
    sent = [Started("m"), Painted(0, b"png", 1, 1), END]
    delivery = Delivery(gallery, "http://house", by_link=True)
    assert await through(delivery, sent) == [Started("m"), Failed(full)]
