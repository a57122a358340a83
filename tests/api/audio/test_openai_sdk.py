"""OpenAI's own client has texts spoken and sounds heard: whole, streamed, and in vain."""

import base64
import json
import wave
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, cast

import anyio
import httpx2
import openai
import pytest
from openai import AsyncOpenAI, OpenAI

from seedbed.api.openai.audio.speech import SoundWriter
from seedbed.api.stopping import Stopping
from seedbed.core.access import Scope
from seedbed.core.event import Finished, Reply, Stop
from seedbed.core.money import Modality
from seedbed.core.sound import ListenAsk, SpeechAsk, Spoken
from seedbed.core.usage import Usage
from seedbed.engines.base import Engine
from seedbed.engines.scripted_listener import ScriptedListener
from seedbed.engines.scripted_voice import ScriptedVoice
from seedbed.kit.clock import FakeClock
from seedbed.kit.media.orders import Sound
from seedbed.kit.media.sniffing import media_type_of
from seedbed.kit.media.workers.sound import plain
from seedbed.kit.sse import Parser
from tests.api.audio import sounds
from tests.api.audio.sounds import SAID, length, spoken, wav
from tests.api.running import Caller, House, alive, build, make_key

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.usefixtures("logged"),
    # the vendor means to end these models, and marks their methods
    pytest.mark.filterwarnings("ignore:deprecated:DeprecationWarning"),
]

SPEECH = "/v1/audio/speech"
HEARD = "/v1/audio/transcriptions"
TEXT = " ".join(SAID)
ASKED: dict[str, Any] = {"model": "voice", "voice": "alloy", "input": "one two three"}


def asked(changes: dict[str, Any]) -> dict[str, Any]:
    """What is asked for, with changes."""
    return {**ASKED, **changes}


def translating(client: AsyncOpenAI | OpenAI) -> Any:
    """The vendor means to end it, and marks its method."""
    return client.audio.translations


@pytest.fixture
def client(house: House) -> AsyncOpenAI:
    return AsyncOpenAI(
        base_url="http://house/v1", api_key=house.key, http_client=house.client(), max_retries=0
    )


@pytest.fixture
def waiting(address: tuple[str, str]) -> Iterator[OpenAI]:
    """The client that blocks."""
    url, key = address
    with OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0) as client:
        yield client


def data_of(stream: bytes) -> list[dict[str, Any]]:
    """The events of a stream."""
    return [json.loads(one) for one in Parser().feed(stream)]


async def test_a_text_is_spoken(client: AsyncOpenAI, house: House, clock: FakeClock) -> None:
    told = await client.audio.speech.with_raw_response.create(**ASKED, response_format="pcm")
    assert told.content == spoken("one", "two", "three")
    assert told.headers["content-type"] == "audio/pcm"
    with anyio.fail_after(20):
        while not (found := house.ledger.entries(last=1)):
            await clock.advance(1)
    (entry,) = found
    assert entry.request_id == told.headers["x-request-id"]
    assert (entry.modality, entry.usage.input, entry.usage.output) == (Modality.AUDIO, 3, 0)
    assert entry.usage.sound_milliseconds == 600


async def test_a_wav_is_what_others_read(client: AsyncOpenAI) -> None:
    told = await client.audio.speech.create(**ASKED, response_format="wav")
    with wave.open(BytesIO(told.content)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 24_000)
        assert file.readframes(1 << 20) == spoken("one", "two", "three")


@pytest.mark.parametrize(
    ("form", "media", "container"),
    [
        ("mp3", "audio/mpeg", "mp3"),
        ("opus", "audio/ogg", "ogg"),
        ("aac", "audio/aac", "aac"),
        ("flac", "audio/flac", "flac"),
    ],
)
async def test_it_is_written_in_the_format_that_is_wanted(
    client: AsyncOpenAI, form: Any, media: str, container: str
) -> None:
    told = await client.audio.speech.with_raw_response.create(**ASKED, response_format=form)
    assert told.headers["content-type"] == media_type_of(told.content) == media
    (piece,) = plain(told.content, Sound(container))
    assert length(piece.sound, 16_000) == pytest.approx(0.6, abs=0.11)


async def test_mp3_is_written_if_nothing_is_said_of_it(client: AsyncOpenAI) -> None:
    told = await client.audio.speech.create(**ASKED)
    assert media_type_of(told.content) == "audio/mpeg"


