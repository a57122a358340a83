"""Frames of a film brought to other colours, another rate and another size, in that order.

Floor 5. In the process of an order alone. What moves is followed at the size at which the film
came, where that costs least.
"""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import islice
from math import ceil, floor
from pathlib import Path
from typing import cast

import cv2
import numpy as np

from seedbed.kit.film.colour import Look, curves
from seedbed.kit.film.encode import Encoder
from seedbed.kit.film.flow import retime
from seedbed.kit.film.form import Form
from seedbed.kit.film.mark import put
from seedbed.kit.film.pictures import Frame
from seedbed.kit.film.probing import probe
from seedbed.kit.film.read import frames
from seedbed.kit.film.scale import resized
from seedbed.kit.film.shots import drifted, shots
from seedbed.media.studio.assembling import Tell, facts
from seedbed.media.studio.burning import Burner
from seedbed.media.studio.orders import Colours, Drifted, Refine, Survey


def surveyed(order: Survey) -> dict[str, object]:
    """What a film that came is.

    Raises:
        FilmFault: it is none.
    """
    path = Path(order.film)
    about = probe(path)
    found = list(shots(frames(path))) if order.with_colours else []
    told = [
        {
            "first": one.shot.first,
            "count": one.shot.count,
            "given": _written(one.shot.look),
            "wanted": _written(one.wanted),
        }
        for one in drifted(found)
    ]
    return {
        **facts(path),
        "rate": str(about.fps),
        "depth": about.depth,
        "shots": len(found),
        "drifted": told,
    }


def refined(order: Refine, tell: Tell) -> dict[str, object]:
    """The facts of the frames as they were written anew.

    Raises:
        FilmFault: the film is damaged, or is not written as it is wanted.
        NoRoom: the disk is full.
    """
    rate, payload = Fraction(order.fps), int(order.mark, 16) if order.mark else None
    form = Form(
        order.width,
        order.height,
        fps=rate,
        codec=order.codec,
        container=order.container,
        depth=order.depth,
    )
    burner = Burner(order.captions, order.width, order.height, order.fonts)
    with Encoder(Path(order.out), form) as encoder:
        for number, frame in enumerate(_retimed(order, rate), order.first):
            large = burner.burnt(resized(frame, order.width, order.height), float(number / rate))
            encoder.write(large if payload is None else put(large, payload))
            tell(encoder.frames / order.count, "refined")
    return facts(Path(order.out))


def _retimed(order: Refine, rate: Fraction) -> Iterator[Frame]:
    """The frames of an order in its new time; so many, and no more, are read of the old."""
    path = Path(order.film)
    fps = probe(path).fps
    step = fps / rate
    begin, end = floor(order.first * step), ceil((order.first + order.count) * step) + 1
    read = frames(path, begin=float(begin / fps), end=float(end / fps))
    matched = _matched(read, begin, order.drifted)
    yield from islice(retime(matched, fps, rate, first=order.first), order.count)


def _matched(read: Iterable[Frame], begin: int, told: Sequence[Drifted]) -> Iterator[Frame]:
    """Those frames, from the frame `begin` on, with the colours of shots that drifted matched."""
    tables = [(one, curves(_look(one.given), _look(one.wanted))) for one in told]
    for number, frame in enumerate(read, begin):
        table = next(
            (table for one, table in tables if one.first <= number < one.first + one.count), None
        )
        yield frame if table is None else cast(Frame, cv2.LUT(frame, table[:, None, :]))


def _look(colours: Colours) -> Look:
    return Look(np.array(colours.mean), np.array(colours.spread), np.array(colours.lab))


def _written(look: Look) -> dict[str, object]:
    parts = {"mean": look.mean, "spread": look.spread, "lab": look.lab}
    return {name: part.tolist() for name, part in parts.items()}
