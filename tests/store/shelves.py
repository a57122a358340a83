"""Artifacts for tests: of a database and a folder, with streams, and their age changed."""

import os
from collections.abc import AsyncGenerator
from pathlib import Path

from seedbed.core.artifact import Artifact, blob_key
from seedbed.kit.clock import Clock
from seedbed.store.artifacts import Artifacts
from seedbed.store.blobs import open_blobs
from seedbed.store.database import Database

HOUR = 3600


def build(database: Database, home: Path, clock: Clock) -> Artifacts:
    return Artifacts(database, lambda: open_blobs("", home, {}), clock=clock)


async def stream(*pieces: bytes) -> AsyncGenerator[bytes]:
    for piece in pieces:
        yield piece


async def put(
    artifacts: Artifacts,
    content: bytes,
    *,
    holder: str = "job_1",
    project: str = "p",
    until: int | None = None,
) -> Artifact:
    """Keep some bytes as text."""
    return await artifacts.put(
        stream(content), "text/plain", holder=holder, project=project, name="n", until=until
    )


async def content(
    artifacts: Artifacts, kept: Artifact, start: int = 0, stop: int | None = None
) -> bytes:
    return b"".join([piece async for piece in artifacts.open(kept, start, stop)])


def place(home: Path, hash_: str) -> Path:
    """Where its bytes lie."""
    return home / "artifacts" / blob_key(hash_)


def files(home: Path) -> set[str]:
    """Everything that lies there, half written or whole."""
    folder = home / "artifacts"
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def age(path: Path, clock: Clock, seconds: float) -> None:
    """Let a file have been written so long ago."""
    then = clock.wall() - seconds
    os.utime(path, (then, then))