def test_speech_comes_to_one_who_blocks_while_it_is_spoken(waiting: OpenAI) -> None:
    with waiting.audio.speech.with_streaming_response.create(
        **ASKED, response_format="pcm"
    ) as told:
        assert b"".join(told.iter_bytes()) == spoken("one", "two", "three")
    assert waiting.audio.speech.create(**ASKED, response_format="pcm").content == spoken(
        "one", "two", "three"
    )


async def test_speech_comes_in_events(client: AsyncOpenAI) -> None:
    async with client.audio.speech.with_streaming_response.create(
        **ASKED, response_format="pcm", stream_format="sse"
    ) as told:
        assert told.headers["content-type"] == "text/event-stream; charset=utf-8"
        *deltas, done = data_of(await told.read())
    assert [one["type"] for one in deltas] == ["speech.audio.delta"] * 3
    assert b"".join(base64.b64decode(one["audio"]) for one in deltas) == spoken(
        "one", "two", "three"
    )
    assert done["type"] == "speech.audio.done"
    assert done["usage"] == {"input_tokens": 3, "output_tokens": 0, "total_tokens": 3}
    assert (done["seedbed"]["seconds"], done["seedbed"]["cost"]) == (0.6, "0.000000")


async def test_how_it_is_to_be_spoken_reaches_the_voice(
    client: AsyncOpenAI, engines: dict[str, Engine]
) -> None:
    await client.audio.speech.create(
        model="voice",
        voice={"id": "voice_1"},
        input="one",
        instructions="softly",
        speed=2.0,
        response_format="pcm",
        extra_body={"mood": "bright"},
    )
    extra = {"openai": {"mood": "bright"}}
    wanted = SpeechAsk("voice", "one", "voice_1", "softly", "pcm", 2.0, extra=extra)
    assert cast(ScriptedVoice, engines["voice"]).asked == [wanted]


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"input": ""}, "input"),
        ({"input": "  \n"}, "input"),
        ({"input": "a" * 4_097}, "input"),
        ({"speed": 0.2}, "speed"),
        ({"speed": 5}, "speed"),
        ({"response_format": "ogg"}, "response_format"),
        ({"stream_format": "tones"}, "stream_format"),
        ({"voice": ""}, "voice"),
        ({"model": "listener"}, "model"),
    ],
)
async def test_what_cannot_be_spoken_is_refused_by_name(
    client: AsyncOpenAI, options: dict[str, Any], field: str
) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        await client.audio.speech.create(**asked(options))
    assert caught.value.param == field


