"""Restore a backup where it does no harm, and see whether everything of it is there.

Floor 2. It is restored by the code that restores in earnest, into a home of its own that is gone
afterwards, and read by the code that reads a house.
"""

import tempfile
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from seedbed.core.artifact import is_hash
from seedbed.core.errors import BackupDamaged, SeedbedError, StoreUnusable
from seedbed.store import documents, jobs, snapshot
from seedbed.store.blobs import open_blobs
from seedbed.store.budgets import Budgets
from seedbed.store.catalogue import SHIPPED, read_catalogue
from seedbed.store.database import Database, execute, open_database
from seedbed.store.keys import Keys
from seedbed.store.ledger import Ledger
from seedbed.store.manifest import Manifest
from seedbed.store.premises import DATABASE, Premises, Told
from seedbed.store.prices import read_prices
from seedbed.store.restore import restore


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at, what was found, and whether it is as it should be."""

    what: str
    found: str
    is_right: bool = True


def rehearse(source: Path, *, now: int, told: Told) -> list[Check]:
    """Restore a backup into a home of its own and check it; what is wrong is among the checks.

    Raises:
        BackupRefused: it is no backup or too new, or there is no room to rehearse.
    """
    with tempfile.TemporaryDirectory(prefix="seedbed-rehearsal-") as folder:
        home = Path(folder) / "home"
        premises = Premises(home, home / DATABASE, lambda place: open_blobs("", place, {}))
        try:
            restored = restore(source, premises, replace=False, now=now, told=told)
        except (BackupDamaged, StoreUnusable) as error:
            return [Check("restore", error.what, is_right=False)]
        manifest = restored.manifest
        jobs_told = f"{manifest.bytes:,} bytes, each file as its SHA-256; {restored.jobs} jobs wait"
        checks = [Check("restore", jobs_told), *_damaged(manifest)]
        with _opened(home / DATABASE) as database:
            checks += _rows(home / DATABASE, manifest)
            checks += [_check(what, look, home, database) for what, look in _READINGS.items()]
        return checks


def _damaged(manifest: Manifest) -> list[Check]:
    whole = Check("artifacts", f"{manifest.artifacts:,}, each as its SHA-256")
    return [
        whole,
        *(
            Check(
                f"artifact {one[:12]}" if is_hash(one) else f"document {one}", why, is_right=False
            )
            for one, why in manifest.damaged.items()
        ),
    ]


def _rows(path: Path, manifest: Manifest) -> list[Check]:
    facts, wrong = snapshot.read_facts(path), snapshot.complaints(path)
    checks = [
        Check("database", wrong[0] if wrong else "whole, and no row points to none", not wrong),
        Check("shape", _shapes(manifest.shape, facts.shape)),
    ]
    checks += [_same(f"rows of {name}", n, facts.rows) for name, n in manifest.rows.items()]
    checks += [_same(f"spent in {name}", n, facts.spent) for name, n in manifest.spent.items()]
    return checks


def _shapes(was: str, now: str) -> str:
    return now if was == now else f"{was}, brought to {now}"


def _same(what: str, wanted: int, found: Mapping[str, int]) -> Check:
    there = found.get(what.rpartition(" ")[2], 0)
    return Check(
        what, f"{there:,}" if there == wanted else f"{there:,} of {wanted:,}", there == wanted
    )


@contextmanager
def _opened(path: Path) -> Generator[Database]:
    database = open_database(path)
    try:
        yield database
    finally:
        database.close()


def _check(
    what: str, look: Callable[[Path, Database], str], home: Path, database: Database
) -> Check:
    try:
        return Check(what, look(home, database))
    except (SeedbedError, ValueError, KeyError, TypeError) as error:
        return Check(what, f"cannot be read: {error}", is_right=False)


def _read_entries(_: Path, database: Database) -> str:
    with Ledger(database).snapshot() as books:
        return f"{sum(1 for _ in books.entries()):,} can be read"


def _read_jobs(_: Path, database: Database) -> str:
    def read(connection: Connection) -> str:
        ids = [row["id"] for row in execute(connection, "SELECT id FROM jobs ORDER BY id")]
        found = [jobs.find(connection, id_) for id_ in ids]
        steps = sum(len(jobs.steps(connection, id_)) for id_ in ids)
        return f"{len(found):,} can be read, with {steps:,} steps"

    return database.read_now(read)


def _read_keys(_: Path, database: Database) -> str:
    budgets = Budgets(database).all_with_use(0)
    return f"{len(Keys(database).all()):,} can be read, with {len(budgets):,} budgets"


def _read_cards(home: Path, _: Database) -> str:
    prices, _rates = read_prices(home / "prices")
    own = home / "catalogue"
    read_catalogue(SHIPPED, own)
    cards = list(own.glob("*.toml"))
    return f"{len(cards):,} can be read, with {len(prices):,} prices"


def _read_documents(home: Path, _: Database) -> str:
    if missing := documents.lost(home):
        store, name = missing[0]
        raise ValueError(f"{len(missing):,} are in no index, such as {name} of {store}")
    return f"{len(documents.documents(home)):,} can be found"


_READINGS: Mapping[str, Callable[[Path, Database], str]] = {
    "entries": _read_entries,
    "jobs": _read_jobs,
    "keys": _read_keys,
    "cards": _read_cards,
    "documents": _read_documents,
}
