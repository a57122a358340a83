"""Sound is made ready on both sides of the road."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from seedbed.core.access import Principal
from seedbed.core.ask import AnyAsk, EmbedAsk
from seedbed.core.errors import EngineFailed, FieldUnserved, MediumRefused
from seedbed.core.event import Event, Failed, Finished, Started, Stop
from seedbed.core.sound import ListenAsk, SpeechAsk, Spoken
from seedbed.core.usage import Usage
from seedbed.kit.media.errors import MediumFault
from seedbed.kit.media.orders import Order as Wanted
from seedbed.kit.media.orders import Piece
from seedbed.kit.media.workshop import Workshop
from seedbed.serving.account import Order
from seedbed.serving.media import sounding
from seedbed.serving.media.sounding import Sounding
from tests.api.audio.sounds import AtHand, wav

pytestmark = pytest.mark.anyio

WHO = Principal("u", "p", "key_1", frozenset())
END = Finished(Stop.END, Usage())
SPEECH = SpeechAsk("m", "one", "ann")


class Road:
    """A road that tells what it was told to, and keeps what it was asked."""

    def __init__(self, *events: Event) -> None:
        self.events, self.asked = events, list[AnyAsk]()
        self.closed = 0

    async def generate(self, order: Order) -> AsyncGenerator[Event]:
        self.asked.append(order.ask)
        try:
            for event in self.events:
                yield event
        finally:
            self.closed += 1


class Broken(Workshop):
    async def make(self, given: bytes, order: Wanted) -> list[Piece]:
        raise MediumFault("its hammer broke")


async def told(road: Road, ask: AnyAsk, workshop: Workshop | None = None) -> list[Event]:
    sounds = Sounding(road.generate, workshop or AtHand())
    async with aclosing(sounds.generate(Order(ask, WHO, "req_1"))) as events:
        return [event async for event in events]


async def test_what_is_no_sound_goes_its_way() -> None:
    ask, road = EmbedAsk("m", ("a",)), Road(Started("m"), END)
    assert await told(road, ask, Broken()) == [Started("m"), END]
    assert road.asked == [ask]


async def test_a_file_is_heard_as_plain_sound_of_a_known_length() -> None:
    road = Road(Started("m"), END)
    assert await told(road, ListenAsk("m", wav(0.5, rate=8_000), prompt="a")) == [Started("m"), END]
    (asked,) = road.asked
    assert asked == ListenAsk("m", bytes(16_000), prompt="a", length=500)


@pytest.mark.parametrize("data", [b"", b"words", b"%PDF-1.7", bytes(9)])
async def test_what_is_no_sound_is_not_heard(data: bytes) -> None:
    road = Road(END)
    (only,) = await told(road, ListenAsk("m", data))
    assert isinstance(only, Failed)
    assert isinstance(only.error, MediumRefused)
    assert (only.error.facts["field"], road.asked) == ("sound", [])


async def test_plain_sound_goes_on_as_it_comes() -> None:
    events = Started("m"), Spoken(b"ab"), END
    assert await told(Road(*events), SpeechAsk("m", "a", "b", format="pcm"), Broken()) == [*events]


async def test_a_wav_begins_with_its_head_once() -> None:
    road = Road(Started("m"), Spoken(b"ab"), Spoken(b"cd"), END)
    _, first, second, end = await told(road, SpeechAsk("m", "a", "b", format="wav"), Broken())
    assert isinstance(first, Spoken)
    assert (first.data[:4], first.data[44:], first.media) == (b"RIFF", b"ab", "audio/wav")
    assert (second, end) == (Spoken(b"cd", "audio/wav"), END)


async def test_other_files_are_written_when_all_of_it_is_there() -> None:
    road = Road(Started("m"), Spoken(bytes(4_800)), Spoken(bytes(4_800)), END)
    started, made, end = await told(road, SPEECH)
    assert isinstance(made, Spoken)
    assert (started, made.media, made.data[:3], end) == (Started("m"), "audio/mpeg", b"ID3", END)


async def test_what_cannot_be_written_is_told() -> None:
    (only,) = await told(Road(Spoken(b"ab"), END), SPEECH, Broken())
    assert isinstance(only, Failed)
    assert "cannot be written as mp3: its hammer broke" in only.error.what


async def test_what_fails_is_not_written() -> None:
    failed = Failed(EngineFailed("m", why="its throat is sore"))
    assert await told(Road(Spoken(b"ab"), failed), SPEECH, Broken()) == [failed]


async def test_a_file_is_refused_by_name_where_nothing_can_write_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sounding, "can_film", lambda: False)
    road = Road(END)
    (only,) = await told(road, SPEECH)
    assert isinstance(only, Failed)
    assert isinstance(only.error, FieldUnserved)
    assert (only.error.facts["field"], road.asked) == ("format", [])


async def test_who_leaves_stops_the_work() -> None:
    road = Road(Spoken(b"ab"), Spoken(b"cd"), END)
    sounds = Sounding(road.generate, AtHand())
    order = Order(SpeechAsk("m", "a", "b", format="wav"), WHO, "req_1")
    async with aclosing(sounds.generate(order)) as events:
        await anext(events)
    assert road.closed == 1
