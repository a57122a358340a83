"""The drawing engine keeps an engine's promises, with its process beside it and without."""

import hashlib
import io
import os
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import anyio
import anyio.abc
import msgspec
import pytest
from PIL import Image

from seedbed.core.ask import ImageAsk, SceneAsk
from seedbed.core.errors import (
    EngineFailed,
    EngineUnreachable,
    FieldUnserved,
    PromptTooLong,
    RequestMalformed,
    SceneUndrawable,
    SeedbedError,
)
from seedbed.core.event import (
    Event,
    Failed,
    Filmed,
    FilmProgress,
    Finished,
    Painted,
    Reply,
    Started,
    Stop,
    UsageNow,
)
from seedbed.core.feature import Feature
from seedbed.core.film import VideoAsk
from seedbed.core.message import Media, MediaKind
from seedbed.core.scene.form import write_scene
from seedbed.core.scene.layers import Backdrop, Picture, Subject
from seedbed.core.scene.scene import Canvas, Reference, Scene, Shot
from seedbed.core.usage import Usage
from seedbed.engines import draft
from seedbed.engines.base import Drafter, Filmmaker, Painter, Spec
from seedbed.engines.draft import Draft, lacks, make
from seedbed.engines.drafting.wire import Begun, Broken, Drawn, Line, Made, Order, Sound, Wrong
from seedbed.kit.clock import SystemClock
from seedbed.kit.machine import this_machine
from seedbed.serving.supervisor import Supervisor
from tests.engines.tiny import tiny_model

pytestmark = pytest.mark.anyio
SEA = Backdrop(id="ground", place="sea")
STILL = Scene(Canvas(96, 64), (Shot("only", layers=(SEA,)),))
FILM = Scene(Canvas(96, 64, fps=12), (Shot("only", 1.0, (SEA,)),))
PICTURE = ImageAsk("m", "", scene=write_scene(STILL))
MOVING = VideoAsk("m", "", scene=write_scene(FILM))
BEGUN = Begun(write_scene(FILM), (), 12)
FILE = Made(b"film", "video/mp4", 96, 64)


def said(*lines: Line) -> bytes:
    return b"".join(msgspec.json.encode(line) + b"\n" for line in lines)


async def events_of(engine: Draft, ask: ImageAsk | VideoAsk) -> list[Event]:
    stream = engine.paint(ask) if isinstance(ask, ImageAsk) else engine.film(ask)
    async with aclosing(stream) as events:
        return [event async for event in events]


async def fault(engine: Draft, ask: ImageAsk | VideoAsk) -> SeedbedError:
    last = (await events_of(engine, ask))[-1]
    assert isinstance(last, Failed)
    return last.error


class Fake:
    """A process that says what a test wants, and keeps what it was told."""

    def __init__(self, answer: bytes) -> None:
        self.orders, self._answer = list[Order](), answer

    async def _take(self, stream: anyio.abc.SocketStream) -> None:
        async with stream:
            told = b""
            while not told.endswith(b"\n"):
                told += await stream.receive()
            self.orders.append(msgspec.json.decode(told, type=Order))
            await stream.send(self._answer)

    @asynccontextmanager
    async def running(self, window: int = 64) -> AsyncGenerator[Draft]:
        listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
        port = listener.extra(anyio.abc.SocketAttribute.local_port)
        engine = Draft("m", window=window, program=None, key="k")
        engine.attach({"host": "127.0.0.1", "port": str(port)})
        async with listener, anyio.create_task_group() as tasks:
            tasks.start_soon(listener.serve, self._take)
            yield engine
            tasks.cancel_scope.cancel()


async def asked(ask: ImageAsk | VideoAsk) -> list[Order]:
    """The orders that an ask becomes."""
    fake = Fake(said(BEGUN, FILE))
    async with fake.running() as engine:
        assert isinstance((await events_of(engine, ask))[-1], Finished)
    return fake.orders


