"""The orders of the studio, done with the libraries of films."""

import io
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from seedbed.core.scene.form import IN_PNG, parse_scene, write_scene
from seedbed.core.scene.layers import Backdrop
from seedbed.core.scene.scene import Canvas, Scene, Shot
from seedbed.engines.drafting.carrying import written
from seedbed.kit.film import mark, provenance
from seedbed.kit.film.encode import Encoder
from seedbed.kit.film.errors import NoRoom
from seedbed.kit.film.probing import probe
from seedbed.kit.film.read import frames
from seedbed.media.studio import process
from seedbed.media.studio.orders import (
    LINES,
    Assemble,
    Brought,
    Check,
    Convert,
    Done,
    Drifted,
    Enlarge,
    Heard,
    Line,
    Order,
    Refine,
    Said,
    Survey,
    Told,
    Wrong,
)
from tests.engines.drafting.long import LONG
from tests.kit.film.made import HEIGHT, WIDTH, film, form
from tests.kit.film.moving import ground, poster
from tests.kit.film.test_shots import warm

MARK = "0123456789abcdef"
FPS = 30
Do = Callable[[Order], list[Line]]


@pytest.fixture
def do(monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]) -> Do:
    def done(order: Order) -> list[Line]:
        stdin = io.TextIOWrapper(io.BytesIO(msgspec.json.encode(order) + b"\n"))
        monkeypatch.setattr(sys, "stdin", stdin)
        process.main()
        return [LINES.decode(line) for line in capsysbinary.readouterr().out.splitlines()]

    return done


def facts(lines: list[Line]) -> dict[str, object]:
    last = lines[-1]
    assert isinstance(last, Brought), last
    return last.facts


@pytest.mark.slow
def test_pieces_become_a_film_with_sound_words_and_a_signature(tmp_path: Path, do: Do) -> None:
    pieces = [film(tmp_path / "1.mp4", range(6)), film(tmp_path / "2.mp4", range(6, 12))]
    out = tmp_path / "film.mp4"
    tracks = [
        Heard(mood="calm", fade_out=0.1),
        Heard(effect="bell", begin=0.1, seconds=0.2),
        Heard(mood="tense", seconds=0.2, is_speech=True),
    ]
    order = Assemble(
        pieces=[str(one) for one in pieces],
        out=str(out),
        seconds=12 / FPS,
        tracks=tracks,
        captions=[Said(0.1, 0.3, "Hello 你好")],
        told=Told("Sea", "draft", ["drawn", "joined"], str(tmp_path / "certificates")),
    )
    *told, _ = lines = do(order)
    assert isinstance(lines[-1], Brought), lines[-1]
    assert [one.what for one in told if isinstance(one, Done)] == ["joined", "sound", "signed"]
    found = facts(lines)
    assert (found["frames"], found["sound"], found["captions"]) == (12, True, 1)
    assert (found["width"], found["height"], found["fps"]) == (WIDTH, HEIGHT, float(FPS))
    assert provenance.read(out)
    assert not list(tmp_path.glob("*.joined*"))


@pytest.mark.slow
def test_a_film_without_tracks_is_silent_and_a_file_is_heard(tmp_path: Path, do: Do) -> None:
    piece = film(tmp_path / "1.mp4", range(6))
    out = tmp_path / "film.mp4"
    plain = Assemble(pieces=[str(piece)], out=str(out), seconds=6 / FPS)
    assert facts(do(plain))["sound"] is False
    missing = Assemble(
        pieces=[str(piece)],
        out=str(out),
        seconds=6 / FPS,
        tracks=[Heard(file=str(tmp_path / "no.wav"))],
    )
    assert isinstance(do(missing)[-1], Wrong)


@pytest.mark.slow
def test_a_film_is_refined_span_by_span_and_marked(tmp_path: Path, do: Do) -> None:
    whole, out = film(tmp_path / "1.mp4", range(12)), tmp_path / "fine.mp4"
    order = Refine(
        film=str(whole),
        out=str(out),
        first=4,
        count=8,
        width=2 * WIDTH,
        height=2 * HEIGHT,
        fps=str(2 * FPS),
        mark=MARK,
    )
    lines = do(order)
    assert [one.share for one in lines if isinstance(one, Done)][-1] == 1.0
    found = facts(lines)
    assert (found["frames"], found["width"], found["fps"]) == (8, 2 * WIDTH, 2.0 * FPS)
    found_mark = mark.read(next(iter(frames(out))))
    assert found_mark is None or found_mark.payload == int(MARK, 16)
    plain = msgspec.structs.replace(order, mark="")
    facts(do(plain))
    old, new = list(frames(whole)), list(frames(out))
    assert np.abs(new[0][::2, ::2].astype(int) - old[2].astype(int)).mean() < 6


@pytest.mark.slow
def test_a_film_is_converted(tmp_path: Path, do: Do) -> None:
    whole, out = film(tmp_path / "1.mp4", range(4)), tmp_path / "other.webm"
    found = facts(do(Convert(film=str(whole), out=str(out), codec="vp9", container="webm")))
    assert (found["frames"], found["codec"]) == (4, "vp9")
    assert probe(out).codec == "vp9"


@pytest.mark.slow
def test_a_film_is_held_against_its_scene(tmp_path: Path, do: Do) -> None:
    whole = film(tmp_path / "1.mp4", range(FPS))
    scene = Scene(Canvas(WIDTH, HEIGHT, fps=FPS), (Shot("one", 1.0, (Backdrop(id="ground"),)),))
    told = facts(do(Check(file=str(whole), scene=write_scene(scene))))
    assert told


