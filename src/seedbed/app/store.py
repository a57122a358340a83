"""Where a house keeps what it knows, as its settings say.

Floor 7.
"""

import functools
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from seedbed.core.errors import StoreUnusable
from seedbed.core.money import MICROS, Amount
from seedbed.indexes.base import Index
from seedbed.jobs.schedule import following
from seedbed.kit import plug
from seedbed.kit.clock import Clock
from seedbed.settings import (
    Settings,
    read_bucket,
    read_secret,
    read_settings,
)
from seedbed.store.artifacts import Artifacts
from seedbed.store.database import Database, open_database
from seedbed.store.far import FarPrefixes
from seedbed.store.far_store import FarStore
from seedbed.store.jobs import Jobs
from seedbed.store.kv import SavedPrefixes
from seedbed.store.notes import mark
from seedbed.store.postgresql import Server
from seedbed.store.premises import DATABASE, Premises
from seedbed.store.schedules import Schedules
from seedbed.store.secrets import Secrets
from seedbed.store.segments import Segments

_FAR_TIMES = 10
"""How many times what one machine may keep of prompts all together may share."""


def make_home(home: Path) -> None:
    """See that the home is there, readable by its owner alone.

    Raises:
        StoreUnusable: it cannot be made.
    """
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise StoreUnusable(
            f"The home {home} cannot be made: {error.strerror}.",
            hint="Set SEEDBED_HOME to a folder that you may write to.",
            reason=str(error.strerror),
        ) from error


def database_of(settings: Settings, environment: Mapping[str, str]) -> Database:
    """The database, opened."""
    return open_database(_place(settings, environment))


def _place(settings: Settings, environment: Mapping[str, str]) -> Path | Server:
    if not settings.database:
        return settings.home / DATABASE
    reference = settings.database_password
    password = read_secret(reference, environment) if reference else ""
    return Server(settings.database, password)


def premises_of(settings: Settings, settled: Path, environment: Mapping[str, str]) -> Premises:
    """Where the house keeps what it has, by the settings in a folder that has a home's form."""
    there, _ = read_settings({**environment, "SEEDBED_HOME": str(settled)})
    there, access = replace(there, home=settings.home), read_bucket(environment)
    return Premises(
        settings.home,
        _place(there, environment),
        lambda home: plug.load("seedbed.store", "blobs").open_blobs(there.artifacts, home, access),
        there.artifacts,
    )


def artifacts_of(
    settings: Settings, database: Database, environment: Mapping[str, str], clock: Clock
) -> Artifacts:
    """What brings the bytes is loaded with the first of them: most servers start without."""
    where, home, access = settings.artifacts, settings.home, read_bucket(environment)
    return Artifacts(
        database,
        functools.cache(
            lambda: plug.load("seedbed.store", "blobs").open_blobs(where, home, access)
        ),
        clock=clock,
    )


def index_of(settings: Settings) -> Index:
    """Where passages of documents are found; it brings numpy with it, which most servers have no
    use for at their start.
    """
    found: Index = plug.load("seedbed.indexes", "exact").Exact(Segments(settings.home / "indexes"))
    return found


def saved_prefixes_of(
    settings: Settings, database: Database, environment: Mapping[str, str], clock: Clock
) -> SavedPrefixes | None:
    """Where engines keep what they read of long prompts.

    Raises:
        SettingRefused: the far store is no place that can be opened.
    """
    if not settings.prefix_megabytes:
        return None
    most, secret = settings.prefix_megabytes * 1_000_000, Secrets(database).get_now("prefixes")
    far = _far_prefixes(settings, environment, secret, clock) if settings.prefix_store else None
    folder = settings.home / "kv"
    return SavedPrefixes(folder, most_bytes=most, secret=secret, clock=clock, far=far)


def _far_prefixes(
    settings: Settings, environment: Mapping[str, str], secret: bytes, clock: Clock
) -> FarPrefixes:
    """Where those of several machines lie; what brings them is loaded for it alone."""
    where = f"{settings.prefix_store.rstrip('/')}/{mark(secret)}"
    opened = plug.load("seedbed.store", "blobs").open_bucket
    blobs = opened(where, read_bucket(environment), setting="prefix_store")
    most = settings.prefix_megabytes * 1_000_000 * _FAR_TIMES
    store = FarStore(blobs, secret=secret, clock=clock)
    return FarPrefixes(store, where=where, most_bytes=most, clock=clock)


def jobs_of(settings: Settings, database: Database) -> Jobs:
    """The jobs of a house."""
    cap = Amount(round(Decimal(settings.job_budget) * MICROS), settings.currency)
    return Jobs(database, currency=settings.currency, cap=cap)


def schedules_of(settings: Settings, database: Database) -> Schedules:
    """Its schedules."""
    jobs = jobs_of(settings, database)
    return Schedules(database, jobs, following=following)