async def test_a_picture_comes_with_what_it_used() -> None:
    fake = Fake(said(BEGUN, Made(b"png", "image/png", 640, 640)))
    async with fake.running() as engine:
        assert isinstance(engine, Painter)
        events = await events_of(engine, ImageAsk("m", "a red fox", count=2, seed=5))
    tokens = Usage(3, output_visible=1_600, images=1)
    assert events[:3] == [Started("m"), UsageNow(Usage(3)), UsageNow(tokens)]
    painted = [event for event in events if isinstance(event, Painted)]
    assert painted == [Painted(n, b"png", 640, 640, "image/png") for n in range(2)]
    assert events[-1] == Finished(Stop.END, Usage(3, output_visible=3_200, images=2))
    assert [order.seed for order in fake.orders] == [5, 6]
    assert {order.size for order in fake.orders} == {(1024, 1024)}


async def test_a_number_that_is_not_meant_exactly_is_one() -> None:
    assert len(await asked(replace(PICTURE, count=3, exact=False))) == 1


async def test_a_film_comes_with_how_far_it_is_and_what_it_used() -> None:
    fake = Fake(said(BEGUN, Drawn(6), Drawn(12), FILE))
    async with fake.running() as engine:
        assert isinstance(engine, Filmmaker)
        events = await events_of(engine, MOVING)
    used = Usage(output_visible=72, film_milliseconds=1_000)
    assert [one.done for one in events if isinstance(one, FilmProgress)] == [0.5, 1.0]
    assert Filmed(b"film", "video/mp4", 96, 64, 1.0, 12) in events
    assert events[-1] == Finished(Stop.END, used)


async def test_what_the_scene_tells_is_not_told_again() -> None:
    (still,), (film,) = await asked(PICTURE), await asked(MOVING)
    assert (still.scene, still.size, still.film) == (write_scene(STILL), None, False)
    assert (film.scene, film.size, film.fps, film.seconds) == (write_scene(FILM), None, None, None)


async def test_an_ask_becomes_an_order() -> None:
    moving = replace(MOVING, size=(64, 48), fps=6, span=(2, 3), codec="av1", mark="ab", seed=4)
    (order,) = await asked(moving)
    told = (order.size, order.fps, order.span, order.codec, order.mark, order.seed, order.key)
    assert told == ((64, 48), 6, (2, 3), "av1", "ab", 4, "k")
    (still,) = await asked(replace(PICTURE, format="webp", background="transparent", size=(8, 9)))
    assert (still.format, still.clear, still.size) == ("webp", True, (8, 9))


async def test_a_picture_and_its_mask_become_an_order_to_change_it() -> None:
    base = Media(MediaKind.IMAGE, b"base", {"role": "base", "artifact": "a" * 64})
    mask = Media(MediaKind.IMAGE, b"mask", {"role": "mask"})
    (order,) = await asked(ImageAsk("m", "remove it", (base, mask)))
    hash_ = hashlib.sha256(b"mask").hexdigest()
    assert (order.base, order.mask, order.size, order.side) == ("a" * 64, hash_, None, 0)
    assert order.pictures == {"a" * 64: b"base", hash_: b"mask"}
    (order,) = await asked(ImageAsk("m", "remove the cat", (base,), tier="2K"))
    assert (order.mask, order.side) == ("", 2_048)
    (order,) = await asked(ImageAsk("m", "put this picture here", (base, base, mask)))
    assert (order.base, order.laid, order.mask) == ("a" * 64, ("a" * 64,), hash_)


@pytest.mark.parametrize(
    ("wanted", "size", "fps", "seconds"),
    [
        ({}, (1280, 720), 24, 5.0),
        ({"tier": "480p", "ratio": "9:16"}, (480, 854), 24, 5.0),
        ({"seconds": 2.0, "fps": 10, "ratio": "adaptive"}, (1280, 720), 10, 2.0),
        ({"frames": 30, "fps": 10, "size": (64, 48)}, (64, 48), 10, 3.0),
    ],
)
async def test_a_prompt_is_filmed_as_is_wanted_or_usual(
    wanted: dict[str, object], size: tuple[int, int], fps: int, seconds: float
) -> None:
    (order,) = await asked(VideoAsk("m", "a fox", **wanted))  # type: ignore[arg-type]
    assert (order.size, order.fps, order.seconds) == (size, fps, seconds)