@pytest.mark.slow
def test_a_picture_with_a_long_scene_is_checked_and_made_larger(tmp_path: Path, do: Do) -> None:
    given, out = tmp_path / "given.png", tmp_path / "large.png"
    given.write_bytes(written(Image.new("RGB", (64, 48), "#336699"), LONG, "png"))
    report = facts(do(Check(file=str(given), scene=write_scene(LONG))))
    assert report["ok"] is True
    facts(do(Enlarge(picture=str(given), out=str(out), factor=2, by_net=False)))
    with Image.open(out) as picture:
        assert parse_scene(picture.info[IN_PNG]) == LONG


def test_what_is_no_film_is_told(tmp_path: Path, do: Do) -> None:
    (tmp_path / "1.mp4").write_bytes(b"no film")
    order = Convert(
        film=str(tmp_path / "1.mp4"), out=str(tmp_path / "2.mp4"), codec="h264", container="mp4"
    )
    (wrong,) = do(order)
    assert isinstance(wrong, Wrong)
    assert not wrong.is_full


def test_what_is_no_scene_is_told(tmp_path: Path, do: Do) -> None:
    (wrong,) = do(Check(file=str(tmp_path / "1.mp4"), scene={"shots": 1}))
    assert isinstance(wrong, Wrong)


def test_a_full_disk_is_told_as_such(monkeypatch: pytest.MonkeyPatch, do: Do) -> None:
    def full(_: Order) -> dict[str, object]:
        raise NoRoom("the disk is full")

    monkeypatch.setattr(process, "run", full)
    order = Convert(film="a", out="b", codec="h264", container="mp4")
    assert do(order) == [Wrong("the disk is full", is_full=True)]


@pytest.mark.slow
def test_a_film_is_looked_at_and_colours_that_drifted_are_matched(tmp_path: Path, do: Do) -> None:
    """Two cuts between two grounds, of which the second is under another lamp."""
    shots = [ground(96, 64, seed=1), warm(ground(96, 64, seed=4)), ground(96, 64, seed=1)]
    path, out = tmp_path / "1.mp4", tmp_path / "2.mp4"
    with Encoder(path, form()) as encoder:
        for shot in shots:
            for _ in range(6):
                encoder.write(shot)
    found = facts(do(Survey(film=str(path), with_colours=True)))
    assert (found["rate"], found["depth"], found["shots"]) == ("30", 8, 3)
    (drift,) = msgspec.convert(found["drifted"], list[Drifted])
    assert (drift.first, drift.count) == (6, 6)
    order = Refine(film=str(path), out=str(out), first=3, count=12, width=96, height=64, fps="30")
    facts(do(msgspec.structs.replace(order, drifted=[drift])))
    made, wanted = list(frames(out)), np.array(drift.wanted.mean)
    assert np.abs(made[5].mean((0, 1)) - wanted).max() < 3
    assert np.abs(shots[1].mean((0, 1)) - wanted).max() > 5
    plain = facts(do(Survey(film=str(path), with_colours=False)))
    assert (plain["shots"], plain["drifted"]) == (0, [])


@pytest.mark.slow
def test_captions_are_put_into_the_frames_in_which_they_are_said(tmp_path: Path, do: Do) -> None:
    whole, out = film(tmp_path / "1.mp4", range(6)), tmp_path / "2.mp4"
    said = Said(2 / FPS, 4 / FPS, "Hi 你")
    order = Refine(
        film=str(whole),
        out=str(out),
        first=1,
        count=5,
        width=480,
        height=320,
        fps=str(FPS),
        captions=[said],
    )
    facts(do(order))
    white = [bool(frame[260:305].min(axis=2).max() > 200) for frame in frames(out)]
    assert white == [False, True, True, False, False]


def test_a_picture_is_made_larger_and_says_so(tmp_path: Path, do: Do) -> None:
    given, out = tmp_path / "given.png", tmp_path / "large.png"
    said = PngImagePlugin.PngInfo()
    said.add_itxt("scene", "{}", zip=True)
    Image.fromarray(poster(60, 40)).save(given, pnginfo=said)
    told = Told("a", "draft", ["drawn", "upscaled"], str(tmp_path / "certificates"))
    order = Enlarge(picture=str(given), out=str(out), factor=2, by_net=False, told=told)
    assert facts(do(order)) == {"width": 120, "height": 80}
    with Image.open(out) as picture:
        assert picture.size == (120, 80)
        assert picture.info["scene"] == "{}"
    found = provenance.read(out)
    assert found is not None
    assert found.actions == ("c2pa.created", "c2pa.resized")


def test_a_clear_picture_what_is_none_and_a_net_that_is_not_there_are_told(
    tmp_path: Path, do: Do
) -> None:
    given = tmp_path / "given.png"
    order = Enlarge(picture=str(given), out=str(tmp_path / "a.png"), factor=2, by_net=False)
    given.write_bytes(b"no picture")
    assert do(order) == [Wrong("it is no picture that is read here")]
    Image.new("RGBA", (8, 8), (1, 2, 3, 0)).save(given)
    assert do(order) == [Wrong("its ground is clear, and only whole pictures are made larger")]
    Image.new("RGB", (8, 8)).save(given)
    nowhere = msgspec.structs.replace(order, out=str(tmp_path / "nowhere" / "a.png"))
    (wrong,) = do(nowhere)
    assert isinstance(wrong, Wrong)
    assert "it cannot be written" in wrong.why
    Image.new("RGB", (8_192, 8)).save(given)
    (wrong,) = do(msgspec.structs.replace(order, out=str(tmp_path / "a.webp")))
    assert isinstance(wrong, Wrong)
    assert "it cannot be written" in wrong.why, "WebP has at most 16,383 pixels a side"
    (wrong,) = do(msgspec.structs.replace(order, by_net=True))
    assert isinstance(wrong, Wrong)
    assert "install the extra `upscale`" in wrong.why
