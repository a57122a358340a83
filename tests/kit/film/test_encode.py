"""What is written can be read, shows what was put in, and is there whole or not at all."""

import io
import resource
import signal
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image, ImageSequence

from seedbed.kit.film import form as forms
from seedbed.kit.film.encode import Encoder
from seedbed.kit.film.errors import FilmFault, NoRoom
from seedbed.kit.film.form import Form
from seedbed.kit.film.probing import probe
from seedbed.kit.film.read import frames
from tests.kit.film.made import BAR, GROUND, film, form, frame

FILMS = [
    ("h264", "mp4", 8),
    ("h264", "mp4", 10),
    ("hevc", "mp4", 8),
    ("hevc", "mp4", 10),
    ("av1", "mp4", 10),
    ("av1", "webm", 8),
    ("vp9", "webm", 8),
    ("gif", "gif", 8),
]


@pytest.mark.parametrize(("codec", "container", "depth"), FILMS)
def test_each_form_shows_what_was_put_in(
    tmp_path: Path, codec: str, container: str, depth: int
) -> None:
    path = film(tmp_path / "film", range(10), form(codec, container, depth=depth))
    shown = list(frames(path))
    assert len(shown) == 10
    for number, picture in enumerate(shown):
        wanted = frame(number)
        for column, colour in ((4 * number + 4, BAR), (4 * number + 20, GROUND)):
            assert tuple(wanted[32, column]) == colour
            assert np.abs(picture[32, column].astype(int) - colour).max() < 16
    found = probe(path)
    assert (found.codec, found.width, found.height, found.frames) == (codec, 96, 64, 10)
    assert codec == "gif" or (found.depth, found.fps) == (depth, 30)


def test_colours_are_said_in_the_file(tmp_path: Path) -> None:
    path = film(tmp_path / "film.mp4", range(3))
    with av.open(str(path)) as container:
        context = container.streams.video[0].codec_context
        tags = (context.colorspace, context.color_primaries, context.color_trc, context.color_range)
        assert tags == (1, 1, 1, 1)


def test_frames_that_stand_by_themselves_come_as_often_as_was_said_at_least(tmp_path: Path) -> None:
    for codec in ("h264", "hevc", "av1"):
        path = film(tmp_path / codec, range(20), form(codec, key_every=5))
        with av.open(str(path)) as container:
            packets = [packet for packet in container.demux(video=0) if packet.size]
        keys = [(packet.pts or 0) // 512 for packet in packets if packet.is_keyframe]
        assert keys[0] == 0
        assert max(np.diff([*keys, 20])) == 5


@pytest.mark.slow
@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_a_film_of_a_frame_or_two_is_a_film(tmp_path: Path, codec: str) -> None:
    for count in (1, 2, 3) * 4:
        path = film(tmp_path / "film", range(count), form(codec, depth=10))
        assert probe(path).frames == len(list(frames(path))) == count


def test_a_png_holds_one_picture_exactly(tmp_path: Path) -> None:
    path = tmp_path / "still.png"
    with Encoder(path, form("png", "png")) as encoder:
        encoder.write(frame(3))
    assert (np.asarray(Image.open(path)) == frame(3)).all()
    with pytest.raises(FilmFault, match="png holds one picture, and this is the second"):
        film(tmp_path / "two.png", range(2), form("png", "png"))


def test_a_webp_moves(tmp_path: Path) -> None:
    path = film(tmp_path / "film.webp", range(5), form("webp", "webp", quality=100))
    with Image.open(path) as image:
        shown = [np.asarray(each.convert("RGB")) for each in ImageSequence.Iterator(image)]
    assert len(shown) == 5
    assert np.abs(shown[4][32, 20].astype(int) - BAR).max() < 8


def test_a_file_that_is_open_is_written_into() -> None:
    written = io.BytesIO()
    with Encoder(written, form()) as encoder:
        encoder.write(frame(0))
    assert written.getvalue()[4:8] == b"ftyp"


def test_nothing_lies_there_before_the_end_or_after_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "films" / "film.mp4"
    encoder = Encoder(path, form())
    with pytest.raises(ZeroDivisionError), encoder:  # noqa: PT012 - the block is what is tried
        encoder.write(frame(0))
        assert not path.exists()
        raise ZeroDivisionError
    assert list(path.parent.iterdir()) == []


def test_what_was_there_before_stays_when_a_new_one_fails(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"old")
    with pytest.raises(FilmFault, match="at least one is written"), Encoder(path, form()):
        pass
    assert path.read_bytes() == b"old"


@pytest.mark.parametrize(
    "wrong",
    [np.zeros((64, 96, 4), np.uint8), np.zeros((64, 96, 3)), np.zeros((96, 64, 3), np.uint8)],
)
def test_what_is_no_frame_of_the_form_is_refused(tmp_path: Path, wrong: np.ndarray) -> None:
    path = tmp_path / "film.mp4"
    with (
        pytest.raises(FilmFault, match=r"a frame has \(64, 96, 3\) bytes, and this one is"),
        Encoder(path, form()) as encoder,
    ):
        encoder.write(wrong)
    assert not path.exists()


def test_frames_are_written_within_the_block_only(tmp_path: Path) -> None:
    encoder = Encoder(tmp_path / "film.mp4", form())
    with pytest.raises(FilmFault, match="between the beginning and the end"):
        encoder.write(frame(0))


def test_a_codec_that_the_library_lacks_is_an_error_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forms, "codecs_available", {"libx264"})
    with pytest.raises(FilmFault, match=r"does not write hevc \(libx265\)"):
        Encoder(tmp_path / "film.mp4", form("hevc"))


def write_noise(path: Path, given: Form) -> None:
    """What takes much room."""
    noise = np.random.default_rng(7)
    with Encoder(path, given) as encoder:
        for _ in range(60):
            encoder.write(noise.integers(0, 256, (given.height, given.width, 3), dtype=np.uint8))


@pytest.fixture
def _no_room() -> Iterator[None]:
    """No file of this process may have more than 20 kB."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.slow
@pytest.mark.usefixtures("_no_room")
@pytest.mark.parametrize(("codec", "container"), [("h264", "mp4"), ("vp9", "webm")])
def test_a_disk_that_fills_up_is_told_and_leaves_nothing(
    tmp_path: Path, codec: str, container: str
) -> None:
    given = Form(320, 240, 30, codec, container, quality=10)
    with pytest.raises(NoRoom, match="the disk has no room for it"):
        write_noise(tmp_path / "film", given)
    assert list(tmp_path.iterdir()) == []


def test_a_full_device_is_told_although_the_library_hears_of_it_late() -> None:
    with Path("/dev/full").open("r+b", buffering=0) as device:
        encoder = Encoder(device, form("vp9", "webm"))  # type: ignore[arg-type]
        with pytest.raises(NoRoom, match="No space left on device"), encoder:
            encoder.write(frame(0))


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(FilmFault, match="it cannot be written"):
        film(tmp_path / "file" / "film.mp4", range(1))
