"""The two proofs of the ledger, in full: real processes, a real database, real kills."""

import secrets
from pathlib import Path

import pytest

from seedbed.bench.ledger import overspend, unrecorded

pytestmark = pytest.mark.slow


def test_three_processes_and_a_thousand_asks_overspend_no_budget_and_leave_little_of_it(
    tmp_path: Path,
) -> None:
    spending = overspend(tmp_path)
    assert spending.overspent == 0
    assert spending.answered + spending.refused == 1_000
    assert spending.refused > 0
    assert spending.share > 0.99


def test_two_hundred_kills_lose_no_use_and_count_none_twice(tmp_path: Path) -> None:
    seed = secrets.randbits(32)
    print(f"seed {seed}")  # noqa: T201 - told when it fails
    killing = unrecorded(tmp_path, seed=seed)
    assert (killing.kills, killing.unrecorded, killing.wrong) == (200, 0, 0)
    assert killing.entries > 200
    assert killing.in_a_write > 20
    assert killing.written_off.micros > 0
