"""What is put together, and what is left outside."""

import os
import pwd
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import pytest
from structlog.testing import capture_logs

from seedbed.app.catalogue import residency_of
from seedbed.app.house import build_house
from seedbed.app.road import is_wanted
from seedbed.app.running import listen, running
from seedbed.app.server import build_app
from seedbed.core.access import Principal, Scope
from seedbed.core.ask import Ask
from seedbed.core.errors import PortTaken, SettingRefused, StoreUnusable
from seedbed.core.fleet import Fleet, Place
from seedbed.core.job import Draft, Owner
from seedbed.core.message import Message, Role, Text
from seedbed.core.model import ListPrice, Model, Upstream
from seedbed.core.money import Amount
from seedbed.core.prices import Unit
from seedbed.kit.clock import SystemClock
from seedbed.serving.account import Order
from seedbed.serving.deploy import Deployer
from seedbed.serving.deployment import LiveDeployment
from seedbed.serving.metering import Meter
from seedbed.serving.resident import GRAPHICS, MAIN
from seedbed.settings import Settings, read_settings
from seedbed.store.catalogue import write_card
from seedbed.store.database import open_database
from seedbed.store.holds import own_budget
from seedbed.store.jobs import Jobs
from seedbed.store.keys import Keys
from seedbed.store.ledger import Ledger
from seedbed.store.tokens import Tokens
from tests.api.running import CHAT, House, alive, make_key
from tests.kit.nvidia import Nvidia
from tests.serving.collector import collecting
from tests.store.servers import PostgreSQL

ELSEWHERE = """
[[deployments]]
name = "theirs"
engine = "remote"
upstream = { url = "https://a.example/v1", dialect = "openai", model = "large" }
[deployments.price]
currency = "EUR"
since = 2026-01-01
source = "their page"
per_million = { input_fresh = "1" }
"""
TOO_HEAVY = {
    "alembic", "av", "cv2", "dbos", "gguf", "jsonschema_rs", "lancedb", "llguidance", "mako",
    "mcp", "mcp_types", "PIL", "pydantic", "pypdfium2",
    "numpy", "obstore", "openvino", "openvino_genai", "playwright", "psycopg", "torch",
    "xllamacpp",
}  # fmt: skip
OF_OTHER_COMMANDS = {
    "seedbed.cli.artifacts",
    "seedbed.bench.gateway",
    "seedbed.bench.ledger",
    "seedbed.cli.bench",
    "seedbed.cli.chat",
    "seedbed.cli.doctor",
    "seedbed.cli.usage",
}


def test_the_home_is_its_owners_alone(tmp_path: Path) -> None:
    house = build_house({"SEEDBED_HOME": str(tmp_path / "deep" / "home")})
    assert house.home.stat().st_mode & 0o777 == 0o700


