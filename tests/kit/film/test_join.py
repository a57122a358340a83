"""Pieces become one film with every frame as it was, and no gap at the seams."""

from fractions import Fraction
from pathlib import Path

import av
import pytest

from seedbed.kit.film.encode import Encoder
from seedbed.kit.film.errors import FilmFault
from seedbed.kit.film.form import Form
from seedbed.kit.film.join import join
from seedbed.kit.film.probing import probe
from seedbed.kit.film.read import frames
from tests.kit.film.made import NTSC, film, form, frame, unhurried
from tests.kit.media import made


@pytest.mark.parametrize(
    ("codec", "container", "fps"),
    [
        ("h264", "mp4", 60),
        ("h264", "mp4", NTSC),
        ("hevc", "mp4", 60),
        ("av1", "mp4", 60),
        ("vp9", "webm", 60),
    ],
)
def test_the_whole_shows_the_frames_of_its_pieces_at_even_moments(
    tmp_path: Path, codec: str, container: str, fps: int | Fraction
) -> None:
    given = form(codec, container, fps=fps, depth=10 if codec in {"hevc", "av1"} else 8)
    spans = (range(17), range(17, 18), range(18, 48))
    pieces = [film(tmp_path / f"{span.start}", span, given) for span in spans]
    whole = tmp_path / "whole"
    assert join(pieces, whole) == 48
    apart = [picture for piece in pieces for picture in frames(piece)]
    together = list(frames(whole))
    assert all((one == other).all() for one, other in zip(apart, together, strict=True))
    found = probe(whole)
    assert (found.frames, found.fps) == (48, fps)
    with av.open(str(whole)) as opened:
        moments = [picture.time for picture in opened.decode(video=0)]
        tag = opened.streams.video[0].codec_tag
    for number, moment in enumerate(moments):
        assert abs(moment - number / fps) < (0.001 if container == "webm" else 1e-6)
    assert codec != "hevc" or tag == "hvc1"


def test_one_piece_is_a_film_too(tmp_path: Path) -> None:
    assert join([film(tmp_path / "piece", range(3))], tmp_path / "whole") == 3


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (form("hevc"), "the codec: h264 and hevc"),
        (form("vp9", "webm"), "the container: mp4 and webm"),
        (form(width=94), "the size: 96 x 64 and 94 x 64"),
        (form(depth=10), "the pixels: yuv420p and yuv420p10le"),
        (form(fps=25), "the frames a second: 30 and 25"),
        (form(preset="slow"), "the settings of the codec"),
    ],
)
def test_pieces_of_other_forms_are_refused_by_what_differs(
    tmp_path: Path, other: Form, why: str
) -> None:
    pieces = [film(tmp_path / "first", range(3)), tmp_path / "second"]
    with Encoder(pieces[1], other) as encoder:
        encoder.write(frame(0, other.width))
    with pytest.raises(FilmFault, match=f"piece 2 differs from the first in {why}"):
        join(pieces, tmp_path / "whole")
    assert not (tmp_path / "whole").exists()


def test_nothing_and_what_is_no_film_is_not_joined(tmp_path: Path) -> None:
    with pytest.raises(FilmFault, match="there is no piece"):
        join([], tmp_path / "whole")
    with pytest.raises(FilmFault, match="it does not say how many frames a second it has"):
        join([unhurried(tmp_path)], tmp_path / "whole")
    (tmp_path / "foreign").write_bytes(made.film(9))
    with pytest.raises(FilmFault, match="mpeg4 in mp4 is not put together here"):
        join([tmp_path / "foreign"], tmp_path / "whole")
    for name, data in (("sound", made.sound()), ("picture", made.picture())):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(FilmFault, match="it is no film in MP4 or WebM"):
            join([tmp_path / name], tmp_path / "whole")
