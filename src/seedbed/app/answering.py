"""What answers: the deployments, the gateway before them, what it costs, and who watches.

Floor 7. `seedbed.app.road` puts before it what comes before a gateway.
"""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx2
import structlog

from seedbed import __version__
from seedbed.app.catalogue import cascades, catalogue_of, deployer_of, gateway_of, residency_of
from seedbed.app.store import saved_prefixes_of
from seedbed.core.faults import undeployed
from seedbed.core.fleet import Fleet
from seedbed.kit.clock import Clock
from seedbed.serving.cascade import Cascade
from seedbed.serving.deploy import Deployer
from seedbed.serving.deployment import LiveDeployment
from seedbed.serving.gateway import Gateway
from seedbed.serving.metering import Meter
from seedbed.serving.metrics import Metrics
from seedbed.serving.observing import Observer, RequestLog
from seedbed.serving.spans import Spans
from seedbed.serving.tracing import Tracing, read_headers
from seedbed.settings import Settings, read_proxies, read_secret
from seedbed.store.database import Database
from seedbed.store.fleets import read_fleets
from seedbed.store.ledger import Ledger
from seedbed.store.secrets import Secrets
from seedbed.store.weights import Weights

log: structlog.stdlib.BoundLogger = structlog.get_logger()

Work = Callable[[], Coroutine[Any, Any, None]]
"""What runs until it is cancelled."""


@dataclass(frozen=True, slots=True)
class Base:
    """What every part of a server stands on. `environment` holds the secrets that cards name by
    `env:`; `instance` is the name of this run.
    """

    settings: Settings
    environment: Mapping[str, str]
    database: Database
    clock: Clock
    instance: str

    @property
    def secret(self) -> Callable[[str], str]:
        """What finds the secret that a card or a setting names."""
        return partial(read_secret, environment=self.environment)


@dataclass(frozen=True, slots=True)
class Answering:
    """What answers, and the `works` that run while it does."""

    deployments: list[LiveDeployment]
    gateway: Gateway
    cascade: Cascade
    meter: Meter
    metrics: Metrics
    observer: Observer
    traces: Tracing | None
    works: Sequence[Work]


def answering_of(base: Base) -> Answering:
    """Every model that is to be served, behind one gateway.

    Raises:
        ModelAbsent: a model that should be served has not been pulled.
        SettingRefused: models, prices and deployments do not go together.
    """
    settings, clock = base.settings, base.clock
    fleets = read_fleets(settings.home / "deployments")
    residency = residency_of(settings, clock, fleets)
    saved = saved_prefixes_of(settings, base.database, base.environment, clock)
    deployer = deployer_of(settings, clock, residency=residency, prefixes=saved)
    deployments = _deployed(base, deployer, fleets)
    meter = _meter(base, deployments)
    metrics, traces = Metrics(deployments, meter), _tracing(base, deployments)
    requests = [RequestLog()] if settings.log_requests else []
    observer = Observer([*requests, metrics, *([traces] if traces else [])], clock=clock)
    salt, note = Secrets(base.database).get_now("salt"), observer.note
    gateway = gateway_of(deployments, meter, settings, clock, note=note, fleets=fleets, salt=salt)
    works = [each.run for each in (residency, saved) if each]
    cascade = _cascade(base, gateway, meter, fleets)
    return Answering(deployments, gateway, cascade, meter, metrics, observer, traces, works)


def _meter(base: Base, deployments: Sequence[LiveDeployment]) -> Meter:
    """What counts and prices, their hours with it."""
    return Meter(
        Ledger(base.database),
        currency=base.settings.currency,
        clock=base.clock,
        hours=lambda: [hours for live in deployments if (hours := live.hours())],
    )


def _cascade(base: Base, gateway: Gateway, meter: Meter, fleets: Mapping[str, Fleet]) -> Cascade:
    """What asks the cheap one first, where the fleets say so."""
    return Cascade(
        gateway.generate,
        cascades(fleets),
        gateway.price,
        note=meter.tell,
        clock=base.clock,
        longest_answer=base.settings.longest_answer_seconds,
    )


def _deployed(base: Base, deployer: Deployer, fleets: Mapping[str, Fleet]) -> list[LiveDeployment]:
    """Each model that is named, in each of its places."""
    settings, catalogue = base.settings, catalogue_of(base.settings)
    for fault in undeployed(fleets, catalogue.all()).values():
        log.warning("deployments.unread", why=fault.what, mend=fault.mend)
    weights, proxies = Weights(settings.home / "models"), read_proxies(base.environment)
    return [
        live
        for model in map(catalogue.find, dict.fromkeys(settings.models))
        for live in deployer.deploy_all(
            model,
            fleets.get(model.name, Fleet()),
            weights.find,
            secret=base.secret,
            proxies=proxies,
        )
    ]


def _tracing(base: Base, deployments: Sequence[LiveDeployment]) -> Tracing | None:
    """What sends traces to where the settings say, if anywhere."""
    settings = base.settings
    if not settings.otlp:
        return None
    headers = read_headers(base.secret(settings.otlp_headers)) if settings.otlp_headers else {}
    upstreams = {live.name: live.deployment.model.upstream for live in deployments}
    return Tracing(
        f"{settings.otlp}/v1/traces",
        Spans(upstreams, instance=base.instance, version=__version__),
        models=frozenset(name for live in deployments for name in live.deployment.model.names),
        client=httpx2.Client(headers=headers, timeout=5),
        clock=base.clock,
    )
