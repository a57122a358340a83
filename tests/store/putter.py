"""A process that puts one artifact after the other, and prints the hash of each that is kept."""

import sys
from collections.abc import AsyncGenerator
from itertools import count
from pathlib import Path

import anyio
import anyio.lowlevel

from seedbed.kit.clock import SystemClock
from seedbed.store.database import open_database
from tests.store import shelves


async def slowly(number: int) -> AsyncGenerator[bytes]:
    for piece in range(200):
        yield f"{number} {piece} ".encode() * 5000
        await anyio.lowlevel.checkpoint()


async def run(home: Path) -> None:
    artifacts = shelves.build(open_database(home / "seedbed.db"), home, SystemClock())
    for number in count():
        kept = await artifacts.put(slowly(number), holder=f"job_{number}", project="p")
        sys.stdout.write(kept.hash + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    anyio.run(run, Path(sys.argv[1]))
