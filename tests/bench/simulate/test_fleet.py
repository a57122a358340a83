"""Fleets, as files describe them."""

from pathlib import Path

import pytest

from seedbed.bench.simulate import fleet
from seedbed.bench.simulate.steps import Steps
from seedbed.core.errors import SettingRefused
from seedbed.serving.speed import Served, Speed

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
BEHIND = "beside = 0.0002\nread_behind = 1e-6\nwrite_behind = 2e-6"


def read(tmp_path: Path, text: str) -> tuple[fleet.Group, ...]:
    path = tmp_path / "fleet.toml"
    path.write_text(text)
    return fleet.read(path)


def test_groups_are_read_with_what_they_leave_out(tmp_path: Path) -> None:
    own, rented = read(tmp_path, FILE)
    assert (own.count, own.places, own.prior.step) == (200, 16, 0.009)
    assert rented.per_hour == 0


def test_a_step_takes_longer_for_what_it_does_and_for_what_stands_before_that(
    tmp_path: Path,
) -> None:
    own, rented = read(tmp_path, FILE.replace("beside = 0.0002", BEHIND))
    assert own.seconds(Steps(10, 1_200, 20)) == pytest.approx(10 * 0.0088 + 0.1 + 20 * 0.0002)
    behind = Steps(read_behind=1_000_000, wrote_behind=100_000)
    assert own.seconds(behind) == pytest.approx(1.0 + 0.2)
    assert rented.seconds(behind) == 0


def test_a_step_that_is_as_nothing_beside_the_answers_in_it_is_learned_from_their_part() -> None:
    speed = Speed(fleet.Group(name="odd", prefill=1e9, step=1e-9, beside=1e9).prior)
    speed.learn(Served(0, 1.0, written=4, seconds=3e9))
    assert speed.step(1) > 0


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
        (FILE + "block = 0", "block"),
        (FILE + "read_behind = -1e-6", "read_behind"),
        (FILE + 'form = "json"', "form"),
    ],
)
def test_what_describes_no_fleet_is_refused(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(SettingRefused, match="does not describe a fleet") as refused:
        read(tmp_path, text)
    assert why in refused.value.what


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingRefused, match="No such file"):
        fleet.read(tmp_path / "fleet.toml")
