"""A house with something of everything: keys, money, a job that runs, artifacts, cards, prices."""

import json
import shutil
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from pathlib import Path

import anyio
import pytest
from sqlalchemy import text

from seedbed.core.access import Scope
from seedbed.core.artifact import Artifact
from seedbed.core.job import Draft, Owner, Step
from seedbed.kit.clock import FakeClock
from seedbed.store.artifacts import Artifacts
from seedbed.store.blobs import Blobs, open_blobs
from seedbed.store.claims import Claims
from seedbed.store.database import Database, open_database
from seedbed.store.jobs import Jobs
from seedbed.store.keys import Keys
from seedbed.store.ledger import Ledger
from seedbed.store.postgresql import Server
from seedbed.store.premises import Premises
from seedbed.store.taking import Claim, Limits
from seedbed.store.workers import Worker, Workers
from tests.store.books import entry, handed_in, opened

NOW = 1_800_000_000_000_000
CONTENTS = (b"a film", b"a picture" * 400_000)
SECRET = "sb-of-the-first-key"


@dataclass(frozen=True)
class Furnished:
    """What was put into the house."""

    premises: Premises
    claim: Claim
    artifacts: tuple[Artifact, ...]


def premises_of(home: Path, database: Path | Server | None = None) -> Premises:
    return Premises(home, database or home / "seedbed.db", in_home)


def in_home(home: Path) -> Blobs:
    return open_blobs("", home, {})


def furnish(home: Path, where: Path | Server | None = None) -> Furnished:
    """Fill a house whose rows are in its home, or elsewhere."""
    premises = premises_of(home, where)
    _put_files(home)
    database = open_database(premises.database)
    try:
        claim = anyio.run(_fill, database)
        artifacts = tuple(anyio.run(put, database, home, content) for content in CONTENTS)
    finally:
        database.close()
    return Furnished(premises, claim, artifacts)


async def put(database: Database, home: Path, content: bytes) -> Artifact:
    async def pieces() -> AsyncGenerator[bytes]:
        yield content

    artifacts = Artifacts(database, lambda: in_home(home), clock=FakeClock())
    return await artifacts.put(pieces(), holder="key_1", project="web")


def nearly_full(monkeypatch: pytest.MonkeyPatch, *, free: int) -> None:
    """Have the disk say that it has so few bytes left."""
    usage = shutil.disk_usage(Path("/"))._replace(free=free)

    def told(_: Path) -> object:
        return usage

    monkeypatch.setattr(shutil, "disk_usage", told)


def everywhere(bucket: Blobs) -> Callable[[Path], Blobs]:
    """The same place of artifacts for every home."""

    def blobs(_home: Path) -> Blobs:
        return bucket

    return blobs


def submit(database: Database, number: int) -> list[str]:
    """Jobs that wait; their ids."""
    jobs, who = Jobs(database, currency="USD"), Owner("ada", "web", Keys(database).all()[0].id)
    return [jobs.submit_now(Draft("work", {}, who), now=NOW).id for _ in range(number)]


async def _fill(database: Database) -> Claim:
    key, _ = Keys(database).create(
        "laptop", user="ada", project="web", scopes=frozenset({Scope.MODELS}), now=NOW
    )
    ledger = Ledger(database)
    lease = await opened(ledger, 1_000, now=NOW)
    await handed_in(ledger, lease, [entry(f"req_{n}", n) for n in range(9)], now=NOW)
    for_euros = await opened(ledger, 1_000, now=NOW, currency="EUR")
    await handed_in(ledger, for_euros, [entry("req_eur", 7, currency="EUR")], now=NOW)
    workers, claims = Workers(database), Claims(database)
    await workers.join(Worker("worker_1", "here", "1/1", ("work",), NOW, NOW))
    who = Owner("ada", "web", key.id)
    jobs = Jobs(database, currency="USD")
    first = await jobs.submit(Draft("work", {"of": "é"}, who), now=NOW)
    await jobs.submit(Draft("later", {}, who, after=(first.id,)), now=NOW)
    (claim,) = await claims.take("worker_1", {"work": Limits()}, room=1, now=NOW)
    await claims.step(claim, Step(1, "asked", {"text": "yes"}, NOW))
    return claim


def _put_files(home: Path) -> None:
    for name, content in {
        "catalogue/mine.toml": CARD,
        "prices/a.toml": PRICES,
        "settings.toml": "places = 2\n",
        "admin.key": f"{SECRET}\n",
        "models/mine/record.json": json.dumps(RECORD),
        "models/mine/a.gguf": "weights",
        "models/broken/record.json": "{",
        "logs/server.log": "a line",
        "catalogue/.half.toml.1": "tit",
    }.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    (home / "admin.key").chmod(0o600)


def downgrade_to_two(path: Path) -> None:
    """Take the house back to the shape from before there were jobs."""
    database = open_database(path)
    newer = "objects routes secrets artifact_holds artifacts answers schedules holds steps"
    newest = "consents_made", "consents"
    for table in (*newest, *newer.split(), "job_links", "jobs", "workers"):
        database.write_now(lambda c, table=table: c.execute(text(f"DROP TABLE {table}")))
    for column in ("images", "film_milliseconds", "sound_milliseconds"):
        drop = text(f"ALTER TABLE entries DROP COLUMN {column}")
        database.write_now(lambda c, drop=drop: c.execute(drop))
    database.write_now(lambda c: c.execute(text("UPDATE alembic_version SET version_num='0002'")))
    database.close()


RECORD = {
    "model": "mine",
    "origin": {"package": "tiny", "version": "1"},
    "files": {"a.gguf": {"bytes": 7, "sha256": "ab", "mtime_ns": 1}},
}
CARD = """
title = "Mine"
engines = ["scripted"]
window = 64
parameters = 1
licence = "MIT"
"""
PRICES = """
[[price]]
model = "mine"
currency = "USD"
since = 2026-01-01
source = "their page"
per_million = { input_fresh = "1" }
"""
