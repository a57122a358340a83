"""Films made of pictures: their boxes are whole, and a player sees every frame."""

import io
from importlib import import_module
from itertools import islice
from typing import Any

import pytest

from seedbed.kit.media.mp4 import mp4
from seedbed.kit.media.png import moving
from seedbed.kit.media.sniffing import media_type_of


def film(count: int) -> bytes:
    frames = list(islice(moving(bytes(range(48)), 64, 32), count))
    return mp4(frames, 64, 32, 24, kind=b"png ")


def test_each_box_is_as_long_as_it_says() -> None:
    rest, kinds = film(3), list[bytes]()
    assert media_type_of(rest) == "video/mp4"
    while rest:
        length = int.from_bytes(rest[:4])
        kinds.append(rest[4:8])
        rest = rest[length:]
    assert kinds == [b"ftyp", b"moov", b"mdat"]


def test_the_frames_lie_where_the_table_says() -> None:
    made = film(3)
    at = made.index(b"stco") + 12
    assert made[int.from_bytes(made[at : at + 4]) :].startswith(b"\x89PNG")


@pytest.mark.slow
def test_a_player_sees_every_frame() -> None:
    av: Any = import_module("av")
    with av.open(io.BytesIO(film(25))) as played:
        (stream,) = played.streams
        assert (stream.width, stream.height, stream.average_rate) == (64, 32, 24)
        frames = [frame.to_ndarray(format="rgb24") for frame in played.decode(video=0)]
    assert len(frames) == 25
    assert (frames[0] != frames[1]).any()
