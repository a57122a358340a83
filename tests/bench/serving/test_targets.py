"""What targets take, and a program that answers by lines."""

import os
import sys
from pathlib import Path

import pytest

from seedbed.bench.gateway.programs import started
from seedbed.bench.serving.chats import Chat, Got
from seedbed.bench.serving.served import Address, Served
from seedbed.bench.serving.targets import Bare, Spent, Stopwatch

pytestmark = pytest.mark.anyio

HI = Chat((("user", "hi"),), 2)


async def test_a_program_answers_by_lines_until_it_ends(tmp_path: Path) -> None:
    code = "import sys\nfor _ in range(1):\n input()\n print('[{\"tokens\":1}]', flush=True)"
    argv = [sys.executable, "-c", code]
    with started(argv, environment=os.environ, log=tmp_path / "log", talks=True) as process:
        target = Bare("peer", process)
        (got,) = await target.together([HI])
        assert (got.tokens, got.wanted, got.lost) == (1, 2, "")
        assert got.took > 0
        process.wait()
        assert [one.lost for one in await target.together([HI, HI])] == ["its program ended"] * 2


def test_what_a_target_takes_is_counted_from_its_processes() -> None:
    watch = Stopwatch(Served("me", os.getpid(), Address("http://127.0.0.1:1", "m")))
    sum(range(200_000))
    spent = watch.spent([Got(tokens=3, wanted=3), Got(tokens=2, wanted=3), Got(lost="no")])
    assert (spent.tokens, spent.short, spent.lost) == (5, 1, ["no"])
    assert spent.cpu > 0
    assert spent.wall > 0
    assert spent.rate == 5 / spent.cpu
    assert Spent([], 0.0, 1.0).rate == 0.0
