"""Two proofs by real processes on one database: no budget is overspent, and no use is lost.

Floor 5. What each process has truly used is told apart from the books, and compared with them.
"""

import mmap
import multiprocessing
import random
from collections.abc import Generator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio

from seedbed.bench.asking import MOST, ask_for_each, ask_for_ever, cost
from seedbed.core.access import Scope
from seedbed.core.budget import Budget, Measure, Owner, Window
from seedbed.core.money import Amount
from seedbed.kit import ids
from seedbed.store.budgets import Budgets
from seedbed.store.database import Database, open_database
from seedbed.store.keys import Keys
from seedbed.store.ledger import UNRECONCILED, Ledger

_CURRENCY = "USD"
_LONGEST_LIFE = 0.06
"""Seconds from a process's first ask until it is killed, at most."""
_FORKING = multiprocessing.get_context("forkserver")
_FORKING.set_forkserver_preload(["__main__", "seedbed.bench.asking"])


@dataclass(frozen=True, slots=True)
class Spending:
    """What came of many asks for which the budgets hold too little.

    `overspent` is in micros or tokens, of whichever budget; `share` is how much of the tightest one
    was used in the end, of 1.
    """

    answered: int
    refused: int
    overspent: int
    share: float


@dataclass(frozen=True, slots=True)
class Killing:
    """What the books say after processes were killed, beside what those had used.

    `unrecorded` is in micros or tokens, the most that entries or any budget lack after any of the
    kills; `wrong` counts entries that are on the books twice or at another cost than they had.
    """

    kills: int
    in_a_write: int
    entries: int
    unrecorded: int
    wrong: int
    written_off: Amount


def overspend(folder: Path, *, processes: int = 3, requests: int = 1_000) -> Spending:
    """Have processes ask, all at once, for more than three budgets hold."""
    path = folder / "overspend.db"
    caps = {Owner.KEY: requests * 3 // 10, Owner.PROJECT: requests // 2, Owner.USER: requests // 3}
    with _opened(path) as database:
        secret = _key_with({owner: MOST * cap for owner, cap in caps.items()}, database)
        shares = [requests // processes + (n < requests % processes) for n in range(processes)]
        with ProcessPoolExecutor(processes, mp_context=_FORKING) as pool:
            asking = [
                pool.submit(ask_for_each, path, secret, f"of_{number}", share)
                for number, share in enumerate(shares)
            ]
            answered = sum(each.result() for each in asking)
        used = [(budget.cap, settled) for budget, settled, _ in Budgets(database).all_with_use(0)]
    return Spending(
        answered=answered,
        refused=requests - answered,
        overspent=sum(max(0, settled - cap) for cap, settled in used),
        share=max(settled / cap for cap, settled in used),
    )


def unrecorded(folder: Path, *, seed: int, kills: int = 200) -> Killing:
    """Kill a process that asks without end, again and again, each time at a random moment."""
    path, truth = folder / "unrecorded.db", folder / "truth"
    chance = random.Random(seed)  # noqa: S311 - not a secret
    with _opened(path) as database:
        secret = _key_with(dict.fromkeys((Owner.KEY, Owner.PROJECT, Owner.USER), 10**12), database)
        before = _booked(database)
    lost = in_a_write = 0
    for kill in range(kills):
        used, was_writing = _live_and_die(path, secret, truth, f"of_{kill}", chance)
        in_a_write += was_writing
        with _opened(path) as database:
            _reconcile(database)
            after = _booked(database)
        lost = max(lost, *(used - (now - then) for now, then in zip(after, before, strict=True)))
        before = after
    with _opened(path) as database:
        return _judged(Ledger(database), kills, in_a_write, lost)


def _live_and_die(
    path: Path, secret: str, truth: Path, name: str, chance: random.Random
) -> tuple[int, bool]:
    """What a process used until it was killed, and whether it was writing just then."""
    truth.write_bytes(bytes(mmap.PAGESIZE))
    here, there = _FORKING.Pipe(duplex=False)
    child = _FORKING.Process(target=ask_for_ever, args=(path, secret, name, truth, there))
    child.start()
    there.close()
    here.recv()  # it has begun
    child.join(chance.random() * _LONGEST_LIFE)
    child.kill()
    child.join()
    here.close()
    known = truth.read_bytes()
    return int.from_bytes(known[:8], "little"), known[8] == 1


def _judged(ledger: Ledger, kills: int, in_a_write: int, lost: int) -> Killing:
    with ledger.snapshot() as snapshot:
        entries = list(snapshot.entries())
    detail = [entry for entry in entries if entry.stop != UNRECONCILED]
    wrong = sum(entry.spent.micros != cost(entry.request_id) for entry in detail)
    twice = len(detail) - len({entry.request_id for entry in detail})
    rest = sum(entry.spent.micros for entry in entries if entry.stop == UNRECONCILED)
    return Killing(kills, in_a_write, len(detail), lost, wrong + twice, Amount(rest, _CURRENCY))


def _key_with(caps: dict[Owner, int], database: Database) -> str:
    """The secret of a key that is bound by a budget of its own, its project's and its user's."""
    scopes = frozenset({Scope.MODELS})
    key, secret = Keys(database).create("k", user="ada", project="web", scopes=scopes, now=0)
    subjects = {Owner.KEY: key.id, Owner.PROJECT: "web", Owner.USER: "ada"}
    for owner, cap in caps.items():
        measure = Measure.TOKENS if owner is Owner.USER else Measure.MONEY
        id_ = ids.fresh("budget")
        budget = Budget(id_, owner, subjects[owner], Window.ALL, measure, cap, _CURRENCY, warn=100)
        Budgets(database).set_budget(budget, actor="bench", now=0)
    return secret


def _booked(database: Database) -> list[int]:
    """What all entries sum up to, and what is settled of each budget."""
    entries = sum(one.spent.micros for one in Ledger(database).sums(()))
    return [entries, *(settled for _, settled, _ in Budgets(database).all_with_use(0))]


def _reconcile(database: Database) -> None:
    """Write off what the dead held, without the wait that the living would need."""
    ledger = Ledger(database)

    async def write_off() -> None:
        await ledger.reconcile(await ledger.open_leases(), now=0)

    anyio.run(write_off)


@contextmanager
def _opened(path: Path) -> Generator[Database]:
    database = open_database(path)
    try:
        yield database
    finally:
        database.close()
