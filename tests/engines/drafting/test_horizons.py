"""Where the land of each ground begins."""

from typing import get_args

from seedbed.core.scene.layers import Ground
from seedbed.engines.drafting.horizons import HORIZONS


def test_every_ground_has_its_horizon() -> None:
    assert set(HORIZONS) == set(get_args(Ground))
    assert all(0.5 < horizon <= 1.0 for horizon in HORIZONS.values())
