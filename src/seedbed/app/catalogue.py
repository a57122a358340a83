"""Which models a house has, on which engines and at which prices.

Floor 7.
"""

import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import structlog

from seedbed.core.book import PriceBook
from seedbed.core.errors import SettingRefused
from seedbed.core.faults import check
from seedbed.core.fleet import Fleet
from seedbed.kit.clock import Clock, today
from seedbed.kit.graphics import NvidiaGauge
from seedbed.kit.machine import this_machine
from seedbed.kit.memory import main_memory
from seedbed.serving.checks import Checks
from seedbed.serving.deploy import Deployer, Share
from seedbed.serving.deployment import LiveDeployment
from seedbed.serving.gateway import Gateway
from seedbed.serving.metering import Meter
from seedbed.serving.observing import Record
from seedbed.serving.peaks import Peaks
from seedbed.serving.residency import Residency
from seedbed.serving.resident import GRAPHICS, MAIN, Capacity
from seedbed.settings import (
    Settings,
    read_secret,
)
from seedbed.store.catalogue import SHIPPED, Catalogue, read_catalogue
from seedbed.store.fleets import read_fleets
from seedbed.store.hub import Hub
from seedbed.store.kv import SavedPrefixes
from seedbed.store.prices import read_prices
from seedbed.store.weights import Weights

log: structlog.stdlib.BoundLogger = structlog.get_logger()


def catalogue_of(settings: Settings) -> Catalogue:
    """The cards that ship, and those of this home."""
    return read_catalogue(SHIPPED, settings.home / "catalogue")


def weights_of(settings: Settings, environment: Mapping[str, str]) -> Weights:
    """The files of its models."""
    token = read_secret(settings.hub_token, environment) if settings.hub_token else None
    return Weights(settings.home / "models", hub=Hub(settings.hub, token))


def residency_of(settings: Settings, clock: Clock, fleets: Mapping[str, Fleet]) -> Residency | None:
    """Who decides what is loaded, where not all may be."""
    capacities: list[Capacity] = []
    if settings.memory_megabytes:
        capacities.append(Capacity(MAIN, settings.memory_megabytes * 1_000_000, main_memory()))
    if settings.layers or any(one.layers for fleet in fleets.values() for one in fleet.places):
        gauge = NvidiaGauge()
        if most := settings.graphics_megabytes * 1_000_000 or gauge.total:
            gauge.held((), calm=True)  # what strangers have taken, before anything is loaded
            capacities.append(Capacity(GRAPHICS, most, gauge))
        else:
            log.warning("residency.unbounded", memory=GRAPHICS)
    if not capacities:
        return None
    peaks = Peaks(settings.home / "run" / "peaks.json")
    return Residency(*capacities, clock=clock, peaks=peaks)


def deployer_of(
    settings: Settings,
    clock: Clock,
    *,
    residency: Residency | None = None,
    prefixes: SavedPrefixes | None = None,
) -> Deployer:
    """What puts models on the engines of this machine."""
    machine = this_machine()
    share = Share(
        places=settings.places,
        threads=settings.threads or machine.cores,
        layers=settings.layers,
        server=_program(settings.llama_server),
        prefixes=prefixes,
    )
    book = price_book(settings, catalogue_of(settings), clock)
    return Deployer(
        settings.home, machine=machine, share=share, book=book, clock=clock, residency=residency
    )


def _program(name: str) -> Path | None:
    """A program of the operator's, by its path or by its name on the PATH.

    Raises:
        SettingRefused: there is none.
    """
    if not name:
        return None
    found = shutil.which(name)
    if found is None:
        raise SettingRefused(
            f"Setting 'llama_server' is {name!r}, and there is no such program.",
            hint="Give its whole path, or leave the setting out to use the one that comes along.",
        )
    return Path(found)


def price_book(settings: Settings, catalogue: Catalogue, clock: Clock) -> PriceBook:
    """Every price but those of the cards, which each card brings along; all are checked together.

    Raises:
        SettingRefused: a file of prices cannot be understood, or prices do not go together.
    """
    book = read_book(settings)
    fleets = read_fleets(settings.home / "deployments")
    check(whole_book(book, catalogue), catalogue.all(), today=today(clock), fleets=fleets)
    return book


def read_book(settings: Settings) -> PriceBook:
    """Every price but those of the cards."""
    filed, rates = read_prices(settings.home / "prices")
    return PriceBook(settings.currency, (*settings.hardware.prices(), *filed), rates)


def whole_book(book: PriceBook, catalogue: Catalogue) -> PriceBook:
    """A book with the prices of the cards, too."""
    return book.also(price for model in catalogue.all() for price in model.listed)


def gateway_of(  # noqa: PLR0913 - each is a part of the house's
    deployments: Sequence[LiveDeployment],
    meter: Meter,
    settings: Settings,
    clock: Clock,
    *,
    note: Callable[[Record], None] = lambda _: None,
    fleets: Mapping[str, Fleet] = MappingProxyType({}),
    salt: bytes = b"",
) -> Gateway:
    """The one road to these deployments.

    Raises:
        SettingRefused: a model is to stand in for another, and is not served.
    """
    gateway = Gateway(
        deployments,
        meter,
        clock=clock,
        engine_within=settings.engine_within_seconds,
        longest_answer=settings.longest_answer_seconds,
        note=note,
        fleets=fleets,
        checks=Checks(settings.home / "checks", settings.home / "run"),
        salt=salt,
    )
    named = {*gateway.named, *(live.name for live in deployments)}
    for model in gateway.named.keys() & fleets.keys():
        for name in fleets[model].fallbacks:
            if name not in named:
                raise SettingRefused(
                    f"{name!r} is to stand in for {model!r}, and is not served here.",
                    hint="Name it in the setting `models`, too, or take it out of the `fallbacks` "
                    f"in {settings.home / 'deployments' / model}.toml.",
                )
    return gateway


def cascades(fleets: Mapping[str, Fleet]) -> Callable[[str], Sequence[str]]:
    """The deployments that are asked in turn for a model, where its answers can be checked."""
    return lambda model: tuple(f"{model}@{name}" for name in fleets.get(model, Fleet()).cascade)
