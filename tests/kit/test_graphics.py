"""What lies on graphics processors is told by a program that is not always there, nor all told."""

from pathlib import Path

import pytest

from seedbed.kit.graphics import NvidiaGauge
from tests.kit.nvidia import HANGS, MEBI, NO_DEVICES, NO_DRIVER, Nvidia

PARENTS = {1: 0, 10: 1, 11: 10, 12: 11, 20: 1, 30: 1}


@pytest.fixture
def nvidia(tmp_path: Path) -> Nvidia:
    return Nvidia(tmp_path / "nvidia")


@pytest.fixture
def gauge(nvidia: Nvidia) -> NvidiaGauge:
    return NvidiaGauge(nvidia.program, parents=lambda: PARENTS)


def test_a_process_counts_with_its_descendants_on_every_processor(
    nvidia: Nvidia, gauge: NvidiaGauge
) -> None:
    nvidia.says("11, 300", "12, 50", "12, 7", "20, 9", "99, 1000", used=1400)
    assert gauge.held([10, 20], calm=True) == {10: 357 * MEBI, 20: 9 * MEBI}


def test_all_processors_count_as_one(nvidia: Nvidia, gauge: NvidiaGauge) -> None:
    (nvidia.folder / "processors").write_text("100, 24564\n5, 8192\n[N/A], [N/A]\n")
    assert gauge.total == (24_564 + 8192) * MEBI


@pytest.mark.parametrize("script", [NO_DRIVER, NO_DEVICES, "echo 'Unable to determine'; exit 0"])
def test_a_tool_without_a_driver_or_a_processor_tells_nothing(nvidia: Nvidia, script: str) -> None:
    nvidia.acts(script)
    gauge = NvidiaGauge(nvidia.program, parents=lambda: PARENTS)
    assert gauge.total is None
    assert gauge.held([10], calm=True) == {}


def test_a_tool_that_is_not_there_or_hangs_tells_nothing(nvidia: Nvidia) -> None:
    assert NvidiaGauge("/nowhere/nvidia-smi").total is None
    nvidia.acts(HANGS)
    gauge = NvidiaGauge(nvidia.program, patience=0.1)
    assert gauge.total is None
    assert gauge.held([10], calm=True) == {}


@pytest.mark.parametrize(
    "lines", [(), ("No running processes found",), ("10, [N/A]",), ("10, [Not Supported]",)]
)
def test_one_that_came_alone_counts_by_the_difference_where_it_is_not_told(
    nvidia: Nvidia, gauge: NvidiaGauge, lines: tuple[str, ...]
) -> None:
    nvidia.says(used=500)  # a stranger's
    assert gauge.held((), calm=True) == {}
    nvidia.says(*lines, used=800)
    assert gauge.held([10], calm=False) == {}  # it is still being loaded
    nvidia.says(*lines, used=2500)
    assert gauge.held([10], calm=True) == {10: 2000 * MEBI}
    nvidia.says(used=2600)
    assert gauge.held([10, 20], calm=False) == {10: 2000 * MEBI}
    nvidia.says(used=2900)
    assert gauge.held([10, 20], calm=True) == {10: 2000 * MEBI, 20: 400 * MEBI}


def test_of_one_that_came_as_another_went_the_other_share_is_known(
    nvidia: Nvidia, gauge: NvidiaGauge
) -> None:
    gauge.held((), calm=True)
    nvidia.says(used=2000)
    gauge.held([10], calm=True)
    nvidia.says(used=300)
    assert gauge.held([20], calm=True) == {20: 300 * MEBI}


def test_of_two_that_came_together_neither_is_known_and_the_next_is(
    nvidia: Nvidia, gauge: NvidiaGauge
) -> None:
    gauge.held((), calm=True)
    nvidia.says(used=2000)
    assert gauge.held([10, 20], calm=True) == {}
    nvidia.says(used=2300)
    assert gauge.held([10, 20, 30], calm=True) == {30: 300 * MEBI}
    nvidia.says(used=900)
    assert gauge.held([20, 12], calm=True) == {}  # nobody knows what 10 let go of


def test_without_a_look_before_nothing_is_known_by_difference(
    nvidia: Nvidia, gauge: NvidiaGauge
) -> None:
    nvidia.says(used=2000)
    assert gauge.held([10], calm=True) == {}
    nvidia.says(used="[N/A]", total="[N/A]")
    assert gauge.held([10, 20], calm=True) == {}
    nvidia.says(used=2000)
    assert gauge.held([10, 20, 30], calm=True) == {}


def test_what_others_let_go_of_meanwhile_makes_nothing_less_than_nothing(
    nvidia: Nvidia, gauge: NvidiaGauge
) -> None:
    nvidia.says(used=900)
    gauge.held((), calm=True)
    nvidia.says(used=100)
    assert gauge.held([10], calm=True) == {10: 0}


def test_what_the_tool_tells_comes_before_a_difference(nvidia: Nvidia, gauge: NvidiaGauge) -> None:
    gauge.held((), calm=True)
    nvidia.says(used=2000)
    gauge.held([10], calm=True)
    nvidia.says("10, 1500", used=2100)
    assert gauge.held([10], calm=True) == {10: 1500 * MEBI}


def test_a_processor_that_nobody_uses_is_left_asleep(nvidia: Nvidia, gauge: NvidiaGauge) -> None:
    nvidia.acts(f"echo >> {nvidia.folder}/looks; echo 5, 10")
    for _ in range(3):
        assert gauge.held((), calm=True) == {}
    assert (nvidia.folder / "looks").read_text() == "\n"
