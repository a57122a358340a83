"""The sound of a file becomes plain, whatever the file is."""

from random import Random

import pytest
from av.codec import CodecContext

from seedbed.kit.media.errors import MediumFault
from seedbed.kit.media.orders import Coded, Sound
from seedbed.kit.media.workers import sound as worker
from seedbed.kit.media.workers.coded import coded
from seedbed.kit.media.workers.sound import plain
from tests.kit.media.made import film, sound, wav

SECOND = bytes(48_000)


@pytest.mark.parametrize(
    ("kind", "container"), [("mp3", "mp3"), ("opus", "ogg"), ("aac", "aac"), ("flac", "flac")]
)
def test_each_kind_of_file_is_as_long_as_what_it_was_made_of(kind: str, container: str) -> None:
    (file,) = coded(SECOND, Coded(kind))
    (made,) = plain(file.sound, Sound(container))
    assert 32_000 <= len(made.sound) <= 36_000


@pytest.mark.parametrize(("channels", "rate"), [(1, 8_000), (2, 8_000), (6, 48_000)])
def test_a_sound_has_one_channel_and_the_rate_that_is_wanted(channels: int, rate: int) -> None:
    (made,) = plain(wav(channels, rate, rate), Sound("wav", rate=16_000))
    assert len(made.sound) == 32_000


@pytest.mark.parametrize("channels", [1, 2])
def test_a_sound_in_two_channels_is_as_loud_as_it_was(channels: int) -> None:
    (made,) = plain(wav(channels, 8_000, 8_000), Sound("wav", rate=8_000, channels=2))
    assert made.sound == b"\0\x10" * 2 * 8_000


def test_a_sound_that_is_cut_ends_where_it_is_told() -> None:
    (made,) = plain(wav(2, 8_000, 24_000), Sound("wav", rate=8_000, channels=2, most=2, cut=True))
    assert len(made.sound) == 2 * 8_000 * 2 * 2


def test_the_sound_of_a_film_is_heard() -> None:
    (made,) = plain(sound(), Sound("mov"))
    assert len(made.sound) > 30_000


def test_a_file_that_breaks_off_is_as_long_as_what_is_there_of_it() -> None:
    (file,) = coded(Random(1).randbytes(48_000), Coded("flac"))
    (made,) = plain(file.sound[: len(file.sound) // 2], Sound("flac"))
    assert 0 < len(made.sound) < 32_000


@pytest.mark.parametrize(
    ("data", "container", "why"),
    [
        (b"", "wav", "it is damaged"),
        (b"no such thing" * 100, "mp3", "it is damaged|nothing of it"),
        (film(), "mov", "it holds no sound"),
        (wav(frames=0), "wav", "nothing of it can be heard"),
        (wav(frames=24_000), "wav", "longer than 2 s"),
    ],
)
def test_what_cannot_be_heard_is_told_in_words(data: bytes, container: str, why: str) -> None:
    with pytest.raises(MediumFault, match=why):
        plain(data, Sound(container, most=2))


def test_a_way_of_writing_that_is_not_known_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stream:
        codec_context: CodecContext | None = None

    class Container:
        class streams:  # noqa: N801 - as the library has it
            audio = (Stream(),)

        def __enter__(self) -> "Container":
            return self

        def __exit__(self, *_: object) -> None: ...

    def opened(*_: object) -> Container:
        return Container()

    monkeypatch.setattr(worker, "_opened", opened)
    with pytest.raises(MediumFault, match="in a way that is not read here"):
        plain(b"", Sound("wav"))
