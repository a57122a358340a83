"""Nets in ncnn's files: what they make, and what is refused."""

from pathlib import Path

import numpy as np
import pytest

from seedbed.kit.film.errors import FilmFault
from seedbed.kit.film.net import net
from tests.kit.film.nets import small_net


@pytest.mark.slow
def test_a_net_is_read_and_run(tmp_path: Path) -> None:
    made = net(small_net(tmp_path))([np.full((1, 3, 12, 16), 0.5, np.float32)])[0]
    assert made.shape == (1, 3, 24, 32)
    assert 0.2 < made.mean() < 0.8
    assert made.std() > 0


def test_pixels_stay_where_they_were(tmp_path: Path) -> None:
    """Without what the convolutions add, a net only stretches."""
    path = small_net(tmp_path)
    behind = path.with_suffix(".bin")
    data = bytearray(behind.read_bytes())
    data[-864 * 4 :] = bytes(864 * 4)
    behind.write_bytes(data)
    path.write_text(
        path.read_text().replace("f g 0=3 1=5.000000e-01 2=5.000000e-01", "f g 0=1 1=1.0 2=1.0")
    )
    path.write_text(
        path.read_text().replace("g output 0=3 1=2.0 2=2.0", "g output 0=1 1=1.0 2=1.0")
    )
    given = np.random.default_rng(1).random((1, 3, 6, 8), np.float32)
    made = net(path)([given])[0]
    assert np.allclose(made, given.repeat(2, axis=2).repeat(2, axis=3), atol=0.01)


@pytest.mark.parametrize(
    ("was", "becomes", "why"),
    [
        ("7767517", "7767516", "is no net of ncnn's: it begins with '7767516'"),
        ("PReLU bent", "Swish bent", "a layer Swish, which is not run here"),
        ("6=864", "6=86400", "the numbers of a net end after 3,960 bytes"),
    ],
)
def test_another_net_is_refused(tmp_path: Path, was: str, becomes: str, why: str) -> None:
    path = small_net(tmp_path)
    path.write_text(path.read_text().replace(was, becomes))
    with pytest.raises(FilmFault, match=why):
        net(path)


def test_numbers_that_are_written_in_another_way_are_refused(tmp_path: Path) -> None:
    path = small_net(tmp_path)
    behind = path.with_suffix(".bin")
    behind.write_bytes(b"\x01" + behind.read_bytes()[1:])
    with pytest.raises(FilmFault, match="in a way that is not read here"):
        net(path)


def test_files_that_are_not_there_are_told(tmp_path: Path) -> None:
    with pytest.raises(FilmFault, match=r"the net none\.param cannot be read"):
        net(tmp_path / "none.param")
