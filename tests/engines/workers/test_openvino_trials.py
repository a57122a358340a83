"""What becomes of forms whose trial is ended or stopped by somebody else."""

import os
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from seedbed.engines.formats.base import Form
from seedbed.engines.workers.openvino_trials import Trials

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


def children() -> list[int]:
    """The trials that this process has started and that live."""
    me = os.getpid()
    words = Path(f"/proc/{me}/task/{me}/children").read_text().split()
    command = {int(pid): Path(f"/proc/{pid}/cmdline").read_bytes() for pid in words}
    return [pid for pid, line in command.items() if b"openvino_trial" in line]


@asynccontextmanager
async def trials(*, patience: float) -> AsyncGenerator[tuple[Trials, int]]:
    """Trials whose process runs, and that process."""
    trials = Trials(patience=patience)
    assert await trials.verdict(Form('root ::= "a"')) == ""
    (pid,) = children()
    try:
        yield trials, pid
    finally:
        await trials.aclose()
        assert children() == []


async def test_a_trial_that_was_started_ahead_is_the_one_that_tries() -> None:
    ahead = Trials()
    await ahead.start()
    (pid,) = children()
    try:
        assert await ahead.verdict(Form('root ::= "a"')) == ""
        assert children() == [pid]
    finally:
        await ahead.aclose()


async def test_a_trial_that_cannot_be_started_ahead_is_started_by_the_first_form(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried = Trials()
    with monkeypatch.context() as broken:
        broken.setattr("sys.executable", "/nowhere/python")
        await tried.start()
        assert children() == []
    try:
        assert await tried.verdict(Form('root ::= "a"')) == ""
    finally:
        await tried.aclose()


async def test_a_form_is_not_blamed_for_a_trial_that_was_killed() -> None:
    async with trials(patience=60) as (tried, pid):
        os.kill(pid, signal.SIGKILL)
        assert await tried.verdict(Form('root ::= "b"')) == ""
        assert pid not in children()


async def test_a_trial_that_is_stopped_holds_up_nobody() -> None:
    async with trials(patience=10) as (tried, pid):
        os.kill(pid, signal.SIGSTOP)
        assert await tried.verdict(Form('root ::= "b"')) == ""
        assert pid not in children()


async def test_a_form_that_cannot_be_followed_is_still_refused_and_remembered() -> None:
    async with trials(patience=60) as (tried, pid):
        assert await tried.verdict(Form("root ::= (")) != ""
        assert await tried.verdict(Form("root ::= (")) != ""
        assert children() == [pid]
