"""Documents that the rows of a home say can be found, and what indexes have of them.

Floor 2. An index is copied while it is written, for it is sound up to its last whole entry at any
moment; and after the rows, so that what they tell of is in it by then.
"""

import json
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from seedbed.store.premises import DATABASE, INDEXES, copy_private, require_room
from seedbed.store.segments import ENDING, Segments

_FOUND = "SELECT id, parent, body FROM objects WHERE kind = 'vector_store.file'"


def documents(home: Path) -> list[tuple[str, str]]:
    """The documents that can be found, as the rows of a home have it: their stores and names."""
    with closing(sqlite3.connect(home / DATABASE)) as file:
        if not file.execute("SELECT 1 FROM sqlite_master WHERE name = 'objects'").fetchone():
            return []  # its shape is older than documents
        rows = file.execute(_FOUND).fetchall()
    return [
        (store, id_.removeprefix(f"{store}."))
        for id_, store, body in rows
        if json.loads(body)["status"] == "completed"
    ]


def lost(home: Path) -> list[tuple[str, str]]:
    """Those of them that no index of that home has.

    Raises:
        StoreUnusable: the disk refused.
    """
    found, segments = documents(home), Segments(home / INDEXES)
    indexed = {store: frozenset(segments.read(store)) for store in {store for store, _ in found}}
    return [(store, name) for store, name in found if name not in indexed[store]]


def copy_indexes(home: Path, folder: Path) -> None:
    """Copy the indexes of a home into a backup, each as its owner's alone.

    Raises:
        BackupRefused: there is no room.
        OSError: the disk refused.
    """
    found = [path for path in (home / INDEXES).glob(f"*{ENDING}") if path.is_file()]
    with suppress(FileNotFoundError):
        require_room(folder, sum(path.stat().st_size for path in found))
    for path in found:
        with suppress(FileNotFoundError):  # its store was deleted meanwhile
            copy_private(path, folder / INDEXES / path.name)
