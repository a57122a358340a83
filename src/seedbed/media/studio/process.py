"""The process of one order, started with `python -m`.

Floor 5. It reads one order from its standard input, and says how far it is, and what came of it, in
lines on its standard output. It alone imports the libraries of films.
"""

import sys
from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from math import ceil, floor
from pathlib import Path

import msgspec

from seedbed.core.errors import SeedbedError
from seedbed.core.scene.form import read_scene
from seedbed.engines.drafting.sounds import effect, music
from seedbed.kit.film.encode import Encoder
from seedbed.kit.film.errors import FilmFault, NoRoom
from seedbed.kit.film.flow import retime
from seedbed.kit.film.form import Form
from seedbed.kit.film.join import join
from seedbed.kit.film.loudness import levelled
from seedbed.kit.film.mark import put
from seedbed.kit.film.mux import Caption, mux
from seedbed.kit.film.pictures import Frame
from seedbed.kit.film.probing import probe
from seedbed.kit.film.provenance import Claims, Signer
from seedbed.kit.film.read import frames
from seedbed.kit.film.scale import resized
from seedbed.kit.film.sound import Mix, Track
from seedbed.media.checking import Checker
from seedbed.media.studio.orders import (
    ORDERS,
    Assemble,
    Brought,
    Check,
    Convert,
    Done,
    Heard,
    Line,
    Order,
    Refine,
    Wrong,
)

_DUCK = 9.0
"""By how many decibels music gives way to speech."""


def run(order: Order) -> dict[str, object]:
    """The facts of what came of it.

    Raises:
        FilmFault: a file is not what it must be.
        NoRoom: the disk is full.
    """
    match order:
        case Assemble():
            return _assemble(order)
        case Refine():
            return _refine(order)
        case Convert():
            return _convert(order)
        case Check(file=file, scene=scene):
            return Checker().check(Path(file), read_scene(scene)).written()


def _assemble(order: Assemble) -> dict[str, object]:
    out = Path(order.out)
    joined = out.with_suffix(".joined" + out.suffix)
    join([Path(piece) for piece in order.pieces], joined)
    _say(Done(0.3, "joined"))
    captions = [Caption(one.begin, one.end, one.text) for one in order.captions]
    tracks = [_track(one, order.seconds) for one in order.tracks]
    sound = levelled(Mix(tracks, order.seconds)) if tracks else ()
    mux(joined, out, sound=sound, captions=captions)
    joined.unlink()
    _say(Done(0.8, "sound"))
    if order.signer:
        claims = Claims(title=order.title, made_by=order.made_by, actions=tuple(order.actions))
        Signer.local(Path(order.signer)).sign(out, claims)
        _say(Done(1.0, "signed"))
    return facts(out)


def facts(path: Path) -> dict[str, object]:
    """What is told of a film."""
    about = probe(path)
    return {
        "width": about.width,
        "height": about.height,
        "seconds": round(about.frames / float(about.fps), 6),
        "fps": float(about.fps),
        "frames": about.frames,
        "codec": about.codec,
        "sound": bool(about.sound),
        "captions": about.subtitles,
    }


def _track(heard: Heard, whole: float) -> Track:
    seconds = heard.seconds or max(0.0, whole - heard.begin)
    if heard.file:
        source = Path(heard.file)
    elif heard.mood:
        source = music(heard.mood, seconds, seed=heard.seed)
    else:
        source = effect(heard.effect, seconds, seed=heard.seed)
    return Track(
        source,
        begin=heard.begin,
        seconds=seconds,
        gain=heard.gain,
        fade_in=heard.fade_in,
        fade_out=heard.fade_out,
        is_speech=heard.is_speech,
        duck=0.0 if heard.is_speech else _DUCK,
    )


def _refine(order: Refine) -> dict[str, object]:
    about = probe(Path(order.film))
    payload = int(order.mark, 16) if order.mark else None
    form = Form(order.width, order.height, fps=order.fps, codec=order.codec)
    with Encoder(Path(order.out), form) as encoder:
        for frame in _retimed(order, about.fps):
            large = resized(frame, order.width, order.height)
            encoder.write(large if payload is None else put(large, payload))
            _say(Done(encoder.frames / order.count, "refined"))
    return facts(Path(order.out))


def _retimed(order: Refine, fps: Fraction) -> Iterator[Frame]:
    """The frames of an order in its new time; so many, and no more, are read of the old."""
    step = fps / order.fps
    begin, end = floor(order.first * step), ceil((order.first + order.count) * step) + 1
    read = frames(Path(order.film), begin=float(begin / fps), end=float(end / fps))
    yield from islice(retime(read, fps, order.fps, first=order.first), order.count)


def _convert(order: Convert) -> dict[str, object]:
    about = probe(Path(order.film))
    form = Form(
        about.width,
        about.height,
        fps=about.fps,
        codec=order.codec,
        container=order.container,
        depth=order.depth,
    )
    with Encoder(Path(order.out), form) as encoder:
        for frame in frames(Path(order.film)):
            encoder.write(frame)
            _say(Done(encoder.frames / max(1, about.frames), "converted"))
    return facts(Path(order.out))


def _say(line: Line) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(line) + b"\n")
    sys.stdout.buffer.flush()


def main() -> None:
    """Do the order that comes, and say what came of it."""
    order = ORDERS.decode(sys.stdin.buffer.readline())
    try:
        _say(Brought(run(order)))
    except NoRoom as error:
        _say(Wrong(str(error), is_full=True))
    except FilmFault as error:
        _say(Wrong(str(error)))
    except SeedbedError as error:
        _say(Wrong(error.what.removesuffix(".")))


if __name__ == "__main__":
    main()
