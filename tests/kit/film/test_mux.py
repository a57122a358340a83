"""A film gets its sound and its captions, and keeps its pictures."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from seedbed.kit.film.caption import Caption
from seedbed.kit.film.errors import FilmFault
from seedbed.kit.film.mux import mux
from seedbed.kit.film.read import frames
from seedbed.kit.film.sound import RATE, Block, blocks
from tests.kit.film.made import film, form, tone


def said(path: Path) -> list[tuple[float, float, str]]:
    """What is shown from when to when."""
    with av.open(str(path)) as opened:
        stream = opened.streams.subtitles[0]
        packets = [packet for packet in opened.demux(stream) if packet.size]
        begun = 2 if stream.codec_context.name == "mov_text" else 0
        return [
            (*span(packet), bytes(packet)[begun:].decode())
            for packet in packets
            if packet.size > begun
        ]


def span(packet: Any) -> tuple[float, float]:
    """From when to when, in seconds."""
    begin, end = packet.pts, packet.pts + packet.duration
    return round(float(begin * packet.time_base), 3), round(float(end * packet.time_base), 3)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("codec", "container", "sound"), [("h264", "mp4", "aac"), ("vp9", "webm", "opus")]
)
def test_pictures_are_kept_sound_is_heard_and_captions_are_shown(
    tmp_path: Path, codec: str, container: str, sound: str
) -> None:
    silent = film(tmp_path / "silent", range(60), form(codec, container))
    captions = [Caption(0.25, 0.75, "你好 世界\nhello"), Caption(1, 1.5, "two")]
    whole = tmp_path / "whole"
    mux(silent, whole, sound=[tone(1.0), tone(1.0)], captions=captions)
    pairs = zip(frames(silent), frames(whole), strict=True)
    assert all((one == other).all() for one, other in pairs)
    assert said(whole) == [(0.25, 0.75, "你好 世界\nhello"), (1.0, 1.5, "two")]
    heard = np.concatenate(list(blocks(whole)))
    assert abs(len(heard) - 2 * RATE) < 1_024
    assert 0.28 < np.abs(heard[RATE // 2 : RATE]).max() < 0.33
    with av.open(str(whole)) as opened:
        assert opened.streams.audio[0].codec_context.codec.canonical_name == sound


def test_words_are_shown_as_they_are_and_are_no_commands(tmp_path: Path) -> None:
    silent = film(tmp_path / "silent", range(60))
    words = ["{x} 100 % \\ok", "C:\\new\\Names", "{\\b1}bold"]
    captions = [Caption(at, at + 0.5, text) for at, text in enumerate(words)]
    mux(silent, tmp_path / "whole", captions=captions)
    assert [text.replace("\u2060", "") for _, _, text in said(tmp_path / "whole")] == words


def test_a_film_without_sound_stays_without(tmp_path: Path) -> None:
    silent = film(tmp_path / "silent", range(5))
    mux(silent, tmp_path / "whole")
    with av.open(str(tmp_path / "whole")) as opened:
        assert len(opened.streams.audio) == len(opened.streams.subtitles) == 0


@pytest.mark.slow
def test_a_sound_is_taken_as_the_film_goes_on_and_not_all_at_once(tmp_path: Path) -> None:
    silent = film(tmp_path / "silent", range(300))
    places = list[int]()

    def coming() -> Iterator[Block]:
        for _ in range(10):
            places.append((tmp_path / "target").stat().st_size)
            yield tone(1.0)

    with (tmp_path / "target").open("w+b") as target:
        mux(silent, target, sound=coming())
    assert len(places) == 10


@pytest.mark.parametrize(("begin", "end"), [(1, 1), (2, 1), (-1, 1), (0, float("nan"))])
def test_a_caption_begins_before_it_ends(begin: float, end: float) -> None:
    with pytest.raises(FilmFault, match="a caption begins before it ends"):
        Caption(begin, end, "words")


def test_captions_that_overlap_are_refused(tmp_path: Path) -> None:
    silent = film(tmp_path / "silent", range(5))
    with pytest.raises(FilmFault, match=r"the caption that ends at 1.5 s overlaps the next"):
        mux(silent, tmp_path / "whole", captions=[Caption(1, 1.5, "a"), Caption(1.2, 2, "b")])
