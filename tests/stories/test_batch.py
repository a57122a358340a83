"""A batch of two hundred lines, everything killed half way, and the same command again."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from seedbed.core.job import Job
from seedbed.store.answers import Answers
from seedbed.store.database import Database, open_database
from seedbed.store.jobs import Filter, Jobs
from seedbed.store.ledger import Ledger
from tests.stories.conftest import MODEL, Served, environment, seedbed

pytestmark = [pytest.mark.slow, pytest.mark.anyio]

LINES = 200


def _file(path: Path) -> Path:
    def line(number: int) -> str:
        said = [{"role": "user", "content": f"Say {number}."}]
        body = {"model": MODEL, "messages": said, "max_tokens": 3}
        ask = {"custom_id": f"q{number}", "method": "POST", "url": "/v1/chat/completions"}
        return json.dumps(ask | {"body": body})

    path.write_text("\n".join(map(line, range(LINES))))
    return path


def _begin(served: Served, *words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "seedbed", *words],
        env=environment(served.home) | {"SEEDBED_PORT": str(served.port)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@contextmanager
def _killed_at_the_end(process: subprocess.Popen[bytes]) -> Generator[None]:
    try:
        yield
    finally:
        process.kill()
        process.wait()


def _job(database: Database) -> Job | None:
    found = Jobs(database, currency="USD").newest_now(Filter(), last=1)
    return found[0] if found else None


async def test_a_batch_outlives_everything_and_each_line_is_paid_once(
    served: Served, tmp_path: Path
) -> None:
    file, out = _file(tmp_path / "asks.jsonl"), tmp_path / "answers.jsonl"
    run = "batch", "run", str(file), "--out", str(out)
    with closing(open_database(served.home / "seedbed.db")) as database:
        worker, command = _begin(served, "worker"), _begin(served, *run)
        with _killed_at_the_end(worker), _killed_at_the_end(command):
            while (job := _job(database)) is None or job.progress.done < LINES // 2:
                assert command.poll() is None
            os.kill(served.server_pid(), signal.SIGKILL)
        assert not out.exists()
        seedbed(served.home, "up", "--port", str(served.port))
        with _killed_at_the_end(_begin(served, "worker")):
            again = _begin(served, *run)
            assert again.wait() == 0
        job = _job(database)
        assert job is not None
        assert job.run == 2
        answers = [json.loads(line) for line in out.read_text().splitlines()]
        assert [answer["custom_id"] for answer in answers] == [f"q{n}" for n in range(LINES)]
        assert {answer["response"]["status_code"] for answer in answers} == {200}
        paid = Counter(entry.request_id for entry in Ledger(database).entries(last=10_000))
        for place, answer in enumerate(answers):
            kept = await Answers(database).find(job.owner.key, f"{job.id}.{place}")
            assert kept is not None
            assert kept.request_id == answer["response"]["body"]["seedbed"]["request_id"]
            assert paid.pop(kept.request_id) == 1
        lost = [
            entry for entry in Ledger(database).entries(last=10_000) if entry.request_id in paid
        ]
        assert all(entry.stop in {"unreconciled", "cancelled"} for entry in lost)
