"""No file of a stranger's reaches the libraries that draw, and their process outlives them all."""

import hashlib
import os
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from pathlib import Path

import anyio
import pytest

from seedbed.core.ask import ImageAsk
from seedbed.core.errors import MediumRefused
from seedbed.core.event import Event, Failed, Painted
from seedbed.core.message import Media, MediaKind
from seedbed.core.scene.form import write_scene
from seedbed.core.scene.layers import Picture
from seedbed.core.scene.scene import Canvas, Reference, Scene, Shot
from seedbed.engines.base import Spec
from seedbed.engines.draft import Draft, make
from seedbed.kit.clock import SystemClock
from seedbed.serving.account import Order
from seedbed.serving.media.references import References, Table
from seedbed.serving.supervisor import Supervisor
from tests.engines.tiny import tiny_model
from tests.kit.media import hostile
from tests.kit.media.made import picture
from tests.serving.houses import PRINCIPAL
from tests.serving.media.shops import WITHIN, Kept

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


class Drawing:
    """The drawing engine behind the road that makes plain; it keeps what reached it."""

    def __init__(self, engine: Draft) -> None:
        self.engine, self.given = engine, list[bytes]()
        self._road = References(self._generate, Table(WITHIN, Kept()))

    async def _generate(self, order: Order) -> AsyncGenerator[Event]:
        ask = order.ask
        assert isinstance(ask, ImageAsk)
        self.given += [ref.source for ref in ask.refs if isinstance(ref.source, bytes)]
        async with aclosing(self.engine.paint(ask)) as events:
            async for event in events:
                yield event

    async def draw(self, data: bytes) -> Painted | Failed:
        """A picture that shows a stranger's, or why there is none."""
        hash_ = hashlib.sha256(data).hexdigest()
        shot = Shot("only", layers=(Picture(id="photo", reference="photo"),))
        photo = Reference("photo", "picture", hash_, "image/png")
        scene = Scene(Canvas(64, 48), (shot,), references=(photo,))
        ref = Media(MediaKind.IMAGE, data, {"role": "base"})
        order = Order(ImageAsk("m", "", (ref,), scene=write_scene(scene)), PRINCIPAL, "req_1")
        async with aclosing(self._road.generate(order)) as events:
            told = [event async for event in events if isinstance(event, Painted | Failed)]
        return told[0]


@pytest.fixture
async def drawing(tmp_path: Path) -> AsyncGenerator[Drawing]:
    engine = make(Spec(tiny_model("draft"), None, places=1, threads=1))
    assert engine.program
    supervisor = Supervisor(
        "draft",
        engine,
        engine.program,
        log_file=tmp_path / "engine.log",
        base_environment={"PATH": os.defpath, "HOME": str(tmp_path)},
        clock=SystemClock(),
    )
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(supervisor.run)
        await supervisor.ready(within=60)
        yield Drawing(engine)
        tasks.cancel_scope.cancel()


async def each(drawing: Drawing, those: Mapping[str, hostile.Maker]) -> list[Painted | Failed]:
    return [await drawing.draw(make()) for make in those.values()]


async def test_what_is_hostile_never_reaches_what_draws(drawing: Drawing) -> None:
    place = drawing.engine.place
    odd = await each(drawing, hostile.ODD_PICTURES)
    assert all(isinstance(one, Painted) for one in odd)
    assert len(drawing.given) == len(hostile.ODD_PICTURES)
    bad = await each(drawing, hostile.BAD_PICTURES)
    errors = [one.error for one in bad if isinstance(one, Failed)]
    assert [type(one) for one in errors] == [MediumRefused] * len(hostile.BAD_PICTURES)
    assert len(drawing.given) == len(hostile.ODD_PICTURES), "none of them was handed on"
    await each(drawing, hostile.EITHER_PICTURES)
    made = {
        make()
        for group in (hostile.ODD_PICTURES, hostile.EITHER_PICTURES)
        for make in group.values()
    }
    assert not made & set(drawing.given)
    assert all(one.startswith(b"\x89PNG\r\n\x1a\n") for one in drawing.given)
    assert isinstance(await drawing.draw(picture()), Painted)
    assert drawing.engine.place == place, "it is the process that it was"
