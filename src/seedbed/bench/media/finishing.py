"""What it costs to put a frame between two, and to make one larger, beside the plain library.

Floor 5.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

import cv2
import numpy as np

from seedbed.bench.media.encoding import drawn
from seedbed.kit.film.flow import between
from seedbed.kit.film.form import Form
from seedbed.kit.film.pictures import Frame
from seedbed.kit.film.scale import resized

_CV: Any = cv2
_NP: Any = np
FORM = Form(1_280, 720, fps=30)
_LARGE = 3_840, 2_160
Way = Callable[[Frame, Frame], object]


def measured(rounds: int) -> Mapping[str, float]:
    """CPU-seconds of each, the least of some rounds."""
    first, *_, second = drawn(FORM, 3)
    ways: Mapping[str, Way] = {
        "between": lambda a, b: list(between(a, b, [0.5])),
        "between_bare": _between,
        "larger": lambda a, _: resized(a, *_LARGE),
        "larger_bare": lambda a, _: cv2.resize(a, _LARGE, interpolation=cv2.INTER_LANCZOS4),
    }
    return {
        name: min(_spent(way, first, second) for _ in range(rounds)) for name, way in ways.items()
    }


def _between(first: Frame, second: Frame) -> object:
    """The frame in the middle by the library alone: one flow, one way, no care for what is hid."""
    grey = [_CV.cvtColor(frame, _CV.COLOR_RGB2GRAY) for frame in (first, second)]
    flow = _CV.DISOpticalFlow.create(_CV.DISOPTICAL_FLOW_PRESET_MEDIUM).calc(*grey, None)
    height, width = first.shape[:2]
    across, down = _NP.meshgrid(_NP.arange(width), _NP.arange(height))
    where = _NP.stack([across, down], axis=2).astype(_NP.float32) - flow / 2
    return _CV.remap(first, where, None, _CV.INTER_LINEAR)


def _spent(way: Way, first: Frame, second: Frame) -> float:
    begun = time.process_time()
    way(first, second)
    return time.process_time() - begun