async def test_a_tier_makes_the_film_of_a_scene_as_large() -> None:
    (order,) = await asked(replace(MOVING, tier="480p"))
    assert order.size == (854, 480)


@pytest.mark.parametrize(
    ("ask", "kind", "field"),
    [
        (ImageAsk("m", " "), RequestMalformed, "prompt"),
        (ImageAsk("m", "word " * 64), PromptTooLong, "messages"),
        (VideoAsk("m", "a fox", sound=True), FieldUnserved, "sound"),
        (
            ImageAsk("m", "remove it", (Media(MediaKind.IMAGE, b"png", {"role": "mask"}),)),
            FieldUnserved,
            "refs",
        ),
        (
            VideoAsk("m", "a fox", (Media(MediaKind.IMAGE, b"png", {"role": "base"}),)),
            FieldUnserved,
            "refs",
        ),
        (
            ImageAsk("m", "a fox", background="transparent", format="jpeg"),
            FieldUnserved,
            "background",
        ),
    ],
)
async def test_what_cannot_be_drawn_is_refused_before_anything(
    ask: ImageAsk | VideoAsk, kind: type[SeedbedError], field: str
) -> None:
    fake = Fake(b"")
    async with fake.running() as engine:
        (failed,) = await events_of(engine, ask)
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, kind)
    assert failed.error.facts.get("field") == field
    assert not fake.orders


@pytest.mark.parametrize("ask", [PICTURE, MOVING])
@pytest.mark.parametrize(
    ("answer", "kind", "why"),
    [
        (said(Wrong("shots[0]", "no", "Do.")), SceneUndrawable, "no"),
        (said(Wrong("", "It is no prompt.", "Do.")), RequestMalformed, "It is no prompt."),
        (said(Broken("KeyError: 1")), EngineFailed, "KeyError: 1"),
        (said(BEGUN), EngineFailed, "it stopped in mid-drawing"),
        (b"[]\n", EngineFailed, "it sent what cannot be read"),
    ],
)
async def test_what_went_wrong_is_told(
    ask: ImageAsk | VideoAsk, answer: bytes, kind: type[SeedbedError], why: str
) -> None:
    async with Fake(answer).running() as engine:
        error = await fault(engine, ask)
    assert isinstance(error, kind)
    assert why in error.what


async def test_where_nobody_listens_it_cannot_be_reached() -> None:
    fake = Fake(b"")
    async with fake.running() as engine:
        pass
    assert isinstance(await fault(engine, PICTURE), EngineUnreachable)
    await engine.aclose()


async def test_a_greeting_without_a_place_is_none() -> None:
    with pytest.raises(EngineFailed, match="greeted with"):
        Draft("m", window=1, program=None, key="k").attach({"host": "here"})


async def test_a_machine_without_the_libraries_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    assert lacks(this_machine()) is None
    monkeypatch.setattr(draft, "_NEEDED", ("skia", "no_such_library"))
    assert lacks(this_machine()) == "the extra `films` (no_such_library)"


@asynccontextmanager
async def running(tmp_path: Path) -> AsyncGenerator[Draft]:
    """The engine with its own process."""
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
        yield engine
        tasks.cancel_scope.cancel()


def _picture(reply: Reply) -> Painted:
    (one,) = reply.pictures
    assert isinstance(one, Painted)
    return one


