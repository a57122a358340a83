"""`seedbed batch run`."""

import json
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import anyio
import pytest

from seedbed.app.worker import working
from seedbed.cli import batch
from seedbed.settings import read_settings
from tests.cli.conftest import Seedbed

pytestmark = pytest.mark.slow


def _line(number: int, text: str = "one two") -> str:
    body = {"model": "scripted", "messages": [{"role": "user", "content": f"{text} {number}"}]}
    line = {"custom_id": f"q{number}", "method": "POST", "url": "/v1/chat/completions"}
    return json.dumps(line | {"body": body})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "asks.jsonl"
    path.write_text("\n".join(map(_line, range(9))))
    return path


@contextmanager
def _worker(environment: Mapping[str, str]) -> Generator[None]:
    """A worker of the home, in a thread."""
    settings, _ = read_settings(environment)
    began, ends = threading.Event(), anyio.Event()
    loops: list[anyio.from_thread.BlockingPortal] = []

    async def run() -> None:
        async with anyio.from_thread.BlockingPortal() as portal, working(settings, environment):
            loops.append(portal)
            began.set()
            await ends.wait()

    thread = threading.Thread(target=anyio.run, args=(run,))
    thread.start()
    began.wait()
    try:
        yield
    finally:
        loops[0].call(ends.set)
        thread.join()


def _answers(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.mark.usefixtures("server")
def test_every_line_is_answered_in_order_and_is_paid_once(
    seedbed: Seedbed, environment: dict[str, str], file: Path, tmp_path: Path
) -> None:
    with _worker(environment):
        said = seedbed("batch", "run", str(file), "--budget", "0.10")
        assert said.status == 0, said.err
        again = seedbed("batch", "run", str(file), "--json").json
        anew = seedbed("batch", "run", str(file), "--json", "--again").json
    answers = _answers(tmp_path / "asks.answers.jsonl")
    assert [answer["custom_id"] for answer in answers] == [f"q{n}" for n in range(9)]
    assert "9 of 9" in said.out
    assert again["job"] in said.out
    assert (again["answered"], again["refused"], again["state"]) == (9, 0, "succeeded")
    assert anew["job"] != again["job"]
    told = tmp_path / "usage.csv"
    assert seedbed("usage", "--csv", str(told)).status == 0
    assert len(told.read_text().splitlines()) == 1 + 18


def test_a_worker_elsewhere_is_told_where_the_server_is(
    seedbed: Seedbed, environment: dict[str, str], file: Path, home: Path, server: str
) -> None:
    for told in (home / "run").glob("server-*.json"):
        told.unlink()  # as on another machine
    with _worker(environment | {"SEEDBED_SERVER": server}):
        assert seedbed("batch", "run", str(file), "--json").json["answered"] == 9


@pytest.mark.usefixtures("server")
def test_what_is_refused_is_counted_and_the_first_refusal_told(
    seedbed: Seedbed, environment: dict[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(_line(1) + "\n" + _line(2).replace("scripted", "absent"))
    with _worker(environment):
        told = seedbed("batch", "run", str(path), "--json", "--out", str(tmp_path / "o")).json
        said = seedbed("batch", "run", str(path), "--out", str(tmp_path / "o"))
    assert (told["answered"], told["refused"]) == (1, 1)
    assert "q2: There is no model 'absent' here." in said.out
    [_, refused] = _answers(tmp_path / "o")
    assert refused["response"]["status_code"] == 404  # type: ignore[index]  # as it was written


@pytest.mark.usefixtures("server")
def test_a_batch_that_ends_without_success_says_why(
    seedbed: Seedbed, environment: dict[str, str], file: Path, home: Path
) -> None:
    assert seedbed("keys", "budget", "--project", "p", "--money", "0.01").status == 0
    with _worker(environment):
        said = seedbed("batch", "run", str(file), "--budget", "0.02")
    assert said.status == 1
    assert "has failed" in said.err
    assert "0.01" in said.err
    assert not file.with_suffix(".answers.jsonl").exists()


@pytest.mark.usefixtures("server")
def test_it_can_be_left_to_itself(seedbed: Seedbed, file: Path) -> None:
    said = seedbed("batch", "run", str(file), "--detach")
    assert said.status == 0
    job = seedbed("jobs", "ls", "--json").json[0]["id"]
    assert f"{job} is queued; " in said.out
    assert f"jobs watch {job}` shows it." in said.out


@pytest.mark.usefixtures("server")
def test_whoever_stops_watching_stops_no_batch(
    seedbed: Seedbed, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(batch, "time", SimpleNamespace(sleep=interrupted))
    said = seedbed("batch", "run", str(file))
    assert (said.status, said.out) == (130, "")
    assert "It goes on without you" in said.err
    [job] = seedbed("jobs", "ls", "--json").json
    assert job["state"] == "queued"


@pytest.mark.usefixtures("server")
def test_what_is_no_batch_is_told_before_anything_is_asked(
    seedbed: Seedbed, tmp_path: Path
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("{}")
    said = seedbed("batch", "run", str(path), "--json")
    assert said.status == 1
    assert "line 1" in said.error["what"]


def test_without_a_key_that_works_nothing_is_submitted(
    seedbed: Seedbed, file: Path, home: Path
) -> None:
    assert seedbed("batch", "run", str(file), "--json").error["code"] == "key_missing"
    (home / "admin.key").write_text("sb-no\n")
    assert seedbed("batch", "run", str(file), "--json").error["code"] == "key_unknown"
