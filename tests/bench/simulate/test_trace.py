"""Traces: what is written is read again, and what is none is refused by its line."""

from pathlib import Path

import pytest

from seedbed.bench.simulate import trace
from seedbed.bench.simulate.trace import Request
from seedbed.core.ask import Priority
from seedbed.core.errors import SettingRefused

LATER = Request(2.0, 10, 5, "a", 8, 15, Priority.BATCH, "key", 3.0)
SOONER = Request(0.5, 10, 5)


def test_what_is_written_is_read_in_the_order_in_which_it_came(tmp_path: Path) -> None:
    trace.write(tmp_path / "trace", [LATER, SOONER])
    assert trace.read(tmp_path / "trace") == [SOONER, LATER]
    assert trace.seconds([SOONER, LATER]) == 1.5


def test_a_trace_of_nothing_takes_no_time(tmp_path: Path) -> None:
    trace.write(tmp_path / "trace", [])
    assert trace.seconds(trace.read(tmp_path / "trace")) == 0


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{", "truncated"),
        ('{"at": 0, "input": 1}', "output"),
        ('{"at": 0, "input": 1, "output": 1, "words": 3}', "words"),
        ('{"at": -1, "input": 1, "output": 1}', "`float` >= 0.0 - at `$.at`"),
        ('{"at": 1e300, "input": 1, "output": 1}', "at `$.at`"),
        ('{"at": 0, "input": 1, "output": 1, "deadline": -1}', "at `$.deadline`"),
        ('{"at": 0, "input": 9000000000, "output": 1}', "at `$.input`"),
        ('{"at": 0, "input": 0, "output": 1}', "do not go together"),
        ('{"at": 0, "input": 1, "output": 0}', "do not go together"),
        ('{"at": 0, "input": 1, "output": 1, "shared": 2}', "do not go together"),
    ],
)
def test_a_line_that_is_no_request_is_named(tmp_path: Path, line: str, why: str) -> None:
    path = tmp_path / "trace"
    path.write_text(f'{{"at": 0, "input": 1, "output": 1}}\n{line}\n')
    with pytest.raises(SettingRefused, match=r"^Line 2 of .* is no request: ") as refused:
        trace.read(path)
    assert why in refused.value.what


def test_a_trace_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingRefused, match="cannot be read: No such file"):
        trace.read(tmp_path / "trace")
