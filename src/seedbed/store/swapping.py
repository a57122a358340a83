"""Put what was made ready in a home into its place, all of it or nothing.

Floor 2. What is to come in is gathered in a folder of the home. Giving that folder its second name
is the moment from which it counts: whoever is killed after that has left a list of what is still to
be moved, which the next program of this home finishes before it does anything else. What was there
before is put aside, and never deleted.
"""

import shutil
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from seedbed.core.errors import BackupRefused
from seedbed.kit import atomic
from seedbed.store.premises import DATABASE, locked, told_plainly

_GATHERED = ".restoring"
_READY = ".restored-"
_ASIDE = "before-restore-"


class Swap:
    """What is gathered in `folder` to take its place in a home."""

    def __init__(self, home: Path, *, now: int) -> None:
        self.folder = home / _GATHERED
        self.stamp = f"{datetime.fromtimestamp(now / 1e6, tz=UTC):%Y%m%dT%H%M%S.%fZ}"
        self._home = home

    def commit(self) -> Path | None:
        """Put it all in place; gives where what was there before lies now, if anything was.

        Raises:
            OSError: the disk refused; all is as before, or the next program finishes it.
        """
        atomic.flush(self.folder)
        self.folder.rename(self._home / f"{_READY}{self.stamp}")
        atomic.flush(self._home)
        _finish(self._home)
        aside = self._home / f"{_ASIDE}{self.stamp}"
        return aside if aside.exists() else None


@contextmanager
def swapping(home: Path, *, now: int) -> Generator[Swap]:
    """Gather what is to be put in place; without a `commit` nothing comes of it.

    Raises:
        BackupRefused: another program does so, or the disk refused.
    """
    with told_plainly(f"{home} cannot be written"):
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        with locked(home) as is_ours:
            if not is_ours:
                raise BackupRefused(
                    f"Another program is restoring {home}.", hint="Wait until it has ended."
                )
            _finish(home)
            swap = Swap(home, now=now)
            shutil.rmtree(swap.folder, ignore_errors=True)  # what a killed program gathered
            swap.folder.mkdir(mode=0o700)
            try:
                yield swap
            finally:
                shutil.rmtree(swap.folder, ignore_errors=True)


def finish(home: Path) -> bool:
    """Put in place what a killed program had made ready; gives whether there was anything.

    Raises:
        BackupRefused: another program is doing so at this moment, or the disk refused.
    """
    if not any(home.glob(f"{_READY}*")):
        return False
    with told_plainly(f"{home} cannot be written"), locked(home) as is_ours:
        if not is_ours:
            raise BackupRefused(
                f"Another program is restoring {home}.", hint="Wait until it has ended."
            )
        _finish(home)
    return True


def _finish(home: Path) -> None:
    for ready in home.glob(f"{_READY}*"):
        aside = home / ready.name.replace(_READY, _ASIDE)
        for new in sorted(ready.iterdir()):
            _put(new, home, aside)
        atomic.flush(home)
        ready.rmdir()


def _put(new: Path, home: Path, aside: Path) -> None:
    """Move one thing to its place. A database goes with its log, which would damage another."""
    olds = [home / new.name]
    if new.name == DATABASE:
        olds += home.glob(f"{DATABASE}?*")
    for old in olds:
        if old.exists():
            aside.mkdir(exist_ok=True, mode=0o700)
            old.rename(aside / old.name)
    new.rename(home / new.name)