async def test_a_text_that_is_too_long_for_its_model_is_refused(client: AsyncOpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        await client.audio.speech.create(**asked({"input": "a " * 64}))
    assert caught.value.code == "context_length_exceeded"


@pytest.mark.parametrize("form", ["pcm", "wav", "mp3"])
async def test_what_fails_before_its_first_sound_is_a_status(
    client: AsyncOpenAI, form: Any
) -> None:
    with pytest.raises(openai.RateLimitError):
        await client.audio.speech.create(**asked({"model": "mute"}), response_format=form)


def test_a_file_that_fails_on_its_way_breaks_off(waiting: OpenAI) -> None:
    wanted = asked({"model": "hoarse", "response_format": "pcm"})
    with (
        pytest.raises(httpx2.RemoteProtocolError),
        waiting.audio.speech.with_streaming_response.create(**wanted) as told,
    ):
        told.read()


async def test_a_file_that_the_server_waits_for_no_longer_breaks_off(
    home: Path, clock: FakeClock
) -> None:
    stopping = Stopping()
    app = build(sounds.engines(), home=home, clock=clock, stopping=stopping)
    body = json.dumps(asked({"response_format": "pcm"})).encode()
    caller = Caller(body, key=make_key(home, Scope.MODELS), path=SPEECH, stalls_after=2)
    async with alive(app), anyio.create_task_group() as tasks:
        tasks.start_soon(caller.ask, app)
        while len(caller.sent) < 2:
            await anyio.sleep(0.001)
        stopping.cut()
    start, first = caller.sent
    assert (start["status"], first["body"], first["more_body"]) == (200, spoken("one"), True)


async def test_a_voice_that_says_nothing_has_failed(client: AsyncOpenAI) -> None:
    with pytest.raises(openai.InternalServerError, match="spoke no sound"):
        await client.audio.speech.create(**asked({"model": "silent"}), response_format="pcm")


def test_what_is_spoken_is_a_file_as_a_whole() -> None:
    end = Finished(Stop.END, Usage())
    assert SoundWriter().whole(Reply.of([Spoken(b"a"), Spoken(b"b"), end])) == b"ab"


async def test_events_tell_what_failed_on_the_way(client: AsyncOpenAI) -> None:
    wanted = asked({"model": "hoarse", "response_format": "pcm", "stream_format": "sse"})
    async with client.audio.speech.with_streaming_response.create(**wanted) as told:
        first, last = data_of(await told.read())
    assert first["type"] == "speech.audio.delta"
    assert "its throat is sore" in last["error"]["message"]


async def test_who_leaves_silences_the_voice(house: House, engines: dict[str, Engine]) -> None:
    text = " ".join("abcdefghijklmnopqrstuvwxyz")
    body = json.dumps(asked({"input": text, "response_format": "pcm"})).encode()
    await Caller(body, key=house.key, path=SPEECH, leaves_after=2).ask(house.app)
    assert 1 <= cast(ScriptedVoice, engines["voice"]).steps <= 3


async def test_a_sound_is_heard(client: AsyncOpenAI) -> None:
    told = await client.audio.transcriptions.create(model="listener", file=("a.wav", wav(2.0)))
    assert told.text == TEXT
    usage = cast(Any, told.usage)
    assert (usage.type, usage.seconds) == ("duration", 2.0)
    assert cast(Any, told.model_extra)["seedbed"]["cost"] == "0.000000"


def test_a_sound_is_heard_for_one_who_blocks(waiting: OpenAI) -> None:
    told = waiting.audio.transcriptions.create(model="plain", file=wav(1.5, rate=44_100))
    assert told.text == "1.5 seconds of sound."
    stream = waiting.audio.transcriptions.create(model="listener", file=wav(), stream=True)
    assert [event.type for event in stream] == [
        *["transcript.text.delta"] * 7,
        "transcript.text.done",
    ]
    assert translating(waiting).create(model="listener", file=wav()).text == TEXT


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ("text", f"{TEXT}\n"),
        (
            "srt",
            "1\n00:00:00,000 --> 00:00:01,000\nthe barn is red\n\n"
            "2\n00:00:01,000 --> 00:00:02,000\nand it burns\n\n",
        ),
        (
            "vtt",
            "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nthe barn is red\n\n"
            "00:00:01.000 --> 00:00:02.000\nand it burns\n\n",
        ),
    ],
)
async def test_what_is_heard_is_written_plainly(client: AsyncOpenAI, form: Any, told: str) -> None:
    asked: dict[str, Any] = {"model": "listener", "file": wav(2.0), "response_format": form}
    assert await client.audio.transcriptions.create(**asked) == told
    assert await translating(client).create(**asked) == told


async def test_times_are_told_where_they_are_wanted(
    client: AsyncOpenAI, engines: dict[str, Engine]
) -> None:
    asked: dict[str, Any] = {"model": "listener", "file": wav(2.0), "language": "fr"}
    asked |= {"response_format": "verbose_json", "prompt": "A tale.", "temperature": 0.5}
    told = await client.audio.transcriptions.create(**asked)
    assert (told.language, told.duration, told.text, told.words) == ("fr", 2.0, TEXT, None)
    assert [(one.id, one.start, one.end, one.text) for one in told.segments] == [
        (0, 0.0, 1.0, SAID[0]),
        (1, 1.0, 2.0, SAID[1]),
    ]
    both = await client.audio.transcriptions.create(
        **asked, timestamp_granularities=["word", "segment"]
    )
    assert len(both.segments) == 2
    words = await client.audio.transcriptions.create(**asked, timestamp_granularities=["word"])
    assert words.segments is None
    assert [(one.word, one.start, one.end) for one in words.words[:2]] == [
        ("the", 0.0, 0.25),
        ("barn", 0.25, 0.5),
    ]
    first, *_, last = cast(ScriptedListener, engines["listener"]).asked
    heard = bytes(64_000)
    wanted = ListenAsk("listener", heard, language="fr", prompt="A tale.", temperature=0.5)
    assert first == replaced(wanted, words=False)
    assert last == replaced(wanted, words=True)


def replaced(ask: ListenAsk, *, words: bool) -> ListenAsk:
    """The same as the engine has it."""
    return ListenAsk(
        ask.model,
        ask.sound,
        language=ask.language,
        prompt=ask.prompt,
        words=words,
        temperature=ask.temperature,
        length=2_000,
    )


