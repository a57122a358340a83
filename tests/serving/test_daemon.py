"""The server in the background: what is found, what is waited for, what is given up."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from seedbed.core.errors import SetupIncomplete
from seedbed.serving import daemon as module
from seedbed.serving.daemon import Daemon

Answer = dict[str, object] | list[object] | str


def _look() -> None:
    """What a command does between two looks: other processes have their turn."""
    time.sleep(0.01)


@pytest.fixture
def answers() -> dict[str, tuple[int, Answer]]:
    """What answers at the port, by path."""
    return {}


@pytest.fixture
def daemon(home: Path, answers: dict[str, tuple[int, Answer]]) -> Iterator[Daemon]:
    def answer(request: httpx2.Request) -> httpx2.Response:
        if request.url.path not in answers:
            raise httpx2.ConnectError("nobody is there")
        status, content = answers[request.url.path]
        return httpx2.Response(status, content=json.dumps(content).encode())

    with httpx2.Client(transport=httpx2.MockTransport(answer)) as client:
        yield Daemon(home, host="127.0.0.1", port=8790, client=client)


@pytest.mark.parametrize("health", [{"instance": "another"}, {}, [1], "hello"])
def test_what_answers_otherwise_is_not_taken_for_our_server(
    daemon: Daemon, answers: dict[str, tuple[int, Answer]], health: Answer
) -> None:
    daemon.announce("instance_1")
    answers["/healthz"] = 200, health
    assert daemon.find() is None


def test_a_server_is_found_as_long_as_it_answers_to_its_own_name(
    daemon: Daemon, answers: dict[str, tuple[int, Answer]]
) -> None:
    daemon.announce("instance_1")
    assert daemon.find() is None
    answers["/healthz"] = 200, {"instance": "instance_1"}
    found = daemon.find()
    assert found is not None
    assert (found.pid, found.url) == (os.getpid(), "http://127.0.0.1:8790")


def test_a_server_takes_back_only_its_own_announcement(
    daemon: Daemon, answers: dict[str, tuple[int, Answer]]
) -> None:
    answers["/healthz"] = 200, {"instance": "instance_2"}
    daemon.announce("instance_2")
    daemon.retire("instance_1")
    assert daemon.find() is not None
    daemon.retire("instance_2")
    daemon.retire("instance_2")
    assert daemon.find() is None


def test_an_address_of_the_sixth_version_is_written_as_it_must_be(home: Path) -> None:
    with httpx2.Client() as client:
        assert Daemon(home, host="::1", port=1, client=client).url == "http://[::1]:1"


def test_a_server_that_listens_everywhere_is_asked_on_the_loopback(home: Path) -> None:
    with httpx2.Client() as client:
        for host, url in (("0.0.0.0", "https://127.0.0.1:1"), ("::", "https://[::1]:1")):
            daemon = Daemon(home, host=host, port=1, client=client, speaks_tls=True)
            assert daemon.url == url


def test_a_long_log_is_put_aside_at_the_next_start(daemon: Daemon, home: Path) -> None:
    log = home / "logs" / "server.log"
    log.parent.mkdir(parents=True)
    log.touch()
    os.truncate(log, (64 << 20) + 1)
    with pytest.raises(SetupIncomplete, match="ended with status 0 before it answered: bye"):
        daemon.start([sys.executable, "-c", "print('bye')"], os.environ, wait=_look)
    assert log.read_text() == "bye\n"
    assert log.with_suffix(".log.1").stat().st_size > 64 << 20


def test_a_server_that_lives_and_never_answers_is_not_waited_for_for_ever(
    daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOOKS", 3)
    with pytest.raises(SetupIncomplete, match="was started and never answered"):
        daemon.start(
            [sys.executable, "-c", "import signal; signal.pause()"], os.environ, wait=lambda: None
        )


def test_a_model_that_does_not_come_is_told_with_its_state(
    daemon: Daemon, answers: dict[str, tuple[int, Answer]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOOKS", 3)
    answers["/readyz"] = 503, {"for": {"m@here": "ended with status 1"}}
    waited: list[str] = []
    with pytest.raises(SetupIncomplete, match=r"model calls \(m@here: ended with"):
        daemon.until_ready(wait=waited.append)
    assert waited == ["m@here: ended with status 1"] * 3


def test_a_process_that_has_ended_and_was_not_waited_for_is_not_alive() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    while module.alive(process.pid):
        pass
    assert process.wait() == 0
    assert not module.alive(process.pid)


def test_a_server_that_will_not_end_is_told_with_what_ends_it(
    daemon: Daemon, answers: dict[str, tuple[int, Answer]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOOKS", 3)
    killed: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda *words: killed.append(words))  # pyright: ignore[reportUnknownLambdaType] - as os.kill has them
    daemon.announce("instance_1")
    answers["/healthz"] = 200, {"instance": "instance_1"}
    with pytest.raises(SetupIncomplete, match="was told to end and has not") as told:
        daemon.stop(wait=lambda: None)
    assert f"kill -9 {os.getpid()}" in told.value.hint
    assert killed
