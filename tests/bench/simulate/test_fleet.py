"""Fleets, as files describe them."""

from pathlib import Path

import pytest

from seedbed.bench.simulate import fleet
from seedbed.core.errors import SettingRefused

FILE = """
[[deployment]]
name = "own"
count = 200
prefill = 12_000
step = 0.009
beside = 0.0002
per_hour = 2.5

[[deployment]]
name = "rented"
prefill = 5000
step = 0.02
per_million = { input = 0.1, cached = 0.01, output = 0.4 }
"""


def read(tmp_path: Path, text: str) -> tuple[fleet.Group, ...]:
    path = tmp_path / "fleet.toml"
    path.write_text(text)
    return fleet.read(path)


def test_groups_are_read_with_what_they_leave_out(tmp_path: Path) -> None:
    own, rented = read(tmp_path, FILE)
    assert (own.count, own.places, own.prior.step) == (200, 16, 0.009)
    assert rented.per_hour == 0


def test_hardware_costs_by_the_hour_and_what_is_rented_by_the_token(tmp_path: Path) -> None:
    own, rented = read(tmp_path, FILE)
    assert own.micros(1_000, 0, 100, held=3.6) == pytest.approx(2_500)
    assert rented.micros(1_000, 1_000, 100, held=3.6) == pytest.approx(150)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "deployment"),
        ("deployment = []", "deployment"),
        ("[[deployment", "Expected"),
        (FILE + FILE, "two are called alike (own, rented, own, rented)"),
        (FILE.replace("12_000", "0"), "prefill"),
        (FILE.replace("12_000", "inf"), "prefill"),
        (FILE.replace("count", "amount"), "amount"),
        (FILE + "count = 1_000_000_000", "count"),
        (FILE + "cache = -1", "cache"),
    ],
)
def test_what_describes_no_fleet_is_refused(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(SettingRefused, match="does not describe a fleet") as refused:
        read(tmp_path, text)
    assert why in refused.value.what


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingRefused, match="No such file"):
        fleet.read(tmp_path / "fleet.toml")
