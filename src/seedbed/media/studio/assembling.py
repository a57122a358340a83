"""Pieces put together, with sound and captions beside them, and signed.

Floor 5. In the process of an order alone.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from seedbed.engines.drafting.sounds import effect, music
from seedbed.kit.film.caption import Caption
from seedbed.kit.film.join import join
from seedbed.kit.film.loudness import levelled
from seedbed.kit.film.mux import mux
from seedbed.kit.film.probing import probe
from seedbed.kit.film.provenance import Claims, Signer
from seedbed.kit.film.sound import Mix, Track
from seedbed.media.studio.orders import Assemble, Heard, Told

Tell: TypeAlias = Callable[[float, str], None]
"""Hears how much is done, from 0 to 1, and what is done now."""
_DUCK = 9.0
"""By how many decibels music gives way to speech."""


def assembled(order: Assemble, tell: Tell) -> dict[str, object]:
    """The facts of a film that was put together.

    Raises:
        FilmFault: a file is not what it must be.
        NoRoom: the disk is full.
    """
    out = Path(order.out)
    joined = out.with_suffix(".joined" + out.suffix)
    join([Path(piece) for piece in order.pieces], joined)
    tell(0.3, "joined")
    captions = [Caption(one.begin, one.end, one.text) for one in order.captions]
    mix = Mix([_track(one, order.seconds) for one in order.tracks], order.seconds)
    sound = mix if order.is_level else levelled(mix)
    mux(joined, out, sound=sound if order.tracks else (), captions=captions)
    joined.unlink()
    tell(0.8, "sound")
    signed(out, order.told)
    tell(1.0, "signed" if order.told else "written")
    return facts(out)


def signed(out: Path, told: Told | None) -> None:
    """Sign into a file what is told of it, if anything is."""
    if told is not None:
        claims = Claims(title=told.title, made_by=told.made_by, actions=tuple(told.actions))
        Signer.local(Path(told.signer)).sign(out, claims)


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