def test_whoever_the_machine_has_no_name_for_is_known_by_a_number(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody(number: int) -> None:
        raise KeyError(number)

    monkeypatch.setattr(pwd, "getpwuid", nobody)
    assert build_house({"SEEDBED_HOME": str(home)}).operator == f"user {os.getuid()}"


@pytest.mark.anyio
async def test_an_answer_for_a_job_is_wanted_while_the_job_is(home: Path) -> None:
    database = open_database(home / "seedbed.db")
    key, _ = Keys(database).create("k", user="u", project="p", scopes=frozenset(), now=1)
    jobs, tokens = Jobs(database, currency="USD"), Tokens(database)
    job = await jobs.submit(Draft("work", {}, Owner("u", "p", key.id)), now=1)
    whose = replace(key.principal, budgets=(own_budget(job),))
    ask = Ask("m", (Message(Role.USER, (Text("a"),)),))
    wanted = partial(is_wanted, tokens, Order(ask, whose, "req_1"))
    assert await wanted()
    await jobs.cancel(job.id, now=2)
    assert not await wanted()
    assert await is_wanted(tokens, Order(ask, key.principal, "req_2"))
    database.close()


def test_a_home_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(StoreUnusable, match="cannot be made: Not a directory"):
        build_house({"SEEDBED_HOME": str(tmp_path / "file" / "home")})


@pytest.mark.slow
def test_the_server_loads_nothing_heavy() -> None:
    code = "import sys, seedbed.app.house, seedbed.cli.server; print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    loaded = set(told.stdout.split())
    assert not TOO_HEAVY & {name.split(".")[0] for name in loaded}
    assert not OF_OTHER_COMMANDS & loaded


def settings_of(home: Path, **variables: str) -> Settings:
    environment = {"SEEDBED_HOME": str(home), "SEEDBED_MODELS": "scripted"}
    return read_settings(environment | variables)[0]


def test_two_servers_cannot_have_one_port() -> None:
    with listen("127.0.0.1", 0) as first, pytest.raises(PortTaken):
        listen("127.0.0.1", first.getsockname()[1])


def test_others_are_served_over_tls_or_by_the_explicit_word_only(home: Path) -> None:
    house = build_house({"SEEDBED_HOME": str(home), "SEEDBED_HOST": "0.0.0.0"})
    with pytest.raises(SettingRefused, match="in the clear"):
        house.serve(None, True)
    missing = {"SEEDBED_CERTIFICATE": str(home / "gone.pem"), "SEEDBED_CERTIFICATE_KEY": "k"}
    with pytest.raises(SettingRefused, match=r"gone\.pem"):
        build_house({"SEEDBED_HOME": str(home)} | missing)


def test_an_address_that_is_not_this_machines_is_told() -> None:
    with pytest.raises(SettingRefused, match=r"cannot listen on 192\.0\.2\.1"):
        listen("192.0.2.1", 8790)


@pytest.mark.parametrize(
    ("engine", "why"), [("nope", "no kind 'nope'"), ("llama_cpp", "needs the weights")]
)
def test_a_card_that_cannot_be_served_is_told_by_name(home: Path, engine: str, why: str) -> None:
    (home / "catalogue").mkdir(parents=True)
    (home / "catalogue" / "mine.toml").write_text(
        f'title = "t"\nengines = ["{engine}"]\nwindow = 9\nparameters = 0\nlicence = "MIT"\n'
    )
    with pytest.raises(SettingRefused, match=f"card of 'mine'.*{why}"):
        build_app(settings_of(home, SEEDBED_MODELS="mine"), clock=SystemClock())


def test_a_model_that_stands_in_for_another_must_be_served_too(home: Path) -> None:
    (home / "deployments").mkdir(parents=True)
    (home / "deployments" / "scripted.toml").write_text('fallbacks = ["smollm-135m"]\n')
    with pytest.raises(SettingRefused, match=r"'smollm-135m' is to stand in for 'scripted'"):
        build_app(settings_of(home, SEEDBED_MODELS="scripted"), clock=SystemClock())


def test_a_file_of_deployments_that_nobody_reads_is_told_in_the_log(home: Path) -> None:
    (home / "deployments").mkdir(parents=True)
    (home / "deployments" / "scriptd.toml").write_text('policy = "fastest"\n')
    with capture_logs() as said:
        build_app(settings_of(home, SEEDBED_MODELS="scripted"), clock=SystemClock())
    (told,) = (one for one in said if one["event"] == "deployments.unread")
    assert "deployments/scriptd.toml" in told["why"]
    assert told["log_level"] == "warning"


def test_a_deployment_that_is_priced_in_a_currency_without_a_rate_is_refused(home: Path) -> None:
    (home / "deployments").mkdir(parents=True)
    (home / "deployments" / "scripted.toml").write_text(ELSEWHERE)
    with pytest.raises(SettingRefused, match=r"'scripted@theirs' is in EUR, .* no rate from EUR"):
        build_app(settings_of(home, SEEDBED_MODELS="scripted"), clock=SystemClock())


def test_a_model_that_is_named_twice_is_served_once(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    deploy = Deployer.deploy

    def counted(self: Deployer, model: Model, *args: Any, **options: Any) -> LiveDeployment:
        made.append(model.name)
        return deploy(self, model, *args, **options)

    monkeypatch.setattr(Deployer, "deploy", counted)
    build_app(settings_of(home, SEEDBED_MODELS="scripted,scripted"), clock=SystemClock())
    assert made == ["scripted"]


@pytest.mark.anyio
async def test_a_model_whose_price_has_ended_is_refused_and_the_others_are_served(
    home: Path,
) -> None:
    (home / "catalogue").mkdir(parents=True)
    upstream = Upstream("https://a.example/v1", "openai", "large")
    ended = ListPrice("USD", date(2026, 1, 1), "a page", {Unit.INPUT_FRESH: "1"}, date(2026, 1, 2))
    card = Model("far", "Far", ("remote",), 1000, 0, "unknown", upstream=upstream, price=ended)
    write_card(home / "catalogue" / "far.toml", card)
    app = build_app(settings_of(home, SEEDBED_MODELS="far,scripted"), clock=SystemClock())
    key = make_key(home, Scope.MODELS)
    async with alive(app), House(app, key, home, SystemClock()).client() as client:
        messages = [{"role": "user", "content": "hi"}]
        refused = await client.post(CHAT, json={"model": "far", "messages": messages})
        served = await client.post(CHAT, json={"model": "scripted", "messages": messages})
    assert (refused.status_code, served.status_code) == (503, 200)
    assert "input_fresh ended with 2026-01-02, and none follows" in refused.text


@pytest.mark.anyio
async def test_every_answer_is_told_to_a_collector_at_the_end_at_least(home: Path) -> None:
    with collecting() as collector:
        where = collector.url.removesuffix("/v1/traces")
        settings = settings_of(home, SEEDBED_MODELS="scripted", SEEDBED_OTLP=where)
        app, key = build_app(settings, clock=SystemClock()), make_key(home, Scope.MODELS)
        async with alive(app), House(app, key, home, SystemClock()).client() as client:
            messages = [{"role": "user", "content": "hi"}]
            answer = await client.post(CHAT, json={"model": "scripted", "messages": messages})
    assert collector.requests == [[answer.headers["x-request-id"]]]


@pytest.mark.slow
@pytest.mark.anyio
async def test_one_setting_puts_the_whole_house_on_a_server(
    home: Path, postgresql: PostgreSQL
) -> None:
    with postgresql.lent() as where:
        variables = {"SEEDBED_DATABASE": where.url, "SEEDBED_DATABASE_PASSWORD": "env:WORD"}
        environment = {"SEEDBED_HOME": str(home), "WORD": "s3cret", **variables}
        house = build_house(environment)
        key, secret = house.keys().create(
            "k", user="ada", project="p", scopes=frozenset(Scope), now=0
        )
        settings = settings_of(home, **variables)
        app = build_app(settings, clock=SystemClock(), environment=environment)
        async with alive(app), House(app, secret, home, SystemClock()).client() as client:
            messages = [{"role": "user", "content": "hi"}]
            served = await client.post(CHAT, json={"model": "scripted", "messages": messages})
            assert served.status_code == 200
        (entry,) = house.ledger().entries(last=9)
        assert entry.principal.key == key.id
    assert not (home / "seedbed.db").exists()


def test_a_program_that_is_not_there_is_told_by_its_name(home: Path) -> None:
    with pytest.raises(SettingRefused, match="'no-such-server', and there is no such program"):
        build_app(settings_of(home, SEEDBED_LLAMA_SERVER="no-such-server"), clock=SystemClock())


@pytest.mark.anyio
async def test_a_server_whose_meter_has_broken_ends(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raised: list[int] = []
    monkeypatch.setattr("signal.raise_signal", raised.append)
    database = open_database(home / "seedbed.db")
    meter = Meter(Ledger(database), currency="USD", clock=SystemClock())

    async def breaks() -> None:
        raise RuntimeError("nobody foresaw this")

    monkeypatch.setattr(meter, "run", breaks)
    with pytest.raises(BaseExceptionGroup):
        async with running([], meter, database):
            await anyio.sleep_forever()
    assert raised == [signal.SIGTERM]


NOBODY = Principal("u", "p", "k", frozenset())


@pytest.mark.anyio
async def test_books_that_cannot_be_closed_are_told_and_the_server_ends(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database = open_database(home / "seedbed.db")
    meter = Meter(Ledger(database), currency="USD", clock=SystemClock())
    async with running([], meter, database):
        await meter.promise(NOBODY, Amount(1, "USD"), 1)
        database.write_now(lambda c: c.exec_driver_sql("ALTER TABLE leases RENAME TO hidden"))
    said = capsys.readouterr()
    assert "ledger.unwritten" in said.out + said.err


def test_memory_is_shared_where_it_is_bounded_and_graphics_memory_where_layers_go(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nvidia = Nvidia(tmp_path / "nvidia")
    nvidia.says(used=3, total=8000)
    layers = {"m": Fleet(places=(Place(name="a"), Place(name="b", layers=8)))}

    def capacities(fleets: dict[str, Fleet], **settings: Any) -> dict[str, float] | None:
        residency = residency_of(Settings(home=home, **settings), SystemClock(), fleets)
        return residency and {one.kind: one.bytes for one in residency.capacities}

    monkeypatch.setenv("PATH", str(tmp_path))
    assert capacities({"m": Fleet()}) is None
    with capture_logs() as logs:
        assert capacities(layers) is None
    assert [line["event"] for line in logs] == ["residency.unbounded"]
    assert capacities(layers, graphics_megabytes=5) == {GRAPHICS: 5e6}
    monkeypatch.setenv("PATH", f"{nvidia.folder}:{os.defpath}")
    assert capacities({"m": Fleet()}, memory_megabytes=7) == {MAIN: 7e6}
    assert capacities({}, layers=1, memory_megabytes=7) == {MAIN: 7e6, GRAPHICS: 8000 << 20}
    assert capacities(layers, graphics_megabytes=5) == {GRAPHICS: 5e6}
