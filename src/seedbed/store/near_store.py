"""How saved prefixes lie in a folder: the body under its name, then its note.

Floor 2. Each house has a folder of its own in there, by its mark. What the disk refuses passes as
the error that it is.
"""

import os
from contextlib import suppress
from pathlib import Path

import structlog

from seedbed.kit.clock import Clock
from seedbed.store import notes
from seedbed.store.bodies import PART
from seedbed.store.notes import BODY, LONGEST, NOTE, Listing, Prefix

log: structlog.stdlib.BoundLogger = structlog.get_logger()


class NearStore:
    """The prefixes of one house in a folder, as they were when it was looked at last."""

    def __init__(self, folder: Path, *, secret: bytes, clock: Clock) -> None:
        self.folder = folder / notes.mark(secret)
        self._secret, self._clock = secret, clock
        self.listing, self._changed = Listing(), dict[str, int]()

    def make(self) -> None:
        """See that the folder is there, its owner's alone."""
        self.folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder.mkdir(exist_ok=True, mode=0o700)

    def look(self) -> None:
        """Learn what other programs have put there and taken away since."""
        known, seen, changed = self.listing.all, dict[str, Prefix](), dict[str, int]()
        for entry in os.scandir(self.folder):
            name = entry.name.removesuffix(NOTE)
            if name == entry.name or not entry.is_file(follow_symlinks=False):
                continue  # nobody of ours puts there what may have no end
            with suppress(FileNotFoundError):  # taken away since it was listed
                at = entry.stat().st_mtime_ns
                is_known = name in known and self._changed.get(name) == at
                if prefix := known[name] if is_known else self._read(name):
                    seen[name], changed[name] = prefix, at
        if changed != self._changed or seen.keys() != known.keys():
            self.listing, self._changed = Listing(seen), changed

    def put(self, path: Path, kept: Prefix) -> None:
        """Put a file in place; the note comes last, so that what has one is whole."""
        path.chmod(0o600)
        path.replace(self.folder / (kept.name + BODY))
        self.touch(kept.name)
        beside = self.folder / f"{kept.name}.{os.getpid()}{PART}"
        beside.write_bytes(notes.sealed(kept, self._secret))
        beside.replace(self.folder / (kept.name + NOTE))
        self.look()

    def touch(self, name: str) -> None:
        """One was used."""
        now = self._clock.wall()
        os.utime(self.folder / (name + BODY), (now, now))

    def worth(self, prefix: Prefix) -> float:
        """What it is worth now; nothing, if its body is gone."""
        try:
            used = (self.folder / (prefix.name + BODY)).stat().st_mtime
        except FileNotFoundError:
            return 0.0
        return prefix.worth(self._clock.wall() - used)

    def remove(self, name: str) -> None:
        """Take one away: the note goes first, so that nothing has one that is not there."""
        self.listing.forget(name)
        for suffix in (NOTE, BODY):
            (self.folder / (name + suffix)).unlink(missing_ok=True)

    def _read(self, name: str) -> Prefix | None:
        """What a note says, if it is one of ours; else it is taken away, as nobody else's is."""
        with (self.folder / (name + NOTE)).open("rb") as note:
            prefix = notes.read(note.read(LONGEST), self._secret)
        if prefix is not None and prefix.name == name:
            return prefix
        log.warning("kv.dropped", file=name + BODY, why="its note is not one of ours")
        self.remove(name)
        return None
