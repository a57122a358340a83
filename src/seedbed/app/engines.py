"""The first model's engines, tried and measured for whoever sets a machine up.

Floor 7.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from functools import partial

import httpx2

from seedbed.app.catalogue import catalogue_of, deployer_of, gateway_of
from seedbed.app.running import daemon_of, running
from seedbed.app.store import database_of
from seedbed.bench import engines as bench
from seedbed.core.ask import Feature
from seedbed.core.errors import SettingRefused
from seedbed.core.model import ListPrice, Model, Upstream
from seedbed.core.prices import Unit
from seedbed.kit.clock import SystemClock
from seedbed.kit.machine import this_machine
from seedbed.serving.deploy import engines_here
from seedbed.serving.metering import Meter
from seedbed.serving.trial import TEN, Verdict, try_out
from seedbed.settings import (
    Settings,
    read_proxies,
    read_secret,
)
from seedbed.store.ledger import Ledger
from seedbed.store.weights import Weights


async def try_engines(
    settings: Settings,
    environment: Mapping[str, str],
    client: httpx2.Client,
    told: Callable[[str, Verdict], None],
) -> None:
    """Ask ten requests of the first model on each of its engines, and through our own door.

    The engines run one after the other, beside a server that may run, too.
    """
    catalogue, weights = catalogue_of(settings), Weights(settings.home / "models")
    model = catalogue.find(_first(settings))
    able = {kind for kind, lack in engines_here(this_machine()) if lack is None}
    tried = {kind: replace(model, engines=(kind,)) for kind in model.engines if kind in able}
    server = daemon_of(settings, None, client).find()
    if server and _is_served(model.name, server.url, settings, client):
        tried["through the door"] = _own_door(model, server.url, settings)
    clock = SystemClock()
    deployer = deployer_of(settings, clock)
    secret = partial(read_secret, environment=environment)
    for label, one in tried.items():
        proxies = read_proxies(environment)
        live = deployer.deploy(one, weights.find, secret=secret, proxies=proxies)
        database = database_of(settings, environment)
        meter = Meter(Ledger(database), currency=settings.currency, clock=clock)
        gateway = gateway_of([live], meter, settings, clock)
        async with running([live], meter, database):
            for name in TEN:
                told(label, await try_out(model.name, gateway.generate, name))


async def bench_engines(
    settings: Settings, turns: int, told: Callable[[str], None]
) -> list[bench.Row]:
    """Measure each engine that the first model has here, bare and ours in turn."""
    catalogue, weights = catalogue_of(settings), Weights(settings.home / "models")
    model = catalogue.find(_first(settings))
    deployer = deployer_of(replace(settings, places=bench.PLACES), SystemClock())
    able = {kind for kind, lack in engines_here(this_machine()) if lack is None}
    rows: list[bench.Row] = []
    for kind in model.engines:
        laid = weights.find(model, kind)
        if kind in able and laid.weights:
            live = deployer.deploy(replace(model, engines=(kind,)), weights.find, secret=str)
            threads = settings.threads or this_machine().cores
            subject = bench.Subject(live, laid.weights, model.window, threads)
            rows += await bench.measure_all(subject, bench.WORKLOADS, turns=turns, told=told)
    return rows


def _first(settings: Settings) -> str:
    """The first model that is served, which is the one that is tried and measured.

    Raises:
        SettingRefused: none is.
    """
    if settings.models:
        return settings.models[0]
    raise SettingRefused(
        "Setting 'models' names no model, so there is nothing to try.",
        hint="Name one: SEEDBED_MODELS=smollm2-135m.",
    )


def _is_served(name: str, url: str, settings: Settings, client: httpx2.Client) -> bool:
    """Whether the server that runs has that model for the holder of the first key."""
    key_file = settings.home / "admin.key"
    if not key_file.exists():
        return False
    headers = {"authorization": f"Bearer {key_file.read_text().strip()}"}
    return client.get(f"{url}/v1/models/{name}", headers=headers).status_code == 200


def _own_door(model: Model, url: str, settings: Settings) -> Model:
    """The same model as this house's own server serves it, as if that were somebody else's."""
    upstream = Upstream(
        url=f"{url}/v1",
        dialect="openai",
        model=model.name,
        secret=f"file:{settings.home / 'admin.key'}",
        serves=frozenset(Feature) - {Feature.CHOICES},
    )
    priced_there = ListPrice(
        settings.currency, date.min, "priced by the server behind the door", {Unit.INPUT_FRESH: "0"}
    )
    engines = ("remote",)
    return replace(model, engines=engines, files=(), upstream=upstream, price=priced_there)
