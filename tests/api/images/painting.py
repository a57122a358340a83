"""Painters for the doors' tests, and a house that has them."""

from seedbed.core.errors import CapacityExceeded, EngineFailed
from seedbed.engines.scripted_painter import ScriptedPainter

BROKE = EngineFailed("m", why="its brush broke")
NOW = 1_800_000_000


def painters() -> dict[str, ScriptedPainter]:
    return {
        "painter": ScriptedPainter("m", window=64),
        "dall-e-3": ScriptedPainter("m", window=64),
        "torn": ScriptedPainter("m", window=64, script={0: BROKE}),
        "broken": ScriptedPainter("m", window=64, script=dict.fromkeys(range(15), BROKE)),
        "full": ScriptedPainter("m", window=64, error=CapacityExceeded("full", places=1)),
    }


def size_of(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    return int.from_bytes(png[16:20]), int.from_bytes(png[20:24])
