"""A form tells a codec what to do, and one that cannot be is refused by name."""

from fractions import Fraction

import pytest

from seedbed.kit.film import form as forms
from seedbed.kit.film.errors import FilmFault
from seedbed.kit.film.form import CODERS, Form, available
from tests.kit.film.made import form


def test_all_codecs_are_written_by_the_library_that_is_installed() -> None:
    assert available() == set(CODERS)


def test_the_defaults_are_those_that_write_4k_at_the_least_cost() -> None:
    told = Form(3840, 2160, 60).options(3)
    assert told == {"preset": "veryfast", "crf": "20", "threads": "3"}


def test_a_preset_and_a_quality_take_the_place_of_the_defaults() -> None:
    assert form(preset="slow", quality=0).options(1)["preset"] == "slow"
    assert form(preset="slow", quality=0).options(1)["crf"] == "0"
    assert form("av1", preset="6").options(1)["preset"] == "6"


def test_frames_a_second_are_exact() -> None:
    assert form(fps=Fraction(30_000, 1_001)).rate == Fraction(30_000, 1_001)


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"codec": "theora"}, "theora is no codec that is written: h264, hevc"),
        ({"container": "webm"}, "h264 is kept in mp4"),
        ({"codec": "gif"}, "gif is kept in gif"),
        ({"depth": 12}, "h264 has 8 or 10 bits a colour, not 12"),
        ({"codec": "vp9", "container": "webm", "depth": 10}, "vp9 has 8 bits a colour, not 10"),
        ({"width": 0}, "no picture of 0 x 64 is written"),
        ({"height": 20_000}, "no picture of 96 x 20000 is written"),
        ({"width": 97}, "h264 has even sides, and not 97 x 64"),
        ({"fps": 0}, "h264 has 1 to 240 frames a second, and not 0"),
        (
            {"codec": "gif", "container": "gif", "fps": 60},
            "gif has 1 to 50 frames a second, and not 60",
        ),
        ({"quality": 52}, "quality 52 is none of 0 to 51"),
        ({"key_every": 0}, "0 frames are no interval"),
        ({"preset": "fast:crf=1"}, "fast:crf=1 is no preset of h264"),
        ({"codec": "av1", "preset": "slow"}, "slow is no preset of av1"),
    ],
)
def test_a_form_that_cannot_be_is_refused_by_name(told: dict[str, object], why: str) -> None:
    with pytest.raises(FilmFault, match=why):
        form(**told)  # type: ignore[arg-type]


def test_a_codec_that_the_library_lacks_is_not_available(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "codecs_available", {"libx264"})
    assert available() == {"h264"}
