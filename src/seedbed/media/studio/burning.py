"""Captions as a part of the picture.

Floor 5. In the process of an order alone. They stand at the foot of the frame, white on a dark
plate, in the fonts that drawn texts are set in.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import skia

from seedbed.core.scene.layers import Type
from seedbed.engines.drafting.art import read_art
from seedbed.engines.drafting.fonts import Fonts
from seedbed.engines.drafting.lettering import Lettering
from seedbed.kit.film.pictures import Frame
from seedbed.media.studio.orders import Said

_LOOK = Type(size=0.05, weight=500, across="bottom", plate="#000000a8")
_WIDE, _HIGH, _FOOT = 0.86, 0.3, 0.06
"""The box of a caption, and how far it stands from the foot, as shares of the frame."""


class Burner:
    """Puts captions into frames of that size, in the fonts of this machine and of those folders."""

    def __init__(
        self, captions: Sequence[Said], width: int, height: int, fonts: Sequence[str] = ()
    ) -> None:
        self._captions, self._height = captions, height
        self._box = round(width * _WIDE), round(height * _HIGH)
        self._left, self._top = (width - self._box[0]) // 2, round(height * (1 - _FOOT - _HIGH))
        self._lettering = _lettering(fonts) if captions else None
        self._set: tuple[str, Any] = ("", None)

    def burnt(self, frame: Frame, moment: float) -> Frame:
        """The frame with what is said at that second; without a word it is the same one.

        Raises:
            SceneUndrawable: no font has one of its letters, or it does not fit.
        """
        said = next((one.text for one in self._captions if one.begin <= moment < one.end), "")
        if self._lettering is None or not said:
            return frame
        if self._set[0] != said:
            self._set = said, self._drawn(self._lettering, said)
        colours, clear = self._set[1]
        made, (width, height) = frame.copy(), self._box
        part = made[self._top : self._top + height, self._left : self._left + width]
        part[:] = np.rint(part * clear + colours)
        return made

    def _drawn(self, lettering: Lettering, said: str) -> tuple[Any, Any]:
        """What is added in the box of a caption, and how much of what was there stays."""
        drawn = lettering.set(said, _LOOK, *self._box, self._height)
        found = cast("Any", drawn).toarray(colorType=skia.kRGBA_8888_ColorType)
        share = found[..., 3:].astype(np.float32) / 255
        return found[..., :3] * share, 1 - share


def _lettering(fonts: Sequence[str]) -> Lettering:
    return Lettering(Fonts([Path(one) for one in fonts]), emoji=read_art().written)
