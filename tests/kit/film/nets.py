"""A small net in ncnn's words, with every layer that is known."""

from pathlib import Path

import numpy as np

PARAM = """7767517
9 10
Input data 0 1 data 0=1
Split split 1 2 data one two
Convolution first 1 1 one a 0=8 1=3 4=1 5=1 6=216
PReLU bent 1 1 a b 0=8
Convolution second 1 1 b c 0=12 1=3 4=1 5=0 6=864

PixelShuffle shuffled 1 1 c d 0=2
Interp stretched 1 1 two e 0=1 1=2.000000e+00 2=2.000000e+00
BinaryOp added 2 1 d e f
Interp halved 1 1 f g 0=3 1=5.000000e-01 2=5.000000e-01
Interp doubled 1 1 g output 0=3 1=2.0 2=2.0
"""


def small_net(folder: Path, name: str = "small.param") -> Path:
    """The net's two files; the first convolution has numbers of 16 bits, the second of 32."""
    chance = np.random.default_rng(4)
    folder.mkdir(parents=True, exist_ok=True)
    halves = chance.normal(0, 0.05, 216).astype("<f2")
    parts = [
        np.uint32(0x01306B47).tobytes(),
        halves.tobytes(),
        np.zeros(8, "<f4").tobytes(),
        np.full(8, 0.25, "<f4").tobytes(),
        np.uint32(0).tobytes(),
        chance.normal(0, 0.05, 864).astype("<f4").tobytes(),
    ]
    path = folder / name
    path.write_text(PARAM)
    path.with_suffix(".bin").write_bytes(b"".join(parts))
    return path
