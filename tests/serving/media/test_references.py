"""What pictures and films go by reaches an engine as what was written here, or not at all."""

import hashlib
import io
import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

import pytest
from PIL import Image, PngImagePlugin

from seedbed.core.ask import AnyAsk, Ask, ImageAsk
from seedbed.core.errors import ArtifactUnknown, MediumRefused, SeedbedError
from seedbed.core.event import Event, Failed, Finished, Stop
from seedbed.core.film import VideoAsk
from seedbed.core.message import Media, MediaKind
from seedbed.core.scene.form import IN_PNG, PIXELS
from seedbed.core.usage import Usage
from seedbed.kit.media.fetching import Fetcher
from seedbed.kit.media.orders import Order as Work
from seedbed.kit.media.orders import Piece
from seedbed.kit.media.workshop import Workshop
from seedbed.serving.account import Order
from seedbed.serving.media import references
from seedbed.serving.media.limits import MediaLimits
from seedbed.serving.media.references import References, Table
from tests.kit.media.made import film, opened, picture, sound
from tests.serving.houses import PRINCIPAL
from tests.serving.media.shops import HASH, WITHIN, AtHand, Kept

pytestmark = pytest.mark.anyio


class Road:
    """The road behind, that keeps what comes to it."""

    def __init__(
        self, kept: bytes = b"", workshop: Workshop | None = None, fetcher: Fetcher = WITHIN
    ) -> None:
        self.asked: list[AnyAsk] = []
        limits = MediaLimits(most_bytes=1 << 20, seconds=5.0)
        table = Table(fetcher, Kept(kept), workshop or AtHand(), limits)
        self.references = References(self._generate, table)

    async def _generate(self, order: Order) -> AsyncGenerator[Event]:
        self.asked.append(order.ask)
        yield Finished(Stop.END, Usage())

    async def given(self, *refs: Media) -> list[Event]:
        ask = VideoAsk("m", "a", refs)
        async with aclosing(self.references.generate(Order(ask, PRINCIPAL, "req_1"))) as events:
            return [event async for event in events]

    async def refused(self, *refs: Media) -> SeedbedError:
        (only,) = await self.given(*refs)
        assert isinstance(only, Failed)
        assert not self.asked
        return only.error


def shown(source: str | bytes, kind: MediaKind = MediaKind.IMAGE) -> Media:
    return Media(kind, source, {"role": "reference_image"})


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "WEBP"])
async def test_an_engine_is_given_a_png_that_was_written_here(kind: str) -> None:
    road, data = Road(), picture(kind=kind, colour=(9, 200, 9))
    await road.given(shown(data))
    (asked,) = road.asked
    assert isinstance(asked, VideoAsk)
    (ref,) = asked.refs
    assert isinstance(ref.source, bytes)
    assert ref.source != data
    made = opened(ref.source)
    assert (made.format, made.mode, made.size) == ("PNG", "RGB", (40, 30))
    hash_ = hashlib.sha256(data).hexdigest()
    assert ref.options == {"role": "reference_image", "artifact": hash_}


async def test_what_is_clear_stays_so_and_the_scene_in_it_stays() -> None:
    written, said = io.BytesIO(), PngImagePlugin.PngInfo()
    said.add_itxt(IN_PNG, '{"title": "海"}', zip=True)
    said.add_itxt(PIXELS, "ab", zip=True)
    said.add_text("where", "I live")
    Image.new("RGBA", (8, 8), (250, 0, 0, 0)).save(written, "PNG", pnginfo=said)
    road = Road(written.getvalue())
    await road.given(shown(HASH))
    (asked,) = road.asked
    assert isinstance(asked, VideoAsk)
    source = asked.refs[0].source
    assert isinstance(source, bytes)
    made = opened(source)
    assert isinstance(made, PngImagePlugin.PngImageFile)
    assert made.getpixel((0, 0)) == (250, 0, 0, 0)
    assert made.text == {IN_PNG: '{"title": "海"}', PIXELS: "ab"}


