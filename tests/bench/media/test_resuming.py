"""A real house whose worker is killed while it films."""

import os
from pathlib import Path

import pytest

from seedbed.bench.media.resuming import resumed, scene
from seedbed.core.scene.rules import check
from seedbed.core.scene.timeline import pieces


def test_each_shot_is_a_piece_of_its_own() -> None:
    check(scene(4))
    assert len({piece.identity for piece in pieces(scene(4))}) == 4


@pytest.mark.slow
def test_nothing_is_drawn_twice(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    found = resumed(home, dict(os.environ), 4)
    assert found.pieces == 4
    assert 2 <= found.before < 4
    assert found.repeated == 0