@pytest.mark.slow
async def test_its_process_draws_what_is_ordered(tmp_path: Path) -> None:
    file = io.BytesIO()
    Image.new("RGB", (8, 8), (250, 10, 10)).save(file, "png")
    hash_ = hashlib.sha256(file.getvalue()).hexdigest()
    photo = Picture(id="photo", reference="photo")
    framed = replace(
        STILL,
        shots=(Shot("only", layers=(photo,)),),
        references=(Reference("photo", "picture", hash_, "image/png"),),
    )
    wrong = replace(STILL, shots=(Shot("only", layers=(Subject(id="a", what="glorbix"),)),))
    bytes_ = Media(MediaKind.IMAGE, file.getvalue(), {"role": "base"})
    async with running(tmp_path) as engine:
        painted = Reply.of(await events_of(engine, replace(PICTURE, prompt="a fox")))
        shown = await events_of(engine, ImageAsk("m", "", (bytes_,), scene=write_scene(framed)))
        filmed = Reply.of(await events_of(engine, MOVING))
        error = await fault(engine, ImageAsk("m", "", scene=write_scene(wrong)))
        drawn = Media(MediaKind.IMAGE, _picture(painted).data, {"role": "base"})
        relit = Reply.of(await events_of(engine, ImageAsk("m", "make the sky red", (drawn,))))
        mask = Media(MediaKind.IMAGE, file.getvalue(), {"role": "mask"})
        unmarked = await fault(engine, ImageAsk("m", "remove this", (bytes_, mask)))
    assert painted.usage.images == 1
    (picture,) = [one for one in shown if isinstance(one, Painted)]
    assert Image.open(io.BytesIO(picture.data)).getpixel((48, 32)) == (250, 10, 10)
    assert filmed.film
    assert (filmed.film.width, filmed.film.fps, filmed.film.seconds) == (96, 12, 1.0)
    red, green, blue = Image.open(io.BytesIO(_picture(relit).data)).getpixel((3, 3))  # type: ignore[misc]
    assert red > 2 * max(green, blue)
    assert isinstance(unmarked, RequestMalformed)
    assert unmarked.facts["field"] == "mask"
    assert isinstance(error, SceneUndrawable)
    assert error.facts["at"] == "shots.only.layers.a.what"


@pytest.mark.slow
async def test_who_leaves_ends_the_work_and_the_next_is_drawn(tmp_path: Path) -> None:
    """The one place would be taken for minutes, if nobody had left it."""
    endless = replace(FILM, canvas=Canvas(1280, 720, fps=60), shots=(Shot("only", 500.0, (SEA,)),))
    async with running(tmp_path) as engine:
        async with aclosing(engine.film(VideoAsk("m", "", scene=write_scene(endless)))) as events:
            async for event in events:
                if isinstance(event, FilmProgress):
                    break
        with anyio.fail_after(30):
            assert Reply.of(await events_of(engine, PICTURE)).usage.images == 1


def test_it_can_what_it_can() -> None:
    assert Draft.features == {
        Feature.IMAGES,
        Feature.IMAGE_EDIT,
        Feature.VIDEOS,
        Feature.SCENES,
    }


async def looks(engine: Draft, scene: Scene) -> list[Event]:
    async with aclosing(engine.check(SceneAsk("m", write_scene(scene)))) as events:
        return [event async for event in events]


@pytest.mark.parametrize("scene", [STILL, FILM])
async def test_a_scene_that_can_be_drawn_is_told_without_anything_drawn(scene: Scene) -> None:
    fake = Fake(said(Drawn(0), Sound()))
    async with fake.running() as engine:
        assert isinstance(engine, Drafter)
        assert await looks(engine, scene) == [Started("m"), Finished(Stop.END, Usage())]
    (order,) = fake.orders
    assert (order.check, order.film, order.scene) == (True, scene.is_film, write_scene(scene))


async def test_a_scene_that_cannot_be_drawn_is_told_with_its_place() -> None:
    async with Fake(said(Wrong("shots.a.layers.t.text", "no", "Do."))).running() as engine:
        (failed,) = await looks(engine, FILM)
    assert isinstance(failed, Failed)
    assert failed.error.facts["at"] == "shots.a.layers.t.text"


async def test_what_of_a_prompt_is_not_shown_is_told_with_each_picture() -> None:
    fake = Fake(said(Begun(write_scene(STILL), ("No art of a glorb.",), 1), FILE))
    async with fake.running() as engine:
        events = await events_of(engine, ImageAsk("m", "a glorb", count=2))
    notes = [one.notes for one in events if isinstance(one, Painted)]
    assert notes == [("No art of a glorb.",)] * 2
    assert sum(isinstance(one, Started) for one in events) == 1


async def test_what_cannot_be_drawn_has_used_nothing() -> None:
    async with Fake(said(Wrong("shots.a", "no", "Do."))).running() as engine:
        (failed,) = await events_of(engine, PICTURE)
    assert isinstance(failed, Failed)