async def test_films_and_sounds_that_can_be_read_go_on_as_they_came() -> None:
    road, moving, heard = Road(), film(frames=3), sound()
    await road.given(shown(moving, MediaKind.VIDEO), shown(heard, MediaKind.AUDIO))
    (asked,) = road.asked
    assert isinstance(asked, VideoAsk)
    assert [ref.source for ref in asked.refs] == [moving, heard]


@pytest.mark.parametrize(
    ("kind", "data", "why"),
    [
        (MediaKind.IMAGE, b"", "it is empty"),
        (MediaKind.IMAGE, b"<svg xmlns='http://www.w3.org/2000/svg'/>", "it is text/plain, and no"),
        (MediaKind.IMAGE, picture()[:40], "it is cut off, or no PNG"),
        (MediaKind.IMAGE, b"II*\0" + bytes(90), "it is cut off, or no PNG"),
        (MediaKind.VIDEO, b"#EXTM3U\nfile:///etc/passwd\n", "it is text/plain, and no film"),
        (MediaKind.VIDEO, sound(), "it holds no pictures"),
        (MediaKind.VIDEO, film(frames=3)[:200], "it is damaged"),
        (MediaKind.AUDIO, b"ffconcat version 1.0\nfile /etc/passwd", "and no sound that is read"),
        (MediaKind.AUDIO, film(frames=3), "it holds no sound"),
    ],
)
async def test_what_cannot_be_read_is_refused_before_anybody_paints(
    kind: MediaKind, data: bytes, why: str
) -> None:
    error = await Road().refused(shown(data, kind))
    assert isinstance(error, MediumRefused)
    assert why in error.what
    assert error.facts["field"] == "refs"


@pytest.mark.parametrize(
    ("source", "kind"), [("file:///etc/passwd", MediumRefused), ("1" * 64, ArtifactUnknown)]
)
async def test_what_cannot_be_had_is_refused_before_anybody_paints(
    source: str, kind: type[Exception]
) -> None:
    assert isinstance(await Road().refused(shown(source)), kind)


INWARD = [
    "http://127.0.0.1/x",
    "http://169.254.169.254/latest",
    "http://[::1]/x",
    "http://[::ffff:10.0.0.1]/",
    "http://2130706433/",
    "http://0x7f.1/",
    "http://0177.0.0.1/",
    "http://localhost/",
    "http://127.0.0.1:22/",
]


@pytest.mark.parametrize("url", INWARD)
async def test_nothing_is_fetched_from_within(url: str) -> None:
    road = Road(fetcher=Fetcher())
    error = await road.refused(shown(url))
    assert isinstance(error, MediumRefused)
    assert re.search("a network of this house's own|only the ports", error.what)


async def test_of_several_the_one_that_is_amiss_is_named() -> None:
    error = await Road().refused(shown(picture()), shown(b"GIF89a"), shown(picture()))
    assert "The image that was sent along, number 2 of 3, cannot be used" in error.what


async def test_all_together_they_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    data, road = film(frames=3), Road()
    monkeypatch.setattr(references, "_MOST_TOGETHER", 2 * len(data))
    error = await road.refused(*[shown(data, MediaKind.VIDEO)] * 3)
    assert "number 3 of 3" in error.what
    assert "with those before it" in error.what


async def test_what_is_not_ready_in_time_is_refused() -> None:
    class Slow(Workshop):
        async def make(self, given: bytes, order: Work) -> list[Piece]:
            raise TimeoutError

    error = await Road(workshop=Slow()).refused(shown(picture()))
    assert "it was not ready within 5 s" in error.what


async def test_what_goes_by_nothing_goes_on_as_it_is() -> None:
    road = Road()
    order = Order(ImageAsk("m", "a"), PRINCIPAL, "req_1")
    for one in (order, replace(order, ask=Ask("m", ()))):
        async with aclosing(road.references.generate(one)) as events:
            assert [event async for event in events]
    assert road.asked == [order.ask, Ask("m", ())]
