"""Pictures of shapes that move over a ground, and how alike two pictures are."""

import cv2
import numpy as np

from seedbed.kit.film.pictures import Frame

WIDTH, HEIGHT = 320, 192
_DISCS = ((60, 60, 9, 4, 24), (150, 110, -8, -3, 30), (240, 70, 5, 8, 20))
"""Where each is, by how much it moves, and its radius."""


def ground(width: int = WIDTH, height: int = HEIGHT, *, seed: int = 1) -> Frame:
    """A ground with much to be seen, coarse and fine."""
    chance = np.random.default_rng(seed)
    made = np.full((height, width, 3), 128, np.float32)
    for size in (8, 16, 32, 64):
        rough = chance.normal(size=(height // size + 2, width // size + 2, 3)).astype(np.float32)
        made += cv2.resize(rough, (width, height), interpolation=cv2.INTER_CUBIC) * size**0.7
    return made.clip(0, 255).astype(np.uint8)


def sky(width: int = WIDTH, height: int = HEIGHT) -> Frame:
    """A ground with nothing to be seen but that it grows lighter."""
    down = np.linspace(0, 1, height)[:, None, None]
    colours = np.array([90, 150, 230]) * (1 - down) + np.array([250, 220, 190]) * down
    return np.array(np.broadcast_to(colours, (height, width, 3)), np.uint8, order="C")


def moving(share: float, behind: Frame) -> Frame:
    """Discs at a moment, over a ground that stands still."""
    made = behind.copy()
    for number, (across, down, right, below, radius) in enumerate(_DISCS):
        x, y = across + right * share, down + below * share
        colour = [(200, 30, 20), (20, 40, 190), (240, 230, 60)][number]
        for size, shade in ((radius, colour), (radius / 3, (255, 255, 255))):
            centre = round(x * 16), round(y * 16)
            cv2.circle(made, centre, round(size * 16), shade, -1, cv2.LINE_AA, 4)
    return made


def poster(width: int, height: int, *, seed: int = 3) -> Frame:
    """A drawing, with discs and letters over a sky."""
    chance = np.random.default_rng(seed)
    made = sky(width, height)
    for _ in range(24):
        place = int(chance.integers(width)), int(chance.integers(height))
        colour = [int(part) for part in chance.integers(0, 255, 3)]
        radius = int(chance.integers(height // 50, height // 7))
        cv2.circle(made, place, radius, colour, -1, cv2.LINE_AA)
        size = float(chance.uniform(0.4, 1.6)) * height / 540
        cv2.putText(made, "Seedbed 2026", place, 0, size, colour[::-1], 2, cv2.LINE_AA)
    return made


def alike(one: Frame, other: Frame) -> float:
    """The signal-to-noise ratio at the peak, in dB."""
    gap = np.mean((one.astype(np.float64) - other) ** 2)
    return float(10 * np.log10(255**2 / max(gap, 1e-9)))
