"""A process that writes entries for ever and prints the id of each that is on the books."""

import sys
from itertools import count
from pathlib import Path

import anyio

from seedbed.store.database import open_database
from seedbed.store.ledger import Ledger
from seedbed.store.postgresql import Server
from tests.store.books import entry, handed_in, opened


async def write(where: Path | Server, name: str) -> None:
    ledger = Ledger(open_database(where))
    lease = await opened(ledger, 10**9, now=0)
    for number in count():
        await handed_in(ledger, lease, [entry(f"req_{name}_{number}", 1)], now=0)
        sys.stdout.write(f"req_{name}_{number}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    place, name = sys.argv[1:]
    anyio.run(write, Server(place) if "://" in place else Path(place), name)