async def test_a_translation_tells_its_task(
    client: AsyncOpenAI, engines: dict[str, Engine]
) -> None:
    told = await translating(client).create(
        model="listener", file=wav(2.0), response_format="verbose_json", prompt="A tale."
    )
    assert (told.language, told.duration, told.text) == ("english", 2.0, TEXT)
    assert told.segments is not None
    assert len(told.segments) == 2
    (asked,) = cast(ScriptedListener, engines["listener"]).asked
    assert (asked.task, asked.prompt) == ("translate", "A tale.")


async def test_words_come_as_they_are_heard(client: AsyncOpenAI) -> None:
    stream = await client.audio.transcriptions.create(
        model="listener", file=wav(2.0), stream=True, response_format="json"
    )
    *deltas, done = [event async for event in stream]
    assert "".join(cast(Any, one).delta for one in deltas) == TEXT
    assert done.type == "transcript.text.done"
    assert done.text == TEXT
    assert done.usage is not None
    assert (done.usage.input_tokens, done.usage.output_tokens) == (0, 7)


async def test_what_breaks_while_it_is_heard_is_told(client: AsyncOpenAI) -> None:
    with pytest.raises(openai.InternalServerError):
        await client.audio.transcriptions.create(model="torn", file=wav())
    stream = await client.audio.transcriptions.create(model="torn", file=wav(), stream=True)
    with pytest.raises(openai.APIError, match="its throat is sore"):
        _ = [event async for event in stream]
    with pytest.raises(openai.InternalServerError):
        await translating(client).create(model="deaf", file=wav())


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"response_format": "diarized_json"}, "response_format"),
        ({"response_format": "rhymes"}, "response_format"),
        ({"include": ["logprobs"]}, "include"),
        ({"chunking_strategy": {"type": "server_vad"}}, "chunking_strategy"),
        ({"known_speaker_names": ["ann"]}, "known_speaker_names"),
        ({"known_speaker_references": ["data:,"]}, "known_speaker_references"),
        ({"keywords": ["barn"]}, "keywords"),
        ({"languages": ["en", "fr"]}, "languages"),
        ({"temperature": 2}, "temperature"),
        ({"timestamp_granularities": ["word"]}, "timestamp_granularities"),
        (
            {"timestamp_granularities": ["year"], "response_format": "verbose_json"},
            "timestamp_granularities",
        ),
        ({"stream": True, "response_format": "srt"}, "stream"),
        ({"prompt": "a " * 64}, "prompt"),
        ({"model": "voice"}, "model"),
        ({"file": b"no sound at all"}, "file"),
        ({"file": b"RIFF\0\0\0\0WAVE and nothing"}, "file"),
        ({"file": b""}, "file"),
    ],
)
async def test_what_cannot_be_heard_is_refused_by_name(
    client: AsyncOpenAI, options: dict[str, Any], field: str
) -> None:
    asked: dict[str, Any] = {"model": "listener", "file": wav(), **options}
    with pytest.raises(openai.BadRequestError) as caught:
        await client.audio.transcriptions.create(**asked)
    assert caught.value.param == field


async def test_what_is_harmless_is_passed_over(client: AsyncOpenAI) -> None:
    told = await client.audio.transcriptions.create(
        model="listener", file=wav(), chunking_strategy="auto", extra_body={"mood": "bright"}
    )
    assert told.text == TEXT


async def test_a_translation_tells_no_speakers_apart(client: AsyncOpenAI) -> None:
    options: dict[str, Any] = {"response_format": "diarized_json"}
    with pytest.raises(openai.BadRequestError, match="speakers"):
        await translating(client).create(model="listener", file=wav(), **options)


@pytest.mark.parametrize(
    ("files", "status", "told"),
    [
        ([], 400, "Field 'file' is missing"),
        ([("file", wav()), ("file", wav())], 400, "comes 2 times"),
        ([("file", bytes((25 << 20) + 1))], 413, "26,214,400 bytes"),
    ],
)
async def test_a_form_has_one_file_of_a_size_that_is_taken(
    house: House, files: list[tuple[str, bytes]], status: int, told: str
) -> None:
    parts = files or [("other", b"x")]
    async with house.client() as client:
        answer = await client.post(HEARD, data={"model": "listener"}, files=parts)
    assert answer.status_code == status, answer.text
    assert told in answer.json()["error"]["message"]


async def test_a_form_that_is_none_is_refused(house: House) -> None:
    async with house.client() as client:
        answer = await client.post(HEARD, json={"model": "listener"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "request_malformed")
